"""What the rows of a proposal can be narrowed by; page and REST share it."""

import django_filters as filters
from django.db.models import Q

from deputies.filters import options, stations_for
from deputies.models import Level
from liaison.core.filters import AreaFilter, ThingFilter
from liaison.core.forms import HouseForm
from stations.forms import StationField

from .models import AssignmentProposal, ProposalRow, ProposalState


class ProposalFilter(filters.FilterSet):
    state = filters.ChoiceFilter(label="状态", choices=ProposalState.choices, empty_label="全部")
    area = AreaFilter(url=options)

    class Meta:
        model = AssignmentProposal
        fields = ["state", "area"]
        form = HouseForm


class ProposalRowFilter(filters.FilterSet):
    change = filters.ChoiceFilter(label="变动", choices=ProposalRow.Change.choices, empty_label="要变动的")
    level = filters.ChoiceFilter(
        label="层级", field_name="mandate__level", choices=Level.choices, empty_label="全部"
    )
    area = AreaFilter("mandate__area_path", label="代表所在区划", url=options)
    station = ThingFilter(
        label="原站或新站", kind=StationField, things=stations_for, url=options, method="at_station"
    )

    class Meta:
        model = ProposalRow
        fields = ["change", "level", "area", "station"]
        form = HouseForm

    def at_station(self, rows, name, value):
        return rows.filter(Q(station__code=value) | Q(origin__code=value))
