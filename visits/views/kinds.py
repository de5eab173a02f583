"""各类活动: recorded afterwards in one go, with photos and papers, addressed to a group, summed up by month and kind."""

from datetime import date

from django.contrib import messages
from django.db.models import Count, Q, Sum
from django.db.models.functions import TruncMonth
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from deputies.models import DeputyGroup
from liaison.accounts.models import Role
from liaison.core.access import roles
from liaison.core.idempotency import once
from stations.choices import choose_places
from stations.models import Station
from visits.filters import ActivityFilter
from visits.kind_forms import FileForm, InviteForm, RecordForm
from visits.models import Activity, ActivityFile, Attendance, Invitation, Visit
from visits.recording import record as record_activity
from visits.workflow import ActivityState

from . import DESK, READERS, get_activity
from .calendar import month_end, view_tabs


def kind_choices(kinds, chosen):
    """The kinds as a select above a form, whose fields follow from it."""
    names = dict(Activity.Kind.choices)
    return [{"value": kind, "label": names[kind], "chosen": kind == chosen} for kind in kinds]


@roles(Role.STATION)
@once
def record(request):
    """Enter what took place already, who came and what came of it, and close it in the same form."""
    stations = Station.objects.visible_to(request.post).order_by("code", "pk")
    today = timezone.localdate()
    initial = {"kind": request.GET.get("kind", ""), "day": today, "starts_at": "09:00", "ends_at": "11:30"}
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = RecordForm(*sent, stations=stations, initial=initial)

    def enter():
        filled = form.cleaned_data
        activity = Activity(**form.planned())
        return record_activity(
            activity,
            by=request.post,
            came=list(filled["came"]),
            reported=list(filled.get("reported", ())),
            photos=filled["photos"],
            caption=filled["caption"] or filled.get("theme") or activity.get_kind_display(),
            **form.outcome_values(),
        )

    if request.method == "POST" and form.does(enter):
        activity = form.outcome
        came = activity.attendances.present().count()
        messages.success(request, f"{activity}已记下并结束：到会代表 {came} 位。还有照片或材料，在本页添加。")
        return redirect(activity)
    context = {"form": form, "kinds": kind_choices(form.kinds(), form.fields["kind"].initial)}
    return TemplateResponse(request, "visits/record.html", context, status=form.status)


def shown_files(activity, post):
    """Photos and papers of an activity found in sight, as pages show them."""
    rows = ActivityFile.objects.visible_to(post).shown().filter(activity=activity)
    found = {"photos": [], "papers": []}
    for row in rows.select_related("attachment").order_by("pk"):
        url = reverse("core:file", args=[row.attachment.key])
        shown = {"pk": row.pk, "url": url, "thumb": url, "caption": row.caption}
        found["photos" if row.photo else "papers"].append(shown)
    return found


@roles(*DESK)
@once
def files(request, pk):
    activity = get_activity(request, pk)
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = FileForm(*sent, initial={"caption": activity.theme})

    def show():
        filled = form.cleaned_data
        for photo in filled["photos"]:
            ActivityFile.objects.show(activity, photo, caption=filled["caption"], by=request.post)
        if filled["paper"]:
            ActivityFile.objects.show(
                activity, filled["paper"], caption=filled["caption"], by=request.post, photo=False
            )
        return len(filled["photos"])

    if form.does(show, field="paper" if request.FILES.get("paper") else "photos"):
        what = [f"照片 {form.outcome} 张"] if form.outcome else []
        what += ["材料 1 份"] if form.cleaned_data["paper"] else []
        messages.success(request, f"{'、'.join(what)}已放入活动记录。")
        return redirect("visits:files", pk)
    context = {"activity": activity, "form": form, **shown_files(activity, request.post)}
    return TemplateResponse(request, "visits/files.html", context, status=form.status)


@roles(*DESK)
def withdraw(request, pk, file_pk):
    """Asks on a page of its own, then takes the photo or paper out of the record of the activity."""
    activity = get_activity(request, pk)
    rows = ActivityFile.objects.visible_to(request.post).shown().filter(activity=activity)
    file = get_object_or_404(rows.select_related("attachment", "activity__station__area"), pk=file_pk)
    what = "照片" if file.photo else "材料"
    if request.method == "POST":
        file.withdraw(by=request.post)
        messages.success(request, f"{what}“{file.caption}”已撤下，不再显示。")
        return redirect("visits:files", pk)
    context = {
        "question": f"撤下{what}“{file.caption}”？",
        "detail": f"撤下后，活动记录里不再显示这份{what}，谁也打不开它。",
        "button": f"撤下{what}",
        "danger": True,
        "back": reverse("visits:files", args=[pk]),
        "idem": "",
        "form": None,
    }
    return TemplateResponse(request, "ui/confirm.html", context)


