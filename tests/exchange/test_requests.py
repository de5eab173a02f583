"""Requests from a workbook: what was handled elsewhere comes in with its days, and what was handled here stays."""

from datetime import date, timedelta

import pytest

from liaison.core.models import AuditEntry, PolicyVersion, Sequence
from liaison.exchange.imports.importing import check, take
from liaison.reports.metrics import figures
from suggestions.models import Order, Rating, Request
from tests import factories as f
from tests.exchange.books import book
from visits.models import Visit

TODAY = date(2026, 11, 22)
ROW = {
    "编号": "2023-1011-0007", "站点编号": "PC01", "日期": "2023-10-11", "渠道": "来访", "类别": "供暖", "标题": "暖气不热",
    "内容": "3号楼暖气不热，室温十四度。打电话也没有人来修。", "姓名": "田秀兰", "手机": 13900005521.0, "状态": "已办结",
    "派单日期": "2023-10-12", "承办单位": "住建局", "接单日期": date(2023, 10, 13), "跟单代表": "张建国", "跟单日期": "2023-10-16",
    "答复日期": "2023-10-20", "答复类别": "A", "评价日期": "2023-10-24", "满意度": "基本满意", "是否解决": "是",
    "办结日期": "2023-10-24",
}  # fmt: skip
LATER = ("接单日期", "答复日期", "答复类别", "评价日期", "满意度", "是否解决", "办结日期")
WAITING = ROW | dict.fromkeys(LATER) | {"状态": "待接单"}
NEW = WAITING | dict.fromkeys(("派单日期", "承办单位", "跟单代表", "跟单日期")) | {"状态": "已登记"}


@pytest.fixture
def unit(people):
    return f.DepartmentFactory(area=people.county, name="住建局")


@pytest.fixture
def file(tmp_path, unit):
    return lambda *rows, **more: book(tmp_path / "a.xlsx", {**more, "诉求": list(rows)})


def brought(path, by):
    return take(path, by=by, today=TODAY).figures["诉求"]


def wrong(path, by):
    return [str(problem) for problem in check(path, by=by, today=TODAY).problems]


def test_a_closed_request_comes_in_whole_and_again_changes_nothing(people, unit, file):
    path = file(ROW)
    assert brought(path, people.office) == {"new": 1}

    request = Request.objects.get()
    assert (request.number, request.state, request.area) == ("2023-1011-0007", "CLOSED", people.town)
    assert (request.channel, request.category, request.follower) == (
        "VISIT",
        people.category,
        people.deputy.mandate,
    )
    days = (request.dispatched_on, request.accepted_on, request.followed_on, request.replied_on)
    assert [day.day for day in days] == [12, 13, 16, 20]
    assert (request.rated_on, request.closed_on, request.solved) == (
        date(2023, 10, 24),
        date(2023, 10, 24),
        "YES",
    )
    assert (request.visit.visitor.phone, request.visit.outcome) == ("13900005521", "DISPATCH")
    order = request.orders.get()
    assert (order.number, order.department, order.state, order.answer_class) == (
        "2023-1011-0007-1", unit, "REPLIED", "A",
    )  # fmt: skip
    assert request.due_on == order.due_on > date(2023, 11, 1)
    assert order.due_because.startswith("15 个工作日，自10月12日次日起")
    rating = request.ratings.get()
    assert (rating.result, rating.attitude, rating.how, rating.by) == (
        "FAIRLY",
        "FAIRLY",
        "PAPER",
        people.office,
    )
    assert Sequence.objects.get(name="request:20231011").last == 7
    entries = AuditEntry.objects.filter(note="从工作簿导入", post=people.office)
    assert sorted(entries.values_list("action", flat=True)) == [
        "suggestions.order.enter", "suggestions.request.enter", "visits.visit.enter",
    ]  # fmt: skip
    assert "田秀兰" not in "".join(f"{entry.label}{entry.data}" for entry in entries)

    assert brought(path, people.office) == {"same": 1}
    assert (
        Request.objects.count(),
        Order.objects.count(),
        Rating.objects.count(),
        Visit.objects.count(),
    ) == (1,) * 4
    found = {fig.code: fig.value for fig in figures(people.county, date(2023, 10, 1), date(2023, 10, 31))}
    steps = (
        "received",
        "dispatched",
        "accepted",
        "followed",
        "replied",
        "rated",
        "satisfied",
        "assisted",
        "closed",
    )
    assert [found[f"requests.{step}"] for step in steps] == [1] * len(steps)


