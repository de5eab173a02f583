"""Notices are written with the deed and delivered once, whatever dies or fails on the way."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.utils import timezone

from liaison.accounts.models import User
from liaison.core import outbox
from liaison.core.models import InboxItem, OutboxMessage
from liaison.core.outbox import MAX_ATTEMPTS, relay
from tests import factories as f


class BrokenMail(BaseEmailBackend):
    """A mail server that is down for some."""

    refuses = ("broken",)

    def send_messages(self, messages):
        for message in messages:
            if any(word in message.to[0] for word in self.refuses):
                raise ConnectionRefusedError("13900005521")
        mail.outbox.extend(messages)
        return len(messages)


@pytest.fixture
def user(db):
    return f.UserFactory(email="wang@example.org")


@pytest.fixture
def mail_breaks(settings):
    settings.EMAIL_BACKEND = "tests.core.test_outbox.BrokenMail"


def put(user, key="a", **more):
    OutboxMessage.objects.put(key=key, to=user, kind="TODO", text="3月11日接待日请您参加。", **more)


def test_a_notice_reaches_the_inbox_and_the_mailbox_once(user):
    put(user, url="/activities/7/")

    assert relay() == 1
    assert relay() == 0

    item = InboxItem.objects.get()
    assert (item.user, item.text, item.url) == (user, "3月11日接待日请您参加。", "/activities/7/")
    (sent,) = mail.outbox
    assert (sent.to, sent.subject) == (["wang@example.org"], "3月11日接待日请您参加。")
    assert not OutboxMessage.objects.waiting().exists()


def test_the_same_key_makes_one_notice(user):
    put(user)
    put(user)
    relay()
    put(user)
    relay()
    assert (OutboxMessage.objects.count(), InboxItem.objects.count(), len(mail.outbox)) == (1, 1, 1)


def test_a_notice_stands_or_falls_with_its_deed(user):
    with transaction.atomic():
        put(user)
        transaction.set_rollback(True)
    assert relay() == 0
    assert not InboxItem.objects.exists()


def test_a_person_without_an_address_has_the_inbox_alone(db):
    put(f.UserFactory())
    assert relay() == 1
    assert mail.outbox == []


def test_a_person_who_has_left_gets_no_more_mail(user):
    user.is_active = False
    user.save()
    put(user)
    assert relay() == 1
    assert mail.outbox == []


def test_a_repeated_e_mail_can_be_told_from_a_second_message(user):
    put(user, key="activity:7:第一次:2026-03-11")
    message = OutboxMessage.objects.lease(OutboxMessage.objects.get().pk, timezone.now())
    message.deliver(timezone.now())
    message.deliver(timezone.now())  # the relay died before it could write down that it was sent

    first, second = (sent.message()["Message-ID"] for sent in mail.outbox)
    assert first == second
    assert first.isascii()
    assert InboxItem.objects.count() == 1


def test_a_subject_is_one_line(user):
    put(user, key="b", subject="一\n二\r\nBcc: x@example.org")
    relay()
    assert "\n" not in mail.outbox[0].subject


def test_a_leased_notice_is_left_to_its_relay_until_the_lease_ends(user, settings, time_machine):
    time_machine.move_to("2026-03-01 10:00:00+08:00", tick=False)
    put(user)
    assert OutboxMessage.objects.lease(OutboxMessage.objects.get().pk, timezone.now())
    assert relay() == 0

    time_machine.shift(settings.OUTBOX_LEASE + timedelta(seconds=1))

    assert relay() == 1


def test_what_a_killed_relay_had_in_hand_is_delivered_within_a_minute(settings):
    assert settings.OUTBOX_LEASE + timedelta(seconds=settings.OUTBOX_EVERY) <= timedelta(seconds=60)
    assert timedelta(seconds=settings.EMAIL_TIMEOUT) < settings.OUTBOX_LEASE, "a slow mail outlives no lease"


def test_one_that_fails_is_in_the_inbox_tried_again_and_holds_up_nobody(user, mail_breaks):
    put(f.UserFactory(email="broken@example.org"), key="first")
    put(user, key="second")

    assert relay() == 1

    assert [sent.to for sent in mail.outbox] == [["wang@example.org"]]
    assert InboxItem.objects.count() == 2, "a mail server that is down holds up no inbox"
    waiting = OutboxMessage.objects.waiting().get()
    assert (waiting.key, waiting.attempts, waiting.error) == ("first", 1, "ConnectionRefusedError")


def test_the_time_between_attempts_grows_and_the_last_one_is_seen_by_a_person(
    mail_breaks, time_machine, as_, people
):
    time_machine.move_to("2026-03-01 10:00:00+08:00", tick=False)
    User.objects.filter(pk=people.station.user_id).update(email="broken@example.org")
    put(User.objects.get(pk=people.station.user_id))
    waits = []
    while not OutboxMessage.objects.dead().exists():
        assert relay() == 0
        message = OutboxMessage.objects.get()
        waits.append((message.available_at - timezone.now()).total_seconds())
        time_machine.move_to(message.available_at + timedelta(seconds=1), tick=False)

    assert len(waits) == MAX_ATTEMPTS
    assert waits == sorted(waits)
    assert sum(waits) > 900, "a mail server may be away for a quarter of an hour"
    assert relay() == 0

    page = as_(people.admin).get("/admin/core/outboxmessage/?sent=dead").content.decode()
    assert "ConnectionRefusedError" in page
    assert "13900005521" not in page


def test_a_dead_one_can_be_sent_again_from_the_admin(mail_breaks, people, as_, monkeypatch):
    User.objects.filter(pk=people.station.user_id).update(email="broken@example.org")
    put(User.objects.get(pk=people.station.user_id))
    OutboxMessage.objects.update(dead_at=timezone.now(), attempts=MAX_ATTEMPTS)
    monkeypatch.setattr(BrokenMail, "refuses", ())

    message = OutboxMessage.objects.get()
    page = as_(people.admin).get("/admin/core/outboxmessage/").content.decode()
    assert all(
        title in page for title in ("内容", "登记时间", "试过几次", "上次的错误", "送达时间", "不再试的时间")
    )
    as_(people.admin).post(
        "/admin/core/outboxmessage/", {"action": "try_again", "_selected_action": [message.pk]}
    )

    assert relay() == 1
    assert len(mail.outbox) == 1


def test_an_administrator_neither_sees_nor_revives_what_goes_to_another_county(people, as_):
    put(people.station_other.user)
    OutboxMessage.objects.update(dead_at=timezone.now(), subject="西坪镇的事")
    message = OutboxMessage.objects.get()
    admin = as_(people.admin)

    assert "西坪镇的事" not in admin.get("/admin/core/outboxmessage/").content.decode()
    assert "没有送达" not in admin.get("/").content.decode()
    admin.post("/admin/core/outboxmessage/", {"action": "try_again", "_selected_action": [message.pk]})

    assert OutboxMessage.objects.dead().exists()
    for who in (people.office, people.station_other, people.auditor):
        assert not OutboxMessage.objects.visible_to(who).exists()


def test_one_that_kills_its_relay_each_time_is_given_up(user):
    put(user)
    OutboxMessage.objects.update(attempts=MAX_ATTEMPTS)

    assert relay() == 0

    assert OutboxMessage.objects.dead().get().error == "KilledTheRelay"


def test_a_relay_ends_after_its_time_and_leaves_the_rest_to_the_next(user, monkeypatch):
    for number in range(5):
        put(user, key=str(number))
    clock = iter([0, 1, 2, 1000])
    monkeypatch.setattr(outbox, "monotonic", lambda: next(clock))

    assert relay() == 2
    monkeypatch.undo()
    assert relay() == 3


@pytest.mark.django_db(transaction=True)
def test_four_relays_at_once_send_each_notice_once(several_threads, settings):
    settings.EMAIL_BACKEND = "tests.core.test_outbox.BrokenMail"
    user = f.UserFactory(email="wang@example.org")
    for number in range(60):
        put(user, key=f"n{number}")

    results = several_threads(*[relay] * 4)

    assert sum(results) == 60, results
    assert InboxItem.objects.count() == 60
    ids = [sent.message()["Message-ID"] for sent in mail.outbox]
    assert len(ids) == len(set(ids)) == 60


@pytest.mark.django_db(transaction=True)
def test_the_same_notice_put_at_once_is_one(several_threads):
    user = f.UserFactory()
    assert several_threads(*[lambda: put(user)] * 8) == [None] * 8
    assert OutboxMessage.objects.count() == 1


# --- The inbox ---


def test_a_person_reads_the_own_notices_in_whatever_post(as_, people):
    second = f.PostFactory(user=people.station.user, role="DEPUTY", area=people.town)
    put(people.station.user)
    relay()

    assert "3月11日接待日请您参加。" in as_(second).get("/inbox/").content.decode()
    assert "3月11日接待日请您参加。" not in as_(people.office).get("/inbox/").content.decode()


def test_nobody_marks_another_s_notice_as_read(as_, people):
    put(people.station.user)
    relay()
    item = InboxItem.objects.get()

    as_(people.office).post("/inbox/", {"item": [item.pk]})
    assert InboxItem.objects.unread().count() == 1
    as_(people.station).post("/inbox/", {"item": [item.pk]})
    assert InboxItem.objects.unread().count() == 0


@pytest.mark.parametrize("item", ["x", "-1", str(10**30), "1 OR 1=1"])
def test_a_made_up_notice_marks_nothing(as_, people, item):
    put(people.station.user)
    relay()
    assert as_(people.station).post("/inbox/", {"item": [item]}).status_code in (302, 400, 404, 422)
    assert InboxItem.objects.unread().count() == 1


def test_ready_says_when_nobody_delivers_or_something_cannot_be(client, user):
    assert client.get("/readyz").json() == {
        "database": "ok", "queue": "ok", "waiting_too_long": 0, "undeliverable": 0,
    }  # fmt: skip
    put(user)
    OutboxMessage.objects.update(available_at=timezone.now() - timedelta(minutes=11))
    assert client.get("/readyz").json()["queue"] == "late"
    OutboxMessage.objects.update(dead_at=timezone.now())
    assert client.get("/readyz").json()["undeliverable"] == 1
