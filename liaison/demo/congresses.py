"""Congresses, terms and deputies of a scenario; every mandate is assigned to a station, a few have ended."""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from deputies.models import (
    Congress,
    Deputy,
    DeputyGroup,
    GroupMembership,
    Level,
    Mandate,
    StationAssignment,
    Term,
)
from deputies.pinyin import read
from liaison.accounts.models import Area
from stations.models import Station

from . import names
from .network import Network, Town
from .record import keep, moment
from .scenarios import County, Scenario, spread

TERMS = {
    Level.NATIONAL: (14, date(2023, 3, 5)),
    Level.PROVINCE: (14, date(2023, 1, 12)),
    Level.CITY: (16, date(2021, 9, 10)),
    Level.COUNTY: (18, date(2021, 6, 20)),
    Level.TOWNSHIP: (19, date(2021, 5, 28)),
}
BEFORE = {  # when the term before that one began
    Level.NATIONAL: date(2018, 3, 5),
    Level.PROVINCE: date(2018, 1, 25),
    Level.CITY: date(2016, 9, 10),
    Level.COUNTY: date(2016, 6, 20),
    Level.TOWNSHIP: date(2016, 5, 28),
}
RE_ELECTED = 0.42  # share of the deputies of the present terms who sat in the term before
LEFT_EARLY = 0.03  # share of the others who left before their term was over
PROFESSIONS = (
    "法制监察组", "财政经济组", "农业农村组", "教科文卫组", "城建环保组", "社会建设组", "民族宗教侨务外事组",
)  # fmt: skip
# Those on duty today at the station of the demonstration; invented like all others.
ON_DUTY = (
    ("张建国", "M", "居民委员会主任"),
    ("李秀英", "F", "社区卫生服务中心护士长"),
    ("赵明", "M", "热力公司抢修班长"),
)
HEAD = ("王丽", "F", "街道人大工委主任")

RURAL = ("农民", "村干部", "农民专业合作社负责人")  # not whom a sub-district sends
URBAN = ("社区工作者", "新就业形态劳动者")

ALSO = {
    Level.NATIONAL: 0.3,
    Level.PROVINCE: 0.3,
    Level.CITY: 0.15,
}  # share who are deputies of the county as well
COUNTY_AND_TOWN = 0.11
ELECTED_TO = {
    Level.TOWNSHIP: "乡", Level.COUNTY: "县", Level.CITY: "市", Level.PROVINCE: "省", Level.NATIONAL: "全国",
}  # fmt: skip
R = Mandate.EndReason
BY_ELECTED = 0.02
SITES_OF_DEPUTIES = (Station.Kind.STATION, Station.Kind.POINT)


@dataclass
class Seats:
    """The mandates of a scenario, by the township to whose sites they belong."""

    by_town: dict[int, list[Mandate]] = field(default_factory=dict)  # by the area of the town
    former: dict[int, list[Mandate]] = field(default_factory=dict)  # those of the terms before, likewise
    station: dict[int, Station] = field(default_factory=dict)  # by mandate
    head: list[Mandate] = field(default_factory=list)  # of the demonstration's station: one
    on_duty: list[Mandate] = field(default_factory=list)  # there today: three

    def at(self, town: Town) -> list[Mandate]:
        return self.by_town.get(town.area.pk, [])

    def ever_at(self, area_id: int) -> list[Mandate]:
        """Those of now and of the terms before, which have ended."""
        return [*self.by_town.get(area_id, []), *self.former.get(area_id, [])]

    def on(self, area_id: int, day: date) -> list[Mandate]:
        """Who may follow a case on a day."""
        return [mandate for mandate in self.ever_at(area_id) if not mandate.why_not_on(day)]


