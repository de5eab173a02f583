"""大屏, and the links that open it without an account."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.db import models
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from liaison.accounts.models import Area, Post, Role
from liaison.core.access import roles
from liaison.core.forms import HouseForm
from liaison.core.idempotency import once
from liaison.core.link_pages import kept_to_itself
from liaison.core.paging import page_for
from liaison.core.places import inside
from liaison.core.steps import OptionalNoteForm
from liaison.core.workdays import month_end, month_start
from liaison.reports.boards.board import asked
from liaison.reports.coverage.measures import READERS
from suggestions.models import Order
from suggestions.orders.queue import URGENT
from visits.models import Activity

from .models import ScreenLink

LINES = 6  # of a list: what can be read from across a hall


class NewForm(HouseForm):
    creates = True
    name = forms.CharField(label="挂在哪里", max_length=40, help_text="例如：一楼大厅")


@roles(*READERS)
def own(request: Any) -> HttpResponse:
    """The screen of one's own area, for who has signed in."""
    return TemplateResponse(request, "reports/screen/screen.html", _context(request.post.area, request.post))


@kept_to_itself
@require_safe
def by_link(request: Any, secret: str) -> HttpResponse:
    """The screen on the wall. The link shows what the post that made it may see, as long as it may."""
    link = ScreenLink.objects.open_by(secret)
    if link is None or not link.by.area.covers(link.area):
        return TemplateResponse(request, "reports/screen/closed.html", status=404)
    return TemplateResponse(request, "reports/screen/screen.html", _context(link.area, link.by))


def _context(area: Area, post: Post) -> dict[str, Any]:
    now = timezone.localtime()
    today = now.date()
    board = asked(area, date(today.year, 1, 1), today, post, today)
    return {
        "area": area,
        "board": board,
        "now": now,
        "late": _late(area, post, today),
        "days": _days(area, post, today, turn=now.minute),
    }


def _late(area: Area, post: Post, today: date) -> list[dict[str, Any]]:
    """What is overdue, the longest first: of which kind, where, whose; never in anybody's words, nothing confidential."""
    rows = Order.objects.visible_to(post).overdue(today).filter(inside(area), request__confidential=False)
    related = ("request__category", "request__area", "department")
    return [
        {
            "kind": order.request.category.name if order.request.category else "未分类",
            "area": order.request.area.name,
            "department": order.department.name,
            "days": (today - order.due_on).days,
        }
        for order in rows.select_related(*related).order_by(*URGENT)[:LINES]
    ]


def _days(area: Area, post: Post, today: date, turn: int) -> dict[str, Any]:
    """The receptions of this month. More than stand in the list take turns: which ones, the minute says."""
    rows = Activity.objects.visible_to(post).receptions().standing().filter(inside(area))
    rows = rows.filter(day__range=(month_start(today), month_end(today)))
    count = rows.count()
    pages = max(1, -(-count // LINES))
    first = turn % pages * LINES
    shown = rows.select_related("station").order_by("day", "starts_at", "pk")[first : first + LINES]
    received = shown.annotate(
        people=models.functions.Coalesce(
            models.Sum("visits__headcount", filter=models.Q(visits__voided_at=None)), 0
        )
    )
    return {"rows": list(received), "count": count, "page": turn % pages + 1, "pages": pages}


@roles(Role.OFFICE)
@once
def links(request: Any) -> HttpResponse:
    """The links of one's area, and a new one."""
    form = NewForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.does(lambda: _open(form.cleaned_data["name"], request.post)):
        messages.success(request, "链接已开好。在大屏的浏览器里打开它。")
        return redirect("screen:links")
    rows = ScreenLink.objects.visible_to(request.post).select_related("area", "by__user")
    context = {"form": form, "page": page_for(request, rows, ("-id",))}
    return TemplateResponse(request, "reports/screen/links.html", context, status=form.status)


def _open(name: str, post: Post) -> ScreenLink:
    made = ScreenLink(name=name, area=post.area, by=post)
    made.seal()
    return made.enter(by=post)


@roles(Role.OFFICE)
def revoke(request: Any, pk: int) -> HttpResponse:
    link = get_object_or_404(ScreenLink.objects.visible_to(request.post), pk=pk)
    form = OptionalNoteForm(request.POST if request.method == "POST" else None, thing=link)
    if form.is_bound and form.does(lambda: link.revoke(by=request.post)):
        messages.success(request, f"“{link.name}”的链接停用了。")
        return redirect("screen:links")
    context = {
        "question": f"停用“{link.name}”的链接？",
        "detail": "停用以后，用它打开的大屏一分钟内不再显示数据。以后可以另开一个。",
        "button": "停用链接",
        "danger": True,
        "back": "/screen/links/",
        "form": form,
    }
    return TemplateResponse(request, "ui/confirm.html", context, status=form.status)
