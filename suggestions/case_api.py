"""REST that several cases share: their files, and the person of a request, shown for once."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from liaison.core.rest.files import FileSerializer
from liaison.core.rest.views import as_form, checked

from .forms import ReasonForm
from .revealing import ASKERS, LEAST, reveal


def has_files(of, words):
    """A viewset's part with `GET …/files/`; `of(thing, post)` says which, `words` what the description says."""

    class Filed:
        @extend_schema(responses=FileSerializer(many=True), description=words)
        @action(detail=True, methods=["get"], pagination_class=None, filter_backends=[])
        def files(self, request, **kwargs):
            rows = of(self.get_object(), self.post_in)
            return Response(FileSerializer(rows, many=True, context=self.get_serializer_context()).data)

    return Filed


class WhySerializer(serializers.Serializer):
    """Why the person is to be shown."""

    reason = serializers.CharField(
        min_length=LEAST, max_length=200, help_text="为什么要看，如：答复不清楚，要打电话核实。会记入办理记录"
    )


class WholePersonSerializer(serializers.Serializer):
    """The person in full, shown for once."""

    name = serializers.CharField(read_only=True)
    phone = serializers.CharField(read_only=True)


class Revealing:
    """`POST …/person/`: name and number of who asked, with a reason, on record."""

    @extend_schema(request=WhySerializer, responses=WholePersonSerializer)
    @action(detail=True, methods=["post"])
    def person(self, request, **kwargs):
        """显示反映人的姓名和电话。要写理由；谁在什么时候看的、为什么看，记入办理记录。不能看的答 409。"""
        found = self.get_object()
        self.only_for(ASKERS)
        reason = checked(ReasonForm(as_form(request.data)))["reason"]
        person = reveal(found, by=self.post_in, reason=reason)
        answer = Response(WholePersonSerializer(person).data)
        answer["Cache-Control"] = "no-store"
        return answer
