"""Suggestions over REST: the same forms, steps and sight as on the pages."""

import pytest
from django.utils import timezone

from deputies.models import Congress, Mandate
from suggestions.models import Suggestion
from tests import factories as f

TODAY = timezone.localdate()


@pytest.fixture
def house(people):
    Congress.objects.update(area=people.county)
    rows = Mandate.objects.select_related("term__congress__area", "deputy__user")
    people.lead = rows.get(pk=people.deputy.mandate.pk)
    people.second = rows.get(pk=people.deputy_colleague.mandate.pk)
    people.housing = f.DepartmentFactory(area=people.county, name="平城区住建局")
    f.DepartmentStaffFactory(department=people.housing, post=people.unit)
    return people


@pytest.mark.once
def test_a_deputy_writes_and_hands_in_and_the_office_assigns(house, program):
    phone, desk = program(house.deputy), program(house.office)
    sent = {
        "kind": "SUGGESTION",
        "title": "关于修路的建议",
        "text": "东街坑洼不平。",
        "items": ["修东街", "装路灯"],
        "publishable": True,
    }
    made = phone.send("suggestions/", sent).json()
    assert [item["text"] for item in made["items"]] == ["修东街", "装路灯"]
    assert (made["state"], made["lead"], "submit" in made["steps"]) == ("DRAFT", house.lead.pk, True)
    assert desk.ask(f"suggestions/{made['id']}/").status_code == 404  # not handed in yet
    step = f"suggestions/{made['id']}/steps"
    assert phone.send(f"{step}/submit/").json()["state"] == "SUBMITTED"
    number = desk.send(f"{step}/accept/", {"kind": "SUGGESTION"}).json()["number"]
    assert number == f"140213-{TODAY:%Y}-0001"
    assigned = desk.send(f"{step}/assign/", {"lead": house.housing.pk, "share": "HELPER"}).json()
    assert (assigned["state"], assigned["department"]) == ("ASSIGNED", house.housing.pk)
    order = program(house.unit).ask(f"orders/{number}-1/").json()
    assert (order["suggestion"], order["request"], order["title"], order["months"]) == (
        made["id"], None, "关于修路的建议", 3,
    )  # fmt: skip


def test_what_is_wrong_is_answered_with_the_field(house, program):
    answer = program(house.deputy).send(
        "suggestions/", {"kind": "SUGGESTION", "title": "修路", "text": "坏了"}
    )
    assert (answer.status_code, "items" in answer.json()["fields"]) == (400, True)
    assert program(house.station).send("suggestions/", {}).status_code == 403


@pytest.mark.once
def test_an_answer_is_read_by_the_deputy_only_when_it_was_delivered(house, program):
    found = f.SuggestionFactory(lead=house.lead, state="COUNTERSIGN")
    order = f.OrderFactory(
        suggestion=found, department=house.housing, state="REPLIED", text="已换管网。", answer_class="B",
        promised_on=TODAY, signer="赵局长", contact="李工", phone="03522051234",
    )  # fmt: skip
    kept = ("answer_class", "promised_on", "signer", "contact", "phone")
    for post, text in (
        (house.deputy, ""),
        (house.station, ""),
        (house.office, "已换管网。"),
        (house.unit, "已换管网。"),
    ):
        told = program(post).ask(f"orders/{order.number}/").json()
        assert told["text"] == text
        assert all(bool(told[name]) is bool(text) for name in kept), told
    Suggestion.objects.update(state="DELIVERED")
    assert program(house.deputy).ask(f"orders/{order.number}/").json()["text"] == "已换管网。"


def test_the_list_takes_the_filters_of_the_page_and_few_queries(
    house, program, django_assert_max_num_queries
):
    here = f.RequestFactory(station=house.own)
    for _ in range(8):
        found = f.SuggestionFactory(lead=house.lead, state="HANDLING", cosigners=[house.second])
        found.requests.add(here)
    Suggestion.objects.filter(pk=found.pk).update(key_on=TODAY)
    desk = program(house.office)
    with django_assert_max_num_queries(12):
        assert [row["requests"] for row in desk.ask("suggestions/").json()["results"]] == [[here.number]] * 8
    assert [row["id"] for row in desk.ask("suggestions/", {"only": "key"}).json()["results"]] == [found.pk]


def test_the_requests_of_a_suggestion_are_named_to_who_sees_them_also_after_a_step(house, program):
    found = f.SuggestionFactory(lead=house.lead, state="SUBMITTED")
    own, other = f.RequestFactory(station=house.own), f.RequestFactory(station=house.other)
    found.requests.add(own, other)
    desk = program(house.office)
    address = f"suggestions/{found.pk}/"
    assert desk.ask(address).json()["requests"] == [own.number]
    accepted = desk.send(f"{address}steps/accept/", {"kind": "SUGGESTION"}).json()
    assert (accepted["state"], accepted["requests"]) == ("ACCEPTED", [own.number])
    for nobody in ("²", "abc", "0"):
        for things in ("suggestions", "orders"):
            assert desk.ask(f"{things}/", {"department": nobody}).json()["results"] == []
