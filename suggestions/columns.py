"""What a file says of a request and of a suggestion, as the file's reader may read it."""

from liaison.core.columns import Column, Reader, by_heading, column
from visits.privacy import shown_words

from .models import Order, Signer, Suggestion


def _words(heading: str, name: str, width: int) -> Column:
    return Column(heading, lambda row, reader: shown_words(row, getattr(row, name), reader.post), width)


REQUEST = by_heading(
    column("编号", "number", 16),
    column("登记日期", "received_on", 11),
    column("站点编号", "station.code", 10),
    column("站点", "station.name", 26),
    column("区划", "area.full_name", 26),
    column("渠道", "get_channel_display", 7),
    column("类别", "category.name", 12),
    _words("标题", "title", 30),
    _words("反映的问题", "text", 40),
    _words("问题在什么地方", "place", 24),
    column("状态", "get_state_display", 12),
    column("来访登记", "visit.number", 17),
)


def _cosigners(found: Suggestion, reader: Reader) -> str:
    signed = (one for one in found.signers.all() if one.state == Signer.State.CONFIRMED)
    return "、".join(one.mandate.deputy.name for one in signed if one.mandate_id != found.lead_id)


def _helpers(found: Suggestion, reader: Reader) -> str:
    helpers = (order for order in found.orders.all() if order.share == Order.Share.HELPER)
    return "、".join(dict.fromkeys(order.department.name for order in helpers))


SUGGESTION = by_heading(
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
    Column("重点", lambda found, reader: "是" if found.is_key else "否", 6),
    column("状态", "get_state_display", 10),
)
