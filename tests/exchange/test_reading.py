"""What a workbook may do to us, and what it says in words."""

import re
import zipfile
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from time import monotonic

import pytest

from liaison.core.workbooks.reading import OLE, Book, Unreadable, heading_of
from liaison.exchange.imports.cells import Wrong, clock, day, month, number, phone, several, text, words
from liaison.exchange.imports.sheet import LIMITS
from tests.exchange.books import STATION, book

pytestmark = pytest.mark.once


def sentence(path, **limits):
    with pytest.raises(Unreadable) as refused:
        Book(path, replace(LIMITS, **limits)).table("站点", ["编号", "名称"])
    return str(refused.value)


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        (date(2023, 10, 11), date(2023, 10, 11)),
        (datetime(2023, 10, 11, 9, 30), date(2023, 10, 11)),
        ("2023-10-11", date(2023, 10, 11)),
        ("2023/10/1", date(2023, 10, 1)),
        ("2023.10.11", date(2023, 10, 11)),
        ("２０２３年１０月１１日", date(2023, 10, 11)),
        ("2023年10月11日 00:00:00", date(2023, 10, 11)),
        (20231011.0, date(2023, 10, 11)),
    ],
)
def test_days_are_taken_however_people_write_them(cell, found):
    assert day(cell) == found


@pytest.mark.parametrize(
    ("read", "cell", "says"),
    [
        (day, "2023-11-31", "没有2023年11月31日这一天"),
        (day, "上周三", "不是日期，请写成 2023-10-11"),
        (day, 45210.0, "日期成了数字 45210"),
        (day, date(1023, 1, 1), "1023 年不对"),
        (phone, 1390000000.0, "手机号少了 1 位"),
        (number(1, 500), "三人", "不是整数"),
        (number(1, 500), 501.0, "应在 1 到 500 之间"),
        (text(4), "一二三四五", "最多 4 个字，现在有 5 个"),
        (words, 140213197001011234.0, "超过 15 位"),
        (words, "#REF!", "公式出错了"),
        (clock, "25:00", "不是时间，请写成 9:00"),
    ],
)
def test_what_cannot_be_meant_is_said_in_a_sentence(read, cell, says):
    with pytest.raises(Wrong) as wrong:
        read(cell)
    assert says in wrong.value.sentence


def test_numbers_texts_and_times_come_out_as_they_were_meant():
    assert phone(13900000000.0) == "13900000000"
    assert words(140213001000.0) == "140213001000"
    assert words("暖气\x07不热_x000B_\x00") == "暖气不热"
    assert month("1975年3月") == month("1975.03") == month(197503.0) == date(1975, 3, 1)
    assert clock("下午2：30") == clock(timedelta(hours=14, minutes=30)) == clock(0.6041666666) == time(14, 30)
    assert several("张建国、李秀英，赵 明") == ["张建国", "李秀英", "赵明"]
    assert heading_of(" * 手 机（必填）") == "手机"


def test_dates_of_both_calendars_of_excel_are_the_same_day(tmp_path):
    for options in ({}, {"date_1904": True}):
        path = book(
            tmp_path / "a.xlsx", {"站点": [STATION | {"启用日期": date(2022, 3, 1)}]}, options=options
        )
        with Book(path, LIMITS) as opened:
            table = opened.table("站点", ["编号", "启用日期"])
            (_, cells), *_ = table.rows()
            assert day(cells[table.columns["启用日期"]]) == date(2022, 3, 1)


def test_headings_are_found_below_a_title_in_any_order_and_empty_rows_are_skipped(tmp_path):
    lines = [["站点登记表"], [], ["名 称", "*编号"], ["甲站", "A1"], ["", " "], ["乙站", "A2"]]
    with Book(book(tmp_path / "a.xlsx", {" 站点 ": lines}), LIMITS) as opened:
        table = opened.table("站点", ["编号", "名称"])
        assert table.heading_line == 3
        assert [(line, cells[table.columns["编号"]]) for line, cells in table.rows()] == [
            (4, "A1"),
            (6, "A2"),
        ]


