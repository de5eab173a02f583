"""Forms of contact links and contacts made. Choices end where the acting post's sight ends."""

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone

from deputies.forms import OPTIONS, DeputyField
from deputies.models import Deputy, Mandate
from liaison.accounts.models import Area, Role
from liaison.core.choices import AreaField, ThingField, areas_for
from liaison.core.forms import HouseForm, HouseModelForm, clean_person_name, clean_phone
from stations.forms import EndForm

from .models import ContactLink, ContactRecord, FixedVoter, Leader


class MandateField(ThingField):
    """A mandate, found by its deputy."""

    unknown = DeputyField.unknown

    def search(self, things, typed):
        return things.filter(deputy__in=Deputy.objects.named(typed).values("pk"))


class LeaderField(ThingField):
    unknown = "没有找到“{typed}”，请先登记常委会组成人员。"

    def search(self, things, typed):
        return things.filter(Q(name__contains=typed) | Q(mandate__deputy__name__contains=typed))


def places_for(post):
    """The counties and townships that a leading member may take up."""
    return areas_for(post).filter(level__in=(Area.Level.COUNTY, Area.Level.TOWNSHIP))


def voters_of(post, on):
    """Mandates whose fixed voters `post` may enter: a deputy's own; those of one's stations; without a station, the office's."""
    rows = mandates_for(post, on)
    return (
        rows.exclude(pk__in=Mandate.objects.assigned(on).values("pk")) if post.role == Role.OFFICE else rows
    )


def mandates_for(post, on):
    """A deputy's own; those of one's stations; those in sight."""
    rows = Mandate.objects.visible_to(post).can_serve(on)
    if post.role == Role.DEPUTY:
        rows = rows.of(post)
    return rows.select_related("deputy", "term__congress").order_by("deputy__pinyin", "pk")


class _Person(forms.Form):
    name = forms.CharField(label="选民姓名", max_length=15)
    phone = forms.CharField(
        label="手机", max_length=20, required=False, widget=forms.TextInput(attrs={"inputmode": "tel"})
    )
    address = forms.CharField(label="住址（村/社区）", max_length=60, required=False)

    PERSON = ("name", "phone", "address")

    def clean_name(self):
        return clean_person_name(self.cleaned_data["name"])

    def clean_phone(self):
        return clean_phone(self.cleaned_data["phone"])

    @property
    def person(self):
        return {name: self.cleaned_data[name] for name in self.PERSON}


class VoterForm(HouseForm, _Person):
    """A deputy takes up a fixed voter."""

    creates = True
    mandate = MandateField(label="代表")
    from_on = forms.DateField(label="从哪天起联系")

    field_order = ["mandate", "name", "phone", "address", "from_on"]

    def __init__(self, *args, post, **kwargs):
        super().__init__(*args, **kwargs)
        today = timezone.localdate()
        rows = voters_of(post, today)
        self.fields["mandate"].offer(rows, f"{OPTIONS}?of=voters")
        if post.role == Role.OFFICE:
            self.fields["mandate"].help_text = "没有编入站点的代表。编入站点的，由站点登记"
        self.fields["from_on"].initial = today
        if post.role == Role.DEPUTY and len(own := list(rows[:2])) == 1:
            del self.fields["mandate"]
            self.own = own[0]

    def clean_from_on(self):
        day = self.cleaned_data["from_on"]
        if day > timezone.localdate():
            raise ValidationError("开始日期不能晚于今天。")
        return day

    def take_up(self, *, by):
        mandate = self.cleaned_data["mandate"] if "mandate" in self.fields else self.own
        return ContactLink.objects.take_up(
            mandate, from_on=self.cleaned_data["from_on"], by=by, **self.person
        )


class PersonForm(HouseForm, _Person):
    """A correction of the voter."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, link, **kwargs):
        voter: FixedVoter = link.voter
        initial = {name: getattr(voter, name) for name in self.PERSON} | {"version": link.version}
        super().__init__(*args, initial=initial, **kwargs)
        self.thing = link


class LeaderLinkForm(HouseModelForm):
    """A leading member and a county or township, or a committee member and a deputy."""

    creates = True
    kind = forms.ChoiceField(label="层级", widget=forms.RadioSelect)
    leader = LeaderField(label="谁来联系")
    place = AreaField(label="联系的县乡", required=False, help_text="领导联系县乡时填")
    partner = MandateField(label="联系的代表", required=False, help_text="委员联系代表时填")

    class Meta:
        model = ContactLink
        fields = ["kind", "leader", "place", "partner", "from_on"]

    def __init__(self, *args, post, **kwargs):
        super().__init__(*args, **kwargs)
        today = timezone.localdate()
        self.fields["kind"].choices = ContactLink.Kind.choices[:2]
        leaders = Leader.objects.visible_to(post).current(today).select_related("mandate__deputy")
        self.fields["leader"].offer(leaders.order_by("rank", "pk"))
        self.fields["place"].offer(places_for(post), OPTIONS)
        self.fields["partner"].offer(mandates_for(post, today), OPTIONS)
        self.fields["from_on"].initial = today

    def clean(self):
        cleaned = super().clean()
        wanted, other = ("place", "partner")
        if cleaned.get("kind") == ContactLink.Kind.MEMBER_DEPUTY:
            wanted, other = other, wanted
        if not cleaned.get(wanted) and wanted not in self.errors:
            self.add_error(wanted, "请填写。")
        cleaned[other] = None
        return cleaned

    def _get_validation_exclusions(self):
        """The constraint of the table speaks of both parties; that they fit the kind is asked in `clean`."""
        return super()._get_validation_exclusions() | {"mandate"}


class RecordForm(HouseModelForm):
    """A contact made, in a few taps."""

    creates = True
    way = forms.ChoiceField(
        label="方式", choices=ContactRecord.Way.choices, widget=forms.RadioSelect, initial="VISIT"
    )

    class Meta:
        model = ContactRecord
        fields = ["day", "way", "said", "follow_up"]
        widgets = {
            "said": forms.Textarea(attrs={"rows": 4}),
            "follow_up": forms.Textarea(attrs={"rows": 2}),
        }

    def __init__(self, *args, link, **kwargs):
        kwargs["initial"] = {"day": timezone.localdate()}
        super().__init__(*args, instance=ContactRecord(link=link), **kwargs)


class EndLinkForm(EndForm):
    note = forms.CharField(label="结束的原因", max_length=200, help_text="如：选民搬走了、换了联系人")


class LeaderForm(HouseModelForm):
    """A member of the standing committee: a mandate of one's own area, or a name."""

    creates = True
    rank = forms.ChoiceField(label="类别", choices=Leader.Rank.choices, widget=forms.RadioSelect)
    mandate = MandateField(label="代表", required=False, help_text="是您能看到的代表，就选代表，不写姓名")
    name = forms.CharField(label="或者写姓名", max_length=15, required=False)

    class Meta:
        model = Leader
        fields = ["rank", "mandate", "name", "duty", "from_on"]

    def __init__(self, *args, post, **kwargs):
        today = timezone.localdate()
        kwargs["initial"] = {"from_on": today}
        super().__init__(*args, instance=Leader(area=post.area), **kwargs)
        self.fields["mandate"].offer(mandates_for(post, today), OPTIONS)

    def clean_name(self):
        name = self.cleaned_data["name"]
        return clean_person_name(name) if name else ""

    def clean(self):
        cleaned = super().clean()
        if not {"name", "mandate"} & set(self.errors) and bool(cleaned.get("name")) == bool(
            cleaned.get("mandate")
        ):
            raise ValidationError("请选代表，或写姓名，只要一样。")
        return cleaned
