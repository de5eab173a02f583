"""Who sees which deputy, how one is found, and what is shown of contact data."""

from datetime import date

import pytest
from django.urls import reverse

from deputies.models import Level
from tests import factories as f

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def url(name, *args):
    return reverse(f"deputies:{name}", args=args)


@pytest.fixture
def placed(people):
    """One deputy more at the point below, and one at the station of the neighbouring township."""

    def deputy(name, station):
        mandate = f.MandateFactory(deputy=f.DeputyFactory(name=name), area=station.area)
        f.AssignmentFactory(mandate=mandate, station=station)
        return mandate.deputy

    people.at_child = deputy("单小点", people.child)
    people.at_sibling = deputy("解旁", people.sibling)
    return people


# fmt: off
SEEN = {
    # who               own    child  sibling other
    "office":          (True,  True,  True,  False),
    "office_city":     (True,  True,  True,  True),
    "office_other":    (False, False, False, True),
    "station":         (True,  True,  False, False),
    "station_child":   (False, True,  False, False),
    "station_sibling": (False, False, True,  False),
    "station_other":   (False, False, False, True),
    "deputy":          (True,  False, False, False),
    "deputy_other":    (False, False, False, True),
    "auditor":         (True,  True,  True,  False),
    "auditor_other":   (False, False, False, True),
    "admin":           (True,  True,  True,  False),
}
# fmt: on


@pytest.mark.parametrize("who", SEEN)
def test_who_sees_which_deputy(as_, placed, who):
    client = as_(getattr(placed, who))
    rows = client.get(url("list")).content.decode()
    things = (placed.deputy.deputy, placed.at_child, placed.at_sibling, placed.deputy_other.deputy)
    for deputy, seen in zip(things, SEEN[who], strict=True):
        assert client.get(url("detail", deputy.pk)).status_code == (200 if seen else 404), deputy
        assert (f'href="{url("detail", deputy.pk)}"' in rows) is seen, deputy


def test_a_department_has_no_business_here(as_, people):
    client = as_(people.unit)
    assert client.get(url("list")).status_code == 403
    assert client.get(url("detail", people.deputy.deputy.pk)).status_code == 403


@pytest.mark.parametrize(
    ("who", "in_full", "masked"),
    [
        ("office", True, True),
        ("station", True, True),
        ("auditor", False, False),
        ("admin", False, False),
        ("deputy", True, False),
        ("deputy_colleague", False, False),
    ],
)
def test_a_phone_is_for_those_who_work_with_the_deputy(as_, people, who, in_full, masked):
    people.deputy.deputy.amend(by=people.office, card_no="DB-0007", birth=date(1970, 5, 1))
    client = as_(getattr(people, who))
    rows = client.get(url("list")).content.decode()
    assert "13900001234" not in rows
    assert ("139****1234" in rows) is masked
    page = client.get(url("detail", people.deputy.deputy.pk)).content.decode()
    assert ("13900001234" in page) is in_full
    assert ("DB-0007" in page) is in_full
    assert ("1970年5月" in page) is in_full


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("单", "单雄信"),
        ("shan", "单雄信"),
        ("shanxx", ""),
        ("sxx", "单雄信"),
        ("SXX", "单雄信"),
        ("xiezhen", "解珍"),
        ("xz", "解珍"),
        ("买买提", "阿依努尔·买买提"),
        ("𬭎", "王𬭎"),
        ("%_", ""),
        ("长" * 31, ""),
        ("\x00", "*"),
    ],
)
def test_a_deputy_is_found_by_name_sound_and_initials(as_, people, typed, found):
    for name in ("单雄信", "解珍", "王𬭎"):
        f.MandateFactory(deputy=f.DeputyFactory(name=name), area=people.town)
    page = as_(people.office_city).get(url("list"), {"text": typed}).context["page"]
    names = [row.name for row in page]
    assert (len(names) == 6) if found == "*" else names == ([found] if found else [])


