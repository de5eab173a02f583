"""Bulk data for measuring, of the sizes of model.md §9: skewed as life is, and made county by county.

Only one county's rows are in memory at a time, so the whole country is a matter of hours and of disk, not of memory.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from itertools import count
from time import perf_counter as clock

from django.db import connection, transaction

from deputies.models import (
    LETTERS,
    TOKEN_LENGTH,
    Congress,
    ContactLink,
    Deputy,
    FixedVoter,
    Level,
    Mandate,
    QrToken,
    StationAssignment,
    Term,
)
from deputies.pinyin import read
from liaison.accounts.areas import BUILTIN, load_areas, load_nation, read_areas
from liaison.accounts.models import Area, Post, Role, User
from liaison.core.policy import Policy
from liaison.core.workdays import Deadline, Workdays, load_years
from liaison.reports.tallies.keeping import count_everything
from stations.models import Station, StationStaff
from suggestions.models import Department, DepartmentStaff, Order, Rating, Request
from suggestions.workflow import OrderState, RequestState
from visits.management.commands.load_categories import load_categories
from visits.models import Activity, Attendance, Category, Notice, ReceptionRule, Visit, Visitor
from visits.models.notice import wording
from visits.workflow import ActivityState, AttendanceState

from . import answers, names
from .copying import Copier
from .departments import BUREAUS
from .record import Numbers, Trail, keep, moment
from .scenarios import spread
from .statements import statement

K = Station.Kind
OPENED = TERM_FROM = date(2014, 6, 1)  # long enough ago for ten years of records
VOTERS = 5  # fixed voters of a deputy who has any; one deputy in four has
NOBODY = 0.25  # share of sites at which nothing ever happens
DEPARTMENTS = BUREAUS[:8]  # of each county; the first has by far the most to do
BUSY = (45, 20, 12, 8, 6, 4, 3, 2)
SLOW = 0.1  # share of orders that take long, most of them over the last day
STUCK = 0.015  # share of requests that nobody answers …
GIVEN_UP = 400  # … until the office ends that after so many days
AT_ONCE = 5000  # requests that came by other ways, in memory at a time
WAYS = (Visit.Channel.PHONE, Visit.Channel.MAILBOX, Visit.Channel.WALK, Visit.Channel.LETTER)
OTHERWISE = (Visit.Outcome.ON_SPOT, Visit.Outcome.ON_SPOT, Visit.Outcome.NOTED)
CLOSES_AFTER = timedelta(minutes=20)
MODEL = "14"  # the province that is made row by row; the others are laid out like it
PROVINCES = (
    "11 北京 12 天津 13 河北 15 内蒙古 21 辽宁 22 吉林 23 黑龙江 31 上海 32 江苏 33 浙江 34 安徽 35 福建 36 江西 37 山东 "
    "41 河南 42 湖北 43 湖南 44 广东 45 广西 46 海南 50 重庆 51 四川 52 贵州 53 云南 54 西藏 61 陕西 62 甘肃 63 青海 "
    "64 宁夏 65 新疆"
).split()


@dataclass(frozen=True)
class Size:
    top: str  # the area whose office looks at it all
    deputies: int
    sites: int
    visits: int  # a year
    requests: int  # a year
    years: int
    heavy: int  # records of the busiest site …
    heavy_every: int  # … of which there is one in so many counties
    monthly: float = 1  # share of the sites that receive every month; the others do every second month
    roster: int = 3  # deputies on a day
    recent: int = 0  # names, notices and audit entries only of so many days back; 0: of all


# fmt: off
SIZES = {
    "county":   Size("140213", deputies=600,       sites=66,      visits=700,       requests=260,       years=5, heavy=1500, heavy_every=1),
    "city":     Size("1402",   deputies=7_600,     sites=522,     visits=7_000,     requests=2_600,     years=5, heavy=5000, heavy_every=10),
    "province": Size("14",     deputies=150_000,   sites=12_800,  visits=115_000,   requests=46_000,    years=5, heavy=5000, heavy_every=10),
    "nation":   Size("",       deputies=2_770_000, sites=280_000, visits=2_500_000, requests=1_000_000, years=10, heavy=5000, heavy_every=50,
                     monthly=0.2, roster=2, recent=180),
}
# fmt: on


@dataclass
class Busiest:
    """The site with the most records so far, for an account that looks at it."""

    station: Station | None = None
    mandate: Mandate | None = None
    department: Department | None = None  # of its county, with the most orders
    visits: int = 0


@dataclass
class Held:
    """A day of a site: who is on the roster, who keeps it, who came."""

    activity: Activity
    roster: list[Mandate]
    by: Post
    visits: list[Visit]


class Builder:
    """One county after another; what is kept between them is small: counters, categories, terms of higher congresses."""

    def __init__(self, size: Size, *, today: date, years: int, requests: int = 0) -> None:
        self.size = size
        self.today = today
        self.first = date(today.year - years, today.month, 1)
        self.recent = today - timedelta(days=size.recent) if size.recent else self.first
        self.months = years * 12
        self.years = years
        self.requests = requests
        self.made = 0  # requests of the county that is being made
        self.rng = random.Random("scale")
        self.numbers = Numbers()
        self.people = count(1)
        self.busiest = Busiest()
        self.terms: dict[tuple[str, str], Term] = {}
        self.categories = list(Category.objects.top().order_by("rank"))
        self.departments: list[Department] = []  # of the county that is being made
        self.orders: list[Order] = []
        self.ratings: list[Rating] = []
        self.workdays = Workdays(self.first, today)
        self._due: dict[tuple[date, int], Deadline] = {}

    def build(self, say: Callable[[str], None]) -> None:
        counties = Area.objects.filter(level=Area.Level.COUNTY, children__isnull=False)
        rows = list(counties.filter(path__startswith=self.size.top).distinct().order_by("path"))
        weights = [self.rng.uniform(0.5, 1.6) for _ in rows]
        heavy = [self.size.heavy if place % self.size.heavy_every == 0 else 0 for place in range(len(rows))]
        shares = zip(
            rows,
            spread(self.size.deputies, weights),
            spread(self.size.sites, weights),
            spread(max(self.size.visits * self.years - sum(heavy), 0), weights),
            heavy,
            spread(self.requests, weights),
            strict=True,
        )
        for place, (county, deputies, sites, visits, busy, requests) in enumerate(shares, 1):
            with transaction.atomic():
                self._county(county, deputies, sites, visits, busy, requests)
            if place % 10 == 0 or place == len(rows):
                say(f"{place}/{len(rows)} 个县，最近：{county.full_name}")
        self.numbers.keep()

    # --- One county ---

    def _county(self, county: Area, deputies: int, sites: int, visits: int, busy: int, requests: int) -> None:
        towns = list(Area.objects.filter(parent=county, active=True).order_by("path"))
        stations = self._stations(county, towns, sites)
        officers = self._officers(stations)
        seats = self._deputies(county, towns, stations, deputies)
        weights = [
            0.0 if self.rng.random() < NOBODY else min(self.rng.paretovariate(1.1), 60) for _ in stations
        ]
        weights[0] = weights[0] or 1.0
        shares = spread(visits, weights)
        shares[0] += busy
        self.departments = keep(
            Department(
                area=county, area_path=county.path, name=f"{county.name}{bureau}", created_at=moment(OPENED)
            )
            for bureau in DEPARTMENTS
        )
        trail = Trail(since=moment(self.recent))
        held = [
            day
            for station, share, weight in zip(stations, shares, weights, strict=True)
            if weight
            for day in self._work(
                station, seats.get(station.pk, []), share, officers[station.parent_id or station.pk]
            )
        ]
        self._keep(held, trail)
        trail.keep()
        self._by_other_ways(requests - self.made, stations, weights, seats, officers)
        self.made = 0
        self.numbers.keep("visit:")  # the series of these stations; nobody else counts on them
        if shares[0] > self.busiest.visits and seats.get(stations[0].pk):
            self.busiest = Busiest(stations[0], seats[stations[0].pk][0], self.departments[0], shares[0])

    def _stations(self, county: Area, towns: Sequence[Area], sites: int) -> list[Station]:
        """A station for each township as far as they go, then points below them. The first will be the busiest."""
        heads: list[Station] = []
        points: list[Station] = []
        for number in range(sites):
            town = towns[number % len(towns)]
            is_head = number < len(towns)
            kind = K.STATION if is_head else self.rng.choices((K.POINT, K.MICRO, K.MAILBOX), (80, 8, 12))[0]
            station = Station(
                area=town,
                area_path=town.path,
                code=f"{county.path}-{number:04d}",
                kind=kind,
                name=f"{town.name}联络站"
                if is_head
                else f"{town.name}第{number // len(towns)}{Station.Kind(kind).label}",
                address=f"{town.name}{names.road(self.rng)}{self.rng.randint(1, 198)}号",
                opened_on=OPENED,
                created_at=moment(OPENED),
            )
            (heads if is_head else points).append(station)
        keep(heads)
        for number, station in enumerate(points):
            station.parent = heads[number % len(heads)]
        keep(points)
        keep(
            QrToken(
                token="".join(self.rng.choices(LETTERS, k=TOKEN_LENGTH)),
                station=station,
                created_at=moment(OPENED),
            )
            for station in heads + points
        )
        return heads + points

    def _officers(self, stations: Sequence[Station]) -> dict[int, Post]:
        heads = [station for station in stations if station.parent_id is None]
        users = keep(
            User(
                username=f"scale-{s.code}",
                name=names.personal_name(self.rng, names.FEMALE, 1985),
                password="!",
            )
            for s in heads
        )
        posts = keep(
            Post(user=user, role=Role.STATION, area=station.area, title="联络员", from_on=OPENED)
            for user, station in zip(users, heads, strict=True)
        )
        keep(
            StationStaff(post=post, station=station, position="OFFICER", from_on=OPENED)
            for post, station in zip(posts, heads, strict=True)
        )
        return {station.pk: post for post, station in zip(posts, heads, strict=True)}

    def _deputies(
        self, county: Area, towns: Sequence[Area], stations: Sequence[Station], total: int
    ) -> dict[int, list[Mandate]]:
        by_town: dict[int, list[Station]] = {}
        for station in stations:
            if station.kind in (K.STATION, K.POINT):
                by_town.setdefault(station.area_id, []).append(station)
        manned = [town for town in towns if town.pk in by_town]
        people, mandates, places = [], [], []
        for town, number in zip(manned, spread(total, [1.0] * len(manned)), strict=True):
            rural = town.name.endswith(("镇", "乡"))
            for _ in range(number):
                lot = self.rng.random()
                level = Level.CITY if lot < 0.06 else Level.TOWNSHIP if rural and lot < 0.7 else Level.COUNTY
                deputy = self._deputy({"CITY": "市", "COUNTY": "县", "TOWNSHIP": "乡"}[level])
                people.append(deputy)
                base = county if level == Level.CITY else town
                mandates.append(
                    Mandate(
                        deputy=deputy,
                        term=self._term(level, county, town),
                        level=level,
                        area=base,
                        area_path=base.path,
                        from_on=TERM_FROM,
                        created_at=moment(OPENED),
                    )
                )
                places.append(self.rng.choice(by_town[town.pk]))
        keep(people)
        keep(mandates)
        keep(
            StationAssignment(mandate=mandate, station=station, from_on=OPENED, created_at=moment(OPENED))
            for mandate, station in zip(mandates, places, strict=True)
        )
        self._voters(mandates[::4])
        seats: dict[int, list[Mandate]] = {}
        for mandate, station in zip(mandates, places, strict=True):
            seats.setdefault(station.pk, []).append(mandate)
        return seats

    def _voters(self, mandates: Sequence[Mandate]) -> None:
        links = keep(
            ContactLink(
                kind=ContactLink.Kind.VOTER,
                mandate=mandate,
                area_id=mandate.area_id,
                area_path=mandate.area_path,
                from_on=OPENED,
                created_at=moment(OPENED),
            )
            for mandate in mandates
            for _ in range(VOTERS)
        )
        citizens = ((link, names.citizen(self.rng, on=OPENED)) for link in links)
        keep(
            FixedVoter(link=link, name=who.name, phone=who.phone, address=who.address)
            for link, who in citizens
        )

    def _deputy(self, level: str) -> Deputy:
        who = names.deputy(self.rng, level=level, on=OPENED)
        pinyin, initials = read(who.name)
        return Deputy(
            name=who.name,
            sex="F" if who.sex == names.FEMALE else "M",
            ethnicity=who.ethnicity,
            birth=who.born_on,
            party=who.party,
            education=who.education,
            occupation=who.occupation,
            employer=who.employer,
            duty=who.duty,
            phone=who.phone,
            card_no=f"S{next(self.people):08d}",
            pinyin=pinyin,
            initials=initials,
            created_at=moment(OPENED),
        )

    def _term(self, level: Level, county: Area, town: Area) -> Term:
        parent = county.parent or county
        area = {Level.CITY: parent, Level.COUNTY: county, Level.TOWNSHIP: town}[level]
        key = (level, area.path)
        if key not in self.terms:
            name = f"{area.full_name}{'市级' if area == county and level == Level.CITY else ''}人民代表大会"
            congress = Congress.objects.create(area=area, level=level, name=name[-60:])
            term = Term.objects.create(congress=congress, number=1, from_on=TERM_FROM)
            if level != Level.CITY:
                self.terms = {
                    other: kept
                    for other, kept in self.terms.items()
                    if other[0] == Level.CITY or other[1][:6] == key[1][:6]
                }
            self.terms[key] = term
        return self.terms[key]

    # --- One site ---

    def _work(self, station: Station, seats: list[Mandate], visits: int, by: Post) -> list[Held]:
        every = 1 if self.size.monthly == 1 or self.rng.random() < self.size.monthly else 2
        on = self.rng.randint(1, 28)
        days = list(self._days(on))
        if every > 1:
            days = days[self.rng.randrange(every) :: every]
        rule = ReceptionRule(
            station=station,
            recurrence=f"FREQ=MONTHLY;INTERVAL={every};BYMONTHDAY={on}"
            if every > 1
            else f"FREQ=MONTHLY;BYMONTHDAY={on}",
            first_on=OPENED if every == 1 else days[0],
            starts_at=time(9),
            ends_at=time(11, 30),
        )
        keep([rule])
        activities = [self._activity(rule, day) for day in days]
        size = min(self.size.roster, len(seats))
        share = self.size.requests / self.size.visits
        return [
            Held(
                activity,
                [seats[(place * size + turn) % len(seats)] for turn in range(size)],
                by,
                [self._visit(activity, seats, share) for _ in range(number)],
            )
            for place, (activity, number) in enumerate(
                zip(activities, self._shares(visits, len(activities)), strict=True)
            )
        ]

    def _keep(self, held: list[Held], trail: Trail) -> None:
        """The days of a county with all that hangs on them, each kind of record at once."""
        keep(day.activity for day in held)
        keep(self._attendance(day.activity, mandate) for day in held for mandate in day.roster)
        keep(
            self._notice(day.activity, day.roster, day.by)
            for day in held
            if day.activity.announced_on and day.activity.day >= self.recent
        )
        rows = keep(visit for day in held for visit in day.visits)
        keep(self._visitor(visit) for visit in rows if visit.day >= self.recent)
        by = [day.by for day in held for _ in day.visits]
        raised = [
            (visit, who)
            for visit, who in zip(rows, by, strict=True)
            if visit.outcome == Visit.Outcome.DISPATCH
        ]
        requests = keep(self._request(visit) for visit, _ in raised)
        for visit, who in zip(rows, by, strict=True):
            trail.add(visit, "enter", by=who, at=visit.created_at)
        self._record(requests, [who for _, who in raised], trail)

    def _by_other_ways(
        self,
        number: int,
        stations: Sequence[Station],
        weights: Sequence[float],
        seats: dict[int, list[Mandate]],
        officers: dict[int, Post],
    ) -> None:
        """Requests that nobody came for: by telephone, letter, letter-box, on a walk; nobody is named."""
        trail = Trail(since=moment(self.recent))
        for begun in range(0, number, AT_ONCE):
            there = self.rng.choices(stations, weights, k=min(AT_ONCE, number - begun))
            requests = []
            for station in there:
                day = self.first + timedelta(days=self.rng.randrange((self.today - self.first).days + 1))
                category = self.rng.choice(self.categories)
                _, text = statement(self.rng, category.name)
                at = moment(day, time(self.rng.randint(8, 17), self.rng.randint(0, 59)))
                heard = Visit(
                    station=station, area_id=station.area_id, area_path=station.area_path, day=day, text=text,
                    category=category, channel=self.rng.choices(WAYS, (60, 15, 15, 10))[0], created_at=at,
                )  # fmt: skip
                request = self._registered(heard)
                request.visit = None
                if mandates := seats.get(station.pk):
                    request.follower = self.rng.choice(mandates)
                self._handle(request)
                requests.append(request)
            keep(requests)
            by = [officers[station.parent_id or station.pk] for station in there]
            self._record(requests, by, trail)
            trail.keep()

    def _shares(self, total: int, parts: int) -> list[int]:
        return spread(total, [self.rng.random() for _ in range(parts)])

    def _days(self, day: int) -> Iterator[date]:
        for number in range(self.months):
            month = self.first.month - 1 + number
            yield date(self.first.year + month // 12, month % 12 + 1, day)

    def _activity(self, rule: ReceptionRule, day: date) -> Activity:
        closed = day < self.today
        return Activity(
            number=f"HD{day:%Y}-{self.numbers.next(f'activity:{day:%Y}'):05d}",
            station=rule.station,
            area_id=rule.station.area_id,
            area_path=rule.station.area_path,
            day=day,
            starts_at=rule.starts_at,
            ends_at=rule.ends_at,
            state=ActivityState.CLOSED if closed else ActivityState.PLANNED,
            announce_by=day - timedelta(days=3),
            announced_on=day - timedelta(days=self.rng.choice((1, 3, 4, 5, 6))) if closed else None,
            told_day=day if closed else None,
            closed_at=moment(day, rule.ends_at) + CLOSES_AFTER if closed else None,
            rule=rule,
            rule_on=day,
            created_at=moment(day - timedelta(days=60), time(1, 10)),
        )

    def _attendance(self, activity: Activity, mandate: Mandate) -> Attendance:
        came = activity.state == ActivityState.CLOSED and self.rng.random() < 0.9
        return Attendance(
            activity=activity,
            mandate=mandate,
            state=AttendanceState.PRESENT
            if came
            else AttendanceState.ROSTERED
            if activity.day >= self.today
            else AttendanceState.ABSENT,
            how=Attendance.How.STAFF if came else "",
            arrived_at=moment(activity.day, activity.starts_at) if came else None,
            created_at=activity.created_at,
        )

    def _notice(self, activity: Activity, roster: Sequence[Mandate], by: Post) -> Notice:
        deputies = [mandate.deputy.name for mandate in roster]
        return Notice(
            activity=activity,
            kind=Notice.Kind.FIRST,
            on=activity.announced_on,
            announce_by=activity.announce_by,
            day=activity.day,
            starts_at=activity.starts_at,
            ends_at=activity.ends_at,
            theme=activity.theme,
            place=activity.where,
            deputies=deputies,
            text=wording(activity, Notice.Kind.FIRST, deputies),
            where=[Notice.Where.DOOR, Notice.Where.WEB],
            by=by,
            created_at=moment(activity.announced_on, time(9, 40)),
        )

    def _visit(self, activity: Activity, seats: list[Mandate], share: float) -> Visit:
        category = self.rng.choice(self.categories)
        _, text = statement(self.rng, category.name)
        serial = self.numbers.next(f"visit:{activity.station_id}:{activity.day:%Y%m%d}")
        outcome = Visit.Outcome.DISPATCH if self.rng.random() < share else self.rng.choice(OTHERWISE)
        return Visit(
            number=f"JD{activity.day:%Y%m%d}-{serial:03d}",
            serial=serial,
            activity=activity,
            station=activity.station,
            area_id=activity.area_id,
            area_path=activity.area_path,
            day=activity.day,
            at=time(9 + serial % 2, serial * 7 % 60),
            headcount=self.rng.choices((1, 2, 3, 5), (80, 13, 5, 2))[0],
            category=category,
            text=text,
            received_by=self.rng.choice(seats) if seats else None,
            outcome=outcome,
            created_at=moment(activity.day, time(11)),
        )

    def _visitor(self, visit: Visit) -> Visitor:
        citizen = names.citizen(self.rng, on=visit.day)
        return Visitor(visit=visit, name=citizen.name, phone=citizen.phone, address=citizen.address)

    def _record(self, requests: list[Request], registrars: list[Post], trail: Trail) -> None:
        """The orders and ratings of requests, and the record of their days."""
        keep(self.orders)
        keep(self.ratings)
        for order in self.orders:
            trail.add(order, "enter", by=None, at=order.created_at, after=OrderState.ISSUED)
        for request, by in zip(requests, registrars, strict=True):
            trail.add(request, "enter", by=by, at=request.created_at, after=RequestState.REGISTERED)
            for deed, on in (
                ("dispatch", request.dispatched_on),
                ("reply", request.replied_on),
                ("close", request.closed_on),
            ):
                if on is not None:
                    trail.add(request, deed, by=None, at=moment(on, time(15)))
        self.orders, self.ratings = [], []

    def _request(self, visit: Visit) -> Request:
        request = self._registered(visit)
        self._handle(request)
        return request

    def _handle(self, request: Request) -> None:
        """What has become of it by today: most of the old ones are closed, a few are stuck, the new ones are open."""
        lot = self.rng.random()
        if lot < 0.06:
            request.state = RequestState.ANSWERED_ON_SPOT if lot < 0.04 else RequestState.NOT_ACCEPTED
            request.closed_on = request.received_on
            return
        dispatched = request.received_on + timedelta(days=self.rng.randint(0, 3))
        if dispatched >= self.today:
            return
        request.dispatched_on = dispatched
        if request.visit is not None:
            request.follower = request.visit.received_by
        order = self._order(request)
        request.state, request.department, request.due_on = (
            RequestState.DISPATCHED,
            order.department,
            order.due_on,
        )
        accepted = dispatched + timedelta(days=self.rng.randint(0, 3))
        if accepted >= self.today:
            return
        request.accepted_on = order.accepted_on = accepted
        request.state, order.state = RequestState.HANDLING, OrderState.ACCEPTED
        if request.follower is not None and self.rng.random() < 0.7:
            followed = accepted + timedelta(days=self.rng.randint(0, 3))
            request.followed_on = followed if followed < self.today else None
        slow = self.rng.random() < SLOW
        replied = accepted + timedelta(days=self.rng.randint(18, 70) if slow else self.rng.randint(2, 17))
        stuck = self.rng.random() < STUCK and (self.today - dispatched).days < GIVEN_UP
        if replied >= self.today or stuck:
            return
        self._answered(request, order, replied)

    def _answered(self, request: Request, order: Order, on: date) -> None:
        request.replied_on = order.replied_on = on
        request.state, order.state = RequestState.REPLIED, OrderState.REPLIED
        order.answer_class = self.rng.choices("ABCD", (70, 14, 6, 10))[0]
        order.text = answers.reply(self.rng, order.answer_class, on, on)
        told = on + timedelta(days=self.rng.randint(0, 4))
        if told >= self.today:
            return
        request.fed_back_on, request.state = told, RequestState.FED_BACK
        rated = told + timedelta(days=self.rng.randint(1, 12))
        request.solved = Request.Solved.YES if order.answer_class == "A" else Request.Solved.PARTLY
        if rated < self.today and self.rng.random() < 0.7:
            request.rated_on, request.state = rated, RequestState.RATED
            attitude, result = answers.marks(self.rng, satisfied=self.rng.random() < 0.96)
            how = self.rng.choice(("", *Rating.How.values))
            self.ratings.append(
                Rating(
                    request=request, round=1, on=rated, attitude=attitude, result=result, solved=request.solved,
                    how=how, created_at=moment(rated),
                )
            )  # fmt: skip
        closed = rated + timedelta(days=0 if request.rated_on else 20)
        if closed < self.today:
            request.closed_on, request.state = closed, RequestState.CLOSED

    def _order(self, request: Request) -> Order:
        [department] = self.rng.choices(self.departments, BUSY)
        on, policy = request.dispatched_on, Policy()
        due = self._workdays_after(on, policy.reply_days)
        order = Order(
            number=f"{request.number}-1",
            request=request,
            area_id=request.area_id,
            area_path=request.area_path,
            department=department,
            share=Order.Share.LEAD,
            issued_on=on,
            accept_by=self._workdays_after(on, policy.accept_days).day,
            days=policy.reply_days,
            due_on=due.day,
            due_because=due.explanation,
            created_at=moment(on, time(15)),
        )
        self.orders.append(order)
        return order

    def _workdays_after(self, on: date, days: int) -> Deadline:
        if (on, days) not in self._due:
            self._due[on, days] = self.workdays.add(on, days)
        return self._due[on, days]

    def _registered(self, visit: Visit) -> Request:
        self.made += 1
        serial = self.numbers.next(f"request:{visit.day:%Y%m%d}")
        return Request(
            number=f"{visit.day:%Y-%m%d}-{serial:04d}",
            visit=visit,
            station=visit.station,
            area_id=visit.area_id,
            area_path=visit.area_path,
            channel=visit.channel,
            category=visit.category,
            title=visit.text.split("。")[0][: Request.TITLE_LENGTH],
            text=visit.text,
            received_on=visit.day,
            created_at=visit.created_at,
        )


def load(
    name: str,
    *,
    today: date,
    years: int | None,
    password: str,
    say: Callable[[str], None],
    requests: int = 0,
) -> list[User]:
    """Fill an empty database. A county is one transaction; after an interruption, begin with a new database.

    `requests` in all, if that is more than the visits of this size raise: the others came by other ways.
    """
    size = SIZES[name]
    years = years or size.years
    path, source = BUILTIN["shanxi"]
    rows = read_areas(path)
    load_areas(rows, source=source)
    load_years(range(today.year - years, today.year + 2))
    load_categories()
    if not size.top:
        return _nation(size, rows, today=today, years=years, requests=requests, password=password, say=say)
    builder = Builder(size, today=today, years=years, requests=requests)
    builder.build(say)
    count_everything()
    return _accounts(size, builder.busiest, password)


def _nation(
    size: Size,
    rows: Sequence[tuple[str, str]],
    *,
    today: date,
    years: int,
    requests: int,
    password: str,
    say: Callable[[str], None],
) -> list[User]:
    """One province row by row, the others copied from it by the database: hours otherwise."""
    say(f"{_other_provinces(rows)} 个省级区划")
    load_nation()
    every = len(PROVINCES) // 2 + 1
    share = {name: -(-getattr(size, name) // every) for name in ("deputies", "sites", "visits", "requests")}
    builder = Builder(
        replace(size, top=MODEL, **share), today=today, years=years, requests=-(-requests // every)
    )
    builder.build(say)
    others = list(zip(PROVINCES[::2], PROVINCES[1::2], strict=True))
    Copier(MODEL, others).copy(say)
    begun = clock()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    count_everything()
    say(f"月度统计数  {clock() - begun:.0f} 秒")
    return _accounts(size, builder.busiest, password)


def _other_provinces(rows: Sequence[tuple[str, str]]) -> int:
    """For a nation's worth of areas: each other province is laid out like Shanxi."""
    for code, name in zip(PROVINCES[::2], PROVINCES[1::2], strict=True):
        load_areas(
            [(code + old[2:], name if Area.path_of(old) == "14" else old_name) for old, old_name in rows],
            source="测量用",
        )
    return Area.objects.filter(level=Area.Level.PROVINCE).count()


