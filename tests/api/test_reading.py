"""Lists and details: who sees what, pages, filters, and nothing more than is described."""

from datetime import date, timedelta

import pytest

from tests.factories import (
    ActivityFactory,
    AttendanceFactory,
    DepartmentFactory,
    RequestFactory,
    StationFactory,
    VisitFactory,
    VisitorFactory,
)

KEYS = {
    "areas": "code name full_name level parent active",
    "stations": "code kind name parent area address longitude latitude hours phone brand facilities opened_on closed_on "
    "suspended_on version",
    "deputies": "id name sex ethnicity birth party education occupation employer duty card_no phone version",
    "mandates": "id deputy deputy_name level congress term area constituency delegation from_on to_on end_reason "
    "suspended_on version",
    "assignments": "id mandate deputy deputy_name station group resident from_on to_on version",
    "activities": "id number kind state station area theme day starts_at ends_at place minutes minutes_by headcount days details reporting follows planned_deputies planned_headcount planned_days announce_by "
    "announced_on opened_at closed_at reason replacement rule rule_on version steps",
    "attendances": "id activity mandate deputy deputy_name state how arrived_at leave_reason objection objected_at objection_reason objection_answer stand_in version steps",
    "visits": "id number station area activity day at channel place headcount category text received_by outcome reason anonymous "
    "confidential visitor requests voided_at created_at version",
    "departments": "id name area parent contact phone duties active version",
    "categories": "code name parent hotline_code rank phrases from_on to_on",
    "requests": "number visit station area channel category title text place received_on confidential theme joined_to state version steps",
}
KEY_OF = {
    "areas": "code",
    "stations": "code",
    "activities": "number",
    "categories": "code",
    "requests": "number",
}


@pytest.fixture
def world(people):
    """One activity with a roster, a visit with its person, and a request, at each station."""
    for station, seat in ((people.own, people.deputy), (people.other, people.deputy_other)):
        activity = ActivityFactory(station=station, announced=True)
        AttendanceFactory(activity=activity, mandate=seat.mandate)
        visit = VisitFactory(activity=activity, category=people.category, received_by=seat.mandate)
        VisitorFactory(visit=visit)
        RequestFactory(visit=visit, station=station, category=people.category)
        DepartmentFactory(area=station.area)
        if station == people.own:
            people.activity, people.visit = activity, visit
    return people


@pytest.mark.once
def test_a_list_and_its_details_give_exactly_what_is_described(program, world):
    client = program(world.office)
    for what, keys in KEYS.items():
        rows = client.ask(f"{what}/").json()["results"]
        one = client.ask(f"{what}/{rows[0][KEY_OF.get(what, 'id')]}/")

        assert set(rows[0]) == set(keys.split()), what
        assert one.status_code == 200, what
        assert one.json() == rows[0], what


once = pytest.mark.once  # what each database shows to whom is asked in tests/test_access_matrix.py


@pytest.mark.parametrize(
    ("who", "stations", "visits"),
    [
        pytest.param("office", {"PC01", "PC0101", "PC02"}, 1, marks=once),
        ("office_city", {"PC01", "PC0101", "PC02", "YZ01"}, 2),
        pytest.param("office_other", {"YZ01"}, 1, marks=once),
        ("station", {"PC01", "PC0101"}, 1),
        pytest.param("station_child", {"PC0101"}, 0, marks=once),
        pytest.param("station_sibling", {"PC02"}, 0, marks=once),
        ("deputy", {"PC01"}, 1),
        pytest.param("deputy_colleague", {"PC01"}, 0, marks=once),
        ("unit", set(), 0),
        pytest.param("auditor_other", {"YZ01"}, 1, marks=once),
        pytest.param("admin", {"PC01", "PC0101", "PC02"}, 0, marks=once),
    ],
)
def test_lists_hold_what_the_post_may_see(program, world, who, stations, visits):
    client = program(getattr(world, who))

    assert {row["code"] for row in client.ask("stations/").json()["results"]} == stations
    assert client.ask("visits/", {"count": 1}).json()["count"] == visits
    assert client.ask("requests/", {"count": 1}).json()["count"] == visits


@pytest.mark.once
def test_out_of_sight_is_as_if_it_were_not_there(program, world):
    station, elsewhere = program(world.station), program(world.office_other)
    nothing = station.ask("stations/NONE/").json()

    def keys(client, what):
        return {row[KEY_OF.get(what, "id")] for row in client.ask(f"{what}/").json()["results"]}

    for what in KEYS:
        unseen = keys(elsewhere, what) - keys(station, what)
        assert (what == "categories") == (not unseen), what  # the list of categories is everybody's
        for key in sorted(unseen)[:1]:
            answer = station.ask(f"{what}/{key}/")
            assert (answer.status_code, answer.json()) == (404, nothing), what


