"""What lists of visits and requests can be narrowed by; pages and REST share them."""

import django_filters as filters
from django import forms
from django.utils import timezone

from liaison.core.filters import AreaFilter, WholeNumberFilter
from liaison.core.forms import DateInput
from visits.models import Category, Visit

from .models import Department, Draft, Opinion, Request, Theme


class _PlaceFilter(filters.FilterSet):
    area = AreaFilter()
    station = filters.CharFilter(label="站点", field_name="station__code")


class VisitFilter(_PlaceFilter):
    first = filters.DateFilter(label="从", field_name="day", lookup_expr="gte", widget=DateInput())
    last = filters.DateFilter(label="到", field_name="day", lookup_expr="lte", widget=DateInput())
    category = filters.ModelChoiceFilter(
        label="类别", queryset=Category.objects.order_by("rank", "pk"), empty_label="全部"
    )
    outcome = filters.ChoiceFilter(label="处理", choices=Visit.Outcome.choices, empty_label="全部")
    channel = filters.ChoiceFilter(label="渠道", choices=Visit.Channel.choices, empty_label="全部")

    class Meta:
        model = Visit
        fields = ["first", "last", "station", "area", "category", "outcome", "channel"]


class RequestFilter(_PlaceFilter):
    number = filters.CharFilter(label="诉求单号", lookup_expr="istartswith")
    first = filters.DateFilter(label="从", field_name="received_on", lookup_expr="gte", widget=DateInput())
    last = filters.DateFilter(label="到", field_name="received_on", lookup_expr="lte", widget=DateInput())
    category = filters.ModelChoiceFilter(
        label="类别", queryset=Category.objects.order_by("rank", "pk"), empty_label="全部"
    )
    state = filters.ChoiceFilter(label="状态", choices=Request.State.choices, empty_label="全部")
    theme = WholeNumberFilter(label="共性问题的 id", method="of_theme", widget=forms.HiddenInput())
    todo = filters.ChoiceFilter(
        label="要做的",
        choices=[("tell", "待告知本人"), ("rate", "待评价"), ("promised", "承诺到期"), ("follow", "待跟单")],
        empty_label="全部",
        method="to_do",
    )

    class Meta:
        model = Request
        fields = ["number", "first", "last", "station", "area", "category", "state", "theme", "todo"]

    def of_theme(self, rows, name, value):
        seen = Theme.objects.visible_to(getattr(self.request, "post", None))
        return rows.filter(theme__in=seen.filter(pk=value).values("pk"))

    def to_do(self, rows, name, value):
        match value:
            case "tell":
                return rows.to_tell()
            case "rate":
                return rows.unrated()
            case "promised":
                return rows.promised(timezone.localdate())
        post = getattr(self.request, "post", None)
        return rows.to_follow(post) if post else rows.none()


class WaitingFilter(_PlaceFilter):
    category = filters.ModelChoiceFilter(
        label="类别", queryset=Category.objects.order_by("rank", "pk"), empty_label="全部"
    )

    class Meta:
        model = Request
        fields = ["station", "area", "category"]


class DraftFilter(filters.FilterSet):
    state = filters.ChoiceFilter(label="状态", choices=Draft.State.choices, empty_label="全部")
    kind = filters.ChoiceFilter(label="类型", choices=Draft.Kind.choices, empty_label="全部")

    class Meta:
        model = Draft
        fields = ["state", "kind"]


class OpinionFilter(_PlaceFilter):
    draft = filters.CharFilter(label="征求意见稿编号", field_name="draft__number")
    article = WholeNumberFilter(label="第几条", field_name="article__position")
    kind = filters.ChoiceFilter(label="意见", choices=Opinion.Kind.choices, empty_label="全部")
    decision = filters.ChoiceFilter(
        label="处理",
        choices=[("none", "还没有处理"), *Opinion.Decision.choices],
        empty_label="全部",
        method="decided",
    )

    class Meta:
        model = Opinion
        fields = ["draft", "article", "kind", "decision", "station", "area"]

    def decided(self, rows, name, value):
        return rows.undecided() if value == "none" else rows.filter(decision=value)


class DepartmentFilter(filters.FilterSet):
    text = filters.CharFilter(label="名称", method="search", max_length=60)
    area = AreaFilter()
    active = filters.BooleanFilter(label="在用")

    class Meta:
        model = Department
        fields = ["text", "area", "active"]

    def search(self, rows, name, value):
        return rows.search(value)
