"""公文 of suggestions: addressed to the deputies, named by session and number, and read only when the reply has gone out."""

import re
from datetime import date
from io import BytesIO

import pytest
from pypdf import PdfReader

from deputies.models import Congress, CongressSession, Mandate
from liaison.accounts.models import Area
from liaison.core.filling import text_of
from liaison.core.models import AuditEntry
from liaison.core.workflow import NotAllowed
from suggestions.models import Document, Evaluation, Meeting, Order, Suggestion
from suggestions.papers.contents import contents
from suggestions.papers.kinds import OF_REQUESTS, PAPERS
from suggestions.papers.placeholders import placeholders_of
from suggestions.papers.suggested import short_of
from suggestions.papers.wording import congress_office, government_office, how_counted, in_characters
from suggestions.workflow import OrderState, SuggestionState
from tests import factories as f

pytestmark = pytest.mark.once

OURS = {slug: paper for slug, paper in PAPERS.items() if paper.of_suggestions}
NAMED = "平城区第十七届人民代表大会第三次会议第42号建议"
GONE_OUT, WAITS = SuggestionState.DELIVERED, SuggestionState.COUNTERSIGN


@pytest.fixture
def house(people):
    """The county's congress in its third session; 住建局 and 水务局; 李秀英 signs too."""
    Congress.objects.update(area=people.county, name="平城区人民代表大会")
    people.lead = Mandate.objects.select_related("term__congress__area").get(pk=people.deputy.mandate.pk)
    people.lead.term.number = 17
    people.lead.term.save()
    session = CongressSession.objects.create(term=people.lead.term, number=3, from_on=date(2026, 3, 1))
    second = Mandate.objects.get(pk=people.deputy_colleague.mandate.pk)
    people.housing = f.DepartmentFactory(
        area=people.county, name="平城区住建局", contact="李明", phone="0352-2020202"
    )
    people.water = f.DepartmentFactory(area=people.county, name="平城区水务局")
    f.DepartmentStaffFactory(department=people.housing, post=people.unit)
    people.found = f.SuggestionFactory(
        lead=people.lead, cosigners=[second], session=session, number="140213-17J3-0042",
        state=SuggestionState.HANDLING, submitted_on=date(2026, 3, 2),
    )  # fmt: skip
    return people


def given(house, state=OrderState.ACCEPTED, department=None, **more):
    return f.OrderFactory(
        suggestion=house.found, department=department or house.housing, state=state, days=0, months=3,
        due_because="3 个月，自8月25日起 = 11月25日", **more,
    )  # fmt: skip


def replied(house, standing=GONE_OUT, **more):
    Suggestion.objects.filter(pk=house.found.pk).update(state=standing, delivered_on=date(2026, 11, 21))
    house.found.refresh_from_db()
    Meeting.objects.create(
        suggestion=house.found, round=1, department=house.housing, on=date(2026, 10, 8), way="FACE", place="区政府二楼",
        people="", said="同意分三年更换。", by=house.unit,
    )  # fmt: skip
    told = {
        "text": "一、今年先换两个小区。\n\n　　二、其余分两年。", "answer_class": "B", "promised_on": date(2027, 10, 31),
        "replied_on": date(2026, 11, 20), "signer": "赵局长",
    }  # fmt: skip
    return given(house, OrderState.REPLIED, **told, **more)


def squeezed(text):
    return re.sub(r"\s+", "", text)


def opened(as_, post, order, slug, form="docx", status=200):
    answer = as_(post).get(f"/orders/{order.number}/papers/{slug}.{form}")
    assert answer.status_code == status, answer.content[:300]
    return squeezed(text_of(answer.content)) if status == 200 and form == "docx" else answer


def test_a_reply_is_addressed_to_the_deputies_with_class_number_meeting_copies_and_the_form_overleaf(
    house, as_
):
    order = replied(house)
    number = Document.objects.issue(order, PAPERS["suggestion-reply"], by=house.unit).number
    assert re.fullmatch(r"平城区建议答复〔20\d\d〕1号", number)
    pages = PdfReader(
        BytesIO(opened(as_, house.deputy_colleague, order, "suggestion-reply", "pdf").content)
    ).pages
    assert len(pages) == 2
    first, second = (squeezed(page.extract_text()) for page in pages)
    assert second.startswith("附件征询意见表")
    for text in (first + second, opened(as_, house.deputy, order, "suggestion-reply")):
        assert text.startswith(
            f"签发人：赵局长类别：B{number}关于{NAMED}的答复张建国、李秀英代表：你们提出的《"
        )
        for part in (
            "（第42号建议）收悉", "2026年10月8日当面面商（区政府二楼）", "一、今年先换两个小区。二、其余分两年。",
            "承诺在2027年10月31日以前办完", "附件：征询意见表平城区住建局", "（联系人：李明，电话：0352-2020202）",
            "抄送：平城区人大常委会代表工作委员会、平城区人民政府办公室。", "领衔代表张建国", "附议代表李秀英",
            "□满意□基本满意□不满意",
        ):  # fmt: skip
            assert part in text, part


