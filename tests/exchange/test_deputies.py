"""Deputies from a workbook: a row is a mandate; who is the same person is never guessed."""

from datetime import date

import pytest

from deputies.contacts.models import ContactLink
from deputies.models import Congress, Deputy, Mandate, StationAssignment, Term
from liaison.exchange.imports.importing import check, take
from liaison.exchange.imports.terms import understood
from tests import factories as f
from tests.exchange.books import book

TODAY = date(2026, 11, 22)
ROW = {
    "代表证号": "DT001", "姓名": "郝建民", "性别": "男", "出生年月": "1975-03", "手机": "13900004321", "层级": "县",
    "届次": "平城区第十八届", "选举单位": "第三选区", "任职日期": "2021-06-20", "进站编号": "PC01",
}  # fmt: skip


@pytest.fixture
def file(tmp_path):
    return lambda *rows: book(tmp_path / "a.xlsx", {"代表": list(rows)})


@pytest.fixture
def term(people):
    congress = f.CongressFactory(name="大同市平城区人民代表大会", level="COUNTY", area=people.county)
    people.county.full_name = "大同市平城区"
    people.county.save()
    return f.TermFactory(congress=congress, number=18, from_on=date(2021, 6, 1))


def figures(path, by):
    return take(path, by=by, today=TODAY).figures.get("代表")


def wrong(path, by):
    return [str(problem) for problem in check(path, by=by, today=TODAY).problems]


def test_a_row_becomes_person_mandate_and_assignment_and_again_changes_nothing(people, term, file):
    assert figures(file(ROW), people.office) == {"new": 1}
    deputy = Deputy.objects.get(card_no="DT001")
    mandate = deputy.mandates.get()
    assert (deputy.pinyin, deputy.birth, mandate.term, mandate.level) == (
        "haojianmin", date(1975, 3, 1), term, "COUNTY",
    )  # fmt: skip
    assert (mandate.area, mandate.constituency) == (people.town, "第三选区")
    assert mandate.assignments.get().from_on == date(2021, 6, 20)
    assert figures(file(ROW), people.office) == {"same": 1}
    assert Deputy.objects.kept_by(people.office).filter(pk=deputy.pk).exists()


def test_the_same_card_number_is_the_same_person_and_never_under_another_name(people, term, file):
    f.TermFactory(
        congress=f.CongressFactory(name="大同市人民代表大会", level="CITY", area=people.city), number=16
    )
    city = ROW | {"层级": "市", "届次": "大同市第16届", "选举单位": "平城区"}
    assert figures(file(ROW, city), people.office) == {"new": 2}
    assert Deputy.objects.get(card_no="DT001").mandates.get(level="CITY").area == people.county
    assert (
        "代表证号“DT001”是郝建民的，这一行写的是郝建国"
        in wrong(file(ROW | {"姓名": "郝建国"}), people.office)[0]
    )


def test_without_a_card_number_a_person_is_known_by_phone_or_birth_or_else_asked_for(people, term, file):
    bare = {key: value for key, value in ROW.items() if key not in ("代表证号", "出生年月", "手机")}
    assert figures(file(bare), people.office) == {"new": 1}
    assert figures(file(bare), people.office) == {"same": 1}  # the same mandate
    other = bare | {"选举单位": "第四选区"}
    assert "分不清是不是同一个人。请填代表证号" in wrong(file(other), people.office)[0]
    Deputy.objects.filter(name="郝建民").update(phone="13900004321")
    assert figures(file(other | {"手机": "13900009999"}), people.office) == {"new": 1}
    assert Deputy.objects.filter(name="郝建民").count() == 2


def test_two_people_of_one_name_in_one_file_stay_two(people, term, file):
    two = ROW | {"代表证号": "DT002", "出生年月": "1980-01", "手机": None}
    assert figures(file(ROW, two), people.office) == {"new": 2}
    assert Deputy.objects.filter(name="郝建民").count() == 2


