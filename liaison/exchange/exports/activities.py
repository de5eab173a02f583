"""活动: the list behind the calendar."""

from collections.abc import Callable

from visits.filters import ActivityFilter
from visits.kinds import told
from visits.models import Activity
from visits.views import READERS

from .listing import Asked, Column, Listing, column


def _in_time(activity: Activity, asked: Asked) -> str:
    if activity.announced_on is None:
        return ""
    return "否" if activity.is_announced_late else "是"


def _days(name: str) -> Callable[[Activity, Asked], float | None]:
    return lambda activity, asked: None if (days := getattr(activity, name)) is None else float(days)


def _content(activity: Activity, asked: Asked) -> str:
    return "\n".join(f"{label}：{words}" for label, words in told(activity.kind, activity.details))


def _reporting(activity: Activity, asked: Asked) -> str:
    reported = sorted(activity.reporting.all(), key=lambda mandate: (mandate.deputy.pinyin, mandate.pk))
    return "、".join(mandate.deputy.name for mandate in reported)


LISTING = Listing(
    name="activities",
    title="活动",
    roles=READERS,
    filter=ActivityFilter,
    scope=lambda post: Activity.objects.visible_to(post).shown(),
    order=("-day", "-pk"),
    chosen=lambda asked: asked.filter.qs.with_counts(asked.post).prefetch_related(
        "station", "area", "follows", "reporting__deputy"
    ),
    columns=(
        column("编号", "number", 16),
        column("站点编号", "station.code", 10),
        column("站点", "station.name", 26),
        column("区划", "area.full_name", 26),
        column("类型", "get_kind_display", 14),
        column("主题", "theme", 24),
        column("日期", "day", 11),
        column("开始", "starts_at", 7),
        column("结束", "ends_at", 7),
        column("地点", "where", 26),
        column("状态", "get_state_display", 9),
        column("最迟公示日期", "announce_by", 13),
        column("公示日期", "announced_on", 11),
        Column("按时公示", _in_time, 9),
        column("名单人数", "expected", 9),
        column("接待人次", "received", 9),
        column("接待批次", "parties", 9),
        column("参加群众", "headcount", 9),
        Column("天数", _days("days"), 7),
        column("计划代表", "planned_deputies", 9),
        column("计划人数", "planned_headcount", 9),
        Column("计划天数", _days("planned_days"), 9),
        Column("活动内容", _content, 40),
        Column("述职的代表", _reporting, 20),
        column("回访哪次来访", "follows.number", 17),
        column("纪要", "minutes", 50),
        column("纪要记录人", "minutes_by", 12),
        column("原因", "reason", 24),
    ),
)
