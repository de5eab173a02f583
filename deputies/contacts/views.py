"""联系: my contacts on the phone, the links of a station and an area, one link, and where contacts are missing."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from deputies.models import Mandate
from deputies.views import form_page
from liaison.accounts.models import Role
from liaison.core.access import roles
from liaison.core.htmx import fragment
from liaison.core.idempotency import once
from liaison.core.paging import page_for
from liaison.core.policy import policy_for
from liaison.core.steps import void_page
from liaison.core.timeline import timeline
from stations.forms import EndForm

from .filters import ContactLinkFilter
from .forms import EndLinkForm, LeaderForm, LeaderLinkForm, PersonForm, RecordForm, VoterForm, mandates_for
from .models import ContactLink, ContactRecord, Leader, lacking_voters
from .privacy import reads_whole, shown_voter, shown_words

READERS = (Role.OFFICE, Role.STATION, Role.DEPUTY, Role.AUDITOR)
KEEPERS = (Role.OFFICE, Role.STATION, Role.DEPUTY)
SHOWN = 50
RELATED = (
    "leader__mandate__deputy",
    "mandate__deputy",
    "partner__deputy",
    "place",
    "voter",
    "area",
)


def get_link(request, pk):
    links = ContactLink.objects.visible_to(request.post).with_station(timezone.localdate())
    return get_object_or_404(links.select_related(*RELATED), pk=pk)


def kept_link(request, pk):
    """The link in sight, or 403 where it is not this post's to write in."""
    link = get_link(request, pk)
    if not link.is_kept_by(request.post):
        raise PermissionDenied
    return link


def _show(links, post, *, masked=False):
    """Lay beside each link with whom it is, as `post` may read it."""
    today = timezone.localdate()
    for link in links:
        link.voter_shown = person = shown_voter(link, post, masked=masked)
        link.other = person.name if person else link.place.name if link.place else link.partner.deputy.name
        link.over = link.to_on is not None and link.to_on < today


@roles(*READERS)
@fragment("rows")
def list_(request):
    """A deputy: one's own contacts, with the way to write one down. Staff: those of the station or the area."""
    own, today = request.post.role == Role.DEPUTY, timezone.localdate()
    seen = ContactLink.objects.visible_to(request.post)
    chosen = ContactLinkFilter(request.GET, seen, request=request)
    rows = chosen.qs if chosen.is_valid() else seen.none()
    rows = rows.with_contacts().with_station(today).with_silence(request.post.area, today)
    page = page_for(request, rows.select_related(*RELATED), ("-from_on", "-pk"))
    _show(page, request.post, masked=not own)
    if not own:
        form = chosen.form
        del form.fields["mandate"]
        if request.post.role == Role.STATION:
            form.fields.pop("area")
        return TemplateResponse(
            request,
            "contacts/list.html",
            {
                "page": page,
                "form": form,
                "keeps": request.post.role in KEEPERS,
                "office": request.post.role == Role.OFFICE,
            },
        )
    mine = [link for link in page if link.is_mine(request.post)]
    seat = mandates_for(request.post, today).select_related("area").first()
    policy = policy_for(seat.area if seat else request.post.area, today)
    number = ContactLink.objects.kept_by(request.post).of_voters().current(today).count()
    context = {
        "page": page,
        "voters": [link for link in mine if link.kind == ContactLink.Kind.VOTER and not link.over],
        "others": [link for link in mine if link.kind != ContactLink.Kind.VOTER and not link.over],
        "visited_by": [link for link in page if link not in mine and not link.over],
        "past": [link for link in mine if link.over],
        "number": number,
        "policy": policy,
        "full": number >= policy.fixed_voters_most,
    }
    return TemplateResponse(request, "contacts/mine.html", context)


@roles(*READERS)
def detail(request, pk):
    link = get_link(request, pk)
    _show([link], request.post)
    records = list(link.records.order_by("-day", "-pk")[:SHOWN])
    for row in records:
        row.words = shown_words(row, row.said, request.post)
        row.next = shown_words(row, row.follow_up, request.post) if row.follow_up else ""
    keeps = link.is_kept_by(request.post)
    context = {
        "link": link,
        "whole": reads_whole(link, request.post),
        "records": records,
        "keeps": keeps,
        "open": link.to_on is None or link.to_on >= timezone.localdate(),
        "entries": timeline(link, *records, most=20) if keeps else [],
    }
    return TemplateResponse(request, "contacts/detail.html", context)


@roles(*KEEPERS)
@once
def record(request, pk):
    """Write down a contact made: the day, how, what was said, what follows."""
    link = kept_link(request, pk)
    form = RecordForm(request.POST or None, link=link)
    if form.does(lambda: ContactRecord(link=link, **form.values()).enter(by=request.post)):
        messages.success(request, f"{form.cleaned_data['day']:%-m月%-d日}的联系已记下。")
        return redirect(link)
    _show([link], request.post)
    return form_page(request, form, f"记一次联系：{link.other}", "记下这次联系", link.get_absolute_url())


@roles(*KEEPERS)
@once
def new_voter(request):
    """A deputy, or staff for a deputy, takes up a fixed voter."""
    form = VoterForm(request.POST or None, post=request.post)
    if form.does(lambda: form.take_up(by=request.post)):
        messages.success(request, "固定联系选民已登记。联系过以后，请记一次。")
        return redirect(form.outcome)
    policy = policy_for(request.post.area, timezone.localdate())
    readers = "代表本人和您" if request.post.role == Role.OFFICE else "代表本人和所在联络站"
    lead = (
        f"每位代表固定联系 {policy.fixed_voters_least} 到 {policy.fixed_voters_most} 位选民。"
        f"选民的姓名和电话只给{readers}看。"
    )
    return form_page(request, form, "加一位固定联系选民", "登记选民", reverse("contacts:list"), lead)


