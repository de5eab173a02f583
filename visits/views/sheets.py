"""纸质表: blank numbered forms are handed out, printed, and looked after until each is typed in or voided."""

from django.contrib import messages
from django.db.models import Count, Q
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse

from liaison.accounts.models import Role
from liaison.core.access import roles
from liaison.core.htmx import fragment
from liaison.core.idempotency import once
from liaison.core.models import AuditEntry
from liaison.core.paging import page_for
from liaison.core.pdf import as_pdf
from liaison.core.steps import step_page
from stations.models import Station
from visits import papers
from visits.filters import SheetFilter
from visits.forms import SHEET_FORMS, BatchForm
from visits.models import Activity, Sheet, SheetBatch
from visits.workflow import SheetState

from . import OFFICIALS


@roles(*OFFICIALS)
@fragment("rows")
def sheets(request):
    """Which sheets were handed out, which came back, which are missing."""
    mine = Sheet.objects.visible_to(request.post)
    chosen = SheetFilter(request.GET, queryset=mine, request=request)
    page = page_for(request, chosen.qs.select_related("station", "batch__issued_by__user", "visit"), ("-pk",))
    for sheet in page.rows:
        sheet.steps = sheet.open_steps(request.post)
    tally = mine.aggregate(
        out=Count("pk", filter=Q(state=SheetState.ISSUED)),
        used=Count("pk", filter=Q(state=SheetState.USED)),
        void=Count("pk", filter=Q(state=SheetState.VOID)),
    )
    context = {"filter": chosen, "page": page, "tally": tally, "issues": request.post.role == Role.STATION}
    return TemplateResponse(request, "visits/sheets.html", context)


@roles(Role.STATION)
@once
def new(request):
    """Hand out a batch; ?activity= prints the day of a reception on it."""
    asked = request.GET.get("activity", "")
    days = Activity.objects.visible_to(request.post)
    activity = get_object_or_404(days, pk=asked) if asked.isdecimal() and len(asked) < 19 else None
    form = BatchForm(
        request.POST or None, stations=Station.objects.visible_to(request.post).order_by("code"), days=days,
        activity=activity,
    )  # fmt: skip
    if form.does(lambda: SheetBatch(**form.values()).enter(by=request.post)):
        messages.success(request, "已领取，下面可以打印。没有用的、写坏的，也请在这里登记作废。")
        return redirect("visits:sheet_batch", form.outcome.pk)
    context = {"form": form, "activity": activity}
    return TemplateResponse(request, "visits/sheet_new.html", context, status=form.status)


def get_batch(request, pk):
    rows = SheetBatch.objects.visible_to(request.post)
    return get_object_or_404(rows.select_related("station", "activity", "issued_by__user"), pk=pk)


@roles(*OFFICIALS)
def batch(request, pk):
    found = get_batch(request, pk)
    context = {
        "batch": found,
        "sheets": found.sheets.select_related("visit").order_by("pk"),
        "prints": request.post.role == Role.STATION,
    }
    return TemplateResponse(request, "visits/sheet_batch.html", context)


@roles(Role.STATION)
def blank(request, pk):
    """The sheets as PDF. Each printing goes into the record: two papers with one number are told apart by it."""
    found = get_batch(request, pk)
    content = papers.blank_sheets(found)
    AuditEntry.objects.record(found, "print", by=request.post)
    return as_pdf(content, f"sheets-{found.pk}")


@roles(Role.STATION)
def step(request, pk, name):
    rows = Sheet.objects.visible_to(request.post).select_related("station", "batch", "visit")
    sheet = get_object_or_404(rows, pk=pk)

    def page():
        label = sheet.FLOW[name].label
        return {
            "question": f"{label}：{sheet}",
            "detail": DETAIL[name],
            "button": f"确定{label}",
            "danger": name == "void",
            "back": reverse("visits:sheet_batch", args=[sheet.batch_id]),
        }

    return step_page(
        request, sheet, name, SHEET_FORMS, page, lambda: f"{sheet}：{sheet.get_state_display()}。",
        lambda: reverse("visits:sheet_batch", args=[sheet.batch_id]),
    )  # fmt: skip


DETAIL = {
    "fill": "登记的时候忘了写纸质表编号的，在这里补上。",
    "void": "写坏、丢失、不再用的，写明原因作废。编号不再使用。",
    "restore": "作废错了的，恢复以后可以录入。",
}
