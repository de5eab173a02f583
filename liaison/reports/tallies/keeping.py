"""Counting tallies, keeping them right, and proving them equal to the records."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from functools import reduce
from operator import or_
from typing import Any

from django.db import models, transaction
from django.db.models import F, Max, Min, Q
from django.db.models.functions import Length, Substr, TruncDay, TruncMonth

from liaison.accounts.models import Area
from liaison.core.models import Sequence
from liaison.core.places import inside
from liaison.core.workdays import month_end, month_start
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
# What the heat table of a board tells apart: the requests received, by the category that each has.
OF_CATEGORIES = {"requests.received@category": "requests.received"}
NAMES = (*CODES, *OF_RECEIVED, *OF_CATEGORIES)
LEVELS = (4, 2, 0)  # of the paths above a county
FEW = 40  # counties that are worth a condition each
AT_ONCE = 2000  # counties and months that are counted again in a transaction
OVERFULL = 20_000  # of them marked: from there on everything is counted, as after a load
BATCH = 500
EVER = date(1949, 10, 1), date(9999, 11, 30)
PROVINCE = 2  # length of its path

Raw = dict[str, Any]  # by name: a number; numbers by days (a median) or by category ("" for none)
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


def counted(
    area: Area, first: date, last: date, keys: Collection[str] | None = None
) -> dict[tuple[str, date], Counted]:
    """All figures of the records themselves, for each county (or those of `keys`) and month; without records, none.

    By the definitions of the dictionary: its sources, its conditions, its rules.
    """
    found: dict[tuple[str, date], Counted] = {}
    for row in _counts(area, first, last, TruncMonth, PATH, keys):
        one = found.setdefault((row["path"].ljust(PATH, FILL), row["day"]), Counted())
        one.add(Counted(row["values"], row["tally_first"], row["tally_last"]))
    return found


def counted_days(area: Area, first: date, last: date) -> dict[tuple[str, date], Days]:
    """Likewise for each province, by month and day of the month; what is the nation's own stands under FILL."""
    found: dict[tuple[str, date], Days] = {}
    for row in _counts(area, first, last, TruncDay, PROVINCE):
        days = found.setdefault((row["path"].ljust(PROVINCE, FILL), row["day"].replace(day=1)), {})
        add(days.setdefault(str(row["day"].day), {}), row["values"])
    return found


def _counts(
    area: Area, first: date, last: date, span: Any, length: int, keys: Collection[str] | None = None
) -> Iterator[dict[str, Any]]:
    asks = {cohort: Ask(area, first, last, cohort=cohort) for cohort in (False, True)}
    for group, members in together(NAMES).items():
        rows = counting(group, members, asks[group.cohort], span, length, keys)
        for row in rows.iterator():
            yield row | {
                "path": row["tally_path"],
                "day": row["tally_day"],
                "values": _values(group, members, row),
            }


def counting(
    group: "Group",
    members: dict[str, Metric],
    ask: Ask,
    span: Any,
    length: int,
    keys: Collection[str] | None = None,
) -> Any:
    """The query that counts a group by the beginnings of paths and spans of days; with `keys`, of these counties."""
    rows = group.source(ask).filter(ask.during(group.day)).order_by()
    path = AREAS.get(rows.model, "area_path")
    if keys is not None:
        rows = rows.filter(_in_any(keys, path))
    rows = rows.annotate(tally_path=Substr(path, 1, length), tally_day=span(group.day))
    days = {"tally_first": Min(group.day), "tally_last": Max(group.day)}
    return _valued(group, members, ask, rows.values("tally_path", "tally_day"), days)


def counted_now(
    area: Area, first: date, last: date, names: Iterable[str] = NAMES, keys: Collection[str] | None = None
) -> dict[str, Raw]:
    """The figures `names` of some days, for each county, or for those of `keys` only: one query for each source."""
    found: dict[str, Raw] = {}
    groups: dict[Group, dict[str, Metric]] = {}
    for group, members in together(names).items():
        groups.setdefault(replace(group, day=""), {}).update(members)
    asks = {cohort: Ask(area, first, last, cohort=cohort) for cohort in (False, True)}
    for group, members in groups.items():
        ask = asks[group.cohort]
        rows = group.source(ask).order_by()
        path = AREAS.get(rows.model, "area_path")
        if keys is not None and len(keys) <= FEW:
            rows = rows.filter(_in_any(keys, path))
        rows = rows.annotate(tally_path=Substr(path, 1, PATH)).values("tally_path")
        for row in _valued(group, members, ask, rows, {}):
            key = row["tally_path"].ljust(PATH, FILL)
            if (values := _values(group, members, row)) and (keys is None or key in keys):
                add(found.setdefault(key, {}), values)
    return found


