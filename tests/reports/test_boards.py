"""看板: each number on a board has exactly its records; what it compares with; how little it asks of the database."""

import re
from datetime import date, timedelta
from html import unescape
from itertools import pairwise
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from liaison.reports.boards.board import asked
from liaison.reports.boards.stretches import before, stretches
from liaison.reports.forms import PartForm
from liaison.reports.metrics import METRICS, Rule
from suggestions.models import Order, Rating, Request
from tests import factories as f
from visits.models import Visit

PERIOD = {"from": "2025-01-01", "to": "2025-12-31"}


@pytest.fixture
def busy(people):
    """Three stations of two counties with visits and requests in every state, of several categories and two years."""
    people.categories = [
        people.category,
        f.CategoryFactory(code="02", name="物业", rank=2),
        f.CategoryFactory(code="0201", name="电梯", rank=3, parent=f.CategoryFactory(code="02")),
        None,
    ]
    department = f.DepartmentFactory(area=people.county)
    rows = []
    for n in range(14):
        station = (people.own, people.child, people.sibling, people.other)[n % 4]
        day = date(2025, 1 + n % 12, 11) if n < 12 else date(2024, n - 8, 11)
        activity = f.ActivityFactory(station=station, day=day, **{"closed" if n % 3 else "open": True})
        f.VisitFactory(activity=activity, headcount=1 + n % 3, category=people.categories[n % 4])
        later = [day + timedelta(days=days) for days in (0, 2, 3, 9, 20, 21)]
        steps = dict(
            zip(
                ("dispatched_on", "accepted_on", "followed_on", "replied_on", "rated_on", "closed_on"),
                later[: n % 7],
                strict=False,
            )
        )
        states = ("REGISTERED", "DISPATCHED", "HANDLING", "HANDLING", "REPLIED", "RATED", "CLOSED")
        found = f.RequestFactory(
            station=station,
            received_on=day,
            category=people.categories[(n * 3) % 4],
            department=department,
            state=states[n % 7],
            **steps,
        )
        rows.append(found)
        if found.rated_on:
            mark = Rating.Mark.SATISFIED if n % 2 else Rating.Mark.UNSATISFIED
            Rating.objects.create(request=found, round=1, on=found.rated_on, attitude=mark, result=mark)
        if 0 < n % 7 < 4:
            f.OrderFactory(request=found, department=department, issued_on=day, state="ACCEPTED")
    people.department, people.requests = department, rows
    return people


def numbers(page):
    """Each link to a list of records with the number that it stands on or that is said of it."""
    found = set()
    for attrs, inside in re.findall(r"<a\s([^>]*)>(.*?)</a>", page, re.DOTALL):
        url = unescape(re.search(r'href="([^"]*)"', attrs)[1])
        said = re.search(r'aria-label="[^"]*?(\d+) (?:件|人次|次)', attrs)
        text = re.sub(
            r"<title>.*?</title>|<span class=\"vh\">.*?</span>|<[^>]+>", "", inside, flags=re.DOTALL
        )
        if url.startswith("/figures/") and "?" in url:
            found.add((url, int(said[1] if said else text)))
    return found


def counted(post, url):
    """What the records behind an address come to."""
    code = urlsplit(url).path.split("/")[2]
    form = PartForm(QueryDict(urlsplit(url).query), post=post, today=timezone.localdate())
    assert form.is_valid(), form.errors
    rows = METRICS[code].records(form.ask())
    return sum(row.headcount for row in rows) if METRICS[code].rule == Rule.HEADCOUNT else rows.count()


@pytest.mark.parametrize(
    ("who", "query", "least"),
    [
        ("office_city", {}, 50),
        pytest.param("office", {"station": "PC01"}, 40, marks=pytest.mark.once),
        ("station", {}, 50),
        pytest.param("office", {"area": "140213001"}, 50, marks=pytest.mark.once),
        pytest.param("office", {"from": "2025-05-01", "to": "2025-05-31"}, 40, marks=pytest.mark.once),
        pytest.param("office", {"from": "2020-01-01", "to": "2025-12-31"}, 40, marks=pytest.mark.once),
    ],
)
def test_every_number_on_a_board_is_that_of_its_records(as_, busy, who, query, least):
    post = getattr(busy, who)

    page = as_(post).get("/board/", PERIOD | query)
    found = numbers(page.content.decode())

    assert page.status_code == 200
    assert len(found) >= least
    assert any(number for _, number in found)
    wrong = [(url, number) for url, number in found if counted(post, url) != number]
    assert not wrong


