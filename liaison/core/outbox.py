"""Outgoing notices: rows first, delivered by a relay.

A notice is written in the transaction of the deed that causes it, so neither stands without the other. The relay takes
rows one by one by lease, delivers each under a stable key and tries again later when that fails. Any number of relays
may run; one that dies leaves its row to the others when the lease ends. No web request talks to the broker.

The inbox is never held back. E-mail and short messages wait for the morning unless they are marked urgent, and go as
each person has chosen (NoticeChoice); one that was read in the inbox meanwhile is not sent any more.
"""

import hashlib
import logging
import random
from collections.abc import Iterable
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from liaison.accounts.models import Post, User

from . import sms
from .policy import policy_for

log = logging.getLogger(__name__)

BATCH = 50
WRITTEN_AT_ONCE = 500
MAX_ATTEMPTS = 10
DIGEST_LINES = 50
DIGEST_FROM = timedelta(days=7)  # what has lain there for longer is no news
LONGEST_RUN = 60  # seconds; then the next task goes on, and other tasks get their turn


class KilledTheRelay(Exception):
    """Every attempt at this message ended without a word, so the next one is not made."""


class OutboxQuerySet(models.QuerySet["OutboxMessage"]):
    def due(self, now: datetime) -> "OutboxQuerySet":
        return self.filter(delivered_at=None, dead_at=None, available_at__lte=now).filter(
            Q(leased_until=None) | Q(leased_until__lt=now)
        )

    def visible_to(self, post: Post | None) -> "OutboxQuerySet":
        """An administrator sees what goes to the people who hold a post in the area; nobody else sees any."""
        return self.filter(to__in=Post.objects.visible_to(post).values("user"))

    def waiting(self) -> "OutboxQuerySet":
        return self.filter(delivered_at=None, dead_at=None)

    def dead(self) -> "OutboxQuerySet":
        """What could not be delivered after all attempts; a person must see to it."""
        return self.exclude(dead_at=None)

    def put(
        self,
        *,
        key: str,
        to: User,
        kind: str,
        text: str,
        url: str = "",
        subject: str = "",
        urgent: bool = False,
    ) -> None:
        """Write a notice for a person. The same `key` twice makes one notice: callers need not ask first.

        `text` names the place and what to do, never a citizen. `url` is the page where it is done. `urgent`: sent by
        night too, and singly to who wants one e-mail a day.
        """
        self._write(
            [OutboxMessage(key=key, to=to, kind=kind, text=text, url=url, subject=subject, urgent=urgent)]
        )

    def put_all(self, messages: "Iterable[OutboxMessage]") -> int:
        """Write many, as `put` does one. Returns how many were not there yet."""
        rows, made = list({message.key: message for message in messages}.values()), 0
        for start in range(0, len(rows), WRITTEN_AT_ONCE):
            some = rows[start : start + WRITTEN_AT_ONCE]
            there = OutboxMessage.objects.filter(key__in=[message.key for message in some])
            known = set(there.values_list("key", flat=True))
            made += self._write([message for message in some if message.key not in known])
        return made

    @staticmethod
    def _write(messages: "list[OutboxMessage]") -> int:
        for message in messages:
            message.subject = " ".join((message.subject or message.text).split())[:60]
        OutboxMessage.objects.bulk_create(messages, ignore_conflicts=True)
        return len(messages)

    def lease(self, pk: int, now: datetime) -> "OutboxMessage | None":
        """Take one due row for the length of the lease; of two relays that meet, one gets it."""
        row = self.due(now).filter(pk=pk)
        if not row.update(leased_until=now + settings.OUTBOX_LEASE, attempts=F("attempts") + 1):
            return None
        return self.select_related("to__notice_choice").get(pk=pk)

    def revive(self, now: datetime) -> int:
        """Try the dead ones again, as if they were new."""
        return self.dead().update(dead_at=None, attempts=0, available_at=now, error="")


