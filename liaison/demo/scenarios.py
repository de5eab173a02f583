"""The numbers of each scenario. Where a seed publishes a total, it stands here and the data adds up to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

HISTORY = date(2023, 1, 1), date(2023, 10, 31)  # the ten months that the city reported
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
    """How far the requests of HISTORY came by its end: the figures of `requests.*` (docs/decisions/0014)."""

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
    received: int  # people received in HISTORY
    requests: int  # of them, requests registered for dispatch
    handled: Handled
    months_before: int  # months of receptions before the present one
    city_home: bool = False
    professional: int = 0  # deputies in the seven professional groups
    training: int = 0  # new deputies trained at the city's home
    contact_points: int = 2  # where opinions on drafts are taken down
    opinions: int = 12  # on the draft of 2023
    present: int = 0  # deputies who came at least once in HISTORY; 0: as it happens
    one_mandate_each: bool = False
    city: str = CITY
    account_station: str = ACCOUNT_STATION  # the township whose station the account `station` keeps
    other_station: str = OTHER_STATION

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
    city_home=True, professional=345, training=110,
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
               only="140404101000", opened_on=date(2024, 3, 1), trunk="0355"),  # in none of the figures of HISTORY
    ),
    received=658, requests=235, months_before=3, handled=_FIVE_ORDERS, present=264, one_mandate_each=True,
    city="140400000000", account_station="140403004000", other_station="140404101000",
)
# fmt: on
SCENARIOS = {scenario.name: scenario for scenario in (COUNTY, DATONG, LUZHOU)}


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
