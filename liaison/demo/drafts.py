"""征求意见稿: one that was asked about in 2023 and answered, and one that is out now.

The city reported six legislative contact points and 42 opinions; a county has its part of them.
"""

import random
from dataclasses import dataclass
from datetime import date, timedelta

from deputies.models import Mandate
from liaison.accounts.models import Post
from stations.models import Station
from suggestions.articles import take_apart
from suggestions.models import Draft, DraftArticle, DraftStation, Opinion, OpinionPerson

from . import names
from .congresses import Seats
from .network import Network, Town
from .record import Numbers, Trail, keep, moment
from .scenarios import Scenario

PAST = date(2023, 5, 8), date(2023, 6, 30)
OUT_FOR = timedelta(days=10), timedelta(days=20)  # the present one: since when, and how long yet
SAID_NOW = 5

HOUSING = """为了规范物业服务活动，维护业主和物业服务人的合法权益，制定本条例。
第一章 总则
第一条 本市行政区域内的物业服务、业主自治和监督管理，适用本条例。
第二条 街道办事处、乡镇人民政府指导本辖区业主大会的成立和业主委员会的换届，协调处理物业服务纠纷。
第二章 业主和业主委员会
第三条 入住率达到百分之五十或者首套房屋交付满两年的小区，街道办事处应当组织召开首次业主大会。
第四条 业主委员会每半年公布一次公共收益的收支情况，公布时间不少于十五日。
第五条 没有成立业主委员会的小区，由社区居民委员会组织成立物业管理委员会，任期两年。
第三章 物业服务
第六条 物业服务人应当在小区显著位置公示服务内容、服务标准、收费项目和负责人电话。
第七条 电梯、消防设施发生故障的，物业服务人应当在一小时内到场，二十四小时内修复或者公示修复期限。
第八条 物业服务人不得以停水、停电、停暖的方式催交物业费。
第四章 公共部位和设施
第九条 电动自行车应当在集中充电设施充电，不得在楼道、门厅停放和充电。
第十条 利用共有部位经营所得，扣除合理成本后归全体业主共有，优先用于补充维修资金。
"""
MANNERS = """为了引导和促进文明行为，提升城市文明程度，制定本条例。
第一条 公民应当爱护公共环境，不随地吐痰，不乱扔垃圾，不在禁烟场所吸烟。
第二条 在公园、广场开展健身、娱乐活动的，应当控制音量，晚上九点以后不使用扩音设备。
第三条 携犬出户应当束牵引绳，及时清除粪便，主动避让老年人、残疾人、孕妇和儿童。
第四条 机动车行经斑马线应当减速，遇行人通过停车让行。
第五条 办理婚丧事宜应当节俭，不占用道路搭棚，不在城区抛撒纸钱。
第六条 鼓励单位在服务窗口为老年人保留人工服务和现金支付。
"""
K, D = Opinion.Kind, Opinion.Decision

# Of the housing draft: article, what is wanted, why, what it should say.
SAID = (
    (3, K.AMEND, "入住率百分之五十在新城区要等好几年，建议降低。", "入住率达到百分之三十"),
    (3, K.ADD, "应写明街道多少天内组织，不然还是拖着。", "在六十日内"),
    (4, K.AMEND, "半年一次太久，老住户希望每季度公布，还要贴到单元门口。", "每季度公布一次"),
    (4, K.OTHER, "公布要写清每一笔，不能只写一个总数。", ""),
    (5, K.ADD, "老旧小区没有物业，管委会的经费从哪里来要写清。", ""),
    (6, K.AMEND, "公示的电话要有人接，建议写明值班时间。", "并公布值班时间"),
    (7, K.AMEND, "二十四小时修不好的，要给高层的老人安排送饭送药。", ""),
    (7, K.AGREE, "一小时到场很有必要，支持。", ""),
    (8, K.AGREE, "赞成，冬天停暖催费的事发生过。", ""),
    (8, K.ADD, "建议写明违反了怎么罚，由哪个部门管。", ""),
    (9, K.AMEND, "小区没有充电的地方，光禁不建做不到，应要求先建充电棚。", "新建小区应当配建集中充电设施"),
    (9, K.OTHER, "充电桩电价比家里贵一倍，希望按居民电价。", ""),
    (10, K.AMEND, "电梯广告收入应优先修电梯。", ""),
    (2, K.ADD, "物业纠纷调解应当免费，写进去。", ""),
    (None, K.OTHER, "条文总的很好，希望早点出台，出台以后到小区里讲一讲。", ""),
)  # fmt: skip
NOW = (
    (2, K.AMEND, "九点对上早班的人还是晚，中午也应安静。", "中午十二点到两点"),
    (3, K.ADD, "大型犬在早晚高峰不进电梯，建议写上。", ""),
    (5, K.AGREE, "村里早就定了规矩，支持写进条例。", ""),
    (6, K.AMEND, "“鼓励”太软，医院和车站应当必须保留。", "应当"),
    (1, K.OTHER, "垃圾桶不够，先把桶摆够。", ""),
)  # fmt: skip
ANSWERS = {
    D.ADOPTED: "已写入修改稿",
    D.PARTLY: "意思已经吸收，文字另作调整",
    D.NOT_ADOPTED: "上位法另有规定",
    D.NOTED: "转有关部门研究",
}


@dataclass(frozen=True)
class Point:
    """A legislative contact point, who keeps it, and the deputies of its town."""

    station: Station
    officer: Post
    deputies: list[Mandate]


