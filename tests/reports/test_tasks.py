"""十项任务: for each task one record just inside the period and one just outside; who sees what, and how fast."""

from datetime import date, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from liaison.core.models import PolicyVersion
from liaison.reports.models import StationDocument
from liaison.reports.taskboard.board import State, View, lacking, work_out
from liaison.reports.taskboard.periods import Period, read_period
from liaison.reports.taskboard.table import TASKS
from stations.models import Station
from suggestions.models import Request
from suggestions.workflow import RequestState
from tests import factories as f
from visits.models import Activity, ActivityFile

TODAY = date(2026, 8, 20)
LONG_AGO = timezone.make_aware(datetime(2020, 1, 1))
K = Activity.Kind


@pytest.fixture
def world(people):
    Station.objects.update(created_at=LONG_AGO)
    return people


def view(people, *, post=None, area=None, year=2026, today=TODAY):
    post = post or people.office_city
    return View(area or post.area, year, post, today)


def cells(people, task, station=None, **asked):
    line = work_out(view(people, **asked))[(station or people.own).pk]
    return {cell.period.code: cell for cell in line.of(TASKS[task])}


def done(people, task, station=None, **asked):
    """The periods in which something was done, and how often."""
    found = cells(people, task, station, **asked)
    return {code: cell.done for code, cell in found.items() if cell.done}


# --- One record of each task, on a day ----------------------------------------------------------------------------------


def activity(kind):
    def make(people, station, day):
        return f.ActivityFactory(station=station, kind=kind, day=day, closed=True)

    return make


def suggestion(people, station, day):
    """Of a deputy of the city's congress, who belongs to the station that day."""
    mandate = people.deputy.mandate if station == people.own else people.deputy_other.mandate
    return f.SuggestionFactory(
        lead=mandate, area=people.city, state="ACCEPTED", submitted_on=day, accepted_on=day
    )


def news(people, station, day):
    return f.NewsItemFactory(station=station, submitted_on=day, state="SUBMITTED", written_by=people.station)


def solved(people, station, day):
    state = {"state": RequestState.CLOSED, "solved": Request.Solved.YES}
    return f.RequestFactory(station=station, received_on=date(2025, 12, 1), closed_on=day, **state)


def reported(people, station, day):
    survey = f.ActivityFactory(station=station, kind=K.RESEARCH, day=day, closed=True)
    upload = SimpleUploadedFile("a.pdf", b"%PDF-1.4")
    ActivityFile.objects.show(survey, upload, caption="调研报告", by=people.station, photo=False)
    return survey


def filed(kind):
    def make(people, station, day):
        return f.StationDocumentFactory(station=station, kind=kind, day=day)

    return make


MAKE = {
    "receptions": activity(K.RECEPTION),
    "suggestions": suggestion,
    "news": news,
    "trainings": activity(K.TRAINING),
    "research": activity(K.RESEARCH),
    "livelihood": solved,
    "research_reports": reported,
    "debriefs": activity(K.DEBRIEF),
    "archives": filed("ARCHIVE"),
    "appraisals": filed("APPRAISAL"),
}
BOUNDS = {  # the last day of one period, the first of the next
    "month": ("2026-06", date(2026, 6, 30), "2026-07", date(2026, 7, 1)),
    "quarter": ("2026-Q2", date(2026, 6, 30), "2026-Q3", date(2026, 7, 1)),
    "year": (None, date(2025, 12, 31), "2026", date(2026, 1, 1)),
}


@pytest.mark.parametrize("task", TASKS)
def test_a_record_counts_in_the_period_of_its_day_and_opens_from_its_cell(world, as_, task):
    before, last, after, first = BOUNDS[TASKS[task].every]
    made = [MAKE[task](world, world.own, day) for day in (last, first, first)]
    lines = work_out(view(world))
    fulfilled = {cell.period.code: cell for cell in lines[world.own.pk].of(TASKS[task]) if cell.done}
    assert {code: cell.done for code, cell in fulfilled.items()} == ({before: 1} if before else {}) | {
        after: 2
    }
    assert all(cell.state is State.DONE for cell in fulfilled.values())
    assert not any(cell.done for cell in lines[world.sibling.pk].of(TASKS[task]))

    year, _, part = after.partition("-")
    page = as_(world.office_city).get(f"/tasks/{task}/?station=PC01&year={year}&part={part}")
    assert page.status_code == 200
    assert {row.pk for row in page.context["page"]} == {one.pk for one in made[1:]}
    assert page.context["number"] == 2
    assert page.context["hidden"] == 0


