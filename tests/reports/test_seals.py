"""Sealed periods: figures that hold still, numbered and chained; what has changed since is shown with its cause."""

from datetime import date, time
from io import BytesIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.template.loader import render_to_string
from hypothesis import given, settings
from hypothesis import strategies as st

from liaison.core.jobs import run_at_once, work
from liaison.core.models import AuditEntry, Job
from liaison.core.workflow import NotAllowed
from liaison.reports.issued import pdf
from liaison.reports.metrics import METRICS, figures
from liaison.reports.models import Report, Seal, SealCheck
from liaison.reports.periods import Kind, Period
from liaison.reports.seals import sealing, verifying
from liaison.reports.seals.keys import Keys
from tests import factories as f

QUARTER = Period(Kind.QUARTERLY, date(2023, 7, 1), date(2023, 9, 30))
IN = date(2023, 9, 11)


@pytest.fixture
def received(people):
    """A day with two visits of three and of two, one of which became a request."""
    activity = f.ActivityFactory(station=people.own, day=IN, closed=True)
    f.AttendanceFactory(activity=activity, mandate=people.deputy.mandate, state="PRESENT")
    visits = [
        f.VisitFactory(activity=activity, category=people.category, at=time(9), headcount=n) for n in (3, 2)
    ]
    f.RequestFactory(visit=visits[0], station=people.own, received_on=IN)
    return visits


@pytest.fixture
def seal(people, received):
    return sealed(people.office)


def sealed(post, period=QUARTER, **more):
    done = run_at_once(sealing.ask(period, by=post, **more))
    assert done.state == Job.State.DONE, done.text
    return done.seal


def told(seal, post=None):
    """The differences: code → then, now, and what came, went or changed with the first reason."""
    check = verifying.verify(Seal.objects.get(pk=seal.pk), actor="审计")
    return check, {
        one.code: (
            one.then,
            one.now,
            [(how, total, records[0].reasons[0]) for how, total, records in one.kinds],
        )
        for one in verifying.in_words(check, post)
    }


def test_a_seal_holds_every_figure_of_the_page_and_its_records(people, seal):
    expected = {one.code: one.value for one in figures(people.county, QUARTER.first, QUARTER.last)}

    assert seal.figures == expected
    assert expected["activity.visitors"] == 5
    for code, metric in METRICS.items():
        right = set(metric.records(sealing_ask(people)).values_list("pk", flat=True))
        assert set(seal.keys(code).keys) == right, code
    assert (seal.number, seal.previous, seal.flaws()) == (
        "140213-2026-001".replace("2026", str(seal.year)),
        None,
        [],
    )
    entry = AuditEntry.objects.get(action="reports.seal.enter")
    assert (entry.data["sha256"], entry.post) == (seal.sha256, people.office)


def sealing_ask(people):
    from liaison.reports.metrics import Ask

    return Ask(people.county, QUARTER.first, QUARTER.last)


def test_what_is_unaltered_is_said_to_be(seal):
    check, differences = told(seal)

    assert (check.result, check.is_unaltered, differences) == ("和定稿时一致，没有一项不同。", True, {})


def test_each_difference_is_shown_with_the_records_and_what_was_done_to_them(people, seal, received):
    received[0].amend(by=people.station, note="数错了", headcount=4)
    received[1].void(by=people.station, note="重复登记")
    f.VisitFactory(activity=received[0].activity, headcount=7).mark(
        "enter", by=people.station, note="纸质表补录"
    )

    check, differences = told(seal, people.office)

    assert set(differences) == {"activity.visitors", "activity.parties"}
    assert differences["activity.parties"][:2] == (2, 2)  # one came, one went
    then, now, kinds = differences["activity.visitors"]
    assert (then, now) == (5, 11)
    reasons = {how: (total, reason) for how, total, reason in kinds}
    assert {how: total for how, (total, _) in reasons.items()} == {"新计入": 1, "不再计入": 1, "数值变了": 1}
    assert "登记" in reasons["新计入"][1]
    assert reasons["新计入"][1].endswith("纸质表补录")
    assert "作废" in reasons["不再计入"][1]
    assert "重复登记" in reasons["不再计入"][1]
    assert "更正" in reasons["数值变了"][1]
    assert check.result == "有 2 项指标和定稿时不同。定稿的数字没有变。"
    assert seal.flaws() == []


