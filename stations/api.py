"""REST for stations: read."""

from rest_framework import serializers, viewsets

from liaison.accounts.models import Area
from liaison.core.rest.views import CodeField, InPost

from .filters import StationFilter
from .models import Station


class StationSerializer(serializers.ModelSerializer):
    area = CodeField(Area, read_only=True)
    parent = CodeField(Station, read_only=True)

    class Meta:
        model = Station
        fields = [
            "code", "kind", "name", "parent", "area", "address", "longitude", "latitude", "hours", "phone", "brand",
            "facilities", "opened_on", "closed_on", "suspended_on", "version",
        ]  # fmt: skip
        read_only_fields = fields


class StationViewSet(InPost, viewsets.ReadOnlyModelViewSet):
    """站点：编号为门牌上的编号。"""

    model = Station
    keyset = ("code",)
    related = ("area", "parent")
    serializer_class = StationSerializer
    filterset_class = StationFilter
    lookup_field = "code"
    lookup_value_regex = r"[\w.-]{1,20}"
