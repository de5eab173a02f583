"""The product's addresses, and a few more whose answers the product should never give by itself."""

from django.core.exceptions import SuspiciousOperation
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path

from liaison.accounts.models import Role
from liaison.core.access import roles
from liaison.core.forms import HouseForm, forms
from liaison.core.idempotency import once
from liaison.core.models import OutboxMessage
from liaison.core.workflow import NotAllowed
from liaison.urls import handler403, handler500, urlpatterns  # noqa: F401 — Django looks for them here


class NoteForm(HouseForm):
    creates = True
    text = forms.CharField(label="内容", widget=forms.Textarea)
    file = forms.FileField(label="附件", required=False)


@once
def make(request):
    """Makes one row for each time it is really done."""
    form = NoteForm(request.POST, request.FILES)
    if not form.is_valid():
        return HttpResponse(str(form), status=422)
    if "现在不行" in form.cleaned_data["text"]:
        raise NotAllowed("现在不行。")
    made = OutboxMessage.objects.count() + 1
    OutboxMessage.objects.put(
        key=f"made:{made}:{request.user.pk}", to=request.user, kind="INFO", text=form.cleaned_data["text"]
    )
    return redirect(f"/tests/made/{made}/?q={'供暖' * 100}")


def broken(request):
    raise RuntimeError("a secret of the house")


def suspicious(request):
    raise SuspiciousOperation("nothing for a page")


@roles(Role.UNIT)
def for_units(request):
    return HttpResponse("<!doctype html><title>x</title>")


urlpatterns = [
    path("tests/make/", make),
    path("tests/broken/", broken),
    path("api/v1/tests/broken/", broken),
    path("tests/suspicious/", suspicious),
    path("tests/units/", for_units),
    *urlpatterns,
]
