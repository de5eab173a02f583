"""What is printed: the register of a day (接待登记表) and the rota of a month (坐班表), as PDF."""

from django.shortcuts import get_object_or_404

from liaison.accounts.models import Role
from liaison.core.access import roles
from liaison.core.models import AuditEntry
from liaison.core.pdf import as_pdf
from stations.models import Station
from visits import papers

from . import OFFICIALS, READERS, get_activity
from .calendar import month_asked, month_end


@roles(*OFFICIALS)
def register(request, pk):
    """In full for the station's own staff, which goes into the record; names and phones masked for all others."""
    activity = get_activity(request, pk)
    content = papers.register(activity, request.post)
    if request.post.role == Role.STATION:  # persons stand there in full
        AuditEntry.objects.record(
            activity, "print", by=request.post, data={"visits": activity.visits.counted().count()}
        )
    return as_pdf(content, f"register-{activity.number}")


@roles(*READERS)
def rota(request):
    station = get_object_or_404(Station.objects.visible_to(request.post), code=request.GET.get("station", ""))
    first = month_asked(request)
    content = papers.rota(station, first, month_end(first))
    return as_pdf(content, f"rota-{station.pk}-{first:%Y%m}")
