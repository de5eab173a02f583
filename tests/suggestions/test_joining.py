"""并案: several tell of one and the same matter. One order, one answer; each person is told, and rates, apart."""

from datetime import timedelta
from time import sleep

import pytest
from django.db import transaction
from django.utils import timezone

from liaison.core.models import AuditEntry, OutboxMessage
from liaison.core.workflow import NotAllowed
from liaison.reports.metrics import METRICS, Ask
from suggestions.models import FollowUp, Order, Request
from suggestions.workflow import RequestState
from tests import factories as f

pytestmark = pytest.mark.once

TODAY = timezone.localdate()
TEXT = "管网已经检修，室温达到十八度，还不热的请打供热公司电话。"
COLD = "铁路新村五号楼的暖气片冰凉，室内温度只有十二度，老人和孩子都冻得睡不着觉。"
S = RequestState


@pytest.fixture
def housing(people):
    bureau = f.DepartmentFactory(area=people.county, name="平城区住建局")
    f.DepartmentStaffFactory(department=bureau, post=people.unit)
    return bureau


def told(station, name, **more):
    visit = f.VisitFactory(station=station, activity=None, day=TODAY)
    f.VisitorFactory(visit=visit, name=name)
    more = {"title": "暖气片冰凉", "text": COLD} | more
    return f.RequestFactory(station=station, visit=visit, **more)


@pytest.fixture
def two(people, housing):
    """The same heating, told by two people at two stations of the county; the first is being handled."""
    host, other = told(people.own, "孙德福"), told(people.sibling, "田秀兰")
    host.dispatch(by=people.office, lead=housing)
    host.orders.get().accept(by=people.unit)
    return now(host), other


def now(found):
    return Request.objects.get(pk=found.pk)


def joined(people, two):
    host, other = two
    other.join_to(host, by=people.office, note="同一栋楼")
    return now(host), now(other)


def answered(people, host):
    host.orders.get().reply(by=people.unit, text=TEXT, answer_class="A")
    return now(host)


def test_the_office_joins_from_the_page_of_likely_duplicates_and_the_queue_is_one_shorter(people, two, as_):
    host, other = two[0], told(people.own, "田秀兰", text=f"您好，{COLD}")
    client = as_(people.office)
    assert "可能与" in client.get("/dispatch/").content.decode()
    url = f"/requests/{other.number}/steps/join/"
    assert f"{url}?to={host.number}" in client.get(f"{other.get_absolute_url()}near/").content.decode()
    assert f'value="{host.number}"' in client.get(url, {"to": host.number}).content.decode()
    assert f"并到 {host.number}</h2>" in client.get(url, {"to": host.number}).content.decode()
    for wrong in ("", "没有", "2020-0101-0001", "\x00", "x" * 30):
        assert client.post(url, {"to": wrong}).status_code == 422
    assert client.post(url, {"to": host.number, "note": "同一栋楼"}).status_code == 302

    other = now(other)
    assert (other.state, other.joined_to, other.number != host.number) == (S.JOINED, host, True)
    assert other not in Request.objects.visible_to(people.office).awaiting_dispatch()
    assert other.number in client.get(host.get_absolute_url()).content.decode()
    page = client.get(other.get_absolute_url()).content.decode()
    assert f"并到 {host.number}" in page
    assert "田" in page
    assert "孙" not in page
    entry = AuditEntry.objects.of(other).get(action__endswith=".join")
    assert (entry.post, entry.note) == (people.office, "同一栋楼")
    assert as_(people.office).get(f"/api/v1/requests/{other.number}/").json()["joined_to"] == host.number


