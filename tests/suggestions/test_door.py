"""走访登记: what is heard at doors and on walks, by deputies and staff, on a phone, with and without network."""

import uuid
from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from liaison.core.models import Attachment
from suggestions.models import Request
from tests import factories as f
from visits.models import Visit, Visitor

pytestmark = pytest.mark.once

DOOR = "/visits/door/"


def heard(people, **changes):
    """What is typed at one door."""
    return {
        "idem": str(uuid.uuid4()),
        "station": people.own.pk,
        "channel": "DOOR",
        "place": "铁路新村3号楼2单元",
        "headcount": "2",
        "category": people.category.pk,
        "text": "楼道灯坏了半年",
        "wants_answer": "yes",
    } | changes


def a_photo(name="a.jpg"):
    from PIL import Image

    picture = BytesIO()
    Image.new("RGB", (40, 30), "white").save(picture, "JPEG")
    return SimpleUploadedFile(name, picture.getvalue(), "image/jpeg")


def test_what_a_deputy_hears_at_a_door_is_a_visit_and_a_request_where_an_answer_is_wanted(people, as_):
    answer = as_(people.deputy).post(DOOR, heard(people))

    assert answer.status_code == 302
    visit = Visit.objects.get()
    assert (visit.channel, visit.place, visit.headcount) == ("DOOR", "铁路新村3号楼2单元", 2)
    assert (visit.day, visit.received_by) == (timezone.localdate(), people.deputy.mandate)
    assert visit.anonymous
    request = Request.objects.get()
    assert (request.channel, request.place) == ("DOOR", "")  # whose door it was stays with the visit


def test_where_no_answer_is_wanted_it_is_noted(people, as_):
    as_(people.station).post(DOOR, heard(people, channel="WALK", wants_answer="no"))

    assert (Visit.objects.get().outcome, Visit.objects.get().channel) == ("NOTED", "WALK")
    assert not Request.objects.exists()


def test_a_name_is_kept_only_with_consent(people, as_):
    client = as_(people.deputy)
    refused = client.post(DOOR, heard(people, name="田秀兰", phone="13900005521"))
    nameless = client.post(DOOR, heard(people, phone="13900005521", consented="on"))
    client.post(DOOR, heard(people, name="田秀兰", phone="13900005521", consented="on"))

    assert refused.status_code == nameless.status_code == 422
    assert "要先征得本人同意" in refused.content.decode()
    assert "也请写上怎么称呼" in nameless.content.decode()
    person = Visitor.objects.get()
    assert (person.name, person.phone, person.consented) == ("田秀兰", "13900005521", True)


@pytest.mark.parametrize(
    ("missing", "sentence"),
    [
        ("place", "请写走访的地点。"),
        ("text", "请写下群众说的话。"),
        ("wants_answer", "请问一声要不要答复。"),
    ],
)
def test_what_is_missing_is_said_and_nothing_typed_is_lost(people, as_, missing, sentence):
    page = as_(people.deputy).post(DOOR, heard(people, **{missing: ""}))

    assert page.status_code == 422
    assert sentence in page.content.decode()
    kept = "楼道灯坏了半年" if missing != "text" else "铁路新村3号楼2单元"
    assert kept in page.content.decode()
    assert not Visit.objects.exists()


def test_a_deputy_logs_only_for_own_stations_and_in_own_mandate(people, as_):
    client = as_(people.deputy)
    elsewhere = client.post(DOOR, heard(people, station=people.other.pk))
    client.post(DOOR, heard(people, received_by=people.deputy_colleague.mandate.pk))

    assert elsewhere.status_code == 422
    assert Visit.objects.get().received_by == people.deputy.mandate


def test_a_deputy_logs_nothing_for_a_day_without_mandate_at_the_station(people, as_):
    people.deputy.mandate.assignments.update(from_on=timezone.localdate())
    answer = as_(people.deputy).post(
        DOOR, heard(people, day=(timezone.localdate() - timedelta(days=1)).isoformat())
    )

    assert answer.status_code == 409
    assert "这一天您不在这个站履职" in answer.content.decode()


