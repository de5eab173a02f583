"""The sheet 区划: code and name, taken by the same rules as `load_areas`."""

from collections.abc import Sequence

from liaison.accounts.areas import BadAreas, check_areas, load_areas
from liaison.accounts.models import Area, Role
from liaison.core.models import AuditEntry

from .cells import code, text
from .sheet import NOTE, Column, Row, Sheet

AREA_CODE = code(r"\d{1,15}", "区划代码应全是数字，如 140213001000。", most=15)


class AreaSheet(Sheet):
    name = "区划"
    roles = (Role.ADMIN,)
    key = ("代码",)
    about = "新的区划（多半是村和社区），或改名的。上级要在系统里，或同在这张表。"
    columns = (
        Column("代码", AREA_CODE, True, "140213001001", "12 位区划代码", width=18, as_text=True),
        Column("名称", text(50), True, "南关社区居民委员会", "不含上级的名称", width=28),
    )

    def take(self, rows: Sequence[Row]) -> None:
        good = {row.line: row for row in rows if not row.faults}
        try:
            taken = check_areas((line, (row["代码"], row["名称"])) for line, row in good.items())
        except BadAreas as bad:
            for problem in bad.problems:
                if problem.line in good:
                    good[problem.line].fault(problem.heading, problem.sentence)
            taken = []
        kept = self.run.areas
        kept.fetch(row["代码"] for row in good.values())
        new, renamed = [], []
        for row in good.values():
            if row.faults:
                continue
            area = Area(
                code=row["代码"], path=Area.path_of(row["代码"]), name=row["名称"], full_name=row["名称"]
            )
            if not self.run.in_area(area):
                row.fault("代码", f"区划“{area.code}”不在您管的范围，请删去这一行。")
                continue
            found = kept.get(area.code)
            if found is None:
                row.outcome = "new"
                new.append(area.code)
                kept.add(area.code, area)
            elif found.name != area.name:
                row.outcome = "changed"
                renamed.append((area.code, found.name))
            else:
                row.outcome = "same"
        if self.run.writes and (new or renamed):
            chosen = {row["代码"] for row in good.values() if row.outcome in ("new", "changed")}
            load_areas([one for one in taken if one[0] in chosen], source="工作簿导入")
            self._record(new, dict(renamed))

    def _record(self, new: list[str], renamed: dict[str, str]) -> None:
        kept = self.run.areas
        for one in (*new, *renamed):
            kept.known.pop(one, None)
        kept.fetch([*new, *renamed])
        entries = []
        for one in (*new, *renamed):
            area = kept.get(one)
            data = {"name": [renamed[one], area.name]} if one in renamed else {"code": one}
            deed = "correct" if one in renamed else "enter"
            entry = AuditEntry.objects.draft(area, deed, by=self.run.by, note=NOTE, data=data)
            entry.area_path = area.path
            entries.append(entry)
        AuditEntry.objects.bulk_create(entries, batch_size=1000)
