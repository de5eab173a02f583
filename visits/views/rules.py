"""接待日规则: said as people say it, tried out before it is saved, never changed backwards."""

from datetime import timedelta

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone

from liaison.core.access import roles
from liaison.core.idempotency import once
from liaison.core.paging import page_for
from liaison.core.timeline import timeline
from liaison.core.workflow import NotAllowed
from stations.models import Station
from visits import planning
from visits.filters import RuleFilter
from visits.forms import EndRuleForm, RuleForm
from visits.models import ReceptionRule

from . import DESK, OFFICIALS

NEXT = 12  # days that a preview shows
SAME = ("recurrence", "starts_at", "ends_at", "holiday", "theme", "place", "last_on")


def get_rule(request, pk):
    return get_object_or_404(
        ReceptionRule.objects.visible_to(request.post).select_related("station__area"), pk=pk
    )


@roles(*OFFICIALS)
def rules(request):
    chosen = RuleFilter(request.GET, ReceptionRule.objects.visible_to(request.post), request=request)
    rows = chosen.qs.select_related("station__area")
    context = {
        "page": page_for(request, rows, ("station_id", "pk")),
        "all": chosen.form.cleaned_data.get("all"),
        "plans": request.post.role in DESK,
    }
    return TemplateResponse(request, "visits/rules.html", context)


@roles(*OFFICIALS)
def rule(request, pk):
    found = get_rule(request, pk)
    today = timezone.localdate()
    context = {
        "rule": found,
        "ended": found.last_on is not None and found.last_on < today,
        "days": coming(found, today),
        "plans": request.post.role in DESK and (found.last_on is None or found.last_on >= today),
        "facts": _facts(found),
        "entries": timeline(found),
    }
    return TemplateResponse(request, "visits/rule.html", context)


def _facts(rule):
    last = f"到{rule.last_on:%Y年%-m月%-d日}" if rule.last_on else "没有止日"
    return [
        ("站点", rule.station.name),
        ("时间", f"{rule.starts_at:%-H:%M}—{rule.ends_at:%-H:%M}"),
        ("起止", f"从{rule.first_on:%Y年%-m月%-d日}起，{last}"),
        ("遇到公共假日", rule.get_holiday_display()),
        ("主题", rule.theme),
        ("地点", rule.place or rule.station.address),
    ]


def coming(rule, today):
    """The next twelve days by the rule, made or not, with what stands in the way."""
    first = max(today, rule.first_on)
    return planning.preview(rule, first, first + timedelta(days=370))[:NEXT]


@roles(*DESK)
@once
def new(request):
    """A new rule. 先看看 shows its days without saving; saving makes them at once."""
    stations = Station.objects.visible_to(request.post).order_by("code", "pk")
    chosen = stations.filter(code=request.GET.get("station", "")).first()
    form = RuleForm(request.POST or None, stations=stations, initial={"station": chosen.pk} if chosen else {})
    context = {"form": form, "old": None, "days": []}
    if request.method == "POST" and form.is_valid():
        found = ReceptionRule(**form.values())
        context["days"] = coming(found, timezone.localdate())
        if "preview" not in request.POST:
            found.enter(by=request.post)
            made = planning.make_days(found, timezone.localdate(), by=request.post)
            messages.success(
                request, f"规则已保存：{found.in_words}，{_made(made)}{_left_out(context['days'])}"
            )
            return redirect(found)
    status = 422 if form.errors else 200
    return TemplateResponse(request, "visits/rule_form.html", context, status=status)


def _made(count):
    return f"已排出 {count} 次接待日。" if count else "近期还没有可排的日子，到时候会自动排。"


def _left_out(days):
    problems = [day for day in days if day.problem]
    return f"有 {len(problems)} 天不能排，原因见下。" if problems else ""


@roles(*DESK)
@once
def edit(request, pk):
    """A changed rule is a new rule from a day on; the old one ends the day before, so the past stays as it was."""
    old = get_rule(request, pk)
    today = timezone.localdate()
    if old.last_on and old.last_on < today:
        raise NotAllowed("这条规则已经停用，请另加一条。")
    stations = Station.objects.filter(pk=old.station_id)
    copy = ReceptionRule(station=old.station, first_on=max(today, old.first_on) + timedelta(days=1))
    for name in SAME:
        setattr(copy, name, getattr(old, name))
    form = RuleForm(request.POST or None, stations=stations, instance=copy, initial={"version": old.version})
    context = {"form": form, "old": old, "days": []}
    status = 422 if form.errors else 200
    if request.method == "POST" and form.is_valid():
        fresh = ReceptionRule(**form.values())
        context["days"] = coming(fresh, today)
        if "preview" not in request.POST:
            try:
                return _change(request, old, fresh, today, form.cleaned_data["version"])
            except NotAllowed as error:
                form.add_error(None, str(error))
                status = 409
    return TemplateResponse(request, "visits/rule_form.html", context, status=status)


def _change(request, old, fresh, today, version):
    if all(getattr(old, name) == getattr(fresh, name) for name in SAME):
        messages.info(request, "规则没有改动，不用保存。")
        return redirect(old)
    if fresh.first_on <= today:
        raise NotAllowed("新规则最早从明天起，已经过去的接待日不变。")
    dropped, made = planning.change(old, fresh, today, by=request.post, version=version)
    gone = f"原规则排的 {dropped} 次已取消，" if dropped else ""
    messages.success(request, f"从{fresh.first_on:%-m月%-d日}起改为{fresh.in_words}。{gone}{_made(made)}")
    return redirect(fresh)


@roles(*DESK)
def end(request, pk):
    found = get_rule(request, pk)
    form = EndRuleForm(request.POST if request.method == "POST" else None, thing=found)
    if request.method == "POST" and form.does(
        lambda: planning.end(found, by=request.post, **form.cleaned_data)
    ):
        messages.success(
            request, f"规则到{found.last_on:%-m月%-d日}停用，取消了以后的 {form.outcome} 次接待日。"
        )
        return redirect(found)
    context = {
        "question": f"停用规则：{found.station} {found.in_words}",
        "detail": "已经公示或改过期的接待日不受影响，要取消请到那一天去取消。",
        "form": form,
        "button": "确定停用",
        "danger": True,
        "back": found.get_absolute_url(),
    }
    return TemplateResponse(request, "ui/confirm.html", context, status=form.status)
