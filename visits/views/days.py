"""One day: what is planned, who comes, what came of it, and the steps that lead through it."""

from decimal import Decimal

from django.contrib import messages
from django.db.models import Count, Sum
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from liaison.accounts.models import Role
from liaison.core.access import roles
from liaison.core.idempotency import once
from liaison.core.policy import policy_for
from liaison.core.steps import step_page
from liaison.core.timeline import timeline
from liaison.core.workflow import NotAllowed
from stations.models import Station
from visits.forms import ACTIVITY_FORMS, ActivityForm, EditForm
from visits.kinds import KINDS, label_of, told
from visits.models import Activity, Appointment, Visit
from visits.workflow import ActivityState, AttendanceState

from . import DESK, READERS, get_activity
from .calendar import word
from .checkin import checks_in
from .device import takes_files
from .kinds import invited, kind_choices, shown_files
from .roster import rows_of

DANGER = ("cancel", "reopen")


@roles(*READERS)
def detail(request, pk):
    post = request.post
    activity = get_activity(request, pk)
    roster = rows_of(activity, post)
    label, tone = word(activity, timezone.localdate())
    if post.role == Role.DEPUTY:
        label, tone = activity.get_state_display(), "plain"  # what is overdue is for the desk
    works = post.role in DESK
    came = result(activity, request.post)
    context = {
        "activity": activity,
        "label": label,
        "tone": tone,
        "facts": _facts(activity),
        "invited": invited(activity, post),
        "plan": _plan(activity, roster),
        "content": _content(activity),
        "follows": _follows(activity, post),
        **shown_files(activity, post),
        "notice": _notice(activity),
        "notices": activity.notices.select_related("by__user").order_by("-pk")
        if post.role != Role.DEPUTY
        else [],
        "actions": _actions(activity, post, came["parties"]),
        "roster": roster,
        "mine": [row for row in roster if row["own"] and row["steps"]],
        "result": came,
        "appointments": Appointment.objects.visible_to(post)
        .filter(activity=activity)
        .select_related("station", "activity", "mandate__deputy")
        .order_by("at", "pk"),
        "logs": post.role == Role.STATION
        and activity.state in (ActivityState.OPEN, ActivityState.CLOSED)
        and KINDS[activity.kind].hears,
        "edits": works and activity.state != ActivityState.CANCELLED,
        "rosters": works and (activity.is_ahead or activity.state == ActivityState.OPEN),
        "poster": works and activity.kind == Activity.Kind.RECEPTION and activity.needs_poster,
        "prints": post.role != Role.DEPUTY and KINDS[activity.kind].hears,
        "issues": post.role == Role.STATION,
        "checks_in": checks_in(activity, post),
        "takes_files": takes_files(activity, post),
        "entries": timeline(activity, *_contested(roster)) if post.role != Role.DEPUTY else [],
    }
    return TemplateResponse(request, "visits/detail.html", context)


def _plan(activity, roster):
    """Planned beside done: (what, planned, done), for what this kind counts."""
    if activity.kind == Activity.Kind.RECEPTION:
        return []
    states = [row["attendance"].state for row in roster]
    over = activity.state == ActivityState.CLOSED
    came = sum(state == AttendanceState.PRESENT for state in states)
    expected = sum(state != AttendanceState.SUBSTITUTED for state in states)
    rows = [("参加代表", activity.planned_deputies or expected, came, "位")]
    if KINDS[activity.kind].people:
        people = activity.planned_headcount
        rows.append((label_of(activity.kind, "headcount"), people, activity.headcount, "人"))
    if KINDS[activity.kind].days:
        rows.append(("天数", activity.planned_days, activity.days, "天"))
    return [
        {
            "what": what,
            "planned": "" if planned is None else f"{_plain(planned)} {unit}",
            "done": "" if done is None or not over else f"{_plain(done)} {unit}",
        }
        for what, planned, done, unit in rows
    ]


def _plain(number):
    return f"{number:g}" if isinstance(number, Decimal) else number