@pytest.mark.once
def test_a_number_in_a_table_opens_the_page_with_its_records(as_, busy):
    client = as_(busy.office)
    page = client.get("/board/", PERIOD).content.decode()
    cells = [(url, n) for url, n in numbers(page) if "category=" in url and n]

    for url, number in cells[:3]:
        listed = client.get(url)
        assert len(listed.context["rows"]) == number
        assert f"收到诉求 {number} 件" in listed.content.decode()
        assert listed.context["part"]


def test_what_has_none_of_the_categories_shown_stands_together(as_, busy):
    for n in range(11):
        category = f.CategoryFactory(code=f"1{n}", name=f"类{n}", rank=10 + n)
        f.RequestFactory(station=busy.own, received_on=date(2025, 3, 3), category=category)

    board = as_(busy.office).get("/board/", PERIOD).context["board"]

    assert board.heat.columns[-1] == "其余"
    assert len(board.heat.columns) == 11
    rest = [(row.cells[-1].url, row.cells[-1].value) for row in board.heat.rows]
    assert sum(value for _, value in rest) > 1
    assert all(counted(busy.office, url) == value for url, value in rest)
    assert all(sum(cell.value for cell in row.cells) == row.total for row in board.heat.rows)


def test_orders_without_an_answer_are_as_many_as_the_list_has(as_, busy):
    client = as_(busy.office)
    days = [date.fromisoformat(day) for day in PERIOD.values()]

    def overdue_of(area, station=None):
        return asked(area, *days, busy.office, timezone.localdate(), station).overdue

    for overdue in (overdue_of(busy.county, busy.own), overdue_of(busy.sibling.area)):
        assert len(client.get(overdue.url).context["page"]) == overdue.count
    overdue = client.get("/board/", PERIOD).context["board"].overdue
    assert len(client.get(overdue.url).context["page"]) == overdue.count
    assert overdue.count == Order.objects.visible_to(busy.office).overdue(timezone.localdate()).count() > 0
    first = Order.objects.visible_to(busy.office).order_by("due_on").first()
    assert overdue.days == (timezone.localdate() - first.due_on).days


@pytest.mark.once
def test_a_board_asks_as_little_for_a_city_as_for_a_county(as_, busy):
    client = as_(busy.office_city)

    def asked(**query):
        with CaptureQueriesContext(connection) as seen:
            assert client.get("/board/", PERIOD | query).status_code == 200
        return len(seen)

    asked()
    few = [asked(area=area) for area in ("140213", "1402")]
    for n in range(12):
        station = f.StationFactory(area=f.area(f"1402130{10 + n}", f"第{n}镇"), code=f"PX{n:02}")
        f.RequestFactory(station=station, received_on=date(2025, 6, 1), category=busy.category)

    assert [asked(area=area) for area in ("140213", "1402")] == few
    assert max(few) <= 70


@pytest.mark.once
def test_a_board_of_days_without_anything_says_so(as_, people):
    page = as_(people.office).get("/board/", {"from": "2019-01-01", "to": "2019-03-31"}).content.decode()

    assert "这段时间没有数据" in page
    assert '<svg class="spark"' not in page
    assert "覆盖情况" in page


@pytest.mark.once
def test_the_way_leads_down_to_the_station_and_up_again(as_, busy):
    client = as_(busy.office_city)
    city = client.get("/board/", PERIOD).context["board"]
    county = client.get(next(line.url for line in city.areas if line.name == "平城区")).context["board"]
    town = client.get(next(line.url for line in county.areas if line.name == "南关街道")).context["board"]
    page = client.get(next(line.url for line in town.station_lines if line.name == "南关街道联络站"))

    assert [line.name for line in city.areas] == ["平城区", "云州区"]
    assert town.areas == []
    assert page.context["board"].station == busy.own
    assert (page.context["board"].ask.first, page.context["board"].ask.last) == (
        date(2025, 1, 1), date(2025, 12, 31),
    )  # fmt: skip
    assert [place["name"] for place in page.context["above"]] == ["大同市", "平城区", "南关街道"]


@pytest.mark.once
@pytest.mark.parametrize(
    ("who", "query", "status"),
    [
        ("office", {"station": "YZ01"}, 404),
        ("office", {"station": "none"}, 404),
        ("station", {"station": "PC01"}, 200),
        ("station", {"station": "PC02"}, 404),
        ("office", {"from": "2025-02-01", "to": "2025-01-01"}, 422),
    ],
)
def test_whose_board_may_be_asked_for(as_, people, who, query, status):
    client = as_(getattr(people, who))

    assert client.get("/board/", PERIOD | query).status_code == status
    assert client.get("/board/stations/", PERIOD | query).status_code == status
    if status == 404:
        assert client.get("/figures/requests.received/", PERIOD | query).status_code == 404


