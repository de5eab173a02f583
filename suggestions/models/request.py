"""Requests: what a citizen asked, and what becomes of it, from the day it was registered to the day it is closed.

State, department, round, due day and the day of each step stand on the row: lists, queues and figures read them from
there. The days are those of the first time; later rounds have theirs with their orders and ratings.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from deputies.models import Mandate
from liaison.accounts.models import Post, Role
from liaison.core.apart import Apart
from liaison.core.links import LinkedBySecret, LinkedQuerySet
from liaison.core.models import OutboxMessage
from liaison.core.models import Sequence as Series
from liaison.core.phrases import Holds
from liaison.core.places import inside
from liaison.core.policy import Policy, policy_for
from liaison.core.workdays import Deadline, Workdays
from liaison.core.workflow import NotAllowed, step
from stations.models import Station, StationStaff
from suggestions.workflow import (
    ANSWERED_ORDERS,
    ENDED,
    IN_HAND,
    OPEN_ORDERS,
    REQUEST_FLOW,
    TO_DISPATCH,
    TO_FINISH,
    TOLD,
    RequestState,
)
from visits.models import Category, Visit
from visits.privacy import about, bears
from visits.workflow import PERSON

from .case import Case
from .department import Department

if TYPE_CHECKING:
    from suggestions.themes.models import Theme


NUMBER = re.compile("[0-9]{4}-[0-9]{4}-[0-9]{4,8}")


class RequestQuerySet(LinkedQuerySet, models.QuerySet["Request"]):
    def visible_to(self, post: Post | None) -> "RequestQuerySet":
        """Requests of the area, of one's own stations; a deputy: those one took in or follows; a department: its own.

        Nobody sees a complaint about oneself, in whatever post.
        """
        if post is None:
            return self.none()
        rows = self.not_about(post)
        match post.role:
            case Role.OFFICE | Role.AUDITOR:
                return rows.filter(inside(post.area))
            case Role.STATION:
                return rows.filter(station__in=Apart(Station.objects.visible_to(post)))
            case Role.DEPUTY:
                own = Apart(Mandate.objects.filter(deputy__user=post.user_id))
                every = self.model._default_manager.order_by()
                # Each by its own index; with OR between them every request of the country would be read.
                heard = every.filter(visit__received_by__in=own).values("pk")
                return rows.filter(pk__in=Apart(heard.union(every.filter(follower__in=own).values("pk"))))
            case Role.UNIT:
                return self.filter(pk__in=Apart(Order.objects.visible_to(post).values("request")))
            case _:
                return self.none()

    def about(self, post: Post) -> "RequestQuerySet":
        """Complaints about the person who acts in `post`."""
        return self.filter(about(post))

    def not_about(self, post: Post) -> "RequestQuerySet":
        return self.exclude(pk__in=Apart(Request.objects.about(post)))

    def files_visible_to(self, post: Post | None) -> "RequestQuerySet":
        """Pictures and letters tell who asked: a department gets them where neither confidence nor a complaint forbids."""
        seen = self.visible_to(post)
        if post is None or post.role != Role.UNIT:
            return seen
        return seen.filter(confidential=False, about=None, about_name="")

    def awaiting_dispatch(self) -> "RequestQuerySet":
        return self.filter(state__in=TO_DISPATCH)

    def in_hand(self) -> "RequestQuerySet":
        """A department owes an answer."""
        return self.filter(state__in=IN_HAND)

    def overdue(self, on: date) -> "RequestQuerySet":
        return self.in_hand().filter(due_on__lt=on)

    def to_tell(self) -> "RequestQuerySet":
        """Answered; the person has not been told."""
        return self.filter(state=RequestState.REPLIED)

    def to_follow(self, post: Post) -> "RequestQuerySet":
        """A department has it in hand, and who follows has written nothing yet; a deputy: those one follows oneself."""
        rows = self.filter(state__in=IN_HAND, followed_on=None).exclude(follower=None)
        return rows.filter(follower__deputy__user=post.user_id) if post.role == Role.DEPUTY else rows

    def unrated(self) -> "RequestQuerySet":
        """Told, and not rated yet: who cannot do it online is phoned."""
        return self.filter(state=RequestState.FED_BACK)

    def promised(self, on: date) -> "RequestQuerySet":
        """The promised day has come: was it kept?"""
        return self.filter(state=RequestState.TRACKING, promised_on__lte=on)

    def received(self, first: date, last: date) -> "RequestQuerySet":
        return self.filter(received_on__range=(first, last))

    def search(self, text: str, post: Post) -> "RequestQuerySet":
        """By a phrase of title or text, or by the number. Who may not read the words of a request does not find it by them."""
        phrase = Q(Holds(text, "title", "text", by_pairs=True))
        if post.role in (Role.AUDITOR, Role.UNIT):
            phrase &= Q(confidential=False)
        # Beside another condition every hit would be looked at twice.
        return self.filter(phrase | Q(number=text) if NUMBER.fullmatch(text) else phrase)

    def hold(self) -> None:
        """Hold these rows until the deed is done, the earlier ones first."""
        list(self.select_for_update(of=("self",), no_key=True).order_by("pk").values("pk"))


class Request(LinkedBySecret, Case):
    """群众诉求: what becomes of it is decided by the office and its departments; a deputy hears, follows and vouches."""

    class Solved(models.TextChoices):
        YES = "YES", "已解决"
        PARTLY = "PARTLY", "部分解决"
        NO = "NO", "没有解决"

    class Refused(models.TextChoices):
        POWERS = "POWERS", "不属于本级人大和政府职责"
        COURT = "COURT", "诉讼、仲裁、复议中的案件"
        PETITION = "PETITION", "应走信访、举报渠道"
        PRIVATE = "PRIVATE", "个人之间的纠纷"
        VAGUE = "VAGUE", "内容不清，无法联系核实"
        OTHER = "OTHER", "其他"

    PRIVATE_FIELDS = ("title", "text", "place", "about_name", "said", "reason", "proof")
    WITHOUT_POST = "本人"
    TITLE_LENGTH = 30
    State = RequestState
    FLOW = REQUEST_FLOW

    number = models.CharField("编号", max_length=20, unique=True, editable=False)
    visit = models.ForeignKey(
        Visit, models.PROTECT, null=True, related_name="requests", verbose_name="来访登记"
    )
    station = models.ForeignKey(Station, models.PROTECT, related_name="requests", verbose_name="站点")
    channel = models.CharField("渠道", max_length=7, choices=Visit.Channel.choices)
    category = models.ForeignKey(Category, models.PROTECT, null=True, blank=True, verbose_name="类别")
    title = models.CharField("标题", max_length=60)
    text = models.TextField("反映的问题")
    place = models.CharField("问题在什么地方", max_length=100, blank=True)
    received_on = models.DateField("登记日期")
    confidential = models.BooleanField("要求保密", default=False)
    about = models.ForeignKey(
        Department,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="反映的就是这个单位",
        help_text="反映某个单位的问题，不派给这个单位，也不让它看到",
    )
    about_name = models.CharField(
        "反映的是谁",
        max_length=15,
        blank=True,
        help_text="反映某个人（代表、干部）的问题，写他的全名；他本人和同名的人看不到",
    )
    follower = models.ForeignKey(
        Mandate, models.PROTECT, null=True, blank=True, related_name="followed", verbose_name="跟单代表"
    )
    theme = models.ForeignKey(
        "suggestions.Theme",
        models.PROTECT,
        null=True,
        editable=False,
        related_name="requests",
        verbose_name="共性问题",
    )
    joined_to = models.ForeignKey(
        "self", models.PROTECT, null=True, editable=False, related_name="joined", verbose_name="并到"
    )
    department = models.ForeignKey(
        Department,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="requests",
        verbose_name="承办单位",
    )
    round = models.PositiveSmallIntegerField("第几次办理", default=1, editable=False)
    due_on = models.DateField("答复期限", null=True, editable=False)
    refused = models.CharField(
        "不予受理的原因", max_length=8, choices=Refused.choices, blank=True, editable=False
    )
    said = models.TextField(
        "给本人的答复", blank=True, editable=False
    )  # on the spot, or where to turn instead
    solved = models.CharField("是否解决", max_length=6, choices=Solved.choices, blank=True, editable=False)
    promised_on = models.DateField("承诺日期", null=True, editable=False)
    dispatched_on = models.DateField("派单日期", null=True, editable=False)
    accepted_on = models.DateField("接单日期", null=True, editable=False)
    followed_on = models.DateField("跟单日期", null=True, editable=False)
    replied_on = models.DateField("答复日期", null=True, editable=False)
    fed_back_on = models.DateField("告知日期", null=True, editable=False)
    rated_on = models.DateField("评价日期", null=True, editable=False)
    closed_on = models.DateField("办结日期", null=True, editable=False)
    state = models.CharField(
        "状态", max_length=16, choices=RequestState.choices, default=RequestState.REGISTERED, editable=False
    )

    objects = RequestQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "诉求"
        indexes = [
            models.Index(fields=["area_path", "received_on", "id"], name="requests_of_an_area"),
            models.Index(fields=["station", "received_on"], name="requests_of_a_station"),
            models.Index(fields=["received_on", "id"], name="requests_by_day"),
            models.Index(
                fields=["about_name"], condition=Q(about_name__gt=""), name="requests_about_somebody"
            ),
            models.Index(
                fields=["area_path", "due_on"],
                condition=Q(state__in=IN_HAND),
                name="requests_in_hand",
            ),
            models.Index(
                fields=["area_path", "received_on", "id"],
                condition=Q(state__in=TO_DISPATCH),
                name="requests_to_dispatch",
            ),
            models.Index(
                fields=["area_path", "received_on", "id"],
                condition=Q(state__in=TO_FINISH),
                name="requests_to_finish",
            ),
        ]

    def __str__(self) -> str:
        return f"诉求单 {self.number}"

    def get_absolute_url(self) -> str:
        return f"/requests/{self.number}/"

    def enter(self, *, by: Post | None, note: str = "", data: dict[str, Any] | None = None) -> "Request":
        """Register: the number is year, month and day, and a serial of the day: 2026-1103-0042."""
        with transaction.atomic(savepoint=False):
            self.area = self.station.area
            self.give_number(Series.objects.next(self.series))
            self.seal()
            return super().enter(by=by, note=note, data=data)

    @property
    def series(self) -> str:
        """The series of numbers that it takes its own from: one for each day."""
        return f"request:{self.received_on:%Y%m%d}"

    def give_number(self, serial: int) -> None:
        self.number = f"{self.received_on:%Y-%m%d}-{serial:04d}"

    def person(self) -> Any:
        """Who asked; None where nobody is known. Reads what `select_related("visit__visitor")` brought."""
        return self.visit.person() if self.visit else None

    def follow_by(
        self, follower: Mandate | None, *, by: Post, version: int | None = None, note: str = ""
    ) -> None:
        """Name or change the deputy who follows it; None: nobody. The deputy hears of it."""
        if self.state in ENDED:
            raise NotAllowed(f"“{self}”已经办完，不用再指定跟单代表。")
        if follower is not None and not self.may_be_followed_by(follower):
            raise NotAllowed(f"这件诉求反映的就是{self.about_name}，请另选跟单代表。")
        with transaction.atomic():
            if self.amend(by=by, version=version, note=note, deed="follower", follower=follower):
                self.tell_follower()

    def tell_follower(self) -> None:
        """A notice to the account of the deputy who follows; once for each time that one is named."""
        user = self.follower.deputy.user if self.follower else None
        if user is not None:
            OutboxMessage.objects.put(
                key=f"request:{self.number}:follower:{user.pk}:{self.version}",
                to=user,
                kind="TODO",
                text=f"{self.number}（{self.area.name}）：已派给{self.department}，请您跟进。"
                if self.department
                else f"{self.number}（{self.area.name}）：请您跟进。",
                url=self.get_absolute_url(),
            )

    def say_about(
        self,
        *,
        by: Post,
        version: int | None = None,
        note: str = "",
        about: Department | None,
        about_name: str,
    ) -> None:
        """Whom it complains about, said or corrected at any time. They see nothing of it from now on."""
        self._refuse_about_oneself(about_name, by)
        with transaction.atomic():
            Request.objects.filter(joined=self).hold()  # before this one, as an answer does
            with self._held():
                changed: dict[str, Any] = {"about": about, "about_name": about_name}
                if not self.may_be_followed_by(self.follower, about_name):
                    changed["follower"] = None
                self.amend(by=by, version=version, note=note, deed="about", **changed)
                self._say_of_joined(by, note)

    def _say_of_joined(self, by: Post, note: str) -> None:
        """What is handled as one complains of the same."""
        same = Request.objects.filter(Q(joined_to=self) | Q(pk=self.joined_to_id))
        for other in same.exclude(about_name=self.about_name, about=self.about):
            other.say_about(by=by, note=note, about=self.about, about_name=self.about_name)

    @staticmethod
    def _refuse_about_oneself(name: str, by: Post) -> None:
        if bears(by.user, name):
            raise NotAllowed("反映的是您本人，请由别人来办。")

    def may_be_followed_by(self, mandate: Mandate | None, about_name: str | None = None) -> bool:
        """Not by whom the complaint is about; `about_name` where that is only now being said."""
        name = self.about_name if about_name is None else about_name
        return mandate is not None and (not name or mandate.deputy.name != name)

    def tell_answered(self, order: "Order") -> None:
        """To the staff of the station: who has answered, and until when the person is to be told."""
        today = timezone.localdate()
        if self.state == RequestState.REPLIED:
            days = policy_for(self.area, today).feedback_days
            by = Workdays.around(today).add(today, days).day
            self._tell_station(f"{order.department}已答复，请在{by:%-m月%-d日}前告诉本人。", order)
            for one in self._joined_in(RequestState.REPLIED) if self.round == 1 else ():
                one.tell_answered(order)
            return
        live = self.orders.filter(round=self.round, state__in=OPEN_ORDERS).exclude(share=Order.Share.HELPER)
        waiting = "、".join(live.order_by("pk").values_list("department__name", flat=True))
        rest = f"，还等{waiting}答复" if waiting else ""
        self._tell_station(f"{order.department}已答复{rest}。", order, kind="INFO")

    def tell_sent_back(self, order: "Order", *, reopened: bool) -> None:
        self._tell_station(f"{order.department}的答复退回重写，先不要告诉本人。", order, kind="INFO")
        for one in self._joined_in(RequestState.JOINED) if reopened else ():  # else nobody told them of it
            one.tell_sent_back(order, reopened=True)

    def _tell_station(self, text: str, order: "Order", kind: str = "TODO") -> None:
        for user in StationStaff.objects.keepers(self.station, timezone.localdate()):
            if bears(user, self.about_name):
                continue
            OutboxMessage.objects.put(
                key=f"request:{self.number}:{order.number}:{order.version}:{user.pk}",
                to=user,
                kind=kind,
                text=f"{self.number}（{self.station}）：{text}",
                url=self.get_absolute_url(),
            )

    def is_about(self, departments: Iterable[Department]) -> bool:
        """Is it a complaint about one of these, which must never learn of it?"""
        return self.about_id is not None and any(one.pk == self.about_id for one in departments)

    @property
    def wording(self) -> str:
        """What was said, the title once: it is often the first sentence."""
        return self.text if self.title in self.text else f"{self.title}。{self.text}"

    def put_in(self, theme: "Theme | None", *, by: Post, note: str = "") -> None:
        """Into a theme, or out of the one that it is in. Belongs to `theme`, whose step this is part of."""
        with self._held():
            if theme is not None and self.theme_id not in (None, theme.pk):
                raise NotAllowed(f"{self}已经归入“{self.theme}”，请先从那里移出。")
            self.amend(by=by, note=note, deed="group" if theme else "ungroup", theme=theme)

    # --- Steps: one for each row of REQUEST_FLOW ---

    def refusal(self, name: str, by: Post | None) -> str:  # type: ignore[override]
        """`by` is None for the person, who came by the link."""
        row = self.FLOW[name]
        if by is None:
            if PERSON not in row.roles:
                return "这一步要由工作人员来做。"
            return self._state_refusal(row)
        return super().refusal(name, by)

    @step
    def triage(
        self,
        *,
        by: Post,
        note: str,
        category: Category | None = None,
        **whom: Any,
    ) -> Callable[[], None]:
        """Looked at: what it is about, and whether it complains of a department or a person. It may be dispatched without.

        `whom`: `about` and `about_name`, empty where it turned out to complain of nobody. Not given, each stays.
        """
        self.category = category or self.category
        self.about = whom.get("about", self.about)
        self.about_name = whom.get("about_name", self.about_name)
        self._refuse_about_oneself(self.about_name, by)
        if not self.may_be_followed_by(self.follower):
            self.follower = None
        return lambda: self._say_of_joined(by, note)

    # --- 并案: the very same matter, told by several. One order; each keeps person, number, record and rating. ---

    @property
    def answering(self) -> "Request":
        """The request whose orders answer this one in its first round: that which it was joined to, or itself."""
        return self.joined_to or self

    @property
    def orders_of_round(self) -> "models.QuerySet[Order]":
        """The orders that answer in the round of now."""
        return (self.answering if self.round == 1 else self).orders.filter(round=self.round)

    @step
    def join(self, *, by: Post, note: str, to: "Request") -> None:
        """A person says that this is the same case as `to`, whose answer it then shares. Never done by a program."""
        if refusal := self._why_not_to(
            Request.objects.select_for_update(of=("self",), no_key=True).get(pk=to.pk)
        ):
            raise NotAllowed(refusal)
        self.joined_to = to

    def join_to(self, to: "Request", *, by: Post, version: int | None = None, note: str = "") -> None:
        """Joins it with both held, the earlier one first: two that are joined to each other at once wait in no ring."""
        with transaction.atomic():
            Request.objects.filter(pk__in=(self.pk, to.pk)).hold()
            self.join(by=by, note=note, version=version, to=to)

    def _why_not_to(self, to: "Request") -> str:
        if to.pk == self.pk:
            return "不能并到它自己，请选另一件。"
        if to.state == RequestState.JOINED:
            return f"“{to}”已经并到 {to.answering.number}，请直接并到那一件。"
        if to.state not in (*TO_DISPATCH, *IN_HAND) or to.round > 1 or self.round > 1:
            return f"“{to}”现在是“{to.get_state_display()}”。只有第一次办理、还没有答复的，才能并案。"
        if self.joined.filter(state=RequestState.JOINED).exists():
            return "已经有别的诉求并到这一件。请反过来，把那一件并到这一件来。"
        if to.confidential:
            return "那一件的反映人要求保密，答复不给别人看，不能并到那一件。"
        if (self.about_id, self.about_name) != (to.about_id, to.about_name):
            return "有一件是反映单位或个人的，两件反映的对象不一样，不能并案。"
        return ""

    @step
    def part(self, *, by: Post | None, note: str) -> None:
        """They were not the same case after all: it waits to be dispatched by itself."""
        if not note:
            raise NotAllowed("请写明为什么拆开。")
        self.joined_to = None

    @step
    def reply_too(self, *, by: Post | None, note: str) -> None:
        """What it was joined to is answered, and so is this one; from here on each goes its own way."""
        host, today = self.answering, timezone.localdate()
        self.department, self.promised_on = host.department, host.promised_on
        self.dispatched_on = max(host.dispatched_on or today, self.received_on)
        self.accepted_on = max(host.accepted_on or today, self.received_on)
        self.replied_on = self.replied_on or today

    @step
    def unreply_too(self, *, by: Post | None, note: str) -> None:
        self.promised_on = None

    def _joined_in(self, *states: RequestState) -> "models.QuerySet[Request]":
        """Those joined to this one that have had no round of their own."""
        return self.joined.filter(state__in=states, round=1).order_by("pk")

    def _let_go(self, by: Post | None) -> None:
        """It ends without a department's answer: those that shared it wait for the office again."""
        for one in self._joined_in(RequestState.JOINED):
            one.part(by=by, note=f"{self.number} {self.get_state_display()}，这一件单独办理", follows=True)

    @step
    def answer(self, *, by: Post, note: str, said: str, solved: str = "") -> Callable[[], None]:
        """Answered on the spot: counted apart, and done."""
        self.said, self.solved = said, solved or self.Solved.YES
        self.closed_on = timezone.localdate()
        return lambda: self._let_go(by)

    @step
    def decline(self, *, by: Post, note: str, refused: str, said: str) -> Callable[[], None]:
        """Not accepted: why, and where to turn instead."""
        if not said:
            raise NotAllowed("请写明请本人去哪里反映。")
        self.refused, self.said = refused, said
        self.closed_on = timezone.localdate()
        return lambda: self._let_go(by)

    @step
    def dispatch(
        self,
        *,
        by: Post,
        note: str,
        lead: Department | None = None,
        helpers: Sequence[Department] = (),
        apart: Sequence[Department] = (),
        days: int | None = None,
        follower: Mandate | None = None,
    ) -> Callable[[], None]:
        """Give it to departments: one in the lead with its helpers, or several that each answer for themselves.

        `days` working days to the answer; as policy says where None. The clock starts today.
        """
        shares = [(one, Order.Share.LEAD) for one in ([lead] if lead else [])]
        shares += [(one, Order.Share.HELPER) for one in helpers]
        shares += [(one, Order.Share.APART) for one in apart]
        self._refuse_unless_shared(shares, by)
        today = timezone.localdate()
        received = self.visit.received_by if self.visit else None
        named = (follower, self.follower, received)
        in_office = [one for one in named if one and (one.to_on is None or one.to_on >= today)]
        self.follower = next(filter(self.may_be_followed_by, in_office), None)
        self.department = lead or apart[0]
        self.dispatched_on = self.dispatched_on or today
        orders = [self._order(department, share, today, days, note) for department, share in shares]
        self.due_on = max(order.due_on for order in orders if order.share != Order.Share.HELPER)

        def issue() -> None:
            self._issue(orders, by)
            self.tell_follower()

        return issue

    def is_barred_from(self, department: Department) -> str:
        if department.pk == self.about_id:
            return f"这件诉求反映的就是{department}，不能派给它，请派给它的上级单位。"
        acting = department.staff.current(timezone.localdate()).select_related("post__user")
        if self.about_name and any(bears(one.post.user, self.about_name) for one in acting):
            return f"{self.about_name}是{department}的经办人，不能派给它，请派给它的上级单位。"
        return ""

    def latest_extension(self, due_on: date, policy: Policy) -> Deadline:
        return Workdays.around(due_on).add(due_on, policy.extension_days)

    def longest_extension(self, policy: Policy) -> str:
        return f"{policy.extension_days} 个工作日"

    @property
    def days_rule(self) -> str:
        """The rule of policy that says in how many working days who is given it now answers."""
        return "reply_days" if self.round == 1 else "rehandle_days"

    def _order(
        self, department: Department, share: str, today: date, days: int | None, task: str = ""
    ) -> "Order":
        """The order of one department, not saved yet, with its due day."""
        policy = policy_for(self.area, today)
        calendar = Workdays.around(today)
        if share == Order.Share.HELPER:
            days = policy.opinion_days
        elif days is None:
            days = getattr(policy, self.days_rule)
        due = calendar.add(today, days)
        return Order(
            request=self,
            area=self.area,
            department=department,
            share=share,
            round=self.round,
            task=task,
            issued_on=today,
            days=days,
            due_on=due.day,
            due_because=due.explanation,
            accept_by=calendar.add(today, policy.accept_days).day,
        )

    def _answered(self) -> "list[Order]":
        return list(self.orders_of_round.filter(state__in=ANSWERED_ORDERS).select_related("department"))

    @step
    def begin(self, *, by: Post | None, note: str) -> None:
        """The first department has accepted."""
        self.accepted_on = self.accepted_on or timezone.localdate()

    @step
    def come_back(self, *, by: Post | None, note: str) -> None:
        """No department is left that would answer: it waits for the office again."""
        self.department, self.due_on = None, None

    @step
    def reply(self, *, by: Post | None, note: str, promised_on: date | None = None) -> Callable[[], None]:
        """All who owe an answer have given it; those joined to it share it."""
        self.accepted_on = self.accepted_on or timezone.localdate()
        self.replied_on = self.replied_on or timezone.localdate()
        self.promised_on = promised_on

        def share() -> None:
            for one in self._joined_in(RequestState.JOINED):
                one.reply_too(by=by, follows=True)

        return share

    @step
    def unreply(self, *, by: Post | None, note: str) -> Callable[[], None] | None:
        """To be written again; not once somebody who shares the answer has been told of it."""
        self.promised_on = None
        if self.round > 1:
            return None
        if told := self._joined_in(*TOLD).first():
            raise NotAllowed(f"并案的 {told.number} 已经告知本人，不能再退回重写。")

        def share() -> None:
            for one in self._joined_in(RequestState.REPLIED):
                one.unreply_too(by=by, follows=True)

        return share

    @step
    def feed_back(
        self, *, by: Post, note: str, how: str, on: date | None = None, proof: str = "", said: str = ""
    ) -> Callable[[], Any]:
        """The person has been told: how, on which day, what shows it, and what the person `said`."""
        day = on or timezone.localdate()
        if day > timezone.localdate():
            raise NotAllowed("告知日期不能晚于今天。")
        if (replied := self.orders_of_round.aggregate(day=models.Max("replied_on"))["day"]) and day < replied:
            raise NotAllowed(f"部门{replied:%-m月%-d日}才答复，告知日期不能早于这一天。")
        self.fed_back_on = self.fed_back_on or day
        return lambda: Feedback(
            request=self, round=self.round, how=how, on=day, proof=proof, note=said, by=by
        ).save()

    @step
    def rate(
        self,
        *,
        by: Post | None,
        note: str,
        attitude: str,
        result: str,
        solved: str,
        reason: str = "",
        how: str = "",
        turn: int | None = None,
    ) -> Callable[[], None]:
        """By the person through the link (`by` is None), or taken down by the station and marked so.

        Unsatisfied needs a reason, and opens a new round as often as policy says, where there is somebody to take it
        up; then the office decides. `turn` is the round that the page showed.
        """
        if turn is not None and turn != self.round:
            raise NotAllowed(
                f"这是第 {turn} 次办理的评价页，现在已是第 {self.round} 次办理，请看最新的答复再评价。"
            )
        unhappy = Rating.Mark.UNSATISFIED in (attitude, result)
        if unhappy and not reason:
            raise NotAllowed("请写明哪里不满意。")
        if by is not None and not how:
            raise NotAllowed("请写明本人是怎样说的：电话、当面还是书面。")
        today = timezone.localdate()
        self.rated_on, self.solved = self.rated_on or today, solved
        Rating.objects.create(
            request=self, round=self.round, on=today, attitude=attitude, result=result, solved=solved,
            reason=reason, how=how, by=by,
        )  # fmt: skip
        again = unhappy and self.round <= policy_for(self.area, today).rehandle_rounds
        if again and not self._why_not_again(self._answered()):
            return lambda: self.rehandle(by=by, note="评价不满意，重新办理", follows=True)
        if not unhappy and solved == self.Solved.YES:
            return lambda: self.close(by=by, note="本人满意，问题已解决", solved=solved, follows=True)
        return lambda: None

    @step
    def rehandle(
        self, *, by: Post | None, note: str, days: int | None = None, lead: Department | None = None
    ) -> Callable[[], None]:
        """A new round, with its own clock, for those who answered in the last one; or for `lead`, who takes it over."""
        if not note:
            raise NotAllowed("请写明为什么重新办理。")
        today = timezone.localdate()
        if lead is not None and by is not None:
            self._refuse_unless_shared([(lead, Order.Share.LEAD)], by)
            self.round, self.department = self.round + 1, lead
            orders = [self._order(lead, Order.Share.LEAD, today, days, note)]
            self.due_on = orders[0].due_on
        else:
            orders = self._again(today, days, note)
        self.closed_on, self.promised_on = None, None
        return lambda: self._issue(orders, by)

    @step
    def track(self, *, by: Post, note: str, promised_on: date) -> None:
        """It will be done by a promised day; until then it is neither closed nor forgotten."""
        if promised_on <= timezone.localdate():
            raise NotAllowed("承诺日期应在今天以后。")
        self.promised_on = promised_on

    @step
    def close(self, *, by: Post | None, note: str, solved: str = "") -> None:
        """Closed and solved are two things. Not rated yet: only after policy's days of waiting."""
        today = timezone.localdate()
        if self.state == RequestState.FED_BACK:
            told = self.feedbacks.filter(round=self.round).order_by("pk").last()
            wait = (told.on if told else today) + timedelta(days=policy_for(self.area, today).rating_days)
            if today <= wait:
                raise NotAllowed(f"{wait:%-m月%-d日}以前还在等本人评价，不能办结。")
        self.solved = solved or self.solved
        if not self.solved:
            raise NotAllowed("请选是否解决。")
        self.closed_on = today

    @step
    def withdraw(self, *, by: Post, note: str) -> Callable[[], None]:
        if not note:
            raise NotAllowed("请写明本人为什么撤回。")
        self.closed_on = timezone.localdate()

        def let_go() -> None:
            self._cancel_orders(by, "反映人撤回了诉求")
            self._let_go(by)

        return let_go


