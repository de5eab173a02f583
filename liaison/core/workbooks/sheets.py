"""A table that is to become a sheet of a workbook, or a CSV file: what it holds, whatever it is written as."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any


class Percent(float):
    """A share in percent, as a page shows it: 89.5."""


@dataclass(frozen=True)
class Heading:
    """Over a column: its words, its width in characters, and the words over several, where neighbours share them."""

    text: str
    width: int = 12
    over: str = ""


@dataclass
class Sheet:
    """One table. `rows` is gone through once; `totals` is asked for after it, and says what stands in the last line.

    A sheet that `waits` is filled after all others, and stands in its place all the same: it tells of them.
    """

    name: str
    title: str
    headings: Sequence[Heading]
    rows: Iterable[Sequence[Any]]
    about: str = ""
    unit: str = ""
    totals: Callable[[], Sequence[Any]] | None = None
    foot: str = ""
    waits: bool = False
    written: int = field(default=0, init=False)  # rows, once it is done

    @property
    def two_levels(self) -> bool:
        return any(heading.over for heading in self.headings)

    def spans(self) -> list[tuple[int, int, str]]:
        """The upper headings: first and last column, words."""
        found: list[tuple[int, int, str]] = []
        for place, heading in enumerate(self.headings):
            if found and heading.over and found[-1][2] == heading.over:
                found[-1] = (found[-1][0], place, heading.over)
            else:
                found.append((place, place, heading.over))
        return found

    def lines(self) -> Iterable[Sequence[Any]]:
        """The rows, counted as they go."""
        for row in self.rows:
            self.written += 1
            yield row
