"""代表建议 on pages: written and signed on the phone, examined and assigned at the desk, each reading what is theirs."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from deputies.models import Congress, Mandate
from liaison.core.models import Attachment
from suggestions.models import Order, Party, Signer, Suggestion
from tests import factories as f

pytestmark = pytest.mark.once

TODAY = timezone.localdate()


@pytest.fixture
def house(people):
    Congress.objects.update(area=people.county)
    rows = Mandate.objects.select_related("term__congress__area", "deputy__user")
    people.lead = rows.get(pk=people.deputy.mandate.pk)
    people.second = rows.get(pk=people.deputy_colleague.mandate.pk)
    people.housing = f.DepartmentFactory(area=people.county, name="平城区住建局")
    people.water = f.DepartmentFactory(area=people.county, name="平城区水务局")
    f.DepartmentStaffFactory(department=people.housing, post=people.unit)
    return people


def made(house, state="DRAFT", cosigners=(), **more):
    return f.SuggestionFactory(lead=house.lead, state=state, cosigners=cosigners, **more)


def step(found, name):
    return reverse("suggestions:suggestion_step", args=[found.pk, name])


def text_of(response):
    return response.content.decode()


WRITTEN = {
    "kind": "SUGGESTION",
    "title": "关于改造供热管网的建议",
    "text": "六个小区的管网用了二十多年。",
    "items": "1. 更换管网\n2. 公开进度",
    "publishable": "on",
}


def test_a_deputy_writes_asks_a_colleague_and_hands_in(house, as_):
    phone, other = as_(house.deputy), as_(house.deputy_colleague)
    request = f.RequestFactory(station=house.own, follower=house.lead)
    answer = phone.post(reverse("suggestions:suggestion_new"), WRITTEN | {"requests": request.number})
    found = Suggestion.objects.get()
    assert answer["Location"] == found.get_absolute_url()
    assert [item.text for item in found.items.all()] == ["更换管网", "公开进度"]
    assert (found.lead, list(found.requests.all()), found.publishable) == (house.lead, [request], True)

    phone.post(step(found, "invite"), {"mandates": "李秀英"})
    assert "请您确认附议" in text_of(other.get(reverse("suggestions:suggestions")))
    page = text_of(other.get(found.get_absolute_url()))
    assert "张建国代表请您附议" in page
    found.refresh_from_db()
    other.post(step(found, "confirm"), {"version": found.version})  # the second tap
    assert Signer.objects.get(mandate=house.second).state == "CONFIRMED"
    phone.post(step(found, "submit"))
    found.refresh_from_db()
    assert (found.state, found.submitted_on) == ("SUBMITTED", TODAY)


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({"items": "\n 1. \n"}, "请至少写一条"),
        ({"items": "长" * 301}, "第 1 条有 301 个字"),
        ({"requests": "2026-1103-0001"}, "没有找到诉求单“2026-1103-0001”"),
        ({"title": "长" * 61}, "最多 60 个字"),
        ({"kind": "LAW"}, "不在可用的选项中"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(house, as_, sent, says):
    answer = as_(house.deputy).post(reverse("suggestions:suggestion_new"), WRITTEN | sent)
    assert answer.status_code == 422
    assert says in text_of(answer)
    assert WRITTEN["text"] in text_of(answer)
    assert not Suggestion.objects.exists()


def test_a_name_that_nobody_has_is_not_invited(house, as_):
    found = made(house)
    answer = as_(house.deputy).post(step(found, "invite"), {"mandates": "李秀英、王不在"})
    assert answer.status_code == 422
    assert "没有找到代表“王不在”" in text_of(answer)


def test_the_office_enters_paper_for_a_deputy_and_takes_the_signatures_down(house, as_):
    desk = as_(house.office)
    desk.post(reverse("suggestions:suggestion_new"), WRITTEN | {"lead": house.lead.pk})
    found = Suggestion.objects.get()
    assert found.on_paper
    desk.post(step(found, "invite"), {"mandates": "李秀英"})
    desk.post(step(found, "confirm"), {"mandate": house.second.pk})
    desk.post(step(found, "submit"))
    desk.post(step(found, "accept"), {"kind": "SUGGESTION", "category": house.category.pk})
    found.refresh_from_db()
    assert (found.state, found.category) == ("ACCEPTED", house.category)
    assert found.number in text_of(desk.get(found.get_absolute_url()))


def test_the_office_assigns_and_says_which_item_is_whose(house, as_):
    desk, found = as_(house.office), made(house, "ACCEPTED")
    desk.post(
        step(found, "assign"),
        {"lead": house.housing.pk, "others": [house.water.pk], "share": "HELPER", "complex": "on"},
    )
    found.refresh_from_db()
    assert list(found.orders.values_list("department__name", "share", "months")) == [
        ("平城区住建局", "LEAD", 6),
        ("平城区水务局", "HELPER", 1),
    ]
    desk.post(
        reverse("suggestions:suggestion_items", args=[found.pk]),
        {"item_1": [house.housing.pk], "version": found.version},
    )
    assert list(found.items.get().departments.all()) == [house.housing]


def test_the_department_meets_and_the_deputy_marks(house, as_):
    found = made(house, "ACCEPTED", [house.second])
    found.assign(by=house.office, lead=house.housing)
    order = Order.objects.get(suggestion=found)
    order.accept(by=house.unit)
    unit = as_(house.unit)
    sent = {"department": house.housing.pk, "on": TODAY, "way": "FACE", "note": "谈了工期"}
    assert unit.post(step(found, "meet"), sent).status_code == 302
    order.reply(by=house.unit, text="三年内换完，今年两个。", answer_class="A", signer="赵局长")
    phone = as_(house.deputy)
    assert "三年内换完" not in text_of(phone.get(found.get_absolute_url()))  # not countersigned yet
    as_(house.office).post(step(found, "countersign"))
    unit.post(step(found, "deliver"), {"how": "HAND", "on": TODAY})
    assert "三年内换完" in text_of(phone.get(found.get_absolute_url()))
    answer = phone.post(step(found, "evaluate"), {"attitude": "SATISFIED", "result": "UNSATISFIED"})
    assert (answer.status_code, "请写明哪里不满意" in text_of(answer)) == (422, True)
    phone.post(step(found, "evaluate"), {"attitude": "SATISFIED", "result": "FAIRLY"})
    found.refresh_from_db()
    assert (found.state, found.result) == ("EVALUATED", "FAIRLY")


def test_a_page_of_before_is_refused_and_says_who_changed_it(house, as_):
    found = made(house, "SUBMITTED")
    found.amend(by=house.office, publishable=True)
    answer = as_(house.office).post(step(found, "accept"), {"kind": "SUGGESTION", "version": 1})
    assert (answer.status_code, "改过这条记录" in text_of(answer)) == (409, True)


def test_who_did_not_sign_is_told_to_the_lead_and_nobody_else(house, as_):
    found = made(house, "SUBMITTED")
    f.SignerFactory(suggestion=found, mandate=house.second, state="DECLINED")
    assert "李秀英" in text_of(as_(house.deputy).get(found.get_absolute_url()))
    assert "李秀英" not in text_of(as_(house.station).get(found.get_absolute_url()))


def test_the_list_is_narrowed_and_asks_no_query_a_row(house, as_, django_assert_max_num_queries):
    for number in range(12):
        made(
            house, "HANDLING", due_on=TODAY - timedelta(days=1), title=f"第{number}件", department=house.water
        )
    made(house, "CLOSED", title="办完的", key_on=TODAY, key_by="主任会议")
    desk = as_(house.office)
    with django_assert_max_num_queries(16):
        page = text_of(desk.get(reverse("suggestions:suggestions"), {"only": "overdue"}))
    assert ("第11件" in page, "办完的" in page, "超期 1 天" in page) == (True, False, True)
    page = text_of(desk.get(reverse("suggestions:suggestions"), {"only": "key"}))
    assert ("第11件" in page, "办完的" in page) == (False, True)


def test_what_is_typed_is_answered_with_words_of_its_kind(house, as_):
    asked = reverse("suggestions:suggestion_options")

    def words(post, field, typed, **more):
        return text_of(as_(post).get(asked, {"field": field, field: typed} | more))

    assert f"（{house.county.code}）" in words(house.office, "area", "平城区")
    for field in ("department", "proposed", "lead", "to", "department_URGE"):
        assert "平城区水务局" in words(house.office, field, "水务")
    assert "张建国" in words(house.office, "lead", "张建国", of="deputies")
    assert as_(house.station).get(asked, {"field": "lead", "of": "deputies"}).status_code == 404
    orders = reverse("orders:options")
    assert "平城区水务局" in text_of(as_(house.office).get(orders, {"field": "to", "to": "水务"}))


def test_a_department_that_does_not_exist_has_no_suggestions(house, as_):
    made(house, "HANDLING", title="修路")
    page = as_(house.office).get(reverse("suggestions:suggestions"), {"department": "²"})
    assert (page.status_code, "修路" in text_of(page)) == (200, False)


def test_the_own_list_of_a_deputy_is_narrowed_by_nothing_that_it_does_not_show(house, as_):
    made(house, "HANDLING", title="修路")
    page = as_(house.deputy).get(reverse("suggestions:suggestions"), {"state": "CLOSED"})
    assert "修路" in text_of(page)


def test_the_five_parties_are_named_and_write(house, as_):
    found = made(house, "HANDLING", key_on=TODAY, key_by="主任会议")
    desk = as_(house.office)
    desk.post(
        reverse("suggestions:suggestion_parties", args=[found.pk]),
        {"version": 1, "name_CHAIR": "副主任", "name_URGE": "区政府办", "department_URGE": house.housing.pk},
    )
    urging = Party.objects.get(part="URGE")
    address = reverse("suggestions:suggestion_entry", args=[urging.pk])
    as_(house.unit).post(address, {"on": TODAY, "text": "发函催办"})
    assert "发函催办" in text_of(desk.get(found.get_absolute_url()))
    chair = reverse("suggestions:suggestion_entry", args=[Party.objects.get(part="CHAIR").pk])
    assert as_(house.unit).get(chair).status_code == 403


@pytest.mark.parametrize("name", ["accept", "assign", "give_back", "make_key", "publish"])
def test_a_step_of_the_office_is_nobody_elses(house, as_, name):
    found = made(house, "SUBMITTED" if name in ("accept", "give_back") else "ACCEPTED", publishable=True)
    assert as_(house.office).get(step(found, name)).status_code == 200
    assert as_(house.deputy).get(step(found, name)).status_code == 403
    assert as_(house.office_other).get(step(found, name)).status_code == 404


def test_a_department_accepts_and_answers_on_the_page_of_the_order(house, as_):
    found = made(house, "ACCEPTED", [house.second])
    found.assign(by=house.office, lead=house.housing)
    order, unit = Order.objects.get(suggestion=found), as_(house.unit)
    assert "代表建议" in text_of(unit.get(reverse("orders:list")))
    unit.post(reverse("orders:step", args=[order.number, "accept"]))
    page = text_of(unit.get(order.get_absolute_url()))
    assert ("三年内更换六个小区的供热管网" in page, "张建国" in page) == (True, True)
    answer = {
        "text": "六个小区分三年更换管网，今年先换两个小区。", "answer_class": "A", "signer": "赵局长", "contact": "李工",
        "phone": "03522051234",
    }  # fmt: skip
    address = reverse("orders:step", args=[order.number, "reply"])
    refused = unit.post(address, answer)
    assert (refused.status_code, "请先记录和代表的面商" in text_of(refused)) == (409, True)
    found.meet(by=house.unit, note="谈了", department=house.housing, on=TODAY, way="FACE")
    assert unit.post(address, answer).status_code == 302
    assert "今年先换两个小区" not in text_of(as_(house.deputy).get(order.get_absolute_url()))
    assert "今年先换两个小区" in text_of(as_(house.office).get(found.get_absolute_url()))


def test_a_department_has_no_button_link_or_file_of_an_order_of_another(house, as_):
    found = made(house, "HANDLING")
    own = f.OrderFactory(suggestion=found, department=house.housing, state="ACCEPTED", share="APART")
    done = {"state": "REPLIED", "share": "APART", "text": "水压已经调好。"}
    other = f.OrderFactory(suggestion=found, department=house.water, **done)
    file = Attachment.objects.keep_paper(
        other, SimpleUploadedFile("图.pdf", b"%PDF-1.7 plan"), by=house.office
    )
    waits = f.OrderFactory(
        suggestion=found, department=f.DepartmentFactory(area=house.county), state="ACCEPTED", share="APART"
    )
    page = text_of(as_(house.unit).get(found.get_absolute_url()))
    assert "水压已经调好" in page
    assert reverse("orders:step", args=[own.number, "reply"]) in page
    for address in (other.get_absolute_url(), waits.get_absolute_url(), f"/files/{file.key}/"):
        assert address not in page
        assert as_(house.unit).get(address).status_code == 404


def test_strangers_read_what_was_published_and_nothing_else(house, client):
    hidden = made(house, "CLOSED", title="没有公开的")
    shown = made(
        house,
        "CLOSED",
        title="内部标题",
        published_on=TODAY,
        public_title="改造管网",
        public_text="更换老旧管网。",
    )
    page = text_of(client.get(reverse("suggestions:suggestions")))
    assert ("改造管网" in page, "内部标题" in page, "没有公开的" in page) == (True, False, False)
    assert "更换老旧管网" in text_of(client.get(shown.get_absolute_url()))
    assert client.get(hidden.get_absolute_url()).status_code == 404


def test_what_was_given_back_or_is_asked_back_says_why_at_the_top(house, as_):
    found = made(house, "SUBMITTED", cosigners=[house.second], number="")
    found.give_back(by=house.office, note="一件写了两件事，请分开", refused="FORM")
    page = text_of(as_(house.deputy).get(found.get_absolute_url()))
    said = page[page.index("note-warn") : page.index("内容</h2>")]
    assert "一件多事、内容过简等，请改好再提：一件写了两件事，请分开" in said
    assert ">提交</a>" in said

    asked = made(house, "ACCEPTED", cosigners=[house.second])
    asked.ask_withdrawal(by=house.deputy, note="政府已经列入计划")
    page = text_of(as_(house.deputy_colleague).get(asked.get_absolute_url()))
    said = page[page.index("note-warn") : page.index("内容</h2>")]
    assert "<strong>申请撤回</strong>：政府已经列入计划" in said
    assert "同意撤回</a>" in said
