"""The Celery app. Its timetable stands in settings: what runs when, and why."""

import os
from typing import Any

from celery import Celery
from celery.signals import task_prerun

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "liaison.settings")

app = Celery("liaison")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@task_prerun.connect
def with_a_fresh_connection(**kwargs: Any) -> None:
    """Where the beat process works off the tasks itself, it must survive a database that was restarted.

    Workers have this from Celery.
    """
    from django.db import close_old_connections

    close_old_connections()
