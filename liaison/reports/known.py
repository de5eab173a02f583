"""As known at a moment: any query, answered as it would have been answered then.

`as_known(rows, moment)` gives the same queryset over other tables. Its SQL begins with one `WITH "visits_visit" AS (…)` for
each table of record that it names, and a name in WITH goes before the table of that name, in joins and subqueries too.
What stands there is the table as it was: without the rows entered later; those that were changed since with the values
that the record (`AuditEntry.was`) says they had. Nothing is written, nothing locked, and conditions reach the indexes of
the real tables. The queryset stays lazy: it can be filtered, counted, sliced and joined further.

Who may see what is asked as of today, and so is who a person is: see AS_TODAY.
"""

from contextvars import ContextVar
from datetime import UTC, date, datetime, time
from functools import cache
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models.sql import Query
from django.utils import timezone

from liaison.accounts.models import Area
from liaison.core.models import AuditEntry
from liaison.core.workflow import Recorded, kept_columns

# Rights, and what protects a person, never go back: tables, and columns of any table.
AS_TODAY = {"stations.stationstaff", "suggestions.departmentstaff", "deputies.deputy"}
COLUMNS_AS_TODAY = {"confidential", "about_id", "about_name"}

EARLIEST = 1900  # the year; the first of all years have no time of another place
_within: ContextVar[datetime | None] = ContextVar("within", default=None)


def as_known(rows: Any, moment: datetime | None) -> Any:
    """`rows` as known at an aware `moment`; None: now, which is `rows` itself."""
    if moment is None:
        return rows
    then = rows.all()
    then.query.__class__ = KnownQuery
    then.query.known_at = moment
    return then


class NotYet(ValueError):
    """A moment that has not come."""


def moment_of(text: str) -> datetime | None:
    """The moment that 2026-11-03T18:00 names, or 2026-11-03: the end of that day; None where that is today.

    Raises NotYet for what is to come, ValueError for what names no moment.
    """
    if len(text) == len("2026-11-03"):
        day = date.fromisoformat(text)
        if day == timezone.localdate():
            return None
        moment = datetime.combine(day, time.max)
    else:
        moment = datetime.fromisoformat(text)
    if moment.year < EARLIEST:
        raise ValueError("no record is so old")
    aware = moment if timezone.is_aware(moment) else timezone.make_aware(moment)
    if aware > timezone.now():
        raise NotYet(text)
    return aware


class KnownQuery(Query):
    """A query over the tables as they were. Within another of the same moment, that one's tables serve for both."""

    known_at: datetime

    def get_compiler(self, *args: Any, **kwargs: Any) -> Any:
        compiler = super().get_compiler(*args, **kwargs)
        plain = compiler.as_sql

        def as_sql(*args: Any, **kwargs: Any) -> tuple[str, Any]:
            if _within.get() == self.known_at:
                return plain(*args, **kwargs)  # type: ignore[no-any-return]
            token = _within.set(self.known_at)
            try:
                sql, params = plain(*args, **kwargs)
            finally:
                _within.reset(token)
            return _tables_then(sql, self.known_at, compiler.connection) + sql, params

        compiler.as_sql = as_sql
        # PostgreSQL knows no primary key of what stands in WITH, so grouping names every column that is selected.
        compiler.collapse_group_by = lambda expressions, having: expressions
        return compiler


def _tables_then(sql: str, moment: datetime, connection: Any) -> str:
    """The WITH for what `sql` names; empty where no table of record is among it."""
    named = [model for model in _of_record() if f'"{model._meta.db_table}"' in sql]
    if not named:
        return ""
    then = _PostgreSQL(moment) if connection.vendor == "postgresql" else _SQLite(moment)
    tables = (
        f'"{one._meta.db_table}" AS NOT MATERIALIZED ({then.table(one, sql, connection)})' for one in named
    )
    return f"WITH {', '.join(tables)} "


@cache
def _of_record() -> list[type[models.Model]]:
    """The models whose rows were entered or changed at a moment that is known."""
    upper = [apps.get_app_config(app) for app in ("stations", "deputies", "visits", "suggestions")]
    found = [model for app in upper for model in app.get_models() if _has_beginning(model)]
    return [Area, *(model for model in found if model._meta.label_lower not in AS_TODAY)]


def _has_beginning(model: type[models.Model]) -> bool:
    return any(field.name == "created_at" for field in model._meta.concrete_fields)


@cache
def _changing(model: type[models.Model]) -> dict[str, models.Field]:
    """The columns that the record keeps former values of, by name."""
    if model is Area:  # a reference table; its record keeps whether an area is in use
        return {"active": Area._meta.get_field("active")}  # type: ignore[dict-item]
    if not issubclass(model, Recorded):
        return {}  # written once
    kept = {column for _, column in kept_columns(model)} - COLUMNS_AS_TODAY - set(model.SETTLED)
    return {field.column: field for field in model._meta.concrete_fields if field.column in kept}


