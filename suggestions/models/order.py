"""派单: what one department must do for one request or one suggestion, by when, and what it answered."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any, cast

from django.db import models, transaction
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from liaison.accounts.models import Post, Role, paths_to
from liaison.core.apart import Apart
from liaison.core.models import Attachment, OutboxMessage
from liaison.core.places import InArea, inside
from liaison.core.policy import policy_for, rule_by_place
from liaison.core.workdays import Deadline
from liaison.core.workflow import Moving, NotAllowed, step
from suggestions.workflow import ANSWERED, ANSWERED_ORDERS, OPEN_ORDERS, ORDER_FLOW, OrderState
from visits.privacy import bears

from .case import Case
from .department import Department


def queues(on: date, soon: int) -> dict[str, Q]:
    """What waits for somebody on a day, by the name of its queue; `soon` days before the due day it is due soon."""
    unanswered = Q(state__in=OPEN_ORDERS)
    return {
        "open": unanswered,
        "new": Q(state=OrderState.ISSUED),
        "doing": Q(state=OrderState.ACCEPTED),
        "soon": unanswered & Q(due_on__range=(on, on + timedelta(days=soon))),
        "overdue": unanswered & Q(due_on__lt=on),
        "asking": Q(state=OrderState.RETURN_ASKED) | Q(extension_to__isnull=False, state=OrderState.ACCEPTED),
        "unaccepted": Q(state=OrderState.ISSUED, accept_by__lt=on),
    }


def given_to_deputies() -> Q:
    """Orders of suggestions whose answer the deputies have; as Suggestion.shows_answer."""
    return Q(round__lt=F("suggestion__round")) | Q(suggestion__state__in=ANSWERED)


class OrderQuerySet(models.QuerySet["Order"]):
    def visible_to(self, post: Post | None) -> "OrderQuerySet":
        """A department: its own. Others: those of the requests and suggestions that they see. No complaint about oneself."""
        if post is None:
            return self.none()
        complaints = Apart(Request.objects.about(post))
        match post.role:
            case Role.OFFICE | Role.AUDITOR:
                return self.filter(inside(post.area)).exclude(request__in=complaints)
            case Role.STATION | Role.DEPUTY:
                rows = self.model._default_manager.order_by()
                of_requests = rows.filter(request__in=Apart(Request.objects.visible_to(post)))
                of_suggestions = rows.filter(suggestion__in=Apart(Suggestion.objects.visible_to(post)))
                # Each by its own index, as in Request.
                return self.filter(pk__in=Apart(of_requests.values("pk").union(of_suggestions.values("pk"))))
            case Role.UNIT:
                own = Apart(Department.objects.of(post, timezone.localdate()))
                rows = self.filter(department__in=own).exclude(request__in=complaints)
                return rows.exclude(request__about__in=own)
            case _:
                return self.none()

    def files_visible_to(self, post: Post | None) -> "OrderQuerySet":
        """The papers of an answer: for who reads its words; a lead reads those of its helpers' opinions too."""
        if post is None or post.role == Role.OFFICE:
            return self.visible_to(post)
        if post.role == Role.AUDITOR:
            return self.visible_to(post).exclude(request__confidential=True)
        if post.role != Role.UNIT:
            return self.visible_to(post).filter(
                Q(suggestion=None) | Q(given_to_deputies(), ~Q(share=Order.Share.HELPER))
            )
        every = self.model._default_manager
        seen, opinions = every.visible_to(post), every.opinions_for(post)
        return self.filter(Q(pk__in=Apart(seen)) | Q(pk__in=Apart(opinions)))

    def opinions_for(self, post: Post) -> "OrderQuerySet":
        """What helpers wrote to a department in the lead that `post` acts for."""
        seen = self.model._default_manager.visible_to(post)
        lead = seen.filter(share=Order.Share.LEAD, round=OuterRef("round"))
        led = Exists(lead.filter(request=OuterRef("request"))) | Exists(
            lead.filter(suggestion=OuterRef("suggestion"))
        )
        return self.filter(led, share=Order.Share.HELPER, state=OrderState.OPINED)

    def answers_for_everybody(self) -> "OrderQuerySet":
        """The answers to suggestions that are published with a reply: of these, files marked public are for anybody."""
        rows = self.filter(
            given_to_deputies(), suggestion__published_on__isnull=False, state=OrderState.REPLIED
        )
        return rows.exclude(share=Order.Share.HELPER).exclude(suggestion__public_reply="")

    def of_case(self, case: Case, post: Post) -> "OrderQuerySet":
        """The orders of a case that `post` sees: of a suggestion all; of a request a department its own."""
        if isinstance(case, Suggestion):
            return self.filter(suggestion=case)
        own = Q(pk__in=Apart(self.model._default_manager.visible_to(post).filter(request=case.pk)))
        host = getattr(case, "joined_to_id", None)
        # Who sees a request that was joined to another reads what answers it, whoever's the other is.
        return (
            self.filter(own | Q(request=host, round=1))
            if host
            else self.visible_to(post).filter(request=case.pk)
        )

    def open(self) -> "OrderQuerySet":
        return self.filter(state__in=OPEN_ORDERS)

    def queue(self, name: str, on: date, soon: int = 0) -> "OrderQuerySet":
        return self.filter(queues(on, soon)[name])

    def unaccepted(self, on: date) -> "OrderQuerySet":
        """The days for accepting are over, and nothing was said."""
        return self.queue("unaccepted", on)

    def overdue(self, on: date) -> "OrderQuerySet":
        return self.queue("overdue", on)

    def asking(self) -> "OrderQuerySet":
        """Waiting for the office: to be returned, or to be given more time."""
        return self.queue("asking", timezone.localdate())

    def acting(self, post: Post, on: date) -> "OrderQuerySet":
        """With each whether it is one of the departments of `post` that it is given to (`acts`)."""
        own = Department.objects.of(post, on).filter(pk=OuterRef("department"))
        return self.annotate(acts=Exists(own) if post.role == Role.UNIT else Value(False))

    def with_steps(self, post: Post, on: date) -> "OrderQuerySet":
        """For lists that say of each row which steps are open: what that takes, read with the rows."""
        again = self.model._default_manager.filter(state=OrderState.RETURNED).order_by()

        def counted(case: str) -> Subquery:
            rows = again.filter(**{case: OuterRef(case)}).values(case)
            return Subquery(rows.annotate(n=Count("pk")).values("n"))

        return (
            self.acting(post, on)
            .select_related("request", "suggestion", "department", "area")
            .annotate(
                returned=Coalesce(counted("request"), counted("suggestion"), 0),
                returns_most=rule_by_place("returns_most", post.area, on),
            )
        )


