"""Reference data from a workbook: areas and departments, by administrators, within their area."""

from datetime import date

import pytest

from liaison.accounts.models import Area
from liaison.core.models import AuditEntry
from liaison.exchange.imports.importing import check, take
from suggestions.models import Department
from tests import factories as f
from tests.exchange.books import STATION, book

TODAY = date(2026, 11, 22)


@pytest.fixture
def file(tmp_path):
    return lambda **sheets: book(tmp_path / "a.xlsx", sheets)


def wrong(path, by):
    return [str(problem) for problem in check(path, by=by, today=TODAY).problems]


def test_communities_are_entered_and_renamed_and_a_station_may_lie_in_one_at_once(people, file):
    new = {"代码": 140213001001.0, "名称": "南关社区居民委员会"}
    path = file(
        区划=[new, {"代码": "140213002000", "名称": "北关新街道"}],
        站点=[STATION | {"区划代码": "140213001001"}],
    )
    report = take(path, by=people.admin, today=TODAY)
    assert report.figures == {"区划": {"new": 1, "changed": 1}, "站点": {"new": 1}}
    made = Area.objects.get(code="140213001001")
    assert (made.parent, made.level) == (people.town, "COMMUNITY")
    assert AuditEntry.objects.get(action="accounts.area.enter").area_path == made.path
    assert AuditEntry.objects.get(action="accounts.area.correct").data == {"name": ["北关街道", "北关新街道"]}
    assert take(path, by=people.admin, today=TODAY).figures == {"区划": {"same": 2}, "站点": {"same": 1}}


@pytest.mark.once
@pytest.mark.parametrize(
    ("row", "says"),
    [
        ({"代码": "140213", "名称": "平城区"}, "代码：区划代码“140213”有 6 位，应为 12 位"),
        ({"代码": "140215100001", "名称": "西坪村"}, "代码：区划“140215100001”不在您管的范围"),
        (
            {"代码": "140213009001", "名称": "某村"},
            "代码：区划“140213009001 某村”的上级 140213009000 不在文件中",
        ),
        ({"代码": "140213001001"}, "名称：没有填名称"),
    ],
)
def test_each_fault_of_an_area_is_a_sentence(people, file, row, says):
    assert f"区划 第 2 行 {says}" in wrong(file(区划=[row]), people.admin)[0]


def test_departments_are_entered_once_by_name_and_area(people, file):
    row = {"名称": "住房和城乡建设局", "区划代码": "140213000000"}
    assert take(file(单位=[row]), by=people.admin, today=TODAY).figures == {"单位": {"new": 1}}
    made = Department.objects.get()
    assert (made.area, made.area_path) == (people.county, "140213")
    assert AuditEntry.objects.of(made).get().action == "suggestions.department.enter"
    assert take(file(单位=[row]), by=people.admin, today=TODAY).figures == {"单位": {"same": 1}}
    assert "没有区划“140215000000”" in wrong(file(单位=[row | {"区划代码": "140215000000"}]), people.admin)[0]
    assert "人大机关岗位不能导入“单位”表" in wrong(file(单位=[row]), people.office)[0]


def test_a_department_is_seen_in_its_area_and_from_the_places_below(people):
    county = f.DepartmentFactory(area=people.county)
    sees = Department.objects.visible_to
    for who in (
        people.office,
        people.unit,
        people.station,
        people.deputy,
        people.auditor,
        people.office_city,
    ):
        assert county in sees(who)
    for who in (people.office_other, people.station_other):
        assert county not in sees(who)
