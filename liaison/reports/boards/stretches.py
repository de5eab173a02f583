"""Which days a period is compared with, and which stretches of time a chart shows."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from liaison.core.workdays import month_end, month_start, months_before
from liaison.reports.breakdown import months

BARS, POINTS = (
    12,
    24,
)  # so many months can be hit apart in a chart (WCAG 2.5.8); a longer time is shown by years
SHORT = 3  # of a period shorter than so many months, the months before it are shown too


@dataclass(frozen=True)
class Stretch:
    """Days with the name that they have beside others: 上季度, 前30天, 2026年3月."""

    first: date
    last: date
    name: str = ""


def before(first: date, last: date) -> Stretch:
    """The days that a period is compared with, by the name that people give them.

    Whole months with the months before them; the year, quarter or month so far with the same days of the one before;
    any other days with as many before them. From January on the year before, as seasons differ.
    """
    count = len(months(first, last))
    whole = first.day == 1 and last == month_end(last)
    if first.day != 1:
        return _days_before(first, last)
    if (first.month, first.day) == (1, 1) and SHORT < count <= 12:
        return shifted(first, last, 12, "上年" if whole and count == 12 else "去年同期")
    if count == SHORT and first.month % 3 == 1:
        return shifted(first, last, 3, "上季度" if whole else "上季度同期")
    if count == 1:
        return shifted(first, last, 1, "上月" if whole else "上月同期")
    if whole:
        return shifted(first, last, count, f"前{count}个月")
    if first.month % 3 == 1 and count < SHORT:
        return shifted(first, last, 3, "上季度同期")
    return _days_before(first, last)


def as_long_before(first: date, last: date) -> Stretch:
    """Whole months with as many months before them, any other days with as many days."""
    if first.day == 1 and last == month_end(last):
        return shifted(first, last, len(months(first, last)))
    return _days_before(first, last)


def shifted(first: date, last: date, back: int, name: str = "") -> Stretch:
    """So many months earlier. A last day of a month stays one."""
    end = months_before(last, back)
    return Stretch(months_before(first, back), month_end(end) if last == month_end(last) else end, name)


def _days_before(first: date, last: date) -> Stretch:
    days = (last - first).days + 1
    return Stretch(first - timedelta(days=days), first - timedelta(days=1), f"前{days}天")


def stretches(first: date, last: date) -> list[Stretch]:
    """The months of a period, or its years where it has many; of a short one, of the year up to its end."""
    count = len(months(first, last))
    if count > POINTS:
        return [
            Stretch(max(first, date(year, 1, 1)), min(last, date(year, 12, 31)), f"{year}年")
            for year in range(first.year, last.year + 1)
        ]
    if count < SHORT:
        first = month_start(last, 1 - BARS)
    starts = (date(year, month, 1) for year, month in months(first, last))
    return [
        Stretch(max(first, start), min(last, month_end(start)), f"{start.year}年{start.month}月")
        for start in starts
    ]


def course(shown: list[Stretch], by_month: dict[tuple[Any, ...], dict[str, int]], code: str) -> list[int]:
    """A figure of each stretch, from what `broken_down` counted by month; the months of a year are added."""
    return [
        sum(
            by_month.get(((one.first.year, month),), {}).get(code, 0)
            for month in range(one.first.month, one.last.month + 1)
        )
        for one in shown
    ]


def ticks(shown: list[Stretch]) -> list[str]:
    """What stands below a chart: 1月, and the year under the first of it."""
    if not shown or "月" not in shown[0].name:
        return [one.name for one in shown]
    years = len({one.first.year for one in shown}) > 1
    return [
        f"{one.first.month}月"
        + (f"\n{one.first.year}年" if years and (n == 0 or one.first.month == 1) else "")
        for n, one in enumerate(shown)
    ]
