"""What the templates say often: icons, status tags, dates in words, names and numbers with their middle hidden."""

from datetime import date, datetime, time
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from liaison.core.masking import mask_name, mask_phone

register = template.Library()
register.filter(mask_name)
register.filter(mask_phone)

WEEKDAYS = "周一", "周二", "周三", "周四", "周五", "周六", "周日"
TONES = "plain", "ok", "info", "warn", "late"
SOON = 3  # days before it is due at which a deadline turns yellow


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """A picture from static/img/icons.svg. Beside words it is decoration; where it stands alone it needs a label."""
    return format_html(
        '<svg class="i" width="20" height="20" {}><use href="{}#{}"/></svg>',
        format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"'),
        static("img/icons.svg"),
        name,
    )


@register.simple_tag
def tag(label: Any, tone: str = "plain") -> SafeString:
    """A word of status in its colour: ok, info, warn, late or plain."""
    if tone not in TONES:
        raise template.TemplateSyntaxError(f"A tag is {', '.join(TONES)}, not {tone!r}.")
    return format_html('<span class="tag tag-{}">{}</span>', tone, label)


@register.inclusion_tag("ui/export.html", takes_context=True)
def export_button(context: Any, name: str, label: str = "导出", **more: Any) -> dict[str, Any]:
    """The button that exports a list (its name: liaison/exchange/exports) as it is filtered now. Beside the rows.

    `more` are filters that stand in the path of the page.
    """
    query = context["request"].GET
    fields = [(key, value) for key in query if key != "cursor" for value in query.getlist(key) if value]
    return {"name": name, "label": label, "fields": [*fields, *more.items()]}


def _local(moment: Any) -> Any:
    return (
        timezone.localtime(moment) if isinstance(moment, datetime) and timezone.is_aware(moment) else moment
    )


def _day(day: date) -> str:
    words = f"{day.month}月{day.day}日"
    return words if day.year == timezone.localdate().year else f"{day.year}年{words}"


def _clock(moment: time | datetime) -> str:
    return f"{moment.hour}:{moment.minute:02}"


@register.filter
def zday(value: date | datetime | None) -> str:
    """12月11日; with the year where it is not this one. Plain words, for titles and table cells."""
    return _day(_local(value)) if value else ""


@register.filter
def zdate(value: date | datetime | None) -> str:
    """12月11日（周五） in two pieces, neither of which breaks; as one piece it would not fit a small phone."""
    if not value:
        return ""
    day = _local(value)
    # Digits and our own words: nothing to escape.
    return mark_safe(
        f'<span class="nowrap">{_day(day)}</span><span class="nowrap">（{WEEKDAYS[day.weekday()]}）</span>'
    )


@register.filter
def weekday(value: date | None) -> str:
    """周五"""
    return WEEKDAYS[value.weekday()] if value else ""


@register.filter
def ztime(value: time | datetime | None) -> str:
    """9:00"""
    return _clock(_local(value) if isinstance(value, datetime) else value) if value is not None else ""


@register.filter
def zmoment(value: datetime | None) -> str:
    """12月11日 9:00 in two pieces, neither of which breaks."""
    if not value:
        return ""
    moment = _local(value)
    return mark_safe(
        f'<span class="nowrap">{_day(moment)}</span> <span class="nowrap">{_clock(moment)}</span>'
    )


@register.filter
def zrange(start: time | datetime | None, end: time | datetime | None) -> str:
    """9:00—11:30, or the start alone."""
    if start is None:
        return ""
    words = ztime(start) if end is None else f"{ztime(start)}—{ztime(end)}"
    return mark_safe(f'<span class="nowrap">{words}</span>')


@register.filter
def days_left(due: date | None, today: date | None = None) -> str:
    """还剩 15 天, 今天到期, 超期 9 天."""
    if not due:
        return ""
    left = (due - (today or timezone.localdate())).days
    if left > 0:
        return f"还剩 {left} 天"
    return "今天到期" if left == 0 else f"超期 {-left} 天"


@register.simple_tag
def due_tag(due: date | None, today: date | None = None) -> str:
    """The days left as a tag: red when over, yellow when soon."""
    if not due:
        return ""
    left = (due - (today or timezone.localdate())).days
    return tag(days_left(due, today), "late" if left < 0 else "warn" if left <= SOON else "plain")


@register.filter
def figure(value: int | None) -> str:
    """12 400: thousands apart by a thin space at which no line breaks."""
    return "" if value is None else f"{value:,}".replace(",", "\u202f")


@register.filter
def native(value: Any) -> str:
    """2023/10/11 09:00:00 as the browser's own date fields want it: 2023-10-11T09:00."""
    return str(value).replace("/", "-").replace(" ", "T")[:16]
