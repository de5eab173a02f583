"""People who ask for a deputy: some in each state at the station of the demonstration, a few elsewhere."""

import random
import string
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from deputies.models import Mandate
from liaison.accounts.models import Post
from liaison.core.workdays import Workdays
from visits.appointments.booking import CONSENT, deputies_of
from visits.models import Activity, Applicant, Appointment, Category, Visit
from visits.workflow import AHEAD, ActivityState, AppointmentState

from . import names
from .congresses import Seats
from .network import Network, Town
from .record import Numbers, Trail, keep, moment
from .scenarios import Scenario

S, C = AppointmentState, Appointment.Channel
SUBJECTS = (
    ("物业", "物业公司要涨停车费，没开过业主大会，想请代表听听我们几户的意见。"),
    ("道路", "家门口的路挖开三个月没有恢复，老人出门摔过一次。"),
    ("供暖", "顶层三户去年冬天一直不热，今年想提前说清楚。"),
    ("养老", "想和代表说说社区日间照料中心什么时候能开。"),
    ("教育", "孩子在随迁子女学校上学，转学手续跑了几趟没办下来。"),
    ("停车", "小区东门晚上车堵住消防通道，想当面说。"),
    ("环境", "院墙外的垃圾点夏天味道大，几家人都想换个地方。"),
    ("医保社保", "父亲异地看病报销的事，窗口说法不一样。"),
    ("供水", "村里水压不够，二楼上不去水。"),
    ("其他", "想给代表提一条关于老街夜市的建议。"),
)
WISHES = ("工作日下午五点以后", "周六上午", "哪天上午都行", "下周一到周三", "晚上七点以后")
REASONS = (
    "您说的是正在法院审理的案件，代表不能过问。可以向受理法院反映。",
    "这位代表近期外出学习，两周以内安排不了。可以约本站其他代表，或接待日直接来。",
)


@dataclass(frozen=True)
class Wanted:
    """One appointment to be made: what it came to, how many days ago it was asked, and for when."""

    state: str
    ago: int
    mandate: Mandate | None
    channel: str = C.WEB
    activity: Activity | None = None
    day: date | None = None
    at: time | None = None
    visit: Visit | None = None


def build(
    rng: random.Random,
    scenario: Scenario,
    network: Network,
    seats: Seats,
    officer: Post,
    *,
    today: date,
    numbers: Numbers,
    trail: Trail,
) -> None:
    """`officer` keeps the station of the demonstration; its deputy account is the first of those on duty."""
    maker = Maker(rng, today, numbers, trail)
    for town in network.towns:
        if town.area.code == scenario.account_station:
            maker.make(town, officer, list(_one_of_each(town, seats, today)))
        elif rng.random() < 0.35:
            maker.make(town, network.officer(town.station), list(_some(rng, town, today)))
    maker.keep()


def _one_of_each(town: Town, seats: Seats, today: date) -> Iterator[Wanted]:
    mine, colleague = seats.on_duty[0], seats.on_duty[1]
    days = Activity.objects.receptions().filter(station=town.station)
    now = days.filter(day=today, state=ActivityState.OPEN).first()
    ahead = days.filter(day__gt=today, state__in=AHEAD).order_by("day", "pk").first()
    visits = Visit.objects.counted().filter(station=town.station, day__lt=today, received_by__isnull=False)
    visit = visits.order_by("-day", "-pk").first()
    yield Wanted(S.ASKED, 1, mine)
    yield Wanted(S.ASKED, 9, None, C.PHONE)
    yield Wanted(S.PROPOSED, 3, mine, day=today + timedelta(days=4), at=time(15, 30))
    yield Wanted(S.CONFIRMED, 4, colleague, C.ONSITE, day=today + timedelta(days=1), at=time(10))
    if now:
        yield Wanted(S.CONFIRMED, 5, mine, activity=now, day=today, at=time(11))
        yield Wanted(S.MISSED, 6, colleague, C.PHONE, activity=now, day=today, at=time(9))
    if ahead:
        yield Wanted(S.CONFIRMED, 2, mine, activity=ahead, day=ahead.day, at=ahead.starts_at)
    yield Wanted(S.DECLINED, 7, colleague)
    yield Wanted(S.WITHDRAWN, 5, mine, C.PHONE)
    if visit:
        ago = (today - visit.day).days + 5
        yield Wanted(
            S.HELD, ago, visit.received_by, activity=visit.activity, day=visit.day, at=visit.at, visit=visit
        )


