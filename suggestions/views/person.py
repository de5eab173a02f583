"""The person of a request, on request: a reason is given, the page shows name and number once, the record says so."""

from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.views.decorators.cache import never_cache

from liaison.accounts.models import Role
from liaison.core.access import roles
from liaison.core.forms import HouseForm, forms
from liaison.core.workflow import NotAllowed
from suggestions.models import Order, Request
from suggestions.revealing import ASKERS, LEAST, reveal, why_not


class ReasonForm(HouseForm):
    reason = forms.CharField(
        label="为什么要看", max_length=200, help_text="如：答复不清楚，要打电话核实。会记入办理记录"
    )

    def clean_reason(self):
        reason = self.cleaned_data["reason"]
        if len(reason) < LEAST:
            raise forms.ValidationError(f"请写清楚，至少 {LEAST} 个字。")
        return reason


@roles(*ASKERS)
@never_cache
def person(request, number):
    rows = Request.objects.visible_to(request.post)
    found = get_object_or_404(rows.select_related("station", "visit__visitor"), number=number)
    if refusal := why_not(found, request.post):
        raise NotAllowed(refusal)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    back = _back(found, request.post)
    if request.method == "POST" and form.does(
        lambda: reveal(found, by=request.post, reason=form.cleaned_data["reason"])
    ):
        context = {"found": found, "person": form.outcome, "back": back}
        return TemplateResponse(request, "suggestions/person.html", context)
    context = {
        "question": "显示反映人的姓名和电话？",
        "detail": f"{found}。只显示这一次；谁在什么时候看的、为什么看，记入办理记录。",
        "button": "显示",
        "danger": False,
        "back": back,
        "form": form,
    }
    return TemplateResponse(request, "ui/confirm.html", context, status=form.status)


def _back(found, post):
    """A department has the page of its order, others that of the request."""
    if post.role != Role.UNIT:
        return found.get_absolute_url()
    mine = Order.objects.visible_to(post).filter(request=found)
    return mine.order_by("-round", "-pk").first().get_absolute_url()
