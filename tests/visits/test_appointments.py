"""Appointments: who may do what when, what a slot holds, who is told, and who reads what of the person."""

from datetime import time, timedelta
from functools import partial

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from liaison.accounts.models import Role
from liaison.core.links import CODE_LETTERS
from liaison.core.models import AuditEntry, OutboxMessage, PolicyVersion
from liaison.core.timeline import timeline
from liaison.core.workdays import CalendarDay
from liaison.core.workflow import NotAllowed, Stale
from tests import factories as f
from visits import reminders, tasks
from visits.appointments.booking import free_days
from visits.models import Applicant, Appointment
from visits.models.appointment import slots
from visits.privacy import shown_person, shown_subject
from visits.workflow import APPOINTMENT_FLOW, PERSON, AppointmentState

S = AppointmentState
TODAY = timezone.localdate
POSTS = {
    Role.STATION: "station",
    Role.OFFICE: "office",
    Role.DEPUTY: "deputy",
    Role.UNIT: "unit",
    Role.AUDITOR: "auditor",
    Role.ADMIN: "admin",
}


def soon(days=7):
    return TODAY() + timedelta(days=days)


@pytest.fixture
def day(people):
    """An announced reception day of next week, 9:00 to 11:30, with one deputy expected."""
    activity = f.ActivityFactory(station=people.own, day=soon(), announced=True)
    f.AttendanceFactory(activity=activity, mandate=people.deputy.mandate)
    return activity


def wish(people, **more):
    defaults = {"station": people.own, "subject": "楼道灯坏了", "channel": "WEB", "wish": "工作日下午"}
    return Appointment(**(defaults | more))


def asked(people, *, by=None, phone="13900005521", **more):
    return wish(people, **more).ask(by=by, name="田秀兰", phone=phone, consent="2026-11")


def made(people, state, **more):
    """An appointment in a state, with the deputy; arranged for today, so that every step's day has come."""
    arranged = {"mandate": people.deputy.mandate}
    if state != S.ASKED:
        arranged |= {"day": TODAY(), "at": time(23, 59)}
    row = f.AppointmentFactory(station=people.own, state=state, **(arranged | more))
    f.ApplicantFactory(appointment=row)
    return row


def needs(people, name):
    """What a step needs besides a reason."""
    visit = partial(f.VisitFactory, activity=f.ActivityFactory(station=people.own, open=True))
    return {
        "confirm": lambda: {"day": soon(), "at": time(10)},
        "propose": lambda: {"day": soon(8), "at": time(15)},
        "hold": lambda: {"visit": visit()},
        "miss": lambda: {"missed_by": "PERSON"},
    }.get(name, dict)()


# --- The table ------------------------------------------------------------------------------------------------------------


@pytest.mark.once  # a table in memory; what locks do is asked of both
@pytest.mark.parametrize("state", S.values)
def test_an_appointment_moves_as_its_table_says_and_no_other_way(people, state):
    untouched = made(people, state)
    more = {name: needs(people, name) for name in APPOINTMENT_FLOW}
    for role in [*Role.values, PERSON]:
        post = None if role == PERSON else getattr(people, POSTS[role])
        allowed = {
            name for name, row in APPOINTMENT_FLOW.items() if role in row.roles and state in row.sources
        }
        assert set(untouched.open_steps(post) if post else untouched.answers()) == allowed
        for name in APPOINTMENT_FLOW.keys() - allowed:
            with pytest.raises(NotAllowed):
                getattr(untouched, name)(by=post, note="电话说好", **more[name])
        for name in allowed:
            found = made(people, state)
            getattr(found, name)(by=post, note="电话说好", **needs(people, name))
            found.refresh_from_db()
            assert found.state == (APPOINTMENT_FLOW[name].target or state)
            entry = AuditEntry.objects.of(found).first()
            assert entry.action == f"visits.appointment.{name}"
            assert entry.actor == (str(post) if post else "本人")
    untouched.refresh_from_db()
    assert (untouched.state, untouched.version) == (state, 1)
    assert not AuditEntry.objects.of(untouched).exists()


def test_a_deputy_answers_for_oneself_alone_and_sees_no_colleagues(people):
    found = made(people, S.ASKED)

    with pytest.raises(NotAllowed, match="约您本人"):
        found.decline(by=people.deputy_colleague, note="出差")
    assert Appointment.objects.visible_to(people.deputy).get() == found
    assert not Appointment.objects.visible_to(people.deputy_colleague).exists()
    open_wish = made(people, S.ASKED, mandate=None)
    assert open_wish not in Appointment.objects.visible_to(people.deputy)


