"""建议: who may take which step in which state, who sees what, and what the law says of signing, replying and marking."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from deputies.models import Congress, CongressSession, Mandate
from liaison.accounts.models import Role
from liaison.core.models import AuditEntry, OutboxMessage
from liaison.core.workdays import correct_day
from liaison.core.workflow import NotAllowed
from suggestions.models import Evaluation, Meeting, Order, Party, Signer, Suggestion
from suggestions.orders.deadlines import follow_calendar
from suggestions.workflow import SUGGESTION_FLOW, OrderState, SuggestionState
from tests import factories as f

TODAY = timezone.localdate()
REPLY = {"text": "六个小区分三年更换，今年先换两个。", "answer_class": "A"}
WELL = {"attitude": "SATISFIED", "result": "FAIRLY"}
BADLY = {"attitude": "SATISFIED", "result": "UNSATISFIED", "reason": "只换了一个小区"}


@pytest.fixture
def house(people):
    """The county's congress, its two deputies of 南关, a third from the same term; 住建局 and 水务局 of the county."""
    Congress.objects.update(area=people.county)
    rows = Mandate.objects.select_related("term__congress__area", "deputy__user")
    people.lead = rows.get(pk=people.deputy.mandate.pk)
    people.second = rows.get(pk=people.deputy_colleague.mandate.pk)
    people.third = f.MandateFactory(term=people.lead.term, area=people.town)
    people.housing = f.DepartmentFactory(area=people.county, name="平城区住建局")
    people.water = f.DepartmentFactory(area=people.county, name="平城区水务局")
    f.DepartmentStaffFactory(department=people.housing, post=people.unit)
    people.water_post = f.PostFactory(role=Role.UNIT, area=people.county)
    f.DepartmentStaffFactory(department=people.water, post=people.water_post)
    return people


def made(house, state="DRAFT", cosigners=(), **more):
    return f.SuggestionFactory(lead=house.lead, state=state, cosigners=cosigners, **more)


def state_of(found):
    return Suggestion.objects.get(pk=found.pk).state


def needed(name, house):
    """What a step needs besides a reason."""
    day = TODAY - timedelta(days=1)
    return {
        "invite": {"mandates": [house.third]},
        "give_back": {"refused": "EMPTY"},
        "as_letter": {"refused": "LETTER"},
        "assign": {"lead": house.housing},
        "meet": {"department": house.housing, "on": TODAY, "way": "FACE"},
        "deliver": {"how": "HAND"},
        "evaluate": WELL | {"how": "PAPER"},
        "evaluate_too": WELL | {"how": "PAPER", "mandate": house.second},
        "track": {"promised_on": TODAY + timedelta(days=30)},
        "withdraw": {"all_agree": True},
        "make_key": {"on": day, "body": "区人大常委会第12次主任会议"},
        "praise": {"on": day},
        "publish": {"public_title": "改造供热管网", "public_text": "更换老旧管网。"},
    }.get(name, {})


# Of the deputies, the lead takes these; who signs too takes the others.
TOO = ("confirm", "decline", "evaluate_too", "agree_withdrawal")


def prepared(name, house, state):
    """A suggestion at which nothing but state and role can forbid the step."""
    found = made(
        house,
        state,
        [house.second],
        publishable=True,
        on_paper=True,
        objection="应归水务局" if name == "settle" else "",
        published_on=TODAY if name == "unpublish" else None,
        withdrawal_asked_on=TODAY if name == "agree_withdrawal" else None,
        delivered_on=TODAY - timedelta(days=40) if name == "close" else None,
    )
    if name in ("confirm", "decline"):
        found.signers.filter(mandate=house.second).update(state="ASKED")
    replied = OrderState.REPLIED if name == "rehandle" else OrderState.ACCEPTED
    if name != "assign":
        f.OrderFactory(suggestion=found, department=house.housing, state=replied)
    return found


