"""What was said of a draft, article by article: a workbook to sort, a document to edit further.

Persons appear as `visits.privacy` lets the asking post read them.
"""

from collections import defaultdict
from collections.abc import Iterable
from io import BytesIO
from typing import Any

from django.utils import timezone

from liaison.accounts.models import Post
from liaison.core.forms import plain_text
from liaison.core.workbooks.writing import write
from visits.privacy import ShownPerson, exported_person, shown_words

from .models import Draft, Opinion

COLUMNS = (  # heading, width
    ("条文", 10), ("意见编号", 16), ("意见", 10), ("内容和理由", 60), ("建议改成", 40), ("站点", 24), ("提出日期", 12),
    ("提出人", 16), ("处理", 10), ("处理说明", 30),
)  # fmt: skip


def giver(opinion: Opinion, person: ShownPerson) -> str:
    """Who said it: the deputy by name, a citizen as `visits.privacy` shows them."""
    return f"{opinion.mandate.deputy.name}（代表）" if opinion.mandate else person.name


def words(opinion: Opinion, field: str, post: Post) -> str:
    """Without the control characters that no workbook and no document can hold."""
    return plain_text(shown_words(opinion, getattr(opinion, field), post))


def by_article(draft: Draft, rows: Iterable[Opinion]) -> list[tuple[str, str, list[Opinion]]]:
    """(name, text, opinions) for the whole first, then each article in order, also those of which nobody spoke."""
    said: dict[int | None, list[Opinion]] = defaultdict(list)
    for row in rows:
        said[row.article_id].append(row)
    articles = [(one.name, one.text, said[one.pk]) for one in draft.articles.all()]
    return [("全文", "", said[None]), *articles]


def workbook(draft: Draft, rows: Iterable[Opinion], post: Post) -> bytes:
    """One row for each opinion. Nothing that a person wrote becomes a formula or a link."""
    out = BytesIO()
    headings, widths = zip(*COLUMNS, strict=True)
    write(
        out,
        title=f"{draft}意见汇总",
        about=_made(post),
        sheet="意见汇总",
        headings=headings,
        widths=widths,
        rows=(_cells(name, one, post) for name, _, said in by_article(draft, rows) for one in said),
    )
    return out.getvalue()


def _cells(name: str, one: Opinion, post: Post) -> list[Any]:
    return [
        name,
        one.number,
        one.get_kind_display(),
        words(one, "text", post),
        words(one, "wording", post),
        one.station.name,
        one.day,
        giver(one, exported_person(one, post)),
        one.get_decision_display(),
        one.decision_note,
    ]


def _made(post: Post) -> str:
    return f"{timezone.localdate():%Y年%-m月%-d日} {post.area.name} {post.get_role_display()}汇总"


def document(draft: Draft, rows: Iterable[Opinion], post: Post) -> bytes:
    """The articles with what was said under each, as the office sends it on; articles without opinions are left out."""
    from docx import Document
    from docx.shared import Pt

    parts = by_article(draft, rows)
    told = [part for part in parts if part[2]]
    everything = [one for _, _, opinions in told for one in opinions]
    paper = Document()
    body = paper.styles["Normal"]
    body.font.name, body.font.size = "仿宋", Pt(16)
    _east_asian(body, "仿宋")
    for level, font in (("Title", "方正小标宋简体"), ("Heading 1", "黑体"), ("Heading 2", "楷体")):
        _east_asian(paper.styles[level], font)
    paper.core_properties.title, paper.core_properties.author = f"{draft}意见汇总", ""
    paper.add_heading(f"{draft}征求意见情况汇总", level=0)
    sites = len({one.station_id for one in everything})
    paper.add_paragraph(
        f"{draft.issuer}自{draft.opens_on:%Y年%-m月%-d日}至{draft.closes_on:%Y年%-m月%-d日}就{draft}征求意见，"
        f"{sites} 个站点收到意见 {len(everything)} 条，涉及 {len([p for p in told if p[0] != '全文'])} 条条文。"
    )
    kinds = {kind: sum(one.kind == kind for one in everything) for kind in Opinion.Kind.values}
    paper.add_paragraph(
        "其中：" + "，".join(f"{Opinion.Kind(kind).label} {n} 条" for kind, n in kinds.items() if n) + "。"
        if everything
        else "没有收到意见。"
    )
    for name, text, opinions in told:
        paper.add_heading(f"{name}（{len(opinions)} 条）", level=1)
        if text:
            paper.add_paragraph(text, style="Intense Quote")
        for number, one in enumerate(opinions, 1):
            said = words(one, "text", post)
            paper.add_paragraph(
                f"{number}．【{one.get_kind_display()}】{said}（{giver(one, exported_person(one, post))}，{one.station.name}）"
            )
            if one.wording:
                paper.add_paragraph(f"建议改成：{words(one, 'wording', post)}")
            if one.decision:
                note = f"：{one.decision_note}" if one.decision_note else ""
                paper.add_paragraph(f"处理：{one.get_decision_display()}{note}")
    if draft.conclusion:
        paper.add_heading("采纳情况", level=1)
        paper.add_paragraph(draft.conclusion)
    out = BytesIO()
    paper.save(out)
    return out.getvalue()


def _east_asian(style: Any, font: str) -> None:
    """Word takes the font of Chinese characters from an attribute of its own."""
    from docx.oxml.ns import qn

    style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)


FORMATS = {
    "xlsx": (workbook, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "docx": (document, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
}
