"""The fields of a kind of activity in a form: made from the table in visits/kinds.py, put in and read back here."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from liaison.core.forms import clean_person_name

from .kinds import HALF, KINDS, LINE, Detail, label_of
from .models import Visit

MOST_DAYS = 60
MOST_PHOTOS = 9
TOO_MANY = f"一次最多 {MOST_PHOTOS} 张，现在选了 {{}} 张，请少选几张。"


def field_of(detail: Detail, *, required: bool) -> forms.Field:
    told: dict[str, Any] = {"label": detail.label, "required": required, "help_text": detail.hint}
    match detail.type:
        case "number":
            return forms.IntegerField(min_value=0, max_value=100_000, **told)
        case "choice":
            return forms.ChoiceField(choices=[("", "请选择"), *detail.choices], **told)
        case "choices":
            return forms.MultipleChoiceField(
                choices=detail.choices, widget=forms.CheckboxSelectMultiple, **told
            )
        case "long":
            return forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), **told)
        case _:
            return forms.CharField(max_length=LINE, **told)


class DaysField(forms.DecimalField):
    """Days in halves."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=HALF, max_value=MOST_DAYS, decimal_places=1, **kwargs)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {**super().widget_attrs(widget), "step": str(HALF)}

    def clean(self, value: Any) -> Any:
        days = super().clean(value)
        if days is not None and days % HALF:
            raise ValidationError("天数按半天计，如 0.5、1、1.5。")
        return days


class PersonField(forms.CharField):
    """Whom a complaint is about: the name that keeps everything of it from whoever bears it."""

    def __init__(self, **kwargs: Any) -> None:
        said: dict[str, Any] = {
            "label": "反映的是谁",
            "max_length": 15,
            "required": False,
            "help_text": "反映某个人（代表、干部）的，写他的全名。他和同名的人都看不到",
        }
        super().__init__(**said | kwargs)

    def clean(self, value: Any) -> str:
        name = super().clean(value)
        return clean_person_name(name) if name else ""


class EarlierVisitField(forms.CharField):
    """An earlier visit, by its number or that of a request which it raised."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            label="回访哪次来访", max_length=20, help_text="来访登记或诉求单的编号，没有就不填", **kwargs
        )
        self.visits = Visit.objects.none()

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, int):
            value = self.visits.filter(pk=value).values_list("number", flat=True).first()
        return value

    def clean(self, value: Any) -> Any:
        number = super().clean(value)
        if not number or isinstance(number, Visit):
            return number or None
        found = self.visits.filter(number=number)[:2]
        if not found:  # `requests` is the name by which the layer above ties requests to visits
            found = self.visits.filter(requests__number=number).distinct()[:2]
        if not found:
            raise ValidationError("没有找到这个编号，请检查。")
        if len(found) > 1:
            raise ValidationError("几个站点都有这个编号，请写诉求单的编号。")
        return found[0]


class Pictures(forms.FileInput):
    allow_multiple_selected = True


class PicturesField(forms.FileField):
    """Up to MOST_PHOTOS files at once."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            label="照片",
            required=False,
            widget=Pictures(attrs={"accept": "image/*"}),
            help_text=f"JPG、PNG 或 WebP，一次最多 {MOST_PHOTOS} 张，每张不超过 10 MB。照片里的拍摄位置会去掉。",
            **kwargs,
        )

    def clean(self, data: Any, initial: Any = None) -> Any:
        files = [super(PicturesField, self).clean(one, initial) for one in data or []]
        if len(files) > MOST_PHOTOS:
            raise ValidationError(TOO_MANY.format(len(files)))
        return files


class OfKind:
    """Mixed into forms about an activity: asks what its kind asks, and reads it back as `details`."""

    fields: dict[str, forms.Field]
    cleaned_data: dict[str, Any]
    kind: str
    known: dict[str, Any]  # the details there are already

    def ask(self: Any, kind: str, known: dict[str, Any], *, over: bool, strict: bool = False) -> None:
        """Add the fields of `kind`: while it is planned those that are known ahead, all when it is `over`. With `strict`
        what the kind needs must be filled in.
        """
        self.kind, self.known = kind, known
        for detail in KINDS[kind].details:
            if over or not detail.afterwards:
                required = strict and detail.name in KINDS[kind].needed
                self.add_field(detail.name, field_of(detail, required=required))
                self.fields[detail.name].initial = known.get(detail.name)

    def settle(
        self: Any, names: Iterable[str], asked: Iterable[str], *, visits: Any, strict: bool = False
    ) -> None:
        """Call and require the common fields `names` as the kind does, and leave out those not in `asked`."""
        needed = KINDS[self.kind].needed
        for name in names:
            if name not in asked:
                self.fields.pop(name, None)
            elif name in self.fields and name in ("theme", "headcount", "days"):
                self.fields[name].label = label_of(self.kind, name)
                self.fields[name].required = strict and name in needed
                self.fields[name].help_text = "按半天计，如 0.5、1.5" if name == "days" else ""
        if "follows" in self.fields:
            self.fields["follows"].visits = visits

    @property
    def asked_details(self) -> list[str]:
        return [detail.name for detail in KINDS[self.kind].details if detail.name in self.fields]

    def details(self) -> dict[str, Any]:
        """What is known now, with what was filled in here."""
        filled = {name: self.cleaned_data.get(name) for name in self.asked_details}
        return {
            name: value for name, value in {**self.known, **filled}.items() if value not in ("", None, [])
        }


def common(kind: str, *, over: bool) -> set[str]:
    """Which of the common fields of an activity a kind asks, ahead or when it is over."""
    asked = KINDS[kind]
    names = {"theme"}
    names |= {"follows"} if asked.follows else set()
    names |= {"headcount"} if asked.people and over else set()
    names |= {"days"} if asked.days and over else set()
    if kind != "RECEPTION":
        names |= {"planned_deputies"}
        names |= {"planned_headcount"} if asked.people else set()
        names |= {"planned_days"} if asked.days else set()
    return names