@pytest.mark.once  # a table in memory; what locks do is asked of both
@pytest.mark.parametrize("role", Role.values)
def test_a_suggestion_moves_as_its_table_says_and_no_other_way(house, role):
    """Every step in every state; each that is taken is undone before the next."""
    post = getattr(house, role.lower())
    for name, row in SUGGESTION_FLOW.items():
        by = house.deputy_colleague if role == Role.DEPUTY and name in TOO else post
        may = role in row.roles
        with transaction.atomic():
            found = prepared(name, house, row.sources[0]) if may else Suggestion(pk=0, title="改造")
            for state in SuggestionState.values:
                found.state = state
                refusal = found.refusal(name, by)
                assert (refusal == "") is (may and state in row.sources), (name, state)
                assert refusal == "" or row.label in refusal, (name, state)
            for state in row.sources if may else ():
                taken_and_undone(found, name, row, state, by, house)
            transaction.set_rollback(True)


def taken_and_undone(found, name, row, state, by, house):
    with transaction.atomic():
        Suggestion.objects.filter(pk=found.pk).update(state=state)
        more = needed(name, house)
        if name in ("confirm", "decline") and by.role == Role.OFFICE:
            more = {"mandate": house.second}
        getattr(found, name)(by=by, note="经核实", **more)
        ends = name == "agree_withdrawal"  # the last to agree brings the end about
        assert state_of(found) == ("WITHDRAWN" if ends else row.target or state)
        assert AuditEntry.objects.of(found).filter(action=f"suggestions.suggestion.{name}").exists()
        transaction.set_rollback(True)


@pytest.mark.once
@pytest.mark.parametrize(
    ("name", "role"), [("assign", "unit"), ("evaluate", "unit"), ("countersign", "office")]
)
def test_a_refused_step_changes_nothing(house, name, role):
    found = made(house, "DRAFT")
    with pytest.raises(NotAllowed, match=SUGGESTION_FLOW[name].label):
        getattr(found, name)(by=getattr(house, role), **needed(name, house))
    assert (state_of(found), found.version) == ("DRAFT", 1)
    assert not AuditEntry.objects.of(found).exists()


def assigned(house, **more):
    found = made(house, "ACCEPTED", more.pop("cosigners", ()))
    found.assign(by=house.office, **{"lead": house.housing} | more)
    return found


def order_of(found, department, turn=1):
    return Order.objects.get(suggestion=found, department=department, round=turn)


def replied(house, **answer):
    """Assigned, accepted, met, answered, countersigned, delivered."""
    found = assigned(house, cosigners=[house.second])
    answer_again(house, found, 1, **answer)
    return found


def answer_again(house, found, turn, **answer):
    order = order_of(found, house.housing, turn)
    order.accept(by=house.unit)
    found.meet(by=house.unit, note="谈了工期", department=house.housing, on=TODAY, way="FACE")
    order.reply(by=house.unit, **REPLY | answer)
    found.countersign(by=house.office)
    found.deliver(by=house.unit, how="HAND")


@pytest.mark.once
def test_from_the_draft_over_an_unsatisfied_deputy_to_the_archive(house):
    found = Suggestion(lead=house.lead, title="改造供热管网", text="管网老化。").enter(by=house.deputy)
    found.write_items(["1. 更换管网", "（二）公开进度", "", "3、每年检查"])
    found.invite(by=house.deputy, mandates=[house.second])
    found.confirm(by=house.deputy_colleague)
    found.submit(by=house.deputy)
    found.accept(by=house.office)
    found.assign(by=house.office, lead=house.housing)
    answer_again(house, found, 1)
    found.evaluate(by=house.deputy, **BADLY)
    assert state_of(found) == "REHANDLING"
    answer_again(house, found, 2)
    found.evaluate(by=house.deputy, **WELL)
    found.close(by=house.office)
    found.archive(by=house.office)

    found.refresh_from_db()
    assert (found.state, found.round, found.result) == ("ARCHIVED", 2, "FAIRLY")
    assert [item.text for item in found.items.all()] == ["更换管网", "公开进度", "每年检查"]
    assert found.number == f"140213-{TODAY:%Y}-0001"
    assert list(found.evaluations.values_list("round", "result")) == [(1, "UNSATISFIED"), (2, "FAIRLY")]


