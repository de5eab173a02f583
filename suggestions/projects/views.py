"""民生实事: the list, one project with its progress, the vote and its result sheet."""

from copy import copy

from django.contrib import messages
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from liaison.accounts.models import Area, Role
from liaison.core.access import or_public, roles
from liaison.core.htmx import fragment
from liaison.core.idempotency import once
from liaison.core.models import Attachment, AuditEntry
from liaison.core.paging import page_for
from liaison.core.pdf import as_pdf
from liaison.core.steps import NoteForm, step_page
from liaison.core.timeline import timeline
from liaison.core.workflow import NotAllowed

from . import papers
from .filters import ProjectFilter
from .forms import PROJECT_FORMS, BallotForm, PhotoForm, ProjectForm
from .models import Ballot, BallotLine, Project, ProjectProgress, ProjectState

READERS = (Role.OFFICE, Role.AUDITOR, Role.DEPUTY, Role.UNIT)
VOTERS = (Role.OFFICE, Role.AUDITOR, Role.DEPUTY)
DOERS = (Role.OFFICE, Role.UNIT)
TONES = {
    ProjectState.CHOSEN: "info",
    ProjectState.UNDER_WAY: "info",
    ProjectState.DONE: "ok",
    ProjectState.CHECKED: "ok",
}
BALLOTS = 5  # named above the list


def get_project(request, pk):
    rows = Project.objects.visible_to(request.post)
    related = "area", "department", "chair__mandate__deputy", "group"
    return get_object_or_404(rows.select_related(*related), pk=pk)


def get_ballot(request, pk):
    return get_object_or_404(Ballot.objects.visible_to(request.post).select_related("area"), pk=pk)


@or_public("projects:list")
@roles(*READERS)
@fragment("rows")
def list_(request):
    chosen = ProjectFilter(request.GET, queryset=Project.objects.visible_to(request.post), request=request)
    page = page_for(request, chosen.qs.select_related("area", "department"), ("-year", "-pk"))
    today = timezone.localdate()
    for row in page:
        row.tone, row.late = TONES.get(row.state, "plain"), row.is_late(today)
    voted = Ballot.objects.visible_to(request.post).standing().select_related("area")
    context = {
        "filter": chosen,
        "page": page,
        "figures": chosen.qs.public().figures(today),
        "ballots": voted.order_by("-day", "-pk")[:BALLOTS],
        "may_add": request.post.role == Role.OFFICE,
        "exports": request.post.role in VOTERS,
    }
    return TemplateResponse(request, "suggestions/projects/list.html", context)


@roles(Role.OFFICE)
@once
def new(request):
    form = ProjectForm(request.POST or None, post=request.post)
    if form.does(lambda: Project(**form.values()).enter(by=request.post)):
        messages.success(request, f"已列为{form.outcome.year}年候选项目，编号 {form.outcome.number}。")
        return redirect(form.outcome)
    context = {"form": form, "project": None}
    return TemplateResponse(request, "suggestions/projects/form.html", context, status=form.status)


@roles(Role.OFFICE)
@once
def edit(request, pk):
    project = get_project(request, pk)
    if project.state != ProjectState.CANDIDATE:
        raise NotAllowed(f"“{project}”现在是“{project.get_state_display()}”，内容不能再改。")
    form = ProjectForm(
        request.POST if request.method == "POST" else None, post=request.post, instance=copy(project)
    )
    form.thing = project

    def amend():
        return project.plan(by=request.post, version=form.cleaned_data["version"], **form.values())

    if request.method == "POST" and form.does(amend):
        messages.success(request, "已改好。" if form.outcome else "没有改动。")
        return redirect(project)
    context = {"form": form, "project": project}
    return TemplateResponse(request, "suggestions/projects/form.html", context, status=form.status)


def with_photos(entries):
    """The entries of progress, each with `photos` (url, thumb, caption), in two queries."""
    rows = list(entries)
    found = {}
    for one in Attachment.objects.of_all(rows):
        found.setdefault(one.owner_id, []).append(one)
    for row in rows:
        row.photos = [_picture(one, row, number) for number, one in enumerate(found.get(row.pk, ()), 1)]
    return rows


