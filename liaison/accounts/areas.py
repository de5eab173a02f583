"""Reading and loading the tree of areas: the built-in file, any other province, the communities below it."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction
from django.db.models import Q

from liaison.accounts.models import Area, AreaQuerySet

DATA = Path(__file__).parent / "data"
BUILTIN = {
    "shanxi": (DATA / "shanxi.csv", "民政部2024年县以上区划代码；国家统计局2023年6月30日乡级代码"),
}

HEADINGS = (("code", "name"), ("代码", "名称"))
CODE_LENGTH = 12
NATION = ("0" * CODE_LENGTH, "全国")
NAME_LENGTH = 40  # five levels of names fit into Area.full_name

# Beijing, Tianjin, Shanghai, Chongqing: their counties follow the province, a prefecture between them is optional.
MUNICIPALITIES = ("11", "12", "31", "50")
# Groupings of the statistics, not places; an address leaves them out: 河南省济源市.
GROUPINGS = ("市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划")

BATCH = 1000


@dataclass(frozen=True)
class Problem:
    line: int
    heading: str
    sentence: str

    def __str__(self) -> str:
        return f"第 {self.line} 行：{self.sentence}" if self.line else self.sentence


class BadAreas(Exception):
    """The rows cannot be taken; `problems` says why, in sentences for the person who made the file."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = list(problems)


def read_areas(path: str | Path) -> list[tuple[str, str]]:
    """The areas of a CSV file with the headings `code,name` or `代码,名称`; all of them or `BadAreas`."""
    return check_areas(_lines_of_csv(Path(path)))


def check_areas(lines: Iterable[tuple[int, Sequence[str]]]) -> list[tuple[str, str]]:
    """The areas of numbered lines of text (code, name); a parent must be among them or already loaded."""
    rows: list[tuple[str, str]] = []
    line_of: dict[str, int] = {}
    problems: list[Problem] = []
    for line, cells in lines:
        code, name = (*(cell.strip() for cell in cells[:2]), "", "")[:2]
        if not (code or name):
            continue
        for heading, sentence in (("代码", _fault_of_code(code)), ("名称", _fault_of_name(code, name))):
            if sentence:
                problems.append(Problem(line, heading, sentence))
        if code in line_of:
            problems.append(Problem(line, "代码", f"区划代码“{code}”与第 {line_of[code]} 行重复。"))
        line_of.setdefault(code, line)
        rows.append((code, name))
    if not rows and not problems:
        problems.append(Problem(0, "", "文件中没有区划。"))
    if not problems:
        problems = _orphans(rows, line_of)
    if problems:
        raise BadAreas(problems)
    return rows


@transaction.atomic
def load_areas(rows: Sequence[tuple[str, str]], *, source: str) -> tuple[int, int]:
    """Create what is new and rename what is called otherwise; what the rows do not name stays as it is.

    Returns the numbers of created and of renamed areas. Full names and parents of everything in the provinces
    concerned are brought in line, so a renamed county renames its townships' addresses.
    """
    names = {Area.path_of(code): name for code, name in rows}
    codes = {Area.path_of(code): code for code, _ in rows}
    known = {area.path: area for area in _same_provinces(names)}
    created = {path for path in names if path not in known}
    renamed = {path for path in names if path in known and known[path].name != names[path]}

    for path in created:
        known[path] = Area(code=codes[path], path=path, level=Area.LEVEL_BY_PATH_LENGTH[len(path)])
    for path in created | renamed:
        known[path].name = names[path]
        known[path].source = source

    changed: list[Area] = []
    for length in Area.LEVEL_BY_PATH_LENGTH:
        level = [known[path] for path in sorted(known) if len(path) == length]
        moved = {area.path for area in level if _place(area, known)}
        touched = (moved | renamed) - created
        Area.objects.bulk_create([area for area in level if area.path in created], batch_size=BATCH)
        changed += [area for area in level if area.path in touched]
    Area.objects.bulk_update(changed, ["name", "full_name", "parent", "source"], batch_size=BATCH)
    return len(created), len(renamed)


@transaction.atomic
def load_nation() -> None:
    """Put the nation above the provinces, for an installation that holds several."""
    code, name = NATION
    nation, _ = Area.objects.get_or_create(
        code=code, defaults={"path": "", "name": name, "full_name": name, "level": Area.Level.NATION}
    )
    Area.objects.filter(level=Area.Level.PROVINCE).update(parent=nation)


