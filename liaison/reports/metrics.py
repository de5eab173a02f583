"""The metric dictionary: what is counted, each figure defined once (model.md §8).

A figure is a *source* (the records that may count, in the words of the models), a condition that narrows it, and a rule
for its value. The number and the list of its records come from the same three, so they cannot disagree. Figures that
share a source share its query.

As known at a moment (`as_of`): `Ask.seen` puts the tables as they were in place of those of today (known.py); no source needs
to know of it. Its "today" is `Ask.today`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import Enum
from functools import wraps
from typing import Any, Protocol, TypeVar

from django.db.models import (
    Count,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
)
from django.db.models.functions import Coalesce, Substr
from django.utils import timezone

from deputies.models import Deputy, Mandate, MandateQuerySet, StationAssignment
from liaison.accounts.models import TOWN_PATH, Area, Post, Role
from liaison.core.places import inside
from stations.models import Station, StationQuerySet
from suggestions.models import Evaluation, Meeting, Order, Rating, Request, Suggestion, SuggestionItem
from suggestions.models.request import RequestQuerySet
from suggestions.models.suggestion import SuggestionQuerySet
from suggestions.workflow import OrderState, RequestState
from visits.models import Activity, Attendance, Visit
from visits.models.activity import ActivityQuerySet
from visits.workflow import ActivityState

from .known import as_known

WIDE = (
    Area.Level.NATION,
    Area.Level.PROVINCE,
)  # whose pages do not wait for what is counted record by record
ASKERS = (Role.OFFICE, Role.AUDITOR, Role.STATION)
OVERSEERS = (Role.OFFICE, Role.AUDITOR)  # who read how an area stands as a whole
EARLIEST = date(1979, 7, 1)  # the law that gave counties their standing committees; nothing here is older


class Narrowing(Protocol):
    """A part of what an area has, such as one station's; see parts.py."""

    def of(self, rows: Any) -> Any: ...


@dataclass(frozen=True)
class Ask:
    """A question: which area, which days, who asks (None: the house itself), and known when (None: now).

    `cohort`: of a step of requests, not those whose step lies in these days, but of the requests received in these days
    those that have taken the step by now. `part`: not of the whole area, but of a part of what it has.
    """

    area: Area
    first: date
    last: date
    post: Post | None = None
    as_of: datetime | None = None
    cohort: bool = False
    part: Narrowing | None = None
    built: dict[Any, Any] = field(default_factory=dict, init=False, repr=False, compare=False)  # see `source`

    def rows(self, source: "Source") -> Any:
        """The records of a source that are asked about."""
        found = source(self)
        return found if self.part is None else self.part.of(found)

    @property
    def today(self) -> date:
        """The day on which it is asked."""
        return timezone.localdate(self.as_of)

    def during(self, day: str) -> Q:
        """The day in the column `day` lies in the period."""
        if self.cohort:
            received = Q(received_on__range=(self.first, self.last))
            return received if day == "received_on" else received & Q(**{f"{day}__isnull": False})
        return Q(**{f"{day}__range": (self.first, self.last)})

    @property
    def of_own_stations(self) -> bool:
        return self.post is not None and self.post.role == Role.STATION

    @property
    def of_all_here(self) -> bool:
        """Who asks sees whatever lies in the area, but for complaints about oneself."""
        post = self.post
        return post is None or (post.role in (Role.OFFICE, Role.AUDITOR) and post.area.covers(self.area))

    def seen(self, queryset: Any) -> Any:
        """What the asking post may see of `queryset`, as known at the moment asked for."""
        if self.post is not None:
            queryset = queryset.visible_to(self.post)
        return as_known(queryset, self.as_of)


Source = Callable[[Ask], Any]


def askable_areas(post: Post | None) -> QuerySet[Area]:
    """The areas whose figures a post may ask for; any other is out of sight."""
    if post is None or post.role not in ASKERS:
        return Area.objects.none()
    return Area.objects.visible_to(post)


# --- Sources: the records that may count ------------------------------------------------------------------------------

Rows = TypeVar("Rows", bound="QuerySet[Any]")


def source(build: Callable[[Ask], Rows]) -> Callable[[Ask], Rows]:
    """Build a source once for a question, and give whoever asks a copy: the figures and sources that narrow it are many.

    A query is built, not asked: what it finds is read anew by each copy.
    """

    @wraps(build)
    def copied(ask: Ask) -> Rows:
        if build not in ask.built:
            ask.built[build] = build(ask)
        return ask.built[build].all()  # type: ignore[no-any-return]

    return copied


