"""覆盖情况: what is missing on a day, area by area. Every number opens exactly its records, and agrees with the figures."""

from datetime import date, time

import pytest

from deputies.models import Level
from liaison.core.models import PolicyVersion
from liaison.reports.coverage.measures import MEASURES, View, board
from liaison.reports.metrics import METRICS, figures
from stations.models import Station
from tests import factories as f

ON, TODAY = date(2026, 9, 30), date(2026, 11, 20)


def view(people, area=None, on=ON, post=None, today=TODAY):
    return View(area or people.county, on, post or people.office_city, today)


def total(people, **asked):
    return {cell.measure.code: (cell.gap, cell.whole) for cell in board(view(people, **asked))[1].cells}


def gaps(people, code, **asked):
    return {str(row) for row in MEASURES[code].gaps(view(people, **asked))}


def held(station, day=date(2026, 9, 11), **fields):
    return f.ActivityFactory(
        station=station, day=day, closed=True, **{"announced_on": day.replace(day=1)} | fields
    )


@pytest.fixture
def full(people):
    """Nothing is missing in September."""
    congress = f.CongressFactory(name="平城区人民代表大会", level=Level.COUNTY)
    for station in (people.child, people.sibling):
        mandate = f.MandateFactory(area=station.area, term__congress=congress)
        f.AssignmentFactory(mandate=mandate, station=station)
    for station in (people.own, people.sibling, people.other):
        held(station)
    return people


def test_where_nothing_is_missing_every_gap_is_nought(full):
    assert total(full, area=full.city) == {
        "townships": (0, 3),
        "sites": (0, 4),
        "mandates": (0, 5),
        "missed": (0, 3),
        "late": (0, 3),
    }


# --- Each gap -----------------------------------------------------------------------------------------------------------


def test_a_township_without_an_open_station_of_its_own_is_one(full):
    f.area("140213003", "西街街道")
    Station.objects.filter(pk=full.sibling.pk).update(closed_on=date(2026, 9, 15))

    assert gaps(full, "townships") == {"西街街道", "北关街道"}
    assert gaps(full, "townships", on=date(2026, 9, 14)) == {"西街街道"}


def test_a_station_or_point_without_deputies_is_one_a_mailbox_is_not(full):
    f.StationFactory(area=full.town, code="PC0102", name="钟楼社区联络点", kind="POINT")
    f.StationFactory(area=full.town, code="PC01X1", name="西街信箱", kind="MAILBOX")
    f.StationFactory(area=full.town, code="PC00", name="平城区代表之家", kind="HOME")
    full.child.assignments.update(to_on=date(2026, 9, 10))

    assert gaps(full, "sites") == {"钟楼社区联络点", "南关社区联络点"}
    assert gaps(full, "sites", on=date(2026, 9, 10)) == {"钟楼社区联络点"}


def test_a_mandate_without_a_station_is_one_and_told_by_level(full):
    for level in (Level.CITY, Level.CITY, Level.COUNTY):
        f.MandateFactory(
            area=full.county,
            term__congress=f.CongressFactory(name=f"{level}大会", level=level),
            deputy__name="无站人",
        )
    gone = f.MandateFactory(area=full.county, to_on=date(2026, 9, 29))
    lines, all_ = board(view(full))

    assert all_.cells[2].gap == 3
    assert all_.cells[2].levels == (("CITY", "市", 2), ("COUNTY", "县", 1))
    assert lines[-1].own
    assert lines[-1].area == full.county
    assert lines[-1].cells[2].gap == 3
    assert str(gone) in gaps(full, "mandates", on=date(2026, 9, 28))


@pytest.mark.parametrize(
    ("what", "missed"),
    [
        ("held", False),
        ("closed_late", False),
        ("planned", True),
        ("open", True),
        ("to_come", False),
        ("cancelled", True),
        ("none", True),
        ("suspended", False),
        ("opened_this_month", False),
        ("not_asked", False),
        ("rule", True),
        ("rule_every_second_month", False),
    ],
)
def test_a_reception_that_was_due_and_not_held_is_one(people, what, missed):
    station = people.sibling
    day, fields = date(2026, 9, 11), {"station": station, "announced_on": date(2026, 9, 1)}
    asked = {}
    match what:
        case "held" | "closed_late":
            held(station, day)
        case "planned":
            held(station)
            f.ActivityFactory(day=date(2026, 9, 12), **fields)
        case "open" | "cancelled":
            f.ActivityFactory(day=day, **fields, **{what: True})
        case "to_come":
            f.ActivityFactory(day=date(2026, 9, 28), **fields)
            asked = {"on": date(2026, 9, 20), "today": date(2026, 9, 20)}
        case "suspended":
            Station.objects.filter(pk=station.pk).update(suspended_on=date(2026, 9, 2))
        case "opened_this_month":
            Station.objects.filter(pk=station.pk).update(opened_on=date(2026, 9, 2))
        case "not_asked" | "rule" | "rule_every_second_month":
            PolicyVersion.objects.create(
                area=people.county, first_on=f.LONG_AGO, values={"receptions_monthly": 0}
            )
            often = ";INTERVAL=2" if what == "rule_every_second_month" else ""
            if what != "not_asked":
                f.RuleFactory(station=station, recurrence=f"FREQ=MONTHLY;BYMONTHDAY=11{often}")

    assert (str(station) in gaps(people, "missed", **asked)) == missed


