"""代表建议: as the sheet 建议 of an import has them, with the state after it."""

from django.db.models import Count

from suggestions.by_deputies.filters import SuggestionFilter
from suggestions.by_deputies.views import READERS
from suggestions.columns import SUGGESTION
from suggestions.models import Suggestion

from .listing import Listing

LISTING = Listing(
    name="suggestions",
    title="代表建议",
    roles=READERS,
    filter=SuggestionFilter,
    scope=Suggestion.objects.visible_to,
    order=("-written_on", "-pk"),
    chosen=lambda asked: (
        asked.filter.qs.select_related("lead__deputy", "term__congress", "session", "department")
        .annotate(count=Count("items", distinct=True))
        .prefetch_related("signers__mandate__deputy", "orders__department")
    ),
    columns=tuple(SUGGESTION.values()),
)