def _picture(attachment, row, number):
    url = reverse("core:file", args=[attachment.key])
    caption = f"{row.day:%-m月%-d日}进展照片 {number}"
    return {"url": url, "thumb": url, "caption": caption, "key": attachment.key}


@or_public("projects:detail")
@roles(*READERS)
def detail(request, pk):
    project = get_project(request, pk)
    today = timezone.localdate()
    lines = BallotLine.objects.filter(project=project, ballot__in=Ballot.objects.visible_to(request.post))
    steps = project.open_steps(request.post)
    context = {
        "project": project,
        "tone": TONES.get(project.state, "plain"),
        "late": project.is_late(today),
        "facts": [
            *facts(project),
            ("领衔", project.chair),
            ("委员会", project.committee),
            ("监督小组", project.group),
        ],
        "trio_missing": project.state in project.FLOW["trio"].sources and not project.has_trio,
        "entries": with_photos(project.progress.order_by("-day", "-pk")),
        "checks": project.checks.order_by("-year"),
        "lines": lines.filter(ballot__voided_at=None)
        .select_related("ballot")
        .order_by("-ballot__day", "-pk"),
        "steps": [(row.label, name) for name, row in steps.items()],
        "edits": request.post.role == Role.OFFICE and project.state == ProjectState.CANDIDATE,
        "adds_photos": request.post.role in DOERS and bool(project.reported_on),
        "record": timeline(project),
    }
    return TemplateResponse(request, "suggestions/projects/detail.html", context)


def facts(project):
    """What everybody may read of a project, as pairs of label and value."""
    return [
        ("年度", f"{project.year}年"),
        ("建设内容", project.what),
        ("地点", project.place),
        ("预算", f"{project.budget.normalize():f} 万元" if project.budget is not None else ""),
        ("责任单位", project.department),
        ("项目来源", project.source),
        ("计划完工", f"{project.planned_on:%Y年%-m月%-d日}"),
        ("开工", f"{project.started_on:%Y年%-m月%-d日}" if project.started_on else ""),
        ("完工", f"{project.done_on:%Y年%-m月%-d日}" if project.done_on else ""),
    ]


@roles(*DOERS)
@once
def photos(request, pk):
    """Photos of the last progress entered."""
    project = get_project(request, pk)
    entry = project.progress.order_by("-day", "-pk").first()
    if entry is None:
        raise NotAllowed(f"“{project}”还没有登记进展。请先登记进展，再加照片。")
    form = PhotoForm(request.POST or None, request.FILES or None)

    def keep():
        with transaction.atomic():
            kept = Attachment.objects.keep_photo(entry, form.cleaned_data["photo"], by=request.post)
            AuditEntry.objects.record(project, "attach", by=request.post, data={"file": str(kept.key)})

    if form.does(keep, field="photo"):
        messages.success(request, f"照片已放入{entry.day:%-m月%-d日}的进展。")
        return redirect("projects:photos", project.pk)
    context = {"project": project, "entry": with_photos([entry])[0], "form": form}
    return TemplateResponse(request, "suggestions/projects/photos.html", context, status=form.status)


@roles(*DOERS)
def withdraw(request, pk, key):
    """Take a photo out of the progress. It is kept, and given to nobody."""
    project = get_project(request, pk)
    mine = ProjectProgress.objects.visible_to(request.post).filter(project=project)
    photo = get_object_or_404(Attachment.objects.of_all(list(mine)), key=key)
    if request.method == "POST":
        with transaction.atomic():
            if photo.withdraw():
                AuditEntry.objects.record(project, "withdraw", by=request.post, data={"file": str(photo.key)})
        messages.success(request, "照片已撤下，不再显示。")
        return redirect(project)
    context = {
        "question": "撤下这张照片？",
        "detail": "撤下后不再显示，谁也打不开它。",
        "button": "撤下照片",
        "danger": True,
        "back": reverse("projects:photos", args=[project.pk]),
    }
    return TemplateResponse(request, "ui/confirm.html", context)


