"""Forms of the assignment proposal."""

from datetime import timedelta

from django import forms
from django.urls import reverse_lazy
from django.utils import timezone

from liaison.accounts.models import Area
from liaison.core.choices import AreaField, areas_for
from liaison.core.forms import HouseForm, HouseModelForm
from liaison.core.steps import OptionalNoteForm, StepForm
from stations.forms import StationField
from stations.models import Station

from .models import AssignmentProposal

OPTIONS = reverse_lazy("deputies:options")
FARTHEST = 50  # kilometres


def _kilometres(label, hint, start):
    return forms.DecimalField(
        label=label, help_text=hint, min_value=0, max_value=FARTHEST, decimal_places=1, initial=start
    )


class ProposalForm(HouseModelForm):
    creates = True
    area = AreaField(label="区划", help_text="给哪个市、县或乡镇的代表编组")
    threshold = _kilometres("至少近多少公里才调整（公里）", "好处不到这个数的，保留原站", 1)
    mix = _kilometres("为补齐一级代表可以多走多少公里（公里）", "混合编组的分量；填 0 就只看远近和人数", 3)

    class Meta:
        model = AssignmentProposal
        fields = ["area", "on", "least", "most", "threshold", "mix"]
        help_texts = {
            "on": "执行时，原编组到前一天为止，新编组从这一天开始",
            "least": "人数少于这个数的站点优先补",
            "most": "任何站点都不超过这个数",
        }

    def __init__(self, *args, post, area=None, **kwargs):
        area, day = area or post.area, timezone.localdate() + timedelta(days=1)
        least, most = AssignmentProposal.usual_load(area, day)
        kwargs["initial"] = {"area": area, "on": day, "least": least, "most": most}
        super().__init__(*args, **kwargs)
        places = areas_for(post).exclude(level=Area.Level.COMMUNITY)
        self.fields["area"].offer(places, OPTIONS)

    def clean_on(self):
        on = self.cleaned_data["on"]
        if on < timezone.localdate():
            raise forms.ValidationError("编组要从今天或以后开始，请改日期。")
        return on

    def clean_threshold(self):
        return int(self.cleaned_data["threshold"] * 1000)

    def clean_mix(self):
        return int(self.cleaned_data["mix"] * 1000)

    def clean(self):
        filled = super().clean() or self.cleaned_data
        if {"least", "most"} <= filled.keys() and filled["most"] < max(1, filled["least"]):
            self.add_error("most", "“至多”不能少于“至少”，请改大。")
        return filled


class RowForm(HouseForm):
    """What staff decide for one mandate."""

    PROPOSED, KEEP, OTHER = "proposed", "keep", "other"

    choice = forms.ChoiceField(label="怎么定", widget=forms.RadioSelect)
    station = StationField(label="改到哪个站点", required=False, help_text="选“改到别的站点”时填写")
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, row, post, **kwargs):
        proposal = row.proposal
        kwargs["initial"] = {"version": proposal.version}
        super().__init__(*args, **kwargs)
        self.thing, self.row = proposal, row
        stations = Station.objects.visible_to(post).open(proposal.on).of_kinds(*Station.WITH_DEPUTIES)
        self.fields["station"].offer(
            stations.filter(area_path__startswith=proposal.area_path).order_by("code"), OPTIONS
        )
        keep = f"保留原站（{row.origin}）" if row.origin else "这次不编入"
        offered = [(self.KEEP, keep), (self.OTHER, "改到别的站点")]
        if row.proposed and row.proposed != row.origin:
            offered.insert(0, (self.PROPOSED, f"按方案（{row.proposed}）"))
        self.fields["choice"].choices = offered

    def clean(self):
        filled = super().clean()
        if filled.get("choice") == self.OTHER and not filled.get("station") and "station" not in self.errors:
            self.add_error("station", "请选择站点。")
        return filled

    def perform(self, *, by):
        filled = self.cleaned_data
        wanted = {self.PROPOSED: self.row.proposed, self.KEEP: None, self.OTHER: filled.get("station")}
        self.thing.adjust(self.row, wanted[filled["choice"]], by=by, version=filled["version"])


class ApplyForm(StepForm):
    on = forms.DateField(label="从哪天起", help_text="原编组到前一天为止，新编组从这一天开始")
    note = forms.CharField(label="依据", max_length=200, required=False, help_text="如会议或文件名称")

    def begin(self):
        self.initial["on"] = max(self.thing.on, timezone.localdate())


class TakeBackForm(StepForm):
    on = forms.DateField(label="从哪天起恢复", help_text="新编组到前一天为止，原编组从这一天重新开始")
    note = forms.CharField(label="原因", max_length=200)

    def begin(self):
        self.initial["on"] = max(self.thing.on + timedelta(days=1), timezone.localdate())


PROPOSAL_FORMS = {"apply": ApplyForm, "drop": OptionalNoteForm, "take_back": TakeBackForm}
