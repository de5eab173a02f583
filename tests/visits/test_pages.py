"""Pages of activities: who may open them, what they show, what they refuse, and that nothing typed is lost."""

from datetime import date, time, timedelta

import pytest
from django.utils import timezone

from liaison.core.models import AuditEntry, OutboxMessage
from tests import factories as f
from visits.models import Activity, Attendance, ReceptionRule
from visits.workflow import ActivityState

pytestmark = pytest.mark.once

SEEN, FORBIDDEN, HIDDEN = 200, 403, 404
READING = {
    "station": SEEN, "station_child": HIDDEN, "station_sibling": HIDDEN, "station_other": HIDDEN,
    "office": SEEN, "office_city": SEEN, "office_other": HIDDEN, "auditor": SEEN, "auditor_other": HIDDEN,
    "deputy": SEEN, "deputy_other": HIDDEN, "unit": FORBIDDEN, "admin": FORBIDDEN,
}  # fmt: skip


@pytest.fixture
def day(people):
    return f.ActivityFactory(station=people.own, announced=True)


@pytest.fixture
def rule(people):
    return f.RuleFactory(station=people.own)


def text(response):
    return response.content.decode()


@pytest.mark.parametrize(("who", "expected"), READING.items())
def test_who_may_read_a_day_and_finds_it_in_the_calendar(as_, people, day, who, expected):
    client = as_(getattr(people, who))
    assert client.get(f"/activities/{day.pk}/").status_code == expected
    for address in ("/activities/", "/activities/?view=list"):
        page = client.get(address)
        if expected == FORBIDDEN:
            assert page.status_code == FORBIDDEN
        else:
            assert (day.get_absolute_url() in text(page)) is (expected == SEEN)


@pytest.mark.parametrize("who", ["auditor", "deputy"])
@pytest.mark.parametrize("address", ["edit/", "roster/", "steps/announce/", "steps/close/"])
def test_who_only_reads_is_shut_out_of_changing(as_, people, day, who, address):
    client = as_(getattr(people, who))
    assert client.get(f"/activities/{day.pk}/{address}").status_code == FORBIDDEN
    assert client.post(f"/activities/{day.pk}/{address}").status_code == FORBIDDEN


@pytest.mark.parametrize("who", ["station_sibling", "office_other"])
@pytest.mark.parametrize("address", ["edit/", "roster/", "steps/cancel/", "register.pdf"])
def test_what_is_out_of_sight_is_not_found(as_, people, day, who, address):
    client = as_(getattr(people, who))
    assert client.get(f"/activities/{day.pk}/{address}").status_code == HIDDEN
    assert client.post(f"/activities/{day.pk}/{address}", {"note": "x"}).status_code == HIDDEN


def test_the_station_of_a_point_keeps_the_days_of_the_point(as_, people):
    day = f.ActivityFactory(station=people.child)
    assert as_(people.station).get(f"/activities/{day.pk}/").status_code == SEEN
    assert as_(people.station_child).get(f"/activities/{day.pk}/").status_code == SEEN


def test_a_step_that_does_not_exist_or_is_not_this_roles_is_refused(as_, people, day):
    assert as_(people.station).get(f"/activities/{day.pk}/steps/delete/").status_code == HIDDEN
    assert as_(people.office).post(f"/activities/{day.pk}/steps/begin/").status_code == FORBIDDEN


# --- Calendar ---


def test_the_calendar_of_a_month_costs_six_queries_beside_the_frame(
    as_, people, django_assert_max_num_queries
):
    for number in range(30):
        f.ActivityFactory(station=f.StationFactory(area=people.town), day=date(2026, 11, number % 28 + 1))
    client = as_(people.office)
    client.get("/activities/")
    with django_assert_max_num_queries(4 + 6):
        assert "9:00 第" in text(client.get("/activities/?month=2026-11"))


def test_a_month_with_very_many_days_is_counted_with_links_to_each_days_list(as_, people, monkeypatch):
    monkeypatch.setattr("visits.views.calendar.FEW", 1)
    for _ in range(3):
        f.ActivityFactory(station=people.own, day=date(2026, 11, 11))
    f.ActivityFactory(station=people.own, day=date(2026, 11, 11), closed=True)
    client = as_(people.office)
    page = text(client.get("/activities/?month=2026-11"))
    assert "3 次" in page
    assert "1 次" in page
    link = "/activities/?view=list&amp;first=2026-11-11&amp;last=2026-11-11&amp;state=PLANNED"
    assert link in page
    assert text(client.get(link.replace("&amp;", "&"))).count("<tr>") == 1 + 3


