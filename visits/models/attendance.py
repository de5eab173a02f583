"""Attendance: who is expected at an activity, and who came. Excused is its own thing, and so is substituted."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import models, transaction
from django.db.models import Count, F, Q
from django.utils import timezone

from deputies.models import Deputy, Mandate
from liaison.accounts.models import Post, Role
from liaison.core.apart import Apart
from liaison.core.models import AuditEntry, OutboxMessage
from liaison.core.places import inside
from liaison.core.workflow import Moving, NotAllowed, step
from stations.models import Station, StationStaff
from visits.checkin import code_fault
from visits.workflow import (
    AHEAD,
    ATTENDANCE_FLOW,
    CONTEST_FLOW,
    EXPECTED,
    WORKING,
    ActivityState,
    AttendanceState,
    ContestState,
)

from .activity import Activity

# The figures of a duty record: what each counts, out of entries that count at all (see `counted`).
TALLY = {
    "due": Q(state__in=(AttendanceState.PRESENT, AttendanceState.ABSENT)),
    "present": Q(state=AttendanceState.PRESENT),
    "leave": Q(state=AttendanceState.LEAVE),
    "absent": Q(state=AttendanceState.ABSENT),
    "substituted": Q(state=AttendanceState.SUBSTITUTED),
    "unanswered": Q(state=AttendanceState.LEAVE_ASKED),
}
_DAY = F("activity__day")
ON_DUTY = Q(  # see `counted`
    Q(mandate__to_on=None) | Q(mandate__to_on__gte=_DAY),
    Q(mandate__suspended_on=None) | Q(mandate__suspended_on__gt=_DAY),
    activity__state=ActivityState.CLOSED,
    mandate__from_on__lte=_DAY,
)


class AttendanceQuerySet(models.QuerySet["Attendance"]):
    def visible_to(self, post: Post | None) -> "AttendanceQuerySet":
        """Those of the activities one keeps; a deputy: one's own."""
        if post is None:
            return self.none()
        match post.role:
            case Role.OFFICE | Role.AUDITOR:
                return self.filter(inside(post.area, "activity__area_path"))
            case Role.STATION:
                return self.filter(activity__station__in=Apart(Station.objects.visible_to(post)))
            case Role.DEPUTY:
                return self.filter(mandate__deputy__user=post.user_id)
            case _:
                return self.none()

    def on_roster(self) -> "AttendanceQuerySet":
        """Everyone but those whom somebody else replaced."""
        return self.exclude(state=AttendanceState.SUBSTITUTED)

    def expected(self) -> "AttendanceQuerySet":
        return self.filter(state__in=EXPECTED)

    def announced(self) -> "AttendanceQuerySet":
        """Who stands on the notice: expected, or come already."""
        return self.filter(state__in=(*EXPECTED, AttendanceState.PRESENT))

    def may_come(self) -> "AttendanceQuerySet":
        """Who fills a place on the roster: neither replaced nor excused nor absent; leave asked for is not given yet."""
        return self.filter(state__in=(*EXPECTED, AttendanceState.LEAVE_ASKED, AttendanceState.PRESENT))

    def answered(self) -> "AttendanceQuerySet":
        """The deputy has said yes, or asked for leave, or was given it."""
        return self.filter(
            state__in=(AttendanceState.CONFIRMED, AttendanceState.LEAVE_ASKED, AttendanceState.LEAVE)
        )

    def leave_asked(self) -> "AttendanceQuerySet":
        return self.filter(state=AttendanceState.LEAVE_ASKED)

    def ahead(self, on: date) -> "AttendanceQuerySet":
        """Of days that are still to come, or today."""
        return self.filter(activity__day__gte=on, activity__state__in=WORKING)

    def present(self) -> "AttendanceQuerySet":
        return self.filter(state=AttendanceState.PRESENT)

    def closed(self) -> "AttendanceQuerySet":
        """Of days that are over and closed."""
        return self.filter(activity__state=ActivityState.CLOSED)

    def contested(self) -> "AttendanceQuerySet":
        """With an objection that waits for its answer."""
        return self.filter(objection=ContestState.OPEN)

    def counted(self) -> "AttendanceQuerySet":
        """What a duty record is made of: closed days on which the mandate was held and not suspended.

        Days before a mandate began, after it ended or while it is suspended never count (model.md §4).
        """
        return self.filter(ON_DUTY)

    def tally(self) -> dict[str, int]:
        """The figures of TALLY over these entries; `due` leaves out who was excused or substituted."""
        counts = {name: Count("pk", filter=condition) for name, condition in TALLY.items()}
        return self.counted().order_by().aggregate(**counts)

    def tally_by_deputy(self) -> dict[int, dict[str, int]]:
        """The same figures for each person, by the deputy's key."""
        counts = {name: Count("pk", filter=condition) for name, condition in TALLY.items()}
        rows = self.counted().order_by().values_list("mandate__deputy").annotate(**counts)
        return {deputy: dict(zip(TALLY, figures, strict=True)) for deputy, *figures in rows}

    def people(self) -> "models.QuerySet[Deputy]":
        """The persons whom these entries are about."""
        return Deputy.objects.filter(
            models.Exists(self.order_by().filter(mandate__deputy=models.OuterRef("pk")))
        )


