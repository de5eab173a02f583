"""跟单: write one down, take one back, add a photo; name who follows."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse

from liaison.accounts.models import Role
from liaison.core.access import roles
from liaison.core.idempotency import once
from liaison.core.models import Attachment
from liaison.core.steps import void_page
from liaison.core.workflow import NotAllowed
from suggestions.forms import VisitPhotoForm
from suggestions.models import FollowUp, Request
from suggestions.models.followup import followers_of, why_no_follow_up
from suggestions.progress import photos_of
from suggestions.views.door import keep_photos
from visits.privacy import shown_words

from .forms import FollowerForm, FollowUpForm

WRITERS = (Role.DEPUTY, Role.STATION)
NOBODY = "还没有跟单代表，也没有接待代表。请人大机关先指定跟单代表。"


def _request(request, number):
    rows = Request.objects.visible_to(request.post)
    return get_object_or_404(
        rows.select_related(
            "area", "department", "station", "follower__deputy", "visit__received_by__deputy"
        ),
        number=number,
    )


def _followup(request, number, pk):
    rows = FollowUp.objects.visible_to(request.post).filter(request__number=number)
    found = get_object_or_404(rows.select_related("request__area", "mandate__deputy", "by"), pk=pk)
    if not found.is_kept_by(request.post):
        raise PermissionDenied
    return found


@roles(*WRITERS)
@once
def new(request, number):
    """Write down one follow-up, with photos. A photo that is none is said; the words are kept."""
    found = _request(request, number)
    if refusal := why_no_follow_up(found):
        raise NotAllowed(refusal)
    whose = followers_of(found, request.post)
    if not whose:
        raise NotAllowed(NOBODY)
    posted = request.method == "POST"
    form = FollowUpForm(
        request.POST if posted else None, request.FILES if posted else None, found=found, whose=whose
    )
    if posted and form.does(lambda: form.made().enter(by=request.post)):
        messages.success(request, f"已记下{form.outcome}。")
        keep_photos(request, form.outcome, form.cleaned_data["photos"])
        return redirect(found)
    found.heading = shown_words(found, found.title, request.post)
    context = {"found": found, "form": form, "whose": whose, "assisted": request.post.role == Role.STATION}
    return TemplateResponse(request, "suggestions/followup_new.html", context, status=form.status)


@roles(*WRITERS)
def void(request, number, pk):
    return void_page(request, _followup(request, number, pk))


@roles(*WRITERS)
@once
def photos(request, number, pk):
    """Add a photo to a follow-up that is there: the network on the way may have been too weak for it."""
    found = _followup(request, number, pk)
    refusal = found.photo_refusal()
    posted = request.method == "POST"
    form = VisitPhotoForm(request.POST if posted else None, request.FILES if posted else None)

    def keep():
        if refusal:
            raise NotAllowed(refusal)
        return Attachment.objects.keep_photo(found, form.cleaned_data["photo"], by=request.post)

    if posted and form.does(keep, field="photo"):
        messages.success(request, "照片已存入。")
        return redirect(found)
    photos = photos_of([found], request.post).get(found.pk, [])
    context = {"form": form, "visit": found, "refusal": refusal, "photos": photos}
    return TemplateResponse(request, "suggestions/visit_photos.html", context, status=form.status)


@roles(Role.OFFICE)
def follower(request, number):
    """Name or change the deputy who follows; on record, and the deputy hears of it."""
    found = _request(request, number)
    posted = request.method == "POST"
    form = FollowerForm(request.POST if posted else None, thing=found, post=request.post)
    if posted and form.does(lambda: found.follow_by(by=request.post, **form.cleaned_data)):
        named = form.cleaned_data["follower"]
        messages.success(request, f"跟单代表：{named.deputy.name}。" if named else "不再指定跟单代表。")
        return redirect(found)
    context = {
        "question": f"跟单代表：{found}",
        "detail": "代表听取、跟进、见证，不决定部门怎样办。没有跟单也不影响办理。",
        "button": "确定跟单代表",
        "danger": False,
        "back": found.get_absolute_url(),
        "form": form,
    }
    return TemplateResponse(request, "ui/confirm.html", context, status=form.status)
