"""The numbers of each scenario. Where a seed publishes a total, it stands here and the data adds up to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

TEN_MONTHS = date(2023, 1, 1), date(2023, 10, 31)  # of which Datong and Luzhou reported
CITY = "140200000000"
ACCOUNT_STATION = "140213052000"
OTHER_STATION = "140215100000"


@dataclass(frozen=True)
class County:
    """One county: how many sites and mandates it has, and where its places lie."""

    code: str
    initials: str  # of its sites' codes: PC03
    middle: tuple[float, float]  # longitude, latitude
    seat: str  # the township where the county's own home of deputies stands
    mandates: dict[str, int]  # by level; TOWNSHIP: of all its towns and townships together
    points: int
    stations: int = 0  # second stations of large sub-districts
    only: str = ""  # just this township of the county
    opened_on: date | None = None  # its sites and mandates all begin on this day; None: each on its own
    trunk: str = "0352"  # of the telephones of its offices


@dataclass(frozen=True)
class Handled:
    """How far the requests of a scenario's history came by its end: the figures of `requests.*` (docs/decisions/0014)."""

    dispatched: int
    accepted: int
    followed: int
    replied: int
    fed_back: int
    rated: int
    satisfied: int
    closed: int
    rated_not_closed: int = 0
    on_spot: int = 0
    not_accepted: int = 0
    withdrawn: int = 0


@dataclass(frozen=True)
class Scenario:
    name: str
    counties: Sequence[County]  # the first is that of the accounts
    received: int  # people received in the history
    requests: int  # of them, requests registered for dispatch
    handled: Handled
    months_before: int  # months of receptions before the present one
    history: tuple[date, date] = TEN_MONTHS  # the days whose totals are published
    activities: int = 0  # of all kinds, closed in the history; 0: as it happens
    livelihood: int = 0  # requests solved in the history: results.livelihood; 0: as it happens
    city_home: bool = False
    city_suggestions: bool = False  # what Datong reported of its stations and of its congress
    professional: int = 0  # deputies in the seven professional groups
    training: int = 0  # new deputies trained at the city's home
    contact_points: int = 2  # where opinions on drafts are taken down
    opinions: int = 12  # on the draft of 2023
    present: int = 0  # deputies who came at least once in the history; 0: as it happens
    one_mandate_each: bool = False
    former_terms: bool = False  # the history begins in the terms before the present ones
    stations_opened: tuple[date, date] = date(2018, 3, 1), date(2021, 11, 30)
    begun: date = date(2022, 1, 1)  # staff and rules are there from this day
    points_with_rule: float = 0.16  # share of the points that receive people, four times a year
    assigned_from: date = date(2022, 3, 1)  # deputies belong to sites, in groups
    city_term: int = 16  # number of the present term of the city's congress
    words: Sequence[tuple[str, str]] = ()  # what is Datong's own, and what it is here
    initials: str = "DT"  # of the code of the city's home, and of the deputies' cards
    city: str = CITY
    account_station: str = ACCOUNT_STATION  # the township whose station the account `station` keeps
    other_station: str = OTHER_STATION

    def local(self, text: str) -> str:
        """`text` with the landmarks and crops of this place."""
        for word, here in self.words:
            text = text.replace(word, here)
        return text

    @property
    def trunk(self) -> str:
        """Of the telephones of its offices."""
        return self.counties[0].trunk

    @property
    def mandates(self) -> int:
        return sum(sum(county.mandates.values()) for county in self.counties)


def _levels(national: int, province: int, city: int, county: int, township: int) -> dict[str, int]:
    return {"NATIONAL": national, "PROVINCE": province, "CITY": city, "COUNTY": county, "TOWNSHIP": township}


