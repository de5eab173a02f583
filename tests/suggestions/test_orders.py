"""派单 to 评单: who may take which step in which state, what one step brings about in the other, what is refused."""

from datetime import timedelta

import pytest
from django.utils import timezone

from liaison.accounts.models import Role
from liaison.core.models import AuditEntry, OutboxMessage
from liaison.core.workflow import NotAllowed
from suggestions.models import Feedback, Order, Rating, Request
from suggestions.workflow import (
    ANSWERED_ORDERS,
    ORDER_FLOW,
    REQUEST_FLOW,
    TO_DISPATCH,
    OrderState,
    RequestState,
)
from tests import factories as f

TODAY = timezone.localdate()


@pytest.fixture
def housing(people):
    """住建局 of the county; `people.unit` acts for it."""
    bureau = f.DepartmentFactory(area=people.county, name="平城区住建局")
    f.DepartmentStaffFactory(department=bureau, post=people.unit)
    return bureau


@pytest.fixture
def water(people):
    return f.DepartmentFactory(area=people.county, name="平城区水务局")


def asked(people, state=RequestState.REGISTERED, **more):
    return f.RequestFactory(station=people.own, state=state, **more)


RATED_BADLY = {
    "attitude": "SATISFIED",
    "result": "UNSATISFIED",
    "solved": "NO",
    "reason": "还是不热",
    "how": "PHONE",
}
RATED_WELL = {"attitude": "SATISFIED", "result": "FAIRLY", "solved": "YES", "how": "PHONE"}


def needed(name, housing):
    """What a step of a request needs besides a reason."""
    return {
        "answer": {"said": "当场说清了。"},
        "decline": {"said": "请到区人民法院。", "refused": "COURT"},
        "dispatch": {"lead": housing},
        "join": {"to": getattr(housing, "host", None)},
        "feed_back": {"how": "PHONE"},
        "rate": RATED_BADLY | {"result": "FAIRLY", "solved": "PARTLY"},
        "track": {"promised_on": TODAY + timedelta(days=30)},
        "close": {"solved": "YES"},
    }.get(name, {})


def refuses(thing, post, names, flow, more):
    """Each of these steps is refused by its label; those tried leave the thing as it was.

    Tried are the steps of the post's role, which the state refuses, and one of those that the role never has.
    """
    state = thing.state
    never = [name for name in names if post.role not in flow[name].roles]
    for name in never:
        assert flow[name].label in thing.refusal(name, post)
    for name in [name for name in names if name not in never] + never[:1]:
        with pytest.raises(NotAllowed, match=flow[name].label):
            getattr(thing, name)(by=post, note="经核实", **more(name))
    thing.refresh_from_db()
    assert (thing.state, thing.version) == (state, 1)
    assert not AuditEntry.objects.of(thing).exists()


@pytest.mark.once  # a table in memory; what locks do is asked of both
@pytest.mark.parametrize("state", RequestState.values)
def test_a_request_moves_as_its_table_says_and_no_other_way(people, housing, state):
    def there():
        found = asked(people, state)
        answered = OrderState.RETURNED if state in TO_DISPATCH else OrderState.REPLIED
        f.OrderFactory(request=found, department=housing, state=answered)
        Feedback.objects.create(request=found, round=1, on=f.LONG_AGO, how="PHONE", by=people.station)
        return found

    untouched, housing.host = there(), asked(people, RequestState.HANDLING)
    for role in Role.values:
        post = getattr(people, role.lower())
        allowed = [name for name, row in REQUEST_FLOW.items() if role in row.roles and state in row.sources]
        assert list(untouched.open_steps(post)) == allowed
        others = [name for name in REQUEST_FLOW if name not in allowed]
        refuses(untouched, post, others, REQUEST_FLOW, lambda name: needed(name, housing))
        for name in allowed:
            found = there()
            getattr(found, name)(by=post, note="经核实", **needed(name, housing))
            assert state_of(found) == REQUEST_FLOW[name].target
            written = AuditEntry.objects.of(found).filter(action=f"suggestions.request.{name}")
            assert written.get().before == state


