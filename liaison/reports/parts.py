"""A part of what an area has: the records behind a number that stands in a table by station, category or area."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from liaison.accounts.models import Area
from liaison.core.places import inside
from stations.models import Station, StationQuerySet

from .breakdown import AREAS, CATEGORIES, STATIONS, column_of
from .metrics import Ask

NO_CATEGORY = 0


@dataclass(frozen=True)
class Part:
    """One station's; of some categories of the highest rank (NO_CATEGORY: what has none); of none of the areas below.

    The same columns decide as in breakdown.py, so that a part has as many records as its number says.
    """

    station: Station | None = None
    categories: tuple[int, ...] = ()
    own: Area | None = None

    def of(self, rows: Any) -> Any:
        """Those of `rows` that belong to the part. Raises CannotBeTold: a mandate has no category."""
        if self.station is not None:
            rows = rows.filter(**{column_of(STATIONS, rows): self.station.pk})
        if self.categories:
            column = column_of(CATEGORIES, rows)
            wanted = Q(**{f"{column}__in": self.categories}) | Q(**{f"{column}__parent__in": self.categories})
            if NO_CATEGORY in self.categories:
                wanted |= Q(**{column: None})
            rows = rows.filter(wanted)
        if self.own is not None:
            column = AREAS.get(rows.model, "area_path")
            for below in self.own.children.all():
                rows = rows.exclude(inside(below, column))
        return rows


def stations_of(ask: Ask) -> StationQuerySet:
    """The stations, of every kind, that were open at some time in the days asked about and that the asking post sees."""
    lasted = Q(closed_on=None) | Q(closed_on__gt=ask.first)
    rows = Station.objects.visible_to(ask.post) if ask.post else Station.objects.all()
    return rows.filter(inside(ask.area), lasted, opened_on__lte=ask.last)
