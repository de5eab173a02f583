"""Numbered paper forms: no number twice, each typed in once, and what is missing is seen."""

import uuid

import pytest

from liaison.core.models import AuditEntry
from liaison.core.workflow import NotAllowed
from suggestions.intake import take_in
from tests import factories as f
from visits.models import Sheet, SheetBatch, Visit


@pytest.fixture
def batch(people):
    return SheetBatch(station=people.own, count=3).enter(by=people.station)


@pytest.fixture
def day(people):
    return f.ActivityFactory(station=people.own, open=True)


def typed(day, as_, post, **changes):
    form = {"idem": str(uuid.uuid4()), "name": "田秀兰", "text": "暖气不热", "outcome": "NOTED"} | changes
    return as_(post).post(f"/activities/{day.pk}/log/", form)


def test_a_batch_is_issued_to_a_station_and_it_is_on_record_who_took_which(people, as_):
    answer = as_(people.station).post(
        "/activities/sheets/new/", {"station": people.own.pk, "kind": "WALK", "count": 2, "idem": "k"}
    )

    batch = SheetBatch.objects.get()
    assert answer["Location"] == f"/activities/sheets/batches/{batch.pk}/"
    assert batch.issued_by == people.station
    assert list(batch.sheets.values_list("number", flat=True)) == ["PC01-Z00001", "PC01-Z00002"]
    assert AuditEntry.objects.of(batch).get().data == {"first": "PC01-Z00001", "last": "PC01-Z00002"}


def test_numbers_go_on_and_the_same_form_issues_once(people, as_):
    client = as_(people.station)
    for key in ("a", "a", "b"):
        client.post(
            "/activities/sheets/new/", {"station": people.own.pk, "kind": "LOG", "count": 2, "idem": key}
        )
    assert sorted(Sheet.objects.values_list("number", flat=True)) == [f"PC01-J0000{n}" for n in range(1, 5)]


@pytest.mark.django_db(transaction=True)
def test_batches_issued_at_once_share_no_number(people, several_threads):
    several_threads(*[lambda: SheetBatch(station=people.own, count=5).enter(by=people.station)] * 3)
    numbers = list(Sheet.objects.values_list("number", flat=True))
    assert len(set(numbers)) == len(numbers) == 15


@pytest.mark.once
@pytest.mark.parametrize("count", ["0", "-1", "101", "x", ""])
def test_a_batch_has_one_to_a_hundred_sheets(people, as_, count):
    sent = {"station": people.own.pk, "kind": "LOG", "count": count}
    assert as_(people.station).post("/activities/sheets/new/", sent).status_code == 422


@pytest.mark.once
@pytest.mark.parametrize("number", ["PC01-J00001", " pc01-j00001 ", "ＰＣ０１－Ｊ００００１"])
def test_a_sheet_is_typed_in_with_its_number_however_it_is_written(people, as_, batch, day, number):
    assert typed(day, as_, people.station, sheet=number).status_code == 302

    sheet = Sheet.objects.get(number="PC01-J00001")
    assert (sheet.state, sheet.visit) == ("USED", Visit.objects.get())
    assert "PC01-J00001" in as_(people.station).get(sheet.visit.get_absolute_url()).content.decode()
    assert [entry.action for entry in AuditEntry.objects.of(sheet)] == ["visits.sheet.fill"]


@pytest.mark.once
def test_what_cannot_be_typed_in_is_said_and_nothing_is_logged(people, as_, batch, day):
    foreign = SheetBatch(station=people.other, count=1).enter(by=people.station_other)
    typed(day, as_, people.station, sheet="PC01-J00001")
    Sheet.objects.get(number="PC01-J00002").void(by=people.station, note="写坏")
    number = Visit.objects.get().number

    for sheet, sentence in (
        ("PC01-J00009", "没有发出过编号是“PC01-J00009”的纸质表，请核对。"),
        (foreign.sheets.get().number, "不是这个站领的，请核对站点和编号。"),
        ("PC01-J00001", f"已经录过，是来访登记 {number}。"),
        ("PC01-J00002", "已作废（写坏）。确实用过的，请先恢复。"),
    ):
        page = typed(day, as_, people.station, sheet=sheet)
        assert page.status_code == 422
        assert sentence in page.content.decode()
        assert "田秀兰" in page.content.decode()
    assert Visit.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_who_type_in_the_same_sheet_at_once_log_it_once(people, batch, day, several_threads):
    def log():
        visit = Visit(activity=day, text="暖气不热", outcome="NOTED", anonymous=True)
        return take_in(visit, by=people.station, sheet="PC01-J00001")

    answers = several_threads(log, log)
    assert Visit.objects.count() == 1
    assert len([answer for answer in answers if isinstance(answer, Visit)]) == 1


