"""Areas: the built-in tree of Shanxi, and files that an installation brings along."""

from collections import Counter
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from liaison.accounts.areas import BUILTIN, BadAreas, check_areas, load_areas, load_nation, read_areas
from liaison.accounts.models import Area
from liaison.core.places import inside

pytestmark = [pytest.mark.django_db, pytest.mark.once]

SHANXI, SOURCE = BUILTIN["shanxi"]


@pytest.fixture
def shanxi():
    load_areas(read_areas(SHANXI), source=SOURCE)


@pytest.fixture
def csv_file(tmp_path):
    def write(*lines: str, encoding: str = "utf-8") -> Path:
        path = tmp_path / "areas.csv"
        path.write_text("\n".join(lines) + "\n", encoding=encoding)
        return path

    return write


def names_below(path: str) -> str:
    return " ".join(Area.objects.filter(parent__path=path).order_by("path").values_list("name", flat=True))


def sentences(path_or_lines) -> list[str]:
    with pytest.raises(BadAreas) as refusal:
        check_areas(path_or_lines) if isinstance(path_or_lines, list) else read_areas(path_or_lines)
    return [str(problem) for problem in refusal.value.problems]


def everything() -> list[tuple]:
    return list(Area.objects.order_by("path").values_list())


# --- The built-in tree ------------------------------------------------------------------------------------------------


def test_the_file_of_shanxi_is_sorted_and_names_every_area_once():
    codes = [code for code, _ in read_areas(SHANXI)]

    assert codes == sorted(set(codes))


def test_shanxi_has_eleven_prefectures_117_counties_and_1306_townships(shanxi):
    levels = Counter(Area.objects.values_list("level", flat=True))

    assert levels == {"PROVINCE": 1, "PREFECTURE": 11, "COUNTY": 117, "TOWNSHIP": 1306}
    assert names_below("14") == "太原市 大同市 阳泉市 长治市 晋城市 朔州市 晋中市 运城市 忻州市 临汾市 吕梁市"


def test_shanxi_has_631_towns_430_townships_and_217_subdistricts(shanxi):
    kinds = Counter()
    for path, name in Area.objects.filter(level=Area.Level.TOWNSHIP).values_list("path", "name"):
        kinds["unit" if path[6] in "45" else "street" if name.endswith("街道") else name[-1]] += 1

    assert kinds == {"镇": 631, "乡": 430, "street": 217, "unit": 28}


def test_a_prefecture_has_its_counties_and_townships(shanxi):
    for prefecture, counties, townships in (
        ("1401", 10, 101),
        ("1402", 10, 126),
        ("1404", 12, 133),
        ("1410", 17, 157),
    ):
        below = Area.objects.filter(path__startswith=prefecture)

        assert below.filter(level=Area.Level.COUNTY).count() == counties, prefecture
        assert below.filter(level=Area.Level.TOWNSHIP).count() == townships, prefecture


def test_datong_has_four_districts_and_six_counties(shanxi):
    assert names_below("1402") == "新荣区 平城区 云冈区 云州区 阳高县 天镇县 广灵县 灵丘县 浑源县 左云县"


def test_real_places_stand_where_they_belong(shanxi):
    for code, path, full_name, level in (
        ("140000000000", "14", "山西省", "PROVINCE"),
        ("140200000000", "1402", "山西省大同市", "PREFECTURE"),
        ("141000000000", "1410", "山西省临汾市", "PREFECTURE"),
        ("140213000000", "140213", "山西省大同市平城区", "COUNTY"),
        ("140215000000", "140215", "山西省大同市云州区", "COUNTY"),
        ("140403000000", "140403", "山西省长治市潞州区", "COUNTY"),
        ("140429000000", "140429", "山西省长治市武乡县", "COUNTY"),
        ("140107000000", "140107", "山西省太原市杏花岭区", "COUNTY"),
        ("140110000000", "140110", "山西省太原市晋源区", "COUNTY"),
        ("140213066000", "140213066", "山西省大同市平城区水泊寺街道", "TOWNSHIP"),
        ("140922101000", "140922101", "山西省忻州市五台县台怀镇", "TOWNSHIP"),
    ):
        area = Area.objects.get(code=code)

        assert (area.path, area.full_name, area.level) == (path, full_name, level)
        assert full_name.endswith(area.name)


