from collections import Counter

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from deputies.models import Mandate
from liaison.accounts.models import Role
from liaison.core.forms import (
    WRONG_LENGTH,
    HouseForm,
    HouseModelForm,
    PhotoField,
    clean_person_name,
    clean_phone,
)
from liaison.core.steps import NoteForm, OptionalNoteForm, StepForm
from stations.models import Station
from visits.fields import MOST_PHOTOS, TOO_MANY, PersonField, PicturesField
from visits.models import Category, Visit

from .articles import put_together, take_apart
from .models import Draft, Opinion, speakers
from .revealing import LEAST

KEYS = 8  # categories that a digit chooses
NAMELESS = "请填姓名；来访人不愿留名，就勾选“不愿留名”。"
HOW_CALLED = "留了电话，也请写上怎么称呼。"
CONSENT = "留姓名、电话要先征得本人同意；不同意的，请清空姓名和电话。"


class RowField(forms.ChoiceField):
    """A choice among rows at hand; cleans to the row itself."""

    def among(self, rows, *, label=str, none=""):
        """Let it choose among rows already read, without asking the database again. `none`: what no choice is called."""
        self.rows = {str(row.pk): row for row in rows}
        self.choices = ([("", none)] if none else []) + [(key, label(row)) for key, row in self.rows.items()]

    def clean(self, value):
        chosen = super().clean(value)
        return self.rows[chosen] if chosen else None


class WithPerson:
    """For forms that ask who spoke."""

    def clean_name(self):
        name = self.cleaned_data["name"]
        return clean_person_name(name) if name else ""

    def clean_phone(self):
        return clean_phone(self.cleaned_data["phone"])


