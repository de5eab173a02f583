"""The row of a report: what was asked for. How it stands, and its file, is the job's."""

from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.db.models import F, Q

from liaison.accounts.models import Area, Post
from liaison.core.jobs import Job
from liaison.core.models import AuditEntry
from liaison.core.places import InArea
from liaison.core.workflow import NotAllowed, Recorded
from liaison.reports.metrics import ASKERS
from liaison.reports.periods import Kind, Period
from stations.sight import stations_in_sight
from visits.privacy import OPENED_TO

JOB = "report"
LEAST = 4  # characters of a reason that says something
MASKED_FOR_YOU = "姓名和电话只给办理的联络站和人大机关看，您的岗位只能要遮盖的。"
SAY_WHY = "请写明为什么要看姓名和电话，至少 4 个字。"


class Format(models.TextChoices):
    XLSX = "xlsx", "Excel 工作簿"
    CSV = "csv", "CSV（压缩包）"
    PDF = "pdf", "PDF（打印、上报）"


class ReportQuerySet(models.QuerySet["Report"]):
    def visible_to(self, post: Post | None) -> "ReportQuerySet":
        """A report is of the post that asked for it, as its file is: it holds what that post may see."""
        return self.filter(job__post=post) if post else self.none()

    def ask(
        self,
        *,
        by: Post,
        area: Area,
        period: Period,
        file_format: str,
        masked: bool = True,
        reason: str = "",
        as_of: datetime | None = None,
        seal: Any = None,
    ) -> "Report":
        """Ask for a report of an area among `askable_areas(by)`; a worker makes it. The same asked again is the same one.

        `seal`: with the figures that were sealed (Seal of seals/models.py), whatever they would be now.
        Raises NotAllowed where another is being made for this person, or persons may not stand in it in full.
        """
        if by.role not in ASKERS:
            raise NotAllowed("您的岗位不能生成报表。")
        if not masked and by.role not in OPENED_TO:
            raise NotAllowed(MASKED_FOR_YOU)
        if not masked and len(reason.strip()) < LEAST:
            raise NotAllowed(SAY_WHY)
        asked: dict[str, Any] = {
            "of": period.kind,
            "area": area.path,
            "first": period.first,
            "last": period.last,
            "format": file_format,
            "masked": masked,
            "as_of": as_of,
        } | ({"seal": seal.pk} if seal else {})
        told = asked | {"area": area.full_name, "period": period.label}
        params = asked | {"role": by.role, "stations": stations_in_sight(by)}
        with transaction.atomic():
            job = Job.objects.ask(
                JOB, by=by, title=f"{period.label}报表（{area.name}）"[:60], params=params, **told
            )
            if found := self.filter(pk=job.pk).first():
                return found
            made = Report(
                job=job,
                area=area,
                kind=period.kind,
                first=period.first,
                last=period.last,
                format=file_format,
                as_of=as_of,
                seal=seal,
                masked=masked,
                reason="" if masked else reason.strip(),
            )
            made.enter(by=by, data=told)
            if not masked:
                AuditEntry.objects.record(made, "unmasked", by=by, note=made.reason, data=told)
            return made


class Report(InArea, Recorded):
    """What was asked for. `as_of` is the moment as known at which it counts; None: the moment at which it is made."""

    Kind = Kind
    Format = Format
    PRIVATE_FIELDS = ("reason",)

    job = models.OneToOneField(
        Job, models.PROTECT, primary_key=True, related_name="report", verbose_name="后台任务"
    )
    kind = models.CharField("种类", max_length=9, choices=Kind.choices)
    first = models.DateField("从")
    last = models.DateField("到")
    format = models.CharField("格式", max_length=4, choices=Format.choices, default=Format.XLSX)
    as_of = models.DateTimeField("按何时已知", null=True, blank=True)
    seal = models.ForeignKey(
        "reports.Seal", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="定稿"
    )
    masked = models.BooleanField("遮盖姓名和电话", default=True)
    reason = models.CharField("不遮盖的理由", max_length=200, blank=True)

    objects = ReportQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "报表"
        constraints = [
            models.CheckConstraint(condition=Q(last__gte=F("first")), name="report_ends_after_it_begins"),
            models.CheckConstraint(
                condition=Q(masked=True) | ~Q(reason=""), name="unmasked_report_has_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.area.name}{self.period.label}报表"

    def get_absolute_url(self) -> str:
        return f"/reports/{self.pk}/"

    @property
    def period(self) -> Period:
        return Period(self.kind, self.first, self.last)

    @property
    def post(self) -> Post:
        """Who asked."""
        return self.job.post

    @property
    def rows(self) -> int:
        return self.job.rows

    @property
    def sha256(self) -> str:
        """Of the file; empty until it is made."""
        return self.job.sha256

    @property
    def known_at(self) -> datetime | None:
        """数据截止: up to which moment the records stand in it; None until it is begun."""
        return self.as_of or self.job.started_at
