"""考勤设备的文件: what a fingerprint or card clock hands out, read and laid against the roster of one activity.

Nothing is written here before `apply`; what a file says is first shown, with everything that does not fit.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from liaison.accounts.models import Post
from liaison.core.forms import plain_text
from liaison.core.workbooks.reading import MEGABYTE, OLE, Book, Limits, Unreadable
from liaison.core.workflow import NotAllowed

from .models import Activity, Attendance
from .workflow import AttendanceState

MAX_BYTES = 2 * MEGABYTE
MAX_ROWS = 5000  # ten times what a year of a station takes
LESS = "请在考勤设备上只导出这一天的记录。"
LIMITS = Limits(size=MAX_BYTES, unpacked=20 * MEGABYTE, rows=MAX_ROWS, columns=700, advice=LESS)
EARLY = timedelta(hours=2)  # who comes before the beginning
LATE = timedelta(minutes=30)  # who leaves the hand on the clock when going
HEADER_WITHIN = 10  # devices write a title above the headings

HEADINGS = {
    "name": ("姓名", "名字", "人员姓名", "员工姓名", "代表姓名", "name"),
    "card": ("工号", "编号", "人员编号", "员工编号", "考勤号", "考勤号码", "登记号码", "代表证号", "证号", "卡号", "userid", "id"),
    "moment": ("时间", "打卡时间", "签到时间", "刷卡时间", "考勤时间", "日期时间", "出勤时间", "记录时间", "datetime"),
    "day": ("日期", "打卡日期", "考勤日期", "刷卡日期", "date"),
    "clock": ("打卡时刻", "时刻", "time"),
}  # fmt: skip


@dataclass(frozen=True)
class Punch:
    """One line of the file: its row as a person counts, who, and when (local time; a mere clock time has no day)."""

    row: int
    name: str
    card: str
    moment: str
    at: datetime | time | None


# --- Reading the file ---------------------------------------------------------------------------------------------------


def read_file(content: bytes) -> list[Punch]:
    """The lines of a csv or xlsx file. Raises ValidationError with a sentence where it is neither, or says nothing."""
    if len(content) > MAX_BYTES:
        raise ValidationError(f"文件超过 2 MB。{LESS}")
    rows = _workbook(content) if content.startswith((b"PK", OLE)) else _csv(content)
    numbered = list(enumerate(rows, start=1))
    for place, (_, row) in enumerate(numbered[:HEADER_WITHIN]):
        columns = _columns(row)
        if ("name" in columns or "card" in columns) and {"moment", "day", "clock"} & columns.keys():
            punches = [_punch(number, row, columns) for number, row in numbered[place + 1 :] if any(row)]
            if not punches:
                raise ValidationError("文件里只有表头，没有打卡记录。")
            return punches
    raise ValidationError(
        f"没有找到表头。前 {HEADER_WITHIN} 行里要有一行写着“姓名”或“工号”（代表证号），还要有“时间”。"
    )


def _csv(content: bytes) -> Iterator[list[Any]]:
    encodings = ("utf-16",) if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise ValidationError("看不懂这个文件。请上传考勤设备导出的 csv 或 xlsx 文件。")
    if "\0" in text:
        raise ValidationError("看不懂这个文件。请上传考勤设备导出的 csv 或 xlsx 文件。")
    head = text[:2000]
    mark = max(",\t;", key=head.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=mark))
    except csv.Error:
        raise ValidationError("这个 csv 文件有破损的行，读不出来。请重新导出。") from None
    return _limited([plain_text(cell) for cell in row] for row in rows)


def _workbook(content: bytes) -> Iterator[list[Any]]:
    try:
        with Book(io.BytesIO(content), LIMITS) as book:
            rows = list(book.first())
    except Unreadable as error:
        raise ValidationError(str(error)) from None
    return _limited(
        [plain_text(cell) if isinstance(cell, str) else _cell(cell) for cell in row] for row in rows
    )


def _cell(value: Any) -> Any:
    """A number that stands for a card: without the “.0” that a workbook gives it."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else value


def _limited(rows: Iterable[list[Any]]) -> Iterator[list[Any]]:
    for number, row in enumerate(rows):
        if number > MAX_ROWS:
            raise ValidationError(f"文件超过 {MAX_ROWS} 行。{LESS}")
        yield row


def _columns(row: list[Any]) -> dict[str, int]:
    """Which column is what, by the usual headings; the first of a kind counts."""
    found: dict[str, int] = {}
    for place, cell in enumerate(row):
        heading = re.sub(r"[\s/_:：（）()]", "", unicodedata.normalize("NFKC", str(cell))).lower()
        for kind, words in HEADINGS.items():
            if heading in words:
                found.setdefault(kind, place)
    return found


def _punch(number: int, row: list[Any], columns: dict[str, int]) -> Punch:
    def cell(kind: str) -> Any:
        place = columns.get(kind)
        return row[place] if place is not None and place < len(row) else ""

    day, clock = cell("day"), cell("clock") or cell("moment")
    moment = cell("moment") or cell("clock")
    at = read_moment(moment)
    if "day" in columns and (known := read_moment(day)) is not None and not isinstance(known, time):
        hour = read_moment(clock)
        at = (
            datetime.combine(known.date(), hour)
            if isinstance(hour, time)
            else hour
            if hour is not None
            else known
        )
    shown = " ".join(str(part) for part in (day, moment) if part not in ("", None))
    return Punch(number, name_key(cell("name")), _card(cell("card")), shown[:30], at)


def _card(value: Any) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", str(value)))[:30]


