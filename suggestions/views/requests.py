"""诉求单: the list, one request, and its steps."""

from functools import partial

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from liaison.accounts.models import Role
from liaison.core.access import roles
from liaison.core.htmx import fragment
from liaison.core.paging import page_for
from liaison.core.steps import step_page
from liaison.core.timeline import timeline
from stations.choices import choose_places
from suggestions.dispatch.batch import is_number
from suggestions.dispatch.suggesting import help_for
from suggestions.dispatch.views import show, themes_near
from suggestions.feedback.forms import AFTER_FORMS
from suggestions.feedback.views import step as after_step
from suggestions.filters import RequestFilter
from suggestions.forms import FindRequestForm
from suggestions.models import Document, Request, Theme
from suggestions.models.followup import followers_of, why_no_follow_up
from suggestions.papers.listing import papers_of
from suggestions.progress import five_steps, mark_to_tell, rounds_read_by, what_now
from suggestions.revealing import ASKERS, why_not
from suggestions.steps import REQUEST_FORMS
from suggestions.themes.finding import candidates
from suggestions.workflow import ENDED, IN_HAND
from visits.privacy import shown_person, shown_words

DETAILS = {
    "join": "同一件事几个人反映的，派一张单，答复一次。这一件保留编号、反映人和记录，答复以后各自告知、各自评价。",
    "part": "不是同一件事的，拆开单独派单。",
}
FOUND_AT_MOST = 50
NEWEST = ("-received_on", "-pk")
READERS = (Role.STATION, Role.OFFICE, Role.AUDITOR, Role.DEPUTY)
ENDINGS = ("decline", "withdraw", "close", "join", "part")  # never the button that catches the eye
WITH_HELP = ("triage", "dispatch", "join")  # shown beside what is like it, and where such went


@roles(*READERS)
@fragment("rows")
def requests(request):
    chosen = RequestFilter(request.GET, queryset=Request.objects.visible_to(request.post), request=request)
    rows = chosen.qs.select_related("station", "category")
    choose_places(chosen.form, request.post)
    page = page_for(request, rows, NEWEST)
    mark_to_tell(page.rows, request.post, timezone.localdate())
    for found in page.rows:
        found.heading = shown_words(found, found.title, request.post)
    context = {"filter": chosen, "page": page, "find": FindRequestForm()}
    return TemplateResponse(request, "suggestions/requests.html", context)


@roles(*READERS)
def find(request):
    """Search by number or words, the newest first."""
    form = FindRequestForm(request.POST or None)
    found = None
    if form.is_valid():
        seen = Request.objects.visible_to(request.post)
        hits = seen.search(form.cleaned_data["text"], request.post).order_by(*NEWEST)
        newest = hits.values("pk")[:FOUND_AT_MOST]  # of many hits these alone are read whole
        found = list(seen.filter(pk__in=newest).select_related("station", "category").order_by(*NEWEST))
        for one in found:
            one.heading = shown_words(one, one.title, request.post)
    context = {"find": form, "found": found, "most": FOUND_AT_MOST}
    return TemplateResponse(
        request, "suggestions/request_find.html", context, status=422 if form.errors else 200
    )


def get_request(request, number):
    """As the acting post may read it: heading, words, where."""
    rows = Request.objects.visible_to(request.post)
    found = get_object_or_404(
        rows.select_related(
            "area",
            "station__area",
            "category__parent",
            "theme",
            "department",
            "about",
            "joined_to__area",
            "follower__deputy",
            "visit__visitor",
            "visit__received_by__deputy",
        ),
        number=number,
    )
    found.heading = shown_words(found, found.title, request.post)
    found.words = shown_words(found, found.text, request.post)
    found.where = shown_words(found, found.place, request.post)
    return found


@roles(*READERS)
def detail(request, number):
    found, post = get_request(request, number), request.post
    rounds = rounds_read_by(found, post)
    orders = [one for turn in rounds[::-1] for one in turn.orders if one.request_id == found.pk]
    papers = list(Document.objects.visible_to(post).filter(order__in=orders)) if orders else []
    context = {
        "found": found,
        "may_reveal": post.role in ASKERS and not why_not(found, post),
        "joined": Request.objects.visible_to(post).filter(joined_to=found).order_by("pk"),
        "sees_host": found.joined_to_id
        and Request.objects.visible_to(post).filter(pk=found.joined_to_id).exists(),
        "theme": Theme.objects.visible_to(post).filter(pk=found.theme_id).first() if found.theme_id else None,
        "compares": post.role == Role.OFFICE,
        "person": shown_person(found, post),
        "entries": timeline(found, *papers),
        "papers": papers_of(orders, post, papers),
        **_progress(found, rounds, post),
    }
    by_deputy = request.post.role == Role.DEPUTY
    page = "suggestions/request_deputy.html" if by_deputy else "suggestions/request.html"
    return TemplateResponse(request, page, context)


@roles(Role.OFFICE)
@fragment("rows")
def near(request, number):
    """What says the same. To compare some hundred texts takes time, so the page of the request asks for it afterwards."""
    found = get_request(request, number)
    like = candidates(found, request.post)
    show((one.request for one in like), request.post)
    joins = found.number if not found.refusal("join", request.post) else ""
    context = {"found": found, "near": like, "themes": themes_near(found, like), "joins": joins}
    return TemplateResponse(request, "suggestions/request_near.html", context)


def _progress(found, rounds, post):
    """The five steps, what is waited for, the rounds apart, and what `post` may do about it."""
    today = timezone.localdate()
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
        "rounds": rounds[::-1],
        "several": len(rounds) > 1,
        "today": today,
        "steps": [
            (row.label, reverse("suggestions:request_step", args=[found.number, name]), name not in ENDINGS)
            for name, row in found.open_steps(post).items()
            if name in REQUEST_FORMS
        ],
        "names_follower": post.role == Role.OFFICE and found.state not in ENDED,
        "says_about": post.role in (Role.STATION, Role.OFFICE),
        "prints_slip": post.role == Role.STATION,
    }


def _host(number, post):
    """The request that another may be joined to, as `post` may read it; None where it is not found."""
    rows = Request.objects.visible_to(post).filter(number=number) if is_number(number) else ()
    for host in rows:
        host.words = shown_words(host, host.text, post)
        return host
    return None


@roles(Role.STATION, Role.OFFICE)
def step(request, number, name):
    """The page of a step; what comes after the answer has one of its own."""
    if name in AFTER_FORMS:
        return after_step(request, number, name)
    found = get_request(request, number)
    if name not in REQUEST_FORMS:
        raise Http404

    ask, beside = REQUEST_FORMS, {}
    helps = name in WITH_HELP and request.post.role == Role.OFFICE

    def look_beside():
        helped = help_for([found], request.post, timezone.localdate())[found.pk]
        show((one.request for one in helped.candidates), request.post)
        beside.update(template="suggestions/dispatch/step.html", found=found, help=helped)
        return helped.suggestion

    if helps and request.method != "POST":  # a step that is taken waits for no comparing
        suggestion = look_beside()
        if name == "dispatch" and suggestion:
            ask = ask | {name: partial(ask[name], initial={"lead": suggestion.department})}

    if name == "join":
        to = (request.POST or request.GET).get("to", "")
        ask = ask | {name: partial(ask[name], initial={"to": to[:20]})}
        beside |= {"host": _host(to, request.post)}

    def page():
        if helps and not beside:
            look_beside()
        label = Request.FLOW[name].label
        return {
            "question": f"{label}：{found.heading}",
            "detail": DETAILS.get(name, ""),
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
