"""诉求单: what was asked, as the post may read it."""

from suggestions.columns import REQUEST
from suggestions.filters import RequestFilter
from suggestions.models import Request
from suggestions.views.requests import READERS

from .listing import Listing

LISTING = Listing(
    name="requests",
    title="诉求单",
    roles=READERS,
    filter=RequestFilter,
    scope=Request.objects.visible_to,
    order=("-received_on", "-pk"),
    chosen=lambda asked: asked.filter.qs.select_related("visit").prefetch_related(
        "station", "area", "category"
    ),
    columns=tuple(REQUEST.values()),
)
