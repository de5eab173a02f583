"""Which papers an order has, who reads them, who issues them, and when there is one.

A request's order and a suggestion's have the same five; what deputies are written is worded otherwise, so each has a kind,
a template and a series of numbers of its own.
"""

from dataclasses import dataclass

from django.db import models

from liaison.accounts.models import Area, Post, Role
from suggestions.models.order import Order
from suggestions.workflow import ANSWERED, OPEN_ORDERS, OrderState, SuggestionState

_ALL = (Role.OFFICE, Role.STATION, Role.DEPUTY, Role.UNIT, Role.AUDITOR)


class Kind(models.TextChoices):
    ORDER = "ORDER", "交办单"
    URGE = "URGE", "督办函"
    REPLY = "REPLY", "答复函"
    OPINION = "OPINION", "会办意见函"
    RATING = "RATING", "满意度反馈表"
    S_ORDER = "S_ORDER", "建议交办单"
    S_URGE = "S_URGE", "建议督办函"
    S_REPLY = "S_REPLY", "建议答复函"
    S_OPINION = "S_OPIN", "建议会办意见函"
    S_RATING = "S_MARKS", "建议满意度反馈表"


# The papers of a suggestion's order, by the paper of a request's that each is the twin of.
OF_SUGGESTIONS = {
    Kind.ORDER: Kind.S_ORDER,
    Kind.URGE: Kind.S_URGE,
    Kind.REPLY: Kind.S_REPLY,
    Kind.OPINION: Kind.S_OPINION,
    Kind.RATING: Kind.S_RATING,
}
OF_REQUESTS = {twin: kind for kind, twin in OF_SUGGESTIONS.items()}
ANSWERS = (Kind.REPLY, Kind.OPINION, Kind.RATING)  # what a department answered stands in these


@dataclass(frozen=True)
class Paper:
    """A kind of paper. `word` stands in its number; without one it is a form and has no number.

    `to_department`: it goes to a department, so nothing stands in it that a department may not read, whoever prints it.
    """

    kind: Kind
    slug: str
    word: str
    readers: tuple[str, ...]
    issuers: tuple[str, ...]
    to_department: bool

    @property
    def label(self) -> str:
        return str(self.kind.label)

    @property
    def numbered(self) -> bool:
        return bool(self.word)

    @property
    def of_suggestions(self) -> bool:
        return self.kind in OF_REQUESTS

    @property
    def form(self) -> Kind:
        """Which of the five it is, whatever the order is of."""
        return OF_REQUESTS.get(self.kind, self.kind)

    @property
    def has_answer(self) -> bool:
        return self.form in ANSWERS

    def number(self, area: Area, year: int, serial: int) -> str:
        """平城区交办〔2026〕12号."""
        return f"{area.name}{self.word}〔{year}〕{serial}号"

    def wanting(self, order: Order) -> str:
        """Why this order has no such paper (yet); empty where it has one."""
        helper = order.share == Order.Share.HELPER
        if self.of_suggestions != (order.suggestion_id is not None):
            return f"“{order}”没有{self.label}。"
        match self.form:
            case Kind.URGE:
                return "" if order.urged else f"“{order}”还没有催办，请先催办，再印督办函。"
            case Kind.REPLY | Kind.RATING if helper:
                return f"“{order}”是会办，不直接答复，没有{self.label}。"
            case Kind.REPLY | Kind.RATING:
                return "" if order.state == OrderState.REPLIED else f"“{order}”还没有答复，没有{self.label}。"
            case Kind.OPINION if not helper:
                return f"“{order}”不是会办，没有会办意见函。"
            case Kind.OPINION:
                return "" if order.state == OrderState.OPINED else f"“{order}”还没有提会办意见。"
            case _:
                return ""

    def turn(self, order: Order) -> int:
        """Of several papers of one kind, which one: each urging has its letter."""
        return order.urged if self.form == Kind.URGE else 1

    def refusal(self, order: Order, by: Post) -> str:
        """Why `by` may not give this paper of `order` its number now; empty where it may."""
        if not self.numbered:
            return f"{self.label}不用编号。"
        if by.role not in self.issuers:
            return f"{by.get_role_display()}岗位不能给{self.label}编号。"
        if self.form == Kind.URGE and order.urged and order.state not in OPEN_ORDERS:
            return f"“{order}”已经办了，不用再督办。"
        if self.form == Kind.REPLY and order.state == OrderState.REPLIED and not _is_countersigned(order):
            return "答复还没有核签，核签以后再编号。"
        if order.state in (OrderState.RETURNED, OrderState.CANCELLED):
            return f"“{order}”{order.get_state_display()}，不再发{self.label}。"
        return self.wanting(order)


def _is_countersigned(order: Order) -> bool:
    """The answer to a suggestion goes out when the congress has looked it through; that to a request at once."""
    found = order.suggestion
    if found is None or order.round < found.round:
        return True
    return found.state in (SuggestionState.REPLIED, *ANSWERED)


# fmt: off
PAPERS: dict[str, Paper] = {
    paper.slug: paper
    for paper in (
        #     kind            address               word in the number  who reads                                      who issues                                 to a department
        Paper(Kind.ORDER,     "order",              "交办",             _ALL,                                          (Role.OFFICE,),                            True),
        Paper(Kind.URGE,      "urge",               "督办",             _ALL,                                          (Role.OFFICE,),                            True),
        Paper(Kind.OPINION,   "opinion",            "会办意见",         (Role.OFFICE, Role.UNIT, Role.AUDITOR),        (Role.UNIT, Role.OFFICE),                  True),
        Paper(Kind.REPLY,     "reply",              "答复",             _ALL,                                          (Role.UNIT, Role.STATION, Role.OFFICE),    False),
        Paper(Kind.RATING,    "rating",             "",                 (Role.OFFICE, Role.STATION, Role.DEPUTY),      (),                                        False),
        Paper(Kind.S_ORDER,   "suggestion-order",   "建议交办",         _ALL,                                          (Role.OFFICE,),                            True),
        Paper(Kind.S_URGE,    "suggestion-urge",    "建议督办",         _ALL,                                          (Role.OFFICE,),                            True),
        Paper(Kind.S_OPINION, "suggestion-opinion", "建议会办意见",     (Role.OFFICE, Role.UNIT, Role.AUDITOR),        (Role.UNIT, Role.OFFICE),                  True),
        Paper(Kind.S_REPLY,   "suggestion-reply",   "建议答复",         _ALL,                                          (Role.UNIT, Role.OFFICE),                  False),
        Paper(Kind.S_RATING,  "suggestion-rating",  "",                 (Role.OFFICE, Role.DEPUTY, Role.AUDITOR),      (),                                        False),
    )
}
# fmt: on
BY_KIND = {paper.kind: paper for paper in PAPERS.values()}