class OutboxMessage(models.Model):
    class Kind(models.TextChoices):
        TODO = "TODO", "要办"
        INFO = "INFO", "知会"
        DIGEST = "MAIL", "汇总"  # of what lies unread; by e-mail alone

    key = models.CharField(max_length=120, unique=True)
    to = models.ForeignKey(User, models.PROTECT, related_name="+")
    kind = models.CharField("性质", max_length=4, choices=Kind.choices)
    subject = models.CharField("内容", max_length=100)
    text = models.TextField()
    url = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField("登记时间", default=timezone.now)
    available_at = models.DateTimeField(default=timezone.now)
    leased_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField("试过几次", default=0)
    urgent = models.BooleanField(default=False)
    mailed_at = models.DateTimeField(null=True)
    texted_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField("送达时间", null=True)
    dead_at = models.DateTimeField("不再试的时间", null=True)
    error = models.CharField("上次的错误", max_length=200, blank=True)

    objects = OutboxQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "待发通知"
        indexes = [
            models.Index(
                fields=["available_at"],
                name="outbox_waiting",
                condition=Q(delivered_at=None) & Q(dead_at=None),
            )
        ]

    def __str__(self) -> str:
        return self.key

    def deliver(self, now: datetime) -> bool:
        """Put it into the person's inbox, and send it by e-mail and short message as the person has chosen.

        The inbox comes first, so that a mail server that is down holds up nothing else; it is effective once, by the
        key. A repeated e-mail has the same Message-ID, so that it can be told from a second message. False where
        e-mail and short message wait for the morning.
        """
        if self.kind != self.Kind.DIGEST:
            item = InboxItem(
                key=self.key,
                user_id=self.to_id,
                kind=self.kind,
                text=self.text,
                url=self.url,
                at=self.created_at,
            )
            InboxItem.objects.bulk_create([item], ignore_conflicts=True)
        mails, texts = self._goes_by_mail(), self._goes_by_sms()
        if mails or texts:
            if not self.urgent and (morning := _end_of_quiet(self.to, now)):
                self._wait(morning)
                return False
            if not self._was_read():
                if mails:
                    self._mail()
                    OutboxMessage.objects.filter(pk=self.pk).update(mailed_at=now)
                if texts:
                    sms.send(self.to.notice_choice.phone, self.text, key=self._hash)
                    OutboxMessage.objects.filter(pk=self.pk).update(texted_at=now)
        OutboxMessage.objects.filter(pk=self.pk).update(delivered_at=now, leased_until=None, error="")
        return True

    def _goes_by_mail(self) -> bool:
        """One by one, or as the digest; who wants a digest gets only the urgent ones singly."""
        if not (self.to.email and self.to.is_active and self.mailed_at is None):
            return False
        if settings.EMAIL_BACKEND.endswith("console.EmailBackend"):
            return False
        wanted = _choice_of(self.to).mail
        if self.kind == self.Kind.DIGEST:
            return wanted == NoticeChoice.Mail.DAILY
        return wanted == NoticeChoice.Mail.EACH or (wanted == NoticeChoice.Mail.DAILY and self.urgent)

    def _goes_by_sms(self) -> bool:
        """Only what is to be done, and only to who asked for it with a number."""
        choice = _choice_of(self.to)
        asked = bool(choice.by_sms and choice.phone and self.to.is_active and sms.is_set_up())
        return asked and self.kind == self.Kind.TODO and self.texted_at is None

    def _was_read(self) -> bool:
        return InboxItem.objects.filter(key=self.key).exclude(read_at=None).exists()

    @property
    def _hash(self) -> str:
        """Stands for the key outside: a key names things, and may be longer than a header."""
        return hashlib.sha256(self.key.encode()).hexdigest()[:32]

    def _mail(self) -> None:
        text = self.text
        if self.url and settings.PUBLIC_URL and self.kind != self.Kind.DIGEST:
            text += f"\n\n{settings.PUBLIC_URL}{self.url}"  # only who signs in sees what is there
        EmailMessage(
            self.subject, text, to=[self.to.email], headers={"Message-ID": f"<{self._hash}@liaison>"}
        ).send()

    def _wait(self, until: datetime) -> None:
        """That it waits is no failed attempt."""
        OutboxMessage.objects.filter(pk=self.pk).update(
            available_at=until, leased_until=None, attempts=0, error=""
        )

    def fail(self, error: Exception, now: datetime) -> None:
        """Try later, each time later than before; after the last attempt it is dead and shown to a person."""
        seconds = min(2**self.attempts, 900) * random.uniform(0.8, 1.2)  # noqa: S311 — spreading retries, no secret
        dead = now if self.attempts >= MAX_ATTEMPTS else None
        later, name = now + timedelta(seconds=seconds), type(error).__name__
        OutboxMessage.objects.filter(pk=self.pk).update(
            available_at=later, leased_until=None, dead_at=dead, error=name
        )
        log.warning("notice %s not delivered, attempt %s: %s", self.pk, self.attempts, name)


