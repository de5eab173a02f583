"""The blank workbook that a superior sends, and what belongs into which of its cells."""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from liaison.accounts.models import Area, Post, Role
from liaison.core.models import Attachment
from liaison.core.places import InArea, inside
from liaison.core.workflow import NotAllowed, Recorded
from liaison.reports.boards.stretches import Stretch, as_long_before, shifted
from liaison.reports.metrics import EARLIEST, METRICS


class Take(models.TextChoices):
    """What of a figure is written."""

    VALUE = "value", "数字"
    BASE = "base", "总数（占多少的“多少”）"
    PERCENT = "percent", "百分比（保留一位小数）"


class Span(models.TextChoices):
    """Which days, seen from the period that the form is filled for."""

    PERIOD = "period", "本期"
    YEAR = "year", "本年累计"
    BEFORE = "before", "上一期"
    LAST_YEAR = "last_year", "上年同期"
    ALL = "all", "历年累计"

    def days(self, first: date, last: date) -> tuple[date, date]:
        match self:
            case Span.YEAR:
                return date(last.year, 1, 1), last
            case Span.BEFORE:
                return _days(as_long_before(first, last))
            case Span.LAST_YEAR:
                return _days(shifted(first, last, 12))
            case Span.ALL:
                return EARLIEST, last
            case _:
                return first, last


def _days(stretch: Stretch) -> tuple[date, date]:
    return stretch.first, stretch.last


# What stands around the figures. The code says which, the name what the page calls it.
WORDS = {
    "word.area": "填报单位",
    "word.period": "统计期",
    "word.day": "填报日期",
    "word.until": "数据截止时间",
}


@dataclass(frozen=True)
class Content:
    """What belongs into a cell: a figure of METRICS (or a word of WORDS), of which area (code; empty: the form's own)."""

    code: str
    take: str = Take.VALUE
    span: str = Span.PERIOD
    area: str = ""

    @property
    def name(self) -> str:
        return WORDS.get(self.code) or METRICS[self.code].name

    @property
    def in_words(self) -> str:
        """接待群众，本年累计: for the page."""
        if self.code in WORDS:
            return self.name
        parts = [self.name, str(Span(self.span).label)]
        if self.take != Take.VALUE:
            parts.append(str(Take(self.take).label).partition("（")[0])
        return "，".join(parts)


class SuperiorFormQuerySet(models.QuerySet["SuperiorForm"]):
    def visible_to(self, post: Post | None) -> "SuperiorFormQuerySet":
        """Offices and auditors: those of their area. A station: its own, for its figures are those of its own stations."""
        match post.role if post else None:
            case Role.OFFICE | Role.AUDITOR:
                return self.filter(inside(post.area))  # type: ignore[union-attr]
            case Role.STATION:
                return self.filter(by=post)
        return self.none()

    def to_fill(self, month: date) -> "SuperiorFormQuerySet":
        """Filled every month, and not yet for the month of which `month` is the last day."""
        rows = self.filter(monthly=True, in_use=True).exclude(cells={})
        return rows.filter(models.Q(filled_to=None) | models.Q(filled_to__lt=month))


class SuperiorForm(InArea, Recorded):
    """One form of a superior. `cells` holds, by "sheet!C5", what belongs there: the fields of Content."""

    name = models.CharField("名称", max_length=60)
    file = models.ForeignKey(Attachment, models.PROTECT, null=True, editable=False, related_name="+")
    cells = models.JSONField(default=dict, editable=False)
    monthly = models.BooleanField("每月自动填", default=False)
    filled_to = models.DateField("自动填到", null=True, editable=False)
    by = models.ForeignKey(Post, models.PROTECT, related_name="+", verbose_name="谁的表")
    in_use = models.BooleanField("在用", default=True)

    objects = SuperiorFormQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "上级的表"
        indexes = [models.Index(fields=["area_path", "-id"], name="superior_forms_of_an_area")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/superior/{self.pk}/"

    @property
    def contents(self) -> dict[str, Content]:
        """What belongs into the cells, by "sheet!C5". What the dictionary no longer knows is left out."""
        return {
            key: found
            for key, told in self.cells.items()
            if (found := Content(**told)).code in WORDS or found.code in METRICS
        }

    def put(self, contents: dict[str, Content | None], *, by: Post, version: int | None = None) -> None:
        """Say what belongs into some cells; None: nothing any more."""
        cells = {**self.cells, **{key: found and asdict(found) for key, found in contents.items()}}
        self.amend(
            by=by, version=version, deed="map", cells={key: told for key, told in cells.items() if told}
        )

    @property
    def is_kept(self) -> bool:
        """Does the post that filled it every month go on? Else somebody has to take it over."""
        return self.by.goes_on(timezone.localdate())

    def take_over(self, *, by: Post) -> None:
        """From now on it is filled in the name of `by`."""
        with transaction.atomic():
            self.mark("take_over", by=by)
            type(self).objects.filter(pk=self.pk).update(by=by)
            self.by = by

    def blank(self) -> bytes:
        """The blank workbook as it was brought. Raises NotAllowed where the file is not what was stored."""
        found = self.file.content() if self.file else None
        if found is None:
            raise NotAllowed("这张空表的文件已损坏，请重新上传。")
        return found

    def area_of(self, content: Content) -> Area:
        """The area of a cell. Raises NotAllowed where it does not lie in that of the form any more."""
        if not content.area:
            return self.area
        found = Area.objects.within(self.area).filter(code=content.area).first()
        if found is None:
            raise NotAllowed("有一格要填的区划不在这张表的区划里，请重新选那一格填什么。")
        return found

    @staticmethod
    def key(sheet: str, cell: str) -> str:
        return f"{sheet}!{cell}"

    def told(self) -> dict[str, Any]:
        return {"name": self.name, "cells": len(self.cells)}
