"""What the page shows of a report: a tab for each sheet and outcome, rows with the reason at their cells."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from liaison.core.workbooks.reading import heading_of

from .importing import SHOWN, CheckedSheet, Report
from .rejected import shown
from .sheet import Row

KINDS = ("wrong", "new", "changed", "same")
MOST = 200  # bad rows on one page; all are in the file


@dataclass(frozen=True)
class Shown:
    """A cell with what is wrong with it."""

    heading: str
    text: str
    faults: list[str]

    @property
    def is_short(self) -> bool:
        """May it stand on one line? (Numbers, days and names should not be broken.)"""
        return len(self.text) <= 12 and not self.faults


@dataclass(frozen=True)
class Line:
    line: int
    cells: list[Shown]
    faults: list[str]  # of the whole row


class Preview:
    """The part of a report that was asked for; the first one with something in it where none was."""

    def __init__(self, report: Report, sheet: str, kind: str) -> None:
        self.report = report
        filled = [checked for checked in report.sheets if checked.total]
        wrong = [checked for checked in filled if checked.counts["wrong"]]
        named = [checked for checked in filled if checked.sheet.name == sheet]
        self.checked: CheckedSheet | None = next(iter([*named, *wrong, *filled]), None)
        self.filled = filled
        self.kind = kind if kind in KINDS and self.checked and self.checked.counts[kind] else ""
        if self.checked and not self.kind:
            self.kind = next(one for one in KINDS if self.checked.counts[one])

    @property
    def sheets(self) -> list[dict[str, Any]]:
        """Tabs: a sheet each, with its rows."""
        return [
            {
                "label": checked.sheet.name,
                "url": "?" + urlencode({"sheet": checked.sheet.name}),
                "current": checked is self.checked,
                "count": checked.total,
            }
            for checked in self.filled
        ]

    @property
    def kinds(self) -> list[dict[str, Any]]:
        """Tabs: an outcome each, of the sheet that is shown."""
        if self.checked is None:
            return []
        checked, name = self.checked, self.checked.sheet.name
        words = {"wrong": "有问题", "new": "新增", "changed": "更新", "same": checked.sheet.same_word}
        return [
            {
                "label": words[kind],
                "url": "?" + urlencode({"sheet": name, "rows": kind}),
                "current": kind == self.kind,
                "count": checked.counts[kind],
            }
            for kind in KINDS
            if checked.counts[kind]
        ]

    @property
    def name(self) -> str:
        return self.checked.sheet.name if self.checked else ""

    @property
    def headings(self) -> list[str]:
        return self.checked.headings if self.checked else []

    @property
    def lines(self) -> list[Line]:
        if self.checked is None:
            return []
        most = MOST if self.kind == "wrong" else SHOWN
        return [self._line(row) for row in self.checked.rows.get(self.kind, [])[:most]]

    @property
    def left(self) -> int:
        """Rows of this kind that the page does not show."""
        return self.checked.counts[self.kind] - len(self.lines) if self.checked else 0

    @property
    def sentences(self) -> list[str]:
        """What is wrong with whole sheets."""
        return [
            str(problem) for problem in self.report.problems if not problem.line or self._is_whole(problem)
        ]

    def _is_whole(self, problem: Any) -> bool:
        return not any(
            row.line == problem.line
            for checked in self.report.sheets
            if checked.sheet.name == problem.sheet
            for row in checked.rows.get("wrong", [])
        )

    def _line(self, row: Row) -> Line:
        texts = shown(row)
        cells = []
        for place in range(len(self.headings)):
            text = texts[place] if place < len(texts) else ""
            faults = [sentence for at, sentence in row.faults if at and at == self._normal(place)]
            cells.append(Shown(self.headings[place], text if len(text) <= 40 else f"{text[:40]}…", faults))
        at_cells = {sentence for cell in cells for sentence in cell.faults}
        whole = [sentence for _, sentence in row.faults if sentence not in at_cells]
        return Line(row.line, cells, whole)

    def _normal(self, place: int) -> str:
        """The heading of the contract at a place, whatever was put around it."""
        return heading_of(self.headings[place])
