"""跟单: who may write what about which request, what it brings about, and that it never holds anything up."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from liaison.core.models import Attachment, AuditEntry, InboxItem, OutboxMessage
from liaison.core.workflow import NotAllowed
from suggestions.models import FollowUp, Request
from suggestions.workflow import OrderState, RequestState
from tests import factories as f

TODAY = timezone.localdate()


@pytest.fixture
def housing(people):
    bureau = f.DepartmentFactory(area=people.county, name="平城区住建局", contact="陈工", phone="03525550101")
    f.DepartmentStaffFactory(department=bureau, post=people.unit)
    return bureau


@pytest.fixture
def found(people, housing):
    """Dispatched and accepted; 张建国 received and follows."""
    visit = f.VisitFactory(station=people.own, activity=None, day=TODAY, received_by=people.deputy.mandate)
    f.VisitorFactory(visit=visit)
    request = f.RequestFactory(station=people.own, visit=visit)
    request.dispatch(by=people.office, lead=housing)
    request.orders.get().accept(by=people.unit)
    return Request.objects.get(pk=request.pk)


def followed(request, by, mandate, **more):
    written = {"kind": "VISIT", "text": "到现场看了，正在换管子。", "day": TODAY} | more
    return FollowUp(request=request, mandate=mandate, **written).enter(by=by)


def picture():
    from PIL import Image

    out = BytesIO()
    Image.new("RGB", (40, 30), "white").save(out, "JPEG")
    return SimpleUploadedFile("a.jpg", out.getvalue(), content_type="image/jpeg")


@pytest.mark.once
def test_a_deputy_follows_on_the_phone_with_a_photo(people, found, as_):
    client = as_(people.deputy)
    home = client.get("/").content.decode()
    assert "可以跟进的" in home
    page = client.get(found.get_absolute_url()).content.decode()
    assert "请您跟进一次办理情况。" in page
    assert "tel:03525550101" in page
    assert 'aria-current="step">跟单' in page

    answer = client.post(
        f"/requests/{found.number}/followups/new/",
        {"kind": "VISIT", "text": "路肩已经挖开。", "photos": [picture()]},
    )

    assert (answer.status_code, answer["Location"]) == (302, f"/requests/{found.number}/")
    one = FollowUp.objects.get()
    assert (one.kind, one.day, one.round, one.is_taken_down) == ("VISIT", TODAY, 1, False)
    assert Attachment.objects.of(one).count() == 1
    found.refresh_from_db()
    assert found.followed_on == TODAY
    page = client.get(found.get_absolute_url()).content.decode()
    assert "路肩已经挖开。" in page
    assert "请您跟进一次办理情况。" not in page
    assert "可以跟进的" not in client.get("/").content.decode()


@pytest.mark.once
@pytest.mark.parametrize("why", ["left", "about"])
def test_who_left_office_or_is_complained_about_is_neither_offered_nor_chosen(people, housing, as_, why):
    """Though that deputy received the person."""
    mandate = people.deputy.mandate
    visit = f.VisitFactory(station=people.own, activity=None, day=TODAY, received_by=mandate)
    found = f.RequestFactory(station=people.own, visit=visit, follower=mandate)
    if why == "left":
        mandate.end(TODAY - timedelta(days=1), "RESIGNED", by=people.office)
    else:
        Request.objects.update(about_name=mandate.deputy.name)
    client = as_(people.office)
    for page in ("steps/dispatch", "follower"):
        form = client.get(f"/requests/{found.number}/{page}/").context["form"]
        assert mandate not in form.fields["follower"].queryset
    Request.objects.get().dispatch(by=people.office, lead=housing)
    assert Request.objects.get().follower is None


def test_following_holds_up_nobody_who_works_on_the_request(people, found):
    before = Request.objects.get(pk=found.pk).version
    followed(found, people.deputy, people.deputy.mandate)
    assert Request.objects.get(pk=found.pk).version == before
    assert AuditEntry.objects.filter(action="suggestions.followup.enter").count() == 1
    found.orders.get().reply(by=people.unit, text="已经修好，室温达标。", answer_class="A")


@pytest.mark.once
def test_what_is_no_photo_is_said_and_the_words_are_kept(people, found, as_):
    broken = SimpleUploadedFile("a.jpg", b"no picture", content_type="image/jpeg")
    client = as_(people.deputy)
    answer = client.post(
        f"/requests/{found.number}/followups/new/",
        {"kind": "CALL", "text": "说下周进场。", "photos": [broken]},
        follow=True,
    )
    assert "第 1 张照片没有存上" in answer.content.decode()
    one = FollowUp.objects.get()
    address = f"/requests/{found.number}/followups/{one.pk}/photos/"
    assert "还没有照片" in client.get(address).content.decode()
    client.post(address, {"photo": picture()})
    assert Attachment.objects.of(one).count() == 1
    assert f"/files/{Attachment.objects.of(one).get().key}/" in client.get(address).content.decode()


@pytest.mark.once
def test_the_station_takes_one_down_for_the_deputy_and_it_says_so(people, found, as_):
    found.follow_by(people.deputy_colleague.mandate, by=people.office)
    client = as_(people.station)
    answer = client.post(f"/requests/{found.number}/followups/new/", {"kind": "CALL", "text": "问过了。"})
    assert answer.status_code == 422, "which deputy must be said where there are two"
    sent = {"kind": "CALL", "text": "问过了。", "mandate": people.deputy.mandate.pk}
    client.post(f"/requests/{found.number}/followups/new/", sent)
    assert FollowUp.objects.get().mandate == people.deputy.mandate
    for post in (people.station, people.deputy, people.office, people.auditor):
        assert "联络站代记" in as_(post).get(found.get_absolute_url()).content.decode()


@pytest.mark.once
def test_only_who_follows_or_received_may_write(people, found, as_):
    """A colleague does not see the request at all; offices and departments have no such door."""
    address = f"/requests/{found.number}/followups/new/"
    assert as_(people.deputy_colleague).get(address).status_code == 404
    assert as_(people.deputy_other).get(address).status_code == 404
    for post in (people.office, people.unit, people.auditor):
        assert as_(post).get(address).status_code == 403
    with pytest.raises(NotAllowed, match="跟单代表、接待代表"):
        followed(found, people.deputy, people.deputy_colleague.mandate)
    assert not FollowUp.objects.exists()


@pytest.mark.once
def test_a_department_reads_no_thread_only_what_is_urged(people, found):
    followed(found, people.deputy, people.deputy.mandate, text="田秀兰说屋里十四度。")
    assert not FollowUp.objects.visible_to(people.unit).exists()
    assert not FollowUp.objects.files_visible_to(people.auditor).exists()
    followed(found, people.deputy, people.deputy.mandate, kind="URGE", text="请本周进场。")
    order = found.orders.get()
    assert order.urged == 1
    assert OutboxMessage.objects.filter(to=people.unit.user, text__contains="催办").exists()


@pytest.mark.once
def test_the_urging_of_an_order_by_its_deputy_stands_in_the_thread_too(people, found, housing, as_):
    """One way of urging, whichever button was pressed; of several orders only the one whose button it was."""
    first = found.orders.get()
    other = f.OrderFactory(
        request=found, department=f.DepartmentFactory(area=people.county), state="ACCEPTED"
    )
    url = f"/orders/{first.number}/steps/urge/"
    assert as_(people.deputy).post(url, {"version": first.version + 5}).status_code == 409
    assert not FollowUp.objects.exists(), "a stale page leaves no thread"

    assert as_(people.deputy).post(url, {"note": "老人在家受冻。"}).status_code == 302

    one = FollowUp.objects.get()
    assert (one.kind, one.text, one.mandate, one.day) == (
        "URGE",
        "老人在家受冻。",
        people.deputy.mandate,
        TODAY,
    )
    assert list(found.orders.order_by("pk").values_list("urged", flat=True)) == [1, 0]
    assert Request.objects.get().followed_on == TODAY
    assert "老人在家受冻。" in as_(people.deputy).get(found.get_absolute_url()).content.decode()
    as_(people.office).post(url, {"note": "请抓紧。"})
    as_(people.deputy).post(f"/orders/{other.number}/steps/urge/")
    assert [thread.by.role for thread in FollowUp.objects.all()] == ["DEPUTY"] * 2, (
        "the office writes no thread"
    )


@pytest.mark.once
def test_in_confidence_an_auditor_reads_no_words_and_the_office_no_photos(people, found, as_):
    Request.objects.filter(pk=found.pk).update(confidential=True)
    one = followed(found, people.deputy, people.deputy.mandate, text="到她家里看过。")
    Attachment.objects.keep_photo(one, picture(), by=people.deputy)
    page = as_(people.auditor).get(found.get_absolute_url()).content.decode()
    assert "到她家里看过" not in page
    office = as_(people.office)
    assert "跟单照片" not in office.get(found.get_absolute_url()).content.decode()
    key = Attachment.objects.of(one).get().key
    assert office.get(f"/files/{key}/").status_code == 404
    assert as_(people.station).get(f"/files/{key}/").status_code == 200


@pytest.mark.once
@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"text": ""}, "请写看到、听到的情况"),
        ({"day": TODAY + timedelta(days=1)}, "不能晚于今天"),
        ({"day": TODAY - timedelta(days=400)}, "不能早于"),
        ({"kind": "COMMENT"}, "请选您的意见"),
        ({"kind": "COMMENT", "view": "AGREE"}, "还没有答复"),
    ],
)
def test_what_is_refused_says_why(people, found, more, said):
    with pytest.raises(NotAllowed, match=said):
        followed(found, people.deputy, people.deputy.mandate, **more)
    assert Request.objects.get(pk=found.pk).followed_on is None


@pytest.mark.once
def test_before_dispatch_and_after_withdrawal_there_is_nothing_to_follow(people, found, as_):
    fresh = f.RequestFactory(station=people.own, follower=people.deputy.mandate)
    answer = as_(people.deputy).get(f"/requests/{fresh.number}/followups/new/")
    assert answer.status_code == 409
    assert "派单以后才能记跟单" in answer.content.decode()
    found.withdraw(by=people.station, note="已经自己修好")
    with pytest.raises(NotAllowed, match="已撤回"):
        followed(found, people.deputy, people.deputy.mandate)


@pytest.mark.once
def test_an_opinion_on_the_answer_closes_nothing(people, found):
    found.orders.get().reply(by=people.unit, text="已经修好，室温达标。", answer_class="A")
    followed(found, people.deputy, people.deputy.mandate, kind="COMMENT", view="AGAIN", text="")
    assert Request.objects.get(pk=found.pk).state == RequestState.REPLIED


def test_a_voided_one_counts_nowhere_and_can_come_back(people, found, as_):
    earlier = followed(found, people.deputy, people.deputy.mandate)
    client = as_(people.deputy)
    address = f"/requests/{found.number}/followups/{earlier.pk}/void/"
    client.post(address, {"note": "记错了单子"})
    assert Request.objects.get(pk=found.pk).followed_on is None
    assert "已作废" in client.get(found.get_absolute_url()).content.decode()
    added = client.post(f"/requests/{found.number}/followups/{earlier.pk}/photos/", {"photo": picture()})
    assert (added.status_code, "不能加照片" in added.content.decode()) == (409, True)
    assert not Attachment.objects.of(earlier).exists()
    client.post(address, {"note": "没有记错"})
    assert Request.objects.get(pk=found.pk).followed_on == TODAY


@pytest.mark.once
def test_a_deputy_voids_no_colleagues(people, found, as_):
    one = followed(found, people.deputy, people.deputy.mandate)
    found.follow_by(people.deputy_colleague.mandate, by=people.office)
    address = f"/requests/{found.number}/followups/{one.pk}/void/"
    assert as_(people.deputy_colleague).get(address).status_code == 403


@pytest.mark.once
def test_an_office_changes_the_follower_on_record_and_the_deputy_hears_of_it(people, found, as_):
    client = as_(people.office)
    other = people.deputy_colleague
    page = client.get(f"/requests/{found.number}/follower/").content.decode()
    assert "李秀英" in page
    assert "阿依努尔" not in page, "a deputy of another county"
    client.post(
        f"/requests/{found.number}/follower/",
        {"follower": other.mandate.pk, "note": "住得近", "version": found.version},
    )
    found.refresh_from_db()
    assert found.follower == other.mandate
    entry = AuditEntry.objects.filter(action="suggestions.request.follower").get()
    assert (entry.note, entry.post) == ("住得近", people.office)
    assert OutboxMessage.objects.filter(to=other.user, text__contains="请您跟进").exists()
    stale = client.post(f"/requests/{found.number}/follower/", {"follower": "", "version": found.version - 1})
    assert stale.status_code == 409
    assert as_(people.deputy).get(found.get_absolute_url()).status_code == 200, "who received still sees it"


@pytest.mark.once
def test_who_follows_hears_of_the_dispatch(people, found):
    told = OutboxMessage.objects.filter(to=people.deputy.user, text__contains="请您跟进")
    assert told.count() == 1
    assert not InboxItem.objects.filter(text__contains=found.title).exists()


@pytest.mark.once
def test_the_thread_costs_the_same_however_long_it_is(people, found, as_, django_assert_max_num_queries):
    for _ in range(5):
        followed(found, people.deputy, people.deputy.mandate)
    client = as_(people.deputy)
    client.get(found.get_absolute_url())
    with django_assert_max_num_queries(24):
        client.get(found.get_absolute_url())


def test_a_list_says_what_waits_to_be_followed(people, found, as_):
    other = f.RequestFactory(station=people.own, state=RequestState.HANDLING, title="井盖松动")
    f.OrderFactory(request=other, department=found.department, state=OrderState.ACCEPTED)
    page = as_(people.station).get("/requests/?todo=follow").content.decode()
    assert found.number in page
    assert other.number not in page, "nobody follows it"
