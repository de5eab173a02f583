from datetime import date

from celery import shared_task
from django.utils import timezone

from . import planning, reminders
from .models import Applicant


@shared_task
def make_days(*, on: str = "") -> int:
    """Runs every night. `on` is an ISO date, so a late worker makes the right days."""
    return planning.make_all_days(date.fromisoformat(on) if on else timezone.localdate())


@shared_task
def remind(*, on: str = "") -> int:
    """Runs every hour of the day; the keys make each reminder once."""
    return reminders.remind(date.fromisoformat(on) if on else timezone.localdate())


@shared_task
def forget_applicants(*, on: str = "") -> int:
    """Runs every night: names and phones of appointments that are long over. `forget_applicants --dry-run` counts."""
    return Applicant.objects.forget(date.fromisoformat(on) if on else timezone.localdate())