@roles(Role.OFFICE)
@once
def new(request):
    """A leading member takes up a county or township, a committee member a deputy."""
    form = LeaderLinkForm(request.POST or None, post=request.post)
    if form.does(lambda: ContactLink(**form.values()).enter(by=request.post)):
        messages.success(request, f"{form.outcome}，已登记。")
        return redirect(form.outcome)
    back = reverse("contacts:list")
    lead = "要先登记常委会组成人员，才能选“谁来联系”。"
    return form_page(request, form, "登记领导、委员的联系", "登记联系", back, lead)


@roles(*KEEPERS)
def voter(request, pk):
    """Correct a fixed voter's name and contact data."""
    link = kept_link(request, pk)
    if link.kind != ContactLink.Kind.VOTER:
        raise Http404
    form = PersonForm(request.POST or None, link=link)

    def correct():
        return link.voter.correct(by=request.post, version=form.cleaned_data["version"], **form.person)

    if form.does(correct):
        messages.success(request, "选民信息已保存。" if form.outcome else "没有改动，不用保存。")
        return redirect(link)
    return form_page(request, form, "更正选民信息", "保存选民信息", link.get_absolute_url())


@roles(*KEEPERS)
def end(request, pk):
    link = kept_link(request, pk)
    form = EndLinkForm(request.POST or None, thing=link)

    def stop():
        filled = form.cleaned_data
        link.end(filled["on"], by=request.post, version=filled["version"], note=filled["note"])

    if form.does(stop):
        messages.success(request, "这个联系已结束，以前的记录都留着。")
        return redirect("contacts:list")
    _show([link], request.post)
    context = {
        "question": f"结束与{link.other}的联系？",
        "detail": "结束后不再列入要联系的名单。以前的联系记录不变。",
        "button": "结束联系",
        "danger": False,
        "back": link.get_absolute_url(),
        "idem": "",
        "form": form,
    }
    return TemplateResponse(request, "ui/confirm.html", context, status=form.status)


@roles(*KEEPERS)
def void(request, pk):
    """Take a wrong contact out of the figures, or put it back."""
    row = get_object_or_404(ContactRecord.objects.visible_to(request.post).select_related("link"), pk=pk)
    kept_link(request, row.link_id)
    return void_page(request, row)


# --- Where contacts are missing ---


@roles(Role.OFFICE, Role.STATION, Role.AUDITOR)
def coverage(request):
    """Deputies with too few fixed voters, links without a contact for too long, leading members without a link."""
    post, today = request.post, timezone.localdate()
    lists = {"voters": "固定选民不足", "silent": "久未联系"}
    if post.role != Role.STATION:
        lists["leaders"] = "没有联系对象的领导和委员"
    lack = request.GET.get("lack")
    lack = lack if lack in lists else "voters"
    match lack:
        case "silent":
            links = ContactLink.objects.visible_to(post).with_silence(post.area, today).filter(silent=True)
            links = links.with_contacts().with_station(today)
            page = page_for(request, links.select_related(*RELATED), ("from_on", "pk"))
            _show(page, post, masked=True)
        case "leaders":
            leaders = (
                Leader.objects.visible_to(post).without_link(today).select_related("mandate__deputy", "area")
            )
            page = page_for(request, leaders, ("area_path", "pk"))
        case _:
            mandates = Mandate.objects.visible_to(post).can_serve(today).select_related("deputy", "area")
            page = page_for(request, lacking_voters(mandates, post.area, today), ("area_path", "pk"))
    here = reverse("contacts:coverage")
    context = {
        "page": page,
        "lack": lack,
        "tabs": [
            {"label": label, "url": f"{here}?lack={name}", "current": name == lack, "count": None}
            for name, label in lists.items()
        ],
    }
    return TemplateResponse(request, "contacts/coverage.html", context)


@roles(Role.OFFICE)
@once
def leaders(request):
    """The members of the standing committee, who are to keep in touch; the office enters them here."""
    form = LeaderForm(request.POST or None, post=request.post)
    if form.does(lambda: Leader(area=request.post.area, **form.values()).enter(by=request.post)):
        messages.success(request, f"{form.outcome}已登记。")
        return redirect("contacts:leaders")
    today = timezone.localdate()
    rows = Leader.objects.visible_to(request.post).current(today).select_related("mandate__deputy", "area")
    page = page_for(request, rows, ("area_path", "rank", "pk"))
    context = {"page": page, "form": form}
    return TemplateResponse(request, "contacts/leaders.html", context, status=form.status)


@roles(Role.OFFICE)
def end_leader(request, pk):
    rows = Leader.objects.visible_to(request.post).select_related("mandate__deputy", "area")
    leader = get_object_or_404(rows, pk=pk)
    form = EndForm(request.POST or None, thing=leader)
    if form.does(
        lambda: leader.end(form.cleaned_data["on"], by=request.post, version=form.cleaned_data["version"])
    ):
        messages.success(request, f"{leader}已离任，他的联系同时结束。")
        return redirect("contacts:leaders")
    context = {
        "question": f"{leader}离任？",
        "detail": "最后一天过后，他的联系同时结束。以前的记录不变。",
        "button": "登记离任",
        "danger": False,
        "back": reverse("contacts:leaders"),
        "idem": "",
        "form": form,
    }
    return TemplateResponse(request, "ui/confirm.html", context, status=form.status)
