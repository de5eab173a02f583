"""The queue of orders by urgency, as a list, a home page and the page of a request show it."""

from collections.abc import Iterable
from datetime import date
from itertools import groupby
from typing import Any

from django.db.models import Count
from django.http import QueryDict
from django.urls import reverse

from liaison.accounts.models import Post, Role
from liaison.core.models import Attachment
from liaison.core.paging import first_rows
from liaison.core.policy import policy_for
from liaison.core.templatetags.ui import days_left
from suggestions.models import Order, Request, Suggestion
from suggestions.models.order import queues
from suggestions.workflow import ANSWERED_ORDERS, OrderState
from visits.privacy import shown_words

from .filters import QUEUES, soon_days

URGENT, NEWEST = ("due_on", "pk"), ("-issued_on", "-pk")
TONES = {
    OrderState.ISSUED: "warn",
    OrderState.ACCEPTED: "info",
    OrderState.RETURN_ASKED: "warn",
    OrderState.REPLIED: "ok",
    OrderState.OPINED: "ok",
}
RELATED = (
    "request__station", "request__category", "suggestion__category", "suggestion__lead__deputy", "department", "area",
)  # fmt: skip
BY_DEPUTIES = "代表建议"
LATE, SOON, LATER = "late", "warn", "plain"
TABS = {
    Role.UNIT: ("open", "new", "doing", "soon", "overdue", "all"),
    Role.OFFICE: ("open", "overdue", "soon", "asking", "unaccepted", "all"),
}
USUAL = ("open", "soon", "overdue", "all")


def counts(post: Post, today: date) -> dict[str, int]:
    """How many open orders of a post stand in each queue, in one statement."""
    wanted = queues(today, soon_days(post))
    rows = Order.objects.visible_to(post).open()
    return rows.aggregate(**{name: Count("pk", filter=condition) for name, condition in wanted.items()})


def tabs(query: QueryDict, post: Post, found: dict[str, int]) -> list[dict[str, Any]]:
    """The queues of a role as tabs (ui/tabs.html) that keep what is filtered; `found` is what `counts` says."""
    base, rows = reverse("orders:list"), []
    for name in TABS.get(Role(post.role), USUAL):
        address = query.copy()
        for gone in ("cursor", "state"):
            address.pop(gone, None)
        address["queue"] = name
        rows.append(
            {
                "label": QUEUES[name],
                "url": f"{base}?{address.urlencode()}",
                "current": name == query.get("queue"),
                "count": found.get(name),
            }
        )
    return rows


def urgent(post: Post, today: date, most: int) -> list[Order]:
    """The first of the open orders of a post, the most urgent first, for its home page."""
    rows = Order.objects.visible_to(post).open().order_by(*URGENT)
    return show(first_rows(rows, most, RELATED), post, today)


def show(orders: Iterable[Order], post: Post, today: date, soon: int | None = None) -> list[Order]:
    """Lay beside each order what `post` may read of it: heading, where; how long it has, in words; what it may do.

    Of orders in sight of `post`, read with RELATED: a department's post sees its own and nobody else's.
    """
    rows = list(orders)
    if soon is None:
        soon = soon_days(post) if any(order.is_open for order in rows) else 0
    answered = [order for order in rows if order.answer_class]
    called = policy_for(answered[0].area, today).answer_classes if answered else {}
    for order in rows:
        told: Any = order
        told.heading = shown_words(order.case, order.case.title, post)
        told.where = shown_words(order.request, order.request.place, post) if order.request else ""
        told.origin = order.request.station.name if order.request else BY_DEPUTIES
        told.words = shown_words(order.case, order.text, post)
        told.class_words = called.get(order.answer_class, "")
        told.tone = TONES.get(OrderState(order.state), "plain")
        left = order.days_left(today)
        told.left = days_left(order.due_on, today) if order.is_open else ""
        told.left_tone = LATE if left < 0 else SOON if left <= soon else LATER
        told.asks = order.state == OrderState.RETURN_ASKED or (
            order.extension_to is not None and order.state == OrderState.ACCEPTED
        )
        told.late_to_accept = order.state == OrderState.ISSUED and order.accept_by < today
        acts = post.role == Role.UNIT
        told.may_decide = told.asks and post.role == Role.OFFICE
        told.may_urge = told.left_tone == LATE and order.is_open and post.role == Role.OFFICE
        told.may_accept = acts and order.state == OrderState.ISSUED
        told.may_return = told.may_accept and today <= order.accept_by
        answer = "opine" if order.share == Order.Share.HELPER else "reply"
        told.answer = answer if acts and order.state == OrderState.ACCEPTED else ""
    return rows


def orders_of(case: Request | Suggestion, post: Post, today: date) -> dict[int, list[Order]]:
    """The orders of a case in sight of `post`, by round; with buttons and files.

    Of a suggestion, a department in sight reads the others' orders too, and who waits for the reply no answer yet.
    """
    rows = Order.objects.of_case(case, post).select_related("department__area", "area")
    orders = list(rows.order_by("-round", "pk"))
    _with_steps(orders, case, post, today)
    for order in show(orders, post, today):
        if not case.shows_answer(order, post):
            order.text = order.words = ""  # type: ignore[attr-defined]
    files = files_of([order for order in orders if order.text])
    for order in orders:
        told: Any = order
        told.steps = order.open_steps(post)
        told.files = files.get(order.pk, [])
        told.answered = order.state in ANSWERED_ORDERS
    return {turn: list(found) for turn, found in groupby(orders, key=lambda order: order.round)}


def _with_steps(orders: list[Order], case: Request | Suggestion, post: Post, today: date) -> None:
    """What the steps of all orders of one case take: as `OrderQuerySet.with_steps`, from what is at hand."""
    asks = any(order.state == OrderState.RETURN_ASKED for order in orders)
    most = policy_for(case.area, today).returns_most if asks else None
    for order in orders:
        told: Any = order
        setattr(order, case._meta.model_name or "", case)
        told.acts = post.role == Role.UNIT
        if most is not None and post.role != Role.UNIT:  # which sees its own alone, and is not asked
            told.returned = sum(one.state == OrderState.RETURNED for one in orders)
            told.returns_most = most


def files_of(orders: Iterable[Order]) -> dict[int, list[Attachment]]:
    """The files of each of these orders, in one statement. The caller may see them (`files_visible_to`)."""
    found: dict[int, list[Attachment]] = {}
    for file in Attachment.objects.of_all(list(orders)):
        found.setdefault(file.owner_id, []).append(file)
    return found
