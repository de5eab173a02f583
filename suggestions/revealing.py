"""The person of a request, shown in full for once: with a reason, and on record.

Offices and departments read masked names. Where one of them must speak to the person, it asks here. Where confidence
was asked for, the station alone has the number, as it told the person; a complaint about a department is never opened
to any department.
"""

from typing import Any

from django.db import transaction
from django.utils import timezone

from liaison.accounts.models import Post, Role
from liaison.core.models import AuditEntry
from liaison.core.workflow import NotAllowed
from visits.privacy import complains

from .models import Department, Order, Request
from .workflow import OrderState

ASKERS = (Role.OFFICE, Role.UNIT)
HANDLED = (OrderState.ACCEPTED, OrderState.REPLIED, OrderState.OPINED)
LEAST = 4  # characters of a reason that says something


def why_not(found: Request, post: Post) -> str:
    """Why `post`, who sees the request, may not be shown the person; empty where it may."""
    person = found.person()
    if post.role not in ASKERS:
        return "您的岗位不能看联系方式。"
    if person is None or person.anonymized_at is not None:
        return "没有留下姓名和电话。"
    if found.confidential:
        return "来访人要求保密，姓名和电话只有接待的联络站知道。要联系，请找联络站。"
    if post.role == Role.UNIT:
        if complains(found):
            return "这件诉求反映的是单位或人的问题，反映人是谁不给承办单位看。要核实，请找派单的人大。"
        own = Department.objects.of(post, timezone.localdate()).values("pk")
        if not Order.objects.filter(request=found, department__in=own, state__in=HANDLED).exists():
            return "接单以后才能看联系方式。"
    return ""


def reveal(found: Request, *, by: Post, reason: str) -> Any:
    """The person in full. Writes down that it was shown to whom and why; raises NotAllowed."""
    with transaction.atomic():
        # As it is now: confidence may have been asked for since the page was opened.
        now = Request.objects.visible_to(by).select_for_update(of=("self",), no_key=True)
        found = now.select_related("visit__visitor").get(pk=found.pk)
        if refusal := why_not(found, by):
            raise NotAllowed(refusal)
        AuditEntry.objects.record(found, "reveal", by=by, note=reason)
        return found.person()
