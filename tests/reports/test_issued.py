"""Reports that are made: every table adds up to the figures of the page, and nobody reads in them what is not theirs."""

import csv
import hashlib
import io
import zipfile
from datetime import date, time

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from liaison.core.jobs import work
from liaison.core.models import AuditEntry, Job, OutboxMessage
from liaison.core.workbooks import writing
from liaison.core.workflow import NotAllowed
from liaison.reports.issued import content as contents
from liaison.reports.issued.content import Content
from liaison.reports.issued.ledgers import LEDGERS
from liaison.reports.issued.making import write
from liaison.reports.issued.models import Report
from liaison.reports.metrics import figures
from liaison.reports.periods import Kind, Period, presets
from stations.models import StationStaff
from suggestions.models import Rating, Request
from tests import factories as f

QUARTER = Period(Kind.QUARTERLY, date(2023, 7, 1), date(2023, 9, 30))
IN, BEFORE = date(2023, 9, 11), date(2023, 5, 11)
ALIVE = '=HYPERLINK("http://example.com","点我")'


@pytest.fixture
def quarter(people):
    """At two stations of two counties: a day with two visits, requests at every stage, who came, a suggestion."""
    for name in ("own", "other"):
        station, seat = getattr(people, name), people.deputy if name == "own" else people.deputy_other
        for day in (IN, BEFORE):
            activity = f.ActivityFactory(station=station, day=day, closed=True, announced_on=day)
            f.AttendanceFactory(activity=activity, mandate=seat.mandate, state="PRESENT")
            visit = f.VisitFactory(
                activity=activity, received_by=seat.mandate, category=people.category, at=time(9), headcount=3
            )
            f.VisitorFactory(visit=visit)
            asked = f.RequestFactory(visit=visit, station=station, received_on=day)
            order = f.OrderFactory(request=asked, department=f.DepartmentFactory(area=station.area.parent))
            # Nothing but a day that was missed brings this one into the quarter.
            type(order).objects.filter(pk=order.pk).update(issued_on=day, due_on=date(2023, 8, 1))
        activity = f.ActivityFactory(station=station, day=IN, closed=True, kind="TRAINING")
        if name == "own":
            f.AttendanceFactory(activity=activity, mandate=people.deputy_colleague.mandate, state="ABSENT")
            f.AttendanceFactory(activity=activity, mandate=seat.mandate, state="LEAVE")
        secret = f.VisitFactory(activity=activity, confidential=True, text=ALIVE)
        f.VisitorFactory(visit=secret, name="任秀芳")
        done = f.RequestFactory(station=station, received_on=BEFORE, title="@SUM(1)\x07")
        stages = dict.fromkeys("dispatched accepted followed replied fed_back rated closed".split(), IN)
        days = {f"{stage}_on": day for stage, day in stages.items()}
        Request.objects.filter(pk=done.pk).update(**days, state="CLOSED", solved="YES", follower=seat.mandate)
        Rating.objects.create(
            request=done, round=1, on=IN, attitude="SATISFIED", result="FAIRLY", solved="YES"
        )
        f.SuggestionFactory(
            lead=seat.mandate,
            area=station.area.parent,
            state="CLOSED",
            accepted_on=IN,
            submitted_on=IN,
            replied_on=IN,
            answer_class="A",
        )
    return QUARTER


def content(people, who, period=QUARTER, **more):
    post = getattr(people, who) if who else None
    return Content(post.area if post else people.county, period, post, **more)


def opened(path):
    """The sheets of a workbook by name: the rows below the headings, the totals last; without title and foot."""
    from openpyxl import load_workbook

    book, found = load_workbook(path), {}
    for page in book:
        top = int(page.freeze_panes[1:])
        rows = [list(row) for row in page.iter_rows(min_row=top, values_only=True)]
        heads = [
            page.cell(top - 1, place).value or page.cell(top - 2, place).value
            for place in range(1, page.max_column + 1)
        ]
        rows = [row for row in rows if row[0] is not None and not str(row[0]).startswith("填报单位")]
        found[page.title] = [dict(zip(heads, row, strict=True)) for row in rows]
    return found


