"""Reports by REST: asked for once for each key, told how far they are, fetched with their hash."""

import hashlib

import pytest

from liaison.core.jobs import work
from liaison.core.models import AuditEntry
from liaison.reports.models import Report

ASKED = {"kind": "QUARTERLY", "area": "140213", "period": "2023Q3", "format": "csv"}


@pytest.mark.once
def test_a_report_is_asked_for_and_fetched(program, people):
    caller = program(people.office)
    key = {"Idempotency-Key": "one"}

    answer = caller.send("reports/", ASKED, headers=key)

    told = answer.json()
    assert answer.status_code == 202
    assert answer["Location"].endswith(f"/api/v1/reports/{told['id']}/")
    assert (told["state"], told["file"], told["masked"]) == ("QUEUED", None, True)
    assert (told["area"], told["first"], told["last"]) == ("140213000000", "2023-07-01", "2023-09-30")
    assert caller.send("reports/", ASKED, headers=key).json() == told
    assert caller.get(f"/api/v1/reports/{told['id']}/file/").status_code == 409
    work()
    told = caller.ask(f"reports/{told['id']}/").json()
    assert (told["state"], told["done"]) == ("DONE", told["rows"])
    file = b"".join(caller.get(told["file"]).streaming_content)
    assert hashlib.sha256(file).hexdigest() == told["sha256"]
    assert told["file_name"].startswith("2023年第三季度_联络站工作报表_平城区_导出于")
    assert [one["id"] for one in caller.ask("reports/").json()["results"]] == [told["id"]]
    assert program(people.auditor).ask("reports/").json()["results"] == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "WEEKLY"}, "kind"),
        ({"period": "2023Q9"}, "period"),
        ({"period": "2099Q1"}, "period"),
        ({"area": "140215"}, "area"),  # out of sight is as one that does not exist
        ({"format": "docx"}, "format"),
        ({"unmasked": True}, "reason"),
    ],
)
@pytest.mark.once
def test_what_is_wrong_is_told_with_its_field(program, people, change, field):
    answer = program(people.office).send("reports/", ASKED | change)

    assert answer.status_code == 400
    assert set(answer.json()["fields"]) == {field}
    assert not Report.objects.exists()


def test_persons_in_full_take_a_reason(program, people):
    program(people.office).send("reports/", ASKED | {"unmasked": True, "reason": "回访全部来访人"})

    assert not Report.objects.get().masked
    assert AuditEntry.objects.get(action="reports.report.unmasked").note == "回访全部来访人"


def test_another_while_one_is_being_made_is_refused(program, people):
    caller = program(people.office)
    caller.send("reports/", ASKED)

    answer = caller.send("reports/", ASKED | {"period": "2023Q2"})

    assert answer.status_code == 409
    assert "还有一件同样的事正在处理" in answer.json()["message"]
