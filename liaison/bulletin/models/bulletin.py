"""联络动态: the bulletin of an office. Composed from published items, each in the bulletin's own words if need be.

Its number is given when it is issued, running on through the years, each once and without a gap (第 13 期). PDF and Word
document are made in the same transaction and kept: what was issued can be had again byte for byte, with its SHA-256.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from liaison.accounts.models import Post, Role
from liaison.bulletin.printing import FORMS, Article, Issue, Part, printed
from liaison.bulletin.workflow import BULLETIN_FLOW, BulletinState
from liaison.core.masking import numbers_in
from liaison.core.models import Attachment
from liaison.core.models import Sequence as Series
from liaison.core.places import InArea, inside
from liaison.core.workflow import Moving, NotAllowed, step

from .news import NewsItem, NewsState, personal_data

TITLE = "联络动态"
MOST_ITEMS = 40
HOLDING = (BulletinState.DRAFT, BulletinState.ISSUED)  # of the others the items are free


class BulletinQuerySet(models.QuerySet["Bulletin"]):
    def visible_to(self, post: Post | None) -> "BulletinQuerySet":
        """Offices and auditors: those of the area. Stations and deputies: what the offices above them have issued."""
        if post is None:
            return self.none()
        match post.role:
            case Role.OFFICE | Role.AUDITOR:
                return self.filter(inside(post.area))
            case Role.STATION | Role.DEPUTY:
                return self.public().filter(area_path__in=post.area.path_and_above)
            case _:
                return self.none()

    def public(self) -> "BulletinQuerySet":
        return self.filter(state=BulletinState.ISSUED)

    def numbered(self) -> "BulletinQuerySet":
        """Those that have their number, be they withdrawn since."""
        return self.filter(number__isnull=False)

    def of_series(self, bulletin: "Bulletin") -> "BulletinQuerySet":
        return self.filter(area=bulletin.area_id, title=bulletin.title)


@dataclass(frozen=True)
class Placed:
    """An item as it is to stand in a bulletin: `line` that is there already, under a section ("" : none)."""

    line: "BulletinItem"
    section: str = ""


class Bulletin(InArea, Moving):
    """One issue. What it says of who issued it is written by hand, as offices do; nothing of it is worked out."""

    State = BulletinState
    FLOW = BULLETIN_FLOW
    DEEDS = {
        "enter": "开始编印",
        "amend": "改刊头",
        "compose": "编排",
        "reword": "改这一期里的文字",
        "attach": "固定印发的文件",
    }

    title = models.CharField("刊名", max_length=20, default=TITLE)
    number = models.PositiveIntegerField("期号", null=True, editable=False)
    issuer = models.CharField("编印单位", max_length=60)
    foreword = models.TextField("编者按", blank=True)
    editor = models.CharField("编辑", max_length=20, blank=True)
    reviewer = models.CharField("审核", max_length=20, blank=True)
    signer = models.CharField("签发", max_length=20, blank=True)
    report_to = models.CharField("报", max_length=200, blank=True)
    send_to = models.CharField("送", max_length=200, blank=True)
    issued_on = models.DateField("印发日期", null=True, editable=False)
    reason = models.CharField("撤回的原因", max_length=200, blank=True, editable=False)
    state = models.CharField(
        "状态", max_length=9, choices=BulletinState.choices, default=BulletinState.DRAFT, editable=False
    )

    objects = BulletinQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "动态期刊"
        constraints = [
            models.UniqueConstraint(fields=["area", "title", "number"], name="an_issue_has_its_own_number"),
            models.CheckConstraint(
                condition=Q(state__in=("DRAFT", "DROPPED"), number=None, issued_on=None)
                | Q(state__in=("ISSUED", "WITHDRAWN"), number__isnull=False, issued_on__isnull=False),
                name="what_is_issued_has_a_number",
            ),
        ]
        indexes = [
            models.Index(fields=["area_path", "-id"], name="bulletins_of_an_area"),
            models.Index(
                fields=["-issued_on", "-id"], condition=Q(state=BulletinState.ISSUED), name="bulletins_issued"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} 第 {self.number} 期" if self.number else f"{self.title}（未编号）"

    def get_absolute_url(self) -> str:
        return f"/bulletins/{self.pk}/"

    def is_kept_by(self, post: Post) -> bool:
        """An office edits and issues its own; those above it look on."""
        return post.role == Role.OFFICE and post.area_id == self.area_id

    def refusal(self, name: str, by: Post) -> str:
        if refusal := super().refusal(name, by):
            return refusal
        return (
            ""
            if self.is_kept_by(by)
            else f"这一期由{self.area.name}编印，您可以看，不能{self.FLOW[name].label}。"
        )

    def edit_refusal(self, by: Post) -> str:
        """Why `by` may not change what stands in it; empty where it may."""
        if not self.is_kept_by(by):
            return f"这一期由{self.area.name}编印，您可以看，不能改。"
        if self.state != BulletinState.DRAFT:
            return f"“{self}”现在是“{self.get_state_display()}”，内容不能再改。"
        return ""

    @property
    def series(self) -> str:
        """The series that its number is of: of an area and a title, for all years."""
        return f"bulletin:{self.area.code}:{self.title}"

    @property
    def begins_series(self) -> bool:
        """None of this title was issued here yet: the number to begin with may be chosen."""
        return not Bulletin.objects.of_series(self).numbered().exists()

    def in_order(self) -> "models.QuerySet[BulletinItem]":
        return self.items.select_related("news__station").order_by("position", "pk")

    def candidates(self) -> "models.QuerySet[NewsItem]":
        """Published items of the area that stand in no other issue of this title that holds; the newest first."""
        taken = BulletinItem.objects.filter(
            bulletin__in=Bulletin.objects.of_series(self), bulletin__state__in=HOLDING
        )
        rows = NewsItem.objects.public().filter(inside(self.area)).exclude(pk__in=taken.values("news"))
        return rows.select_related("station").order_by("-published_on", "-pk")

    # --- Composing ---

    def start(self, *, by: Post, news: Sequence[NewsItem] = ()) -> "Bulletin":
        """Enter a draft, with items to begin with."""
        with transaction.atomic():
            self.enter(by=by)
            if news:
                self.compose([], news, by=by)
        return self

    def head(self, *, by: Post, version: int | None = None, **fields: Any) -> bool:
        """Change what stands around the items; False where nothing differs."""
        with transaction.atomic():
            self._hold_draft(by)
            return self.amend(by=by, version=version, **fields)

    def compose(
        self,
        placed: Sequence[Placed],
        add: Sequence[NewsItem] = (),
        *,
        by: Post,
        version: int | None = None,
    ) -> None:
        """Lay down which items stand in it, in which order: `placed` of those it has, then `add` in its own words.

        What is not named goes out of it. Raises NotAllowed where it is issued, or an item cannot stand in it.
        """
        with transaction.atomic():
            self._hold_draft(by)
            if len(placed) + len(add) > MOST_ITEMS:
                raise NotAllowed(f"一期最多 {MOST_ITEMS} 篇，请少选几篇。")
            _hold([one.pk for one in add])  # two who compose at once do not both take it
            if lost := {one.pk for one in add} - set(self.candidates().values_list("pk", flat=True)):
                named = "、".join(f"“{one}”" for one in add if one.pk in lost)
                raise NotAllowed(f"{named}不在可以选用的动态里，可能刚被撤下，或已编入别的一期。请重新选。")
            kept = {one.line.pk for one in placed}
            self.items.exclude(pk__in=kept).delete()  # a draft: nothing of record
            for position, one in enumerate(placed, 1):
                self.items.filter(pk=one.line.pk).update(position=position, section=one.section)
            BulletinItem.objects.bulk_create(
                BulletinItem(bulletin=self, news=one, position=position, title=one.title, text=one.text)
                for position, one in enumerate(add, len(placed) + 1)
            )
            numbers = [line.news.number for line in self.in_order()]
            self.mark("compose", by=by, version=version, data={"items": numbers})

    def reword(
        self, line: "BulletinItem", *, title: str, text: str, section: str, by: Post, version: int | None
    ) -> None:
        """Other words for an item in this bulletin; the item itself stays as it was published."""
        with transaction.atomic():
            self._hold_draft(by)
            rows = self.items.filter(pk=line.pk)
            if not rows.update(title=title, text=text, section=section):
                raise NotAllowed("这一篇刚被移出，请回到这一期看看。")
            self.mark("reword", by=by, version=version, note=title, data={"item": line.news.number})

    def _hold_draft(self, by: Post) -> None:
        rows = Bulletin.objects.select_for_update(of=("self",), no_key=True).select_related("area")
        if refusal := rows.get(pk=self.pk).edit_refusal(by):
            raise NotAllowed(refusal)

    # --- Steps: one for each row of BULLETIN_FLOW ---

    @step
    def issue(
        self, *, by: Post, note: str, issued_on: date, first_number: int | None = None
    ) -> Callable[[], None]:
        """Number it and keep its files. `first_number`: for the first of its title here, when earlier ones were on paper."""
        if issued_on > timezone.localdate():
            raise NotAllowed("印发日期不能晚于今天。")
        self._refuse_faults()
        number = Series.objects.next(self.series)  # from here on who issues another of this title waits
        last = Bulletin.objects.of_series(self).numbered().order_by("-number").first()
        if last is None:
            number = max(number, first_number or number)
            Series.objects.reach({self.series: number})
        elif first_number:
            raise NotAllowed(f"上一期是第 {last.number} 期，期号接着排，不用填。")
        elif last.issued_on and issued_on < last.issued_on:
            raise NotAllowed(f"上一期是{last.issued_on:%Y年%-m月%-d日}印发的，印发日期不能更早。")
        self.number = number
        self.issued_on = issued_on
        return lambda: self._keep_files(by)

    @step
    def drop(self, *, by: Post, note: str) -> None:
        """Its items are free for another."""

    @step
    def withdraw(self, *, by: Post, note: str) -> None:
        """Nobody but the offices has it any more. The number stays taken; its items are free for another."""
        if not note:
            raise NotAllowed("请写明为什么撤回。")
        self.reason = note

    def _refuse_faults(self) -> None:
        _hold(self.items.values_list("news", flat=True))  # nobody withdraws one meanwhile
        lines = list(self.in_order())
        if not lines:
            raise NotAllowed("还没有选动态，不能印发。")
        if gone := [line for line in lines if line.news.state != NewsState.PUBLISHED]:
            raise NotAllowed(f"“{gone[0]}”已经撤下，请把它移出这一期。")
        if found := numbers_in("\n".join([self.foreword, self.report_to, self.send_to])):
            raise NotAllowed(f"编者按和报送单位里有{'、'.join(found)}，请删去。")
        for line in lines:
            if found := personal_data(line.news, self.foreword, line.section, line.title, line.text):
                raise NotAllowed(f"“{line}”里有{'、'.join(found)}，请删去。")

    def _keep_files(self, by: Post) -> None:
        issue = self.as_issue()
        for form, content_type in FORMS.items():
            made = printed(issue, form)
            upload = SimpleUploadedFile(f"{self.title}{self.number}.{form}", made, content_type)
            Attachment.objects.keep_paper(self, upload, by=by, public=True)

    def as_issue(self) -> Issue:
        """What is printed of it, as plain words."""
        parts = [
            Part(section, tuple(Article(line.title, line.text, str(line.news.station)) for line in lines))
            for section, lines in groupby(self.in_order(), key=lambda line: line.section)
        ]
        return Issue(
            title=self.title,
            number=self.number,
            issuer=self.issuer,
            issued_on=self.issued_on or timezone.localdate(),
            foreword=self.foreword,
            parts=tuple(parts),
            editor=self.editor,
            reviewer=self.reviewer,
            signer=self.signer,
            report_to=self.report_to,
            send_to=self.send_to,
        )

    def file(self, form: str) -> Attachment | None:
        """The file as it was issued; None where it was not, or is no such form."""
        rows = Attachment.objects.of(self).filter(content_type=FORMS.get(form, ""))
        return rows.first() if self.number else None


def _hold(keys: Iterable[int]) -> None:
    """The items with these keys stay as they are until the transaction ends."""
    rows = NewsItem.objects.select_for_update(no_key=True).filter(pk__in=list(keys))
    list(rows.order_by("pk").values_list("pk", flat=True))


class BulletinItem(models.Model):
    """An item in a bulletin, in the bulletin's words, under a section of it or none."""

    bulletin = models.ForeignKey(Bulletin, models.CASCADE, related_name="items", verbose_name="期刊")
    news = models.ForeignKey(NewsItem, models.PROTECT, related_name="in_bulletins", verbose_name="动态")
    position = models.PositiveSmallIntegerField("第几篇")
    section = models.CharField("栏目", max_length=20, blank=True)
    title = models.CharField("标题", max_length=60)
    text = models.TextField("正文")

    class Meta:
        verbose_name = verbose_name_plural = "期刊里的动态"
        constraints = [models.UniqueConstraint(fields=["bulletin", "news"], name="an_item_once_a_bulletin")]

    def __str__(self) -> str:
        return self.title
