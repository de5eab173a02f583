"""What the list of stations can be narrowed by; page and REST share it."""

import django_filters as filters

from django.urls import reverse

from liaison.core.choices import AreaFilter
from liaison.core.forms import DateInput, HouseForm

from .models import Station


class StationFilter(filters.FilterSet):
    q = filters.CharFilter(label="名称、地址或编号", method="search")
    area = AreaFilter(url=lambda: reverse("stations:options"))
    kind = filters.MultipleChoiceFilter(label="类型", choices=Station.Kind.choices)
    on = filters.DateFilter(label="这一天开放", method="open_on", widget=DateInput())

    class Meta:
        model = Station
        fields = ["q", "area", "kind", "on"]
        form = HouseForm

    def search(self, rows, name, value):
        return rows.search(value)

    def open_on(self, rows, name, value):
        return rows.open(value)
