"""REST for seals: seal a period, read what was sealed, compare it with the records of now."""

from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from liaison.accounts.models import Area, Role
from liaison.core.api import JobSerializer
from liaison.core.models import Job
from liaison.core.rest.views import IDEMPOTENCY_KEY, CodeField, InPost, OnceOnly, as_form, checked
from liaison.reports.periods import Kind

from . import verifying
from .forms import CodedSealForm
from .models import READERS, Seal, SealCheck


class SealAskSerializer(serializers.Serializer):
    """What is sent to seal a period of one's own area."""

    kind = serializers.ChoiceField(Kind.choices)
    period = serializers.CharField(
        help_text="统计期：2023-10、2023Q3、2023H1、2023 或 2023-01-01..2023-10-31"
    )
    corrects = serializers.CharField(required=False, help_text="更正哪一份：它的编号")
    reason = serializers.CharField(required=False, help_text="为什么更正")


class SealSerializer(serializers.ModelSerializer):
    area = CodeField(Area, read_only=True)
    corrects = serializers.CharField(source="corrects.number", default=None, help_text="更正的是哪一份")
    corrected_by = serializers.CharField(
        source="corrected_by.number", default=None, help_text="已由哪一份更正；没有为 null"
    )
    previous = serializers.CharField(source="previous.number", default=None, help_text="本区划的上一份")
    records = serializers.SerializerMethodField(help_text="每项指标有几条记录，记录编号清单的校验码")

    class Meta:
        model = Seal
        fields = [
            "id", "number", "area", "kind", "first", "last", "at", "actor", "corrects", "corrected_by", "reason", "previous",
            "previous_sha256", "sha256", "figures", "orders", "areas", "records", "dictionary", "created_at",
        ]  # fmt: skip
        read_only_fields = fields

    def get_records(self, seal: Seal) -> dict[str, Any]:
        return dict(seal.records)


class SealCheckSerializer(serializers.ModelSerializer):
    seal = serializers.CharField(source="seal.number")
    unaltered = serializers.BooleanField(source="is_unaltered", help_text="和定稿时一致")
    result = serializers.CharField(help_text="结论")
    differences = serializers.SerializerMethodField(
        help_text="每项不同：then、now，kinds 里是新计入、不再计入、数值变了的记录和原因"
    )

    class Meta:
        model = SealCheck
        fields = ["id", "seal", "at", "actor", "unaltered", "result", "flaws", "differences", "redefined"]
        read_only_fields = fields

    @extend_schema_field(serializers.ListField(child=serializers.DictField()))
    def get_differences(self, check: SealCheck) -> list[dict[str, Any]]:
        told = []
        for one in verifying.in_words(check, self.context["view"].post_in):
            found = asdict(one)
            found["kinds"] = [
                {"how": how, "total": total, "records": records} for how, total, records in found["kinds"]
            ]
            told.append(found)
        return told


class SealViewSet(InPost, OnceOnly, viewsets.ReadOnlyModelViewSet):
    """定稿：封存的统计期。报表可以按定稿的数字生成，见页面。"""

    model = Seal
    keyset = ("-pk",)
    related = ("area", "corrects", "corrected_by", "previous")
    serializer_class = SealSerializer

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.only_for(READERS)

    def _accepted(self, request: Request, job: Job) -> Response:
        where = request.build_absolute_uri(f"/api/v1/jobs/{job.pk}/")
        told = JobSerializer(job, context=self.get_serializer_context()).data
        return Response(told, status=status.HTTP_202_ACCEPTED, headers={"Location": where})

    @extend_schema(request=SealAskSerializer, responses={202: JobSerializer}, parameters=[IDEMPOTENCY_KEY])
    def create(self, request: Request) -> Response:
        """给本岗位的区划定稿；在后台做。还没有过完的、已经定稿的，答 409。"""
        self.only_for((Role.OFFICE,))

        def act() -> Response:
            form = CodedSealForm(as_form(request.data), post=self.post_in)
            checked(form)
            return self._accepted(request, form.ask())

        return self.once(request, act)

    @extend_schema(request=None, responses={202: JobSerializer}, parameters=[IDEMPOTENCY_KEY])
    @action(detail=True, methods=["post"])
    def verify(self, request: Request, pk: str) -> Response:
        """和现在的记录核对；在后台做，结果见 `seals/{id}/checks/`。"""
        return self.once(
            request, lambda: self._accepted(request, verifying.ask(self.get_object(), by=self.post_in))
        )

    @extend_schema(responses=SealCheckSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], pagination_class=None)
    def checks(self, request: Request, pk: str) -> Response:
        """最近十次核对，新的在前。"""
        rows = self.get_object().checks.select_related("seal").order_by("-pk")[:10]
        told = SealCheckSerializer(rows, many=True, context=self.get_serializer_context())
        return Response(told.data)
