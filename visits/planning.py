"""Makes reception days ahead of time from the rules. Making twice makes none twice."""

from dataclasses import dataclass
from datetime import date, timedelta

import structlog
from django.db import transaction
from django.utils import timezone

from liaison.accounts.models import Post
from liaison.core.models import AuditEntry
from liaison.core.policy import policy_for
from liaison.core.workdays import Workdays
from liaison.core.workflow import NotAllowed
from stations.models import Station

from .models import Activity, ReceptionRule
from .models.rule import Occurrence

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class PlannedDay:
    """What becomes of one day of a rule: made now, there already, or not made and why."""

    occurrence: Occurrence
    problem: str = ""
    exists: bool = False


def preview(rule: ReceptionRule, first: date, last: date) -> list[PlannedDay]:
    """The days that `make_days` would make for this rule, and those it would not, with the reason."""
    found = rule.occurrences(first, last, Workdays(first, last))
    made = {}
    if rule.pk:
        made = dict(Activity.objects.filter(rule=rule).values_list("rule_on", "day"))
    receptions = Activity.objects.standing().receptions().filter(station=rule.station_id)
    taken = {row.day: row for row in receptions.filter(day__in=[occurrence.day for occurrence in found])}
    rows = []
    for occurrence in found:
        other = taken.get(occurrence.day)
        if other and rule.pk and (other.rule_id, other.rule_on) == (rule.pk, occurrence.nominal):
            other = None  # it is the very day
        if occurrence.nominal in made:
            rows.append(PlannedDay(occurrence, _problem(rule, occurrence, other), exists=True))
            continue
        planned = PlannedDay(occurrence, _problem(rule, occurrence, other))
        if not planned.problem:
            taken[occurrence.day] = Activity(
                day=occurrence.day, starts_at=rule.starts_at, ends_at=rule.ends_at
            )
        rows.append(planned)
    return rows


def _problem(rule: ReceptionRule, occurrence: Occurrence, other: Activity | None) -> str:
    """Why a reception of this rule cannot stand on this day; empty where it can."""
    station = rule.station
    if occurrence.day == date.min:
        return occurrence.reason
    if not station.is_open(occurrence.day):
        return "站点这一天没有开放，不排"
    if station.suspended_on and occurrence.day >= station.suspended_on:
        return f"站点从{station.suspended_on:%-m月%-d日}起暂停开放，不排"
    if other is not None:
        return f"本站这天已有接待日（{other.starts_at:%-H:%M}—{other.ends_at:%-H:%M}），不重复排"
    return ""


def make_days(rule: ReceptionRule, today: date, *, by: Post | None = None, until: date | None = None) -> int:
    """Make the rule's days from `today` on, as far ahead as policy says (or `until`). Returns how many were made.

    Days that a person moved or cancelled stay as they are. Days still untouched follow the calendar where it was
    corrected. A day that another rule of the station already holds is left to it.
    """
    with transaction.atomic():
        station = Station.objects.select_for_update().get(pk=rule.station_id)
        ahead = policy_for(station.area, today).plan_ahead_days
        last = until or today + timedelta(days=ahead)
        first = max(
            today - timedelta(days=31), rule.first_on
        )  # a holiday may have pushed a day of last week ahead
        made = 0
        for planned in preview(rule, first, last):
            if planned.exists:
                _follow_calendar(rule, planned, today)
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


def _follow_calendar(rule: ReceptionRule, planned: PlannedDay, today: date) -> None:
    """The calendar was corrected: a planned day that nobody has touched goes to its new place."""
    occurrence = planned.occurrence
    activity = Activity.objects.select_related("area").get(rule=rule, rule_on=occurrence.nominal)
    untouched = activity.is_ahead and activity.announced_on is None and not activity.moved_by_hand
    if not untouched or activity.day < today:
        return
    if planned.problem or occurrence.day == activity.day or occurrence.day < today:
        return
    if activity.attendances.exists() or activity.appointments.live().exists():
        return  # deputies have been told, or somebody is to come; a person must move it
    activity.amend(
        by=None,
        note=f"节假日安排更正：{occurrence.reason or '恢复原定日期'}",
        day=occurrence.day,
        reason=occurrence.reason,
        announce_by=activity.announce_by_for(occurrence.day),
    )


def make_all_days(today: date) -> int:
    """All rules in force; one that cannot be worked off never holds up the others. Returns how many days were made."""
    made = 0
    for rule in ReceptionRule.objects.in_force(today).select_related("station__area").order_by("pk"):
        try:
            made += make_days(rule, today)
        except Exception as error:  # noqa: BLE001 — whatever is wrong with one, the others go on
            log.warning("reception days not made", rule=rule.pk, error=type(error).__name__)
    return made


def drop_days_ahead(rule: ReceptionRule, after: date, *, by: Post, note: str) -> int:
    """The rule ends or changes: cancel its days after `after` that nobody has touched. Returns how many."""
    rows = Activity.objects.untouched().filter(rule=rule, rule_on__gt=after, day__gt=timezone.localdate())
    count = 0
    for activity in rows.select_related("station__area").order_by("day", "pk"):
        try:
            activity.cancel(by=by, note=note)
        except NotAllowed:
            continue
        AuditEntry.objects.record(rule, "drop_day", by=by, data={"activity": activity.number})
        count += 1
    return count


def change(
    old: ReceptionRule, new: ReceptionRule, today: date, *, by: Post, version: int | None = None
) -> tuple[int, int]:
    """From `new.first_on` on the new rule holds instead of the old one. Returns how many days were dropped and made."""
    last = new.first_on - timedelta(days=1)
    if last < old.first_on:
        raise NotAllowed(f"新规则最早从{old.first_on + timedelta(days=1):%Y年%-m月%-d日}起，请改起日。")
    with transaction.atomic():
        dropped = end(old, last, by=by, version=version, note=f"改为{new.in_words}")
        new.enter(by=by, note=f"代替原规则：{old.in_words}")
        return dropped, make_days(new, today, by=by)


def end(rule: ReceptionRule, last_on: date, *, by: Post, note: str, version: int | None = None) -> int:
    """The rule makes no day after `last_on`; days ahead that nobody has touched are cancelled. Returns how many."""
    with transaction.atomic():
        if last_on < rule.first_on:
            raise NotAllowed(f"止日不能早于起日（{rule.first_on:%Y年%-m月%-d日}）。")
        if rule.last_on and last_on > rule.last_on:
            raise NotAllowed(f"这条规则到{rule.last_on:%Y年%-m月%-d日}已经停用。")
        rule.amend(by=by, version=version, note=note, deed="end", last_on=last_on)
        return drop_days_ahead(rule, last_on, by=by, note=f"接待日规则有变：{note}")
