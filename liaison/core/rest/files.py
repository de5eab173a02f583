"""REST for files: what hangs on a thing, and the file itself. Who may have it is asked of its owner, at every call."""

from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.response import Response

from liaison.core.files import Attachment
from liaison.core.given_out import as_file
from liaison.core.workflow import NotAllowed

from .views import InPost

BINARY = {(200, "application/octet-stream"): OpenApiTypes.BINARY}


class FileSerializer(serializers.ModelSerializer):
    """A stored file. Of the name that it came with nothing is told: it may name somebody."""

    owner = serializers.SerializerMethodField(
        help_text="是什么的附件：order 派单的答复，visit 来访登记，followup 跟单 ……"
    )
    ending = serializers.CharField(read_only=True, help_text="下载时文件名的后缀")
    url = serializers.SerializerMethodField(help_text="下载的地址")

    class Meta:
        model = Attachment
        fields = ["key", "owner", "content_type", "ending", "size", "sha256", "public", "created_at", "url"]
        read_only_fields = fields

    def get_owner(self, file: Attachment) -> str:
        return file.owner_type.model

    def get_url(self, file: Attachment) -> str:
        return self.context["request"].build_absolute_uri(f"/api/v1/files/{file.key}/content/")


class FileViewSet(InPost, viewsets.GenericViewSet):
    """附件：能看它所属的记录，才能看它。附件的 key 从记录的 files 里取。"""

    model = Attachment
    serializer_class = FileSerializer
    lookup_field = "key"
    lookup_value_regex = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    filter_backends: tuple[Any, ...] = ()
    pagination_class = None

    def get_queryset(self) -> Any:
        return Attachment.objects.none()  # there is no list: a file is reached from what it belongs to

    def get_object(self) -> Attachment:
        found = get_object_or_404(Attachment.objects.select_related("owner_type"), key=self.kwargs["key"])
        if not found.is_visible_to(self.post_in):
            raise Http404
        return found

    def retrieve(self, request: Any, key: str) -> Response:
        """一个附件的说明。"""
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(responses=BINARY)
    @action(detail=True, methods=["get"])
    def content(self, request: Any, key: str) -> Any:
        """下载。文件已损坏的，答 409。"""
        found = self.get_object()
        content = found.content()
        if content is None:
            raise NotAllowed("这个文件已损坏，没有给出。请联系管理员。")
        return as_file(found, content)
