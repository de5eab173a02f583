"""The rows that could not be imported, as a workbook: the sheets as they were, with one more column 错误原因."""

from typing import BinaryIO

from liaison.core.workbooks.writing import plain

from .cells import Wrong, words
from .importing import Report
from .sheet import Row

REASON = "错误原因"


def write_rejected(out: BinaryIO | str, report: Report) -> None:
    """Write them to a file or its path. All cells are text, so that nothing in them is taken for a formula."""
    import xlsxwriter  # slow to import

    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    bold = book.add_format({"bold": True, "bg_color": "#E8EEF4", "border": 1})
    text = book.add_format({"num_format": "@"})
    red = book.add_format({"font_color": "#A11D21", "text_wrap": True})
    for checked in report.sheets:
        rows = checked.rows.get("wrong", [])
        if not rows:
            continue
        page = book.add_worksheet(checked.sheet.name)
        page.freeze_panes(1, 0)
        headings = [one for one in checked.headings if one != REASON]
        page.set_column(0, max(len(headings) - 1, 0), 16, text)
        page.set_column(len(headings), len(headings), 60)
        for place, heading in enumerate([*headings, REASON]):
            page.write_string(0, place, plain(heading), bold)
        for line, row in enumerate(rows, 1):
            cells = [cell for cell, one in zip(shown(row), checked.headings, strict=False) if one != REASON]
            for place, cell in enumerate(cells):
                page.write_string(line, place, plain(cell), text)
            page.write_string(line, len(headings), plain(reason_of(row)), red)
    if not book.worksheets():
        book.add_worksheet("没有问题").write_string(0, 0, "没有有问题的行。")
    book.close()


def reason_of(row: Row) -> str:
    return " ".join(f"{heading}：{sentence}" if heading else sentence for heading, sentence in row.faults)


def shown(row: Row) -> list[str]:
    """The cells as a person wrote them, as far as can be told."""
    found = []
    for cell in row.cells:
        try:
            found.append(words(cell))
        except Wrong:
            found.append(str(cell))
    return found
