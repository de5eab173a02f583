from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from liaison.accounts.models import Role
from liaison.core.access import or_public, roles
from liaison.core.choices import AreaField, areas_for, offer_words
from liaison.core.htmx import fragment
from liaison.core.idempotency import once
from liaison.core.paging import page_for
from liaison.core.timeline import timeline

from .filters import StationFilter
from .forms import (
    EndForm,
    KeepingForm,
    NewRuleForm,
    NewStationForm,
    PhotoForm,
    RuleForm,
    StaffForm,
    StaffPostField,
    StationField,
    StationForm,
    staff_posts,
)
from .models import Station, StationPhoto, StationRule, StationStaff

READERS = (Role.OFFICE, Role.STATION, Role.DEPUTY, Role.AUDITOR, Role.ADMIN)
REGISTRARS = (Role.OFFICE, Role.ADMIN)  # open, correct and close stations; tie staff to them
KEEPERS = (Role.OFFICE, Role.ADMIN, Role.STATION)  # keep the file of a station up to date


def get_station(request, code):
    stations = Station.objects.visible_to(request.post).select_related("area", "parent")
    return get_object_or_404(stations, code=code)


@or_public("stations:list")
@roles(*READERS)
@fragment("rows")
def list_(request):
    stations = Station.objects.visible_to(request.post).select_related("area")
    filter_ = StationFilter(request.GET, stations, request=request)
    rows = filter_.qs if filter_.is_valid() else stations.none()
    on = filter_.form.cleaned_data.get("open_on") or timezone.localdate()
    page = page_for(request, rows, ("area_path", "code"))
    for station in page:
        station.word, station.tone = station.condition(on)
    if request.post.role in (Role.STATION, Role.DEPUTY):
        filter_.form.fields.pop("area")  # few rows, all from one's own place
    context = {"page": page, "form": filter_.form, "on": on, "may_add": request.post.role in REGISTRARS}
    return TemplateResponse(request, "stations/list.html", context)


@roles(*KEEPERS)
def options(request):
    """Words for a combobox, while one types."""
    things = {
        "area": lambda: (AreaField(), areas_for(request.post)),
        **dict.fromkeys(
            ("merged_into", "parent", "station"),
            lambda: (StationField(), Station.objects.visible_to(request.post).order_by("code")),
        ),
    }
    if request.post.role in REGISTRARS:
        things["post"] = lambda: (StaffPostField(), staff_posts(request.post))
    return offer_words(request, things)


@or_public("stations:detail")
@roles(*READERS)
def detail(request, code):
    station = get_station(request, code)
    today = timezone.localdate()
    visible = Station.objects.visible_to(request.post)
    parent = visible.filter(pk=station.parent_id).first() if station.parent_id else None
    children = list(visible.filter(parent=station).order_by("code"))
    for child in children:
        child.word, child.tone = child.condition(today)
    word, tone = station.condition(today)
    keeps = request.post.role in KEEPERS
    context = {
        "station": station,
        "word": word,
        "tone": tone,
        "parent": parent,
        "children": children,
        "facts": _facts(station),
        "staff": station.staff.current(today)
        .select_related("post__user")
        .order_by("position", "from_on", "pk"),
        "rules": station.rules.order_by("shown_on", "pk"),
        "photos": [_picture(photo) for photo in _photos(station)],
        "history": timeline(station, most=20) if request.post.role != Role.DEPUTY else [],
        "reads_history": request.post.role != Role.DEPUTY,
        "reads_activities": request.post.role != Role.ADMIN,
        "keeps": keeps,
        "keeps_codes": request.post.role in (Role.OFFICE, Role.STATION),
        "manages_staff": request.post.role in REGISTRARS,
    }
    return TemplateResponse(request, "stations/detail.html", context)


def _facts(station):
    place = f"{station.longitude}，{station.latitude}" if station.longitude is not None else ""
    return [
        ("编号", station.code),
        ("类型", station.get_kind_display()),
        ("区划", station.area.full_name),
        ("地址", station.address),
        ("经纬度", place),
        ("开放时间", station.hours),
        ("品牌", station.brand),
        ("场所设施", station.facilities),
    ]


def _photos(station):
    return station.photos.shown().select_related("attachment").order_by("-taken_on", "pk")


def _picture(photo):
    url = reverse("core:file", args=[photo.attachment.key])
    return {"pk": photo.pk, "url": url, "thumb": url, "caption": photo.caption, "taken_on": photo.taken_on}


@roles(*REGISTRARS)
@once
def new(request):
    form = NewStationForm(request.POST or None, post=request.post)
    if form.does(lambda: Station(**form.values()).enter(by=request.post)):
        messages.success(request, f"{form.cleaned_data['name']}已登记。接着可以登记工作人员和照片。")
        return redirect("stations:detail", form.cleaned_data["code"])
    context = {"form": form, "station": None, "back": reverse("stations:list")}
    return TemplateResponse(request, "stations/edit.html", context, status=form.status)


