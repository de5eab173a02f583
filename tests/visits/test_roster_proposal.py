"""排班建议: fair, the same each time, explained in words, changed by staff, applied in one piece."""

import re
from collections import Counter
from datetime import date, time, timedelta
from itertools import pairwise
from urllib.parse import urlencode

import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from liaison.core.models import OutboxMessage
from liaison.core.policy import PolicyVersion
from tests import factories as f
from visits.models import Attendance
from visits.proposal import Duty, Seat, plan_of, propose

pytestmark = pytest.mark.once

FIRST = date(2026, 3, 2)
TODAY = timezone.localdate()
LEVELS = ("省", "市", "县", "乡")


def seat(person, **more):
    more.setdefault("level", LEVELS[person % 4])
    return Seat(
        mandate=more.pop("mandate", person),
        person=person,
        name=f"代表{person}",
        from_on=more.pop("from_on", f.LONG_AGO),
        **more,
    )


def weekly(number, wanted):
    return [Duty(key, FIRST + timedelta(days=7 * key), wanted) for key in range(number)]


def counts(picks):
    return Counter(pick.seat.person for pick in picks)


@settings(max_examples=60)
@given(
    persons=st.integers(1, 12),
    days=st.integers(1, 12),
    wanted=st.integers(1, 4),
    past=st.integers(0, 5),
    mixed=st.booleans(),
)
def test_where_nobody_is_restricted_duties_differ_by_one_at_most(persons, days, wanted, past, mixed):
    picks = propose(
        weekly(days, wanted), [seat(person, recent=past) for person in range(persons)], mixed=mixed
    )
    given_out = counts(picks)
    shares = [given_out[person] for person in range(persons)]
    assert max(shares) - min(shares) <= 1
    assert sum(shares) == days * min(wanted, persons)


@st.composite
def restricted_seats(draw):
    day = st.dates(FIRST - timedelta(days=30), FIRST + timedelta(days=100))
    recent = draw(st.lists(st.integers(0, 9), min_size=6, max_size=6))
    rows = []
    for mandate in range(draw(st.integers(1, 9))):
        from_on = draw(st.sampled_from([f.LONG_AGO, draw(day)]))
        person = draw(st.integers(0, 5))
        rows.append(
            seat(
                person,
                mandate=mandate,
                from_on=from_on,
                to_on=draw(st.none() | day),
                suspended_on=draw(st.none() | day),
                assigned=((draw(day), draw(st.none() | day)), (f.LONG_AGO, draw(day))),
                recent=recent[person],
                taken=frozenset(draw(st.lists(day, max_size=5))),
            )
        )
    return rows


@settings(max_examples=40)
@given(
    seats=restricted_seats(),
    duties=st.lists(st.tuples(st.integers(0, 60), st.integers(0, 3)), max_size=12),
)
def test_nobody_sits_twice_a_day_out_of_office_or_where_they_are_taken(seats, duties):
    asked = [Duty(key, FIRST + timedelta(days=day), wanted) for key, (day, wanted) in enumerate(duties)]
    picks = propose(asked, seats)
    days = {duty.key: duty for duty in asked}
    sits = [(pick.seat.person, days[pick.duty].day) for pick in picks]
    assert len(sits) == len(set(sits))
    assert all(pick.seat.may_sit(days[pick.duty].day) for pick in picks)
    assert all(number <= days[key].wanted for key, number in Counter(pick.duty for pick in picks).items())
    assert picks == propose(
        list(reversed(asked)), list(reversed(seats))
    )  # the order of asking changes nothing


@pytest.mark.parametrize(
    ("change", "may"),
    [
        ({}, True),
        ({"from_on": FIRST}, True),
        ({"from_on": FIRST + timedelta(days=1)}, False),
        ({"to_on": FIRST}, True),
        ({"to_on": FIRST - timedelta(days=1)}, False),
        ({"suspended_on": FIRST}, False),
        ({"suspended_on": FIRST + timedelta(days=1)}, True),
        ({"taken": frozenset([FIRST])}, False),
        ({"assigned": ((FIRST + timedelta(days=1), None),)}, False),
        ({"assigned": ((f.LONG_AGO, FIRST - timedelta(days=1)), (FIRST, None))}, True),
    ],
)
def test_who_may_sit_on_a_day(change, may):
    assert seat(1, **change).may_sit(FIRST) is may
    assert bool(propose([Duty(1, FIRST, 1)], [seat(1, **change)])) is may


