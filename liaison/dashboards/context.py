"""What every page needs: who acts, the menu, the size of the letters, what is unread."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from liaison.core.models import InboxItem

from .nav import NAV, PHONE


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
        "nav": list(_nav(request, post.role)),
        "unread": InboxItem.objects.of(post.user).unread().count(),
    }


def _nav(request: HttpRequest, role: str) -> Any:
    links = [(label, reverse(name), icon) for label, name, icon in NAV[role]]  # type: ignore[index]
    here = [
        url for _, url, _ in links if request.path == url or (url != "/" and request.path.startswith(url))
    ]
    current = max(here, key=len, default="")
    for label, url, icon in links:
        yield {"label": label, "url": url, "icon": icon, "current": url == current}
