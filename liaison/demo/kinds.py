"""What the demonstration's activities beside receptions tell of themselves, and the latest of them at its station."""

import random
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

from deputies.models import DeputyGroup
from liaison.accounts.models import Post
from visits.models import Activity, Attendance, Invitation

from .congresses import Seats
from .network import Town
from .record import Numbers, Trail, keep, moment

K, S, P = Activity.Kind, Activity.State, Attendance.State

# fmt: off
UNITS = (
    "社区日间照料中心\n社区食堂", "供热公司换热站\n老旧小区居民家中", "水利站\n集中供水点", "农民专业合作社\n黄花加工厂",
    "校外托管机构三家\n市场监管所", "政务服务大厅\n两家民营企业",
)
FINDINGS = (
    "总体运行正常，个别点位管理不到位，建议限期整改。", "资金到位慢，建议按季度拨付。", "制度上墙了，记录不全，建议补齐台账。",
    "群众知晓率不高，建议用广播和微信群多宣传。",
)
RESULTS = ("事项已办完，群众表示满意。", "已修好一半，天暖后继续，群众理解。", "政策已当面讲清，群众没有新的要求。")
TEACHERS = ("市委党校教师", "区人大法制工委负责人", "区人民法院法官", "市农科所技术员")
AUDIENCES = ("社区居民", "村民小组长和村民", "企业职工", "中学师生", "物业和商户")
WHOM = ("独居老人和残疾人家庭", "沿街商户", "脱贫户", "小区居民", "外来务工家庭")
PARTNERS = ("街道办事处\n派出所\n社区居委会", "供热公司\n物业公司\n业主代表", "镇政府\n水利站\n村委会")
AGREED = ("一周内排出整改清单，月底前由社区公布进度。", "由街道牵头，两周后再碰头。")
RECENT = (
    # days ago, kind, theme, people
    (52, K.PUBLICITY, "民法典进社区宣讲", 46), (45, K.TRAINING, "新修改的代表法学习", 4), (38, K.RESEARCH, "社区养老服务调研", 0),
    (30, K.INSPECTION, "视察老旧小区改造", 0), (23, K.FORUM, "冬季供暖恳谈会", 21), (16, K.DOOR, "给行动不便老人送服务", 9),
    (9, K.RETURN_VISIT, "回访供暖诉求办理情况", 6), (5, K.LEGISLATION, "物业管理条例修订草案征求意见", 15),
    (-6, K.SUPERVISION, "食品安全主题监督", 0), (-9, K.RESEARCH, "小区停车难调研", 0),
)
# fmt: on


def fill(activity: Activity, rng: random.Random) -> None:
    """Details, days and plan of one activity, as its kind asks."""
    over = activity.state == S.CLOSED
    activity.planned_deputies = rng.randint(3, 8)
    if activity.asks.people:
        activity.planned_headcount = max(5, round(activity.headcount, -1))
    if activity.asks.days:
        activity.planned_days = rng.choice((Decimal("0.5"), Decimal("1"), Decimal("1.5")))
        activity.days = activity.planned_days if over else None
    activity.details = {
        detail.name: value
        for detail in activity.asks.details
        if (over or not detail.afterwards) and (value := _value(detail.name, rng)) is not None
    }
    if over:
        activity.minutes = rng.choice(AGREED if activity.kind == K.FORUM else FINDINGS)
        activity.minutes_by = "联络员"


def _value(name: str, rng: random.Random) -> Any:
    words = {
        "units": UNITS, "findings": FINDINGS, "report": FINDINGS, "result": RESULTS, "teacher": TEACHERS,
        "audience": AUDIENCES, "whom": WHOM, "partners": PARTNERS, "agreed": AGREED,
    }  # fmt: skip
    match name:
        case "households" | "opinions":
            return rng.randint(4, 18)
        case "hours":
            return rng.choice((2, 3, 4, 6))
        case "participants":
            return "DEPUTIES"
        case "forms":
            return rng.sample(("MEETING", "HOUSEHOLD", "BROADCAST", "STALL", "MATERIALS"), 2)
        case _:
            return rng.choice(words[name])


def recent(
    town: Town,
    seats: Seats,
    *,
    today: date,
    officer: Post,
    numbers: Numbers,
    trail: Trail,
    rng: random.Random,
) -> None:
    """The last two months at one station, and what is planned there; one survey is addressed to the deputy group."""
    made, there = [], list({seat.deputy_id: seat for seat in seats.at(town)}.values())
    group = DeputyGroup.objects.filter(area=town.area).order_by("pk").first()
    attendances = []
    for ago, kind, theme, people in RECENT:
        day = today - timedelta(days=ago)
        entered = moment(day - timedelta(days=8), time(10, 20))
        activity = Activity(
            number=f"HD{day:%Y}-{numbers.next(f'activity:{day:%Y}'):05d}",
            kind=kind, station=town.station, area_id=town.station.area_id, area_path=town.station.area_path, theme=theme,
            day=day, starts_at=time(14, 30), ends_at=time(17), headcount=people, created_at=entered,
            announce_by=day - timedelta(days=3), state=S.CLOSED if ago > 0 else S.PLANNED,
            closed_at=moment(day, time(17, 20)) if ago > 0 else None,
        )  # fmt: skip
        fill(activity, rng)
        made.append(activity)
        present = P.PRESENT if ago > 0 else P.ROSTERED
        for mandate in rng.sample(there, min(len(there), 4)):
            row = Attendance(activity=activity, mandate=mandate, state=present, created_at=entered)
            if ago > 0:
                row.how, row.arrived_at = Attendance.How.STAFF, moment(day, time(14, 25))
            attendances.append(row)
    keep(made)
    keep(attendances)
    if group is not None:
        Invitation.objects.create(activity=made[-1], group=group)
    for activity in made:
        trail.add(activity, "enter", by=officer, at=activity.created_at, after=S.PLANNED)
        if activity.closed_at:
            trail.add(activity, "close", by=officer, at=activity.closed_at, before=S.PLANNED, after=S.CLOSED)
    for row in attendances:
        trail.add(row, "roster", by=officer, at=row.created_at, after=P.ROSTERED)


def debriefs() -> None:
    """Two of those present at each debrief reported to the voters."""
    came = Attendance.objects.present().filter(activity__kind=K.DEBRIEF).order_by("activity", "pk")
    reported: dict[int, list[int]] = {}
    for activity, mandate in came.values_list("activity", "mandate"):
        if len(reported.setdefault(activity, [])) < 2:
            reported[activity].append(mandate)
    link = Activity.reporting.through
    keep(link(activity_id=one, mandate_id=mandate) for one, them in reported.items() for mandate in them)