@source
def _stations(ask: Ask) -> StationQuerySet:
    return ask.seen(Station.objects.filter(inside(ask.area)).open(ask.last))


@source
def _townships(ask: Ask) -> QuerySet[Area]:
    every = as_known(Area.objects.all(), ask.as_of)
    towns: QuerySet[Area] = every.filter(inside(ask.area, "path"), level=Area.Level.TOWNSHIP, active=True)
    return towns if ask.post is None else towns.filter(inside(ask.post.area, "path"))


@source
def _covered_townships(ask: Ask) -> QuerySet[Area]:
    """The station may stand in a village of the township; it is the township's own all the same."""
    own = _stations(ask).of_kinds(*Station.STATIONS).annotate(town=Substr("area_path", 1, TOWN_PATH))
    return _townships(ask).filter(path__in=own.values("town"))


@source
def _mandates(ask: Ask) -> MandateQuerySet:
    """Based in the area; for a station: those who belong to it, wherever they were elected."""
    held = Mandate.objects.in_office(ask.last)
    if (
        ask.of_all_here
    ):  # a mandate based in sight is in sight: to look at each person's others takes ten times as long
        return as_known(held.filter(inside(ask.area)), ask.as_of)
    held = ask.seen(held)
    if not ask.of_own_stations:
        return held.filter(inside(ask.area))
    stations = Station.objects.visible_to(ask.post).filter(inside(ask.area))
    here = StationAssignment.objects.current(ask.last).filter(station__in=stations, mandate=OuterRef("pk"))
    return held.filter(Exists(here))


@source
def _assigned(ask: Ask) -> MandateQuerySet:
    return _mandates(ask).assigned(ask.last)


@source
def _activities(ask: Ask) -> ActivityQuerySet:
    return ask.seen(Activity.objects.closed().filter(inside(ask.area), day__range=(ask.first, ask.last)))


@source
def _planned(ask: Ask) -> ActivityQuerySet:
    """Receptions that were arranged and not cancelled, held by now or not."""
    rows = Activity.objects.receptions().standing()
    return ask.seen(rows.filter(inside(ask.area), day__range=(ask.first, ask.last)))


@source
def _announced_in_time(ask: Ask) -> ActivityQuerySet:
    return _activities(ask).receptions().announced_in_time()


@source
def _attendances(ask: Ask) -> QuerySet[Attendance]:
    """At activities as in `_activities`, said in one join: it is the largest table."""
    held = Q(activity__state=ActivityState.CLOSED, activity__day__range=(ask.first, ask.last))
    here = inside(ask.area, "activity__area_path")
    return ask.seen(Attendance.objects.present().filter(held, here))


@source
def _visits(ask: Ask) -> QuerySet[Visit]:
    return ask.seen(Visit.objects.counted().filter(inside(ask.area), day__range=(ask.first, ask.last)))


@source
def _requests(ask: Ask) -> RequestQuerySet:
    """Received by the last day: whatever was done in the period was done to one of these."""
    return ask.seen(Request.objects.filter(inside(ask.area), received_on__lte=ask.last))


@source
def _replied(ask: Ask) -> RequestQuerySet:
    """Answered by departments in the period."""
    return _requests(ask).filter(ask.during("replied_on"))


@source
def _rated(ask: Ask) -> RequestQuerySet:
    """Rated for the first time in the period; `satisfied` and `assisted` tell of that rating, not of later rounds."""
    of_this = Rating.objects.filter(request=OuterRef("pk"))
    earlier = Rating.objects.filter(request=OuterRef("request"), round__lt=OuterRef("round"))
    first = of_this.filter(~Exists(earlier))
    unhappy = Q(attitude=Rating.Mark.UNSATISFIED) | Q(result=Rating.Mark.UNSATISFIED)
    return (
        _requests(ask)
        .filter(ask.during("rated_on"))
        .annotate(satisfied=Exists(first.exclude(unhappy)), assisted=Exists(first.exclude(how="")))
    )


