"""What the modules of the sheets have in common: columns as data, a row with its faults, a sheet that takes rows."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar

from django.db import models

from liaison.accounts.models import Area, Post, Role
from liaison.core.models import AuditEntry
from liaison.core.workbooks.reading import MEGABYTE, Cell, Limits, Table
from stations.models import Station

from .cells import Converter, Wrong

NOTE = "从工作簿导入"
IN_ONE_QUERY = 500  # keys; SQLite takes 999 parameters
LIMITS = Limits(
    size=30 * MEGABYTE,
    unpacked=300 * MEGABYTE,
    rows=100_000,
    columns=60,
    advice="请删去多余的表和行，或分成几个文件导入。",
)


@dataclass(frozen=True)
class Column:
    """A column of the contract: heading, how its cells are read, what the template says of it."""

    heading: str
    read: Converter
    required: bool = False
    example: str = ""
    note: str = ""
    choices: tuple[str, ...] = ()
    width: int = 14
    as_text: bool = False  # numbers that must stay text: codes, phones


class Row:
    """A row of a sheet: its line, its cells, what they mean, and what is wrong with them."""

    __slots__ = ("cells", "faults", "line", "outcome", "values")

    def __init__(self, line: int, cells: list[Cell]) -> None:
        self.line = line
        self.cells = cells
        self.values: dict[str, Any] = {}
        self.faults: list[tuple[str, str]] = []  # heading, sentence
        self.outcome = ""  # new, changed, same

    def __getitem__(self, heading: str) -> Any:
        """The value under a heading; None where the cell is empty."""
        return self.values.get(heading)

    def fault(self, heading: str, sentence: str) -> None:
        self.faults.append((heading, sentence))

    def read(self, table: Table, columns: Sequence[Column]) -> None:
        """Convert the cells; each that cannot be is a fault."""
        if self.line in table.merged:
            first, last = table.merged[self.line]
            where = f"第 {first} 行" if first == last else f"第 {first}—{last} 行"
            self.fault("", f"{where}有合并的单元格。请取消合并，每一行、每一格都填上。")
            return
        empty_formulas = table.unvalued.get(self.line, ())
        for column in columns:
            place = table.columns.get(column.heading)
            if place is None:
                continue
            cell = self.cells[place] if place < len(self.cells) else ""
            if place in empty_formulas:
                self.fault(
                    column.heading,
                    "这一格是公式，没有算出的结果。请改成填好的内容（复制，选择性粘贴为数值）。",
                )
                continue
            try:
                value = None if isinstance(cell, str) and not cell.strip() else column.read(cell)
            except Wrong as wrong:
                self.fault(column.heading, wrong.sentence)
                continue
            if value is None or value == "" or value == []:
                if column.required:
                    self.fault(column.heading, f"没有填{column.heading}，请填写。")
            else:
                self.values[column.heading] = value


class Lookup:
    """Things by their key: those of the file first, then those of the database, fetched in one go for many rows."""

    def __init__(self, rows: models.QuerySet[Any], key: str) -> None:
        self.source = rows
        self.key = key
        self.known: dict[str, Any] = {}

    def fetch(self, keys: Iterable[str | None]) -> None:
        wanted = sorted({key for key in keys if key} - self.known.keys())
        for start in range(0, len(wanted), IN_ONE_QUERY):
            part = wanted[start : start + IN_ONE_QUERY]
            self.known |= dict.fromkeys(part)
            for thing in self.source.filter(**{f"{self.key}__in": part}):
                self.known[getattr(thing, self.key)] = thing

    def add(self, key: str, thing: Any) -> None:
        self.known[key] = thing

    def get(self, key: str | None) -> Any:
        return self.known.get(key) if key else None


@dataclass
class Run:
    """One import: who, on which day, whether it writes; and what the sheets so far have brought."""

    by: Post | None
    today: date
    writes: bool
    areas: Lookup = field(init=False)
    stations: Lookup = field(init=False)
    days: dict[str, Any] = field(default_factory=dict)  # activities by number, as visits need them
    placed: dict[str, list[Any]] = field(default_factory=dict)  # assignments not written yet, by station code
    seated: list[Any] = field(default_factory=list)  # mandates not written yet
    departments: list[Any] = field(default_factory=list)  # new ones, which may not be written yet
    logged: set[int] = field(default_factory=set)  # keys of the visits that this import has entered
    spoilt: dict[str, dict[str, int]] = field(default_factory=dict)  # sheet → number → line of a row left out
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        areas, stations = Area.objects.all(), Station.objects.all()
        if self.by is not None:
            areas, stations = areas.visible_to(self.by), stations.visible_to(self.by)
        self.areas = Lookup(areas, "code")
        self.stations = Lookup(stations.select_related("area"), "code")

    @property
    def may_enter_terms(self) -> bool:
        """Congresses and terms are reference data, which administrators keep."""
        return self.by is None or self.by.role == Role.ADMIN

    def in_area(self, area: Area) -> bool:
        return self.by is None or self.by.area.covers(area)

    def area(self, row: Row, heading: str) -> Area | None:
        """The area that a row names; a fault where there is none in sight."""
        found = self.areas.get(row[heading])
        if found is None and row[heading]:
            row.fault(
                heading, f"没有区划“{row[heading]}”，或不在您管的范围。请检查代码；新的区划先写进“区划”表。"
            )
        return found

    def station(self, row: Row, heading: str) -> Station | None:
        found = self.stations.get(row[heading])
        if found is None and row[heading]:
            row.fault(heading, self.not_found("站点", row[heading]))
        return found

    def not_found(self, sheet: str, key: str) -> str:
        if line := self.spoilt.get(sheet, {}).get(key):
            return f"“{key}”在“{sheet}”表第 {line} 行，那一行有问题。请先改好那一行。"
        return f"没有{sheet}“{key}”，或不在您管的范围。请检查编号；新的先写进“{sheet}”表。"


class Sheet:
    """A sheet of the contract. `take` gets many rows at once; it plans them, and writes where the run writes."""

    name: ClassVar[str]
    columns: ClassVar[tuple[Column, ...]]
    roles: ClassVar[tuple[str, ...]]  # who may import it; the command may import all
    key: ClassVar[tuple[str, ...]] = ()  # headings that name a row
    batch: ClassVar[int] = 0  # rows at once; 0: all
    by_number: ClassVar[bool] = True  # rows are found again and brought up to date
    same_word: ClassVar[str] = "不变"
    about: ClassVar[str] = ""
    do_not_call_in_templates: ClassVar[bool] = True  # a template shows the class itself

    def __init__(self, run: Run) -> None:
        self.run = run

    def take(self, rows: Sequence[Row]) -> None:
        """Plan rows that could be read: set `outcome` or add faults. Write what is new or changed if the run writes."""
        raise NotImplementedError

    def finish(self) -> None:
        """After the last rows: words on the whole, in `run.notes`."""

    @classmethod
    def key_of(cls, row: Row) -> tuple[Any, ...] | None:
        """What names the row; None where the sheet has no key, or the row leaves it empty."""
        found = tuple(row[heading] for heading in cls.key)
        return found if found and all(found) else None


def differing(thing: models.Model, fields: dict[str, Any]) -> dict[str, Any]:
    """Those of `fields` that are filled in and differ. An empty cell leaves what is there."""
    return {
        name: value
        for name, value in fields.items()
        if value is not None and value != "" and getattr(thing, name) != value
    }


def handled_here(kind: str, keys: Iterable[int]) -> set[int]:
    """Those of a kind of things of which the record tells something else than imports."""
    told = [str(key) for key in keys]
    found: set[int] = set()
    for start in range(0, len(told), IN_ONE_QUERY):
        part = told[start : start + IN_ONE_QUERY]
        entries = AuditEntry.objects.filter(object_type=kind, object_id__in=part).exclude(note=NOTE)
        found |= {int(key) for key in entries.values_list("object_id", flat=True).distinct()}
    return found


def each(rows: Iterable[Row], plan: Callable[[Row], None]) -> None:
    """Plan the rows that have no fault so far; `Wrong` becomes a fault."""
    for row in rows:
        if not row.faults:
            try:
                plan(row)
            except Wrong as wrong:
                row.fault(wrong.heading, wrong.sentence)