def _lines_of_csv(path: Path) -> Iterator[tuple[int, Sequence[str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file)
            headings = tuple(cell.strip() for cell in next(reader, [])[:2])
            if headings not in HEADINGS:
                raise BadAreas([Problem(1, "", "第一行应为“code,name”或“代码,名称”。")])
            for cells in reader:
                yield reader.line_num, cells
    except UnicodeDecodeError:
        raise BadAreas([Problem(0, "", f"{path.name} 不是 UTF-8 编码，请另存为“CSV UTF-8”。")]) from None
    except csv.Error:
        raise BadAreas([Problem(0, "", f"{path.name} 不是可读的 CSV 文件。")]) from None
    except OSError:
        raise BadAreas([Problem(0, "", f"无法打开文件 {path}。")]) from None


def _fault_of_code(code: str) -> str:
    if not code:
        return "没有区划代码。"
    if not (code.isascii() and code.isdigit()):
        return f"区划代码“{code}”应全是数字。"
    if len(code) < CODE_LENGTH:
        return f"区划代码“{code}”有 {len(code)} 位，应为 12 位，不足的在后面补 0：{code:0<12}。"
    if len(code) > CODE_LENGTH:
        return f"区划代码“{code}”有 {len(code)} 位，应为 12 位。"
    if code.startswith("0"):
        return f"区划代码“{code}”不能以 0 开头。"
    return ""


def _fault_of_name(code: str, name: str) -> str:
    if not name:
        return f"区划“{code}”没有名称。"
    if len(name) > NAME_LENGTH:
        return f"区划“{code}”的名称有 {len(name)} 个字，不能超过 {NAME_LENGTH} 个。"
    if not name.isprintable():
        return f"区划“{code}”的名称中有不可见的字符。"
    return ""


def _orphans(rows: Sequence[tuple[str, str]], line_of: dict[str, int]) -> list[Problem]:
    paths = {Area.path_of(code) for code, _ in rows}
    known = paths | {area.path for area in _same_provinces(paths).exclude(level=Area.Level.COMMUNITY)}
    return [
        Problem(
            line_of[code], "代码", f"区划“{code} {name}”的上级 {parents[0]:0<12} 不在文件中，也没有载入过。"
        )
        for code, name in rows
        if len(path := Area.path_of(code)) > len("14")
        and not known.intersection(parents := _possible_parents(path))
    ]


def _possible_parents(path: str) -> list[str]:
    """Where the parent may be, the likeliest first. Some places have no prefecture or no county above them."""
    match len(path):
        case 2:
            return [""]
        case 4:
            return [path[:2]]
        case 6 if path[2:4] == "90" or path[:2] in MUNICIPALITIES:
            return [path[:4], path[:2]]
        case 6:
            return [path[:4]]
        case 9 if path[4:6] == "00":  # 东莞市, 中山市, 嘉峪关市, 儋州市
            return [path[:4]]
        case 9:
            return [path[:6]]
        case 12:
            return [path[:9]]
    return []


def _same_provinces(paths: Iterable[str]) -> AreaQuerySet:
    """All areas of the provinces in which `paths` lie, and the nation."""
    within = Q(path="")
    for province in {path[:2] for path in paths}:
        within |= Q(path__startswith=province)
    return Area.objects.filter(within)


def _place(area: Area, known: dict[str, Area]) -> bool:
    """Give the area its parent and full name; true if either differs from before."""
    before = (area.parent_id, area.full_name)
    parents = _possible_parents(area.path)
    parent = next((known[path] for path in parents if path in known), None)
    if parent is None and len(area.path) > len("14"):  # an installation may do without the nation
        raise BadAreas(
            [Problem(0, "代码", f"区划“{area.code} {area.name}”的上级 {parents[0]:0<12} 没有载入过。")]
        )
    area.parent = parent
    area.full_name = _full_name(area)
    return before != (area.parent_id, area.full_name)


def _full_name(area: Area) -> str:
    names = [area.name]
    above = area.parent
    while above and above.path:
        if above.name not in GROUPINGS and above.name != names[0]:
            names.insert(0, above.name)
        above = above.parent
    return "".join(names)
