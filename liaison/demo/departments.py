"""The departments of each county and of the city, each with its clerk; the account `unit` acts for one of them."""

import random
from datetime import date

from liaison.accounts.models import Area, Post, Role, User
from suggestions.models import Department, DepartmentStaff

from . import names
from .accounts import Account
from .network import NO_PASSWORD
from .record import keep, moment
from .scenarios import Scenario

BUREAUS = (
    "住房和城乡建设局", "教育局", "民政局", "人力资源和社会保障局", "交通运输局", "农业农村局", "卫生健康局", "城市管理局", "市场监督管理局",
    "公安局", "自然资源局", "生态环境局", "水务局", "医疗保障局", "信访局",
)  # fmt: skip
# fmt: off
ANSWERS_FOR = {
    "供暖": "住房和城乡建设局", "物业": "住房和城乡建设局", "住房": "住房和城乡建设局", "燃气": "住房和城乡建设局", "供电": "住房和城乡建设局",
    "道路": "交通运输局", "公交": "交通运输局", "停车": "城市管理局", "垃圾": "城市管理局", "环境": "生态环境局", "噪音": "生态环境局",
    "土地": "自然资源局", "供水": "水务局", "水利": "水务局", "农业": "农业农村局", "扶贫补助": "农业农村局", "医保社保": "医疗保障局",
    "医疗": "卫生健康局", "养老": "民政局", "就业": "人力资源和社会保障局", "教育": "教育局", "文化体育": "教育局", "治安": "公安局",
}
# fmt: on


def build(scenario: Scenario, made: dict[str, Account]) -> dict[int, Post]:
    """The same bureaus everywhere, each below the city's of the same name; those of the area are called by it.

    Returns who acts for each, by the key of the department.
    """
    city = Area.objects.get(code=scenario.city)
    above = _of(city, scenario.begun)
    by_name = {department.name: department for department in above}
    codes = [county.code for county in scenario.counties]
    for county in Area.objects.filter(code__in=codes).order_by("path"):
        for department in _of(county, scenario.begun, by_name):
            by_name[department.name] = department
    unit = made["unit"].post
    housing = by_name[f"{unit.area.name}{BUREAUS[0]}"]
    others = [department for department in by_name.values() if department is not housing]
    clerks = {housing.pk: unit} | _clerks(
        random.Random(f"{scenario.name} departments"), others, scenario.begun
    )
    keep(
        DepartmentStaff(
            post=post, department_id=pk, from_on=scenario.begun, created_at=moment(scenario.begun)
        )
        for pk, post in clerks.items()
    )
    return clerks


def _clerks(rng: random.Random, departments: list[Department], begun: date) -> dict[int, Post]:
    """One for each department, with an account that nobody can sign in to."""
    users = keep(
        User(
            username=f"chengban-{department.area.path}-{number:03d}",
            name=names.personal_name(rng, rng.choice((names.FEMALE, names.MALE)), rng.randint(1970, 1998)),
            password=NO_PASSWORD,
            must_change_password=True,
        )
        for number, department in enumerate(departments)
    )
    posts = keep(
        Post(user=user, role=Role.UNIT, area=department.area, title="经办人", from_on=begun)
        for user, department in zip(users, departments, strict=True)
    )
    return {department.pk: post for department, post in zip(departments, posts, strict=True)}


def _of(area: Area, begun: date, above: dict[str, Department] | None = None) -> list[Department]:
    return keep(
        Department(
            area=area,
            area_path=area.path,
            name=f"{area.name}{bureau}",
            parent=(above or {}).get(f"{_city_of(area)}{bureau}"),
            duties="、".join(kind for kind, answers in ANSWERS_FOR.items() if answers == bureau),
            created_at=moment(begun),
        )
        for bureau in BUREAUS
    )


def _city_of(area: Area) -> str:
    return area.parent.name if area.parent else ""
