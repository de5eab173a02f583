"""跟单: the deputy's thread on a request. It runs beside what departments do, and holds up nothing."""

from datetime import date
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from deputies.models import Mandate
from liaison.accounts.models import Post, Role
from liaison.core.apart import Apart
from liaison.core.models import Attachment, AuditEntry
from liaison.core.workflow import NotAllowed, Voidable
from suggestions.workflow import OPEN_ORDERS, RequestState
from visits.models import Visit

from .order import Order
from .request import Request


class FollowUpQuerySet(models.QuerySet["FollowUp"]):
    def visible_to(self, post: Post | None) -> "FollowUpQuerySet":
        """Who sees the request; a department only hears what the deputy urges, for a thread may name who asked."""
        if post is None or post.role == Role.UNIT:
            return self.none()
        return self.filter(request__in=Apart(Request.objects.visible_to(post)))

    def files_visible_to(self, post: Post | None) -> "FollowUpQuerySet":
        """Photos may show a home: as those of a visit, not for auditors, nor for the office where confidence was asked."""
        if post is None or post.role == Role.AUDITOR:
            return self.none()
        seen = self.visible_to(post)
        return seen.filter(request__confidential=False) if post.role == Role.OFFICE else seen

    def standing(self) -> "FollowUpQuerySet":
        return self.filter(voided_at=None)


