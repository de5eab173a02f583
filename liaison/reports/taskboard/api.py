"""REST for the ten tasks: a station a row, the records behind each task, and the papers that stations file."""

from typing import Any, ClassVar

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from liaison.core.rest.pages import KeysetPages
from liaison.core.rest.views import CodeField, InPost
from liaison.reports.api import Asks, AsksForRecords, RecordSerializer
from stations.models import Station

from .board import Cell, Line, State
from .filters import DocumentFilter
from .forms import DUE, MISSED, BoardForm, RecordsForm, parts
from .models import StationDocument
from .table import TASKS

SPAN = [
    OpenApiParameter("area", str, description="区划代码，末尾的零可以不写；不写就是本岗位的区划"),
    OpenApiParameter("year", int, description="哪一年；不写就是今年"),
    OpenApiParameter(
        "part", str, enum=[code for code, _ in parts() if code], description="时段；不写就是全年"
    ),
]


class TaskCellSerializer(serializers.Serializer):
    task = serializers.ChoiceField(choices=[(task.code, task.name) for task in TASKS.values()])
    period = serializers.CharField(help_text="2026、2026-Q3 或 2026-07")
    done = serializers.IntegerField()
    wanted = serializers.IntegerField(help_text="按本地规则要几个")
    state = serializers.ChoiceField(choices=[(state.name, state.word) for state in State])
    records = serializers.URLField(help_text="完成它的记录")


class StationTasksSerializer(serializers.Serializer):
    station = serializers.CharField()
    name = serializers.CharField()
    area = serializers.CharField()
    done = serializers.IntegerField()
    due = serializers.IntegerField()
    missed = serializers.IntegerField()
    tasks = TaskCellSerializer(many=True)


class TasksView(Asks, APIView):
    """十项任务：各联络站每一期完成了没有，全部由记录算出。"""

    pagination_class = KeysetPages
    keyset: ClassVar = ("code",)

    @extend_schema(
        parameters=[
            *SPAN,
            OpenApiParameter("task", str, enum=list(TASKS), description="只看一项任务"),
            OpenApiParameter("only", str, enum=[MISSED, DUE], description="只看有未完成、有待完成的站"),
            *AsksForRecords.PARAMETERS,
        ],
        responses=StationTasksSerializer(many=True),
        operation_id="tasks_list",
    )
    def get(self, request: Any) -> Response:
        form = self.asked(BoardForm)
        lines, pages = form.lines(), KeysetPages()
        page = pages.paginate_queryset(form.rows(lines), request, view=self) or []
        return pages.get_paginated_response([self._told(lines[row.pk], form) for row in page])

    def _told(self, line: Line, form: BoardForm) -> dict[str, Any]:
        tally = line.tally(form.period, form.chosen)
        cells = [
            cell for cell in line.cells if cell.period.meets(form.period) and form.chosen in (None, cell.task)
        ]
        return {
            "station": line.station.code,
            "name": line.station.name,
            "area": line.station.area.code,
            "done": tally.done,
            "due": tally.due,
            "missed": tally.missed,
            "tasks": [self._cell(cell, line.station) for cell in cells],
        }

    def _cell(self, cell: Cell, station: Station) -> dict[str, Any]:
        part = f"&part={cell.period.part}" if cell.period.part else ""
        records = reverse("api:task-records", args=[cell.task.code], request=self.request)
        return {
            "task": cell.task.code,
            "period": cell.period.code,
            "done": cell.done,
            "wanted": cell.wanted,
            "state": cell.state.name,
            "records": f"{records}?station={station.code}&year={cell.period.year}{part}",
        }


class TaskRecordsView(AsksForRecords, APIView):
    """完成一项任务的记录。"""

    @extend_schema(
        parameters=[
            *SPAN,
            OpenApiParameter("station", str, description="站点编号"),
            *AsksForRecords.PARAMETERS,
        ],
        responses=RecordSerializer(many=True),
    )
    def get(self, request: Any, code: str) -> Response:
        if code not in TASKS:
            raise Http404
        rows, _ = self.asked(RecordsForm, task=TASKS[code]).records()
        return self.answer(rows)


class StationDocumentSerializer(serializers.ModelSerializer):
    station = CodeField(Station, read_only=True)
    voided = serializers.SerializerMethodField()

    class Meta:
        model = StationDocument
        fields = ["id", "station", "kind", "title", "day", "voided", "version"]
        read_only_fields = fields

    def get_voided(self, document: StationDocument) -> bool:
        return document.voided_at is not None


class StationDocumentViewSet(InPost, viewsets.ReadOnlyModelViewSet):
    """站点材料：联络站一年一份的履职档案、考核评优结果。"""

    model = StationDocument
    keyset = ("-day", "-pk")
    related = ("station",)
    serializer_class = StationDocumentSerializer
    filterset_class = DocumentFilter
