"""Every list as a workbook: what the filter shows, what the post may read, and nothing that comes alive in Excel."""

import zipfile
from datetime import date, datetime, time
from io import BytesIO

import pytest

from deputies.contacts.models import ContactLink
from deputies.models import Congress, Mandate
from liaison.core.jobs import work
from liaison.core.models import AuditEntry, Job, PolicyVersion
from liaison.exchange.exports import LISTINGS, making
from stations.models import StationStaff
from suggestions.models import Draft, Order
from tests import factories as f
from visits.models import Notice

HEAD = 3


def export(browser, name, **query):
    """What a person gets who presses the button."""
    return got(browser.post(f"/exports/{name}/", {"csrfmiddlewaretoken": "x", **query}, follow=True))


def got(answer):
    """The answer, with the whole file laid beside it."""
    answer.made = b"".join(answer.streaming_content) if answer.streaming else b""
    return answer


def opened(answer):
    from openpyxl import load_workbook

    assert answer.status_code == 200, answer.content.decode()
    assert answer["Content-Type"].endswith("spreadsheetml.sheet")
    return load_workbook(BytesIO(answer.made)).active


def table(answer):
    """The rows below the head as dictionaries, and the sheet."""
    sheet = opened(answer)
    headings, *rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=HEAD)]
    return [dict(zip(headings, row, strict=True)) for row in rows], sheet


@pytest.fixture
def days(people):
    """A day at each of two stations, with a visit, its visitor, a request and a deputy on the roster."""
    made = {}
    for name, seat in (("own", people.deputy), ("other", people.deputy_other)):
        station = getattr(people, name)
        activity = f.ActivityFactory(station=station, day=date(2026, 3, 11), closed=True)
        f.AttendanceFactory(activity=activity, mandate=seat.mandate, state="PRESENT")
        visit = f.VisitFactory(
            activity=activity, received_by=seat.mandate, category=people.category, at=time(9, 15)
        )
        f.VisitorFactory(visit=visit)
        f.GroupFactory(area=station.area, name=f"{station.area.parent.name[:2]}代表小组")
        f.RuleFactory(station=station)
        ContactLink.objects.take_up(
            seat.mandate, name="田秀兰", phone="", address="", from_on=f.LONG_AGO, by=seat
        )
        Notice.objects.put_up(activity, "FIRST", by=seat, on=date(2026, 3, 1), where=[])
        Draft.objects.create(
            area=station.area.parent,
            number=station.code,
            title=f"{station.area.parent.name}草案",
            issuer="人大常委会",
            opens_on=date(2026, 3, 1),
            closes_on=date(2026, 3, 31),
        )
        suggestion = f.SuggestionFactory(
            lead=seat.mandate, area=station.area.parent, state="CLOSED", title=f"{station.code}的建议"
        )
        f.OrderFactory(suggestion=suggestion, department=f.DepartmentFactory(area=station.area.parent))
        asked = f.RequestFactory(visit=visit, station=station, received_on=date(2026, 3, 11))
        f.OrderFactory(request=asked, department=f.DepartmentFactory(area=station.area.parent))
        f.ApplicantFactory(appointment=f.AppointmentFactory(station=station, mandate=seat.mandate))
        made[name] = visit
    return made


# --- What is in it ------------------------------------------------------------------------------------------------------


OF_THE_COUNTY = (
    ("stations", "编号", {"PC01", "PC0101", "PC02"}),
    ("deputies", "姓名", {"张建国", "李秀英"}),
    ("activities", "站点编号", {"PC01"}),
    ("attendances", "代表", {"张建国"}),
    ("appointments", "站点编号", {"PC01"}),
    ("groups", "名称", {"平城代表小组"}),
    ("rules", "站点编号", {"PC01"}),
    ("contacts", "联系谁", {"田*"}),
    ("notices", "站点编号", {"PC01"}),
    ("drafts", "名称", {"平城区草案"}),
    ("suggestions", "标题", {"PC01的建议"}),
    ("visits", "站点编号", {"PC01"}),
    ("requests", "站点编号", {"PC01"}),
    ("orders", "站点编号", {"PC01", None}),
)


