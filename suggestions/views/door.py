"""走访登记: what deputies and staff hear at doors and on walks, typed on a phone, also without network."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from deputies.models import Mandate
from liaison.accounts.models import Role
from liaison.core.access import roles
from liaison.core.idempotency import lasting_key, once
from liaison.core.models import Attachment
from liaison.core.offline import from_queue, moment, owned, refused
from liaison.core.workflow import NotAllowed
from stations.models import Station
from suggestions.forms import DoorForm, VisitPhotoForm
from suggestions.intake import take_in
from visits.models import Visit

WALKERS = (Role.STATION, Role.DEPUTY)


@roles(*WALKERS)
@owned
@once
def door(request):
    """Log one household or person met. On a phone for everybody; ?offline=1 draws the page that a device may keep."""
    today = timezone.localdate()
    stations = Station.objects.visible_to(request.post).open(today).order_by("code")
    form = DoorForm(
        request.POST or None,
        request.FILES or None,
        by=request.post,
        stations=stations,
        mandates=Mandate.objects.visible_to(request.post).can_serve(today).at_stations(stations, today),
    )
    if form.does(lambda: _take(request, form)):
        visit = form.outcome
        if from_queue(request):
            photos = reverse("suggestions:visit_photos", args=[visit.pk])
            told = {"number": visit.number, "url": visit.get_absolute_url(), "photos": photos}
            return JsonResponse(told, status=201)
        messages.success(request, f"已登记，编号 {visit.number}。")
        keep_photos(request, visit, form.cleaned_data["photos"])
        return redirect("suggestions:door")
    if from_queue(request):
        return refused(form)
    context = {
        "form": form,
        "needed": form.needed(),
        "draft_key": f"door-{request.user.pk}-{request.post.pk}",
        "shell": "offline" in request.GET,
        "layout": "layouts/phone.html",
    }
    return TemplateResponse(request, "suggestions/door.html", context, status=form.status)


def _take(request, form):
    heard = moment(request, timezone.now())
    visit = form.visit(day=timezone.localdate(heard.at), key=lasting_key(request))
    if not form.cleaned_data["day"]:
        visit.at = timezone.localtime(heard.at).time().replace(second=0, microsecond=0)
    sheet = form.cleaned_data["sheet"]
    return take_in(visit, by=request.post, note=heard.note, data=heard.data, sheet=sheet, **form.person())


def keep_photos(request, owner, photos):
    """Keep each photo that is one; the words are kept in any case."""
    for number, photo in enumerate(photos, 1):
        try:
            Attachment.objects.keep_photo(owner, photo, by=request.post)
        except ValidationError as error:
            said = "".join(error.messages)
            messages.warning(request, f"文字已登记，第 {number} 张照片没有存上：{said}")


@roles(*WALKERS)
@owned
@once
def photos(request, pk):
    """Add one photo to a visit: a device sends them one after the other, once the words are logged."""
    rows = Visit.objects.visible_to(request.post).select_related("station__area")
    visit = get_object_or_404(rows, pk=pk)
    refusal = visit.photo_refusal(request.post)
    posted = request.method == "POST"
    form = VisitPhotoForm(request.POST if posted else None, request.FILES if posted else None)

    def keep():
        if refusal:
            raise NotAllowed(refusal)
        return Attachment.objects.keep_photo(visit, form.cleaned_data["photo"], by=request.post)

    if form.does(keep, field="photo"):
        if from_queue(request):
            return JsonResponse({"number": visit.number}, status=201)
        messages.success(request, "照片已存入。")
        return redirect("suggestions:visit_photos", visit.pk)
    if from_queue(request):
        return refused(form)
    context = {"visit": visit, "form": form, "refusal": refusal, "photos": shown_photos(visit, request.post)}
    return TemplateResponse(request, "suggestions/visit_photos.html", context, status=form.status)


def shown_photos(visit, post):
    """The photos of a visit that `post` may see, for ui/photos.html."""
    if not Visit.objects.files_visible_to(post).filter(pk=visit.pk).exists():
        return []
    addresses = [reverse("core:file", args=[kept.key]) for kept in Attachment.objects.of(visit)]
    return [{"url": url, "thumb": url, "caption": f"第 {n} 张照片"} for n, url in enumerate(addresses, 1)]
