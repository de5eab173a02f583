"""A link and a query code that stand for a person without an account: what was asked for is looked up, and answered.

Both are worked out from `seed` and the server's key, so that who reads the table alone can make neither.
"""

import hashlib
from base64 import urlsafe_b64encode
from datetime import datetime, timedelta
from typing import Any, Self

from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.utils import timezone
from django.utils.crypto import constant_time_compare, get_random_string, salted_hmac

from .workflow import NotAllowed

CODE_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # without 0 and O, 1 and I, which are read wrongly
CODE_LENGTH = 8
CODE_TRIES = 5
CODE_LOCKED = timedelta(hours=1)


def link_hash_of(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


def new_seed() -> str:
    return get_random_string(43)  # 256 bits


class LinkedQuerySet(models.QuerySet[Any]):
    def with_secret(self, secret: str) -> Self:
        return self.filter(link_hash=link_hash_of(secret))

    def with_code(self, number: str, code: str) -> Any:
        """The one with this number, where the query code is right; else None. Raises NotAllowed after too many wrong ones.

        Never inside a transaction that may be undone: a wrong code must stay counted.
        """
        found = self.filter(number=number).exclude(link_hash=None).first()
        return found if found is not None and found.opens_with(code, timezone.now()) else None


class LinkedBySecret(models.Model):
    """Mixed into what a person may look up. What has no seed yet gets its link when it is first shown (`give_link`)."""

    seed = models.CharField(max_length=43, blank=True, editable=False)
    link_hash = models.CharField(max_length=64, null=True, unique=True, editable=False)  # noqa: DJ001 — unique where given
    code_failures = models.PositiveSmallIntegerField(default=0, editable=False)
    code_failed_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        abstract = True

    def _derived(self, what: str) -> bytes:
        return salted_hmac(f"{self._meta.label_lower}.{what}", self.seed, algorithm="sha256").digest()

    @property
    def secret(self) -> str:
        """The last part of the person's link: 256 bits as 43 characters."""
        return urlsafe_b64encode(self._derived("link")).decode().rstrip("=")

    @property
    def code(self) -> str:
        """The query code: 8 characters (40 bits), which together with the number leads to the link."""
        return "".join(CODE_LETTERS[byte % len(CODE_LETTERS)] for byte in self._derived("code")[:CODE_LENGTH])

    @property
    def code_in_two(self) -> str:
        """As it is shown and read out: 7K4M 2QXD."""
        return f"{self.code[:4]} {self.code[4:]}"

    def seal(self) -> None:
        """Give a thing that is not saved yet its seed (unless it has one) and the hash of its link."""
        self.seed = self.seed or new_seed()
        self.link_hash = link_hash_of(self.secret)

    def give_link(self) -> None:
        """The link of a thing that was kept without one. Of two who ask at once, both get the one that was first."""
        if self.link_hash is not None:
            return
        self.seal()
        rows = type(self)._base_manager.filter(pk=self.pk)
        if not rows.filter(link_hash=None).update(seed=self.seed, link_hash=self.link_hash):
            self.seed, self.link_hash = rows.values_list("seed", "link_hash").get()

    def opens_with(self, code: str, now: datetime) -> bool:
        """Is this the query code? After five wrong ones the number is locked for an hour (raises NotAllowed).

        The attempt is counted before it is looked at, so that many at once cannot try more than five.
        """
        rested = Q(code_failed_at__lt=now - CODE_LOCKED)
        rows = type(self)._base_manager.filter(pk=self.pk)
        counted = rows.filter(Q(code_failures__lt=CODE_TRIES) | rested).update(
            code_failures=Case(When(rested, then=Value(1)), default=F("code_failures") + 1),
            code_failed_at=now,
        )
        if not counted:
            raise NotAllowed("这个编号的查询码输错太多次，请一小时后再试，或打电话问联络站。")
        if not constant_time_compare(code, self.code):
            return False
        rows.update(code_failures=0, code_failed_at=None)
        return True
