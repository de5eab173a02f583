"""Our working days beside those of two others who keep them, day by day; and due days that each of the three counts alike.

The third source, the notices themselves, is in test_workdays.py.
"""

from calendar import monthrange
from datetime import date, timedelta

import chinese_calendar
import pytest
from lunar_python.util import HolidayUtil

from liaison.core.workdays import Workdays, load_years

pytestmark = pytest.mark.once

FIRST, LAST = date(2023, 1, 1), date(2026, 12, 31)
ONE = timedelta(days=1)
DIFFERENCES: dict[tuple[str, date], str] = {}  # (source, day) → why it differs: there is none


def by_lunar(day):
    found = HolidayUtil.getHoliday(day.isoformat())
    return found.isWork() if found else day.weekday() < 5


SOURCES = {"chinesecalendar": chinese_calendar.is_workday, "lunar-python": by_lunar}


@pytest.fixture
def calendar(db):
    load_years(range(2023, 2027))
    return Workdays(FIRST, LAST)


@pytest.mark.parametrize("source", SOURCES)
def test_every_single_day_is_worked_as_others_say(calendar, source):
    days = [FIRST + n * ONE for n in range((LAST - FIRST).days + 1)]
    differing = {(source, day) for day in days if calendar.is_workday(day) is not SOURCES[source](day)}
    assert len(days) == 1461
    assert differing == {key for key in DIFFERENCES if key[0] == source}


# start, what is counted, and the day it ends on
DUE = (
    ("2023-01-16", 5, "2023-01-28"),  # a Saturday that is worked, after the Spring Festival
    ("2023-01-16", 15, "2023-02-09"),
    ("2023-06-12", 15, "2023-07-04"),
    ("2023-09-18", 15, "2023-10-13"),
    ("2023-09-25", 4, "2023-10-07"),  # a Saturday that is worked
    ("2024-02-05", 5, "2024-02-18"),
    ("2024-02-08", 2, "2024-02-18"),  # a Sunday that is worked
    ("2024-02-26", 5, "2024-03-04"),  # over 29 February
    ("2024-09-10", 15, "2024-10-08"),
    ("2024-12-30", 5, "2025-01-07"),  # into another year
    ("2025-01-20", 15, "2025-02-14"),
    ("2025-04-22", 5, "2025-04-28"),  # Sunday the 27th was worked
    ("2025-09-22", 15, "2025-10-17"),
    ("2026-02-09", 5, "2026-02-14"),  # Saturday the 14th was worked
    ("2026-02-09", 15, "2026-03-06"),  # the whole Spring Festival in between, and Saturday the 28th worked
    ("2026-06-15", 5, "2026-06-23"),
    ("2026-09-14", 15, "2026-10-10"),  # a Saturday that is worked
    ("2026-11-30", 15, "2026-12-21"),
)
DUE_MONTHS = (
    ("2022-11-30", 3, "2023-02-28"),
    ("2023-11-30", 3, "2024-02-29"),  # a leap year
    ("2024-11-30", 3, "2025-02-28"),
    ("2025-11-30", 3, "2026-02-28"),  # a Saturday that is worked
    ("2023-08-31", 6, "2024-02-29"),
    ("2022-10-24", 3, "2023-01-28"),  # 24 January is in the Spring Festival; Saturday the 28th is worked
    ("2023-11-12", 3, "2024-02-18"),  # from the Spring Festival to a Sunday that is worked
    ("2025-11-17", 3, "2026-02-24"),  # 17 February is in the Spring Festival
    ("2023-07-01", 3, "2023-10-07"),  # 1 October is a holiday; Saturday the 7th is worked
    ("2024-07-12", 3, "2024-10-12"),  # a Saturday that is worked: it stays
    ("2025-06-28", 3, "2025-09-28"),  # a Sunday that is worked: it stays
    ("2024-03-31", 6, "2024-09-30"),
    ("2024-02-29", 6, "2024-08-29"),
    ("2026-01-31", 1, "2026-02-28"),
    ("2026-05-09", 1, "2026-06-09"),
    ("2026-06-20", 3, "2026-09-20"),  # a Sunday that is worked: it stays
)  # fmt: skip


def counted(start, workdays, is_workday):
    day = start
    while workdays:
        day += ONE
        workdays -= is_workday(day)
    return day


def month_later(start, months, is_workday):
    years, month = divmod(start.month - 1 + months, 12)
    year, month = start.year + years, month + 1
    day = date(year, month, min(start.day, monthrange(year, month)[1]))
    while not is_workday(day):
        day += ONE
    return day


def test_due_days_are_those_that_everybody_counts(calendar):
    days = [(date.fromisoformat(start), n) for start, n, _ in DUE]
    months = [(date.fromisoformat(start), n) for start, n, _ in DUE_MONTHS]
    expected = [day for _, _, day in (*DUE, *DUE_MONTHS)]
    ours = [calendar.add(*one).day for one in days] + [
        calendar.add_months(*one, roll=True).day for one in months
    ]
    assert [f"{day}" for day in ours] == expected
    for source, is_workday in SOURCES.items():
        found = [counted(*one, is_workday) for one in days] + [
            month_later(*one, is_workday) for one in months
        ]
        assert [f"{day}" for day in found] == expected, source