def test_what_changed_since_the_page_was_opened_is_not_answered_over(people):
    found = made(people, S.ASKED)
    found.decline(by=people.deputy, note="出差")

    with pytest.raises((Stale, NotAllowed)):
        found.confirm(by=people.station, version=1, day=soon(), at=time(9))
    found.refresh_from_db()
    assert found.state == S.DECLINED


# --- Asking -----------------------------------------------------------------------------------------------------------------


def test_a_wish_is_entered_with_number_person_deadline_record_and_notices(people):
    CalendarDay.objects.all().delete()
    found = asked(people, mandate=people.deputy.mandate)

    assert found.number == f"YY{TODAY():%Y}-00001"
    assert (found.area, found.state) == (people.town, S.ASKED)
    assert TODAY() + timedelta(days=3) <= found.answer_by <= TODAY() + timedelta(days=5)
    person = Applicant.objects.get()
    assert (person.name, person.phone, person.consent) == ("田秀兰", "13900005521", "2026-11")
    entry = AuditEntry.objects.of(found).get()
    assert (entry.action, entry.actor, entry.area_path) == (
        "visits.appointment.enter",
        "本人",
        people.town.path,
    )
    told = OutboxMessage.objects.all()
    assert {message.to for message in told} == {people.station.user, people.deputy.user}
    assert all(found.number in message.text for message in told)
    for word in ("田秀兰", "13900005521", "楼道灯"):
        assert word not in str([*told.values(), *AuditEntry.objects.values()])


def test_the_link_and_the_code_stand_in_no_column(people):
    found = asked(people)
    row = str(Appointment.objects.values().get())

    assert len(found.secret) == 43
    assert len(found.code) == 8
    assert set(found.code) <= set(CODE_LETTERS)
    assert not set("01IO") & set(CODE_LETTERS)
    assert found.secret not in row
    assert found.code not in row
    assert Appointment.objects.with_secret(found.secret).get() == found
    assert asked(people, phone="13900005522").secret != found.secret


@pytest.mark.parametrize(
    ("an_hour", "first", "count"),
    [
        (4, [time(9), time(9, 15), time(9, 30)], 10),
        (1, [time(9), time(10)], 2),
        (7, [time(9), time(9, 8)], 17),
        (0, [], 0),
    ],
)
def test_the_hours_of_a_day_are_shared_out_as_policy_says(people, an_hour, first, count):
    day = f.ActivityFactory(station=people.own, starts_at=time(9), ends_at=time(11, 30))

    found = slots(day, an_hour)
    assert (found[: len(first)], len(found)) == (first, count)


def test_a_taken_slot_is_offered_to_nobody_and_a_freed_one_again(people, day):
    PolicyVersion.objects.create(area=people.county, first_on=f.LONG_AGO, values={"appointments_an_hour": 2})
    found = asked(people, activity=day, day=day.day, at=time(9))

    def offered():
        [free] = free_days([people.own], public=True)
        return free.slots

    assert offered() == [time(9, 30), time(10), time(10, 30), time(11)]
    with pytest.raises(NotAllowed, match="时段刚被约走"):
        asked(people, phone="13900005522", activity=day, day=day.day, at=time(9))
    found.withdraw(by=None)
    assert time(9) in offered()
    asked(people, phone="13900005522", activity=day, day=day.day, at=time(9))


def test_the_database_itself_keeps_a_slot_for_one(people, day):
    made(people, S.CONFIRMED, activity=day, day=day.day, at=time(9))

    with pytest.raises(IntegrityError), transaction.atomic():
        made(people, S.ASKED, activity=day, day=day.day, at=time(9))
    made(people, S.DECLINED, activity=day, day=day.day, at=time(9))


@pytest.mark.parametrize("same", [False, True])
def test_of_those_who_want_one_slot_at_once_one_gets_it_and_one_who_sends_twice_has_one(
    people, several_threads, same
):
    day = f.ActivityFactory(station=people.own, day=soon(), announced=True)

    def ask(number):
        row = Appointment(
            station=people.own, subject="灯坏了", channel="WEB", activity_id=day.pk, day=day.day, at=time(9)
        )
        digest = "d" * 64 if same else f"{number:064d}"
        return row.ask(by=None, name="田秀兰", phone=f"1390000552{number}", consent="x", digest=digest)

    results = several_threads(*(partial(ask, number) for number in range(4)))

    assert Appointment.objects.count() == Applicant.objects.count() == 1
    if same:
        assert {row.pk for row in results} == {Appointment.objects.get().pk}
    else:
        refused = [result for result in results if isinstance(result, NotAllowed)]
        assert len(refused) == 3
        assert all("时段刚被约走" in str(result) for result in refused)


