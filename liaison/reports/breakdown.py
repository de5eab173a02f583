"""Figures broken down: the same sources, conditions and rules as in `metrics`, for each child area, station, month
or category at once, one query for each source. What is told apart adds up to the figure wherever it can be added.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import Enum
from functools import cached_property
from typing import Any

from django.db.models import Case, CharField, Count, F, QuerySet, Value, When
from django.db.models.functions import Coalesce, ExtractMonth, ExtractYear, Substr
from django.db.models.lookups import In

from liaison.accounts.models import Area
from liaison.core.workdays import month_end, month_start
from stations.models import Station
from suggestions.models import Request
from visits.models import Activity, Attendance, Category, Visit

from . import metrics
from .metrics import METRICS, Ask, Figure, Metric, Rule

Key = str | int | tuple[int, int] | None
Values = dict[str, int]  # of figures, by code

NAME = "figure_{}"  # no column of a model is called so


class By(Enum):
    """By what figures are told apart.

    A month is that of the deciding day. A category is that of the highest rank, None where there is none.
    """

    AREA = "area"
    STATION = "station"
    MONTH = "month"
    CATEGORY = "category"


# Where the models keep what figures are told apart by. A model that is not named cannot be told apart so.
AREAS = {Attendance: "activity__area_path", Area: "path"}  # all others keep it on the row
STATIONS = {
    Activity: "station",
    Attendance: "activity__station",
    Visit: "station",
    Request: "station",
    Station: "pk",
}
CATEGORIES = {Visit: "category", Request: "category"}
# The column of the deciding day, where the metric does not name it in `on`. Others are asked month by month.
DAYS: dict[Any, str] = {
    metrics._activities: "day",
    metrics._planned: "day",
    metrics._announced_in_time: "day",
    metrics._attendances: "activity__day",
    metrics._visits: "day",
    metrics._replied: "replied_on",
    metrics._rated: "rated_on",
    metrics._proposed: "submitted_on",
    metrics._delivered: "replied_on",
}


class CannotBeTold(ValueError):
    """These figures cannot be told apart by this: a mandate has no category."""


def broken_down(ask: Ask, codes: Iterable[str], *by: By, only: Any = None) -> dict[tuple[Key, ...], Values]:
    """The figures `codes` for each combination of what they are told apart `by`; a combination without records is absent.

    Keys: the path of a child area of `ask.area` (its own path: what lies in none of them), the pk of a station
    or category, the month as (year, month). `only`: pks of the stations that are wanted, with By.STATION.
    Raises CannotBeTold.
    """
    from .tallies.reading import told  # which builds on this module

    codes = metrics.with_bases(codes)
    below = list(_paths_below(ask.area)) if By.AREA in by else []
    found = told(ask, codes, *by, below=below) if only is None else {}
    known = {code for values in found.values() for code in values}
    for source, day, members in _together([code for code in codes if code not in known], by):
        if By.MONTH in by and not day:
            _month_by_month(ask, members, by, only, found)
            continue
        for key, values in _grouped(ask, source, day, members, by, only, below):
            found.setdefault(key, {}).update(values)
    return found


def tellable(ask: Ask, by: By, codes: Iterable[str] = METRICS) -> list[str]:
    """Those of the figures that can be told apart so in one query for each source, with their wholes."""
    columns: dict[By, dict[Any, str]] = {
        By.STATION: STATIONS,
        By.CATEGORY: CATEGORIES,
    }

    def can(code: str) -> bool:
        metric = METRICS[code]
        if by == By.MONTH:
            return bool(metric.on or metric.source in DAYS)
        return by == By.AREA or metric.source(ask).model in columns[by]

    return [code for code in codes if can(code)]


def _together(codes: Iterable[str], by: Sequence[By]) -> list[tuple[Any, str, list[Metric]]]:
    """The metrics that one query answers: of one source and, told apart by month, of one deciding day."""
    groups: dict[tuple[Any, str], list[Metric]] = {}
    for code in codes:
        metric = METRICS[code]
        day = metric.on or DAYS.get(metric.source, "") if By.MONTH in by else ""
        groups.setdefault((metric.source, day), []).append(metric)
    return [(source, day, members) for (source, day), members in groups.items()]


def _grouped(
    ask: Ask, source: Any, day: str, members: list[Metric], by: Sequence[By], only: Any, below: list[str]
) -> Iterable[tuple[tuple[Key, ...], Values]]:
    rows: QuerySet[Any] = ask.rows(source).order_by()
    if By.STATION in by and only is not None:
        rows = rows.filter(**{f"{column_of(STATIONS, rows)}__in": only})
    keys: dict[str, Any] = {}
    for one in by:
        match one:
            case By.AREA:
                keys["by_area"] = _child(ask.area, below, AREAS.get(rows.model, "area_path"))
            case By.STATION:
                keys["by_station"] = F(column_of(STATIONS, rows))
            case By.CATEGORY:
                column = column_of(CATEGORIES, rows)
                keys["by_category"] = Coalesce(f"{column}__parent", column)
            case By.MONTH:
                keys["by_year"], keys["by_month"] = ExtractYear(day), ExtractMonth(day)
                rows = rows.filter(ask.during(day))
    grouped = rows.annotate(**keys).values(*keys)
    names = {NAME.format(number): metric for number, metric in enumerate(members)}
    added = {name: metric for name, metric in names.items() if metric.rule != Rule.MEDIAN_DAYS}
    found: dict[tuple[Key, ...], Values] = {}
    if added:
        for row in grouped.annotate(**{name: metric.value(ask) for name, metric in added.items()}):
            values = {metric.code: row[name] for name, metric in added.items()}
            found.setdefault(_key(row, by), {}).update(values)
    for metric in (metric for metric in members if metric.rule == Rule.MEDIAN_DAYS):
        by_days: dict[tuple[Key, ...], list[tuple[int, int]]] = {}
        counted = rows.filter(metric.condition(ask)).annotate(**keys).values(*keys, took=metrics.TOOK)
        for row in counted.annotate(n=Count("pk")):
            by_days.setdefault(_key(row, by), []).append((row["took"].days, row["n"]))
        for key, days in by_days.items():
            found.setdefault(key, {})[metric.code] = metrics.middle(days)
    return found.items()


def _key(row: dict[str, Any], by: Sequence[By]) -> tuple[Key, ...]:
    return tuple(
        (row["by_year"], row["by_month"]) if one == By.MONTH else row[f"by_{one.value}"] for one in by
    )


def column_of(columns: dict[Any, str], rows: QuerySet[Any]) -> str:
    """Where the model of `rows` keeps it. Raises CannotBeTold."""
    if rows.model not in columns:
        raise CannotBeTold(f"{rows.model._meta.label} has nothing of the kind")
    return columns[rows.model]


def _month_by_month(
    ask: Ask, members: list[Metric], by: Sequence[By], only: Any, found: dict[tuple[Key, ...], Values]
) -> None:
    """Of a state on a day (how many stations are open), or of what lies in another record (an order's last day)."""
    place = list(by).index(By.MONTH)
    others = [one for one in by if one != By.MONTH]
    for year, month in months(ask.first, ask.last):
        first = max(ask.first, date(year, month, 1))
        part = replace(ask, first=first, last=min(ask.last, month_end(first)))
        codes = [metric.code for metric in members]
        values = (
            broken_down(part, codes, *others, only=only)
            if others
            else {(): {figure.code: figure.value for figure in metrics.answers(part, codes)}}
        )
        for key, counted in values.items():
            if any(counted.values()):
                found.setdefault((*key[:place], (year, month), *key[place:]), {}).update(counted)


def months(first: date, last: date) -> list[tuple[int, int]]:
    """The months that the period touches, as (year, month)."""
    found = []
    month = month_start(first)
    while month <= last:
        found.append((month.year, month.month))
        month = month_end(month) + timedelta(days=1)
    return found


# --- Areas below ------------------------------------------------------------------------------------------------------


def children(area: Area) -> list[Area]:
    """The areas directly below that are in use, in their order."""
    return list(Area.objects.filter(parent=area, active=True).order_by("path"))


def _paths_below(area: Area) -> Iterable[str]:
    return Area.objects.filter(parent=area).values_list("path", flat=True)


def _child(area: Area, paths: list[str], column: str) -> Any:
    """The path of the child of `area`, of those with `paths`, in which a row lies; of a row that lies in none, that of `area`.

    Children's paths differ in length where a county has no prefecture above it, or a town no county.
    """
    pieces = [
        When(
            In(Substr(column, 1, length), [path for path in paths if len(path) == length]),
            then=Substr(column, 1, length),
        )
        for length in sorted({len(path) for path in paths}, reverse=True)
    ]
    return Case(*pieces, default=Value(area.path), output_field=CharField())


# --- Rows of a table --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """A line of a table of figures: what it is about, and the figures in the order in which they were asked for."""

    key: Key
    label: str
    thing: Any  # the area, station or category; None for a month, and for what belongs to nothing
    values: Values

    def __getitem__(self, code: str) -> int:
        return self.values.get(code, 0)

    @cached_property
    def figures(self) -> dict[str, Figure]:
        """By code, each with its whole where that was asked for too."""
        return {
            code: Figure(METRICS[code], value, self.values.get(METRICS[code].base))
            for code, value in self.values.items()
        }


def by_area(ask: Ask, codes: Sequence[str]) -> list[Row]:
    """A row for each area directly below, whether or not it has anything, and one (本级) for what belongs to none of them."""
    found = {key: values for (key,), values in broken_down(ask, codes, By.AREA).items()}
    below = children(ask.area)
    if ask.post is not None:  # a station of one township is told of no other
        below = [area for area in below if ask.post.area.covers(area) or area.covers(ask.post.area)]
    gone = Area.objects.filter(parent=ask.area, path__in=found.keys() - {area.path for area in below})
    below = sorted([*below, *gone], key=lambda area: area.path)  # merged since, and not without records
    rows = [Row(area.path, area.name, area, _filled(found.get(area.path, {}), codes)) for area in below]
    if ask.area.path in found:
        rows.append(
            Row(ask.area.path, f"{ask.area.name}本级", ask.area, _filled(found[ask.area.path], codes))
        )
    return rows


def by_station(ask: Ask, codes: Sequence[str], stations: Sequence[Station]) -> list[Row]:
    """A row for each of the stations, in their order."""
    pks = [station.pk for station in stations]
    found = {key: values for (key,), values in broken_down(ask, codes, By.STATION, only=pks).items()}
    return [Row(one.pk, one.name, one, _filled(found.get(one.pk, {}), codes)) for one in stations]


def by_month(ask: Ask, codes: Sequence[str]) -> list[Row]:
    """A row for each month of the period."""
    found = {key: values for (key,), values in broken_down(ask, codes, By.MONTH).items()}
    return [
        Row(key, f"{key[0]}年{key[1]}月", None, _filled(found.get(key, {}), codes))
        for key in months(ask.first, ask.last)
    ]


def by_category(ask: Ask, codes: Sequence[str]) -> list[Row]:
    """A row for each category of the highest rank that has anything, in the order of the list; 未分类 last."""
    found = {key: values for (key,), values in broken_down(ask, codes, By.CATEGORY).items()}
    known = [key for key in found if isinstance(key, int)]
    things = Category.objects.filter(pk__in=known).order_by("rank", "pk")
    rows = [Row(one.pk, str(one), one, _filled(found[one.pk], codes)) for one in things]
    if None in found:
        rows.append(Row(None, "未分类", None, _filled(found[None], codes)))
    return rows


def _filled(values: Values, codes: Sequence[str]) -> Values:
    return {code: values.get(code, 0) for code in metrics.with_bases(codes)}
