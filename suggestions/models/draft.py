"""法规草案征求意见: a draft goes to legislative contact points, opinions come back article by article.

An office publishes; stations and deputies take opinions down; the office says of each what became of it.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Count, Exists, F, OuterRef, Q
from django.utils import timezone

from deputies.models import Mandate, MandateQuerySet
from liaison.accounts.models import Post, Role
from liaison.core.apart import Apart
from liaison.core.models import Sequence
from liaison.core.places import InArea, inside
from liaison.core.workflow import Moving, NotAllowed, Voidable, step
from stations.models import Station
from suggestions.workflow import DRAFT_FLOW, PUBLISHED, DraftState


class DraftQuerySet(models.QuerySet["Draft"]):
    def visible_to(self, post: Post | None) -> "DraftQuerySet":
        """Drafts of the area; what an office above has published; a station, a deputy: what came to their stations."""
        if post is None:
            return self.none()
        match post.role:
            case Role.OFFICE | Role.AUDITOR:
                from_above = Q(area__path__in=post.area.path_and_above, state__in=PUBLISHED)
                return self.filter(inside(post.area) | from_above)
            case Role.STATION | Role.DEPUTY:
                sent = DraftStation.objects.near(post).filter(draft=OuterRef("pk"))
                return self.filter(Exists(sent), state__in=PUBLISHED)
            case _:
                return self.none()

    def asking(self, on: date) -> "DraftQuerySet":
        """Opinions may be given on a day."""
        return self.filter(state=DraftState.OPEN, opens_on__lte=on, closes_on__gte=on)

    def with_counts(self, post: Post) -> "DraftQuerySet":
        """Adds `sites` (stations it went to) and `said` (opinions that stand, and that `post` reads)."""
        sites = DraftStation.objects.filter(draft=OuterRef("pk")).order_by().values("draft")
        said = (
            Opinion.objects.visible_to(post)
            .standing()
            .filter(draft=OuterRef("pk"))
            .order_by()
            .values("draft")
        )
        return self.annotate(
            sites=models.Subquery(sites.annotate(n=Count("pk")).values("n")),
            said=models.Subquery(said.annotate(n=Count("pk")).values("n")),
        )


class Draft(InArea, Moving):
    """A draft on which an office asks the people's opinion, from a day to a day."""

    class Kind(models.TextChoices):
        REGULATION = "REGULATION", "法规草案"
        DECISION = "DECISION", "决议决定草案"
        PLAN = "PLAN", "规划计划草案"
        OTHER = "OTHER", "其他"

    State = DraftState
    FLOW = DRAFT_FLOW

    number = models.CharField("编号", max_length=20, unique=True, editable=False)
    title = models.CharField("名称", max_length=100)
    kind = models.CharField("类型", max_length=10, choices=Kind.choices, default=Kind.REGULATION)
    issuer = models.CharField("起草或组织征求意见的机关", max_length=60)
    intro = models.TextField("说明", blank=True)
    opens_on = models.DateField("开始日期")
    closes_on = models.DateField("截止日期")
    state = models.CharField(
        "状态", max_length=9, choices=DraftState.choices, default=DraftState.DRAFT, editable=False
    )
    conclusion = models.TextField("采纳情况", blank=True, editable=False)

    objects = DraftQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "征求意见稿"
        constraints = [
            models.CheckConstraint(
                condition=Q(closes_on__gte=F("opens_on")),
                name="draft_closes_after_it_opens",
                violation_error_message="截止日期不能早于开始日期。",
            )
        ]
        indexes = [models.Index(fields=["area_path", "-opens_on"], name="drafts_of_an_area")]

    def __str__(self) -> str:
        return f"《{self.title}》"

    def get_absolute_url(self) -> str:
        return f"/drafts/{self.pk}/"

    def enter(self, *, by: Post | None, note: str = "", data: dict[str, Any] | None = None) -> "Draft":
        """Its number is the year and a serial of the year: CA2026-003."""
        with transaction.atomic(savepoint=False):
            year = f"{self.opens_on:%Y}"
            self.number = f"CA{year}-{Sequence.objects.next(f'draft:{year}'):03d}"
            return super().enter(by=by, note=note, data=data)

    def is_kept_by(self, post: Post) -> bool:
        """Only the office that asks decides about the draft; others see it, and take opinions down."""
        return post.role == Role.OFFICE and post.area_id == self.area_id

    def refusal(self, name: str, by: Post) -> str:
        if by.role == Role.OFFICE and not self.is_kept_by(by):
            return f"{self}由{self.area.name}发布，只能由他们{self.FLOW[name].label}。"
        return super().refusal(name, by)

    def compose(
        self,
        articles: Iterable["DraftArticle"],
        stations: Iterable[Station],
        *,
        by: Post,
        version: int | None,
    ) -> None:
        """Lay down its articles and the stations that it goes to. Raises NotAllowed once it is published."""
        with transaction.atomic():
            self.mark("compose", by=by, version=version)
            if self.state != DraftState.DRAFT:
                raise NotAllowed(f"{self}已经发布，条文和站点不能再改。要改请撤回，另发一稿。")
            self.articles.all().delete()  # not yet of record: nobody has seen them
            DraftArticle.objects.bulk_create(
                DraftArticle(draft=self, position=position, name=one.name, text=one.text, chapter=one.chapter)
                for position, one in enumerate(articles, 1)
            )
            self.addressed.all().delete()
            DraftStation.objects.bulk_create(
                DraftStation(draft=self, station=station) for station in stations
            )

    # --- Steps: one for each row of DRAFT_FLOW ---

    @step
    def publish(self, *, by: Post, note: str) -> None:
        if not self.articles.exists():
            raise NotAllowed("还没有条文，不能发布。请先把草案全文粘贴进来。")
        if not self.addressed.exists():
            raise NotAllowed("还没有选站点，不能发布。请先选发到哪些立法联系点。")
        if self.closes_on < timezone.localdate():
            raise NotAllowed("截止日期已经过了，请先改截止日期。")

    @step
    def extend(self, *, by: Post, note: str, closes_on: date) -> None:
        if closes_on <= self.closes_on or closes_on < timezone.localdate():
            raise NotAllowed(f"新的截止日期要晚于原来的{self.closes_on:%Y年%-m月%-d日}，也不能早于今天。")
        self.closes_on = closes_on

    @step
    def close(self, *, by: Post, note: str) -> None:
        """No opinion comes in any more, not even one given before."""

    @step
    def conclude(self, *, by: Post, note: str, conclusion: str) -> None:
        self.conclusion = conclusion

    @step
    def withdraw(self, *, by: Post, note: str) -> None:
        if not note:
            raise NotAllowed("请写明撤回的原因。")

    def refuse_unless_open(self) -> None:
        """Raises NotAllowed where opinions are no longer entered, corrected or voided."""
        if self.state != DraftState.OPEN:
            raise NotAllowed(
                f"{self}现在是“{self.get_state_display()}”，不能再登记意见，登记过的也不能再改。"
            )


