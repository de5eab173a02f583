"""Which area and which day the coverage is asked for."""

from typing import Any

from django import forms

from deputies.models import Level
from liaison.accounts.models import Area
from liaison.core.forms import DateInput, HouseForm
from liaison.reports.forms import AreaField, near_areas
from liaison.reports.metrics import askable_areas

from .measures import View


class DayForm(HouseForm):
    """Read with GET; the same names as in REST."""

    area = AreaField(label="区划", queryset=Area.objects.none(), to_field_name="code", empty_label=None)
    on = forms.DateField(label="哪一天的情况", widget=DateInput())

    def __init__(self, query: Any, *, post: Any, today: Any) -> None:
        start = {"area": post.area.code, "on": today}
        query = query.copy()
        for name, value in start.items():
            if not query.get(name):
                query[name] = str(value)
        super().__init__(query, initial=start)
        self.post, self.today = post, today
        field: Any = self.fields["area"]
        field.queryset = askable_areas(post)
        field.choices = near_areas(post, query["area"])

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
