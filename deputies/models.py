"""Deputies: the person, the mandates, the station each mandate is assigned to, the groups.

A person is not a mandate: one may be deputy at several levels. 7,600 deputies are counted as mandates (代表职数) and as
persons (人). Memberships are intervals, so everything can be asked "as on a day".
"""

from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.crypto import get_random_string

from liaison.accounts.models import Area, Post, Role
from liaison.core.places import InArea, inside
from liaison.core.workflow import Moving, NotAllowed, Recorded, Step, step
from stations.models import Station, during, overlaps

from .pinyin import read


class Level(models.TextChoices):
    NATIONAL = "NATIONAL", "全国"
    PROVINCE = "PROVINCE", "省"
    CITY = "CITY", "市"
    COUNTY = "COUNTY", "县"
    TOWNSHIP = "TOWNSHIP", "乡"


def ends_after_it_begins(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(to_on=None) | Q(to_on__gte=F("from_on")),
        name=f"{name}_ends_after_it_begins",
        violation_error_message="终止日期不能早于起始日期。",
    )


def congress_of(post: Post | None, prefix: str = "") -> Q:
    """What an administrator keeps: congresses of the area; the national one, which has no area, from the provinces up."""
    if post is None:
        return Q(pk=None)
    keeps = post.area.level in (Area.Level.NATION, Area.Level.PROVINCE)
    national = Q(**{f"{prefix}area": None}) if keeps else Q(pk=None)
    return inside(post.area, f"{prefix}area__path") | national


class CongressQuerySet(models.QuerySet["Congress"]):
    def visible_to(self, post: Post | None) -> "CongressQuerySet":
        return self.filter(congress_of(post))


class Congress(models.Model):
    """A people's congress of one level in one area."""

    area = models.ForeignKey(
        Area, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="区划"
    )
    level = models.CharField("层级", max_length=8, choices=Level.choices)
    name = models.CharField("名称", max_length=60, unique=True)

    objects = CongressQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "人民代表大会"
        constraints = [models.UniqueConstraint(fields=["area", "level"], name="one_congress_per_area")]

    def __str__(self) -> str:
        return self.name


class TermQuerySet(models.QuerySet["Term"]):
    def visible_to(self, post: Post | None) -> "TermQuerySet":
        return self.filter(congress_of(post, "congress__"))

    def concerning(self, area: Area) -> "TermQuerySet":
        """Terms in which deputies based in `area` may sit: of the congresses of the area, below it and above it."""
        above = Q(congress__area__path__in=area.path_and_above) | Q(congress__area=None)
        return self.filter(inside(area, "congress__area__path") | above)


class Term(models.Model):
    """A term (届) of a congress."""

    congress = models.ForeignKey(Congress, models.PROTECT, related_name="terms", verbose_name="人民代表大会")
    number = models.PositiveSmallIntegerField("届次")
    from_on = models.DateField("起始日期")
    to_on = models.DateField("届满日期", null=True, blank=True)

    objects = TermQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "届"
        constraints = [
            models.UniqueConstraint(fields=["congress", "number"], name="term_number_once_per_congress"),
            ends_after_it_begins("term"),
        ]

    def __str__(self) -> str:
        return f"{self.congress.name}第{self.number}届"


class CongressSessionQuerySet(models.QuerySet["CongressSession"]):
    def visible_to(self, post: Post | None) -> "CongressSessionQuerySet":
        return self.filter(congress_of(post, "term__congress__"))


class CongressSession(models.Model):
    """A session (次会议) of a term."""

    term = models.ForeignKey(Term, models.PROTECT, related_name="sessions", verbose_name="届")
    number = models.PositiveSmallIntegerField("次")
    from_on = models.DateField("开幕日期")
    to_on = models.DateField("闭幕日期", null=True, blank=True)

    objects = CongressSessionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "会议"
        constraints = [
            models.UniqueConstraint(fields=["term", "number"], name="session_number_once_per_term")
        ]

    def __str__(self) -> str:
        return f"{self.term}第{self.number}次会议"


