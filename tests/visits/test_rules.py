"""Reception rules: what a recurrence gives, what holidays do to it, and what is refused in words."""

from datetime import date, timedelta
from time import monotonic

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liaison.core.workdays import CalendarDay, Workdays
from tests import factories as f
from visits.models import ReceptionRule
from visits.models.rule import recurrence_in_words, rule_error

Holiday = ReceptionRule.Holiday
NOVEMBER = date(2026, 11, 1)


class KnownDays(Workdays):
    """A calendar made up by a test."""

    def __init__(self, holidays=(), workdays=()):
        kinds = CalendarDay.Kind
        marked = [(day, kinds.HOLIDAY) for day in holidays] + [(day, kinds.WORKDAY) for day in workdays]
        self.known = {day: CalendarDay(day=day, kind=kind, name="春节") for day, kind in marked}

    def special(self, day):
        return self.known.get(day)


def rule(recurrence="FREQ=MONTHLY;BYMONTHDAY=11", **fields):
    return f.RuleFactory.build(recurrence=recurrence, station=None, **fields)


def days(made, first, last, calendar=None):
    return [found.day for found in made.occurrences(first, last, calendar or KnownDays())]


@pytest.mark.parametrize(
    ("recurrence", "words"),
    [
        ("FREQ=MONTHLY;BYMONTHDAY=11", "每月11日"),
        ("FREQ=MONTHLY;BYMONTHDAY=5,20", "每月5日、20日"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "每月最后一天"),
        ("FREQ=WEEKLY;BYDAY=MO", "每周一"),
        ("FREQ=WEEKLY;BYDAY=MO,TH", "每周一、四"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", "每2周的周二"),
        ("FREQ=MONTHLY;BYDAY=1FR", "每月第一个周五"),
        ("FREQ=MONTHLY;BYDAY=-1FR", "每月最后一个周五"),
        ("FREQ=MONTHLY;BYDAY=FR;BYSETPOS=1", "每月第一个周五"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "每年2月29日"),
        ("FREQ=DAILY", "每天"),
    ],
)
def test_a_recurrence_is_said_as_people_say_it(recurrence, words):
    assert recurrence_in_words(recurrence) == words
    assert rule_error(recurrence, NOVEMBER) == ""


@pytest.mark.once
@pytest.mark.parametrize(
    ("recurrence", "part"),
    [
        ("FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30", "2 月没有 30 日"),
        ("FREQ=YEARLY;BYMONTH=4;BYMONTHDAY=31", "排不出任何一天"),
        ("FREQ=MONTHLY;BYDAY=1MO;BYSETPOS=5", "排不出任何一天"),
        ("FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=31", "排不出任何一天"),
        ("FREQ=MONTHLY;BYMONTHDAY=32", "写得不对"),
        ("FREQ=MONTHLY;BYMONTHDAY=0", "写得不对"),
        ("FREQ=MONTHLY", "写得不对"),
        ("FREQ=WEEKLY;BYDAY=XX", "写得不对"),
        ("FREQ=WEEKLY;BYDAY=MO;INTERVAL=0", "写得不对"),
        ("FREQ=WEEKLY;BYDAY=MO;INTERVAL=99999999999", "写得不对"),
        ("FREQ=MONTHLY;BYMONTHDAY=11\nRRULE:FREQ=DAILY", "写得不对"),
        ("FREQ=MONTHLY;BYMONTHDAY=١١", "写得不对"),
        ("FREQ=MONTHLY;BYMONTHDAY=11;COUNT=3", "不能用 COUNT"),
        ("FREQ=DAILY;BYMONTHDAY=30;BYMONTH=2", "不能用"),
        ("FREQ=SECONDLY", "FREQ"),
        ("每月11日", "FREQ"),
        ("", "FREQ"),
    ],
)
def test_a_rule_that_yields_no_day_or_says_nonsense_is_refused_in_words_and_at_once(recurrence, part):
    began = monotonic()
    assert part in rule_error(recurrence, NOVEMBER)
    assert monotonic() - began < 60  # not for ever; how fast is the benchmark's to say


def test_the_twenty_ninth_of_february_comes_every_fourth_year():
    leap = rule("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29")
    assert days(leap, date(2024, 1, 1), date(2033, 1, 1)) == [
        date(2024, 2, 29),
        date(2028, 2, 29),
        date(2032, 2, 29),
    ]


def test_a_month_without_a_thirty_first_is_passed_over():
    assert days(rule("FREQ=MONTHLY;BYMONTHDAY=31"), date(2026, 4, 1), date(2026, 7, 31)) == [
        date(2026, 5, 31),
        date(2026, 7, 31),
    ]


@pytest.mark.parametrize("year", [1900, 2100])
def test_far_years_follow_the_calendar_too(year):
    """Neither is a leap year."""
    monthly = rule("FREQ=MONTHLY;BYMONTHDAY=29", first_on=date(year, 1, 1))
    assert days(monthly, date(year, 2, 1), date(year, 3, 31)) == [date(year, 3, 29)]
    assert rule_error(monthly.recurrence, date(9999, 12, 1)) != ""  # the end of all days is no crash


def test_a_fortnight_counts_from_the_first_day_of_the_rule_whatever_part_is_looked_at():
    every_other = rule("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", first_on=date(2026, 11, 3))
    whole = days(every_other, date(2026, 11, 1), date(2026, 12, 31))
    assert whole == [
        date(2026, 11, 3),
        date(2026, 11, 17),
        date(2026, 12, 1),
        date(2026, 12, 15),
        date(2026, 12, 29),
    ]
    assert days(every_other, date(2026, 11, 10), date(2026, 12, 10)) == whole[1:3]


def test_nothing_comes_before_the_first_or_after_the_last_day_of_a_rule():
    bounded = rule(first_on=date(2026, 11, 12), last_on=date(2027, 1, 11))
    assert days(bounded, date(2026, 1, 1), date(2028, 1, 1)) == [date(2026, 12, 11), date(2027, 1, 11)]


@pytest.mark.parametrize(
    ("holiday", "day", "reason"),
    [
        (Holiday.KEEP, date(2026, 2, 17), ""),
        (Holiday.NEXT_WORKDAY, date(2026, 2, 24), "春节放假，顺延到下一个工作日"),
        (Holiday.WEEK_LATER, date(2026, 2, 24), "春节放假，顺延一周"),
        (Holiday.SKIP, date.min, "春节放假，当次不接待"),
    ],
)
def test_what_happens_on_a_public_holiday_is_as_the_rule_says(holiday, day, reason):
    spring = KnownDays(holidays=[date(2026, 2, 15) + timedelta(days=n) for n in range(9)])
    (found,) = rule("FREQ=MONTHLY;BYMONTHDAY=17", holiday=holiday).occurrences(
        date(2026, 2, 1), date(2026, 2, 28), spring
    )
    assert (found.nominal, found.day, found.reason) == (date(2026, 2, 17), day, reason)


def test_a_make_up_day_is_a_working_day_and_an_ordinary_weekend_is_no_holiday():
    weekend = rule("FREQ=WEEKLY;BYDAY=SA")
    assert days(weekend, date(2026, 11, 14), date(2026, 11, 14)) == [date(2026, 11, 14)]
    pushed = rule("FREQ=MONTHLY;BYMONTHDAY=1", holiday=Holiday.NEXT_WORKDAY)
    golden = KnownDays(holidays=[date(2026, 10, d) for d in range(1, 8)], workdays=[date(2026, 10, 10)])
    assert days(pushed, date(2026, 10, 1), date(2026, 10, 1), golden) == [date(2026, 10, 8)]


DAYS = st.dates(date(2026, 1, 1), date(2026, 12, 31))


@pytest.mark.once
@settings(max_examples=100, deadline=None)
@given(
    holidays=st.sets(DAYS, max_size=60),
    workdays=st.sets(DAYS, max_size=20),
    recurrence=st.sampled_from(
        ["FREQ=MONTHLY;BYMONTHDAY=11", "FREQ=WEEKLY;BYDAY=MO,SU", "FREQ=DAILY;INTERVAL=3"]
    ),
)
def test_the_next_working_day_is_never_a_day_off_and_never_before_the_day_itself(
    holidays, workdays, recurrence
):
    calendar = KnownDays(holidays, workdays - holidays)
    for found in rule(recurrence).occurrences(date(2026, 1, 1), date(2026, 12, 31), calendar):
        assert found.day >= found.nominal
        assert not calendar.is_holiday(found.day)
        if found.day != found.nominal:
            assert calendar.is_workday(found.day)
            assert found.reason
