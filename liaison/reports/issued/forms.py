"""Which report is asked for: on the page by the name of a period, by a program with its code."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from liaison.accounts.models import Area, Post
from liaison.core.forms import HouseForm
from liaison.reports.forms import AreaField, KnownField, near_areas
from liaison.reports.metrics import askable_areas
from visits.privacy import OPENED_TO

from .models import LEAST, SAY_WHY, Format, Report
from .periods import Kind, Period, presets

FREE = "free"


class AskingForm(HouseForm):
    """The area, the format, and whether persons stand in it masked. Which period is said by the forms below."""

    area = AreaField(label="区划", queryset=Area.objects.none(), to_field_name="code", empty_label=None)
    format = forms.ChoiceField(label="格式", choices=Format.choices, widget=forms.RadioSelect)
    as_of = KnownField(
        label="按哪一天所知", required=False, help_text="报过的要原样再出一份，填报的那天；不填就是现在"
    )
    unmasked = forms.BooleanField(
        label="不遮盖姓名和电话",
        required=False,
        help_text="要求保密的仍不写。会留下记录：谁、什么时候、为什么。",
    )
    reason = forms.CharField(
        label="为什么不遮盖", max_length=200, required=False, help_text="不遮盖的，写明用途；遮盖的不用填"
    )

    def __init__(self, *args: Any, post: Post, today: date, **kwargs: Any) -> None:
        self.post, self.today = post, today
        super().__init__(*args, **kwargs)
        field: Any = self.fields["area"]
        field.queryset = askable_areas(post)
        field.choices = near_areas(post, self["area"].value() or post.area.code)
        if post.role not in OPENED_TO:
            del self.fields["unmasked"], self.fields["reason"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("unmasked") and len(data.get("reason", "")) < LEAST:
            self.add_error("reason", SAY_WHY)
        return data

    def asked_period(self) -> Period:
        raise NotImplementedError

    def ask(self) -> Report:
        """The report, asked for. Raises NotAllowed."""
        said = self.cleaned_data
        return Report.objects.ask(
            by=self.post,
            area=said["area"],
            period=self.asked_period(),
            file_format=said["format"],
            masked=not said.get("unmasked"),
            reason=said.get("reason", ""),
            as_of=said["as_of"],
        )


class PresetForm(AskingForm):
    """As the page has it."""

    creates = True

    period_name = forms.ChoiceField(label="统计期", widget=forms.RadioSelect)
    first = forms.DateField(label="从哪天", required=False)
    last = forms.DateField(label="到哪天", required=False)
    field_order = ("area", "period_name", "first", "last", "as_of", "format", "unmasked", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.presets = presets(self.today)
        named: Any = self.fields["period_name"]
        named.choices = [
            *((key, f"{words}：{period.label}") for key, (words, period) in self.presets.items()),
            (FREE, "自己选日期"),
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("period_name") == FREE:
            for name in ("first", "last"):
                if name not in self.errors and not data.get(name):
                    self.add_error(name, "请选日期。")
            if data.get("first") and data.get("last"):
                if data["first"] > data["last"]:
                    self.add_error("last", "结束日期不能早于开始日期，请检查。")
                elif data["first"] > self.today:
                    self.add_error("first", "这段时间还没有开始，请选早一些的日期。")
        return data

    def asked_period(self) -> Period:
        said = self.cleaned_data
        if said["period_name"] == FREE:
            return Period.named(said["first"], said["last"]).up_to(self.today)
        return self.presets[said["period_name"]][1]


class CodedForm(AskingForm):
    """As a program asks: a kind, and the code of its period."""

    kind = forms.ChoiceField(label="种类", choices=Kind.choices)
    period = forms.CharField(label="统计期", max_length=30)

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if "kind" in data and "period" in data:
            try:
                self._period = Period.read(data["kind"], data["period"]).up_to(self.today)
            except ValueError as error:
                self.add_error("period", ValidationError(str(error)))
        return data

    def asked_period(self) -> Period:
        return self._period
