"""共性问题: the list with what grows, what may be one, one theme with its requests, and its steps."""

from functools import partial

from django.contrib import messages
from django.db.models import Count
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from liaison.accounts.models import Role
from liaison.core.access import roles
from liaison.core.htmx import fragment
from liaison.core.idempotency import once
from liaison.core.paging import page_for
from liaison.core.policy import policy_for
from liaison.core.steps import step_page
from liaison.core.timeline import timeline
from suggestions.dispatch.batch import numbers
from suggestions.models import Order, Request, Theme
from visits.privacy import complains, shown_words

from .filters import ThemeFilter
from .finding import beside, corpus_of, groups, pool
from .forms import THEME_FORMS, ThemeForm, free_requests
from .likeness import common
from .models import is_growing

READERS = (Role.OFFICE, Role.AUDITOR, Role.STATION, Role.DEPUTY, Role.UNIT)
ACTORS = (Role.OFFICE, Role.UNIT)
MAIN = ("dispatch", "answer")  # what themes are there for
LINES = 5  # of a group, on the page of what was found
OFFERED = 30  # candidates to be put into a theme
FROM = 12  # requests of a theme whose words others are compared with


@roles(*READERS)
@fragment("rows")
def list_(request):
    today = timezone.localdate()
    policy = policy_for(request.post.area, today)
    chosen = ThemeFilter(request.GET, queryset=Theme.objects.visible_to(request.post), request=request)
    rows = chosen.qs.select_related("category", "area").with_growth(request.post, today, policy.theme_days)
    page = page_for(request, rows, ("-pk",))
    for theme in page:
        theme.growing = theme.state == Theme.State.OPEN and is_growing(theme.now, theme.before, policy)
    context = {
        "filter": chosen,
        "page": page,
        "days": policy.theme_days,
        "may_add": request.post.role == Role.OFFICE,
    }
    return TemplateResponse(request, "suggestions/themes/list.html", context)


@roles(Role.OFFICE)
def found(request):
    """What may be themes. Nothing is put together here: a person opens one, looks, and decides."""
    today = timezone.localdate()
    policy = policy_for(request.post.area, today)
    seen = groups(request.post, today, policy)
    for group in seen:
        for one in group.requests[:LINES]:
            one.heading = shown_words(one, one.title, request.post)
    context = {
        "groups": [
            {
                "group": group,
                "shown": group.requests[:LINES],
                "more": max(len(group.requests) - LINES, 0),
                "query": "&".join(f"row={one.number}" for one in group.requests[:OFFERED]),
            }
            for group in seen
        ],
        "days": policy.theme_days,
    }
    return TemplateResponse(request, "suggestions/themes/found.html", context)


@roles(Role.OFFICE)
@once
def new(request):
    """From requests that were named: they are offered ticked, and what is like them beside."""
    rows = free_requests(request.post).select_related("station", "category")
    named = list(rows.filter(number__in=numbers(request.GET.getlist("row"))).order_by("-received_on", "-pk"))
    offered = [*named, *_like(named, request.post)]
    initial = {"requests": [one.number for one in named], "title": _title(named)}
    form = ThemeForm(request.POST or None, post=request.post, offered=offered, initial=initial)

    def put_together():
        return Theme.objects.put_together(by=request.post, **_taken(form))

    if request.method == "POST" and form.does(put_together):
        theme = form.outcome
        messages.success(request, f"已归入 {theme.requests.count()} 件。每件仍有自己的派单和答复。")
        return redirect(theme)
    context = {
        "form": form,
        "title": "立为共性问题",
        "button": "确定立为共性问题",
        "back": reverse("themes:list"),
        "lead": "归在一起只是为了一并派单、一并答复，每件诉求仍有自己的派单、答复和要告知的人。",
    }
    return TemplateResponse(request, "deputies/form.html", context, status=form.status)


def _taken(form):
    return {name: form.cleaned_data[name] for name in ("title", "category", "requests")}


def _title(requests):
    """What their headings say in common, to begin with; nothing of what was said in confidence."""
    phrases = common(one.title for one in requests if not one.confidential and not complains(one))
    return "".join(phrases[:1])[:40]


