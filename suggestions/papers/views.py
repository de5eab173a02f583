"""公文: the papers of an order, and the templates that an office brings itself."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse

from liaison.accounts.models import Role
from liaison.core.access import roles
from liaison.core.steps import OptionalNoteForm
from suggestions.models import PaperTemplate

from .bringing import bring
from .contents import heading_of
from .forms import TemplateForm
from .handing_out import give_number, hand_out
from .kinds import PAPERS
from .listing import orders_in_sight, papers_on_page
from .placeholders import placeholders_of
from .printing import FORMS, as_paper, printed, template_for
from .shipped import shipped

READERS = (Role.OFFICE, Role.STATION, Role.DEPUTY, Role.UNIT, Role.AUDITOR)


def _paper(slug):
    if slug not in PAPERS:
        raise Http404
    return PAPERS[slug]


@roles(*READERS)
def papers(request, number):
    """The papers of one order; posting the name of one gives it its number."""
    paper = _paper(request.POST.get("paper", "")) if request.method == "POST" else None
    order = get_object_or_404(orders_in_sight(request.post, paper), number=number)
    if paper:
        found = give_number(order, paper, by=request.post)
        messages.success(request, f"{paper.label}的文号是 {found.number}。")
        return redirect("suggestions:papers", order.number)
    lines = papers_on_page(order, request.post)
    context = {
        "order": order,
        "heading": heading_of(order, request.post),
        "lines": lines,
        "unnumbered": any(line.numbers for line in lines),
    }
    return TemplateResponse(request, "suggestions/papers/order.html", context)


@roles(*READERS)
def paper(request, number, slug, form):
    """One paper as PDF or Word document, made from the order as it is now."""
    wanted = _paper(slug)
    if form not in FORMS:
        raise Http404
    order = get_object_or_404(orders_in_sight(request.post, wanted), number=number)
    made = hand_out(order, wanted, form, by=request.post)
    return as_paper(made, form, f"{wanted.label}_{order.number}")


@roles(Role.OFFICE)
def templates(request):
    """Which Word template is in use for each kind of paper, and whose it is."""
    area, seen = request.post.area, PaperTemplate.objects.visible_to(request.post)
    rows = [(one, seen.nearest(area, one.kind)) for one in PAPERS.values()]
    return TemplateResponse(request, "suggestions/papers/templates.html", {"rows": rows, "area": area})


@roles(Role.OFFICE)
def template(request, slug):
    """The template of one kind of paper: what may stand in it, and one's own to bring."""
    one = _paper(slug)
    posted = request.method == "POST"
    form = TemplateForm(request.POST, request.FILES) if posted else TemplateForm()
    if posted and form.does(
        lambda: bring(one, form.cleaned_data["file"], by=request.post),
        field="file",
    ):
        messages.success(request, f"{one.label}从现在起用您上传的模板。")
        return redirect("suggestions:paper_template", slug)
    whose = PaperTemplate.objects.visible_to(request.post).nearest(request.post.area, one.kind)
    context = {
        "paper": one,
        "form": form,
        "whose": whose,
        "own": whose is not None and whose.area_id == request.post.area_id,
        "placeholders": list(placeholders_of(one.kind)),
    }
    return TemplateResponse(request, "suggestions/papers/template.html", context, status=form.status)


@roles(Role.OFFICE)
def template_file(request, slug, what):
    """The template in use (or the one that comes with the product), empty or filled with the examples."""
    one = _paper(slug)
    area = request.post.area
    match what:
        case "current":
            made, name = template_for(area, one)[0], "现用模板"
        case "shipped":
            made, name = shipped(one.kind), "自带模板"
        case "sample":
            examples = {place.key: place.example for place in placeholders_of(one.kind)}
            made, name = printed(one, examples, area, "docx"), "样张"
        case _:
            raise Http404
    return as_paper(made, "docx", f"{one.label}_{name}")


@roles(Role.OFFICE)
def template_withdraw(request, slug):
    """Back to the template of the area above, or to ours. The file stays on record."""
    one = _paper(slug)
    own = get_object_or_404(
        PaperTemplate.objects.visible_to(request.post), area=request.post.area, kind=one.kind, in_use=True
    )
    form = OptionalNoteForm(request.POST if request.method == "POST" else None, thing=own)
    if request.method == "POST" and form.does(
        lambda: own.amend(by=request.post, deed="withdraw", in_use=False, **form.cleaned_data)
    ):
        messages.success(request, f"{one.label}不再用您上传的模板。")
        return redirect("suggestions:paper_template", slug)
    context = {
        "question": f"撤下{one.label}的模板？",
        "detail": "撤下后用上级区划的模板，上级也没有的用自带的。原来的文件留底，可以再上传。",
        "button": "撤下模板",
        "danger": False,
        "back": reverse("suggestions:paper_template", args=[slug]),
        "form": form,
    }
    return TemplateResponse(request, "ui/confirm.html", context, status=form.status)
