"""Makes reception days ahead of time from the rules. Making twice makes none twice."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction

from liaison.accounts.models import Post
from liaison.core.models import AuditEntry
from liaison.core.policy import policy_for
from liaison.core.workdays import Workdays
from liaison.core.workflow import NotAllowed
from stations.models import Station

from .models import Activity, ReceptionRule
from .models.rule import Occurrence
from .workflow import AHEAD, ActivityState


@dataclass(frozen=True)
class PlannedDay:
    """What becomes of one day of a rule: made now, there already, or not made and why."""

    occurrence: Occurrence
    problem: str = ""
    exists: bool = False


def preview(rule: ReceptionRule, first: date, last: date) -> list[PlannedDay]:
    """The days that `make_days` would make for this rule, and those it would not, with the reason."""
    workdays = Workdays.around(first)
    made = set(Activity.objects.filter(rule=rule.pk).values_list("rule_on", flat=True)) if rule.pk else set()
    found = rule.occurrences(first, last, workdays)
    days = [occurrence.day for occurrence in found]
    taken = {
        (other.day): other
        for other in Activity.objects.standing().receptions().filter(station=rule.station_id, day__in=days).exclude(rule=rule.pk)
    }
    rows = []
    for occurrence in found:
        if occurrence.nominal in made:
            rows.append(PlannedDay(occurrence, exists=True))
        elif occurrence.day == date.min:
            rows.append(PlannedDay(occurrence, occurrence.reason))
        elif not rule.station.is_open(occurrence.day):
            rows.append(PlannedDay(occurrence, "站点这一天没有开放，不排"))
        elif other := taken.get(occurrence.day):
            rows.append(PlannedDay(occurrence, f"本站这天已有接待日（{other.starts_at:%-H:%M}—{other.ends_at:%-H:%M}），不重复排"))
        else:
            rows.append(PlannedDay(occurrence))
    return rows


def make_days(rule: ReceptionRule, today: date, *, by: Post | None = None, until: date | None = None) -> int:
    """Make the rule's days from `today` on, as far ahead as policy says (or `until`). Returns how many were made.

    Days that a person moved or cancelled stay as they are. Days still untouched follow the calendar where it was
    corrected. A day that another rule of the station already holds is left to it.
    """
    with transaction.atomic():
        station = Station.objects.select_for_update().get(pk=rule.station_id)
        ahead = policy_for(station.area, today).plan_ahead_days
        last = until or today + timedelta(days=ahead)
        first = max(today - timedelta(days=31), rule.first_on)  # a holiday may have pushed a day of last week ahead
        made = 0
        for planned in preview(rule, first, last):
            if planned.exists:
                _follow_calendar(rule, planned.occurrence, today)
            elif not planned.problem and planned.occurrence.day >= today:
                made += _make(rule, planned.occurrence, by)
    return made


def _make(rule: ReceptionRule, occurrence: Occurrence, by: Post | None) -> int:
    activity = Activity(
        rule=rule,
        rule_on=occurrence.nominal,
        station=rule.station,
        day=occurrence.day,
        starts_at=rule.starts_at,
        ends_at=rule.ends_at,
        theme=rule.theme,
        place=rule.place,
        reason=occurrence.reason,
    )
    activity.enter(by=by, note=occurrence.reason, data={"rule": rule.pk})
    return 1


def _follow_calendar(rule: ReceptionRule, occurrence: Occurrence, today: date) -> None:
    """The calendar was corrected: a planned day that nobody has touched goes to its new place."""
    activity = Activity.objects.get(rule=rule, rule_on=occurrence.nominal)
    untouched = activity.state == ActivityState.PLANNED and not activity.moved_by_hand and activity.day >= today
    if not untouched or occurrence.day in (activity.day, date.min) or occurrence.day < today:
        return
    if activity.attendances.exists():
        return  # deputies have been told; a person must move it
    activity.amend(by=None, note=f"节假日安排更正：{occurrence.reason or '恢复原定日期'}", day=occurrence.day, reason=occurrence.reason)
    activity.set_announce_by()
    activity.save(update_fields=["announce_by"])


def make_all_days(today: date) -> int:
    """All rules in force; one that cannot be worked off never holds up the others. Returns how many days were made."""
    return sum(make_days(rule, today) for rule in ReceptionRule.objects.in_force(today).select_related("station__area"))


def drop_days_ahead(rule: ReceptionRule, today: date, *, by: Post, note: str) -> int:
    """The rule has ended or changed: cancel its days ahead that nobody has touched. Returns how many."""
    rows = Activity.objects.filter(rule=rule, day__gt=today, state__in=AHEAD, moved_by_hand=False, announced_on=None)
    count = 0
    for activity in rows.select_related("station__area").order_by("day", "pk"):
        try:
            activity.cancel(by=by, note=note)
        except NotAllowed:
            continue
        AuditEntry.objects.record(rule, "drop_day", by=by, data={"activity": activity.number})
        count += 1
    return count
