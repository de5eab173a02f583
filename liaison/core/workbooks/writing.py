"""Workbooks written row by row: memory stays flat, and no text can become a formula, a link or a number."""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time
from io import BytesIO
from itertools import chain, islice
from pathlib import Path
from typing import Any

from django.utils import timezone

from .sheets import Heading, Percent, Sheet

LONGEST_CELL = 32_767  # characters; Excel holds no more
MOST_ROWS = 1_000_000  # Excel holds 1,048,576 with head and foot; what is more goes on in a further sheet

# What XML 1.0 forbids, halves of pairs among it. (What Excel would read as an escape, xlsxwriter escapes.)
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
RICH = ("<r>", "</r>")  # what begins and ends so, xlsxwriter takes for XML of its own and writes as it is


def plain(text: str) -> str:
    """Text as a cell can hold it: without control characters, and nothing in it alive."""
    if not text.isprintable():  # holds none of these, as most texts do
        text = FORBIDDEN.sub("", text)
    text = text[: LONGEST_CELL - 1]
    return f"{text} " if text.startswith(RICH[0]) and text.endswith(RICH[1]) else text


def write(
    out: Path | BytesIO,
    *,
    title: str,
    about: str,
    sheet: str,
    headings: Sequence[str],
    widths: Sequence[int],
    rows: Iterable[Sequence[Any]],
) -> int:
    """Write a workbook of one sheet to a file or into memory; returns the number of rows. See `write_book`."""
    over = [Heading(text, width) for text, width in zip(headings, widths, strict=True)]
    only = Sheet(sheet, title, over, rows, about=about)
    write_book(out, [only], title=title, about=about)
    return only.written


def write_book(out: Path | BytesIO, sheets: Sequence[Sheet], *, title: str, about: str) -> None:
    """Write a workbook to a file or into memory. `title` and `about` stand among its properties.

    Each sheet: two lines of head (title; what it is about: filter, time, who), then the headings in one line or two,
    which stay in sight and can be filtered; the totals as values; A4 landscape, as wide as the paper, with the head on
    every page. Days, times and moments become real ones; moments are of the local time zone.
    """
    import xlsxwriter

    where = (
        {"constant_memory": True, "tmpdir": str(out.parent)} if isinstance(out, Path) else {"in_memory": True}
    )
    options = {
        **where,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "default_date_format": "yyyy-mm-dd",
    }
    with xlsxwriter.Workbook(str(out) if isinstance(out, Path) else out, options) as book:
        pen = _Pen(book)
        kept = []
        for sheet in sheets:
            page = book.add_worksheet(sheet.name)
            if sheet.waits:
                kept.append((page, sheet))
            else:
                _fill(book, page, sheet, pen)
        for page, sheet in kept:
            _fill(book, page, sheet, pen)
        book.set_properties({"title": plain(title), "comments": plain(about)[:255]})


def _fill(book: Any, page: Any, sheet: Sheet, pen: "_Pen") -> None:
    """A sheet, and further ones of its kind where one does not hold all its rows."""
    lines, number = iter(sheet.lines()), 1
    while True:
        bottom = _head(page, sheet, pen)
        top = bottom
        for row in islice(lines, MOST_ROWS):
            pen.row(page, bottom, row)
            bottom += 1
        more = next(lines, None)
        if more is None:
            _foot(page, sheet, pen, top, bottom)
            return
        _lay_out(page, sheet, top, bottom)
        lines, number = chain([more], lines), number + 1
        page = book.add_worksheet(f"{sheet.name}（{number}）")


def _head(page: Any, sheet: Sheet, pen: "_Pen") -> int:
    """Title, what it is about, headings; returns the line below."""
    for place, heading in enumerate(sheet.headings):
        page.set_column(place, place, heading.width)
    last = len(sheet.headings) - 1
    page.write_string(0, 0, plain(sheet.title), pen.title)
    if sheet.about:
        page.write_string(1, 0, plain(sheet.about))
    if sheet.unit:
        page.write_string(1, last, plain(sheet.unit), pen.right)
    if not sheet.two_levels:
        for place, heading in enumerate(sheet.headings):
            page.write_string(2, place, heading.text, pen.strong)
        return 3
    # Cells first, line by line, and then what is merged: a line that is below another closes it.
    for first, end, words in sheet.spans():
        page.write_string(2, first, words or sheet.headings[first].text, pen.middle)
        for place in range(first + 1, end + 1):
            page.write_blank(2, place, None, pen.middle)
    for place, heading in enumerate(sheet.headings):
        page.write_string(3, place, heading.text if heading.over else "", pen.strong)
    for first, end, words in sheet.spans():
        if not words:
            page.merge.append([2, first, 3, first])
        elif end > first:
            page.merge.append([2, first, 2, end])
    return 4


