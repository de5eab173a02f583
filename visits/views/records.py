"""到会记录: what a duty record says of a deputy, for the deputy and for the desk, out of the same entries. No ranking."""

from datetime import date

from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from deputies.models import Deputy
from liaison.accounts.models import Role
from liaison.core.access import roles
from liaison.core.htmx import fragment
from liaison.core.paging import page_for
from stations.choices import choose_places
from visits.filters import AttendanceFilter
from visits.models import Attendance

from . import DESK, OFFICIALS
from .roster import rows_shown

CHOSEN = ("first", "last", "area", "station")  # what the list of persons is narrowed by
RELATED = ("activity__station", "mandate__deputy", "stand_in__mandate__deputy")
FIGURES = (
    # name, heading, what it counts
    ("due", "应到", "在任期间排了班、没有请假也没有被替换的，已结束的活动"),
    ("present", "已到", ""),
    ("leave", "请假", "批准了的，不算缺席"),
    ("absent", "缺席", ""),
    ("substituted", "替换", "由别的代表替换"),
    ("unanswered", "请假未答复", "不计入应到"),
)


def _figures(tally):
    """The figures in their order, without one that hardly ever is anything."""
    return [
        {"label": label, "value": tally[name], "hint": hint}
        for name, label, hint in FIGURES
        if name != "unanswered" or tally[name]
    ]


@roles(Role.DEPUTY)
def mine(request):
    """One's own record, year by year."""
    deputy = get_object_or_404(Deputy.objects.visible_to(request.post), user=request.user)
    return _record(request, deputy, reverse("visits:my_record"))


@roles(*OFFICIALS)
def of(request, pk):
    """The same page of a deputy, as far as its entries lie in sight."""
    rows = Attendance.objects.visible_to(request.post).people()
    return _record(request, get_object_or_404(rows, pk=pk), reverse("visits:attendance_record", args=[pk]))


def _record(request, deputy, address):
    entries = Attendance.objects.visible_to(request.post).filter(mandate__deputy=deputy)
    today = timezone.localdate()
    years = sorted({today.year, *(day.year for day in entries.dates("activity__day", "year"))}, reverse=True)
    asked = request.GET.get("year", "")
    year = int(asked) if asked.isascii() and asked.isdigit() and int(asked) in years else today.year
    rows = entries.filter(activity__day__range=(date(year, 1, 1), date(year, 12, 31)))
    closed = rows.closed().select_related(*RELATED).order_by("-activity__day", "-pk")
    counted = set(rows.counted().values_list("pk", flat=True))
    context = {
        "deputy": deputy,
        "own": request.post.role == Role.DEPUTY,
        "year": year,
        "years": [
            {"label": f"{one}年", "url": f"{address}?year={one}", "current": one == year, "count": None}
            for one in years
        ],
        "figures": _figures(rows.tally()),
        "rows": rows_shown(closed, request.post),
        "counted": counted,
    }
    return TemplateResponse(request, "visits/attendance_record.html", context)


@roles(*OFFICIALS)
@fragment("rows")
def people(request):
    """Who was expected and who came, per person, for a station and a period; in the order of names."""
    today = timezone.localdate()
    asked, year = request.GET.copy(), {"first": date(today.year, 1, 1), "last": today}
    if not year.keys() & asked.keys():
        asked.update({name: day.isoformat() for name, day in year.items()})
    seen = Attendance.objects.visible_to(request.post)
    chosen = AttendanceFilter(asked, queryset=seen, request=request)
    for name in chosen.form.fields.keys() - {*CHOSEN}:
        del chosen.form.fields[name]
    chosen.form.initial = year
    choose_places(chosen.form, request.post)
    page = page_for(request, chosen.qs.counted().people(), ("pinyin", "pk"))
    tallies = chosen.qs.filter(mandate__deputy__in=page.rows).tally_by_deputy()
    context = {
        "filter": chosen,
        "page": page,
        "headings": [(label, hint) for name, label, hint in FIGURES],
        "rows": [
            {"deputy": deputy, "figures": [tallies[deputy.pk][name] for name, _, _ in FIGURES]}
            for deputy in page.rows
        ],
        "contested": seen.contested().count(),
        "decides": request.post.role in DESK,
    }
    return TemplateResponse(request, "visits/attendance_records.html", context)


@roles(*DESK)
@fragment("rows")
def contests(request):
    """Objections that wait for an answer, and those answered."""
    asked = request.GET.copy()
    asked.setdefault("objection", Attendance.Objection.OPEN)
    seen = Attendance.objects.visible_to(request.post).exclude(objection="")
    chosen = AttendanceFilter(asked, queryset=seen, request=request)
    for name in chosen.form.fields.keys() - {*CHOSEN, "objection"}:
        del chosen.form.fields[name]
    chosen.form.initial = {"objection": Attendance.Objection.OPEN}
    choose_places(chosen.form, request.post)
    page = page_for(request, chosen.qs.select_related(*RELATED), ("-pk",))
    context = {"filter": chosen, "page": page, "rows": rows_shown(page.rows, request.post)}
    return TemplateResponse(request, "visits/contests.html", context)
