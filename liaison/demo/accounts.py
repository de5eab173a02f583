"""The accounts of the demonstration: one for each role, with one password."""

from dataclasses import dataclass

from liaison.accounts.models import Area, Post, Role, User
from stations.models import Station, StationStaff

from .congresses import Seats
from .network import Network
from .record import moment
from .scenarios import Scenario


@dataclass(frozen=True)
class Account:
    username: str
    what: str  # in words, for the table that is printed
    post: Post


def make(scenario: Scenario, network: Network, seats: Seats, password: str) -> dict[str, Account]:
    """Users, posts and ties. `station` is deputy as well, so that switching posts can be shown."""
    county, city = (Area.objects.get(code=code) for code in (scenario.counties[0].code, scenario.city))
    own, other = (_station(network, code) for code in (scenario.account_station, scenario.other_station))
    made: dict[str, Account] = {}

    def account(username: str, name: str, role: str, area: Area, title: str) -> Post:
        user = User.objects.create_user(username, None, name=name)
        user.change_password(password)
        post = Post.objects.create(user=user, role=role, area=area, title=title, from_on=scenario.begun)
        made[username] = Account(username, f"{area.name} {title}", post)
        return post

    account("office", "刘敏", Role.OFFICE, county, "区人大代表工委干事")
    head = account("station", "王丽", Role.STATION, own.area, f"{own.name}站长")
    deputy = account("deputy", "张建国", Role.DEPUTY, own.area, "区人大代表")
    account("unit", "陈志强", Role.UNIT, county, "住房和城乡建设局办事员")
    account("auditor", "赵静", Role.AUDITOR, county, "审计人员")
    account("admin", "高伟", Role.ADMIN, county, "系统管理员")
    account("office-city", "郝建军", Role.OFFICE, city, "市人大代表工委干事")
    elsewhere = account("station-other", "任秀兰", Role.STATION, other.area, f"{other.name}站长")

    for post, station in ((head, own), (elsewhere, other)):
        StationStaff.objects.create(
            post=post,
            station=station,
            position=StationStaff.Position.HEAD,
            from_on=scenario.begun,
            created_at=moment(scenario.begun),
        )
    Post.objects.create(
        user=head.user, role=Role.DEPUTY, area=own.area, title="区人大代表", from_on=scenario.begun
    )
    for mandate, post in ((seats.head[0], head), (seats.on_duty[0], deputy)):
        mandate.deputy.user = post.user
        mandate.deputy.save(update_fields=["user"])
    return made


def _station(network: Network, code: str) -> Station:
    return next(town.station for town in network.towns if town.area.code == code)


def lines(accounts: dict[str, Account]) -> list[str]:
    return [
        f"  {account.username:<15}{account.what}（{account.post.user.name}）" for account in accounts.values()
    ]
