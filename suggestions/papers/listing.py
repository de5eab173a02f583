"""Which papers of an order a post may print: the lines of the block `suggestions/papers.html`, and of REST."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from liaison.accounts.models import Post, Role
from suggestions.models.case import Case
from suggestions.models.order import Order

from .kinds import BY_KIND, PAPERS, Kind, Paper
from .models import Document

RELATED = ("request__station", "request__category", "request__about", "request__follower__deputy",
           "request__visit__visitor", "suggestion__area", "suggestion__lead__deputy", "suggestion__category",
           "suggestion__term__congress", "suggestion__session", "department__area", "area")  # fmt: skip
OPINIONS = [kind for kind in Kind if BY_KIND[kind].form == Kind.OPINION]


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
    """Orders whose papers, or this one, a post may read: those it sees; an opinion that was sent also the lead's."""
    rows = Order.objects.visible_to(post)
    if paper:
        rows = rows.filter(suggestion__isnull=not paper.of_suggestions)
    if post and post.role == Role.UNIT and paper and paper.form == Kind.OPINION:
        issued = Document.objects.filter(kind__in=OPINIONS).values("order")
        sent = Order.objects.opinions_for(post).filter(
            pk__in=issued, suggestion__isnull=not paper.of_suggestions
        )
        rows = Order.objects.filter(Q(pk__in=rows.values("pk")) | Q(pk__in=sent.values("pk")))
    return rows.select_related(*RELATED)


def papers_of(orders: Iterable[Order], post: Post, documents: Iterable[Document] | None = None) -> list[Line]:
    """What `post` may print of orders that it sees; two queries for all of them. `documents` of them where they were read."""
    rows = list(orders)
    if documents is None:
        documents = Document.objects.filter(order__in=[o.pk for o in rows])
    issued = {(one.order_id, one.kind, one.turn): one.number for one in documents}
    lines = []
    for order in rows:
        for paper in PAPERS.values():
            if post.role not in paper.readers or paper.wanting(order) or not _is_shown(paper, order, post):
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
        slug = "suggestion-opinion" if order.suggestion_id else "opinion"
        sent = orders_in_sight(post, PAPERS[slug]).filter(
            round=order.round, share=Order.Share.HELPER, pk__in=order.case.orders.values("pk")
        )
        opinions = papers_of(sent.order_by("pk"), post)
        lines += [line for line in opinions if line.paper.form == Kind.OPINION]
    return lines


def papers_of_case(case: Case, post: Post) -> list[Line]:
    """What stands on the page of a request or suggestion that `post` sees: the papers of its orders, last round first."""
    rows = orders_in_sight(post).filter(pk__in=case.orders.values("pk"))
    return papers_of(rows.order_by("-round", "pk"), post)


def document_of(order: Order, paper: Paper, post: Post) -> tuple[Document | None, str]:
    """The paper as issued, and why `post` may not have it (yet). Who may number it may look at it before."""
    if why := paper.wanting(order):
        return None, why
    if not _is_shown(paper, order, post):
        return None, "答复还没有送达代表，送达以后才能看。"
    found = Document.objects.of(order, paper)
    if found or not paper.numbered or not paper.refusal(order, post):
        return found, ""
    return None, f"这份{paper.label}还没有编号。"


def _is_shown(paper: Paper, order: Order, post: Post) -> bool:
    return not paper.has_answer or order.case.shows_answer(order, post)
