"""Attendance: who is expected at an activity, and who came. Excused is its own thing, and so is substituted."""

from datetime import date

from django.db import models, transaction
from django.utils import timezone

from deputies.models import Mandate
from liaison.accounts.models import Post, Role
from liaison.core.models import AuditEntry, OutboxMessage
from liaison.core.places import inside
from liaison.core.workflow import Moving, NotAllowed, step
from stations.models import Station
from visits.workflow import AHEAD, ATTENDANCE_FLOW, EXPECTED, ActivityState, AttendanceState

from .activity import Activity


class AttendanceQuerySet(models.QuerySet["Attendance"]):
    def visible_to(self, post: Post | None) -> "AttendanceQuerySet":
        """Those of the activities one keeps; a deputy: one's own."""
        if post is None:
            return self.none()
        match post.role:
            case Role.OFFICE | Role.AUDITOR:
                return self.filter(inside(post.area, "activity__area_path"))
            case Role.STATION:
                return self.filter(activity__station__in=Station.objects.visible_to(post).values("pk"))
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

    def answered(self) -> "AttendanceQuerySet":
        """The deputy has said yes, or asked for leave, or was given it."""
        return self.filter(
            state__in=(AttendanceState.CONFIRMED, AttendanceState.LEAVE_ASKED, AttendanceState.LEAVE)
        )

    def leave_asked(self) -> "AttendanceQuerySet":
        return self.filter(state=AttendanceState.LEAVE_ASKED)

    def ahead(self, on: date) -> "AttendanceQuerySet":
        """Of days that are still to come, or today."""
        return self.filter(activity__day__gte=on, activity__state__in=(*AHEAD, ActivityState.OPEN))

    def present(self) -> "AttendanceQuerySet":
        return self.filter(state=AttendanceState.PRESENT)


class Attendance(Moving):
    """One mandate's place on the roster of one activity."""

    class How(models.TextChoices):
        STAFF = "STAFF", "联络员登记"
        QR = "QR", "扫码"
        DEVICE = "DEVICE", "考勤设备"

    State = AttendanceState
    FLOW = ATTENDANCE_FLOW

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
        indexes = [models.Index(fields=["mandate", "state"], name="attendances_of_a_mandate")]

    def __str__(self) -> str:
        return f"{self.mandate.deputy.name}（{self.activity}）"

    @property
    def area_path(self) -> str:
        return self.activity.area_path

    @classmethod
    def roster(cls, activity: Activity, mandate: Mandate, *, by: Post, told: bool = True) -> "Attendance":
        """Put a mandate on the roster. Raises NotAllowed where the mandate does not hold on that day, or is there already."""
        if activity.state not in (*AHEAD, ActivityState.OPEN):
            raise NotAllowed(f"“{activity}”现在是“{activity.get_state_display()}”，不能再排代表。")
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

    def tell(self, text: str, what: str, kind: str = "INFO") -> None:
        """A notice to the deputy, where the deputy has an account."""
        user = self.mandate.deputy.user
        if user is not None:
            key = f"attendance:{self.pk}:{what}"
            OutboxMessage.objects.put(
                key=key, to=user, kind=kind, text=text, url=self.activity.get_absolute_url()
            )

    def refusal(self, name: str, by: Post) -> str:
        """A deputy answers for oneself alone, and only while the day is ahead."""
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

    # --- Steps: one for each row of ATTENDANCE_FLOW ---

    @step
    def confirm(self, *, by: Post, note: str) -> None:
        self.leave_reason = ""

    @step
    def ask_leave(self, *, by: Post, note: str) -> None:
        if not note:
            raise NotAllowed("请写明请假原因。")
        self.leave_reason = note[:200]
        self._tell_staff(f"{self.mandate.deputy.name}申请在{self.activity.day:%-m月%-d日}请假，请处理。")

    def _tell_staff(self, text: str) -> None:
        staff = self.activity.station.staff.current(timezone.localdate()).select_related("post__user")
        for row in staff:
            key = f"attendance:{self.pk}:leave:{self.version}:{row.pk}"
            OutboxMessage.objects.put(
                key=key, to=row.post.user, kind="TODO", text=text, url=self.activity.get_absolute_url()
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
    def check_in(self, *, by: Post, note: str, how: str = How.STAFF) -> None:
        if self.activity.day > timezone.localdate():
            raise NotAllowed("接待日还没到，不能签到。")
        self.how, self.arrived_at = how, timezone.now()

    @step
    def mark_absent(self, *, by: Post, note: str) -> None:
        if self.activity.day > timezone.localdate():
            raise NotAllowed("接待日还没到，不能记缺席。")
        self.how, self.arrived_at = self.How.STAFF, None

    @step
    def substitute(self, *, by: Post, note: str, mandate: Mandate) -> None:
        """Somebody else comes instead: a new place on the roster, tied to this one."""
        self.stand_in = Attendance.roster(self.activity, mandate, by=by)
