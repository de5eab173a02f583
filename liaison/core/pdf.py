"""Paper: a template made into a PDF. It is drawn in our own print style, fetches nothing, and never prints an empty box."""

import re
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.template.loader import render_to_string

from .glyphs import check_glyphs

STYLE = settings.BASE_DIR / "static" / "css" / "print.css"


@lru_cache(maxsize=1)
def _fetcher() -> Any:
    """A fetcher that knows no address. Whatever a text may smuggle into a page, nothing is read for it (AS-15)."""
    from weasyprint.urls import URLFetcher  # slow to import

    class PaperFetcher(URLFetcher):
        def fetch(self, url: str, headers: Any = None) -> Any:
            raise ValueError("a paper fetches nothing")

    return PaperFetcher(allowed_protocols=(), allow_redirects=False)


@lru_cache(maxsize=1)
def _style(changed: float) -> Any:
    """Our print style, read as it is since a moment. To read it takes a quarter of the time of a short paper."""
    from weasyprint import CSS  # slow to import

    return CSS(filename=STYLE)


def paper(template: str, context: dict[str, Any], *, widths: bool = False) -> bytes:
    """The PDF of a template that extends layouts/print.html. Raises NotAllowed where a character has no glyph.

    `widths`: the columns of its tables are as wide as `<col width>` says, for tables that are known only when printed.
    """
    from weasyprint import HTML  # slow to import, and needs Pango

    html = render_to_string(template, context)
    check_glyphs(re.sub(r"<[^>]+>", "", html))
    page = HTML(string=html, base_url="file:///", url_fetcher=_fetcher())
    style = _style(STYLE.stat().st_mtime)
    return page.write_pdf(stylesheets=[style], pdf_variant="pdf/ua-1", presentational_hints=widths)


def as_pdf(content: bytes, name: str) -> HttpResponse:
    """The answer that carries a paper: shown in the browser, kept by nobody on the way."""
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    response["Cache-Control"] = "no-store"
    return response
