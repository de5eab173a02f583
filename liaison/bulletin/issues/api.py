"""REST for bulletins: read, begin one, and take its steps; the files as issued."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers, viewsets
from rest_framework.decorators import action

from liaison.accounts.models import Area, Role
from liaison.bulletin.models import Bulletin, BulletinItem
from liaison.bulletin.workflow import BULLETIN_FLOW
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
from suggestions.case_api import has_files

from .filters import BulletinFilter
from .forms import BULLETIN_FORMS, BulletinForm, NewsField, beginning


class BulletinItemSerializer(serializers.ModelSerializer):
    class Meta:
        model = BulletinItem
        fields = ["news", "section", "title", "text"]
        read_only_fields = fields


class BulletinSerializer(serializers.ModelSerializer):
    area = CodeField(Area, read_only=True)
    items = serializers.SerializerMethodField(help_text="里面的动态，按顺序，用这一期的文字")
    steps = StepsField()

    class Meta:
        model = Bulletin
        fields = [
            "id", "title", "number", "area", "issuer", "issued_on", "foreword", "editor", "reviewer", "signer",
            "report_to", "send_to", "reason", "state", "items", "version", "steps",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(BulletinItemSerializer(many=True))
    def get_items(self, bulletin: Bulletin) -> Any:
        rows = sorted(bulletin.items.all(), key=lambda line: (line.position, line.pk))
        return BulletinItemSerializer(rows, many=True).data


class NewBulletinSerializer(serializers.ModelSerializer):
    """What is sent to begin a bulletin of one's own office; the items in the order of `news`.

    What is left out of its head is as in the office's last one.
    """

    news = serializers.ListField(
        child=serializers.IntegerField(), required=False, help_text="已发布的动态的 id，按顺序"
    )

    class Meta:
        model = Bulletin
        fields = [
            "title", "issuer", "foreword", "editor", "reviewer", "signer", "report_to", "send_to", "news",
        ]  # fmt: skip
        extra_kwargs = {"issuer": {"required": False}}


class NewBulletinForm(BulletinForm):
    news = NewsField(Bulletin.objects.none(), required=False)

    def __init__(self, data, *, post):
        for name, value in beginning(post).items():
            data.setdefault(name, value)
        super().__init__(data, post=post)
        self.fields["news"].queryset = Bulletin(area=post.area, title=data["title"]).candidates()

    class Meta(BulletinForm.Meta):
        pass


def files_as_issued(bulletin, post):
    """PDF and Word document of an issue in sight."""
    return Attachment.objects.of(bulletin)


class BulletinViewSet(
    has_files(files_as_issued, "印发的文件：PDF 和 Word，带 SHA-256。"),
    InPost,
    CreateOnce,
    Steps,
    viewsets.ReadOnlyModelViewSet,
):
    """动态期刊：由已发布的动态编成，印发时给期号。"""

    model = Bulletin
    keyset = ("-pk",)
    related = ("area",)
    serializer_class = BulletinSerializer
    filterset_class = BulletinFilter
    creators = (Role.OFFICE,)
    step_forms = BULLETIN_FORMS

    def get_queryset(self):
        return super().get_queryset().prefetch_related("items")

    @creates(NewBulletinSerializer, BulletinSerializer)
    def create(self, request):
        return self._create(request)

    def make(self, sent):
        form = NewBulletinForm(as_form(sent), post=self.post_in)
        told = checked(form)
        order = form.data.getlist("news")
        news = sorted(told["news"], key=lambda item: order.index(str(item.pk)))
        return Bulletin(area=self.post_in.area, **form.values()).start(by=self.post_in, news=news)

    @takes_steps(BulletinSerializer, BULLETIN_FLOW, BULLETIN_FORMS)
    @action(detail=True, methods=["post"], url_path=r"steps/(?P<step>\w{1,40})")
    def step(self, request, pk, step):
        return self._step(request, step)
