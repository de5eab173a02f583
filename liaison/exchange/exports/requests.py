"""诉求单: what was asked, as the post may read it."""

from suggestions.filters import RequestFilter
from suggestions.models import Request
from suggestions.views.requests import READERS
from visits.privacy import shown_words

from .listing import Column, Listing, column


def _words(heading: str, name: str, width: int) -> Column:
    return Column(heading, lambda row, asked: shown_words(row, getattr(row, name), asked.post), width)


LISTING = Listing(
    name="requests",
    title="诉求单",
    roles=READERS,
    filter=RequestFilter,
    scope=Request.objects.visible_to,
    order=("-received_on", "-pk"),
    chosen=lambda asked: asked.filter.qs.select_related("visit").prefetch_related(
        "station", "area", "category"
    ),
    columns=(
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
    ),
)
