"""公文: what stands in the papers of an order, who may print and number them, and the templates that an office brings."""

import re
import zipfile
from datetime import date
from html import escape
from io import BytesIO
from threading import Thread

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from docx import Document as WordFile
from pypdf import PdfReader

from liaison.core.filling import BadTemplate, text_of, try_out
from liaison.core.models import Attachment, AuditEntry
from liaison.core.workflow import NotAllowed
from suggestions.models import Document, Feedback, Order, PaperTemplate, Rating
from suggestions.papers.contents import contents
from suggestions.papers.kinds import PAPERS, Kind
from suggestions.papers.placeholders import examples, placeholders_of
from suggestions.papers.shipped import shipped
from suggestions.workflow import OrderState, RequestState
from tests import factories as f

PERSON, PHONE = "田秀兰", "13900005521"


@pytest.fixture
def housing(people):
    bureau = f.DepartmentFactory(
        area=people.county, name="平城区住建局", contact="李明", phone="0352-2020202"
    )
    f.DepartmentStaffFactory(department=bureau, post=people.unit)
    return bureau


def order_for(people, department, state=OrderState.ACCEPTED, request=None, **more):
    """An order about what 田秀兰 said."""
    if request is None:
        visit = f.VisitFactory(
            station=people.own,
            day=f.LONG_AGO,
            category=people.category,
            confidential=more.pop("confidential", False),
        )
        f.VisitorFactory(visit=visit, name=PERSON, phone=PHONE, address="火车站社区 7 号楼")
        request = f.RequestFactory(
            station=people.own,
            visit=visit,
            confidential=visit.confidential,
            about=more.pop("about", None),
            place="南关小区3号楼",
            state=RequestState.REPLIED if state == OrderState.REPLIED else RequestState.HANDLING,
        )
    return f.OrderFactory(request=request, department=department, state=state, **more)


def replied(people, housing, **more):
    return order_for(
        people,
        housing,
        OrderState.REPLIED,
        text="管网已检修。\n室温达到十八度。",
        answer_class="B",
        promised_on=date(2026, 12, 20),
        replied_on=date(2026, 11, 20),
        signer="赵局长",
        contact="李明",
        phone="0352-2020202",
        **more,
    )


def words(content, form):
    if form == "docx":
        return text_of(content)
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)


def pages_of(as_, post, order, slug):
    answer = as_(post).get(f"/orders/{order.number}/papers/{slug}.pdf")
    assert answer["Content-Type"] == "application/pdf"
    return PdfReader(BytesIO(answer.content)).pages


def squeezed(text):
    return re.sub(r"\s+", "", text)


def opened(as_, post, order, slug, form, status=200):
    answer = as_(post).get(f"/orders/{order.number}/papers/{slug}.{form}")
    assert answer.status_code == status, answer.content[:300]
    return squeezed(words(answer.content, form)) if status == 200 else answer


# --- What stands in them ------------------------------------------------------------------------------------------------


@pytest.mark.once
@pytest.mark.parametrize("form", ["pdf", "docx"])
def test_an_order_says_what_to_do_by_when_and_why_then(people, housing, as_, form):
    because = "15 个工作日，自11月4日次日起，扣除国庆节 3 天"
    order = order_for(people, housing, task="请入户查看。", due_because=f"{because} = 11月25日")
    Document.objects.issue(order, PAPERS["order"], by=people.office)
    text = opened(as_, people.office, order, "order", form)
    due = f"{order.due_on:%Y年%-m月%-d日}"
    for part in ("群众诉求交办单", "平城区交办〔", "〕1号", "平城区住建局：", "请入户查看。", order.number, "暖气不热，室温十四度。",
                 f"{due}（{because}）", "主办：平城区住建局", "平城区人大常委会代表工作委员会", "田*"):  # fmt: skip
        assert squeezed(part) in text
    assert "=" not in text  # the due day is said once


ANSWER_PARTS = (
    "平城区答复〔", f"{PERSON}：", "管网已检修。", "室温达到十八度。", "正在解决", "2026年12月20日", "联系人：李明，电话：0352-2020202",
    "附件：征询意见表", "抄送：平城区人大常委会代表工作委员会。", "征询意见表", "□满意□基本满意□不满意", "□已解决",
)  # fmt: skip


