"""What each figure counts, and what it does not. The records are those of ten days around a small period."""

from datetime import UTC, date, datetime, time

import pytest
from django.utils import timezone

from liaison.accounts.models import Area
from liaison.reports.metrics import METRICS, Ask, figures, records
from stations.models import Station
from tests import factories as f
from visits.models import Activity
from visits.workflow import AttendanceState

FIRST, LAST = date(2023, 9, 1), date(2023, 9, 30)
IN, BEFORE, AFTER = date(2023, 9, 11), date(2023, 8, 31), date(2023, 10, 1)
K = Activity.Kind


def ask(area, first=FIRST, last=LAST, post=None, **more):
    return {figure.code: figure.value for figure in figures(area, first, last, post, **more)}


def base(area, code):
    return next(figure for figure in figures(area, FIRST, LAST) if figure.code == code).base


def closed(station, day=IN, kind=K.RECEPTION, **fields):
    return f.ActivityFactory(station=station, day=day, kind=kind, closed=True, **fields)


def assert_counted(area, wanted):
    """Each figure counts these records and no others."""
    found = ask(area)
    for code, things in wanted.items():
        assert set(records(code, area, FIRST, LAST)) == things, code
        assert found[code] == len(things), code


# --- Activities -------------------------------------------------------------------------------------------------------


def test_an_activity_counts_when_it_is_closed_in_the_period_of_its_day(people):
    wanted = {
        code: set()
        for code in METRICS
        if METRICS[code].source(Ask(people.county, FIRST, LAST)).model is Activity
    }
    for kind, day, trait, counted_in in (
        (K.RECEPTION, FIRST, "closed", {"activities", "receptions", "receptions_planned"}),
        (K.RECEPTION, LAST, "closed", {"activities", "receptions", "receptions_planned"}),
        (K.RECEPTION, BEFORE, "closed", set()),
        (K.RECEPTION, AFTER, "closed", set()),
        (K.RECEPTION, IN, "cancelled", set()),
        (K.RECEPTION, IN, "open", {"receptions_planned"}),
        (K.RECEPTION, IN, "announced", {"receptions_planned"}),
        (K.TRAINING, IN, "closed", {"activities", "trainings"}),
        (K.DEBRIEF, IN, "closed", {"activities", "debriefs"}),
        (K.PUBLICITY, IN, "closed", {"activities", "publicity"}),
        (K.RESEARCH, IN, "closed", {"activities", "research"}),
        (K.RESEARCH, IN, "cancelled", set()),
        (K.FORUM, IN, "closed", {"activities"}),
    ):
        made = f.ActivityFactory(station=people.own, day=day, kind=kind, **{trait: True})
        for name in counted_in:
            wanted[f"activity.{name}"].add(made)
    del wanted["activity.receptions_announced_in_time"]  # the next test

    assert_counted(people.county, wanted)


@pytest.mark.parametrize(
    ("announced_on", "in_time"),
    [(date(2023, 9, 7), 1), (date(2023, 9, 8), 1), (date(2023, 9, 9), 0), (None, 0)],
)
def test_a_reception_is_announced_in_time_on_or_before_its_last_day_for_that(people, announced_on, in_time):
    closed(people.own, announced_on=announced_on)  # on the 11th, three days' notice
    closed(people.own, kind=K.TRAINING, announced_on=date(2023, 9, 1))

    assert ask(people.county)["activity.receptions_announced_in_time"] == in_time
    assert base(people.county, "activity.receptions_announced_in_time") == 1


# --- Who came ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", AttendanceState)
def test_an_attendance_counts_when_the_deputy_was_present(people, state):
    f.AttendanceFactory(activity=closed(people.own), mandate=people.deputy.mandate, state=state)

    assert ask(people.county)["activity.attendances"] == (1 if state == AttendanceState.PRESENT else 0)


def test_presence_at_an_activity_that_is_still_open_does_not_count(people):
    activity = f.ActivityFactory(station=people.own, day=IN, open=True)
    f.AttendanceFactory(activity=activity, mandate=people.deputy.mandate, state=AttendanceState.PRESENT)

    assert ask(people.county)["activity.attendances"] == 0


def test_a_deputy_who_came_thrice_under_two_mandates_is_one_deputy(people):
    second = f.MandateFactory(
        deputy=people.deputy.deputy,
        area=people.city,
        term__congress=f.CongressFactory(name="市人大", level="CITY"),
    )
    for mandate in (people.deputy.mandate, people.deputy.mandate, second):
        f.AttendanceFactory(activity=closed(people.own), mandate=mandate, state=AttendanceState.PRESENT)

    found = ask(people.county)

    assert (found["activity.attendances"], found["activity.deputies_present"]) == (3, 1)


