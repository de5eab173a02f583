"""Who hears at once: the station of an answer, the office of one to be looked through, the deputy who is named to follow."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core import mail

from liaison.core.models import InboxItem, OutboxMessage
from liaison.core.outbox import relay
from suggestions.models import Meeting, Order
from tests import factories as f

pytestmark = pytest.mark.once

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def housing(people):
    bureau = f.DepartmentFactory(area=people.county, name="平城区住建局")
    f.DepartmentStaffFactory(department=bureau, post=people.unit)
    return bureau


@pytest.fixture
def water(people):
    bureau = f.DepartmentFactory(area=people.county, name="平城区水务局")
    f.DepartmentStaffFactory(department=bureau, post=people.unit)
    return bureau


def told(post):
    rows = OutboxMessage.objects.filter(to=post.user).order_by("pk")
    return [(row.kind, row.text.partition("：")[2]) for row in rows]


def answer(order, people):
    if order.state == "ISSUED":
        order.accept(by=people.unit)
    order.reply(by=people.unit, text="管网已经检修好了。", answer_class="A")


def test_the_station_hears_who_answered_and_until_when_the_person_is_to_be_told(
    people, housing, water, time_machine
):
    time_machine.move_to(datetime(2026, 11, 16, 9, tzinfo=SHANGHAI))
    found = f.RequestFactory(station=people.child)
    found.dispatch(by=people.office, apart=[housing, water])
    first, second = found.orders.order_by("pk")
    answer(first, people)
    assert told(people.station_child) == [("INFO", "平城区住建局已答复，还等平城区水务局答复。")]
    answer(second, people)
    kind, text = told(people.station_child)[-1]
    assert kind == "TODO"
    assert text.startswith("平城区水务局已答复，请在11月")
    assert text.endswith("日前告诉本人。")
    assert told(people.station_child) == told(people.station)  # the station above keeps the point
    second.send_back(by=people.office, note="没有说什么时候完工")
    assert told(people.station)[-1] == ("INFO", "平城区水务局的答复退回重写，先不要告诉本人。")
    answer(second, people)
    assert told(people.station)[-1] == (kind, text)
    assert not told(people.station_sibling)


def test_a_helpers_opinion_is_no_answer(people, housing, water):
    found = f.RequestFactory(station=people.own)
    found.dispatch(by=people.office, lead=housing, helpers=[water])
    helper = found.orders.get(share=Order.Share.HELPER)
    helper.accept(by=people.unit)
    helper.opine(by=people.unit, text="管道可以改线。")
    assert not told(people.station)


@pytest.mark.parametrize("named", [True, False])
def test_who_is_to_follow_hears_of_it_at_dispatch(people, housing, named):
    """Named by the office, or the deputy who received the person."""
    visit = f.VisitFactory(station=people.own, day=f.LONG_AGO, received_by=people.deputy.mandate)
    found = f.RequestFactory(station=people.own, visit=visit)
    more = {"follower": people.deputy_colleague.mandate} if named else {}
    found.dispatch(by=people.office, lead=housing, **more)
    follows, other = (
        (people.deputy_colleague, people.deputy) if named else (people.deputy, people.deputy_colleague)
    )
    assert told(follows) == [("TODO", "已派给平城区住建局，请您跟进。")]
    assert not told(other)


def test_by_night_it_lies_in_the_inbox_and_the_mail_waits_for_the_morning(
    people, housing, time_machine, settings
):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    people.station.user.email = "zhan@example.gov.cn"
    people.station.user.save()
    time_machine.move_to(datetime(2026, 11, 16, 23, tzinfo=SHANGHAI))
    found = f.RequestFactory(station=people.own)
    answer(f.OrderFactory(request=found, department=housing, state="ACCEPTED"), people)
    relay()
    assert InboxItem.objects.filter(user=people.station.user).count() == 1
    assert not mail.outbox
    time_machine.shift(timedelta(hours=11))
    relay()
    assert [one.to for one in mail.outbox] == [["zhan@example.gov.cn"]]


def test_the_office_hears_that_a_reply_to_deputies_is_to_be_looked_through(people, housing):
    found = f.SuggestionFactory(lead=people.deputy.mandate, area=people.county, state="HANDLING")
    order = f.OrderFactory(suggestion=found, department=housing, state="ACCEPTED")
    Meeting.objects.create(
        suggestion=found, round=1, department=housing, on=f.LONG_AGO, way="FACE", said="谈过", by=people.unit
    )
    answer(order, people)
    assert told(people.office) == [("TODO", "平城区住建局已答复，请核签。")]
    assert not told(people.deputy)  # it is not theirs to read yet
