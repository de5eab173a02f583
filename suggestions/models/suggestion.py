"""Suggestions of deputies: 建议, 议案, 批评, 意见, from the draft over the departments' reply to the archive.

A suggestion is of one piece (件) with numbered items (条). Who signs it, when departments met the deputy, how each
signer marked it and the parties of a key suggestion stand in rows of their own (`suggestion_parts`).
"""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from deputies.models import CongressSession, Level, Mandate, StationAssignment, Term
from liaison.accounts.models import Post, Role
from liaison.core.apart import Apart
from liaison.core.models import OutboxMessage
from liaison.core.models import Sequence as Series
from liaison.core.places import inside
from liaison.core.policy import Policy, policy_for
from liaison.core.workdays import Deadline, Workdays
from liaison.core.workflow import NotAllowed, step
from stations.models import Station
from suggestions.workflow import (
    ANSWERED,
    ANSWERED_ORDERS,
    BEFORE_REPLY,
    OPEN_ORDERS,
    SUGGESTION_FLOW,
    WITH_DEPARTMENTS,
    WRITABLE,
    OrderState,
    SuggestionState,
)
from visits.models import Category

from .case import Case
from .department import Department
from .request import Rating, Request

UNSENT = (SuggestionState.DRAFT, SuggestionState.COSIGNING)
LEAD_ONLY = (
    "invite",
    "submit",
    "object",
    "evaluate",
    "ask_withdrawal",
)  # of the deputies, the one in the lead
NUMBERING = re.compile(r"^\s*(?:[(（]?\d{1,2}[)）.、．]|[(（]?[一二三四五六七八九十]{1,3}[)）、．.])\s*")


class SuggestionQuerySet(models.QuerySet["Suggestion"]):
    def visible_to(self, post: Post | None) -> "SuggestionQuerySet":
        """What deputies have not sent is their own. Then: the area's; a department's own; a station's, of its deputies."""
        if post is None:
            return self.none()
        match post.role:
            case Role.OFFICE | Role.AUDITOR:
                return self.filter(inside(post.area)).exclude(state__in=UNSENT, on_paper=False)
            case Role.DEPUTY:
                return self.filter(Q(lead__deputy__user=post.user_id) | Exists(Signer.objects.asked(post)))
            case Role.STATION:
                placed = StationAssignment.objects.current(timezone.localdate()).filter(
                    station__in=Apart(Station.objects.visible_to(post)), mandate=OuterRef("lead")
                )
                return self.exclude(state__in=WRITABLE).filter(Exists(placed))
            case Role.UNIT:
                own = Apart(Department.objects.of(post, timezone.localdate()))
                return self.filter(
                    Q(pk__in=Order.objects.filter(department__in=own).values("suggestion"))
                    | Q(pk__in=Party.objects.filter(department__in=own).values("suggestion"))
                )
            case _:
                return self.none()

    def public(self) -> "SuggestionQuerySet":
        """Published in shortened form: for anybody."""
        return self.filter(published_on__isnull=False)

    def to_answer(self) -> "SuggestionQuerySet":
        """A department owes an answer."""
        return self.filter(state__in=WITH_DEPARTMENTS)

    def overdue(self, on: date) -> "SuggestionQuerySet":
        return self.to_answer().filter(due_on__lt=on)

    def promised(self, on: date) -> "SuggestionQuerySet":
        """The promised day has come: was it kept?"""
        return self.filter(state=SuggestionState.TRACKING, promised_on__lte=on)

    def disputed(self) -> "SuggestionQuerySet":
        """The deputy objects to the assignment; the office has not answered."""
        return self.filter(state__in=(SuggestionState.ASSIGNED, SuggestionState.HANDLING)).exclude(
            objection=""
        )

    def to_deliver(self, post: Post) -> "SuggestionQuerySet":
        """The reply is countersigned, the deputies do not have it yet; for a department: that it owed."""
        rows = self.filter(state=SuggestionState.REPLIED)
        if post.role != Role.UNIT:
            return rows
        own = Apart(Department.objects.of(post, timezone.localdate()))
        owed = Order.objects.filter(suggestion=OuterRef("pk"), department__in=own, state=OrderState.REPLIED)
        return rows.filter(Exists(owed))

    def found_wanting(self) -> "SuggestionQuerySet":
        """The lead deputy is not content, and nobody has taken it up again: the office decides what comes next."""
        return self.filter(state=SuggestionState.EVALUATED, result=Rating.Mark.UNSATISFIED)

    def waiting_for(self, post: Post, on: date) -> "SuggestionQuerySet":
        """What waits for the deputy who acts: to sign too, to agree that it is withdrawn; as the lead to mend, to mark."""
        asked = Signer.objects.filter(
            suggestion=OuterRef("pk"),
            mandate__deputy__user=post.user_id,
            state=Signer.State.ASKED,
            expires_on__gte=on,
        )
        to_sign = Q(Exists(asked), state=SuggestionState.COSIGNING)
        signed = Signer.objects.filter(
            suggestion=OuterRef("pk"),
            mandate__deputy__user=post.user_id,
            state=Signer.State.CONFIRMED,
            gave_up_on=None,
        )
        to_give_up = Q(Exists(signed), state__in=BEFORE_REPLY, withdrawal_asked_on__isnull=False) & ~Q(
            lead__deputy__user=post.user_id
        )
        as_lead = Q(
            state__in=(SuggestionState.RETURNED, SuggestionState.DELIVERED), lead__deputy__user=post.user_id
        )
        return self.filter(to_sign | to_give_up | as_lead)

    def search(self, text: str) -> "SuggestionQuerySet":
        return self.filter(Q(number=text) | Q(title__contains=text) | Q(text__contains=text))


