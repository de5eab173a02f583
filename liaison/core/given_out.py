"""A stored file as an answer: under its key, never under the name that it came with."""

from django.http import HttpResponse

from .files import Attachment


def as_file(attachment: Attachment, content: bytes) -> HttpResponse:
    """A picture to look at, anything else to keep. The caller has asked whether it may be given out."""
    response = HttpResponse(content, content_type=attachment.content_type)
    kind = "inline" if attachment.content_type == "image/jpeg" else "attachment"
    response["Content-Disposition"] = f'{kind}; filename="{attachment.key}.{attachment.ending}"'
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
