"""Which period is sealed: on the page by its name or its days, by a program with its code; why it is corrected; as what it is printed."""

from datetime import date
from typing import Any

from django import forms

from liaison.accounts.models import Post
from liaison.core.forms import HouseForm
from liaison.core.models import Job
from liaison.reports.forms import CodedPeriodForm, NamedPeriodForm
from liaison.reports.issued.models import Format, Report

from . import sealing
from .models import LEAST, Seal


class SealForm(NamedPeriodForm):
    """As the page has it."""

    creates = True
    OFFERED = ("last_quarter", "last_month", "last_half", "last_year")
    SAID = "{}（{}）"

    first = forms.DateField(label="从", required=False, help_text="自己选日期的才填")
    last = forms.DateField(label="到", required=False)

    def __init__(self, *args: Any, post: Post, today: date, **kwargs: Any) -> None:
        self.post = post
        super().__init__(*args, **kwargs)
        self.offer(today)

    def ask(self) -> Job:
        """Raises NotAllowed."""
        return sealing.ask(self.asked_period(), by=self.post)


class CodedSealForm(CodedPeriodForm):
    """As a program asks; to correct a seal, its number and why."""

    corrects = forms.CharField(label="更正的编号", max_length=24, required=False)
    reason = forms.CharField(label="更正的原因", max_length=200, required=False)

    def __init__(self, *args: Any, post: Post, **kwargs: Any) -> None:
        self.post = post
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        self._corrects = None
        if data.get("corrects"):
            self._corrects = Seal.objects.visible_to(self.post).filter(number=data["corrects"]).first()
            if self._corrects is None:
                self.add_error("corrects", "没有这个编号的定稿。")
        return data

    def ask(self) -> Job:
        """Raises NotAllowed."""
        return sealing.ask(
            self.asked_period(), by=self.post, corrects=self._corrects, reason=self.cleaned_data["reason"]
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
