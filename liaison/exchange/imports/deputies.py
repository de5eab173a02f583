"""The sheet 代表: one row for each mandate. Whether two rows are one person is decided here, and never guessed.

The same 代表证号 is the same person. Without it, a person is recognised by name together with phone or birth, or by the
same mandate (name, term, electing unit, first day). Where somebody has the same name and nothing tells them apart or
together, the row is a problem that asks for more.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from deputies.models import Deputy, Level, Mandate, StationAssignment, Term
from deputies.pinyin import read as sound
from liaison.accounts.models import Area, Role
from liaison.core.bulk import amend_all, enter_all, locked
from stations.models import Station

from .cells import Wrong, choice, code, day, month, person, phone, text
from .sheet import IN_ONE_QUERY, NOTE, Column, Row, Run, Sheet, differing, each
from .stations import STATION_CODE
from .terms import Terms, understood

LEVELS = {level.label: level.value for level in Level}
SEXES = {"男": Deputy.Sex.MALE, "女": Deputy.Sex.FEMALE}
CARD = code(r"[0-9A-Z\u4e00-\u9fff()（）〔〕〔〕\[\]-]+", "代表证号由字母和数字组成，最多 30 位。", most=30)
PERSON = {"性别": "sex", "民族": "ethnicity", "出生年月": "birth", "手机": "phone"}


class DeputySheet(Sheet):
    name = "代表"
    roles = (Role.OFFICE, Role.ADMIN)
    about = (
        "一行是一项代表职务；一人兼几级代表的写几行。代表证号相同就是同一个人；没有证号的，按姓名加手机或出生年月认人，"
        "分不清的会提示，不会并到别人名下。"
    )
    columns = (
        Column("代表证号", CARD, False, "DT000123", "同一个人几行都写同一个证号", as_text=True),
        Column("姓名", person, True, "王建民", "2 到 15 个字"),
        Column("性别", choice(SEXES), False, "男", "新的代表必填", choices=tuple(SEXES), width=8),
        Column("民族", text(12), False, "汉族", "", width=8),
        Column("出生年月", month, False, "1975-03", "写成 1975-03", as_text=True),
        Column("手机", phone, False, "13900001234", "不公开", as_text=True, width=16),
        Column("层级", choice(LEVELS), True, "县", "哪一级人大的代表", choices=tuple(LEVELS), width=8),
        Column("届次", text(60), True, "平城区第十八届", "写清是哪里的第几届", width=22),
        Column("选举单位", text(60), False, "南关街道第三选区", "选区或选举单位", width=22),
        Column("任职日期", day, True, "2021-06-20", "", as_text=True),
        Column("离任日期", day, False, "", "在任的空着", as_text=True),
        Column("进站编号", STATION_CODE, False, "PC03", "编入哪个站点，填站点编号", as_text=True),
    )  # fmt: skip

    def __init__(self, run: Run) -> None:
        super().__init__(run)
        self.terms = Terms(run)
        self.by_card: dict[str, Deputy] = {}
        self.by_name: dict[str, list[Deputy]] = defaultdict(list)
        self.mandates: dict[int, list[Mandate]] = defaultdict(list)  # by id() of the deputy
        self.assigned: dict[int, list[StationAssignment]] = defaultdict(list)  # by id() of the mandate
        self.kept: set[int] = set()  # ids of deputies whose data the post keeps
        self.named: dict[str, Area | None] = {}  # electing units that are called as an area
        self.new: tuple[list[Deputy], list[Mandate], list[StationAssignment]] = ([], [], [])
        self.changes: dict[int, tuple[Any, dict[str, Any]]] = {}
        self.left: list[tuple[Mandate, date]] = []  # mandates that end with this import

    def take(self, rows: Sequence[Row]) -> None:
        run = self.run
        good = [row for row in rows if not row.faults]
        run.stations.fetch(row["进站编号"] for row in good)
        self._fetch(good)
        self._fetch_units(good)
        each(good, self._plan)
        self._date_terms(good)
        if run.writes:
            self._write()
        else:
            run.seated += self.new[1]
            for assignment in self.new[2]:
                run.placed.setdefault(assignment.station.code, []).append(assignment)

    # --- What is there ---

    def _fetch(self, rows: Sequence[Row]) -> None:
        everybody = Deputy.objects.all()
        cards = sorted({row["代表证号"] for row in rows if row["代表证号"]})
        names = sorted({row["姓名"] for row in rows})
        found: dict[int, Deputy] = {}
        for field, keys in (("card_no", cards), ("name", names)):
            rows_ = (
                everybody if field == "card_no" or self.run.by is None else everybody.visible_to(self.run.by)
            )
            for start in range(0, len(keys), IN_ONE_QUERY):
                part = rows_.filter(**{f"{field}__in": keys[start : start + IN_ONE_QUERY]})
                found |= {deputy.pk: found.get(deputy.pk, deputy) for deputy in part}
        deputies = list(found.values())
        mandates = Mandate.objects.select_related("term__congress__area", "area")
        held: dict[int, Mandate] = {}
        by_pk = {deputy.pk: deputy for deputy in deputies}
        for mandate in _of(locked(mandates) if self.run.writes else mandates, "deputy", list(by_pk)):
            mandate.deputy = by_pk[mandate.deputy_id]
            self.mandates[id(mandate.deputy)].append(mandate)
            held[mandate.pk] = mandate
        assignments = StationAssignment.objects.select_related("station__area").order_by("from_on", "pk")
        for assignment in _of(locked(assignments) if self.run.writes else assignments, "mandate", list(held)):
            assignment.mandate = held[assignment.mandate_id]
            self.assigned[id(assignment.mandate)].append(assignment)
        if self.run.by is None:
            self.kept = set(by_pk)
        else:
            kept = Deputy.objects.kept_by(self.run.by)
            for start in range(0, len(deputies), IN_ONE_QUERY):
                part_ = [deputy.pk for deputy in deputies[start : start + IN_ONE_QUERY]]
                self.kept |= set(kept.filter(pk__in=part_).values_list("pk", flat=True))
        for deputy in deputies:
            self._know(deputy)

    def _know(self, deputy: Deputy) -> None:
        if deputy.card_no:
            self.by_card[deputy.card_no.upper()] = deputy
        self.by_name[deputy.name].append(deputy)

    def _fetch_units(self, rows: Sequence[Row]) -> None:
        units = sorted({row["选举单位"] for row in rows if row["选举单位"]})
        for start in range(0, len(units), IN_ONE_QUERY):
            for area in Area.objects.filter(name__in=units[start : start + IN_ONE_QUERY]):
                self.named.setdefault(f"{area.name} {area.path}", area)
        self.units: dict[str, list[Area]] = defaultdict(list)
        for found in self.named.values():
            if found is not None:
                self.units[found.name].append(found)

    # --- A row ---

    def _plan(self, row: Row) -> None:
        station = self.run.station(row, "进站编号")
        if row["离任日期"] and row["离任日期"] < row["任职日期"]:
            row.fault("离任日期", "离任日期不能早于任职日期。")
        if row["出生年月"] and row["出生年月"] > self.run.today:
            row.fault("出生年月", "出生年月不能在今天以后，请检查。")
        meant = understood(row["层级"], row["届次"])
        term = self.terms.get(meant, station.area if station else self.run.by.area if self.run.by else None)
        if row.faults:
            return
        deputy = self._person(row, term)
        if deputy is None and row["性别"] is None:
            raise Wrong("新的代表请填性别。", "性别")
        if deputy is not None and deputy.pk is not None and deputy.pk not in self.kept:
            raise Wrong("这位代表登记在别处，不在您管的范围。请联系上级人大机关办理。", "代表证号")
        known = self.mandates[id(deputy)] if deputy else []
        mandate = next((m for m in known if term is not None and m.term == term), None)
        area = self._area(row, station, term, mandate)
        if not self.run.in_area(area):
            raise Wrong(f"所在区划是{area.full_name}，不在您管的范围。", "选举单位")
        if mandate is not None and mandate.pk is None:
            raise Wrong(f"{row['姓名']}在这一届已写了一行，请只留一行。", "届次")
        if term is None:
            term = self.terms.plan(meant)
        self._bounds(row, term, station)
        row.outcome = self._keep(row, deputy, mandate, term, area, station)

    def _person(self, row: Row, term: Term | None) -> Deputy | None:
        """Whose row it is; None: a person not known yet. Raises Wrong where that cannot be told."""
        card, name = row["代表证号"], row["姓名"]
        if card and (deputy := self.by_card.get(card)):
            if deputy.name != name:
                raise Wrong(
                    f"代表证号“{card}”是{deputy.name}的，这一行写的是{name}。请核对；改名请先在代表资料里改。",
                    "姓名",
                )
            return deputy
        same = self.by_name.get(name, [])
        if card:
            same = [deputy for deputy in same if not deputy.card_no]
        alike = [deputy for deputy in same if _agrees(deputy, row)] or [
            deputy for deputy in same if self._holds(deputy, term, row)
        ]
        if len(alike) == 1:
            return alike[0]
        if len(alike) > 1:
            raise Wrong(f"有 {len(alike)} 位{name}都对得上。请填代表证号，好认出是哪一位。", "代表证号")
        if not card and any(not _differs(deputy, row) for deputy in same):
            raise Wrong(
                f"已有同名的{name}，分不清是不是同一个人。请填代表证号，或填手机、出生年月。", "代表证号"
            )
        return None

    def _holds(self, deputy: Deputy, term: Term | None, row: Row) -> bool:
        """Is this row the mandate that the deputy has already?"""
        return not _differs(deputy, row) and any(
            term is not None
            and mandate.pk is not None
            and mandate.term == term
            and mandate.from_on == row["任职日期"]
            and mandate.constituency == (row["选举单位"] or "")
            for mandate in self.mandates[id(deputy)]
        )

    def _area(self, row: Row, station: Station | None, term: Term | None, mandate: Mandate | None) -> Area:
        """Where the deputy is based: the area called as the electing unit, else the station's, else the congress's."""
        unit = row["选举单位"]
        if mandate is not None and (unit is None or unit == mandate.constituency):
            return mandate.area
        above = term.congress.area if term is not None else None
        near = station.area if station else self.run.by.area if self.run.by else above
        named = [
            area
            for area in self.units.get(unit, [])
            if (above is None or above.covers(area))
            and (near is None or area.covers(near) or near.covers(area))
        ]
        if len(named) == 1:
            return named[0]
        if mandate is not None:
            return mandate.area
        if station is not None:
            return station.area
        if above is None:
            meant = understood(row["层级"], row["届次"])
            planned = self.terms.get(meant, None) or self.terms.plan(meant)
            above = planned.congress.area
        if above is None:
            raise Wrong("全国代表请填进站编号，或把选举单位写成区划名称，好知道算在哪里。", "进站编号")
        return above

    def _bounds(self, row: Row, term: Term, station: Station | None) -> None:
        if term.pk is not None:
            if row["任职日期"] < term.from_on:
                raise Wrong(f"任职日期不能早于{term}开始的 {term.from_on:%Y-%m-%d}。", "任职日期")
            if term.to_on and row["任职日期"] > term.to_on:
                raise Wrong(f"{term}已于 {term.to_on:%Y-%m-%d} 届满，请换一届或改日期。", "任职日期")
        if station is not None and station.closed_on and station.closed_on <= row["任职日期"]:
            raise Wrong(f"{station}在 {station.closed_on:%Y-%m-%d} 已停用，不能编入代表。", "进站编号")

    def _keep(
        self,
        row: Row,
        deputy: Deputy | None,
        mandate: Mandate | None,
        term: Term,
        area: Area,
        station: Station | None,
    ) -> str:
        """Lay the row aside to be written; returns its outcome."""
        changed = False
        if deputy is None:
            fields = {name: row[heading] for heading, name in PERSON.items() if row[heading] is not None}
            deputy = Deputy(name=row["姓名"], card_no=row["代表证号"], **fields)
            deputy.pinyin, deputy.initials = sound(deputy.name)
            self.new[0].append(deputy)
            self._know(deputy)
        else:
            fields = differing(deputy, {name: row[heading] for heading, name in PERSON.items()})
            if "birth" in fields and _same_month(deputy.birth, fields["birth"]):
                del fields["birth"]  # the sheet knows the month, the record the day
            if row["代表证号"] and not deputy.card_no:
                fields["card_no"] = row["代表证号"]
                self.by_card[row["代表证号"]] = deputy
            changed = self._change(deputy, fields)
        if mandate is None:
            mandate = Mandate(
                deputy=deputy, term=term, level=term.congress.level, area=area, area_path=area.path,
                constituency=row["选举单位"] or "", from_on=row["任职日期"], to_on=row["离任日期"],
            )  # fmt: skip
            self.new[1].append(mandate)
            self.mandates[id(deputy)].append(mandate)
            outcome = "new"
        else:
            given = {
                "constituency": row["选举单位"],
                "from_on": row["任职日期"],
                "to_on": row["离任日期"],
                "area": area,
            }
            fields = differing(mandate, given)
            if "area" in fields:
                fields["area_path"] = area.path
            if "to_on" in fields:
                self.left.append((mandate, row["离任日期"]))
            changed |= self._change(mandate, fields)
            outcome = ""
        if station is not None:
            changed |= self._place(mandate, station, row)
        return outcome or ("changed" if changed else "same")

    def _place(self, mandate: Mandate, station: Station, row: Row) -> bool:
        """Assign the mandate to the station; from another one it moves over today. True where something changes."""
        there = self.assigned[id(mandate)]
        if any(one.station.code == station.code for one in there):
            return False
        start = max(row["任职日期"], station.opened_on)
        still = [one for one in there if one.to_on is None or one.to_on >= self.run.today]
        if len(still) > 1:
            names = "、".join(one.station.name for one in still)
            raise Wrong(f"现在编在{names}，不止一处。转站请在代表资料里办理。", "进站编号")
        if still:
            start = max(self.run.today, station.opened_on, still[0].from_on + timedelta(days=1))
        to_on = row["离任日期"] or mandate.to_on
        if to_on is not None and to_on < start:
            return False
        if still:
            self._change(still[0], {"to_on": start - timedelta(days=1)})
        assignment = StationAssignment(mandate=mandate, station=station, from_on=start, to_on=to_on)
        self.new[2].append(assignment)
        there.append(assignment)
        return True

    def _change(self, thing: Any, fields: dict[str, Any]) -> bool:
        if not fields:
            return False
        if thing.pk is None:
            for name, value in fields.items():
                setattr(thing, name, value)
            return True
        self.changes.setdefault(id(thing), (thing, {}))[1].update(fields)
        return True

    # --- Terms that were not there, and writing ---

    def _date_terms(self, rows: Sequence[Row]) -> None:
        """A term that is opened with the import begins with its first mandate; the person is asked to look at it."""
        for term in self.terms.opened:
            starts = [mandate.from_on for mandate in self.new[1] if mandate.term is term]
            if starts:
                term.from_on = min(starts)
        self.terms.opened = [term for term in self.terms.opened if term.from_on is not None]
        if opened := self.terms.opened:
            few = "、".join(f"{term}（{term.from_on:%Y-%m-%d}）" for term in opened[:5])
            more = f" 等 {len(opened)} 届" if len(opened) > 5 else ""
            self.run.notes.append(
                f"将新增{few}{more}，起始日期按最早的任职日期记，请导入后在“基础数据”的“届”里核对。"
            )

    def _write(self) -> None:
        run = self.run
        self.terms.write()
        deputies, mandates, assignments = self.new
        enter_all(deputies, by=run.by, note=NOTE)
        for mandate in mandates:
            mandate.deputy, mandate.term = mandate.deputy, mandate.term  # by now they have their keys
        enter_all(mandates, by=run.by, note=NOTE)
        for assignment in assignments:
            assignment.mandate, assignment.station = assignment.mandate, assignment.station
        enter_all(assignments, by=run.by, note=NOTE)
        for model in (Deputy, Mandate, StationAssignment):
            changed = [change for change in self.changes.values() if isinstance(change[0], model)]
            amend_all(changed, by=run.by, note=NOTE)
        for mandate, on in self.left:
            mandate.end_ties(on, by=run.by, note=NOTE)


def _of(rows: Any, field: str, keys: list[int]) -> Any:
    for start in range(0, len(keys), IN_ONE_QUERY):
        yield from rows.filter(**{f"{field}__in": keys[start : start + IN_ONE_QUERY]})


def _same_month(one: date | None, other: date | None) -> bool:
    return one is not None and other is not None and (one.year, one.month) == (other.year, other.month)


def _agrees(deputy: Deputy, row: Row) -> bool:
    """The same phone or month of birth, and nothing that speaks against it."""
    same = bool(deputy.phone and deputy.phone == row["手机"]) or _same_month(deputy.birth, row["出生年月"])
    return same and not _differs(deputy, row)


def _differs(deputy: Deputy, row: Row) -> bool:
    """Surely another person: another month of birth, another sex; or another phone where neither birth is known."""
    if row["性别"] and deputy.sex != row["性别"]:
        return True
    if deputy.birth and row["出生年月"]:
        return not _same_month(deputy.birth, row["出生年月"])
    return bool(deputy.phone and row["手机"] and deputy.phone != row["手机"])
