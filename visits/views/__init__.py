"""Pages of receptions: the calendar, one day, its roster, the rules, what is printed."""

from django.shortcuts import get_object_or_404

from liaison.accounts.models import Role
from visits.models import Activity
from visits.workflow import DESK

OFFICIALS = (*DESK, Role.AUDITOR)  # who keeps the days and who watches over that
READERS = (*OFFICIALS, Role.DEPUTY)


def get_activity(request, pk):
    """An activity in sight of the acting post, with what its pages read."""
    rows = Activity.objects.visible_to(request.post)
    return get_object_or_404(
        rows.select_related("station__area", "area", "rule", "replacement", "follows"), pk=pk
    )
