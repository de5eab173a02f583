"""The other provinces of a nation, copied by PostgreSQL from the one that was made row by row.

Every province has the areas of the model, so its records are the model's with other keys, paths and numbers, and a few
days earlier. A row is copied to all provinces at once, in the order of entry, so that the rows of a county lie as far
apart as they would after ten years of use. Indexes are made afterwards; foreign keys and triggers rest meanwhile
(`tests/demo/test_copying.py` proves that each key leads to the right row).
"""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connection, models, transaction

from deputies.models import (
    LETTERS,
    Congress,
    ContactLink,
    Deputy,
    FixedVoter,
    Mandate,
    QrToken,
    StationAssignment,
    Term,
)
from liaison.accounts.models import Area, Post, User
from liaison.core.models import AuditEntry
from stations.models import Station, StationStaff
from suggestions.models import Department, Order, Rating, Request
from visits.models import Activity, Attendance, Notice, ReceptionRule, Visit, Visitor

SHIFTS = 7  # each province is the model, up to six days earlier
RECENT = 60  # days for which the series of the visits of a station are kept, for what is entered late
AT_ONCE = 2  # connections
# fmt: off
COPIED: tuple[type[models.Model], ...] = (  # the long ones first, so that both connections end about together
    Request, Attendance, Visit, Order, Activity, Rating, AuditEntry, Deputy, Mandate, ContactLink, FixedVoter,
    StationAssignment, Notice, Visitor, Station, QrToken, ReceptionRule, User, Post, StationStaff, Department, Congress, Term,
)
# fmt: on
SETTINGS = {
    "session_replication_role": "replica",
    "synchronous_commit": "off",
    "maintenance_work_mem": "'1GB'",
    "work_mem": "'256MB'",
    "max_parallel_maintenance_workers": "1",
}


