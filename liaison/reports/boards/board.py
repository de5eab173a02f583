"""What stands on a board: figures of the dictionary, told apart by months, areas, stations and categories.

The statements are as many for the nation as for a township: each figure is asked for once, for all rows together.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Min, QuerySet
from django.urls import reverse

from liaison.accounts.models import Area, Post, Role
from liaison.core.places import inside
from liaison.reports import charts
from liaison.reports.breakdown import By, Row, broken_down, by_area, by_station
from liaison.reports.charts import Chart, Heat, HeatCell, HeatRow, Series, Spark, Stage, heat_of, sparkline
from liaison.reports.coverage.measures import READERS, View, totals
from liaison.reports.forms import StepForm
from liaison.reports.metrics import METRICS, WIDE, Ask, Figure, FiveOrder, answers, five_orders
from liaison.reports.parts import NO_CATEGORY, Part, stations_of
from liaison.reports.periods import said
from stations.models import Station
from suggestions.models import Order
from suggestions.orders.queue import URGENT, show, whole
from visits.models import Category

from .stretches import BARS, Stretch, before, course, stretches, ticks

FEW = 8  # stations on the board of an area; all of them are one click away
LATE = 5
CATEGORIES = 10  # columns of the heat table; what comes less often stands under 其余
REST = "其余"
SATISFIED, RATED, REPLIED = "requests.satisfied", "requests.rated", "requests.replied"
HEAD = ("activity.visitors", "requests.received", "requests.dispatched", "requests.accepted", RATED)
STATION_HEAD = ("activity.receptions", "activity.visitors", "requests.received", REPLIED, RATED)
RECEIVED, CLOSED = "requests.received", "requests.closed"
OF_AREAS = (
    "activity.visitors", RECEIVED, REPLIED, CLOSED, "requests.overdue", SATISFIED,
)  # fmt: skip
OF_STATIONS = (
    "activity.receptions", "activity.receptions_planned", "activity.visitors", RECEIVED, SATISFIED,
)  # fmt: skip


@dataclass(frozen=True)
class Number:
    """A number with the records behind it."""

    value: int
    url: str


@dataclass(frozen=True)
class Rate:
    """A share with both its numbers; no share where the whole is nothing."""

    part: Number
    whole: Number

    @property
    def percent(self) -> str:
        return f"{100 * self.part.value / self.whole.value:.1f}" if self.whole.value else ""


@dataclass(frozen=True)
class Line:
    """A row of a table: a name, where it leads, and its numbers in the order of the columns."""

    name: str
    url: str
    numbers: tuple[Number | Rate, ...]


@dataclass(frozen=True)
class Head:
    """One of the figures at the top, and how it stands to the period before."""

    metric: Any
    number: Number
    earlier: Number
    spark: Spark | None

    @property
    def change(self) -> str:
        more = self.number.value - self.earlier.value
        return f"多 {more}" if more > 0 else f"少 {-more}" if more < 0 else "持平"


@dataclass(frozen=True)
class Overdue:
    """Orders without their answer now, whatever the period."""

    count: int
    days: int  # how long the first of them has been late
    orders: list[Order]
    url: str


@dataclass(frozen=True)
class Board:
    """A question, and the answers to it as they stand on the page."""

    ask: Ask
    post: Post
    today: date
    station: Station | None = None

    # --- Addresses ---

    def records(
        self,
        code: str,
        *,
        area: Area | None = None,
        period: Stretch | None = None,
        received: bool = False,
        **part: Any,
    ) -> str:
        """The records of a figure: of this board, or of a part of it. `part`: station, category (a list), own."""
        days: Any = period or self.ask
        query = said(days.first, days.last, area or self.ask.area) | self._station(self.station)
        query |= {"by": StepForm.RECEIVED} if received else {}
        return f"{reverse('reports:records', args=[code])}?{urlencode(query | part, doseq=True)}"

    def board(self, area: Area | None = None, station: Station | None = None, page: str = "board") -> str:
        """Another board of the same days."""
        query = said(self.ask.first, self.ask.last, area or self.ask.area) | self._station(station)
        return f"{reverse(f'boards:{page}')}?{urlencode(query)}"

    def days(self, first: date, last: date) -> str:
        """This board of other days."""
        query = said(first, last, self.ask.area) | self._station(self.station)
        return f"{reverse('boards:board')}?{urlencode(query)}"

    @staticmethod
    def _station(station: Station | None) -> dict[str, str]:
        return {"station": station.code} if station else {}

    @property
    def report_url(self) -> str:
        """Where a report of the same area and days is asked for."""
        query = urlencode(said(self.ask.first, self.ask.last, self.ask.area))
        return f"{reverse('issued:list')}?{query}"

    def _number(self, figure: Figure, **more: Any) -> Number:
        return Number(figure.value, self.records(figure.code, **more))

    # --- At the top ---

    @cached_property
    def earlier(self) -> Stretch:
        return before(self.ask.first, self.ask.last)

    @cached_property
    def _now(self) -> dict[str, Figure]:
        codes = dict.fromkeys([*self._heads, SATISFIED, RATED, REPLIED, "requests.assisted", CLOSED])
        return {figure.code: figure for figure in answers(self.ask, codes)}

    @cached_property
    def _then(self) -> dict[str, Figure]:
        ask = replace(self.ask, first=self.earlier.first, last=self.earlier.last)
        return {figure.code: figure for figure in answers(ask, [*self._heads, SATISFIED, RATED])}

    @property
    def _heads(self) -> tuple[str, ...]:
        return STATION_HEAD if self.station or self.post.role == Role.STATION else HEAD

    @property
    def is_empty(self) -> bool:
        return not any(figure.value for figure in self._now.values())

    @property
    def compares(self) -> bool:
        """There is something to compare with."""
        return any(figure.value for figure in self._then.values())

    @cached_property
    def heads(self) -> list[Head]:
        months = [one.name for one in self.stretches]
        return [
            Head(
                METRICS[code],
                self._number(self._now[code]),
                self._number(self._then[code], period=self.earlier),
                sparkline(METRICS[code].name, months, self._course(code), METRICS[code].unit),
            )
            for code in self._heads
        ]

    @cached_property
    def satisfaction(self) -> dict[str, Any]:
        """How many were satisfied, of how many that rated, of how many that were answered; and how many marks staff took down."""
        numbers = {
            name: self._number(self._now[code])
            for name, code in (
                ("satisfied", SATISFIED), ("rated", RATED), ("replied", REPLIED), ("assisted", "requests.assisted"),
            )
        }  # fmt: skip
        rate = Rate(numbers["satisfied"], numbers["rated"])
        earlier = Rate(*(self._number(self._then[code], period=self.earlier) for code in (SATISFIED, RATED)))
        satisfied, rated = numbers["satisfied"], numbers["rated"]
        chart = charts.donut(
            "satisfaction", "满意率", satisfied.value, rated.value, satisfied.url, ("满意", "评价"), "件"
        )
        assisted = Rate(numbers["assisted"], rated)
        return numbers | {
            "rate": rate,
            "change": _points(rate, earlier),
            "metric": METRICS[SATISFIED],
            "chart": chart,
            "assisted_rate": assisted,
        }

    # --- Charts ---

    @cached_property
    def stretches(self) -> list[Stretch]:
        return stretches(self.ask.first, self.ask.last)

    @cached_property
    def _by_month(self) -> dict[tuple[Any, ...], dict[str, int]]:
        whole = replace(self.ask, first=self.stretches[0].first, last=self.stretches[-1].last)
        return broken_down(whole, dict.fromkeys([*self._heads, RECEIVED, CLOSED]), By.MONTH)

    def _course(self, code: str) -> list[int]:
        return course(self.stretches, self._by_month, code)

    @cached_property
    def months(self) -> Chart:
        return self._months(charts.WIDE)

    @cached_property
    def narrow_months(self) -> Chart:
        """The same, where letters must be large."""
        return self._months(charts.NARROW)

    def _months(self, width: int) -> Chart:
        series = [
            Series(
                METRICS[code].name,
                self._course(code),
                [self.records(code, period=one) for one in self.stretches],
            )
            for code in (RECEIVED, CLOSED)
        ]
        names = [one.name for one in self.stretches]
        title = "每月诉求与办结" if "月" in names[0] else "每年诉求与办结"
        if len(self.stretches) > BARS:
            return charts.lines("months", title, names, series, "件", ticks(self.stretches))
        return charts.bars("months", title, names, series, "件", ticks(self.stretches), width)

    @property
    def shows_more_months(self) -> bool:
        """The chart goes back behind the period, which is short."""
        return self.stretches[0].first < self.ask.first

    @cached_property
    def funnels(self) -> list[Chart]:
        """What was done in the period, and what became of the requests received in it."""
        return funnels(
            five_orders(self.ask),
            ("这段时间办的", "这段时间收到的"),
            lambda code, received: self.records(code, received=received),
        )

    # --- Tables ---

    @property
    def later(self) -> str:
        """Of a wide area: the address from which the page fetches the tables that take seconds; else empty."""
        wide = self.station is None and self.ask.area.level in WIDE
        return self.board(page="later") if wide else ""

    @property
    def shows_areas(self) -> bool:
        """Below a township there are stations, not areas."""
        return self.station is None and self.ask.area.level not in (Area.Level.TOWNSHIP, Area.Level.COMMUNITY)

    @cached_property
    def _area_rows(self) -> list[Row]:
        return by_area(self.ask, OF_AREAS) if self.shows_areas else []

    @cached_property
    def _places(self) -> list[Row]:
        """Where the heat table tells requests apart: of a wide area without what else there is to tell of them."""
        return by_area(self.ask, [RECEIVED]) if self.later else self._area_rows

    @cached_property
    def areas(self) -> list[Line]:
        return [self._area_line(row) for row in self._area_rows]

    def _area_line(self, row: Row) -> Line:
        own: dict[str, Any] = {"own": 1} if row.thing == self.ask.area else {}
        numbers = self._row_numbers(row, OF_AREAS, area=row.thing, **own)
        return Line(row.label, "" if own else self.board(row.thing), numbers)

    def _row_numbers(self, row: Row, codes: Sequence[str], **where: Any) -> tuple[Number | Rate, ...]:
        def number(code: str) -> Number:
            return Number(row[code], self.records(code, **where))

        return tuple(
            Rate(number(code), number(METRICS[code].base)) if METRICS[code].base else number(code)
            for code in codes
        )

    @cached_property
    def all_stations(self) -> QuerySet[Station]:
        """Those that were open at some time in these days, by place and code: this is no ranking."""
        return stations_of(self.ask).of_kinds(*Station.STATIONS, *Station.POINTS, Station.Kind.MICRO)

    @cached_property
    def stations(self) -> list[Station]:
        """The first of them; of a township all, as far as a page goes."""
        most = FEW if self.shows_areas else 50
        return [] if self.station else list(self.all_stations.order_by("area_path", "code")[:most])

    @cached_property
    def number_of_stations(self) -> int:
        return self.all_stations.count()

    @property
    def stations_url(self) -> str:
        return self.board(page="stations")

    @cached_property
    def station_lines(self) -> list[Line]:
        return self.lines_of(self.stations)

    def lines_of(self, stations: Sequence[Station]) -> list[Line]:
        """Each with its receptions, how many of those arranged were held, people, requests and satisfaction."""
        found = []
        for row in by_station(self.ask, OF_STATIONS, stations) if stations else []:
            held, planned, people, received, satisfied = self._row_numbers(
                row, OF_STATIONS, station=row.thing.code
            )
            numbers = (held, people, received, satisfied, Rate(held, planned))  # type: ignore[arg-type]
            found.append(Line(row.label, self.board(station=row.thing), numbers))
        return found

    @cached_property
    def heat(self) -> Heat:
        """Where people say what: by area below, in a township by station; the categories that come most often."""
        if self.shows_areas:
            cells, of = broken_down(self.ask, [RECEIVED], By.AREA, By.CATEGORY), "各地"
            rows: list[tuple[Any, str, str, dict[str, Any]]] = [
                (row.key, row.label, "" if row.thing == self.ask.area else self.board(row.thing),
                 {"area": row.thing} | ({"own": 1} if row.thing == self.ask.area else {}))
                for row in self._places
            ]  # fmt: skip
        else:
            cells, of = broken_down(self.ask, [RECEIVED], By.STATION, By.CATEGORY), "站点"
            stations = [self.station] if self.station else self._with_requests({key for key, _ in cells})
            rows = [
                (one.pk, one.name, "" if self.station else self.board(station=one), {"station": one.code})
                for one in stations
            ]
        counted = {key: values[RECEIVED] for key, values in cells.items() if values[RECEIVED]}
        columns = _columns(counted)
        named = [pks[0] for heading, pks in columns if heading != REST]  # many together outshine each of them
        largest = max((counted.get((key, pk), 0) for key, *_ in rows for pk in named), default=0)
        return Heat(
            "反映什么" if self.station else "哪里反映什么",
            of,
            tuple(name for name, _ in columns),
            tuple(self._heat_row(row, columns, counted, largest) for row in rows),
        )

    def _with_requests(self, pks: set[Any]) -> list[Station]:
        """The stations of a township, and a mailbox or one that has closed if it has requests."""
        listed = {station.pk for station in self.stations}
        more = Station.objects.visible_to(self.post).filter(pk__in=pks - listed)
        return [*self.stations, *more.order_by("area_path", "code")]

    def _heat_row(
        self,
        row: tuple[Any, str, str, dict[str, Any]],
        columns: list[tuple[str, list[int | None]]],
        counted: dict[tuple[Any, ...], int],
        largest: int,
    ) -> HeatRow:
        key, name, url, where = row
        cells = []
        for heading, pks in columns:
            value = sum(counted.get((key, pk), 0) for pk in pks)
            heat = 0 if heading == REST else heat_of(value, largest)
            asked = [NO_CATEGORY if pk is None else pk for pk in pks]
            cells.append(HeatCell(value, self.records(RECEIVED, category=asked, **where), heat))
        total = sum(n for (place, _), n in counted.items() if place == key)
        return HeatRow(name, url, tuple(cells), total, self.records(RECEIVED, **where))

    # --- What is late, and what is missing ---

    @cached_property
    def overdue(self) -> Overdue:
        rows = Order.objects.visible_to(self.post).overdue(self.today).filter(inside(self.ask.area))
        query = {"queue": "overdue", "area": self.ask.area.code} | self._station(self.station)
        if self.station is not None:
            rows = rows.filter(request__station=self.station)
        found = rows.aggregate(n=Count("pk"), oldest=Min("due_on"))
        first = whole(self.post, self.today)(rows.order_by(*URGENT))[:LATE] if found["n"] else []
        days = (self.today - found["oldest"]).days if found["n"] else 0
        url = f"{reverse('orders:list')}?{urlencode(query)}"
        return Overdue(found["n"], days, show(first, self.post, self.today), url)

    @property
    def shows_coverage(self) -> bool:
        """To those who may read the gaps of the network, of an area."""
        return self.post.role in READERS and self.station is None

    @cached_property
    def coverage(self) -> list[tuple[Any, str]]:
        """The gaps in the network on the last day, each with the address of its list."""
        if not self.shows_coverage:
            return []
        on = min(self.ask.last, self.today)
        total = totals(View(self.ask.area, on, self.post, self.today))
        query = urlencode({"area": self.ask.area.code, "on": on.isoformat()})
        return [
            (cell, f"{reverse('coverage:records', args=[cell.measure.code])}?{query}") for cell in total.cells
        ]


def asked(
    area: Area, first: date, last: date, post: Post, today: date, station: Station | None = None
) -> Board:
    part = Part(station) if station else None
    return Board(Ask(area, first, last, post, part=part), post, today, station)


def funnels(
    orders: Sequence[FiveOrder], titles: tuple[str, str], address: Callable[[str, bool], str]
) -> list[Chart]:
    """The five orders in both ways of counting, under two titles. `address`: the records of a step, of those received."""
    done = [
        Stage(order.name, order.in_period.value, address(order.in_period.code, False)) for order in orders
    ]
    became = [
        Stage(order.name, one.value, address(one.code, True), f"{one.percent}%" if one.percent else "")
        for order in orders
        for one in [order.of_received]
    ]
    return [
        charts.funnel("funnel-step", titles[0], done, "件"),
        charts.funnel("funnel-received", titles[1], became, "件"),
    ]


def _points(rate: Rate, earlier: Rate) -> str:
    """高 1.2 个百分点; empty where one of the two is none."""
    if not rate.percent or not earlier.percent:
        return ""
    more = float(rate.percent) - float(earlier.percent)
    word = "高" if more > 0 else "低"
    return f"{word} {abs(more):.1f} 个百分点" if abs(more) >= 0.05 else "持平"


def _columns(counted: dict[tuple[Any, ...], int]) -> list[tuple[str, list[int | None]]]:
    """The categories of a table in their own order; where there are too many, the rare ones together at the end."""
    totals: dict[int | None, int] = {}
    for (_, pk), n in counted.items():
        totals[pk] = totals.get(pk, 0) + n
    known = list(Category.objects.filter(pk__in=[pk for pk in totals if pk]).order_by("rank", "pk"))
    kept = {one.pk for one in known}
    if len(totals) > CATEGORIES + 1:
        kept = set(sorted(kept, key=lambda pk: -totals[pk])[:CATEGORIES])
    columns: list[tuple[str, list[int | None]]] = [(one.name, [one.pk]) for one in known if one.pk in kept]
    rest: list[int | None] = [pk for pk in totals if pk not in kept]
    if rest:
        columns.append(("未分类" if rest == [None] else REST, rest))
    return columns
