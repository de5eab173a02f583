"""Which area and which days the figures are asked for."""

from dataclasses import replace
from datetime import date
from functools import cache, partial
from typing import Any, ClassVar, Self
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import Http404
from django.utils import timezone

from liaison.accounts.models import Area, Post
from liaison.core.forms import HouseForm
from stations.models import Station
from visits.models import Category

from .known import NotYet, moment_of
from .metrics import EARLIEST, Ask, askable_areas
from .parts import NO_CATEGORY, Part
from .periods import Kind, Period, presets, said

CODE_LENGTH = 12


def full_code(code: Any) -> str:
    """An area may be named by its code without the zeros at the end: 140213."""
    return str(code or "").strip().ljust(CODE_LENGTH, "0")


class AreaField(forms.ModelChoiceField):
    def to_python(self, value: Any) -> Area | None:
        return super().to_python(full_code(value) if value and not isinstance(value, Area) else value)

    def prepare_value(self, value: Any) -> Any:
        return value.code if isinstance(value, Area) else full_code(value)


class AskForm(HouseForm):
    """What is asked of an area in sight. Read with GET, by the same names as in REST; what is not said has a default."""

    UNSEEN = frozenset(
        {"area", "station", "category", "own"}
    )  # nobody types these: what is wrong there is not there

    area = AreaField(label="区划", queryset=Area.objects.none(), to_field_name="code", empty_label=None)

    def __init__(self, query: Any, *, post: Post, today: date) -> None:
        self.post, self.today = post, today
        start = {"area": post.area.code, **self.usual_days()}
        query = query.copy()
        for name, value in start.items():
            if not query.get(self.add_prefix(name)):
                query[self.add_prefix(name)] = str(value)
        super().__init__(query, initial=start)
        field: Any = self.fields["area"]
        field.queryset = askable_areas(post)
        field.choices = cache(partial(near_areas, post, query["area"]))  # only where the form is shown

    @classmethod
    def sent_by(cls, request: Any, **more: Any) -> Self:
        """The form as a page is asked; an area or station out of sight is as one that does not exist."""
        form = cls(request.GET, post=request.post, today=timezone.localdate(), **more)
        if form.errors.keys() & cls.UNSEEN:
            raise Http404
        return form

    def usual_days(self) -> dict[str, Any]:
        """The days, or the year, that are meant where none are said, by the name of the field."""
        raise NotImplementedError


class KnownField(forms.DateField):
    """As known when: a day, of which the end is meant, or a moment. Cleaned to the moment; None: now."""

    def to_python(self, value: Any) -> Any:
        text = str(value or "").strip()
        try:
            return moment_of(text) if text else None
        except NotYet:
            raise ValidationError("还没有到这一天，请选今天或以前的日期。") from None
        except ValueError:
            raise ValidationError("日期不对，应写成 2026-11-03 这样。") from None

    def prepare_value(self, value: Any) -> str:
        return str(value or "")[: len("2026-11-03")]


class PeriodForm(AskForm):
    NAMES = {"first": "from", "last": "to"}  # `from` is a word of Python

    first = forms.DateField(label="从")
    last = forms.DateField(label="到")

    def usual_days(self) -> dict[str, date]:
        return {"first": date(self.today.year, 1, 1), "last": self.today}

    def add_prefix(self, field_name: str) -> str:
        return self.NAMES.get(field_name, field_name)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        check_days(self, self.today)
        return data


def check_days(form: Any, today: date) -> None:
    """Refuse days `first` to `last` that are no period, or of which nothing can be known."""
    first, last = (form.cleaned_data.get(name) for name in ("first", "last"))
    if first and first < EARLIEST:
        form.add_error("first", f"开始日期最早是 {EARLIEST:%Y年%-m月%-d日}，请检查。")
    if last and last.year > today.year + 1:
        form.add_error("last", f"结束日期最晚是 {today.year + 1} 年底，请检查。")
    if first and last and first > last:
        form.add_error("last", "结束日期不能早于开始日期，请检查。")


class FigureForm(PeriodForm):
    """What figures are asked for; the same on the page, in the lists behind it and in REST."""

    as_of = KnownField(label="按哪一天所知", required=False)

    def ask(self) -> Ask:
        """What a valid form asks."""
        return Ask(
            *(self.cleaned_data[name] for name in ("area", "first", "last")),
            self.post,
            self.cleaned_data["as_of"],
        )

    def address(self, first: date | None = None, last: date | None = None) -> str:
        """The question as the query of an address, with other days where they are given."""
        told = self.cleaned_data
        query = said(first or told["first"], last or told["last"], told["area"])
        if told["as_of"]:
            query["as_of"] = self["as_of"].data
        return urlencode(query)


