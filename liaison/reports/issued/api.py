"""REST for reports: ask for one, see how far it is, fetch the file."""

from typing import Any

from django.http import FileResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from liaison.accounts.models import Area
from liaison.core.rest.views import IDEMPOTENCY_KEY, CodeField, InPost, OnceOnly, as_form, checked
from liaison.reports.metrics import ASKERS
from liaison.reports.periods import Kind

from .forms import CodedForm
from .models import Format, Report


class ReportAskSerializer(serializers.Serializer):
    """What is sent to ask for a report."""

    kind = serializers.ChoiceField(Kind.choices)
    area = serializers.CharField(help_text="区划代码，末尾的零可以不写")
    period = serializers.CharField(
        help_text="统计期：2023-10、2023Q3、2023H1、2023 或 2023-01-01..2023-10-31"
    )
    format = serializers.ChoiceField(Format.choices)
    as_of = serializers.CharField(
        required=False, help_text="按何时所知，如 2026-11-03（当天结束时）；不写就是做的时候"
    )
    unmasked = serializers.BooleanField(required=False, help_text="不遮盖姓名和电话，须写 reason")
    reason = serializers.CharField(required=False, help_text="为什么不遮盖")


class ReportSerializer(serializers.ModelSerializer):
    id = serializers.IntegerField(source="pk", help_text="也是后台任务的编号：取消、再试一次见 `jobs/{id}/`")
    area = CodeField(Area, read_only=True)
    state = serializers.CharField(source="job.state")
    done = serializers.IntegerField(source="job.done", help_text="已做行数")
    total = serializers.IntegerField(source="job.total", help_text="总行数")
    text = serializers.CharField(source="job.text", help_text="结果，或为什么没有做成")
    rows = serializers.IntegerField(source="job.rows")
    sha256 = serializers.CharField(source="job.sha256", help_text="文件的校验码")
    size = serializers.IntegerField(source="job.size")
    file = serializers.SerializerMethodField(help_text="文件的地址；没有或已过期为 null")
    file_name = serializers.CharField(source="job.file_name")
    as_of = serializers.DateTimeField(source="known_at", allow_null=True, help_text="数据截止")
    finished_at = serializers.DateTimeField(source="job.finished_at", allow_null=True)

    class Meta:
        model = Report
        fields = [
            "id", "kind", "area", "first", "last", "format", "masked", "state", "done", "total", "text", "rows", "sha256",
            "size", "file", "file_name", "as_of", "created_at", "finished_at",
        ]  # fmt: skip
        read_only_fields = fields

    def get_file(self, report: Report) -> str | None:
        request = self.context["request"]
        return request.build_absolute_uri(f"/api/v1/reports/{report.pk}/file/") if report.job.file else None


class ReportViewSet(InPost, OnceOnly, viewsets.ReadOnlyModelViewSet):
    """报表：本岗位要的。文件保留 7 天。"""

    model = Report
    keyset = ("-pk",)
    related = ("job__post__area", "area")
    serializer_class = ReportSerializer

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.only_for(ASKERS)

    @extend_schema(
        request=ReportAskSerializer, responses={202: ReportSerializer}, parameters=[IDEMPOTENCY_KEY]
    )
    def create(self, request: Request) -> Response:
        """提出一份报表；在后台做，做到哪里见 `reports/{id}/`。同一人同一时间只做一份。"""

        def act() -> Response:
            form = CodedForm(as_form(request.data), post=self.post_in, today=timezone.localdate())
            checked(form)
            made = self.get_queryset().get(pk=form.ask().pk)
            told = self.get_serializer(made).data
            where = request.build_absolute_uri(f"/api/v1/reports/{made.pk}/")
            return Response(told, status=status.HTTP_202_ACCEPTED, headers={"Location": where})

        return self.once(request, act)

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"])
    def file(self, request: Request, pk: str) -> FileResponse:
        """下载做好的文件。已过期，或能看的范围已变，答 409。"""
        job = self.get_object().job
        return FileResponse(job.handed_out(by=self.post_in), as_attachment=True, filename=job.file_name)