@pytest.mark.once
@pytest.mark.parametrize("task", TASKS)
def test_what_belongs_to_another_station_or_does_not_count_fulfils_nothing(world, task):
    day = date(2026, 7, 10)
    MAKE[task](world, world.other, day)
    made = MAKE[task](world, world.own, day)
    assert done(world, task, world.other).popitem()[1] == 1
    match task:
        case "receptions" | "trainings" | "research" | "debriefs":
            type(made).objects.filter(pk=made.pk).update(state="CANCELLED")
        case "suggestions":
            type(made).objects.filter(pk=made.pk).update(accepted_on=None, state="LETTER")
        case "news":
            type(made).objects.filter(pk=made.pk).update(state="RETURNED")
        case "livelihood":
            type(made).objects.filter(pk=made.pk).update(solved=Request.Solved.PARTLY)
        case "research_reports":
            made.files.get().withdraw(by=world.station)
        case _:
            made.void(by=world.station, note="传错了")
    assert done(world, task) == {}


def test_a_deputy_s_suggestion_is_that_of_the_station_of_its_day(world):
    seat = world.deputy.mandate
    first = seat.assignments.get()
    first.to_on = date(2026, 7, 15)
    first.save()
    f.AssignmentFactory(mandate=seat, station=world.sibling, from_on=date(2026, 7, 16))
    for day in (15, 16):
        suggestion(world, world.own, date(2026, 7, day))
    assert done(world, "suggestions") == done(world, "suggestions", world.sibling) == {"2026-07": 1}
    for station, day in ((world.own, 15), (world.sibling, 16)):  # and the list says the same
        [found] = TASKS["suggestions"].records(view(world).ask, [station.pk])
        assert found.submitted_on == date(2026, 7, day)


def test_what_a_station_may_not_read_of_its_deputies_still_counts_and_is_told_as_hidden(world, as_):
    """The deputy has left: the station reads the suggestions of its present deputies alone."""
    suggestion(world, world.own, date(2026, 7, 10))
    world.deputy.mandate.assignments.update(to_on=date(2026, 7, 31))
    assert done(world, "suggestions", post=world.station) == {"2026-07": 1}
    page = as_(world.station).get("/tasks/suggestions/?station=PC01&year=2026")
    assert (page.context["number"], page.context["hidden"]) == (0, 1)
    assert "内容不在您的查看范围" in page.content.decode()


def test_what_happens_at_a_point_counts_for_its_station(world):
    MAKE["receptions"](world, world.child, date(2026, 7, 10))
    assert done(world, "receptions") == {"2026-07": 1}
    assert world.child.pk not in work_out(view(world))


# --- Done, due, missed, not yet due, not asked --------------------------------------------------------------------------


@pytest.mark.once
@pytest.mark.parametrize(
    ("today", "july", "august", "september", "third", "year"),
    [
        (date(2026, 7, 1), "DUE", "AHEAD", "AHEAD", "DUE", "DUE"),
        (date(2026, 7, 31), "DUE", "AHEAD", "AHEAD", "DUE", "DUE"),
        (date(2026, 8, 1), "MISSED", "DUE", "AHEAD", "DUE", "DUE"),
        (date(2026, 10, 1), "MISSED", "MISSED", "MISSED", "MISSED", "DUE"),
        (date(2027, 1, 1), "MISSED", "MISSED", "MISSED", "MISSED", "MISSED"),
    ],
)
def test_a_task_is_due_until_its_period_is_over(world, today, july, august, september, third, year):
    line = work_out(view(world, today=today))[world.own.pk]
    states = {(cell.task.code, cell.period.code): cell.state.name for cell in line.cells}
    assert [states["receptions", f"2026-0{n}"] for n in (7, 8, 9)] == [july, august, september]
    assert (states["trainings", "2026-Q3"], states["debriefs", "2026"]) == (third, year)


@pytest.mark.once
@pytest.mark.parametrize(
    ("fields", "june", "july"),
    [
        ({"opened_on": date(2026, 7, 1)}, "NONE", "MISSED"),
        ({"opened_on": date(2026, 7, 2)}, "NONE", "NONE"),
        ({"closed_on": date(2026, 7, 31)}, "MISSED", "NONE"),
        ({"suspended_on": date(2026, 7, 31)}, "MISSED", "NONE"),
        ({"created_at": timezone.make_aware(datetime(2026, 7, 1, 8))}, "NONE", "MISSED"),
    ],
)
def test_only_a_station_that_is_open_all_through_is_asked(world, fields, june, july):
    Station.objects.filter(pk=world.own.pk).update(**fields)
    found = cells(world, "receptions")
    assert (found["2026-06"].state.name, found["2026-07"].state.name) == (june, july)
    MAKE["receptions"](world, world.own, date(2026, 7, 10))
    assert cells(world, "receptions")["2026-07"].state is State.DONE


