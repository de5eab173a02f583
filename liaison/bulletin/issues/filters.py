"""What the list of bulletins can be narrowed by; page, REST and export share it."""

import django_filters as filters

from liaison.bulletin.models import Bulletin
from liaison.bulletin.workflow import BulletinState
from liaison.core.filters import AreaFilter
from liaison.core.forms import DateInput, HouseForm


class BulletinFilter(filters.FilterSet):
    title = filters.CharFilter(label="刊名", max_length=20)
    state = filters.ChoiceFilter(label="状态", choices=BulletinState.choices, empty_label="全部")
    first = filters.DateFilter(
        label="印发日期从", field_name="issued_on", lookup_expr="gte", widget=DateInput()
    )
    last = filters.DateFilter(label="到", field_name="issued_on", lookup_expr="lte", widget=DateInput())
    area = AreaFilter()

    class Meta:
        model = Bulletin
        fields = ["title", "state", "first", "last", "area"]
        form = HouseForm
