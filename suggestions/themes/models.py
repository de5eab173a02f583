"""共性问题: requests that say the same thing, put together by a person.

They are grouped, never merged: each request keeps its own orders, its own reply and the person who is to be told.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from django.db import models, transaction
from django.db.models import Count, Q

from liaison.accounts.models import Post, Role
from liaison.core.apart import Apart
from liaison.core.places import InArea, inside
from liaison.core.policy import Policy
from liaison.core.workflow import Moving, NotAllowed, Step, step
from suggestions.dispatch.batch import Outcome, each
from suggestions.models.department import Department
from suggestions.models.order import Order
from suggestions.models.request import Request
from suggestions.workflow import OrderState
from visits.models import Category
from visits.privacy import complains

from .likeness import common

COMPARED = 50  # requests whose words are looked at for the lead words


class ThemeState(models.TextChoices):
    OPEN = "OPEN", "关注中"
    CLOSED = "CLOSED", "已了结"


_OFFICE = (Role.OFFICE,)
_T = ThemeState
# fmt: off
THEME_FLOW = {
    # step       what it is         who           from                      to
    "add":       Step("归入诉求",   _OFFICE,      (_T.OPEN,),               None),
    "take_out":  Step("移出诉求",   _OFFICE,      (_T.OPEN,),               None),
    "rename":    Step("改名称",     _OFFICE,      (_T.OPEN,),               None),
    "dispatch":  Step("一并派单",   _OFFICE,      (_T.OPEN,),               None),
    "answer":    Step("一并答复",   (Role.UNIT,), (_T.OPEN, _T.CLOSED),     None),
    "close":     Step("了结",       _OFFICE,      (_T.OPEN,),               _T.CLOSED),
    "reopen":    Step("重新关注",   _OFFICE,      (_T.CLOSED,),             _T.OPEN),
}
# fmt: on


def is_growing(now: int, before: int, policy: Policy) -> bool:
    """Enough of them in this period, and at least twice as many as in the one before."""
    return now >= max(policy.theme_least, 2 * before)


class ThemeQuerySet(models.QuerySet["Theme"]):
    def visible_to(self, post: Post | None) -> "ThemeQuerySet":
        """An office: those of its area. Others: those that hold a request of theirs, or an order.

        Not those that hold a complaint about oneself: their name may repeat its words.
        """
        if post is None:
            return self.none()
        complaints = Request.objects.about(post).exclude(theme=None)
        rows = self.exclude(pk__in=Apart(complaints.values("theme")))
        match post.role:
            case Role.OFFICE | Role.AUDITOR:
                return rows.filter(inside(post.area))
            case Role.STATION | Role.DEPUTY:
                return rows.filter(pk__in=Apart(Request.objects.visible_to(post).values("theme")))
            case Role.UNIT:
                return rows.filter(pk__in=Apart(live_orders(post).values("request__theme")))
            case _:
                return self.none()

    def with_growth(self, post: Post, on: date, days: int) -> "ThemeQuerySet":
        """How many requests (`count`) that `post` sees, in the last `days` days (`now`), and in those before (`before`)."""
        seen = Q(requests__in=Apart(Request.objects.visible_to(post)))
        first, earlier = on - timedelta(days=days - 1), on - timedelta(days=2 * days - 1)
        return self.annotate(
            count=Count("requests", filter=seen),
            now=Count("requests", filter=seen & Q(requests__received_on__range=(first, on))),
            before=Count(
                "requests",
                filter=seen & Q(requests__received_on__gte=earlier, requests__received_on__lt=first),
            ),
        )

    def growing(self, post: Post, on: date, policy: Policy) -> "list[Theme]":
        """Those watched that grow as policy says, the fastest first."""
        rows: Any = self.filter(state=ThemeState.OPEN).with_growth(post, on, policy.theme_days)
        enough = rows.filter(now__gte=policy.theme_least).order_by("-now", "-pk")
        return [theme for theme in enough if is_growing(theme.now, theme.before, policy)]

    def search(self, text: str) -> "ThemeQuerySet":
        return self.filter(Q(title__contains=text) | Q(lead_words__contains=text))

    def put_together(
        self, *, by: Post, title: str, category: Category | None, requests: Sequence[Request]
    ) -> "Theme":
        """A person has looked at these requests and says that they are one matter."""
        with transaction.atomic():
            theme = Theme(area=by.area, title=title, category=category or _usual(requests))
            theme.refuse_unless_fit(requests)
            theme.lead_words = _lead_words(requests)
            theme.enter(by=by, data={"requests": [request.number for request in requests]})
            theme.take_in(requests, by=by)
        return theme


def live_orders(post: Post) -> "models.QuerySet[Order]":
    """The orders of a department that were not returned or cancelled."""
    return Order.objects.visible_to(post).exclude(state__in=(OrderState.RETURNED, OrderState.CANCELLED))


def _usual(requests: Sequence[Request]) -> Category | None:
    """The category of most of them."""
    counts = Counter(request.category for request in requests if request.category)
    return counts.most_common(1)[0][0] if counts else None


def _lead_words(requests: Iterable[Request]) -> str:
    """In the people's own words what they have in common; nothing of what was said in confidence, or about a department."""
    open_ones = [one for one in requests if not one.confidential and not complains(one)][:COMPARED]
    return "、".join(common(one.wording for one in open_ones))[:100]


