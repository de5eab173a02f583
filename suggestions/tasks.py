from datetime import date

from celery import shared_task
from django.utils import timezone

from .orders import deadlines


@shared_task
def remind_of_orders(*, on: str = "") -> int:
    """Runs every hour of the day; the keys make each reminder once. `on` is an ISO date."""
    return deadlines.remind(date.fromisoformat(on) if on else timezone.localdate())


@shared_task
def follow_calendar() -> int:
    """Runs every hour: due days follow a calendar that was corrected meanwhile."""
    return deadlines.follow_calendar()
