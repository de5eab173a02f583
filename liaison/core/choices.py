"""One thing out of many: a select where they are few, words to type where they are many."""

import re
from collections.abc import Callable
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet

from liaison.accounts.models import Area, AreaQuerySet

from .forms import plain_text
from .places import inside

FEW = 60  # a longer select is no longer read, but scrolled through
OFFERED = 20


class Combobox(forms.TextInput):
    """A text field with words to choose from. htmx asks `url` for words that fit what is typed."""

    input_type = "search"
    template_name = "django/forms/widgets/combobox.html"
    url = ""
    options: tuple[str, ...] = ()

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        return context | {"url": self.url, "options": self.options}


class ThingField(forms.ModelChoiceField):
    """A ModelChoiceField that does not list thousands. A subclass says what a thing is called and how it is found."""

    key = "pk"
    unknown = "没有找到“{typed}”，请检查，或换一个叫法。"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=None, to_field_name=self.key, **kwargs)

    def words(self, thing: Any) -> str:
        return str(thing)

    def key_of(self, thing: Any) -> str:
        return str(getattr(thing, self.key))

    def search(self, things: QuerySet[Any], typed: str) -> QuerySet[Any]:
        raise NotImplementedError

    def label_from_instance(self, thing: Any) -> str:
        return self.words(thing)

    def full_words(self, thing: Any) -> str:
        """What a person chooses among many: the name with the key behind it, since names repeat."""
        return f"{self.words(thing)}（{self.key_of(thing)}）"

    def offer(self, things: QuerySet[Any], url: str = "") -> None:
        """Choose among these. `url` answers `<option>`s for what is typed, where there are many."""
        if things[: FEW + 1].count() > FEW:
            widget = Combobox(attrs={"autocomplete": "off"})
            widget.url = url
            widget.is_localized = self.localize
            widget.is_required = self.required
            self.widget = widget
        self.queryset = things

    @property
    def many(self) -> bool:
        return isinstance(self.widget, Combobox)

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, int) and not isinstance(value, bool):
            value = self.queryset.model._default_manager.filter(pk=value).first()
        if hasattr(value, "_meta"):
            return self.full_words(value) if self.many else self.key_of(value)
        return value

    def to_python(self, value: Any) -> Any:
        if value in self.empty_values:
            return None
        if hasattr(value, "_meta"):
            value = self.key_of(value)
        typed = plain_text(str(value))[:200]
        behind = re.search(r"（([^（）]+)）$", typed)
        for key in [typed, *([behind[1]] if behind else [])]:
            if (found := self.by_key(key)) is not None:
                return found
        hits = list(self.search(self.queryset, typed)[: OFFERED + 1]) if typed else []
        exact = [thing for thing in hits if self.words(thing) == typed]
        if len(hits) == 1 or len(exact) == 1:
            return (exact or hits)[0]
        if not hits:
            raise ValidationError(self.unknown.format(typed=typed), code="invalid_choice")
        some = "、".join(self.full_words(thing) for thing in hits[:4])
        raise ValidationError(
            f"“{typed}”不止一个：{some}{'等' if len(hits) > 4 else ''}。请写全，或写括号里的编号。",
            code="several",
        )

    def by_key(self, key: str) -> Any:
        try:
            return self.queryset.filter(**{self.key: key}).first()
        except (ValueError, TypeError, OverflowError):
            return None

    def options_for(self, typed: str) -> list[str]:
        return [
            self.full_words(thing) for thing in self.search(self.queryset, plain_text(typed)[:50])[:OFFERED]
        ]


class AreaField(ThingField):
    """An area by its code (short or of 12 digits) or name."""

    key = "code"

    def words(self, thing: Any) -> str:
        return thing.name

    def search(self, things: QuerySet[Any], typed: str) -> QuerySet[Any]:
        return things.filter(
            Q(name__contains=typed) | Q(full_name__contains=typed) | Q(code__startswith=typed)
        ).order_by("path")

    def full_words(self, thing: Any) -> str:
        above = (
            thing.parent.name
            if thing.parent and thing.level in (Area.Level.TOWNSHIP, Area.Level.COMMUNITY)
            else ""
        )
        return f"{above}{thing.name}（{thing.code}）"

    def by_key(self, key: str) -> Any:
        if not (key.isascii() and key.isdigit() and len(key) in (2, 4, 6, 9, 12)):
            return None
        return super().by_key(key.ljust(12, "0"))


def areas_for(post: Any) -> AreaQuerySet:
    """The areas that may be chosen in a form: in use, in one's own area."""
    return Area.objects.visible_to(post).filter(active=True).select_related("parent").order_by("path")


class ThingFilter(django_filters.Filter):
    """A filter by a thing that the asking post may see."""

    field_class: type[ThingField] = ThingField

    def __init__(
        self,
        *args: Any,
        things: Callable[[Any], QuerySet[Any]],
        url: Callable[[], str] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.things, self.url = things, url

    @property
    def field(self) -> Any:
        field = super().field
        if field.queryset is None:
            request = getattr(self.parent, "request", None)
            field.empty_label = "全部"
            field.offer(self.things(getattr(request, "post", None)), str(self.url()) if self.url else "")
        return field


class AreaFilter(ThingFilter):
    """Rows inside an area, by the path that stands on the row."""

    field_class = AreaField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label", "区划")
        kwargs.setdefault("field_name", "area_path")
        super().__init__(
            *args, things=lambda post: areas_for(post).exclude(level=Area.Level.COMMUNITY), **kwargs
        )

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        return qs.filter(inside(value, self.field_name)) if value else qs
