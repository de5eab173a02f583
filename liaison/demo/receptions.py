"""What happens at the stations of a scenario: reception days by rule, who sat there, who came and what was said.

The history is fixed; the present is made around the day of loading, each part from a random series of its own, so that
the history stays the same whatever day it is loaded on.
"""

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from itertools import accumulate, groupby, product
from typing import NamedTuple

from deputies.models import Mandate
from liaison.accounts.models import Post
from liaison.core.workdays import Workdays
from stations.models import Station
from suggestions.models import Request
from visits.models import Activity, Attendance, Category, ReceptionRule, Visit, Visitor
from visits.workflow import ActivityState, AttendanceState

from . import kinds, names
from .congresses import Seats, colleagues
from .handling import Handling
from .network import Network, Town
from .record import Numbers, Trail, keep, moment
from .scenarios import Scenario, spread
from .statements import statement

K, S, P = Activity.Kind, ActivityState, AttendanceState
LEAD = timedelta(days=3)
AHEAD = 60  # days, as policy has it where nobody has set it otherwise
ROSTERED = 16  # days ahead for which the roster stands
ANNOUNCED = 9

# fmt: off
RECURRENCES = (
    ("FREQ=MONTHLY;BYMONTHDAY=11", 34), ("FREQ=MONTHLY;BYMONTHDAY=15", 12), ("FREQ=MONTHLY;BYMONTHDAY=20", 10),
    ("FREQ=MONTHLY;BYDAY=1FR", 14), ("FREQ=MONTHLY;BYDAY=2WE", 10), ("FREQ=MONTHLY;BYDAY=3TU", 8),
    ("FREQ=MONTHLY;BYMONTHDAY=5,25", 6), ("FREQ=WEEKLY;BYDAY=MO", 6),
)
HOURS = ((time(9), time(11, 30)), (time(8, 30), time(11, 30)), (time(9), time(12)), (time(14, 30), time(17, 30)))
THEMES = (
    "", "", "", "冬季供暖", "老旧小区改造", "农村饮水安全", "医保参保缴费", "高标准农田建设", "居家养老", "校园周边环境", "村庄清洁",
    "停车难", "春耕备耕", "物业管理", "就业和拖欠工资", "基层医疗", "道路通行安全",
)
# by category: weight in town, in the country, and in the months of heating
WEIGHTS = {
    "供暖": (8, 3, 4.0), "物业": (13, 1, 1), "道路": (9, 11, 1), "停车": (9, 1, 1), "环境": (8, 7, 1), "土地": (2, 14, 1),
    "医保社保": (8, 10, 1), "教育": (6, 4, 1), "供水": (4, 8, 1), "供电": (3, 4, 1), "燃气": (3, 1, 1.5), "就业": (5, 4, 1),
    "养老": (5, 5, 1), "医疗": (4, 4, 1), "住房": (5, 3, 1), "公交": (4, 3, 1), "治安": (3, 1, 1), "噪音": (5, 1, 1),
    "垃圾": (4, 4, 1), "农业": (0, 9, 0.6), "水利": (0, 6, 0.6), "扶贫补助": (2, 7, 1), "文化体育": (3, 3, 1), "其他": (4, 4, 1),
}
SUMS = {  # of these weights up to each category, in town or country, in the cold or not
    (rural, cold): list(accumulate(row[rural] * (row[2] if cold else 1) for row in WEIGHTS.values()))
    for rural, cold in product((False, True), repeat=2)
}
COLD = (1, 2, 3, 10, 11, 12)
SHUT = date(2020, 1, 27), date(2020, 3, 31)  # the first weeks of the epidemic: hardly anything was held
SHUT_SHARE, SHUT_REASON = 0.97, "疫情防控需要，暂停现场接待，可打电话、写信反映"
EARLIER = {  # until this day a theme was not there yet; then people spoke of another
    "党的二十大精神宣讲": (date(2022, 10, 23), "党的十九大精神宣讲"),
    "民法典宣讲": (date(2020, 5, 29), "宪法宣讲"),
    "地方组织法宣讲": (date(2022, 3, 12), "选举法宣讲"),
}


class Kind(NamedTuple):
    """One kind of what deputies do beside receptions: how often in a quarter, in which months, about what, for how many."""

    kind: str
    chance: float
    months: tuple[int, ...] | None
    themes: str
    audience: tuple[int, int]


class Planned(NamedTuple):
    town: Town
    kind: Kind
    day: date


