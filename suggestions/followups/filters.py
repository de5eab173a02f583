import django_filters as filters

from liaison.core.forms import DateInput
from suggestions.models import FollowUp


class FollowUpFilter(filters.FilterSet):
    request = filters.CharFilter(label="诉求单号", field_name="request__number")
    first = filters.DateFilter(label="从", field_name="day", lookup_expr="gte", widget=DateInput())
    last = filters.DateFilter(label="到", field_name="day", lookup_expr="lte", widget=DateInput())
    kind = filters.ChoiceFilter(label="方式", choices=FollowUp.Kind.choices, empty_label="全部")

    class Meta:
        model = FollowUp
        fields = ["request", "first", "last", "kind"]