@pytest.mark.once  # a table in memory; what locks do is asked of both
@pytest.mark.parametrize("state", OrderState.values)
def test_an_order_moves_as_its_table_says_and_no_other_way(people, housing, state):
    in_hand = RequestState.REPLIED if state in ANSWERED_ORDERS else RequestState.HANDLING

    def there(name=""):
        waits = name in ("grant_extension", "refuse_extension")
        return f.OrderFactory(
            request=asked(people, in_hand),
            department=housing,
            state=state,
            share=Order.Share.HELPER if name == "opine" else Order.Share.LEAD,
            extension_to=TODAY + timedelta(days=25) if waits else None,
        )

    def more(name):
        return {
            "ask_extension": {"to": TODAY + timedelta(days=24)},
            "opine": {"text": "我局意见：可以修。"},
            "reply": {"text": "已经修好，室温达标。", "answer_class": "A"},
        }.get(name, {})

    untouched = there()
    for role in Role.values:
        post = getattr(people, role.lower())
        allowed = [name for name, row in ORDER_FLOW.items() if role in row.roles and state in row.sources]
        others = [name for name in ORDER_FLOW if name not in allowed]
        refuses(untouched, post, others, ORDER_FLOW, more)
        for name in allowed:
            order = there(name)
            assert name in order.open_steps(post)
            getattr(order, name)(by=post, note="经核实", **more(name))
            order.refresh_from_db()
            assert order.state == (ORDER_FLOW[name].target or state)
            assert AuditEntry.objects.of(order).filter(action=f"suggestions.order.{name}").exists()


def state_of(found):
    return Request.objects.get(pk=found.pk).state


def dispatched(people, lead, **more):
    found = asked(people)
    found.dispatch(by=people.office, lead=lead, **more)
    return found


def order_of(found, department, turn=1):
    return found.orders.get(department=department, round=turn)


ANSWER = {"text": "管网已检修，室温达到十八度。", "answer_class": "A"}


def test_from_asking_over_a_bad_rating_to_a_second_round_and_the_end(people, housing):
    found = dispatched(people, housing, note="请尽快")
    assert state_of(found) == "DISPATCHED"
    order_of(found, housing).accept(by=people.unit)
    assert state_of(found) == "HANDLING"
    order_of(found, housing).reply(by=people.unit, **ANSWER)
    assert state_of(found) == "REPLIED"
    found.feed_back(by=people.station, how="PHONE")
    found.rate(by=people.station, **RATED_BADLY)
    assert state_of(found) == "REHANDLING"
    again = order_of(found, housing, turn=2)
    again.accept(by=people.unit)
    assert state_of(found) == "REHANDLING"
    again.reply(by=people.unit, **ANSWER)
    found.feed_back(by=people.station, how="MEETING")
    found.rate(by=people.station, **RATED_WELL)

    found.refresh_from_db()
    assert (found.state, found.solved, found.round) == ("CLOSED", "YES", 2)
    assert [rating.result for rating in found.ratings.order_by("round")] == ["UNSATISFIED", "FAIRLY"]
    assert found.closed_on == found.rated_on == TODAY


def test_the_clock_starts_at_dispatch_and_the_due_day_says_how_it_came_about(people, housing):
    found = dispatched(people, housing, days=10)
    order = order_of(found, housing)
    assert order.due_because.startswith("10 个工作日，自")
    assert order.due_on == Request.objects.get(pk=found.pk).due_on > TODAY + timedelta(days=9)


@pytest.mark.once
def test_a_lead_waits_for_its_helpers_and_a_helper_never_answers_the_citizen(people, housing, water):
    post = f.PostFactory(role=Role.UNIT, area=people.county)
    f.DepartmentStaffFactory(department=water, post=post)
    found = dispatched(people, housing, helpers=[water])
    lead, helper = order_of(found, housing), order_of(found, water)
    lead.accept(by=people.unit)
    with pytest.raises(NotAllowed, match="水务局还没有提会办意见"):
        lead.reply(by=people.unit, **ANSWER)
    helper.accept(by=post)
    with pytest.raises(NotAllowed, match="会办单位不直接答复"):
        helper.reply(by=post, **ANSWER)
    helper.opine(by=post, text="我局可以配合断水。")
    assert state_of(found) == "HANDLING"
    lead.reply(by=people.unit, **ANSWER)
    assert state_of(found) == "REPLIED"


@pytest.mark.once
def test_departments_that_answer_apart_are_all_waited_for(people, housing, water):
    post = f.PostFactory(role=Role.UNIT, area=people.county)
    f.DepartmentStaffFactory(department=water, post=post)
    found = asked(people)
    found.dispatch(by=people.office, apart=[housing, water])
    for department, by in ((housing, people.unit), (water, post)):
        assert state_of(found) in ("DISPATCHED", "HANDLING")
        order_of(found, department).accept(by=by)
        order_of(found, department).reply(by=by, **ANSWER)
    assert state_of(found) == "REPLIED"