def test_what_was_done_to_an_activity_is_told_of_everybody_who_was_there_and_of_no_other_area(
    people, seal, received
):
    activity = received[0].activity
    f.AttendanceFactory(activity=activity, mandate=people.deputy_colleague.mandate, state="PRESENT")
    there = list(activity.attendances.all())
    activity.mark("amend", by=people.station, note="改期")
    elsewhere = f.ActivityFactory(station=people.other, day=activity.day, closed=True)
    alien = f.AttendanceFactory(activity=elsewhere, mandate=people.deputy.mandate, state="PRESENT")
    elsewhere.mark("amend", by=people.office_other, note="外县的事")

    found = verifying._reasons(seal, type(alien), [one.pk for one in (*there, alien)])

    assert [found[one.pk][-1][-2:] for one in there] == ["改期", "改期"]
    assert alien.pk not in found


@pytest.mark.once
def test_a_change_past_the_system_has_no_reason(people, seal, received):
    type(received[1]).objects.filter(pk=received[1].pk).update(headcount=200)

    assert told(seal)[1]["activity.visitors"][2] == [("数值变了", 1, "没有留下操作记录")]


def test_a_seal_that_was_tampered_with_is_broken(people, seal, capsys):
    def tampered(sql, *params):
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
        return " ".join(Seal.objects.get(pk=seal.pk).flaws())

    later = sealed(people.office, Period.read(Kind.MONTHLY, "2023-10"))
    assert (later.previous, later.previous_sha256, later.serial) == (seal, seal.sha256, 2)

    # The figures alone, then with a hash computed anew, then the records.
    changed = Seal.objects.get(pk=seal.pk)
    changed.figures["activity.visitors"] = 500
    Seal.objects.filter(pk=seal.pk).update(figures=changed.figures)
    assert "封存的内容和校验码对不上" in tampered("SELECT 1")
    with pytest.raises(CommandError, match="1 份定稿被改过"):
        call_command("verify_seal", seal.number)
    assert "定稿本身被改过" in capsys.readouterr().out
    said = tampered("UPDATE reports_seal SET sha256 = %s WHERE id = %s", changed.computed(), seal.pk)
    assert said == "校验码和操作日志里记的不一样，校验码被改过。"
    assert "上一份被改过" in " ".join(Seal.objects.get(pk=later.pk).flaws())
    lost = tampered("DELETE FROM reports_sealedkeys WHERE seal_id = %s", seal.pk)
    assert "记录清单缺失或被改过" in lost


@pytest.mark.once
def test_a_number_that_is_missing_is_noticed(people, seal):
    Seal.objects.filter(pk=seal.pk).update(serial=2)

    assert verifying.gaps() == [f"编号不连续，缺 140213-{seal.year}-001。"]


@pytest.mark.once
@pytest.mark.usefixtures("seal")
def test_what_cannot_be_sealed_is_refused_in_words(people):
    for post, period, sentence in (
        (people.auditor, QUARTER, "您的岗位不能定稿"),
        (people.station, QUARTER, "您的岗位不能定稿"),
        (people.office, Period.read(Kind.YEARLY, "2099"), "还没有过完"),
        (people.office, Period(Kind.QUARTERLY, date(2023, 7, 1), date(2023, 8, 1)), "不是一整段"),
        (people.office, QUARTER, "这段时间已经定稿，编号"),
    ):
        with pytest.raises(NotAllowed, match=sentence):
            sealing.ask(period, by=post)


def test_a_correction_takes_the_place_of_a_seal_once_and_with_a_reason(people, seal, received):
    received[1].void(by=people.station, note="重复登记")
    with pytest.raises(NotAllowed, match="请写明更正的原因"):
        sealing.ask(QUARTER, by=people.office, corrects=seal, reason="")

    corrected = sealed(people.office, corrects=seal, reason="剔除重复登记的一批")

    assert (corrected.figures["activity.visitors"], seal.figures["activity.visitors"]) == (3, 5)
    assert (corrected.serial, corrected.corrects, corrected.previous) == (2, seal, seal)
    seal = Seal.objects.get(pk=seal.pk)
    assert not seal.is_current
    with pytest.raises(NotAllowed, match="已经定稿"):
        sealing.ask(QUARTER, by=people.office, corrects=seal, reason="再来一次更正")
    assert (
        "reason" not in AuditEntry.objects.get(action="core.job.enter", object_id=str(corrected.job_id)).data
    )


# --- Page, REST and command ---------------------------------------------------------------------------------------------


