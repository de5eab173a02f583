"""The ledgers (台账) of a report: which records stand in them, what is said of each, and what the columns add up to.

A ledger holds every record that a figure of the report counts, so that each figure can be counted again from it: the
days in a column that lie in the period, the ones that are marked. What is said of a record stands in `visits.columns`
and `suggestions.columns`, as in the lists that are exported.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from deputies.models import Mandate
from liaison.core.columns import Column, Reader, column
from liaison.core.paging import in_chunks
from liaison.core.workbooks.sheets import Percent
from liaison.reports.known import as_known
from liaison.reports.metrics import METRICS
from suggestions.columns import REQUEST, SUGGESTION
from suggestions.workflow import RequestState
from visits.columns import VISIT, person_name, person_phone
from visits.models import Attendance
from visits.models.attendance import ON_DUTY, TALLY, AttendanceQuerySet

if TYPE_CHECKING:
    from .content import Content

CHUNK = 1000
Adds = Callable[[Any, "Content"], int]


@dataclass(frozen=True)
class Part:
    """A column of a ledger, the heading over it, and what a row adds to the figure that the column adds up to."""

    column: Column
    over: str = ""
    adds: Adds | None = None
    figure: str = ""


@dataclass(frozen=True)
class Ledger:
    """`passes`: the rows, as disjoint querysets read one after another in `order`.

    `marks`: figures of which each row should know whether it counts in them (`row.marked`). `ready` brings what the
    columns read to the rows of a chunk.
    """

    name: str
    unit: str
    parts: tuple[Part, ...]
    passes: Callable[["Content"], list[QuerySet[Any]]]
    order: tuple[str, ...]
    chunk: int = CHUNK  # rows in memory at a time
    marks: tuple[str, ...] = ()
    ready: Callable[[list[Any], "Content"], None] = lambda rows, content: None

    def rows(self, content: "Content") -> Iterator[Any]:
        for queryset in self.passes(content):
            for chunk in _pieces(in_chunks(queryset, self.order, size=self.chunk), self.chunk):
                self._mark(chunk, content)
                self.ready(chunk, content)
                yield from chunk

    def _mark(self, chunk: list[Any], content: "Content") -> None:
        pks = [row.pk for row in chunk]
        for row in chunk:
            row.marked = set()
        by_pk = {row.pk: row for row in chunk}
        for code in self.marks:
            counted = METRICS[code].records(content.ask).order_by().filter(pk__in=pks)
            for pk in counted.values_list("pk", flat=True):
                by_pk[pk].marked.add(code)


def _pieces(rows: Iterable[Any], size: int) -> Iterator[list[Any]]:
    left = iter(rows)
    while piece := list(islice(left, size)):
        yield piece


def _in_period(day: date | None, content: "Content") -> bool:
    ask = content.ask
    return day is not None and ask.first <= day <= ask.last


def _day(heading: str, name: str, over: str, figure: str = "", **only: Any) -> Part:
    """A column of days, with how many lie in the period; `only` those rows whose fields are so."""

    def adds(row: Any, content: "Content") -> int:
        counts = all(getattr(row, field) == value for field, value in only.items())
        return int(counts and _in_period(getattr(row, name), content))

    return Part(column(heading, name, 11), over, adds, figure)


def _marked(heading: str, over: str, code: str) -> Part:
    """是 where the row counts in a figure."""
    return Part(
        Column(heading, lambda row, reader: "是" if code in row.marked else "", 8),
        over,
        lambda row, content: int(code in row.marked),
        code,
    )


def _and_further(every: Any, own: Q, content: "Content", *codes: str) -> list[QuerySet[Any]]:
    """The rows of `every` with something of their `own` in the period; then, of each figure, those not among the former."""
    passes, before = [every.filter(own)], own
    for code in codes:
        counted = METRICS[code].records(content.ask).order_by()
        passes.append(every.filter(Exists(counted.filter(pk=OuterRef("pk")))).exclude(before))
        before |= Q(pk__in=counted.values("pk"))
    return passes


# --- 接待台账 ----------------------------------------------------------------------------------------------------------


def _visits(content: "Content") -> list[QuerySet[Any]]:
    rows = METRICS["activity.parties"].records(content.ask)
    return [
        rows.select_related("visitor").prefetch_related(
            "station", "area", "activity", "category", "received_by__deputy"
        )
    ]


RECEPTIONS = Ledger(
    name="接待台账",
    unit="单位：人次、批",
    parts=(
        Part(VISIT["编号"], "来访"),
        Part(VISIT["日期"], "来访", lambda row, content: 1, "activity.parties"),
        Part(VISIT["时间"], "来访"),
        Part(VISIT["站点编号"], "站点"),
        Part(VISIT["站点"], "站点"),
        Part(column("区划", "area.full_name", 26), "站点"),
        Part(VISIT["渠道"], "反映"),
        Part(VISIT["来访人"], "反映"),
        Part(VISIT["手机"], "反映"),
        Part(VISIT["人数"], "反映", lambda row, content: row.headcount, "activity.visitors"),
        Part(VISIT["类别"], "反映"),
        Part(VISIT["反映的问题"], "反映"),
        Part(VISIT["接待代表"], "处理"),
        Part(VISIT["处理"], "处理"),
        Part(VISIT["不予受理的原因和去向"], "处理"),
        Part(VISIT["录入时间"], "处理"),
    ),
    passes=_visits,
    order=("day", "pk"),
)


# --- 诉求台账 ----------------------------------------------------------------------------------------------------------

STEPS = "received dispatched accepted followed replied fed_back rated closed".split()
# What the columns read, of rows of which there may be a hundred thousand.
READ = (
    *(f"{step}_on" for step in STEPS),
    *"number channel title place state solved confidential about about_name station category department follower".split(),
    *"visit__id visit__visitor__visit visit__visitor__name visit__visitor__phone".split(),
)


def _requests(content: "Content") -> list[QuerySet[Any]]:
    ask = content.ask
    every = METRICS["requests.received"].source(ask).select_related("visit__visitor").only(*READ)
    every = every.prefetch_related("station", "category", "department", "follower__deputy")
    own = Q()
    for step in STEPS:
        own |= ask.during(f"{step}_on")
    return _and_further(every, own, content, "requests.overdue", "requests.rehandled")


REQUESTS = Ledger(
    name="诉求台账",
    unit="单位：件；合计行是各栏的日期在统计期内的件数",
    parts=(
        Part(REQUEST["编号"], "登记"),
        _day("登记日期", "received_on", "登记", "requests.received"),
        Part(REQUEST["站点编号"], "登记"),
        Part(REQUEST["站点"], "登记"),
        Part(REQUEST["渠道"], "登记"),
        Part(REQUEST["类别"], "登记"),
        Part(REQUEST["标题"], "登记"),
        Part(Column("反映人", person_name, 10), "登记"),
        Part(Column("手机", person_phone, 14), "登记"),
        Part(column("承办单位", "department.name", 22), "办理"),
        _day("派单日期", "dispatched_on", "办理", "requests.dispatched"),
        _day("接单日期", "accepted_on", "办理", "requests.accepted"),
        Part(column("跟单代表", "follower.deputy.name", 10), "办理"),
        _day("跟单日期", "followed_on", "办理", "requests.followed"),
        _day("答复日期", "replied_on", "办理", "requests.replied"),
        _day("告知日期", "fed_back_on", "反馈", "requests.fed_back"),
        _day("评价日期", "rated_on", "反馈", "requests.rated"),
        _marked("满意", "反馈", "requests.satisfied"),
        _marked("已解决", "反馈", "requests.solved"),
        _day("办结日期", "closed_on", "结果", "requests.closed", state=RequestState.CLOSED),
        _marked("超期", "结果", "requests.overdue"),
        _marked("重办", "结果", "requests.rehandled"),
        Part(REQUEST["状态"], "结果"),
    ),
    passes=_requests,
    order=("received_on", "pk"),
    marks=("requests.satisfied", "requests.solved", "requests.overdue", "requests.rehandled"),
)


# --- 建议台账 ----------------------------------------------------------------------------------------------------------


def _suggestions(content: "Content") -> list[QuerySet[Any]]:
    ask = content.ask
    every = METRICS["suggestions.key"].source(ask).annotate(count=Count("items", distinct=True))
    every = every.select_related("lead__deputy", "term__congress", "session", "department")
    every = every.defer("text").prefetch_related("area", "signers__mandate__deputy", "orders__department")
    own = ask.during("submitted_on") | ask.during("replied_on") | ask.during("key_on")
    return _and_further(every, own, content, "suggestions.evaluated", "suggestions.overdue")


def _items(row: Any, content: "Content") -> int:
    return row.pieces_items if _in_period(row.submitted_on, content) else 0


SUGGESTIONS = Ledger(
    name="建议台账",
    unit="单位：件、条；合计行是各栏的日期在统计期内的件数",
    parts=(
        Part(SUGGESTION["编号"], "提出"),
        Part(SUGGESTION["标题"], "提出"),
        Part(SUGGESTION["类型"], "提出"),
        _day("提出日期", "submitted_on", "提出", "suggestions.pieces"),
        Part(SUGGESTION["届次"], "提出"),
        Part(SUGGESTION["会次"], "提出"),
        Part(SUGGESTION["领衔代表"], "提出"),
        Part(SUGGESTION["附议代表"], "提出"),
        Part(column("条数", "pieces_items", 6), "提出", _items, "suggestions.items"),
        Part(SUGGESTION["交办日期"], "办理"),
        Part(SUGGESTION["主办单位"], "办理"),
        Part(SUGGESTION["会办单位"], "办理"),
        _day("答复日期", "replied_on", "办理", "suggestions.replied"),
        Part(SUGGESTION["答复类别"], "办理"),
        _marked("答复前面商", "办理", "suggestions.met"),
        _marked("代表评价", "结果", "suggestions.evaluated"),
        _marked("第一次办理满意", "结果", "suggestions.satisfied_first_round"),
        _day("列为重点", "key_on", "结果", "suggestions.key"),
        _marked("超期", "结果", "suggestions.overdue"),
        Part(SUGGESTION["状态"], "结果"),
    ),
    passes=_suggestions,
    order=("written_on", "pk"),
    marks=(
        "suggestions.met",
        "suggestions.evaluated",
        "suggestions.satisfied_first_round",
        "suggestions.overdue",
    ),
)


# --- 代表进站 ----------------------------------------------------------------------------------------------------------


def _rostered(content: "Content") -> AttendanceQuerySet:
    """The places on the rosters of the activities that the figures count."""
    activities = METRICS["activity.activities"].source(content.ask).order_by()
    rows = Attendance.objects.filter(activity__in=activities.values("pk"))
    rows = rows if content.post is None else rows.visible_to(content.post)
    return as_known(rows, content.as_of)


def _mandates(content: "Content") -> list[QuerySet[Any]]:
    on_roster = _rostered(content).order_by().filter(mandate=OuterRef("pk"))
    rows = Mandate.objects.filter(Exists(on_roster)).select_related("deputy", "area")
    return [as_known(rows, content.as_of)]


def _tallies(rows: list[Any], content: "Content") -> None:
    """To each mandate the figures of its duty record; `came`: how often it came, counted or not."""
    counts = {name: Count("pk", filter=ON_DUTY & condition) for name, condition in TALLY.items()}
    counts["came"] = Count("pk", filter=TALLY["present"])
    here = _rostered(content).filter(mandate__in=[row.pk for row in rows]).order_by()
    by_mandate = {mandate: numbers for mandate, *numbers in here.values_list("mandate").annotate(**counts)}
    for row in rows:
        row.tally = dict(zip(counts, by_mandate[row.pk], strict=True))


def _tally(heading: str, name: str, over: str, figure: str = "") -> Part:
    return Part(
        Column(heading, lambda row, reader: row.tally[name], 9),
        over,
        lambda row, content: row.tally[name],
        figure,
    )


def _rate(row: Any, reader: Reader) -> Percent | None:
    due = row.tally["due"]
    return Percent(f"{100 * row.tally['present'] / due:.1f}") if due else None


ATTENDANCES = Ledger(
    name="代表进站",
    unit="单位：次；请假、被替换的不算应到",
    parts=(
        Part(column("代表", "deputy.name", 14)),
        Part(column("层级", "get_level_display", 8)),
        Part(column("选区或选举单位", "constituency", 28)),
        Part(column("所在区划", "area.full_name", 28)),
        _tally("到场", "came", "", "activity.attendances"),
        _tally("应到", "due", "任期内的到会"),
        _tally("实到", "present", "任期内的到会"),
        _tally("缺席", "absent", "任期内的到会"),
        Part(Column("到会率", _rate, 9), "任期内的到会"),
        _tally("请假", "leave", "不算应到"),
        _tally("请假没有答复", "unanswered", "不算应到"),
        _tally("被替换", "substituted", "不算应到"),
    ),
    passes=_mandates,
    order=("area_path", "pk"),
    chunk=2 * CHUNK,  # small rows; and each chunk looks through the activities of the period
    ready=_tallies,
)


LEDGERS = (RECEPTIONS, REQUESTS, SUGGESTIONS, ATTENDANCES)