@roles(*KEEPERS)
def edit(request, code):
    station = get_station(request, code)
    kind = StationForm if request.post.role in REGISTRARS else KeepingForm
    form = kind(request.POST or None, instance=station, post=request.post)

    def amend():
        station.amend(by=request.post, version=form.cleaned_data["version"], **form.values())

    if form.does(amend):
        messages.success(request, "站点资料已保存。")
        return redirect("stations:detail", station.code)
    context = {"form": form, "station": station, "back": reverse("stations:detail", args=[code])}
    return TemplateResponse(request, "stations/edit.html", context, status=form.status)


@roles(*KEEPERS)
@once
def photos(request, code):
    station = get_station(request, code)
    form = PhotoForm(request.POST or None, request.FILES or None)

    def show():
        StationPhoto.objects.show(station, form.cleaned_data["photo"], by=request.post, **form.values())

    if form.does(show, field="photo"):
        messages.success(request, "照片已放入站点档案。")
        return redirect("stations:photos", code)
    context = {"station": station, "form": form, "photos": [_picture(photo) for photo in _photos(station)]}
    return TemplateResponse(request, "stations/photos.html", context, status=form.status)


@roles(*KEEPERS)
def withdraw(request, code, pk):
    """Asks on a page of its own, then takes the photo out of the file."""
    station = get_station(request, code)
    photo = get_object_or_404(station.photos.shown().select_related("attachment", "station__area"), pk=pk)
    if request.method == "POST":
        photo.withdraw(by=request.post)
        messages.success(request, f"照片“{photo.caption}”已撤下，不再显示。")
        return redirect("stations:photos", code)
    context = {
        "question": f"撤下照片“{photo.caption}”？",
        "detail": "撤下后，站点档案里不再显示这张照片，谁也打不开它。",
        "button": "撤下照片",
        "danger": True,
        "back": reverse("stations:photos", args=[code]),
        "idem": "",
        "form": None,
    }
    return TemplateResponse(request, "ui/confirm.html", context)


@roles(*REGISTRARS)
@once
def staff(request, code):
    station = get_station(request, code)
    form = StaffForm(request.POST or None, by=request.post, station=station)
    if form.does(lambda: StationStaff(station=station, **form.values()).enter(by=request.post)):
        messages.success(request, f"{form.cleaned_data['post'].user.name}已登记为{station}工作人员。")
        return redirect("stations:staff", code)
    rows = station.staff.select_related("post__user", "post__area").order_by("-from_on", "pk")
    today = timezone.localdate()
    context = {
        "station": station,
        "form": form,
        "now": [row for row in rows if row.to_on is None or row.to_on >= today],
        "past": [row for row in rows if row.to_on is not None and row.to_on < today],
    }
    return TemplateResponse(request, "stations/staff.html", context, status=form.status)


@roles(*REGISTRARS)
def end_staff(request, code, pk):
    station = get_station(request, code)
    row = get_object_or_404(station.staff.select_related("post__user", "station__area"), pk=pk)
    form = EndForm(request.POST or None, thing=row)
    if form.does(
        lambda: row.end(form.cleaned_data["on"], by=request.post, version=form.cleaned_data["version"])
    ):
        messages.success(
            request, f"{row.post.user.name}在{station}的工作到{form.cleaned_data['on']:%Y年%-m月%-d日}为止。"
        )
        return redirect("stations:staff", code)
    context = {
        "question": f"{row.post.user.name}不再是{station}的{row.get_position_display()}？",
        "detail": "最后一天过后，这个岗位看不到这个站点的记录。以前经办的记录不变。",
        "button": "保存",
        "danger": False,
        "back": reverse("stations:staff", args=[code]),
        "idem": "",
        "form": form,
    }
    return TemplateResponse(request, "ui/confirm.html", context, status=form.status)


@roles(*KEEPERS)
@once
def rules(request, code):
    station = get_station(request, code)
    form = NewRuleForm(request.POST or None)
    if form.does(lambda: StationRule(station=station, **form.values()).enter(by=request.post)):
        messages.success(request, f"《{form.cleaned_data['title']}》已登记。")
        return redirect("stations:rules", code)
    context = {"station": station, "form": form, "rules": station.rules.order_by("shown_on", "pk")}
    return TemplateResponse(request, "stations/rules.html", context, status=form.status)


@roles(*KEEPERS)
def edit_rule(request, code, pk):
    station = get_station(request, code)
    rule = get_object_or_404(station.rules.select_related("station__area"), pk=pk)
    form = RuleForm(request.POST or None, instance=rule)

    def amend():
        rule.amend(by=request.post, version=form.cleaned_data["version"], **form.values())

    if form.does(amend):
        messages.success(request, f"《{form.cleaned_data['title']}》已保存。")
        return redirect("stations:rules", code)
    context = {"station": station, "rule": rule, "form": form}
    return TemplateResponse(request, "stations/rule.html", context, status=form.status)
