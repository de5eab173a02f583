"""What the list of filed papers can be narrowed by."""

import django_filters as filters

from liaison.core.filters import AreaFilter
from liaison.core.forms import DateInput

from .models import StationDocument


class DocumentFilter(filters.FilterSet):
    first = filters.DateFilter(label="从", field_name="day", lookup_expr="gte", widget=DateInput())
    last = filters.DateFilter(label="到", field_name="day", lookup_expr="lte", widget=DateInput())
    kind = filters.ChoiceFilter(label="类型", choices=StationDocument.Kind.choices, empty_label="全部")
    area = AreaFilter()
    station = filters.CharFilter(label="站点", field_name="station__code")

    class Meta:
        model = StationDocument
        fields = ["first", "last", "kind", "area", "station"]
