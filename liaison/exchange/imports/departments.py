"""The sheet 单位: the departments that handle requests, by name within an area."""

from collections.abc import Iterable, Sequence

from liaison.accounts.models import Area, Role
from liaison.core.bulk import enter_all
from suggestions.models import Department

from .areas import AREA_CODE
from .cells import Wrong, text
from .sheet import IN_ONE_QUERY, NOTE, Column, Row, Run, Sheet


class Departments:
    """Which department a name means in a sheet that says who handled something: of the database, and of this file."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.by_name: dict[str, list[Department]] = {}

    def fetch(self, names: Iterable[str]) -> None:
        missing = sorted(set(names) - self.by_name.keys())
        for name in missing:
            self.by_name[name] = [one for one in self.run.departments if one.name == name and one.pk is None]
        for start in range(0, len(missing), IN_ONE_QUERY):
            for one in Department.objects.filter(name__in=missing[start : start + IN_ONE_QUERY]):
                self.by_name[one.name].append(one)

    def nearest(self, name: str, area: Area, heading: str, *, open_: bool) -> Department:
        """The nearest of this name that answers for `area`: its own, or of an area above it. Raises Wrong.

        `open_`: it still has to answer, so it must be one of today.
        """
        found = [one for one in self.by_name[name] if one.area_path in area.path_and_above]
        if self.run.by is not None:
            found = [one for one in found if one.area_path.startswith(self.run.by.area.path)]
        if not found:
            raise Wrong(
                f"没有承办单位“{name}”，或者它不管{area.name}的事。请写全称，或先登记这个单位。", heading
            )
        department = max(found, key=lambda one: len(one.area_path))
        if open_ and not department.active:
            raise Wrong(f"{name}已停用，不能还在办理。请改状态，或填现在负责的单位。", heading)
        return department


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
