"""What a device kept while it had no network and sends when it is back (static/js/queue.js).

Such a request names its owner in `X-Queue` ("user-post"), carries a key made on the device, the device's clock when the
entry was made (`made_at`) and when it was sent (`X-Sent-At`), both in milliseconds since 1970. It is answered in JSON:
201 with the number, 409 or 422 with the sentences, 401 where the session is another person's.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

FAR = timedelta(hours=1)  # farther apart than this, the record says both times
OLDEST = timedelta(days=366)  # an entry that claims to be older was made by a broken clock


def from_queue(request: HttpRequest) -> bool:
    return "X-Queue" in request.headers


def owned(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Take queued entries only from the person, in the post, that made them: sessions change, the device remains."""

    @wraps(view)
    def wrapper(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if from_queue(request) and request.headers["X-Queue"] != f"{request.user.pk}-{request.post.pk}":
            return JsonResponse({"errors": []}, status=401)
        return view(request, *args, **kwargs)

    return wrapper


def refused(form: Any) -> JsonResponse:
    """What is to be mended, as (name of the field or "", sentence), for the row on the device."""
    errors = []
    for name, sentences in form.errors.items():
        label = f"{form[name].label}：" if name in form.fields else ""
        errors += [(name if label else "", f"{label}{sentence}") for sentence in sentences]
    return JsonResponse({"errors": errors}, status=form.status)


@dataclass(frozen=True)
class Moment:
    """When an entry was made, by the server's clock; what the record says of it where the device saw another time."""

    at: datetime
    note: str = ""
    data: dict[str, Any] = field(default_factory=dict)


def moment(request: HttpRequest, now: datetime) -> Moment:
    """When the entry that `request` sends was made.

    The device's clock may be a day off, so only the time between making and sending is taken from it; what it showed
    goes into the record.
    """
    made = _clock(request.POST.get("made_at"))
    if made is None:
        return Moment(now)
    sent = _clock(request.headers.get("X-Sent-At")) or now
    age = sent - made
    at = now - age if timedelta(0) <= age <= OLDEST else now
    note = ""
    if abs(now - made) > FAR:
        note = f"设备上记的时间是 {_words(made)}，{_words(now)} 收到。"
        if abs(sent - now) > FAR:
            note += f"设备的时钟不准，推算是 {_words(at)} 记的。"
    return Moment(at, note, {"made_at": made, "made_by_our_clock": at, "arrived_at": now})


def _clock(text: str | None) -> datetime | None:
    if not text or not text.isascii() or not text.isdigit() or len(text) > 14:
        return None
    return datetime.fromtimestamp(int(text) / 1000, tz=UTC)


def _words(at: datetime) -> str:
    return f"{timezone.localtime(at):%Y年%-m月%-d日 %H:%M}"