@pytest.mark.parametrize(
    "who",
    [
        "office_city",
        "station",
        *(pytest.param(who, marks=pytest.mark.once) for who in ("office", "auditor", None)),
    ],
)
def test_every_table_adds_up_to_the_figures_of_the_page(people, quarter, tmp_path, who):
    asked = content(people, who)
    expected = {one.code: one for one in figures(asked.area, quarter.first, quarter.last, asked.post)}

    write(tmp_path / "r.xlsx", "xlsx", asked)

    sheets = opened(tmp_path / "r.xlsx")
    assert {row["代码"]: row["数值"] for row in sheets["总表"]} == {
        code: one.value for code, one in expected.items()
    }
    assert expected["requests.closed"].value == (2 if who == "office_city" else 1)
    names = {f"{one.metric.name}（{one.metric.unit}）": one.value for one in expected.values()}
    for name, labels in (("分区划", 2), ("分站点", 4)):
        *rows, total = sheets[name]
        for heading in list(total)[labels:]:
            if heading in names:
                assert total[heading] == names[heading], (name, heading)
                assert sum(row[heading] for row in rows) == names[heading], (name, heading)
    columns = [part.figure for ledger in LEDGERS for part in ledger.parts if part.figure]
    assert asked.sums == {code: expected[code].value for code in columns}
    assert [row["统计期内办的"] for row in sheets["五单流转"]] == [
        expected[f"requests.{code}"].value for code in "received dispatched accepted followed rated".split()
    ]
    register = sheets["接待台账"]
    assert register[-1]["人数"] == sum(row["人数"] for row in register[:-1]) == names["接待群众（人次）"]
    requests = sheets["诉求台账"]
    assert (
        len([row for row in requests if row["超期"] == "是"])
        == requests[-1]["超期"]
        == names["超期（件）"]
        > 0
    )
    assert isinstance(register[0]["日期"].date(), date)
    assert [row["怎么算的"] for row in sheets["指标解释"]] == [
        one.metric.definition for one in expected.values()
    ]


@pytest.mark.once
def test_who_came_is_counted_out_of_what_was_due(people, quarter, tmp_path):
    write(tmp_path / "r.xlsx", "xlsx", content(people, "office"))

    rows = {row["代表"]: row for row in opened(tmp_path / "r.xlsx")["代表进站"]}

    kept = ("到场", "应到", "实到", "缺席", "到会率", "请假")
    assert [rows["张建国"][name] for name in kept] == [1, 1, 1, 0, 100, 1]
    assert [rows["李秀英"][name] for name in kept] == [0, 1, 0, 1, 0, 0]


@pytest.mark.once
def test_a_sheet_is_laid_out_for_paper_and_for_filtering(people, quarter, tmp_path):
    from openpyxl import load_workbook

    write(tmp_path / "r.xlsx", "xlsx", content(people, "office"))

    page = load_workbook(tmp_path / "r.xlsx")["诉求台账"]
    merged = {str(one) for one in page.merged_cells.ranges}
    assert {"A3:I3", "J3:O3"} <= merged
    assert page["A3"].value == "登记"
    assert (page.freeze_panes, page.auto_filter.ref.split(":")[0], page.print_title_rows) == (
        "B5",
        "A4",
        "$1:$4",
    )
    assert (page.page_setup.orientation, page.page_setup.paperSize) == ("landscape", 9)
    assert page["A1"].value == "平城区2023年第三季度诉求台账"
    assert page["B5"].number_format == "yyyy-mm-dd"
    lowest = [row[0].value for row in page.iter_rows()][-1]
    assert lowest.startswith("填报单位：平城区　　　　填报人：命令行　　　　审核人：")


def archive(path):
    with zipfile.ZipFile(path) as found:
        return {name: found.read(name) for name in found.namelist()}


def lines(found, name):
    [text] = [text for key, text in found.items() if name in key]
    return list(csv.DictReader(io.StringIO(text.decode("utf-8-sig"), newline="")))


@pytest.mark.once
def test_the_archive_holds_the_same_tables_and_the_cover_names_their_hashes(people, quarter, tmp_path):
    for kind in ("xlsx", "csv"):
        write(tmp_path / f"r.{kind}", kind, content(people, "office"))

    found, book = archive(tmp_path / "r.csv"), opened(tmp_path / "r.xlsx")

    assert all(text.startswith(b"\xef\xbb\xbf") for text in found.values())
    [requests] = [text for name, text in found.items() if "诉求台账" in name]
    cover = {row["项目"]: row["内容"] for row in book["封面"]}
    assert cover["表：诉求台账"] == f"3 行，校验码 {hashlib.sha256(requests).hexdigest()}"
    assert cover["表：诉求台账"] == {row["项目"]: row["内容"] for row in lines(found, "封面")}["表：诉求台账"]
    assert "姓名、电话已遮盖" in cover["筛选"]
    assert [row["登记：编号"] for row in lines(found, "诉求台账")] == [
        row["编号"] for row in book["诉求台账"]
    ]


