"""What `enter` and the steps do for one row, done for many: numbers, audit entries, the time of entry.

The data is made up in memory and written in bulk; afterwards the series of numbers go on where it ended.
"""

from collections.abc import Iterable, Iterator
from collections.abc import Sequence as Rows
from datetime import date, datetime, time
from typing import Any, TypeVar

from django.db import connections, models
from django.utils import timezone

from liaison.accounts.models import Post
from liaison.core.models import AuditEntry, Sequence

BATCH = 1000
FEW = 50  # rows that Django writes as quickly
AT_ONCE = 200
Thing = TypeVar("Thing", bound=models.Model)


def moment(day: date, at: time = time(9)) -> datetime:
    return datetime.combine(day, at, timezone.get_default_timezone())


def keep(things: Iterable[Thing]) -> list[Thing]:
    """Write new rows of one model; they have their keys afterwards."""
    rows = list(things)
    if len(rows) > FEW and rows[0]._meta.auto_field:
        _write(rows)
    elif rows:
        type(rows[0])._base_manager.bulk_create(rows, batch_size=BATCH)
    return rows


def _write(rows: Rows[models.Model]) -> None:
    """What bulk_create does, in a third of the time: by COPY, or on SQLite by a statement for many rows."""
    meta, connection = rows[0]._meta, connections["default"]
    fields = meta.local_concrete_fields
    table = connection.ops.quote_name(meta.db_table)
    names = ", ".join(connection.ops.quote_name(field.column) for field in fields)
    values = _values(rows, fields, _keys(meta, len(rows)))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in values:
                    copy.write_row(row)
        else:
            _insert(cursor, f"INSERT INTO {table} ({names}) VALUES ", list(values))  # noqa: S608 — names of the model


def _insert(cursor: Any, into: str, values: list[tuple[Any, ...]]) -> None:
    """Many rows by each statement: where triggers watch a table, SQLite keeps for each what it takes to undo it."""
    place = f"({', '.join(['%s'] * len(values[0]))})"
    whole = len(values) // AT_ONCE * AT_ONCE
    many = [
        [value for row in values[first : first + AT_ONCE] for value in row]
        for first in range(0, whole, AT_ONCE)
    ]
    cursor.executemany(into + ", ".join([place] * AT_ONCE), many)
    cursor.executemany(into + place, values[whole:])


def _keys(meta: Any, count: int) -> list[int]:
    """The next keys of a table, as many as are wanted."""
    connection = connections["default"]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
                [meta.db_table, meta.pk.column, count],
            )
            return [key for (key,) in cursor.fetchall()]
        cursor.execute("SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = %s", [meta.db_table])
        (last,) = cursor.fetchone()
        return list(range(last + 1, last + count + 1))


def _values(rows: Rows[models.Model], fields: Iterable[Any], keys: list[int]) -> Iterator[tuple[Any, ...]]:
    """What is written of each row, as the database takes it; the rows have their keys afterwards."""
    connection = connections["default"]
    for row, row.pk in zip(rows, keys, strict=True):
        row._state.adding, row._state.db = False, connection.alias
    return zip(*(_column(rows, field, connection) for field in fields), strict=True)


def _column(rows: Rows[models.Model], field: Any, connection: Any) -> list[Any]:
    """One field of all rows. Most hold one of few values, of which each is made ready once."""
    if field.is_relation:
        for row in rows:  # what it leads to may have been written, and got its key, since it was made
            if vars(row)[field.attname] is None and field.is_cached(row):
                row._prepare_related_fields_for_save(operation_name="bulk_create")  # type: ignore[attr-defined]
    if type(field).pre_save is models.Field.pre_save and not field.has_db_default():
        given = [vars(row)[field.attname] for row in rows]
    else:
        given = [field.pre_save(row, True) for row in rows]
    try:
        ready = {value: field.get_db_prep_save(value, connection) for value in set(given)}
    except TypeError:  # JSON cannot be looked up
        return [field.get_db_prep_save(value, connection) for value in given]
    return [ready[value] for value in given]


class Numbers:
    """Series of numbers, counted here and handed over at the end, so that the next record gets the next number."""

    def __init__(self) -> None:
        self.last: dict[str, int] = {}

    def next(self, name: str) -> int:
        self.last[name] = self.last.get(name, 0) + 1
        return self.last[name]

    def keep(self, series: str = "") -> None:
        """Write down the series whose names begin so, and forget them."""
        done = {name: last for name, last in self.last.items() if name.startswith(series)}
        self.last = {name: last for name, last in self.last.items() if name not in done}
        keep(Sequence(name=name, last=last) for name, last in sorted(done.items()))


class Trail:
    """Audit entries of the loaded records, written in the order of time; of what was done since then, if that is given."""

    def __init__(self, since: datetime | None = None) -> None:
        self.since = since
        self.entries: list[AuditEntry] = []
        self._actors: dict[int | None, str] = {}

    def add(
        self,
        thing: Any,
        deed: str,
        *,
        by: Post | None,
        at: datetime,
        before: str = "",
        after: str = "",
        note: str = "",
        data: dict[str, Any] | None = None,
    ) -> None:
        if self.since and at < self.since:
            return
        kind = thing._meta.label_lower
        actor = by.pk if by else None
        if actor not in self._actors:
            self._actors[actor] = str(by)
        who = self._actors[actor] if by else thing.WITHOUT_POST
        self.entries.append(
            AuditEntry(
                at=at,
                post_id=actor,
                actor=who,
                action=f"{kind}.{deed}",
                object_type=kind,
                object_id=str(thing.pk),
                label=str(thing)[:200],
                area_path=thing.area_path,
                before=before,
                after=after,
                note=note,
                data=data or {},
                was={"state": before} if before and before != after else None,
            )
        )

    def keep(self) -> None:
        keep(sorted(self.entries, key=lambda entry: entry.at))
        self.entries = []
