"""公示: each announcing kept as it went up, what is to be put up with the days left, and the figures as they were."""

import re
from datetime import time, timedelta

import pytest
from django.utils import timezone

from liaison.core.workflow import NotAllowed
from tests import factories as f
from visits.models import Activity, Notice

K = Notice.Kind


@pytest.fixture
def day(people):
    people.own.amend(by=people.office, phone="0352-2881234")
    today = timezone.localdate()
    day = f.ActivityFactory(station=people.own, day=today + timedelta(days=9), theme="冬季供暖")
    f.AttendanceFactory(activity=day, mandate=people.deputy.mandate)
    return day


def text(response):
    return re.sub(r"\s+", "", re.sub(r"<[^>]+>", "", response.content.decode()))


def step(browser, day, name, **sent):
    return browser.post(f"/activities/{day.pk}/steps/{name}/", sent)


def test_a_notice_is_kept_as_it_went_up(as_, people, day):
    today = timezone.localdate()
    step(as_(people.station), day, "announce", on=today, where=["DOOR", "GROUP"], place="集市入口")
    notice = Notice.objects.get()
    assert (notice.kind, notice.on, notice.day, notice.deputies) == (K.FIRST, today, day.day, ["张建国"])
    assert notice.places == "站点门口、村（社区）群、网上、集市入口"
    assert notice.by == people.station
    for part in ("南关街道联络站接待日定于", "冬季供暖", "接待代表：张建国", "西街1号", "0352-2881234"):
        assert part in notice.text

    day.refresh_from_db()
    day.amend(by=people.station, theme="停车")
    f.AttendanceFactory(activity=day, mandate=people.deputy_colleague.mandate)
    notice.refresh_from_db()
    assert notice.theme == "冬季供暖"
    assert notice.deputies == ["张建国"]


def test_after_a_move_it_is_announced_again_as_moved_and_both_stay(as_, people, day):
    first, later = day.day, day.day + timedelta(days=7)
    day.announce(by=people.station)
    day.move(by=people.station, note="下雪", day=later)
    due = text(as_(people.station).get("/activities/notices/"))
    assert "改期公示" in due
    assert f"{later.month}月{later.day}日" in due

    day.announce(by=people.station)
    assert list(Notice.objects.order_by("pk").values_list("kind", "day")) == [
        (K.FIRST, first),
        (K.MOVED, later),
    ]
    assert "时间有变" in Notice.objects.get(kind=K.MOVED).text
    page = text(as_(people.office).get(f"/activities/{day.pk}/"))
    assert "改期公示" in page
    assert "没有要公示的" in text(as_(people.station).get("/activities/notices/"))


def test_a_cancelled_day_that_was_announced_is_to_be_called_off_and_then_not_again(as_, people, day):
    day.announce(by=people.station)
    station = as_(people.station)
    step(station, day, "cancel", note="会议室漏水")
    assert "取消公示" in text(station.get("/activities/notices/"))
    assert "公示取消" in text(station.get(f"/activities/{day.pk}/"))

    step(station, day, "announce_cancel", on=timezone.localdate(), where=["DOOR"])
    notice = Notice.objects.get(kind=K.CANCELLED)
    assert "取消" in notice.text
    assert "漏水" not in notice.text
    assert not notice.is_late
    assert "没有要公示的" in text(station.get("/activities/notices/"))
    day.refresh_from_db()
    assert day.state == "CANCELLED"
    with pytest.raises(NotAllowed, match="公示过"):
        day.announce_cancel(by=people.station)


def test_a_day_moved_and_then_cancelled_is_called_off_as_people_were_told(people, day):
    told = day.day
    day.announce(by=people.station)
    day.move(
        by=people.station, note="下雪", day=told + timedelta(days=30), starts_at=time(14), ends_at=time(16)
    )
    day.cancel(by=people.station, note="停电")
    day.announce_cancel(by=people.station)
    notice = Notice.objects.get(kind=K.CANCELLED)
    assert (notice.day, notice.starts_at) == (told, time(9))
    assert f"原定{told.month}月{told.day}日" in notice.text
    assert "9:00至11:30的" in notice.text


def test_a_notice_names_who_has_come_too_and_only_receptions_stand_on_the_web(people):
    lecture = f.ActivityFactory(station=people.own, kind="TRAINING", theme="监督法")
    f.AttendanceFactory(activity=lecture, mandate=people.deputy.mandate, state="PRESENT")
    lecture.announce(by=people.station, where=["DOOR"])
    notice = Notice.objects.get()
    assert (notice.where, notice.deputies) == (["DOOR"], ["张建国"])