@pytest.mark.parametrize("month", ["2026-13", "x", "1900-01", "9999-12", "0001-01", "2026-11-11", "' OR 1=1"])
def test_a_strange_month_shows_some_month(as_, people, month):
    assert as_(people.office).get("/activities/", {"month": month}).status_code == SEEN


@pytest.mark.parametrize(
    "query", ["area=140213002", "area=x", "kind=TRAINING", "station=PC02", "deputy=1", "first=2030-01-01"]
)
def test_the_list_is_narrowed_by_what_is_asked(as_, people, day, query):
    assert day.get_absolute_url() not in text(as_(people.office).get(f"/activities/?view=list&{query}"))


@pytest.mark.parametrize(
    "query", ["area=140213001", "kind=RECEPTION", "station=PC01", "in_time=true", "state=ANNOUNCED"]
)
def test_the_list_shows_what_is_asked(as_, people, day, query):
    assert day.get_absolute_url() in text(as_(people.office).get(f"/activities/?view=list&{query}"))


def test_the_list_goes_by_pages_and_asks_no_query_per_row(as_, people, django_assert_max_num_queries):
    for number in range(60):
        f.ActivityFactory(station=people.own, day=timezone.localdate() - timedelta(days=number))
    client = as_(people.office)
    client.get("/activities/")  # the first page of a session writes it down
    with django_assert_max_num_queries(4 + 4):
        page = client.get("/activities/?view=list")
    assert "下一页" in text(page)


def test_a_deputy_finds_the_own_days_on_top_with_the_buttons_to_answer(as_, people):
    day = f.ActivityFactory(station=people.own, day=timezone.localdate() + timedelta(days=40))
    place = f.AttendanceFactory(activity=day, mandate=people.deputy.mandate)
    page = text(as_(people.deputy).get("/activities/"))
    assert "我的班次" in page
    assert f"/activities/attendances/{place.pk}/steps/confirm/" in page
    assert "我的班次" not in text(as_(people.deputy_colleague).get("/activities/"))


# --- One day ---


def test_the_page_of_a_day_says_when_it_is_announced_why_and_that_it_is_late(as_, people):
    day = f.ActivityFactory(station=people.own, day=timezone.localdate() + timedelta(days=1))
    client = as_(people.station)
    page = text(client.get(day.get_absolute_url()))
    assert "至少 3 天公示" in page
    assert "已晚 2 天，请尽快公示" in page
    day.announce(by=people.station)
    page = text(client.get(day.get_absolute_url()))
    assert "公示晚" in page
    assert "晚了 2 天" in page


def test_the_page_of_a_day_counts_people_and_what_was_raised_and_costs_few_queries(
    as_, people, day, django_assert_max_num_queries
):
    for number in range(6):
        visit = f.VisitFactory(activity=day, headcount=2, outcome="DISPATCH" if number % 2 else "NOTED")
        if number % 2:
            f.RequestFactory(visit=visit, station=people.own)
        mandate = f.MandateFactory(area=people.town)
        f.AttendanceFactory(activity=day, mandate=mandate)
    client = as_(people.station)
    client.get("/activities/")
    with django_assert_max_num_queries(4 + 7 + 3):  # session, day with its lists, appointments
        page = text(client.get(day.get_absolute_url()))
    assert "<strong>12</strong> 人次（6 批），生成诉求单 <strong>3</strong> 件" in page


def test_beginning_leads_to_the_log(as_, people, day):
    response = as_(people.station).post(f"/activities/{day.pk}/steps/begin/", {"version": 1})
    assert response["Location"] == f"/activities/{day.pk}/log/"
    day.refresh_from_db()
    assert day.state == ActivityState.OPEN


def test_a_day_ahead_offers_neither_beginning_nor_closing(as_, people):
    day = f.ActivityFactory(station=people.own, day=timezone.localdate() + timedelta(days=9))
    page = text(as_(people.station).get(day.get_absolute_url()))
    assert "steps/begin/" not in page
    assert "steps/close/" not in page
    assert "steps/announce/" in page


