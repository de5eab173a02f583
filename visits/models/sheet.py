"""Blank paper forms with numbers: handed out to a station, typed in later, and none is missing unseen."""

import unicodedata
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from liaison.accounts.models import Post, Role
from liaison.core.apart import Apart
from liaison.core.models import Sequence
from liaison.core.places import InArea, inside
from liaison.core.workflow import Moving, NotAllowed, Recorded, step
from stations.models import Station
from visits.workflow import SHEET_FLOW, SheetState

from .activity import Activity
from .visit import Visit


class SheetKind(models.TextChoices):
    LOG = "LOG", "接待登记表"
    WALK = "WALK", "走访登记表"


LETTERS = {SheetKind.LOG: "J", SheetKind.WALK: "Z"}  # easier to type than the word


class OfStations(models.QuerySet[Any]):
    """Rows of stations: for whom they are kept, and for who watches the area."""

    def visible_to(self, post: Post | None) -> Any:
        if post is None:
            return self.none()
        match post.role:
            case Role.OFFICE | Role.AUDITOR:
                return self.filter(inside(post.area))
            case Role.STATION:
                return self.filter(station__in=Apart(Station.objects.visible_to(post)))
            case _:
                return self.none()


class SheetBatch(InArea, Recorded):
    """Sheets issued at one time: to which station, of which kind, by whom and when (created_at, and the record)."""

    MOST = 100  # sheets; some hundred pages are what a printer takes at once

    Kind = SheetKind

    station = models.ForeignKey(Station, models.PROTECT, related_name="sheet_batches", verbose_name="站点")
    kind = models.CharField("哪种表", max_length=4, choices=SheetKind.choices, default=SheetKind.LOG)
    activity = models.ForeignKey(
        Activity, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="接待日"
    )
    count = models.PositiveSmallIntegerField(
        "张数",
        default=10,
        validators=[MinValueValidator(1, "至少 1 张。"), MaxValueValidator(MOST, f"一次最多 {MOST} 张。")],
    )
    issued_by = models.ForeignKey(
        Post, models.PROTECT, related_name="+", verbose_name="领用人", editable=False
    )

    objects = OfStations.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "空白表"

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.count} 张"

    def enter(self, *, by: Post | None, note: str = "", data: dict[str, Any] | None = None) -> "SheetBatch":
        """Issue the sheets: a series of its own for each station, so that no number comes twice."""
        if by is None:
            raise NotAllowed("领空白表要有领用人。")
        with transaction.atomic(savepoint=False):
            if self.activity is not None:
                self.station = self.activity.station
            self.area, self.issued_by = self.station.area, by
            letter = LETTERS[SheetKind(self.kind)]
            series = f"sheet:{self.station_id}"
            before = Sequence.objects.take({series: self.count})[series]
            numbers = [f"{self.station.code}-{letter}{before + n + 1:05d}" for n in range(self.count)]
            super().enter(by=by, note=note, data={"first": numbers[0], "last": numbers[-1]})
            # On record with their batch; each has a record of its own from its first step on.
            Sheet.objects.bulk_create(
                Sheet(
                    number=number,
                    batch=self,
                    station=self.station,
                    area=self.area,
                    area_path=self.area.path,
                    kind=self.kind,
                )
                for number in numbers
            )
        return self


class SheetQuerySet(OfStations):
    def fill(self, number: str, visit: Visit, *, by: Post) -> None:
        """The sheet that says `number` has been typed in as `visit`. Raises ValidationError for the field `sheet`."""
        found = self.filter(number=tidy_number(number)).select_related("visit", "station").first()
        if found is None:
            raise ValidationError({"sheet": f"没有发出过编号是“{number}”的纸质表，请核对。"})
        if found.station_id != visit.station_id:
            raise ValidationError(
                {"sheet": f"编号“{found.number}”的纸质表不是这个站领的，请核对站点和编号。"}
            )
        if found.state == SheetState.USED:
            raise ValidationError({"sheet": f"编号“{found.number}”的纸质表已经录过，是{found.visit}。"})
        if found.state == SheetState.VOID:
            raise ValidationError(
                {"sheet": f"编号“{found.number}”的纸质表已作废（{found.reason}）。确实用过的，请先恢复。"}
            )
        found.fill(by=by, visit=visit)


def tidy_number(text: str) -> str:
    """As it is printed, however it was typed: full-width, in small letters, with spaces."""
    return "".join(unicodedata.normalize("NFKC", text).upper().split())


class Sheet(InArea, Moving):
    """One numbered sheet of paper."""

    State = SheetState
    FLOW = SHEET_FLOW
    Kind = SheetKind

    number = models.CharField("编号", max_length=30, unique=True, editable=False)
    batch = models.ForeignKey(SheetBatch, models.PROTECT, related_name="sheets")
    station = models.ForeignKey(Station, models.PROTECT, related_name="sheets", verbose_name="站点")
    kind = models.CharField("哪种表", max_length=4, choices=SheetKind.choices)
    state = models.CharField(
        "状态", max_length=6, choices=SheetState.choices, default=SheetState.ISSUED, editable=False
    )
    visit = models.OneToOneField(
        Visit, models.PROTECT, null=True, blank=True, related_name="sheet", verbose_name="来访登记"
    )
    reason = models.CharField("作废原因", max_length=200, blank=True)

    objects = SheetQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "纸质表"
        constraints = [
            models.CheckConstraint(
                condition=Q(state=SheetState.USED, visit__isnull=False)
                | (~Q(state=SheetState.USED) & Q(visit=None)),
                name="sheet_is_used_by_a_visit",
            )
        ]
        indexes = [
            models.Index(fields=["area_path", "state"], name="sheets_of_an_area"),
            models.Index(fields=["station", "state"], name="sheets_of_a_station"),
        ]

    def __str__(self) -> str:
        return f"纸质表 {self.number}"

    @property
    def days_out(self) -> int:
        """Whole days since it was handed out."""
        return (timezone.localdate() - timezone.localdate(self.batch.created_at)).days

    @step
    def fill(self, *, by: Post, note: str, visit: Visit) -> None:
        self.visit = visit

    @step
    def void(self, *, by: Post, note: str) -> None:
        if not note:
            raise NotAllowed("请写明作废的原因，如写坏、丢失。")
        self.reason = note

    @step
    def restore(self, *, by: Post, note: str) -> None:
        self.reason = ""
