"""定时报表: which report is made after every month or quarter, for whom, and how far it has come."""

from datetime import date, timedelta
from typing import Any

from django.db import models

from liaison.accounts.models import Post, Role
from liaison.core.jobs import Job
from liaison.core.places import InArea, inside
from liaison.core.workflow import Recorded
from liaison.reports.issued.models import Format
from liaison.reports.issued.periods import Kind, Period

KINDS = (Kind.MONTHLY, Kind.QUARTERLY)
KEEPERS = (Role.OFFICE,)
READERS = (Role.OFFICE, Role.AUDITOR)


class ReportScheduleQuerySet(models.QuerySet["ReportSchedule"]):
    def visible_to(self, post: Post | None) -> "ReportScheduleQuerySet":
        """Offices and auditors: those of their area and of what lies below."""
        if post is None or post.role not in READERS:
            return self.none()
        return self.filter(inside(post.area))

    def running(self) -> "ReportScheduleQuerySet":
        return self.filter(paused=False, stopped="")


class ReportSchedule(InArea, Recorded):
    """`done_to`: the last day of the last period that was asked for; what came after it while nothing ran is caught up."""

    name = models.CharField("名称", max_length=60)
    kind = models.CharField("多久一次", max_length=9, choices=[(kind.value, kind.label) for kind in KINDS])
    format = models.CharField("格式", max_length=4, choices=Format.choices, default=Format.XLSX)
    owner = models.ForeignKey(Post, models.PROTECT, related_name="+", verbose_name="谁的")
    recipients = models.ManyToManyField(Post, related_name="+", verbose_name="通知谁", blank=True)
    paused = models.BooleanField("暂停", default=False)
    stopped = models.CharField("停了的原因", max_length=100, blank=True)
    done_to = models.DateField("做到", editable=False)
    job = models.ForeignKey(Job, models.PROTECT, null=True, editable=False, related_name="+")

    objects = ReportScheduleQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "定时报表"
        indexes = [
            models.Index(fields=["area_path", "-id"], name="schedules_of_an_area"),
            models.Index(
                fields=["done_to"], name="schedules_running", condition=models.Q(paused=False, stopped="")
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/schedules/{self.pk}/"

    @property
    def state(self) -> str:
        return "STOPPED" if self.stopped else "PAUSED" if self.paused else "RUNNING"

    @property
    def next_period(self) -> Period:
        """The first period that has not been asked for yet."""
        return Period.of(self.kind, self.done_to + timedelta(days=1))

    def due(self, today: date) -> Period | None:
        """The next period, where it is over."""
        period = self.next_period
        return period if period.last < today else None

    @staticmethod
    def begin(kind: str, today: date) -> date:
        """Made from today on: the period that is over already is the first."""
        last = Period.of(kind, today).first - timedelta(days=1)
        return Period.of(kind, last).first - timedelta(days=1)

    def may_see(self, post: Post, today: date) -> bool:
        """Has a recipient still the right to see the figures of the area?"""
        return bool(
            post.is_current(today)
            and post.user.is_active
            and post.role in READERS
            and self.area_path.startswith(post.area.path)
        )

    def told(self) -> dict[str, Any]:
        return {"kind": self.kind, "format": self.format, "area": self.area.full_name}
