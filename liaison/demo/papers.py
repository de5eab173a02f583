"""The papers of the orders: numbered on the day of the deed, as `Document.objects.issue` does; some wait for their number."""

from datetime import date, time, timedelta

from liaison.accounts.models import Post
from suggestions.models import DepartmentStaff, Document, Order
from suggestions.papers.kinds import PAPERS, Paper
from suggestions.workflow import OrderState

from .accounts import Account
from .record import Numbers, Trail, keep, moment

SINCE = timedelta(days=120)  # the papers of older orders lie in a cupboard
WAITING = timedelta(days=3)  # the newest orders still wait for the number of their paper


def build(made: dict[str, Account], *, today: date, trail: Trail) -> None:
    """What was handed out and answered some days ago has its number."""
    acting: dict[int, Post] = {
        one.department_id: one.post for one in DepartmentStaff.objects.select_related("post__user")
    }
    due: list[tuple[date, Order, Paper, Post]] = []
    own = made["office"].post.area.path
    orders = Order.objects.filter(issued_on__gte=today - SINCE).select_related(
        "department__area", "request", "suggestion"
    )
    for order in orders.order_by("issued_on", "pk"):
        office = made["office" if order.area_path.startswith(own) else "office-city"].post
        if order.issued_on < today - WAITING:
            due.append((order.issued_on, order, _paper("order", order), office))
        if order.urged:
            due.append(
                (max(order.issued_on, today - timedelta(days=1)), order, _paper("urge", order), office)
            )
        if order.replied_on and order.department_id in acting:
            slug = "opinion" if order.state == OrderState.OPINED else "reply"
            paper, by = _paper(slug, order), acting[order.department_id]
            if not order.suggestion_id or not paper.refusal(order, by):  # a reply waits to be countersigned
                due.append((order.replied_on, order, paper, by))
    numbers, rows = Numbers(), []
    for on, order, paper, by in sorted(due, key=lambda one: (one[0], one[1].pk)):
        if on < today and not paper.wanting(order):
            area = order.department.area
            serial = numbers.next(f"paper:{area.code}:{paper.kind}:{on.year}")
            rows.append(
                Document(
                    area=area,
                    area_path=area.path,
                    kind=paper.kind,
                    order=order,
                    turn=paper.turn(order),
                    year=on.year,
                    serial=serial,
                    number=paper.number(area, on.year, serial),
                    issued_on=on,
                    by=by,
                    created_at=moment(on, time(17)),
                )
            )
    for document in keep(rows):
        trail.add(document, "enter", by=document.by, at=document.created_at)
    numbers.keep()


def _paper(slug: str, order: Order) -> Paper:
    return PAPERS[f"suggestion-{slug}" if order.suggestion_id else slug]
