"""来访登记: one visitor or party, what was said in their own words, who received them, what came of it."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from deputies.models import Mandate
from liaison.accounts.models import Post, Role
from liaison.core.apart import Apart
from liaison.core.models import Attachment, Sequence
from liaison.core.places import InArea, inside
from liaison.core.workflow import NotAllowed, Voidable
from stations.models import Station
from visits.privacy import about, bears
from visits.workflow import ROUNDS, WAYS_IN, ActivityState

from .activity import Activity
from .category import Category


class VisitQuerySet(models.QuerySet["Visit"]):
    def visible_to(self, post: Post | None) -> "VisitQuerySet":
        """Visits of the area, of one's own stations; a deputy: those one received. Never a complaint about oneself."""
        if post is None:
            return self.none()
        rows = self.not_about(post)
        match post.role:
            case Role.OFFICE | Role.AUDITOR:
                return rows.filter(inside(post.area))
            case Role.STATION:
                return rows.filter(station__in=Apart(Station.objects.visible_to(post)))
            case Role.DEPUTY:
                return rows.filter(received_by__deputy__user=post.user_id)
            case _:
                return self.none()

    def not_about(self, post: Post) -> "VisitQuerySet":
        """Without complaints about the person in `post`, as the visit or the request that it raised says."""
        every = self.model._base_manager
        # `requests` is the name by which the layer above ties requests to visits
        said, raised = every.filter(about(post)), every.filter(about(post, "requests__"))
        return self.exclude(pk__in=Apart(said)).exclude(pk__in=Apart(raised))

    def files_visible_to(self, post: Post | None) -> "VisitQuerySet":
        """Photos of a home are for who received the person, and for the office where no confidence was asked."""
        if post is None or post.role == Role.AUDITOR:
            return self.none()
        seen = self.visible_to(post)
        return seen.filter(confidential=False) if post.role == Role.OFFICE else seen

    def counted(self) -> "VisitQuerySet":
        """Not voided."""
        return self.filter(voided_at=None)

    def search(self, text: str) -> "VisitQuerySet":
        """By name, by the end of the phone number, or by what was said."""
        if text.isdigit():
            return self.filter(Q(visitor__phone__endswith=text) | Q(number__endswith=text))
        return self.filter(Q(visitor__name__contains=text) | Q(text__contains=text) | Q(number=text))


