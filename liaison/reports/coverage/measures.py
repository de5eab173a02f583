"""What should be there and is not. Each measure is a set of records and the part of it that has the gap.

They stand on the same records as the dictionary of figures, so board and figures agree: townships without a station are
`network.townships` less `network.townships_covered`, and so on.

A measure of receptions looks at the month of the day that is asked for. What was to be done before the day (or, asked
for the present, before today) and is not done, is a gap; a reception closed late is held all the same.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Substr

from deputies.models import Level, StationAssignment
from liaison.accounts.models import TOWN_PATH, Area, Post
from liaison.core.policy import rule_by_place
from liaison.core.workdays import month_end, month_start
from liaison.reports.metrics import METRICS, OVERSEERS, Ask
from stations.models import Station
from visits.models import Activity, ReceptionRule
from visits.workflow import ActivityState

READERS = OVERSEERS


@dataclass(frozen=True)
class View:
    """A question: which area, as on which day, who asks, and what day it is."""

    area: Area
    on: date
    post: Post
    today: date

    @cached_property
    def ask(self) -> Ask:
        return Ask(self.area, self.first, self.on, self.post)

    @property
    def first(self) -> date:
        return month_start(self.on)

    @property
    def last(self) -> date:
        """The last day of the month."""
        return month_end(self.on)

    @property
    def over(self) -> date:
        """What lay before this day is over."""
        return min(self.on + timedelta(days=1), self.today)


def _of(code: str, view: View) -> Any:
    return METRICS[code].records(view.ask)


def _townships(view: View) -> Any:
    return _of("network.townships", view)


def _uncovered(view: View) -> Any:
    return _townships(view).exclude(pk__in=_of("network.townships_covered", view).values("pk"))


def _sites(view: View) -> Any:
    return METRICS["network.stations"].source(view.ask).of_kinds(*Station.WITH_DEPUTIES)


def _empty_sites(view: View) -> Any:
    """Nobody in office is assigned there."""
    held = StationAssignment.objects.current(view.on).filter(station=OuterRef("pk"))
    return _sites(view).exclude(Exists(held))


def _mandates(view: View) -> Any:
    return _of("network.mandates", view)


def _unassigned(view: View) -> Any:
    held = StationAssignment.objects.current(view.on).filter(mandate=OuterRef("pk"))
    return _mandates(view).exclude(Exists(held))


def _receptions(view: View) -> Any:
    """Those of the month that stand."""
    rows = Activity.objects.visible_to(view.post).receptions().standing()
    return rows.filter(day__range=(view.first, view.last))


def not_held(view: View) -> Any:
    """Planned, the day is over, and nobody has closed them."""
    return _receptions(view).exclude(state=ActivityState.CLOSED).filter(day__lt=view.over)


def announced_late(view: View) -> Any:
    """Announced after the day that policy asks for, or not announced though that day is over."""
    late = Q(announced_on__gt=F("announce_by")) | Q(announced_on=None, announce_by__lt=view.over)
    return _receptions(view).filter(late)


def _at(rows: Any) -> Exists:
    return Exists(rows.filter(station=OuterRef("pk")))


def _with_reception(view: View) -> Any:
    """Sites of the month's receptions."""
    return METRICS["network.stations"].source(view.ask).filter(_at(_receptions(view)))


def _late(view: View) -> Any:
    return _with_reception(view).filter(_at(announced_late(view)))


def _receiving(view: View) -> Any:
    """Sites, not suspended, that have receptions this month or should: by a monthly rule of theirs, or by policy.

    Adds `arranged` (receptions of the month that stand) and `wanted` (how many there should be at least).
    """
    own = ReceptionRule.objects.in_force(view.on).filter(first_on__lte=view.first)
    # Every second month, or once a year: this month may be none of theirs. A holiday may take a skipped one away.
    own = own.exclude(Q(recurrence__contains="INTERVAL") | Q(recurrence__contains="BYMONTH="))
    own = own.exclude(holiday=ReceptionRule.Holiday.SKIP)
    number = _receptions(view).filter(station=OuterRef("pk")).order_by().values("station")
    rows = METRICS["network.stations"].source(view.ask).exclude(suspended_on__lte=view.on)
    rows = rows.annotate(
        arranged=Coalesce(Subquery(number.annotate(n=Count("pk")).values("n")), 0),
        by_rule=_at(own),
        wanted=rule_by_place("receptions_monthly", view.area, view.on),
    )
    by_policy = Q(kind=Station.Kind.STATION, opened_on__lte=view.first, wanted__gt=0)
    return rows.filter(Q(arranged__gt=0) | Q(by_rule=True) | by_policy)


def _missed(view: View) -> Any:
    too_few = Q(kind=Station.Kind.STATION, opened_on__lte=view.first, wanted__gt=F("arranged"))
    none = Q(by_rule=True, arranged=0)
    return _receiving(view).filter(too_few | none | Q(_at(not_held(view))))


@dataclass(frozen=True)
class Measure:
    code: str
    name: str  # the gap
    short: str  # heading of its column
    unit: str
    definition: str
    whole: Callable[[View], Any]
    gaps: Callable[[View], Any]
    path: str = "area_path"
    by_level: bool = False
    fine: str = "无"  # the word where there is no gap


