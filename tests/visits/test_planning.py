"""Days made from rules: ahead of time, once, and never over what a person has decided."""

from datetime import date, time, timedelta

import pytest

from liaison.core.models import AuditEntry
from liaison.core.workdays import CalendarDay, correct_day
from liaison.core.workflow import NotAllowed
from tests import factories as f
from visits import planning, tasks
from visits.models import Activity, Attendance, ReceptionRule
from visits.workflow import ActivityState

TODAY = date(2026, 11, 2)  # a Monday


@pytest.fixture(autouse=True)
def _today(monkeypatch):
    import time_machine

    with time_machine.travel("2026-11-02 12:00 +0800", tick=False):
        yield


@pytest.fixture
def rule(people):
    return f.RuleFactory(station=people.own)


def made(rule):
    return list(rule.activities.order_by("rule_on").values_list("day", flat=True))


def test_days_are_made_as_far_ahead_as_policy_says(rule):
    assert planning.make_days(rule, TODAY) == 2  # 60 days
    assert made(rule) == [date(2026, 11, 11), date(2026, 12, 11)]
    day = rule.activities.first()
    assert (day.state, day.announce_by) == (ActivityState.PLANNED, date(2026, 11, 8))
    assert day.number.startswith("HD2026-")
    assert AuditEntry.objects.of(day).get().actor == "系统"


def test_making_twice_makes_none_twice(rule):
    planning.make_days(rule, TODAY)
    assert planning.make_days(rule, TODAY) == 0
    assert tasks.make_days(on="2026-11-02") == 0
    assert planning.make_days(rule, TODAY + timedelta(days=31)) == 1
    assert len(made(rule)) == 3


def test_two_at_once_make_each_day_once(several_threads, people):
    rule = f.RuleFactory(station=people.own)
    answers = several_threads(*[lambda: planning.make_days(ReceptionRule.objects.get(pk=rule.pk), TODAY)] * 2)
    assert sorted(answers) == [0, 2]
    assert len(made(rule)) == 2


def test_a_day_moved_by_hand_stays_moved_and_its_place_is_not_filled_again(rule, people):
    planning.make_days(rule, TODAY)
    day = rule.activities.order_by("day").first()
    day.move(by=people.station, day=date(2026, 11, 12), note="停电")
    assert planning.make_days(rule, TODAY) == 0
    assert made(rule) == [date(2026, 11, 12), date(2026, 12, 11)]


def test_a_cancelled_day_stays_cancelled(rule, people):
    planning.make_days(rule, TODAY)
    rule.activities.order_by("day").first().cancel(by=people.station, note="开会")
    assert planning.make_days(rule, TODAY) == 0


def test_a_corrected_calendar_moves_untouched_days_and_says_so(rule, people):
    planning.make_days(rule, TODAY)
    correct_day(date(2026, 11, 11), CalendarDay.Kind.HOLIDAY, "临时放假", by=people.admin)
    planning.make_days(rule, TODAY)
    day = rule.activities.get(rule_on=date(2026, 11, 11))
    assert (day.day, day.announce_by) == (date(2026, 11, 12), date(2026, 11, 9))
    assert day.reason == "临时放假放假，顺延到下一个工作日"
    assert "节假日安排更正" in AuditEntry.objects.of(day).first().note

    correct_day(date(2026, 11, 11), CalendarDay.Kind.PLAIN, "照常上班", by=people.admin)
    planning.make_days(rule, TODAY)
    day.refresh_from_db()
    assert (day.day, day.reason) == (date(2026, 11, 11), "")


@pytest.mark.once
@pytest.mark.parametrize("touched", ["announced", "moved", "rostered", "booked", "cancelled"])
def test_a_corrected_calendar_leaves_days_alone_that_a_person_has_touched(rule, people, touched):
    planning.make_days(rule, TODAY)
    day = rule.activities.get(rule_on=date(2026, 11, 11))
    match touched:
        case "announced":
            day.announce(by=people.station)
        case "moved":
            day.move(by=people.station, day=day.day, starts_at=time(8), note="改时间")
        case "rostered":
            Attendance.roster(day, people.deputy.mandate, by=people.station)
        case "booked":
            f.AppointmentFactory(station=people.own, activity=day, day=day.day, at=time(9))
        case "cancelled":
            day.cancel(by=people.station, note="开会")
    correct_day(date(2026, 11, 11), CalendarDay.Kind.HOLIDAY, "临时放假", by=people.admin)
    planning.make_days(rule, TODAY)
    day.refresh_from_db()
    assert day.day == date(2026, 11, 11)


def test_a_day_pushed_by_a_holiday_is_made_once_though_its_own_day_has_passed(people):
    rule = f.RuleFactory(
        station=people.own, recurrence="FREQ=MONTHLY;BYMONTHDAY=1", first_on=date(2026, 11, 1)
    )
    for day in (1, 2):
        CalendarDay.objects.create(day=date(2026, 11, day), kind="HOLIDAY", name="假日")
    planning.make_days(rule, TODAY)
    assert planning.make_days(rule, TODAY) == 0
    assert made(rule)[:2] == [date(2026, 11, 3), date(2026, 12, 1)]


