"""What stands in the papers of an order, as one plain dictionary of texts: PDF and Word are made from the same.

Persons: what goes to a department is written as a department reads it, whoever prints it: a masked name and no number, and
of a confidential request, or of one about that department, nothing of the person and not what was said. The answer to the
person and the form are written as the post reads that prints them: the station the whole name, all others the masked one.
"""

from datetime import date
from typing import Any

from django.utils import timezone

from liaison.accounts.models import Post, Role
from liaison.core.models import AuditEntry
from liaison.core.policy import policy_for
from suggestions.models.department import Department
from suggestions.models.order import Order
from suggestions.models.request import Rating, Request
from suggestions.workflow import OrderState
from visits.privacy import ANONYMOUS, CONFIDENTIAL, shown_person, shown_words

from .kinds import Kind, Paper
from .models import Document

BOXES = ("□", "√")


def _day(day: date | None) -> str:
    return f"{day:%Y年%-m月%-d日}" if day else ""


def contents(paper: Paper, order: Order, document: Document | None, post: Post) -> dict[str, str]:
    """The values of all placeholders by key, also of those that stand in other papers only. Asks some ten queries."""
    found, department = _request_of(order), order.department
    # A department reads as its posts do, the person who prints it for the archive included.
    reader = Post(role=Role.UNIT, area=department.area) if paper.to_department else post
    name, words = person_and_words(order, reader, post)
    rounds = list(found.orders.filter(round=order.round).select_related("department").order_by("pk"))
    live = [one for one in rounds if one.state not in (OrderState.RETURNED, OrderState.CANCELLED)]
    share: dict[str, str] = {
        kind: "、".join(one.department.name for one in live if one.share == kind)
        for kind in Order.Share.values
    }
    congress = f"{department.area.name}人大"
    rating = found.ratings.filter(round=order.round).first() if paper.kind == Kind.RATING else None
    return {
        "number": document.number if document else "（未编号）",
        "year": str(document.year) if document else "　　",
        "serial": str(document.serial) if document else "　　",
        "issued_on": _day(document.issued_on if document else timezone.localdate()),
        "title": _title(paper, found),
        "issuer": congress if paper.kind in (Kind.ORDER, Kind.URGE, Kind.RATING) else department.name,
        "to": _to(paper, order, share, name),
        "copies": _copies(paper, order, share, congress),
        "request": found.number,
        "order": order.number,
        "heading": words["title"],
        "words": words["text"],
        "place": words["place"],
        "category": found.category.name if found.category else "",
        "received": _day(found.received_on),
        "station": found.station.name,
        "person": name,
        "department": department.name,
        "share": order.get_share_display(),
        "lead": share[Order.Share.LEAD],
        "helpers": share[Order.Share.HELPER],
        "apart": share[Order.Share.APART],
        "round": str(order.round),
        "task": order.task,
        "dispatched": _day(order.issued_on),
        "accept_by": _day(order.accept_by),
        "due": _day(order.due_on),
        "because": order.due_because.rstrip("。"),
        "unit_contact": department.contact,
        "unit_phone": department.phone,
        "follower": found.follower.deputy.name if found.follower else "",
        "urged": str(order.urged),
        "urging": _urging(order) if paper.kind == Kind.URGE else "",
        "standing": _standing(order),
        "letter": order.answer_class,
        "outcome": _class_words(order),
        "text": found.answer_words(order, post),
        "promised": _day(order.promised_on),
        "signer": order.signer,
        "contact": order.contact or department.contact,
        "phone": order.phone or department.phone,
        "replied": _day(order.replied_on),
        "told": _told(found, order.round) if paper.kind == Kind.RATING else "",
        **_marks(rating),
    }


def person_and_words(order: Order, reader: Post, post: Post) -> tuple[str, dict[str, str]]:
    """The person and what was said (`title`, `text`, `place`), as `reader` may read them; `post` holds the paper."""
    found = _request_of(order)
    said = {"title": found.title, "text": found.text, "place": found.place}
    if reader.role == Role.UNIT and found.is_about(_reading(order, post)):
        return CONFIDENTIAL, {key: CONFIDENTIAL if text else "" for key, text in said.items()}
    words = {key: shown_words(found, text, reader) if text else "" for key, text in said.items()}
    return shown_person(found, reader).name, words


def _reading(order: Order, post: Post) -> list[Department]:
    """The departments that read: the one that the paper is of, and all that a department's post acts for."""
    more = Department.objects.of(post, timezone.localdate()) if post.role == Role.UNIT else ()
    return [order.department, *more]


def _title(paper: Paper, found: Request) -> str:
    match paper.kind:
        case Kind.ORDER:
            return "群众诉求交办单"
        case Kind.URGE:
            return "群众诉求督办函"
        case Kind.REPLY:
            return f"关于{found.number}号诉求的答复"
        case Kind.OPINION:
            return f"关于{found.number}号诉求的会办意见"
        case _:
            return "群众诉求办理满意度反馈表"


def _to(paper: Paper, order: Order, share: dict[str, str], name: str) -> str:
    match paper.kind:
        case Kind.OPINION:
            return share[Order.Share.LEAD]
        case Kind.REPLY | Kind.RATING:
            return "反映人" if name in (ANONYMOUS, CONFIDENTIAL) else name
        case _:
            return order.department.name


def _copies(paper: Paper, order: Order, share: dict[str, str], congress: str) -> str:
    """The office of the congress reads what departments write; of an order, those who share it."""
    if paper.kind in (Kind.REPLY, Kind.OPINION):
        return congress
    if paper.kind == Kind.RATING:
        return ""
    others = "、".join(names for names in share.values() if names).split("、")
    return "、".join(one for one in others if one and one != order.department.name)


def _class_words(order: Order) -> str:
    """What the class of an answer is called here, without its letter."""
    called = policy_for(order.area, order.replied_on or timezone.localdate()).answer_classes
    return called.get(order.answer_class, "").partition(" ")[2]


def _urging(order: Order) -> str:
    """What was said at the last urging; it stands in the record and nowhere else."""
    entry = AuditEntry.objects.of(order).filter(action="suggestions.order.urge").first()
    return entry.note if entry else ""


def _standing(order: Order) -> str:
    left = order.days_left(timezone.localdate())
    if left < 0:
        return f"已超过办理期限 {-left} 天"
    return f"离办理期限还有 {left} 天" if left else "今天是办理期限的最后一天"


def _told(found: Request, turn: int) -> str:
    told = found.feedbacks.filter(round=turn).order_by("pk").last()
    return f"{_day(told.on)}{told.get_how_display()}告知" if told else ""


def _marks(rating: Rating | None) -> dict[str, str]:
    """The boxes to tick, ticked where the person has rated."""

    def boxes(choices: Any, chosen: str) -> str:
        return "　".join(f"{BOXES[value == chosen]}{label}" for value, label in choices)

    return {
        "attitude": boxes(Rating.Mark.choices, rating.attitude if rating else ""),
        "result": boxes(Rating.Mark.choices, rating.result if rating else ""),
        "solved": boxes(Request.Solved.choices, rating.solved if rating else ""),
        "reason": rating.reason if rating else "",
    }


def _request_of(order: Order) -> Request:
    if order.request is None:
        raise ValueError("papers are of orders of requests: see listing.orders_in_sight")
    return order.request
