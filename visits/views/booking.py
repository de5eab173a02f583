"""约见, the public side: ask for a deputy, see how it stands, answer a proposal. No account; nothing personal in addresses."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone

from liaison.core.link_pages import find_page, kept_to_itself
from liaison.core.policy import policy_for
from visits.appointments import booking
from visits.appointments.forms import ANSWER_FORMS, FindAppointmentForm, PublicForm
from visits.models import Appointment
from visits.workflow import AppointmentState

TONES = {
    AppointmentState.CONFIRMED: "ok",
    AppointmentState.PROPOSED: "warn",
    AppointmentState.DECLINED: "warn",
    AppointmentState.ASKED: "info",
}


@kept_to_itself
def new(request):
    """Ask for a deputy of a station: `?station=CODE`, `?deputy=PK` or `?day=ACTIVITY`."""
    counter = booking.counter(request.GET)
    if counter is None:
        raise Http404
    if counter.station is None:
        return TemplateResponse(request, "visits/ask_where.html", {"counter": counter})
    form = PublicForm(
        request.POST if request.method == "POST" else None,
        station=counter.station,
        only=counter.activity,
        initial={"mandate": counter.mandate},
    )

    def ask():
        wish = form.appointment(counter.station, Appointment.Channel.WEB)
        return booking.ask_online(wish, **form.person())

    if request.method == "POST" and form.does(ask):
        made = form.outcome
        messages.success(
            request,
            f"收到了。编号 {made.number}，查询码 {made.code_in_two}，只显示这一次，请记下来或截图。"
            f"联络站会在{made.answer_by:%-m月%-d日}前答复您。",
        )
        return redirect("appointments:asked", secret=made.secret)
    full = counter.activity is not None and not any(free.slots for free in form.days)
    keep = policy_for(counter.station.area, timezone.localdate()).appointment_keep_days
    context = {"counter": counter, "station": counter.station, "form": form, "full": full, "keep": keep}
    return TemplateResponse(request, "visits/ask.html", context, status=form.status)


@kept_to_itself
def asked(request, secret):
    """How it stands, in plain words, and what the person may answer. Whoever has the link is the person."""
    found = booking.by_secret(secret)
    if found is None:
        raise Http404
    form = None
    if request.method == "POST":
        name = request.POST.get("step", "")
        if name not in ANSWER_FORMS:
            raise Http404
        form = ANSWER_FORMS[name](request.POST, thing=found)
        if form.does(lambda: getattr(found, name)(by=None, **form.cleaned_data)):
            messages.success(request, DONE[name])
            return redirect("appointments:asked", secret=secret)
        found = booking.by_secret(secret)
    context = {
        "found": found,
        "tone": TONES.get(found.state, "plain"),
        "answers": found.answers(),
        "form": form,
        "turn_down": form if form and "wish" in form.fields else ANSWER_FORMS["turn_down"](thing=found),
    }
    return TemplateResponse(request, "visits/asked.html", context, status=form.status if form else 200)


DONE = {
    "accept": "约好了，请按时到。来不了请在这里撤回，或打电话告诉联络站。",
    "turn_down": "知道了。联络站会再答复您。",
    "withdraw": "已撤回。以后需要时可以再约。",
}


@kept_to_itself
def find(request):
    """By number and query code, for who has not kept the link."""
    return find_page(
        request,
        FindAppointmentForm,
        booking.by_code,
        "appointments:asked",
        "visits/ask_find.html",
    )