def late_orders(ask: Ask) -> QuerySet[Order]:
    """Orders that were due in the period, and whose day went by without the answer, in whichever round."""
    gone_by = min(ask.last, ask.today - timedelta(days=1))
    due = Order.objects.filter(due_on__range=(ask.first, gone_by)).exclude(share=Order.Share.HELPER)
    standing = due.exclude(state__in=(OrderState.RETURNED, OrderState.CANCELLED))
    return standing.filter(Q(replied_on=None) | Q(replied_on__gt=F("due_on")))


def _late(ask: Ask, case: str) -> Exists:
    return Exists(late_orders(ask).filter(**{case: OuterRef("pk")}))


@source
def _overdue(ask: Ask) -> RequestQuerySet:
    """A department's last day lay in the period and went by without its answer."""
    return _requests(ask).filter(_late(ask, "request"))


@source
def _rehandled(ask: Ask) -> RequestQuerySet:
    """A second round, or a further one, began in the period."""
    again = Order.objects.filter(ask.during("issued_on"), request=OuterRef("pk"), round__gt=1)
    return _requests(ask).filter(Exists(again))


@source
def _suggestions(ask: Ask) -> SuggestionQuerySet:
    """Taken up under a number. What was given back to the deputy, or goes the way of a letter, is none.

    Of a congress of the area; for a station: of the deputies who belong to it, to whichever congress. `pieces_items` is
    how many items (条) it adds: one where it has none.
    """
    own = SuggestionItem.objects.filter(suggestion=OuterRef("pk")).order_by().values("suggestion")
    items = Coalesce(Subquery(own.annotate(n=Count("pk")).values("n")), 1)
    numbered = Suggestion.objects.filter(accepted_on__isnull=False).annotate(pieces_items=items)
    rows: SuggestionQuerySet = ask.seen(numbered)
    if not ask.of_own_stations:
        return rows.filter(inside(ask.area))
    stations = Station.objects.visible_to(ask.post).filter(inside(ask.area))
    return rows.filter(lead__in=Mandate.objects.at_stations(stations, ask.today).order_by().values("pk"))


@source
def _proposed(ask: Ask) -> SuggestionQuerySet:
    """Proposed in the period."""
    return _suggestions(ask).filter(ask.during("submitted_on"))


@source
def _delivered(ask: Ask) -> SuggestionQuerySet:
    """Answered in the period; `met`: deputy and department had spoken with each other by that day."""
    spoken = Meeting.objects.filter(suggestion=OuterRef("pk"), on__lte=OuterRef("replied_on"))
    met = Exists(spoken.exclude(way=Meeting.Way.NONE))
    return _suggestions(ask).filter(ask.during("replied_on")).annotate(met=met)


@source
def _evaluated(ask: Ask) -> SuggestionQuerySet:
    """The lead deputy marked the first answer in the period; `content` tells of that mark, not of later rounds."""
    first = Evaluation.objects.filter(
        ask.during("on"), suggestion=OuterRef("pk"), round=1, mandate=OuterRef("lead")
    )
    unhappy = Q(attitude=Rating.Mark.UNSATISFIED) | Q(result=Rating.Mark.UNSATISFIED)
    return _suggestions(ask).filter(Exists(first)).annotate(content=Exists(first.exclude(unhappy)))


@source
def _suggestions_overdue(ask: Ask) -> SuggestionQuerySet:
    return _suggestions(ask).filter(_late(ask, "suggestion"))


# --- The dictionary ---------------------------------------------------------------------------------------------------


EVERY = Q()


class Rule(Enum):
    """How the value comes from the records."""

    COUNT = "count"
    HEADCOUNT = "headcount"
    ITEMS = "items"  # 条 of suggestions
    DEPUTIES = "deputies"  # each person once, however many mandates or attendances
    MEDIAN_DAYS = "median days"  # of what each record took; no sum, so the records do not add up to it

    def of(self, row: Any) -> int:
        """What one record adds to the value; of a median, what it took."""
        match self:
            case Rule.HEADCOUNT:
                return int(row.headcount)
            case Rule.ITEMS:
                return int(row.pieces_items)
            case Rule.MEDIAN_DAYS:
                return int((row.replied_on - row.received_on).days)
            case _:
                return 1