def test_what_nobody_was_told_of_needs_no_calling_off(as_, people, day):
    day.cancel(by=people.station, note="没排好")
    assert "没有要公示的" in text(as_(people.station).get("/activities/notices/"))
    with pytest.raises(NotAllowed, match="没有公示过"):
        day.announce_cancel(by=people.station)
    assert not Notice.objects.exists()


@pytest.mark.parametrize(
    ("ahead", "words"), [(9, "还剩6天"), (4, "还剩1天"), (3, "今天到期"), (1, "超期2天")]
)
def test_the_list_shows_the_days_left(as_, people, ahead, words):
    f.ActivityFactory(station=people.own, day=timezone.localdate() + timedelta(days=ahead))
    assert words in text(as_(people.station).get("/activities/notices/"))


def test_late_ones_are_listed_apart_and_the_figure_counts_as_before(as_, people, day):
    today = timezone.localdate()
    late = f.ActivityFactory(station=people.own, day=today + timedelta(days=1))
    late.announce(by=people.station)
    day.announce(by=people.station)
    page = text(as_(people.office).get("/activities/notices/?what=late"))
    assert "晚2天" in page
    assert f"{day.day.month}月{day.day.day}日" not in page
    assert set(Activity.objects.announced_in_time()) == {day}
    day.move(by=people.station, note="下雪", day=today + timedelta(days=2))
    day.announce(by=people.station)  # a day later than the new day asks for
    assert not Activity.objects.announced_in_time().exists()
    assert Notice.objects.get(kind=K.MOVED).is_late
    assert not Notice.objects.get(activity=day, kind=K.FIRST).is_late


@pytest.mark.once
@pytest.mark.parametrize(
    ("who", "sees"), [("station", True), ("office", True), ("auditor", True), ("station_sibling", False)]
)
@pytest.mark.parametrize("what", ["due", "late", "up"])
def test_each_sees_the_notices_of_its_own_place(as_, people, day, who, sees, what):
    today = timezone.localdate()
    f.ActivityFactory(station=people.own, day=today + timedelta(days=1))  # late, and still to do
    day.announce(by=people.station)
    assert (
        "南关街道联络站" in text(as_(getattr(people, who)).get(f"/activities/notices/?what={what}"))
    ) is sees


def test_the_lists_are_narrowed_by_place(as_, people, day):
    office = as_(people.office)
    f.ActivityFactory(station=people.sibling, day=day.day)
    page = text(office.get("/activities/notices/?area=140213002000"))
    assert "北关街道联络站" in page
    assert "冬季供暖" not in page
    assert "南关街道联络站" not in text(office.get("/activities/notices/?station=PC02"))


@pytest.mark.once
@pytest.mark.parametrize("what", ["due", "late", "up"])
def test_a_list_asks_no_query_for_a_row(as_, people, django_assert_max_num_queries, what):
    for n in range(15):
        day = f.ActivityFactory(station=people.own, day=timezone.localdate() + timedelta(days=n % 3))
        if what == "up":
            day.announce(by=people.station)
    browser = as_(people.office)
    with django_assert_max_num_queries(14):
        assert browser.get(f"/activities/notices/?what={what}").status_code == 200


@pytest.mark.once
def test_a_day_of_notice_in_the_future_is_refused_and_what_was_typed_stays(as_, people, day):
    tomorrow = timezone.localdate() + timedelta(days=1)
    answer = step(as_(people.station), day, "announce", on=tomorrow, place="集市入口")
    assert answer.status_code == 422
    assert "公示日期不能晚于今天" in text(answer)
    assert "集市入口" in answer.content.decode()
    assert (
        step(as_(people.station), day, "announce", on=timezone.localdate(), where=["MOON"]).status_code == 422
    )
    assert not Notice.objects.exists()


@pytest.mark.once
def test_a_program_reads_notices_as_they_went_up(as_, people, day):
    day.announce(by=people.station, where=["BOARD"])
    [found] = as_(people.office).get("/api/v1/notices/?station=PC01").json()["results"]
    assert (found["activity"], found["kind"], found["late"]) == (day.number, "FIRST", False)
    assert found["where"] == ["BOARD", "WEB"]
    assert found["deputies"] == ["张建国"]
    assert as_(people.office_other).get("/api/v1/notices/").json()["results"] == []
