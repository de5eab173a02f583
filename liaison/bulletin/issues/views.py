"""动态期刊: the list, one bulletin with its files and steps, composing it."""

from copy import copy

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse

from liaison.accounts.models import Role
from liaison.bulletin.models import Bulletin
from liaison.bulletin.printing import FORMS, printed
from liaison.bulletin.workflow import BULLETIN_FLOW, BulletinState
from liaison.core.access import or_public, roles
from liaison.core.htmx import fragment
from liaison.core.idempotency import once
from liaison.core.paging import page_for
from liaison.core.steps import step_page
from liaison.core.timeline import timeline
from liaison.core.workflow import NotAllowed
from suggestions.papers.printing import as_paper

from .filters import BulletinFilter
from .forms import BULLETIN_FORMS, BulletinForm, ComposeForm, LineForm, forms

READERS = (Role.OFFICE, Role.AUDITOR, Role.STATION, Role.DEPUTY)
OVERSEERS = (Role.OFFICE, Role.AUDITOR)  # who see what is not issued
TONES = {BulletinState.DRAFT: "warn", BulletinState.ISSUED: "ok", BulletinState.WITHDRAWN: "late"}


def get_bulletin(request, pk):
    return get_object_or_404(Bulletin.objects.visible_to(request.post).select_related("area"), pk=pk)


def get_draft(request, pk):
    """One of one's own that is not issued yet."""
    found = get_bulletin(request, pk)
    if not found.is_kept_by(request.post):
        raise PermissionDenied
    if refusal := found.edit_refusal(request.post):
        raise NotAllowed(refusal)
    return found


@or_public("bulletins:list")
@roles(*READERS)
@fragment("rows")
def list_(request):
    chosen = BulletinFilter(request.GET, queryset=Bulletin.objects.visible_to(request.post), request=request)
    page = page_for(request, chosen.qs.select_related("area"), ("-pk",))
    for row in page:
        row.tone = TONES.get(row.state, "plain")
    if request.post.role not in OVERSEERS:
        for name in ("state", "area"):
            chosen.form.fields[name].widget = forms.HiddenInput()
    context = {"filter": chosen, "page": page, "may_add": request.post.role == Role.OFFICE}
    return TemplateResponse(request, "bulletin/issues/list.html", context)


@roles(Role.OFFICE)
@once
def new(request):
    form = BulletinForm(request.POST or None, post=request.post)
    if form.does(lambda: Bulletin(area=request.post.area, **form.values()).start(by=request.post)):
        messages.success(request, "已开始编一期。请选动态，排好顺序。期号在印发时确定。")
        return redirect("bulletins:compose", form.outcome.pk)
    context = {"form": form, "bulletin": None}
    return TemplateResponse(request, "bulletin/issues/form.html", context, status=form.status)


@roles(Role.OFFICE)
@once
def edit(request, pk):
    bulletin = get_draft(request, pk)
    form = BulletinForm(
        request.POST if request.method == "POST" else None, post=request.post, instance=copy(bulletin)
    )
    form.thing = bulletin

    def head():
        return bulletin.head(by=request.post, version=form.cleaned_data["version"], **form.values())

    if request.method == "POST" and form.does(head):
        messages.success(request, "已改好。" if form.outcome else "没有改动。")
        return redirect(bulletin)
    context = {"form": form, "bulletin": bulletin}
    return TemplateResponse(request, "bulletin/issues/form.html", context, status=form.status)


@or_public("bulletins:detail")
@roles(*READERS)
def detail(request, pk):
    bulletin = get_bulletin(request, pk)
    oversees = request.post.role in OVERSEERS
    context = {
        "bulletin": bulletin,
        "tone": TONES.get(bulletin.state, "plain"),
        "facts": [
            ("编印单位", bulletin.issuer),
            ("印发日期", f"{bulletin.issued_on:%Y年%-m月%-d日}" if bulletin.issued_on else ""),
            ("编辑", bulletin.editor),
            ("审核", bulletin.reviewer),
            ("签发", bulletin.signer),
            ("报", bulletin.report_to),
            ("送", bulletin.send_to),
        ],
        "lines": bulletin.in_order(),
        "papers": [(form.upper(), form, bulletin.file(form)) for form in FORMS],
        "edits": not bulletin.edit_refusal(request.post),
        "steps": [(row.label, name) for name, row in bulletin.open_steps(request.post).items()],
        "oversees": oversees,
        "record": timeline(bulletin) if oversees else [],
    }
    return TemplateResponse(request, "bulletin/issues/detail.html", context)


@roles(Role.OFFICE)
def compose(request, pk):
    """Choose, order, put under sections; words are changed one by one."""
    bulletin = get_draft(request, pk)
    form = ComposeForm(request.POST if request.method == "POST" else None, thing=bulletin)

    def lay_down():
        version = form.cleaned_data["version"]
        bulletin.compose(form.placed(), form.added(), by=request.post, version=version)

    if request.method == "POST" and form.does(lay_down):
        messages.success(request, f"已排好，这一期有 {bulletin.items.count()} 篇。")
        return redirect("bulletins:compose", pk)
    context = {"bulletin": bulletin, "form": form}
    return TemplateResponse(request, "bulletin/issues/compose.html", context, status=form.status)


@roles(Role.OFFICE)
def line(request, pk, line_pk):
    """An item in the words of this issue; beside it the item as it was published."""
    bulletin = get_draft(request, pk)
    found = get_object_or_404(bulletin.in_order(), pk=line_pk)
    form = LineForm(
        request.POST if request.method == "POST" else None,
        instance=copy(found),
        initial={"version": bulletin.version},
    )
    form.thing = bulletin

    def reword():
        version = form.cleaned_data["version"]
        bulletin.reword(found, by=request.post, version=version, **form.values())

    if request.method == "POST" and form.does(reword):
        messages.success(request, "已改好。原来的动态没有变。")
        return redirect("bulletins:compose", pk)
    context = {"bulletin": bulletin, "line": found, "form": form}
    return TemplateResponse(request, "bulletin/issues/line.html", context, status=form.status)


@roles(*READERS)
def paper(request, pk, form):
    """As it was issued, byte for byte; of a draft, as it would look now."""
    if form not in FORMS:
        raise Http404
    bulletin = get_bulletin(request, pk)
    if not bulletin.number:
        return as_paper(printed(bulletin.as_issue(), form), form, f"{bulletin.title}_草稿")
    kept = bulletin.file(form)
    content = kept.content() if kept else None
    if content is None:
        raise NotAllowed("这个文件已损坏，没有给出。请联系管理员。")
    return as_paper(content, form, f"{bulletin.title}_{bulletin.number}")


DETAILS = {
    "issue": "印发时给期号，PDF 和 Word 文件就此固定，以后内容不能再改。公开页上谁都能看、能下载。",
    "withdraw": "公开页不再显示，各站也看不到。期号不再给别的一期，里面的动态可以重新选用。",
    "drop": "选进来的动态可以编入别的一期。",
}


@roles(Role.OFFICE)
def step(request, pk, name):
    bulletin = get_bulletin(request, pk)

    def page():
        label = BULLETIN_FLOW[name].label
        return {
            "question": f"{label}“{bulletin}”？",
            "detail": DETAILS[name],
            "button": f"确定{label}",
            "danger": name != "issue",
            "back": bulletin.get_absolute_url(),
        }

    return step_page(
        request,
        bulletin,
        name,
        BULLETIN_FORMS,
        page,
        done=lambda: f"“{bulletin}”{bulletin.get_state_display()}。",
        goto=bulletin.get_absolute_url,
    )