@dataclass(frozen=True)
class Metric:
    code: str
    name: str
    unit: str
    definition: str
    day: str  # which day decides whether a record falls into the period
    source: Source
    which: Q = EVERY
    on: str = ""  # the column of the day that must lie in the period, where the source does not see to that
    rule: Rule = Rule.COUNT
    base: str = ""  # code of the figure of which this one is a part
    person: str = ""  # for Rule.DEPUTIES: where in the source the deputy stands
    since: str = "2026 年 11 月"  # from when it is counted so; a definition that changes gets its own

    @property
    def group(self) -> str:
        return self.code.partition(".")[0]

    @property
    def additive(self) -> bool:
        """The figures of the areas below add up to that of the area. Not where a person counts once, nor a median."""
        return self.rule not in (Rule.DEPUTIES, Rule.MEDIAN_DAYS)

    def condition(self, ask: Ask) -> Q:
        return self.which & ask.during(self.on) if self.on else self.which

    def value(self, ask: Ask) -> Any:
        """The value as a database expression over the source; not for a median."""
        match self.rule:
            case Rule.HEADCOUNT:
                return Sum("headcount", filter=self.condition(ask), default=0)
            case Rule.ITEMS:
                return Sum("pieces_items", filter=self.condition(ask), default=0)
            case Rule.DEPUTIES:
                return Count(self.person, filter=self.condition(ask), distinct=True)
            case _:
                return Count("pk", filter=self.condition(ask))

    def records(self, ask: Ask) -> QuerySet[Any]:
        """The records counted: as many as the value says, or as make up its headcount."""
        rows = ask.rows(self.source).filter(self.condition(ask))
        if self.rule == Rule.DEPUTIES:
            return Deputy.objects.filter(pk__in=rows.values(self.person))
        return rows


def _of(*kinds: str) -> Q:
    return Q(kind__in=kinds)


LAST_DAY = "按统计期最后一天的情况"
EVENT_DAY = "按活动当天的日期"
PROPOSED, ANSWERED = "按提出的日期", "按第一次核签答复的日期"
GROUPS = {
    "network": "站点和代表",
    "activity": "活动和接待",
    "requests": "群众诉求",
    "suggestions": "代表建议",
    "results": "办理成果",
}
_K, _A, _R = Station.Kind, Activity.Kind, RequestState

