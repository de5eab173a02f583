"""Forms of livelihood projects and of the vote on them."""

from django import forms
from django.core.validators import MaxValueValidator
from django.utils import timezone

from deputies.contacts.models import Leader
from deputies.models import DeputyGroup
from liaison.accounts.models import Area
from liaison.core.choices import AreaField, areas_for
from liaison.core.forms import HouseForm, HouseModelForm, PhotoField
from liaison.core.steps import NoteForm, StepForm
from suggestions.models import Department

from .models import Ballot, Project, Votes

MOST = 100_000  # deputies; no congress has as many
PUBLIC = "选上的项目在公开页显示，不写任何人的姓名、电话、住址。"


class ProjectForm(HouseModelForm):
    """A candidate project; with `instance`, its correction."""

    creates = True
    area = AreaField(label="区划", help_text="由哪一级人大票决")
    department = forms.ModelChoiceField(Department.objects.none(), label="责任单位")
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Project
        fields = [
            "year", "area", "title", "what", "budget", "department", "place", "source", "planned_on",
        ]  # fmt: skip
        widgets = {"what": forms.Textarea(attrs={"rows": 4})}
        help_texts = {"what": PUBLIC}

    def __init__(self, *args, post, **kwargs):
        found = kwargs.get("instance")
        start = (
            {"version": found.version}
            if found
            else {"year": timezone.localdate().year + 1, "area": post.area}
        )
        super().__init__(*args, initial=start, **kwargs)
        self.fields["area"].offer(areas_for(post).exclude(level=Area.Level.COMMUNITY))
        if found:
            del self.fields["area"], self.fields["idem"]
        departments = Department.objects.visible_to(post).to_choose()
        self.fields["department"].queryset = departments

    def values(self):
        return {name: value for name, value in super().values().items() if name in self.fields}


class StartForm(StepForm):
    day = forms.DateField(label="开工日期", initial=timezone.localdate)


class ReportForm(StepForm):
    day = forms.DateField(label="日期", initial=timezone.localdate)
    percent = forms.IntegerField(label="完成百分之几", min_value=0, max_value=100)
    text = forms.CharField(
        label="进展", max_length=1000, widget=forms.Textarea(attrs={"rows": 4}), help_text=PUBLIC
    )

    def begin(self):
        self.initial.setdefault("percent", self.thing.percent)


class FinishForm(StepForm):
    day = forms.DateField(label="完工日期", initial=timezone.localdate)
    text = forms.CharField(
        label="完成情况", max_length=1000, widget=forms.Textarea(attrs={"rows": 4}), help_text=PUBLIC
    )


class TrioForm(StepForm):
    chair = forms.ModelChoiceField(Leader.objects.none(), label="领衔的副主任")
    committee = forms.CharField(label="负责的委员会", max_length=40)
    group = forms.ModelChoiceField(DeputyGroup.objects.none(), label="代表监督小组")

    def begin(self):
        today = timezone.localdate()
        there = Leader.objects.visible_to(self.post).filter(area=self.thing.area, rank=Leader.Rank.CHAIR)
        self.fields["chair"].queryset = there.current(today).select_related("mandate__deputy").order_by("pk")
        groups = DeputyGroup.objects.visible_to(self.post).existing(today)
        self.fields["group"].queryset = groups.order_by("area_path", "pk")
        self.initial |= {
            "chair": self.thing.chair_id, "committee": self.thing.committee, "group": self.thing.group_id,
        }  # fmt: skip


class ReplanForm(StepForm):
    planned_on = forms.DateField(label="计划完工日期")
    budget = forms.DecimalField(
        label="预算（万元）", min_value=0, max_digits=10, decimal_places=2, required=False
    )
    note = forms.CharField(label="原因和依据", max_length=200)

    def begin(self):
        self.initial |= {"planned_on": self.thing.planned_on, "budget": self.thing.budget}


class CommentForm(StepForm):
    note = forms.CharField(
        label="意见", max_length=500, widget=forms.Textarea(attrs={"rows": 4}), help_text="责任单位会收到提醒"
    )


def _count(label):
    return forms.IntegerField(label=label, min_value=0, max_value=1_000_000, initial=0)


class CheckForm(StepForm):
    year = forms.IntegerField(label="检查年度", min_value=2000, max_value=2100)
    satisfied, fairly, unsatisfied = _count("满意（人）"), _count("基本满意（人）"), _count("不满意（人）")
    finding = forms.CharField(
        label="检查情况",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=f"看了哪里，还有什么问题。{PUBLIC}",
    )

    def begin(self):
        self.initial.setdefault("year", timezone.localdate().year)

    def clean(self):
        filled = super().clean()
        marks = [filled.get(name) for name in ("satisfied", "fairly", "unsatisfied")]
        if None not in marks and not sum(marks):
            self.add_error("satisfied", "请写测评的人数。")
        return filled


PROJECT_FORMS = {
    "drop": NoteForm,
    "start": StartForm,
    "report": ReportForm,
    "finish": FinishForm,
    "send_back": NoteForm,
    "trio": TrioForm,
    "replan": ReplanForm,
    "comment": CommentForm,
    "review": CheckForm,
    "inspect": CheckForm,
}


class PhotoForm(HouseForm):
    creates = True
    photo = PhotoField()


class BallotForm(HouseModelForm):
    """How a vote was counted: the ballots, and of each candidate the votes for, against and abstaining."""

    creates = True
    KINDS = (("yes", "赞成"), ("no", "反对"), ("abstained", "弃权"))

    class Meta:
        model = Ballot
        fields = ["session", "day", "entitled", "present", "issued", "returned", "valid", "places"]
        help_texts = {
            "session": "如：区十八届人大五次会议",
            "places": "票数过门槛的项目多于这个数时，按票数从高到低取",
        }

    def __init__(self, *args, area, year, candidates, **kwargs):
        super().__init__(*args, instance=Ballot(area=area, year=year), **kwargs)
        for name in self._meta.fields[2:]:  # the numbers
            self.fields[name].validators.append(MaxValueValidator(MOST))
        self.candidates = candidates
        self.rows = []
        for project in candidates:
            names = []
            for kind, label in self.KINDS:
                name = f"{kind}_{project.pk}"
                field = forms.IntegerField(min_value=0, max_value=MOST, label=f"{project.title}：{label}")
                field.widget.attrs["aria-label"] = field.label
                self.add_field(name, field)
                names.append(name)
            self.rows.append((project, [self[name] for name in names]))

    def head(self):
        """The fields that are not a project's."""
        return [self[name] for name in self._meta.fields]

    def votes(self):
        return {
            project: Votes(*(self.cleaned_data[f"{kind}_{project.pk}"] for kind, _ in self.KINDS))
            for project in self.candidates
        }

    def clean(self):
        """All that cannot be is said at once, as long as the numbers are there."""
        filled = super().clean()
        if not self.errors:
            for name in self._meta.fields:
                setattr(self.instance, name, filled[name])
            for fault in self.instance.faults(self.votes()):
                self.add_error(None, fault)
        return filled

    def _get_validation_exclusions(self):
        """What the constraint of the table would say in general, `faults` says of the number that is wrong."""
        return super()._get_validation_exclusions() | {"entitled"}
