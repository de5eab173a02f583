"""Charts, drawn on the server as SVG: a page needs no script for them, and the same drawing goes into the PDF.

A chart is plain data for templates/reports/charts/figure.html: shapes with presentation attributes (all that a PDF
knows), classes that the stylesheet of the pages colours anew, and the table with the same numbers and links. A mark is
what stands for one number; it leads to the records behind it. No two series differ by colour alone: the second has
an outline or a dashed line, and numbers stand beside the marks.

Units are those of the drawing: 16 to a rem, so that letters grow with those of the page.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from math import cos, pi, sin
from typing import Any

WIDE, NARROW = 720, 352
LETTER = 13  # the smallest letters of a page: .8125rem
TARGET = 24  # what a finger or a trembling hand can hit (WCAG 2.2, 2.5.8)
# From which share of the largest number on a cell takes the next darker ground.
HEAT = (0, 0.15, 0.35, 0.6, 0.85)

# Colours for paper; on the pages the stylesheet gives the tokens of the same names, light or dark.
INK, INK_2, LINE, BLUE, BLUE_2, BLUE_BG = "#1A2129", "#3A4550", "#D6D9DD", "#1D4F7C", "#9DB8D0", "#E8F0F7"
LOOKS: tuple[dict[str, Any], ...] = (
    {"class": "b1", "fill": BLUE, "stroke": BLUE},
    {"class": "b2", "fill": BLUE_BG, "stroke": BLUE},
    {"class": "b3", "fill": BLUE_2, "stroke": BLUE},
)
DASHES = ("", "7 4", "2 4")


@dataclass(frozen=True)
class Shape:
    tag: str
    attrs: dict[str, str]
    words: str = ""


@dataclass(frozen=True)
class Mark:
    """What stands for one number, with what is said of it."""

    words: str
    url: str
    shapes: tuple[Shape, ...]


@dataclass(frozen=True)
class Series:
    name: str
    values: Sequence[int]
    urls: Sequence[str]  # the records behind each value, or "" where nobody may open them


@dataclass(frozen=True)
class Stage:
    """A step of a funnel. `note` stands beside the number: 占收到的 97.9%."""

    name: str
    value: int
    url: str
    note: str = ""


@dataclass(frozen=True)
class Chart:
    key: str  # names it within a page
    title: str
    told: str  # what is seen, in a sentence, for those who do not see it
    width: int
    height: int
    ground: tuple[Shape, ...]
    marks: tuple[Mark, ...]
    headings: tuple[str, ...] = ()
    rows: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()  # label, then number and address
    legend: tuple[tuple[str, Shape], ...] = field(default=())

    @property
    def is_wide(self) -> bool:
        return self.width > NARROW

    def without_links(self) -> "Chart":
        """For paper, where nothing can be opened."""
        marks = tuple(replace(mark, url="") for mark in self.marks)
        rows = tuple((label, tuple((number, "") for number, _ in cells)) for label, cells in self.rows)
        return replace(self, marks=marks, rows=rows)


# --- Pieces -----------------------------------------------------------------------------------------------------------


def _n(value: float) -> str:
    """Coordinates with one decimal at most."""
    return f"{value:.1f}".removesuffix(".0")


def _shape(tag: str, words: str = "", **attrs: Any) -> Shape:
    told = {
        name.rstrip("_").replace("_", "-"): _n(value) if isinstance(value, int | float) else value
        for name, value in attrs.items()
        if value != ""
    }
    return Shape(tag, told, words)


def _text(words: str, x: float, y: float, anchor: str = "middle", *, strong: bool = False) -> Shape:
    weight = {"font-weight": "600", "class": "t1"} if strong else {"class": "t2"}
    fill = INK if strong else INK_2
    return _shape("text", words, x=x, y=y, text_anchor=anchor, fill=fill, **weight)


def _box(x: float, y: float, width: float, height: float, look: dict[str, Any]) -> Shape:
    return _shape("rect", x=x, y=y, width=width, height=height, **look)


def _target(x: float, y: float, width: float, height: float) -> Shape:
    """Seen by nobody: a bar of nothing can be hit too."""
    return _shape("rect", x=x, y=y, width=width, height=height, fill="none", pointer_events="all")


def nice_scale(largest: int, steps: int = 4) -> list[int]:
    """Round whole numbers for an axis from 0 to at least `largest`, in at most `steps` intervals."""
    unit = 1
    while True:
        for size in (unit, 2 * unit, *([unit * 5 // 2] if unit > 1 else []), 5 * unit):
            if size * steps >= largest:
                return [size * n for n in range(max(1, -(-largest // size)) + 1)]
        unit *= 10


def _table(labels: Sequence[str], series: Sequence[Series]) -> tuple[Any, ...]:
    return tuple(
        (label, tuple((str(one.values[n]), one.urls[n]) for one in series)) for n, label in enumerate(labels)
    )


def _legend(series: Sequence[Series], dashed: bool) -> tuple[tuple[str, Shape], ...]:
    if dashed:
        return tuple((one.name, _line(n, [(0, 8), (24, 8)])) for n, one in enumerate(series))
    return tuple((one.name, _box(5, 1, 14, 14, LOOKS[n])) for n, one in enumerate(series))


def _summed(labels: Sequence[str], series: Sequence[Series], unit: str) -> str:
    if not labels:
        return "没有数据。"
    parts = [f"{one.name}共 {sum(one.values)} {unit}，{_most(labels, one, unit)}" for one in series]
    return f"{labels[0]}到{labels[-1]}。{'；'.join(parts)}。"


def _most(labels: Sequence[str], one: Series, unit: str) -> str:
    most = max(one.values, default=0)
    if not most:
        return "都没有"
    return f"最多的是{labels[list(one.values).index(most)]}，{most} {unit}"


@dataclass(frozen=True)
class _Frame:
    """Where the drawing stands: the axis at the left, the labels below."""

    scale: list[int]
    count: int
    left: int = 44
    top: int = 22
    bottom: int = 232
    right: int = WIDE - 8

    @property
    def column(self) -> float:
        return (self.right - self.left) / max(1, self.count)

    def x(self, n: int) -> float:
        """The middle of a column."""
        return self.left + (n + 0.5) * self.column

    def y(self, value: float) -> float:
        return self.bottom - (self.bottom - self.top) * value / self.scale[-1]

    def ground(self, labels: Sequence[str]) -> tuple[Shape, ...]:
        """The lines of the axis, and the labels below; what follows a line break stands on a line of its own."""
        shapes = []
        for tick in self.scale:
            y = self.y(tick)
            look = {"class": "ln", "stroke": LINE}
            shapes.append(_shape("line", x1=self.left, y1=y, x2=self.right, y2=y, **look))
            shapes.append(_text(str(tick), self.left - 6, y + 4, "end"))
        # Labels that would touch each other are left out; the table has them all.
        above = [label.partition("\n")[0] for label in labels]
        widest = max((_width(label) for label in above), default=1)
        every = max(1, -(-int(widest + 6) // int(self.column)))
        for n, label in enumerate(labels):
            if n % every == 0:
                shapes.append(_text(above[n], self.x(n), self.bottom + 20))
            if below := label.partition("\n")[2]:
                shapes.append(_text(below, self.x(n), self.bottom + 38))
        return tuple(shapes)

    @property
    def height(self) -> int:
        return self.bottom + 46


def _width(words: str) -> float:
    """About how wide words are: a Chinese character is square, a digit about half as wide."""
    return sum(LETTER if ord(letter) > 0x2E80 else LETTER * 0.6 for letter in words)


# --- Charts -----------------------------------------------------------------------------------------------------------


def bars(
    key: str,
    title: str,
    labels: Sequence[str],
    series: Sequence[Series],
    unit: str,
    ticks: Sequence[str] = (),
    width: int = WIDE,
) -> Chart:
    """Grouped bars, side by side for each label. At most three series; above 12 labels `lines` is clearer.

    `ticks`: shorter labels for below the axis. `width` NARROW: the letters are twice as large to the drawing.
    """
    scale = nice_scale(max((max(one.values, default=0) for one in series), default=0))
    frame = _Frame(scale, len(labels), right=width - 8)
    wide = min(36.0, (frame.column - (6 if width > NARROW else 2)) / max(1, len(series)))
    marks = []
    for n, label in enumerate(labels):
        start = frame.x(n) - wide * len(series) / 2
        for place, one in enumerate(series):
            value, x = one.values[n], start + place * wide
            top = frame.y(value)
            shapes = [_target(x, frame.top, wide, frame.bottom - frame.top)]
            if value:
                shapes.append(_box(x + 1.5, top, wide - 3, frame.bottom - top, LOOKS[place]))
            if _width(str(value)) <= wide + 4 and (value or width > NARROW):
                shapes.append(_text(str(value), x + wide / 2, top - 5))
            marks.append(Mark(f"{label} {one.name} {value} {unit}", one.urls[n], tuple(shapes)))
    return Chart(
        key,
        title,
        _summed(labels, series, unit),
        width,
        frame.height,
        frame.ground(ticks or labels),
        tuple(marks),
        ("", *(one.name for one in series)),
        _table(labels, series),
        _legend(series, dashed=False),
    )


def _line(place: int, points: Sequence[tuple[float, float]]) -> Shape:
    path = " ".join(f"{'L' if n else 'M'}{_n(x)} {_n(y)}" for n, (x, y) in enumerate(points))
    look = {"class": "l1", "stroke": BLUE, "stroke-width": "2.5", "stroke-dasharray": DASHES[place]}
    return _shape("path", d=path, fill="none", **look)


def lines(
    key: str,
    title: str,
    labels: Sequence[str],
    series: Sequence[Series],
    unit: str,
    ticks: Sequence[str] = (),
) -> Chart:
    """A line for each of one or two series; the second dashed, with squares. At most 24 labels can be hit apart."""
    frame = _Frame(nice_scale(max((max(one.values, default=0) for one in series), default=0)), len(labels))
    drawn = [[(frame.x(n), frame.y(value)) for n, value in enumerate(one.values)] for one in series]
    ground = [*frame.ground(ticks or labels), *(_line(place, points) for place, points in enumerate(drawn))]
    marks = []
    for n, label in enumerate(labels):
        heights = [points[n][1] for points in drawn]
        for place, one in enumerate(series):
            x, y = drawn[place][n]
            first, last = _strip(frame, heights, place)
            dot = (
                _shape("circle", cx=x, cy=y, r=4, **LOOKS[0])
                if place == 0
                else _box(x - 4, y - 4, 8, 8, LOOKS[1])
            )
            hit = _target(x - frame.column / 2, first, frame.column, last - first)
            marks.append(Mark(f"{label} {one.name} {one.values[n]} {unit}", one.urls[n], (hit, dot)))
    return Chart(
        key,
        title,
        _summed(labels, series, unit),
        WIDE,
        frame.height,
        tuple(ground),
        tuple(marks),
        ("", *(one.name for one in series)),
        _table(labels, series),
        _legend(series, dashed=True),
    )


def _strip(frame: _Frame, heights: list[float], place: int) -> tuple[float, float]:
    """What of a column belongs to one of two lines: above or below the middle between them."""
    if len(heights) == 1:
        return frame.top, frame.bottom
    middle = min(max(sum(heights) / 2, frame.top + TARGET), frame.bottom - TARGET)
    upper = heights[place] < heights[1 - place] or (heights[0] == heights[1] and place == 0)
    return (frame.top, middle) if upper else (middle, frame.bottom)


def funnel(key: str, title: str, stages: Sequence[Stage], unit: str) -> Chart:
    """Horizontal bars from the first step to the last, each with its number and what share it is of the first."""
    left, row, right = 76, 40, NARROW - 118
    largest = max((stage.value for stage in stages), default=0) or 1
    marks = []
    for n, stage in enumerate(stages):
        y, wide = n * row, (right - left) * stage.value / largest
        number = f"{stage.value} {unit}"
        shapes = [
            _target(0, y, NARROW, row),
            _text(stage.name, left - 8, y + 24, "end"),
            _box(left, y + 7, max(wide, 1), row - 14, LOOKS[0] if n == 0 else LOOKS[2]),
            _text(number, left + max(wide, 1) + 7, y + 24, "start", strong=True),
        ]
        if stage.note:
            shapes.append(_text(stage.note, NARROW - 2, y + 24, "end"))
        said = f"{stage.name} {number}" + (f"，{stage.note}" if stage.note else "")
        marks.append(Mark(said, stage.url, tuple(shapes)))
    told = "，".join(f"{stage.name} {stage.value} {unit}" for stage in stages)
    rows = tuple((stage.name, ((str(stage.value), stage.url),)) for stage in stages)
    return Chart(
        key,
        title,
        f"{told}。",
        NARROW,
        row * len(stages),
        (),
        tuple(marks),
        ("", unit and f"{title}（{unit}）"),
        rows,
    )


def donut(key: str, title: str, part: int, whole: int, url: str, names: tuple[str, str], unit: str) -> Chart:
    """What share a part is of the whole: satisfaction with its base, and nothing else."""
    share = part / whole if whole else 0.0
    middle, radius = 72, 52
    shapes = [_shape("circle", cx=middle, cy=middle, r=radius, fill="none", stroke_width=20, **_ring(1))]
    if share >= 1:
        shapes.append(
            _shape("circle", cx=middle, cy=middle, r=radius, fill="none", stroke_width=20, **_ring(0))
        )
    elif share:
        angle = 2 * pi * share
        x, y = middle + radius * sin(angle), middle - radius * cos(angle)
        arc = f"M{middle} {middle - radius} A{radius} {radius} 0 {int(share > 0.5)} 1 {_n(x)} {_n(y)}"
        shapes.append(_shape("path", d=arc, fill="none", stroke_width=20, **_ring(0)))
    percent = f"{100 * share:.1f}%" if whole else "—"
    shapes.append(_text(percent, middle, middle + 5, strong=True))
    words = [f"{names[0]} {part} {unit}", f"{names[1]} {whole} {unit}"]
    shapes += [_text(line, 2 * middle + 12, middle - 6 + 24 * n, "start") for n, line in enumerate(words)]
    said = f"{'，'.join(words)}" + (f"，占 {percent}" if whole else "")
    return Chart(
        key,
        title,
        f"{said}。",
        NARROW,
        2 * middle,
        (),
        (Mark(said, url, (_target(0, 0, NARROW, 2 * middle), *shapes)),),
        ("", unit),
        ((names[0], ((str(part), url),)), (names[1], ((str(whole), ""),))),
    )


def _ring(place: int) -> dict[str, str]:
    return {"class": ("r1", "r2")[place], "stroke": (BLUE, "#ECEEF0")[place]}


@dataclass(frozen=True)
class Spark:
    """The course of one figure beside its number; what it says is in `told`."""

    told: str
    path: str
    end: tuple[str, str]
    width: int = 96
    height: int = 24


def sparkline(name: str, labels: Sequence[str], values: Sequence[int], unit: str) -> Spark | None:
    """A line without axes; None where there is no course to show."""
    if len(values) < 2 or not any(values):
        return None
    step, top = 88 / (len(values) - 1), max(values)
    points = [(4 + n * step, 20 - 16 * value / top) for n, value in enumerate(values)]
    path = " ".join(f"{'L' if n else 'M'}{_n(x)} {_n(y)}" for n, (x, y) in enumerate(points))
    told = _summed(labels, [Series(name, values, [""] * len(values))], unit)
    return Spark(told, path, (_n(points[-1][0]), _n(points[-1][1])))


# --- Heat table -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class HeatCell:
    value: int
    url: str
    heat: int  # 0 to 5, for the ground; the number says it all


@dataclass(frozen=True)
class HeatRow:
    name: str
    url: str  # of the row's own board, or ""
    cells: tuple[HeatCell, ...]
    total: int
    total_url: str


@dataclass(frozen=True)
class Heat:
    """Numbers by row and column, as a table; the ground of a cell grows darker with its number."""

    title: str
    corner: str
    columns: tuple[str, ...]
    rows: tuple[HeatRow, ...]


def heat_of(value: int, largest: int) -> int:
    """0 for nothing, then 1 to 5 by the share of the largest; where all are few, none is dark."""
    largest = max(largest, len(HEAT))
    return sum(value > share * largest for share in HEAT) if value else 0
