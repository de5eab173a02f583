"""The files that hang on a case: its own, those of its answers, of the visit it came from, of who follows it."""

from django.contrib.contenttypes.models import ContentType
from django.db.models import Q, QuerySet

from liaison.accounts.models import Post
from liaison.core.models import Attachment
from visits.models import Visit

from .models import FollowUp, Order, Request, Suggestion


def files_of_order(order: Order, post: Post) -> QuerySet[Attachment]:
    """The files of its answer that `post` may have."""
    return _of((Order.objects.files_visible_to(post).filter(pk=order.pk),))


def files_of_request(found: Request, post: Post) -> QuerySet[Attachment]:
    """All that `post` may have of what was handed in for this request: each kind by its own rule."""
    return _of(
        (
            Request.objects.files_visible_to(post).filter(pk=found.pk),
            Order.objects.files_visible_to(post).filter(request=found.pk),
            FollowUp.objects.files_visible_to(post).filter(request=found.pk),
            Visit.objects.files_visible_to(post).filter(requests=found.pk),
        )
    )


def files_of_suggestion(found: Suggestion, post: Post) -> QuerySet[Attachment]:
    """The files of the departments' answers, for deputies when they have the reply."""
    return _of(
        (
            Suggestion.objects.visible_to(post).filter(pk=found.pk),
            Order.objects.files_visible_to(post).filter(suggestion=found.pk),
        )
    )


def _of(owners: tuple[QuerySet, ...]) -> QuerySet[Attachment]:
    of_them = Q()
    for rows in owners:
        kind = ContentType.objects.get_for_model(rows.model)
        of_them |= Q(owner_type=kind, owner_id__in=list(rows.values_list("pk", flat=True)))
    rows = Attachment.objects.filter(of_them, withdrawn_at=None)
    return rows.select_related("owner_type").order_by("created_at", "pk")