class Builder:
    def __init__(self, rng: random.Random, scenario: Scenario, network: Network) -> None:
        self.rng = rng
        self.scenario = scenario
        self.network = network
        self.city = Area.objects.get(code=scenario.city)
        self.province = self.city.parent
        self.terms: dict[tuple[str, int | None], Term] = {}
        self.deputies: list[Deputy] = []
        self.mandates: list[Mandate] = []
        self.placed: list[tuple[Mandate, Station, date | None]] = []
        self.by_county: dict[str, list[Deputy]] = {}
        self.by_town: dict[int, list[Deputy]] = {}
        self.home_of: dict[int, Town] = {}  # id() of a deputy → the town whose sites the deputy belongs to
        self.former: list[tuple[Mandate, Station]] = []
        self.elected_on: dict[int, date] = {}  # by deputy, the first time
        self.terms_before: dict[int, Term] = {}  # by the term after it
        self.seats = Seats()

    def build(self) -> Seats:
        for county in self.scenario.counties:
            towns = [town for town in self.network.towns if town.county is county]
            self._county_level(county, towns)
            self._township_level(county, towns)
            for level in (Level.CITY, Level.PROVINCE, Level.NATIONAL):
                self._higher(level, county, towns)
        self._ended()
        self._named()
        if self.scenario.former_terms:
            self.rng = random.Random(f"{self.scenario.name} former terms")
            self._terms_before()
        for number, deputy in enumerate(self.deputies, 1):
            deputy.pinyin, deputy.initials = read(deputy.name)
            deputy.card_no = f"{self.scenario.initials}{number:06d}"
        keep(self.deputies)
        keep(self.mandates)
        keep(self._assignments(self._groups()))
        for mandate, station, to_on in self.placed:
            if to_on is None:
                self.seats.by_town.setdefault(station.area_id, []).append(mandate)
                self.seats.station[mandate.pk] = station
        for mandate, station in self.former:
            self.seats.former.setdefault(station.area_id, []).append(mandate)
        self._professional_groups()
        return self.seats

    def _assignments(self, groups: dict[int, DeputyGroup]) -> Iterator[StationAssignment]:
        """Each mandate to its site; where the years before 2022 are told, to the station as long as its point was not open."""
        homes = {town.area.pk: town.station for town in self.network.towns}
        left = [(mandate, station, mandate.to_on) for mandate, station in self.former]
        for mandate, station, to_on in (*self.placed, *left):
            begun = max(mandate.from_on, self.scenario.assigned_from)
            start = max(begun, station.opened_on)
            row = StationAssignment(
                mandate=mandate,
                station=station,
                group=groups[station.area_id],
                resident=self.rng.random() < 0.15,
                from_on=start,
                to_on=to_on,
                created_at=moment(start),
            )
            if begun < start and self.scenario.former_terms:
                yield StationAssignment(
                    mandate=mandate,
                    station=homes[station.area_id],
                    group=row.group,
                    resident=row.resident,
                    from_on=begun,
                    to_on=min(start - timedelta(days=1), to_on or start),
                    created_at=moment(begun),
                )
            if to_on is None or start <= to_on:
                yield row

    # --- Who is elected where ---

    def _county_level(self, county: County, towns: list[Town]) -> None:
        weights = [self.rng.uniform(0.7, 1.4) for _ in towns]
        for town, count in zip(towns, spread(county.mandates[Level.COUNTY], weights), strict=True):
            for number in range(count):
                deputy = self._deputy("县", town)
                self._seat(deputy, Level.COUNTY, town, town.area, f"{town.area.name}第{number // 5 + 1}选区")
                self.by_county.setdefault(county.code, []).append(deputy)
                self.by_town.setdefault(town.area.pk, []).append(deputy)

    def _township_level(self, county: County, towns: list[Town]) -> None:
        towns = [town for town in towns if town.has_congress]
        weights = [self.rng.uniform(0.75, 1.3) for _ in towns]
        for town, count in zip(towns, spread(county.mandates[Level.TOWNSHIP], weights), strict=True):
            others = [
                d for d in self.by_town.get(town.area.pk, []) if self.rng.random() < COUNTY_AND_TOWN * 2
            ]
            if self.scenario.one_mandate_each:
                others = []
            for number in range(count):
                deputy = others.pop() if others else self._deputy("乡", town)
                self._seat(deputy, Level.TOWNSHIP, town, town.area, f"第{number // 3 + 1}选区")

    def _higher(self, level: Level, county: County, towns: list[Town]) -> None:
        area = towns[0].county_area
        others = self.rng.sample(
            self.by_county.get(county.code, []), min(200, len(self.by_county.get(county.code, [])))
        )
        for _ in range(county.mandates[level]):
            if others and not self.scenario.one_mandate_each and self.rng.random() < ALSO[level]:
                deputy = others.pop()
                town = self.home_of[id(deputy)]
            else:
                town = self.rng.choice(towns)
                deputy = self._deputy(ELECTED_TO[level], town)
            elected_by = {"CITY": area.name, "PROVINCE": self.city.name, "NATIONAL": "山西省"}[level]
            self._seat(deputy, level, town, area, f"{elected_by}人民代表大会选举")

    def _deputy(self, level: str, town: Town) -> Deputy:
        who = names.deputy(self.rng, level=level, on=date(2021, 6, 1))
        while level == "县" and who.occupation in (URBAN if town.rural else RURAL):
            who = names.deputy(self.rng, level=level, on=date(2021, 6, 1))
        deputy = Deputy(
            name=who.name,
            sex="F" if who.sex == names.FEMALE else "M",
            ethnicity=who.ethnicity,
            birth=who.born_on.replace(day=1),
            party=who.party,
            education=who.education,
            occupation=who.occupation,
            employer=self.scenario.local(who.employer),
            duty=who.duty,
            phone=who.phone,
            consent=sorted(key for key in Deputy.PUBLISHABLE if self.rng.random() < 0.7),
            created_at=moment(self.scenario.assigned_from),
        )
        self.deputies.append(deputy)
        self.home_of[id(deputy)] = town
        return deputy

    def _seat(self, deputy: Deputy, level: Level, town: Town, area: Area, constituency: str) -> Mandate:
        term = self._term(level, town)
        start = term.from_on
        if level in (Level.COUNTY, Level.CITY) and self.rng.random() < BY_ELECTED:
            start = date(2022, 3, 1) + timedelta(days=self.rng.randrange(300))
        start = max(start, town.county.opened_on or start)
        mandate = Mandate(
            deputy=deputy,
            term=term,
            level=level,
            area=area,
            area_path=area.path,
            constituency=constituency,
            delegation=f"{town.area.name if level == Level.COUNTY else area.name}代表团"
            if level != Level.TOWNSHIP
            else "",
            from_on=start,
            created_at=moment(max(start, self.scenario.assigned_from)),
        )
        self.mandates.append(mandate)
        self.placed.append((mandate, self._site(town), None))
        return mandate

    def _site(self, town: Town, opened_by: date = date.max) -> Station:
        """The station, or one of the points that were there when deputies were assigned."""
        sites = [
            site for site in town.sites if site.kind in SITES_OF_DEPUTIES and site.opened_on <= opened_by
        ]
        return self.rng.choices(sites, [2.5 if site.kind == Station.Kind.STATION else 1 for site in sites])[0]

    def _term(self, level: Level, town: Town) -> Term:
        county = town.county_area
        place = {
            Level.NATIONAL: None,
            Level.PROVINCE: self.province,
            Level.CITY: self.city,
            Level.COUNTY: county,
            Level.TOWNSHIP: town.area,
        }[level]
        key = (level, place.pk if place else None)
        if key not in self.terms:
            name = {
                Level.NATIONAL: "全国",
                Level.PROVINCE: "山西省",
                Level.CITY: self.city.name,
                Level.COUNTY: f"{self.city.name}{county.name}" if county.name.endswith("区") else county.name,
                Level.TOWNSHIP: f"{county.name}{town.area.name}",
            }[level]
            congress = Congress.objects.create(area=place, level=level, name=f"{name}人民代表大会")
            number, from_on = TERMS[level]
            number = self.scenario.city_term if level == Level.CITY else number
            self.terms[key] = Term.objects.create(congress=congress, number=number, from_on=from_on)
        return self.terms[key]

    def _term_before(self, term: Term) -> Term:
        level = term.congress.level
        if term.pk not in self.terms_before:
            self.terms_before[term.pk] = Term.objects.create(
                congress=term.congress,
                number=term.number - 1,
                from_on=BEFORE[Level(level)],
                to_on=term.from_on - timedelta(days=1),
            )
        return self.terms_before[term.pk]

    # --- Particular ones ---

    def _ended(self) -> None:
        """Some left office before the ten months began: in the history, and in no figure of today."""
        for mandate, station, _ in self.rng.sample(self.placed, len(self.placed) // 100):
            if mandate.level not in (Level.COUNTY, Level.TOWNSHIP):
                continue
            town = next(town for town in self.network.towns if town.area.pk == station.area_id)
            deputy = self._deputy("县", town)
            last = date(2022, 6, 1) + timedelta(days=self.rng.randrange(200))
            reason = self.rng.choices(("MOVED", "RESIGNED", "DIED"), (6, 4, 1))[0]
            former = Mandate(
                deputy=deputy, term=mandate.term, level=mandate.level, area=mandate.area, area_path=mandate.area_path,
                constituency=mandate.constituency, delegation=mandate.delegation, from_on=mandate.term.from_on,
                to_on=last, end_reason=reason, created_at=moment(self.scenario.assigned_from),
            )  # fmt: skip
            self.mandates.append(former)
            start = max(former.from_on, station.opened_on, self.scenario.assigned_from)
            if start <= last or self.scenario.former_terms:
                self.placed.append((former, station, last))

    def _terms_before(self) -> None:
        """Who held each seat in the term before: the same person, or another who left with that term, a few earlier."""
        known = [*self.seats.head, *self.seats.on_duty]
        begun = self.scenario.assigned_from
        towns = {town.area.pk: town for town in self.network.towns}
        for mandate, station, to_on in self.placed:
            if to_on is not None:
                continue
            town = towns[station.area_id]
            term = self._term_before(mandate.term)
            again = mandate not in known and self.rng.random() < RE_ELECTED
            last, reason = term.to_on, R.TERM
            if not again and self.rng.random() < LEFT_EARLY:
                last = begun + timedelta(days=self.rng.randrange(60, (term.to_on - begun).days))
                reason = self.rng.choices((R.MOVED, R.RESIGNED, R.DIED), (6, 4, 1))[0]
            former = Mandate(
                deputy=mandate.deputy if again else self._deputy(ELECTED_TO[Level(mandate.level)], town),
                term=term, level=mandate.level, area=mandate.area, area_path=mandate.area_path,
                constituency=mandate.constituency, delegation=mandate.delegation, from_on=term.from_on,
                to_on=last, end_reason=reason, created_at=moment(begun),
            )  # fmt: skip
            self.mandates.append(former)
            self.former.append((former, self._site(town, opened_by=last)))

    def _named(self) -> None:
        """The head of the demonstration's station and the deputies on duty there today."""
        town = next(town for town in self.network.towns if town.area.code == self.scenario.account_station)
        taken: list[Mandate] = []
        held = Counter(id(mandate.deputy) for mandate in self.mandates)
        for place, (mandate, station, to_on) in enumerate(self.placed):
            if len(taken) == len(ON_DUTY) + 1:
                break
            single = held[id(mandate.deputy)] == 1
            if to_on is None and single and mandate.level == Level.COUNTY and station.area_id == town.area.pk:
                self.placed[place] = (mandate, town.station, None)
                taken.append(mandate)
        for mandate, (name, sex, duty) in zip(taken, (HEAD, *ON_DUTY), strict=True):
            mandate.from_on = mandate.term.from_on
            deputy = mandate.deputy
            deputy.name, deputy.sex, deputy.ethnicity = name, sex, "汉族"
            deputy.employer, deputy.duty = town.area.name, duty
            deputy.consent = sorted(Deputy.PUBLISHABLE)
        self.seats.head, self.seats.on_duty = taken[:1], taken[1:]

    def _groups(self) -> dict[int, DeputyGroup]:
        """One group of mixed levels in each township."""
        rows = keep(
            DeputyGroup(
                area=town.area,
                area_path=town.area.path,
                kind=DeputyGroup.Kind.MIXED,
                name=f"{town.area.name}代表小组",
                from_on=self.scenario.assigned_from,
                created_at=moment(self.scenario.assigned_from),
            )
            for town in self.network.towns
        )
        groups = {group.area_id: group for group in rows}
        for mandate in self.mandates:
            first = self.elected_on.get(mandate.deputy_id, mandate.from_on)
            self.elected_on[mandate.deputy_id] = min(first, mandate.from_on)
        here: dict[int, dict[int, Deputy]] = {}
        for mandate, station, to_on in self.placed:
            if to_on is None:
                here.setdefault(station.area_id, {})[mandate.deputy.pk] = mandate.deputy
        for area_id, group in groups.items():
            group.leader = self.rng.choice(list(here[area_id].values())) if area_id in here else None
        DeputyGroup.objects.bulk_update(rows, ["leader"], batch_size=500)
        keep(
            GroupMembership(group=groups[area_id], deputy=deputy, from_on=start, created_at=moment(start))
            for area_id, members in here.items()
            for deputy in members.values()
            for start in [self._joined(deputy)]
        )
        keep(
            GroupMembership(
                group=groups[station.area_id],
                deputy=mandate.deputy,
                from_on=self.scenario.assigned_from,
                to_on=mandate.to_on,
                created_at=moment(self.scenario.assigned_from),
            )
            for mandate, station in self.former
            if mandate.deputy.pk not in here.get(station.area_id, {})
        )
        return groups

    def _joined(self, deputy: Deputy) -> date:
        """With the term in which a deputy was first elected, where the groups are older than that."""
        if not self.former:
            return self.scenario.assigned_from
        return max(self.scenario.assigned_from, self.elected_on[deputy.pk])

    def _professional_groups(self) -> None:
        total = self.scenario.professional
        if not total:
            return
        current = [
            mandate.deputy
            for mandate, _, to_on in self.placed
            if to_on is None and mandate.level == Level.CITY
        ]
        chosen = iter(self.rng.sample(list(dict.fromkeys(current)), total))
        start = date(2022, 4, 20)
        memberships = []
        for name, count in zip(PROFESSIONS, spread(total, [1.0, 1.2, 1.3, 1.2, 1.1, 0.9, 0.6]), strict=True):
            members = [next(chosen) for _ in range(count)]
            group = DeputyGroup.objects.create(
                area=self.city,
                kind=DeputyGroup.Kind.PROFESSIONAL,
                name=name,
                leader=members[0],
                from_on=start,
                created_at=moment(start),
            )
            memberships += [
                GroupMembership(group=group, deputy=d, from_on=start, created_at=moment(start))
                for d in members
            ]
        keep(memberships)


def build(rng: random.Random, scenario: Scenario, network: Network) -> Seats:
    return Builder(rng, scenario, network).build()


def colleagues(mandates: Sequence[Mandate]) -> Iterator[Mandate]:
    """The mandates of a township, over and over, each in turn: a fair roster."""
    while True:
        yield from mandates