def test_an_order_says_by_when_and_why_then_and_brings_the_suggestion_behind_it(house, as_):
    order = given(house, task="请牵头拿出方案。")
    helper = given(house, department=house.water, share=Order.Share.HELPER)
    text = opened(as_, house.office, order, "suggestion-order")
    due = f"{order.due_on:%Y年%-m月%-d日}"
    for part in (
        f"{NAMED}《{house.found.title}》现交你单位主办", f"{due}前答复", f"{due}（3个月，自8月25日起）", "请牵头拿出方案。",
        "附议代表李秀英", "（2026年3月2日提交）", "建议，1件1条", "主办：平城区住建局会办：平城区水务局",
        "抄送：平城区水务局、平城区人民政府办公室。", "附件：建议原文", "二、具体建议1.三年内更换六个小区的供热管网。",
    ):  # fmt: skip
        assert squeezed(part) in text, part
    assert "提出会办意见，交主办单位" in opened(as_, house.office, helper, "suggestion-order")
    assert "重点建议" not in text  # no line for what is not there


def test_the_form_that_comes_back_has_the_marks_of_the_lead_and_of_who_signed_too(house, as_):
    order = replied(house)
    for mandate, result in ((house.lead, "UNSATISFIED"), (house.deputy_colleague.mandate, "SATISFIED")):
        Evaluation.objects.create(
            suggestion=house.found, round=1, mandate=mandate, on=date(2026, 11, 22), attitude="SATISFIED", result=result,
            reason="太慢" if result == "UNSATISFIED" else "", by=house.deputy,
        )  # fmt: skip
    text = opened(as_, house.office, order, "suggestion-rating")
    for part in ("√满意□基本满意□不满意", "□满意□基本满意√不满意", "太慢", "李秀英：态度满意，结果满意"):
        assert part in text
    assert "太慢" not in opened(as_, house.office, order, "suggestion-reply")  # what goes out is not filled
    opened(as_, house.unit, order, "suggestion-rating", status=403)


def test_nobody_outside_the_office_and_the_department_gets_the_reply_before_it_is_delivered(house, as_):
    order = replied(house, WAITS)
    with pytest.raises(NotAllowed, match="还没有核签"):
        Document.objects.issue(order, PAPERS["suggestion-reply"], by=house.unit)
    Suggestion.objects.update(state=SuggestionState.REPLIED)
    order.refresh_from_db()
    Document.objects.issue(order, PAPERS["suggestion-reply"], by=house.unit)
    for who in ("deputy", "deputy_colleague"):
        answer = opened(as_, getattr(house, who), order, "suggestion-reply", status=409)
        assert "还没有送达" in answer.content.decode()
        for page in (f"/suggestions/{house.found.pk}/", f"/orders/{order.number}/papers/"):
            assert "suggestion-reply" not in as_(getattr(house, who)).get(page).content.decode()
    Suggestion.objects.update(state=GONE_OUT)
    assert "今年先换两个小区" in opened(as_, house.deputy, order, "suggestion-reply")


def test_the_page_of_a_suggestion_numbers_and_prints_for_who_may(house, as_, django_assert_max_num_queries):
    order = given(house, urged=1)
    page = as_(house.office).get(f"/suggestions/{house.found.pk}/").content.decode()
    for slug in ("suggestion-order", "suggestion-urge"):
        assert f"/orders/{order.number}/papers/{slug}.pdf" in page
        assert f'value="{slug}"' in page
    assert "papers/" not in as_(house.deputy).get(f"/suggestions/{house.found.pk}/").content.decode()
    sent = as_(house.office).post(
        f"/orders/{order.number}/papers/", {"paper": "suggestion-order"}, follow=True
    )
    number = Document.objects.get().number
    assert number in sent.content.decode()
    for address in (f"/suggestions/{house.found.pk}/", order.get_absolute_url()):
        assert number in as_(house.unit).get(address).content.decode()
    with django_assert_max_num_queries(40):
        as_(house.office).get(f"/suggestions/{house.found.pk}/")
    assert as_(house.office).post(f"/orders/{order.number}/papers/", {"paper": "order"}).status_code == 404
    assert as_(house.office).get(f"/orders/{order.number}/papers/order.docx").status_code == 404
    assert not AuditEntry.objects.filter(
        action__endswith="print_paper"
    ).exists()  # no citizen's name in these


