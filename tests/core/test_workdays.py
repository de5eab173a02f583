"""The working-day calendar against the State Council's notices, and what it says for itself."""

from datetime import date, timedelta

import pytest

from liaison.core.models import AuditEntry, CalendarDay, CalendarYear
from liaison.core.workdays import (
    Workdays,
    correct_day,
    load_missing_years,
    load_years,
    month_end,
    month_start,
    months_before,
)
from liaison.core.workflow import NotAllowed
from tests import factories as f

# 国办发明电〔2022〕16号、〔2023〕7号、〔2024〕12号、〔2025〕7号: days off (from, to), and weekend days worked for them.
NOTICES = {
    2023: (
        [("01-01", "01-02"), ("01-21", "01-27"), ("04-05", "04-05"), ("04-29", "05-03"), ("06-22", "06-24"), ("09-29", "10-06")],
        ["01-28", "01-29", "04-23", "05-06", "06-25", "10-07", "10-08"],
    ),
    2024: (
        [("01-01", "01-01"), ("02-10", "02-17"), ("04-04", "04-06"), ("05-01", "05-05"), ("06-10", "06-10"), ("09-15", "09-17"), ("10-01", "10-07")],
        ["02-04", "02-18", "04-07", "04-28", "05-11", "09-14", "09-29", "10-12"],
    ),
    2025: (
        [("01-01", "01-01"), ("01-28", "02-04"), ("04-04", "04-06"), ("05-01", "05-05"), ("05-31", "06-02"), ("10-01", "10-08")],
        ["01-26", "02-08", "04-27", "09-28", "10-11"],
    ),
    2026: (
        [("01-01", "01-03"), ("02-15", "02-23"), ("04-04", "04-06"), ("05-01", "05-05"), ("06-19", "06-21"), ("09-25", "09-27"), ("10-01", "10-07")],
        ["01-04", "02-14", "02-28", "05-09", "09-20", "10-10"],
    ),
}  # fmt: skip


@pytest.fixture
def calendar(db):
    load_years(NOTICES)
    return Workdays(date(2023, 1, 1), date(2026, 12, 31))


def days(first, last):
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def noted(year):
    off, worked = NOTICES[year]
    spans = [(date.fromisoformat(f"{year}-{a}"), date.fromisoformat(f"{year}-{b}")) for a, b in off]
    return {day for span in spans for day in days(*span)}, {
        date.fromisoformat(f"{year}-{day}") for day in worked
    }


@pytest.mark.once
@pytest.mark.parametrize("year", NOTICES)
def test_every_day_of_a_year_is_as_the_notice_says(calendar, year):
    off, worked = noted(year)
    for day in days(date(year, 1, 1), date(year, 12, 31)):
        expected = day in worked or (day.weekday() < 5 and day not in off)
        assert calendar.is_workday(day) is expected, day
        if day in off:
            assert calendar.is_holiday(day), day
        elif calendar.is_holiday(day):  # a weekend that the notice calls 与周末连休 without naming its days
            assert day.weekday() >= 5, day


def test_days_off_have_the_name_of_their_holiday(calendar):
    names = set(CalendarDay.objects.filter(kind="HOLIDAY").values_list("name", flat=True))
    assert names == {"元旦", "春节", "清明节", "劳动节", "端午节", "中秋节", "国庆节"}
    assert calendar.special(date(2023, 6, 23)).name == "端午节"
    assert calendar.special(date(2023, 10, 5)).name == "国庆节"


def test_an_ordinary_weekend_is_no_holiday(calendar):
    assert not calendar.is_holiday(date(2023, 6, 17))
    assert not calendar.is_workday(date(2023, 6, 17))


def test_a_deadline_explains_itself(calendar):
    due = calendar.add(date(2023, 6, 12), 15)

    assert due.day == date(2023, 7, 4)
    assert due.explanation == "15 个工作日，自6月12日次日起，扣除端午节 2 天，补班 1 天 = 7月4日"
    assert str(due) == "2023年7月4日"


def test_a_deadline_without_a_holiday_is_plain(calendar):
    assert calendar.add(date(2023, 7, 3), 5).explanation == "5 个工作日，自7月3日次日起 = 7月10日"
    assert calendar.add(date(2023, 7, 1), 0).day == date(2023, 7, 1)


