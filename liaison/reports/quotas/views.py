"""Who is behind with what is asked of deputies in a year, for the desk; a deputy's own quotas; the records of each."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from liaison.accounts.models import Role
from liaison.core.access import roles
from liaison.core.paging import page_for
from liaison.reports.views import LISTINGS

from .forms import EVERY, PersonForm, QuotaForm
from .progress import READERS, Progress, absences, of, own, records_of
from .table import QUOTAS

SIZE = 30
RELATED = ("deputy", "term__congress", "area")


@roles(*READERS)
def board(request: Any) -> HttpResponse:
    if request.post.role == Role.DEPUTY:
        return _mine(request)
    form = QuotaForm.sent_by(request)
    context: dict[str, Any] = {"form": form, "page": None, "quotas": QUOTAS.values()}
    if form.is_valid():
        on = form.cleaned_data["on"]
        page = page_for(request, form.records().select_related(*RELATED), ("area_path", "id"), size=SIZE)
        attended = absences([row.deputy_id for row in page], on)
        context |= {
            "page": page,
            "on": on,
            "area": form.cleaned_data["area"],
            "columns": form.quotas,
            "lines": [_line(row, form, attended.get(row.deputy_id, {})) for row in page],
            "everybody": form.cleaned_data["show"] == EVERY,
        }
    return TemplateResponse(request, "reports/quotas/board.html", context, status=422 if form.errors else 200)


def _line(mandate: Any, form: QuotaForm, attended: dict[str, int]) -> dict[str, Any]:
    """A mandate with its quotas, and what the roster says; a quota that is not asked of it is None."""
    on = form.cleaned_data["on"]
    found = {progress.quota.code: progress for progress in of(mandate, form.quotas)}
    return {
        "mandate": mandate,
        "cells": [
            {
                "quota": quota,
                "progress": found.get(quota.code),
                "url": _records(quota.code, on, deputy=mandate.deputy_id),
            }
            for quota in form.quotas
        ],
        "due": attended.get("due", 0),
        "leave": attended.get("leave", 0),
        "absent": attended.get("absent", 0),
    }


def _mine(request: Any) -> HttpResponse:
    today = timezone.localdate()
    asked = request.GET.get("year", "")
    years = [today.year - back for back in range(3)]
    year = int(asked) if asked.isascii() and asked.isdigit() and int(asked) in years else today.year
    on = today if year == today.year else date(year, 12, 31)
    context = {
        "year": year,
        "on": on,
        "over": year != today.year,
        "years": [
            {
                "label": f"{one}年",
                "url": f"{reverse('quotas:board')}?year={one}",
                "current": one == year,
                "count": None,
            }
            for one in years
        ],
        "quotas": [_own(progress, on) for progress in own(request.post, on)],
    }
    return TemplateResponse(request, "reports/quotas/mine.html", context)


def _own(progress: Progress, on: date) -> dict[str, Any]:
    return {"progress": progress, "url": _records(progress.quota.code, on)}


def _records(code: str, on: date, **more: Any) -> str:
    return f"{reverse('quotas:records', args=[code])}?{urlencode(more | {'on': on.isoformat()})}"


@roles(*READERS)
def quota_records(request: Any, code: str) -> HttpResponse:
    """The records of one deputy. One out of sight is as one that does not exist."""
    form = PersonForm(request.GET, post=request.post, today=timezone.localdate())
    if code not in QUOTAS or not form.is_valid() or form.cleaned_data["person"] is None:
        raise Http404
    quota, deputy, on = QUOTAS[code], form.cleaned_data["person"], form.cleaned_data["on"]
    rows, hidden = records_of(quota, deputy.pk, on, request.post)
    listing = LISTINGS[rows.model]
    page = page_for(request, rows.select_related(*listing.related), listing.order)
    mine = request.post.role == Role.DEPUTY
    back = {"year": on.year} if mine else {"on": on.isoformat()}
    context = {
        "quota": quota,
        "deputy": deputy,
        "own": mine,
        "on": on,
        "page": page,
        "headings": listing.headings,
        "rows": listing.rows(page, request.post),
        "hidden": hidden,
        "board": f"{reverse('quotas:board')}?{urlencode(back)}",
    }
    return TemplateResponse(request, "reports/quotas/records.html", context)
