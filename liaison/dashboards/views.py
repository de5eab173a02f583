"""The first page after sign-in: what is to be done now, by acting role. One function and one template for each."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any, cast
from urllib.parse import urlencode

from django.db.models import Count, Q, QuerySet, Sum
from django.http import QueryDict
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from deputies.models import Deputy
from liaison.accounts.models import Post, Role
from liaison.bulletin.models import NewsItem
from liaison.core.models import CalendarYear, InboxItem, OutboxMessage
from liaison.core.policy import policy_for
from liaison.core.workdays import month_start
from liaison.reports.metrics import figures
from liaison.reports.periods import said
from liaison.reports.taskboard.board import View, lacking
from stations.models import Station
from suggestions.models import Draft, Project, Request, Suggestion, Theme
from suggestions.orders.queue import counts, tabs, urgent
from suggestions.progress import mark_to_tell
from visits.models import Activity, Appointment, Attendance, Visit
from visits.privacy import shown_words

LINES = 8  # of a list on a home page; the rest is one click away
MONTH = (
    "activity.receptions_planned", "activity.receptions", "activity.visitors", "requests.received",
)  # fmt: skip
QUEUE = 20  # of a department's home, which is its queue


def home(request):
    if request.post is None:
        return TemplateResponse(request, "dashboards/no_post.html", status=403)
    today = timezone.localdate()
    role = request.post.role
    context = HOMES[role](request.post, today) | {
        "today": today,
        "drafts": Draft.objects.visible_to(request.post).asking(today).order_by("closes_on", "pk")[:LINES],
        "news": InboxItem.objects.of(request.user).unread().order_by("-at", "-pk")[:LINES],
    }
    return TemplateResponse(request, f"dashboards/{role.lower()}.html", context)


def _activities(post: Post):
    return Activity.objects.visible_to(post).select_related("station")


def _month(post: Post, today: date) -> dict[str, object]:
    """What this month has come to so far, for the figures at the top; each with its records, and the board of it all."""
    first = month_start(today)
    query = urlencode(said(first, today, post.area))
    found = figures(post.area, first, today, post, codes=MONTH)
    return {
        "figures": [
            (figure, f"{reverse('reports:records', args=[figure.code])}?{query}") for figure in found
        ],
        "board": f"{reverse('boards:board')}?{query}",
    }


def _appointments(post: Post, today: date) -> dict[str, object]:
    """What people wait for: an answer, a call, a word on what came of it."""
    mine = Appointment.objects.visible_to(post).select_related("station", "activity", "mandate__deputy")
    waiting = list(mine.to_answer()[: LINES + 1])
    return {
        "to_answer": waiting[:LINES],
        "answers": len(waiting) if len(waiting) <= LINES else mine.to_answer().count(),
        "meetings": mine.on_days(today, today + timedelta(days=7))[:LINES],
        "calls": mine.to_phone(today).count() if post.role == Role.STATION else 0,
        "unrecorded": mine.unrecorded(today).count() if post.role == Role.STATION else 0,
    }


def _after(post: Post, today: date) -> dict[str, object]:
    """Answered requests: who is to be told, who has not rated yet, what was promised for a day that has come."""
    mine = Request.objects.visible_to(post)
    rows = list(mine.to_tell().order_by("replied_on", "pk")[: LINES + 1])
    mark_to_tell(rows, post, today)
    for found in rows:
        found.heading = shown_words(found, found.title, post)  # type: ignore[attr-defined]
    return {
        "to_tell": rows[:LINES],
        "tells": len(rows) if len(rows) <= LINES else mine.to_tell().count(),
        "unrated": mine.unrated().count(),
        "callbacks": post.role == Role.STATION,
        "promised": mine.promised(today).count() if post.role == Role.OFFICE else 0,
    }


def _station(post: Post, today: date) -> dict[str, object]:
    mine = _activities(post)
    ahead = mine.ahead().filter(day__gt=today).with_counts(post).order_by("day", "starts_at", "pk")
    return {
        "now": mine.standing().filter(day=today).with_counts(post).order_by("starts_at", "pk"),
        "next": ahead[:LINES],
        "unclosed": mine.to_be_closed(today).order_by("day", "pk")[:LINES],
        "unannounced": mine.notice_due(today)
        .filter(Q(announce_by__lte=today + timedelta(days=2)) | Q(state=Activity.State.CANCELLED))
        .order_by("day", "pk")[:LINES],
        "leaves": Attendance.objects.visible_to(post)
        .leave_asked()
        .filter(activity__day__gte=today)
        .select_related("mandate__deputy", "activity__station")
        .order_by("activity__day", "pk")[:LINES],
        "contests": Attendance.objects.visible_to(post).contested().count(),
        "news_items": _waiting_news(post),
        "month": _month(post, today),
        "appointments": _appointments(post, today),
        "after": _after(post, today),
        "tasks": lacking(View(post.area, today.year, post, today)),
    }


def _office(post: Post, today: date) -> dict[str, object]:
    mine = _activities(post)
    week = today + timedelta(days=7)
    return {
        "month": _month(post, today),
        "contests": Attendance.objects.visible_to(post).contested().count(),
        "waiting": Request.objects.visible_to(post).awaiting_dispatch().count(),
        "waiting_orders": _waiting_orders(post, today),
        "suggestions": _waiting_suggestions(post, today),
        "projects": _waiting_projects(post, today),
        "news_items": _waiting_news(post),
        "growing": Theme.objects.visible_to(post).growing(post, today, policy_for(post.area, today))[:LINES],
        "after": _after(post, today),
        "unclosed": mine.to_be_closed(today).order_by("day", "pk")[:LINES],
        "unannounced": mine.receptions()
        .unannounced()
        .filter(day__gte=today, announce_by__lt=today)
        .order_by("day", "pk")[:LINES],
        "next": mine.ahead()
        .filter(day__range=(today, week))
        .with_counts(post)
        .order_by("day", "starts_at", "pk")[:LINES],
    }


def _deputy(post: Post, today: date) -> dict[str, object]:
    mine = Attendance.objects.visible_to(post).select_related("activity__station", "mandate__deputy")
    ahead = mine.filter(activity__in=Activity.objects.ahead().filter(day__gte=today)).order_by(
        "activity__day", "pk"
    )
    waiting = Suggestion.objects.visible_to(post).waiting_for(post, today).select_related("lead__deputy")
    suggestions = list(waiting.order_by("pk")[: LINES + 1])
    wanted = len(suggestions) if len(suggestions) <= LINES else waiting.count()
    for found in suggestions:
        found.wants = found.wanted_of(post)  # type: ignore[attr-defined]
    asked = [attendance for attendance in ahead if attendance.state == Attendance.State.ROSTERED]
    appointments = _appointments(post, today)
    return {
        "asked": asked,
        "todo": len(asked) + cast(int, appointments["answers"]) + wanted,
        "settled": [attendance for attendance in ahead if attendance.state != Attendance.State.ROSTERED][
            :LINES
        ],
        "appointments": appointments,
        "suggestions": suggestions[:LINES],
        "follows": Request.objects.visible_to(post)
        .to_follow(post)
        .select_related("department")
        .order_by("due_on", "pk")[:LINES],
        "attended": mine.present().count(),
        "received": Visit.objects.visible_to(post).counted().aggregate(n=Sum("headcount"))["n"] or 0,
        "requests": Request.objects.visible_to(post).order_by("-received_on", "-pk")[:LINES],
    }


def _unit(post: Post, today: date) -> dict[str, object]:
    found = counts(post, today)
    orders = urgent(post, today, QUEUE)
    queue = {"tabs": tabs(QueryDict(), post, found), "orders": orders, "more": found["open"] > len(orders)}
    return {
        "queue": queue,
        "suggestions": _waiting_suggestions(post, today),
        "projects": _waiting_projects(post, today),
    }


def _waiting_orders(post: Post, today: date) -> list[dict[str, object]]:
    """What waits in the orders of an area: each with the list behind it."""
    found = counts(post, today)
    told = (
        ("overdue", "超期没有答复", True),
        ("unaccepted", "没有按期接单", True),
        ("asking", "申请退回或延期，等您决定", False),
        ("soon", "快到期", False),
    )
    return [
        {
            "label": label,
            "count": found[name],
            "url": f"{reverse('orders:list')}?queue={name}",
            "late": late,
        }
        for name, label, late in told
        if found[name]
    ]


def _waiting_suggestions(post: Post, today: date) -> list[dict[str, object]]:
    """What waits for the office, or for a department, in suggestions of deputies."""
    seen, state = Suggestion.objects.visible_to(post), Suggestion.State
    deliver = (seen.to_deliver(post), "待送达代表", "only=deliver", False)
    promised = (seen.promised(today), "承诺到期", "only=promised", False)
    url = reverse("suggestions:suggestions")
    if post.role == Role.UNIT:  # its orders stand in the queue already
        return _counted((deliver, promised), url)
    told = (
        (seen.overdue(today), "超期未答复", "only=overdue", True),
        (seen.filter(state=state.SUBMITTED), "待审查", f"state={state.SUBMITTED}", False),
        (seen.filter(state=state.ACCEPTED), "待交办", f"state={state.ACCEPTED}", False),
        (seen.disputed(), "代表有异议", "only=disputed", False),
        (seen.filter(state=state.COUNTERSIGN), "待核签", f"state={state.COUNTERSIGN}", False),
        deliver,
        (seen.found_wanting(), "代表不满意", "only=wanting", False),
        promised,
    )
    return _counted(told, url)


def _waiting_projects(post: Post, today: date) -> list[dict[str, object]]:
    """What waits in livelihood projects: for the office; for a department to begin, and what it is late with."""
    seen, state = Project.objects.visible_to(post), Project.State
    late = (seen.overdue(today), "到期没有完工", "late=open", True)
    if post.role == Role.UNIT:
        return _counted(
            (late, (seen.filter(state=state.CHOSEN), "待开工", f"state={state.CHOSEN}", False)),
            reverse("projects:list"),
        )
    told = (
        late,
        (seen.with_trio(False), "没有落实三个一", "trio=false", False),
        (seen.filter(state=state.DONE), "完工待检查", f"state={state.DONE}", False),
    )
    return _counted(told, reverse("projects:list"))


def _waiting_news(post: Post) -> list[dict[str, object]]:
    """News items that wait: for the office to review, for the station to mend."""
    seen, state = NewsItem.objects.visible_to(post), NewsItem.State
    told = {
        Role.OFFICE: (seen.to_review(), "待审核", f"state={state.SUBMITTED}", False),
        Role.STATION: (seen.returned(), "退回修改", f"state={state.RETURNED}", True),
    }
    return _counted([told[Role(post.role)]], reverse("news:list"))


def _counted(told: Iterable[tuple[QuerySet[Any], str, str, bool]], url: str) -> list[dict[str, object]]:
    """Each with the list behind it; empty ones are left out."""
    return [
        {"label": label, "count": count, "url": f"{url}?{query}", "late": late}
        for rows, label, query, late in told
        if (count := rows.count())
    ]


def _auditor(post: Post, today: date) -> dict[str, object]:
    return {"month": _month(post, today), "unclosed": _activities(post).to_be_closed(today).count()}


def _admin(post: Post, today: date) -> dict[str, object]:
    return {
        "kept": Post.objects.visible_to(post)
        .current(today)
        .values("role")
        .annotate(n=Count("pk"))
        .order_by("role"),
        "stations": Station.objects.visible_to(post).open(today).count(),
        "deputies": Deputy.objects.visible_to(post).serving(today).count(),
        "announced": CalendarYear.objects.filter(
            year=today.year + (today.month > 10), announced=True
        ).exists(),
        "year": today.year + (today.month > 10),
        "undelivered": OutboxMessage.objects.visible_to(post).dead().count(),
        "roles": dict(Role.choices),
    }


HOMES = {
    Role.STATION: _station,
    Role.OFFICE: _office,
    Role.DEPUTY: _deputy,
    Role.UNIT: _unit,
    Role.AUDITOR: _auditor,
    Role.ADMIN: _admin,
}