class Visit(InArea, Voidable):
    class Channel(models.TextChoices):
        VISIT = "VISIT", "来访"
        PHONE = "PHONE", "来电"
        LETTER = "LETTER", "来信"
        MAILBOX = "MAILBOX", "信箱"
        WALK = "WALK", "走访"
        DOOR = "DOOR", "上门"
        ONLINE = "ONLINE", "网上"

    class Outcome(models.TextChoices):
        ON_SPOT = "ON_SPOT", "现场答复"
        DISPATCH = "DISPATCH", "提交派单"
        NOTED = "NOTED", "登记备查"
        NOT_ACCEPTED = "NOT_ACCEPTED", "不予受理"

    PRIVATE_FIELDS = ("text", "place", "about_name")
    MAX_HEADCOUNT = 500
    MOST_PHOTOS = 9

    number = models.CharField("编号", max_length=20, editable=False)
    serial = models.PositiveIntegerField("序", editable=False)
    activity = models.ForeignKey(
        Activity, models.PROTECT, null=True, blank=True, related_name="visits", verbose_name="接待日"
    )
    station = models.ForeignKey(Station, models.PROTECT, related_name="visits", verbose_name="站点")
    day = models.DateField("来访日期")
    at = models.TimeField("时间", null=True, blank=True)
    channel = models.CharField("渠道", max_length=7, choices=Channel.choices, default=Channel.VISIT)
    place = models.CharField("地点", max_length=60, blank=True)  # of a walk; it may say whose door it was
    headcount = models.PositiveIntegerField("人数", default=1)
    category = models.ForeignKey(Category, models.PROTECT, null=True, blank=True, verbose_name="类别")
    text = models.TextField("反映的问题")
    received_by = models.ForeignKey(
        Mandate,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="visits_received",
        verbose_name="接待代表",
    )
    outcome = models.CharField("处理", max_length=12, choices=Outcome.choices)
    reason = models.CharField("不予受理的原因和去向", max_length=200, blank=True)
    anonymous = models.BooleanField("不愿留名", default=False)
    confidential = models.BooleanField("要求保密", default=False)
    about_name = models.CharField("反映的是谁", max_length=15, blank=True)
    key = models.UUIDField(
        null=True, unique=True, editable=False
    )  # made by the form or device that logged it

    objects = VisitQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "来访登记"
        constraints = [
            models.UniqueConstraint(fields=["station", "number"], name="visit_number_once_per_station"),
            models.CheckConstraint(
                condition=Q(headcount__gte=1) & Q(headcount__lte=500),
                name="visit_headcount_is_sane",
                violation_error_message="人数应为 1 到 500。更多的请分开登记。",
            ),
        ]
        indexes = [
            models.Index(fields=["area_path", "day", "id"], name="visits_of_an_area"),
            models.Index(fields=["station", "day", "serial"], name="visits_of_a_station"),
            models.Index(fields=["day", "id"], name="visits_by_day"),
            models.Index(fields=["about_name"], condition=Q(about_name__gt=""), name="visits_about_somebody"),
        ]

    def __str__(self) -> str:
        return f"来访登记 {self.number}"

    def get_absolute_url(self) -> str:
        return f"/visits/{self.pk}/"

    @property
    def receiver_name(self) -> str:
        """Who received the visitor. Reads what `select_related("received_by__deputy")` brought."""
        return self.received_by.deputy.name if self.received_by else ""

    @property
    def is_late_entry(self) -> bool:
        """Entered on a later day than it happened: from a paper register."""
        return timezone.localdate(self.created_at) > self.day

    def clean(self) -> None:
        if self.day and self.day > timezone.localdate():
            raise ValidationError({"day": "来访日期不能晚于今天。"})
        if self.outcome == self.Outcome.NOT_ACCEPTED and not self.reason:
            raise ValidationError({"reason": "不予受理要写明原因，以及请来访人去哪里反映。"})

    def refusal(self, by: Post) -> str:
        """Why `by` may not log this visit; empty where it may. Pages, REST and devices all come through here.

        The staff log for their own stations; a deputy logs what one heard oneself on a walk or at a door, for a
        station where one serves on that day.
        """
        if bears(by.user, self.about_name):
            return "反映的是您本人，请由别人来登记。"
        ways = WAYS_IN.get(Role(by.role))
        if ways is None:
            return ""
        if self.channel not in ways:
            return "代表登记自己走访、上门听到的。来访、来电、来信，请联络站登记。"
        if not Station.objects.visible_to(by).filter(pk=self.station_id).exists():
            return "这个站点不是您的，不能登记。"
        if by.role == Role.DEPUTY:
            own = Mandate.objects.of(by).can_serve(self.day).at_station(self.station, self.day)
            if self.received_by_id not in own.values_list("pk", flat=True):
                return "这一天您不在这个站履职，请核对站点和日期。"
        return ""

    def photo_refusal(self, by: Post) -> str:
        """Why `by` may not add a photo now; empty where it may."""
        if by.role not in WAYS_IN:
            return f"{by.get_role_display()}岗位不能加照片。"
        if self.channel not in ROUNDS:
            return "照片是走访、上门时拍的，这条登记不能加照片。"
        if self.voided_at is not None:
            return f"{self}已经作废，不能加照片。"
        if Attachment.objects.of(self).count() >= self.MOST_PHOTOS:
            return f"一次走访最多 {self.MOST_PHOTOS} 张照片，这一条已经满了。"
        return ""

    def enter(self, *, by: Post | None, note: str = "", data: dict[str, Any] | None = None) -> "Visit":
        """Log a visit: its serial number of the day at the station, its area. Use `Visit.log` to keep the person too."""
        with transaction.atomic(savepoint=False):
            if self.activity is not None:
                if self.activity.state == ActivityState.CANCELLED:
                    raise NotAllowed(
                        "这个接待日已取消，不能登记。来过的群众，请在“登记来电、来信、走访”里补录。"
                    )
                if self.activity.state == ActivityState.CLOSED:
                    raise NotAllowed("这个接待日已结束。要补录，请先重新打开。")
                self.station, self.day = self.activity.station, self.activity.day
            if by and (refusal := self.refusal(by)):
                raise NotAllowed(refusal)
            self.area = self.station.area
            self.give_number(Sequence.objects.next(self.series))
            return super().enter(by=by, note=note, data=data)

    @property
    def series(self) -> str:
        """The series of numbers that it takes its own from: one for each day of a station."""
        return f"visit:{self.station_id}:{self.day:%Y%m%d}"

    def give_number(self, serial: int) -> None:
        self.serial = serial
        self.number = f"JD{self.day:%Y%m%d}-{serial:03d}"

    def log(self, *, by: Post, note: str = "", data: dict[str, Any] | None = None, **person: Any) -> "Visit":
        """Enter the visit together with the person. Anonymous visits keep no person."""
        with transaction.atomic(savepoint=False):
            self.enter(by=by, note=note, data=data)
            if not self.anonymous:
                Visitor.objects.create(visit=self, **person)
        return self

    def person(self) -> "Visitor | None":
        return getattr(self, "visitor", None)


class VisitorQuerySet(models.QuerySet["Visitor"]):
    def visible_to(self, post: Post | None) -> "VisitorQuerySet":
        """Contact data in full is for the staff of the station that received the person."""
        if post is None or post.role != Role.STATION:
            return self.none()
        return self.filter(visit__in=Visit.objects.visible_to(post))


class Visitor(models.Model):
    """The person of one visit. Apart from the visit, so that it can be anonymised and the figures stay."""

    visit = models.OneToOneField(Visit, models.PROTECT, related_name="visitor")
    name = models.CharField("姓名", max_length=15)
    phone = models.CharField("手机", max_length=20, blank=True)
    address = models.CharField("住址（村/社区）", max_length=60, blank=True)
    consented = models.BooleanField("同意留下姓名和电话", default=False)  # asked at the door
    anonymized_at = models.DateTimeField(null=True, editable=False)

    objects = VisitorQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "来访人"
        indexes = [models.Index(fields=["phone"], name="visitors_by_phone")]

    def __str__(self) -> str:
        return f"来访人 {self.pk}"
