"""动态: the list with what waits for review, one item with its photos and steps, and writing it."""

from copy import copy

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode

from liaison.accounts.models import Role
from liaison.bulletin.models import Bulletin, NewsItem
from liaison.bulletin.workflow import NEWS_FLOW, NewsState
from liaison.core.access import or_public, roles
from liaison.core.htmx import fragment
from liaison.core.idempotency import once
from liaison.core.paging import page_for
from liaison.core.steps import step_page
from liaison.core.timeline import timeline
from liaison.core.workflow import NotAllowed
from stations.choices import choose_places

from .filters import NewsFilter
from .forms import NEWS_FORMS, WRITERS, NewsForm, NewsPhotoForm, forms

READERS = (Role.OFFICE, Role.AUDITOR, Role.STATION, Role.DEPUTY)
KEEPERS = (Role.OFFICE, Role.STATION)
REMARKED = (NewsState.RETURNED, NewsState.WITHDRAWN)  # for a reason, which the page shows
TONES = {
    NewsState.SUBMITTED: "warn",
    NewsState.RETURNED: "late",
    NewsState.PUBLISHED: "ok",
}
TABS = {  # which states are worth a tab of their own
    Role.STATION: (NewsState.RETURNED, NewsState.DRAFT, NewsState.SUBMITTED, NewsState.PUBLISHED),
    Role.OFFICE: (NewsState.SUBMITTED, NewsState.RETURNED, NewsState.PUBLISHED),
    Role.AUDITOR: (NewsState.SUBMITTED, NewsState.PUBLISHED),
    Role.DEPUTY: (),
}
COUNTED = (NewsState.RETURNED, NewsState.SUBMITTED)


def get_item(request, pk):
    rows = NewsItem.objects.visible_to(request.post)
    return get_object_or_404(rows.select_related("station", "area", "activity", "written_by__user"), pk=pk)


@or_public("news:list")
@roles(*READERS)
@fragment("rows")
def list_(request):
    seen = NewsItem.objects.visible_to(request.post)
    chosen = NewsFilter(request.GET, queryset=seen, request=request)
    page = page_for(request, chosen.qs.select_related("station"), ("-happened_on", "-pk"))
    for row in page:
        row.tone = TONES.get(row.state, "plain")
    choose_places(chosen.form, request.post)
    chosen.form.fields["state"].widget = forms.HiddenInput()  # the tabs choose it
    context = {
        "filter": chosen,
        "page": page,
        "tabs": _tabs(request, seen),
        "may_add": request.post.role in WRITERS,
        "exports": request.post.role != Role.DEPUTY,
    }
    return TemplateResponse(request, "bulletin/news/list.html", context)


def _tabs(request, seen):
    """One for each state of interest, beside what else the list is narrowed by; with the number where it is work."""
    states = TABS[request.post.role]
    if not states:
        return []
    kept = {name: value for name, value in request.GET.items() if name in NewsFilter.base_filters and value}
    asked = kept.pop("state", "")
    return [
        {
            "label": NewsState(state).label if state else "全部",
            "url": "?" + urlencode(kept | {"state": state} if state else kept),
            "current": asked == state,
            "count": seen.filter(state=state).count() if state in COUNTED else None,
        }
        for state in ("", *states)
    ]


@roles(*WRITERS)
@once
def new(request):
    form = NewsForm(request.POST or None, post=request.post)
    if form.does(lambda: NewsItem(**form.values()).enter(by=request.post)):
        messages.success(request, "草稿已保存。可以加照片，看一遍没有问题就报送。")
        return redirect(form.outcome)
    context = {"form": form, "item": None}
    return TemplateResponse(request, "bulletin/news/form.html", context, status=form.status)


@roles(*KEEPERS)
@once
def edit(request, pk):
    """The station its draft, the office the words of what it reviews."""
    item = get_item(request, pk)
    if refusal := item.rewording_refusal(request.post):
        raise NotAllowed(refusal)
    form = NewsForm(
        request.POST if request.method == "POST" else None, post=request.post, instance=copy(item)
    )
    form.thing = item

    def reword():
        return item.reword(by=request.post, version=form.cleaned_data["version"], **form.values())

    if request.method == "POST" and form.does(reword):
        messages.success(request, "已改好。" if form.outcome else "没有改动。")
        return redirect(item)
    context = {"form": form, "item": item}
    return TemplateResponse(request, "bulletin/news/form.html", context, status=form.status)


