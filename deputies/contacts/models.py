"""Contact links at three levels, and the contacts made.

领导联系县乡: a leading member ↔ a county or township. 委员联系代表: a committee member ↔ a deputy. 代表联系选民: a deputy ↔ a
fixed voter. Links are dated and never deleted. Voters' names and numbers stand in a table of their own.
"""

from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Count, Exists, ExpressionWrapper, F, Max, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.functional import cached_property

from deputies.models import Mandate, StationAssignment, ends_after_it_begins
from liaison.accounts.models import Area, Post, Role
from liaison.core.places import InArea, inside
from liaison.core.policy import policy_for, rule_by_place
from liaison.core.workdays import months_before
from liaison.core.workflow import NotAllowed, Recorded, Voidable
from stations.models import Station, during


class LeaderQuerySet(models.QuerySet["Leader"]):
    def visible_to(self, post: Post | None) -> "LeaderQuerySet":
        if post is None or post.role not in (Role.OFFICE, Role.AUDITOR):
            return self.none()
        return self.filter(inside(post.area))

    def current(self, on: date) -> "LeaderQuerySet":
        return self.filter(during(on))

    def without_link(self, on: date) -> "LeaderQuerySet":
        """In office on a day, and in touch with nobody."""
        return self.current(on).filter(~Exists(ContactLink.objects.current(on).filter(leader=OuterRef("pk"))))


class Leader(InArea, Recorded):
    """常委会组成人员: one who leads in a standing committee or sits on it, by mandate or, holding none here, by name."""

    class Rank(models.TextChoices):
        CHAIR = "CHAIR", "主任会议成员"
        MEMBER = "MEMBER", "常委会委员"

    rank = models.CharField("类别", max_length=6, choices=Rank.choices)
    mandate = models.ForeignKey(
        Mandate, models.PROTECT, null=True, blank=True, related_name="leaderships", verbose_name="代表职务"
    )
    name = models.CharField("姓名", max_length=15, blank=True)
    duty = models.CharField("职务", max_length=40, help_text="如 副主任、代表工委主任")
    from_on = models.DateField("任职日期")
    to_on = models.DateField("离任日期", null=True, blank=True)

    objects = LeaderQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "常委会组成人员"
        constraints = [
            models.CheckConstraint(
                condition=(Q(mandate=None) & ~Q(name="")) | (Q(mandate__isnull=False) & Q(name="")),
                name="leader_is_a_mandate_or_a_name",
                violation_error_message="请选代表，或写姓名，只要一样。",
            ),
            ends_after_it_begins("leader"),
        ]

    def __str__(self) -> str:
        return f"{self.called}（{self.duty}）"

    @property
    def called(self) -> str:
        return self.mandate.deputy.name if self.mandate else self.name

    def end(self, on: date, *, by: Post | None, version: int | None = None, note: str = "") -> None:
        """The last day in the duty; with it end the links."""
        with transaction.atomic():
            if on < self.from_on:
                raise NotAllowed(f"离任日期不能早于任职日期{self.from_on:%Y年%-m月%-d日}。")
            self.amend(by=by, version=version, note=note, deed="end", to_on=on)
            self.links.end_after(on, by=by, note=f"{self.duty}离任")


