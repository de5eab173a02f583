"""A paper leaves the house: who may have it is asked here, for pages and REST alike, and what names a person goes on record."""

from django.core.exceptions import PermissionDenied

from liaison.accounts.models import Post
from liaison.core.models import AuditEntry
from liaison.core.workflow import NotAllowed
from suggestions.models.order import Order
from visits.privacy import shown_person

from .contents import contents
from .kinds import Paper
from .listing import document_of
from .models import Document
from .printing import printed


def hand_out(order: Order, paper: Paper, form: str, *, by: Post) -> bytes:
    """The paper of an order out of `orders_in_sight(by, paper)`. Raises PermissionDenied, or NotAllowed with the reason."""
    if by.role not in paper.readers:
        raise PermissionDenied
    document, why = document_of(order, paper, by)
    if why:
        raise NotAllowed(why)
    made = printed(paper, contents(paper, order, document, by), order.department.area, form)
    if order.request and not paper.to_department and shown_person(order.request, by).whole:
        # A name leaves the house in full: who took it, and when.
        data = {"paper": paper.slug, "form": form, "order": order.number}
        AuditEntry.objects.record(order.request, "print_paper", by=by, data=data)
    return made


def give_number(order: Order, paper: Paper, *, by: Post) -> Document:
    """The number of a paper, given now or before. Raises PermissionDenied, or NotAllowed with the reason."""
    if by.role not in paper.issuers:
        raise PermissionDenied
    return Document.objects.issue(order, paper, by=by)
