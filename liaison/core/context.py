"""Where a request comes from: kept for the record and the log while the request is worked on."""

import ipaddress
import logging
import re
import uuid
from collections.abc import Callable, MutableMapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse


@dataclass(frozen=True)
class Origin:
    """The address a request came from, and the id under which the log knows it."""

    ip: str = ""
    request_id: str = ""


origin: ContextVar[Origin] = ContextVar("origin", default=Origin())  # noqa: B039 — frozen


def client_ip(request: HttpRequest) -> str:
    """The caller's address. X-Forwarded-For counts only as far as trusted proxies wrote it."""
    hops = [request.META.get("REMOTE_ADDR", "")]
    written = request.headers.get("X-Forwarded-For", "").split(",")
    hops += reversed([hop.strip() for hop in written if hop.strip()])
    found = ""
    for hop in hops:
        try:
            address = ipaddress.ip_address(hop.split("%")[0])
        except ValueError:
            break
        address = getattr(address, "ipv4_mapped", None) or address
        found = str(address)
        if not any(address in network for network in settings.TRUSTED_PROXIES):
            break
    return found


class RequestContextMiddleware:
    """First in line: gives each request an id, answered as X-Request-ID."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        here = Origin(ip=client_ip(request), request_id=uuid.uuid4().hex)
        token = origin.set(here)
        try:
            response = self.get_response(request)
        finally:
            origin.reset(token)
        response["X-Request-ID"] = here.request_id
        if (
            not request.path.startswith(f"/{settings.STATIC_URL.strip('/')}/")
            and "Cache-Control" not in response
        ):
            response["Cache-Control"] = "no-store"
        return response


def _add_request_id(logger: Any, name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    if request_id := origin.get().request_id:
        event["request_id"] = request_id
    return event


def _leave_out_values(logger: Any, name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """PostgreSQL repeats the refused row in its message: names and phones, which do not belong into a log.

    Nor does the secret of a person's link, which Django repeats with the address of a page that failed.
    """
    for key in ("event", "exception"):
        told = re.sub(r"\n?(DETAIL|CONTEXT):.*", "", str(event.get(key, "")))
        event[key] = re.sub(r"(/(?:appointments|track|screen)/)[\w-]{43}", r"\1…", told)
    if not event["exception"]:
        del event["exception"]
    return event


def json_formatter() -> logging.Formatter:
    """One JSON line an event, with the request's id, and line breaks of callers' text made harmless."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.stdlib.add_logger_name,
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            _add_request_id,
        ],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            _leave_out_values,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )
