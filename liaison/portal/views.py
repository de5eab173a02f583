"""Public pages, for anybody: stations, deputies, announced days, and the door behind a printed code.

No account, no cookie, nothing personal beyond what is public by office or what a deputy agreed to.
"""

from datetime import date, timedelta
from functools import wraps
from operator import attrgetter
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from deputies.models import Deputy, Mandate, QrToken, StationAssignment
from liaison.accounts.models import TOWN_PATH
from liaison.bulletin.models import NewsItem
from liaison.core.access import public_view
from liaison.core.forms import HouseForm, forms
from liaison.core.paging import page_for
from liaison.core.workdays import month_start
from stations.models import Station, StationPhoto
from suggestions.projects.models import Project
from suggestions.projects.views import facts
from visits.models import Activity, Attendance, Notice

AHEAD = timedelta(days=30)
LINES = 50
FRESH = 60  # seconds that a copy of a public page may be shown
PICTURE_FRESH = 24 * 3600  # of a station: its rooms, its boards
MOST_SEATS = 80  # of one station; the rest is found in the directory


class PlaceForm(HouseForm):
    q = forms.CharField(label="您住在哪个村、社区或小区", max_length=30, required=False)


class NameForm(HouseForm):
    q = forms.CharField(label="代表姓名，或姓名的拼音", max_length=30, required=False)


def copied(view):
    """Strangers all get the same page: proxies and phones may keep it for a minute. What is one's own stays one's own."""

    @wraps(view)
    def wrapper(request, *args, **kwargs):
        response = view(request, *args, **kwargs)
        if request.user.is_authenticated or response.status_code != 200:
            return response
        patch_cache_control(response, public=True, max_age=FRESH)
        return response

    return wrapper


def show(request, template, context, status=200):
    """A public page. Who has signed in stays on public pages by `as_public`, which every link between them carries."""
    as_public = "?view=public" if request.user.is_authenticated else ""
    return TemplateResponse(request, template, {**context, "as_public": as_public}, status=status)


def typed(form):
    """What was looked for; nothing where it cannot be read."""
    return form.cleaned_data["q"] if form.is_valid() else ""


@copied
def front(request):
    """Find one's station by where one lives; beside it the next announced days."""
    today = timezone.localdate()
    days = list(coming(today, today + AHEAD)[: LINES + 1])
    more = len(days) > LINES
    expected(days := days[:LINES])
    context = {"form": PlaceForm(), "days": days, "more": more}
    return show(request, "portal/front.html", context)


def coming(first: date, last: date):
    return Activity.objects.public(first, last).order_by("day", "starts_at", "pk")


# --- Stations ---------------------------------------------------------------------------------------------------------


@public_view("stations:list")
@require_safe
@copied
def stations(request):
    """All open stations, or those of the place that was typed."""
    today = timezone.localdate()
    form = PlaceForm(request.GET or None)
    place = typed(form)
    rows = Station.objects.public(today).open(today).exclude(kind=Station.Kind.MAILBOX).select_related("area")
    page = page_for(request, rows.near(place) if place else rows, ("area_path", "code"), size=30)
    for station in page:
        station.word, station.tone = station.condition(today)
    return show(request, "portal/stations.html", {"form": form, "place": place, "page": page})


@public_view("stations:detail")
@require_safe
@copied
def station(request, code):
    """One station: when deputies receive people, who they are, how to get there; or where to go instead."""
    today = timezone.localdate()
    rows = Station.objects.public(today).select_related("area", "parent", "merged_into")
    found = get_object_or_404(rows, code=code)
    word, _ = found.condition(today)
    is_open = found.is_open(today)
    below = Station.objects.public(today).open(today).filter(parent=found).order_by("code")
    days = list(coming(today, today + 2 * AHEAD).filter(station=found)[:6]) if is_open else []
    expected(days)
    context = {
        "station": found,
        "word": word,
        "instead": None if is_open else elsewhere(found, today),
        "days": days,
        "changed": changed(today, today + 2 * AHEAD, station=found) if is_open else [],
        "deputies": deputies_of(found, today) if is_open else [],
        "mailboxes": [one for one in below if one.kind == Station.Kind.MAILBOX],
        "children": [one for one in below if one.kind != Station.Kind.MAILBOX],
        "is_mailbox": found.kind == Station.Kind.MAILBOX,
        "rules": found.rules.order_by("shown_on", "pk") if is_open else [],
        "photos": pictures(found, today) if is_open else [],
        "news": NewsItem.objects.public().filter(station=found).order_by("-published_on", "-pk")[:3],
    }
    return show(request, "portal/station.html", context)


