"""Reception rules: a recurrence (RFC 5545) with hours and what happens on a public holiday."""

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from dateutil.rrule import rrulestr
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from liaison.accounts.models import Post, Role
from liaison.core.workdays import Workdays
from liaison.core.workflow import Recorded
from stations.models import Station

LONGEST = timedelta(days=5 * 366)  # how far a rule is looked through for its first day
WEEKDAYS = {"MO": "周一", "TU": "周二", "WE": "周三", "TH": "周四", "FR": "周五", "SA": "周六", "SU": "周日"}
ORDINALS = {1: "第一个", 2: "第二个", 3: "第三个", 4: "第四个", -1: "最后一个"}
# What may stand beside FREQ, and of which one must. Other parts of RFC 5545 say nothing that a station needs.
PARTS = {
    "DAILY": ({"INTERVAL"}, set()),
    "WEEKLY": ({"INTERVAL", "BYDAY"}, {"BYDAY"}),
    "MONTHLY": ({"INTERVAL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS"}, {"BYDAY", "BYMONTHDAY"}),
    "YEARLY": ({"INTERVAL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS"}, {"BYDAY", "BYMONTHDAY"}),
}
VALUES = {
    "FREQ": r"[A-Z]+",
    "INTERVAL": r"[1-9]\d?",
    "BYDAY": r"([+-]?[1-5])?(MO|TU|WE|TH|FR|SA|SU)(,([+-]?[1-5])?(MO|TU|WE|TH|FR|SA|SU))*",
    "BYMONTHDAY": r"-?([1-9]|[12]\d|3[01])(,-?([1-9]|[12]\d|3[01]))*",
    "BYMONTH": r"([1-9]|1[0-2])(,([1-9]|1[0-2]))*",
    "BYSETPOS": r"-?[1-5]",
}
NEVER = "按这个规则五年内排不出任何一天，请检查日期，如 2 月没有 30 日。"


@dataclass(frozen=True)
class Occurrence:
    """One day that a rule gives: the day by the rule, the day after the holiday policy, and why they differ."""

    nominal: date
    day: date
    reason: str = ""


def rule_error(text: str, first_on: date) -> str:
    """Why a recurrence cannot be used; empty where it can."""
    parts = dict(part.partition("=")[::2] for part in text.split(";"))
    freq = parts.get("FREQ", "")
    if freq not in PARTS:
        return "重复规则要写明 FREQ，只能是 DAILY、WEEKLY、MONTHLY 或 YEARLY。"
    allowed, needed = PARTS[freq]
    if unknown := set(parts) - allowed - {"FREQ"}:
        return f"FREQ={freq} 的重复规则里不能用 {'、'.join(sorted(unknown))}。"
    wrong = [name for name, value in parts.items() if not re.fullmatch(VALUES[name], value, re.ASCII)]
    if wrong or (needed and not needed & set(parts)):
        return "重复规则写得不对，请按 RFC 5545 填写，如 FREQ=MONTHLY;BYMONTHDAY=11。"
    if _no_such_date(parts):
        return NEVER
    try:
        found = next(rule_days(text, first_on, first_on + LONGEST), None)
    except (ValueError, TypeError, OverflowError):
        return "重复规则写得不对，请按 RFC 5545 填写，如 FREQ=MONTHLY;BYMONTHDAY=11。"
    return "" if found else NEVER


def _no_such_date(parts: dict[str, str]) -> bool:
    """30 February and its like, told at once: dateutil would look for it until the year 9999."""
    if "BYMONTH" not in parts or "BYMONTHDAY" not in parts:
        return False
    longest = max(monthrange(2024, int(month))[1] for month in parts["BYMONTH"].split(","))
    return all(abs(int(day)) > longest for day in parts["BYMONTHDAY"].split(","))


def rule_days(text: str, first: date, last: date) -> Iterator[date]:
    """The days by the rule alone, from `first` to `last`."""
    start = datetime.combine(first, datetime.min.time())
    until = min(last, date(9998, 12, 31)).strftime("%Y%m%dT235959")
    for moment in rrulestr(f"RRULE:{text};UNTIL={until}", dtstart=start):
        yield moment.date()


class ReceptionRuleQuerySet(models.QuerySet["ReceptionRule"]):
    def visible_to(self, post: Post | None) -> "ReceptionRuleQuerySet":
        if post is None or post.role in (Role.UNIT, Role.ADMIN):
            return self.none()
        return self.filter(station__in=Station.objects.visible_to(post))

    def in_force(self, on: date) -> "ReceptionRuleQuerySet":
        return self.filter(Q(last_on=None) | Q(last_on__gte=on))


