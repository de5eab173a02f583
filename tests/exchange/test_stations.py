"""Stations from a workbook: upsert by number, all or nothing, in one's own area."""

from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from liaison.core.models import AuditEntry
from liaison.exchange.imports.importing import Refused, check, take
from stations.models import Station
from tests.exchange.books import HEADINGS, STATION, book

TODAY = date(2026, 11, 22)


@pytest.fixture
def file(tmp_path):
    return lambda rows, **sheets: book(tmp_path / "a.xlsx", {"站点": rows, **sheets})


def wrong(path, by=None):
    return [str(problem) for problem in check(path, by=by, today=TODAY).problems]


def command(*arguments):
    out, err = StringIO(), StringIO()
    try:
        call_command("import_workbook", *map(str, arguments), stdout=out, stderr=err)
    except CommandError as error:
        return out.getvalue(), f"{err.getvalue()}{error}"
    return out.getvalue(), err.getvalue()


def test_new_stations_are_entered_with_their_record_and_the_same_file_again_changes_nothing(people, file):
    point = STATION | {
        "编号": "pc0901",
        "名称": "新桥社区联络点",
        "类型": "联络点",
        "上级编号": "PC09",
        "电话": 3525100000.0,
    }
    path = file([point, STATION | {"经度": 113.3001, "纬度": 40.0762}])
    assert "站点：新增 2，更新 0，不变 0\n核对通过，没有保存。" in command(path, "--dry-run")[0]
    assert not Station.objects.filter(code="PC09").exists()

    out, _ = command(path)

    assert "站点：新增 2，更新 0，不变 0\n已导入。" in out
    made = Station.objects.get(code="PC0901")
    assert (made.parent.code, made.area, made.kind) == ("PC09", people.town, "POINT")
    assert AuditEntry.objects.of(made).get().note == "从工作簿导入"
    assert "站点：新增 0，更新 0，不变 2" in command(path)[0]
    assert AuditEntry.objects.filter(object_type="stations.station").count() == 2


def test_a_number_that_is_there_is_brought_up_to_date_and_empty_cells_leave_what_is_there(people, file):
    row = STATION | {
        "编号": "PC01",
        "名称": "南关街道联络站",
        "电话": "03525100000",
        "启用日期": "2020-01-01",
    }
    report = take(file([row]), by=people.office, today=TODAY)
    assert report.figures == {"站点": {"changed": 1}}
    people.own.refresh_from_db()
    assert (people.own.phone, people.own.address, people.own.version) == ("03525100000", "西街1号", 2)
    assert AuditEntry.objects.of(people.own).get().data == {"phone": ["", "03525100000"]}


@pytest.mark.once
@pytest.mark.parametrize(
    ("cells", "says"),
    [
        ({"编号": "南关"}, "编号：编号由字母、数字和“-”组成"),
        ({"编号": "YZ01"}, "编号：编号“YZ01”已是别处的站点"),
        ({"名称": None}, "名称：没有填名称"),
        ({"名称": "南关街道联络站"}, "名称：这个区划里已有同名的站点（PC01）"),
        ({"类型": "驿站"}, "类型：没有“驿站”这一项，只能填：代表之家、联络站"),
        ({"区划代码": "140215100000"}, "区划代码：没有区划“140215100000”，或不在您管的范围"),
        ({"上级编号": "YZ01"}, "上级编号：没有上级站点“YZ01”"),
        ({"上级编号": "PC09"}, "上级编号：上级编号绕了一圈"),
        ({"经度": 40.1, "纬度": 113.3}, "请检查是否与纬度填反"),
        ({"经度": 113.3}, "纬度：经度和纬度要一起填"),
        ({"启用日期": "2023-02-29"}, "启用日期：没有2023年2月29日这一天"),
        ({"电话": "139000"}, "电话：手机号少了 5 位"),
    ],
)
def test_each_fault_is_named_by_sheet_row_column_and_sentence(people, file, cells, says):
    path = file([STATION | cells])
    (found,) = wrong(path, people.office)[:1]
    assert found.startswith("站点 第 2 行 ")
    assert any(says in one for one in wrong(path, people.office))


def test_one_wrong_cell_and_nothing_is_written(people, file):
    path = file([STATION, STATION | {"编号": "PC10", "名称": "西门联络站", "启用日期": "2023-11-31"}])
    _, err = command(path)
    assert "站点 第 3 行 启用日期：没有2023年11月31日这一天，请检查。" in err
    assert "1 行有问题，什么都没有导入" in err
    with pytest.raises(Refused):
        take(path, by=people.office, today=TODAY)
    assert not Station.objects.filter(code="PC09").exists()


def test_what_a_person_has_seen_is_taken_without_the_wrong_rows_and_only_as_it_was_seen(people, file):
    path = file([STATION, STATION | {"编号": "PC10", "名称": "西门联络站", "启用日期": "2023-11-31"}])
    seen = check(path, by=people.office, today=TODAY).figures
    assert seen == {"站点": {"new": 1, "wrong": 1}}
    with pytest.raises(Refused, match="数据有了变化"):
        take(path, by=people.office, today=TODAY, leave_out_wrong=True, seen={"站点": {"new": 2}})
    assert not Station.objects.filter(code="PC09").exists()
    assert take(path, by=people.office, today=TODAY, leave_out_wrong=True, seen=seen).written
    assert Station.objects.filter(code__in=("PC09", "PC10")).count() == 1


def test_two_rows_of_one_number_are_both_refused(people, file):
    found = wrong(file([STATION, STATION | {"名称": "另一个站"}]), people.office)
    assert found == [f"站点 第 {line} 行 编号：第 2、3 行是同一个编号，请只留一行。" for line in (2, 3)]


def test_a_point_whose_station_has_a_fault_waits_for_it(people, file):
    point = STATION | {"编号": "PC0901", "名称": "新桥社区联络点", "上级编号": "PC09"}
    found = wrong(file([point, STATION | {"类型": "驿站"}]), people.office)
    assert "站点 第 2 行 上级编号：没有上级站点“PC09”，或它那一行有问题" in found[0] + found[1]


def test_sheets_and_headings_that_are_not_known_are_named(people, file):
    lines = [["编号", "名称", "类型", "区划代码", "启用日期", "备注"], [*STATION.values(), "老站"]]
    lines[1] = [STATION[heading] for heading in lines[0][:5]] + ["老站"]
    report = check(file(lines, 通讯录=[["姓名"]]), by=None, today=TODAY)
    assert report.is_clean
    names = "、".join(HEADINGS)
    assert report.notes == [
        f"不认识“通讯录”表，这次没有读它。能导入的表是：{names}。",
        "“站点”表里不认识的列没有导入：备注。",
    ]


def test_a_station_may_not_import_the_register(people, file):
    assert wrong(file([STATION]), people.station) == [
        "站点 第 1 行：联络站岗位不能导入“站点”表。请删去这张表，或请人大机关或管理员导入。"
    ]


def test_the_template_is_a_workbook_that_imports_nothing(people, tmp_path):
    call_command("import_template", str(tmp_path / "t.xlsx"), stdout=StringIO())
    report = check(tmp_path / "t.xlsx", by=None, today=TODAY)
    assert report.is_clean
    assert report.count("new", "changed", "same") == 0
