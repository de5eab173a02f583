"""接待日: the month of a station, a county or a city, and the same as a list."""

from calendar import Calendar
from datetime import date, timedelta
from urllib.parse import urlencode

from django import forms
from django.db.models import Count
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from liaison.accounts.models import Role
from liaison.core.access import roles
from liaison.core.paging import page_for
from liaison.core.workdays import month_end
from stations.choices import choose_places
from stations.models import Station
from visits.filters import ActivityFilter, AppointmentFilter
from visits.models import Activity, Appointment, Attendance
from visits.workflow import ActivityState

from . import DESK, READERS

FEW = 120  # so many entries can be read in one month; more are counted by day and state
TONES = {ActivityState.ANNOUNCED: "info", ActivityState.OPEN: "ok"}


@roles(*READERS)
def calendar(request):
    chosen = ActivityFilter(
        request.GET, queryset=Activity.objects.visible_to(request.post).shown(), request=request
    )
    rows = chosen.qs  # before the form is given the fields that are no filters
    as_list = request.GET.get("view") == "list"
    context = {
        "form": _filter_form(request, chosen, as_list),
        "tabs": view_tabs(request, "list" if as_list else "month"),
        "records": request.post.role == Role.STATION,
        "plans": request.post.role in DESK,
        "sees_rules": request.post.role != Role.DEPUTY,
        "mine": _mine(request.post) if request.post.role == Role.DEPUTY else [],
        "rota": _rota(request),
    }
    if as_list:
        page = page_for(request, rows.with_counts(request.post).select_related("station"), ("-day", "-pk"))
        for row in page:
            row.label, row.tone = word(row, timezone.localdate())
        return TemplateResponse(request, "visits/list.html", context | {"page": page})
    return TemplateResponse(request, "visits/calendar.html", context | {"month": _month(request, rows)})


def word(activity, today):
    """The state in a word and its colour; what should have been done by now is told instead."""
    if activity.day < today and activity.state in (*ActivityState.values[:2], ActivityState.OPEN):
        return "待结束", "warn"
    if activity.state == ActivityState.PLANNED and activity.announce_by < today:
        return "该公示了", "warn"
    return activity.get_state_display(), TONES.get(activity.state, "plain")


def month_asked(request) -> date:
    """The first day of `?month=2026-11`; of this month where nothing sensible is asked."""
    try:
        first = date.fromisoformat(f"{request.GET.get('month', '')}-01")
    except ValueError:
        return timezone.localdate().replace(day=1)
    return min(max(first, date(1980, 1, 1)), date(2100, 12, 1))


def _month(request, rows):
    today, first = timezone.localdate(), month_asked(request)
    rows = rows.filter(day__range=(first, month_end(first)))
    tally = rows.order_by().values("day", "state").annotate(n=Count("pk")).order_by("day", "state")
    counts = list(tally)
    total = sum(count["n"] for count in counts)
    entries = _entries(rows, today) if total <= FEW else _counts(request, counts)
    for day, booked in _appointments(request, first):
        entries.setdefault(day, []).append(booked)
    weeks = [
        [
            {
                "date": day,
                "inside": day.month == first.month,
                "today": day == today,
                "entries": entries.get(day, []),
            }
            for day in week
        ]
        for week in Calendar().monthdatescalendar(first.year, first.month)
    ]
    return {
        "label": f"{first.year}年{first.month}月",
        "previous": _address(request, month=f"{first - timedelta(days=1):%Y-%m}"),
        "next": _address(request, month=f"{month_end(first) + timedelta(days=1):%Y-%m}"),
        "count": total,
        "weeks": weeks,
    }


