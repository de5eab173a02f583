"""动态: what a station reports of its work (the monthly item of the ten tasks), reviewed by the office, then published.

Published, it is read by anybody, so nothing of a person who came may stand in it: `personal_data` refuses numbers of
people and the names of those whom the station received about that time.
"""

from collections.abc import Callable
from datetime import timedelta
from operator import attrgetter
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from deputies.models import Deputy, Mandate
from liaison.accounts.models import Post, Role, User
from liaison.bulletin.workflow import NEWS_FLOW, WITH_WRITER, NewsState
from liaison.core.masking import PERSON_NAMED, names_in, numbers_in
from liaison.core.models import Attachment, OutboxMessage, Sequence
from liaison.core.phrases import Holds
from liaison.core.places import InArea, inside
from liaison.core.workflow import Moving, NotAllowed, step
from stations.models import Station, StationStaff
from suggestions.models.order import offices_near
from visits.models import Activity, Visit

UNSEEN = (NewsState.DRAFT, NewsState.DROPPED)  # nobody's but the station's
HEARD_BEFORE = timedelta(days=31)  # whose names are looked for: who came in the month before what is told of


class NewsQuerySet(models.QuerySet["NewsItem"]):
    def visible_to(self, post: Post | None) -> "NewsQuerySet":
        """A station: its own. The office, the auditor: what was submitted in the area. A deputy: what the stations published."""
        if post is None:
            return self.none()
        match post.role:
            case Role.OFFICE | Role.AUDITOR:
                return self.filter(inside(post.area)).exclude(state__in=UNSEEN)
            case Role.STATION:
                return self.filter(station__in=Station.objects.visible_to(post).values("pk"))
            case Role.DEPUTY:
                return self.public().filter(station__in=Station.objects.visible_to(post).values("pk"))
            case _:
                return self.none()

    def public(self) -> "NewsQuerySet":
        """What anybody may read."""
        return self.filter(state=NewsState.PUBLISHED)

    def to_review(self) -> "NewsQuerySet":
        return self.filter(state=NewsState.SUBMITTED)

    def returned(self) -> "NewsQuerySet":
        return self.filter(state=NewsState.RETURNED)

    def search(self, text: str) -> "NewsQuerySet":
        return self.filter(Q(Holds(text, "title", "text")) | Q(number=text))


