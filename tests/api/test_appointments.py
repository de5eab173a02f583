"""Appointments for programs: read as the pages show them, enter once, move along by the same table."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests import factories as f
from visits.models import Appointment


def soon(days=7):
    return timezone.localdate() + timedelta(days=days)


@pytest.fixture
def heard(people):
    day = f.ActivityFactory(station=people.own, day=soon(), announced=True)
    return {
        "station": "PC01",
        "channel": "PHONE",
        "mandate": people.deputy.mandate.pk,
        "slot": f"{day.number}@09:15",
        "subject": "楼道灯坏了",
        "name": "田秀兰",
        "phone": "13900005521",
        "consent": True,
    }


def test_an_appointment_is_entered_once_for_a_key(program, people, heard):
    caller = program(people.station)
    first, again = (caller.send("appointments/", heard, headers={"Idempotency-Key": "one"}) for _ in range(2))

    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    told = first.json()
    assert (told["state"], told["at"], told["deputy_name"]) == ("ASKED", "09:15:00", "张建国")
    assert told["applicant"] == {"name": "田秀兰", "phone": "13900005521", "masked": False}
    assert set(told["steps"]) == {"confirm", "propose", "decline", "withdraw"}
    assert Appointment.objects.get().number == told["number"]
    other = caller.send("appointments/", heard | {"subject": "别的事"}, headers={"Idempotency-Key": "one"})
    assert other.status_code == 422


@pytest.mark.once
@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"consent": False}, 400, "consent"),
        ({"station": "YZ01"}, 400, "station"),
        ({"slot": "HD2026-99999@09:00"}, 400, "slot"),
        ({"slot": None}, 400, "slot"),
        ({"channel": "WEB"}, 400, "channel"),
        ({"phone": "1390000"}, 400, "phone"),
        ({"mandate": 0}, 400, "mandate"),
    ],
)
def test_what_is_wrong_is_told_by_field(program, people, heard, change, status, field):
    answer = program(people.station).send("appointments/", heard | change)
    assert (answer.status_code, set(answer.json()["fields"])) == (status, {field})
    assert not Appointment.objects.exists()


def test_a_slot_that_is_taken_is_a_conflict(program, people, heard):
    caller = program(people.station)
    caller.send("appointments/", heard)
    answer = caller.send("appointments/", heard | {"phone": "13900005522"})
    assert answer.status_code == 409
    assert "时段刚被约走" in answer.json()["message"]


@pytest.mark.parametrize(
    ("who", "name", "subject"),
    [("deputy", "田*", "楼道灯坏了两个月，想当面说说。"), ("auditor", "田*", "（只给安排约见的人看）")],
)
def test_each_reads_what_the_pages_show_and_no_link_leads_out(program, people, who, name, subject):
    f.ApplicantFactory(appointment__station=people.own, appointment__mandate=people.deputy.mandate)
    [row] = program(getattr(people, who)).ask("appointments/").json()["results"]
    assert (row["applicant"]["name"], row["subject"]) == (name, subject)
    assert not {"seed", "link_hash", "digest", "secret", "code"} & set(row)


@pytest.mark.once
def test_steps_are_taken_by_the_same_table(program, people, django_assert_max_num_queries):
    found = f.AppointmentFactory(station=people.own, mandate=people.deputy.mandate)
    address = f"appointments/{found.number}/steps"
    caller = program(people.deputy)

    assert caller.send(f"{address}/confirm/", {}).status_code == 400
    sent = {"day": soon(3).isoformat(), "at": "15:00", "version": 1}
    answer = caller.send(f"{address}/confirm/", sent)
    assert (answer.status_code, answer.json()["state"]) == (200, "CONFIRMED")
    assert caller.send(f"{address}/confirm/", sent).status_code == 409
    assert caller.send(f"{address}/hold/", {}).status_code == 403
    assert program(people.deputy_colleague).send(f"{address}/decline/", {}).status_code == 404
    assert caller.ask("appointments/?state=CONFIRMED&count=1").json()["count"] == 1

    for _ in range(10):
        row = f.AppointmentFactory(station=people.own, mandate=people.deputy.mandate)
        f.ApplicantFactory(appointment=row)
    desk = program(people.station)
    desk.ask("appointments/")
    with django_assert_max_num_queries(6):
        desk.ask("appointments/")
