"""Figures counted beforehand: the same as those of the records, whatever was written since and by whomever."""

import random
from dataclasses import replace
from datetime import date, timedelta
from io import StringIO

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Q
from django.db.models.functions import Length
from django.utils import timezone

from liaison.accounts.models import Area
from liaison.reports.breakdown import By, broken_down
from liaison.reports.metrics import METRICS, Ask, answers, five_orders
from liaison.reports.tallies import keeping, reading, triggers
from liaison.reports.tallies.keeping import CODES, check, count_days, refresh
from liaison.reports.tallies.models import Tally, TallyMark
from suggestions.models import Rating, Request
from tests import factories as f
from visits.models import Activity, Attendance, Visit

from .test_breakdown import country  # noqa: F401 — a country at random, with all that makes counting hard

YEAR = (date(2023, 1, 1), date(2023, 12, 31))
PART = (date(2023, 8, 10), date(2023, 10, 20))  # begins and ends within a month
one_country = pytest.mark.parametrize("country", [1], indirect=True)


def figures_of(ask):
    return {figure.code: figure.value for figure in answers(ask, CODES)}


def table_of(ask, *by):
    cells = broken_down(ask, CODES, *by)
    return {
        key: {code: n for code, n in cell.items() if n} for key, cell in cells.items() if any(cell.values())
    }


def heat_of(ask):
    cells = broken_down(ask, ["requests.received"], By.AREA, By.CATEGORY)
    return {key: cell["requests.received"] for key, cell in cells.items() if cell["requests.received"]}


def assert_told_alike(area, period, monkeypatch):
    """With tallies and without them, in all and told apart."""
    ask = Ask(area, *period)
    told = figures_of(ask), table_of(ask, By.AREA, By.MONTH), heat_of(ask), five_orders(ask)
    with monkeypatch.context() as without:
        without.setattr(reading, "told", lambda *args, **named: {})
        plain = figures_of(ask), table_of(ask, By.AREA, By.MONTH), heat_of(ask), five_orders(ask)
    assert told == plain, (area.name, period)


@one_country
def test_figures_are_the_same_with_tallies_as_without(country, monkeypatch):  # noqa: F811
    nation, province, county = (Area.objects.get(path=path) for path in ("", "14", "140213"))
    assert refresh() > 0
    assert not TallyMark.objects.exists()
    assert reading.told(Ask(nation, *YEAR), CODES)[()]["requests.received"] == Request.objects.count()
    heat = reading.told(Ask(nation, *YEAR), ["requests.received"], By.CATEGORY)
    assert sum(values["requests.received"] for values in heat.values()) == Request.objects.count()
    for area, period in ((nation, YEAR), (nation, PART), (province, YEAR), (county, PART)):
        assert_told_alike(area, period, monkeypatch)
    assert list(check()) == []

    assert count_days() > 0
    for area in (nation, province):
        assert reading._days(date(2023, 8, 1), [area.path])
        assert_told_alike(area, PART, monkeypatch)
    assert list(check()) == []


@one_country
def test_what_is_written_afterwards_counts_at_once_whatever_it_is(country, monkeypatch):  # noqa: F811
    refresh()
    count_days()
    nation, rng = country.areas[0], random.Random(7)
    visits = rng.sample(list(Visit.objects.values_list("pk", flat=True)), 5)
    Visit.objects.filter(pk__in=visits).update(voided_at=timezone.now())
    Visit.objects.exclude(pk__in=visits).update(headcount=9)
    Activity.objects.filter(pk=Activity.objects.first().pk).update(state="OPEN")  # reopened
    Attendance.objects.filter(pk=Attendance.objects.last().pk).update(state="ABSENT")
    moved = Request.objects.filter(replied_on__isnull=False).first()
    Request.objects.filter(pk=moved.pk).update(
        area=Area.objects.get(path="110101001"),
        area_path="110101001",
        replied_on=moved.replied_on + timedelta(days=40),
    )
    Request.objects.exclude(pk=moved.pk).filter(category=None).update(category=f.CategoryFactory())
    Rating.objects.filter(pk=Rating.objects.first().pk).update(result="FAIRLY")
    Rating.objects.last().delete()
    f.VisitFactory(activity=Activity.objects.filter(state="CLOSED").last(), headcount=4)  # entered late

    assert TallyMark.objects.exists()
    assert list(check()) == []  # what is marked is waiting, not wrong
    assert_told_alike(nation, YEAR, monkeypatch)
    with monkeypatch.context() as crowded:
        crowded.setattr(reading, "MANY", 0)
        assert_told_alike(nation, PART, monkeypatch)
    refresh()
    assert_told_alike(nation, YEAR, monkeypatch)
    assert list(check()) == []


