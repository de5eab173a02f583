"""What the office and the station decide of a request before departments act."""

from django import forms
from django.utils import timezone

from deputies.models import Mandate
from liaison.core.forms import HouseForm
from liaison.core.steps import StepForm
from suggestions.dispatch.batch import is_number
from suggestions.followups.forms import who_may_follow
from suggestions.models import Department, Request
from visits.fields import PersonField
from visits.models import Category


class TriageForm(StepForm):
    category = forms.ModelChoiceField(
        label="类别", queryset=Category.objects.none(), required=False, empty_label="不改"
    )
    about = forms.ModelChoiceField(
        label="反映的就是哪个单位",
        queryset=Department.objects.none(),
        required=False,
        empty_label="不是反映哪个单位",
        help_text="选了以后，不能派给这个单位，这个单位也看不到",
    )
    about_name = PersonField()
    note = forms.CharField(label="研判意见", max_length=200, required=False)

    def begin(self):
        self.fields["category"].queryset = Category.objects.in_use(timezone.localdate())
        self.fields["about"].queryset = _departments(self.thing, self.post)
        self.initial |= {
            "category": self.thing.category_id,
            "about": self.thing.about_id,
            "about_name": self.thing.about_name,
        }

    @property
    def filled(self):
        """A program that leaves a field out says nothing of it; an emptied one says that it is about nobody."""
        return {name: value for name, value in super().filled.items() if name in self.data}


class AboutForm(StepForm):
    """Whom it complains about, said when it comes out, or corrected."""

    about = forms.ModelChoiceField(
        label="反映的就是哪个单位",
        queryset=Department.objects.none(),
        required=False,
        empty_label="不是反映哪个单位",
        help_text="选了以后，这个单位看不到这件诉求。已经派给它的，请撤销派单，改派它的上级单位",
    )
    about_name = PersonField()
    note = forms.CharField(label="说明", max_length=200, required=False)

    def begin(self):
        kept = Department.objects.filter(pk=self.thing.about_id)
        rows = Department.objects.visible_to(self.post).filter(active=True) | kept
        self.fields["about"].queryset = rows.order_by("-area_path", "pk")
        self.initial |= {"about": self.thing.about_id, "about_name": self.thing.about_name}


class AnswerForm(StepForm):
    said = forms.CharField(label="怎样答复本人的", widget=forms.Textarea(attrs={"rows": 4}))
    solved = forms.ChoiceField(label="是否解决", choices=Request.Solved.choices, widget=forms.RadioSelect)


class DeclineForm(StepForm):
    refused = forms.ChoiceField(
        label="不予受理的原因", choices=Request.Refused.choices, widget=forms.RadioSelect
    )
    said = forms.CharField(
        label="请本人去哪里反映",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="写单位名称和电话，原话告诉本人",
    )


class PartForm(StepForm):
    note = forms.CharField(label="为什么拆开", max_length=200, help_text="拆开以后单独派单")


class JoinForm(StepForm):
    """The request that this one is the same as: by its number, as the page of likely duplicates fills it in."""

    to = forms.CharField(label="并到哪一件", max_length=20, help_text="诉求单编号，如 2026-1103-0042")
    note = forms.CharField(label="说明", max_length=200, required=False)

    def clean_to(self):
        typed = self.cleaned_data["to"]
        rows = Request.objects.visible_to(self.post).filter(number=typed) if is_number(typed) else ()
        for found in rows:
            return found
        raise forms.ValidationError("没有找到这个编号的诉求单，请检查。")

    def take(self, name, by):
        filled = self.filled
        self.thing.join_to(filled.pop("to"), by=by, **filled)


class WithdrawForm(StepForm):
    note = forms.CharField(label="本人为什么撤回", max_length=200)


class DispatchForm(StepForm):
    """One in the lead with its helpers, or several that answer apart."""

    lead = forms.ModelChoiceField(
        label="主办单位",
        queryset=Department.objects.none(),
        required=False,
        empty_label="不设主办，由下面的单位分办",
    )
    helpers = forms.ModelMultipleChoiceField(
        label="会办单位",
        queryset=Department.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="只向主办单位提意见，不直接答复群众",
    )
    apart = forms.ModelMultipleChoiceField(
        label="分办单位",
        queryset=Department.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="不设主办时选两个以上，各自答复",
    )
    days = forms.IntegerField(
        label="几个工作日内答复", required=False, min_value=1, max_value=250, help_text="不填按本地规定"
    )
    follower = forms.ModelChoiceField(
        label="跟单代表", queryset=Mandate.objects.none(), required=False, empty_label="不指定"
    )
    note = forms.CharField(label="交办意见", max_length=200, required=False)

    def begin(self):
        departments = _departments(self.thing, self.post).exclude(pk=self.thing.about_id)
        for name in ("lead", "helpers", "apart"):
            self.fields[name].queryset = departments
        self.fields["follower"].queryset = who_may_follow(self.thing)
        received = self.thing.visit.received_by_id if self.thing.visit else None
        self.initial.setdefault("follower", self.thing.follower_id or received)


def _departments(request, post):
    """In use, and in charge there; the nearest first."""
    return (
        Department.objects.for_requests(request.area, post).filter(active=True).order_by("-area_path", "pk")
    )


OFFICE_FORMS = {
    "triage": TriageForm,
    "answer": AnswerForm,
    "decline": DeclineForm,
    "dispatch": DispatchForm,
    "join": JoinForm,
    "part": PartForm,
    "withdraw": WithdrawForm,
}


class BatchForm(HouseForm):
    """The page that confirms a batch. Each `row` is number:department:version, as the page before chose it."""

    creates = True
    unmarked = True

    note = forms.CharField(label="交办意见（选填，写进每一件）", max_length=200, required=False)

    def __init__(self, *args, rows, **kwargs):
        self.rows = rows
        super().__init__(*args, **kwargs)

    def clean(self):
        if not self.rows:
            raise forms.ValidationError("没有选诉求。请回到待派单，选好诉求和单位。")
        return super().clean()
