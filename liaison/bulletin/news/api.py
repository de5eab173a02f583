"""REST for news items: read, write, and take their steps."""

from rest_framework import serializers, viewsets
from rest_framework.decorators import action

from liaison.accounts.models import Area
from liaison.bulletin.models import NewsItem
from liaison.bulletin.workflow import NEWS_FLOW
from liaison.core.models import Attachment
from liaison.core.rest.views import (
    CodeField,
    CreateOnce,
    InPost,
    Steps,
    StepsField,
    as_form,
    checked,
    creates,
    takes_steps,
)
from stations.models import Station
from suggestions.case_api import has_files
from visits.models import Activity

from .filters import NewsFilter
from .forms import NEWS_FORMS, WRITERS, NewsForm


class NewsSerializer(serializers.ModelSerializer):
    station = CodeField(Station, read_only=True)
    area = CodeField(Area, read_only=True)
    activity = CodeField(Activity, "number", read_only=True)
    steps = StepsField()

    class Meta:
        model = NewsItem
        fields = [
            "id", "number", "station", "area", "title", "text", "happened_on", "activity", "submitted_on", "published_on",
            "reason", "state", "version", "steps",
        ]  # fmt: skip
        read_only_fields = fields


class NewNewsSerializer(serializers.Serializer):
    """What is sent to write an item. It begins as a draft; `submit` is a step."""

    station = serializers.CharField(help_text="站点编号")
    title = serializers.CharField(max_length=60)
    text = serializers.CharField(max_length=5000)
    happened_on = serializers.DateField()
    activity = serializers.IntegerField(required=False, help_text="相关活动的 id")


def photos_of(item, post):
    """The photos of an item in sight that were not taken out."""
    return Attachment.objects.of(item)


class NewsViewSet(has_files(photos_of, "照片。"), InPost, CreateOnce, Steps, viewsets.ReadOnlyModelViewSet):
    """动态：联络站写，人大机关审核发布。"""

    model = NewsItem
    keyset = ("-happened_on", "-pk")
    related = ("station", "area", "activity")
    serializer_class = NewsSerializer
    filterset_class = NewsFilter
    creators = WRITERS
    step_forms = NEWS_FORMS

    @creates(NewNewsSerializer, NewsSerializer)
    def create(self, request):
        return self._create(request)

    def make(self, sent):
        form = NewsForm(as_form(sent), post=self.post_in)
        checked(form)
        return NewsItem(**form.values()).enter(by=self.post_in)

    @takes_steps(NewsSerializer, NEWS_FLOW, NEWS_FORMS)
    @action(detail=True, methods=["post"], url_path=r"steps/(?P<step>\w{1,40})")
    def step(self, request, pk, step):
        return self._step(request, step)
