"""The page of one step: what the step needs is asked, then it is taken; a refusal stays beside what was typed."""

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from .forms import HouseForm
from .workflow import NotAllowed


class StepForm(HouseForm):
    """What a step asks. The fields are the arguments of the step's method; `version` is what the page showed."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, thing: Any, post: Any = None, **kwargs: Any) -> None:
        self.thing, self.post = thing, post
        super().__init__(*args, **kwargs)
        self.initial.setdefault("version", thing.version)
        self.begin()

    def begin(self) -> None:
        """Fill in choices and defaults from the thing."""

    def take(self, name: str, by: Any) -> None:
        """Take the step with what was filled in."""
        getattr(self.thing, name)(by=by, **self.filled)

    @property
    def filled(self) -> dict[str, Any]:
        """The arguments of the step's method; the key of a form that is taken once is none of them."""
        return {key: value for key, value in self.cleaned_data.items() if key != "idem"}


class NoteForm(StepForm):
    note = forms.CharField(label="原因", max_length=200)


class OptionalNoteForm(StepForm):
    note = forms.CharField(label="说明", max_length=200, required=False)


def void_page(request: Any, thing: Any) -> HttpResponse:
    """Take a wrong entry out of the figures, or put it back. Both with a reason, both on record."""
    back = thing.voided_at is not None
    form = NoteForm(request.POST if request.method == "POST" else None, thing=thing)
    turn = thing.restore if back else thing.void
    if request.method == "POST" and form.does(lambda: turn(by=request.post, **form.cleaned_data)):
        messages.success(
            request, "已恢复，重新计入统计。" if back else "已作废，不再计入统计。需要时可以恢复。"
        )
        return redirect(thing)
    context = {
        "question": f"恢复{thing}？" if back else f"作废{thing}？",
        "detail": "恢复后重新计入统计。" if back else "作废后不计入统计，内容和原因都留着，需要时可以恢复。",
        "button": "恢复登记" if back else "作废登记",
        "danger": not back,
        "back": thing.get_absolute_url(),
        "form": form,
    }
    return TemplateResponse(request, "ui/confirm.html", context, status=form.status)


def step_page(
    request: Any,
    thing: Any,
    name: str,
    ask: Mapping[str, type[StepForm]],
    page: Callable[[], dict[str, Any]],
    done: Callable[[], str],
    goto: Callable[[], Any],
) -> HttpResponse:
    """Ask for the step `name` of `thing` by its form in `ask`, and take it.

    `page` gives what `ui/confirm.html` shows (or the page named by its "template"), `done` the sentence after the
    step, `goto` where to go then. A step that the table does not know is 404, one that is another role's is 403, one
    that the thing does not allow now is refused before anything is typed.
    """
    if name not in thing.FLOW:
        raise Http404
    if request.post.role not in thing.FLOW[name].roles:
        raise PermissionDenied
    posted = request.method == "POST"
    if not posted and (refusal := thing.refusal(name, request.post)):
        raise NotAllowed(refusal)
    sent = (request.POST, request.FILES) if posted else ()
    form = ask[name](*sent, thing=thing, post=request.post)
    if posted and form.does(lambda: form.take(name, request.post)):
        messages.success(request, done())
        return redirect(goto())
    context = {"danger": False, "form": form, **page()}
    return TemplateResponse(request, context.pop("template", "ui/confirm.html"), context, status=form.status)
