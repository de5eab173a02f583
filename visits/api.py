"""REST for activities, their rosters and notices, appointments, sheets of paper and the categories: read, plan, roster,
and move along.
"""

import django_filters as filters
from django.http import Http404
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action

from deputies.models import Mandate
from liaison.accounts.models import Area, Role
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

from .appointments.booking import CONSENT
from .appointments.forms import APPOINTMENT_FORMS, EnterForm
from .filters import ActivityFilter, AppointmentFilter, AttendanceFilter, NoticeFilter, SheetFilter
from .forms import ACTIVITY_FORMS, ATTENDANCE_FORMS, SHEET_FORMS, ActivityForm, StationField
from .kinds import DETAILS
from .models import Activity, Appointment, Attendance, Category, Notice, Sheet
from .privacy import shown_person, shown_subject
from .workflow import ACTIVITY_FLOW, APPOINTMENT_FLOW, DESK, SHEET_FLOW

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
    details = serializers.DictField(read_only=True, help_text="这类活动自己的内容：名称 → 值")
    steps = StepsField()

    class Meta:
        model = Activity
        fields = [
            "id", "number", "kind", "state", "station", "area", "theme", "day", "starts_at", "ends_at", "place", "minutes",
            "minutes_by", "headcount", "days", "details", "reporting", "follows", "planned_deputies", "planned_headcount",
            "planned_days", "announce_by", "announced_on", "opened_at", "closed_at", "reason", "replacement", "rule",
            "rule_on", "version", "steps",
        ]  # fmt: skip
        read_only_fields = fields


class PlanSerializer(serializers.ModelSerializer):
    """What is sent to plan an activity. Which of the further fields it takes depends on the kind (visits/kinds.py)."""

    station = serializers.CharField(help_text="站点编号")
    follows = serializers.CharField(required=False, help_text="回访：来访登记或诉求单的编号")

    class Meta:
        model = Activity
        fields = [
            "kind", "station", "day", "starts_at", "ends_at", "theme", "place", "follows", "planned_deputies",
            "planned_headcount", "planned_days",
        ]  # fmt: skip

    def get_fields(self):
        ahead = {name: told for name, told in DETAILS.items() if not told.afterwards}
        return super().get_fields() | {name: _sent(told) for name, told in ahead.items()}


def _sent(detail):
    told = {"required": False, "label": detail.label, "help_text": detail.label}
    match detail.type:
        case "number":
            return serializers.IntegerField(min_value=0, max_value=100_000, **told)
        case "choice" | "choices":
            values = "、".join(f"{value} {label}" for value, label in detail.choices)
            told["help_text"] = f"{detail.label}：{values}"
            several = detail.type == "choices"
            return (
                serializers.ListField(child=serializers.CharField(), **told)
                if several
                else serializers.CharField(**told)
            )
        case _:
            return serializers.CharField(**told)


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

    def get_queryset(self):
        return super().get_queryset().prefetch_related("reporting")

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


class NoticeSerializer(serializers.ModelSerializer):
    activity = CodeField(Activity, "number", read_only=True)
    where = serializers.ListField(child=serializers.ChoiceField(Notice.Where.choices), read_only=True)
    deputies = serializers.ListField(child=serializers.CharField(), read_only=True)
    late = serializers.BooleanField(source="is_late", read_only=True)

    class Meta:
        model = Notice
        fields = [
            "id", "activity", "kind", "on", "announce_by", "late", "day", "starts_at", "ends_at", "theme", "place", "deputies",
            "text", "where", "where_else",
        ]  # fmt: skip
        read_only_fields = fields


class NoticeViewSet(InPost, viewsets.ReadOnlyModelViewSet):
    """公示：每一次公示、改期公示、取消公示，照贴出去的原样。"""

    model = Notice
    keyset = ("-pk",)
    related = ("activity__station",)
    serializer_class = NoticeSerializer
    filterset_class = NoticeFilter


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


class ApplicantSerializer(serializers.Serializer):
    """Who asks: in full for the staff of the station, for others masked."""

    name = serializers.CharField()
    phone = serializers.CharField()
    masked = serializers.BooleanField(help_text="姓名和手机是否隐去了一部分")


