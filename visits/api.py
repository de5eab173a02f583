"""REST for activities, their rosters and the categories: read, plan, roster, and move along."""

import django_filters as filters
from django.http import Http404
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action

from deputies.models import Mandate
from liaison.accounts.models import Area
from liaison.core.rest.views import (
    CodeField,
    CreateOnce,
    IdField,
    InPost,
    Steps,
    StepsField,
    as_form,
    checked,
    creates,
    takes_steps,
)
from stations.models import Station

from .filters import ActivityFilter, AttendanceFilter
from .forms import ACTIVITY_FORMS, ATTENDANCE_FORMS, ActivityForm, StationField
from .models import Activity, Attendance, Category
from .workflow import ACTIVITY_FLOW, DESK

NUMBER = r"[\w-]{1,20}"


class AttendanceSerializer(serializers.ModelSerializer):
    activity = CodeField(Activity, "number", read_only=True)
    deputy = serializers.IntegerField(source="mandate.deputy_id", read_only=True)
    deputy_name = serializers.CharField(source="mandate.deputy.name", read_only=True)
    steps = StepsField()

    class Meta:
        model = Attendance
        fields = [
            "id", "activity", "mandate", "deputy", "deputy_name", "state", "how", "arrived_at", "leave_reason", "stand_in",
            "objection", "objected_at", "objection_reason", "objection_answer", "version", "steps",
        ]  # fmt: skip
        read_only_fields = fields


class RosterSerializer(serializers.Serializer):
    """What is sent to put a mandate on a roster."""

    mandate = IdField(Mandate)


class AttendanceViewSet(InPost, Steps, viewsets.ReadOnlyModelViewSet):
    """到会：一位代表在一次活动名单上的位置。"""

    model = Attendance
    keyset = ("-pk",)
    related = ("activity__station", "mandate__deputy")
    serializer_class = AttendanceSerializer
    filterset_class = AttendanceFilter
    step_forms = ATTENDANCE_FORMS

    @takes_steps(AttendanceSerializer, Attendance.FLOW, ATTENDANCE_FORMS)
    @action(detail=True, methods=["post"], url_path=r"steps/(?P<step>\w{1,40})")
    def step(self, request, pk, step):
        return self._step(request, step)


class ActivitySerializer(serializers.ModelSerializer):
    station = CodeField(Station, read_only=True)
    area = CodeField(Area, read_only=True)
    replacement = CodeField(Activity, "number", read_only=True)
    steps = StepsField()

    class Meta:
        model = Activity
        fields = [
            "id", "number", "kind", "state", "station", "area", "theme", "day", "starts_at", "ends_at", "place", "minutes",
            "headcount", "announce_by", "announced_on", "opened_at", "closed_at", "reason", "replacement", "rule",
            "rule_on", "version", "steps",
        ]  # fmt: skip
        read_only_fields = fields


class PlanSerializer(serializers.ModelSerializer):
    """What is sent to plan an activity."""

    station = serializers.CharField(help_text="站点编号")

    class Meta:
        model = Activity
        fields = ["kind", "station", "day", "starts_at", "ends_at", "theme", "place"]


class StationByCode(StationField):
    """A program names the station by its code, however many there are."""

    def narrow(self, stations):
        self.queryset = stations


class PlanForm(ActivityForm):
    station = StationByCode(queryset=Station.objects.none(), to_field_name="code")

    class Meta(ActivityForm.Meta):
        pass


class ActivityViewSet(InPost, CreateOnce, Steps, viewsets.ReadOnlyModelViewSet):
    """活动：接待日和站里的其他活动。"""

    model = Activity
    keyset = ("-day", "-pk")
    related = ("station", "area", "replacement")
    serializer_class = ActivitySerializer
    filterset_class = ActivityFilter
    lookup_field = "number"
    lookup_value_regex = NUMBER
    creators = DESK
    step_forms = ACTIVITY_FORMS

    @creates(PlanSerializer, ActivitySerializer)
    def create(self, request):
        return self._create(request)

    def make(self, sent):
        form = PlanForm(
            as_form(sent), stations=Station.objects.visible_to(self.post_in).select_related("area")
        )
        checked(form)
        return Activity(**form.values()).enter(by=self.post_in)

    @takes_steps(ActivitySerializer, ACTIVITY_FLOW, ACTIVITY_FORMS)
    @action(detail=True, methods=["post"], url_path=r"steps/(?P<step>\w{1,40})")
    def step(self, request, number, step):
        return self._step(request, step)


class ActivityAttendanceViewSet(InPost, CreateOnce, mixins.ListModelMixin, viewsets.GenericViewSet):
    """一次活动的名单。"""

    model = Attendance
    keyset = ("pk",)
    related = AttendanceViewSet.related
    serializer_class = AttendanceSerializer
    creators = DESK

    def get_queryset(self):
        rows = super().get_queryset()
        return rows if getattr(self, "swagger_fake_view", False) else rows.filter(activity=self._activity())

    def _activity(self):
        rows = Activity.objects.visible_to(self.post_in).select_related("station__area")
        found = rows.filter(number=self.kwargs["number"]).first()
        if found is None:
            raise Http404
        return found

    @creates(RosterSerializer, AttendanceSerializer)
    def create(self, request, number):
        self._activity()
        return self._create(request)

    def make(self, sent):
        serializer = RosterSerializer(data=sent, context=self.get_serializer_context())
        serializer.is_valid(raise_exception=True)
        return Attendance.roster(self._activity(), serializer.validated_data["mandate"], by=self.post_in)


class CategorySerializer(serializers.ModelSerializer):
    parent = CodeField(Category, read_only=True)

    class Meta:
        model = Category
        fields = ["code", "name", "parent", "hotline_code", "rank", "phrases", "from_on", "to_on"]
        read_only_fields = fields


class CategoryFilter(filters.FilterSet):
    in_use = filters.DateFilter(label="这一天在用", method="used")

    class Meta:
        model = Category
        fields = ["in_use"]

    def used(self, rows, name, value):
        return rows.in_use(value)


class CategoryViewSet(InPost, viewsets.ReadOnlyModelViewSet):
    """诉求类别：两级，所有人看到的一样。"""

    model = Category
    keyset = ("rank", "pk")
    related = ("parent",)
    serializer_class = CategorySerializer
    filterset_class = CategoryFilter
    lookup_field = "code"
    lookup_value_regex = r"[\w.-]{1,10}"
