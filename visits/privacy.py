"""What of a visitor each post reads. Pages, papers and REST show a person through here and no other way.

The staff of the station that received the person read everything; whoever else may see the visit reads a masked name
and phone. Where the person asked for confidence, others read no name at all, and only those who must act on it (the
office, and the deputy who received) read what was said. Of a complaint about a department or about somebody no department
reads the name; and whoever it is about sees nothing of it at all, in whatever post (`about`, which every `visible_to` asks).

Who must speak to the person all the same asks for it with a reason, on record: suggestions/revealing.py.
"""

from dataclasses import dataclass
from typing import Any, Protocol

from django.db.models import Q

from deputies.models import Deputy
from liaison.accounts.models import Post, Role, User
from liaison.core.apart import Apart
from liaison.core.masking import mask_name, mask_phone

CONFIDENTIAL = "（要求保密）"
ANONYMOUS = "（不愿留名）"
COMPLAINS = "（不给承办单位看）"
OPENED_TO = (Role.STATION, Role.OFFICE)  # who may have the person of a case shown in full, with a reason
WITHHELD = "（只给安排约见的人看）"


def about(post: Post, path: str = "") -> Q:
    """Visits and requests that complain about the person who acts in `post`; `path` leads to them from other rows.

    By the name that was given, be it a deputy's or an official's. Whoever bears the same name is kept out as well: rather
    one reader too few than one too many.
    """
    named = f"{path}about_name"
    deputies = Apart(Deputy.objects.filter(user=post.user_id).values("name"))
    # "greater than nothing" is the condition of a small index: next to no visit or request is a complaint about somebody
    return Q(**{f"{named}__gt": ""}) & (Q(**{named: post.user.name}) | Q(**{f"{named}__in": deputies}))


def bears(user: User, name: str | None) -> bool:
    """As `about`, of one account and the name that was given. Asks the database only where one was."""
    return bool(name) and (name == user.name or Deputy.objects.filter(user=user, name=name).exists())


def complains(said: Any) -> bool:
    """Is it about a department or a person? Then who said it is no department's business."""
    return bool(getattr(said, "about_id", None) or getattr(said, "about_name", ""))


class Told(Protocol):
    """What somebody said at a station: a visit, a request, an opinion; what somebody wants to say: an appointment."""

    confidential: bool


class Said(Told, Protocol):
    place: str

    def person(self) -> Any: ...


@dataclass(frozen=True)
class ShownPerson:
    name: str
    phone: str = ""
    address: str = ""
    whole: bool = False


def shown_person(said: Said, post: Post) -> ShownPerson:
    """The person of a visit that `post` may see; asks nothing of the database where it was read with the visit."""
    person = said.person()
    # At whose door it was: the station and the deputy who stood there know.
    place = said.place if post.role in (Role.STATION, Role.DEPUTY) else ""
    if person is None:
        return ShownPerson(ANONYMOUS, address=place)
    if post.role == Role.STATION:
        return ShownPerson(person.name, person.phone, place or person.address, whole=True)
    if said.confidential:
        return ShownPerson(CONFIDENTIAL, address=place)
    if post.role == Role.UNIT and complains(said):
        return ShownPerson(COMPLAINS)
    return ShownPerson(mask_name(person.name), mask_phone(person.phone), place)


def exported_person(said: Said, post: Post, *, masked: bool = True) -> ShownPerson:
    """The person in a file that leaves the house: masked for everybody, and unnamed where confidence was asked for.

    Not `masked` is a file that was asked for with a reason, on record: then whoever could have the person shown one by one
    reads name and phone in full. For others it is masked all the same.
    """
    person = shown_person(said, post)
    if said.confidential:
        return ShownPerson(CONFIDENTIAL) if person.whole else person
    if not masked and post.role in OPENED_TO and (found := said.person()):
        return ShownPerson(found.name, found.phone, whole=True)
    if not person.whole:
        return person
    return ShownPerson(mask_name(person.name), mask_phone(person.phone))


def shown_words(told: Told, words: str, post: Post) -> str:
    """What was said (`words`) in a visit or request that `post` may see."""
    acts = post.role in (Role.STATION, Role.OFFICE, Role.DEPUTY)
    return words if acts or not told.confidential else CONFIDENTIAL


def shown_subject(words: str, post: Post) -> str:
    """What a person wants to speak of, or when: for those who arrange the meeting or sit in it, and their office."""
    return words if post.role in (Role.STATION, Role.OFFICE, Role.DEPUTY) or not words else WITHHELD