def test_a_holiday_long_after_today_is_known_when_days_are_made_far_ahead(people):
    rule = f.RuleFactory(station=people.own, recurrence="FREQ=YEARLY;BYMONTH=10;BYMONTHDAY=1", first_on=TODAY)
    CalendarDay.objects.create(day=date(2028, 10, 1), kind="HOLIDAY", name="国庆节")
    planning.make_days(rule, TODAY, until=date(2028, 12, 31))
    assert made(rule) == [date(2027, 10, 1), date(2028, 10, 2)]


def test_two_rules_on_one_date_make_one_day_and_the_preview_warns(rule, people):
    planning.make_days(rule, TODAY)
    weekly = f.RuleFactory(station=people.own, recurrence="FREQ=WEEKLY;BYDAY=WE")
    plan = {day.occurrence.nominal: day for day in planning.preview(weekly, TODAY, date(2026, 11, 30))}
    assert "已有接待日" in plan[date(2026, 11, 11)].problem
    assert plan[date(2026, 11, 18)].problem == ""
    planning.make_days(weekly, TODAY, until=date(2026, 11, 30))
    assert Activity.objects.filter(station=people.own, day=date(2026, 11, 11)).count() == 1


def test_an_unsaved_rule_is_warned_of_days_planned_by_hand(people):
    f.ActivityFactory(station=people.own, day=date(2026, 11, 11))
    (planned,) = planning.preview(f.RuleFactory.build(station=people.own), TODAY, date(2026, 11, 30))
    assert "已有接待日" in planned.problem


def test_a_rule_does_not_stand_twice_on_one_date_when_a_holiday_pushes_one_day_onto_the_next(people):
    rule = f.RuleFactory(station=people.own, recurrence="FREQ=WEEKLY;BYDAY=WE,TH")
    CalendarDay.objects.create(day=date(2026, 11, 11), kind="HOLIDAY", name="假日")
    planning.make_days(rule, TODAY, until=date(2026, 11, 13))
    assert made(rule) == [date(2026, 11, 4), date(2026, 11, 5), date(2026, 11, 12)]


def test_no_days_are_made_where_the_station_is_closed_or_suspended(people):
    people.own.closed_on = date(2026, 12, 1)
    people.own.save()
    rule = f.RuleFactory(station=people.own)
    assert planning.make_days(rule, TODAY) == 1
    people.sibling.suspended_on = date(2026, 11, 5)
    people.sibling.save()
    other = f.RuleFactory(station=people.sibling)
    assert planning.make_days(other, TODAY) == 0
    assert "暂停开放" in planning.preview(other, TODAY, date(2026, 11, 30))[0].problem


def test_one_rule_that_cannot_be_worked_off_does_not_hold_up_the_others(rule, people):
    f.RuleFactory(station=people.sibling, recurrence="NONSENSE")
    assert planning.make_all_days(TODAY) == 2


def test_a_changed_rule_drops_the_days_that_nobody_has_touched_and_makes_its_own(rule, people):
    planning.make_days(rule, TODAY)
    first, second = rule.activities.order_by("day")
    first.announce(by=people.station)
    fresh = f.RuleFactory.build(
        station=people.own, recurrence="FREQ=MONTHLY;BYMONTHDAY=15", first_on=date(2026, 11, 3)
    )
    assert planning.change(rule, fresh, TODAY, by=people.station) == (1, 2)
    first.refresh_from_db(), second.refresh_from_db(), rule.refresh_from_db()
    assert first.state == ActivityState.ANNOUNCED
    assert second.state == ActivityState.CANCELLED
    assert rule.last_on == date(2026, 11, 2)
    assert made(fresh) == [date(2026, 11, 15), date(2026, 12, 15)]
    assert second not in Activity.objects.shown()
    assert first in Activity.objects.shown()
    first.move(by=people.station, day=first.day + timedelta(days=1), note="开会")
    first.cancel(by=people.station, note="停电")
    assert (
        first in Activity.objects.shown()
    )  # people were told of it, and its calling off is still to be put up


def test_a_cancelled_day_of_a_rule_that_goes_on_or_of_no_rule_stays_in_the_calendar(rule, people):
    planning.make_days(rule, TODAY)
    day = rule.activities.first()
    day.cancel(by=people.station, note="开会")
    by_hand = f.ActivityFactory(station=people.own, cancelled=True)
    assert {day, by_hand} <= set(Activity.objects.shown())


def test_ending_a_rule_cancels_what_comes_after_and_tells_the_rostered(rule, people):
    planning.make_days(rule, TODAY)
    last = rule.activities.order_by("-day").first()
    Attendance.roster(last, people.deputy.mandate, by=people.station)
    assert planning.end(rule, date(2026, 11, 30), by=people.station, note="改由联络点接待") == 1
    last.refresh_from_db()
    assert last.state == ActivityState.CANCELLED
    assert planning.make_days(rule, TODAY) == 0


def test_a_rule_cannot_end_before_it_began_or_later_than_it_has_ended(rule, people):
    with pytest.raises(NotAllowed, match="止日不能早于起日"):
        planning.end(rule, date(2019, 1, 1), by=people.station, note="x")
    planning.end(rule, date(2026, 11, 30), by=people.station, note="x")
    with pytest.raises(NotAllowed, match="已经停用"):
        planning.end(rule, date(2026, 12, 30), by=people.station, note="x")