class ContactLinkQuerySet(models.QuerySet["ContactLink"]):
    def visible_to(self, post: Post | None) -> "ContactLinkQuerySet":
        """Links of the area; of the deputies who belong to one's stations today; a deputy: those that one keeps, and who
        keeps in touch with oneself.
        """
        if post is None:
            return self.none()
        match post.role:
            case Role.OFFICE | Role.AUDITOR:
                return self.filter(inside(post.area))
            case Role.STATION:
                return self.at_stations(Station.objects.visible_to(post), timezone.localdate())
            case Role.DEPUTY:
                return self.filter(_kept_by_user(post) | Q(partner__deputy__user=post.user_id))
            case _:
                return self.none()

    def kept_by(self, post: Post | None) -> "ContactLinkQuerySet":
        """Those in which `post` may write, and read all: contacts made, the voter, the end.

        The voters of a deputy are kept by the station to which the deputy belongs today, by the office only where there
        is none. An auditor, and a deputy who is only visited, keep nothing.
        """
        if post is None:
            return self.none()
        seen = self.visible_to(post)
        match post.role:
            case Role.DEPUTY:
                return seen.filter(_kept_by_user(post))
            case Role.OFFICE:
                placed = Mandate.objects.assigned(timezone.localdate())
                return seen.exclude(kind=ContactLink.Kind.VOTER, mandate__in=placed.values("pk"))
            case Role.STATION:
                return seen.of_voters()
            case _:
                return self.none()

    def at_stations(self, stations: models.QuerySet[Station], on: date) -> "ContactLinkQuerySet":
        """Those of deputies, or to deputies, who belong to one of these stations on a day."""
        here = Mandate.objects.at_stations(stations, on).values("pk")
        return self.filter(Q(mandate__in=here) | Q(partner__in=here))

    def with_station(self, on: date) -> "ContactLinkQuerySet":
        """Adds `station_code` and `station_name`: where the deputy belongs on a day; None where nowhere."""
        deputy = Coalesce(OuterRef("mandate"), OuterRef("partner"))
        placed = StationAssignment.objects.current(on).filter(mandate=deputy).order_by("station")
        return self.annotate(
            station_code=Subquery(placed.values("station__code")[:1]),
            station_name=Subquery(placed.values("station__name")[:1]),
        )

    def current(self, on: date) -> "ContactLinkQuerySet":
        return self.filter(during(on))

    def end_after(self, on: date, *, by: Post | None, note: str) -> None:
        """End on a day those that last longer. Who began later ends on its first day; who ended on it has ended."""
        for link in self.lasting_beyond(on).exclude(to_on__lte=F("from_on")):
            link.end(max(on, link.from_on), by=by, note=note)

    def lasting_beyond(self, on: date) -> "ContactLinkQuerySet":
        return self.filter(Q(to_on=None) | Q(to_on__gt=on))

    def of_voters(self) -> "ContactLinkQuerySet":
        return self.filter(kind=ContactLink.Kind.VOTER)

    def with_contacts(self) -> "ContactLinkQuerySet":
        """Adds `contacts`, how many were made, and `last_on`, the day of the last."""
        made = ContactRecord.objects.counted().filter(link=OuterRef("pk")).order_by().values("link")
        return self.annotate(
            contacts=Coalesce(Subquery(made.annotate(n=Count("pk")).values("n")), 0),
            last_on=Subquery(made.annotate(n=Max("day")).values("n")),
        )

    def with_silence(self, area: Area, on: date) -> "ContactLinkQuerySet":
        """Adds `silent`: in force on a day, and for longer than the rule of its place allows, without a contact made.

        `area` is the widest of which rows are read.
        """
        since = rule_by_place("contact_months", area, on, day=lambda months: months_before(on, months))
        made = ContactRecord.objects.counted().filter(link=OuterRef("pk"), day__gte=OuterRef("since"))
        silent = during(on) & Q(from_on__lt=F("since")) & ~Exists(made)
        return self.annotate(since=since).annotate(
            silent=ExpressionWrapper(silent, output_field=models.BooleanField())
        )

    def take_up(
        self, mandate: Mandate, *, name: str, phone: str, address: str, from_on: date, by: Post
    ) -> "ContactLink":
        """A deputy takes up a fixed voter. Raises NotAllowed where there are as many as policy allows, or this one already."""
        with transaction.atomic():
            # Two who add at once wait for each other here: the count below is right for both.
            mandate = Mandate.objects.select_for_update(of=("self",), no_key=True).get(pk=mandate.pk)
            if why_not := mandate.why_not_on(from_on, "联系选民"):
                raise NotAllowed(why_not)
            held = self.of_voters().filter(mandate=mandate).lasting_beyond(from_on)
            most = policy_for(mandate.area, from_on).fixed_voters_most
            if held.count() >= most:
                raise NotAllowed(f"已有 {most} 位固定联系选民，最多 {most} 位。请先结束一位，再加。")
            same = held.filter(voter__name=name, voter__phone=phone)
            if same.exists():
                raise NotAllowed("这位选民已经在联系，不用再加。")
            link = ContactLink(
                kind=ContactLink.Kind.VOTER,
                mandate=mandate,
                area=mandate.area,
                from_on=from_on,
            ).enter(by=by)
            FixedVoter.objects.create(link=link, name=name, phone=phone, address=address)
        return link


def _kept_by_user(post: Post) -> Q:
    return Q(mandate__deputy__user=post.user_id) | Q(leader__mandate__deputy__user=post.user_id)