class DraftArticle(models.Model):
    """One article, as it stands in the text: 第三条."""

    draft = models.ForeignKey(Draft, models.CASCADE, related_name="articles")
    position = models.PositiveSmallIntegerField()
    chapter = models.CharField("章", max_length=60, blank=True)
    name = models.CharField("条", max_length=30)
    text = models.TextField("条文")

    class Meta:
        verbose_name = verbose_name_plural = "条文"
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["draft", "position"], name="one_article_per_position")]

    def __str__(self) -> str:
        return self.name


class DraftStationQuerySet(models.QuerySet["DraftStation"]):
    def near(self, post: Post) -> "DraftStationQuerySet":
        """At the stations that `post` sees, or at a contact point below one of them."""
        theirs = Station.objects.visible_to(post).values("pk")
        return self.filter(Q(station__in=theirs) | Q(station__parent__in=theirs))


class DraftStation(models.Model):
    """A station that the draft goes to."""

    draft = models.ForeignKey(Draft, models.CASCADE, related_name="addressed")
    station = models.ForeignKey(Station, models.PROTECT, related_name="drafts")

    objects = DraftStationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "征求意见的站点"
        constraints = [models.UniqueConstraint(fields=["draft", "station"], name="a_draft_goes_once")]

    def __str__(self) -> str:
        return f"{self.station}"