def _like(requests, post):
    """Others that say the same as one of these, and are in no theme: the most alike first."""
    some = requests[:FROM]
    known = pool(some, post)
    best, taken = {}, {one.pk for one in requests}
    for near in beside(some, known, corpus_of(known), most=OFFERED).values():
        for one in near:
            if one.request.theme_id is None and one.request.pk not in taken:
                best[one.request] = max(best.get(one.request, 0), one.likeness)
    return sorted(best, key=lambda one: -best[one])[:OFFERED]


def get_theme(request, pk):
    rows = Theme.objects.visible_to(request.post).select_related("area", "category")
    return get_object_or_404(rows, pk=pk)


@roles(*READERS)
@fragment("rows")
def detail(request, pk):
    theme = get_theme(request, pk)
    today = timezone.localdate()
    policy = policy_for(theme.area, today)
    counted = Theme.objects.visible_to(request.post).with_growth(request.post, today, policy.theme_days)
    counted = counted.get(pk=theme.pk)
    rows = Request.objects.visible_to(request.post).filter(theme=theme)
    page = page_for(request, rows.select_related("station", "department"), ("-received_on", "-pk"))
    addresses = _addresses(page.rows, request.post)
    for one in page.rows:
        one.heading = shown_words(one, one.title, request.post)
        one.url = addresses.get(one.pk, one.get_absolute_url())
    labels = dict(Request.State.choices)
    states = rows.order_by().values_list("state").annotate(n=Count("pk"))
    keeps = request.post.role in (Role.OFFICE, Role.AUDITOR)
    context = {
        "theme": theme,
        "tone": "warn" if theme.state == Theme.State.OPEN else "plain",
        "counted": counted,
        "growing": theme.state == Theme.State.OPEN and is_growing(counted.now, counted.before, policy),
        "days": policy.theme_days,
        "states": sorted((labels[state], n) for state, n in states),
        "page": page,
        "steps": [(row.label, name, name in MAIN) for name, row in theme.open_steps(request.post).items()],
        "entries": timeline(theme) if keeps else [],
    }
    return TemplateResponse(request, "suggestions/themes/detail.html", context)


def _addresses(requests, post):
    """A department opens its order; whoever else may read opens the request."""
    if post.role != Role.UNIT:
        return {}
    rows = Order.objects.visible_to(post).filter(request__in=requests).order_by("pk")
    return {order.request_id: order.get_absolute_url() for order in rows}


@roles(*ACTORS)
def step(request, pk, name):
    theme = get_theme(request, pk)
    ask = THEME_FORMS
    if name == "add" and request.post.role == Role.OFFICE:
        ask = ask | {name: partial(ask[name], **_offered(request, theme))}

    def page():
        label = Theme.FLOW[name].label
        return {
            "question": f"{label}：{theme}",
            "detail": _detail(theme, name, request.post),
            "button": f"确定{label}",
            "back": theme.get_absolute_url(),
        }

    return step_page(
        request, theme, name, ask, page, done=lambda: _done(theme, name), goto=theme.get_absolute_url
    )


def _offered(request, theme):
    """What was named in the address comes ticked, before what is like the theme's own."""
    free = free_requests(request.post).select_related("station", "category")
    named = list(free.filter(number__in=numbers(request.GET.getlist("row"))))
    own = list(Request.objects.visible_to(request.post).filter(theme=theme).order_by("-pk")[:FROM])
    near = [one for one in _like(own, request.post) if one not in named]
    return {"offered": [*named, *near], "initial": {"requests": [one.number for one in named]}}


def _detail(theme, name, post):
    match name:
        case "dispatch":
            waiting = Request.objects.visible_to(post).awaiting_dispatch().filter(theme=theme).count()
            return f"待派单的 {waiting} 件都派给同一个单位，每件一张派单。"
        case "answer":
            return "用已经答复的一件，答复其余的。没有接单的同时接单。每位反映人由联络站分别告知。"
        case "close":
            return "不再关注。诉求照常办理。"
        case _:
            return ""


def _done(theme, name):
    if name not in ("dispatch", "answer"):
        return f"“{theme}”现在有 {theme.requests.count()} 件诉求。"
    verb = "派" if name == "dispatch" else "答复"
    words = f"已{verb} {len(theme.outcome.done)} 件。"
    if failed := theme.outcome.failed:
        words += f"{len(failed)} 件没有办成：" + "；".join(f"{one.number} {why}" for one, why in failed[:10])
    return words
