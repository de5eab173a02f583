"""Whose quotas are asked for: which area, as of which day, which level, who is behind or all."""

from datetime import date
from typing import Any

from django import forms

from deputies.models import Deputy, Level
from liaison.accounts.models import Area, Post, Role
from liaison.core.forms import DateInput, HouseForm
from liaison.reports.forms import AskForm

from .progress import View, behind, serving, with_progress
from .table import QUOTAS, Quota

EVERY = "all"


class QuotaForm(AskForm):
    on = forms.DateField(label="截至", widget=DateInput())
    level = forms.ChoiceField(label="层级", choices=[("", "全部"), *Level.choices], required=False)
    quota = forms.ChoiceField(
        label="哪一项",
        choices=[("", "任何一项"), *((q.code, q.name) for q in QUOTAS.values())],
        required=False,
    )
    show = forms.ChoiceField(label="列出", choices=[("", "进度不够的"), (EVERY, "全部代表")], required=False)

    def __init__(self, query: Any, **kwargs: Any) -> None:
        super().__init__(query, **kwargs)
        if self.post.role == Role.STATION:
            self.fields["area"].widget = forms.HiddenInput()

    def usual_days(self) -> dict[str, date]:
        return {"on": self.today}

    def clean_on(self) -> date:
        """What is still to come is not known yet."""
        return min(self.cleaned_data["on"], self.today)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if "area" in data and data["area"].level == Area.Level.NATION:
            self.add_error(None, "全国的代表太多，不能一次列出。请选一个省、市或县。")
        return data

    def view(self) -> View:
        return View(self.cleaned_data["area"], self.cleaned_data["on"], self.post)

    @property
    def quotas(self) -> list[Quota]:
        chosen = self.cleaned_data["quota"]
        return [QUOTAS[chosen]] if chosen else list(QUOTAS.values())

    def everybody(self) -> Any:
        view = self.view()
        rows = serving(view)
        if level := self.cleaned_data["level"]:
            rows = rows.filter(level=level)
        return with_progress(rows, view.area, view.on, self.quotas)

    def records(self) -> Any:
        """The mandates listed, each with its progress."""
        rows = self.everybody()
        return rows if self.cleaned_data["show"] == EVERY else behind(rows, self.quotas)


class PersonForm(HouseForm):
    """The records of one deputy behind one figure. A deputy asks for none but oneself."""

    deputy = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
    on = forms.DateField(label="截至", required=False)

    def __init__(self, query: Any, *, post: Post, today: date) -> None:
        super().__init__(query)
        self.post, self.today = post, today

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        data["on"] = min(data.get("on") or self.today, self.today)
        seen = Deputy.objects.visible_to(self.post)
        if self.post.role == Role.DEPUTY:
            seen = seen.filter(user=self.post.user_id)
        if data.get("deputy") or self.post.role != Role.DEPUTY:
            seen = seen.filter(pk=data.get("deputy"))
        data["person"] = seen.first()
        return data
