"""履职要求: what counts for each, what is due by a day of whom, who is listed as behind, and who sees it."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from deputies.contacts.models import ContactLink, ContactRecord, Leader
from deputies.models import Level, Mandate
from liaison.core.models import PolicyVersion
from liaison.reports.quotas.progress import View, behind, of, own, serving, with_progress
from liaison.reports.quotas.table import QUOTAS, due, thresholds
from tests import factories as f
from visits.models import Activity

ON, OVER = date(2026, 10, 1), date(2026, 12, 31)
K, NONE = Activity.Kind, dict.fromkeys(QUOTAS, 0)


def came(mandate, station, day, kind=K.RECEPTION, state="PRESENT", **fields):
    activity = f.ActivityFactory(station=station, kind=kind, day=day, closed=True, **fields)
    return f.AttendanceFactory(activity=activity, mandate=mandate, state=state)


def progress(mandate, on=ON):
    [row] = with_progress(Mandate.objects.filter(pk=mandate.pk), None, on)
    return {quota.code: getattr(row, f"done_{quota.code}") for quota in QUOTAS.values()}


def listed(people, on=ON, area=None, codes=tuple(QUOTAS), post=None):
    quotas = [QUOTAS[code] for code in codes]
    view = View(area or people.city, on, post or people.office_city)
    rows = behind(with_progress(serving(view), view.area, on, quotas), quotas)
    return {row.deputy.name for row in rows}


@pytest.fixture
def rules(people):
    """Two receptions of every deputy of a county, and nothing else."""
    zero = {
        f"quota_{name}_{level.lower()}": 0
        for level in Level.values
        for name in ("activities", "days", "suggestions", "receptions")
    }
    zero |= {"quota_contacts": 0, "quota_committee": 0}
    values = zero | {"quota_receptions_county": 2}
    return PolicyVersion.objects.create(area=people.city, first_on=f.LONG_AGO, values=values)


# --- What counts ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("day", [date(2025, 12, 31), date(2026, 1, 1), ON, ON + timedelta(days=1)])
def test_the_days_of_the_year_up_to_the_day_count_and_no_others(people, day):
    mandate, inside = people.deputy.mandate, date(2026, 1, 1) <= day <= ON
    came(mandate, people.own, day)
    came(mandate, people.own, day, K.RESEARCH, days=Decimal("1.5"))
    link = ContactLink.objects.create(kind="VOTER", mandate=mandate, area=people.town, from_on=f.LONG_AGO)
    for _ in range(2):
        ContactRecord.objects.create(link=link, day=day, said="问了暖气")
    f.SuggestionFactory(lead=mandate, area=people.county, submitted_on=day, accepted_on=day, state="ACCEPTED")
    told = NONE | {
        "receptions": 1, "activities": 1, "days": Decimal("1.5"), "contacts": 1, "suggestions": 1, "committee": 1,
    }  # fmt: skip
    assert progress(mandate) == (told if inside else NONE)


@pytest.mark.parametrize("state", ["ABSENT", "LEAVE", "SUBSTITUTED", "CONFIRMED"])
def test_only_who_came_has_done_it(people, state):
    came(people.deputy.mandate, people.own, date(2026, 3, 11), state=state)
    assert progress(people.deputy.mandate) == NONE


def test_what_is_void_not_closed_or_not_taken_up_does_not_count(people):
    mandate, day = people.deputy.mandate, date(2026, 3, 11)
    f.AttendanceFactory(
        activity=f.ActivityFactory(station=people.own, day=day), mandate=mandate, state="PRESENT"
    )
    link = ContactLink.objects.create(kind="VOTER", mandate=mandate, area=people.town, from_on=f.LONG_AGO)
    ContactRecord.objects.create(link=link, day=day, said="问了暖气").void(by=people.station, note="记错了")
    f.SuggestionFactory(lead=mandate, area=people.county, submitted_on=day, accepted_on=None, state="LETTER")
    assert progress(mandate) == NONE


def test_what_a_person_did_counts_for_every_mandate_of_that_person(people):
    mandate = people.deputy.mandate
    city = f.MandateFactory(
        deputy=mandate.deputy,
        area=people.town,
        term__congress=f.CongressFactory(name="市大会", level=Level.CITY),
    )
    came(mandate, people.own, date(2026, 3, 11))
    assert progress(city)["receptions"] == progress(mandate)["receptions"] == 1


# --- What is due --------------------------------------------------------------------------------------------------------


@pytest.mark.once
@pytest.mark.parametrize(
    ("asked", "began", "on", "year", "by_day"),
    [
        (4, date(2020, 1, 1), date(2026, 1, 1), 4, 0),
        (4, date(2020, 1, 1), date(2026, 4, 1), 4, 0),
        (4, date(2020, 1, 1), date(2026, 4, 2), 4, 1),
        (4, date(2020, 1, 1), date(2026, 12, 30), 4, 3),
        (4, date(2020, 1, 1), OVER, 4, 4),
        (1, date(2020, 1, 1), date(2026, 12, 30), 1, 0),
        (1, date(2026, 1, 2), OVER, 1, 1),
        (1, date(2026, 7, 2), OVER, 1, 1),  # 183 of 365 days
        (1, date(2026, 7, 3), OVER, 0, 0),  # 182 of 365 days
        (2, date(2026, 7, 2), OVER, 1, 1),
        (4, date(2026, 10, 1), OVER, 1, 1),
        (4, date(2026, 10, 1), date(2026, 9, 30), 1, 0),
        (5, date(2027, 1, 1), OVER, 0, 0),
        (0, date(2020, 1, 1), OVER, 0, 0),
    ],
)  # fmt: skip
def test_who_took_office_during_the_year_owes_in_proportion(asked, began, on, year, by_day):
    assert due(asked, began, on) == (year, by_day)


@pytest.mark.once
@pytest.mark.parametrize("asked", [1, 2, 4, 5, 9])
@pytest.mark.parametrize("on", [date(2026, 1, 1), date(2026, 6, 30), ON, OVER, date(2024, 12, 31)])
def test_the_steps_say_what_the_formula_says(asked, on):
    for number in range(-3, (on - date(on.year, 1, 1)).days + 1):
        began = date(on.year, 1, 1) + timedelta(days=number)
        for by_day in (False, True):
            found = next((owed for day, owed in thresholds(asked, on, by_day) if began <= day), 0)
            assert found == due(asked, began, on)[by_day]


@pytest.mark.usefixtures("rules")
def test_who_is_behind_on_a_day_is_listed_and_nobody_else(people):
    came(people.deputy.mandate, people.own, date(2026, 3, 11))
    all_ = {people.deputy.deputy.name, people.deputy_colleague.deputy.name, people.deputy_other.deputy.name}
    others = all_ - {people.deputy.deputy.name}
    assert listed(people, on=date(2026, 6, 30)) == set()
    assert listed(people, on=ON) == others
    assert listed(people, on=OVER) == all_
    assert listed(people, on=ON, area=people.county) == {people.deputy_colleague.deputy.name}
    Mandate.objects.filter(pk=people.deputy_other.mandate.pk).update(from_on=date(2026, 9, 1))
    Mandate.objects.filter(pk=people.deputy_colleague.mandate.pk).update(suspended_on=ON)
    assert listed(people, on=ON) == set()
    Mandate.objects.filter(pk=people.deputy_colleague.mandate.pk).update(
        suspended_on=None, to_on=ON - timedelta(days=1)
    )
    assert listed(people, on=ON) == set()


def test_how_much_is_asked_is_a_rule_of_the_place_and_the_level(people, rules):
    PolicyVersion.objects.create(
        area=people.county,
        first_on=date(2026, 3, 1),
        values={"quota_receptions_county": 3, "quota_receptions_city": 7},
    )
    years = {}
    for row in with_progress(Mandate.objects.all(), people.city, ON):
        years[row.deputy.name] = {p.quota.code: p.year for p in of(row)}
    assert years[people.deputy.deputy.name] == {"receptions": 3}
    assert years[people.deputy_other.deputy.name] == {"receptions": 2}


def test_more_is_asked_of_who_sits_in_a_standing_committee(people, rules):
    rules.values["quota_committee"] = 2
    rules.save()
    Leader.objects.create(
        area=people.county, rank="MEMBER", mandate=people.deputy.mandate, duty="委员", from_on=f.LONG_AGO
    )
    assert listed(people, codes=["committee"]) == {people.deputy.deputy.name}
    came(people.deputy.mandate, people.own, date(2026, 5, 1), K.VISIT)
    assert listed(people, codes=["committee"]) == set()


def test_of_several_mandates_the_one_that_asks_most_is_shown_to_the_deputy(people, rules):
    rules.values["quota_receptions_city"] = 4
    rules.save()
    city = f.CongressFactory(name="市大会", level=Level.CITY)
    f.MandateFactory(deputy=people.deputy.deputy, area=people.town, term__congress=city)
    [one] = own(people.deputy, ON)
    assert (one.quota.code, one.year) == ("receptions", 4)


# --- Pages ----------------------------------------------------------------------------------------------------------------


@pytest.mark.once
def test_a_deputy_sees_the_own_progress_with_its_records_and_nobody_else_s(people, as_, rules):
    came(people.deputy.mandate, people.own, date(2025, 3, 11))
    came(people.deputy_colleague.mandate, people.own, date(2025, 4, 11))
    browser = as_(people.deputy)
    page = browser.get("/quotas/?year=2025").content.decode()
    assert "已做 1 次" in page
    assert "还差 1 次" in page
    assert people.deputy_colleague.deputy.name not in page
    rows = browser.get("/quotas/receptions/?on=2025-12-31").context["page"]
    assert [row.mandate for row in rows] == [people.deputy.mandate]
    other = people.deputy_colleague.deputy.pk
    assert browser.get(f"/quotas/receptions/?on=2025-12-31&deputy={other}").status_code == 404
    assert 'href="/quotas/"' in browser.get("/deputies/me/").content.decode()


@pytest.mark.usefixtures("rules")
def test_the_list_shows_excused_apart_and_says_nothing_of_places(people, as_):
    colleague = people.deputy_colleague
    came(colleague.mandate, people.own, date(2025, 3, 11), state="LEAVE")
    came(colleague.mandate, people.own, date(2025, 4, 11), state="ABSENT")
    page = as_(people.office).get("/quotas/?on=2025-12-31")
    line = next(line for line in page.context["lines"] if line["mandate"] == colleague.mandate)
    assert (line["due"], line["leave"], line["absent"]) == (1, 1, 1)
    keys = [(line["mandate"].area_path, line["mandate"].pk) for line in page.context["lines"]]
    assert keys == sorted(keys)
    everybody = as_(people.office).get("/quotas/?on=2025-12-31&show=all&level=CITY")
    assert everybody.context["lines"] == []


def test_a_desk_opens_the_records_of_a_deputy_in_sight_alone(people, as_):
    came(people.deputy.mandate, people.own, date(2025, 3, 11))
    came(people.deputy.mandate, people.other, date(2025, 4, 11))
    asked = f"deputy={people.deputy.deputy.pk}&on=2025-12-31"
    page = as_(people.office).get(f"/quotas/receptions/?{asked}")
    assert (len(page.context["page"]), page.context["hidden"]) == (1, 1)
    assert as_(people.office_other).get(f"/quotas/receptions/?{asked}").status_code == 404
    assert as_(people.office).get(f"/quotas/nothing/?{asked}").status_code == 404
    assert as_(people.office).get("/quotas/?area=140215").status_code == 404
    for quota in QUOTAS:
        assert as_(people.office).get(f"/quotas/{quota}/?{asked}").status_code == 200


@pytest.mark.once
@pytest.mark.usefixtures("rules")
def test_the_number_of_statements_does_not_grow_with_the_deputies(people, as_, django_assert_max_num_queries):
    browser = as_(people.office)
    for count in (2, 30):
        for _ in range(count):
            f.MandateFactory(area=people.town, term__congress=f.CongressFactory(name="COUNTY人民代表大会"))
        with django_assert_max_num_queries(15):
            assert len(browser.get("/quotas/?on=2025-12-31").context["page"]) >= count


@pytest.mark.once
@pytest.mark.usefixtures("rules")
def test_rest_tells_what_the_page_tells(people, as_):
    came(people.deputy.mandate, people.own, date(2025, 3, 11))
    office = as_(people.office)
    told = office.get("/api/v1/quotas/?on=2025-12-31").json()["results"]
    row = next(row for row in told if row["name"] == people.deputy.deputy.name)
    [quota] = row["quotas"]
    assert {k: quota[k] for k in ("quota", "done", "due", "year", "behind")} == {
        "quota": "receptions", "done": "1", "due": 2, "year": 2, "behind": True,
    }  # fmt: skip
    assert len(office.get(quota["records"]).json()["results"]) == 1
    assert as_(people.deputy).get("/api/v1/quotas/").status_code == 403
    mine = as_(people.deputy).get("/api/v1/quotas/receptions/records/?on=2025-12-31").json()["results"]
    assert len(mine) == 1


@pytest.mark.once
@pytest.mark.usefixtures("rules")
def test_the_file_holds_what_the_page_shows(people, as_):
    from io import BytesIO

    from openpyxl import load_workbook

    came(people.deputy.mandate, people.own, date(2025, 3, 11))
    answer = as_(people.office).post("/exports/quotas/", {"on": "2025-12-31"}, follow=True)
    sheet = load_workbook(BytesIO(b"".join(answer.streaming_content))).active
    head, *rows = sheet.iter_rows(min_row=3, values_only=True)
    found = {row[0]: dict(zip(head, row, strict=True)) for row in rows}
    mine = found[people.deputy.deputy.name]
    assert (mine["进站接待"], mine["进站接待全年要求"], mine["调研视察"], mine["请假"]) == (1, 2, None, 0)
    assert len(found) == 2
