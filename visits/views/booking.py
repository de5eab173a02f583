"""约见, the public side: ask for a deputy, see how it stands, answer a proposal. No account; nothing personal in addresses."""

from functools import wraps

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone

from liaison.core.policy import policy_for
from liaison.core.workflow import NotAllowed
from visits.appointments import booking
from visits.appointments.forms import ANSWER_FORMS, FindForm, PublicForm
from visits.models import Appointment
from visits.workflow import AppointmentState

TONES = {
    AppointmentState.CONFIRMED: "ok",
    AppointmentState.PROPOSED: "warn",
    AppointmentState.DECLINED: "warn",
    AppointmentState.ASKED: "info",
}


def kept_to_itself(view):
    """The address or the page is the person's own: kept nowhere, told to no other page, in no search engine."""

    @wraps(view)
    def wrapper(request, *args, **kwargs):
        response = view(request, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        # Not no-referrer: with that, browsers send a form with "Origin: null", which the CSRF check refuses.
        response["Referrer-Policy"] = "strict-origin"
        response["X-Robots-Tag"] = "noindex"
        return response

    return wrapper


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
    form = FindForm(request.POST if request.method == "POST" else None)
    status = 200
    if form.is_valid():
        # Not `form.does`: what it refuses it undoes, and a wrong code must stay counted.
        try:
            found = booking.by_code(form.cleaned_data["number"], form.cleaned_data["code"])
            if found is not None:
                return redirect("appointments:asked", secret=found.secret)
            form.add_error(None, "编号或查询码不对，请检查。记不清的，请打电话问联络站。")
        except NotAllowed as refusal:
            form.refused = True
            form.add_error(None, str(refusal))
        status = form.status
    elif request.method == "POST":
        status = 422
    return TemplateResponse(request, "visits/ask_find.html", {"form": form}, status=status)
