"""The pages of appointments: the whole way of one, from the public form to the visit, and what goes wrong on it."""

import logging
import re
from datetime import time, timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from liaison.core.context import json_formatter
from liaison.core.links import CODE_TRIES
from liaison.core.models import PolicyVersion
from tests import factories as f
from visits.appointments.booking import CONSENT
from visits.models import Applicant, Appointment, Visit
from visits.workflow import AppointmentState

pytestmark = pytest.mark.once

S = AppointmentState
TODAY = timezone.localdate


@pytest.fixture
def day(people):
    """An announced reception day of next week at the station of `people.station`, 9:00 to 11:30."""
    activity = f.ActivityFactory(station=people.own, day=TODAY() + timedelta(days=7), announced=True)
    f.AttendanceFactory(activity=activity, mandate=people.deputy.mandate)
    return activity


def typed(people, **changes):
    """What a person fills in on the public page."""
    return {
        "mandate": people.deputy.mandate.pk,
        "slot": "",
        "wish": "工作日下午",
        "subject": "楼道灯坏了两个月，想当面说说。",
        "category": people.category.pk,
        "name": "田秀兰",
        "phone": "139 0000 5521",
        "consent": "on",
        "website": "",
    } | changes


def ask(client, people, query="station=PC01", **changes):
    return client.post(f"/appointments/new/?{query}", typed(people, **changes))


def text(response):
    return re.sub(r"<[^>]+>", "", response.content.decode())


def made(people, state=S.ASKED, **more):
    arranged = {"day": TODAY(), "at": time(23, 59)} if state != S.ASKED else {}
    defaults = {"station": people.own, "mandate": people.deputy.mandate, "state": state}
    row = f.AppointmentFactory(**(defaults | arranged | more))
    f.ApplicantFactory(appointment=row)
    return row


# --- The whole way -----------------------------------------------------------------------------------------------------


def test_from_the_public_form_over_a_proposal_to_the_visit(people, as_, client, day):
    page = client.get(f"/appointments/new/?day={day.pk}")
    assert "张建国" in text(page)
    answer = ask(client, people, f"day={day.pk}", slot=f"{day.number}@09:30")
    address = answer["Location"]
    found = Appointment.objects.get()
    assert address == f"/appointments/{found.secret}/"
    assert (found.activity, found.at, found.channel, found.applicant.consent) == (
        day,
        time(9, 30),
        "WEB",
        CONSENT,
    )

    seen = text(client.get(address))
    assert found.number in seen
    assert found.code_in_two in seen
    assert f"{found.answer_by:%-m月%-d日}" in seen
    assert found.code_in_two not in text(client.get(address)), "the code is shown once"

    desk, deputy = as_(people.station), as_(people.deputy)
    home = text(desk.get("/"))
    assert "要答复的约见 1" in home
    assert found.number in text(deputy.get("/"))
    deputy.post(
        f"/appointments/{found.number}/steps/propose/",
        {"slot": f"{day.number}@10:00", "note": "九点半有会", "version": 1},
    )
    seen = text(client.get(address))
    assert "请您改约" in seen
    assert "九点半有会" in seen
    assert "10:00" in seen
    client.post(address, {"step": "accept", "version": 2})
    found.refresh_from_db()
    assert (found.state, found.at) == (S.CONFIRMED, time(10))
    month = f"/activities/?month={day.day:%Y-%m}"
    assert "约见 1" in text(desk.get(month))
    of_station = as_(people.office).get(f"{month}&station=PC01").content.decode()
    assert "约见 1" in of_station
    assert f"last={day.day}&amp;station=PC01" in of_station
    assert "约见 1" not in text(as_(people.office).get(f"{month}&station=PC02"))
    assert found.number in text(desk.get(day.get_absolute_url()))

    # the day has come
    type(day).objects.filter(pk=day.pk).update(day=TODAY(), state="OPEN")
    Appointment.objects.update(day=TODAY())
    log = f"/activities/{day.pk}/log/"
    page = desk.get(log)
    assert "今天约好的人" in text(page)
    form_address = f"/visits/new/?appointment={found.number}"
    assert form_address in page.content.decode()
    form = desk.get(form_address).context["form"]
    filled = {
        name: form[name].value()
        for name in (
            "station",
            "day",
            "channel",
            "name",
            "phone",
            "text",
            "received_by",
            "category",
            "appointment",
            "outcome",
            "idem",
        )
    }
    assert filled["phone"] == "13900005521"
    assert desk.post("/visits/new/", filled)["Location"] == log
    found.refresh_from_db()
    visit = Visit.objects.get()
    assert (found.state, found.visit) == (S.HELD, visit)
    assert (visit.text, visit.received_by, visit.activity) == (found.subject, people.deputy.mandate, day)
    assert visit.visitor.name == "田秀兰"
    assert "已经见过面" in text(client.get(address))


