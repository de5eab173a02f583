"""Who may enter a view, and what a refusal looks like."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from liaison.accounts.models import Role

from .idempotency import OtherBody
from .workflow import NotAllowed

EVERYBODY = tuple(Role)


def roles(*allowed: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Let only these roles in; others get 403. Which things they see is for `visible_to` to say."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def wrapper(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.post is None or request.post.role not in allowed:
                raise PermissionDenied
            return view(request, *args, **kwargs)

        wrapper.roles = allowed  # type: ignore[attr-defined]
        return wrapper

    return decorate


View = Callable[..., HttpResponse]
_public: dict[str, View] = {}  # the public views of pages below, hung in by the layer that writes them


def public_view(name: str) -> Callable[[View], View]:
    """Marks the view that strangers get where a page of a lower layer is marked `or_public(name)`."""

    def hang_in(view: View) -> View:
        _public[name] = view
        return view

    return hang_in


def or_public(name: str) -> Callable[[View], View]:
    """One page per thing: who has no account gets the public view of it, and `?view=public` shows it to everybody."""

    def decorate(view: View) -> View:
        @wraps(view)
        def wrapper(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated or request.GET.get("view") == "public":
                return _public[name](request, *args, **kwargs)
            return view(request, *args, **kwargs)

        wrapper.login_required = False  # type: ignore[attr-defined]
        return wrapper

    return decorate


class RefusalMiddleware:
    """Shows what the rules refused as a page in words, where the view did not show it itself."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, NotAllowed):
            return TemplateResponse(request, "refused.html", {"reason": str(error)}, status=409).render()
        if isinstance(error, OtherBody):
            return TemplateResponse(request, "refused.html", {"reason": error.text}, status=422).render()
        return None
