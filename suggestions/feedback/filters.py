import django_filters as filters

from liaison.core.filters import AreaFilter
from liaison.core.forms import DateInput
from suggestions.models import Rating, Request


class RatingFilter(filters.FilterSet):
    request = filters.CharFilter(label="诉求单号", field_name="request__number")
    area = AreaFilter("request__area_path")
    first = filters.DateFilter(label="从", field_name="on", lookup_expr="gte", widget=DateInput())
    last = filters.DateFilter(label="到", field_name="on", lookup_expr="lte", widget=DateInput())
    result = filters.ChoiceFilter(label="办理结果", choices=Rating.Mark.choices, empty_label="全部")
    attitude = filters.ChoiceFilter(label="办理态度", choices=Rating.Mark.choices, empty_label="全部")
    solved = filters.ChoiceFilter(label="是否解决", choices=Request.Solved.choices, empty_label="全部")
    taken_down = filters.BooleanFilter(
        label="联络站代记", field_name="by", lookup_expr="isnull", exclude=True
    )

    class Meta:
        model = Rating
        fields = ["request", "area", "first", "last", "result", "attitude", "solved", "taken_down"]
