"""Columns of a file: a heading, and what a row says there to whoever the file is for. Defined once for each record."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from liaison.accounts.models import Post


class Reader(Protocol):
    """Whom a file is for: the post, the day that it speaks of, and whether persons stand in it masked."""

    @property
    def post(self) -> Post: ...
    @property
    def on(self) -> date: ...
    @property
    def masked(self) -> bool: ...


@dataclass(frozen=True)
class Column:
    """A column: its heading, the value of a row as the reading post may read it, its width in characters.

    Text, whole numbers, days, times of day and moments are written as what they are; everything else as text.
    """

    heading: str
    value: Callable[[Any, Any], Any]
    width: int = 12


def column(heading: str, attribute: str, width: int = 12) -> Column:
    """A column that is an attribute of the row, or one of something that it belongs to: `station.name`.

    Where there is nothing, the cell is empty; what can be called, like `get_kind_display`, is.
    """
    names = attribute.split(".")

    def value(row: Any, reader: Reader) -> Any:
        for name in names:
            if row is None:
                return None
            row = getattr(row, name)
        return row() if callable(row) else row

    return Column(heading, value, width)


def by_heading(*columns: Column) -> dict[str, Column]:
    """The columns of one record by their headings, in their order."""
    return {column.heading: column for column in columns}