def test_how_many_are_due_is_a_rule_of_the_place_as_on_the_first_day_of_the_period(world):
    for area, first_on, values in (
        (world.city, date(2026, 1, 1), {"receptions_monthly": 0, "task_trainings": 2}),
        (world.county, date(2026, 7, 2), {"receptions_monthly": 2, "task_trainings": 3}),
    ):
        PolicyVersion.objects.create(area=area, first_on=first_on, values=values)
    found = cells(world, "receptions", today=date(2026, 12, 31))
    assert [found[f"2026-{n:02d}"].wanted for n in (6, 7, 8, 9)] == [0, 0, 2, 2]
    assert found["2026-07"].state is State.NONE
    quarters = cells(world, "trainings", today=date(2026, 12, 31))
    assert [quarters[f"2026-Q{n}"].wanted for n in (1, 2, 3, 4)] == [2, 2, 2, 3]
    assert {cell.wanted for cell in cells(world, "receptions", world.other).values()} == {0}
    MAKE["receptions"](world, world.own, date(2026, 8, 10))
    august = cells(world, "receptions")["2026-08"]
    assert (august.state, august.lacking) == (State.DUE, 1)


@pytest.mark.once
def test_the_home_page_counts_what_ends_this_month(world, as_):
    assert lacking(view(world, post=world.station)).month == 3
    assert lacking(view(world, post=world.station, today=date(2026, 9, 1))).month == 6
    assert lacking(view(world, post=world.station, today=date(2026, 12, 1))).month == 10
    MAKE["receptions"](world, world.own, date(2026, 8, 10))
    told = lacking(view(world, post=world.station))
    assert (told.month, told.later, told.missed) == (2, 7, 3)
    page = as_(world.station).get("/").content.decode()
    assert "十项任务：本月还差" in page
    assert 'href="/tasks/"' in page


@pytest.mark.parametrize(
    ("code", "period"),
    [("2026", Period(2026)), ("2026-Q3", Period(2026, "quarter", 3)), ("2026-07", Period(2026, "month", 7))],
)
def test_a_period_is_read_as_it_is_written(code, period):
    assert read_period(code) == period
    assert period.code == code
    for wrong in ("2026-13", "2026-Q5", "2026-7", "１９９９", "26"):
        assert read_period(wrong) is None


# --- The pages ----------------------------------------------------------------------------------------------------------


@pytest.mark.once
def test_an_office_sees_its_stations_and_can_ask_for_those_with_something_missed(world, as_):
    for month in range(1, 13):
        MAKE["receptions"](world, world.own, date(2025, month, 11))
    asked = "year=2025&task=receptions"
    page = as_(world.office).get(f"/tasks/?{asked}")
    assert [line["station"] for line in page.context["lines"]] == [world.own, world.sibling]
    assert [line["cells"][0]["tally"].done for line in page.context["lines"]] == [12, 0]
    page = as_(world.office).get(f"/tasks/?{asked}&only=missed")
    assert [line["station"] for line in page.context["lines"]] == [world.sibling]
    assert as_(world.office).get("/tasks/?area=140215").status_code == 404
    assert as_(world.office).get("/tasks/receptions/?station=YZ01").status_code == 422
    assert as_(world.office).get("/tasks/nothing/").status_code == 404
    assert as_(world.office).get("/tasks/?year=1999").status_code == 422


@pytest.mark.once
def test_no_page_puts_stations_in_the_order_of_what_they_did(world, as_):
    MAKE["receptions"](world, world.sibling, timezone.localdate())
    page = as_(world.office).get("/tasks/")
    assert [line["station"].code for line in page.context["lines"]] == ["PC01", "PC02"]


@pytest.mark.once
def test_the_number_of_statements_does_not_grow_with_stations_and_records(
    world, as_, django_assert_max_num_queries
):
    def more(numbers):
        for number in numbers:
            area = f.area(f"1402130{number}", f"第{number}街道")
            station = f.StationFactory(area=area, code=f"PC{number}", name=f"第{number}街道联络站")
            f.StationFactory(
                area=area, code=f"PC{number}A", name=f"第{number}点", kind="POINT", parent=station
            )
            MAKE["receptions"](world, station, date(2026, 7, 10))

    more(range(10, 12))
    with django_assert_max_num_queries(11):
        assert len(work_out(view(world))) == 5
    with django_assert_max_num_queries(24):
        as_(world.office_city).get("/tasks/?year=2026")
    more(range(12, 42))
    with django_assert_max_num_queries(11):
        assert len(work_out(view(world))) == 35
    with django_assert_max_num_queries(24):
        as_(world.office_city).get("/tasks/?year=2026")


