"""Suggestions from a workbook: an office brings in its old register, and what was done here stays."""

from datetime import date
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from deputies.models import Congress, CongressSession, Mandate, Term
from liaison.core.models import AuditEntry, Sequence
from liaison.exchange.imports.importing import check, take
from liaison.reports.metrics import figures
from suggestions.models import Evaluation, Order, Suggestion, SuggestionItem
from tests import factories as f
from tests.exchange.books import book

TODAY = date(2026, 11, 22)
ROW = {
    "编号": "2023-建-0042", "标题": "关于改造老旧小区供热管网的建议", "类型": "建议", "届次": "平城区第18届", "会次": "第三次",
    "提出日期": "2023-03-19", "领衔代表": "张建国", "附议代表": "李秀英、王五", "条数": 3, "交办日期": date(2023, 3, 28),
    "主办单位": "住建局", "会办单位": "水务局", "答复日期": "2023-06-05", "答复类别": "A", "满意度": "满意", "重点": "是",
}  # fmt: skip
LATER = ("答复日期", "答复类别", "满意度")
ASSIGNED = ROW | dict.fromkeys(LATER)
NEW = ASSIGNED | dict.fromkeys(("交办日期", "主办单位", "会办单位", "重点"))
MONTHS = date(2023, 1, 1), date(2023, 10, 31)


@pytest.fixture
def house(people):
    """The county's congress in its 18th term, with a third session; three of its deputies; two departments."""
    Congress.objects.update(area=people.county, name="平城区人民代表大会")
    Term.objects.update(number=18)
    people.term = Term.objects.get()
    people.session = CongressSession.objects.create(term=people.term, number=3, from_on=date(2023, 3, 18))
    for mandate, name in ((people.deputy.mandate, "张建国"), (people.deputy_colleague.mandate, "李秀英")):
        mandate.deputy.name = name
        mandate.deputy.save()
    f.MandateFactory(term=people.term, area=people.town, deputy__name="王五")
    people.housing = f.DepartmentFactory(area=people.county, name="住建局")
    people.water = f.DepartmentFactory(area=people.county, name="水务局")
    f.DepartmentFactory(area=people.county, name="城管局")
    return people


@pytest.fixture
def file(tmp_path, house):
    return lambda *rows, **more: book(tmp_path / "a.xlsx", {**more, "建议": list(rows)})


def brought(path, by):
    return take(path, by=by, today=TODAY).figures["建议"]


def wrong(path, by):
    return [str(problem) for problem in check(path, by=by, today=TODAY).problems]


def test_a_suggestion_comes_in_whole_and_again_changes_nothing(house, file):
    path = file(ROW)
    assert brought(path, house.office) == {"new": 1}

    found = Suggestion.objects.get()
    assert (found.number, found.state, found.area, found.session, found.on_paper) == (
        "2023-建-0042", "CLOSED", house.county, house.session, True,
    )  # fmt: skip
    assert (found.lead.deputy.name, found.department, found.answer_class, found.result) == (
        "张建国", house.housing, "A", "SATISFIED",
    )  # fmt: skip
    assert {one.mandate.deputy.name for one in found.signed_by()} == {"张建国", "李秀英", "王五"}
    assert found.items.count() == 3
    assert (found.key_on, found.evaluated_on, found.closed_on) == (
        date(2023, 3, 28), date(2023, 6, 5), date(2023, 6, 5),
    )  # fmt: skip
    lead, helper = found.orders.order_by("number")
    assert (lead.number, lead.share, lead.state, lead.months, lead.due_on) == (
        "2023-建-0042-1", "LEAD", "REPLIED", 3, date(2023, 6, 28),
    )  # fmt: skip
    assert (helper.department, helper.share, helper.state, helper.due_on) == (
        house.water, "HELPER", "OPINED", date(2023, 4, 28),
    )  # fmt: skip
    assert (found.due_on, lead.due_because) == (
        lead.due_on,
        "3 个月，自3月28日起 = 6月28日（2023年调休未公布）",
    )
    mark = found.evaluations.get()
    assert (mark.mandate, mark.how, mark.by, mark.on) == (
        found.lead, "PAPER", house.office, date(2023, 6, 5),
    )  # fmt: skip
    entries = AuditEntry.objects.filter(note="从工作簿导入", post=house.office)
    assert sorted(entries.values_list("action", flat=True)) == [
        "suggestions.order.enter", "suggestions.order.enter", "suggestions.suggestion.enter",
    ]  # fmt: skip

    assert brought(path, house.office) == {"same": 1}
    assert (Suggestion.objects.count(), Order.objects.count(), Evaluation.objects.count()) == (1, 2, 1)
    values = {fig.code.removeprefix("suggestions."): fig.value for fig in figures(house.county, *MONTHS)}
    codes = ("pieces", "items", "key", "replied", "class_a", "satisfied_first_round", "met", "overdue")
    assert [values[code] for code in codes] == [1, 3, 1, 1, 1, 1, 0, 0]


