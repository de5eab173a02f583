"""The superior's own form: brought once, filled for any period with the figures of the dictionary, with where they are from."""

from datetime import date
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from liaison.core import jobs
from liaison.core.models import AuditEntry, Job
from liaison.reports.metrics import figures
from liaison.reports.models import SuperiorForm
from liaison.reports.superior.making import fill_monthly
from liaison.reports.superior.models import Content, Span
from tests import factories as f
from visits.workflow import ActivityState

pytestmark = pytest.mark.django_db
FIRST, LAST = date(2023, 9, 1), date(2023, 9, 30)


@pytest.fixture
def received(people):
    """Four people in September, two in March, two requests closed in September."""
    for day, headcount in ((date(2023, 9, 11), 4), (date(2023, 3, 11), 2)):
        activity = f.ActivityFactory(station=people.own, day=day, state=ActivityState.CLOSED)
        f.VisitFactory(activity=activity, headcount=headcount)
    for station in (people.own, people.sibling):
        f.RequestFactory(station=station, received_on=FIRST, closed_on=date(2023, 9, 20), state="CLOSED")


@pytest.fixture
def form(people):
    return f.superior_form(people.office, people.county)


def cells_of(content, sheet="月报"):
    """The rows as another program reads them."""
    import python_calamine as calamine

    return calamine.load_workbook(BytesIO(content)).get_sheet_by_name(sheet).to_python()


def book_of(content):
    import openpyxl

    return openpyxl.load_workbook(BytesIO(content))


def filled(form, post, first=FIRST, last=LAST):
    """The file that a worker makes, and its name."""
    from liaison.reports.superior.making import ask

    job = ask(form, first, last, by=post)
    jobs.work()
    job.refresh_from_db()
    assert job.state == Job.State.DONE, job.text
    with job.handed_out(by=post) as file:
        return file.read(), job


@pytest.mark.once
def test_a_blank_is_mapped_by_its_own_labels_and_filled_with_the_figures_of_the_page(
    people, received, client
):
    client.force_login(people.office.user)
    sent = {"name": "代表工作月报表", "file": f.blank_form()}
    assert client.post(reverse("superior:new"), sent).status_code == 302
    form = SuperiorForm.objects.get()
    page = client.get(reverse("superior:guess", args=[form.pk])).content.decode()
    assert "月报 B3：接待群众，本期" in page
    assert "月报 C4：办结，本年累计" in page
    keys = ["月报!B3", "月报!C3", "月报!B4"]
    client.post(reverse("superior:guess", args=[form.pk]), {"right": keys, "version": form.version})
    form.refresh_from_db()
    assert sorted(form.cells) == sorted(keys)

    content, job = filled(form, people.office)

    rows = cells_of(content)
    assert [row[:3] for row in rows[2:]] == [["接待群众（人次）", 4.0, 6.0], ["办结（件）", 2.0, ""]]
    book = book_of(content)
    assert book["月报"]["D3"].value == "=B3+C3"
    assert "A1:D1" in {str(merged) for merged in book["月报"].merged_cells.ranges}
    assert job.file_name == f"代表工作月报表_平城区_20230901至20230930_填于{timezone.localdate():%Y%m%d}.xlsx"


@pytest.mark.once
def test_the_trace_sheet_says_where_every_number_comes_from(people, received, form):
    form.put(
        {
            "月报!B3": Content("activity.visitors"),
            "月报!C3": Content("activity.visitors", span=Span.YEAR),
            "月报!B4": Content("requests.closed", area=people.town.code),
            "月报!A1": None,
        },
        by=people.office,
    )

    content, job = filled(form, people.office)

    trace = [[cell.value for cell in row] for row in book_of(content)["数据来源"]]
    lines = {row[1]: row for row in trace[2:]}
    assert "数据截止" in trace[0][0]
    assert [lines[ref][7] for ref in ("B3", "C3", "B4")] == [4, 6, 1]
    assert lines["C3"][5].date() == date(2023, 1, 1)
    assert lines["B4"][4] == people.town.full_name
    whole = {fig.code: fig.value for fig in figures(people.county, FIRST, LAST, people.office)}
    assert lines["B3"][7] == whole["activity.visitors"]
    entry = AuditEntry.objects.of(job).filter(action__endswith=".finish").get()
    assert entry.data["values"]["月报!B3"] == 4


