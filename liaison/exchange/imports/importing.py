"""One import from the file to the records: check it, or take it, whole or not at all."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from pathlib import Path

from django.db import IntegrityError, transaction

from liaison.accounts.models import Post
from liaison.core.workbooks.reading import Book, Table

from .activities import ActivitySheet
from .areas import AreaSheet
from .departments import DepartmentSheet
from .deputies import DeputySheet
from .requests import RequestSheet
from .sheet import LIMITS, Row, Run, Sheet
from .stations import StationSheet
from .suggestions import SuggestionSheet
from .visits import VisitSheet

SHEETS: tuple[type[Sheet], ...] = (
    AreaSheet,
    DepartmentSheet,
    StationSheet,
    DeputySheet,
    ActivitySheet,
    VisitSheet,
    RequestSheet,
    SuggestionSheet,
)
LISTED = 5_000  # rows with a problem that are kept; more are counted
SHOWN = 50  # rows of each outcome that a page shows
OUTCOMES = ("new", "changed", "same")


@dataclass(frozen=True)
class Problem:
    sheet: str
    line: int  # 0: the whole sheet
    heading: str  # empty: the whole row
    sentence: str

    def __str__(self) -> str:
        line = f" 第 {self.line} 行" if self.line else ""
        return f"{self.sheet}{line}{f' {self.heading}' if self.heading else ''}：{self.sentence}"


@dataclass
class CheckedSheet:
    """A sheet in figures, with some of its rows. `wrong` rows are all kept, up to LISTED."""

    sheet: type[Sheet]
    headings: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    rows: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def in_words(self) -> str:
        found = self.counts
        told = [f"新增 {found['new']}"]
        if self.sheet.by_number:
            told.append(f"更新 {found['changed']}")
        told.append(f"{self.sheet.same_word} {found['same']}")
        if found["wrong"]:
            told.append(f"有问题 {found['wrong']}")
        return f"{self.sheet.name}：{'，'.join(told)}"

    def keep(self, row: Row) -> None:
        kind = "wrong" if row.faults else row.outcome
        self.counts[kind] += 1
        if len(self.rows[kind]) < (LISTED if kind == "wrong" else SHOWN):
            self.rows[kind].append(row)


@dataclass
class Report:
    """What an import would do, or has done."""

    sheets: list[CheckedSheet] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    written: bool = False

    def count(self, *kinds: str) -> int:
        return sum(checked.counts[kind] for checked in self.sheets for kind in kinds)

    @property
    def is_clean(self) -> bool:
        return not self.problems and not self.count("wrong")

    @property
    def figures(self) -> dict[str, dict[str, int]]:
        """Sheet → outcome → rows: what a person has seen before saying yes."""
        return {
            checked.sheet.name: {kind: n for kind, n in sorted(checked.counts.items()) if n}
            for checked in self.sheets
            if checked.total
        }


class Refused(Exception):
    """Nothing was written. The report says why."""

    def __init__(self, report: Report, sentence: str) -> None:
        super().__init__(sentence)
        self.report = report


def check(path: str | Path, *, by: Post | None, today: date) -> Report:
    """What importing the workbook would do. Reads only. Raises Unreadable."""
    with Book(path, LIMITS) as book:
        return _go_through(book, Run(by, today, writes=False))


def take(
    path: str | Path,
    *,
    by: Post | None,
    today: date,
    leave_out_wrong: bool = False,
    seen: dict[str, dict[str, int]] | None = None,
    done: Callable[[Report], None] | None = None,
) -> Report:
    """Import the workbook in one transaction. Raises Unreadable, and Refused where nothing was written.

    Rows with a problem stop it, unless `leave_out_wrong`: a person has seen them and said so. `seen` are the figures
    that the person has seen; where the workbook would do something else by now, nothing is written. `done` is called with the
    report in the same transaction.
    """
    try:
        with Book(path, LIMITS) as book, transaction.atomic():
            report = _go_through(book, Run(by, today, writes=True), strict=not leave_out_wrong)
            if seen is not None and report.figures != seen:
                raise Refused(report, "核对以后数据有了变化，还没有导入。请重新核对下面的结果，再决定。")
            if not leave_out_wrong and not report.is_clean:
                raise Refused(report, "有问题的行还没有改好，什么都没有导入。")
            report.written = True
            if done is not None:
                done(report)
    except IntegrityError:
        raise Refused(Report(), "刚刚有人登记了同样的内容，什么都没有导入。请再核对一次。") from None
    return report


def rows_in(path: str | Path) -> int:
    """How many rows the workbook has in the sheets that can be imported. Raises Unreadable."""
    with Book(path, LIMITS) as book:
        return sum(table.height - table.heading_line for _, table in _tables(book, Report()))


def _go_through(book: Book, run: Run, *, strict: bool = False) -> Report:
    report = Report()
    for kind, table in _tables(book, report):
        checked = CheckedSheet(kind, table.headings)
        report.sheets.append(checked)
        if problem := _fault_of(kind, table, run):
            report.problems.append(Problem(kind.name, table.heading_line, "", problem))
            checked.counts["wrong"] = sum(1 for _ in table.rows())
            continue
        sheet, lines = kind(run), _lines_of_keys(kind, table)
        for rows in _batches(table, kind.batch):
            for row in rows:
                row.read(table, kind.columns)
                if (key := kind.key_of(row)) in lines:
                    row.fault(kind.key[0], f"{_and(lines[key])}是同一个{kind.key[0]}，请只留一行。")
            if strict and not report.is_clean:
                run.writes = False  # nothing will stand; go on for the other problems
            sheet.take(rows)
            for row in rows:
                checked.keep(row)
                if row.faults and kind.key and (number := row[kind.key[0]]):
                    run.spoilt.setdefault(kind.name, {})[number] = row.line
                if row.faults and len(report.problems) < LISTED:
                    report.problems += [Problem(kind.name, row.line, *fault) for fault in row.faults]
        sheet.finish()
    report.notes += run.notes
    if len(report.problems) >= LISTED:
        report.notes.append(f"问题太多，只列出前 {LISTED:,} 个。请先改好这些，再核对一次。")
    return report


def _tables(book: Book, report: Report) -> list[tuple[type[Sheet], Table]]:
    """The sheets to import, in the order in which they build on each other; words for those that are not."""
    found = []
    known = {kind.name: kind for kind in SHEETS}
    for name in book.names:
        if name not in known and name != "填写说明":
            report.notes.append(f"不认识“{name}”表，这次没有读它。能导入的表是：{'、'.join(known)}。")
    for kind in SHEETS:
        if kind.name not in book.names:
            continue
        table = book.table(kind.name, [column.heading for column in kind.columns])
        if not table.heading_line:
            if table.height:
                sentence = f"没有找到标题行。前几行里要有一行写着：{'、'.join(column.heading for column in kind.columns)}。"
                report.problems.append(Problem(kind.name, 0, "", sentence))
            continue
        headings = {column.heading for column in kind.columns}
        if others := [one for one in table.columns if one not in headings]:
            report.notes.append(f"“{kind.name}”表里不认识的列没有导入：{'、'.join(others[:10])}。")
        found.append((kind, table))
    if not found and not report.problems:
        report.problems.append(
            Problem(
                "工作簿", 0, "", f"没有能导入的表。工作表的名称要是：{'、'.join(known)}。请下载模板对照。"
            )
        )
    return found


def _fault_of(kind: type[Sheet], table: Table, run: Run) -> str:
    """Why the whole sheet cannot be taken; empty where it can."""
    if table.height > LIMITS.rows + table.heading_line:
        return f"有 {table.height:,} 行，最多 {LIMITS.rows:,} 行。请分成几个文件导入。"
    if table.doubled:
        return f"有两列都叫“{table.doubled[0]}”，不知道该读哪一列。请改名或删去一列。"
    required = [column.heading for column in kind.columns if column.required]
    if missing := [heading for heading in required if heading not in table.columns]:
        return f"缺少{'、'.join(f'“{one}”' for one in missing)}列。请下载模板对照标题。"
    if run.by is not None and run.by.role not in kind.roles and next(table.rows(), None):
        return f"{run.by.get_role_display()}岗位不能导入“{kind.name}”表。请删去这张表，或请{_who(kind)}导入。"
    return ""


def _who(kind: type[Sheet]) -> str:
    names = {"ADMIN": "管理员", "OFFICE": "人大机关", "STATION": "联络站"}
    return "或".join(names[role] for role in kind.roles)


def _lines_of_keys(kind: type[Sheet], table: Table) -> dict[object, list[int]]:
    """Keys that stand in several rows, with their lines. Which of them is meant, nobody can know."""
    if not kind.key:
        return {}
    columns = [column for column in kind.columns if column.heading in kind.key]
    lines: dict[object, list[int]] = defaultdict(list)
    for line, cells in table.rows():
        row = Row(line, cells)
        row.read(table, columns)
        if key := kind.key_of(row):
            lines[key].append(line)
    return {key: found for key, found in lines.items() if len(found) > 1}


def _batches(table: Table, size: int) -> Iterator[list[Row]]:
    rows = (Row(line, cells) for line, cells in table.rows())
    while batch := list(islice(rows, size or None)):
        yield batch


def _and(lines: list[int]) -> str:
    few = "、".join(str(line) for line in lines[:5])
    return f"第 {few} {'等 ' + str(len(lines)) + ' ' if len(lines) > 5 else ''}行"