class AppointmentSerializer(serializers.ModelSerializer):
    station = CodeField(Station, read_only=True)
    area = CodeField(Area, read_only=True)
    activity = CodeField(Activity, "number", read_only=True)
    category = CodeField(Category, read_only=True)
    deputy_name = serializers.CharField(read_only=True)
    applicant = serializers.SerializerMethodField()
    steps = StepsField()

    class Meta:
        model = Appointment
        fields = [
            "number", "station", "area", "mandate", "deputy_name", "activity", "day", "at", "place", "wish", "subject",
            "category", "channel", "state", "answer_by", "note_to_person", "phoned_at", "missed_by", "visit", "applicant",
            "created_at", "version", "steps",
        ]  # fmt: skip
        read_only_fields = fields

    def get_applicant(self, found: Appointment) -> ApplicantSerializer(allow_null=True):
        if found.person() is None:
            return None
        person = shown_person(found, self.context["view"].post_in)
        return {"name": person.name, "phone": person.phone, "masked": not person.whole}

    def to_representation(self, found):
        post = self.context["view"].post_in
        told = {name: shown_subject(getattr(found, name), post) for name in ("subject", "wish")}
        return super().to_representation(found) | told


class AskSerializer(serializers.Serializer):
    """What is sent to enter an appointment for somebody: a slot of a reception day, or a wish in words."""

    station = serializers.CharField(help_text="站点编号")
    channel = serializers.ChoiceField(
        choices=[choice for choice in Appointment.Channel.choices if choice[0] != Appointment.Channel.WEB]
    )
    mandate = serializers.IntegerField(
        required=False, allow_null=True, help_text="约哪位代表：mandates 里的 id"
    )
    slot = serializers.CharField(required=False, help_text="接待日编号@时间，如 HD2026-00012@09:00")
    wish = serializers.CharField(required=False, max_length=60, help_text="没有 slot 时写希望的时间")
    subject = serializers.CharField(max_length=Appointment.MAX_SUBJECT)
    category = serializers.IntegerField(required=False, allow_null=True)
    name = serializers.CharField(max_length=15)
    phone = serializers.CharField(max_length=20)
    consent = serializers.BooleanField(help_text="本人同意这样使用姓名和手机：必须是 true")


class EnterByCode(EnterForm):
    station = StationByCode(queryset=Station.objects.none(), to_field_name="code")


class AppointmentViewSet(InPost, CreateOnce, Steps, viewsets.ReadOnlyModelViewSet):
    """约见：群众约代表见面，由联络站或代表答复。"""

    model = Appointment
    keyset = ("-pk",)
    related = ("station__area", "area", "activity", "category", "mandate__deputy", "applicant")
    serializer_class = AppointmentSerializer
    filterset_class = AppointmentFilter
    lookup_field = "number"
    lookup_value_regex = NUMBER
    creators = (Role.STATION,)
    step_forms = APPOINTMENT_FORMS

    @creates(AskSerializer, AppointmentSerializer)
    def create(self, request):
        return self._create(request)

    def make(self, sent):
        form = EnterByCode(as_form(sent), stations=Station.objects.visible_to(self.post_in))
        checked(form)
        return form.made().ask(by=self.post_in, consent=CONSENT, **form.person())

    @takes_steps(AppointmentSerializer, APPOINTMENT_FLOW, APPOINTMENT_FORMS)
    @action(detail=True, methods=["post"], url_path=r"steps/(?P<step>\w{1,40})")
    def step(self, request, number, step):
        return self._step(request, step)


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


class SheetSerializer(serializers.ModelSerializer):
    station = CodeField(Station, read_only=True)
    batch = serializers.IntegerField(source="batch_id", read_only=True)
    issued_at = serializers.DateTimeField(source="batch.created_at", read_only=True)
    steps = StepsField()

    class Meta:
        model = Sheet
        fields = [
            "id",
            "number",
            "kind",
            "station",
            "batch",
            "issued_at",
            "state",
            "visit",
            "reason",
            "version",
            "steps",
        ]
        read_only_fields = fields


class SheetViewSet(InPost, Steps, viewsets.ReadOnlyModelViewSet):
    """纸质表：发出去的每一张空白登记表。"""

    model = Sheet
    keyset = ("-pk",)
    related = ("station", "batch")
    serializer_class = SheetSerializer
    filterset_class = SheetFilter
    step_forms = SHEET_FORMS

    @takes_steps(SheetSerializer, SHEET_FLOW, SHEET_FORMS)
    @action(detail=True, methods=["post"], url_path=r"steps/(?P<step>\w{1,40})")
    def step(self, request, pk, step):
        return self._step(request, step)
