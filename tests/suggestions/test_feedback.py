"""告知和评单: telling the person, the slip, callbacks, ratings taken down, rounds apart, promised days, the end."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from liaison.core.models import AuditEntry, PolicyVersion
from suggestions.models import Department, Feedback, Rating, Request
from suggestions.workflow import RequestState
from tests import factories as f

TODAY = timezone.localdate()
WELL = {"attitude": "SATISFIED", "result": "FAIRLY", "solved": "YES", "how": "PHONE"}
BADLY = {
    "attitude": "SATISFIED",
    "result": "UNSATISFIED",
    "solved": "NO",
    "reason": "还是不热",
    "how": "PHONE",
}


@pytest.fixture
def housing(people):
    bureau = f.DepartmentFactory(area=people.county, name="平城区住建局")
    f.DepartmentStaffFactory(department=bureau, post=people.unit)
    return bureau


@pytest.fixture
def found(people, housing):
    """Answered; the person is to be told."""
    visit = f.VisitFactory(station=people.own, activity=None, day=TODAY, received_by=people.deputy.mandate)
    f.VisitorFactory(visit=visit)
    request = f.RequestFactory(station=people.own, visit=visit)
    request.dispatch(by=people.office, lead=housing)
    answered(request, people)
    return Request.objects.get(pk=request.pk)


def answered(request, people, **more):
    order = request.orders.get(round=request.round)
    order.accept(by=people.unit)
    order.reply(by=people.unit, **({"text": "管网已检修，室温达标。", "answer_class": "A"} | more))
    request.refresh_from_db()


def told(request, people):
    request.feed_back(by=people.station, how="PHONE")
    return request


def step(client, request, name, **sent):
    return client.post(f"/requests/{request.number}/steps/{name}/", sent | {"version": request.version})


def state(request):
    return Request.objects.get(pk=request.pk).state


@pytest.mark.once
def test_the_station_tells_the_person_and_prints_the_slip(people, found, as_):
    client = as_(people.station)
    assert "要告知本人的 1" in client.get("/").content.decode()
    answer = step(client, found, "feed_back", how="PHONE", proof="通话 3 分钟", note="说知道了")
    assert answer["Location"] == f"/requests/{found.number}/slip/"
    kept = Feedback.objects.get()
    assert (kept.how, kept.on, kept.proof, kept.by) == ("PHONE", TODAY, "通话 3 分钟", people.station)
    found.refresh_from_db()
    assert (found.state, found.fed_back_on) == ("FED_BACK", TODAY)
    page = client.get(answer["Location"]).content.decode()
    found.refresh_from_db()
    assert found.code_in_two in page
    assert f"/track/{found.secret}/" in page
    assert "<svg" in page
    assert "田秀兰" not in page, "the slip names nobody"
    assert AuditEntry.objects.filter(action="suggestions.request.slip", post=people.station).exists()


@pytest.mark.once
def test_only_the_station_opens_the_slip(people, found, as_):
    for post in (people.office, people.deputy, people.unit, people.auditor):
        assert as_(post).get(f"/requests/{found.number}/slip/").status_code == 403
    assert as_(people.station_other).get(f"/requests/{found.number}/slip/").status_code == 404


@pytest.mark.once
@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"how": "PHONE", "on": str(TODAY + timedelta(days=1))}, "不能晚于今天"),
        ({"how": "PHONE", "on": str(TODAY - timedelta(days=3))}, "告知日期不能早于"),
        ({}, "请选择"),
    ],
)
def test_what_is_told_wrongly_is_refused_in_words(people, found, as_, sent, said):
    answer = step(as_(people.station), found, "feed_back", **sent)
    assert answer.status_code in (409, 422)
    assert said in answer.content.decode()
    assert state(found) == RequestState.REPLIED


@pytest.mark.once
def test_who_is_told_late_is_marked_by_the_rule_of_the_place(people, found, as_):
    client = as_(people.station)
    assert "告知超期" not in client.get("/requests/?todo=tell").content.decode()
    found.orders.update(replied_on=TODAY - timedelta(days=20))
    assert "告知超期" in client.get("/requests/?todo=tell").content.decode()
    assert "告知超期" in client.get("/").content.decode()
    PolicyVersion.objects.create(area=people.county, first_on=f.LONG_AGO, values={"feedback_days": 30})
    assert "告知超期" not in client.get("/requests/?todo=tell").content.decode()


@pytest.mark.once
def test_the_list_of_what_is_to_be_told_costs_the_same_however_long(
    people, found, as_, django_assert_max_num_queries
):
    for _ in range(6):
        other = f.RequestFactory(station=people.own, state=RequestState.REPLIED, replied_on=TODAY)
        f.OrderFactory(request=other, department=found.department, state="REPLIED", replied_on=TODAY)
    client = as_(people.station)
    client.get("/requests/?todo=tell")
    with django_assert_max_num_queries(20):
        client.get("/requests/?todo=tell")


@pytest.mark.once
def test_who_cannot_rate_online_is_phoned(people, found, as_, django_assert_max_num_queries):
    told(found, people)
    client = as_(people.station)
    page = client.get("/requests/callbacks/").content.decode()
    assert "13900005521" in page
    for _ in range(2):  # pressed twice
        key = page.split('name="idem" value="')[1].split('"')[0]
        client.post(f"/requests/{found.number}/no-answer/", {"idem": key})
    assert "没打通（共 1 次）" in client.get("/requests/callbacks/").content.decode()
    assert Request.objects.get(pk=found.pk).version == found.version, (
        "who works on the request is not held up"
    )
    Feedback.objects.update(created_at=timezone.now())  # told again: calls of before are no tries of now
    assert "没打通（" not in client.get("/requests/callbacks/").content.decode()
    assert client.get(f"/requests/{found.number}/no-answer/").status_code == 405
    found.refresh_from_db()
    step(client, found, "rate", **WELL)
    assert found.number not in client.get("/requests/callbacks/").content.decode()
    assert client.post(f"/requests/{found.number}/no-answer/").status_code == 409
    for _ in range(6):
        visit = f.VisitFactory(station=people.own, activity=None, day=TODAY)
        f.VisitorFactory(visit=visit)
        f.RequestFactory(station=people.own, visit=visit, state=RequestState.FED_BACK)
    with django_assert_max_num_queries(14):
        client.get("/requests/callbacks/")


@pytest.mark.once
def test_what_is_taken_down_says_so_on_every_page_and_in_rest(people, found, as_):
    told(found, people)
    step(as_(people.station), found, "rate", **WELL)
    rating = Rating.objects.get()
    assert (rating.by, rating.how) == (people.station, "PHONE")
    assert state(found) == RequestState.CLOSED, "satisfied and solved"
    for post in (people.station, people.office, people.auditor, people.deputy):
        client = as_(post)
        assert "联络站代记" in client.get(found.get_absolute_url()).content.decode()
        assert client.get("/api/v1/ratings/").json()["results"][0]["taken_down"] is True
    assert as_(people.office).get("/api/v1/ratings/?taken_down=false").json()["results"] == []
    found.give_link()
    assert "联络站按您说的代记" in as_(people.station).get(f"/track/{found.secret}/").content.decode()


@pytest.mark.once
def test_a_rating_page_has_nothing_chosen_beforehand(people, found, as_):
    told(found, people)
    page = as_(people.station).get(f"/requests/{found.number}/steps/rate/").content.decode()
    assert " checked" not in page


@pytest.mark.once
def test_a_department_never_rates_itself(people, found, as_):
    told(found, people)
    client = as_(people.unit)
    assert client.get(f"/requests/{found.number}/steps/rate/").status_code == 403
    answer = client.post(f"/api/v1/requests/{found.number}/steps/rate/", WELL, "application/json")
    assert answer.status_code == 403
    assert as_(people.office).get(f"/requests/{found.number}/steps/rate/").status_code == 403
    assert not Rating.objects.exists()


@pytest.mark.once
def test_unsatisfied_needs_a_reason_and_opens_a_round_shown_apart(people, found, as_):
    told(found, people)
    client = as_(people.station)
    wrong = step(client, found, "rate", **(BADLY | {"reason": ""}))
    assert wrong.status_code == 422
    assert "请写明哪里不满意" in wrong.content.decode()
    step(client, found, "rate", **BADLY)
    found.refresh_from_db()
    assert (found.state, found.round) == ("REHANDLING", 2)
    page = client.get(found.get_absolute_url()).content.decode()
    assert page.index("第 2 次办理") < page.index("第 1 次办理")
    assert "还是不热" in page
    answered(found, people, text="换了管子，今天十九度。")
    told(found, people)
    step(client, found, "rate", **(BADLY | {"reason": "还是冷"}))
    found.refresh_from_db()
    assert found.state == RequestState.RATED, "one automatic round; then the office decides"
    assert list(found.ratings.order_by("round").values_list("round", "reason")) == [
        (1, "还是不热"),
        (2, "还是冷"),
    ]


def test_a_bad_rating_is_kept_although_the_department_is_gone(people, found, as_):
    told(found, people)
    Department.objects.update(active=False)
    found.rate(by=None, **{k: v for k, v in BADLY.items() if k != "how"})
    assert state(found) == RequestState.RATED
    found.refresh_from_db()
    answer = step(as_(people.office), found, "rehandle", note="再办一次")
    assert answer.status_code == 409
    assert "已停用，请改派给现在负责的单位" in answer.content.decode()

    heir = f.DepartmentFactory(area=people.county, name="平城区住建和城管局")
    assert step(as_(people.office), found, "rehandle", note="再办一次", lead=heir.pk).status_code == 302
    found.refresh_from_db()
    assert (found.state, found.round, found.department) == (RequestState.REHANDLING, 2, heir)
    assert found.orders.get(round=2).department == heir


def test_the_office_tracks_a_promise_and_it_comes_back_on_its_day(people, found, as_):
    told(found, people)
    found.rate(by=people.station, **(WELL | {"solved": "PARTLY"}))
    found.refresh_from_db()
    client = as_(people.office)
    assert step(client, found, "track", promised_on=str(TODAY)).status_code == 409
    step(client, found, "track", promised_on=str(TODAY + timedelta(days=30)))
    assert state(found) == RequestState.TRACKING
    assert "承诺到期" not in client.get("/").content.decode()
    Request.objects.update(promised_on=TODAY)
    assert "承诺到期，看办成没有 1" in client.get("/").content.decode()
    assert found.number in client.get("/requests/?todo=promised").content.decode()
    found.refresh_from_db()
    step(client, found, "rehandle", note="没有办成")
    found.refresh_from_db()
    assert (found.state, found.round, found.promised_on) == ("REHANDLING", 2, None)


@pytest.mark.once
def test_closed_and_solved_are_two_things(people, found, as_):
    told(found, people)
    found.rate(by=people.station, **(WELL | {"result": "FAIRLY", "solved": "NO"}))
    found.refresh_from_db()
    answer = step(as_(people.office), found, "close", solved="NO", note="政策不允许，已说明")
    assert answer.status_code == 302
    found.refresh_from_db()
    assert (found.state, found.solved, found.closed_on) == ("CLOSED", "NO", TODAY)


@pytest.mark.once
def test_nobody_closes_while_the_person_may_still_rate(people, found, as_):
    told(found, people)
    answer = step(as_(people.office), found, "close", solved="YES")
    assert answer.status_code == 409
    assert "还在等本人评价" in answer.content.decode()
    Feedback.objects.update(on=f.LONG_AGO)
    found.refresh_from_db()
    step(as_(people.office), found, "close", solved="YES")
    assert state(found) == RequestState.CLOSED


@pytest.mark.once
def test_a_page_that_is_old_is_refused(people, found, as_):
    answer = as_(people.station).post(
        f"/requests/{found.number}/steps/feed_back/", {"how": "PHONE", "version": found.version - 1}
    )
    assert answer.status_code == 409
    assert re.search("改过这条记录", answer.content.decode())


@pytest.mark.once
def test_programs_take_the_same_steps_and_write_follow_ups(people, found, as_):
    station, deputy = as_(people.station), as_(people.deputy)
    root = f"/api/v1/requests/{found.number}"
    assert station.get(f"{root}/").json()["steps"] == {"feed_back": "告知本人", "withdraw": "登记本人撤回"}
    sent = station.post(f"{root}/steps/feed_back/", {"how": "MEETING"}, "application/json")
    assert sent.json()["state"] == "FED_BACK"
    wrong = station.post(f"{root}/steps/rate/", {"attitude": "SATISFIED"}, "application/json")
    assert set(wrong.json()["fields"]) == {"result", "solved", "how"}
    station.post(f"{root}/steps/rate/", WELL | {"solved": "PARTLY"}, "application/json")
    for name in ("begin", "reply", "come_back"):
        assert station.post(f"{root}/steps/{name}/", {}, "application/json").status_code == 404
    new = {"request": found.number, "kind": "COMMENT", "view": "AGREE"}
    made = deputy.post("/api/v1/followups/", new, "application/json")
    assert made.status_code == 201
    assert made.json()["request"] == found.number
    assert as_(people.office).post("/api/v1/followups/", new, "application/json").status_code == 403
    hidden = as_(people.deputy_other).post("/api/v1/followups/", new, "application/json")
    assert hidden.status_code == 400
    assert len(as_(people.office).get("/api/v1/followups/?kind=COMMENT").json()["results"]) == 1
    assert as_(people.unit).get("/api/v1/followups/").json()["results"] == []
    assert len(as_(people.unit).get("/api/v1/ratings/").json()["results"]) == 1
    assert as_(people.office_other).get("/api/v1/ratings/").json()["results"] == []


@pytest.mark.once
def test_in_confidence_a_department_reads_marks_and_no_words(people, found, as_):
    Request.objects.update(confidential=True)
    told(found, people)
    found.rate(by=people.station, **BADLY)
    row = as_(people.unit).get("/api/v1/ratings/").json()["results"][0]
    assert row["result"] == "UNSATISFIED"
    assert "不热" not in row["reason"]


@pytest.mark.once
def test_in_confidence_an_auditor_reads_that_the_person_was_told_and_nothing_that_was_said(
    people, found, as_
):
    Request.objects.update(confidential=True)
    step(
        as_(people.station), found, "feed_back", how="PHONE", proof="打给三单元张大爷", note="老伴病着，谢谢"
    )
    for post, reads in ((people.office, True), (people.auditor, False)):
        page = as_(post).get(found.get_absolute_url()).content.decode()
        assert ("告知本人：电话" in page, "张大爷" in page, "老伴病着" in page) == (True, reads, reads)
    assert "老伴" not in AuditEntry.objects.get(action="suggestions.request.feed_back").note


@pytest.mark.once
def test_the_words_of_a_rating_stand_in_no_log(people, found):
    told(found, people)
    found.rate(by=people.station, **BADLY)
    entry = AuditEntry.objects.get(action="suggestions.request.rate")
    assert "不热" not in str(entry.data)
