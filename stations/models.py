"""Liaison stations: the register, their staff, their photos, the rules on the wall."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from liaison.accounts.models import TOWN_PATH, Area, Post, Role, User
from liaison.core.apart import Apart
from liaison.core.models import Attachment
from liaison.core.places import InArea, inside
from liaison.core.workflow import NotAllowed, Recorded


def during(on: date, prefix: str = "") -> Q:
    """Intervals (from_on, to_on) that hold on a day. An open end holds for ever."""
    return Q(**{f"{prefix}from_on__lte": on}) & (
        Q(**{f"{prefix}to_on": None}) | Q(**{f"{prefix}to_on__gte": on})
    )


def overlaps(first: date, last: date | None) -> Q:
    """Intervals that share a day with the one from `first` to `last`, which may be open."""
    lasting = Q(to_on=None) | Q(to_on__gte=first)
    return lasting if last is None else lasting & Q(from_on__lte=last)


AREAS_TRIED = 20  # of one name: there are some thirty 新华村 in a province


class StationQuerySet(models.QuerySet["Station"]):
    def visible_to(self, post: Post | None) -> "StationQuerySet":
        """The stations whose records `post` may read. Everything above builds on this."""
        if post is None:
            return self.none()
        today = timezone.localdate()
        match post.role:
            case Role.OFFICE | Role.AUDITOR | Role.ADMIN:
                return self.filter(inside(post.area))
            case Role.STATION:
                return self.staffed_by(post, today)
            case Role.DEPUTY:  # `assignments` is the name by which the layer above ties mandates to stations
                mine = during(today, "assignments__") & Q(assignments__mandate__deputy__user=post.user_id)
                return self.filter(pk__in=Apart(Station.objects.filter(mine)))
            case _:
                return self.none()

    def staffed_by(self, post: Post, on: date) -> "StationQuerySet":
        """The stations that this post staffs on a day, and the points that belong to them."""
        own = StationStaff.objects.filter(during(on), post=post).values("station")
        below = self.model._default_manager.order_by().filter(parent__in=Apart(own)).values("pk")
        # Not with OR: PostgreSQL would take that for most stations there are, and read all their requests.
        return self.filter(pk__in=Apart(own.order_by().union(below)))

    def open(self, on: date) -> "StationQuerySet":
        return self.filter(opened_on__lte=on).filter(Q(closed_on=None) | Q(closed_on__gt=on))

    def of_kinds(self, *kinds: str) -> "StationQuerySet":
        return self.filter(kind__in=kinds)

    def public(self, on: date) -> "StationQuerySet":
        """What anybody may know of: stations that have opened; those that have closed too, to say where to go instead."""
        return self.filter(opened_on__lte=on)

    def near(self, text: str) -> "StationQuerySet":
        """Where somebody who lives there should look: by village, community, estate, street, township or the name.

        A village has no station of its own as a rule: its township's is found with it.
        """
        named = Area.objects.filter(active=True, name__contains=text).order_by("path")[:AREAS_TRIED]
        places = Q(name__contains=text) | Q(address__contains=text) | Q(code__iexact=text)
        for area in named:
            places |= inside(area) | Q(
                area_path__in=[path for path in area.path_and_above if len(path) >= TOWN_PATH]
            )
        return self.filter(places)

    def suspended(self, on: date) -> "StationQuerySet":
        return self.open(on).filter(suspended_on__lte=on)

    def search(self, text: str) -> "StationQuerySet":
        return self.filter(Q(name__icontains=text) | Q(address__icontains=text) | Q(code__istartswith=text))


class Station(InArea, Recorded):
    """A place where deputies receive people: home, station, point, micro-station, mailbox, online, legislative."""

    class Kind(models.TextChoices):
        HOME = "HOME", "代表之家"
        STATION = "STATION", "联络站"
        POINT = "POINT", "联络点"
        MICRO = "MICRO", "微站"
        MAILBOX = "MAILBOX", "有事找代表信箱"
        ONLINE = "ONLINE", "网上联络站"
        LEGISLATIVE = "LEGISLATIVE", "基层立法联系点"

    STATIONS = (Kind.HOME, Kind.STATION)  # counted as stations (model.md §8)
    POINTS = (Kind.POINT,)
    WITH_DEPUTIES = (Kind.STATION, Kind.POINT)  # each should have deputies of its own (编组进站)

    code = models.CharField("编号", max_length=20, unique=True, help_text="如 PC03，印在门牌和二维码旁")
    kind = models.CharField("类型", max_length=12, choices=Kind.choices)
    name = models.CharField("名称", max_length=60)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name="上级站点"
    )
    address = models.CharField("地址", max_length=120, blank=True)
    longitude = models.DecimalField("经度", max_digits=9, decimal_places=6, null=True, blank=True)
    latitude = models.DecimalField("纬度", max_digits=8, decimal_places=6, null=True, blank=True)
    hours = models.CharField(
        "开放时间", max_length=120, blank=True, help_text="如 周一至周五 8:30—12:00，14:30—18:00"
    )
    phone = models.CharField("电话", max_length=20, blank=True)
    brand = models.CharField("品牌", max_length=60, blank=True, help_text="一站一品牌")
    facilities = models.TextField("场所和设施", blank=True)
    opened_on = models.DateField("启用日期")
    closed_on = models.DateField("停用日期", null=True, blank=True)
    merged_into = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="并入站点",
        help_text="撤并后群众该去的站点，公开页会写明",
    )
    suspended_on = models.DateField(
        "暂停开放日期", null=True, blank=True, help_text="装修等暂停开放时填写，恢复后清空"
    )

    objects = StationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "站点"
        constraints = [
            models.UniqueConstraint(
                fields=["area", "name"],
                name="station_name_once_per_area",
                violation_error_message="这个区划里已经有同名的站点，请换一个名称。",
            ),
            models.CheckConstraint(
                condition=Q(closed_on=None) | Q(closed_on__gte=F("opened_on")),
                name="station_closes_after_it_opens",
                violation_error_message="停用日期不能早于启用日期。",
            ),
            models.CheckConstraint(
                condition=Q(longitude=None) | Q(longitude__range=(73, 136)),
                name="station_longitude_in_china",
                violation_error_message="经度应在 73 到 136 之间，请检查是否与纬度填反。",
            ),
            models.CheckConstraint(
                condition=Q(latitude=None) | Q(latitude__range=(3, 54)),
                name="station_latitude_in_china",
                violation_error_message="纬度应在 3 到 54 之间，请检查是否与经度填反。",
            ),
        ]
        indexes = [models.Index(fields=["area_path", "kind"], name="stations_of_an_area")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/stations/{self.code}/"

    def is_open(self, on: date) -> bool:
        return self.opened_on <= on and (self.closed_on is None or on < self.closed_on)

    def condition(self, on: date) -> tuple[str, str]:
        """How the station stands on a day, as a word and its tone: 开放, 暂停开放, 已停用, 尚未启用."""
        if on < self.opened_on:
            return "尚未启用", "plain"
        if not self.is_open(on):
            return "已停用", "plain"
        if self.suspended_on and self.suspended_on <= on:
            return "暂停开放", "warn"
        return "开放", "ok"


class StationStaffQuerySet(models.QuerySet["StationStaff"]):
    def current(self, on: date) -> "StationStaffQuerySet":
        return self.filter(during(on))

    def visible_to(self, post: Post | None) -> "StationStaffQuerySet":
        return self.filter(station__in=Station.objects.visible_to(post))

    def keepers(self, station: Station, on: date) -> set[User]:
        """Who is told of what is to be done at a station on a day: its own staff, and those of the station above it."""
        rows = self.current(on).filter(station__in=[station.pk, station.parent_id])
        return {row.post.user for row in rows.select_related("post__user")}


class StationStaff(Recorded):
    """Who keeps a station: a post tied to it, as head or officer, from a day to a day."""

    class Position(models.TextChoices):
        HEAD = "HEAD", "站长"
        OFFICER = "OFFICER", "联络员"

    post = models.ForeignKey(Post, models.PROTECT, related_name="staffs", verbose_name="岗位")
    station = models.ForeignKey(Station, models.PROTECT, related_name="staff", verbose_name="站点")
    position = models.CharField("职务", max_length=7, choices=Position.choices)
    from_on = models.DateField("起始日期")
    to_on = models.DateField("终止日期", null=True, blank=True)

    objects = StationStaffQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "站点工作人员"
        constraints = [
            models.CheckConstraint(
                condition=Q(to_on=None) | Q(to_on__gte=F("from_on")),
                name="station_staff_ends_after_it_begins",
                violation_error_message="终止日期不能早于起始日期。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.station}{self.get_position_display()}"

    @property
    def area_path(self) -> str:
        return self.station.area_path

    def clean(self) -> None:
        """Once at a time, and only while the post is held."""
        if self.post_id is None or self.from_on is None:
            return
        if not self.post.is_current(self.from_on):
            raise ValidationError(f"{self.post}在{self.from_on:%Y年%-m月%-d日}不在岗，请先办理岗位。")
        same = StationStaff.objects.filter(post=self.post, station=self.station).exclude(pk=self.pk)
        if same.filter(overlaps(self.from_on, self.to_on)).exists():
            raise ValidationError(f"{self.post}已经是这个站点的工作人员，不用再加。")

    def end(self, on: date, *, by: Post, version: int | None = None, note: str = "") -> None:
        """The last day at the station."""
        if on < self.from_on:
            raise NotAllowed("最后一天不能早于起始日期。")
        self.amend(by=by, version=version, note=note, deed="end", to_on=on)


class StationPhotoQuerySet(models.QuerySet["StationPhoto"]):
    def public(self, on: date) -> "StationPhotoQuerySet":
        """Photos that hang in the file of a station that anybody may know of."""
        return self.shown().filter(station__in=Station.objects.public(on).open(on))

    def visible_to(self, post: Post | None) -> "StationPhotoQuerySet":
        return self.filter(station__in=Station.objects.visible_to(post))

    def shown(self) -> "StationPhotoQuerySet":
        return self.filter(withdrawn_at=None)

    def show(
        self, station: Station, upload: UploadedFile, *, caption: str, taken_on: date | None, by: Post
    ) -> "StationPhoto":
        """Put a photo into the station's file. Raises ValidationError where it is none."""
        with transaction.atomic():
            attachment = Attachment.objects.keep_photo(station, upload, by=by)
            return self.create(station=station, attachment=attachment, caption=caption, taken_on=taken_on)


