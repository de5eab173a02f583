"""Steps: checked, locked and logged in one place.

An app writes what may happen as a table (`FLOW`), and one method for each row. `@step` does the rest: it asks whether
the acting post may do it, whether the thing is in a state that allows it, whether the page it came from was fresh; it
lets exactly one of two who act at once succeed, and writes the record in the same transaction.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache, wraps
from typing import Any, ClassVar, Self

from django.db import models, transaction
from django.db.models import F
from django.utils import timezone

from liaison.accounts.models import Post

from .audit import AuditEntry


class NotAllowed(Exception):
    """A deed that the rules refuse. The text is a sentence for the person who tried."""


class Stale(NotAllowed):
    """Somebody else changed the thing since the page was opened."""


@dataclass(frozen=True)
class Step:
    """A row of a workflow table: what it is called, who may, from which states, to which (None: state stays)."""

    label: str
    roles: tuple[str, ...]
    sources: tuple[str, ...]
    target: str | None


class Recorded(models.Model):
    """Something of record: every change is versioned and written down. Nothing is deleted."""

    PRIVATE_FIELDS: ClassVar[tuple[str, ...]] = ()  # changed values that the record does not repeat
    WITHOUT_POST: ClassVar[str] = "系统"  # who acts, in the words of the record, where nobody's post does

    # For figures as known on a day: columns that never change, and such as are kept beside those of `kept_columns`.
    SETTLED: ClassVar[tuple[str, ...]] = ()
    COUNTED: ClassVar[tuple[str, ...]] = ()

    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField("登记时间", default=timezone.now, editable=False)

    class Meta:
        abstract = True

    def enter(self, *, by: Post | None, note: str = "", data: dict[str, Any] | None = None) -> Self:
        """Save a new thing and record that it was entered."""
        with transaction.atomic(savepoint=False):  # one deed: it stands or falls with what it is part of
            self.save(force_insert=True)
            AuditEntry.objects.record(
                self, "enter", by=by, note=note, after=getattr(self, "state", ""), data=data
            )
        return self

    def amend(
        self,
        *,
        by: Post | None,
        version: int | None = None,
        note: str = "",
        deed: str = "amend",
        actor: str = "",
        data: dict[str, Any] | None = None,
        **fields: Any,
    ) -> bool:
        """Correct fields; False where nothing differs. `version` is that of the page the correction was made on.

        `data` goes into the record beside the changed fields. `actor` says who acts where no post does and it is not who WITHOUT_POST says.
        """
        with self._held():
            self._refuse_if_stale(version)
            changed = {name: value for name, value in fields.items() if getattr(self, name) != value}
            if not changed:
                return False
            told = {
                name: [self._told(name, getattr(self, name)), self._told(name, value)]
                for name, value in changed.items()
            }
            before = self.columns_now()
            for name, value in changed.items():
                setattr(self, name, value)
            self._claim()
            self.save()
            AuditEntry.objects.record(
                self,
                deed,
                by=by,
                note=note,
                data=told | (data or {}),
                was=self.changed_since(before),
                actor=actor,
            )
        return True

    def mark(
        self, deed: str, *, by: Post | None, version: int | None = None, note: str = "", data: Any = None
    ) -> None:
        """Record a change that lies beside the fields of this row (a photo, a person): version and entry, as for any."""
        with self._held():
            self._refuse_if_stale(version)
            self._claim()
            AuditEntry.objects.record(self, deed, by=by, note=note, data=data)

    @contextmanager
    def _held(self) -> Iterator[None]:
        """The row as it is now, held until the deed is done. A refused deed leaves this object as it leaves the row."""
        # PostgreSQL needs the lock; SQLite, whose transactions begin by writing, has it already. Not the key: rows
        # that point here may come in meanwhile.
        rows = type(self)._base_manager.select_for_update(of=("self",), no_key=True)
        try:
            with transaction.atomic():
                self.refresh_from_db(from_queryset=rows)
                yield
        except NotAllowed:
            self.refresh_from_db()
            raise

    def _claim(self) -> None:
        """Compare and set: of two that act on the same version one gets the row, whatever the database locks."""
        rows = type(self)._base_manager.filter(pk=self.pk, version=self.version)
        if rows.update(version=F("version") + 1) != 1:
            raise self.stale()
        self.version += 1

    def columns_now(self) -> dict[str, Any]:
        """What the row says now in the columns that figures count by (`kept_columns`), each as JSON has it."""
        values = self.__dict__
        return {column: _plain(values[name]) for name, column in kept_columns(type(self)) if name in values}

    def changed_since(self, before: dict[str, Any]) -> dict[str, Any]:
        """Of the columns of an earlier `columns_now` those that have changed since, with their values of then."""
        now = self.columns_now()
        was = {column: value for column, value in before.items() if now[column] != value}
        if settled := set(was) & set(self.SETTLED):
            raise ValueError(f"{self._meta.label}: {', '.join(sorted(settled))} never changes")
        return was

    def _told(self, name: str, value: Any) -> Any:
        """What the record says of a value: nothing where the field is private."""
        if name in self.PRIVATE_FIELDS:
            return "（不记录内容）"
        if isinstance(value, list | tuple | models.QuerySet):
            return [self._told(name, one) for one in value]
        return str(value) if isinstance(value, models.Model) else value

    def _refuse_if_stale(self, version: int | None) -> None:
        if version is not None and version != self.version:
            raise self.stale()

    def stale(self) -> Stale:
        last = AuditEntry.objects.of(self).select_related("post__user").first()
        if last is None:
            return Stale("这条记录刚被改过。看看改了什么，再决定是否保存。")
        when = timezone.localtime(last.at)
        day = "" if when.date() == timezone.localdate() else f"{when:%-m月%-d日} "
        who = last.post.user.name if last.post else last.actor
        return Stale(f"{who} {day}{when:%H:%M} 改过这条记录。看看改了什么，再决定是否保存。")


@cache
def kept_columns(model: type[Recorded]) -> tuple[tuple[str, str], ...]:
    """Attribute and column of what the record keeps the former values of, generously what a figure can count by.

    Days and times, numbers, marks out of a list, what the row points to, and where it lies. Free text counts nothing
    and may be personal: it stays out, and so do PRIVATE_FIELDS.
    """
    counted = (
        models.DateField,
        models.BooleanField,
        models.IntegerField,
        models.DecimalField,
        models.ForeignKey,
    )
    return tuple(
        (field.attname, str(field.column))
        for field in model._meta.concrete_fields
        if (isinstance(field, counted) or field.choices or field.name in ("area_path", *model.COUNTED))
        and not field.primary_key
        and field.name not in ("version", "created_at", *model.PRIVATE_FIELDS)
    )


def _plain(value: Any) -> Any:
    """A value as JSON; a time as SQLite writes it, in UTC without saying so."""
    match value:
        case datetime():
            return str(value.astimezone(UTC).replace(tzinfo=None))
        case date() | Decimal():
            return str(value)
        case None | bool() | int():
            return value
        case _:
            return str(value)


class Voidable(Recorded):
    """An entry that can turn out to be wrong: it then counts nowhere, stays readable, and can be put back."""

    voided_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        abstract = True

    def void(self, *, by: Post, note: str, version: int | None = None) -> None:
        """Take a wrong entry out of all figures."""
        if not note:
            raise NotAllowed("请写明作废的原因。")
        with self._held():
            self._refuse_if_stale(version)
            if self.voided_at is not None:
                raise NotAllowed(f"{self}已经作废，不用再作废。")
            self.amend(by=by, note=note, deed="void", voided_at=timezone.now())

    def restore(self, *, by: Post, note: str = "", version: int | None = None) -> None:
        self.amend(by=by, version=version, note=note, deed="restore", voided_at=None)


class Moving(Recorded):
    """Something with a life of its own, moved along its FLOW."""

    FLOW: ClassVar[dict[str, Step]] = {}

    class Meta:
        abstract = True

    def refusal(self, name: str, by: Post) -> str:
        """Why `by` may not take this step now; empty where it may."""
        row = self.FLOW[name]
        if by.role not in row.roles:
            return f"{by.get_role_display()}岗位不能{row.label}。"
        return self._state_refusal(row)

    def _state_refusal(self, row: Step) -> str:
        if self.state not in row.sources:  # type: ignore[attr-defined]
            return f"“{self}”现在是“{self.get_state_display()}”，不能{row.label}。"  # type: ignore[attr-defined]
        return ""

    def open_steps(self, by: Post | None) -> dict[str, Step]:
        """The steps open to `by` now, in the order of the table: the buttons of a page, `steps` in REST."""
        if by is None:
            return {}
        return {name: row for name, row in self.FLOW.items() if not self.refusal(name, by)}


def step(method: Callable[..., Callable[[], Any] | None]) -> Callable[..., None]:
    """Turn a model method into a checked, locked and logged move along the model's FLOW.

    The caller has fetched the thing through `visible_to`, so what is out of sight never comes here. A method may give
    back what follows from the step; it is done once the step stands, in the same transaction.

    `follows` is for what one step brings about in another thing (a department accepts: the request is being handled).
    Nobody's role is asked then: a row without roles is never anybody's button. No form and no program can send it.
    """
    name = method.__name__

    @wraps(method)
    def move(
        self: Any,
        *,
        by: Post | None,
        note: str = "",
        version: int | None = None,
        follows: bool = False,
        **data: Any,
    ) -> None:
        row = self.FLOW[name]
        with self._held():
            if refusal := self._state_refusal(row) if follows else self.refusal(name, by):
                raise NotAllowed(refusal)
            self._refuse_if_stale(version)
            self._claim()
            before, columns = self.state, self.columns_now()
            then = method(self, by=by, note=note, **data)
            self.state = row.target or before
            self.save()
            told = {key: self._told(key, value) for key, value in data.items()}
            was = self.changed_since(columns)
            AuditEntry.objects.record(
                self, name, by=by, note=note, before=before, after=self.state, data=told, was=was
            )
            if then is not None:
                then()

    move.is_step = True  # type: ignore[attr-defined]
    return move
