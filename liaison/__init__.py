"""The project, and everything that speaks of no particular duty."""

from .celery import app as celery_app

__all__ = ["celery_app"]
