"""The same sheets as CSV files in one archive: for programs, and for whoever counts again with other means.

UTF-8 with the mark by which Excel knows it, CRLF, one line of headings. A text that a spreadsheet would take for a
formula has a ' before it.
"""

import csv
import hashlib
import io
import zipfile
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from django.utils import timezone

from .sheets import Percent, Sheet
from .writing import plain

ALIVE = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
MARK = "\ufeff"


def cell(value: Any) -> str:
    """A value as text; numbers and days as they are, texts so that nothing in them is calculated."""
    return WAYS.get(type(value), _text)(value)


def _text(value: Any) -> str:
    text = plain(str(value))
    return f"'{text}" if text.lstrip(" ").startswith(ALIVE) else text


def _moment(value: datetime) -> str:
    return f"{timezone.localtime(value) if timezone.is_aware(value) else value:%Y-%m-%d %H:%M}"


WAYS: dict[type, Callable[[Any], str]] = {
    type(None): lambda value: "",
    int: str,
    float: str,
    Percent: lambda value: f"{float(value):.1f}%",
    datetime: _moment,
    date: date.isoformat,
    time: lambda value: f"{value:%H:%M}",
}


def headings(sheet: Sheet) -> list[str]:
    """One line: what stands over several is said with each."""
    return [f"{one.over}：{one.text}" if one.over else one.text for one in sheet.headings]


class Lines:
    """Rows as the text of a CSV file, one at a time."""

    def __init__(self) -> None:
        self._out = io.StringIO(newline="")
        self._writer = csv.writer(self._out)

    def __call__(self, row: Sequence[Any]) -> str:
        self._out.seek(0)
        self._out.truncate()
        self._writer.writerow([cell(value) for value in row])
        return self._out.getvalue()


class Digest:
    """The SHA-256 of a sheet as its CSV file: the same whatever the sheet is written as."""

    def __init__(self, sheet: Sheet) -> None:
        self._hash, self._line = hashlib.sha256(), Lines()
        self._hash.update((MARK + self._line(headings(sheet))).encode())

    def add(self, row: Sequence[Any]) -> None:
        self._hash.update(self._line(row).encode())

    def hexdigest(self) -> str:
        return self._hash.hexdigest()


def write_archive(out: Path, sheets: Sequence[Sheet]) -> None:
    """One file for each sheet, in their order; one that `waits` is written last."""
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for number, sheet in sorted(enumerate(sheets, 1), key=lambda one: one[1].waits):
            line = Lines()
            with archive.open(f"{number:02}_{sheet.name}.csv", "w", force_zip64=True) as file:
                file.write((MARK + line(headings(sheet))).encode())
                for row in _all(sheet):
                    file.write(line(row).encode())


def _all(sheet: Sheet) -> Iterable[Sequence[Any]]:
    yield from sheet.lines()
    if sheet.totals is not None:
        yield sheet.totals()