def test_how_many_receptions_are_wanted_is_what_the_nearest_area_says(people):
    for station in (people.own, people.sibling, people.other):
        held(station)
    for area, number in ((people.city, 2), (people.county, 1), (people.town, 3)):
        PolicyVersion.objects.create(
            area=area, first_on=date(2026, 1, 1), values={"receptions_monthly": number}
        )

    assert gaps(people, "missed", area=people.city) == {str(people.own), str(people.other)}


@pytest.mark.parametrize(
    ("announced_on", "day", "on", "late"),
    [
        (date(2026, 9, 8), 11, ON, False),
        (date(2026, 9, 9), 11, ON, True),
        (None, 11, ON, True),
        (None, 30, date(2026, 9, 20), False),
        (None, 30, date(2026, 9, 27), True),
    ],
)
def test_a_notice_that_went_up_late_or_never_is_one(people, announced_on, day, on, late):
    f.ActivityFactory(station=people.own, day=date(2026, 9, day), announced_on=announced_on)
    f.ActivityFactory(station=people.sibling, day=date(2026, 9, day), cancelled=True)

    assert gaps(people, "late", on=on, area=people.city) == ({str(people.own)} if late else set())


# --- Board, figures, lists ----------------------------------------------------------------------------------------------


@pytest.fixture
def gappy(full):
    """One of each gap and more."""
    f.area("140213003", "西街街道")
    f.StationFactory(area=full.town, code="PC0102", name="钟楼社区联络点", kind="POINT")
    for level, area in (
        (Level.CITY, full.county),
        (Level.COUNTY, full.town),
        (Level.COUNTY, full.other.area),
    ):
        f.MandateFactory(area=area, term__congress=f.CongressFactory(name=f"{level}大会", level=level))
    f.StationFactory(area=f.area("140213004", "东街街道"), code="PC04", name="东街联络站")
    held(full.own, date(2026, 9, 21), announced_on=date(2026, 9, 20), starts_at=time(9))
    return full


def test_the_board_agrees_with_the_figures(gappy):
    for area in (gappy.city, gappy.county, gappy.other_county, gappy.town):
        asked = view(gappy, area=area)
        told = {figure.code: figure.value for figure in figures(area, asked.first, ON, gappy.office_city)}
        cells = total(gappy, area=area)
        townships, covered = told["network.townships"], told["network.townships_covered"]
        mandates, assigned = told["network.mandates"], told["network.assigned"]

        assert cells["townships"] == (townships - covered, townships)
        assert cells["mandates"] == (mandates - assigned, mandates)
        assert cells["sites"][1] == told["network.stations"] + told["network.points"]
        receptions = METRICS["activity.receptions"].records(asked.ask)
        late = receptions.exclude(
            pk__in=METRICS["activity.receptions_announced_in_time"].records(asked.ask).values("pk")
        )
        assert cells["late"][0] == len(set(late.values_list("station")))


def test_the_lines_add_up_to_the_whole_at_every_depth(gappy):
    for area in (gappy.city, gappy.county):
        lines, whole = board(view(gappy, area=area))
        for place, cell in enumerate(whole.cells):
            assert sum(line.cells[place].gap for line in lines) == cell.gap
            assert sum(line.cells[place].whole for line in lines) == cell.whole


def test_every_number_opens_a_list_of_as_many_records(gappy, as_):
    import re

    office = as_(gappy.office_city)
    page = office.get(f"/coverage/?area=140213&on={ON}").content.decode()
    links = re.findall(r'<a (?:class="small" )?href="(/coverage/\w+/\?[^"]+)">(?:\S )?(\d+)<', page)
    for url, number in links:
        shown = office.get(url.replace("&amp;", "&"))
        assert len(shown.context["page"]) == int(number) == shown.context["number"], url
    assert len(links) > 15


@pytest.mark.once
def test_a_city_is_drilled_down_county_by_county(gappy, as_):
    office = as_(gappy.office_city)
    page = office.get(f"/coverage/?on={ON}").content.decode()
    assert f"/coverage/?area=140213000000&amp;on={ON}" in page
    page = office.get(f"/coverage/?area=140213&on={ON}").content.decode()
    assert "南关街道" in page
    assert "平城区本级" in page
    assert "西坪镇" not in page


@pytest.mark.once
def test_the_lists_say_what_is_wrong(gappy, as_):
    office = as_(gappy.office_city)
    page = office.get(f"/coverage/late/?on={ON}").content.decode()
    assert "9月21日接待日9月20日公示，晚了 2 天" in page
    page = office.get(f"/coverage/missed/?on={ON}").content.decode()
    assert "当月应安排 1 次接待日，安排了 0 次" in page
    f.ActivityFactory(station=gappy.own, day=date(2026, 9, 25), announced_on=date(2026, 9, 1))
    page = office.get(f"/coverage/missed/?on={ON}").content.decode()
    assert "9月25日接待日已计划，没有办结" in page


