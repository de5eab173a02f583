"""REST for exports: ask for a list, then see how the job stands."""

from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, serializers, status, viewsets
from rest_framework.response import Response

from liaison.core.api import JobSerializer
from liaison.core.models import Job
from liaison.core.rest.views import IDEMPOTENCY_KEY, InPost, OnceOnly, as_form

from . import LISTINGS
from .listing import WRONG, WrongFilter
from .making import ask


class ExportSerializer(serializers.Serializer):
    list = serializers.ChoiceField(
        [(listing.name, listing.title) for listing in LISTINGS.values()], help_text="哪个列表"
    )
    filter = serializers.DictField(required=False, help_text="筛选，和页面、列表接口的参数一样")


class ExportViewSet(InPost, OnceOnly, viewsets.ViewSet):
    """导出列表为 xlsx。"""

    model = Job

    @extend_schema(request=ExportSerializer, responses={202: JobSerializer}, parameters=[IDEMPOTENCY_KEY])
    def create(self, request):
        """提出导出；在后台做，做到哪里见 `jobs/{id}/`。同一人同一时间只做一份。"""
        sent = ExportSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        listing = LISTINGS[sent.validated_data["list"]]
        self.only_for(listing.roles)
        fields = listing.fields(as_form(sent.validated_data.get("filter", {})))

        def act() -> Response:
            try:
                job = ask(listing, fields, by=self.post_in, at_once=False)
            except WrongFilter:
                raise exceptions.ValidationError({"filter": [WRONG]}) from None
            return Response(
                JobSerializer(job, context={"request": request}).data, status=status.HTTP_202_ACCEPTED
            )

        return self.once(request, act)
