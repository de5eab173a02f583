"""Paper: a template made into a PDF. It fetches nothing but our own print style, and never prints an empty box."""

import re
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.template.loader import render_to_string

from .glyphs import check_glyphs

STYLE = settings.BASE_DIR / "static" / "css" / "print.css"
OURS = re.compile(r"file:///static/css/print(\.[0-9a-f]+)?\.css")


@lru_cache(maxsize=1)
def _fetcher() -> Any:
    """A fetcher that knows one file. Whatever a text may smuggle into a page, nothing else is read (AS-15)."""
    from weasyprint.urls import URLFetcher  # slow to import

    class PaperFetcher(URLFetcher):
        def fetch(self, url: str, headers: Any = None) -> Any:
            if not OURS.fullmatch(url):
                raise ValueError("a paper fetches nothing but its style")
            return super().fetch(STYLE.as_uri(), headers)

    return PaperFetcher(allowed_protocols=("file",), allow_redirects=False)


def paper(template: str, context: dict[str, Any], *, widths: bool = False) -> bytes:
    """The PDF of a template that extends layouts/print.html. Raises NotAllowed where a character has no glyph.

    `widths`: the columns of its tables are as wide as `<col width>` says, for tables that are known only when printed.
    """
    from weasyprint import HTML  # slow to import, and needs Pango

    html = render_to_string(template, context)
    check_glyphs(re.sub(r"<[^>]+>", "", html))
    page = HTML(string=html, base_url="file:///", url_fetcher=_fetcher())
    return page.write_pdf(pdf_variant="pdf/ua-1", presentational_hints=widths)


def as_pdf(content: bytes, name: str) -> HttpResponse:
    """The answer that carries a paper: shown in the browser, kept by nobody on the way."""
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    response["Cache-Control"] = "no-store"
    return response
