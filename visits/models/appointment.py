"""约见: a person asks for a deputy and a time; the station or the deputy answers; it becomes a visit.

The person has no account: a link and a query code stand for it (liaison.core.links).
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.utils import timezone

from deputies.models import Mandate, StationAssignment
from liaison.accounts.models import Post, Role
from liaison.core.apart import Apart
from liaison.core.links import LinkedBySecret, LinkedQuerySet
from liaison.core.models import OutboxMessage, Sequence
from liaison.core.places import InArea, inside
from liaison.core.policy import policy_for
from liaison.core.workdays import Workdays
from liaison.core.workflow import Moving, NotAllowed, step
from stations.models import Station, StationStaff
from visits.workflow import APPOINTMENT_FLOW, FREED, LIVE, PERSON, WORKING, AppointmentState

from .activity import Activity
from .category import Category
from .visit import Visit

State = AppointmentState
TAKEN = "时段刚被约走，请另选一个时段。"


def belonging_to(stations: Iterable[Station]) -> Q:
    """Assignments to one of these stations, to a point below it, or to the station above: they keep one door."""
    rows = list(stations)
    above = [station.parent_id for station in rows if station.parent_id]
    return Q(station__in=[*(station.pk for station in rows), *above]) | Q(station__parent__in=rows)


def why_not_with(mandate: Mandate, station: Station, day: date) -> str:
    """Why nobody can meet this deputy at `station` on a day, and where to turn instead; empty where one can."""
    name = mandate.deputy.name
    call = f"，电话 {station.phone}" if station.phone else ""
    instead = f"可以约{station}的其他代表，或者问联络站{call}。"
    if day < mandate.from_on:
        return f"{name}从{mandate.from_on:%Y年%-m月%-d日}起才任代表。{instead}"
    if mandate.to_on and day > mandate.to_on:
        return f"{name}{'已' if mandate.to_on < timezone.localdate() else '到那天已'}不再担任代表，不能约见。{instead}"
    if mandate.suspended_on and day >= mandate.suspended_on:
        return f"{name}暂停执行代表职务，不能约见。{instead}"
    places = StationAssignment.objects.current(day).filter(mandate=mandate)
    if places.filter(belonging_to([station])).exists():
        return ""
    if place := places.select_related("station").order_by("from_on", "pk").first():
        there = place.station
        phone = f"，电话 {there.phone}" if there.phone else ""
        return f"{name}已不在{station}，现在在{there}，请到那里约{phone}；也{instead}"
    return f"{name}已不在{station}，不能约见。{instead}"


def slots(activity: Activity, an_hour: int) -> list[time]:
    """When each appointment of a day may begin: the hours of the day, shared out evenly, `an_hour` of them an hour."""
    if an_hour < 1:
        return []
    start = datetime.combine(activity.day, activity.starts_at)
    end = datetime.combine(activity.day, activity.ends_at)
    found = []
    for number in range(an_hour * 24):
        begins = start + timedelta(minutes=number * 60 // an_hour)
        if start + timedelta(minutes=(number + 1) * 60 // an_hour) > end:
            break
        found.append(begins.time())
    return found


class AppointmentQuerySet(LinkedQuerySet, models.QuerySet["Appointment"]):
    def visible_to(self, post: Post | None) -> "AppointmentQuerySet":
        """Appointments of the area, of one's own stations; a deputy: those asked of oneself, no colleague's."""
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

    def live(self) -> "AppointmentQuerySet":
        return self.filter(state__in=LIVE)

    def to_answer(self) -> "AppointmentQuerySet":
        """Somebody waits for the station's or the deputy's word; who has waited longest comes first."""
        return self.filter(state=State.ASKED).order_by("answer_by", "pk")

    def late(self, on: date) -> "AppointmentQuerySet":
        return self.filter(state=State.ASKED, answer_by__lt=on)

    def confirmed(self) -> "AppointmentQuerySet":
        return self.filter(state=State.CONFIRMED)

    def on_days(self, first: date, last: date) -> "AppointmentQuerySet":
        return self.confirmed().filter(day__range=(first, last)).order_by("day", "at", "pk")

    def to_phone(self, on: date) -> "AppointmentQuerySet":
        """Who must be told by phone: an answer not told yet, or a meeting of today or tomorrow not yet reminded of.

        There is no message to a citizen's phone; a call within the day before counts as the reminder.
        """

        def midnight(day: date) -> datetime:
            return timezone.make_aware(datetime.combine(day, time.min))

        answered = Q(state__in=(State.PROPOSED, State.CONFIRMED, State.DECLINED), phoned_at=None)
        ahead = Q(day=None) | Q(day__gte=on)
        day_before = timedelta(days=1)
        soon = Q(state=State.CONFIRMED) & (
            Q(day=on + day_before, phoned_at__lt=midnight(on))
            | Q(day=on, phoned_at__lt=midnight(on - day_before))
        )
        return self.filter((answered & ahead) | soon).order_by("day", "at", "pk")

    def unrecorded(self, on: date) -> "AppointmentQuerySet":
        """The day has gone by, and nobody has written down whether they met, or what became of a proposal unanswered."""
        arranged = self.filter(state__in=(State.PROPOSED, State.CONFIRMED))
        return arranged.filter(day__lt=on).order_by("day", "at", "pk")


class Appointment(LinkedBySecret, InArea, Moving):
    """One wish to meet a deputy. `day`, `at`, `place` and `mandate` are what was asked for, then what was arranged."""

    class Channel(models.TextChoices):
        WEB = "WEB", "网上"
        PHONE = "PHONE", "来电"
        ONSITE = "ONSITE", "到站"
        OTHER = "OTHER", "其他"

    class MissedBy(models.TextChoices):
        PERSON = "PERSON", "本人没来"
        DEPUTY = "DEPUTY", "代表没来"
        STATION = "STATION", "站里的原因"

    State = AppointmentState
    FLOW = APPOINTMENT_FLOW
    PRIVATE_FIELDS = ("subject", "wish", "note_to_person")
    WITHOUT_POST = "本人"
    confidential = False  # nobody but the station reads the person in full anyway
    MAX_SUBJECT = 500

    number = models.CharField("编号", max_length=20, unique=True, editable=False)
    station = models.ForeignKey(Station, models.PROTECT, related_name="appointments", verbose_name="站点")
    mandate = models.ForeignKey(
        Mandate,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="appointments",
        verbose_name="代表",
    )
    activity = models.ForeignKey(
        Activity, models.PROTECT, null=True, blank=True, related_name="appointments", verbose_name="接待日"
    )
    day = models.DateField("日期", null=True, blank=True)
    at = models.TimeField("时间", null=True, blank=True)
    place = models.CharField("地点", max_length=60, blank=True, help_text="不填就是站点地址")
    wish = models.CharField("希望的时间", max_length=60, blank=True)
    subject = models.TextField("想谈什么事")
    category = models.ForeignKey(Category, models.PROTECT, null=True, blank=True, verbose_name="类别")
    channel = models.CharField("渠道", max_length=6, choices=Channel.choices)
    state = models.CharField(
        "状态", max_length=9, choices=AppointmentState.choices, default=State.ASKED, editable=False
    )
    answer_by = models.DateField("最迟答复日期", editable=False)
    note_to_person = models.CharField("给本人的话", max_length=200, blank=True, editable=False)
    phoned_at = models.DateTimeField("电话通知时间", null=True, editable=False)
    missed_by = models.CharField(
        "为什么没见成", max_length=7, choices=MissedBy.choices, blank=True, editable=False
    )
    visit = models.OneToOneField(
        Visit, models.PROTECT, null=True, editable=False, related_name="appointment", verbose_name="来访登记"
    )
    digest = models.CharField(
        max_length=64, blank=True, editable=False
    )  # of what was sent, under the server's key

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "约见"
        constraints = [
            models.UniqueConstraint(
                fields=["activity", "at"],
                condition=Q(activity__isnull=False) & ~Q(state__in=FREED),
                name="a_slot_is_taken_once",
                violation_error_message=TAKEN,
            ),
            models.UniqueConstraint(
                fields=["digest"],
                condition=Q(state__in=LIVE) & ~Q(digest=""),
                name="the_same_wish_is_kept_once",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=(AppointmentState.CONFIRMED, AppointmentState.PROPOSED))
                | (Q(day__isnull=False) & Q(at__isnull=False) & Q(mandate__isnull=False)),
                name="an_arranged_appointment_says_when_and_with_whom",
            ),
        ]
        indexes = [
            models.Index(fields=["area_path", "id"], name="appointments_of_an_area"),
            models.Index(fields=["station", "state", "day"], name="appointments_of_a_station"),
            models.Index(fields=["mandate", "state"], name="appointments_of_a_mandate"),
        ]

    def __str__(self) -> str:
        return f"约见 {self.number}"

    def get_absolute_url(self) -> str:
        return f"/appointments/{self.number}/"

    # --- What it says ---

    @property
    def deputy_name(self) -> str:
        """Reads what `select_related("mandate__deputy")` brought; empty where any deputy will do."""
        return self.mandate.deputy.name if self.mandate else ""

    @property
    def where(self) -> str:
        return self.place or (self.activity.where if self.activity else "") or self.station.address

    @property
    def is_late(self) -> bool:
        """Should it have been answered by now?"""
        return self.state == State.ASKED and self.answer_by < timezone.localdate()

    @property
    def is_lapsed(self) -> bool:
        """Was it proposed for a day that has gone by without the person's answer?"""
        return self.state == State.PROPOSED and self.day is not None and self.day < timezone.localdate()

    @property
    def when(self) -> str:
        """12月3日 9:30, or the wish in the person's words."""
        if self.day is None:
            return self.wish
        return f"{self.day:%-m月%-d日}" + (f" {self.at:%-H:%M}" if self.at else "")

    def person(self) -> "Applicant | None":
        return getattr(self, "applicant", None)

    # --- Asking ---

    def enter(self, *, by: Post | None, note: str = "", data: dict[str, Any] | None = None) -> "Appointment":
        """Give it its area, number, last day for the answer and link. Use `ask` to keep the person too."""
        with transaction.atomic(savepoint=False):
            today = timezone.localdate()
            self.area = self.station.area
            self.answer_by = self._answer_by(today)
            self.number = f"YY{today:%Y}-{Sequence.objects.next(f'appointment:{today:%Y}'):05d}"
            self.seal()
            return super().enter(by=by, note=note, data=data)

    def _answer_by(self, today: date) -> date:
        days = policy_for(self.station.area, today).appointment_answer_days
        return Workdays.around(today, days=60).add(today, days).day

    def ask(self, *, by: Post | None, name: str, phone: str, consent: str, digest: str = "") -> "Appointment":
        """Enter the wish with the person. Raises NotAllowed where the time or the deputy is not to be had.

        `consent` is the version of the notice that the person agreed to. The same `digest` (of everything that was
        sent) gives the appointment that is there already, also where both arrive at once.
        """
        self.digest = digest
        try:
            with transaction.atomic():
                if self.activity is not None:
                    self._hold_day(self.activity.pk)
                if digest and (known := Appointment.objects.live().filter(digest=digest).first()):
                    return known
                self._check_time(self.activity, self.day, self.at)
                if self.mandate and (
                    why := why_not_with(self.mandate, self.station, self.day or timezone.localdate())
                ):
                    raise NotAllowed(why)
                self.enter(by=by)
                Applicant.objects.create(
                    appointment=self, name=name, phone=phone, consent=consent, consented_at=self.created_at
                )
                self._tell_desk(
                    f"收到新的约见，请在{self.answer_by:%-m月%-d日}前答复。", "asked", deputy=True, but=by
                )
        except IntegrityError:
            if digest and (known := Appointment.objects.live().filter(digest=digest).first()):
                return known
            raise NotAllowed(TAKEN) from None
        return self

    @staticmethod
    def _hold_day(activity: int) -> None:
        """Who takes a slot of a day holds the day until done: of two who want the same, the second sees it taken."""
        Activity.objects.select_for_update(of=("self",), no_key=True).get(pk=activity)

    @contextmanager
    def _held(self) -> Iterator[None]:
        """The reception day first, then the appointment: a day that is moved or cancelled takes them in this order."""
        with transaction.atomic():
            if self.activity_id is not None:
                self._hold_day(self.activity_id)
            with super()._held():
                yield

    def _check_time(self, activity: Activity | None, day: date | None, at: time | None) -> None:
        """Can it be then? Raises NotAllowed: the day is off, too far, over, or the slot has gone."""
        now = timezone.localtime()
        if activity is not None:
            activity.refresh_from_db(fields=["state", "day"])
            if activity.state not in WORKING or activity.day != day:
                raise NotAllowed("这个接待日已经改期或取消，请另选一天。")
            taken = Appointment.objects.exclude(state__in=FREED).exclude(pk=self.pk)
            if taken.filter(activity=activity, at=at).exists():
                raise NotAllowed(TAKEN)
        if day is None:
            return
        if day < now.date() or (at and day == now.date() and at < now.time()):
            raise NotAllowed("这个时间已经过了，请另选一个。")
        ahead = policy_for(self.station.area, now.date()).appointment_days_ahead
        if day > now.date() + timedelta(days=ahead):
            raise NotAllowed(f"最多提前 {ahead} 天约见，请选近一些的日子。")

    # --- Steps: one for each row of APPOINTMENT_FLOW ---

    def refusal(self, name: str, by: Post | None) -> str:  # type: ignore[override]
        """`by` is None for the person, who came by the link. A deputy answers for oneself alone."""
        row = self.FLOW[name]
        if name == "accept" and self.is_lapsed:
            return "约的日子已经过了，不能再同意。请打电话问联络站，另约时间。"
        if by is None:
            if PERSON in row.roles and self.state in row.sources:
                return ""
            return "现在不能这样做了，请看看约见的最新情况，或打电话问联络站。"
        if by.role == Role.DEPUTY and (self.mandate is None or self.mandate.deputy.user_id != by.user_id):
            return "只能答复约您本人的约见。"
        return super().refusal(name, by)

    def answers(self) -> set[str]:
        """The steps open to the person now."""
        return {name for name in self.FLOW if not self.refusal(name, None)}

    def _arrange(
        self,
        mandate: Mandate | None,
        activity: Activity | None,
        day: date | None,
        at: time | None,
        place: str,
        by: Post | None,
    ) -> None:
        if mandate is None:
            raise NotAllowed("请选由哪位代表接待。")
        if day is None or at is None:
            raise NotAllowed("请写明哪天、几点。")
        if activity is not None:
            self._hold_day(activity.pk)
        self._check_time(activity, day, at)
        if why := why_not_with(mandate, self.station, day):
            again = by is not None and self.mandate == mandate
            raise NotAllowed(f"{why}请用“另约时间”改约别的代表。" if again else why)
        self.mandate, self.activity, self.day, self.at, self.place = mandate, activity, day, at, place
        self.phoned_at = None

    @step
    def confirm(
        self,
        *,
        by: Post,
        note: str,
        mandate: Mandate | None = None,
        activity: Activity | None = None,
        day: date | None = None,
        at: time | None = None,
        place: str = "",
    ) -> None:
        """As it was asked for. What the person left open (deputy, day, time) is settled here."""
        if self.mandate is not None and mandate not in (None, self.mandate):
            raise NotAllowed("代表和本人要约的不一样，请用“另约时间”，等本人同意。")
        if self.at is not None:
            if (day, at) != (None, None) and (activity, day, at) != (self.activity, self.day, self.at):
                raise NotAllowed("时间和本人选的不一样，请用“另约时间”，等本人同意。")
            activity, day, at = self.activity, self.day, self.at
        self._arrange(self.mandate or mandate, activity, day, at, place or self.place, by)
        self.note_to_person = note[:200]
        self._tell_deputy("约见已确认", by)
        if by.role == Role.DEPUTY:
            self._tell_desk(
                f"代表已确认约见，{self.when}，请电话告诉本人。", f"confirmed:{self.version}", but=by
            )

    @step
    def propose(
        self,
        *,
        by: Post,
        note: str,
        mandate: Mandate | None = None,
        activity: Activity | None = None,
        day: date | None = None,
        at: time | None = None,
        place: str = "",
    ) -> None:
        """Another day, time or deputy; it holds once the person accepts."""
        if by.role == Role.DEPUTY and mandate not in (None, self.mandate):
            raise NotAllowed("请别的代表接待，要由联络站来安排。")
        before = (self.mandate, self.activity, self.day, self.at)
        self._arrange(mandate or self.mandate, activity, day, at, place, by)
        if before == (self.mandate, self.activity, self.day, self.at):
            raise NotAllowed("时间和代表都没有变，不用另约。")
        self.note_to_person = note[:200]
        if by.role == Role.DEPUTY:
            self._tell_desk(
                f"代表另约了时间，{self.when}，请电话问本人。", f"proposed:{self.version}", but=by
            )

    @step
    def decline(self, *, by: Post, note: str) -> None:
        if not note:
            raise NotAllowed("请写明不能安排的原因，以及本人可以怎么办。")
        self.note_to_person, self.phoned_at = note[:200], None
        if by.role == Role.DEPUTY:
            self._tell_desk("代表答复不能安排，请电话告诉本人。", f"declined:{self.version}", but=by)
        else:
            self._tell_deputy("约见不安排了", by)

    @step
    def accept(self, *, by: Post | None, note: str) -> None:
        self._arrange(self.mandate, self.activity, self.day, self.at, self.place, by)
        self.phoned_at = timezone.now()  # who says yes, knows
        self._tell_deputy("本人同意改约", by)
        self._tell_desk(f"本人同意改约，{self.when}。", f"accepted:{self.version}", kind="INFO", but=by)

    @step
    def turn_down(self, *, by: Post | None, note: str, wish: str = "") -> None:
        """Not then. The slot is free again, and an answer is due again; `wish` is when it would suit the person."""
        self.activity = self.day = self.at = None
        self.place = ""  # of the proposal that did not suit
        self.wish, self.note_to_person = wish or self.wish, ""
        self.answer_by = self._answer_by(timezone.localdate())
        self._tell_desk(
            f"本人不同意改约，请在{self.answer_by:%-m月%-d日}前再答复。",
            f"turned:{self.version}",
            deputy=True,
            but=by,
        )

    @step
    def withdraw(self, *, by: Post | None, note: str) -> None:
        self._tell_deputy("本人撤回了约见", by)
        self._tell_desk("本人撤回了约见。", f"withdrawn:{self.version}", kind="INFO", but=by)

    @step
    def phone(self, *, by: Post, note: str) -> None:
        """The person was told by phone how it stands."""
        self.phoned_at = timezone.now()

    @step
    def hold(self, *, by: Post, note: str, visit: Visit) -> None:
        """They met: this visit is what came of it."""
        self._must_have_come()
        if visit.station_id != self.station_id or visit.voided_at is not None:
            raise NotAllowed("这条来访登记不是本站的，或者已作废，请另选一条。")
        if Appointment.objects.filter(visit=visit).exists():
            raise NotAllowed("这条来访登记已经关联了另一个约见，请另选一条。")
        self.visit = visit

    @step
    def miss(self, *, by: Post, note: str, missed_by: str) -> None:
        self._must_have_come()
        self.missed_by, self.note_to_person = missed_by, note[:200]

    def _must_have_come(self) -> None:
        if self.day and self.day > timezone.localdate():
            raise NotAllowed(f"约的是{self.when}，还没到。不来了请用“撤回约见”，要改日子请用“另约时间”。")

    def ask_again(self, *, by: Post | None, note: str) -> None:
        """Its reception day was moved or cancelled: an answer is due again. Called within that step."""
        self.amend(
            by=by,
            deed="rebook",
            note=note,
            state=State.ASKED,
            activity=None,
            day=None,
            at=None,
            place="",
            wish=f"原约{self.when}"[:60],
            answer_by=self._answer_by(timezone.localdate()),
        )
        self._tell_desk(
            f"接待日有变（{note}），请另约时间，并电话告诉本人。", f"again:{self.version}", deputy=True
        )

    # --- Notices: the place and what to do, never who asked ---

    def _tell_deputy(self, what: str, by: Post | None) -> None:
        user = self.mandate.deputy.user if self.mandate else None
        if user is None or (by is not None and by.user_id == user.pk):
            return
        OutboxMessage.objects.put(
            key=f"appointment:{self.pk}:deputy:{self.version}:{user.pk}",
            to=user,
            kind="INFO",
            text=f"{self.station}：{what}，{self.when}。" if self.day else f"{self.station}：{what}。",
            url=self.get_absolute_url(),
        )

    def _tell_desk(
        self, what: str, key: str, *, deputy: bool = False, kind: str = "TODO", but: Post | None = None
    ) -> None:
        """To the staff of the station; where an answer is due (`deputy`), to the deputy who was asked for as well."""
        text = f"{self.station}：{what}约见编号 {self.number}。"
        self.remind(text, key, timezone.localdate(), deputy=deputy, kind=kind, but=but)

    def remind(
        self, text: str, key: str, on: date, *, deputy: bool, kind: str = "TODO", but: Post | None = None
    ) -> int:
        """A notice to those who staff the station on a day and, if wanted, to the deputy. Returns to how many."""
        users = StationStaff.objects.keepers(self.station, on)
        if deputy and self.mandate and self.mandate.deputy.user:
            users.add(self.mandate.deputy.user)
        if but is not None:
            users.discard(but.user)
        for user in users:
            OutboxMessage.objects.put(
                key=f"appointment:{self.pk}:{key}:{user.pk}",
                to=user,
                kind=kind,
                text=text,
                url=self.get_absolute_url(),
            )
        return len(users)


