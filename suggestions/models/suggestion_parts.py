"""What belongs to a suggestion: its items, who signs it, meetings, marks, and the parties of a key suggestion."""

from typing import Any

from django.db import models
from django.db.models import OuterRef
from django.utils import timezone

from deputies.models import Mandate
from liaison.accounts.models import Post, Role
from liaison.core.masking import PERSON_NAMED, names_in, numbers_in
from liaison.core.workflow import NotAllowed
from suggestions.workflow import SuggestionState

from .department import Department
from .request import Rating
from .suggestion import Suggestion


class SuggestionItem(models.Model):
    """条: one thing that is proposed; may be a matter of some of the departments only."""

    suggestion = models.ForeignKey(Suggestion, models.CASCADE, related_name="items")
    position = models.PositiveSmallIntegerField("第几条")
    text = models.CharField("内容", max_length=300)
    departments = models.ManyToManyField(Department, blank=True, related_name="+", verbose_name="承办单位")

    class Meta:
        verbose_name = verbose_name_plural = "建议的条"
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["suggestion", "position"], name="one_item_a_position"),
        ]

    def __str__(self) -> str:
        return f"第{self.position}条"


class SignerQuerySet(models.QuerySet["Signer"]):
    def asked(self, post: Post) -> "SignerQuerySet":
        """For `Exists` over suggestions: the acting deputy signs, or is asked to, by what has been sent to them."""
        return self.filter(
            suggestion=OuterRef("pk"),
            mandate__deputy__user=post.user_id,
            state__in=(Signer.State.ASKED, Signer.State.CONFIRMED),
        ).exclude(suggestion__state=SuggestionState.DRAFT)


class Signer(models.Model):
    """The lead, and each deputy who was asked to sign too (附议)."""

    class State(models.TextChoices):
        ASKED = "ASKED", "等待确认"
        CONFIRMED = "CONFIRMED", "已确认"
        DECLINED = "DECLINED", "不附议"
        EXPIRED = "EXPIRED", "过期未确认"

    class How(models.TextChoices):
        HAND = "HAND", "当面"
        MAIL = "MAIL", "寄送"
        ONLINE = "ONLINE", "平台"
        RELAYED = "RELAYED", "附议代表同意由领衔代表转送"

    suggestion = models.ForeignKey(Suggestion, models.PROTECT, related_name="signers")
    mandate = models.ForeignKey(Mandate, models.PROTECT, related_name="signed", verbose_name="代表")
    state = models.CharField("状态", max_length=9, choices=State.choices, default=State.ASKED)
    asked_on = models.DateField("邀请日期")
    expires_on = models.DateField("确认期限")
    answered_on = models.DateField("确认日期", null=True)
    delivered_on = models.DateField("送达日期", null=True)
    delivered_how = models.CharField("送达方式", max_length=7, choices=How.choices, blank=True)
    gave_up_on = models.DateField("同意撤回日期", null=True)

    objects = SignerQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "联名代表"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["suggestion", "mandate"], name="one_signature_a_deputy"),
        ]

    def __str__(self) -> str:
        return f"{self.mandate.deputy.name} {self.get_state_display()}"


