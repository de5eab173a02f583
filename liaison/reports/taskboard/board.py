"""The board: for each station, task and period what is done, due, missed, or not yet due.

What happened at a point counts for the station that it belongs to. A fixed number of statements for any number of
stations: one for each kind of record, grouped by site and month.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from functools import cached_property
from typing import Any, cast

from django.db.models import Count
from django.db.models.functions import ExtractMonth
from django.utils import timezone

from liaison.accounts.models import Area, Post
from liaison.core.places import inside
from liaison.core.policy import Policies
from liaison.reports.breakdown import By, broken_down
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

    @cached_property
    def ask(self) -> Ask:
        return Ask(self.area, date(self.year, 1, 1), date(self.year, 12, 31), self.post)


@dataclass
class Line:
    """One station with its cells of the year, in the order of the tasks and of time."""

    station: Station
    cells: list[Cell] = field(default_factory=list)

    def of(self, task: Task, within: Period | None = None) -> list[Cell]:
        return [
            cell for cell in self.cells if cell.task is task and (within is None or cell.period.meets(within))
        ]

    def tally(self, within: Period, task: Task | None = None) -> "Tally":
        return tally(
            cell for cell in self.cells if (task is None or cell.task is task) and cell.period.meets(within)
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
    def asked(self) -> int:
        """Those whose time has come."""
        return self.done + self.due + self.missed

    @property
    def word(self) -> tuple[str, str] | None:
        """What is lacking, in a word and its tone."""
        if self.missed:
            return f"缺 {self.missed}", State.MISSED.tone
        return (f"待 {self.due}", State.DUE.tone) if self.due else None


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
    lines = {station.pk: Line(station) for station in stations}
    own = {key: key for key in lines}  # of each site: whose it is
    below = Station.objects.filter(parent__in=tasked(view).order_by().values("pk"))
    own |= dict(below.exclude(kind=Station.Kind.STATION).values_list("pk", "parent"))
    counted = _counted(view, own)
    policies = Policies(view.area)
    periods = {every: periods_of(view.year, every) for every in MONTHS}
    for line in lines.values():
        for task in TASKS.values():
            for period in periods[task.every]:
                wanted = task.wanted(policies.of(line.station.area, period.first))
                done = counted[line.station.pk, task.code, period.number]
                state = _state(line.station, period, done, wanted, view.today)
                line.cells.append(Cell(task, period, done, wanted, state))
    return lines


def _counted(view: View, own: dict[int, int]) -> Counter[tuple[int, str, int]]:
    """By station, task and number of the period. One statement for each source of records."""
    ask = view.ask
    found: Counter[tuple[int, str, int]] = Counter()

    def add(task: Task, site: int, month: int, count: int) -> None:
        if site in own:
            found[own[site], task.code, (month - 1) // MONTHS[task.every] + 1] += count

    figures = {task.figure: task for task in TASKS.values() if task.figure}
    told = broken_down(ask, figures, By.STATION, By.MONTH, only=list(own))
    for key, values in told.items():
        site, (_, month) = cast(tuple[int, tuple[int, int]], key)
        for code, count in values.items():
            add(figures[code], site, month, count)
    sites = sites_of(tasked(view))
    for task in TASKS.values():
        if task.source:
            rows = task.at(ask, sites).annotate(month=ExtractMonth(task.day))
            for site, month, count in rows.values_list("site", "month").annotate(Count("pk", distinct=True)):
                add(task, site, month, count)
    return found


def _state(station: Station, period: Period, done: int, wanted: int, today: date) -> State:
    """Asked is only a station that was on the register when the period began, and is open all through it.

    One that rests now is asked nothing since then. What was done all the same is done.
    """
    closes, rests = station.closed_on, station.suspended_on
    partly = (
        station.opened_on > period.first
        or timezone.localdate(station.created_at) > period.first
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
    return lacking_of(work_out(view).values(), view.today)


def lacking_of(lines: Iterable[Line], today: date) -> Lack:
    shown, month = list(lines), period_at(today, MONTH)
    cells = [cell for line in shown for cell in line.open_now(today)]
    ends = sum(cell.period.last == month.last for cell in cells)
    before = sum(
        cell.state is State.MISSED and cell.period.every == MONTH and cell.period.number == month.number - 1
        for line in shown
        for cell in line.cells
    )
    return Lack(ends, len(cells) - ends, before)
