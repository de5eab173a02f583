"""Each figure of `metrics.METRICS` in words, and what special cases count as. The tests hold each case to what is said here."""

from dataclasses import dataclass
from datetime import date

from liaison.accounts.models import Area
from liaison.reports.metrics import GROUPS, METRICS, Ask, Metric, Rule

HOW = {
    Rule.COUNT: "每条记录计 1，有几条就是几",
    Rule.HEADCOUNT: "每条记录计它写的人数，加起来",
    Rule.ITEMS: "每件计它的条数，没有分条的计 1，加起来",
    Rule.DEPUTIES: "每个人计 1，不管有几条记录",
    Rule.MEDIAN_DAYS: "每条记录用了几天，从短到长排，取正中间的",
}
APART = {
    Rule.DEPUTIES: "不能：同一个人在几个地方有职务或进过站，每个地方都计，上级只计一次，所以各地加起来可能大于上级",
    Rule.MEDIAN_DAYS: "不能：中位数不能相加，上级的要用全部记录重新排",
}
TOGETHER = "能：下级各区划和本级自己的加起来，就是本级的数"


@dataclass(frozen=True)
class Entry:
    """One figure as the dictionary tells it."""

    metric: Metric
    records: str  # what kind of record it counts

    @property
    def how(self) -> str:
        return HOW[self.metric.rule]

    @property
    def base(self) -> Metric | None:
        return METRICS[self.metric.base] if self.metric.base else None

    @property
    def sums(self) -> str:
        """Do the figures of the areas below add up to it, and why not?"""
        return TOGETHER if self.metric.additive else APART[self.metric.rule]


def entries() -> dict[str, list[Entry]]:
    """The dictionary, by the name of the group."""
    nobody = Ask(Area(path="10"), date.min, date.min)  # asked for what it is made of, not for its answer
    found: dict[str, list[Entry]] = {name: [] for name in GROUPS.values()}
    for metric in METRICS.values():
        counted = metric.records(nobody).model
        found[GROUPS[metric.group]].append(Entry(metric, str(counted._meta.verbose_name)))
    return found


@dataclass(frozen=True)
class Case:
    """A case in which people count differently: here it is decided."""

    name: str
    title: str
    rule: str
    group: str


_T, _N, _A, _R, _S = "时间和更正", "站点和代表", "活动和接待", "群众诉求", "代表建议"
# fmt: off
CASES = (
    Case("late_entry", "补登", "计入事情发生的那一天，不看哪天录入。已经报出去的数用“按哪一天所知”还能算出来。", _T),
    Case("corrected", "更正", "按更正以后的内容计；更正了日期的，换到新的那天。", _T),
    Case("voided", "作废和恢复", "作废的不计，恢复的照计。", _T),
    Case("as_known", "按哪一天所知", "只算那天结束时系统里有的内容：以后补登、更正、作废、恢复、办理的都不算在内。能不能看，仍按今天的权限。", _T),
    Case("moved_area", "区划撤并、改名", "有站的乡镇等按现行区划；登记、诉求、活动留在当时的区划，不搬到新的区划。", _T),

    Case("mandate_in_mid_term", "期中就任、离任", "职数、人数看统计期最后一天：期中就任的计，期中离任的不计，最后一天当天离任的仍计。在任时进站、接待的，离任以后仍计。", _N),
    Case("mandate_suspended", "暂停执行职务", "仍是代表，职数、人数照计。", _N),
    Case("two_mandates", "一人担任几级代表", "职数按几职计，人数只计一人。", _N),
    Case("station_closed", "期中停用的站点", "站点数看统计期最后一天，停用的不计（停用当天起不计）；停用以前的活动、来访、诉求仍计。", _N),
    Case("station_moved", "迁到别的区划的站点", "站点数计在现在的区划；以前的活动、来访、诉求留在当时的区划。按站看时，都在这个站名下。", _N),
    Case("deputy_moved", "换了站点的代表", "编组看统计期最后一天在不在站；以前到会的人次留在当时的站。", _N),

    Case("not_closed", "没有结束和取消的活动", "没有结束的不计，取消的不计；安排的接待日只除去取消的。", _A),
    Case("reopened", "重新打开补录的活动", "打开期间不计，再结束以后照计，仍计入活动当天。", _A),
    Case("postponed", "改期的活动", "计入改后的日期。", _A),
    Case("contested", "对到会记录的异议", "更正为已到的计，更正为请假的不计；等待答复时按原记录。", _A),
    Case("guest_deputy", "到别处参加活动的代表", "计在活动所在的站点和区划。", _A),
    Case("returned", "退回重派", "派单、接单都按第一次的日期，退几次都计一件；退回的那张派单不算超期。", _R),
    Case("answered_again", "答复退回重写", "答复仍按第一次答复的日期计一件，重写期间也计。", _R),
    Case("rehandled", "重新办理", "计入重办；满意只看第一次评价，答复、派单不重复计；第一次没有超期、重办超期的，计入重办期限的那天。", _R),
    Case("withdrawn", "本人撤回", "收到的照计，已经办的各步照计；不计入办结，撤回以后不再算超期。", _R),
    Case("refused", "不予受理和现场答复", "收到的照计，各自另计，不计入派单和办结。", _R),
    Case("joined", "并案", "收到几件计几件；随所并的那件答复时，同时计入派单、接单、答复，各自告知、评价；超期只计有派单的那件。拆开的，以后自己算自己的。", _R),
    Case("themed", "归入共性问题", "每件照原来计，不因归在一起而少计；共性问题本身不是一件诉求。", _R),
    Case("extended", "延期", "同意延期的按延后的期限算超期；没有同意的按原来的。", _R),
    Case("several_departments", "几个单位办的", "都答复了才计答复；有一个单位超期就计一件超期，会办意见不算。", _R),
    Case("unrated", "没有评价的", "不算满意也不算不满意：满意率只占评价了的，和评价了几件一起看。工作人员代记的计入，并另外列出几件。", _R),

    Case("given_back", "退回代表和作来信处理的", "没有受理编号的不计；退回以后重新提交、受理了的，按最后提出的日期计。", _S),
    Case("suggestion_withdrawn", "受理以后撤回的建议", "提出的件数照计。", _S),
    Case("suggestion_rehandled", "重新办理的建议", "答复按第一次核签的日期计一件，类别按现在的；满意只看领衔代表对第一次办理的评价。", _S),
)
# fmt: on


def cases() -> dict[str, list[Case]]:
    """What special cases count as, by group."""
    found: dict[str, list[Case]] = {}
    for case in CASES:
        found.setdefault(case.group, []).append(case)
    return found
