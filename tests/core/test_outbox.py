"""Notices are written with the deed and delivered once, whatever dies or fails on the way."""

import json
from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.utils import timezone

from liaison.accounts.models import User
from liaison.core import outbox
from liaison.core.models import AuditEntry, InboxItem, NoticeChoice, OutboxMessage, PolicyVersion
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


def test_a_dead_one_can_be_sent_again_from_the_admin(mail_breaks, people, as_, monkeypatch, time_machine):
    time_machine.move_to("2026-03-11 10:00:00+08:00")  # by day: by night an e-mail waits
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


# --- By night, by the day, by short message ------------------------------------------------------------------------------

NIGHT, MORNING = "2026-03-11 22:30:00+08:00", "2026-03-12 07:00:30+08:00"


@pytest.fixture
def clerk(people):
    """Somebody under a county's policy, with an address."""
    people.unit.user.email = "chen@example.org"
    people.unit.user.save()
    return people.unit.user


def test_by_night_the_inbox_gets_it_and_the_mailbox_waits_for_the_morning(clerk, time_machine):
    time_machine.move_to(NIGHT, tick=False)
    put(clerk)
    put(clerk, key="urgent", urgent=True)

    assert relay() == 1
    assert InboxItem.objects.of(clerk).count() == 2
    assert len(mail.outbox) == 1, "the urgent one"
    assert (relay(), OutboxMessage.objects.waiting().get().attempts) == (0, 0)

    time_machine.move_to(MORNING, tick=False)
    assert relay() == 1
    assert len(mail.outbox) == 2


def test_what_was_read_before_the_morning_is_not_mailed(clerk, time_machine):
    time_machine.move_to(NIGHT, tick=False)
    put(clerk)
    relay()
    InboxItem.objects.update(read_at=timezone.now())
    time_machine.move_to(MORNING, tick=False)

    assert relay() == 1
    assert mail.outbox == []


@pytest.mark.once
@pytest.mark.parametrize(
    ("values", "hour", "sent"),
    [
        ({}, 21, 0),
        ({}, 20, 1),
        ({}, 6, 0),
        ({}, 7, 1),
        ({"quiet_from": 0, "quiet_to": 0}, 3, 1),
        ({"quiet_from": 12, "quiet_to": 14}, 13, 0),
        ({"quiet_from": 12, "quiet_to": 14}, 22, 1),
    ],
)
def test_the_quiet_hours_are_the_countys(people, clerk, time_machine, values, hour, sent):
    PolicyVersion.objects.create(area=people.county, first_on=f.LONG_AGO, values=values)
    time_machine.move_to(f"2026-03-11 {hour:02}:10:00+08:00", tick=False)
    put(clerk)

    assert (relay(), len(mail.outbox)) == (sent, sent)


def test_who_wants_one_e_mail_a_day_gets_one_with_what_lies_unread(clerk, time_machine):
    NoticeChoice.objects.create(user=clerk, mail="DAILY")
    time_machine.move_to("2026-03-11 10:00:00+08:00", tick=False)
    for number in range(3):
        OutboxMessage.objects.put(key=str(number), to=clerk, kind="TODO", text=f"第{number}件要办。")
    relay()
    InboxItem.objects.filter(key="0").update(read_at=timezone.now())
    assert mail.outbox == []

    time_machine.move_to("2026-03-12 08:00:00+08:00", tick=False)
    assert (outbox.send_digests(), relay()) == (1, 1)
    time_machine.shift(timedelta(hours=1))
    assert (outbox.send_digests(), relay()) == (0, 0)

    (letter,) = mail.outbox
    assert letter.subject == "您有 2 条未读消息"
    assert "第0件" not in letter.body
    assert InboxItem.objects.of(clerk).count() == 3, "a digest is no message of its own"
    time_machine.shift(timedelta(days=1))
    assert outbox.send_digests() == 0, "told of once"


