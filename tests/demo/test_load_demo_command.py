"""manage.py load_demo and load_categories: never into a database that holds something."""

from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests import factories as f
from visits.models import Category

pytestmark = [pytest.mark.once, pytest.mark.long]

TODAY = date(2026, 11, 12)


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
