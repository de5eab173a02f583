"""Papers with a code: read back as text, and each code by a decoder."""

import subprocess
from datetime import timedelta
from io import BytesIO

import pytest
from django.utils import timezone
from pypdf import PdfReader

from deputies.models import QrToken
from tests import factories as f
from visits.models import Notice

pytestmark = pytest.mark.once

SITE = "https://zhan.example.gov.cn"


@pytest.fixture
def day(people):
    people.own.amend(by=people.office, phone="0352-2881234")
    today = timezone.localdate()
    # of this month or the next, so that a month's papers are asked for the month it is in
    day = f.ActivityFactory(station=people.own, day=today + timedelta(days=9), theme="冬季供暖")
    f.AttendanceFactory(activity=day, mandate=people.deputy.mandate)
    QrToken.objects.issue(people.own, by=people.station)
    return day


def words(content):
    return (
        "".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)
        .replace("\n", "")
        .replace(" ", "")
    )


def decoded(content, tmp_path):
    """What a phone reads from each page, and how wide the code is on it in millimetres."""
    import zxingcpp
    from PIL import Image

    (tmp_path / "paper.pdf").write_bytes(content)
    dots = 100
    subprocess.run(
        ["pdftoppm", "-r", str(dots), "-gray", "-png", "paper.pdf", "page"], cwd=tmp_path, check=True
    )
    found = []
    for page in sorted(tmp_path.glob("page*.png")):
        for code in zxingcpp.read_barcodes(Image.open(page)):
            corners = code.position
            found.append((code.text, (corners.top_right.x - corners.top_left.x) / dots * 25.4))
    return found


def address(station):
    return f"{SITE}/q/{QrToken.objects.get(station=station).token}/"


def test_the_poster_says_all_and_its_code_leads_to_the_station(as_, people, day, tmp_path):
    response = as_(people.station).get(f"/activities/posters.pdf?activity={day.pk}")
    assert response["Content-Type"] == "application/pdf"
    read = words(response.content)
    for part in (
        "代表接待日", "南关街道联络站", f"{day.day.month}月{day.day.day}日（星期", "上午9:00至11:30", "张建国", "冬季供暖", "西街1号",
        "0352-2881234", "来不了现场，扫码反映", "站点编号PC01", "请认准zhan.example.gov.cn",
    ):  # fmt: skip
        assert part in read, part
    [(text, wide)] = decoded(response.content, tmp_path)
    assert text == address(people.own)
    assert wide >= 45.5  # 46 mm, less what a picture of 100 dots to the inch swallows


def test_moved_and_cancelled_days_have_posters_of_their_own(as_, people, day):
    day.announce(by=people.station)
    told = f"{day.day.month}月{day.day.day}日"
    day.move(by=people.station, note="下雪", day=day.day + timedelta(days=1))
    other = f.ActivityFactory(station=people.own, day=day.day + timedelta(days=7), cancelled=True)
    other.told_day = other.day
    other.save()
    read = words(as_(people.station).get(f"/activities/posters.pdf?activity={day.pk}").content)
    assert "代表接待日改期" in read
    assert f"原定{told}" in read
    read = words(as_(people.office).get(f"/activities/posters.pdf?activity={other.pk}").content)
    assert "代表接待日取消" in read
    assert "这一天不接待" in read
    assert "下雪" not in read


def test_a_poster_names_the_other_day_that_people_were_told_of_last(as_, people, day):
    first, second, third = (day.day + timedelta(days=n) for n in range(3))
    for before, after in ((first, second), (second, third), (third, first)):
        day.announce(by=people.station)
        day.move(by=people.station, note="下雪", day=after)
        elsewhere = Notice.objects.filter(activity=day).elsewhere().last_by_activity()
        assert elsewhere[day.pk].day == before
    read = words(as_(people.station).get(f"/activities/posters.pdf?activity={day.pk}").content)
    assert f"原定{third.month}月{third.day}日" in read