# fmt: off
METRICS = {metric.code: metric for metric in (
    Metric("network.stations", "联络站", "个",
           "开放着的代表之家和代表联络站的个数。", LAST_DAY, _stations, _of(*Station.STATIONS)),
    Metric("network.points", "联络点", "个",
           "开放着的代表联络点的个数。", LAST_DAY, _stations, _of(*Station.POINTS)),
    Metric("network.micro", "微站", "个", "开放着的微站的个数。", LAST_DAY, _stations, _of(_K.MICRO)),
    Metric("network.mailboxes", "有事找代表信箱", "个",
           "启用着的“有事找代表”信箱的个数。", LAST_DAY, _stations, _of(_K.MAILBOX)),
    Metric("network.townships", "乡镇（街道）", "个",
           "区域内在用的乡级区划的个数。", "按现行区划", _townships),
    Metric("network.townships_covered", "有站的乡镇（街道）", "个",
           "辖区内有开放着的代表之家或联络站的乡镇（街道）的个数。", LAST_DAY, _covered_townships,
           base="network.townships"),
    Metric("network.mandates", "代表职数", "职",
           "在任的代表职务数；一人担任两级代表计两职，暂停执行职务的仍计。", LAST_DAY, _mandates),
    Metric("network.persons", "代表人数", "人",
           "在任代表的人数；一人担任几级代表只计一人。", LAST_DAY, _mandates, rule=Rule.DEPUTIES, person="deputy"),
    Metric("network.assigned", "已编组进站", "职",
           "在任的代表职务中，已编入站点的职务数。", LAST_DAY, _assigned, base="network.mandates"),

    Metric("activity.activities", "活动", "次",
           "已结束的各类活动次数，接待日也在内；取消的不计。", EVENT_DAY, _activities),
    Metric("activity.receptions_planned", "安排的接待日", "次",
           "安排了、没有取消的接待日次数，还没有结束的也计。", EVENT_DAY, _planned),
    Metric("activity.receptions", "接待日", "次", "已结束的接待日次数；取消的不计。", EVENT_DAY, _activities, _of(_A.RECEPTION)),
    Metric("activity.receptions_announced_in_time", "按时公示的接待日", "次",
           "已结束的接待日中，在本地规则要求的日期或之前公示的次数（没有另定的，提前3天）。", EVENT_DAY, _announced_in_time,
           base="activity.receptions"),
    Metric("activity.attendances", "代表进站", "人次",
           "代表到场参加已结束活动的人次；请假、缺席和被替换的不计。", EVENT_DAY, _attendances),
    Metric("activity.deputies_present", "进站代表", "人",
           "到场参加过至少一次已结束活动的代表人数，每人只计一次。", EVENT_DAY, _attendances,
           rule=Rule.DEPUTIES, person="mandate__deputy"),
    Metric("activity.visitors", "接待群众", "人次",
           "来访登记的人数之和；作废的不计，补登的计入来访当天；宣讲、培训的听众另计。", "按来访当天的日期", _visits,
           rule=Rule.HEADCOUNT),
    Metric("activity.parties", "接待批次", "批",
           "来访登记的条数，几人同来为一批；作废的不计。", "按来访当天的日期", _visits),
    Metric("activity.trainings", "学习培训", "次", "已结束的学习培训次数。", EVENT_DAY, _activities, _of(_A.TRAINING)),
    Metric("activity.debriefs", "述职评议", "次", "已结束的述职评议次数。", EVENT_DAY, _activities, _of(_A.DEBRIEF)),
    Metric("activity.publicity", "宣讲", "次", "已结束的宣讲次数。", EVENT_DAY, _activities, _of(_A.PUBLICITY)),
    Metric("activity.research", "调研", "次", "已结束的调研次数。", EVENT_DAY, _activities, _of(_A.RESEARCH)),

    Metric("requests.received", "收到诉求", "件", "登记的群众诉求件数。", "按登记日期", _requests, on="received_on"),
    Metric("requests.on_spot", "现场答复", "件", "当场答复、没有派单就办结的件数；不计入派单和办结。", "按答复的日期",
           _requests, Q(state=_R.ANSWERED_ON_SPOT), on="closed_on"),
    Metric("requests.not_accepted", "不予受理", "件", "说明原因、请本人去别处反映的件数。", "按告知的日期",
           _requests, Q(state=_R.NOT_ACCEPTED), on="closed_on"),
    Metric("requests.dispatched", "派单", "件", "派给承办单位的件数；一件派给几个单位、派了几次，都计一件；并案的随所并的一件答复时计。", "按第一次派单的日期",
           _requests, on="dispatched_on"),
    Metric("requests.accepted", "接单", "件", "承办单位接了单的件数。", "按第一次接单的日期", _requests, on="accepted_on"),
    Metric("requests.followed", "跟单", "件", "有代表跟进的件数。", "按代表第一次跟进的日期", _requests, on="followed_on"),
    Metric("requests.replied", "答复", "件", "承办单位答复了的件数；几个单位办的，都答复了才计。", "按第一次答复的日期",
           _requests, on="replied_on"),
    Metric("requests.fed_back", "告知本人", "件", "把办理结果告诉了反映人的件数。", "按第一次告知的日期", _requests, on="fed_back_on"),
    Metric("requests.rated", "评单", "件", "反映人评价了的件数，网上自己评的和工作人员代记的都计。", "按第一次评价的日期",
           _requests, on="rated_on"),
    Metric("requests.satisfied", "满意", "件", "评价了的诉求中，第一次评价时对态度和结果都满意或基本满意的件数；重办以后的评价不改它。",
           "按第一次评价的日期", _rated, Q(satisfied=True), base="requests.rated"),
    Metric("requests.assisted", "工作人员代记的评价", "件", "评价了的诉求中，第一次评价由工作人员代记的件数。",
           "按第一次评价的日期", _rated, Q(assisted=True), base="requests.rated"),
    Metric("requests.solved", "已解决", "件", "承办单位答复了的诉求中，现在记为“已解决”的件数；部分解决的不计。", "按第一次答复的日期",
           _requests, Q(solved=Request.Solved.YES), on="replied_on", base="requests.replied"),
    Metric("requests.closed", "办结", "件", "办理、答复以后办结的件数；现场答复、不予受理和本人撤回的另计。", "按办结的日期",
           _requests, Q(state=_R.CLOSED), on="closed_on"),
    Metric("requests.overdue", "超期", "件", "到了期限还没有答复的件数，后来才答复的也计；退回、撤销的派单和会办意见不计，并案的不另计，同意延期的按延后的期限。",
           "按答复期限的日期", _overdue),
    Metric("requests.rehandled", "重办", "件", "因不满意等原因重新办理的件数。", "按重新派单的日期", _rehandled),
    Metric("requests.median_days", "答复用时（中位数）", "天",
           "从登记到第一次答复用了几天（自然日），把答复了的各件从短到长排，取正中间的一件；件数是双数的，取中间两件的平均，四舍五入。",
           "按第一次答复的日期", _replied, rule=Rule.MEDIAN_DAYS),

    Metric("suggestions.pieces", "代表建议", "件",
           "代表提出、受理编号的建议、议案、批评和意见；退回代表的、作来信处理的不计，受理以后撤回的仍计。", PROPOSED, _proposed),
    Metric("suggestions.items", "建议的条数", "条", "提出的各件代表建议写了几条，加起来；没有分条的一件算一条。", PROPOSED, _proposed,
           rule=Rule.ITEMS),
    Metric("suggestions.motions", "议案", "件", "提出的各件中，作为议案受理的件数；议案作为建议处理的不计。", PROPOSED, _proposed,
           Q(kind=Suggestion.Kind.MOTION), base="suggestions.pieces"),
    Metric("suggestions.key", "重点建议", "件", "由会议决定列为重点的件数。", "按决定的日期", _suggestions, on="key_on"),
    Metric("suggestions.replied", "答复代表", "件", "承办单位都答复了、人大机关核签了的件数。", ANSWERED, _delivered),
    Metric("suggestions.class_a", "答复 A 类", "件", "答复了的建议中，现在是 A 类的件数；几个单位分别答复的，按办得最少的一个；重办以后按新的答复。",
           ANSWERED, _delivered, Q(answer_class="A"), base="suggestions.replied"),
    Metric("suggestions.class_b", "答复 B 类", "件", "答复了的建议中，现在是 B 类的件数，算法同 A 类。", ANSWERED, _delivered,
           Q(answer_class="B"), base="suggestions.replied"),
    Metric("suggestions.class_c", "答复 C 类", "件", "答复了的建议中，现在是 C 类的件数，算法同 A 类。", ANSWERED, _delivered,
           Q(answer_class="C"), base="suggestions.replied"),
    Metric("suggestions.class_d", "答复 D 类", "件", "答复了的建议中，现在是 D 类的件数，算法同 A 类。", ANSWERED, _delivered,
           Q(answer_class="D"), base="suggestions.replied"),
    Metric("suggestions.met", "答复前面商", "件", "答复了的建议中，答复前和代表当面、视频或电话商量过的件数；写明没有面商的不计。",
           ANSWERED, _delivered, Q(met=True), base="suggestions.replied"),
    Metric("suggestions.evaluated", "代表评价", "件", "领衔代表评价了第一次办理的件数，代表自己评的和机关代记的都计。", "按评价的日期", _evaluated),
    Metric("suggestions.satisfied_first_round", "第一次办理满意", "件",
           "评价了的建议中，领衔代表对第一次办理的态度和结果都满意或基本满意的件数；重办以后的评价不改它。", "按评价的日期", _evaluated,
           Q(content=True), base="suggestions.evaluated"),
    Metric("suggestions.overdue", "建议超期", "件",
           "到了期限承办单位还没有答复的件数，后来才答复的也计；退回、撤销的交办和会办意见不计，同意延期的按延后的期限。",
           "按答复期限的日期", _suggestions_overdue),

    Metric("results.livelihood", "解决民生实事", "件",
           "现场答复或者办结、并且记为“已解决”的群众诉求件数；部分解决的不计，票决的民生实事项目另计。", "按办结的日期",
           _requests, Q(state__in=(_R.ANSWERED_ON_SPOT, _R.CLOSED), solved=Request.Solved.YES), on="closed_on"),
)}
# fmt: on


