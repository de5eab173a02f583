"""Figures by REST are those of the page, each with the address of what it counts."""

from datetime import date

import pytest

from liaison.reports.metrics import METRICS
from tests.factories import ActivityFactory, AttendanceFactory, VisitFactory

PERIOD = {"from": "2023-01-01", "to": "2023-10-31"}


@pytest.fixture
def counted(people):
    day = date(2023, 5, 11)
    for station, heads in ((people.own, 3), (people.sibling, 4), (people.other, 10)):
        activity = ActivityFactory(station=station, day=day, closed=True)
        VisitFactory(activity=activity, headcount=heads)
        VisitFactory(activity=activity, headcount=1)
    AttendanceFactory(
        activity=ActivityFactory(station=people.own, day=day, closed=True),
        mandate=people.deputy.mandate,
        state="PRESENT",
    )
    return people


@pytest.mark.once
def test_the_answer_has_the_shape_of_the_contract(program, counted):
    answer = program(counted.office_city).ask("figures/", {"area": "140200"} | PERIOD).json()

    assert list(answer) == ["area", "from", "to", "as_of", "figures"]
    assert (answer["area"], answer["from"], answer["to"]) == ("140200000000", "2023-01-01", "2023-10-31")
    assert {tuple(figure) for figure in answer["figures"]} == {
        ("code", "name", "unit", "value", "base", "records")
    }
    assert [figure["code"] for figure in answer["figures"]] == list(METRICS)


def asked(client, area):
    """The figures of an area by code."""
    answer = client.ask("figures/", {"area": area} | PERIOD).json()
    return {figure["code"]: figure for figure in answer["figures"]}


def listed(client, figure):
    """The records of a figure, page by page."""
    rows, address = [], f"{figure['records']}&page_size=2"
    while address:
        page = client.get(address).json()
        rows += page["results"]
        address = page["next"]
    return rows


def test_every_list_of_records_adds_up_to_its_figure(program, counted):
    client = program(counted.office_city)
    for code, figure in asked(client, "140200").items():
        rows = listed(client, figure)
        assert sum(row["value"] for row in rows) == figure["value"], code
        assert len({row["id"] for row in rows}) == len(rows), code
        assert all(set(row) == {"id", "number", "label", "value"} for row in rows)


@pytest.mark.once
def test_each_area_has_its_own_number_and_records(program, counted):
    client = program(counted.office_city)
    for area, visitors in (("140200", 20), ("140213", 9), ("140215", 11), ("140213001", 4)):
        figure = asked(client, area)["activity.visitors"]
        assert figure["value"] == sum(row["value"] for row in listed(client, figure)) == visitors, area


@pytest.mark.once
def test_figures_are_for_those_who_may_ask_for_the_area(program, people):
    for who, area, status in (
        ("office", "140213", 200),
        ("office", "140200", 404),
        ("office", "140215", 404),
        ("office", "000000", 404),
        ("office", "x", 404),
        ("station", "140213001", 200),
        ("auditor", "140213", 200),
        ("auditor_other", "140213", 404),
        ("deputy", "140213", 403),
        ("unit", "140213", 403),
        ("admin", "140213", 403),
    ):
        client = program(getattr(people, who))
        for address in ("figures/", "figures/activity.visitors/records/"):
            answer = client.ask(address, {"area": area} | PERIOD)
            assert answer.status_code == status, (who, area, address)


@pytest.mark.once
def test_what_makes_no_sense_is_400_by_the_names_of_the_query(program, people):
    client = program(people.office)

    assert list(client.ask("figures/", {"from": "gestern"}).json()["fields"]) == ["from"]
    assert list(client.ask("figures/", {"from": "2023-02-01", "to": "2023-01-01"}).json()["fields"]) == ["to"]
    assert client.ask("figures/no.such/records/").status_code == 404
    assert client.ask("figures/network.stations/records/", {"cursor": "x"}).status_code == 400


@pytest.mark.once
def test_without_a_query_it_is_ones_own_area_this_year(program, people):
    answer = program(people.office).ask("figures/").json()

    assert answer["area"] == people.county.code
    assert answer["from"].endswith("-01-01")


@pytest.mark.parametrize("by", ["area", "station", "month", "category"])
def test_told_apart_each_part_has_its_records_and_they_add_up(program, counted, by):
    client = program(counted.office_city)
    asked = PERIOD | {"area": "140200", "by": by, "code": ["activity.visitors", "activity.parties"]}
    answer = client.ask("figures/", asked).json()

    rows, following = list(answer["rows"]), answer["next"]
    while following:
        page = client.get(following).json()
        rows, following = rows + page["rows"], page["next"]
    assert (
        sum(
            figure["value"]
            for row in rows
            for figure in row["figures"]
            if figure["code"].endswith("visitors")
        )
        == 20
    )
    assert len({row["key"] for row in rows}) == len(rows)
    for row in rows:
        for figure in row["figures"]:
            if figure["value"]:
                listed = client.get(figure["records"]).json()["results"]
                assert sum(record["value"] for record in listed) == figure["value"], (
                    row["name"],
                    figure["code"],
                )


@pytest.mark.once
def test_stations_come_in_pages_and_a_figure_that_has_none_is_left_out(program, counted):
    asked = PERIOD | {"area": "140200", "by": "station", "page_size": 3}
    answer = program(counted.office_city).ask("figures/", asked).json()

    assert [row["key"] for row in answer["rows"]] == ["PC01", "PC0101", "PC02"]
    codes = {figure["code"] for figure in answer["rows"][0]["figures"]}
    assert "requests.received" in codes
    assert "suggestions.pieces" not in codes
    assert answer["next"]


@pytest.mark.once
@pytest.mark.parametrize(
    ("query", "field"), [({"by": "deputy"}, "by"), ({"by": "area", "code": "no.such"}, "code")]
)
def test_what_cannot_be_told_apart_is_400(program, people, query, field):
    assert list(program(people.office).ask("figures/", query).json()["fields"]) == [field]