class FollowUp(Voidable):
    """One thing that a deputy did about a request, written down by the deputy or by the station."""

    class Kind(models.TextChoices):
        VISIT = "VISIT", "到现场"
        CALL = "CALL", "打电话"
        MEET = "MEET", "约见部门"
        URGE = "URGE", "催办"
        COMMENT = "COMMENT", "对答复的意见"

    class View(models.TextChoices):
        AGREE = "AGREE", "同意办结"
        AGAIN = "AGAIN", "还要再办"

    PRIVATE_FIELDS = ("text",)
    MOST_PHOTOS = Visit.MOST_PHOTOS

    request = models.ForeignKey(Request, models.PROTECT, related_name="followups", verbose_name="诉求")
    round = models.PositiveSmallIntegerField("第几次办理", editable=False)
    mandate = models.ForeignKey(Mandate, models.PROTECT, related_name="followups", verbose_name="代表")
    kind = models.CharField("方式", max_length=7, choices=Kind.choices)
    view = models.CharField("我的意见", max_length=5, choices=View.choices, blank=True)
    text = models.TextField("情况", blank=True)
    day = models.DateField("日期")
    by = models.ForeignKey(Post, models.PROTECT, related_name="+", editable=False)

    objects = FollowUpQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "跟单"

    def __str__(self) -> str:
        return f"跟单 {self.get_kind_display()}"

    def get_absolute_url(self) -> str:
        return f"{self.request.get_absolute_url()}#follow-{self.pk}"

    @property
    def area_path(self) -> str:
        return self.request.area_path

    @property
    def confidential(self) -> bool:
        return self.request.confidential

    @property
    def is_taken_down(self) -> bool:
        """By the station, for the deputy. Reads what `select_related("by")` brought."""
        return self.by.role == Role.STATION

    def enter(  # type: ignore[override]
        self,
        *,
        by: Post,
        note: str = "",
        data: dict[str, Any] | None = None,
        urged: Order | None = None,
        version: int | None = None,
    ) -> "FollowUp":
        """Write it down. Raises NotAllowed with the sentence that says why not. To urge also urges the open orders.

        `urged`: that order alone, by its own button; `version` is that of the order's page.
        """
        with transaction.atomic():
            rows = Request.objects.select_for_update(of=("self",), no_key=True)
            self.request = rows.get(pk=self.request_id)
            if refusal := why_no_follow_up(self.request):
                raise NotAllowed(refusal)
            self._check(by, timezone.localdate())
            self.by, self.round = by, self.request.round
            super().enter(by=by, note=note, data=data)
            if urged is not None:
                urged.urge(by=by, note=self.text, version=version)
            elif self.kind == self.Kind.URGE:
                for order in owing(self.request):
                    order.urge(by=by, note=self.text)
            self._date_request(by)
        return self

    def _check(self, by: Post, today: date) -> None:
        if self.mandate not in followers_of(self.request, by):
            raise NotAllowed("跟单由跟单代表、接待代表来记，或由联络站代记。")
        if self.day > today:
            raise NotAllowed("跟单日期不能晚于今天。")
        if self.day < self.request.received_on:
            raise NotAllowed(f"{self.request.received_on:%-m月%-d日}才登记，跟单日期不能早于这一天。")
        answered = bool(self.request.replied_on)
        if self.kind == self.Kind.COMMENT and not self.view:
            raise NotAllowed("请选您的意见：同意办结，还是还要再办。")
        if self.view and not answered:
            raise NotAllowed("部门还没有答复，答复以后再写对答复的意见。")
        if self.kind == self.Kind.URGE and not owing(self.request).exists():
            raise NotAllowed("现在没有在办的派单，不用催办。")
        if self.kind not in (self.Kind.URGE, self.Kind.COMMENT) and not self.text:
            raise NotAllowed("请写看到、听到的情况。")

    def void(self, *, by: Post, note: str, version: int | None = None) -> None:
        with transaction.atomic():
            super().void(by=by, note=note, version=version)
            self._date_request(by)

    def restore(self, *, by: Post, note: str = "", version: int | None = None) -> None:
        with transaction.atomic():
            super().restore(by=by, note=note, version=version)
            self._date_request(by)

    def _date_request(self, by: Post) -> None:
        """The day of the first one that stands. Beside the version: who works on the request is not to be held up."""
        held = Request.objects.select_for_update(of=("self",), no_key=True).get(pk=self.request_id)
        standing = FollowUp.objects.standing().filter(request=self.request_id)
        first = standing.aggregate(day=models.Min("day"))["day"]
        if first != held.followed_on:
            before = held.columns_now()
            held.followed_on = first
            held.save(update_fields=["followed_on"])
            AuditEntry.objects.record(held, "followed", by=by, was=held.changed_since(before))

    def photo_refusal(self) -> str:
        """Why no photo can be added now; empty where one can."""
        if self.voided_at is not None:
            return f"{self}已经作废，不能加照片。"
        if Attachment.objects.of(self).count() >= self.MOST_PHOTOS:
            return f"一次跟单最多 {self.MOST_PHOTOS} 张照片，这一次已经满了。"
        return ""

    def is_kept_by(self, post: Post) -> bool:
        """May `post` void it? Who wrote it down, the deputy whose it is, and the station."""
        if post.role == Role.STATION or self.by_id == post.pk:
            return True
        return post.role == Role.DEPUTY and self.mandate.deputy.user_id == post.user_id


def why_no_follow_up(request: Request) -> str:
    """Why nothing can be followed up now; empty where it can."""
    if request.state == RequestState.WITHDRAWN:
        return "反映人已撤回，不用再跟单。"
    if request.answering.dispatched_on is None:
        return "这件诉求没有派单，派单以后才能记跟单。"
    return ""


def followers_of(request: Request, post: Post) -> list[Mandate]:
    """Whose follow-up `post` may write down: one's own as follower or receiver; the station: either of theirs."""
    received = request.visit.received_by if request.visit else None
    both = [
        one for one in dict.fromkeys([request.follower, received]) if one and request.may_be_followed_by(one)
    ]
    if post.role == Role.STATION:
        return both
    return [one for one in both if post.role == Role.DEPUTY and one.deputy.user_id == post.user_id]


def owing(request: Request) -> models.QuerySet[Order]:
    """The open orders of those who owe the answer."""
    open_ones = request.orders_of_round.filter(state__in=OPEN_ORDERS)
    return open_ones.exclude(share=Order.Share.HELPER).select_related("department")
