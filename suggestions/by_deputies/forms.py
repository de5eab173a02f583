"""Forms of suggestions: writing one, its steps, which item is whose, the five parties."""

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse_lazy
from django.utils import timezone

from deputies.models import CongressSession, Mandate
from liaison.accounts.models import Role
from liaison.core.forms import HouseForm, HouseModelForm
from liaison.core.places import inside
from liaison.core.steps import NoteForm, OptionalNoteForm, StepForm
from suggestions.forms import RowField
from suggestions.models import Department, Meeting, Order, Party, Rating, Signer, Suggestion
from suggestions.models.suggestion import NUMBERING
from suggestions.workflow import OPEN_ORDERS
from visits.models import Category

from .fields import (
    DepartmentField,
    DepartmentsField,
    MandateField,
    MandatesField,
    RequestsField,
    requests_for,
)

OPTIONS = reverse_lazy("suggestions:suggestion_options")
ITEM_LENGTH, ITEMS_MOST = 300, 30
SESSIONS = 12


def leads_for(post, on):
    """The mandates whose suggestions `post` may enter: a deputy's own, or those of the office's congresses."""
    rows = Mandate.objects.visible_to(post).can_serve(on).exclude(term__congress__area=None)
    if post.role == Role.DEPUTY:
        rows = rows.filter(deputy__user=post.user_id)
    else:
        rows = rows.filter(inside(post.area, "term__congress__area__path"))
    return rows.select_related("deputy", "term__congress__area").order_by("deputy__pinyin", "pk")


def colleagues_of(found, on):
    """Who may sign too: those who sit in the same term and are not on the list yet."""
    signed = found.signers.filter(state=Signer.State.CONFIRMED).values("mandate")
    rows = Mandate.objects.public(on).filter(term=found.term_id).exclude(pk__in=signed)
    return rows.select_related("deputy__user").order_by("deputy__pinyin", "pk")


