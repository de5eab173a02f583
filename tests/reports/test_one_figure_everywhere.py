"""A figure is one number: the page, REST, the command, the workbook and the CSV files say the same, for every role's area.

What is written into a file is the same report, whoever asked for it: each role's is read in one kind of file, that of
the office in both. The paper of the same quarter is read in test_report_paper.py.
"""

import csv
import json
import re
import zipfile
from datetime import date, timedelta
from io import BytesIO, StringIO

import pytest
from django.core.management import call_command
from django.urls import reverse

from liaison.core import jobs
from liaison.core.models import Job
from liaison.reports.metrics import METRICS, figures
from liaison.reports.models import Report
from liaison.reports.periods import Kind, Period
from suggestions.models import Evaluation, Meeting, Rating
from tests import factories as f

pytestmark = pytest.mark.django_db
FIRST, LAST, IN = date(2023, 7, 1), date(2023, 9, 30), date(2023, 9, 11)
PERIOD = {"from": FIRST.isoformat(), "to": LAST.isoformat()}
once = pytest.mark.once
WHO_READS = (
    pytest.param("office", ("csv", "xlsx"), marks=once),
    pytest.param("office_city", ("csv",), marks=once),
    pytest.param("auditor", ("xlsx",), marks=once),
    ("station", ("xlsx",)),
)


@pytest.fixture
def quarter(people):
    """At each of three stations as many of everything as its place says, so that no two areas have the same numbers."""
    department = f.DepartmentFactory(area=people.county)
    attending = {people.own: people.deputy.mandate, people.other: people.deputy_other.mandate}
    for many, station in enumerate((people.own, people.sibling, people.other), 1):
        mandate = attending.get(station) or people.deputy_colleague.mandate
        for n in range(many):
            for kind in ("RECEPTION", "TRAINING", "DEBRIEF", "PUBLICITY", "RESEARCH"):
                day = f.ActivityFactory(
                    station=station, day=IN, kind=kind, closed=True, announced_on=IN - timedelta(days=5)
                )
                f.AttendanceFactory(activity=day, mandate=mandate, state="PRESENT")
            f.VisitFactory(activity=day, headcount=n + 2, category=people.category)
            steps = dict.fromkeys(
                (
                    "dispatched_on",
                    "accepted_on",
                    "followed_on",
                    "replied_on",
                    "fed_back_on",
                    "rated_on",
                    "closed_on",
                ),
                IN,
            )
            found = f.RequestFactory(
                station=station,
                received_on=FIRST,
                category=people.category,
                state="CLOSED",
                solved="YES",
                **steps,
            )
            Rating.objects.create(
                request=found, round=1, on=IN, attitude="SATISFIED", result="FAIRLY", how="PHONE" if n else ""
            )
            f.OrderFactory(
                request=found,
                department=department,
                issued_on=FIRST,
                due_on=IN - timedelta(days=1),
                replied_on=IN,
            )
            f.OrderFactory(request=found, department=department, issued_on=IN, round=2)
            for state in ("ANSWERED_ON_SPOT", "NOT_ACCEPTED"):
                f.RequestFactory(station=station, received_on=IN, closed_on=IN, state=state, solved="YES")
            for kind, answer_class in (("SUGGESTION", "A"), ("MOTION", "B")):
                piece = f.SuggestionFactory(
                    lead=mandate,
                    area=station.area.parent,
                    kind=kind,
                    state="DELIVERED",
                    submitted_on=FIRST,
                    accepted_on=FIRST,
                    replied_on=IN,
                    key_on=IN,
                    answer_class=answer_class,
                )
                Meeting.objects.create(
                    suggestion=piece, round=1, department=department, on=FIRST, way="FACE", by=people.unit
                )
                Evaluation.objects.create(
                    suggestion=piece,
                    round=1,
                    on=IN,
                    mandate=mandate,
                    attitude="SATISFIED",
                    result="SATISFIED",
                )


def expected(post):
    return {figure.code: figure.value for figure in figures(post.area, FIRST, LAST, post)}


def of_page(client, post):
    """The numbers as they stand in the page, by the address that each leads to."""
    page = client.get(reverse("reports:figures"), PERIOD | {"area": post.area.code}).content.decode()
    found = re.findall(r'<a href="/figures/([\w.]+)/\?[^"]*">(\d+)</a><small>', page)
    return {code: int(value) for code, value in found}


def of_rest(client, post):
    answer = client.get(reverse("api:figures"), PERIOD | {"area": post.area.code}).json()
    return {row["code"]: row["value"] for row in answer["figures"]}


def of_command(post):
    out = StringIO()
    call_command(
        "figures",
        "--json",
        "--area",
        post.area.code,
        "--from",
        PERIOD["from"],
        "--to",
        PERIOD["to"],
        stdout=out,
    )
    answer = json.loads(out.getvalue())
    for row in answer["figures"]:
        if METRICS[row["code"]].rule.name != "MEDIAN_DAYS":
            assert sum(record["value"] for record in row["records"]) == row["value"], row["code"]
    return {row["code"]: row["value"] for row in answer["figures"]}


def made(post, file_format):
    report = Report.objects.ask(
        by=post, area=post.area, period=Period(Kind.QUARTERLY, FIRST, LAST), file_format=file_format
    )
    jobs.work()
    report.job.refresh_from_db()
    assert report.job.state == Job.State.DONE, report.job.text
    with report.job.handed_out(by=post) as file:
        return file.read()


def of_table(rows):
    """The table of all figures: code in the last column, value in the third."""
    return {str(row[7]): int(float(row[2])) for row in rows if len(row) > 7 and str(row[7]) in METRICS}


def of_workbook(content):
    """Read with another program than the one that wrote it."""
    import python_calamine as calamine

    return of_table(calamine.load_workbook(BytesIO(content)).get_sheet_by_name("总表").to_python())


def of_archive(content):
    with zipfile.ZipFile(BytesIO(content)) as archive:
        name = next(name for name in archive.namelist() if "总表" in name)
        return of_table(csv.reader(StringIO(archive.read(name).decode("utf-8-sig"))))


READ = {"xlsx": of_workbook, "csv": of_archive}


@pytest.mark.parametrize(("who", "files"), WHO_READS)
def test_every_outlet_says_the_same_number(quarter, people, client, who, files):
    post = getattr(people, who)
    client.force_login(post.user)
    wanted = expected(post)
    assert sum(value > 0 for value in wanted.values()) > 40, "there is something to compare"

    assert of_page(client, post) == wanted
    assert of_rest(client, post) == wanted
    if who.startswith(("office", "auditor")):  # the command is the house's: it knows no stations of one's own
        assert of_command(post) == wanted
    for file_format in files:
        assert READ[file_format](made(post, file_format)) == wanted, file_format


@once
def test_areas_have_different_numbers(quarter, people):
    """Else the test above could take one area for another."""
    numbers = [
        tuple(expected(getattr(people, who)).values())
        for who in ("office", "office_city", "station", "office_other")
    ]
    assert len(set(numbers)) == len(numbers)
