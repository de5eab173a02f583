"""Intake (选民接单): what is heard becomes a visit and, where it shall be dispatched, a request, in one transaction.

Every way in comes through here: the reception log, REST, later the import and the public site.
"""

from typing import Any

from django.db import transaction

from liaison.accounts.models import Post
from liaison.core.workflow import NotAllowed
from visits.models import Appointment, Visit, Visitor
from visits.privacy import shown_person, shown_subject

from .models import Request


def take_in(
    visit: Visit,
    *,
    by: Post,
    name: str = "",
    phone: str = "",
    address: str = "",
    appointment: str = "",
) -> Visit:
    """Log a new visit with its person, and register the request that it raises; the appointment of this number has then been held."""
    with transaction.atomic():
        visit.log(by=by, name=name, phone=phone, address=address)
        if visit.outcome == Visit.Outcome.DISPATCH:
            _register(visit, by)
        if appointment:
            found = booked(by, appointment)
            if found is None:
                raise NotAllowed("这个约见刚被改动过，没有登记。请看看约见的最新情况，再登记。")
            found.hold(by=by, visit=visit)
    return visit


def booked(post: Post, number: str) -> Appointment | None:
    """The appointment of this number that `post` may turn into a visit now; None where there is none."""
    if not number:
        return None
    rows = Appointment.objects.visible_to(post).confirmed().filter(number=number)
    return rows.select_related("station", "mandate", "applicant").first()


def filled_in(appointment: Appointment, post: Post) -> dict[str, Any]:
    """What the form of a visit can take from the appointment."""
    person = shown_person(appointment, post)
    return {
        "appointment": appointment.number,
        "name": person.name,
        "phone": person.phone,
        "text": shown_subject(appointment.subject, post),
        "category": appointment.category_id,
        "received_by": appointment.mandate_id,
        "station": appointment.station_id,
        "channel": Visit.Channel.VISIT,
    }


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