# --- Who was received -------------------------------------------------------------------------------------------------


def test_people_are_counted_by_heads_and_parties_by_entries_on_the_day_they_came(people):
    activity = closed(people.own, headcount=200)  # its own audience is counted apart
    f.VisitFactory(activity=activity, headcount=1)
    f.VisitFactory(activity=activity, headcount=4)
    f.VisitFactory(activity=activity, headcount=9, voided_at=timezone.now())
    for day in (FIRST, LAST):
        f.VisitFactory(activity=None, station=people.own, day=day, headcount=10)
    for day in (BEFORE, AFTER):
        f.VisitFactory(activity=None, station=people.own, day=day, headcount=100)

    found = ask(people.county)

    assert (found["activity.visitors"], found["activity.parties"]) == (25, 4)


def test_a_visit_entered_late_counts_on_the_day_it_happened(people):
    late = f.VisitFactory(
        activity=None, station=people.own, day=IN, created_at=datetime(2023, 11, 20, tzinfo=UTC)
    )

    assert late.is_late_entry
    assert ask(people.county)["activity.parties"] == 1
    assert ask(people.county, date(2023, 11, 1), date(2023, 11, 30))["activity.parties"] == 0


# --- The network ------------------------------------------------------------------------------------------------------


def test_a_site_counts_by_its_kind_when_it_is_open_on_the_last_day(db):
    county = f.area("140213", "平城区")
    wanted = {}
    for kind, code in (
        (Station.Kind.HOME, "network.stations"),
        (Station.Kind.STATION, "network.stations"),
        (Station.Kind.POINT, "network.points"),
        (Station.Kind.MICRO, "network.micro"),
        (Station.Kind.MAILBOX, "network.mailboxes"),
    ):
        for opened_on, closed_on, counted in (
            (LAST, None, True),
            (AFTER, None, False),
            (f.LONG_AGO, LAST, False),  # the day of closing is the first on which it is not open
            (f.LONG_AGO, AFTER, True),
            (f.LONG_AGO, BEFORE, False),
        ):
            site = f.StationFactory(area=county, kind=kind, opened_on=opened_on, closed_on=closed_on)
            wanted.setdefault(code, set()).update([site] if counted else [])

    assert_counted(county, wanted)
    assert sum(ask(county).values()) == 10  # and in no other figure


def test_a_township_is_covered_by_an_open_station_of_its_own(db):
    county = f.area("140213", "平城区")
    towns = [f.area(f"14021300{n}", f"第{n}街道") for n in range(1, 7)]
    f.StationFactory(area=towns[0])
    f.StationFactory(area=towns[0], kind="HOME")
    f.StationFactory(area=f.area("140213002001", "社区"))
    f.StationFactory(area=towns[2], kind="POINT")
    f.StationFactory(area=towns[3], closed_on=LAST)
    f.StationFactory(area=county)
    Area.objects.filter(pk=towns[5].pk).update(active=False)

    found = ask(county)

    assert (found["network.townships"], found["network.townships_covered"]) == (5, 2)
    assert base(county, "network.townships_covered") == 5


@pytest.mark.parametrize(
    ("from_on", "to_on", "counted"),
    [
        (LAST, None, 1),
        (AFTER, None, 0),
        (f.LONG_AGO, LAST, 1),
        (f.LONG_AGO, date(2023, 9, 29), 0),
        (f.LONG_AGO, AFTER, 1),
    ],
)
def test_a_mandate_counts_when_it_is_held_on_the_last_day(db, from_on, to_on, counted):
    county = f.area("140213", "平城区")
    f.MandateFactory(deputy=f.DeputyFactory(), area=county, from_on=from_on, to_on=to_on)

    found = ask(county)

    assert (found["network.mandates"], found["network.persons"]) == (counted, counted)


def test_a_person_with_two_mandates_counts_twice_as_mandate_and_once_as_person(people):
    f.MandateFactory(
        deputy=people.deputy.deputy,
        area=people.county,
        term__congress=f.CongressFactory(name="市人大", level="CITY"),
    )

    found = ask(people.county)

    assert (found["network.mandates"], found["network.persons"]) == (3, 2)
    assert found["network.assigned"] == 2
    assert base(people.county, "network.assigned") == 3


