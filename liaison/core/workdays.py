"""The working-day calendar: weekends, public holidays, and the make-up days (调休) that only China has.

Days are rows, so that they can be corrected when the State Council announces; years whose make-up days have not been
announced know only weekends and statutory holidays, and say so.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count

from django.db import models, transaction

from liaison.accounts.models import Post

from .audit import AuditEntry


class CalendarDay(models.Model):
    """A day that is not what its weekday says."""

    class Kind(models.TextChoices):
        HOLIDAY = "HOLIDAY", "放假"
        WORKDAY = "WORKDAY", "调休上班"

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
    """The calendar between two days, read once: asking about a day costs no query."""

    def __init__(self, first: date, last: date) -> None:
        self.first, self.last = first, last
        rows = CalendarDay.objects.filter(day__range=(first, last))
        self._special = {row.day: row for row in rows}
        self._announced = set(CalendarYear.objects.filter(announced=True).values_list("year", flat=True))

    @classmethod
    def around(cls, day: date, days: int = 400) -> "Workdays":
        first = day - timedelta(days=days) if day > date.min + timedelta(days=days) else date.min
        last = day + timedelta(days=days) if day < date.max - timedelta(days=days) else date.max
        return cls(first, last)

    def special(self, day: date) -> CalendarDay | None:
        return self._special.get(day)

    def is_workday(self, day: date) -> bool:
        row = self._special.get(day)
        if row is not None:
            return row.kind == CalendarDay.Kind.WORKDAY
        return day.weekday() < 5

    def is_holiday(self, day: date) -> bool:
        """A public holiday or a day off that belongs to one; an ordinary weekend is none."""
        row = self._special.get(day)
        return row is not None and row.kind == CalendarDay.Kind.HOLIDAY

    def next_workday(self, day: date) -> date:
        """The day itself where it is a working day, or the next one."""
        while not self.is_workday(day):
            day += timedelta(days=1)
        return day

    def is_announced(self, year: int) -> bool:
        return year in self._announced

    def add(self, start: date, workdays: int) -> Deadline:
        """The day that is `workdays` working days after `start` (the first working day after it counts as one).

        The explanation names the holidays passed over and the make-up days that counted.
        """
        day, left = start, workdays
        skipped: dict[str, int] = {}
        made_up: list[date] = []
        for offset in count(1):
            if not left:
                break
            day = start + timedelta(days=offset)
            row = self._special.get(day)
            if self.is_workday(day):
                left -= 1
                if row is not None and day.weekday() >= 5:
                    made_up.append(day)
            elif row is not None and day.weekday() < 5:
                skipped[row.name] = skipped.get(row.name, 0) + 1
        parts = [f"{workdays} 个工作日，自{start:%-m月%-d日}次日起"]
        parts += [f"扣除{name} {days} 天" for name, days in skipped.items()]
        if made_up:
            parts.append(f"补班 {len(made_up)} 天")
        unannounced = sorted({year for year in range(start.year, day.year + 1) if not self.is_announced(year)})
        note = f"（{'、'.join(map(str, unannounced))}年调休未公布）" if unannounced else ""
        return Deadline(day, f"{'，'.join(parts)} = {day:%-m月%-d日}{note}")


def load_years(years: Iterable[int]) -> int:
    """Fill the table for these years from the `holidays` package; days corrected by hand stay. Returns days written.

    The package carries the State Council's notices up to the year it was released for; a year without any make-up day
    in it has not been announced.
    """
    import holidays  # slow to import, used once a year

    rows, kinds = 0, CalendarDay.Kind
    for year in years:
        china = holidays.country_holidays("CN", years=year, language="zh_CN")
        found = {day: (kinds.HOLIDAY, _short(name)) for day, name in china.items() if day.year == year}
        made_up = {day for day in china.weekend_workdays if day.year == year}
        found |= {day: (kinds.WORKDAY, "调休") for day in made_up}
        with transaction.atomic():
            by_hand = CalendarDay.objects.filter(day__year=year, by_hand=True).values_list("day", flat=True)
            kept = set(by_hand)
            CalendarDay.objects.filter(day__year=year, by_hand=False).exclude(day__in=found).delete()
            CalendarDay.objects.bulk_create(
                [CalendarDay(day=day, kind=kind, name=name) for day, (kind, name) in sorted(found.items()) if day not in kept],
                update_conflicts=True,
                unique_fields=["day"],
                update_fields=["kind", "name"],
            )
            CalendarYear.objects.update_or_create(year=year, defaults={"announced": bool(made_up)})
        rows += len(found)
    return rows


def correct_day(day: date, kind: str | None, name: str, *, by: Post) -> None:
    """Correct one day by hand (kind None: an ordinary day after all) and record it."""
    with transaction.atomic():
        before = CalendarDay.objects.filter(day=day).first()
        if kind is None:
            plain = CalendarDay.Kind.WORKDAY if day.weekday() < 5 else CalendarDay.Kind.HOLIDAY
            kind, name = plain, name or "恢复正常"
        row, _ = CalendarDay.objects.update_or_create(day=day, defaults={"kind": kind, "name": name, "by_hand": True})
        AuditEntry.objects.record(row, "correct", by=by, before=str(before or ""), after=kind, data={"day": day.isoformat()})


def _short(name: str) -> str:
    """The package joins names that fall on one day and marks days in lieu; a reader wants the holiday."""
    return name.split("（")[0].split("(")[0].split(";")[0].strip()[:30]