def name_key(value: Any) -> str:
    """A name as it is compared: no spaces, one kind of middle dot."""
    return re.sub(r"[•‧∙・．.]", "·", re.sub(r"\s", "", unicodedata.normalize("NFC", str(value))))[:30]


def read_moment(value: Any) -> datetime | time | None:
    """A moment as devices write it: 2026-11-22 08:55:03, 2026/11/22 8:55, 2026年11月22日 8:55, or 8:55 alone."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    if isinstance(value, date):
        return datetime.combine(value, time())
    if isinstance(value, time):
        return value
    text = unicodedata.normalize("NFKC", str(value)).replace("T", " ").strip()
    found = re.fullmatch(
        r"(?:(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?)?\s*(?:(\d{1,2})[:时](\d{1,2})(?:[:分](\d{1,2})(?:\.\d+)?)?[分秒]?)?",
        text,
    )
    if not found or not text:
        return None
    year, month, day, hour, minute, second = (int(part) if part else None for part in found.groups())
    try:
        clock = time(hour, minute or 0, second or 0) if hour is not None else None
        if year is None or month is None or day is None:
            return clock
        return datetime.combine(date(year, month, day), clock or time())
    except ValueError:
        return None


# --- Laying it against the roster ---------------------------------------------------------------------------------------


@dataclass
class Reading:
    """What a file means for an activity. `found` and `conflicts` may be applied; the rest is only told."""

    found: list["Match"] = field(default_factory=list)  # on the roster, not checked in yet
    conflicts: list["Match"] = field(default_factory=list)  # on leave or replaced, and yet here: staff decide
    known: list["Match"] = field(default_factory=list)  # checked in already: nothing to do
    problems: list[tuple[int, str]] = field(default_factory=list)  # row, sentence


@dataclass(frozen=True)
class Match:
    attendance: Attendance
    at: datetime
    row: int
    times: int  # how often the person touched the clock


def lay(punches: Iterable[Punch], activity: Activity) -> Reading:
    """Each person of the file once, by the earliest time within the hours of the activity."""
    roster = list(activity.attendances.select_related("mandate__deputy", "activity").order_by("pk"))
    reading = Reading()
    came: dict[int, list[tuple[datetime, int]]] = {}
    for punch in punches:
        found, problem = _person(punch, roster)
        at, wrong = _moment(punch, activity)
        if problem or wrong:
            reading.problems.append((punch.row, problem or wrong))
        elif at is not None:
            for row in found:
                came.setdefault(row.pk, []).append((at, punch.row))
    for row in roster:
        if row.pk not in came:
            continue
        at, number = min(came[row.pk])
        match = Match(row, at, number, len(came[row.pk]))
        if row.state == AttendanceState.PRESENT:
            reading.known.append(match)
        elif why_not := row.mandate.why_not_on(activity.day):
            reading.problems.append((number, why_not))
        elif row.state in (AttendanceState.LEAVE, AttendanceState.SUBSTITUTED):
            reading.conflicts.append(match)
        else:
            reading.found.append(match)
    return reading


def _person(punch: Punch, roster: list[Attendance]) -> tuple[list[Attendance], str]:
    """Whose places on the roster a line means: one person's, by card number or else by name; or why nobody's."""
    if not punch.name and not punch.card:
        return [], "没有姓名，也没有工号。"
    by_card = [row for row in roster if punch.card and row.mandate.deputy.card_no == punch.card]
    if by_card:
        name = name_key(by_card[0].mandate.deputy.name)
        if punch.name and punch.name != name:
            return [], f"工号“{punch.card}”是{name}的代表证号，文件里的姓名是“{punch.name}”，请核对。"
        return by_card, ""
    called = [row for row in roster if punch.name and name_key(row.mandate.deputy.name) == punch.name]
    if not called:
        who = f"“{punch.name}”" if punch.name else f"工号“{punch.card}”"
        return [], f"名单里没有{who}。确实到会的，先排入名单再导入。"
    if len({row.mandate.deputy_id for row in called}) > 1:
        return [], f"名单里有几位“{punch.name}”，工号对不上，分不清是谁。请在名单里直接签到。"
    return called, ""


def _moment(punch: Punch, activity: Activity) -> tuple[datetime | None, str]:
    """When, as a moment of the house; or why it is none of this activity."""
    at = punch.at
    if at is None:
        return (
            None,
            f"时间“{punch.moment}”看不懂，应写成 2026-11-11 08:55。" if punch.moment else "没有时间。",
        )
    if isinstance(at, time):
        at = datetime.combine(activity.day, at)
    if at.date() != activity.day:
        return None, f"时间是{at:%Y年%-m月%-d日}，不是这次活动的日子。"
    first = datetime.combine(activity.day, activity.starts_at) - EARLY
    last = datetime.combine(activity.day, activity.ends_at) + LATE
    if not first <= at <= last:
        return None, f"打卡时间 {at:%-H:%M} 不在活动时间里（{first:%-H:%M}—{last:%-H:%M}）。"
    return timezone.make_aware(at), ""


def apply(chosen: Iterable[tuple[int, datetime]], activity: Activity, *, by: Post) -> int:
    """Check in these places on the roster (key, when); one that is checked in already stays as it is.

    Returns how many were changed. Raises NotAllowed where one is refused; the caller's transaction then undoes all.
    """
    moments = dict(chosen)
    rows = activity.attendances.filter(pk__in=moments).select_related("activity", "mandate__deputy")
    count = 0
    for row in rows.order_by("pk"):
        if row.state == AttendanceState.PRESENT:
            continue
        if why_not := row.mandate.why_not_on(activity.day):
            raise NotAllowed(why_not)
        row.check_in(by=by, how=Attendance.How.DEVICE, arrived_at=moments[row.pk])
        count += 1
    return count
