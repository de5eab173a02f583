"""Whoever has the link, or the number and the query code, is the person who asked."""

from suggestions.models import Request


def by_secret(secret: str) -> Request | None:
    rows = Request.objects.with_secret(secret)
    return rows.select_related("area", "station", "department").first()


def by_code(number: str, code: str) -> Request | None:
    """The request with this number, where the query code is right. Raises NotAllowed after too many wrong ones."""
    return Request.objects.with_code(number, code)
