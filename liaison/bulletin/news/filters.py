"""What the list of news can be narrowed by; page, REST and export share it."""

import django_filters as filters

from liaison.bulletin.models import NewsItem
from liaison.bulletin.workflow import NewsState
from liaison.core.filters import AreaFilter
from liaison.core.forms import DateInput, HouseForm


class NewsFilter(filters.FilterSet):
    text = filters.CharFilter(label="标题、正文里的词，或编号", method="search", max_length=40)
    state = filters.ChoiceFilter(label="状态", choices=NewsState.choices, empty_label="全部")
    first = filters.DateFilter(
        label="发生日期从", field_name="happened_on", lookup_expr="gte", widget=DateInput()
    )
    last = filters.DateFilter(label="到", field_name="happened_on", lookup_expr="lte", widget=DateInput())
    area = AreaFilter()
    station = filters.CharFilter(label="站点", field_name="station__code")

    class Meta:
        model = NewsItem
        fields = ["text", "state", "first", "last", "area", "station"]
        form = HouseForm

    def search(self, rows, name, value):
        return rows.search(value)
