"""What is put up for people to read: the poster of a reception day, and the notice sheet of a month."""

from datetime import date
from typing import Any

from deputies import codes
from deputies.models import QrToken
from liaison.accounts.models import Area, Post
from liaison.core.pdf import paper
from liaison.core.places import inside
from liaison.core.workflow import NotAllowed
from stations.models import Station

from .models import Activity, Attendance, Notice
from .models.notice import as_told
from .words import day_words
from .workflow import ActivityState

MOST_POSTERS = 150  # in one file; a county's month has about seventy
MOST_ROWS = 600  # of one notice sheet
LINES = 4  # deputies that stand each on a line of their own


def posters(days: list[Activity]) -> bytes:
    """公示海报, A4 upright, one page for each day: planned, moved or cancelled.

    Raises NotAllowed where a station has no code yet, there is nothing to print, or too much.
    """
    if not days:
        raise NotAllowed("没有要公示的接待日，没有海报可印。")
    if len(days) > MOST_POSTERS:
        raise NotAllowed(f"一次最多印 {MOST_POSTERS} 张海报，请按站点或下级区划分开印。")
    tokens = _tokens({day.station for day in days})
    names, known = _names(days), Notice.objects.filter(activity__in=days)
    last, elsewhere = known.last_by_activity(), known.elsewhere().last_by_activity()
    sheets = [
        _sheet(
            day,
            tokens[day.station_id],
            names.get(day.pk, []),
            as_told(day, last.get(day.pk)),
            elsewhere.get(day.pk),
        )
        for day in days
    ]
    return paper("visits/posters_pdf.html", {"sheets": sheets, "domain": codes.domain()})


def _sheet(
    day: Activity, token: QrToken, names: list[str], told: Notice, elsewhere: Notice | None
) -> dict[str, Any]:
    """What stands on one poster. A cancelled day is called off as it was told; a moved one says where it stood before."""
    off = day.state == ActivityState.CANCELLED
    kind = "cancelled" if off else "moved" if elsewhere else "planned"
    shown = told if off else day
    return {
        "activity": day,
        "kind": kind,
        "date": day_words(shown.day, "星期"),
        "hours": hours(shown),
        "was": day_words(elsewhere.day, "星期") if elsewhere and not off else "",
        "instead": f"{day_words(day.replacement.day, '星期')}{hours(day.replacement)}"
        if day.replacement
        else "",
        "names": names if len(names) <= LINES else ["、".join(names)],
        "token": token,
        "picture": codes.draw(codes.address(token)),
    }


def hours(day: Activity | Notice) -> str:
    """上午9:00至11:30; the half of the day is said again where it changes."""
    halves = ["上午" if moment.hour < 12 else "下午" for moment in (day.starts_at, day.ends_at)]
    second = halves[1] if halves[0] != halves[1] and day.ends_at.hour >= 13 else ""
    return f"{halves[0]}{day.starts_at:%-H:%M}至{second}{day.ends_at:%-H:%M}"


def _tokens(stations: set[Station]) -> dict[int, QrToken]:
    rows = QrToken.objects.leading_home().filter(station__in=stations).select_related("station")
    found = {row.station_id: row for row in rows}
    without = sorted(station.name for station in stations if station.pk not in found)
    if without:
        named = "、".join(without[:5]) + (f"等 {len(without)} 个站点" if len(without) > 5 else "")
        raise NotAllowed(f"{named}还没有在用的二维码。请先在“公示”页点“给没有二维码的站点发码”，再印。")
    return {station: token for station, token in found.items() if station is not None}


def _names(days: list[Activity]) -> dict[int, list[str]]:
    """By day the deputies who are to be there, or were, each with the congress: 张建国（平城区人大代表）."""
    rows = Attendance.objects.announced().filter(activity__in=days)
    rows = rows.select_related("mandate__deputy", "mandate__term__congress")
    found: dict[int, list[str]] = {}
    for row in rows.order_by("mandate__deputy__pinyin", "pk"):
        found.setdefault(row.activity_id, []).append(f"{row.mandate.deputy.name}（{row.mandate.title}）")
    return found


def month_sheet(where: Station | Area, first: date, last: date, post: Post) -> bytes:
    """月度公示表 of one station, with its code, or of all stations of an area that `post` sees."""
    rows = Activity.objects.visible_to(post).receptions().standing().filter(day__range=(first, last))
    rows = rows.filter(station=where) if isinstance(where, Station) else rows.filter(inside(where))
    days = list(
        rows.select_related("station").order_by("area_path", "station__code", "day", "pk")[: MOST_ROWS + 1]
    )
    if len(days) > MOST_ROWS:
        raise NotAllowed(f"这个月有 {MOST_ROWS} 次以上，一张表放不下。请按站点分开印。")
    names = _names(days)
    token = codes.needed(where) if isinstance(where, Station) else None
    context = {
        "where": where,
        "station": where if isinstance(where, Station) else None,
        "first": first,
        "rows": [{"day": day, "names": "、".join(names.get(day.pk, []))} for day in days],
        "token": token,
        "picture": codes.draw(codes.address(token)) if token else "",
        "domain": codes.domain(),
    }
    return paper("visits/month_sheet_pdf.html", context)