def test_what_differs_is_amended_and_another_station_is_a_move_from_today(people, term, file):
    take(file(ROW), by=people.office, today=TODAY)
    moved = ROW | {"手机": "13900008888", "出生年月": None, "进站编号": "PC02"}
    assert figures(file(moved), people.office) == {"changed": 1}
    mandate = Mandate.objects.get(deputy__card_no="DT001")
    assert mandate.deputy.phone == "13900008888"
    assert mandate.deputy.birth == date(1975, 3, 1)
    assert list(mandate.assignments.order_by("from_on").values_list("station__code", "from_on", "to_on")) == [
        ("PC01", date(2021, 6, 20), date(2026, 11, 21)),
        ("PC02", TODAY, None),
    ]
    assert figures(file(moved), people.office) == {"same": 1}


def test_who_has_left_is_ended_with_the_assignment_and_the_contact_links(people, term, file):
    take(file(ROW), by=people.office, today=TODAY)
    mandate = Mandate.objects.get(deputy__card_no="DT001")
    voter = ContactLink.objects.create(
        kind="VOTER", mandate=mandate, area=people.town, from_on=date(2024, 1, 1)
    )
    later = ContactLink.objects.create(
        kind="VOTER",
        mandate=mandate,
        area=people.town,
        from_on=date(2025, 6, 1),
        to_on=date(2025, 6, 1),
    )
    assert figures(file(ROW | {"离任日期": "2025-05-01"}), people.office) == {"changed": 1}
    assert StationAssignment.objects.get(mandate__deputy__card_no="DT001").to_on == date(2025, 5, 1)
    voter.refresh_from_db()
    assert (voter.to_on, voter.end_reason, voter.version) == (date(2025, 5, 1), "从工作簿导入", 2)
    later.refresh_from_db()
    assert later.version == 1  # over on the day on which it began
    assert figures(file(ROW | {"离任日期": "2025-05-01"}), people.office) == {"same": 1}


@pytest.mark.once
@pytest.mark.parametrize(
    ("cells", "says"),
    [
        ({"性别": None}, "性别：新的代表请填性别"),
        ({"届次": "上一届"}, "届次：看不懂“上一届”"),
        ({"届次": "平城区第三届"}, "届次：还没有“平城区第3届”这一届。请管理员先"),
        ({"任职日期": "2021-05-01"}, "任职日期：任职日期不能早于大同市平城区人民代表大会第18届开始的 2021-06-01"),
        ({"离任日期": "2021-06-01"}, "离任日期：离任日期不能早于任职日期"),
        ({"进站编号": "YZ01"}, "进站编号：没有站点“YZ01”，或不在您管的范围"),
        ({"进站编号": "PC77"}, "进站编号：没有站点“PC77”"),
        ({"层级": "区"}, "层级：没有“区”这一项，只能填：全国、省、市、县、乡"),
        ({"出生年月": "2030-01"}, "出生年月：出生年月不能在今天以后"),
    ],
)  # fmt: skip
def test_each_fault_is_a_sentence_at_its_cell(people, term, file, cells, says):
    assert any(f"代表 第 2 行 {says}" in one for one in wrong(file(ROW | cells), people.office))
    assert not Deputy.objects.filter(name="郝建民").exists()


def test_an_administrator_opens_a_term_that_is_not_there_and_is_told_so(people, file):
    people.county.full_name = "大同市平城区"
    people.county.save()
    later = ROW | {"代表证号": "DT002", "姓名": "任秀兰", "任职日期": "2022-01-05"}
    report = take(file(ROW, later), by=people.admin, today=TODAY)
    assert report.figures["代表"] == {"new": 2}
    term = Term.objects.get(number=18)
    assert (term.congress.name, term.from_on) == ("大同市平城区人民代表大会", date(2021, 6, 20))
    assert "将新增大同市平城区人民代表大会第18届（2021-06-20），起始日期按最早的任职日期记" in report.notes[0]
    assert Congress.objects.get(name="大同市平城区人民代表大会").area == people.county


@pytest.mark.parametrize(
    ("text", "place", "number"),
    [
        ("大同市第十六届", "大同市", 16),
        ("大同市第 16 届人民代表大会", "大同市", 16),
        ("大同市人大第二十届", "大同市", 20),
        ("第一百零二届", "", 0),
        ("第十届", "", 10),
    ],
)
def test_the_text_of_a_term_is_understood(text, place, number):
    if number:
        assert (understood("CITY", text).place, understood("CITY", text).number) == (place, number)
    else:
        with pytest.raises(Exception, match="看不懂"):
            understood("CITY", text)
