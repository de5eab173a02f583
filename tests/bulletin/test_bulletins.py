"""动态期刊: composing, numbering, what is kept as issued, who reads it."""

import hashlib
from datetime import timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.utils import timezone
from lxml import etree
from pypdf import PdfReader

from liaison.accounts.models import Role
from liaison.bulletin.models import Bulletin, NewsItem
from liaison.bulletin.models.bulletin import Placed
from liaison.bulletin.workflow import BULLETIN_FLOW, BulletinState
from liaison.core.models import Attachment, AuditEntry
from liaison.core.workflow import NotAllowed
from tests import factories as f

TODAY = timezone.localdate()


@pytest.fixture
def items(people):
    def of(station, keeper, title):
        return f.NewsItemFactory(station=station, written_by=keeper, title=title, published=True)

    return [
        of(people.own, people.station, "南关站接待居民二十三人"),
        of(people.sibling, people.station_sibling, "北关站代表进小区听供暖"),
        of(people.own, people.station, "代表小组调研养老服务"),
    ]


@pytest.fixture
def bulletin(people, items):
    found = Bulletin(
        area=people.county,
        issuer="平城区人大常委会代表工作委员会",
        editor="李敏",
        report_to="市人大常委会代表工委",
    )
    return found.start(by=people.office, news=items)


@pytest.fixture
def cheap(monkeypatch):
    """To draw a PDF takes a second: here the files say only what they are."""
    made = {"pdf": b"%PDF-1", "docx": b"PK\x03\x04"}
    monkeypatch.setattr(
        "liaison.bulletin.models.bulletin.printed", lambda issue, form: made[form] + b"%d" % issue.number
    )


def titles(bulletin):
    return [(line.section, line.title) for line in bulletin.in_order()]


def words_of(docx):
    """The text of a Word document, read without the library that wrote it."""
    with ZipFile(BytesIO(docx)) as file:
        assert file.testzip() is None
        root = etree.fromstring(file.read("word/document.xml"))
    space = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
    return ["".join(t.text or "" for t in p.iter(f"{space}t")) for p in root.iter(f"{space}p")]


# --- Composing ----------------------------------------------------------------------------------------------------------


def test_an_office_chooses_orders_and_shortens_and_the_items_stay_as_they_were(people, items, as_):
    office = as_(people.office)
    made = office.post("/bulletins/new/", {"title": "联络动态", "issuer": "区人大代表工委", "idem": "b"})
    found = Bulletin.objects.get()
    page = f"/bulletins/{found.pk}/compose/"
    assert made.url == page
    assert "北关站代表进小区听供暖" in office.get(page).content.decode()

    office.post(page, {"version": 1, "news": [items[1].pk, items[0].pk]})
    first, second = found.in_order()
    assert [first.title, second.title] == [items[0].title, items[1].title]  # as they happened
    sent = {
        f"position_{first.pk}": 2,
        f"section_{first.pk}": "接待日",
        f"position_{second.pk}": 1,
        f"section_{second.pk}": "走访",
    }
    assert office.post(page, {"version": 2, **sent, "news": [items[2].pk]}).status_code == 302
    assert titles(found) == [("走访", items[1].title), ("接待日", items[0].title), ("", items[2].title)]

    line = f"/bulletins/{found.pk}/items/{first.pk}/"
    short = {"title": "接待日来了23人", "section": "接待日", "text": "反映最多的是供暖。", "version": 3}
    assert office.post(line, short).status_code == 302
    assert titles(found)[1] == ("接待日", "接待日来了23人")
    assert NewsItem.objects.get(pk=items[0].pk).title == "南关站接待居民二十三人"

    third = found.in_order().last()
    stale = office.post(page, {"version": 2, f"position_{third.pk}": 3, **sent})
    assert stale.status_code == 409
    assert "改过这条记录" in stale.content.decode()
    out = {f"out_{third.pk}": "on", f"position_{third.pk}": 3}
    assert office.post(page, {"version": 4, **sent, **out}).status_code == 302
    assert [title for _, title in titles(found)] == [items[1].title, "接待日来了23人"]