def test_a_day_is_closed_with_those_who_came_and_the_page_says_what_it_was(as_, people, day):
    came = f.AttendanceFactory(activity=day, mandate=people.deputy.mandate, state="CONFIRMED")
    missed = f.AttendanceFactory(activity=day, mandate=people.deputy_colleague.mandate)
    f.VisitFactory(activity=day, headcount=3, received_by=people.deputy.mandate)
    client = as_(people.station)
    page = text(client.get(f"/activities/{day.pk}/steps/close/"))
    assert "3<small> 人次" in page
    assert page.count("checked") == 1  # who has confirmed, or has received somebody
    response = client.post(
        f"/activities/{day.pk}/steps/close/",
        {"version": 1, "shown": "True", "present": [came.pk], "minutes": "议定三件"},
        follow=True,
    )
    assert "到会代表 1 位，接待群众 3 人次，生成诉求单 0 件" in text(response)
    day.refresh_from_db(), missed.refresh_from_db()
    assert (day.state, day.minutes, missed.state) == ("CLOSED", "议定三件", "ABSENT")


def test_who_closes_what_another_has_just_closed_is_told_and_keeps_the_words(as_, people, day):
    day.close(by=people.station)
    response = as_(people.station).post(
        f"/activities/{day.pk}/steps/close/", {"version": 1, "shown": "True", "minutes": "写了很久的纪要"}
    )
    assert response.status_code == 409
    assert "已结束" in text(response)
    assert "写了很久的纪要" in text(response)


def test_a_stale_page_is_told_who_changed_what_and_may_send_again(as_, people, day):
    day.amend(by=people.office, theme="停车")
    client = as_(people.station)
    sent = {"version": 1, "theme": "供暖", "place": ""}
    response = client.post(f"/activities/{day.pk}/edit/", sent)
    assert response.status_code == 409
    assert "县代表工委" in text(response)
    assert "供暖" in text(response)
    assert 'name="version" value="2"' in text(response)
    assert client.post(f"/activities/{day.pk}/edit/", sent | {"version": 2}).status_code == 302
    day.refresh_from_db()
    assert day.theme == "供暖"


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"note": ""}, "请填写"),
        ({"note": "停电", "day": "1900-01-01"}, "请检查年份"),
        ({"note": "停电", "day": "2100-01-01"}, "请检查年份"),
        ({"note": "停电", "day": "2026-02-30"}, "有效的日期"),
        ({"note": "停电", "ends_at": "8:00"}, "结束时间要晚于开始时间"),
        ({"note": "长" * 100_000}, "最多 200 个字"),
    ],
)
def test_a_move_that_cannot_be_is_refused_at_the_field(as_, people, day, sent, words):
    sent = {"day": timezone.localdate() + timedelta(days=9), "starts_at": "9:00", "ends_at": "11:00"} | sent
    response = as_(people.station).post(f"/activities/{day.pk}/steps/move/", sent)
    assert response.status_code == 422
    assert words in text(response)
    day.refresh_from_db()
    assert day.state == ActivityState.ANNOUNCED


def test_a_day_is_cancelled_for_another_one(as_, people, day):
    other = f.ActivityFactory(station=people.own, day=timezone.localdate() + timedelta(days=9))
    client = as_(people.station)
    sent = {"version": 1, "note": "停电", "replacement": other.pk}
    assert client.post(f"/activities/{day.pk}/steps/cancel/", sent).status_code == 302
    page = text(client.get(day.get_absolute_url()))
    assert "停电" in page
    assert other.get_absolute_url() in page
    assert client.get(f"/activities/{day.pk}/steps/cancel/").status_code == 409


def test_the_hours_of_an_announced_day_change_only_by_moving_it(as_, people, day):
    client = as_(people.station)
    assert "starts_at" not in text(client.get(f"/activities/{day.pk}/edit/"))
    client.post(f"/activities/{day.pk}/edit/", {"version": 1, "theme": "供暖", "starts_at": "6:00"})
    day.refresh_from_db()
    assert day.starts_at == time(9)


def test_the_hours_of_a_day_with_appointments_change_only_by_moving_it(as_, people):
    day = f.ActivityFactory(station=people.own, day=timezone.localdate() + timedelta(days=7))
    client = as_(people.station)
    assert "starts_at" in client.get(f"/activities/{day.pk}/edit/").content.decode()
    f.AppointmentFactory(station=people.own, activity=day, day=day.day, at=time(9))
    page = client.get(f"/activities/{day.pk}/edit/").content.decode()
    assert "starts_at" not in page
    assert "改期后会请您另约" in page


# --- Planning by hand ---


