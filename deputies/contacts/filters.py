"""What the lists of contact links and contacts made can be narrowed by; pages and REST share them."""

import django_filters as filters
from django import forms
from django.utils import timezone

from deputies.filters import options as deputy_options
from liaison.core.filters import AreaFilter, ThingFilter, WholeNumberFilter
from liaison.core.forms import DateInput, HouseForm
from liaison.core.policy import policy_for
from stations.forms import StationField
from stations.models import Station

from .models import ContactLink, ContactRecord


def _stations(post):
    return Station.objects.visible_to(post).order_by("code")


def months_before(day, months):
    """The same day so many months earlier, or the last of that month."""
    count = day.year * 12 + day.month - 1 - months
    year, month = divmod(count, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return day.replace(year=year, month=month + 1, day=min(day.day, last))
        except ValueError:
            continue
    raise AssertionError


def silent_since(post, today):
    """The day since which a link of the post's area should have seen a contact, by the policy in force there."""
    return months_before(today, policy_for(post.area, today).contact_months)


class ContactLinkFilter(filters.FilterSet):
    kind = filters.ChoiceFilter(label="层级", choices=ContactLink.Kind.choices, empty_label="全部")
    station = ThingFilter(
        label="站点", kind=StationField, things=_stations, url=deputy_options, method="at_station"
    )
    area = AreaFilter(url=deputy_options)
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
        return rows.filter(station__code=value)

    def current(self, rows, name, value):
        return rows.current(value)

    def without_contact(self, rows, name, value):
        today = timezone.localdate()
        late = rows.current(today).silent_since(silent_since(self.request.post, today))
        return late if value else rows.exclude(pk__in=late.values("pk"))


class ContactRecordFilter(filters.FilterSet):
    first = filters.DateFilter(label="从", field_name="day", lookup_expr="gte", widget=DateInput())
    last = filters.DateFilter(label="到", field_name="day", lookup_expr="lte", widget=DateInput())
    link = WholeNumberFilter(label="联系")
    way = filters.ChoiceFilter(label="方式", choices=ContactRecord.Way.choices, empty_label="全部")

    class Meta:
        model = ContactRecord
        fields = ["first", "last", "link", "way"]