@pytest.mark.once
def test_a_sheet_is_voided_with_a_reason_and_put_back(people, as_, batch):
    sheet = batch.sheets.first()
    client = as_(people.station)
    address = f"/activities/sheets/{sheet.pk}/steps"

    assert client.post(f"{address}/void/", {"note": ""}).status_code == 422
    client.post(f"{address}/void/", {"note": "丢失"})
    sheet.refresh_from_db()
    assert (sheet.state, sheet.reason) == ("VOID", "丢失")
    client.post(f"{address}/restore/", {"note": ""})
    sheet.refresh_from_db()
    assert (sheet.state, sheet.reason) == ("ISSUED", "")
    with pytest.raises(NotAllowed):
        sheet.void(by=people.office, note="丢失")


@pytest.mark.once
def test_a_visit_logged_without_its_number_gets_it_later(people, as_, batch, day):
    typed(day, as_, people.station)
    visit = Visit.objects.get()
    sheet = batch.sheets.first()
    client = as_(people.station)

    unknown = client.post(f"/activities/sheets/{sheet.pk}/steps/fill/", {"visit": "JD20200101-001"})
    client.post(f"/activities/sheets/{sheet.pk}/steps/fill/", {"visit": visit.number})
    sheet.refresh_from_db()

    assert unknown.status_code == 422
    assert sheet.visit == visit
    second = batch.sheets.last()
    again = client.post(f"/activities/sheets/{second.pk}/steps/fill/", {"visit": visit.number})
    assert again.status_code == 422


@pytest.mark.once
def test_the_list_counts_what_is_out_and_shows_what_came_of_each(people, as_, batch, day):
    typed(day, as_, people.station, sheet="PC01-J00001")
    Sheet.objects.get(number="PC01-J00002").void(by=people.station, note="写坏")

    page = as_(people.office).get("/activities/sheets/")
    assert page.context["tally"] == {"out": 1, "used": 1, "void": 1}
    words = page.content.decode()
    assert "写坏" in words
    assert Visit.objects.get().number in words
    missing = as_(people.station).get("/activities/sheets/?state=ISSUED").content.decode()
    assert "PC01-J00003" in missing
    assert "PC01-J00001" not in missing


@pytest.mark.once
def test_the_list_costs_the_same_however_many_were_issued(people, as_, django_assert_max_num_queries):
    SheetBatch(station=people.own, count=40).enter(by=people.station)
    client = as_(people.station)
    client.get("/activities/sheets/")
    with django_assert_max_num_queries(9):
        client.get("/activities/sheets/")


@pytest.mark.once
def test_by_rest_the_same_sheets_and_steps(people, as_, batch, day):
    client = as_(people.station)
    row = client.get("/api/v1/sheets/?state=ISSUED&number=pc01-j00002").json()["results"][0]
    answer = client.post(
        f"/api/v1/sheets/{row['id']}/steps/void/", {"note": "丢失"}, content_type="application/json"
    )
    logged = client.post(
        "/api/v1/visits/",
        {
            "activity": day.number,
            "text": "暖气不热",
            "outcome": "NOTED",
            "anonymous": True,
            "sheet": "PC01-J00002",
        },
        content_type="application/json",
    )

    assert (row["number"], row["steps"]) == ("PC01-J00002", {"fill": "录入", "void": "作废"})
    assert answer.json()["state"] == "VOID"
    assert logged.status_code == 400
    assert "已作废" in str(logged.json()["fields"]["sheet"])
