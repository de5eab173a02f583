"""The reception log: one visitor after another, once each, nothing lost."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from liaison.core.models import AuditEntry
from suggestions.models import Request
from tests import factories as f
from visits.models import Visit, Visitor


@pytest.fixture
def day(people):
    """A reception day that is under way at the station of `people.station`, two deputies on the roster."""
    activity = f.ActivityFactory(station=people.own, open=True)
    for deputy in (people.deputy, people.deputy_colleague):
        f.AttendanceFactory(activity=activity, mandate=deputy.mandate)
    return activity


@pytest.fixture
def address(day):
    return f"/activities/{day.pk}/log/"


def said(people, **changes):
    """What a clerk types for one visitor."""
    return {
        "idem": str(uuid.uuid4()),
        "name": "田秀兰",
        "phone": "139 0000 5521",
        "address": "火车站社区",
        "category": people.category.pk,
        "text": "5号楼顶层暖气不热，白天室温15度，家里有90岁老人。",
        "received_by": people.deputy.mandate.pk,
        "outcome": "DISPATCH",
    } | changes


def test_a_visitor_is_logged_with_number_person_request_and_record(people, as_, day, address):
    response = as_(people.station).post(address, said(people))

    assert response.status_code == 302
    visit = Visit.objects.get()
    assert (visit.number, visit.serial, visit.headcount) == (f"JD{day.day:%Y%m%d}-001", 1, 1)
    assert (visit.area, visit.day, visit.received_by) == (people.town, day.day, people.deputy.mandate)
    assert (visit.visitor.name, visit.visitor.phone) == ("田秀兰", "13900005521")
    request = Request.objects.get()
    assert request.visit == visit
    assert request.number == f"{day.day:%Y-%m%d}-0001"
    assert request.text == visit.text
    entries = AuditEntry.objects.filter(object_type__in=["visits.visit", "suggestions.request"])
    assert [entry.action for entry in entries.order_by("pk")] == [
        "visits.visit.enter",
        "suggestions.request.enter",
    ]
    assert "田秀兰" not in str(list(entries.values()))
    assert "13900005521" not in str(list(entries.values()))


@pytest.mark.once
def test_the_next_visitor_finds_address_deputy_and_way_of_the_last_one(people, as_, address):
    client = as_(people.station)
    client.post(address, said(people, outcome="ON_SPOT"))

    form = client.get(address).context["form"]

    assert form["address"].value() == "火车站社区"
    assert form["received_by"].value() == people.deputy.mandate.pk
    assert form["outcome"].value() == "ON_SPOT"
    assert form["name"].value() is None


@pytest.mark.once
@pytest.mark.parametrize(
    ("outcome", "requests"), [("DISPATCH", 1), ("ON_SPOT", 0), ("NOTED", 0), ("NOT_ACCEPTED", 0)]
)
def test_only_what_is_to_be_dispatched_raises_a_request(people, as_, address, outcome, requests):
    as_(people.station).post(address, said(people, outcome=outcome, reason="属于法院，请到县法院立案庭。"))

    assert Visit.objects.count() == 1
    assert Request.objects.count() == requests


def test_the_same_form_sent_twice_logs_one_visit(people, as_, address):
    client, form = as_(people.station), said(people)

    first, second = client.post(address, form), client.post(address, form)

    assert (first.status_code, second.status_code) == (302, 302)
    assert first["Location"] == second["Location"]
    assert (Visit.objects.count(), Request.objects.count()) == (1, 1)


@pytest.mark.once
def test_a_key_used_for_another_visitor_is_refused_in_words(people, as_, address):
    client, form = as_(people.station), said(people)
    client.post(address, form)

    response = client.post(address, form | {"name": "韩志强"})

    assert response.status_code == 422
    assert "重新打开页面" in response.content.decode()
    assert Visit.objects.count() == 1


@pytest.mark.once
@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": ""}, "请填姓名"),
        ({"name": "田"}, "姓名应为 2 到 15 个字"),
        ({"name": "田" * 16}, "最多 15 个字"),
        ({"name": "田1秀"}, "只能有汉字"),
        ({"phone": "1390000552"}, "手机号少了 1 位"),
        ({"phone": "139000055211"}, "手机号多了 1 位"),
        ({"phone": "一三九"}, "电话里只能有数字"),
        ({"text": ""}, "请写下来访人反映的问题"),
        ({"text": "暖" * 100_000}, "最多 5000 个字"),
        ({"outcome": ""}, "请选处理方式"),
        ({"outcome": "NOT_ACCEPTED"}, "不予受理要写明原因"),
        ({"headcount": "501"}, "500"),
        ({"headcount": "-1"}, "0"),
        ({"category": "999999"}, "类别"),
        ({"at": "25:00"}, "时间"),
    ],
)
def test_bad_input_gets_a_sentence_and_keeps_what_was_typed(people, as_, address, changes, sentence):
    response = as_(people.station).post(address, said(people) | changes)

    page = response.content.decode()
    assert response.status_code == 422
    assert sentence in page
    assert "火车站社区" in page
    if "text" not in changes:
        assert "顶层暖气不热" in page
    assert not Visit.objects.exists()


@pytest.mark.once
def test_a_refused_form_can_be_mended_and_sent_with_the_same_key(people, as_, address):
    client, form = as_(people.station), said(people)

    assert client.post(address, form | {"name": ""}).status_code == 422
    assert client.post(address, form).status_code == 302
    assert Visit.objects.count() == 1


@pytest.mark.once
@pytest.mark.parametrize("name", ["阿依努尔·买买提", "㛃䶮𬭼", "欧阳㛃", "迪丽热巴·迪力木拉提江", "李𫖯"])
def test_names_as_people_have_them_are_taken(people, as_, address, name):
    client = as_(people.station)

    assert client.post(address, said(people, name=name)).status_code == 302
    assert Visitor.objects.get().name == name
    assert name in client.get(address).content.decode()


def test_control_characters_never_reach_the_database(people, as_, address):
    as_(people.station).post(address, said(people, text="水管\x00漏水\x0b，\r\n两天了\x1f"))

    assert Visit.objects.get().text == "水管漏水，\n两天了"


@pytest.mark.once
def test_an_anonymous_visitor_leaves_no_person(people, as_, address):
    as_(people.station).post(address, said(people, name="", anonymous="on"))

    assert Visit.objects.get().anonymous
    assert not Visitor.objects.exists()
    assert "不愿留名" in as_(people.station).get(address).content.decode()


def test_a_day_of_last_week_is_entered_from_paper_and_shows_both_days(people, as_):
    last_week = timezone.localdate() - timedelta(days=7)
    activity = f.ActivityFactory(station=people.own, open=True, day=last_week)

    client = as_(people.station)
    client.post(f"/activities/{activity.pk}/log/", said(people, received_by=""))

    visit = Visit.objects.get()
    assert (visit.day, timezone.localdate(visit.created_at)) == (last_week, timezone.localdate())
    assert visit.is_late_entry
    assert "（补录）" in client.get(visit.get_absolute_url()).content.decode()


@pytest.mark.once
@pytest.mark.parametrize(("state", "sentence"), [("closed", "已结束"), ("cancelled", "已取消")])
def test_a_day_that_is_over_takes_no_visitor_and_says_why(people, as_, state, sentence):
    activity = f.ActivityFactory(station=people.own, **{state: True})

    response = as_(people.station).post(f"/activities/{activity.pk}/log/", said(people, received_by=""))

    assert response.status_code == 409
    assert sentence in response.content.decode()
    assert "田秀兰" in response.content.decode()
    assert not Visit.objects.exists()


@pytest.mark.once
@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("station", 200),
        ("station_child", 404),
        ("station_sibling", 404),
        ("station_other", 404),
        ("office", 403),
        ("auditor", 403),
        ("deputy", 403),
        ("unit", 403),
        ("admin", 403),
    ],
)
def test_who_may_open_the_log(people, as_, address, who, status):
    assert as_(getattr(people, who)).get(address).status_code == status


@pytest.mark.once
def test_a_deputy_who_is_not_on_the_roster_cannot_be_named_as_receiver(people, as_, address):
    response = as_(people.station).post(address, said(people, received_by=people.deputy_other.mandate.pk))

    assert response.status_code == 422
    assert not Visit.objects.exists()


def test_a_known_phone_gives_name_and_address_of_own_visitors_only(people, as_, address):
    as_(people.station).post(address, said(people))

    own = as_(people.station).post("/visits/known/", {"phone": "139 0000 5521"})
    other = as_(people.station_other).post("/visits/known/", {"phone": "13900005521"})
    nonsense = as_(people.station).post("/visits/known/", {"phone": "x" * 5000})

    assert own.json() == {"name": "田秀兰", "address": "火车站社区"}
    assert other.json() == {}
    assert nonsense.json() == {}


def test_visits_logged_at_once_get_numbers_without_gap_or_double(people, day, several_threads):
    def log(n):
        def run():
            visit = Visit(activity=day, text=f"第{n}件", outcome=Visit.Outcome.DISPATCH)
            from suggestions.intake import take_in

            return take_in(visit, by=people.station, name="田秀兰").serial

        return run

    assert sorted(several_threads(*(log(n) for n in range(8)))) == list(range(1, 9))
    assert sorted(Request.objects.values_list("number", flat=True)) == [
        f"{day.day:%Y-%m%d}-{n:04d}" for n in range(1, 9)
    ]


@pytest.mark.once
def test_the_log_costs_the_same_however_many_came(people, as_, day, address, django_assert_max_num_queries):
    for n in range(30):
        visit = f.VisitFactory(
            activity=day, serial=n + 1, received_by=people.deputy.mandate, category=people.category
        )
        f.VisitorFactory(visit=visit)
    client = as_(people.station)

    client.get(address)  # the first page of a session writes when it began
    with django_assert_max_num_queries(9):
        response = client.get(address)

    assert response.content.decode().count("<tr data-tail") == 30


def test_htmx_receives_the_log_alone_and_a_stranger_the_way_to_sign_in(people, as_, client, address):
    fragment = as_(people.station).get(address, headers={"HX-Request": "true"}).content.decode()

    assert 'id="log"' in fragment
    assert "<html" not in fragment
    assert client.get(address)["Location"] == f"/login/?next={address}"
