"""The board of the ten tasks, the records that fulfil one, and the papers that a station files."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from liaison.accounts.models import Post, Role
from liaison.core.access import roles
from liaison.core.htmx import fragment
from liaison.core.idempotency import once
from liaison.core.models import Attachment
from liaison.core.paging import page_for
from liaison.core.steps import void_page
from liaison.core.timeline import timeline
from liaison.reports.views import LISTINGS
from visits.models import Activity

from .board import READERS, Cell, Line, State, Tally, lacking_of, whole
from .forms import BoardForm, DocumentForm, RecordsForm
from .models import StationDocument
from .periods import Period, period_at
from .table import TASKS, Task

OWN = 5  # stations on one page of their staff, each with its table
LIST = 30
YEARS = 4


@roles(*READERS)
@fragment("brief")
def board(request: Any) -> HttpResponse:
    form = BoardForm.sent_by(request)
    own = request.post.role == Role.STATION
    context: dict[str, Any] = {"form": form, "page": None, "tasks": TASKS.values(), "own": own}
    if form.is_valid():
        lines, period = form.lines(), form.period
        page = page_for(request, form.rows(lines), ("code",), size=OWN if own else LIST)
        shown = [lines[station.pk] for station in page]
        totals = whole(lines.values(), period)
        context |= {
            "page": page,
            "period": period,
            "area": form.view.area,
            "total": totals[""],
            "behind": sum(bool(line.tally(period).missed) for line in lines.values()),
            "stations": len(lines),
            "missed": f"{reverse('tasks:board')}?{_query(form, only='missed')}",
        }
        if own:
            context |= {"months": range(1, 13), "years": _years(form)}
            context["lines"] = [_own(line, request.post, form.today) for line in shown]
        else:
            chosen = [form.chosen] if form.chosen else list(TASKS.values())
            context |= {
                "columns": chosen,
                "lines": [_line(line, form, chosen) for line in shown],
                "totals": [_counted(totals[task.code], task, form) for task in chosen],
            }
    template = "reports/tasks/mine.html" if own else "reports/tasks/board.html"
    return TemplateResponse(request, template, context, status=422 if form.errors else 200)


@roles(*READERS)
def task_records(request: Any, code: str) -> HttpResponse:
    if code not in TASKS:
        raise Http404
    task = TASKS[code]
    form = RecordsForm.sent_by(request, task=task)
    context: dict[str, Any] = {"form": form, "task": task, "page": None, "board": reverse("tasks:board")}
    if form.is_valid():
        period, line = form.period, form.line()
        rows, hidden = form.records()
        listing = LISTINGS[rows.model]
        page = page_for(request, rows.select_related(*listing.related), listing.order)
        cells = line.of(task, period) if line else []
        context |= {
            "page": page,
            "period": period,
            "station": form.cleaned_data["station"],
            "cells": cells,
            "headings": listing.headings,
            "rows": listing.rows(page, request.post),
            "number": rows.count(),
            "hidden": hidden,
            "board": f"{reverse('tasks:board')}?{_query(form)}",
            "way": _way(task, request.post) if _lacks(cells) else "",
        }
    return TemplateResponse(
        request, "reports/tasks/records.html", context, status=422 if form.errors else 200
    )


@roles(Role.STATION)
@once
def new_document(request: Any) -> HttpResponse:
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    today = timezone.localdate()
    kind = request.GET.get("kind", "")
    start = {"day": today}
    if kind in StationDocument.Kind.values:
        word = StationDocument.Kind(kind).label
        start |= {"kind": kind, "title": f"{today.year}年{word}"}
    form = DocumentForm(*sent, post=request.post, initial=start)

    def file() -> StationDocument:
        return StationDocument(**form.values()).put_on_file(form.cleaned_data["file"], by=request.post)

    if request.method == "POST" and form.does(file, field="file"):
        messages.success(request, f"“{form.outcome}”已存入，计入{form.outcome.day.year}年。")
        return redirect(form.outcome)
    return TemplateResponse(request, "reports/tasks/document_new.html", {"form": form}, status=form.status)


@roles(*READERS)
def document(request: Any, pk: int) -> HttpResponse:
    found = _document(request, pk)
    files = [
        {"url": reverse("core:file", args=[one.key]), "name": f"{found.title}.{one.ending}"}
        for one in Attachment.objects.of(found)
    ]
    context = {
        "document": found,
        "facts": [
            ("站点", found.station.name),
            ("类型", found.get_kind_display()),
            ("形成日期", found.day),
        ],
        "files": files,
        "voids": request.post.role == Role.STATION,
        "entries": timeline(found),
    }
    return TemplateResponse(request, "reports/tasks/document.html", context)


@roles(Role.STATION)
def void(request: Any, pk: int) -> HttpResponse:
    return void_page(request, _document(request, pk))


def _document(request: Any, pk: int) -> StationDocument:
    seen = StationDocument.objects.visible_to(request.post).select_related("station")
    return get_object_or_404(seen, pk=pk)


def _query(form: Any, **more: str) -> str:
    asked = {"area": form.cleaned_data["area"].code, "year": form.cleaned_data["year"]}
    if part := form.cleaned_data["part"]:
        asked["part"] = part
    return urlencode(asked | more)


def _records(task: Task, station: Any, period: Period) -> str:
    part = {"part": period.part} if period.part else {}
    asked = {"station": station.code, "year": period.year, **part}
    return f"{reverse('tasks:records', args=[task.code])}?{urlencode(asked)}"


def _years(form: Any) -> list[dict[str, Any]]:
    """Links to the last years."""
    shown = form.cleaned_data["year"]
    years = {form.today.year - back for back in range(YEARS)} | {shown}
    url = reverse("tasks:board")
    return [
        {"label": f"{year}年", "url": f"{url}?year={year}", "current": year == shown, "count": None}
        for year in sorted(years, reverse=True)
    ]


def _lacks(cells: list[Cell]) -> bool:
    return any(cell.state in (State.DUE, State.MISSED) for cell in cells)


def _line(line: Line, form: BoardForm, tasks: list[Task]) -> dict[str, Any]:
    """A station among many: how many periods of each task stand how, each opening its records."""
    return {
        "station": line.station,
        "tally": line.tally(form.period),
        "cells": [
            {
                "tally": line.tally(form.period, task),
                "url": _records(task, line.station, form.period),
                "task": task,
            }
            for task in tasks
        ],
    }


def _counted(found: Tally, task: Task, form: Any) -> dict[str, Any]:
    url = f"{reverse('tasks:records', args=[task.code])}?{_query(form)}"
    return {"tally": found, "url": url, "task": task}


def _own(line: Line, post: Post, today: Any) -> dict[str, Any]:
    """A station for its own staff: the year at a glance, and what is to be done now with the way to do it."""
    lack = lacking_of([line], today)
    return {
        "station": line.station,
        "lack": lack,
        "now": period_at(today, "month"),
        "open": [{"cell": cell, "way": _way(cell.task, post)} for cell in line.open_now(today)],
        "rows": [
            {
                "task": task,
                "cells": [
                    {
                        "cell": cell,
                        "span": cell.period.months,
                        "url": _records(task, line.station, cell.period),
                    }
                    for cell in line.of(task)
                ],
            }
            for task in TASKS.values()
        ],
    }


def _way(task: Task, post: Post) -> dict[str, str] | None:
    """Where the station does it. Offices look on; a station's suggestions are written by its deputies."""
    if post.role != Role.STATION:
        return None
    kinds = Activity.Kind
    this_year = urlencode({"year": timezone.localdate().year})
    ways = {
        "receptions": reverse("visits:new"),
        "suggestions": reverse("suggestions:suggestions"),
        "news": reverse("news:new"),
        "trainings": f"{reverse('visits:record')}?kind={kinds.TRAINING}",
        "research": f"{reverse('visits:record')}?kind={kinds.RESEARCH}",
        "livelihood": reverse("suggestions:requests"),
        "research_reports": f"{reverse('tasks:records', args=['research'])}?{this_year}",
        "debriefs": f"{reverse('visits:record')}?kind={kinds.DEBRIEF}",
        "archives": f"{reverse('tasks:new_document')}?kind={StationDocument.Kind.ARCHIVE}",
        "appraisals": f"{reverse('tasks:new_document')}?kind={StationDocument.Kind.APPRAISAL}",
    }
    return {"url": ways[task.code], "word": task.way}
