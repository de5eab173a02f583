"""The bulletin as PDF and as Word document, in the form of a 简报: red head, number, who and when, red line, items, 报/送.

Sheet, fonts and sizes are those of a 公文 (GB/T 9704-2012); the head follows the usual form of a 简报, for which there is
no standard: title in red 小标宋, number under it, issuer on the left and date on the right above a red line.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from liaison.core.pdf import paper

PDF = "application/pdf"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
FORMS = {"pdf": PDF, "docx": WORD}
LISTED = 2  # items of which there is a list of contents


@dataclass(frozen=True)
class Article:
    """One item: its heading, its text (a paragraph a line), and the station that wrote it."""

    title: str
    text: str
    source: str

    @property
    def paragraphs(self) -> list[str]:
        return [line.strip() for line in self.text.splitlines() if line.strip()]


@dataclass(frozen=True)
class Part:
    """Items under one section; "" where they stand under none."""

    section: str
    articles: tuple[Article, ...]


@dataclass(frozen=True)
class Issue:
    """All that is printed of an issue. `number` is None while it has none: room is left to write it."""

    title: str
    number: int | None
    issuer: str
    issued_on: date
    foreword: str
    parts: tuple[Part, ...]
    editor: str
    reviewer: str
    signer: str
    report_to: str
    send_to: str

    @property
    def number_line(self) -> str:
        return f"第 {self.number} 期" if self.number else "第 　　 期"

    @property
    def date_line(self) -> str:
        return f"{self.issued_on:%Y年%-m月%-d日}"

    @property
    def preface(self) -> list[str]:
        return [line.strip() for line in self.foreword.splitlines() if line.strip()]

    @property
    def contents(self) -> list[str]:
        """The headings, where there are several."""
        titles = [article.title for part in self.parts for article in part.articles]
        return titles if len(titles) >= LISTED else []

    @property
    def staff(self) -> str:
        """编辑：…　审核：…　签发：…, of those that are named."""
        named = (("编辑", self.editor), ("审核", self.reviewer), ("签发", self.signer))
        return "　　".join(f"{label}：{name}" for label, name in named if name)

    @property
    def distribution(self) -> list[tuple[str, str]]:
        return [(label, to) for label, to in (("报", self.report_to), ("送", self.send_to)) if to]


def _as_pdf(issue: Issue) -> bytes:
    return paper("bulletin/issues/bulletin_pdf.html", {"issue": issue})


def _as_word(issue: Issue) -> bytes:
    from .word import as_word  # slow to import

    return as_word(issue)


MAKERS: dict[str, Callable[[Issue], bytes]] = {"pdf": _as_pdf, "docx": _as_word}


def printed(issue: Issue, form: str) -> bytes:
    """The issue as `form` of FORMS. Raises NotAllowed where a character of it has no glyph (PDF)."""
    return MAKERS[form](issue)
