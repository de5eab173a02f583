"""The city whose totals since 2020 were published: in every figure that counts them, over terms that ended and began."""

from datetime import date
from io import StringIO

import pytest
from django.core.management import call_command
from django.db.models import Count, F, Q

from deputies.models import Deputy, GroupMembership, Level, Mandate, StationAssignment, Term
from liaison.accounts.models import Area
from liaison.demo.scenarios import SCENARIOS
from liaison.reports.breakdown import by_area, by_month
from liaison.reports.metrics import Ask, figures, records
from stations.models import Station
from suggestions.models import Request, Suggestion
from visits.models import Activity, Attendance, Visit

TODAY = date(2026, 11, 12)
SPAN = date(2020, 1, 1), date(2023, 10, 31)
PUBLISHED = {"activity.activities": 10557, "requests.received": 5161, "results.livelihood": 3500}
WAY = "received dispatched accepted followed replied fed_back rated satisfied".split()
BEGUN = date(2019, 10, 8)


@pytest.mark.once
@pytest.mark.long
def test_the_city_has_the_totals_that_it_published_since_2020(db):
    call_command("load_demo", scenario="taiyuan", on=TODAY.isoformat(), stdout=StringIO())
    city = Area.objects.get(code="140100000000")
    ask = Ask(city, *SPAN)

    values = {figure.code: figure.value for figure in figures(city, *SPAN)}
    assert values["network.stations"] + values["network.points"] == 546
    assert values["network.townships"] == values["network.townships_covered"] == 101
    assert values["network.mandates"] == values["network.assigned"] == 4906
    levels = records("network.assigned", city, *SPAN).values_list("level").annotate(n=Count("pk"))
    assert set(dict(levels)) == set(Level)
    assert sum(dict(levels).values()) == 4906
    assert {code: values[code] for code in PUBLISHED} == PUBLISHED

    # The same in the records, in the months, in the counties, and in the years.
    assert {code: records(code, city, *SPAN).count() for code in PUBLISHED} == PUBLISHED
    months = by_month(ask, tuple(PUBLISHED))
    counties = by_area(ask, tuple(PUBLISHED))
    years = [
        {figure.code: figure.value for figure in figures(city, date(year, 1, 1), last)}
        for year, last in [(year, date(year, 12, 31)) for year in (2020, 2021, 2022)] + [(2023, SPAN[1])]
    ]
    for code, total in PUBLISHED.items():
        assert sum(row.values[code] for row in months) == total
        assert sum(row.values[code] for row in counties) == total
        assert sum(year[code] for year in years) == total
    held = [row.values["activity.activities"] for row in months]
    assert len(held) == 46
    assert max(held[1:3]) < 20  # February and March 2020
    assert min(held[:1] + held[3:]) > 150
    assert all(4700 < year["network.mandates"] <= 4906 for year in years)
    assert all(year["network.assigned"] == year["network.mandates"] for year in years)
    funnel = [values[f"requests.{step}"] for step in WAY]
    assert funnel == sorted(funnel, reverse=True)
    assert values["requests.closed"] > values["results.livelihood"] - values["requests.on_spot"]
    assert 3 < values["activity.visitors"] / 4906 < 4  # 0.9 a deputy and year

    # Who came held the mandate on that day, at a site that was open; none is told of Datong's suggestions.
    assert not Attendance.objects.filter(
        Q(activity__day__lt=F("mandate__from_on")) | Q(activity__day__gt=F("mandate__to_on"))
    ).exists()
    assert not Activity.objects.filter(day__lt=F("station__opened_on")).exists()
    assert not Visit.objects.filter(day__lt=F("station__opened_on")).exists()
    received = Visit.objects.filter(received_by__isnull=False)
    assert not received.filter(
        Q(day__lt=F("received_by__from_on")) | Q(day__gt=F("received_by__to_on"))
    ).exists()
    followed = Request.objects.filter(followed_on__isnull=False)
    assert not followed.filter(
        Q(followed_on__lt=F("follower__from_on")) | Q(followed_on__gt=F("follower__to_on"))
    ).exists()
    assert not Suggestion.objects.filter(area=city).exists()

    # The terms before: each ended the day before the next, and so did who was not elected again.
    assert Term.objects.exclude(to_on=None).count() == Term.objects.filter(to_on=None).count()
    former = Mandate.objects.exclude(term__to_on=None)
    assert former.count() == 4906
    assert not former.filter(Q(to_on=None) | Q(to_on__gt=F("term__to_on"))).exists()
    assert set(former.filter(to_on=F("term__to_on")).values_list("end_reason", flat=True)) == {"TERM"}
    both = Deputy.objects.filter(mandates__in=former).filter(mandates__term__to_on=None).distinct()
    assert 1500 < both.count() < 3000
    places = StationAssignment.objects.all()
    assert not places.filter(Q(from_on__lt=F("mandate__from_on")) | Q(to_on__gt=F("mandate__to_on"))).exists()
    assert not places.filter(from_on__lt=F("station__opened_on")).exists()
    assert not GroupMembership.objects.filter(Q(from_on__lt=BEGUN) | Q(to_on__lt=F("from_on"))).exists()
    assert Attendance.objects.present().filter(mandate__in=former).values("mandate").distinct().count() > 3000
    assert Station.objects.get(code="TY00").name == "太原市人大代表之家"
    assert set(SCENARIOS["taiyuan"].counties[0].mandates) == set(Level)