@pytest.mark.parametrize(("days", "words"), [(-1, "已经过了"), (61, "最多提前 60 天")])
def test_a_day_that_is_over_or_too_far_cannot_be_had(people, days, words):
    with pytest.raises(NotAllowed, match=words):
        asked(people, day=soon(days), at=time(9))


# --- A deputy who left ---------------------------------------------------------------------------------------------------


def leaves(people, how):
    mandate = people.deputy.mandate
    yesterday = soon(-1)
    match how:
        case "mandate":
            mandate.end(yesterday, "MOVED", by=people.office)
        case "suspended":
            mandate.suspend(yesterday, by=people.office)
        case "elsewhere":
            mandate.assignments.get().end(yesterday, by=people.office)
            f.AssignmentFactory(mandate=mandate, station=people.sibling)
        case _:
            mandate.assignments.get().end(yesterday, by=people.office)


@pytest.mark.once
@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("mandate", "已不再担任代表"),
        ("suspended", "暂停执行代表职务"),
        ("assignment", "已不在南关街道联络站"),
        ("elsewhere", "现在在北关街道联络站"),
    ],
)
def test_a_deputy_who_left_cannot_be_asked_and_the_person_hears_where_to_go(people, how, words):
    people.own.amend(by=people.office, phone="03520001234")
    leaves(people, how)

    with pytest.raises(NotAllowed, match=words) as refused:
        asked(people, mandate=people.deputy.mandate)
    assert "其他代表" in str(refused.value)
    assert "03520001234" in str(refused.value)
    assert not Appointment.objects.exists()


def test_a_deputy_who_left_before_the_answer_is_not_confirmed_but_another_may_be_proposed(people):
    found = asked(people, mandate=people.deputy.mandate)
    leaves(people, "mandate")

    with pytest.raises(NotAllowed, match="另约时间"):
        found.confirm(by=people.station, day=soon(), at=time(9))
    colleague = people.deputy_colleague.mandate
    found.propose(by=people.station, mandate=colleague, day=soon(), at=time(9))
    assert (found.state, found.mandate) == (S.PROPOSED, colleague)
    assert not Appointment.objects.visible_to(people.deputy).exists()
    assert Appointment.objects.visible_to(people.deputy_colleague).exists()


def test_deputies_of_the_points_below_can_be_met_at_the_station_and_the_other_way_round(people):
    below = f.MandateFactory(area=people.child.area)
    f.AssignmentFactory(mandate=below, station=people.child)
    asked(people, mandate=below)
    asked(people, station=people.child, mandate=people.deputy.mandate, phone="13900005522")
    with pytest.raises(NotAllowed, match="不在北关街道联络站"):
        asked(people, station=people.sibling, mandate=people.deputy.mandate)


# --- What was asked for is what is confirmed ------------------------------------------------------------------------


def test_what_the_person_chose_cannot_be_changed_by_confirming(people, day):
    found = asked(people, mandate=people.deputy.mandate, activity=day, day=day.day, at=time(9))

    with pytest.raises(NotAllowed, match="另约时间"):
        found.confirm(by=people.station, mandate=people.deputy_colleague.mandate)
    with pytest.raises(NotAllowed, match="另约时间"):
        found.confirm(by=people.station, day=soon(9), at=time(9))
    found.confirm(by=people.deputy)
    assert (found.state, found.activity, found.at) == (S.CONFIRMED, day, time(9))
    told = OutboxMessage.objects.filter(to=people.station.user, text__contains="已确认")
    assert told.count() == 1


def test_any_deputy_means_that_the_desk_says_who(people):
    found = asked(people)

    with pytest.raises(NotAllowed, match="哪位代表"):
        found.confirm(by=people.station, day=soon(), at=time(9))
    found.confirm(by=people.station, mandate=people.deputy.mandate, day=soon(), at=time(9))
    assert OutboxMessage.objects.filter(to=people.deputy.user, text__contains="已确认").count() == 1