def test_staff_enter_it_for_somebody_who_phones_and_record_each_answer(people, as_, day):
    desk = as_(people.station)
    sent = typed(people, station=people.own.pk, channel="PHONE", mandate="", idem="one")
    first, again = (desk.post("/appointments/enter/", sent) for _ in range(2))
    assert first["Location"] == again["Location"]
    found = Appointment.objects.get()
    assert (found.channel, found.mandate, found.wish) == ("PHONE", None, "工作日下午")
    assert found.code_in_two in text(desk.get(first["Location"]))

    step = f"/appointments/{found.number}/steps"
    desk.post(f"{step}/confirm/", {"mandate": people.deputy.mandate.pk, "slot": f"{day.number}@09:00"})
    assert "请打电话告诉本人" in text(desk.get(found.get_absolute_url()))
    desk.post(f"{step}/phone/")
    assert "请打电话告诉本人" not in text(desk.get(found.get_absolute_url()))
    desk.post(f"{step}/withdraw/", {"note": "来电说不来了"})
    found.refresh_from_db()
    assert found.state == S.WITHDRAWN


def test_a_meeting_outside_a_reception_day_is_logged_with_the_form_for_other_visits(people, as_):
    found = made(people, S.CONFIRMED)
    desk = as_(people.station)
    page = desk.get(found.get_absolute_url()).content.decode()
    address = f"/visits/new/?appointment={found.number}"
    assert address in page
    form = desk.get(address).context["form"]
    filled = {field.name: field.value() for field in form if field.value() not in (None, False)}
    filled |= {"day": TODAY().isoformat(), "outcome": "ON_SPOT"}
    assert (filled["station"], filled["name"]) == (people.own.pk, "田秀兰")
    answer = desk.post("/visits/new/", filled)

    found.refresh_from_db()
    assert (found.state, found.visit.get_absolute_url()) == (S.HELD, answer["Location"])


@pytest.mark.parametrize(("days", "kept"), [(0, True), (1, False)])
def test_a_visit_of_an_appointment_is_of_the_day_that_was_typed(people, as_, days, kept):
    yesterday = TODAY() - timedelta(days=1)
    activity = f.ActivityFactory(station=people.own, day=yesterday, open=True)
    found = made(people, S.CONFIRMED, activity=activity, day=yesterday)
    day = yesterday + timedelta(days=days)
    as_(people.station).post(
        "/visits/new/",
        {
            "station": people.own.pk, "day": day.isoformat(), "name": "田秀兰", "text": "灯坏了", "outcome": "NOTED",
            "channel": "VISIT", "appointment": found.number,
        },
    )  # fmt: skip

    visit = Visit.objects.get()
    assert (visit.day, visit.activity) == (day, activity if kept else None)


@pytest.mark.parametrize("number", ["", "x", "YY2026-99999"])
def test_a_visit_of_an_appointment_that_was_withdrawn_meanwhile_is_not_logged_at_all(people, as_, number):
    found = made(people, S.WITHDRAWN)
    sent = {
        "station": people.own.pk, "day": TODAY().isoformat(), "name": "田秀兰", "text": "灯坏了", "outcome": "NOTED",
        "channel": "VISIT", "appointment": number or found.number,
    }  # fmt: skip
    answer = as_(people.station).post("/visits/new/", sent)

    assert answer.status_code == 409
    assert "刚被改动过" in text(answer)
    assert not Visit.objects.exists()


# --- What the public form refuses --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"consent": ""}, "不同意就不能在网上约"),
        ({"phone": "1390000552"}, "手机号少了 1 位"),
        ({"phone": ""}, "请填写"),
        ({"name": "1"}, "姓名"),
        ({"subject": ""}, "请填写"),
        ({"subject": "灯" * 501}, "最多 500 个字"),
        ({"wish": ""}, "请选一个时段"),
        ({"slot": "HD2026-99999@09:00"}, "请另选一个"),
        ({"website": "http://spam.example"}, "没有收下"),
        ({"mandate": "999999"}, "选择"),
    ],
)
def test_what_is_missing_or_wrong_is_said_in_words_and_nothing_typed_is_lost(
    people, client, day, change, words
):
    answer = ask(client, people, **change)

    assert answer.status_code == 422
    assert words in text(answer)
    assert not Appointment.objects.exists()
    if "subject" not in change:
        assert "楼道灯坏了两个月" in text(answer)


