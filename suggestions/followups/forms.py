"""Forms of follow-ups; page and REST use the same."""

from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone

from deputies.models import Mandate
from liaison.core.forms import HouseForm
from liaison.core.steps import StepForm
from suggestions.forms import RowField
from suggestions.models import FollowUp, Request
from suggestions.models.followup import owing
from visits.appointments.booking import deputies_of
from visits.fields import PicturesField


class FollowUpForm(HouseForm):
    """What was done, what was seen, what the deputy thinks of the answer. Typed on a phone with one hand."""

    creates = True
    unmarked = True  # what must be written depends on what was done

    mandate = RowField(label="哪位代表", widget=forms.RadioSelect)
    kind = forms.ChoiceField(label="方式", choices=FollowUp.Kind.choices, widget=forms.RadioSelect)
    text = forms.CharField(
        label="看到、听到的情况",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "data-counter": "", "maxlength": 500}),
    )
    view = forms.ChoiceField(
        label="对答复的意见",
        choices=[("", "先不表态"), *FollowUp.View.choices],
        required=False,
        widget=forms.RadioSelect,
    )
    photos = PicturesField()
    day = forms.DateField(label="日期", required=False, help_text="不填就是今天")

    def __init__(self, *args, found, whose, **kwargs):
        self.found, self.whose = found, whose
        super().__init__(*args, **kwargs)
        if len(whose) == 1:
            del self.fields["mandate"]
        else:
            self.fields["mandate"].among(whose, label=lambda one: one.deputy.name)
        kinds = dict(FollowUp.Kind.choices)
        if not found.replied_on:
            del self.fields["view"], kinds[FollowUp.Kind.COMMENT]
        if not owing(found).exists():
            del kinds[FollowUp.Kind.URGE]
        self.fields["kind"].choices = list(kinds.items())
        if FollowUp.Kind.URGE in kinds:
            self.fields["text"].help_text = "催办的，这几句会转给承办单位，请不要写反映人的姓名、电话"
        self.fields["kind"].error_messages["required"] = "请选跟单的方式。"

    def made(self) -> FollowUp:
        """What was written, not kept yet."""
        told = self.cleaned_data
        return FollowUp(
            request=self.found,
            mandate=told.get("mandate") or self.whose[0],
            kind=told["kind"],
            text=told["text"],
            view=told.get("view", ""),
            day=told["day"] or timezone.localdate(),
        )


def who_may_follow(found: Request) -> QuerySet[Mandate]:
    """Of the deputies in office: those of the station or next to it, whoever received, and who follows already.

    Never whom the complaint is about.
    """
    today = timezone.localdate()
    near = deputies_of([found.station], today).order_by()
    kept = [found.follower_id, found.visit.received_by_id if found.visit else None]
    rows = Mandate.objects.in_office(today).filter(
        Q(pk__in=near.values("pk")) | Q(pk__in=[key for key in kept if key])
    )
    if found.about_name:
        rows = rows.exclude(deputy__name=found.about_name)
    return rows.select_related("deputy", "term__congress").order_by("deputy__pinyin", "pk")


class FollowerForm(StepForm):
    """Who follows."""

    follower = forms.ModelChoiceField(
        label="跟单代表", queryset=Mandate.objects.none(), required=False, empty_label="不指定"
    )
    note = forms.CharField(label="说明", max_length=200, required=False)

    def begin(self):
        self.fields["follower"].queryset = who_may_follow(self.thing)
        self.fields["follower"].initial = self.thing.follower_id