@one_country
def test_a_period_that_ends_today_is_read_where_nothing_lies_after_it(
    country,  # noqa: F811
    django_assert_max_num_queries,
):
    refresh()
    nation, (first, last) = country.areas[0], YEAR
    end = Tally.objects.filter(path="", month__lte=last).latest("month").last
    with django_assert_max_num_queries(2):
        until_then = reading.told(Ask(nation, first, min(end, last)), CODES)
    assert until_then == reading.told(Ask(nation, first, last), CODES)


def test_who_does_not_see_all_is_told_of_what_is_seen(people):
    office, mine = people.office, Ask(people.county, date(2023, 1, 1), date(2023, 12, 31))
    f.VisitFactory(activity=f.ActivityFactory(station=people.own, day=date(2023, 5, 4), closed=True))
    refresh()
    asked = replace(mine, post=office)
    assert reading.told(asked, CODES)
    assert not reading.told(replace(mine, post=people.station), CODES)
    assert not reading.told(replace(mine, as_of=timezone.now()), CODES)
    assert not reading.told(replace(mine, cohort=True), ["activity.parties"])
    Visit.objects.update(about_name=office.user.name)
    assert not reading.told(asked, CODES)
    assert {one.value for one in answers(asked, ["activity.parties"])} == {0}


@one_country
def test_what_is_wrong_is_found_and_put_right(country):  # noqa: F811
    refresh()
    row = Tally.objects.filter(path="140213", values__has_key="requests.received").first()
    row.values["requests.received"] += 2
    row.save()
    Tally.objects.filter(path="").first().delete()

    out = StringIO()
    with pytest.raises(CommandError, match="不一致"):
        call_command("check_figures", stdout=out)
    assert f"140213 {row.month:%Y-%m} requests.received" in out.getvalue()
    call_command("check_figures", repair=True, stdout=StringIO())
    out = StringIO()
    call_command("check_figures", stdout=out)
    assert "全部一致" in out.getvalue()


@one_country
@pytest.mark.parametrize("table", ["visits_visit", "visits_attendance"])
def test_a_table_that_was_built_anew_is_watched_again_and_marked_whole(country, table):  # noqa: F811
    refresh()
    watched = next(one for one in triggers.WATCHED if one.table == table)
    with connection.cursor() as cursor:
        for name in triggers._present(connection.vendor, cursor):
            if name.startswith(f"tally_{table}_"):
                for statement in triggers._untrigger(connection.vendor, watched, name):
                    cursor.execute(statement)
    Visit.objects.update(headcount=7) if table == "visits_visit" else Attendance.objects.update(
        state="ABSENT"
    )
    assert not TallyMark.objects.exists()
    triggers.watch(apps.get_app_config("reports"))
    refresh()
    assert list(check()) == []


@one_country
def test_a_figure_that_is_defined_anew_is_counted_again(country, monkeypatch):  # noqa: F811
    refresh()
    triggers.watch(apps.get_app_config("reports"))
    assert not TallyMark.objects.exists()  # nothing is defined anew

    received = METRICS["activity.parties"]
    monkeypatch.setitem(METRICS, "activity.parties", replace(received, which=Q(headcount=9)))
    triggers.watch(apps.get_app_config("reports"))
    assert TallyMark.objects.exists()
    refresh()
    assert list(check()) == []
    Visit.objects.filter(pk=Visit.objects.first().pk).update(headcount=9)
    assert TallyMark.objects.count() == 1  # by one trigger, not by that of the former definition too


