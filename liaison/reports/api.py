"""REST for figures: the same dictionary as the page, each figure with the address of the records that it counts."""

from datetime import date
from typing import Any, ClassVar
from urllib.parse import urlencode

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
from liaison.core.workdays import month_end

from .breakdown import By, CannotBeTold, Row, by_area, by_category, by_month, by_station, tellable
from .forms import AskForm, FigureForm, PartForm, StepForm
from .metrics import ASKERS, FIVE_ORDERS, METRICS, Ask, Figure, Rule, answers
from .parts import NO_CATEGORY, stations_of
from .periods import said
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

WAYS = (By.AREA, By.STATION, By.MONTH, By.CATEGORY)
APART = [
    OpenApiParameter(
        "by",
        str,
        enum=[way.value for way in WAYS],
        description="分开统计：下级区划、站点（一页一页）、月份、诉求大类；分得开的指标才有",
    ),
    OpenApiParameter("code", str, many=True, description="和 by 一起用：只要这几个指标"),
]
PART = [
    OpenApiParameter("station", str, description="只要这个站点的：站点编号"),
    OpenApiParameter("category", int, many=True, description="只要这些诉求大类的；0 是未分类"),
    OpenApiParameter("own", bool, description="只要不属于任何下级区划的（本级）"),
    OpenApiParameter(
        "by",
        str,
        enum=[StepForm.STEP, StepForm.RECEIVED],
        description="五单各步：统计期是办这一步的日期，还是收到诉求的日期",
    ),
]


class FigureSerializer(serializers.Serializer):
    code = serializers.CharField()
    name = serializers.CharField()
    unit = serializers.CharField()
    value = serializers.IntegerField()
    base = serializers.IntegerField(allow_null=True, help_text="占多少：是一部分的指标才有")
    records = serializers.URLField(help_text="这个数字统计的记录")


class PartOfFigureSerializer(serializers.Serializer):
    code = serializers.CharField()
    value = serializers.IntegerField()
    base = serializers.IntegerField(allow_null=True)
    records = serializers.URLField()


class RowSerializer(serializers.Serializer):
    key = serializers.CharField(help_text="区划代码、站点编号、2023-09，或诉求大类的 id（0 是未分类）")
    name = serializers.CharField()
    figures = PartOfFigureSerializer(many=True)


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
        "by": serializers.CharField(required=False, help_text="只在分开统计时有，rows 和 next 也是"),
        "rows": RowSerializer(many=True, required=False),
        "next": serializers.URLField(required=False, allow_null=True, help_text="下一页：只有站点分页"),
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
        if form.errors.keys() & AskForm.UNSEEN:
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

    pagination_class = KeysetPages
    keyset = ("area_path", "code")

    @extend_schema(
        parameters=[*PERIOD, *APART, *AsksForRecords.PARAMETERS],
        responses=FiguresSerializer,
        operation_id="figures_list",
    )
    def get(self, request: Any) -> Response:
        ask = self.asked(FigureForm).ask()
        query = _query(ask)
        rows = [
            {
                "code": figure.code,
                "name": figure.metric.name,
                "unit": figure.metric.unit,
                "value": figure.value,
                "base": figure.base,
                "records": self._records(figure.code, query),
            }
            for figure in answers(ask, METRICS)
        ]
        now = timezone.localtime(ask.as_of).isoformat(timespec="seconds")
        answer = {k: query[k] for k in ("area", "from", "to")} | {"as_of": now, "figures": rows}
        return Response(answer | (self._apart(ask) if request.query_params.get("by") else {}))

    def _records(self, code: str, query: dict[str, Any]) -> str:
        address = reverse("api:figure-records", args=[code], request=self.request)
        return f"{address}?{urlencode(query)}"

    def _apart(self, ask: Ask) -> dict[str, Any]:
        """What is asked for with `by`: a row for each area, station, month or category."""
        query = self.request.query_params
        ways = {way.value: way for way in WAYS}
        if query["by"] not in ways:
            raise exceptions.ValidationError({"by": [f"写 {'、'.join(ways)} 中的一个。"]})
        wanted = query.getlist("code") or list(METRICS)
        if unknown := [code for code in wanted if code not in METRICS]:
            raise exceptions.ValidationError({"code": [f"没有这个指标：{unknown[0]}"]})
        codes = tellable(ask, ways[query["by"]], wanted)
        rows, following = self._rows(ask, ways[query["by"]], codes)
        return {
            "by": query["by"],
            "rows": [
                {
                    "key": key,
                    "name": row.label,
                    "figures": [self._part(row.figures[code], _query(ask) | where) for code in codes],
                }
                for row, key, where in rows
            ],
            "next": following,
        }

    def _rows(self, ask: Ask, way: By, codes: list[str]) -> tuple[list[tuple[Row, str, dict[str, Any]]], Any]:
        """Each with its key and what narrows its records; and the address of the next page."""
        match way:
            case By.AREA:
                below = by_area(ask, codes)
                own = {ask.area.path: {"own": 1}}
                return [
                    (row, row.thing.code, {"area": row.thing.code} | own.get(row.thing.path, {}))
                    for row in below
                ], None
            case By.STATION:
                pages = KeysetPages()
                stations = pages.paginate_queryset(stations_of(ask), self.request, view=self)
                following = pages.url + pages.page.next if pages.page.next else None
                rows = by_station(ask, codes, stations)
                return [(row, row.thing.code, {"station": row.thing.code}) for row in rows], following
            case By.MONTH:
                return [_of_month(ask, row) for row in by_month(ask, codes)], None
            case _:
                found = by_category(ask, codes)
                keys = [row.key or NO_CATEGORY for row in found]
                return [
                    (row, str(key), {"category": key}) for row, key in zip(found, keys, strict=True)
                ], None

    def _part(self, figure: Figure, query: dict[str, Any]) -> dict[str, Any]:
        told = {"code": figure.code, "value": figure.value, "base": figure.base}
        return told | {"records": self._records(figure.code, query)}


def _query(ask: Ask) -> dict[str, Any]:
    query = said(ask.first, ask.last, ask.area)
    return query | ({"as_of": timezone.localtime(ask.as_of).isoformat()} if ask.as_of else {})


def _of_month(ask: Ask, row: Row) -> tuple[Row, str, dict[str, Any]]:
    start = date(*row.key, 1)  # type: ignore[misc]
    first, last = max(ask.first, start), min(ask.last, month_end(start))
    return row, f"{start:%Y-%m}", said(first, last)


class FigureRecordsView(AsksForRecords, APIView):
    """一个数字统计的记录。"""

    @extend_schema(
        parameters=[*PERIOD, *PART, *AsksForRecords.PARAMETERS], responses=RecordSerializer(many=True)
    )
    def get(self, request: Any, code: str) -> Response:
        if code not in METRICS:
            raise Http404
        ask = self.asked(PartForm, steps=code in dict(FIVE_ORDERS)).ask()
        try:
            rows = METRICS[code].records(ask)
        except CannotBeTold as error:
            raise Http404 from error
        return self.answer(rows, rule=METRICS[code].rule)


def _told(row: Model, rule: Rule) -> dict[str, Any]:
    return {
        "id": row.pk,
        "number": getattr(row, "number", "") or getattr(row, "code", ""),
        "label": str(row),
        "value": rule.of(row),
    }
