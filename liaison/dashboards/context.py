"""What every page needs: who acts, the menu, the size of the letters, what is unread."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from liaison.core.models import InboxItem

from .nav import BESIDE, MORE, NAV, PHONE


def page(request: HttpRequest) -> dict[str, Any]:
    post = getattr(request, "post", None)
    size = "elder" if request.COOKIES.get("size") == "elder" else "std"
    base = {"post": post, "size": size, "site_phone": settings.SITE_PHONE, "layout": "layouts/public.html"}
    if post is None:
        return base
    layout = "layouts/phone.html" if post.role in PHONE else "layouts/desk.html"
    return base | {
        "layout": layout,
        "posts": [other for other in request.posts if other.pk != post.pk],  # type: ignore[attr-defined]
        **_menus(request, post.role),
        "unread": InboxItem.objects.of(post.user).unread().count(),
    }


def _menus(request: HttpRequest, role: str) -> dict[str, list[dict[str, Any]]]:
    """The main menu, and what stands under 更多; one entry of all is the page itself, or what lies above it."""
    menus = {
        name: [(label, reverse(address), icon) for label, address, icon in entries[role]]  # type: ignore[index]
        for name, entries in (("nav", NAV), ("more", MORE))
    }
    above = {url: url for links in menus.values() for _, url, _ in links}
    for address, others in BESIDE.items():
        above = {reverse(other): reverse(address) for other in others} | above
    here = [url for url in above if request.path == url or (url != "/" and request.path.startswith(url))]
    current = above[found] if (found := max(here, key=len, default="")) else ""
    return {
        name: [
            {"label": label, "url": url, "icon": icon, "current": url == current}
            for label, url, icon in links
        ]
        for name, links in menus.items()
    }
