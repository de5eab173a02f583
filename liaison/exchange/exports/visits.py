"""来访登记: who was received, masked for everybody (`visits/privacy.py`), and what was said as the post may read it."""

from suggestions.filters import VisitFilter
from suggestions.views.visits import READERS
from visits.columns import VISIT
from visits.models import Visit

from .listing import Listing

LISTING = Listing(
    name="visits",
    title="来访登记",
    roles=READERS,
    filter=VisitFilter,
    scope=Visit.objects.visible_to,
    order=("-day", "-pk"),
    chosen=lambda asked: asked.filter.qs.select_related("visitor").prefetch_related(
        "station", "activity", "category", "received_by__deputy"
    ),
    columns=tuple(VISIT.values()),
)
