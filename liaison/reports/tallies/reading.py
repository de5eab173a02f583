"""Answering from tallies what can be answered from them, and counting only the rest."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models.functions import Coalesce

from liaison.core.places import inside
from liaison.core.workdays import month_end, month_start
from liaison.reports import breakdown, metrics
from liaison.reports.breakdown import By, Key, Values
from liaison.reports.metrics import METRICS, Ask, Rule
from suggestions.models import Request
from visits.models import Category, Visit
from visits.privacy import about

from .keeping import CODES, OF_CATEGORIES, OF_RECEIVED, PROVINCE, Days, Raw, add, counted_now
from .models import PATH, Tally, TallyMark

MANY = 40  # marked counties in a month: from then on the whole month is counted

Parts = dict[tuple[str, date], Raw]  # by path of the area asked for, or of a child, and month


def told(
    ask: Ask, codes: Iterable[str], *by: By, below: Collection[str] = ()
) -> dict[tuple[Key, ...], Values]:
    """Those of `codes` that tallies hold, in the shape of `breakdown.broken_down`; empty where they cannot serve.

    They serve who sees all of an area from a county up, by the records as they are now, in all or by child area,
    month and category. Months that lie in the period as far as anything happened in them are read; others, and the counties
    marked since, are counted. `below`: the paths of the child areas, with By.AREA.
    """
    names = _names(ask, codes, by)
    if not names or not set(by) <= {By.AREA, By.MONTH, By.CATEGORY} or not _may(ask):
        return {}
    if any(len(path) > PATH for path in below):
        return {}
    period = {"month__range": (month_start(ask.first), ask.last)}
    # The marks first: what is cleared of them afterwards stands in the tallies that are read then.
    marked: dict[date, set[str]] = {}
    marks = TallyMark.objects.filter(inside(ask.area, "path"), **period)
    for path, month in marks.values_list("path", "month").distinct():
        marked.setdefault(month, set()).add(path)
    paths = {ask.area.path, *below, *(path for keys in marked.values() if len(keys) <= MANY for path in keys)}
    kept: dict[date, dict[str, Tally]] = {}
    for row in Tally.objects.filter(path__in=paths, **period).defer("days"):  # they are long
        kept.setdefault(row.month, {})[row.path] = row
    if not kept or not _sees_all(ask):
        return {}
    return _folded(_parts(ask, names, below, marked, kept), ask.area.path, names, by)


def _names(ask: Ask, codes: Iterable[str], by: Collection[By]) -> dict[str, str]:
    """The figures that tallies hold, and under which name."""
    if By.CATEGORY in by:
        apart = {} if ask.cohort else {code: name for name, code in OF_CATEGORIES.items()}
        return {code: apart[code] for code in codes if code in apart}
    if ask.cohort:
        held = {code: name for name, code in OF_RECEIVED.items()}
        return {code: held[code] for code in codes if code in held}
    return {code: code for code in codes if code in CODES}


def _may(ask: Ask) -> bool:
    if ask.as_of is not None or ask.part is not None or len(ask.area.path) > PATH:
        return False
    return ask.of_all_here


def _sees_all(ask: Ask) -> bool:
    """Nobody is told of a complaint about oneself, so its figures are others."""
    if ask.post is None:
        return True
    here = inside(ask.area)
    said = (
        Visit.objects.filter(here, about(ask.post)),
        Visit.objects.filter(here, about(ask.post, "requests__")),
    )
    return not any(rows.exists() for rows in (*said, Request.objects.about(ask.post).filter(here)))


def _parts(
    ask: Ask,
    names: Mapping[str, str],
    below: Collection[str],
    marked: dict[date, set[str]],
    kept: dict[date, dict[str, Tally]],
) -> Parts:
    parts: Parts = {}
    for year, number in breakdown.months(ask.first, ask.last):
        month = date(year, number, 1)
        rows, keys = kept.get(month, {}), marked.get(month, set())
        first, last = max(ask.first, month), min(ask.last, month_end(month))
        whole = rows.get(ask.area.path)
        places = {ask.area.path, *below} & rows.keys()
        inside_it = whole is None or (first <= whole.first and whole.last <= last)
        if inside_it and len(keys) <= MANY:
            for path in places:
                _put(parts, path, month, rows[path].values, names)
            for key in keys & rows.keys():
                for path in _places(key, below, ask.area.path):
                    _put(parts, path, month, rows[key].values, names, -1)
            if keys:
                _count(parts, ask, month, first, last, below, names, keys)
        elif not keys and (days := _days(month, places)):
            for path in places:
                for day in range(first.day, last.day + 1):
                    _put(parts, path, month, days[path].get(str(day), {}), names)
        else:
            _count(parts, ask, month, first, last, below, names)
    return parts


def _days(month: date, paths: Collection[str]) -> dict[str, Days]:
    """The days of a month of all these areas, or nothing."""
    if any(len(path) > PROVINCE for path in paths):
        return {}
    found = (
        Tally.objects.filter(month=month, path__in=paths)
        .exclude(days__isnull=True)
        .values_list("path", "days")
    )
    days: dict[str, Days] = {path: of_path or {} for path, of_path in found}
    return days if len(days) == len(paths) else {}


def _count(
    parts: Parts,
    ask: Ask,
    month: date,
    first: date,
    last: date,
    below: Collection[str],
    names: Mapping[str, str],
    keys: Collection[str] | None = None,
) -> None:
    for key, values in counted_now(ask.area, first, last, names.values(), keys).items():
        for path in _places(key, below, ask.area.path):
            _put(parts, path, month, values, names)


def _put(parts: Parts, path: str, month: date, values: Raw, names: Mapping[str, str], sign: int = 1) -> None:
    wanted = {name: values[name] for name in names.values() if name in values}
    add(parts.setdefault((path, month), {}), wanted, sign)


def _places(key: str, below: Collection[str], above: str) -> list[str]:
    """Where a county counts: in the area asked for, and in the child in which it lies."""
    return [above, *(path for path in below if path != above and key.startswith(path))]


def _folded(
    parts: Parts, above: str, names: Mapping[str, str], by: Sequence[By]
) -> dict[tuple[Key, ...], Values]:
    """Added up by what was asked for. What lies in no child is what the area has more than its children."""
    raw: dict[tuple[Key, ...], Raw] = {}
    top = _top_categories() if By.CATEGORY in by else {}
    for (path, month), values in parts.items():
        for category, told in _by_category(values, top) if top else [(None, values)]:
            places: dict[By, Key] = {
                By.AREA: path,
                By.MONTH: (month.year, month.month),
                By.CATEGORY: category,
            }
            if By.AREA in by or path == above:
                add(raw.setdefault(tuple(places[one] for one in by), {}), told)
            if By.AREA in by and path != above:
                places[By.AREA] = above
                add(raw.setdefault(tuple(places[one] for one in by), {}), told, -1)
    found = {
        key: {code: _value(code, values.get(name)) for code, name in names.items()}
        for key, values in raw.items()
    }
    return (
        {key: values for key, values in found.items() if any(values.values())}
        if by
        else found or {(): dict.fromkeys(names, 0)}
    )


def _top_categories() -> dict[str, Key]:
    """Of each category, as tallies name it, the one of the highest rank above it."""
    rows = Category.objects.values_list("pk", Coalesce("parent", "pk"))
    return {"": None} | {str(pk): top for pk, top in rows}


def _by_category(values: Raw, top: Mapping[str, Key]) -> list[tuple[Key, Raw]]:
    """The values of each category of the highest rank."""
    found: dict[Key, Raw] = {}
    for name, by_category in values.items():
        for category, number in by_category.items():
            add(found.setdefault(top[category], {}), {name: number})
    return list(found.items())


def _value(code: str, value: Any) -> int:
    if METRICS[code].rule == Rule.MEDIAN_DAYS:
        return metrics.middle((int(days), n) for days, n in (value or {}).items())
    return value or 0