@pytest.mark.once
def test_the_number_of_statements_does_not_grow_with_the_townships(
    gappy, as_, django_assert_num_queries, django_assert_max_num_queries
):
    with django_assert_max_num_queries(13):
        board(view(gappy))
    for number in range(10, 40):
        f.StationFactory(area=f.area(f"1402130{number}", f"第{number}街道"))
    with django_assert_max_num_queries(13):
        assert len(board(view(gappy))[0]) == 35
    with django_assert_max_num_queries(18):
        as_(gappy.office_city).get(f"/coverage/missed/?on={ON}")


# --- Who asks, and how --------------------------------------------------------------------------------------------------


@pytest.mark.once
def test_a_station_sees_no_board(people, as_):
    assert as_(people.station).get("/coverage/").status_code == 403
    assert "覆盖情况" not in as_(people.station).get("/figures/").content.decode()


@pytest.mark.once
def test_an_office_sees_its_own_area_alone(gappy, as_):
    assert as_(gappy.office).get("/coverage/?area=140215").status_code == 404
    page = as_(gappy.office).get(f"/coverage/mandates/?on={ON}")
    assert page.context["number"] == 2


@pytest.mark.once
@pytest.mark.parametrize("query", ["on=2026-02-31", "on=gestern"])
def test_a_day_that_is_none_is_told(people, as_, query):
    for page in ("/coverage/", "/coverage/late/"):
        answer = as_(people.office).get(f"{page}?{query}")
        assert answer.status_code == 422
        assert "日期" in answer.content.decode()


@pytest.mark.once
def test_the_home_of_the_office_asks_for_the_totals_alone(gappy, as_):
    office = as_(gappy.office)
    assert 'hx-get="/coverage/"' in office.get("/").content.decode()
    piece = office.get("/coverage/", headers={"HX-Request": "true"}).content.decode()
    assert piece.lstrip().startswith("<dl")
    assert "没有站的乡镇（街道）" in piece


@pytest.mark.once
def test_rest_tells_the_same_numbers_and_records(gappy, as_):
    office = as_(gappy.office_city)
    told = office.get(f"/api/v1/coverage/?area=140213&on={ON}").json()
    assert told["area"] == "140213000000"
    cells = {cell["code"]: (cell["gap"], cell["whole"]) for cell in told["total"]["measures"]}
    assert cells == total(gappy)
    assert sum(line["own"] for line in told["lines"]) == 1
    for cell in told["total"]["measures"]:
        listed = office.get(cell["records"]).json()
        assert len(listed["results"]) == cell["gap"]
    assert as_(gappy.station).get("/api/v1/coverage/").status_code == 403
    assert office.get("/api/v1/coverage/nothing/records/").status_code == 404


# --- The file -----------------------------------------------------------------------------------------------------------


@pytest.mark.once
def test_the_file_of_a_list_holds_what_its_page_shows(full, as_, django_assert_max_num_queries):
    from io import BytesIO

    from openpyxl import load_workbook

    for number in (3, 4):
        f.area(f"14021300{number}", f"西街{number}街道")
        f.StationFactory(area=full.town, code=f"PC010{number}", name=f"钟楼{number}联络点", kind="POINT")
        f.MandateFactory(area=full.town)
        late = {"announced_on": date(2026, 9, 10), "announce_by": date(2026, 9, 8)}
        held(full.child, day=date(2026, 9, 10 + number), **late)
        f.ActivityFactory(station=full.sibling, day=date(2026, 9, 20 + number), announced_on=date(2026, 9, 1))
    office, asked = as_(full.office_city), {"area": full.county.code, "on": ON.isoformat()}
    for code, measure in MEASURES.items():
        page = office.get(f"/coverage/{code}/", asked)
        assert f'action="/exports/coverage_{code}/"' in page.content.decode()
        with django_assert_max_num_queries(45):  # asking, working and handing out; none for each row
            answer = office.post(f"/exports/coverage_{code}/", asked, follow=True)
            sheet = load_workbook(BytesIO(b"".join(answer.streaming_content))).active
        head, *rows = sheet.iter_rows(min_row=3, values_only=True)
        assert list(head) == list(page.context["headings"])
        assert [row[0] for row in rows] == [str(row["cells"][0][0]) for row in page.context["rows"]]
        assert [row[-1] for row in rows if "情况" in head] == [
            row["cells"][-1][0] for row in page.context["rows"] if "情况" in head
        ]
        assert sheet["A1"].value == f"大同市{measure.name}"
        assert "区划 平城区；哪一天的情况 2026年9月30日" in sheet["A2"].value
    elsewhere = asked | {"area": full.other_county.code}
    assert as_(full.office).post("/exports/coverage_sites/", elsewhere).status_code == 409
    assert as_(full.station).post("/exports/coverage_sites/", asked).status_code == 403