def test_every_area_hangs_under_the_one_that_its_code_names(shanxi):
    for area in Area.objects.exclude(level=Area.Level.PROVINCE).select_related("parent"):
        assert area.parent.covers(area)
        assert area.full_name == area.parent.full_name + area.name


def test_development_zones_of_the_statistics_are_no_areas(shanxi):
    assert not Area.objects.filter(path__regex=r"^14\d\d71").exists()


# --- Loading ----------------------------------------------------------------------------------------------------------


def test_loading_twice_changes_nothing(shanxi):
    before = everything()

    assert load_areas(read_areas(SHANXI), source="again") == (0, 0)
    assert everything() == before


def test_loading_asks_little_of_the_database(django_assert_max_num_queries):
    rows = read_areas(SHANXI)

    with django_assert_max_num_queries(30):
        load_areas(rows, source=SOURCE)
    with django_assert_max_num_queries(3):
        load_areas(rows, source=SOURCE)


def test_a_renamed_county_renames_the_addresses_below_it(shanxi):
    result = load_areas([("140213000000", "平城新区")], source="2027年区划调整")

    assert result == (0, 1)
    assert Area.objects.get(path="140213066").full_name == "山西省大同市平城新区水泊寺街道"
    assert Area.objects.get(path="140213").source == "2027年区划调整"
    assert Area.objects.get(path="140213066").source == SOURCE


def test_an_area_out_of_use_stays_out_of_use(shanxi):
    Area.objects.filter(path="140213").update(active=False)

    load_areas(read_areas(SHANXI), source=SOURCE)

    assert not Area.objects.get(path="140213").active


def test_communities_are_loaded_below_their_township(shanxi, csv_file):
    rows = read_areas(csv_file("代码,名称", "140213066001,某某社区居委会", "140213066201,某某村委会"))

    assert load_areas(rows, source="社区") == (2, 0)
    village = Area.objects.get(code="140213066201")
    assert (village.path, village.level) == ("140213066201", Area.Level.COMMUNITY)
    assert village.full_name == "山西省大同市平城区水泊寺街道某某村委会"


def test_another_province_is_loaded_from_nothing(shanxi, csv_file):
    # A county and a prefecture without counties: both are named in GB/T 2260 in their own way.
    rows = read_areas(
        csv_file(
            "code,name",
            "410000000000,河南省",
            "419000000000,省直辖县级行政区划",
            "419001000000,济源市",
            "419001001000,沁园街道",
            "440000000000,广东省",
            "441900000000,东莞市",
            "441900003000,东城街道",
            "110000000000,北京市",
            "110101000000,东城区",
        )
    )

    assert load_areas(rows, source="other") == (9, 0)
    assert Area.objects.get(path="419001001").full_name == "河南省济源市沁园街道"
    assert Area.objects.get(path="441900003").full_name == "广东省东莞市东城街道"
    assert Area.objects.get(path="110101").full_name == "北京市东城区"
    assert Area.objects.get(path="110101").parent.path == "11"


def test_a_level_that_comes_later_is_put_in_between():
    load_areas([("110000000000", "北京市"), ("110101000000", "东城区")], source="first")

    load_areas([("110100000000", "市辖区")], source="second")

    district = Area.objects.get(path="110101")
    assert (district.parent.path, district.full_name) == ("1101", "北京市东城区")


def test_the_order_of_the_rows_does_not_matter():
    rows = read_areas(SHANXI)

    assert load_areas(rows[::-1], source=SOURCE) == (1435, 0)
    assert Area.objects.get(path="140213066").full_name == "山西省大同市平城区水泊寺街道"


# --- Files that are refused -------------------------------------------------------------------------------------------


def test_each_fault_is_named_with_its_line(csv_file):
    path = csv_file(
        "code,name",
        "140000000000,山西省",
        "140200,大同市",
        "1402000000000,大同市",
        "14020000000X,大同市",
        "１４０２００００００００,大同市",
        "140300000000,",
        "140000000000,山西",
        ",阳泉市",
        "040000000000,某省",
        "140400000000," + "长" * 41,
        "",
    )

    assert sentences(path) == [
        "第 3 行：区划代码“140200”有 6 位，应为 12 位，不足的在后面补 0：140200000000。",
        "第 4 行：区划代码“1402000000000”有 13 位，应为 12 位。",
        "第 5 行：区划代码“14020000000X”应全是数字。",
        "第 6 行：区划代码“１４０２００００００００”应全是数字。",
        "第 7 行：区划“140300000000”没有名称。",
        "第 8 行：区划代码“140000000000”与第 2 行重复。",
        "第 9 行：没有区划代码。",
        "第 10 行：区划代码“040000000000”不能以 0 开头。",
        "第 11 行：区划“140400000000”的名称有 41 个字，不能超过 40 个。",
    ]


