"""派单: the list by urgency, one order, and its steps."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from liaison.accounts.models import Role
from liaison.core.access import roles
from liaison.core.choices import offer_words
from liaison.core.htmx import fragment
from liaison.core.idempotency import once
from liaison.core.paging import page_for
from liaison.core.steps import step_page
from liaison.core.templatetags.ui import zday
from liaison.core.timeline import timeline
from liaison.core.workflow import NotAllowed
from stations.choices import choose_places
from suggestions.models import Department, Document, Order, Request
from suggestions.papers.listing import papers_on_page
from suggestions.revealing import ASKERS, why_not
from suggestions.workflow import ANSWERED_ORDERS, OrderState
from visits.privacy import shown_person, shown_words

from .fields import DepartmentField
from .filters import QUEUES, OrderFilter, departments_asked_for, soon_days
from .forms import ORDER_FORMS
from .queue import NEWEST, RELATED, URGENT, counts, files_of, name_classes, show, tabs, whole

READERS = (Role.UNIT, Role.OFFICE, Role.STATION, Role.DEPUTY, Role.AUDITOR)
ANSWERS = ("reply", "opine")


@roles(*READERS)
@fragment("rows")
def list_(request):
    post, today = request.post, timezone.localdate()
    query = request.GET.copy()
    if query.get("queue") not in QUEUES:
        query["queue"] = "open"
    queue = query["queue"]
    chosen = OrderFilter(query, queryset=Order.objects.visible_to(post), request=request)
    form = chosen.form
    choose_places(form, post)
    form.fields["queue"].initial = queue  # a tab is no filter to be cleared
    if queue != "all":
        del form.fields["state"]
    if post.role == Role.UNIT:
        del form.fields["station"], form.fields["area"]
        if departments_asked_for(post).count() < 2:
            del form.fields["department"]
    order = NEWEST if queue == "all" else URGENT
    page = page_for(request, chosen.qs, order, whole=whole(post, today))
    show(page.rows, post, today)
    context = {
        "form": form,
        "tabs": tabs(query, post, counts(post, today)),
        "queue": queue,
        "clear": f"{reverse('orders:list')}?queue={queue}",
        "page": page,
    }
    return TemplateResponse(request, "suggestions/orders/list.html", context)


@roles(*READERS)
def options(request):
    """Words for a combobox, while one types."""
    post = request.post
    things = {
        "to": lambda: (DepartmentField(), Department.objects.visible_to(post).to_choose()),
        "department": lambda: (DepartmentField(), departments_asked_for(post)),
    }
    return offer_words(request, things)


def get_order(request, number):
    rows = Order.objects.visible_to(request.post)
    return get_object_or_404(
        rows.select_related(
            "request__visit__visitor",
            "request__about",
            "suggestion__term__congress",
            "returned_to",
            "department__area",
            *RELATED,
        ),
        number=number,
    )


def shared_by(order):
    """How many requests of others share the answer of this order."""
    if order.request is None or order.round > 1:
        return 0
    return order.request.joined.exclude(state=Request.State.WITHDRAWN).count()


@roles(*READERS)
def detail(request, number):
    post, today = request.post, timezone.localdate()
    order = get_order(request, number)
    soon = soon_days(post)
    show([order], post, today, soon)
    order.text = order.words
    found = order.case
    found.words = shown_words(found, found.text, post)
    parts = _parts(order, post, today, soon)
    name_classes((order, *parts), today)
    files = files_of([one for one in (order, *parts) if one.text], post)
    for one in (order, *parts):
        one.files = files.get(one.pk, [])
        one.opens_files = bool(one.files) and one.may_open_files(post)
    steps = order.open_steps(post)
    context = {
        "order": order,
        "found": found,
        "hidden": post.role == Role.UNIT and found.confidential,
        "person": shown_person(found, post) if order.request else None,
        "may_reveal": order.request is not None and post.role in ASKERS and not why_not(found, post),
        "items": [] if order.request else found.items.prefetch_related("departments"),
        "parts": parts,
        "answered": order.state in ANSWERED_ORDERS,
        "shared": shared_by(order),
        "steps": [(row.label, name, name in FIRST) for name, row in steps.items()],
        "draft_keys": [] if set(ANSWERS) & set(steps) else [_draft_key(request, order)],
        "opens_case": order.request is None or post.role != Role.UNIT,
        "papers": papers_on_page(order, post),
        "entries": timeline(order, *Document.objects.visible_to(post).filter(order=order)),
    }
    return TemplateResponse(request, "suggestions/orders/detail.html", context)


FIRST = ("accept", "reply", "opine", "grant_return", "grant_extension")


def _draft_key(request, order):
    return f"answer-{request.user.pk}-{order.number}"


def _parts(order, post, today, soon):
    """The orders of others for the same case in the same round. A department reads the opinions that it leads."""
    rows = order.case.orders.filter(round=order.round).exclude(pk=order.pk)
    parts = show(rows.select_related(*RELATED).order_by("pk"), post, today, soon)
    for part in parts:
        part.text = part.words
        leads = order.share == Order.Share.LEAD and part.share == Order.Share.HELPER
        if post.role == Role.UNIT and not (leads and part.state == OrderState.OPINED):
            part.text = ""
    return parts


@roles(Role.UNIT, Role.OFFICE, Role.STATION, Role.DEPUTY)
@once
def step(request, number, name):
    order = get_order(request, number)
    listed = request.POST.get("back") == "list"
    if name == "accept" and request.method == "POST" and _accepted_by(order, request.post):
        messages.success(request, f"{order}已经接单，请在{zday(order.due_on)}前答复。")
        return redirect("orders:list" if listed else order)

    def page():
        label = Order.FLOW[name].label
        shown = {
            "question": f"{label}：{order}",
            "detail": _detail(order, name),
            "button": BUTTONS.get(name, f"确定{label}"),
            "danger": name in ("cancel", "refuse_return", "refuse_extension"),
            "back": order.get_absolute_url(),
        }
        if name not in ANSWERS:
            return shown
        heading = shown_words(order.case, order.case.title, request.post)
        template = "suggestions/orders/answer.html"
        meet = _meet_first(order) if name == "reply" else ""
        return shown | {
            "template": template,
            "heading": heading,
            "draft_key": _draft_key(request, order),
            "meet": meet,
        }

    return step_page(
        request,
        order,
        name,
        ORDER_FORMS,
        page,
        done=lambda: _done(order, name),
        goto=lambda: reverse("orders:list") if listed else order.get_absolute_url(),
    )


def _meet_first(order):
    """Where to record that the department met the deputy, as long as it has to before it answers; else empty."""
    try:
        order.case.before_reply(order)
    except NotAllowed:
        return reverse("suggestions:suggestion_step", args=[order.suggestion_id, "meet"])
    return ""


def _accepted_by(order, post):
    """Pressed twice: the order has been accepted, and nothing is left to do."""
    return post.role == Role.UNIT and order.accepted_on is not None and order.state == OrderState.ACCEPTED


BUTTONS = {
    "accept": "接单",
    "ask_return": "提交退回申请",
    "report": "记下进展",
    "ask_extension": "提交延期申请",
    "opine": "提交会办意见",
    "reply": "提交答复",
    "grant_return": "同意退回",
    "refuse_return": "不同意退回",
    "grant_extension": "同意延期",
    "refuse_extension": "不同意延期",
    "send_back": "退回重写",
    "urge": "催办",
}


def _detail(order, name):
    match name:
        case "accept":
            return f"接单后，请在{zday(order.due_on)}前办完。期限：{order.due_because}。"
        case "ask_return":
            return (
                f"由派单的人大决定。同意以前，这件仍由本单位负责。{order.accept_by:%-m月%-d日}以后不能退回。"
            )
        case "grant_return" | "refuse_return":
            to = f"建议改派{order.returned_to}。" if order.returned_to else ""
            return f"{order.department}：{_sentence(order.return_because)}{to}"
        case "grant_extension" | "refuse_extension" if (
            order.extension_to
        ):  # decided meanwhile: nothing is asked
            asked = f"申请从{order.due_on:%-m月%-d日}延到{order.extension_to:%-m月%-d日}"
            return f"{order.department}{asked}：{_sentence(order.extension_because)}"
        case "opine":
            return "会办意见交主办单位，不直接给提出的人。"
        case "reply" if order.suggestion:
            return "答复前要有面商记录。答复先送人大核签，再送达每一位联名代表。"
        case "reply" if shared := shared_by(order):
            return f"另有 {shared} 件反映同一件事，并到这一件，答复一并告诉那几位。请不要写某一个人的姓名、住址。"
        case "send_back":
            return "答复还没有送出，可以请单位重写。原来的答复留在单位的页面上，供修改。"
        case "urge":
            return f"通知{order.department}的经办人，并记入办理记录。期限{order.due_on:%-m月%-d日}。"
        case "cancel":
            return "撤销以后，这个单位不用再办。没有别的单位在办的，回到待派单、待交办。"
        case _:
            return ""


def _sentence(words):
    return f"{words.rstrip('。')}。"


def _done(order, name):
    due = f"请在{zday(order.due_on)}前答复。"
    return {
        "accept": f"已接单，{due}",
        "ask_return": "已提交退回申请，等人大决定。",
        "grant_return": "已同意退回，通知了单位。",
        "refuse_return": "没有同意退回，单位继续办理。",
        "report": "已记下进展。",
        "ask_extension": "已提交延期申请，等人大决定。",
        "grant_extension": f"已同意延期到{order.due_on:%-m月%-d日}，通知了单位。",
        "refuse_extension": "没有同意延期，通知了单位。",
        "opine": "会办意见已交主办单位。",
        "reply": "已提交答复。",
        "send_back": "已退回重写，通知了单位。",
        "urge": f"已催办，这是第 {order.urged} 次。",
        "cancel": "已撤销派单，通知了单位。",
    }[name]
