"""诉求单: the list and one request."""

from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from liaison.accounts.models import Role
from liaison.core.access import roles
from liaison.core.htmx import fragment
from liaison.core.paging import page_for
from liaison.core.timeline import timeline
from stations.choices import choose_places
from suggestions.feedback.forms import AFTER_FORMS
from suggestions.filters import RequestFilter
from suggestions.models import Request
from suggestions.models.followup import followers_of, why_no_follow_up
from suggestions.progress import as_read_by, five_steps, mark_to_tell, rounds_of, what_now
from suggestions.workflow import ENDED, IN_HAND
from visits.privacy import ANONYMOUS, ShownPerson, shown_person, shown_words

READERS = (Role.STATION, Role.OFFICE, Role.AUDITOR, Role.DEPUTY)


@roles(*READERS)
@fragment("rows")
def requests(request):
    chosen = RequestFilter(request.GET, queryset=Request.objects.visible_to(request.post), request=request)
    rows = chosen.qs.select_related("station", "category")
    choose_places(chosen.form, request.post)
    page = page_for(request, rows, ("-received_on", "-pk"))
    mark_to_tell(page.rows, request.post, timezone.localdate())
    for found in page.rows:
        found.heading = shown_words(found, found.title, request.post)
    context = {"filter": chosen, "page": page}
    return TemplateResponse(request, "suggestions/requests.html", context)


@roles(*READERS)
def detail(request, number):
    rows = Request.objects.visible_to(request.post)
    found = get_object_or_404(
        rows.select_related(
            "area",
            "station__area",
            "category",
            "department",
            "follower__deputy",
            "visit__visitor",
            "visit__received_by__deputy",
        ),
        number=number,
    )
    found.heading = shown_words(found, found.title, request.post)
    found.words = shown_words(found, found.text, request.post)
    found.where = shown_words(found, found.place, request.post)
    context = {
        "found": found,
        "person": shown_person(found.visit, request.post) if found.visit else ShownPerson(ANONYMOUS),
        "entries": timeline(found),
        **_progress(found, request.post),
    }
    by_deputy = request.post.role == Role.DEPUTY
    page = "suggestions/request_deputy.html" if by_deputy else "suggestions/request.html"
    return TemplateResponse(request, page, context)


def _progress(found, post):
    """The five steps, what is waited for, the rounds apart, and what `post` may do about it."""
    today = timezone.localdate()
    rounds = rounds_of(found)
    turn = rounds[-1]
    now, tone = what_now(found, turn, today)
    follows = not why_no_follow_up(found) and bool(followers_of(found, post))
    asked = follows and found.state in IN_HAND and not turn.is_followed
    called = next((one.department for one in turn.owing if one.department.phone), None)
    return {
        "five": five_steps(found, turn, full=post.role != Role.DEPUTY),
        "now": now,
        "tone": tone,
        "asks": "请您跟进一次办理情况。" if asked and post.role == Role.DEPUTY else "",
        "follows": follows,
        "calls": {"name": called.name, "phone": called.phone} if called else None,
        "rounds": as_read_by(rounds, found, post),
        "several": len(rounds) > 1,
        "today": today,
        "after": [
            (row.label, reverse("suggestions:after_step", args=[found.number, name]))
            for name, row in found.open_steps(post).items()
            if name in AFTER_FORMS
        ],
        "names_follower": post.role == Role.OFFICE and found.state not in ENDED,
        "prints_slip": post.role == Role.STATION,
    }
