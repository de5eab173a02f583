"""The whole city, loaded once: the totals that it published, in every figure and list that counts them."""

from datetime import date
from io import StringIO

import pytest
from django.core.management import call_command
from django.db.models import Count

from deputies.models import AssignmentProposal, GroupMembership
from liaison.accounts.models import Area
from liaison.demo.scenarios import CITY, SCENARIOS
from liaison.reports.metrics import figures, records
from suggestions.models import Suggestion
from visits.models import Attendance

TODAY = date(2026, 11, 12)
HISTORY = SCENARIOS["datong"].history


@pytest.mark.once
@pytest.mark.long
def test_the_city_has_the_totals_that_it_published(db, django_assert_max_num_queries):
    call_command("load_demo", scenario="datong", on=TODAY.isoformat(), stdout=StringIO())
    city = Area.objects.get(code=CITY)

    with django_assert_max_num_queries(22):
        values = {figure.code: figure.value for figure in figures(city, *HISTORY)}

    assert (values["network.stations"], values["network.points"]) == (142, 380)
    assert (values["network.mandates"], values["network.assigned"]) == (7600, 7600)
    assert values["activity.visitors"] == sum(
        records("activity.visitors", city, *HISTORY).values_list("headcount", flat=True)
    )
    assert values["activity.visitors"] == 5801
    assert values["network.townships"] == values["network.townships_covered"] == 126
    assert (values["requests.received"], values["requests.closed"]) == (2017, 1548)
    assert values["requests.received"] > values["requests.dispatched"] > values["requests.accepted"]
    assert values["requests.accepted"] > values["requests.replied"] > values["requests.rated"]
    assert 0 < values["requests.overdue"] < values["requests.replied"] // 5
    assert [values[f"suggestions.{code}"] for code in ("pieces", "items", "key", "replied")] == [
        120,
        437,
        10,
        120,
    ]
    assert sum(values[f"suggestions.class_{letter}"] for letter in "abcd") == 120
    assert 100 < values["suggestions.satisfied_first_round"] < values["suggestions.evaluated"] <= 120
    assert values["suggestions.met"] < 120
    assert 0 < values["suggestions.overdue"] < 6
    assert values["results.livelihood"] > 1000
    session = Suggestion.objects.filter(session__number=6)
    assert (session.filter(kind="MOTION").count(), session.exclude(kind="MOTION").count()) == (1, 210)
    assert (session.exclude(key_on=None).count(), session.filter(delivered_on=None).count()) == (10, 0)
    assert session.get(kind="MOTION").signed_by().count() >= 10
    assert set(session.values_list("state", flat=True)) == {"ARCHIVED", "TRACKING"}
    assert GroupMembership.objects.filter(group__kind="PROFESSIONAL").count() == 345
    training = Attendance.objects.present().filter(activity__theme="新任代表履职学习班")
    assert training.count() == 110
    assert len(records("network.mandates", city, *HISTORY).values("level").annotate(n=Count("pk"))) == 5
    proposal = AssignmentProposal.objects.get()
    before, after = proposal.figures["before"], proposal.figures["after"]
    assert (proposal.figures["mandates"], proposal.figures["sites"]) == (7600, 511)
    assert after["mean"] <= before["mean"]
    assert after["levels"] > before["levels"]
    assert after["one_level"] < before["one_level"]
    assert (after["unassigned"], after["empty"]) == (0, 0)
    assert proposal.least <= after["least"] <= after["most"] <= proposal.most
    assert after["spread"] < before["spread"]
    now = {figure.code: figure.value for figure in figures(city, TODAY, TODAY)}
    assert (now["network.mandates"], now["network.assigned"]) == (7600, 7600)
