"""考勤设备的文件: what is read, what is shown before anything is written, and what is applied."""

import io
import re
import zipfile
from datetime import date, datetime, time

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from liaison.core.models import AuditEntry
from liaison.core.workbooks.reading import OLE
from tests import factories as f
from visits import clock
from visits.clock import lay, read_file, read_moment

TODAY = timezone.localdate()
HEAD = "姓名,工号,时间"


def at(clock_time, day=TODAY):
    return f"{day} {clock_time}"


def csv_file(*lines, head=HEAD, encoding="utf-8-sig"):
    return "\r\n".join([head, *lines]).encode(encoding)


def xlsx_file(*rows):
    from openpyxl import Workbook

    book = Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.fixture
def today(people):
    return f.ActivityFactory(station=people.own, announced=True)


@pytest.fixture
def place(people, today):
    return f.AttendanceFactory(activity=today, mandate=people.deputy.mandate)


def upload(client, activity, content, name="考勤.csv"):
    return client.post(f"/activities/{activity.pk}/device/", {"file": SimpleUploadedFile(name, content)})


def take(client, activity, page, *places):
    read = re.search(r'name="read" value="([^"]+)"', page.content.decode())[1]
    return client.post(
        f"/activities/{activity.pk}/device/",
        {"read": read, "came": [place.pk for place in places]},
        follow=True,
    )


# --- Reading -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-11-22 08:55:03", datetime(2026, 11, 22, 8, 55, 3)),
        ("2026/11/22 8:55", datetime(2026, 11, 22, 8, 55)),
        ("2026.11.22 8:55", datetime(2026, 11, 22, 8, 55)),
        ("2026年11月22日 8时55分", datetime(2026, 11, 22, 8, 55)),
        ("2026-11-22T08:55:03.120", datetime(2026, 11, 22, 8, 55, 3)),
        ("２０２６－１１－２２ ０８：５５", datetime(2026, 11, 22, 8, 55)),
        ("8:55", time(8, 55)),
        ("2026-11-22", datetime(2026, 11, 22)),
        ("2026-02-30 08:00", None),
        ("2026-11-22 25:00", None),
        ("早上", None),
        ("", None),
        (date(2026, 11, 22), datetime(2026, 11, 22)),
        (time(8, 55), time(8, 55)),
    ],
)
def test_moments_are_read_as_devices_write_them(written, meant):
    assert read_moment(written) == meant


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("mark", [",", "\t", ";"])
def test_text_files_are_read_in_their_encodings(encoding, mark):
    text = f"姓名{mark}工号{mark}打卡时间\n张建国{mark}007{mark}2026-11-22 08:55\n\n"
    (punch,) = read_file(text.encode(encoding))
    assert (punch.row, punch.name, punch.card, punch.at) == (
        2,
        "张建国",
        "007",
        datetime(2026, 11, 22, 8, 55),
    )


def test_a_workbook_is_read_with_its_title_and_its_own_dates():
    content = xlsx_file(
        ["考勤记录"],
        ["人员编号", "人员姓名", "日期", "时间"],
        [140213007, "张 建国", datetime(2026, 11, 22), time(8, 55)],
        [None, "阿依努尔•买买提", "2026-11-22", "9:01"],
        [None, None, None, None],
    )
    first, second = read_file(content)
    assert (first.row, first.card, first.name, first.at) == (
        3,
        "140213007",
        "张建国",
        datetime(2026, 11, 22, 8, 55),
    )
    assert (second.name, second.at) == ("阿依努尔·买买提", datetime(2026, 11, 22, 9, 1))


def bomb():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", b"")
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * (clock.LIMITS.unpacked + 1))
    return out.getvalue()


def test_a_workbook_with_one_cell_far_away_is_refused_before_it_is_laid_out():
    """The parser would take hundreds of gigabytes for it."""
    from openpyxl import Workbook

    for far in ("XFD1048576", "A1048576", "XFD1"):
        book = Workbook()
        book.active["A1"], book.active[far] = "姓名", "x"
        out = io.BytesIO()
        book.save(out)
        with pytest.raises(ValidationError, match=r"超过 5,000 行|列还有内容"):
            read_file(out.getvalue())


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "没有找到表头"),
        ("没有,表头\n张建国,8:55".encode(), "没有找到表头"),
        (HEAD.encode(), "没有打卡记录"),
        (OLE + b"\0" * 600, "xls"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "设了打开密码"),
        (b"PK\x03\x04 no workbook", "已损坏"),
        (b"\x00\x01\x02\x03", "看不懂"),
        (b"\x89PNG\r\n\x1a\n\xff\xff\xff", "看不懂"),
        (b"x" * (clock.MAX_BYTES + 1), "超过 2 MB"),
        (csv_file(*["张建国,,8:55"] * (clock.MAX_ROWS + 1)), "超过 5000 行"),
    ],
)
def test_what_is_no_file_of_a_clock_is_refused_in_words(content, why):
    with pytest.raises(ValidationError, match=why):
        read_file(content)


@pytest.mark.once
def test_a_bomb_is_not_unpacked_and_a_renamed_text_file_is_read_all_the_same(as_, people, today, place):
    with pytest.raises(ValidationError, match="解开后超过 20 MB"):
        read_file(bomb())
    page = upload(as_(people.station), today, csv_file(f"张建国,,{at('08:55')}"), "考勤.xlsx")
    assert "张建国：8:55 到" in page.content.decode()


# --- Laying it against the roster --------------------------------------------------------------------------------------


def problems(today, *lines):
    return lay(read_file(csv_file(*lines)), today).problems