def test_a_suspended_deputy_logs_nothing(people, as_):
    people.deputy.mandate.suspend(timezone.localdate(), by=people.office)
    assert as_(people.deputy).post(DOOR, heard(people)).status_code == 409


@pytest.mark.parametrize("channel", ["VISIT", "PHONE", "LETTER"])
def test_by_rest_too_a_deputy_logs_walks_alone(people, as_, channel):
    sent = {
        "station": people.own.code,
        "day": timezone.localdate().isoformat(),
        "text": "楼道灯坏了",
        "outcome": "NOTED",
        "anonymous": True,
        "received_by": people.deputy.mandate.pk,
    }
    client = as_(people.deputy)
    refused = client.post("/api/v1/visits/", sent | {"channel": channel}, content_type="application/json")
    taken = client.post(
        "/api/v1/visits/", sent | {"channel": "WALK", "place": "久安里"}, content_type="application/json"
    )

    assert refused.status_code == 409
    assert "代表登记自己走访、上门听到的" in str(refused.json())
    assert (taken.status_code, taken.json()["place"]) == (201, "久安里")


def test_a_deputy_sees_own_entries_masked_and_nobody_elses(people, as_):
    as_(people.deputy).post(DOOR, heard(people, name="田秀兰", phone="13900005521", consented="on"))
    visit = Visit.objects.get()

    own = as_(people.deputy).get(visit.get_absolute_url()).content.decode()
    assert "田*" in own
    assert "13900005521" not in own
    assert "铁路新村3号楼2单元" in own
    assert as_(people.deputy_colleague).get(visit.get_absolute_url()).status_code == 404
    office = as_(people.office).get(visit.get_absolute_url()).content.decode()
    assert "铁路新村" not in office
    assert "铁路新村" in as_(people.station).get(visit.get_absolute_url()).content.decode()


def test_the_place_does_not_stand_in_the_record(people, as_):
    from liaison.core.models import AuditEntry

    as_(people.deputy).post(DOOR, heard(people))
    assert "铁路新村" not in str(list(AuditEntry.objects.values()))


def test_a_deputy_without_a_station_is_told_whom_to_ask(people, as_):
    people.deputy.mandate.assignments.update(to_on=timezone.localdate() - timedelta(days=1))
    assert "请联系人大机关" in as_(people.deputy).get(DOOR).content.decode()


# --- Photos -------------------------------------------------------------------------------------------------------------


def test_photos_come_with_the_form_and_a_bad_one_never_loses_the_words(people, as_):
    bad = SimpleUploadedFile("b.jpg", b"no picture", "image/jpeg")
    page = as_(people.deputy).post(DOOR, heard(people, photos=[a_photo(), bad]), follow=True)

    visit = Visit.objects.get()
    assert Attachment.objects.of(visit).count() == 1
    assert "文字已登记，第 2 张照片没有存上" in page.content.decode()


def test_a_device_sends_the_words_first_and_then_each_photo_once(people, as_):
    client = as_(people.deputy)
    headers = {"X-Queue": f"{people.deputy.user_id}-{people.deputy.pk}"}
    told = client.post(DOOR, heard(people), headers=headers | {"Idempotency-Key": str(uuid.uuid4())}).json()
    key = {"Idempotency-Key": str(uuid.uuid4())}
    for _ in range(3):
        assert client.post(told["photos"], {"photo": a_photo()}, headers=headers | key).status_code == 201
    refused = client.post(
        told["photos"],
        {"photo": SimpleUploadedFile("b.heic", b"x", "image/heic")},
        headers=headers | {"Idempotency-Key": str(uuid.uuid4())},
    )

    assert told["number"] == Visit.objects.get().number
    assert Attachment.objects.of(Visit.objects.get()).count() == 1
    assert refused.status_code == 422
    assert "请选 JPG、PNG 或 WebP" in refused.json()["errors"][0][1]


