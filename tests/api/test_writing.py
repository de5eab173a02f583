"""What programs may write: activities, rosters, visits, steps; once for each key, and only the named fields."""

import json
from datetime import date, timedelta

import pytest
from django.utils import timezone

from liaison.core.models import AuditEntry
from suggestions.models import Request
from tests.factories import ActivityFactory, AttendanceFactory
from visits.models import Activity, Attendance, Visit, Visitor

TODAY = timezone.localdate
PLAN = {"kind": "RECEPTION", "station": "PC01", "day": "2026-03-11", "starts_at": "09:00", "ends_at": "11:30"}


@pytest.fixture
def plan():
    return PLAN | {"day": (TODAY() + timedelta(days=20)).isoformat()}


@pytest.fixture
def heard(people):
    return {
        "station": "PC01",
        "day": TODAY().isoformat(),
        "channel": "PHONE",
        "headcount": 2,
        "category": people.category.code,
        "text": "暖气不热。\n室温十四度",
        "outcome": "DISPATCH",
        "name": "田 秀兰",
        "phone": "139 0000 5521",
        "address": "火车站社区",
    }


def test_an_activity_is_planned_and_recorded(program, people, plan):
    answer = program(people.station).send("activities/", plan)

    assert answer.status_code == 201
    made = Activity.objects.get()
    told = answer.json()
    assert (told["number"], told["state"], told["station"], told["area"]) == (
        made.number,
        "PLANNED",
        "PC01",
        "140213001000",
    )
    assert set(told["steps"]) == {"announce", "begin", "close", "move", "cancel"}
    entry = AuditEntry.objects.of(made).get()
    assert (entry.action, entry.post) == ("visits.activity.enter", people.station)


@pytest.mark.once
def test_what_is_wrong_is_told_by_field_and_changes_nothing(program, people, plan):
    client = program(people.station)
    for change, field in (
        ({"station": "YZ01"}, "station"),  # out of sight is as one that does not exist
        ({"station": None}, "station"),
        ({"station": {"code": "PC01"}}, "station"),
        ({"day": "31.12."}, "day"),
        ({"day": 5}, "day"),
        ({"day": "1900-01-01"}, "day"),
        ({"day": "2100-01-01"}, "day"),
        ({"ends_at": "08:00"}, "ends_at"),
        ({"kind": "PARTY"}, "kind"),
        ({"theme": "长" * 61}, "theme"),
    ):
        answer = client.send("activities/", plan | change)

        assert answer.status_code == 400, change
        assert field in answer.json()["fields"], change
    assert not Activity.objects.exists()


@pytest.mark.once
@pytest.mark.parametrize("who", ["deputy", "unit", "auditor", "admin"])
def test_who_may_not_write_is_told_so_before_anything_else(program, people, who):
    client = program(getattr(people, who))

    for path in ("activities/", "visits/")[: 1 if who == "deputy" else 2]:  # a deputy logs one's own walks
        answer = client.send(path, {"nonsense": True})
        assert answer.status_code == 403
        assert answer.json() == {
            "code": "permission_denied",
            "message": "您的岗位不能做这件事。",
            "fields": {},
        }


def test_only_the_named_fields_move(program, people, plan):
    wish = {
        "id": 4711, "number": "HD-MINE", "state": "CLOSED", "area": people.other.area_id, "area_path": "99", "version": 9,
        "announced_on": "2020-01-01", "announce_by": "2020-01-01", "created_at": "2020-01-01T00:00", "closed_at": "2020-01-01",
        "moved_by_hand": True, "rule": 1, "headcount": 900, "minutes": "x", "reason": "x",
    }  # fmt: skip

    told = program(people.station).send("activities/", plan | wish).json()

    made = Activity.objects.get()
    assert (made.state, made.area_id, made.version, made.announced_on) == ("PLANNED", people.town.pk, 1, None)
    assert (made.moved_by_hand, made.headcount, made.minutes, made.reason) == (False, 0, "", "")
    assert made.pk != 4711
    assert told["number"] == made.number != "HD-MINE"


def test_a_visit_is_logged_with_its_person_and_raises_its_request(program, people, heard):
    answer = program(people.station).send("visits/", heard)

    assert answer.status_code == 201, answer.content
    visit = Visit.objects.get()
    assert (visit.area_id, visit.headcount, visit.category, visit.version) == (
        people.town.pk,
        2,
        people.category,
        1,
    )
    assert answer.json()["visitor"] == {
        "name": "田秀兰",
        "phone": "13900005521",
        "address": "火车站社区",
        "masked": False,
    }
    assert answer.json()["requests"] == [Request.objects.get().number]
    assert Request.objects.get().title == "暖气不热"


def test_a_visit_of_a_reception_day_takes_station_and_day_from_it(program, people, heard):
    activity = ActivityFactory(station=people.own, day=TODAY() - timedelta(days=1), open=True)
    del heard["station"], heard["day"]

    told = program(people.station).send("visits/", heard | {"activity": activity.number}).json()

    assert (told["station"], told["day"], told["activity"]) == (
        "PC01",
        activity.day.isoformat(),
        activity.number,
    )


