"""十项任务: a row for each station, as the board shows them in the chosen span."""

from typing import Any

from django.db.models import QuerySet
from django.utils.functional import cached_property

from liaison.reports.taskboard.board import READERS, Line, Tally
from liaison.reports.taskboard.forms import BoardForm
from liaison.reports.taskboard.table import TASKS, Task
from stations.models import Station

from .listing import Asked, Column, FormFilter, Listing, column


class Filter(FormFilter):
    asks = BoardForm

    @cached_property
    def lines(self) -> dict[int, Line]:
        return self.form.lines()

    @property
    def qs(self) -> QuerySet[Any]:
        return self.form.rows(self.lines).select_related("area")


def _tally(row: Station, asked: Asked, task: Task | None = None) -> Tally:
    line: Line = asked.filter.lines[row.pk]
    return line.tally(asked.filter.form.period, task)


def _task(task: Task) -> Column:
    def value(row: Station, asked: Asked) -> str:
        found = _tally(row, asked, task)
        if not found.asked:
            return "未到" if found.ahead else "不要求"
        return f"{found.done}/{found.asked}"

    return Column(task.name, value, 14)


LISTING = Listing(
    name="tasks",
    title="十项任务",
    roles=READERS,
    filter=Filter,
    scope=lambda post: Station.objects.none(),  # what is in sight is asked of the area
    order=("code",),
    columns=[
        column("编号", "code"),
        column("站点", "name", 26),
        column("区划", "area.full_name", 30),
        *(_task(task) for task in TASKS.values()),
        Column("已完成", lambda row, asked: _tally(row, asked).done),
        Column("待完成", lambda row, asked: _tally(row, asked).due),
        Column("未完成", lambda row, asked: _tally(row, asked).missed),
    ],
)