class Attendance(Moving):
    """One mandate's place on the roster of one activity."""

    class How(models.TextChoices):
        STAFF = "STAFF", "联络员登记"
        QR = "QR", "扫码"
        DEVICE = "DEVICE", "考勤设备"
        APPEAL = "APPEAL", "异议更正"

    State = AttendanceState
    Objection = ContestState
    FLOW = ATTENDANCE_FLOW | CONTEST_FLOW
    SETTLED = ("activity_id",)

    activity = models.ForeignKey(Activity, models.PROTECT, related_name="attendances", verbose_name="活动")
    mandate = models.ForeignKey(Mandate, models.PROTECT, related_name="attendances", verbose_name="代表")
    state = models.CharField(
        "状态",
        max_length=12,
        choices=AttendanceState.choices,
        default=AttendanceState.ROSTERED,
        editable=False,
    )
    how = models.CharField("认定方式", max_length=6, choices=How.choices, blank=True, editable=False)
    arrived_at = models.DateTimeField(null=True, editable=False)
    leave_reason = models.CharField("请假原因", max_length=200, blank=True, editable=False)
    stand_in = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        editable=False,
        related_name="stands_in_for",
        verbose_name="由谁替换",
    )
    objection = models.CharField(
        "异议", max_length=7, choices=ContestState.choices, blank=True, editable=False
    )
    objected_at = models.DateTimeField("提异议的时间", null=True, editable=False)
    objection_reason = models.CharField("异议理由", max_length=200, blank=True, editable=False)
    objection_answer = models.CharField("异议答复", max_length=200, blank=True, editable=False)

    objects = AttendanceQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "到会"
        constraints = [
            models.UniqueConstraint(
                fields=["activity", "mandate"],
                name="rostered_once_per_activity",
                violation_error_message="这位代表已经在名单里。",
            )
        ]
        indexes = [
            models.Index(fields=["mandate", "state"], name="attendances_of_a_mandate"),
            models.Index(fields=["id"], name="attendances_contested", condition=Q(objection="OPEN")),
        ]

    def __str__(self) -> str:
        return f"{self.mandate.deputy.name}（{self.activity}）"

    @property
    def area_path(self) -> str:
        return self.activity.area_path

    @classmethod
    def roster(cls, activity: Activity, mandate: Mandate, *, by: Post, told: bool = True) -> "Attendance":
        """Put a mandate on the roster. Raises NotAllowed where the mandate does not hold on that day, or is there already."""
        activity.must_take_deputies()
        if why_not := mandate.why_not_on(activity.day):
            raise NotAllowed(why_not)
        with transaction.atomic():
            attendance, made = cls.objects.get_or_create(activity=activity, mandate=mandate)
            if not made:
                raise NotAllowed(
                    f"{mandate.deputy.name}已经在名单里，现在是“{attendance.get_state_display()}”。"
                )
            AuditEntry.objects.record(attendance, "roster", by=by, after=attendance.state)
            if told:
                attendance.tell(
                    f"请您参加{activity.station}{activity.day:%-m月%-d日} {activity.starts_at:%-H:%M}—{activity.ends_at:%-H:%M}"
                    f"{activity.get_kind_display()}，请确认或请假。",
                    "rostered",
                    kind="TODO",
                )
        return attendance

    @classmethod
    def roster_each(
        cls, asked: Iterable[tuple[Activity, Mandate]], *, by: Post, told: bool = True
    ) -> tuple[list["Attendance"], list[str]]:
        """All of these that can be. Returns the new places, and of the others why not, in sentences."""
        rows, placed, refusals = list(asked), [], []
        several = len({activity.pk for activity, _ in rows}) > 1
        for activity, mandate in rows:
            try:
                placed.append(cls.roster(activity, mandate, by=by, told=told))
            except NotAllowed as refusal:
                refusals.append(f"{activity.day:%-m月%-d日}：{refusal}" if several else str(refusal))
        return placed, refusals

    @classmethod
    def roster_all(cls, asked: Iterable[tuple[Activity, Mandate]], *, by: Post) -> list["Attendance"]:
        """All of these or, where one is refused, none. Raises NotAllowed with every refusal."""
        with transaction.atomic():
            placed, refusals = cls.roster_each(asked, by=by)
            if refusals:
                raise NotAllowed("".join(refusals))
        return placed

    def tell(self, text: str, what: str, kind: str = "INFO", urgent: bool = False) -> None:
        """A notice to the deputy, where the deputy has an account. `urgent`: by night too."""
        user = self.mandate.deputy.user
        if user is not None:
            key = f"attendance:{self.pk}:{what}"
            OutboxMessage.objects.put(
                key=key, to=user, kind=kind, text=text, url=self.activity.get_absolute_url(), urgent=urgent
            )

    def refusal(self, name: str, by: Post) -> str:
        """A deputy answers for oneself alone, and only while the day is ahead; checks in on the day; contests after it."""
        if name in CONTEST_FLOW:
            return super().refusal(name, by) or self._contest_refusal(name, by)
        if name == "arrive":
            return self._arrival_refusal(by) or super().refusal(name, by)
        if by.role == Role.DEPUTY and name in self.FLOW:
            if self.mandate.deputy.user_id != by.user_id:
                return "只能确认或请假自己的班次。"
            if self.activity.state not in AHEAD or self.activity.day < timezone.localdate():
                return "这次活动已经开始或过去，请联系联络站。"
        if self.activity.state == ActivityState.CANCELLED:
            return "这次活动已取消。"
        if self.activity.state == ActivityState.CLOSED:
            return "这次活动已结束。要改到会情况，请先重新打开。"
        return super().refusal(name, by)

    def _arrival_refusal(self, by: Post) -> str:
        """Why `by` may not check in by the code in the room, apart from the table."""
        activity, today = self.activity, timezone.localdate()
        if by.role == Role.DEPUTY and self.mandate.deputy.user_id != by.user_id:
            return "只能为自己签到。"
        if activity.state == ActivityState.CANCELLED:
            return "这次活动已取消。"
        if activity.state == ActivityState.CLOSED:
            return "这次活动已经结束登记，不能再签到。您确实到会的，请在“到会记录”里提出异议。"
        if activity.day > today:
            return f"活动在{activity.day:%-m月%-d日}，还没到。请当天到现场再签到。"
        if activity.day < today:
            return f"这次活动在{activity.day:%-m月%-d日}，已经过了。请找联络员登记。"
        if self.state == AttendanceState.PRESENT:
            return "您已经签到，不用再签。"
        if self.state == AttendanceState.SUBSTITUTED:
            return "您这次已由别的代表替换。您到了现场的，请找联络员登记。"
        return self.mandate.why_not_on(activity.day)

    def _contest_refusal(self, name: str, by: Post) -> str:
        """Why `by` may not contest, or decide on an objection, apart from the table. Asks nothing of the database."""
        if by.role == Role.DEPUTY and self.mandate.deputy.user_id != by.user_id:
            return "只能对自己的到会记录提异议。"
        if name != "contest":
            return "" if self.objection == ContestState.OPEN else "这条到会记录没有待答复的异议。"
        if self.activity.state != ActivityState.CLOSED:
            return "这次活动还没有结束登记。有不对的，请直接告诉联络站。"
        if self.objection == ContestState.OPEN:
            return "您已经提过异议，请等联络站或人大机关答复。"
        if self.objection in (ContestState.UPHELD, ContestState.KEPT):
            return "这条记录的异议已经答复过。还有疑问，请联系本级人大代表工作机构。"
        if timezone.localdate() > self.activity.contest_until:
            return f"提异议的期限到{self.activity.contest_until:%Y年%-m月%-d日}，已经过了。请联系本级人大代表工作机构。"
        return ""

    # --- Steps: one for each row of ATTENDANCE_FLOW and CONTEST_FLOW ---

    @step
    def confirm(self, *, by: Post, note: str) -> None:
        self.leave_reason = ""

    @step
    def ask_leave(self, *, by: Post, note: str) -> None:
        if not note:
            raise NotAllowed("请写明请假原因。")
        self.leave_reason = note[:200]
        self._tell_staff(f"{self.mandate.deputy.name}申请在{self.activity.day:%-m月%-d日}请假，请处理。")

    def _tell_staff(self, text: str, what: str = "leave", kind: str = "TODO") -> None:
        for user in StationStaff.objects.keepers(self.activity.station, timezone.localdate()):
            key = f"attendance:{self.pk}:{what}:{self.version}:{user.pk}"
            OutboxMessage.objects.put(
                key=key, to=user, kind=kind, text=text, url=self.activity.get_absolute_url()
            )

    @step
    def grant_leave(self, *, by: Post, note: str) -> None:
        self.tell(f"{self.activity.day:%-m月%-d日}的请假已批准。", f"granted:{self.version}")

    @step
    def refuse_leave(self, *, by: Post, note: str) -> None:
        self.tell(
            f"{self.activity.day:%-m月%-d日}的请假没有批准：{note or '请联系联络站'}",
            f"refused:{self.version}",
        )

    @step
    def check_in(
        self,
        *,
        by: Post,
        note: str,
        how: str = How.STAFF,
        arrived_at: datetime | None = None,
        seen: bool = True,
    ) -> None:
        """By the staff, or out of a device's file, which knows when (`arrived_at`).

        On the day itself it is now, where the staff see the deputy come in (`seen`); afterwards nobody knows.
        """
        if self.activity.day > timezone.localdate():
            raise NotAllowed("接待日还没到，不能签到。")
        now = timezone.now() if seen and self.activity.day == timezone.localdate() else None
        self.how, self.arrived_at = how, arrived_at or now
        self.stand_in = None  # who came after all is replaced by nobody; the one called in keeps the place

    @step
    def arrive(self, *, by: Post, note: str, code: str, at: datetime | None = None) -> None:
        """The deputy is in the room: `code` stood on its screen `at` that moment (None: now)."""
        at = at or timezone.now()
        if fault := code_fault(self.activity_id, code, at):
            raise NotAllowed(fault)
        self.how, self.arrived_at = self.How.QR, at

    @step
    def mark_absent(self, *, by: Post, note: str) -> None:
        if self.activity.day > timezone.localdate():
            raise NotAllowed("接待日还没到，不能记缺席。")
        self.how, self.arrived_at = self.How.STAFF, None

    @step
    def substitute(self, *, by: Post, note: str, mandate: Mandate) -> None:
        """Somebody else comes instead: a new place on the roster, tied to this one."""
        self.stand_in = Attendance.roster(self.activity, mandate, by=by)

    @step
    def contest(self, *, by: Post, note: str) -> None:
        """The deputy says that the entry is wrong, and why. The desk is told."""
        if not note:
            raise NotAllowed("请写明哪里不对。")
        self.objection, self.objected_at = ContestState.OPEN, timezone.now()
        self.objection_reason, self.objection_answer = note[:200], ""
        self._tell_staff(f"{self._objected()}，请核实答复。", "contest")

    @step
    def drop_contest(self, *, by: Post, note: str) -> None:
        self.objection = ContestState.DROPPED
        self._tell_staff(f"{self._objected()}，已由本人撤回。", "dropped", kind="INFO")

    @step
    def correct_present(self, *, by: Post, note: str) -> None:
        """The objection is right: the deputy was there. Whoever was called in instead keeps the place."""
        self.how, self.arrived_at, self.stand_in = self.How.APPEAL, None, None
        self._answer(ContestState.UPHELD, note, "更正为已到")

    @step
    def correct_leave(self, *, by: Post, note: str) -> None:
        """The objection is right: the deputy was excused, and so cannot have reported either."""
        self.activity.reporting.remove(self.mandate)
        self.how, self.arrived_at, self.stand_in = self.How.APPEAL, None, None
        self._answer(ContestState.UPHELD, note, "更正为请假")

    @step
    def keep(self, *, by: Post, note: str) -> None:
        """The entry stands; the deputy is told why."""
        if not note:
            raise NotAllowed("请写明维持原记录的理由，会告诉代表。")
        self._answer(ContestState.KEPT, note, "维持原记录")

    def _answer(self, outcome: ContestState, note: str, words: str) -> None:
        """Both are told: the deputy who objected, and the staff whose entry it is."""
        self.objection, self.objection_answer = outcome, note[:200]
        text = f"{self._objected()}，已答复：{words}。{note}"
        self.tell(text, f"answered:{self.version}")
        self._tell_staff(text, "answered", kind="INFO")

    def _objected(self) -> str:
        activity = self.activity
        day = f"{activity.day:%-m月%-d日}{activity.get_kind_display()}"
        return f"{self.mandate.deputy.name}对{activity.station}{day}的到会记录提出异议"