def build(
    rng: random.Random,
    scenario: Scenario,
    network: Network,
    seats: Seats,
    office: Post,
    *,
    today: date,
    numbers: Numbers,
    trail: Trail,
) -> None:
    """Contact points, the two drafts, and what was said of them."""
    points = list(_points(rng, scenario, network, seats))
    opened, closed = PAST
    housing = _draft(
        office, f"{office.area.name}物业管理条例（草案）", HOUSING, PAST, Draft.State.CONCLUDED, numbers
    )
    housing.conclusion = (
        f"共收到意见 {scenario.opinions} 条。入住率、公示周期、充电设施等条文按意见作了修改；"
        "涉及上位法的没有采纳，已逐条注明。谢谢各联系点和代表。"
    )
    span = today - OUT_FOR[0], today + OUT_FOR[1]
    manners = _draft(
        office, f"{office.area.name}文明行为促进条例（修订草案）", MANNERS, span, Draft.State.OPEN, numbers
    )
    for draft, text in ((housing, HOUSING), (manners, MANNERS)):
        draft.save()
        _lay_out(draft, text, points)
        trail.add(draft, "enter", by=office, at=moment(draft.opens_on), after=Draft.State.DRAFT)
        trail.add(
            draft,
            "publish",
            by=office,
            at=moment(draft.opens_on),
            before=Draft.State.DRAFT,
            after=Draft.State.OPEN,
        )
    trail.add(
        housing, "close", by=office, at=moment(closed + timedelta(days=3)), before="OPEN", after="CLOSED"
    )
    trail.add(
        housing,
        "conclude",
        by=office,
        at=moment(closed + timedelta(days=40)),
        before="CLOSED",
        after="CONCLUDED",
    )
    days = [opened + timedelta(days=rng.randrange((closed - opened).days)) for _ in range(scenario.opinions)]
    _say(rng, housing, SAID, sorted(days), points, numbers, trail, decided_by=office)
    since = [today - timedelta(days=rng.randrange(OUT_FOR[0].days)) for _ in range(SAID_NOW)]
    _say(rng, manners, NOW, sorted(since), points, numbers, trail)


def _points(rng: random.Random, scenario: Scenario, network: Network, seats: Seats) -> list[Point]:
    towns = [town for town in network.towns if town.area.code == scenario.account_station]
    others = [town for town in network.towns if town not in towns]
    towns += rng.sample(others, scenario.contact_points - 1)
    return [_point(number, town, network, seats) for number, town in enumerate(towns, 1)]


def _point(number: int, town: Town, network: Network, seats: Seats) -> Point:
    home = town.station
    station = Station(
        area=town.area,
        area_path=town.area.path,
        code=f"LF{number:02d}",
        kind=Station.Kind.LEGISLATIVE,
        name=f"{town.area.name}基层立法联系点",
        parent=home,
        address=home.address,
        longitude=home.longitude,
        latitude=home.latitude,
        hours=home.hours,
        phone=home.phone,
        opened_on=date(2022, 4, 15),
        created_at=moment(date(2022, 4, 15)),
    )
    station.save()
    return Point(station, network.officer(home), seats.at(town))


def _draft(
    office: Post, title: str, text: str, span: tuple[date, date], state: str, numbers: Numbers
) -> Draft:
    opens, closes = span
    return Draft(
        area=office.area,
        number=f"CA{opens:%Y}-{numbers.next(f'draft:{opens:%Y}'):03d}",
        title=title,
        issuer=f"{office.area.name}人大常委会法制工作委员会",
        intro=take_apart(text)[0],
        opens_on=opens,
        closes_on=closes,
        state=state,
        created_at=moment(opens),
    )


def _lay_out(draft: Draft, text: str, points: list[Point]) -> None:
    _, articles = take_apart(text)
    keep(
        DraftArticle(draft=draft, position=position, name=one.name, text=one.text, chapter=one.chapter)
        for position, one in enumerate(articles, 1)
    )
    keep(DraftStation(draft=draft, station=point.station) for point in points)


def _say(
    rng: random.Random,
    draft: Draft,
    said: tuple[tuple[int | None, str, str, str], ...],
    days: list[date],
    points: list[Point],
    numbers: Numbers,
    trail: Trail,
    decided_by: Post | None = None,
) -> None:
    """One opinion for each day, from point to point; every fourth by a deputy, every fifth without a name."""
    articles = {one.position: one for one in draft.articles.all()}
    opinions, people = [], []
    for number, day in enumerate(days):
        place, kind, text, wording = said[number % len(said)]
        point = points[number % len(points)]
        opinion = Opinion(
            draft=draft,
            article=articles[place] if place else None,
            area=point.station.area,
            area_path=point.station.area.path,
            station=point.station,
            number=f"YJ{day:%Y}-{numbers.next(f'opinion:{day:%Y}'):05d}",
            mandate=rng.choice(point.deputies) if number % 4 == 3 and point.deputies else None,
            day=day,
            kind=kind,
            text=text,
            wording=wording,
            created_at=moment(day),
        )
        if decided_by:
            choices = list(ANSWERS)
            opinion.decision = D.NOTED if kind in (K.AGREE, K.OTHER) else rng.choice(choices[:3])
            opinion.decision_note = ANSWERS[D(opinion.decision)]
        opinions.append(opinion)
        if opinion.mandate is None and number % 5 != 4:
            who = names.citizen(rng, on=day)
            people.append(OpinionPerson(opinion=opinion, name=who.name, phone=who.phone, address=who.address))
    keep(opinions)
    for person in people:
        person.opinion_id = person.opinion.pk
    keep(people)
    officers = {point.station.pk: point.officer for point in points}
    for opinion in opinions:
        trail.add(opinion, "enter", by=officers[opinion.station_id], at=moment(opinion.day))
        if decided_by:
            trail.add(opinion, "decide", by=decided_by, at=moment(draft.closes_on + timedelta(days=30)))
