"""代表: one row for each person, with the mandates and stations of the day that the list speaks of.

Phone and card number in full for those who work with the deputy (`Deputy.contact_is_open_to`); for others the phone is
masked and the number left out, as in REST.
"""

from collections.abc import Iterable

from deputies.filters import DeputyFilter
from deputies.models import Deputy
from deputies.views import READERS
from liaison.core.masking import mask_phone

from .listing import Asked, Column, Listing, column


def _once(words: Iterable[str]) -> str:
    return "、".join(dict.fromkeys(word for word in words if word))


def _phone(deputy: Deputy, asked: Asked) -> str:
    return deputy.phone if deputy.contact_is_open_to(asked.post) else mask_phone(deputy.phone)


def _card(deputy: Deputy, asked: Asked) -> str:
    return (deputy.card_no or "") if deputy.contact_is_open_to(asked.post) else ""


LISTING = Listing(
    name="deputies",
    title="代表",
    roles=READERS,
    filter=DeputyFilter,
    scope=Deputy.objects.visible_to,
    order=("pinyin", "pk"),
    chosen=lambda asked: asked.filter.qs.with_seats(asked.on),
    columns=(
        Column("代表证号", _card, 14),
        column("姓名", "name", 12),
        column("性别", "get_sex_display", 6),
        column("民族", "ethnicity", 10),
        column("党派", "party", 12),
        column("学历", "education", 12),
        column("层级", "levels", 12),
        Column("届次", lambda deputy, asked: _once(str(seat.term) for seat in deputy.seats), 30),
        column("选区或选举单位", "constituencies", 26),
        Column("代表团", lambda deputy, asked: _once(seat.delegation for seat in deputy.seats), 16),
        Column("站点", lambda deputy, asked: _once(place.station.name for place in deputy.places), 30),
        Column(
            "代表小组",
            lambda deputy, asked: _once(place.group.name for place in deputy.places if place.group),
            20,
        ),
        Column(
            "驻站", lambda deputy, asked: "是" if any(place.resident for place in deputy.places) else "", 6
        ),
        column("职业", "occupation", 14),
        column("单位", "employer", 24),
        column("职务", "duty", 18),
        Column("手机", _phone, 14),
    ),
)
