"""Filters that every list shares."""

from collections.abc import Callable
from typing import Any

import django_filters as filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from liaison.accounts.models import Area

from .choices import AreaField, Pick, ThingField, areas_for
from .forms import plain_text
from .places import inside


class WholeNumberFilter(filters.NumberFilter):
    """A count, or the id of a row: no more than a column of either database holds."""

    field_class = forms.IntegerField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, min_value=0, max_value=2**63 - 1, **kwargs)

    def get_max_validator(self) -> None:
        """The field has its own."""


class KeyField(forms.CharField):
    """The key of a thing. What is no key is looked up like in a form; what is not found holds nothing."""

    widget = Pick

    def __init__(self, *, field: ThingField, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.field, self.widget.field, self.widget.url = field, field, field.widget.url  # type: ignore[attr-defined]

    def to_python(self, value: Any) -> str:
        typed = plain_text(super().to_python(value) or "")
        try:
            found = self.field.to_python(typed)
        except ValidationError:
            return typed
        return self.field.key_of(found) if found is not None else ""


class ThingFilter(filters.CharFilter):
    """A filter by the key of a thing that the asking post may see: chosen on the page, written in REST."""

    field_class = KeyField

    def __init__(
        self,
        *args: Any,
        kind: type[ThingField],
        things: Callable[[Any], QuerySet[Any]],
        url: Callable[[], str] = lambda: "",
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.kind, self.things, self.url = kind, things, url

    @property
    def field(self) -> Any:
        if not hasattr(self, "_field"):
            field = self.kind()
            field.empty_label = "全部"
            field.offer(self.things(getattr(getattr(self.parent, "request", None), "post", None)), self.url())
            self.extra["field"] = field
        return super().field

    def filter(self, rows: Any, value: str | None) -> Any:
        """What names none of the things holds nothing."""
        if not value:
            return rows
        thing = self.field.field.by_key(value)
        if thing is None:
            return rows.none()
        found = rows.filter(**{self.field_name: thing})
        return found.distinct() if self.distinct else found


class AreaFilter(ThingFilter):
    """An area by its code or name, and everything below it.

    One that the caller does not see holds nothing, like one that does not exist.
    """

    def __init__(self, path: str = "area_path", **kwargs: Any) -> None:
        kwargs.setdefault("label", "区划")
        super().__init__(kind=AreaField, things=self.townships_and_above, **kwargs)
        self.path = path

    @staticmethod
    def townships_and_above(post: Any) -> QuerySet[Any]:
        """Villages would make every select too long; their codes can be written all the same."""
        return areas_for(post).exclude(level=Area.Level.COMMUNITY)

    def filter(self, rows: Any, value: str | None) -> Any:
        if not value:
            return rows
        seen = Area.objects.visible_to(getattr(self.parent.request, "post", None))
        area = seen.filter(code=value.ljust(12, "0")).first()
        return rows.filter(inside(area, self.path)) if area else rows.none()
