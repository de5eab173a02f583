"""Which report is made by itself, how often, for whom."""

from datetime import date
from typing import Any

from django import forms

from liaison.accounts.models import Area, Post
from liaison.core.forms import HouseForm
from liaison.reports.forms import AreaField, near_areas
from liaison.reports.issued.models import Format
from liaison.reports.metrics import askable_areas

from .models import KINDS, ReportSchedule


class PostsField(forms.ModelMultipleChoiceField):
    widget = forms.CheckboxSelectMultiple


class ScheduleForm(HouseForm):
    creates = True

    area = AreaField(label="区划", queryset=Area.objects.none(), to_field_name="code", empty_label=None)
    kind = forms.ChoiceField(
        label="多久一次", choices=[(kind.value, kind.label) for kind in KINDS], widget=forms.RadioSelect
    )
    format = forms.ChoiceField(label="格式", choices=Format.choices, widget=forms.RadioSelect)
    recipients = PostsField(
        Post.objects.none(),
        label="给谁",
        help_text="做好以后发通知和邮件，里面只有链接，要登录才能下载。每次都按各人当时的权限做，姓名、电话遮盖。",
    )

    def __init__(self, *args: Any, post: Post, today: date, **kwargs: Any) -> None:
        self.post, self.today = post, today
        super().__init__(*args, **kwargs)
        area: Any = self.fields["area"]
        area.queryset = askable_areas(post)
        area.choices = near_areas(post, self["area"].value() or post.area.code)
        posts: Any = self.fields["recipients"]
        posts.queryset = ReportSchedule.candidates(post.area, today).select_related("user", "area")

    def enter(self) -> ReportSchedule:
        said = self.cleaned_data
        made = ReportSchedule(
            area=said["area"],
            kind=said["kind"],
            format=said["format"],
            owner=self.post,
            done_to=ReportSchedule.begin(said["kind"], self.today),
        )
        people = sorted(post.pk for post in said["recipients"])
        made.enter(by=self.post, data=made.told() | {"recipients": people})
        made.recipients.set(said["recipients"])
        return made


class ChangeForm(HouseForm):
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    format = forms.ChoiceField(label="格式", choices=Format.choices, widget=forms.RadioSelect)
    recipients = PostsField(Post.objects.none(), label="给谁")
    paused = forms.BooleanField(
        label="暂停", required=False, help_text="暂停的时候不做；恢复以后，没有做的补上。"
    )

    def __init__(self, *args: Any, found: ReportSchedule, post: Post, today: date, **kwargs: Any) -> None:
        self.thing, self.post = found, post
        there = list(found.recipients.values_list("pk", flat=True))
        start = {
            "version": found.version,
            "format": found.format,
            "recipients": there,
            "paused": found.paused,
        }
        super().__init__(*args, initial=start, **kwargs)
        posts: Any = self.fields["recipients"]
        posts.queryset = ReportSchedule.candidates(found.area, today).select_related("user", "area")

    def keep(self) -> None:
        """What had stopped goes on, in the name of who saves it. Raises Stale."""
        said = dict(self.cleaned_data)
        people, version = said.pop("recipients"), said.pop("version")
        before = sorted(self.thing.recipients.values_list("pk", flat=True))
        now = sorted(post.pk for post in people)
        changed = {"owner": self.post, "stopped": ""} if self.thing.stopped else {}
        told = {"recipients": [before, now]} if now != before else {}
        if not self.thing.amend(by=self.post, version=version, data=told, **said, **changed) and told:
            self.thing.mark("amend", by=self.post, version=version, data=told)
        self.thing.recipients.set(people)
