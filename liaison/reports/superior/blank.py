"""The blank workbook as a grid: which cells are labels, which are free, and what the labels say belongs into the free ones."""

import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from liaison.accounts.models import Area
from liaison.core.workbooks.reading import MEGABYTE, Book, Limits, Unreadable, heading_of
from liaison.reports.metrics import METRICS

from .models import Content, Span, SuperiorForm, Take

ROWS, COLUMNS = 120, 40  # what is shown of a sheet: forms are made for one sheet of paper
LIMITS = Limits(
    size=5 * MEGABYTE,
    unpacked=60 * MEGABYTE,
    rows=2000,
    columns=200,
    advice="这里放的是一张空表，请只留要填的表。",
)
MACROS = "这个工作簿里有宏，不能用。请在 Excel 或 WPS 里另存为“Excel 工作簿（.xlsx）”，再选那个文件。"
LOST = ("xl/charts/", "xl/drawings/drawing", "xl/embeddings/", "xl/ctrlProps/", "xl/slicers/")


def opened(content: bytes) -> Any:
    """The workbook with its styles, for reading and filling. Raises Unreadable with a sentence."""
    with Book(BytesIO(content), LIMITS):  # looks it over before any other parser sees it
        pass
    with zipfile.ZipFile(BytesIO(content)) as archive:
        if any("vbaproject" in name.lower() for name in archive.namelist()):
            raise Unreadable(MACROS)
    from openpyxl import load_workbook  # slow to import

    try:
        return load_workbook(BytesIO(content), keep_links=False)
    except Exception:  # noqa: BLE001 — a workbook written by another program makes it raise whatever it likes
        raise Unreadable(
            "这个工作簿的写法少见，读不准。请用 Excel 或 WPS 另存为 .xlsx，再选那个文件。"
        ) from None


def loses(content: bytes) -> bool:
    """Are there charts or drawings in it, which a filled copy would not have?"""
    with zipfile.ZipFile(BytesIO(content)) as archive:
        return any(name.startswith(LOST) for name in archive.namelist())


@dataclass
class Square:
    """A cell of the grid as the page shows it."""

    ref: str
    text: str = ""
    free: bool = False  # something can be put here
    wide: int = 1
    high: int = 1
    content: Content | None = None


@dataclass
class Sheet:
    name: str
    rows: list[list[Square]] = field(default_factory=list)
    cut: bool = False  # it is larger than what is shown

    def squares(self) -> Iterable[Square]:
        return (square for row in self.rows for square in row)

    def find(self, ref: str) -> Square | None:
        return next((square for square in self.squares() if square.ref == ref), None)


def sheets_of(form: SuperiorForm) -> list[Sheet]:
    """The visible sheets of the blank, with what belongs into their cells. Raises Unreadable."""
    contents = form.contents
    book = opened(form.blank())
    found = []
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            continue
        one = _grid(sheet)
        for square in one.squares():
            square.content = contents.get(form.key(one.name, square.ref))
        found.append(one)
    return found


def _grid(sheet: Any) -> Sheet:
    covered, spans = set(), {}
    for area in sheet.merged_cells.ranges:
        spans[area.min_row, area.min_col] = (area.max_col - area.min_col + 1, area.max_row - area.min_row + 1)
        covered |= {
            (line, place) for line, place in area.cells if (line, place) != (area.min_row, area.min_col)
        }
    height, width = min(sheet.max_row, ROWS), min(sheet.max_column, COLUMNS)
    grid = Sheet(sheet.title, cut=height < sheet.max_row or width < sheet.max_column)
    for line in range(1, height + 1):
        row = []
        for place in range(1, width + 1):
            if (line, place) in covered:
                continue
            cell = sheet.cell(line, place)
            wide, high = spans.get((line, place), (1, 1))
            text = "" if cell.value is None else str(cell.value).strip()
            free = _free(cell)
            wide, high = min(wide, width - place + 1), min(high, height - line + 1)
            row.append(Square(cell.coordinate, text, free, wide, high))
        grid.rows.append(row)
    return grid


def is_free(book: Any, sheet: str, ref: str) -> bool:
    """May something be written there? Not over a label, a formula, or the hidden part of a merged cell."""
    if sheet not in book.sheetnames:
        return False
    cell = book[sheet][ref]
    if type(cell).__name__ == "MergedCell":
        return False
    return _free(cell)


def _free(cell: Any) -> bool:
    """Nothing stands there, or a number to be written over: neither a label nor a formula."""
    return not str(cell.value or "").strip() or (cell.data_type == "n" and not cell.is_date)


# --- What the labels say ----------------------------------------------------------------------------------------------

SPANS = (
    (Span.LAST_YEAR, ("上年同期", "去年同期", "同期数")),
    (Span.ALL, ("历年累计", "换届以来", "建站以来")),
    (Span.YEAR, ("本年累计", "年累计", "累计", "全年")),
    (Span.BEFORE, ("上期", "上月", "上季度")),
)
PERCENTS = ("率", "%", "占比", "百分比")


def guesses(form: SuperiorForm, sheets: Iterable[Sheet]) -> dict[str, Content]:
    """For the free cells to which nothing belongs yet: what their row and column are called after. Unsure ones are left."""
    areas = {area.name: area.code for area in Area.objects.filter(parent=form.area, active=True)}
    found = {}
    for sheet in sheets:
        above: dict[int, list[str]] = {}
        for row in sheet.rows:
            left: list[str] = []
            for square in row:
                place = _place(square.ref)
                if not square.free:
                    left.append(heading_of(square.text))
                    for column in range(place, place + square.wide):
                        above.setdefault(column, []).append(heading_of(square.text))
                elif square.content is None and (guess := _guess(left, above.get(place, []), areas)):
                    found[form.key(sheet.name, square.ref)] = guess
    return found


def _place(ref: str) -> int:
    from openpyxl.utils.cell import column_index_from_string, coordinate_from_string

    return int(column_index_from_string(coordinate_from_string(ref)[0]))


def _guess(left: list[str], above: list[str], areas: dict[str, str]) -> Content | None:
    """The nearest label that is called as a figure, across or above; what else is said narrows it."""
    near = [*reversed(left), *reversed(above)]
    metric = next((named for label in near if (named := _metric(label))), None)
    if metric is None:
        return None
    said = "".join(near)
    span = next((span for span, words in SPANS if any(word in said for word in words)), Span.PERIOD)
    percent = metric.base and any(
        word in label for label in near if _metric(label) is metric for word in PERCENTS
    )
    area = next((areas[label] for label in near if label in areas), "")
    return Content(metric.code, Take.PERCENT if percent else Take.VALUE, span, area)


def _metric(label: str) -> Any:
    """The figure whose name the label holds, the longest of them: 接待群众（人次） is 接待群众."""
    named = [metric for metric in METRICS.values() if metric.name in label]
    return max(named, key=lambda metric: len(metric.name), default=None)