@pytest.mark.once
@pytest.mark.parametrize(
    ("cells", "state", "orders"),
    [
        (NEW, "ACCEPTED", []),
        (ASSIGNED, "ASSIGNED", ["ISSUED", "ISSUED"]),
        (ROW | {"满意度": None}, "DELIVERED", ["REPLIED", "OPINED"]),
        (ROW | {"满意度": "不满意"}, "EVALUATED", ["REPLIED", "OPINED"]),
        (ROW | {"答复类别": "B"}, "EVALUATED", ["REPLIED", "OPINED"]),
        (ROW | {"答复类别": "D", "满意度": "基本满意", "会办单位": None}, "CLOSED", ["REPLIED"]),
    ],
)
def test_how_far_it_came_follows_from_its_days(house, file, cells, state, orders):
    brought(file(cells), house.office)

    found = Suggestion.objects.get()
    assert found.state == state
    assert [one.state for one in found.orders.order_by("number")] == orders
    assert (found.closed_on is not None) == (state == "CLOSED")
    assert brought(file(cells), house.office) == {"same": 1}


def test_a_later_file_goes_on_where_the_earlier_one_ended(house, file):
    assert brought(file(NEW | {"附议代表": "李秀英", "条数": None}), house.office) == {"new": 1}
    assert brought(file(ASSIGNED), house.office) == {"changed": 1}
    assert brought(file(ROW | {"标题": "关于改造供热管网的建议"}), house.office) == {"changed": 1}
    found = Suggestion.objects.get()
    assert (found.state, found.title, found.items.count()) == ("CLOSED", "关于改造供热管网的建议", 3)
    assert [one.delivered_on for one in found.signed_by()] == [date(2023, 6, 5)] * 3
    assert found.orders.count() == 2
    assert brought(file(NEW | {"标题": found.title}), house.office) == {"same": 1}, (
        "an empty cell takes nothing away"
    )
    [said] = wrong(file(ROW | {"满意度": "不满意"}), house.office)
    assert said.endswith("满意度：已登记为“满意”，不能改。")


def test_what_was_done_here_since_is_never_overwritten(house, file):
    brought(file(ASSIGNED), house.office)
    clerk = f.PostFactory(role="UNIT", area=house.county)
    f.DepartmentStaffFactory(post=clerk, department=house.housing)
    Order.objects.get(share="LEAD").accept(by=clerk)

    report = take(file(ROW), by=house.office, today=TODAY)

    assert report.figures["建议"] == {"same": 1}
    assert report.notes == ["“建议”表里有 1 件导入以后在系统里办过，文件没有改动它们：2023-建-0042。"]
    assert Suggestion.objects.get().state == "HANDLING"


