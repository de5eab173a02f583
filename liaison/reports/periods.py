"""Periods: a month, a quarter, half a year, a year, or any days; those that people ask for by name; and as addresses say them."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import models

from liaison.accounts.models import Area
from liaison.core.workdays import month_end


class Kind(models.TextChoices):
    MONTHLY = "MONTHLY", "月报"
    QUARTERLY = "QUARTERLY", "季报"
    HALF_YEAR = "HALF_YEAR", "半年报"
    YEARLY = "YEARLY", "年报"
    FREE = "FREE", "自定时段"


MONTHS = {Kind.MONTHLY: 1, Kind.QUARTERLY: 3, Kind.HALF_YEAR: 6, Kind.YEARLY: 12}
QUARTERS, HALVES = "一二三四", "上下"
WRITTEN = {
    Kind.MONTHLY: (r"(\d{4})-(\d{2})", "2023-10"),
    Kind.QUARTERLY: (r"(\d{4})Q([1-4])", "2023Q3"),
    Kind.HALF_YEAR: (r"(\d{4})H([12])", "2023H1"),
    Kind.YEARLY: (r"(\d{4})", "2023"),
    Kind.FREE: (r"(\d{4}-\d{2}-\d{2})\.\.(\d{4}-\d{2}-\d{2})", "2023-01-01..2023-10-31"),
}


@dataclass(frozen=True)
class Period:
    """From a day to a day, both counted. One that is not over yet ends earlier than its kind says."""

    kind: str
    first: date
    last: date

    @classmethod
    def of(cls, kind: str, on: date) -> "Period":
        """The whole month, quarter, half-year or year in which a day lies."""
        months = MONTHS[Kind(kind)]
        begins = (on.month - 1) // months * months + 1
        return cls(kind, date(on.year, begins, 1), month_end(date(on.year, begins + months - 1, 1)))

    @classmethod
    def before(cls, kind: str, on: date) -> "Period":
        """The one before that in which a day lies."""
        return cls.of(kind, cls.of(kind, on).first - timedelta(days=1))

    @classmethod
    def named(cls, first: date, last: date) -> "Period":
        """The days as the whole month, quarter, half-year or year that they are; any others as free. So what is over has one name."""
        for kind in MONTHS:
            if (whole := cls.of(kind, first)).last == last and whole.first == first:
                return whole
        return cls(Kind.FREE, first, last)

    @classmethod
    def read(cls, kind: str, text: str) -> "Period":
        """As a command or a program writes it: 2023Q3, 2023H1, 2023, 2023-10, 2023-01-01..2023-10-31.

        Free days that are a quarter are that quarter (`named`). Raises ValueError with a sentence.
        """
        pattern, example = WRITTEN[Kind(kind)]
        wrong = f"{Kind(kind).label}的统计期“{text}”不对，应写成 {example} 这样。"
        found = re.fullmatch(pattern, text.strip().upper())
        if not found:
            raise ValueError(wrong)
        try:
            if kind == Kind.FREE:
                first, last = (date.fromisoformat(day) for day in found.groups())
            else:
                year, place = int(found[1]), int(found[2]) if found.lastindex == 2 else 1
                whole = cls.of(kind, date(year, (place - 1) * MONTHS[Kind(kind)] + 1, 1))
                first, last = whole.first, whole.last
        except ValueError:
            raise ValueError(wrong) from None
        if first > last:
            raise ValueError(f"统计期的结束日期 {last} 早于开始日期 {first}，请检查。")
        return cls.named(first, last) if kind == Kind.FREE else cls(kind, first, last)

    @classmethod
    def read_days(cls, kind: str, first: str, last: str) -> "Period":
        """As the parameters of a job have it."""
        return cls(kind, date.fromisoformat(first), date.fromisoformat(last))

    def up_to(self, today: date) -> "Period":
        """As far as it has come. Raises ValueError, with a sentence, where it has not begun."""
        if self.first > today:
            raise ValueError(f"{self.label}还没有开始，没有可以统计的。")
        return Period(self.kind, self.first, min(self.last, today))

    @property
    def is_whole(self) -> bool:
        return self.kind == Kind.FREE or self == Period.of(self.kind, self.first)

    @property
    def label(self) -> str:
        """2023年第三季度; what is not over yet says how far it goes."""
        year, month = self.first.year, self.first.month
        match self.kind:
            case Kind.MONTHLY:
                name = f"{year}年{month}月"
            case Kind.QUARTERLY:
                name = f"{year}年第{QUARTERS[(month - 1) // 3]}季度"
            case Kind.HALF_YEAR:
                name = f"{year}年{HALVES[(month - 1) // 6]}半年"
            case Kind.YEARLY:
                name = f"{year}年"
            case _:
                return f"{self.first:%Y年%-m月%-d日}至{self.last:%Y年%-m月%-d日}"
        return name if self.is_whole else f"{name}（至{self.last:%-m月%-d日}）"

    @property
    def code(self) -> str:
        """As `read` reads it, of a whole one."""
        year, month = self.first.year, self.first.month
        match self.kind:
            case Kind.MONTHLY:
                return f"{year}-{month:02}"
            case Kind.QUARTERLY:
                return f"{year}Q{(month + 2) // 3}"
            case Kind.HALF_YEAR:
                return f"{year}H{(month + 5) // 6}"
            case Kind.YEARLY:
                return str(year)
            case _:
                return f"{self.first}..{self.last}"


def presets(today: date) -> dict[str, tuple[str, Period]]:
    """The periods that are asked for by name, as far as they have come: key → words, period."""
    asked = {
        "last_quarter": ("上季度", Period.before(Kind.QUARTERLY, today)),
        "quarter": ("本季度", Period.of(Kind.QUARTERLY, today)),
        "last_month": ("上月", Period.before(Kind.MONTHLY, today)),
        "month": ("本月", Period.of(Kind.MONTHLY, today)),
        "half": ("本半年", Period.of(Kind.HALF_YEAR, today)),
        "last_half": ("上一个半年", Period.before(Kind.HALF_YEAR, today)),
        "year": ("今年", Period.of(Kind.YEARLY, today)),
        "last_year": ("去年", Period.before(Kind.YEARLY, today)),
    }
    return {key: (words, period.up_to(today)) for key, (words, period) in asked.items()}


TABS = ("month", "last_month", "quarter", "year", "last_year")  # of boards and figures


def tabs(
    today: date, shown: tuple[date | None, date | None], address: Callable[[date, date], str]
) -> list[dict[str, Any]]:
    """Links to the periods that people ask for by name, for ui/tabs; `shown`: the days of the page, `address` that of days."""
    return [
        {
            "label": words,
            "url": address(period.first, period.last),
            "current": (period.first, period.last) == shown,
            "count": None,
        }
        for words, period in (presets(today)[key] for key in TABS)
    ]


def said(first: date, last: date, area: Area | None = None) -> dict[str, str]:
    """Days, and whose, as the query of an address says them: by the names of PeriodForm and REST."""
    where = {"area": area.code} if area else {}
    return where | {"from": first.isoformat(), "to": last.isoformat()}
