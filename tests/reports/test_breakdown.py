"""Figures told apart by area, station, month or category: they add up to the whole, and each part is the figure of its own."""

import random
from datetime import date, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from django.utils import timezone

from deputies.models import Congress, Deputy, Mandate, StationAssignment, Term
from liaison.accounts.areas import load_nation
from liaison.accounts.models import Area
from liaison.reports.breakdown import (
    By,
    CannotBeTold,
    broken_down,
    by_area,
    by_category,
    by_month,
    by_station,
    months,
)
from liaison.reports.metrics import METRICS, Ask, figures
from stations.models import Station
from suggestions.models import Department, Order, Rating, Request
from tests import factories as f
from tests.conftest import statements_for
from visits.models import Activity, Attendance, Category, Visit

FIRST, LAST = date(2023, 8, 10), date(2023, 10, 20)
ADDITIVE = [code for code, metric in METRICS.items() if metric.additive]
OF_EVENTS = [code for code in METRICS if code.startswith(("activity.", "requests."))]


COUNTRY = [
    Area, Department, Category, Station, Congress, Term, Deputy, Mandate, StationAssignment,
    Activity, Attendance, Visit, Request, Rating, Order,
]  # fmt: skip
_written: dict[int, list] = {}  # by seed: what writes the rows of a country that was built before


@pytest.fixture(params=[1, pytest.param(2, marks=pytest.mark.once)])
def country(db, request):
    """Areas of several shapes with records at random, see `build_country`. Built once, then written again."""
    if request.param in _written:
        with connection.cursor() as cursor:
            for sql, params in _written[request.param]:
                cursor.execute(sql, params)
    else:
        build_country(request.param)
        _written[request.param] = statements_for(COUNTRY)
    return SimpleNamespace(areas=list(Area.objects.order_by("path")), stations=Station.objects.order_by("pk"))


def build_country(seed):
    """Stations that moved, mandates that ended, entries that came late."""
    rng = random.Random(seed)
    towns = [
        f.area(code, name)
        for code, name in (
            ("140213001", "西街"),
            ("140213002", "东街"),
            ("140215001", "周士庄镇"),
            ("140199", "没有乡镇的区"),
            ("110101001", "直接归市的街道"),
        )
    ]
    Area.objects.filter(path="110101").update(parent=Area.objects.get(path="11"))
    Area.objects.filter(path="1101").delete()  # a county right below the province
    load_nation()
    categories = [f.CategoryFactory(), f.CategoryFactory(), None]
    categories.append(f.CategoryFactory(parent=categories[0]))
    department = f.DepartmentFactory(area=towns[0].parent)

    def day():
        return FIRST + timedelta(days=rng.randint(-40, 110))

    def step():
        """A day on or after that of the request, or none."""
        return rng.choice([None, activity.day + timedelta(days=rng.randint(0, 60))])

    stations = [
        f.StationFactory(area=rng.choice(towns), kind=rng.choice(Station.Kind.values)) for _ in range(6)
    ]
    mandates = [
        f.MandateFactory(area=station.area, from_on=date(2021, 1, 1), to_on=rng.choice([None, day()]))
        for station in stations
    ]
    for mandate, station in zip(mandates, stations, strict=True):
        f.AssignmentFactory(mandate=mandate, station=station, from_on=date(2021, 1, 1))
    for _ in range(24):
        station = rng.choice(stations)
        activity = f.ActivityFactory(
            station=station,
            day=day(),
            kind=rng.choice(["RECEPTION", "RECEPTION", "TRAINING", "RESEARCH"]),
            closed=True,
        )
        f.AttendanceFactory(activity=activity, mandate=rng.choice(mandates), state="PRESENT")
        f.VisitFactory(
            activity=activity,
            headcount=rng.randint(1, 5),
            category=rng.choice(categories),
            created_at=timezone.make_aware(datetime(2024, 1, 1)),
            voided_at=rng.choice([None, None, timezone.now()]),
        )
        found = f.RequestFactory(
            station=station,
            received_on=activity.day,
            category=rng.choice(categories),
            department=rng.choice([None, department]),
            state=rng.choice(["HANDLING", "REPLIED", "RATED", "CLOSED", "ANSWERED_ON_SPOT", "NOT_ACCEPTED"]),
            solved=rng.choice(["YES", "PARTLY", "NO"]),
            dispatched_on=step(),
            accepted_on=step(),
            followed_on=step(),
            replied_on=rng.choice([None, activity.day + timedelta(days=rng.randint(0, 30))]),
            rated_on=step(),
            closed_on=step(),
        )
        if found.rated_on:
            Rating.objects.create(
                request=found,
                round=1,
                on=found.rated_on,
                attitude="SATISFIED",
                result=rng.choice(["SATISFIED", "UNSATISFIED"]),
            )
        f.OrderFactory(request=found, department=department, due_on=day(), issued_on=found.received_on)
    for station in stations[:3]:  # its records stay where they were
        Station.objects.filter(pk=station.pk).update(area=towns[-1], area_path=towns[-1].path)


