"""Forms of appointments. The fields of a step's form are the step's arguments; page and REST use the same."""

from datetime import timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from deputies.models import Mandate
from liaison.core.forms import HouseForm, clean_person_name, clean_phone
from liaison.core.link_pages import FindForm
from liaison.core.steps import OptionalNoteForm, StepForm
from stations.models import Station
from visits.forms import StationField, not_too_far
from visits.models import Appointment, Category, Visit
from visits.privacy import shown_person
from visits.words import day_words

from .booking import deputies_of, free_days


class SlotField(forms.ChoiceField):
    """A slot of a reception day, written HD2026-00012@09:00; cleans to (activity, time), or None where none is chosen.

    One that is taken is not offered, but known: whether it is taken by the same wish sent twice is for the deed to say.
    """

    def __init__(self, *, empty: str, **kwargs) -> None:
        super().__init__(**kwargs)  # what stands in its place where none is chosen, the form says
        self.empty = empty

    def offer(self, days, *, names=True) -> None:
        groups, self.offered = [], {}  # copies of a field share what they do not replace
        for free in days:
            day = free.activity.day
            choices = []
            for at in [*free.slots, *free.taken]:
                key = f"{free.activity.number}@{at:%H:%M}"
                self.offered[key] = (free.activity, at)
                if at not in free.taken:
                    choices.append((key, f"{day_words(day)} {at:%-H:%M}"))
            if choices:
                groups.append((_whose(free, names), choices))
        self.choices = [("", self.empty), *groups]

    def clean(self, value):
        value = self.to_python(value)
        if not value:
            return None
        if value in self.offered:
            return self.offered[value]
        raise ValidationError("这个时段不能约，请另选一个。", code="taken")


def _whose(free, names) -> str:
    """Above the slots of a day: who is expected, or, where there are several stations, which it is."""
    if not names:
        return str(free.activity.station)
    return f"{day_words(free.activity.day)}{free.deputies}"


def slot_key(appointment: Appointment) -> str:
    """The slot that an appointment has, as the field writes it; empty where it has none."""
    if appointment.activity is None or appointment.at is None:
        return ""
    return f"{appointment.activity.number}@{appointment.at:%H:%M}"


def _categories():
    return Category.objects.in_use(timezone.localdate()).top()


