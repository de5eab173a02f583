"""查办理进度, without an account: nothing personal in addresses, nothing of what officials wrote among themselves."""

from django import forms
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from liaison.core.given_out import as_file
from liaison.core.link_pages import FindForm, find_page, kept_to_itself
from liaison.core.workflow import NotAllowed
from suggestions.feedback.forms import OwnRatingForm
from suggestions.progress import five_steps, rounds_of
from suggestions.workflow import RequestState

from . import history, lookup

RATED_ALREADY = "这次办理已经评价过了，一次办理只评价一次，不用再提交。"
NOT_NOW = "现在不能评价：要等联络站把答复告诉您以后。"


class FindRequestForm(FindForm):
    number = forms.CharField(label="诉求单编号", max_length=20, help_text="如 2026-1103-0042")


@kept_to_itself
def find(request):
    """By number and query code, for who has not kept the link."""
    return find_page(
        request, FindRequestForm, lookup.by_code, "track:request", "suggestions/tracking/find.html"
    )


@kept_to_itself
@require_safe
def file(request, secret, key):
    """A file of an answer that the person was told of, where it was marked as one that anybody may have."""
    found = lookup.by_secret(secret)
    told = history.told_rounds(found, rounds_of(found)) if found else []
    kept = next((one for one in history.files_told(told) if one.key == key), None)
    content = kept.content() if kept else None
    if kept is None or content is None:
        raise Http404
    return as_file(kept, content)


@kept_to_itself
def track(request, secret):
    """How it stands, the answer, what happened; and the rating, once the person has been told."""
    found = lookup.by_secret(secret)
    if found is None:
        return TemplateResponse(request, "suggestions/tracking/missing.html", status=404)
    form = None
    if request.method == "POST":
        form = OwnRatingForm(request.POST, thing=found)
        if form.does(lambda: _rate(found, form.cleaned_data)):
            messages.success(request, _thanks(found))
            return redirect("track:request", secret=secret)
        found = lookup.by_secret(secret)
    rounds = rounds_of(found)
    turn = rounds[-1]
    asks = found.state == RequestState.FED_BACK
    now = history.standing(found, turn, timezone.localdate())
    told = history.told_rounds(found, rounds)
    history.with_files(told)
    context = {
        "found": found,
        "secret": secret,
        "now": now,
        "five": five_steps(found, turn),
        "told": told,
        "lines": history.history(found, rounds),
        "rated": history.rated_words(turn.rating) if turn.rating else "",
        "form": form if form and (asks or form.errors) else OwnRatingForm(thing=found) if asks else None,
        "asks": asks,
    }
    return TemplateResponse(
        request, "suggestions/tracking/request.html", context, status=form.status if form else 200
    )


def _rate(found, told):
    """Of a link used again, of a page of an earlier round: a sentence that says so, before any other."""
    turn = told.get("turn")
    if found.state != RequestState.FED_BACK and (turn is None or turn == found.round):
        rated = found.ratings.filter(round=found.round).exists()
        raise NotAllowed(RATED_ALREADY if rated else NOT_NOW)
    if turn is not None and turn < found.round and found.ratings.filter(round=turn).exists():
        raise NotAllowed(f"第 {turn} 次办理已经评价过了。现在是第 {found.round} 次办理，请看上面的最新情况。")
    found.rate(by=None, **told)


def _thanks(found):
    """What happens next."""
    match found.state:
        case RequestState.REHANDLING:
            return f"收到了。单位会重新办理，{found.due_on:%-m月%-d日}前再答复您，办理情况在这一页看得到。"
        case RequestState.CLOSED:
            return "收到了，谢谢您。这件事办结了。"
    return "收到了。人大机关会看您的评价，决定办结还是再办，结果在这一页看得到。"
