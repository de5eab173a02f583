"""What the lists of activities and of places on a roster can be narrowed by; pages and REST share them."""

import django_filters as filters

from liaison.core.filters import AreaFilter
from liaison.core.forms import DateInput

from .models import Activity, Attendance
from .workflow import ActivityState, AttendanceState


class ActivityFilter(filters.FilterSet):
    station = filters.CharFilter(label="站点编号", field_name="station__code")
    area = AreaFilter()
    kind = filters.ChoiceFilter(label="类型", choices=Activity.Kind.choices, empty_label="全部")
    state = filters.ChoiceFilter(label="状态", choices=ActivityState.choices, empty_label="全部")
    first = filters.DateFilter(label="从", field_name="day", lookup_expr="gte", widget=DateInput())
    last = filters.DateFilter(label="到", field_name="day", lookup_expr="lte", widget=DateInput())

    class Meta:
        model = Activity
        fields = ["station", "area", "kind", "state", "first", "last"]


class AttendanceFilter(filters.FilterSet):
    activity = filters.CharFilter(label="活动编号", field_name="activity__number")
    station = filters.CharFilter(label="站点编号", field_name="activity__station__code")
    area = AreaFilter("activity__area_path")
    state = filters.ChoiceFilter(label="状态", choices=AttendanceState.choices, empty_label="全部")
    first = filters.DateFilter(label="从", field_name="activity__day", lookup_expr="gte", widget=DateInput())
    last = filters.DateFilter(label="到", field_name="activity__day", lookup_expr="lte", widget=DateInput())

    class Meta:
        model = Attendance
        fields = ["activity", "station", "area", "state", "first", "last"]