def test_a_proposal_holds_its_slot_and_lets_go_of_it_when_turned_down(people, day):
    found = asked(people, mandate=people.deputy.mandate)
    found.propose(by=people.deputy, activity=day, day=day.day, at=time(9))
    with pytest.raises(NotAllowed, match="时段刚被约走"):
        asked(people, phone="13900005522", activity=day, day=day.day, at=time(9))

    found.turn_down(by=None, wish="只有周六")
    assert (found.state, found.day, found.activity, found.wish) == (S.ASKED, None, None, "只有周六")
    assert found.mandate == people.deputy.mandate
    asked(people, phone="13900005522", activity=day, day=day.day, at=time(9))
    assert "只有周六" not in str(list(AuditEntry.objects.of(found).values()))


def test_a_refused_proposal_leaves_neither_its_place_nor_an_empty_time_behind(people):
    found = asked(people, mandate=people.deputy.mandate, wish="")
    found.propose(by=people.station, day=soon(), at=time(9), place="村委会二楼")
    found.turn_down(by=None)
    assert found.place == ""
    found.withdraw(by=None)
    assert [text for text in texts(people.deputy.user) if "撤回" in text] == [
        "南关街道联络站：本人撤回了约见。"
    ]


@pytest.mark.once
@pytest.mark.parametrize(
    ("who", "name"), [("deputy", "confirm"), ("deputy", "decline"), ("station", "turn_down")]
)
def test_a_notice_goes_to_who_did_not_do_it_and_to_who_must_answer(people, who, name):
    found = made(people, S.PROPOSED if name == "turn_down" else S.ASKED, activity=None)
    getattr(found, name)(by=getattr(people, who), note="出差", **needs(people, name))

    told = set(OutboxMessage.objects.values_list("to__name", flat=True))
    other = people.deputy if who == "station" else people.station
    assert told == {other.user.name}


def test_a_deputy_hears_once_that_the_person_withdrew(people):
    made(people, S.ASKED).withdraw(by=None)
    assert len(texts(people.deputy.user)) == len(texts(people.station.user)) == 1


def test_nothing_new_is_no_proposal(people):
    found = made(people, S.CONFIRMED)
    with pytest.raises(NotAllowed, match="都没有变"):
        found.propose(by=people.station, day=found.day, at=found.at)


@pytest.mark.parametrize("step", ["move", "cancel"])
def test_a_day_moved_or_cancelled_asks_the_desk_for_another_time(people, day, step):
    found = asked(people, mandate=people.deputy.mandate, activity=day, day=day.day, at=time(9))
    found.confirm(by=people.station)
    more = {"day": soon(14)} if step == "move" else {}
    getattr(day, step)(by=people.office, note="大雪", **more)

    found.refresh_from_db()
    assert (found.state, found.activity, found.at) == (S.ASKED, None, None)
    assert "9:00" in found.wish
    assert timeline(found)[0].title == "接待日有变，要另约时间"
    assert OutboxMessage.objects.filter(to=people.station.user, text__contains="请另约时间").count() == 1


@pytest.mark.parametrize("state", [S.ASKED, S.PROPOSED])
def test_of_a_day_that_moves_and_an_answer_at_once_both_are_done_in_turn(people, several_threads, state):
    day = f.ActivityFactory(station=people.own, day=soon(), announced=True)
    rows = [made(people, state, activity=day, day=day.day, at=time(hour)) for hour in (9, 10)]
    answer = "confirm" if state == S.ASKED else "accept"

    results = several_threads(
        *(partial(getattr(row, answer), by=people.station) for row in rows),
        partial(day.move, by=people.office, note="大雪", day=soon(14)),
    )
    assert all(result is None or isinstance(result, NotAllowed) for result in results)
    assert results[-1] is None
    assert set(Appointment.objects.values_list("state", "day")) == {(S.ASKED, None)}


# --- What came of it ----------------------------------------------------------------------------------------------------


def test_a_meeting_cannot_have_been_before_its_day(people):
    found = made(people, S.CONFIRMED, day=soon(1), at=time(9))
    for name in ("hold", "miss"):
        with pytest.raises(NotAllowed, match="还没到"):
            getattr(found, name)(by=people.station, **needs(people, name))


@pytest.mark.parametrize("wrong", ["elsewhere", "voided", "used"])
def test_only_a_standing_visit_of_the_station_can_be_what_came_of_it_and_only_once(people, wrong):
    station = people.sibling if wrong == "elsewhere" else people.own
    visit = f.VisitFactory(
        activity=f.ActivityFactory(station=station), voided_at=timezone.now() if wrong == "voided" else None
    )
    if wrong == "used":
        made(people, S.HELD, visit=visit)
    found = made(people, S.CONFIRMED)

    with pytest.raises(NotAllowed, match="请另选一条"):
        found.hold(by=people.station, visit=visit)


