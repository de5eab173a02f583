"""What a report says, once for every format: its cover, its figures, its tables, its ledgers.

Figures come from `metrics` and `breakdown` alone. Ledgers are read a chunk at a time, so memory stays flat however many
rows there are; what their columns add up to is compared with the figures before anything is given out.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any, ClassVar

from django.db.models import Q
from django.utils import timezone

from liaison.accounts.models import Area, Post, Role
from liaison.core.paging import in_chunks
from liaison.core.places import inside
from liaison.core.workbooks.commas import Digest
from liaison.core.workbooks.sheets import Heading, Percent, Sheet
from liaison.reports import breakdown
from liaison.reports.known import as_known
from liaison.reports.metrics import GROUPS, METRICS, Ask, Figure, FiveOrder, answers, five_orders
from liaison.reports.periods import Kind, Period
from stations.models import Station

from .ledgers import LEDGERS, Ledger

STATIONS_AT_ONCE = 1000
TITLE = "人大代表联络站工作报表"

# What the tables by area and by station show, of whatever can be added up; True: with its share of the whole.
# fmt: off
OF_AREAS: tuple[tuple[str, bool], ...] = (
    ("network.stations", False), ("network.points", False), ("network.mandates", False), ("network.assigned", True),
    ("activity.activities", False), ("activity.receptions", False), ("activity.receptions_announced_in_time", True),
    ("activity.attendances", False), ("activity.visitors", False), ("activity.parties", False),
    ("requests.received", False), ("requests.on_spot", False), ("requests.dispatched", False), ("requests.accepted", False),
    ("requests.followed", False), ("requests.replied", False), ("requests.rated", False), ("requests.satisfied", True),
    ("requests.closed", False), ("requests.overdue", False),
    ("suggestions.pieces", False), ("suggestions.items", False), ("suggestions.replied", False),
    ("results.livelihood", False),
)
OF_STATIONS = tuple(
    (code, share) for code, share in OF_AREAS if code.startswith(("activity.", "requests.", "results."))
)
# fmt: on


class Moved(Exception):
    """The records changed while they were read: the ledgers do not add up to the figures."""


@dataclass(frozen=True)
class Reader:
    """Whom the report is for: what its columns ask (`liaison.core.columns`)."""

    post: Post
    on: date
    masked: bool


@dataclass
class Content:
    """One report. `post`: who asked, None for the house itself; `made_by`: who that is, in words.

    `as_of`: as known at that moment; None: now. `told` is called with the number of rows read so far.
    """

    must_add_up: ClassVar[bool] = True

    area: Area
    period: Period
    post: Post | None = None
    as_of: datetime | None = None
    masked: bool = True
    made_by: str = "命令行"
    made_at: datetime = field(default_factory=timezone.now)
    told: Callable[[int], None] = lambda done: None
    hold: Callable[[], None] = lambda: None  # called before a step that takes long and tells nothing
    done: int = field(default=0, init=False)
    sums: dict[str, int] = field(default_factory=dict, init=False)  # of the ledgers, by the figure's code

    @cached_property
    def ask(self) -> Ask:
        return Ask(self.area, self.period.first, self.period.last, self.post, self.as_of)

    @property
    def reader(self) -> Reader:
        """The house reads as an auditor does: masked, and not what was said in confidence."""
        post = self.post or Post(role=Role.AUDITOR, area=self.area)
        return Reader(post, self.period.last, self.masked)

    @property
    def title(self) -> str:
        return f"{self.area.name}{self.period.label}{TITLE}"

    @property
    def known_at(self) -> datetime:
        """数据截止."""
        return self.as_of or self.made_at

    @property
    def about(self) -> str:
        """The line under the title of every table."""
        return f"统计期 {self.days}　　数据截止 {_moment(self.known_at)}"

    @property
    def days(self) -> str:
        return f"{self.period.first:%Y年%-m月%-d日}至{self.period.last:%Y年%-m月%-d日}"

    @property
    def foot(self) -> str:
        """What superiors want under a table: who reports, who examined. The second is filled in by hand."""
        unit = (self.post.area if self.post else self.area).name
        day = timezone.localtime(self.made_at)
        return f"填报单位：{unit}　　　　填报人：{self.made_by}　　　　审核人：　　　　　　　　填报日期：{day:%Y年%-m月%-d日}"

    def filter_words(self) -> str:
        """Which records are in it, in words."""
        said = [f"区划 {self.area.full_name}（含所辖）", f"统计期 {self.days}"]
        if self.post and self.post.role == Role.STATION:
            said.append("只含本站点和所属站点的记录")
        if self.as_of:
            said.append("按数据截止时所知")
        said.append("姓名、电话已遮盖" if self.masked else "姓名、电话未遮盖，请妥善保管")
        return "；".join(said)

    def seal_lines(self) -> list[tuple[str, str]]:
        """Of a sealed report: its number, its hash, when and by whom."""
        return []

    # --- Figures ---

    @cached_property
    def figures(self) -> list[Figure]:
        return answers(self.ask, METRICS)

    @cached_property
    def figure(self) -> dict[str, Figure]:
        return {figure.code: figure for figure in self.figures}

    @cached_property
    def five_orders(self) -> list[FiveOrder]:
        return five_orders(self.ask)

    def by_area(self) -> list[breakdown.Row]:
        """A row for each area directly below, and one for what belongs to none of them."""
        return breakdown.by_area(self.ask, [code for code, _ in OF_AREAS])

    def by_station(self) -> Iterator[breakdown.Row]:
        """A row for each station of the area that was open or has anything, by place and code."""
        codes = [code for code, _ in OF_STATIONS]
        chunk: list[Station] = []
        for station in in_chunks(self._stations(), ("area_path", "code"), size=STATIONS_AT_ONCE):
            chunk.append(station)
            if len(chunk) == STATIONS_AT_ONCE:
                yield from self._with_anything(breakdown.by_station(self.ask, codes, chunk))
                chunk = []
        if chunk:
            yield from self._with_anything(breakdown.by_station(self.ask, codes, chunk))

    def number_of_stations(self) -> int:
        """How many rows `by_station` has at most."""
        return int(self._stations().count())

    def _stations(self) -> Any:
        """Those in sight that stand in the area, and those that have moved away and left records here."""
        here = self.ask.seen(Station.objects.filter(inside(self.area)))
        moved: set[int] = set()
        for code in ("activity.activities", "activity.parties", "requests.received"):
            rows = METRICS[code].source(self.ask).exclude(inside(self.area, "station__area_path"))
            moved |= set(rows.order_by().values_list("station", flat=True).distinct())
        found = Station.objects.filter(Q(pk__in=here.values("pk")) | Q(pk__in=moved)).select_related("area")
        return as_known(found, self.as_of)

    def _with_anything(self, rows: Iterable[breakdown.Row]) -> Iterator[breakdown.Row]:
        for row in rows:
            station = row.thing
            open_then = station.opened_on <= self.period.last and (
                station.closed_on is None or station.closed_on > self.period.first
            )
            if open_then or any(row.values.values()):
                yield row

    # --- Sheets ---

    def sheets(self) -> list[Sheet]:
        """All tables, in their order. Each can be gone through once."""
        tables = [
            self._figures(),
            self._areas(),
            self._stations_sheet(),
            self._orders(),
            *(self.ledger(ledger) for ledger in LEDGERS),
            self._definitions(),
        ]
        self._digests = {sheet.name: Digest(sheet) for sheet in tables}
        for sheet in tables:
            self._digest(sheet)
        return [self._cover(tables), *tables]

    def hash_of(self, name: str) -> str:
        """Of a table that was gone through: SHA-256 of it as a CSV file."""
        return self._digests[name].hexdigest()

    def expected(self) -> int:
        """About how many rows there will be, to tell how far it is."""
        return sum(rows.order_by().count() for ledger in LEDGERS for rows in ledger.passes(self))

    def check(self) -> None:
        """Raises Moved where a ledger does not add up to a figure."""
        if not self.must_add_up:
            return
        wrong = [code for code, n in self.sums.items() if n != self.figure[code].value]
        if wrong:
            raise Moved(", ".join(wrong))

    def _digest(self, sheet: Sheet) -> None:
        """Let what goes through a sheet be counted, and its hash with it."""
        rows, totals, digest = sheet.rows, sheet.totals, self._digests[sheet.name]

        def through() -> Iterator[Sequence[Any]]:
            for row in rows:
                digest.add(row)
                self.done += 1
                self.told(self.done)
                yield row

        def last() -> Sequence[Any]:
            row = totals() if totals else ()
            digest.add(row)
            return row

        sheet.rows, sheet.totals = through(), last if totals else None

    def _table(self, name: str, unit: str, headings: Sequence[Heading], rows: Any, **more: Any) -> Sheet:
        title = f"{self.area.name}{self.period.label}{name}"
        return Sheet(name, title, headings, rows, about=self.about, unit=unit, foot=self.foot, **more)

    def _cover(self, tables: Sequence[Sheet]) -> Sheet:
        def rows() -> Iterator[Sequence[Any]]:
            yield "种类", Kind(self.period.kind).label
            yield "区划", f"{self.area.full_name}（{self.area.code}）"
            yield (
                "统计期",
                self.days if self.period.label == self.days else f"{self.period.label}（{self.days}）",
            )
            yield from self.seal_lines()
            yield "筛选", self.filter_words()
            yield "数据截止", self.known_at
            yield "生成时间", self.made_at
            yield "生成人", self.made_by
            yield (
                "数字的出处",
                "各项指标的定义见“指标解释”表；台账合计行的数字和指标逐项核对一致才给出这份报表。",
            )
            for sheet in tables:
                code = self._digests[sheet.name].hexdigest()
                yield f"表：{sheet.name}", f"{sheet.written} 行，校验码 {code}"
            yield (
                "校验码",
                "各表存成 CSV 文件（和本系统导出的 CSV 一样）以后的 SHA-256。同一统计期重新生成，数字没有变的，校验码不变。",
            )

        headings = [Heading("项目", 18), Heading("内容", 100)]
        return Sheet("封面", self.title, headings, rows(), about=self.filter_words(), waits=True)

    def _figures(self) -> Sheet:
        def rows() -> Iterator[Sequence[Any]]:
            for figure in self.figures:
                metric = figure.metric
                yield (
                    GROUPS[metric.group],
                    metric.name,
                    figure.value,
                    metric.unit,
                    figure.base,
                    METRICS[metric.base].name if metric.base else None,
                    _percent(figure),
                    metric.code,
                )

        headings = [
            Heading("类别", 14),
            Heading("指标", 24),
            Heading("数值", 12),
            Heading("单位", 8),
            Heading("基数", 12, "占比"),
            Heading("是什么", 20, "占比"),
            Heading("百分比", 10, "占比"),
            Heading("代码", 40),
        ]
        return self._table("总表", "单位：见“单位”栏", headings, rows())

    def _areas(self) -> Sheet:
        headings = [Heading("区划", 20), Heading("代码", 14), *_headings(OF_AREAS)]
        rows = ([row.label, row.thing.code, *_cells(row.figures, OF_AREAS)] for row in self.by_area())
        return self._table(
            "分区划", UNIT, headings, rows, totals=lambda: ["合计", "", *_cells(self.figure, OF_AREAS)]
        )

    def _stations_sheet(self) -> Sheet:
        headings = [
            Heading("站点编号", 12),
            Heading("站点", 28),
            Heading("区划", 28),
            Heading("类型", 12),
            *_headings(OF_STATIONS),
        ]
        rows = (
            [
                row.thing.code,
                row.label,
                row.thing.area.full_name,
                row.thing.get_kind_display(),
                *_cells(row.figures, OF_STATIONS),
            ]
            for row in self.by_station()
        )
        totals = lambda: ["合计", "", "", "", *_cells(self.figure, OF_STATIONS)]  # noqa: E731
        return self._table("分站点", UNIT, headings, rows, totals=totals)

    def _orders(self) -> Sheet:
        rows = (
            [
                order.name,
                order.in_period.value,
                order.of_received.value,
                _percent(order.of_received),
            ]
            for order in self.five_orders
        )
        headings = [
            Heading("五单", 20),
            Heading("统计期内办的", 16),
            Heading("到现在办了的", 16, "统计期内收到的诉求"),
            Heading("占收到的", 12, "统计期内收到的诉求"),
        ]
        return self._table("五单流转", "单位：件", headings, rows)

    def ledger(self, ledger: Ledger) -> Sheet:
        headings = [Heading(part.column.heading, part.column.width, part.over) for part in ledger.parts]
        sums = [0 if part.adds else None for part in ledger.parts]
        counted = [(place, part.adds) for place, part in enumerate(ledger.parts) if part.adds]
        reader, values = self.reader, [part.column.value for part in ledger.parts]

        def rows() -> Iterator[Sequence[Any]]:
            for row in ledger.rows(self):
                for place, adds in counted:
                    sums[place] += adds(row, self)  # type: ignore[operator]
                yield [value(row, reader) for value in values]

        def totals() -> Sequence[Any]:
            for part, n in zip(ledger.parts, sums, strict=True):
                if part.figure:
                    self.sums[part.figure] = n or 0
            return ["合计", *sums[1:]]

        return self._table(ledger.name, ledger.unit, headings, rows(), totals=totals)

    def _definitions(self) -> Sheet:
        rows = (
            [
                GROUPS[metric.group],
                metric.name,
                metric.unit,
                metric.definition,
                metric.day,
                METRICS[metric.base].name if metric.base else None,
                metric.code,
            ]
            for metric in METRICS.values()
        )
        headings = [
            Heading("类别", 14),
            Heading("指标", 22),
            Heading("单位", 8),
            Heading("怎么算的", 70),
            Heading("算在哪一天", 22),
            Heading("占什么的比例", 18),
            Heading("代码", 40),
        ]
        return self._table("指标解释", "", headings, rows)


UNIT = "单位：个、人次、批、件，见各栏"


def _headings(codes: Sequence[tuple[str, bool]]) -> Iterator[Heading]:
    for code, share in codes:
        metric = METRICS[code]
        yield Heading(f"{metric.name}（{metric.unit}）", 9, GROUPS[metric.group])
        if share:
            yield Heading(f"占{METRICS[metric.base].name}", 9, GROUPS[metric.group])


def _cells(figures: dict[str, Figure], codes: Sequence[tuple[str, bool]]) -> Iterator[Any]:
    for code, share in codes:
        yield figures[code].value
        if share:
            yield _percent(figures[code])


def _percent(figure: Figure) -> Percent | None:
    return Percent(figure.percent) if figure.percent else None


def _moment(at: datetime) -> str:
    return f"{timezone.localtime(at):%Y年%-m月%-d日 %H:%M}"