def _content(activity):
    """What this kind of activity tells of itself, as label and words."""
    rows = told(activity.kind, activity.details)
    if KINDS[activity.kind].reporting:
        names = activity.reporting.order_by("deputy__pinyin", "pk").values_list("deputy__name", flat=True)
        rows.append((label_of(activity.kind, "reporting"), "、".join(names)))
    return [row for row in rows if row[1]]


def _follows(activity, post):
    """The earlier visit that this one goes back to, with its page where `post` may open it."""
    if activity.follows is None:
        return None
    seen = Visit.objects.visible_to(post).filter(pk=activity.follows_id).exists()
    return {"name": str(activity.follows), "url": activity.follows.get_absolute_url() if seen else ""}


def _contested(roster):
    """Entries with an objection: what was decided on them stands in the record of the day."""
    return [row["attendance"] for row in roster if row["attendance"].objection]


def _facts(activity):
    theme = KINDS[activity.kind].theme
    facts = [
        ("类型", activity.get_kind_display()),
        ("站点", activity.station.name),
        (theme, activity.theme),
        ("地点", activity.where),
        ("编号", activity.number),
    ]
    if activity.rule:
        facts.append(("按规则", activity.rule.in_words))
    if activity.reason:
        facts.append(("原因", activity.reason))
    return facts


def _notice(activity):
    """When it is to be announced and why, and whether it was in time, each in a sentence."""
    today = timezone.localdate()
    policy = policy_for(activity.area, activity.day)
    days = (activity.day - activity.announce_by).days
    why = f"接待日前至少 {days} 天公示" if activity.kind == Activity.Kind.RECEPTION else f"提前 {days} 天公示"
    why += f"（依据：{'、'.join(policy.versions)}的本地规则）" if policy.versions else ""
    if activity.announced_on:
        late = (activity.announced_on - activity.announce_by).days
        words = f"晚了 {late} 天" if late > 0 else "按时"
    elif activity.is_ahead and today > activity.announce_by:
        late, words = 1, f"还没有公示，已晚 {(today - activity.announce_by).days} 天，请尽快公示"
    else:
        late, words = 0, "还没有公示" if activity.is_ahead else "没有公示记录"
    return {
        "by": activity.announce_by,
        "why": why,
        "on": activity.announced_on,
        "late": late > 0,
        "words": words,
    }


def _actions(activity, post, parties):
    """The buttons: steps open to `post`, without those whose day has not come, or that are too late."""
    if post.role not in DESK:
        return []
    early = activity.day > timezone.localdate()
    return [
        {
            "label": _label(activity, name),
            "url": reverse("visits:step", args=[activity.pk, name]),
            "at_once": name == "begin",
            "first": name in ("begin", "announce", "announce_cancel")
            or (name == "close" and activity.state == ActivityState.OPEN),
        }
        for name in activity.open_steps(post)
        if not (early and name in ("begin", "close")) and not (parties and name == "cancel")
    ]


def _label(activity, name):
    label = Activity.FLOW[name].label
    return label if activity.kind == Activity.Kind.RECEPTION else label.replace("接待", "活动")


def result(activity, post):
    """Who was received and what was raised, as counts."""
    visits = Visit.objects.counted().not_about(post).filter(activity=activity)
    tally = {
        row["outcome"]: row
        for row in visits.order_by().values("outcome").annotate(parties=Count("pk"), people=Sum("headcount"))
    }
    return {
        "people": sum(row["people"] for row in tally.values()),
        "parties": sum(row["parties"] for row in tally.values()),
        # `requests` is the name by which the layer above ties requests to visits
        "raised": visits.aggregate(n=Count("requests"))["n"],
        "outcomes": [
            (label, tally[value]["parties"]) for value, label in Visit.Outcome.choices if value in tally
        ],
    }


