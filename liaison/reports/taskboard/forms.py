"""Which stations and which span the board is asked for; and the paper that a station puts on file."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from liaison.accounts.models import Area, Post, Role
from liaison.core.forms import HouseModelForm
from liaison.reports.forms import AskForm
from liaison.reports.metrics import Ask
from stations.models import Station

from .board import Line, State, View, sites_of, tasked, work_out
from .models import StationDocument
from .periods import MONTH, QUARTER, Period, periods_of, read_period
from .table import TASKS, Task

FIRST_YEAR = 2015
MISSED, DUE = "missed", "due"


def parts() -> list[tuple[str, str]]:
    """The spans of any year: all of it, its quarters, its months."""
    spans = [Period(2000), *periods_of(2000, QUARTER), *periods_of(2000, MONTH)]
    return [(span.part, span.short) for span in spans]


class BoardForm(AskForm):
    year = forms.TypedChoiceField(label="年份", coerce=int)
    part = forms.ChoiceField(label="时段", choices=parts, required=False)
    task = forms.ChoiceField(
        label="任务", choices=[("", "全部"), *((t.code, t.name) for t in TASKS.values())], required=False
    )
    only = forms.ChoiceField(
        label="只看",
        choices=[("", "全部站点"), (MISSED, "有未完成的"), (DUE, "有待完成的")],
        required=False,
    )

    def __init__(self, query: Any, *, post: Post, today: date) -> None:
        super().__init__(query, post=post, today=today)
        years = range(today.year, FIRST_YEAR - 1, -1)
        self.fields["year"].choices = [(year, f"{year}年") for year in years]  # type: ignore[attr-defined]
        if post.role == Role.STATION:
            self.fields["area"].widget = forms.HiddenInput()

    def usual_days(self) -> dict[str, Any]:
        return {"year": self.today.year}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if "area" in data and data["area"].level == Area.Level.NATION:
            self.add_error(None, "全国的站太多，不能一次列出。请选一个省、市或县。")
        return data

    @property
    def view(self) -> View:
        return View(self.cleaned_data["area"], self.cleaned_data["year"], self.post, self.today)

    @property
    def period(self) -> Period:
        year, part = self.cleaned_data["year"], self.cleaned_data["part"]
        return read_period(f"{year}-{part}" if part else str(year)) or Period(year)

    @property
    def chosen(self) -> Task | None:
        return TASKS.get(self.cleaned_data["task"])

    def lines(self) -> dict[int, Line]:
        """All stations of the view, whatever `only` says."""
        return work_out(self.view)

    def rows(self, lines: dict[int, Line]) -> Any:
        """The stations that are listed."""
        wanted = {MISSED: State.MISSED, DUE: State.DUE}.get(self.cleaned_data["only"])
        if wanted is None:
            return tasked(self.view)
        keys = [
            key
            for key, line in lines.items()
            if any(
                cell.state is wanted and cell.period.meets(self.period)
                for cell in line.cells
                if self.chosen in (None, cell.task)
            )
        ]
        return tasked(self.view).filter(pk__in=keys)


class RecordsForm(BoardForm):
    """The records that fulfil one task: of one station with its points, or of all in the area."""

    UNSEEN = AskForm.UNSEEN - {"station"}  # typed by hand
    task = only = None  # the task stands in the address
    station = forms.CharField(label="站点", required=False, max_length=20)

    def __init__(self, query: Any, *, post: Post, today: date, task: Task) -> None:
        super().__init__(query, post=post, today=today)
        self.fulfilled = task

    def clean_station(self) -> Station | None:
        """By its code; of one out of sight, or without tasks, no more is said than of one that does not exist."""
        code = self.cleaned_data["station"]
        if not code:
            return None
        mine = Station.objects.visible_to(self.post).of_kinds(Station.Kind.STATION)
        found = mine.select_related("area").filter(code=code).first()
        if found is None:
            raise ValidationError("没有这个编号的联络站，请检查。")
        return found

    def line(self) -> Line | None:
        """The line of the station; None where none is asked for, or it had no tasks in that year."""
        station = self.cleaned_data["station"]
        if station is None:
            return None
        view = self.view
        alone = View(station.area, view.year, view.post, view.today)
        return work_out(alone).get(station.pk)

    def records(self) -> tuple[Any, int]:
        """The records in sight of the post, and how many count beyond them."""
        view, period, station = self.view, self.period, self.cleaned_data["station"]
        area = station.area if station else view.area
        ask = Ask(area, period.first, period.last, view.post)
        stations = tasked(view).filter(pk=station.pk) if station else tasked(view)
        counted = self.fulfilled.records(ask, sites_of(stations))
        seen = counted.filter(pk__in=counted.model._default_manager.visible_to(view.post).values("pk"))
        return seen, counted.count() - seen.count()


class DocumentForm(HouseModelForm):
    """One paper of the year, with its file."""

    creates = True
    file = forms.FileField(
        label="文件",
        help_text="PDF、Word（docx）、Excel（xlsx）或 PowerPoint（pptx），不超过 10 MB。",
        error_messages={"empty": "这个文件是空的，请重新选。"},
    )

    class Meta:
        model = StationDocument
        fields = ["station", "kind", "title", "day"]

    def __init__(self, *args: Any, post: Post, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        station: Any = self.fields["station"]
        mine = Station.objects.visible_to(post).of_kinds(Station.Kind.STATION)
        station.queryset = mine.order_by("code")
        if len(only := station.queryset[:2]) == 1:
            self.initial.setdefault("station", only[0].pk)