class ApplicantQuerySet(models.QuerySet["Applicant"]):
    def visible_to(self, post: Post | None) -> "ApplicantQuerySet":
        """Name and phone in full are for the staff of the station that arranges the appointment."""
        if post is None or post.role != Role.STATION:
            return self.none()
        return self.filter(appointment__in=Appointment.objects.visible_to(post))

    def asked_online(self, phone: str, on: date) -> int:
        """How often this phone has asked on the public page on a day."""
        first = timezone.make_aware(datetime.combine(on, time.min))
        rows = self.filter(phone=phone, appointment__channel=Appointment.Channel.WEB)
        return rows.filter(
            appointment__created_at__gte=first, appointment__created_at__lt=first + timedelta(days=1)
        ).count()

    def forget(self, on: date, *, dry_run: bool = False) -> int:
        """Blank name and phone where the appointment ended longer ago than policy keeps them. Returns of how many.

        One whose day has gone by is over, whether or not anybody has written down what became of it; and so is a
        wish that nobody has answered for as long.
        """
        ended = self.filter(anonymized_at=None)
        policies: dict[int, int] = {}
        found = []
        rows = ended.select_related("appointment__area").order_by("pk")
        for row in rows.iterator(chunk_size=1000):
            over = row.appointment
            if over.area_id not in policies:
                policies[over.area_id] = policy_for(over.area, on).appointment_keep_days
            last = max(timezone.localdate(over.created_at), over.day or date.min)
            if last + timedelta(days=policies[over.area_id]) < on:
                found.append(row.pk)
        if not dry_run:
            for start in range(0, len(found), 500):
                chunk = self.filter(pk__in=found[start : start + 500])
                chunk.update(name="", phone="", anonymized_at=timezone.now())
        return len(found)


class Applicant(models.Model):
    """The person of one appointment, apart from it, so that it can be anonymised and the figures stay."""

    appointment = models.OneToOneField(Appointment, models.PROTECT, related_name="applicant")
    name = models.CharField("姓名", max_length=15)
    phone = models.CharField("手机", max_length=20)
    consent = models.CharField("同意的说明版本", max_length=20)
    consented_at = models.DateTimeField("同意时间")
    anonymized_at = models.DateTimeField(null=True, editable=False)
    address = ""  # not asked for

    objects = ApplicantQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "约见人"
        indexes = [models.Index(fields=["phone"], name="applicants_by_phone")]

    def __str__(self) -> str:
        return f"约见人 {self.pk}"