@pytest.mark.usefixtures("days")
def test_each_list_holds_what_the_post_sees_and_nothing_of_elsewhere(as_, people):
    browser = as_(people.office)
    for name, heading, own in OF_THE_COUNTY:
        rows, sheet = table(export(browser, name))

        assert {row[heading] for row in rows} == own, name
        assert [column.heading for column in LISTINGS[name].columns] == [cell.value for cell in sheet[HEAD]]


@pytest.mark.once
def test_the_class_of_an_answer_is_called_as_the_rules_of_its_place_call_it(as_, people, days):
    order = Order.objects.exclude(request=None).get(area=people.own.area)
    Order.objects.filter(pk=order.pk).update(answer_class="B")
    for area, called in ((people.city, "正在办"), (people.county, "着手解决")):
        PolicyVersion.objects.create(area=area, first_on=date(2026, 1, 1), values={"class_b": called})

    rows, _ = table(export(as_(people.office), "orders"))

    assert {row["编号"]: row["答复类别"] for row in rows}[order.number] == "B 着手解决"


def test_a_row_says_what_its_list_says(as_, people, days):
    [row], _ = table(export(as_(people.office), "visits"))

    visit = days["own"]
    assert row == {
        "编号": visit.number,
        "活动编号": visit.activity.number,
        "站点编号": "PC01",
        "站点": "南关街道联络站",
        "日期": datetime(2026, 3, 11),
        "时间": time(9, 15),
        "渠道": "来访",
        "人数": 1,
        "来访人": "田*",
        "手机": "139****5521",
        "类别": "供暖",
        "反映的问题": "暖气不热，室温十四度。",
        "接待代表": "张建国",
        "处理": "登记备查",
        "不予受理的原因和去向": None,
        "录入时间": row["录入时间"],
        "作废": None,
    }
    assert isinstance(row["录入时间"], datetime)


@pytest.mark.once
@pytest.mark.usefixtures("days")
def test_the_filter_of_the_page_narrows_the_file_and_stands_in_its_head(as_, people):
    f.VisitFactory(activity=f.ActivityFactory(station=people.own, day=date(2026, 4, 11)), text="路灯不亮。")
    browser = as_(people.office)

    answer = export(browser, "visits", first="2026-04-01", last="2026-04-30", station="PC01", nothing="1")
    rows, sheet = table(answer)

    assert [row["反映的问题"] for row in rows] == ["路灯不亮。"]
    assert sheet["A1"].value == "平城区来访登记"
    assert "从 2026年4月1日；到 2026年4月30日；站点 南关街道联络站　" in sheet["A2"].value
    assert "县代表工委" in sheet["A2"].value
    assert "20260401%E8%87%B320260430_" in answer["Content-Disposition"]


@pytest.mark.once
def test_the_head_names_things_and_shows_no_keys(as_, people):
    group = f.GroupFactory(area=people.county, name="环保小组")
    mandate = people.deputy.mandate
    asked = {
        "rules": ({"all": "true"}, "连停用的 是"),
        "activities": ({"group": group.pk}, "请了哪个小组 环保小组"),
        "contacts": ({"mandate": mandate.pk}, f"代表职务 {mandate}"),
        "proposal": ({"proposal": (made := f.ProposalFactory(area=people.county)).pk}, f"方案 {made}"),
    }
    for name, (sent, said) in asked.items():
        assert f"筛选：{said}　" in opened(export(as_(people.office), name, **sent))["A2"].value
        assert AuditEntry.objects.filter(action="core.job.finish").latest("pk").data["filter"] == said


