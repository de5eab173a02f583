"""What each figure of requests counts: the day of its step decides, first times only, and each opens its records."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from liaison.reports.metrics import Ask, figures, five_orders, records
from suggestions.models import Rating
from tests import factories as f

FIRST, LAST = date(2023, 9, 1), date(2023, 9, 30)
IN, BEFORE, AFTER = date(2023, 9, 11), date(2023, 8, 31), date(2023, 10, 1)


def ask(area, first=FIRST, last=LAST, post=None, **more):
    found = figures(area, first, last, post, **more)
    return {fig.code.removeprefix("requests."): fig.value for fig in found if fig.metric.group == "requests"}


def counted(area, **more):
    return {name: value for name, value in ask(area, **more).items() if value}


def request(people, **fields):
    return f.RequestFactory(**{"station": people.own, "received_on": BEFORE} | fields)


def rated(people, attitude="SATISFIED", result="SATISFIED", on=IN, **fields):
    row = request(people, rated_on=on, state="RATED")
    Rating.objects.create(
        request=row, round=1, on=on, attitude=attitude, result=result, solved="YES", **fields
    )
    return row


@pytest.mark.parametrize(
    ("column", "code"),
    [
        ("dispatched_on", "dispatched"),
        ("accepted_on", "accepted"),
        ("followed_on", "followed"),
        ("fed_back_on", "fed_back"),
        ("rated_on", "rated"),
    ],
)
def test_a_step_counts_in_the_period_of_its_day_whenever_the_request_came(people, column, code):
    for day in (BEFORE, FIRST, LAST, AFTER):
        request(people, **{column: day})

    assert counted(people.county) == {code: 2}
    assert set(records(f"requests.{code}", people.county, FIRST, LAST).values_list(column, flat=True)) == {
        FIRST,
        LAST,
    }


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ("ANSWERED_ON_SPOT", "on_spot"),
        ("NOT_ACCEPTED", "not_accepted"),
        ("CLOSED", "closed"),
        ("WITHDRAWN", ""),
    ],
)
def test_each_way_to_end_is_counted_apart(people, state, code):
    for day in (BEFORE, IN, AFTER):
        request(people, state=state, closed_on=day)

    assert counted(people.county) == ({code: 1} if code else {})


def test_received_and_solved_and_the_median_of_days(people):
    for days, solved in ((1, "YES"), (4, "PARTLY"), (7, "YES"), (20, "")):
        request(people, received_on=IN, replied_on=IN + timedelta(days=days), solved=solved)
    request(people, received_on=FIRST, replied_on=LAST, solved="YES")
    request(people, received_on=LAST, replied_on=AFTER, solved="YES")

    found = ask(people.county, last=date(2023, 9, 29))
    assert (found["received"], found["replied"], found["solved"]) == (5, 3, 2)
    assert found["median_days"] == 4
    assert ask(people.county)["median_days"] == 6  # 1 4 7 29
    assert (
        ask(people.county, first=date(2023, 9, 12), last=date(2023, 9, 17))["median_days"] == 3
    )  # of 1 and 4
    assert ask(people.county, BEFORE, BEFORE)["median_days"] == 0


def test_satisfied_is_who_was_so_with_both_when_rating_first_and_assisted_what_was_taken_down(people):
    rated(people)
    rated(people, attitude="FAIRLY", how="PHONE", by=people.station)
    rated(people, result="UNSATISFIED")
    rated(people, attitude="UNSATISFIED", how="PAPER")  # taken down too, though nobody's post is known
    rated(people, on=AFTER)
    again = rated(people, result="UNSATISFIED", on=BEFORE)
    Rating.objects.create(
        request=again, round=2, on=IN, attitude="SATISFIED", result="SATISFIED", solved="YES"
    )

    found = {fig.code: fig for fig in figures(people.county, FIRST, LAST)}
    assert found["requests.rated"].value == 4
    assert (found["requests.satisfied"].value, found["requests.satisfied"].base) == (2, 4)
    assert (found["requests.assisted"].value, found["requests.assisted"].percent) == (2, "50.0")


def test_overdue_is_what_went_past_its_last_day_also_where_it_was_answered_later(people):
    unit = f.DepartmentFactory(area=people.county)

    def order(due_on=IN, **fields):
        f.OrderFactory(request=request(people), department=unit, due_on=due_on, issued_on=BEFORE, **fields)

    order()
    order(replied_on=AFTER, state="REPLIED")
    order(replied_on=IN, state="REPLIED")
    order(due_on=AFTER)
    order(state="RETURNED")
    order(share="HELPER")
    late_again = request(people, replied_on=BEFORE)
    for number in (1, 2):
        f.OrderFactory(
            request=late_again, department=unit, round=number, due_on=IN, issued_on=IN,
            replied_on=IN if number == 1 else None,
        )  # fmt: skip

    assert (ask(people.county)["overdue"], ask(people.county)["rehandled"]) == (3, 1)
    today = timezone.localdate()
    f.OrderFactory(request=request(people), department=unit, due_on=today)
    assert ask(people.county, today, today)["overdue"] == 0  # there is still time today


def test_the_five_orders_show_what_was_done_and_what_became_of_those_received(people):
    request(people, dispatched_on=IN, accepted_on=IN)
    request(people, received_on=IN, dispatched_on=IN, accepted_on=AFTER)
    request(people, received_on=LAST)

    both = {
        o.name: (o.in_period.value, o.of_received.value) for o in five_orders(Ask(people.county, FIRST, LAST))
    }
    assert both == {
        "选民接单": (2, 2),
        "派单": (2, 1),
        "部门接单": (1, 1),
        "代表跟单": (0, 0),
        "选民评单": (0, 0),
    }
    for order in five_orders(Ask(people.county, FIRST, LAST, people.office)):
        code = order.of_received.code
        rows = records(code, people.county, FIRST, LAST, people.office, cohort=True)
        assert rows.count() == order.of_received.value


@pytest.mark.once
def test_the_page_opens_both_lists_and_neither_tells_what_was_said(as_, people):
    client = as_(people.office)
    mine = request(people, received_on=IN, dispatched_on=AFTER, number="2023-0911-0001")
    request(people, dispatched_on=IN, number="2023-0831-0001")
    f.RequestFactory(station=people.other, received_on=IN, dispatched_on=IN)
    query = "area=140213000000&from=2023-09-01&to=2023-09-30"
    board = client.get(f"/figures/?{query}").content.decode()
    assert "五单流转" in board
    for kind, there, missing in (("received", mine.number, "0831"), ("step", "2023-0831-0001", "0911")):
        link = f"/figures/requests.dispatched/?{query}&by={kind}"
        assert kind == "step" or link.replace("&", "&amp;") in board
        page = client.get(link).content.decode()
        assert "派单 1 件" in page
        assert there in page
        assert missing not in page
        assert "室温" not in page


def test_a_station_gets_its_own_requests_and_the_city_all(people):
    for station in (people.own, people.sibling, people.other):
        f.RequestFactory(station=station, received_on=IN)

    assert ask(people.county, post=people.station)["received"] == 1
    assert ask(people.county, post=people.office)["received"] == 2
    assert ask(people.city)["received"] == 3