class VisitForm(WithPerson, HouseModelForm):
    """One visitor or party. In the order in which it is asked and typed; what is rarely needed comes last."""

    creates = True
    unmarked = True  # the log has no room to say of most fields that they may stay empty

    name = forms.CharField(label="姓名", max_length=15, required=False)
    anonymous = forms.BooleanField(label="不愿留名", required=False)
    phone = forms.CharField(
        label="手机", max_length=20, required=False, widget=forms.TextInput(attrs={"inputmode": "tel"})
    )
    address = forms.CharField(label="住址（村/社区）", max_length=60, required=False)
    category = RowField(label="类别", required=False, widget=forms.RadioSelect)
    other_category = RowField(label="其他类别", required=False)
    received_by = RowField(label="接待代表", required=False, widget=forms.RadioSelect)
    headcount = forms.IntegerField(label="人数", required=False, min_value=1, max_value=Visit.MAX_HEADCOUNT)
    outcome = forms.ChoiceField(label="处理方式", choices=Visit.Outcome.choices, widget=forms.RadioSelect)
    about_name = PersonField()
    sheet = forms.CharField(label="纸质表编号", max_length=30, required=False)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    MORE = ("headcount", "at", "channel", "other_category", "confidential", "about_name", "reason", "sheet")
    field_order = [
        "station", "channel", "place", "day", "name", "anonymous", "phone", "address", "category", "other_category", "text",
        "received_by", "outcome", "reason", "headcount", "at", "confidential", "about_name", "sheet",
    ]  # fmt: skip

    class Meta:
        model = Visit
        fields = [
            "place", "category", "text", "received_by", "outcome", "reason", "headcount", "at", "channel", "anonymous", "confidential",
            "about_name",
        ]  # fmt: skip
        widgets = {"text": forms.Textarea(attrs={"rows": 2})}

    def __init__(self, *args, mandates, on=None, **kwargs):
        super().__init__(*args, **kwargs)
        on = on or timezone.localdate()
        in_use = list(Category.objects.in_use(on))
        self.keys = [row for row in in_use if row.parent_id is None][:KEYS]
        others = [row for row in in_use if row not in self.keys]
        kept = self.instance.category
        if kept and kept not in self.keys:
            self.initial.setdefault("other_category", kept.pk)
            others += [] if kept in others else [kept]
        self.fields["category"].among(self.keys)
        self.fields["other_category"].among(others, none="不另选")
        self.duty = list(mandates.select_related("deputy").order_by("deputy__pinyin", "pk"))
        names = Counter(mandate.deputy.name for mandate in self.duty)
        self.fields["received_by"].among(
            self.duty,
            # one who holds two mandates, and two of one name, are told apart by the level
            label=lambda row: row.deputy.name if names[row.deputy.name] == 1 else str(row),
        )
        self.fields["text"].widget.attrs.pop("maxlength", None)  # no room for its counter; the server says it
        self.fields["text"].error_messages["required"] = "请写下来访人反映的问题。"
        if self.instance.pk:
            del self.fields["sheet"]  # which paper it came from is said once
        self.begin()

    def begin(self):
        self.fields["place"].help_text = "走访、上门的地点"
        self.fields["reason"].help_text = "为什么不受理，请来访人去哪里反映"
        self.fields["outcome"].error_messages["required"] = "请选处理方式。"
        self.fields["channel"].required = False

    def _get_validation_exclusions(self):
        """Rows chosen among those just read exist; asking for each again would cost a query."""
        return super()._get_validation_exclusions() | {"category", "received_by"}

    def validate_constraints(self):
        """The one constraint that a form could break is the headcount, which the field has checked."""

    def clean_headcount(self):
        return self.cleaned_data["headcount"] or 1

    def clean_channel(self):
        return self.cleaned_data["channel"] or Visit.Channel.VISIT

    def clean(self):
        cleaned = super().clean()
        if not cleaned.get("anonymous") and not cleaned.get("name") and "name" not in self.errors:
            self.add_error("name", ValidationError(NAMELESS))
        cleaned["category"] = cleaned.pop("other_category", None) or cleaned.get("category")
        return cleaned

    def needed(self) -> dict[str, str]:
        """What the page says before it keeps an entry without network: field → the sentence said here."""
        said = {name: str(self.fields[name].error_messages["required"]) for name in ("text", "outcome")}
        said |= {"name": NAMELESS, "phone": WRONG_LENGTH}
        return {name: f"{self.fields[name].label}：{sentence}" for name, sentence in said.items()}

    def person(self) -> dict[str, str]:
        return {key: self.cleaned_data[key] for key in ("name", "phone", "address")}

    @property
    def more_is_open(self) -> bool:
        """Are the rarely used fields to be shown? (One of them is wrong or filled in.)"""
        return any(
            name in self.errors or self[name].value() not in (None, "", False, 1, "1", "VISIT")
            for name in self.MORE
        )


