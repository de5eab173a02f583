"""A program asks for a list, sees how the job stands, and takes the file; with its post's rights and no more."""

from io import BytesIO

import pytest

from liaison.core.jobs import work
from liaison.core.models import Job
from tests.api.conftest import program

pytestmark = pytest.mark.once

__all__ = ["program"]


def test_a_program_asks_waits_and_takes_the_file(program, people):
    from openpyxl import load_workbook

    caller = program(people.station)
    asked = caller.send("exports/", {"list": "stations", "filter": {"kind": "POINT"}})

    assert (asked.status_code, asked.json()["state"], asked.json()["steps"]) == (
        202,
        "QUEUED",
        {"cancel": "取消"},
    )
    work()
    job = caller.ask(f"jobs/{asked.json()['id']}/").json()
    assert (job["state"], job["rows"], job["file_name"][:3]) == ("DONE", 1, "站点_")
    file = caller.get(job["file"])
    sheet = load_workbook(BytesIO(b"".join(file.streaming_content))).active
    assert [cell.value for cell in sheet["A"]][2:] == ["编号", "PC0101"]
    for other in (people.office, people.station_sibling):
        assert program(other).get(job["file"]).status_code == 404


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({}, "list"),
        ({"list": "nothing"}, "list"),
        ({"list": "stations", "filter": "x"}, "filter"),
        ({"list": "stations", "filter": {"open_on": "nonsense"}}, "filter"),
        ({"list": "stations", "filter": {"open_on": {"a": 1}}}, "open_on"),
        ({"list": "visits", "filter": {"station": "\x00"}}, "filter"),
    ],
)
def test_what_is_asked_wrongly_is_told_by_field(program, people, sent, field):
    answer = program(people.office).send("exports/", sent)

    assert answer.status_code == 400
    assert field in answer.json()["fields"]
    assert not Job.objects.exists()


def test_half_a_character_finds_nothing(program, people):
    """JSON can hold it, no database stores it."""
    sent = r'{"list": "stations", "filter": {"text": "\ud800"}}'
    caller = program(people.office)

    assert caller.post("/api/v1/exports/", sent, content_type="application/json").status_code == 202
    work()
    assert (Job.objects.get().state, Job.objects.get().rows) == ("DONE", 0)


def test_the_same_key_asks_once_and_another_export_waits(program, people):
    caller = program(people.office)
    first = caller.send("exports/", {"list": "stations"}, headers={"Idempotency-Key": "a"})
    again = caller.send("exports/", {"list": "stations"}, headers={"Idempotency-Key": "a"})
    other = caller.send("exports/", {"list": "deputies"})

    assert first.json() == again.json()
    assert other.status_code == 409
    assert "请等它完成" in other.json()["message"]
    cancelled = caller.send(f"jobs/{first.json()['id']}/steps/cancel/")
    assert cancelled.json()["state"] == "CANCELLED"
    assert caller.send("exports/", {"list": "deputies"}).status_code == 202
    assert program(people.unit).send("exports/", {"list": "stations"}).status_code == 403
