"""The person of a request, on request: a reason is given, the page shows name and number once, the record says so.

And whom the request complains about, said or corrected: they see nothing of it from then on.
"""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.views.decorators.cache import never_cache

from liaison.accounts.models import Role
from liaison.core.access import roles
from liaison.core.workflow import NotAllowed
from suggestions.dispatch.forms import AboutForm
from suggestions.forms import ReasonForm
from suggestions.models import Order, Request
from suggestions.revealing import ASKERS, reveal, why_not


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


@roles(Role.STATION, Role.OFFICE)
def about(request, number):
    """Whom it complains about: a department, or somebody by name."""
    rows = Request.objects.visible_to(request.post).select_related("area", "follower__deputy", "about")
    found = get_object_or_404(rows, number=number)
    form = AboutForm(request.POST if request.method == "POST" else None, thing=found, post=request.post)
    if request.method == "POST" and form.does(lambda: found.say_about(by=request.post, **form.cleaned_data)):
        whom = found.about_name or found.about
        messages.success(
            request,
            f"已记下：反映的是{whom}，对方看不到这件诉求。" if whom else "已记下：不是反映哪个单位、哪个人。",
        )
        return redirect(found)
    context = {
        "question": f"反映的是谁：{found}",
        "detail": "反映某个单位、某个人的，对方看不到诉求、反映人和原话，也收不到通知。",
        "button": "记下",
        "danger": False,
        "back": found.get_absolute_url(),
        "form": form,
    }
    return TemplateResponse(request, "ui/confirm.html", context, status=form.status)