@one_country
def test_an_upgrade_that_breaks_off_begins_anew(country, monkeypatch):  # noqa: F811
    refresh()
    received = METRICS["activity.parties"]
    monkeypatch.setitem(METRICS, "activity.parties", replace(received, which=Q(headcount=9)))
    marking = triggers._all

    def breaks_off(vendor, watched):
        if watched.table == "suggestions_request":
            raise KeyboardInterrupt
        return marking(vendor, watched)

    with monkeypatch.context() as once:
        once.setattr(triggers, "_all", breaks_off)
        with pytest.raises(KeyboardInterrupt):
            triggers.watch(apps.get_app_config("reports"))
    refresh()
    triggers.watch(apps.get_app_config("reports"))
    assert TallyMark.objects.exists()
    refresh()
    assert list(check()) == []


def test_a_figure_of_another_name_is_another_definition(db, monkeypatch):
    before = triggers.definitions(connection)
    assert triggers.definitions(connection) == before
    names = tuple("requests.heard" if name == "requests.followed" else name for name in triggers.NAMES)
    monkeypatch.setitem(METRICS, "requests.heard", METRICS["requests.followed"])
    monkeypatch.setattr(triggers, "NAMES", names)
    assert triggers.definitions(connection) != before


@one_country
def test_of_very_many_marks_everything_is_counted_and_of_many_some_at_a_time(country, monkeypatch):  # noqa: F811
    monkeypatch.setattr(keeping, "AT_ONCE", 3)
    assert (
        refresh() == TallyMark.objects.count() + Tally.objects.annotate(n=Length("path")).filter(n=6).count()
    )
    assert list(check()) == []
    Visit.objects.update(headcount=5)
    Tally.objects.update(values={})
    monkeypatch.setattr(keeping, "OVERFULL", 1)
    refresh()
    assert not TallyMark.objects.exists()
    assert list(check()) == []


@one_country
def test_days_are_counted_in_runs_of_months_with_what_is_the_nation_s_own(country, monkeypatch):  # noqa: F811
    own = Request.objects.filter(received_on__range=YEAR).latest("received_on")
    Request.objects.filter(pk=own.pk).update(area=Area.objects.get(path=""), area_path="")
    refresh()
    months = sorted(set(Tally.objects.filter(path="").values_list("month", flat=True)))
    gap = months[1:2]
    Tally.objects.filter(month__in=gap).update(days={})
    assert [len(run) for run in keeping._runs([one for one in months if one not in gap])] == [
        1,
        len(months) - 2,
    ]
    assert count_days() == len(months) - 1
    Tally.objects.filter(month__in=gap).update(days=None)
    assert count_days() == 1
    assert list(check()) == []

    days = Tally.objects.get(path="", month=own.received_on.replace(day=1)).days
    assert (
        days[str(own.received_on.day)]["requests.received"]
        == Request.objects.filter(received_on=own.received_on).count()
    )
    Tally.objects.filter(path="", month=own.received_on.replace(day=1)).update(days={})
    assert [one.path for one in check()][:1] == [""]


def test_every_figure_that_adds_up_by_place_and_day_is_kept():
    assert {"activity.parties", "requests.received", "requests.satisfied", "requests.median_days"} <= set(
        CODES
    )
    left = [
        code
        for code, one in METRICS.items()
        if code not in CODES and code.startswith(("activity.", "requests."))
    ]
    assert left == ["activity.deputies_present", "requests.overdue", "requests.rehandled"]


@pytest.mark.postgres
def test_writing_and_counting_at_once_loses_nothing(several_threads):
    day = f.ActivityFactory(
        station=f.StationFactory(area=f.area("140213001", "西街")), day=date(2023, 5, 4), closed=True
    )

    def write():
        for _ in range(12):
            f.VisitFactory(activity=day, headcount=2)

    def count():
        for _ in range(12):
            refresh()

    assert several_threads(write, write, count, count) == [None] * 4
    refresh()
    assert Tally.objects.get(path="").values["activity.visitors"] == 48
    assert list(check()) == []