OTHER_KINDS = tuple(Kind(*row) for row in (
    (K.PUBLICITY, 0.5, None, "党的二十大精神宣讲 民法典宣讲 反诈宣讲 森林防火宣讲 医保政策宣讲 地方组织法宣讲", (15, 90)),
    (K.RESEARCH, 0.4, None, "农村饮水安全调研 特色种植调研 养老服务调研 营商环境调研 校外托管调研 黄花产业调研", (0, 0)),
    (K.TRAINING, 0.45, None, "代表法学习 监督法学习 履职能力培训 议案建议撰写培训 预算审查知识学习", (0, 0)),
    (K.VISIT, 0.4, None, "走访选民 走访困难群众 走访企业 走访高龄老人", (0, 0)),
    (K.DEBRIEF, 0.55, (9, 10), "代表向选民述职", (20, 70)),
    (K.SUPERVISION, 0.2, None, "食品安全监督 供热情况监督 物业管理监督 河道治理监督", (0, 0)),
    (K.INSPECTION, 0.15, None, "视察民生实事项目 视察重点工程 视察老旧小区改造", (0, 0)),
    (K.FORUM, 0.25, None, "民情恳谈会 代表联席会 邻里恳谈会", (8, 30)),
))
TODAY = (  # one morning at the station of the demonstration
    (time(9, 31), "杨树林", "停车", "建议利用闲置空地建临时停车场", 1, Visit.Outcome.NOTED),
    (time(9, 36), "高美玲", "医保社保", "门诊慢病卡年审材料不清楚", 2, Visit.Outcome.ON_SPOT),
    (time(9, 44), "刘永田", "土地", "宅基地确权证姓名登记有误", 2, Visit.Outcome.DISPATCH),
    (time(9, 55), "赵小红", "其他", "建议社区食堂增加周末供餐", 1, Visit.Outcome.NOTED),
    (time(10, 2), "陈保国", "道路", "人行道盲道被共享单车占用", 0, Visit.Outcome.DISPATCH),
    (time(10, 9), "郭秀珍", "供暖", "集中供热费退费标准咨询", 2, Visit.Outcome.ON_SPOT),
    (time(10, 15), "王建军", "环境", "楼下烧烤店油烟直排，夜间扰民", 0, Visit.Outcome.DISPATCH),
    (time(10, 21), "李春花", "物业", "电梯半年停运三次，要求公示维修基金使用情况", 1, Visit.Outcome.DISPATCH),
    (time(10, 26), "孙德福", "道路", "凌燕巷路肩破损，雨天积水老人易摔", 0, Visit.Outcome.DISPATCH),
    (time(10, 33), "马玉梅", "医保社保", "咨询异地就医备案办理流程", 2, Visit.Outcome.ON_SPOT),
    (time(10, 38), "韩志强", "停车", "小区东门夜间占道停车，消防通道被堵", 1, Visit.Outcome.DISPATCH),
    (time(10, 41), "周桂兰", "供暖", "3号楼二单元暖气片不热，室温14度，已报物业两次没人来", 0, Visit.Outcome.DISPATCH),
)
# fmt: on
NOT_HERE = (
    "属于法院正在审理的案件，请向受理法院反映。",
    "属于劳动争议，请到县劳动人事争议仲裁院申请仲裁。",
    "属于邻里民事纠纷，请先找社区人民调解委员会调解。",
    "不在本级职责内，请拨打12345由市热线转办。",
)
CANCELLED = (
    "大雪封路，改期另行通知",
    "会议室停电检修",
    "乡镇防汛值守，本次取消",
    "代表参加县人代会，本次取消",
)
LEAVE = ("外出就医", "出差", "参加人代会", "家中有事", "农忙抢收")


def _of_its_time(theme: str, day: date) -> str:
    """A theme, or what was told before there was anything to tell of it."""
    since, earlier = EARLIER.get(theme, (day, theme))
    return theme if day >= since else earlier


@dataclass
class Came:
    """One party that came: how many heads, and what becomes of it is drawn later."""

    activity: Activity | None
    town: Town
    station: Station
    day: date
    headcount: int


