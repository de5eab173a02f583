"""诉求单: the list and one request."""

from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import timezone

from liaison.accounts.models import Role
from liaison.core.access import roles
from liaison.core.htmx import fragment
from liaison.core.paging import page_for
from liaison.core.timeline import timeline
from stations.choices import choose_places
from suggestions.filters import RequestFilter
from suggestions.models import Request
from suggestions.orders.queue import rounds_of
from visits.privacy import ANONYMOUS, ShownPerson, shown_person, shown_words

READERS = (Role.STATION, Role.OFFICE, Role.AUDITOR, Role.DEPUTY)


@roles(*READERS)
@fragment("rows")
def requests(request):
    chosen = RequestFilter(request.GET, queryset=Request.objects.visible_to(request.post), request=request)
    rows = chosen.qs.select_related("station", "category")
    choose_places(chosen.form, request.post)
    page = page_for(request, rows, ("-received_on", "-pk"))
    for found in page.rows:
        found.heading = shown_words(found, found.title, request.post)
    context = {"filter": chosen, "page": page}
    return TemplateResponse(request, "suggestions/requests.html", context)


@roles(*READERS)
def detail(request, number):
    rows = Request.objects.visible_to(request.post)
    found = get_object_or_404(
        rows.select_related("station__area", "category", "visit__visitor", "visit__received_by__deputy"),
        number=number,
    )
    found.heading = shown_words(found, found.title, request.post)
    found.words = shown_words(found, found.text, request.post)
    found.where = shown_words(found, found.place, request.post)
    context = {
        "found": found,
        "person": shown_person(found.visit, request.post) if found.visit else ShownPerson(ANONYMOUS),
        "rounds": rounds_of(found, request.post, timezone.localdate()),
        "entries": timeline(found),
    }
    return TemplateResponse(request, "suggestions/request.html", context)
