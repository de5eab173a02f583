"""A Word document in the form of a 公文, put together piece by piece.

GB/T 9704-2012: A4; 37 mm above, 28 mm left, 35 mm below, 26 mm right, so 156 by 225 mm of text; title 小标宋 22 pt, text 仿宋
16 pt on lines of 28.9 pt, two characters in; page number 14 pt between dashes. Where a machine lacks the fonts, Word
takes another of the same kind (the family and the pitch are written beside the name).
"""

from io import BytesIO
from typing import Any

TITLE, TEXT, HEAD, PAGE = "方正小标宋简体", "仿宋", "黑体", "宋体"
FALLBACK = {TITLE: "华文中宋", TEXT: "仿宋_GB2312", HEAD: "微软雅黑", PAGE: "新宋体"}
BODY_PT, LINE_PT, TITLE_PT, PAGE_PT, SMALL_PT = 16, 28.9, 22, 14, 14

# Turns that several templates have; what is missing leaves no empty brackets.
SHARES = (
    "{% if 主办单位 %}主办：{{ 主办单位 }}　{% endif %}{% if 会办单位 %}会办：{{ 会办单位 }}　{% endif %}"
    "{% if 分办单位 %}分办：{{ 分办单位 }}{% endif %}"
)
DUE = "{{ 办理期限 }}{% if 期限说明 %}（{{ 期限说明 }}）{% endif %}"
OUTCOME = "{{ 办理结果 }}{% if 承诺日期 %}（承诺{{ 承诺日期 }}以前办完）{% endif %}"
CATEGORY = "{% if 类别 %}{{ 类别 }}{% else %}未分类{% endif %}"
RESULT = "办理结果：{{ 办理结果 }}。{% if 承诺日期 %}承诺在{{ 承诺日期 }}以前办完。{% endif %}"


