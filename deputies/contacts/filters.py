"""What the lists of contact links and contacts made can be narrowed by; pages and REST share them."""

import django_filters as filters
from django import forms
from django.utils import timezone

from deputies.filters import options, stations_for
from liaison.core.filters import AreaFilter, ThingFilter, WholeNumberFilter
from liaison.core.forms import DateInput, HouseForm
from stations.forms import StationField
from stations.models import Station

from .models import ContactLink, ContactRecord


class ContactLinkFilter(filters.FilterSet):
    kind = filters.ChoiceFilter(label="层级", choices=ContactLink.Kind.choices, empty_label="全部")
    station = ThingFilter(
        label="站点", kind=StationField, things=stations_for, url=options, method="at_station"
    )
    area = AreaFilter(url=options)
    mandate = WholeNumberFilter(label="代表职务")
    on = filters.DateFilter(label="这一天在联系", method="current", widget=DateInput())
    silent = filters.BooleanFilter(
        label="久未联系",
        method="without_contact",
        widget=forms.Select(choices=[("", "全部"), ("true", "是"), ("false", "否")]),
    )

    class Meta:
        model = ContactLink
        fields = ["kind", "station", "area", "mandate", "on", "silent"]
        form = HouseForm

    def at_station(self, rows, name, value):
        """Of deputies who belong there on the day that is asked for; without one, today."""
        on = self.form.cleaned_data.get("on") or timezone.localdate()
        return rows.at_stations(Station.objects.filter(code=value), on)

    def current(self, rows, name, value):
        return rows.current(value)

    def without_contact(self, rows, name, value):
        return rows.with_silence(self.request.post.area, timezone.localdate()).filter(silent=value)


class ContactRecordFilter(filters.FilterSet):
    first = filters.DateFilter(label="从", field_name="day", lookup_expr="gte", widget=DateInput())
    last = filters.DateFilter(label="到", field_name="day", lookup_expr="lte", widget=DateInput())
    link = WholeNumberFilter(label="联系")
    way = filters.ChoiceFilter(label="方式", choices=ContactRecord.Way.choices, empty_label="全部")

    class Meta:
        model = ContactRecord
        fields = ["first", "last", "link", "way"]
