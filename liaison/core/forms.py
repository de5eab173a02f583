"""How forms look here, and what is done to every text that comes in."""

import re
import unicodedata
import uuid
from collections.abc import Callable, Sequence
from datetime import date, time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.forms.renderers import TemplatesSetting

from .workflow import NotAllowed, Stale

MAX_TEXT = 5000


class Renderer(TemplatesSetting):
    form_template_name = "django/forms/div.html"
    field_template_name = "django/forms/field.html"


# Direction marks can make a text read otherwise than it is stored; the last two are no characters and break XML.
UNSEEN = re.compile("[\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]")


def plain_text(text: str) -> str:
    """Text without control characters (they break Excel files), with one kind of line break, nothing at the ends."""
    if text.isprintable():  # holds none of these, as most texts do
        return text.strip()
    text = UNSEEN.sub("", re.sub("\r\n|[\r\u2028\u2029]", "\n", text))
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs")).strip()


def clean_person_name(name: str) -> str:
    """A Chinese name of 2 to 15 characters, which may hold · and rare characters. Raises ValidationError."""
    name = re.sub(r"\s+", "", unicodedata.normalize("NFC", plain_text(name)))
    name = re.sub(r"[•‧∙・．]", "·", name)
    if not 2 <= len(name) <= 15:
        raise ValidationError("姓名应为 2 到 15 个字，请检查。")
    if not all(c == "·" or _is_letter(c) for c in name) or name.startswith("·") or name.endswith("·"):
        raise ValidationError("姓名里只能有汉字、字母和中间的“·”，请检查。")
    return name


def _is_letter(character: str) -> bool:
    """Planes 2 and 3 are all Han: the rarest ones are younger than Python's table of characters."""
    return unicodedata.category(character).startswith("L") or "\U00020000" <= character < "\U0003fffe"


WRONG_LENGTH = "手机号{}了 {} 位，请检查。"


def clean_phone(phone: str) -> str:
    """A mobile or fixed number as digits alone. Full-width digits, spaces, hyphens and +86 are taken in stride."""
    found = re.sub(r"[\s\-()（）—－]", "", unicodedata.normalize("NFKC", plain_text(phone)))
    found = re.sub(r"^(\+|00)86", "", found)
    if not found:
        return ""
    if not found.isascii() or not found.isdigit():
        raise ValidationError("电话里只能有数字，请检查。")
    if found.startswith("1") and len(found) != 11:
        raise ValidationError(WRONG_LENGTH.format("少" if len(found) < 11 else "多", abs(11 - len(found))))
    if not found.startswith("1") and not 7 <= len(found) <= 12:
        raise ValidationError("电话号码的位数不对，请检查。固定电话要带区号。")
    return found


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="%Y-%m-%d", **kwargs)


class TimeInput(forms.TimeInput):
    input_type = "time"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="%H:%M", **kwargs)


class PhotoField(forms.FileField):
    """One photo, sent as a file; what is taken is looked at by Attachment.objects.keep_photo."""

    def __init__(self, **more: Any) -> None:
        usual = {
            "label": "照片",
            "help_text": "JPG、PNG 或 WebP，不超过 10 MB。照片里的拍摄位置会去掉。",
            "widget": forms.FileInput(attrs={"accept": "image/*"}),
            "error_messages": {"empty": "这个文件是空的，请重新选一张照片。"},
        }
        super().__init__(**{**usual, **more})