class Order(InArea, Moving):
    """Of one request or one suggestion: its `case`.

    `due_because` is the sentence that says how the due day came about, counted from `issued_on`: in `days`, working
    days, for a request; in `months` for a suggestion.
    """

    class Share(models.TextChoices):
        LEAD = "LEAD", "主办"
        HELPER = "HELPER", "会办"
        APART = "APART", "分办"

    class Class(models.TextChoices):
        A = "A", "A 已经解决"
        B = "B", "B 正在解决"
        C = "C", "C 列入计划"
        D = "D", "D 不能解决，已说明原因"

    PRIVATE_FIELDS = ("text",)
    SETTLED = ("request_id", "suggestion_id")
    DEEDS = {"enter": "派单"}
    ANSWER = ("text", "answer_class", "promised_on", "signer", "contact", "phone")  # see Case.hidden_answer
    State = OrderState
    FLOW = ORDER_FLOW

    number = models.CharField("编号", max_length=24, unique=True, editable=False)
    request = models.ForeignKey(
        "suggestions.Request", models.PROTECT, null=True, related_name="orders", verbose_name="诉求"
    )
    suggestion = models.ForeignKey(
        "suggestions.Suggestion", models.PROTECT, null=True, related_name="orders", verbose_name="建议"
    )
    department = models.ForeignKey(Department, models.PROTECT, related_name="orders", verbose_name="承办单位")
    share = models.CharField("分工", max_length=6, choices=Share.choices)
    round = models.PositiveSmallIntegerField("第几次办理", default=1)
    task = models.CharField("交办意见", max_length=200, blank=True)
    issued_on = models.DateField("派单日期")
    accept_by = models.DateField("接单期限")
    accepted_on = models.DateField("接单日期", null=True, editable=False)
    days = models.PositiveSmallIntegerField("工作日数", default=0)
    months = models.PositiveSmallIntegerField("月数", default=0)
    due_on = models.DateField("办理期限")
    due_because = models.CharField("期限的算法", max_length=300)
    urged = models.PositiveSmallIntegerField("催办次数", default=0, editable=False)
    returned_to = models.ForeignKey(
        Department, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="建议改派"
    )
    return_because = models.CharField("退回的理由", max_length=200, blank=True, editable=False)
    extension_to = models.DateField("申请延到", null=True, editable=False)
    extension_because = models.CharField("延期的理由", max_length=200, blank=True, editable=False)
    extensions = models.PositiveSmallIntegerField("已延期次数", default=0, editable=False)
    text = models.TextField("答复", blank=True, editable=False)
    answer_class = models.CharField(
        "答复类别", max_length=1, choices=Class.choices, blank=True, editable=False
    )
    promised_on = models.DateField("承诺日期", null=True, editable=False)
    signer = models.CharField("签发人", max_length=15, blank=True, editable=False)
    contact = models.CharField("联系人", max_length=15, blank=True, editable=False)
    phone = models.CharField("联系电话", max_length=20, blank=True, editable=False)
    replied_on = models.DateField("答复日期", null=True, editable=False)
    state = models.CharField(
        "状态", max_length=12, choices=OrderState.choices, default=OrderState.ISSUED, editable=False
    )

    objects = OrderQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "派单"
        constraints = [
            models.UniqueConstraint(
                fields=["request", "round", "department"],
                condition=~Q(state__in=(OrderState.RETURNED, OrderState.CANCELLED)),
                name="one_live_order_a_department_a_round",
                violation_error_message="这个单位已经有这件诉求的派单。",
            ),
            models.UniqueConstraint(
                fields=["suggestion", "round", "department"],
                condition=~Q(state__in=(OrderState.RETURNED, OrderState.CANCELLED)),
                name="one_live_order_a_department_a_round_of_a_suggestion",
                violation_error_message="这个单位已经有这件建议的交办。",
            ),
            models.CheckConstraint(
                condition=Q(request=None, suggestion__isnull=False)
                | Q(request__isnull=False, suggestion=None),
                name="an_order_is_of_one_case",
            ),
        ]
        indexes = [
            models.Index(fields=["department", "state", "due_on"], name="orders_of_a_department"),
            models.Index(
                fields=["area_path", "due_on"], condition=Q(state__in=OPEN_ORDERS), name="orders_open"
            ),
            # The pages of lists: of what is open by urgency, of all by day.
            models.Index(
                fields=["due_on", "id"], condition=Q(state__in=OPEN_ORDERS), name="orders_by_urgency"
            ),
            models.Index(fields=["issued_on", "id"], name="orders_by_day"),
            # What figures count of a year of a country: one order in ten, and fewer still.
            models.Index(
                fields=["due_on", "request"],
                condition=Q(replied_on=None) | Q(replied_on__gt=F("due_on")),
                name="orders_late",
            ),
            models.Index(fields=["issued_on", "request"], condition=Q(round__gt=1), name="orders_again"),
            models.Index(fields=["area_path", "issued_on", "id"], name="orders_of_an_area"),
            models.Index(fields=["department", "issued_on", "id"], name="orders_of_a_department_by_day"),
        ]

    def __str__(self) -> str:
        return f"派单 {self.number}"

    def get_absolute_url(self) -> str:
        return f"/orders/{self.number}/"

    @property
    def case(self) -> Case:
        """What it is of: a request, or a suggestion."""
        if self.request is not None:
            return self.request
        return cast("Case", self.suggestion)  # one of the two is there: see the constraint

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_ORDERS

    def days_left(self, today: date) -> int:
        """Calendar days to the due day; below zero: overdue."""
        return (self.due_on - today).days

    # --- Steps: one for each row of ORDER_FLOW ---

    @contextmanager
    def _held(self) -> Iterator[None]:
        """The case first, then its order: whoever moves both takes them in this order, and nobody waits in a ring."""
        for read_with_the_list in ("acts", "returned", "returns_most"):
            self.__dict__.pop(read_with_the_list, None)
        with transaction.atomic():
            cases: models.QuerySet[Case] = type(self.case)._base_manager.all()
            cases.select_for_update(of=("self",), no_key=True).get(pk=self.case.pk)
            with super()._held():
                yield

    def may_open_files(self, by: Post) -> bool:
        """May `by`, who sees it, say which files of the answer anybody may have?"""
        if self.state != OrderState.REPLIED or self.share == self.Share.HELPER:
            return False
        return by.role == Role.OFFICE or (by.role == Role.UNIT and self._is_of(by))

    def refusal(self, name: str, by: Post) -> str:
        if refusal := super().refusal(name, by):
            return refusal
        if by.role == Role.UNIT and not self._is_of(by):
            return "这张派单不是您单位的。"
        match name:
            case "opine" if self.share != self.Share.HELPER:
                return "会办单位才提会办意见，请直接答复。"
            case "reply" if self.share == self.Share.HELPER:
                return "会办单位不直接答复，请提出会办意见，交主办单位。"
            case "grant_extension" | "refuse_extension" if self.extension_to is None:
                return f"“{self}”没有申请延期。"
            case "ask_extension" if self.extension_to is not None:
                return "已经申请过延期，请等答复。"
            case "ask_extension" if timezone.localdate() > self.due_on:
                return f"期限{self.due_on:%-m月%-d日}已过，不能再申请延期。请尽快答复。"
            case "ask_return" if timezone.localdate() > self.accept_by:
                return f"{self.accept_by:%-m月%-d日}以后不能退回。有困难请和派单的人大联系。"
            case "send_back" if not self.case.answer_is_unread:
                return "已经告知本人，不能再退回重写。"
            case "grant_return" | "refuse_return" if (
                len(by.area.path) >= len(self.department.area_path) and self.goes_up
            ):
                return f"这件{self.case._meta.verbose_name}退回次数已到上限，由上一级人大决定。"
        return ""

    def _is_of(self, by: Post) -> bool:
        if "acts" in self.__dict__:
            return bool(self.__dict__["acts"])
        return Department.objects.of(by, timezone.localdate()).filter(pk=self.department_id).exists()

    @property
    def goes_up(self) -> bool:
        """Has it been returned so often that the office above decides?"""
        if "returned" in self.__dict__:
            return bool(self.__dict__["returned"] >= self.__dict__["returns_most"])
        most = policy_for(self.area, self.issued_on).returns_most
        return bool(self.case.orders.filter(state=OrderState.RETURNED).count() >= most)

    @step
    def accept(self, *, by: Post, note: str) -> Callable[[], None] | None:
        return self._accepted(by)

    def _accepted(self, by: Post | None) -> Callable[[], None] | None:
        self.accepted_on = timezone.localdate()
        first = self.share != self.Share.HELPER and self.case.awaits_acceptance
        return (lambda: self.case.begin(by=by, follows=True)) if first else None

    @step
    def ask_return(self, *, by: Post, note: str, to: Department | None = None) -> Callable[[], None]:
        """Not ours: why, and whose it may be. Only within the days for accepting."""
        if not note:
            raise NotAllowed("请写明退回的理由。")
        self.return_because, self.returned_to = note, to
        return lambda: self.tell_offices(
            "申请退回，请决定。", f"asks-return:{self.version}", above=self.goes_up
        )

    @step
    def grant_return(self, *, by: Post, note: str) -> Callable[[], None]:
        self.tell_department("同意退回。", f"returned:{self.version}", kind="INFO")
        return lambda: self.case.after_order(by)

    @step
    def refuse_return(self, *, by: Post, note: str) -> Callable[[], None] | None:
        """The order stands, and counts as accepted."""
        if not note:
            raise NotAllowed("请写明为什么不同意退回。")
        self.tell_department("退回申请没有同意，请继续办理。", f"not-returned:{self.version}")
        return self._accepted(by)

    @step
    def report(self, *, by: Post, note: str) -> None:
        """A note of progress; it stands in the record."""
        if not note:
            raise NotAllowed("请写办理进展。")

    @step
    def ask_extension(self, *, by: Post, note: str, to: date) -> Callable[[], None]:
        """More time, asked for before the time is over."""
        if not note:
            raise NotAllowed("请写明为什么延期。")
        policy = policy_for(self.area, timezone.localdate())
        if self.extensions >= policy.extensions_most:
            raise NotAllowed(f"最多延期 {policy.extensions_most} 次。")
        latest = self.case.latest_extension(self.due_on, policy).day
        if not self.due_on < to <= latest:
            raise NotAllowed(f"可以延到{self.due_on:%-m月%-d日}以后、{latest:%-m月%-d日}以前。")
        self.extension_to, self.extension_because = to, note
        return lambda: self.tell_offices(
            f"申请延期到{to:%-m月%-d日}，请决定。", f"asks-extension:{self.version}"
        )

    @step
    def grant_extension(self, *, by: Post, note: str) -> Callable[[], None]:
        if self.extension_to is None:
            raise NotAllowed(f"“{self}”没有申请延期。")
        self.due_because = f"{self.due_because}；经同意延期至{self.extension_to:%-m月%-d日}"[-300:]
        self.due_on, self.extension_to = self.extension_to, None
        self.extensions += 1
        self.tell_department(f"同意延期到{self.due_on:%-m月%-d日}。", f"extended:{self.version}", kind="INFO")
        return lambda: self._move_due_day(by, note)

    def _move_due_day(self, by: Post | None, note: str) -> None:
        """The request's day is the latest of those who owe the answer."""
        owing = self.case.orders.filter(round=self.round, state__in=(*OPEN_ORDERS, *ANSWERED_ORDERS))
        latest = owing.exclude(share=self.Share.HELPER).aggregate(day=models.Max("due_on"))["day"]
        if latest and latest != self.case.due_on:
            actor = "" if by else self.WITHOUT_POST  # the clock, not the person who asked
            self.case.amend(by=by, deed="due", note=note, actor=actor, due_on=latest)

    def follow_calendar(self, due: Deadline, accept_by: date, note: str) -> bool:
        """The calendar was corrected (`note` says how): the days move with it, those of the request too."""
        moved: dict[str, Any] = {
            "due_on": due.day,
            "due_because": due.explanation[:300],
            "accept_by": accept_by,
        }
        with self._held():
            if not self.is_open or self.extensions:  # answered or granted meanwhile
                return False
            if not self.amend(by=None, deed="due", note=note, **moved):
                return False
            self._move_due_day(None, note)
            text = f"{note}，期限改为{self.due_on:%-m月%-d日}，请在{self.accept_by:%-m月%-d日}前接单。"
            if self.state != OrderState.ISSUED:
                text = f"{note}，期限改为{self.due_on:%-m月%-d日}。"
            self.tell_department(text, f"calendar:{self.version}", kind="INFO")
            return True

    @step
    def refuse_extension(self, *, by: Post, note: str) -> None:
        if not note:
            raise NotAllowed("请写明为什么不同意延期。")
        self.extension_to = None
        self.tell_department("延期申请没有同意，请按期答复。", f"not-extended:{self.version}")

    @step
    def opine(self, *, by: Post, note: str, text: str) -> None:
        """A helper's opinion goes to the lead, never to the citizen."""
        self.text, self.replied_on = text, timezone.localdate()
        for lead in self.case.orders.filter(round=self.round, share=self.Share.LEAD):
            lead.tell_department(f"{self.department}提出了会办意见。", f"opinion:{self.number}", kind="INFO")

    @step
    def reply(
        self,
        *,
        by: Post,
        note: str,
        text: str,
        answer_class: str,
        signer: str = "",
        contact: str = "",
        phone: str = "",
        promised_on: date | None = None,
    ) -> Callable[[], None]:
        """The answer, written for who asked. The lead waits for its helpers; what is promised has a day."""
        waiting = self.case.orders.filter(round=self.round, share=self.Share.HELPER, state__in=OPEN_ORDERS)
        if self.share == self.Share.LEAD and (
            names := [o.department.name for o in waiting.select_related("department")]
        ):
            raise NotAllowed(f"{'、'.join(names)}还没有提会办意见，请等会办意见到齐后答复。")
        self.case.before_reply(self)
        if answer_class in (self.Class.B, self.Class.C):
            if promised_on is None:
                raise NotAllowed("正在解决或列入计划的，请写明什么时候完成。")
            if promised_on <= timezone.localdate():
                raise NotAllowed("承诺日期应在今天以后。")
        else:
            promised_on = None
        self.text, self.answer_class, self.promised_on = text, answer_class, promised_on
        self.signer, self.contact, self.phone = signer, contact, phone
        self.replied_on, self.extension_to = timezone.localdate(), None

        def follow() -> None:
            self.case.after_order(by)
            self.case.tell_answered(self)

        return follow

    @step
    def send_back(self, *, by: Post, note: str) -> Callable[[], None]:
        """The answer does not answer: to be written again, before the person is told."""
        if not note:
            raise NotAllowed("请写明要改什么。")
        self.replied_on = None
        self.tell_department("答复退回重写，请看说明。", f"sent-back:{self.version}")
        waits = self.case.awaits_answers  # another department still owes its own

        def follow() -> None:
            for file in Attachment.objects.of(self).filter(public=True):
                file.open_to_all(False, by=by)  # whoever answers anew says anew what anybody may have
            if not waits:
                self.case.unreply(by=by, follows=True)
            self.case.tell_sent_back(self, reopened=not waits)

        return follow

    @step
    def urge(self, *, by: Post, note: str) -> None:
        self.urged += 1
        self.tell_department(f"收到催办，请在{self.due_on:%-m月%-d日}前答复。", f"urged:{self.version}")

    @step
    def cancel(self, *, by: Post | None, note: str) -> Callable[[], None] | None:
        if not note:
            raise NotAllowed("请写明为什么撤销。")
        self.extension_to = None
        self.tell_department("派单已撤销，不用再办。", "cancelled", kind="INFO")
        if self.share == self.Share.HELPER or not self.case.awaits_answers:
            return None
        return lambda: self.case.after_order(by)

    def tell_department(self, text: str, what: str, kind: str = "TODO") -> None:
        """A notice to all who act for the department now."""
        staff = self.department.staff.current(timezone.localdate()).select_related("post__user")
        self._tell([one.post for one in staff], text, what, kind)

    def tell_offices(self, text: str, what: str, *, above: bool = False) -> None:
        """A notice to the office that decides: the department's own, or the next above it; `above`: not its own."""
        posts = offices_near(self.department.area_path, timezone.localdate(), above=above)
        self._tell(posts, f"{self.department}{text}", what, "TODO")

    def _tell(self, posts: Iterable[Post], text: str, what: str, kind: str) -> None:
        for post in posts:
            if self.request is not None and bears(post.user, self.request.about_name):
                continue
            OutboxMessage.objects.put(
                key=f"order:{self.number}:{what}:{post.user_id}",
                to=post.user,
                kind=kind,
                text=f"{self.number}（{self.area.name}）：{text}",
                url=self.get_absolute_url(),
            )


def offices_near(path: str, on: date, *, above: bool = False) -> list[Post]:
    """The office posts of the area at `path`, or of the nearest area above it that has any; `above`: not its own."""
    paths = paths_to(path)
    rows = Post.objects.current(on).filter(role=Role.OFFICE, area__path__in=paths[:-1] if above else paths)
    posts = list(rows.select_related("area", "user").order_by("pk"))
    nearest = max((len(post.area.path) for post in posts), default=0)
    return [post for post in posts if len(post.area.path) == nearest]


from .request import Request  # noqa: E402 — a case is answered by its orders, and an order is of a case
from .suggestion import Suggestion  # noqa: E402
