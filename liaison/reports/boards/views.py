"""The board of an area or a station, and the table of all its stations."""

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from liaison.accounts.models import Area
from liaison.core.access import roles
from liaison.core.paging import page_for
from liaison.reports.forms import usual_periods
from liaison.reports.metrics import ASKERS

from .board import Board
from .forms import BoardForm


@roles(*ASKERS)
def board(request: Any) -> HttpResponse:
    form = _asked(request)
    context: dict[str, Any] = {"form": form, "board": None}
    if form.is_valid():
        found = form.board()
        context |= {"board": found, "now": timezone.localtime()}
        context |= {"above": _above(found), "periods": _periods(form, found)}
    return TemplateResponse(request, "reports/boards/board.html", context, status=422 if form.errors else 200)


@roles(*ASKERS)
def stations(request: Any) -> HttpResponse:
    """All stations of the area with their figures, by place: a page at a time."""
    form = _asked(request)
    context: dict[str, Any] = {"form": form, "board": None}
    if form.is_valid():
        found = form.board()
        page = page_for(request, found.all_stations, ("area_path", "code"))
        context |= {"board": found, "page": page, "lines": found.lines_of(list(page))}
    return TemplateResponse(
        request, "reports/boards/stations.html", context, status=422 if form.errors else 200
    )


@roles(*ASKERS)
def later(request: Any) -> HttpResponse:
    """The tables for which the board of the nation does not wait. Opened as a page, it leads to the board."""
    form = _asked(request)
    if form.errors:
        raise Http404
    found = form.board()
    if not request.htmx:
        return redirect(found.board())
    return TemplateResponse(request, "reports/boards/_later.html", {"board": found})


def _asked(request: Any) -> BoardForm:
    """The form as asked; an area or station out of sight is as one that does not exist."""
    form = BoardForm(request.GET, post=request.post, today=timezone.localdate())
    if form.errors.keys() & {"area", "station"}:
        raise Http404
    return form


def _above(found: Board) -> list[dict[str, str]]:
    """The way back up, as far as the asking post sees; from a station to its area."""
    area = found.ask.area
    areas = list(Area.objects.visible_to(found.post).above(area))
    if found.station is None:
        areas = [one for one in areas if one != area]
    return [{"name": one.name, "url": found.board(one)} for one in areas]


def _periods(form: BoardForm, found: Board) -> list[dict[str, Any]]:
    station = {"station": found.station.code} if found.station else {}
    return [
        {
            "label": label,
            "url": f"{reverse('boards:board')}?"
            + urlencode({"area": found.ask.area.code, "from": first, "to": last} | station),
            "current": (first, last) == (found.ask.first, found.ask.last),
            "count": None,
        }
        for label, first, last in usual_periods(form.today)
    ]