# --- Signing ---


@pytest.mark.once
def test_who_was_asked_confirms_until_the_day_and_then_no_more(house):
    found = made(house)
    found.invite(by=house.deputy, mandates=[house.second])
    asked = found.signers.get(mandate=house.second)
    assert (asked.state, asked.expires_on) == ("ASKED", TODAY + timedelta(days=7))
    assert OutboxMessage.objects.get(to=house.deputy_colleague.user).text.startswith("请您附议")
    Signer.objects.filter(pk=asked.pk).update(expires_on=TODAY - timedelta(days=1))
    with pytest.raises(NotAllowed, match="已过，请领衔代表重新邀请"):
        found.confirm(by=house.deputy_colleague)
    found.submit(by=house.deputy)
    assert found.signers.get(mandate=house.second).state == "EXPIRED"


@pytest.mark.once
def test_new_words_are_confirmed_anew(house):
    found = made(house, "COSIGNING", [house.second])
    found.revise(
        by=house.deputy, title=found.title, text="改过的理由。", items=["三年内更换五个小区的供热管网。"]
    )
    entry = AuditEntry.objects.of(found).first()
    assert entry.data == {"text": ["（不记录内容）", "（不记录内容）"], "fields": ["items"]}
    assert found.signers.get(mandate=house.second).state == "ASKED"
    assert found.signers.get(mandate=house.lead).state == "CONFIRMED"


@pytest.mark.once
def test_a_motion_is_of_a_session_and_of_ten(house):
    found = made(house, kind="MOTION")
    with pytest.raises(NotAllowed, match="会议期间提出"):
        found.submit(by=house.deputy)
    session = CongressSession.objects.create(term=house.lead.term, number=3, from_on=TODAY)
    Suggestion.objects.filter(pk=found.pk).update(session=session)
    with pytest.raises(NotAllowed, match="议案要 10 名以上代表联名，现在有 1 名"):
        found.submit(by=house.deputy)
    for mandate in [f.MandateFactory(term=house.lead.term, area=house.town) for _ in range(9)]:
        f.SignerFactory(suggestion=found, mandate=mandate)
    found.submit(by=house.deputy)
    found.accept(by=house.office)
    assert found.number == "140213-17J3-Y001"


def test_numbers_run_by_session_and_by_year_without_a_gap(house):
    session = CongressSession.objects.create(term=house.lead.term, number=3, from_on=TODAY)
    numbers = []
    for where in (session, None, session):
        found = made(house, "SUBMITTED", session=where, number="", submitted_on=TODAY)
        found.accept(by=house.office)
        numbers.append(found.number)
    assert numbers == ["140213-17J3-0001", f"140213-{TODAY:%Y}-0001", "140213-17J3-0002"]


@pytest.mark.once
def test_a_deputy_of_another_congress_cannot_sign(house):
    stranger = f.MandateFactory(area=house.town, term=f.TermFactory(congress__name="邻县人大"))
    with pytest.raises(NotAllowed, match="不能附议"):
        made(house).invite(by=house.deputy, mandates=[stranger])


@pytest.mark.once
def test_only_the_lead_hands_in_and_only_the_invited_confirm(house):
    found = made(house, "COSIGNING", [house.second])
    with pytest.raises(NotAllowed, match="由领衔代表提交"):
        found.submit(by=house.deputy_colleague)
    with pytest.raises(NotAllowed, match="没有等您确认"):
        found.confirm(by=house.deputy)
    with pytest.raises(NotAllowed, match="不是这件建议的领衔或附议代表"):
        found.submit(by=house.deputy_other)


# --- Examination and assignment ---


