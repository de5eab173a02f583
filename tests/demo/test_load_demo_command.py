"""manage.py load_demo and load_categories: the same each time, and never into a database that holds something."""

import hashlib
import json
from datetime import date
from io import StringIO

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import RequestFactory

from deputies.models import Deputy, Mandate
from stations.models import Station
from suggestions.models import Order, Rating, Request
from tests import factories as f
from visits.models import Activity, Category, Visit, Visitor

pytestmark = pytest.mark.once

TODAY = date(2026, 11, 12)


def digest():
    """All names, texts and numbers, but for the keys of rows."""
    whole = hashlib.sha256()
    for rows in (
        Station.objects.order_by("code").values_list("code", "name", "address", "brand", "opened_on"),
        Deputy.objects.order_by("card_no").values_list(
            "card_no", "name", "phone", "employer", "duty", "birth"
        ),
        Mandate.objects.order_by("deputy__card_no", "level").values_list(
            "deputy__card_no", "level", "area_path", "from_on"
        ),
        Activity.objects.order_by("number").values_list("number", "day", "theme", "state", "announced_on"),
        Visit.objects.order_by("station__code", "number").values_list(
            "number", "text", "outcome", "headcount", "at"
        ),
        Visitor.objects.order_by("visit__station__code", "visit__number").values_list(
            "name", "phone", "address"
        ),
        Request.objects.order_by("number").values_list("number", "title", "state", "due_on", "closed_on"),
        Order.objects.order_by("number").values_list("number", "department__name", "state", "due_on", "text"),
        Rating.objects.order_by("request__number", "round").values_list(
            "attitude", "result", "how", "reason"
        ),
    ):
        whole.update(json.dumps(list(rows), default=str, ensure_ascii=False).encode())
    return whole.hexdigest()


def test_two_runs_make_the_same_and_print_the_password_that_they_made(db, monkeypatch):
    monkeypatch.delenv("DEMO_PASSWORD", raising=False)
    made = []
    for _ in range(2):
        out = StringIO()
        with transaction.atomic():
            call_command("load_demo", scenario="county", on=TODAY.isoformat(), stdout=out)
            password = out.getvalue().partition("密码都是 ")[2].split()[0]
            signed_in = authenticate(RequestFactory().post("/login/"), username="office", password=password)
            made.append((digest(), signed_in is not None))
            transaction.set_rollback(True)

    assert made[0] == made[1]
    assert made[0][1]


def test_a_database_with_stations_is_refused(people):
    with pytest.raises(CommandError, match="只能载入空数据库") as refusal:
        call_command("load_demo", scenario="county")

    assert refusal.value.returncode == 1


@pytest.mark.parametrize("name", ["yangquan", "shanxi", ""])
def test_a_scenario_that_is_not_there_is_refused_with_those_that_are(db, name):
    with pytest.raises(CommandError, match="现有：county、datong、luzhou、taiyuan"):
        call_command("load_demo", scenario=name)


def test_a_name_of_an_account_that_is_taken_is_not_touched(db):
    f.UserFactory(username="office")

    with pytest.raises(CommandError, match="账号名"):
        call_command("load_demo", scenario="county")


# --- Categories -------------------------------------------------------------------------------------------------------


def test_categories_come_in_two_levels_with_six_phrases_and_the_first_eight_in_order(db):
    call_command("load_categories", stdout=StringIO())

    top = list(Category.objects.in_use(TODAY).top())
    assert [category.name for category in top[:8]] == "供暖 物业 道路 停车 环境 土地 医保社保 其他".split()
    assert len(top) == 24
    assert all(len(category.phrases) == 6 for category in top)
    assert all(category.children.exists() for category in top)


def test_loading_categories_again_keeps_what_a_place_has_changed(db):
    call_command("load_categories", stdout=StringIO())
    Category.objects.filter(code="01").update(name="取暖")
    out = StringIO()

    call_command("load_categories", stdout=out)

    assert "新增 0 个" in out.getvalue()
    assert Category.objects.get(code="01").name == "取暖"
