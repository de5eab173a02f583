"""定时报表: which report is made after every month or quarter, for whom, and how far it has come.

Each of those who are told gets a report of its own, made with its own rights as they are then, so that nobody receives by
post what a page would not show. Names are always masked: what is not masked has a reason of its own each time.
"""

from datetime import date, timedelta
from typing import Any

from django.db import models

from liaison.accounts.models import Area, Post
from liaison.core.jobs import Job
from liaison.core.places import InArea, inside
from liaison.core.workflow import Recorded
from liaison.reports.issued.models import Format
from liaison.reports.metrics import OVERSEERS
from liaison.reports.periods import Kind, Period

KINDS = (Kind.MONTHLY, Kind.QUARTERLY)
READERS = OVERSEERS


class ReportScheduleQuerySet(models.QuerySet["ReportSchedule"]):
    def visible_to(self, post: Post | None) -> "ReportScheduleQuerySet":
        """Offices and auditors: those of their area and of what lies below."""
        if post is None or post.role not in READERS:
            return self.none()
        return self.filter(inside(post.area))

    def running(self) -> "ReportScheduleQuerySet":
        return self.filter(paused=False, stopped="")


class ReportSchedule(InArea, Recorded):
    """`done_to`: the last day of the last period that was made for all; what came after it while nothing ran is caught up."""

    kind = models.CharField("多久一次", max_length=9, choices=[(kind.value, kind.label) for kind in KINDS])
    format = models.CharField("格式", max_length=4, choices=Format.choices, default=Format.XLSX)
    owner = models.ForeignKey(Post, models.PROTECT, related_name="+", verbose_name="谁的")
    recipients = models.ManyToManyField(Post, related_name="+", verbose_name="给谁")
    paused = models.BooleanField("暂停", default=False)
    stopped = models.CharField("停了的原因", max_length=100, blank=True)
    done_to = models.DateField("做到", editable=False)

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
        return f"{self.area.name}{self.get_kind_display()}"

    def get_absolute_url(self) -> str:
        return f"/schedules/{self.pk}/"

    @property
    def state(self) -> str:
        return "STOPPED" if self.stopped else "PAUSED" if self.paused else "RUNNING"

    @property
    def next_period(self) -> Period:
        """The first period that has not been made for all."""
        return Period.of(self.kind, self.done_to + timedelta(days=1))

    def due(self, today: date) -> Period | None:
        """The next period, where it is over."""
        period = self.next_period
        return period if period.last < today else None

    @staticmethod
    def begin(kind: str, today: date) -> date:
        """Made from today on: the period that is over already is the first."""
        return Period.before(kind, today).first - timedelta(days=1)

    @staticmethod
    def candidates(area: Area, today: date) -> models.QuerySet[Post]:
        """Who may get reports of an area: offices and auditors of it and of what lies above."""
        posts = Post.objects.current(today).filter(role__in=READERS, user__is_active=True)
        return posts.filter(area__path__in=area.path_and_above)

    def open_recipients(self, today: date) -> list[Post]:
        """Those of the recipients who still have the right."""
        there = self.recipients.values("pk")
        found = self.candidates(self.area, today).filter(pk__in=there)
        return list(found.select_related("user", "area").order_by("pk"))

    def told(self) -> dict[str, Any]:
        """For the record."""
        return {"kind": self.kind, "format": self.format, "area": self.area.full_name}


class ScheduledReport(models.Model):
    """That a period was made for a recipient: once, however many workers look."""

    schedule = models.ForeignKey(ReportSchedule, models.PROTECT, related_name="made")
    last = models.DateField("统计期的最后一天")
    post = models.ForeignKey(Post, models.PROTECT, related_name="+", verbose_name="给谁")
    job = models.ForeignKey(Job, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "定时做的报表"
        constraints = [
            models.UniqueConstraint(
                fields=["schedule", "last", "post"], name="a_period_is_made_once_for_each"
            )
        ]

    def __str__(self) -> str:
        return f"{self.schedule} {self.last}"
