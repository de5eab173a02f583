from celery import shared_task
from django.utils import timezone

from .models import Upload


@shared_task
def forget_uploads() -> int:
    """Runs every hour: a file chosen more than a day ago, imported or not, is personal data that nobody needs."""
    return Upload.objects.forget_old(timezone.now())
