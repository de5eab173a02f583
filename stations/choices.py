"""Filters by place, as people fill them in: lists to choose from where these are short, codes where they are not."""

from django import forms

from liaison.accounts.models import Area, Role

from .models import Station

FEW = 120  # stations that a list still holds


def choose_places(form: forms.Form, post) -> set[str]:
    """Fit the fields `area` and `station` of a filter to `post`; which of them are of use to it."""
    if post.role in (Role.OFFICE, Role.AUDITOR):
        below = Area.objects.filter(parent=post.area, active=True).order_by("path")
        places = [(area.code, area.name) for area in below]
        form.fields["area"].widget = forms.Select(choices=[("", "全部"), *places])
        form.fields["station"].widget.attrs["placeholder"] = "编号，如 PC01"
        return {"area", "station"}
    names = list(Station.objects.visible_to(post).order_by("code").values_list("code", "name")[:FEW])
    form.fields["station"].widget = forms.Select(choices=[("", "全部"), *names])
    form.fields["area"].widget = forms.HiddenInput()
    if len(names) > 1:
        return {"station"}
    form.fields["station"].widget = forms.HiddenInput()
    return set()
