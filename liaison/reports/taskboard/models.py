"""站点材料: the two tasks of a year of which nothing else tells, as papers that the station puts on file.

履职档案 is the year's duty file of the station's deputies, 考核评优 the decision or minutes of their appraisal. The
station files the paper itself; nobody confirms it, and anybody who sees the station's tasks can open it.
"""

from datetime import date

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import models, transaction
from django.utils import timezone

from liaison.accounts.models import Post, Role
from liaison.core.models import Attachment
from liaison.core.places import InArea
from liaison.core.workflow import NotAllowed, Voidable
from stations.models import Station
from visits.models.sheet import OfStations


class StationDocumentQuerySet(OfStations):
    def counted(self) -> "StationDocumentQuerySet":
        """Not voided."""
        return self.filter(voided_at=None)

    def during(self, first: date, last: date) -> "StationDocumentQuerySet":
        return self.counted().filter(day__range=(first, last))


class StationDocument(InArea, Voidable):
    class Kind(models.TextChoices):
        ARCHIVE = "ARCHIVE", "履职档案"
        APPRAISAL = "APPRAISAL", "考核评优"

    station = models.ForeignKey(Station, models.PROTECT, related_name="documents", verbose_name="站点")
    kind = models.CharField("类型", max_length=9, choices=Kind.choices)
    title = models.CharField("名称", max_length=60, help_text="如：2026年代表履职档案")
    day = models.DateField("形成日期", help_text="按这一天计入哪一年")

    objects = StationDocumentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "站点材料"
        indexes = [
            models.Index(fields=["area_path", "-day", "-id"], name="documents_of_an_area"),
            models.Index(fields=["station", "-day", "-id"], name="documents_of_a_station"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"/tasks/documents/{self.pk}/"

    def clean(self) -> None:
        if self.day and self.day > timezone.localdate():
            raise ValidationError({"day": "形成日期不能晚于今天。"})

    def put_on_file(self, upload: UploadedFile, *, by: Post) -> "StationDocument":
        """A new paper. Raises NotAllowed for a station that is not one's own, ValidationError for a bad file."""
        mine = Station.objects.visible_to(by) if by.role == Role.STATION else Station.objects.none()
        if not mine.filter(pk=self.station_id).exists():
            raise NotAllowed("这个站点不是您的，不能存它的材料。")
        with transaction.atomic():
            self.area = self.station.area
            self.enter(by=by)
            Attachment.objects.keep_paper(self, upload, by=by)
        return self