def test_what_was_mailed_by_itself_is_in_no_digest(clerk, time_machine):
    time_machine.move_to("2026-03-11 10:00:00+08:00", tick=False)
    OutboxMessage.objects.put(key="before", to=clerk, kind="TODO", text="选每天一封以前的。")
    relay()
    NoticeChoice.objects.create(user=clerk, mail="DAILY")
    OutboxMessage.objects.put(key="urgent", to=clerk, kind="TODO", text="马上要办。", urgent=True)
    relay()
    assert len(mail.outbox) == 2
    assert outbox.send_digests() == 0

    OutboxMessage.objects.put(key="usual", to=clerk, kind="TODO", text="要办。")
    relay()
    assert (outbox.send_digests(), relay()) == (1, 1)
    assert mail.outbox[-1].subject == "您有 1 条未读消息"
    assert mail.outbox[-1].body == "1. 要办。"


def test_many_are_written_at_once_as_one_is(clerk):
    put(clerk, key="there")
    rows = [
        OutboxMessage(key=key, to=clerk, kind="TODO", text="两行\n字。" * 20)
        for key in ("there", "new", "new")
    ]
    assert OutboxMessage.objects.put_all(rows) == 1
    new = OutboxMessage.objects.get(key="new")
    assert (OutboxMessage.objects.count(), len(new.subject), new.subject[:5]) == (2, 60, "两行 字。")


def test_a_short_message_goes_to_who_chose_it_and_lies_where_nobody_else_reads(
    clerk, settings, tmp_path, caplog, time_machine
):
    time_machine.move_to("2026-03-11 10:00:00+08:00", tick=False)
    spool = tmp_path / "sms.jsonl"
    spool.touch(0o644)
    settings.SMS_URL = f"file://{spool}"
    NoticeChoice.objects.create(user=clerk, mail="NONE", by_sms=True, phone="13900005521")
    put(clerk)
    put(f.UserFactory(), key="another")
    OutboxMessage.objects.put(key="known", to=clerk, kind="INFO", text="知会一下。")

    assert relay() == 3
    (line,) = spool.read_text().splitlines()
    assert (json.loads(line)["to"], json.loads(line)["text"]) == ("13900005521", "3月11日接待日请您参加。")
    assert spool.stat().st_mode & 0o777 == 0o600
    assert mail.outbox == []
    assert "13900005521" not in caplog.text


def test_a_carrier_that_is_down_is_tried_again_and_the_e_mail_is_not_repeated(
    clerk, settings, tmp_path, time_machine
):
    time_machine.move_to("2026-03-11 10:00:00+08:00", tick=False)
    settings.SMS_URL = f"file://{tmp_path}/nowhere/sms.jsonl"
    NoticeChoice.objects.create(user=clerk, by_sms=True, phone="13900005521")
    put(clerk)
    assert relay() == 0
    assert OutboxMessage.objects.get().error == "FileNotFoundError"

    (tmp_path / "nowhere").mkdir()
    time_machine.shift(timedelta(minutes=20))
    assert relay() == 1
    assert len(mail.outbox) == 1
    assert len((tmp_path / "nowhere" / "sms.jsonl").read_text().splitlines()) == 1


def test_each_person_chooses_and_no_number_stands_in_the_record(clerk, people, as_, settings):
    settings.SMS_URL = "file:///spool"
    unit = as_(people.unit)
    wrong = unit.post("/inbox/settings/", {"mail": "DAILY", "by_sms": "on", "phone": "0352-5021234"})
    assert wrong.status_code == 422
    assert "座机收不到短信" in wrong.content.decode()

    assert (
        unit.post("/inbox/settings/", {"mail": "DAILY", "by_sms": "on", "phone": "139 0000 5521"}).status_code
        == 302
    )
    assert NoticeChoice.objects.get().phone == "13900005521"
    assert "5521" not in str(AuditEntry.objects.latest("pk").data)
    settings.SMS_URL = ""
    assert "短信" not in unit.get("/inbox/settings/").content.decode()
