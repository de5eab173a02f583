"""The empty workbook: a sheet for each thing, lists to choose from, an example, and a page that explains."""

from typing import Any, BinaryIO

from liaison.accounts.models import Post
from liaison.core.workbooks.reading import EXAMPLE

from .importing import SHEETS
from .sheet import Sheet

HOW = (
    "每张表导入一类数据，用不着的表可以空着，或删去。",
    "第一行是标题，不要改名；列的先后可以变。第二行是示例（灰色），导入时不读，可以删去。",
    "不要合并单元格，不要用公式；一行一条。",
    "编号已有的，按填了的格更新；空格不改动原来的内容。编号没有的，新增。",
    "同一个文件导入两次，第二次什么都不会变。",
    "日期写成 2023-10-11，时间写成 9:00。代码、电话要设成文本格式（模板里已经设好）。",
    "几个名字之间用“、”隔开。",
    "先核对，看过哪些行有问题，再点导入；没点导入以前不会保存。",
)


def sheets_for(by: Post | None) -> list[type[Sheet]]:
    """The sheets that `by` may import; all for the command."""
    return [kind for kind in SHEETS if by is None or by.role in kind.roles]


def write_template(out: BinaryIO | str, by: Post | None = None) -> None:
    """Write the empty workbook to a file or its path."""
    import xlsxwriter  # slow to import

    book = xlsxwriter.Workbook(out, {"in_memory": True})
    text = {"num_format": "@"}
    formats = {
        "title": book.add_format({"bold": True, "font_size": 14}),
        "heading": book.add_format({"bold": True, "bg_color": "#E8EEF4", "border": 1, "align": "center"}),
        "required": book.add_format(
            {"bold": True, "bg_color": "#E8EEF4", "border": 1, "align": "center", "font_color": "#A11D21"}
        ),
        "example": book.add_format({"italic": True, "font_color": "#707070", **text}),
        "text": book.add_format(text),
        "wrap": book.add_format({"text_wrap": True, "valign": "top"}),
    }
    kinds = sheets_for(by)
    _explain(book, formats, kinds)
    for kind in kinds:
        _sheet(book, formats, kind)
    book.worksheets()[1 if len(kinds) else 0].activate()
    book.close()


def _explain(book: Any, formats: dict[str, Any], kinds: list[type[Sheet]]) -> None:
    page = book.add_worksheet("填写说明")
    page.set_column(0, 0, 14)
    page.set_column(1, 1, 14)
    page.set_column(2, 2, 70, formats["wrap"])
    page.write_string(0, 0, "怎样填", formats["title"])
    line = 1
    for sentence in HOW:
        page.write_string(line, 0, f"{line}")
        page.merge_range(line, 1, line, 2, sentence, formats["wrap"])
        line += 1
    for kind in kinds:
        line += 1
        page.write_string(line, 0, kind.name, formats["title"])
        page.write_string(line, 2, kind.about)
        line += 1
        for column in kind.columns:
            page.write_string(line, 1, column.heading)
            told = [
                "必填" if column.required else "可以空着",
                column.note,
                f"只能填：{'、'.join(column.choices)}" if column.choices else "",
            ]
            page.write_string(line, 2, "；".join(one for one in told if one))
            line += 1


def _sheet(book: Any, formats: dict[str, Any], kind: type[Sheet]) -> None:
    page = book.add_worksheet(kind.name)
    page.freeze_panes(1, 0)
    for place, column in enumerate(kind.columns):
        page.set_column(place, place, column.width, formats["text"] if column.as_text else None)
        page.write_string(0, place, column.heading, formats["required" if column.required else "heading"])
        if column.note:
            page.write_comment(0, place, column.note)
        page.write_string(1, place, column.example, formats["example"])
        if column.choices:
            page.data_validation(
                2, place, 20_000, place,
                {
                    "validate": "list",
                    "source": list(column.choices),
                    "error_title": "请从列表里选",
                    "error_message": f"只能填：{'、'.join(column.choices)}",
                },
            )  # fmt: skip
    page.write_string(1, len(kind.columns), EXAMPLE, formats["example"])
