"""What an exported list consists of: its rows in sight, its filter, its columns."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from types import SimpleNamespace
from typing import Any, ClassVar

import django_filters
from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone

from deputies.models import Deputy, DeputyGroup, Mandate
from deputies.proposals.models import AssignmentProposal
from liaison.accounts.models import Area, Post
from liaison.core.columns import Column, column
from liaison.core.filters import KeyField
from liaison.core.paging import in_chunks
from liaison.core.workflow import NotAllowed
from liaison.reports.forms import AskForm
from stations.models import Station

__all__ = ["Asked", "Column", "FormFilter", "Listing", "Whole", "WrongFilter", "column"]

CHUNK = 500
FREE = "（文字，不记录）"
WRONG = "筛选条件有不对的地方，没有导出。请回到列表改好再导出。"


class WrongFilter(NotAllowed):
    """What was filled in cannot be right, so nothing is exported."""


class Asked:
    """One list as one post asks for it: the filter with what was filled in, checked. Raises WrongFilter.

    `sent` are the fields of the filter with their values, as a form sends them; other fields are left out.
    """

    masked = True  # persons stand in lists masked, whoever asks

    def __init__(self, listing: "Listing", sent: dict[str, list[str]], post: Post) -> None:
        self.listing, self.post = listing, post
        query = QueryDict(mutable=True)
        for name, values in sent.items():
            query.setlist(name, values)
        self.filter: Any = listing.filter(query, listing.scope(post), request=SimpleNamespace(post=post))
        if not self.filter.is_valid():
            raise WrongFilter(WRONG)

    @property
    def rows(self) -> QuerySet[Any]:
        return self.listing.chosen(self)

    def read(self) -> Iterable[Any]:
        """All rows in the order of the list, a chunk in memory at a time."""
        return in_chunks(self.rows, self.listing.order, size=CHUNK)

    @property
    def on(self) -> date:
        """The day that the list speaks of."""
        return self.chosen("on") or self.chosen("open_on") or timezone.localdate()

    def chosen(self, name: str) -> Any:
        return self.filter.form.cleaned_data.get(name)

    @cached_property
    def stations_in_sight(self) -> set[int]:
        return set(Station.objects.visible_to(self.post).values_list("pk", flat=True))

    @property
    def period(self) -> str:
        """20260101至20260331, for the name of the file; empty where the list has no period."""
        days = [f"{day:%Y%m%d}" if (day := self.chosen(name)) else "" for name in ("first", "last")]
        return "至".join(days) if any(days) else ""

    def in_words(self, *, free: bool = True) -> str:
        """The filter as the page shows it: 从 2026年1月1日；类别 供暖. `free`: with texts that were typed freely."""
        said = []
        for name, field in self.filter.form.fields.items():
            value = self.filter.form.cleaned_data.get(name)
            if value not in (None, ""):
                said.append(f"{field.label} {self._word(name, field, value, free)}")
        return "；".join(said)

    def _word(self, name: str, field: forms.Field, value: Any, free: bool) -> str:
        if isinstance(value, date):
            return f"{value:%Y年%-m月%-d日}"
        if isinstance(value, bool):
            return "是" if value else "否"
        if isinstance(field, KeyField):
            thing = field.field.to_python(value)
            return field.field.words(thing) if thing else value
        if name in PLACES:
            return PLACES[name](self.post, value) or str(value)
        if isinstance(field, forms.ChoiceField) and not isinstance(field, forms.ModelChoiceField):
            return str(dict(field.choices).get(value, value))  # type: ignore[call-overload,arg-type]
        if isinstance(field, forms.CharField):
            return f"“{value}”" if free else FREE
        return str(value)


def _area(post: Post, code: Any) -> str:
    area = Area.objects.visible_to(post).filter(code=str(code).ljust(12, "0")).first()
    return area.full_name if area else ""


def _station(post: Post, code: Any) -> str:
    station = Station.objects.visible_to(post).filter(code=code).first()
    return station.name if station else ""


def _of(model: Any) -> Callable[[Post, Any], str]:
    return lambda post, pk: str(model.objects.visible_to(post).filter(pk=pk).first() or "")


PLACES: dict[str, Callable[[Post, Any], str]] = {
    "area": _area,
    "station": _station,
    "deputy": _of(Deputy),
    "mandate": _of(Mandate),
    "group": _of(DeputyGroup),
    "proposal": _of(AssignmentProposal),
}


class FormFilter:
    """Of a list whose page asks with a form, which also gives the `records`: that form."""

    asks: ClassVar[type[AskForm]]
    more: ClassVar[dict[str, Any]] = {}  # what the form wants to know besides
    base_filters: ClassVar[dict[str, forms.Field]]

    def __init_subclass__(cls) -> None:
        cls.base_filters = cls.asks.base_fields

    def __init__(self, query: QueryDict, rows: QuerySet[Any], *, request: Any) -> None:
        self.form: Any = self.asks(query, post=request.post, today=timezone.localdate(), **self.more)
        self.is_valid = self.form.is_valid

    @property
    def qs(self) -> QuerySet[Any]:
        return self.form.records()


class Whole(django_filters.FilterSet):
    """Of a list that has no filter."""


@dataclass(frozen=True)
class Listing:
    """A list that can be exported.

    `scope` are the rows in sight of a post; `filter` is that of the page and of REST. `chosen` makes of a checked
    filter the rows with all that the columns read; what many rows share (a station) is prefetched: made once for a
    chunk, it takes half the time of a join. `order` is total and holds no NULL; its last field is unique.
    """

    name: str
    title: str
    roles: Sequence[str]
    filter: type[django_filters.FilterSet | FormFilter]
    scope: Callable[[Post], QuerySet[Any]]
    columns: Sequence[Column]
    order: tuple[str, ...]
    chosen: Callable[[Asked], QuerySet[Any]] = lambda asked: asked.filter.qs

    def fields(self, sent: QueryDict) -> dict[str, list[str]]:
        """What was filled in of the filter; nothing else that a page may have sent."""
        known = self.filter.base_filters
        filled = {name: sent.getlist(name) for name in sent if name in known and any(sent.getlist(name))}
        # Half a character, which JSON can hold, is stored by no database.
        return {
            name: [value.encode(errors="replace").decode() for value in values]
            for name, values in filled.items()
        }
