"""Departments, deputies and requests to choose among."""

import re

from django import forms
from django.core.exceptions import ValidationError

from deputies.contacts.forms import MandateField
from suggestions.models import Request
from suggestions.orders.fields import DepartmentField

__all__ = ["DepartmentField", "MandateField", "MandatesField", "RequestsField"]

APART = re.compile(r"[\s,，、;；]+")


class DepartmentsField(forms.ModelMultipleChoiceField):
    """Several departments, ticked."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **kwargs):
        super().__init__(queryset=None, required=False, **kwargs)


class MandatesField(forms.CharField):
    """Several deputies of one congress by their names, as they stand in a list: 张建国、李秀英."""

    def offer(self, things):
        self.things = things

    def clean(self, value):
        names = [name for name in APART.split(super().clean(value) or "") if name]
        found = []
        for name in dict.fromkeys(names):
            rows = list(self.things.filter(deputy__name=name)[:2])
            if not rows:
                raise ValidationError(f"没有找到代表“{name}”，请检查姓名。只能邀请同一届的代表。")
            if len(rows) > 1:
                raise ValidationError(f"有两位代表叫“{name}”，请在人大机关登记附议。")
            found += rows
        return found


class RequestsField(forms.CharField):
    """Requests by their numbers, of those that the acting post sees."""

    def offer(self, things):
        self.things = things

    def prepare_value(self, value):
        return value if isinstance(value, str) or value is None else "、".join(one.number for one in value)

    def clean(self, value):
        numbers = list(dict.fromkeys(one for one in APART.split(super().clean(value) or "") if one))
        found = {one.number: one for one in self.things.filter(number__in=numbers)}
        if missing := [number for number in numbers if number not in found]:
            raise ValidationError(f"没有找到诉求单“{missing[0]}”，请检查编号。")
        return [found[number] for number in numbers]


def requests_for(post):
    return Request.objects.visible_to(post)