@pytest.mark.once
def test_what_each_kind_of_activity_tells_of_itself_is_in_the_file(as_, people):
    activity = f.ActivityFactory(
        station=people.own, kind="TRAINING", theme="预算法", day=date(2026, 3, 11), days="1.5", headcount=12,
        details={"teacher": "省人大 韩老师", "participants": "NEW"}, minutes="学了两条。", minutes_by="任秀芳",
        planned_deputies=9, planned_headcount=20, planned_days="2", closed=True,
    )  # fmt: skip
    activity.reporting.add(people.deputy.mandate)
    place = f.AttendanceFactory(
        activity=activity, mandate=people.deputy.mandate, state="ABSENT", objection="KEPT",
        objection_reason="我到了", objection_answer="没有签到",
    )  # fmt: skip
    f.AttendanceFactory(
        activity=activity, mandate=people.deputy_other.mandate, objection="OPEN", objection_reason="不是我"
    )

    [row], _ = table(export(as_(people.office), "activities"))
    shown = {
        name: row[name]
        for name in ("参加群众", "天数", "计划代表", "计划人数", "计划天数", "活动内容", "纪要", "纪要记录人")
    }
    assert shown == {
        "参加群众": 12, "天数": 1.5, "计划代表": 9, "计划人数": 20, "计划天数": 2,
        "活动内容": "授课人：省人大 韩老师\n参训人员：新任代表", "纪要": "学了两条。", "纪要记录人": "任秀芳",
    }  # fmt: skip
    assert row["述职的代表"] == place.mandate.deputy.name

    rows, _ = table(export(as_(people.deputy), "attendances"))
    assert [(row["代表"], row["异议"], row["异议理由"], row["异议答复"]) for row in rows] == [
        ("张建国", "维持原记录", "我到了", "没有签到")
    ]


@pytest.mark.once
@pytest.mark.usefixtures("days")
def test_the_button_carries_the_filter_that_is_shown_and_no_address_does(as_, people):
    browser = as_(people.station)
    pages = {
        "/stations/?kind=STATION": "stations",
        "/deputies/?text=张": "deputies",
        "/activities/?view=list&first=2026-01-01": "activities",
        "/visits/?outcome=NOTED": "visits",
        "/requests/?first=2026-01-01": "requests",
        "/activities/rules/?all=true": "rules",
    }
    for address, name in pages.items():
        page = browser.get(address).content.decode()
        form = page.partition(f'action="/exports/{name}/"')[2].partition("</form>")[0]
        field, value = address.partition("?")[2].split("&")[-1].split("=")
        assert f'<input type="hidden" name="{field}" value="{value}">' in form, address

    rows, sheet = table(export(browser, "deputies", text="张"))
    assert [row["姓名"] for row in rows] == ["张建国"]
    assert "“张”" in sheet["A2"].value
    assert all(
        "张" not in str(entry.data) for entry in AuditEntry.objects.filter(action__startswith="core.job")
    )


@pytest.mark.once
def test_a_wrong_filter_exports_nothing_and_says_so(as_, people):
    answer = export(as_(people.office), "visits", first="nonsense")

    assert answer.status_code == 409
    assert "筛选条件有不对的地方" in answer.content.decode()
    assert not Job.objects.exists()


@pytest.mark.once
def test_the_deputys_phone_is_whole_for_those_who_work_with_the_deputy(as_, people):
    def phones(post):
        return {row["姓名"]: row["手机"] for row in table(export(as_(post), "deputies"))[0]}

    assert phones(people.office)["张建国"] == "13900001234"
    assert phones(people.station)["张建国"] == "13900001234"
    assert phones(people.deputy) == {"张建国": "13900001234", "李秀英": "139****1234"}
    assert phones(people.auditor)["张建国"] == "139****1234"


@pytest.mark.once
@pytest.mark.parametrize("who", ["station", "office", "auditor", "deputy"])
def test_a_visitor_is_masked_for_everybody_and_confidence_is_kept(as_, people, days, who):
    secret = f.VisitFactory(
        activity=days["own"].activity, received_by=people.deputy.mandate, confidential=True, text="举报某人。"
    )
    f.VisitorFactory(visit=secret, name="周明")
    rows, _ = table(export(as_(getattr(people, who)), "visits"))
    shown = {(row["来访人"], row["手机"], row["反映的问题"]) for row in rows}

    words = "（要求保密）" if who == "auditor" else "举报某人。"
    assert shown == {
        ("田*", "139****5521", "暖气不热，室温十四度。"),
        ("（要求保密）", None, words),
    }


