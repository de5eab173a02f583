"""Counting tallies, keeping them right, and proving them equal to the records."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import reduce
from operator import or_
from typing import Any

from django.db import models, transaction
from django.db.models import Max, Min, Q
from django.db.models.functions import Length, Substr, TruncDay, TruncMonth

from liaison.accounts.models import Area
from liaison.core.models import Sequence
from liaison.core.places import inside
from liaison.core.workdays import month_end
from liaison.reports import metrics
from liaison.reports.breakdown import AREAS, DAYS
from liaison.reports.metrics import METRICS, Ask, Metric, Rule

from .models import FILL, PATH, Tally, TallyMark

# What hangs on a place and a day, and adds up: of these areas, months and days alike. Of the median, the requests by the
# days that they took.
CODES = tuple(
    code
    for code, metric in METRICS.items()
    if metric.group in ("activity", "requests", "results")
    and (metric.on or metric.source in DAYS)
    and metric.rule in (Rule.COUNT, Rule.HEADCOUNT, Rule.MEDIAN_DAYS)
)
# The steps of the requests received on these days, whenever they were taken: the second column of the five orders.
OF_RECEIVED = {f"{code}@received": code for code, _ in metrics.FIVE_ORDERS}
NAMES = (*CODES, *OF_RECEIVED)
LEVELS = (4, 2, 0)  # of the paths above a county
FEW = 40  # counties that are worth a condition each
AT_ONCE = 5000  # marks worked off in a transaction
OVERFULL = 20_000  # marks: from there on everything is counted, as after a load
BATCH = 500
EVER = date(1949, 10, 1), date(9999, 11, 30)
PROVINCE = 2  # length of its path

Raw = dict[str, Any]  # by code: a number; of a median, numbers by days
Days = dict[str, Raw]  # by day of the month


@dataclass
class Counted:
    values: Raw = field(default_factory=dict)
    first: date = date.max
    last: date = date.min

    def add(self, other: "Counted", sign: int = 1) -> None:
        self.first, self.last = min(self.first, other.first), max(self.last, other.last)
        add(self.values, other.values, sign)


def add(to: Raw, values: Raw, sign: int = 1) -> None:
    """Add values to values, or take them away; what comes to nothing goes."""
    for code, value in values.items():
        if isinstance(value, dict):
            add(to.setdefault(code, {}), value, sign)
        else:
            to[code] = to.get(code, 0) + sign * value
        if not to[code]:
            del to[code]


def counted(area: Area, first: date, last: date) -> dict[tuple[str, date], Counted]:
    """All figures of the records themselves, for each county and month; without records, none.

    By the definitions of the dictionary: its sources, its conditions, its rules.
    """
    found: dict[tuple[str, date], Counted] = {}
    for row in _counts(area, first, last, TruncMonth, PATH):
        one = found.setdefault((row["path"].ljust(PATH, FILL), row["day"]), Counted())
        one.add(Counted(row["values"], row["tally_first"], row["tally_last"]))
    return found


def counted_days(area: Area, first: date, last: date) -> dict[tuple[str, date], Days]:
    """Likewise for each province, by month and day of the month."""
    found: dict[tuple[str, date], Days] = {}
    for row in _counts(area, first, last, TruncDay, PROVINCE):
        days = found.setdefault((row["path"], row["day"].replace(day=1)), {})
        add(days.setdefault(str(row["day"].day), {}), row["values"])
    return found


def _counts(area: Area, first: date, last: date, span: Any, length: int) -> Iterator[dict[str, Any]]:
    for (source, day, cohort), members in _together(NAMES).items():
        ask = Ask(area, first, last, cohort=cohort)
        rows = source(ask).filter(ask.during(day)).order_by()
        path = AREAS.get(rows.model, "area_path")
        rows = rows.annotate(tally_path=Substr(path, 1, length), tally_day=span(day)).values(
            "tally_path", "tally_day"
        )
        days = {"tally_first": Min(day), "tally_last": Max(day)}
        for row in _valued(ask, rows, members, days):
            yield row | {"path": row["tally_path"], "day": row["tally_day"]}


def counted_now(
    area: Area, first: date, last: date, names: Iterable[str] = NAMES, keys: Collection[str] | None = None
) -> dict[str, Raw]:
    """The figures `names` of some days, for each county, or for those of `keys` only: one query for each source."""
    found: dict[str, Raw] = {}
    groups: dict[tuple[Any, bool], dict[str, Metric]] = {}
    for (source, _, cohort), members in _together(names).items():
        groups.setdefault((source, cohort), {}).update(members)
    for (source, cohort), members in groups.items():
        ask = Ask(area, first, last, cohort=cohort)
        rows = source(ask).order_by()
        path = AREAS.get(rows.model, "area_path")
        if keys is not None and len(keys) <= FEW:
            rows = rows.filter(reduce(or_, (_in(key, path) for key in keys), Q(pk__in=[])))
        rows = rows.annotate(tally_path=Substr(path, 1, PATH)).values("tally_path")
        for row in _valued(ask, rows, members, {}):
            key = row["tally_path"].ljust(PATH, FILL)
            if row["values"] and (keys is None or key in keys):
                add(found.setdefault(key, {}), row["values"])
    return found


def _valued(
    ask: Ask, rows: Any, members: dict[str, Metric], more: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    [name, first], *_ = members.items()
    if first.rule == Rule.MEDIAN_DAYS:  # the only one of its source
        for row in rows.annotate(tally_took=metrics.TOOK).annotate(tally_n=models.Count("pk"), **more):
            yield row | {"values": {name: {str(row["tally_took"].days): row["tally_n"]}}}
        return
    columns = {f"tally_{number}": name for number, name in enumerate(members)}
    asked = {column: members[name].value(ask) for column, name in columns.items()}
    for row in rows.annotate(**asked, **more):
        yield row | {"values": {name: row[column] for column, name in columns.items() if row[column]}}


def _together(names: Iterable[str]) -> dict[tuple[Any, str, bool], dict[str, Metric]]:
    """The metrics that one query answers, by name: of one source and one deciding day."""
    groups: dict[tuple[Any, str, bool], dict[str, Metric]] = {}
    for name in names:
        cohort = name in OF_RECEIVED
        metric = METRICS[OF_RECEIVED.get(name, name)]
        day = "received_on" if cohort else metric.on or DAYS[metric.source]
        groups.setdefault((metric.source, day, cohort), {})[name] = metric
    return groups


def _in(key: str, column: str) -> Q:
    """Rows of a county, or that belong to a wider area itself."""
    path = key.rstrip(FILL)
    return inside(Area(path=path), column) if len(path) == PATH else Q(**{column: path})


# --- Kept right -------------------------------------------------------------------------------------------------------


def refresh() -> int:
    """Count again what was marked. Returns how many counties and months that were."""
    done = 0
    if TallyMark.objects.all()[OVERFULL : OVERFULL + 1].exists():
        _check(repair=True)
        done = Tally.objects.count()
    while number := _refresh():
        done += number
    return done


@transaction.atomic
def _refresh() -> int:
    """Work off the oldest marks.

    The marks go first and the records are counted then: whoever writes meanwhile is either counted or leaves a mark that
    is not among these. Nobody sees the one without the other before the end of the transaction.
    """
    if not TallyMark.objects.exists():
        return 0
    _alone()
    marks = list(TallyMark.objects.order_by("pk").values_list("pk", "path", "month")[:AT_ONCE])
    for begun in range(0, len(marks), BATCH):
        TallyMark.objects.filter(pk__in=[pk for pk, _, _ in marks[begun : begun + BATCH]]).delete()
    by_month: dict[date, set[str]] = {}
    for _, path, month in marks:
        by_month.setdefault(month, set()).add(path)
    for month, keys in by_month.items():
        _replace(month, keys, _of_month(month, keys))
        add_up([month], keys)
    return sum(len(keys) for keys in by_month.values())


def _of_month(month: date, keys: Collection[str]) -> dict[str, Counted]:
    """Of these counties: a query each for few of them, and one for the area that holds them all for many."""
    if len(keys) > FEW:
        found = counted(_common(keys), month, month_end(month))
    else:
        found = {}
        for key in keys:
            found |= counted(Area(path=key.rstrip(FILL)), month, month_end(month))
    return {path: one for (path, _), one in found.items() if path in keys}


def _alone() -> None:
    """Wait until nobody else counts: the row of this series is held until the end of the transaction."""
    Sequence.objects.next("tallies")


def _common(keys: Collection[str]) -> Area:
    """The narrowest area that holds them all, of which only the path is known."""
    length = next((n for n in (PATH, *LEVELS) if len({key[:n] for key in keys}) == 1), 0)
    path = min(keys)[:length]
    return Area(path="" if FILL in path else path)


def _replace(month: date, paths: Collection[str], found: dict[str, Counted]) -> None:
    for begun in range(0, len(gone := sorted(paths)), BATCH):
        Tally.objects.filter(month=month, path__in=gone[begun : begun + BATCH]).delete()
    _write((path, month, one) for path, one in found.items())


def _write(rows: Iterable[tuple[str, date, Counted]]) -> None:
    Tally.objects.bulk_create(
        [
            Tally(path=path, month=month, values=one.values, first=one.first, last=one.last)
            for path, month, one in rows
        ],
        batch_size=BATCH,
    )


def _rows(tallies: Any, length: int | None = None) -> Iterator[tuple[str, date, Raw, date, date]]:
    """What stands in tallies, of paths of a length only."""
    if length is not None:
        tallies = tallies.annotate(length=Length("path")).filter(length=length)
    yield from tallies.values_list("path", "month", "values", "first", "last").iterator()


def add_up(months: Iterable[date], keys: Collection[str]) -> None:
    """Add up everything above these counties, level by level."""
    for month in months:
        below = PATH
        for length in LEVELS:
            paths = {key[:length] for key in keys}
            sums: dict[str, Counted] = {}
            rows = Tally.objects.filter(month=month)
            if length:
                rows = rows.filter(path__gte=min(paths), path__lt=_after(max(paths)))
            for path, _, values, first, last in _rows(rows, below):
                if path[:length] in paths:
                    sums.setdefault(path[:length], Counted()).add(Counted(values, first, last))
            _replace(month, paths, sums)
            below = length


def _after(path: str) -> str:
    """What sorts behind everything inside `path`, in whatever order the database sorts: made of digits alone."""
    bare = path.rstrip(FILL)
    return str(int(bare) + 1) if bare else "0"


def count_days() -> int:
    """Count the days of the provinces and of the nation where a month has changed since. Returns how many months.

    They are needed where a period begins or ends within a month, and take a while: this is done at night.
    """
    missing = Tally.objects.filter(days__isnull=True).annotate(length=Length("path"))
    months = sorted(set(missing.filter(length__in=(0, PROVINCE)).values_list("month", flat=True)))
    if not months:
        return 0
    with transaction.atomic():
        _alone()
        found = counted_days(Area(path=""), months[0], month_end(months[-1]))
        for month in months:
            for path in list(missing.filter(month=month, length=PROVINCE).values_list("path", flat=True)):
                _keep_days(path, month, found.get((path, month), {}))
            _add_up_days(month)
    return len(months)


def _keep_days(path: str, month: date, days: Days) -> None:
    """Where a record was written since the month was counted, the days wait for the month."""
    if not TallyMark.objects.filter(inside(Area(path=path), "path"), month=month).exists():
        Tally.objects.filter(path=path, month=month).update(days=days)


def _add_up_days(month: date) -> None:
    below = Tally.objects.filter(month=month).annotate(length=Length("path")).filter(length=PROVINCE)
    days: Days = {}
    for of_province in below.values_list("days", flat=True):
        if of_province is None:
            return
        for day, values in of_province.items():
            add(days.setdefault(day, {}), values)
    Tally.objects.filter(path="", month=month).update(days=days)


# --- Proved -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Difference:
    path: str
    month: date
    code: str
    kept: Any
    counted: Any

    def __str__(self) -> str:
        return f"{self.path or '全国'} {self.month:%Y-%m} {self.code}：存的是 {self.kept}，记录里是 {self.counted}"


def count_everything() -> None:
    """As after a load: everything anew, and the days."""
    for _ in check(repair=True):
        pass
    count_days()


def check(*, repair: bool = False) -> Iterator[Difference]:
    """Each figure of each tally that differs from the records, and of those above that differ from what they add up.

    What is marked at the moment is not wrong but waiting. With `repair`, everything is counted and written anew.
    """
    yield from _check(repair=repair)
    yield from _check_sums()


@transaction.atomic
def _check(*, repair: bool) -> list[Difference]:
    """One pass over each table for the whole country: a county's rows lie all over it, and many passes take much longer."""
    waiting = set(TallyMark.objects.values_list("path", "month").distinct())
    if repair:
        _alone()
        TallyMark.objects.all().delete()
    found = counted(Area(path=""), *EVER)
    kept = {
        (path, month): Counted(values, first, last)
        for path, month, values, first, last in _rows(Tally.objects.all(), PATH)
    }
    waiting |= set(TallyMark.objects.values_list("path", "month").distinct())
    wrong = [one for one in _differences(kept, found) if (one.path, one.month) not in waiting]
    wrong += _wrong_days({month for _, month in waiting})
    if repair:
        wrong += _check_sums()
        Tally.objects.all().delete()
        _write((path, month, one) for (path, month), one in found.items())
        for length in LEVELS:
            sums: dict[tuple[str, date], Counted] = {}
            for (path, month), one in found.items():
                sums.setdefault((path[:length], month), Counted()).add(one)
            _write((path, month, one) for (path, month), one in sums.items())
    return wrong


