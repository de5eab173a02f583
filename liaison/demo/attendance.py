"""The duty record of the account `deputy`: an entry it contests, one that was put right, and one by the code in the room."""

from datetime import date, time, timedelta

from django.utils import timezone

from deputies.models import Mandate
from liaison.accounts.models import Post
from visits.models import Activity, Attendance
from visits.workflow import AttendanceState, ContestState

from .record import Trail, keep, moment

A, P = Attendance, AttendanceState
OBJECTIONS = (
    ("那天上午我在站里接待，手机没电没有扫码，签了纸质签到表。", ""),
    ("当天到会，漏了签到。", "纸质签到表上有本人签名，予以更正。"),
    ("", ""),
)


def build(deputy: Post, officer: Post, *, today: date, trail: Trail) -> None:
    """On the latest closed reception days of the deputy's station where the deputy has no place yet, newest first."""
    mandate = Mandate.objects.filter(deputy__user=deputy.user_id).select_related("deputy").order_by("pk")[0]
    days = Activity.objects.receptions().closed().filter(station__staff__post=officer, day__lt=today)
    free = days.exclude(attendances__mandate__deputy=mandate.deputy_id).filter(day__gte=mandate.from_on)
    latest = list(free.select_related("station").order_by("-day", "-pk")[: len(OBJECTIONS)])
    rows = [
        _entry(activity, mandate, reason, answer)
        for activity, (reason, answer) in zip(latest, OBJECTIONS, strict=False)
    ]
    keep(rows)
    for row in rows:
        if row.objected_at is None:
            continue
        state = P.ABSENT if row.objection == ContestState.UPHELD else row.state
        trail.add(
            row,
            "contest",
            by=deputy,
            at=row.objected_at,
            before=state,
            after=state,
            note=row.objection_reason,
        )
        if row.objection == ContestState.UPHELD:
            at = row.objected_at + timedelta(hours=3)
            trail.add(
                row,
                "correct_present",
                by=officer,
                at=at,
                before=P.ABSENT,
                after=P.PRESENT,
                note=row.objection_answer,
            )


def _entry(activity: Activity, mandate: Mandate, reason: str, answer: str) -> Attendance:
    row = A(
        activity=activity,
        mandate=mandate,
        state=P.ABSENT if reason and not answer else P.PRESENT,
        how=A.How.APPEAL if answer else A.How.STAFF if reason else A.How.QR,
        created_at=moment(activity.day - timedelta(days=12), time(10)),
    )
    if not reason:
        row.arrived_at = moment(activity.day, activity.starts_at) - timedelta(minutes=7)
    else:
        closed = timezone.localdate(activity.closed_at) if activity.closed_at else activity.day
        row.objected_at = moment(closed, time(19, 40))
        row.objection_reason, row.objection_answer = reason, answer
        row.objection = ContestState.UPHELD if answer else ContestState.OPEN
    return row
