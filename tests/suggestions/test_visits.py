"""Logged visits afterwards: who sees what, corrections, taking out of the figures."""

import uuid

import pytest
from django.utils import timezone

from liaison.core.models import AuditEntry
from liaison.core.workflow import NotAllowed
from suggestions.models import Request
from tests import factories as f
from visits.models import Visit

pytestmark = pytest.mark.once

SEES = ["station", "office", "office_city", "auditor", "deputy"]
SEES_NOT = [
    "station_child",
    "station_sibling",
    "station_other",
    "office_other",
    "auditor_other",
    "deputy_colleague",
    "deputy_other",
]


@pytest.fixture
def visit(people):
    activity = f.ActivityFactory(station=people.own, open=True)
    visit = f.VisitFactory(
        activity=activity,
        number="JD-A1",
        text="楼道灯不亮",
        received_by=people.deputy.mandate,
        outcome="DISPATCH",
    )
    f.VisitorFactory(visit=visit, name="孙德福", phone="13900005521", address="铁路新村")
    f.RequestFactory(visit=visit, station=people.own, number="2026-1103-0042", title="楼道灯不亮")
    return visit


@pytest.mark.parametrize("who", SEES_NOT)
def test_who_does_not_see_a_visit_sees_neither_it_nor_its_request(people, as_, visit, who):
    client = as_(getattr(people, who))

    assert client.get(f"/visits/{visit.pk}/").status_code == 404
    assert "楼道灯不亮" not in client.get("/visits/").content.decode()
    assert client.get("/requests/2026-1103-0042/").status_code == 404
    assert "2026-1103-0042" not in client.get("/requests/").content.decode()


@pytest.mark.parametrize("who", ["unit", "admin"])
def test_units_and_administrators_have_no_business_with_visits(people, as_, visit, who):
    client = as_(getattr(people, who))

    for address in ("/visits/", f"/visits/{visit.pk}/", "/requests/", "/requests/2026-1103-0042/"):
        assert client.get(address).status_code == 403


@pytest.mark.parametrize("who", SEES)
def test_who_sees_it_sees_the_request_too_and_only_the_station_name_phone_and_address_in_full(
    people, as_, visit, who
):
    client = as_(getattr(people, who))
    answers = [
        client.get(address) for address in ("/visits/", f"/visits/{visit.pk}/", "/requests/2026-1103-0042/")
    ]
    assert [answer.status_code for answer in answers] == [200] * 3
    pages = [answer.content.decode() for answer in answers]
    assert "楼道灯不亮" in pages[0]
    assert "2026-1103-0042" in client.get("/requests/").content.decode()

    for page in pages:
        assert ("孙德福" in page) is (who == "station")
        assert ("13900005521" in page) is (who == "station" and page is not pages[0])
        assert ("孙*" in page) is (who != "station")


def correction(visit, **changes):
    return {
        "version": visit.version,
        "name": "孙德福",
        "phone": "13900005521",
        "address": "铁路新村",
        "text": visit.text,
        "received_by": visit.received_by_id,
        "outcome": visit.outcome,
        "headcount": visit.headcount,
        "channel": visit.channel,
    } | changes


def test_a_correction_is_recorded_without_repeating_what_is_private(people, as_, visit):
    response = as_(people.station).post(
        f"/visits/{visit.pk}/edit/", correction(visit, text="三号楼楼道灯不亮", headcount=3)
    )

    assert response.status_code == 302
    visit.refresh_from_db()
    assert (visit.text, visit.headcount, visit.version) == ("三号楼楼道灯不亮", 3, 2)
    entry = AuditEntry.objects.of(visit).first()
    assert entry.data == {"text": ["（不记录内容）", "（不记录内容）"], "headcount": [1, 3]}
    page = as_(people.office).get(f"/visits/{visit.pk}/").content.decode()
    assert "改了：" in page


def test_who_asks_for_confidence_later_has_it_at_the_request_too(people, as_, visit):
    department = f.DepartmentFactory(area=people.county)
    order = f.OrderFactory(request=visit.requests.get(), department=department)
    as_(people.station).post(f"/visits/{visit.pk}/edit/", correction(visit, confidential="on"))

    for address in ("/requests/2026-1103-0042/", order.get_absolute_url()):
        page = as_(people.office).get(address).content.decode()
        assert ("（要求保密）" in page, "孙*" in page) == (True, False)


