"""The sheet 单位: the departments that handle requests, by name within an area."""

from collections.abc import Sequence

from liaison.accounts.models import Role
from liaison.core.bulk import enter_all
from suggestions.models import Department

from .areas import AREA_CODE
from .cells import text
from .sheet import IN_ONE_QUERY, NOTE, Column, Row, Sheet


class DepartmentSheet(Sheet):
    name = "单位"
    roles = (Role.ADMIN,)
    key = ("名称", "区划代码")
    about = "承办诉求和建议的单位。同一区划、同一名称就是同一个单位，不重复新增。"
    columns = (
        Column("名称", text(60), True, "平城区住房和城乡建设局", "写全称", width=30),
        Column(
            "区划代码", AREA_CODE, True, "140213000000", "是哪里的单位，12 位代码", width=18, as_text=True
        ),
    )

    def take(self, rows: Sequence[Row]) -> None:
        good = [row for row in rows if not row.faults]
        areas = self.run.areas
        areas.fetch(row["区划代码"] for row in good)
        codes = sorted({row["区划代码"] for row in good})
        there: set[tuple[str, str]] = set()
        for start in range(0, len(codes), IN_ONE_QUERY):
            known = Department.objects.filter(area__code__in=codes[start : start + IN_ONE_QUERY])
            there |= set(known.values_list("name", "area__code"))
        new = []
        for row in good:
            area = self.run.area(row, "区划代码")
            if area is None:
                continue
            if (row["名称"], row["区划代码"]) in there:
                row.outcome = "same"
            else:
                row.outcome = "new"
                new.append(Department(name=row["名称"], area=area, area_path=area.path))
        self.run.departments += new
        if self.run.writes:
            enter_all(new, by=self.run.by, note=NOTE)
