"""What each figure of suggestions counts, by cases counted by hand; each opens its records."""

from datetime import UTC, date, datetime

import pytest

from deputies.models import Congress, Mandate
from liaison.reports.metrics import figures, records
from suggestions.models import Evaluation, Meeting, SuggestionItem
from tests import factories as f

FIRST, LAST = date(2023, 9, 1), date(2023, 9, 30)
IN, BEFORE, AFTER = date(2023, 9, 11), date(2023, 8, 31), date(2023, 10, 1)


def ask(area, first=FIRST, last=LAST, post=None, **more):
    found = figures(area, first, last, post, **more)
    return {fig.code.removeprefix("suggestions."): fig for fig in found if fig.metric.group == "suggestions"}


def counted(area, **more):
    return {name: fig.value for name, fig in ask(area, **more).items() if fig.value}


@pytest.fixture
def piece(people):
    """A suggestion of the county's deputy, handed in and taken up before the month."""

    Congress.objects.update(area=people.county)
    lead = Mandate.objects.select_related("term__congress__area").get(pk=people.deputy.mandate.pk)

    def made(**fields):
        early = {"written_on": BEFORE, "submitted_on": BEFORE, "accepted_on": BEFORE}
        state = {"state": "HANDLING", "created_at": datetime(2023, 8, 1, tzinfo=UTC)}
        return f.SuggestionFactory(**{"lead": lead} | early | state | fields)

    return made


def mark(found, by, *, attitude="SATISFIED", result="SATISFIED", on=IN, turn=1):
    Evaluation.objects.create(
        suggestion=found, round=turn, mandate=found.lead, on=on, attitude=attitude, result=result, by=by
    )


def test_pieces_and_items_belong_to_the_day_on_which_they_were_handed_in(people, piece):
    for on in (BEFORE, FIRST, LAST, AFTER):
        piece(submitted_on=on)
    motion = piece(submitted_on=IN, accepted_on=AFTER, kind="MOTION", state="WITHDRAWN")
    for position in (2, 3, 4):
        SuggestionItem.objects.create(suggestion=motion, position=position, text="再办一件。")
    piece(submitted_on=IN).items.all().delete()
    for state in ("SUBMITTED", "RETURNED", "LETTER"):
        piece(submitted_on=IN, accepted_on=None, state=state)

    assert counted(people.county) == {"pieces": 4, "items": 1 + 1 + 4 + 1, "motions": 1}
    assert ask(people.county)["motions"].base == 4
    listed = records("suggestions.items", people.county, FIRST, LAST)
    assert sorted(row.pieces_items for row in listed) == [1, 1, 1, 4]


def test_key_counts_on_the_day_of_the_decision(people, piece):
    for on in (BEFORE, IN, LAST, AFTER):
        piece(key_on=on)
    assert counted(people.county) == {"key": 2}


def test_answers_count_on_their_first_day_with_the_class_that_stands(people, piece):
    for letter in "AABCD":
        piece(replied_on=IN, answer_class=letter, state="DELIVERED")
    piece(replied_on=FIRST, answer_class="B", state="REHANDLING", round=2)
    piece(replied_on=BEFORE, answer_class="A")
    piece(answer_class="A", state="COUNTERSIGN")  # not countersigned yet

    assert counted(people.county) == {"replied": 6, "class_a": 2, "class_b": 2, "class_c": 1, "class_d": 1}
    assert {ask(people.county)[f"class_{letter}"].base for letter in "abcd"} == {6}


def test_met_is_who_spoke_with_each_other_before_the_answer(people, piece):
    unit = f.DepartmentFactory(area=people.county)
    for way, on in (("FACE", BEFORE), ("VIDEO", IN), ("PHONE", IN), ("NONE", IN), ("FACE", LAST)):
        found = piece(replied_on=IN, answer_class="A", state="DELIVERED")
        for turn in (1, 2):
            Meeting.objects.create(
                suggestion=found, round=turn, department=unit, on=on, way=way, said="谈了", by=people.office
            )
    piece(replied_on=IN, answer_class="A", state="DELIVERED")

    met = ask(people.county)["met"]
    assert (met.value, met.base, met.percent) == (3, 6, "50.0")


