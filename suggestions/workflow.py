"""The life of a request. Read the table first; `Request` has one method for each row."""

from django.db import models

from liaison.core.workflow import Step


class RequestState(models.TextChoices):
    REGISTERED = "REGISTERED", "待派单"


REQUEST_FLOW: dict[str, Step] = {}
