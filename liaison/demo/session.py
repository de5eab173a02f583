"""The city's congress in session: one motion and 210 suggestions, ten of them made key, all assigned and answered.

As many as Datong's congress had at its third session, in March 2023. The ten months of that year count 120 pieces with 437
items, which the city reported of its stations; so that each of the two published totals can be read by itself, the session
is the one of this year's March (of last year's, until its pieces can be through).
"""

import random
from collections.abc import Iterator
from datetime import date, timedelta

from deputies.models import CongressSession, Mandate, Term
from liaison.accounts.models import Area, Post

from .record import Numbers, Trail
from .scenarios import Scenario
from .suggestions import LATE, K, Maker, S, Wanted, city_deputies

SUGGESTIONS, KEY = 210, 10
FIRST_DAY, LAST_DAY = (3, 19), (3, 22)
THROUGH = (9, 1)  # by this day all are answered, and marked
FIRST_OF_TERM = 2021
RURAL, URBAN = (2, 4, 5, 6, 9, 10, 11, 12, 13), (0, 1, 2, 3, 6, 7, 8, 9, 10, 11, 12)
ABOUT_PROPERTY = 1  # of the topics, that of the motion
SIGNERS = 11  # beside the lead; ten in all are enough


def build(
    scenario: Scenario,
    accounts: dict[str, Post],
    clerks: dict[int, Post],
    *,
    today: date,
    numbers: Numbers,
    trail: Trail,
) -> None:
    year = today.year if today >= date(today.year, *THROUGH) else today.year - 1
    if not scenario.city_suggestions or date(year, *FIRST_DAY) <= scenario.history[1]:
        return
    city = Area.objects.get(code=scenario.city)
    term = Term.objects.get(congress__area=city)
    session = CongressSession.objects.create(
        term=term,
        number=year - FIRST_OF_TERM + 1,
        from_on=date(year, *FIRST_DAY),
        to_on=date(year, *LAST_DAY),
    )
    rng = random.Random(f"{scenario.name} session")
    maker = Maker(scenario, city, accounts["office-city"], clerks, today, numbers, trail)
    by_county = city_deputies(term)
    maker.make([_motion(rng, by_county, session), *_suggestions(rng, by_county, session, today)])


def _motion(rng: random.Random, by_county: dict[Area, list[Mandate]], session: CongressSession) -> Wanted:
    everybody = [mandate for mandates in by_county.values() for mandate in mandates]
    lead, *others = rng.sample(everybody, SIGNERS + 1)
    return Wanted(
        ABOUT_PROPERTY, "全市", lead, S.ARCHIVED, session.from_on, others, session, kind=K.MOTION, slow=20, published=True
    )  # fmt: skip


def _suggestions(
    rng: random.Random, by_county: dict[Area, list[Mandate]], session: CongressSession, today: date
) -> Iterator[Wanted]:
    towns = Area.objects.filter(parent__in=by_county, level=Area.Level.TOWNSHIP, active=True)
    pairs = [
        (town, topic)
        for town in towns.select_related("parent").order_by("path")
        for topic in (URBAN if town.name.endswith("街道") else RURAL)
    ]
    for number, (town, topic) in enumerate(rng.sample(pairs, SUGGESTIONS)):
        lead, *others = rng.sample(by_county[town.parent], 4)
        later = rng.random() < 0.12
        yield Wanted(
            topic,
            town.name,
            lead,
            S.TRACKING if later else S.ARCHIVED,
            session.from_on + timedelta(days=rng.randrange(2)),
            others[: rng.choice((0, 0, 1, 2, 3))],
            session,
            items=rng.choice((2, 3, 3, 4)),
            answer=rng.choices("BC", (3, 1))[0] if later else rng.choices("AD", (9, 1))[0],
            promised=date(today.year + 1, 6, 30) if later else None,
            key=number % (SUGGESTIONS // KEY) == 8,
            key_by="大会议案审查委员会",
            praised=number % 30 == 4,
            helped=rng.random() < 0.2,
            published=rng.random() < 0.25,
            slow=LATE if number in (40, 110, 180) else rng.randrange(-14, 38),
            again=not later and number % 35 == 6,
            unmet=number % 45 == 17,
        )