def test_one_answer_reaches_both_and_each_is_told_and_rates_apart(people, two, as_):
    host, other = joined(people, two)
    assert Order.objects.count() == 1
    page = as_(people.unit).get(host.orders.get().get_absolute_url()).content.decode()
    assert "另有 1 件反映同一件事" in page
    assert "田" not in page
    assert (
        "请不要写某一个人的姓名"
        in as_(people.unit).get(f"/orders/{host.orders.get().number}/steps/reply/").content.decode()
    )
    assert not Request.objects.visible_to(people.unit).filter(pk=other.pk).exists()

    desk = f.PostFactory(role="STATION", area=people.sibling.area)
    f.StationStaffFactory(post=desk, station=people.sibling)
    host = answered(people, host)
    other = now(other)
    assert OutboxMessage.objects.filter(to=desk.user, text__contains=f"{other.number}").exists()
    assert (host.state, other.state) == (S.REPLIED, S.REPLIED)
    assert (other.department, other.replied_on, other.dispatched_on) == (host.department, TODAY, TODAY)
    page = (
        as_(desk).get(f"/requests/{other.number}/steps/feed_back/").content.decode()
        + as_(desk).get(other.get_absolute_url()).content.decode()
    )
    assert f"/orders/{host.orders.get().number}/papers/" not in page, "they name the other person"
    assert TEXT in page, "who tells the person reads the answer, though the order is another station's"
    assert as_(desk).get(host.get_absolute_url()).status_code == 404

    with pytest.raises(NotAllowed, match="不能早于这一天"):
        other.feed_back(by=desk, how="PHONE", on=TODAY - timedelta(days=1))
    other.feed_back(by=desk, how="PHONE")
    assert now(host).state == S.REPLIED, "the other person has not been told"
    with pytest.raises(NotAllowed, match=f"{other.number} 已经告知本人"):
        host.orders.get().send_back(by=people.office, note="没有写期限")
    other.rate(by=None, attitude="SATISFIED", result="SATISFIED", solved="YES")
    assert (now(other).state, now(host).state) == (S.CLOSED, S.REPLIED)
    assert not host.ratings.exists()


def test_who_is_not_satisfied_gets_a_round_of_ones_own(people, two):
    host, other = joined(people, two)
    answered(people, host)
    other = now(other)
    other.feed_back(by=people.office, how="PHONE")
    other.rate(by=None, attitude="SATISFIED", result="UNSATISFIED", solved="NO", reason="我家还是不热")
    other = now(other)
    assert (other.state, other.round, now(host).state) == (S.REHANDLING, 2, S.REPLIED)
    [order] = other.orders.all()
    assert (order.department, order.round, order.number) == (host.department, 2, f"{other.number}-1")
    order.accept(by=people.unit)
    order.reply(by=people.unit, text=f"已入户检修。{TEXT}", answer_class="A")
    assert (now(other).state, now(host).round) == (S.REPLIED, 1)


def test_an_answer_sent_back_is_written_again_for_both(people, two):
    host, other = joined(people, two)
    host = answered(people, host)
    host.orders.get().send_back(by=people.office, note="没有写期限")
    assert (now(host).state, now(other).state) == (S.HANDLING, S.JOINED)
    answered(people, now(host))
    assert now(other).state == S.REPLIED


def test_a_station_that_was_told_of_no_answer_is_not_told_that_one_is_sent_back(people, two):
    """Two answer apart: of the first answer only the station of the request that they have hears."""
    desk = f.PostFactory(role="STATION", area=people.sibling.area)
    f.StationStaffFactory(post=desk, station=people.sibling)
    water = f.DepartmentFactory(area=people.county, name="平城区水务局")
    f.DepartmentStaffFactory(department=water, post=people.unit)
    host, other = told(people.own, "孙德福"), two[1]
    other.join_to(host, by=people.office)
    host.dispatch(by=people.office, apart=[two[0].department, water])
    first, second = host.orders.order_by("pk")

    def heard(post):
        return [row.text for row in OutboxMessage.objects.filter(to=post.user) if "退回重写" in row.text]

    def answer(order):
        order.refresh_from_db()
        if order.state == "ISSUED":
            order.accept(by=people.unit)
        order.reply(by=people.unit, text=TEXT, answer_class="A")

    answer(first)
    first.send_back(by=people.office, note="没有写期限")
    assert (len(heard(people.station)), heard(desk)) == (1, [])
    answer(first)
    answer(second)
    second.send_back(by=people.office, note="没有写期限")
    assert len(heard(desk)) == 1


