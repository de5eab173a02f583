"""What a person decides of a theme: what belongs to it, what it is called, where it goes, what answers all of it."""

import re

from django import forms
from django.utils import timezone

from liaison.core.forms import HouseForm
from liaison.core.steps import NoteForm, OptionalNoteForm, StepForm
from suggestions.dispatch.batch import MOST, is_number
from suggestions.models import Department, Order, Request
from suggestions.workflow import OrderState
from visits.models import Category
from visits.privacy import shown_words

from .models import live_orders


class ByNumbers(forms.ModelMultipleChoiceField):
    """Several things by their numbers."""

    def clean(self, value):
        if not all(is_number(str(one)) for one in value or []):
            raise forms.ValidationError("有的编号不对，请检查。")
        return super().clean(value)


class ByNumber(forms.ModelChoiceField):
    """One thing by its number."""

    def to_python(self, value):
        if value not in self.empty_values and not is_number(str(value)):
            raise forms.ValidationError(self.error_messages["invalid_choice"], code="invalid_choice")
        return super().to_python(value)


class RequestsField(ByNumbers):
    """Requests by their numbers: some are offered as boxes to tick, any that the post sees is taken."""

    widget = forms.CheckboxSelectMultiple(attrs={"class": "rate"})

    def __init__(self, **kwargs):
        super().__init__(queryset=Request.objects.none(), to_field_name="number", **kwargs)

    def offer(self, rows, offered, post):
        self.queryset = rows
        self.widget.choices = [
            (one.number, f"{one.number} {shown_words(one, one.title, post)}（{one.station.name}）")
            for one in offered
        ]


class MoreField(forms.CharField):
    """Numbers of further requests, as people write them: with spaces, commas, or one on each line."""

    def numbers(self, text):
        return [number for number in re.split(r"[\s,，、;；]+", text) if number][:MOST]


def free_requests(post):
    """Those that may be put into a theme."""
    return Request.objects.visible_to(post).filter(theme=None)


class _Taking:
    """Mixed into forms that take requests in, by boxes and by numbers."""

    def clean_more(self):
        numbers = self.fields["more"].numbers(self.cleaned_data["more"])
        found = {one.number: one for one in self.fields["requests"].queryset.filter(number__in=numbers)}
        if missing := [number for number in numbers if number not in found]:
            raise forms.ValidationError(f"没有找到 {'、'.join(missing[:5])}，或者已经归入共性问题。")
        return list(found.values())

    def clean(self):
        cleaned = super().clean() or self.cleaned_data
        ticked = list(cleaned.get("requests") or [])
        more = [one for one in cleaned.pop("more", None) or [] if one not in ticked]
        cleaned["requests"] = ticked + more
        return cleaned


class ThemeForm(_Taking, HouseForm):
    """A new theme: a person has looked at the requests and says that they are one matter."""

    creates = True

    title = forms.CharField(
        label="名称", max_length=40, help_text="一句话说清是什么问题，如“铁路新村暖气不热”"
    )
    category = forms.ModelChoiceField(
        label="类别", queryset=Category.objects.none(), required=False, empty_label="按多数诉求的类别"
    )
    requests = RequestsField(label="哪些诉求", required=False, help_text="逐件看过，是同一个问题的才勾选")
    more = MoreField(label="其他诉求单号", max_length=2000, required=False, help_text="用空格或顿号分开")

    def __init__(self, *args, post, offered=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["category"].queryset = Category.objects.in_use(timezone.localdate())
        self.fields["requests"].offer(free_requests(post), offered, post)


class AddForm(_Taking, StepForm):
    requests = RequestsField(label="说法相近的", required=False, help_text="逐件看过，是同一个问题的才勾选")
    more = MoreField(label="其他诉求单号", max_length=2000, required=False, help_text="用空格或顿号分开")

    def __init__(self, *args, offered=(), **kwargs):
        self.offered = offered
        super().__init__(*args, **kwargs)

    def begin(self):
        self.fields["requests"].offer(free_requests(self.post), self.offered, self.post)


class TakeOutForm(StepForm):
    requests = RequestsField(label="移出哪些")
    note = forms.CharField(label="为什么", max_length=200)

    def begin(self):
        rows = Request.objects.visible_to(self.post).filter(theme=self.thing)
        offered = rows.select_related("station").order_by("-received_on", "-pk")[:MOST]
        self.fields["requests"].offer(rows, offered, self.post)


class RenameForm(StepForm):
    title = forms.CharField(label="名称", max_length=40)
    category = forms.ModelChoiceField(
        label="类别", queryset=Category.objects.none(), required=False, empty_label="不改"
    )
    note = forms.CharField(label="说明", max_length=200, required=False)

    def begin(self):
        self.fields["category"].queryset = Category.objects.in_use(timezone.localdate())
        self.initial |= {"title": self.thing.title, "category": self.thing.category_id}


class ThemeDispatchForm(StepForm):
    lead = forms.ModelChoiceField(
        label="派给哪个单位", queryset=Department.objects.none(), empty_label="请选择"
    )
    days = forms.IntegerField(
        label="几个工作日内答复", required=False, min_value=1, max_value=250, help_text="不填按本地规定"
    )
    note = forms.CharField(label="交办意见", max_length=200, required=False)

    def begin(self):
        departments = Department.objects.visible_to(self.post).to_choose()
        self.fields["lead"].queryset = departments


class ThemeAnswerForm(StepForm):
    """One answer of the department for all that it has in hand."""

    like = ByNumber(
        label="用哪一件的答复",
        queryset=Order.objects.none(),
        to_field_name="number",
        empty_label=None,
        widget=forms.RadioSelect(attrs={"class": "rate"}),
    )
    orders = ByNumbers(
        label="一并答复哪些",
        queryset=Order.objects.none(),
        to_field_name="number",
        widget=forms.CheckboxSelectMultiple(attrs={"class": "rate"}),
        help_text="答复原样写进每一件，请先看清里面没有只属于某一位群众的内容",
    )

    def begin(self):
        own = live_orders(self.post).filter(request__theme=self.thing).select_related("request", "department")
        own = own.exclude(share=Order.Share.HELPER).order_by("-pk")
        answered = own.filter(state=OrderState.REPLIED)
        open_ones = own.filter(state__in=(OrderState.ISSUED, OrderState.ACCEPTED))
        self.fields["like"].queryset, self.fields["orders"].queryset = answered, open_ones
        self.fields["like"].label_from_instance = self._answer
        self.fields["orders"].label_from_instance = self._order
        self.initial.setdefault("like", answered[:1][0].number if answered else None)
        self.initial.setdefault("orders", [order.number for order in open_ones])

    def _order(self, order):
        return f"{order.number} {shown_words(order.request, order.request.title, self.post)}"

    def _answer(self, order):
        return f"{self._order(order)}：{order.text[:60]}"


THEME_FORMS = {
    "add": AddForm,
    "take_out": TakeOutForm,
    "rename": RenameForm,
    "dispatch": ThemeDispatchForm,
    "answer": ThemeAnswerForm,
    "close": OptionalNoteForm,
    "reopen": NoteForm,
}
