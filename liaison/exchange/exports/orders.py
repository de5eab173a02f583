"""派单: what each department had to do by when, and what it answered, as the post may read it."""

from liaison.core.policy import rule_by_place
from suggestions.models import Order
from suggestions.orders.filters import OrderFilter
from suggestions.orders.views import READERS
from visits.privacy import shown_words

from .listing import Asked, Column, Listing, column


def _words(heading: str, name: str, width: int) -> Column:
    return Column(
        heading, lambda row, asked: shown_words(row.case, getattr(row.case, name), asked.post), width
    )


CLASSES = {
    "A": "class_a",
    "B": "class_b",
    "C": "class_c",
    "D": "class_d",
}  # the letter, and the rule that names it


def _class(row: Order, asked: Asked) -> str:
    """As the place of the order calls it: A 已经解决."""
    letter = row.answer_class
    return f"{letter} {getattr(row, CLASSES[letter])}" if letter else ""


def _of_answer(told: Column) -> Column:
    """Empty while the post may not read the answer."""
    return Column(
        told.heading,
        lambda row, asked: "" if row.case.hidden_answer(row, asked.post) else told.value(row, asked),
        told.width,
    )


LISTING = Listing(
    name="orders",
    title="派单",
    roles=READERS,
    filter=OrderFilter,
    scope=Order.objects.visible_to,
    order=("-issued_on", "-pk"),
    chosen=lambda asked: (
        asked.filter.qs.select_related("request", "suggestion")
        .annotate(**{rule: rule_by_place(rule, asked.post.area, asked.on) for rule in CLASSES.values()})
        .prefetch_related(
            "area", "department", "request__station", "request__category", "suggestion__category"
        )
    ),
    columns=(
        column("编号", "number", 18),
        column("诉求或建议", "case.number", 18),
        column("区划", "area.full_name", 26),
        column("站点编号", "request.station.code", 10),
        column("站点", "request.station.name", 26),
        column("类别", "case.category.name", 12),
        _words("标题", "title", 30),
        column("承办单位", "department.name", 24),
        column("分工", "get_share_display", 6),
        column("第几次办理", "round", 8),
        column("派单日期", "issued_on", 11),
        column("接单期限", "accept_by", 11),
        column("接单日期", "accepted_on", 11),
        column("办理期限", "due_on", 11),
        column("期限的算法", "due_because", 40),
        column("催办次数", "urged", 8),
        column("已延期次数", "extensions", 8),
        column("状态", "get_state_display", 10),
        column("答复日期", "replied_on", 11),
        _of_answer(Column("答复类别", _class, 14)),
        _of_answer(column("承诺日期", "promised_on", 11)),
        Column("答复", lambda row, asked: row.case.answer_words(row, asked.post), 50),
    ),
)
