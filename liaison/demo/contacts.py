"""Contact links of the demonstration: leading members and their towns, members and deputies, deputies and fixed voters."""

import random
from datetime import date, timedelta

from deputies.models import ContactLink, ContactRecord, FixedVoter, Leader, Level, Mandate
from liaison.accounts.models import Post

from . import names
from .congresses import Seats
from .network import Network, Town
from .record import Trail, keep, moment
from .scenarios import Scenario

LINKED_FROM = date(2022, 5, 10)
DUTIES = ("副主任", "副主任", "副主任", "秘书长", "代表工委主任")
MEMBERS = 9  # committee members of the county; the last keeps in touch with nobody yet
# fmt: off
SAID = (
    "问冬天供暖几号开始，说去年有两天不热。", "小区车位紧，希望把旁边空地用起来。", "门口路灯坏了三盏，晚上老人不敢出门。",
    "医保缴费不会用手机，请社区帮忙。", "孩子放学没人接，盼着学校延时。", "对今年的卫生整治满意，没有新的意见。",
    "楼道杂物多，希望物业定期清。", "问老旧小区改造什么时候轮到。", "公交末班车太早，下夜班赶不上。",
)
TALKED = ("谈了今年的履职打算和建议选题。", "了解代表建议办理情况，代表反映答复偏慢。", "听取对常委会工作的意见，代表希望多组织调研。")
VISITED = ("到镇里听取人大工作汇报，看了联络站台账。", "座谈换届以来站点运行情况，帮助协调办公用房。")
NEXT = ("", "", "", "转给联络站登记。", "和社区说好，下周回话。", "带到下次接待日研究。")
# fmt: on


class Builder:
    def __init__(self, scenario: Scenario, network: Network, seats: Seats, today: date, trail: Trail) -> None:
        self.scenario = scenario
        self.network, self.seats, self.today, self.trail = network, seats, today, trail
        self.rng = random.Random(f"{scenario.name} contacts")
        self.links: list[ContactLink] = []
        self.voters: list[FixedVoter] = []
        self.records: list[ContactRecord] = []

    def build(self, officer: Post, office: Post) -> None:
        for town in self.network.towns:
            own = town.area.code == self.scenario.account_station
            mandates = self.seats.at(town)
            for mandate in mandates if own else mandates[:2]:
                few = not own or (mandate not in self.seats.on_duty and self.rng.random() < 0.35)
                for _ in range(self.rng.randint(1, 4) if few else self.rng.randint(5, 8)):
                    self._voter(mandate, town)
        leaders = self._leaders(office)
        keep(self.links)
        keep(self.voters)
        keep(self.records)
        for leader in leaders:
            self.trail.add(leader, "enter", by=office, at=leader.created_at)
        officers = self.network.officers
        for link in self.links:
            station = self.seats.station.get(link.mandate_id or link.partner_id)
            known = officers.get(station.pk) or officers.get(station.parent_id) if station else office
            link.by = known or officer
            self.trail.add(link, "enter", by=link.by, at=link.created_at)
        for record in self.records:
            self.trail.add(record, "enter", by=record.link.by, at=record.created_at)

    def _voter(self, mandate: Mandate, town: Town) -> None:
        start = max(LINKED_FROM, mandate.from_on) + timedelta(days=self.rng.randint(0, 300))
        link = ContactLink(
            kind=ContactLink.Kind.VOTER, mandate=mandate, area_id=mandate.area_id,
            area_path=mandate.area_path, from_on=start, created_at=moment(start),
        )  # fmt: skip
        self.links.append(link)
        person = names.citizen(self.rng, on=start, rural=town.rural)
        phone = person.phone if self.rng.random() < 0.9 else ""
        self.voters.append(FixedVoter(link=link, name=person.name, phone=phone, address=person.address))
        self._contacts(link, SAID)

    def _contacts(self, link: ContactLink, said: tuple[str, ...]) -> None:
        """None to three contacts in the last ten months."""
        for _ in range(self.rng.choice((0, 1, 1, 2, 3))):
            day = self.today - timedelta(days=self.rng.randint(3, 300))
            way = self.rng.choices(ContactRecord.Way.values, (8, 4, 2, 3, 2, 1))[0]
            words = self.rng.choice(said)
            next_ = self.rng.choice(NEXT)
            self.records.append(
                ContactRecord(
                    link=link, day=day, way=way, said=words, follow_up=next_, created_at=moment(day)
                )
            )

    def _leaders(self, office: Post) -> list[Leader]:
        """Of the county of the account `office`: leading members by name, members by mandate."""
        area, start = office.area, LINKED_FROM
        towns = [town for town in self.network.towns if town.area.path.startswith(area.path)]
        seats = [seat for town in towns for seat in self.seats.at(town) if seat.level == Level.COUNTY]
        told = {"area": area, "area_path": area.path, "from_on": start, "created_at": moment(start)}
        chairs = [
            Leader(rank="CHAIR", name=names.personal_name(self.rng, "男", 1972), duty=duty, **told)
            for duty in DUTIES
        ]
        picked = self.rng.sample(seats, min(len(seats), MEMBERS * 4))
        members = [
            Leader(rank="MEMBER", mandate=seat, duty="常委会委员", **told) for seat in picked[:MEMBERS]
        ]
        keep(chairs + members)
        begun = {"from_on": start, "created_at": moment(start)}
        for number, town in enumerate(towns):
            link = ContactLink(
                kind=ContactLink.Kind.LEADER_AREA, leader=chairs[number % len(chairs)], place=town.area,
                area_id=town.area.pk, area_path=town.area.path, **begun,
            )  # fmt: skip
            self.links.append(link)
            self._contacts(link, VISITED)
        visited = picked[MEMBERS:]
        for number, seat in enumerate(visited):
            link = ContactLink(
                kind=ContactLink.Kind.MEMBER_DEPUTY, leader=members[number % (MEMBERS - 1)], partner=seat,
                area_id=seat.area_id, area_path=seat.area_path, **begun,
            )  # fmt: skip
            self.links.append(link)
            self._contacts(link, TALKED)
        return chairs + members


def build(
    scenario: Scenario,
    network: Network,
    seats: Seats,
    *,
    today: date,
    officer: Post,
    office: Post,
    trail: Trail,
) -> None:
    Builder(scenario, network, seats, today, trail).build(officer, office)
