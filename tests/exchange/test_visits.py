"""Activities and visits from a workbook: old registers come in as if they had been kept here."""

from datetime import date, time

import pytest
from django.utils import timezone

from liaison.core.models import AuditEntry, Sequence
from liaison.exchange.imports.importing import check, take
from suggestions.models import Request
from tests import factories as f
from tests.exchange.books import book
from visits.models import Activity, Appointment, Attendance, Visit, Visitor

TODAY = date(2026, 11, 22)
DAY = {
    "编号": "2023-0001", "站点编号": "PC01", "类型": "接待日", "主题": "供暖", "日期": "2023-10-11", "开始": "9:00",
    "结束": "11:30", "公示日期": "2023-10-07", "参加代表": "张建国、李秀英", "群众人数": 0, "状态": "已结束",
}  # fmt: skip
VISIT = {
    "活动编号": "2023-0001", "人数": 2, "姓名": "田秀兰", "手机": 13900005521.0, "住址": "火车站社区",
    "内容": "暖气不热，室温十四度，打电话也没有人来修。", "处理": "提交派单",
}  # fmt: skip
OWN = {"活动编号": None, "站点编号": "PC01", "日期": "2023-10-12"}


@pytest.fixture
def file(tmp_path):
    return lambda days=(), visits=(): book(tmp_path / "a.xlsx", {"活动": list(days), "来访": list(visits)})


def figures(path, by):
    return take(path, by=by, today=TODAY).figures


def wrong(path, by):
    return [str(problem) for problem in check(path, by=by, today=TODAY).problems]


def test_a_register_comes_in_with_its_roster_and_its_visitors_and_again_changes_nothing(people, file):
    path = file([DAY], [VISIT, VISIT | {"姓名": None, "手机": None, "处理": "不予受理"}, VISIT])
    report = take(path, by=people.station, today=TODAY)
    assert report.figures == {"活动": {"new": 1}, "来访": {"new": 2, "same": 1}}
    assert report.notes == ["“来访”表里处理是“提交派单”的 1 行，各生成一张诉求单。"]
    activity = Activity.objects.get(number="2023-0001")
    assert (activity.state, activity.announced_on, activity.announce_by) == (
        "CLOSED", date(2023, 10, 7), date(2023, 10, 8),
    )  # fmt: skip
    assert activity.told_day == date(2023, 10, 11)  # what people had been told
    assert set(activity.attendances.values_list("mandate__deputy__name", "state")) == {
        ("张建国", "PRESENT"),
        ("李秀英", "PRESENT"),
    }
    first, second = Visit.objects.order_by("serial")
    assert (first.number, first.day, first.area, first.headcount) == (
        "JD20231011-001", date(2023, 10, 11), people.town, 2,
    )  # fmt: skip
    assert (first.visitor.phone, second.person(), second.anonymous) == ("13900005521", None, True)
    assert Request.objects.get().number == "2023-1011-0001"
    entries = AuditEntry.objects.filter(post=people.station, note="从工作簿导入")
    assert entries.count() == 1 + 2 + 2 + 1
    assert "田秀兰" not in "".join(f"{entry.label}{entry.data}" for entry in entries)
    assert figures(path, people.station) == {"活动": {"same": 1}, "来访": {"same": 3}}
    assert Visit.objects.count() == Visitor.objects.count() + 1 == 2


def test_the_next_visit_of_that_day_gets_the_next_number(people, file):
    take(file([DAY], [VISIT]), by=people.station, today=TODAY)
    more = VISIT | {"活动编号": None, "站点编号": "PC01", "日期": "2023/10/11", "姓名": "任秀芳"}
    take(file(visits=[more]), by=people.office, today=TODAY)
    assert set(Visit.objects.values_list("number", flat=True)) == {"JD20231011-001", "JD20231011-002"}


def test_numbers_like_ours_push_our_own_series_on(people, file):
    take(file([DAY | {"编号": "HD2023-00007"}]), by=people.station, today=TODAY)
    assert Sequence.objects.get(name="activity:2023").last == 7


