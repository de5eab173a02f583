"""What stands in the papers of an order, as one plain dictionary of texts: PDF and Word are made from the same.

Persons: what goes to a department is written as a department reads it, whoever prints it: a masked name and no number, and
of a confidential request, or of one about that department, nothing of the person and not what was said. The answer to the
person and the form are written as the post reads that prints them: the station the whole name, all others the masked one.
What deputies suggest: see `suggested`.
"""

from django.utils import timezone

from liaison.accounts.models import Post, Role
from liaison.core.models import AuditEntry
from liaison.core.policy import policy_for
from suggestions.models.department import Department
from suggestions.models.order import Order
from suggestions.models.request import Rating, Request
from suggestions.workflow import OrderState
from visits.privacy import ANONYMOUS, COMPLAINS, CONFIDENTIAL, shown_person, shown_words

from .kinds import Kind, Paper
from .models import Document
from .suggested import of_suggestion, shared_with
from .wording import boxes, congress_office, day_words, how_counted, paragraphs

OWN = (Kind.ORDER, Kind.URGE, Kind.RATING)  # papers of the congress; the others are the department's
TO_ANSWER, TO_HELP = "答复", "提出会办意见，交主办单位"


def contents(paper: Paper, order: Order, document: Document | None, post: Post) -> dict[str, str]:
    """The values of all placeholders of this case's papers by key. Asks some ten queries."""
    department = order.department
    called = _class_words(order)
    share = _shares(order)
    values = {
        "number": document.number if document else "（未编号）",
        "year": str(document.year) if document else "　　",
        "serial": str(document.serial) if document else "　　",
        "issued_on": day_words(document.issued_on if document else timezone.localdate()),
        "issuer": congress_office(department.area) if paper.form in OWN else department.name,
        "order": order.number,
        "department": department.name,
        "share": order.get_share_display(),
        "lead": share[Order.Share.LEAD],
        "helpers": share[Order.Share.HELPER],
        "apart": share[Order.Share.APART],
        "round": str(order.round),
        "asked": TO_HELP if order.share == Order.Share.HELPER else TO_ANSWER,
        "task": order.task,
        "dispatched": day_words(order.issued_on),
        "accept_by": day_words(order.accept_by),
        "due": day_words(order.due_on),
        "because": how_counted(order.due_because),
        "unit_contact": department.contact,
        "unit_phone": department.phone,
        "urged": str(order.urged),
        "urging": _urging(order) if paper.form == Kind.URGE else "",
        "standing": _standing(order),
        "letter": order.answer_class,
        "outcome": called,
        "text": paragraphs(order.case.answer_words(order, post)),
        "promised": day_words(order.promised_on),
        "signer": order.signer,
        "contact": order.contact or department.contact,
        "phone": order.phone or department.phone,
        "replied": day_words(order.replied_on),
    }
    if order.suggestion is not None:
        return values | of_suggestion(paper, order, order.suggestion, share)
    return values | _of_request(paper, order, share, post)


def _shares(order: Order) -> dict[str, str]:
    """The departments of this round by their part."""
    rows = order.case.orders.filter(round=order.round).select_related("department").order_by("pk")
    live = [one for one in rows if one.state not in (OrderState.RETURNED, OrderState.CANCELLED)]
    return {
        kind: "、".join(one.department.name for one in live if one.share == kind)
        for kind in Order.Share.values
    }


def _of_request(paper: Paper, order: Order, share: dict[str, str], post: Post) -> dict[str, str]:
    found = _request_of(order)
    # A department reads as its posts do, the person who prints it for the archive included.
    reader = Post(role=Role.UNIT, area=order.department.area) if paper.to_department else post
    name, words = person_and_words(order, reader, post)
    rating = found.ratings.filter(round=order.round).first() if paper.form == Kind.RATING else None
    return {
        "title": _title(paper, found),
        "to": _to(paper, order, share, name),
        "copies": _copies(paper, order, share),
        "request": found.number,
        "heading": words["title"],
        "words": words["text"],
        "place": words["place"],
        "category": found.category.name if found.category else "",
        "received": day_words(found.received_on),
        "station": found.station.name,
        "person": name,
        "follower": found.follower.deputy.name if found.follower else "",
        "told": _told(found, order.round) if paper.form == Kind.RATING else "",
        "attitude": boxes(Rating.Mark.choices, rating.attitude if rating else ""),
        "result": boxes(Rating.Mark.choices, rating.result if rating else ""),
        "solved": boxes(Request.Solved.choices, rating.solved if rating else ""),
        "reason": rating.reason if rating else "",
    }


def heading_of(order: Order, post: Post) -> str:
    """What the order is about, as `post` may read it."""
    return order.suggestion.title if order.suggestion else person_and_words(order, post, post)[1]["title"]


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
            return "反映人" if name in (ANONYMOUS, COMPLAINS, CONFIDENTIAL) else name
        case _:
            return order.department.name


def _copies(paper: Paper, order: Order, share: dict[str, str]) -> str:
    """The office of the congress reads what departments write; of an order, those who share it."""
    if paper.kind in (Kind.REPLY, Kind.OPINION):
        return congress_office(order.department.area)
    if paper.kind == Kind.RATING:
        return ""
    return "、".join(shared_with(order, share))


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
        return f"已超过办理期限{-left}天"
    return f"离办理期限还有{left}天" if left else "今天是办理期限的最后一天"


def _told(found: Request, turn: int) -> str:
    told = found.feedbacks.filter(round=turn).order_by("pk").last()
    return f"{day_words(told.on)}{told.get_how_display()}告知" if told else ""


def _request_of(order: Order) -> Request:
    if order.request is None:
        raise ValueError("an order of a suggestion has its papers from `suggested`")
    return order.request