# --- Answers ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Figure:
    metric: Metric
    value: int
    base: int | None = None  # the whole, where the figure is a part of one

    @property
    def code(self) -> str:
        return self.metric.code

    @property
    def percent(self) -> str:
        """89.5 of a part that has a whole; empty for any other figure, and where the whole is nothing."""
        return f"{100 * self.value / self.base:.1f}" if self.base else ""


def figures(
    area: Area,
    first: date,
    last: date,
    post: Post | None = None,
    *,
    as_of: datetime | None = None,
    codes: tuple[str, ...] = tuple(METRICS),
) -> list[Figure]:
    """The figures of an area from a day to a day, in the order of the dictionary; one query for each source.

    With `post`, of what that post may see: the caller has found `area` among `askable_areas(post)`.
    """
    return answers(Ask(area, first, last, post, as_of), codes)


def with_bases(codes: Iterable[str]) -> list[str]:
    """The codes, and those of the wholes of which they are parts."""
    asked = list(codes)
    return list(dict.fromkeys([*asked, *(base for code in asked if (base := METRICS[code].base))]))


def answers(ask: Ask, codes: Iterable[str]) -> list[Figure]:
    """What `figures` answers, to a question that is made already."""
    codes = list(codes)
    wanted = {code: METRICS[code] for code in with_bases(codes)}
    found = _told_by_tallies(ask, wanted)
    by_source: dict[Source, dict[str, Any]] = {}
    for code, metric in wanted.items():
        if code in found:
            continue
        if metric.rule == Rule.MEDIAN_DAYS:
            found[code] = _median_days(metric.records(ask))
        else:
            by_source.setdefault(metric.source, {})[code.replace(".", "_")] = metric.value(ask)
    for source, values in by_source.items():
        counted = ask.rows(source).order_by().aggregate(**values)
        found |= {code: counted[name] for code in wanted if (name := code.replace(".", "_")) in counted}
    return [Figure(METRICS[code], found[code], found.get(METRICS[code].base)) for code in codes]