@pytest.mark.once
def test_nothing_that_was_said_comes_alive(people, quarter, tmp_path):
    for kind in ("xlsx", "csv"):
        write(tmp_path / f"r.{kind}", kind, content(people, "station"))

    found, book = archive(tmp_path / "r.csv"), opened(tmp_path / "r.xlsx")

    assert ALIVE in {row["反映的问题"] for row in book["接待台账"]}  # a text, not a formula:
    with zipfile.ZipFile(tmp_path / "r.xlsx") as package:
        pages = [package.read(name) for name in package.namelist() if "/worksheets/" in name]
    assert not any(
        b"<f>" in page or b"hyperlink" in page.lower() for page in pages if b"HYPERLINK" not in page
    )
    assert not any(b"<f>" in page for page in pages)
    assert {row["标题"] for row in book["诉求台账"]} >= {"@SUM(1)"}
    assert f"'{ALIVE}" in {row["反映：反映的问题"] for row in lines(found, "接待台账")}
    assert "'@SUM(1)" in {row["登记：标题"] for row in lines(found, "诉求台账")}


@pytest.mark.once
@pytest.mark.parametrize(
    ("who", "masked", "open_names", "words"),
    [
        ("office", True, {"田*", "（要求保密）"}, ALIVE),
        ("office", False, {"田秀兰", "（要求保密）"}, ALIVE),
        ("station", True, {"田*", "（要求保密）"}, ALIVE),
        ("station", False, {"田秀兰", "（要求保密）"}, ALIVE),
        ("auditor", False, {"田*", "（要求保密）"}, "（要求保密）"),  # whatever was asked for
        (None, False, {"田*", "（要求保密）"}, "（要求保密）"),
    ],
)
def test_persons_stand_in_it_in_full_only_for_whom_they_may_be_shown_to(
    people, quarter, who, masked, open_names, words
):
    made = content(people, who, masked=masked)
    [register] = [sheet for sheet in made.sheets() if sheet.name == "接待台账"]
    names = [heading.text for heading in register.headings]

    rows = [dict(zip(names, row, strict=True)) for row in register.rows]

    assert {row["来访人"] for row in rows} == open_names
    assert {row["反映的问题"] for row in rows} == {words, "暖气不热，室温十四度。"}


def test_nobody_finds_a_complaint_about_oneself(people, quarter, tmp_path):
    Request.objects.filter(state="CLOSED").update(about_name=people.office.user.name)
    asked = content(people, "office")

    write(tmp_path / "r.xlsx", "xlsx", asked)

    assert asked.figure["requests.closed"].value == 0
    assert len(opened(tmp_path / "r.xlsx")["诉求台账"]) == 3  # two, and the totals


@pytest.mark.once
@pytest.mark.parametrize("ledger", LEDGERS, ids=lambda one: one.name)
def test_no_ledger_asks_the_database_for_each_of_its_rows(people, quarter, ledger, django_assert_num_queries):
    def read(who):
        return list(content(people, who).ledger(ledger).rows)

    with CaptureQueriesContext(connection) as one:
        few = len(read("office"))
    with django_assert_num_queries(len(one)):
        assert len(read("office_city")) > few


@pytest.mark.once
def test_more_rows_than_a_sheet_holds_go_on_in_a_second_one(people, quarter, tmp_path, monkeypatch):
    monkeypatch.setattr(writing, "MOST_ROWS", 2)

    write(tmp_path / "r.xlsx", "xlsx", content(people, "office"))

    sheets = opened(tmp_path / "r.xlsx")
    assert [len(sheets[name]) for name in ("诉求台账", "诉求台账（2）")] == [2, 2]  # the totals at the end


@pytest.mark.once
def test_a_ledger_that_does_not_add_up_is_never_given_out(people, quarter, tmp_path, monkeypatch):
    for ledger in LEDGERS:
        monkeypatch.setattr(type(ledger), "rows", lambda self, content: iter(()))

    with pytest.raises(NotAllowed, match="台账和指标对不上"):
        write(tmp_path / "r.csv", "csv", content(people, "office"))


# --- Asking, waiting, fetching ------------------------------------------------------------------------------------------

ASKED = {
    "area": "140213000000",
    "period_name": "free",
    "first": "2023-07-01",
    "last": "2023-09-30",
    "format": "xlsx",
}


