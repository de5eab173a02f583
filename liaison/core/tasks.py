from celery import shared_task
from django.core.management import call_command
from django.utils import timezone

from . import outbox
from .models import SentBefore
from .workdays import load_missing_years


@shared_task
def relay_outbox() -> int:
    """Runs every few seconds. Safe to run twice at once: rows are taken by lease."""
    return outbox.relay()


@shared_task
def tidy() -> None:
    """Runs every night: forgets keys and sessions that have had their time, and reads newly announced holidays."""
    now = timezone.now()
    SentBefore.forget_old(now)
    call_command("clearsessions")
    load_missing_years(timezone.localdate(now))