# Counted out by hand on the notices' calendars: start, working days, the day that they end on.
COUNTED = (
    ("2023-01-20", 5, "2023-02-01"),  # 28 and 29 January were worked
    ("2023-04-28", 2, "2023-05-05"),
    ("2023-09-28", 2, "2023-10-08"),  # 7 and 8 October, a Saturday and a Sunday
    ("2024-02-09", 1, "2024-02-18"),  # a Sunday
    ("2024-09-13", 3, "2024-09-19"),
    ("2025-01-24", 3, "2025-02-05"),  # the 26th, a Sunday, and the 27th; then eight days off
    ("2025-09-30", 2, "2025-10-10"),
    ("2026-02-13", 2, "2026-02-24"),
    ("2026-09-18", 5, "2026-09-24"),  # Sunday the 20th was worked
    ("2026-09-30", 3, "2026-10-10"),
)


def test_working_days_end_where_counting_by_hand_ends(calendar):
    found = [(start, n, str(calendar.add(date.fromisoformat(start), n).day)) for start, n, _ in COUNTED]
    assert found == list(COUNTED)


MONTHS = (
    ("2023-11-30", 3, "3 个月，自11月30日起，2月没有30日，到月末29日 = 2月29日"),
    ("2024-11-30", 3, "3 个月，自11月30日起，2月没有30日，到月末28日 = 2月28日"),
    ("2025-11-30", 3, "3 个月，自11月30日起，2月没有30日，到月末28日 = 2月28日"),  # a Saturday that is worked
    ("2026-07-01", 3, "3 个月，自7月1日起，10月1日是国庆节，顺延到下一个工作日 = 10月8日"),
    ("2025-02-16", 3, "3 个月，自2月16日起 = 5月16日"),
    ("2025-02-17", 3, "3 个月，自2月17日起，5月17日是周六，顺延到下一个工作日 = 5月19日"),
    ("2025-08-31", 6, "6 个月，自8月31日起，2月没有31日，到月末28日 = 2月28日"),
)


def test_months_end_on_the_same_day_or_the_last_and_then_on_a_working_day(calendar):
    found = [calendar.add_months(date.fromisoformat(start), n, roll=True) for start, n, _ in MONTHS]
    assert [due.explanation for due in found] == [said for _, _, said in MONTHS]
    assert [due.explanation.endswith(f"= {due.day:%-m月%-d日}") for due in found] == [True] * len(found)
    assert [due.day.year for due in found] == [2024, 2025, 2026, 2026, 2025, 2025, 2026]


def test_months_that_do_not_roll_end_on_their_day(calendar):
    due = calendar.add_months(date(2026, 7, 1), 3, roll=False)
    assert (due.day, due.explanation) == (date(2026, 10, 1), "3 个月，自7月1日起 = 10月1日")


def test_months_ahead_stay_within_the_calendar(calendar):
    with pytest.raises(NotAllowed, match="日期超出了日历的范围"):
        calendar.add_months(date(9999, 11, 30), 3, roll=True)
    with pytest.raises(ValueError, match="ahead"):
        calendar.add_months(date(2023, 6, 12), -1, roll=True)
    assert "2100年调休未公布" in calendar.add_months(date(2099, 11, 30), 3, roll=True).explanation


@pytest.mark.once
@pytest.mark.parametrize("workdays", [1, 7, 30, 249])
def test_as_many_working_days_lie_in_between_as_were_asked_for(calendar, workdays):
    start = date(2024, 1, 31)
    due = calendar.add(start, workdays).day
    assert sum(calendar.is_workday(day) for day in days(start + timedelta(days=1), due)) == workdays
    assert calendar.is_workday(due)


def test_a_year_whose_make_up_days_are_not_announced_says_so(calendar):
    load_years([2100])
    assert (
        Workdays.around(date(2099, 12, 29))
        .add(date(2100, 1, 3), 5)
        .explanation.endswith("= 1月8日（2100年调休未公布）")
    )
    later = Workdays.around(date(2100, 1, 1))
    assert not later.is_announced(2100)
    assert later.is_holiday(date(2100, 10, 1))
    assert later.is_announced(2024)


