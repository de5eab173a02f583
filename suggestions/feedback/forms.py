"""Forms of the steps after the answer. The fields are the steps' arguments; page, REST and the public page use the same."""

from django import forms
from django.utils import timezone

from liaison.core.steps import StepForm
from suggestions.models import Department, Feedback, Rating, Request


class FeedBackForm(StepForm):
    how = forms.ChoiceField(label="怎样告诉本人的", choices=Feedback.How.choices, widget=forms.RadioSelect)
    on = forms.DateField(label="哪天告诉的", required=False, help_text="不填就是今天")
    proof = forms.CharField(
        label="凭据", max_length=200, required=False, help_text="如通话时间、签收单编号、张贴的地方"
    )
    note = forms.CharField(label="本人怎样说", max_length=200, required=False)

    @property
    def filled(self):
        """What the person said stands with the telling, for those who may read it; the record has none of it."""
        told = super().filled
        return told | {"note": "", "said": told["note"]}


class MarksForm(StepForm):
    """Attitude and result apart, in three marks. Nothing is chosen beforehand: it would falsify the rate."""

    attitude = forms.ChoiceField(
        label="您对办理态度满意吗",
        choices=Rating.Mark.choices,
        widget=forms.RadioSelect(attrs={"class": "rate"}),
    )
    result = forms.ChoiceField(
        label="您对办理结果满意吗",
        choices=Rating.Mark.choices,
        widget=forms.RadioSelect(attrs={"class": "rate"}),
    )
    solved = forms.ChoiceField(
        label="问题解决了吗",
        choices=Request.Solved.choices,
        widget=forms.RadioSelect(attrs={"class": "rate"}),
    )
    reason = forms.CharField(
        label="哪里不满意，或想说的话",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "data-counter": "", "maxlength": 500}),
        help_text="有一项选“不满意”的，请写明哪里不满意，单位会照着重新办理",
    )

    def clean(self):
        cleaned = super().clean()
        marks = (cleaned.get("attitude"), cleaned.get("result"))
        if Rating.Mark.UNSATISFIED in marks and not cleaned.get("reason") and "reason" not in self.errors:
            self.add_error("reason", "请写明哪里不满意。")
        return cleaned


class OwnRatingForm(MarksForm):
    """By the person. `turn` is the round that the page showed; the version of the record is nothing to the person."""

    turn = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def begin(self):
        del self.fields["version"]
        self.initial["turn"] = self.thing.round


class RateForm(MarksForm):
    """Taken down by the station, in the person's words."""

    how = forms.ChoiceField(label="本人怎样说的", choices=Rating.How.choices, widget=forms.RadioSelect)
    note = forms.CharField(label="说明", max_length=200, required=False)
    field_order = ["how", "attitude", "result", "solved", "reason", "note"]

    def begin(self):
        self.fields["attitude"].label = "本人对办理态度"
        self.fields["result"].label = "本人对办理结果"
        self.fields["solved"].label = "本人说问题解决了吗"
        self.fields["reason"].label = "本人说哪里不满意，或别的话"


class RehandleForm(StepForm):
    note = forms.CharField(label="为什么重新办理", max_length=200, help_text="承办单位看得到")
    days = forms.IntegerField(
        label="几个工作日内答复", required=False, min_value=1, max_value=250, help_text="不填按本地规则"
    )
    lead = forms.ModelChoiceField(
        label="改派给",
        queryset=Department.objects.none(),
        required=False,
        empty_label="上一次答复的单位",
        help_text="上一次的单位撤并了、办不了的，选现在负责的单位",
    )

    def begin(self):
        rows = Department.objects.for_requests(self.thing.area, self.post).filter(active=True)
        self.fields["lead"].queryset = rows.exclude(pk=self.thing.about_id).order_by("-area_path", "pk")


class TrackForm(StepForm):
    promised_on = forms.DateField(label="承诺哪天完成")
    note = forms.CharField(label="说明", max_length=200, required=False)

    def begin(self):
        promised = self.thing.promised_on
        if promised and promised > timezone.localdate():
            self.initial.setdefault("promised_on", promised)


class CloseForm(StepForm):
    solved = forms.ChoiceField(
        label="问题是否解决",
        choices=Request.Solved.choices,
        widget=forms.RadioSelect,
        help_text="办结和解决是两回事，没有解决的照实选",
    )
    note = forms.CharField(label="说明", max_length=200, required=False)

    def begin(self):
        if self.thing.solved:
            self.initial.setdefault("solved", self.thing.solved)


AFTER_FORMS = {
    "feed_back": FeedBackForm,
    "rate": RateForm,
    "rehandle": RehandleForm,
    "track": TrackForm,
    "close": CloseForm,
}
