"""来访登记: who was received, masked for everybody (`visits/privacy.py`), and what was said as the post may read it."""

from suggestions.filters import VisitFilter
from suggestions.views.visits import READERS
from visits.models import Visit
from visits.privacy import exported_person, shown_words

from .listing import Asked, Column, Listing, column


def _words(name: str) -> Column:
    field = Visit._meta.get_field(name)
    return Column(
        str(field.verbose_name),  # type: ignore[union-attr]
        lambda visit, asked: shown_words(visit, getattr(visit, name), asked.post),
        40 if name == "text" else 24,
    )


def _name(visit: Visit, asked: Asked) -> str:
    return exported_person(visit, asked.post).name


def _phone(visit: Visit, asked: Asked) -> str:
    return exported_person(visit, asked.post).phone


LISTING = Listing(
    name="visits",
    title="来访登记",
    roles=READERS,
    filter=VisitFilter,
    scope=Visit.objects.visible_to,
    order=("-day", "-pk"),
    chosen=lambda asked: asked.filter.qs.select_related("visitor").prefetch_related(
        "station", "activity", "category", "received_by__deputy"
    ),
    columns=(
        column("编号", "number", 17),
        column("活动编号", "activity.number", 16),
        column("站点编号", "station.code", 10),
        column("站点", "station.name", 26),
        column("日期", "day", 11),
        column("时间", "at", 7),
        column("渠道", "get_channel_display", 7),
        column("人数", "headcount", 6),
        Column("来访人", _name, 12),
        Column("手机", _phone, 14),
        column("类别", "category.name", 12),
        _words("text"),
        column("接待代表", "receiver_name", 12),
        column("处理", "get_outcome_display", 10),
        _words("reason"),
        column("录入时间", "created_at", 16),
        Column("作废", lambda visit, asked: "已作废" if visit.voided_at else "", 8),
    ),
)
