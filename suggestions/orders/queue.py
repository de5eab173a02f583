"""The queue of orders by urgency, as a list, a home page and the page of a request show it."""

from collections.abc import Callable, Iterable, Sequence
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
from suggestions.models import FollowUp, Order, Request, Suggestion
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
    return show(first_rows(rows, most, whole(post, today)), post, today)


def whole(post: Post, today: date) -> Callable[[Any], Any]:
    """What is read of an order for a list: with whatever `show` needs."""
    return lambda rows: rows.acting(post, today).select_related(*RELATED)


def show(orders: Iterable[Order], post: Post, today: date, soon: int | None = None) -> list[Order]:
    """Lay beside each order what `post` may read of it: heading, where; how long it has, in words; what it may do.

    Of orders in sight of `post`, read with RELATED; buttons only where they were read by `acting` and are its own.
    """
    rows = list(orders)
    if soon is None:
        soon = soon_days(post) if any(order.is_open for order in rows) else 0
    for order in rows:
        told: Any = order
        told.heading = shown_words(order.case, order.case.title, post)
        told.where = shown_words(order.request, order.request.place, post) if order.request else ""
        told.origin = order.request.station.name if order.request else BY_DEPUTIES
        told.words = order.case.answer_words(order, post)
        told.tone = TONES.get(OrderState(order.state), "plain")
        left = order.days_left(today)
        told.left = days_left(order.due_on, today) if order.is_open else ""
        told.left_tone = LATE if left < 0 else SOON if left <= soon else LATER
        told.asks = order.state == OrderState.RETURN_ASKED or (
            order.extension_to is not None and order.state == OrderState.ACCEPTED
        )
        told.late_to_accept = order.state == OrderState.ISSUED and order.accept_by < today
        acts = getattr(order, "acts", False)
        told.may_decide = told.asks and post.role == Role.OFFICE
        told.may_urge = told.left_tone == LATE and order.is_open and post.role == Role.OFFICE
        told.may_accept = acts and order.state == OrderState.ISSUED
        told.may_return = told.may_accept and today <= order.accept_by
        answer = "opine" if order.share == Order.Share.HELPER else "reply"
        told.answer = answer if acts and order.state == OrderState.ACCEPTED else ""
    return rows


def name_classes(orders: Iterable[Order], today: date) -> None:
    """Lay beside each order (`class_words`) what its place calls the class of its answer; empty where it has none."""
    called: dict[int, dict[str, str]] = {}
    for order in orders:
        if order.answer_class and order.area_id not in called:
            called[order.area_id] = policy_for(order.area, today).answer_classes
        order.class_words = called.get(order.area_id, {}).get(order.answer_class, "")  # type: ignore[attr-defined]


def orders_of(case: Request | Suggestion, post: Post, today: date) -> dict[int, list[Order]]:
    """The orders of a case in sight of `post`, by round; with buttons and files.

    Of a suggestion, a department in sight reads the others' orders too, and who waits for the reply no answer yet.
    """
    rows = Order.objects.of_case(case, post).acting(post, today).select_related("department__area", "area")
    orders = list(rows.order_by("-round", "pk"))
    _count_returns(orders, case, post, today)
    show(orders, post, today)
    name_classes(orders, today)
    files = files_of([told for told in orders if told.words], post)  # type: ignore[attr-defined]
    for order in orders:
        told: Any = order
        told.text = told.words
        if told.case != case:  # of the request that this one was joined to, whose answer it shares
            told.opens, told.steps, told.files = False, {}, []
            told.answered = order.state in ANSWERED_ORDERS
            continue
        told.opens = post.role != Role.UNIT or order.acts  # type: ignore[attr-defined]
        told.steps = order.open_steps(post)
        told.files = files.get(order.pk, [])
        told.opens_files = bool(told.files) and order.may_open_files(post)
        told.answered = order.state in ANSWERED_ORDERS
    return {turn: list(found) for turn, found in groupby(orders, key=lambda order: order.round)}


def _count_returns(orders: list[Order], case: Request | Suggestion, post: Post, today: date) -> None:
    """What the steps of all orders of one case take: as `OrderQuerySet.with_steps`, from what is at hand."""
    asks = any(order.state == OrderState.RETURN_ASKED for order in orders)
    most = policy_for(case.area, today).returns_most if asks else None
    for order in orders:
        told: Any = order
        shared = isinstance(case, Request) and order.request_id != case.pk
        setattr(order, case._meta.model_name or "", case.joined_to if shared else case)  # type: ignore[union-attr]
        if most is not None and post.role != Role.UNIT:  # which may not see all of them, and is not asked
            told.returned = sum(one.state == OrderState.RETURNED for one in orders)
            told.returns_most = most


def files_of(things: Sequence[Order] | Sequence[FollowUp], post: Post) -> dict[int, list[Attachment]]:
    """The files that `post` may open, of each of these things of one kind (by key), in one statement."""
    if not things:
        return {}
    found: dict[int, list[Attachment]] = {}
    seen: Any = type(things[0]).objects.files_visible_to(post).values("pk")
    for file in Attachment.objects.of_all(things).filter(owner_id__in=seen):
        found.setdefault(file.owner_id, []).append(file)
    return found