class _Then:
    """One table as it was, as a SELECT of two parts: what has not changed since, and what has.

    All that goes into the SQL are names of models and the moment; nothing in it was ever typed by anybody.
    """

    main = ""  # how a real table is named where its name stands for another
    zone = ""  # what is added to a time in UTC, which `was` and SQLite have without saying so

    def __init__(self, moment: datetime) -> None:
        self.moment = f"'{moment.astimezone(UTC).replace(tzinfo=None)}{self.zone}'"

    def table(self, model: type[models.Model], sql: str, connection: Any) -> str:
        """The table of `model` for `sql`; columns that it does not name are as they are today."""
        table, key = model._meta.db_table, str(model._meta.pk.column)  # type: ignore[union-attr]
        label = model._meta.label_lower
        changing = {name: field for name, field in _changing(model).items() if f'"{name}"' in sql}
        columns = [field.column for field in model._meta.concrete_fields]
        if _has_beginning(model):
            born = f't."created_at" <= {self.moment}'
        else:  # known by the entry of its beginning; what has none was there before
            born = f"NOT EXISTS ({self._entries(label, f't.{key}')} AND e.action = '{label}.enter')"
        source = f'{self.main}"{table}" t'
        as_it_is = ", ".join(f't."{name}"' for name in columns)
        same = f"SELECT {as_it_is} FROM {source} WHERE {born}"  # noqa: S608
        if not changing:
            return same
        former = ", ".join(
            f'{self._former(label, key, changing[name], connection)} AS "{name}"'
            if name in changing
            else f't."{name}"'
            for name in columns
        )
        changed = (
            f"SELECT {self._key('e.object_id', label)} FROM {self._audit} WHERE e.object_type = '{label}' "  # noqa: S608
            f"AND e.at > {self.moment} AND e.was IS NOT NULL"
        )
        return (
            f"{same} AND NOT EXISTS ({self._entries(label, f't.{key}')} AND e.was IS NOT NULL) "  # noqa: S608
            f"UNION ALL SELECT {former} FROM {source}{self._beside(label, key)} WHERE {born} AND t.{key} IN ({changed})"
        )

    @property
    def _audit(self) -> str:
        return f'{self.main}"{AuditEntry._meta.db_table}" e'

    def _entries(self, label: str, key: str, what: str = "1", beside: str = "") -> str:
        """Of one row, the entries since the moment."""
        return (
            f"SELECT {what} FROM {self._audit}{beside} WHERE e.object_type = '{label}' "  # noqa: S608
            f"AND e.object_id = CAST({key} AS varchar(40)) AND e.at > {self.moment}"
        )

    def _key(self, text: str, label: str) -> str:
        raise NotImplementedError

    def _beside(self, label: str, key: str) -> str:
        """What is joined to each changed row."""
        return ""

    def _former(self, label: str, key: str, field: models.Field, connection: Any) -> str:
        """The value of a column at the moment: what the first change since then found there."""
        raise NotImplementedError


class _PostgreSQL(_Then):
    zone = "+00"

    def _key(self, text: str, label: str) -> str:
        return f"CASE WHEN e.object_type = '{label}' THEN CAST({text} AS bigint) END"

    def _beside(self, label: str, key: str) -> str:
        # Of several values for a column the last one stays: that of the first change.
        merged = "jsonb_object_agg(one.key, one.value ORDER BY e.at DESC, e.id DESC) AS values"
        entries = self._entries(label, f"t.{key}", merged, ", jsonb_each(e.was) one")
        return f" CROSS JOIN LATERAL ({entries} AND e.was IS NOT NULL) was"

    def _former(self, label: str, key: str, field: models.Field, connection: Any) -> str:
        name = field.column
        zone = f" || '{self.zone}'" if isinstance(field, models.DateTimeField) else ""
        value = f"CAST(was.values ->> '{name}'{zone} AS {field.db_type(connection)})"
        return f"CASE WHEN was.values ? '{name}' THEN {value} ELSE t.\"{name}\" END"


class _SQLite(_Then):
    main = "main."

    def _key(self, text: str, label: str) -> str:
        return f"CAST({text} AS integer)"

    def _former(self, label: str, key: str, field: models.Field, connection: Any) -> str:
        # In a list of one, so that an empty value is not taken for none.
        name = field.column
        path = f"'$.{name}'"
        entries = self._entries(label, f"t.{key}", f"json_array(json_extract(e.was, {path}))")
        first = f"{entries} AND json_type(e.was, {path}) IS NOT NULL ORDER BY e.at, e.id LIMIT 1"
        value = f"json_extract(COALESCE(({first}), json_array(t.\"{name}\")), '$[0]')"
        return f"CAST({value} AS numeric)" if isinstance(field, models.DecimalField) else value