# --- Reminders, calls, lateness ------------------------------------------------------------------------------------------


def texts(user):
    return [message.text for message in OutboxMessage.objects.filter(to=user).order_by("pk")]


@pytest.mark.parametrize(("before", "due"), [(2, 0), (1, 1), (0, 1), (-1, 0)])
def test_deputy_and_staff_are_reminded_the_day_before_once(people, before, due):
    made(people, S.CONFIRMED, day=soon(), at=time(9))
    for _ in range(2):
        reminders.remind(soon(7 - before))
    assert len(texts(people.deputy.user)) == len(texts(people.station.user)) == due
    assert "田" not in str(texts(people.station.user))


@pytest.mark.parametrize(("after", "due"), [(0, 0), (1, 1)])
def test_an_answer_that_is_overdue_is_asked_for_every_day(people, after, due):
    made(people, S.ASKED, answer_by=TODAY())
    reminders.remind(TODAY() + timedelta(days=after))
    assert len(texts(people.station.user)) == due
    assert Appointment.objects.late(TODAY() + timedelta(days=after)).count() == due


def test_who_is_to_be_phoned_stands_on_the_list_until_the_call_is_recorded(people):
    found = made(people, S.CONFIRMED, day=soon(3), at=time(9))
    rows = Appointment.objects.to_phone(TODAY())
    assert list(rows) == [found]
    found.phone(by=people.station)
    assert list(rows.all()) == []
    # the day before it is to be recalled, unless the call was within that day
    assert list(Appointment.objects.to_phone(soon(2))) == [found]
    Appointment.objects.update(day=soon(1))
    assert list(rows.all()) == []
    made(people, S.ASKED), made(people, S.WITHDRAWN), made(people, S.CONFIRMED, day=soon(-1))
    assert list(rows.all()) == []


# --- Who reads what ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "name", "phone", "reads"),
    [
        ("station", "田秀兰", "13900005521", True),
        ("deputy", "田*", "139****5521", True),
        ("office", "田*", "139****5521", True),
        ("auditor", "田*", "139****5521", False),
    ],
)
def test_each_reads_of_the_person_what_is_needed(people, who, name, phone, reads):
    found = made(people, S.ASKED)
    post = getattr(people, who)

    person = shown_person(found, post)
    assert (person.name, person.phone) == (name, phone)
    assert ("楼道灯" in shown_subject(found.subject, post)) is reads
    assert Applicant.objects.visible_to(post).exists() is (who == "station")


def test_name_and_phone_are_blanked_when_they_have_been_kept_as_long_as_policy_says(people):
    PolicyVersion.objects.create(
        area=people.county, first_on=f.LONG_AGO, values={"appointment_keep_days": 30}
    )
    over = made(people, S.DECLINED, day=None, at=None)
    made(people, S.HELD, day=soon(5))
    unanswered = made(people, S.ASKED)
    lapsed = made(people, S.PROPOSED, day=soon(4), at=time(9))
    assert Applicant.objects.forget(soon(30)) == 0
    assert Applicant.objects.forget(soon(31), dry_run=True) == 2
    assert Applicant.objects.filter(name="").count() == 0
    assert tasks.forget_applicants(on=soon(31).isoformat()) == 2
    assert {row.appointment for row in Applicant.objects.filter(name="", phone="")} == {over, unanswered}
    assert tasks.forget_applicants(on=soon(31).isoformat()) == 0
    assert Applicant.objects.forget(soon(35)) == 1  # nobody ever answered it
    assert Applicant.objects.get(appointment=lapsed).phone == ""


def test_a_proposal_whose_day_has_gone_by_unanswered_stands_on_the_list(as_, people, client):
    found = asked(people, mandate=people.deputy.mandate)
    found.propose(by=people.station, day=soon(), at=time(9))
    Appointment.objects.update(day=soon(-1))
    found.refresh_from_db()
    assert list(Appointment.objects.unrecorded(TODAY())) == [found]
    assert "accept" not in found.answers()
    assert "改约的日子已经过了" in client.get(f"/appointments/{found.secret}/").content.decode()
    assert "本人没有答复" in as_(people.station).get(found.get_absolute_url()).content.decode()