@pytest.mark.once
def test_an_answer_has_its_class_above_and_the_form_behind_it(people, housing, as_):
    order = replied(people, housing)
    Document.objects.issue(order, PAPERS["reply"], by=people.unit)
    pages = pages_of(as_, people.station, order, "reply")
    assert len(pages) == 2
    assert [round(float(side) / 72 * 25.4) for side in pages[0].mediabox[2:]] == [210, 297]
    first, second = (squeezed(page.extract_text()) for page in pages)
    assert second.startswith("附件征询意见表")
    for text in (first + second, opened(as_, people.station, order, "reply", "docx")):
        number = order.documents.get().number
        assert text.startswith(f"签发人：赵局长类别：B{number}关于{order.request.number}号诉求的答复")
        assert not [part for part in ANSWER_PARTS if part not in text]
        assert PHONE not in text


@pytest.mark.once
def test_each_line_of_an_answer_is_a_paragraph_of_the_word_document(people, housing, as_):
    order = replied(people, housing)
    answer = as_(people.station).get(f"/orders/{order.number}/papers/reply.docx")
    document = WordFile(BytesIO(answer.content))
    lines = {p.text: p for p in document.paragraphs}
    first, second = lines["管网已检修。"], lines["室温达到十八度。"]
    assert first.paragraph_format.first_line_indent == second.paragraph_format.first_line_indent
    assert first.paragraph_format.first_line_indent.pt == 32  # two characters of 16 pt
    section = document.sections[0]
    assert [round(side.mm) for side in (section.top_margin, section.left_margin, section.bottom_margin)] == [
        37,
        28,
        35,
    ]
    assert document.core_properties.author == ""


@pytest.mark.once
def test_urging_tells_how_late_it_is_and_has_a_letter_each_time(people, housing, as_):
    order = order_for(people, housing, due_on=date(2026, 1, 5))
    opened(as_, people.office, order, "urge", "pdf", status=409)
    order.urge(by=people.office, note="家中有老人")
    first = Document.objects.issue(order, PAPERS["urge"], by=people.office)
    assert "已超过办理期限" in (text := opened(as_, people.unit, order, "urge", "docx"))
    assert "催办意见：家中有老人" in text
    assert "这是第1次催办" in text
    order.urge(by=people.office)
    assert Document.objects.issue(order, PAPERS["urge"], by=people.office).serial == first.serial + 1


@pytest.mark.once
def test_an_opinion_goes_to_the_department_in_the_lead_and_nobody_else(people, housing, as_):
    water = f.DepartmentFactory(area=people.county, name="平城区水务局")
    lead = order_for(people, housing)
    helper = order_for(
        people,
        water,
        OrderState.OPINED,
        request=lead.request,
        share=Order.Share.HELPER,
        text="管道可以改线。",
    )
    assert helper.number not in (
        page := as_(people.unit).get(f"/orders/{lead.number}/papers/").content.decode()
    )
    Document.objects.issue(helper, PAPERS["opinion"], by=people.office)
    Document.objects.issue(helper, PAPERS["order"], by=people.office)
    for address in (f"/orders/{lead.number}/papers/", f"/orders/{lead.number}/"):
        page = as_(people.unit).get(address).content.decode()
        assert f"/orders/{helper.number}/papers/opinion.pdf" in page
        assert f"/orders/{helper.number}/papers/order.pdf" not in page
    text = opened(as_, people.unit, helper, "opinion", "docx")
    assert "平城区住建局：" in text
    assert "管道可以改线。" in text
    opened(as_, people.unit, helper, "order", "pdf", status=404)
    opened(as_, people.station, helper, "opinion", "pdf", status=403)
    opened(as_, people.office, lead, "opinion", "pdf", status=409)


@pytest.mark.once
def test_the_form_shows_what_the_person_ticked(people, housing, as_):
    order = replied(people, housing)
    Feedback.objects.create(
        request=order.request, round=1, on=date(2026, 11, 21), how="PHONE", by=people.station
    )
    Rating.objects.create(
        request=order.request, round=1, on=date(2026, 11, 22), attitude="SATISFIED", result="UNSATISFIED", solved="NO",
        reason="还是不热", how="PHONE", by=people.station,
    )  # fmt: skip
    text = opened(as_, people.station, order, "rating", "docx")
    for part in (
        "√满意□基本满意□不满意",
        "□满意□基本满意√不满意",
        "√没有解决",
        "还是不热",
        "2026年11月21日电话告知",
        PERSON,
    ):
        assert part in text
    opened(as_, people.unit, order, "rating", "pdf", status=403)  # a department never rates itself


