from celery import shared_task

from .tallies.keeping import count_days, refresh


@shared_task
def count_tallies() -> int:
    """Runs every few seconds: counts again the counties and months in which something was written."""
    return refresh()


@shared_task
def count_days_of_provinces() -> int:
    """Runs every night: the days of the months that have changed, for periods that begin or end within one."""
    return count_days()
