"""After the answer: tell the person, print the slip with the link, phone who cannot rate online, and end it."""

from uuid import uuid4

from django.conf import settings
from django.contrib import messages
from django.db.models import F, Max
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from deputies.codes import draw
from liaison.accounts.models import Role
from liaison.core.access import roles
from liaison.core.idempotency import once
from liaison.core.link_pages import kept_to_itself
from liaison.core.models import AuditEntry
from liaison.core.paging import page_for
from liaison.core.steps import step_page
from liaison.core.workflow import NotAllowed
from suggestions.models import Feedback, Request
from suggestions.progress import rounds_read_by
from suggestions.workflow import RequestState
from visits.privacy import shown_person, shown_words

from .forms import AFTER_FORMS

NO_ANSWER = "no_answer"  # the deed: phoned, and nobody answered


def _request(request, number):
    rows = Request.objects.visible_to(request.post)
    return get_object_or_404(
        rows.select_related("area", "station__area", "department", "visit__visitor"), number=number
    )


def step(request, number, name):
    """The page of one of the steps after the answer, behind the door of suggestions.views.requests.step."""
    found = _request(request, number)

    def page():
        label = Request.FLOW[name].label
        turn = rounds_read_by(found, request.post)[-1]
        return {
            "template": "suggestions/after_step.html",
            "person": shown_person(found, request.post),
            "answers": turn.answers,
            "told": turn.feedbacks[-1] if turn.feedbacks else None,
            "question": f"{label}：{found}",
            "detail": _detail(found, name),
            "button": BUTTONS[name],
            "back": found.get_absolute_url(),
        }

    def goto():
        told = name == "feed_back" and request.post.role == Role.STATION
        return reverse("suggestions:slip", args=[found.number]) if told else found.get_absolute_url()

    return step_page(request, found, name, AFTER_FORMS, page, lambda: _done(found, name), goto)


BUTTONS = {
    "feed_back": "登记已告知",
    "rate": "记下本人的评价",
    "rehandle": "重新办理",
    "track": "转入承诺跟踪",
    "close": "办结这件诉求",
}


def _detail(found, name):
    match name:
        case "feed_back":
            return "先把答复讲给本人听，再登记。登记后本人可以凭链接或查询码评价。"
        case "rate":
            return "照本人的原话记。这条评价会标明是联络站代记的，统计时另列。"
        case "rehandle":
            return f"开始第 {found.round + 1} 次办理，派给上一次答复的单位，期限另算。"
        case "track":
            return "答复里承诺以后完成的，到日子会列出来：办成的办结，没有办成的重新办理。"
        case _:
            return "办结后不再派单。本人没有评价的，等候天数过了才能办结。"


def _done(found, name):
    match name, found.state:
        case "feed_back", _:
            return "已登记告知。下面的查询码和链接可以打印给本人，请本人评价。"
        case "rate", RequestState.REHANDLING:
            return f"已记下。本人不满意，开始第 {found.round} 次办理，{found.due_on:%-m月%-d日}前答复。"
        case "rate", RequestState.CLOSED:
            return "已记下。本人满意，问题已解决，这件诉求办结。"
        case "rate", _:
            return "已记下。下一步由人大机关决定。"
        case "rehandle", _:
            return f"开始第 {found.round} 次办理，{found.due_on:%-m月%-d日}前答复。"
        case "track", _:
            return f"已转入承诺跟踪，{found.promised_on:%-m月%-d日}到期会列出来。"
    return f"已办结：{found.get_solved_display()}。"


@roles(Role.STATION)
@kept_to_itself
def slip(request, number):
    """查询单: number, query code and link, to be handed to the person. Who holds it may rate, so it is on record."""
    found = _request(request, number)
    found.give_link()
    AuditEntry.objects.record(found, "slip", by=request.post)
    path = reverse("track:request", args=[found.secret])
    address = f"{settings.PUBLIC_URL or request.build_absolute_uri('/').rstrip('/')}{path}"
    context = {
        "found": found,
        "address": address,
        "site": address.removesuffix(path) + reverse("track:find"),
        "picture": draw(address),
        "rates": found.state == RequestState.FED_BACK,
    }
    return TemplateResponse(request, "suggestions/slip.html", context)


@roles(Role.STATION)
def callbacks(request):
    """回访: told, and not rated yet. Who cannot rate online is phoned; who did not answer, is phoned another day."""
    rows = Request.objects.visible_to(request.post).unrated().select_related("station", "visit__visitor")
    page = page_for(request, rows, ("received_on", "pk"))
    tries = _tries(page.rows)
    for found in page.rows:
        found.heading = shown_words(found, found.title, request.post)
        found.person_shown = shown_person(found, request.post)
        found.tries, found.tried_at = tries.get(str(found.pk), (0, None))
        found.idem = uuid4()
    return TemplateResponse(request, "suggestions/callbacks.html", {"page": page})


def _tries(rows):
    """By key, how often, and when last, each was phoned in vain since the person was told of this round's answer."""
    told = Feedback.objects.filter(request__in=rows, round=F("request__round"))
    since = {str(key): at for key, at in told.values_list("request").annotate(at=Max("created_at"))}
    deeds = AuditEntry.objects.filter(
        object_type=Request._meta.label_lower,
        object_id__in=[str(found.pk) for found in rows],
        action=f"{Request._meta.label_lower}.{NO_ANSWER}",
    )
    tries = {}
    for key, at in deeds.order_by("at").values_list("object_id", "at"):
        if at >= since.get(key, at):
            tries[key] = (tries.get(key, (0, None))[0] + 1, at)
    return tries


@roles(Role.STATION)
@require_POST
@once
def no_answer(request, number):
    """没打通: on record, beside the version: nobody who works on the request is held up. The person is phoned again."""
    found = _request(request, number)
    if found.state != RequestState.FED_BACK:
        raise NotAllowed(f"“{found}”现在是“{found.get_state_display()}”，不用再回访。")
    AuditEntry.objects.record(found, NO_ANSWER, by=request.post)
    messages.success(request, f"{found.number}：记下没打通，明天再打。")
    return redirect("suggestions:callbacks")