@pytest.mark.once
def test_a_share_is_written_with_its_whole_beside_it(people, form):
    f.RequestFactory(station=people.own, received_on=FIRST, replied_on=LAST, solved="YES")
    f.RequestFactory(station=people.own, received_on=FIRST, replied_on=LAST, solved="NO")
    form.put(
        {
            "月报!B3": Content("requests.solved", take="percent"),
            "月报!C3": Content("requests.solved", take="base"),
            "月报!B4": Content("requests.satisfied", take="percent"),
            "月报!C4": Content("word.area"),
        },
        by=people.office,
    )

    content, _ = filled(form, people.office)

    rows = cells_of(content)
    assert rows[2][1:3] == [50.0, 2.0]
    assert rows[3][1:3] == ["", people.county.full_name]  # nobody rated: the cell stays empty


@pytest.mark.parametrize(
    ("first", "last", "found"),
    [
        (date(2023, 3, 1), date(2023, 3, 31), (date(2023, 2, 1), date(2023, 2, 28))),
        (date(2024, 1, 1), date(2024, 3, 31), (date(2023, 10, 1), date(2023, 12, 31))),
        (date(2023, 5, 8), date(2023, 5, 14), (date(2023, 5, 1), date(2023, 5, 7))),
    ],
)
def test_the_period_before_is_as_long(first, last, found):
    assert Span.BEFORE.days(first, last) == found


def test_the_year_before_of_a_leap_day_is_the_end_of_its_month():
    assert Span.LAST_YEAR.days(date(2024, 2, 1), date(2024, 2, 29)) == (date(2023, 2, 1), date(2023, 2, 28))


@pytest.mark.once
def test_labels_and_formulas_are_not_written_over(people, form, client):
    client.force_login(people.office.user)
    for ref in ("A3", "D3", "B1", "ZZ9"):
        assert client.get(reverse("superior:cell", args=[form.pk, 0, ref])).status_code == 404
    form.put({"月报!D3": Content("activity.visitors")}, by=people.office)
    page = client.get(form.get_absolute_url()).content.decode()
    assert "有 1 格在这张空表里对不上" in page

    from liaison.reports.superior.making import ask

    job = ask(form, FIRST, LAST, by=people.office)
    jobs.work()
    job.refresh_from_db()
    assert job.state == Job.State.FAILED
    assert job.text.startswith("“月报”的 D3 格不是空的")


@pytest.mark.once
def test_a_station_fills_its_own_form_with_its_own_figures(people, received):
    form = f.superior_form(people.station, people.town)
    form.put({"月报!B4": Content("requests.closed")}, by=people.station)

    content, _ = filled(form, people.station)

    assert book_of(content)["月报"]["B4"].value == 1
    assert not SuperiorForm.objects.visible_to(people.station_child).exists()


@pytest.mark.once
def test_who_has_lost_the_area_gets_the_file_no_more(people, received, form):
    form.put({"月报!B4": Content("requests.closed")}, by=people.office)
    _, job = filled(form, people.office)
    people.office.area = people.other_county
    people.office.save()

    assert "范围变了" in job.why_not_open(people.office)


def test_it_is_filled_by_itself_once_a_month(people, received, form, time_machine):
    form.put({"月报!B3": Content("activity.visitors")}, by=people.office)
    assert fill_monthly() == 0
    form.amend(by=people.office, monthly=True)
    time_machine.move_to("2023-10-02 06:25:00+08:00", tick=False)

    assert [fill_monthly(), fill_monthly()] == [1, 0]

    jobs.work()
    job = Job.objects.get()
    assert (job.state, job.params["first"], job.params["last"]) == (
        Job.State.DONE,
        "2023-09-01",
        "2023-09-30",
    )


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "空的"),
        (b"no workbook", "不是 Excel 工作簿"),
        (b"PK\x03\x04 broken", "已损坏"),
    ],
)
@pytest.mark.once
def test_what_is_no_workbook_is_refused_in_words_and_the_name_stays(people, client, content, sentence):
    client.force_login(people.office.user)

    page = client.post(
        reverse("superior:new"), {"name": "月报", "file": SimpleUploadedFile("a.xlsx", content)}
    )

    assert page.status_code == 422
    assert sentence in page.content.decode()
    assert 'value="月报"' in page.content.decode()
    assert not SuperiorForm.objects.exists()


@pytest.mark.once
def test_a_figure_that_is_no_part_has_no_share(people, form, client):
    client.force_login(people.office.user)
    sent = {
        "code": "activity.visitors",
        "take": "percent",
        "span": "period",
        "area": "",
        "version": form.version,
    }

    page = client.post(reverse("superior:cell", args=[form.pk, 0, "B3"]), sent)

    assert page.status_code == 422
    assert "没有总数和百分比" in page.content.decode()
    assert (
        client.post(reverse("superior:cell", args=[form.pk, 0, "B3"]), sent | {"take": "value"}).status_code
        == 302
    )
    form.refresh_from_db()
    assert form.contents["月报!B3"] == Content("activity.visitors")