@pytest.mark.once
def test_persons_are_masked_for_all_but_the_staff_of_their_station(program, world):
    full = {"name": "田秀兰", "phone": "13900005521", "address": "火车站社区", "masked": False}
    masked = {"name": "田*", "phone": "139****5521", "address": "", "masked": True}

    for who, seen in [("station", full), ("office", masked), ("auditor", masked), ("deputy", masked)]:
        client = program(getattr(world, who))
        assert client.ask(f"visits/{world.visit.pk}/").json()["visitor"] == seen, who
        assert client.ask("visits/").json()["results"][0]["visitor"] == seen, who


@pytest.mark.once
def test_contact_data_of_deputies_is_for_those_who_work_with_them(program, people):
    people.deputy.deputy.card_no, people.deputy.deputy.birth = "DT-001", date(1970, 5, 1)
    people.deputy.deputy.save()
    path = f"deputies/{people.deputy.deputy.pk}/"

    for who, phone, card_no in [
        ("station", "13900001234", "DT-001"),
        ("office", "13900001234", "DT-001"),
        ("deputy", "13900001234", "DT-001"),
        ("deputy_colleague", "139****1234", None),
        ("auditor", "139****1234", None),
    ]:
        told = program(getattr(people, who)).ask(path).json()
        assert (told["phone"], told["card_no"], told["birth"]) == (
            phone,
            card_no,
            "1970-05-01" if card_no else None,
        ), who


def test_pages_follow_one_another_without_a_gap_and_back_again(program, people):
    for n in range(7):
        StationFactory(code=f"Z{n}", area=people.town)
    client = program(people.office)

    first = client.ask("stations/", {"page_size": 4, "count": 1}).json()
    second = client.get(first["next"]).json()
    third = client.get(second["next"]).json()
    back = client.get(second["previous"]).json()

    codes = [row["code"] for page in (first, second, third) for row in page["results"]]
    assert codes == sorted(codes) == ["PC01", "PC0101", "PC02", *(f"Z{n}" for n in range(7))]
    assert first["count"] == 10
    assert first["previous"] is None
    assert third["next"] is None
    assert [row["code"] for row in back["results"]] == codes[:4]
    assert "count" not in client.ask("stations/").json(), "a total only where it is asked for"


@pytest.mark.once
@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"page_size": 201}, "page_size"),
        ({"page_size": 0}, "page_size"),
        ({"page_size": "viele"}, "page_size"),
        ({"page_size": "٣"}, "page_size"),
        ({"cursor": "x"}, "cursor"),
        ({"cursor": "W10"}, "cursor"),  # []
        ({"cursor": "WyJuIixudWxsXQ"}, "cursor"),  # ["n",null]
        ({"cursor": "WyJuIiwiXHUwMDAwIl0"}, "cursor"),  # ["n","\u0000"]
        ({"cursor": "W1tb" * 3000}, "cursor"),
        ({"kind": "CASTLE"}, "kind"),
        ({"open_on": "gestern"}, "open_on"),
    ],
)
def test_a_query_that_makes_no_sense_is_400_with_its_field(program, people, query, field):
    answer = program(people.office).ask("stations/", query)

    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == [field]


def test_filters_are_those_of_the_pages(program, world):
    client = program(world.office_city)

    def codes(**query):
        return [row["code"] for row in client.ask("stations/", query).json()["results"]]

    assert codes(text="北关") == ["PC02"]
    assert codes(area="140213") == ["PC01", "PC0101", "PC02"]
    assert codes(area="140213002000") == ["PC02"]
    assert codes(area="999999") == []
    assert codes(kind="POINT") == ["PC0101"]
    assert codes(open_on="2019-12-31") == []
    names = [row["name"] for row in client.ask("deputies/", {"text": "zjg"}).json()["results"]]
    assert names == ["张建国"]
    day = world.activity.day.isoformat()
    assert (
        len(client.ask("activities/", {"station": "PC01", "first": day, "last": day}).json()["results"]) == 1
    )
    assert (
        client.ask("activities/", {"last": (world.activity.day - timedelta(days=1)).isoformat()}).json()[
            "results"
        ]
        == []
    )
    assert len(client.ask("visits/", {"area": "140213", "outcome": "NOTED"}).json()["results"]) == 1
    assert len(client.ask("assignments/", {"station": "YZ01"}).json()["results"]) == 1


@pytest.mark.once
def test_a_longer_list_takes_no_more_queries(program, people, django_assert_max_num_queries):
    client = program(people.office)

    def fill(n):
        for k in range(n):
            station = StationFactory(area=people.town, parent=people.own)
            activity = ActivityFactory(
                station=station, day=date(2023, 1, 1) + timedelta(days=k), announced=True
            )
            AttendanceFactory(activity=activity, mandate=people.deputy.mandate)
            visit = VisitFactory(activity=activity, category=people.category)
            VisitorFactory(visit=visit)
            RequestFactory(visit=visit, station=station, category=people.category)

    few = {}
    fill(1)
    for what in KEYS:
        with django_assert_max_num_queries(16) as seen:
            client.ask(f"{what}/")
        few[what] = len(seen)
    fill(9)
    for what in KEYS:
        with django_assert_max_num_queries(few[what]):
            client.ask(f"{what}/")