def test_the_list_can_be_narrowed_by_one_and_the_same_mandate(as_, placed):
    someone = f.DeputyFactory(name="赵两职")
    high = f.CongressFactory(name="市人民代表大会", level=Level.CITY)
    f.MandateFactory(deputy=someone, area=placed.town, term__congress=high)
    low = f.MandateFactory(deputy=someone, area=placed.sibling.area)
    group = f.GroupFactory(area=placed.county)
    f.AssignmentFactory(mandate=low, station=placed.sibling, group=group)
    client = as_(placed.office)

    def found(**query):
        return {row.name for row in client.get(url("list"), query).context["page"]}

    assert found(level="CITY") == {"赵两职"}
    assert found(station="PC02") == {"赵两职", "解旁"}
    assert found(station="北关街道联络站（PC02）") == {"赵两职", "解旁"}
    assert found(station="YZ01") == set()
    assert found(level="CITY", station="PC02") == set()
    assert found(area="140213001") == {"赵两职", "张建国", "李秀英", "单小点"}
    assert found(area="140213002", level="COUNTY") == {"赵两职", "解旁"}
    assert found(group=group.pk) == {"赵两职"}
    assert found(group="x") == set()
    assert found(on="1900-01-01") == set()
    assert len(found(on="2100-12-31")) == 5
    assert found(on="2023-02-30") == set()
    assert found(level="KING") == set()


def test_levels_and_stations_of_a_person_stand_in_one_row(as_, people):
    person = people.deputy.deputy
    high = f.CongressFactory(name="市人民代表大会", level=Level.CITY)
    seat = f.MandateFactory(deputy=person, area=people.town, term__congress=high, constituency="平城区")
    f.AssignmentFactory(mandate=seat, station=people.other)
    rows = as_(people.office).get(url("list"), {"text": "zjg"}).content.decode()
    assert rows.count(f'href="{url("detail", person.pk)}"') == 1
    assert "县、市" in rows
    assert "西坪镇联络站" in rows
    assert "/stations/YZ01/" not in rows  # out of sight: named, not linked


def test_a_long_list_costs_as_many_questions_as_a_short_one(as_, people, django_assert_max_num_queries):
    for _ in range(20):
        f.AssignmentFactory(mandate=f.MandateFactory(area=people.town), station=people.own)
    client = as_(people.office)
    client.get(url("list"))
    with django_assert_max_num_queries(15):
        client.get(url("list"))
    with django_assert_max_num_queries(11):
        client.get(url("list") + "?station=PC01", headers={"HX-Request": "true"})


def test_a_list_inside_another_page_turns_its_own_pages(as_, people):
    for _ in range(55):
        f.AssignmentFactory(mandate=f.MandateFactory(area=people.town), station=people.own)
    client = as_(people.office)
    piece = client.get(url("list") + "?station=PC01", headers={"HX-Request": "true"})
    assert "<h1" not in piece.content.decode()
    assert piece.context["page"].next.startswith("/deputies/?")
    second = client.get(piece.context["page"].next)
    assert len(second.context["page"]) == 57 - 50


# --- A deputy's own page ---


def test_a_deputy_keeps_phone_and_consent(as_, people):
    client, deputy = as_(people.deputy), people.deputy.deputy
    page = client.get(url("me"))
    assert "南关街道联络站" in page.content.decode()
    sent = {"phone": "１３９ ００００ ５５２１", "consent": ["employer", "duty"], "version": deputy.version}
    assert client.post(url("me"), sent | {"name": "改名", "card_no": "X1"}).status_code == 302
    deputy.refresh_from_db()
    assert (deputy.phone, deputy.consent, deputy.name, deputy.card_no) == (
        "13900005521",
        ["employer", "duty"],
        "张建国",
        None,
    )
    assert client.post(url("me"), sent | {"consent": ["phone"]}).status_code == 422
    stale = client.post(url("me"), sent | {"phone": "13900005522"})
    assert stale.status_code == 409
    short = client.post(url("me"), sent | {"phone": "139", "version": deputy.version})
    assert short.status_code == 422
    assert "少了 8 位" in short.content.decode()


def test_an_account_without_a_deputy_is_told_what_to_do(as_, people):
    post = f.PostFactory(role="DEPUTY", area=people.town)
    assert "还没有和代表资料连上" in as_(post).get(url("me")).content.decode()


@pytest.mark.parametrize("who", ["office", "station", "auditor", "unit", "admin"])
def test_others_have_no_page_of_their_own_here(as_, people, who):
    assert as_(getattr(people, who)).get(url("me")).status_code == 403
