"""Reminders and due days: computed from the orders, sent once, and following a corrected calendar."""

from datetime import date, timedelta

import pytest

from liaison.core.models import AuditEntry, OutboxMessage
from liaison.core.workdays import Workdays, correct_day, load_years
from suggestions.models import Order, Request
from suggestions.orders.deadlines import follow_calendar, remind
from tests import factories as f

TODAY = date(2026, 3, 9)  # a Monday
TUESDAY = date(2026, 3, 17)


@pytest.fixture
def housing(people):
    bureau = f.DepartmentFactory(area=people.county, name="平城区住建局")
    f.DepartmentStaffFactory(department=bureau, post=people.unit)
    return bureau


def given(people, department, **more):
    asked = f.RequestFactory(station=people.own, state="HANDLING", due_on=more.get("due_on"))
    usual = {"state": "ACCEPTED", "issued_on": TODAY}
    return f.OrderFactory(request=asked, department=department, **usual | more)


def told(post):
    return list(OutboxMessage.objects.filter(to=post.user).order_by("pk").values_list("text", flat=True))


def test_a_department_is_reminded_once_before_the_day_and_once_in_each_week_after_it(people, housing):
    order = given(people, housing, due_on=TUESDAY)
    days = [TUESDAY + timedelta(days=n) for n in (-4, -3, -2, 0, 1, 2, 7, 8, 9)]
    assert [remind(day) - (day > TUESDAY) for day in days] == [0, 1, 0, 0, 1, 0, 0, 1, 0]
    first, *late = told(people.unit)
    assert first == (
        f"{order.number}（南关街道）：期限3月17日，还剩 3 天，请按期答复。办不完的，到期前申请延期。"
    )
    assert [text.split("，")[1] for text in late] == ["超期 1 天", "超期 8 天"]


def test_days_of_silence_leave_nothing_out_and_the_same_day_twice_sends_nothing_twice(people, housing):
    given(people, housing, due_on=TUESDAY)
    assert remind(TUESDAY + timedelta(days=3)) == 2
    assert remind(TUESDAY + timedelta(days=3)) == 0
    assert "超期 3 天" in told(people.unit)[0]


def test_the_office_is_told_once_a_day_of_what_is_late_and_not_accepted(people, housing):
    given(people, housing, due_on=TUESDAY)
    given(people, housing, due_on=TUESDAY)
    given(people, housing, due_on=TUESDAY + timedelta(days=30), state="ISSUED", accept_by=TUESDAY)
    remind(TUESDAY + timedelta(days=1))
    assert told(people.office) == ["派单里有 2 张超期没有答复，1 张没有按期接单，请催办。"]
    assert "应在3月17日前接单，请马上接单。" in told(people.unit)[-1]
    assert told(people.office_city) == told(people.office_other) == []


def test_where_a_county_has_no_office_the_next_above_is_told(people):
    bureau = f.DepartmentFactory(area=people.town, name="南关街道办事处")
    given(people, bureau, due_on=TUESDAY)
    remind(TUESDAY + timedelta(days=1))
    assert len(told(people.office)) == 1


def test_what_is_answered_reminds_nobody(people, housing):
    given(people, housing, due_on=TUESDAY, state="REPLIED")
    assert remind(TUESDAY + timedelta(days=1)) == 0


# --- The calendar is corrected ---


@pytest.fixture
def issued(people, housing):
    """Dispatched on a Monday, in five working days: due on the Monday after."""
    order = given(
        people, housing, days=5, due_on=date(2026, 3, 16), state="ISSUED", accept_by=date(2026, 3, 11)
    )
    assert Workdays.around(TODAY).add(TODAY, 5).day == order.due_on
    return order


def test_open_orders_and_their_requests_follow_a_corrected_day_and_the_record_names_it(people, issued):
    correct_day(date(2026, 3, 11), "HOLIDAY", "临时放假", by=people.admin)
    assert follow_calendar() == 1

    order = Order.objects.get(pk=issued.pk)
    assert (order.due_on, order.accept_by) == (date(2026, 3, 17), date(2026, 3, 12))
    assert order.due_because.startswith("5 个工作日，自3月9日次日起，扣除临时放假 1 天 = 3月17日")
    assert Request.objects.get(pk=order.request_id).due_on == order.due_on
    for thing in (order, order.request):
        entry = AuditEntry.objects.of(thing).first()
        assert (entry.action.split(".")[-1], entry.note, entry.actor) == (
            "due",
            "日历更正（3月11日放假）",
            "系统",
        )
    assert "期限改为3月17日，请在3月12日前接单" in told(people.unit)[-1]
    assert follow_calendar() == 0


def test_a_day_that_the_office_granted_and_what_is_answered_stay(people, housing, issued):
    Order.objects.filter(pk=issued.pk).update(extensions=1)
    done = given(people, housing, days=5, due_on=issued.due_on, state="REPLIED")
    correct_day(date(2026, 3, 11), "HOLIDAY", "临时放假", by=people.admin)
    follow_calendar()
    assert set(Order.objects.values_list("due_on", flat=True)) == {issued.due_on}
    assert not AuditEntry.objects.of(done).exists()


def test_days_for_accepting_follow_even_where_the_due_day_stays(people, issued):
    correct_day(date(2026, 3, 11), "HOLIDAY", "临时放假", by=people.admin)
    correct_day(date(2026, 3, 14), "WORKDAY", "补班", by=people.admin)
    assert follow_calendar() == 1
    order = Order.objects.get(pk=issued.pk)
    assert (order.due_on, order.accept_by) == (date(2026, 3, 16), date(2026, 3, 12))
    assert AuditEntry.objects.of(order).first().note == "日历更正（3月11日放假）"


def test_when_a_year_is_announced_the_days_follow_too(people, housing):
    order = given(people, housing, issued_on=date(2026, 9, 28), days=5, due_on=date(2026, 10, 5))
    load_years([2026])
    assert follow_calendar() == 1
    order.refresh_from_db()
    assert order.due_on == date(2026, 10, 10)  # a Saturday that is worked
    assert "扣除国庆节 5 天" in order.due_because
    assert AuditEntry.objects.of(order).first().note == "放假安排公布"


def test_a_calendar_as_it_was_costs_few_statements(people, housing, issued, django_assert_max_num_queries):
    for _ in range(5):
        given(people, housing, days=5, due_on=issued.due_on)
        given(people, housing, months=3, due_on=date(2026, 6, 9))
    with django_assert_max_num_queries(7):
        assert follow_calendar() == 0