def ask(browser, **more):
    return browser.post("/reports/", ASKED | more, follow=True)


@pytest.mark.once
def test_a_report_is_asked_for_made_and_fetched(as_, people, quarter):
    browser = as_(people.office)

    page = ask(browser)

    report = Report.objects.get()
    assert page.redirect_chain == [(f"/reports/{report.pk}/", 302)]
    assert "排队中" in page.content.decode()
    assert work() == 1
    report = Report.objects.select_related("job").get()
    page = browser.get(f"/reports/{report.pk}/").content.decode()
    assert {word for word in (report.sha256, "平城区", "已遮盖") if word not in page} == set()
    assert report.job.rows == report.rows > 60
    assert report.job.file_name.startswith(
        "2023年第三季度_联络站工作报表_平城区_导出于"
    )  # the free days are a quarter
    assert OutboxMessage.objects.get().url == f"/reports/{report.pk}/"
    file = b"".join(browser.get(f"/jobs/{report.pk}/file/").streaming_content)
    assert hashlib.sha256(file).hexdigest() == report.sha256
    assert opened(io.BytesIO(file))["封面"][1] == {"项目": "区划", "内容": "平城区（140213000000）"}
    listed = browser.get("/reports/").content.decode()
    assert f'<a href="/jobs/{report.pk}/file/" download>' in listed


@pytest.mark.once
def test_a_report_is_its_posts_alone(as_, people, quarter):
    ask(as_(people.office))
    report = Report.objects.get()

    assert as_(people.auditor).get(f"/reports/{report.pk}/").status_code == 404
    assert as_(people.office_city).get(f"/reports/{report.pk}/").status_code == 404


@pytest.mark.once
@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"first": ""}, "请选日期。"),
        ({"first": "2023-10-01"}, "结束日期不能早于开始日期"),
        ({"first": "2099-01-01", "last": "2099-02-01"}, "这段时间还没有开始"),
        ({"area": "140215000000"}, "选择一个有效的选项"),
        ({"unmasked": "on", "reason": "看"}, "请写明为什么要看姓名和电话"),
        ({"format": "docx"}, "选择一个有效的选项"),
    ],
)
def test_what_cannot_be_right_is_said_beside_the_field(as_, people, change, sentence):
    page = ask(as_(people.office), **change)

    assert page.status_code == 422
    assert sentence in page.content.decode()
    assert not Report.objects.exists()


@pytest.mark.once
def test_unmasked_takes_a_reason_which_stands_on_record(as_, people, quarter):
    ask(as_(people.office), unmasked="on", reason="回访全部来访人")

    report = Report.objects.get()
    assert (report.masked, report.reason) == (False, "回访全部来访人")
    entry = AuditEntry.objects.get(action="reports.report.unmasked")
    assert (entry.post, entry.note, entry.area_path) == (people.office, "回访全部来访人", people.county.path)
    assert "回访全部来访人" not in str(AuditEntry.objects.filter(action="reports.report.enter").values())
    auditor = as_(people.auditor)
    assert "不遮盖" not in auditor.get("/reports/").content.decode()
    ask(auditor, unmasked="on", reason="想看看名字")
    assert Report.objects.get(job__post=people.auditor).masked


@pytest.mark.once
def test_a_cancelled_report_leaves_nothing_and_can_be_asked_again(as_, people, quarter):
    browser = as_(people.office)
    ask(browser, format="csv")
    pk = Report.objects.get().pk

    page = browser.post(f"/jobs/{pk}/steps/cancel/", follow=True)
    assert page.redirect_chain[-1][0] == f"/reports/{pk}/"
    assert "已取消" in page.content.decode()
    assert work() == 0
    browser.post(f"/jobs/{pk}/steps/retry/")
    assert work() == 1
    assert Job.objects.get(pk=pk).state == "DONE"


@pytest.mark.once
def test_who_has_lost_the_right_does_not_get_the_file(as_, people, quarter):
    browser = as_(people.station)
    ask(browser, area="140213001000", format="csv")
    work()
    pk = Report.objects.get().pk
    assert b"".join(browser.get(f"/jobs/{pk}/file/").streaming_content)

    StationStaff.objects.filter(post=people.station).update(to_on=date(2023, 1, 1))

    refused = browser.get(f"/jobs/{pk}/file/")
    assert refused.status_code == 409
    assert "您能看的范围变了" in refused.content.decode()
    assert "您能看的范围变了" in browser.get(f"/reports/{pk}/").content.decode()