@roles(*DESK)
@once
def invite(request, pk):
    """Address the activity to a group or a level: all who can serve that day are rostered, of the others it says why."""
    activity = get_activity(request, pk)
    activity.must_take_deputies()
    options = reverse("deputies:options")
    sent = request.POST if request.method == "POST" else None
    form = InviteForm(sent, post=request.post, activity=activity, options=options)

    def ask():
        filled = form.cleaned_data
        return Invitation.objects.invite(
            activity, by=request.post, group=filled["group"], level=filled["level"]
        )

    if request.method == "POST" and form.does(ask):
        asked = form.outcome
        messages.success(
            request, f"已请{asked}参加，{len(asked.placed)} 位代表排入名单。有账号的会收到通知。"
        )
        if asked.refusals:
            more = "等" if len(asked.refusals) > 20 else ""
            messages.warning(
                request, f"{len(asked.refusals)} 位没有排入：{''.join(asked.refusals[:20])}{more}"
            )
        return redirect(activity)
    context = {"activity": activity, "form": form, "invited": list(invited(activity, request.post))}
    return TemplateResponse(request, "visits/invite.html", context, status=form.status)


def invited(activity, post):
    """To whom the activity was addressed, with the page of a group where `post` may open it."""
    rows = Invitation.objects.visible_to(post).filter(activity=activity).select_related("group")
    rows = list(rows.order_by("pk"))
    groups = DeputyGroup.objects.visible_to(post).filter(pk__in=[row.group_id for row in rows if row.group])
    seen = set(groups.values_list("pk", flat=True))
    return [
        {"name": str(row), "url": row.group.get_absolute_url() if row.group_id in seen else ""}
        for row in rows
    ]


# --- Plan against done, by month and kind ---


@roles(*READERS)
def summary(request):
    """How many of each kind were planned, held and cancelled in each month, and who came; every number is a list."""
    today = timezone.localdate()
    query = request.GET.copy()
    query.setdefault("first", date(today.year, 1, 1).isoformat())
    query.setdefault("last", date(today.year, 12, 31).isoformat())
    chosen = ActivityFilter(query, Activity.objects.visible_to(request.post).shown(), request=request)
    places = choose_places(chosen.form, request.post)
    for name in set(chosen.form.fields) - {"first", "last", "kind", *places}:
        del chosen.form.fields[name]
        query.pop(name, None)  # no figure here is narrowed by it, so the list behind it is not either
    rows = tally(chosen.qs)
    for row in rows:
        row["list"] = _list_of(query, row)
    context = {
        "form": chosen.form,
        "tabs": view_tabs(request, "summary"),
        "rows": rows,
        "total": _total(rows),
    }
    return TemplateResponse(request, "visits/summary.html", context)


COUNTED = ("planned", "held", "cancelled", "deputies", "people", "received", "meant")


def tally(activities):
    """Rows of month and kind with their counts, in three queries. `planned` are all; people and deputies of held ones."""
    closed = Q(state=ActivityState.CLOSED)
    found = {
        (row["month"], row["kind"]): row
        for row in activities.order_by()
        .annotate(month=TruncMonth("day"))
        .values("month", "kind")
        .annotate(
            planned=Count("pk"),
            held=Count("pk", filter=closed),
            cancelled=Count("pk", filter=Q(state=ActivityState.CANCELLED)),
            people=Sum("headcount", filter=closed, default=0),
            meant=Sum("planned_headcount", default=0),
        )
    }
    of = {"activity__in": activities.closed().order_by().values("pk")}
    when = TruncMonth("activity__day")
    came = Attendance.objects.present().filter(**of).order_by().annotate(month=when)
    for row in came.values("month", "activity__kind").annotate(n=Count("pk")):
        found[row["month"], row["activity__kind"]]["deputies"] = row["n"]
    heard = Visit.objects.counted().filter(**of).order_by().annotate(month=when)
    for row in heard.values("month", "activity__kind").annotate(n=Sum("headcount")):
        found[row["month"], row["activity__kind"]]["received"] = row["n"]
    order = {kind: place for place, kind in enumerate(Activity.Kind.values)}
    names = dict(Activity.Kind.choices)
    rows = sorted(found.values(), key=lambda row: (-row["month"].toordinal(), order[row["kind"]]))
    return [{"deputies": 0, "received": 0, "name": names[row["kind"]], **row} for row in rows]


def _total(rows):
    return {name: sum(row[name] for row in rows) for name in COUNTED}


def _list_of(query, row):
    """Addresses of the lists behind the counts of a row."""
    month, last = row["month"], month_end(row["month"])
    narrowed = query.copy()
    for name, value in {
        "view": "list",
        "kind": row["kind"],
        "first": max(month.isoformat(), query.get("first", "")),
        "last": min(last.isoformat(), query.get("last") or "9999"),
    }.items():
        narrowed[name] = value
    base = reverse("visits:calendar")
    lists = {"planned": f"{base}?{narrowed.urlencode()}"}
    for name, state in (("held", ActivityState.CLOSED), ("cancelled", ActivityState.CANCELLED)):
        narrowed["state"] = state
        lists[name] = f"{base}?{narrowed.urlencode()}"
    return lists
