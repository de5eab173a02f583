"""Filling a blank: each cell with its figure, and a sheet at the end that says where every number comes from."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.utils import timezone

from liaison.accounts.models import Area, Post
from liaison.core.workbooks.reading import Unreadable
from liaison.core.workflow import NotAllowed
from liaison.reports.metrics import METRICS, Figure, askable_areas, figures

from .blank import is_free, opened
from .models import WORDS, Content, Span, SuperiorForm, Take

TRACE = "数据来源"
HEADINGS = (
    ("工作表", 14), ("单元格", 8), ("指标", 20), ("取什么", 10), ("区划", 24), ("从", 12), ("到", 12), ("填的数", 10),
    ("总数", 10), ("单位", 6), ("怎么算的", 60), ("指标代码", 28),
)  # fmt: skip


@dataclass(frozen=True)
class Filled:
    """What was written into a cell, and where it comes from."""

    sheet: str
    cell: str
    content: Content
    area: Area
    first: date
    last: date
    value: int | float | str | None
    figure: Figure | None = None

    @property
    def line(self) -> list[Any]:
        """The row of the trace sheet, in the order of HEADINGS."""
        if self.figure is None:
            return [self.sheet, self.cell, self.content.name, "", "", "", "", self.value, "", "", "", ""]
        metric = self.figure.metric
        return [
            self.sheet,
            self.cell,
            metric.name,
            Take(self.content.take).label,
            self.area.full_name,
            self.first,
            self.last,
            "" if self.value is None else self.value,
            "" if self.figure.base is None else self.figure.base,
            "%" if self.content.take == Take.PERCENT else metric.unit,
            f"{metric.definition}{metric.day}。",
            metric.code,
        ]


def in_words(first: date, last: date) -> str:
    return f"{first:%Y年%-m月%-d日}至{last:%Y年%-m月%-d日}"


def values(form: SuperiorForm, first: date, last: date, *, post: Post, now: datetime) -> list[Filled]:
    """What belongs into the cells of the form for a period, as `post` sees it; one question for each area and span.

    Raises NotAllowed where an area is out of its sight.
    """
    contents = form.contents
    seen = askable_areas(post)
    asked: dict[tuple[str, str], dict[str, Figure]] = {}
    areas: dict[str, Area] = {}
    for content in contents.values():
        if content.area not in areas:
            areas[content.area] = form.area_of(content)
            if not seen.filter(pk=areas[content.area].pk).exists():
                raise NotAllowed(f"您看不到{areas[content.area].name}的数字，不能填这张表。")
        asked.setdefault((content.area, content.span), {})
    for (area, span), answer in asked.items():
        here = [c for c in contents.values() if (c.area, c.span) == (area, span)]
        codes = tuple(dict.fromkeys(c.code for c in here if c.code in METRICS))
        days = Span(span).days(first, last)
        if codes:
            answer |= {figure.code: figure for figure in figures(areas[area], *days, post, codes=codes)}
    words = {
        "word.area": form.area.full_name,
        "word.period": in_words(first, last),
        "word.day": f"{timezone.localdate(now):%Y年%-m月%-d日}",
        "word.until": f"{now:%Y年%-m月%-d日 %H:%M}",
    }
    found = []
    for key, content in contents.items():
        sheet, _, cell = key.rpartition("!")
        figure = asked[content.area, content.span].get(content.code)
        value = words[content.code] if content.code in WORDS else _taken(figure, content.take)
        days = Span(content.span).days(first, last)
        found.append(Filled(sheet, cell, content, areas[content.area], *days, value, figure))
    return found


def _taken(figure: Figure | None, take: str) -> int | float | None:
    """The number for the cell; None (the cell stays empty) where a share has no whole."""
    if figure is None:
        return None
    match take:
        case Take.BASE:
            return figure.base
        case Take.PERCENT:
            return float(figure.percent) if figure.percent else None
        case _:
            return figure.value


def fill(form: SuperiorForm, filled: Iterable[Filled], path: Path, *, about: str) -> int:
    """Write the filled copy to `path`; returns how many cells were filled. Raises NotAllowed where the blank has changed."""
    filled = list(filled)
    try:
        book = opened(form.blank())
    except Unreadable as error:
        raise NotAllowed(str(error)) from None
    for one in filled:
        if not is_free(book, one.sheet, one.cell):
            raise NotAllowed(f"“{one.sheet}”的 {one.cell} 格不是空的，没有填。请回到这张表，看看哪一格要改。")
        cell = book[one.sheet][one.cell]
        cell.value = one.value
        if isinstance(one.value, str):
            cell.data_type = "s"  # a name that begins with = is still a name
    _trace(book, filled, about)
    book.calculation.fullCalcOnLoad = True  # the sums of the form itself
    book.save(path)
    return len(filled)


def _trace(book: Any, filled: list[Filled], about: str) -> None:
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    name, number = TRACE, 1
    while name in book.sheetnames:
        number += 1
        name = f"{TRACE}{number}"
    sheet = book.create_sheet(name)
    for line in ([about], [heading for heading, _ in HEADINGS], *(one.line for one in filled)):
        sheet.append(line)
    for row in sheet.iter_rows():
        for cell in row:
            if isinstance(cell.value, str):
                cell.data_type = "s"
    for place, (_, width) in enumerate(HEADINGS, 1):
        sheet.column_dimensions[get_column_letter(place)].width = width
        sheet.cell(2, place).font = Font(bold=True)
    for (cell,) in sheet.iter_rows(min_row=3, min_col=11, max_col=11):
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.freeze_panes = "A3"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = "2:2"