# --- Nothing comes alive ------------------------------------------------------------------------------------------------

NASTY = [
    "=1+1", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0", "＝1", "\t=1", "http://example.org/x", "mailto:x@example.org",
    "0123456789012345678", "1e5", "a\x0bb\x00c\x1bd", "_x0041_", "<b>&\"'", "𠮷𫟹", "第一行\n第二行",
    "<r><t>x</t></r>", '<r><t>x</t></r></is></c><c r="Z9"><f>1+1</f></c><c><is><r></r>',
]  # fmt: skip


@pytest.mark.once
def test_no_text_becomes_a_formula_a_link_or_a_number_and_none_breaks_the_file(as_, people, days):
    for text in NASTY:
        if "\x00" in text:
            continue  # PostgreSQL does not even store it
        f.VisitFactory(activity=days["own"].activity, text=text)
    f.VisitFactory(activity=days["own"].activity, text="a\x0bb\x1bd")
    answer = export(as_(people.office), "visits")
    sheet = opened(answer)
    column = [cell.value for cell in sheet[HEAD]].index("反映的问题") + 1
    cells = [row[column - 1] for row in sheet.iter_rows(min_row=HEAD + 1)]

    assert sheet["Z9"].value is None
    found = {cell.value.rstrip(" ") for cell in cells}
    assert {text for text in NASTY if "\x0b" not in text} - {"_x0041_"} <= found
    assert "abd" in found
    assert {cell.data_type for cell in cells} == {"s"}
    assert not any(cell.hyperlink for cell in cells)


@pytest.mark.once
def test_what_looks_like_an_escape_is_read_as_it_was_typed(as_, people, days):
    """Excel reads _x0041_ as A unless the underscore is escaped itself."""
    f.VisitFactory(activity=days["own"].activity, text="_x0041_")
    answer = export(as_(people.office), "visits")

    with zipfile.ZipFile(BytesIO(answer.made)) as book:
        assert b">_x005F_x0041_<" in book.read("xl/worksheets/sheet1.xml")


@pytest.mark.once
@pytest.mark.usefixtures("days")
def test_the_sheet_is_ready_to_print_and_to_filter(as_, people):
    sheet = opened(export(as_(people.office), "visits"))

    assert sheet.freeze_panes == "B4"
    assert sheet.auto_filter.ref == "A3:Q4"
    assert (sheet.page_setup.orientation, str(sheet.page_setup.paperSize)) == ("landscape", "9")
    assert (sheet.page_setup.fitToHeight, sheet.sheet_properties.pageSetUpPr.fitToPage) == (0, True)
    assert sheet.print_title_rows == "$1:$3"
    assert sheet.print_area.endswith("$A$1:$Q$4")
    assert sheet["E4"].number_format == "yyyy-mm-dd"


@pytest.mark.once
def test_an_empty_list_is_a_file_with_its_head(as_, people):
    rows, sheet = table(export(as_(people.office), "requests"))

    assert rows == []
    assert "全部" in sheet["A2"].value


# --- Long lists, rights, the record ---------------------------------------------------------------------------------------


@pytest.mark.once
def test_a_long_list_is_made_in_the_background(as_, people, days, monkeypatch):
    monkeypatch.setattr(making, "AT_ONCE", 2)
    monkeypatch.setattr("liaison.exchange.exports.listing.CHUNK", 3)
    numbers = [days["own"].number] + [
        f.VisitFactory(activity=days["own"].activity, day=date(2026, 3, 1 + n)).number for n in range(10)
    ]
    browser = as_(people.office)

    page = export(browser, "visits").content.decode()
    assert "排队中" in page
    assert work() == 1
    job = Job.objects.get()
    answer = got(browser.get(f"/jobs/{job.pk}/file/"))

    rows, _ = table(answer)
    assert sorted(row["编号"] for row in rows) == sorted(numbers)
    assert (job.state, job.rows, job.done, job.total) == ("DONE", 11, 11, 11)
    days_shown = [row["日期"] for row in rows]
    assert days_shown == sorted(days_shown, reverse=True)