def expected(days):
    """Gives each day its `seats`, the deputies who are to be there, and `was`, the other day it was announced for last."""
    rows = Attendance.objects.announced().filter(activity__in=days)
    found = {}
    for row in rows.select_related("mandate__deputy").order_by("mandate__deputy__pinyin", "pk"):
        found.setdefault(row.activity_id, []).append(row.mandate.deputy)
    before = Notice.objects.public().filter(activity__in=days).elsewhere().last_by_activity()
    for day in days:
        day.seats = found.get(day.pk, [])
        day.was = before[day.pk].day if day.pk in before else None


def changed(first: date, last: date, **where):
    """Days that had been announced and do not stand: cancelled, or moved and not announced anew yet."""
    return (
        Activity.objects.called_off(first, last)
        .filter(**where)
        .select_related("station", "area", "replacement")
    )


def elsewhere(station: Station, on: date) -> Station | None:
    """Where to go instead of a station that has closed: what it was merged into, what is above it, one of the same place."""
    here, tried = station, set()
    while here is not None and here.pk not in tried:
        tried.add(here.pk)
        here = here.merged_into or here.parent
        if here is not None and here.is_open(on):
            return here
    kept = Station.objects.public(on).open(on).of_kinds(*Station.STATIONS)
    return (
        kept.filter(area_path__startswith=station.area_path[:TOWN_PATH]).order_by("area_path", "code").first()
    )


def deputies_of(station: Station, on: date) -> list[Deputy]:
    """The deputies who serve at a station, each with the `seats` that were assigned to it."""
    serving = Mandate.objects.public(on).at_station(station, on)
    serving = serving.select_related("deputy", "term__congress", "area")
    found = {}
    for seat in serving.order_by("deputy__pinyin", "deputy_id", "pk")[:MOST_SEATS]:
        deputy = found.setdefault(seat.deputy_id, seat.deputy)
        deputy.seats = [*getattr(deputy, "seats", []), seat]
    return list(found.values())


def pictures(station: Station, on: date):
    rows = StationPhoto.objects.public(on).filter(station=station).select_related("attachment")
    return [
        {
            "url": (url := reverse("portal:photo", args=[row.attachment.key])),
            "thumb": url,
            "caption": row.caption,
        }
        for row in rows.order_by("-taken_on", "pk")[:12]
    ]


@require_safe
def photo(request, key):
    """A picture that hangs in the public file of a station; of other files this address knows nothing."""
    response = picture(StationPhoto.objects.public(timezone.localdate()), key)
    patch_cache_control(response, public=True, max_age=PICTURE_FRESH)
    return response


def picture(rows, key):
    """The picture with this key, where it is among `rows`, which anybody may see; else 404."""
    content = get_object_or_404(rows.select_related("attachment"), attachment__key=key).attachment.content()
    if content is None:
        raise Http404
    response = HttpResponse(content, content_type="image/jpeg")
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


# --- Deputies ---------------------------------------------------------------------------------------------------------


@public_view("deputies:list")
@require_safe
@copied
def deputies(request):
    """The directory of those in office: name, congress, constituency. All of it is public by office."""
    today = timezone.localdate()
    form = NameForm(request.GET or None)
    name = typed(form)
    rows = Deputy.objects.public(today).holding(Mandate.objects.public(today))
    page = page_for(request, rows.named(name) if name else rows, ("pinyin", "pk"), size=30)
    seats = {}
    for seat in (
        Mandate.objects.public(today).filter(deputy__in=page.rows).select_related("term__congress", "area")
    ):
        seats.setdefault(seat.deputy_id, []).append(seat)
    for deputy in page:
        deputy.seats = seats.get(deputy.pk, [])
    return show(request, "portal/deputies.html", {"form": form, "name": name, "page": page})


