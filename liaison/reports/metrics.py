"""The metric dictionary: what is counted, each figure defined once (model.md §8).

A figure is a *source* (the records that may count, in the words of the models), a condition that narrows it, and a rule
for its value. The number and the list of its records come from the same three, so they cannot disagree. Figures that
share a source share its query.

As known at a moment (`as_of`): records entered later are left out, visits voided later are put back, activities closed
later are left out. What else a record said at that moment (a reopened activity, a corrected headcount) only the audit
entries tell; a closed period keeps its figures as a frozen report.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Substr

from deputies.models import Deputy, Mandate, MandateQuerySet, StationAssignment
from liaison.accounts.models import TOWN_PATH, Area, Post, Role
from liaison.core.places import inside
from stations.models import Station, StationQuerySet
from visits.models import Activity, Attendance, Visit
from visits.models.activity import ActivityQuerySet

ASKERS = (Role.OFFICE, Role.AUDITOR, Role.STATION)


@dataclass(frozen=True)
class Ask:
    """A question: which area, which days, who asks (None: the house itself), and known when (None: now)."""

    area: Area
    first: date
    last: date
    post: Post | None = None
    as_of: datetime | None = None

    @property
    def of_own_stations(self) -> bool:
        return self.post is not None and self.post.role == Role.STATION

    def seen(self, queryset: Any) -> Any:
        """What the asking post may see of `queryset`, as far as it was entered at the moment asked for."""
        if self.post is not None:
            queryset = queryset.visible_to(self.post)
        return queryset if self.as_of is None else queryset.filter(created_at__lte=self.as_of)


def askable_areas(post: Post | None) -> QuerySet[Area]:
    """The areas whose figures a post may ask for; any other is out of sight."""
    if post is None or post.role not in ASKERS:
        return Area.objects.none()
    return Area.objects.visible_to(post)


# --- Sources: the records that may count ------------------------------------------------------------------------------


def _stations(ask: Ask) -> StationQuerySet:
    return ask.seen(Station.objects.filter(inside(ask.area)).open(ask.last))


def _townships(ask: Ask) -> QuerySet[Area]:
    towns = Area.objects.filter(inside(ask.area, "path"), level=Area.Level.TOWNSHIP, active=True)
    return towns if ask.post is None else towns.filter(inside(ask.post.area, "path"))


def _covered_townships(ask: Ask) -> QuerySet[Area]:
    """The station may stand in a village of the township; it is the township's own all the same."""
    own = _stations(ask).of_kinds(*Station.STATIONS).annotate(town=Substr("area_path", 1, TOWN_PATH))
    return _townships(ask).filter(path__in=own.values("town"))


def _mandates(ask: Ask) -> MandateQuerySet:
    """Based in the area; for a station: those who belong to it, wherever they were elected."""
    held = ask.seen(Mandate.objects.in_office(ask.last))
    if not ask.of_own_stations:
        return held.filter(inside(ask.area))
    stations = Station.objects.visible_to(ask.post).filter(inside(ask.area))
    here = StationAssignment.objects.current(ask.last).filter(station__in=stations, mandate=OuterRef("pk"))
    return held.filter(Exists(here))


def _assigned(ask: Ask) -> MandateQuerySet:
    return _mandates(ask).assigned(ask.last)


def _activities(ask: Ask) -> ActivityQuerySet:
    rows = ask.seen(Activity.objects.closed().filter(inside(ask.area), day__range=(ask.first, ask.last)))
    return rows if ask.as_of is None else rows.filter(Q(closed_at=None) | Q(closed_at__lte=ask.as_of))


def _announced_in_time(ask: Ask) -> ActivityQuerySet:
    return _activities(ask).receptions().announced_in_time()


def _attendances(ask: Ask) -> QuerySet[Attendance]:
    rows = ask.seen(Attendance.objects.present())
    return rows.filter(activity__in=_activities(ask).values("pk"))


def _visits(ask: Ask) -> QuerySet[Visit]:
    if ask.as_of is None:
        rows = Visit.objects.counted()
    else:
        rows = Visit.objects.filter(Q(voided_at=None) | Q(voided_at__gt=ask.as_of))
    return ask.seen(rows.filter(inside(ask.area), day__range=(ask.first, ask.last)))


# --- The dictionary ---------------------------------------------------------------------------------------------------


EVERY = Q()


class Rule(Enum):
    """How the value comes from the records."""

    COUNT = "count"
    HEADCOUNT = "headcount"
    DEPUTIES = "deputies"  # each person once, however many mandates or attendances


@dataclass(frozen=True)
class Metric:
    code: str
    name: str
    unit: str
    definition: str
    day: str  # which day decides whether a record falls into the period
    source: Callable[[Ask], Any]
    which: Q = EVERY
    rule: Rule = Rule.COUNT
    base: str = ""  # code of the figure of which this one is a part
    person: str = ""  # for Rule.DEPUTIES: where in the source the deputy stands

    @property
    def group(self) -> str:
        return self.code.partition(".")[0]

    def value(self) -> Any:
        """The value as a database expression over the source."""
        match self.rule:
            case Rule.HEADCOUNT:
                return Sum("headcount", filter=self.which, default=0)
            case Rule.DEPUTIES:
                return Count(self.person, filter=self.which, distinct=True)
            case _:
                return Count("pk", filter=self.which)

    def records(self, ask: Ask) -> QuerySet[Any]:
        """The records counted: as many as the value says, or as make up its headcount."""
        rows = self.source(ask).filter(self.which)
        if self.rule == Rule.DEPUTIES:
            return Deputy.objects.filter(pk__in=rows.values(self.person))
        return rows


def _of(*kinds: str) -> Q:
    return Q(kind__in=kinds)


LAST_DAY = "按统计期最后一天的情况"
EVENT_DAY = "按活动当天的日期"
GROUPS = {"network": "站点和代表", "activity": "活动和接待"}
_K, _A = Station.Kind, Activity.Kind

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
    ask = Ask(area, first, last, post, as_of)
    wanted = {code: METRICS[code] for code in codes}
    wanted |= {base: METRICS[base] for metric in list(wanted.values()) if (base := metric.base)}
    by_source: dict[Callable[[Ask], Any], dict[str, Any]] = {}
    for code, metric in wanted.items():
        by_source.setdefault(metric.source, {})[code.replace(".", "_")] = metric.value()
    found: dict[str, int] = {}
    for source, values in by_source.items():
        found |= source(ask).order_by().aggregate(**values)
    value = {code: found[code.replace(".", "_")] for code in wanted}
    return [Figure(METRICS[code], value[code], value.get(METRICS[code].base)) for code in codes]


def records(
    code: str, area: Area, first: date, last: date, post: Post | None = None, *, as_of: datetime | None = None
) -> QuerySet[Any]:
    """The records that a figure counts, unordered. Raises KeyError where there is no such figure."""
    return METRICS[code].records(Ask(area, first, last, post, as_of))
