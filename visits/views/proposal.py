"""排班建议: who might sit when, and why; staff change it and apply it."""

from datetime import timedelta

from django.contrib import messages
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from liaison.core.access import roles
from liaison.core.idempotency import once
from liaison.core.policy import policy_for
from stations.models import Station
from visits.forms import ProposalForm, RotaForm
from visits.models import Attendance
from visits.proposal import plan_of, propose

from . import DESK


@roles(*DESK)
@once
def proposal(request):
    """Ask for a station and a span by GET; what is ticked in the answer is applied by POST, all or nothing."""
    stations = Station.objects.visible_to(request.post).select_related("area").order_by("code", "pk")
    ask = ProposalForm(request.GET if request.GET.get("first") else None, stations=stations)
    tomorrow = timezone.localdate() + timedelta(days=1)
    ask.initial |= {
        "first": tomorrow,
        "last": tomorrow + timedelta(days=30),
        "size": policy_for(request.post.area, tomorrow).duty_size,
        "mixed": "yes",
    }
    context = {"ask": ask, "form": None, "plan": None}
    if not ask.is_valid():
        status = 422 if ask.errors else 200
        return TemplateResponse(request, "visits/proposal.html", context, status=status)
    asked = ask.cleaned_data
    plan = plan_of(asked["station"], asked["first"], asked["last"], asked["size"])
    picks = propose(plan.duties, plan.seats, mixed=asked["mixed"] == "yes")
    posted = request.POST if request.method == "POST" else None
    form = RotaForm(posted, plan=plan, picks=picks)
    if form.does(lambda: Attendance.roster_all(form.chosen, by=request.post)):
        messages.success(request, f"已排 {len(form.outcome)} 个班次，有账号的代表会收到通知，请等确认。")
        return redirect(f"{reverse('visits:calendar')}?view=list&station={asked['station'].code}")
    context |= {"form": form, "plan": plan, "station": asked["station"], "shares": _shares(plan, picks)}
    return TemplateResponse(request, "visits/proposal.html", context, status=form.status)


def _shares(plan, picks):
    """For each person of the station: what was before, what the proposal adds."""
    given = {}
    for pick in picks:
        given[pick.seat.person] = given.get(pick.seat.person, 0) + 1
    people = {}
    for seat in plan.seats:  # one may sit there by two mandates
        people.setdefault(seat.person, []).append(seat)
    return [
        {
            "seat": seats[0],
            "levels": "、".join(seat.level for seat in seats),
            "given": given.get(person, 0),
            "together": seats[0].recent + given.get(person, 0),
        }
        for person, seats in people.items()
    ]
