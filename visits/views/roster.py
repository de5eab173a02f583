"""排班: who is expected on a day, who came, and what a deputy answers."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from deputies.models import Deputy, Mandate
from liaison.accounts.models import Role
from liaison.core.access import roles
from liaison.core.steps import step_page
from visits.forms import ATTENDANCE_FORMS, RosterForm, candidates
from visits.models import Attendance
from visits.workflow import CONTEST_FLOW, AttendanceState

from . import DESK, get_activity

FOUND = 30  # names that a search shows
ASKING = (
    "ask_leave",
    "refuse_leave",
    "substitute",
    "arrive",
    *CONTEST_FLOW,
)  # steps that need words or a choice
ON_THE_DAY = ("check_in", "mark_absent")
TONES = {
    AttendanceState.CONFIRMED: "info",
    AttendanceState.PRESENT: "ok",
    AttendanceState.LEAVE_ASKED: "warn",
    AttendanceState.ABSENT: "warn",
}


def rows_of(activity, post):
    """The roster as the page shows it: name, state, and the steps open to `post`."""
    rows = activity.attendances.select_related(
        "activity__station", "mandate__deputy", "stand_in__mandate__deputy"
    )
    return rows_shown(rows.order_by("mandate__deputy__pinyin", "pk"), post)


def rows_shown(rows, post):
    """Entries as pages show them; `rows` have joined activity and station, deputy, and who stands in."""
    return [_row(row, post) for row in rows]


def _row(attendance, post):
    own = post.role == Role.DEPUTY and attendance.mandate.deputy.user_id == post.user_id
    steps = attendance.open_steps(post) if own or post.role in DESK else {}
    come = attendance.activity.day <= timezone.localdate()
    asked = attendance.state == AttendanceState.LEAVE_ASKED
    replaced = attendance.state == AttendanceState.SUBSTITUTED
    note = attendance.leave_reason if own or post.role != Role.DEPUTY else ""
    if attendance.stand_in:
        note = f"由{attendance.stand_in.mandate.deputy.name}替换"
    return {
        "attendance": attendance,
        "name": attendance.mandate.deputy.name,
        "level": attendance.mandate.get_level_display(),
        "tone": TONES.get(attendance.state, "plain"),
        "note": note,
        "own": own,
        "objection": _objection(attendance) if own or post.role != Role.DEPUTY else "",
        "steps": [
            {
                "label": "不请假了，参加" if asked and own and name == "confirm" else row.label,
                "url": reverse("visits:attendance_step", args=[attendance.pk, name]),
                "at_once": name not in ASKING,
                "first": name in (("grant_leave",) if asked else ("confirm", "check_in")),
            }
            for name, row in steps.items()
            if own or _offered_now(name, come=come, replaced=replaced)
        ],
    }


def _offered_now(name, *, come, replaced):
    """Which of the open steps the desk is offered beside a name, by whether the day has come."""
    if name in ON_THE_DAY:
        return come and not replaced  # who was replaced and came is decided where a device's file is read
    return not come or name in ("substitute", "grant_leave", "refuse_leave", *CONTEST_FLOW)


def _objection(attendance):
    """What the deputy says against the entry and what was answered, in a sentence; empty where nothing was said."""
    if not attendance.objection:
        return ""
    words = f"异议（{attendance.get_objection_display()}）：{attendance.objection_reason}"
    return f"{words} 答复：{attendance.objection_answer}" if attendance.objection_answer else words


@roles(*DESK)
def roster(request, pk):
    """Put deputies on the roster: those of the station, others by name. One who may not serve that day is told why."""
    activity = get_activity(request, pk)
    activity.must_take_deputies()
    text = request.GET.get("q", "").strip()[:30]
    offered, unable = _offered(activity, request.post, text)
    form = RosterForm(
        request.POST if request.method == "POST" else None,
        activity=activity,
        post=request.post,
        offered=offered,
    )

    def put():
        asked = [(activity, mandate) for mandate in form.cleaned_data["mandates"]]
        return Attendance.roster_all(asked, by=request.post)

    if form.does(put):
        names = "、".join(place.mandate.deputy.name for place in form.outcome)
        messages.success(request, f"已排 {len(form.outcome)} 位代表：{names}。有账号的会收到通知，请等确认。")
        return redirect(activity)
    context = {"activity": activity, "form": form, "offered": offered, "unable": unable, "q": text}
    return TemplateResponse(request, "visits/roster.html", context, status=form.status)


def _offered(activity, post, text):
    rows = candidates(activity, post)
    if text:
        rows = rows.filter(deputy__in=Deputy.objects.search(text).values("pk"))[:FOUND]
    else:
        rows = rows.filter(pk__in=Mandate.objects.at_station(activity.station, activity.day).values("pk"))
    offered, unable = [], []
    for mandate in rows:
        why_not = mandate.why_not_on(activity.day)
        (unable if why_not else offered).append((mandate, why_not))
    return [mandate for mandate, _ in offered], [why_not for _, why_not in unable]


@roles(*DESK, Role.DEPUTY)
def step(request, pk, name):
    """One step of one place on the roster; a deputy answers for oneself."""
    rows = Attendance.objects.visible_to(request.post)
    attendance = get_object_or_404(rows.select_related("activity__station__area", "mandate__deputy"), pk=pk)

    def page():
        label = Attendance.FLOW[name].label
        return {
            "question": f"{label}：{attendance.mandate.deputy.name}，{attendance.activity}",
            "detail": _detail(name, request.post) or _objection(attendance),
            "button": f"确定{label}" if request.post.role != Role.DEPUTY else f"提交{label}",
            "back": attendance.activity.get_absolute_url(),
        }

    return step_page(
        request,
        attendance,
        name,
        ATTENDANCE_FORMS,
        page,
        done=lambda: _done(attendance, name, request.post),
        goto=attendance.activity.get_absolute_url,
    )


def _detail(name, post):
    match name:
        case "ask_leave" if post.role == Role.DEPUTY:
            return "写明原因，联络站会收到并答复您。"
        case "substitute":
            return "原来的代表记为“已替换”，换上的代表会收到通知。"
        case "contest":
            return "对这条到会记录有不同意见，写在这里。答复以前记录不变，也不影响您别的记录。"
        case _:
            return ""


def _done(attendance, name, post):
    who = "您" if post.role == Role.DEPUTY else attendance.mandate.deputy.name
    match name:
        case "confirm":
            return f"{who}已确认参加。"
        case "ask_leave":
            return (
                "请假已提交，等联络站答复。"
                if post.role == Role.DEPUTY
                else f"{who}的请假已登记，请准假或不准假。"
            )
        case "grant_leave":
            return f"已准{who}的假。"
        case "refuse_leave":
            return f"没有准{who}的假，仍在名单里。"
        case "check_in" | "arrive":
            return f"{who}已签到。"
        case "contest":
            return "异议已提交，等联络站或人大机关答复。"
        case "drop_contest":
            return "异议已撤回。"
        case "correct_present" | "correct_leave" | "keep":
            return f"已答复{who}的异议：{Attendance.FLOW[name].label}。"
        case "mark_absent":
            return f"{who}已记为缺席。"
        case _:
            return f"{who}已换成{attendance.stand_in.mandate.deputy.name}。"
