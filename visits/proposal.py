"""Who sits when: a fair proposal for the coming reception days of a station, which its staff then change and apply.

`propose` is a pure function over data: the same duties and seats give the same answer. In the order of days it fills
each place with one of those who have sat least, counting what the proposal itself has given out; among equals the one
whose level is not there yet, then who has not been seen this year, then who sat longest ago, then by lot. Who was
excused carries no load and so comes up again sooner. Whoever took office lately, or took up duties again that had been
suspended, begins at the least load of the others, so that nobody has to make up for time in which another sat there.
"""

import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q

from deputies.models import Mandate, StationAssignment
from stations.models import Station

from .models import Activity, Attendance
from .workflow import EXPECTED, ActivityState, AttendanceState

RECENT = timedelta(days=365)  # duties further back are no load any more
LONGEST = timedelta(days=92)  # that one proposal reaches: a quarter
MOST = 60  # days in one proposal


@dataclass(frozen=True)
class Seat:
    """A mandate that may be rostered at the station, with what the person has done so far."""

    mandate: int
    person: int
    name: str
    level: str
    from_on: date
    to_on: date | None = None
    suspended_on: date | None = None
    resumed_on: date | None = (
        None  # when the last suspension was lifted: what lies before is no time of serving
    )
    assigned: tuple[tuple[date, date | None], ...] = ((date.min, None),)  # to the station: from, to
    recent: int = 0  # duties of the person in the year before, and those that stand on rosters ahead
    last_on: date | None = None  # the latest of them
    this_year: bool = False  # seen at any activity of the year
    taken: frozenset[date] = frozenset()  # days with a place on a roster, whatever the answer was

    def may_sit(self, day: date) -> bool:
        """In office, not suspended, at this station, and with nothing else on that day."""
        held = self.from_on <= day and (self.to_on is None or day <= self.to_on)
        active = self.suspended_on is None or day < self.suspended_on
        here = any(first <= day and (last is None or day <= last) for first, last in self.assigned)
        return held and active and here and day not in self.taken


@dataclass(frozen=True)
class Duty:
    """A day to be filled: how many more it wants, and the levels that are there already."""

    key: int
    day: date
    wanted: int
    levels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Pick:
    duty: int
    seat: Seat
    reason: str


def propose(duties: Iterable[Duty], seats: Sequence[Seat], *, mixed: bool = True) -> list[Pick]:
    """A pick for each place that somebody can fill, in the order of days. `mixed` asks for different levels a day."""
    ordered = sorted(duties, key=lambda duty: (duty.day, duty.key))
    if not ordered:
        return []
    load = _starting_load(seats, ordered[0].day)
    given: Counter[int] = Counter()
    last: dict[int, date] = {seat.person: seat.last_on for seat in seats if seat.last_on}
    out: set[tuple[int, date]] = set()
    seen = {seat.person for seat in seats if seat.this_year}
    picks = []
    for duty in ordered:
        levels = set(duty.levels)
        for _ in range(duty.wanted):
            able = [s for s in seats if s.may_sit(duty.day) and (s.person, duty.day) not in out]
            if not able:
                break
            chosen = min(
                able,
                key=lambda seat: (
                    load[seat.person] + given[seat.person],
                    mixed and seat.level in levels,
                    seat.person in seen,
                    last.get(seat.person, date.min),
                    _lot(seat.person, ordered[0].day),
                    seat.person,
                    seat.mandate,
                ),
            )
            reason = _reason(chosen, load[chosen.person], given[chosen.person], levels if mixed else set())
            picks.append(Pick(duty.key, chosen, reason))
            given[chosen.person] += 1
            last[chosen.person] = duty.day
            out.add((chosen.person, duty.day))
            seen.add(chosen.person)
            levels.add(chosen.level)
    return picks


def _starting_load(seats: Sequence[Seat], first: date) -> dict[int, int]:
    """By person; who serves for less than a year begins no lower than the least of those who were there all along."""
    began: dict[int, date] = {}
    for seat in seats:
        since = max(seat.from_on, seat.resumed_on or seat.from_on)
        began[seat.person] = min(began.get(seat.person, since), since)
    whole = [seat.recent for seat in seats if began[seat.person] <= first - RECENT]
    least = min(whole, default=0)
    return {
        seat.person: seat.recent if began[seat.person] <= first - RECENT else max(seat.recent, least)
        for seat in seats
    }


