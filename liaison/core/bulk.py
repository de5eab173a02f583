"""What `enter` and `amend` do for one record, done for many at once: the rows, their versions, their audit entries.

For imports. The caller has given the rows what their `enter` would have given them: area, number, level, sound of a name.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import models, transaction

from liaison.accounts.models import Post

from .audit import AuditEntry
from .workflow import Recorded

BATCH = 1000
FEW = 200  # rows of one UPDATE: it names every row for every field


def enter_all(things: Iterable[Recorded], *, by: Post | None, note: str = "", deed: str = "enter") -> None:
    """Save new things of one model and record that each was entered. Call it inside the transaction of the deed."""
    rows = list(things)
    if not rows:
        return
    _refuse_outside_transaction()
    type(rows[0])._base_manager.bulk_create(rows, batch_size=BATCH)
    AuditEntry.objects.record_many(rows, deed, by=by, note=note)


def amend_all(
    changes: Sequence[tuple[Any, dict[str, Any]]],
    *,
    by: Post | None,
    note: str = "",
    deed: str = "amend",
    data: Mapping[int, dict[str, Any]] | None = None,
) -> None:
    """Correct fields of things of one model: each gets its version and its entry.

    `data`, by the key of a thing, goes into its entry beside the changed fields.

    The caller has read the rows under a lock (`select_for_update`) in this transaction, so nobody changes them between.
    """
    if not changes:
        return
    _refuse_outside_transaction()
    entries = []
    for thing, fields in changes:
        told = {
            name: [thing._told(name, getattr(thing, name)), thing._told(name, value)]
            for name, value in fields.items()
        }
        before = thing.columns_now()
        for name, value in fields.items():
            setattr(thing, name, value)
        thing.version += 1
        told |= (data or {}).get(thing.pk, {})
        was = thing.changed_since(before)
        entries.append(AuditEntry.objects.draft(thing, deed, by=by, note=note, data=told, was=was))
    names = sorted({name for _, fields in changes for name in fields} | {"version"})
    rows = [thing for thing, _ in changes]
    type(rows[0])._base_manager.bulk_update(rows, names, batch_size=FEW)
    AuditEntry.objects.bulk_create(entries, batch_size=BATCH)


def _refuse_outside_transaction() -> None:
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("rows and their record stand together")


def locked(rows: models.QuerySet[Any]) -> models.QuerySet[Any]:
    """The rows, held until the transaction ends."""
    return rows.select_for_update(of=("self",), no_key=True)
