"""Forms of news items and their photos; page and REST use the same."""

from datetime import timedelta

from django import forms
from django.urls import reverse_lazy
from django.utils import timezone

from liaison.accounts.models import Role
from liaison.bulletin.models import NewsItem, NewsPhoto
from liaison.core.forms import HouseModelForm, PhotoField
from liaison.core.steps import NoteForm, OptionalNoteForm
from stations.forms import StationField
from stations.models import Station
from visits.models import Activity

PUBLIC = "发布后谁都能看：不写群众的姓名、电话、证件号和住址"
LATELY = timedelta(days=100)  # activities that are offered: those of a quarter and some days


class ActivityField(forms.ModelChoiceField):
    def label_from_instance(self, activity):
        theme = f" {activity.theme}" if activity.theme else ""
        return f"{activity.day:%-m月%-d日} {activity.get_kind_display()}{theme}"


class NewsForm(HouseModelForm):
    """A new item; with `instance`, other words for it."""

    creates = True
    station = StationField(label="站点")
    activity = ActivityField(
        Activity.objects.none(), label="相关活动", required=False, empty_label="不是某次活动"
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = NewsItem
        fields = ["station", "title", "happened_on", "text", "activity"]
        widgets = {"text": forms.Textarea(attrs={"rows": 12, "data-counter": ""})}
        help_texts = {"text": PUBLIC, "title": "如：南关站十一月接待日来了 23 人"}

    def __init__(self, *args, post, **kwargs):
        found = kwargs.get("instance")
        today = timezone.localdate()
        super().__init__(
            *args, initial={"version": found.version} if found else {"happened_on": today}, **kwargs
        )
        stations = Station.objects.visible_to(post).open(today).order_by("code")
        own = list(stations.filter(parent=None)[:2])
        self.fields["station"].offer(stations, reverse_lazy("stations:options"))
        if len(own) == 1:
            self.initial.setdefault("station", own[0])
        if found:
            del self.fields["station"], self.fields["idem"]
        held = Activity.objects.visible_to(post).closed()
        near = (
            held.filter(station=found.station, day__gte=found.happened_on - LATELY)
            if found
            else held.filter(day__gte=today - LATELY)
        )
        self.fields["activity"].queryset = near.order_by("-day", "-pk")


class NewsPhotoForm(HouseModelForm):
    """One photo, and why the people in it may be shown to everybody."""

    creates = True
    photo = PhotoField()

    class Meta:
        model = NewsPhoto
        fields = ["caption", "people", "consent"]
        widgets = {"people": forms.RadioSelect}
        help_texts = {
            "caption": "如：代表在社区活动室接待居民。不写群众的姓名",
            "consent": "有群众的照片要写：谁、哪天问过本人。有未成年人的，要问监护人",
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["people"].choices = NewsPhoto.People.choices

    def clean(self):
        told = super().clean()
        if told.get("people") == NewsPhoto.People.AGREED and not told.get("consent"):
            self.add_error("consent", "请写明是谁、哪天问过本人，本人同意公开。")
        return told


class WithdrawForm(NoteForm):
    note = forms.CharField(label="为什么撤下", max_length=200, help_text="撰稿的站点会看到")


class GiveBackForm(NoteForm):
    note = forms.CharField(
        label="退回的原因，要改什么",
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="撰稿的站点会看到",
    )


NEWS_FORMS = {
    "submit": OptionalNoteForm,
    "take_back": OptionalNoteForm,
    "drop": OptionalNoteForm,
    "give_back": GiveBackForm,
    "publish": OptionalNoteForm,
    "withdraw": WithdrawForm,
}
WRITERS = (Role.STATION,)
