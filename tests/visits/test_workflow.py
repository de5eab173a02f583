"""What may happen to an activity and to a place on its roster: every step, role and state; who is told."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from liaison.accounts.models import Role
from liaison.core.models import AuditEntry, OutboxMessage
from liaison.core.workflow import NotAllowed, Stale
from tests import factories as f
from visits.checkin import code_for
from visits.models import Activity, Attendance
from visits.workflow import ACTIVITY_FLOW, ATTENDANCE_FLOW, ActivityState, AttendanceState

POSTS = {
    Role.STATION: "station",
    Role.OFFICE: "office",
    Role.DEPUTY: "deputy",
    Role.UNIT: "unit",
    Role.AUDITOR: "auditor",
    Role.ADMIN: "admin",
}
WITH = {"move": {"day": timezone.localdate() + timedelta(days=5)}}  # what a step needs besides a reason


def of_role(people, role):
    return getattr(people, POSTS[role])


def steps_of(flow, role, state):
    return {name for name, row in flow.items() if role in row.roles and state in row.sources}


@pytest.mark.once  # a table in memory; what locks do is asked of both
@pytest.mark.parametrize("state", ActivityState.values)
def test_an_activity_moves_as_its_table_says_and_no_other_way(people, state):
    def there():
        return f.ActivityFactory(station=people.own, state=state, told_day=timezone.localdate())

    untouched = there()
    for role in Role.values:
        post, allowed = of_role(people, role), steps_of(ACTIVITY_FLOW, role, state)
        assert set(untouched.open_steps(post)) == allowed
        for name in ACTIVITY_FLOW.keys() - allowed:
            with pytest.raises(NotAllowed, match=ACTIVITY_FLOW[name].label):
                getattr(untouched, name)(by=post, note="停电", **WITH.get(name, {}))
        for name in allowed:
            with transaction.atomic():
                day, target = there(), ACTIVITY_FLOW[name].target
                getattr(day, name)(by=post, note="停电", **WITH.get(name, {}))
                day.refresh_from_db()
                assert day.state == target
                entry = AuditEntry.objects.of(day).first()
                assert (entry.action, entry.before, entry.after) == (f"visits.activity.{name}", state, target)
                transaction.set_rollback(True)
    untouched.refresh_from_db()
    assert (untouched.state, untouched.version) == (state, 1)
    assert not AuditEntry.objects.of(untouched).exists()


@pytest.mark.once  # a table in memory; what locks do is asked of both
@pytest.mark.parametrize("state", AttendanceState.values)
def test_a_place_on_the_roster_moves_as_its_table_says_and_no_other_way(people, state):
    def there():
        day = f.ActivityFactory(station=people.own)
        return f.AttendanceFactory(activity=day, mandate=people.deputy.mandate, state=state)

    def needed(name, place):
        return {
            "substitute": {"mandate": people.deputy_colleague.mandate},
            "arrive": {"code": code_for(place.activity_id, timezone.now())},
        }.get(name, {})

    untouched = there()
    for role in Role.values:
        post, allowed = of_role(people, role), steps_of(ATTENDANCE_FLOW, role, state)
        assert set(untouched.open_steps(post)) == allowed
        for name in ATTENDANCE_FLOW.keys() - allowed:
            with pytest.raises(NotAllowed):
                getattr(untouched, name)(by=post, note="出差", **needed(name, untouched))
        for name in allowed:
            place = there()
            getattr(place, name)(by=post, note="出差", **needed(name, place))
            place.refresh_from_db()
            assert place.state == ATTENDANCE_FLOW[name].target
            assert AuditEntry.objects.of(place).first().action == f"visits.attendance.{name}"
    untouched.refresh_from_db()
    assert (untouched.state, untouched.version) == (state, 1)


def test_a_deputy_answers_for_oneself_alone_and_only_while_the_day_is_ahead(people):
    day = f.ActivityFactory(station=people.own)
    own = f.AttendanceFactory(activity=day, mandate=people.deputy.mandate)
    other = f.AttendanceFactory(activity=day, mandate=people.deputy_colleague.mandate)
    assert set(own.open_steps(people.deputy)) == {"confirm", "ask_leave", "arrive"}
    assert other.open_steps(people.deputy) == {}
    with pytest.raises(NotAllowed, match="自己的班次"):
        other.confirm(by=people.deputy)
    day.begin(by=people.station)
    own.refresh_from_db()
    with pytest.raises(NotAllowed, match="已经开始或过去"):
        own.confirm(by=people.deputy)


def test_attendance_of_a_closed_day_changes_only_after_reopening(people):
    day = f.ActivityFactory(station=people.own, closed=True)
    place = f.AttendanceFactory(activity=day, mandate=people.deputy.mandate, state=AttendanceState.ABSENT)
    with pytest.raises(NotAllowed, match="重新打开"):
        place.check_in(by=people.station)
    day.reopen(by=people.station, note="补录")
    place.refresh_from_db()
    place.check_in(by=people.station)
    assert place.state == AttendanceState.PRESENT


def test_nothing_begins_closes_or_is_checked_in_before_its_day(people):
    day = f.ActivityFactory(station=people.own, day=timezone.localdate() + timedelta(days=1))
    place = f.AttendanceFactory(activity=day, mandate=people.deputy.mandate)
    for act in (day.begin, day.close, place.check_in, place.mark_absent):
        with pytest.raises(NotAllowed):
            act(by=people.station)


def test_closing_marks_who_came_and_who_did_not_and_leaves_leave(people):
    day = f.ActivityFactory(station=people.own, open=True)
    seats = [f.MandateFactory(area=people.town) for _ in range(2)]
    came = f.AttendanceFactory(activity=day, mandate=people.deputy.mandate)
    missed = f.AttendanceFactory(
        activity=day, mandate=people.deputy_colleague.mandate, state=AttendanceState.PRESENT
    )
    expected = f.AttendanceFactory(activity=day, mandate=seats[0], state=AttendanceState.CONFIRMED)
    excused = f.AttendanceFactory(activity=day, mandate=seats[1], state=AttendanceState.LEAVE)
    day.close(by=people.station, present=[came], minutes="纪要")
    for place in (came, missed, expected, excused):
        place.refresh_from_db()
    assert [place.state for place in (came, missed, expected, excused)] == [
        "PRESENT",
        "ABSENT",
        "ABSENT",
        "LEAVE",
    ]


@pytest.mark.parametrize(("ago", "known"), [(0, True), (5, False)])
def test_when_a_deputy_came_is_known_only_on_the_day(people, ago, known):
    day = f.ActivityFactory(station=people.own, day=timezone.localdate() - timedelta(days=ago), open=True)
    place, other = (
        f.AttendanceFactory(activity=day, mandate=who.mandate)
        for who in (people.deputy, people.deputy_colleague)
    )
    place.check_in(by=people.station)
    day.close(by=people.station, present=[place, other])
    other.refresh_from_db()
    assert (place.arrived_at is not None) is known
    assert (other.state, other.arrived_at) == ("PRESENT", None)


def test_closing_without_a_list_keeps_who_was_checked_in(people):
    day = f.ActivityFactory(station=people.own, open=True)
    here = f.AttendanceFactory(activity=day, mandate=people.deputy.mandate, state=AttendanceState.PRESENT)
    day.close(by=people.station)
    here.refresh_from_db()
    assert here.state == AttendanceState.PRESENT


@pytest.mark.parametrize("step", ["move", "cancel"])
def test_moving_and_cancelling_tell_the_rostered_deputies_and_nobody_twice(people, step):
    day = f.ActivityFactory(station=people.own, announced=True)
    f.AttendanceFactory(activity=day, mandate=people.deputy.mandate)
    f.AttendanceFactory(
        activity=day, mandate=people.deputy_colleague.mandate, state=AttendanceState.SUBSTITUTED
    )
    f.AttendanceFactory(activity=day, mandate=f.MandateFactory(area=people.town))  # without an account
    getattr(day, step)(by=people.station, note="停电", **WITH.get(step, {}))
    notice = OutboxMessage.objects.get()
    assert notice.to == people.deputy.user
    assert "停电" in notice.text
    assert notice.url == day.get_absolute_url()


def test_a_refused_move_tells_nobody_and_changes_nothing(people):
    day = f.ActivityFactory(station=people.own, announced=True)
    people.deputy.mandate.to_on = timezone.localdate()
    people.deputy.mandate.save()
    f.AttendanceFactory(activity=day, mandate=people.deputy.mandate)
    with pytest.raises(NotAllowed, match="代表职务已于"):
        day.move(by=people.station, note="停电", day=timezone.localdate() + timedelta(days=30))
    day.refresh_from_db()
    assert (day.state, day.version) == (ActivityState.ANNOUNCED, 1)
    assert not OutboxMessage.objects.exists()


@pytest.mark.parametrize(
    ("days", "sentence"), [(-1, "不能早于今天"), (0, "都没有变"), (40, "没有开放"), (7, "时间重复")]
)
def test_a_day_is_not_moved_to_where_it_cannot_be(people, days, sentence):
    today = timezone.localdate()
    people.own.closed_on = today + timedelta(days=30)
    people.own.save()
    f.ActivityFactory(station=people.own, day=today + timedelta(days=7))
    day = f.ActivityFactory(station=people.own)
    with pytest.raises(NotAllowed, match=sentence):
        day.move(by=people.station, note="停电", day=today + timedelta(days=days))


def test_moving_asks_for_a_new_notice(people):
    day = f.ActivityFactory(station=people.own, announced=True)
    day.move(by=people.office, note="停电", **WITH["move"])
    assert day.state == ActivityState.PLANNED
    assert day.announced_on is None
    assert day.announce_by == WITH["move"]["day"] - timedelta(days=3)
    assert day.moved_by_hand


def test_a_day_with_visits_is_not_cancelled(people):
    day = f.ActivityFactory(station=people.own, open=True)
    f.VisitFactory(activity=day)
    with pytest.raises(NotAllowed, match="已经登记了来访群众"):
        day.cancel(by=people.station, note="停电")


def test_a_late_notice_is_known_as_late(people):
    day = f.ActivityFactory(station=people.own, day=timezone.localdate() + timedelta(days=1))
    day.announce(by=people.station)
    assert day.is_announced_late
    assert day not in Activity.objects.announced_in_time()


@pytest.mark.parametrize(
    ("field", "days", "sentence"),
    [("from_on", 1, "还没有任职"), ("to_on", -1, "不能再排班"), ("suspended_on", -1, "暂停执行")],
)
def test_a_mandate_that_does_not_hold_on_the_day_is_not_rostered(people, field, days, sentence):
    day = f.ActivityFactory(station=people.own)
    mandate = people.deputy.mandate
    setattr(mandate, field, day.day + timedelta(days=days))
    with pytest.raises(NotAllowed, match=sentence):
        Attendance.roster(day, mandate, by=people.station)
    assert not day.attendances.exists()


def test_nobody_is_rostered_twice(people):
    day = f.ActivityFactory(station=people.own)
    Attendance.roster(day, people.deputy.mandate, by=people.station)
    with pytest.raises(NotAllowed, match="已经在名单里"):
        Attendance.roster(day, people.deputy.mandate, by=people.station)


def test_a_stand_in_is_tied_to_whom_it_replaces_and_both_are_told_once(people):
    day = f.ActivityFactory(station=people.own)
    place = Attendance.roster(day, people.deputy.mandate, by=people.station)
    place.substitute(by=people.office, mandate=people.deputy_colleague.mandate)
    assert place.stand_in.mandate == people.deputy_colleague.mandate
    assert list(day.attendances.on_roster()) == [place.stand_in]
    assert OutboxMessage.objects.filter(to=people.deputy_colleague.user).count() == 1


def test_of_two_who_close_one_day_at_once_one_wins_and_the_other_is_told(several_threads, people):
    day = f.ActivityFactory(station=people.own, open=True)
    f.AttendanceFactory(activity=day, mandate=people.deputy.mandate)

    def close():
        return Activity.objects.get(pk=day.pk).close(by=people.station, version=1)

    answers = several_threads(close, close)
    refused = [answer for answer in answers if answer is not None]
    assert len(refused) == 1
    assert isinstance(refused[0], NotAllowed), refused[0]
    assert isinstance(refused[0], Stale) or "已结束" in str(refused[0])
    assert AuditEntry.objects.of(day).filter(action="visits.activity.close").count() == 1


@pytest.mark.parametrize("answer", ["CONFIRMED", "LEAVE_ASKED", "LEAVE"])
def test_after_a_move_every_deputy_is_asked_again(people, answer):
    day = f.ActivityFactory(station=people.own, announced=True, day=timezone.localdate() + timedelta(days=9))
    place = f.AttendanceFactory(
        activity=day, mandate=people.deputy.mandate, state=answer, leave_reason="开会"
    )

    day.move(by=people.station, note="停电", **WITH["move"])

    place.refresh_from_db()
    assert (place.state, place.leave_reason) == ("ROSTERED", "")
    told = OutboxMessage.objects.get(to=people.deputy.user)
    assert told.kind == "TODO"
    assert "请重新确认或请假" in told.text
