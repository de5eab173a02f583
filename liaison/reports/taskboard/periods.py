"""Months, quarters and years: the spans in which a task is done anew."""

import re
from dataclasses import dataclass
from datetime import date

from liaison.core.workdays import month_end

MONTH, QUARTER, YEAR = "month", "quarter", "year"
MONTHS = {MONTH: 1, QUARTER: 3, YEAR: 12}
QUARTERS = "一二三四"
CODE = re.compile(r"(20\d\d)(?:-(?:(0[1-9]|1[0-2])|Q([1-4])))?", re.ASCII)


@dataclass(frozen=True)
class Period:
    """One month, quarter or year; `number` counts from 1 within the year."""

    year: int
    every: str = YEAR
    number: int = 1

    @property
    def first(self) -> date:
        return date(self.year, (self.number - 1) * MONTHS[self.every] + 1, 1)

    @property
    def last(self) -> date:
        return month_end(date(self.year, self.number * MONTHS[self.every], 1))

    @property
    def code(self) -> str:
        """2026, 2026-Q3, 2026-07: as it stands in addresses."""
        return f"{self.year}-{self.part}" if self.part else str(self.year)

    @property
    def part(self) -> str:
        """Of the year: Q3, 07; empty of all of it."""
        if self.every == MONTH:
            return f"{self.number:02d}"
        return f"Q{self.number}" if self.every == QUARTER else ""

    @property
    def short(self) -> str:
        """Without the year: 7月, 三季度, 全年."""
        if self.every == MONTH:
            return f"{self.number}月"
        return f"{QUARTERS[self.number - 1]}季度" if self.every == QUARTER else "全年"

    @property
    def months(self) -> int:
        return MONTHS[self.every]

    def __str__(self) -> str:
        return f"{self.year}年" if self.every == YEAR else f"{self.year}年{self.short}"

    def meets(self, other: "Period") -> bool:
        """Do they share a day?"""
        return self.first <= other.last and other.first <= self.last

    def holds(self, day: date) -> bool:
        return self.first <= day <= self.last


def periods_of(year: int, every: str) -> list[Period]:
    return [Period(year, every, number) for number in range(1, 12 // MONTHS[every] + 1)]


def period_at(day: date, every: str) -> Period:
    return Period(day.year, every, (day.month - 1) // MONTHS[every] + 1)


def read_period(code: str) -> Period | None:
    """The period that a code names; None where it names none."""
    found = CODE.fullmatch(code)
    if found is None:
        return None
    year, month, quarter = found.groups()
    if month:
        return Period(int(year), MONTH, int(month))
    return Period(int(year), QUARTER, int(quarter)) if quarter else Period(int(year))
