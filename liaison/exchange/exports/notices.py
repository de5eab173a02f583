"""公示: the notices that went up, in their own words."""

from liaison.accounts.models import Role
from visits.filters import NoticeFilter
from visits.models import Notice
from visits.views import DESK

from .listing import Column, Listing, column

LISTING = Listing(
    name="notices",
    title="公示记录",
    roles=(*DESK, Role.AUDITOR),
    filter=NoticeFilter,
    scope=Notice.objects.visible_to,
    order=("-on", "-pk"),
    chosen=lambda asked: asked.filter.qs.select_related("by__user").prefetch_related("activity__station"),
    columns=(
        column("公示日期", "on", 11),
        column("类型", "get_kind_display", 10),
        column("活动编号", "activity.number", 16),
        column("站点编号", "activity.station.code", 10),
        column("站点", "activity.station.name", 26),
        column("日期", "day", 11),
        column("最迟公示日期", "announce_by", 13),
        Column("按时公示", lambda notice, asked: "否" if notice.is_late else "是", 9),
        column("公示内容", "text", 50),
        column("公示在哪里", "places", 24),
        column("经办", "by.user.name", 12),
    ),
)