def test_the_consent_is_asked_and_not_given_beforehand_and_its_notice_stands_first(people, client):
    page = client.get("/appointments/new/?station=PC01").content.decode()
    assert page.index("只用来安排这次约见") < page.index("<select")
    [box] = re.findall(r"<input[^>]*name=\"consent\"[^>]*>", page)
    assert "checked" not in box


def test_a_slot_that_was_taken_meanwhile_is_said_so_and_the_rest_stays(people, client, day):
    ask(client, people, slot=f"{day.number}@09:00", phone="13900005522")
    answer = ask(client, people, slot=f"{day.number}@09:00")

    assert answer.status_code == 409
    assert "时段刚被约走" in text(answer)
    assert "楼道灯坏了两个月" in text(answer)


def test_a_full_day_sends_to_other_days(people, client, day):
    PolicyVersion.objects.create(area=people.county, first_on=f.LONG_AGO, values={"appointments_an_hour": 1})
    made(people, S.CONFIRMED, activity=day, day=day.day, at=time(9))
    made(people, S.CONFIRMED, activity=day, day=day.day, at=time(10))

    assert "已经约满" in text(client.get(f"/appointments/new/?day={day.pk}"))


def test_the_same_sent_twice_is_one_and_leads_to_the_same_page(people, client, day):
    sent = {"slot": f"{day.number}@09:00"}
    first, again = ask(client, people, **sent), ask(Client(), people, **sent)

    assert first["Location"] == again["Location"]
    assert Appointment.objects.count() == 1
    client.post(first["Location"], {"step": "withdraw"})
    assert ask(client, people, **sent)["Location"] != first["Location"], "after withdrawing one may ask again"


def test_too_many_from_one_phone_in_a_day_are_refused_with_the_way_to_go(people, client):
    people.own.amend(by=people.office, phone="03520001234")
    for number in range(3):
        assert ask(client, people, subject=f"第{number}件").status_code == 302
    answer = ask(client, people, subject="第四件")

    assert answer.status_code == 409
    assert "已经提交了 3 次" in text(answer)
    assert "03520001234" in text(answer)
    assert ask(client, people, subject="第四件", phone="13900005522").status_code == 302


def test_where_no_day_is_announced_the_wish_is_asked_for_in_words(people, client):
    page = client.get("/appointments/new/?station=PC01").content.decode()
    assert 'name="slot"' not in page
    assert ask(client, people, wish="").status_code == 422
    assert ask(client, people).status_code == 302


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ("", 200, "先找您那里的联络站"),
        ("station=XX99", 404, ""),
        ("deputy=99999999", 404, ""),
        ("deputy=abc", 404, ""),
        ("day=99999999999999999999", 404, ""),
        ("station=%00", 404, ""),
    ],
)
def test_an_address_that_asks_for_nothing_or_for_what_is_not_there(people, client, query, status, words):
    answer = client.get(f"/appointments/new/?{query}")
    assert answer.status_code == status
    assert words in text(answer)


def test_a_deputy_by_key_is_chosen_and_one_who_left_leads_to_the_others(people, client):
    address = f"/appointments/new/?deputy={people.deputy.deputy.pk}"
    chosen = f'value="{people.deputy.mandate.pk}" selected'
    assert chosen in client.get(address).content.decode()
    people.deputy.mandate.end(TODAY() - timedelta(days=1), "MOVED", by=people.office)

    page = client.get(address)
    assert "张建国已不再担任代表" in text(page)
    assert "李秀英" in text(page)
    answer = ask(client, people, f"deputy={people.deputy.deputy.pk}")
    assert answer.status_code == 422, "no longer among those who may be chosen"