class ContactLink(InArea, Recorded):
    """One keeps in touch with another, from a day to a day. `area` is that of the one who is visited.

    No station is written here: a link goes with its deputy from station to station.
    """

    class Kind(models.TextChoices):
        LEADER_AREA = "LEADER_AREA", "领导联系县乡"
        MEMBER_DEPUTY = "MEMBER_DEPUTY", "委员联系代表"
        VOTER = "VOTER", "代表联系选民"

    kind = models.CharField("层级", max_length=13, choices=Kind.choices)
    leader = models.ForeignKey(
        Leader, models.PROTECT, null=True, blank=True, related_name="links", verbose_name="联系人"
    )
    mandate = models.ForeignKey(
        Mandate, models.PROTECT, null=True, blank=True, related_name="voter_links", verbose_name="代表"
    )
    place = models.ForeignKey(
        Area, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="联系的县乡"
    )
    partner = models.ForeignKey(
        Mandate,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="member_links",
        verbose_name="联系的代表",
    )
    from_on = models.DateField("开始日期")
    to_on = models.DateField("结束日期", null=True, blank=True)
    end_reason = models.CharField("结束原因", max_length=200, blank=True)

    objects = ContactLinkQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "联系"
        constraints = [
            models.CheckConstraint(
                condition=(
                    Q(
                        kind="LEADER_AREA",
                        leader__isnull=False,
                        place__isnull=False,
                        mandate=None,
                        partner=None,
                    )
                    | Q(
                        kind="MEMBER_DEPUTY",
                        leader__isnull=False,
                        partner__isnull=False,
                        mandate=None,
                        place=None,
                    )
                    | Q(kind="VOTER", mandate__isnull=False, leader=None, place=None, partner=None)
                ),
                name="contact_link_joins_two_of_its_kind",
            ),
            models.UniqueConstraint(
                fields=["leader", "place"], condition=Q(to_on=None), name="leader_and_place_linked_once"
            ),
            models.UniqueConstraint(
                fields=["leader", "partner"], condition=Q(to_on=None), name="leader_and_deputy_linked_once"
            ),
            ends_after_it_begins("contact_link"),
        ]
        indexes = [
            models.Index(fields=["area_path", "-from_on", "-id"], name="contact_links_of_an_area"),
            models.Index(fields=["-from_on", "-id"], name="contact_links_by_day"),
        ]

    def __str__(self) -> str:
        """Without the voter: this stands in the record, in notices and in titles."""
        return f"{self.keeper}{self.get_kind_display()[2:]}" if self.kind == self.Kind.VOTER else self.pair

    @property
    def keeper(self) -> str:
        """Who keeps in touch."""
        if self.mandate:
            return self.mandate.deputy.name
        return self.leader.called if self.leader else ""

    @property
    def pair(self) -> str:
        other = self.place.name if self.place else self.partner.deputy.name if self.partner else ""
        return f"{self.keeper}联系{other}"

    def get_absolute_url(self) -> str:
        return f"/contacts/{self.pk}/"

    def clean(self) -> None:
        if self.leader is not None and self.from_on and self.from_on < self.leader.from_on:
            raise ValidationError({"from_on": f"{self.leader.called}这一天还没有任职，请改日期。"})
        if (
            self.partner is not None
            and self.from_on
            and (why_not := self.partner.why_not_on(self.from_on, "列为联系对象"))
        ):
            raise ValidationError({"partner": why_not})
        if self.leader is not None and self.leader.mandate_id and self.leader.mandate_id == self.partner_id:
            raise ValidationError({"partner": "不能联系自己，请换一位代表。"})
        same = ContactLink.objects.filter(
            leader=self.leader, place=self.place, partner=self.partner, to_on=None
        )
        if self.leader is not None and same.exclude(pk=self.pk).exists():
            raise ValidationError("这两方已经在联系，不用再加。")

    def enter(self, *, by: Post | None, note: str = "", data: dict[str, Any] | None = None) -> "ContactLink":
        """A new link: it belongs to the area of the one who is visited."""
        if self.place is not None:
            self.area = self.place
        elif self.partner is not None:
            self.area = self.partner.area
        return super().enter(by=by, note=note, data=data)

    def is_mine(self, post: Post) -> bool:
        """Does the user of `post` keep this link in person? Reads what was joined."""
        held = [self.mandate, self.leader.mandate if self.leader else None]
        return any(mandate is not None and mandate.deputy.user_id == post.user_id for mandate in held)

    def is_kept_by(self, post: Post) -> bool:
        return ContactLink.objects.kept_by(post).filter(pk=self.pk).exists()

    station_code: str | None  # see `with_station`

    @cached_property
    def is_at_station(self) -> bool:
        """Has the deputy a station today? Read with the row where it was fetched `with_station`."""
        if hasattr(self, "station_code"):
            return self.station_code is not None
        return ContactLink.objects.with_station(timezone.localdate()).get(pk=self.pk).station_code is not None

    def end(self, on: date, *, by: Post | None, version: int | None = None, note: str = "") -> None:
        """The last day. The contacts made stay."""
        if not note:
            raise NotAllowed("请写明结束的原因。")
        if self.to_on is not None and self.to_on <= on:
            raise NotAllowed(f"这个联系已于{self.to_on:%Y年%-m月%-d日}结束。")
        if on < self.from_on:
            raise NotAllowed(f"结束日期不能早于开始日期{self.from_on:%Y年%-m月%-d日}。")
        self.amend(by=by, version=version, note=note, deed="end", to_on=on, end_reason=note[:200])


