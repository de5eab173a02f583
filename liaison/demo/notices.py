"""Codes on the doors, how often they were read, and the notices of the days around today."""

import random
from contextlib import suppress
from datetime import date, time, timedelta

from django.db.models import F

from deputies.models import LETTERS, TOKEN_LENGTH, QrScans, QrToken
from liaison.accounts.models import Post
from liaison.core.workflow import NotAllowed
from stations.models import Station
from visits.models import Activity, Attendance, Notice
from visits.models.notice import wording
from visits.workflow import AttendanceState

from .network import Network
from .record import Trail, keep, moment
from .scenarios import Scenario

SINCE = timedelta(
    days=60
)  # so far back notices are kept word by word; before that the day stands with the activity
ISSUED = date(2023, 1, 16)
CAME = (AttendanceState.ROSTERED, AttendanceState.CONFIRMED, AttendanceState.PRESENT)


def build(scenario: Scenario, network: Network, *, today: date, officer: Post, trail: Trail) -> None:
    rng = random.Random(f"{scenario.name} notices")
    _codes(rng, network, officer, today=today, trail=trail)
    Activity.objects.filter(announced_on__isnull=False).update(told_day=F("day"))
    _notices(rng, network, officer, today)
    _changes(network, officer, today)


def _by(network: Network, station: Station, officer: Post) -> Post:
    return network.officers.get(station.parent_id or station.pk, officer)


def _codes(rng: random.Random, network: Network, officer: Post, *, today: date, trail: Trail) -> None:
    """A code for each open site, and scans of the last four weeks: many on some doors, none on most points."""
    stations = list(Station.objects.open(today).select_related("area", "parent").order_by("code"))
    at = moment(ISSUED, time(15))
    tokens = keep(
        QrToken(token="".join(rng.choices(LETTERS, k=TOKEN_LENGTH)), station=station, created_at=at)
        for station in stations
    )
    for token, station in zip(tokens, stations, strict=True):
        trail.add(token, "enter", by=_by(network, station, officer), at=at)
    busy = [
        token for token, station in zip(tokens, stations, strict=True) if station.kind in Station.STATIONS
    ]
    keep(
        QrScans(token=token, day=today - timedelta(days=back), count=rng.randint(1, 9))
        for token in busy
        for back in range(1, 29)
        if rng.random() < 0.4
    )


def _notices(rng: random.Random, network: Network, officer: Post, today: date) -> None:
    days = Activity.objects.receptions().filter(announced_on__isnull=False, day__gte=today - SINCE)
    days = list(days.select_related("station", "area").order_by("day", "number"))
    rows = Attendance.objects.filter(activity__in=days, state__in=CAME).order_by(
        "mandate__deputy__pinyin", "pk"
    )
    names: dict[int, list[str]] = {}
    for activity, name in rows.values_list("activity_id", "mandate__deputy__name"):
        names.setdefault(activity, []).append(name)
    keep(
        Notice(
            activity=day,
            kind=Notice.Kind.FIRST,
            on=day.announced_on,
            announce_by=day.announce_by,
            day=day.day,
            starts_at=day.starts_at,
            ends_at=day.ends_at,
            theme=day.theme,
            place=day.where,
            deputies=names.get(day.pk, []),
            text=wording(day, Notice.Kind.FIRST, names.get(day.pk, [])),
            where=rng.choice((["DOOR", "WEB"], ["DOOR", "GROUP", "WEB"], ["DOOR", "BOARD", "WEB"])),
            by=_by(network, day.station, officer),
            created_at=moment(day.announced_on, time(9, 40)),
        )
        for day in days
    )


def _changes(network: Network, officer: Post, today: date) -> None:
    """One announced day is cancelled, one moved, one moved and announced again; where the calendar leaves room."""
    ahead = Activity.objects.receptions().filter(
        state=Activity.State.ANNOUNCED, day__gt=today + timedelta(days=2)
    )
    ahead = list(
        ahead.exclude(station=_own(officer)).select_related("station", "area").order_by("day", "number")
    )
    for change in (_cancel, _move, _move_and_announce):
        while ahead:
            day = ahead.pop()
            with suppress(NotAllowed):
                change(day, _by(network, day.station, officer))
                break


def _own(officer: Post) -> Station | None:
    """The station of the account that visitors of the demonstration try first: its days stay as they are."""
    return Station.objects.visible_to(officer).filter(parent=None).first()


def _cancel(day: Activity, by: Post) -> None:
    day.cancel(by=by, note="会议室检修")


def _move(day: Activity, by: Post) -> None:
    day.move(by=by, note="与乡镇人代会冲突", day=day.day + timedelta(days=2))


def _move_and_announce(day: Activity, by: Post) -> None:
    day.move(by=by, note="与代表视察冲突", day=day.day + timedelta(days=1))
    day.announce(by=by, where=[Notice.Where.DOOR, Notice.Where.GROUP])
