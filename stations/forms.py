"""Forms of the register of stations. Choices end where the acting post's sight ends."""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.urls import reverse_lazy
from django.utils import timezone

from liaison.accounts.models import Area, Post, Role
from liaison.core.choices import AreaField, ThingField, areas_for
from liaison.core.forms import HouseForm, HouseModelForm, PhotoField, clean_phone

from .models import Station, StationPhoto, StationRule, StationStaff


class StationField(ThingField):
    """A station by its code or name."""

    key = "code"
    unknown = "没有找到站点“{typed}”，请写站点编号或名称。"

    def words(self, thing):
        return thing.name

    def label_of(self, thing):
        return f"{thing.code} {thing.name}"

    def search(self, things, typed):
        return things.search(typed)


class StaffPostField(ThingField):
    """A post by the name or account of its user."""

    unknown = "没有找到“{typed}”的联络站岗位，请先由管理员办理岗位。"

    def search(self, things, typed):
        return things.filter(Q(user__name__contains=typed) | Q(user__username__startswith=typed))


class _WithVersion(HouseModelForm):
    """A correction: it carries the version of the page that it was made on."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, instance, **kwargs):
        kwargs["initial"] = {"version": instance.version} | kwargs.get("initial", {})
        super().__init__(*args, instance=instance, **kwargs)


class _StationFields(HouseModelForm):
    area = AreaField(label="区划", help_text="站点所在的乡镇、街道或村、社区")
    parent = StationField(label="上级站点", required=False, help_text="联络点、微站、信箱由哪个站管理")
    merged_into = StationField(
        label="并入站点", required=False, help_text="撤并后群众该去的站点，公开页会写明"
    )

    class Meta:
        model = Station
        fields = [
            "code", "kind", "name", "area", "parent", "address", "longitude", "latitude", "hours", "phone", "brand",
            "facilities", "opened_on", "suspended_on", "closed_on", "merged_into",
        ]  # fmt: skip
        widgets = {"facilities": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args, post, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["area"].offer(areas_for(post), reverse_lazy("stations:options"))
        parents = Station.objects.visible_to(post).exclude(pk=self.instance.pk).order_by("code")
        self.fields["parent"].offer(parents, reverse_lazy("stations:options"))
        self.fields["merged_into"].offer(parents.all(), reverse_lazy("stations:options"))

    def clean_code(self):
        code = self.cleaned_data["code"].upper()
        if not re.fullmatch(r"(?=.*[0-9])[A-Z0-9-]+", code):
            raise ValidationError("编号由字母、数字和“-”组成，至少有一个数字，如 PC03。")
        return code

    def clean_phone(self):
        return clean_phone(self.cleaned_data["phone"])

    def clean_parent(self):
        above = self.cleaned_data["parent"]
        while above is not None:
            if above.pk == self.instance.pk:
                raise ValidationError("这个站点在它的下面，不能作上级。")
            above = above.parent
        return self.cleaned_data["parent"]

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("merged_into") and not cleaned.get("closed_on") and "closed_on" not in self.errors:
            self.add_error("closed_on", "填了并入站点，请把停用日期也填上。")
        longitude, latitude = cleaned.get("longitude"), cleaned.get("latitude")
        if (longitude is None) != (latitude is None) and not {"longitude", "latitude"} & set(self.errors):
            raise ValidationError("经度和纬度要一起填，或都不填。")
        return cleaned


class NewStationForm(_StationFields):
    creates = True

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        del self.fields["closed_on"], self.fields["suspended_on"], self.fields["merged_into"]


class StationForm(_WithVersion, _StationFields):
    """All of the register, for the office and administrators."""


class KeepingForm(_WithVersion):
    """What the staff of a station keep up to date themselves."""

    class Meta:
        model = Station
        fields = ["hours", "phone", "brand", "facilities"]
        widgets = {"facilities": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args, post, **kwargs):
        super().__init__(*args, **kwargs)

    def clean_phone(self):
        return clean_phone(self.cleaned_data["phone"])


class StaffForm(HouseModelForm):
    creates = True
    post = StaffPostField(label="人员", help_text="有联络站岗位的账号")

    class Meta:
        model = StationStaff
        fields = ["post", "position", "from_on"]

    def __init__(self, *args, by, station, **kwargs):
        kwargs["initial"] = {"from_on": timezone.localdate()}
        super().__init__(*args, instance=StationStaff(station=station), **kwargs)
        self.fields["post"].offer(staff_posts(by), reverse_lazy("stations:options"))


def staff_posts(by):
    """The station posts of the area that are held today."""
    posts = Post.objects.filter(role=Role.STATION, area__in=Area.objects.visible_to(by))
    return posts.current(timezone.localdate()).select_related("user", "area").order_by("area__path", "pk")


class EndForm(HouseForm):
    """The last day of something that lasts from a day to a day."""

    on = forms.DateField(label="最后一天")
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, thing, **kwargs):
        kwargs["initial"] = {"version": thing.version, "on": timezone.localdate()}
        super().__init__(*args, **kwargs)
        self.thing = thing


class PhotoForm(HouseModelForm):
    creates = True
    photo = PhotoField()

    class Meta:
        model = StationPhoto
        fields = ["caption", "taken_on"]


class NewRuleForm(HouseModelForm):
    creates = True

    class Meta:
        model = StationRule
        fields = ["title", "text", "shown_on"]
        widgets = {"text": forms.Textarea(attrs={"rows": 6})}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["shown_on"].initial = timezone.localdate


class RuleForm(_WithVersion):
    class Meta(NewRuleForm.Meta):
        pass