@transaction.atomic
def _accounts(size: Size, busiest: Busiest, password: str) -> list[User]:
    """An office and an auditor of it all, the busiest station, a deputy who sits there, and its county's busiest department."""
    if busiest.station is None or busiest.mandate is None or busiest.department is None:
        return []
    top = Area.objects.get(path=size.top)
    town = busiest.station.area
    made = []
    for username, role, area in (
        ("office", Role.OFFICE, top),
        ("auditor", Role.AUDITOR, top),
        ("station", Role.STATION, town),
        ("deputy", Role.DEPUTY, town),
        ("admin", Role.ADMIN, top),
        ("unit", Role.UNIT, busiest.department.area),
    ):
        user = User.objects.create_user(
            username, None, name=busiest.mandate.deputy.name if role == Role.DEPUTY else username
        )
        user.change_password(password)
        post = Post.objects.create(user=user, role=role, area=area, from_on=OPENED)
        if role == Role.STATION:
            StationStaff.objects.create(post=post, station=busiest.station, position="HEAD", from_on=OPENED)
        if role == Role.DEPUTY:
            Deputy.objects.filter(pk=busiest.mandate.deputy_id).update(user=user)
        if role == Role.UNIT:
            DepartmentStaff.objects.create(post=post, department=busiest.department, from_on=OPENED)
        made.append(user)
    return made
