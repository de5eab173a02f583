"""One form for each page and step. The fields of a step's form are the step's arguments; page and REST use the same."""

import re
from datetime import date, timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone

from deputies.models import Mandate
from liaison.core.forms import HouseForm, HouseModelForm
from liaison.core.steps import NoteForm, OptionalNoteForm, StepForm
from stations.models import Station

from .clock import MAX_BYTES, read_file
from .fields import DaysField, EarlierVisitField, OfKind, common
from .kinds import KINDS
from .models import Activity, Attendance, Notice, ReceptionRule, SheetBatch, Visit
from .models.rule import ORDINALS, WEEKDAYS, rule_days, rule_error
from .models.sheet import tidy_number
from .proposal import LONGEST
from .words import day_words
from .workflow import AttendanceState

MANY_STATIONS = 80  # more than this is no list to choose from: one types the code
FARTHEST = timedelta(days=2 * 366)


def not_too_far(day: date) -> date:
    """A day that is centuries off is a slip of the finger."""
    today = timezone.localdate()
    if day > today + FARTHEST:
        raise ValidationError("日期在两年以后，请检查年份。")
    if day.year < 1980:
        raise ValidationError("日期太早，请检查年份。")
    return day


def check_hours(form: forms.BaseForm, cleaned: dict) -> None:
    start, end = cleaned.get("starts_at"), cleaned.get("ends_at")
    if start and end and end <= start and "ends_at" not in form.errors:
        form.add_error("ends_at", "结束时间要晚于开始时间。")


class StationField(forms.ModelChoiceField):
    """A list to choose from; where there are too many, the code or the whole name is typed."""

    def narrow(self, stations) -> None:
        self.queryset = stations
        if len(stations[: MANY_STATIONS + 1]) > MANY_STATIONS:
            self.widget = forms.TextInput()
            self.help_text = "填站点编号或全名，如 PC03"
        elif len(heads := [station for station in stations if station.parent_id is None] or stations) == 1:
            self.initial = heads[0].pk  # a station and its points: mostly it is the station

    def to_python(self, value):
        if isinstance(self.widget, forms.TextInput) and value and not isinstance(value, Station):
            found = self.queryset.filter(Q(code=str(value).strip()) | Q(name=str(value).strip()))[:2]
            if len(found) != 1:
                raise ValidationError("没有找到这个站点，请检查编号。")
            return found[0]
        return super().to_python(value)

    def prepare_value(self, value):
        if isinstance(self.widget, forms.TextInput) and isinstance(value, int):
            value = self.queryset.filter(pk=value).first()
        if isinstance(self.widget, forms.TextInput) and isinstance(value, Station):
            return value.code
        return super().prepare_value(value)


class AnnounceForm(StepForm):
    on = forms.DateField(label="公示日期", help_text="公示贴出的那一天；今天刚贴就不用改")
    where = forms.MultipleChoiceField(
        label="公示在哪里",
        choices=[choice for choice in Notice.Where.choices if choice[0] != Notice.Where.WEB],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="网上的公开页自动显示，不用选",
    )
    place = forms.CharField(
        label="其他地方", max_length=60, required=False, help_text="如 集市入口、小区单元门"
    )

    def begin(self):
        self.fields["on"].initial = timezone.localdate()
        self.fields["where"].initial = [Notice.Where.DOOR]

    def clean_on(self):
        on = self.cleaned_data["on"]
        if on > timezone.localdate():
            raise ValidationError("公示日期不能晚于今天。")
        if on < self.thing.day - timedelta(days=366):
            raise ValidationError("公示日期比活动早了一年以上，请检查年份。")
        return on


def person(attendance: Attendance) -> str:
    return attendance.mandate.deputy.name