class FixedVoterQuerySet(models.QuerySet["FixedVoter"]):
    def visible_to(self, post: Post | None) -> "FixedVoterQuerySet":
        """In full: for the deputy, and for the station that keeps the link, or the office where no station does."""
        return self.filter(link__in=ContactLink.objects.kept_by(post).values("pk"))

    def forget(self, on: date) -> int:
        """Blank those whose link ended longer ago than the rule of its place keeps them. Returns how many."""
        last = rule_by_place(
            "voter_keep_days", None, on, "link__area_path", lambda days: on - timedelta(days=days)
        )
        over = self.filter(anonymized_at=None).annotate(last=last).filter(link__to_on__lt=F("last"))
        blank = {"name": "", "phone": "", "address": "", "anonymized_at": timezone.now()}
        return self.filter(pk__in=over.values("pk")).update(**blank)


class FixedVoter(models.Model):
    """固定联系选民: the person of one link, apart from it, so that it can be anonymised and the figures stay."""

    link = models.OneToOneField(ContactLink, models.PROTECT, related_name="voter")
    name = models.CharField("姓名", max_length=15)
    phone = models.CharField("手机", max_length=20, blank=True)
    address = models.CharField("住址（村/社区）", max_length=60, blank=True)
    anonymized_at = models.DateTimeField(null=True, editable=False)

    objects = FixedVoterQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "固定联系选民"

    def __str__(self) -> str:
        return f"固定联系选民 {self.pk}"

    def correct(self, *, by: Post, version: int | None, **person: str) -> bool:
        """Correct the person; the record says that it was done, not what."""
        if self.anonymized_at is not None:
            raise NotAllowed("联系结束已久，选民的信息已经隐去，不能再改。")
        with transaction.atomic():
            if all(getattr(self, name) == value for name, value in person.items()):
                return False
            self.link.mark("amend_person", by=by, version=version)
            FixedVoter.objects.filter(pk=self.pk).update(**person)
        return True


class ContactRecordQuerySet(models.QuerySet["ContactRecord"]):
    def visible_to(self, post: Post | None) -> "ContactRecordQuerySet":
        return self.filter(link__in=ContactLink.objects.visible_to(post).values("pk"))

    def counted(self) -> "ContactRecordQuerySet":
        """Not voided."""
        return self.filter(voided_at=None)


class ContactRecord(Voidable):
    """A contact made: when, how, what was said, what follows."""

    PRIVATE_FIELDS = ("said", "follow_up")

    class Way(models.TextChoices):
        VISIT = "VISIT", "走访"
        PHONE = "PHONE", "电话"
        TALK = "TALK", "座谈"
        WECHAT = "WECHAT", "微信"
        STATION = "STATION", "到站"
        OTHER = "OTHER", "其他"

    link = models.ForeignKey(ContactLink, models.PROTECT, related_name="records", verbose_name="联系")
    day = models.DateField("联系日期")
    way = models.CharField("方式", max_length=7, choices=Way.choices, default=Way.VISIT)
    said = models.TextField("谈了什么")
    follow_up = models.TextField("后续要办的", blank=True)

    objects = ContactRecordQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "联系记录"
        indexes = [models.Index(fields=["link", "-day"], name="contacts_of_a_link")]

    def __str__(self) -> str:
        return f"{self.day:%-m月%-d日}{self.get_way_display()}"

    def get_absolute_url(self) -> str:
        return self.link.get_absolute_url()

    @property
    def area_path(self) -> str:
        return self.link.area_path

    def clean(self) -> None:
        if self.day is None:
            return
        if self.day > timezone.localdate():
            raise ValidationError({"day": "联系日期不能晚于今天。"})
        if self.day < self.link.from_on:
            raise ValidationError({"day": f"这个联系从{self.link.from_on:%Y年%-m月%-d日}开始，请改日期。"})
        if self.link.to_on and self.day > self.link.to_on:
            raise ValidationError({"day": f"这个联系已于{self.link.to_on:%Y年%-m月%-d日}结束，请改日期。"})


def lacking_voters(mandates: models.QuerySet[Mandate], area: Area, on: date) -> models.QuerySet[Mandate]:
    """Those of `mandates`, which lie in `area`, with fewer fixed voters on a day than the rule of their place asks for.

    Adds `voters`, how many there are, and `least`, how many there should be.
    """
    held = ContactLink.objects.of_voters().current(on).filter(mandate=OuterRef("pk"))
    count = held.order_by().values("mandate").annotate(n=Count("pk")).values("n")
    rows = mandates.annotate(
        voters=Coalesce(Subquery(count), 0), least=rule_by_place("fixed_voters_least", area, on)
    )
    return rows.filter(voters__lt=F("least"))
