"""到会: the places on the rosters of those activities that the list behind the calendar shows."""

from django.db.models import QuerySet

from visits.models import Activity, Attendance
from visits.views import READERS

from .activities import LISTING as ACTIVITIES
from .listing import Asked, Listing, column


def _of_these_activities(asked: Asked) -> QuerySet[Attendance]:
    shown = Activity.objects.filter(pk__in=asked.filter.qs.values("pk"))
    rows = Attendance.objects.visible_to(asked.post).filter(activity__in=shown)
    return rows.select_related("mandate__deputy", "stand_in__mandate__deputy").prefetch_related(
        "activity__station"
    )


LISTING = Listing(
    name="attendances",
    title="活动名单",
    roles=READERS,
    filter=ACTIVITIES.filter,
    scope=ACTIVITIES.scope,
    order=("-activity__day", "-pk"),
    chosen=_of_these_activities,
    columns=(
        column("活动编号", "activity.number", 16),
        column("日期", "activity.day", 11),
        column("站点编号", "activity.station.code", 10),
        column("站点", "activity.station.name", 26),
        column("类型", "activity.get_kind_display", 14),
        column("代表", "mandate.deputy.name", 12),
        column("层级", "mandate.get_level_display", 7),
        column("选区或选举单位", "mandate.constituency", 26),
        column("状态", "get_state_display", 10),
        column("认定方式", "get_how_display", 12),
        column("签到时间", "arrived_at", 16),
        column("请假原因", "leave_reason", 24),
        column("由谁替换", "stand_in.mandate.deputy.name", 12),
        column("异议", "get_objection_display", 10),
        column("提异议的时间", "objected_at", 16),
        column("异议理由", "objection_reason", 24),
        column("异议答复", "objection_answer", 24),
    ),
)
