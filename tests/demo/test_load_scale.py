"""manage.py load_scale: the sizes of model.md §9, skewed, and fit to go on from."""

from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Count, F

from deputies.models import FixedVoter, Mandate, QrToken
from liaison.accounts.models import Post
from liaison.demo.scale import SIZES, VOTERS
from stations.models import Station
from suggestions.models import Department, Order, Rating, Request
from visits.models import Activity, Attendance, Notice, Visit

pytestmark = pytest.mark.once

TODAY = date(2026, 11, 12)


def test_a_county_has_its_size_and_its_skew_and_an_account_at_the_busiest_station(db):
    call_command("load_scale", size="county", years=2, on=TODAY, stdout=StringIO())

    size = SIZES["county"]
    assert (Station.objects.count(), Mandate.objects.count()) == (size.sites, size.deputies)
    assert Visit.objects.count() == max(2 * size.visits, size.heavy)
    assert Request.objects.count() == pytest.approx(
        Visit.objects.count() * size.requests / size.visits, rel=0.15
    )
    visits = Station.objects.annotate(n=Count("visits")).order_by("n")
    assert visits.first().n == 0
    assert visits.last().n >= size.heavy
    assert (
        Station.objects.visible_to(Post.objects.get(user__username="station"))
        .filter(pk=visits.last().pk)
        .exists()
    )
    assert not Activity.objects.filter(day__lt=F("station__opened_on")).exists()
    assert not Attendance.objects.filter(activity__day__lt=F("mandate__from_on")).exists()

    states = dict(Request.objects.values_list("state").annotate(n=Count("pk")))
    assert states["CLOSED"] > 0.8 * Request.objects.count()
    assert {"HANDLING", "ANSWERED_ON_SPOT", "NOT_ACCEPTED"} <= states.keys()
    assert Order.objects.count() == Request.objects.filter(dispatched_on__isnull=False).count()
    assert Rating.objects.count() == Request.objects.filter(rated_on__isnull=False).count() > 0
    assert Request.objects.overdue(TODAY).exists()
    busiest = Department.objects.annotate(n=Count("orders")).order_by("-n").first()
    assert Order.objects.filter(department=busiest).count() > 0.3 * Order.objects.count()
    assert Order.objects.visible_to(Post.objects.get(user__username="unit")).count() == busiest.n

    announced = Activity.objects.filter(announced_on__isnull=False)
    assert Notice.objects.count() == announced.filter(told_day=F("day")).count() == announced.count() > 0
    assert QrToken.objects.filter(station__isnull=False).count() == size.sites
    assert FixedVoter.objects.count() == VOTERS * len(range(0, size.deputies, 4))

    station = visits.last()
    day = station.visits.latest("day").day
    there = station.visits.filter(day=day).count()
    assert (
        Visit(station=station, day=day, text="又来一位。", outcome="NOTED").enter(by=None).serial == there + 1
    )


def test_numbers_published_for_each_size_are_those_of_the_model():
    assert {name: (size.deputies, size.sites) for name, size in SIZES.items()} == {
        "county": (600, 66),
        "city": (7_600, 522),
        "province": (150_000, 12_800),
        "nation": (2_770_000, 280_000),
    }
    assert (SIZES["nation"].visits, SIZES["nation"].requests) == (2_500_000, 1_000_000)


def test_a_database_with_stations_is_refused(people):
    with pytest.raises(CommandError, match="只能载入空数据库"):
        call_command("load_scale", size="county")