@public_view("deputies:detail")
@require_safe
@copied
def deputy(request, pk):
    """One deputy: what is public by office, what the deputy agreed to, the days announced. Nothing else."""
    today = timezone.localdate()
    found = get_object_or_404(Deputy.objects.public(today), pk=pk)
    seats = list(
        Mandate.objects.public(today)
        .filter(deputy=found)
        .select_related("term__congress", "area")
        .order_by("pk")
    )
    held = Mandate.objects.in_office(today).filter(deputy=found).exists()
    placed = StationAssignment.objects.filter(mandate__deputy=found, from_on__lte=today)
    placed = placed.select_related("station__area").order_by("-from_on", "-pk")
    here = {row.station_id: row.station for row in placed.current(today).filter(mandate__in=seats)}
    last = placed.first() if not held else None
    mine = Attendance.objects.announced().filter(mandate__in=seats)
    days = list(coming(today, today + AHEAD).filter(pk__in=mine.values("activity"))[:10])
    expected(days)
    context = {
        "deputy": found,
        "former": not held,
        "seats": seats,
        "stations": sorted((one for one in here.values() if one.is_open(today)), key=attrgetter("code")),
        "last": last.station if last else None,
        "facts": found.published() if seats else [],
        "days": days,
    }
    return show(request, "portal/deputy.html", context)


# --- Announced days ---------------------------------------------------------------------------------------------------


@require_safe
@copied
def notices(request):
    """公示: the announced days of thirty days, or of one month; what was called off stands there as called off."""
    today = timezone.localdate()
    form = PlaceForm(request.GET or None)
    form.fields["q"].label = "村、社区、街道或站点"
    place = typed(form)
    months = [month_start(today, number) for number in range(4)]  # this one, the next two, and where they end
    chosen = next((m for m in months[:-1] if f"{m:%Y-%m}" == request.GET.get("month")), None)
    first, last = today, today + AHEAD
    if chosen:
        first, last = max(today, chosen), months[months.index(chosen) + 1] - timedelta(days=1)
    near = {"station__in": Station.objects.public(today).near(place).values("pk")} if place else {}
    days = list(coming(first, last).filter(**near)[: 4 * LINES + 1])
    more = len(days) > 4 * LINES
    expected(days := days[: 4 * LINES])
    context = {
        "form": form,
        "place": place,
        "days": days,
        "more": more,
        "changed": list(changed(first, last, **near)[:LINES]),
        "tabs": [
            {
                "label": label,
                "url": f"?{urlencode({'q': place, **({'month': month} if month else {})})}",
                "current": current,
                "count": None,
            }
            for label, month, current in [
                ("三十天内", "", not chosen),
                *((f"{start.month}月", f"{start:%Y-%m}", start == chosen) for start in months[:-1]),
            ]
        ],
    }
    return show(request, "portal/notices.html", context)


# --- What a congress has chosen to be done --------------------------------------------------------------------------


@public_view("projects:list")
@require_safe
@copied
def projects(request):
    """The livelihood projects that deputies chose by vote, and how far each has come."""
    rows = Project.objects.public().select_related("area")
    page = page_for(request, rows, ("-year", "-pk"), size=30)
    today = timezone.localdate()
    for row in page:
        row.late = row.is_late(today)
    return show(request, "portal/projects.html", {"page": page})


@public_view("projects:detail")
@require_safe
@copied
def project(request, pk):
    """One of them. Without its photos: who is in them was asked for the work, not for the public page."""
    found = get_object_or_404(Project.objects.public().select_related("area", "department"), pk=pk)
    context = {
        "project": found,
        "late": found.is_late(timezone.localdate()),
        "facts": facts(found),
        "entries": found.progress.order_by("-day", "-pk"),
        "checks": found.checks.order_by("-year"),
    }
    return show(request, "portal/project.html", context)


# --- The door behind a printed code -----------------------------------------------------------------------------------


@require_safe
def door(request, token):
    """Leads to the page of the station or deputy whose code it is, and to no other place."""
    found = QrToken.objects.public(token).first()
    if found is None:
        return show(request, "portal/no_code.html", {"token": None}, 404)
    if found.target is None:
        return show(request, "portal/no_code.html", {"token": found}, 410)
    if request.method == "GET" and "prefetch" not in request.headers.get("Sec-Purpose", ""):
        found.count_scan(timezone.localdate())
    public = "?view=public" if request.user.is_authenticated else ""
    return redirect(f"{found.target.get_absolute_url()}{public}")


# --- Statements -------------------------------------------------------------------------------------------------------


def accessibility(request):
    """What is done so that everybody can use this, and whom to tell where it fails."""
    return TemplateResponse(request, "portal/accessibility.html", {})


def privacy(request):
    """What is kept of a person who comes, what for, who reads it."""
    return TemplateResponse(request, "portal/privacy.html", {})
