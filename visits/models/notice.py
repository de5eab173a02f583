"""公示: each announcing of a day as it was put up. Announced again after a move or a cancellation, it is a row of its own."""

from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils import timezone

from liaison.accounts.models import Post
from visits.words import day_words

if TYPE_CHECKING:
    from .activity import Activity


class NoticeQuerySet(models.QuerySet["Notice"]):
    def visible_to(self, post: Post | None) -> "NoticeQuerySet":
        from .activity import Activity

        return self.filter(activity__in=Activity.objects.visible_to(post).values("pk"))

    def public(self) -> "NoticeQuerySet":
        """What was announced was told to everybody."""
        return self

    def last_by_activity(self) -> dict[int, "Notice"]:
        """The last of these notices for each activity, by its key."""
        return {row.activity_id: row for row in self.order_by("pk")}

    def elsewhere(self) -> "NoticeQuerySet":
        """Of another day than the one on which the activity stands now: what people may still have in mind."""
        return self.exclude(day=models.F("activity__day"))

    def put_up(
        self, activity: "Activity", kind: str, *, by: Post, on: Any, where: list[str], place: str = ""
    ) -> "Notice":
        """Keep what is announced now, in its own words: later changes of the day change nothing of it.

        What is called off is the day that people were told of, wherever it has been moved since.
        """
        rows = activity.attendances.announced().order_by("mandate__deputy__pinyin", "pk")
        names = list(dict.fromkeys(rows.values_list("mandate__deputy__name", flat=True)))
        off = kind == Notice.Kind.CANCELLED
        told = as_told(activity, activity.notices.order_by("pk").last()) if off else None
        shown = told or activity
        # Announced here, a reception day stands on the public pages at once.
        web = [Notice.Where.WEB] if activity.kind == activity.Kind.RECEPTION else []
        return self.create(
            activity=activity,
            kind=kind,
            on=on,
            announce_by=activity.announce_by,
            day=shown.day,
            starts_at=shown.starts_at,
            ends_at=shown.ends_at,
            theme=activity.theme,
            place=activity.where,
            deputies=names,
            text=wording(activity, kind, names, told),
            where=[value for value in Notice.Where.values if value in {*where, *web}],
            where_else=place,
            by=by,
        )


class Notice(models.Model):
    """One notice as it went up. Rows are added and never changed."""

    class Kind(models.TextChoices):
        FIRST = "FIRST", "公示"
        MOVED = "MOVED", "改期公示"
        CANCELLED = "CANCELLED", "取消公示"

    class Where(models.TextChoices):
        DOOR = "DOOR", "站点门口"
        BOARD = "BOARD", "公示栏"
        GROUP = "GROUP", "村（社区）群"
        RADIO = "RADIO", "广播"
        WEB = "WEB", "网上"

    activity = models.ForeignKey(
        "visits.Activity", models.PROTECT, related_name="notices", verbose_name="活动"
    )
    kind = models.CharField("类型", max_length=9, choices=Kind.choices)
    on = models.DateField("公示日期")
    announce_by = models.DateField("最迟公示日期")
    day = models.DateField("日期")
    starts_at = models.TimeField("开始时间")
    ends_at = models.TimeField("结束时间")
    theme = models.CharField("主题", max_length=60, blank=True)
    place = models.CharField("地点", max_length=120, blank=True)
    deputies = models.JSONField("接待代表", default=list)
    text = models.TextField("公示内容")
    where = models.JSONField("公示在哪里", default=list)
    where_else = models.CharField("其他地方", max_length=60, blank=True)
    by = models.ForeignKey(Post, models.PROTECT, related_name="+", verbose_name="经办岗位")
    created_at = models.DateTimeField("登记时间", default=timezone.now)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "公示"
        indexes = [models.Index(fields=["activity", "id"], name="notices_of_an_activity")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}：{self.activity}"

    @property
    def is_late(self) -> bool:
        return self.kind != self.Kind.CANCELLED and self.on > self.announce_by

    @property
    def places(self) -> str:
        named = dict(self.Where.choices)
        return "、".join(
            filter(None, [*(named[value] for value in self.where if value in named), self.where_else])
        )


def when(activity: Any) -> str:
    """12月11日（星期五）9:00至11:30, of an activity or a notice."""
    return f"{day_words(activity.day, '星期')}{activity.starts_at:%-H:%M}至{activity.ends_at:%-H:%M}"


def as_told(activity: "Activity", last: Notice | None) -> Notice:
    """Day and hours that people were told: of the last notice, or, where none was kept, what the activity knows of it."""
    hours = {"starts_at": activity.starts_at, "ends_at": activity.ends_at}
    return last or Notice(day=activity.told_day or activity.day, **hours)


def wording(activity: "Activity", kind: str, names: list[str], told: Notice | None = None) -> str:
    """The notice in sentences, as it is read out or sent into the village group. `told` is what is called off."""
    what = f"{activity.station}{activity.get_kind_display()}"
    who = f"接待代表：{'、'.join(names)}。" if names else ""
    theme = f"主题：{activity.theme}。" if activity.theme else ""
    phone = f"电话：{activity.station.phone}。" if activity.station.phone else ""
    if kind == Notice.Kind.CANCELLED:
        instead = f"改为{when(activity.replacement)}。" if activity.replacement else ""
        return f"原定{when(told or activity)}的{what}取消。{instead}{phone}"
    changed = "时间有变，" if kind == Notice.Kind.MOVED else ""
    place = f"地点：{activity.where}。" if activity.where else ""
    return f"{what}{changed}定于{when(activity)}。{theme}{place}{who}{phone}"