def test_a_corrected_name_is_recorded_but_not_repeated(people, as_, visit):
    as_(people.station).post(f"/visits/{visit.pk}/edit/", correction(visit, name="孙德富"))

    visit.refresh_from_db()
    assert (visit.visitor.name, visit.version) == ("孙德富", 2)
    assert "孙德" not in str(AuditEntry.objects.of(visit).values())


def test_a_stale_page_is_told_who_changed_it_and_keeps_what_was_typed(people, as_, visit):
    stale = correction(visit, text="乙改的")
    as_(people.station).post(f"/visits/{visit.pk}/edit/", correction(visit, text="甲改的"))

    response = as_(people.station).post(f"/visits/{visit.pk}/edit/", stale)

    page = response.content.decode()
    assert response.status_code == 409
    assert "王丽" in page
    assert "改过这条记录" in page
    assert response.context["form"].differing == [("反映的问题", "甲改的", "乙改的")]
    assert "甲改的" in page
    assert "乙改的" in page
    visit.refresh_from_db()
    assert visit.text == "甲改的"
    again = stale | {"version": response.context["form"]["version"].value()}
    assert as_(people.station).post(f"/visits/{visit.pk}/edit/", again).status_code == 302, (
        "now it is a decision"
    )


def test_what_was_submitted_for_dispatch_cannot_be_unsaid(people, as_, visit):
    response = as_(people.station).post(f"/visits/{visit.pk}/edit/", correction(visit, outcome="NOTED"))

    assert response.status_code == 409
    assert "已提交派单" in response.content.decode()


def test_a_noted_visit_can_be_submitted_later(people, as_):
    activity = f.ActivityFactory(station=people.own, open=True)
    visit = f.VisitFactory(activity=activity, outcome="NOTED")
    f.VisitorFactory(visit=visit)

    as_(people.station).post(
        f"/visits/{visit.pk}/edit/", correction(visit, outcome="DISPATCH", received_by="")
    )

    assert Request.objects.get().visit == visit


def test_voiding_needs_a_reason_keeps_the_visit_and_can_be_undone(people, as_, visit):
    client, address = as_(people.station), f"/visits/{visit.pk}/void/"

    assert client.post(address, {"note": "", "version": 1}).status_code == 422
    assert client.post(address, {"note": "登记重复", "version": 1}).status_code == 302
    assert not Visit.objects.counted().exists()
    with pytest.raises(NotAllowed, match="已经作废，不用再作废"):
        Visit.objects.get().void(by=people.station, note="登记重复")
    assert "这条登记已作废" in client.get(f"/visits/{visit.pk}/").content.decode()
    assert client.post(address, {"note": "并未重复", "version": 1}).status_code == 409
    assert client.post(address, {"note": "并未重复", "version": 2}).status_code == 302
    assert Visit.objects.counted().count() == 1


@pytest.mark.parametrize("text", ["孙德", "5521", "JD-A1", "楼道灯"])
def test_staff_find_their_own_visitors_by_post_and_nothing_stands_in_the_address(people, as_, visit, text):
    own = as_(people.station).post("/visits/find/", {"text": text})
    other = as_(people.station_other).post("/visits/find/", {"text": text})

    assert "孙德福" in own.content.decode()
    assert "没有找到" in other.content.decode()
    assert as_(people.office).post("/visits/find/", {"text": text}).status_code == 403


def test_a_telephone_call_is_logged_outside_any_reception_day(people, as_):
    form = {
        "idem": str(uuid.uuid4()),
        "station": people.own.pk,
        "day": timezone.localdate().isoformat(),
        "channel": "PHONE",
        "name": "周桂兰",
        "text": "停水两天",
        "outcome": "DISPATCH",
    }
    client = as_(people.station)

    assert client.post("/visits/new/", form).status_code == 302
    assert client.post("/visits/new/", form).status_code == 302

    visit = Visit.objects.get()
    assert (visit.channel, visit.station, visit.activity) == ("PHONE", people.own, None)
    assert Request.objects.get().channel == "PHONE"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [({"day": "2100-01-01"}, "不能晚于今天"), ({"station": ""}, "站点"), ({"day": "2026-02-30"}, "日期")],
)
def test_a_call_with_an_impossible_day_or_no_station_is_refused_in_words(people, as_, changes, sentence):
    form = {
        "day": timezone.localdate().isoformat(),
        "name": "周桂兰",
        "text": "停水",
        "outcome": "NOTED",
        "station": people.own.pk,
    }

    response = as_(people.station).post("/visits/new/", form | changes)

    assert response.status_code == 422
    assert sentence in response.content.decode()


