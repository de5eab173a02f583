"""来访登记: the list, one visit, its correction."""

from copy import copy

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone

from deputies.models import Mandate
from liaison.accounts.models import Role
from liaison.core.access import roles
from liaison.core.htmx import fragment
from liaison.core.idempotency import lasting_key, once
from liaison.core.paging import page_for
from liaison.core.steps import void_page
from liaison.core.timeline import timeline
from stations.choices import choose_places
from stations.models import Station
from suggestions.filters import VisitFilter
from suggestions.forms import FindVisitorForm, OtherVisitForm, VisitForm
from suggestions.intake import amend as amend_visit
from suggestions.intake import booked, filled_in, take_in
from visits.models import Attendance, Visit
from visits.privacy import shown_person, shown_words
from visits.workflow import ROUNDS, ActivityState

from .door import shown_photos

READERS = (Role.STATION, Role.OFFICE, Role.AUDITOR, Role.DEPUTY)
FOUND_AT_MOST = 100


def _show(rows, post):
    """Lay beside each row what `post` may read of the person and the words."""
    for row in rows:
        row.shown, row.words = shown_person(row, post), shown_words(row, row.text, post)


@roles(*READERS)
@fragment("rows")
def visits(request):
    chosen = VisitFilter(request.GET, queryset=Visit.objects.visible_to(request.post), request=request)
    rows = chosen.qs.select_related("station", "category", "received_by__deputy", "visitor")
    choose_places(chosen.form, request.post)
    page = page_for(request, rows, ("-day", "-pk"))
    _show(page.rows, request.post)
    context = {
        "filter": chosen,
        "page": page,
        "find": FindVisitorForm(),
        "open": request.post.role == Role.STATION,
        "found": None,
    }
    return TemplateResponse(request, "suggestions/visits.html", context)


@roles(Role.STATION)
def find(request):
    """Search own stations' visits by name, end of the phone number or words. By POST only."""
    form = FindVisitorForm(request.POST or None)
    found = None
    if form.is_valid():
        rows = Visit.objects.visible_to(request.post).search(form.cleaned_data["text"])
        rows = rows.select_related("station", "category", "received_by__deputy", "visitor").order_by(
            "-day", "-pk"
        )
        found = list(rows[:FOUND_AT_MOST])
        _show(found, request.post)
    context = {"find": form, "found": found, "most": FOUND_AT_MOST}
    return TemplateResponse(request, "suggestions/find.html", context, status=422 if form.errors else 200)


def get_visit(request, pk):
    rows = Visit.objects.visible_to(request.post)
    return get_object_or_404(
        rows.select_related(
            "station__area", "activity", "category", "received_by__deputy", "visitor", "sheet"
        ),
        pk=pk,
    )


@roles(*READERS)
def visit(request, pk):
    found = get_visit(request, pk)
    _show([found], request.post)
    context = {
        "visit": found,
        "requests": found.requests.order_by("pk"),
        "may_edit": request.post.role == Role.STATION,
        "photos": shown_photos(found, request.post) if found.channel in ROUNDS else [],
        "may_add_photos": not found.photo_refusal(request.post),
        "entries": timeline(found),
    }
    return TemplateResponse(request, "suggestions/visit.html", context)


def _duty(found):
    """Who may be named as receiver: the roster of the day, or the station's deputies where there was none."""
    if found.activity_id:
        rows = Attendance.objects.on_roster().filter(activity=found.activity_id)
        return Mandate.objects.filter(pk__in=[*rows.values_list("mandate", flat=True), found.received_by_id])
    return Mandate.objects.at_station(found.station, found.day)


@roles(Role.STATION)
def edit(request, pk):
    """Correct a logged visit; what it was before stands in its record."""
    found = get_visit(request, pk)
    person = found.person()
    initial = {"version": found.version}
    if person:
        initial |= {"name": person.name, "phone": person.phone, "address": person.address}
    form = VisitForm(
        request.POST or None, instance=copy(found), initial=initial, mandates=_duty(found), on=found.day
    )

    def amend():
        version = form.cleaned_data["version"]
        return amend_visit(found, by=request.post, version=version, person=form.person(), **form.values())

    if request.method == "POST" and form.does(amend):
        messages.success(request, "已改好。" if form.outcome else "没有改动。")
        return redirect(found)
    return TemplateResponse(
        request, "suggestions/visit_edit.html", {"visit": found, "form": form}, status=form.status
    )


@roles(Role.STATION)
def void(request, pk):
    """Take a wrong entry out of the figures, or put it back. Both with a reason, both on record."""
    return void_page(request, get_visit(request, pk))


@roles(Role.STATION)
@once
def new(request):
    """Log what came outside a reception day: by phone, letter, mailbox, or to the station on another day."""
    stations = Station.objects.visible_to(request.post).order_by("code")
    mandates = Mandate.objects.filter(assignments__station__in=stations).distinct()
    initial = {"day": timezone.localdate(), "outcome": Visit.Outcome.DISPATCH, "channel": Visit.Channel.PHONE}
    coming = booked(request.post, (request.POST or request.GET).get("appointment", ""))
    if coming:
        initial |= filled_in(coming, request.post)
    activity = coming.activity if coming else None
    form = OtherVisitForm(request.POST or None, initial=initial, stations=stations, mandates=mandates)

    def log():
        visit = Visit(key=lasting_key(request), **form.values())
        if activity and activity.state == ActivityState.OPEN:
            there = (activity.station_id, activity.day) == (visit.station_id, visit.day)
            visit.activity = activity if there else None
        return take_in(
            visit,
            by=request.post,
            sheet=form.cleaned_data["sheet"],
            appointment=form.cleaned_data["appointment"],
            **form.person(),
        )

    if form.does(log):
        messages.success(request, f"已登记，编号 {form.outcome.number}。")
        return (
            redirect("suggestions:log", pk=form.outcome.activity_id)
            if form.outcome.activity_id
            else redirect(form.outcome)
        )
    return TemplateResponse(request, "suggestions/visit_new.html", {"form": form}, status=form.status)
