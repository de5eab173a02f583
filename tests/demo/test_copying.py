"""The other provinces of a nation: copies that stand on their own feet."""

from dataclasses import replace
from datetime import date

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.db.models import F, Min

from deputies.models import Mandate
from liaison.accounts.areas import load_areas
from liaison.accounts.models import Area
from liaison.core.models import AuditEntry, Sequence
from liaison.core.workdays import load_years
from liaison.demo.copying import Copier
from liaison.demo.scale import SIZES, Builder
from liaison.reports.metrics import figures
from stations.models import Station
from suggestions.models import Order, Request
from visits.management.commands.load_categories import load_categories
from visits.models import Activity, Attendance, Visit

pytestmark = pytest.mark.postgres

TODAY = date(2026, 11, 12)
AREAS = (
    ("140000000000", "山西省"),
    ("140200000000", "大同市"),
    ("140213000000", "平城区"),
    ("140213001000", "南关街道"),
    ("140213002000", "北关街道"),
)
OTHERS = [("11", "北京"), ("12", "天津")]


@pytest.fixture(scope="module")
def three_provinces(django_db_setup, django_db_blocker):
    """Made and copied once for all tests here: whatever they do to them, they undo."""
    with django_db_blocker.unblock(), transaction.atomic():
        make_three_provinces()
        yield
        transaction.set_rollback(True)


@pytest.fixture
def copied(three_provinces, db):
    """One province made row by row, and two copies of it."""


def make_three_provinces():
    load_years((2025, 2026))
    load_categories()
    load_areas(AREAS, source="测试")
    for path, name in OTHERS:
        load_areas(
            [(path + code[2:], name if code[2:].strip("0") == "" else of) for code, of in AREAS],
            source="测试",
        )
    size = replace(SIZES["nation"], top="14", deputies=20, sites=8, visits=20, requests=10, heavy=20)
    Builder(size, today=TODAY, years=1, requests=15).build(lambda line: None)
    Copier("14", OTHERS).copy(lambda line: None, at_once=1)


def test_every_province_has_as_much_and_is_counted_alike(copied):
    for thing in (Station, Mandate, Activity, Visit, Request, Order):
        numbers = {
            path: thing.objects.filter(area_path__startswith=path).count() for path in ("14", "11", "12")
        }
        assert len(set(numbers.values())) == 1, thing
        assert numbers["14"], thing
    first, last = date(2025, 6, 1), date(2026, 7, 31)
    model, other = (
        {one.code: one.value for one in figures(Area.objects.get(path=path), first, last)}
        for path in ("1402", "1102")
    )
    assert model["network.mandates"] == other["network.mandates"] == 20
    assert other["activity.parties"] == pytest.approx(model["activity.parties"], abs=5)
    assert model["activity.parties"]


def test_each_key_of_a_copy_leads_to_a_row_of_its_province(copied):
    tables = connection.introspection.table_names()
    with connection.cursor() as cursor:
        for model in apps.get_models():
            for field in model._meta.local_concrete_fields:
                if not field.is_relation or model._meta.db_table not in tables:
                    continue
                there = field.related_model._meta
                cursor.execute(
                    f'SELECT count(*) FROM "{model._meta.db_table}" a WHERE "{field.column}" IS NOT NULL AND NOT EXISTS '
                    f'(SELECT FROM "{there.db_table}" b WHERE b."{there.pk.column}" = a."{field.column}")'
                )
                assert cursor.fetchone() == (0,), f"{model.__name__}.{field.name}"
    assert not Request.objects.exclude(area_path=F("station__area_path")).exists()
    assert not Request.objects.exclude(area_path=F("area__path")).exists()
    assert not Attendance.objects.exclude(mandate__area_path__startswith="14").filter(
        activity__area_path__startswith="14"
    )
    assert not Order.objects.filter(department__area_path__startswith="14").exclude(
        area_path__startswith="14"
    )
    heard = AuditEntry.objects.filter(object_type="visits.visit", area_path__startswith="11").first()
    assert Visit.objects.get(pk=heard.object_id).area_path == heard.area_path


def test_the_next_record_of_a_copy_gets_the_next_number(copied):
    station = Station.objects.filter(area_path__startswith="12", visits__isnull=False).first()
    day = station.visits.latest("day").day
    there = station.visits.filter(day=day).count()
    heard = Visit(station=station, day=day, text="又来一位。", outcome="NOTED").enter(by=None)
    assert heard.serial == there + 1
    last = Request.objects.latest("received_on")
    Request(
        station=station, channel="PHONE", title="灯", text="路灯不亮。", received_on=last.received_on
    ).enter(by=None)
    assert Sequence.objects.filter(name__startswith="activity:2026").exists()


def test_every_index_is_back_and_the_dates_lie_a_few_days_earlier(copied):
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, "suggestions_request")
    for index in Request._meta.indexes:
        assert found[index.name]["index"], index.name
    assert found["requests_by_phrases"]["index"]
    assert any(one["unique"] and one["columns"] == ["number"] for one in found.values())
    first = {
        path: Visit.objects.filter(area_path__startswith=path).aggregate(day=Min("day"))["day"]
        for path in ("14", "11")
    }
    assert (first["14"] - first["11"]).days == 1


def test_provinces_that_are_not_laid_out_like_the_model_are_refused(db):
    load_areas(AREAS, source="测试")
    load_areas([("130000000000", "河北省")], source="测试")
    with pytest.raises(ValueError, match="the areas of 13"):
        Copier("14", [("13", "河北")])