@pytest.mark.parametrize("year", [1, 1900, 1949, 2100, 2101, 9998, 9999])
def test_far_years_can_be_loaded_and_asked(db, year):
    load_years([year])
    calendar = Workdays.around(date(year, 1, 1))
    assert calendar.is_workday(date(year, 1, 4)) in (True, False)
    assert calendar.next_workday(date(year, 3, 1)).year == year
    assert calendar.add(date(year, 3, 1), 20).day.year == year


def test_beyond_the_last_day_is_a_sentence(db):
    calendar = Workdays.around(date.max)
    with pytest.raises(NotAllowed, match="日期超出了日历的范围"):
        calendar.add(date(9999, 12, 30), 5)
    CalendarDay.objects.create(day=date.max, kind="HOLIDAY", name="最后一天")
    with pytest.raises(NotAllowed, match="日期超出了日历的范围"):
        Workdays.around(date.max).next_workday(date.max)


def test_a_deadline_never_lies_behind(calendar):
    with pytest.raises(ValueError, match="ahead"):
        calendar.add(date(2023, 6, 12), -1)


def test_the_calendar_is_read_once_and_further_years_when_they_are_needed(
    calendar, django_assert_num_queries
):
    with django_assert_num_queries(2):
        known = Workdays(date(2023, 6, 1), date(2023, 6, 30))
    with django_assert_num_queries(0):
        known.add(date(2023, 6, 12), 15)
    with django_assert_num_queries(1):
        assert known.is_holiday(date(2024, 2, 12))
        assert known.is_holiday(date(2024, 2, 13))


# --- Corrected by hand ---


@pytest.fixture
def admin(db):
    return f.PostFactory(role="ADMIN", area=f.area("1402", "大同市"))


def test_a_correction_is_recorded_and_outlives_the_next_loading(calendar, admin):
    correct_day(date(2025, 5, 6), "HOLIDAY", "劳动节", by=admin)
    correct_day(date(2025, 5, 5), "PLAIN", "不再放假", by=admin)
    load_years([2025])

    corrected = Workdays.around(date(2025, 5, 1))
    assert corrected.is_holiday(date(2025, 5, 6))
    assert corrected.is_workday(date(2025, 5, 5))
    entry = AuditEntry.objects.get(data__day="2025-05-05")
    assert (entry.action, entry.before, entry.after) == ("core.calendarday.correct", "放假", "恢复平常")
    assert (entry.post, entry.data["name"]) == (admin, "不再放假")


def test_a_weekend_put_back_to_ordinary_is_a_weekend_and_no_holiday(calendar, admin):
    correct_day(date(2025, 4, 27), "PLAIN", "不再补班", by=admin)
    corrected = Workdays.around(date(2025, 4, 27))
    assert not corrected.is_workday(date(2025, 4, 27))
    assert not corrected.is_holiday(date(2025, 4, 27))


def test_what_the_package_no_longer_says_goes_with_the_next_loading(calendar):
    CalendarDay.objects.create(day=date(2025, 7, 7), kind="HOLIDAY", name="误传")
    assert load_years([2025]) == CalendarDay.objects.filter(day__year=2025).count()
    assert not CalendarDay.objects.filter(day=date(2025, 7, 7)).exists()


def test_the_night_loads_this_year_and_the_next_until_they_are_announced(db):
    load_missing_years(date(2024, 5, 1))
    assert list(CalendarYear.objects.order_by("year").values_list("year", "announced")) == [
        (2024, True),
        (2025, True),
    ]
    assert load_missing_years(date(2024, 5, 1)) == 0
    load_missing_years(date(9999, 5, 1))


def test_months_are_counted_from_month_to_month():
    assert month_start(date(2026, 11, 30), 2) == date(2027, 1, 1)
    assert month_end(date(2028, 2, 3)) == date(2028, 2, 29)
    assert months_before(date(2026, 8, 31), 6) == date(2026, 2, 28)
    assert months_before(date(2026, 3, 15), 6) == date(2025, 9, 15)
