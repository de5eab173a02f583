"""The bulletin as a Word document, put together from the pieces of a 公文."""

from typing import Any

from suggestions.papers.word import HEAD, LINE_PT, SMALL_PT, TITLE, WordPaper

from .printing import Article, Issue

RED = "C00000"
MASTHEAD_PT, ITEM_PT = 54, 18


class BulletinPaper(WordPaper):
    """One method for each piece of a 简报."""

    def masthead(self, issue: Issue) -> None:
        from docx.enum.text import WD_LINE_SPACING, WD_TAB_ALIGNMENT
        from docx.shared import Mm, Pt, RGBColor

        about = self.document.core_properties
        about.title = f"{issue.title} {issue.number_line}"
        name = self.line(issue.title, font=TITLE, size=MASTHEAD_PT, align="CENTER")
        name.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
        name.runs[0].font.color.rgb = RGBColor.from_string(RED)
        self.line(issue.number_line, align="CENTER").paragraph_format.space_before = Pt(LINE_PT / 4)
        whose = self.line(f"{issue.issuer}\t{issue.date_line}")
        whose.paragraph_format.tab_stops.add_tab_stop(Mm(156), WD_TAB_ALIGNMENT.RIGHT)
        whose.paragraph_format.space_before = Pt(LINE_PT / 2)
        whose.paragraph_format.space_after = Pt(LINE_PT / 2)
        self.border(whose, ("bottom",), color=RED, eighths=18)

    def contents(self, titles: list[str]) -> None:
        from docx.shared import Pt

        self.line("本期目录", font=HEAD, align="CENTER")
        for number, title in enumerate(titles, 1):
            last = self.line(f"{number}．{title}", indent=2)
        last.paragraph_format.space_after = Pt(LINE_PT / 2)

    def preface(self, lines: list[str]) -> None:
        from docx.shared import Pt

        for number, line in enumerate(lines):
            made = self.line(f"编者按：{line}" if number == 0 else line, align="JUSTIFY", indent=2)
        made.paragraph_format.space_after = Pt(LINE_PT / 2)

    def section(self, name: str) -> None:
        made = self.line(f"【{name}】", font=HEAD)
        made.paragraph_format.keep_with_next = True

    def article(self, article: Article) -> None:
        from docx.shared import Pt

        title = self.line(article.title, font=TITLE, size=ITEM_PT, align="CENTER")
        title.paragraph_format.space_before = title.paragraph_format.space_after = Pt(LINE_PT / 4)
        title.paragraph_format.keep_with_next = True
        for line in article.paragraphs:
            self.text(line)
        self.line(f"（{article.source}供稿）", align="RIGHT").paragraph_format.space_after = Pt(LINE_PT / 2)

    def colophon(self, issue: Issue) -> None:
        """报, 送 and who made it, between two lines."""
        from docx.shared import Pt

        lines = [f"{label}：{to}" for label, to in issue.distribution] + (
            [issue.staff] if issue.staff else []
        )
        for number, text in enumerate(lines):
            made = self.line(text, size=SMALL_PT)
            form = made.paragraph_format
            form.left_indent, form.first_line_indent = Pt(3 * SMALL_PT), Pt(-2 * SMALL_PT)
            form.right_indent = Pt(SMALL_PT)
            if number < len(lines) - 1:
                form.keep_with_next = True
            sides = (["top"] if number == 0 else []) + ["bottom"]
            self.border(made, tuple(sides))
            if number == 0:
                form.space_before = Pt(LINE_PT)

    def border(
        self, paragraph: Any, sides: tuple[str, ...], *, color: str = "000000", eighths: int = 6
    ) -> None:
        """Lines beside a paragraph, in eighths of a point."""
        from docx.oxml import OxmlElement
        from docx.oxml.ns import qn

        borders = OxmlElement("w:pBdr")
        for side in sides:
            line = OxmlElement(f"w:{side}")
            for key, value in (("val", "single"), ("sz", str(eighths)), ("space", "4"), ("color", color)):
                line.set(qn(f"w:{key}"), value)
            borders.append(line)
        paragraph._p.get_or_add_pPr().insert_element_before(
            borders, "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:jc", "w:rPr"
        )


def as_word(issue: Issue) -> bytes:
    made = BulletinPaper()
    made.masthead(issue)
    if issue.contents:
        made.contents(issue.contents)
    if issue.preface:
        made.preface(issue.preface)
    for part in issue.parts:
        if part.section:
            made.section(part.section)
        for article in part.articles:
            made.article(article)
    made.colophon(issue)
    return made.saved()