def test_what_stands_in_one_issue_is_not_offered_for_another(people, bulletin, items):
    other = Bulletin(area=people.county, issuer="区人大代表工委").start(by=people.office)
    assert not other.candidates().exists()
    with pytest.raises(NotAllowed, match="不在可以选用的动态里"):
        other.compose([], items[:1], by=people.office)
    hidden = f.NewsItemFactory(station=people.own, written_by=people.station, state="SUBMITTED")
    with pytest.raises(NotAllowed, match="不在可以选用的动态里"):
        other.compose([], [hidden], by=people.office)
    away = f.NewsItemFactory(station=people.other, written_by=people.station_other, published=True)
    with pytest.raises(NotAllowed, match="不在可以选用的动态里"):
        other.compose([], [away], by=people.office)
    bulletin.drop(by=people.office)
    assert set(other.candidates()) == set(items)


@pytest.mark.once  # a table in memory
@pytest.mark.usefixtures("cheap")
@pytest.mark.parametrize("role", [role for role in Role.values if role != Role.ADMIN])
def test_a_bulletin_moves_as_its_table_says_and_no_other_way(people, items, role):
    post = getattr(people, role.lower())
    for number, state in enumerate(BulletinState.values, 500):
        numbered = {"number": number, "issued_on": f.LONG_AGO} if state in ("ISSUED", "WITHDRAWN") else {}
        for name, row in BULLETIN_FLOW.items():
            found = f.BulletinFactory(area=people.county, state=state, title=f"{name}{number}", **numbered)
            found.items.create(news=items[0], position=1, title="接待", text="来了23人。")
            allowed = role in row.roles and state in row.sources
            assert (name in found.open_steps(post)) is allowed
            told = {"issued_on": TODAY} if name == "issue" else {}
            if allowed:
                getattr(found, name)(by=post, note="有误", **told)
                assert AuditEntry.objects.of(found).filter(action=f"bulletin.bulletin.{name}").exists()
            else:
                with pytest.raises(NotAllowed, match=row.label):
                    getattr(found, name)(by=post, note="有误", **told)
            assert Bulletin.objects.get(pk=found.pk).state == (row.target if allowed else state)


# --- Issuing ------------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("cheap")
def test_numbers_run_on_from_the_one_chosen_for_the_first(people, bulletin, items):
    office = people.office
    bulletin.issue(by=office, issued_on=TODAY - timedelta(days=2), first_number=13)
    assert str(Bulletin.objects.get(pk=bulletin.pk)) == "联络动态 第 13 期"

    bulletin.withdraw(by=office, note="有一处数字不对")  # its number stays taken, its items are free again
    following = Bulletin(area=people.county, issuer="区人大代表工委").start(by=office, news=items)
    with pytest.raises(NotAllowed, match="期号接着排"):
        following.issue(by=office, issued_on=TODAY, first_number=20)
    with pytest.raises(NotAllowed, match="不能更早"):
        following.issue(by=office, issued_on=TODAY - timedelta(days=3))
    following.issue(by=office, issued_on=TODAY)
    assert following.number == 14
    theirs = Bulletin(area=people.city, issuer="市人大代表工委").start(by=people.office_city)
    with pytest.raises(NotAllowed, match="还没有选动态"):
        theirs.issue(by=people.office_city, issued_on=TODAY)
    with pytest.raises(NotAllowed, match="由平城区编印"):
        f.BulletinFactory(area=people.county).drop(by=people.office_city)
    with pytest.raises(NotAllowed, match="平城区编印，您可以看，不能改"):
        f.BulletinFactory(area=people.county).head(by=people.office_city, editor="王芳")


