"""导入考勤文件: upload, look, tick, apply. Between looking and applying nothing is kept but in the page itself, signed."""

from datetime import datetime

from django.contrib import messages
from django.core import signing
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone

from liaison.accounts.models import Role
from liaison.core.access import roles
from liaison.core.workflow import NotAllowed
from visits.clock import Match, apply, lay
from visits.forms import ClockFileForm, ClockForm
from visits.workflow import WORKING, ActivityState

from . import get_activity

SALT = "visits.clock"
VALID = 3600  # seconds that a page with a read file may lie open


def takes_files(activity, post):
    """May `post` read a device's file into the roster of this activity now?"""
    return post.role == Role.STATION and not _why_not(activity)


def _why_not(activity):
    if activity.state == ActivityState.CLOSED:
        return "这次活动已结束。要导入考勤文件，请先重新打开。"
    if activity.state not in WORKING:
        return f"“{activity}”现在是“{activity.get_state_display()}”，不能导入考勤文件。"
    if activity.day > timezone.localdate():
        return f"活动在{activity.day:%-m月%-d日}，还没到，不能导入考勤文件。"
    return ""


@roles(Role.STATION)
def device(request, pk):
    """A file of a clock: first what it says, then what is ticked is checked in."""
    activity = get_activity(request, pk)
    if why_not := _why_not(activity):
        raise NotAllowed(why_not)
    if "read" in request.POST:
        return _applied(request, activity)
    form = ClockFileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        return _shown(request, activity, lay(form.cleaned_data["file"], activity))
    context = {"activity": activity, "form": form}
    return TemplateResponse(request, "visits/clock_file.html", context, status=form.status)


def _shown(request, activity, reading):
    """What the file says. The matches go into the page, signed, so that what is applied is what was looked at."""
    matches = [*reading.found, *reading.conflicts]
    kept = [[match.attendance.pk, match.at.isoformat(), match.times] for match in matches]
    signed = signing.dumps([activity.pk, request.post.pk, kept], salt=SALT, compress=True)
    form = ClockForm(matches=matches, initial={"read": signed})
    context = {"activity": activity, "form": form, "reading": reading}
    return TemplateResponse(request, "visits/clock.html", context)


def _applied(request, activity):
    try:
        known, post, kept = signing.loads(request.POST["read"], salt=SALT, max_age=VALID)
    except signing.SignatureExpired:
        raise NotAllowed("这一页开着超过一小时了，请重新上传文件。") from None
    except signing.BadSignature:
        raise NotAllowed("这一页的内容对不上，请重新上传文件。") from None
    if (known, post) != (activity.pk, request.post.pk):
        raise NotAllowed("这一页是为另一次活动打开的，请重新上传文件。")
    rows = activity.attendances.select_related("mandate__deputy").in_bulk([key for key, _, _ in kept])
    matches = [
        Match(rows[key], datetime.fromisoformat(moment), 0, times)
        for key, moment, times in kept
        if key in rows
    ]
    form = ClockForm(request.POST, matches=matches)

    def check_in():
        chosen = form.cleaned_data["came"]
        moments = {match.attendance.pk: match.at for match in matches}
        return apply([(key, moments[key]) for key in chosen], activity, by=request.post)

    if form.does(check_in):
        done = f"按考勤文件签到 {form.outcome} 位。" if form.outcome else "没有要签到的，什么都没有改动。"
        messages.success(request, done)
        return redirect(activity)
    context = {"activity": activity, "form": form, "reading": None}
    return TemplateResponse(request, "visits/clock.html", context, status=form.status)