@pytest.mark.once
@pytest.mark.parametrize(
    "address",
    ["/figures/network.mandates/?category=1", "/figures/network.mandates/?station=PC01", "/figures/requests.received/?category=x"],
)  # fmt: skip
def test_a_part_that_a_figure_does_not_have_is_not_there(as_, people, address):
    address = address.replace("category=1", f"category={people.category.pk}")

    assert as_(people.office).get(address).status_code == 404


@pytest.mark.once
def test_figures_are_told_against_the_period_before_in_words(as_, people):
    activity = f.ActivityFactory(station=people.own, day=date(2025, 2, 11), closed=True)
    f.VisitFactory(activity=activity, headcount=5)
    earlier = f.ActivityFactory(station=people.own, day=date(2025, 1, 11), closed=True)
    f.VisitFactory(activity=earlier, headcount=3)

    page = as_(people.office).get("/board/", {"from": "2025-02-01", "to": "2025-02-28"}).content.decode()

    assert "比上月多 2（" in page
    assert "和上月（" in page
    page = as_(people.office).get("/board/", {"from": "2025-01-01", "to": "2025-01-31"}).content.decode()
    assert "上月没有数据，不作比较" in page


@pytest.mark.parametrize(
    ("first", "last", "name", "then"),
    [
        ("2026-01-01", "2026-11-22", "去年同期", ("2025-01-01", "2025-11-22")),
        ("2025-01-01", "2025-12-31", "上年", ("2024-01-01", "2024-12-31")),
        ("2023-01-01", "2023-10-31", "去年同期", ("2022-01-01", "2022-10-31")),
        ("2026-10-01", "2026-11-22", "上季度同期", ("2026-07-01", "2026-08-22")),
        ("2026-07-01", "2026-09-30", "上季度", ("2026-04-01", "2026-06-30")),
        ("2026-11-01", "2026-11-22", "上月同期", ("2026-10-01", "2026-10-22")),
        ("2026-03-01", "2026-03-31", "上月", ("2026-02-01", "2026-02-28")),
        ("2026-07-01", "2026-12-31", "前6个月", ("2026-01-01", "2026-06-30")),
        ("2026-03-05", "2026-03-14", "前10天", ("2026-02-23", "2026-03-04")),
        ("2024-02-01", "2024-02-29", "上月", ("2024-01-01", "2024-01-31")),
    ],
)  # fmt: skip
def test_which_days_a_period_is_compared_with(first, last, name, then):
    found = before(date.fromisoformat(first), date.fromisoformat(last))

    assert (found.name, str(found.first), str(found.last)) == (name, *then)


@pytest.mark.parametrize(
    ("first", "last", "names", "span"),
    [
        ("2025-01-01", "2025-12-31", 12, ("2025-01-01", "2025-12-31")),
        ("2026-11-01", "2026-11-22", 12, ("2025-12-01", "2026-11-22")),
        ("2025-03-10", "2026-04-05", 14, ("2025-03-10", "2026-04-05")),
        ("2020-05-01", "2026-11-22", 7, ("2020-05-01", "2026-11-22")),
    ],
)
def test_the_months_of_a_chart_cover_the_period_without_a_gap(first, last, names, span):
    found = stretches(date.fromisoformat(first), date.fromisoformat(last))

    assert len(found) == names
    assert (str(found[0].first), str(found[-1].last)) == span
    for one, following in pairwise(found):
        assert one.last + timedelta(days=1) == following.first


@pytest.mark.once
def test_all_stations_stand_by_place_and_each_with_its_own_numbers(as_, busy):
    client = as_(busy.office)

    page = client.get("/board/stations/", PERIOD)
    lines = page.context["lines"]

    assert [line.name for line in lines] == ["南关街道联络站", "南关社区联络点", "北关街道联络站"]
    assert {url: n for url, n in numbers(page.content.decode()) if counted(busy.office, url) != n} == {}
    held, planned = lines[0].numbers[4].part.value, lines[0].numbers[4].whole.value
    assert 0 < held < planned


@pytest.mark.once
def test_nobody_s_words_stand_on_a_board_that_an_auditor_may_not_read(as_, busy):
    Visit.objects.update(text="我家的事")
    Request.objects.update(title="某人的隐私", confidential=True)

    page = as_(busy.auditor).get("/board/", PERIOD).content.decode()

    assert "张派单超期未答复" in page
    assert "某人的隐私" not in page
