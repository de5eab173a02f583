"""Published news of stations and issued bulletins, for anybody; of what is not published these addresses know nothing."""

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from liaison.bulletin.models import Bulletin, NewsItem, NewsPhoto
from liaison.bulletin.printing import FORMS
from liaison.core.access import public_view
from liaison.core.given_out import as_file
from liaison.core.paging import page_for
from liaison.core.phrases import Holds
from stations.models import Station

from .published import WordsForm
from .views import copied, picture, show, typed


@public_view("news:list")
@require_safe
@copied
def news(request):
    """The newest first, or those that hold what was typed; of one station, where its code is in the address."""
    form = WordsForm(request.GET or None)
    words, code = typed(form), request.GET.get("station", "")
    rows = NewsItem.objects.public().select_related("station")
    if words:
        rows = rows.filter(Holds(words, "title", "text"))
    station = Station.objects.public(timezone.localdate()).filter(code=code).first() if code else None
    if code:
        rows = rows.filter(station=station) if station else rows.none()
    page = page_for(request, rows, ("-published_on", "-pk"), size=30)
    return show(request, "portal/news.html", {"form": form, "words": words, "page": page, "station": station})


@public_view("news:detail")
@require_safe
@copied
def item(request, pk):
    found = get_object_or_404(NewsItem.objects.public().select_related("station"), pk=pk)
    shown = NewsPhoto.objects.public().filter(item=found).select_related("attachment").order_by("pk")
    photos = [
        {
            "url": (url := reverse("portal:news_photo", args=[one.attachment.key])),
            "thumb": url,
            "caption": one.caption,
        }
        for one in shown
    ]
    return show(request, "portal/news_item.html", {"item": found, "photos": photos})


@require_safe
@copied
def photo(request, key):
    """A photo of a published item; of other files this address knows nothing. What is withdrawn is gone after a minute."""
    return picture(NewsPhoto.objects.public(), key)


@public_view("bulletins:list")
@require_safe
@copied
def bulletins(request):
    rows = Bulletin.objects.public().select_related("area")
    page = page_for(request, rows, ("-issued_on", "-pk"), size=30)
    return show(request, "portal/bulletins.html", {"page": page})


@public_view("bulletins:detail")
@require_safe
@copied
def bulletin(request, pk):
    found = get_object_or_404(Bulletin.objects.public().select_related("area"), pk=pk)
    context = {
        "bulletin": found,
        "lines": found.in_order(),
        "forms": [(form.upper(), form) for form in FORMS],
    }
    return show(request, "portal/bulletin.html", context)


@require_safe
@copied
def bulletin_file(request, pk, form):
    """The file as it was issued."""
    found = get_object_or_404(Bulletin.objects.public(), pk=pk)
    kept = found.file(form)
    content = kept.content() if kept else None
    if kept is None or content is None:
        raise Http404
    response = as_file(kept, content)
    name = f"{found.title}_{found.number}.{form}"
    response["Content-Disposition"] = content_disposition_header(True, name) or ""
    return response
