"""代表小组, with how many are in each on the day of the export."""

from django.db.models import QuerySet

from deputies.models import DeputyGroup
from deputies.views import READERS

from .listing import Asked, Listing, Whole, column


def _with_size(asked: Asked) -> QuerySet[DeputyGroup]:
    return asked.filter.qs.select_related("area", "leader").with_size(asked.on)


LISTING = Listing(
    name="groups",
    title="代表小组",
    roles=READERS,
    filter=Whole,
    scope=DeputyGroup.objects.visible_to,
    order=("area_path", "name", "pk"),
    chosen=_with_size,
    columns=(
        column("名称", "name", 26),
        column("类型", "get_kind_display", 12),
        column("区划", "area.full_name", 26),
        column("组长", "leader.name", 12),
        column("加入", "joined", 8),
        column("随站编入", "placed", 9),
        column("成立日期", "from_on", 11),
        column("撤销日期", "to_on", 11),
    ),
)