@pytest.mark.once
def test_every_placeholder_has_a_value_and_nothing_else_is_given(people, housing):
    order = replied(people, housing)
    papers = [paper for paper in PAPERS.values() if not paper.of_suggestions]
    known = {one.key for paper in papers for one in placeholders_of(paper.kind)}
    for paper in papers:
        assert contents(paper, order, None, people.office).keys() == known


# --- Persons ------------------------------------------------------------------------------------------------------------


@pytest.mark.once
@pytest.mark.parametrize("who", ["office", "station", "unit", "deputy", "auditor"])
def test_a_paper_for_a_department_never_carries_the_person(people, housing, who):
    post = getattr(people, who)
    order = order_for(people, housing, urged=1)
    for slug in ("order", "urge"):
        text = "\n".join(contents(PAPERS[slug], order, None, post).values())
        assert "田*" in text
        assert not {PERSON, PHONE, "5521", "火车站社区"} & set(re.findall(r"\w+", text))
        assert PERSON not in text
        assert "5521" not in text


NOTHING_OF = ("田", "暖气不热", "室温十四度", "南关小区", "5521")


@pytest.mark.once
@pytest.mark.parametrize("slug", ["order", "urge", "reply"])
def test_of_a_confidential_request_a_department_reads_nothing(people, housing, as_, slug):
    order = replied(people, housing, urged=1, confidential=True)
    if slug != "reply":
        Order.objects.filter(pk=order.pk).update(state=OrderState.ACCEPTED)
    Document.objects.issue(order, PAPERS[slug], by=people.office)
    text = opened(as_, people.unit, order, slug, "docx")
    assert "（要求保密）" in text
    assert not [part for part in NOTHING_OF if part in text]


@pytest.mark.once
def test_of_a_complaint_about_it_a_department_gets_no_paper_and_none_tells_of_the_person(
    people, housing, as_
):
    order = replied(people, housing, urged=1, about=housing)
    for slug in ("order", "urge", "reply"):
        opened(as_, people.unit, order, slug, "docx", status=404)
    for paper in (paper for paper in PAPERS.values() if not paper.of_suggestions):
        post = people.office if paper.to_department else people.unit  # whoever prints it, whoever would
        text = "\n".join(contents(paper, order, None, post).values())
        assert "（要求保密）" in text
        assert not [part for part in NOTHING_OF if part in text]


@pytest.mark.once
def test_the_answer_names_the_person_to_the_station_alone(people, housing):
    order = replied(people, housing)
    named = {
        who: contents(PAPERS["reply"], order, None, getattr(people, who))["to"]
        for who in ("station", "office", "unit", "auditor", "deputy")
    }
    assert named.pop("station") == PERSON
    assert set(named.values()) == {"田*"}


@pytest.mark.once
def test_who_takes_a_name_out_of_the_house_is_on_record(people, housing, as_):
    order = replied(people, housing)
    Document.objects.issue(order, PAPERS["reply"], by=people.unit)
    for who in ("unit", "office", "auditor"):
        opened(as_, getattr(people, who), order, "reply", "docx")
    assert not AuditEntry.objects.of(order.request).exists()
    opened(as_, people.station, order, "reply", "docx")
    entry = AuditEntry.objects.of(order.request).get()
    assert (entry.post, entry.action) == (people.station, "suggestions.request.print_paper")
    assert PERSON not in str(entry.data)
    page = as_(people.station).get(f"/requests/{order.request.number}/").content.decode()
    assert "打印公文" in page
    assert f"登记：答复函 {order.documents.get().number}" in page


@pytest.mark.once
def test_a_file_name_says_nothing_of_anybody(people, housing, as_):
    order = replied(people, housing)
    answer = as_(people.station).get(f"/orders/{order.number}/papers/reply.docx")
    assert order.number in answer["Content-Disposition"]
    assert "%E7%94%B0" not in answer["Content-Disposition"]  # 田
    assert answer["Cache-Control"] == "no-store"


# --- Who prints, and numbers --------------------------------------------------------------------------------------------