@pytest.mark.once
@pytest.mark.parametrize(
    ("cells", "state", "order"),
    [
        (NEW, "REGISTERED", None),
        (NEW | {"状态": "现场答复"}, "ANSWERED_ON_SPOT", None),
        (NEW | {"状态": "不予受理", "办结日期": "2023-10-13"}, "NOT_ACCEPTED", None),
        (WAITING, "DISPATCHED", "ISSUED"),
        (WAITING | {"状态": "办理中", "接单日期": "2023-10-13"}, "HANDLING", "ACCEPTED"),
        (WAITING | {"状态": "已答复", "答复日期": "2023-10-20"}, "REPLIED", "REPLIED"),
        (ROW | {"状态": "已评价", "办结日期": None}, "RATED", "REPLIED"),
        (NEW | {"状态": "已办结", "办结日期": "2023-10-20"}, "CLOSED", None),
    ],
)
def test_each_state_of_the_sheet_is_a_state_here(people, file, cells, state, order):
    brought(file(cells), people.office)

    request = Request.objects.get()
    assert request.state == state
    assert [one.state for one in request.orders.all()] == [order] * (order is not None)
    assert (request.closed_on is not None) == (state in ("ANSWERED_ON_SPOT", "NOT_ACCEPTED", "CLOSED"))
    assert brought(file(cells), people.office) == {"same": 1}


def test_a_later_file_goes_on_where_the_earlier_one_ended(people, unit, file):
    assert brought(file(NEW), people.office) == {"new": 1}
    assert brought(file(WAITING), people.office) == {"changed": 1}
    assert Request.objects.get().orders.get().state == "ISSUED"
    assert brought(file(ROW | {"内容": None, "标题": None} | {"内容": ROW["内容"]}), people.office) == {
        "changed": 1
    }
    request = Request.objects.get()
    assert (request.state, request.orders.get().state, request.ratings.get().result) == (
        "CLOSED",
        "REPLIED",
        "FAIRLY",
    )
    assert request.title == "暖气不热"
    assert Visit.objects.count() == 1
    [found] = wrong(file(WAITING), people.office)
    assert found.endswith("状态：这件诉求已登记为“已办结”，不能改回“待接单”。")
    [found] = wrong(file(ROW | {"满意度": "不满意"}), people.office)
    assert found.endswith("满意度：2023-10-24的评价已登记为“基本满意”，不能改。")


def test_what_was_done_here_since_is_never_overwritten(people, unit, file):
    brought(file(WAITING), people.office)
    clerk = f.PostFactory(role="UNIT", area=people.county)
    f.DepartmentStaffFactory(post=clerk, department=unit)
    Order.objects.get().accept(by=clerk)

    report = take(file(ROW | {"标题": "别的标题"}), by=people.office, today=TODAY)

    assert report.figures["诉求"] == {"same": 1}
    assert report.notes == ["“诉求”表里有 1 件导入以后在系统里办过，文件没有改动它们：2023-1011-0007。"]
    assert (Request.objects.get().state, Request.objects.get().title) == ("HANDLING", "暖气不热")


def test_a_request_of_a_visit_in_the_same_file_is_one_matter_under_its_own_number(people, file):
    day = {
        "编号": "2023-0001", "站点编号": "PC01", "类型": "接待日", "日期": "2023-10-11", "开始": "9:00", "结束": "11:30",
        "状态": "已结束",
    }  # fmt: skip
    visit = {"活动编号": "2023-0001", "人数": 3, "处理": "提交派单"}
    visit |= {heading: ROW[heading] for heading in ("姓名", "手机", "内容")}
    path = file(ROW | {"活动编号": "2023-0001"}, 活动=[day], 来访=[visit])

    for outcome in ("new", "same"):
        assert check(path, by=people.office, today=TODAY).figures["诉求"] == {outcome: 1}
        assert brought(path, people.office) == {outcome: 1}
    request = Request.objects.get()
    assert (request.number, request.state) == ("2023-1011-0007", "CLOSED")
    assert (Visit.objects.get().headcount, request.visit.activity.number) == (3, "2023-0001")

    [found] = wrong(file(ROW | {"编号": "甲-1"}), people.office)
    assert found == "诉求 第 2 行 编号：这次来访已登记为诉求单 2023-1011-0007。请把编号改成它。"


