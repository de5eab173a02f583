"""The board of coverage, and the list behind each of its numbers."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse

from liaison.accounts.models import Area, Role
from liaison.core.access import roles
from liaison.core.htmx import fragment
from liaison.core.paging import page_for
from liaison.reports.views import LISTINGS

from .forms import DayForm, ListForm
from .measures import MEASURES, READERS, Line, View, board, reasons


@roles(*READERS)
@fragment("brief")
def coverage_board(request: Any) -> HttpResponse:
    form = DayForm.sent_by(request)
    context: dict[str, Any] = {
        "form": form,
        "measures": MEASURES.values(),
        "lines": [],
        "total": None,
        "days": [],
    }
    if form.is_valid():
        view = form.view()
        lines, total = board(view)
        context |= {
            "area": view.area,
            "on": view.on,
            "above": _above(request, view),
            "days": _days(view),
            "lines": [_shown(line, view) for line in lines],
            "total": _shown(total, view),
            "proposes": request.post.role == Role.OFFICE,
        }
    return TemplateResponse(
        request, "reports/coverage/board.html", context, status=422 if form.errors else 200
    )


@roles(*READERS)
def coverage_records(request: Any, code: str) -> HttpResponse:
    if code not in MEASURES:
        raise Http404
    measure = MEASURES[code]
    form = ListForm.sent_by(request, measure=measure)
    context: dict[str, Any] = {"form": form, "measure": measure, "board": reverse("coverage:board")}
    if form.is_valid():
        view, rows = form.view(), form.records()
        listing = LISTINGS[rows.model]
        page = page_for(request, rows.select_related(*listing.related), listing.order)
        words = reasons(measure, view, page)
        shown = listing.rows(page, request.post)
        if words:
            for row, line in zip(page, shown, strict=True):
                line["cells"].append((words[row.pk], "情况"))
        context |= {
            "page": page,
            "rows": shown,
            "headings": (*listing.headings, *(("情况",) if words else ())),
            "number": rows.count(),
            "own": form.cleaned_data.get("own"),
            "area": view.area,
            "board": f"{reverse('coverage:board')}?{_query(view.area, view)}",
            "export": f"coverage_{code}",
            "proposes": code in ("mandates", "sites") and request.post.role == Role.OFFICE,
        }
    return TemplateResponse(
        request, "reports/coverage/records.html", context, status=422 if form.errors else 200
    )


def _query(area: Area, view: View, **more: str) -> str:
    return urlencode({"area": area.code, "on": view.on.isoformat(), **more})


def _days(view: View) -> list[dict[str, Any]]:
    """Links to the days that people ask for."""
    before = view.today.replace(day=1) - timedelta(days=1)
    year = view.today.replace(month=1, day=1) - timedelta(days=1)
    days = [("今天", view.today), ("上月底", before), ("去年底", year)]
    return [
        {
            "label": label,
            "url": f"{reverse('coverage:board')}?{urlencode({'area': view.area.code, 'on': day.isoformat()})}",
            "current": day == view.on,
            "count": None,
        }
        for label, day in days
    ]


def _above(request: Any, view: View) -> list[dict[str, str]]:
    """The way back up, as far as the asking post sees."""
    areas = Area.objects.visible_to(request.post).filter(path__in=view.area.path_and_above).order_by("path")
    return [
        {"name": area.name, "url": f"{reverse('coverage:board')}?{_query(area, view)}"}
        for area in areas
        if area != view.area
    ]


def _shown(line: Line, view: View) -> dict[str, Any]:
    """A line with the addresses of its lists; an area that has others below it leads there."""
    opens = line.area != view.area and line.area.level in (Area.Level.PREFECTURE, Area.Level.COUNTY)
    own = {"own": "1"} if line.own else {}
    return {
        "name": f"{line.area.name}本级" if line.own else line.area.name,
        "url": f"{reverse('coverage:board')}?{_query(line.area, view)}" if opens else "",
        "gaps": line.has_gaps,
        "cells": [
            {
                "cell": cell,
                "url": f"{_list(cell.measure.code)}?{_query(line.area, view, **own)}",
                "levels": [
                    (name, n, f"{_list(cell.measure.code)}?{_query(line.area, view, level=level, **own)}")
                    for level, name, n in cell.levels
                ],
            }
            for cell in line.cells
        ],
    }


def _list(code: str) -> str:
    return reverse("coverage:records", args=[code])
