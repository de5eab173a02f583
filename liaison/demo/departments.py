"""The departments of each county and of the city, and the one that the account `unit` acts for."""

from liaison.accounts.models import Area
from suggestions.models import Department, DepartmentStaff

from .accounts import Account
from .congresses import CITY
from .network import STAFF_FROM
from .record import keep, moment
from .scenarios import Scenario

BUREAUS = (
    "住房和城乡建设局", "教育局", "民政局", "人力资源和社会保障局", "交通运输局", "农业农村局", "卫生健康局", "城市管理局", "市场监督管理局",
    "公安局", "自然资源局", "生态环境局", "水务局", "医疗保障局", "信访局",
)  # fmt: skip


def build(scenario: Scenario, made: dict[str, Account]) -> None:
    """The same bureaus everywhere, each below the city's of the same name; those of the area are called by it."""
    city = Area.objects.get(code=CITY)
    above = _of(city)
    by_name = {department.name: department for department in above}
    codes = [county.code for county in scenario.counties]
    for county in Area.objects.filter(code__in=codes).order_by("path"):
        for department in _of(county, by_name):
            by_name[department.name] = department
    unit = made["unit"].post
    housing = by_name[f"{unit.area.name}{BUREAUS[0]}"]
    keep([DepartmentStaff(post=unit, department=housing, from_on=STAFF_FROM, created_at=moment(STAFF_FROM))])


def _of(area: Area, above: dict[str, Department] | None = None) -> list[Department]:
    return keep(
        Department(
            area=area,
            area_path=area.path,
            name=f"{area.name}{bureau}",
            parent=(above or {}).get(f"{_city_of(area)}{bureau}"),
            created_at=moment(STAFF_FROM),
        )
        for bureau in BUREAUS
    )


def _city_of(area: Area) -> str:
    return area.parent.name if area.parent else ""