def test_satisfied_is_the_first_answers_mark_of_the_lead_whatever_came_later(people, piece):
    for attitude, result in (
        ("SATISFIED", "SATISFIED"),
        ("FAIRLY", "FAIRLY"),
        ("UNSATISFIED", "SATISFIED"),
        ("SATISFIED", "UNSATISFIED"),
    ):
        mark(piece(state="EVALUATED"), people.office, attitude=attitude, result=result)
    again = piece(state="CLOSED", round=2)
    mark(again, people.office, result="UNSATISFIED", on=BEFORE)
    mark(again, people.office, turn=2)
    mark(piece(state="EVALUATED"), people.office, on=AFTER)
    other = piece(state="DELIVERED", cosigners=[people.deputy_colleague.mandate])
    Evaluation.objects.create(
        suggestion=other, round=1, mandate=people.deputy_colleague.mandate, on=IN, attitude="SATISFIED",
        result="SATISFIED", by=people.office,
    )  # fmt: skip

    found = ask(people.county)
    assert (found["evaluated"].value, found["satisfied_first_round"].value) == (4, 2)
    assert found["satisfied_first_round"].base == 4


def test_overdue_is_whose_last_day_went_by_also_where_it_was_answered_later(people, piece):
    unit = f.DepartmentFactory(area=people.county)
    for fields in (
        {},
        {"replied_on": AFTER, "state": "REPLIED"},
        {"replied_on": IN, "state": "REPLIED"},
        {"due_on": AFTER},
        {"state": "CANCELLED"},
        {"share": "HELPER"},
    ):
        order = {"due_on": IN, "issued_on": BEFORE} | fields
        f.OrderFactory(suggestion=piece(), department=unit, **order)
    assert counted(people.county) == {"overdue": 2}


def test_who_asks_sees_what_that_post_may_see(people, piece):
    piece(submitted_on=IN)
    assert ask(people.city)["pieces"].value == 1
    assert ask(people.county, post=people.auditor)["pieces"].value == 1
    assert ask(people.town, post=people.station)["pieces"].value == 1, "of its own deputies"


def test_livelihood_counts_requests_that_ended_solved(people):
    for state, solved, on in (
        ("ANSWERED_ON_SPOT", "YES", IN),
        ("CLOSED", "YES", LAST),
        ("CLOSED", "YES", AFTER),
        ("CLOSED", "PARTLY", IN),
        ("RATED", "YES", None),
        ("WITHDRAWN", "", IN),
    ):
        f.RequestFactory(station=people.own, received_on=BEFORE, state=state, solved=solved, closed_on=on)
    [found] = figures(people.county, FIRST, LAST, codes=("results.livelihood",))
    assert found.value == records("results.livelihood", people.county, FIRST, LAST).count() == 2


@pytest.mark.once
def test_page_and_rest_open_the_records_of_each_figure(as_, people, piece):
    found = piece(submitted_on=IN, number="140213-2023-0001")
    SuggestionItem.objects.create(suggestion=found, position=2, text="再办一件。")
    client = as_(people.office)
    query = "area=140213000000&from=2023-09-01&to=2023-09-30"

    board = client.get(f"/figures/?{query}").content.decode()
    assert "代表建议" in board
    assert f"/figures/suggestions.items/?{query}".replace("&", "&amp;") in board
    page = client.get(f"/figures/suggestions.items/?{query}").content.decode()
    assert "建议的条数 2 条" in page
    assert f'<a href="/suggestions/{found.pk}/">140213-2023-0001</a>' in page
    told = {row["code"]: row for row in client.get(f"/api/v1/figures/?{query}").json()["figures"]}
    [row] = client.get(told["suggestions.items"]["records"]).json()["results"]
    assert (row["number"], row["value"]) == ("140213-2023-0001", 2)