@pytest.mark.once
@pytest.mark.parametrize("state", ["closed", "cancelled"])
def test_a_day_that_is_over_takes_no_more_visits(program, people, heard, state):
    activity = ActivityFactory(station=people.own, **{state: True})

    answer = program(people.station).send("visits/", heard | {"activity": activity.number})

    assert (answer.status_code, answer.json()["code"]) == (409, "refused")
    assert not Visit.objects.exists()
    assert not Visitor.objects.exists()


def test_an_anonymous_visit_keeps_no_person(program, people, heard):
    told = program(people.station).send("visits/", heard | {"anonymous": True}).json()

    assert told["visitor"] is None
    assert not Visitor.objects.exists()


@pytest.mark.once
def test_a_visit_that_is_wrong_is_told_by_field_and_not_kept(program, people, heard):
    client = program(people.station)
    for change, field in (
        ({"station": "YZ01"}, "station"),
        ({"station": None, "activity": None}, "station"),
        ({"activity": "HD-NONE"}, "activity"),
        ({"day": "2999-01-01"}, "day"),
        ({"headcount": 0}, "headcount"),
        ({"headcount": 501}, "headcount"),
        ({"headcount": 10**30}, "headcount"),
        ({"headcount": "viele"}, "headcount"),
        ({"name": ""}, "name"),
        ({"name": "张3"}, "name"),
        ({"name": "长" * 16}, "name"),
        ({"phone": "1390000552"}, "phone"),
        ({"text": "  "}, "text"),
        ({"text": "长" * 100_000}, "text"),
        ({"text": "a\0b"}, "text"),
        ({"category": "99"}, "category"),
        ({"outcome": "NOT_ACCEPTED"}, "reason"),
        ({"received_by": 10**30}, "received_by"),
        ({"received_by": [1]}, "received_by"),
    ):
        answer = client.send("visits/", heard | change)

        assert answer.status_code == 400, change
        assert field in answer.json()["fields"], change
    assert not Visit.objects.exists()


@pytest.mark.once
def test_a_deputy_out_of_sight_cannot_be_named_as_receiver(program, people, heard):
    answer = program(people.station).send("visits/", heard | {"received_by": people.deputy_other.mandate.pk})

    assert list(answer.json()["fields"]) == ["received_by"]


def test_only_the_named_fields_of_a_visit_move(program, people, heard):
    wish = {
        "number": "X",
        "serial": 99,
        "area": people.other.area_id,
        "version": 7,
        "voided_at": "2020-01-01T00:00",
    }

    program(people.station).send("visits/", heard | wish)

    visit = Visit.objects.get()
    assert (visit.serial, visit.area_id, visit.version, visit.voided_at) == (1, people.town.pk, 1, None)


# --- Once for each key ---


def test_the_same_key_and_content_gives_the_first_answer_again(program, people, heard):
    client = program(people.station)
    key = {"headers": {"Idempotency-Key": "visit-1"}}

    first = client.send("visits/", heard, **key)
    other_order = json.dumps(dict(reversed(heard.items())))
    again = client.post(
        "/api/v1/visits/",
        other_order,
        content_type="application/json; charset=utf-8",
        headers={"Idempotency-Key": "visit-1"},
    )

    assert (again.status_code, again.content) == (first.status_code, first.content) == (201, first.content)
    assert Visit.objects.count() == 1


@pytest.mark.once
@pytest.mark.parametrize("content_type", ["application/json", "application/json; charset=utf-8"])
def test_a_key_used_for_something_else_is_refused(program, people, heard, content_type):
    client = program(people.station)
    send = {"content_type": content_type, "headers": {"Idempotency-Key": "visit-1"}}

    client.post("/api/v1/visits/", heard, **send)
    other = client.post("/api/v1/visits/", heard | {"headcount": 3}, **send)

    assert (other.status_code, other.json()["code"]) == (422, "key_used")
    assert Visit.objects.count() == 1


@pytest.mark.once
def test_a_refused_request_may_be_mended_under_its_key(program, people, heard):
    client = program(people.station)
    key = {"headers": {"Idempotency-Key": "visit-1"}}

    assert client.send("visits/", heard | {"phone": "1"}, **key).status_code == 400
    assert client.send("visits/", heard, **key).status_code == 201


@pytest.mark.once
def test_a_key_that_is_too_long_is_refused_and_not_cut(program, people, heard):
    answer = program(people.station).send("visits/", heard, headers={"Idempotency-Key": "k" * 81})

    assert answer.status_code == 400
    assert "Idempotency-Key" in answer.json()["fields"]


