"""代表建议: as the sheet 建议 of an import has them, with the state after it."""

from django.db.models import Count

from suggestions.by_deputies.filters import SuggestionFilter
from suggestions.by_deputies.views import READERS
from suggestions.models import Order, Signer, Suggestion

from .listing import Asked, Column, Listing, column


def _cosigners(found: Suggestion, asked: Asked) -> str:
    signed = (one for one in found.signers.all() if one.state == Signer.State.CONFIRMED)
    return "、".join(one.mandate.deputy.name for one in signed if one.mandate_id != found.lead_id)


def _helpers(found: Suggestion, asked: Asked) -> str:
    helpers = (order for order in found.orders.all() if order.share == Order.Share.HELPER)
    return "、".join(dict.fromkeys(order.department.name for order in helpers))


LISTING = Listing(
    name="suggestions",
    title="代表建议",
    roles=READERS,
    filter=SuggestionFilter,
    scope=Suggestion.objects.visible_to,
    order=("-written_on", "-pk"),
    chosen=lambda asked: (
        asked.filter.qs.select_related("lead__deputy", "term__congress", "session", "department")
        .annotate(count=Count("items", distinct=True))
        .prefetch_related("signers__mandate__deputy", "orders__department")
    ),
    columns=(
        column("编号", "number", 18),
        column("标题", "title", 40),
        column("类型", "get_kind_display", 8),
        column("届次", "term.number", 6),
        column("会次", "session.number", 6),
        column("提出日期", "submitted_on", 11),
        column("领衔代表", "lead.deputy.name", 10),
        Column("附议代表", _cosigners, 30),
        column("条数", "count", 6),
        column("交办日期", "assigned_on", 11),
        column("主办单位", "department.name", 24),
        Column("会办单位", _helpers, 30),
        column("答复日期", "replied_on", 11),
        column("答复类别", "answer_class", 8),
        column("满意度", "get_result_display", 10),
        Column("重点", lambda found, asked: "是" if found.is_key else "否", 6),
        column("状态", "get_state_display", 10),
    ),
)
