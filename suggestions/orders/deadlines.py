"""Due days: reminders worked out from the records, and open orders that follow a corrected calendar."""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from functools import cache

from django.db.models import Exists, F, Max, Min, OuterRef, Q, QuerySet

from liaison.accounts.models import Area, User
from liaison.core.models import CalendarDay, OutboxMessage
from liaison.core.policy import Policy, policy_for, rule_by_place
from liaison.core.workdays import Workdays
from suggestions.models import DepartmentStaff, Order
from suggestions.models.order import offices_near
from suggestions.workflow import OrderState
from visits.privacy import bears

CHUNK = 500
WEEK = 7
NEAR = 60  # days; the days for accepting end before


def remind(on: date) -> int:
    """Notices for the day `on`: departments of what falls due, is overdue or not accepted; offices of the last two.

    "Due and not sent": what is due is computed from the orders, what was sent stands in the outbox under its key. Run
    again on the same day, none is sent twice; after days of silence, none is left out. Returns how many were sent.
    """
    return _remind_departments(on) + _remind_offices(on)


def _remind_departments(on: date) -> int:
    """Of each order: once before its day, then in each week after it; once when it was to be accepted."""
    soon = rule_by_place("soon_days", None, on, day=lambda days: on + timedelta(days=days))
    staff: dict[int, list[User]] = {}
    for row in DepartmentStaff.objects.current(on).select_related("post__user").order_by("pk"):
        staff.setdefault(row.department_id, []).append(row.post.user)
    rows = (
        Order.objects.open()
        .annotate(soon=soon, about_name=F("request__about_name"))
        .filter(Q(due_on__lte=F("soon")) | Q(accept_by__lt=on))
    )
    due: list[OutboxMessage] = []
    for order in rows.select_related("area").order_by("pk").iterator(chunk_size=CHUNK):
        for what, text in _said(order, on, order.soon):
            due += [
                OutboxMessage(
                    key=f"order:{order.number}:{what}:{user.pk}",
                    to=user,
                    kind=OutboxMessage.Kind.TODO,
                    text=f"{order.number}（{order.area.name}）：{text}",
                    url=order.get_absolute_url(),
                )
                for user in staff.get(order.department_id, ())
                if not bears(user, order.about_name)
            ]
    return OutboxMessage.objects.put_all(due)


def _said(order: Order, on: date, soon: date) -> Iterable[tuple[str, str]]:
    """What and in which words; it is due soon until the day `soon`."""
    due = f"{order.due_on:%-m月%-d日}"
    late = (on - order.due_on).days
    if late > 0:
        yield (
            f"overdue:{order.due_on}:{(late - 1) // WEEK}",
            f"期限{due}已过，超期 {late} 天，请尽快答复。",
        )
    elif order.due_on <= soon:
        left = "今天到期" if late == 0 else f"还剩 {-late} 天"
        yield f"soon:{order.due_on}", f"期限{due}，{left}，请按期答复。办不完的，到期前申请延期。"
    if order.state == OrderState.ISSUED and order.accept_by < on:
        yield f"unaccepted:{order.accept_by}", f"应在{order.accept_by:%-m月%-d日}前接单，请马上接单。"


def _remind_offices(on: date) -> int:
    """One notice a day to each of an office, of all that its departments are late with."""
    late: dict[str, dict[str, list[str | None]]] = {}  # whom each is a complaint about, by place and kind
    for name, rows in (("overdue", Order.objects.overdue(on)), ("unaccepted", Order.objects.unaccepted(on))):
        for path, about in rows.order_by().values_list("department__area_path", "request__about_name"):
            late.setdefault(path, {}).setdefault(name, []).append(about)
    offices: dict[User, dict[str, int]] = {}
    for path, found in late.items():
        for post in offices_near(path, on):
            told = offices.setdefault(post.user, {})
            for name, abouts in found.items():
                if number := sum(not bears(post.user, about) for about in abouts):
                    told[name] = told.get(name, 0) + number
    due = []
    for user, told in offices.items():
        if not told:
            continue
        parts = [f"{number} 张{WORDS[name]}" for name, number in sorted(told.items())]
        queue = "overdue" if "overdue" in told else "unaccepted"
        due.append(
            OutboxMessage(
                key=f"orders-late:{on.isoformat()}:{user.pk}",
                to=user,
                kind=OutboxMessage.Kind.TODO,
                text=f"派单里有 {'，'.join(parts)}，请催办。",
                url=f"/orders/?queue={queue}",
            )
        )
    return OutboxMessage.objects.put_all(due)


