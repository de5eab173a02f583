"""What is printed: read back as text, in fonts that know the characters, and masked for who may not see it whole."""

import subprocess
from datetime import date
from io import BytesIO

import pytest
from pypdf import PdfReader

from liaison.core import glyphs
from liaison.core.models import AuditEntry
from liaison.core.pdf import paper
from tests import factories as f
from visits.models import SheetBatch

pytestmark = pytest.mark.once

DAY = date(2026, 11, 11)


@pytest.fixture
def day(people):
    day = f.ActivityFactory(station=people.own, day=DAY, closed=True, theme="冬季供暖")
    f.AttendanceFactory(activity=day, mandate=people.deputy.mandate, state="PRESENT")
    visit = f.VisitFactory(
        activity=day, serial=1, text="三号楼暖气不热", received_by=people.deputy.mandate, headcount=2
    )
    f.VisitorFactory(visit=visit, name="㛃䶮·买买提", phone="13900005521", address="火车站社区")
    hidden = f.VisitFactory(activity=day, serial=2, text="举报邻居占道", confidential=True)
    f.VisitorFactory(visit=hidden, name="孙德福", phone="13800001234")
    f.VisitFactory(activity=day, serial=3, text="不愿留名的话", anonymous=True)
    return day


def read(response):
    assert response["Content-Type"] == "application/pdf"
    content = response.content
    pages = PdfReader(BytesIO(content)).pages
    words = "".join(page.extract_text() for page in pages)
    poppler = subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=content, capture_output=True, check=True
    )
    fonts = {font for page in pages for font in (str(f["/BaseFont"]) for f in _fonts(page))}
    assert fonts
    assert not any("DejaVu" in font for font in fonts), fonts
    return words.replace("\n", "").replace(" ", "") + poppler.stdout.decode(), len(pages)


def _fonts(page):
    return [font.get_object() for font in page["/Resources"]["/Font"].values()]


def test_the_register_is_whole_for_the_station_that_received_and_that_is_recorded(as_, people, day):
    response = as_(people.station).get(f"/activities/{day.pk}/register.pdf")
    words, pages = read(response)
    for part in (
        "接待登记表",
        "南关街道联络站",
        "张建国",
        "㛃䶮·买买提",
        "13900005521",
        "孙德福",
        "三号楼暖气不热",
        "举报邻居占道",
    ):
        assert part in words
    assert pages == 1
    assert "买" not in response["Content-Disposition"]
    assert response["Cache-Control"] == "no-store"
    assert AuditEntry.objects.of(day).get().action == "visits.activity.print"


@pytest.mark.parametrize("who", ["office", "auditor"])
def test_the_register_is_masked_for_others_and_what_is_confidential_stays_so(as_, people, day, who):
    words, _ = read(as_(getattr(people, who)).get(f"/activities/{day.pk}/register.pdf"))
    assert "㛃*" in words
    assert "139****5521" in words
    assert "三号楼暖气不热" in words
    for part in ("买买提", "13900005521", "孙", "火车站社区"):
        assert part not in words
    assert ("占道" in words) is (who == "office")  # who must act on it reads what was said, not who said it


@pytest.mark.parametrize(
    ("who", "status"), [("deputy", 403), ("unit", 403), ("admin", 403), ("station_other", 404)]
)
def test_who_may_not_print_a_register(as_, people, day, who, status):
    assert as_(getattr(people, who)).get(f"/activities/{day.pk}/register.pdf").status_code == status


@pytest.mark.parametrize(("kind", "letter", "words"), [("LOG", "J", "代表意见"), ("WALK", "Z", "群众的原话")])
def test_blank_sheets_are_numbered_and_hold_nobody(as_, people, day, kind, letter, words):
    batch = SheetBatch(activity=day, station=people.own, kind=kind, count=3).enter(by=people.station)
    batch.sheets.first().void(by=people.station, note="写坏")
    read_back, pages = read(as_(people.station).get(f"/activities/sheets/batches/{batch.pk}/blank.pdf"))
    assert pages == 2  # what is void is not printed
    assert f"PC01-{letter}00001" not in read_back
    assert f"PC01-{letter}00003" in read_back
    assert words in read_back
    assert "买买提" not in read_back
    assert [entry.action for entry in AuditEntry.objects.of(batch)] == [
        "visits.sheetbatch.print",
        "visits.sheetbatch.enter",
    ]


def test_the_rota_shows_the_days_of_a_month_and_who_sits(as_, people, day):
    f.ActivityFactory(station=people.own, day=date(2026, 11, 25), cancelled=True)
    f.ActivityFactory(station=people.own, day=date(2026, 12, 11))
    words, _ = read(as_(people.deputy).get("/activities/rota.pdf?station=PC01&month=2026-11"))
    assert "2026年11月代表接待日坐班表" in words
    assert "11月11日（周三）" in words
    assert "张建国（县）" in words
    assert "11月25日" not in words
    assert "12月11日" not in words


@pytest.mark.parametrize("query", ["", "?station=YZ01", "?station=nothing"])
def test_a_rota_of_no_station_in_sight_is_not_found(as_, people, query):
    assert as_(people.station).get(f"/activities/rota.pdf{query}").status_code == 404


def test_a_character_without_a_glyph_is_named_and_nothing_is_printed(as_, people, day):
    visit = day.visits.get(serial=1)
    visit.visitor.name = "王\U00031350"
    visit.visitor.save()
    response = as_(people.station).get(f"/activities/{day.pk}/register.pdf")
    assert response.status_code == 409
    assert "U+31350" in response.content.decode()


def test_spaces_joiners_and_variation_selectors_need_no_glyph():
    assert glyphs.missing("王 丽\n\u200d\ufe0f\u3000，。—·①") == []
    assert glyphs.missing("王🦄丽🦄") == ["🦄"]


def test_a_register_of_more_visits_than_a_sheet_holds_is_refused(as_, people, day, monkeypatch):
    monkeypatch.setattr("visits.papers.MOST", 2)
    assert as_(people.station).get(f"/activities/{day.pk}/register.pdf").status_code == 409


def test_a_paper_reads_no_file_whatever_a_text_holds(as_, people, day, caplog):
    visit = day.visits.get(serial=1)
    visit.text = '<img src="file:///etc/passwd"><style>@import "http://127.0.0.1:9/x.css"</style>'
    visit.save()
    words, _ = read(as_(people.station).get(f"/activities/{day.pk}/register.pdf"))
    assert "root:" not in words
    assert "etc/passwd" in words  # as text, for it was escaped


@pytest.mark.parametrize(
    "address",
    ["file:///etc/passwd", "http://127.0.0.1:9/x", "data:text/css,", "file:///static/css/print.css"],
)
def test_a_paper_fetches_nothing(address):
    from liaison.core.pdf import _fetcher

    with pytest.raises(ValueError, match="fetches nothing"):
        _fetcher().fetch(address)
    assert callable(paper)