@pytest.mark.once
def test_a_station_is_shown_how_to_do_what_is_lacking_an_office_is_not(world, as_):
    page = as_(world.station).get("/tasks/").content.decode()
    for way in (
        "/activities/new/",
        "/activities/record/?kind=TRAINING",
        "/tasks/documents/new/?kind=ARCHIVE",
    ):
        assert f'href="{way}"' in page
    asked = "/tasks/archives/?station=PC01&year="
    year = timezone.localdate().year
    assert "存履职档案" in as_(world.station).get(f"{asked}{year}").content.decode()
    assert 'href="/tasks/documents/new' not in as_(world.office).get(f"{asked}{year}").content.decode()
    brief = as_(world.office).get("/tasks/", headers={"HX-Request": "true"}).content.decode()
    assert brief.lstrip().startswith("<dl")


# --- Papers on file -----------------------------------------------------------------------------------------------------


@pytest.mark.once
def test_a_station_files_a_paper_once_and_may_void_it(world, as_):
    browser = as_(world.station)
    sent = {
        "station": world.own.pk,
        "kind": "ARCHIVE",
        "title": "2026年履职档案",
        "day": "2026-08-01",
        "idem": "a" * 36,
    }

    def send(**more):
        upload = SimpleUploadedFile("档案.pdf", b"%PDF-1.4")
        return browser.post("/tasks/documents/new/", sent | {"file": upload} | more)

    assert [send().status_code, send().status_code] == [302, 302]
    document = StationDocument.objects.get()
    assert cells(world, "archives")["2026"].state is State.DONE
    page = as_(world.office).get(document.get_absolute_url()).content.decode()
    assert "2026年履职档案.pdf" in page
    assert "作废" not in page
    browser.post(f"/tasks/documents/{document.pk}/void/", {"note": "传错了"})
    assert cells(world, "archives")["2026"].state is State.DUE
    assert "已作废" in browser.get(document.get_absolute_url()).content.decode()


@pytest.mark.once
@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"file": SimpleUploadedFile("a.exe", b"MZ")}, "不能上传"),
        ({"day": str(timezone.localdate() + timedelta(days=1))}, "不能晚于今天"),
        ({"station": "0"}, "选择"),
        ({"title": ""}, "请填写"),
    ],
)
def test_a_paper_that_is_wrong_is_refused_in_words_and_nothing_is_filed(world, as_, wrong, why):
    sent = {"station": world.own.pk, "kind": "ARCHIVE", "title": "档案", "day": "2026-08-01"}
    sent |= {"file": SimpleUploadedFile("a.pdf", b"%PDF-1.4")} | wrong
    answer = as_(world.station).post("/tasks/documents/new/", sent)
    assert answer.status_code == 422
    assert why in answer.content.decode()
    assert not StationDocument.objects.exists()


@pytest.mark.once
def test_a_station_files_nothing_for_another(world, as_):
    sent = {"station": world.sibling.pk, "kind": "ARCHIVE", "title": "档案", "day": "2026-08-01"}
    sent |= {"file": SimpleUploadedFile("a.pdf", b"%PDF-1.4")}
    assert as_(world.station).post("/tasks/documents/new/", sent).status_code == 422
    assert not StationDocument.objects.exists()


# --- REST and the file --------------------------------------------------------------------------------------------------


@pytest.mark.once
def test_rest_tells_what_the_page_tells(world, as_):
    MAKE["receptions"](world, world.own, date(2026, 1, 11))
    office = as_(world.office)
    told = office.get("/api/v1/tasks/?year=2026&part=01&task=receptions").json()["results"]
    assert [(row["station"], row["done"]) for row in told] == [("PC01", 1), ("PC02", 0)]
    [cell] = told[0]["tasks"]
    assert (cell["period"], cell["done"], cell["wanted"], cell["state"]) == ("2026-01", 1, 1, "DONE")
    assert len(office.get(cell["records"]).json()["results"]) == 1
    assert office.get("/api/v1/tasks/?only=missed&year=2026&part=01").json()["results"] != []
    f.StationDocumentFactory(station=world.own)
    assert len(office.get("/api/v1/documents/?kind=ARCHIVE").json()["results"]) == 1
    assert as_(world.station_other).get("/api/v1/documents/").json()["results"] == []


@pytest.mark.once
def test_the_file_holds_what_the_page_shows(world, as_):
    from io import BytesIO

    from openpyxl import load_workbook

    MAKE["receptions"](world, world.own, date(2025, 1, 11))
    answer = as_(world.office).post("/exports/tasks/", {"year": "2025"}, follow=True)
    sheet = load_workbook(BytesIO(b"".join(answer.streaming_content))).active
    head, own, sibling = sheet.iter_rows(min_row=3, values_only=True)
    row = dict(zip(head, own, strict=True))
    assert (row["站点"], row["接待联系群众"], row["未完成"]) == ("南关街道联络站", "1/12", 51)
    assert dict(zip(head, sibling, strict=True))["接待联系群众"] == "0/12"
    assert "年份 2025年" in sheet["A2"].value