@pytest.mark.once
def test_only_who_issues_a_paper_numbers_it_and_others_wait_for_the_number(people, housing, as_):
    order = order_for(people, housing)
    opened(as_, people.unit, order, "order", "pdf", status=409)
    assert "（未编号）" in opened(as_, people.office, order, "order", "docx")
    for who, status in (("unit", 403), ("station", 403), ("auditor", 403), ("office_other", 404)):
        answer = as_(getattr(people, who)).post(f"/orders/{order.number}/papers/", {"paper": "order"})
        assert answer.status_code == status, who
    assert not Document.objects.exists()
    answer = as_(people.office).post(f"/orders/{order.number}/papers/", {"paper": "order"}, follow=True)
    found = Document.objects.get()
    assert found.number in answer.content.decode()
    assert (found.area, found.by, found.serial) == (people.county, people.office, 1)
    assert AuditEntry.objects.of(found).get().action == "suggestions.document.enter"
    assert found.number in opened(as_, people.unit, order, "order", "docx")
    assert list(Document.objects.visible_to(people.unit)) == [found]
    assert not Document.objects.visible_to(people.office_other).exists()


def test_a_number_once_given_stays(people, housing):
    order = order_for(people, housing)
    first = Document.objects.issue(order, PAPERS["order"], by=people.office)
    assert Document.objects.issue(order, PAPERS["order"], by=people.office) == first


def test_numbers_run_by_area_kind_and_year_without_gaps(people, housing, time_machine):
    time_machine.move_to("2026-12-31 10:00:00+08:00")
    city = f.DepartmentFactory(area=people.city, name="市住建局")
    orders = [order_for(people, housing) for _ in range(3)]
    assert [Document.objects.issue(o, PAPERS["order"], by=people.office).serial for o in orders[:2]] == [1, 2]
    with pytest.raises(NotAllowed, match="还没有催办"):
        Document.objects.issue(orders[2], PAPERS["urge"], by=people.office)
    theirs = Document.objects.issue(order_for(people, city), PAPERS["order"], by=people.office_city)
    assert (theirs.serial, theirs.area) == (1, people.city)
    time_machine.move_to("2027-01-01 10:00:00+08:00")
    assert (
        Document.objects.issue(orders[2], PAPERS["order"], by=people.office).number == "平城区交办〔2027〕1号"
    )


@pytest.mark.django_db(transaction=True)
def test_ten_who_number_at_once_give_one_number(people, housing):
    order, seen = order_for(people, housing), []

    def number():
        try:
            seen.append(
                Document.objects.issue(Order.objects.get(pk=order.pk), PAPERS["order"], by=people.office).pk
            )
        finally:
            connection.close()

    threads = [Thread(target=number) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 10
    assert set(seen) == {Document.objects.get().pk}


@pytest.mark.once
def test_what_was_returned_is_not_numbered_any_more(people, housing):
    order = order_for(people, housing, OrderState.RETURNED)
    with pytest.raises(NotAllowed, match="已退回"):
        Document.objects.issue(order, PAPERS["order"], by=people.office)


@pytest.mark.once
def test_the_page_of_a_request_offers_its_papers(people, housing, as_, django_assert_max_num_queries):
    order = replied(people, housing)
    for _ in range(3):
        order_for(people, housing, OrderState.RETURNED, request=order.request)
    with django_assert_max_num_queries(28):
        page = as_(people.station).get(f"/requests/{order.request.number}/").content.decode()
    assert f"/orders/{order.number}/papers/reply.pdf" in page
    assert f"/orders/{order.number}/papers/rating.docx" in page
    assert (
        f"/orders/{order.number}/papers/order.pdf" not in page
    )  # not numbered, and not the station's to number


@pytest.mark.once
def test_an_unknown_paper_or_form_is_not_there(people, housing, as_):
    order = order_for(people, housing)
    for address in ("order.exe", "nothing.pdf", "order.DOCX"):
        assert as_(people.office).get(f"/orders/{order.number}/papers/{address}").status_code == 404


@pytest.mark.once
def test_a_character_without_a_glyph_is_named_and_word_still_works(people, housing, as_):
    order = order_for(people, housing, task="见图😀\x0b\ufffe")
    answer = opened(as_, people.office, order, "order", "pdf", status=409)
    assert "U+1F600" in answer.content.decode()
    assert "见图😀" in opened(as_, people.office, order, "order", "docx")


# --- Templates ----------------------------------------------------------------------------------------------------------


SPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
KINDS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"
HEADER_REFERENCE = '<w:sectPr><w:headerReference w:type="default" r:id="rId1"/></w:sectPr>'


def word(*lines, header=""):
    """The smallest .docx there is: quicker to try out than what Word writes."""

    def paragraphs(texts):
        return "".join(f"<w:p><w:r><w:t>{escape(text)}</w:t></w:r></w:p>" for text in texts)

    def relation(kind, target):
        one = f'<Relationship Id="rId1" Type="{KINDS}/{kind}" Target="{target}"/>'
        return f'<Relationships xmlns="{RELATIONS}">{one}</Relationships>'

    parts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{WORD}.document.main+xml"/>'
        f'<Override PartName="/word/header1.xml" ContentType="{WORD}.header+xml"/></Types>',
        "_rels/.rels": relation("officeDocument", "word/document.xml"),
        "word/_rels/document.xml.rels": relation("header", "header1.xml"),
        "word/document.xml": f"<w:document {SPACES}><w:body>{paragraphs(lines)}{HEADER_REFERENCE}</w:body></w:document>",
        "word/header1.xml": f"<w:hdr {SPACES}>{paragraphs([header])}</w:hdr>",
    }
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, f'<?xml version="1.0" encoding="UTF-8"?>{text}')
    return out.getvalue()