@pytest.mark.once
def test_what_is_returned_says_why_and_may_be_handed_in_again(house):
    found = made(house, "SUBMITTED")
    with pytest.raises(NotAllowed, match="请写明怎样改"):
        found.give_back(by=house.office, refused="FORM")
    found.give_back(by=house.office, refused="FORM", note="一件写了两件事，请分开")
    found.submit(by=house.deputy)
    found.refresh_from_db()
    assert (found.state, found.refused) == ("SUBMITTED", "")


@pytest.mark.once
@pytest.mark.parametrize(("complex_", "months"), [(False, 3), (True, 6)])
def test_the_clock_of_the_law_counts_months_from_the_assignment(house, complex_, months):
    found = assigned(house, complex=complex_, helpers=[house.water])
    order = order_of(found, house.housing)
    assert (order.months, order.due_on) == (months, Suggestion.objects.get(pk=found.pk).due_on)
    assert order.due_because.startswith(f"{months} 个月，自")
    assert order_of(found, house.water).months == 1


@pytest.mark.once
def test_a_department_returns_it_within_its_days_and_it_is_assigned_again(house):
    found = assigned(house)
    order_of(found, house.housing).ask_return(by=house.unit, note="归水务局", to=house.water)
    order_of(found, house.housing).grant_return(by=house.office)
    assert state_of(found) == "ACCEPTED"
    found.assign(by=house.office, lead=house.water)
    late = order_of(found, house.water)
    Order.objects.filter(pk=late.pk).update(accept_by=TODAY - timedelta(days=1))
    with pytest.raises(NotAllowed, match="以后不能退回"):
        late.ask_return(by=house.water_post, note="不归我们")


@pytest.mark.once
def test_the_deputy_objects_and_the_office_answers_or_assigns_anew(house):
    found = assigned(house, helpers=[house.water])
    found.object(by=house.deputy, note="应由水务局办", to=house.water)
    assert found in Suggestion.objects.disputed()
    found.settle(by=house.office, note="改由水务局", again=True)
    assert state_of(found) == "ACCEPTED"
    assert set(found.orders.values_list("state", flat=True)) == {"CANCELLED"}


@pytest.mark.once
def test_what_one_department_has_answered_is_sent_back_before_all_is_assigned_anew(house):
    found = assigned(house, lead=None, apart=[house.housing, house.water])
    found.object(by=house.deputy, note="应由水务局办", to=house.water)
    found.meet(by=house.unit, note="谈了", department=house.housing, on=TODAY, way="FACE")
    order = order_of(found, house.housing)
    order.accept(by=house.unit)
    order.reply(by=house.unit, **REPLY)
    assert state_of(found) == "HANDLING"
    with pytest.raises(NotAllowed, match="已有单位答复"):
        found.settle(by=house.office, note="改由水务局", again=True)
    order.send_back(by=house.office, note="要重新交办")
    found.settle(by=house.office, note="改由水务局", again=True)
    assert state_of(found) == "ACCEPTED"


@pytest.mark.once
def test_more_time_is_given_in_months(house):
    order = order_of(assigned(house), house.housing)
    order.accept(by=house.unit)
    order.ask_extension(by=house.unit, note="要等资金", to=order.due_on + timedelta(days=60))
    order.grant_extension(by=house.office)
    assert Suggestion.objects.get(pk=order.suggestion_id).due_on == order.due_on


def test_an_order_is_of_one_case(house):
    with pytest.raises(IntegrityError, match="an_order_is_of_one_case"), transaction.atomic():
        f.OrderFactory(
            suggestion=made(house), request=f.RequestFactory(station=house.own), department=house.water
        )


# --- Reply, delivery, marks ---


@pytest.mark.once
def test_without_a_meeting_there_is_no_reply_unless_the_reason_is_written(house):
    found = assigned(house)
    order = order_of(found, house.housing)
    order.accept(by=house.unit)
    with pytest.raises(NotAllowed, match="请先记录和代表的面商"):
        order.reply(by=house.unit, **REPLY)
    with pytest.raises(NotAllowed, match="写明原因"):
        found.meet(by=house.unit, note="", department=house.housing, on=TODAY, way="NONE")
    found.meet(by=house.unit, note="代表说不用面谈", department=house.housing, on=TODAY, way="NONE")
    order.reply(by=house.unit, **REPLY)
    assert (state_of(found), Meeting.objects.get().way) == ("COUNTERSIGN", "NONE")


