"""Which report is asked for: on the page by the name of a period, by a program with its code."""

from datetime import date
from typing import Any

from django import forms

from liaison.accounts.models import Area, Post
from liaison.core.forms import HouseForm
from liaison.reports.forms import FREE, AreaField, CodedPeriodForm, KnownField, NamedPeriodForm, near_areas
from liaison.reports.metrics import askable_areas
from liaison.reports.periods import Period
from visits.privacy import OPENED_TO

from .models import LEAST, SAY_WHY, Format, Report


class AskingForm(HouseForm):
    """The area, the format, and whether persons stand in it masked; the forms below also ask which period."""

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


class PresetForm(NamedPeriodForm, AskingForm):
    """As the page has it."""

    creates = True
    OFFERED = ("last_quarter", "quarter", "last_month", "half", "last_half", "year", "last_year")

    field_order = ("area", "period_name", "first", "last", "as_of", "format", "unmasked", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer(self.today)

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        begins_later = data.get("first") and data["first"] > self.today
        if data.get("period_name") == FREE and begins_later and "last" not in self.errors:
            self.add_error("first", "这段时间还没有开始，请选早一些的日期。")
        return data

    def asked_period(self) -> Period:
        return super().asked_period().up_to(self.today)


class CodedForm(CodedPeriodForm, AskingForm):
    """As a program asks."""

    def read(self, kind: str, text: str) -> Period:
        return super().read(kind, text).up_to(self.today)
