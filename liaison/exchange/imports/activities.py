"""The sheet 活动: what has been done, and what is planned; by number. Deputies are named, and found at the station."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from deputies.models import Mandate
from liaison.accounts.models import Area, Role
from liaison.core.bulk import amend_all, enter_all, locked
from liaison.core.models import PolicyVersion
from liaison.core.models import Sequence as Series
from liaison.core.policy import policy_for
from stations.models import Station
from visits.models import Activity, Appointment, Attendance
from visits.workflow import AHEAD, ActivityState, AttendanceState

from .cells import Wrong, choice, clock, code, day, number, several, text
from .seats import Seats
from .sheet import IN_ONE_QUERY, NOTE, Column, Lookup, Row, Run, Sheet, differing, each
from .stations import STATION_CODE

STATES = {
    "已计划": ActivityState.PLANNED,
    "已公示": ActivityState.ANNOUNCED,
    "已结束": ActivityState.CLOSED,
    "已取消": ActivityState.CANCELLED,
}
KINDS = {label: kind for kind, label in Activity.Kind.choices} | {
    "恳谈会": Activity.Kind.FORUM,
    "联席会": Activity.Kind.FORUM,
}
NUMBER = code(
    r"[0-9A-Z\u4e00-\u9fff()（）〔〕/._-]+", "编号由字母、数字和“-”组成，最多 20 位，如 2023-0001。"
)
OURS = re.compile(r"HD(\d{4})-(\d{5})")  # numbers that the house gives out itself


@dataclass(frozen=True, slots=True)
class Day:
    """What visits need to know of an activity."""

    pk: int | None
    station: Station
    day: date
    state: str
    closed_at: datetime | None  # None too where it came in closed: it was never closed here

    @classmethod
    def of(cls, activity: Activity) -> "Day":
        return cls(activity.pk, activity.station, activity.day, activity.state, activity.closed_at)


class Deadlines:
    """The last day for the notice of an activity; rules are asked once for each area where none changed."""

    def __init__(self) -> None:
        self.changing = set(PolicyVersion.objects.values_list("area__path", flat=True))
        self.known: dict[tuple[int, date | None], int] = {}

    def lead(self, area: Area, on: date) -> int:
        key = (area.pk, on if self.changing.intersection(area.path_and_above) else None)
        if key not in self.known:
            self.known[key] = policy_for(area, on).notice_lead_days
        return self.known[key]


class ActivitySheet(Sheet):
    name = "活动"
    roles = (Role.OFFICE, Role.STATION)
    key = ("编号",)
    batch = 2000
    about = (
        "接待日和其他各类活动，办过的、计划的都行；某一类另要填的（天数、宣讲形式等），导入后在活动页面补。"
        "编号已有的，只更新群众人数、添上的代表，结束前的主题，公示前、没有人约见时的时间；"
        "别的请在活动页面办理，取消的不能再改。"
    )
    columns = (
        Column("编号", NUMBER, True, "2023-0001", "原来登记簿上的编号，全系统不重复", as_text=True),
        Column("站点编号", STATION_CODE, True, "PC03", "在哪个站点", as_text=True),
        Column("类型", choice(KINDS), True, "接待日", "从下拉列表里选", choices=tuple(Activity.Kind.labels)),
        Column("主题", text(60), False, "", "", width=24),
        Column("日期", day, True, "2023-10-11", "写成 2023-10-11", as_text=True),
        Column("开始", clock, True, "9:00", "写成 9:00", as_text=True, width=8),
        Column("结束", clock, True, "11:30", "", as_text=True, width=8),
        Column("公示日期", day, False, "2023-10-07", "公示过的填", as_text=True),
        Column("参加代表", several, False, "王建民、李秀英", "编入这个站点的代表，用“、”隔开；同名的写成 王建民（县）或 王建民（代表证号）", width=28),
        Column("群众人数", number(0, 100_000), False, "", "宣讲、培训等的听众；来访群众在“来访”表登记", width=10),
        Column("状态", choice(STATES), True, "已结束", "从下拉列表里选", choices=tuple(STATES), width=10),
    )  # fmt: skip

    def __init__(self, run: Run) -> None:
        super().__init__(run)
        everywhere = Activity.objects.select_related("station__area", "area")
        self.everywhere = locked(everywhere) if run.writes else everywhere
        self.seats = Seats(run)
        self.hours: dict[tuple[str, str, date], list[tuple[time, time, str]]] = defaultdict(list)
        self.hours_of: set[str] = set()
        self.deadlines = Deadlines()

    def take(self, rows: Sequence[Row]) -> None:
        run = self.run
        good = [row for row in rows if not row.faults]
        run.stations.fetch(row["站点编号"] for row in good)
        self.kept = Lookup(self.everywhere, "number")
        self.kept.fetch(row["编号"] for row in good)
        there = [activity for activity in self.kept.known.values() if activity is not None]
        self.rosters: dict[int, dict[int, Attendance]] = {activity.pk: {} for activity in there}
        for start in range(0, len(there), IN_ONE_QUERY):
            part = Attendance.objects.filter(activity__in=there[start : start + IN_ONE_QUERY])
            for attendance in part.only("pk", "activity_id", "mandate_id"):
                self.rosters[attendance.activity_id][attendance.mandate_id] = attendance
        self.booked = self._booked([activity.pk for activity in there])
        self.seats.fetch({row["站点编号"] for row in good})
        self._fetch_hours({row["站点编号"] for row in good if row["日期"] >= run.today})
        self.new: list[Activity] = []
        self.changes: list[tuple[Activity, dict[str, Any]]] = []
        self.attendances: list[Attendance] = []
        self.days: list[tuple[str, Activity]] = []
        each(good, self._plan)
        if run.writes:
            self._write()
        for key, activity in self.days:
            run.days[key] = Day.of(activity)

    def _booked(self, keys: Sequence[int]) -> set[int]:
        """Those activities at which people have been given, or asked for, an hour."""
        live, booked = Appointment.objects.live(), set[int]()
        for start in range(0, len(keys), IN_ONE_QUERY):
            part = live.filter(activity__in=keys[start : start + IN_ONE_QUERY])
            booked |= {pk for pk in part.values_list("activity", flat=True) if pk is not None}
        return booked

    def _fetch_hours(self, codes: Iterable[str]) -> None:
        missing = sorted(set(codes) - self.hours_of)
        self.hours_of |= set(missing)
        for start in range(0, len(missing), IN_ONE_QUERY):
            part = missing[start : start + IN_ONE_QUERY]
            ahead = Activity.objects.standing().filter(station__code__in=part, day__gte=self.run.today)
            fields = ("station__code", "kind", "day", "starts_at", "ends_at", "number")
            for code_, kind, on, starts, ends, number_ in ahead.values_list(*fields):
                self.hours[code_, kind, on].append((starts, ends, number_))

    # --- A row ---

    def _plan(self, row: Row) -> None:
        station = self.run.station(row, "站点编号")
        if row["开始"] >= row["结束"]:
            row.fault("结束", "结束时间要晚于开始时间。")
        if row.faults or station is None:
            return
        found = self.kept.get(row["编号"])
        if found is not None:
            if found.station.code != row["站点编号"]:
                raise Wrong(f"编号“{row['编号']}”已是另一个站点的活动。请核对编号或站点。", "编号")
            self._bring_up_to_date(row, found, station)
            self.days.append((row["编号"], found))
            return
        self._check(row, station)
        mandates = self._mandates(row, station)
        activity = Activity(
            number=row["编号"], kind=row["类型"], station=station, area=station.area, area_path=station.area.path,
            theme=row["主题"] or "", day=row["日期"], starts_at=row["开始"], ends_at=row["结束"], state=row["状态"],
            headcount=row["群众人数"] or 0, announced_on=row["公示日期"],
        )  # fmt: skip
        lead = self.deadlines.lead(station.area, activity.day) if station.area.pk else 0
        activity.announce_by = activity.day - timedelta(days=lead)
        activity.told_day = activity.day if activity.announced_on else None
        if activity.state == ActivityState.CANCELLED:
            activity.reason = "导入的记录，没有写原因"
        self.new.append(activity)
        self.days.append((row["编号"], activity))
        self._roster(activity, mandates)
        row.outcome = "new"

    def _check(self, row: Row, station: Station) -> None:
        on, state, today = row["日期"], row["状态"], self.run.today
        if not station.is_open(on):
            raise Wrong(f"{station}在 {on:%Y-%m-%d} 没有开放，请核对日期，或站点的启用日期。", "日期")
        if state == ActivityState.CLOSED and on > today:
            raise Wrong("日期还没到，状态不能是“已结束”。", "状态")
        if state == ActivityState.ANNOUNCED and row["公示日期"] is None:
            raise Wrong("状态是“已公示”，请填公示日期。", "公示日期")
        if state == ActivityState.PLANNED and row["公示日期"] is not None:
            raise Wrong("填了公示日期，状态就不是“已计划”了。请改状态，或空着公示日期。", "状态")
        if row["公示日期"] and row["公示日期"] > today:
            raise Wrong("公示日期不能晚于今天。", "公示日期")
        if state != ActivityState.CANCELLED:
            self._take_hours(row, station)

    def _take_hours(self, row: Row, station: Station) -> None:
        """The hours of a day ahead are the row's from now on. Raises Wrong where another activity has them."""
        if row["日期"] < self.run.today:
            return
        key = (station.code, row["类型"], row["日期"])
        others = [one for one in self.hours[key] if one[2] != row["编号"]]
        for starts, ends, number_ in others:
            if starts < row["结束"] and ends > row["开始"]:
                raise Wrong(
                    f"这个站点这天 {starts:%-H:%M}—{ends:%-H:%M} 已有同类活动（{number_}），时间重复。",
                    "开始",
                )
        self.hours[key] = [*others, (row["开始"], row["结束"], row["编号"])]

    def _bring_up_to_date(self, row: Row, activity: Activity, station: Station) -> None:
        """Correct what the page lets people correct without a step. Raises Wrong where the row says anything else."""
        fixed: dict[str, tuple[Any, Any, Any]] = {
            "类型": (row["类型"], activity.kind, activity.get_kind_display()),
            "日期": (row["日期"], activity.day, f"{activity.day:%Y-%m-%d}"),
            "状态": (row["状态"], activity.state, activity.get_state_display()),
            "公示日期": (row["公示日期"], activity.announced_on, activity.announced_on or "空"),
        }
        if activity.state != ActivityState.PLANNED or activity.pk in self.booked:
            fixed["开始"] = (row["开始"], activity.starts_at, f"{activity.starts_at:%-H:%M}")
            fixed["结束"] = (row["结束"], activity.ends_at, f"{activity.ends_at:%-H:%M}")
        if activity.state in (ActivityState.CLOSED, ActivityState.CANCELLED):
            fixed["主题"] = (row["主题"], activity.theme, activity.theme or "空")
        if activity.state == ActivityState.CANCELLED:
            fixed["群众人数"] = (row["群众人数"], activity.headcount, activity.headcount)
        for heading, (written, kept, shown) in fixed.items():
            if written is not None and written != kept:
                raise Wrong(f"这个活动已登记，{heading}是“{shown}”。要改请在活动页面办理。", heading)
        mandates = self._mandates(row, station)
        added = [m for m in mandates if m.pk is None or m.pk not in self.rosters[activity.pk]]
        if added and activity.state not in (*AHEAD, ActivityState.OPEN):
            names = "、".join(mandate.deputy.name for mandate in added)
            raise Wrong(
                f"活动{activity.get_state_display()}，不能再添{names}。请先在活动页面重新打开。", "参加代表"
            )
        given = {
            "theme": row["主题"],
            "starts_at": row["开始"],
            "ends_at": row["结束"],
            "headcount": row["群众人数"],
        }
        changes = differing(activity, given)
        if "starts_at" in changes or "ends_at" in changes:
            self._take_hours(row, station)
        if changes:
            self.changes.append((activity, changes))
        self._roster(activity, added)
        row.outcome = "changed" if changes or added else "same"

    def _roster(self, activity: Activity, mandates: Sequence[Mandate]) -> None:
        if not self.run.writes:
            return
        came = activity.state == ActivityState.CLOSED
        for mandate in mandates:
            state = AttendanceState.PRESENT if came else AttendanceState.ROSTERED
            how = Attendance.How.STAFF if came else ""
            self.attendances.append(Attendance(activity=activity, mandate=mandate, state=state, how=how))

    def _mandates(self, row: Row, station: Station) -> list[Mandate]:
        found: list[Mandate] = []
        for written in row["参加代表"] or ():
            mandate = self.seats.mandate(written, station, row["日期"], "参加代表")
            if mandate not in found:
                found.append(mandate)
        return found

    # --- Writing ---

    def _write(self) -> None:
        by = self.run.by
        enter_all(self.new, by=by, note=NOTE)
        ours: dict[str, int] = {}
        for activity in self.new:
            if match := OURS.fullmatch(activity.number):
                series = f"activity:{match[1]}"
                ours[series] = max(ours.get(series, 0), int(match[2]))
        Series.objects.reach(ours)
        amend_all(self.changes, by=by, note=NOTE)
        for attendance in self.attendances:
            attendance.activity = attendance.activity
        enter_all(self.attendances, by=by, note=NOTE, deed="roster")
