"""House rules that are checked at every start, and doors that every view stands behind."""

import pytest
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.test import RequestFactory
from django_htmx.middleware import HtmxDetails

from liaison.accounts.models import Role
from liaison.core.access import EVERYBODY, roles
from liaison.core.checks import every_step_has_its_method, what_is_of_record_says_who_sees_it
from liaison.core.htmx import fragment
from liaison.core.workflow import Step
from stations.models import Station
from visits.models import Activity

pytestmark = pytest.mark.once


def test_the_house_is_in_order():
    assert every_step_has_its_method(None) == []
    assert what_is_of_record_says_who_sees_it(None) == []


def test_a_row_without_its_method_or_with_an_unknown_state_is_found(monkeypatch):
    row = Step("丢失", (Role.STATION,), ("PLANNED", "NOWHERE"), "GONE")
    monkeypatch.setattr(Activity, "FLOW", {"lose": row})
    said = [error.msg for error in every_step_has_its_method(None)]
    assert said == [
        "Activity.FLOW names the step “lose”, which has no method marked @step.",
        "Activity.FLOW, step “lose”: no such state ['GONE', 'NOWHERE'].",
    ]


def test_a_model_of_record_that_says_nothing_of_who_sees_it_is_found(monkeypatch):
    monkeypatch.delattr(type(Station._default_manager), "visible_to")
    monkeypatch.delattr(Station._default_manager._queryset_class, "visible_to")
    assert [error.msg for error in what_is_of_record_says_who_sees_it(None)] == [
        "Station is of record, but its manager has no visible_to()."
    ]


@roles(Role.STATION)
def view(request):
    return HttpResponse("in")


@pytest.mark.parametrize("role", EVERYBODY)
def test_the_door_lets_in_whom_it_names(people, role):
    request = RequestFactory().get("/")
    request.post = getattr(people, role.lower())
    if role == Role.STATION:
        assert view(request).content == b"in"
    else:
        with pytest.raises(PermissionDenied):
            view(request)


def test_the_door_is_shut_to_who_has_no_post():
    request = RequestFactory().get("/")
    request.post = None
    with pytest.raises(PermissionDenied):
        view(request)


@pytest.mark.parametrize(
    ("headers", "template"),
    [
        ({}, "rows.html"),
        ({"HX-Request": "true"}, "rows.html#rows"),
        ({"HX-Request": "true", "HX-History-Restore-Request": "true"}, "rows.html"),
    ],
)
def test_one_address_gives_a_page_or_its_fragment_and_says_so_to_the_browser(headers, template):
    request = RequestFactory().get("/", headers=headers)
    request.htmx = HtmxDetails(request)
    answer = fragment("rows")(lambda request: TemplateResponse(request, "rows.html"))(request)
    assert answer.template_name == template
    assert answer["Vary"] == "HX-Request"