class Meeting(models.Model):
    """面商 of a department with the deputy, before it replies; or the reason why there was none."""

    class Way(models.TextChoices):
        FACE = "FACE", "当面"
        VIDEO = "VIDEO", "视频"
        PHONE = "PHONE", "电话"
        NONE = "NONE", "没有面商"

    suggestion = models.ForeignKey(Suggestion, models.PROTECT, related_name="meetings")
    round = models.PositiveSmallIntegerField("第几次办理")
    department = models.ForeignKey(Department, models.PROTECT, related_name="+", verbose_name="承办单位")
    on = models.DateField("日期")
    way = models.CharField("方式", max_length=5, choices=Way.choices)
    place = models.CharField("地点", max_length=60, blank=True)
    people = models.CharField("参加人", max_length=100, blank=True)
    said = models.CharField("谈了什么", max_length=500)
    by = models.ForeignKey(Post, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "面商"
        ordering = ["on", "pk"]

    def __str__(self) -> str:
        return f"{self.on:%-m月%-d日} {self.get_way_display()}"


class Evaluation(models.Model):
    """One deputy's marks for one round's answer. `how` says how the office heard them, where it took them down."""

    suggestion = models.ForeignKey(Suggestion, models.PROTECT, related_name="evaluations")
    round = models.PositiveSmallIntegerField("第几次办理")
    mandate = models.ForeignKey(Mandate, models.PROTECT, related_name="+", verbose_name="代表")
    on = models.DateField("评价日期")
    attitude = models.CharField("办理态度", max_length=11, choices=Rating.Mark.choices)
    result = models.CharField("办理结果", max_length=11, choices=Rating.Mark.choices)
    reason = models.CharField("哪里不满意", max_length=500, blank=True)
    how = models.CharField("怎样代记", max_length=7, choices=Rating.How.choices, blank=True)
    by = models.ForeignKey(Post, models.PROTECT, null=True, related_name="+", verbose_name="登记人")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "代表评价"
        ordering = ["round", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["suggestion", "round", "mandate"], name="one_evaluation_a_deputy_a_round"
            ),
        ]

    def __str__(self) -> str:
        return f"第{self.round}次办理：{self.get_result_display()}"


# --- 五办联动: the five parties of a key suggestion ---


class Party(models.Model):
    """Who does which part for a key suggestion. A department named here sees it and writes its own entries."""

    class Part(models.TextChoices):
        CHAIR = "CHAIR", "督办（人大常委会副主任）"
        MAYOR = "MAYOR", "领办（政府副职）"
        COMMITTEE = "COMMITTEE", "督办（人大专委、工委）"
        URGE = "URGE", "催办（政府办）"
        HANDLE = "HANDLE", "承办（承办单位）"

    suggestion = models.ForeignKey(Suggestion, models.PROTECT, related_name="parties")
    part = models.CharField("分工", max_length=9, choices=Part.choices)
    name = models.CharField("姓名或机构", max_length=60)
    department = models.ForeignKey(
        Department, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="单位"
    )

    class Meta:
        verbose_name = verbose_name_plural = "五办"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["suggestion", "part"], name="one_party_a_part"),
        ]

    def __str__(self) -> str:
        return f"{self.get_part_display()}：{self.name}"

    def is_written_by(self, post: Post) -> bool:
        """May `post`, who sees the suggestion, write an entry for this party?"""
        if post.role == Role.OFFICE:
            return True
        if post.role != Role.UNIT or self.department_id is None:
            return False
        own = Department.objects.of(post, timezone.localdate())
        return own.filter(pk=self.department_id).exists()

    def write(self, *, by: Post, on: Any, text: str) -> "PartyEntry":
        """An entry of a day: what this party did."""
        if not self.is_written_by(by):
            raise NotAllowed("这一栏由人大机关或这个单位填写。")
        if on > timezone.localdate():
            raise NotAllowed("日期不能晚于今天。")
        self.suggestion.mark("supervise", by=by, note=f"{self.get_part_display()}：{text}"[:200])
        return PartyEntry.objects.create(party=self, on=on, text=text, by=by)


class PartyEntry(models.Model):
    party = models.ForeignKey(Party, models.PROTECT, related_name="entries")
    on = models.DateField("日期")
    text = models.CharField("做了什么", max_length=500)
    by = models.ForeignKey(Post, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "五办记录"
        ordering = ["on", "pk"]

    def __str__(self) -> str:
        return f"{self.on:%-m月%-d日} {self.party.name}"


# --- What must not be published ---


def personal_data(suggestion: Suggestion, *texts: str) -> list[str]:
    """What in `texts` names or numbers a person: phones, identity numbers, the citizens of its requests.

    Says the kind and the place, never the thing itself. Full-width digits count as digits.
    """
    text = "\n".join(texts)
    visits = suggestion.requests.filter(visit__visitor__isnull=False)
    named = names_in(text, visits.values_list("visit__visitor__name", flat=True))
    return [*numbers_in(text), *([PERSON_NAMED] if named else [])]
