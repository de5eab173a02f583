"""One address, whole page or fragment."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpResponse
from django.utils.cache import patch_vary_headers


def fragment(name: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Let htmx requests to this view receive only the template partial called `name`."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def wrapper(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
            response = view(request, *args, **kwargs)
            if (
                request.htmx
                and not request.htmx.history_restore_request
                and hasattr(response, "template_name")
            ):
                response.template_name = f"{response.template_name}#{name}"
            # One address, two answers: without this the Back button shows the bare fragment.
            patch_vary_headers(response, ["HX-Request"])
            return response

        return wrapper

    return decorate