def test_what_does_not_fit_is_told_with_its_row(people, today, place):
    person = people.deputy.deputy
    type(person).objects.filter(pk=person.pk).update(card_no="0213007")
    told = problems(
        today,
        f"路人甲,,{at('08:55')}",
        f",,{at('08:55')}",
        f"张建国,,{at('05:00')}",
        f"张建国,,{at('08:55', date(2020, 1, 1))}",
        "张建国,,八点",
        "张建国,,",
        f"李建国,0213007,{at('08:55')}",
    )
    assert [row for row, _ in told] == [2, 3, 4, 5, 6, 7, 8]
    for (_, sentence), words in zip(
        told,
        [
            "名单里没有“路人甲”",
            "没有姓名",
            "不在活动时间里",
            "不是这次活动的日子",
            "看不懂",
            "没有时间",
            "请核对",
        ],
        strict=True,
    ):
        assert words in sentence


def test_of_two_with_one_name_the_card_decides(people, today, place):
    twin = f.MandateFactory(area=people.town, deputy=f.DeputyFactory(name="张建国", card_no="88"))
    other = f.AttendanceFactory(activity=today, mandate=twin)
    assert "分不清" in problems(today, f"张建国,,{at('08:55')}")[0][1]
    reading = lay(read_file(csv_file(f"张建国,88,{at('08:55')}")), today)
    assert [match.attendance.pk for match in reading.found] == [other.pk]


def test_one_person_counts_once_by_the_earliest_time(people, today, place):
    reading = lay(read_file(csv_file(*(f"张建国,,{at(one)}" for one in ("11:20", "08:55", "08:56")))), today)
    (match,) = reading.found
    assert (timezone.localtime(match.at).time(), match.times, match.row) == (time(8, 55), 3, 3)


# --- Looking, then applying --------------------------------------------------------------------------------------------


@pytest.mark.once
def test_looking_writes_nothing_and_applying_checks_in_and_again_changes_nothing(as_, people, today, place):
    client = as_(people.station)
    content = csv_file(f"张建国,,{at('08:55')}", f"路人甲,,{at('08:56')}")
    page = upload(client, today, content)
    assert "名单里没有“路人甲”" in page.content.decode()
    place.refresh_from_db()
    assert (place.state, place.version) == ("ROSTERED", 1)
    assert not AuditEntry.objects.of(place).exists()
    done = take(client, today, page, place)
    assert "按考勤文件签到 1 位" in done.content.decode()
    place.refresh_from_db()
    assert (place.state, place.how) == ("PRESENT", "DEVICE")
    assert timezone.localtime(place.arrived_at).strftime("%H:%M") == "08:55"
    version = place.version
    assert "什么都没有改动" in take(client, today, page, place).content.decode()  # the same page sent again
    again = upload(client, today, content)
    assert "什么都不会改动" in again.content.decode()
    place.refresh_from_db()
    assert place.version == version


@pytest.mark.once
@pytest.mark.parametrize("state", ["LEAVE", "SUBSTITUTED"])
def test_who_was_excused_or_replaced_and_came_is_for_staff_to_decide(as_, people, today, state):
    place = f.AttendanceFactory(activity=today, mandate=people.deputy.mandate)
    if state == "SUBSTITUTED":
        place.substitute(by=people.station, mandate=people.deputy_colleague.mandate)
    else:
        type(place).objects.filter(pk=place.pk).update(state=state)
    client = as_(people.station)
    page = upload(client, today, csv_file(f"张建国,,{at('08:55')}"))
    text = page.content.decode()
    assert "请假或已替换，文件里却有打卡" in text
    assert " checked" not in text
    take(client, today, page)  # left unticked
    place.refresh_from_db()
    assert place.state == state
    take(client, today, page, place)
    place.refresh_from_db()
    assert (place.state, place.how, place.stand_in) == ("PRESENT", "DEVICE", None)


@pytest.mark.once
def test_a_page_of_another_activity_a_forged_and_an_old_one_are_refused(
    as_, people, today, place, monkeypatch
):
    client = as_(people.station)
    page = upload(client, today, csv_file(f"张建国,,{at('08:55')}"))
    other = f.ActivityFactory(station=people.own, kind="RESEARCH")
    assert "另一次活动" in take(client, other, page).content.decode()
    forged = client.post(f"/activities/{today.pk}/device/", {"read": "forged", "came": [place.pk]})
    assert forged.status_code == 409
    monkeypatch.setattr("visits.views.device.VALID", -1)
    assert "超过一小时" in take(client, today, page, place).content.decode()
    place.refresh_from_db()
    assert place.state == "ROSTERED"


@pytest.mark.once
def test_what_was_not_in_the_file_cannot_be_ticked(as_, people, today, place):
    client = as_(people.station)
    other = f.AttendanceFactory(activity=today, mandate=people.deputy_colleague.mandate)
    page = upload(client, today, csv_file(f"张建国,,{at('08:55')}"))
    assert take(client, today, page, other).status_code == 422
    other.refresh_from_db()
    assert other.state == "ROSTERED"


@pytest.mark.once
@pytest.mark.parametrize(("state", "why"), [("CLOSED", "先重新打开"), ("CANCELLED", "不能导入")])
def test_a_day_that_is_over_takes_no_file(as_, people, today, place, state, why):
    type(today).objects.filter(pk=today.pk).update(state=state)
    refused = upload(as_(people.station), today, csv_file(f"张建国,,{at('08:55')}"))
    assert refused.status_code == 409
    assert why in refused.content.decode()


def test_a_mandate_not_in_office_is_told_and_not_checked_in(people, today, place):
    type(place.mandate).objects.filter(pk=place.mandate_id).update(suspended_on=TODAY)
    reading = lay(read_file(csv_file(f"张建国,,{at('08:55')}")), today)
    assert not reading.found
    assert "暂停执行" in reading.problems[0][1]