def test_planned_days_are_rostered_and_may_still_be_brought_up_to_date(people, file):
    ahead = DAY | {"日期": "2026-12-11", "公示日期": None, "状态": "已计划", "参加代表": "张建国"}
    assert figures(file([ahead]), people.office) == {"活动": {"new": 1}}
    later = ahead | {"参加代表": "张建国、李秀英", "主题": "物业"}
    assert figures(file([later]), people.office) == {"活动": {"changed": 1}}
    assert Attendance.objects.filter(state="ROSTERED").count() == 2
    assert figures(file([later]), people.office) == {"活动": {"same": 1}}
    (found,) = wrong(file([later | {"状态": "已取消"}]), people.office)
    assert found == "活动 第 2 行 状态：这个活动已登记，状态是“已计划”。要改请在活动页面办理。"


@pytest.mark.once
def test_what_the_page_forbids_no_file_corrects(people, file):
    def said(**cells):
        return wrong(file([ahead | cells]), people.office)[0].partition("：")

    ahead = DAY | {"日期": "2026-12-11", "公示日期": None, "状态": "已计划", "参加代表": None}
    both = [
        ahead | {"编号": "2026-0002", "开始": "9:00", "结束": "11:00"},
        ahead | {"开始": "14:00", "结束": "16:00"},
    ]
    take(file(both), by=people.office, today=TODAY)
    day = Activity.objects.get(number="2023-0001")
    ahead = both[1]
    assert "9:00—11:00 已有同类活动（2026-0002），时间重复" in said(开始="10:00", 结束="12:00")[2]
    assert figures(file([ahead | {"开始": "15:00"}]), people.office) == {"活动": {"changed": 1}}

    f.AppointmentFactory(
        station=people.own,
        mandate=people.deputy.mandate,
        activity=day,
        day=day.day,
        at=time(15),
        state="CONFIRMED",
    )
    assert said(开始="14:30")[::2] == (
        "活动 第 2 行 开始",
        "这个活动已登记，开始是“15:00”。要改请在活动页面办理。",
    )
    Appointment.objects.all().update(state="WITHDRAWN")
    assert not check(file([ahead | {"开始": "14:30"}]), by=people.office, today=TODAY).problems

    ahead = ahead | {"开始": "15:00"}
    for state, label in (("ANNOUNCED", "已公示"), ("CLOSED", "已结束"), ("CANCELLED", "已取消")):
        Activity.objects.filter(pk=day.pk).update(state=state)
        assert said(状态=label, 结束="17:00")[0] == "活动 第 2 行 结束", state
        assert not wrong(file([ahead | {"状态": label}]), people.office)
    assert said(状态="已取消", 主题="物业")[0] == "活动 第 2 行 主题"
    assert said(状态="已取消", 群众人数=3)[0] == "活动 第 2 行 群众人数"
    Activity.objects.filter(pk=day.pk).update(state="CLOSED")
    assert said(状态="已结束", 主题="物业")[0] == "活动 第 2 行 主题"


def test_a_name_that_two_deputies_of_the_station_have_must_say_which(people, file):
    mandate = f.MandateFactory(
        deputy=f.DeputyFactory(name="张建国", card_no="DT009"),
        area=people.town,
        term=people.deputy.mandate.term,
    )
    f.AssignmentFactory(mandate=mandate, station=people.own)
    (found,) = wrong(file([DAY]), people.station)
    assert found.endswith("参加代表：有 2 位张建国。请写明是哪一位，如 张建国（县）或 张建国（代表证号）。")
    figures(file([DAY | {"参加代表": "张建国(DT009)"}]), people.station)
    assert Attendance.objects.get().mandate == mandate


@pytest.mark.once
@pytest.mark.parametrize(
    ("day", "says"),
    [
        ({"参加代表": "阿依努尔·买买提"}, "参加代表：南关街道联络站没有编入“阿依努尔·买买提”"),
        ({"站点编号": "YZ01"}, "站点编号：没有站点“YZ01”，或不在您管的范围"),
        ({"站点编号": "PC02"}, "站点编号：没有站点“PC02”，或不在您管的范围"),
        ({"类型": "聚餐"}, "类型：没有“聚餐”这一项"),
        ({"结束": "8:00"}, "结束：结束时间要晚于开始时间"),
        ({"日期": "2019-01-01"}, "日期：南关街道联络站在 2019-01-01 没有开放"),
        ({"日期": "2026-12-11"}, "状态：日期还没到，状态不能是“已结束”"),
        ({"状态": "已公示", "公示日期": None}, "公示日期：状态是“已公示”，请填公示日期"),
        ({"群众人数": "很多"}, "群众人数：“很多”不是整数"),
    ],
)
def test_each_fault_of_an_activity_is_a_sentence_at_its_cell(people, file, day, says):
    assert any(f"活动 第 2 行 {says}" in one for one in wrong(file([DAY | day]), people.station))


