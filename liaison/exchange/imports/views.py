"""Import in the browser: choose a file, look at what it would do, say yes, see what it did."""

from io import BytesIO

from django.contrib import messages
from django.http import FileResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from liaison.accounts.models import Role
from liaison.core.access import roles
from liaison.core.idempotency import once
from liaison.core.models import Job
from liaison.core.workbooks.reading import Unreadable
from liaison.core.workflow import NotAllowed

from .forms import ImportForm, WorkbookForm
from .importing import Refused, check, rows_in, take
from .job import later
from .preview import Preview
from .rejected import write_rejected
from .template import sheets_for, write_template
from .uploads import Upload

IMPORTERS = (Role.OFFICE, Role.STATION, Role.ADMIN)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LOOKED_AT = 20_000  # rows that are gone through while the page waits
WRITTEN = 2_000  # rows that are written while the page waits; more in the background
TOO_MANY = "有 {rows:,} 行，在网页上一次最多 {most:,} 行。请分成几个文件导入，或请管理员在服务器上用 import_workbook 导入。"


@roles(*IMPORTERS)
@once
def start(request):
    """Choose a file. It is kept for its owner, and nothing else happens."""
    form = WorkbookForm(request.POST or None, request.FILES or None)
    if form.does(lambda: _keep(form.cleaned_data["file"], request.post), field="file"):
        return redirect("imports:check", form.outcome.key)
    context = {
        "form": form,
        "steps": _steps(1),
        "sheets": sheets_for(request.post),
        "waiting": Upload.objects.visible_to(request.post).order_by("-created_at")[:10],
    }
    return TemplateResponse(request, "exchange/import.html", context, status=form.status)


def _keep(file, post):
    """Raises NotAllowed where the file cannot be read; then it is not kept either."""
    upload = Upload.objects.keep(file, by=post)
    try:
        rows = rows_in(upload.path)
        if rows > LOOKED_AT:
            raise Unreadable(TOO_MANY.format(rows=rows, most=LOOKED_AT))
    except Unreadable as error:
        upload.file.delete(save=False)
        raise NotAllowed(str(error)) from None
    return upload


@roles(*IMPORTERS)
@once
def check_(request, key):
    """What the file would do, bad rows first; the button that does it; afterwards, what it did."""
    upload = get_object_or_404(Upload.objects.visible_to(request.post), key=key)
    form = ImportForm(request.POST if request.method == "POST" else None)
    if form.is_bound and upload.imported_at is not None:
        return redirect("imports:check", upload.key)
    if form.does(lambda: _import(upload, form.cleaned_data["seen"], request.post)):
        if isinstance(form.outcome, Job):
            return redirect(form.outcome)
        messages.success(request, f"已导入 {upload.written} 条。")
        return redirect("imports:check", upload.key)
    report = _checked(upload, request.post)
    preview = Preview(report, request.GET.get("sheet", ""), request.GET.get("rows", ""))
    form.show(report.figures)
    context = {
        "upload": upload,
        "form": form,
        "report": report,
        "preview": preview,
        "written": upload.written,
        "ready": report.count("new", "changed"),
        "wrong": report.count("wrong"),
        "same": report.count("same"),
        "steps": _steps(2 if upload.imported_at is None else 3),
        "rejected": reverse("imports:rejected", args=[upload.key]),
    }
    return TemplateResponse(request, "exchange/check.html", context, status=form.status)


def _steps(at):
    """The three steps, each with how it stands: done, now, or to come."""
    words = ("选文件", "核对", "完成")
    return [(word, "done" if n < at else "now" if n == at else "") for n, word in enumerate(words, 1)]


def _checked(upload, post):
    try:
        return check(upload.path, by=post, today=timezone.localdate())
    except (Unreadable, OSError):
        raise NotAllowed("这个文件已经读不出来了，请重新选择。") from None


def _import(upload, seen, post):
    """The report, or the job that will do it. Raises NotAllowed where nothing was written."""
    try:
        if rows_in(upload.path) > WRITTEN:
            return later(upload, seen, by=post)
        report = take(
            upload.path,
            by=post,
            today=timezone.localdate(),
            leave_out_wrong=True,
            seen=seen,
            done=lambda report: upload.done(report.figures, by=post),
        )
    except Unreadable as error:
        raise NotAllowed(str(error)) from None
    except Refused as refused:
        raise NotAllowed(str(refused)) from None
    return report


@roles(*IMPORTERS)
def rejected(request, key):
    """The rows with a problem, as a workbook with the reasons."""
    upload = get_object_or_404(Upload.objects.visible_to(request.post), key=key)
    out = BytesIO()
    write_rejected(out, _checked(upload, request.post))
    return _workbook(out, "有问题的行.xlsx")


@roles(*IMPORTERS)
def template(request):
    """The empty workbook with the sheets that one may import."""
    out = BytesIO()
    write_template(out, request.post)
    return _workbook(out, "导入模板.xlsx")


def _workbook(out, name):
    out.seek(0)
    return FileResponse(out, as_attachment=True, filename=name, content_type=XLSX)