def plan(people, **more):
    return {
        "kind": "RECEPTION",
        "station": people.own.pk,
        "day": timezone.localdate() + timedelta(days=10),
        "starts_at": "9:00",
        "ends_at": "11:30",
    } | more


def test_a_day_planned_and_sent_twice_is_one_day(as_, people):
    client = as_(people.station)
    sent = plan(people, idem="abc", theme="供暖")
    first, again = client.post("/activities/new/", sent), client.post("/activities/new/", sent)
    assert first["Location"] == again["Location"]
    day = Activity.objects.get()
    assert (day.theme, day.state) == ("供暖", ActivityState.PLANNED)
    assert first["Location"] == f"/activities/{day.pk}/roster/"


def test_a_day_may_be_announced_as_it_is_planned(as_, people):
    as_(people.office).post("/activities/new/", plan(people, announce="1"))
    assert Activity.objects.get().announced_on == timezone.localdate()


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"ends_at": "8:00"}, "结束时间要晚于开始时间"),
        ({"day": "2100-01-01"}, "请检查年份"),
        ({"day": "1900-01-01"}, "请检查年份"),
        ({"day": "2019-01-01"}, "没有开放"),
        ({"station": "999999"}, "选择一个有效的选项"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_at_the_field(as_, people, more, words):
    response = as_(people.station).post("/activities/new/", plan(people, **more))
    assert response.status_code == 422
    assert words in text(response)
    assert not Activity.objects.exists()


def test_nobody_plans_for_a_station_out_of_sight(as_, people):
    assert (
        as_(people.station).post("/activities/new/", plan(people, station=people.sibling.pk)).status_code
        == 422
    )
    assert as_(people.office_other).post("/activities/new/", plan(people)).status_code == 422


def test_where_stations_are_too_many_to_choose_from_the_code_is_typed(as_, people, monkeypatch):
    monkeypatch.setattr("visits.forms.MANY_STATIONS", 1)
    client = as_(people.office)
    assert '<select name="station"' not in text(client.get("/activities/new/?station=PC01"))
    assert 'value="PC01"' in text(client.get("/activities/new/?station=PC01"))
    assert client.post("/activities/new/", plan(people, station="PC01")).status_code == 302
    assert client.post("/activities/new/", plan(people, station="YZ01")).status_code == 422


# --- Roster ---


def test_deputies_of_the_station_are_put_on_the_roster_and_told(as_, people, day):
    client = as_(people.station)
    page = text(client.get(f"/activities/{day.pk}/roster/"))
    assert "张建国" in page
    assert "阿依努尔" not in page
    chosen = [people.deputy.mandate.pk, people.deputy_colleague.mandate.pk]
    assert client.post(f"/activities/{day.pk}/roster/", {"mandates": chosen}).status_code == 302
    assert day.attendances.count() == OutboxMessage.objects.count() == 2


def test_one_whose_mandate_ended_is_shown_with_the_reason_and_refused(as_, people, day):
    mandate = people.deputy.mandate
    mandate.to_on = day.day - timedelta(days=1)
    mandate.save()
    client = as_(people.station)
    assert "代表职务已于" in text(client.get(f"/activities/{day.pk}/roster/"))
    sent = {"mandates": [mandate.pk, people.deputy_colleague.mandate.pk]}
    response = client.post(f"/activities/{day.pk}/roster/", sent)
    assert response.status_code == 409
    assert "代表职务已于" in text(response)
    assert not day.attendances.exists()
    assert not OutboxMessage.objects.exists()


def test_the_office_finds_deputies_of_its_area_and_no_others(as_, people, day):
    sibling = f.MandateFactory(deputy__name="赵钱孙", area=people.sibling.area)
    f.AssignmentFactory(mandate=sibling, station=people.sibling)
    client = as_(people.office)
    assert "赵钱孙" in text(client.get(f"/activities/{day.pk}/roster/?q=zqs"))
    assert "赵钱孙" not in text(as_(people.station).get(f"/activities/{day.pk}/roster/?q=zqs"))
    assert "阿依努尔" not in text(client.get(f"/activities/{day.pk}/roster/?q=阿依"))
    other = people.deputy_other.mandate.pk
    assert client.post(f"/activities/{day.pk}/roster/", {"mandates": [other]}).status_code == 422


def test_a_closed_day_takes_nobody_more(as_, people):
    day = f.ActivityFactory(station=people.own, closed=True)
    assert as_(people.station).get(f"/activities/{day.pk}/roster/").status_code == 409


@pytest.fixture
def place(people, day):
    return f.AttendanceFactory(activity=day, mandate=people.deputy.mandate)


def test_a_deputy_confirms_or_asks_leave_for_oneself_alone(as_, people, place):
    address = f"/activities/attendances/{place.pk}/steps"
    assert as_(people.deputy_colleague).post(f"{address}/confirm/").status_code == HIDDEN
    client = as_(people.deputy)
    assert client.post(f"{address}/ask_leave/", {"version": 1, "note": ""}).status_code == 422
    page = client.post(f"{address}/ask_leave/", {"version": 1, "note": "出差"}, follow=True)
    assert "等联络站答复" in text(page)
    assert client.post(f"{address}/grant_leave/").status_code == FORBIDDEN
    notice = OutboxMessage.objects.get()
    assert (notice.to, "张建国" in notice.text) == (people.station.user, True)


def test_staff_grant_leave_and_put_another_in_the_place(as_, people, place):
    client = as_(people.station)
    address = f"/activities/attendances/{place.pk}/steps"
    client.post(f"{address}/ask_leave/", {"note": "出差"})
    client.post(f"{address}/grant_leave/", {"version": 2})
    assert "李秀英" in text(client.get(f"{address}/substitute/"))
    client.post(f"{address}/substitute/", {"version": 3, "mandate": people.deputy_colleague.mandate.pk})
    place.refresh_from_db()
    assert place.state == "SUBSTITUTED"
    assert "由李秀英替换" in text(client.get(place.activity.get_absolute_url()))


def test_the_reason_of_a_leave_is_not_for_colleagues(as_, people, place):
    place.ask_leave(by=people.deputy, note="住院手术")
    assert "住院手术" in text(as_(people.station).get(place.activity.get_absolute_url()))
    assert "住院手术" in text(as_(people.deputy).get(place.activity.get_absolute_url()))
    assert "住院手术" not in text(as_(people.deputy_colleague).get(place.activity.get_absolute_url()))


# --- Rules ---


def said(people, **more):
    return {
        "station": people.own.pk, "how": "month_day", "month_days": "11", "first_on": timezone.localdate(),
        "starts_at": "9:00", "ends_at": "11:30", "holiday": "NEXT_WORKDAY",
    } | more  # fmt: skip


@pytest.mark.parametrize(
    ("more", "recurrence"),
    [
        ({"month_days": "11"}, "FREQ=MONTHLY;BYMONTHDAY=11"),
        ({"month_days": "5日、20日"}, "FREQ=MONTHLY;BYMONTHDAY=5,20"),
        ({"month_days": " 末 "}, "FREQ=MONTHLY;BYMONTHDAY=-1"),
        ({"how": "week", "week_days": ["MO", "TH"]}, "FREQ=WEEKLY;BYDAY=MO,TH"),
        ({"how": "nth", "nth": "1", "nth_day": "FR"}, "FREQ=MONTHLY;BYDAY=1FR"),
        ({"how": "nth", "nth": "-1", "nth_day": "FR"}, "FREQ=MONTHLY;BYDAY=-1FR"),
        (
            {"how": "custom", "recurrence": "rrule:freq=weekly; interval=2;byday=tu"},
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU",
        ),
    ],
)
def test_a_rule_said_in_words_is_saved_and_its_days_are_made_at_once(as_, people, more, recurrence):
    response = as_(people.station).post("/activities/rules/new/", said(people, **more), follow=True)
    rule = ReceptionRule.objects.get()
    assert rule.recurrence == recurrence
    made = rule.activities.count()
    assert made
    assert f"已排出 {made} 次接待日" in text(response)
    assert rule.in_words in text(response)


def test_a_preview_shows_the_days_and_saves_nothing(as_, people):
    f.ActivityFactory(station=people.own, day=timezone.localdate() + timedelta(days=1))
    sent = said(people, how="custom", recurrence="FREQ=DAILY", preview="1", idem="k")
    client = as_(people.station)
    page = text(client.post("/activities/rules/new/", sent))
    assert "还没有保存" in page
    assert "已有接待日" in page
    assert not ReceptionRule.objects.exists()
    del sent["preview"]
    assert client.post("/activities/rules/new/", sent).status_code == 302


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"month_days": ""}, "请填写在哪一天"),
        ({"month_days": "32"}, "写得不对"),
        ({"month_days": "十一"}, "写得不对"),
        ({"how": "week"}, "请填写在哪一天"),
        ({"how": "custom", "recurrence": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"}, "排不出任何一天"),
        ({"first_on": "2026-11-12", "last_on": "2026-11-30"}, "一天也排不出"),
        ({"first_on": "1900-01-01"}, "请检查年份"),
        ({"first_on": "2100-01-01"}, "请检查年份"),
        ({"ends_at": "8:00"}, "结束时间要晚于开始时间"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_in_words(as_, people, more, words):
    response = as_(people.station).post("/activities/rules/new/", said(people, **more))
    assert response.status_code == 422
    assert words in text(response)
    assert not ReceptionRule.objects.exists()


def test_a_changed_rule_is_a_new_rule_from_a_day_on(as_, people, rule):
    client = as_(people.station)
    assert 'value="11"' in text(client.get(f"/activities/rules/{rule.pk}/edit/"))
    first_on = timezone.localdate() + timedelta(days=3)
    sent = said(people, month_days="15", first_on=first_on, version=1)
    assert client.post(f"/activities/rules/{rule.pk}/edit/", sent).status_code == 302
    rule.refresh_from_db()
    assert rule.last_on == first_on - timedelta(days=1)
    assert ReceptionRule.objects.exclude(pk=rule.pk).get().recurrence == "FREQ=MONTHLY;BYMONTHDAY=15"
    assert client.post(f"/activities/rules/{rule.pk}/edit/", sent).status_code == 409


def test_a_rule_is_ended_with_a_reason(as_, people, rule):
    client = as_(people.station)
    last = timezone.localdate()
    assert client.post(f"/activities/rules/{rule.pk}/end/", {"last_on": last, "note": ""}).status_code == 422
    assert (
        client.post(f"/activities/rules/{rule.pk}/end/", {"last_on": last, "note": "撤并"}).status_code == 302
    )
    rule.refresh_from_db()
    assert rule.last_on == last
    assert AuditEntry.objects.of(rule).first().action == "visits.receptionrule.end"


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("station", 200),
        ("office", 200),
        ("auditor", 200),
        ("deputy", 403),
        ("unit", 403),
        ("admin", 403),
        ("station_sibling", 404),
    ],
)
def test_who_may_read_a_rule(as_, people, rule, who, expected):
    client = as_(getattr(people, who))
    assert client.get(f"/activities/rules/{rule.pk}/").status_code == expected
    if expected == SEEN:
        assert "每月11日" in text(client.get("/activities/rules/"))
        changes = SEEN if who != "auditor" else FORBIDDEN
        assert client.get(f"/activities/rules/{rule.pk}/edit/").status_code == changes
        assert client.get(f"/activities/rules/{rule.pk}/end/").status_code == changes
        assert client.get("/activities/rules/new/").status_code == changes


def test_attendance_pages_ask_the_same_of_every_role(as_, people, place):
    address = f"/activities/attendances/{place.pk}/steps/confirm/"
    expected = {
        "station": 200,
        "deputy": 200,
        "office": 403,
        "auditor": 403,
        "unit": 403,
        "admin": 403,
        "station_other": 404,
    }
    for who, status in expected.items():
        assert as_(getattr(people, who)).get(address).status_code == status, who
    assert Attendance.objects.get().state == "ROSTERED"


def test_once_somebody_was_received_the_page_no_longer_offers_to_cancel(as_, people, day):
    client = as_(people.station)
    address = f"/activities/{day.pk}/steps/cancel/"
    assert address in text(client.get(f"/activities/{day.pk}/"))

    f.VisitFactory(activity=day)

    assert address not in text(client.get(f"/activities/{day.pk}/"))


def test_a_deputy_whose_leave_is_granted_keeps_the_menu_and_one_who_asked_may_come_after_all(as_, people):
    ahead = f.ActivityFactory(
        station=people.own, announced=True, day=timezone.localdate() + timedelta(days=9)
    )
    row = f.AttendanceFactory(activity=ahead, mandate=people.deputy.mandate)
    row.ask_leave(by=people.deputy, note="开会")
    deputy = as_(people.deputy)
    assert "不请假了，参加" in text(deputy.get(f"/activities/{ahead.pk}/"))

    row.grant_leave(by=people.station)

    page = text(deputy.get(f"/activities/{ahead.pk}/"))
    assert 'class="dock"' not in page
    assert 'class="tabbar"' in page


def test_a_station_with_points_below_it_is_chosen_beforehand(as_, people):
    page = text(as_(people.station).get("/activities/new/"))
    assert f'<option value="{people.own.pk}" selected>' in page
