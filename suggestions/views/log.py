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
from liaison.core.idempotency import lasting_key, once
from liaison.core.offline import from_queue, moment, owned, refused
from suggestions.forms import VisitForm
from suggestions.intake import take_in
from visits.models import Activity, Appointment, Attendance, Visit, Visitor
from visits.privacy import shown_person


@roles(Role.STATION)
@owned
@once
@fragment("log")
def log(request, pk):
    """Log visitors of one reception day; the last address, deputy and way of handling are kept for the next.

    With ?offline=1 the page is drawn as a device may keep it: the form, and nobody who came.
    """
    activity = get_object_or_404(
        Activity.objects.visible_to(request.post).select_related("station__area"), pk=pk
    )
    posted, shell = request.method == "POST", "offline" in request.GET
    roster = Attendance.objects.on_roster().filter(activity=activity)
    # Read only where the page is shown.
    visits = Visit.objects.none() if shell else _visits(activity, request.post)
    form = VisitForm(
        request.POST if posted else None,
        initial={} if posted else _kept(visits),
        mandates=Mandate.objects.filter(pk__in=roster.values("mandate")),
        on=activity.day,
    )
    if posted and form.does(lambda: _take(request, activity, form)):
        if from_queue(request):
            made = form.outcome
            return JsonResponse({"number": made.number, "serial": made.serial}, status=201)
        return redirect("suggestions:log", pk=activity.pk)
    if from_queue(request):
        return refused(form)
    context = _context(request, activity, visits, form, shell)
    return TemplateResponse(request, "suggestions/log.html", context, status=form.status)


def _take(request, activity, form):
    """The visit that the form tells of. Its day is the activity's, whatever the clock of the device says."""
    heard = moment(request, timezone.now())
    visit = Visit(activity=activity, key=lasting_key(request), **form.values())
    heard_at = timezone.localtime(heard.at)
    if visit.at is None and activity.day == heard_at.date():
        visit.at = heard_at.time().replace(second=0, microsecond=0)
    sheet = form.cleaned_data["sheet"]
    return take_in(visit, by=request.post, note=heard.note, data=heard.data, sheet=sheet, **form.person())


def _visits(activity, post):
    rows = Visit.objects.counted().not_about(post).filter(activity=activity)
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


def _coming(activity, post):
    """Who has an appointment on this day and has not been logged yet, in the order of time."""
    rows = Appointment.objects.visible_to(post).confirmed().filter(activity=activity)
    rows = list(rows.select_related("mandate__deputy", "applicant").order_by("at", "pk"))
    for row in rows:
        row.shown = shown_person(row, post)
    return rows


def _context(request, activity, visits, form, shell):
    tally = Counter(visit.outcome for visit in visits)
    return {
        "activity": activity,
        "form": form,
        "visits": visits,
        "coming": [] if shell or request.htmx else _coming(activity, request.post),
        "people": sum(visit.headcount for visit in visits),
        "tally": [(label, tally[value]) for value, label in Visit.Outcome.choices if tally[value]],
        "phrases": {str(category.pk): category.phrases[:6] for category in form.keys},
        "next": (visits[0].serial if visits else 0) + 1,
        "late": activity.day < timezone.localdate(),
        "steps": activity.open_steps(request.post),
        "needed": form.needed(),
        "draft_key": f"log-{request.user.pk}-{activity.pk}",
        "shell": shell,
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