@dataclass(frozen=True)
class Group:
    """What one query counts: of one source, one deciding day, and told apart by the same, if by anything."""

    source: Any
    day: str
    cohort: bool
    apart: str  # key of APART; "" for plain numbers


APART = {"days": metrics.TOOK, "category": F("category")}


def together(names: Iterable[str]) -> dict[Group, dict[str, Metric]]:
    """The metrics that one query answers, by name. Those that are told apart have one of their own."""
    groups: dict[Group, dict[str, Metric]] = {}
    for name in names:
        cohort = name in OF_RECEIVED
        metric = METRICS[OF_RECEIVED.get(name) or OF_CATEGORIES.get(name) or name]
        day = "received_on" if cohort else metric.on or DAYS[metric.source]
        apart = "category" if name in OF_CATEGORIES else "days" if metric.rule == Rule.MEDIAN_DAYS else ""
        groups.setdefault(Group(metric.source, day, cohort, apart), {})[name] = metric
    return groups


def _valued(group: Group, members: dict[str, Metric], ask: Ask, rows: Any, more: dict[str, Any]) -> Any:
    """`rows`, grouped already, with the values as columns."""
    if group.apart:
        [metric] = members.values()
        rows = rows.filter(metric.condition(ask)).annotate(tally_by=APART[group.apart])
        return rows.annotate(tally_0=models.Count("pk"), **more)
    asked = {f"tally_{number}": metric.value(ask) for number, metric in enumerate(members.values())}
    return rows.annotate(**asked, **more)


def _values(group: Group, members: dict[str, Metric], row: dict[str, Any]) -> Raw:
    """The values of a row of `_valued`, by name; without what is nothing."""
    if group.apart:
        by = row["tally_by"]
        [name] = members
        return {name: {str(by.days if group.apart == "days" else "" if by is None else by): row["tally_0"]}}
    columns = ((name, row[f"tally_{number}"]) for number, name in enumerate(members))
    return {name: value for name, value in columns if value}


def _in_any(keys: Collection[str], column: str) -> Q:
    return reduce(or_, (_in(key, column) for key in sorted(keys)), Q(pk__in=[]))


def _in(key: str, column: str) -> Q:
    """Rows of a county, or that belong to a wider area itself."""
    path = key.rstrip(FILL)
    return inside(Area(path=path), column) if len(path) == PATH else Q(**{column: path})


# --- Kept right -------------------------------------------------------------------------------------------------------


def refresh() -> int:
    """Count again what was marked. Returns how many counties and months that were; 0 too while another counts."""
    done = 0
    while number := _refresh():
        done += number
    return done


@transaction.atomic
def _refresh() -> int:
    """Work off marks of some counties and months.

    The marks go first and the records are counted then: whoever writes meanwhile is either counted or leaves a mark that
    is not among these. Nobody sees the one without the other before the end of the transaction.
    """
    marked = TallyMark.objects.order_by("month", "path").values_list("month", "path").distinct()
    if not marked.exists() or not _alone(wait=False):
        return 0
    if marked[OVERFULL : OVERFULL + 1].exists():
        _check(repair=True)
        return Tally.objects.count()
    by_month: dict[date, set[str]] = {}
    for month, path in marked[:AT_ONCE]:
        by_month.setdefault(month, set()).add(path)
    for month, keys in by_month.items():
        for some in _batches(keys):
            TallyMark.objects.filter(month=month, path__in=some).delete()
    for months, keys in _passes(by_month):
        of_few = keys if len(keys) <= FEW else None
        found = counted(_common(keys), months[0], month_end(months[-1]), of_few)
        for month in months:
            of_month = by_month[month]
            _replace(month, of_month, {key: found[key, month] for key in of_month if (key, month) in found})
            add_up(month, of_month)
    return sum(len(keys) for keys in by_month.values())


def _passes(by_month: dict[date, set[str]]) -> Iterator[tuple[list[date], set[str]]]:
    """The months and counties that are counted at once: of few counties a run of months, of many each by itself."""
    every: set[str] = set().union(*by_month.values())
    runs = _runs(sorted(by_month)) if len(every) <= FEW else ([month] for month in sorted(by_month))
    for months in runs:
        yield months, set().union(*(by_month[month] for month in months))


