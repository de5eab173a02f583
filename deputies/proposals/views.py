"""就近从便、混合编组: propose, look through, adjust, apply, take back."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse

from liaison.accounts.models import Role
from liaison.core.access import roles
from liaison.core.choices import areas_for
from liaison.core.htmx import fragment
from liaison.core.idempotency import once
from liaison.core.paging import page_for
from liaison.core.steps import step_page
from liaison.core.timeline import timeline
from liaison.core.workflow import NotAllowed

from .computing import propose
from .filters import ProposalFilter, ProposalRowFilter
from .forms import PROPOSAL_FORMS, ProposalForm, RowForm
from .models import AssignmentProposal, ProposalRow, ProposalState

READERS = (Role.OFFICE, Role.AUDITOR)
TONES = {ProposalState.DRAFT: "warn", ProposalState.APPLIED: "ok"}
WARNED = ("apply", "take_back")


@roles(*READERS)
@fragment("rows")
def list_(request):
    filter_ = ProposalFilter(
        request.GET, AssignmentProposal.objects.visible_to(request.post), request=request
    )
    page = page_for(request, filter_.qs.select_related("area"), ("-pk",))
    for proposal in page:
        proposal.tone = TONES.get(proposal.state, "plain")
        proposal.changing, proposal.mandates = _changing(proposal), proposal.figures.get("mandates", 0)
    context = {"page": page, "form": filter_.form, "may_propose": request.post.role == Role.OFFICE}
    return TemplateResponse(request, "deputies/proposals/list.html", context)


def _changing(proposal):
    changes = proposal.figures.get("changes", {})
    return sum(changes.get(change, 0) for change in ProposalRow.CHANGING)


@roles(Role.OFFICE)
@once
def new(request):
    asked = areas_for(request.post).filter(code=request.GET.get("area", "").ljust(12, "0")).first()
    form = ProposalForm(request.POST or None, post=request.post, area=asked)

    if form.does(lambda: propose(AssignmentProposal(**form.values()), by=request.post)):
        return redirect(form.outcome)
    context = {
        "form": form,
        "title": "提出编组方案",
        "button": "计算方案",
        "back": reverse("deputies:proposals"),
        "lead": "按就近从便、混合编组，给区域内在任的代表提出站点。先看方案，改好再执行；不执行，什么都不变。"
        "距离从代表所在乡镇的中心（乡镇内站点坐标的平均）到站点按直线算，没有走路的远近，只供参考。",
    }
    return TemplateResponse(request, "deputies/form.html", context, status=form.status)


def get_proposal(request, pk):
    return get_object_or_404(
        AssignmentProposal.objects.visible_to(request.post).select_related("area"), pk=pk
    )


@roles(*READERS)
@fragment("rows")
def detail(request, pk):
    proposal = get_proposal(request, pk)
    filter_ = ProposalRowFilter(
        request.GET, ProposalRow.objects.visible_to(request.post).filter(proposal=proposal), request=request
    )
    rows = filter_.qs if filter_.is_valid() else filter_.qs.none()
    if not filter_.form.cleaned_data.get("change"):
        rows = rows.changing()
    rows = rows.select_related("mandate__deputy", "origin", "station")
    page = page_for(request, rows, ("pk",))
    for row in page:
        row.way = _way(row)
    context = {
        "proposal": proposal,
        "tone": TONES.get(proposal.state, "plain"),
        "facts": _facts(proposal),
        "compared": _compared(proposal.figures),
        "limits": _limits(proposal.figures),
        "steps": [
            {
                "label": row.label,
                "url": reverse("deputies:proposal_step", args=[pk, name]),
                "first": name == "apply",
            }
            for name, row in proposal.open_steps(request.post).items()
        ],
        "adjusts": request.post.role == Role.OFFICE and proposal.state == ProposalState.DRAFT,
        "form": filter_.form,
        "page": page,
        "history": timeline(proposal),
    }
    return TemplateResponse(request, "deputies/proposals/detail.html", context)


def _way(row):
    """8.2 → 1.1 公里, as far as it can be said."""
    if row.metres_after is None and row.metres_before is None:
        return "不比较"
    before, after = (
        "—" if metres is None else f"{metres / 1000:.1f}" for metres in (row.metres_before, row.metres_after)
    )
    return f"{before} → {after} 公里" if row.change in ProposalRow.CHANGING else f"{after} 公里"


def _facts(proposal):
    figures = proposal.figures
    changes = figures.get("changes", {})
    return [
        ("区划", proposal.area.full_name),
        ("从哪天起", f"{proposal.on:%Y年%-m月%-d日}"),
        ("撤回", f"{proposal.back_on:%Y年%-m月%-d日}起恢复原编组" if proposal.back_on else ""),
        ("每站", f"{proposal.least} 至 {proposal.most} 职"),
        (
            "分量",
            f"近 {proposal.threshold / 1000:g} 公里以上才调整，补齐一级代表可多走 {proposal.mix / 1000:g} 公里",
        ),
        ("代表职数", f"{figures.get('mandates', 0)} 职，{figures.get('sites', 0)} 个站点"),
        (
            "变动",
            f"调整 {changes.get('MOVE', 0)} 职，新编入 {changes.get('NEW', 0)} 职，人工改过 {figures.get('adjusted', 0)} 职",
        ),
        ("不参加", f"{figures['fixed']} 职（多站、暂停职务等）" if figures.get("fixed") else ""),
    ]


def _compared(figures):
    """What, before, after: in words, so that page and paper say the same."""
    rows = []
    for key, label, words in (
        ("unassigned", "没有编组", lambda n: f"{n} 职"),
        ("mean", "平均距离", lambda n: "—" if n is None else f"{n / 1000:.2f} 公里"),
        ("p90", "九成代表不超过", lambda n: "—" if n is None else f"{n / 1000:.2f} 公里"),
        ("levels", "每站平均有几级代表", lambda n: f"{n:.2f} 级"),
        ("one_level", "只有一级代表的站点", lambda n: f"{n} 个"),
        ("empty", "没有代表的站点", lambda n: f"{n} 个"),
        ("least", "人数最少的站点", lambda n: f"{n} 职"),
        ("most", "人数最多的站点", lambda n: f"{n} 职"),
        ("spread", "各站人数的标准差", lambda n: f"{n} 职"),
    ):
        if "before" in figures and "after" in figures:
            rows.append((label, words(figures["before"][key]), words(figures["after"][key])))
    return rows


def _limits(figures):
    """What the ways do not tell."""
    said = ["距离从代表所在乡镇的中心（乡镇内站点坐标的平均；没有坐标的用本县的）到站点按直线算，比走路近。"]
    if figures.get("without_way"):
        said.append(
            f"{figures['without_way']} 职由全县或更大范围选出，不知道住在哪里，不比较距离，只看层级和人数。"
        )
    if figures.get("sites_without_point"):
        said.append(f"{figures['sites_without_point']} 个站点没有坐标，按所在乡镇的中心算。")
    return said


@roles(Role.OFFICE)
def row(request, pk):
    """Decide otherwise for one mandate."""
    rows = ProposalRow.objects.visible_to(request.post)
    row = get_object_or_404(
        rows.select_related("proposal__area", "mandate__deputy", "origin__area", "proposed__area", "station"),
        pk=pk,
    )
    if row.proposal.state != ProposalState.DRAFT:
        raise NotAllowed(f"“{row.proposal}”{row.proposal.get_state_display()}，不能再改。")
    form = RowForm(request.POST or None, row=row, post=request.post)
    if form.does(lambda: form.perform(by=request.post)):
        where = row.station or "不编入"
        messages.success(
            request, f"{row.mandate.deputy}：{row.get_change_display()}，{where}。前后对比已重新计算。"
        )
        return redirect(row.proposal)
    context = {
        "form": form,
        "title": f"{row.mandate}编到哪里",
        "button": "保存决定",
        "back": row.proposal.get_absolute_url(),
        "lead": f"原站：{row.origin or '没有编组'}。现在的方案：{row.station or '不编入'}。理由：{row.reason}。",
    }
    return TemplateResponse(request, "deputies/form.html", context, status=form.status)


@roles(Role.OFFICE)
def step(request, pk, name):
    proposal = get_proposal(request, pk)
    number = _changing(proposal)
    questions = {
        "apply": ("执行这个方案？", f"一次调整 {number} 职的编组，记入每位代表的履历。执行后可以整体撤回。"),
        "drop": ("放弃这个方案？", "编组不变，方案留作记录。"),
        "take_back": (
            "撤回这个方案？",
            f"{number} 职从恢复那天起回到原来的站点，原站那天已停用的留在新站；执行期间的编组留在记录里。",
        ),
    }
    told = {
        "apply": f"已执行，调整了 {number} 职的编组。",
        "drop": "已放弃，编组没有变。",
        "take_back": "已撤回，原来的编组从恢复那天起重新开始；原站已停用的，留在新站。",
    }

    def page():
        question, what = questions[name]
        return {
            "question": question,
            "detail": f"{proposal}。{what}",
            "button": proposal.FLOW[name].label,
            "danger": name in WARNED,
            "back": proposal.get_absolute_url(),
        }

    return step_page(
        request,
        proposal,
        name,
        PROPOSAL_FORMS,
        page=page,
        done=lambda: told[name],
        goto=proposal.get_absolute_url,
    )