class Theme(InArea, Moving):
    State = ThemeState
    FLOW = THEME_FLOW

    title = models.CharField("名称", max_length=40)
    category = models.ForeignKey(Category, models.PROTECT, null=True, blank=True, verbose_name="类别")
    lead_words = models.CharField("共同的说法", max_length=100, blank=True, editable=False)
    state = models.CharField(
        "状态", max_length=6, choices=ThemeState.choices, default=ThemeState.OPEN, editable=False
    )

    objects = ThemeQuerySet.as_manager()
    outcome: Outcome  # of the last deed done for many

    class Meta:
        app_label = "suggestions"
        verbose_name = verbose_name_plural = "共性问题"
        indexes = [models.Index(fields=["area_path", "id"], name="themes_of_an_area")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"/themes/{self.pk}/"

    def refuse_unless_fit(self, requests: Sequence[Request]) -> None:
        if not requests:
            raise NotAllowed("请至少选一件诉求。")
        for request in requests:
            if not request.area_path.startswith(self.area.path):
                raise NotAllowed(f"{request}不在{self.area.name}，不能归入。")

    def take_in(self, requests: Sequence[Request], *, by: Post) -> None:
        for request in sorted(requests, key=lambda one: one.pk):
            request.put_in(self, by=by)

    # --- Steps: one for each row of THEME_FLOW ---

    def refusal(self, name: str, by: Post) -> str:
        if refusal := super().refusal(name, by):
            return refusal
        match name:
            case "dispatch" if (
                not Request.objects.visible_to(by).awaiting_dispatch().filter(theme=self).exists()
            ):
                return "没有待派单的诉求。"
            case "answer" if not self._can_be_answered(by):
                return "先答复其中一件，再用它一并答复其余没有答复的。"
        return ""

    def _can_be_answered(self, by: Post) -> bool:
        states = set(live_orders(by).filter(request__theme=self).values_list("state", flat=True))
        return OrderState.REPLIED in states and bool(states & {OrderState.ISSUED, OrderState.ACCEPTED})

    @step
    def add(self, *, by: Post, note: str, requests: Sequence[Request]) -> Callable[[], None]:
        self.refuse_unless_fit(requests)
        self.lead_words = _lead_words([*requests, *self.requests.order_by("pk")[:COMPARED]])
        return lambda: self.take_in(requests, by=by)

    @step
    def take_out(self, *, by: Post, note: str, requests: Sequence[Request]) -> Callable[[], None]:
        """They were not the same matter after all; they go on by themselves."""
        if not requests:
            raise NotAllowed("请至少选一件诉求。")
        gone = {request.pk for request in requests}
        if self.requests.filter(pk__in=gone).count() < len(gone):
            raise NotAllowed(f"有的诉求已经不在“{self}”里。请重新打开看看。")
        self.lead_words = _lead_words(self.requests.exclude(pk__in=gone).order_by("pk")[:COMPARED])

        def leave() -> None:
            for request in sorted(requests, key=lambda one: one.pk):
                request.put_in(None, by=by, note=note)

        return leave

    @step
    def rename(self, *, by: Post, note: str, title: str, category: Category | None = None) -> None:
        self.title, self.category = title, category or self.category

    @step
    def dispatch(
        self, *, by: Post, note: str, lead: Department, days: int | None = None
    ) -> Callable[[], None]:
        """Every request that waits gets an order of its own to one department. What cannot be given says why."""
        waiting = list(Request.objects.visible_to(by).awaiting_dispatch().filter(theme=self))
        if not waiting:
            raise NotAllowed("没有待派单的诉求。")

        def give() -> None:
            self.outcome = each(
                waiting, lambda request: request.dispatch(by=by, lead=lead, days=days, note=note)
            )
            self._refuse_unless_some()

        return give

    @step
    def answer(self, *, by: Post, note: str, like: Order, orders: Sequence[Order]) -> Callable[[], None]:
        """A department's answer to one (`like`) is its answer to these too: each order is accepted and answered itself."""
        own = set(live_orders(by).filter(request__theme=self).values_list("pk", flat=True))
        if like.pk not in own or like.state != OrderState.REPLIED:
            raise NotAllowed("请选您单位已经答复的一件。")
        if not orders:
            raise NotAllowed("请至少选一件没有答复的。")
        if any(order.pk not in own or order.department_id != like.department_id for order in orders):
            raise NotAllowed(f"有的诉求不在{like.department}手上。请重新打开看看。")

        def give(order: Order) -> None:
            if order.state == OrderState.ISSUED:
                order.accept(by=by)
            order.reply(
                by=by,
                note=f"与{like.number}一并答复",
                text=like.text,
                answer_class=like.answer_class,
                signer=like.signer,
                contact=like.contact,
                phone=like.phone,
                promised_on=like.promised_on,
            )

        def give_all() -> None:
            self.outcome = each(orders, give)
            self._refuse_unless_some()

        return give_all

    def _refuse_unless_some(self) -> None:
        if not self.outcome.done:
            raise NotAllowed(self.outcome.failed[0][1])

    @step
    def close(self, *, by: Post, note: str) -> None:
        """No longer watched; its requests go on."""

    @step
    def reopen(self, *, by: Post, note: str) -> None:
        """It has come up again."""
