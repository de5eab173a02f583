"""签到: the code on the screen in the room, its scan by a phone's camera, and the one tap after it."""

from datetime import datetime

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from deputies import codes
from liaison.accounts.models import Role
from liaison.core.access import roles
from liaison.core.forms import HouseForm
from liaison.core.htmx import fragment
from liaison.core.workflow import NotAllowed
from visits.checkin import (
    SCANNED_FOR,
    code_fault,
    code_for,
    read_token,
    seconds_left,
    token_for,
)
from visits.models import Attendance
from visits.workflow import WORKING

from . import get_activity

SCANNED = "scanned"  # in the session: activity, code, moment of the scan


def checks_in(activity, post):
    """Is it the day on which `post` shows the code of this activity?"""
    return post.role == Role.STATION and not _why_no_code(activity)


def _why_no_code(activity):
    if activity.state not in WORKING:
        return f"“{activity}”现在是“{activity.get_state_display()}”，不能签到。"
    today = timezone.localdate()
    if activity.day > today:
        return f"活动在{activity.day:%-m月%-d日}，当天才能显示签到码。"
    if activity.day < today:
        return f"活动在{activity.day:%-m月%-d日}，已经过了。请在名单里直接登记到会。"
    return ""


@roles(Role.STATION)
@never_cache
@fragment("code")
def screen(request, pk):
    """For the screen, tablet or phone in the room: the code of now, who has come, how many are awaited."""
    activity = get_activity(request, pk)
    if why_not := _why_no_code(activity):
        raise NotAllowed(why_not)
    now = timezone.now()
    path = reverse("visits:scan", args=[token_for(activity.pk, now)])
    address = request.build_absolute_uri(
        f"{settings.PUBLIC_URL}{path}"
    )  # as it is where there is a PUBLIC_URL
    code = code_for(activity.pk, now)
    roster = activity.attendances.on_roster().select_related("mandate__deputy")
    context = {
        "activity": activity,
        "picture": codes.draw(address),
        "code": f"{code[:4]} {code[4:]}",
        "wait": seconds_left(now) + 1,
        "present": roster.present().order_by("arrived_at", "pk"),
        "awaited": roster.expected().count(),
    }
    return TemplateResponse(request, "visits/checkin.html", context)


@login_not_required  # a camera opens it before its owner has signed in; it tells nothing of the activity
@never_cache
@require_safe
def scan(request, token):
    """Where the picture leads. When it was scanned counts, so that signing in may take its time."""
    now = timezone.now()
    pk, code = read_token(token)
    if fault := code_fault(pk, code, now):
        raise NotAllowed(fault)
    other = request.post is not None and request.post.role != Role.DEPUTY
    if other and any(post.role == Role.DEPUTY for post in request.posts):
        raise NotAllowed(f"您现在的岗位是“{request.post.get_role_display()}”。请先切换到代表岗位，再扫一次。")
    request.session[SCANNED] = [pk, code, now.isoformat()]
    return redirect("visits:present", pk=pk)


def _scanned(request, pk):
    """The code that this browser has scanned for this activity, and when. Raises NotAllowed where that is long ago."""
    known, code, moment = request.session.get(SCANNED) or (0, "", "")
    if known != pk:
        raise NotAllowed("请先用手机扫现场屏幕上的签到码。")
    at = datetime.fromisoformat(moment)
    if timezone.now() - at > SCANNED_FOR:
        raise NotAllowed("扫码以后过了太久。请对准现场屏幕上现在的码再扫一次。")
    return code, at


@roles(Role.DEPUTY)
def present(request, pk):
    """One tap says: I am here."""
    code, at = _scanned(request, pk)
    rows = Attendance.objects.visible_to(request.post).filter(activity=pk)
    mine = list(rows.select_related("activity__station", "mandate__deputy").order_by("pk"))
    if not mine:
        raise NotAllowed("您不在今天的名单里，请找联络员登记。排入名单以后，再扫一次。")
    refusals = {row.pk: row.refusal("arrive", request.post) for row in mine}
    here = [row for row in mine if not refusals[row.pk]]
    if not here:
        raise NotAllowed(refusals[mine[0].pk])
    form = HouseForm(request.POST if request.method == "POST" else None)

    def arrive():
        for row in here:  # one person may sit there by two mandates
            row.arrive(by=request.post, code=code, at=at)

    activity = mine[0].activity
    if request.method == "POST" and form.does(arrive):
        del request.session[SCANNED]
        messages.success(request, f"已签到，到会时间 {timezone.localtime(at):%-H:%M}。")
        return redirect(activity)
    context = {
        "question": f"签到：{activity}",
        "detail": f"{mine[0].mandate.deputy.name}，请确认您已经到现场。",
        "button": "我到了，签到",
        "danger": False,
        "back": activity.get_absolute_url(),
        "form": form,
    }
    return TemplateResponse(request, "ui/confirm.html", context, status=form.status)
