"""征求意见稿: which drafts were published for comment, to how many stations, with how many opinions in sight."""

from suggestions.filters import DraftFilter
from suggestions.models import Draft
from suggestions.views.drafts import READERS

from .listing import Column, Listing, column

LISTING = Listing(
    name="drafts",
    title="征求意见稿",
    roles=READERS,
    filter=DraftFilter,
    scope=Draft.objects.visible_to,
    order=("-opens_on", "-pk"),
    chosen=lambda asked: asked.filter.qs.select_related("area").with_counts(asked.post),
    columns=(
        column("编号", "number", 14),
        column("名称", "title", 40),
        column("类型", "get_kind_display", 12),
        column("起草或组织征求意见的机关", "issuer", 26),
        column("区划", "area.full_name", 20),
        column("开始日期", "opens_on", 11),
        column("截止日期", "closes_on", 11),
        Column("站点数", lambda draft, asked: draft.sites or 0, 8),
        Column("意见条数", lambda draft, asked: draft.said or 0, 9),
        column("状态", "get_state_display", 10),
    ),
)
