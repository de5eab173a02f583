"""manage.py figures: the same figures for a person at a terminal or for a program."""

import json
import re
from datetime import UTC, date, datetime

import pytest
from django.core.management import CommandError, call_command

from liaison.reports.metrics import METRICS
from tests import factories as f

WITH = ["--from", "2023-09-01", "--to", "2023-09-30"]


def run(capsys, *arguments):
    call_command("figures", *arguments)
    return capsys.readouterr().out


@pytest.fixture
def visits(people):
    for headcount in (1, 4):
        f.VisitFactory(
            activity=None,
            station=people.own,
            day=date(2023, 9, 11),
            headcount=headcount,
            created_at=datetime(2023, 9, 10 + headcount, 4, tzinfo=UTC),
        )


def test_json_holds_every_figure_with_its_records(people, visits, capsys):
    answer = json.loads(run(capsys, "--area", "140200", *WITH, "--json"))

    assert (answer["area"], answer["from"], answer["to"]) == ("140200000000", "2023-09-01", "2023-09-30")
    assert [figure["code"] for figure in answer["figures"]] == list(METRICS)
    for figure in answer["figures"]:
        assert sum(record["value"] for record in figure["records"]) == figure["value"]
        assert len({record["id"] for record in figure["records"]}) == len(figure["records"])
    assert next(f["value"] for f in answer["figures"] if f["code"] == "activity.visitors") == 5


def test_as_of_counts_what_had_been_entered_by_then(people, visits, capsys):
    for as_of, visitors in (
        ("2023-09-10", 0),
        ("2023-09-11", 1),
        ("2023-09-14T11:00", 1),
        ("2023-09-14T12:30", 5),
    ):
        out = run(capsys, "--area", "1402", *WITH, "--as-of", as_of)
        assert re.search(rf"activity.visitors +接待群众 +{visitors} 人次", out), as_of

    answer = json.loads(run(capsys, "--area", "1402", *WITH, "--as-of", "2023-09-11", "--json"))
    records = {figure["code"]: figure["records"] for figure in answer["figures"]}
    assert [record["value"] for record in records["activity.visitors"]] == [1]


def test_the_table_says_area_period_and_each_figure(people, visits, capsys):
    out = run(capsys, "--area", "140213", *WITH)

    assert "平城区　2023-09-01 至 2023-09-30" in out
    assert "接待群众" in out
    assert "5 人次" in out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--area", "150000", *WITH], "没有区划 150000"),
        (["--area", "140213", "--from", "2023-9-1", "--to", "2023-09-30"], "--from 的日期“2023-9-1”不对"),
        (["--area", "140213", "--from", "2023-09-30", "--to", "2023-09-01"], "早于开始日期"),
        (["--area", "140213", *WITH, "--as-of", "昨天"], "--as-of 的时间“昨天”不对"),
    ],
)
def test_a_wrong_area_or_day_is_refused_with_a_sentence(people, arguments, sentence):
    with pytest.raises(CommandError, match=sentence) as refusal:
        call_command("figures", *arguments)

    assert refusal.value.returncode == 1