def _lot(person: int, first: date) -> int:
    """Among equals not always the same one comes first, and yet each time of asking gives the same."""
    return zlib.crc32(f"{person}:{first}".encode())


def _reason(seat: Seat, load: int, given: int, levels: set[str]) -> str:
    """Why this one, in words."""
    said = [f"近一年坐班 {seat.recent} 次" if seat.recent else "近一年没有坐过班"]
    if load > seat.recent:
        since = "恢复履职" if seat.resumed_on else "任职"
        said.append(f"{since}不满一年，从本站最少的 {load} 次起算")
    if given:
        said.append(f"这次已排 {given} 次")
    if not seat.this_year and not given:
        said.append("今年还没有来过")
    if seat.last_on and not given:
        said.append(f"最近一次 {seat.last_on:%Y年%-m月%-d日}")
    if levels and seat.level not in levels:
        said.append(f"搭配{seat.level}代表")
    return "，".join(said)


# --- The data of a station ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Plan:
    """The days of a station, the seats it has, and what stands on the rosters already (names by activity)."""

    days: list[Activity]
    duties: list[Duty]
    seats: list[Seat]
    rostered: dict[int, list[str]]


def plan_of(station: Station, first: date, last: date, size: int) -> Plan:
    """What a proposal for the reception days of `station` from `first` to `last` is made from; `size` deputies a day."""
    days = list(
        Activity.objects.receptions()
        .ahead()
        .filter(station=station, day__range=(first, last))
        .select_related("station")
        .order_by("day", "starts_at", "pk")[:MOST]
    )
    standing = Attendance.objects.may_come().filter(activity__in=days)
    rostered: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for row in standing.select_related("mandate__deputy").order_by("mandate__deputy__pinyin", "pk"):
        rostered[row.activity_id].append((row.mandate.deputy.name, row.mandate.get_level_display()))
    duties = [
        Duty(
            key=day.pk,
            day=day.day,
            wanted=max(0, size - len(rostered[day.pk])),
            levels=tuple(level for _, level in rostered[day.pk]),
        )
        for day in days
    ]
    names = {key: [name for name, _ in rows] for key, rows in rostered.items()}
    return Plan(days, duties, _seats(station, first, last), names)


def _seats(station: Station, first: date, last: date) -> list[Seat]:
    placed: dict[int, list[tuple[date, date | None]]] = defaultdict(list)
    rows = StationAssignment.objects.filter(station=station, from_on__lte=last)
    for row in rows.lasting_beyond(first - timedelta(days=1)):
        placed[row.mandate_id].append((row.from_on, row.to_on))
    mandates = list(
        Mandate.objects.filter(pk__in=placed)
        .select_related("deputy")
        .order_by("deputy__pinyin", "deputy_id", "pk")
    )
    done = _done({mandate.deputy_id for mandate in mandates}, first, last)
    return [
        Seat(
            mandate=mandate.pk,
            person=mandate.deputy_id,
            name=mandate.deputy.name,
            level=mandate.get_level_display(),
            from_on=mandate.from_on,
            to_on=mandate.to_on,
            suspended_on=mandate.suspended_on,
            resumed_on=mandate.resumed_on,
            assigned=tuple(placed[mandate.pk]),
            recent=len(done[mandate.deputy_id].sat),
            last_on=max(done[mandate.deputy_id].sat, default=None),
            this_year=done[mandate.deputy_id].this_year,
            taken=frozenset(done[mandate.deputy_id].taken),
        )
        for mandate in mandates
    ]


class _Done:
    """What a person has done and has before them, by any mandate and at any station."""

    def __init__(self) -> None:
        self.sat: list[date] = []
        self.taken: set[date] = set()
        self.this_year = False


def _done(people: set[int], first: date, last: date) -> dict[int, _Done]:
    done: dict[int, _Done] = defaultdict(_Done)
    rows = Attendance.objects.filter(
        ~Q(activity__state=ActivityState.CANCELLED),
        mandate__deputy__in=people,
        activity__day__range=(first - RECENT, last),
    )
    asked = rows.values_list("mandate__deputy", "activity__day", "activity__kind", "state")
    for person, day, kind, state in asked.order_by("activity__day", "pk"):
        one = done[person]
        if state == AttendanceState.PRESENT or (state in EXPECTED and day >= first):
            if kind == Activity.Kind.RECEPTION:
                one.sat.append(day)
            one.this_year |= state == AttendanceState.PRESENT and day.year == first.year
        if day >= first:
            one.taken.add(day)
    return done