FAULTS = (
    ({"提出日期": "2023-02-30"}, "提出日期：没有2023年2月30日这一天"),
    ({"提出日期": "2027-01-01"}, "提出日期：提出日期不能晚于今天"),
    ({"交办日期": "2023-03-18"}, "交办日期：交办日期不能早于提出日期（2023-03-19）"),
    ({"答复日期": "2023-03-27"}, "答复日期：答复日期不能早于交办日期（2023-03-28）"),
    ({"届次": "云州区第18届"}, "届次：没有“云州区第18届”这一届，或不在您管的范围"),
    ({"届次": "去年"}, "届次：看不懂“去年”"),
    ({"会次": "第九次"}, "会次：还没有平城区人民代表大会第18届第9次会议。请管理员先"),
    ({"会次": "春天"}, "会次：看不懂“春天”"),
    ({"类型": "议案", "会次": "闭会期间"}, "会次：议案在会议期间提出"),
    ({"类型": "提案"}, "类型：没有“提案”这一项，只能填：建议、议案"),
    ({"领衔代表": "赵六"}, "领衔代表：平城区人民代表大会第18届没有代表“赵六”"),
    ({"附议代表": "李秀英、赵六"}, "附议代表：平城区人民代表大会第18届没有代表“赵六”"),
    ({"附议代表": "张建国"}, "附议代表：张建国是领衔代表"),
    ({"条数": 0}, "条数：0 超出范围"),
    ({"主办单位": "教育局"}, "主办单位：没有承办单位“教育局”"),
    ({"主办单位": None}, "主办单位：填了交办日期，请也填主办单位"),
    ({"会办单位": "住建局"}, "会办单位：住建局已是主办单位"),
    ({"答复日期": None}, "答复日期：填了答复类别，请也填答复日期"),
    ({"答复类别": "E"}, "答复类别：没有“E”这一项"),
    ({"满意度": "一般"}, "满意度：没有“一般”这一项"),
    ({"重点": "很"}, "重点：没有“很”这一项，只能填：是、否"),
    ({"标题": "长" * 61}, "标题：最多 60 个字，现在有 61 个"),
    ({"编号": None}, "编号：没有填编号"),
)


@pytest.mark.once
def test_each_fault_is_a_sentence_at_its_cell_and_nothing_is_written(house, file):
    path = file(ROW, *(ROW | {"编号": f"2023-建-1{n:03}"} | cells for n, (cells, _) in enumerate(FAULTS)))
    found = wrong(path, house.office)
    for line, (_, says) in enumerate(FAULTS, 3):
        assert any(f"建议 第 {line} 行 {says}" in one for one in found), says
    assert not any("第 2 行" in one for one in found)
    with pytest.raises(Exception, match="什么都没有导入"):
        take(path, by=house.office, today=TODAY)
    assert not Suggestion.objects.exists()


@pytest.mark.once
def test_a_number_stands_once_and_belongs_to_its_day_and_lead(house, file):
    assert wrong(file(ROW, ROW), house.office)[0].endswith("编号：第 2、3 行是同一个编号，请只留一行。")
    brought(file(ROW), house.office)
    for cells, says in (
        ({"提出日期": "2023-03-20"}, "提出日期：这件建议已登记，提出日期是“2023-03-19”，不能改。"),
        ({"领衔代表": "李秀英", "附议代表": None}, "领衔代表：这件建议已登记，领衔代表是张建国，不能改。"),
        ({"重点": "否"}, "重点：已登记为重点建议，不能改。"),
    ):
        assert wrong(file(ROW | cells), house.office)[0].endswith(says)


@pytest.mark.once
def test_namesakes_are_told_apart_by_their_card(house, file):
    twin = f.MandateFactory(term=house.term, area=house.town, deputy__name="王五", deputy__card_no="DT000777")
    assert "有 2 位王五。请写明是哪一位" in wrong(file(ROW), house.office)[0]
    assert brought(file(ROW | {"附议代表": "王五（DT000777）"}), house.office) == {"new": 1}
    assert twin.signed.exists()