@pytest.mark.once
def test_a_reply_is_written_again_until_it_has_gone_out(house):
    found = assigned(house)
    order = order_of(found, house.housing)
    order.accept(by=house.unit)
    found.meet(by=house.unit, note="谈了", department=house.housing, on=TODAY, way="FACE")
    order.reply(by=house.unit, **REPLY)
    order.send_back(by=house.office, note="没有写工期")
    assert state_of(found) == "HANDLING"


@pytest.mark.once
def test_the_reply_goes_to_every_signer(house):
    found = replied(house)
    assert list(found.signed_by().values_list("delivered_on", "delivered_how")) == [(TODAY, "HAND")] * 2
    for post in (house.deputy, house.deputy_colleague):
        assert OutboxMessage.objects.filter(to=post.user, text__contains="有了答复").exists()


@pytest.mark.once
def test_each_signer_marks_once_and_a_department_never(house):
    found = replied(house)
    found.evaluate_too(by=house.deputy_colleague, **BADLY)
    assert state_of(found) == "DELIVERED"  # what follows is decided by the lead's marks, or by the office
    with pytest.raises(NotAllowed, match="已经评价过"):
        found.evaluate_too(by=house.deputy_colleague, **WELL)
    with pytest.raises(NotAllowed, match="承办单位岗位不能评价"):
        found.evaluate(by=house.unit, **WELL)
    with pytest.raises(NotAllowed, match="哪里不满意"):
        found.evaluate(by=house.deputy, **BADLY | {"reason": ""})
    with pytest.raises(NotAllowed, match="代表是怎样说的"):
        found.evaluate(by=house.office, **WELL)
    found.evaluate(by=house.office, **WELL, how="PAPER")
    assert Evaluation.objects.filter(suggestion=found).count() == 2


@pytest.mark.once
def test_the_second_round_has_a_month_and_after_it_the_office_decides(house):
    found = replied(house)
    found.evaluate(by=house.deputy, **BADLY)
    assert order_of(found, house.housing, 2).months == 1
    answer_again(house, found, 2)
    found.evaluate(by=house.deputy, **BADLY)
    assert state_of(found) == "EVALUATED"


@pytest.mark.once
def test_a_promise_is_tracked_to_its_day_beyond_the_term_of_the_deputy(house):
    day = TODAY + timedelta(days=40)
    found = replied(house, answer_class="B", promised_on=day)
    found.evaluate(by=house.deputy, **WELL)
    Mandate.objects.filter(pk=house.lead.pk).update(to_on=TODAY - timedelta(days=1), end_reason="TERM")
    assert (state_of(found), found.promised_on) == ("TRACKING", day)
    assert found in Suggestion.objects.visible_to(house.deputy)
    assert found in Suggestion.objects.promised(day)
    with pytest.raises(NotAllowed, match="承诺的事办得怎样"):
        found.close(by=house.office)
    found.close(by=house.office, note="两个小区已换完")


def test_without_marks_it_is_closed_only_after_the_days_of_waiting(house):
    found = replied(house)
    with pytest.raises(NotAllowed, match="还在等代表评价"):
        found.close(by=house.office)


@pytest.mark.once
def test_it_ends_when_all_who_signed_want_it_back(house):
    found = assigned(house, cosigners=[house.second])
    found.ask_withdrawal(by=house.deputy, note="政府已列入计划")
    assert state_of(found) == "ASSIGNED"
    found.agree_withdrawal(by=house.deputy_colleague)
    assert state_of(found) == "WITHDRAWN"
    assert order_of(found, house.housing).state == "CANCELLED"
    with pytest.raises(NotAllowed, match="全体联名代表同意"):
        made(house, "ACCEPTED", on_paper=True).withdraw(by=house.office, note="来信撤回")


# --- Who sees what ---


