"""履职要求: a row for each mandate, as the page lists them."""

from typing import Any

from django.utils.functional import cached_property

from deputies.models import Mandate
from liaison.reports.metrics import ASKERS
from liaison.reports.quotas.forms import QuotaForm
from liaison.reports.quotas.progress import absences, serving
from liaison.reports.quotas.table import QUOTAS, Quota

from .listing import Asked, Column, FormFilter, Listing, column


class Filter(FormFilter):
    asks = QuotaForm

    @cached_property
    def attended(self) -> dict[int, dict[str, int]]:
        return absences(serving(self.form.view()).order_by().values("deputy"), self.form.cleaned_data["on"])


def _quota(quota: Quota) -> list[Column]:
    def number(name: str) -> Any:
        def value(row: Any, asked: Asked) -> Any:
            if not getattr(row, f"year_{quota.code}", 0):
                return None
            found = getattr(row, f"{name}_{quota.code}")
            return int(found) if found == int(found) else str(found)

        return value

    return [
        Column(quota.name, number("done")),
        Column(f"{quota.name}到今天应做", number("due"), 18),
        Column(f"{quota.name}全年要求", number("year"), 18),
    ]


def _roster(heading: str, name: str) -> Column:
    return Column(heading, lambda row, asked: asked.filter.attended.get(row.deputy_id, {}).get(name, 0))


LISTING = Listing(
    name="quotas",
    title="履职要求",
    roles=ASKERS,
    filter=Filter,
    scope=lambda post: Mandate.objects.none(),  # what is in sight is asked of the area
    order=("area_path", "id"),
    chosen=lambda asked: asked.filter.qs.select_related("deputy", "term__congress", "area"),
    columns=[
        column("代表", "deputy.name"),
        column("层级", "get_level_display", 8),
        column("届次", "term", 30),
        column("区划", "area.full_name", 30),
        column("任职日期", "from_on"),
        *(made for quota in QUOTAS.values() for made in _quota(quota)),
        _roster("排班应到", "due"),
        _roster("请假", "leave"),
        _roster("缺席", "absent"),
    ],
)
