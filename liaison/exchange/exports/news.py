"""动态: what stations reported, and what became of each."""

from liaison.accounts.models import Role
from liaison.bulletin.models import NewsItem
from liaison.bulletin.news.filters import NewsFilter

from .listing import Listing, column

LISTING = Listing(
    name="news",
    title="动态",
    roles=(Role.OFFICE, Role.AUDITOR, Role.STATION),
    filter=NewsFilter,
    scope=NewsItem.objects.visible_to,
    order=("-happened_on", "-pk"),
    chosen=lambda asked: asked.filter.qs.prefetch_related("station", "area", "written_by__user"),
    columns=(
        column("编号", "number", 14),
        column("标题", "title", 36),
        column("站点编号", "station.code", 10),
        column("站点", "station.name", 26),
        column("区划", "area.full_name", 20),
        column("发生日期", "happened_on", 11),
        column("报送日期", "submitted_on", 11),
        column("发布日期", "published_on", 11),
        column("状态", "get_state_display", 10),
        column("退回或撤下的原因", "reason", 24),
        column("撰稿", "written_by.user.name", 12),
        column("正文", "text", 60),
    ),
)
