"""Intake (选民接单): what is heard becomes a visit and, where it shall be dispatched, a request, in one transaction.

Every way in comes through here: the reception log, REST, the import, later the public site.
"""

from collections import Counter
from collections.abc import Sequence as Rows
from typing import Any

from django.db import transaction

from liaison.accounts.models import Post
from liaison.core.bulk import BATCH, enter_all
from liaison.core.models import Sequence
from liaison.core.workflow import NotAllowed
from visits.models import Appointment, Sheet, Visit, Visitor
from visits.privacy import shown_person, shown_subject

from .models import Request


def take_in(
    visit: Visit,
    *,
    by: Post,
    note: str = "",
    data: dict[str, Any] | None = None,
    sheet: str = "",
    appointment: str = "",
    **person: Any,
) -> Visit:
    """Log a new visit with its person (`name`, `phone`, `address`), and register the request that it raises.

    `sheet` is the number of the paper that it was first written on; raises ValidationError where that cannot be. The
    appointment of the number `appointment` has then been held.

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
    return rows.select_related("station", "mandate", "applicant", "activity").first()


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


def take_in_all(visits: Rows[tuple[Visit, dict[str, str]]], *, by: Post | None, note: str = "") -> int:
    """Log many visits with their persons, as `take_in` does one. Returns how many requests they raised.

    The visits have been checked and have their station and day. Call it inside the transaction of the deed.
    """
    log_all(visits, by=by, note=note)
    raised = [_raised_by(visit) for visit, _ in visits if visit.outcome == Visit.Outcome.DISPATCH]
    for request in raised:
        request.area, request.area_path = request.station.area, request.station.area.path
    _number(raised)
    enter_all(raised, by=by, note=note)
    return len(raised)


def log_all(visits: Rows[tuple[Visit, dict[str, str]]], *, by: Post | None, note: str = "") -> None:
    """Log many visits with their persons, whatever they raise. Call it inside the transaction of the deed."""
    for visit, _ in visits:
        visit.area, visit.area_path = visit.station.area, visit.station.area.path
    _number([visit for visit, _ in visits])
    enter_all([visit for visit, _ in visits], by=by, note=note)
    people = [Visitor(visit=visit, **person) for visit, person in visits if not visit.anonymous]
    Visitor.objects.bulk_create(people, batch_size=BATCH)


def _number(things: Rows[Any]) -> None:
    last: dict[str, int] = Sequence.objects.take(Counter(thing.series for thing in things))
    for thing in things:
        series = thing.series
        last[series] += 1
        thing.give_number(last[series])


def amend(visit: Visit, *, by: Post, version: int | None, person: dict[str, str], **fields: Any) -> bool:
    """Correct a logged visit. A request that was already registered stays: correcting the visit cannot unsay it.

    Only the wish for confidence goes over to it, and whom it complains about where that was corrected.
    """
    with transaction.atomic():
        raised = visit.requests.exists()
        if raised and fields.get("outcome", visit.outcome) != Visit.Outcome.DISPATCH:
            raise NotAllowed("这次来访已提交派单，生成了诉求单，处理方式不能再改。")
        before = visit.about_name
        changed = visit.amend(by=by, version=version, **fields)
        # Else it stays as it was said of the request later, which the visit does not know.
        corrected = visit.requests.exclude(about_name=visit.about_name)
        for request in corrected if visit.about_name != before else ():
            request.say_about(by=by, about=request.about, about_name=visit.about_name)
        for request in visit.requests.exclude(confidential=visit.confidential):
            request.amend(by=by, confidential=visit.confidential)  # who asks for confidence later gets it too
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
    _raised_by(visit).enter(by=by)


def _raised_by(visit: Visit) -> Request:
    """The request that a visit raises, not saved yet."""
    title = visit.text.split("\n")[0].split("。")[0]
    return Request(
        visit=visit,
        station=visit.station,
        channel=visit.channel,
        category=visit.category,
        title=title[: Request.TITLE_LENGTH],
        text=visit.text,
        received_on=visit.day,
        confidential=visit.confidential,
        about_name=visit.about_name,
    )