@pytest.mark.once
@pytest.mark.parametrize(
    ("visit", "says"),
    [
        ({"活动编号": "2023-0099"}, "活动编号：没有活动“2023-0099”"),
        ({"站点编号": "PC0101"}, "站点编号：这个活动在 PC01，和这里写的不一样"),
        ({"日期": "2023-10-12"}, "日期：这个活动在 2023-10-11，和这里写的不一样"),
        ({"活动编号": None}, "站点编号：没有活动编号的，请填站点编号"),
        (OWN | {"日期": "2027-01-01"}, "日期：来访日期不能晚于今天"),
        ({"姓名": None}, "姓名：填了手机，没有填姓名"),
        ({"手机": "1390000552"}, "手机：手机号少了 1 位"),
        ({"人数": 501}, "人数：501 超出范围，应在 1 到 500 之间"),
        ({"内容": None}, "内容：没有填内容"),
        ({"处理": "已阅"}, "处理：没有“已阅”这一项，只能填：现场答复、提交派单、登记备查、不予受理"),
    ],
)
def test_each_fault_of_a_visit_is_a_sentence_at_its_cell(people, file, visit, says):
    found = wrong(file([DAY], [VISIT | visit]), people.station)
    assert any(f"来访 第 2 行 {says}" in one for one in found), found


def test_visits_of_a_day_whose_row_is_wrong_wait_for_it(people, file):
    found = wrong(file([DAY | {"类型": "聚餐"}], [VISIT]), people.station)
    assert found[1] == "来访 第 2 行 活动编号：“2023-0001”在“活动”表第 2 行，那一行有问题。请先改好那一行。"


def test_a_cancelled_day_takes_no_visits(people, file):
    found = wrong(file([DAY | {"状态": "已取消"}], [VISIT]), people.station)
    assert found == ["来访 第 2 行 活动编号：这个活动已取消，不能登记来访。"]


def test_a_day_that_was_closed_here_takes_no_more_visits_and_knows_those_it_has(people, file):
    take(file([DAY], [VISIT]), by=people.station, today=TODAY)
    Activity.objects.update(closed_at=timezone.now())  # reopened, and closed again on its page
    report = check(file([DAY], [VISIT, VISIT | {"内容": "路灯不亮。"}]), by=people.station, today=TODAY)
    assert report.figures["来访"] == {"same": 1, "wrong": 1}
    assert str(report.problems[0]) == (
        "来访 第 3 行 活动编号：这个活动已在页面上结束。要补录，请先在活动页面重新打开。"
    )


def test_what_was_voided_does_not_come_back(people, file):
    take(file([DAY], [VISIT]), by=people.station, today=TODAY)
    Visit.objects.get().void(by=people.station, note="录错了")
    assert figures(file([DAY], [VISIT]), people.station)["来访"] == {"same": 1}


def test_administrators_have_nothing_to_do_with_visits(people, file):
    assert wrong(file([DAY], [VISIT]), people.admin) == [
        f"{sheet} 第 1 行：管理员岗位不能导入“{sheet}”表。请删去这张表，或请人大机关或联络站导入。"
        for sheet in ("活动", "来访")
    ]


@pytest.mark.once
def test_forty_rows_take_no_more_questions_to_the_database_than_two(
    people, file, django_assert_max_num_queries
):
    many = [VISIT | {"姓名": f"田秀{name}"} for name in "一二三四五六七八九十甲乙丙丁戊己庚辛壬癸"]
    with django_assert_max_num_queries(40):
        found = figures(file([DAY], many + [one | {"内容": "路灯不亮。"} for one in many]), people.station)
    assert found["来访"] == {"new": 40}
