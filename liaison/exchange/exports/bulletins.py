"""动态期刊: the issues, with what stands in each."""

from typing import Any

from liaison.bulletin.issues.filters import BulletinFilter
from liaison.bulletin.issues.views import READERS
from liaison.bulletin.models import Bulletin

from .listing import Asked, Column, Listing, column


def _titles(bulletin: Any, asked: Asked) -> str:
    lines = sorted(bulletin.items.all(), key=lambda line: (line.position, line.pk))
    return "\n".join(line.title for line in lines)


LISTING = Listing(
    name="bulletins",
    title="动态期刊",
    roles=READERS,
    filter=BulletinFilter,
    scope=Bulletin.objects.visible_to,
    order=("-pk",),
    chosen=lambda asked: asked.filter.qs.prefetch_related("area", "items"),
    columns=(
        column("刊名", "title", 14),
        column("期号", "number", 7),
        column("编印单位", "issuer", 30),
        column("区划", "area.full_name", 20),
        column("印发日期", "issued_on", 11),
        column("状态", "get_state_display", 10),
        column("编辑", "editor", 10),
        column("审核", "reviewer", 10),
        column("签发", "signer", 10),
        Column("里面的动态", _titles, 50),
    ),
)