class OtherVisitForm(VisitForm):
    """A visit outside any reception day: by phone, letter, mailbox, or at the door."""

    station = forms.ModelChoiceField(label="站点", queryset=Station.objects.none(), empty_label="请选择")
    # The number of the appointment that this visit comes of.
    appointment = forms.CharField(max_length=20, required=False, widget=forms.HiddenInput)

    class Meta(VisitForm.Meta):
        fields = ["station", "day", *VisitForm.Meta.fields]

    MORE = ("headcount", "at", "other_category", "confidential", "about_name", "reason", "sheet")

    def __init__(self, *args, stations, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["station"].queryset = stations
        heads = [station for station in stations if station.parent_id is None] or stations
        if len(heads) == 1:
            self.fields["station"].initial = heads[0]


class DoorForm(VisitForm):
    """What is heard on a walk or at a door, typed on a phone with one hand. Who spoke may stay unnamed."""

    unmarked = False
    WAYS = [(Visit.Channel.DOOR, "上门"), (Visit.Channel.WALK, "走访")]

    station = forms.ModelChoiceField(label="站点", queryset=Station.objects.none(), empty_label=None)
    channel = forms.ChoiceField(label="怎么听到的", choices=WAYS, widget=forms.RadioSelect)
    day = forms.DateField(label="日期", required=False, help_text="不填就是今天")
    wants_answer = forms.ChoiceField(
        label="群众要不要答复",
        choices=[("yes", "要答复"), ("no", "不用答复")],
        widget=forms.RadioSelect,
        help_text="要答复的生成诉求单，由人大机关派给单位办理。",
    )
    consented = forms.BooleanField(label="本人同意留下姓名和电话，只用来办理和答复", required=False)
    photos = PicturesField()  # whether each is a photo is said when it is kept
    address = anonymous = outcome = None  # the place says where, an empty name says that none was given

    NEEDED = ("place", "text", "wants_answer")
    MORE = ("other_category", "day", "about_name", "sheet")
    field_order = [
        "station", "channel", "place", "headcount", "category", "other_category", "text", "wants_answer", "received_by",
        "name", "phone", "consented", "photos", "day", "about_name", "sheet",
    ]  # fmt: skip

    class Meta(VisitForm.Meta):
        fields = [
            "station",
            "channel",
            "place",
            "day",
            "headcount",
            "category",
            "text",
            "received_by",
            "about_name",
        ]

    def __init__(self, *args, by, stations, **kwargs):
        self.by, self.stations = by, list(stations)
        super().__init__(*args, **kwargs)

    @property
    def receiver(self):
        """The field for the deputy who went along; nothing for deputies themselves."""
        return self["received_by"] if "received_by" in self.fields and self.duty else None

    def begin(self):
        station = self.fields["station"]
        station.queryset = Station.objects.filter(pk__in=[one.pk for one in self.stations])
        heads = [one for one in self.stations if one.parent_id is None] or self.stations
        self.initial.setdefault("station", heads[0] if heads else None)
        if len(self.stations) == 1:
            station.widget = forms.HiddenInput()
        self.initial.setdefault("channel", Visit.Channel.DOOR)
        self.fields["place"].required = True
        self.fields["place"].help_text = "小区、村和门牌，如“铁路新村 3 号楼 2 单元”"
        self.fields["place"].error_messages["required"] = "请写走访的地点。"
        self.fields["headcount"].label = "见到几人"
        self.fields["headcount"].widget.attrs["inputmode"] = "numeric"
        self.fields["received_by"].label = "同去的代表"
        self.fields["photos"].help_text = f"一次最多 {MOST_PHOTOS} 张，先存文字，再逐张上传"
        self.fields["text"].label = "群众的原话"
        self.fields["text"].error_messages["required"] = "请写下群众说的话。"
        self.fields["text"].widget.attrs["rows"] = 4
        self.fields["wants_answer"].error_messages["required"] = "请问一声要不要答复。"
        if self.by.role == Role.DEPUTY:
            del self.fields["received_by"]

    def needed(self):
        always = {name: str(self.fields[name].error_messages["required"]) for name in self.NEEDED}
        said = {"consented": CONSENT, "name": HOW_CALLED, "photos": TOO_MANY}
        return {"always": always, "said": said, "most": MOST_PHOTOS}

    def clean(self):
        cleaned = HouseModelForm.clean(self) or self.cleaned_data
        if cleaned.get("phone") and not cleaned.get("name") and "name" not in self.errors:
            self.add_error("name", ValidationError(HOW_CALLED))
        if (cleaned.get("name") or cleaned.get("phone")) and not cleaned.get("consented"):
            self.add_error("consented", ValidationError(CONSENT))
        cleaned["category"] = cleaned.pop("other_category", None) or cleaned.get("category")
        return cleaned

    def visit(self, *, day, key) -> Visit:
        """The visit that was told of, for the day that was written, or else for `day`."""
        told = self.values()
        told["day"] = told["day"] or day
        if self.by.role == Role.DEPUTY:  # who logs is who listened, in the mandate at that station
            own = Mandate.objects.of(self.by).can_serve(told["day"])
            told["received_by"] = own.at_station(told["station"], told["day"]).first()
        wants = self.cleaned_data["wants_answer"] == "yes"
        return Visit(
            key=key,
            anonymous=not self.cleaned_data["name"],
            outcome=Visit.Outcome.DISPATCH if wants else Visit.Outcome.NOTED,
            **told,
        )

    def person(self):
        return {key: self.cleaned_data[key] for key in ("name", "phone", "consented")}


class VisitPhotoForm(HouseForm):
    creates = True
    photo = PhotoField()


class FindVisitorForm(HouseForm):
    """A search by name or phone goes by POST: what is sought is personal and stays out of addresses and logs."""

    text = forms.CharField(label="姓名、手机尾号或内容", max_length=30)


class FindRequestForm(HouseForm):
    """By POST as well: what people said may name somebody."""

    text = forms.CharField(label="单号、标题或内容", min_length=2, max_length=30)


# --- Opinions on drafts ---


class DraftForm(HouseModelForm):
    """A draft with its whole text, which is taken apart into articles, and the stations that it goes to."""

    creates = True

    text = forms.CharField(
        label="草案全文",
        max_length=200_000,
        widget=forms.Textarea(attrs={"rows": 14}),
        help_text="把全文粘贴进来，会按“第几条”自动分开；没有条号的按段分开",
    )
    stations = forms.ModelMultipleChoiceField(
        label="发到哪些立法联系点",
        queryset=Station.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    everywhere = forms.BooleanField(label="也发到全部代表之家和联络站", required=False)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Draft
        fields = ["title", "kind", "issuer", "intro", "opens_on", "closes_on"]
        widgets = {"intro": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args, post, **kwargs):
        super().__init__(*args, **kwargs)
        today = timezone.localdate()
        open_ones = Station.objects.visible_to(post).open(today).order_by("code", "pk")
        self.points = open_ones.of_kinds(Station.Kind.LEGISLATIVE)
        self.others = open_ones.of_kinds(*Station.STATIONS)
        self.fields["stations"].queryset = self.points
        if self.thing is None:
            self.initial |= {"opens_on": today, "stations": [point.pk for point in self.points]}
            self.initial.setdefault("issuer", f"{post.area.name}人大常委会")
            return
        sent = set(self.thing.addressed.values_list("station", flat=True))
        self.initial |= {
            "version": self.thing.version,
            "text": put_together(list(self.thing.articles.all())),
            "stations": [point.pk for point in self.points if point.pk in sent],
            "everywhere": any(station.pk in sent for station in self.others),
        }

    def clean_text(self):
        before, articles = take_apart(self.cleaned_data["text"])
        if not articles:
            raise ValidationError("没有找到条文，请把草案全文粘贴进来。")
        if twice := [name for name, n in Counter(one.name for one in articles).items() if n > 1]:
            raise ValidationError(f"{twice[0]}出现了不止一次，请检查全文。")
        self.before, self.articles = before, articles
        return self.cleaned_data["text"]

    def clean(self):
        cleaned = super().clean()
        opens, closes = cleaned.get("opens_on"), cleaned.get("closes_on")
        if opens and closes and closes < opens:
            self.add_error("closes_on", "截止日期不能早于开始日期。")
        if not cleaned.get("stations") and not cleaned.get("everywhere"):
            self.add_error("stations", "请选至少一个站点，或勾选下面的“也发到全部”。")
        return cleaned

    def values(self):
        """What stands before the first article belongs to the note on the draft."""
        told = super().values()
        return told | {"intro": "\n".join(part for part in (told["intro"], self.before) if part)}

    def addressed(self) -> list[Station]:
        also = list(self.others) if self.cleaned_data["everywhere"] else []
        return [*self.cleaned_data["stations"], *also]


class ExtendForm(StepForm):
    closes_on = forms.DateField(label="新的截止日期")
    note = forms.CharField(label="原因", max_length=200)


class ConcludeForm(StepForm):
    conclusion = forms.CharField(
        label="采纳情况",
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="告诉各联系点：收到多少条，采纳了哪些，没有采纳的为什么",
    )


DRAFT_FORMS = {
    "publish": OptionalNoteForm,
    "extend": ExtendForm,
    "close": OptionalNoteForm,
    "conclude": ConcludeForm,
    "withdraw": NoteForm,
}


class OpinionForm(WithPerson, HouseModelForm):
    """One opinion on one article or on the whole: which article, what is wanted, who says it."""

    creates = True

    article = RowField(label="针对哪一条", required=False)
    station = RowField(label="站点")
    mandate = RowField(label="哪位代表提的", required=False)
    name = forms.CharField(label="姓名", max_length=15, required=False, help_text="不愿留名可不填")
    phone = forms.CharField(
        label="手机", max_length=20, required=False, widget=forms.TextInput(attrs={"inputmode": "tel"})
    )
    address = forms.CharField(label="单位或住址", max_length=60, required=False)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    field_order = [
        "station", "article", "kind", "text", "wording", "day", "mandate", "name", "phone", "address", "confidential",
    ]  # fmt: skip

    class Meta:
        model = Opinion
        fields = ["station", "article", "kind", "text", "wording", "day", "mandate", "confidential"]
        widgets = {
            "text": forms.Textarea(attrs={"rows": 4}),
            "wording": forms.Textarea(attrs={"rows": 2}),
            "kind": forms.RadioSelect,
        }

    def __init__(self, *args, draft, post, stations, **kwargs):
        kwargs.setdefault("instance", Opinion(draft=draft))
        super().__init__(*args, **kwargs)
        self.fields["station"].among(stations)
        self.fields["article"].among(draft.articles.all(), none="全文")
        self.fields["kind"].choices = Opinion.Kind.choices
        if self.thing is None and len(stations) == 1:
            self.initial["station"] = stations[0].pk
        if post.role == Role.DEPUTY:  # a deputy speaks for oneself
            for name in ("mandate", "name", "phone", "address", "confidential"):
                del self.fields[name]
        else:
            on = self.instance.day or min(timezone.localdate(), draft.closes_on)
            deputies = speakers(stations, on) | Mandate.objects.filter(pk=self.instance.mandate_id)
            deputies = deputies.select_related("deputy").order_by("deputy__pinyin", "pk")
            self.fields["mandate"].among(deputies, none="不是代表")
        if self.thing:
            del self.fields["station"]
            self.initial["version"] = self.thing.version
        else:
            self.initial["day"] = min(timezone.localdate(), draft.closes_on)

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("mandate") and cleaned.get("name"):
            self.add_error("name", "选了代表，就不用再填姓名。")
        if not cleaned.get("name") and (cleaned.get("phone") or cleaned.get("address")):
            self.add_error("name", "填了手机或住址，请把姓名也填上。")
        return cleaned

    def person(self) -> dict[str, str]:
        return {key: self.cleaned_data.get(key, "") for key in ("name", "phone", "address")}


class DecideForm(StepForm):
    decision = forms.ChoiceField(label="处理", choices=Opinion.Decision.choices, widget=forms.RadioSelect)
    note = forms.CharField(label="处理说明", max_length=200, required=False, help_text="不采纳要写明理由")

    def begin(self):
        self.initial |= {"decision": self.thing.decision, "note": self.thing.decision_note}


class ReasonForm(HouseForm):
    reason = forms.CharField(
        label="为什么要看", max_length=200, help_text="如：答复不清楚，要打电话核实。会记入办理记录"
    )

    def clean_reason(self):
        reason = self.cleaned_data["reason"]
        if len(reason) < LEAST:
            raise forms.ValidationError(f"请写清楚，至少 {LEAST} 个字。")
        return reason