def _foot(page: Any, sheet: Sheet, pen: "_Pen", top: int, bottom: int) -> None:
    lowest = bottom
    if sheet.totals is not None:
        pen.row(page, lowest, sheet.totals(), total=True)
        lowest += 1
    if sheet.foot:
        lowest += 1
        page.write_string(lowest, 0, plain(sheet.foot))
        lowest += 1
    _lay_out(page, sheet, top, bottom, lowest)


def _lay_out(page: Any, sheet: Sheet, top: int, bottom: int, lowest: int = 0) -> None:
    last = len(sheet.headings) - 1
    page.freeze_panes(top, 1)
    page.autofilter(top - 1, 0, max(top - 1, bottom - 1), last)
    page.repeat_rows(0, top - 1)
    page.print_area(0, 0, max(bottom, lowest, top) - 1, last)
    page.set_landscape()
    page.set_paper(9)  # A4
    page.fit_to_pages(1, 0)
    page.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    page.set_footer("&C第 &P 页，共 &N 页")


class _Pen:
    """How values of each kind are written, and looked at."""

    def __init__(self, book: Any) -> None:
        top = {"valign": "top"}
        head = {"bold": True, "bg_color": "#E8EEF6", "border": 1, "valign": "vcenter", "text_wrap": True}
        self.title = book.add_format({"bold": True, "font_size": 14})
        self.right = book.add_format({"align": "right"})
        self.strong = book.add_format(head)
        self.middle = book.add_format(head | {"align": "center"})
        looks: dict[type, dict[str, Any]] = {
            date: {"num_format": "yyyy-mm-dd"},
            time: {"num_format": "hh:mm"},
            datetime: {"num_format": "yyyy-mm-dd hh:mm"},
            Percent: {"num_format": '0.0"%"'},
            int: {},
            str: {"text_wrap": True},
        }
        total = {"bold": True, "top": 1}
        self.usual = {kind: book.add_format(top | look) for kind, look in looks.items()}
        self.totals = {kind: book.add_format(top | look | total) for kind, look in looks.items()}
        self.ways: dict[type, Callable[..., None]] = {
            str: self._text,
            int: self._number,
            float: self._number,
            Percent: self._percent,
            date: self._day,
            time: self._time,
            datetime: self._moment,
        }

    def row(self, page: Any, line: int, row: Sequence[Any], *, total: bool = False) -> None:
        looks = self.totals if total else self.usual
        for place, value in enumerate(row):
            if value is None or value == "":
                if total:
                    page.write_blank(line, place, None, looks[str])
                continue
            self.ways.get(type(value), self._text)(page, line, place, value, looks)

    def _text(self, page: Any, line: int, place: int, value: Any, looks: dict[type, Any]) -> None:
        page.write_string(line, place, plain(str(value)), looks[str])

    def _number(self, page: Any, line: int, place: int, value: float, looks: dict[type, Any]) -> None:
        page.write_number(line, place, value, looks[int])

    def _percent(self, page: Any, line: int, place: int, value: float, looks: dict[type, Any]) -> None:
        page.write_number(line, place, float(value), looks[Percent])

    def _day(self, page: Any, line: int, place: int, value: date, looks: dict[type, Any]) -> None:
        page.write_datetime(line, place, datetime.combine(value, time()), looks[date])

    def _time(self, page: Any, line: int, place: int, value: time, looks: dict[type, Any]) -> None:
        page.write_datetime(line, place, value, looks[time])

    def _moment(self, page: Any, line: int, place: int, value: datetime, looks: dict[type, Any]) -> None:
        local = timezone.localtime(value) if timezone.is_aware(value) else value
        page.write_datetime(line, place, local.replace(tzinfo=None), looks[datetime])
