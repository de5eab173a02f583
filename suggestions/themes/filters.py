"""What the list of themes can be narrowed by; page and REST share it."""

import django_filters as filters

from liaison.core.filters import AreaFilter
from suggestions.models import Theme
from visits.models import Category


class ThemeFilter(filters.FilterSet):
    text = filters.CharFilter(label="名称、说法", method="search", max_length=40)
    area = AreaFilter()
    category = filters.ModelChoiceFilter(
        label="类别", queryset=Category.objects.order_by("rank", "pk"), empty_label="全部"
    )
    state = filters.ChoiceFilter(label="状态", choices=Theme.State.choices, empty_label="全部")

    class Meta:
        model = Theme
        fields = ["text", "area", "category", "state"]

    def search(self, rows, name, value):
        return rows.search(value)
