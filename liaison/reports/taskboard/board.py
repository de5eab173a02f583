"""The board: for each station, task and period what is done, due, missed, or not yet due.

What happened at a point counts for the station that it belongs to. A fixed number of statements for any number of
stations: one for each kind of record, grouped by site and month.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from typing import Any

from django.db.models import Count, F
from django.db.models.functions import ExtractMonth

from liaison.accounts.models import Area, Post
from liaison.core.places import inside
from liaison.core.policy import Policies
from liaison.reports.metrics import ASKERS, Ask
from stations.models import Station

from .periods import MONTH, MONTHS, Period, period_at, periods_of
from .table import TASKS, Task

READERS = ASKERS


class State(Enum):
    """How a task stands in a period: word and tone."""

    DONE = "已完成", "ok"
    DUE = "待完成", "info"
    MISSED = "未完成", "warn"
    AHEAD = "未到", "plain"
    NONE = "不要求", "plain"

    @property
    def word(self) -> str:
        return self.value[0]

    @property
    def tone(self) -> str:
        return self.value[1]


@dataclass(frozen=True)
class Cell:
    """A task of a station in one period: how many there are of how many that are due."""

    task: Task
    period: Period
    done: int
    wanted: int
    state: State

    @property
    def lacking(self) -> int:
        return max(0, self.wanted - self.done)


@dataclass(frozen=True)
class View:
    """A question: the stations of which area, who asks, which year, and what day it is."""

    area: Area
    year: int
    post: Post
    today: date

    @property
    def ask(self) -> Ask:
        return Ask(self.area, date(self.year, 1, 1), date(self.year, 12, 31), self.post)


@dataclass
class Line:
    """One station with its cells of the year, in the order of the tasks and of time."""

    station: Station
    sites: list[int]  # the keys of itself and of its points
    cells: list[Cell] = field(default_factory=list)

    def of(self, task: Task, within: Period | None = None) -> list[Cell]:
        return [
            cell
            for cell in self.cells
            if cell.task is task and (within is None or cell.period.meets(within))
        ]

    def tally(self, within: Period, task: Task | None = None) -> "Tally":
        return tally(
            cell
            for cell in self.cells
            if (task is None or cell.task is task) and cell.period.meets(within)
        )

    def open_now(self, today: date) -> list[Cell]:
        """What is still to be done in the periods of today, the nearest end first."""
        found = [cell for cell in self.cells if cell.state is State.DUE and cell.period.holds(today)]
        return sorted(found, key=lambda cell: cell.period.last)


@dataclass(frozen=True)
class Tally:
    """How many task-periods stand how; what is not asked is left out."""

    done: int = 0
    due: int = 0
    missed: int = 0
    ahead: int = 0

    @property
    def whole(self) -> int:
        return self.done + self.due + self.missed + self.ahead

    @property
    def asked(self) -> int:
        """Those whose time has come."""
        return self.done + self.due + self.missed


def tally(cells: Iterable[Cell]) -> Tally:
    found = Counter(cell.state for cell in cells)
    return Tally(found[State.DONE], found[State.DUE], found[State.MISSED], found[State.AHEAD])


def tasked(view: View) -> Any:
    """The stations in sight that have tasks in the year: 联络站 that are open on some day of it."""
    rows = Station.objects.visible_to(view.post).filter(inside(view.area), kind=Station.Kind.STATION)
    lines = rows.filter(opened_on__lte=view.ask.last).exclude(closed_on__lte=view.ask.first)
    return lines.select_related("area")


def sites_of(stations: Any) -> Any:
    """The keys of these stations and of what belongs to them, other than stations with tasks of their own."""
    own = stations.order_by().values("pk")
    below = Station.objects.filter(parent__in=own).exclude(kind=Station.Kind.STATION)
    return own.union(below.order_by().values("pk"))


def work_out(view: View) -> dict[int, Line]:
    """The lines of all stations of the view, by the station's key, in the order of their codes."""
    stations = list(tasked(view).order_by("code"))
    lines = {station.pk: Line(station, [station.pk]) for station in stations}
    own = {key: key for key in lines}  # of each site: whose it is
    below = Station.objects.filter(parent__in=tasked(view).order_by().values("pk"))
    for site, above in below.exclude(kind=Station.Kind.STATION).values_list("pk", "parent"):
        own[site] = above
        lines[above].sites.append(site)
    counted = _counted(view.ask, own)
    policies = Policies(view.area)
    for line in lines.values():
        for task in TASKS.values():
            for period in periods_of(view.year, task.every):
                wanted = task.wanted(policies.of(line.station.area, period.first))
                done = counted[line.station.pk, task.code, period.number]
                state = _state(line.station, period, done, wanted, view.today)
                line.cells.append(Cell(task, period, done, wanted, state))
    return lines


def _counted(ask: Ask, own: dict[int, int]) -> Counter[tuple[int, str, int]]:
    """By station, task and number of the period. One statement for each source of records."""
    found: Counter[tuple[int, str, int]] = Counter()
    together: dict[tuple[Callable[[Ask], Any], str, str], list[Task]] = {}
    for task in TASKS.values():
        together.setdefault((task.rows, task.day, task.station), []).append(task)
    for (source, day, station), tasks in together.items():
        counts = {
            f"n_{task.code}": Count("pk", filter=task.condition(ask), distinct=station != "station")
            for task in tasks
        }
        during = {f"{day}__range": (ask.first, ask.last)}
        grouped = source(ask).filter(**during).order_by().annotate(site=F(station), month=ExtractMonth(day))
        for row in grouped.values("site", "month").annotate(**counts):
            if (whose := own.get(row["site"])) is None:
                continue
            for task in tasks:
                number = (row["month"] - 1) // MONTHS[task.every] + 1
                found[whose, task.code, number] += row[f"n_{task.code}"]
    return found


def _state(station: Station, period: Period, done: int, wanted: int, today: date) -> State:
    """Only a station that is open all through the period is asked; one that rests now is asked nothing since then."""
    closes, rests = station.closed_on, station.suspended_on
    partly = (
        station.opened_on > period.first
        or (closes is not None and closes <= period.last)
        or (rests is not None and rests <= period.last)
    )
    if wanted <= 0 or (partly and done < wanted):
        return State.NONE
    if done >= wanted:
        return State.DONE
    if period.last < today:
        return State.MISSED
    return State.DUE if period.first <= today else State.AHEAD


def whole(lines: Iterable[Line], within: Period) -> dict[str, Tally]:
    """By task over all stations; under "" of all tasks together."""
    shown = list(lines)
    found = {
        code: tally(cell for line in shown for cell in line.of(task, within)) for code, task in TASKS.items()
    }
    found[""] = Tally(
        *(sum(getattr(one, name) for one in found.values()) for name in ("done", "due", "missed", "ahead"))
    )
    return found


@dataclass(frozen=True)
class Lack:
    """What the home page says: how many tasks end this month and are not done, how many go on beyond it."""

    month: int
    later: int
    missed: int  # of the month before


def lacking(view: View) -> Lack:
    lines = list(work_out(view).values())
    month = period_at(view.today, MONTH)
    cells: Sequence[Cell] = [cell for line in lines for cell in line.open_now(view.today)]
    ends = sum(cell.period.last == month.last for cell in cells)
    before = sum(
        cell.state is State.MISSED and cell.period.every == MONTH and cell.period.number == month.number - 1
        for line in lines
        for cell in line.cells
    )
    return Lack(ends, len(cells) - ends, before)
