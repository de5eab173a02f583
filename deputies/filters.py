"""What the lists of deputies, mandates and assignments can be narrowed by; pages and REST share them."""

import django_filters as filters
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone

from liaison.core.filters import AreaFilter, ThingFilter
from liaison.core.forms import DateInput, HouseForm
from stations.forms import StationField
from stations.models import Station, during

from .forms import GroupField
from .models import Deputy, DeputyGroup, Level, Mandate, QrToken, StationAssignment


def _deputies(request):
    return Deputy.objects.visible_to(getattr(request, "post", None))


def _groups(post):
    return DeputyGroup.objects.visible_to(post).order_by("area_path", "name")


def stations_for(post):
    return Station.objects.visible_to(post).order_by("code")


def options():
    return reverse("deputies:options")


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

    text = filters.CharFilter(label="姓名、拼音或首字母", method="search", max_length=30)
    level = filters.ChoiceFilter(label="层级", choices=Level.choices, empty_label="全部", method="together")
    station = ThingFilter(
        label="站点", kind=StationField, things=stations_for, url=options, method="together"
    )
    group = ThingFilter(label="小组", kind=GroupField, things=_groups, url=options, method="in_group")
    area = AreaFilter(url=options, method="together")
    on = filters.DateFilter(label="这一天在任", method="together", widget=DateInput())

    OF_THE_MANDATE = "level", "station", "area", "on"

    class Meta:
        model = Deputy
        fields = ["text", "level", "station", "group", "area", "on"]
        form = HouseForm

    @property
    def day(self):
        """The day that the page speaks of."""
        return self.form.cleaned_data.get("on") or timezone.localdate()

    def in_group(self, rows, name, value: int):  # the hint is for the description of REST
        groups = _groups(getattr(self.request, "post", None))
        group = groups.filter(pk=value).first() if str(value).isdecimal() else None
        return rows.in_group(group, self.day) if group else rows.none()

    def search(self, rows, name, value):
        """The number of a card finds its deputy only where it may be read."""
        post = getattr(self.request, "post", None)
        reads_cards = post is not None and post.role in Deputy.CONTACT_READERS
        return rows.search(value) if reads_cards else rows.named(value)

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
    level = filters.ChoiceFilter(
        label="层级", field_name="mandate__level", choices=Level.choices, empty_label="全部"
    )
    area = AreaFilter("station__area_path")
    on = filters.DateFilter(label="这一天在站", method="current", widget=DateInput())

    class Meta:
        model = StationAssignment
        fields = ["station", "deputy", "level", "area", "on"]

    def current(self, rows, name, value):
        return rows.current(value)


class CodeFilter(filters.FilterSet):
    station = filters.CharFilter(label="站点编号", field_name="station__code")
    deputy = filters.ModelChoiceFilter(label="代表", queryset=_deputies)
    state = filters.ChoiceFilter(label="状态", choices=QrToken.State.choices, empty_label="全部")

    class Meta:
        model = QrToken
        fields = ["station", "deputy", "state"]
