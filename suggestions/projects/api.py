"""REST for livelihood projects: read, and take their steps; the votes on them: read."""

from rest_framework import serializers, viewsets
from rest_framework.decorators import action

from liaison.accounts.models import Area
from liaison.core.rest.views import CodeField, InPost, Steps, StepsField, takes_steps

from .filters import BallotFilter, ProjectFilter
from .forms import PROJECT_FORMS
from .models import PROJECT_FLOW, Ballot, BallotLine, Project, ProjectCheck, ProjectProgress


class ProgressSerializer(serializers.ModelSerializer):
    class Meta:
        model = ProjectProgress
        fields = ["day", "percent", "text"]
        read_only_fields = fields


class CheckSerializer(serializers.ModelSerializer):
    class Meta:
        model = ProjectCheck
        fields = ["year", "on", "satisfied", "fairly", "unsatisfied", "finding"]
        read_only_fields = fields


class ProjectSerializer(serializers.ModelSerializer):
    area = CodeField(Area, read_only=True)
    department_name = serializers.CharField(source="department.name", read_only=True)
    chair = serializers.SerializerMethodField(help_text="领衔的副主任")
    group = serializers.SerializerMethodField(help_text="代表监督小组")
    progress = ProgressSerializer(many=True, read_only=True)
    checks = CheckSerializer(many=True, read_only=True)
    steps = StepsField()

    class Meta:
        model = Project
        fields = [
            "id", "number", "year", "area", "title", "what", "budget", "department", "department_name", "place", "source",
            "planned_on", "chair", "committee", "group", "state", "percent", "started_on", "reported_on", "done_on",
            "progress", "checks", "version", "steps",
        ]  # fmt: skip
        read_only_fields = fields

    def get_chair(self, project: Project) -> str:
        return str(project.chair or "")

    def get_group(self, project: Project) -> str:
        return str(project.group or "")


class ProjectViewSet(InPost, Steps, viewsets.ReadOnlyModelViewSet):
    """民生实事项目。"""

    model = Project
    keyset = ("-year", "-pk")
    related = ("area", "department", "chair__mandate__deputy", "group")
    serializer_class = ProjectSerializer
    filterset_class = ProjectFilter
    step_forms = PROJECT_FORMS

    def get_queryset(self):
        return super().get_queryset().prefetch_related("progress", "checks")

    @takes_steps(ProjectSerializer, PROJECT_FLOW, PROJECT_FORMS)
    @action(detail=True, methods=["post"], url_path=r"steps/(?P<step>\w{1,40})")
    def step(self, request, pk, step):
        return self._step(request, step)


class BallotLineSerializer(serializers.ModelSerializer):
    class Meta:
        model = BallotLine
        fields = ["project", "yes", "no", "abstained", "result"]
        read_only_fields = fields


class BallotSerializer(serializers.ModelSerializer):
    area = CodeField(Area, read_only=True)
    lines = BallotLineSerializer(many=True, read_only=True)

    class Meta:
        model = Ballot
        fields = [
            "id", "area", "year", "session", "day", "entitled", "present", "issued", "returned", "valid", "places",
            "percent", "needed", "lines", "voided_at", "version",
        ]  # fmt: skip
        read_only_fields = fields


class BallotViewSet(InPost, viewsets.ReadOnlyModelViewSet):
    """民生实事票决的结果。"""

    model = Ballot
    keyset = ("-day", "-pk")
    related = ("area",)
    serializer_class = BallotSerializer
    filterset_class = BallotFilter

    def get_queryset(self):
        return super().get_queryset().prefetch_related("lines")
