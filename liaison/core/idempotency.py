"""The same form or request sent twice makes one record, and both get the same answer."""

import hashlib
import json
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from django.db import models, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone

from liaison.accounts.models import User

KEPT = timedelta(days=7)  # long enough for a phone that was without network; answers may hold a name
UNSIGNED = {"csrfmiddlewaretoken", "idem"}


class SentBefore(models.Model):
    """The answer that a key got. Written in the transaction of the deed itself."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    key = models.CharField(max_length=80)
    digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    location = models.TextField(blank=True)
    body = models.TextField(blank=True)
    at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="a_key_is_answered_once")]

    def __str__(self) -> str:
        return self.key

    @classmethod
    def forget_old(cls, now: datetime) -> int:
        return cls.objects.filter(at__lt=now - KEPT).delete()[0]


class OtherBody(Exception):
    """A key was used again for something else."""

    text = "这次提交的编号已用于另一份内容。请重新打开页面再填。"


def key_of(request: HttpRequest) -> str:
    """The key that came with a form or a call; empty where there is none."""
    return request.headers.get("Idempotency-Key") or request.POST.get("idem", "")


def lasting_key(request: HttpRequest) -> uuid.UUID | None:
    """The key, where it is fit to stand in a row of its own: what was made by it is then known for ever."""
    try:
        return uuid.UUID(key_of(request))
    except ValueError:
        return None


def digest(request: Any) -> str:
    """A fingerprint of what was sent, to which address and in which post; the order of fields does not matter."""
    post = getattr(request, "post", None)
    whole = hashlib.sha256(f"{request.get_full_path()}\n{post.pk if post else ''}\n".encode())
    if request.content_type == "application/json":
        try:
            whole.update(json.dumps(json.loads(request.body or b"null"), sort_keys=True).encode())
        except (
            ValueError,
            RecursionError,
        ):  # not JSON, or nested without end: whoever reads it will refuse it
            whole.update(request.body)
        return whole.hexdigest()
    sent: dict[str, list[Any]] = {
        name: request.POST.getlist(name) for name in request.POST if name not in UNSIGNED
    }
    for name in request.FILES:
        for file in request.FILES.getlist(name):
            sent.setdefault("files", []).append(hashlib.sha256(file.read()).hexdigest())
            file.seek(0)
    whole.update(json.dumps(sent, sort_keys=True, ensure_ascii=False).encode())
    return whole.hexdigest()


def answer_once(request: Any, key: str, act: Callable[[], HttpResponse]) -> HttpResponse:
    """Run `act` unless this key was answered before; then give that answer again.

    Only answers that made or moved something are kept: a refused form may be mended and sent again. Of two that arrive
    together, the second waits for the first at the unique key. Raises OtherBody.
    """
    if not key:
        return act()
    mine = digest(request)
    key = hashlib.sha256(
        key.encode(errors="replace")
    ).hexdigest()  # whatever was sent fits, and is no text of theirs
    with transaction.atomic():
        SentBefore.objects.bulk_create([SentBefore(user=request.user, key=key)], ignore_conflicts=True)
        kept = SentBefore.objects.select_for_update(of=("self",)).get(user=request.user, key=key)
        if kept.digest and kept.digest != mine:
            raise OtherBody
        if kept.digest:
            if kept.location:
                return HttpResponseRedirect(kept.location, status=kept.status)
            return HttpResponse(kept.body, status=kept.status, content_type="application/json")
        response = act()
        told = response.status_code == 200 and response.get("Content-Type", "").startswith("application/json")
        made = response.status_code in (201, 202, 302, 303) or told
        if made:
            kept.digest, kept.status = mine, response.status_code
            kept.location = response.get("Location", "") if response.status_code in (302, 303) else ""
            kept.body = "" if kept.location else response.content.decode()
            kept.save()
        else:
            kept.delete()
        return response


def once(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For pages with a form that creates: the hidden field `idem` (or the header) is the key."""

    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method != "POST":
            return view(request, *args, **kwargs)
        return answer_once(request, key_of(request), lambda: view(request, *args, **kwargs))

    return wrapper
