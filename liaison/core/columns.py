"""Columns of a file: a heading, and what a row says there to whoever the file is for. Defined once for each record."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, Protocol

from django.db.models import Model

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
    *names, last = attribute.split(".")
    told = last.removeprefix("get_").removesuffix("_display") if last.endswith("_display") else ""

    def value(row: Any, reader: Reader) -> Any:
        for name in names:
            if row is None:
                return None
            row = getattr(row, name)
        if row is None:
            return None
        if told:  # as get_…_display says, which makes the list of choices anew for each row
            return _labels(type(row), told).get(getattr(row, told))  # type: ignore[arg-type]
        found = getattr(row, last)
        return found() if callable(found) else found

    return Column(heading, value, width)


@cache
def _labels(model: type[Model], name: str) -> dict[Any, str]:
    return {key: str(label) for key, label in model._meta.get_field(name).flatchoices}  # type: ignore[union-attr]


def by_heading(*columns: Column) -> dict[str, Column]:
    """The columns of one record by their headings, in their order."""
    return {column.heading: column for column in columns}