def shown_photos(item):
    """The photos of an item in sight, as pages show them."""
    rows = item.photos.shown().select_related("attachment").order_by("pk")
    return [_picture(photo, reverse("core:file", args=[photo.attachment.key])) for photo in rows]


def _picture(photo, url):
    why = f"{photo.get_people_display()}{f'：{photo.consent}' if photo.consent else ''}"
    return {"pk": photo.pk, "url": url, "thumb": url, "caption": photo.caption, "why": why}


@or_public("news:detail")
@roles(*READERS)
def detail(request, pk):
    item = get_item(request, pk)
    keeps = request.post.role != Role.DEPUTY
    context = {
        "item": item,
        "tone": TONES.get(item.state, "plain"),
        "remark": item.reason if item.state in REMARKED else "",
        "photos": shown_photos(item),
        "issues": Bulletin.objects.visible_to(request.post).public().filter(items__news=item).order_by("pk"),
        "facts": [
            ("编号", item.number),
            ("站点", item.station),
            ("发生日期", f"{item.happened_on:%Y年%-m月%-d日}"),
            ("相关活动", item.activity),
            ("撰稿", item.written_by.user.name if keeps else ""),
            ("报送", f"{item.submitted_on:%Y年%-m月%-d日}" if item.submitted_on else ""),
            ("发布", f"{item.published_on:%Y年%-m月%-d日}" if item.published_on else ""),
        ],
        "steps": [
            (row.label, name, name in ("submit", "publish"))
            for name, row in item.open_steps(request.post).items()
        ],
        "edits": not item.rewording_refusal(request.post),
        "keeps_photos": request.post.role in KEEPERS,
        "record": timeline(item) if keeps else [],
    }
    return TemplateResponse(request, "bulletin/news/detail.html", context)


@roles(*KEEPERS)
@once
def photos(request, pk):
    item = get_item(request, pk)
    form = NewsPhotoForm(request.POST or None, request.FILES or None)

    def show():
        told = form.values()
        return item.photos.show(item, form.cleaned_data["photo"], by=request.post, **told)

    if form.does(show, field="photo"):
        messages.success(request, "照片已放入这篇动态。")
        return redirect("news:photos", pk)
    context = {
        "item": item,
        "form": form,
        "photos": shown_photos(item),
        "adds": not item.rewording_refusal(request.post),
    }
    return TemplateResponse(request, "bulletin/news/photos.html", context, status=form.status)


@roles(*KEEPERS)
def withdraw(request, pk, photo_pk):
    """Asks on a page of its own, then takes the photo out, be the item published or not."""
    item = get_item(request, pk)
    photo = get_object_or_404(item.photos.shown().select_related("attachment", "item__area"), pk=photo_pk)
    if request.method == "POST":
        photo.withdraw(by=request.post)
        messages.success(request, f"照片“{photo.caption}”已撤下，不再显示。")
        return redirect("news:photos", pk)
    context = {
        "question": f"撤下照片“{photo.caption}”？",
        "detail": "撤下后，公开页上也不再显示，谁也打不开它。",
        "button": "撤下照片",
        "danger": True,
        "back": reverse("news:photos", args=[pk]),
    }
    return TemplateResponse(request, "ui/confirm.html", context)


DETAILS = {
    "submit": "报送后由人大机关审核，审核期间站里不能改；要改可以取回。",
    "publish": "发布后公开页上谁都能看。请看清：没有群众的姓名、电话、住址，照片里的人都可以公开。",
    "withdraw": "公开页不再显示。已经印发的期刊不受影响，要收回请撤回那一期。",
    "drop": "不再报送，内容留在站里的记录中。",
}


def _detail(item, name):
    """What follows from the step; of what is withdrawn, also in which issues it stands."""
    told = DETAILS.get(name, "")
    if name == "withdraw":
        issued = Bulletin.objects.public().filter(items__news=item).order_by("pk")
        told += "".join(f"这一篇编入了{one}（{one.issuer}）。" for one in issued)
    return told


@roles(*KEEPERS)
def step(request, pk, name):
    item = get_item(request, pk)

    def page():
        label = NEWS_FLOW[name].label
        return {
            "question": f"{label}“{item}”？",
            "detail": _detail(item, name),
            "button": f"确定{label}",
            "danger": name in ("withdraw", "drop"),
            "back": item.get_absolute_url(),
        }

    return step_page(
        request,
        item,
        name,
        NEWS_FORMS,
        page,
        done=lambda: f"“{item}”现在是“{item.get_state_display()}”。",
        goto=item.get_absolute_url,
    )