def test_all_posters_of_a_month_come_at_once(as_, people, day):
    f.ActivityFactory(station=people.sibling, day=day.day)
    QrToken.objects.issue(people.sibling, by=people.office)
    month = f"{day.day:%Y-%m}"
    content = as_(people.office).get(f"/activities/posters.pdf?month={month}").content
    assert len(PdfReader(BytesIO(content)).pages) == 2
    one = as_(people.office).get(f"/activities/posters.pdf?month={month}&station=PC02").content
    assert "北关" in words(one)
    assert "南关" not in words(one)
    town = as_(people.office).get(f"/activities/posters.pdf?month={month}&area=140213001000").content
    assert len(PdfReader(BytesIO(town)).pages) == 1
    assert (
        as_(people.office).get(f"/activities/posters.pdf?month={month}&area=140215000000").status_code == 404
    )


def test_without_a_code_it_says_how_to_get_one_and_one_press_gives_all(as_, people, day):
    f.ActivityFactory(station=people.sibling, day=day.day)
    office = as_(people.office)
    month = f"{day.day:%Y-%m}"
    refused = office.get(f"/activities/posters.pdf?month={month}")
    assert refused.status_code == 409
    assert "北关街道联络站还没有在用的二维码" in refused.content.decode()
    office.post("/activities/notices/codes/")
    assert office.get(f"/activities/posters.pdf?month={month}").status_code == 200
    assert QrToken.objects.filter(station=people.own).count() == 1
    assert not QrToken.objects.filter(station=people.other).exists()  # another county's


@pytest.mark.parametrize(
    "query", ["?month=2031-01", "?activity=0", "?activity=x&month=2031-01", "?station=YZ01"]
)
def test_where_there_is_nothing_to_print_it_says_so(as_, people, day, query):
    assert as_(people.station).get(f"/activities/posters.pdf{query}").status_code in (404, 409)


def test_the_address_must_be_set(as_, people, day, settings):
    settings.PUBLIC_URL = ""
    answer = as_(people.station).get(f"/activities/posters.pdf?activity={day.pk}")
    assert answer.status_code == 409
    assert "PUBLIC_URL" in answer.content.decode()


def test_the_notice_sheet_of_a_month_lists_the_days_and_has_the_code(as_, people, day, tmp_path):
    content = as_(people.station).get(f"/activities/notices.pdf?month={day.day:%Y-%m}&station=PC01").content
    read = words(content)
    assert f"{day.day.year}年{day.day.month}月代表接待日公示" in read
    assert "张建国" in read
    assert [text for text, _ in decoded(content, tmp_path)] == [address(people.own)]
    day.attendances.update(state="PRESENT")  # a sheet printed when the day is over still says who sat there
    whole = words(as_(people.office).get(f"/activities/notices.pdf?month={day.day:%Y-%m}").content)
    assert "平城区" in whole
    assert "张建国" in whole
    assert "南关街道联络站" in whole


def test_a_mailbox_has_a_sticker_a_station_a_plate_and_deputies_signs(as_, people, day, tmp_path):
    box = f.StationFactory(
        area=people.town, code="PC0103", name="铁路新村信箱", kind="MAILBOX", parent=people.own
    )
    QrToken.objects.issue(box, by=people.station)
    station = as_(people.station)
    sticker = station.get("/deputies/codes/PC0103/plate.pdf").content
    assert "有事找代表" in words(sticker)
    assert "南关街道联络站" in words(sticker)
    assert [text for text, _ in decoded(sticker, tmp_path)] == [address(box)]
    assert "扫码看接待日" in words(station.get("/deputies/codes/PC01/plate.pdf").content)
    signs = station.get("/deputies/codes/PC01/signs.pdf").content
    assert len(PdfReader(BytesIO(signs)).pages) == 2
    assert words(signs).count("张建国") == 2  # on both sides of the fold
    assert station.get("/deputies/codes/PC0101/plate.pdf").status_code == 409  # no code yet
