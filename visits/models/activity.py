"""Activities: the dated things that deputies do from a station, reception days first of all."""

from collections.abc import Sequence as Values
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from deputies.models import Mandate
from liaison.accounts.models import Post, Role
from liaison.core.apart import Apart
from liaison.core.models import Sequence
from liaison.core.places import InArea, inside
from liaison.core.policy import Policy, policy_for
from liaison.core.workflow import Moving, NotAllowed, step
from stations.models import Station
from visits.kinds import HALF, KINDS, clean_details, missing
from visits.workflow import ACTIVITY_FLOW, AHEAD, EXPECTED, WORKING, ActivityState, AttendanceState

from .notice import Notice
from .rule import ReceptionRule

State = ActivityState
DAYS = [
    MinValueValidator(HALF, "天数最少 0.5 天。"),
    MaxValueValidator(60, "天数最多 60 天，请检查。"),
]


class ActivityQuerySet(models.QuerySet["Activity"]):
    def visible_to(self, post: Post | None) -> "ActivityQuerySet":
        """Activities of the area, of one's own stations; a deputy: of one's stations and wherever one is rostered."""
        if post is None:
            return self.none()
        match post.role:
            case Role.OFFICE | Role.AUDITOR:
                return self.filter(inside(post.area))
            case Role.STATION:
                return self.filter(station__in=Apart(Station.objects.visible_to(post)))
            case Role.DEPUTY:
                rostered = Q(
                    pk__in=Activity.objects.filter(attendances__mandate__deputy__user=post.user_id).values(
                        "pk"
                    )
                )
                return self.filter(Q(station__in=Apart(Station.objects.visible_to(post))) | rostered)
            case _:
                return self.none()

    def receptions(self) -> "ActivityQuerySet":
        return self.filter(kind=Activity.Kind.RECEPTION)

    def closed(self) -> "ActivityQuerySet":
        return self.filter(state=State.CLOSED)

    def standing(self) -> "ActivityQuerySet":
        """Not cancelled."""
        return self.exclude(state=State.CANCELLED)

    def ahead(self) -> "ActivityQuerySet":
        return self.filter(state__in=AHEAD)

    def unannounced(self) -> "ActivityQuerySet":
        """Planned, and the notice is not up yet."""
        return self.filter(state=State.PLANNED).order_by("day", "pk")

    def public(self, first: date, last: date) -> "ActivityQuerySet":
        """What anybody may know: reception days that have been announced, between two days."""
        shown = self.receptions().filter(state__in=(State.ANNOUNCED, State.OPEN), day__range=(first, last))
        return shown.select_related("station", "area")

    def called_off(self, first: date, last: date) -> "ActivityQuerySet":
        """Reception days that people had been told of, and that do not stand: cancelled, or moved and not announced anew.

        Anybody may know of them, by the day that they were announced for; what the reason was is not theirs to read.
        """
        broken = self.receptions().filter(
            state__in=(State.CANCELLED, State.PLANNED), told_day__range=(first, last)
        )
        return broken.order_by("told_day", "pk")

    def to_be_announced(self, on: date) -> "ActivityQuerySet":
        """Reception days ahead whose notice is not up: new ones, and those moved since they were announced."""
        return self.receptions().filter(state=State.PLANNED, day__gte=on)

    def cancel_to_be_announced(self, on: date) -> "ActivityQuerySet":
        """Cancelled after people had been told, and the door still says otherwise."""
        return self.filter(state=State.CANCELLED, cancel_announced_on=None, told_day__gte=on)

    def notice_due(self, on: date) -> "ActivityQuerySet":
        """All that is to be put up: a day, its new date, that it is not held."""
        return self.to_be_announced(on) | self.cancel_to_be_announced(on)

    def notice_late(self, on: date, since: date) -> "ActivityQuerySet":
        """Reception days since a day whose notice went up late, or should be up by now and is not."""
        late = Q(announced_on__gt=F("announce_by")) | Q(announced_on=None, announce_by__lt=on)
        return self.receptions().standing().filter(late, day__gte=since)

    def postable(self, first: date, last: date) -> "ActivityQuerySet":
        """Days for which a poster hangs or should hang; of the cancelled those that people had been told of."""
        ahead = Q(state__in=AHEAD, day__range=(first, last))
        return self.receptions().filter(ahead | Q(state=State.CANCELLED, told_day__range=(first, last)))

    def untouched(self) -> "ActivityQuerySet":
        """Made by a rule, and since then neither moved nor announced by a person."""
        return self.ahead().filter(rule__isnull=False, moved_by_hand=False, announced_on=None)

    def shown(self) -> "ActivityQuerySet":
        """Leaves out the days that went with a changed rule before anybody was told of them."""
        known = ~Q(state=State.CANCELLED) | Q(told_day__isnull=False)
        return self.filter(known | Q(rule__last_on=None) | Q(rule__last_on__gte=F("rule_on")))

    def to_be_closed(self, before: date) -> "ActivityQuerySet":
        """Days gone by that nobody has closed."""
        return self.filter(day__lt=before, state__in=WORKING)

    def search(self, text: str) -> "ActivityQuerySet":
        """By theme, place or number."""
        return self.filter(Q(theme__contains=text) | Q(place__contains=text) | Q(number=text))

    def with_counts(self, post: Post) -> "ActivityQuerySet":
        """As `post` may count them. Adds `received` (people), `parties` (visits), `expected` (deputies on the roster) and `came` (of them)."""
        from .attendance import Attendance
        from .visit import Visit

        heard = Visit.objects.counted().not_about(post)
        visits = heard.filter(activity=models.OuterRef("pk")).order_by().values("activity")
        roster = (
            Attendance.objects.on_roster()
            .filter(activity=models.OuterRef("pk"))
            .order_by()
            .values("activity")
        )
        return self.annotate(
            received=Coalesce(models.Subquery(visits.annotate(n=Sum("headcount")).values("n")), 0),
            parties=Coalesce(models.Subquery(visits.annotate(n=Count("pk")).values("n")), 0),
            expected=Coalesce(models.Subquery(roster.annotate(n=Count("pk")).values("n")), 0),
            came=Coalesce(
                models.Subquery(
                    roster.filter(state=AttendanceState.PRESENT).annotate(n=Count("pk")).values("n")
                ),
                0,
            ),
        )

    def announced_in_time(self) -> "ActivityQuerySet":
        """On or before the day that policy asked for when the day was set (model.md §8)."""
        return self.filter(announced_on__lte=F("announce_by"))


