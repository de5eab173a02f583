"""How a report is made: the content written in its format, in the background or by the command."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.utils import timezone

from liaison.accounts.models import Area, Post
from liaison.core.jobs import Result, Running, job
from liaison.core.models import Job
from liaison.core.templatetags.ui import figure
from liaison.core.workbooks.commas import write_archive
from liaison.core.workbooks.writing import write_book
from liaison.core.workflow import NotAllowed
from liaison.reports.metrics import ASKERS
from liaison.reports.seals.content import SealedContent
from stations.sight import still_in_sight

from .content import Content, Moved
from .models import JOB, Format, Report
from .pdf import write_paper

DISAGREES = "台账和指标对不上，没有生成。请过一会儿再试一次，还不行请联系管理员。"
ENDINGS = {Format.XLSX: "xlsx", Format.CSV: "zip", Format.PDF: "pdf"}
LAID_OUT_IN = timedelta(minutes=5)  # a hundred pages on a slow machine


def _workbook(out: Path, content: Content) -> None:
    write_book(out, content.sheets(), title=content.title, about=content.filter_words())


def _archive(out: Path, content: Content) -> None:
    write_archive(out, content.sheets())


WRITERS: dict[str, Callable[[Path, Content], None]] = {
    Format.XLSX: _workbook,
    Format.CSV: _archive,
    Format.PDF: write_paper,
}


def write(out: Path, file_format: str, content: Content) -> Content:
    """Write a report, and give back what it holds: its ledgers add up to its figures. Raises NotAllowed.

    Where somebody changed the records while they were read, it is written anew as they were known when it was begun.
    """
    for found in (content, replace(content, as_of=content.known_at)):
        try:
            WRITERS[file_format](out, found)
            found.check()
        except Moved:
            continue
        return found
    raise NotAllowed(DISAGREES)


def file_name(area: Area, label: str, file_format: str) -> str:
    """2026年第三季度_联络站工作报表_平城区_导出于20261122.xlsx: says what it is, and nothing personal."""
    ending = ENDINGS[Format(file_format)]
    return f"{label}_联络站工作报表_{area.name}_导出于{timezone.localdate():%Y%m%d}.{ending}"


def _still_open(found: Job, post: Post) -> bool:
    """Has the post what it had when it asked: its role, its area, its stations?"""
    params = found.params
    if post.role not in ASKERS or post.role != params["role"]:
        return False
    return params["area"].startswith(post.area.path) and still_in_sight(params["stations"], post)


@job(JOB, open_to=_still_open, page=lambda job: f"/reports/{job.pk}/")
def make(running: Running) -> Result:
    """Make the report that was asked for, as its post sees things now."""
    report = Report.objects.select_related("area", "seal").get(pk=running.row.pk)
    path, period = running.folder / "report", report.period
    asked: dict[str, Any] = {
        "area": report.area,
        "period": period,
        "post": running.post,
        "as_of": report.as_of,
        "masked": report.masked,
        "made_by": str(running.post),
        "made_at": running.row.started_at or timezone.now(),
    }
    content = SealedContent(**asked, seal=report.seal) if report.seal else Content(**asked)
    total = content.expected() + 1  # at the end it is more: the small tables are not among them
    content.told = lambda done: running.progress(min(done, total - 1), total)
    content.hold = lambda: running.hold(LAID_OUT_IN)
    made = write(path, report.format, content)
    running.progress(made.done, made.done)
    return Result(
        f"{period.label}，{report.area.name}，共 {figure(made.done)} 行。",
        path,
        file_name(report.area, period.label, report.format),
        made.done,
        {"period": period.label, "area": report.area.full_name, "masked": report.masked},
    )