class StationPhoto(models.Model):
    """A photo in the station's file; the picture itself is an attachment of the station."""

    station = models.ForeignKey(Station, models.PROTECT, related_name="photos")
    attachment = models.OneToOneField(Attachment, models.PROTECT)
    caption = models.CharField("说明", max_length=60)
    taken_on = models.DateField("拍摄日期", null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, editable=False)

    objects = StationPhotoQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "站点照片"

    def __str__(self) -> str:
        return self.caption

    def withdraw(self, *, by: Post) -> None:
        """Take the photo out of the file. It is kept, and given to nobody; twice is once."""
        with transaction.atomic():
            if StationPhoto.objects.shown().filter(pk=self.pk).update(withdrawn_at=timezone.now()):
                self.attachment.withdraw()
                self.station.mark(
                    "withdraw", by=by, note=f"照片：{self.caption}", data={"file": str(self.attachment.key)}
                )


class StationRuleQuerySet(models.QuerySet["StationRule"]):
    def visible_to(self, post: Post | None) -> "StationRuleQuerySet":
        return self.filter(station__in=Station.objects.visible_to(post))


class StationRule(Recorded):
    """A text on the wall: a rule of procedure, with the day it was put up."""

    station = models.ForeignKey(Station, models.PROTECT, related_name="rules")
    title = models.CharField("制度名称", max_length=60)
    text = models.TextField("内容")
    shown_on = models.DateField("上墙日期")

    objects = StationRuleQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "上墙制度"

    def __str__(self) -> str:
        return self.title

    @property
    def area_path(self) -> Any:
        return self.station.area_path
