"""What stands in the papers of a suggestion's order and in no other: the deputies, the number, the session, the meeting.

What deputies propose is said in public, so all who see the order read the same.
"""

import re

from django.db.models import Q

from suggestions.models.order import Order
from suggestions.models.request import Rating
from suggestions.models.suggestion import Suggestion
from suggestions.models.suggestion_parts import Evaluation, Meeting

from .kinds import Kind, Paper
from .wording import boxes, congress_office, day_words, government_office, in_characters, paragraphs

MOST_NAMED = 10  # deputies named in the address of a letter; of more, the form behind it names all
CONGRESS = "人民代表大会"
SERIAL = re.compile(r"0*(\d+)号?$")


def of_suggestion(paper: Paper, order: Order, found: Suggestion, share: dict[str, str]) -> dict[str, str]:
    """The values of the placeholders of suggestions' papers; see contents.contents. `share`: departments by their part."""
    signers = list(found.signed_by().order_by("pk"))
    cosigners = [one.mandate.deputy.name for one in signers if one.mandate_id != found.lead_id]
    lead = found.lead.deputy.name
    met = list(found.meetings.filter(round=order.round, department=order.department_id).order_by("on", "pk"))
    congress = congress_office(order.department.area)
    own = congress_office(found.area)
    offices = list(dict.fromkeys((own, congress, government_office(order.department.area))))
    marks = _evaluations(paper, order, found)
    first = next((one for one in marks if one.mandate_id == found.lead_id), None)
    named = called(found)
    return {
        "title": _title(paper, named),
        "to": _to(paper, order, share, _address(lead, cosigners)),
        "copies": _copies(paper, order, share, offices),
        "suggestion": found.number,
        "named": named,
        "short": short_of(found),
        "kind": found.get_kind_display(),
        "heading": found.title,
        "words": paragraphs(found.text),
        "items": _items(found, order),
        "count": f"1件{found.items.count()}条",
        "when": when_of(found),
        "submitted": day_words(found.submitted_on),
        "deputy": lead,
        "cosigners": "、".join(cosigners),
        "category": found.category.name if found.category else "",
        "key": f"重点建议（{day_words(found.key_on)}{found.key_by}）" if found.key_on else "",
        "open": "同意公开" if found.publishable else "不同意公开",
        "met": "；".join(_met(one) for one in met),
        "met_said": "\n".join(one.said for one in met),
        "opinions": _opinions(order, found) if paper.form == Kind.REPLY else "",
        "attitude": boxes(Rating.Mark.choices, first.attitude if first else ""),
        "result": boxes(Rating.Mark.choices, first.result if first else ""),
        "reason": first.reason if first else "",
        "marks": "；".join(
            f"{one.mandate.deputy.name}：态度{one.get_attitude_display()}，结果{one.get_result_display()}"
            for one in marks
            if one is not first
        ),
    }


def kind_of(found: Suggestion) -> str:
    """建议、批评和意见 are numbered in one series and answered alike; motions have their own."""
    return "议案" if found.kind == Suggestion.Kind.MOTION else "建议"


def short_of(found: Suggestion) -> str:
    """第42号建议, of 140213-17J3-0042 as of 晋建〔2023〕42号; a number that ends otherwise stands as it is."""
    match = SERIAL.search(found.number)
    return f"第{match[1]}号{kind_of(found)}" if match else f"{found.number}{kind_of(found)}"


def when_of(found: Suggestion) -> str:
    """平城区第十七届人民代表大会第三次会议, or that it came in recess."""
    congress, term = found.term.congress.name, in_characters(found.term.number)
    whole = (
        f"{congress.removesuffix(CONGRESS)}第{term}届{CONGRESS}"
        if congress.endswith(CONGRESS)
        else f"{congress}第{term}届"
    )
    if found.session:
        return f"{whole}第{in_characters(found.session.number)}次会议"
    year = f"{found.submitted_on:%Y年}" if found.submitted_on else ""
    return f"{whole}闭会期间{year}"


def called(found: Suggestion) -> str:
    """As titles of papers name it: …第三次会议第42号建议."""
    return f"{when_of(found)}{short_of(found)}"


def _title(paper: Paper, named: str) -> str:
    match paper.form:
        case Kind.ORDER:
            return "代表建议交办单"
        case Kind.URGE:
            return "代表建议督办函"
        case Kind.REPLY:
            return f"关于{named}的答复"
        case Kind.OPINION:
            return f"关于{named}的会办意见"
        case _:
            return "代表建议办理满意度反馈表"


def _address(lead: str, cosigners: list[str]) -> str:
    """The lead and each who signed too; a crowd in short."""
    names = [lead, *cosigners]
    if len(names) > MOST_NAMED:
        return f"{lead}等{len(names)}位代表"
    return f"{'、'.join(names)}代表"


def _to(paper: Paper, order: Order, share: dict[str, str], deputies: str) -> str:
    match paper.form:
        case Kind.REPLY | Kind.RATING:
            return deputies
        case Kind.OPINION:
            return share[Order.Share.LEAD]
        case _:
            return order.department.name


def _copies(paper: Paper, order: Order, share: dict[str, str], offices: list[str]) -> str:
    match paper.form:
        case Kind.REPLY | Kind.OPINION:
            return "、".join(offices)
        case Kind.RATING:
            return ""
        case _:
            return "、".join([*shared_with(order, share), offices[-1]])


def shared_with(order: Order, share: dict[str, str]) -> list[str]:
    """The other departments of this round, whatever their part."""
    names = "、".join(share.values()).split("、")
    return [one for one in names if one and one != order.department.name]


def _items(found: Suggestion, order: Order) -> str:
    """Each item on a line; of items that are others' alone it is said whose they are."""
    lines = []
    for item in found.items.prefetch_related("departments").order_by("position"):
        whose = [one.name for one in item.departments.all()]
        others = f"（{'、'.join(whose)}）" if whose and order.department.name not in whose else ""
        lines.append(f"{item.position}. {item.text}{others}")
    return "\n".join(lines)


def _met(one: Meeting) -> str:
    """2026年3月5日当面（区政府二楼会议室，参加人：李明）; or why there was no meeting."""
    if one.way == Meeting.Way.NONE:
        return f"没有面商：{one.said}"
    more = "，".join(part for part in (one.place, f"参加人：{one.people}" if one.people else "") if part)
    return f"{day_words(one.on)}{one.get_way_display()}面商{f'（{more}）' if more else ''}"


def _opinions(order: Order, found: Suggestion) -> str:
    """Whose opinions the department in the lead has."""
    if order.share != Order.Share.LEAD:
        return ""
    helped = found.orders.filter(Q(state=Order.State.OPINED), round=order.round, share=Order.Share.HELPER)
    return "、".join(helped.order_by("pk").values_list("department__name", flat=True))


def _evaluations(paper: Paper, order: Order, found: Suggestion) -> list[Evaluation]:
    """Marks stand in the form that comes back, never in the one that goes out."""
    if paper.form != Kind.RATING:
        return []
    return list(found.evaluations.filter(round=order.round).select_related("mandate__deputy").order_by("pk"))
