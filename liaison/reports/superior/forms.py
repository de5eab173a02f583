"""What is asked: the blank, what belongs into a cell, which period."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from liaison.accounts.models import Area
from liaison.core.forms import HouseForm
from liaison.core.workbooks.reading import MEGABYTE, Unreadable
from liaison.core.workdays import month_start
from liaison.reports.forms import check_days
from liaison.reports.metrics import GROUPS, METRICS

from .blank import LIMITS, opened
from .models import WORDS, Content, Span, SuperiorForm, Take

OWN = "本区划"


class BlankField(forms.FileField):
    """The blank workbook, looked over: what comes out can be opened and filled."""

    def __init__(self, **more: Any) -> None:
        usual = {
            "label": "空表",
            "help_text": f"上级发来的 Excel 空表（.xlsx），不超过 {LIMITS.size // MEGABYTE} MB。版式、公式都照原样保留。",
            "widget": forms.FileInput(attrs={"accept": ".xlsx"}),
            "error_messages": {"empty": "这个文件是空的，请检查是不是选错了。"},
        }
        super().__init__(**{**usual, **more})

    def clean(self, data: Any, initial: Any = None) -> Any:
        file = super().clean(data, initial)
        if file:
            try:
                opened(file.read(LIMITS.size + 1))
            except Unreadable as error:
                raise ValidationError(str(error)) from None
            file.seek(0)
            file.name = "blank.xlsx"  # whatever it was called: the name says nothing of anybody
        return file


class NewForm(HouseForm):
    creates = True

    name = forms.CharField(label="名称", max_length=60, help_text="例如：2026年代表工作月报表")
    file = BlankField()


class ChangeForm(HouseForm):
    name = forms.CharField(label="名称", max_length=60)
    monthly = forms.BooleanField(
        label="每月自动填", required=False, help_text="每月初填好上个月的，做好了在消息里告诉您。"
    )
    in_use = forms.BooleanField(label="还在用", required=False, help_text="不用了的表收起来，不再自动填。")
    file = BlankField(
        label="换一张空表",
        required=False,
        help_text="上级换了新表时才选。选过的格子照旧，新表里对不上的会标出来。",
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)


class ContentForm(HouseForm):
    """What belongs into one cell; nothing chosen: nothing."""

    code = forms.ChoiceField(label="填什么", required=False)
    span = forms.ChoiceField(label="哪段时间", choices=Span.choices)
    take = forms.ChoiceField(label="取什么", choices=Take.choices)
    area = forms.ChoiceField(label="哪里的", required=False)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, form: SuperiorForm, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        figures = [
            (title, [(m.code, f"{m.name}（{m.unit}）") for m in METRICS.values() if m.group == group])
            for group, title in GROUPS.items()
        ]
        field: Any = self.fields["code"]
        field.choices = [("", "不填"), ("文字", list(WORDS.items())), *figures]
        below = Area.objects.filter(parent=form.area, active=True).order_by("path")
        field = self.fields["area"]
        field.choices = [("", f"{form.area.name}（{OWN}）"), *((area.code, area.name) for area in below)]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        metric = METRICS.get(data.get("code", ""))
        if metric and not metric.base and data.get("take") not in (None, Take.VALUE):
            self.add_error("take", f"“{metric.name}”不是某个总数的一部分，没有总数和百分比。请选“数字”。")
        return data

    def content(self) -> Content | None:
        """What was chosen, or None."""
        data = self.cleaned_data
        if not data["code"]:
            return None
        if data["code"] in WORDS:
            return Content(data["code"])
        return Content(data["code"], data["take"], data["span"], data["area"])


class GuessForm(HouseForm):
    """Which of the guesses are right."""

    right = forms.MultipleChoiceField(
        label="按表头认出来的",
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="去掉认错的，再保存。以后每一格都可以改。",
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, found: dict[str, Content], names: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["right"]
        field.choices = [
            (key, f"{key.replace('!', ' ')}：{one.in_words}{f'，{names[one.area]}' if one.area else ''}")
            for key, one in found.items()
        ]
        self.initial.setdefault("right", list(found))


class FillForm(HouseForm):
    """The period; that of the month before where nothing is said."""

    creates = True

    first = forms.DateField(label="从")
    last = forms.DateField(label="到")

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        end = month_start(today) - timedelta(days=1)
        self.initial |= {"first": month_start(end), "last": end}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        check_days(self, self.today)
        return data