def speakers(stations: Iterable[Station], on: date) -> MandateQuerySet:
    """Who speaks as a deputy at these stations on a day: who serves there, or at the station above."""
    near = {pk for station in stations for pk in (station.pk, station.parent_id) if pk}
    return Mandate.objects.can_serve(on).at_stations(Station.objects.filter(pk__in=near), on)


class OpinionQuerySet(models.QuerySet["Opinion"]):
    def visible_to(self, post: Post | None) -> "OpinionQuerySet":
        """Opinions of the area, of one's own stations; a deputy: one's own."""
        if post is None:
            return self.none()
        match post.role:
            case Role.OFFICE | Role.AUDITOR:
                return self.filter(inside(post.area))
            case Role.STATION:
                return self.filter(station__in=Apart(Station.objects.visible_to(post)))
            case Role.DEPUTY:
                return self.filter(mandate__deputy__user=post.user_id)
            case _:
                return self.none()

    def standing(self) -> "OpinionQuerySet":
        """Not voided."""
        return self.filter(voided_at=None)

    def undecided(self) -> "OpinionQuerySet":
        return self.standing().filter(decision="")


class Opinion(InArea, Voidable):
    """What one person, or one meeting, said about an article or the whole."""

    class Kind(models.TextChoices):
        AMEND = "AMEND", "建议修改"
        ADD = "ADD", "建议增加"
        DELETE = "DELETE", "建议删除"
        AGREE = "AGREE", "赞成"
        OTHER = "OTHER", "其他意见"

    class Decision(models.TextChoices):
        ADOPTED = "ADOPTED", "采纳"
        PARTLY = "PARTLY", "部分采纳"
        NOT_ADOPTED = "NOT", "未采纳"
        NOTED = "NOTED", "留作参考"

    PRIVATE_FIELDS = ("text", "wording")

    number = models.CharField("编号", max_length=20, unique=True, editable=False)
    draft = models.ForeignKey(Draft, models.PROTECT, related_name="opinions", verbose_name="征求意见稿")
    article = models.ForeignKey(
        DraftArticle,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="opinions",
        verbose_name="针对哪一条",
    )
    station = models.ForeignKey(Station, models.PROTECT, related_name="opinions", verbose_name="站点")
    mandate = models.ForeignKey(
        Mandate, models.PROTECT, null=True, blank=True, related_name="opinions", verbose_name="提出意见的代表"
    )
    day = models.DateField("提出日期")
    kind = models.CharField("意见", max_length=6, choices=Kind.choices)
    text = models.TextField("内容和理由")
    wording = models.TextField("建议改成", blank=True)
    confidential = models.BooleanField("要求保密", default=False)
    decision = models.CharField("处理", max_length=7, choices=Decision.choices, blank=True, editable=False)
    decision_note = models.CharField("处理说明", max_length=200, blank=True, editable=False)

    objects = OpinionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "立法意见"
        indexes = [
            models.Index(fields=["draft", "id"], name="opinions_on_a_draft"),
            models.Index(fields=["area_path", "id"], name="opinions_of_an_area"),
        ]

    def __str__(self) -> str:
        return f"立法意见 {self.number}"

    def get_absolute_url(self) -> str:
        return f"/opinions/{self.number}/"

    place = ""  # opinions are taken down at the station

    def person(self) -> "OpinionPerson | None":
        return getattr(self, "giver", None)

    def about(self) -> str:
        return self.article.name if self.article else "全文"

    def clean(self) -> None:
        if self.day is None:
            return
        if self.day > timezone.localdate():
            raise ValidationError({"day": "提出日期不能晚于今天。"})
        if not self.draft.opens_on <= self.day <= self.draft.closes_on:
            span = f"{self.draft.opens_on:%-m月%-d日}到{self.draft.closes_on:%-m月%-d日}"
            raise ValidationError({"day": f"征求意见的时间是{span}，请检查日期。"})
        if (
            self.mandate
            and self.station_id
            and not speakers([self.station], self.day).filter(pk=self.mandate.pk).exists()
        ):
            name = self.mandate.deputy.name
            raise ValidationError({"day": f"{name}这一天不在这个站点履职，请核对日期和代表。"})

    def take_down(self, *, by: Post, name: str = "", phone: str = "", address: str = "") -> "Opinion":
        """Enter the opinion with the person who gave it. Who gives no name stays unnamed, a deputy is the mandate.

        Raises NotAllowed where the draft asks no more, or never went to this station.
        """
        with self._asked():
            if not self.draft.addressed.filter(station=self.station_id).exists():
                raise NotAllowed(f"{self.draft}没有发到{self.station}，不能在这里登记。")
            self.area = self.station.area
            year = f"{timezone.localdate():%Y}"
            self.number = f"YJ{year}-{Sequence.objects.next(f'opinion:{year}'):05d}"
            self.enter(by=by)
            if name:
                OpinionPerson.objects.create(opinion=self, name=name, phone=phone, address=address)
        return self

    @contextmanager
    def _asked(self) -> Iterator[None]:
        """The draft stays open until the deed is done. Raises NotAllowed where it asks no more."""
        with transaction.atomic():
            self.draft = Draft.objects.select_for_update(of=("self",), no_key=True).get(pk=self.draft_id)
            self.draft.refuse_unless_open()
            yield

    def refuse_correction(self) -> None:
        self.draft.refuse_unless_open()
        if self.voided_at is not None:
            raise NotAllowed(f"{self}已经作废。要改请先恢复。")

    def correct(self, *, by: Post, version: int | None, person: dict[str, str] | None, **fields: Any) -> bool:
        """Correct what was taken down, and who said it (None: leave it); False where nothing differs."""
        with self._asked():
            self.refuse_correction()
            changed = self.amend(by=by, version=version, **fields)
            kept = self.person()
            before = {name: getattr(kept, name, "") for name in ("name", "phone", "address")}
            if person is None or person == before:
                return changed
            if kept is None:
                OpinionPerson.objects.create(opinion=self, **person)
            elif person["name"]:
                OpinionPerson.objects.filter(pk=kept.pk).update(**person)
            else:  # the person wants no name there any more
                kept.delete()
            self.mark("amend_person", by=by)
        return True

    def void(self, *, by: Post, note: str, version: int | None = None) -> None:
        with self._asked():
            super().void(by=by, note=note, version=version)

    def restore(self, *, by: Post, note: str = "", version: int | None = None) -> None:
        with self._asked():
            super().restore(by=by, note=note, version=version)

    def decide(self, decision: str, *, by: Post, note: str, version: int | None = None) -> None:
        """Say what became of it. May be said again: the record keeps what was said before."""
        if self.voided_at is not None:
            raise NotAllowed(f"{self}已经作废，不用写处理结果。")
        if decision == self.Decision.NOT_ADOPTED and not note:
            raise NotAllowed("不采纳要写明理由。")
        self.amend(by=by, version=version, note=note, deed="decide", decision=decision, decision_note=note)


class OpinionPerson(models.Model):
    """Who gave the opinion. Apart from it, so that it can be anonymised and the figures stay."""

    opinion = models.OneToOneField(Opinion, models.PROTECT, related_name="giver")
    name = models.CharField("姓名", max_length=15)
    phone = models.CharField("手机", max_length=20, blank=True)
    address = models.CharField("单位或住址", max_length=60, blank=True)
    anonymized_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "提出意见的人"

    def __str__(self) -> str:
        return f"提出意见的人 {self.pk}"
