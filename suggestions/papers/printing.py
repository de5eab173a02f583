"""The papers as files: PDF in one form for everybody, Word after the template of the nearest area that brought one."""

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from liaison.accounts.models import Area
from liaison.core.filling import BadTemplate, fill
from liaison.core.pdf import paper as pdf
from liaison.core.workflow import NotAllowed

from .kinds import Kind, Paper
from .models import PaperTemplate
from .placeholders import named
from .shipped import shipped

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
FORMS = {"pdf": "application/pdf", "docx": WORD}

SHEETS = {
    Kind.ORDER: "suggestions/papers/order_pdf.html",
    Kind.URGE: "suggestions/papers/urge_pdf.html",
    Kind.OPINION: "suggestions/papers/opinion_pdf.html",
    Kind.REPLY: "suggestions/papers/reply_pdf.html",
    Kind.RATING: "suggestions/papers/rating_pdf.html",
    Kind.S_ORDER: "suggestions/papers/suggestion_order_pdf.html",
    Kind.S_URGE: "suggestions/papers/suggestion_urge_pdf.html",
    Kind.S_OPINION: "suggestions/papers/suggestion_opinion_pdf.html",
    Kind.S_REPLY: "suggestions/papers/suggestion_reply_pdf.html",
    Kind.S_RATING: "suggestions/papers/suggestion_rating_pdf.html",
}


def template_for(area: Area, paper: Paper) -> tuple[bytes, PaperTemplate | None]:
    """The Word template in use for an area, and whose it is; None: the one that comes with the product."""
    found = PaperTemplate.objects.nearest(area, paper.kind)
    return (found.content(), found) if found else (shipped(paper.kind), None)


def printed(paper: Paper, values: dict[str, str], area: Area, form: str) -> bytes:
    """The paper as `form`. Raises NotAllowed with a sentence where it cannot be made."""
    if form == "pdf":
        return pdf(SHEETS[paper.kind], values)
    template, whose = template_for(area, paper)
    try:
        return fill(template, named(paper.kind, values))[0]
    except BadTemplate as error:  # it was tried out when it came; the list of placeholders has changed since
        raise NotAllowed(f"{whose}不能用了：{error.message}") from None


def as_paper(content: bytes, form: str, name: str) -> HttpResponse:
    """A paper to look at, a document to keep; kept by nobody on the way. The name says nothing of anybody."""
    answer = HttpResponse(content, content_type=FORMS[form])
    answer["Content-Disposition"] = content_disposition_header(form != "pdf", f"{name}.{form}") or ""
    answer["Cache-Control"] = "no-store"
    return answer
