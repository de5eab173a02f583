"""Workbooks for tests: sheets as lists of rows, the headings of the contract where none are given."""

from liaison.exchange.imports.importing import SHEETS

HEADINGS = {kind.name: [column.heading for column in kind.columns] for kind in SHEETS}

STATION = {
    "编号": "PC09", "名称": "新桥联络站", "类型": "联络站", "区划代码": "140213001000", "启用日期": "2022-03-01",
}  # fmt: skip


def book(path, sheets, *, options=None):
    """Write {sheet: [row, …]} to `path`; a row is a dict by heading, or a list as it shall stand."""
    import xlsxwriter

    made = xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd", **(options or {})})
    for name, rows in sheets.items():
        page = made.add_worksheet(name)
        headings = HEADINGS.get(name, ["甲", "乙"])
        if rows and isinstance(rows[0], list):
            lines = rows
        else:
            lines = [headings, *([row.get(heading) for heading in headings] for row in rows)]
        for line, cells in enumerate(lines):
            page.write_row(line, 0, cells)
    made.close()
    return path
