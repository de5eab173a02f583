"""A report on paper, in the layout of an official document (GB/T 9704-2012), from the same content as the workbook.

What would make more than a hundred pages is not printed but told: how many rows it has, and where they are.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from math import ceil
from pathlib import Path
from typing import Any

from django.utils import timezone

from liaison.core.glyphs import covered, missing
from liaison.core.pdf import paper
from liaison.core.templatetags.ui import figure
from liaison.core.workbooks.sheets import Heading, Percent, Sheet
from liaison.reports.boards.board import Board, funnels
from liaison.reports.charts import Chart
from liaison.reports.known import as_known
from liaison.reports.metrics import GROUPS, METRICS, Figure, late_orders
from suggestions.columns import REQUEST, SUGGESTION

from .content import OF_AREAS, OF_STATIONS, Content, Moved
from .ledgers import LEDGERS, Ledger

MOST_PAGES = 100  # performance.md: whatever is longer is a workbook
LINES = 24  # rows of a wide table on a page; of texts of two lines, half as many
LONGEST = 120  # characters of a text in a ledger
SUMMARY = "总表"
LATE_MOST = 200  # rows in the list of what is overdue
BEFORE_LEDGERS = 14  # pages of figures, charts and definitions

# What of a ledger there is room for on a sheet of paper: headings with how wide they are, and how many lines a row takes.
# fmt: off
PRINTED: dict[str, tuple[dict[str, int], int]] = {
    "接待台账": ({"编号": 17, "日期": 12, "站点": 20, "渠道": 6, "来访人": 10, "人数": 6, "类别": 12, "反映的问题": 64,
                 "接待代表": 10, "处理": 12}, 3),
    "诉求台账": ({"编号": 12, "登记日期": 14, "站点": 18, "类别": 10, "标题": 30, "反映人": 8, "承办单位": 17, "派单日期": 14,
                 "答复日期": 14, "评价日期": 14, "满意": 6, "已解决": 6, "办结日期": 14, "超期": 6, "状态": 10}, 2),
    "建议台账": ({"编号": 16, "标题": 40, "类型": 8, "提出日期": 13, "领衔代表": 10, "条数": 6, "主办单位": 22, "答复日期": 13,
                 "答复类别": 8, "答复前面商": 8, "第一次办理满意": 9, "超期": 6, "状态": 10}, 2),
    "代表进站": ({"代表": 12, "层级": 8, "选区或选举单位": 28, "所在区划": 28, "到场": 7, "应到": 7, "实到": 7, "缺席": 7, "到会率": 9,
                 "请假": 7, "被替换": 7}, 1),
}
# fmt: on


@dataclass(frozen=True)
class Table:
    """A table on paper: upper headings (columns, rows, words), lower ones (words, width in percent), rows of cells."""

    caption: str
    unit: str
    above: list[tuple[int, int, str]]
    below: list[str]
    widths: list[float]
    rows: list[list["Cell"]]


@dataclass(frozen=True)
class Cell:
    text: str
    is_number: bool = False
    is_total: bool = False


@dataclass(frozen=True)
class Section:
    """一、总体情况: what stands under one heading. `wide`: on sheets that lie."""

    name: str
    wide: bool = False
    words: tuple[str, ...] = ()
    charts: tuple[Chart, ...] = ()
    tables: tuple[Table, ...] = ()


def write_paper(out: Path, content: Content) -> None:
    """The report as PDF. Raises Moved where a table does not add up, NotAllowed where the machine has no fonts."""
    sections = list(_numbered(_sections(content)))
    context = {
        "content": content,
        "lines": [(name, drawable(text)) for name, text in _facts(content)],
        "sections": sections,
        "foot": [f"{part}　" for part in content.foot.split("　") if part],
    }
    content.hold()
    out.write_bytes(paper("reports/issued/report_pdf.html", context, widths=True))


def _facts(content: Content) -> Iterator[tuple[str, str]]:
    yield "统计期", content.days
    yield from content.seal_lines()
    yield "范围", content.filter_words().replace(f"；统计期 {content.days}", "")
    yield "数据截止", f"{timezone.localtime(content.known_at):%Y年%-m月%-d日 %H:%M}"
    yield "生成", f"{content.made_by}，{timezone.localtime(content.made_at):%Y年%-m月%-d日 %H:%M}"
    yield "总表校验码", f"{content.hash_of(SUMMARY)}（和 Excel 工作簿封面上的一致）"


def _numbered(sections: Iterable[Section]) -> Iterator[dict[str, Any]]:
    for place, section in enumerate(sections, 1):
        numeral = "十" * (place // 10) + ("一二三四五六七八九"[place % 10 - 1] if place % 10 else "")
        yield {"number": numeral, "section": section}


def _sections(content: Content) -> Iterator[Section]:
    sheets = {sheet.name: sheet for sheet in content.sheets()}
    deque(sheets[SUMMARY].lines(), maxlen=0)  # its hash stands on the first page
    yield Section("总体情况", tables=tuple(_groups(content)))
    yield Section(
        "五单流转",
        words=("第一张图是统计期内办了的，第二张图是统计期内收到的诉求到数据截止时办到了哪一步。",),
        charts=tuple(
            funnels(content.five_orders, ("统计期内办的", "统计期内收到的"), lambda code, received: "")
        ),
        tables=(_table(sheets["五单流转"]),),
    )
    # The same drawing as on the board of these days.
    months = Board(content.ask, content.reader.post, content.ask.today).months.without_links()
    yield Section(months.title, words=(months.told,), charts=(months,))
    yield _overdue(content)
    yield from _of_areas(content, sheets["分区划"])
    room = MOST_PAGES - BEFORE_LEDGERS
    stations = _of_stations(content, sheets["分站点"], room)
    room -= ceil(sum(len(table.rows) for table in stations.tables) / LINES)
    yield stations
    for ledger in LEDGERS:
        section = _ledger(content, ledger, sheets[ledger.name], room)
        room -= _pages(ledger.name, sum(len(table.rows) for table in section.tables))
        yield section
    yield Section(
        "指标解释", tables=(_table(sheets["指标解释"], ("指标", "单位", "怎么算的", "算在哪一天")),)
    )


# --- Figures ------------------------------------------------------------------------------------------------------------


def _groups(content: Content) -> Iterator[Table]:
    for group, name in GROUPS.items():
        figures = [figure for figure in content.figures if figure.metric.group == group]
        rows = [
            [
                Cell(figure.metric.name),
                Cell(shown(figure.value), is_number=True),
                Cell(figure.metric.unit),
                Cell(_share(figure)),
            ]
            for figure in figures
        ]
        yield Table(name, "", [], ["指标", "数值", "单位", "占比"], [36, 16, 10, 38], rows)


def _share(figure: Figure) -> str:
    if figure.base is None:
        return ""
    base = METRICS[figure.metric.base]
    whole = f"{base.name} {shown(figure.base)} {base.unit}"
    return f"占{whole}的 {figure.percent}%" if figure.percent else whole


def _overdue(content: Content) -> Section:
    """What was overdue in the period, the longest first; of much of it the beginning."""
    total = sum(content.figure[code].value for code in ("requests.overdue", "suggestions.overdue"))
    if not total:
        return Section("超期", words=("统计期内没有超期的诉求和建议。",))
    rows = [[Cell(drawable(shown(value))) for value in row] for row in _late_rows(content)]
    words = f"统计期内到期没有按时答复的共 {shown(total)} 件。"
    if total > len(rows):
        words += f"下面列出期限最早的 {len(rows)} 件，其余见 Excel 工作簿的台账。"
    table = Table(
        "", "", [], ["编号", "标题", "站点或人大", "承办单位", "期限", "答复"], [15, 29, 18, 16, 11, 11], rows
    )
    return Section("超期", words=(words,), tables=(table,))


def _late_rows(content: Content) -> list[list[Any]]:
    """A row for each late case: number, title, place, department, the first day that was missed, the answer."""
    late: dict[tuple[str, int], list[Any]] = {}
    for kind, code, columns, place in (
        ("request", "requests.overdue", REQUEST, "station"),
        ("suggestion", "suggestions.overdue", SUGGESTION, "area"),
    ):
        cases = METRICS[code].records(content.ask).order_by()
        orders = as_known(late_orders(content.ask), content.as_of).filter(
            **{f"{kind}__in": cases.values("pk")}
        )
        found = orders.select_related("department", f"{kind}__{place}").order_by("due_on", "pk")
        for order in found[: 2 * LATE_MOST]:  # a case may have several
            case = getattr(order, kind)
            if (kind, case.pk) in late:
                continue
            late[kind, case.pk] = [
                columns["编号"].value(case, content.reader),
                columns["标题"].value(case, content.reader),
                getattr(case, place).name,
                order.department.name,
                order.due_on,
                order.replied_on or "没有答复",
            ]
    return sorted(late.values(), key=lambda row: (row[4], row[0]))[:LATE_MOST]


# --- Tables by area and station -----------------------------------------------------------------------------------------


def _of_areas(content: Content, sheet: Sheet) -> Iterator[Section]:
    """In two halves, for no sheet is as wide as all columns."""
    rows = list(sheet.lines())
    totals = list(sheet.totals()) if sheet.totals else []
    if not rows:
        yield Section("分区划", words=("没有下级区划。",))
        return
    if content.must_add_up:
        _add_up(rows, totals, 2, OF_AREAS)
    places = [n for n, heading in enumerate(sheet.headings) if n > 1]
    first = [n for n in places if sheet.headings[n].over in (GROUPS["network"], GROUPS["activity"])]
    second = [n for n in places if n not in first]
    yield Section(
        "分区划",
        True,
        tables=tuple(
            _picked(sheet, [0, *columns], rows, totals, caption)
            for columns, caption in ((first, "站点、代表和活动"), (second, "诉求、建议和成果"))
        ),
    )


def _of_stations(content: Content, sheet: Sheet, room: int) -> Section:
    count = content.number_of_stations()
    if ceil(count / LINES) > room // 2:
        return Section("分站点", words=(_too_long("分站点的表", count, "个站点"),))
    rows = list(sheet.lines())
    if not rows:
        return Section("分站点", words=("没有站点。",))
    totals = list(sheet.totals()) if sheet.totals else []
    if content.must_add_up:
        _add_up(rows, totals, 4, OF_STATIONS)
    columns = [1, *range(4, len(sheet.headings))]
    return Section("分站点", True, tables=(_picked(sheet, columns, rows, totals, ""),))


def _add_up(
    rows: Sequence[Sequence[Any]], totals: Sequence[Any], labels: int, codes: Sequence[tuple[str, bool]]
) -> None:
    """Raises Moved where the rows of a table are not what its totals say: the records changed meanwhile."""
    place = labels
    for code, share in codes:
        if METRICS[code].additive and sum(row[place] for row in rows) != totals[place]:
            raise Moved(code)
        place += 2 if share else 1


# --- Ledgers ------------------------------------------------------------------------------------------------------------


def _pages(name: str, rows: int) -> int:
    return ceil(rows * PRINTED[name][1] / LINES)


def _ledger(content: Content, ledger: Ledger, sheet: Sheet, room: int) -> Section:
    count = sum(rows.order_by().count() for rows in ledger.passes(content))
    if not count:
        return Section(ledger.name, words=("统计期内没有。",))
    if _pages(ledger.name, count) > room:
        return Section(ledger.name, words=(_too_long(ledger.name, count, "行"),))
    rows = list(sheet.lines())
    totals = list(sheet.totals()) if sheet.totals else []
    widths = PRINTED[ledger.name][0]
    columns = [n for n, heading in enumerate(sheet.headings) if heading.text in widths]
    return Section(ledger.name, True, tables=(_picked(sheet, columns, rows, totals, "", widths),))


def _too_long(name: str, count: int, unit: str) -> str:
    return f"{name}共 {shown(count)} {unit}，印出来超过 {MOST_PAGES} 页，没有印在这里。请看同一统计期的 Excel 工作簿。"


# --- Cells --------------------------------------------------------------------------------------------------------------


def _table(sheet: Sheet, only: Sequence[str] = ()) -> Table:
    columns = [n for n, heading in enumerate(sheet.headings) if not only or heading.text in only]
    rows = list(sheet.lines())
    return _picked(sheet, columns, rows, list(sheet.totals()) if sheet.totals else [], "")


def _picked(
    sheet: Sheet,
    columns: Sequence[int],
    rows: Sequence[Sequence[Any]],
    totals: Sequence[Any],
    caption: str,
    wide: Mapping[str, int] | None = None,
) -> Table:
    """Some columns of a sheet. Where no heading is shared by neighbours, there is but one row of headings."""
    headings = [sheet.headings[n] for n in columns]
    drawn = [[_cell(row[n]) for n in columns] for row in rows]
    if totals:
        drawn.append([_cell(totals[n], total=True) for n in columns])
    asked = [(wide or {}).get(heading.text, heading.width) for heading in headings]
    widths = [round(100 * width / sum(asked), 1) for width in asked]
    above = _above(headings) if any(heading.over for heading in headings) else []
    below = [heading.text for heading in headings if heading.over or not above]
    return Table(caption, sheet.unit, above, below, widths, drawn)


def _above(headings: Sequence[Heading]) -> list[tuple[int, int, str]]:
    """The upper headings; what shares none with a neighbour stands over both rows."""
    found: list[tuple[int, int, str]] = []
    for heading in headings:
        if found and heading.over and found[-1][1:] == (1, heading.over):
            found[-1] = (found[-1][0] + 1, 1, heading.over)
        else:
            found.append((1, 1, heading.over) if heading.over else (1, 2, heading.text))
    return found


def _cell(value: Any, *, total: bool = False) -> Cell:
    text = drawable(shown(value))
    if len(text) > LONGEST:
        text = f"{text[:LONGEST]}……"
    return Cell(text, isinstance(value, int | float) and not isinstance(value, bool), total)


def shown(value: Any) -> str:
    """A value as paper shows it: 5 801 with a narrow space, 89.5%, 2023-09-11."""
    match value:
        case None:
            return ""
        case Percent():
            return f"{value:.1f}%"
        case int():
            return figure(value)
        case datetime():
            return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"
        case date():
            return value.isoformat()
        case _:
            return str(value)


def drawable(text: str) -> str:
    """With the number of a character in place of one that no font here can draw: never an empty box, and no report
    fails for what one citizen wrote."""
    if text.isascii() or not covered() or not (lost := missing(text)):
        return text
    return text.translate({ord(c): f"〔U+{ord(c):X}〕" for c in lost})