def test_each_sees_what_is_theirs(house):
    draft = made(house, cosigners=[house.second])
    asking = made(house, "COSIGNING", [house.second])
    found = assigned(house, cosigners=[house.second])

    def seen(post):
        rows = Suggestion.objects.visible_to(post)
        return [one in rows for one in (draft, asking, found)]

    assert seen(house.deputy) == [True, True, True]
    assert seen(house.deputy_colleague) == [False, True, True]
    for post in (house.office, house.office_city, house.auditor, house.station, house.unit):
        assert seen(post) == [False, False, True], post
    for post in (
        house.office_other, house.station_sibling, house.deputy_other, house.water_post, house.admin,
        house.auditor_other, None,
    ):  # fmt: skip
        assert seen(post) == [False, False, False], post


@pytest.mark.once
def test_what_the_office_enters_from_paper_it_goes_on_with(house):
    found = Suggestion(lead=house.lead, title="修路", text="路坏了。").enter(by=house.office)
    found.write_items(["修东街"])
    found.invite(by=house.office, mandates=[house.second])
    found.confirm(by=house.office, mandate=house.second)
    found.submit(by=house.office)
    assert found in Suggestion.objects.visible_to(house.office)
    assert [one.mandate for one in found.signed_by()] == [house.lead, house.second]


# --- Publication, key suggestions ---


@pytest.mark.once
@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("请联系 139 0000 5521。", "手机号"),
        ("电话１３９００００５５２１", "手机号"),
        ("值班电话0352-2051234", "电话号码"),
        ("140213199001011234 的户主", "身份证号"),
        ("田秀兰家里只有十四度", "反映人的姓名"),
    ],
)
def test_nothing_personal_is_published(house, text, what):
    visit = f.VisitFactory(activity=None, station=house.own, day=TODAY)
    f.VisitorFactory(visit=visit)
    found = made(house, "ACCEPTED", publishable=True)
    found.requests.add(f.RequestFactory(station=house.own, visit=visit))
    with pytest.raises(NotAllowed, match=what):
        found.publish(by=house.office, public_title="改造管网", public_text=text)
    found.publish(by=house.office, public_title="改造管网", public_text="1980年的管网，2026年更换3.5公里。")
    assert list(Suggestion.objects.public()) == [found]


@pytest.mark.once
def test_a_party_of_a_key_suggestion_writes_its_own_entries(house):
    found = assigned(house)
    urging = Party.objects.create(suggestion=found, part="URGE", name="区政府办", department=house.water)
    chair = Party.objects.create(suggestion=found, part="CHAIR", name="常委会副主任")
    assert found in Suggestion.objects.visible_to(house.water_post)
    urging.write(by=house.water_post, on=TODAY, text="电话催办")
    chair.write(by=house.office, on=TODAY, text="现场督办")
    with pytest.raises(NotAllowed, match="由人大机关或这个单位填写"):
        chair.write(by=house.water_post, on=TODAY, text="代填")
    assert [entry.text for entry in urging.entries.all()] == ["电话催办"]


def test_of_ten_who_assign_at_once_exactly_one_succeeds(house, several_threads):
    found = made(house, "ACCEPTED")

    def act():
        Suggestion.objects.get(pk=found.pk).assign(by=house.office, lead=house.housing)

    outcomes = several_threads(*[act] * 10)
    assert outcomes.count(None) == 1, outcomes
    assert found.orders.count() == 1


def test_a_day_counted_in_months_follows_a_corrected_calendar(house):
    order = order_of(assigned(house), house.housing)
    due = order.due_on
    follow_calendar()  # whatever else the calendar says stays
    assert order_of(order.suggestion, house.housing).due_on == due
    correct_day(due, "HOLIDAY", "临时放假", by=house.admin)
    assert follow_calendar() == 1
    moved = order_of(order.suggestion, house.housing)
    assert moved.due_on > due
    assert moved.due_on == Suggestion.objects.get(pk=order.suggestion_id).due_on
    assert "临时放假" in moved.due_because