@pytest.mark.once
def test_an_office_seals_and_verifies_on_the_page(as_, people, received):
    browser = as_(people.office)
    asked = {"period_name": "free", "first": "2023-07-01", "last": "2023-09-30"}
    page = browser.post("/seals/", asked, follow=True)
    assert "排队中" in page.content.decode()
    work()
    seal = Seal.objects.get()
    assert (seal.kind, seal.title) == (Kind.QUARTERLY, "平城区2023年第三季度")
    again = browser.post("/seals/", asked)
    assert (again.status_code, "这段时间已经定稿" in again.content.decode()) == (409, True)
    received[1].void(by=people.station, note="重复登记")

    page = browser.post(f"/seals/{seal.pk}/verify/", follow=True).content.decode()

    assert "接待群众：定稿 5 人次，现在 3 人次（少 2）" in page
    assert f'<a href="{received[1].get_absolute_url()}">' in page
    assert "重复登记" in page
    assert seal.number in browser.get("/seals/").content.decode()
    assert as_(people.station).get(f"/seals/{seal.pk}/").status_code == 403
    assert as_(people.office_other).get(f"/seals/{seal.pk}/").status_code == 404


@pytest.mark.once
def test_programs_seal_and_verify_too(as_, people, received):
    browser = as_(people.office)
    asked = {"kind": "QUARTERLY", "period": "2023Q3"}
    answer = browser.post("/api/v1/seals/", asked, content_type="application/json")
    assert answer.status_code == 202
    work()
    [row] = browser.get("/api/v1/seals/").json()["results"]
    assert row["figures"]["activity.visitors"] == 5
    assert row["records"]["activity.parties"]["count"] == 2
    received[1].void(by=people.station, note="重复登记")
    assert browser.post(f"/api/v1/seals/{row['id']}/verify/").status_code == 202
    work()

    [check] = browser.get(f"/api/v1/seals/{row['id']}/checks/").json()

    assert not check["unaltered"]
    visitors = {one["code"]: one for one in check["differences"]}["activity.visitors"]
    assert (visitors["then"], visitors["now"], visitors["kinds"][0]["how"]) == (5, 3, "不再计入")
    assert browser.post("/api/v1/seals/", asked, content_type="application/json").status_code == 409


@pytest.mark.once
def test_days_that_are_a_quarter_are_sealed_as_that_quarter_by_programs_too(as_, people, received):
    asked = {"kind": "FREE", "period": "2023-07-01..2023-09-30"}
    answer = as_(people.office).post("/api/v1/seals/", asked, content_type="application/json")
    assert answer.status_code == 202
    work()

    seal = Seal.objects.get()

    assert (seal.kind, seal.title) == (Kind.QUARTERLY, "平城区2023年第三季度")


@pytest.mark.once
def test_a_sealed_report_can_be_made_again_whatever_has_become_of_the_records(
    as_, people, seal, received, monkeypatch
):
    monkeypatch.setattr(pdf, "paper", lambda name, context, **more: render_to_string(name, context).encode())
    received[1].void(by=people.station, note="重复登记")
    browser, files = as_(people.office), {}
    for kind in ("xlsx", "pdf"):
        browser.post(f"/seals/{seal.pk}/report/", {"format": kind})
        work()
        report = Report.objects.latest("pk")
        assert report.job.state == Job.State.DONE, report.job.text
        files[kind] = BytesIO(b"".join(browser.get(f"/jobs/{report.pk}/file/").streaming_content))

    from openpyxl import load_workbook

    book = load_workbook(files["xlsx"])
    values = {row[7]: row[2] for row in book["总表"].iter_rows(values_only=True)}
    cover = {row[0]: row[1] for row in book["封面"].iter_rows(values_only=True)}
    assert values["activity.visitors"] == 5
    assert (cover["定稿编号"], cover["定稿校验码"], cover.get("台账")) == (seal.number, seal.sha256, None)
    text = files["pdf"].read().decode()
    assert seal.number in text
    assert seal.sha256 in text


@pytest.mark.once
def test_the_command_lists_each_difference(people, seal, received, capsys):
    received[1].void(by=people.station, note="重复登记")

    call_command("verify_seal", all=True)

    out = capsys.readouterr().out
    assert "接待群众：定稿 5，现在 3（少 2）" in out
    assert "重复登记" in out
    assert SealCheck.objects.count() == 1
    with pytest.raises(CommandError, match="没有编号为"):
        call_command("verify_seal", "140213-1999-001")


# --- Keys ---------------------------------------------------------------------------------------------------------------

KEY, WORTH = st.integers(0, 2**40), st.integers(0, 500)


@pytest.mark.once
@settings(max_examples=30)
@given(st.dictionaries(KEY, WORTH, max_size=12), st.booleans())
def test_packed_keys_come_back_as_they_were(worth, told):
    keys = tuple(sorted(worth))
    packed = Keys(keys, tuple(worth[key] for key in keys) if told and keys else None)

    assert Keys.unpacked(packed.packed()) == packed


@pytest.mark.once
def test_a_hundred_thousand_keys_stay_small():
    assert len(Keys(tuple(range(10**6, 2 * 10**6, 10))).packed()) < 110_000