def test_a_visit_of_1900_from_an_old_register_is_taken(people, as_):
    form = {
        "day": "1900-01-31",
        "name": "周桂兰",
        "text": "旧册",
        "outcome": "NOTED",
        "station": people.own.pk,
        "channel": "LETTER",
    }

    assert as_(people.station).post("/visits/new/", form).status_code == 302
    assert Visit.objects.get().number == "JD19000131-001"


def test_a_station_of_another_area_cannot_be_chosen(people, as_):
    form = {
        "day": "2026-01-05",
        "name": "周桂兰",
        "text": "停水",
        "outcome": "NOTED",
        "station": people.other.pk,
    }

    assert as_(people.station).post("/visits/new/", form).status_code == 422
    assert not Visit.objects.exists()


@pytest.mark.parametrize("address", ["/visits/", "/requests/"])
def test_a_list_costs_the_same_however_long_it_is(people, as_, address, django_assert_max_num_queries):
    activity = f.ActivityFactory(station=people.own, open=True)
    for n in range(20):
        visit = f.VisitFactory(activity=activity, received_by=people.deputy.mandate, category=people.category)
        f.VisitorFactory(visit=visit)
        f.RequestFactory(
            visit=visit, station=people.own, number=f"2026-0101-{n:04d}", category=people.category
        )
    client = as_(people.office)

    with django_assert_max_num_queries(10):
        assert client.get(address).status_code == 200


def test_lists_are_narrowed_by_area_station_day_and_outcome(people, as_, visit):
    client = as_(people.office_city)

    def shown(query):
        return "楼道灯不亮" in client.get(f"/visits/?{query}").content.decode()

    today = timezone.localdate()
    assert shown("area=140213")
    assert not shown("area=140215")
    assert not shown("area=150000")
    assert shown("station=PC01")
    assert not shown("station=YZ01")
    assert shown(f"first={today}&last={today}")
    assert not shown("last=2020-01-01")
    assert shown("outcome=DISPATCH")
    assert not shown("outcome=NOTED")


@pytest.mark.parametrize("address", ["/visits/", "/requests/"])
def test_a_clerk_chooses_the_station_by_name_and_need_not_know_codes(people, as_, address):
    page = as_(people.station).get(address).content.decode()
    assert '<option value="PC0101">南关社区联络点</option>' in page
    assert 'type="hidden" name="area"' in page


@pytest.mark.parametrize(
    ("who", "name", "words"),
    [
        ("station", "孙德福", True),
        ("office", "（要求保密）", True),
        ("deputy", "（要求保密）", True),
        ("auditor", "（要求保密）", False),
    ],
)
def test_whoever_asks_for_confidence_is_named_to_the_station_alone(people, as_, visit, who, name, words):
    Visit.objects.update(confidential=True)
    Request.objects.update(confidential=True)
    client = as_(getattr(people, who))
    naming, nameless = [f"/visits/{visit.pk}/", "/visits/", "/requests/2026-1103-0042/"], ["/requests/"]
    pages = {address: client.get(address).content.decode() for address in naming + nameless}

    assert [name in pages[address] for address in naming] == [True] * 3
    assert [("孙" in pages[address]) is (who == "station") for address in naming] == [True] * 3
    assert ["孙" in pages[address] for address in nameless] == [False]
    assert {"楼道灯不亮" in page for page in pages.values()} == {words}
    answer = client.get(f"/api/v1/visits/{visit.pk}/").json()
    assert answer["visitor"]["name"] == name
    assert ("楼道灯不亮" in answer["text"]) is words
    assert ("楼道灯不亮" in client.get("/api/v1/requests/2026-1103-0042/").json()["title"]) is words
