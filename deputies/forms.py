"""Forms about deputies. Choices end where the acting post's sight ends."""

from datetime import timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.urls import reverse_lazy
from django.utils import timezone

from liaison.accounts.models import Area, Role, User
from liaison.core.choices import AreaField, ThingField, areas_for
from liaison.core.forms import HouseForm, HouseModelForm, clean_person_name, clean_phone
from liaison.core.steps import NoteForm, OptionalNoteForm, StepForm
from stations.forms import EndForm, StationField
from stations.models import Station

from .models import Deputy, DeputyGroup, GroupMembership, Mandate, StationAssignment, Term

__all__ = ["EndForm"]

OPTIONS = reverse_lazy("deputies:options")


class DeputyField(ThingField):
    unknown = "没有找到代表“{typed}”，请写姓名、拼音或首字母。"

    def words(self, thing):
        return thing.name

    def search(self, things, typed):
        return things.named(typed)


class TermField(ThingField):
    def search(self, things, typed):
        return things.filter(congress__name__contains=typed)


class GroupField(ThingField):
    def search(self, things, typed):
        return things.filter(name__contains=typed)


class AccountField(ThingField):
    unknown = "没有找到账号“{typed}”，请先办理账号和代表岗位。"

    def label_of(self, thing):
        return f"{thing.name} {thing.username}"

    def search(self, things, typed):
        return things.filter(Q(name__contains=typed) | Q(username__startswith=typed))


def terms_for(post):
    terms = Term.objects.concerning(post.area).select_related("congress")
    return terms.order_by("-from_on", "congress__name", "pk")


def groups_for(post, on):
    return DeputyGroup.objects.visible_to(post).existing(on).order_by("area_path", "name")


def accounts_for(post):
    """Accounts with a deputy's post in the area that no deputy has yet."""
    areas = Area.objects.visible_to(post)
    return (
        User.objects.filter(posts__role=Role.DEPUTY, posts__area__in=areas).distinct().order_by("name", "pk")
    )