@pytest.mark.once
@pytest.mark.usefixtures("days")
def test_the_export_is_on_record_with_filter_rows_and_checksum(as_, people):
    export(as_(people.auditor), "visits", outcome="NOTED")

    job = Job.objects.get()
    entry = AuditEntry.objects.get(action="core.job.finish")
    assert (entry.post, entry.label, entry.area_path) == (people.auditor, "导出来访登记", "140213")
    assert entry.data == {
        "list": "来访登记",
        "filter": "处理 登记备查",
        "rows": 1,
        "sha256": job.sha256,
    }
    assert AuditEntry.objects.filter(action="core.job.download").count() == 1


@pytest.mark.once
@pytest.mark.usefixtures("days")
def test_who_left_a_station_does_not_get_the_file_that_was_made_before(as_, people):
    browser = as_(people.station)
    export(browser, "visits")
    address = f"/jobs/{Job.objects.get().pk}/file/"
    assert got(browser.get(address)).status_code == 200

    StationStaff.objects.filter(post=people.station).update(to_on=date(2026, 1, 1))

    answer = browser.get(address)
    assert answer.status_code == 409
    assert "您能看的范围变了" in answer.content.decode()


@pytest.mark.once
def test_only_who_reads_a_list_exports_it(as_, people):
    unit, admin = as_(people.unit), as_(people.admin)
    for name, listing in LISTINGS.items():
        answer = unit.post(f"/exports/{name}/", {"sent": "1"})
        assert answer.status_code == (302 if people.unit.role in listing.roles else 403), name
        answer = admin.post(f"/exports/{name}/", {"sent": "1"})
        assert answer.status_code == (302 if people.admin.role in listing.roles else 403), name
    assert {job.title for job in Job.objects.filter(post=people.unit)} == {"导出派单", "导出代表建议"}
    assert as_(people.office).post("/exports/nothing/").status_code == 404
    assert as_(people.office).get("/exports/visits/").status_code == 405


@pytest.mark.once
@pytest.mark.usefixtures("days")
def test_a_list_asks_the_database_as_often_for_many_rows_as_for_few(people, django_assert_max_num_queries):
    proposal = f.ProposalFactory(area=people.city)
    for seat in (people.deputy, people.deputy_other):
        proposal.rows.create(mandate=seat.mandate, station=people.own, change="NEW", reason="就近")
    f.ProjectFactory.create_batch(2, area=people.county, department=f.DepartmentFactory(area=people.county))
    for item in f.NewsItemFactory.create_batch(
        2, station=people.own, written_by=people.station, published=True
    ):
        f.BulletinFactory(area=people.county).items.create(
            news=item, position=1, title="接待", text="来了23人。"
        )
    for name in (name for name in LISTINGS if not name.startswith("coverage_")):
        sent = (
            {"proposal": [str(proposal.pk)]} if name == "proposal" else {}
        )  # the one list that is of a thing
        asked = making.Asked(LISTINGS[name], sent, people.office_city)
        most = {"tasks": 12}.get(name, 8)  # each of the ten tasks is asked for once
        with django_assert_max_num_queries(most):
            rows = list(asked.read())
            for row in rows:
                for column in LISTINGS[name].columns:
                    column.value(row, asked)
        assert len(rows) >= 2, name


@pytest.mark.once
def test_of_an_answer_that_the_deputies_have_not_got_a_file_says_no_more_than_the_page(as_, people):
    Congress.objects.update(area=people.county)
    lead = Mandate.objects.get(pk=people.deputy.mandate.pk)
    found = f.SuggestionFactory(lead=lead, state="COUNTERSIGN")
    bureau = f.DepartmentFactory(area=people.county)
    answer = {"text": "三年内更换。", "answer_class": "B", "promised_on": date(2028, 12, 31)}
    f.OrderFactory(suggestion=found, department=bureau, state="REPLIED", **answer)

    for post, shown in ((people.station, False), (people.office_city, True)):
        [row], _ = table(export(as_(post), "orders"))
        assert [bool(row[name]) for name in ("答复类别", "承诺日期", "答复")] == [shown] * 3