class Feedback(models.Model):
    """告知: how a person was told of the answer, and what shows it."""

    class How(models.TextChoices):
        PHONE = "PHONE", "电话"
        MEETING = "MEETING", "当面"
        LETTER = "LETTER", "书面"
        MESSAGE = "MESSAGE", "短信、微信"
        NOTICE = "NOTICE", "公开张贴"

    request = models.ForeignKey(Request, models.PROTECT, related_name="feedbacks")
    round = models.PositiveSmallIntegerField("第几次办理")
    on = models.DateField("告知日期")
    how = models.CharField("告知方式", max_length=7, choices=How.choices)
    proof = models.CharField("凭据", max_length=200, blank=True)
    note = models.CharField("说明", max_length=200, blank=True)
    by = models.ForeignKey(Post, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "告知"

    def __str__(self) -> str:
        return f"{self.get_how_display()}告知"


class RatingQuerySet(models.QuerySet["Rating"]):
    def visible_to(self, post: Post | None) -> "RatingQuerySet":
        return self.filter(request__in=Apart(Request.objects.visible_to(post)))


class Rating(models.Model):
    """评单: one for each round, attitude and result apart. `by` is empty where the person gave it by the link."""

    class Mark(models.TextChoices):
        SATISFIED = "SATISFIED", "满意"
        FAIRLY = "FAIRLY", "基本满意"
        UNSATISFIED = "UNSATISFIED", "不满意"

    class How(models.TextChoices):
        PHONE = "PHONE", "电话里说的"
        MEETING = "MEETING", "当面说的"
        PAPER = "PAPER", "书面写的"

    request = models.ForeignKey(Request, models.PROTECT, related_name="ratings")
    round = models.PositiveSmallIntegerField("第几次办理")
    on = models.DateField("评价日期")
    attitude = models.CharField("办理态度", max_length=11, choices=Mark.choices)
    result = models.CharField("办理结果", max_length=11, choices=Mark.choices)
    solved = models.CharField("是否解决", max_length=6, choices=Request.Solved.choices)
    reason = models.TextField("哪里不满意", blank=True)
    how = models.CharField("怎样代记", max_length=7, choices=How.choices, blank=True)
    by = models.ForeignKey(Post, models.PROTECT, null=True, related_name="+", verbose_name="代记人")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = RatingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "评价"
        constraints = [
            models.UniqueConstraint(fields=["request", "round"], name="one_rating_a_round"),
        ]

    def __str__(self) -> str:
        return f"第{self.round}次办理：{self.get_result_display()}"


from .order import Order  # noqa: E402 — an order is of a request, and a request is answered by its orders
