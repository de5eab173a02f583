"""The board of one's own figures, and the records that each of them counts."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse

from liaison.accounts.models import Post, Role
from liaison.core.access import roles
from liaison.core.paging import page_for
from liaison.reports.forms import PeriodForm
from liaison.reports.metrics import METRICS, answers
from liaison.reports.periods import said, tabs
from liaison.reports.views import LISTINGS

from .board import OWN, OwnBoard, ask_of

OWNERS = tuple(OWN)


class DaysForm(PeriodForm):
    """Which days; one's own has no area."""

    def __init__(self, query: Any, *, post: Post, **kwargs: Any) -> None:
        super().__init__(query, post=post, **kwargs)
        del self.fields["area"]


def _board(first: date, last: date) -> str:
    return f"{reverse('own:board')}?{urlencode(said(first, last))}"


@roles(*OWNERS)
def board(request: Any) -> HttpResponse:
    form = DaysForm.sent_by(request)
    context: dict[str, Any] = {"form": form, "board": None, "periods": []}
    if form.is_valid():
        first, last = form.cleaned_data["first"], form.cleaned_data["last"]
        context["board"] = OwnBoard(request.post, first, last)
        context["periods"] = tabs(form.today, (first, last), _board)
    context["title"] = "我的履职数字" if request.post.role == Role.DEPUTY else "本单位办理情况"
    return TemplateResponse(request, "reports/own/board.html", context, status=422 if form.errors else 200)


@roles(*OWNERS)
def records(request: Any, code: str) -> HttpResponse:
    if code not in OWN[Role(request.post.role)]:
        raise Http404
    form = DaysForm.sent_by(request)
    context: dict[str, Any] = {
        "form": form,
        "metric": METRICS[code],
        "figure": None,
        "board": reverse("own:board"),
    }
    if form.is_valid():
        ask = ask_of(request.post, form.cleaned_data["first"], form.cleaned_data["last"])
        [figure], rows = answers(ask, (code,)), METRICS[code].records(ask)
        listing = LISTINGS[rows.model]
        page = page_for(request, rows.select_related(*listing.related), listing.order)
        context |= {"figure": figure, "page": page, "headings": listing.headings}
        context |= {
            "rows": listing.rows(page, request.post),
            "board": _board(ask.first, ask.last),
        }
    return TemplateResponse(request, "reports/own/records.html", context, status=422 if form.errors else 200)
