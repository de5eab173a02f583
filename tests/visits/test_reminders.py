"""Reminders are worked out from the records: who is due, in time, once."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from liaison.core.models import OutboxMessage
from tests import factories as f
from visits import reminders, tasks
from visits.workflow import AttendanceState

DAY = date(2026, 11, 11)


@pytest.fixture
def day(people):
    return f.ActivityFactory(station=people.own, day=DAY, announced=True)


def texts(user):
    return [message.text for message in OutboxMessage.objects.filter(to=user).order_by("pk")]


@pytest.mark.parametrize(("before", "due"), [(3, 0), (2, 1), (0, 1), (-1, 0)])
def test_a_deputy_is_reminded_two_days_before_and_not_sooner(people, day, before, due):
    f.AttendanceFactory(activity=day, mandate=people.deputy.mandate)
    reminders.remind(DAY - timedelta(days=before))
    assert len(texts(people.deputy.user)) == due


def test_reminding_again_the_same_or_the_next_day_reminds_nobody_twice(people, day):
    f.AttendanceFactory(activity=day, mandate=people.deputy.mandate)
    for before in (2, 2, 1, 0):
        tasks.remind(on=(DAY - timedelta(days=before)).isoformat())
    assert texts(people.deputy.user) == ["11月11日 9:00 在南关街道联络站有接待日，请您参加。"]


@pytest.mark.parametrize(
    "state", [AttendanceState.LEAVE, AttendanceState.SUBSTITUTED, AttendanceState.ABSENT]
)
def test_who_is_not_expected_is_not_reminded(people, day, state):
    f.AttendanceFactory(activity=day, mandate=people.deputy.mandate, state=state)
    reminders.remind(DAY - timedelta(days=2))
    assert texts(people.deputy.user) == []


def test_a_moved_day_reminds_again(people):
    """The key holds the day: who was reminded of the old one is reminded of the new one."""
    day = f.ActivityFactory(station=people.own, day=DAY)
    f.AttendanceFactory(activity=day, mandate=people.deputy.mandate)
    reminders.remind(DAY)
    day.day = DAY + timedelta(days=1)
    day.save()
    reminders.remind(DAY)
    assert len(texts(people.deputy.user)) == 2


@pytest.mark.parametrize(
    ("on", "words"),
    [(date(2026, 11, 6), []), (date(2026, 11, 7), ["最迟11月8日公示"]), (date(2026, 11, 9), ["公示已晚"])],
)
def test_staff_are_asked_to_announce_the_day_before_it_is_due_and_when_it_is_late(people, on, words):
    f.ActivityFactory(station=people.own, day=DAY)
    f.ActivityFactory(station=people.own, day=DAY, kind="TRAINING", theme="监督法")
    reminders.remind(on)
    found = texts(people.station.user)
    assert len(found) == len(words)
    assert all(word in text for word, text in zip(words, found, strict=True))


@pytest.mark.parametrize(("after", "due"), [(2, 0), (3, 1), (60, 1), (61, 0)])
def test_staff_are_asked_once_to_close_a_day_gone_by(people, after, due):
    f.ActivityFactory(station=people.own, day=DAY, open=True)
    for _ in range(2):
        reminders.remind(DAY + timedelta(days=after))
    assert len(texts(people.station.user)) == due
    assert texts(people.station_sibling.user) == []


def test_staff_of_a_station_are_asked_for_its_points_too(people):
    f.ActivityFactory(station=people.child, day=DAY, open=True)
    reminders.remind(DAY + timedelta(days=3))
    assert len(texts(people.station.user)) == len(texts(people.station_child.user)) == 1


def test_staff_of_a_station_hear_of_leave_asked_at_its_points_too(people):
    day = f.ActivityFactory(station=people.child, day=timezone.localdate())
    place = f.AttendanceFactory(activity=day, mandate=people.deputy.mandate)
    place.ask_leave(by=people.deputy, note="出差")
    assert len(texts(people.station.user)) == len(texts(people.station_child.user)) == 1


def test_a_closed_or_cancelled_day_asks_nothing_of_anybody(people):
    f.ActivityFactory(station=people.own, day=DAY, closed=True)
    f.ActivityFactory(station=people.own, day=DAY, cancelled=True)
    assert reminders.remind(DAY - timedelta(days=2)) == reminders.remind(DAY + timedelta(days=5)) == 0


def test_staff_are_told_to_call_off_a_cancelled_day_until_that_is_done(people, day):
    day.told_day = day.day
    day.save()
    day.cancel(by=people.station, note="停电")
    for on in (DAY - timedelta(days=3), DAY - timedelta(days=2), DAY + timedelta(days=1)):
        reminders.remind(on)
    found = [text for text in texts(people.station.user) if "取消的公示" in text]
    assert found == ["南关街道联络站11月11日的接待日公示过，现已取消，请贴出取消的公示。"] * 2
    day.announce_cancel(by=people.station)
    reminders.remind(DAY - timedelta(days=1))
    assert len([text for text in texts(people.station.user) if "取消的公示" in text]) == 2