def test_files_that_are_no_workbook_are_named_for_what_they_are(tmp_path):
    path = tmp_path / "a.xlsx"
    path.write_bytes("编号,名称\nPC01,南关\n".encode("gbk"))
    assert "CSV 改了扩展名" in sentence(path)
    path.write_bytes(OLE + b"\0" * 600)
    assert "旧格式" in sentence(path)
    path.write_bytes(OLE + "EncryptedPackage".encode("utf-16-le"))
    assert "密码" in sentence(path)
    path.write_bytes(b"")
    assert "是空的" in sentence(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("word/document.xml", "<a/>")
    assert "不是 .xlsx" in sentence(path)
    whole = book(tmp_path / "b.xlsx", {"站点": [STATION]}).read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert "已损坏" in sentence(path)
    path.write_bytes(whole)
    assert "最多 0 MB" in sentence(path, size=1000)


def test_a_zip_bomb_is_refused_by_what_it_declares_and_by_what_it_really_holds(tmp_path):
    path = book(tmp_path / "a.xlsx", {"站点": [STATION]})
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/picture.png", b"\0" * (3 * 1024 * 1024))
    assert "解开后超过" in sentence(path, unpacked=2 * 1024 * 1024)
    content = path.read_bytes().replace((3 * 1024 * 1024).to_bytes(4, "little"), (1024).to_bytes(4, "little"))
    path.write_bytes(content)  # it lies about its size
    assert "已损坏" in sentence(path)


def test_a_cell_far_out_does_not_lay_out_millions_of_empty_ones(tmp_path):
    import xlsxwriter

    path = tmp_path / "a.xlsx"
    for place, says in (((1_000_000, 0), "超过 100,000 行"), ((5, 16_000), "列还有内容")):
        made = xlsxwriter.Workbook(str(path))
        made.add_worksheet("站点").write(*place, "x")
        made.close()
        assert says in sentence(path)


def with_sheet(path, content):
    """The workbook with another content of its one sheet."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["xl/worksheets/sheet1.xml"] = content
    with zipfile.ZipFile(path, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return path


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        (b'<row r="4000000000"><c><v>1</v></c></row>', "写法少见"),
        (b'<row r="1"><c r="AAAA1"><v>1</v></c></row>', "写法少见"),
        (b"""<row r="1"><c ph='>"<' r="A4000000"><v>1</v></c></row>""", "超过 100,000 行"),
        (b'<row r="1"><c ' + b" " * 5000 + b'r="A4000000"><v>1</v></c></row>', "写法少见|超过 100,000 行"),
    ],
)
def test_a_cell_far_out_is_found_however_it_is_written(tmp_path, cell, says):
    """The parser would ask for hundreds of gigabytes, and take the process with it."""
    path = book(tmp_path / "a.xlsx", {"站点": [STATION]})
    for filling in (b"", b" " * (1024 * 1024 - 100)):  # where the file is read in two pieces too
        assert re.search(says, sentence(with_sheet(path, b"<worksheet><sheetData>" + filling + cell)))


def test_a_part_that_is_no_xml_is_a_damaged_file_and_takes_no_time(tmp_path):
    path = book(tmp_path / "a.xlsx", {"站点": [STATION]})
    for broken in (
        b"<c r='A1'><f>1</f></c>" + b"<c " * 200_000,
        b"<worksheet>\xff\xfe<c",
        b"<c '\"" * 200_000,
    ):
        started = monotonic()
        assert re.search("已损坏|写法少见", sentence(with_sheet(path, broken)))
        assert monotonic() - started < 5


def test_formulas_without_a_value_and_merged_cells_are_noticed(tmp_path):
    import xlsxwriter

    path = tmp_path / "a.xlsx"
    made = xlsxwriter.Workbook(str(path))
    page = made.add_worksheet("站点")
    page.write_row(0, 0, ["编号", "名称"])
    page.write_formula(1, 1, "=A1", None, "")
    page.merge_range(2, 0, 3, 0, "PC03")
    made.close()
    with Book(path, LIMITS) as opened:
        table = opened.table("站点", ["编号", "名称"])
        assert table.unvalued == {2: {1}}
        assert table.merged == {3: (3, 4)}  # the line below is empty to the eye of a reader
