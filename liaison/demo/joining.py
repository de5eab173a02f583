"""并案 in the demonstration: of a matter that a department has in hand, a neighbour tells again; the office joins the two."""

from datetime import date, time, timedelta

from liaison.accounts.models import Post
from liaison.core.places import inside
from suggestions.models import Request
from suggestions.workflow import RequestState
from visits.models import Visit

from .record import Trail, moment

AGAIN = "我家也是这个情况，和前几天来的邻居说的是一件事。"


def build(office: Post, *, today: date, trail: Trail) -> None:
    """The newest pair of one site that fits: one in hand, and one that came later and waits."""
    open_ones = Request.objects.filter(inside(office.area), confidential=False, theme=None, round=1)
    for host in open_ones.filter(state=RequestState.HANDLING).order_by("-received_on", "-pk"):
        waiting = open_ones.filter(state=RequestState.REGISTERED, station=host.station, visit__isnull=False)
        other = waiting.filter(received_on__gte=host.received_on).order_by("pk").first()
        if other is not None:
            _join(other, host, office, today, trail)
            return


def _join(other: Request, host: Request, office: Post, today: date, trail: Trail) -> None:
    other.title, other.category, other.place = host.title, host.category, host.place
    other.text = f"{host.text.rstrip('。')}。{AGAIN}"
    other.state, other.joined_to, other.version = RequestState.JOINED, host, other.version + 1
    other.save()
    Visit.objects.filter(pk=other.visit_id).update(text=other.text, category=other.category)
    on = min(other.received_on + timedelta(days=1), today)  # in the evening, after it was written down
    before, after = RequestState.REGISTERED, RequestState.JOINED
    note = "同一站点、同一件事"
    trail.add(other, "join", by=office, at=moment(on, time(17, 30)), before=before, after=after, note=note)