@pytest.mark.once
def test_what_is_returned_waits_for_the_office_again_and_after_the_limit_goes_up(people, housing, water):
    found = dispatched(people, housing)
    for count in range(3):
        order = found.orders.filter(state=OrderState.ISSUED).get()
        order.ask_return(by=people.unit, note="供热归水务局", to=water)
        if count == 2:
            with pytest.raises(NotAllowed, match="由上一级人大决定"):
                order.grant_return(by=people.office)
            assert OutboxMessage.objects.filter(
                to=people.office_city.user, text__contains="申请退回"
            ).exists()
            order.grant_return(by=people.office_city)
        else:
            order.grant_return(by=people.office)
            assert state_of(found) == "TRIAGED"
            found.dispatch(by=people.office, lead=housing)
    assert state_of(found) == "TRIAGED"


@pytest.mark.once
@pytest.mark.parametrize("deed", ["return", "cancel"])
def test_a_lead_that_leaves_takes_its_helpers_with_it_and_the_office_begins_anew(
    people, housing, water, deed
):
    found = dispatched(people, housing, helpers=[water])
    lead = order_of(found, housing)
    if deed == "return":
        lead.ask_return(by=people.unit, note="供热归水务局", to=water)
        lead.grant_return(by=people.office)
    else:
        lead.cancel(by=people.office, note="派错了单位")
    assert order_of(found, water).state == "CANCELLED"
    assert state_of(found) == "TRIAGED"
    Request.objects.get(pk=found.pk).dispatch(by=people.office, lead=water, helpers=[housing])
    assert state_of(found) == "DISPATCHED"


def test_without_its_helper_a_lead_goes_on(people, housing, water):
    found = dispatched(people, housing, helpers=[water])
    order_of(found, water).cancel(by=people.office, note="不用会办了")
    assert state_of(found) == "DISPATCHED"


def test_a_return_after_the_days_for_accepting_is_refused(people, housing):
    order = f.OrderFactory(
        request=asked(people, "DISPATCHED"), department=housing, accept_by=TODAY - timedelta(days=1)
    )
    with pytest.raises(NotAllowed, match="以后不能退回"):
        order.ask_return(by=people.unit, note="不归我们管")


@pytest.mark.once
def test_more_time_is_asked_for_before_the_day_and_once(people, housing):
    found = dispatched(people, housing)
    order = order_of(found, housing)
    order.accept(by=people.unit)
    due = order.due_on
    with pytest.raises(NotAllowed, match="可以延到"):
        order.ask_extension(by=people.unit, note="要等配件", to=due + timedelta(days=90))
    order.ask_extension(by=people.unit, note="要等配件", to=due + timedelta(days=5))
    order.grant_extension(by=people.office)
    assert Request.objects.get(pk=found.pk).due_on == due + timedelta(days=5)
    assert "经同意延期" in order.due_because
    with pytest.raises(NotAllowed, match="最多延期 1 次"):
        order.ask_extension(by=people.unit, note="还要等", to=due + timedelta(days=8))


def test_more_time_is_not_to_be_had_once_the_day_is_over(people, housing):
    late = f.OrderFactory(
        request=asked(people, "HANDLING"),
        department=housing,
        state="ACCEPTED",
        due_on=TODAY - timedelta(days=1),
    )
    with pytest.raises(NotAllowed, match="已过，不能再申请延期"):
        late.ask_extension(by=people.unit, note="要等配件", to=TODAY + timedelta(days=5))


def test_a_complaint_about_a_department_is_never_given_to_it(people, housing, water):
    found = asked(people, about=housing)
    with pytest.raises(NotAllowed, match="不能派给它"):
        found.dispatch(by=people.office, lead=housing)
    with pytest.raises(NotAllowed, match="不能派给它"):
        found.dispatch(by=people.office, lead=water, helpers=[housing])


def test_an_abolished_or_foreign_department_is_refused(people, housing):
    gone = f.DepartmentFactory(area=people.county, name="平城区房管局", active=False)
    foreign = f.DepartmentFactory(area=people.other_county, name="云州区住建局")
    for department, why in ((gone, "已停用"), (foreign, "不管")):
        with pytest.raises(NotAllowed, match=why):
            asked(people).dispatch(by=people.office, lead=department)


@pytest.mark.once
def test_a_promise_needs_its_day(people, housing):
    found = dispatched(people, housing)
    order = order_of(found, housing)
    order.accept(by=people.unit)
    with pytest.raises(NotAllowed, match="什么时候完成"):
        order.reply(by=people.unit, **ANSWER | {"answer_class": "B"})
    promised = TODAY + timedelta(days=40)
    order.reply(by=people.unit, **ANSWER | {"answer_class": "B"}, promised_on=promised)
    found.refresh_from_db()
    assert found.promised_on == promised


