"""到会记录 and its contest: what counts, who sees it, who decides, and that the figures follow."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from liaison.core.models import AuditEntry, OutboxMessage
from liaison.core.policy import PolicyVersion
from liaison.core.workflow import NotAllowed
from tests import factories as f
from visits.models import Attendance

YEAR = timezone.localdate().year
DAY = date(YEAR, 1, 5)


@pytest.fixture
def closed(people):
    def make(state="PRESENT", mandate=None, station=None, **day):
        day.setdefault("day", DAY)
        activity = f.ActivityFactory(
            station=station or people.own, closed=True, closed_at=timezone.now(), **day
        )
        return f.AttendanceFactory(activity=activity, mandate=mandate or people.deputy.mandate, state=state)

    return make


def figures(deputy):
    return Attendance.objects.filter(mandate__deputy=deputy).tally()


def test_excused_and_substituted_stand_apart_and_never_count_as_absent(people, closed):
    for state in ("PRESENT", "PRESENT", "ABSENT", "LEAVE", "SUBSTITUTED", "LEAVE_ASKED"):
        closed(state)
    f.AttendanceFactory(
        activity=f.ActivityFactory(station=people.own, open=True),
        mandate=people.deputy.mandate,
        state="PRESENT",
    )
    f.AttendanceFactory(
        activity=f.ActivityFactory(station=people.own, cancelled=True), mandate=people.deputy.mandate
    )
    assert figures(people.deputy.deputy) == {
        "due": 3, "present": 2, "leave": 1, "absent": 1, "substituted": 1, "unanswered": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("mandate", "counts"),
    [
        ({}, 1),
        ({"from_on": DAY}, 1),
        ({"from_on": DAY + timedelta(days=1)}, 0),  # late mandate
        ({"to_on": DAY}, 1),
        ({"to_on": DAY - timedelta(days=1)}, 0),  # ended before
        ({"suspended_on": DAY + timedelta(days=1)}, 1),
        ({"suspended_on": DAY}, 0),
    ],
)
def test_a_day_counts_only_where_the_mandate_was_held_and_not_suspended(people, closed, mandate, counts):
    closed("ABSENT")
    type(people.deputy.mandate).objects.filter(pk=people.deputy.mandate.pk).update(**mandate)
    assert figures(people.deputy.deputy)["due"] == counts


@pytest.mark.once
def test_the_deputy_sees_each_entry_and_the_same_figures_as_the_desk(as_, people, closed):
    closed("PRESENT")
    closed("ABSENT")
    closed("LEAVE")
    own = as_(people.deputy).get("/activities/attendances/mine/").content.decode()
    for label, value in (("应到", 2), ("已到", 1), ("请假", 1), ("缺席", 1), ("替换", 0)):
        assert f"<dt>{label}</dt><dd>{value}<small>" in own
    assert own.count("提出异议") == 3
    desk = as_(people.station)
    row = desk.get("/activities/attendances/").content.decode()
    assert (
        '张建国</a></th><td class="num">2</td><td class="num">1</td><td class="num">1</td><td class="num">1</td>'
        in row
    )
    page = desk.get(f"/activities/attendances/of/{people.deputy.deputy.pk}/").content.decode()
    assert "<dt>应到</dt><dd>2<small>" in page
    assert "提出异议" not in page


def test_the_record_goes_by_years(as_, people, closed):
    closed("PRESENT")
    closed("ABSENT", day=date(YEAR - 1, 3, 1))
    client = as_(people.deputy)
    assert "<dt>应到</dt><dd>1<small>" in client.get("/activities/attendances/mine/").content.decode()
    last = client.get(f"/activities/attendances/mine/?year={YEAR - 1}").content.decode()
    assert "<dt>缺席</dt><dd>1<small>" in last
    assert client.get("/activities/attendances/mine/?year=x").status_code == 200


def test_the_list_is_narrowed_by_station_and_period_and_asks_few_questions(
    as_, people, closed, django_assert_max_num_queries
):
    for _ in range(12):
        closed("PRESENT", mandate=f.MandateFactory(area=people.town))
    closed("ABSENT", station=people.sibling)
    client = as_(people.office)
    with django_assert_max_num_queries(14):
        everybody = client.get("/activities/attendances/").content.decode()
    assert everybody.count('scope="row"') == 13
    one = client.get("/activities/attendances/?station=PC02&first=2000-01-01").content.decode()
    assert one.count('scope="row"') == 1
    none = client.get(
        f"/activities/attendances/?first={YEAR - 3}-01-01&last={YEAR - 3}-12-31"
    ).content.decode()
    assert "没有已结束的活动名单" in none


@pytest.mark.once
def test_the_deputy_s_page_asks_few_questions(as_, people, closed, django_assert_max_num_queries):
    for _ in range(15):
        closed("PRESENT")
    client = as_(people.deputy)
    with django_assert_max_num_queries(14):
        client.get("/activities/attendances/mine/")


@pytest.mark.once
def test_a_contest_is_told_listed_decided_and_the_figures_follow(as_, people, closed):
    place = closed("ABSENT")
    step = f"/activities/attendances/{place.pk}/steps/"
    deputy, desk = as_(people.deputy), as_(people.station)
    assert deputy.post(f"{step}contest/", {"note": ""}).status_code == 422
    deputy.post(f"{step}contest/", {"note": "那天我在，签了纸质名单"})
    place.refresh_from_db()
    assert (place.state, place.objection) == ("ABSENT", "OPEN")
    assert (
        OutboxMessage.objects.filter(to=people.station.user, kind="TODO", text__contains="提出异议").count()
        == 1
    )
    for address in ("/activities/attendances/contests/", place.activity.get_absolute_url()):
        assert "签了纸质名单" in desk.get(address).content.decode()
    assert "到会异议 1 件" in desk.get("/").content.decode()
    assert "1 件到会异议待答复" in as_(people.office).get("/").content.decode()
    assert figures(people.deputy.deputy)["absent"] == 1

    desk.post(f"{step}correct_present/", {"note": "纸质名单上有签名"})
    place.refresh_from_db()
    assert (place.state, place.how, place.objection) == ("PRESENT", "APPEAL", "UPHELD")
    assert place.activity.state == "CLOSED"
    entry = AuditEntry.objects.of(place).first()
    assert (entry.action, entry.before, entry.after) == (
        "visits.attendance.correct_present",
        "ABSENT",
        "PRESENT",
    )
    assert "更正为已到" in desk.get(place.activity.get_absolute_url()).content.decode()
    for user in (people.deputy.user, people.station.user):
        assert OutboxMessage.objects.filter(to=user, text__contains="已答复：更正为已到").count() == 1
    assert figures(people.deputy.deputy) == {
        "due": 1, "present": 1, "leave": 0, "absent": 0, "substituted": 0, "unanswered": 0,
    }  # fmt: skip


@pytest.mark.once
def test_the_entry_may_also_be_corrected_to_leave_or_kept_with_a_reason(as_, people, closed):
    excused, kept = closed("ABSENT"), closed("ABSENT")
    for place in (excused, kept):
        place.contest(by=people.deputy, note="请过假")
    office = as_(people.office)
    office.post(f"/activities/attendances/{excused.pk}/steps/correct_leave/", {})
    refused = office.post(f"/activities/attendances/{kept.pk}/steps/keep/", {"note": ""})
    assert refused.status_code == 422
    office.post(f"/activities/attendances/{kept.pk}/steps/keep/", {"note": "没有收到请假"})
    excused.refresh_from_db()
    kept.refresh_from_db()
    assert (excused.state, excused.objection) == ("LEAVE", "UPHELD")
    assert (kept.state, kept.objection, kept.objection_answer) == ("ABSENT", "KEPT", "没有收到请假")
    assert "没有收到请假" in as_(people.deputy).get("/activities/attendances/mine/").content.decode()
    with pytest.raises(NotAllowed, match="已经答复过"):
        kept.contest(by=people.deputy, note="再说一次")


def test_who_is_corrected_to_leave_has_not_reported_either(people, closed):
    place = closed("PRESENT")
    place.activity.reporting.add(place.mandate)
    place.contest(by=people.deputy, note="我没有去")
    place.correct_leave(by=people.office)
    assert not place.activity.reporting.exists()


def test_who_was_replaced_wrongly_is_corrected_and_the_one_called_in_keeps_the_place(people):
    day = f.ActivityFactory(station=people.own)
    place = f.AttendanceFactory(activity=day, mandate=people.deputy.mandate)
    place.substitute(by=people.station, mandate=people.deputy_colleague.mandate)
    stand_in = place.stand_in
    stand_in.check_in(by=people.station)
    day.close(by=people.station)
    place.refresh_from_db()
    place.contest(by=people.deputy, note="我也在")
    place.correct_present(by=people.station)
    stand_in.refresh_from_db()
    assert (place.state, place.stand_in, stand_in.state) == ("PRESENT", None, "PRESENT")


def test_nobody_contests_for_another_twice_before_closing_or_too_late(people, closed):
    place = closed("ABSENT")
    with pytest.raises(NotAllowed, match="自己的到会记录"):
        place.contest(by=people.deputy_colleague, note="他在")
    with pytest.raises(NotAllowed, match="没有待答复的异议"):
        place.keep(by=people.station, note="没有")
    place.contest(by=people.deputy, note="我在")
    with pytest.raises(NotAllowed, match="已经提过异议"):
        place.contest(by=people.deputy, note="我在")
    place.drop_contest(by=people.deputy)
    place.contest(by=people.deputy, note="还是要提")  # taken back is not answered
    unfinished = f.AttendanceFactory(
        activity=f.ActivityFactory(station=people.own, open=True),
        mandate=people.deputy.mandate,
        state="ABSENT",
    )
    with pytest.raises(NotAllowed, match="还没有结束登记"):
        unfinished.contest(by=people.deputy, note="我在")
    late = closed("ABSENT")
    type(late.activity).objects.filter(pk=late.activity_id).update(
        closed_at=timezone.now() - timedelta(days=31)
    )
    late.activity.refresh_from_db()
    with pytest.raises(NotAllowed, match="已经过了"):
        late.contest(by=people.deputy, note="我在")


def test_how_long_one_may_contest_is_the_policy_s_and_kept_with_the_day(people):
    PolicyVersion.objects.create(area=people.county, first_on=f.LONG_AGO, values={"contest_days": 5})
    day = f.ActivityFactory(station=people.own)
    place = f.AttendanceFactory(activity=day, mandate=people.deputy.mandate)
    day.close(by=people.station)
    assert day.contest_until == timezone.localdate() + timedelta(days=5)
    type(day).objects.filter(pk=day.pk).update(contest_by=timezone.localdate() - timedelta(days=1))
    place = Attendance.objects.get(pk=place.pk)
    with pytest.raises(NotAllowed, match="已经过了"):
        place.contest(by=people.deputy, note="我在")


@pytest.mark.once
def test_rest_tells_the_steps_and_takes_them(as_, people, closed):
    place = closed("ABSENT")
    deputy, office = as_(people.deputy), as_(people.office)
    address = f"/api/v1/attendances/{place.pk}/"
    assert deputy.get(address).json()["steps"] == {"contest": "提出异议"}
    assert office.get(address).json()["steps"] == {}
    told = deputy.post(f"{address}steps/contest/", {"note": "我在"}, content_type="application/json").json()
    assert (told["objection"], told["objection_reason"], told["steps"]) == (
        "OPEN",
        "我在",
        {"drop_contest": "撤回异议"},
    )
    assert office.get(address).json()["steps"] == {
        "correct_present": "更正为已到", "correct_leave": "更正为请假", "keep": "维持原记录",
    }  # fmt: skip
    listed = office.get("/api/v1/attendances/?objection=OPEN").json()["results"]
    assert [row["id"] for row in listed] == [place.pk]
    refused = deputy.post(f"{address}steps/keep/", {"note": "x"}, content_type="application/json")
    assert refused.status_code == 403
