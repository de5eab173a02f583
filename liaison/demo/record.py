"""What `enter` and the steps do for one row, done for many: numbers, audit entries, the time of entry.

The data is made up in memory and written in bulk; afterwards the series of numbers go on where it ended.
"""

from collections.abc import Iterable
from collections.abc import Sequence as Rows
from datetime import date, datetime, time
from itertools import chain
from operator import itemgetter
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.utils import timezone

from liaison.accounts.models import Post
from liaison.core.models import AuditEntry, Sequence

BATCH = 1000
FEW = 50  # rows that Django writes as quickly
AT_ONCE = 200
AS_THEY_ARE = (  # every database takes these
    (str, (models.CharField, models.TextField)),
    (int, (models.IntegerField, models.ForeignKey)),
)
PLAIN = (models.Field.pre_save, models.DateField.pre_save, models.DateTimeField.pre_save)
Thing = TypeVar("Thing", bound=models.Model)


def moment(day: date, at: time = time(9)) -> datetime:
    return datetime.combine(day, at, timezone.get_default_timezone())


def keep(things: Iterable[Thing]) -> list[Thing]:
    """Write new rows of one model; they have their keys afterwards."""
    rows = list(things)
    if len(rows) > FEW and rows[0]._meta.auto_field:
        keys = _keys(rows[0]._meta, len(rows))
        for row, row.pk in zip(rows, keys, strict=True):
            row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS
        _write(rows[0]._meta, {field: _given(rows, field) for field in rows[0]._meta.local_concrete_fields})
    elif rows:
        type(rows[0])._base_manager.bulk_create(rows, batch_size=BATCH)
    return rows


def put(model: type[models.Model], names: Rows[str], rows: Rows[tuple[Any, ...]]) -> None:
    """Write new rows of which nobody needs the objects: what each holds in the fields `names`, by default in the others."""
    if not rows:
        return
    columns = dict(zip(names, zip(*rows, strict=True), strict=True))
    columns[model._meta.pk.attname] = _keys(model._meta, len(rows))
    fields = model._meta.local_concrete_fields
    _write(
        model._meta,
        {field: columns.get(field.attname) or [field.get_default()] * len(rows) for field in fields},
    )


def _write(meta: Any, columns: dict[Any, Rows[Any]]) -> None:
    """What bulk_create does, in a third of the time: by COPY, or on SQLite by a statement for many rows."""
    connection = connections[DEFAULT_DB_ALIAS]
    table = connection.ops.quote_name(meta.db_table)
    names = ", ".join(connection.ops.quote_name(field.column) for field in columns)
    values = zip(*(_ready(given, field, connection) for field, given in columns.items()), strict=True)
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
    many = [list(chain.from_iterable(values[first : first + AT_ONCE])) for first in range(0, whole, AT_ONCE)]
    cursor.executemany(into + ", ".join([place] * AT_ONCE), many)
    cursor.executemany(into + place, values[whole:])


def _keys(meta: Any, count: int) -> list[int]:
    """The next keys of a table, as many as are wanted."""
    connection = connections[DEFAULT_DB_ALIAS]
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


def _given(rows: Rows[models.Model], field: Any) -> list[Any]:
    """What all rows hold in one field."""
    if field.is_relation:
        return [_key_of(row, field) for row in rows]
    at_once = getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False)
    if at_once or field.has_db_default() or type(field).pre_save not in PLAIN:
        return [field.pre_save(row, True) for row in rows]
    return [vars(row)[field.attname] for row in rows]


def _key_of(row: models.Model, field: Any) -> Any:
    """The key that a row leads to: what it leads to may have been written, and got its key, since the row was made."""
    held = vars(row)
    if held[field.attname] is None and (there := row._state.fields_cache.get(field.cache_name)) is not None:
        if there.pk is None:
            raise ValueError(f"{field} leads to what is not written yet")
        held[field.attname] = there.pk
    return held[field.attname]


def _ready(given: Rows[Any], field: Any, connection: Any) -> list[Any]:
    """One field of all rows, as the database takes it. Most hold one of few values, of which each is made ready once."""
    kinds = {type(value) for value in given} - {type(None)}
    if any(kinds <= {kind} and isinstance(field, fields) for kind, fields in AS_THEY_ARE):
        return list(given)
    try:
        ready = {value: field.get_db_prep_save(value, connection) for value in set(given)}
    except TypeError:  # JSON and lists cannot be looked up; what reads alike is alike
        read = [repr(value) for value in given]
        ready = {
            word: field.get_db_prep_save(value, connection)
            for word, value in dict(zip(read, given, strict=True)).items()
        }
        return [ready[word] for word in read]
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

    FIELDS = (
        "at", "post_id", "actor", "action", "object_type", "object_id", "label", "area_path", "before", "after", "note",
        "data", "was",
    )  # fmt: skip

    def __init__(self, since: datetime | None = None) -> None:
        self.since = since
        self.entries: list[tuple[Any, ...]] = []
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
            (
                at,
                actor,
                who,
                f"{kind}.{deed}",
                kind,
                str(thing.pk),
                str(thing)[:200],
                thing.area_path,
                before,
                after,
                note,
                data or {},
                {"state": before} if before and before != after else None,
            )
        )

    def keep(self) -> None:
        put(AuditEntry, self.FIELDS, sorted(self.entries, key=itemgetter(0)))
        self.entries = []
