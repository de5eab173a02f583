"""What the list of suggestions can be narrowed by; page and REST share it."""

import django_filters as filters
from django.urls import reverse
from django.utils import timezone

from liaison.core.filters import AreaFilter, ThingFilter
from liaison.core.forms import DateInput, HouseForm
from suggestions.models import Department, Suggestion
from suggestions.workflow import SuggestionState
from visits.models import Category

from .fields import DepartmentField


def options():
    return reverse("suggestions:suggestion_options")


def departments_in_sight(post):
    return Department.objects.visible_to(post).order_by("area_path", "name", "pk")


class SuggestionFilter(filters.FilterSet):
    text = filters.CharFilter(label="编号或标题", method="search", max_length=60)
    state = filters.ChoiceFilter(label="状态", choices=SuggestionState.choices, empty_label="全部")
    kind = filters.ChoiceFilter(label="类型", choices=Suggestion.Kind.choices, empty_label="全部")
    when = filters.ChoiceFilter(
        label="提出时间",
        choices=[("session", "会议期间"), ("recess", "闭会期间")],
        empty_label="全部",
        method="at",
    )
    only = filters.ChoiceFilter(
        label="只看",
        choices=[
            ("key", "重点建议"),
            ("praised", "优秀建议"),
            ("overdue", "超期未答复"),
            ("promised", "承诺到期"),
            ("disputed", "代表有异议"),
            ("deliver", "待送达代表"),
            ("wanting", "代表不满意、待处理"),
        ],
        empty_label="全部",
        method="narrow",
    )
    first = filters.DateFilter(label="从", field_name="written_on", lookup_expr="gte", widget=DateInput())
    last = filters.DateFilter(label="到", field_name="written_on", lookup_expr="lte", widget=DateInput())
    category = filters.ModelChoiceFilter(
        label="类别", queryset=Category.objects.order_by("rank", "pk"), empty_label="全部"
    )
    department = ThingFilter(
        label="承办单位",
        field_name="orders__department",
        kind=DepartmentField,
        things=departments_in_sight,
        url=options,
        distinct=True,
    )
    area = AreaFilter(url=options)

    class Meta:
        model = Suggestion
        fields = [
            "text", "state", "kind", "when", "only", "first", "last", "category", "department", "area",
        ]  # fmt: skip
        form = HouseForm

    def search(self, rows, name, value):
        return rows.search(value)

    def at(self, rows, name, value):
        return rows.filter(session__isnull=value == "recess")

    def narrow(self, rows, name, value):
        today = timezone.localdate()
        match value:
            case "key":
                return rows.filter(key_on__isnull=False)
            case "praised":
                return rows.filter(praised_on__isnull=False)
            case "overdue":
                return rows.overdue(today)
            case "promised":
                return rows.promised(today)
            case "deliver":
                return rows.to_deliver(self.request.post)
            case "wanting":
                return rows.found_wanting()
            case _:
                return rows.disputed()