def relay() -> int:
    """Deliver what is due; returns how many were delivered. One that fails never holds up the others."""
    delivered, end = 0, monotonic() + LONGEST_RUN
    rows = OutboxMessage.objects
    while due := list(
        rows.due(timezone.now()).order_by("available_at", "pk").values_list("pk", flat=True)[:BATCH]
    ):
        for pk in due:
            if monotonic() > end:
                return delivered
            message = rows.lease(pk, timezone.now())
            if message is None:
                continue
            try:
                if message.attempts > MAX_ATTEMPTS:
                    raise KilledTheRelay
                delivered += message.deliver(timezone.now())
            except Exception as error:  # noqa: BLE001 — whatever goes wrong with one, the others go on
                message.fail(error, timezone.now())
    return delivered


def _choice_of(user: User) -> "NoticeChoice":
    return getattr(user, "notice_choice", None) or NoticeChoice()


def _end_of_quiet(user: User, now: datetime) -> datetime | None:
    """The end of the quiet hours that it is now, by the policy of the person's area; None where it is day.

    Who holds no post lives under nobody's policy.
    """
    here = timezone.localtime(now)
    post = next(iter(user.open_posts(here.date())), None)
    if post is None:
        return None
    policy = policy_for(post.area, here.date())
    begins, ends = policy.quiet_from, policy.quiet_to
    by_night = begins <= here.hour < ends if begins <= ends else not ends <= here.hour < begins
    if not by_night:
        return None
    morning = here.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(hours=ends)
    return morning if morning > here else morning + timedelta(days=1)


def send_digests() -> int:
    """One e-mail a day for each who wants one: what came in and was neither read nor sent before. Returns how many.

    Computed from the inbox itself; that today's was made is known by its key.
    """
    now, made = timezone.now(), 0
    today = timezone.localdate(now)
    mailed = Exists(OutboxMessage.objects.filter(key=OuterRef("key"), mailed_at__isnull=False))
    wanted = NoticeChoice.objects.filter(mail=NoticeChoice.Mail.DAILY, user__is_active=True)
    for choice in wanted.exclude(user__email="").select_related("user").order_by("pk"):
        key = f"digest:{choice.user_id}:{today:%Y%m%d}"
        news = (
            InboxItem.objects.of(choice.user)
            .unread()
            .filter(~mailed, summed_at=None, at__gte=now - DIGEST_FROM)
        )
        with transaction.atomic():
            items = list(news.order_by("-at", "-pk"))
            if not items or OutboxMessage.objects.filter(key=key).exists():
                continue
            lines = [f"{number}. {item.text}" for number, item in enumerate(items[:DIGEST_LINES], 1)]
            if len(items) > DIGEST_LINES:
                lines.append(f"另有 {len(items) - DIGEST_LINES} 条，请登录后看。")
            subject = f"您有 {len(items)} 条未读消息"
            OutboxMessage.objects.put(
                key=key,
                to=choice.user,
                kind=OutboxMessage.Kind.DIGEST,
                text="\n".join(lines),
                url="/inbox/",
                subject=subject,
            )
            InboxItem.objects.filter(pk__in=[item.pk for item in items]).update(summed_at=now)
            made += 1
    return made


class NoticeChoice(models.Model):
    """How a person wants to hear of notices besides the inbox. Nobody else reads it, nor the number."""

    class Mail(models.TextChoices):
        EACH = "EACH", "每条消息一封邮件"
        DAILY = "DAILY", "每天一封，汇总没有读的"
        NONE = "NONE", "不发邮件"

    user = models.OneToOneField(User, models.CASCADE, related_name="notice_choice", editable=False)
    mail = models.CharField("邮件", max_length=5, choices=Mail.choices, default=Mail.EACH)
    by_sms = models.BooleanField("要办的事也发短信", default=False)
    phone = models.CharField("接收短信的手机", max_length=20, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "通知方式"

    def __str__(self) -> str:
        return f"通知方式 {self.pk}"


class InboxQuerySet(models.QuerySet["InboxItem"]):
    def of(self, user: Any) -> "InboxQuerySet":
        return self.filter(user=user)

    def visible_to(self, post: Post | None) -> "InboxQuerySet":
        """Notices are to a person, whatever post the session acts in."""
        return self.filter(user=post.user) if post else self.none()

    def unread(self) -> "InboxQuerySet":
        return self.filter(read_at=None)


class InboxItem(models.Model):
    """A notice that has arrived: one line in the person's inbox, leading to the place to act."""

    key = models.CharField(max_length=120, unique=True)
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=4, choices=OutboxMessage.Kind.choices)
    text = models.TextField()
    url = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    summed_at = models.DateTimeField(null=True)  # told of in a digest

    objects = InboxQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "消息"
        indexes = [
            models.Index(fields=["user", "-at", "-id"], name="inbox_of_a_person"),
            models.Index(fields=["user"], name="inbox_unread", condition=Q(read_at=None)),
        ]

    def __str__(self) -> str:
        return self.text[:40]