@pytest.mark.once
def test_others_than_offices_import_none_and_an_office_only_its_own(house, file):
    for post in (house.station, house.admin):
        assert wrong(file(ROW), post)[0].endswith("岗位不能导入“建议”表。请删去这张表，或请人大机关导入。")
    assert "不在您管的范围" in wrong(file(ROW), house.office_other)[0]
    for post in (house.office, None):  # the office's own congress; the one in which the lead sits
        assert wrong(file(ROW | {"届次": "第十八届"}), post) == []
    assert "没有写是哪里的第9届" in wrong(file(ROW | {"届次": "第九届"}), None)[0]


def test_the_command_opens_terms_and_sessions_and_goes_on_with_our_own_numbers(house, file):
    deputies = [
        {
            "代表证号": f"GL{n}", "姓名": name, "性别": "男", "层级": "县", "届次": "云州区第十七届",
            "选举单位": "西坪镇", "任职日期": "2021-06-20", "进站编号": "YZ01",
        }
        for n, name in enumerate(("钱一", "孙二"))
    ]  # fmt: skip
    row = {
        "编号": "140215-17J2-Y003", "标题": "关于水库的议案", "类型": "议案", "届次": "云州区第十七届", "会次": 2,
        "提出日期": "2023-03-01", "领衔代表": "钱一", "附议代表": "孙二",
    }  # fmt: skip
    path = file(row, 代表=deputies)
    assert check(path, by=None, today=TODAY).is_clean
    out = StringIO()
    call_command("import_workbook", str(path), stdout=out)

    assert "建议：新增 1" in out.getvalue()
    assert "云州区人民代表大会第17届第2次会议（2023-03-01）" in out.getvalue()
    session = CongressSession.objects.get(number=2)
    assert (session.from_on, Mandate.objects.filter(term=session.term).count()) == (date(2023, 3, 1), 2)
    assert Sequence.objects.get(name="suggestion:140215-17J2-Y").last == 3


@pytest.mark.once
def test_a_hundred_rows_take_few_questions_to_the_database(house, file, django_assert_max_num_queries):
    path = file(*(ROW | {"编号": f"2023-建-{number:04d}"} for number in range(100)))
    with django_assert_max_num_queries(80):
        assert brought(path, house.office) == {"new": 100}
    with django_assert_max_num_queries(30):
        assert brought(path, house.office) == {"same": 100}
    Suggestion.objects.update(delivered_on=None)
    more = {"条数": 5, "会办单位": "水务局、城管局"}
    path = file(*(ROW | more | {"编号": f"2023-建-{number:04d}"} for number in range(100)))
    with django_assert_max_num_queries(80):
        assert brought(path, house.office) == {"changed": 100}
    assert Order.objects.filter(number__endswith="-3", department__name="城管局").count() == 100


def test_what_a_later_file_adds_stands_in_the_record_and_leaves_the_items_there(house, file):
    brought(file(ROW | {"附议代表": "李秀英", "条数": 2}), house.office)
    items = list(SuggestionItem.objects.order_by("position"))
    assert brought(file(ROW), house.office) == {"changed": 1}
    assert list(SuggestionItem.objects.order_by("position"))[:2] == items
    entry = AuditEntry.objects.get(action="suggestions.suggestion.amend")
    assert entry.data == {"items": [2, 3], "mandates": ["王五"]}
    assert brought(file(ROW | {"条数": 1}), house.office) == {"changed": 1}
    assert SuggestionItem.objects.get() == items[0]


@pytest.mark.once
def test_the_place_of_a_term_that_names_none_is_asked_for_once_for_all_leads(house, file):
    bare = ROW | {"届次": "第十八届", "附议代表": None}
    leads = ("张建国", "李秀英", "王五")
    asked = []
    for names in (leads[:1], leads):
        path = file(*(bare | {"编号": f"2023-建-{name}", "领衔代表": name} for name in names))
        with CaptureQueriesContext(connection) as context:
            assert wrong(path, None) == []
        asked.append(len(context))
    assert asked[0] == asked[1]
