"""站点: the register of stations. The headings that an import knows are called the same there."""

from typing import Any

from stations.filters import StationFilter
from stations.models import Station
from stations.views import READERS

from .listing import Asked, Column, Listing, column


def _parent(station: Station, asked: Asked) -> str:
    """A station above that the asking post does not see is not named."""
    parent = station.parent
    return parent.code if parent and parent.pk in asked.stations_in_sight else ""


def _place(name: str) -> Any:
    return lambda station, asked: None if (value := getattr(station, name)) is None else float(value)


LISTING = Listing(
    name="stations",
    title="站点",
    roles=READERS,
    filter=StationFilter,
    scope=Station.objects.visible_to,
    order=("area_path", "code"),
    chosen=lambda asked: asked.filter.qs.select_related("area", "parent"),
    columns=(
        column("编号", "code", 10),
        column("名称", "name", 26),
        column("类型", "get_kind_display", 12),
        Column("上级编号", _parent, 10),
        column("区划", "area.full_name", 26),
        column("区划代码", "area.code", 14),
        column("地址", "address", 30),
        Column("经度", _place("longitude"), 11),
        Column("纬度", _place("latitude"), 11),
        column("电话", "phone", 14),
        column("开放时间", "hours", 24),
        column("品牌", "brand", 16),
        column("场所和设施", "facilities", 24),
        column("启用日期", "opened_on", 11),
        column("停用日期", "closed_on", 11),
        Column("现状", lambda station, asked: station.condition(asked.on)[0], 10),
    ),
)
