"""Reading a workbook that anybody may have made: what it is, how large it really is, its sheets as rows of cells.

What cannot be read raises `Unreadable` with a sentence for the person who chose the file. The size is looked at before
any parser sees the file: as declared, then as it really unpacks.
"""

import re
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

Cell = str | float | int | bool | date | datetime | time | timedelta

MEGABYTE = 1024 * 1024
MAX_PARTS = 2_000
EXAMPLE = "示例，导入时不读"  # stands beside a row of the template
HEADING_ROWS = 10  # above the headings may stand a title
PIECE = MEGABYTE
OVERLAP = 4096  # a cell with its formula is shorter

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # the container of .xls, and of anything with a password
# The head of a cell: where it says it lies, and whether it is empty; no `end` where the head is not complete.
CELL = re.compile(
    rb"""<(?:\w+:)?c(?=[\s/>])(?:(?:\s+r\s*=\s*["'](?P<letters>[A-Za-z]{1,3})(?P<line>\d{1,7})["']"""
    rb"""|[^<>"']|"[^"]*"|'[^']*')*?(?P<end>/?>))?"""
)
EMPTY_FORMULA = re.compile(
    rb"""<(?:\w+:)?c\b[^<>]*?\br\s*=\s*["']([A-Za-z]{1,3})(\d{1,10})["'][^<>]*>\s*"""
    rb"<(?:\w+:)?f\b[^<>]*?(?:/>|>[^<]*</(?:\w+:)?f>)\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
SAVE_AS = "请用 Excel 或 WPS 打开它，另存为“Excel 工作簿（.xlsx）”，再选那个文件。"


class Unreadable(Exception):
    """The file cannot be read at all. The text says why and what to do."""


@dataclass(frozen=True)
class Limits:
    """What is read at most: bytes of the file and of what it unpacks to, rows and columns of a sheet; else `advice`."""

    size: int
    unpacked: int
    rows: int
    columns: int
    advice: str

    @property
    def too_large(self) -> Unreadable:
        return Unreadable(
            f"这个文件解开后超过 {self.unpacked // MEGABYTE} MB，不像正常的表，没有读。{self.advice}"
        )


@dataclass
class Table:
    """One sheet: its headings by name, and its rows. `lines` counts as Excel does, from 1."""

    name: str
    headings: list[str] = field(default_factory=list)  # as written, in their order
    columns: dict[str, int] = field(default_factory=dict)  # normal heading → place
    heading_line: int = 0
    doubled: list[str] = field(default_factory=list)
    merged: dict[int, tuple[int, int]] = field(default_factory=dict)  # line → the lines of the merged range
    unvalued: dict[int, set[int]] = field(default_factory=dict)  # line → places of formulas without a value
    height: int = 0
    _sheet: object = None

    def rows(self) -> Iterator[tuple[int, list[Cell]]]:
        """Line and cells of each row below the headings that holds anything."""
        if self._sheet is None:
            return
        for line, cells in enumerate(self._sheet.iter_rows(), 1):  # type: ignore[attr-defined]
            if line > self.heading_line and any(cell != "" for cell in cells):
                filled = any(not isinstance(cell, str) or cell.strip() for cell in cells)
                if filled and EXAMPLE not in cells:
                    yield line, cells


class Book:
    """An open workbook. Use it as a context manager: the file is closed at the end."""

    def __init__(self, source: str | Path | BinaryIO, limits: Limits) -> None:
        import python_calamine as calamine  # slow to import

        try:
            with Path(source).open("rb") if isinstance(source, str | Path) else nullcontext(source) as file:
                self._unvalued = _look_over(file, limits)
                file.seek(0)
        except OSError:
            raise Unreadable("无法打开这个文件，请检查它在不在、能不能读。") from None
        try:
            self._book = calamine.load_workbook(source)
        except calamine.PasswordError:
            raise Unreadable(LOCKED_UP) from None
        except (calamine.CalamineError, OSError, ValueError):
            raise Unreadable(DAMAGED) from None

    def __enter__(self) -> "Book":
        return self

    def __exit__(self, *args: object) -> None:
        self._book.close()

    @property
    def names(self) -> list[str]:
        return [name.strip() for name in self._book.sheet_names]

    def first(self) -> Iterator[list[Cell]]:
        """The rows of the first sheet from the very top, so that they count as Excel does."""
        yield from self._sheet(next(iter(self._book.sheet_names), "")).iter_rows()

    def table(self, name: str, known: Sequence[str]) -> Table:
        """The sheet called `name`. Its headings are the first row that holds two of the headings `known`."""
        written = next(one for one in self._book.sheet_names if one.strip() == name)
        sheet = self._sheet(written)
        left = sheet.start[1] if sheet.start else 0  # empty columns on the left are not given out
        places = self._unvalued.get(written, {})
        table = Table(name, height=sheet.end[0] + 1 if sheet.end else 0)
        table.unvalued = {line: {place - left for place in found} for line, found in places.items()}
        enough = min(2, len(known))
        for line, cells in enumerate(sheet.iter_rows(), 1):
            if line > HEADING_ROWS:
                break
            found = [heading_of(cell) for cell in cells]
            if len(set(found) & set(known)) >= enough:
                table.heading_line = line
                table.headings = [str(cell).strip() for cell in cells]
                count = Counter(found)
                table.doubled = [one for one in known if count[one] > 1]
                table.columns = {one: place for place, one in enumerate(found) if one}
                break
        for (top, _), (bottom, _) in sheet.merged_cell_ranges or ():
            if bottom + 1 > table.heading_line:
                lines = (max(top, table.heading_line) + 1, bottom + 1)
                table.merged |= dict.fromkeys(range(lines[0], min(lines[1], table.height) + 1), lines)
        table._sheet = sheet
        return table

    def _sheet(self, name: str) -> Any:
        import python_calamine as calamine

        try:
            return self._book.get_sheet_by_name(name)
        except (calamine.CalamineError, OSError, ValueError):
            raise Unreadable(f"“{name.strip()}”表已损坏，读不出来。{SAVE_AS}") from None


DAMAGED = f"这个工作簿已损坏，读不出来。{SAVE_AS}"
UNUSUAL = f"这个工作簿的写法少见，读不准。{SAVE_AS}"
LOCKED_UP = "这个工作簿设了打开密码，读不了。请用 Excel 打开，去掉密码后另存，再选那个文件。"


def heading_of(cell: Cell) -> str:
    """A heading without what people put around it: spaces, a star, a hint in brackets. `* 手 机（必填）` is `手机`."""
    text = re.sub(r"[(（【\[].*$", "", unicodedata.normalize("NFKC", str(cell)), flags=re.DOTALL)
    return re.sub(r"[\s*＊:：_]", "", text)


def _look_over(file: BinaryIO, limits: Limits) -> dict[str, dict[int, set[int]]]:
    """Refuse what is no workbook or too large; per sheet, where formulas stand without a value."""
    file.seek(0, 2)
    size = file.tell()
    file.seek(0)
    if not size:
        raise Unreadable("这个文件是空的，请检查是不是选错了。")
    if size > limits.size:
        raise Unreadable(f"文件有 {size // MEGABYTE} MB，最多 {limits.size // MEGABYTE} MB。{limits.advice}")
    start = file.read(len(OLE))
    if start == OLE:
        file.seek(0)
        if "EncryptedPackage".encode("utf-16-le") in file.read():
            raise Unreadable(LOCKED_UP)
        raise Unreadable(f"这是旧格式的工作簿（.xls）。{SAVE_AS}")
    if not start.startswith(b"PK"):
        raise Unreadable(f"这个文件不是 Excel 工作簿，也许是文本或 CSV 改了扩展名。{SAVE_AS}")
    try:
        with zipfile.ZipFile(file) as archive:
            return _unpacked(archive, limits)
    except (
        zipfile.BadZipFile,
        EOFError,
        NotImplementedError,
        RuntimeError,
        OSError,
        ValueError,
        KeyError,
        SyntaxError,
    ):
        raise Unreadable(DAMAGED) from None
    except Exception as error:
        if type(error).__name__ == "error":  # zlib.error, lzma's and bz2's likewise
            raise Unreadable(DAMAGED) from None
        raise


def _unpacked(archive: zipfile.ZipFile, limits: Limits) -> dict[str, dict[int, set[int]]]:
    parts = archive.infolist()
    names = {part.filename for part in parts}
    if "xl/workbook.xml" not in names:
        raise Unreadable(f"这个文件不是 .xlsx 工作簿。{SAVE_AS}")
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > limits.unpacked:
        raise limits.too_large
    left = limits.unpacked
    unvalued: dict[str, dict[int, set[int]]] = {}
    for part in parts:
        if part.flag_bits & 1:
            raise Unreadable(LOCKED_UP)
        with archive.open(part) as stream:
            before = b""
            while piece := stream.read(PIECE):  # raises BadZipFile where there is more than was declared
                left -= len(piece)
                if left < 0:
                    raise limits.too_large
                if _may_be_sheet(part.filename):
                    window = before + piece
                    _look_at_cells(window, limits, unvalued.setdefault(part.filename, {}))
                    before = window[-OVERLAP:]
    called = _sheet_parts(archive)
    if not all(map(_may_be_sheet, called)):
        raise Unreadable(UNUSUAL)
    return {called[part]: found for part, found in unvalued.items() if found and part in called}


def _may_be_sheet(part: str) -> bool:
    """Which parts are sheets is said by another part, and need not be what their names say."""
    return part.lower().startswith("xl/") and part.lower().endswith(".xml")


def _look_at_cells(window: bytes, limits: Limits, unvalued: dict[int, set[int]]) -> None:
    """Cells far out would make any reader lay out millions of empty ones; formulas without a value read as empty."""
    for cell in CELL.finditer(window):
        letters, line, end = cell.groups()
        if end is None and cell.start() >= len(window) - OVERLAP:
            continue  # goes on in the next piece
        if end == b"/>":
            continue  # formatted, and empty
        if letters is None:  # a reader would count on from the row, which may say anything
            raise Unreadable(UNUSUAL)
        if int(line) > limits.rows + HEADING_ROWS:
            raise Unreadable(f"有一张表超过 {limits.rows:,} 行。{limits.advice}")
        if place_of(letters) >= limits.columns:
            raise Unreadable(
                f"有一张表在第 {letters.decode()} 列还有内容，最多 {limits.columns} 列。请删去多余的列。"
            )
    if b"<f" in window or b":f" in window:
        for letters, line in EMPTY_FORMULA.findall(window):
            unvalued.setdefault(int(line), set()).add(place_of(letters))


def place_of(letters: bytes) -> int:
    """The place of a column: A is 0, AA is 26."""
    place = 0
    for letter in letters.upper():
        place = place * 26 + letter - 64
    return place - 1


def _sheet_parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """Part of the archive → name of the sheet."""
    from defusedxml import ElementTree

    relations = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    targets = {one.get("Id"): one.get("Target", "") for one in relations}
    book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
    parts = {}
    for sheet in book.iter():
        if sheet.tag.rpartition("}")[2] != "sheet":
            continue
        ident = next((value for key, value in sheet.attrib.items() if key.endswith("}id")), None)
        target = targets.get(ident, "")
        part = target.lstrip("/") if target.startswith("/") else str(PurePosixPath("xl") / target)
        parts[part] = sheet.get("name", "")
    return parts
