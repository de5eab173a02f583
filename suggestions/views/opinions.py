"""立法意见: taken down article by article, corrected, and what became of each."""

from copy import copy

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse

from liaison.accounts.models import Role
from liaison.core.access import roles
from liaison.core.htmx import fragment
from liaison.core.idempotency import once
from liaison.core.paging import page_for
from liaison.core.steps import void_page
from liaison.core.timeline import timeline
from liaison.core.workflow import NotAllowed
from stations.choices import choose_places
from stations.models import Station
from suggestions.filters import OpinionFilter
from suggestions.forms import DecideForm, OpinionForm
from suggestions.models import Draft, DraftStation, Opinion, speakers
from suggestions.summing import giver
from visits.privacy import shown_person, shown_words

from .drafts import READERS, TAKERS, get_draft


def get_opinion(request, number):
    rows = Opinion.objects.visible_to(request.post)
    return get_object_or_404(
        rows.select_related("draft__area", "article", "station__area", "mandate__deputy", "giver"),
        number=number,
    )


def _show(rows, post):
    """Lay beside each row what `post` may read of the person and the words."""
    for row in rows:
        row.by, row.words = giver(row, shown_person(row, post)), shown_words(row, row.text, post)


@roles(*READERS)
@fragment("rows")
def opinions(request, pk):
    found = get_draft(request, pk)
    rows = Opinion.objects.visible_to(request.post).filter(draft=found)
    chosen = OpinionFilter(request.GET, queryset=rows, request=request)
    del chosen.form.fields["draft"]
    choose_places(chosen.form, request.post)
    page = page_for(
        request,
        chosen.qs.select_related("article", "station", "mandate__deputy", "giver"),
        ("-pk",),
    )
    _show(page.rows, request.post)
    context = {"draft": found, "filter": chosen, "page": page}
    return TemplateResponse(request, "suggestions/opinions.html", context)


@roles(*TAKERS)
@once
def new(request, pk):
    """Take down one opinion and come back for the next."""
    found = get_draft(request, pk)
    found.refuse_unless_open()
    stations = list(_addressed(request, found))
    asked = request.GET.get("article", "")
    article = found.articles.filter(position=asked).first() if asked.isdecimal() else None
    initial = {"article": article.pk if article else ""}
    form = OpinionForm(
        request.POST or None, draft=found, post=request.post, stations=stations, initial=initial
    )

    def take_down():
        said = Opinion(draft=found, **form.values())
        if request.post.role == Role.DEPUTY:
            said.mandate = _own_mandate(request.post, said)
        return said.take_down(by=request.post, **form.person())

    if request.method == "POST" and form.does(take_down):
        about = form.outcome.about()
        messages.success(request, f"已登记{about}的意见，编号 {form.outcome.number}。可以接着登记下一条。")
        return redirect(reverse("suggestions:opinion_new", args=[found.pk]))
    context = {"draft": found, "form": form, "article": article}
    return TemplateResponse(request, "suggestions/opinion_form.html", context, status=form.status)


def _addressed(request, draft):
    """The stations near the acting post that the draft came to."""
    sent = DraftStation.objects.near(request.post).filter(draft=draft)
    return Station.objects.filter(pk__in=sent.values("station")).order_by("code")


def _own_mandate(post, said):
    """The deputy's mandate at that station, or at the one above it; where there are several, the first."""
    mandates = speakers([said.station], said.day).of(post)
    if (mandate := mandates.order_by("pk").first()) is None:
        raise NotAllowed("这一天您不在这个站点，不能以代表身份提意见。")
    return mandate


@roles(*READERS)
def opinion(request, number):
    found = get_opinion(request, number)
    _show([found], request.post)
    asked = found.draft.state == Draft.State.OPEN
    context = {
        "opinion": found,
        "person": shown_person(found, request.post) if found.person() else None,
        "wording": shown_words(found, found.wording, request.post),
        "edits": asked and found.voided_at is None and request.post.role in TAKERS,
        "voids": asked and request.post.role == Role.STATION,
        "decides": found.draft.is_kept_by(request.post) and found.voided_at is None,
        "entries": timeline(found),
    }
    return TemplateResponse(request, "suggestions/opinion.html", context)


@roles(*TAKERS)
@once
def edit(request, number):
    """Correct what was taken down, while opinions are still asked for."""
    found = get_opinion(request, number)
    found.refuse_correction()
    person = found.person()
    initial = {"name": person.name, "phone": person.phone, "address": person.address} if person else {}
    form = OpinionForm(
        request.POST if request.method == "POST" else None,
        draft=found.draft,
        post=request.post,
        stations=[found.station],
        instance=copy(found),
        initial=initial,
    )

    def amend():
        person = None if request.post.role == Role.DEPUTY else form.person()
        version = form.cleaned_data["version"]
        return found.correct(by=request.post, version=version, person=person, **form.values())

    if request.method == "POST" and form.does(amend):
        messages.success(request, "已改好。" if form.outcome else "没有改动。")
        return redirect(found)
    context = {"draft": found.draft, "form": form, "article": None, "opinion": found}
    return TemplateResponse(request, "suggestions/opinion_form.html", context, status=form.status)


@roles(Role.STATION)
def void(request, number):
    return void_page(request, get_opinion(request, number))


@roles(Role.OFFICE)
def decide(request, number):
    """What became of it: adopted, partly, not (and why), noted."""
    found = get_opinion(request, number)
    if not found.draft.is_kept_by(request.post):
        raise PermissionDenied
    form = DecideForm(request.POST if request.method == "POST" else None, thing=found)
    if request.method == "POST" and form.does(lambda: found.decide(by=request.post, **form.cleaned_data)):
        messages.success(request, f"已记为“{found.get_decision_display()}”。")
        return redirect(reverse("suggestions:opinions", args=[found.draft_id]))
    context = {
        "question": f"怎么处理：{found}（{found.about()}）",
        "detail": shown_words(found, found.text, request.post),
        "form": form,
        "button": "保存",
        "danger": False,
        "back": found.get_absolute_url(),
    }
    return TemplateResponse(request, "ui/confirm.html", context, status=form.status)
