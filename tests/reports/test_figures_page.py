"""The board of figures and the lists behind them: who may ask for what, and what is shown."""

import re
from datetime import date
from html import unescape

import pytest

from liaison.accounts.areas import load_nation
from liaison.accounts.models import Area
from liaison.reports.metrics import METRICS
from tests import factories as f
from visits.workflow import AttendanceState

pytestmark = pytest.mark.once

PERIOD = {"from": "2023-09-01", "to": "2023-09-30"}
IN = date(2023, 9, 11)


@pytest.fixture
def visit(people):
    activity = f.ActivityFactory(station=people.own, day=IN, closed=True)
    f.AttendanceFactory(activity=activity, mandate=people.deputy.mandate, state=AttendanceState.PRESENT)
    visit = f.VisitFactory(activity=activity, headcount=3, number="JD20230911-001")
    f.VisitorFactory(visit=visit, name="田秀兰", phone="13900005521")
    return visit


def test_who_may_ask_for_the_figures_of_which_area(as_, people):
    for who, area, status in (
        ("office", "140213", 200),
        ("office", "140213001000", 200),
        ("office", "1402", 404),
        ("office", "140215", 404),
        ("office", "999999", 404),
        ("office_city", "140215", 200),
        ("auditor", "140213", 200),
        ("auditor_other", "140213", 404),
        ("station", "140213001", 200),
        ("station", "140213", 404),
        ("station_sibling", "140213001", 404),
        ("deputy", "140213001", 403),
        ("unit", "140213", 403),
        ("admin", "140213", 403),
    ):
        client = as_(getattr(people, who))
        for address in ("/figures/", "/figures/activity.visitors/"):
            answer = client.get(address, {"area": area} | PERIOD)
            assert answer.status_code == status, (who, area, address)


def test_a_page_of_a_wide_area_does_not_wait_for_what_takes_seconds(as_, people, visit):
    load_nation()
    post = f.PostFactory(role="OFFICE", area=Area.objects.get(path=""))
    client, slow = as_(post), "activity.deputies_present"
    page = client.get("/figures/", PERIOD)
    assert [code for code in METRICS if f"/figures/{code}/number/?" in page.content.decode()] == [
        "network.persons", "network.assigned", "activity.deputies_present", "requests.overdue",
    ]  # fmt: skip
    address = re.search(rf'hx-get="(/figures/{slow}/number/[^"]*)"', page.content.decode()).group(1)
    address = unescape(address)

    number = client.get(address, headers={"HX-Request": "true"})
    assert ">1</a><small> 人</small>" in number.content.decode()
    assert client.get(address).url == address.replace("number/", "")

    board = client.get("/board/", PERIOD).content.decode()
    address = unescape(re.search(r'hx-get="(/board/later/[^"]*)"', board).group(1))
    later = client.get(address, headers={"HX-Request": "true"}).content.decode()
    for words in ("没有代表的站点", "点地名看当地的看板"):
        assert words in later
        assert words not in board
    assert client.get(address).url == address.replace("later/", "")
    assert (
        "/board/later/" in client.get("/board/", {"from": "2001-01-01", "to": "2001-01-31"}).content.decode()
    )
    assert "/board/later/" not in client.get("/board/", PERIOD | {"station": "PC01"}).content.decode()
    assert "number/" in client.get("/figures/", PERIOD | {"area": "14"}).content.decode()
    assert "number/" not in as_(people.office_city).get("/figures/", PERIOD).content.decode()


def test_each_figure_leads_to_the_list_of_its_records(as_, people, visit):
    page = as_(people.office).get("/figures/", PERIOD)

    for code in METRICS:
        assert (
            f"/figures/{code}/?area=140213000000&amp;from=2023-09-01&amp;to=2023-09-30"
            in page.content.decode()
        )
    assert page.content.decode().count("怎么算的") == len(METRICS)


def test_every_list_opens_and_none_names_a_visitor(as_, people, visit):
    client = as_(people.office)
    for code in METRICS:
        page = client.get(f"/figures/{code}/", PERIOD)

        assert page.status_code == 200, code
        assert "田秀兰" not in page.content.decode(), code
        assert "5521" not in page.content.decode(), code
        assert "暖气" not in page.content.decode().replace("供暖", ""), code


def test_a_visit_in_the_list_is_shown_by_its_number_and_heads(as_, people, visit):
    page = as_(people.office).get("/figures/activity.visitors/", PERIOD).content.decode()

    assert "JD20230911-001" in page
    assert "接待群众 3 人次" in page


def test_without_a_period_the_year_so_far_is_shown(as_, people):
    form = as_(people.office).get("/figures/").context["form"]

    assert form.cleaned_data["area"] == people.county
    assert form.cleaned_data["first"] == date(date.today().year, 1, 1)
    assert form.cleaned_data["last"] == date.today()


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"from": "2023-09-30", "to": "2023-09-01"}, "结束日期不能早于开始日期"),
        ({"from": "昨天", "to": "2023-09-01"}, "有 1 处要改"),
    ],
)
def test_a_wrong_period_is_answered_with_a_sentence_and_no_figure(as_, people, query, sentence):
    for address in ("/figures/", "/figures/activity.visitors/"):
        page = as_(people.office).get(address, query)

        assert page.status_code == 422
        assert sentence in page.content.decode()
        assert "<dd><a" not in page.content.decode()


def test_there_is_no_list_of_a_figure_that_is_not_in_the_dictionary(as_, people):
    assert as_(people.office).get("/figures/activity.money/").status_code == 404


def test_choices_of_area_are_those_around_the_one_shown(as_, people):
    form = as_(people.office_city).get("/figures/", {"area": "140213"}).context["form"]

    assert [label.strip() for _, label in form.fields["area"].choices] == [
        "大同市",
        "平城区",
        "南关街道",
        "北关街道",
        "云州区",
    ]


def test_a_long_list_comes_in_pages_and_asks_little(as_, people, django_assert_max_num_queries):
    activity = f.ActivityFactory(station=people.own, day=IN, closed=True)
    for _ in range(60):
        f.VisitFactory(activity=activity, category=people.category)
    client = as_(people.office)

    with django_assert_max_num_queries(14):
        page = client.get("/figures/activity.parties/", PERIOD)

    assert len(page.context["rows"]) == 50
    assert len(client.get(page.context["page"].next).context["rows"]) == 10


def test_the_name_of_a_deputy_from_elsewhere_is_shown_without_a_way_to_a_page_out_of_sight(as_, people):
    activity = f.ActivityFactory(station=people.own, day=IN, closed=True)
    f.AttendanceFactory(activity=activity, mandate=people.deputy_other.mandate, state=AttendanceState.PRESENT)

    page = as_(people.office).get("/figures/activity.deputies_present/", PERIOD).content.decode()

    assert "阿依努尔·买买提" in page
    assert people.deputy_other.deputy.get_absolute_url() not in page