def test_what_is_not_the_same_is_taken_apart_with_a_reason(people, two, as_):
    host, other = joined(people, two)
    client, url = as_(people.office), f"/requests/{other.number}/steps/part/"
    assert client.post(url, {"note": ""}).status_code == 422
    assert client.post(url, {"note": "是另一栋楼的事"}).status_code == 302
    other = now(other)
    assert (other.state, other.joined_to) == (S.TRIAGED, None)
    assert now(host).state == S.HANDLING
    other.dispatch(by=people.office, lead=host.department)
    assert other.orders.count() == 1


@pytest.mark.parametrize("end", ["answer", "decline", "withdraw"])
def test_where_the_other_ends_without_an_answer_nobody_is_forgotten(people, housing, end):
    host, other = told(people.own, "孙德福"), told(people.sibling, "田秀兰")
    other.join_to(host, by=people.station)
    more = {"answer": {"said": "说清了。"}, "decline": {"said": "请到法院。", "refused": "COURT"}}.get(
        end, {}
    )
    getattr(host, end)(by=people.office, note="本人不反映了", **more)
    other = now(other)
    assert (other.state, other.joined_to) == (S.TRIAGED, None)
    note = AuditEntry.objects.of(other).get(action__endswith=".part").note
    assert host.number in note


def test_a_person_who_withdraws_leaves_the_other_to_be_answered(people, two):
    host, other = joined(people, two)
    other.withdraw(by=people.office, note="本人搬走了")
    assert now(host).state == S.HANDLING
    answered(people, now(host))
    assert now(other).state == S.WITHDRAWN


def test_it_is_dispatched_with_what_it_was_joined_to(people, housing):
    host, other = told(people.own, "孙德福"), told(people.sibling, "田秀兰")
    other.join_to(host, by=people.office)
    host.dispatch(by=people.office, lead=housing)
    host.orders.get().accept(by=people.unit)
    assert (now(other).state, Order.objects.count()) == (S.JOINED, 1)
    answered(people, now(host))
    assert now(other).state == S.REPLIED


def changed(found, **fields):
    Request.objects.filter(pk=found.pk).update(**fields)
    return now(found)


@pytest.mark.parametrize(
    ("of_host", "of_other", "sentence"),
    [
        ({"state": S.REPLIED}, {}, "还没有答复的，才能并案"),
        ({"state": S.CLOSED}, {}, "还没有答复的，才能并案"),
        ({"state": S.REHANDLING, "round": 2}, {}, "还没有答复的，才能并案"),
        ({"confidential": True}, {}, "要求保密"),
        ({"about_name": "某干部"}, {}, "反映的对象不一样"),
        ({}, {"about_name": "某干部"}, "反映的对象不一样"),
        ({}, {"state": S.DISPATCHED}, "不能并案"),
    ],
)
def test_what_cannot_be_joined_says_why(people, two, of_host, of_other, sentence):
    host, other = changed(two[0], **of_host), changed(two[1], **of_other)
    with pytest.raises(NotAllowed, match=sentence):
        other.join_to(host, by=people.office)
    assert now(other).joined_to is None


def test_nothing_is_joined_to_itself_in_a_ring_or_in_a_chain(people, two, as_):
    host, other = joined(people, two)
    third = told(people.own, "李四")
    with pytest.raises(NotAllowed, match="不能并到它自己"):
        third.join_to(third, by=people.office)
    with pytest.raises(NotAllowed, match=f"已经并到 {host.number}"):
        third.join_to(other, by=people.office)
    waiting = told(people.own, "王五")
    third.join_to(waiting, by=people.office)
    with pytest.raises(NotAllowed, match="请反过来"):
        waiting.join_to(host, by=people.office)
    unseen = told(people.other, "邻县的人")
    sent = as_(people.office).post(f"/requests/{waiting.number}/steps/join/", {"to": unseen.number})
    assert sent.status_code == 422, "what one does not see is not found"


