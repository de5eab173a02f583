"""定时报表: which reports are made by themselves, and for whom; set up, change, pause."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone

from liaison.accounts.models import Role
from liaison.core.access import roles
from liaison.core.idempotency import once
from liaison.core.paging import page_for
from liaison.reports.issued.models import Format
from liaison.reports.periods import Kind

from .forms import ChangeForm, ScheduleForm
from .models import READERS, ReportSchedule

MADE = 20


@roles(*READERS)
@once
def schedules(request: Any) -> HttpResponse:
    """Those of the area and below; an office sets one up here."""
    form = None
    if request.post.role == Role.OFFICE:
        form = ScheduleForm(
            request.POST if request.method == "POST" else None,
            post=request.post,
            today=timezone.localdate(),
            initial={
                "area": request.post.area.code,
                "kind": Kind.MONTHLY,
                "format": Format.XLSX,
                "recipients": [request.post.pk],
            },
        )
        if form.does(form.enter):
            messages.success(request, "已设好。统计期一过就做，做好了通知。")
            return redirect(form.outcome)
    rows = ReportSchedule.objects.visible_to(request.post).select_related(
        "area", "owner__user", "owner__area"
    )
    context = {"form": form, "page": page_for(request, rows, ("-pk",))}
    return TemplateResponse(
        request, "reports/schedules/list.html", context, status=form.status if form else 200
    )


@roles(*READERS)
def schedule(request: Any, pk: int) -> HttpResponse:
    """One schedule with what it has made; the office of its area, or of one above, changes it here."""
    rows = ReportSchedule.objects.visible_to(request.post)
    found = get_object_or_404(rows.select_related("area", "owner__user", "owner__area"), pk=pk)
    form = None
    if request.post.role == Role.OFFICE:
        form = ChangeForm(
            request.POST if request.method == "POST" else None,
            found=found,
            post=request.post,
            today=timezone.localdate(),
        )
        if request.method == "POST" and form.does(form.keep):
            messages.success(request, "已保存。")
            return redirect(found)
    made = found.made.select_related("job", "post__user", "post__area").order_by("-last", "pk")[:MADE]
    context = {
        "schedule": found,
        "form": form,
        "made": made,
        "recipients": found.recipients.select_related("user", "area").order_by("pk"),
    }
    return TemplateResponse(
        request, "reports/schedules/schedule.html", context, status=form.status if form else 200
    )
