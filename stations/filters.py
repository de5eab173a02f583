"""What the list of stations can be narrowed by; page and REST share it."""

import django_filters as filters
from django.urls import reverse

from liaison.core.filters import AreaFilter
from liaison.core.forms import DateInput, HouseForm

from .models import Station


def options():
    return reverse("stations:options")


class StationFilter(filters.FilterSet):
    text = filters.CharFilter(label="名称、地址或编号", method="search", max_length=60)
    area = AreaFilter(url=options)
    kind = filters.ChoiceFilter(label="类型", choices=Station.Kind.choices, empty_label="全部")
    open_on = filters.DateFilter(label="这一天开放", method="is_open", widget=DateInput())

    class Meta:
        model = Station
        fields = ["text", "area", "kind", "open_on"]
        form = HouseForm

    def search(self, rows, name, value):
        return rows.search(value)

    def is_open(self, rows, name, value):
        return rows.open(value)