class StepForm(FigureForm):
    """For a step of the five orders: what the period means."""

    STEP, RECEIVED = "step", "received"

    by = forms.ChoiceField(
        label="统计期指",
        choices=[(STEP, "办这一步的日期"), (RECEIVED, "收到诉求的日期")],
        required=False,
    )

    def ask(self) -> Ask:
        return replace(super().ask(), cohort=self.cleaned_data.get("by") == self.RECEIVED)


class PartForm(StepForm):
    """For the records behind one number of a table: of one station, of some categories, of none of the areas below."""

    station = forms.ModelChoiceField(
        Station.objects.none(), to_field_name="code", required=False, widget=forms.HiddenInput
    )
    category = forms.TypedMultipleChoiceField(coerce=int, required=False, widget=forms.MultipleHiddenInput)
    own = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(self, query: Any, *, steps: bool = True, **kwargs: Any) -> None:
        super().__init__(query, **kwargs)
        if not steps:
            del self.fields["by"]
        stations: Any = self.fields["station"]
        stations.queryset = Station.objects.visible_to(self.post)
        self.offer_categories()

    def offer_categories(self) -> None:
        """Those that were asked for, if there are such."""
        if not (asked := self.data.getlist("category")):
            return
        field: Any = self.fields["category"]
        known = Category.objects.top().filter(pk__in=[one for one in asked if one.isdecimal()])
        self.categories = list(known.order_by("rank", "pk"))
        field.choices = [(NO_CATEGORY, "未分类"), *((one.pk, one.name) for one in self.categories)]

    @property
    def is_narrowed(self) -> bool:
        return any(self.cleaned_data.get(name) for name in ("station", "category", "own"))

    def part(self) -> Part | None:
        """What was asked for, if it is less than everything."""
        told = self.cleaned_data
        if not self.is_narrowed:
            return None
        return Part(
            told["station"], tuple(told["category"]), self.cleaned_data["area"] if told["own"] else None
        )

    def ask(self) -> Ask:
        return replace(super().ask(), part=self.part())

    def part_words(self) -> str:
        """南关街道联络站，供暖"""
        told, field = self.cleaned_data, self.fields["category"]
        names = dict(getattr(field, "choices", ()))
        words = [
            *([told["station"].name] if told["station"] else []),
            *(["、".join(names[one] for one in told["category"])] if told["category"] else []),
            *([f"只看{told['area'].name}本级的"] if told["own"] else []),
        ]
        return "，".join(words)


def near_areas(post: Post, code: str) -> list[tuple[str, str]]:
    """Choices around the area that is shown: those above it, beside it and below it. A province has too many for all."""
    here = askable_areas(post).filter(code=full_code(code)).first() or post.area
    beside = Q(parent=here.parent_id) if here.parent_id else Q()
    near = askable_areas(post).filter(Q(path__in=here.path_and_above) | beside | Q(parent=here))
    rows = list(near.order_by("path"))
    top = min((len(row.path_and_above) for row in rows), default=0)
    return [(row.code, "　" * (len(row.path_and_above) - top) + row.name) for row in rows]


# --- Which period is asked for: on a page by its name or its days, by a program with its code -----------------------------

FREE = "free"


class NamedPeriodForm(HouseForm):
    """By its name, or by free days. `OFFERED`: keys of `presets`; `SAID`: how words and period stand in the choice."""

    OFFERED: ClassVar[tuple[str, ...]] = ()
    SAID: ClassVar[str] = "{}：{}"

    period_name = forms.ChoiceField(label="统计期", widget=forms.RadioSelect)
    first = forms.DateField(label="从哪天", required=False)
    last = forms.DateField(label="到哪天", required=False)

    def offer(self, today: date) -> None:
        every = presets(today)
        self.periods = {key: every[key][1] for key in self.OFFERED}
        field: Any = self.fields["period_name"]
        named = [(key, self.SAID.format(every[key][0], period.label)) for key, period in self.periods.items()]
        field.choices = [*named, (FREE, "自己选日期")]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("period_name") == FREE:
            for name in ("first", "last"):
                if name not in self.errors and not data.get(name):
                    self.add_error(name, "请选日期。")
            if data.get("first") and data.get("last") and data["first"] > data["last"]:
                self.add_error("last", "结束日期不能早于开始日期，请检查。")
        return data

    def asked_period(self) -> Period:
        told = self.cleaned_data
        if told["period_name"] == FREE:
            return Period.named(told["first"], told["last"])
        return self.periods[told["period_name"]]


class CodedPeriodForm(HouseForm):
    """By its kind and code."""

    kind = forms.ChoiceField(label="种类", choices=Kind.choices)
    period = forms.CharField(label="统计期", max_length=30)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if "kind" in data and "period" in data:
            try:
                self._period = self.read(data["kind"], data["period"])
            except ValueError as error:
                self.add_error("period", ValidationError(str(error)))
        return data

    def read(self, kind: str, text: str) -> Period:
        """Raises ValueError with a sentence."""
        return Period.read(kind, text)

    def asked_period(self) -> Period:
        return self._period
