from collections import Counter

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from liaison.core.forms import HouseForm, HouseModelForm, clean_person_name, clean_phone
from stations.models import Station
from visits.models import Category, Visit

KEYS = 8  # categories that a digit chooses
NAMELESS = "请填姓名；来访人不愿留名，就勾选“不愿留名”。"


class RowField(forms.ChoiceField):
    """A choice among rows at hand; cleans to the row itself."""

    def among(self, rows):
        self.rows = rows

    def clean(self, value):
        chosen = super().clean(value)
        return self.rows[chosen] if chosen else None


class VisitForm(HouseModelForm):
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
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    MORE = ("headcount", "at", "channel", "other_category", "confidential", "reason")
    field_order = [
        "station", "day", "channel", "name", "anonymous", "phone", "address", "category", "other_category", "text",
        "received_by", "outcome", "reason", "headcount", "at", "confidential",
    ]  # fmt: skip

    class Meta:
        model = Visit
        fields = [
            "category", "text", "received_by", "outcome", "reason", "headcount", "at", "channel", "anonymous", "confidential",
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
        self._choose("category", self.keys)
        self._choose("other_category", others, none="不另选")
        self.duty = list(mandates.select_related("deputy").order_by("deputy__pinyin", "pk"))
        names = Counter(mandate.deputy.name for mandate in self.duty)
        self._choose(
            "received_by",
            self.duty,
            # one who holds two mandates, and two of one name, are told apart by the level
            label=lambda row: row.deputy.name if names[row.deputy.name] == 1 else str(row),
        )
        self.fields["text"].widget.attrs.pop("maxlength", None)  # no room for its counter; the server says it
        self.fields["reason"].help_text = "为什么不受理，请来访人去哪里反映"
        self.fields["text"].error_messages["required"] = "请写下来访人反映的问题。"
        self.fields["outcome"].error_messages["required"] = "请选处理方式。"
        self.fields["channel"].required = False

    def _choose(self, name, rows, *, label=str, none=""):
        """Let the field choose among rows already read, without asking the database again."""
        self.fields[name].among({str(row.pk): row for row in rows})
        self.fields[name].choices = ([("", none)] if none else []) + [(row.pk, label(row)) for row in rows]

    def _get_validation_exclusions(self):
        """Rows chosen among those just read exist; asking for each again would cost a query."""
        return super()._get_validation_exclusions() | {"category", "received_by"}

    def validate_constraints(self):
        """The one constraint that a form could break is the headcount, which the field has checked."""

    def clean_name(self):
        name = self.cleaned_data["name"]
        return clean_person_name(name) if name else ""

    def clean_phone(self):
        return clean_phone(self.cleaned_data["phone"])

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
        """What the page asks for before it keeps an entry without network: field → the sentence said here."""
        said = {name: str(self.fields[name].error_messages["required"]) for name in ("text", "outcome")}
        return {"name": NAMELESS} | said

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

    class Meta(VisitForm.Meta):
        fields = ["station", "day", *VisitForm.Meta.fields]

    MORE = ("headcount", "at", "other_category", "confidential", "reason")

    def __init__(self, *args, stations, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["station"].queryset = stations
        heads = [station for station in stations if station.parent_id is None] or stations
        if len(heads) == 1:
            self.fields["station"].initial = heads[0]


class ReasonForm(HouseForm):
    note = forms.CharField(label="原因", max_length=200)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)


class FindVisitorForm(HouseForm):
    """A search by name or phone goes by POST: what is sought is personal and stays out of addresses and logs."""

    text = forms.CharField(label="姓名、手机尾号或内容", max_length=30)
