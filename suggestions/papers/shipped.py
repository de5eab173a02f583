"""The Word templates that come with the product: the plain form of a 公文, to be used as it is or to start from.

GB/T 9704-2012: A4; 37 mm above, 28 mm left, 35 mm below, 26 mm right, so 156 by 225 mm of text; title 小标宋 22 pt, text 仿宋
16 pt on lines of 28.9 pt, two characters in; page number 14 pt between dashes. Where a machine lacks the fonts, Word
takes another of the same kind (the family and the pitch are written beside the name).
"""

from functools import lru_cache
from io import BytesIO
from typing import Any

from .kinds import Kind

TITLE, TEXT, HEAD, PAGE = "方正小标宋简体", "仿宋", "黑体", "宋体"
FALLBACK = {TITLE: "华文中宋", TEXT: "仿宋_GB2312", HEAD: "微软雅黑", PAGE: "新宋体"}
BODY_PT, LINE_PT, TITLE_PT, PAGE_PT, SMALL_PT = 16, 28.9, 22, 14, 14


@lru_cache(maxsize=len(Kind))
def shipped(kind: str) -> bytes:
    """The template of one kind as a .docx, the same at every call."""
    paper = _Paper()
    _WRITERS[Kind(kind)](paper)
    return paper.saved()


class _Paper:
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
        made.paragraph_format.space_after = Pt(8)

    def number(self) -> None:
        from docx.shared import Pt

        made = self.line("{{ 文号 }}", align="CENTER")
        made.paragraph_format.space_after = Pt(LINE_PT / 2)

    def to(self) -> None:
        self.line("{{ 主送 }}：")

    def text(self, text: str) -> None:
        self.line(text, align="JUSTIFY", indent=2)

    def where(self, name: str, text: str) -> None:
        """A paragraph that is left out where the placeholder is empty."""
        self.line("{%p if " + name + " %}")
        self.text(text)
        self.line("{%p endif %}")

    def signed(self) -> None:
        from docx.shared import Pt

        issuer = self.line("{{ 发文机关 }}", align="RIGHT", right=2)
        date = self.line("{{ 发文日期 }}", align="RIGHT", right=2)
        issuer.paragraph_format.space_before = Pt(LINE_PT / 2)
        for one in (issuer, date):
            one.paragraph_format.keep_with_next = True

    def contact(self) -> None:
        self.where("联系人", "（联系人：{{ 联系人 }}，电话：{{ 联系电话 }}）")

    def copies(self) -> None:
        self.line("{%p if 抄送 %}")
        self.rule(self.line("抄送：{{ 抄送 }}。", size=SMALL_PT))
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
        """Rows of label and value by turns; two cells fill the row, those of a label in `high` have room to write."""
        from docx.enum.table import WD_ROW_HEIGHT_RULE, WD_TABLE_ALIGNMENT
        from docx.enum.text import WD_ALIGN_PARAGRAPH
        from docx.shared import Mm, Pt

        widths = (Mm(32), Mm(46), Mm(32), Mm(46))
        table = self.document.add_table(0, 4, style="Table Grid")
        table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
        for column, width in zip(table.columns, widths, strict=True):
            column.width = width
        for values in rows:
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


SHARES = (
    "{% if 主办单位 %}主办：{{ 主办单位 }}　{% endif %}{% if 会办单位 %}会办：{{ 会办单位 }}　{% endif %}"
    "{% if 分办单位 %}分办：{{ 分办单位 }}{% endif %}"
)


def _order(paper: _Paper) -> None:
    paper.title()
    paper.number()
    paper.to()
    paper.text(
        "{{ 站点 }}{{ 登记日期 }}收到一件群众诉求，现交你单位{{ 分工 }}，请于{{ 接单期限 }}前接单，"
        "{{ 办理期限 }}前答复。不属于你单位职责的，请在接单期限内申请退回并写明理由。"
    )
    paper.where("交办意见", "交办意见：{{ 交办意见 }}")
    paper.table(
        [
            ("诉求编号", "{{ 诉求编号 }}", "派单编号", "{{ 派单编号 }}"),
            ("类别", "{{ 类别 }}", "第几次办理", "第 {{ 第几次办理 }} 次"),
            ("反映人", "{{ 反映人 }}", "跟单代表", "{{ 跟单代表 }}"),
            ("地点", "{{ 地点 }}"),
            ("诉求标题", "{{ 诉求标题 }}"),
            ("诉求内容", "{{ 诉求内容 }}"),
            ("分工", SHARES),
            ("办理期限", "{{ 办理期限 }}（{{ 期限说明 }}）"),
        ]
    )  # fmt: skip
    paper.signed()
    paper.copies()