def test_what_was_changed_while_it_was_read_is_read_again_as_it_was(people, quarter, tmp_path):
    asked = content(people, "office")
    _ = asked.figures  # read before, and then:
    f.RequestFactory(station=people.own, received_on=IN)

    made = write(tmp_path / "r.csv", "csv", asked)

    assert made.as_of == asked.made_at
    assert made.figure["requests.received"].value == asked.figure["requests.received"].value == 1


@pytest.mark.once
def test_ledgers_that_disagree_with_the_figures_end_it_in_words(as_, people, quarter, monkeypatch):
    monkeypatch.setattr(contents.Content, "check", lambda self: (_ for _ in ()).throw(contents.Moved))
    ask(as_(people.office), format="csv")

    work()

    job = Job.objects.get()
    assert (job.state, "台账和指标对不上" in job.text, job.file.name) == ("FAILED", True, "")


# --- Periods and the command ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "text", "first", "last", "label"),
    [
        (Kind.QUARTERLY, "2023Q3", date(2023, 7, 1), date(2023, 9, 30), "2023年第三季度"),
        (Kind.QUARTERLY, "2024q1", date(2024, 1, 1), date(2024, 3, 31), "2024年第一季度"),
        (Kind.HALF_YEAR, "2023H2", date(2023, 7, 1), date(2023, 12, 31), "2023年下半年"),
        (Kind.YEARLY, "2023", date(2023, 1, 1), date(2023, 12, 31), "2023年"),
        (Kind.MONTHLY, "2024-02", date(2024, 2, 1), date(2024, 2, 29), "2024年2月"),
        (
            Kind.FREE,
            "2023-01-01..2023-10-31",
            date(2023, 1, 1),
            date(2023, 10, 31),
            "2023年1月1日至2023年10月31日",
        ),
    ],
)
def test_a_period_is_read_from_its_code(kind, text, first, last, label):
    period = Period.read(kind, text)

    assert period == Period(kind, first, last)
    assert (period.label, period.code) == (label, text.upper())


@pytest.mark.parametrize(
    ("text", "kind", "code"),
    [
        ("2024-02-01..2024-02-29", Kind.MONTHLY, "2024-02"),
        ("2023-07-01..2023-09-30", Kind.QUARTERLY, "2023Q3"),
        ("2023-07-01..2023-12-31", Kind.HALF_YEAR, "2023H2"),
        ("2023-01-01..2023-12-31", Kind.YEARLY, "2023"),
        ("2023-07-01..2023-09-29", Kind.FREE, "2023-07-01..2023-09-29"),
        ("2023-02-01..2023-04-30", Kind.FREE, "2023-02-01..2023-04-30"),
    ],
)
def test_free_days_that_have_a_name_get_it(text, kind, code):
    period = Period.read("FREE", text)

    assert (period.kind, period.code) == (kind, code)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("QUARTERLY", "2023Q5"),
        ("HALF_YEAR", "2023Q1"),
        ("MONTHLY", "2023-13"),
        ("FREE", "2023-02-30..2023-03-01"),
        ("FREE", "2023-03-01..2023-02-01"),
    ],
)
def test_a_wrong_period_is_refused_in_words(kind, text):
    with pytest.raises(ValueError, match=r"统计期"):
        Period.read(kind, text)


def test_the_periods_offered_are_those_around_today():
    offered = presets(date(2026, 11, 22))

    assert {key: period.label for key, (_, period) in offered.items()} == {
        "last_quarter": "2026年第三季度",
        "quarter": "2026年第四季度（至11月22日）",
        "last_month": "2026年10月",
        "month": "2026年11月（至11月22日）",
        "half": "2026年下半年（至11月22日）",
        "last_half": "2026年上半年",
        "year": "2026年（至11月22日）",
        "last_year": "2025年",
    }


@pytest.mark.once
def test_the_command_says_what_the_page_says(people, quarter, tmp_path, capsys):
    out = tmp_path / "r.xlsx"

    call_command("export_report", "quarterly", area="140213", period="2023Q3", format="xlsx", out=out)

    told = {row["代码"]: row["数值"] for row in opened(out)["总表"]}
    assert told == {one.code: one.value for one in figures(people.county, quarter.first, quarter.last)}
    assert "已写到" in capsys.readouterr().out
    for wrong in ({"area": "999999"}, {"period": "2023"}, {"period": "2099Q1"}):
        with pytest.raises(CommandError):
            call_command(
                "export_report", "quarterly", **({"area": "140213", "period": "2023Q3", "out": out} | wrong)
            )