def _wrong_days(waiting: Collection[date]) -> Iterator[Difference]:
    kept = Tally.objects.exclude(days__isnull=True).exclude(month__in=waiting).exclude(path="")
    rows = {(path, month): days or {} for path, month, days in kept.values_list("path", "month", "days")}
    found = counted_days(Area(path=""), *EVER) if rows else {}
    for (path, month), days in sorted(rows.items()):
        now = found.get((path, month), {})
        for day in sorted((days.keys() | now.keys()), key=int):
            if days.get(day) != now.get(day):
                yield Difference(path, month, f"{day}日", days.get(day), now.get(day))


def _check_sums() -> list[Difference]:
    """Of those above, a level at a time."""
    kept: dict[int, dict[tuple[str, date], Counted]] = {PATH: {}, **{length: {} for length in LEVELS}}
    for path, month, values, first, last in _rows(Tally.objects.all()):
        kept[len(path)][path, month] = Counted(values, first, last)
    wrong: list[Difference] = []
    below = PATH
    for length in LEVELS:
        sums: dict[tuple[str, date], Counted] = {}
        for (path, month), one in kept[below].items():
            sums.setdefault((path[:length], month), Counted()).add(one)
        wrong += _differences(kept[length], sums)
        below = length
    return wrong


def _differences(
    kept: dict[tuple[str, date], Counted], found: dict[tuple[str, date], Counted]
) -> Iterator[Difference]:
    nothing = Counted()
    for path, month in sorted(kept.keys() | found.keys()):
        was, now = kept.get((path, month), nothing), found.get((path, month), nothing)
        if was == now:
            continue
        for code in sorted(was.values.keys() | now.values.keys()):
            if was.values.get(code) != now.values.get(code):
                yield Difference(path, month, code, was.values.get(code, 0), now.values.get(code, 0))
        if (was.first, was.last) != (now.first, now.last):
            yield Difference(path, month, "first–last", f"{was.first}–{was.last}", f"{now.first}–{now.last}")
