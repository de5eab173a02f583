"""动态: who writes, who reviews, what is refused before it is published, who is told, whose photos are shown."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from liaison.accounts.models import Role
from liaison.bulletin.models import NewsItem, NewsPhoto
from liaison.bulletin.workflow import NEWS_FLOW, NewsState
from liaison.core.models import AuditEntry, OutboxMessage
from liaison.core.workflow import NotAllowed, Stale
from tests import factories as f

TODAY = timezone.localdate()


@pytest.fixture
def write(people):
    """An item of the station, in a state."""

    def make(state="DRAFT", **fields):
        published = {"published_on": TODAY} if state in ("PUBLISHED", "WITHDRAWN") else {}
        told = {"station": people.own, "written_by": people.station} | published | fields
        return f.NewsItemFactory(state=state, **told)

    return make


def picture():
    from PIL import Image

    out = BytesIO()
    Image.new("RGB", (64, 48), "red").save(out, "JPEG")
    return SimpleUploadedFile("a.jpg", out.getvalue(), "image/jpeg")


def show(item, by, people="ON_DUTY", consent=""):
    return NewsPhoto.objects.show(item, picture(), caption="接待现场", people=people, consent=consent, by=by)


# --- Steps --------------------------------------------------------------------------------------------------------------


@pytest.mark.once  # a table in memory
@pytest.mark.parametrize("role", [role for role in Role.values if role != Role.ADMIN])
def test_an_item_moves_as_its_table_says_and_no_other_way(people, write, role):
    post = getattr(people, role.lower())
    for state in NewsState.values:
        for name, row in NEWS_FLOW.items():
            item = write(state)
            allowed = role in row.roles and state in row.sources
            assert (name in item.open_steps(post)) is allowed
            if allowed:
                getattr(item, name)(by=post, note="请补充人数")
                assert AuditEntry.objects.of(item).filter(action=f"bulletin.newsitem.{name}").exists()
            else:
                with pytest.raises(NotAllowed, match=row.label):
                    getattr(item, name)(by=post, note="请补充人数")
            assert NewsItem.objects.get(pk=item.pk).state == (row.target if allowed else state)


@pytest.mark.once
def test_from_the_draft_to_the_public_page(people, as_, client):
    station, office = as_(people.station), as_(people.office)
    sent = {
        "station": "PC01",
        "title": "南关站十一月接待日",
        "text": "来了23人。",
        "happened_on": TODAY,
        "idem": "k",
    }
    page = station.post("/news/new/", sent)
    item = NewsItem.objects.get()
    assert page.url == f"/news/{item.pk}/"
    assert item.number.startswith(f"DT{TODAY.year}-")
    assert office.get(f"/news/{item.pk}/").status_code == 404  # a draft is the station's
    assert station.post("/news/new/", sent).status_code == 302  # sent twice, it is one
    assert NewsItem.objects.count() == 1

    assert station.post(f"/news/{item.pk}/steps/submit/", {"version": 1}).status_code == 302
    told = OutboxMessage.objects.get(to=people.office.user)
    assert "报送了动态“南关站十一月接待日”，请审核" in told.text
    assert told.url == f"/news/{item.pk}/"
    assert 'href="/news/?state=SUBMITTED">1' in office.get("/").content.decode()

    assert office.post(f"/news/{item.pk}/steps/give_back/", {"note": ""}).status_code == 422
    back = office.post(f"/news/{item.pk}/steps/give_back/", {"note": "请写答复了几件", "version": 2})
    assert back.status_code == 302
    assert "请写答复了几件" in OutboxMessage.objects.get(to=people.station.user, kind="TODO").text
    assert "动态退回修改 1 篇" in station.get("/").content.decode()
    assert "请写答复了几件" in station.get(f"/news/{item.pk}/").content.decode()

    better = sent | {"text": "来了23人，当场答复7件。", "idem": "", "version": 3}
    assert station.post(f"/news/{item.pk}/edit/", better).status_code == 302
    station.post(f"/news/{item.pk}/steps/submit/", {})
    assert station.get(f"/news/{item.pk}/edit/").status_code == 409  # in the office's hands now
    assert client.get(f"/news/{item.pk}/").status_code == 404
    assert office.post(f"/news/{item.pk}/steps/publish/", {}).status_code == 302
    assert OutboxMessage.objects.filter(to=people.station.user, text__contains="已审核发布").count() == 1

    public = client.get(f"/news/{item.pk}/").content.decode()
    assert "当场答复7件" in public
    assert people.station.user.name not in public
    assert "南关站十一月接待日" in client.get("/news/").content.decode()
    assert "南关站十一月接待日" in client.get("/stations/PC01/").content.decode()

    office.post(f"/news/{item.pk}/steps/withdraw/", {"note": "有出入"})
    assert client.get(f"/news/{item.pk}/").status_code == 404
    assert "南关站十一月接待日" not in client.get("/news/").content.decode()


def test_a_station_writes_for_itself_alone(people, as_):
    with pytest.raises(NotAllowed, match="不是您的"):
        NewsItem(station=people.sibling, title="借名", text="x", happened_on=TODAY).enter(by=people.station)
    sent = {"station": "PC02", "title": "借名", "text": "x", "happened_on": TODAY}
    assert as_(people.station).post("/news/new/", sent).status_code == 422


def test_of_two_who_review_at_once_the_second_sees_what_happened(people, write):
    item = write("SUBMITTED")
    item.publish(by=people.office, version=1)
    with pytest.raises(NotAllowed, match="已发布"):
        NewsItem.objects.get(pk=item.pk).give_back(by=people.office, note="改", version=1)
    other = write("SUBMITTED")
    other.reword(by=people.office, version=1, title="办公室改过的标题")
    with pytest.raises(Stale):
        other.take_back(by=people.station, version=1)


# --- Nothing of a person ------------------------------------------------------------------------------------------------


@pytest.mark.once
@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("来访人电话１３９０００１２３４５。", "手机号"),
        ("站里电话0352-5021234。", "电话号码"),
        ("证件140202195001011234。", "身份证号"),
        ("居民田秀兰反映暖气不热。", "反映人的姓名"),
    ],
)
def test_what_names_or_numbers_a_person_is_neither_submitted_nor_published(people, write, text, what):
    activity = f.ActivityFactory(station=people.own, day=TODAY - timedelta(days=3), closed=True)
    f.VisitorFactory(visit=f.VisitFactory(activity=activity))
    for state, step, by in (("DRAFT", "submit", people.station), ("SUBMITTED", "publish", people.office)):
        item = write(state, text=text)
        with pytest.raises(NotAllowed, match=what) as refused:
            getattr(item, step)(by=by)
        assert not {"田秀兰", "13900012345", "140202195001011234"} & set(str(refused.value).split())
        assert NewsItem.objects.get(pk=item.pk).state == state


def test_a_deputy_may_be_named_and_so_may_who_came_long_ago(people, write):
    visit = f.VisitFactory(activity=f.ActivityFactory(station=people.own, closed=True))
    f.VisitorFactory(visit=visit, name="张建国")  # as the deputy is called
    old = f.ActivityFactory(station=people.own, day=TODAY - timedelta(days=90), closed=True)
    f.VisitorFactory(visit=f.VisitFactory(activity=old), name="田秀兰")
    item = write(text="张建国代表走访了田秀兰家的果园。")
    item.submit(by=people.station)
    assert item.state == "SUBMITTED"

    named = write(text="田秀兰来访。", activity=old)
    with pytest.raises(NotAllowed, match="反映人的姓名"):
        named.submit(by=people.station)


def test_that_a_deputy_elsewhere_is_called_so_tells_nothing(people, write):
    visit = f.VisitFactory(activity=f.ActivityFactory(station=people.own, closed=True))
    f.VisitorFactory(visit=visit, name=people.deputy_other.deputy.name)
    item = write(text=f"{people.deputy_other.deputy.name}来站里说供暖。")
    with pytest.raises(NotAllowed, match="反映人的姓名"):
        item.submit(by=people.station)


def test_the_record_does_not_repeat_what_a_draft_said(people, write):
    item = write()
    item.reword(by=people.station, text="先写的电话是13900012345。")
    assert "139" not in str(AuditEntry.objects.of(item).get().data)
    item = write("SUBMITTED")
    item.reword(by=people.office, title="改短的标题")
    assert "改短的标题" in str(AuditEntry.objects.of(item).get().data)


# --- Photos -------------------------------------------------------------------------------------------------------------


@pytest.mark.once
def test_a_photo_of_residents_needs_their_consent_and_is_public_with_its_item_alone(
    people, write, as_, client
):
    item = write()
    with pytest.raises(NotAllowed, match="问过本人"):
        show(item, people.station, people="AGREED")
    station = as_(people.station)
    page = f"/news/{item.pk}/photos/"
    sent = {"caption": "接待现场", "people": "AGREED", "consent": "", "idem": "p"}
    refused = station.post(page, sent | {"photo": picture()})
    assert refused.status_code == 422
    assert "请写明是谁" in refused.content.decode()
    assert station.post(page, sent | {"consent": "王丽11日当面问过", "photo": picture()}).status_code == 302
    photo = NewsPhoto.objects.get()
    url = f"/news/photos/{photo.attachment.key}/"

    assert client.get(url).status_code == 404
    item.submit(by=people.station)
    item.publish(by=people.office)
    public = client.get(f"/news/{item.pk}/").content.decode()
    assert url in public
    assert "王丽" not in public
    shown = client.get(url)
    assert shown["Content-Type"] == "image/jpeg"
    # Withdrawn, it is gone from browsers and proxies as soon as the page that showed it.
    assert shown["Cache-Control"] == client.get(f"/news/{item.pk}/")["Cache-Control"] == "public, max-age=60"

    with pytest.raises(NotAllowed, match="不能改"):
        show(item, people.station)
    assert station.post(f"{page}{photo.pk}/withdraw/").status_code == 302
    assert client.get(url).status_code == 404
    assert url not in client.get(f"/news/{item.pk}/").content.decode()


# --- Lists --------------------------------------------------------------------------------------------------------------


@pytest.mark.once
def test_each_reads_what_is_theirs(people, write, as_, client, django_assert_max_num_queries):
    published = [write("PUBLISHED", title=f"公开的第{n}篇") for n in range(12)]
    waiting = write("SUBMITTED", title="待审的一篇")
    draft = write("DRAFT", title="草稿一篇")
    write("PUBLISHED", title="邻县的一篇", station=people.other, written_by=people.station_other)

    def titles(who, query=""):
        return as_(who).get(f"/news/{query}").content.decode()

    with django_assert_max_num_queries(22):
        office = titles(people.office)
    assert waiting.title in office
    assert draft.title not in office
    assert "邻县的一篇" not in office
    assert waiting.title in titles(people.office, "?state=SUBMITTED")
    assert published[0].title not in titles(people.office, "?state=SUBMITTED")
    assert draft.title in titles(people.station)
    assert waiting.title not in titles(people.deputy)
    assert published[3].title in titles(people.deputy, "?text=第3篇")
    assert "邻县的一篇" in client.get("/news/").content.decode()  # what is public is for everybody
    assert "邻县的一篇" not in client.get("/news/?station=PC01").content.decode()
    assert "邻县的一篇" not in client.get("/news/?station=XX").content.decode()
    assert "公开的第5篇" in client.get("/news/?q=第5篇").content.decode()


def test_words_are_found_in_large_and_small_letters_alike(people, write, as_, client):
    write("PUBLISHED", title="南关站开通WiFi")

    assert "南关站开通WiFi" in as_(people.office).get("/news/?text=wifi").content.decode()
    assert "南关站开通WiFi" in client.get("/news/?q=wifi").content.decode()


@pytest.mark.once
def test_programs_write_and_submit_by_the_same_rules(people, as_):
    station = as_(people.station)
    sent = {"station": "PC01", "title": "接待日", "text": "来了23人。", "happened_on": str(TODAY)}
    made = station.post("/api/v1/news/", sent, content_type="application/json")
    assert made.status_code == 201
    found = made.json()
    assert (found["state"], found["steps"]["submit"]) == ("DRAFT", "报送")
    step = f"/api/v1/news/{found['id']}/steps/submit/"
    moved = station.post(step, {"version": 1}, content_type="application/json")
    assert moved.json()["state"] == "SUBMITTED"
    late = sent | {"happened_on": str(TODAY + timedelta(days=1))}
    wrong = station.post("/api/v1/news/", late, content_type="application/json")
    assert wrong.status_code == 400
    assert "不能晚于今天" in str(wrong.json())
    office = as_(people.office)
    rows = office.get("/api/v1/news/?state=SUBMITTED").json()["results"]
    assert [row["id"] for row in rows] == [found["id"]]
