"""REST for the coverage: the board, and the records behind each of its numbers."""

from typing import Any

from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from liaison.reports.api import Asks, AsksForRecords, RecordSerializer

from .forms import DayForm, ListForm
from .measures import MEASURES, READERS, Line, board

DAY = [
    OpenApiParameter("area", str, description="区划代码，末尾的零可以不写；不写就是本岗位的区划"),
    OpenApiParameter("on", OpenApiTypes.DATE, description="哪一天的情况；不写就是今天"),
]


class CoverageMeasureSerializer(serializers.Serializer):
    code = serializers.CharField()
    name = serializers.CharField()
    gap = serializers.IntegerField(help_text="缺多少")
    whole = serializers.IntegerField(help_text="一共多少")
    levels = serializers.DictField(child=serializers.IntegerField(), help_text="按层级：只有代表职数才有")
    records = serializers.URLField(help_text="缺的是哪些")


class CoverageLineSerializer(serializers.Serializer):
    area = serializers.CharField()
    name = serializers.CharField()
    own = serializers.BooleanField(help_text="只是这个区划本级的")
    measures = CoverageMeasureSerializer(many=True)


class CoverageSerializer(serializers.Serializer):
    area = serializers.CharField()
    on = serializers.DateField()
    lines = CoverageLineSerializer(many=True)
    total = CoverageLineSerializer()


class CoverageView(Asks, APIView):
    """覆盖情况：一个区划的下一级各有哪些缺口。"""

    askers = READERS

    @extend_schema(parameters=DAY, responses=CoverageSerializer, operation_id="coverage_list")
    def get(self, request: Any) -> Response:
        view = self.asked(DayForm).view()
        lines, total = board(view)
        told = {"area": view.area.code, "on": view.on.isoformat()}
        return Response(
            told | {"lines": [self._line(line, told) for line in lines], "total": self._line(total, told)}
        )

    def _line(self, line: Line, told: dict[str, str]) -> dict[str, Any]:
        own = "&own=1" if line.own else ""
        query = f"area={line.area.code}&on={told['on']}{own}"
        return {
            "area": line.area.code,
            "name": line.area.name,
            "own": line.own,
            "measures": [
                {
                    "code": cell.measure.code,
                    "name": cell.measure.name,
                    "gap": cell.gap,
                    "whole": cell.whole,
                    "levels": {code: n for code, _, n in cell.levels},
                    "records": f"{reverse('api:coverage-records', args=[cell.measure.code], request=self.request)}?{query}",
                }
                for cell in line.cells
            ],
        }


class CoverageRecordsView(AsksForRecords, APIView):
    """一个缺口的记录。"""

    askers = READERS

    @extend_schema(
        parameters=[
            *DAY,
            OpenApiParameter("level", str, description="层级：只用于代表职数"),
            OpenApiParameter("own", bool, description="只看这个区划本级的"),
            *AsksForRecords.PARAMETERS,
        ],
        responses=RecordSerializer(many=True),
    )
    def get(self, request: Any, code: str) -> Response:
        if code not in MEASURES:
            raise Http404
        return self.answer(self.asked(ListForm, measure=MEASURES[code]).records())
