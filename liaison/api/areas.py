"""Areas. Their model lies at the very bottom, which knows nothing of REST; so they are served from here."""

import django_filters as filters
from rest_framework import serializers, viewsets

from liaison.accounts.models import Area
from liaison.core.rest.views import CodeField, InPost


class AreaSerializer(serializers.ModelSerializer):
    parent = CodeField(Area, read_only=True)

    class Meta:
        model = Area
        fields = ["code", "name", "full_name", "level", "parent", "active"]
        read_only_fields = fields


class AreaFilter(filters.FilterSet):
    text = filters.CharFilter(label="名称", field_name="name", lookup_expr="contains")
    level = filters.ChoiceFilter(label="级别", choices=Area.Level.choices)
    parent = filters.CharFilter(label="上级代码", field_name="parent__code")
    active = filters.BooleanFilter(label="在用")

    class Meta:
        model = Area
        fields = ["text", "level", "parent", "active"]


class AreaViewSet(InPost, viewsets.ReadOnlyModelViewSet):
    """区划：本岗位所属区划及其以下。"""

    model = Area
    keyset = ("path",)
    related = ("parent",)
    serializer_class = AreaSerializer
    filterset_class = AreaFilter
    lookup_field = "code"
    lookup_value_regex = "[0-9]{12}"
