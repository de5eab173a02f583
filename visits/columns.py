"""What a file says of a visit: who was received as the file's reader may read it (`visits/privacy.py`), what was said."""

from typing import Any

from liaison.core.columns import Column, Reader, by_heading, column

from .models import Visit
from .privacy import exported_person, shown_words


def _words(name: str) -> Column:
    field = Visit._meta.get_field(name)
    return Column(
        str(field.verbose_name),  # type: ignore[union-attr]
        lambda visit, reader: shown_words(visit, getattr(visit, name), reader.post),
        40 if name == "text" else 24,
    )


def person_name(said: Any, reader: Reader) -> str:
    return exported_person(said, reader.post, masked=reader.masked).name


def person_phone(said: Any, reader: Reader) -> str:
    return exported_person(said, reader.post, masked=reader.masked).phone


VISIT = by_heading(
    column("编号", "number", 17),
    column("活动编号", "activity.number", 16),
    column("站点编号", "station.code", 10),
    column("站点", "station.name", 26),
    column("日期", "day", 11),
    column("时间", "at", 7),
    column("渠道", "get_channel_display", 7),
    column("人数", "headcount", 6),
    Column("来访人", person_name, 12),
    Column("手机", person_phone, 14),
    column("类别", "category.name", 12),
    _words("text"),
    column("接待代表", "receiver_name", 12),
    column("处理", "get_outcome_display", 10),
    _words("reason"),
    column("录入时间", "created_at", 16),
    Column("作废", lambda visit, reader: "已作废" if visit.voided_at else "", 8),
)
