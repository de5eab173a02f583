"""A proposal for the assignment of an area: what it is made from, its rows, its figures, and what becomes of it.

Where a mandate is based is known as an area, not as an address. So the way is measured from the township (the mean of
the coordinates of its open sites; where it has none, of its county's) to the site, as the crow flies. Mandates based in
a whole county or wider have no way: they are placed by level, load and present station alone.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from math import ceil
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction
from django.db.models import Count, F, OuterRef, Q, Subquery
from django.db.models.functions import Substr
from django.utils import timezone

from deputies.models import Level, Mandate, StationAssignment
from liaison.accounts.models import COUNTY_PATH, TOWN_PATH, Area, Post, Role
from liaison.core.bulk import enter_all
from liaison.core.models import AuditEntry, Job
from liaison.core.places import InArea, inside
from liaison.core.workflow import Moving, NotAllowed, Step, step
from stations.models import Station, during

from .solving import (
    Point,
    Progress,
    Seat,
    Site,
    Weights,
    World,
    center,
    metres,
    solve,
)

BATCH = 500
AT_ONCE = 2_000  # mandates that are placed in the request; more are placed in the background
MOST = 20_000  # mandates in one proposal
NAMED = 3  # so many deputies are named in a refusal


class ProposalState(models.TextChoices):
    DRAFT = "DRAFT", "待定"
    APPLIED = "APPLIED", "已执行"
    TAKEN_BACK = "TAKEN_BACK", "已撤回"
    DROPPED = "DROPPED", "已放弃"


_S = ProposalState
# fmt: off
PROPOSAL_FLOW = {
    # step         what it is        who             from            to
    "apply":     Step("执行方案",    (Role.OFFICE,), (_S.DRAFT,),    _S.APPLIED),
    "drop":      Step("放弃方案",    (Role.OFFICE,), (_S.DRAFT,),    _S.DROPPED),
    "take_back": Step("撤回执行",    (Role.OFFICE,), (_S.APPLIED,),  _S.TAKEN_BACK),
}
# fmt: on


# --- What is there on the day -----------------------------------------------------------------------------------------


@dataclass
class Ground:
    """The sites of an area on a day, and where its townships and counties lie."""

    stations: dict[int, Station]  # those that may have deputies
    points: dict[str, Point]  # of townships and counties, by path
    guests: dict[int, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    @classmethod
    def of(cls, area: Area, on: date) -> "Ground":
        rows = list(Station.objects.filter(inside(area)).open(on).order_by("pk"))
        known: dict[str, list[Point]] = defaultdict(list)
        for station in rows:
            if (point := place_of(station)) is not None:
                for length in (COUNTY_PATH, TOWN_PATH):
                    known[station.area_path[:length]].append(point)
        points = {path: found for path, all_ in known.items() if (found := center(all_)) is not None}
        return cls({row.pk: row for row in rows if row.kind in Station.WITH_DEPUTIES}, points)

    def base(self, path: str) -> Point | None:
        """Where a mandate based in this area is taken to be; None for a county and wider."""
        if len(path) <= COUNTY_PATH:
            return None
        return self.points.get(path[:TOWN_PATH]) or self.points.get(path[:COUNTY_PATH])

    def point(self, station: Station) -> Point | None:
        """Its own coordinates, else the middle of its township."""
        return place_of(station) or self.base(station.area_path)

    def way(self, mandate: Mandate, station: Station | None) -> int | None:
        """Metres from the base of a mandate to a station; None where that cannot be said."""
        base = self.base(mandate.area_path)
        point = None if station is None else self.point(station)
        return None if base is None or point is None else metres(base, point)


def place_of(station: Station) -> Point | None:
    if station.longitude is None or station.latitude is None:
        return None
    return float(station.longitude), float(station.latitude)


# --- The proposal -----------------------------------------------------------------------------------------------------


class AssignmentProposalQuerySet(models.QuerySet["AssignmentProposal"]):
    def visible_to(self, post: Post | None) -> "AssignmentProposalQuerySet":
        """Those of the area, for its office and its auditors."""
        if post is None or post.role not in (Role.OFFICE, Role.AUDITOR):
            return self.none()
        return self.filter(inside(post.area))


class AssignmentProposal(InArea, Moving):
    """就近从便、混合编组 for one area from one day on."""

    State = ProposalState
    FLOW = PROPOSAL_FLOW

    on = models.DateField("从哪天起")
    least = models.PositiveSmallIntegerField("每站至少几职")
    most = models.PositiveSmallIntegerField("每站至多几职")
    threshold = models.PositiveIntegerField("至少近多少米才调整", default=1000)
    mix = models.PositiveIntegerField("为补齐一级代表可以多走多少米", default=3000)
    state = models.CharField(
        "状态", max_length=10, choices=ProposalState.choices, default=ProposalState.DRAFT, editable=False
    )
    figures = models.JSONField("前后对比", default=dict, editable=False, encoder=DjangoJSONEncoder)
    back_on = models.DateField("从哪天撤回", null=True, editable=False)
    job = models.OneToOneField(
        Job, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="后台任务"
    )

    objects = AssignmentProposalQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "编组方案"
        constraints = [
            models.CheckConstraint(
                condition=Q(most__gte=F("least")) & Q(most__gte=1),
                name="proposal_most_is_not_less_than_least",
                violation_error_message="至多不能少于至少。",
            )
        ]
        indexes = [models.Index(fields=["area_path", "-id"], name="proposals_of_an_area")]

    def __str__(self) -> str:
        return f"{self.area.name}{self.on:%Y年%-m月%-d日}编组方案"

    def get_absolute_url(self) -> str:
        return f"/deputies/proposals/{self.pk}/"

    @property
    def weights(self) -> Weights:
        return Weights(self.least, self.most, self.threshold, self.mix)

    @classmethod
    def usual_load(cls, area: Area, on: date) -> tuple[int, int]:
        """A least and a most that every county of the area can hold: 0.4 and 1.5 times what its sites have on average."""
        mandates, sites = Mandate.objects.in_office(on), Station.objects.open(on)
        seats = _by_county(mandates.filter(inside(area)))
        places = _by_county(sites.filter(inside(area)).of_kinds(*Station.WITH_DEPUTIES))
        means = [seats.get(county, 0) / number for county, number in places.items()] or [0]
        return max(1, int(min(means) * 0.4)), max(3, ceil(max(means) * 1.5))

    @property
    def is_long(self) -> bool:
        """Are there so many mandates that placing them takes longer than a page may?"""
        return self._number > AT_ONCE

    @property
    def _number(self) -> int:
        return Mandate.objects.in_office(self.on).filter(inside(self.area)).count()

    def compute(self, progress: Progress | None = None) -> "list[ProposalRow]":
        """The rows and the figures, unsaved. Raises NotAllowed where the area has no room."""
        number = self._number
        if number > MOST:
            raise NotAllowed(
                f"{self.area.name}有 {number} 职，一次最多编 {MOST} 职。请按市或县分别提出方案。"
            )
        ground, rows = _questions(self.area, self.on)
        world = _world(ground, rows)
        self._refuse_if_full(world)
        placed = solve(world, self.weights, progress)
        _answer(rows, placed, ground)
        self.figures = _figures(rows, ground)
        return rows

    def propose(
        self, *, by: Post | None, progress: Progress | None = None, kept: Callable[[], None] = lambda: None
    ) -> "AssignmentProposal":
        """Compute the rows and keep them with this new proposal. Raises NotAllowed where the area has no room.

        `kept` is called in the transaction that keeps them, and may undo it by raising.
        """
        rows = self.compute(progress)
        with transaction.atomic():
            self.enter(by=by, data={"figures": self.figures})
            self.keep(rows)
            kept()
        return self

    def keep(self, rows: "Sequence[ProposalRow]") -> None:
        """Save the rows that were computed for this proposal, which is saved already."""
        for row in rows:
            row.proposal = self
        ProposalRow.objects.bulk_create(rows, batch_size=BATCH)

    def _refuse_if_full(self, world: World) -> None:
        if not world.sites:
            raise NotAllowed(
                f"{self.area.name}在{self.on:%Y年%-m月%-d日}没有开放的联络站或联络点，没法编组。"
            )
        taken = Counter(seat.base[:COUNTY_PATH] for seat in world.seats)
        room: Counter[str] = Counter()
        sites: Counter[str] = Counter()
        for site in world.sites.values():
            county = site.path[:COUNTY_PATH]
            sites[county] += site.takes
            room[county] += max(0, self.most - sum(site.held.values())) if site.takes else 0
        for county, number in sorted(taken.items()):
            if sites[county] and number > room[county]:
                name = Area.objects.filter(path=county).values_list("name", flat=True).first() or county
                raise NotAllowed(
                    f"{name}有 {number} 职要编组，{sites[county]} 个站点每站至多 {self.most} 职放不下。请把“至多”调大。"
                )

    def recount(self) -> None:
        """The figures after staff changed rows."""
        ground = Ground.of(self.area, self.on)
        _add_guests(ground, self.area, self.on)
        rows = list(self.rows.select_related("mandate"))
        self.figures = _figures(rows, ground)

    def adjust(
        self, row: "ProposalRow", station: Station | None, *, by: Post, version: int | None = None
    ) -> None:
        """Staff decide otherwise for one mandate: another station, or (None) leave it as it is now."""
        with self._held():
            self._refuse_if_stale(version)
            if self.state != ProposalState.DRAFT:
                raise NotAllowed(f"“{self}”{self.get_state_display()}，不能再改。")
            if station is not None and not (inside_area(station, self.area) and station.is_open(self.on)):
                raise NotAllowed(f"{station}在{self.on:%-m月%-d日}没有开放，请另选站点。")
            before = row.station
            row.turn_to(station or row.origin, Ground.of(self.area, self.on))
            row.save()
            self.recount()
            self._claim()
            self.save()
            told = {"mandate": row.mandate_id, "station": [str(before or ""), str(row.station or "")]}
            AuditEntry.objects.record(self, "adjust", by=by, data=told)

    # --- Steps: one for each row of PROPOSAL_FLOW ---

    @step
    def drop(self, *, by: Post, note: str) -> None:
        """The proposal is not carried out. It stays in the record."""

    @step
    def apply(self, *, by: Post, note: str, on: date | None = None) -> None:
        """One dated change: the old assignments end the day before `on`, the new ones begin on it."""
        self.on = on or self.on
        if self.on < timezone.localdate():
            raise NotAllowed("编组要从今天或以后开始，请改日期。")
        rows = list(
            self.rows.changing()
            .select_related("before", "mandate__deputy", "mandate__area", "station__area", "origin__area")
            .order_by("pk")
        )
        if not rows:
            raise NotAllowed("这个方案没有要调整的代表，不用执行。")
        self._refuse_if_overtaken(rows)
        last = self.on - timedelta(days=1)
        note = note or f"执行{self}"
        old = [row.before for row in rows if row.before is not None]
        _end(old, last, by=by, note=note, prepared={row.before_id: row for row in rows})
        made = [
            StationAssignment(
                mandate=row.mandate,
                station=row.station,
                group_id=row.before.group_id if row.before else None,
                resident=bool(row.before and row.before.resident),
                from_on=self.on,
            )
            for row in rows
        ]
        enter_all(made, by=by, note=note)
        begun = StationAssignment.objects.filter(
            mandate=OuterRef("mandate"), station=OuterRef("station"), from_on=self.on
        )
        self.rows.changing().update(made=Subquery(begun.values("pk")[:1]))

    def _refuse_if_overtaken(self, rows: Sequence["ProposalRow"]) -> None:
        """What was true when the proposal was made must still be true; those it is not true of are named."""
        later = StationAssignment.objects.lasting_beyond(self.on - timedelta(days=1))
        held: dict[int, set[int]] = defaultdict(set)
        ids = [row.mandate_id for row in rows]
        for start in range(0, len(ids), BATCH):
            for mandate, pk in later.filter(mandate__in=ids[start : start + BATCH]).values_list(
                "mandate", "pk"
            ):
                held[mandate].add(pk)
        changed, gone, shut = [], [], set()
        for row in rows:
            station, before = row.station, row.before
            expected = {before.pk} if before is not None else set()
            moved_on = before is not None and (
                before.version != row.before_version or before.from_on >= self.on
            )
            if row.mandate.why_not_on(self.on):
                gone.append(row.mandate.deputy.name)
            elif held[row.mandate_id] != expected or moved_on:
                changed.append(row.mandate.deputy.name)
            if station is None or not station.is_open(self.on):
                shut.add(str(station))
        for names, what in ((gone, "已不在任或暂停执行职务"), (changed, "在方案提出后又变动过编组")):
            if names:
                raise NotAllowed(f"{_some(names, '人')}{what}。请把这几行改成保留原站，或重新提出方案。")
        if shut:
            raise NotAllowed(f"{_some(sorted(shut), '个')}那天没有开放。请把编入这里的代表改到别的站点。")

    @step
    def take_back(self, *, by: Post, note: str, on: date | None = None) -> None:
        """Another dated change: the new assignments end the day before `on`, those of before begin again on it.

        Refused where somebody was moved again since. Who left office meanwhile stays out; whose site of before is closed
        on that day stays at the new one.
        """
        day = on or max(timezone.localdate(), self.on + timedelta(days=1))
        if day <= self.on:
            raise NotAllowed(f"编组从{self.on:%Y年%-m月%-d日}起，撤回要晚于这一天。")
        if day < timezone.localdate():
            raise NotAllowed("撤回要从今天或以后开始，请改日期。")
        rows = list(
            self.rows.changing()
            .select_related("made__station__area", "made__mandate__deputy", "before__station__area")
            .exclude(made__mandate__to_on__lt=day)
            .order_by("pk")
        )
        rows = [row for row in rows if row.before is None or row.before.station.is_open(day)]
        if not rows:
            raise NotAllowed("那天原来的站点都没有开放，没有可以恢复的编组。请逐个调整。")
        moved = [row.made.mandate.deputy.name for row in rows if row.made and row.made.version != 1]
        ids = [row.mandate_id for row in rows]
        for start in range(0, len(ids), BATCH):
            newer = StationAssignment.objects.filter(
                mandate__in=ids[start : start + BATCH], from_on__gte=self.on
            ).exclude(proposal_rows_made__proposal=self)
            moved += list(newer.values_list("mandate__deputy__name", flat=True))
        if moved:
            raise NotAllowed(
                f"{_some(sorted(set(moved)), '人')}在执行以后又变动过编组，不能整体撤回。请在代表的页面上逐个调整。"
            )
        self.back_on = day
        note = note or f"撤回{self}"
        _end([row.made for row in rows if row.made], day - timedelta(days=1), by=by, note=note)
        again = [
            StationAssignment(
                mandate=row.made.mandate,
                station=row.before.station,
                group_id=row.before.group_id,
                resident=row.before.resident,
                from_on=day,
            )
            for row in rows
            if row.made and row.before
        ]
        enter_all(again, by=by, note=note)


def _by_county(rows: Any) -> dict[str, int]:
    county = rows.order_by().annotate(county=Substr("area_path", 1, COUNTY_PATH))
    return dict(county.values_list("county").annotate(n=Count("pk")))


def inside_area(station: Station, area: Area) -> bool:
    return station.area_path.startswith(area.path)


def _some(names: Sequence[str], unit: str) -> str:
    more = f"等 {len(names)} {unit}" if len(names) > NAMED else ""
    return "、".join(names[:NAMED]) + more


def _end(
    assignments: Sequence[StationAssignment],
    last: date,
    *,
    by: Post,
    note: str,
    prepared: dict[int | None, "ProposalRow"] | None = None,
) -> None:
    """What `StationAssignment.end` does, for many: compare and set on the version, one entry each."""
    for start in range(0, len(assignments), BATCH):
        some = assignments[start : start + BATCH]
        wanted = Q()
        for version in sorted({row.version for row in some}):
            wanted |= Q(version=version, pk__in=[row.pk for row in some if row.version == version])
        done = StationAssignment.objects.filter(wanted).update(to_on=last, version=F("version") + 1)
        if done != len(some):
            raise NotAllowed("有代表的编组刚刚被别人改过，没有执行。请刷新后再试。")
    if prepared is not None:
        for row in assignments:
            found: Any = prepared[row.pk]  # the names that the entries tell, without a query each
            row.mandate, row.station = found.mandate, found.origin
    for was in {row.to_on for row in assignments}:
        some = [row for row in assignments if row.to_on == was]
        told, kept = {"to_on": [was, last]}, {"to_on": was and was.isoformat()}
        AuditEntry.objects.record_many(some, "end", by=by, note=note, data=told, was=kept)


# --- The rows ---------------------------------------------------------------------------------------------------------


class ProposalRowQuerySet(models.QuerySet["ProposalRow"]):
    def visible_to(self, post: Post | None) -> "ProposalRowQuerySet":
        return self.filter(proposal__in=AssignmentProposal.objects.visible_to(post))

    def changing(self) -> "ProposalRowQuerySet":
        """Those that applying the proposal would change."""
        return self.filter(change__in=ProposalRow.CHANGING)


class ProposalRow(models.Model):
    """One mandate in a proposal: where it is, where it should go, why."""

    class Change(models.TextChoices):
        MOVE = "MOVE", "调整"
        NEW = "NEW", "新编入"
        KEEP = "KEEP", "不动"
        NONE = "NONE", "没有编入"

    CHANGING = (Change.MOVE, Change.NEW)

    proposal = models.ForeignKey(
        AssignmentProposal, models.PROTECT, related_name="rows", verbose_name="编组方案"
    )
    mandate = models.ForeignKey(
        Mandate, models.PROTECT, related_name="proposal_rows", verbose_name="代表职务"
    )
    before = models.ForeignKey(
        StationAssignment, models.PROTECT, null=True, related_name="+", verbose_name="原来的编组"
    )
    before_version = models.PositiveIntegerField(default=0)
    origin = models.ForeignKey(Station, models.PROTECT, null=True, related_name="+", verbose_name="原站")
    proposed = models.ForeignKey(
        Station, models.PROTECT, null=True, related_name="+", verbose_name="提出的站点"
    )
    station = models.ForeignKey(Station, models.PROTECT, null=True, related_name="+", verbose_name="新站")
    change = models.CharField("变动", max_length=4, choices=Change.choices)
    reason = models.CharField("理由", max_length=200)
    metres_before = models.PositiveIntegerField("原距离（米）", null=True)
    metres_after = models.PositiveIntegerField("新距离（米）", null=True)
    fixed = models.BooleanField("不参加调整", default=False)
    adjusted = models.BooleanField("人工改过", default=False)
    made = models.ForeignKey(
        StationAssignment,
        models.PROTECT,
        null=True,
        related_name="proposal_rows_made",
        verbose_name="新的编组",
    )

    objects = ProposalRowQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "编组方案的行"
        constraints = [
            models.UniqueConstraint(fields=["proposal", "mandate"], name="a_mandate_once_in_a_proposal")
        ]
        indexes = [models.Index(fields=["proposal", "change", "id"], name="rows_of_a_proposal")]

    def __str__(self) -> str:
        return f"{self.mandate}：{self.origin or '未编组'} → {self.station or '未编组'}"

    def turn_to(self, station: Station | None, ground: Ground) -> None:
        """Staff chose this station."""
        if self.fixed:
            raise NotAllowed(f"{self.mandate.deputy.name}不参加这次调整：{self.reason}。")
        self.station, self.adjusted = station, True
        self.metres_after = ground.way(self.mandate, station)
        if station is None:
            self.change, self.reason = self.Change.NONE, "人工决定：这次不编入"
        elif self.origin_id == station.pk:
            if not station.is_open(self.proposal.on):
                raise NotAllowed(f"{station}已停用，不能留在原站。请另选站点。")
            self.change, self.reason = self.Change.KEEP, "人工决定：保留原站"
        else:
            self.change = self.Change.MOVE if self.before_id else self.Change.NEW
            self.reason = "人工决定：" + self.far(self.metres_before, self.metres_after)

    @staticmethod
    def far(before: int | None, after: int | None) -> str:
        """The way in words: 距离从 8.2 公里减到 1.1 公里."""
        if after is None:
            return "全县范围的职务，不比较距离"
        if before is None:
            return f"距离 {after / 1000:.1f} 公里"
        return f"距离从 {before / 1000:.1f} 公里{'减' if after < before else '增'}到 {after / 1000:.1f} 公里"


def _questions(area: Area, on: date) -> tuple[Ground, list[ProposalRow]]:
    """A row for each mandate of the area on the day; `fixed` are those that the proposal leaves alone, with why."""
    ground = Ground.of(area, on)
    places: dict[int, list[StationAssignment]] = defaultdict(list)
    mine = Mandate.objects.in_office(on).filter(inside(area))
    for held in (
        StationAssignment.objects.lasting_beyond(on - timedelta(days=1))
        .filter(mandate__in=mine.values("pk"))
        .prefetch_related("station")  # a few, each of many
        .order_by("from_on", "pk")
    ):
        places[held.mandate_id].append(held)
    rows = []
    for mandate in mine.select_related("deputy").order_by("area_path", "pk"):
        row = _question(mandate, places[mandate.pk], ground, area, on)
        if row is not None:
            rows.append(row)
    _add_guests(ground, area, on)
    return ground, rows


def _question(
    mandate: Mandate, places: list[StationAssignment], ground: Ground, area: Area, on: date
) -> ProposalRow | None:
    if any(not inside_area(place.station, area) for place in places):
        return None  # belongs to a station elsewhere; that is for the office there
    before = places[0] if places else None
    origin = before.station if before else None
    why = ""
    if len(places) > 1:
        why = "编在几个站点或已有后续变动，不动"
    elif mandate.suspended_on and mandate.suspended_on <= on:
        why = "暂停执行职务，不动"
    elif before and before.to_on is not None:
        why = f"{before.to_on:%-m月%-d日}离站，不动"
    elif before and before.from_on >= on:
        why = "刚编入，不动"
    elif before and origin and origin.is_open(on) and origin.pk not in ground.stations:
        why = f"编在{origin.get_kind_display()}，不动"
    return ProposalRow(
        mandate=mandate,
        before=before,
        before_version=before.version if before else 0,
        origin=origin,
        metres_before=ground.way(mandate, origin),
        fixed=bool(why),
        reason=why,
    )


def _add_guests(ground: Ground, area: Area, on: date) -> None:
    """Mandates based elsewhere that belong to a site here: they count, and stay."""
    here = StationAssignment.objects.filter(during(on)).filter(station__in=list(ground.stations))
    for station, level in here.exclude(inside(area, "mandate__area_path")).values_list(
        "station", "mandate__level"
    ):
        ground.guests[station][level] += 1


def _world(ground: Ground, rows: Iterable[ProposalRow]) -> World:
    held: dict[int, Counter[str]] = defaultdict(Counter)
    for key, guests in ground.guests.items():
        held[key] += guests
    seats = []
    for row in rows:
        if row.fixed:
            if row.origin_id in ground.stations:
                held[row.origin_id or 0][row.mandate.level] += 1
            continue
        before = row.before
        rank = (not before.resident, before.from_on.toordinal()) if before else ()
        kept = row.origin_id if row.origin_id in ground.stations else None
        seats.append(Seat(row.mandate_id, row.mandate.level, row.mandate.area_path, kept, rank))
    sites = [
        Site(key, station.area_path, ground.point(station), station.suspended_on is None, dict(held[key]))
        for key, station in ground.stations.items()
    ]
    points = {seat.base: point for seat in seats if (point := ground.base(seat.base)) is not None}
    return World(sites, seats, points, Level.TOWNSHIP)


def _answer(rows: Sequence[ProposalRow], placed: dict[int, int | None], ground: Ground) -> None:
    """Fill in the rows: the station, the way, and the reason in words."""
    before: Counter[tuple[int | None, str]] = Counter((row.origin_id, row.mandate.level) for row in rows)
    after: Counter[tuple[int | None, str]] = Counter()
    for row in rows:
        key = row.origin_id if row.fixed else placed[row.mandate_id]
        stays = (
            key is None and row.origin_id in ground.stations
        )  # everything is full: better there than nowhere
        row.station = row.origin if row.fixed or stays else ground.stations.get(key or 0)
        row.proposed = row.station
        row.metres_after = ground.way(row.mandate, row.station)
        after[row.station_id, row.mandate.level] += 1
    load: Counter[int | None] = Counter(row.station_id for row in rows)
    lacking = {(row.station_id, row.mandate.level) for row in rows} - before.keys()
    was: Counter[int | None] = Counter(row.origin_id for row in rows)
    for row in rows:
        if row.station_id is None:
            row.change = ProposalRow.Change.NONE
            row.reason = row.reason or "附近的站点都已编满，或本县没有可编入的站点"
        elif row.station_id == row.origin_id:
            row.change = ProposalRow.Change.KEEP
            full = not row.fixed and placed[row.mandate_id] is None
            row.reason = row.reason or ("各站都已编满，留在原站" if full else "原站合适，不动")
        else:
            row.change = ProposalRow.Change.MOVE if row.before else ProposalRow.Change.NEW
            first = (row.station_id, row.mandate.level) in lacking
            lacking.discard((row.station_id, row.mandate.level))
            row.reason = _why(row, first, before, after, was, load)


def _why(
    row: ProposalRow,
    lacking: bool,
    before: Counter[tuple[int | None, str]],
    after: Counter[tuple[int | None, str]],
    was: Counter[int | None],
    load: Counter[int | None],
) -> str:
    """Why this mandate goes to this station: what is better there, in the order in which people ask."""
    level, found = row.mandate.get_level_display(), []
    if row.before is None:
        found.append("原来没有编组")
    elif row.origin is not None and row.origin.closed_on is not None:
        found.append(f"原站{row.origin.closed_on:%Y年%-m月%-d日}停用")
    nearer = row.metres_before is not None and row.metres_after is not None
    nearer = nearer and row.metres_before - row.metres_after >= 100  # type: ignore[operator]
    if nearer or (found and row.metres_after is not None):
        found.append(("就近：" if nearer else "") + row.far(row.metres_before, row.metres_after))
    if lacking:
        found.append(f"补齐{level}级代表：新站原来没有")
    elif row.before and before[row.origin_id, row.mandate.level] > after[row.origin_id, row.mandate.level]:
        here, there = before[row.origin_id, row.mandate.level], before[row.station_id, row.mandate.level]
        if here > there:
            found.append(f"混合：原站{level}级代表 {here} 名，新站 {there} 名")
    if row.before and was[row.origin_id] > was[row.station_id]:
        found.append(f"均衡：原站 {was[row.origin_id]} 职，新站 {was[row.station_id]} 职")
    whole = f"统筹安排：新站调整后 {load[row.station_id]} 职，其中{level}级 {after[row.station_id, row.mandate.level]} 名"
    return "；".join(found) or whole


# --- Before and after in figures ----------------------------------------------------------------------------------------


def _figures(rows: Sequence[ProposalRow], ground: Ground) -> dict[str, Any]:
    changes = Counter(row.change for row in rows)
    return {
        "mandates": len(rows),
        "changes": {change: changes[change] for change in ProposalRow.Change.values},
        "sites": len(ground.stations),
        "fixed": sum(row.fixed for row in rows),
        "adjusted": sum(row.adjusted for row in rows),
        "without_way": sum(ground.base(row.mandate.area_path) is None for row in rows),
        "sites_without_point": sum(place_of(station) is None for station in ground.stations.values()),
        "before": _state([(row.mandate.level, row.origin_id, row.metres_before) for row in rows], ground),
        "after": _state([(row.mandate.level, row.station_id, row.metres_after) for row in rows], ground),
    }


def _state(rows: Iterable[tuple[str, int | None, int | None]], ground: Ground) -> dict[str, Any]:
    """Way (mean, p90), mix (levels a site has on average; sites with one level alone), load, who is nowhere."""
    levels: dict[int, Counter[str]] = {key: Counter(ground.guests.get(key)) for key in ground.stations}
    ways, nowhere = [], 0
    for level, station, way in rows:
        if station is None or station not in levels:
            nowhere += station is None
            continue
        levels[station][level] += 1
        if way is not None:
            ways.append(way)
    ways.sort()
    loads = sorted(sum(found.values()) for found in levels.values()) or [0]
    kinds = [len(+found) for found in levels.values()] or [0]
    return {
        "unassigned": nowhere,
        "mean": round(sum(ways) / len(ways)) if ways else None,
        "p90": ways[(len(ways) * 9 - 1) // 10] if ways else None,
        "levels": round(sum(kinds) / len(kinds), 2),
        "one_level": sum(kind == 1 for kind in kinds),
        "empty": sum(load == 0 for load in loads),
        "least": loads[0],
        "most": loads[-1],
        "spread": round((sum((x - sum(loads) / len(loads)) ** 2 for x in loads) / len(loads)) ** 0.5, 1),
    }