# fmt: off
DATONG = Scenario(
    name="datong",
    counties=(
        #      code            initials  middle            seat            levels of mandates              points
        County("140213000000", "PC", (113.298, 40.076), "140213053000", _levels(2, 18, 98, 340, 0),    64, stations=3),
        County("140214000000", "YG", (113.150, 40.005), "140214002000", _levels(1, 10, 72, 272, 330),  62, stations=2),
        County("140212000000", "XR", (113.140, 40.256), "140212100000", _levels(0, 2, 22, 160, 400),   20),
        County("140215000000", "YZ", (113.612, 40.040), "140215100000", _levels(1, 5, 30, 190, 500),   28),
        County("140221000000", "YA", (113.749, 40.362), "140221100000", _levels(1, 6, 38, 230, 640),   40),
        County("140222000000", "TZ", (114.091, 40.421), "140222100000", _levels(0, 4, 30, 190, 600),   32),
        County("140223000000", "GL", (114.282, 39.760), "140223100000", _levels(0, 4, 28, 180, 480),   28),
        County("140224000000", "LQ", (114.234, 39.443), "140224100000", _levels(1, 5, 36, 215, 650),   36),
        County("140225000000", "HY", (113.692, 39.698), "140225100000", _levels(0, 5, 44, 270, 860),   46),
        County("140226000000", "ZY", (112.703, 40.013), "140226100000", _levels(0, 3, 22, 165, 440),   24),
    ),
    received=5801, requests=2017, months_before=1,
    handled=Handled(
        dispatched=1903, accepted=1871, followed=1790, replied=1700, fed_back=1640, rated=1470, satisfied=1411, closed=1548,
        rated_not_closed=32, on_spot=58, not_accepted=31, withdrawn=6,
    ),
    city_home=True, city_suggestions=True, professional=345, training=110,
    contact_points=6, opinions=42,
)
_FIVE_ORDERS = Handled(  # of 235, as a district of 66 sites published them; more than 98 % were content
    dispatched=235, accepted=230, followed=230, replied=214, fed_back=210, rated=205, satisfied=201, closed=202,
    rated_not_closed=5,
)
COUNTY = Scenario(
    name="county",
    counties=(
        County("140213000000", "PC", (113.298, 40.076), "140213053000", _levels(4, 22, 130, 430, 0),   46, stations=1),
        County("140215000000", "YZ", (113.612, 40.040), "140215100000", _levels(0, 0, 0, 0, 16),       1,
               only="140215100000"),
    ),
    received=658, requests=235, months_before=3, handled=_FIVE_ORDERS,
)
LUZHOU = Scenario(
    name="luzhou",
    counties=(
        County("140403000000", "LZ", (113.115, 36.195), "140403004000", _levels(2, 14, 96, 380, 120),  48, trunk="0355"),
        County("140404000000", "SD", (113.053, 36.052), "140404101000", _levels(0, 0, 0, 0, 16),       0,
               only="140404101000", opened_on=date(2024, 3, 1), trunk="0355"),  # in none of the figures of the history
    ),
    received=658, requests=235, months_before=3, handled=_FIVE_ORDERS, present=264, one_mandate_each=True,
    city="140400000000", account_station="140403004000", other_station="140404101000",
)
TAIYUAN = Scenario(
    name="taiyuan",
    counties=(
        County("140106000000", "YZ", (112.563, 37.863), "140106004000", _levels(2, 9, 44, 240, 60),    36, 1, trunk="0351"),
        County("140105000000", "XD", (112.565, 37.736), "140105006000", _levels(2, 11, 72, 330, 190),  62, 3, trunk="0351"),
        County("140107000000", "XH", (112.571, 37.894), "140107003000", _levels(2, 10, 48, 265, 58),   44, 2, trunk="0351"),
        County("140108000000", "JC", (112.487, 37.940), "140108001000", _levels(1, 6, 36, 230, 204),   50, 1, trunk="0351"),
        County("140109000000", "WB", (112.516, 37.859), "140109005000", _levels(2, 9, 52, 290, 0),     56, 2, trunk="0351"),
        County("140110000000", "JY", (112.478, 37.715), "140110003000", _levels(0, 4, 22, 175, 162),   27, trunk="0351"),
        County("140121000000", "QX", (112.358, 37.607), "140121100000", _levels(1, 5, 30, 210, 480),   48, trunk="0351"),
        County("140122000000", "YQ", (112.673, 38.058), "140122100000", _levels(0, 3, 14, 165, 400),   38, trunk="0351"),
        County("140123000000", "LU", (111.797, 38.068), "140123100000", _levels(0, 2, 12, 160, 278),   26, trunk="0351"),
        County("140181000000", "GJ", (112.176, 37.907), "140181002000", _levels(0, 3, 22, 185, 400),   38, trunk="0351"),
    ),
    received=16874, requests=5161, months_before=1,
    handled=Handled(
        dispatched=4702, accepted=4676, followed=4560, replied=4514, fed_back=4467, rated=4020, satisfied=3893, closed=4371,
        rated_not_closed=36, on_spot=318, not_accepted=88, withdrawn=21,
    ),
    history=(date(2020, 1, 1), date(2023, 10, 31)), activities=10557, livelihood=3500,
    city_home=True, former_terms=True, points_with_rule=0.3, city_term=15, initials="TY",
    stations_opened=(date(2016, 9, 1), date(2019, 9, 20)), begun=date(2019, 10, 8), assigned_from=date(2019, 10, 8),
    words=(
        ("塞上", "汾河"), ("云冈", "双塔"), ("长城脚下", "汾河岸边"), ("火山下", "西山下"), ("恒山", "天龙山"), ("黄花", "葡萄"),
    ),
    city="140100000000", account_station="140106005000", other_station="140121100000",
)
# fmt: on
SCENARIOS = {scenario.name: scenario for scenario in (COUNTY, DATONG, LUZHOU, TAIYUAN)}


def spread(total: int, weights: Sequence[float]) -> list[int]:
    """`total` shared out by weight in whole numbers that add up (largest remainders)."""
    whole = sum(weights)
    if not whole:
        return [0] * len(weights)
    exact = [total * weight / whole for weight in weights]
    shares = [int(share) for share in exact]
    remainders = sorted(range(len(weights)), key=lambda place: (shares[place] - exact[place], place))
    for place in remainders[: total - sum(shares)]:
        shares[place] += 1
    return shares