@pytest.mark.parametrize("state", ["cancelled", "over", "planned", "moved"])
def test_a_day_that_is_off_or_not_announced_cannot_be_asked_for(people, client, state):
    day = TODAY() + timedelta(days=-1 if state == "over" else 7)
    told = TODAY() if state in ("cancelled", "over") else None
    activity = f.ActivityFactory(
        station=people.own, day=day, told_day=told, moved_by_hand=state == "moved",
        state={"cancelled": "CANCELLED", "over": "ANNOUNCED"}.get(state, "PLANNED"),
    )  # fmt: skip
    answer = client.get(f"/appointments/new/?day={activity.pk}")

    assert answer.status_code == (200 if told else 404)
    off = f"{TODAY():%-m月%-d日}的接待日已取消"  # the day that people were told of, not the one it was moved to since
    assert {"cancelled": off, "over": "已经过了"}.get(state, "") in text(answer)
    assert activity.number not in answer.content.decode()


def test_a_closed_station_sends_to_the_one_above_it(people, client):
    people.child.amend(by=people.office, closed_on=TODAY())
    page = client.get("/appointments/new/?station=PC0101")

    assert "已停用" in text(page)
    assert '?station=PC01"' in page.content.decode()


# --- The person's own page ----------------------------------------------------------------------------------------------


def test_the_page_shows_what_the_person_typed_with_name_and_phone_half_hidden(people, client):
    address = ask(client, people)["Location"]
    client.get(address)
    page = client.get(address)

    for word in ("楼道灯坏了两个月", "田*", "139****5521"):
        assert word in text(page)
    for word in ("田秀兰", "13900005521"):
        assert word not in page.content.decode()
    assert page["Cache-Control"] == "no-store"
    assert page["Referrer-Policy"] == "strict-origin"
    assert page["X-Robots-Tag"] == "noindex"


def test_a_browser_that_names_its_origin_may_send_the_form(people):
    """Under no-referrer browsers send `Origin: null`, and every form would be refused."""
    client = Client(enforce_csrf_checks=True)
    client.get("/appointments/new/?station=PC01")
    token = client.cookies[settings.CSRF_COOKIE_NAME].value
    sent = typed(people, csrfmiddlewaretoken=token)
    origin = {"HTTP_ORIGIN": "http://testserver"}
    assert client.post("/appointments/new/?station=PC01", sent, **origin).status_code == 302


def test_a_wrong_secret_and_a_step_that_is_not_the_persons_are_404(people, client):
    address = ask(client, people)["Location"]
    wrong = address[:-2] + ("A" if address[-2] != "A" else "B") + "/"
    assert client.get(wrong).status_code == 404
    for name in ("confirm", "hold", "", "delete"):
        assert client.post(address, {"step": name}).status_code == 404
    assert Appointment.objects.get().state == S.ASKED


def test_an_answer_to_what_has_changed_meanwhile_is_refused_in_words(people, client):
    address = ask(client, people)["Location"]
    found = Appointment.objects.get()
    found.propose(by=people.station, note="", day=TODAY() + timedelta(days=3), at=time(9))
    found.decline(by=people.station, note="代表出差，请找李秀英代表")
    answer = client.post(address, {"step": "accept", "version": 2})

    assert answer.status_code == 409
    assert "打电话问联络站" in text(answer)
    assert "请找李秀英代表" in text(answer)


def test_the_secret_stands_in_no_line_of_the_log():
    secret = "s" * 43
    record = logging.LogRecord(
        "django.request", logging.WARNING, "", 0, "Conflict: %s", (f"/appointments/{secret}/",), None
    )
    assert secret not in json_formatter().format(record)


# --- Number and code ------------------------------------------------------------------------------------------------------


def test_number_and_code_lead_to_the_page_however_they_are_typed(people, client):
    address = ask(client, people)["Location"]
    found = Appointment.objects.get()

    answer = client.post(
        "/appointments/find/", {"number": f" {found.number.lower()} ", "code": found.code_in_two.lower()}
    )
    assert answer["Location"] == address


def test_five_wrong_codes_lock_the_number_for_an_hour(people, client):
    ask(client, people)
    found = Appointment.objects.get()
    wrong = "2" * 8 if found.code != "2" * 8 else "3" * 8

    def try_(code):
        return client.post("/appointments/find/", {"number": found.number, "code": code})

    for _ in range(CODE_TRIES):
        assert "编号或查询码不对" in text(try_(wrong))
    locked = try_(found.code)
    assert locked.status_code == 409
    assert "一小时后再试" in text(locked)
    Appointment.objects.update(code_failed_at=timezone.now() - timedelta(hours=1, seconds=1))
    assert try_(found.code).status_code == 302
    assert Appointment.objects.get().code_failures == 0


