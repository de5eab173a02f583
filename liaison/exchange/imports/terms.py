"""Which congress and term a text means: 大同市第十六届, 云州区西坪镇第19届, 全国第十四届."""

import re
import unicodedata
from dataclasses import dataclass

from deputies.models import Congress, Level, Term
from liaison.accounts.models import Area
from liaison.core.models import AuditEntry

from .cells import Wrong
from .sheet import NOTE, Run

AREA_LEVELS = {
    Level.PROVINCE: Area.Level.PROVINCE,
    Level.CITY: Area.Level.PREFECTURE,
    Level.COUNTY: Area.Level.COUNTY,
    Level.TOWNSHIP: Area.Level.TOWNSHIP,
}
DIGITS = {character: value for value, character in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2}
TEXT = re.compile(
    r"(.*?)(?:人民代表大会|人大)?(?:第(\d{1,3}|[〇零一二三四五六七八九十百]{1,5})|(\d{1,3}))届(?:人民代表大会|人大)?(?:代表)?"
)
LIKE = "请写成“大同市第十六届”这样。"


@dataclass(frozen=True)
class Meant:
    """What a row says: level, place as written, number of the term."""

    level: str
    place: str
    number: int


def understood(level: str, text: str) -> Meant:
    """Raises Wrong."""
    match = TEXT.fullmatch(re.sub(r"\s", "", unicodedata.normalize("NFKC", text)))
    number = numeral(match[2] or match[3]) if match else 0
    if match is None or not 1 <= number <= 99:
        raise Wrong(f"看不懂“{text[:20]}”，{LIKE}", "届次")
    place = match[1]
    if level == Level.NATIONAL and place in ("", "全国", "中华人民共和国"):
        place = "全国"
    return Meant(level, place, number)


def numeral(text: str) -> int:
    """3 of 3, 三, 〇三; 16 of 十六."""
    if text.isdigit():
        return int(text)
    total, digit = 0, 0
    for character in text:
        if character in "十百":
            total += (digit or 1) * (100 if character == "百" else 10)
            digit = 0
        else:
            digit = DIGITS[character]
    return total + digit


class Terms:
    """The terms that a run knows: those of the database, and those it opens."""

    def __init__(self, run: Run) -> None:
        self.run = run
        terms = Term.objects.select_related("congress__area")
        self.known = list(terms if run.by is None else terms.concerning(run.by.area))
        congresses = Congress.objects.select_related("area")
        self.congresses = list(congresses if run.by is None else congresses.visible_to(run.by))
        self.found: dict[tuple[Meant, str], Term] = {}
        self.opened: list[Term] = []

    def get(self, meant: Meant, base: Area | None) -> Term | None:
        """The one term that is meant; None where there is none yet. `base` decides where no place is written."""
        key = (meant, "" if meant.place else getattr(base, "path", ""))
        if key not in self.found:
            same = [t for t in self.known if t.number == meant.number and _is(t.congress, meant, base)]
            if len(same) > 1:
                names = "、".join(term.congress.name for term in same[:3])
                raise Wrong(
                    f"“{meant.place}”不止一处：{names}。请写全称，如 大同市云州区西坪镇第十九届。", "届次"
                )
            if not same:
                return None
            self.found[key] = same[0]
        return self.found[key]

    def plan(self, meant: Meant) -> Term:
        """A term that is not there yet, to be opened with the import. Raises Wrong where that cannot be."""
        told = f"{meant.place}第{meant.number}届"
        if not self.run.may_enter_terms:
            raise Wrong(f"还没有“{told}”这一届。请管理员先在“基础数据”的“届”里增加。", "届次")
        if not meant.place:
            raise Wrong(f"没有写是哪里的第{meant.number}届，{LIKE}", "届次")
        same = [one for one in self.congresses if _is(one, meant, None)]
        congress = same[0] if len(same) == 1 else self._congress(meant)
        term = Term(congress=congress, number=meant.number)
        self.opened.append(term)
        self.known.append(term)
        return term

    def _congress(self, meant: Meant) -> Congress:
        area = None
        if meant.level != Level.NATIONAL:
            areas = Area.objects.filter(
                level=AREA_LEVELS[Level(meant.level)], full_name__endswith=meant.place
            )
            found = [one for one in areas[:3] if self.run.in_area(one)]
            if not found:
                raise Wrong(
                    f"没有“{meant.place}”这个{Level(meant.level).label}级区划，或不在您管的范围。{LIKE}",
                    "届次",
                )
            if len(found) > 1:
                raise Wrong(f"“{meant.place}”不止一处。请写全称，如 {found[0].full_name}。", "届次")
            area = found[0]
            if there := next((c for c in self.congresses if c.area == area and c.level == meant.level), None):
                return there
        elif self.run.by is not None and self.run.by.area.level != Area.Level.PROVINCE:
            raise Wrong("全国人大的届次由省级管理员增加。", "届次")
        name = f"{area.full_name if area else '全国'}人民代表大会"
        if meant.level in (Level.CITY, Level.PROVINCE) and area is not None:
            name = f"{area.name}人民代表大会"
        congress = Congress(area=area, level=meant.level, name=name)
        self.congresses.append(congress)
        return congress

    def write(self) -> None:
        """Enter the opened terms, with their record."""
        for term in self.opened:
            for thing in (term.congress, term):
                if thing.pk is None:
                    if isinstance(thing, Term):
                        thing.congress = thing.congress  # takes over the key
                    thing.save(force_insert=True)
                    area = term.congress.area
                    path = area.path if area else ""
                    AuditEntry.objects.record(thing, "enter", by=self.run.by, note=NOTE, area_path=path)
        self.opened = []


def _is(congress: Congress, meant: Meant, base: Area | None) -> bool:
    if congress.level != meant.level:
        return False
    if not meant.place:
        return congress.area is None or (base is not None and congress.area.covers(base))
    name = congress.name.removesuffix("人民代表大会")
    if meant.place == name or meant.level == Level.NATIONAL:
        return True
    return congress.area is not None and f"{congress.area.full_name}".endswith(meant.place)