@pytest.mark.parametrize(
    ("who", "confidential", "status"),
    [
        ("station", True, 200),
        ("deputy", True, 200),
        ("office", False, 200),
        ("office", True, 404),
        ("auditor", False, 404),
        ("deputy_colleague", False, 404),
        ("station_other", False, 404),
    ],
)
def test_who_may_open_a_photo_of_a_home(people, as_, who, confidential, status):
    visit = f.VisitFactory(
        activity=f.ActivityFactory(station=people.own),
        received_by=people.deputy.mandate,
        channel="DOOR",
        confidential=confidential,
    )
    kept = Attachment.objects.keep_photo(visit, a_photo(), by=people.station)

    client = as_(getattr(people, who))
    assert client.get(f"/files/{kept.key}/").status_code == status
    page = client.get(visit.get_absolute_url())
    assert (str(kept.key) in page.content.decode()) is (status == 200)


def test_a_visit_holds_nine_photos(people, as_):
    visit = f.VisitFactory(activity=f.ActivityFactory(station=people.own), channel="DOOR")
    for n in range(9):
        Attachment.objects._keep(visit, b"picture", f"{n}.jpg", "image/jpeg", by=people.station)
    answer = as_(people.station).post(f"/visits/{visit.pk}/photos/", {"photo": a_photo()})
    assert answer.status_code == 409
    assert "最多 9 张" in answer.content.decode()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [({"channel": "VISIT"}, "这条登记不能加照片"), ({"voided_at": timezone.now()}, "已经作废，不能加照片")],
)
def test_only_a_walk_that_stands_takes_photos(people, as_, fields, sentence):
    there = {"activity": f.ActivityFactory(station=people.own), "channel": "DOOR"}
    visit = f.VisitFactory(**(there | fields))
    station, address = as_(people.station), f"/visits/{visit.pk}/photos/"
    answer = station.post(address, {"photo": a_photo()})

    assert answer.status_code == 409
    assert sentence in answer.content.decode()
    assert sentence in station.get(address).content.decode()
    assert not Attachment.objects.exists()
    assert address not in station.get(visit.get_absolute_url()).content.decode()


# --- Without network ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("off", [timedelta(days=1), timedelta(days=-1), timedelta()])
def test_the_day_of_a_walk_is_when_it_was_made_by_the_servers_clock(people, as_, off):
    sent = timezone.now() + off
    made = sent - timedelta(days=2)
    headers = {
        "Idempotency-Key": str(uuid.uuid4()),
        "X-Queue": f"{people.deputy.user_id}-{people.deputy.pk}",
        "X-Sent-At": str(int(sent.timestamp() * 1000)),
    }
    as_(people.deputy).post(DOOR, heard(people, made_at=str(int(made.timestamp() * 1000))), headers=headers)
    assert Visit.objects.get().day == timezone.localdate() - timedelta(days=2)


def test_a_day_to_come_is_refused(people, as_):
    answer = as_(people.deputy).post(
        DOOR, heard(people, day=(timezone.localdate() + timedelta(days=1)).isoformat())
    )
    assert answer.status_code == 422
    assert "不能晚于今天" in answer.content.decode()


def test_the_page_hands_over_what_a_device_says_without_network(people, as_):
    needed = as_(people.deputy).get(DOOR).context["needed"]
    photos = as_(people.deputy).post(DOOR, heard(people, photos=[a_photo() for _ in range(10)]))

    assert needed["most"] == 9
    assert needed["said"]["photos"].format(10) in photos.content.decode()
    assert not Visit.objects.exists()


def test_the_form_asks_the_database_little(people, as_, django_assert_max_num_queries):
    client = as_(people.deputy)
    client.get(DOOR)
    with django_assert_max_num_queries(7):
        client.get(DOOR)
