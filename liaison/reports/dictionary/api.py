"""REST for the dictionary: for programs that show figures and must say what they mean."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from .words import CASES, Entry, entries


class EntrySerializer(serializers.Serializer):
    code = serializers.CharField()
    name = serializers.CharField()
    unit = serializers.CharField()
    group = serializers.CharField(help_text="属于哪一类")
    definition = serializers.CharField(help_text="数的是什么")
    day = serializers.CharField(help_text="按哪个日期归入统计期")
    base = serializers.CharField(help_text="占哪个指标的，没有的为空", allow_blank=True)
    how = serializers.CharField(help_text="每条记录计多少")
    records = serializers.CharField(help_text="数的是哪种记录")
    additive = serializers.BooleanField(help_text="下级各区划加起来是不是等于本级")
    sums = serializers.CharField(help_text="能不能相加，为什么")
    since = serializers.CharField(help_text="从什么时候起这样算，如 2026 年 11 月")


class CaseSerializer(serializers.Serializer):
    name = serializers.CharField()
    title = serializers.CharField()
    group = serializers.CharField()
    rule = serializers.CharField(help_text="怎么算")


class DictionarySerializer(serializers.Serializer):
    figures = EntrySerializer(many=True)
    cases = CaseSerializer(many=True, help_text="特殊情况怎么算")


class DictionaryView(APIView):
    """指标字典：每个指标怎么算，特殊情况怎么算。"""

    @extend_schema(responses=DictionarySerializer, operation_id="figures_dictionary")
    def get(self, request: Any) -> Response:
        figures = [_told(group, entry) for group, found in entries().items() for entry in found]
        told = [{"name": one.name, "title": one.title, "group": one.group, "rule": one.rule} for one in CASES]
        return Response({"figures": figures, "cases": told})


def _told(group: str, entry: Entry) -> dict[str, Any]:
    metric = entry.metric
    return {
        "code": metric.code,
        "name": metric.name,
        "unit": metric.unit,
        "group": group,
        "definition": metric.definition,
        "day": metric.day,
        "base": metric.base,
        "how": entry.how,
        "records": entry.records,
        "additive": metric.additive,
        "sums": entry.sums,
        "since": metric.since,
    }
