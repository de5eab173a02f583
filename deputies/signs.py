"""Signs with a code, for the wall and the table: the plate of a station, the sticker of a mailbox, deputies' table signs."""

from django.utils import timezone

from liaison.core.pdf import paper
from liaison.core.workflow import NotAllowed
from stations.models import Station

from . import codes
from .models import Mandate

MOST = 80  # table signs in one file


def plate(station: Station) -> bytes:
    """站点二维码牌 (A5), of a mailbox 信箱贴纸. Raises NotAllowed where no code is in use."""
    token = codes.needed(station)
    context = {
        "station": station,
        "is_mailbox": station.kind == Station.Kind.MAILBOX,
        "keeper": station.parent or station,
        "token": token,
        "picture": codes.draw(codes.address(token)),
        "domain": codes.domain(),
    }
    return paper("deputies/plate_pdf.html", context)


def table_signs(station: Station) -> bytes:
    """代表桌牌: for each deputy who serves at the station a sheet to be folded, the name on both sides."""
    today = timezone.localdate()
    serving = Mandate.objects.can_serve(today).at_station(station, today)
    rows = list(
        serving.select_related("deputy", "term__congress").order_by("deputy__pinyin", "deputy_id", "pk")[
            : MOST + 1
        ]
    )
    if not rows:
        raise NotAllowed(f"{station}现在没有代表，没有桌牌可印。")
    if len(rows) > MOST:
        raise NotAllowed(f"{station}的代表超过 {MOST} 位，一次印不下，请联系管理员。")
    signs = [
        {"name": seat.deputy.name, "title": seat.title, "size": _size(seat.deputy.name)}
        for seat in {seat.deputy_id: seat for seat in rows}.values()
    ]
    return paper("deputies/table_signs_pdf.html", {"station": station, "signs": signs})


def _size(name: str) -> str:
    """How large a name can be on a sheet 297 mm wide."""
    return "short" if len(name) <= 4 else "middle" if len(name) <= 7 else "long"
