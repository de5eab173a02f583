"""What lists of activities, notices, rules, attendances, sheets and appointments can be narrowed by; pages and REST share them."""

import django_filters as filters
from django import forms
from django.utils import timezone

from liaison.core.filters import AreaFilter, WholeNumberFilter
from liaison.core.forms import DateInput

from .models import Activity, Appointment, Attendance, Notice, ReceptionRule, Sheet
from .models.sheet import tidy_number
from .workflow import ActivityState, AppointmentState, AttendanceState, ContestState, SheetState


class ActivityFilter(filters.FilterSet):
    first = filters.DateFilter(label="从", field_name="day", lookup_expr="gte", widget=DateInput())
    last = filters.DateFilter(label="到", field_name="day", lookup_expr="lte", widget=DateInput())
    kind = filters.ChoiceFilter(label="类型", choices=Activity.Kind.choices, empty_label="全部")
    state = filters.ChoiceFilter(label="状态", choices=ActivityState.choices, empty_label="全部")
    area = AreaFilter()
    station = filters.CharFilter(label="站点", field_name="station__code")
    deputy = WholeNumberFilter(label="代表", method="with_deputy")
    group = WholeNumberFilter(label="请了哪个小组", field_name="invitations__group")
    text = filters.CharFilter(label="主题、地点或编号", method="search", max_length=60)
    in_time = filters.BooleanFilter(label="按时公示", method="announced_in_time")

    class Meta:
        model = Activity
        fields = ["first", "last", "kind", "state", "area", "station", "deputy", "group", "text", "in_time"]

    def search(self, rows, name, value):
        return rows.search(value)

    def with_deputy(self, rows, name, value):
        places = Attendance.objects.on_roster().filter(mandate__deputy=value)
        return rows.filter(pk__in=places.values("activity"))

    def announced_in_time(self, rows, name, value):
        on_time = Activity.objects.announced_in_time().values("pk")
        return rows.filter(pk__in=on_time) if value else rows.exclude(pk__in=on_time)


class NoticeFilter(filters.FilterSet):
    first = filters.DateFilter(label="从", field_name="on", lookup_expr="gte", widget=DateInput())
    last = filters.DateFilter(label="到", field_name="on", lookup_expr="lte", widget=DateInput())
    kind = filters.ChoiceFilter(label="类型", choices=Notice.Kind.choices, empty_label="全部")
    area = AreaFilter("activity__area_path")
    station = filters.CharFilter(label="站点", field_name="activity__station__code")
    activity = filters.CharFilter(label="活动编号", field_name="activity__number")

    class Meta:
        model = Notice
        fields = ["first", "last", "kind", "area", "station", "activity"]


class RuleFilter(filters.FilterSet):
    station = filters.CharFilter(label="站点", field_name="station__code")
    all = filters.BooleanFilter(label="连停用的", method="ended_too")

    class Meta:
        model = ReceptionRule
        fields = ["station", "all"]

    def ended_too(self, rows, name, value):
        return rows  # see filter_queryset

    def filter_queryset(self, rows):
        rows = super().filter_queryset(rows)
        return rows if self.form.cleaned_data.get("all") else rows.in_force(timezone.localdate())


class AttendanceFilter(filters.FilterSet):
    first = filters.DateFilter(label="从", field_name="activity__day", lookup_expr="gte", widget=DateInput())
    last = filters.DateFilter(label="到", field_name="activity__day", lookup_expr="lte", widget=DateInput())
    activity = WholeNumberFilter(label="活动")
    mandate = WholeNumberFilter(label="代表职务")
    deputy = WholeNumberFilter(label="代表", field_name="mandate__deputy")
    state = filters.ChoiceFilter(label="状态", choices=AttendanceState.choices, empty_label="全部")
    objection = filters.ChoiceFilter(label="异议", choices=ContestState.choices, empty_label="全部")
    area = AreaFilter("activity__area_path")
    station = filters.CharFilter(label="站点", field_name="activity__station__code")

    class Meta:
        model = Attendance
        fields = ["first", "last", "activity", "mandate", "deputy", "state", "objection", "area", "station"]


class SheetFilter(filters.FilterSet):
    number = filters.CharFilter(label="编号", method="by_number")
    state = filters.ChoiceFilter(label="状态", choices=SheetState.choices, empty_label="全部")
    kind = filters.ChoiceFilter(label="哪种表", choices=Sheet.Kind.choices, empty_label="全部")
    station = filters.CharFilter(label="站点编号", field_name="station__code")
    batch = WholeNumberFilter(label="批次", widget=forms.HiddenInput)

    class Meta:
        model = Sheet
        fields = ["number", "state", "kind", "station", "batch"]

    def by_number(self, rows, name, value):
        return rows.filter(number__startswith=tidy_number(value))


class AppointmentFilter(filters.FilterSet):
    TODO = (
        ("answer", "要答复"),
        ("late", "逾期未答复"),
        ("phone", "要打电话"),
        ("record", "日子已过，要登记结果"),
    )

    todo = filters.ChoiceFilter(label="要办的", choices=TODO, method="still_to_do", empty_label="全部")
    state = filters.ChoiceFilter(label="状态", choices=AppointmentState.choices, empty_label="全部")
    first = filters.DateFilter(label="约在从", field_name="day", lookup_expr="gte", widget=DateInput())
    last = filters.DateFilter(label="到", field_name="day", lookup_expr="lte", widget=DateInput())
    area = AreaFilter()
    station = filters.CharFilter(label="站点", field_name="station__code")
    deputy = WholeNumberFilter(label="代表", field_name="mandate__deputy")
    activity = filters.CharFilter(label="接待日", field_name="activity__number")

    class Meta:
        model = Appointment
        fields = ["todo", "state", "first", "last", "area", "station", "deputy", "activity"]

    def still_to_do(self, rows, name, value):
        today = timezone.localdate()
        match value:
            case "answer":
                return rows.to_answer()
            case "late":
                return rows.late(today)
            case "phone":
                return rows.to_phone(today)
            case _:
                return rows.unrecorded(today)
