"""What is asked of each kind of activity, as data: its own fields, what they are called, and without which it is not closed.

Pages, REST and the check of `Activity` read the one table KINDS. A field that figures need is a column of `Activity`;
all others stand together in `details`, of the types said here. The sets of fields follow the registers in use
(docs: 一站一档 活动记录; 述职评议; 调研 with days, which quotas count in halves).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError

LINE, LONG = 120, 5000  # characters that a line and a long text may have
HALF = Decimal("0.5")  # days are counted in halves


@dataclass(frozen=True)
class Detail:
    """One field of `details`: a line, a long text, a whole number, one choice, or several."""

    name: str
    label: str
    type: str = "line"  # line, long, number, choice, choices
    choices: tuple[tuple[str, str], ...] = ()
    hint: str = ""
    afterwards: bool = False  # known only when it is over: not asked while it is planned

    def fault(self, value: Any) -> str:
        """Why `value` cannot stand in this field; empty where it can."""
        match self.type:
            case "line" | "long":
                most = LINE if self.type == "line" else LONG
                fits = isinstance(value, str) and len(value) <= most
            case "number":
                fits = type(value) is int and 0 <= value <= 100_000
            case "choice":
                fits = value in dict(self.choices)
            case _:
                fits = isinstance(value, list) and set(value) <= set(dict(self.choices))
        return "" if fits else f"“{self.label}”填得不对。"

    def words(self, value: Any) -> str:
        """The value as a page shows it."""
        names = dict(self.choices)
        if self.type == "choices":
            return "、".join(names.get(one, one) for one in value)
        return str(names.get(value, value)) if self.type == "choice" else str(value)


@dataclass(frozen=True)
class Kind:
    """What one kind of activity asks. `needed` names what must be known before it is closed."""

    theme: str = "主题"
    people: str = "参加群众人数"  # what `headcount` is called; empty: not asked
    days: bool = False  # takes days, which are counted for each deputy who came
    hears: bool = False  # people are heard one by one, and logged as visits
    follows: bool = False  # goes back to an earlier visit
    reporting: bool = False  # some of the deputies report to voters
    details: tuple[Detail, ...] = ()
    needed: frozenset[str] = frozenset()


def _needs(*names: str) -> frozenset[str]:
    return frozenset(names)


# fmt: off
_HOUSEHOLDS = Detail("households", "走访户数", "number", afterwards=True)
_WHOM = Detail("whom", "走访对象", hint="如：独居老人、个体商户；不写姓名")
_UNITS = Detail("units", "走访单位或地点", "long", hint="一行一个")
_FINDINGS = Detail("findings", "发现的问题和意见", "long", afterwards=True)
_RESULT = Detail("result", "回访结果", "long", afterwards=True)
_FORMS = Detail("forms", "宣讲形式", "choices", (
    ("MEETING", "会议"), ("HOUSEHOLD", "入户"), ("BROADCAST", "广播"), ("ARTS", "文艺演出"), ("STALL", "现场咨询"),
    ("MATERIALS", "发放资料"), ("ONLINE", "网络"),
))
_AUDIENCE = Detail("audience", "宣讲对象", hint="如：村民、企业职工、学生")
_TEACHER = Detail("teacher", "授课人", hint="姓名和单位")
_HOURS = Detail("hours", "学时", "number")
_PARTICIPANTS = Detail("participants", "参训人员", "choice", (
    ("NEW", "新任代表"), ("DEPUTIES", "代表"), ("GROUP", "专业小组或代表小组"), ("STAFF", "联络站工作人员"), ("MIXED", "代表和工作人员"),
))
_REPORT = Detail("report", "调研报告", "long", afterwards=True, hint="要点写在这里，全文可以作为附件上传")
_PARTNERS = Detail("partners", "参加单位", "long", hint="一行一个")
_AGREED = Detail("agreed", "议定事项", "long", afterwards=True)
_OPINIONS = Detail("opinions", "征集意见条数", "number", afterwards=True)

KINDS = {
    "RECEPTION": Kind(people="", hears=True),
    "VISIT": Kind(people="走访群众人数", hears=True, details=(_WHOM, _HOUSEHOLDS), needed=_needs("households", "headcount")),
    "RETURN_VISIT": Kind(people="回访群众人数", hears=True, follows=True, details=(_HOUSEHOLDS, _RESULT),
                         needed=_needs("result", "headcount")),
    "DOOR": Kind(people="上门服务人数", hears=True, details=(_WHOM, _HOUSEHOLDS), needed=_needs("households", "headcount")),
    "RESEARCH": Kind(theme="调研题目", people="", days=True, details=(_UNITS, _REPORT), needed=_needs("theme", "days", "units")),
    "INSPECTION": Kind(theme="视察内容", people="", days=True, details=(_UNITS, _FINDINGS), needed=_needs("theme", "days", "units")),
    "SUPERVISION": Kind(theme="监督主题", people="", details=(_UNITS, _FINDINGS), needed=_needs("theme", "units")),
    "PUBLICITY": Kind(theme="宣讲内容", people="听众人数", details=(_FORMS, _AUDIENCE), needed=_needs("theme", "forms", "headcount")),
    "TRAINING": Kind(theme="学习培训内容", people="其他参训人数", days=True, details=(_TEACHER, _PARTICIPANTS, _HOURS),
                     needed=_needs("theme", "participants")),
    "DEBRIEF": Kind(people="参加评议的选民人数", reporting=True, needed=_needs("reporting", "headcount")),
    "FORUM": Kind(theme="议题", people="参加人数", hears=True, details=(_PARTNERS, _AGREED),
                  needed=_needs("theme", "headcount")),
    "LEGISLATION": Kind(theme="法规草案名称", people="参加人数", details=(_PARTNERS, _OPINIONS),
                        needed=_needs("theme", "opinions", "headcount")),
    "OTHER": Kind(people="参加人数", needed=_needs("theme")),
}
# fmt: on
DETAILS = {detail.name: detail for kind in KINDS.values() for detail in kind.details}


def clean_details(kind: str, details: Any) -> dict[str, Any]:
    """`details` of an activity of this kind without what is empty. Raises ValidationError where a field is not of it,
    or not of its type.
    """
    if not isinstance(details, dict):
        raise ValidationError("活动内容应是“名称：值”的对照。")
    known = {detail.name: detail for detail in KINDS[kind].details}
    filled = {name: value for name, value in details.items() if value not in ("", None, [])}
    faults = [f"这类活动没有“{name}”这一项。" for name in filled if name not in known]
    faults += [
        fault for name, value in filled.items() if name in known and (fault := known[name].fault(value))
    ]
    if faults:
        raise ValidationError(faults)
    return filled


def label_of(kind: str, name: str) -> str:
    """What a field is called for this kind."""
    asked = KINDS[kind]
    own = {"theme": asked.theme, "headcount": asked.people, "days": "天数", "reporting": "述职的代表"}
    return own.get(name) or DETAILS[name].label


def told(kind: str, details: dict[str, Any]) -> list[tuple[str, str]]:
    """What is filled in of `details`, as label and words in the order of the table."""
    known = [detail for detail in KINDS[kind].details if detail.name in details]
    return [(detail.label, detail.words(details[detail.name])) for detail in known]


def missing(kind: str, known: dict[str, Any]) -> list[str]:
    """What must be known before an activity of this kind is closed and is not, as labels in the order of the table."""
    asked = KINDS[kind]
    order: Iterable[str] = ("theme", "days", "reporting", *(detail.name for detail in asked.details))
    return [
        label_of(kind, name) for name in order if name in asked.needed and known.get(name) in (None, "", [])
    ]