class Activity(InArea, Moving):
    """One dated thing at a station. A reception day is one; so are visits, research, publicity, training, debriefs."""

    class Kind(models.TextChoices):
        RECEPTION = "RECEPTION", "接待日"
        VISIT = "VISIT", "走访"
        RETURN_VISIT = "RETURN_VISIT", "回访"
        DOOR = "DOOR", "上门"
        RESEARCH = "RESEARCH", "调研"
        INSPECTION = "INSPECTION", "视察"
        SUPERVISION = "SUPERVISION", "主题监督"
        PUBLICITY = "PUBLICITY", "宣讲"
        TRAINING = "TRAINING", "学习培训"
        DEBRIEF = "DEBRIEF", "述职评议"
        FORUM = "FORUM", "恳谈会/联席会"
        LEGISLATION = "LEGISLATION", "立法征求意见"
        OTHER = "OTHER", "其他"

    State = ActivityState
    FLOW = ACTIVITY_FLOW

    number = models.CharField("编号", max_length=20, unique=True, editable=False)
    kind = models.CharField("类型", max_length=12, choices=Kind.choices, default=Kind.RECEPTION)
    station = models.ForeignKey(Station, models.PROTECT, related_name="activities", verbose_name="站点")
    theme = models.CharField("主题", max_length=60, blank=True)
    day = models.DateField("日期")
    starts_at = models.TimeField("开始时间")
    ends_at = models.TimeField("结束时间")
    place = models.CharField("地点", max_length=60, blank=True, help_text="不填就是站点地址")
    state = models.CharField(
        "状态", max_length=9, choices=ActivityState.choices, default=State.PLANNED, editable=False
    )
    minutes = models.TextField("纪要", blank=True)
    minutes_by = models.CharField("纪要记录人", max_length=30, blank=True)
    planned_deputies = models.PositiveSmallIntegerField("计划参加代表", null=True, blank=True)
    planned_headcount = models.PositiveIntegerField("计划人数", null=True, blank=True)
    planned_days = models.DecimalField(
        "计划天数", max_digits=4, decimal_places=1, null=True, blank=True, validators=DAYS
    )
    days = models.DecimalField(
        "天数", max_digits=4, decimal_places=1, null=True, blank=True, validators=DAYS,
        help_text="按半天计，如 0.5、1.5",
    )  # fmt: skip
    details = models.JSONField("活动内容", default=dict, blank=True)  # of the types in KINDS
    follows = models.ForeignKey(
        "Visit",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="followed_by",
        verbose_name="回访哪次来访",
    )
    reporting = models.ManyToManyField(
        Mandate, blank=True, related_name="debriefs", verbose_name="述职的代表", editable=False
    )
    headcount = models.PositiveIntegerField(
        "参加群众人数", default=0, help_text="宣讲、培训等活动的听众；来访群众另有登记"
    )
    announce_by = models.DateField("最迟公示日期", editable=False)
    announced_on = models.DateField("公示日期", null=True, editable=False)
    told_day = models.DateField(
        "最近一次公示的日期", null=True, editable=False
    )  # what people were told, till told anew
    cancel_announced_on = models.DateField("取消公示日期", null=True, editable=False)
    opened_at = models.DateTimeField(null=True, editable=False)
    closed_at = models.DateTimeField(null=True, editable=False)
    contest_by = models.DateField("到会异议截止日期", null=True, editable=False)
    reason = models.CharField("原因", max_length=200, blank=True, editable=False)
    replacement = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="replaces",
        verbose_name="改到",
    )
    rule = models.ForeignKey(
        ReceptionRule, models.PROTECT, null=True, editable=False, related_name="activities"
    )
    rule_on = models.DateField(null=True, editable=False)  # the day by the rule, before holidays and hands
    moved_by_hand = models.BooleanField(default=False, editable=False)

    objects = ActivityQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "活动"
        constraints = [
            models.UniqueConstraint(fields=["rule", "rule_on"], name="a_rule_makes_a_day_once"),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="activity_ends_after_it_starts",
                violation_error_message="结束时间要晚于开始时间。",
            ),
        ]
        indexes = [
            models.Index(fields=["area_path", "day", "id"], name="activities_of_an_area"),
            models.Index(fields=["station", "day"], name="activities_of_a_station"),
            models.Index(fields=["day", "id"], name="activities_by_day"),
            models.Index(
                fields=["told_day"],
                condition=Q(state__in=(State.PLANNED, State.CANCELLED)),
                name="activities_called_off",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.station} {self.day:%-m月%-d日}{self.get_kind_display()}"

    def get_absolute_url(self) -> str:
        return f"/activities/{self.pk}/"

    @property
    def where(self) -> str:
        return self.place or self.station.address

    @property
    def is_ahead(self) -> bool:
        return self.state in AHEAD

    @property
    def needs_poster(self) -> bool:
        """One hangs or should hang: the day is ahead, or was announced and is not held."""
        return self.is_ahead or (self.state == State.CANCELLED and self.told_day is not None)

    @property
    def is_announced_late(self) -> bool:
        return self.announced_on is not None and self.announced_on > self.announce_by

    @property
    def asks(self) -> Any:
        """What this kind of activity asks (visits/kinds.py)."""
        return KINDS[self.kind]

    @property
    def contest_until(self) -> date:
        """The last day on which a deputy may contest an entry of the closed roster."""
        if self.contest_by:
            return self.contest_by
        ended = timezone.localdate(self.closed_at) if self.closed_at else self.day
        return ended + timedelta(days=Policy().contest_days)

    def clean(self) -> None:
        self.details = clean_details(self.kind, self.details)
        if any(days is not None and days % HALF for days in (self.days, self.planned_days)):
            raise ValidationError({"days": "天数按半天计，如 0.5、1、1.5。"})
        if self.station_id and self.day:
            if not self.station.is_open(self.day):
                raise ValidationError({"day": f"{self.station}在这一天没有开放，请改日期。"})
            if self.starts_at and self.ends_at and (other := self.overlapping()):
                raise ValidationError(
                    {
                        "day": f"本站这天已有{other.get_kind_display()}（{other.starts_at:%-H:%M}—{other.ends_at:%-H:%M}），时间重复。"
                    }
                )

    def overlapping(self) -> "Activity | None":
        """Another standing activity of the same kind at the station in the same hours."""
        same = (
            Activity.objects.standing()
            .filter(station=self.station, day=self.day, kind=self.kind)
            .exclude(pk=self.pk)
        )
        return same.filter(starts_at__lt=self.ends_at, ends_at__gt=self.starts_at).first()

    def set_announce_by(self) -> None:
        """The last day for its notice, by the policy in force where and when it takes place."""
        self.announce_by = self.announce_by_for(self.day)

    def announce_by_for(self, day: date) -> date:
        return day - timedelta(days=policy_for(self.area, day).notice_lead_days)

    def enter(self, *, by: Post | None, note: str = "", data: dict[str, Any] | None = None) -> "Activity":
        """Plan a new activity: give it its area, number and last day for the notice."""
        with transaction.atomic():
            self.area = self.station.area
            self.set_announce_by()
            self.number = f"HD{self.day:%Y}-{Sequence.objects.next(f'activity:{self.day:%Y}'):05d}"
            return super().enter(by=by, note=note, data=data)

    # --- Steps: one for each row of ACTIVITY_FLOW ---

    @step
    def announce(
        self, *, by: Post, note: str, on: date | None = None, where: Values[str] = (), place: str = ""
    ) -> None:
        """The notice is up, on the door and here. `on` is for one that went up before it was entered.

        `where` are values of Notice.Where, `place` another place in words. After a move it is a notice of the change.
        """
        self.announced_on = self._day_of_notice(on)
        kind = Notice.Kind.FIRST if self.told_day is None else Notice.Kind.MOVED
        Notice.objects.put_up(self, kind, by=by, on=self.announced_on, where=list(where), place=place)
        self.told_day = self.day

    def _day_of_notice(self, on: date | None) -> date:
        today = timezone.localdate()
        if on and on > today:
            raise NotAllowed("公示日期不能晚于今天。")
        return on or today

    @step
    def announce_cancel(
        self, *, by: Post, note: str, on: date | None = None, where: Values[str] = (), place: str = ""
    ) -> None:
        """People who were told of the day are told that it is not held."""
        self.cancel_announced_on = self._day_of_notice(on)
        Notice.objects.put_up(
            self,
            Notice.Kind.CANCELLED,
            by=by,
            on=self.cancel_announced_on,
            where=list(where),
            place=place,
        )

    def must_take_deputies(self) -> None:
        """Raises NotAllowed where nobody can be put on the roster any more."""
        if self.state not in WORKING:
            raise NotAllowed(f"“{self}”现在是“{self.get_state_display()}”，不能再排代表。")

    def refusal(self, name: str, by: Post) -> str:
        if why_not := super().refusal(name, by):
            return why_not
        if name == "announce_cancel":
            if self.told_day is None:
                return "这一天没有公示过，取消了不用公示。"
            if self.cancel_announced_on:
                return f"取消已在{self.cancel_announced_on:%-m月%-d日}公示过。"
        return ""

    @step
    def begin(self, *, by: Post, note: str) -> None:
        if self.day > timezone.localdate():
            raise NotAllowed(f"接待日是{self.day:%-m月%-d日}，当天才能开始。要提前，请先改期。")
        self.opened_at = timezone.now()

    @step
    def close(
        self,
        *,
        by: Post,
        note: str,
        present: Any = None,
        minutes: str = "",
        minutes_by: str = "",
        headcount: int | None = None,
        days: Decimal | None = None,
        details: dict[str, Any] | None = None,
        reporting: Any = None,
        theme: str = "",
    ) -> None:
        """The day is over. `present` are the attendances of those who came (None: as already marked).

        Who was expected and did not come is absent; leave stays leave. What the kind of activity asks must be known by
        now (visits/kinds.py): `days`, `details` and `theme` where they change, `reporting` as attendances.
        """
        if self.day > timezone.localdate():
            raise NotAllowed(f"这次活动在{self.day:%-m月%-d日}，还没到，不能结束。不办了请用“取消”。")
        came = {attendance.pk for attendance in present} if present is not None else set()
        for attendance in self.attendances.select_related("mandate__deputy").order_by("pk"):
            here = attendance.state == AttendanceState.PRESENT
            if attendance.pk in came and not here and "check_in" in attendance.open_steps(by):
                attendance.check_in(by=by, seen=False)
            elif (present is not None and here and attendance.pk not in came) or (
                attendance.pk not in came and attendance.state in EXPECTED
            ):
                attendance.mark_absent(by=by)
        self.minutes, self.minutes_by = minutes or self.minutes, minutes_by or self.minutes_by
        self.theme = theme or self.theme
        if headcount is not None:
            self.headcount = headcount
        if days is not None:
            self.days = days
        if details is not None:
            self.details = clean_details(self.kind, details)
        if reporting is not None:
            self._set_reporting(reporting)
        known = {**self.details, "theme": self.theme, "days": self.days}
        if self.asks.reporting:
            known["reporting"] = list(self.reporting.values_list("pk", flat=True))
        if lacking := missing(self.kind, known):
            raise NotAllowed(f"还没有填{'、'.join(lacking)}，填好再结束。")
        self.closed_at = timezone.now()
        today = timezone.localdate()
        self.contest_by = today + timedelta(days=policy_for(self.area, today).contest_days)

    def _set_reporting(self, attendances: Any) -> None:
        """Only who was there can have reported."""
        rows = self.attendances.select_related("mandate__deputy")
        reported = {row.pk: row for row in rows.filter(pk__in=[one.pk for one in attendances])}
        absent = [
            row.mandate.deputy.name for row in reported.values() if row.state != AttendanceState.PRESENT
        ]
        if absent:
            raise NotAllowed(f"{'、'.join(absent)}没有到会，不能记为述职。")
        self.reporting.set([row.mandate_id for row in reported.values()])

    @step
    def reopen(self, *, by: Post, note: str) -> None:
        """Something was forgotten. Needs a reason, because figures may change."""
        if not note:
            raise NotAllowed("请写明重新打开的原因。")
        self.closed_at = None

    @step
    def move(self, *, by: Post, note: str, day: date, starts_at: Any = None, ends_at: Any = None) -> None:
        """To another day, by hand; it stays there whatever the rule says, and must be announced again."""
        if not note:
            raise NotAllowed("请写明改期的原因。")
        if day < timezone.localdate():
            raise NotAllowed("新的日期不能早于今天。")
        before = (self.day, self.starts_at, self.ends_at)
        self.day = day
        self.starts_at, self.ends_at = starts_at or self.starts_at, ends_at or self.ends_at
        if before == (self.day, self.starts_at, self.ends_at):
            raise NotAllowed("日期和时间都没有变，不用改期。")
        try:
            self.clean()
        except ValidationError as error:
            raise NotAllowed("".join(error.messages)) from None
        wrong = [
            why
            for a in self.attendances.on_roster().select_related("mandate__deputy")
            if (why := a.mandate.why_not_on(day))
        ]
        if wrong:
            raise NotAllowed("".join(wrong))
        self.moved_by_hand = True
        self.reason = note[:200]
        self.announced_on = None
        self.set_announce_by()
        for attendance in self.attendances.answered():  # the answer was for another day
            attendance.amend(by=by, deed="ask_again", state=AttendanceState.ROSTERED, leave_reason="")
        self._ask_appointments_again("改期", by)
        when = f"{self.day:%-m月%-d日} {self.starts_at:%-H:%M}—{self.ends_at:%-H:%M}"
        self._tell(f"改到{when}，原因：{note}。请重新确认或请假。", kind="TODO")

    @step
    def cancel(self, *, by: Post, note: str, replacement: "Activity | None" = None) -> None:
        if not note:
            raise NotAllowed("请写明取消的原因。")
        if self.visits.counted().exists():
            raise NotAllowed("已经登记了来访群众，不能取消。请结束接待，或先作废登记。")
        self.reason = note[:200]
        self.replacement = replacement
        self._ask_appointments_again("取消", by)
        instead = f"改为{replacement.day:%-m月%-d日}" if replacement else ""
        self._tell(f"已取消，原因：{note}。{instead}")

    def _ask_appointments_again(self, what: str, by: Post) -> None:
        """Who was to come on this day must be given another."""
        for appointment in self.appointments.live().select_related("station__area", "mandate__deputy__user"):
            appointment.ask_again(by=by, note=f"接待日{what}")

    def _tell(self, what: str, kind: str = "INFO") -> None:
        """To those who are expected; by night too, where they would come tomorrow. (The row has the day of before.)"""
        stood_on = Activity.objects.filter(pk=self.pk).values_list("day", flat=True).get()
        urgent = min(stood_on, self.day) <= timezone.localdate() + timedelta(days=1)
        for attendance in self.attendances.expected().select_related(
            "mandate__deputy__user", "activity__station"
        ):
            text = f"{self.station}{self.get_kind_display()}{what}"
            attendance.tell(text, f"v{self.version}", kind=kind, urgent=urgent)
