"""接待日规则."""

from visits.filters import RuleFilter
from visits.models import ReceptionRule
from visits.views import OFFICIALS

from .listing import Listing, column

LISTING = Listing(
    name="rules",
    title="接待日规则",
    roles=OFFICIALS,
    filter=RuleFilter,
    scope=ReceptionRule.objects.visible_to,
    order=("station_id", "pk"),
    chosen=lambda asked: asked.filter.qs.select_related("station__area"),
    columns=(
        column("站点编号", "station.code", 10),
        column("站点", "station.name", 26),
        column("区划", "station.area.full_name", 26),
        column("规则", "in_words", 30),
        column("开始", "starts_at", 7),
        column("结束", "ends_at", 7),
        column("遇到公共假日", "get_holiday_display", 14),
        column("主题", "theme", 24),
        column("地点", "place", 26),
        column("从哪天起", "first_on", 11),
        column("到哪天止", "last_on", 11),
    ),
)
