"""征求意见稿: the list, one draft with its articles, its publishing, and the summary of what was said."""

from copy import copy

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.http import content_disposition_header

from liaison.accounts.models import Role
from liaison.core.access import roles
from liaison.core.htmx import fragment
from liaison.core.idempotency import once
from liaison.core.models import AuditEntry
from liaison.core.paging import page_for
from liaison.core.steps import step_page
from liaison.core.timeline import timeline
from liaison.core.workflow import NotAllowed
from suggestions import summing
from suggestions.filters import DraftFilter
from suggestions.forms import DRAFT_FORMS, DraftForm
from suggestions.models import Draft, Opinion

READERS = (Role.OFFICE, Role.AUDITOR, Role.STATION, Role.DEPUTY)
TAKERS = (Role.STATION, Role.DEPUTY)
TONES = {Draft.State.OPEN: "ok", Draft.State.CLOSED: "info"}


def get_draft(request, pk):
    return get_object_or_404(Draft.objects.visible_to(request.post).select_related("area"), pk=pk)


def get_own(request, pk):
    draft = get_draft(request, pk)
    if not draft.is_kept_by(request.post):
        raise PermissionDenied
    return draft


@roles(*READERS)
@fragment("rows")
def drafts(request):
    chosen = DraftFilter(request.GET, queryset=Draft.objects.visible_to(request.post), request=request)
    page = page_for(request, chosen.qs.select_related("area").with_counts(request.post), ("-opens_on", "-pk"))
    for row in page:
        row.tone = TONES.get(row.state, "plain")
    context = {"filter": chosen, "page": page, "may_add": request.post.role == Role.OFFICE}
    return TemplateResponse(request, "suggestions/drafts.html", context)


@roles(*READERS)
def draft(request, pk):
    """The text with what was said of each article, as far as the acting post reads it."""
    found = get_draft(request, pk)
    read = Opinion.objects.visible_to(request.post).standing().filter(draft=found)
    counts = dict(read.values_list("article").annotate(n=Count("pk")))
    articles = list(found.articles.all())
    chapter = ""
    for one in articles:
        one.said = counts.get(one.pk, 0)
        one.begins = one.chapter if one.chapter != chapter else ""
        chapter = one.chapter
    today = timezone.localdate()
    context = {
        "draft": found,
        "tone": TONES.get(found.state, "plain"),
        "articles": articles,
        "whole": counts.get(None, 0),
        "total": sum(counts.values()),
        "undecided": read.undecided().count(),
        "stations": [
            row.station for row in found.addressed.select_related("station").order_by("station__code")
        ]
        if request.post.role in (Role.OFFICE, Role.AUDITOR)
        else [],
        "takes": request.post.role in TAKERS and found.state == Draft.State.OPEN,
        "late": found.state == Draft.State.OPEN and found.closes_on < today,
        "edits": found.is_kept_by(request.post) and found.state == Draft.State.DRAFT,
        "steps": [(row.label, name) for name, row in found.open_steps(request.post).items()],
        "sums": request.post.role in (Role.OFFICE, Role.AUDITOR),
        "entries": timeline(found) if request.post.role in (Role.OFFICE, Role.AUDITOR) else [],
    }
    return TemplateResponse(request, "suggestions/draft.html", context)


@roles(Role.OFFICE)
@once
def new(request):
    form = DraftForm(request.POST or None, post=request.post)

    def enter():
        found = Draft(area=request.post.area, **form.values())
        found.enter(by=request.post)
        found.compose(form.articles, form.addressed(), by=request.post, version=None)
        return found

    if request.method == "POST" and form.does(enter):
        count = len(form.articles)
        messages.success(request, f"已保存，共 {count} 条。看一遍条文，没有问题就发布。")
        return redirect(form.outcome)
    return TemplateResponse(
        request, "suggestions/draft_form.html", {"form": form, "draft": None}, status=form.status
    )


@roles(Role.OFFICE)
@once
def edit(request, pk):
    """Until it is published; afterwards its text stands."""
    found = get_own(request, pk)
    if found.state != Draft.State.DRAFT:
        raise NotAllowed(f"{found}已经发布，条文和站点不能再改。要改请撤回，另发一稿。")
    form = DraftForm(
        request.POST if request.method == "POST" else None,
        post=request.post,
        instance=copy(found),
    )

    def amend():
        found.amend(by=request.post, version=form.cleaned_data["version"], **form.values())
        found.compose(form.articles, form.addressed(), by=request.post, version=None)

    if request.method == "POST" and form.does(amend):
        messages.success(request, f"已保存，共 {len(form.articles)} 条。")
        return redirect(found)
    return TemplateResponse(
        request, "suggestions/draft_form.html", {"form": form, "draft": found}, status=form.status
    )


@roles(Role.OFFICE)
def step(request, pk, name):
    found = get_draft(request, pk)

    def page():
        label = Draft.FLOW[name].label
        return {
            "question": f"{label}：{found}",
            "detail": _detail(found, name),
            "button": f"确定{label}",
            "danger": name == "withdraw",
            "back": found.get_absolute_url(),
        }

    return step_page(
        request,
        found,
        name,
        DRAFT_FORMS,
        page,
        done=lambda: f"{found}现在是“{found.get_state_display()}”。",
        goto=found.get_absolute_url,
    )


def _detail(draft, name):
    match name:
        case "publish":
            sites = draft.addressed.count()
            span = f"{draft.opens_on:%-m月%-d日}到{draft.closes_on:%-m月%-d日}"
            return f"发到 {sites} 个站点，{span}征求意见。发布以后条文不能再改。"
        case "close":
            return "截止以后不能再登记意见，包括截止以前提出、还没有录入的。请先问各站点是否录完。"
        case "conclude":
            left = draft.opinions.undecided().count()
            return f"还有 {left} 条意见没有写处理结果。" if left else "各站点和代表都能看到。"
        case "withdraw":
            return "撤回以后各站点不再看到这份稿子，已登记的意见留在记录里。"
        case _:
            return ""


@roles(Role.OFFICE, Role.AUDITOR)
def summary(request, pk, form):
    """What was said, article by article, as a workbook or as a document to edit further."""
    found = get_draft(request, pk)
    if form not in summing.FORMATS:
        raise Http404
    make, kind = summing.FORMATS[form]
    rows = (
        Opinion.objects.visible_to(request.post)
        .standing()
        .filter(draft=found)
        .select_related("article", "station", "mandate__deputy", "giver")
        .order_by("pk")
    )
    answer = HttpResponse(make(found, rows, request.post), content_type=kind)
    AuditEntry.objects.record(found, "export", by=request.post, data={"form": form})
    answer["Content-Disposition"] = content_disposition_header(True, f"{found.number}_意见汇总.{form}")
    answer["Cache-Control"] = "no-store"
    return answer
