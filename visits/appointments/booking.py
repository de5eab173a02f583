"""What a person may choose from when asking for a deputy, and the public way in."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac

from deputies.models import Mandate, StationAssignment
from liaison.core.policy import policy_for
from liaison.core.workflow import NotAllowed
from stations.models import Station
from visits.models import Activity, Applicant, Appointment, Attendance
from visits.models.appointment import belonging_to, slots, why_not_with
from visits.workflow import FREED, WORKING, ActivityState

# The notice that stands above the first field of the form; a change of its words is a new version.
CONSENT = "2026-11"
RECEIVING = (Station.Kind.HOME, Station.Kind.STATION, Station.Kind.POINT)  # where one can meet somebody


@dataclass(frozen=True)
class FreeDay:
    """A reception day ahead, the slots that are still free and those that are taken, and the deputies expected."""

    activity: Activity
    slots: list[time]
    taken: list[time]
    deputies: str = ""


def free_days(
    stations: Iterable[Station], *, public: bool, besides: Appointment | None = None
) -> list[FreeDay]:
    """The reception days ahead of these stations with their free slots, in order; full days have none.

    `public`: only days that have been announced. The slot of the appointment `besides` counts as free.
    """
    rows = list(stations)
    if not rows:
        return []
    now = timezone.localtime()
    policy = policy_for(rows[0].area, now.date())
    states = (ActivityState.ANNOUNCED, ActivityState.OPEN) if public else WORKING
    last = now.date() + timedelta(days=policy.appointment_days_ahead)
    days = list(
        Activity.objects.receptions()
        .filter(station__in=rows, state__in=states, day__range=(now.date(), last))
        .select_related("station")
        .order_by("day", "starts_at", "pk")
    )
    taken: dict[int, set[time]] = {}
    booked = Appointment.objects.filter(activity__in=days).exclude(state__in=FREED)
    if besides is not None:
        booked = booked.exclude(pk=besides.pk)
    for activity, at in booked.values_list("activity", "at"):
        taken.setdefault(activity, set()).add(at)  # type: ignore[arg-type]
    names: dict[int, list[str]] = {}
    expected = Attendance.objects.announced().filter(activity__in=days)
    for activity, name in expected.order_by("mandate__deputy__pinyin").values_list(
        "activity", "mandate__deputy__name"
    ):
        names.setdefault(activity, []).append(name)
    found = []
    for day in days:
        ahead = [
            at for at in slots(day, policy.appointments_an_hour) if day.day > now.date() or at > now.time()
        ]
        gone = taken.get(day.pk, set())
        free = [at for at in ahead if at not in gone]
        found.append(FreeDay(day, free, [at for at in ahead if at in gone], "、".join(names.get(day.pk, []))))
    return found


def deputies_of(stations: Iterable[Station], on: date) -> QuerySet[Mandate]:
    """Whom one may ask for: in office, not suspended, assigned to one of these stations or next to it."""
    held = StationAssignment.objects.current(on).filter(belonging_to(stations))
    rows = Mandate.objects.can_serve(on).filter(pk__in=held.values("mandate"))
    return rows.select_related("deputy").order_by("deputy__pinyin", "pk")


@dataclass(frozen=True)
class Counter:
    """Where the public page leads: a station, perhaps a deputy and a day, or why these are not to be had."""

    station: Station | None = None
    mandate: Mandate | None = None
    activity: Activity | None = None
    refusal: str = ""  # a sentence shown above the form, or instead of it
    instead: Station | None = None  # where to ask, where this station cannot be asked


def counter(query: Mapping[str, str]) -> Counter | None:
    """What `?day=`, `?deputy=` or `?station=` asks for. None: there is no such thing; nothing asked: an empty one."""
    today = timezone.localdate()
    if query.get("day"):
        return _by_day(_key(query["day"]), today)
    if query.get("deputy"):
        return _by_deputy(_key(query["deputy"]), today)
    if query.get("station"):
        station = _stations().filter(code=query["station"].replace("\0", "")[:20]).first()
        return _at(station, today) if station else None
    return Counter()


def _key(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0


def _stations() -> QuerySet[Station]:
    return Station.objects.select_related("area", "parent", "merged_into")


def _at(station: Station, today: date, **more: Any) -> Counter:
    """The station as it stands today; a closed one sends to the one that took over, or above it."""
    if station.kind not in RECEIVING and station.parent is not None:
        station = _stations().get(pk=station.parent.pk)
    word, _ = station.condition(today)
    if word == "开放":
        return Counter(station, **more)
    above = station.merged_into or station.parent
    if above is not None and not above.is_open(today):
        above = None
    call = f"有事请打电话 {station.phone}。" if station.phone and word == "暂停开放" else ""
    return Counter(refusal=f"{station}{word}，现在不能约。{call}", instead=above)


def _by_day(pk: int, today: date) -> Counter | None:
    activity = Activity.objects.receptions().filter(pk=pk).select_related("replacement").first()
    if activity is None or activity.told_day is None:
        return None  # nobody has been told of it
    station = _stations().get(pk=activity.station_id)
    if activity.state == ActivityState.PLANNED:
        return _at(station, today, refusal="这个接待日已改期，新的日子还没有公示。可以约下面的日子。")
    if activity.state == ActivityState.CANCELLED:
        instead = activity.replacement
        moved = f"，改为{instead.day:%-m月%-d日}" if instead else ""
        return _at(
            station, today, refusal=f"{activity.told_day:%-m月%-d日}的接待日已取消{moved}。可以约下面的日子。"
        )
    if activity.day < today or activity.state == ActivityState.CLOSED:
        return _at(station, today, refusal=f"{activity.day:%-m月%-d日}的接待日已经过了。可以约下面的日子。")
    return _at(station, today, activity=activity)


def _by_deputy(pk: int, today: date) -> Counter | None:
    """The station where the deputy sits now; one who left leads to the last station, where others can be asked."""
    places = StationAssignment.objects.filter(mandate__deputy=pk).select_related(
        "mandate__deputy", "station__area", "station__parent", "station__merged_into"
    )
    now = places.current(today).filter(mandate__in=Mandate.objects.can_serve(today))
    if place := now.order_by("-resident", "-from_on", "pk").first():
        return _at(place.station, today, mandate=place.mandate)
    last = places.order_by("-from_on", "-pk").first()
    if last is None:
        return None
    return _at(last.station, today, refusal=why_not_with(last.mandate, last.station, today))


def ask_online(appointment: Appointment, *, name: str, phone: str) -> Appointment:
    """Keep a wish from the public page; the same sent twice is one. Raises NotAllowed, in words for the person."""
    today = timezone.localdate()
    wish = [
        appointment.station_id, appointment.mandate_id, appointment.activity_id, appointment.category_id,
        str(appointment.at), appointment.wish, appointment.subject, name, phone, today.isoformat(),
    ]  # fmt: skip
    digest = salted_hmac("visits.appointment.sent", json.dumps(wish), algorithm="sha256").hexdigest()
    if known := Appointment.objects.live().filter(digest=digest).first():
        return known
    most = policy_for(appointment.station.area, today).appointments_a_day
    if Applicant.objects.asked_online(phone, today) >= most:
        call = f"请打电话 {appointment.station.phone}，" if appointment.station.phone else "请"
        raise NotAllowed(f"这个手机号今天已经提交了 {most} 次约见。还要约的，{call}明天再来，或直接到站里。")
    return appointment.ask(by=None, name=name, phone=phone, consent=CONSENT, digest=digest)


def by_secret(secret: str) -> Appointment | None:
    rows = Appointment.objects.with_secret(secret)
    return rows.select_related("station__area", "activity__station", "mandate__deputy", "applicant").first()


def by_code(number: str, code: str) -> Appointment | None:
    """The appointment with this number, where the query code is right. Raises NotAllowed after too many wrong ones."""
    return Appointment.objects.with_code(number, code)
