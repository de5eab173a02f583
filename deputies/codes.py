"""QR codes as they are printed and shown: the address behind a token, drawn as SVG."""

from functools import lru_cache
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.safestring import SafeString, mark_safe

from liaison.accounts.models import Post
from liaison.core.workflow import NotAllowed
from stations.models import Station

from .models import Deputy, QrToken


def address(token: QrToken) -> str:
    """The whole address in the code. Raises NotAllowed where this installation has not been told its own."""
    if not settings.PUBLIC_URL:
        raise NotAllowed("还没有设置本站的网址，二维码印不出来。请管理员设置环境变量 PUBLIC_URL 后再试。")
    return f"{settings.PUBLIC_URL}{token.get_absolute_url()}"


def domain() -> str:
    """What is printed beside the code, so that people notice a false one pasted over it."""
    return urlsplit(settings.PUBLIC_URL).netloc


@lru_cache(maxsize=512)
def draw(text: str) -> SafeString:
    """A QR code as inline SVG without a size, four modules of quiet around it.

    Error level Q: a quarter of it may be dirty or torn, which on a door or a mailbox it will be.
    """
    import segno  # slow to import

    code = segno.make(text, error="q", micro=False, boost_error=False)
    return mark_safe(  # drawn from an address of our own: path data, and nothing of what anybody typed
        code.svg_inline(
            border=4, omitsize=True, dark="#000", light="#fff", svgclass=None, lineclass=None, title="二维码"
        )
    )


def picture(token: QrToken) -> str:
    """For a page: the code; empty where this installation does not know its own address."""
    return draw(address(token)) if settings.PUBLIC_URL else ""


def printable(thing: Station | Deputy) -> QrToken | None:
    """The code to print for a station or a deputy; None where none is in use."""
    return QrToken.objects.of(thing).leading_home().first()


def needed(thing: Station | Deputy) -> QrToken:
    """The code to print. Raises NotAllowed where none has been issued."""
    if (token := printable(thing)) is None:
        raise NotAllowed(f"{thing}还没有在用的二维码，请先在它的“二维码”页发一个。")
    return token


def issue_missing(stations: list[Station], *, by: Post) -> int:
    """A code for each of these stations that has none in use. Returns how many were issued."""
    has = set(
        QrToken.objects.leading_home().filter(station__in=stations).values_list("station_id", flat=True)
    )
    without = [station for station in stations if station.pk not in has]
    for station in without:
        QrToken.objects.issue(station, by=by)
    return len(without)