class Tidy:
    """Mixed into every form: cleans texts, gives days and times their inputs, and creating forms their key."""

    creates = False
    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            self._tidy(field)
        if self.creates:
            self.fields["idem"] = forms.Field(
                widget=forms.HiddenInput, required=False, initial=lambda: str(uuid.uuid4())
            )

    def add_field(self, name: str, field: forms.Field) -> None:
        """A field that only this form has: which ones there are depends on what it is about."""
        self.fields[name] = field
        self._tidy(field)

    def _tidy(self, field: forms.Field) -> None:
        if field.error_messages.get("required") == forms.Field.default_error_messages["required"]:
            chosen = isinstance(field, forms.ChoiceField | forms.FileField)
            field.error_messages["required"] = "请选择。" if chosen else "请填写。"
        if isinstance(field, forms.DateField) and not isinstance(field.widget, forms.HiddenInput):
            field.widget = DateInput(attrs=field.widget.attrs)
        elif isinstance(field, forms.TimeField):
            field.widget = TimeInput(attrs=field.widget.attrs)
        elif type(field) is forms.CharField:
            self._tidy_text(field)

    def _tidy_text(self, field: forms.CharField) -> None:
        if field.max_length is None and isinstance(field.widget, forms.Textarea):
            field.max_length = MAX_TEXT
            field.widget.attrs.setdefault("maxlength", MAX_TEXT)
        clean = field.to_python
        field.validators = [v for v in field.validators if getattr(v, "code", "") != "max_length"]
        longest = field.max_length

        def to_python(value: Any) -> Any:
            text = plain_text(clean(value) or "")
            if longest is not None and len(text) > longest:
                raise ValidationError(
                    f"最多 {longest} 个字，现在有 {len(text)} 个，请缩短。", code="max_length"
                )
            return text

        field.to_python = to_python  # type: ignore[method-assign]


class Doing:
    """Mixed into every form: does what it asks for, and says in the form what the rules refuse."""

    refused = False
    outcome: Any = None  # what the deed returned
    differing: Sequence[
        tuple[str, str, str]
    ] = ()  # after somebody else's change: label, what is stored, what was sent

    def does(self: Any, deed: Callable[[], Any], *, field: str | None = None) -> bool:
        """Is the form right, and is the deed done? What was typed stays in the form where it is not.

        `field` is where a sentence belongs that the deed finds wrong. After somebody else's change the form takes the
        version of now, so that sending it again is a decision and not a mistake.
        """
        if not self.is_valid():
            return False
        try:
            with transaction.atomic():
                self.outcome = deed()
        except NotAllowed as error:
            self.refused = True
            self.add_error(None, str(error))
            if isinstance(error, Stale) and isinstance(getattr(self, "thing", None), models.Model):
                self.thing.refresh_from_db()
                self.data = self.data.copy()
                self.data[self.add_prefix("version")] = str(self.thing.version)
                self.differing = self._compared()
        except ValidationError as error:
            self.add_error(None if hasattr(error, "error_dict") else field, error)
        except IntegrityError:
            self.refused = True
            self.add_error(None, "刚刚有人登记了同样的内容，没有再登记。请回到列表看看。")
        return not self.errors

    def _compared(self) -> Sequence[tuple[str, str, str]]:
        return ()

    @property
    def status(self: Any) -> int:
        """The status of the page that shows the form: 200 fresh, 422 to be mended, 409 refused by the rules."""
        return 409 if self.refused else 422 if self.errors else 200


class HouseForm(Doing, Tidy, forms.Form):
    """A form that is not bound to one model."""


class HouseModelForm(Doing, Tidy, forms.ModelForm):
    """A form over a model's fields. It never saves: the view hands `cleaned_data` to a method that records it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.thing = self.instance if self.instance.pk else None

    def values(self) -> dict[str, Any]:
        """What was filled in, by the names of the model's fields."""
        return {
            name: self.cleaned_data[name] for name in self._meta.fields or [] if name in self.cleaned_data
        }

    def _compared(self) -> list[tuple[str, str, str]]:
        rows = []
        for name in (name for name in self.values() if name in self.fields):
            field, sent = self.fields[name], self.cleaned_data[name]
            stored, told = _in_words(field, getattr(self.thing, name)), _in_words(field, sent)
            if stored != told:
                rows.append((str(field.label), stored, told))
        return rows


def _in_words(field: forms.Field, value: Any) -> str:
    """The value of a field as a page shows it."""
    match value:
        case None | "" | []:
            return "（空）"
        case bool():
            return "是" if value else "否"
        case date():
            return f"{value:%Y年%-m月%-d日}"
        case time():
            return f"{value:%-H:%M}"
        case list():
            return "、".join(_in_words(field, one) for one in value)
        case str():
            return str(dict(getattr(field, "choices", ())).get(value, value))
        case _:
            return str(value)