class Builder:
    def __init__(
        self,
        scenario: Scenario,
        network: Network,
        seats: Seats,
        *,
        today: date,
        officer: Post,
        offices: dict[str, Post],
        clerks: dict[int, Post],
        numbers: Numbers,
        trail: Trail,
    ) -> None:
        self.scenario = scenario
        self.network = network
        self.seats = seats
        self.today = today
        self.numbers = numbers
        self.trail = trail
        self.categories = {category.name: category for category in Category.objects.top()}
        self.turn = self._turns()
        self.towns = [town for town in network.towns if not town.county.opened_on]  # there in the history
        self.posts = dict(network.officers)
        self.own = next(town for town in network.towns if town.area.code == scenario.account_station)
        self.posts[self.own.station.pk] = officer
        self.own_is_asked = False
        self.rng = random.Random()
        self.telling = random.Random(f"{scenario.name} kinds")
        self.rules: list[tuple[Town, ReceptionRule]] = []
        self.activities: list[Activity] = []
        self.attendances: list[Attendance] = []
        self.visits: list[Visit] = []
        self.visitors: list[Visitor] = []
        self.requests: list[Request] = []
        self.handling = Handling(scenario, seats, offices, clerks, self._officer, today=today, trail=trail)

    def build(self) -> None:
        self._series("rules")
        self._make_rules()
        self._series("history")
        self._history()
        self._series("present")
        self._present()
        kinds.recent(
            self.own, self.seats, today=self.today, officer=self.posts[self.own.station.pk], numbers=self.numbers,
            trail=self.trail, rng=self.telling,
        )  # fmt: skip
        kinds.debriefs()
        self.numbers.keep()

    def _series(self, name: str) -> None:
        self.rng = random.Random(f"{self.scenario.name} {name}")

    def _officer(self, station: Station) -> Post:
        return self.posts[station.parent_id if station.parent_id in self.posts else station.pk]

    # --- Rules ---

    def _make_rules(self) -> None:
        """Every station has a rule, and some points."""
        words, weights = zip(*RECURRENCES, strict=True)
        for town in self.network.towns:
            for station in town.sites:
                is_point = station.kind == Station.Kind.POINT
                if station.kind != Station.Kind.STATION and not (
                    is_point and self.rng.random() < self.scenario.points_with_rule
                ):
                    continue
                starts_at, ends_at = self.rng.choice(HOURS)
                rule = ReceptionRule(
                    station=station,
                    recurrence="FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=18"
                    if is_point
                    else self.rng.choices(words, weights)[0],
                    first_on=max(self.scenario.begun, station.opened_on),
                    starts_at=starts_at,
                    ends_at=ends_at,
                    holiday=self.rng.choices(("NEXT_WORKDAY", "WEEK_LATER", "SKIP"), (8, 1, 1))[0],
                    created_at=moment(max(self.scenario.begun, station.opened_on)),
                )
                if station is self.own.station:
                    rule.recurrence, rule.starts_at, rule.ends_at = (
                        "FREQ=MONTHLY;BYMONTHDAY=11",
                        time(9),
                        time(11, 30),
                    )
                self.rules.append((town, rule))
        keep(rule for _, rule in self.rules)
        for _, rule in self.rules:
            self.trail.add(rule, "enter", by=self._officer(rule.station), at=rule.created_at)

    def _days(self, first: date, last: date) -> Iterator[tuple[Town, Activity]]:
        """The days that the rules give, as planning makes them, in the order of time."""
        workdays = Workdays.around(first, days=200)
        found = [
            (occurrence.day, town, rule, occurrence)
            for town, rule in self.rules
            for occurrence in rule.occurrences(first, last, workdays)
            if first <= occurrence.day <= last
        ]
        seen: set[tuple[int, date]] = set()
        for day, town, rule, occurrence in sorted(
            found, key=lambda row: (row[0], row[1].area.code, row[2].pk)
        ):
            if (rule.station_id, day) in seen:
                continue
            seen.add((rule.station_id, day))
            activity = self._activity(
                rule.station, day, rule.starts_at, rule.ends_at, self.rng.choice(THEMES)
            )
            activity.rule, activity.rule_on, activity.reason = rule, occurrence.nominal, occurrence.reason
            yield town, activity

    def _activity(
        self, station: Station, day: date, starts_at: time, ends_at: time, theme: str, kind: str = K.RECEPTION
    ) -> Activity:
        activity = Activity(
            number=f"HD{day:%Y}-{self.numbers.next(f'activity:{day:%Y}'):05d}",
            kind=kind,
            station=station,
            area_id=station.area_id,
            area_path=station.area_path,
            theme=theme,
            day=day,
            starts_at=starts_at,
            ends_at=ends_at,
            announce_by=day - LEAD,
            created_at=moment(day - timedelta(days=AHEAD), time(1, 10)),
        )
        self.activities.append(activity)
        return activity

    # --- The history ---

    def _history(self) -> None:
        first, last = self.scenario.history
        comers = self._comers()
        receptions = list(self._days(first, last))
        held = []
        for town, activity in receptions:
            closed_down = SHUT[0] <= activity.day <= SHUT[1]
            if self.rng.random() < (SHUT_SHARE if closed_down else 0.015):
                activity.state = S.CANCELLED
                activity.reason = SHUT_REASON if closed_down else self.rng.choice(CANCELLED)
            else:
                self._close(activity)
                held.append((town, activity))
        rosters = self._rosters(held)
        others = list(self._other_activities(self._what_else(first, last, len(held))))
        self._training()
        self._see_that_all_came(comers, held)
        self.turn = self._turns()
        came = self._allot(held, self.scenario.received)
        self._log(came, rosters, dispatched=self.scenario.requests)
        self._keep_activities()
        self._keep_attendances()
        self._audit_activities([activity for _, activity in receptions] + others)
        self.handling.history(self.requests)
        self._flush()

    def _turns(self) -> dict[int, Iterator[Mandate]]:
        """In each township its deputies in turn, those of the terms before as well."""
        return {town.area.pk: colleagues(self.seats.ever_at(town.area.pk)) for town in self.network.towns}

    def _comers(self) -> dict[int, list[Mandate]]:
        """Where the scenario says how many deputies came: who they are, by the area of their township."""
        if not self.scenario.present:
            return {}
        seats = [self.seats.at(town) for town in self.towns]
        shares = spread(self.scenario.present, [len(there) for there in seats])
        comers = {
            town.area.pk: self.rng.sample(there, share)
            for town, there, share in zip(self.towns, seats, shares, strict=True)
        }
        self.turn |= {area: colleagues(mandates) for area, mandates in comers.items()}
        return comers

    def _see_that_all_came(
        self, comers: dict[int, list[Mandate]], held: Sequence[tuple[Town, Activity]]
    ) -> None:
        """Whoever is among those who came, came at least once: on the last day for which one was asked."""
        came = {seat.mandate.pk for seat in self.attendances if seat.state == P.PRESENT}
        asked = {seat.mandate.pk: seat for seat in self.attendances if seat.state in (P.LEAVE, P.ABSENT)}
        for area, mandates in comers.items():
            for mandate in mandates:
                if mandate.pk in came:
                    continue
                seat = asked.get(mandate.pk)
                if seat is None:
                    activity = next(one for town, one in reversed(held) if town.area.pk == area)
                    self._attend(activity, mandate, P.PRESENT)
                else:
                    seat.state, seat.how, seat.leave_reason = P.PRESENT, Attendance.How.STAFF, ""
                    seat.arrived_at = moment(seat.activity.day, seat.activity.starts_at)

    def _close(self, activity: Activity) -> None:
        day = activity.day
        if self.rng.random() < 0.93:
            activity.announced_on = activity.announce_by - timedelta(
                days=self.rng.choice((0, 0, 1, 1, 2, 3, 4, 6))
            )
        elif self.rng.random() < 0.8:
            activity.announced_on = activity.announce_by + timedelta(days=self.rng.choice((1, 1, 2)))
        activity.state = S.CLOSED
        activity.opened_at = moment(day, activity.starts_at) - timedelta(minutes=self.rng.randint(2, 20))
        late = 0 if self.rng.random() < 0.93 else self.rng.randint(1, 2)
        activity.closed_at = moment(day + timedelta(days=late), activity.ends_at) + timedelta(
            minutes=self.rng.randint(3, 50)
        )

    def _what_else(self, first: date, last: date, held: int) -> Iterable[Planned]:
        """What else deputies do from a station; where the total is published, as many as the receptions leave of it."""
        found = self._planned(first, last)
        if not self.scenario.activities:
            return found
        open_days = [
            one for one in found if not SHUT[0] <= one.day <= SHUT[1] or self.rng.random() > SHUT_SHARE
        ]
        missing = self.scenario.activities - held - bool(self.scenario.training)
        return sorted(self.rng.sample(open_days, missing), key=lambda one: (one.day, one.town.area.code))

    def _planned(self, first: date, last: date) -> Iterator[Planned]:
        months = [(year, month) for year in range(first.year, last.year + 1) for month in range(1, 13)]
        within = [one for one in months if (first.year, first.month) <= one <= (last.year, last.month)]
        quarters = [
            list(quarter) for _, quarter in groupby(within, key=lambda one: (one[0], (one[1] - 1) // 3))
        ]
        for town in self.towns:
            for quarter in quarters:
                for kind in OTHER_KINDS:
                    fitting = [one for one in quarter if not kind.months or one[1] in kind.months]
                    if self.rng.random() > kind.chance * len(quarter) / 3 or not fitting:
                        continue
                    year, month = self.rng.choice(fitting)
                    day = date(year, month, self.rng.randint(2, 28))
                    if day <= last:
                        yield Planned(town, kind, day)

    def _other_activities(self, planned: Iterable[Planned]) -> Iterator[Activity]:
        """Trainings, research, publicity and the like, closed."""
        for one in planned:
            starts_at, ends_at = self.rng.choice(HOURS)
            theme = self.scenario.local(_of_its_time(self.rng.choice(one.kind.themes.split()), one.day))
            activity = self._activity(one.town.station, one.day, starts_at, ends_at, theme, one.kind.kind)
            activity.created_at = moment(one.day - timedelta(days=self.rng.randint(3, 12)), time(10, 20))
            activity.headcount = self.rng.randint(*one.kind.audience)
            self._close(activity)
            kinds.fill(activity, self.telling)
            self._sit(activity, one.town, self.rng.randint(3, 8))
            yield activity

    def _training(self) -> None:
        """New deputies are trained together, once, at the city's home."""
        if not self.scenario.training:
            return
        activity = self._activity(
            self.network.homes[0], date(2023, 4, 19), time(9), time(17, 30), "新任代表履职学习班", K.TRAINING
        )
        self._close(activity)
        kinds.fill(activity, self.telling)
        activity.details["participants"], activity.planned_deputies = "NEW", self.scenario.training
        pool = [
            seat
            for town in self.network.towns
            for seat in self.seats.at(town)
            if seat.from_on <= date(2022, 12, 31)
        ]
        persons = {mandate.deputy_id: mandate for mandate in pool}
        for mandate in self.rng.sample(list(persons.values()), self.scenario.training):
            self._attend(activity, mandate, P.PRESENT)

    # --- The roster ---

    def _rosters(self, held: Sequence[tuple[Town, Activity]]) -> dict[int, list[Mandate]]:
        """Who sat when; by activity, those who were there to receive people."""
        return {
            id(activity): self._sit(activity, town, self.rng.choice((2, 2, 3, 3, 4)))
            for town, activity in held
        }

    def _sit(self, activity: Activity, town: Town, size: int) -> list[Mandate]:
        """A roster of a day that is over. Somebody always came."""
        present: list[Mandate] = []
        expected = self._next(town, activity.day, size)
        taken = {mandate.deputy_id for mandate in expected}
        for mandate in expected:
            lot = self.rng.random()
            if lot < 0.86 or not present:
                self._attend(activity, mandate, P.PRESENT)
                present.append(mandate)
            elif lot < 0.93:
                self._attend(activity, mandate, P.LEAVE, leave_reason=self.rng.choice(LEAVE))
            elif lot < 0.96:
                self._attend(activity, mandate, P.ABSENT)
            else:
                others = [seat for seat in self._next(town, activity.day, 3) if seat.deputy_id not in taken]
                if not others:
                    self._attend(activity, mandate, P.ABSENT)
                    continue
                place = self._attend(activity, mandate, P.SUBSTITUTED, leave_reason=self.rng.choice(LEAVE))
                place.stand_in = self._attend(activity, others[0], P.PRESENT)
                present.append(others[0])
                taken.add(others[0].deputy_id)
        return present

    def _next(self, town: Town, day: date, size: int) -> list[Mandate]:
        """The next ones in turn who hold their mandate on the day; a person with two mandates sits once."""
        chosen: dict[int, Mandate] = {}
        for _ in range(len(self.seats.ever_at(town.area.pk))):
            mandate = next(self.turn[town.area.pk])
            if not mandate.why_not_on(day):
                chosen.setdefault(mandate.deputy_id, mandate)
            if len(chosen) == size:
                break
        return list(chosen.values())

    def _attend(self, activity: Activity, mandate: Mandate, state: str, leave_reason: str = "") -> Attendance:
        came = state == P.PRESENT
        how = Attendance.How.QR if self.rng.random() < 0.3 else Attendance.How.STAFF
        attendance = Attendance(
            activity=activity,
            mandate=mandate,
            state=state,
            how=how if came else "",
            arrived_at=moment(activity.day, activity.starts_at) + timedelta(minutes=self.rng.randint(-15, 8))
            if came
            else None,
            leave_reason=leave_reason,
            created_at=moment(activity.day - timedelta(days=12), time(10)),
        )
        self.attendances.append(attendance)
        return attendance

    # --- Who came ---

    def _allot(self, held: Sequence[tuple[Town, Activity]], heads: int) -> list[Came]:
        """Share the people out over the days: some stations have many, some days have nobody."""
        drawing = {
            town.area.pk: self.rng.gammavariate(1.6, 1.0) * (0.8 if town.rural else 1.5)
            for town in self.towns
        }
        weights = [
            drawing[town.area.pk]
            * (0.5 if activity.station.kind == Station.Kind.POINT else 1)
            * self.rng.uniform(0.4, 1.6)
            for town, activity in held
        ]
        between = heads * 3 // 100  # by phone, letter and mailbox, on days without a reception
        drawn = Counter(self.rng.choices(range(len(held)), weights, k=heads - between))
        came = []
        for place in sorted(drawn):
            town, activity = held[place]
            came += [
                Came(activity, town, activity.station, activity.day, n) for n in self._parties(drawn[place])
            ]
        first, last = self.scenario.history
        days = [first + timedelta(days=n) for n in range((last - first).days)]
        for _ in range(between):
            town = self.rng.choice(self.towns)
            came.append(Came(None, town, town.station, self.rng.choice(days), 1))
        return sorted(came, key=lambda party: party.day)

    def _parties(self, heads: int) -> Iterator[int]:
        while heads:
            size = min(heads, self.rng.choices((1, 2, 3, 4, 5), (78, 13, 5, 2, 2))[0])
            heads -= size
            yield size

    def _log(self, came: Sequence[Came], present: dict[int, list[Mandate]], *, dispatched: int) -> None:
        sent = set(self.rng.sample(range(len(came)), min(dispatched, len(came))))
        parties = Counter(id(party.activity) for party in came)
        clock: Counter[int] = Counter()
        for place, party in enumerate(came):
            visit = self._visit(party, place in sent)
            if party.activity is not None:
                visit.received_by = self.rng.choice(present[id(party.activity)])
                clock[id(party.activity)] += 1
                start, end = (
                    moment(party.day, at) for at in (party.activity.starts_at, party.activity.ends_at)
                )
                share = (clock[id(party.activity)] - self.rng.uniform(0.2, 0.9)) / parties[id(party.activity)]
                visit.at = (start + (end - start) * share).time().replace(second=0, microsecond=0)
            self._enter(visit)
        wrong = self.rng.sample(came, len(came) // 700)  # entered twice by mistake, then voided: in no figure
        for party in wrong:
            visit = self._visit(party, dispatch=False)
            visit.voided_at = moment(party.day, time(18))
            self._enter(visit)

    def _visit(self, party: Came, dispatch: bool) -> Visit:
        rural = party.town.rural and self.rng.random() < 0.9
        sums = SUMS[party.town.rural, party.day.month in COLD]
        category = self.rng.choices(list(WEIGHTS), cum_weights=sums)[0]
        given = (
            {"village": party.station.name.partition("村")[0] + "村"} if "村" in party.station.name else {}
        )
        _, text = statement(self.rng, category, rural=rural, **given)
        outcome = (
            Visit.Outcome.DISPATCH
            if dispatch
            else self.rng.choices(
                (Visit.Outcome.ON_SPOT, Visit.Outcome.NOTED, Visit.Outcome.NOT_ACCEPTED), (64, 31, 5)
            )[0]
        )
        channel = Visit.Channel.VISIT
        if party.activity is None:
            channel = self.rng.choice((Visit.Channel.PHONE, Visit.Channel.LETTER, Visit.Channel.MAILBOX))
        return Visit(
            activity=party.activity,
            station=party.station,
            area_id=party.station.area_id,
            area_path=party.station.area_path,
            day=party.day,
            channel=channel,
            headcount=party.headcount,
            category=self.categories[category],
            text=text,
            outcome=outcome,
            reason=self.rng.choice(NOT_HERE) if outcome == Visit.Outcome.NOT_ACCEPTED else "",
            anonymous=self.rng.random() < 0.04,
            confidential=self.rng.random() < 0.01,
        )

    def _enter(self, visit: Visit, *, name: str = "", address: str = "") -> None:
        visit.serial = self.numbers.next(f"visit:{visit.station_id}:{visit.day:%Y%m%d}")
        visit.number = f"JD{visit.day:%Y%m%d}-{visit.serial:03d}"
        entered = moment(visit.day, visit.at or time(16, 30)) + timedelta(minutes=self.rng.randint(0, 3))
        if visit.day != self.today and self.rng.random() < 0.03:  # from a paper register
            entered += timedelta(days=self.rng.randint(1, 6))
        visit.created_at = min(entered, moment(self.today, time(23, 59)))
        self.visits.append(visit)
        if not visit.anonymous:
            citizen = names.citizen(self.rng, on=visit.day, rural="村" in visit.text)
            phone = citizen.phone if self.rng.random() < 0.85 else ""
            self.visitors.append(
                Visitor(
                    visit=visit, name=name or citizen.name, phone=phone, address=address or citizen.address
                )
            )
        if visit.outcome == Visit.Outcome.DISPATCH and visit.voided_at is None:
            self._register(visit)

    def _register(self, visit: Visit) -> None:
        """As the intake does: the first sentence is the title."""
        title = visit.text.split("\n")[0].split("。")[0][: Request.TITLE_LENGTH]
        self.requests.append(
            Request(
                number=f"{visit.day:%Y-%m%d}-{self.numbers.next(f'request:{visit.day:%Y%m%d}'):04d}",
                visit=visit,
                station=visit.station,
                area_id=visit.area_id,
                area_path=visit.area_path,
                channel=visit.channel,
                category=visit.category,
                title=title,
                text=visit.text,
                received_on=visit.day,
                confidential=visit.confidential,
                created_at=visit.created_at,
            )
        )

    # --- The present ---

    def _present(self) -> None:
        first = self._first_of_present()
        yesterday, last = self.today - timedelta(days=1), self.today + timedelta(days=AHEAD)
        days = list(self._days(first, last))
        own_today = [a for _, a in days if a.station is self.own.station and a.day == self.today]
        if not own_today:
            activity = self._activity(self.own.station, self.today, time(9), time(11, 30), "冬季供暖")
            days.append((self.own, activity))
            own_today = [activity]
        over = []
        for town, activity in days:
            if activity is own_today[0]:
                self._open_today(activity)
            elif activity.day <= yesterday:
                if self.rng.random() < 0.02:
                    activity.state, activity.reason = S.CANCELLED, self.rng.choice(CANCELLED)
                else:
                    self._close(activity)
                    over.append((town, activity))
            else:
                self._ahead(town, activity)
        forgotten = [a for _, a in over if a.day >= self.today - timedelta(days=6)][-2:]
        rosters = self._rosters(over)
        for activity in forgotten:
            activity.state, activity.opened_at, activity.closed_at = S.ANNOUNCED, None, None
            activity.announced_on = activity.announced_on or activity.announce_by
        for attendance in self.attendances:
            if attendance.activity in forgotten:
                attendance.state, attendance.how, attendance.arrived_at, attendance.stand_in = (
                    P.ROSTERED,
                    "",
                    None,
                    None,
                )
        came = [
            Came(activity, town, activity.station, activity.day, headcount)
            for town, activity in over
            if activity not in forgotten
            for headcount in self._parties(min(int(self.rng.gammavariate(1.4, 3.0)), 14))
        ]
        self._log(sorted(came, key=lambda party: party.day), rosters, dispatched=len(came) * 35 // 100)
        self._today_visits(own_today[0])
        self._keep_activities()
        self._keep_attendances()
        self._audit_activities([activity for _, activity in days])
        self.handling.present(self.requests)
        self._flush()

    def _first_of_present(self) -> date:
        month = self.today.replace(day=1)
        for _ in range(self.scenario.months_before):
            month = (month - timedelta(days=1)).replace(day=1)
        return max(month, self.scenario.history[1] + timedelta(days=1))

    def _ahead(self, town: Town, activity: Activity) -> None:
        left = (activity.day - self.today).days
        if left <= ANNOUNCED and self.rng.random() < 0.9:
            activity.state = S.ANNOUNCED
            activity.announced_on = min(
                activity.announce_by - timedelta(days=self.rng.choice((0, 1, 2))), self.today
            )
        asked = (
            self.seats.on_duty[:1] if activity.station is self.own.station and not self.own_is_asked else []
        )
        for mandate in asked:  # something for the account `deputy` to answer
            self._attend(activity, mandate, P.ROSTERED)
            self.own_is_asked = True
        if left <= ROSTERED or asked:
            others = self._next(town, activity.day, self.rng.choice((2, 3, 3)))
            for mandate in [other for other in others if other not in asked]:
                state = self.rng.choices((P.ROSTERED, P.CONFIRMED, P.LEAVE_ASKED), (30, 64, 6))[0]
                reason = self.rng.choice(LEAVE) if state == P.LEAVE_ASKED else ""
                self._attend(activity, mandate, state, reason)

    def _open_today(self, activity: Activity) -> None:
        activity.state = S.OPEN
        activity.announced_on = self.today - timedelta(days=5)
        activity.opened_at = moment(self.today, activity.starts_at) - timedelta(minutes=6)
        for mandate in self.seats.on_duty:
            self._attend(activity, mandate, P.PRESENT)

    def _today_visits(self, activity: Activity) -> None:
        for at, name, category, text, received_by, outcome in TODAY:
            visit = Visit(
                activity=activity, station=activity.station, area_id=activity.area_id, area_path=activity.area_path,
                day=self.today, at=at, category=self.categories[category], text=f"{text}。",
                received_by=self.seats.on_duty[received_by], outcome=outcome,
            )  # fmt: skip
            self._enter(
                visit, name=name, address=self.rng.choice(("火车站社区", "久安里", "铁路新村", "振华里"))
            )

    # --- Writing it down ---

    def _keep_activities(self) -> None:
        """Once it is known who came, of whom the minutes tell."""
        self._take_minutes()
        keep(self.activities)
        self.activities = []

    def _take_minutes(self) -> None:
        received, parties = Counter[int](), Counter[int]()
        for visit in self.visits:
            if visit.activity is not None and visit.voided_at is None:
                received[id(visit.activity)] += visit.headcount
                parties[id(visit.activity)] += 1
        for activity in self.activities:
            if activity.closed_at and activity.kind == K.RECEPTION:
                activity.minutes = (
                    f"接待群众{received[id(activity)]}人次，登记{parties[id(activity)]}件。"
                    if parties[id(activity)]
                    else "当天没有群众来访，代表学习了有关文件。"
                )

    def _keep_attendances(self) -> None:
        """Those who stand in first: whom they replace points to them."""
        replaced = [attendance for attendance in self.attendances if attendance.stand_in is not None]
        keep(attendance for attendance in self.attendances if attendance.stand_in is None)
        keep(replaced)
        self.attendances = []

    def _flush(self) -> None:
        keep(self.visits)
        keep(self.visitors)
        keep(self.requests)
        for visit in self.visits:
            by = self._officer(visit.station)
            self.trail.add(visit, "enter", by=by, at=visit.created_at)
            if visit.voided_at:
                self.trail.add(visit, "void", by=by, at=visit.voided_at, note="重复登记")
        for request in self.requests:
            by = self._officer(request.station)
            self.trail.add(request, "enter", by=by, at=request.created_at, after=Request.State.REGISTERED)
        self.handling.keep()
        self.visits, self.visitors, self.requests = [], [], []

    def _audit_activities(self, activities: Sequence[Activity]) -> None:
        for activity in activities:
            by = self._officer(activity.station)
            data = {"rule": activity.rule_id} if activity.rule_id else {}
            made_by = None if activity.rule_id else by
            self.trail.add(activity, "enter", by=made_by, at=activity.created_at, after=S.PLANNED, data=data)
            state: str = S.PLANNED
            if activity.announced_on:
                at = moment(activity.announced_on, time(9, 40))
                self.trail.add(activity, "announce", by=by, at=at, before=state, after=S.ANNOUNCED)
                state = S.ANNOUNCED
            if activity.opened_at:
                self.trail.add(activity, "begin", by=by, at=activity.opened_at, before=state, after=S.OPEN)
                state = S.OPEN
            if activity.closed_at:
                self.trail.add(activity, "close", by=by, at=activity.closed_at, before=state, after=S.CLOSED)
            if activity.state == S.CANCELLED:
                at = moment(activity.day - timedelta(days=1), time(17))
                self.trail.add(
                    activity, "cancel", by=by, at=at, before=state, after=S.CANCELLED, note=activity.reason
                )


def build(
    scenario: Scenario,
    network: Network,
    seats: Seats,
    *,
    today: date,
    officer: Post,
    offices: dict[str, Post],
    clerks: dict[int, Post],
    trail: Trail,
) -> None:
    """`offices`: who dispatches, by the path of the county, "" for the others; `clerks`: who acts for a department."""
    Builder(
        scenario, network, seats, today=today, officer=officer, offices=offices, clerks=clerks, numbers=Numbers(), trail=trail
    ).build()  # fmt: skip
