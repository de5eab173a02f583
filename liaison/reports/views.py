"""The board of figures, and the list of the records that each of them counts."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.db.models import Model
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse

from deputies.contacts.models import ContactRecord
from deputies.models import Deputy, Mandate
from liaison.accounts.models import Area, Post
from liaison.bulletin.models import NewsItem
from liaison.core.access import roles
from liaison.core.paging import Page, page_for
from stations.models import Station
from suggestions.models import Request, Suggestion
from visits.models import Activity, Attendance, Visit

from .breakdown import CannotBeTold
from .forms import FigureForm, PartForm, StepForm
from .metrics import ASKERS, FIVE_ORDERS, GROUPS, METRICS, WIDE, FiveOrder, answers, five_orders
from .periods import tabs
from .taskboard.models import StationDocument

# Of a wide area each takes a second and more, so the page does not wait for them.
SLOW = ("network.persons", "network.assigned", "activity.deputies_present", "requests.overdue")


@roles(*ASKERS)
def figure_board(request: Any) -> HttpResponse:
    form = FigureForm.sent_by(request)
    groups: list[dict[str, Any]] = []
    if form.is_valid():
        ask, query = form.ask(), form.address()
        later = SLOW if ask.area.level in WIDE else ()
        found = {
            figure.code: figure for figure in answers(ask, [code for code in METRICS if code not in later])
        }
        for key, members in groupby(METRICS.values(), key=lambda metric: metric.group):
            shown = [
                {"metric": metric, "figure": found.get(metric.code), "query": query} for metric in members
            ]
            groups.append({"title": GROUPS[key], "figures": shown})
        orders = _funnel(five_orders(ask), query)
    context = {
        "form": form,
        "groups": groups,
        "orders": orders if groups else [],
        "periods": _periods(form),
    }
    return TemplateResponse(request, "reports/figures.html", context, status=422 if form.errors else 200)


@roles(*ASKERS)
def figure_number(request: Any, code: str) -> HttpResponse:
    """One figure alone, which a page shows when it is there. Opened as a page, it leads to the records."""
    if code not in METRICS:
        raise Http404
    form = FigureForm.sent_by(request)
    if not request.htmx:
        return redirect(f"{reverse('reports:records', args=[code])}?{request.GET.urlencode()}")
    if form.errors:
        raise Http404
    [figure] = answers(form.ask(), [code])
    item = {"metric": figure.metric, "figure": figure, "query": form.address()}
    return TemplateResponse(request, "reports/_figure.html", {"item": item})


@roles(*ASKERS)
def figure_records(request: Any, code: str) -> HttpResponse:
    if code not in METRICS:
        raise Http404
    form = PartForm.sent_by(request, steps=code in dict(FIVE_ORDERS))
    context: dict[str, Any] = {
        "form": form,
        "metric": METRICS[code],
        "figure": None,
        "board": reverse("reports:figures"),
    }
    if form.is_valid():
        ask = form.ask()
        try:
            [figure], rows = answers(ask, (code,)), METRICS[code].records(ask)
        except CannotBeTold as error:  # a mandate of a category: no number of ours leads there
            raise Http404 from error
        listing = LISTINGS[rows.model]
        page = page_for(request, rows.select_related(*listing.related), listing.order)
        context |= {"figure": figure, "cohort": ask.cohort, "page": page, "headings": listing.headings}
        context |= {"rows": listing.rows(page, request.post), "board": f"{context['board']}?{form.address()}"}
        context |= {"part": form.part_words()}
    return TemplateResponse(request, "reports/records.html", context, status=422 if form.errors else 200)


def _funnel(orders: list[FiveOrder], query: str) -> list[dict[str, Any]]:
    """Both ways of counting the five orders, each number with the address of its records and its share of the first."""

    def address(code: str) -> str:
        return f"{reverse('reports:records', args=[code])}?{query}"

    return [
        {
            "name": order.name,
            "value": order.in_period.value,
            "url": address(order.in_period.code),
            "of_received": order.of_received.value,
            "of_received_url": f"{address(order.of_received.code)}&by={StepForm.RECEIVED}",
            "percent": order.of_received.percent,
        }
        for order in orders
    ]


def _periods(form: FigureForm) -> list[dict[str, Any]]:
    """Links to the usual periods, in the area that is shown."""
    valid, board = form.is_valid(), reverse("reports:figures")
    shown = (form.cleaned_data.get("first"), form.cleaned_data.get("last"))
    return tabs(form.today, shown, lambda *days: f"{board}?{form.address(*days)}" if valid else board)


# --- How the records of each kind are listed --------------------------------------------------------------------------
# A figure is opened to see what it counts, so a row says which record, when and where; never who came to be received.


@dataclass(frozen=True)
class Listing:
    order: tuple[str, ...]
    headings: tuple[str, ...]
    cells: Callable[[Any], Iterable[Any]]
    related: tuple[str, ...] = ()
    url: Callable[[Any], str] = lambda row: ""
    linked: Callable[[Page, Post], set[int]] | None = None  # which rows may be opened; None: all

    def rows(self, page: Page, post: Post) -> list[dict[str, Any]]:
        open_to = None if self.linked is None else self.linked(page, post)
        return [
            {
                "url": self.url(row) if open_to is None or row.pk in open_to else "",
                "cells": list(zip(self.cells(row), self.headings, strict=True)),
            }
            for row in page
        ]


def _visible_deputies(page: Page, post: Post) -> set[int]:
    """Whoever came to a station of ours may be a deputy of elsewhere, whose own page we do not see."""
    ids = [row.deputy_id if isinstance(row, Mandate) else row.pk for row in page]
    visible = set(Deputy.objects.visible_to(post).filter(pk__in=ids).values_list("pk", flat=True))
    return {row.pk for row in page if (row.deputy_id if isinstance(row, Mandate) else row.pk) in visible}


LISTINGS: dict[type[Model], Listing] = {
    Station: Listing(
        ("code",),
        ("编号", "名称", "类型", "区划", "启用日期"),
        lambda s: (s.code, s.name, s.get_kind_display(), s.area.full_name, s.opened_on),
        ("area",),
        lambda s: s.get_absolute_url(),
    ),
    Area: Listing(("path",), ("代码", "名称", "全称"), lambda a: (a.code, a.name, a.full_name)),
    Mandate: Listing(
        ("area_path", "id"),
        ("代表", "层级", "届次", "所在区划", "任职日期"),
        lambda m: (m.deputy.name, m.get_level_display(), m.term, m.area.full_name, m.from_on),
        ("deputy", "term__congress", "area"),
        lambda m: m.deputy.get_absolute_url(),
        _visible_deputies,
    ),
    Deputy: Listing(
        ("pinyin", "id"),
        ("代表", "性别", "单位", "职务"),
        lambda d: (d.name, d.get_sex_display(), d.employer, d.duty),
        (),
        lambda d: d.get_absolute_url(),
        _visible_deputies,
    ),
    Activity: Listing(
        ("-day", "-id"),
        ("编号", "日期", "类型", "站点", "主题"),
        lambda a: (a.number, a.day, a.get_kind_display(), a.station.name, a.theme),
        ("station",),
        lambda a: a.get_absolute_url(),
    ),
    Attendance: Listing(
        ("-id",),
        ("活动", "日期", "类型", "站点", "代表"),
        lambda a: (
            a.activity.number,
            a.activity.day,
            a.activity.get_kind_display(),
            a.activity.station.name,
            a.mandate.deputy.name,
        ),
        ("activity__station", "mandate__deputy"),
        lambda a: a.activity.get_absolute_url(),
    ),
    Visit: Listing(
        ("-day", "-id"),
        ("编号", "日期", "站点", "类别", "处理", "人数"),
        lambda v: (
            v.number,
            v.day,
            v.station.name,
            v.category.name if v.category else "未分类",
            v.get_outcome_display(),
            v.headcount,
        ),
        ("station", "category"),
        lambda v: v.get_absolute_url(),
    ),
    Request: Listing(
        ("-received_on", "-id"),
        ("编号", "登记日期", "站点", "类别", "承办单位", "派单日期", "答复日期", "状态"),
        lambda r: (
            r.number,
            r.received_on,
            r.station.name,
            r.category.name if r.category else "未分类",
            r.department or "",
            r.dispatched_on or "",
            r.replied_on or "",
            r.get_state_display(),
        ),
        ("station", "category", "department"),
        lambda r: r.get_absolute_url(),
    ),
    Suggestion: Listing(
        ("-written_on", "-id"),
        ("编号", "标题", "类型", "领衔代表", "提出日期", "条数", "承办单位", "答复日期", "答复类别", "状态"),
        lambda s: (
            s.number,
            s.title,
            s.get_kind_display(),
            s.lead.deputy.name,
            s.submitted_on or "",
            s.pieces_items,
            s.department or "",
            s.replied_on or "",
            s.answer_class,
            s.get_state_display(),
        ),
        ("lead__deputy", "department"),
        lambda s: s.get_absolute_url(),
    ),
    ContactRecord: Listing(
        ("-day", "-id"),
        ("日期", "方式", "联系"),
        lambda c: (c.day, c.get_way_display(), str(c.link)),
        ("link__mandate__deputy", "link__leader__mandate__deputy", "link__place", "link__partner__deputy"),
        lambda c: c.get_absolute_url(),
    ),
    NewsItem: Listing(
        ("-happened_on", "-id"),
        ("编号", "标题", "站点", "发生日期", "报送日期", "状态"),
        lambda n: (
            n.number,
            n.title,
            n.station.name,
            n.happened_on,
            n.submitted_on or "",
            n.get_state_display(),
        ),
        ("station",),
        lambda n: n.get_absolute_url(),
    ),
    StationDocument: Listing(
        ("-day", "-id"),
        ("名称", "类型", "站点", "形成日期"),
        lambda d: (d.title, d.get_kind_display(), d.station.name, d.day),
        ("station",),
        lambda d: d.get_absolute_url(),
    ),
}
