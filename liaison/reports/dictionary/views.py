"""The dictionary as a page: everybody who has signed in may read how figures come about; it holds no figure."""

from typing import Any

from django.http import HttpResponse
from django.template.response import TemplateResponse

from liaison.accounts.models import Role
from liaison.core.access import roles

from .words import cases, entries


@roles(*Role.values)
def dictionary(request: Any) -> HttpResponse:
    return TemplateResponse(request, "reports/dictionary/page.html", {"entries": entries(), "cases": cases()})
