"""The working-day calendar: weekends, public holidays, and the make-up days (调休) that only China has.

Days are rows, so that they can be corrected when the State Council announces; years whose make-up days have not been
announced know only weekends and statutory holidays, and say so.
"""

import re
from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import models, transaction

from liaison.accounts.models import Post

from .audit import AuditEntry
from .workflow import NotAllowed

SATURDAY = 5
WEEKEND = "周六", "周日"


def month_start(day: date, months: int = 0) -> date:
    """The first day of the month of `day`, or of the month that lies so many months after it."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, 1)


def month_end(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


def months_before(day: date, months: int) -> date:
    """The same day so many months earlier, or the last of that month."""
    start = month_start(day, -months)
    return start.replace(day=min(day.day, month_end(start).day))


class CalendarDay(models.Model):
    """A day that is not what its weekday says; or, corrected by hand, one that is so again."""

    class Kind(models.TextChoices):
        HOLIDAY = "HOLIDAY", "放假"
        WORKDAY = "WORKDAY", "调休上班"
        PLAIN = "PLAIN", "恢复平常"

    day = models.DateField("日期", unique=True)
    kind = models.CharField("性质", max_length=7, choices=Kind.choices)
    name = models.CharField("名称", max_length=30)
    by_hand = models.BooleanField("手工更正", default=False, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "节假日和调休"

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d} {self.name}（{self.get_kind_display()}）"


class CalendarYear(models.Model):
    """Is the State Council's notice for this year in the table?"""

    year = models.PositiveSmallIntegerField("年份", unique=True)
    announced = models.BooleanField("调休已公布", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "年度放假安排"

    def __str__(self) -> str:
        return f"{self.year}年"


@dataclass(frozen=True)
class Deadline:
    """A day, and the sentence that says how it came about."""

    day: date
    explanation: str

    def __str__(self) -> str:
        return f"{self.day:%Y年%-m月%-d日}"


class Workdays:
    """The calendar between two days, read once: asking about a day in between costs no query, one outside one a year."""

    def __init__(self, first: date, last: date) -> None:
        self._special: dict[date, CalendarDay] = {}
        self._years: set[int] = set()
        self._read(first.year, last.year)
        self._announced = set(CalendarYear.objects.filter(announced=True).values_list("year", flat=True))

    @classmethod
    def around(cls, day: date, days: int = 400) -> "Workdays":
        first = day - timedelta(days=days) if day > date.min + timedelta(days=days) else date.min
        last = day + timedelta(days=days) if day < date.max - timedelta(days=days) else date.max
        return cls(first, last)

    def _read(self, first: int, last: int) -> None:
        rows = CalendarDay.objects.filter(day__range=(date(first, 1, 1), date(last, 12, 31)))
        self._special |= {row.day: row for row in rows}
        self._years.update(range(first, last + 1))

    def special(self, day: date) -> CalendarDay | None:
        if day.year not in self._years:
            self._read(day.year, day.year)
        return self._special.get(day)

    def is_workday(self, day: date) -> bool:
        match self.special(day):
            case CalendarDay(kind=CalendarDay.Kind.WORKDAY):
                return True
            case CalendarDay(kind=CalendarDay.Kind.HOLIDAY):
                return False
        return day.weekday() < SATURDAY

    def is_holiday(self, day: date) -> bool:
        """A public holiday, its days off and the weekend between them; an ordinary weekend is none."""
        row = self.special(day)
        return row is not None and row.kind == CalendarDay.Kind.HOLIDAY

    def next_workday(self, day: date) -> date:
        """The day itself where it is a working day, or the next one."""
        while not self.is_workday(day):
            day = _next(day)
        return day

    def is_announced(self, year: int) -> bool:
        return year in self._announced

    def add(self, start: date, workdays: int) -> Deadline:
        """The day that is `workdays` working days after `start` (the first working day after it counts as one).

        The explanation names the holidays passed over and the make-up days that counted.
        """
        if workdays < 0:
            raise ValueError("a deadline lies ahead")
        day, left = start, workdays
        skipped: dict[str, int] = {}
        made_up = 0
        while left:
            day = _next(day)
            row = self.special(day)
            if self.is_workday(day):
                left -= 1
                made_up += day.weekday() >= SATURDAY
            elif row is not None and day.weekday() < SATURDAY:
                skipped[row.name] = skipped.get(row.name, 0) + 1
        parts = [f"{workdays} 个工作日，自{start:%-m月%-d日}次日起"]
        parts += [f"扣除{name} {days} 天" for name, days in skipped.items()]
        if made_up:
            parts.append(f"补班 {made_up} 天")
        return self._deadline(day, parts, start)

    def add_months(self, start: date, months: int, *, roll: bool) -> Deadline:
        """The day of the same number `months` months after `start`, or the last of a month that has no such day.

        民法典 art. 202. With `roll` (policy `months_roll`) a last day that is no working day goes to the next one
        (art. 203). The explanation says which month was short, and what the last day met.
        """
        if months < 0:
            raise ValueError("a deadline lies ahead")
        turned, month = divmod(start.month - 1 + months, 12)
        year = start.year + turned
        if year > date.max.year:
            raise NotAllowed("日期超出了日历的范围，请检查。")
        last = date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))
        parts = [f"{months} 个月，自{start:%-m月%-d日}起"]
        if last.day < start.day:
            parts.append(f"{last.month}月没有{start.day}日，到月末{last.day}日")
        day = self.next_workday(last) if roll else last
        if day != last:
            row = self.special(last)
            met = (
                row.name if row is not None and self.is_holiday(last) else WEEKEND[last.weekday() - SATURDAY]
            )
            parts.append(f"{last:%-m月%-d日}是{met}，顺延到下一个工作日")
        return self._deadline(day, parts, last if roll else None)

    def _deadline(self, day: date, parts: list[str], since: date | None) -> Deadline:
        """`since` is the first day of which it mattered whether it is worked; None where that mattered of none."""
        first = since.year if since else day.year + 1
        years = [year for year in range(first, day.year + 1) if not self.is_announced(year)]
        note = f"（{'、'.join(map(str, years))}年调休未公布）" if years else ""
        return Deadline(day, f"{'，'.join(parts)} = {day:%-m月%-d日}{note}")