class Suggestion(Case):
    """建议: deputies propose, departments answer, deputies mark the answer.

    `area` is that of the congress it is addressed to, `term` the one of the lead deputy: it stays with that deputy
    when a new congress is elected. Without `session` it came in recess.
    """

    class Kind(models.TextChoices):
        SUGGESTION = "SUGGESTION", "建议"
        MOTION = "MOTION", "议案"
        CRITICISM = "CRITICISM", "批评"
        OPINION = "OPINION", "意见"

    class Refused(models.TextChoices):
        """Why it is not accepted: the union of the lists of Shanghai and Shenzhen, and faults of form."""

        POWERS = "POWERS", "不属于本行政区域或本级机关职权"
        OWN = "OWN", "代表本人、亲属或本单位的个别事务"
        COURT = "COURT", "具体的司法、仲裁案件"
        REPORT = "REPORT", "检举、申诉、控告"
        LETTER = "LETTER", "转递群众信函"
        PROMOTION = "PROMOTION", "学术探讨、产品推介"
        EMPTY = "EMPTY", "没有实际内容"
        ILLEGAL = "ILLEGAL", "与法律法规相抵触"
        FORM = "FORM", "一件多事、内容过简等，请改好再提"

    PRIVATE_FIELDS = ("title", "text", "public_title", "public_text", "public_reply")
    COUNTED = ("answer_class",)
    State = SuggestionState
    FLOW = SUGGESTION_FLOW

    number = models.CharField("编号", max_length=20, blank=True, editable=False)
    kind = models.CharField("类型", max_length=10, choices=Kind.choices, default=Kind.SUGGESTION)
    title = models.CharField("标题", max_length=60, help_text="一事一议：写明什么事、希望怎样")
    text = models.TextField("情况和理由")
    category = models.ForeignKey(Category, models.PROTECT, null=True, blank=True, verbose_name="类别")
    term = models.ForeignKey(Term, models.PROTECT, related_name="suggestions", verbose_name="届次")
    session = models.ForeignKey(
        CongressSession,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="suggestions",
        verbose_name="会议",
        help_text="不选就是闭会期间提出",
    )
    lead = models.ForeignKey(Mandate, models.PROTECT, related_name="suggestions", verbose_name="领衔代表")
    requests = models.ManyToManyField(
        Request, blank=True, related_name="suggestions", verbose_name="来自哪些诉求"
    )
    proposed = models.ForeignKey(
        Department,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="建议承办单位",
        help_text="您认为应由哪个单位办理，可以不填",
    )
    publishable = models.BooleanField(
        "同意公开", default=False, help_text="人大机关可以公开摘要，不写任何个人信息"
    )
    on_paper = models.BooleanField("书面提出、机关代录", default=False, editable=False)
    round = models.PositiveSmallIntegerField("第几次办理", default=1, editable=False)
    department = models.ForeignKey(
        Department, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="主办单位"
    )
    complex = models.BooleanField("涉及面广、办理难度大", default=False, editable=False)
    refused = models.CharField(
        "不予受理的原因", max_length=9, choices=Refused.choices, blank=True, editable=False
    )
    objection = models.CharField("对交办的异议", max_length=200, blank=True, editable=False)
    objected_to = models.ForeignKey(
        Department, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="希望改由"
    )
    answer_class = models.CharField("答复类别", max_length=1, blank=True, editable=False)
    result = models.CharField(
        "领衔代表的评价", max_length=11, choices=Rating.Mark.choices, blank=True, editable=False
    )
    written_on = models.DateField("起草日期", default=timezone.localdate, editable=False)
    assign_by = models.DateField("交办期限", null=True, editable=False)
    due_on = models.DateField("答复期限", null=True, editable=False)
    promised_on = models.DateField("承诺日期", null=True, editable=False)
    submitted_on = models.DateField("提出日期", null=True, editable=False)
    accepted_on = models.DateField("受理日期", null=True, editable=False)
    assigned_on = models.DateField("交办日期", null=True, editable=False)
    replied_on = models.DateField("答复日期", null=True, editable=False)
    delivered_on = models.DateField("送达日期", null=True, editable=False)
    evaluated_on = models.DateField("评价日期", null=True, editable=False)
    closed_on = models.DateField("办结日期", null=True, editable=False)
    withdrawal_asked_on = models.DateField("申请撤回日期", null=True, editable=False)
    key_on = models.DateField("列为重点的日期", null=True, editable=False)
    key_by = models.CharField("由哪次会议决定", max_length=60, blank=True, editable=False)
    praised_on = models.DateField("评为优秀的日期", null=True, editable=False)
    published_on = models.DateField("公开日期", null=True, editable=False)
    public_title = models.CharField("公开的标题", max_length=60, blank=True, editable=False)
    public_text = models.TextField("公开的摘要", blank=True, editable=False)
    public_reply = models.TextField("公开的答复摘要", blank=True, editable=False)
    state = models.CharField(
        "状态",
        max_length=11,
        choices=SuggestionState.choices,
        default=SuggestionState.DRAFT,
        editable=False,
    )

    objects = SuggestionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "建议"
        constraints = [
            models.UniqueConstraint(
                fields=["number"], condition=~Q(number=""), name="one_suggestion_a_number"
            ),
        ]
        indexes = [
            models.Index(fields=["area_path", "written_on", "id"], name="suggestions_of_an_area"),
            models.Index(
                fields=["area_path", "due_on"],
                condition=Q(state__in=WITH_DEPARTMENTS),
                name="suggestions_in_hand",
            ),
            models.Index(
                fields=["published_on", "id"],
                condition=Q(published_on__isnull=False),
                name="suggestions_published",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}" if self.number else f"《{self.title}》"

    def get_absolute_url(self) -> str:
        return f"/suggestions/{self.pk}/"

    confidential = False  # what deputies propose is said in public; see shown_words

    def shows_answer(self, order: "Order", post: Post) -> bool:
        """Deputies and stations read what was countersigned and delivered, and no co-handler's opinion."""
        if post.role in (Role.OFFICE, Role.AUDITOR, Role.UNIT):
            return True
        given = order.round < self.round or self.state in ANSWERED
        return given and order.share != Order.Share.HELPER

    def wanted_of(self, post: Post) -> str:
        """What a deputy is asked to do who finds it in `waiting_for`."""
        match self.state:
            case SuggestionState.DELIVERED:
                return "请您评价"
            case SuggestionState.RETURNED if self.lead.deputy.user_id == post.user_id:
                return "退回了，请您改好再提"
            case _ if self.withdrawal_asked_on is not None:
                return "请您同意撤回"
            case _:
                return "请您确认附议"

    @property
    def is_key(self) -> bool:
        return self.key_on is not None

    @property
    def is_answered(self) -> bool:
        """The deputies have the reply, or had one in an earlier round."""
        return self.state in ANSWERED or self.delivered_on is not None

    # --- Writing: the deputy, or the office for a deputy who handed in paper ---

    def enter(self, *, by: Post | None, note: str = "", data: dict[str, Any] | None = None) -> "Suggestion":
        """A draft of the lead deputy, to the congress that the deputy sits in."""
        with transaction.atomic(savepoint=False):
            self.term = self.lead.term
            area = self.term.congress.area
            if area is None:
                raise NotAllowed("全国人大代表的建议请在全国人大的平台上提出。")
            self.area = area
            self._refuse_session()
            self.on_paper = by is not None and by.role == Role.OFFICE
            super().enter(by=by, note=note, data=data)
            Signer(
                suggestion=self,
                mandate=self.lead,
                state=Signer.State.CONFIRMED,
                asked_on=self.written_on,
                expires_on=self.written_on,
                answered_on=self.written_on,
            ).save()
        return self

    def _refuse_session(self) -> None:
        if self.session is not None and self.session.term_id != self.term_id:
            raise NotAllowed(f"{self.lead.deputy.name}不是{self.session.term}的代表，请另选会议。")

    def write_items(self, lines: Iterable[str]) -> list["SuggestionItem"]:
        """The items (条) as the lines of a text, each without the number that stands before it."""
        texts = [text for line in lines if (text := NUMBERING.sub("", line).strip())]
        self.items.all().delete()
        return SuggestionItem.objects.bulk_create(
            SuggestionItem(suggestion=self, position=position, text=text)
            for position, text in enumerate(texts, 1)
        )

    def revise(
        self,
        *,
        by: Post,
        items: Sequence[str],
        requests: Iterable[Request] = (),
        version: int | None = None,
        **fields: Any,
    ) -> None:
        """Write the draft again. Who had agreed to the old words is asked again for the new ones."""
        with self._held():
            if self.state not in WRITABLE:
                raise NotAllowed(f"“{self}”已经提交，不能再改。")
            self._refuse_if_stale(version)
            old = [item.text for item in self.items.order_by("position")]
            changed = [name for name, value in fields.items() if getattr(self, name) != value]
            self.write_items(items)
            self.requests.set(requests)
            new = [item.text for item in self.items.order_by("position")]
            if self.state == SuggestionState.COSIGNING and (old != new or {"title", "text"} & set(changed)):
                self._ask_again(by)
            self._refuse_session()
            data = {"fields": ["items"]} if old != new else {}
            if not self.amend(by=by, data=data, **fields):
                self.mark("amend", by=by, data=data)

    def share_items(
        self, departments: "dict[int, Iterable[Department]]", *, by: Post, version: int | None = None
    ) -> None:
        """Which item is whose: departments by the item's position. An item without any is everybody's."""
        with self._held():
            known = {order.department_id for order in self.orders.filter(round=self.round)}
            told = {}
            for item in self.items.all():
                named = list(departments.get(item.position, ()))
                if strange := [one for one in named if one.pk not in known]:
                    raise NotAllowed(f"{strange[0]}没有承办这件建议。")
                item.departments.set(named)
                told[str(item)] = [str(one) for one in named]
            self.mark("share_items", by=by, version=version, data=told)

    def name_parties(
        self,
        parties: "dict[str, tuple[str, Department | None]]",
        *,
        by: Post,
        version: int | None = None,
    ) -> None:
        """The five parties of a key suggestion: by part, the name and the department, where it has an account here."""
        with self._held():
            if not self.is_key:
                raise NotAllowed("先列为重点建议，再确定五办。")
            for part, (name, department) in parties.items():
                there = self.parties.filter(part=part)
                if name:
                    values = {"name": name, "department": department}
                    self.parties.update_or_create(part=part, defaults=values)
                elif there.filter(entries__isnull=False).exists():
                    raise NotAllowed(f"“{Party.Part(part).label}”已有记录，不能去掉，可以改名称。")
                else:
                    there.delete()
            told = {part: name for part, (name, _) in parties.items()}
            self.mark("name_parties", by=by, version=version, data=told)

    def _ask_again(self, by: Post) -> None:
        for signer in self.signers.filter(state=Signer.State.CONFIRMED).exclude(mandate=self.lead):
            self._ask(signer.mandate, signer)

    def _ask(self, mandate: Mandate, signer: "Signer | None" = None) -> None:
        today = timezone.localdate()
        signer = signer or Signer(suggestion=self, mandate=mandate)
        signer.state, signer.answered_on = Signer.State.ASKED, None
        signer.asked_on = today
        signer.expires_on = today + timedelta(days=policy_for(self.area, today).cosign_days)
        signer.save()
        self._tell(
            [mandate],
            f"请您附议：{self.lead.deputy.name}代表的《{self.title}》，{signer.expires_on:%-m月%-d日}前确认。",
            f"cosign:{self.version}",
        )

    def _tell(self, mandates: Iterable[Mandate], text: str, what: str, kind: str = "TODO") -> None:
        """A notice to the accounts of deputies."""
        for mandate in mandates:
            if mandate.deputy.user is not None:
                OutboxMessage.objects.put(
                    key=f"suggestion:{self.pk}:{what}:{mandate.pk}",
                    to=mandate.deputy.user,
                    kind=kind,
                    text=text,
                    url=self.get_absolute_url(),
                )

    def signed_by(self) -> "models.QuerySet[Signer]":
        """The lead and those who agreed to sign too."""
        return self.signers.filter(state=Signer.State.CONFIRMED).select_related("mandate__deputy__user")

    def _signer(self, post: Post) -> "Signer | None":
        """The row of the deputy who acts."""
        return next(
            (
                one
                for one in self.signers.select_related("mandate__deputy")
                if one.mandate.deputy.user_id == post.user_id
            ),
            None,
        )

    # --- Steps: one for each row of SUGGESTION_FLOW ---

    def refusal(self, name: str, by: Post) -> str:
        if refusal := super().refusal(name, by):
            return refusal
        label = self.FLOW[name].label
        match by.role:
            case Role.DEPUTY:
                return self._deputy_refusal(name, by)
            case Role.UNIT if not self._owes(by):
                return f"您单位不是这件建议的主办、分办单位，不能{label}。"
            case Role.OFFICE if self.state in WRITABLE and not self.on_paper:
                return f"代表还没有提交，不能{label}。"
            case Role.OFFICE if name in ("confirm", "decline") and not self._asked().exists():
                return "没有等待确认的附议人。"
        match name:
            case "settle" if not self.objection:
                return "代表没有提出异议。"
            case "make_key" if self.key_on:
                return "已经是重点建议。"
            case "praise" if self.praised_on:
                return "已经是优秀建议。"
            case "publish" if not self.publishable:
                return "代表没有同意公开，不能公开摘要。"
            case "unpublish" if self.published_on is None:
                return "还没有公开。"
            case "evaluate_too" if not self.unmarked().exists():
                return "没有还没评价的附议人。"
        return ""

    def _deputy_refusal(self, name: str, by: Post) -> str:
        label = self.FLOW[name].label
        signer = self._signer(by)
        if signer is None:
            return f"您不是这件建议的领衔或附议代表，不能{label}。"
        leads = signer.mandate_id == self.lead_id
        if name in LEAD_ONLY and not leads:
            return f"由领衔代表{label}。"
        match name:
            case "confirm" | "decline":
                if signer.state != Signer.State.ASKED:
                    return "没有等您确认的附议。"
                if name == "confirm" and signer.expires_on < timezone.localdate():
                    return f"确认期限{signer.expires_on:%-m月%-d日}已过，请领衔代表重新邀请。"
            case "evaluate_too":
                if leads or signer.state != Signer.State.CONFIRMED:
                    return "附议代表才在这里评价。"
                if self.evaluations.filter(round=self.round, mandate=signer.mandate_id).exists():
                    return "您已经评价过这一次办理。"
            case "agree_withdrawal":
                if self.withdrawal_asked_on is None:
                    return "领衔代表没有申请撤回。"
                if leads or signer.state != Signer.State.CONFIRMED or signer.gave_up_on is not None:
                    return "没有等您同意的撤回。"
            case "ask_withdrawal" if self.withdrawal_asked_on is not None:
                return "已经申请撤回，等附议代表同意。"
            case "object" if self.objection:
                return "已经提出异议，请等答复。"
        return ""

    def _owes(self, post: Post) -> bool:
        """Does `post` act for a department that owes the answer of this round?"""
        departments = Department.objects.of(post, timezone.localdate()).values("pk")
        owing = self.orders.filter(round=self.round, state__in=(*OPEN_ORDERS, *ANSWERED_ORDERS))
        return bool(owing.exclude(share=Order.Share.HELPER).filter(department__in=departments).exists())

    def _asked(self) -> "models.QuerySet[Signer]":
        return self.signers.filter(state=Signer.State.ASKED)

    def unmarked(self) -> "models.QuerySet[Signer]":
        """Those who signed too and have not marked this round's answer."""
        marked = Evaluation.objects.filter(suggestion=self, round=self.round, mandate=OuterRef("mandate"))
        return self.signed_by().exclude(mandate=self.lead_id).exclude(Exists(marked))

    @step
    def invite(self, *, by: Post, note: str, mandates: Sequence[Mandate]) -> Callable[[], None]:
        """Ask deputies of the same congress to sign too; each confirms, until a day."""
        if not mandates:
            raise NotAllowed("请选要邀请的代表。")
        there = {one.mandate_id: one for one in self.signers.all()}
        for mandate in mandates:
            if mandate.term_id != self.term_id:
                raise NotAllowed(f"{mandate.deputy.name}不是{self.term}的代表，不能附议。")
            if mandate.why_not_on(timezone.localdate()):
                raise NotAllowed(f"{mandate.deputy.name}现在不能履行代表职务，不能附议。")
            if (old := there.get(mandate.pk)) and old.state == Signer.State.CONFIRMED:
                raise NotAllowed(f"{mandate.deputy.name}已经在名单上。")

        def ask() -> None:
            for mandate in mandates:
                self._ask(mandate, there.get(mandate.pk))

        return ask

    @step
    def confirm(self, *, by: Post, note: str, mandate: Mandate | None = None) -> None:
        """The deputy asked agrees to sign; the office, where the signature stands on paper."""
        self._answer(by, mandate, Signer.State.CONFIRMED)

    @step
    def decline(self, *, by: Post, note: str, mandate: Mandate | None = None) -> None:
        self._answer(by, mandate, Signer.State.DECLINED)

    def _answer(self, by: Post, mandate: Mandate | None, state: str) -> None:
        if by.role == Role.DEPUTY:
            signer = self._signer(by)
        else:
            signer = self._asked().filter(mandate=mandate).first()
        if signer is None:
            raise NotAllowed("请选等待确认的附议人。")
        signer.state, signer.answered_on = state, timezone.localdate()
        signer.save()

    @step
    def submit(self, *, by: Post, note: str) -> Callable[[], None]:
        """Handed in. Who was asked and has not confirmed does not sign."""
        if not self.items.exists():
            raise NotAllowed("请至少写一条具体建议。")
        if self.kind == self.Kind.MOTION:
            self._refuse_motion()
        today = timezone.localdate()
        self.submitted_on, self.refused = today, ""
        days = policy_for(self.area, today).suggestion_assign_days
        self.assign_by = Workdays.around(today).add(today, days).day

        def leave_out() -> None:
            self._asked().update(state=Signer.State.EXPIRED)

        return leave_out

    def _refuse_motion(self) -> None:
        if self.session is None:
            raise NotAllowed("议案在人民代表大会会议期间提出，请选会议，或改为建议。")
        policy = policy_for(self.area, timezone.localdate())
        township = self.lead.level == Level.TOWNSHIP
        least = policy.motion_signers_township if township else policy.motion_signers
        if (signed := self.signed_by().count()) < least:
            raise NotAllowed(
                f"议案要 {least} 名以上代表联名，现在有 {signed} 名。可以改为建议，或请代表附议。"
            )

    @step
    def accept(
        self, *, by: Post, note: str, kind: str = "", category: Category | None = None
    ) -> Callable[[], None]:
        """Taken up under a number. A motion may be taken up as a suggestion."""
        self.kind = kind or self.kind
        self.category = category or self.category
        self.accepted_on = timezone.localdate()
        self.give_number(Series.objects.next(self.series))
        return lambda: self._tell_all(f"《{self.title}》已受理，编号{self.number}。", "accepted", kind="INFO")

    @property
    def series(self) -> str:
        """The series of numbers: of a session, or of a year's recess; motions apart."""
        return f"suggestion:{self._prefix}"

    @property
    def _prefix(self) -> str:
        day = self.submitted_on or timezone.localdate()
        when = f"{self.term.number}J{self.session.number}" if self.session else f"{day:%Y}"
        return f"{self.area_path}-{when}-{'Y' if self.kind == self.Kind.MOTION else ''}"

    def give_number(self, serial: int) -> None:
        """140213-17J3-0042 came at the third session of the 17th congress, 140213-2026-0007 in recess; Y: a motion."""
        self.number = f"{self._prefix}{serial:0{3 if self.kind == self.Kind.MOTION else 4}d}"

    def _tell_all(self, text: str, what: str, kind: str = "TODO") -> None:
        self._tell([one.mandate for one in self.signed_by()], text, what, kind)

    @step
    def give_back(self, *, by: Post, note: str, refused: str) -> Callable[[], None]:
        """Not accepted: why, out of the list; the deputy may mend it and hand it in again."""
        if not note:
            raise NotAllowed("请写明怎样改，或为什么不能受理。")
        self.refused = refused
        return lambda: self._tell_all(
            f"《{self.title}》退回：{self.get_refused_display()}。", f"back:{self.version}"
        )

    @step
    def as_letter(self, *, by: Post, note: str, refused: str) -> Callable[[], None]:
        """Not a suggestion in law; it goes the way of a letter, and the deputy is told which."""
        if not note:
            raise NotAllowed("请写明转到哪里办理。")
        self.refused, self.closed_on = refused, timezone.localdate()
        return lambda: self._tell_all(f"《{self.title}》作代表来信处理：{note}", "letter", kind="INFO")

    @step
    def assign(
        self,
        *,
        by: Post,
        note: str,
        lead: Department | None = None,
        helpers: Sequence[Department] = (),
        apart: Sequence[Department] = (),
        complex: bool = False,  # noqa: A002 — the field's own name
    ) -> Callable[[], None]:
        """交办: the clock of the law starts today, three months or six."""
        shares = [(one, Order.Share.LEAD) for one in ([lead] if lead else [])]
        shares += [(one, Order.Share.HELPER) for one in helpers]
        shares += [(one, Order.Share.APART) for one in apart]
        self._refuse_unless_shared(shares, by)
        today = timezone.localdate()
        self.complex = complex
        self.department = lead or apart[0]
        self.assigned_on = self.assigned_on or today
        self.objection, self.objected_to = "", None
        orders = [self._order(one, share, today, None, note) for one, share in shares]
        self.due_on = max(order.due_on for order in orders if order.share != Order.Share.HELPER)

        def issue() -> None:
            self._issue(orders, by)
            self._tell_all(f"{self}已交{self.department}办理。", f"assigned:{self.version}", kind="INFO")

        return issue

    def _order(
        self, department: Department, share: str, today: date, days: int | None, task: str = ""
    ) -> "Order":
        policy = policy_for(self.area, today)
        calendar = Workdays.around(today)
        if share == Order.Share.HELPER:
            months = policy.suggestion_opinion_months
        elif self.round > 1:
            months = policy.suggestion_rehandle_months
        else:
            months = policy.suggestion_complex_months if self.complex else policy.suggestion_months
        due = calendar.add_months(today, months, roll=bool(policy.months_roll))
        return Order(
            suggestion=self,
            area=self.area,
            department=department,
            share=share,
            round=self.round,
            task=task,
            issued_on=today,
            months=months,
            due_on=due.day,
            due_because=due.explanation,
            accept_by=calendar.add(today, policy.suggestion_return_days).day,
        )

    def latest_extension(self, due_on: date, policy: Policy) -> Deadline:
        months = policy.suggestion_extension_months
        return Workdays.around(due_on).add_months(due_on, months, roll=bool(policy.months_roll))

    def longest_extension(self, policy: Policy) -> str:
        return f"{policy.suggestion_extension_months} 个月"

    def before_reply(self, order: "Order") -> None:
        """A department meets the deputy first, or says why not."""
        if not self.meetings.filter(round=self.round, department=order.department_id).exists():
            raise NotAllowed("答复前请先记录和代表的面商；没有面商的，在“记录面商”里写明原因。")

    @step
    def object(self, *, by: Post, note: str, to: Department | None = None) -> None:
        """The deputy finds that another department should handle it."""
        if not note:
            raise NotAllowed("请写明为什么。")
        self.objection, self.objected_to = note, to

    @step
    def settle(self, *, by: Post, note: str, again: bool = False) -> Callable[[], None]:
        """The office answers the objection: the assignment stands, or is made again."""
        if not note:
            raise NotAllowed("请写明给代表的答复。")
        if not self.objection:
            raise NotAllowed("代表没有提出异议。")
        if again and self.orders.filter(round=self.round, state=OrderState.REPLIED).exists():
            raise NotAllowed("已有单位答复。要重新交办，请先把它的答复退回重写。")
        told = [self.lead]
        self.objection = ""

        def follow() -> None:
            self._tell(told, f"对《{self.title}》交办的异议已答复：{note}", f"settled:{self.version}", "INFO")
            if again:
                self._cancel_orders(by, "代表有异议，重新交办")

        return follow

    @step
    def begin(self, *, by: Post | None, note: str) -> None:
        """The first department has accepted."""

    @step
    def come_back(self, *, by: Post | None, note: str) -> None:
        """No department is left that would answer: it waits for the office again."""
        self.department, self.due_on = None, None

    @step
    def meet(
        self,
        *,
        by: Post,
        note: str,
        department: Department,
        on: date,
        way: str,
        place: str = "",
        people: str = "",
    ) -> Callable[[], Any]:
        """面商: what deputy and department said to each other, or why they did not meet."""
        if on > timezone.localdate():
            raise NotAllowed("面商日期不能晚于今天。")
        if self.assigned_on and on < self.assigned_on:
            raise NotAllowed(f"{self.assigned_on:%-m月%-d日}才交办，面商日期不能早于这一天。")
        if not note:
            raise NotAllowed("请写明谈了什么；没有面商的，写明原因。")
        meeting = Meeting(
            suggestion=self,
            round=self.round,
            department=department,
            on=on,
            way=way,
            place=place,
            people=people,
            said=note,
            by=by,
        )
        return meeting.save

    @step
    def report(self, *, by: Post, note: str) -> None:
        """A note of how far the promise is kept; it stands in the record. While it is handled, orders have their own."""
        if not note:
            raise NotAllowed("请写承诺的事办得怎样。")

    @step
    def reply(self, *, by: Post | None, note: str, promised_on: date | None = None) -> None:
        """All who owe an answer have given it."""
        self.promised_on = promised_on
        answered = self.orders.filter(round=self.round, state=OrderState.REPLIED)
        classes = answered.aggregate(worst=models.Max("answer_class"))
        self.answer_class = classes["worst"] or ""  # of several, what is least done

    def tell_answered(self, order: "Order") -> None:
        """To the office: the last answer is in, and is to be looked through."""
        if self.state == SuggestionState.COUNTERSIGN:
            order.tell_offices("已答复，请核签。", f"answered:{order.version}")

    @step
    def unreply(self, *, by: Post | None, note: str) -> None:
        self.promised_on, self.answer_class = None, ""

    @step
    def countersign(self, *, by: Post, note: str) -> None:
        """Looked through: it answers, and holds nothing that must not go out."""
        self.replied_on = self.replied_on or timezone.localdate()

    @step
    def deliver(self, *, by: Post, note: str, how: str, on: date | None = None) -> Callable[[], None]:
        """The reply goes to every signer."""
        day = on or timezone.localdate()
        if day > timezone.localdate():
            raise NotAllowed("送达日期不能晚于今天。")
        last = self.orders.filter(round=self.round).aggregate(day=models.Max("replied_on"))["day"]
        if last and day < last:
            raise NotAllowed(f"部门{last:%-m月%-d日}才答复，送达日期不能早于这一天。")
        self.delivered_on = self.delivered_on or day

        def follow() -> None:
            self.signed_by().update(delivered_on=day, delivered_how=how)
            self._tell_all(f"《{self.title}》有了答复，请评价。", f"delivered:{self.round}")

        return follow

    @step
    def evaluate(
        self, *, by: Post, note: str, attitude: str, result: str, reason: str = "", how: str = ""
    ) -> Callable[[], None]:
        """The lead deputy marks attitude and result. Unsatisfied needs a reason, and opens a round of its own."""
        unhappy = self._mark(self.lead, by, attitude, result, reason, how)
        today = timezone.localdate()
        self.evaluated_on, self.result = self.evaluated_on or today, result
        again = unhappy and self.round <= policy_for(self.area, today).rehandle_rounds
        if again and not self._why_not_again(self._answered()):
            return lambda: self.rehandle(by=by, note="领衔代表不满意，重新办理", follows=True)
        if not unhappy and self.promised_on:
            day = self.promised_on
            return lambda: self.track(by=by, note="答复有承诺，跟踪到期", promised_on=day, follows=True)
        return lambda: None

    @step
    def evaluate_too(
        self,
        *,
        by: Post,
        note: str,
        attitude: str,
        result: str,
        reason: str = "",
        how: str = "",
        mandate: Mandate | None = None,
    ) -> None:
        """One who signed too marks the answer; what follows is the office's to decide."""
        own = self._signer(by) if by.role == Role.DEPUTY else self.unmarked().filter(mandate=mandate).first()
        if own is None:
            raise NotAllowed("请选还没有评价的附议代表。")
        self._mark(own.mandate, by, attitude, result, reason, how)

    def _mark(self, mandate: Mandate, by: Post, attitude: str, result: str, reason: str, how: str) -> bool:
        """Keep one deputy's marks; is the deputy unsatisfied?"""
        unhappy = Rating.Mark.UNSATISFIED in (attitude, result)
        if unhappy and not reason:
            raise NotAllowed("请写明哪里不满意。")
        if by.role != Role.DEPUTY and not how:
            raise NotAllowed("请写明代表是怎样说的：电话、当面还是书面。")
        Evaluation.objects.create(
            suggestion=self,
            round=self.round,
            mandate=mandate,
            on=timezone.localdate(),
            attitude=attitude,
            result=result,
            reason=reason,
            how="" if by.role == Role.DEPUTY else how,
            by=by,
        )
        return unhappy

    @step
    def rehandle(self, *, by: Post | None, note: str) -> Callable[[], None]:
        """A new round, with its own clock, for those who answered in the last one."""
        if not note:
            raise NotAllowed("请写明为什么重新办理。")
        orders = self._again(timezone.localdate(), None, note)
        self.closed_on, self.promised_on = None, None
        return lambda: self._issue(orders, by)

    @step
    def track(self, *, by: Post | None, note: str, promised_on: date) -> None:
        """What was promised for a day is neither closed nor forgotten, also across years and terms."""
        if promised_on <= timezone.localdate():
            raise NotAllowed("承诺日期应在今天以后。")
        if self.state == SuggestionState.TRACKING and not note:
            raise NotAllowed("请写明为什么改承诺日期。")
        self.promised_on = promised_on

    @step
    def close(self, *, by: Post, note: str) -> None:
        """Not marked yet: only after policy's days of waiting. Tracked: with what became of the promise."""
        today = timezone.localdate()
        if self.state == SuggestionState.DELIVERED and self.delivered_on:
            told = self.signers.aggregate(day=models.Max("delivered_on"))["day"] or self.delivered_on
            wait = told + timedelta(days=policy_for(self.area, today).rating_days)
            if today <= wait:
                raise NotAllowed(f"{wait:%-m月%-d日}以前还在等代表评价，不能办结。")
        if self.state == SuggestionState.TRACKING and not note:
            raise NotAllowed("请写明承诺的事办得怎样。")
        self.closed_on = today

    @step
    def archive(self, *, by: Post, note: str) -> None:
        """Nothing more is expected."""

    @step
    def ask_withdrawal(self, *, by: Post, note: str) -> Callable[[], None]:
        """The lead wants it back; it ends when all who signed agree. Until then the work goes on."""
        if not note:
            raise NotAllowed("请写明为什么撤回。")
        self.withdrawal_asked_on = timezone.localdate()
        others = [one.mandate for one in self.signed_by().exclude(mandate=self.lead_id)]

        def follow() -> None:
            self._tell(
                others,
                f"{self.lead.deputy.name}代表想撤回《{self.title}》，请您同意。",
                f"give-up:{self.version}",
            )
            self._end_if_all_agree(by)

        return follow

    @step
    def agree_withdrawal(self, *, by: Post, note: str) -> Callable[[], None]:
        if (signer := self._signer(by)) is not None:
            signer.gave_up_on = timezone.localdate()
            signer.save()
        return lambda: self._end_if_all_agree(by)

    def _end_if_all_agree(self, by: Post) -> None:
        if not self.signed_by().exclude(mandate=self.lead_id).filter(gave_up_on=None).exists():
            self.withdraw(by=by, note="全体联名代表同意撤回", all_agree=True, follows=True)

    @step
    def withdraw(self, *, by: Post, note: str, all_agree: bool = False) -> Callable[[], None]:
        """Handling ends. The office enters what came in writing with all signatures."""
        if not all_agree:
            raise NotAllowed("撤回要全体联名代表同意，请先取得全体签名。")
        if not note:
            raise NotAllowed("请写明为什么撤回。")
        self.closed_on = timezone.localdate()
        return lambda: self._cancel_orders(by, "代表撤回了建议")

    @step
    def make_key(self, *, by: Post, note: str, on: date, body: str) -> None:
        """重点建议: by a decision, of a day and a body (代表法 art. 52: the council of chairpersons)."""
        if on > timezone.localdate():
            raise NotAllowed("决定日期不能晚于今天。")
        self.key_on, self.key_by = on, body

    @step
    def praise(self, *, by: Post, note: str, on: date) -> None:
        """优秀建议."""
        if on > timezone.localdate():
            raise NotAllowed("评定日期不能晚于今天。")
        self.praised_on = on

    @step
    def publish(
        self, *, by: Post, note: str, public_title: str, public_text: str, public_reply: str = ""
    ) -> None:
        """In shortened form, for anybody. What names or numbers a person is refused."""
        if public_reply and not self.is_answered:
            raise NotAllowed("还没有送达代表，不能公开答复。")
        if found := personal_data(self, public_title, public_text, public_reply):
            raise NotAllowed(f"公开的内容里有{'、'.join(found)}，请删去。")
        self.public_title, self.public_text, self.public_reply = public_title, public_text, public_reply
        self.published_on = self.published_on or timezone.localdate()

    @step
    def unpublish(self, *, by: Post, note: str) -> None:
        if not note:
            raise NotAllowed("请写明为什么撤下。")
        self.published_on = None


from .order import Order  # noqa: E402 — a suggestion is answered by its orders, and an order is of a case
from .suggestion_parts import (  # noqa: E402
    Evaluation,
    Meeting,
    Party,
    Signer,
    SuggestionItem,
    personal_data,
)