@pytest.mark.usefixtures("cheap")
def test_what_must_not_be_printed_stops_the_issue_and_takes_no_number(people, bulletin, items):
    line = bulletin.in_order().first()
    bulletin.reword(
        line, title=line.title, text="电话13900012345。", section="", by=people.office, version=None
    )
    with pytest.raises(NotAllowed, match="手机号"):
        bulletin.issue(by=people.office, issued_on=TODAY)
    bulletin.reword(line, title=line.title, text="来了23人。", section="", by=people.office, version=None)
    items[2].withdraw(by=people.office, note="重复")
    with pytest.raises(NotAllowed, match="已经撤下"):
        bulletin.issue(by=people.office, issued_on=TODAY)
    kept = [Placed(one) for one in bulletin.in_order() if one.news_id != items[2].pk]
    bulletin.compose(kept, by=people.office)
    bulletin.issue(by=people.office, issued_on=TODAY)
    assert bulletin.number == 1
    for change in (
        lambda: bulletin.compose([], by=people.office),
        lambda: bulletin.head(by=people.office, issuer="别的单位"),
        lambda: bulletin.reword(line, title="改", text="改", section="", by=people.office, version=None),
    ):
        with pytest.raises(NotAllowed, match="不能再改"):
            change()


@pytest.mark.usefixtures("cheap")
@pytest.mark.django_db(transaction=True)
def test_of_four_issued_at_once_each_has_a_number_of_its_own_without_a_gap(several_threads, people, items):
    drafts = []
    for title in ("甲", "乙", "丙", "丁"):
        item = f.NewsItemFactory(station=people.own, written_by=people.station, title=title, published=True)
        drafts.append(Bulletin(area=people.county, issuer="x").start(by=people.office, news=[item]))

    def issue(found):
        return lambda: found.issue(by=people.office, issued_on=TODAY)

    assert several_threads(*map(issue, drafts)) == [None] * 4
    assert sorted(Bulletin.objects.values_list("number", flat=True)) == [1, 2, 3, 4]
    assert Attachment.objects.filter(name__startswith="联络动态").count() == 8


@pytest.mark.django_db(transaction=True)
def test_of_two_offices_at_work_at_once_one_gets_the_item(several_threads, people, items):
    drafts = [Bulletin(area=people.county, issuer="x").start(by=people.office) for _ in range(2)]
    outcomes = several_threads(
        *(lambda found=found: found.compose([], items[:1], by=people.office) for found in drafts)
    )
    assert sorted(str(outcome) for outcome in outcomes)[0] == "None"
    refused = next(outcome for outcome in outcomes if outcome is not None)
    assert "不在可以选用的动态里" in str(refused)
    assert items[0].in_bulletins.count() == 1


