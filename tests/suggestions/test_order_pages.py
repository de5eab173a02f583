"""派单 on its pages: a department's queue, what it answers, what the office decides, who reads what."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from liaison.accounts.models import Role
from liaison.core.filling import text_of
from liaison.core.models import Attachment, AuditEntry, OutboxMessage, PolicyVersion
from suggestions.models import Document, Order, Request
from suggestions.papers.kinds import PAPERS
from tests import factories as f

pytestmark = pytest.mark.once

TODAY = timezone.localdate()
WORDS = "管网已经检修，室温达到十八度，还不热的请打供热公司电话。"
FILLED = {
    "answer_class": "A", "text": WORDS, "signer": "陈局长", "contact": "陈工", "phone": "0352-5021234"
}  # fmt: skip
PDF = b"%PDF-1.7 plan"


@pytest.fixture
def housing(people):
    bureau = f.DepartmentFactory(area=people.county, name="平城区住建局")
    f.DepartmentStaffFactory(department=bureau, post=people.unit)
    return bureau


@pytest.fixture
def water(people):
    """水务局, with a post of its own as `staffed`."""
    bureau = f.DepartmentFactory(area=people.county, name="平城区水务局")
    bureau.staffed = f.PostFactory(role=Role.UNIT, area=people.county)
    f.DepartmentStaffFactory(department=bureau, post=bureau.staffed)
    return bureau


def given(people, department, state="ACCEPTED", of=None, request_state="HANDLING", **more):
    asked = of or f.RequestFactory(station=people.own, state=request_state, category=people.category)
    accepted = TODAY if state != "ISSUED" else None
    return f.OrderFactory(request=asked, department=department, state=state, accepted_on=accepted, **more)


def listed(page):
    return [order.number for order in page.context["page"].rows]


def step(client, order, name, **sent):
    return client.post(f"/orders/{order.number}/steps/{name}/", {"sent": "", **sent})


# --- The queue ---


def test_the_queue_of_a_department_has_the_most_urgent_first_and_says_how_long_in_words(
    people, housing, water, as_
):
    late = given(people, housing, due_on=TODAY - timedelta(days=9))
    soon = given(people, housing, due_on=TODAY + timedelta(days=1))
    new = given(people, housing, "ISSUED", request_state="DISPATCHED")
    given(people, water)
    done = given(people, housing, "REPLIED", request_state="REPLIED")

    client = as_(people.unit)
    page = client.get("/orders/")
    assert listed(page) == [late.number, soon.number, new.number]
    assert "超期 9 天" in page.content.decode()
    assert "还剩 1 天" in page.content.decode()
    assert {tab["label"]: tab["count"] for tab in page.context["tabs"]} == {
        "没有办完的": 3, "待接单": 1, "办理中": 2, "快到期": 1, "超期": 1, "全部": None,
    }  # fmt: skip
    for queue, expected in {"new": [new], "overdue": [late], "soon": [soon], "doing": [late, soon]}.items():
        assert listed(client.get(f"/orders/?queue={queue}")) == [order.number for order in expected]
    assert set(listed(client.get("/orders/?queue=all"))) == {o.number for o in (late, soon, new, done)}
    home = client.get("/").content.decode()
    assert late.number in home
    assert done.number not in home


def test_an_order_is_accepted_by_one_click_in_the_list_and_a_second_click_does_nothing(people, housing, as_):
    order = given(people, housing, "ISSUED", request_state="DISPATCHED")
    client = as_(people.unit)
    for _ in range(2):
        answer = client.post(f"/orders/{order.number}/steps/accept/", {"back": "list"}, follow=True)
        assert answer.redirect_chain == [("/orders/", 302)]
        assert "接单" in answer.content.decode()
    assert AuditEntry.objects.of(order).filter(action="suggestions.order.accept").count() == 1
    assert Request.objects.get(pk=order.request_id).state == "HANDLING"


def test_the_office_narrows_by_department_place_round_and_what_waits_for_its_word(
    people, housing, water, as_
):
    first = given(people, housing)
    asks = given(people, water, extension_to=TODAY + timedelta(days=30), round=2)
    late = given(people, water, "ISSUED", accept_by=TODAY - timedelta(days=1), request_state="DISPATCHED")
    client = as_(people.office)

    def found(query):
        return set(listed(client.get(f"/orders/?{query}")))

    assert found(f"department={housing.pk}") == {first.number}
    assert found("queue=asking") == {asks.number}
    assert found("queue=unaccepted") == {late.number}
    assert found("round=2") == {asks.number}
    assert found(f"category={people.category.pk}&station=PC01") == {o.number for o in (first, asks, late)}
    assert found("station=PC02") == set()
    assert found("queue=all&state=ISSUED") == {late.number}
    assert as_(people.office_other).get("/orders/?queue=all").context["page"].rows == []


def test_the_list_asks_no_query_for_each_row(people, housing, as_, django_assert_max_num_queries):
    for number in range(12):
        given(people, housing, due_on=TODAY + timedelta(days=number))
    with django_assert_max_num_queries(16):
        as_(people.unit).get("/orders/")
    with django_assert_max_num_queries(20):
        as_(people.office).get("/orders/")
    with django_assert_max_num_queries(12):
        as_(people.unit).get("/api/v1/orders/")
    Order.objects.update(state="RETURN_ASKED")
    with django_assert_max_num_queries(12):
        answer = as_(people.office).get("/api/v1/orders/").json()
    assert set(answer["results"][0]["steps"]) == {"grant_return", "refuse_return", "urge", "cancel"}


# --- What a department reads of a request ---


def test_a_department_reads_masked_names_and_of_a_confidential_request_only_the_task(people, housing, as_):
    visit = f.VisitFactory(activity=f.ActivityFactory(station=people.own))
    f.VisitorFactory(visit=visit, name="孙德福", phone="13812345521")
    order = given(people, housing, of=f.RequestFactory(station=people.own, visit=visit), task="查一查三号楼")
    page = as_(people.unit).get(order.get_absolute_url()).content.decode()
    assert "孙德福" not in page
    assert "13812345521" not in page
    assert "孙" in page
    assert "室温十四度" in page

    Request.objects.filter(pk=order.request_id).update(confidential=True)
    page = as_(people.unit).get(order.get_absolute_url()).content.decode()
    assert "室温十四度" not in page
    assert "暖气不热" not in page
    assert "查一查三号楼" in page
    for address in ("/orders/", "/", "/api/v1/orders/"):
        assert "暖气不热" not in as_(people.unit).get(address).content.decode()


def test_the_answer_to_a_confidential_request_is_read_by_its_department_and_no_auditor(people, housing, as_):
    from openpyxl import load_workbook

    asked = f.RequestFactory(station=people.own, state="REPLIED", category=people.category, confidential=True)
    order = given(people, housing, "REPLIED", of=asked, text=WORDS)
    export = {"csrfmiddlewaretoken": "x", "queue": "all"}

    def read(post):
        client = as_(post)
        book = load_workbook(BytesIO(b"".join(client.post("/exports/orders/", export, follow=True))))
        headings, row = list(book.active.iter_rows(min_row=3, values_only=True))
        paper = client.get(f"/orders/{order.number}/papers/reply.docx")
        return [
            client.get(order.get_absolute_url()).content.decode(),
            client.get(f"/api/v1/orders/{order.number}/").json()["text"],
            dict(zip(headings, row, strict=True))["答复"] or "",
            text_of(paper.content),
        ]

    Document.objects.issue(order, PAPERS["reply"], by=people.office)
    assert [WORDS in told for told in read(people.unit)] == [True] * 4
    assert [WORDS in told for told in read(people.auditor)] == [False] * 4
    for post, reads in ((people.unit, True), (people.office, True), (people.auditor, False)):
        assert Order.objects.files_visible_to(post).filter(pk=order.pk).exists() == reads
    page = as_(people.auditor).get(asked.get_absolute_url()).content.decode()
    assert WORDS not in page
    assert "（要求保密）" in page


def test_a_complaint_about_a_department_is_out_of_its_sight_by_every_path(people, housing, as_):
    order = given(people, housing, of=f.RequestFactory(station=people.own, about=housing))
    client = as_(people.unit)
    assert client.get(order.get_absolute_url()).status_code == 404
    assert client.get(f"/api/v1/orders/{order.number}/").status_code == 404
    assert step(client, order, "accept").status_code == 404
    assert order.number not in client.get("/orders/?queue=all").content.decode()


def test_the_page_says_how_the_due_day_came_about(people, housing, as_):
    order = given(people, housing, due_because="15 个工作日，自10月1日次日起，扣除国庆节 5 天 = 10月27日")
    assert order.due_because in as_(people.unit).get(order.get_absolute_url()).content.decode()


def test_a_lead_reads_the_opinions_of_its_helpers_with_their_files_and_a_helper_not_the_lead(
    people, housing, water, as_
):
    lead = given(people, housing)
    helper = given(people, water, of=lead.request, share="HELPER")
    unread = as_(people.unit).get(lead.get_absolute_url()).content.decode()
    answer = step(
        as_(water.staffed), helper, "opine", text="我局可以配合断水，提前三天告知物业和居民，依据供水条例。",
        files=SimpleUploadedFile("方案.pdf", PDF, "application/pdf"),
    )  # fmt: skip
    assert answer.status_code == 302
    file = Attachment.objects.of(helper).get()
    assert "断水" not in unread
    assert "断水" in as_(people.unit).get(lead.get_absolute_url()).content.decode()
    assert as_(people.unit).get(f"/files/{file.key}/").status_code == 200
    assert as_(people.unit).get(helper.get_absolute_url()).status_code == 404

    assert step(as_(people.unit), lead, "reply", **FILLED).status_code == 302
    assert WORDS not in as_(water.staffed).get(helper.get_absolute_url()).content.decode()


# --- Answering ---


def test_an_answer_is_given_with_files_which_only_those_open_who_see_the_order(people, housing, as_):
    order = given(people, housing)
    answer = step(
        as_(people.unit), order, "reply", **FILLED, files=SimpleUploadedFile("方案.pdf", PDF, "application/pdf")
    )  # fmt: skip
    assert answer.status_code == 302
    order.refresh_from_db()
    assert (order.state, order.answer_class, order.phone) == ("REPLIED", "A", "03525021234")
    file = Attachment.objects.of(order).get()
    read = {who: as_(getattr(people, who)).get(f"/files/{file.key}/").status_code for who in (
        "unit", "office", "station", "office_other", "deputy", "admin"
    )}  # fmt: skip
    assert read == {
        "unit": 200,
        "office": 200,
        "station": 200,
        "office_other": 404,
        "deputy": 404,
        "admin": 404,
    }
    page = as_(people.station).get(order.request.get_absolute_url()).content.decode()
    assert WORDS in page
    assert f"/files/{file.key}/" in page


WRONG = [
    ({"text": "已处理。"}, "不足 20 个字"),
    ({"text": "好 " * 19 + "\n" * 30}, "不足 20 个字"),
    ({"answer_class": ""}, "请选择"),
    ({"answer_class": "D"}, "请写明原因和依据"),
    ({"answer_class": "C"}, "请写明什么时候完成"),
    ({"answer_class": "B", "promised_on": TODAY.isoformat()}, "承诺日期应在今天以后"),
    ({"signer": ""}, "请填写"),
    ({"phone": "139"}, "手机号少了 8 位"),
    ({"signer": "😀😀"}, "姓名里只能有汉字"),
    ({"text": WORDS + "字" * 100_000}, "最多 5000 个字"),
    ({"files": ("a.exe", b"MZ", "application/x-msdownload")}, "第 1 个文件"),
    ({"files": ("a.jpg", b"not a photo", "image/jpeg")}, "不是照片"),
]


def test_an_answer_that_is_wrong_is_refused_in_words_and_nothing_typed_is_lost(people, housing, as_):
    order = given(people, housing)
    client = as_(people.unit)
    for changed, said in WRONG:
        sent = FILLED | changed
        if "files" in sent:
            sent["files"] = SimpleUploadedFile(*sent["files"])
        answer = step(client, order, "reply", **sent)
        page = answer.content.decode()
        assert answer.status_code in (409, 422), said
        assert said in page
        assert "陈工" in page
    order.refresh_from_db()
    assert (order.state, order.text, order.version) == ("ACCEPTED", "", 1)
    assert not Attachment.objects.of(order).exists()


def test_answers_are_called_as_the_place_calls_them(people, housing, as_):
    PolicyVersion.objects.create(area=people.county, first_on=f.LONG_AGO, values={"class_c": "留作参考"})
    order = given(people, housing)
    form = as_(people.unit).get(f"/orders/{order.number}/steps/reply/").context["form"]
    called = dict(form.fields["answer_class"].choices)
    assert (called["A"], called["C"]) == ("A 已经解决", "C 留作参考")
    Order.objects.filter(pk=order.pk).update(state="REPLIED", text=WORDS, answer_class="C")
    assert "C 留作参考" in as_(people.office).get(order.get_absolute_url()).content.decode()


def test_what_cannot_be_solved_is_answered_with_its_reason_which_is_there_again_when_it_is_rewritten(
    people, housing, as_
):
    order = given(people, housing)
    reason = "街道宽度不够，依据停车场设计规范第四条。"
    step(as_(people.unit), order, "reply", **FILLED | {"answer_class": "D", "reason": reason})
    order.refresh_from_db()
    assert order.text == f"{WORDS}\n不能解决的原因和依据：{reason}"

    assert step(as_(people.office), order, "send_back", note="请写明替代办法").status_code == 302
    form = as_(people.unit).get(f"/orders/{order.number}/steps/reply/").context["form"]
    assert (form["text"].value(), form["reason"].value(), form["signer"].value()) == (WORDS, reason, "陈局长")


def test_control_characters_do_not_come_into_an_answer(people, housing, as_):
    order = given(people, housing)
    step(as_(people.unit), order, "reply", **FILLED | {"text": f"\x00\x07{WORDS}\u202e"})
    order.refresh_from_db()
    assert order.text == WORDS


def test_a_form_sent_twice_urges_and_answers_once(people, housing, as_):
    order = given(people, housing)
    office, unit = as_(people.office), as_(people.unit)
    for _ in range(2):
        assert step(office, order, "urge", idem="one").status_code == 302
        assert Order.objects.get(pk=order.pk).urged == 1
    for _ in range(2):
        assert step(unit, order, "reply", **FILLED, idem="two").status_code == 302
    assert AuditEntry.objects.of(order).filter(action="suggestions.order.reply").count() == 1


# --- Deciding ---


def test_the_office_is_told_of_a_return_and_grants_it(people, housing, water, as_):
    found = f.RequestFactory(station=people.own)
    found.dispatch(by=people.office, lead=housing)
    order = found.orders.get()
    sent = step(as_(people.unit), order, "ask_return", note="供热归水务局", to=water.pk)
    assert sent.status_code == 302
    told = OutboxMessage.objects.get(to=people.office.user)
    assert (told.kind, told.url) == ("TODO", order.get_absolute_url())
    assert "平城区住建局申请退回，请决定" in told.text
    assert not OutboxMessage.objects.filter(to=people.office_city.user).exists()
    page = as_(people.office).get(order.get_absolute_url()).content.decode()
    assert "供热归水务局" in page
    assert "平城区水务局" in page
    assert step(as_(people.office), order, "grant_return").status_code == 302
    found.refresh_from_db()
    assert found.state == "TRIAGED"


def test_an_extension_is_asked_for_with_the_last_day_in_words_and_refused_with_a_reason(people, housing, as_):
    order = given(people, housing)
    page = as_(people.unit).get(f"/orders/{order.number}/steps/ask_extension/").content.decode()
    assert "最多再延 10 个工作日" in page
    to = order.due_on + timedelta(days=4)
    assert step(as_(people.unit), order, "ask_extension", to=to, note="等配件").status_code == 302
    assert step(as_(people.office), order, "refuse_extension").status_code == 422
    assert step(as_(people.office), order, "refuse_extension", note="群众等不起").status_code == 302
    order.refresh_from_db()
    assert (order.extension_to, order.due_on) == (None, TODAY + timedelta(days=21))
    again = step(as_(people.office), order, "grant_extension")
    assert again.status_code == 409
    assert "没有申请延期" in again.content.decode()


def test_a_step_in_a_state_that_does_not_allow_it_is_refused_on_its_page(people, housing, as_):
    order = given(people, housing, "RETURNED")
    posts = {Role.UNIT: people.unit, Role.OFFICE: people.office, Role.STATION: people.station}
    for name, row in Order.FLOW.items():
        client = as_(posts[row.roles[0]])
        sent = FILLED | {"note": "经核实", "to": TODAY + timedelta(days=25)}
        if name == "ask_return":
            sent["to"] = ""
        assert step(client, order, name, **sent).status_code == 409, name


def test_buttons_that_would_be_refused_are_not_there(people, housing, as_):
    late = given(people, housing, due_on=TODAY - timedelta(days=1), accept_by=TODAY - timedelta(days=9))
    assert set(late.open_steps(people.unit)) == {"report", "reply"}
    answer = as_(people.unit).get(f"/orders/{late.number}/steps/ask_return/")
    assert answer.status_code == 409
    assert "以后不能退回" in answer.content.decode()


def test_a_stale_page_is_refused(people, housing, as_):
    order = given(people, housing)
    version = order.version
    order.urge(by=people.station)
    answer = step(as_(people.unit), order, "reply", **FILLED, version=version)
    assert answer.status_code == 409
    assert "王丽" in answer.content.decode()


# --- The page of the request, REST, export ---


def test_the_page_of_a_request_shows_its_rounds_apart_with_the_buttons_of_the_office(
    people, housing, water, as_
):
    first = given(people, housing, "REPLIED", request_state="REHANDLING", text=WORDS)
    again = given(people, housing, of=first.request, round=2)
    page = as_(people.office).get(first.request.get_absolute_url())
    assert [turn.number for turn in page.context["rounds"]] == [2, 1]
    assert f"/orders/{again.number}/steps/urge/" in page.content.decode()
    seen_by_auditor = as_(people.auditor).get(first.request.get_absolute_url()).content.decode()
    assert "/steps/" not in seen_by_auditor


def test_by_rest_an_order_is_read_and_answered_by_the_same_rules(people, housing, as_):
    order = given(people, housing)
    client = as_(people.unit)
    shown = client.get(f"/api/v1/orders/{order.number}/").json()
    assert shown["department"] == {"id": housing.pk, "name": "平城区住建局"}
    assert set(shown["steps"]) == {"ask_return", "report", "ask_extension", "reply"}

    def send(**sent):
        address = f"/api/v1/orders/{order.number}/steps/reply/"
        return client.post(address, sent, content_type="application/json")

    wrong = send(**FILLED | {"text": "已处理。"})
    assert wrong.status_code == 400
    assert "不足 20 个字" in wrong.json()["fields"]["text"][0]
    assert send(**FILLED).json()["state"] == "REPLIED"
    assert client.get("/api/v1/orders/?queue=open").json()["results"] == []


def test_the_interface_finds_an_order_by_the_number_of_any_register(people, housing, as_):
    order = f.OrderFactory(
        suggestion=f.SuggestionFactory(lead=people.deputy.mandate, area=people.county), department=housing
    )
    Order.objects.update(number="晋建〔2023〕(补).42号-1")
    address = f"/api/v1/orders/{Order.objects.get(pk=order.pk).number}/"
    for url in (address, f"{address}papers/"):
        assert as_(people.office).get(url).status_code == 200
