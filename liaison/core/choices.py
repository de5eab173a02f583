"""One thing out of many: a select where they are few, words to type where they are many."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.functional import cached_property

from liaison.accounts.models import Area, AreaQuerySet

from .forms import plain_text

FEW = 60  # a longer select is no longer read, but scrolled through
OFFERED = 20


class Pick(forms.TextInput):
    """A select, or a text field with words to choose from. Which of them is decided when it is drawn."""

    input_type = "search"
    template_name = "django/forms/widgets/combobox.html"
    field: "ThingField"
    url = ""  # answers <option>s for what is typed

    @cached_property
    def many(self) -> bool:
        return bool(self.field.things[: FEW + 1].count() > FEW)

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        return super().get_context(name, value, {"autocomplete": "off"} | (attrs or {})) | {"url": self.url}

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> Any:
        if self.many:
            return super().render(name, value, attrs, renderer)
        choices = [(self.field.key_of(thing), self.field.label_of(thing)) for thing in self.field.things]
        select = forms.Select(choices=[("", self.field.empty_label), *choices])
        return select.render(name, value, attrs, renderer)


class ThingField(forms.Field):
    """One of `things`. A subclass says by which key it is known, what it is called and how it is found."""

    key = "pk"
    unknown = "没有找到“{typed}”，请检查，或换一个叫法。"
    widget = Pick
    empty_label = "请选择"
    things: QuerySet[Any]

    def offer(self, things: QuerySet[Any], url: Any = "") -> None:
        """Choose among these. `url` answers words for what is typed, where there are many."""
        self.things = things
        self.widget.field, self.widget.url = self, url  # type: ignore[attr-defined]

    def words(self, thing: Any) -> str:
        return str(thing)

    def key_of(self, thing: Any) -> str:
        return str(getattr(thing, self.key))

    def label_of(self, thing: Any) -> str:
        return self.words(thing)

    def full_words(self, thing: Any) -> str:
        """What a person chooses among many: the name with the key behind it, since names repeat."""
        return f"{self.words(thing)}（{self.key_of(thing)}）"

    def search(self, things: QuerySet[Any], typed: str) -> QuerySet[Any]:
        raise NotImplementedError

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, int) and not isinstance(value, bool):
            value = self.things.model._default_manager.filter(pk=value).first()
        if hasattr(value, "_meta"):
            drawn: Any = self.widget
            return self.full_words(value) if drawn.many else self.key_of(value)
        return value

    def to_python(self, value: Any) -> Any:
        if value in self.empty_values:
            return None
        typed = plain_text(str(value))[:200]
        behind = re.search(r"（([^（）]+)）$", typed)
        for key in [typed, *([behind[1]] if behind else [])]:
            if (found := self.by_key(key)) is not None:
                return found
        hits = list(self.search(self.things, typed)[: OFFERED + 1]) if typed else []
        exact = [thing for thing in hits if self.words(thing) == typed]
        if len(hits) == 1 or len(exact) == 1:
            return (exact or hits)[0]
        if not hits:
            raise ValidationError(self.unknown.format(typed=typed), code="unknown")
        some = "、".join(self.full_words(thing) for thing in hits[:4])
        more = "等" if len(hits) > 4 else ""
        raise ValidationError(f"“{typed}”不止一个：{some}{more}。请写全，或写括号里的编号。", code="several")

    def by_key(self, key: str) -> Any:
        try:
            return self.things.filter(**{self.key: key}).first()
        except (ValueError, OverflowError):
            return None

    def options_for(self, typed: str) -> list[str]:
        return [
            self.full_words(thing) for thing in self.search(self.things, plain_text(typed)[:50])[:OFFERED]
        ]


class AreaField(ThingField):
    """An area by its code, of which the zeros at the end may be left out, or by name."""

    key = "code"
    unknown = "没有找到区划“{typed}”，请写名称或代码。"

    def words(self, thing: Any) -> str:
        return str(thing.name)

    def search(self, things: QuerySet[Any], typed: str) -> QuerySet[Any]:
        named = Q(name__contains=typed) | Q(full_name__contains=typed) | Q(code__startswith=typed)
        return things.filter(named).order_by("path")

    def full_words(self, thing: Any) -> str:
        low = thing.level in (Area.Level.TOWNSHIP, Area.Level.COMMUNITY)
        above = thing.parent.name if low and thing.parent else ""
        return f"{above}{thing.name}（{thing.code}）"

    def by_key(self, key: str) -> Any:
        if not (key.isascii() and key.isdigit() and len(key) in (2, 4, 6, 9, 12)):
            return None
        return super().by_key(key.ljust(12, "0"))


def areas_for(post: Any) -> AreaQuerySet:
    """The areas that may be chosen: in use, in one's own area."""
    return Area.objects.visible_to(post).filter(active=True).select_related("parent").order_by("path")


def offer_words(
    request: HttpRequest, things: Mapping[str, Callable[[], tuple[ThingField, QuerySet[Any]]]]
) -> HttpResponse:
    """Words for a combobox, while one types: `?field=station&station=南关`. `things`: by the name of the field."""
    name = request.GET.get("field", "")
    if name not in things:
        raise Http404
    field, rows = things[name]()
    field.things = rows
    return TemplateResponse(
        request, "ui/options.html", {"options": field.options_for(request.GET.get(name, ""))}
    )
