"""What the lists of deputies, mandates and assignments can be narrowed by; pages and REST share them."""

import django_filters as filters
from django.db.models import Exists, OuterRef
from django.utils import timezone

from liaison.core.filters import AreaFilter
from liaison.core.forms import DateInput
from stations.models import during

from .models import Deputy, Level, Mandate, StationAssignment


def _deputies(request):
    return Deputy.objects.visible_to(getattr(request, "post", None))


class MandateFilter(filters.FilterSet):
    deputy = filters.ModelChoiceFilter(label="代表", queryset=_deputies)
    level = filters.ChoiceFilter(label="层级", choices=Level.choices, empty_label="全部")
    station = filters.CharFilter(label="站点编号", method="at_station")
    area = AreaFilter()
    on = filters.DateFilter(label="这一天在任", method="in_office", widget=DateInput())

    class Meta:
        model = Mandate
        fields = ["deputy", "level", "station", "area", "on"]

    def at_station(self, rows, name, value):
        """Assigned there on the day that is asked for; without one, today."""
        on = self.form.cleaned_data.get("on") or timezone.localdate()
        there = StationAssignment.objects.filter(during(on), mandate=OuterRef("pk"), station__code=value)
        return rows.filter(Exists(there))

    def in_office(self, rows, name, value):
        return rows.in_office(value)


class DeputyFilter(filters.FilterSet):
    """Level, station, area and day speak of one and the same mandate."""

    text = filters.CharFilter(label="姓名、拼音或首字母", method="search")
    level = filters.ChoiceFilter(label="层级", choices=Level.choices, empty_label="全部", method="together")
    station = filters.CharFilter(label="站点编号", method="together")
    area = filters.CharFilter(label="区划代码", method="together")
    on = filters.DateFilter(label="这一天在任", method="together", widget=DateInput())

    OF_THE_MANDATE = "level", "station", "area", "on"

    class Meta:
        model = Deputy
        fields = ["text", "level", "station", "area", "on"]

    def search(self, rows, name, value):
        return rows.search(value)

    def together(self, rows, name, value):
        return rows  # see filter_queryset

    def filter_queryset(self, rows):
        asked = {name: value for name in self.OF_THE_MANDATE if (value := self.form.cleaned_data.get(name))}
        if asked:
            mandates = MandateFilter(asked, Mandate.objects.all(), request=self.request).qs
            rows = rows.filter(Exists(mandates.filter(deputy=OuterRef("pk"))))
        return super().filter_queryset(rows)


class AssignmentFilter(filters.FilterSet):
    station = filters.CharFilter(label="站点编号", field_name="station__code")
    deputy = filters.ModelChoiceFilter(label="代表", field_name="mandate__deputy", queryset=_deputies)
    level = filters.ChoiceFilter(label="层级", field_name="mandate__level", choices=Level.choices, empty_label="全部")
    area = AreaFilter("station__area_path")
    on = filters.DateFilter(label="这一天在站", method="current", widget=DateInput())

    class Meta:
        model = StationAssignment
        fields = ["station", "deputy", "level", "area", "on"]

    def current(self, rows, name, value):
        return rows.current(value)
