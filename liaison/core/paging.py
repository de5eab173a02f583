"""Keyset pages: the next page begins after the last row seen, so rows that come in meanwhile shift nothing.

The cost of a page does not grow with how far one has turned. One piece of code serves pages and REST.
"""

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import QueryDict

Whole = Callable[[QuerySet[Any]], QuerySet[Any]]

PAGE_SIZE = 50
MAX_PAGE_SIZE = 200


class BadCursor(ValueError):
    """The page address was not made by us."""


@dataclass
class Page:
    """Rows of one page. `next` and `previous` are query strings ("?…") or empty; `count` only where it was asked for."""

    rows: list[Any] = field(default_factory=list)
    next: str = ""
    previous: str = ""
    count: int | None = None

    def __iter__(self) -> Any:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


def keyset_page(
    queryset: QuerySet[Any],
    order: tuple[str, ...],
    query: QueryDict,
    *,
    size: int = PAGE_SIZE,
    count: bool = False,
    whole: Whole | None = None,
) -> Page:
    """The page of `queryset` that `query` asks for with `cursor`, in the total order `order` (last: a unique field).

    Order fields belong to the model itself and hold no NULL. `whole` as in `first_rows`. Raises BadCursor.
    """
    total = queryset.count() if count else None
    backwards, values = _read_cursor(query.get("cursor", ""), queryset, order)
    start, queryset = queryset, queryset.order_by(*(_flip(order) if backwards else order))
    if values is not None:
        queryset = queryset.filter(_beyond(order, values, backwards))
    rows = first_rows(queryset, size + 1, whole)
    if backwards and not rows:  # what came before has gone: this is the first page now
        first = query.copy()
        del first["cursor"]
        return keyset_page(start, order, first, size=size, count=count, whole=whole)
    more, rows = len(rows) > size, rows[:size]
    if backwards:
        rows.reverse()
    page = Page(rows, count=total)
    if rows and (more or backwards):
        page.next = _address(query, "n", rows[-1], order)
    if rows and (more if backwards else values is not None):
        page.previous = _address(query, "p", rows[0], order)
    return page


def first_rows(queryset: QuerySet[Any], most: int, whole: Whole | None = None) -> list[Any]:
    """The first rows of an ordered queryset.

    With `whole` their keys are read first, and then these rows alone, with the joins and annotations that it adds: for
    lists of long tables with so many joins (eight and more) that PostgreSQL would join the whole table before it looks
    who may see what.
    """
    if whole is None:
        return list(queryset[:most])
    keys = list(queryset.values_list("pk", flat=True)[:most])
    rows = whole(queryset.model._default_manager.all()).in_bulk(keys)
    return [rows[key] for key in keys if key in rows]


def _flip(order: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name[1:] if name.startswith("-") else f"-{name}" for name in order)


def _beyond(order: tuple[str, ...], values: list[Any], backwards: bool) -> Q:
    """(a, b) after (x, y): a > x, or a = x and b > y. The bound on the first field lets its index be used."""
    condition = Q()
    equal = Q()
    for ordered, value in zip(order, values, strict=True):
        down, name = ordered.startswith("-") != backwards, ordered.lstrip("-")
        condition |= equal & Q(**{f"{name}__{'lt' if down else 'gt'}": value})
        equal &= Q(**{name: value})
    first, down = order[0].lstrip("-"), order[0].startswith("-") != backwards
    return Q(**{f"{first}__{'lte' if down else 'gte'}": values[0]}) & condition


def _address(query: QueryDict, way: str, row: Any, order: tuple[str, ...]) -> str:
    values = []
    for name in order:
        model_field = row._meta.get_field(name.lstrip("-") if name.lstrip("-") != "pk" else row._meta.pk.name)
        values.append(model_field.value_to_string(row))
    raw = json.dumps([way, *values], ensure_ascii=False, separators=(",", ":"))
    copy = query.copy()
    copy["cursor"] = base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")
    return f"?{copy.urlencode()}"


def _read_cursor(
    cursor: str, queryset: QuerySet[Any], order: tuple[str, ...]
) -> tuple[bool, list[Any] | None]:
    if not cursor:
        return False, None
    try:
        way, *raw = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if way not in ("n", "p") or len(raw) != len(order) or any(v is None or "\0" in str(v) for v in raw):
            raise BadCursor
        meta = queryset.model._meta
        names = [name.lstrip("-") for name in order]
        values = [
            (meta.pk if name == "pk" else meta.get_field(name)).to_python(value)  # type: ignore[union-attr]
            for name, value in zip(names, raw, strict=True)
        ]
    except (ValueError, TypeError, OverflowError, RecursionError, ValidationError) as error:
        raise BadCursor("这个页码地址不对，请回到第一页。") from error
    return way == "p", values


def in_chunks(queryset: QuerySet[Any], order: tuple[str, ...], *, size: int) -> Iterator[Any]:
    """All rows in the total order `order` (last: a unique field; no NULL), read `size` at a time by key.

    Memory stays flat, and no cursor stays open meanwhile: SQLite lets nobody write behind one.
    """
    ordered, last = queryset.order_by(*order), None
    while True:
        rows = ordered if last is None else ordered.filter(_beyond(order, last, backwards=False))
        found = list(rows[:size])
        yield from found
        if len(found) < size:
            return
        last = [_of(found[-1], name.lstrip("-")) for name in order]


def _of(row: Any, name: str) -> Any:
    return reduce(getattr, name.split("__"), row)


def page_for(
    request: Any,
    queryset: QuerySet[Any],
    order: tuple[str, ...],
    *,
    size: int = PAGE_SIZE,
    whole: Whole | None = None,
) -> Page:
    """The page a person asked for. A broken address shows the first page; a count only with `count=1`.

    Addresses carry the path, so that a list shown inside another page turns its own pages.
    """
    query = request.GET.copy()
    try:
        counted = query.get("count") == "1"
        page = keyset_page(queryset, order, query, size=size, count=counted, whole=whole)
    except BadCursor:
        query.pop("cursor", None)
        page = keyset_page(queryset, order, query, size=size, whole=whole)
    page.next = page.next and request.path + page.next
    page.previous = page.previous and request.path + page.previous
    return page
