"""Outgoing notices: rows first, delivered by a relay.

A notice is written in the transaction of the deed that causes it, so neither stands without the other. The relay takes
rows one by one by lease, delivers each under a stable key and tries again later when that fails. Any number of relays
may run; one that dies leaves its row to the others when the lease ends. No web request talks to the broker.
"""

import hashlib
import logging
import random
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from liaison.accounts.models import Post, User

log = logging.getLogger(__name__)

BATCH = 50
MAX_ATTEMPTS = 10
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

    def put(self, *, key: str, to: User, kind: str, text: str, url: str = "", subject: str = "") -> None:
        """Write a notice for a person. The same `key` twice makes one notice: callers need not ask first.

        `text` names the place and what to do, never a citizen. `url` is the page where it is done.
        """
        subject = " ".join((subject or text).split())[:60]
        message = OutboxMessage(key=key, to=to, kind=kind, text=text, url=url, subject=subject)
        OutboxMessage.objects.bulk_create([message], ignore_conflicts=True)

    def lease(self, pk: int, now: datetime) -> "OutboxMessage | None":
        """Take one due row for the length of the lease; of two relays that meet, one gets it."""
        row = self.due(now).filter(pk=pk)
        if not row.update(leased_until=now + settings.OUTBOX_LEASE, attempts=F("attempts") + 1):
            return None
        return self.select_related("to").get(pk=pk)

    def revive(self, now: datetime) -> int:
        """Try the dead ones again, as if they were new."""
        return self.dead().update(dead_at=None, attempts=0, available_at=now, error="")


class OutboxMessage(models.Model):
    class Kind(models.TextChoices):
        TODO = "TODO", "要办"
        INFO = "INFO", "知会"

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

    def deliver(self, now: datetime) -> None:
        """Put it into the person's inbox and, where an address is known, send it by e-mail.

        The inbox comes first, so that a mail server that is down holds up nothing else; it is effective once, by the
        key. A repeated e-mail has the same Message-ID, so that it can be told from a second message.
        """
        item = InboxItem(
            key=self.key, user_id=self.to_id, kind=self.kind, text=self.text, url=self.url, at=self.created_at
        )
        InboxItem.objects.bulk_create([item], ignore_conflicts=True)
        if (
            self.to.email
            and self.to.is_active
            and not settings.EMAIL_BACKEND.endswith("console.EmailBackend")
        ):
            key = hashlib.sha256(self.key.encode()).hexdigest()[:32]
            EmailMessage(
                self.subject, self.text, to=[self.to.email], headers={"Message-ID": f"<{key}@liaison>"}
            ).send()
        OutboxMessage.objects.filter(pk=self.pk).update(delivered_at=now, leased_until=None, error="")

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
                message.deliver(timezone.now())
                delivered += 1
            except Exception as error:  # noqa: BLE001 — whatever goes wrong with one, the others go on
                message.fail(error, timezone.now())
    return delivered


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

    objects = InboxQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "消息"
        indexes = [
            models.Index(fields=["user", "-at", "-id"], name="inbox_of_a_person"),
            models.Index(fields=["user"], name="inbox_unread", condition=Q(read_at=None)),
        ]

    def __str__(self) -> str:
        return self.text[:40]
