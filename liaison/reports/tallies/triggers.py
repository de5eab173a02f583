"""Marks every county and month whose records were written, whoever wrote them and how.

Triggers, because `update()` of many rows at once calls nothing in Python. They are made after `migrate`, not by a
migration: SQLite loses them where a later migration builds a table anew. A table that gets its triggers marks
all that it holds. Their names say by which definitions was counted: where a figure is defined anew, there are none of the
right name, and everything is counted again.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.apps import AppConfig
from django.db import connections, transaction
from django.db.models.functions import TruncMonth

from liaison.accounts.models import Area
from liaison.reports.metrics import Ask

from .keeping import EVER, NAMES, counting, together
from .models import FILL, PATH

MARKS, KEPT = "reports_tallymark", "reports_tally"
EVENTS = ("insert", "update", "delete")


@dataclass(frozen=True)
class Watched:
    """A table whose rows count on the days in some of its columns. {row} is the row that was written."""

    table: str
    days: dict[str, tuple[str, ...]]  # the day, and the columns that decide too whether the row counts on it
    path: str = "{row}.area_path"
    source: str = ""  # where path and days stand in another table: FROM … WHERE …


_IN_ACTIVITY = "FROM visits_activity a WHERE a.id = {row}.activity_id"
_IN_REQUEST = "FROM suggestions_request r WHERE r.id = {row}.request_id"
_STEPS = ("dispatched_on", "accepted_on", "followed_on", "fed_back_on", "rated_on")
WATCHED = (
    Watched("visits_visit", {"day": ("area_path", "headcount", "voided_at")}),
    Watched("visits_activity", {"day": ("area_path", "kind", "state", "announced_on", "announce_by")}),
    Watched(
        "visits_attendance", {"a.day": ("activity_id", "mandate_id", "state")}, "a.area_path", _IN_ACTIVITY
    ),
    Watched(
        "suggestions_request",
        {
            **dict.fromkeys(_STEPS, ("area_path",)),
            "received_on": (
                "area_path",
                "category_id",
                "dispatched_on",
                "accepted_on",
                "followed_on",
                "rated_on",
            ),
            "replied_on": ("area_path", "solved", "received_on"),
            "closed_on": ("area_path", "state", "solved"),
        },
    ),
    Watched(
        "suggestions_rating",
        {"r.rated_on": ("request_id", "round", "attitude", "result", "how")},
        "r.area_path",
        _IN_REQUEST,
    ),
)


def watch(sender: AppConfig, using: str = "default", **kwargs: Any) -> None:
    """Make the triggers that are missing. Called after `migrate`."""
    connection = connections[using]
    if MARKS not in (tables := connection.introspection.table_names()):
        return
    version = definitions(connection)
    with connection.cursor() as cursor:
        there = _present(connection.vendor, cursor)
        for watched in WATCHED:
            if watched.table in tables and _name(watched, "insert", version) not in there:
                # Both or neither: a table that is watched counts as marked. Who writes meanwhile waits.
                with transaction.atomic(using=using):
                    for statement in _anew(connection.vendor, watched, there, version):
                        cursor.execute(statement)


def _anew(vendor: str, watched: Watched, there: set[str], version: str) -> Iterator[str]:
    """The statements that put triggers of this version in the place of any former ones, and mark what there is."""
    for former in sorted(there):
        if former.startswith(f"tally_{watched.table}_"):
            yield from _untrigger(vendor, watched, former)
    for event in EVENTS:
        yield from _trigger(vendor, watched, event, version)
    yield _all(vendor, watched)
    yield f"INSERT INTO {MARKS} (path, month) SELECT path, month FROM {KEPT} WHERE length(path) = {PATH}"


def definitions(connection: Any) -> str:
    """A word for how figures are counted and what is watched: another where either has changed."""
    told = [
        f"{' '.join(members)} "
        f"{counting(group, members, Ask(Area(path=''), *EVER, cohort=group.cohort), TruncMonth, PATH).query}"
        for group, members in together(NAMES).items()
    ]
    told += [
        statement
        for watched in WATCHED
        for event in EVENTS
        for statement in _trigger(connection.vendor, watched, event, "")
    ]
    return sha256("\n".join(told).encode()).hexdigest()[:8]


def _present(vendor: str, cursor: Any) -> set[str]:
    if vendor == "postgresql":
        cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal")
    else:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
    return {name for (name,) in cursor.fetchall()}


def _name(watched: Watched, event: str, version: str) -> str:
    return f"tally_{watched.table}_{event}_{version}"


def _trigger(vendor: str, watched: Watched, event: str, version: str) -> list[str]:
    """The statements that make one trigger."""
    rows = {"insert": ("NEW",), "delete": ("OLD",), "update": ("OLD", "NEW")}[event]
    parts = [
        part
        for row in rows
        for day, columns in watched.days.items()
        for part in _part(watched, event, row, day, columns, vendor)
    ]
    body = f"INSERT INTO {MARKS} (path, month) {' UNION '.join(parts)};"
    name = _name(watched, event, version)
    when = f"AFTER {event.upper()} ON {watched.table} FOR EACH ROW"
    if vendor != "postgresql":
        return [f"CREATE TRIGGER {name} {when} BEGIN {body} END"]
    return [
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN NULL; END $$",
        f"CREATE TRIGGER {name} {when} EXECUTE FUNCTION {name}()",
    ]


def _untrigger(vendor: str, watched: Watched, name: str) -> list[str]:
    """The statements that take one away."""
    if vendor != "postgresql":
        return [f"DROP TRIGGER {name}"]
    return [f"DROP TRIGGER {name} ON {watched.table}", f"DROP FUNCTION {name}()"]


def _part(
    watched: Watched, event: str, row: str, day: str, columns: tuple[str, ...], vendor: str
) -> list[str]:
    """SELECT the county and month of one day of a row, where what is written changes what counts on it."""
    there = day if watched.source else f"{row}.{day}"
    conditions = [f"{there} IS NOT NULL"]
    if event == "update":
        own = columns if watched.source else (day, *columns)
        differs = "IS DISTINCT FROM" if vendor == "postgresql" else "IS NOT"
        conditions.append("(" + " OR ".join(f"OLD.{column} {differs} NEW.{column}" for column in own) + ")")
    source = watched.source.format(row=row)
    where = " AND ".join(conditions)
    return [
        f"SELECT {_key(watched.path.format(row=row))}, {_month(vendor, there)} "
        + (f"{source} AND {where}" if source else f"WHERE {where}")
    ]


def _all(vendor: str, watched: Watched) -> str:
    """Mark every county and month of which the table has records."""
    parts = []
    for day in watched.days:
        there = day if watched.source else f"t.{day}"
        source = watched.source.replace(" WHERE ", f", {watched.table} t WHERE ").format(row="t")
        rows = source or f"FROM {watched.table} t WHERE 1 = 1"
        parts.append(
            f"SELECT {_key(watched.path.format(row='t'))}, {_month(vendor, there)} {rows} AND {there} IS NOT NULL"
        )
    return f"INSERT INTO {MARKS} (path, month) SELECT DISTINCT * FROM ({' UNION '.join(parts)}) marks"


def _key(path: str) -> str:
    return f"substr({path} || '{FILL * PATH}', 1, {PATH})"


def _month(vendor: str, day: str) -> str:
    return f"date_trunc('month', {day})::date" if vendor == "postgresql" else f"date({day}, 'start of month')"
