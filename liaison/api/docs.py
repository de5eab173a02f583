"""The readable page of the interface description. Its scripts are our own copies; nothing comes from elsewhere."""

from typing import Any

from django.http import HttpResponse
from django.template.response import TemplateResponse

from liaison.core.access import EVERYBODY, roles


@roles(*EVERYBODY)
def docs(request: Any) -> HttpResponse:
    return TemplateResponse(request, "api/docs.html")
