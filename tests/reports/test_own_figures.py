"""One's own figures: a deputy's and a department's, with the records behind each, and nobody else's."""

from datetime import date

import pytest
from django.urls import reverse

from liaison.accounts.models import Role
from liaison.reports.own.board import OWN, OwnBoard
from tests import factories as f

pytestmark = pytest.mark.django_db
FIRST, LAST, IN = date(2023, 9, 1), date(2023, 9, 30), date(2023, 9, 11)


def own(post):
    return {figure.code: figure.value for figure, _ in OwnBoard(post, FIRST, LAST).figures if figure.value}


@pytest.fixture
def month(people):
    """A reception with two deputies, each of whom received somebody; two requests, one for each of two departments."""
    day = f.ActivityFactory(station=people.own, day=IN, closed=True)
    bureau, other = (f.DepartmentFactory(area=people.county) for _ in range(2))
    f.DepartmentStaffFactory(department=bureau, post=people.unit)
    for post, department, headcount in ((people.deputy, bureau, 3), (people.deputy_colleague, other, 5)):
        f.AttendanceFactory(activity=day, mandate=post.mandate, state="PRESENT")
        visit = f.VisitFactory(activity=day, received_by=post.mandate, headcount=headcount)
        steps = dict.fromkeys(("dispatched_on", "accepted_on", "replied_on"), IN)
        request = f.RequestFactory(
            visit=visit,
            station=people.own,
            received_on=IN,
            department=department,
            solved="YES",
            state="REPLIED",
            **steps,
        )
        f.OrderFactory(request=request, department=department, state="REPLIED", issued_on=IN)


def test_a_deputy_reads_the_deputys_own(people, month):
    assert own(people.deputy) == {
        "activity.attendances": 1, "activity.visitors": 3, "requests.received": 1, "requests.replied": 1,
    }  # fmt: skip
    assert own(people.deputy_colleague)["activity.visitors"] == 5


def test_a_department_reads_what_was_dispatched_to_it(people, month):
    assert own(people.unit) == {
        "requests.dispatched": 1, "requests.accepted": 1, "requests.replied": 1, "requests.solved": 1,
    }  # fmt: skip


@pytest.mark.parametrize("who", ["deputy", "unit"])
def test_every_number_opens_as_many_records(people, month, client, who):
    post = getattr(people, who)
    client.force_login(post.user)
    for figure, url in OwnBoard(post, FIRST, LAST).figures:
        page = client.get(url)
        assert page.status_code == 200
        rows = page.context.get("rows") or []
        if figure.code not in ("activity.visitors", "requests.median_days"):
            assert len(rows) == figure.value, figure.code
    page = client.get(reverse("own:board"), {"from": FIRST, "to": LAST}).content.decode()
    assert "不和别人比" in page


@pytest.mark.once
def test_other_figures_are_not_ones_own(people, client):
    client.force_login(people.deputy.user)
    others = set(OWN[Role.UNIT]) - set(OWN[Role.DEPUTY]) | {"network.persons", "nothing"}
    assert {client.get(reverse("own:records", args=[code])).status_code for code in others} == {404}


@pytest.mark.once
def test_a_wrong_period_is_refused_in_words(people, client):
    client.force_login(people.unit.user)
    page = client.get(reverse("own:board"), {"from": LAST, "to": FIRST})
    assert page.status_code == 422
    assert "结束日期不能早于开始日期" in page.content.decode()
