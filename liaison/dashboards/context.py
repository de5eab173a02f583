"""What every page needs: who acts, the menu, the size of the letters, what is unread."""

from functools import cache
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
    # Worked out where a template speaks of them, and once: a page without a mast, or a part of one, never does.
    menus = cache(lambda: _menus(request.path, post.role))
    return base | {
        "layout": "layouts/phone.html" if post.role in PHONE else "layouts/desk.html",
        "posts": [other for other in request.posts if other.pk != post.pk],  # type: ignore[attr-defined]
        "nav": lambda: menus()["nav"],
        "more": lambda: menus()["more"],
        "unread": cache(lambda: InboxItem.objects.of(post.user).unread().count()),
    }


def _menus(path: str, role: str) -> dict[str, list[dict[str, Any]]]:
    """The main menu, and what stands under 更多; one entry of all is the page itself, or what lies above it."""
    menus, above = _addresses(role)
    here = [url for url in above if path == url or (url != "/" and path.startswith(url))]
    current = above[found] if (found := max(here, key=len, default="")) else ""
    return {
        name: [
            {"label": label, "url": url, "icon": icon, "current": url == current}
            for label, url, icon in links
        ]
        for name, links in menus.items()
    }


@cache
def _addresses(role: str) -> tuple[dict[str, list[tuple[str, str, str]]], dict[str, str]]:
    """The links of a role's menus; and for each address below one of them, the address of the menu. They never change."""
    menus = {
        name: [(label, reverse(address), icon) for label, address, icon in entries[role]]  # type: ignore[index]
        for name, entries in (("nav", NAV), ("more", MORE))
    }
    above = {url: url for links in menus.values() for _, url, _ in links}
    for address, others in BESIDE.items():
        above = {reverse(other): reverse(address) for other in others} | above
    return menus, above
