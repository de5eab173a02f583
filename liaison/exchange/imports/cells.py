"""From a cell to a value. Each converter takes what stands in the cell and gives the value, or raises `Wrong`.

Workbooks know no difference between 13900000000 the phone and 13900000000.0 the number, and people write days in many
ways; what can only mean one thing is taken.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from django.core.exceptions import ValidationError

from liaison.core.forms import clean_person_name, clean_phone, plain_text
from liaison.core.workbooks.reading import Cell

Converter = Callable[[Cell], Any]

EXACT = 10**15  # Excel keeps fifteen digits of a number
ERRORS = ("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!")
ESCAPED = re.compile("_x00[01][0-9A-Fa-f]_")  # how XML of Excel writes a control character


class Wrong(Exception):
    """What is wrong with a cell, as a sentence that says what to do; `heading` where it is another column's."""

    def __init__(self, sentence: str, heading: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.heading = heading


def words(cell: Cell) -> str:
    """The cell as plain text."""
    match cell:
        case bool():
            return "是" if cell else "否"
        case float() | int():
            if abs(cell) >= EXACT:
                raise Wrong("数字超过 15 位，Excel 已经改掉了后面几位。请把这一列设为“文本”格式，重新填写。")
            return str(int(cell)) if float(cell).is_integer() else f"{cell:.10f}".rstrip("0")
        case datetime():
            return f"{cell:%Y-%m-%d}" if cell.time() == time() else f"{cell:%Y-%m-%d %H:%M}"
        case date():
            return f"{cell:%Y-%m-%d}"
        case time():
            return f"{cell:%H:%M}"
        case timedelta():
            return str(cell)
    found = plain_text(ESCAPED.sub("", cell) if "_x" in cell else cell)
    if found.startswith("#") and found in ERRORS:
        raise Wrong(f"这一格的公式出错了（{found}）。请改成填好的内容。")
    return found


def text(most: int, *, lines: bool = False) -> Converter:
    """Text of at most so many characters; on one line unless `lines`."""

    def read(cell: Cell) -> str:
        found = words(cell)
        if not lines and not found.isprintable():
            found = " ".join(found.split())
        if len(found) > most:
            raise Wrong(f"最多 {most} 个字，现在有 {len(found)} 个，请缩短。")
        return found

    return read


def code(pattern: str, sentence: str, most: int = 20) -> Converter:
    """A number or code: without spaces, in capitals and ASCII digits."""

    def read(cell: Cell) -> str:
        found = re.sub(r"\s", "", unicodedata.normalize("NFKC", words(cell))).upper()
        if len(found) > most or not re.fullmatch(pattern, found):
            raise Wrong(sentence)
        return found

    return read


def choice(options: Mapping[str, Any]) -> Converter:
    """One of a closed list."""

    def read(cell: Cell) -> Any:
        found = re.sub(r"\s", "", words(cell))
        if found not in options:
            raise Wrong(f"没有“{found[:20]}”这一项，只能填：{'、'.join(options)}。")
        return options[found]

    return read


def number(least: int, most: int) -> Converter:
    """A whole number in a range."""

    def read(cell: Cell) -> int:
        written = words(cell)
        found = unicodedata.normalize("NFKC", written).rstrip("人个名次 ")
        if not re.fullmatch(r"\d{1,9}", found, re.ASCII):
            raise Wrong(f"“{written[:20]}”不是整数，请只填数字。")
        if not least <= int(found) <= most:
            raise Wrong(f"{int(found)} 超出范围，应在 {least} 到 {most} 之间。")
        return int(found)

    return read


def degrees(least: int, most: int, other: str) -> Converter:
    """A longitude or latitude with six digits after the point."""

    def read(cell: Cell) -> Decimal:
        found = unicodedata.normalize("NFKC", words(cell)).rstrip("°EN度")
        try:
            value = round(Decimal(found), 6)
        except InvalidOperation:
            raise Wrong(f"“{found[:20]}”不是数字，请填十进制的度数，如 113.300000。") from None
        if not least <= value <= most:
            raise Wrong(f"应在 {least} 到 {most} 之间，请检查是否与{other}填反。")
        return value

    return read


DAY = re.compile(
    r"(\d{4})(?:[-/.](\d{1,2})[-/.](\d{1,2})|年(\d{1,2})月(\d{1,2})日?|(\d{2})(\d{2}))(?:[ T]00?:00(?::00)?(?:\.0+)?)?"
)
MONTH = re.compile(r"(\d{4})(?:[-/.](\d{1,2})|年(\d{1,2})月?|(\d{2}))")


def day(cell: Cell) -> date:
    """A day: a date, or 2023-10-11, 2023/10/11, 2023.10.11, 2023年10月11日, 20231011."""
    if isinstance(cell, datetime):
        return _plausible(cell.date())
    if isinstance(cell, date):
        return _plausible(cell)
    found = words(cell)
    if isinstance(cell, float | int) and not 19000101 <= cell <= 21001231:
        raise Wrong(f"日期成了数字 {found}。请把这一列的格式设为“日期”或“文本”，写成 2023-10-11。")
    return _day_in_words(found)


@lru_cache(maxsize=10_000)  # a register names the same days over and over
def _day_in_words(written: str) -> date:
    found = unicodedata.normalize("NFKC", written).strip()
    match = DAY.fullmatch(re.sub(r"\s+(?=[年月日])|(?<=[年月])\s+", "", found))
    if not match:
        raise Wrong(f"“{found[:20]}”不是日期，请写成 2023-10-11。")
    year, month_, day_ = (part for part in match.groups() if part)
    return _made(year, month_, day_)


def month(cell: Cell) -> date:
    """A month, as its first day: 1975-03, 1975年3月, 197503; or a day."""
    if isinstance(cell, date | datetime):
        return day(cell)
    found = unicodedata.normalize("NFKC", words(cell)).replace(" ", "")
    if match := MONTH.fullmatch(found):
        year, month_ = (part for part in match.groups() if part)
        return _made(year, month_, "1")
    try:
        return day(cell)
    except Wrong:
        raise Wrong(f"“{found[:20]}”不是年月，请写成 1975-03。") from None


def _made(year: str, month_: str, day_: str) -> date:
    try:
        return _plausible(date(int(year), int(month_), int(day_)))
    except ValueError:
        raise Wrong(f"没有{int(year)}年{int(month_)}月{int(day_)}日这一天，请检查。") from None


def _plausible(found: date) -> date:
    if not 1900 <= found.year <= 2100:
        raise Wrong(f"{found.year} 年不对，请检查日期。")
    return found


CLOCK = re.compile(r"(上午|下午|晚上)?(\d{1,2})(?:[:点时](\d{1,2})?分?)(?::\d{1,2})?")


def clock(cell: Cell) -> time:
    """A time of day: a time, or 9:00, 09:00, 9点30分, 下午2:30."""
    match cell:
        case datetime():
            return cell.time().replace(second=0, microsecond=0)
        case time():
            return cell.replace(second=0, microsecond=0)
        case timedelta() if timedelta() <= cell < timedelta(days=1):
            return _of_minutes(int(cell.total_seconds() // 60))
        case float() if 0 <= cell < 1:
            return _of_minutes(round(cell * 24 * 60) % (24 * 60))
    found = unicodedata.normalize("NFKC", words(cell)).replace(" ", "")
    if match := CLOCK.fullmatch(found):
        hour, minute = int(match[2]), int(match[3] or 0)
        if match[1] in ("下午", "晚上") and hour < 12:
            hour += 12
        if hour < 24 and minute < 60:
            return time(hour, minute)
    raise Wrong(f"“{found[:20]}”不是时间，请写成 9:00。")


def _of_minutes(minutes: int) -> time:
    return time(*divmod(minutes, 60))


def phone(cell: Cell) -> str:
    return _cleaned(clean_phone, words(cell))


def person(cell: Cell) -> str:
    return _cleaned(clean_person_name, words(cell))


def _cleaned(clean: Callable[[str], str], found: str) -> str:
    try:
        return clean(found)
    except ValidationError as error:
        raise Wrong("".join(error.messages)) from None


def several(cell: Cell) -> list[str]:
    """Names separated by 、 (or a comma, semicolon, line break). A space stands within a name."""
    return [name for part in re.split(r"[、，,;；\n]", words(cell)) if (name := re.sub(r"\s+", "", part))]
