"""约见, the desk's side: who asks, what was answered, what came of it."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from liaison.accounts.models import Role
from liaison.core.access import roles
from liaison.core.htmx import fragment
from liaison.core.idempotency import once
from liaison.core.paging import page_for
from liaison.core.steps import step_page
from liaison.core.timeline import timeline
from stations.choices import choose_places
from stations.models import Station
from visits.appointments.booking import CONSENT
from visits.appointments.forms import APPOINTMENT_FORMS, EnterForm
from visits.filters import AppointmentFilter
from visits.models import Appointment
from visits.models.appointment import why_not_with
from visits.privacy import shown_person, shown_subject
from visits.workflow import ANSWERERS, LIVE, AppointmentState

from . import READERS

TONES = {
    AppointmentState.ASKED: "warn",
    AppointmentState.PROPOSED: "info",
    AppointmentState.CONFIRMED: "ok",
    AppointmentState.HELD: "ok",
}
RELATED = ("station__area", "activity__station", "mandate__deputy", "applicant", "category", "visit")


def lay_out(rows, post):
    """Beside each appointment what `post` may read of the person, and the state in a word and its colour."""
    rows = list(rows)
    for row in rows:
        row.shown = shown_person(row, post)
        row.words = shown_subject(row.subject, post)
        row.wished = shown_subject(row.when, post) if row.day is None else row.when
        late = row.is_late
        row.label = "逾期未答复" if late else row.get_state_display()
        row.tone = "late" if late else TONES.get(row.state, "plain")
    return rows


@roles(*READERS)
@fragment("rows")
def list_(request):
    mine = Appointment.objects.visible_to(request.post)
    chosen = AppointmentFilter(request.GET, queryset=mine, request=request)
    rows = chosen.qs.order_by().select_related(*RELATED)
    shown = choose_places(chosen.form, request.post)
    for name in {"station", "area", "deputy", "activity"} - shown:
        chosen.form.fields[name].widget = chosen.form.fields[name].hidden_widget()
    page = page_for(request, rows, ("-pk",))
    page.rows = lay_out(page.rows, request.post)
    context = {"filter": chosen, "page": page, "enters": request.post.role == Role.STATION}
    return TemplateResponse(request, "visits/appointments.html", context)


def _get(request, number):
    rows = Appointment.objects.visible_to(request.post).select_related(*RELATED)
    return get_object_or_404(rows, number=number)


@roles(*READERS)
def detail(request, number):
    post = request.post
    found = _get(request, number)
    lay_out([found], post)
    context = {
        "found": found,
        "facts": _facts(found),
        "gone": _gone(found) if post.role in ANSWERERS else "",
        "actions": _actions(found, post),
        "to_phone": post.role == Role.STATION
        and Appointment.objects.visible_to(post).to_phone(timezone.localdate()).filter(pk=found.pk).exists(),
        "entries": timeline(found) if post.role != Role.DEPUTY else [],
    }
    return TemplateResponse(request, "visits/appointment.html", context)


def _facts(found):
    return [
        ("站点", found.station.name),
        ("代表", found.deputy_name or "哪位都可以"),
        ("时间", found.wished),
        ("地点", found.where if found.day else ""),
        ("类别", found.category.name if found.category else ""),
        ("怎么来约的", found.get_channel_display()),
        ("给本人的话", found.note_to_person),
        ("为什么没见成", found.get_missed_by_display()),
    ]


def _gone(found):
    """The deputy has left since: why, in a sentence."""
    if found.state not in LIVE or found.mandate is None:
        return ""
    return why_not_with(
        found.mandate, found.station, max(found.day or timezone.localdate(), timezone.localdate())
    )


def _actions(found, post):
    """The buttons: the steps open to `post`, without those whose day has not come."""
    early = found.day is not None and found.day > timezone.localdate()
    actions = []
    if "hold" in found.open_steps(post) and not early:
        actions.append(
            {
                "label": "到了，登记来访",
                "url": f"{reverse('suggestions:visit_new')}?appointment={found.number}",
                "first": True,
            }
        )
    for name in found.open_steps(post):
        if early and name in ("hold", "miss"):
            continue
        url = reverse("appointments:step", args=[found.number, name])
        label = "已经登记过来访" if name == "hold" else _label(name, post)
        actions.append({"label": label, "url": url, "first": name in ("confirm", "accept")})
    return actions


def _label(name, post):
    label = Appointment.FLOW[name].label
    told = post.role == Role.STATION and name in ("accept", "turn_down", "withdraw")
    return f"本人{label}" if told else label


@roles(Role.STATION)
@once
def enter(request):
    """For somebody who phones or comes."""
    stations = Station.objects.visible_to(request.post).order_by("code", "pk")
    form = EnterForm(request.POST if request.method == "POST" else None, stations=stations)
    if request.method == "POST" and form.does(
        lambda: form.made().ask(by=request.post, consent=CONSENT, **form.person())
    ):
        made = form.outcome
        messages.success(
            request,
            f"已登记，编号 {made.number}，查询码 {made.code_in_two}，只显示这一次，请告诉本人，可以凭它在网上查。",
        )
        return redirect(made)
    return TemplateResponse(request, "visits/appointment_enter.html", {"form": form}, status=form.status)


@roles(*ANSWERERS)
def step(request, number, name):
    found = _get(request, number)

    def page():
        label = _label(name, request.post)
        return {
            "question": f"{label}：{found}",
            "detail": _detail(found, name, request.post),
            "button": f"确定{label}",
            "danger": name in ("decline", "withdraw"),
            "back": found.get_absolute_url(),
        }

    return step_page(
        request, found, name, APPOINTMENT_FORMS, page, lambda: _done(found, name), found.get_absolute_url
    )


def _detail(found, name, post):
    match name:
        case "confirm":
            who = f"{found.deputy_name}代表" if found.mandate else "代表由您来定"
            when = found.when if found.at else f"本人希望：{shown_subject(found.wish, post) or '没有写'}"
            return f"{who}，{when}。确认以后请电话告诉本人。"
        case "propose":
            return "本人在网上同意，或电话同意后由您登记，才算约好。"
        case "turn_down":
            return "时段会空出来，约见回到“待答复”。"
        case "phone":
            return "登记您已经打电话把结果告诉了本人。"
        case _:
            return ""


def _done(found, name):
    match name:
        case "confirm":
            return f"已约好：{found.deputy_name}，{found.when}。请电话告诉本人，再点“已电话通知”。"
        case "propose":
            return f"已另约：{found.deputy_name}，{found.when}。请电话问本人是否同意。"
        case "decline":
            return "已答复不能安排，原因本人查得到。请电话告诉本人。"
        case "accept":
            return f"已约好：{found.deputy_name}，{found.when}。"
        case "turn_down":
            return f"已登记本人不同意，请在{found.answer_by:%-m月%-d日}前再答复。"
        case "withdraw":
            return "已登记本人撤回。"
        case "phone":
            return "已登记电话通知。"
        case "hold":
            return f"已关联来访登记 {found.visit.number}。"
        case _:
            return f"已登记没有见成：{found.get_missed_by_display()}。"