@roles(Role.OFFICE, Role.UNIT, Role.DEPUTY)
def step(request, pk, name):
    project = get_project(request, pk)

    def page():
        label = Project.FLOW[name].label
        return {
            "question": f"{label}：{project}",
            "button": label,
            "danger": name in ("drop", "send_back"),
            "back": project.get_absolute_url(),
        }

    return step_page(
        request,
        project,
        name,
        PROJECT_FORMS,
        page,
        done=lambda: f"已{Project.FLOW[name].label}。",
        goto=project.get_absolute_url,
    )


# --- The vote ---------------------------------------------------------------------------------------------------------


def _asked_for(request):
    """Whose congress, which year: from the query, out of the areas in sight; the acting area and its latest else."""
    areas = Area.objects.visible_to(request.post)
    code, year = request.GET.get("area", ""), request.GET.get("year", "")
    area = areas.filter(code=code).first() or request.post.area
    if year.isascii() and year.isdigit() and len(year) == 4:
        return area, int(year)
    waiting = Project.objects.visible_to(request.post).filter(area=area, state=ProjectState.CANDIDATE)
    return area, waiting.order_by("-year").values_list("year", flat=True).first() or timezone.localdate().year


@roles(Role.OFFICE)
@once
def new_ballot(request):
    """Enter what was counted. Who is a candidate stands; the numbers must be such as can be."""
    area, year = _asked_for(request)
    candidates = Project.objects.visible_to(request.post).candidates(area, year).order_by("number")
    if not candidates:
        raise NotAllowed(f"{area.name}{year}年没有候选项目，不能登记票决。请先登记候选项目。")
    form = BallotForm(request.POST or None, area=area, year=year, candidates=list(candidates))

    def declare():
        return Ballot(area=area, year=year, **form.values()).declare(form.votes(), by=request.post)

    if form.does(declare):
        messages.success(request, "票决结果已登记。请核对，再打印结果报告单。")
        return redirect(form.outcome)
    context = {"form": form, "area": area, "year": year}
    return TemplateResponse(request, "suggestions/projects/ballot_form.html", context, status=form.status)


@roles(*VOTERS)
def ballot(request, pk):
    found = get_ballot(request, pk)
    lines = list(found.lines.in_order().select_related("project__department"))
    context = {
        "ballot": found,
        "lines": lines,
        "chosen": sum(line.result == line.Result.CHOSEN for line in lines),
        "tied": [line for line in lines if line.result == line.Result.TIED],
        "office": request.post.role == Role.OFFICE,
        "entries": timeline(found),
    }
    return TemplateResponse(request, "suggestions/projects/ballot.html", context)


@roles(*VOTERS)
def sheet(request, pk):
    """票决结果报告单."""
    found = get_ballot(request, pk)
    if found.voided_at is not None:
        raise NotAllowed("这次票决已作废，不能打印。")
    return as_pdf(papers.result_sheet(found), f"minsheng-{found.year}-{found.pk}")


@roles(Role.OFFICE)
def void(request, pk):
    found = get_ballot(request, pk)
    if found.voided_at is not None:
        raise NotAllowed("这次票决已经作废。")
    form = NoteForm(request.POST if request.method == "POST" else None, thing=found)
    if request.method == "POST" and form.does(lambda: found.void(by=request.post, **form.cleaned_data)):
        messages.success(request, "已作废，项目重新列为候选。")
        return redirect(found)
    context = {
        "question": f"作废{found}的结果？",
        "detail": "登记错了才作废。项目重新列为候选，原来的数字和原因留底。已经开工的不能作废。",
        "button": "作废结果",
        "danger": True,
        "back": found.get_absolute_url(),
        "form": form,
    }
    return TemplateResponse(request, "ui/confirm.html", context, status=form.status)