def _next(day: date) -> date:
    if day == date.max:
        raise NotAllowed("日期超出了日历的范围，请检查。")
    return day + timedelta(days=1)


def load_years(years: Iterable[int]) -> int:
    """Fill the table for these years from the `holidays` package; days corrected by hand stay. Returns days written.

    The package carries the State Council's notices up to the year it was released for; a year without any make-up day
    in it has not been announced.
    """
    rows, kinds = 0, CalendarDay.Kind
    for year in years:
        off, made_up = _announced_days(year)
        found = {day: (kinds.HOLIDAY, name) for day, name in off.items() if day.year == year}
        found |= dict.fromkeys((day for day in made_up if day.year == year), (kinds.WORKDAY, "调休"))
        with transaction.atomic():
            of_year = CalendarDay.objects.filter(day__year=year)
            kept = set(of_year.filter(by_hand=True).values_list("day", flat=True))
            of_year.filter(by_hand=False).exclude(day__in=found).delete()
            CalendarDay.objects.bulk_create(
                [
                    CalendarDay(day=day, kind=kind, name=name)
                    for day, (kind, name) in sorted(found.items())
                    if day not in kept
                ],
                update_conflicts=True,
                unique_fields=["day"],
                update_fields=["kind", "name"],
            )
            announced = any(day.year == year for day in made_up)
            CalendarYear.objects.update_or_create(year=year, defaults={"announced": announced})
        rows += len(found)
    return rows


def load_missing_years(today: date) -> int:
    """Load this year and the next, as long as their make-up days are not in the table. Returns days written."""
    known = CalendarYear.objects.filter(announced=True).values_list("year", flat=True)
    return load_years(sorted({today.year, min(today.year + 1, date.max.year)} - set(known)))


def correct_day(day: date, kind: str, name: str, *, by: Post) -> CalendarDay:
    """Correct one day by hand and record it; what is loaded later leaves it as it is."""
    with transaction.atomic():
        before = CalendarDay.objects.filter(day=day).first()
        values = {"kind": kind, "name": name, "by_hand": True}
        row, _ = CalendarDay.objects.update_or_create(day=day, defaults=values)
        was = before.get_kind_display() if before else ""
        data = {"day": day.isoformat(), "name": name}
        AuditEntry.objects.record(
            row, "correct", by=by, before=was, after=CalendarDay.Kind(kind).label, data=data
        )
    return row


def _announced_days(year: int) -> tuple[dict[date, str], set[date]]:
    """The days off around a year, each with the name of its holiday, and the make-up days.

    The package gives the statutory days and those moved to a weekday. The weekend that touches them belongs to the
    holiday too, as in the notice (9月29日至10月6日放假), and a moved day has the name of the holiday that it prolongs.
    """
    import holidays  # slow to import, used once a year

    china = holidays.country_holidays("CN", years=(year - 1, year, year + 1), language="zh_CN")
    made_up = set(china.weekend_workdays)
    named = {day: name for day, text in china.items() if (name := _holiday(text))}

    def is_off(day: date) -> bool:
        return day in china or (day.weekday() >= SATURDAY and day not in made_up)

    off = dict(sorted(named.items()))
    for step in (timedelta(days=1), timedelta(days=-1)):
        for day, name in list(off.items()):
            beside = day + step
            while is_off(beside) and beside not in off:
                off[beside] = name
                beside += step
    return off, made_up


def _holiday(text: str) -> str:
    """The holiday's own name; empty for a day that was only moved (休息日). Two on one day are joined with “;”."""
    name = re.split("[（(;]", text)[0].strip()
    return {"休息日": "", "农历除夕": "春节"}.get(name, name[:30])
