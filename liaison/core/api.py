"""REST for jobs: how they stand, cancel and try again, and the file."""

from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action

from .jobs import JOB_FLOW
from .models import Job
from .rest.views import InPost, Steps, StepsField, takes_steps
from .views import JOB_FORMS


class JobSerializer(serializers.ModelSerializer):
    file = serializers.SerializerMethodField(help_text="文件的地址；没有或已过期为 null")
    steps = StepsField()

    class Meta:
        model = Job
        fields = [
            "id", "title", "state", "done", "total", "text", "rows", "file", "file_name", "size", "sha256", "created_at",
            "started_at", "finished_at", "version", "steps",
        ]  # fmt: skip
        read_only_fields = fields

    def get_file(self, job: Job) -> str | None:
        request = self.context["request"]
        return request.build_absolute_uri(f"/api/v1/jobs/{job.pk}/file/") if job.file else None


class JobViewSet(InPost, Steps, viewsets.ReadOnlyModelViewSet):
    """后台任务：本岗位提出的导出等。文件保留 7 天。"""

    model = Job
    keyset = ("-pk",)
    related = ("post__area", "area")
    serializer_class = JobSerializer
    step_forms = JOB_FORMS

    @takes_steps(JobSerializer, JOB_FLOW, JOB_FORMS)
    @action(detail=True, methods=["post"], url_path=r"steps/(?P<step>\w{1,40})")
    def step(self, request, pk, step):
        return self._step(request, step)

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"])
    def file(self, request, pk):
        """下载做好的文件。已过期，或能看的范围已变，答 409。"""
        job = self.get_object()
        return FileResponse(job.handed_out(by=self.post_in), as_attachment=True, filename=job.file_name)