# fmt: off
MEASURES = {measure.code: measure for measure in (
    Measure("townships", "没有站的乡镇（街道）", "无站乡镇", "个",
            "在用的乡镇（街道）中，辖区内没有开放着的代表之家或联络站的。", _townships, _uncovered, path="path"),
    Measure("sites", "没有代表的站点", "无代表站点", "个",
            "开放着的联络站和联络点中，当天没有编入代表的。", _sites, _empty_sites),
    Measure("mandates", "没有编组的代表职数", "未编组代表", "职",
            "当天在任的代表职务中，没有编入任何站点的；一人担任两级代表计两职。", _mandates, _unassigned, by_level=True),
    Measure("missed", "接待日没有落实的站点", "接待没落实", "个",
            "当月有接待日过了日子没有办结，或按本站规则、本地规则应有而没有安排的站点；暂停开放的不计。",
            _receiving, _missed),
    Measure("late", "公示不及时的站点", "公示不及时", "个",
            "当月有接待日晚于规定日期公示，或过了规定日期还没有公示的站点；取消的接待日不计。", _with_reception, _late),
)}
# fmt: on


# --- The table ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cell:
    measure: Measure
    gap: int
    whole: int
    levels: tuple[tuple[str, str, int], ...] = ()  # code, name, gap: where a measure tells levels apart


@dataclass
class Line:
    """One area below the one that is shown, the area's own records (`own`), or all of them."""

    area: Area
    cells: list[Cell] = field(default_factory=list)
    own: bool = False

    @property
    def has_gaps(self) -> bool:
        return any(cell.gap for cell in self.cells)

    @property
    def is_bare(self) -> bool:
        return not any(cell.whole for cell in self.cells)


def board(view: View) -> tuple[list[Line], Line]:
    """A line for each area directly below, in order, and the line of all; a fixed number of statements."""
    lowest = view.area.level in (Area.Level.TOWNSHIP, Area.Level.COMMUNITY)
    below = [] if lowest else list(view.area.children.order_by("path"))
    lines = {area.path: Line(area) for area in below}
    own, whole = Line(view.area, own=True), Line(view.area)
    finest = max((len(path) for path in lines), default=TOWN_PATH)
    for measure in MEASURES.values():
        all_ = _counts(measure, measure.whole(view), finest)
        gaps = _counts(measure, measure.gaps(view), finest)
        places = _folded(all_, gaps, lines)
        for path, line in [*lines.items(), ("", own)]:
            line.cells.append(_cell(measure, *places.get(path, (Counter(), Counter()))))
        whole.cells.append(_cell(measure, _sum(all_), _sum(gaps)))
    shown = [line for line in lines.values() if line.area.active or not line.is_bare]
    return [*shown, *([] if own.is_bare or not below else [own])], whole


def totals(view: View) -> Line:
    """The line of all, without the others."""
    line = Line(view.area)
    for measure in MEASURES.values():
        found = [rows.order_by() for rows in (measure.whole(view), measure.gaps(view))]
        counts = [
            Counter(dict(rows.values_list("level").annotate(n=Count("pk"))))
            if measure.by_level
            else Counter({"": rows.count()})
            for rows in found
        ]
        line.cells.append(_cell(measure, *counts))
    return line


Counts = dict[tuple[str, str], int]  # by the beginning of the path, and level


def _counts(measure: Measure, rows: QuerySet[Any], length: int) -> Counts:
    grouped = rows.order_by().annotate(place=Substr(measure.path, 1, length))
    names = ("place", "level") if measure.by_level else ("place",)
    return {
        (row["place"], row.get("level", "") if measure.by_level else ""): row["n"]
        for row in grouped.values(*names).annotate(n=Count("pk"))
    }


def _folded(
    all_: Counts, gaps: Counts, lines: dict[str, Line]
) -> dict[str, tuple[Counter[str], Counter[str]]]:
    """By the path of the line that a place lies in; "" is the area itself."""
    found: dict[str, tuple[Counter[str], Counter[str]]] = {}
    lengths = sorted({len(path) for path in lines}, reverse=True)
    for number, counts in enumerate((all_, gaps)):
        for (place, level), n in counts.items():
            line = next((place[:length] for length in lengths if place[:length] in lines), "")
            found.setdefault(line, (Counter(), Counter()))[number][level] += n
    return found


def _sum(counts: Counts) -> Counter[str]:
    total: Counter[str] = Counter()
    for (_, level), n in counts.items():
        total[level] += n
    return total


def _cell(measure: Measure, all_: Counter[str], gaps: Counter[str]) -> Cell:
    levels = tuple((code, name, gaps[code]) for code, name in Level.choices if gaps[code])
    return Cell(measure, gaps.total(), all_.total(), levels if measure.by_level else ())


# --- Why a site is in the list --------------------------------------------------------------------------------------------


def reasons(measure: Measure, view: View, stations: Iterable[Any]) -> dict[int, str]:
    """For the stations of one page: which receptions, in words. One statement."""
    listed = {station.pk: station for station in stations}
    if measure.code not in ("missed", "late"):
        return {}
    source = not_held(view) if measure.code == "missed" else announced_late(view)
    said: dict[int, list[str]] = {}
    for row in source.filter(station__in=list(listed)).order_by("day", "pk"):
        said.setdefault(row.station_id, []).append(_why(measure, row))
    for key, station in listed.items():
        if measure.code == "missed" and key not in said:
            wanted = max(1, station.wanted) if station.kind == Station.Kind.STATION else 1
            said[key] = [f"当月应安排 {wanted} 次接待日，安排了 {station.arranged} 次"]
    return {key: "；".join(words) for key, words in said.items()}


def _why(measure: Measure, row: Activity) -> str:
    day = f"{row.day:%-m月%-d日}接待日"
    if measure.code == "missed":
        return f"{day}{row.get_state_display()}，没有办结"
    if row.announced_on is None:
        return f"{day}应在{row.announce_by:%-m月%-d日}前公示，没有公示"
    return f"{day}{row.announced_on:%-m月%-d日}公示，晚了 {(row.announced_on - row.announce_by).days} 天"
