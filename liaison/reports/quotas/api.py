"""REST for what is asked of deputies in a year: each mandate's progress, and the records behind it."""

from typing import Any, ClassVar

from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from deputies.models import Level
from liaison.core.rest.pages import KeysetPages
from liaison.reports.api import Asks, AsksForRecords, RecordSerializer
from liaison.reports.metrics import ASKERS

from .forms import EVERY, PersonForm, QuotaForm
from .progress import READERS, absences, of, records_of
from .table import QUOTAS
from .views import RELATED

ON = OpenApiParameter("on", OpenApiTypes.DATE, description="截至哪一天；不写就是今天")


class QuotaProgressSerializer(serializers.Serializer):
    quota = serializers.ChoiceField(choices=[(quota.code, quota.name) for quota in QUOTAS.values()])
    done = serializers.DecimalField(max_digits=8, decimal_places=1)
    due = serializers.IntegerField(help_text="到这一天应做多少")
    year = serializers.IntegerField(help_text="全年要求多少；年中任职的已折算")
    behind = serializers.BooleanField(help_text="没有达到进度")
    records = serializers.URLField(help_text="已做的记录")


class MandateQuotasSerializer(serializers.Serializer):
    mandate = serializers.IntegerField()
    deputy = serializers.IntegerField()
    name = serializers.CharField()
    level = serializers.ChoiceField(choices=Level.choices)
    area = serializers.CharField()
    quotas = QuotaProgressSerializer(many=True)
    due = serializers.IntegerField(help_text="排班应到的次数；请假、替换的不算")
    leave = serializers.IntegerField(help_text="请假")
    absent = serializers.IntegerField(help_text="缺席")


class QuotasView(Asks, APIView):
    """履职要求：每个代表职务一年要做多少，到一天做了多少，全部由记录算出。"""

    pagination_class = KeysetPages
    keyset: ClassVar = ("area_path", "id")
    askers = ASKERS

    @extend_schema(
        parameters=[
            OpenApiParameter("area", str, description="区划代码，末尾的零可以不写；不写就是本岗位的区划"),
            ON,
            OpenApiParameter("level", str, enum=list(Level.values), description="层级"),
            OpenApiParameter("quota", str, enum=list(QUOTAS), description="只看一项"),
            OpenApiParameter("show", str, enum=[EVERY], description="all：全部代表；不写：进度不够的"),
            *AsksForRecords.PARAMETERS,
        ],
        responses=MandateQuotasSerializer(many=True),
        operation_id="quotas_list",
    )
    def get(self, request: Any) -> Response:
        form, pages = self.asked(QuotaForm), KeysetPages()
        page = pages.paginate_queryset(form.records().select_related(*RELATED), request, view=self) or []
        attended = absences([row.deputy_id for row in page], form.cleaned_data["on"])
        return pages.get_paginated_response([self._told(row, form, attended) for row in page])

    def _told(self, row: Any, form: Any, attended: dict[int, dict[str, int]]) -> dict[str, Any]:
        on = form.cleaned_data["on"].isoformat()
        roster = attended.get(row.deputy_id, {})
        return {
            "mandate": row.pk,
            "deputy": row.deputy_id,
            "name": row.deputy.name,
            "level": row.level,
            "area": row.area.code,
            "quotas": [
                {
                    "quota": found.quota.code,
                    "done": found.shown,
                    "due": found.due,
                    "year": found.year,
                    "behind": found.is_behind,
                    "records": f"{reverse('api:quota-records', args=[found.quota.code], request=self.request)}"
                    f"?deputy={row.deputy_id}&on={on}",
                }
                for found in of(row, form.quotas)
            ],
            **{name: roster.get(name, 0) for name in ("due", "leave", "absent")},
        }


class QuotaRecordsView(AsksForRecords, APIView):
    """一位代表一项要求的记录；代表只能看自己的。"""

    askers = READERS

    @extend_schema(
        parameters=[
            OpenApiParameter("deputy", int, description="代表的 id；代表本人不用写"),
            ON,
            *AsksForRecords.PARAMETERS,
        ],
        responses=RecordSerializer(many=True),
    )
    def get(self, request: Any, code: str) -> Response:
        form = self.asked(PersonForm)
        if code not in QUOTAS or form.cleaned_data["person"] is None:
            raise Http404
        filled = form.cleaned_data
        rows, _ = records_of(QUOTAS[code], filled["person"].pk, filled["on"], request._request.post)
        return self.answer(rows)
