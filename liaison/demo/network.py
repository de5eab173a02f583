"""The stations of a scenario, what is below them, and who keeps them."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from liaison.accounts.models import Area, Post, Role, User
from stations.models import Station, StationRule, StationStaff

from . import names
from .record import keep, moment
from .scenarios import County, Scenario, spread

K = Station.Kind
NO_PASSWORD = "!"  # an account that nobody can sign in to

BRANDS = (
    "码上见代表 板凳议事会 红袖标议事 代表茶话室 周五有约 古城夜话 一线连心 马扎议事 小院说事 代表来敲门 有事好商量 "
    "说事长廊 老街听民声 塞上连心桥 听得见的回声 办结看得见 田间会客厅 黄花地头会 院坝议事 邻里连心站 云冈听民声 "
    "百姓点单 代表接单 家门口的代表 早市问计 流动议事厅 民情直通车 长城脚下听民声 火山下的会客厅 恒山脚下话家常"
).split()
FACILITIES = (
    "接待室、议事室各一间，配电脑、打印机和饮水机。",
    "接待室一间，与便民服务大厅相通，有无障碍坡道。",
    "接待室、学习室、资料室各一间，书架存代表履职资料。",
    "接待窗口一个，议事长桌一张，墙上公示代表信息和接待安排。",
    "接待室两间，配高清摄像头，可与代表视频连线。",
)
HOURS = (
    "周一至周五 8:30—12:00，14:30—18:00",
    "周一至周五 9:00—12:00，14:30—17:30",
    "周一至周六 8:30—11:30，15:00—18:00",
)
RULES = (
    ("代表接待选民制度", "每月固定一天接待群众。接待时间、地点和代表姓名提前三天公示。接待代表认真听、逐条记，当场能答复的当场答复。"),
    ("群众意见办理反馈制度", "群众反映的问题登记编号，按职责转交办理，办理结果告知本人，请本人评价。"),
    ("代表学习制度", "每季度组织一次集中学习，学习法律法规和上级决议，学习情况记入代表履职档案。"),
    ("代表联系群众制度", "每名代表固定联系五至八名选民，每季度至少走访一次，走访情况有记录。"),
)  # fmt: skip


@dataclass
class Town:
    """A township with its sites: the station first, then what is below it."""

    area: Area
    county: County
    county_area: Area
    middle: tuple[float, float]
    sites: list[Station] = field(default_factory=list)

    @property
    def rural(self) -> bool:
        return not self.area.name.endswith("街道")

    @property
    def station(self) -> Station:
        return self.sites[0]

    @property
    def has_congress(self) -> bool:
        return self.area.name.endswith(("镇", "乡"))


@dataclass
class Network:
    towns: list[Town]
    homes: list[Station]  # of the city and the counties
    officers: dict[int, Post]  # by station: who keeps it, and the points below it

    @property
    def stations(self) -> list[Station]:
        return [town.station for town in self.towns]

    def officer(self, station: Station) -> Post:
        return self.officers[station.parent_id or station.pk]


def build(rng: random.Random, scenario: Scenario) -> Network:
    towns = list(_towns(rng, scenario))
    stations: list[Station] = []
    lower: list[tuple[Station, Station]] = []  # with its parent, which must have its key first
    homes: list[Station] = []
    for county in scenario.counties:
        mine = [town for town in towns if town.county is county]
        numbers = iter(range(1, 1000))
        for town in mine:
            town.sites.append(
                _station(
                    rng,
                    scenario,
                    town,
                    K.STATION,
                    f"{town.area.name}联络站",
                    f"{county.initials}{next(numbers):02d}",
                )
            )
        if not county.only:
            seat = next(town for town in mine if town.area.code == county.seat)
            name = Area.objects.get(code=county.code).name
            homes.append(_station(rng, scenario, seat, K.HOME, f"{name}人大代表之家", f"{county.initials}00"))
        large = sorted(mine, key=lambda town: (town.rural, town.area.code))[: county.stations]
        for town in large:
            second = _station(
                rng,
                scenario,
                town,
                K.STATION,
                _new_name(rng, town, "联络站"),
                f"{county.initials}{next(numbers):02d}",
            )
            town.sites.append(second)
        stations += [site for town in mine for site in town.sites]
        weights = [rng.uniform(0.6, 1.6) * (1.0 if town.rural else 1.3) for town in mine]
        least = 1 if county.points >= len(mine) else 0
        for town, points in zip(mine, spread(county.points - least * len(mine), weights), strict=True):
            lower += _below(rng, scenario, town, points + least)
        if county.opened_on:
            for site in (site for town in mine for site in town.sites):
                site.opened_on, site.created_at = county.opened_on, moment(county.opened_on)
    if scenario.city_home:
        seat = next(town for town in towns if town.area.code == scenario.counties[0].seat)
        city = Area.objects.get(code=scenario.city)
        homes.insert(
            0, _station(rng, scenario, seat, K.HOME, f"{city.name}人大代表之家", f"{scenario.initials}00")
        )
    keep(homes + stations)
    for site, parent in lower:
        site.parent = parent
    keep(site for site, _ in lower)
    network = Network(towns, homes, {})
    _staff(rng, scenario, network, homes + stations)
    keep(
        StationRule(station=station, title=title, text=text, shown_on=shown, created_at=moment(shown))
        for station in homes + stations
        for shown in [station.opened_on + timedelta(days=20)]
        for title, text in RULES
    )
    return network


def _towns(rng: random.Random, scenario: Scenario) -> Iterator[Town]:
    for county in scenario.counties:
        above = Area.objects.get(code=county.code)
        areas = Area.objects.filter(parent=above, active=True).order_by("code")
        for area in areas.filter(code=county.only) if county.only else areas:
            far = 0.02 if area.name.endswith("街道") else 0.14
            x, y = county.middle
            yield Town(area, county, above, (x + rng.uniform(-far, far), y + rng.uniform(-far, far)))


def _station(rng: random.Random, scenario: Scenario, town: Town, kind: str, name: str, code: str) -> Station:
    opened = _between(rng, *scenario.stations_opened)
    x, y = town.middle
    near = 0.004
    is_office = kind in (K.HOME, K.STATION)
    return Station(
        area=town.area,
        area_path=town.area.path,
        code=code,
        kind=kind,
        name=name,
        address=_address(rng, town, name),
        longitude=Decimal(f"{x + rng.uniform(-near, near):.6f}"),
        latitude=Decimal(f"{y + rng.uniform(-near, near):.6f}"),
        hours=rng.choice(HOURS) if is_office else "周一至周五 9:00—11:30" if kind == K.POINT else "",
        phone=names.office_phone(rng, town.county.trunk) if is_office else "",
        brand=scenario.local(rng.choice(BRANDS)) if is_office and rng.random() < 0.8 else "",
        facilities=rng.choice(FACILITIES) if is_office else "",
        opened_on=opened,
        created_at=moment(opened),
    )


def _address(rng: random.Random, town: Town, name: str) -> str:
    if "村" in name:
        return f"{town.area.name}{name.partition('村')[0]}村党群服务中心"
    return f"{town.area.name}{names.road(rng)}{rng.randint(1, 198)}号"


def _below(
    rng: random.Random, scenario: Scenario, town: Town, points: int
) -> Iterator[tuple[Station, Station]]:
    """The points of a township, micro-stations and mailboxes; points belong to one of its stations."""
    parents = list(town.sites)
    for number in range(1, points + 1):
        parent = rng.choice(parents)
        site = _station(
            rng, scenario, town, K.POINT, _new_name(rng, town, "联络点"), f"{parents[0].code}{number:02d}"
        )
        site.opened_on = _between(rng, date(2019, 3, 1), date(2023, 3, 31))
        site.created_at = moment(site.opened_on)
        town.sites.append(site)
        yield site, parent
    for kind, word, letter, share in ((K.MICRO, "微站", "W", 0.5), (K.MAILBOX, "有事找代表信箱", "X", 0.8)):
        for number in range(1, 3):
            if rng.random() < share:
                site = _station(
                    rng,
                    scenario,
                    town,
                    kind,
                    _new_name(rng, town, word),
                    f"{parents[0].code}{letter}{number}",
                )
                town.sites.append(site)
                yield site, parents[0]


def _new_name(rng: random.Random, town: Town, word: str) -> str:
    """东柳沟村联络点, 文化里社区联络点, 翠湖花园微站: once in a township."""
    used = {site.name for site in town.sites}
    while True:
        if town.rural:
            name = f"{names.village(rng)}{word}"
        else:
            name = f"{names.community(rng) if word.startswith('联络') else names.estate(rng)}{word}"
        if name not in used:
            return name


def _staff(rng: random.Random, scenario: Scenario, network: Network, stations: list[Station]) -> None:
    """An officer for each station, with an account that nobody can sign in to."""
    users, posts = [], []
    for station in stations:
        born = rng.randint(1968, 1998)
        name = names.personal_name(rng, rng.choice((names.FEMALE, names.FEMALE, names.MALE)), born)
        user = User(
            username=f"lianluo-{station.code.lower()}",
            name=name,
            password=NO_PASSWORD,
            must_change_password=True,
        )
        users.append(user)
        posts.append(
            Post(user=user, role=Role.STATION, area=station.area, title="联络员", from_on=scenario.begun)
        )
    keep(users)
    keep(posts)
    rows = zip(posts, stations, strict=True)
    keep(
        StationStaff(
            post=post,
            station=station,
            position="OFFICER",
            from_on=scenario.begun,
            created_at=moment(scenario.begun),
        )
        for post, station in rows
    )
    network.officers = {station.pk: post for post, station in zip(posts, stations, strict=True)}


def _between(rng: random.Random, first: date, last: date) -> date:
    return first + timedelta(days=rng.randrange((last - first).days + 1))