class DeputyQuerySet(models.QuerySet["Deputy"]):
    def visible_to(self, post: Post | None) -> "DeputyQuerySet":
        """Deputies based in the area, or assigned to a station that `post` sees; a deputy: self and colleagues."""
        if post is None:
            return self.none()
        match post.role:
            case Role.OFFICE | Role.AUDITOR | Role.ADMIN:
                based = Mandate.objects.filter(inside(post.area), deputy=OuterRef("pk"))
                placed = StationAssignment.objects.filter(
                    inside(post.area, "station__area_path"), mandate__deputy=OuterRef("pk")
                )
                return self.filter(Exists(based) | Exists(placed))
            case Role.STATION:
                return self.filter(Exists(_assigned_to(Station.objects.visible_to(post))))
            case Role.DEPUTY:
                return self.filter(
                    Exists(_assigned_to(Station.objects.visible_to(post))) | Q(user=post.user_id)
                )
            case _:
                return self.none()

    def public(self, on: date) -> "DeputyQuerySet":
        """Whom anybody may know of: who is a deputy, or was; not who only will be."""
        return self.filter(Exists(Mandate.objects.filter(deputy=OuterRef("pk"), from_on__lte=on)))

    def kept_by(self, post: Post) -> "DeputyQuerySet":
        """Those whose data `post` may enter and correct: with a mandate based in its area."""
        if post.role not in (Role.OFFICE, Role.ADMIN):
            return self.none()
        return self.filter(Exists(Mandate.objects.filter(inside(post.area), deputy=OuterRef("pk"))))

    def holding(self, mandates: "models.QuerySet[Mandate]") -> "DeputyQuerySet":
        """Those who hold one of these mandates."""
        return self.filter(Exists(mandates.filter(deputy=OuterRef("pk"))))

    def in_group(self, group: "DeputyGroup", on: date) -> "DeputyQuerySet":
        """Members on a day: joined, or put into the group with the assignment to a station."""
        joined = GroupMembership.objects.current(on).filter(group=group, deputy=OuterRef("pk"))
        placed = StationAssignment.objects.current(on).filter(group=group, mandate__deputy=OuterRef("pk"))
        return self.filter(Exists(joined) | Exists(placed))

    def without_account(self) -> "DeputyQuerySet":
        return self.filter(user=None)

    def named(self, text: str) -> "DeputyQuerySet":
        """By name, by the beginning of the pinyin, or by initials: 张建, zhangj, zjg."""
        return self.filter(_named(text))

    def search(self, text: str) -> "DeputyQuerySet":
        """By name, or by the whole number of the card: for those who may read it."""
        return self.filter(_named(text) | Q(card_no=text.strip()))

    def with_seats(self, on: date) -> "DeputyQuerySet":
        """Adds `seats`: the mandates held on a day, each with its `places`, the stations of that day."""
        places = StationAssignment.objects.current(on).select_related("station", "group")
        mandates = Mandate.objects.in_office(on).select_related("term__congress").order_by("from_on", "pk")
        placed = Prefetch("assignments", places.order_by("from_on", "pk"), to_attr="places")
        return self.prefetch_related(Prefetch("mandates", mandates.prefetch_related(placed), to_attr="seats"))

    def serving(self, on: date) -> "DeputyQuerySet":
        return self.filter(Exists(Mandate.objects.in_office(on).filter(deputy=OuterRef("pk"))))


def _named(text: str) -> Q:
    sound = text.lower().replace(" ", "").strip()
    if sound.isascii() and sound.isalpha():
        return Q(pinyin__startswith=sound) | Q(initials__startswith=sound)
    return Q(name__contains=text.strip())


def _assigned_to(stations: models.QuerySet[Station]) -> models.QuerySet["StationAssignment"]:
    """Now or soon. Who has left is the office's to look up; past rosters still name them."""
    still = Q(to_on=None) | Q(to_on__gte=timezone.localdate())
    return StationAssignment.objects.filter(still, station__in=stations, mandate__deputy=OuterRef("pk"))


