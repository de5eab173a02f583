"""公示: what is to be put up and by when, what went up late, what went up; and the papers for it."""

from datetime import timedelta
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from deputies import codes
from liaison.accounts.models import Area
from liaison.core.access import roles
from liaison.core.paging import page_for
from liaison.core.pdf import as_pdf
from liaison.core.places import inside
from stations.choices import choose_places
from stations.models import Station
from visits import posters
from visits.filters import ActivityFilter, NoticeFilter
from visits.models import Activity, Notice
from visits.workflow import ActivityState

from . import DESK, OFFICIALS
from .calendar import month_asked, month_end

LOOK_BACK = timedelta(days=90)
TABS = {"due": "要公示的", "late": "公示晚的", "up": "公示记录"}


@roles(*OFFICIALS)
def notices(request):
    """Three lists of one thing, narrowed by place: to be put up with the days left, put up late, put up."""
    post, today = request.post, timezone.localdate()
    what = request.GET.get("what") if request.GET.get("what") in TABS else "due"
    if what == "up":
        chosen = NoticeFilter(request.GET, queryset=Notice.objects.visible_to(post), request=request)
        rows = chosen.qs.select_related("activity__station", "by__user")
        page = page_for(request, rows, ("-on", "-pk"))
    else:
        seen = Activity.objects.visible_to(post)
        rows = seen.notice_due(today) if what == "due" else seen.notice_late(today, today - LOOK_BACK)
        chosen = ActivityFilter(request.GET, queryset=rows, request=request)
        order = ("announce_by", "pk") if what == "due" else ("-day", "-pk")
        page = page_for(request, chosen.qs.select_related("station"), order)
        for activity in page:
            activity.task, activity.step = _task(activity)
            activity.late = ((activity.announced_on or today) - activity.announce_by).days
    first = month_asked(request)
    context = {
        "what": what,
        "page": page,
        "form": _narrowed(chosen.form, post, what),
        "tabs": [
            {"label": label, "url": f"?what={name}", "current": name == what, "count": None}
            for name, label in TABS.items()
        ],
        "today": today,
        "works": post.role in DESK,
        "papers": _papers(request, first) if post.role in DESK else [],
    }
    return TemplateResponse(request, "visits/notices.html", context)


def _task(activity):
    """Which notice is to be put up, and the step that says so."""
    if activity.state == ActivityState.CANCELLED:
        return "取消公示", "announce_cancel"
    return ("改期公示" if activity.told_day else "公示"), "announce"


def _narrowed(form, post, what):
    """The filter as a form: by place alone, in words that fit the post."""
    shown = choose_places(form, post)
    for name, field in form.fields.items():
        if name not in shown:
            field.widget = forms.HiddenInput()
    form.fields["what"] = forms.CharField(required=False, initial=what, widget=forms.HiddenInput)
    form.data = form.data.copy()
    form.data["what"] = what
    return form


def _papers(request, first):
    """What can be printed for this month and the next."""
    following = month_end(first) + timedelta(days=1)
    where = {name: value for name in ("station", "area") if (value := request.GET.get(name))}
    chosen = f"&{urlencode(where)}" if where else ""
    return [
        {
            "month": f"{month.month}月",
            "posters": f"{reverse('visits:posters')}?month={month:%Y-%m}{chosen}",
            "sheet": f"{reverse('visits:month_sheet')}?month={month:%Y-%m}{chosen}",
        }
        for month in (first, following)
    ]


@roles(*DESK)
def issue_codes(request):
    """A code for each open station in sight that has none, so that posters can be printed."""
    today = timezone.localdate()
    stations = list(Station.objects.visible_to(request.post).open(today).order_by("code"))
    if request.method == "POST":
        made = codes.issue_missing(stations, by=request.post)
        messages.success(
            request, f"发了 {made} 个二维码。" if made else "每个站点都有在用的二维码，不用再发。"
        )
        return redirect("visits:notices")
    context = {
        "question": "给没有二维码的站点发码？",
        "detail": f"您这里有 {len(stations)} 个开放的站点。已有在用二维码的不变。",
        "button": "发码",
        "danger": False,
        "back": reverse("visits:notices"),
        "idem": "",
        "form": None,
    }
    return TemplateResponse(request, "ui/confirm.html", context)


@roles(*DESK)
def poster_sheets(request):
    """The posters of one day, or of a month: of one station, or of all that one sees."""
    rows = Activity.objects.visible_to(request.post).receptions().select_related("station", "replacement")
    if (pk := request.GET.get("activity", "")).isdecimal() and len(pk) < 19:
        days = [get_object_or_404(rows, pk=pk)]
        return as_pdf(posters.posters(days), f"poster-{days[0].number}")
    first = month_asked(request)
    month = rows.postable(max(first, timezone.localdate()), month_end(first))
    where = _where(request)
    month = month.filter(station=where) if isinstance(where, Station) else month.filter(inside(where))
    days = list(month.order_by("area_path", "station__code", "day", "pk")[: posters.MOST_POSTERS + 1])
    return as_pdf(posters.posters(days), f"posters-{first:%Y%m}")


def _where(request):
    """The station or area that is asked for, out of those in sight; the post's own area where none is."""
    if code := request.GET.get("station", ""):
        return get_object_or_404(Station.objects.visible_to(request.post), code=code)
    if code := request.GET.get("area", ""):
        return get_object_or_404(Area.objects.visible_to(request.post), code=code)
    return request.post.area


@roles(*DESK)
def month_sheet(request):
    """月度公示表 of a station, or of the area of the acting post."""
    first = month_asked(request)
    where = _where(request)
    content = posters.month_sheet(where, first, month_end(first), request.post)
    return as_pdf(content, f"notice-{where.pk}-{first:%Y%m}")
