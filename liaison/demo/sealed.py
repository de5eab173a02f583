"""Last quarter, sealed by the office; a visit that was struck out afterwards, which the comparison shows; a monthly report."""

from datetime import date, timedelta

from django.utils import timezone

from liaison.accounts.models import Post
from liaison.core.places import inside
from liaison.reports.models import ReportSchedule, Seal
from liaison.reports.periods import Kind, Period
from liaison.reports.seals.sealing import counted_whole
from liaison.reports.seals.verifying import verify
from visits.models import Visit


def build(office: Post, station: Post, *, today: date) -> None:
    period = Period.of(Kind.QUARTERLY, Period.of(Kind.QUARTERLY, today).first - timedelta(days=1))
    at = timezone.now()
    seal = Seal.objects.put(counted_whole(office.area, period, at), by=office, period=period, at=at)
    # Entered twice, and found after the quarter was reported.
    twice = Visit.objects.counted().filter(
        inside(office.area), day__range=(period.first, period.last), requests=None
    )
    visit = twice.visible_to(station).order_by("-day", "-pk").first()
    if visit is not None:
        visit.void(by=station, note="和同一天的另一条重复登记")
    verify(seal, actor=str(office))
    schedule = ReportSchedule(
        area=office.area,
        kind=Kind.MONTHLY,
        owner=office,
        done_to=Period.of(Kind.MONTHLY, today).first - timedelta(days=1),
    ).enter(by=office)
    schedule.recipients.add(office)
