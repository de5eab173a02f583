"""Which period is sealed: on the page by its name or its days, by a program with its code; why it is corrected; as what it is printed."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from liaison.accounts.models import Post
from liaison.core.forms import HouseForm
from liaison.core.models import Job
from liaison.reports.issued.forms import FREE
from liaison.reports.issued.models import Format, Report
from liaison.reports.issued.periods import Kind, Period, presets

from . import sealing
from .models import LEAST, Seal

OFFERED = ("last_quarter", "last_month", "last_half", "last_year")


class SealForm(HouseForm):
    """As the page has it."""

    creates = True

    period_name = forms.ChoiceField(label="统计期", widget=forms.RadioSelect)
    first = forms.DateField(label="从", required=False, help_text="自己选日期的才填")
    last = forms.DateField(label="到", required=False)

    def __init__(self, *args: Any, post: Post, today: date, **kwargs: Any) -> None:
        self.post = post
        super().__init__(*args, **kwargs)
        every = presets(today)
        self.periods = {key: every[key] for key in OFFERED}
        field: Any = self.fields["period_name"]
        field.choices = [
            *((key, f"{words}（{period.label}）") for key, (words, period) in self.periods.items()),
            (FREE, "自己选日期"),
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("period_name") == FREE:
            for name in ("first", "last"):
                if name not in self.errors and not data.get(name):
                    self.add_error(name, "请选日期。")
            if data.get("first") and data.get("last") and data["first"] > data["last"]:
                self.add_error("last", "结束日期不能早于开始日期，请检查。")
        return data

    def ask(self) -> Job:
        """Raises NotAllowed."""
        said = self.cleaned_data
        chosen = said["period_name"]
        period = Period.named(said["first"], said["last"]) if chosen == FREE else self.periods[chosen][1]
        return sealing.ask(period, by=self.post)


class CodedSealForm(HouseForm):
    """As a program asks: a kind, and the code of its period; to correct a seal, its number and why."""

    kind = forms.ChoiceField(label="种类", choices=Kind.choices)
    period = forms.CharField(label="统计期", max_length=30)
    corrects = forms.CharField(label="更正的编号", max_length=24, required=False)
    reason = forms.CharField(label="更正的原因", max_length=200, required=False)

    def __init__(self, *args: Any, post: Post, **kwargs: Any) -> None:
        self.post = post
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if "kind" in data and "period" in data:
            try:
                self._period = Period.read(data["kind"], data["period"])
            except ValueError as error:
                self.add_error("period", ValidationError(str(error)))
        self._corrects = None
        if data.get("corrects"):
            self._corrects = Seal.objects.visible_to(self.post).filter(number=data["corrects"]).first()
            if self._corrects is None:
                self.add_error("corrects", "没有这个编号的定稿。")
        return data

    def ask(self) -> Job:
        """Raises NotAllowed."""
        return sealing.ask(
            self._period, by=self.post, corrects=self._corrects, reason=self.cleaned_data["reason"]
        )


class CorrectForm(HouseForm):
    creates = True

    reason = forms.CharField(
        label="更正的原因",
        max_length=200,
        min_length=LEAST,
        help_text="印在新的定稿上，不要写群众的姓名和电话",
    )


class PrintForm(HouseForm):
    format = forms.ChoiceField(label="格式", choices=Format.choices)

    def ask(self, seal: Seal, post: Post) -> Report:
        """The report with the sealed figures, asked for. Raises NotAllowed."""
        return Report.objects.ask(
            by=post,
            area=seal.area,
            period=seal.period,
            file_format=self.cleaned_data["format"],
            as_of=seal.at,
            seal=seal,
        )
