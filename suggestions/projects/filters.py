"""What the list of livelihood projects can be narrowed by; page and REST share it."""

import django_filters as filters
from django import forms
from django.utils import timezone

from liaison.core.filters import AreaFilter
from liaison.core.forms import HouseForm

from .models import Ballot, Project, ProjectState


class ProjectFilter(filters.FilterSet):
    year = filters.NumberFilter(label="年度", min_value=0, max_value=9999)
    state = filters.ChoiceFilter(label="状态", choices=ProjectState.choices, empty_label="全部")
    area = AreaFilter()
    late = filters.ChoiceFilter(
        label="晚于计划",
        method="is_late",
        choices=[("true", "是"), ("open", "是，还没有完工"), ("false", "否")],
        empty_label="全部",
    )
    trio = filters.BooleanFilter(
        label="三个一",
        method="has_trio",
        widget=forms.Select(choices=[("", "全部"), ("true", "已落实"), ("false", "没有落实")]),
    )

    class Meta:
        model = Project
        fields = ["year", "state", "area", "late", "trio"]
        form = HouseForm

    def is_late(self, rows, name, value):
        today = timezone.localdate()
        match value:
            case "true":
                return rows.late(today)
            case "open":
                return rows.overdue(today)
            case _:
                return rows.exclude(pk__in=rows.late(today).values("pk"))

    def has_trio(self, rows, name, value):
        return rows.with_trio(value)


class BallotFilter(filters.FilterSet):
    year = filters.NumberFilter(label="项目年度", min_value=0, max_value=9999)
    area = AreaFilter()

    class Meta:
        model = Ballot
        fields = ["year", "area"]
        form = HouseForm
