"""Which papers of an order a post may print: the lines of the block `suggestions/papers.html`."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, QuerySet

from liaison.accounts.models import Post, Role
from suggestions.models.order import Order
from suggestions.workflow import OrderState

from .kinds import PAPERS, Kind, Paper
from .models import Document

RELATED = ("request__station", "request__category", "request__about", "request__follower__deputy",
           "request__visit__visitor", "department__area", "area")  # fmt: skip


@dataclass(frozen=True)
class Line:
    """A paper that a post may print or number. `number` is empty where it has none yet."""

    order: Order
    paper: Paper
    number: str
    numbers: bool  # may the post give it its number now?

    @property
    def label(self) -> str:
        return f"{self.paper.label}（{self.order.department}）"


def orders_in_sight(post: Post | None, paper: Paper | None = None) -> QuerySet[Order]:
    """Orders whose papers a post may read: those it sees; an opinion that was sent also the department in the lead.

    Papers are of requests; what deputies suggest has its own.
    """
    rows = Order.objects.visible_to(post).filter(request__isnull=False)
    if post and post.role == Role.UNIT and paper and paper.kind == Kind.OPINION:
        led = rows.filter(share=Order.Share.LEAD, request=OuterRef("request"), round=OuterRef("round"))
        issued = Document.objects.filter(kind=Kind.OPINION).values("order")
        sent = Order.objects.filter(
            Exists(led), share=Order.Share.HELPER, state=OrderState.OPINED, pk__in=issued
        )
        rows = Order.objects.filter(pk__in=rows.values("pk")) | sent
    return rows.filter(request__isnull=False).select_related(*RELATED)


def papers_of(orders: Iterable[Order], post: Post, documents: Iterable[Document] | None = None) -> list[Line]:
    """What `post` may print of orders that it sees; two queries for all of them. `documents` of them where they were read."""
    rows = list(orders)
    if documents is None:
        documents = Document.objects.filter(order__in=[o.pk for o in rows])
    issued = {(one.order_id, one.kind, one.turn): one.number for one in documents}
    lines = []
    for order in rows:
        for paper in PAPERS.values():
            if post.role not in paper.readers or paper.wanting(order):
                continue
            number = issued.get((order.pk, paper.kind, paper.turn(order)), "")
            numbers = not number and not paper.refusal(order, post)
            if number or numbers or not paper.numbered:
                lines.append(Line(order, paper, number, numbers))
    return lines


def papers_on_page(order: Order, post: Post) -> list[Line]:
    """What stands on the page of an order: its papers, and to a department in the lead the opinions sent to it."""
    lines = papers_of([order], post)
    if post.role == Role.UNIT and order.share == Order.Share.LEAD:
        seen = orders_in_sight(post, PAPERS["opinion"])
        sent = seen.filter(request=order.request_id, round=order.round, share=Order.Share.HELPER)
        opinions = papers_of(sent.order_by("pk"), post)
        lines += [line for line in opinions if line.paper.kind == Kind.OPINION]
    return lines


def document_of(order: Order, paper: Paper, post: Post) -> tuple[Document | None, str]:
    """The paper as issued, and why `post` may not have it (yet). Who may number it may look at it before."""
    if why := paper.wanting(order):
        return None, why
    found = Document.objects.of(order, paper)
    if found or not paper.numbered or not paper.refusal(order, post):
        return found, ""
    return None, f"这份{paper.label}还没有编号。"