def test_an_opinion_reaches_the_lead_once_it_has_its_number(house, as_):
    lead = given(house)
    helper = given(
        house, OrderState.OPINED, house.water, share=Order.Share.HELPER, text="管道可以同步改线，请提前通知。"
    )
    opened(as_, house.unit, helper, "suggestion-opinion", status=404)
    Document.objects.issue(helper, PAPERS["suggestion-opinion"], by=house.office)
    assert "管道可以同步改线" in opened(as_, house.unit, helper, "suggestion-opinion")
    assert helper.number in as_(house.unit).get(lead.get_absolute_url()).content.decode()
    opened(as_, house.deputy, helper, "suggestion-opinion", status=403)


def test_every_placeholder_of_a_suggestions_paper_has_a_value(house):
    order = replied(house)
    known = {one.key for kind in OF_REQUESTS for one in placeholders_of(kind)}
    for paper in OURS.values():
        assert contents(paper, order, None, house.office).keys() == known


def test_many_signers_are_addressed_in_short_and_a_motion_of_the_recess_by_its_year(house):
    for _ in range(12):
        mandate = f.MandateFactory(term=house.lead.term, area=house.town)
        f.SignerFactory(suggestion=house.found, mandate=mandate)
    order = replied(house)
    Suggestion.objects.update(kind="MOTION", session=None, number="140213-2026-Y003")
    order = Order.objects.get(pk=order.pk)
    values = contents(PAPERS["suggestion-reply"], order, None, house.office)
    assert values["to"] == "张建国等14位代表"
    assert values["title"] == "关于平城区第十七届人民代表大会闭会期间2026年第3号议案的答复"
    assert values["cosigners"].count("、") == 12


@pytest.mark.parametrize(
    ("because", "said"),
    [
        (
            "15 个工作日，自11月4日次日起，扣除国庆节 3 天 = 11月25日",
            "15个工作日，自11月4日次日起，扣除国庆节3天",
        ),
        ("3 个月，自9月30日起 = 12月30日（2027年调休未公布）", "3个月，自9月30日起，2027年调休未公布"),
        ("15 个工作日 = 11月25日；经同意延期至12月5日", "15个工作日，到11月25日；经同意延期"),
        (
            "15 个工作日 = 11月25日；经同意延期至12月5日；经同意延期至12月20日",
            "15个工作日，到11月25日；经同意延期至12月5日；经同意延期",
        ),
        ("", ""),
    ],
)
def test_how_a_day_was_counted_does_not_repeat_the_day(because, said):
    assert how_counted(because) == said


@pytest.mark.parametrize(
    ("number", "kind", "said"),
    [
        ("140213-17J3-0042", "SUGGESTION", "第42号建议"),
        ("140213-2026-Y003", "MOTION", "第3号议案"),
        ("2023-建-0042", "CRITICISM", "第42号建议"),
        ("晋建〔2023〕42号", "SUGGESTION", "第42号建议"),
        ("建〔2023〕第007号", "SUGGESTION", "第7号建议"),
        ("2023-建-甲", "SUGGESTION", "2023-建-甲建议"),
    ],
)
def test_the_serial_of_a_number_of_any_making_stands_once_between_its_words(number, kind, said):
    assert short_of(Suggestion(number=number, kind=kind)) == said


def test_an_order_that_was_returned_or_cancelled_stands_in_no_address(house):
    """The first lead sent it back; who helps writes to the lead of now, and copies go to it alone."""
    given(
        house,
        OrderState.RETURNED,
        share=Order.Share.LEAD,
        department=f.DepartmentFactory(area=house.county, name="平城区城管局"),
    )
    given(house, share=Order.Share.LEAD)
    helper = given(house, OrderState.OPINED, department=house.water, share=Order.Share.HELPER, text="可以。")
    assert contents(PAPERS["suggestion-opinion"], helper, None, house.office)["to"] == "平城区住建局"
    copies = contents(PAPERS["suggestion-order"], helper, None, house.office)["copies"]
    assert copies == "平城区住建局、平城区人民政府办公室"


def test_terms_are_written_in_characters():
    assert [in_characters(n) for n in (1, 10, 11, 17, 20, 23, 100)] == [
        "一", "十", "十一", "十七", "二十", "二十三", "100",
    ]  # fmt: skip


def test_who_signs_and_whom_a_copy_goes_to_follows_the_level():
    def of(name, level):
        area = Area(name=name, level=level)
        return congress_office(area), government_office(area)

    assert of("平城区", "COUNTY") == ("平城区人大常委会代表工作委员会", "平城区人民政府办公室")
    assert of("西坪镇", "TOWNSHIP") == ("西坪镇人大主席团", "西坪镇人民政府")
    assert of("南关街道", "TOWNSHIP") == ("南关街道人大工作委员会", "南关街道办事处")
