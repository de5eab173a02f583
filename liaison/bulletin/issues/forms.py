"""Forms of bulletins; page and REST use the same."""

from django import forms
from django.core.validators import MaxValueValidator
from django.utils import timezone

from liaison.bulletin.models import Bulletin, BulletinItem, NewsItem
from liaison.bulletin.models.bulletin import MOST_ITEMS, TITLE, Placed
from liaison.core.forms import HouseForm, HouseModelForm
from liaison.core.steps import NoteForm, OptionalNoteForm, StepForm
from suggestions.papers.wording import congress_office

OFFERED = 60  # candidates on the page; the newest
HEAD = ("title", "issuer", "editor", "reviewer", "signer", "report_to", "send_to")  # as in the issue before


class BulletinForm(HouseModelForm):
    """What stands around the items; with `instance`, other words for it."""

    creates = True
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Bulletin
        fields = [
            "title", "issuer", "foreword", "editor", "reviewer", "signer", "report_to", "send_to",
        ]  # fmt: skip
        widgets = {
            "foreword": forms.Textarea(attrs={"rows": 3}),
            "report_to": forms.Textarea(attrs={"rows": 2}),
            "send_to": forms.Textarea(attrs={"rows": 2}),
        }
        help_texts = {
            "title": "同一个刊名的期号接着排",
            "foreword": "没有就不填",
            "report_to": "如：市人大常委会代表工作委员会",
            "send_to": "如：区人大各专门委员会，各联络站",
        }

    def __init__(self, *args, post, **kwargs):
        found = kwargs.get("instance")
        start = {"version": found.version} if found else beginning(post)
        super().__init__(*args, initial=start, **kwargs)
        if found:
            del self.fields["idem"]
            del self.fields["title"]  # the number counts in it


def beginning(post):
    """As the last one of the office was; the first names the office."""
    last = Bulletin.objects.filter(area=post.area).order_by("-pk").first()
    if last is None:
        return {"title": TITLE, "issuer": congress_office(post.area)}
    return {name: getattr(last, name) for name in HEAD}


class NewsField(forms.ModelMultipleChoiceField):
    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, item):
        return f"{item.title}（{item.station.name}，{item.happened_on:%-m月%-d日}）"


class ComposeForm(HouseForm):
    """Which items, in which order, under which section; and candidates to be added at the end."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    news = NewsField(
        NewsItem.objects.none(), label="加进这一期", required=False,
        error_messages={"invalid_choice": "选的动态里有不能选用的，可能刚被撤下，或已编入别的一期。请重新选。"},
    )  # fmt: skip

    def __init__(self, *args, thing, **kwargs):
        self.thing = thing
        super().__init__(*args, initial={"version": thing.version}, **kwargs)
        self.lines = list(thing.in_order())
        self.rows = []
        for position, line in enumerate(self.lines, 1):
            made = {
                "position": forms.IntegerField(min_value=1, max_value=9 * MOST_ITEMS, initial=position),
                "section": forms.CharField(max_length=20, required=False, initial=line.section),
                "out": forms.BooleanField(required=False),
            }
            for (name, field), label in zip(made.items(), ("第几篇", "栏目", "移出"), strict=True):
                field.label = f"{line}：{label}"
                field.widget.attrs["aria-label"] = field.label
                self.add_field(f"{name}_{line.pk}", field)
            self.rows.append((line, [self[f"{name}_{line.pk}"] for name in made]))
        candidates = thing.candidates()
        self.fields["news"].queryset = candidates
        shown = list(candidates[: OFFERED + 1])
        self.more = len(shown) > OFFERED
        self.fields["news"].choices = [
            (item.pk, self.fields["news"].label_from_instance(item)) for item in shown[:OFFERED]
        ]
        self.offers = bool(shown)

    def placed(self):
        told = self.cleaned_data
        kept = [line for line in self.lines if not told[f"out_{line.pk}"]]
        kept.sort(key=lambda line: told[f"position_{line.pk}"])  # of equal ones, as they stood
        return [Placed(line, told[f"section_{line.pk}"]) for line in kept]

    def added(self):
        """What was ticked, in the order in which it happened."""
        return sorted(self.cleaned_data["news"], key=lambda item: (item.happened_on, item.pk))


class LineForm(HouseModelForm):
    """An item in the words of the bulletin."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = BulletinItem
        fields = ["title", "section", "text"]
        widgets = {"text": forms.Textarea(attrs={"rows": 14, "data-counter": ""})}
        help_texts = {
            "section": "如：接待日、走访调研。相邻的同名栏目排在一起",
            "text": "只改这一期里的文字，原来的动态不变",
        }

    def _compared(self):
        """What changed is the bulletin, whose page shows it."""
        return ()


class IssueForm(StepForm):
    issued_on = forms.DateField(label="印发日期", initial=timezone.localdate)
    first_number = forms.IntegerField(
        label="从第几期开始",
        required=False,
        min_value=1,
        validators=[MaxValueValidator(99_999)],
        help_text="以前在纸上印过的，接着往下排；不填就是第 1 期",
    )
    note = forms.CharField(label="说明", max_length=200, required=False)

    def begin(self):
        if not self.thing.begins_series:
            del self.fields["first_number"]


BULLETIN_FORMS = {"issue": IssueForm, "drop": OptionalNoteForm, "withdraw": NoteForm}