class CloseForm(OfKind, StepForm):
    """Who came and what came of it. What the kind of activity needs must be known now."""

    shown = forms.BooleanField(required=False, initial=True, widget=forms.HiddenInput)
    present = forms.ModelMultipleChoiceField(
        label="来了哪些代表",
        queryset=Attendance.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="没有勾选的，已排班的记为缺席，请假的仍是请假",
    )
    reporting = forms.ModelMultipleChoiceField(
        label="述职的代表",
        queryset=Attendance.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    theme = forms.CharField(label="主题", max_length=60)
    headcount = forms.IntegerField(label="参加群众人数", min_value=0, max_value=100_000, required=False)
    days = DaysField(label="天数", required=False)
    minutes = forms.CharField(label="纪要", required=False, widget=forms.Textarea(attrs={"rows": 4}))
    minutes_by = forms.CharField(label="纪要记录人", max_length=30, required=False)

    COMMON = ("theme", "headcount", "days")

    def begin(self):
        rows = self.thing.attendances.on_roster().select_related("mandate__deputy")
        for name in ("present", "reporting"):
            self.fields[name].queryset = rows.order_by("mandate__deputy__pinyin", "pk")
            self.fields[name].label_from_instance = lambda row: f"{person(row)}（{row.get_state_display()}）"
        came = rows.filter(
            Q(state__in=(AttendanceState.PRESENT, AttendanceState.CONFIRMED))
            | Q(mandate__in=self.thing.visits.counted().values("received_by"))
        )
        if self.is_bound:
            pass
        elif not rows:
            del self.fields["present"]
        else:
            self.fields["present"].initial = list(came.values_list("pk", flat=True))
        self._begin_kind()
        last = [name for name in ("minutes", "minutes_by") if name in self.fields]
        self.order_fields([name for name in self.fields if name not in last] + last)

    def _begin_kind(self):
        activity = self.thing
        self.ask(activity.kind, activity.details, over=True, strict=True)
        asked = common(activity.kind, over=True) - ({"theme"} if activity.theme else set())
        if "theme" not in KINDS[activity.kind].needed:
            asked.discard("theme")  # may stay empty; a page for corrections has it
        self.settle(self.COMMON, asked, visits=None, strict=True)
        for name in ("days", "headcount", "minutes", "minutes_by"):
            if name in self.fields:
                self.fields[name].initial = getattr(activity, name)
        if activity.planned_days and activity.days is None and "days" in self.fields:
            self.fields["days"].initial = activity.planned_days
        if not KINDS[activity.kind].reporting:
            del self.fields["reporting"]
        else:
            kept = activity.attendances.filter(mandate__in=activity.reporting.all())
            self.fields["reporting"].initial = list(kept.values_list("pk", flat=True))
            self.fields["reporting"].required = True
        if self.is_bound and "shown" not in self.data:  # a program names only what is new
            self._keep_what_is_known()

    def _keep_what_is_known(self):
        self.data = self.data.copy()
        for name in ("days", *self.asked_details):
            value = self.fields[name].initial if name in self.fields else None
            if value not in (None, "", []) and name not in self.data:
                self.data.setlist(name, value if isinstance(value, list) else [value])

    def clean(self):
        cleaned = super().clean()
        # A program that says nothing of who came leaves the roster as it was marked; a page shows the boxes.
        if not cleaned.pop("shown", False) and "present" not in self.data:
            cleaned["present"] = None
        cleaned["details"] = self.details()
        for name in self.asked_details:
            cleaned.pop(name, None)
        return cleaned


class MoveForm(StepForm):
    day = forms.DateField(label="改到哪天")
    starts_at = forms.TimeField(label="开始时间")
    ends_at = forms.TimeField(label="结束时间")
    note = forms.CharField(label="改期的原因", max_length=200, help_text="会告诉名单上的代表，也请重新公示")

    def begin(self):
        for name in ("day", "starts_at", "ends_at"):
            self.fields[name].initial = getattr(self.thing, name)
        self.fields["starts_at"].required = self.fields["ends_at"].required = False

    def clean_day(self):
        return not_too_far(self.cleaned_data["day"])

    def clean(self):
        cleaned = super().clean()
        for name in ("starts_at", "ends_at"):
            if name in cleaned:
                cleaned[name] = cleaned[name] or getattr(self.thing, name)
        check_hours(self, cleaned)
        return cleaned


class CancelForm(StepForm):
    note = forms.CharField(label="取消的原因", max_length=200, help_text="会告诉名单上的代表")
    replacement = forms.ModelChoiceField(
        label="改为哪一次", queryset=Activity.objects.none(), required=False, empty_label="没有改期"
    )

    def begin(self):
        rows = Activity.objects.ahead().filter(
            station=self.thing.station, kind=self.thing.kind, replaces=None
        )
        rows = rows.filter(day__gte=timezone.localdate()).exclude(pk=self.thing.pk)
        self.fields["replacement"].queryset = rows.order_by("day", "pk")
        self.fields["replacement"].label_from_instance = lambda row: (
            f"{row.day:%-m月%-d日} {row.starts_at:%-H:%M}（{row.get_state_display()}）"
        )


class SubstituteForm(StepForm):
    mandate = forms.ModelChoiceField(label="换成哪位代表", queryset=Mandate.objects.none())
    note = forms.CharField(label="说明", max_length=200, required=False)

    def begin(self):
        self.fields["mandate"].queryset = candidates(self.thing.activity, self.post)


class ArriveForm(StepForm):
    code = forms.CharField(
        label="现场屏幕上的签到码", max_length=20, help_text="二维码下面的 8 个字母和数字，半分钟一换"
    )

    def begin(self):
        self.fields["code"].widget.attrs |= {"autocomplete": "off", "autocapitalize": "characters"}


class ContestForm(StepForm):
    note = forms.CharField(
        label="哪里不对", max_length=200, help_text="写明当天的情况，联络站或人大机关会答复您"
    )


class CorrectForm(StepForm):
    note = forms.CharField(
        label="说明",
        max_length=200,
        required=False,
        help_text="会告诉代表。活动不用重新打开，统计数字随之更正",
    )


class KeepForm(StepForm):
    note = forms.CharField(label="维持的理由", max_length=200, help_text="会告诉代表")


ACTIVITY_FORMS = {
    "announce": AnnounceForm,
    "begin": OptionalNoteForm,
    "close": CloseForm,
    "reopen": NoteForm,
    "move": MoveForm,
    "cancel": CancelForm,
    "announce_cancel": AnnounceForm,
}
ATTENDANCE_FORMS = {
    "confirm": OptionalNoteForm,
    "ask_leave": NoteForm,
    "grant_leave": OptionalNoteForm,
    "refuse_leave": OptionalNoteForm,
    "arrive": ArriveForm,
    "check_in": OptionalNoteForm,
    "mark_absent": OptionalNoteForm,
    "substitute": SubstituteForm,
    "contest": ContestForm,
    "drop_contest": OptionalNoteForm,
    "correct_present": CorrectForm,
    "correct_leave": CorrectForm,
    "keep": KeepForm,
}


class FillForm(StepForm):
    """Which visit a sheet was typed in as, where that was not said at once."""

    visit = forms.CharField(label="来访登记编号", max_length=20, help_text="如 JD20261111-003")

    def clean_visit(self):
        number = tidy_number(self.cleaned_data["visit"])
        rows = Visit.objects.visible_to(self.post).filter(station=self.thing.station_id, sheet=None)
        found = rows.filter(number=number).first()
        if found is None:
            raise ValidationError("本站没有这个编号的登记，或者它已经有纸质表编号了，请核对。")
        return found


class BatchForm(HouseModelForm):
    """Blank sheets to be handed out."""

    creates = True
    station = StationField(label="站点", queryset=Station.objects.none(), empty_label="请选择")
    activity = forms.ModelChoiceField(
        label="接待日", queryset=Activity.objects.none(), required=False, widget=forms.HiddenInput
    )

    class Meta:
        model = SheetBatch
        fields = ["station", "kind", "count", "activity"]
        widgets = {"kind": forms.RadioSelect}

    def __init__(self, *args, stations, days, activity=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["station"].narrow(stations)
        self.fields["activity"].queryset = days
        if activity is not None:
            self.initial |= {"activity": activity, "station": activity.station}
        self.fields["count"].widget.attrs |= {"min": 1, "max": SheetBatch.MOST}


SHEET_FORMS = {"fill": FillForm, "void": NoteForm, "restore": OptionalNoteForm}


def candidates(activity: Activity, post):
    """Mandates of the station on that day, and all others that `post` sees, which are not on the roster yet."""
    placed = Q(pk__in=Mandate.objects.at_station(activity.station, activity.day).values("pk"))
    seen = Q(pk__in=Mandate.objects.visible_to(post).values("pk"))
    rows = Mandate.objects.filter(placed | seen).exclude(pk__in=activity.attendances.values("mandate"))
    return rows.select_related("deputy", "term__congress").order_by("deputy__pinyin", "pk")


class RosterForm(HouseForm):
    mandates = forms.ModelMultipleChoiceField(
        label="代表",
        queryset=Mandate.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "请勾选要排的代表。"},
    )

    def __init__(self, *args, activity, post, offered, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["mandates"].queryset = candidates(activity, post)
        self.fields["mandates"].choices = [(row.pk, str(row)) for row in offered]

    def clean_mandates(self):
        return list(self.cleaned_data["mandates"])


class ClockFileForm(HouseForm):
    """A device's file; cleaned, it is the lines that it holds."""

    file = forms.FileField(
        label="考勤文件",
        help_text="考勤设备导出的 csv 或 xlsx，要有“姓名”或“工号”（代表证号）和“时间”两列，2 MB 以内",
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.xlsx"}),
    )

    def clean_file(self):
        upload = self.cleaned_data["file"]
        if upload.size > MAX_BYTES:
            raise ValidationError("文件超过 2 MB。请在考勤设备上只导出这一天的记录。")
        return read_file(upload.read())


class ClockForm(HouseForm):
    """Whom to check in of those that a file names; conflicts are for staff to tick."""

    unmarked = True
    read = forms.CharField(widget=forms.HiddenInput)
    came = forms.TypedMultipleChoiceField(
        label="给哪些代表签到", coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args, matches, **kwargs):
        super().__init__(*args, **kwargs)
        conflicts = (AttendanceState.LEAVE, AttendanceState.SUBSTITUTED)
        self.fields["came"].choices = [
            (match.attendance.pk, self._words(match, conflicts)) for match in matches
        ]
        self.fields["came"].initial = [
            match.attendance.pk for match in matches if match.attendance.state not in conflicts
        ]

    def _words(self, match, conflicts):
        row = match.attendance
        words = f"{person(row)}：{timezone.localtime(match.at):%-H:%M} 到"
        if match.times > 1:
            words += f"，打卡 {match.times} 次，按最早的算"
        if row.state in conflicts:
            words += f"。名单上是“{row.get_state_display()}”，确实到会的请勾选，改为已到"
        return words


class ProposalForm(HouseForm):
    """For which days a roster is proposed."""

    station = StationField(label="站点", queryset=Station.objects.none(), empty_label="请选择")
    first = forms.DateField(label="从")
    last = forms.DateField(label="到")
    size = forms.IntegerField(label="每次几位代表", min_value=1, max_value=20)
    mixed = forms.ChoiceField(
        label="层级搭配", choices=[("yes", "尽量不同层级"), ("no", "不限")], widget=forms.RadioSelect
    )

    def __init__(self, *args, stations, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["station"].narrow(stations)

    def clean_first(self):
        return max(not_too_far(self.cleaned_data["first"]), timezone.localdate())

    def clean_last(self):
        return not_too_far(self.cleaned_data["last"])

    def clean(self):
        cleaned = super().clean()
        first, last = cleaned.get("first"), cleaned.get("last")
        if first and last and last < first:
            self.add_error("last", "止日不能早于起日，也不能早于今天。")
        elif first and last and last - first > LONGEST:
            self.add_error("last", f"一次最多排 {LONGEST.days} 天，请把时间缩短。")
        return cleaned


class RotaForm(HouseForm):
    """The proposal, to be changed: for each day who is proposed, the next best, and everybody else who may sit."""

    creates = True
    unmarked = True
    NEXT = 3  # names offered beside those proposed

    def __init__(self, *args, plan, picks, **kwargs):
        super().__init__(*args, **kwargs)
        self.plan = plan
        self.days = {}
        for day, duty in zip(plan.days, plan.duties, strict=True):
            ticked = {pick.seat.mandate: pick for pick in picks if pick.duty == day.pk}
            able = [seat for seat in plan.seats if seat.may_sit(day.day) and seat.mandate not in ticked]
            able.sort(key=lambda seat: (seat.recent, seat.last_on or date.min, seat.person, seat.mandate))
            near, far = able[: self.NEXT], able[self.NEXT :]
            said = [(key, f"{label_of(pick.seat)}：{pick.reason}") for key, pick in ticked.items()]
            said += [(seat.mandate, f"{label_of(seat)}：备选，近一年坐班 {seat.recent} 次") for seat in near]
            self.days[day.pk] = day
            already = "、".join(plan.rostered.get(day.pk, [])) or "还没有"
            short = duty.wanted - len(ticked)
            self.fields[f"day_{day.pk}"] = forms.TypedMultipleChoiceField(
                label=f"{day_words(day.day)}{day.starts_at:%-H:%M}—{day.ends_at:%-H:%M}",
                help_text=f"已在名单里：{already}{f'。还差 {short} 位，没有能排的代表' if short > 0 else ''}",
                choices=said,
                coerce=int,
                required=False,
                initial=list(ticked),
                widget=forms.CheckboxSelectMultiple,
            )
            if far:
                self.fields[f"more_{day.pk}"] = forms.TypedChoiceField(
                    label=f"{day.day:%-m月%-d日}另加一位",
                    choices=[("", "不加"), *((seat.mandate, label_of(seat)) for seat in far)],
                    coerce=int,
                    empty_value=None,
                    required=False,
                )

    def clean(self):
        cleaned = super().clean()
        seats = {seat.mandate: seat for seat in self.plan.seats}
        asked, sits = [], set()
        for key, day in self.days.items():
            more = cleaned.get(f"more_{key}")
            for mandate in [*cleaned.get(f"day_{key}", []), *([more] if more else [])]:
                person = (seats[mandate].person, day.day)
                if person in sits:
                    self.add_error(f"day_{key}", f"{seats[mandate].name}在这一天勾选了两次，请去掉一次。")
                sits.add(person)
                asked.append((day, mandate))
        found = Mandate.objects.select_related("deputy__user").in_bulk([mandate for _, mandate in asked])
        self.chosen = [(day, found[mandate]) for day, mandate in asked if mandate in found]
        if not asked and not self.errors:
            raise ValidationError("一位代表都没有勾选。请勾选要排的代表。")
        return cleaned


def label_of(seat) -> str:
    return f"{seat.name}（{seat.level}）"


class ActivityForm(OfKind, HouseModelForm):
    """A day planned by hand. Which fields there are depends on the kind, which stands in what was sent or in `initial`."""

    creates = True
    over = False  # planned, not yet held
    kind = forms.ChoiceField(label="类型", choices=Activity.Kind.choices, widget=forms.HiddenInput)
    station = StationField(label="站点", queryset=Station.objects.none(), empty_label="请选择")
    planned_days = DaysField(label="计划天数", required=False, help_text="按半天计，如 0.5、1.5")
    follows = EarlierVisitField(required=False)

    class Meta:
        model = Activity
        fields = [
            "kind", "station", "day", "starts_at", "ends_at", "theme", "place", "follows", "planned_deputies",
            "planned_headcount", "planned_days",
        ]  # fmt: skip

    COMMON = (
        "theme",
        "follows",
        "headcount",
        "days",
        "planned_deputies",
        "planned_headcount",
        "planned_days",
    )

    def __init__(self, *args, stations, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["station"].narrow(stations)
        kind = self.data.get("kind") if self.is_bound else self.initial.get("kind")
        if kind not in self.kinds():
            kind = self.kinds()[0]
        self.initial["kind"] = self.fields["kind"].initial = kind
        self.ask(kind, {}, over=self.over, strict=self.over)
        visits = Visit.objects.counted().filter(station__in=stations)
        self.settle(self.COMMON, common(kind, over=self.over), visits=visits, strict=self.over)

    def kinds(self):
        return Activity.Kind.values

    def clean_day(self):
        return not_too_far(self.cleaned_data["day"])

    def clean(self):
        cleaned = super().clean()
        check_hours(self, cleaned)
        return cleaned

    def values(self):
        return super().values() | {"details": self.details()}


class EditForm(OfKind, HouseModelForm):
    """What may be corrected without a step. The hours of a day that was announced, or on which somebody is to be met,
    change only by moving it.
    """

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    days = DaysField(label="天数", required=False)
    planned_days = DaysField(label="计划天数", required=False, help_text="按半天计，如 0.5、1.5")
    follows = EarlierVisitField(required=False)

    class Meta:
        model = Activity
        fields = [
            "theme", "place", "starts_at", "ends_at", "follows", "planned_deputies", "planned_headcount", "planned_days",
            "headcount", "days", "minutes", "minutes_by",
        ]  # fmt: skip
        widgets = {"minutes": forms.Textarea(attrs={"rows": 6})}

    COMMON = ActivityForm.COMMON

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial["version"] = self.instance.version
        activity = self.instance
        over = activity.day <= timezone.localdate()
        closed = activity.state == Activity.State.CLOSED
        if activity.state != Activity.State.PLANNED or activity.appointments.live().exists():
            del self.fields["starts_at"], self.fields["ends_at"]
        self.ask(activity.kind, activity.details, over=over, strict=closed)
        visits = Visit.objects.counted().filter(station=activity.station)
        self.settle(self.COMMON, common(activity.kind, over=over), visits=visits, strict=closed)
        if closed:
            for name in ("theme", "place", "planned_deputies", "planned_headcount", "planned_days"):
                self.fields.pop(name, None)  # what was planned stays as it was
        last = [name for name in ("minutes", "minutes_by") if name in self.fields]
        self.order_fields([name for name in self.fields if name not in last] + last)
        if "headcount" in self.fields:
            self.fields["headcount"].required = False

    def clean_headcount(self):
        return self.cleaned_data["headcount"] or 0

    def clean(self):
        cleaned = super().clean()
        check_hours(self, cleaned)
        return cleaned

    def values(self):
        return super().values() | ({"details": self.details()} if KINDS[self.kind].details else {})


class RuleForm(HouseModelForm):
    """A recurrence as people say it; the last way takes any RRULE that the house understands."""

    creates = True
    unmarked = True  # which of the ways must be filled in depends on the one chosen

    class How:
        MONTH_DAY, WEEK, NTH, CUSTOM = "month_day", "week", "nth", "custom"
        CHOICES = [
            (MONTH_DAY, "每月几日"),
            (WEEK, "每周几"),
            (NTH, "每月第几个周几"),
            (CUSTOM, "自己写重复规则"),
        ]

    DAYS = list(WEEKDAYS.items())
    station = StationField(label="站点", queryset=Station.objects.none(), empty_label="请选择")
    how = forms.ChoiceField(
        label="怎么重复", choices=How.CHOICES, widget=forms.RadioSelect, initial=How.MONTH_DAY
    )
    month_days = forms.CharField(
        label="每月几日",
        max_length=60,
        required=False,
        help_text="如 11；几天用顿号隔开，如 5、20；最后一天填“末”",
    )
    week_days = forms.MultipleChoiceField(
        label="每周几", choices=DAYS, widget=forms.CheckboxSelectMultiple, required=False
    )
    nth = forms.TypedChoiceField(
        label="每月第几个", choices=list(ORDINALS.items()), coerce=int, required=False
    )
    nth_day = forms.ChoiceField(label="周几", choices=DAYS, required=False)
    recurrence = forms.CharField(
        label="重复规则",
        max_length=120,
        required=False,
        help_text="前三种都排不出来时才用。按 RFC 5545 写，如每两周的周二：FREQ=WEEKLY;INTERVAL=2;BYDAY=TU",
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = ReceptionRule
        fields = [
            "station", "recurrence", "first_on", "last_on", "starts_at", "ends_at", "holiday", "theme", "place",
        ]  # fmt: skip
        widgets = {"holiday": forms.RadioSelect}

    field_order = [
        "station", "how", "month_days", "week_days", "nth", "nth_day", "recurrence",
        "first_on", "last_on", "starts_at", "ends_at", "holiday", "theme", "place",
    ]  # fmt: skip
    PARTS = ("month_days", "week_days", "nth", "nth_day", "recurrence")

    def __init__(self, *args, stations, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["station"].narrow(stations)
        self.fields["holiday"].choices = ReceptionRule.Holiday.choices
        self.initial |= said(self.instance.recurrence) if self.instance.recurrence else {}
        self.initial.setdefault("first_on", timezone.localdate())
        for name in ("last_on", "theme", "place"):
            self.fields[name].label += "（选填）"

    def clean_first_on(self):
        return not_too_far(self.cleaned_data["first_on"])

    def clean(self):
        cleaned = super().clean()
        check_hours(self, cleaned)
        field, text = self._recurrence(cleaned)
        cleaned["recurrence"] = ""
        if field in self.errors or "first_on" not in cleaned:
            return cleaned
        if not text:
            self.add_error(field, "请填写在哪一天。")
        elif error := rule_error(text, cleaned["first_on"]):
            self.add_error(field, error)
        elif cleaned.get("last_on") and not any(rule_days(text, cleaned["first_on"], cleaned["last_on"])):
            self.add_error("last_on", "到这天为止一天也排不出，请检查起止日期。")
        else:
            cleaned["recurrence"] = text
        return cleaned

    def _recurrence(self, cleaned) -> tuple[str, str]:
        """Which field says it, and the RRULE that it means (empty: nothing was filled in)."""
        match cleaned.get("how"):
            case self.How.WEEK:
                days = ",".join(cleaned.get("week_days") or [])
                return "week_days", f"FREQ=WEEKLY;BYDAY={days}" if days else ""
            case self.How.NTH:
                return "nth_day", f"FREQ=MONTHLY;BYDAY={cleaned.get('nth')}{cleaned.get('nth_day')}"
            case self.How.CUSTOM:
                text = re.sub(r"\s", "", cleaned.get("recurrence") or "").upper().removeprefix("RRULE:")
                return "recurrence", text
            case _:
                days = re.sub(
                    r"[末\s]+",
                    lambda found: "-1" if "末" in found[0] else "",
                    cleaned.get("month_days") or "",
                )
                days = re.sub(r"[、，,;；和]+", ",", days.replace("日", "").replace("号", "")).strip(",")
                return "month_days", f"FREQ=MONTHLY;BYMONTHDAY={days}" if days else ""


def said(text: str) -> dict:
    """A recurrence as the form's fields, where they can say it."""
    parts = dict(part.partition("=")[::2] for part in text.split(";"))
    how, keys = RuleForm.How, set(parts)
    days = parts.get("BYDAY", "").split(",")
    if keys == {"FREQ", "BYMONTHDAY"} and parts["FREQ"] == "MONTHLY":
        words = parts["BYMONTHDAY"].replace(",", "、").replace("-1", "末")
        if "-" not in words:
            return {"how": how.MONTH_DAY, "month_days": words, "recurrence": ""}
    if keys == {"FREQ", "BYDAY"} and parts["FREQ"] == "WEEKLY" and set(days) <= set(WEEKDAYS):
        return {"how": how.WEEK, "week_days": days, "recurrence": ""}
    if keys == {"FREQ", "BYDAY"} and parts["FREQ"] == "MONTHLY" and len(days) == 1 and len(days[0]) > 2:
        return {"how": how.NTH, "nth": int(days[0][:-2]), "nth_day": days[0][-2:], "recurrence": ""}
    return {"how": how.CUSTOM, "recurrence": text}


class EndRuleForm(StepForm):
    last_on = forms.DateField(
        label="到哪天止", initial=timezone.localdate, help_text="这天以后还没有动过的接待日会取消"
    )
    note = forms.CharField(label="停用的原因", max_length=200)
