"""The district whose five orders were published: its totals, in the figures that count them."""

from datetime import date
from io import StringIO

import pytest
from django.contrib.auth import authenticate
from django.core.management import call_command
from django.test import RequestFactory

from liaison.accounts.models import Area, Post
from liaison.demo.scenarios import SCENARIOS
from liaison.reports.metrics import figures
from stations.models import Station

TODAY = date(2026, 11, 12)
HISTORY = SCENARIOS["luzhou"].history


@pytest.mark.once
@pytest.mark.long
def test_the_district_has_the_totals_that_it_published_and_accounts_the_password_that_was_given(
    db, monkeypatch
):
    out = StringIO()
    monkeypatch.setenv("DEMO_PASSWORD", "Beimen-7421-hu")
    call_command("load_demo", scenario="luzhou", on=TODAY.isoformat(), stdout=out)

    for code in ("140403", "1404"):
        found = figures(Area.objects.get(code=code.ljust(12, "0")), *HISTORY)
        values = {figure.code: figure.value for figure in found}
        assert values["network.stations"] + values["network.points"] == 66
        assert values["network.mandates"] == values["network.persons"] == values["network.assigned"] == 612
        assert (values["activity.deputies_present"], values["activity.visitors"]) == (264, 658)
        orders = ("received", "dispatched", "accepted", "followed", "rated")
        assert [values[f"requests.{name}"] for name in orders] == [235, 235, 230, 230, 205]
        satisfied = next(figure for figure in found if figure.code == "requests.satisfied")
        assert satisfied.base == 205
        assert satisfied.percent == "98.0"
    assert "派单 235，接单 230，跟单 230，评单 205" in out.getvalue()
    assert not Station.objects.exclude(area_path__startswith="1404").exists()
    assert "潞州区" in out.getvalue()
    posts = Post.objects.filter(user__username__in=("office", "unit"))
    assert set(posts.values_list("area__name", flat=True)) == {"潞州区"}

    signing_in = RequestFactory().post("/login/")
    assert authenticate(signing_in, username="office", password="Beimen-7421-hu")
    assert "密码见 DEMO_PASSWORD" in out.getvalue()