def _some(rng: random.Random, town: Town, today: date) -> Iterator[Wanted]:
    serving = list(deputies_of([town.station], today))
    if not serving:
        return
    yield Wanted(S.ASKED, rng.randint(0, 2), rng.choice([None, *serving]))
    day = today + timedelta(days=rng.randint(2, 6))
    yield Wanted(
        S.CONFIRMED, rng.randint(1, 5), rng.choice(serving), C.PHONE, day=day, at=time(rng.randint(9, 16))
    )
    if rng.random() < 0.5:
        yield Wanted(S.DECLINED, rng.randint(4, 20), rng.choice(serving))


class Maker:
    def __init__(self, rng: random.Random, today: date, numbers: Numbers, trail: Trail) -> None:
        self.rng, self.today, self.numbers, self.trail = rng, today, numbers, trail
        self.workdays = Workdays.around(today)
        self.categories = {category.name: category for category in Category.objects.top()}
        self.rows: list[tuple[Appointment, Post, datetime]] = []
        self.people: list[Applicant] = []

    def make(self, town: Town, officer: Post, wanted: list[Wanted]) -> None:
        for want in wanted:
            self.rows.append((self._row(town, want), officer, self._asked_at(want)))

    def _asked_at(self, want: Wanted) -> datetime:
        return moment(self.today - timedelta(days=want.ago), time(8, 20))

    def _row(self, town: Town, want: Wanted) -> Appointment:
        category, subject = self.rng.choice(SUBJECTS)
        asked = self._asked_at(want)
        row = Appointment(
            station=town.station,
            area_id=town.station.area_id,
            area_path=town.station.area_path,
            mandate=want.mandate,
            activity=want.activity,
            day=want.day,
            at=want.at,
            wish="" if want.activity else self.rng.choice(WISHES),
            subject=want.visit.text if want.visit else subject,
            category=want.visit.category if want.visit else self.categories.get(category),
            channel=want.channel,
            state=want.state,
            answer_by=self.workdays.add(asked.date(), 3).day,
            visit=want.visit,
            seed="".join(self.rng.choices(string.ascii_letters + string.digits, k=43)),
            created_at=asked,
        )
        row.seal()
        match want.state:
            case S.PROPOSED:
                row.note_to_person = "您要的那天代表在外地开会，改在这天可以吗。"
            case S.DECLINED:
                row.note_to_person, row.phoned_at = self.rng.choice(REASONS), asked + timedelta(days=1)
            case S.MISSED:
                row.missed_by = Appointment.MissedBy.PERSON
            case S.HELD:
                row.phoned_at = asked + timedelta(days=1)
        who = names.citizen(self.rng, on=asked.date())
        if not want.visit:
            self.people.append(
                Applicant(
                    appointment=row, name=who.name, phone=who.phone, consent=CONSENT, consented_at=asked
                )
            )
        elif person := want.visit.person():
            self.people.append(
                Applicant(
                    appointment=row,
                    name=person.name,
                    phone=person.phone or who.phone,
                    consent=CONSENT,
                    consented_at=asked,
                )
            )
        return row

    def keep(self) -> None:
        """In the order in which they were asked: so run the numbers."""
        self.rows.sort(key=lambda made: made[2])
        for row, _, asked in self.rows:
            row.number = f"YY{asked:%Y}-{self.numbers.next(f'appointment:{asked:%Y}'):05d}"
        keep(row for row, _, _ in self.rows)
        for person in self.people:
            person.appointment_id = person.appointment.pk
        keep(self.people)
        for row, officer, asked in self.rows:
            by = None if row.channel == C.WEB else officer
            self.trail.add(row, "enter", by=by, at=asked, after=S.ASKED)
            for number, (deed, before, after) in enumerate(_way(row.state), 1):
                at = min(asked + timedelta(days=number, hours=2), moment(self.today, time(8, 50)))
                note = row.note_to_person if deed == "decline" else ""
                self.trail.add(row, deed, by=officer, at=at, before=before, after=after, note=note)


def _way(state: str) -> list[tuple[str, str, str]]:
    """The steps that led to a state: step, from, to."""
    confirmed = ("confirm", S.ASKED, S.CONFIRMED)
    ways: dict[str, list[tuple[str, str, str]]] = {
        S.PROPOSED: [("propose", S.ASKED, S.PROPOSED)],
        S.CONFIRMED: [confirmed],
        S.DECLINED: [("decline", S.ASKED, S.DECLINED)],
        S.WITHDRAWN: [("withdraw", S.ASKED, S.WITHDRAWN)],
        S.HELD: [confirmed, ("hold", S.CONFIRMED, S.HELD)],
        S.MISSED: [confirmed, ("miss", S.CONFIRMED, S.MISSED)],
    }
    return ways.get(state, [])
