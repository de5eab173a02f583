"""Which mandate goes to which site: a flow of least cost. Knows neither database nor pages.

All that matters is written as metres, so that it can be weighed and explained: the way from the mandate's base to the
site, the least gain for which anybody is moved, what it is worth that a site gets a deputy of a level that it lacks,
what it is worth that a site is not almost empty. Mandates of the same base, level and present site are alike, so whole
numbers of them flow, not single ones; the network has no fractions at its corners, so the simplex method of HiGHS ends
with whole numbers. Afterwards those who stay are chosen by rank. The same question always has the same answer.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import asin, ceil, cos, radians, sin, sqrt

from liaison.accounts.models import COUNTY_PATH, TOWN_PATH

EARTH = 6_371_000  # metres; a sphere is right to half a percent, roads differ from it far more
NEAREST = 12  # so many sites are candidates at first; all of the county where that leaves somebody out

NOWHERE = 1_000_000  # a mandate without a site: dearer than any way in a county
OUTSIDE = 20_000  # a township's own deputies belong to the township's own sites
EMPTY = 5_000  # a site with fewer than it should have, for each that it lacks
CROWDED = 1_000  # a site with clearly more than others, for each beyond
ROOMY = 1.2  # "clearly more": beyond this many times the mean
SURPLUS = 2  # a level beyond its fair share at a site costs this part of what a lacking one is worth

Point = tuple[float, float]  # longitude, latitude in degrees
Progress = Callable[[int, int, str], None]  # done, of how many, in words


def metres(one: Point, other: Point) -> int:
    """The way as the crow flies (haversine)."""
    (x1, y1), (x2, y2) = ((radians(x), radians(y)) for x, y in (one, other))
    chord = sin((y2 - y1) / 2) ** 2 + cos(y1) * cos(y2) * sin((x2 - x1) / 2) ** 2
    return round(2 * EARTH * asin(sqrt(min(chord, 1.0))))


def center(points: Iterable[Point]) -> Point | None:
    """The mean of some points; None of none."""
    found = list(points)
    if not found:
        return None
    return sum(x for x, _ in found) / len(found), sum(y for _, y in found) / len(found)


@dataclass(frozen=True)
class Site:
    """A site that is open on the day. `held` are the mandates that stay there whatever is proposed, by level."""

    key: int
    path: str  # of its area
    point: Point | None
    takes: bool = True  # False: suspended; who is there may stay, nobody comes
    held: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Seat:
    """A mandate to be placed. `site` is where it is now, if that is a site that may keep it."""

    key: int
    level: str
    base: str  # path of the area where it is based
    site: int | None = None
    rank: tuple[int, ...] = ()  # of those alike, the first ones stay


@dataclass(frozen=True)
class Weights:
    """What is weighed against what; metres and mandates."""

    least: int
    most: int
    threshold: int = 1_000  # a move must gain more than this
    mix: int = 3_000  # a deputy of a level that a site lacks may go so much farther


class World:
    """Sites, seats, and where the areas lie."""

    def __init__(
        self,
        sites: Sequence[Site],
        seats: Sequence[Seat],
        points: Mapping[str, Point],
        town_level: str = "TOWNSHIP",
    ) -> None:
        self.sites = {site.key: site for site in sorted(sites, key=lambda site: site.key)}
        self.seats = sorted(seats, key=lambda seat: seat.key)
        self.points = points
        self.town_level = town_level

    def way(self, base: str, site: Site) -> int | None:
        """Metres from a base to a site; None where the base is a county or wider, or lies nobody knows where."""
        if len(base) <= COUNTY_PATH or site.point is None or base not in self.points:
            return None
        return metres(self.points[base], site.point)

    def reach(self, base: str) -> list[Site]:
        """Sites of the county of a base, or of the wider area that the base is."""
        return [site for site in self.sites.values() if site.path.startswith(base[:COUNTY_PATH])]

    def toll(self, level: str, base: str, site: Site) -> int:
        """What it costs that a mandate of this level and base sits at this site."""
        strange = level == self.town_level and not site.path.startswith(base[:TOWN_PATH])
        return (self.way(base, site) or 0) + (OUTSIDE if strange else 0)

    def shares(self) -> dict[tuple[int, str], int]:
        """How many of a level are fair at a site: those of its county (its township for that level), shared equally."""
        total: Counter[tuple[str, str]] = Counter()
        sites: Counter[tuple[str, str]] = Counter()
        levels = sorted(
            {seat.level for seat in self.seats} | {le for s in self.sites.values() for le in s.held}
        )
        for seat in self.seats:
            total[self._place(seat.level, seat.base), seat.level] += 1
        for site in self.sites.values():
            for level in levels:
                sites[self._place(level, site.path), level] += 1
                total[self._place(level, site.path), level] += site.held.get(level, 0)
        return {
            (site.key, level): max(1, ceil(total[place, level] / sites[place, level]))
            for site in self.sites.values()
            for level in levels
            for place in [self._place(level, site.path)]
        }

    def _place(self, level: str, path: str) -> str:
        return path[: TOWN_PATH if level == self.town_level else COUNTY_PATH]

    def roomy(self, weights: Weights) -> dict[int, int]:
        """For each site, beyond how many mandates it is crowded: by the mean of its county."""
        seats = Counter(seat.base[:COUNTY_PATH] for seat in self.seats)
        sites = Counter(site.path[:COUNTY_PATH] for site in self.sites.values())
        for site in self.sites.values():
            seats[site.path[:COUNTY_PATH]] += sum(site.held.values())
        return {
            site.key: min(weights.most, max(weights.least, ceil(seats[county] / sites[county] * ROOMY)))
            for site in self.sites.values()
            for county in [site.path[:COUNTY_PATH]]
        }

    def cost(self, placed: Mapping[int, int | None], weights: Weights) -> int:
        """What a whole placement costs; `solve` finds the cheapest of those that it looks at."""
        shares, roomy, total = self.shares(), self.roomy(weights), 0
        at: Counter[tuple[int, str]] = Counter()
        for seat in self.seats:
            key = placed[seat.key]
            if key is None:
                total += NOWHERE
                continue
            at[key, seat.level] += 1
            total += self.toll(seat.level, seat.base, self.sites[key])
            if seat.site is not None and key != seat.site:
                total += weights.threshold
        for site in self.sites.values():
            load = held = sum(site.held.values())
            for level in sorted({level for key, level in at if key == site.key}):
                first = site.held.get(level, 0) + 1
                load += at[site.key, level]
                for number in range(first, first + at[site.key, level]):
                    total += _of_level(number, shares[site.key, level], weights)
            total += sum(_of_load(number, roomy[site.key], weights) for number in range(held + 1, load + 1))
        return total


def _of_level(number: int, share: int, weights: Weights) -> int:
    """The price of the so-manieth mandate of one level at a site. It only rises, so the cheap places are taken first."""
    return -weights.mix if number == 1 else 0 if number <= share else weights.mix // SURPLUS


def _of_load(number: int, roomy: int, weights: Weights) -> int:
    """The price of the so-manieth mandate at a site; rising, too."""
    return -EMPTY if number <= weights.least else 0 if number <= roomy else CROWDED


def solve(world: World, weights: Weights, progress: Progress | None = None) -> dict[int, int | None]:
    """The cheapest placement: the site of each seat, None where every site in reach is full.

    Looked at are placements in which everybody stays or goes to one of the NEAREST sites, by toll, of the base (to any,
    where the base is a whole county); to any site of the county only where that leaves somebody out.
    No site gets more than `weights.most` (unless so many are held there), none that takes nobody gets anybody new.
    """
    told = progress or (lambda done, of, words: None)
    told(0, 3, "整理站点和代表")
    network = _Network(world, weights, NEAREST)
    told(1, 3, "求解")
    flow = network.solve()
    if network.left_out(flow):  # the near sites are full: ask the whole county
        network = _Network(world, weights, len(world.sites))
        flow = network.solve()
    told(2, 3, "落到每位代表")
    placed = network.placed(flow)
    told(3, 3, "完成")
    return placed


Kind = tuple[str, str, int | None]  # base, level, present site: mandates that are alike


class _Network:
    """Alike mandates → (stay | pool of their base and level) → level at a site → site. An arc is a column of the model."""

    def __init__(self, world: World, weights: Weights, nearest: int) -> None:
        self.world, self.weights = world, weights
        self.members: dict[Kind, list[Seat]] = defaultdict(list)
        for seat in sorted(world.seats, key=lambda seat: (seat.rank, seat.key)):
            self.members[seat.base, seat.level, seat.site].append(seat)
        self.rows: dict[tuple[object, ...], int] = {}
        self.demand: list[int] = []
        self.arcs: list[tuple[int, int, int, int]] = []  # from row, to row (-1: out), price, most
        self.stay: dict[Kind, int] = {}
        self.out: dict[Kind, int] = {}
        self.moves: dict[tuple[str, str], list[tuple[int, int]]] = {}  # pool → (site, arc)
        self._build(nearest)

    def _row(self, *name: object, supply: int = 0) -> int:
        if name not in self.rows:
            self.rows[name] = len(self.demand)
            self.demand.append(supply)
        return self.rows[name]

    def _arc(self, start: int, end: int, price: int, most: int) -> int:
        self.arcs.append((start, end, price, most))
        return len(self.arcs) - 1

    def _build(self, nearest: int) -> None:
        world, weights = self.world, self.weights
        levels: set[tuple[int, str]] = set()
        for kind in sorted(self.members, key=lambda kind: (kind[0], kind[1], kind[2] or 0)):
            base, level, present = kind
            number = len(self.members[kind])
            row = self._row("kind", kind, supply=number)
            self.out[kind] = self._arc(row, -1, NOWHERE, number)
            pool = self._row("pool", base, level)
            self._arc(row, pool, 0 if present is None else weights.threshold, number)
            if present is not None:
                toll = world.toll(level, base, world.sites[present])
                self.stay[kind] = self._arc(row, self._row("level", present, level), toll, number)
                levels.add((present, level))
            if (base, level) not in self.moves:
                self.moves[base, level] = []
                open_to = [(world.toll(level, base, s), s.key) for s in world.reach(base) if s.takes]
                far = len(base) > COUNTY_PATH and base in world.points
                for toll, key in sorted(open_to)[: nearest if far else None]:
                    arc = self._arc(pool, self._row("level", key, level), toll, len(world.seats))
                    self.moves[base, level].append((key, arc))
                    levels.add((key, level))
        self._tiers(levels)

    def _tiers(self, levels: set[tuple[int, str]]) -> None:
        """What the first, the next and the last mandate at a site cost: parallel arcs, the cheap ones first."""
        world, weights = self.world, self.weights
        shares, roomy = world.shares(), world.roomy(weights)
        many = len(world.seats)
        for key, level in sorted(levels):
            start, end = self._row("level", key, level), self._row("site", key)
            share, held = shares[key, level], world.sites[key].held.get(level, 0)
            for first, last in ((1, 1), (2, share), (share + 1, many + held)):
                if (room := last - max(first, held + 1) + 1) > 0:
                    self._arc(start, end, _of_level(max(first, held + 1), share, weights), room)
        for key in sorted({key for key, _ in levels}):
            start, held = self._row("site", key), sum(world.sites[key].held.values())
            ample = roomy[key]
            for first, last in ((1, weights.least), (weights.least + 1, ample), (ample + 1, weights.most)):
                if (room := last - max(first, held + 1) + 1) > 0:
                    self._arc(start, -1, _of_load(max(first, held + 1), ample, weights), room)

    def solve(self) -> list[int]:
        """The flow on each arc."""
        import highspy
        import numpy as np

        if not self.arcs:
            return []
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = len(self.arcs), len(self.demand)
        lp.col_cost_ = np.array([price for _, _, price, _ in self.arcs], dtype=float)
        lp.col_lower_ = np.zeros(len(self.arcs))
        lp.col_upper_ = np.array([most for *_, most in self.arcs], dtype=float)
        lp.row_lower_ = lp.row_upper_ = np.array(self.demand, dtype=float)
        starts, index, value = [0], [], []
        for start, end, _, _ in self.arcs:
            index.append(start)
            value.append(1.0)
            if end >= 0:
                index.append(end)
                value.append(-1.0)
            starts.append(len(index))
        lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        lp.a_matrix_.start_, lp.a_matrix_.index_ = np.array(starts), np.array(index)
        lp.a_matrix_.value_ = np.array(value)
        solver = highspy.Highs()
        for name, wanted in (
            ("output_flag", False),
            ("threads", 1),  # with one thread and the simplex method, the answer never varies
            ("random_seed", 0),
            ("solver", "simplex"),
        ):
            solver.setOptionValue(name, wanted)
        solver.passModel(lp)
        solver.run()
        if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            raise ArithmeticError(f"HiGHS: {solver.getModelStatus()}")
        return [round(amount) for amount in solver.getSolution().col_value]

    def left_out(self, flow: Sequence[int]) -> bool:
        return any(flow[arc] for arc in self.out.values())

    def placed(self, flow: Sequence[int]) -> dict[int, int | None]:
        """From whole numbers to mandates: of those alike, the first ones stay, the last ones are left out."""
        found: dict[int, int | None] = {}
        movers: dict[tuple[str, str], list[Seat]] = defaultdict(list)
        for kind, seats in self.members.items():
            base, level, present = kind
            stay = flow[self.stay[kind]] if kind in self.stay else 0
            leave = len(seats) - flow[self.out[kind]]
            found |= {seat.key: present for seat in seats[:stay]}
            found |= {seat.key: None for seat in seats[leave:]}
            movers[base, level] += seats[stay:leave]
        for pool, seats in movers.items():
            places = [key for key, arc in self.moves[pool] for _ in range(flow[arc])]
            alike = sorted(seats, key=lambda seat: (seat.site or 0, seat.rank, seat.key))
            found |= {seat.key: key for seat, key in zip(alike, places, strict=True)}
        return found