@pytest.mark.parametrize(
    ("number", "code", "words"),
    [("YY2026-99999", "22222222", "编号或查询码不对"), ("x", "O0I1", "共 8 位"), ("", "", "请填写")],
)
def test_what_is_no_number_or_no_code_is_said_so(people, client, number, code, words):
    answer = client.post("/appointments/find/", {"number": number, "code": code})
    assert answer.status_code == 422
    assert words in text(answer)


# --- The desk --------------------------------------------------------------------------------------------------------------


def test_the_list_shows_each_what_is_in_sight_and_costs_the_same_however_many(
    people, as_, django_assert_max_num_queries
):
    for number in range(12):
        made(people, mandate=(people.deputy, people.deputy_colleague)[number % 2].mandate)
    elsewhere = made(people, station=people.sibling, mandate=None)
    desk = as_(people.station)
    desk.get("/appointments/")
    with django_assert_max_num_queries(12):
        page = desk.get("/appointments/")
    assert page.content.decode().count("田秀兰") == 12
    assert elsewhere.number not in text(page)
    seen = as_(people.deputy).get("/appointments/").content.decode()
    assert seen.count("田*") == 6
    assert "田秀兰" not in seen
    assert elsewhere.number in text(as_(people.office).get("/appointments/"))


@pytest.mark.parametrize(
    ("todo", "states"),
    [("answer", {S.ASKED}), ("late", {S.ASKED}), ("phone", {S.DECLINED}), ("record", {S.CONFIRMED})],
)
def test_the_list_can_be_narrowed_to_what_is_to_be_done(people, as_, todo, states):
    made(people, answer_by=TODAY() - timedelta(days=1))
    made(people, S.DECLINED), made(people, S.WITHDRAWN)
    made(people, S.CONFIRMED, day=TODAY() - timedelta(days=1), phoned_at=timezone.now())
    page = as_(people.station).get(f"/appointments/?todo={todo}").context["page"]
    assert {row.state for row in page.rows} == states


def test_the_page_says_when_the_deputy_has_left_and_confirming_is_refused_with_what_to_do(people, as_):
    found = made(people)
    people.deputy.mandate.end(TODAY() - timedelta(days=1), "MOVED", by=people.office)
    desk = as_(people.station)
    assert "约不了这位代表了" in text(desk.get(found.get_absolute_url()))
    answer = desk.post(
        f"/appointments/{found.number}/steps/confirm/", {"day": TODAY() + timedelta(days=3), "at": "09:00"}
    )
    assert answer.status_code == 409
    assert "另约时间" in text(answer)


@pytest.mark.parametrize(
    ("step", "sent", "words"),
    [
        ("decline", {}, "请填写"),
        ("confirm", {}, "请选一个时段"),
        ("confirm", {"day": "2026-13-40", "at": "9"}, "日期"),
        ("propose", {"day": "1970-01-01", "at": "09:00"}, "年份"),
    ],
)
def test_a_step_that_lacks_something_says_what(people, as_, step, sent, words):
    found = made(people)
    answer = as_(people.station).post(f"/appointments/{found.number}/steps/{step}/", sent)
    assert answer.status_code == 422
    assert words in text(answer)
    found.refresh_from_db()
    assert found.state == S.ASKED


def test_staff_are_not_limited_but_must_have_asked_for_consent(people, as_):
    sent = typed(people, station=people.own.pk, channel="ONSITE", consent="")
    answer = as_(people.station).post("/appointments/enter/", sent)
    assert answer.status_code == 422
    assert "请先告诉本人用途" in text(answer)
    assert not Applicant.objects.exists()


# --- The way in from the public pages -----------------------------------------------------------------------------------


def test_the_pages_of_station_deputy_and_days_lead_to_the_form(people, client, day):
    own = f"/appointments/new/?station={people.own.code}"
    assert own in client.get(f"/stations/{people.own.code}/").content.decode()
    deputy = people.deputy.deputy.pk
    assert f"/appointments/new/?deputy={deputy}" in client.get(f"/deputies/{deputy}/").content.decode()
    assert f"/appointments/new/?day={day.pk}" in client.get("/notices/").content.decode()
    people.own.amend(by=people.office, suspended_on=TODAY())
    assert own not in client.get(f"/stations/{people.own.code}/").content.decode()
    assert "暂停开放，现在不能约" in text(client.get(own))