class Deputy(Recorded):
    """The person. Contact data is shown only to those who work with the deputy; publishing needs consent, field by field."""

    PRIVATE_FIELDS = ("phone", "birth", "card_no")

    class Sex(models.TextChoices):
        MALE = "M", "男"
        FEMALE = "F", "女"

    PUBLISHABLE = {
        "photo": "照片",
        "employer": "单位",
        "duty": "职务",
        "occupation": "职业",
        "education": "学历",
        "party": "党派",
    }

    name = models.CharField("姓名", max_length=15)
    sex = models.CharField("性别", max_length=1, choices=Sex.choices)
    ethnicity = models.CharField("民族", max_length=12, default="汉族")
    birth = models.DateField("出生年月", null=True, blank=True)
    party = models.CharField("党派", max_length=20, blank=True)
    education = models.CharField("学历", max_length=20, blank=True)
    occupation = models.CharField("职业", max_length=30, blank=True)
    employer = models.CharField("单位", max_length=60, blank=True)
    duty = models.CharField("职务", max_length=40, blank=True)
    card_no = models.CharField("代表证号", max_length=30, unique=True, null=True, blank=True)
    phone = models.CharField("手机", max_length=20, blank=True)
    pinyin = models.CharField(max_length=80, editable=False)
    initials = models.CharField(max_length=20, editable=False)
    consent = models.JSONField("同意公开的内容", default=list, blank=True)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="deputy",
        verbose_name="账号",
    )

    objects = DeputyQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "代表"
        indexes = [
            models.Index(fields=["pinyin", "id"], name="deputies_by_sound"),
            models.Index(fields=["initials"], name="deputies_by_initials"),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.pinyin, self.initials = read(self.name)
        self.card_no = self.card_no or None
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return f"/deputies/{self.pk}/"

    seats: "list[Any]"  # mandates with their places, see `with_seats`

    @property
    def levels(self) -> str:
        """Of the day that `with_seats` was asked for; so the two below."""
        return "、".join(dict.fromkeys(seat.get_level_display() for seat in self.seats))

    @property
    def constituencies(self) -> str:
        return "、".join(dict.fromkeys(seat.constituency for seat in self.seats if seat.constituency))

    @property
    def places(self) -> "list[StationAssignment]":
        """The stations of all mandates, each once."""
        return list({place.station_id: place for seat in self.seats for place in seat.places}.values())

    def published(self) -> list[tuple[str, str]]:
        """What the deputy agreed to have published, as label and value. The one place where it is decided.

        The photo is not among them: it is a file.
        """
        told = [name for name in self.PUBLISHABLE if name in self.consent and name != "photo"]
        return [(self.PUBLISHABLE[name], value) for name in told if (value := getattr(self, name))]

    CONTACT_READERS = (Role.OFFICE, Role.STATION)

    def contact_is_open_to(self, post: Post | None) -> bool:
        """Phone and card number are for the deputy, the office, and the staff of the deputy's station."""
        if post is None:
            return False
        return post.role in self.CONTACT_READERS or (
            post.role == Role.DEPUTY and self.user_id == post.user_id
        )


class MandateQuerySet(models.QuerySet["Mandate"]):
    def visible_to(self, post: Post | None) -> "MandateQuerySet":
        return self.filter(deputy__in=Deputy.objects.visible_to(post))

    def of(self, post: Post) -> "MandateQuerySet":
        """Those of the person who acts in `post`."""
        return self.filter(deputy__user=post.user_id)

    def kept_by(self, post: Post) -> "MandateQuerySet":
        """Those that `post` may enter, end and suspend: based in its area."""
        return self.filter(inside(post.area)) if post.role in (Role.OFFICE, Role.ADMIN) else self.none()

    def in_office(self, on: date) -> "MandateQuerySet":
        """Held on a day; a suspended mandate is still a mandate (model.md §3)."""
        return self.filter(during(on))

    def public(self, on: date) -> "MandateQuerySet":
        """What anybody may know of: mandates held and exercised on a day."""
        return self.can_serve(on)

    def can_serve(self, on: date) -> "MandateQuerySet":
        """May be rostered on a day: held, and not suspended."""
        return self.in_office(on).filter(Q(suspended_on=None) | Q(suspended_on__gt=on))

    def assigned(self, on: date) -> "MandateQuerySet":
        held = StationAssignment.objects.filter(during(on), mandate=OuterRef("pk"))
        return self.filter(Exists(held))

    def at_station(self, station: Station, on: date) -> "MandateQuerySet":
        return self.at_stations(Station.objects.filter(pk=station.pk), on)

    def at_stations(self, stations: models.QuerySet[Station], on: date) -> "MandateQuerySet":
        held = StationAssignment.objects.filter(
            during(on), mandate=OuterRef("pk"), station__in=stations.order_by().values("pk")
        )
        return self.filter(Exists(held))


class Mandate(InArea, Recorded):
    """One person's seat in one term. `area` is where the deputy is based: the constituency or electing unit's area."""

    class EndReason(models.TextChoices):
        TERM = "TERM", "届满"
        MOVED = "MOVED", "调离或迁出"
        RESIGNED = "RESIGNED", "辞职被接受"
        RECALLED = "RECALLED", "被罢免"
        TERMINATED = "TERMINATED", "资格终止"
        DIED = "DIED", "去世"

    deputy = models.ForeignKey(Deputy, models.PROTECT, related_name="mandates", verbose_name="代表")
    term = models.ForeignKey(Term, models.PROTECT, related_name="mandates", verbose_name="届次")
    level = models.CharField(max_length=8, choices=Level.choices, editable=False)
    constituency = models.CharField("选区或选举单位", max_length=60, blank=True)
    delegation = models.CharField("代表团", max_length=60, blank=True)
    from_on = models.DateField("任职日期")
    to_on = models.DateField("离任日期", null=True, blank=True)
    end_reason = models.CharField("离任原因", max_length=10, choices=EndReason.choices, blank=True)
    suspended_on = models.DateField("暂停执行职务日期", null=True, blank=True)
    resumed_on = models.DateField("恢复执行职务日期", null=True, editable=False)  # the last time

    objects = MandateQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "代表职务"
        constraints = [
            models.UniqueConstraint(
                fields=["deputy", "term"],
                name="one_mandate_per_deputy_and_term",
                violation_error_message="这位代表在这一届已有职务。",
            ),
            ends_after_it_begins("mandate"),
        ]
        indexes = [models.Index(fields=["area_path", "level"], name="mandates_of_an_area")]

    def __str__(self) -> str:
        return f"{self.deputy.name}（{self.get_level_display()}人大代表）"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.level = self.term.congress.level
        super().save(*args, **kwargs)

    @property
    def title(self) -> str:
        """As people say it: 平城区人大代表. Asks for the term with its congress."""
        return self.term.congress.name.replace("人民代表大会", "人大") + "代表"

    def why_not_on(self, day: date, what: str = "排班") -> str:
        """Why this mandate cannot be rostered (or whatever `what` says) on a day; empty where it can."""
        if day < self.from_on:
            return f"{self.deputy.name}的代表职务从{self.from_on:%Y年%-m月%-d日}开始，这一天还没有任职。"
        if self.to_on and day > self.to_on:
            return f"{self.deputy.name}的代表职务已于{self.to_on:%Y年%-m月%-d日}结束，不能再{what}。"
        if self.suspended_on and day >= self.suspended_on:
            return f"{self.deputy.name}从{self.suspended_on:%Y年%-m月%-d日}起暂停执行代表职务，不能{what}。"
        return ""

    def condition(self, on: date) -> tuple[str, str]:
        """How the mandate stands on a day, as a word and its tone."""
        if on < self.from_on:
            return "尚未任职", "plain"
        if self.to_on and on > self.to_on:
            return f"已离任（{self.get_end_reason_display()}）" if self.end_reason else "已离任", "plain"
        if self.suspended_on and self.suspended_on <= on:
            return "暂停执行职务", "warn"
        return "在任", "ok"

    def end(self, on: date, reason: str, *, by: Post, version: int | None = None, note: str = "") -> None:
        """The last day of the mandate; with it end the assignments, the contact links, the duties in the committee."""
        with transaction.atomic():
            self.refresh_from_db()
            if self.to_on is not None:
                raise NotAllowed(f"{self.deputy.name}的代表职务已于{self.to_on:%Y年%-m月%-d日}结束。")
            if on < self.from_on:
                raise NotAllowed(f"离任日期不能早于任职日期{self.from_on:%Y年%-m月%-d日}。")
            self.amend(by=by, version=version, note=note, deed="end", to_on=on, end_reason=reason)
            self.end_ties(on, by=by, note="代表职务结束")

    def end_ties(self, on: date, *, by: Post | None, note: str) -> None:
        """All that goes with the mandate ends by this day: places at stations, contact links, a leading post.

        What begins only later ends on its first day. Call it in the transaction of the end.
        """
        for assignment in self.assignments.lasting_beyond(on).select_related("station"):
            assignment.end(max(on, assignment.from_on), by=by, note=note)
        for links in (self.voter_links, self.member_links):
            links.end_after(on, by=by, note=note)
        for leader in self.leaderships.filter(Q(to_on=None) | Q(to_on__gt=on)):
            leader.end(max(on, leader.from_on), by=by, note=note)

    def suspend(self, on: date, *, by: Post, version: int | None = None, note: str = "") -> None:
        """No duties from this day on; the mandate is still held."""
        self.refresh_from_db()
        if self.to_on is not None or self.suspended_on is not None:
            raise NotAllowed(f"{self.deputy.name}的代表职务已经结束或暂停，不能再暂停。")
        if on < self.from_on:
            raise NotAllowed(f"暂停日期不能早于任职日期{self.from_on:%Y年%-m月%-d日}。")
        self.amend(by=by, version=version, note=note, deed="suspend", suspended_on=on)

    def resume(self, on: date, *, by: Post, version: int | None = None, note: str = "") -> None:
        """Duties again. When they rested stays in the record."""
        self.refresh_from_db()
        if self.suspended_on is None:
            raise NotAllowed(f"{self.deputy.name}的代表职务没有暂停，不用恢复。")
        if on < self.suspended_on:
            raise NotAllowed(f"恢复日期不能早于暂停日期{self.suspended_on:%Y年%-m月%-d日}。")
        self.amend(
            by=by,
            version=version,
            note=f"{on:%Y年%-m月%-d日}起恢复。{note}",
            deed="resume",
            suspended_on=None,
            resumed_on=on,
        )


class StationAssignmentQuerySet(models.QuerySet["StationAssignment"]):
    def visible_to(self, post: Post | None) -> "StationAssignmentQuerySet":
        return self.filter(station__in=Station.objects.visible_to(post))

    def current(self, on: date) -> "StationAssignmentQuerySet":
        return self.filter(during(on))

    def lasting_beyond(self, on: date) -> "StationAssignmentQuerySet":
        return self.filter(Q(to_on=None) | Q(to_on__gt=on))


class StationAssignment(Recorded):
    """编组进站: a mandate belongs to a station, from a day to a day. Changing it ends one row and begins another."""

    SETTLED = ("mandate_id",)

    mandate = models.ForeignKey(Mandate, models.PROTECT, related_name="assignments", verbose_name="代表职务")
    station = models.ForeignKey(Station, models.PROTECT, related_name="assignments", verbose_name="站点")
    group = models.ForeignKey(
        "DeputyGroup",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="assignments",
        verbose_name="代表小组",
    )
    resident = models.BooleanField("驻站", default=False)
    from_on = models.DateField("进站日期")
    to_on = models.DateField("离站日期", null=True, blank=True)

    objects = StationAssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "编组进站"
        constraints = [
            models.UniqueConstraint(
                fields=["mandate", "station", "from_on"],
                name="assigned_once_a_day",
                violation_error_message="这位代表当天已编入这个站点。",
            ),
            ends_after_it_begins("assignment"),
        ]
        indexes = [models.Index(fields=["station", "from_on"], name="assignments_of_a_station")]

    def __str__(self) -> str:
        return f"{self.mandate} → {self.station}"

    @property
    def area_path(self) -> str:
        return self.station.area_path

    def clean(self) -> None:
        """Within the mandate, in an open station, and not twice at the same time in one station."""
        if self.station_id is None or self.from_on is None:
            return
        if why_not := self.mandate.why_not_on(self.from_on):
            raise ValidationError(why_not)
        if not self.station.is_open(self.from_on):
            raise ValidationError(f"{self.station}在{self.from_on:%Y年%-m月%-d日}没有开放，不能编入代表。")
        same = StationAssignment.objects.filter(mandate=self.mandate, station=self.station).exclude(
            pk=self.pk
        )
        if same.filter(overlaps(self.from_on, self.to_on)).exists():
            raise ValidationError("这位代表这段时间已经在这个站点，不用再编入。")

    def end(self, on: date, *, by: Post | None, version: int | None = None, note: str = "") -> None:
        """The deputy leaves the station after this day."""
        with transaction.atomic():
            if on < self.from_on:
                raise NotAllowed("离站日期不能早于进站日期。")
            self.amend(by=by, version=version, note=note, deed="end", to_on=on)


class QrTokenQuerySet(models.QuerySet["QrToken"]):
    def visible_to(self, post: Post | None) -> "QrTokenQuerySet":
        """Codes of the stations and deputies that `post` works with: the office of the area, the station's own staff."""
        if post is None or post.role not in (Role.OFFICE, Role.STATION):
            return self.none()
        return self.filter(
            Q(station__in=Station.objects.visible_to(post).values("pk"))
            | Q(deputy__in=Deputy.objects.visible_to(post).values("pk"))
        )

    def public(self, typed: str) -> "QrTokenQuerySet":
        """For the door: whoever holds the paper may ask what stands behind the code that was scanned or typed."""
        token = "".join(typed.split()).upper()
        if len(token) != TOKEN_LENGTH or set(token) - set(LETTERS):
            return self.none()  # what cannot be a code is not looked for: a database may refuse it
        return self.filter(token=token).select_related("station", "deputy", "to_station", "to_deputy")

    def of(self, thing: "Station | Deputy") -> "QrTokenQuerySet":
        """The codes issued for a station or a deputy, newest first."""
        owner = {"station": thing} if isinstance(thing, Station) else {"deputy": thing}
        return self.filter(**owner).order_by("-created_at", "-pk")

    def leading_home(self) -> "QrTokenQuerySet":
        """Those that may be printed: neither revoked nor sent on to another page."""
        return self.filter(state=QrToken.State.ACTIVE)

    def with_scans(self) -> "QrTokenQuerySet":
        """Adds `scanned`: how often the code was read in all, and `scanned_lately`: in the last thirty days."""
        lately = Q(scans__day__gt=timezone.localdate() - timedelta(days=30))
        return self.annotate(
            scanned=Coalesce(Sum("scans__count"), 0),
            scanned_lately=Coalesce(Sum("scans__count", filter=lately), 0),
        )

    def issue(self, thing: "Station | Deputy", *, by: Post) -> "QrToken":
        """A new code for a station of any kind or a deputy. Raises NotAllowed where one is in use already."""
        with transaction.atomic():
            if self.has_one_in_use(thing):
                raise NotAllowed(f"{thing}已有在用的二维码，不用再发。要换一个，请先停用旧的。")
            owner = {"station": thing} if isinstance(thing, Station) else {"deputy": thing}
            return QrToken(token=new_token(), **owner).enter(by=by)

    def has_one_in_use(self, thing: "Station | Deputy") -> bool:
        """Asked in a transaction: of two who want to bring one into use at once, the second waits here for the first."""
        type(thing)._base_manager.select_for_update(no_key=True).get(pk=thing.pk)
        return self.of(thing).leading_home().exists()


LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # no 0 O, 1 I L: a token may have to be typed from paper
TOKEN_LENGTH = 10


def new_token() -> str:
    """Ten of 31 characters: 8·10¹⁴ tokens.

    With three million in use a guess hits one in 270 million times, and eight characters would draw no coarser a code:
    with the address of a county's site both make a QR code of version 4 (33 × 33) at error level Q, which holds 46 bytes.
    """
    return get_random_string(TOKEN_LENGTH, LETTERS)


class QrToken(Moving):
    """The permanent name behind a printed code, at /q/<token>/: moves and renames leave the paper on the wall right.

    It belongs to a station (of any kind, a mailbox too) or a deputy. Revoked, it says so; redirected, it leads on.
    """

    class State(models.TextChoices):
        ACTIVE = "ACTIVE", "在用"
        REDIRECTED = "REDIRECTED", "已转到别处"
        REVOKED = "REVOKED", "已停用"

    FLOW = {
        "redirect": Step("转到别处", (Role.STATION, Role.OFFICE), ("ACTIVE", "REDIRECTED"), "REDIRECTED"),
        "restore": Step("恢复使用", (Role.STATION, Role.OFFICE), ("REDIRECTED", "REVOKED"), "ACTIVE"),
        "revoke": Step("停用", (Role.STATION, Role.OFFICE), ("ACTIVE", "REDIRECTED"), "REVOKED"),
    }

    token = models.CharField("码", max_length=TOKEN_LENGTH, unique=True, editable=False)
    station = models.ForeignKey(
        Station, models.PROTECT, null=True, related_name="codes", verbose_name="站点", editable=False
    )
    deputy = models.ForeignKey(
        Deputy, models.PROTECT, null=True, related_name="codes", verbose_name="代表", editable=False
    )
    state = models.CharField(
        "状态", max_length=10, choices=State.choices, default=State.ACTIVE, editable=False
    )
    reason = models.CharField("原因", max_length=200, blank=True, editable=False)
    to_station = models.ForeignKey(
        Station, models.PROTECT, null=True, related_name="+", verbose_name="转到的站点", editable=False
    )
    to_deputy = models.ForeignKey(
        Deputy, models.PROTECT, null=True, related_name="+", verbose_name="转到的代表", editable=False
    )

    objects = QrTokenQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "二维码"
        constraints = [
            models.CheckConstraint(
                condition=Q(station=None, deputy__isnull=False) | Q(station__isnull=False, deputy=None),
                name="a_code_belongs_to_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(to_station=None) | Q(to_deputy=None), name="a_code_leads_to_one_thing"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.owner}的二维码 {self.spaced}"

    @property
    def owner(self) -> Station | Deputy:
        return self.station or self.deputy  # type: ignore[return-value]  # the constraint says that there is one

    @property
    def target(self) -> Station | Deputy | None:
        """Where it leads now; None where it is revoked."""
        if self.state == self.State.REVOKED:
            return None
        return self.to_station or self.to_deputy or self.owner

    @property
    def spaced(self) -> str:
        """As it is printed, to be read and typed: 7K4M2 QXDAB."""
        return f"{self.token[:5]} {self.token[5:]}"

    @property
    def area_path(self) -> str:
        if self.station:
            return self.station.area_path
        seat = Mandate.objects.filter(deputy=self.deputy_id).order_by("-from_on", "pk").first()
        return seat.area_path if seat else ""

    def get_absolute_url(self) -> str:
        return f"/q/{self.token}/"

    def count_scan(self, on: date) -> None:
        """One more on this day. Nothing is kept of who."""
        today = QrScans.objects.filter(token=self, day=on)
        if not today.update(count=F("count") + 1):
            QrScans.objects.bulk_create([QrScans(token=self, day=on)], ignore_conflicts=True)
            today.update(count=F("count") + 1)

    # --- Steps: one for each row of FLOW ---

    @step
    def redirect(
        self, *, by: Post, note: str, station: Station | None = None, deputy: Deputy | None = None
    ) -> None:
        """From now on the printed code opens another page."""
        if (station is None) == (deputy is None):
            raise NotAllowed("请选一个站点或一位代表，只选一个。")
        if (station or deputy) == self.owner:
            raise NotAllowed("转到的就是它自己。要让它照常使用，请点“恢复使用”。")
        self.to_station, self.to_deputy, self.reason = station, deputy, note[:200]

    @step
    def restore(self, *, by: Post, note: str) -> None:
        """Revoked or sent on by mistake, or the place is back: it opens its own page again."""
        if QrToken.objects.has_one_in_use(self.owner):
            raise NotAllowed(f"{self.owner}另有在用的二维码，这个不能恢复。可以改为转到别处。")
        self.to_station = self.to_deputy = None
        self.reason = note[:200]

    @step
    def revoke(self, *, by: Post, note: str) -> None:
        """The code opens nothing any more, and says what to do instead."""
        if not note:
            raise NotAllowed("请写明停用的原因。")
        self.to_station = self.to_deputy = None
        self.reason = note[:200]


class QrScans(models.Model):
    """How often a code was read on a day. A number and nothing else: no address, no device, no cookie."""

    token = models.ForeignKey(QrToken, models.PROTECT, related_name="scans")
    day = models.DateField("日期")
    count = models.PositiveIntegerField("次数", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "扫码次数"
        constraints = [models.UniqueConstraint(fields=["token", "day"], name="scans_of_a_day_once")]

    def __str__(self) -> str:
        return f"{self.token} {self.day:%Y-%m-%d}"


class DeputyGroupQuerySet(models.QuerySet["DeputyGroup"]):
    def visible_to(self, post: Post | None) -> "DeputyGroupQuerySet":
        """Groups of the area; station staff and deputies see those of the areas above their stations too."""
        if post is None or post.role == Role.UNIT:
            return self.none()
        if post.role in (Role.STATION, Role.DEPUTY):
            return self.filter(inside(post.area) | Q(area_path__in=post.area.path_and_above))
        return self.filter(inside(post.area))

    def kept_by(self, post: Post) -> "DeputyGroupQuerySet":
        return self.filter(inside(post.area)) if post.role in (Role.OFFICE, Role.ADMIN) else self.none()

    def existing(self, on: date) -> "DeputyGroupQuerySet":
        return self.filter(during(on))

    def with_size(self, on: date) -> "DeputyGroupQuerySet":
        """Adds `joined` and `placed`: persons who joined, and who are in it with their station, on a day."""
        held = GroupMembership.objects.current(on).filter(group=OuterRef("pk")).order_by().values("group")
        placed = StationAssignment.objects.current(on).filter(group=OuterRef("pk")).order_by().values("group")
        return self.annotate(
            joined=Coalesce(Subquery(held.annotate(n=Count("deputy", distinct=True)).values("n")), 0),
            placed=Coalesce(
                Subquery(placed.annotate(n=Count("mandate__deputy", distinct=True)).values("n")), 0
            ),
        )


class DeputyGroup(InArea, Recorded):
    """A group of deputies: of mixed levels in one place (代表小组), or of one profession (专业小组)."""

    class Kind(models.TextChoices):
        MIXED = "MIXED", "代表小组"
        PROFESSIONAL = "PROFESSIONAL", "专业小组"

    kind = models.CharField("类型", max_length=12, choices=Kind.choices)
    name = models.CharField("名称", max_length=40)
    leader = models.ForeignKey(
        Deputy, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="组长"
    )
    from_on = models.DateField("成立日期")
    to_on = models.DateField("撤销日期", null=True, blank=True)

    objects = DeputyGroupQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "代表小组"
        constraints = [
            models.UniqueConstraint(
                fields=["area", "name"],
                name="group_name_once_per_area",
                violation_error_message="已有同名的小组。",
            ),
            ends_after_it_begins("group"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/deputies/groups/{self.pk}/"


class GroupMembershipQuerySet(models.QuerySet["GroupMembership"]):
    def visible_to(self, post: Post | None) -> "GroupMembershipQuerySet":
        return self.filter(group__in=DeputyGroup.objects.visible_to(post))

    def current(self, on: date) -> "GroupMembershipQuerySet":
        return self.filter(during(on))


class GroupMembership(Recorded):
    group = models.ForeignKey(DeputyGroup, models.PROTECT, related_name="memberships", verbose_name="小组")
    deputy = models.ForeignKey(Deputy, models.PROTECT, related_name="memberships", verbose_name="代表")
    from_on = models.DateField("加入日期")
    to_on = models.DateField("退出日期", null=True, blank=True)

    objects = GroupMembershipQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "小组成员"
        constraints = [
            models.UniqueConstraint(
                fields=["group", "deputy", "from_on"],
                name="joined_once_a_day",
                violation_error_message="这位代表当天已加入这个小组。",
            ),
            ends_after_it_begins("membership"),
        ]

    def __str__(self) -> str:
        return f"{self.deputy}（{self.group}）"

    @property
    def area_path(self) -> str:
        return self.group.area_path

    def clean(self) -> None:
        """Within the life of the group, and not twice at the same time."""
        if self.deputy_id is None or self.from_on is None:
            return
        if self.from_on < self.group.from_on or (self.group.to_on and self.from_on > self.group.to_on):
            raise ValidationError(f"{self.group}在{self.from_on:%Y年%-m月%-d日}还没有成立，或已撤销。")
        same = GroupMembership.objects.filter(group=self.group, deputy=self.deputy).exclude(pk=self.pk)
        if same.filter(overlaps(self.from_on, self.to_on)).exists():
            raise ValidationError(f"{self.deputy}已经在这个小组里，不用再加。")

    def end(self, on: date, *, by: Post, version: int | None = None, note: str = "") -> None:
        """The last day in the group."""
        if on < self.from_on:
            raise NotAllowed("退出日期不能早于加入日期。")
        self.amend(by=by, version=version, note=note, deed="end", to_on=on)


# The tables of contact links and of proposals build on these, and belong to this app.
from .contacts.models import ContactLink, ContactRecord, FixedVoter, Leader  # noqa: E402, F401
from .proposals.models import AssignmentProposal, ProposalRow  # noqa: E402, F401