@pytest.mark.once
def test_an_answer_is_sent_back_only_before_the_person_was_told(people, housing):
    found = dispatched(people, housing)
    order = order_of(found, housing)
    order.accept(by=people.unit)
    order.reply(by=people.unit, **ANSWER)
    order.send_back(by=people.office, note="没有说什么时候修")
    assert state_of(found) == "HANDLING"
    order.reply(by=people.unit, **ANSWER)
    Request.objects.get(pk=found.pk).feed_back(by=people.station, how="PHONE")
    with pytest.raises(NotAllowed, match="已经告知本人"):
        order.send_back(by=people.office, note="再改改")


@pytest.mark.once
def test_who_withdraws_ends_what_the_departments_had_to_do(people, housing, water):
    found = dispatched(people, housing, helpers=[water])
    found.withdraw(by=people.station, note="自己解决了")
    assert set(found.orders.values_list("state", flat=True)) == {"CANCELLED"}
    assert state_of(found) == "WITHDRAWN"


def test_an_unsatisfied_person_says_why_and_a_rating_is_given_once(people):
    found = asked(people, "FED_BACK")
    with pytest.raises(NotAllowed, match="哪里不满意"):
        found.rate(by=people.station, **RATED_BADLY | {"reason": ""})
    found.rate(by=None, **{key: value for key, value in RATED_WELL.items() if key != "how"})
    with pytest.raises(NotAllowed, match="不能评价"):
        found.rate(by=people.station, **RATED_WELL)
    rating = Rating.objects.get(request=found)
    assert (rating.by, rating.how) == (None, "")
    assert AuditEntry.objects.of(found).filter(action="suggestions.request.rate").get().actor == "本人"


def test_without_a_rating_it_is_closed_only_after_the_days_of_waiting(people):
    found = asked(people, "FED_BACK")
    told = Feedback.objects.create(request=found, round=1, on=TODAY, how="PHONE", by=people.station)
    with pytest.raises(NotAllowed, match="还在等本人评价"):
        found.close(by=people.office, solved="YES")
    Feedback.objects.filter(pk=told.pk).update(on=TODAY - timedelta(days=16))
    found.close(by=people.office, solved="PARTLY")
    assert state_of(found) == "CLOSED"


def test_each_sees_what_is_theirs(people, housing, water):
    found = dispatched(people, housing)
    other_unit = f.PostFactory(role=Role.UNIT, area=people.county)
    f.DepartmentStaffFactory(department=water, post=other_unit)

    def see(post):
        return found in Request.objects.visible_to(post), Order.objects.visible_to(post).filter(
            request=found
        ).exists()

    for name in ("office", "office_city", "station", "auditor", "unit"):
        assert see(getattr(people, name)) == (True, True), name
    for post in (people.office_other, people.station_sibling, people.deputy, people.admin, other_unit):
        assert see(post) == (False, False), post
    Request.objects.filter(pk=found.pk).update(follower=people.deputy.mandate)
    assert see(people.deputy) == (True, True)


def test_departments_are_told_and_urging_is_counted(people, housing):
    found = dispatched(people, housing)
    order_of(found, housing).urge(by=people.deputy, note="老人在家受冻")
    texts = list(
        OutboxMessage.objects.filter(to=people.unit.user).order_by("pk").values_list("text", flat=True)
    )
    assert ["接单" in texts[0], "催办" in texts[1]] == [True, True]
    assert order_of(found, housing).urged == 1


@pytest.mark.parametrize("deed", ["dispatch", "accept", "reply", "rate"])
def test_of_ten_at_once_exactly_one_succeeds(people, housing, several_threads, deed):
    found = asked(people, "FED_BACK" if deed == "rate" else "REGISTERED")
    if deed in ("accept", "reply"):
        found.dispatch(by=people.office, lead=housing)
        if deed == "reply":
            order_of(found, housing).accept(by=people.unit)

    def act():
        match deed:
            case "dispatch":
                Request.objects.get(pk=found.pk).dispatch(by=people.office, lead=housing)
            case "accept":
                Order.objects.get(request=found).accept(by=people.unit)
            case "reply":
                Order.objects.get(request=found).reply(by=people.unit, **ANSWER)
            case "rate":
                Request.objects.get(pk=found.pk).rate(by=people.station, **RATED_WELL)

    outcomes = several_threads(*[act] * 10)
    assert outcomes.count(None) == 1, outcomes
    assert all(isinstance(outcome, NotAllowed) for outcome in outcomes if outcome is not None)
