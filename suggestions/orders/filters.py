"""What lists of orders can be narrowed by; page, REST and export share it."""

import django_filters as filters
from django import forms
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from liaison.accounts.models import Role
from liaison.core.filters import AreaFilter, ThingFilter
from liaison.core.forms import DateInput
from liaison.core.policy import policy_for
from suggestions.models import Department, Order
from visits.models import Category

from .fields import DepartmentField

QUEUES = {
    "open": "没有办完的",
    "new": "待接单",
    "doing": "办理中",
    "soon": "快到期",
    "overdue": "超期",
    "asking": "等人大决定",
    "unaccepted": "没有按期接单",
    "all": "全部",
}


def soon_days(post) -> int:
    return policy_for(post.area, timezone.localdate()).soon_days


def departments_asked_for(post) -> QuerySet[Department]:
    """Those whose orders a post may ask for: a department's post, its own."""
    if post is not None and post.role == Role.UNIT:
        return Department.objects.of(post, timezone.localdate()).order_by("area_path", "name")
    return Department.objects.visible_to(post).order_by("area_path", "name")


class OrderFilter(filters.FilterSet):
    queue = filters.ChoiceFilter(
        label="看哪些",
        choices=list(QUEUES.items()),
        method="queued",
        empty_label="全部",
        widget=forms.HiddenInput,
    )
    number = filters.CharFilter(label="编号", lookup_expr="istartswith")
    department = ThingFilter(
        label="承办单位",
        field_name="department",
        kind=DepartmentField,
        things=departments_asked_for,
        url=lambda: reverse("orders:options"),
    )
    state = filters.ChoiceFilter(label="状态", choices=Order.State.choices, empty_label="全部")
    share = filters.ChoiceFilter(label="分工", choices=Order.Share.choices, empty_label="全部")
    area = AreaFilter()
    station = filters.CharFilter(label="站点", field_name="request__station__code")
    category = filters.ModelChoiceFilter(
        label="类别",
        queryset=Category.objects.order_by("rank", "pk"),
        empty_label="全部",
        method="about",
    )
    round = filters.NumberFilter(label="第几次办理", min_value=1, max_value=99)
    first = filters.DateFilter(label="派单从", field_name="issued_on", lookup_expr="gte", widget=DateInput())
    last = filters.DateFilter(label="到", field_name="issued_on", lookup_expr="lte", widget=DateInput())

    class Meta:
        model = Order
        fields = [
            "queue", "number", "department", "state", "share", "area", "station", "category", "round", "first", "last",
        ]  # fmt: skip

    def about(self, rows, name, value: Category):
        return rows.filter(Q(request__category=value) | Q(suggestion__category=value))

    def queued(self, rows, name, value):
        if value == "all":
            return rows
        return rows.queue(value, timezone.localdate(), soon_days(self.request.post))
