"""覆盖情况: the records behind each number of the board, one list for each measure, as its page shows them."""

from typing import Any, ClassVar

from django.utils.functional import cached_property

from deputies.models import Mandate
from liaison.accounts.models import Area
from liaison.reports.coverage.forms import ListForm
from liaison.reports.coverage.measures import MEASURES, READERS, Measure, reasons
from liaison.reports.views import LISTINGS as PAGES
from stations.models import Station

from .listing import Asked, Column, FormFilter, Listing

MODELS = {"townships": Area, "mandates": Mandate}  # the others list stations
EXPLAINED = ("missed", "late")  # whose rows say why they are listed
WIDE = 26


def _listing(measure: Measure) -> Listing:
    class Filter(FormFilter):
        asks = ListForm
        more: ClassVar = {"measure": measure}

        @cached_property
        def reasons(self) -> dict[int, str]:
            return reasons(measure, self.form.view(), self.qs)

    model: Any = MODELS.get(measure.code, Station)
    page = PAGES[model]

    def cell(number: int) -> Column:
        return Column(page.headings[number], lambda row, asked: tuple(page.cells(row))[number], WIDE)

    def why(row: Any, asked: Asked) -> str:
        return str(asked.filter.reasons[row.pk])

    columns = [cell(number) for number in range(len(page.headings))]
    return Listing(
        name=f"coverage_{measure.code}",
        title=measure.name,
        roles=READERS,
        filter=Filter,
        scope=lambda post: model.objects.none(),  # what is in sight is asked of the area
        order=page.order,
        chosen=lambda asked: asked.filter.qs.select_related(*page.related),
        columns=[*columns, *([Column("情况", why, 50)] if measure.code in EXPLAINED else [])],
    )


OF_COVERAGE = [_listing(measure) for measure in MEASURES.values()]