@pytest.mark.parametrize(("to_on", "counted"), [(None, 1), (LAST, 1), (date(2023, 9, 29), 0)])
def test_a_mandate_is_assigned_as_on_the_last_day(db, to_on, counted):
    station = f.StationFactory(area=f.area("140213001", "南关街道"))
    mandate = f.MandateFactory(deputy=f.DeputyFactory(), area=station.area)
    f.AssignmentFactory(mandate=mandate, station=station, to_on=to_on)

    assert ask(f.area("140213", "平城区"))["network.assigned"] == counted


# --- All together -----------------------------------------------------------------------------------------------------


@pytest.fixture
def busy(people):
    """Something of everything, in both counties."""
    for station, seat in (
        (people.own, people.deputy),
        (people.sibling, people.deputy_colleague),
        (people.other, people.deputy_other),
    ):
        activity = closed(station, announced_on=date(2023, 9, 1))
        f.AttendanceFactory(activity=activity, mandate=seat.mandate, state=AttendanceState.PRESENT)
        f.VisitFactory(activity=activity, headcount=3)
        closed(station, kind=K.TRAINING)
        for kind in ("MICRO", "MAILBOX"):
            f.StationFactory(area=station.area, kind=kind)
    return people


def test_the_parts_add_up_to_the_whole(busy):
    whole, one, other = (ask(area) for area in (busy.city, busy.county, busy.other_county))

    additive = [code for code in METRICS if code not in ("network.persons", "activity.deputies_present")]
    assert {code: whole[code] for code in additive} == {code: one[code] + other[code] for code in additive}
    assert all(whole[code] for code in ("network.stations", "activity.visitors", "activity.attendances"))


def test_every_figure_has_as_many_records_as_it_says(busy):
    for figure in figures(busy.city, FIRST, LAST):
        rows = records(figure.code, busy.city, FIRST, LAST)
        if figure.code == "activity.visitors":
            assert sum(rows.values_list("headcount", flat=True)) == figure.value
        else:
            assert rows.count() == figure.value


def test_a_part_of_a_whole_is_shown_with_it_also_when_asked_for_alone(busy):
    [figure] = figures(busy.city, FIRST, LAST, codes=("activity.receptions_announced_in_time",))

    assert (figure.value, figure.base, figure.percent) == (3, 3, "100.0")


def test_a_whole_of_nothing_gives_no_percentage(db):
    [figure] = figures(f.area("140213", "平城区"), FIRST, LAST, codes=("network.assigned",))

    assert (figure.value, figure.base, figure.percent) == (0, 0, "")


@pytest.mark.once
def test_all_figures_take_few_questions_to_the_database(busy, django_assert_max_num_queries):
    with django_assert_max_num_queries(22):
        figures(busy.city, FIRST, LAST)


def test_a_station_gets_the_figures_of_itself_and_its_points(busy):
    found = ask(busy.county, post=busy.station)

    assert {code: value for code, value in found.items() if value} == {
        "network.stations": 1,
        "network.points": 1,
        "network.townships": 1,
        "network.townships_covered": 1,
        "network.mandates": 2,
        "network.persons": 2,
        "network.assigned": 2,
        "activity.activities": 2,
        "activity.receptions": 1,
        "activity.receptions_planned": 1,
        "activity.receptions_announced_in_time": 1,
        "activity.attendances": 1,
        "activity.deputies_present": 1,
        "activity.visitors": 3,
        "activity.parties": 1,
        "activity.trainings": 1,
    }


@pytest.mark.parametrize("who", ["office", pytest.param("auditor", marks=pytest.mark.once)])
def test_reviewers_see_in_their_area_all_that_there_is(busy, who):
    assert ask(busy.county, post=getattr(busy, who)) == ask(busy.county)


@pytest.mark.once
@pytest.mark.parametrize("who", ["deputy", "unit", "admin"])
def test_who_may_not_ask_would_see_no_activity(busy, who):
    assert ask(busy.county, post=getattr(busy, who))["activity.visitors"] == 0


def test_every_figure_says_what_it_counts():
    for code, metric in METRICS.items():
        assert code == metric.code
        assert metric.name
        assert metric.unit
        assert metric.definition.endswith("。")
        assert metric.base in ("", *METRICS)


def test_times_of_day_play_no_part(people):
    closed(people.own, day=LAST, starts_at=time(18), ends_at=time(23, 59))

    assert ask(people.county)["activity.receptions"] == 1
