"""What waits in suggestions and livelihood projects stands on the home page of whoever is to act, with its list."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from deputies.models import Congress, Mandate
from liaison.dashboards.views import LINES
from tests import factories as f

pytestmark = pytest.mark.once
TODAY = timezone.localdate()
KPI = re.compile(r'<dt>(?:<svg.*?</svg>)?([^<]+)</dt><dd><a href="([^"]+)">(\d+)', re.S)


@pytest.fixture
def house(people):
    """A suggestion in each state of interest, of the county's deputy, all with 住建局; three projects."""
    Congress.objects.update(area=people.county)
    lead = Mandate.objects.select_related("term__congress__area").get(pk=people.deputy.mandate.pk)
    second = Mandate.objects.get(pk=people.deputy_colleague.mandate.pk)
    bureau = f.DepartmentFactory(area=people.county, name="平城区住建局")
    other = f.DepartmentFactory(area=people.county)
    f.DepartmentStaffFactory(department=bureau, post=people.unit)
    early = TODAY - timedelta(days=200)
    for state, more in {
        "SUBMITTED": {},
        "ACCEPTED": {},
        "HANDLING": {"due_on": TODAY - timedelta(days=1)},
        "ASSIGNED": {"objection": "应由热力公司办", "due_on": TODAY},
        "COUNTERSIGN": {},
        "REPLIED": {},
        "EVALUATED": {"result": "UNSATISFIED"},
        "TRACKING": {"promised_on": TODAY},
        "DELIVERED": {},
        "RETURNED": {"number": ""},
        "CLOSED": {},
    }.items():
        found = f.SuggestionFactory(lead=lead, state=state, submitted_on=early, cosigners=[second], **more)
        if state in ("REPLIED", "TRACKING"):
            f.OrderFactory(suggestion=found, department=bureau, state="REPLIED")
    helped = f.SuggestionFactory(lead=lead, state="REPLIED")
    f.OrderFactory(suggestion=helped, department=other, state="REPLIED")
    f.OrderFactory(suggestion=helped, department=bureau, share="HELPER", state="OPINED")
    f.SuggestionFactory(
        lead=lead, state="SUBMITTED", number="", withdrawal_asked_on=TODAY, cosigners=[second], title="撤回的"
    )
    for state, planned in (("CHOSEN", -3), ("UNDER_WAY", 9), ("DONE", 9)):
        f.ProjectFactory(
            area=people.county, department=bureau, state=state, planned_on=TODAY + timedelta(days=planned)
        )
    f.ProjectFactory(
        area=people.county,
        department=bureau,
        state="CHECKED",
        planned_on=early,
        done_on=TODAY,
        started_on=early,
    )  # late for ever, but nothing waits
    return people


def waiting(client):
    """What waits, below the figures of the month that stand at the top of an office's page."""
    page = client.get("/").content.decode().rpartition("本月收到诉求")[2]
    return {label.strip(): (url.replace("&amp;", "&"), int(count)) for label, url, count in KPI.findall(page)}


def test_the_office_counts_each_and_the_list_behind_holds_as_many(as_, house):
    client = as_(house.office)
    found = waiting(client)

    assert {label: count for label, (_, count) in found.items()} == {
        "超期未答复": 1, "待审查": 2, "待交办": 1, "代表有异议": 1, "待核签": 1, "待送达代表": 2, "代表不满意": 1, "承诺到期": 1,
        "到期没有完工": 1, "没有落实三个一": 3, "完工待检查": 1,
    }  # fmt: skip
    for url, count in found.values():
        assert client.get(url).content.decode().count('<th scope="row"') == count, url


def test_a_department_counts_what_it_is_to_deliver_and_to_begin(as_, house):
    client = as_(house.unit)
    found = waiting(client)

    assert {label: count for label, (_, count) in found.items()} == {
        "待送达代表": 1, "承诺到期": 1, "到期没有完工": 1, "待开工": 1,
    }  # fmt: skip
    for url, count in found.values():
        assert client.get(url).content.decode().count('<th scope="row"') == count, url


def test_a_deputy_is_asked_to_mend_to_mark_and_to_agree(as_, house):
    lead = as_(house.deputy).get("/").content.decode()
    assert "要办 2" in lead
    assert "请您评价" in lead
    assert "退回了，请您改好再提" in lead
    assert "请您同意撤回" not in lead
    second = as_(house.deputy_colleague)
    for address in ("/", "/suggestions/"):
        assert "请您同意撤回" in second.get(address).content.decode()
    assert "没有要办的事" not in second.get("/").content.decode()


def test_a_deputy_is_told_how_many_wait_though_the_page_lists_the_first(as_, house):
    lead = Mandate.objects.select_related("term__congress__area").get(pk=house.deputy.mandate.pk)
    more = {"lead": lead, "state": "RETURNED", "number": ""}
    for _ in range(LINES):
        f.SuggestionFactory(**more)
    page = as_(house.deputy).get("/")
    assert page.context["todo"] == LINES + 2
    assert len(page.context["suggestions"]) == LINES