def test_a_complaint_that_comes_out_later_is_one_for_all_that_were_joined(people, two):
    host, other = joined(people, two)
    host.say_about(by=people.office, about=None, about_name=people.station.user.name)
    assert now(other).about_name == people.station.user.name
    now(other).say_about(by=people.office, about=None, about_name="")
    assert now(host).about_name == ""


def test_a_complaint_said_at_triage_is_one_for_all_that_were_joined(people, housing):
    host, other = told(people.own, "孙德福"), told(people.sibling, "田秀兰")
    other.join_to(host, by=people.office)
    host.triage(by=people.office, about=housing, about_name="赵主任")
    assert (now(other).state, now(other).about, now(other).about_name) == (S.JOINED, housing, "赵主任")


def test_each_counts_once_as_itself_and_the_order_once(people, two):
    """Two people, two requests, one order: none is dispatched or late twice."""
    host, _ = joined(people, two)
    Order.objects.update(due_on=TODAY - timedelta(days=1))
    ask = Ask(people.county, TODAY - timedelta(days=30), TODAY)

    def figure(code):
        return METRICS[f"requests.{code}"].records(ask).count()

    assert [figure(code) for code in ("received", "dispatched", "overdue", "replied")] == [2, 1, 1, 0]
    Order.objects.update(due_on=TODAY)
    answered(people, host)
    assert [figure(code) for code in ("received", "dispatched", "overdue", "replied")] == [2, 2, 0, 2]


def test_the_person_reads_that_it_is_answered_together_and_of_nobody_else(people, two, client):
    host, other = joined(people, two)
    other.give_link()
    page = client.get(f"/track/{other.secret}/").content.decode()
    assert "别人也反映了同一件事，一并办理" in page
    assert host.number not in page
    assert "孙" not in page


def test_a_deputy_who_follows_it_may_urge_what_answers_it(people, two):
    host, other = joined(people, two)
    changed(other, follower=people.deputy.mandate)
    FollowUp(
        request=now(other), mandate=people.deputy.mandate, kind="URGE", text="请抓紧。", day=TODAY
    ).enter(by=people.deputy)
    assert host.orders.get().urged == 1


def test_what_a_deputy_followed_up_while_joined_is_still_read_after_it_was_taken_apart(people, two, as_):
    _, other = joined(people, two)
    changed(other, follower=people.deputy.mandate)
    FollowUp(
        request=now(other), mandate=people.deputy.mandate, kind="CALL", text="问过供热公司。", day=TODAY
    ).enter(by=people.deputy)
    now(other).part(by=people.office, note="是另一栋楼的事")
    assert "问过供热公司。" in as_(people.office).get(other.get_absolute_url()).content.decode()


@pytest.mark.django_db(transaction=True)
def test_two_that_are_joined_to_each_other_at_once_do_not_wait_in_a_ring(people, several_threads):
    one, other = f.RequestFactory(station=people.own), f.RequestFactory(station=people.own)

    def joining(mine, to):
        return lambda: now(mine).join_to(to, by=people.office)

    said = several_threads(joining(one, other), joining(other, one))
    assert [one is None for one in said].count(True) == 1
    assert any(isinstance(one, NotAllowed) for one in said)
    assert sorted([now(one).state, now(other).state]) == [S.JOINED, S.REGISTERED]


@pytest.mark.django_db(transaction=True)
def test_a_complaint_said_of_a_joined_one_while_its_answer_comes_waits_in_no_ring(people, several_threads):
    """An answer holds the request that has it, then those that share it."""
    host, other = f.RequestFactory(station=people.own), f.RequestFactory(station=people.own)
    other.join_to(host, by=people.office)

    def answering():
        with transaction.atomic():
            Request.objects.filter(pk=host.pk).hold()
            sleep(0.3)
            Request.objects.filter(pk=other.pk).hold()

    def saying():
        mine = now(other)
        sleep(0.1)
        mine.say_about(by=people.office, about=None, about_name="赵主任")

    assert several_threads(answering, saying) == [None, None]
    assert now(host).about_name == now(other).about_name == "赵主任"
