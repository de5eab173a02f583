"""The quotas as data: what is counted of a deputy in a year, and which rule of the place says how much is asked.

What a person did counts for whichever mandate it was done: who is deputy at two levels enters the station once. Only
days on which the mandate was held count (`Attendance.counted`). What is asked shrinks for who took office during the
year: in proportion to the days, to the nearest whole, a half in the deputy's favour.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from django.db.models import Count, DecimalField, Q, QuerySet, Sum

from deputies.contacts.models import ContactLink, ContactRecord
from liaison.accounts.models import Area
from liaison.reports.metrics import METRICS, Ask
from visits.models import Activity, Attendance

K = Activity.Kind
AFIELD = (K.RESEARCH, K.INSPECTION)
COUNT = Count("pk")
OUTSIDE = (*AFIELD, K.VISIT, K.DOOR, K.RETURN_VISIT)

Records = Callable[[date, date], QuerySet[Any]]


def _came(which: Q) -> Records:
    """Attendances of closed activities to which the deputy came, as 代表进站 of the dictionary counts them."""

    def records(first: date, last: date) -> QuerySet[Any]:
        days = Q(activity__day__range=(first, last))
        return Attendance.objects.counted().present().filter(which, days)

    return records


def _contacts(first: date, last: date) -> QuerySet[Any]:
    made = ContactRecord.objects.counted().filter(day__range=(first, last))
    return made.filter(link__kind=ContactLink.Kind.VOTER)


def _proposed(first: date, last: date) -> QuerySet[Any]:
    """In the lead, and taken up under a number, as suggestions.pieces counts them."""
    found: QuerySet[Any] = METRICS["suggestions.pieces"].records(Ask(Area(path=""), first, last))
    return found


@dataclass(frozen=True)
class Quota:
    code: str
    name: str
    unit: str
    definition: str
    rule: str  # of Policy, with {level} in it where it differs by level
    records: Records
    person: str = "mandate__deputy"  # where the deputy stands in the records
    value: Any = COUNT
    leaders: bool = False  # asked only of who sits in a standing committee

    def rule_of(self, level: str) -> str:
        return self.rule.format(level=level.lower())


# fmt: off
QUOTAS = {quota.code: quota for quota in (
    Quota("receptions", "进站接待", "次", "在任期间到场参加、已结束的接待日。",
          "quota_receptions_{level}", _came(Q(activity__kind=K.RECEPTION))),
    Quota("activities", "参加活动", "次", "在任期间到场参加、已结束的各类活动，接待日不在内。",
          "quota_activities_{level}", _came(~Q(activity__kind=K.RECEPTION))),
    Quota("days", "调研视察", "天", "在任期间到场参加的调研、视察，各次的天数加起来。",
          "quota_days_{level}", _came(Q(activity__kind__in=AFIELD, activity__days__isnull=False)),
          value=Sum("activity__days", output_field=DecimalField())),
    Quota("contacts", "联系选民", "位", "有联系记录的固定联系选民，每位只计一次；作废的记录不计。",
          "quota_contacts", _contacts, person="link__mandate__deputy", value=Count("link", distinct=True)),
    Quota("suggestions", "提出建议", "件", "领衔提出、受理编号的代表建议；退回的、作来信处理的不计。",
          "quota_suggestions_{level}", _proposed, person="lead__deputy"),
    Quota("committee", "常委会组成人员下基层", "次", "常委会组成人员到场参加的调研、视察、走访、上门和回访。",
          "quota_committee", _came(Q(activity__kind__in=OUTSIDE)), leaders=True),
)}
# fmt: on


def due(asked: int, began: date, on: date) -> tuple[int, int]:
    """Of `asked` in the year of `on`, for who serves since `began`: how much in the year, and how much by `on`.

    By a day is due what is whole in proportion: of four, one after three months, all four only when the year is over.
    """
    first, last = date(on.year, 1, 1), date(on.year, 12, 31)
    since = max(began, first)
    if since > on or asked <= 0:
        return (0 if since > last else _share(asked, since, first, last)), 0
    year = _share(asked, since, first, last)
    return year, year * ((on - since).days + 1) // ((last - since).days + 1)


def _share(asked: int, since: date, first: date, last: date) -> int:
    """In proportion to the days from `since`, to the nearest whole; a half goes down."""
    held, whole = (last - since).days + 1, (last - first).days + 1
    return -((whole - 2 * asked * held) // (2 * whole)) if asked > 0 else 0


@lru_cache(maxsize=256)
def thresholds(asked: int, on: date, by_day: bool) -> tuple[tuple[date, int], ...]:
    """The same as steps: who serves since this day or earlier owes at least so much; the most first."""
    first = date(on.year, 1, 1)
    found: dict[int, date] = {}
    for number in range((on - first).days + 1):
        since = first + timedelta(days=number)
        owed = due(asked, since, on)[by_day]
        if owed:
            found[owed] = since
    return tuple((day, owed) for owed, day in sorted(found.items(), reverse=True))