class NewsItem(InArea, Moving):
    """One report of a station about its work, of a day. Once submitted, only the office changes its words."""

    State = NewsState
    FLOW = NEWS_FLOW
    DEEDS = {"amend": "改文字", "withdraw_photo": "撤下照片"}
    MOST_PHOTOS = 9

    number = models.CharField("编号", max_length=20, unique=True, editable=False)
    station = models.ForeignKey(Station, models.PROTECT, related_name="news", verbose_name="站点")
    title = models.CharField("标题", max_length=60)
    text = models.TextField("正文")
    happened_on = models.DateField("发生日期")
    activity = models.ForeignKey(
        Activity, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="相关活动"
    )
    written_by = models.ForeignKey(
        Post, models.PROTECT, related_name="+", editable=False, verbose_name="撰稿岗位"
    )
    submitted_on = models.DateField("报送日期", null=True, editable=False)
    published_on = models.DateField("发布日期", null=True, editable=False)
    reason = models.CharField("退回或撤下的原因", max_length=200, blank=True, editable=False)
    state = models.CharField(
        "状态", max_length=9, choices=NewsState.choices, default=NewsState.DRAFT, editable=False
    )

    objects = NewsQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "动态"
        constraints = [
            models.CheckConstraint(
                condition=~Q(state=NewsState.PUBLISHED) | Q(published_on__isnull=False),
                name="news_published_on_a_day",
            )
        ]
        indexes = [
            models.Index(fields=["area_path", "-happened_on", "-id"], name="news_of_an_area"),
            models.Index(fields=["station", "-happened_on", "-id"], name="news_of_a_station"),
            models.Index(fields=["-happened_on", "-id"], name="news_by_day"),
            models.Index(
                fields=["-published_on", "-id"], condition=Q(state=NewsState.PUBLISHED), name="news_published"
            ),
            models.Index(
                fields=["area_path"], condition=Q(state=NewsState.SUBMITTED), name="news_to_be_reviewed"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"/news/{self.pk}/"

    def clean(self) -> None:
        if self.happened_on and self.happened_on > timezone.localdate():
            raise ValidationError({"happened_on": "发生日期不能晚于今天。"})
        if self.activity is not None and self.activity.station_id != self.station_id:
            raise ValidationError({"activity": "这项活动不是这个站点的，请检查。"})

    def enter(self, *, by: Post | None, note: str = "", data: dict[str, Any] | None = None) -> "NewsItem":
        """Its number is the year and a serial of the year: DT2026-0012."""
        if by is not None and not Station.objects.visible_to(by).filter(pk=self.station_id).exists():
            raise NotAllowed("这个站点不是您的，不能写它的动态。")
        with transaction.atomic(savepoint=False):
            year = timezone.localdate().year
            self.number = f"DT{year}-{Sequence.objects.next(f'news:{year}'):04d}"
            self.area, self.written_by = self.station.area, by or self.written_by
            return super().enter(by=by, note=note, data=data)

    def _told(self, name: str, value: Any) -> Any:
        """What a station drafts has not been looked over yet: the record says that it was changed, not into what."""
        if name in ("title", "text") and self.state in WITH_WRITER:
            return "（不记录内容）"
        return super()._told(name, value)

    def rewording_refusal(self, by: Post) -> str:
        """Why `by` may not change the words now; empty where it may: the station its own, the office what it reviews."""
        mine = {Role.STATION: WITH_WRITER, Role.OFFICE: (NewsState.SUBMITTED,)}
        if by.role not in mine:
            return f"{by.get_role_display()}岗位不能改动态。"
        if self.state not in mine[Role(by.role)]:
            return f"“{self}”现在是“{self.get_state_display()}”，不能改。"
        return ""

    def reword(self, *, by: Post, version: int | None = None, **fields: Any) -> bool:
        """Change title, text, day or activity; False where nothing differs. The record keeps what the office changed."""
        with transaction.atomic():
            now = NewsItem.objects.select_for_update(of=("self",), no_key=True).get(pk=self.pk)
            if refusal := now.rewording_refusal(by):
                raise NotAllowed(refusal)
            return self.amend(by=by, version=version, **fields)

    # --- Steps: one for each row of NEWS_FLOW ---

    @step
    def submit(self, *, by: Post, note: str) -> Callable[[], None]:
        self._refuse_personal_data()
        self.submitted_on = timezone.localdate()
        offices = offices_near(self.area_path, self.submitted_on)
        return lambda: self._tell(
            {post.user for post in offices}, f"{self.station}报送了动态“{self}”，请审核。", "TODO"
        )

    @step
    def take_back(self, *, by: Post, note: str) -> None:
        self.submitted_on = None

    @step
    def drop(self, *, by: Post, note: str) -> None:
        """What was written stays in the record of the station."""

    @step
    def give_back(self, *, by: Post, note: str) -> Callable[[], None]:
        if not note:
            raise NotAllowed("请写明退回的原因，要改什么。")
        self.reason = note
        return lambda: self._tell_station(f"动态“{self}”退回修改：{note}", "TODO")

    @step
    def publish(self, *, by: Post, note: str) -> Callable[[], None]:
        """For anybody to read. What numbers a person, or names one who came to the station, is refused."""
        self._refuse_personal_data()
        self.published_on, self.reason = timezone.localdate(), ""
        return lambda: self._tell_station(f"动态“{self}”已审核发布。", "INFO")

    @step
    def withdraw(self, *, by: Post, note: str) -> Callable[[], None]:
        if not note:
            raise NotAllowed("请写明为什么撤下。")
        self.reason = note
        return lambda: self._tell_station(f"动态“{self}”已撤下：{note}", "INFO")

    def _refuse_personal_data(self) -> None:
        captions = self.photos.shown().values_list("caption", flat=True)
        if found := personal_data(self, self.title, self.text, *captions):
            raise NotAllowed(f"发布后谁都能看，内容里有{'、'.join(found)}，请删去。")

    def _tell_station(self, text: str, kind: str) -> None:
        """A notice to who wrote it, and to who keeps the station now."""
        keepers = StationStaff.objects.keepers(self.station, timezone.localdate())
        self._tell({self.written_by.user, *keepers}, text, kind)

    def _tell(self, users: set[User], text: str, kind: str) -> None:
        for user in sorted(users, key=attrgetter("pk")):
            OutboxMessage.objects.put(
                key=f"news:{self.number}:{self.version}:{user.pk}",
                to=user,
                kind=kind,
                text=text,
                url=self.get_absolute_url(),
            )


def personal_data(item: NewsItem, *texts: str) -> list[str]:
    """What in `texts` names or numbers a person: phones, identity numbers, who came to the station about that time.

    Says the kind, never the thing itself. A deputy of the station, or who was at the activity, may be named; that some
    deputy elsewhere is called so tells nothing, for most common names are some deputy's.
    """
    text = "\n".join(texts)
    lately = Q(day__range=(item.happened_on - HEARD_BEFORE, item.happened_on), station=item.station_id)
    if item.activity_id:
        lately |= Q(activity=item.activity_id)
    came = Visit.objects.filter(lately, visitor__isnull=False).values_list("visitor__name", flat=True)
    named = names_in(text, came)
    if named:
        ours = Q(pk__in=Mandate.objects.at_station(item.station, item.happened_on).values("deputy"))
        if item.activity_id:
            ours |= Q(mandates__attendances__activity=item.activity_id)
        named -= set(Deputy.objects.filter(ours, name__in=named).values_list("name", flat=True))
    return [*numbers_in(text), *([PERSON_NAMED] if named else [])]


class NewsPhotoQuerySet(models.QuerySet["NewsPhoto"]):
    def visible_to(self, post: Post | None) -> "NewsPhotoQuerySet":
        return self.filter(item__in=NewsItem.objects.visible_to(post).values("pk"))

    def shown(self) -> "NewsPhotoQuerySet":
        return self.filter(withdrawn_at=None)

    def public(self) -> "NewsPhotoQuerySet":
        """Photos of published items. Each says why its people may be seen."""
        return self.shown().filter(item__state=NewsState.PUBLISHED)

    def show(
        self, item: NewsItem, upload: UploadedFile, *, caption: str, people: str, consent: str, by: Post
    ) -> "NewsPhoto":
        """Put a photo to the item. Raises ValidationError where it is none, NotAllowed where none may be added."""
        with transaction.atomic():
            if refusal := item.rewording_refusal(by):
                raise NotAllowed(refusal)
            if item.photos.shown().count() >= NewsItem.MOST_PHOTOS:
                raise NotAllowed(f"一篇动态最多 {NewsItem.MOST_PHOTOS} 张照片，这一篇已经满了。")
            if people == NewsPhoto.People.AGREED and not consent:
                raise NotAllowed("请写明是谁、什么时候问过本人，本人同意公开。")
            kept = Attachment.objects.keep_photo(item, upload, by=by)
            return self.create(item=item, attachment=kept, caption=caption, people=people, consent=consent)


class NewsPhoto(models.Model):
    """A photo of an item, and why the people in it may be shown."""

    class People(models.TextChoices):
        NOBODY = "NOBODY", "认不出任何人"
        ON_DUTY = "ON_DUTY", "只有代表和工作人员在履职"
        AGREED = "AGREED", "有群众，都同意公开"

    item = models.ForeignKey(NewsItem, models.PROTECT, related_name="photos", verbose_name="动态")
    attachment = models.OneToOneField(Attachment, models.PROTECT, related_name="+", verbose_name="文件")
    caption = models.CharField("照片说明", max_length=60)
    people = models.CharField("照片里的人", max_length=7, choices=People.choices)
    consent = models.CharField("怎么征得同意的", max_length=100, blank=True)
    withdrawn_at = models.DateTimeField(null=True, editable=False)

    objects = NewsPhotoQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "动态照片"
        constraints = [
            models.CheckConstraint(
                condition=~Q(people="AGREED") | ~Q(consent=""), name="who_is_shown_was_asked"
            )
        ]

    def __str__(self) -> str:
        return self.caption

    def withdraw(self, *, by: Post) -> None:
        """Take it out, at any time, published or not. It is kept, and given to nobody; twice is once."""
        with transaction.atomic():
            if NewsPhoto.objects.shown().filter(pk=self.pk).update(withdrawn_at=timezone.now()):
                self.attachment.withdraw()
                key = str(self.attachment.key)
                self.item.mark("withdraw_photo", by=by, note=self.caption, data={"file": key})
