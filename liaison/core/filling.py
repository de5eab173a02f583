"""Filling a Word template that anybody may have made: what it is, how large it really is, which placeholders it holds.

A template is a .docx with `{{ name }}` where a text goes, and `{% if name %}…{% endif %}` around what is left out where
that text is empty. Nothing else is read: no attribute, no call, no loop, no filter. What cannot be used raises
`BadTemplate` with a sentence for the person who chose the file.
"""

import re
import zipfile
from collections.abc import Collection, Iterable, Mapping
from difflib import get_close_matches
from io import BytesIO
from typing import Any

from django.core.exceptions import ValidationError

from .forms import plain_text

MEGABYTE = 1024 * 1024
MAX_BYTES = 2 * MEGABYTE
MAX_UNPACKED = 20 * MEGABYTE
MAX_TEXT = MEGABYTE  # of one part that is XML
MAX_PARTS = 300
MAX_BRACES = (
    1_000  # a paper has some twenty placeholders; many thousands would keep the filler busy for hours
)
PIECE = MEGABYTE

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # .doc, and anything with a password
WORDS = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
MAIN = "word/document.xml"
# Content that runs or that comes from elsewhere. Pictures inside the file and links to click on are harmless.
RUNS = re.compile(r"(^|/)(vbaProject|vbaData|activeX|embeddings|afchunk)", re.IGNORECASE)
FETCHES = re.compile(
    r"\b(DDE|DDEAUTO|INCLUDETEXT|INCLUDEPICTURE|IMPORT|LINK|DATABASE|MACROBUTTON)\b", re.IGNORECASE
)
SAVE_AS = "请用 Word 或 WPS 打开它，另存为“Word 文档（.docx）”，再选那个文件。"
DAMAGED = f"这个文件已损坏，读不出来。{SAVE_AS}"
UNFILLED = "这个模板填不进去，可能有占位符没有写完整（前后各两个英文花括号）。请逐个检查后再选。"
PLACE = "占位符是两个英文花括号，中间写名称"


class BadTemplate(ValidationError):
    """The file is no template that can be filled. The text says why and what to do."""


def check_file(content: bytes) -> None:
    """Raises BadTemplate unless `content` is a .docx of ordinary size that runs nothing and fetches nothing.

    The size is looked at before any parser sees the file: as declared, then as it really unpacks.
    """
    if not content:
        raise BadTemplate("这个文件是空的，请检查是不是选错了。")
    if len(content) > MAX_BYTES:
        raise BadTemplate(f"模板最多 {MAX_BYTES // MEGABYTE} MB，请去掉大图片。")
    if content.startswith(OLE):
        raise BadTemplate(f"这是旧格式的文档（.doc），或者设了打开密码。{SAVE_AS}")
    if not content.startswith(b"PK"):
        raise BadTemplate(f"这个文件不是 Word 文档（.docx）。{SAVE_AS}")
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            _look_over(archive)
    except BadTemplate:
        raise
    except Exception:  # noqa: BLE001 — a broken archive makes its readers raise whatever they like
        raise BadTemplate(DAMAGED) from None


