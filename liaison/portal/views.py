"""The public front page: where deputies receive people in the coming days. No account, nothing personal."""

from datetime import timedelta

from django.template.response import TemplateResponse
from django.utils import timezone

from liaison.core.forms import HouseForm, forms
from visits.models import Activity

AHEAD = timedelta(days=30)
LINES = 50


class PlaceForm(HouseForm):
    q = forms.CharField(label="村、社区或街道", max_length=30, required=False)


def front(request):
    """Announced reception days of the next thirty days, narrowed by where one lives."""
    today = timezone.localdate()
    form = PlaceForm(request.GET or None)
    place = form.cleaned_data["q"] if form.is_valid() else ""
    rows = Activity.objects.public(today, today + AHEAD)
    days = list((rows.at_place(place) if place else rows).order_by("day", "starts_at", "pk")[: LINES + 1])
    context = {"form": form, "place": place, "days": days[:LINES], "more": len(days) > LINES}
    return TemplateResponse(request, "portal/front.html", context)


def accessibility(request):
    """What is done so that everybody can use this, and whom to tell where it fails."""
    return TemplateResponse(request, "portal/accessibility.html", {})


def privacy(request):
    """What is kept of a person who comes, what for, who reads it."""
    return TemplateResponse(request, "portal/privacy.html", {})
