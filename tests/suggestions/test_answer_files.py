"""Files of an answer: for anybody only where that was said of each, and no earlier than the answer; and by REST."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from deputies.models import Congress, Mandate
from liaison.core.models import Attachment, AuditEntry
from suggestions.models import Meeting, Order, Request, Suggestion
from tests import factories as f

pytestmark = pytest.mark.once

TODAY = timezone.localdate()
PDF = b"%PDF-1.7 plan"
FILLED = {
    "answer_class": "A", "text": "管网已经检修，室温达到十八度，还不热的请打供热公司电话。", "signer": "陈局长",
    "contact": "陈工", "phone": "0352-5021234", "sent": "",
}  # fmt: skip


@pytest.fixture
def housing(people):
    bureau = f.DepartmentFactory(area=people.county, name="平城区住建局")
    f.DepartmentStaffFactory(department=bureau, post=people.unit)
    return bureau


@pytest.fixture
def order(people, housing):
    """An order of a request that has its link, accepted."""
    found = f.RequestFactory.build(station=people.own, area=None, number="")
    found.enter(by=people.station)
    Request.objects.filter(pk=found.pk).update(state="HANDLING")
    return f.OrderFactory(request=Request.objects.get(pk=found.pk), department=housing, state="ACCEPTED")


@pytest.fixture
def suggested(people, housing):
    """An order of a published suggestion, accepted; the department has met the deputy."""
    Congress.objects.update(area=people.county)
    found = f.SuggestionFactory(
        lead=Mandate.objects.get(pk=people.deputy.mandate.pk), state="HANDLING", publishable=True, published_on=TODAY, public_title="改造管网",
        public_text="更换老旧管网。",
    )  # fmt: skip
    Meeting.objects.create(
        suggestion=found, round=1, department=housing, on=TODAY, way="FACE", said="谈过", by=people.unit
    )
    return f.OrderFactory(suggestion=found, department=housing, state="ACCEPTED")


def pdf(name):
    return SimpleUploadedFile(name, PDF, "application/pdf")


def answered(client, order):
    """Answered with one file of each kind: (not public, public)."""
    sent = FILLED | {"files": pdf("内部.pdf"), "public_files": pdf("方案.pdf")}
    assert client.post(f"/orders/{order.number}/steps/reply/", sent).status_code == 302
    rows = Attachment.objects.of(order).order_by("public")
    return tuple(rows)


def test_who_asked_gets_the_public_files_of_an_answer_once_told_and_no_other(people, order, as_):
    found = order.request
    kept, public = answered(as_(people.unit), order)
    assert (kept.public, public.public) == (False, True)
    address, stranger = f"/track/{found.secret}/", Client()
    assert (
        stranger.get(f"{address}files/{public.key}/").status_code == 404
    )  # the answer may still be rewritten
    Request.objects.get(pk=found.pk).feed_back(by=people.station, how="PHONE")
    page = stranger.get(address).content.decode()
    assert f"files/{public.key}/" in page
    assert str(kept.key) not in page
    assert stranger.get(f"{address}files/{kept.key}/").status_code == 404
    answer = stranger.get(f"{address}files/{public.key}/")
    assert (answer.status_code, answer.content) == (200, PDF)
    assert (
        answer["Content-Disposition"] == f'attachment; filename="{public.key}.pdf"'
    )  # not the name it came with
    assert stranger.get(f"/files/{public.key}/").status_code == 302
    other = f.RequestFactory.build(station=people.own, area=None, number="").enter(by=people.station)
    assert stranger.get(f"/track/{other.secret}/files/{public.key}/").status_code == 404
    assert (
        stranger.get(f"/published/{public.key}/").status_code == 404
    )  # of a request nothing is for everybody


def test_an_answer_that_is_written_anew_says_anew_what_anybody_may_have(people, order, as_):
    _, public = answered(as_(people.unit), order)
    order.refresh_from_db()
    order.send_back(by=people.office, note="没有说什么时候完工")
    public.refresh_from_db()
    assert not public.public
    entry = AuditEntry.objects.of(order).filter(action="suggestions.order.close_file").get()
    assert entry.data == {"file": str(public.key)}


def test_office_and_department_say_of_each_file_whether_anybody_may_have_it(people, order, as_):
    kept, _ = answered(as_(people.unit), order)
    address = f"/orders/{order.number}/files/{kept.key}/"
    for who in ("unit", "office"):
        client = as_(getattr(people, who))
        assert address in client.get(order.get_absolute_url()).content.decode()
        assert "身份证号" in client.get(address).content.decode()
        for said, public in (("yes", True), ("yes", True), ("no", False)):
            assert client.post(address, {"public": said}).status_code == 302
            kept.refresh_from_db()
            assert kept.public is public
    deeds = AuditEntry.objects.of(order).filter(action__endswith="_file").values_list("action", flat=True)
    assert len(deeds) == 4  # said twice, done once
    assert address not in as_(people.station).get(order.get_absolute_url()).content.decode()
    assert as_(people.station).post(address, {"public": "yes"}).status_code == 403
    assert as_(people.office_other).get(address).status_code == 404
    Order.objects.update(state="ACCEPTED")
    assert as_(people.office).post(address, {"public": "yes"}).status_code == 403


def test_a_published_reply_brings_its_public_files_and_no_other(people, suggested, as_):
    found, stranger = suggested.suggestion, Client()
    kept, public = answered(as_(people.unit), suggested)
    page, address = f"/suggestions/{found.pk}/", f"/published/{public.key}/"

    def seen():
        shown = address in stranger.get(page).content.decode()
        assert shown is (stranger.get(address).status_code == 200)
        return shown

    assert as_(people.deputy).get(f"/files/{public.key}/").status_code == 404  # not theirs to read yet
    assert as_(people.deputy).get(f"/api/v1/suggestions/{found.pk}/files/").json() == []
    Suggestion.objects.update(state="DELIVERED", delivered_on=TODAY)
    assert as_(people.deputy).get(f"/files/{public.key}/").status_code == 200
    assert not seen()  # the reply is not published
    Suggestion.objects.update(public_reply="今年先换两个小区。")
    assert seen()
    assert stranger.get(f"/published/{kept.key}/").status_code == 404
    for hidden in ({"state": "COUNTERSIGN"}, {"published_on": None}):
        Suggestion.objects.update(**hidden)
        assert stranger.get(address).status_code == 404
        Suggestion.objects.update(state="DELIVERED", published_on=TODAY)
    Attachment.objects.filter(pk=public.pk).update(public=False)
    assert not seen()


def test_on_the_page_of_a_suggestion_a_department_has_the_steps_of_its_own_order_alone(
    people, suggested, as_
):
    water = f.DepartmentFactory(area=people.county, name="平城区水务局")
    other = f.OrderFactory(
        suggestion=suggested.suggestion, department=water, state="ACCEPTED", share="HELPER"
    )
    page = as_(people.unit).get(f"/suggestions/{suggested.suggestion_id}/").content.decode()
    assert f"/orders/{suggested.number}/steps/reply/" in page
    assert f"/orders/{other.number}/steps/" not in page


# --- REST ---------------------------------------------------------------------------------------------------------------


def test_files_are_listed_with_what_they_belong_to_and_given_to_who_may_have_them(people, order, as_):
    kept, public = answered(as_(people.unit), order)
    client = as_(people.station)
    for address in (f"orders/{order.number}", f"requests/{order.request.number}"):
        listed = client.get(f"/api/v1/{address}/files/").json()
        assert {one["key"]: one["public"] for one in listed} == {str(kept.key): False, str(public.key): True}
        assert {one["owner"] for one in listed} == {"order"}
        assert "内部" not in str(listed)
    found = client.get(listed[0]["url"].replace("http://testserver", ""))
    assert (found.status_code, found.content) == (200, PDF)
    assert client.get(f"/api/v1/files/{kept.key}/").json()["sha256"] == kept.sha256
    for who in ("office_other", "deputy", "admin"):
        assert as_(getattr(people, who)).get(f"/api/v1/files/{kept.key}/content/").status_code == 404
    kept.file.storage.delete(kept.file.name)
    assert client.get(f"/api/v1/files/{kept.key}/content/").status_code == 409


def test_whether_anybody_may_have_a_file_is_said_by_rest_too(people, order, as_):
    kept, _ = answered(as_(people.unit), order)
    address = f"/api/v1/orders/{order.number}/files/{kept.key}/"

    def say(who, public):
        return as_(getattr(people, who)).post(address, {"public": public}, content_type="application/json")

    assert say("office", True).json()["public"] is True
    assert say("unit", False).json()["public"] is False
    assert [say(who, True).status_code for who in ("station", "office_other")] == [403, 404]
    strange = address.replace(str(kept.key), str(uuid4()))
    assert (
        as_(people.office).post(strange, {"public": True}, content_type="application/json").status_code == 404
    )
    kept.refresh_from_db()
    assert not kept.public


def test_of_a_confidential_request_a_department_lists_its_own_answer_alone(people, order, as_):
    Request.objects.update(confidential=True)
    Attachment.objects._keep(order.request, b"picture", "a.jpg", "image/jpeg", by=people.station)
    answered(as_(people.unit), order)

    def owners(post):
        listed = as_(post).get(f"/api/v1/requests/{order.request.number}/files/").json()
        return sorted(one["owner"] for one in listed)

    assert owners(people.unit) == ["order", "order"]
    assert owners(people.station) == ["order", "order", "request"]


def test_papers_are_listed_numbered_once_and_downloaded(people, order, as_):
    order.task = "请入户查看。"
    order.save()
    desk, base = as_(people.office), f"/api/v1/orders/{order.number}/papers/"
    (line,) = desk.get(base).json()
    assert (line["paper"], line["number"], line["may_number"]) == ("order", "", True)
    assert as_(people.unit).get(base).json() == []
    assert as_(people.unit).get(f"{base}order/docx/").status_code == 409
    sent = {"content_type": "application/json", "headers": {"Idempotency-Key": "n-1"}}
    numbers = {desk.post(base, {"paper": "order"}, **sent).json()[0]["number"] for _ in range(2)}
    assert len(numbers) == 1
    assert desk.post(base, {"paper": "suggestion-order"}, content_type="application/json").status_code == 400
    assert as_(people.unit).post(base, {"paper": "order"}, content_type="application/json").status_code == 403
    for address in (base, f"/api/v1/requests/{order.request.number}/papers/"):
        assert as_(people.unit).get(address).json()[0]["number"] in numbers
    got = as_(people.unit).get(f"{base}order/docx/")
    assert got.content.startswith(b"PK")
    assert got["Cache-Control"] == "no-store"
    for wrong in ("suggestion-order/docx/", "nothing/pdf/", "order/exe/"):
        assert desk.get(f"{base}{wrong}").status_code == 404


def test_the_person_is_shown_for_a_reason_and_on_record(people, order, as_):
    visit = f.VisitFactory(station=people.own, day=TODAY - timedelta(days=1))
    f.VisitorFactory(visit=visit, name="田秀兰", phone="13900005521")
    Request.objects.update(visit=visit)
    address = f"/api/v1/requests/{order.request.number}/person/"

    def ask(who, **sent):
        return as_(getattr(people, who)).post(address, sent, content_type="application/json")

    assert ask("unit").status_code == 400
    assert ask("unit", reason="核实").status_code == 400
    assert ask("station", reason="要打电话核实").status_code == 403
    assert ask("office_other", reason="要打电话核实").status_code == 404
    assert not AuditEntry.objects.of(order.request).filter(action__endswith="reveal").exists()
    got = ask("unit", reason="要打电话核实")
    assert got.json() == {"name": "田秀兰", "phone": "13900005521"}
    assert got["Cache-Control"] == "no-store"
    entry = AuditEntry.objects.of(order.request).filter(action="suggestions.request.reveal").get()
    assert (entry.post, entry.note) == (people.unit, "要打电话核实")
    Request.objects.update(confidential=True)
    assert ask("unit", reason="要打电话核实").status_code == 409
