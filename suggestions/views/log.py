"""接待登记: the reception log. One visitor after another, by keyboard, in seconds."""

from collections import Counter

from django.core.exceptions import ValidationError
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from deputies.models import Mandate
from liaison.accounts.models import Role
from liaison.core.access import roles
from liaison.core.forms import clean_phone
from liaison.core.htmx import fragment
from liaison.core.idempotency import once
from liaison.core.workflow import NotAllowed
from suggestions.forms import VisitForm
from suggestions.intake import booked, filled_in, take_in
from visits.models import Activity, Appointment, Attendance, Visit, Visitor
from visits.privacy import shown_person


@roles(Role.STATION)
@once
@fragment("log")
def log(request, pk):
    """Log visitors of one reception day; the last address, deputy and way of handling are kept for the next."""
    activity = get_object_or_404(
        Activity.objects.visible_to(request.post).select_related("station__area"), pk=pk
    )
    roster = Attendance.objects.on_roster().filter(activity=activity)
    visits = _visits(activity)  # read only where the page is shown
    coming = booked(request.post, (request.POST or request.GET).get("appointment", ""))
    form = VisitForm(
        request.POST or None,
        initial={} if request.method == "POST" else _begun(visits, coming, request.post),
        mandates=Mandate.objects.filter(pk__in=roster.values("mandate")),
        on=activity.day,
    )
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            visit = Visit(activity=activity, **form.values())
            if visit.at is None and activity.day == timezone.localdate():
                visit.at = timezone.localtime().time().replace(second=0, microsecond=0)
            try:
                take_in(visit, by=request.post, appointment=form.cleaned_data["appointment"], **form.person())
                return redirect("suggestions:log", pk=activity.pk)
            except NotAllowed as refusal:
                form.add_error(None, str(refusal))
                status = 409
    return TemplateResponse(
        request, "suggestions/log.html", _context(request, activity, visits, form), status=status
    )


def _visits(activity):
    rows = Visit.objects.counted().filter(activity=activity)
    return rows.select_related("visitor", "category", "received_by__deputy").order_by("-serial", "-pk")


def _kept(visits) -> dict[str, object]:
    """What is likely the same for the next visitor as for the last."""
    if not visits:
        return {"outcome": Visit.Outcome.DISPATCH}
    person = visits[0].person()
    return {
        "received_by": visits[0].received_by_id,
        "outcome": visits[0].outcome,
        "address": person.address if person else "",
    }


def _begun(visits, coming, post):
    """What the form starts with: what was the same for the last visitor, and what is known of one who has an appointment."""
    kept = _kept(visits)
    return kept | filled_in(coming, post) | {"address": ""} if coming else kept


def _coming(activity, post):
    """Who has an appointment on this day and has not been logged yet, in the order of time."""
    rows = Appointment.objects.visible_to(post).confirmed().filter(activity=activity)
    rows = list(rows.select_related("mandate__deputy", "applicant").order_by("at", "pk"))
    for row in rows:
        row.shown = shown_person(row, post)
    return rows


def _context(request, activity, visits, form):
    tally = Counter(visit.outcome for visit in visits)
    return {
        "activity": activity,
        "form": form,
        "visits": visits,
        "coming": _coming(activity, request.post),
        "people": sum(visit.headcount for visit in visits),
        "tally": [(label, tally[value]) for value, label in Visit.Outcome.choices if tally[value]],
        "phrases": {str(category.pk): category.phrases[:6] for category in form.keys},
        "next": (visits[0].serial if visits else 0) + 1,
        "late": activity.day < timezone.localdate(),
        "steps": activity.open_steps(request.post),
        "draft_key": f"log-{request.user.pk}-{activity.pk}-{form['appointment'].value() or ''}",
    }


@roles(Role.STATION)
@require_POST
def known(request):
    """Who has been here with this phone? By POST, for a number in an address would stand in logs. Own stations only."""
    try:
        phone = clean_phone(request.POST.get("phone", ""))
    except ValidationError:  # half a number typed is no error here
        phone = ""
    person = None
    if len(phone) >= 7:
        found = Visitor.objects.visible_to(request.post).filter(phone=phone, anonymized_at=None)
        person = found.order_by("-visit__day", "-pk").first()
    return JsonResponse({"name": person.name, "address": person.address} if person else {})
