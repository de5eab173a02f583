"""REST for deputies, their mandates and the stations they are assigned to: read."""

from datetime import date

from rest_framework import serializers, viewsets
from rest_framework.decorators import action

from liaison.accounts.models import Area
from liaison.core.masking import mask_phone
from liaison.core.rest.views import CodeField, InPost, Steps, StepsField, takes_steps
from stations.models import Station

from .filters import AssignmentFilter, CodeFilter, DeputyFilter, MandateFilter
from .forms import CODE_FORMS
from .models import Deputy, Mandate, QrToken, StationAssignment


class DeputySerializer(serializers.ModelSerializer):
    """Contact data in full for those who work with the deputy; for others the phone is masked, the rest left out."""

    phone = serializers.SerializerMethodField(help_text="无权看全号的，中间几位隐去")
    birth = serializers.SerializerMethodField(help_text="无权看的为 null")
    card_no = serializers.SerializerMethodField(help_text="无权看的为 null")

    class Meta:
        model = Deputy
        fields = [
            "id", "name", "sex", "ethnicity", "birth", "party", "education", "occupation", "employer", "duty", "card_no",
            "phone", "version",
        ]  # fmt: skip
        read_only_fields = fields

    def _is_open(self, deputy: Deputy) -> bool:
        return deputy.contact_is_open_to(self.context["request"]._request.post)

    def get_phone(self, deputy: Deputy) -> str:
        return deputy.phone if self._is_open(deputy) else mask_phone(deputy.phone)

    def get_birth(self, deputy: Deputy) -> date | None:
        return deputy.birth if self._is_open(deputy) else None

    def get_card_no(self, deputy: Deputy) -> str | None:
        return deputy.card_no if self._is_open(deputy) else None


class DeputyViewSet(InPost, viewsets.ReadOnlyModelViewSet):
    """代表：人。一位代表可以有几个层级的职务，见 mandates。"""

    model = Deputy
    keyset = ("pinyin", "pk")
    serializer_class = DeputySerializer
    filterset_class = DeputyFilter


class MandateSerializer(serializers.ModelSerializer):
    area = CodeField(Area, read_only=True)
    deputy_name = serializers.CharField(source="deputy.name", read_only=True)
    congress = serializers.CharField(source="term.congress.name", read_only=True)
    term = serializers.IntegerField(source="term.number", read_only=True, help_text="届次")

    class Meta:
        model = Mandate
        fields = [
            "id", "deputy", "deputy_name", "level", "congress", "term", "area", "constituency", "delegation", "from_on",
            "to_on", "end_reason", "suspended_on", "version",
        ]  # fmt: skip
        read_only_fields = fields


class MandateViewSet(InPost, viewsets.ReadOnlyModelViewSet):
    """代表职务：一人在一届的一个席位。"""

    model = Mandate
    keyset = ("pk",)
    related = ("deputy", "term__congress", "area")
    serializer_class = MandateSerializer
    filterset_class = MandateFilter


class AssignmentSerializer(serializers.ModelSerializer):
    station = CodeField(Station, read_only=True)
    deputy = serializers.IntegerField(source="mandate.deputy_id", read_only=True)
    deputy_name = serializers.CharField(source="mandate.deputy.name", read_only=True)
    group = serializers.SerializerMethodField(help_text="代表小组的名称")

    class Meta:
        model = StationAssignment
        fields = [
            "id", "mandate", "deputy", "deputy_name", "station", "group", "resident", "from_on", "to_on", "version",
        ]  # fmt: skip
        read_only_fields = fields

    def get_group(self, assignment: StationAssignment) -> str | None:
        return assignment.group.name if assignment.group else None


class AssignmentViewSet(InPost, viewsets.ReadOnlyModelViewSet):
    """编组进站：代表职务从哪天到哪天属于哪个站点。"""

    model = StationAssignment
    keyset = ("pk",)
    related = ("station", "mandate__deputy", "group")
    serializer_class = AssignmentSerializer
    filterset_class = AssignmentFilter


class CodeSerializer(serializers.ModelSerializer):
    station = CodeField(Station, read_only=True)
    to_station = CodeField(Station, read_only=True)
    url = serializers.SerializerMethodField(help_text="码里的网址，从本站根目录写起")
    steps = StepsField()

    class Meta:
        model = QrToken
        fields = [
            "id", "token", "url", "state", "station", "deputy", "to_station", "to_deputy", "reason", "created_at", "version",
            "steps",
        ]  # fmt: skip
        read_only_fields = fields

    def get_url(self, token: QrToken) -> str:
        return token.get_absolute_url()


class CodeViewSet(InPost, Steps, viewsets.ReadOnlyModelViewSet):
    """二维码：站点、信箱、代表的固定码。"""

    model = QrToken
    keyset = ("pk",)
    related = ("station", "deputy", "to_station", "to_deputy")
    serializer_class = CodeSerializer
    filterset_class = CodeFilter
    step_forms = CODE_FORMS

    @takes_steps(CodeSerializer, QrToken.FLOW, CODE_FORMS)
    @action(detail=True, methods=["post"], url_path=r"steps/(?P<step>\w{1,40})")
    def step(self, request, pk, step):
        return self._step(request, step)
