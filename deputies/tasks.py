from datetime import date

from celery import shared_task
from django.utils import timezone

from .models import FixedVoter


@shared_task
def forget_voters(*, on: str = "") -> int:
    """Runs every night: names, phones and addresses of fixed voters whose link is long over."""
    return FixedVoter.objects.forget(date.fromisoformat(on) if on else timezone.localdate())