class Copier:
    """Copies the records of the areas under `model` to as many further provinces, (path, name) each."""

    def __init__(self, model: str, others: Sequence[tuple[str, str]]) -> None:
        self.model = model
        self.others = others
        self.strides = {thing: (_one(f"SELECT max(id) FROM {_table(thing)}") or 0) + 1 for thing in COPIED}
        self.areas = self._distances()
        self.serials = {
            Activity: (_one(f"SELECT max(substr(number, 8)::int) FROM {_table(Activity)}") or 0) + 1,
            Request: (_one(f"SELECT max(substr(number, 11)::int) FROM {_table(Request)}") or 0) + 1,
        }

    def copy(self, say: Callable[[str], None], *, at_once: int = AT_ONCE) -> None:
        if at_once == 1:
            for thing in COPIED:
                say(self._copy(thing))
        else:
            with ThreadPoolExecutor(at_once) as pool:
                for done in pool.map(self._copy_and_close, COPIED):
                    say(done)
        begun = time.perf_counter()
        self._series()
        say(f"编号  {time.perf_counter() - begun:.0f} 秒")

    def _distances(self) -> list[int]:
        """How far the keys of each province's areas lie from the model's, everywhere the same."""
        found = []
        for path, _ in self.others:
            with connection.cursor() as cursor:
                cursor.execute(
                    f"SELECT min(other.id - model.id), max(other.id - model.id), count(*), "
                    f"(SELECT count(*) FROM {_table(Area)} WHERE path LIKE %s) "
                    f"FROM {_table(Area)} model JOIN {_table(Area)} other ON other.path = %s || substr(model.path, 3) "
                    f"WHERE model.path LIKE %s",
                    [f"{self.model}%", path, f"{self.model}%"],
                )
                least, most, same, of_model = cursor.fetchone()
            if least != most or same != of_model:
                raise ValueError(f"the areas of {path} are not those of {self.model}")
            found.append(least)
        return found

    def _copy_and_close(self, thing: type[models.Model]) -> str:
        try:
            return self._copy(thing)
        finally:
            connection.close()

    def _copy(self, thing: type[models.Model]) -> str:
        """Copy one table. Returns a line for the log: rows, seconds to copy, seconds to make the indexes."""
        begun = time.perf_counter()
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "SET CONSTRAINTS ALL IMMEDIATE"
            )  # a table with checks to come cannot lose an index
            for name, value in SETTINGS.items():
                cursor.execute(f"SET {name} = {value}")
            dropped, made = _indexes(_table(thing))
            for statement in dropped:
                cursor.execute(statement)
            cursor.execute(self.statement(thing))
            rows = cursor.rowcount
            copied = time.perf_counter()
            for statement in made:
                cursor.execute(statement)
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{_table(thing)}', 'id'), (SELECT max(id) FROM {_table(thing)}))"
            )
            for name in SETTINGS:
                cursor.execute(f"RESET {name}")
        took = time.perf_counter()
        return f"{thing._meta.label} {rows:,} 行  {copied - begun:.0f} 秒，索引 {took - copied:.0f} 秒"

    def statement(self, thing: type[models.Model]) -> str:
        """The INSERT for a table: each row of the model once for every province, in the order of entry."""
        fields = thing._meta.local_concrete_fields
        columns = ", ".join(f'"{field.column}"' for field in fields)
        order = "created_at, id" if any(field.column == "created_at" for field in fields) else "id"
        return (
            f"INSERT INTO {_table(thing)} ({columns}) SELECT {', '.join(self._value(thing, field) for field in fields)} "
            f"FROM (SELECT m.*, generate_series(1, {len(self.others)}) AS k "
            f"FROM (SELECT * FROM {_table(thing)} ORDER BY {order}) m) m"
        )

    def _value(self, thing: type[models.Model], field: Any) -> str:
        """The value of a column in province number `k`."""
        column = f'm."{field.column}"'
        if own := self._own(thing).get(field.column):
            return own
        if field.primary_key:
            return f"{column} + k * {self.strides[thing]}"
        if field.column == "area_path":
            return f"{self._paths} || substr({column}, 3)"
        if field.is_relation and field.related_model is Area:
            return f"{column} + (ARRAY{self.areas}::bigint[])[k]"
        if field.is_relation and field.related_model in self.strides:
            return f"{column} + k * {self.strides[field.related_model]}"
        if isinstance(field, models.DateTimeField):
            return f"{column} - interval '1 day' * (k % {SHIFTS})"
        if isinstance(field, models.DateField):
            return f"{column} - k % {SHIFTS}"
        return column

    @property
    def _paths(self) -> str:
        return "(ARRAY[" + ", ".join(f"'{path}'" for path, _ in self.others) + "])[k]"

    def _own(self, thing: type[models.Model]) -> dict[str, str]:
        """Columns that must differ from province to province, or that hold a key or a day in their text."""
        day = f"(to_date(substr(m.number, 1, 9), 'YYYY-MMDD') - k % {SHIFTS})"
        serial = f"(split_part(m.number, '-', 3)::int + k * {self.serials[Request]})"
        number = f"to_char({day}, 'YYYY-MMDD-') || to_char({serial}, 'FM999990000')"
        # The first letter moves on by k: nothing else keeps a code apart from the model's and from every other copy's.
        letter = (
            f"substr('{LETTERS}', (strpos('{LETTERS}', left(m.token, 1)) - 1 + k) % {len(LETTERS)} + 1, 1)"
        )
        key = " ".join(
            f"WHEN '{kind._meta.label_lower}' THEN (m.object_id::bigint + k * {self.strides[kind]})::text"
            for kind in (Visit, Request, Order)
        )
        names = "(ARRAY[" + ", ".join(f"'{name}'" for _, name in self.others) + "])[k]"
        model = Area.objects.get(path=self.model).full_name
        own: dict[type[models.Model], dict[str, str]] = {
            Station: {"code": f"{self._paths} || substr(m.code, 3)"},
            User: {"username": f"'scale-' || {self._paths} || substr(m.username, 9)"},
            Deputy: {
                "card_no": f"'S' || to_char(substr(m.card_no, 2)::bigint + k * {self.strides[Deputy]}, 'FM999900000000')"
            },
            Congress: {"name": f"replace(m.name, '{model}', {names})"},
            QrToken: {"token": f"{letter} || substr(m.token, 2)"},
            Activity: {
                "number": f"substr(m.number, 1, 7) || to_char(substr(m.number, 8)::int + k * {self.serials[Activity]}, 'FM999900000')"
            },
            Visit: {
                "number": f"'JD' || to_char(m.day - k % {SHIFTS}, 'YYYYMMDD') || substr(m.number, 11)",
            },
            Request: {"number": number},
            Order: {"number": f"{number} || '-' || split_part(m.number, '-', 4)"},
            AuditEntry: {"object_id": f"CASE m.object_type {key} END"},
        }
        return own.get(thing, {})

    def _series(self) -> None:
        """The series of numbers go on where the copies end."""
        of_requests = "'request:' || to_char(received_on, 'YYYYMMDD'), max(substr(number, 11)::int)"
        of_activities = "'activity:' || substr(number, 3, 4), max(substr(number, 8)::int)"
        of_visits = "'visit:' || station_id || ':' || to_char(day, 'YYYYMMDD'), max(serial)"
        with connection.cursor() as cursor:
            for thing, what, which in (
                (Request, of_requests, ""),
                (Activity, of_activities, ""),
                (Visit, of_visits, f"WHERE day >= (SELECT max(day) FROM {_table(Visit)}) - {RECENT}"),
            ):
                cursor.execute(
                    f"INSERT INTO core_sequence (name, last) SELECT {what} FROM {_table(thing)} {which} GROUP BY 1 "
                    f"ON CONFLICT (name) DO UPDATE SET last = excluded.last"
                )


def _table(thing: type[models.Model]) -> str:
    return f'"{thing._meta.db_table}"'


def _one(statement: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0]


def _indexes(table: str) -> tuple[list[str], list[str]]:
    """The statements that drop every index of a table but that of its key, and those that make them again."""
    dropped, made = [], []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'u'",
            [table],
        )
        for name, definition in cursor.fetchall():
            dropped.append(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
            made.append(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
        cursor.execute(
            "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index i WHERE indrelid = %s::regclass "
            "AND NOT indisprimary AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid AND contype = 'u')",
            [table],
        )
        for name, definition in cursor.fetchall():
            dropped.append(f"DROP INDEX {name}")
            made.append(definition)
    return dropped, made
