"""The sheet 来访: registers kept on paper or in a table. Taken in as the reception log does; the person stands apart."""

from collections.abc import Iterable, Sequence
from datetime import date

from django.db.models.functions import Substr

from liaison.accounts.models import Role
from stations.models import Station
from suggestions.intake import take_in_all
from visits.models import Activity, Visit
from visits.workflow import ActivityState

from .activities import NUMBER, Day
from .cells import Wrong, choice, day, number, person, phone, text
from .sheet import IN_ONE_QUERY, NOTE, Column, Row, Run, Sheet, each
from .stations import STATION_CODE

OUTCOMES = {label: outcome for outcome, label in Visit.Outcome.choices}
BEGINNING = 20  # characters of what was said by which a visit is known again
MAX_TEXT = 5000


class VisitSheet(Sheet):
    name = "来访"
    roles = (Role.OFFICE, Role.STATION)
    batch = 2000
    by_number = False
    same_word = "重复"
    about = (
        "一行是一位或一批来访群众。有活动编号的，站点和日期跟活动走；没有的填站点编号和日期。"
        "站点、日期、姓名、手机和内容前 20 个字都相同的，算重复，不再导入。"
    )
    columns = (
        Column("活动编号", NUMBER, False, "2023-0001", "接待日当天来的，填那天活动的编号", as_text=True),
        Column("站点编号", STATION_CODE, False, "PC03", "没有活动编号时必填", as_text=True),
        Column("日期", day, False, "2023-10-11", "没有活动编号时必填", as_text=True),
        Column("人数", number(1, Visit.MAX_HEADCOUNT), False, "1", "不填算 1 人", width=8),
        Column("姓名", person, False, "田秀兰", "不愿留名的空着"),
        Column("手机", phone, False, "13900005521", "", as_text=True, width=16),
        Column("住址", text(60), False, "火车站社区", "村、社区", width=22),
        Column("内容", text(MAX_TEXT, lines=True), True, "暖气不热，室温十四度。", "用来访人自己的话", width=40),
        Column("处理", choice(OUTCOMES), True, "现场答复", "从下拉列表里选；“提交派单”的会生成诉求单", choices=tuple(OUTCOMES)),
    )  # fmt: skip

    def __init__(self, run: Run) -> None:
        super().__init__(run)
        self.seen: set[int] = set()  # of each visit known: station, day, name, phone, beginning
        self.seen_of: set[str] = set()
        self.raised = 0

    def take(self, rows: Sequence[Row]) -> None:
        run = self.run
        good = [row for row in rows if not row.faults]
        run.stations.fetch(row["站点编号"] for row in good)
        self._fetch_days({row["活动编号"] for row in good if row["活动编号"]})
        places = {id(row): self._place(row) for row in good}
        self._fetch_seen(place[0] for place in places.values() if place is not None)
        self.new: list[tuple[Visit, dict[str, str]]] = []
        self.places = places
        each(good, self._plan)
        if run.writes:
            take_in_all(self.new, by=run.by, note=NOTE)
            run.logged |= {visit.pk for visit, _ in self.new}

    def finish(self) -> None:
        if self.raised:
            self.run.notes.append(f"“来访”表里处理是“提交派单”的 {self.raised} 行，各生成一张诉求单。")

    def _fetch_days(self, numbers: Iterable[str]) -> None:
        missing = sorted(set(numbers) - self.run.days.keys())
        rows = Activity.objects.all() if self.run.by is None else Activity.objects.visible_to(self.run.by)
        for start in range(0, len(missing), IN_ONE_QUERY):
            part = rows.filter(number__in=missing[start : start + IN_ONE_QUERY])
            few = part.select_related("station__area").only("number", "day", "state", "closed_at", "station")
            self.run.days |= {activity.number: Day.of(activity) for activity in few}

    def _place(self, row: Row) -> tuple[Station, date, Day | None] | None:
        """Where and when a visit was, and at which activity; None and a fault where that is not clear."""
        station = self.run.station(row, "站点编号")
        if row["活动编号"]:
            found: Day | None = self.run.days.get(row["活动编号"])
            if found is None:
                row.fault("活动编号", self.run.not_found("活动", row["活动编号"]))
            elif found.state == ActivityState.CANCELLED:
                row.fault("活动编号", "这个活动已取消，不能登记来访。")
            elif station is not None and station.code != found.station.code:
                row.fault("站点编号", f"这个活动在 {found.station.code}，和这里写的不一样。请改好，或空着。")
            elif row["日期"] and row["日期"] != found.day:
                row.fault("日期", f"这个活动在 {found.day:%Y-%m-%d}，和这里写的不一样。请改好，或空着。")
            elif found.day > self.run.today:
                row.fault("日期", "来访日期不能晚于今天。")
            return None if row.faults or found is None else (found.station, found.day, found)
        for heading in ("站点编号", "日期"):
            if row[heading] is None:
                row.fault(heading, f"没有活动编号的，请填{heading}。")
        if row["日期"] and row["日期"] > self.run.today:
            row.fault("日期", "来访日期不能晚于今天。")
        return None if row.faults or station is None else (station, row["日期"], None)

    def _fetch_seen(self, stations: Iterable[Station]) -> None:
        """The visits that a station has already, voided ones too: what was taken out does not come back by itself."""
        missing = {s.pk: s.code for s in stations if s.pk and s.code not in self.seen_of}
        self.seen_of |= set(missing.values())
        keys = sorted(missing)
        fields = ("station_id", "day", "visitor__name", "visitor__phone", "begins")
        for start in range(0, len(keys), IN_ONE_QUERY):
            there = Visit.objects.filter(station__in=keys[start : start + IN_ONE_QUERY])
            rows = there.annotate(begins=Substr("text", 1, BEGINNING)).order_by().values_list(*fields)
            for pk, on, name, phone_, begins in rows.iterator(chunk_size=2000):
                self.seen.add(fingerprint(missing[pk], on, name, phone_, begins))

    def _plan(self, row: Row) -> None:
        place = self.places[id(row)]
        if place is None:
            return
        station, on, activity = place
        if row["姓名"] is None and row["手机"]:
            raise Wrong("填了手机，没有填姓名。不愿留名的，手机也请空着。", "姓名")
        key = fingerprint(station.code, on, row["姓名"], row["手机"], row["内容"][:BEGINNING])
        if key in self.seen:
            row.outcome = "same"
            return
        if activity is not None and activity.state == ActivityState.CLOSED and activity.closed_at:
            raise Wrong("这个活动已在页面上结束。要补录，请先在活动页面重新打开。", "活动编号")
        self.seen.add(key)
        row.outcome = "new"
        outcome = row["处理"]
        self.raised += outcome == Visit.Outcome.DISPATCH
        if not self.run.writes:
            return
        visit = Visit(
            activity_id=activity.pk if activity else None, station=station, day=on, headcount=row["人数"] or 1,
            text=row["内容"],
            outcome=outcome, anonymous=row["姓名"] is None,
            reason="导入的登记，没有写原因" if outcome == Visit.Outcome.NOT_ACCEPTED else "",
        )  # fmt: skip
        person_ = {"name": row["姓名"] or "", "phone": row["手机"] or "", "address": row["住址"] or ""}
        self.new.append((visit, person_))


def fingerprint(code: str, on: date, name: str | None, phone: str | None, begins: str) -> int:
    return hash((code, on, name or "", phone or "", begins))