@pytest.mark.parametrize(
    ("code", "parent"),
    [
        ("140200000000", "140000000000"),
        ("140213000000", "140200000000"),
        ("140213066000", "140213000000"),
        ("140213066001", "140213066000"),
    ],
)
def test_an_area_without_its_parent_is_refused(csv_file, code, parent):
    assert sentences(csv_file("code,name", f"{code},某地")) == [
        f"第 2 行：区划“{code} 某地”的上级 {parent} 不在文件中，也没有载入过。"
    ]


def test_rows_without_a_parent_are_not_loaded_either():
    with pytest.raises(BadAreas, match="没有载入过"):
        load_areas([("150000000000", "内蒙古自治区"), ("140213000000", "平城区")], source="rows")

    assert not Area.objects.exists()


def test_numbered_lines_of_a_sheet_are_checked_alike():
    assert check_areas([(2, ["140000000000", " 山西省 "]), (3, []), (4, ["", ""])]) == [
        ("140000000000", "山西省")
    ]
    assert sentences([(7, ["140000000000"])]) == ["第 7 行：区划“140000000000”没有名称。"]


def test_a_file_of_another_form_is_refused_in_a_sentence(csv_file, tmp_path):
    assert sentences(csv_file("a,b", "1,2")) == ["第 1 行：第一行应为“code,name”或“代码,名称”。"]
    assert sentences(csv_file("code,name")) == ["文件中没有区划。"]
    assert sentences(csv_file("代码,名称", "140000000000,山西省", encoding="gb18030")) == [
        "areas.csv 不是 UTF-8 编码，请另存为“CSV UTF-8”。"
    ]
    assert sentences(tmp_path / "none.csv") == [f"无法打开文件 {tmp_path / 'none.csv'}。"]


def test_a_file_saved_by_a_spreadsheet_is_read(csv_file):
    assert read_areas(csv_file("\ufeff代码,名称", '140000000000,"山西省"')) == [("140000000000", "山西省")]


# --- The command ------------------------------------------------------------------------------------------------------


def test_the_command_says_what_it_did(capsys):
    call_command("load_areas", builtin="shanxi")
    call_command("load_areas", "--builtin", "shanxi")

    assert capsys.readouterr().out.splitlines() == [
        "区划 1435 个已载入：新增 1435 个，改名 0 个。",
        "区划 1435 个已载入：新增 0 个，改名 0 个。",
    ]


def test_the_command_loads_a_file_and_keeps_its_name(csv_file):
    call_command("load_areas", str(csv_file("code,name", "150000000000,内蒙古自治区")))

    assert Area.objects.get(path="15").source == "areas.csv"


def test_the_command_refuses_a_bad_file_whole(csv_file):
    path = csv_file("code,name", "150000000000,内蒙古自治区", "150100000000,", *["15,某"] * 30)

    with pytest.raises(CommandError) as refusal:
        call_command("load_areas", str(path))

    lines = str(refusal.value).splitlines()
    assert lines[:2] == ["文件有误，什么都没有载入。", "第 3 行：区划“150100000000”没有名称。"]
    assert lines[-1] == "另有 40 处问题。"
    assert refusal.value.returncode == 1
    assert not Area.objects.exists()


@pytest.mark.parametrize("arguments", [[], ["file.csv", "--builtin", "shanxi"]])
def test_the_command_wants_a_file_or_a_builtin_tree(arguments):
    with pytest.raises(CommandError):
        call_command("load_areas", *arguments)


def test_the_nation_stands_above_the_provinces_and_everything_is_inside(shanxi):
    load_nation()
    load_areas([("130000000000", "河北省"), ("130100000000", "石家庄市")], source="again")

    nation = Area.objects.get(level=Area.Level.NATION)
    assert {area.name for area in nation.children.all()} == {"山西省", "河北省"}
    assert nation.covers(Area.objects.get(path="1301"))
    assert Area.objects.filter(inside(nation, "path")).count() == Area.objects.count()
    assert Area.objects.get(path="1402").full_name == "山西省大同市"
    assert Area.objects.get(path="1402").path_and_above == ["", "14", "1402"]
