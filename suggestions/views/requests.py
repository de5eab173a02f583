"""诉求单: the list, one request, and its steps."""

from functools import partial

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import timezone

from liaison.accounts.models import Role
from liaison.core.access import roles
from liaison.core.htmx import fragment
from liaison.core.paging import page_for
from liaison.core.steps import step_page
from liaison.core.timeline import timeline
from stations.choices import choose_places
from suggestions.dispatch.suggesting import help_for
from suggestions.dispatch.views import show
from suggestions.filters import RequestFilter
from suggestions.models import Request, Theme
from suggestions.orders.queue import rounds_of
from suggestions.revealing import ASKERS, why_not
from suggestions.steps import REQUEST_FORMS
from suggestions.themes.finding import candidates
from visits.privacy import ANONYMOUS, ShownPerson, shown_person, shown_words

READERS = (Role.STATION, Role.OFFICE, Role.AUDITOR, Role.DEPUTY)
WITH_HELP = ("triage", "dispatch")  # shown beside what is like it, and where such went


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


def get_request(request, number):
    """As the acting post may read it: heading, words, where."""
    rows = Request.objects.visible_to(request.post)
    found = get_object_or_404(
        rows.select_related(
            "area", "station__area", "category", "theme", "visit__visitor", "visit__received_by__deputy"
        ),
        number=number,
    )
    found.heading = shown_words(found, found.title, request.post)
    found.words = shown_words(found, found.text, request.post)
    found.where = shown_words(found, found.place, request.post)
    return found


@roles(*READERS)
def detail(request, number):
    found = get_request(request, number)
    near = candidates(found, request.post) if request.post.role == Role.OFFICE else []
    show(near, request.post)
    context = {
        "found": found,
        "asks": request.post.role in ASKERS and not why_not(found, request.post),
        "near": near,
        "theme": Theme.objects.visible_to(request.post).filter(pk=found.theme_id).first(),
        "themes": _themes(found, near),
        "person": shown_person(found.visit, request.post) if found.visit else ShownPerson(ANONYMOUS),
        "rounds": rounds_of(found, request.post, timezone.localdate()),
        "entries": timeline(found),
        "steps": [
            (row.label, name) for name, row in found.open_steps(request.post).items() if name in REQUEST_FORMS
        ],
        "first_step": "dispatch",
    }
    return TemplateResponse(request, "suggestions/request.html", context)


def _themes(found, near):
    """The themes that a request may be put into, as what is like it was."""
    if found.theme_id is not None:
        return []
    open_ones = [one.request.theme for one in near if one.request.theme_id]
    return list(dict.fromkeys(theme for theme in open_ones if theme.state == Theme.State.OPEN))


@roles(Role.STATION, Role.OFFICE)
def step(request, number, name):
    found = get_request(request, number)
    if name not in REQUEST_FORMS:
        raise Http404

    ask, beside = REQUEST_FORMS, {}
    if name in WITH_HELP and request.post.role == Role.OFFICE:
        helped = help_for([found], request.post, timezone.localdate())[found.pk]
        show(helped.candidates, request.post)
        beside = {"template": "suggestions/dispatch/step.html", "found": found, "help": helped}
        if name == "dispatch" and helped.suggestion:
            ask = ask | {name: partial(ask[name], initial={"lead": helped.suggestion.department})}

    def page():
        label = Request.FLOW[name].label
        return {
            "question": f"{label}：{found.heading}",
            "detail": "",
            "button": f"确定{label}",
            "danger": name in ("decline", "withdraw"),
            "back": found.get_absolute_url(),
            **beside,
        }

    return step_page(
        request,
        found,
        name,
        ask,
        page,
        done=lambda: f"{found}现在是“{found.get_state_display()}”。",
        goto=found.get_absolute_url,
    )