def _appointments(request, first):
    """A mark on each day with appointments: how many, and the list of them, of the places that the month shows."""
    where = {name: value for name in ("area", "station", "deputy") if (value := request.GET.get(name))}
    seen = Appointment.objects.visible_to(request.post).on_days(first, month_end(first))
    rows = AppointmentFilter(where, queryset=seen, request=request).qs.order_by()
    for row in rows.values("day").annotate(n=Count("pk")).order_by("day"):
        day = row["day"]
        query = urlencode({"state": "CONFIRMED", "first": day, "last": day, **where})
        url = f"{reverse('appointments:list')}?{query}"
        yield day, {"label": f"约见 {row['n']}", "url": url, "tag": "", "tone": "plain"}


def _entries(rows, today):
    found = {}
    activities = list(rows.select_related("station").order_by("day", "starts_at", "pk"))
    one_station = len({activity.station_id for activity in activities}) == 1
    for activity in activities:
        what = activity.get_kind_display() if activity.kind != Activity.Kind.RECEPTION or one_station else ""
        where = "" if one_station else str(activity.station)
        label, tone = word(activity, today)
        found.setdefault(activity.day, []).append(
            {
                "label": " ".join(filter(None, [f"{activity.starts_at:%-H:%M}", where, what])),
                "url": activity.get_absolute_url(),
                "tag": label,
                "tone": tone,
            }
        )
    return found


def _counts(request, counts):
    found = {}
    for count in counts:
        day, state = count["day"].isoformat(), count["state"]
        found.setdefault(count["day"], []).append(
            {
                "label": f"{count['n']} 次",
                "url": _address(request, view="list", first=day, last=day, state=state, month=""),
                "tag": ActivityState(state).label,
                "tone": TONES.get(state, "plain"),
            }
        )
    return found


def _address(request, **changes):
    query = request.GET.copy()
    query.pop("cursor", None)
    for name, value in changes.items():
        query.pop(name, None)
        if value:
            query[name] = value
    return f"{request.path}?{query.urlencode()}"


def view_tabs(request, current):
    """Month, list or summary of the same activities."""
    base = reverse("visits:calendar")
    kept = request.GET.copy()
    for name in ("cursor", "view", "month", "first", "last", "state"):
        kept.pop(name, None)
    summed = kept.copy()
    for name in ("text", "deputy", "group", "in_time"):
        summed.pop(name, None)  # the summary is not narrowed by these
    tail = f"&{kept.urlencode()}" if kept else ""
    found = [
        ("month", "月历", f"{base}?view=month{tail}"),
        ("list", "列表", f"{base}?view=list{tail}"),
        ("summary", "汇总", f"{reverse('visits:summary')}?{summed.urlencode()}"),
    ]
    return [
        {"label": label, "url": url, "current": name == current, "count": None} for name, label, url in found
    ]


def _filter_form(request, chosen, as_list):
    """The filter as a form: lists to choose from where they are short, the rest kept as it came."""
    form = chosen.form
    shown = {"text", "kind", "first", "last", "state"} if as_list else {"kind"}
    shown |= choose_places(form, request.post)
    for name, field in form.fields.items():
        if name not in shown:
            field.widget = forms.HiddenInput()
    for name in ("month", "view"):
        initial = request.GET.get(name, "")
        form.fields[name] = forms.CharField(required=False, initial=initial, widget=forms.HiddenInput)
    return form


def _mine(post):
    """What a deputy has ahead, and what may be answered."""
    rows = Attendance.objects.visible_to(post).on_roster().ahead(timezone.localdate())
    rows = rows.select_related("activity__station", "mandate__deputy").order_by("activity__day", "pk")[:20]
    return [{"attendance": row, "steps": row.open_steps(post)} for row in rows]


def _rota(request):
    """The rota of one station can be printed: of the one chosen, or of the only one."""
    code = request.GET.get("station", "")
    if not code and request.post.role in (Role.STATION, Role.DEPUTY):
        codes = list(
            Station.objects.visible_to(request.post).filter(parent=None).values_list("code", flat=True)[:2]
        )
        code = codes[0] if len(codes) == 1 else ""
    return f"{reverse('visits:rota')}?station={code}&month={month_asked(request):%Y-%m}" if code else ""