def _urge(paper: _Paper) -> None:
    paper.title()
    paper.number()
    paper.to()
    paper.text(
        "{{ 派单日期 }}交你单位{{ 分工 }}的群众诉求（派单编号 {{ 派单编号 }}），办理期限是{{ 办理期限 }}"
        "（{{ 期限说明 }}），{{ 到期情况 }}，至今没有办结。这是第 {{ 第几次催办 }} 次催办。"
    )
    paper.text("诉求标题：{{ 诉求标题 }}")
    paper.text("诉求内容：{{ 诉求内容 }}")
    paper.where("催办意见", "催办意见：{{ 催办意见 }}")
    paper.text("请抓紧办理，按期答复；不能按期办结的，请在期限以前申请延期并写明理由。")
    paper.signed()
    paper.copies()


def _reply(paper: _Paper) -> None:
    from docx.shared import Pt

    signed = "{% if 签发人 %}签发人：{{ 签发人 }}　　{% endif %}"
    letter = paper.line(signed + "类别：{{ 类别字母 }}", font=HEAD, align="RIGHT")
    letter.paragraph_format.space_after = Pt(LINE_PT / 2)
    paper.title()
    paper.number()
    paper.to()
    paper.text(
        "您{{ 登记日期 }}在{{ 站点 }}反映的“{{ 诉求标题 }}”（诉求编号 {{ 诉求编号 }}），我单位已经办理，现答复如下："
    )
    paper.text("{{ 答复内容 }}")
    paper.text("办理结果：{{ 办理结果 }}。{% if 承诺日期 %}承诺在{{ 承诺日期 }}以前办完。{% endif %}")
    paper.text("请您填写所附的征询意见表，交给受理您诉求的联络站。感谢您的监督。")
    paper.signed()
    paper.contact()
    paper.copies()
    paper.line("附件", font=HEAD).paragraph_format.page_break_before = True
    _form(paper, "征询意见表")


def _opinion(paper: _Paper) -> None:
    paper.title()
    paper.number()
    paper.to()
    paper.text("你单位主办的群众诉求（诉求编号 {{ 诉求编号 }}，{{ 诉求标题 }}），我单位会办意见如下：")
    paper.text("{{ 答复内容 }}")
    paper.signed()
    paper.contact()
    paper.copies()


def _rating(paper: _Paper) -> None:
    _form(paper, "{{ 标题 }}")


def _form(paper: _Paper, title: str) -> None:
    from docx.shared import Pt

    made = paper.line(title, font=TITLE, size=TITLE_PT, align="CENTER")
    made.paragraph_format.line_spacing, made.paragraph_format.space_after = Pt(34), Pt(10)
    paper.table(
        [
            ("诉求编号", "{{ 诉求编号 }}", "登记日期", "{{ 登记日期 }}"),
            ("诉求标题", "{{ 诉求标题 }}"),
            ("承办单位", "{{ 承办单位 }}", "答复日期", "{{ 答复日期 }}"),
            ("办理结果", "{{ 办理结果 }}{% if 承诺日期 %}（承诺{{ 承诺日期 }}以前办完）{% endif %}"),
            ("反映人", "{{ 反映人 }}", "联络站", "{{ 站点 }}"),
            *([("告知情况", "{{ 告知情况 }}")] if title.startswith("{{") else []),
            ("办理态度", "{{ 办理态度 }}"),
            ("办理成效", "{{ 办理成效 }}"),
            ("是否解决", "{{ 是否解决 }}"),
            ("不满意的\n原因和要求", "{{ 不满意的原因 }}" if title.startswith("{{") else ""),
            ("反映人签名", "", "日期", "　　年　月　日"),
        ],
        high=("不满意的\n原因和要求",),
    )
    paper.line("")
    paper.line("请在方框里打“√”，不满意的请写明原因。填好后交给受理诉求的联络站。", size=SMALL_PT)


_WRITERS = {
    Kind.ORDER: _order,
    Kind.URGE: _urge,
    Kind.REPLY: _reply,
    Kind.OPINION: _opinion,
    Kind.RATING: _rating,
}
