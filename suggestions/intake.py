"""Intake (选民接单): what is heard becomes a visit and, where it shall be dispatched, a request, in one transaction.

Every way in comes through here: the reception log, REST, later the import and the public site.
"""

from typing import Any

from django.db import transaction

from liaison.accounts.models import Post
from liaison.core.workflow import NotAllowed
from visits.models import Sheet, Visit, Visitor

from .models import Request


def take_in(
    visit: Visit,
    *,
    by: Post,
    note: str = "",
    data: dict[str, Any] | None = None,
    sheet: str = "",
    **person: Any,
) -> Visit:
    """Log a new visit with its person (`name`, `phone`, `address`), and register the request that it raises.

    `sheet` is the number of the paper that it was first written on; raises ValidationError where that cannot be.

    Of a visit whose key was taken in before, the one that was logged then is given back: a phone may send weeks later
    what had arrived long ago.
    """
    with transaction.atomic():
        if visit.key and (known := Visit.objects.visible_to(by).filter(key=visit.key).first()):
            return known
        visit.log(by=by, note=note, data=data, **person)
        if sheet:
            Sheet.objects.fill(sheet, visit, by=by)
        if visit.outcome == Visit.Outcome.DISPATCH:
            _register(visit, by)
    return visit


def amend(visit: Visit, *, by: Post, version: int | None, person: dict[str, str], **fields: Any) -> bool:
    """Correct a logged visit. A request that was already registered stays: correcting the visit cannot unsay it."""
    with transaction.atomic():
        raised = visit.requests.exists()
        if raised and fields.get("outcome", visit.outcome) != Visit.Outcome.DISPATCH:
            raise NotAllowed("这次来访已提交派单，生成了诉求单，处理方式不能再改。")
        changed = visit.amend(by=by, version=version, **fields)
        if visit.anonymous:
            person = {}
        kept = visit.person()
        if person and kept is None:
            Visitor.objects.create(visit=visit, **person)
            changed = True
        elif person and any(getattr(kept, key) != value for key, value in person.items()):
            Visitor.objects.filter(pk=kept.pk).update(**person)  # type: ignore[union-attr]
            visit.mark("amend_person", by=by)
            changed = True
        if visit.outcome == Visit.Outcome.DISPATCH and not raised:
            _register(visit, by)
    return changed


def _register(visit: Visit, by: Post) -> None:
    title = visit.text.split("\n")[0].split("。")[0]
    Request(
        visit=visit,
        station=visit.station,
        channel=visit.channel,
        category=visit.category,
        title=title[: Request.TITLE_LENGTH],
        text=visit.text,
        received_on=visit.day,
        confidential=visit.confidential,
    ).enter(by=by)