def _alone(*, wait: bool = True) -> bool:
    """Hold a row that all hold who count, until the end of the transaction. Without `wait`, False where another has it."""
    Sequence.objects.get_or_create(name="tallies", defaults={"last": 0})
    row = Sequence.objects.select_for_update(skip_locked=not wait).filter(name="tallies")
    return row.first() is not None


def _common(keys: Collection[str]) -> Area:
    """The narrowest area that holds them all, of which only the path is known."""
    length = next((n for n in (PATH, *LEVELS) if len({key[:n] for key in keys}) == 1), 0)
    path = min(keys)[:length]
    return Area(path="" if FILL in path else path)


def _replace(month: date, paths: Collection[str], found: dict[str, Counted]) -> None:
    for some in _batches(paths):
        Tally.objects.filter(month=month, path__in=some).delete()
    _write((path, month, one) for path, one in found.items())


def _batches(paths: Collection[str]) -> Iterator[list[str]]:
    """As many as a statement takes."""
    every = sorted(paths)
    yield from (every[begun : begun + BATCH] for begun in range(0, len(every), BATCH))


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


def add_up(month: date, keys: Collection[str]) -> None:
    """Add up everything above these counties, level by level."""
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
    for some in _runs(months):
        with transaction.atomic():
            _alone()
            found = counted_days(Area(path=""), some[0], month_end(some[-1]))
            for month in some:
                for path in missing.filter(month=month, length=PROVINCE).values_list("path", flat=True):
                    _keep_days(path, month, found.get((path, month), {}))
                _add_up_days(month)
    return len(months)


def _runs(months: list[date]) -> Iterator[list[date]]:
    """The months in runs without a gap: each run is one pass over the records."""
    run: list[date] = []
    for month in months:
        if run and month != month_start(run[-1], 1):
            yield run
            run = []
        run.append(month)
    if run:
        yield run


def _keep_days(path: str, month: date, days: Days) -> None:
    """Where a record was written since the month was counted, the days wait for the month."""
    if not TallyMark.objects.filter(path__startswith=path, month=month).exists():
        Tally.objects.filter(path=path, month=month).update(days=days)


def _add_up_days(month: date) -> None:
    """The nation's, where all below have theirs."""
    below = Tally.objects.filter(month=month).annotate(length=Length("path")).filter(length=PROVINCE)
    days: Days = {}
    for part in below.values_list("days", flat=True):
        if part is None:
            return
        for day, values in part.items():
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


@transaction.atomic
def _check(*, repair: bool) -> list[Difference]:
    """One pass over each table for the whole country: a county's rows lie all over it, and many passes take much longer."""
    _alone()
    waiting = set(TallyMark.objects.values_list("path", "month").distinct())
    if repair:
        TallyMark.objects.all().delete()
    found = counted(Area(path=""), *EVER)
    kept = {
        (path, month): Counted(values, first, last)
        for path, month, values, first, last in _rows(Tally.objects.all(), PATH)
    }
    waiting |= set(TallyMark.objects.values_list("path", "month").distinct())
    wrong = [one for one in _differences(kept, found) if (one.path, one.month) not in waiting]
    wrong += _wrong_days({month for _, month in waiting})
    wrong += _check_sums()
    if repair:
        Tally.objects.all().delete()
        _write((path, month, one) for (path, month), one in found.items())
        for length in LEVELS:
            sums: dict[tuple[str, date], Counted] = {}
            for (path, month), one in found.items():
                sums.setdefault((path[:length], month), Counted()).add(one)
            _write((path, month, one) for (path, month), one in sums.items())
    return wrong


def _wrong_days(waiting: Collection[date]) -> Iterator[Difference]:
    kept = Tally.objects.exclude(days__isnull=True).exclude(month__in=waiting)
    rows = {(path, month): days or {} for path, month, days in kept.values_list("path", "month", "days")}
    found = counted_days(Area(path=""), *EVER) if rows else {}
    whole: dict[date, Days] = {}
    for (_, month), days in found.items():
        for day, values in days.items():
            add(whole.setdefault(month, {}).setdefault(day, {}), values)
    for (path, month), days in sorted(rows.items()):
        now = found.get((path, month), {}) if path else whole.get(month, {})
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
