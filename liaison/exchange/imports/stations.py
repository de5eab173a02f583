"""The sheet 站点: the register of stations, by number."""

from collections.abc import Sequence
from typing import Any

from liaison.accounts.models import Area, Role
from liaison.core.bulk import amend_all, enter_all, locked
from stations.models import Station

from .areas import AREA_CODE
from .cells import choice, code, day, degrees, phone, text
from .sheet import IN_ONE_QUERY, NOTE, Column, Lookup, Row, Run, Sheet, differing, each

KINDS = {
    "代表之家": Station.Kind.HOME,
    "联络站": Station.Kind.STATION,
    "联络点": Station.Kind.POINT,
    "微站": Station.Kind.MICRO,
    "信箱": Station.Kind.MAILBOX,
}
ALSO = {Station.Kind(kind).label: kind for kind in Station.Kind.values}
STATION_CODE = code(
    r"(?=.*[0-9])[A-Z0-9-]+", "编号由字母、数字和“-”组成，至少有一个数字，最多 20 位，如 PC03。"
)


class StationSheet(Sheet):
    name = "站点"
    roles = (Role.OFFICE, Role.ADMIN)
    key = ("编号",)
    about = "代表之家、联络站、联络点、微站、信箱。编号已有的更新，没有的新增。"
    columns = (
        Column("编号", STATION_CODE, True, "PC03", "印在门牌上的编号，全系统不重复", as_text=True),
        Column("名称", text(60), True, "南关街道联络站", "同一区划里不重名", width=24),
        Column("类型", choice({**KINDS, **ALSO}), True, "联络站", "从下拉列表里选", choices=tuple(KINDS)),
        Column("上级编号", STATION_CODE, False, "", "联络点、微站、信箱归哪个站管，填那个站的编号", as_text=True),
        Column("区划代码", AREA_CODE, True, "140213001000", "站点所在乡镇、街道或村、社区的 12 位代码", width=18, as_text=True),
        Column("地址", text(120), False, "南关南街 12 号", width=28),
        Column("经度", degrees(73, 136, "纬度"), False, "113.300100", "十进制度数；经度和纬度一起填"),
        Column("纬度", degrees(3, 54, "经度"), False, "40.076200"),
        Column("电话", phone, False, "03525100000", "固定电话带区号", as_text=True, width=16),
        Column("开放时间", text(120), False, "周一至周五 8:30—12:00", width=24),
        Column("启用日期", day, True, "2022-03-01", "写成 2023-10-11", as_text=True),
        Column("品牌", text(60), False, "", "一站一品牌"),
    )  # fmt: skip
    FIELDS = {
        "名称": "name", "类型": "kind", "地址": "address", "经度": "longitude", "纬度": "latitude", "电话": "phone",
        "开放时间": "hours", "启用日期": "opened_on", "品牌": "brand",
    }  # fmt: skip

    def __init__(self, run: Run) -> None:
        super().__init__(run)
        everywhere = Station.objects.select_related("area", "parent")
        self.kept = Lookup(locked(everywhere) if run.writes else everywhere, "code")
        self.names: dict[tuple[str, str], str] = {}  # area and name → code

    def take(self, rows: Sequence[Row]) -> None:
        run = self.run
        good = [row for row in rows if not row.faults]
        run.areas.fetch(row["区划代码"] for row in good)
        run.stations.fetch(code for row in good for code in (row["编号"], row["上级编号"]))
        self.kept.fetch(row["编号"] for row in good)
        self._fetch_names(good)
        self.planned: dict[str, tuple[Row, Station, dict[str, Any]]] = {}
        each(good, self._plan)
        self._leave_out_orphans()
        new = [station for row, station, _ in self.planned.values() if row.outcome == "new"]
        if run.writes:
            changed = [(s, fields) for row, s, fields in self.planned.values() if row.outcome == "changed"]
            self._enter(new)
            amend_all(changed, by=run.by, note=NOTE)
        for code_, (_, station, _) in self.planned.items():
            run.stations.add(code_, station)

    def _fetch_names(self, rows: Sequence[Row]) -> None:
        areas = sorted({row["区划代码"] for row in rows})
        for start in range(0, len(areas), IN_ONE_QUERY):
            there = Station.objects.filter(area__code__in=areas[start : start + IN_ONE_QUERY])
            for area, name, code_ in there.values_list("area__code", "name", "code"):
                self.names[area, name] = code_

    def _plan(self, row: Row) -> None:
        station = self.kept.get(row["编号"])
        if station is not None and self.run.stations.get(row["编号"]) is None:
            row.fault("编号", f"编号“{row['编号']}”已是别处的站点，不在您管的范围。请换一个编号。")
        area: Area | None = self.run.area(row, "区划代码")
        if (row["经度"] is None) != (row["纬度"] is None):
            row.fault("纬度" if row["纬度"] is None else "经度", "经度和纬度要一起填，或都不填。")
        owner = self.names.get((row["区划代码"], row["名称"]))
        if owner not in (None, row["编号"]):
            row.fault("名称", f"这个区划里已有同名的站点（{owner}），请换一个名称。")
        if station is not None and station.closed_on and row["启用日期"] > station.closed_on:
            row.fault("启用日期", f"启用日期不能晚于停用日期 {station.closed_on:%Y-%m-%d}。")
        if row.faults:
            return
        self.names[row["区划代码"], row["名称"]] = row["编号"]
        fields = {name: row[heading] for heading, name in self.FIELDS.items()} | {"area": area}
        if station is None:
            station = Station(
                code=row["编号"], **{name: value for name, value in fields.items() if value is not None}
            )
            station.area_path = station.area.path
            row.outcome = "new"
            self.planned[row["编号"]] = (row, station, {})
            return
        changes = differing(station, fields)
        if "area" in changes:
            changes["area_path"] = changes["area"].path
        row.outcome = "changed" if changes else "same"
        self.planned[row["编号"]] = (row, station, changes)

    def _leave_out_orphans(self) -> None:
        """The parent is in the file or in sight, is no descendant, and its own row is right."""
        looked_at = False
        while not looked_at:
            looked_at = True
            for code_, (row, station, _) in list(self.planned.items()):
                above = row["上级编号"]
                if above and above not in self.planned and self.run.stations.get(above) is None:
                    row.fault(
                        "上级编号", f"没有上级站点“{above}”，或它那一行有问题，或不在您管的范围。请检查编号。"
                    )
                elif above and self._is_below(above, code_):
                    row.fault("上级编号", "上级编号绕了一圈：这个站点在它的下面，不能作上级。")
                else:
                    continue
                row.outcome = ""
                del self.planned[code_]
                self.names.pop((row["区划代码"], row["名称"]), None)
                looked_at = station.pk is not None and looked_at
        for row, station, changes in self.planned.values():
            if not row["上级编号"]:
                continue
            parent = self._station(row["上级编号"])
            if row.outcome == "new":
                station.parent = parent
            elif station.parent is None or station.parent.code != parent.code:
                changes["parent"] = parent
                row.outcome = "changed"

    def _station(self, code_: str) -> Station:
        return self.planned[code_][1] if code_ in self.planned else self.run.stations.get(code_)

    def _is_below(self, above: str, code_: str) -> bool:
        seen: set[str] = set()
        at: str | None = above
        while at and at not in seen:
            if at == code_:
                return True
            seen.add(at)
            if at in self.planned and self.planned[at][0]["上级编号"]:
                at = self.planned[at][0]["上级编号"]
            else:
                station = self._station(at)
                at = station.parent.code if station and station.parent else None
        return False

    def _enter(self, new: list[Station]) -> None:
        """Those above first: a row points at its parent by the parent's key."""
        while new:
            ready = [s for s in new if s.parent is None or s.parent.pk]
            for station in ready:
                station.parent = station.parent  # takes over the key that the parent has by now
            enter_all(ready, by=self.run.by, note=NOTE)
            new = [s for s in new if not s.pk]
