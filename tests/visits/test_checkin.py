"""签到: the code on the screen in the room, its scan, and whom it serves."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from deputies import codes
from liaison.core.models import AuditEntry
from tests import factories as f
from visits.checkin import REMEMBERED, WINDOW, code_fault, code_for, token_for
from visits.models import Attendance


@pytest.fixture
def today(people):
    return f.ActivityFactory(station=people.own, announced=True)


@pytest.fixture
def place(people, today):
    return f.AttendanceFactory(activity=today, mandate=people.deputy.mandate)


def scan(client, activity, at=None):
    return client.get(reverse("visits:scan", args=[token_for(activity.pk, at or timezone.now())]))


def reason(response):
    assert response.status_code == 409
    return re.search(r"<strong>(.*?)</strong>", response.content.decode())[1]


def test_a_code_holds_for_its_half_minute_and_the_next_and_for_no_other_activity():
    now = timezone.now()
    code = code_for(7, now)
    assert code_fault(7, code, now) == ""
    assert code_fault(7, f" {code[:4].lower()}-{code[4:]} ", now) == ""
    assert code_fault(7, code.translate(str.maketrans("OIB", "018")), now) == ""  # as one misreads it
    assert code_fault(7, code, now + timedelta(seconds=WINDOW)) == ""
    assert "过期" in code_fault(7, code, now + timedelta(seconds=2 * WINDOW))
    assert "不对" in code_fault(7, code, now + timedelta(seconds=WINDOW * (REMEMBERED + 1)))
    assert "不对" in code_fault(7, code, now - timedelta(seconds=WINDOW))
    assert "不对" in code_fault(8, code, now)
    assert "不对" in code_fault(7, "签到", now)


def test_the_code_follows_the_secret_of_the_house(settings):
    now = timezone.now()
    code = code_for(7, now)
    settings.SECRET_KEY = "another-house-" * 4
    assert code_fault(7, code, now)


@pytest.mark.once
@pytest.mark.parametrize("site", ["https://zhan.example.gov.cn", ""])
def test_the_picture_leads_to_the_site_as_people_know_it(as_, people, today, settings, site):
    settings.PUBLIC_URL = site
    with time_machine.travel(timezone.now(), tick=False):
        page = as_(people.station).get(reverse("visits:checkin", args=[today.pk]))
        path = reverse("visits:scan", args=[token_for(today.pk, timezone.now())])
    assert page.context["picture"] == codes.draw(f"{site or 'http://testserver'}{path}")


def test_the_screen_shows_the_code_of_now_and_changes_without_javascript(as_, people, today, place):
    other = f.AttendanceFactory(activity=today, mandate=people.deputy_colleague.mandate)
    other.check_in(by=people.station)
    page = as_(people.station).get(reverse("visits:checkin", args=[today.pk]))
    text = page.content.decode()
    code = code_for(today.pk, timezone.now())
    assert f"{code[:4]} {code[4:]}" in text or code_fault(today.pk, code, timezone.now()) == ""
    assert re.search(r'<noscript><meta http-equiv="refresh" content="\d+"></noscript>', text)
    assert "李秀英" in text
    assert "还有 1 位" in text
    assert "no-cache" in page["Cache-Control"]


@pytest.mark.once
@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"day": timezone.localdate() + timedelta(days=1)}, "当天才能显示签到码"),
        ({"day": timezone.localdate() - timedelta(days=1)}, "已经过了"),
        ({"state": "CLOSED"}, "不能签到"),
        ({"state": "CANCELLED"}, "不能签到"),
    ],
)
def test_there_is_a_code_on_the_day_alone(as_, people, change, why):
    day = f.ActivityFactory(station=people.own, **change)
    assert why in reason(as_(people.station).get(reverse("visits:checkin", args=[day.pk])))


@pytest.mark.once
def test_a_deputy_scans_and_taps_once(as_, people, today, place):
    client = as_(people.deputy)
    page = client.get(scan(client, today).url)
    assert "我到了，签到" in page.content.decode()
    assert Attendance.objects.get().state == "ROSTERED"  # looking changes nothing
    done = client.post(reverse("visits:present", args=[today.pk]), follow=True)
    assert "已签到" in done.content.decode()
    place.refresh_from_db()
    assert (place.state, place.how) == ("PRESENT", "QR")
    assert timezone.now() - place.arrived_at < timedelta(minutes=1)
    assert AuditEntry.objects.of(place).first().action == "visits.attendance.arrive"
    assert "请先用手机扫" in reason(client.post(reverse("visits:present", args=[today.pk])))
    assert "已经签到" in reason(client.get(scan(client, today).url))


@pytest.mark.once
def test_who_is_not_signed_in_signs_in_first_and_the_scan_still_counts(client, people, today, place):
    people.deputy.user.set_password(f.PASSWORD)
    people.deputy.user.save()
    door = client.get(scan(client, today).url)
    assert door.url == f"/login/?next=/activities/{today.pk}/present/"
    sent = {"username": people.deputy.user.username, "password": f.PASSWORD}
    assert client.post(door.url, sent).url == f"/activities/{today.pk}/present/"
    client.post(f"/activities/{today.pk}/present/", {"sent": "1"})
    place.refresh_from_db()
    assert place.how == "QR"


@pytest.mark.once
def test_an_old_code_and_one_of_nothing_are_refused_in_words(as_, people, today, place):
    client = as_(people.deputy)
    assert "已经过期" in reason(scan(client, today, timezone.now() - timedelta(minutes=5)))
    assert "不对" in reason(client.get("/activities/here/0-AAAAAAAA/"))
    assert "不对" in reason(client.get(f"/activities/here/{today.pk}-AAAAAAAA/"))
    assert "不对" in reason(client.get("/activities/here/nonsense/"))


def test_a_scan_long_ago_and_one_of_another_activity_do_not_serve(as_, people, today, place):
    client = as_(people.deputy)
    other = f.ActivityFactory(station=people.other)
    assert "不在今天的名单里" in reason(client.get(scan(client, other).url))
    assert "请先用手机扫" in reason(client.post(reverse("visits:present", args=[today.pk])))
    scan(client, today)
    session = client.session
    session["scanned"] = [*session["scanned"][:2], (timezone.now() - timedelta(minutes=11)).isoformat()]
    session.save()
    assert "太久" in reason(client.post(reverse("visits:present", args=[today.pk])))
    place.refresh_from_db()
    assert place.state == "ROSTERED"


@pytest.mark.once
def test_a_deputy_who_is_not_rostered_is_sent_to_the_staff_who_can_add(as_, people, today):
    client = as_(people.deputy)
    assert "请找联络员登记" in reason(client.get(scan(client, today).url))
    Attendance.roster(today, people.deputy.mandate, by=people.station)
    assert client.get(scan(client, today).url).status_code == 200


def test_who_holds_several_posts_is_told_to_switch_to_the_deputy_s(as_, people, today, place):
    office = f.PostFactory(user=people.deputy.user, area=people.county)
    assert "切换到代表岗位" in reason(scan(as_(office), today))
    assert as_(people.office).get(scan(as_(people.office), today).url).status_code == 403


@pytest.mark.once
@pytest.mark.parametrize(
    ("state", "mandate", "why"),
    [
        ({"state": "CLOSED"}, {}, "已经结束登记"),
        ({"state": "CANCELLED"}, {}, "已取消"),
        ({"day": timezone.localdate() + timedelta(days=1)}, {}, "还没到"),
        ({"day": timezone.localdate() - timedelta(days=1)}, {}, "已经过了"),
        ({}, {"suspended_on": timezone.localdate()}, "暂停执行"),
        ({}, {"to_on": timezone.localdate() - timedelta(days=1)}, "已于"),
        ({}, {"from_on": timezone.localdate() + timedelta(days=1)}, "还没有任职"),
    ],
)
def test_wrong_day_closed_day_and_a_mandate_not_in_office_are_refused_in_words(
    as_, people, today, place, state, mandate, why
):
    type(today).objects.filter(pk=today.pk).update(**state)
    if mandate:
        type(place.mandate).objects.filter(pk=place.mandate_id).update(**mandate)
    client = as_(people.deputy)
    scan(client, today)
    assert why in reason(client.get(f"/activities/{today.pk}/present/"))
    assert why in reason(client.post(f"/activities/{today.pk}/present/"))
    place.refresh_from_db()
    assert place.state == "ROSTERED"


def test_who_was_given_leave_or_marked_absent_and_comes_after_all_is_present(as_, people, today, place):
    for state in ("LEAVE", "ABSENT", "LEAVE_ASKED"):
        type(place).objects.filter(pk=place.pk).update(state=state)
        client = as_(people.deputy)
        scan(client, today)
        client.post(f"/activities/{today.pk}/present/")
        place.refresh_from_db()
        assert place.state == "PRESENT"


@pytest.mark.once
def test_the_code_can_be_typed_and_by_rest_it_is_asked_for_too(as_, people, today, place):
    client = as_(people.deputy)
    address = reverse("visits:attendance_step", args=[place.pk, "arrive"])
    refused = client.post(address, {"code": "AAAA AAAA"})
    assert refused.status_code == 409
    assert "AAAA AAAA" in refused.content.decode()
    step = f"/api/v1/attendances/{place.pk}/steps/arrive/"
    assert client.post(step, {}, content_type="application/json").status_code == 400
    assert client.post(step, {"code": "AAAAAAAA"}, content_type="application/json").status_code == 409
    sent = {"code": code_for(today.pk, timezone.now())}
    assert client.post(step, sent, content_type="application/json").json()["how"] == "QR"


@pytest.mark.django_db(transaction=True)
def test_two_taps_and_the_staff_at_once_make_one_entry(people, several_threads):
    today = f.ActivityFactory(station=people.own, announced=True)
    place = f.AttendanceFactory(activity=today, mandate=people.deputy.mandate)
    code = code_for(today.pk, timezone.now())

    def by_code():
        Attendance.objects.get(pk=place.pk).arrive(by=people.deputy, code=code)

    def by_staff():
        Attendance.objects.get(pk=place.pk).check_in(by=people.station)

    gave = several_threads(by_code, by_code, by_staff)
    assert sum(one is None for one in gave) == 1
    place.refresh_from_db()
    assert (place.state, place.version) == ("PRESENT", 2)
    assert AuditEntry.objects.of(place).count() == 1