class WishForm(HouseForm):
    """What a person asks for: whom, when, what about; and who asks."""

    mandate = forms.ModelChoiceField(
        label="约哪位代表", queryset=Mandate.objects.none(), required=False, empty_label="哪位都可以"
    )
    slot = SlotField(label="什么时候", empty="都不合适，我写希望的时间")
    wish = forms.CharField(
        label="希望的时间", max_length=60, required=False, help_text="上面的都不合适时再写，如：工作日下午"
    )
    subject = forms.CharField(
        label="想谈什么事",
        max_length=Appointment.MAX_SUBJECT,
        widget=forms.Textarea(attrs={"rows": 4, "data-counter": "", "maxlength": Appointment.MAX_SUBJECT}),
        help_text="简单写几句，代表好准备。不用写身份证号。",
    )
    category = forms.ModelChoiceField(
        label="属于哪一类", queryset=Category.objects.none(), required=False, empty_label="说不好，不选"
    )
    name = forms.CharField(label="姓名", max_length=15)
    phone = forms.CharField(label="手机", max_length=20, widget=forms.TextInput(attrs={"inputmode": "tel"}))
    consent = forms.BooleanField(label="同意")

    def __init__(self, *args, stations, public, only=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.stations = list(stations)
        self.days = free_days(self.stations, public=public)
        if only is not None:
            self.days = [free for free in self.days if free.activity == only]
        self.fields["slot"].offer(self.days, names=len(self.stations) == 1)
        if not any(free.slots or free.taken for free in self.days):
            del self.fields["slot"]
            self.fields["wish"].required = True
            self.fields["wish"].help_text = "近期没有可以约的接待日，写您方便的时间，如：工作日下午"
        self.fields["mandate"].queryset = deputies_of(self.stations, timezone.localdate())
        self.fields["category"].queryset = _categories()
        for name, hint in (("name", "name"), ("phone", "tel")):
            self.fields[name].widget.attrs.setdefault("autocomplete", hint if public else "off")

    def clean_name(self):
        return clean_person_name(self.cleaned_data["name"])

    def clean_phone(self):
        return clean_phone(self.cleaned_data["phone"])

    def clean(self):
        cleaned = super().clean()
        if (
            "slot" in self.fields
            and "slot" not in self.errors
            and not cleaned["slot"]
            and not cleaned.get("wish")
        ):
            self.add_error("slot", "请选一个时段，或在下面写希望的时间。")
        return cleaned

    def appointment(self, station, channel) -> Appointment:
        """What was asked for, not kept yet."""
        told = self.cleaned_data
        activity, at = told.get("slot") or (None, None)
        return Appointment(
            station=station,
            mandate=told["mandate"],
            activity=activity,
            day=activity.day if activity else None,
            at=at,
            wish="" if activity else told["wish"],
            subject=told["subject"],
            category=told["category"],
            channel=channel,
        )

    def person(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in ("name", "phone")}


class PublicForm(WishForm):
    """On the public page. No puzzle: a field that people leave empty, and a limit per phone and day."""

    field_order = ["mandate", "slot", "wish", "subject", "category", "name", "phone", "consent"]
    website = forms.CharField(label="这一栏请留空", required=False, max_length=200)

    def __init__(self, *args, station, **kwargs):
        super().__init__(*args, stations=[station], public=True, **kwargs)
        self.fields["phone"].help_text = "只用于联系您，不会公开。"
        self.fields["consent"].label = "我看过上面的说明，同意这样使用我的姓名和手机"
        self.fields["consent"].error_messages["required"] = "不同意就不能在网上约，可以打电话或到站里约。"
        self.fields["website"].widget.attrs |= {"tabindex": "-1", "autocomplete": "off"}

    def clean_website(self):
        if self.cleaned_data["website"]:
            raise ValidationError("这次没有收下。请把这一栏清空，再提交一次。")
        return ""


class EnterForm(WishForm):
    """Staff enter it for somebody who phones or comes."""

    creates = True
    station = StationField(label="站点", queryset=Station.objects.none(), empty_label="请选择")
    channel = forms.ChoiceField(
        label="怎么来约的",
        choices=[choice for choice in Appointment.Channel.choices if choice[0] != Appointment.Channel.WEB],
        widget=forms.RadioSelect,
    )
    field_order = [
        "station", "channel", "name", "phone", "mandate", "slot", "wish", "subject", "category", "consent",
    ]  # fmt: skip

    def __init__(self, *args, stations, **kwargs):
        super().__init__(*args, stations=stations.select_related("area"), public=False, **kwargs)
        self.fields["station"].narrow(stations)
        self.fields["consent"].label = "已告诉本人：姓名和手机只用于安排这次约见，本人同意"
        self.fields["consent"].error_messages["required"] = "请先告诉本人用途，本人同意了再勾选。"

    def clean(self):
        cleaned = super().clean()
        station, slot = cleaned.get("station"), cleaned.get("slot")
        if station and slot and slot[0].station_id != station.pk:
            self.add_error("slot", f"这个时段是{slot[0].station}的，请选{station}的时段，或改站点。")
        return cleaned

    def made(self) -> Appointment:
        return self.appointment(self.cleaned_data["station"], self.cleaned_data["channel"])


class FindAppointmentForm(FindForm):
    number = forms.CharField(label="约见编号", max_length=20, help_text="如 YY2026-00012")


# --- Steps ---------------------------------------------------------------------------------------------------------------


class ArrangeForm(StepForm):
    """Who receives, when and where: a slot of a reception day, or any other day and time."""

    mandate = forms.ModelChoiceField(label="接待代表", queryset=Mandate.objects.none(), empty_label="请选择")
    slot = SlotField(label="接待日时段", empty="不在接待日，另写时间")
    day = forms.DateField(label="另约在哪天", required=False)
    at = forms.TimeField(label="几点", required=False)
    place = forms.CharField(label="地点", max_length=60, required=False, help_text="不填就是站点地址")
    note = forms.CharField(label="给本人的话", max_length=200, required=False, help_text="本人查询时看得到")

    def begin(self):
        thing = self.thing
        rows = deputies_of([thing.station], timezone.localdate())
        self.fields["mandate"].queryset = rows
        if self.post is not None and self.post.role == "DEPUTY":
            del self.fields["mandate"]
        elif thing.mandate in rows:
            self.fields["mandate"].initial = thing.mandate
        self.fields["slot"].offer(free_days([thing.station], public=False, besides=thing))
        self.fields["slot"].initial = slot_key(thing)
        if thing.activity is None:
            self.fields["day"].initial, self.fields["at"].initial = thing.day, thing.at
        self.fields["place"].initial = thing.place

    def clean_day(self):
        return not_too_far(self.cleaned_data["day"]) if self.cleaned_data["day"] else None

    def clean(self):
        cleaned = super().clean()
        if "slot" not in self.fields:
            return cleaned
        slot = cleaned.pop("slot", None)
        day, at = cleaned.get("day"), cleaned.get("at")
        if slot and (day or at):
            self.add_error("slot", "接待日时段和另写的时间只要一个，请去掉一个。")
        elif slot:
            cleaned |= {"activity": slot[0], "day": slot[0].day, "at": slot[1]}
        elif not (day and at) and not {"slot", "day", "at"} & set(self.errors):
            self.add_error("slot", "请选一个时段，或写明另约在哪天、几点。")
        return cleaned


class ConfirmForm(ArrangeForm):
    """Asks only for what the person left open."""

    def begin(self):
        super().begin()
        if self.thing.at is not None:
            for name in ("slot", "day", "at"):
                del self.fields[name]
        if self.thing.mandate is not None:
            self.fields.pop("mandate", None)


class DeclineForm(StepForm):
    note = forms.CharField(
        label="原因，和本人可以怎么办", max_length=200, help_text="本人查询时看得到，如：请向 X 反映，电话 …"
    )


class TurnDownForm(StepForm):
    wish = forms.CharField(label="哪天方便", max_length=60, required=False)


class HoldForm(StepForm):
    visit = forms.ModelChoiceField(
        label="哪一条来访登记", queryset=Visit.objects.none(), empty_label="请选择"
    )

    def begin(self):
        thing = self.thing
        first = (thing.day or timezone.localdate()) - timedelta(days=7)
        rows = Visit.objects.visible_to(self.post).counted().filter(station=thing.station, appointment=None)
        rows = rows.filter(day__gte=first).select_related("visitor", "category").order_by("-day", "-pk")
        self.fields["visit"].queryset = rows
        self.fields["visit"].label_from_instance = lambda visit: (
            f"{visit.number} {shown_person(visit, self.post).name} {visit.category or ''}"
        )


class MissForm(StepForm):
    missed_by = forms.ChoiceField(
        label="为什么没见成", choices=Appointment.MissedBy.choices, widget=forms.RadioSelect
    )
    note = forms.CharField(label="说明", max_length=200, required=False)


APPOINTMENT_FORMS = {
    "confirm": ConfirmForm,
    "propose": ArrangeForm,
    "decline": DeclineForm,
    "accept": OptionalNoteForm,
    "turn_down": TurnDownForm,
    "withdraw": OptionalNoteForm,
    "phone": OptionalNoteForm,
    "hold": HoldForm,
    "miss": MissForm,
}
ANSWER_FORMS = {"accept": StepForm, "turn_down": TurnDownForm, "withdraw": StepForm}  # the person's own