class WordPaper:
    """A document in the making: one method for each piece of a 公文."""

    def __init__(self) -> None:
        from docx import Document
        from docx.enum.text import WD_LINE_SPACING
        from docx.shared import Mm, Pt

        self.document = Document()
        section = self.document.sections[0]
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.top_margin, section.bottom_margin = Mm(37), Mm(35)
        section.left_margin, section.right_margin = Mm(28), Mm(26)
        section.footer_distance = Mm(25)
        normal = self.document.styles["Normal"]
        _font(normal.element.get_or_add_rPr(), TEXT)
        normal.font.size = Pt(BODY_PT)
        form = normal.paragraph_format
        form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(LINE_PT)
        form.space_before = form.space_after = Pt(0)
        self._page_number(section)
        self._name_fallbacks()
        about = self.document.core_properties
        about.author, about.title, about.comments = "", "{{ 标题 }}", ""

    def line(
        self,
        text: str,
        *,
        font: str = TEXT,
        size: float = BODY_PT,
        align: str = "",
        indent: int = 0,
        right: int = 0,
    ) -> Any:
        """A paragraph. `indent` and `right` count characters of the text."""
        from docx.enum.text import WD_ALIGN_PARAGRAPH
        from docx.shared import Pt

        paragraph = self.document.add_paragraph()
        self._run(paragraph, text, font, size)
        if align:
            paragraph.alignment = getattr(WD_ALIGN_PARAGRAPH, align)
        if indent:
            paragraph.paragraph_format.first_line_indent = Pt(size * indent)
        if right:
            paragraph.paragraph_format.right_indent = Pt(size * right)
        return paragraph

    def _run(self, paragraph: Any, text: str, font: str, size: float) -> None:
        from docx.shared import Pt

        run = paragraph.add_run(text)
        run.font.size = Pt(size)
        _font(run._element.get_or_add_rPr(), font)

    def title(self) -> None:
        from docx.shared import Pt

        made = self.line("{{ 标题 }}", font=TITLE, size=TITLE_PT, align="CENTER")
        made.paragraph_format.line_spacing = Pt(34)
        made.paragraph_format.space_after = Pt(LINE_PT / 2)

    def number(self) -> None:
        from docx.shared import Pt

        made = self.line("{{ 文号 }}", align="CENTER")
        made.paragraph_format.space_after = Pt(LINE_PT / 4)

    def head(self) -> None:
        """Number, title, and to whom."""
        self.number()
        self.title()
        self.to()

    def mark(self) -> None:
        """The class of an answer, on the right above everything else; before it who signed."""
        from docx.shared import Pt

        signed = "{% if 签发人 %}签发人：{{ 签发人 }}　　{% endif %}"
        letter = self.line(signed + "类别：{{ 类别字母 }}", font=HEAD, align="RIGHT")
        letter.paragraph_format.space_after = Pt(LINE_PT / 2)

    def annex(self, name: str) -> None:
        """Names what stands behind the letter."""
        from docx.shared import Pt

        made = self.line(f"附件：{name}", indent=2).paragraph_format
        made.space_before, made.keep_with_next = Pt(LINE_PT / 2), True

    def overleaf(self) -> None:
        """What stands behind the letter begins here, on a page of its own."""
        self.line("附件", font=HEAD).paragraph_format.page_break_before = True

    def heading(self, text: str) -> None:
        """The title of what stands behind a letter, and of a form."""
        from docx.shared import Pt

        made = self.line(text, font=TITLE, size=TITLE_PT, align="CENTER")
        made.paragraph_format.line_spacing, made.paragraph_format.space_after = Pt(34), Pt(10)

    def to(self) -> None:
        self.line("{{ 主送 }}：")

    def text(self, text: str) -> None:
        self.line(text, align="JUSTIFY", indent=2)

    def where(self, name: str, text: str, **form: Any) -> None:
        """A paragraph that is left out where the placeholder is empty; `form` as for `line`."""
        self.line("{%p if " + name + " %}")
        self.line(text, **(form or {"align": "JUSTIFY", "indent": 2}))
        self.line("{%p endif %}")

    def end(self, *, annex: str = "", contact: bool = False) -> None:
        """What closes a letter, as `end_pdf.html`: what stands behind it, who issued it and when, whom to ask, copies."""
        if annex:
            self.annex(annex)
        self.signed()
        if contact:
            self.contact()
        self.copies()

    def signed(self) -> None:
        from docx.shared import Pt

        issuer = self.line("{{ 发文机关 }}", align="RIGHT", right=2)
        date = self.line("{{ 发文日期 }}", align="RIGHT", right=2)
        issuer.paragraph_format.space_before = Pt(LINE_PT / 2)
        for one in (issuer, date):
            one.paragraph_format.keep_with_next = True

    def contact(self) -> None:
        phone = "{% if 联系电话 %}，电话：{{ 联系电话 }}{% endif %}"
        self.where("联系人", "（联系人：{{ 联系人 }}" + phone + "）")

    def copies(self) -> None:
        from docx.shared import Pt

        self.line("{%p if 抄送 %}")
        made = self.line("抄送：{{ 抄送 }}。", size=SMALL_PT)
        form = made.paragraph_format  # one character free on both sides, further lines below the first name
        form.left_indent, form.first_line_indent = Pt(4 * SMALL_PT), Pt(-3 * SMALL_PT)
        form.right_indent = Pt(SMALL_PT)
        self.rule(made)
        self.line("{%p endif %}")

    def rule(self, paragraph: Any) -> None:
        """A line above and below, as the notes of a 公文 have; it stays with what stands above it."""
        from docx.oxml import OxmlElement
        from docx.oxml.ns import qn
        from docx.shared import Pt

        paragraph.paragraph_format.space_before = Pt(LINE_PT / 2)
        borders = OxmlElement("w:pBdr")
        for side in ("top", "bottom"):
            border = OxmlElement(f"w:{side}")
            for key, value in (("val", "single"), ("sz", "6"), ("space", "1"), ("color", "auto")):
                border.set(qn(f"w:{key}"), value)
            borders.append(border)
        paragraph._p.get_or_add_pPr().insert_element_before(
            borders, "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:jc", "w:rPr"
        )

    def table(self, rows: list[tuple[str, ...]], high: tuple[str, ...] = ()) -> None:
        """Rows of label and value by turns; two cells fill the row, those of a label in `high` have room to write.

        A third cell names the placeholder without which the row is left out.
        """
        from docx.enum.table import WD_TABLE_ALIGNMENT
        from docx.shared import Mm

        widths = (Mm(29), Mm(49), Mm(29), Mm(49))  # five characters, a number of eighteen
        table = self.document.add_table(0, 4, style="Table Grid")
        table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
        for column, width in zip(table.columns, widths, strict=True):
            column.width = width
        for values in rows:
            if len(values) == 3:
                self._row_if(table, values[2], values[:2], widths, high)
            else:
                self._row(table, values, widths, high)
        for cell in table.rows[-1].cells:  # what is signed never stands alone on a page
            cell.paragraphs[0].paragraph_format.keep_with_next = True

    def _row_if(
        self, table: Any, name: str, values: tuple[str, ...], widths: Any, high: tuple[str, ...]
    ) -> None:
        self._tag(table, "{%tr if " + name + " %}")
        self._row(table, values, widths, high)
        self._tag(table, "{%tr endif %}")

    def _tag(self, table: Any, text: str) -> None:
        """A row that holds a tag alone; filling takes it away."""
        cells = table.add_row().cells
        self._run(cells[0].merge(cells[3]).paragraphs[0], text, TEXT, SMALL_PT)

    def _row(self, table: Any, values: tuple[str, ...], widths: Any, high: tuple[str, ...]) -> None:
        from docx.enum.table import WD_ROW_HEIGHT_RULE
        from docx.enum.text import WD_ALIGN_PARAGRAPH
        from docx.shared import Mm, Pt

        row = table.add_row()
        row.height_rule = WD_ROW_HEIGHT_RULE.AT_LEAST
        row.height = Mm(30) if values[0] in high else Mm(9)
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = width
        cells = list(row.cells)
        if len(values) == 2:
            cells = [cells[0], cells[1].merge(cells[3])]
        for place, (cell, value) in enumerate(zip(cells, values, strict=True)):
            paragraph = cell.paragraphs[0]
            paragraph.paragraph_format.line_spacing = Pt(20)
            self._run(paragraph, value, TEXT if place % 2 else HEAD, SMALL_PT)
            if place % 2 == 0:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER

    def _page_number(self, section: Any) -> None:
        """— 1 —, in the middle below."""
        from docx.enum.text import WD_ALIGN_PARAGRAPH
        from docx.oxml import OxmlElement
        from docx.oxml.ns import qn

        paragraph = section.footer.paragraphs[0]
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        self._run(paragraph, "— ", PAGE, PAGE_PT)
        field = OxmlElement("w:fldSimple")
        field.set(qn("w:instr"), "PAGE")
        paragraph._p.append(field)
        self._run(paragraph, " —", PAGE, PAGE_PT)

    def _name_fallbacks(self) -> None:
        """Beside each font the one that stands in for it, in the table of fonts that Word asks."""
        from docx.opc.oxml import serialize_part_xml
        from docx.oxml import OxmlElement, parse_xml
        from docx.oxml.ns import qn

        for part in self.document.part.package.iter_parts():
            if str(part.partname) != "/word/fontTable.xml":
                continue
            fonts: Any = parse_xml(part.blob)
            for name, other in FALLBACK.items():
                font = OxmlElement("w:font", {qn("w:name"): name})
                for tag, value in (
                    ("altName", other),
                    ("charset", "86"),
                    ("family", "auto"),
                    ("pitch", "variable"),
                ):
                    font.append(OxmlElement(f"w:{tag}", {qn("w:val"): value}))
                fonts.append(font)
            part._blob = serialize_part_xml(fonts)

    def saved(self) -> bytes:
        out = BytesIO()
        self.document.save(out)
        return out.getvalue()


def _font(properties: Any, name: str) -> None:
    """Word takes the font of Chinese characters from an attribute of its own."""
    from docx.oxml.ns import qn

    fonts = properties.get_or_add_rFonts()
    for part in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{part}"), name)
