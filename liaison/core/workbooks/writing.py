"""One sheet written row by row: memory stays flat, and no text can become a formula, a link or a number."""

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from io import BytesIO
from pathlib import Path
from typing import Any

from django.utils import timezone

LONGEST_CELL = 32_767  # characters; Excel holds no more
MOST_ROWS = 1_000_000  # Excel holds 1,048,576 with the head
HEAD = 3  # title, what and who, headings

# What XML 1.0 forbids, halves of pairs among it. (What Excel would read as an escape, xlsxwriter escapes.)
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
RICH = ("<r>", "</r>")  # what begins and ends so, xlsxwriter takes for XML of its own and writes as it is


def plain(text: str) -> str:
    """Text as a cell can hold it: without control characters, and nothing in it alive."""
    text = FORBIDDEN.sub("", text)[: LONGEST_CELL - 1]
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
    """Write a workbook of one sheet to a file or into memory; returns the number of rows.

    Two lines of head (`title`; `about`: filter, time, who), then the headings, which stay in sight and can be filtered;
    A4 landscape, as wide as the paper, with the head on every page. Days, times and moments become real ones; moments
    are of the local time zone.
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
        page = book.add_worksheet(sheet)
        formats = {
            date: book.add_format({"num_format": "yyyy-mm-dd", "valign": "top"}),
            time: book.add_format({"num_format": "hh:mm", "valign": "top"}),
            datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm", "valign": "top"}),
            str: book.add_format({"valign": "top", "text_wrap": True}),
            int: book.add_format({"valign": "top"}),
        }
        for index, width in enumerate(widths):
            page.set_column(index, index, width)
        page.write_string(0, 0, plain(title), book.add_format({"bold": True, "font_size": 14}))
        page.write_string(1, 0, plain(about))
        strong = book.add_format(
            {"bold": True, "bg_color": "#E8EEF6", "border": 1, "valign": "vcenter", "text_wrap": True}
        )
        for index, heading in enumerate(headings):
            page.write_string(HEAD - 1, index, heading, strong)
        last = HEAD - 1
        for last, row in enumerate(rows, HEAD):
            for index, value in enumerate(row):
                _cell(page, last, index, value, formats)
        page.freeze_panes(HEAD, 1)
        page.autofilter(HEAD - 1, 0, last, len(headings) - 1)
        page.repeat_rows(0, HEAD - 1)
        page.print_area(0, 0, last, len(headings) - 1)
        page.set_landscape()
        page.set_paper(9)  # A4
        page.fit_to_pages(1, 0)
        page.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        page.set_footer("&C第 &P 页，共 &N 页")
        book.set_properties({"title": plain(title), "comments": plain(about)[:255]})
        return last - HEAD + 1


def _cell(page: Any, row: int, column: int, value: Any, formats: dict[type, Any]) -> None:
    if value is None or value == "":
        return
    if isinstance(value, datetime):
        local = timezone.localtime(value) if timezone.is_aware(value) else value
        page.write_datetime(row, column, local.replace(tzinfo=None), formats[datetime])
    elif isinstance(value, date):
        page.write_datetime(row, column, datetime.combine(value, time()), formats[date])
    elif isinstance(value, time):
        page.write_datetime(row, column, value, formats[time])
    elif isinstance(value, int | float) and not isinstance(value, bool):
        page.write_number(row, column, value, formats[int])
    else:
        page.write_string(row, column, plain(str(value)), formats[str])
