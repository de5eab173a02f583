"""REST for figures: the same dictionary as the page, each figure with the address of the records that it counts."""

from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from django.http import Http404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions, serializers
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from liaison.core.rest.errors import MAY_NOT
from liaison.core.rest.pages import KeysetPages

from .forms import FigureForm
from .metrics import ASKERS, METRICS, Rule, answers
from .views import LISTINGS

PERIOD = [
    OpenApiParameter("area", str, description="区划代码，末尾的零可以不写；不写就是本岗位的区划"),
    OpenApiParameter("from", OpenApiTypes.DATE, description="从哪天；不写就是今年 1 月 1 日"),
    OpenApiParameter("to", OpenApiTypes.DATE, description="到哪天；不写就是今天"),
    OpenApiParameter(
        "as_of",
        str,
        description="按何时所知，如 2026-11-03（当天结束时）或 2026-11-03T18:00；不写就是现在。以后补登、更正、作废的不算在内",
    ),
]


class FigureSerializer(serializers.Serializer):
    code = serializers.CharField()
    name = serializers.CharField()
    unit = serializers.CharField()
    value = serializers.IntegerField()
    base = serializers.IntegerField(allow_null=True, help_text="占多少：是一部分的指标才有")
    records = serializers.URLField(help_text="这个数字统计的记录")


# `from` is a word of Python, so this one cannot be written as a class.
FiguresSerializer = type(
    "FiguresSerializer",
    (serializers.Serializer,),
    {
        "area": serializers.CharField(),
        "from": serializers.DateField(),
        "to": serializers.DateField(),
        "as_of": serializers.DateTimeField(),
        "figures": FigureSerializer(many=True),
    },
)


class RecordSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    number = serializers.CharField(help_text="编号或代码，没有的为空")
    label = serializers.CharField()
    value = serializers.IntegerField(
        help_text="这条记录计多少；全部相加就是这个数字（中位数：这一条用了几天）"
    )


class Asks:
    """Who may ask, for which area and days. An area out of sight is as one that does not exist."""

    request: Any
    askers: ClassVar[tuple[str, ...]] = ASKERS

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)  # type: ignore[misc]
        if request._request.post.role not in self.askers:
            raise exceptions.PermissionDenied(MAY_NOT)

    def asked(self, kind: Any, **more: Any) -> Any:
        """The form `kind` with what was sent, checked."""
        post = self.request._request.post
        form = kind(self.request.query_params, post=post, today=timezone.localdate(), **more)
        if "area" in form.errors:
            raise Http404
        if not form.is_valid():
            raise exceptions.ValidationError(
                {form.add_prefix(name): list(found) for name, found in form.errors.items()}
            )
        return form


class AsksForRecords(Asks):
    """The records behind a number, page by page."""

    PARAMETERS: ClassVar = [
        OpenApiParameter(p["name"], p["schema"]) for p in KeysetPages().get_schema_operation_parameters(None)
    ]
    pagination_class = KeysetPages
    keyset: tuple[str, ...] = ()

    def answer(self, rows: QuerySet[Any], *, rule: Rule = Rule.COUNT) -> Response:
        listing = LISTINGS[rows.model]
        self.keyset = listing.order
        pages = KeysetPages()
        page = pages.paginate_queryset(rows.select_related(*listing.related), self.request, view=self)
        return pages.get_paginated_response([_told(row, rule) for row in page or []])


class FiguresView(Asks, APIView):
    """统计指标：一个区划一段时间的全部数字。"""

    @extend_schema(parameters=PERIOD, responses=FiguresSerializer, operation_id="figures_list")
    def get(self, request: Any) -> Response:
        form = self.asked(FigureForm)
        ask, query = form.ask(), form.address()
        rows = [
            {
                "code": figure.code,
                "name": figure.metric.name,
                "unit": figure.metric.unit,
                "value": figure.value,
                "base": figure.base,
                "records": f"{reverse('api:figure-records', args=[figure.code], request=request)}?{query}",
            }
            for figure in answers(ask, METRICS)
        ]
        known_at = timezone.localtime(ask.as_of).isoformat(timespec="seconds")
        area, first, last = ask.area.code, ask.first.isoformat(), ask.last.isoformat()
        return Response({"area": area, "from": first, "to": last, "as_of": known_at, "figures": rows})


class FigureRecordsView(AsksForRecords, APIView):
    """一个数字统计的记录。"""

    @extend_schema(parameters=[*PERIOD, *AsksForRecords.PARAMETERS], responses=RecordSerializer(many=True))
    def get(self, request: Any, code: str) -> Response:
        if code not in METRICS:
            raise Http404
        rows = METRICS[code].records(self.asked(FigureForm).ask())
        return self.answer(rows, rule=METRICS[code].rule)


def _told(row: Model, rule: Rule) -> dict[str, Any]:
    return {
        "id": row.pk,
        "number": getattr(row, "number", "") or getattr(row, "code", ""),
        "label": str(row),
        "value": rule.of(row),
    }
