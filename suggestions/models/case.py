"""What a request and a suggestion share: departments owe an answer to it, each by its order."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

from liaison.accounts.models import Post, Role
from liaison.core.places import InArea
from liaison.core.policy import Policy
from liaison.core.workdays import Deadline
from liaison.core.workflow import Moving, NotAllowed
from suggestions.workflow import ANSWERED_ORDERS, OPEN_ORDERS
from visits.privacy import shown_words

from .department import Department


class Case(InArea, Moving):
    """A case that orders are of. Its FLOW has the rows `begin`, `come_back`, `reply` and `unreply`, which orders bring about."""

    number: str
    title: Any
    text: Any
    category: Any
    confidential: Any
    round: int
    due_on: date | None
    orders: Any

    class Meta:
        abstract = True

    @property
    def awaits_answers(self) -> bool:
        """A department owes an answer."""
        return self.state in self.FLOW["reply"].sources  # type: ignore[attr-defined]

    @property
    def awaits_acceptance(self) -> bool:
        """The first department that accepts begins the handling."""
        return self.state in self.FLOW["begin"].sources  # type: ignore[attr-defined]

    @property
    def answer_is_unread(self) -> bool:
        """An answer of this round has not gone out: it can still be written again."""
        return self.awaits_answers or self.state in self.FLOW["unreply"].sources  # type: ignore[attr-defined]

    def is_barred_from(self, department: Department) -> str:
        """Why this case can never be a department's; empty where it can."""
        return ""

    def shows_answer(self, order: "Order", post: Post) -> bool:
        """May `post`, who sees `order`, read its answer now?"""
        return True

    def answer_words(self, order: "Order", post: Post) -> str:
        """The words of the answer of `order` as `post`, who sees it, may read them. Departments wrote them themselves."""
        if not order.text or not self.shows_answer(order, post):
            return ""
        return order.text if post.role == Role.UNIT else shown_words(self, order.text, post)

    def hidden_answer(self, order: "Order", post: Post) -> dict[str, Any]:
        """What a list, a file or REST says in place of the answer's fields while `post` may not read it; else nothing."""
        if self.shows_answer(order, post):
            return {}
        empty = Order()
        return {name: getattr(empty, name) for name in Order.ANSWER}

    def before_reply(self, order: "Order") -> None:
        """Raises NotAllowed where something must come before the answer of `order`."""

    def tell_answered(self, order: "Order") -> None:
        """Tell those who act next that `order` was answered."""

    def tell_sent_back(self, order: "Order", *, reopened: bool) -> None:
        """Tell those who were told of the answer that it is being written again.

        `reopened`: all had answered, and the case waits for an answer again.
        """

    def latest_extension(self, due_on: date, policy: Policy) -> Deadline:
        """The last day that one extension can reach."""
        raise NotImplementedError

    def longest_extension(self, policy: Policy) -> str:
        """How long one extension may be, in words."""
        raise NotImplementedError

    def _order(
        self, department: Department, share: str, today: date, days: int | None, task: str = ""
    ) -> "Order":
        """The order of one department, not saved yet, with its due day."""
        raise NotImplementedError

    def _refuse_unless_shared(self, shares: "Sequence[tuple[Department, str]]", by: Post) -> None:
        departments = [department for department, _ in shares]
        kinds = [share for _, share in shares]
        if Order.Share.LEAD not in kinds and kinds.count(Order.Share.APART) < 2:
            raise NotAllowed("请选主办单位；分办的，请选两个以上单位。")
        if Order.Share.LEAD in kinds and Order.Share.APART in kinds:
            raise NotAllowed("有主办单位的，其他单位只能会办；分办的，不设主办单位。")
        if len({department.pk for department in departments}) < len(departments):
            raise NotAllowed("同一个单位只能选一次。")
        allowed = set(
            Department.objects.for_requests(self.area, by)
            .filter(pk__in=[department.pk for department in departments])
            .values_list("pk", flat=True)
        )
        for department in departments:
            if barred := self.is_barred_from(department):
                raise NotAllowed(barred)
            if not department.active:
                raise NotAllowed(f"{department}已停用，请选现在负责的单位。")
            if department.pk not in allowed:
                raise NotAllowed(f"{department}不管{self.area.name}的事，请另选单位。")

    def _issue(self, orders: "Iterable[Order]", by: Post | None) -> None:
        for number, order in enumerate(orders, self.orders.count() + 1):
            order.number = f"{self.number}-{number}"
            order.enter(by=by)
            order.tell_department(f"收到派单，请在{order.accept_by:%-m月%-d日}前接单。", "issued")

    def _again(self, today: date, days: int | None, note: str) -> "list[Order]":
        """The orders of a new round, for those who answered in the last one. Raises NotAllowed where nobody can."""
        last = self._answered()
        if refusal := self._why_not_again(last):
            raise NotAllowed(refusal)
        self.round += 1
        orders = [self._order(order.department, order.share, today, days, note) for order in last]
        self.due_on = max(order.due_on for order in orders if order.share != Order.Share.HELPER)
        return orders

    def _answered(self) -> "list[Order]":
        """The orders answered in this round: whoever answered takes it up again."""
        answered = self.orders.filter(round=self.round, state__in=ANSWERED_ORDERS)
        return list(answered.select_related("department"))

    @staticmethod
    def _why_not_again(last: "list[Order]") -> str:
        if gone := [order.department for order in last if not order.department.active]:
            return f"{gone[0]}已停用，请改派给现在负责的单位。"
        if all(order.share == Order.Share.HELPER for order in last):
            return "上一次没有答复的单位，不能重新办理。请办结后重新登记。"
        return ""

    def _cancel_orders(self, by: Post | None, note: str) -> None:
        """Helpers first: the last one who would answer takes the case back with it."""
        orders = self.orders.filter(state__in=OPEN_ORDERS)
        for order in sorted(orders, key=lambda order: order.share != Order.Share.HELPER):
            order.cancel(by=by, note=note, follows=True)

    def after_order(self, by: Post | None) -> None:
        """What an order's step means for the case: nobody left to answer, or everybody has answered."""
        if not self.awaits_answers:
            return
        orders = list(self.orders.filter(round=self.round))
        owing = [order for order in orders if order.share != Order.Share.HELPER]
        live = [order for order in owing if order.state in (*OPEN_ORDERS, *ANSWERED_ORDERS)]
        if not live:
            self._cancel_orders(by, "主办单位不再承办")
            self.come_back(by=by, follows=True)
        elif all(order.state in ANSWERED_ORDERS for order in live):
            promised = [order.promised_on for order in live if order.promised_on]
            self.reply(by=by, promised_on=max(promised, default=None), follows=True)

    begin: Callable[..., None]
    come_back: Callable[..., None]
    reply: Callable[..., None]
    unreply: Callable[..., None]


from .order import Order  # noqa: E402 — a case is answered by its orders, and an order is of a case