def changed(content, part, change):
    """The same file with one part otherwise."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for one in old.namelist():
            new.writestr(one, change(old.read(one)) if one == part else old.read(one))
    return out.getvalue()


def added(content, part, data):
    out = BytesIO(content)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(part, data)
    return out.getvalue()


def bring(as_, post, content, slug="order", name="王某某的模板.docx"):
    return as_(post).post(f"/papers/{slug}/", {"file": SimpleUploadedFile(name, content)})


@pytest.mark.once
@pytest.mark.parametrize("kind", Kind.values)
def test_our_own_templates_pass_the_same_check(kind):
    made = text_of(try_out(shipped(kind), examples(kind)))
    assert "{{" not in made
    told = examples(kind)
    named = ("诉求编号", "建议编号", "建议称呼")  # of one of them every paper says what it is about
    assert any(told[name] in made for name in named if name in told)


def test_the_nearest_area_that_brought_one_is_used(people, housing, as_):
    order = order_for(people, housing)
    assert "大同市版" not in opened(as_, people.office, order, "order", "docx")
    assert bring(as_, people.office_city, word("大同市版 {{ 文号 }} {{ 主送 }}")).status_code == 302
    assert "大同市版（未编号）平城区住建局" in opened(as_, people.office, order, "order", "docx")
    assert (
        bring(
            as_, people.office, word("{{ 年份 }}-{{ 序号 }}", header="平城区红头 {{ 发文机关 }}")
        ).status_code
        == 302
    )
    assert "平城区红头平城区人大" in opened(as_, people.office, order, "order", "docx")
    assert as_(people.office).post("/papers/order/withdraw/", {"note": ""}).status_code == 302
    assert "大同市版" in opened(as_, people.office, order, "order", "docx")
    assert [one.area for one in PaperTemplate.objects.filter(in_use=True)] == [people.city]
    assert not Attachment.objects.filter(name__contains="王").exists()
    assert [one.area for one in PaperTemplate.objects.visible_to(people.office_other)] == [people.city]


@pytest.mark.once
def test_a_placeholder_may_be_split_as_word_splits_it(people):
    paper = WordFile()
    paragraph = paper.add_paragraph("文号：{")
    for part in ("{ 文", "号 ", "}", "}"):
        paragraph.add_run(part).bold = True
    out = BytesIO()
    paper.save(out)
    assert "文号：平城区交办〔2026〕12号" in text_of(try_out(out.getvalue(), examples("ORDER")))


@pytest.mark.once
@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{{ 文 号 }}", "没有写完整"),
        ("{{ 反映人电话 }} {{ 文号 }}", "“反映人电话”不是可用的占位符。您要的是不是“反映人”？"),
        ("{{ 答复内容 }} {{ 文号 }}", "“答复内容”不是可用的占位符"),
        ("第一行 {{ 文号 }", "在“第一行 文号”附近"),
        ("{{ 主送 }}", "没有占位符“文号”或“序号”"),
        ("｛｛ 文号 ｝｝", "全角的花括号"),
        ("{% if 文号 %}{{ 文号 }}", "没有写完整"),
        ("{{ 文号.__class__.__mro__ }}", "写法不能用"),
        ("{{ ''.__class__.__mro__[1].__subclasses__() }}", "写法不能用"),
        ("{{ cycler.__init__.__globals__.os.popen('id').read() }}", "不能用|不是可用"),
        ("{% for x in range(999999999) %}{{ 文号 }}{% endfor %}", "不能用|不是可用"),
        ("{{ 文号 * 9 }}", "写法不能用"),
        ("{{ 文号|upper }}", "写法不能用|没有写完整"),
        ("{{ self }} {{ 文号 }}", "不是可用的占位符"),
        ("{% include '/etc/passwd' %}", "写法不能用"),
        ("{% set 文号 = 1 %}", "写法不能用"),
        ("{{" * 600, "文字太多"),
        ("", "没有占位符"),
        ("{{ 文号 主送", "没有写完整"),
        ("{%p if 文号 %}", "没有写完整"),
    ],
)
def test_a_wrong_template_is_refused_in_words(line, said):
    with pytest.raises(BadTemplate, match=said):
        try_out(word("正文", header=line), examples("ORDER"), [("文号", "序号")])


GOOD = word("{{ 文号 }}")
LINKED = (
    b'<Relationship Id="rIdX" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate" '
    b'Target="http://127.0.0.1/t.dotm" TargetMode="External"/></Relationships>'
)
BOMB = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "x"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>'


@pytest.mark.once
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "是空的"),
        (b"hello", "不是 Word 文档"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 99, "旧格式"),
        (GOOD[:600], "已损坏"),
        (added(b"", "xl/workbook.xml", "<x/>"), "不是 Word 文档"),
        (added(GOOD, "word/vbaProject.bin", b"x"), "宏"),
        (added(GOOD, "word/embeddings/oleObject1.bin", b"x"), "宏"),
        (added(GOOD, "word/zeros.bin", b"\0" * (21 * 1024 * 1024)), "解开后超过"),
        (added(GOOD, "word/bomb.xml", BOMB), "已损坏"),
        (added(GOOD, "customXml/long.xml", b"<a>" + b"<b/>" * 400_000 + b"</a>"), "文字太多"),
        (changed(GOOD, "word/_rels/document.xml.rels", lambda x: x.replace(b"</Relationships>", LINKED)), "文件以外的内容"),
        (changed(GOOD, "word/document.xml", lambda x: x.replace(
            b"<w:p>", b'<w:p><w:r><w:instrText>INCLUDEPICTURE "http://127.0.0.1/x"</w:instrText></w:r></w:p><w:p>', 1)), "域"),
        (changed(GOOD, "word/document.xml", lambda x: b"<x>"), "已损坏"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_ordinary_document_is_refused_before_it_is_read(content, said):
    with pytest.raises(BadTemplate, match=said):
        try_out(content, examples("ORDER"))


@pytest.mark.once
def test_a_refused_template_leaves_the_one_in_use(people, housing, as_):
    assert bring(as_, people.office, word("甲版 {{ 文号 }}")).status_code == 302
    answer = bring(as_, people.office, word("{{ 文好 }}"))
    assert answer.status_code == 422
    assert "“文好”不是可用的占位符。您要的是不是“文号”？" in answer.content.decode()
    assert "甲版" in opened(as_, people.office, order_for(people, housing), "order", "docx")


@pytest.mark.once
def test_what_a_citizen_wrote_is_never_read_as_a_template(people, housing, as_):
    order = order_for(people, housing, task="{{ 文号 }}<w:p/>{% if %} & {_{ x }_}")
    assert "{{文号}}<w:p/>{%if%}&" in opened(as_, people.office, order, "order", "docx")


@pytest.mark.once
def test_the_list_of_placeholders_is_a_page_with_examples(people, as_):
    for slug, paper in PAPERS.items():
        page = as_(people.office).get(f"/papers/{slug}/").content.decode()
        for one in placeholders_of(paper.kind):
            assert f"{one.name} &#125;&#125;" in page
            assert one.meaning in page
    assert as_(people.office).get("/papers/").status_code == 200
    sample = as_(people.office).get("/papers/reply/sample.docx")
    assert "管网已检修" in text_of(sample.content)


@pytest.mark.once
def test_templates_are_the_offices_alone(people, as_):
    for who in ("station", "unit", "deputy", "auditor", "admin"):
        assert as_(getattr(people, who)).get("/papers/").status_code == 403
        assert bring(as_, getattr(people, who), GOOD).status_code == 403


@pytest.mark.once
def test_a_template_that_was_changed_on_the_disk_is_not_used(people, housing, as_):
    bring(as_, people.office, GOOD)
    Attachment.objects.update(sha256="0" * 64)
    answer = opened(as_, people.office, order_for(people, housing), "order", "docx", status=409)
    assert "已损坏，请重新上传" in answer.content.decode()
