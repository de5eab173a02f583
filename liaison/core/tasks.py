from celery import shared_task
from django.core.management import call_command
from django.utils import timezone

from . import jobs, outbox
from .models import Job, SentBefore
from .workdays import load_missing_years


@shared_task
def relay_outbox() -> int:
    """Runs every few seconds. Safe to run twice at once: rows are taken by lease."""
    return outbox.relay()


@shared_task
def send_digests() -> int:
    """Runs every hour of the day; each person who wants one gets one a day."""
    return outbox.send_digests()


@shared_task
def work_off_jobs() -> int:
    """Runs every few seconds, likewise."""
    return jobs.work()


@shared_task
def tidy() -> None:
    """Runs every night: forgets keys, sessions and made files that have had their time, and reads newly announced holidays."""
    now = timezone.now()
    SentBefore.forget_old(now)
    Job.objects.forget_files(now)
    jobs.sweep(now)
    call_command("clearsessions")
    load_missing_years(timezone.localdate(now))
