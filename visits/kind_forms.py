"""Forms beside those of planning: an activity recorded afterwards, its photos and papers, whom it is addressed to."""

from datetime import timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from deputies.forms import GroupField, groups_for
from deputies.models import Level, Mandate, StationAssignment
from liaison.core.forms import HouseForm

from .fields import DaysField, PicturesField
from .forms import ActivityForm
from .kinds import KINDS
from .models import Activity

LEFT_LATELY = timedelta(days=366)  # a deputy who has left since may have come to what is recorded late


class RecordForm(ActivityForm):
    """What took place already, with who came and what came of it."""

    over = True
    days = DaysField(label="天数", required=False)
    came = forms.ModelMultipleChoiceField(
        label="来了哪些代表",
        queryset=Mandate.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    reported = forms.ModelMultipleChoiceField(
        label="述职的代表",
        queryset=Mandate.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        help_text="来了的代表里，谁述职",
    )
    photos = PicturesField()
    caption = forms.CharField(label="照片说明", max_length=60, required=False, help_text="不填就用主题")

    class Meta(ActivityForm.Meta):
        fields = [
            "kind", "station", "day", "starts_at", "ends_at", "theme", "place", "follows", "days", "headcount", "minutes",
            "minutes_by",
        ]  # fmt: skip
        widgets = {"minutes": forms.Textarea(attrs={"rows": 4})}

    AFTER = ("headcount", "days", "minutes", "minutes_by", "theme")

    def __init__(self, *args, stations, **kwargs):
        super().__init__(*args, stations=stations, **kwargs)
        for name in ("planned_days", "planned_deputies", "planned_headcount"):
            self.fields.pop(name, None)
        since = timezone.localdate() - LEFT_LATELY
        placed = StationAssignment.objects.lasting_beyond(since).filter(station__in=stations)
        rows = Mandate.objects.filter(pk__in=placed.values("mandate"))
        rows = rows.select_related("deputy", "term__congress").order_by("deputy__pinyin", "pk")
        self.fields["came"].queryset = self.fields["reported"].queryset = rows
        if not KINDS[self.kind].reporting:
            del self.fields["reported"]
        last = ["minutes", "minutes_by", "photos", "caption"]
        seats = ["came", "reported"]
        first = [
            name for name in self.fields if name not in (*last, *seats, "headcount", *self.asked_details)
        ]
        self.order_fields([*first, *seats, "headcount", *self.asked_details, *last])

    def kinds(self):
        return [kind for kind in Activity.Kind.values if kind != Activity.Kind.RECEPTION]

    def clean_kind(self):
        if self.cleaned_data["kind"] not in self.kinds():
            raise ValidationError("接待日请先排定，再登记来访群众。")
        return self.cleaned_data["kind"]

    def clean_day(self):
        day = super().clean_day()
        if day > timezone.localdate():
            raise ValidationError("还没到这一天。以后的活动，请用“排一次活动”。")
        return day

    def clean_headcount(self):
        return self.cleaned_data["headcount"] or 0

    def planned(self):
        """The fields of the activity as it is entered."""
        return {name: value for name, value in self.values().items() if name not in (*self.AFTER, "details")}

    def outcome_values(self):
        """The arguments of the step that closes it."""
        after = {name: self.cleaned_data[name] for name in self.AFTER if name in self.cleaned_data}
        return after | {"details": self.details()}


class FileForm(HouseForm):
    """Photos or a paper, with what they show."""

    creates = True
    photos = PicturesField()
    paper = forms.FileField(
        label="材料",
        required=False,
        help_text="PDF、Word、Excel 或 PowerPoint，不超过 10 MB，如调研报告、课件",
        error_messages={"empty": "这个文件是空的，请重新选。"},
    )
    caption = forms.CharField(label="说明", max_length=60)

    def clean(self):
        cleaned = super().clean()
        if not self.errors and not cleaned.get("photos") and not cleaned.get("paper"):
            self.add_error("photos", "请选照片，或在下面选一份材料。")
        return cleaned


class InviteForm(HouseForm):
    """One group, or one level."""

    creates = True
    group = GroupField(label="小组", required=False)
    level = forms.ChoiceField(
        label="或者某一级的代表", choices=[("", "不按层级"), *Level.choices], required=False
    )

    def __init__(self, *args, post, activity, options, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["group"].offer(groups_for(post, activity.day), options)

    def clean(self):
        cleaned = super().clean()
        if not self.errors and bool(cleaned.get("group")) == bool(cleaned.get("level")):
            raise ValidationError("请选一个小组，或选一个层级，不要两样都选。")
        return cleaned