class ReceptionRule(Recorded):
    """每月11日、每周一、每月第一个周五: makes a station's reception days ahead of time."""

    class Holiday(models.TextChoices):
        KEEP = "KEEP", "照常接待"
        NEXT_WORKDAY = "NEXT_WORKDAY", "顺延到下一个工作日"
        WEEK_LATER = "WEEK_LATER", "顺延一周"
        SKIP = "SKIP", "当次不接待"

    station = models.ForeignKey(Station, models.PROTECT, related_name="reception_rules", verbose_name="站点")
    recurrence = models.CharField("重复规则", max_length=120)
    first_on = models.DateField("从哪天起")
    last_on = models.DateField("到哪天止", null=True, blank=True)
    starts_at = models.TimeField("开始时间")
    ends_at = models.TimeField("结束时间")
    holiday = models.CharField(
        "遇到公共假日", max_length=12, choices=Holiday.choices, default=Holiday.NEXT_WORKDAY
    )
    theme = models.CharField("主题", max_length=60, blank=True)
    place = models.CharField("地点", max_length=60, blank=True, help_text="不填就是站点地址")

    objects = ReceptionRuleQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "接待日规则"
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="reception_ends_after_it_starts",
                violation_error_message="结束时间要晚于开始时间。",
            ),
            models.CheckConstraint(
                condition=Q(last_on=None) | Q(last_on__gte=F("first_on")),
                name="rule_ends_after_it_begins",
                violation_error_message="止日不能早于起日。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.station} {self.in_words}"

    def get_absolute_url(self) -> str:
        return f"/activities/rules/{self.pk}/"

    @property
    def area_path(self) -> str:
        return self.station.area_path

    def clean(self) -> None:
        if self.first_on and self.recurrence and (error := rule_error(self.recurrence, self.first_on)):
            raise ValidationError({"recurrence": error})

    @property
    def in_words(self) -> str:
        """The recurrence as people say it: 每月11日、每周一、每月第一个周五."""
        return recurrence_in_words(self.recurrence)

    def occurrences(self, first: date, last: date, workdays: Workdays) -> list[Occurrence]:
        """The days of this rule whose nominal day lies in [first, last], after the holiday policy, in order."""
        first = max(first, self.first_on)
        last = min(last, self.last_on or last)
        return [self._placed(day, workdays) for day in _from(self.recurrence, self.first_on, first, last)]

    def _placed(self, day: date, workdays: Workdays) -> Occurrence:
        if not workdays.is_holiday(day):
            return Occurrence(day, day)
        special: Any = workdays.special(day)
        match self.holiday:
            case self.Holiday.NEXT_WORKDAY:
                return Occurrence(day, workdays.next_workday(day), f"{special.name}放假，顺延到下一个工作日")
            case self.Holiday.WEEK_LATER:
                later = day + timedelta(days=7)
                while workdays.is_holiday(later):
                    later += timedelta(days=7)
                return Occurrence(day, later, f"{special.name}放假，顺延一周")
            case self.Holiday.SKIP:
                return Occurrence(day, date.min, f"{special.name}放假，当次不接待")
            case _:
                return Occurrence(day, day)


def _from(text: str, dtstart: date, first: date, last: date) -> Iterator[date]:
    if first > last:
        return
    for day in rule_days(text, dtstart, last):
        if day >= first:
            yield day


def recurrence_in_words(text: str) -> str:
    parts = dict(part.partition("=")[::2] for part in text.split(";"))
    every = int(parts.get("INTERVAL", "1") or 1)
    days = parts.get("BYDAY", "").split(",") if parts.get("BYDAY") else []
    month_days = parts.get("BYMONTHDAY", "").split(",") if parts.get("BYMONTHDAY") else []
    months = f"{parts['BYMONTH'].replace(',', '、')}月" if parts.get("BYMONTH") else ""
    position = parts.get("BYSETPOS", "")
    match parts.get("FREQ"):
        case "MONTHLY" | "YEARLY" if month_days:
            unit = months or ("每月" if every == 1 else f"每{every}个月")
            return f"{'每年' if months else ''}{unit}{'、'.join('最后一天' if d == '-1' else d + '日' for d in month_days)}"
        case "MONTHLY" if days:
            unit = f"每年{months}" if months else ("每月" if every == 1 else f"每{every}个月")
            names = []
            for day in days:
                name, nth = WEEKDAYS.get(day[-2:], day), day[:-2] or position
                names.append(f"{ORDINALS.get(int(nth), f'第{nth}个')}{name}" if nth else f"的每个{name}")
            return f"{unit}{'、'.join(names)}"
        case "WEEKLY":
            unit = "每周" if every == 1 else f"每{every}周的周"
            return (
                unit + "、".join(WEEKDAYS.get(day, day).removeprefix("周") for day in days)
                if days
                else unit.rstrip("的周")
            )
        case "DAILY":
            return "每天" if every == 1 else f"每{every}天"
    return text
