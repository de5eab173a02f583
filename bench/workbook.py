"""A workbook of the size of a city: 522 sites, 7,600 deputies, 10,000 activities, 60,000 visits (model.md §9)."""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from liaison.accounts.areas import BUILTIN, read_areas
from liaison.demo import names
from liaison.exchange.imports.importing import SHEETS

SITES, DEPUTIES, ACTIVITIES, VISITS = 522, 7_600, 10_000, 60_000
WRONG_ROW, WRONG_DAY = 55_000, "2023-11-31"
TOWNS = [
    row
    for row in read_areas(BUILTIN["shanxi"][0])
    if row[0][:4] == "1402" and row[0][6:9] != "000" == row[0][9:]
]
NAMES = dict(read_areas(BUILTIN["shanxi"][0]))
Row = dict[str, object]


def write(path: Path, *, wrong: bool = False) -> None:
    """Write it; with `wrong`, one visit near the end came on a day that no calendar has."""
    import xlsxwriter

    rng = random.Random("workbook")
    headings = {kind.name: [column.heading for column in kind.columns] for kind in SHEETS}
    stations = list(_stations(rng))
    deputies = list(_deputies(rng, stations))
    seats: dict[object, list[object]] = {}
    for row in deputies:
        seats.setdefault(row["进站编号"], []).append(row["姓名"])
    activities = list(_activities(rng, stations, seats))
    visits = _visits(rng, activities, wrong)
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        for name, rows in (("站点", stations), ("代表", deputies), ("活动", activities), ("来访", visits)):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, headings[name])
            for place, row in enumerate(rows, 1):
                sheet.write_row(place, 0, [row.get(heading) for heading in headings[name]])


def _stations(rng: random.Random) -> Iterator[Row]:
    for number in range(SITES):
        code, town = TOWNS[number % len(TOWNS)]
        is_head = number < len(TOWNS)
        yield {
            "编号": f"DTS{number:04d}",
            "名称": f"{town}联络站" if is_head else f"{town}第{number // len(TOWNS)}联络点",
            "类型": "联络站" if is_head else "联络点",
            "上级编号": None if is_head else f"DTS{number % len(TOWNS):04d}",
            "区划代码": code,
            "地址": f"{town}{rng.randint(1, 99)}号",
            "经度": 113.3,
            "纬度": 40.1,
            "电话": "03525100000",
            "开放时间": "周一至周五",
            "启用日期": "2020-03-01",
        }


def _deputies(rng: random.Random, stations: list[Row]) -> Iterator[Row]:
    known: set[tuple[object, str]] = set()
    for number in range(DEPUTIES):
        station = stations[number % SITES]
        sex, name = _person(rng)
        while (station["编号"], name) in known:  # the sheet of activities names them by station and name
            sex, name = _person(rng)
        known.add((station["编号"], name))
        code = str(station["区划代码"])
        county, town = NAMES[f"{code[:6]}000000"], NAMES[code]
        level = rng.choices("市县乡", (6, 54, 40))[0]
        if level == "乡" and not town.endswith(("镇", "乡")):  # a 街道 has no congress
            level = "县"
        term = {"市": "大同市第十六届", "县": f"{county}第十八届", "乡": f"{county}{town}第十九届"}[level]
        yield {
            "代表证号": f"DT{number:06d}",
            "姓名": name,
            "性别": sex,
            "民族": "汉族",
            "出生年月": f"{rng.randint(1955, 1995)}-{rng.randint(1, 12):02d}",
            "手机": f"154{rng.randint(0, 99_999_999):08d}",
            "层级": level,
            "届次": term,
            "选举单位": f"第{rng.randint(1, 9)}选区",
            "任职日期": "2021-06-20",
            "进站编号": station["编号"],
        }


def _person(rng: random.Random) -> tuple[str, str]:
    sex = rng.choice((names.MALE, names.FEMALE))
    return ("女" if sex == names.FEMALE else "男"), names.personal_name(rng, sex, 1970)


def _activities(rng: random.Random, stations: list[Row], seats: dict[object, list[object]]) -> Iterator[Row]:
    for number in range(ACTIVITIES):
        station = stations[int(rng.paretovariate(0.8)) % SITES]
        day = date(2021, 7, 1) + timedelta(days=rng.randint(0, 1800))
        yield {
            "编号": f"{day:%Y}-{number:05d}",
            "站点编号": station["编号"],
            "类型": "接待日",
            "主题": "接待群众",
            "日期": f"{day}",
            "开始": "9:00",
            "结束": "11:30",
            "公示日期": f"{day - timedelta(days=4)}",
            "参加代表": "、".join(map(str, rng.sample(seats[station["编号"]], 3))),
            "群众人数": rng.randint(0, 40),
            "状态": "已结束",
        }


def _visits(rng: random.Random, activities: list[Row], wrong: bool) -> Iterator[Row]:
    for number in range(VISITS):
        activity = rng.choice(activities)
        yield {
            "活动编号": activity["编号"],
            "站点编号": activity["站点编号"],
            "日期": WRONG_DAY if wrong and number == WRONG_ROW else activity["日期"],
            "人数": 1,
            "姓名": _person(rng)[1],
            "手机": f"154{rng.randint(0, 99_999_999):08d}",
            "住址": "火车站社区",
            "内容": f"{rng.randint(1, 99)}号楼暖气不热，室温{rng.randint(9, 16)}度，打了几次电话，还没有人来修，希望尽快解决。",
            "处理": rng.choices(("现场答复", "登记备查", "提交派单"), (5, 3, 2))[0],
        }