def test_who_sat_least_comes_first_then_other_levels_then_who_was_not_seen_this_year():
    seats = [
        seat(1, level="县", recent=2, this_year=True),
        seat(2, level="县", recent=1, this_year=True, last_on=date(2026, 2, 1)),
        seat(3, level="县", recent=1),
        seat(4, level="市", recent=1, this_year=True),
    ]
    picks = propose([Duty(1, FIRST, 2)], seats)
    assert [pick.seat.person for pick in picks] == [3, 4]
    assert picks[0].reason == "近一年坐班 1 次，今年还没有来过"
    assert picks[1].reason == "近一年坐班 1 次，搭配市代表"
    assert propose([Duty(1, FIRST, 2)], seats, mixed=False)[0].seat.person == 3


def test_who_takes_up_suspended_duties_again_makes_up_for_nothing():
    """Months in which a mandate rested are no months in which its deputy sat less than others."""
    others = [seat(person, recent=6) for person in (1, 2)]
    back = seat(3, recent=0, resumed_on=FIRST - timedelta(days=30))
    picks = propose(weekly(9, 1), [*others, back])
    assert counts(picks) == {1: 3, 2: 3, 3: 3}
    assert any("恢复履职不满一年，从本站最少的 6 次起算" in pick.reason for pick in picks)
    long_back = seat(3, recent=0, resumed_on=FIRST - timedelta(days=400))
    assert counts(propose(weekly(5, 1), [*others, long_back])) == {3: 5}


def test_who_took_office_lately_does_not_make_up_for_the_year_before():
    seats = [seat(person, recent=6) for person in range(1, 5)] + [seat(9, from_on=FIRST - timedelta(days=20))]
    picks = propose(weekly(10, 1), seats)
    assert counts(picks) == Counter({1: 2, 2: 2, 3: 2, 4: 2, 9: 2})
    assert "任职不满一年，从本站最少的 6 次起算" in next(
        pick.reason for pick in picks if pick.seat.person == 9
    )


def test_the_duties_of_one_are_spread_over_the_span():
    picks = propose(weekly(9, 1), [seat(person) for person in range(3)])
    for person in range(3):
        turns = [pick.duty for pick in picks if pick.seat.person == person]
        assert [later - earlier for earlier, later in pairwise(turns)] == [3, 3]


# --- The data of a station and the page ---------------------------------------------------------------------------------


@pytest.fixture
def ahead(people):
    return [
        f.ActivityFactory(station=people.own, day=TODAY + timedelta(days=day), announced=True)
        for day in (3, 10, 17)
    ]


def address(people, **more):
    asked = {
        "station": people.own.pk, "first": TODAY, "last": TODAY + timedelta(days=31), "size": 1, "mixed": "yes",
    } | more  # fmt: skip
    return f"/activities/rota/?{urlencode(asked)}"


def test_load_leave_and_what_is_rostered_already_are_read_from_the_record(people, ahead):
    past = f.ActivityFactory(station=people.own, closed=True, day=TODAY - timedelta(days=30))
    f.AttendanceFactory(activity=past, mandate=people.deputy.mandate, state="PRESENT")
    f.AttendanceFactory(activity=past, mandate=people.deputy_colleague.mandate, state="LEAVE")
    long_ago = f.ActivityFactory(station=people.own, closed=True, day=TODAY - timedelta(days=400))
    f.AttendanceFactory(activity=long_ago, mandate=people.deputy_colleague.mandate, state="PRESENT")
    f.AttendanceFactory(activity=ahead[0], mandate=people.deputy_colleague.mandate, state="LEAVE")
    elsewhere = f.ActivityFactory(station=people.sibling, day=ahead[1].day)
    f.AttendanceFactory(activity=elsewhere, mandate=people.deputy_colleague.mandate)
    f.ActivityFactory(
        station=people.own, day=ahead[2].day, cancelled=True, starts_at=time(14), ends_at=time(16)
    )
    plan = plan_of(people.own, TODAY, TODAY + timedelta(days=31), 2)
    assert [day.pk for day in plan.days] == [day.pk for day in ahead]
    assert [duty.wanted for duty in plan.duties] == [2, 2, 2]
    by_name = {seat.name: seat for seat in plan.seats}
    assert set(by_name) == {"张建国", "李秀英"}
    assert (by_name["张建国"].recent, by_name["李秀英"].recent) == (1, 1)  # hers stands on another roster
    assert by_name["李秀英"].taken == {ahead[0].day, ahead[1].day}
    picks = propose(plan.duties, plan.seats)
    assert [pick.seat.name for pick in picks if pick.duty != ahead[2].pk] == ["张建国", "张建国"]


