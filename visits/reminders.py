"""Reminders worked out from the records: "due and not sent", never from a timer that may be lost."""

from datetime import date, timedelta

from liaison.core.models import OutboxMessage
from liaison.core.policy import policy_for
from stations.models import StationStaff

from .models import Activity, Appointment, Attendance


def remind(on: date) -> int:
    """Notices for the day `on`: deputies before their day, staff of days to be announced, opened or closed; both of
    appointments of the day after, and of those that should have been answered.

    Returns how many reminders are due; run again on the same day, the same keys make none twice.
    """
    return _deputies_before_their_day(on) + _staff(on) + _appointments(on)


def _deputies_before_their_day(on: date) -> int:
    rows = Attendance.objects.expected().filter(
        activity__in=Activity.objects.ahead().filter(day__range=(on, on + timedelta(days=14)))
    )
    count = 0
    for attendance in rows.select_related(
        "activity__station", "activity__area", "mandate__deputy__user"
    ).order_by("pk"):
        activity = attendance.activity
        if activity.day - timedelta(days=policy_for(activity.area, activity.day).reminder_days) > on:
            continue
        if attendance.mandate.deputy.user is None:
            continue
        attendance.tell(
            f"{activity.day:%-m月%-d日} {activity.starts_at:%-H:%M} 在{activity.station}有{activity.get_kind_display()}，请您参加。",
            f"remind:{activity.day.isoformat()}",
            kind="TODO",
        )
        count += 1
    return count


def _staff(on: date) -> int:
    soon = Activity.objects.to_be_announced(on).filter(announce_by__lte=on + timedelta(days=1))
    open_still = Activity.objects.to_be_closed(on).filter(day__gte=on - timedelta(days=60))
    count = 0
    for activity in soon.select_related("station").order_by("pk"):
        last = (
            f"最迟{activity.announce_by:%-m月%-d日}公示"
            if activity.announce_by >= on
            else "公示已晚，请尽快公示"
        )
        count += _tell_staff(
            activity, f"{activity.station}{activity.day:%-m月%-d日}接待日还没有公示，{last}。", "announce", on
        )
    for activity in Activity.objects.cancel_to_be_announced(on).select_related("station").order_by("pk"):
        text = f"{activity.station}{activity.told_day:%-m月%-d日}的接待日公示过，现已取消，请贴出取消的公示。"
        count += _tell_staff(activity, text, "announce_cancel", on)
    for activity in open_still.select_related("station", "area").order_by("pk"):
        if (on - activity.day).days < policy_for(activity.area, activity.day).close_within_days:
            continue
        text = f"{activity.station}{activity.day:%-m月%-d日}{activity.get_kind_display()}还没有结束登记，请补录后结束。"
        count += _tell_staff(activity, text, "close", activity.day)
    return count


def _tell_staff(activity: Activity, text: str, what: str, on: date) -> int:
    users = StationStaff.objects.keepers(activity.station, on)
    for user in users:
        key = f"activity:{activity.pk}:{what}:{on.isoformat()}:{user.pk}"
        OutboxMessage.objects.put(key=key, to=user, kind="TODO", text=text, url=activity.get_absolute_url())
    return len(users)


def _appointments(on: date) -> int:
    """The day before, and late answers; the person who asked is phoned by the staff (`Appointment.to_phone`)."""
    rows = Appointment.objects.select_related("station", "activity", "mandate__deputy__user")
    count = 0
    for found in rows.on_days(on, on + timedelta(days=1)):
        text = f"{found.when} 在{found.station}有约见，请准时到。约见编号 {found.number}。"
        count += found.remind(text, f"soon:{found.day}:{found.at}", on, deputy=True)
    for found in rows.late(on).order_by("answer_by", "pk"):
        text = f"{found.station}的约见 {found.number} 应在{found.answer_by:%-m月%-d日}前答复，已经逾期，请尽快答复。"
        count += found.remind(text, f"late:{on.isoformat()}", on, deputy=True)
    return count