@roles(*DESK)
@once
def new(request):
    """Plan one activity by hand; its roster comes next."""
    stations = Station.objects.visible_to(request.post).order_by("code", "pk")
    initial = {name: request.GET[name] for name in ("day", "kind") if request.GET.get(name)}
    if chosen := stations.filter(code=request.GET.get("station", "")).first():
        initial["station"] = chosen.pk
    form = ActivityForm(request.POST or None, stations=stations, initial=initial)
    if request.method == "POST" and form.is_valid():
        activity = Activity(**form.values()).enter(by=request.post)
        if "announce" in request.POST:
            activity.announce(by=request.post)
            messages.success(request, f"{activity}已排定并公示。{_lateness(activity)}请排参加的代表。")
        else:
            by = f"{activity.announce_by:%-m月%-d日}"
            late = timezone.localdate() > activity.announce_by
            notice = f"{by}就该公示，请尽快公示" if late else f"最迟{by}公示"
            messages.success(request, f"{activity}已排定，{notice}。请排参加的代表。")
        return redirect("visits:roster", pk=activity.pk)
    status = 422 if form.errors else 200
    kinds = kind_choices(form.kinds(), form.fields["kind"].initial)
    return TemplateResponse(request, "visits/new.html", {"form": form, "kinds": kinds}, status=status)


def _lateness(activity):
    late = (activity.announced_on - activity.announce_by).days
    return f"公示比要求晚了 {late} 天。" if late > 0 else ""


@roles(*DESK)
def edit(request, pk):
    activity = get_activity(request, pk)
    if activity.state == ActivityState.CANCELLED:
        raise NotAllowed(f"“{activity}”已取消，不能修改。")
    form = EditForm(request.POST if request.method == "POST" else None, instance=activity)

    def amend():
        known = get_activity(request, pk)  # the form has written into the other one
        return known.amend(by=request.post, version=form.cleaned_data["version"], **form.values())

    if request.method == "POST" and form.does(amend):
        messages.success(request, "已保存。" if form.outcome else "没有改动，不用保存。")
        return redirect(activity)
    return TemplateResponse(
        request, "visits/edit.html", {"form": form, "activity": activity}, status=form.status
    )


@roles(*DESK)
def step(request, pk, name):
    """Take one step: what it needs is asked on a page of its own."""
    activity = get_activity(request, pk)

    def page():
        label = _label(activity, name)
        shown = {
            "activity": activity,
            "question": f"{label}：{activity}",
            "detail": _detail(activity, name),
            "button": f"确定{label}",
            "danger": name in DANGER,
            "back": activity.get_absolute_url(),
        }
        return shown | (
            {"template": "visits/close.html", "result": result(activity, request.post)}
            if name == "close"
            else {}
        )

    def goto():
        if name == "begin" and activity.kind == Activity.Kind.RECEPTION:
            return reverse("suggestions:log", args=[activity.pk])
        return activity.get_absolute_url()

    return step_page(
        request, activity, name, ACTIVITY_FORMS, page, lambda: _done(activity, name, request.post), goto
    )


def _detail(activity, name):
    match name:
        case "announce":
            return f"最迟{activity.announce_by:%-m月%-d日}公示；晚于这天的会标明“公示晚”。"
        case "announce_cancel":
            return "取消的公示贴出以后，在这里登记。网上的公开页已经写明取消。"
        case "move":
            return "改期以后要重新公示，名单上的代表会收到通知。接待日规则不会再动这一天。"
        case "cancel":
            return "取消以后不能恢复。名单上的代表会收到通知。"
        case "reopen":
            return "重新打开以后可以补录来访、更正到会，统计数字会随之变化。"
        case _:
            return ""


def _done(activity, name, post):
    match name:
        case "announce":
            return f"已登记公示，公示日期{activity.announced_on:%-m月%-d日}。{_lateness(activity)}"
        case "announce_cancel":
            return f"已登记取消公示，公示日期{activity.cancel_announced_on:%-m月%-d日}。"
        case "begin":
            return "已开始。来一位，登记一位。"
        case "close":
            came = activity.attendances.present().count()
            found = result(activity, post)
            return f"已结束：到会代表 {came} 位，接待群众 {found['people']} 人次，生成诉求单 {found['raised']} 件。"
        case "reopen":
            return "已重新打开。补录完请再结束一次。"
        case "move":
            when = f"{activity.day:%-m月%-d日} {activity.starts_at:%-H:%M}—{activity.ends_at:%-H:%M}"
            return f"已改到{when}，请在{activity.announce_by:%-m月%-d日}前重新公示。"
        case _:
            told = "这一天已经公示过，请贴出取消的公示，再点“公示取消”。" if activity.told_day else ""
            return f"已取消，原因写在记录里。{told}"