def test_the_page_proposes_with_reasons_and_asks_few_questions(
    as_, people, ahead, django_assert_max_num_queries
):
    for _ in range(8):
        f.AssignmentFactory(mandate=f.MandateFactory(area=people.town), station=people.own)
    client = as_(people.station)
    assert "看排班建议" in client.get("/activities/rota/").content.decode()
    with django_assert_max_num_queries(20):
        page = client.get(address(people, size=2)).content.decode()
    assert page.count("近一年没有坐过班") == 6
    assert page.count(" checked") >= 6
    assert "备选" in page
    assert Attendance.objects.count() == 0


def test_what_is_ticked_is_applied_in_one_piece_and_told(as_, people, ahead):
    client = as_(people.station)
    page = client.get(address(people)).content.decode()
    idem = re.search(r'name="idem" value="([^"]+)"', page)[1]
    sent = {"idem": idem} | {
        f"day_{ahead[0].pk}": [people.deputy.mandate.pk, people.deputy_colleague.mandate.pk],
        f"day_{ahead[2].pk}": [people.deputy.mandate.pk],
    }
    done = client.post(address(people), sent, follow=True)
    assert "已排 3 个班次" in done.content.decode()
    assert Counter(Attendance.objects.values_list("activity", flat=True)) == {ahead[0].pk: 2, ahead[2].pk: 1}
    assert OutboxMessage.objects.filter(to=people.deputy.user, kind="TODO").count() == 2
    client.post(address(people), sent)  # sent twice
    assert Attendance.objects.count() == 3


def test_where_one_is_refused_nothing_is_applied_and_the_ticks_stay(as_, people, ahead):
    client = as_(people.station)
    gone = {"to_on": TODAY + timedelta(days=5)}
    type(people.deputy.mandate).objects.filter(pk=people.deputy.mandate.pk).update(**gone)
    sent = {
        f"day_{ahead[0].pk}": [people.deputy_colleague.mandate.pk],
        f"day_{ahead[2].pk}": [people.deputy.mandate.pk],
    }
    refused = client.post(address(people), sent)
    assert refused.status_code == 422
    assert Attendance.objects.count() == 0
    empty = client.post(address(people), {"sent": "1"})
    assert "一位代表都没有勾选" in empty.content.decode()


def test_a_refusal_of_the_rules_at_the_last_moment_undoes_all(as_, people, ahead, monkeypatch):
    client = as_(people.station)
    from liaison.core.workflow import NotAllowed

    roster = Attendance.roster

    def refuse_the_last(activity, mandate, *, by, told=True):
        if activity.pk == ahead[2].pk:
            raise NotAllowed("已经开始。")
        return roster(activity, mandate, by=by, told=told)

    monkeypatch.setattr(Attendance, "roster", refuse_the_last)
    sent = {f"day_{day.pk}": [people.deputy.mandate.pk] for day in ahead}
    refused = client.post(address(people), sent)
    assert refused.status_code == 409
    assert "已经开始。" in refused.content.decode()
    assert refused.content.decode().count(" checked") >= 3
    assert Attendance.objects.count() == 0
    assert not OutboxMessage.objects.exists()


def test_one_person_is_not_ticked_twice_for_one_day(as_, people):
    morning, evening = (
        f.ActivityFactory(
            station=people.own, day=TODAY + timedelta(days=4), starts_at=time(hour), ends_at=time(hour + 2)
        )
        for hour in (9, 14)
    )
    sent = {f"day_{day.pk}": [people.deputy.mandate.pk] for day in (morning, evening)}
    refused = as_(people.station).post(address(people), sent)
    assert refused.status_code == 422
    assert "勾选了两次" in refused.content.decode()


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"last": TODAY - timedelta(days=1)}, "止日不能早于起日"),
        ({"last": TODAY + timedelta(days=200)}, "一次最多排 92 天"),
        ({"size": 0}, "大于或等于"),
        ({"first": "2026-99-01"}, "日期"),
        ({"station": "999999"}, ""),
    ],
)
def test_a_wrong_span_is_refused_in_words(as_, people, wrong, why):
    page = as_(people.station).get(address(people, **wrong))
    assert page.status_code == 422
    assert why in page.content.decode()


def test_a_station_out_of_sight_is_not_offered(as_, people):
    assert as_(people.station).get(address(people, station=people.sibling.pk)).status_code == 422


def test_how_many_sit_is_the_policy_s_where_nothing_is_said(as_, people):
    PolicyVersion.objects.create(area=people.county, first_on=f.LONG_AGO, values={"duty_size": 4})
    assert 'name="size" value="4"' in as_(people.station).get("/activities/rota/").content.decode()