def _look_over(archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    names = [part.filename for part in parts]
    if MAIN not in names or "[Content_Types].xml" not in names:
        raise BadTemplate(f"这个文件不是 Word 文档（.docx）。{SAVE_AS}")
    if any(RUNS.search(name) for name in names):
        raise BadTemplate("模板里有宏或嵌入的对象，不能用。请删去后再选。")
    too_large = BadTemplate(f"这个文件解开后超过 {MAX_UNPACKED // MEGABYTE} MB，不像正常的模板，没有读。")
    if len(parts) > MAX_PARTS or len(set(names)) < len(names):
        raise too_large
    if sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise too_large
    left = MAX_UNPACKED
    for part in parts:
        pieces, texts = [], part.filename.endswith((".xml", ".rels"))
        with archive.open(part) as stream:
            while piece := stream.read(PIECE):  # raises BadZipFile where there is more than was declared
                left -= len(piece)
                if left < 0:
                    raise too_large
                if texts:
                    pieces.append(piece)
        if texts:
            _look_into(part.filename, b"".join(pieces))


def _look_into(name: str, content: bytes) -> None:
    """One part that is XML. Entities and document types are refused by the parser itself."""
    if len(content) > MAX_TEXT or (name.startswith("word/") and content.count(b"{") > MAX_BRACES):
        raise BadTemplate("模板的文字太多，不像正常的模板，没有读。")
    from defusedxml import ElementTree

    tree = ElementTree.fromstring(content, forbid_dtd=True)
    if name.endswith(".rels"):
        for one in tree:
            if one.get("TargetMode") == "External" and not one.get("Type", "").endswith("/hyperlink"):
                raise BadTemplate(
                    "模板引用了文件以外的内容（链接的图片或附加模板），不能用。请改为插入到文件里。"
                )
        return
    if name == "[Content_Types].xml" and b"macroEnabled" in content:
        raise BadTemplate("模板里有宏或嵌入的对象，不能用。请删去后再选。")
    if not name.startswith("word/"):
        return
    fields = "".join(
        (one.text or "")
        if tag == "instrText"
        else next((v for k, v in one.items() if k.endswith("}instr")), "")
        for one in tree.iter()
        if isinstance(one.tag, str) and (tag := one.tag.rpartition("}")[2]) in ("instrText", "fldSimple")
    )
    if FETCHES.search(fields):
        raise BadTemplate("模板里有从别处取内容的域，不能用。请删去后再选。")
    if "｛｛" in "".join(tree.itertext()):
        raise BadTemplate(f"模板里有全角的花括号“｛｛”。{PLACE}，请改成半角。")


def _reader(known: Collection[str], met: set[str]) -> Any:
    """An environment that reads placeholders of `known` and nothing else, wherever they stand; `met` takes them in."""
    from jinja2 import StrictUndefined, nodes
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    plain = (nodes.Template, nodes.Output, nodes.TemplateData)

    class Reader(ImmutableSandboxedEnvironment):
        def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
            tree = super()._parse(source, name, filename)
            for node in _all(tree):
                if isinstance(node, nodes.Name) and node.ctx == "load":
                    if node.name not in known:
                        raise BadTemplate(_unknown(node.name, known))
                    met.add(node.name)
                elif isinstance(node, nodes.If) and isinstance(node.test, nodes.Name):
                    continue
                elif not isinstance(node, plain):
                    raise BadTemplate(
                        f"模板里有一处写法不能用。{PLACE}，名称后面不能有点号、括号、竖线和算式；请对照清单改正。"
                    )
            return tree

    def _all(tree: Any) -> Iterable[Any]:
        yield tree
        for child in tree.iter_child_nodes():
            yield from _all(child)

    reader = Reader(autoescape=True, undefined=StrictUndefined)
    reader.globals.clear()
    reader.filters.clear()
    reader.tests.clear()
    return reader


def _unknown(name: str, known: Collection[str]) -> str:
    near = get_close_matches(name, known, 1, 0.3)
    hint = f"您要的是不是“{near[0]}”？" if near else ""
    return f"模板里的“{name[:40]}”不是可用的占位符。{hint}请对照清单改正。"


def fill(template: bytes, values: Mapping[str, str]) -> tuple[bytes, set[str]]:
    """The filled document, and the placeholders that the template holds. `values` are all that it may name.

    Each line of a value becomes a paragraph formatted like the one that the placeholder stands in. Raises BadTemplate.
    """
    from docxtpl import DocxTemplate
    from jinja2 import TemplateError

    texts = {name: plain_text(value).replace("\t", " ").replace("\n", "\a") for name, value in values.items()}
    met: set[str] = set()
    reader = _reader(texts.keys(), met)
    paper = DocxTemplate(BytesIO(template))
    try:
        paper.render(texts, reader, autoescape=True)
    except TemplateError as error:
        raise BadTemplate(_where(error)) from None
    paper.core_properties.author = paper.core_properties.last_modified_by = ""
    out = BytesIO()
    paper.save(out)
    return out.getvalue(), met


def _where(error: Any) -> str:
    """A placeholder that is not closed, or holds something that is no name: near which words."""
    lines = [line.strip() for line in getattr(error, "docx_context", ())]
    near = next((line for line in lines[3:] + lines[:3] if "{" in line), "")
    words = " ".join(re.sub(r"[{}%]", " ", near).split())[:30]
    told = f"在“{words}”附近" if words else ""
    return f"模板里有一处占位符{told}没有写完整，或者里面不是名称。{PLACE}，前后各两个。请改正后再选。"


def text_of(document: bytes) -> str:
    """All words of a document: body, tables, headers and footers."""
    from docx import Document

    paper = Document(BytesIO(document))
    parts = [paper.element.body]
    for section in paper.sections:
        parts += [section.header._element, section.footer._element]
    paragraphs = (one for part in parts for one in part.iter(f"{{{WORDS}}}p"))
    return "\n".join("".join(t.text or "" for t in one.iter(f"{{{WORDS}}}t")) for one in paragraphs)


def try_out(template: bytes, examples: Mapping[str, str], needed: Iterable[Collection[str]] = ()) -> bytes:
    """Check a template that somebody brings, by filling it with examples; gives back what came out.

    Of each of the groups in `needed` it must hold at least one placeholder. Raises BadTemplate.
    """
    check_file(template)
    try:
        made, met = fill(template, examples)
        text = text_of(made)
    except BadTemplate:
        raise
    except Exception:  # noqa: BLE001 — parts that are not as Word writes them make the filler raise whatever it likes
        raise BadTemplate(UNFILLED) from None
    for group in needed:
        if not met & set(group):
            names = "或".join(f"“{name}”" for name in group)
            raise BadTemplate(f"模板里没有占位符{names}，印出来的文件就缺这一项。请加上。")
    if not text.strip():
        raise BadTemplate("模板里没有文字，请检查是不是选错了。")
    return made