class SuggestionForm(HouseModelForm):
    """One matter in one piece; its items are the lines of a text."""

    creates = True
    lead = MandateField(label="领衔代表")
    items = forms.CharField(
        label="具体建议",
        help_text="一行一条，按行编号",
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    proposed = DepartmentField(label="建议由哪个单位办理", required=False)
    requests = RequestsField(
        label="来自哪些诉求", required=False, max_length=200, help_text="写诉求单编号，几个用顿号隔开"
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    field_order = ["lead", "kind", "title", "text", "items", "session", "proposed", "requests", "publishable"]

    class Meta:
        model = Suggestion
        fields = ["lead", "kind", "title", "text", "session", "proposed", "publishable"]
        widgets = {"kind": forms.RadioSelect, "text": forms.Textarea(attrs={"rows": 6})}

    def __init__(self, *args, post, **kwargs):
        super().__init__(*args, **kwargs)
        self.thing = self.instance if self.instance.pk else None
        today = timezone.localdate()
        leads = leads_for(post, today)
        self.fields["lead"].offer(leads, f"{OPTIONS}?of=deputies")
        self.fields["kind"].choices = Suggestion.Kind.choices
        self.fields["proposed"].offer(Department.objects.visible_to(post).to_choose(), OPTIONS)
        self.fields["requests"].offer(requests_for(post))
        self.own = None
        if self.thing:
            del self.fields["lead"]
            items = self.thing.items.all()
            self.initial |= {
                "version": self.thing.version,
                "items": "\n".join(item.text for item in items),
                "requests": list(requests_for(post).filter(suggestions=self.thing)),
            }
        elif post.role == Role.DEPUTY and len(own := list(leads[:2])) == 1:
            del self.fields["lead"]
            self.own = own[0]
        terms = [self.thing.term_id] if self.thing else leads.values("term")
        sessions = CongressSession.objects.filter(term__in=terms).select_related("term__congress")
        self.fields["session"].queryset = sessions.order_by("-from_on", "pk")
        self.fields["session"].empty_label = "闭会期间"
        self.fields["session"].widget.choices = self.fields["session"].choices

    def clean_items(self):
        lines = [line for line in self.cleaned_data["items"].split("\n") if NUMBERING.sub("", line).strip()]
        if not lines:
            raise ValidationError("请至少写一条具体建议。")
        if len(lines) > ITEMS_MOST:
            raise ValidationError(f"最多 {ITEMS_MOST} 条，现在有 {len(lines)} 条。一件建议只写一件事。")
        for number, line in enumerate(lines, 1):
            if len(line) > ITEM_LENGTH:
                raise ValidationError(f"第 {number} 条有 {len(line)} 个字，最多 {ITEM_LENGTH} 个，请缩短。")
        return lines

    def values(self):
        own = {"lead": self.own} if self.own else {}
        return own | super().values()

    def enter(self, *, by):
        found = Suggestion(**self.values()).enter(by=by)
        found.write_items(self.cleaned_data["items"])
        found.requests.set(self.cleaned_data["requests"])
        return found

    def revise(self, found, *, by):
        filled = self.cleaned_data
        found.revise(
            by=by,
            version=filled["version"],
            items=filled["items"],
            requests=filled["requests"],
            **self.values(),
        )


# --- Steps ---


class InviteForm(StepForm):
    mandates = MandatesField(
        label="请哪些代表附议",
        help_text="写姓名，几位用顿号隔开；只能请同一届的代表",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    note = forms.CharField(label="附言", max_length=200, required=False)

    def begin(self):
        self.fields["mandates"].offer(colleagues_of(self.thing, timezone.localdate()))


class _ForOneForm(StepForm):
    """A deputy speaks for oneself; the office says for whom it takes down what was said."""

    def signers(self):
        raise NotImplementedError

    def begin(self):
        if self.post is None or self.post.role == Role.DEPUTY:
            del self.fields["mandate"]
            return
        self.fields["mandate"].among([one.mandate for one in self.signers()])


class CosignForm(_ForOneForm):
    mandate = RowField(label="哪位代表")
    note = forms.CharField(label="说明", max_length=200, required=False)

    def signers(self):
        return self.thing.signers.filter(state=Signer.State.ASKED).select_related("mandate__deputy")


class AcceptForm(StepForm):
    kind = forms.ChoiceField(
        label="作为",
        choices=Suggestion.Kind.choices,
        widget=forms.RadioSelect,
        help_text="议案可以作为建议处理",
    )
    category = forms.ModelChoiceField(
        label="类别", queryset=Category.objects.order_by("rank", "pk"), required=False, empty_label="不选"
    )
    note = forms.CharField(label="审查意见", max_length=200, required=False)

    def begin(self):
        self.initial |= {"kind": self.thing.kind, "category": self.thing.category_id}


class GiveBackForm(StepForm):
    refused = forms.ChoiceField(label="原因", choices=Suggestion.Refused.choices, widget=forms.RadioSelect)
    note = forms.CharField(label="给代表的说明", max_length=200, help_text="怎样改，或为什么不能受理")


class LetterForm(StepForm):
    refused = forms.ChoiceField(label="原因", choices=Suggestion.Refused.choices, widget=forms.RadioSelect)
    note = forms.CharField(label="转到哪里办理", max_length=200)


class AssignForm(StepForm):
    """One in the lead, with others who give their opinion; or several that each answer for themselves."""

    lead = DepartmentField(label="主办单位", required=False, help_text="几个单位分别答复的，这里不选")
    others = DepartmentsField(label="其他单位")
    share = forms.ChoiceField(
        label="其他单位怎样参加",
        choices=[(Order.Share.HELPER, "会办：把意见交主办单位"), (Order.Share.APART, "分办：各自答复代表")],
        widget=forms.RadioSelect,
        initial=Order.Share.HELPER,
    )
    complex = forms.BooleanField(label="涉及面广、办理难度大，答复期限六个月", required=False)
    note = forms.CharField(label="交办意见", max_length=200, required=False)

    def begin(self):
        rows = Department.objects.for_requests(self.thing.area, self.post).to_choose()
        self.fields["lead"].offer(rows, OPTIONS)
        self.fields["others"].queryset = rows
        self.initial.setdefault("lead", self.thing.proposed)

    def clean(self):
        filled = super().clean()
        others, share = filled.pop("others", ()), filled.pop("share", "")
        apart = share == Order.Share.APART
        return filled | {"helpers": [] if apart else list(others), "apart": list(others) if apart else []}


class ObjectForm(StepForm):
    note = forms.CharField(label="为什么", max_length=200)
    to = DepartmentField(label="希望改由哪个单位办理", required=False)

    def begin(self):
        self.fields["to"].offer(Department.objects.visible_to(self.post).to_choose(), OPTIONS)


class SettleForm(StepForm):
    note = forms.CharField(label="给代表的答复", max_length=200)
    again = forms.BooleanField(label="撤销现在的交办，重新交办", required=False)


class MeetForm(StepForm):
    department = RowField(label="承办单位")
    on = forms.DateField(label="日期")
    way = forms.ChoiceField(label="方式", choices=Meeting.Way.choices, widget=forms.RadioSelect)
    place = forms.CharField(label="地点", max_length=60, required=False)
    people = forms.CharField(label="参加人", max_length=100, required=False)
    note = forms.CharField(
        label="谈了什么",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="代表的意见和要求；没有面商的，写明原因",
    )

    def begin(self):
        self.initial["on"] = timezone.localdate()
        orders = self.thing.orders.filter(round=self.thing.round, state__in=OPEN_ORDERS)
        orders = orders.exclude(share=Order.Share.HELPER)
        if self.post is not None and self.post.role == Role.UNIT:
            orders = orders.filter(department__in=Department.objects.of(self.post, timezone.localdate()))
        rows = [one.department for one in orders.select_related("department")]
        self.fields["department"].among(rows)
        if len(rows) == 1:
            self.initial["department"] = rows[0].pk


class ReportForm(StepForm):
    note = forms.CharField(label="进展", max_length=200, widget=forms.Textarea(attrs={"rows": 3}))


class DeliverForm(StepForm):
    how = forms.ChoiceField(label="送达方式", choices=Signer.How.choices, widget=forms.RadioSelect)
    on = forms.DateField(label="送达日期")
    note = forms.CharField(label="说明", max_length=200, required=False)

    def begin(self):
        self.initial["on"] = timezone.localdate()


class EvaluateForm(StepForm):
    attitude = forms.ChoiceField(label="办理态度", choices=Rating.Mark.choices, widget=forms.RadioSelect)
    result = forms.ChoiceField(label="办理结果", choices=Rating.Mark.choices, widget=forms.RadioSelect)
    reason = forms.CharField(
        label="哪里不满意",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="有一项不满意的，请写明",
    )
    how = forms.ChoiceField(label="代表怎样说的", choices=Rating.How.choices, widget=forms.RadioSelect)
    note = forms.CharField(label="说明", max_length=200, required=False)

    def begin(self):
        if self.post is None or self.post.role == Role.DEPUTY:
            del self.fields["how"], self.fields["note"]

    def clean(self):
        filled = super().clean()
        marks = (filled.get("attitude"), filled.get("result"))
        if Rating.Mark.UNSATISFIED in marks and not filled.get("reason") and "reason" not in self.errors:
            self.add_error("reason", "请写明哪里不满意。")
        return filled


class EvaluateTooForm(EvaluateForm, _ForOneForm):
    mandate = RowField(label="哪位附议代表")

    field_order = ["mandate", "attitude", "result", "reason", "how", "note"]

    def signers(self):
        return self.thing.unmarked()

    def begin(self):
        EvaluateForm.begin(self)
        _ForOneForm.begin(self)


class TrackForm(StepForm):
    promised_on = forms.DateField(label="承诺哪天完成")
    note = forms.CharField(label="说明", max_length=200, required=False, help_text="改承诺日期的，写明原因")

    def begin(self):
        self.initial["promised_on"] = self.thing.promised_on


class WithdrawForm(StepForm):
    all_agree = forms.BooleanField(label="撤回书上有全体联名代表的签名")
    note = forms.CharField(label="为什么撤回", max_length=200)


class KeyForm(StepForm):
    on = forms.DateField(label="决定日期")
    body = forms.CharField(label="由哪次会议决定", max_length=60, help_text="如：区人大常委会第12次主任会议")
    note = forms.CharField(label="说明", max_length=200, required=False)

    def begin(self):
        self.initial["on"] = timezone.localdate()


class PraiseForm(StepForm):
    on = forms.DateField(label="评定日期")
    note = forms.CharField(label="依据", max_length=200, required=False)

    def begin(self):
        self.initial["on"] = timezone.localdate()


class PublishForm(StepForm):
    public_title = forms.CharField(label="公开的标题", max_length=60)
    public_text = forms.CharField(
        label="建议的摘要",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="不写任何人的姓名、电话、证件号和住址",
    )
    public_reply = forms.CharField(
        label="答复的摘要",
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="答复送达代表以后再填；不写联系人和电话",
    )

    def begin(self):
        found = self.thing
        self.initial |= {
            "public_title": found.public_title or found.title,
            "public_text": found.public_text,
            "public_reply": found.public_reply,
        }


SUGGESTION_FORMS = {
    "invite": InviteForm,
    "confirm": CosignForm,
    "decline": CosignForm,
    "submit": OptionalNoteForm,
    "accept": AcceptForm,
    "give_back": GiveBackForm,
    "as_letter": LetterForm,
    "assign": AssignForm,
    "object": ObjectForm,
    "settle": SettleForm,
    "meet": MeetForm,
    "report": ReportForm,
    "countersign": OptionalNoteForm,
    "deliver": DeliverForm,
    "evaluate": EvaluateForm,
    "evaluate_too": EvaluateTooForm,
    "rehandle": NoteForm,
    "track": TrackForm,
    "close": OptionalNoteForm,
    "archive": OptionalNoteForm,
    "ask_withdrawal": NoteForm,
    "agree_withdrawal": OptionalNoteForm,
    "withdraw": WithdrawForm,
    "make_key": KeyForm,
    "praise": PraiseForm,
    "publish": PublishForm,
    "unpublish": NoteForm,
}


# --- Beside the steps ---


class ItemsForm(HouseForm):
    """For each item the departments that it is a matter of."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, found, **kwargs):
        super().__init__(*args, initial={"version": found.version}, **kwargs)
        self.thing = found
        rows = Department.objects.filter(orders__suggestion=found, orders__round=found.round).distinct()
        for item in found.items.prefetch_related("departments"):
            field = DepartmentsField(
                label=f"{item}　{item.text}", initial=[one.pk for one in item.departments.all()]
            )
            field.queryset = rows.order_by("name", "pk")
            self.add_field(f"item_{item.position}", field)

    def perform(self, *, by):
        named = {
            int(name.removeprefix("item_")): rows
            for name, rows in self.cleaned_data.items()
            if name.startswith("item_")
        }
        self.thing.share_items(named, by=by, version=self.cleaned_data["version"])


class PartiesForm(HouseForm):
    """五办联动: name and, where it works here, department of each part."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, found, post, **kwargs):
        super().__init__(*args, initial={"version": found.version}, **kwargs)
        self.thing = found
        there = {party.part: party for party in found.parties.select_related("department")}
        for part, label in Party.Part.choices:
            old = there.get(part)
            name = forms.CharField(
                label=label, max_length=60, required=False, initial=old.name if old else ""
            )
            self.add_field(f"name_{part}", name)
            if part in (Party.Part.URGE, Party.Part.HANDLE, Party.Part.MAYOR):
                field = DepartmentField(
                    label=f"{label}：由哪个单位在这里记录",
                    required=False,
                    initial=old.department
                    if old
                    else found.department
                    if part == Party.Part.HANDLE
                    else None,
                )
                field.offer(Department.objects.for_requests(found.area, post).to_choose(), OPTIONS)
                self.add_field(f"department_{part}", field)

    def perform(self, *, by):
        filled = self.cleaned_data
        parties = {
            part: (filled[f"name_{part}"], filled.get(f"department_{part}")) for part in Party.Part.values
        }
        self.thing.name_parties(parties, by=by, version=filled["version"])


class EntryForm(HouseForm):
    creates = True
    on = forms.DateField(label="日期", initial=timezone.localdate)
    text = forms.CharField(label="做了什么", max_length=500, widget=forms.Textarea(attrs={"rows": 4}))
