"""REST for assignment proposals: read, propose, and take their steps; the rows of each."""

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.response import Response

from deputies.models import Mandate
from liaison.accounts.models import Area, Role
from liaison.core.api import JobSerializer
from liaison.core.models import Job
from liaison.core.rest.views import (
    IDEMPOTENCY_KEY,
    CodeField,
    IdField,
    InPost,
    Steps,
    StepsField,
    as_form,
    checked,
    takes_steps,
)
from stations.models import Station

from .computing import propose
from .filters import ProposalFilter, ProposalRowFilter
from .forms import PROPOSAL_FORMS, ProposalForm
from .models import PROPOSAL_FLOW, AssignmentProposal, ProposalRow


class ProposalSerializer(serializers.ModelSerializer):
    area = CodeField(Area, read_only=True)
    figures = serializers.DictField(read_only=True, help_text="前后对比；距离以米计")
    steps = StepsField()

    class Meta:
        model = AssignmentProposal
        fields = [
            "id", "area", "on", "least", "most", "threshold", "mix", "state", "back_on", "figures", "created_at",
            "version", "steps",
        ]  # fmt: skip
        read_only_fields = fields


class ProposeSerializer(serializers.Serializer):
    """What is sent to have a proposal computed."""

    area = serializers.CharField(help_text="区划代码")
    on = serializers.DateField()
    least = serializers.IntegerField(help_text="每站至少几职")
    most = serializers.IntegerField(help_text="每站至多几职")
    threshold = serializers.FloatField(help_text="至少近多少公里才调整")
    mix = serializers.FloatField(help_text="为补齐一级代表可以多走多少公里")


class ProposalViewSet(InPost, Steps, viewsets.ReadOnlyModelViewSet):
    """编组方案：就近从便、混合编组。"""

    model = AssignmentProposal
    keyset = ("-pk",)
    related = ("area",)
    serializer_class = ProposalSerializer
    filterset_class = ProposalFilter
    step_forms = PROPOSAL_FORMS

    @extend_schema(
        request=ProposeSerializer,
        responses={201: ProposalSerializer, 202: JobSerializer},
        parameters=[IDEMPOTENCY_KEY],
    )
    def create(self, request):
        """提出方案。代表多的在后台算，答 202 和任务，做到哪里见 `jobs/{id}/`。"""
        self.only_for((Role.OFFICE,))

        def act() -> Response:
            form = ProposalForm(as_form(request.data), post=self.post_in)
            checked(form)
            made = propose(AssignmentProposal(**form.values()), by=self.post_in)
            if isinstance(made, Job):
                told = JobSerializer(made, context=self.get_serializer_context())
                return Response(told.data, status=status.HTTP_202_ACCEPTED)
            return Response(self.get_serializer(made).data, status=status.HTTP_201_CREATED)

        return self.once(request, act)

    @takes_steps(ProposalSerializer, PROPOSAL_FLOW, PROPOSAL_FORMS)
    @action(detail=True, methods=["post"], url_path=r"steps/(?P<step>\w{1,40})")
    def step(self, request, pk, step):
        return self._step(request, step)


class ProposalRowSerializer(serializers.ModelSerializer):
    mandate = IdField(Mandate, read_only=True)
    deputy = serializers.IntegerField(source="mandate.deputy_id", read_only=True)
    deputy_name = serializers.CharField(source="mandate.deputy.name", read_only=True)
    level = serializers.CharField(source="mandate.level", read_only=True)
    origin = CodeField(Station, read_only=True)
    station = CodeField(Station, read_only=True)

    class Meta:
        model = ProposalRow
        fields = [
            "id", "mandate", "deputy", "deputy_name", "level", "change", "origin", "station", "metres_before",
            "metres_after", "reason", "fixed", "adjusted",
        ]  # fmt: skip
        read_only_fields = fields


class ProposalRowViewSet(InPost, mixins.ListModelMixin, viewsets.GenericViewSet):
    """一个编组方案的各行：每个代表职务一行。"""

    model = ProposalRow
    keyset = ("pk",)
    related = ("mandate__deputy", "origin", "station")
    serializer_class = ProposalRowSerializer
    filterset_class = ProposalRowFilter

    def get_queryset(self):
        rows = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):
            return rows
        proposals = AssignmentProposal.objects.visible_to(self.post_in)
        if not proposals.filter(pk=self.kwargs["proposal"]).exists():
            raise Http404
        return rows.filter(proposal=self.kwargs["proposal"])
