from celery import shared_task

from .tallies.keeping import refresh


@shared_task
def count_tallies() -> int:
    """Runs every few seconds: counts again the counties and months in which something was written."""
    return refresh()
