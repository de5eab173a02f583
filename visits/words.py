"""How pages and papers say a day."""

from datetime import date


def day_words(day: date, week: str = "周") -> str:
    """12月11日（周五）; on paper, with `week` 星期, 12月11日（星期五）."""
    return f"{day:%-m月%-d日}（{week}{'一二三四五六日'[day.weekday()]}）"
