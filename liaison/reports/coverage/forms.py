"""Which area and which day the coverage is asked for."""

from datetime import date
from typing import Any

from django import forms

from deputies.models import Level
from liaison.core.forms import DateInput
from liaison.reports.forms import AskForm

from .measures import View


class DayForm(AskForm):
    on = forms.DateField(label="哪一天的情况", widget=DateInput())

    def usual_days(self) -> dict[str, date]:
        return {"on": self.today}

    def view(self) -> View:
        return View(self.cleaned_data["area"], self.cleaned_data["on"], self.post, self.today)


class ListForm(DayForm):
    """The records of one measure: of one level, of the area's own alone."""

    level = forms.ChoiceField(label="层级", choices=[("", "全部"), *Level.choices], required=False)
    own = forms.BooleanField(label="只看本级", required=False, widget=forms.HiddenInput)

    def __init__(self, query: Any, *, measure: Any, **kwargs: Any) -> None:
        super().__init__(query, **kwargs)
        self.measure = measure
        if not measure.by_level:
            del self.fields["level"]

    def records(self) -> Any:
        rows, filled = self.measure.gaps(self.view()), self.cleaned_data
        if filled.get("level"):
            rows = rows.filter(level=filled["level"])
        if filled.get("own"):
            rows = rows.filter(**{self.measure.path: filled["area"].path})
        return rows
