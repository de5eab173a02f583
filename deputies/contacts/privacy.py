"""What of a fixed voter, and of what was said, each post reads. Pages and REST show both through here and no other way.

The deputy, and the station to which the deputy belongs (the office where to none), read everything. Whoever else may see the
link reads a masked name and number, and not what the voter said.
"""

from dataclasses import dataclass

from liaison.accounts.models import Post, Role
from liaison.core.masking import mask_name, mask_phone

from .models import ContactLink, ContactRecord

UNSEEN = "（只给代表本人和所在联络站看）"
FORGOTTEN = "（姓名已隐去）"


@dataclass(frozen=True)
class ShownVoter:
    name: str
    phone: str = ""
    address: str = ""
    whole: bool = False


def reads_whole(link: ContactLink, post: Post) -> bool:
    """May `post`, who sees `link`, read the person in full? Nobody else is asked about here: fetch by visible_to."""
    if link.kind != ContactLink.Kind.VOTER:
        return True
    if post.role == Role.OFFICE:
        return not link.is_at_station
    return post.role in (Role.STATION, Role.DEPUTY)


def shown_voter(link: ContactLink, post: Post, *, masked: bool = False) -> ShownVoter | None:
    """The voter of a link read with `voter`; None where the link is no voter's.

    `masked`: whoever reads, as in files and in lists of staff.
    """
    voter = getattr(link, "voter", None)
    if voter is None:
        return None
    if voter.anonymized_at is not None:
        return ShownVoter(FORGOTTEN)
    if reads_whole(link, post) and not masked:
        return ShownVoter(voter.name, voter.phone, voter.address, whole=True)
    return ShownVoter(mask_name(voter.name), mask_phone(voter.phone))


def shown_words(record: ContactRecord, words: str, post: Post) -> str:
    return words if reads_whole(record.link, post) else UNSEEN
