"""The screen on the wall: opened by a link that can be revoked, showing the figures of the board and nobody's words."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from liaison.core.context import _leave_out_values
from liaison.reports.models import ScreenLink
from tests import factories as f

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def link(people):
    made = ScreenLink(name="一楼大厅", area=people.county, by=people.office)
    made.seal()
    return made.enter(by=people.office)


@pytest.fixture
def overdue(people):
    """A confidential request and an open one, both overdue, both with words that name somebody."""
    today = timezone.localdate()
    department = f.DepartmentFactory(area=people.county, name="平城区住建局")
    for confidential in (False, True):
        visit = f.VisitFactory(
            activity=f.ActivityFactory(station=people.own, day=today, closed=True), headcount=3
        )
        f.VisitorFactory(visit=visit, name="田秀兰", phone="13900005521", address="铁路新村3号")
        request = f.RequestFactory(
            visit=visit,
            station=people.own,
            category=people.category,
            title="田秀兰家漏水",
            text="铁路新村3号漏水，电话13900005521。",
            confidential=confidential,
            received_on=today,
        )
        f.OrderFactory(
            request=request, department=department, state="ACCEPTED", due_on=today - timedelta(days=9)
        )


def opened(client, link):
    return client.get(reverse("screen:by_link", args=[link.secret]))


def test_the_wall_needs_no_account_and_shows_nobody(client, link, overdue, people):
    page = opened(client, link)

    told = page.content.decode()
    assert page.status_code == 200
    assert page["Cache-Control"] == "no-store"
    assert "<strong>6</strong> 人次" in told
    assert told.count("平城区住建局") == 1  # the confidential one is not in the list
    assert "9 天" in told
    for word in ("田秀兰", "1390000", "铁路新村", "漏水"):
        assert word not in told
    assert "/figures/" not in told  # nothing on the wall leads anywhere


def test_a_revoked_link_shows_nothing(client, link, people):
    link.revoke(by=people.office)

    page = opened(client, link)

    assert page.status_code == 404
    assert "已经停用" in page.content.decode()


def test_a_link_lives_no_longer_than_the_post_that_made_it(client, link, people):
    people.office.to_on = timezone.localdate() - timedelta(days=1)
    people.office.save()
    assert opened(client, link).status_code == 404


def test_a_link_shows_no_more_than_its_post_may_see(client, link, people):
    people.office.area = people.other_county
    people.office.save()
    assert opened(client, link).status_code == 404


def test_a_wrong_secret_opens_nothing(client, link):
    assert client.get(reverse("screen:by_link", args=["x" * 43])).status_code == 404


def test_the_log_does_not_repeat_the_secret(link):
    told = _leave_out_values(None, "", {"event": f"Not Found: /screen/{link.secret}/", "exception": ""})
    assert link.secret not in told["event"]


def test_an_office_opens_and_revokes_links_of_its_own_area(client, people):
    client.force_login(people.office.user)
    client.post(reverse("screen:links"), {"name": "大厅"})
    made = ScreenLink.objects.get()

    assert (
        reverse("screen:by_link", args=[made.secret]) in client.get(reverse("screen:links")).content.decode()
    )
    client.force_login(people.office_other.user)
    assert client.get(reverse("screen:revoke", args=[made.pk])).status_code == 404
    client.force_login(people.office.user)
    client.post(reverse("screen:revoke", args=[made.pk]))
    made.refresh_from_db()
    assert made.revoked_at is not None


def test_more_receptions_than_fit_take_turns(client, link, people, time_machine):
    time_machine.move_to("2026-03-11 09:00:00+08:00", tick=False)
    for day in range(1, 14):
        f.ActivityFactory(station=people.own, day=timezone.localdate().replace(day=day), announced=True)
    first = opened(client, link).content.decode()
    time_machine.move_to("2026-03-11 09:02:00+08:00", tick=False)
    last = opened(client, link).content.decode()

    assert "13 次，第 1/3 页" in first
    assert "3月1日" in first
    assert "第 3/3 页" in last
    assert "3月13日" in last
