"""定稿: seal a period, look at what was sealed, have it compared with the records of now, print it, correct it."""

from itertools import groupby
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from liaison.accounts.models import Role
from liaison.core.access import roles
from liaison.core.idempotency import once
from liaison.core.jobs import run_at_once
from liaison.core.models import Job
from liaison.core.paging import page_for
from liaison.core.workflow import NotAllowed
from liaison.reports.issued.models import Format
from liaison.reports.metrics import GROUPS, METRICS, Figure

from . import sealing, verifying
from .forms import CorrectForm, PrintForm, SealForm
from .models import READERS, Seal

CHECKS = 10


@roles(*READERS)
@once
def seals(request: Any) -> HttpResponse:
    """Those of the area and below, the newest first; an office seals a period here."""
    form = None
    if request.post.role == Role.OFFICE:
        form = SealForm(
            request.POST if request.method == "POST" else None,
            post=request.post,
            today=timezone.localdate(),
            initial={"period_name": "last_quarter"},
        )
        if form.does(form.ask):
            return redirect(form.outcome)
    rows = Seal.objects.visible_to(request.post).select_related("area", "corrects", "corrected_by")
    context = {"form": form, "page": page_for(request, rows, ("-pk",))}
    return TemplateResponse(request, "reports/seals/list.html", context, status=form.status if form else 200)


def _seal(request: Any, pk: int) -> Seal:
    rows = Seal.objects.visible_to(request.post).select_related(
        "area", "corrects", "corrected_by", "previous"
    )
    return get_object_or_404(rows, pk=pk)


@roles(*READERS)
def seal(request: Any, pk: int) -> HttpResponse:
    """What was sealed, and what the last comparison found."""
    found = _seal(request, pk)
    checks = list(found.checks.select_related("seal__area").order_by("-pk")[:CHECKS])
    figures = [
        Figure(METRICS[code], value, found.figures.get(METRICS[code].base))
        for code, value in found.figures.items()
        if code in METRICS
    ]
    context = {
        "seal": found,
        "groups": [
            (GROUPS[group], list(members))
            for group, members in groupby(figures, lambda one: one.metric.group)
        ],
        "check": checks[0] if checks else None,
        "differences": verifying.in_words(checks[0], request.post) if checks else [],
        "redefined": [METRICS[code].name for code in checks[0].redefined if code in METRICS]
        if checks
        else [],
        "checks": checks,
        "job": Job.objects.visible_to(request.post)
        .at_work()
        .filter(kind=verifying.JOB, params__seal=found.pk)
        .first(),
        "formats": Format.choices,
        "may_correct": request.post.role == Role.OFFICE
        and request.post.area_id == found.area_id
        and found.is_current,
    }
    return TemplateResponse(request, "reports/seals/seal.html", context)


@roles(*READERS)
@require_POST
def verify(request: Any, pk: int) -> HttpResponse:
    """Compare it with the records of now; a large one is left to a worker."""
    found = _seal(request, pk)
    asked = verifying.ask(found, by=request.post)
    if verifying.is_small(found):
        done = run_at_once(asked)
        if done.state == Job.State.FAILED:
            raise NotAllowed(done.text)
    else:
        messages.success(request, "开始核对，好了会通知您。")
    return redirect(found)


@roles(*READERS)
@require_POST
def printed(request: Any, pk: int) -> HttpResponse:
    """Ask for the report with the sealed figures."""
    found = _seal(request, pk)
    form = PrintForm(request.POST)
    if not form.does(lambda: form.ask(found, request.post)):
        raise NotAllowed("；".join(text for texts in form.errors.values() for text in texts))
    return redirect(form.outcome)


@roles(Role.OFFICE)
@once
def correct(request: Any, pk: int) -> HttpResponse:
    """Seal the same days again, because what was sealed turned out otherwise."""
    found = _seal(request, pk)
    if refusal := found.why_not_correct(request.post):
        raise NotAllowed(refusal)
    form = CorrectForm(request.POST if request.method == "POST" else None)
    if form.does(
        lambda: sealing.ask(found.period, by=request.post, corrects=found, reason=form.cleaned_data["reason"])
    ):
        return redirect(form.outcome)
    context = {
        "question": f"更正定稿 {found.number}？",
        "detail": f"{found.title}按现在的记录重新定稿，另编一个号，写明更正的是 {found.number}。原来的一份留着，仍可查看和核对。",
        "button": "更正",
        "danger": False,
        "back": found.get_absolute_url(),
        "form": form,
    }
    return TemplateResponse(request, "ui/confirm.html", context, status=form.status)