def _told_by_tallies(ask: Ask, codes: Iterable[str]) -> dict[str, int]:
    """What was counted beforehand, where that is the same by definition."""
    from .tallies.reading import told  # which builds on this module

    return dict(told(ask, codes).get((), {}))


TOOK = ExpressionWrapper(F("replied_on") - F("received_on"), output_field=DurationField())


def _median_days(answered: QuerySet[Any]) -> int:
    """The median of the days from receipt to answer.

    Counted by the database for each number of days, of which there are some hundred however many the requests.
    """
    counted = answered.order_by().values(took=TOOK).annotate(n=Count("pk")).values_list("took", "n")
    return middle([(took.days, n) for took, n in counted])


def middle(by_days: Iterable[tuple[int, int]]) -> int:
    """The median of values that stand here with how often each comes, a half rounded up; 0 of none."""
    found = sorted(by_days)
    total = sum(n for _, n in found)
    if not total:
        return 0
    lower, upper = _nth(found, (total + 1) // 2), _nth(found, total // 2 + 1)
    return (lower + upper + 1) // 2


def _nth(by_days: list[tuple[int, int]], place: int) -> int:
    """The value at a place (from 1) of values that stand here with how often each comes."""
    for value, n in by_days:
        place -= n
        if place <= 0:
            return value
    raise ValueError("there are not so many values")


FIVE_ORDERS = (  # 五单, in the words of those who run it: code and the name of its order
    ("requests.received", "选民接单"),
    ("requests.dispatched", "派单"),
    ("requests.accepted", "部门接单"),
    ("requests.followed", "代表跟单"),
    ("requests.rated", "选民评单"),
)


@dataclass(frozen=True)
class FiveOrder:
    """One of the five orders: how many in the period, and how many of the requests received in the period, its base."""

    name: str
    in_period: Figure
    of_received: Figure


def five_orders(ask: Ask) -> list[FiveOrder]:
    """The funnel of the five orders, both ways of counting."""
    codes = [code for code, _ in FIVE_ORDERS]
    done, became = answers(ask, codes), answers(replace(ask, cohort=True), codes)
    received = became[0].value
    return [
        FiveOrder(name, in_period, replace(of_received, base=received))
        for (_, name), in_period, of_received in zip(FIVE_ORDERS, done, became, strict=True)
    ]


def records(
    code: str,
    area: Area,
    first: date,
    last: date,
    post: Post | None = None,
    *,
    as_of: datetime | None = None,
    cohort: bool = False,
    part: Narrowing | None = None,
) -> QuerySet[Any]:
    """The records that a figure counts, unordered. Raises KeyError where there is no such figure.

    With `cohort`, for a step of FIVE_ORDERS: of the requests received in the period, those that have taken it.
    """
    return METRICS[code].records(Ask(area, first, last, post, as_of, cohort, part))