def _consent():
    return forms.MultipleChoiceField(
        label="本人同意公开的内容",
        choices=list(Deputy.PUBLISHABLE.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="姓名、层级和选区依法公开。这里没有选的，公众页面不显示。",
    )


class _Person(HouseModelForm):
    name = forms.CharField(label="姓名", help_text="2 到 15 个字，中间可以有“·”")
    sex = forms.ChoiceField(label="性别", choices=Deputy.Sex.choices, widget=forms.RadioSelect)
    consent = _consent()

    class Meta:
        model = Deputy
        fields = [
            "name", "sex", "ethnicity", "birth", "party", "education", "occupation", "employer", "duty", "card_no", "phone",
            "consent",
        ]  # fmt: skip

    def clean_name(self):
        return clean_person_name(self.cleaned_data["name"])

    def clean_phone(self):
        return clean_phone(self.cleaned_data["phone"])

    def clean_card_no(self):
        return self.cleaned_data["card_no"] or None

    def clean_birth(self):
        birth = self.cleaned_data["birth"]
        if birth is not None and birth > timezone.localdate():
            raise ValidationError("出生日期不能在今天以后，请检查。")
        return birth


class _Seat(forms.Form):
    """A mandate: which term, where based, from when."""

    SEAT = ("term", "area", "constituency", "delegation", "from_on")

    term = TermField(label="届次")
    area = AreaField(label="所在区划", help_text="选区或选举单位所在的区划，统计时算在这里")
    constituency = forms.CharField(label="选区或选举单位", max_length=60, required=False)
    delegation = forms.CharField(label="代表团", max_length=60, required=False)
    from_on = forms.DateField(label="任职日期")

    def offer_seats(self, post):
        self.fields["term"].offer(terms_for(post), OPTIONS)
        self.fields["area"].offer(areas_for(post), OPTIONS)

    @property
    def seat(self):
        return {name: self.cleaned_data[name] for name in self.SEAT}

    def clean(self):
        cleaned = super().clean()
        term, from_on = cleaned.get("term"), cleaned.get("from_on")
        if term and from_on:
            if from_on < term.from_on:
                self.add_error("from_on", f"任职日期不能早于{term}开始的{term.from_on:%Y年%-m月%-d日}。")
            elif term.to_on and from_on > term.to_on:
                self.add_error("from_on", f"{term}已于{term.to_on:%Y年%-m月%-d日}届满，请换一届或改日期。")
        return cleaned


class NewDeputyForm(_Seat, _Person):
    """A person and the first mandate: without one, nobody would see the person."""

    creates = True
    another = forms.BooleanField(label="不是同一个人，仍然登记", required=False)

    def __init__(self, *args, post, **kwargs):
        super().__init__(*args, **kwargs)
        self.post = post
        self.offer_seats(post)
        self.order_fields([*self.Meta.fields[:-1], *self.SEAT, "consent", "another"])
        if not self.is_bound:
            del self.fields["another"]  # asked only where somebody has the same name

    def clean(self):
        cleaned = super().clean()
        if "name" in cleaned and not cleaned.get("another"):
            same = Deputy.objects.visible_to(self.post).filter(name=cleaned["name"])
            if names := [
                f"{deputy.name}（{deputy.employer or deputy.get_sex_display()}）" for deputy in same[:3]
            ]:
                raise ValidationError(
                    f"已有同名的代表：{'、'.join(names)}。是同一个人，请到他的页面加职务；不是，请勾选“不是同一个人，仍然登记”。"
                )
            del self.fields["another"]
        return cleaned


class DeputyForm(_Person):
    version = forms.IntegerField(widget=forms.HiddenInput)

    class Meta(_Person.Meta):
        fields = [*_Person.Meta.fields, "user"]

    user = AccountField(
        label="账号", required=False, help_text="有代表岗位的账号；本人用它登录，确认班次、看诉求"
    )

    def __init__(self, *args, instance, post, **kwargs):
        super().__init__(*args, instance=instance, initial={"version": instance.version}, **kwargs)
        if post.role == Role.ADMIN:
            self.fields["user"].offer(accounts_for(post), OPTIONS)
        else:
            del self.fields["user"]


class MeForm(HouseModelForm):
    """What a deputy keeps up to date oneself."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    consent = _consent()

    class Meta:
        model = Deputy
        fields = ["phone", "consent"]
        help_texts = {"phone": "只有人大机关和您所在的联络站看得到，不会公开。"}
        widgets = {"phone": forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel"})}

    def __init__(self, *args, instance, **kwargs):
        super().__init__(*args, instance=instance, initial={"version": instance.version}, **kwargs)

    def clean_phone(self):
        return clean_phone(self.cleaned_data["phone"])


class MandateForm(HouseForm, _Seat):
    creates = True

    def __init__(self, *args, post, deputy, **kwargs):
        super().__init__(*args, **kwargs)
        self.deputy = deputy
        self.offer_seats(post)

    def clean(self):
        cleaned = super().clean()
        if (term := cleaned.get("term")) and self.deputy.mandates.filter(term=term).exists():
            self.add_error("term", f"{self.deputy}在{term}已有职务。")
        return cleaned


class MandateEndForm(HouseForm):
    """The end of a mandate, or a rest from its duties. The choices are what may happen now."""

    deed = forms.ChoiceField(label="办理什么", widget=forms.RadioSelect)
    on = forms.DateField(label="哪一天", help_text="离任：最后一天；暂停、恢复：第一天")
    reason = forms.ChoiceField(
        label="离任原因",
        choices=[("", "请选择"), *Mandate.EndReason.choices],
        required=False,
        help_text="离任时必选",
    )
    note = forms.CharField(label="依据或说明", max_length=200, required=False, help_text="如公告的名称和文号")
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, mandate, **kwargs):
        kwargs["initial"] = {"version": mandate.version, "on": timezone.localdate()}
        super().__init__(*args, **kwargs)
        self.thing = mandate
        rest = ("resume", "恢复执行职务") if mandate.suspended_on else ("suspend", "暂停执行职务")
        self.fields["deed"].choices = [("end", "离任"), rest]

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("deed") == "end" and not cleaned.get("reason"):
            self.add_error("reason", "请选择离任原因。")
        return cleaned

    def perform(self, *, by):
        """Take the step that was chosen."""
        filled = self.cleaned_data
        told = {"by": by, "version": filled["version"], "note": filled["note"]}
        match filled["deed"]:
            case "end":
                self.thing.end(filled["on"], filled["reason"], **told)
            case "suspend":
                self.thing.suspend(filled["on"], **told)
            case "resume":
                self.thing.resume(filled["on"], **told)


class AssignForm(HouseModelForm):
    creates = True
    station = StationField(label="站点")
    group = GroupField(label="代表小组", required=False)
    instead = forms.BooleanField(label="从原来的站点转来", required=False)

    class Meta:
        model = StationAssignment
        fields = ["station", "from_on", "resident", "group"]

    def __init__(self, *args, post, mandate, **kwargs):
        today = timezone.localdate()
        kwargs["initial"] = {"from_on": today}
        super().__init__(*args, instance=StationAssignment(mandate=mandate), **kwargs)
        stations = Station.objects.visible_to(post).open(today).order_by("code")
        self.fields["station"].offer(stations, OPTIONS)
        self.fields["group"].offer(groups_for(post, today), OPTIONS)
        self.kept = list(mandate.assignments.lasting_beyond(today).select_related("station__area"))
        if self.kept:
            names = "、".join(str(row.station) for row in self.kept)
            self.fields["instead"].help_text = f"现在编在{names}。勾选后，原来的编组到新站进站前一天为止。"
        else:
            del self.fields["instead"]

    def perform(self, *, by):
        """Assign, and end what the deputy leaves for it."""
        if self.cleaned_data.get("instead"):
            for row in self.kept:
                row.end(self.cleaned_data["from_on"] - timedelta(days=1), by=by, note="转到别的站点")
        StationAssignment(mandate=self.instance.mandate, **self.values()).enter(by=by)


class NewGroupForm(HouseModelForm):
    creates = True
    kind = forms.ChoiceField(label="类型", choices=DeputyGroup.Kind.choices, widget=forms.RadioSelect)
    area = AreaField(label="区划")

    class Meta:
        model = DeputyGroup
        fields = ["kind", "name", "area", "from_on"]

    def __init__(self, *args, post, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["area"].offer(areas_for(post), OPTIONS)
        self.fields["from_on"].initial = timezone.localdate


class GroupForm(HouseModelForm):
    """Name, leader and end of a group. The leader is one of its members."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    kind = forms.ChoiceField(label="类型", choices=DeputyGroup.Kind.choices, widget=forms.RadioSelect)
    leader = DeputyField(label="组长", required=False, help_text="从现在的组员里选")

    class Meta:
        model = DeputyGroup
        fields = ["kind", "name", "leader", "from_on", "to_on"]

    def __init__(self, *args, instance, **kwargs):
        super().__init__(*args, instance=instance, initial={"version": instance.version}, **kwargs)
        members = Deputy.objects.in_group(instance, timezone.localdate()).order_by("pinyin", "pk")
        self.fields["leader"].offer(members)


class MemberForm(HouseModelForm):
    creates = True
    deputy = DeputyField(label="代表", help_text="写姓名、拼音或首字母")

    class Meta:
        model = GroupMembership
        fields = ["deputy", "from_on"]

    def __init__(self, *args, post, group, **kwargs):
        today = timezone.localdate()
        kwargs["initial"] = {"from_on": today}
        super().__init__(*args, instance=GroupMembership(group=group), **kwargs)
        deputies = Deputy.objects.visible_to(post).serving(today).order_by("pinyin", "pk")
        self.fields["deputy"].offer(deputies, OPTIONS)


class IssueForm(HouseForm):
    """Nothing is asked: the code belongs to the thing whose page it is."""

    creates = True


class RedirectForm(StepForm):
    station = StationField(label="转到哪个站点", required=False)
    deputy = DeputyField(label="或转到哪位代表", required=False)
    note = forms.CharField(label="原因", max_length=200, help_text="如 两站合并")

    def begin(self):
        self.fields["station"].offer(Station.objects.visible_to(self.post).order_by("code"), OPTIONS)
        self.fields["deputy"].offer(Deputy.objects.visible_to(self.post).order_by("pinyin", "pk"), OPTIONS)
        self.fields["station"].empty_label = self.fields["deputy"].empty_label = "不选"


class RevokeForm(NoteForm):
    note = forms.CharField(label="停用的原因", max_length=200, help_text="如 被人覆盖、印错了")


CODE_FORMS = {"redirect": RedirectForm, "restore": OptionalNoteForm, "revoke": RevokeForm}