def whole(area, codes, first=FIRST, last=LAST):
    return {fig.code: fig.value for fig in figures(area, first, last, codes=tuple(codes))}


def test_the_areas_below_add_up_to_the_area_and_each_is_the_figure_of_its_own(country):
    above = {area.parent_id for area in country.areas}
    town = Area.objects.get(path="140213001")  # below it lies nothing
    for area in (*(area for area in country.areas if area.pk in above), town):
        rows = by_area(Ask(area, FIRST, LAST), tuple(METRICS))
        for row in rows:
            if row.thing != area:
                assert row.values == whole(row.thing, METRICS), (area.name, row.label)
        if rows:
            total = whole(area, ADDITIVE)
            assert {code: sum(row[code] for row in rows) for code in ADDITIVE} == total, area.name
    assert any(whole(country.areas[0], ADDITIVE).values())


def test_the_stations_add_up_to_the_area(country):
    nation = country.areas[0]
    codes = [code for code in OF_EVENTS if METRICS[code].additive]

    rows = by_station(Ask(nation, FIRST, LAST), codes, list(country.stations))

    assert {code: sum(row[code] for row in rows) for code in codes} == whole(nation, codes)
    one = list(country.stations)[2:3]
    assert [row.values for row in by_station(Ask(nation, FIRST, LAST), codes, one)] == [rows[2].values]


def test_each_month_is_the_figure_of_its_own_days(country):
    area = Area.objects.get(path="1402")
    spans = [(FIRST, date(2023, 8, 31)), (date(2023, 9, 1), date(2023, 9, 30)), (date(2023, 10, 1), LAST)]

    rows = by_month(Ask(area, FIRST, LAST), tuple(METRICS))

    assert [row.label for row in rows] == ["2023年8月", "2023年9月", "2023年10月"]
    for row, (first, last) in zip(rows, spans, strict=True):
        assert row.values == whole(area, METRICS, first, last), row.label


def test_categories_add_up_and_what_has_none_has_a_line_of_its_own(country):
    nation = country.areas[0]
    codes = [code for code in OF_EVENTS if METRICS[code].additive and code.startswith("requests.")]

    rows = by_category(Ask(nation, FIRST, LAST), codes)

    assert {code: sum(row[code] for row in rows) for code in codes} == whole(nation, codes)
    assert rows[-1].thing is None
    assert all(row.thing.parent is None for row in rows[:-1])


def test_two_ways_at_once_make_a_table_of_areas_and_categories(country):
    ask, code = Ask(Area.objects.get(path="14"), FIRST, LAST), "requests.received"

    cells = broken_down(ask, [code], By.AREA, By.CATEGORY)

    for row in by_area(ask, [code]):
        assert sum(values[code] for (path, _), values in cells.items() if path == row.key) == row[code]


@pytest.mark.once
def test_a_station_is_told_of_its_own_township_alone(country, people):
    rows = by_area(Ask(people.county, FIRST, LAST, people.station), ["requests.received"])

    assert [row.thing for row in rows] == [people.station.area]


@pytest.mark.once
def test_what_has_no_category_cannot_be_told_apart_by_it(people):
    with pytest.raises(CannotBeTold):
        by_category(Ask(people.county, FIRST, LAST), ["network.mandates"])


@pytest.mark.once
def test_the_statements_do_not_grow_with_areas_stations_and_months(country, django_assert_max_num_queries):
    nation = country.areas[0]
    codes = [code for code in OF_EVENTS if code not in ("requests.overdue", "requests.rehandled")]
    with django_assert_max_num_queries(12):
        by_area(Ask(nation, FIRST, LAST), codes)
    with django_assert_max_num_queries(18):  # one for each deciding day
        by_month(Ask(nation, date(2015, 1, 1), LAST), codes)


def test_months_are_those_that_the_period_touches():
    assert months(date(2023, 11, 30), date(2024, 1, 1)) == [(2023, 11), (2023, 12), (2024, 1)]