@pytest.mark.once
def test_the_files_hold_all_of_it_and_stay_as_they_were_issued(people, bulletin, items, as_, client):
    bulletin.head(by=people.office, foreword="本月择要刊发三篇。", signer="王建军")
    first, second, third = bulletin.in_order()
    bulletin.compose(
        [Placed(first, "接待日"), Placed(second, "接待日"), Placed(third, "调研")], by=people.office
    )
    office = as_(people.office)
    draft = office.get(f"/bulletins/{bulletin.pk}/paper.docx")
    assert "第 　　 期" in words_of(draft.content)
    step = f"/bulletins/{bulletin.pk}/steps/issue/"
    assert "从第几期开始" in office.get(step).content.decode()
    issued = office.post(step, {"issued_on": TODAY, "first_number": 13})
    assert issued.status_code == 302
    bulletin.refresh_from_db()

    pdf = office.get(f"/bulletins/{bulletin.pk}/paper.pdf").content
    read = PdfReader(BytesIO(pdf))
    text = "".join(page.extract_text() for page in read.pages)
    docx = office.get(f"/bulletins/{bulletin.pk}/paper.docx").content
    told = [
        "联络动态", "第 13 期", "平城区人大常委会代表工作委员会", f"{TODAY:%Y年%-m月%-d日}", "本期目录",
        "编者按：本月择要刊发三篇。", "【接待日】", "【调研】", *(item.title for item in items), "反映最多的是供暖。",
        "（北关街道联络站供稿）", "报：市人大常委会代表工委", "编辑：李敏", "签发：王建军",
    ]  # fmt: skip
    lines = "\n".join(words_of(docx))
    for words in told:
        assert words.replace(" ", "") in text.replace(" ", "").replace("\n", "")
        assert words in lines
    assert lines.count("【接待日】") == 1

    for form, content in (("pdf", pdf), ("docx", docx)):
        kept = bulletin.file(form)
        assert kept.sha256 == hashlib.sha256(content).hexdigest()
        public = client.get(f"/bulletins/{bulletin.pk}/file.{form}")
        assert public.content == content
        assert public["Content-Type"] == kept.content_type
        assert f"_13.{form}" in public["Content-Disposition"]
    items[0].withdraw(by=people.office, note="有出入")  # what was issued does not change with its items
    assert office.get(f"/bulletins/{bulletin.pk}/paper.pdf").content == pdf

    assert "第 13 期" in client.get("/bulletins/").content.decode()
    assert "本月择要刊发三篇" in client.get(f"/bulletins/{bulletin.pk}/").content.decode()
    assert as_(people.station).get(f"/bulletins/{bulletin.pk}/").status_code == 200
    assert "联络动态 第 13 期" in as_(people.station).get(f"/news/{items[2].pk}/").content.decode()
    assert as_(people.station_other).get(f"/bulletins/{bulletin.pk}/").status_code == 404
    office.post(f"/bulletins/{bulletin.pk}/steps/withdraw/", {"note": "有误"})
    for gone in ("", "file.pdf"):
        assert client.get(f"/bulletins/{bulletin.pk}/{gone}").status_code == 404
    assert as_(people.station).get(f"/bulletins/{bulletin.pk}/").status_code == 404
    assert office.get(f"/bulletins/{bulletin.pk}/paper.pdf").content == pdf


def test_a_character_without_glyph_stops_the_issue_and_the_number_is_not_lost(people, bulletin, monkeypatch):
    def refuse(issue, form):
        raise NotAllowed("打印字体里没有“𬺓”")

    monkeypatch.setattr("liaison.bulletin.models.bulletin.printed", refuse)
    with pytest.raises(NotAllowed, match="打印字体"):
        bulletin.issue(by=people.office, issued_on=TODAY)
    assert Bulletin.objects.get().state == "DRAFT"
    monkeypatch.setattr("liaison.bulletin.models.bulletin.printed", lambda issue, form: printed_as(form))
    bulletin.issue(by=people.office, issued_on=TODAY)
    assert bulletin.number == 1


def printed_as(form):
    return {"pdf": b"%PDF-", "docx": b"PK\x03\x04"}[form]


@pytest.mark.usefixtures("cheap")
def test_programs_compose_and_issue(people, items, as_):
    office = as_(people.office)
    sent = {"foreword": "", "news": [items[2].pk, items[0].pk]}
    made = office.post("/api/v1/bulletins/", sent, content_type="application/json")
    assert made.status_code == 201, made.content
    found = made.json()
    assert [one["news"] for one in found["items"]] == sent["news"]
    assert found["title"] == "联络动态"
    at = f"/api/v1/bulletins/{found['id']}/"
    issued = office.post(f"{at}steps/issue/", {"issued_on": str(TODAY)}, content_type="application/json")
    assert (issued.json()["number"], issued.json()["state"]) == (1, "ISSUED")
    files = office.get(f"{at}files/").json()
    assert [file["ending"] for file in files] == ["pdf", "docx"]
    assert {file["sha256"] for file in files} == {
        hashlib.sha256(b"%PDF-11").hexdigest(),
        hashlib.sha256(b"PK\x03\x041").hexdigest(),
    }