WORDS = {"overdue": "超期没有答复", "unaccepted": "没有按期接单"}


def follow_calendar() -> int:
    """Open orders whose days the calendar of now counts otherwise get new ones, and their requests; the record says why.

    A day that the office granted stands: it was agreed on as a day. That nothing has changed is found in few statements:
    one for each number of days or months, and one for the rules of each place and day on which orders were issued.
    Returns how many orders moved.
    """
    rows = Order.objects.open().filter(extensions=0)
    days = rows.aggregate(first=Min("issued_on"), last=Max("due_on"))
    if days["first"] is None:
        return 0
    calendar = Workdays(days["first"], days["last"])
    rules: Rules = cache(policy_for)
    moved = _follow_due_days(rows.filter(months=0), calendar, rules)
    moved += _follow_months(rows.filter(months__gt=0), calendar, rules)
    return moved + _follow_days_for_accepting(calendar, rules)


Rules = Callable[[Area, date], Policy]  # policy_for, asked once for each place and day


def _follow_due_days(rows: QuerySet[Order], calendar: Workdays, rules: Rules) -> int:
    moved = 0
    for issued_on, days, due_on in rows.order_by().values_list("issued_on", "days", "due_on").distinct():
        due = calendar.add(issued_on, days)
        if due.day == due_on:
            continue
        note = _corrected(issued_on, max(due.day, due_on))
        for order in rows.filter(issued_on=issued_on, days=days, due_on=due_on).order_by("pk"):
            moved += order.follow_calendar(due, _accept_by(order, calendar, rules), note)
    return moved


def _follow_months(rows: QuerySet[Order], calendar: Workdays, rules: Rules) -> int:
    """Of orders counted in months only the last day is looked at, and where it may lie is a rule of the place."""
    moved = 0
    for order in rows.select_related("area").order_by("pk"):
        roll = bool(rules(order.area, order.issued_on).months_roll)
        due = calendar.add_months(order.issued_on, order.months, roll=roll)
        if due.day != order.due_on:
            note = _corrected(order.issued_on, max(due.day, order.due_on))
            moved += order.follow_calendar(due, _accept_by(order, calendar, rules), note)
    return moved


def _follow_days_for_accepting(calendar: Workdays, rules: Rules) -> int:
    """Of orders whose due day stays: those with a corrected day before they were to be accepted."""
    corrected = CalendarDay.objects.filter(by_hand=True, day__gt=OuterRef("issued_on"))
    near = corrected.filter(day__lte=OuterRef("issued_on") + timedelta(days=NEAR))
    rows = Order.objects.filter(Exists(near), state=OrderState.ISSUED).select_related("area")
    moved = 0
    for order in rows.order_by("pk"):
        day = _accept_by(order, calendar, rules)
        if day != order.accept_by:
            note = _corrected(order.issued_on, max(day, order.accept_by))
            moved += order.amend(by=None, deed="due", note=note, accept_by=day)
    return moved


def _accept_by(order: Order, calendar: Workdays, rules: Rules) -> date:
    policy = rules(order.area, order.issued_on)
    days = policy.suggestion_return_days if order.suggestion_id else policy.accept_days
    return calendar.add(order.issued_on, days).day


def _corrected(first: date, last: date) -> str:
    """Which days were corrected by hand, or else that a year's days off were announced."""
    rows = CalendarDay.objects.filter(day__range=(first, last), by_hand=True).order_by("day")
    days = [f"{row.day:%-m月%-d日}{row.get_kind_display()}" for row in rows]
    return f"日历更正（{'，'.join(days)}）" if days else "放假安排公布"
