"""Entries that waited on a device: each is a visit once, of the right person and the right day, or refused in words."""

import uuid
from datetime import time, timedelta

import pytest
from django.utils import timezone

from liaison.core.models import SentBefore
from suggestions.models import Request
from tests import factories as f
from visits.models import Activity, Visit


@pytest.fixture
def day(people):
    activity = f.ActivityFactory(station=people.own, open=True)
    f.AttendanceFactory(activity=activity, mandate=people.deputy.mandate)
    return activity


@pytest.fixture
def send(people, day, as_):
    """Send an entry of `people.station` as queue.js does; `key` says which, `off` how wrong the device's clock is."""
    client = as_(people.station)

    def send(key, *, by=client, owner=people.station, age=timedelta(), off=timedelta(), **changes):
        sent = timezone.now() + off
        headers = {
            "Idempotency-Key": key,
            "X-Queue": f"{owner.user_id}-{owner.pk}",
            "X-Sent-At": str(int(sent.timestamp() * 1000)),
        }
        entry = {"name": "田秀兰", "text": "暖气不热", "outcome": "DISPATCH"} | changes
        entry.setdefault("made_at", str(int((sent - age).timestamp() * 1000)))
        return by.post(f"/activities/{day.pk}/log/", entry, headers=headers)

    return send


def a_key():
    return str(uuid.uuid4())


@pytest.mark.once
def test_an_entry_is_answered_with_its_number(send, day):
    answer = send(a_key())
    assert answer.status_code == 201
    assert answer.json() == {"number": f"JD{day.day:%Y%m%d}-001", "serial": 1}


def test_the_same_batch_sent_three_times_makes_each_visit_once_and_answers_alike(send):
    batch = [(a_key(), name, str(n)) for n, name in enumerate(("田秀兰", "韩志强", "孙德福"))]
    rounds = [[send(key, name=name, made_at=made).json() for key, name, made in batch] for _ in range(3)]

    assert rounds[0] == rounds[1] == rounds[2]
    assert [answer["serial"] for answer in rounds[0]] == [1, 2, 3]
    assert Visit.objects.count() == Request.objects.count() == 3


def test_a_key_is_known_for_ever_although_answers_are_forgotten_after_a_week(send):
    key = a_key()
    first = send(key).json()
    SentBefore.forget_old(timezone.now() + timedelta(days=8))

    assert send(key).json() == first
    assert Visit.objects.count() == 1


def test_a_session_of_another_person_or_post_takes_nothing(send, people, as_):
    second = f.PostFactory(user=people.station.user, role="STATION", area=people.town)
    f.StationStaffFactory(post=second, station=people.own)
    colleague = f.PostFactory(role="STATION", area=people.town)
    f.StationStaffFactory(post=colleague, station=people.own)

    assert send(a_key(), by=as_(colleague)).status_code == 401
    assert send(a_key(), by=as_(second)).status_code == 401
    assert send(a_key(), owner=colleague).status_code == 401
    assert not Visit.objects.exists()


def test_an_expired_session_is_sent_to_sign_in_and_nothing_is_taken(send, client):
    assert send(a_key(), by=client)["Location"].startswith("/login/")
    assert not Visit.objects.exists()


@pytest.mark.once
def test_what_is_wrong_is_told_by_field_and_may_be_sent_again_mended(send):
    key = a_key()
    answer = send(key, phone="1390000552", name="")
    assert answer.status_code == 422
    assert answer.json() == {
        "errors": [
            ["phone", "手机：手机号少了 1 位，请检查。"],
            ["name", "姓名：请填姓名；来访人不愿留名，就勾选“不愿留名”。"],
        ]
    }
    assert send(key, phone="13900005521").status_code == 201


@pytest.mark.once
@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        ("CLOSED", "这个接待日已结束。要补录，请先重新打开。"),
        ("CANCELLED", "这个接待日已取消，不能登记。来过的群众，请在“登记来电、来信、走访”里补录。"),
    ],
)
def test_a_day_that_is_over_refuses_in_words_and_takes_it_when_it_is_open_again(send, day, state, sentence):
    key = a_key()
    Activity.objects.update(state=state)
    answer = send(key)
    assert (answer.status_code, answer.json()) == (409, {"errors": [["", sentence]]})
    Activity.objects.update(state="OPEN")
    assert send(key).status_code == 201


@pytest.mark.once
@pytest.mark.parametrize("off", [timedelta(days=-1), timedelta(days=1), timedelta()])
def test_a_clock_that_is_a_day_off_moves_no_visit_and_the_record_says_so(send, day, people, as_, off):
    send(a_key(), off=off)

    visit = Visit.objects.get()
    now = timezone.localtime()
    assert visit.day == day.day
    assert abs(visit.created_at - now) < timedelta(minutes=1)
    assert visit.at.strftime("%H:%M") in (f"{now - timedelta(minutes=1):%H:%M}", f"{now:%H:%M}")
    page = as_(people.station).get(visit.get_absolute_url()).content.decode()
    assert ("设备的时钟不准" in page) is bool(off)


@pytest.mark.once
def test_an_entry_of_yesterday_stands_on_its_day_with_its_hour_and_both_times_on_record(
    send, day, people, as_
):
    Activity.objects.update(day=timezone.localdate() - timedelta(days=1))
    send(a_key(), age=timedelta(days=1))

    visit = Visit.objects.get()
    assert visit.day == timezone.localdate() - timedelta(days=1)
    assert visit.at is not None
    assert visit.is_late_entry
    assert "设备上记的时间是" in as_(people.station).get(visit.get_absolute_url()).content.decode()


@pytest.mark.once
def test_the_page_kept_on_a_device_shows_nobody_who_came(people, as_, day):
    visit = f.VisitFactory(activity=day, received_by=people.deputy.mandate)
    f.VisitorFactory(visit=visit)
    coming = f.AppointmentFactory(
        station=people.own,
        activity=day,
        mandate=people.deputy.mandate,
        state="CONFIRMED",
        day=day.day,
        at=time(9),
    )
    f.ApplicantFactory(appointment=coming, name="韩志强")
    client = as_(people.station)

    answer = client.get(f"/activities/{day.pk}/log/?offline=1")
    page = answer.content.decode()

    assert "data-offline" in page
    assert "张建国" in page  # who may be named as receiver
    assert answer.context["coming"] == [], "not even read"
    for secret in ("田秀兰", "5521", "火车站社区", visit.text, "韩志强", coming.number):
        assert secret not in page
        assert secret in client.get(f"/activities/{day.pk}/log/").content.decode()


def test_the_key_of_a_form_stands_with_the_visit_it_made(people, as_, day):
    key = a_key()
    form = {"name": "田秀兰", "text": "暖气不热", "outcome": "NOTED", "idem": key}
    as_(people.station).post(f"/activities/{day.pk}/log/", form)
    assert str(Visit.objects.get().key) == key
