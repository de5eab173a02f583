"""代表建议: the list, one suggestion with all that belongs to it, writing one, its steps, the five parties."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from liaison.accounts.models import Role
from liaison.core.access import or_public, roles
from liaison.core.choices import AreaField, areas_for, offer_words
from liaison.core.htmx import fragment
from liaison.core.idempotency import once
from liaison.core.paging import page_for
from liaison.core.policy import policy_for
from liaison.core.steps import step_page
from liaison.core.timeline import timeline
from liaison.core.workflow import NotAllowed
from suggestions.models import Department, Document, Order, Party, Request, Signer, Suggestion
from suggestions.orders.queue import orders_of
from suggestions.papers.listing import papers_of_case
from suggestions.workflow import BEFORE_REPLY, WITH_DEPARTMENTS, WRITABLE, OrderState, SuggestionState
from visits.privacy import shown_words

from .fields import DepartmentField, MandateField
from .filters import SuggestionFilter, departments_in_sight
from .forms import SUGGESTION_FORMS, EntryForm, ItemsForm, PartiesForm, SuggestionForm, leads_for

READERS = (Role.OFFICE, Role.AUDITOR, Role.DEPUTY, Role.UNIT, Role.STATION)
WRITERS = (Role.DEPUTY, Role.OFFICE)
ASIDE = (  # never the button that catches the eye: what ends it, and what is not the next step
    "decline", "give_back", "as_letter", "object", "ask_withdrawal", "withdraw", "close", "archive", "make_key", "praise", "publish",
    "unpublish",
)  # fmt: skip
RELATED = ("area", "lead__deputy", "department", "term__congress", "session__term__congress", "category")
TONES = {
    SuggestionState.CLOSED: "ok",
    SuggestionState.ARCHIVED: "ok",
    SuggestionState.EVALUATED: "ok",
    SuggestionState.RETURNED: "late",
    SuggestionState.WITHDRAWN: "plain",
    SuggestionState.LETTER: "plain",
    SuggestionState.DRAFT: "plain",
    SuggestionState.HANDLING: "info",
    SuggestionState.ASSIGNED: "info",
}
OTHERS = (
    "meet",
    "report",
    "evaluate",
    "evaluate_too",
    "rehandle",
    "track",
)  # others' part, or one choice of several


def get_suggestion(request, pk):
    rows = Suggestion.objects.visible_to(request.post).select_related(*RELATED, "proposed", "objected_to")
    return get_object_or_404(rows, pk=pk)


def _sent(request):
    return request.POST if request.method == "POST" else None


def form_page(request, form, title, button, back, lead=""):
    context = {"form": form, "title": title, "button": button, "back": back, "lead": lead}
    return TemplateResponse(request, "suggestions/by_deputies/form.html", context, status=form.status)


@or_public("suggestions:suggestions")
@roles(*READERS)
@fragment("rows")
def list_(request):
    """Staff: those in sight, to be narrowed. A deputy: what waits for oneself first, then all that one signs."""
    today = timezone.localdate()
    seen = Suggestion.objects.visible_to(request.post)
    if request.post.role == Role.DEPUTY:
        return _mine(request, seen, today)
    chosen = SuggestionFilter(request.GET, seen, request=request)
    rows = chosen.qs if chosen.is_valid() else seen.none()
    page = page_for(request, rows.select_related(*RELATED), ("-written_on", "-pk"))
    _show(page, today)
    context = {"page": page, "form": chosen.form, "may_write": request.post.role in WRITERS}
    return TemplateResponse(request, "suggestions/by_deputies/list.html", context)


def _mine(request, seen, today):
    page = page_for(request, seen.select_related(*RELATED), ("-written_on", "-pk"))
    _show(page, today)
    waiting = list(seen.waiting_for(request.post, today).select_related(*RELATED).order_by("pk")[:50])
    _show(waiting, today)
    for found in waiting:
        found.wants = found.wanted_of(request.post)
    context = {"page": page, "waiting": waiting}
    return TemplateResponse(request, "suggestions/by_deputies/mine.html", context)


def _show(rows, today):
    for found in rows:
        found.tone = TONES.get(found.state, "warn")
        found.open_due = found.due_on if found.state in WITH_DEPARTMENTS else None


@or_public("suggestions:suggestion")
@roles(*READERS)
def detail(request, pk):
    found = get_suggestion(request, pk)
    post, today = request.post, timezone.localdate()
    rounds = orders_of(found, post, today)
    orders = [order for some in rounds.values() for order in some]
    signers = list(found.signers.select_related("mandate__deputy"))
    own = next((one for one in signers if one.mandate.deputy.user_id == post.user_id), None)
    if post.role not in WRITERS:  # who did not sign is the deputies' own affair
        signers = [one for one in signers if one.state == Signer.State.CONFIRMED]
    parties = list(found.parties.select_related("department").prefetch_related("entries"))
    for party in parties:
        party.writes = party.is_written_by(post)
    steps = found.open_steps(post)
    office = post.role == Role.OFFICE
    aside = (*ASIDE, *OTHERS) if office else ASIDE
    main = "submit" if "submit" in steps else next((name for name in steps if name not in aside), "")
    keeps = office or (own is not None and own.mandate_id == found.lead_id)
    numbered = Document.objects.visible_to(post).filter(order__suggestion=found)
    entries = timeline(found, *orders, *numbered)
    context = {
        "found": found,
        "turned": _turned(found, entries),
        "tone": TONES.get(found.state, "warn"),
        "facts": _facts(found),
        "items": found.items.prefetch_related("departments"),
        "requests": _requests(found, post),
        "signers": signers,
        "rounds": list(rounds.items()),
        "meetings": found.meetings.select_related("department"),
        "evaluations": found.evaluations.select_related("mandate__deputy", "by__user"),
        "parties": parties,
        "names_parties": office and found.is_key,
        "shares_items": office and bool(orders) and found.state in WITH_DEPARTMENTS,
        "edits": keeps and found.state in WRITABLE and (not office or found.on_paper),
        "steps": [
            (row.label, name, name == main)
            for name, row in steps.items()
            if name not in ("confirm", "decline") or office
        ],
        "on_phone": post.role == Role.DEPUTY,
        "asks_me": own if "confirm" in steps and not office else None,
        "papers": papers_of_case(found, post),
        "entries": entries,
    }
    return TemplateResponse(request, "suggestions/by_deputies/detail.html", context)


def _turned(found, entries):
    """Given back, sent another way, or asked back: which it was, and why. What somebody is to act on stands at the top."""
    name = {SuggestionState.RETURNED: "give_back", SuggestionState.LETTER: "as_letter"}.get(found.state, "")
    if found.withdrawal_asked_on and found.state in BEFORE_REPLY:
        name = "ask_withdrawal"
    if not name:
        return None
    label = Suggestion.FLOW[name].label
    why = next((entry.note for entry in entries if entry.title == label), "")
    reason = found.get_refused_display() if name != "ask_withdrawal" else ""
    told = "全体附议代表同意后撤回，同意前办理不停。" if name == "ask_withdrawal" else ""
    return {"label": label, "why": "：".join(part for part in (reason, why) if part), "told": told}


def _requests(found, post):
    rows = list(Request.objects.visible_to(post).filter(suggestions=found).order_by("number"))
    for one in rows:
        one.heading = shown_words(one, one.title, post)
    return rows


def _facts(found):
    classes = policy_for(found.area, timezone.localdate()).answer_classes
    when = str(found.session) if found.session else "闭会期间"
    promised = f"{found.promised_on:%Y年%-m月%-d日}前完成" if found.promised_on else ""
    return [
        ("届次", str(found.term)),
        ("提出时间", when),
        ("提出日期", _day(found.submitted_on)),
        ("怎样提出", "书面提出，机关代录" if found.on_paper else ""),
        ("类别", found.category),
        ("建议承办单位", found.proposed),
        ("能否公开", "同意公开摘要" if found.publishable else "不公开"),
        ("不予受理的原因", found.get_refused_display()),
        ("受理", _day(found.accepted_on)),
        ("交办期限", _day(found.assign_by) if found.state == SuggestionState.ACCEPTED else ""),
        ("交办", _day(found.assigned_on)),
        ("主办单位", found.department),
        ("答复期限", _day(found.due_on)),
        ("第几次办理", f"第 {found.round} 次" if found.round > 1 else ""),
        ("答复类别", classes.get(found.answer_class, "")),
        ("承诺", promised),
        ("送达", _day(found.delivered_on)),
        ("领衔代表评价", found.get_result_display()),
        ("重点建议", f"{_day(found.key_on)}，{found.key_by}" if found.key_on else ""),
        ("优秀建议", _day(found.praised_on)),
        ("公开", _day(found.published_on)),
        ("申请撤回", _day(found.withdrawal_asked_on) if found.state != SuggestionState.WITHDRAWN else ""),
        ("办结", _day(found.closed_on)),
    ]


def _day(day):
    return f"{day:%Y年%-m月%-d日}" if day else ""


# --- Writing ---


@roles(*WRITERS)
@once
def new(request):
    """A deputy writes on the phone; the office enters what came on paper. `request` names what it comes from."""
    post = request.post
    start = {"requests": request.GET.get("request", "")[:20]}
    form = SuggestionForm(_sent(request), post=post, initial=start)
    if form.does(lambda: form.enter(by=post)):
        messages.success(request, "已存为草稿。可以请代表附议，或直接提交。")
        return redirect(form.outcome)
    office = post.role == Role.OFFICE
    lead = (
        "代表交来书面建议的，在这里代录；附议代表在下一步登记。"
        if office
        else "一件建议只写一件事。先存草稿，可以请同一届的代表附议，再提交。"
    )
    title = "代录书面建议" if office else "写建议"
    return form_page(request, form, title, "存为草稿", reverse("suggestions:suggestions"), lead)


@roles(*WRITERS)
@once
def edit(request, pk):
    found = get_suggestion(request, pk)
    leads = found.lead.deputy.user_id == request.post.user_id
    if not leads and not (request.post.role == Role.OFFICE and found.on_paper):
        raise PermissionDenied
    if found.state not in WRITABLE:
        raise NotAllowed(f"“{found}”已经提交，不能再改。")
    form = SuggestionForm(_sent(request), post=request.post, instance=get_suggestion(request, pk))
    if form.does(lambda: form.revise(found, by=request.post)):
        messages.success(request, "已保存。")
        return redirect(found)
    lead = "改了标题、理由或具体建议，已经确认的附议代表要重新确认。"
    return form_page(request, form, "修改建议", "保存修改", found.get_absolute_url(), lead)


@roles(*READERS)
def options(request):
    """Words for a combobox, while one types. `of=deputies`: the lead is a deputy, who writes, and no department."""
    post = request.post
    chosen = {"lead", "proposed", "to", *(f"department_{part}" for part in Party.Part.values)}
    things = dict.fromkeys(
        chosen, lambda: (DepartmentField(), Department.objects.visible_to(post).to_choose())
    ) | {
        "department": lambda: (DepartmentField(), departments_in_sight(post)),
        "area": lambda: (AreaField(), areas_for(post)),
    }
    if request.GET.get("of") == "deputies":
        leads = lambda: (MandateField(), leads_for(post, timezone.localdate()))  # noqa: E731
        things = {"lead": leads} if post.role in WRITERS else {}
    return offer_words(request, things)


# --- Steps ---

QUESTIONS = {
    "invite": "被请的代表会收到消息，在期限内确认。提交时还没有确认的，不算附议。",
    "confirm": "确认后您就是附议代表，会收到答复，可以评价。",
    "decline": "领衔代表会看到您没有附议。",
    "submit": "提交以后不能再改。还没有确认的附议邀请同时作废。",
    "accept": "受理后给编号，代表会收到消息。",
    "give_back": "代表可以改好再提。",
    "as_letter": "不作为建议办理，按代表来信转办，告诉代表转到了哪里。",
    "assign": "从今天起算：一般三个月答复，难度大的六个月；会办意见一个月。",
    "object": "人大机关会答复您。答复前办理不停。",
    "settle": "代表会收到答复。重新交办的，现在的交办全部撤销。",
    "meet": "答复代表前要先面商。没有面商的，写明原因，才能答复。",
    "countersign": "核签后送达代表。请看是否逐条答复、有没有不能外送的内容。",
    "deliver": "答复送给领衔代表和每一位附议代表。",
    "evaluate": "不满意的，写明原因，自动重新办理一次。",
    "evaluate_too": "您的评价单独记录；是否重新办理由人大机关决定。",
    "rehandle": "上一次答复的单位重新办理，期限另算。",
    "track": "到期前不办结，到期列入“承诺到期”。",
    "ask_withdrawal": "全体附议代表同意后才撤回。同意前办理不停。",
    "agree_withdrawal": "全体联名代表都同意后，建议撤回，办理停止。",
    "withdraw": "办理停止，各单位的交办撤销。",
    "publish": "公开页谁都能看，不写代表以外的任何个人。写了答复摘要的，答复里标为“可以公开”的附件一起公开。",
    "unpublish": "公开页不再显示。",
}
WARNED = ("withdraw", "as_letter", "give_back", "unpublish")


@roles(*READERS)
def step(request, pk, name):
    found = get_suggestion(request, pk)

    def page():
        label = Suggestion.FLOW[name].label
        return {
            "question": f"{label}：{found.title}",
            "detail": _detail(found, name),
            "button": label,
            "danger": name in WARNED,
            "back": found.get_absolute_url(),
        }

    def goto():
        if name == "meet" and (order := _to_answer(found, request.post)):
            return order.get_absolute_url()
        seen = Suggestion.objects.visible_to(request.post).filter(pk=pk).exists()
        return found.get_absolute_url() if seen else reverse("suggestions:suggestions")

    return step_page(request, found, name, SUGGESTION_FORMS, page, done=lambda: _done(found, name), goto=goto)


def _to_answer(found, post):
    """The order that the department may answer now, after it has met the deputy."""
    if post.role != Role.UNIT:
        return None
    mine = Order.objects.visible_to(post).filter(suggestion=found, round=found.round)
    return mine.filter(state=OrderState.ACCEPTED).exclude(share=Order.Share.HELPER).order_by("pk").first()


def _detail(found, name):
    if name == "settle":
        wanted = f"，希望改由{found.objected_to}办理" if found.objected_to else ""
        return f"代表的异议：{found.objection}{wanted}。{QUESTIONS[name]}"
    return QUESTIONS.get(name, "")


def _done(found, name):
    match name:
        case "confirm":
            return "已确认附议。"
        case "decline":
            return "已记下不附议。"
        case "invite":
            return "附议邀请已发出。"
        case "accept":
            return f"已受理，编号{found.number}。"
        case "meet":
            return "已记下面商。现在可以答复了。" if found.awaits_answers else "已记下面商。"
        case _:
            return f"已{found.FLOW[name].label}，现在是“{found.get_state_display()}”。"


# --- Items and parties ---


@roles(Role.OFFICE)
def items(request, pk):
    """Which department answers which item."""
    found = get_suggestion(request, pk)
    if found.state not in WITH_DEPARTMENTS:
        raise NotAllowed(f"“{found}”现在是“{found.get_state_display()}”，不能分条确定单位。")
    form = ItemsForm(_sent(request), found=found)
    if form.does(lambda: form.perform(by=request.post)):
        messages.success(request, "各条的承办单位已保存。")
        return redirect(found)
    lead = "勾选负责这一条的单位；不勾的，由全部承办单位答复。"
    return form_page(request, form, f"分条确定单位：{found.title}", "保存", found.get_absolute_url(), lead)


@roles(Role.OFFICE)
def parties(request, pk):
    """五办联动: who does which part for a key suggestion."""
    found = get_suggestion(request, pk)
    if not found.is_key:
        raise NotAllowed("先列为重点建议，再确定五办。")
    form = PartiesForm(_sent(request), found=found, post=request.post)
    if form.does(lambda: form.perform(by=request.post)):
        messages.success(request, "五办已保存。")
        return redirect(found)
    lead = "填了单位的，这个单位能看到建议，并写自己的记录；其他由人大机关记录。"
    return form_page(request, form, f"五办联动：{found.title}", "保存", found.get_absolute_url(), lead)


@roles(Role.OFFICE, Role.UNIT)
@once
def entry(request, pk):
    """A party writes down what it did."""
    seen = Suggestion.objects.visible_to(request.post)
    rows = Party.objects.filter(suggestion__in=seen).select_related("suggestion", "department")
    party = get_object_or_404(rows, pk=pk)
    if not party.is_written_by(request.post):
        raise PermissionDenied
    form = EntryForm(_sent(request))
    if form.does(
        lambda: party.write(by=request.post, on=form.cleaned_data["on"], text=form.cleaned_data["text"])
    ):
        messages.success(request, "已记下。")
        return redirect(party.suggestion)
    back = party.suggestion.get_absolute_url()
    return form_page(request, form, f"{party}", "记下", back, party.suggestion.title)
