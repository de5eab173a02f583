"""Reports: ask for one, see how far it is, take it away."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone

from liaison.core.access import roles
from liaison.core.htmx import fragment
from liaison.core.idempotency import once
from liaison.core.paging import page_for
from liaison.reports.forms import FREE
from liaison.reports.metrics import ASKERS

from .forms import PresetForm
from .models import Format, Report


@roles(*ASKERS)
@once
def reports(request: Any) -> HttpResponse:
    """Those of the acting post, the newest first, and the form for another."""
    asked = request.GET
    initial = {
        "area": asked.get("area") or request.post.area.code,
        "period_name": FREE if asked.get("from") else "last_quarter",
        "first": asked.get("from"),
        "last": asked.get("to"),
        "as_of": asked.get("as_of"),
        "format": Format.XLSX,
    }
    form = PresetForm(request.POST or None, initial=initial, post=request.post, today=timezone.localdate())
    if form.does(form.ask):
        return redirect(form.outcome)
    rows = Report.objects.visible_to(request.post).select_related("job", "area")
    context = {"form": form, "page": page_for(request, rows, ("-pk",))}
    return TemplateResponse(request, "reports/issued/list.html", context, status=form.status)


@roles(*ASKERS)
@fragment("state")
def report(request: Any, pk: int) -> HttpResponse:
    """One report. While it is being made the page asks again every two seconds; 286 tells htmx to stop."""
    rows = Report.objects.visible_to(request.post)
    found = get_object_or_404(
        rows.select_related("job__post__area", "job__post__user", "job__area", "area"), pk=pk
    )
    job = found.job
    context = {
        "report": found,
        "job": job,
        "why_not": job.why_not_open(request.post) if job.file else "",
        "steps": job.open_steps(request.post),
    }
    over = request.htmx and not job.is_at_work
    return TemplateResponse(request, "reports/issued/report.html", context, status=286 if over else 200)
