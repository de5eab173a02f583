"""The invented people and statements of the demonstration: the same each time, varied, believable in form."""

import random
import re
from collections import Counter
from datetime import date

import pytest

from liaison.demo import names
from liaison.demo.statements import CATEGORIES, TOPICS, alike, phrases, statement

pytestmark = pytest.mark.once

TODAY = date(2026, 11, 11)


def many(make, count: int = 5000, seed: int = 11) -> list:
    rng = random.Random(seed)
    return [make(rng) for _ in range(count)]


def some_deputy(rng: random.Random) -> names.Deputy:
    return names.deputy(rng, level=rng.choice(names.LEVELS), on=TODAY)


def some_citizen(rng: random.Random) -> names.Citizen:
    return names.citizen(rng, on=TODAY, rural=rng.random() < 0.5)


@pytest.fixture(scope="module")
def called() -> list[str]:
    """What 30,000 people are called. Who they are besides would take much longer to make up."""

    def some_name(rng: random.Random) -> str:
        sex = rng.choice((names.MALE, names.FEMALE))
        return names.personal_name(rng, sex, rng.randint(1950, 2000), names.ethnic_group(rng))

    return many(some_name, 30_000)


def some_statement(rng: random.Random) -> tuple[str, str]:
    return statement(rng, rng.choice(CATEGORIES))


def distinct(values: list) -> float:
    return len(set(values)) / len(values)


# --- The same every time ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "make",
    [some_deputy, some_citizen, some_statement, names.village, names.estate, names.address, names.phone],
)
def test_the_same_seed_makes_the_same_and_another_seed_makes_another(make):
    assert many(make, 200) == many(make, 200)
    assert many(make, 200) != many(make, 200, seed=12)


# --- People -----------------------------------------------------------------------------------------------------------


def test_names_of_people_are_varied():
    assert distinct([citizen.name for citizen in many(some_citizen)]) >= 0.9
    assert distinct([deputy.name for deputy in many(some_deputy)]) >= 0.9


def test_names_of_people_are_as_long_as_names_are(called):
    lengths = Counter(len(name) for name in called)

    assert min(lengths) == 2
    assert max(lengths) <= 15
    assert sum(lengths[length] for length in (2, 3)) > 0.98 * lengths.total()


def test_every_name_fits_in_fifteen_characters_and_some_name_fills_them():
    given = [name for by_sex in names.UYGHUR.values() for name in by_sex.split()]
    longest = max(len(f"{name}·{father}") for name in given for father in names.UYGHUR_FATHERS)

    assert longest == 15


def test_there_are_compound_surnames_rare_characters_and_names_of_other_peoples(called):
    found = " ".join(called)

    for surname in ("令狐", "欧阳", "皇甫"):
        assert surname in found
    for character in "㛃䶮𬭼𫖯·":
        assert character in found


def test_the_common_surnames_are_common(called):
    first = Counter(name[0] for name in called)

    assert {name for name, _ in first.most_common(3)} == {"王", "李", "张"}


@pytest.mark.parametrize("sex", [names.MALE, names.FEMALE])
def test_the_generations_are_called_otherwise(sex):
    rng = random.Random(1)
    old, young = ({names.given_name(rng, sex, born) for _ in range(3000)} for born in (1950, 2000))

    assert len(old & young) < 0.1 * len(old | young)


def test_a_deputy_is_of_age_and_has_an_occupation_a_party_and_schooling():
    for deputy in many(some_deputy):
        assert 18 <= (TODAY - deputy.born_on).days // 365 <= 70
        assert all((deputy.ethnicity, deputy.party, deputy.education, deputy.occupation, deputy.employer))
        assert len(deputy.employer) <= 20
        assert "{" not in deputy.employer
        if deputy.employer.endswith(("党支部", "党委")):
            assert deputy.party == "中共"


def test_deputies_of_townships_work_on_the_land_oftener_than_those_above():
    def farmers(level: str) -> int:
        found = many(lambda rng: names.deputy(rng, level=level, on=TODAY), 2000)
        return sum(deputy.occupation == "农民" for deputy in found)

    assert farmers("乡") > 2 * farmers("市")


def test_deputies_work_at_many_kinds_of_places():
    deputies = many(some_deputy)

    assert len({deputy.occupation for deputy in deputies}) == len(names.TRADES)
    assert len({(deputy.employer, deputy.duty) for deputy in deputies}) > 1000


# --- Telephones and places --------------------------------------------------------------------------------------------


def test_telephones_look_right_and_belong_to_nobody():
    assert all(re.fullmatch(r"1540\d{7}", number) for number in many(names.phone))
    assert all(
        re.fullmatch(r"0355-000\d{4}", names.office_phone(random.Random(n), "0355")) for n in range(50)
    )
    assert distinct(many(names.phone)) > 0.99


def test_villages_are_many_and_called_like_villages():
    villages = many(names.village)

    assert len(set(villages)) > 1000
    assert all(re.fullmatch(r"\w{2,5}村", village) for village in villages)


def test_estates_are_many():
    assert len(set(many(names.estate))) > 250


# --- Statements -------------------------------------------------------------------------------------------------------


def test_there_are_24_categories():
    assert (
        " ".join(CATEGORIES) == "供暖 物业 道路 停车 环境 土地 医保社保 教育 供水 供电 燃气 就业 养老 医疗 "
        "住房 公交 治安 噪音 垃圾 农业 水利 扶贫补助 文化体育 其他"
    )


def test_statements_are_varied():
    statements = many(some_statement)

    assert distinct([text for _, text in statements]) >= 0.9
    assert len({title for title, _ in statements}) > 2000


@pytest.mark.parametrize("category", CATEGORIES)
def test_each_category_has_more_than_220_texts_of_sane_length(category):
    statements = many(lambda rng: statement(rng, category), 1000)

    assert len({text for _, text in statements}) >= 900
    assert all(4 <= len(title) <= 22 for title, _ in statements)
    assert all(10 <= len(text) <= 120 for _, text in statements)
    assert all(text.endswith(("。", "？")) for _, text in statements)
    assert not any(brace in title + text for title, text in statements for brace in "{}")


@pytest.mark.parametrize("category", CATEGORIES)
def test_each_category_has_six_short_phrases(category):
    assert len(set(phrases(category))) == 6
    assert all(2 <= len(phrase) <= 8 for phrase in phrases(category))


def test_every_sentence_can_be_told():
    """No template names a detail that nobody makes."""
    rng = random.Random(3)
    for category in CATEGORIES:
        issues = TOPICS[category].issues
        told = "".join(text for _ in range(1500) for text in statement(rng, category))
        for issue in issues:
            for sentence in issue.said + issue.then:
                longest = max(re.split(r"\{\w+\}", sentence), key=len)
                assert longest in told


def test_a_title_and_its_text_speak_of_the_same_place():
    title, text = statement(random.Random(2), "物业", estate="翠湖花园")

    assert title.startswith("翠湖花园")
    assert "翠湖花园" in text


def test_the_country_speaks_of_other_things_than_the_town():
    rng = random.Random(4)

    assert all("上寨村" in "".join(statement(rng, "环境", rural=True, village="上寨村")) for _ in range(50))
    assert not any(
        "上寨村" in "".join(statement(rng, "环境", rural=False, village="上寨村")) for _ in range(50)
    )


def test_several_people_may_say_the_same_in_other_words():
    told = alike(random.Random(6), "供水", 8, estate="翠湖花园", village="上寨村")

    assert len({text for _, text in told}) >= 6
    assert len({re.sub(r"\d+号楼", "", title) for title, _ in told}) == 1
