"""民生实事: the projects of the congress, how many votes each got, how far it has come."""

from django.db.models import OuterRef, Subquery
from django.utils import timezone

from suggestions.projects.filters import ProjectFilter
from suggestions.projects.models import Ballot, BallotLine, Project
from suggestions.projects.views import VOTERS

from .listing import Asked, Column, Listing, column

# Of a vote that was taken again, the last one counts.
_LINES = BallotLine.objects.filter(project=OuterRef("pk"), ballot__in=Ballot.objects.standing())
_YES = Subquery(_LINES.order_by("-ballot__day", "-ballot").values("yes")[:1])


def _budget(project: Project, asked: Asked) -> float | None:
    return None if project.budget is None else float(project.budget)


LISTING = Listing(
    name="projects",
    title="民生实事项目",
    roles=VOTERS,
    filter=ProjectFilter,
    scope=Project.objects.visible_to,
    order=("-year", "-pk"),
    chosen=lambda asked: asked.filter.qs.annotate(yes=_YES).prefetch_related(
        "area", "department", "chair__mandate__deputy", "group"
    ),
    columns=(
        column("编号", "number", 12),
        column("年度", "year", 6),
        column("区划", "area.full_name", 20),
        column("名称", "title", 30),
        column("建设内容和目标", "what", 40),
        Column("预算（万元）", _budget, 11),
        column("责任单位", "department.name", 26),
        column("地点", "place", 20),
        column("项目来源", "source", 26),
        Column("赞成票", lambda project, asked: project.yes, 7),
        Column("领衔", lambda project, asked: str(project.chair or ""), 14),
        column("委员会", "committee", 14),
        column("监督小组", "group.name", 18),
        column("开工日期", "started_on", 11),
        column("完成百分比", "percent", 9),
        column("计划完工日期", "planned_on", 11),
        column("完工日期", "done_on", 11),
        Column("晚于计划", lambda project, asked: "是" if project.is_late(timezone.localdate()) else "", 8),
        column("状态", "get_state_display", 10),
    ),
)
