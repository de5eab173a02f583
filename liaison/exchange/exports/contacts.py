"""双联: who keeps in touch with whom, and how often. A fixed voter is masked for everybody, as visitors are."""

from deputies.contacts.filters import ContactLinkFilter
from deputies.contacts.models import ContactLink
from deputies.contacts.privacy import shown_voter
from deputies.contacts.views import READERS, RELATED

from .listing import Asked, Column, Listing, column


def _other(link: ContactLink, asked: Asked) -> str:
    person = shown_voter(link, asked.post, masked=True)
    if person is not None:
        return person.name
    if link.partner:
        return link.partner.deputy.name
    return link.place.name if link.place else ""


LISTING = Listing(
    name="contacts",
    title="双联",
    roles=READERS,
    filter=ContactLinkFilter,
    scope=ContactLink.objects.visible_to,
    order=("-from_on", "-pk"),
    chosen=lambda asked: asked.filter.qs.with_contacts().with_station(asked.on).select_related(*RELATED),
    columns=(
        column("谁", "keeper", 14),
        Column("联系谁", _other, 16),
        column("层级", "get_kind_display", 16),
        column("站点编号", "station_code", 10),
        column("站点", "station_name", 26),
        column("区划", "area.full_name", 26),
        column("起始日期", "from_on", 11),
        column("终止日期", "to_on", 11),
        column("联系次数", "contacts", 9),
        column("最近一次", "last_on", 11),
    ),
)
