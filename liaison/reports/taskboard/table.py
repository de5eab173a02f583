"""The ten tasks as data, as METRICS are: what, how often, how many are due, and which records fulfil it.

A task that is a figure of the dictionary takes its records from there. How many are due is a rule of the place
(liaison/core/policy.py), as it stood on the first day of the period: a rule that changes within a month asks nothing
more of that month.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, OuterRef, Q

from liaison.accounts.models import Area
from liaison.bulletin.models import NewsItem
from liaison.bulletin.workflow import NewsState
from liaison.core.places import inside
from liaison.core.policy import Policy
from liaison.reports.metrics import METRICS, Ask
from visits.models import ActivityFile

from .models import StationDocument
from .periods import MONTH, QUARTER, YEAR

REPORTED = (NewsState.SUBMITTED, NewsState.PUBLISHED)


def _proposed(ask: Ask) -> Any:
    """Suggestions proposed in the period.

    A station's deputies propose to congresses of every level, so they are looked for everywhere, and not as the asking
    post may read them: what a station has done is the same for all who ask.
    """
    return METRICS["suggestions.pieces"].records(Ask(Area(path=""), ask.first, ask.last, as_of=ask.as_of))


def _with_stations(rows: Any) -> Any:
    """Each suggestion with the stations that its lead deputy belonged to on that day: a row for each."""
    lasting = Q(lead__assignments__to_on=None) | Q(lead__assignments__to_on__gte=F("submitted_on"))
    return rows.filter(lasting, lead__assignments__from_on__lte=F("submitted_on"))


def _news(ask: Ask) -> Any:
    rows = NewsItem.objects.filter(inside(ask.area), state__in=REPORTED)
    return ask.seen(rows.filter(submitted_on__range=(ask.first, ask.last)))


def _filed(kind: str) -> Callable[[Ask], Any]:
    def rows(ask: Ask) -> Any:
        found = StationDocument.objects.filter(inside(ask.area), kind=kind)
        return ask.seen(found.during(ask.first, ask.last))

    return rows


def _reported(ask: Ask) -> Any:
    """Surveys with a paper in the file of the activity: the report."""
    papers = ActivityFile.objects.shown().filter(activity=OuterRef("pk"), photo=False)
    return METRICS["activity.research"].records(ask).filter(Exists(papers))


@dataclass(frozen=True)
class Task:
    code: str
    name: str
    unit: str
    every: str
    definition: str
    rule: str  # of Policy: how many are due in each period
    day: str  # column of the records: which day decides the period
    way: str  # what the button of the station does
    figure: str = ""  # code in METRICS; else `source`
    source: Callable[[Ask], Any] | None = None
    station: str = "station"
    placed: Callable[[Any], Any] = lambda rows: rows  # what makes `station` a column of the records

    def wanted(self, policy: Policy) -> int:
        return int(getattr(policy, self.rule))

    def rows(self, ask: Ask) -> Any:
        """The records that fulfil it in the days of `ask`, wherever they are."""
        return self.source(ask) if self.source else METRICS[self.figure].records(ask)

    def at(self, ask: Ask, sites: Any) -> Any:
        """Those at these sites (keys, or a query of them), with the `site`; once for each site that they count for."""
        # The column is read by F, which takes the join that `placed` has made; a filter by name would make another.
        return self.placed(self.rows(ask)).annotate(site=F(self.station)).filter(site__in=sites).order_by()

    def records(self, ask: Ask, sites: Any) -> Any:
        """Likewise, each once."""
        return self.rows(ask).filter(pk__in=self.at(ask, sites).values("pk"))


_K = StationDocument.Kind

# fmt: off
TASKS = {task.code: task for task in (
    Task("receptions", "接待联系群众", "次", MONTH, "当月已结束的接待日。", "receptions_monthly", "day", "排接待日",
         figure="activity.receptions"),
    Task("suggestions", "提出意见建议", "件", MONTH, "当月由本站代表领衔提出、受理编号的代表建议；代表那天在哪个站，就算哪个站的。",
         "task_suggestions", "submitted_on", "看本站代表的建议", source=_proposed,
         station="lead__assignments__station", placed=_with_stations),
    Task("news", "报送工作信息", "条", MONTH, "当月报送的动态，待审核和已发布的计；退回修改、撤下的不计。", "task_news", "submitted_on", "写动态",
         source=_news),
    Task("trainings", "集中学习培训", "次", QUARTER, "当季已结束的学习培训。", "task_trainings", "day", "记学习培训",
         figure="activity.trainings"),
    Task("research", "专题调研", "次", QUARTER, "当季已结束的调研。", "task_research", "day", "记调研", figure="activity.research"),
    Task("livelihood", "办理民生实事", "件", QUARTER, "当季现场答复或者办结、记为“已解决”的群众诉求。", "task_livelihood", "closed_on", "看诉求单",
         figure="results.livelihood"),
    Task("research_reports", "调研报告", "份", YEAR, "当年已结束的调研中，把调研报告作为材料放进了活动记录的。", "task_research_reports", "day",
         "在调研里放报告", source=_reported),
    Task("debriefs", "代表述职", "次", YEAR, "当年已结束的述职评议。", "task_debriefs", "day", "记述职评议", figure="activity.debriefs"),
    Task("archives", "履职档案", "份", YEAR, "当年存入的代表履职档案；作废的不计。", "task_archives", "day", "存履职档案",
         source=_filed(_K.ARCHIVE)),
    Task("appraisals", "考核评优", "次", YEAR, "当年存入的考核评优结果；作废的不计。", "task_appraisals", "day", "存考核评优结果",
         source=_filed(_K.APPRAISAL)),
)}
# fmt: on