@pytest.mark.once
def test_keys_of_others_are_not_mine(program, people, plan):
    key = {"headers": {"Idempotency-Key": "same"}}

    assert program(people.station).send("activities/", plan, **key).status_code == 201
    assert (
        program(people.office)
        .send("activities/", plan | {"starts_at": "14:00", "ends_at": "16:00"}, **key)
        .status_code
        == 201
    )


def test_two_that_arrive_together_make_one_record(several_threads, program, people, heard):
    clients = [program(people.station), program(people.station)]

    def send(client):
        return lambda: client.send("visits/", heard, headers={"Idempotency-Key": "twice"})

    answers = several_threads(*map(send, clients))

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert Visit.objects.count() == Request.objects.count() == Visitor.objects.count() == 1


# --- Steps and rosters ---


@pytest.mark.once
def test_a_step_moves_and_answers_with_what_is_open_next(program, people):
    activity = ActivityFactory(station=people.own, day=TODAY() + timedelta(days=9))
    client = program(people.station)
    path = f"activities/{activity.number}/steps/announce/"

    answer = client.send(path, {"on": TODAY().isoformat(), "version": 1}, headers={"Idempotency-Key": "a"})
    again = client.send(path, {"on": TODAY().isoformat(), "version": 1}, headers={"Idempotency-Key": "a"})

    assert answer.status_code == 200, answer.content
    assert (answer.json()["state"], answer.json()["version"]) == ("ANNOUNCED", 2)
    assert "announce" not in answer.json()["steps"]
    assert again.json() == answer.json(), "a lost answer may be asked for again"


@pytest.mark.once
def test_steps_refuse_in_their_own_ways(program, people):
    activity = ActivityFactory(station=people.own, announced=True, day=TODAY() + timedelta(days=9))

    def step(who, name, **data):
        return program(getattr(people, who)).send(f"activities/{activity.number}/steps/{name}/", data)

    assert step("station", "dance").status_code == 404
    assert step("station_sibling", "cancel", note="下雪").status_code == 404
    assert step("auditor", "cancel", note="下雪").status_code == 403
    assert step("deputy", "cancel", note="下雪").status_code == 403
    assert step("station", "announce", on=TODAY().isoformat()).status_code == 409
    assert step("station", "reopen").status_code == 409
    assert list(step("station", "cancel").json()["fields"]) == ["note"]
    assert step("station", "cancel", note="下雪", version=99).status_code == 409
    assert step("office", "cancel", note="下雪", version=1).json()["state"] == "CANCELLED"


@pytest.mark.once
def test_a_step_withstands_any_json(program, people):
    activity = ActivityFactory(station=people.own, announced=True, day=TODAY() + timedelta(days=9))
    client = program(people.station)

    for sent in (
        [], "x", 5, {"note": {"a": 1}}, {"note": [[1]]}, {"day": {"a": 1}}, {"version": "x"}, {"day": True},
    ):  # fmt: skip
        assert client.send(f"activities/{activity.number}/steps/move/", sent).status_code == 400, sent


@pytest.mark.once
def test_deputies_are_put_on_the_roster_once_and_within_their_mandate(program, people):
    activity = ActivityFactory(station=people.own, day=TODAY() + timedelta(days=9))
    path = f"activities/{activity.number}/attendances/"
    client = program(people.station)
    late = people.deputy_colleague.mandate
    late.to_on = date(2022, 1, 1)
    late.save()

    made = client.send(path, {"mandate": people.deputy.mandate.pk})
    assert made.status_code == 201, made.content
    assert (made.json()["state"], made.json()["deputy_name"]) == ("ROSTERED", "张建国")
    assert client.send(path, {"mandate": people.deputy.mandate.pk}).status_code == 409
    assert client.send(path, {"mandate": late.pk}).status_code == 409
    assert client.send(path, {"mandate": people.deputy_other.mandate.pk}).status_code == 400
    assert program(people.deputy).send(path, {"mandate": late.pk}).status_code == 403
    assert program(people.station_sibling).send(path, {"mandate": late.pk}).status_code == 404
    assert [row["deputy_name"] for row in client.ask(path).json()["results"]] == ["张建国"]
    assert Attendance.objects.count() == 1


@pytest.mark.once
def test_a_deputy_answers_for_oneself(program, people):
    activity = ActivityFactory(station=people.own, announced=True, day=TODAY() + timedelta(days=9))
    mine = AttendanceFactory(activity=activity, mandate=people.deputy.mandate)
    other = AttendanceFactory(activity=activity, mandate=people.deputy_colleague.mandate)
    client = program(people.deputy)

    assert client.ask(f"attendances/{mine.pk}/").json()["steps"] == {
        "confirm": "确认参加",
        "ask_leave": "请假",
    }
    assert client.send(f"attendances/{mine.pk}/steps/confirm/").json()["state"] == "CONFIRMED"
    assert client.send(f"attendances/{other.pk}/steps/confirm/").status_code == 404
    assert client.send(f"attendances/{mine.pk}/steps/check_in/").status_code == 403