FAULTS = (
    ({"派单日期": "2023-02-30"}, "派单日期：没有2023年2月30日这一天"),
    ({"日期": "2027-01-01"}, "日期：日期不能晚于今天"),
    ({"派单日期": "2023-10-10"}, "派单日期：派单日期不能早于日期（2023-10-11）"),
    ({"答复日期": "2023-10-12"}, "答复日期：答复日期不能早于接单日期（2023-10-13）"),
    ({"跟单日期": "2023-10-11"}, "跟单日期：跟单日期不能早于派单日期（2023-10-12）"),
    ({"办结日期": "2023-10-23"}, "办结日期：办结日期不能早于评价日期（2023-10-24）"),
    ({"承办单位": "教育局"}, "承办单位：没有承办单位“教育局”，或者它不管南关街道的事"),
    ({"类别": "吃饭"}, "类别：没有类别“吃饭”"),
    ({"渠道": "托梦"}, "渠道：没有“托梦”这一项，只能填：来访、来电"),
    ({"状态": "已阅"}, "状态：没有“已阅”这一项"),
    ({"状态": "待接单"}, "接单日期：状态是“待接单”，接单日期应空着"),
    ({"办结日期": None}, "办结日期：状态是“已办结”，请填办结日期"),
    ({"承办单位": None}, "承办单位：填了派单日期，请也填承办单位"),
    ({"满意度": None}, "满意度：填了评价日期，请也填满意度"),
    ({"满意度": "一般"}, "满意度：没有“一般”这一项"),
    ({"跟单代表": "王二"}, "跟单代表：南关街道联络站没有编入“王二”"),
    ({"跟单代表": None}, "跟单代表：填了跟单日期，请也填跟单代表"),
    ({"姓名": None}, "姓名：填了手机，没有填姓名"),
    ({"站点编号": "YZ01"}, "站点编号：没有站点“YZ01”，或不在您管的范围"),
    ({"活动编号": "2023-0099"}, "活动编号：没有活动“2023-0099”"),
    ({"编号": "2023/1"}, "编号：编号由字母、数字和“-”组成"),
    ({"内容": None}, "内容：没有填内容"),
)


@pytest.mark.once
def test_each_fault_is_a_sentence_at_its_cell(people, file):
    rows = (ROW | {"编号": f"2023-1011-1{n:03}"} | cells for n, (cells, _) in enumerate(FAULTS))
    found = wrong(file(*rows), people.office)
    for line, (_, says) in enumerate(FAULTS, 2):
        assert any(f"诉求 第 {line} 行 {says}" in one for one in found), says


def test_a_number_stands_once_and_belongs_to_its_station_and_day(people, file):
    found = wrong(file(ROW, ROW), people.office)
    assert found[0] == "诉求 第 2 行 编号：第 2、3 行是同一个编号，请只留一行。"
    brought(file(ROW), people.office)
    assert (
        "编号：编号“2023-1011-0007”已是另一个站点的诉求"
        in wrong(file(ROW | {"站点编号": "PC02"}), people.office_city)[0]
    )
    assert (
        "日期：这件诉求已登记，日期是“2023-10-11”"
        in wrong(file(ROW | {"日期": "2023-10-10"}), people.office)[0]
    )


@pytest.mark.once
def test_a_department_that_was_abolished_has_a_past_and_no_present(people, unit, file):
    unit.active = False
    unit.save()
    assert wrong(file(WAITING), people.office)[0].endswith(
        "住建局已停用，不能还在办理。请改状态，或填现在负责的单位。"
    )
    assert brought(file(ROW), people.office) == {"new": 1}


def test_stations_and_administrators_import_no_requests(people, file):
    for post in (people.station, people.admin):
        assert wrong(file(ROW), post)[0].endswith("岗位不能导入“诉求”表。请删去这张表，或请人大机关导入。")


def test_the_due_day_is_that_of_the_rules_of_the_day(people, file):
    PolicyVersion.objects.create(area=people.county, first_on=date(2023, 10, 12), values={"reply_days": 5})
    PolicyVersion.objects.create(area=people.county, first_on=date(2023, 10, 13), values={"reply_days": 9})
    brought(file(WAITING), people.office)
    assert (Order.objects.get().days, Order.objects.get().due_on) == (5, date(2023, 10, 19))


@pytest.mark.once
def test_two_hundred_rows_take_few_questions_to_the_database(people, file, django_assert_max_num_queries):
    rows = []
    for number in range(200):
        day = date(2023, 1, 1) + timedelta(days=number % 280)
        rows.append(
            NEW
            | {
                "编号": f"{day:%Y-%m%d}-{number:04d}",
                "日期": f"{day}",
                "姓名": "田秀兰" if number % 2 else None,
            }
        )
        rows[-1] |= {"手机": None, "内容": f"第{number}件。"}
    for row in rows[::3]:
        row.update(状态="待接单", 派单日期=row["日期"], 承办单位="住建局", 跟单代表="张建国")
    path = file(*rows)
    with django_assert_max_num_queries(90):
        assert brought(path, people.office) == {"new": 200}
    with django_assert_max_num_queries(45):
        assert brought(path, people.office) == {"same": 200}
    assert (Order.objects.count(), Visit.objects.count()) == (67, 100)
