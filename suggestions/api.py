"""REST for visits and requests: read, and log a visit. A visit stands here because logging it may raise a request."""

from django.core.exceptions import ValidationError
from django.db.models import OuterRef, Subquery
from rest_framework import serializers, viewsets
from rest_framework.decorators import action

from deputies.models import Mandate
from liaison.accounts.models import Area
from liaison.core.forms import clean_person_name, clean_phone, plain_text
from liaison.core.rest.views import (
    CodeField,
    CreateOnce,
    IdField,
    InPost,
    Steps,
    StepsField,
    creates,
    takes_steps,
)
from stations.models import Station
from visits.models import Activity, Category, Visit
from visits.privacy import shown_person, shown_words
from visits.workflow import WAYS_IN

from .case_api import Revealing, has_files
from .files import files_of_request
from .filters import DepartmentFilter, DraftFilter, OpinionFilter, RequestFilter, VisitFilter
from .forms import DRAFT_FORMS
from .intake import take_in
from .models import Department, Draft, DraftArticle, Opinion, Request, Theme
from .papers.api import PapersOfCase
from .steps import REQUEST_FORMS
from .summing import giver
from .workflow import DRAFT_FLOW, REQUEST_FLOW


class PersonSerializer(serializers.Serializer):
    """The person who came: in full for the staff of the station, for others masked and without address."""

    name = serializers.CharField()
    phone = serializers.CharField()
    address = serializers.CharField()
    masked = serializers.BooleanField(help_text="姓名和手机是否隐去了一部分")


class VisitSerializer(serializers.ModelSerializer):
    station = CodeField(Station, read_only=True)
    area = CodeField(Area, read_only=True)
    activity = CodeField(Activity, "number", read_only=True)
    category = CodeField(Category, read_only=True)
    visitor = serializers.SerializerMethodField()
    requests = serializers.SerializerMethodField(help_text="由此登记的诉求单编号")

    class Meta:
        model = Visit
        fields = [
            "id", "number", "station", "area", "activity", "day", "at", "channel", "place", "headcount", "category",
            "text", "received_by", "outcome", "reason", "anonymous", "confidential", "visitor", "requests", "voided_at",
            "created_at", "version",
        ]  # fmt: skip
        read_only_fields = fields

    def get_visitor(self, visit: Visit) -> PersonSerializer(allow_null=True):
        if visit.person() is None:
            return None
        person = shown_person(visit, self.context["view"].post_in)
        return {
            "name": person.name,
            "phone": person.phone,
            "address": person.address,
            "masked": not person.whole,
        }

    def to_representation(self, visit):
        post = self.context["view"].post_in
        return super().to_representation(visit) | {
            "text": shown_words(visit, visit.text, post),
            "place": shown_person(visit, post).address if visit.place else "",
        }

    def get_requests(self, visit: Visit) -> list[str]:
        return [request.number for request in visit.requests.all()]


class LogSerializer(serializers.ModelSerializer):
    """What is sent to log a visit: either `activity`, or `station` and `day`."""

    activity = CodeField(Activity, "number", required=False, allow_null=True, help_text="接待日编号")
    station = CodeField(Station, required=False, help_text="站点编号；写了 activity 可不写")
    day = serializers.DateField(required=False, help_text="来访日期；写了 activity 可不写")
    headcount = serializers.IntegerField(min_value=1, max_value=Visit.MAX_HEADCOUNT, required=False)
    category = CodeField(Category, required=False, allow_null=True, help_text="类别代码")
    received_by = IdField(Mandate, required=False, allow_null=True, help_text="接待代表：mandates 里的 id")
    name = serializers.CharField(required=False, allow_blank=True, max_length=30, help_text="不留名的可不写")
    phone = serializers.CharField(required=False, allow_blank=True, max_length=30)
    address = serializers.CharField(required=False, allow_blank=True, max_length=60)
    text = serializers.CharField(max_length=5000)
    sheet = serializers.CharField(
        required=False, allow_blank=True, max_length=30, help_text="补录纸质表的，写表上的编号"
    )

    class Meta:
        model = Visit
        fields = [
            "activity", "station", "day", "at", "channel", "place", "headcount", "category", "text", "received_by",
            "outcome", "reason", "anonymous", "confidential", "about_name", "name", "phone", "address", "sheet",
        ]  # fmt: skip

    def validate_name(self, name):
        return _in_house(clean_person_name, name) if name else ""

    def validate_phone(self, phone):
        return _in_house(clean_phone, phone)

    def validate_about_name(self, name):
        return _in_house(clean_person_name, name) if name else ""

    def validate_text(self, text):
        return plain_text(text)

    def validate(self, sent):
        activity = sent.get("activity")
        if activity is not None:
            if (
                sent.get("station", activity.station) != activity.station
                or sent.get("day", activity.day) != activity.day
            ):
                raise serializers.ValidationError({"activity": ["站点或日期和这个接待日不一致。"]})
            sent |= {"station": activity.station, "day": activity.day}
        missing = {name: ["请写明；或写 activity。"] for name in ("station", "day") if not sent.get(name)}
        if not sent.get("anonymous") and not sent.get("name"):
            missing["name"] = ["请填姓名；来访人不愿留名，写 anonymous: true。"]
        if missing:
            raise serializers.ValidationError(missing)
        return sent


def _in_house(clean, value):
    try:
        return clean(value)
    except ValidationError as error:
        raise serializers.ValidationError(error.messages) from None


class VisitViewSet(InPost, CreateOnce, viewsets.ReadOnlyModelViewSet):
    """来访登记。"""

    model = Visit
    keyset = ("-day", "-pk")
    related = ("station", "area", "activity", "category", "visitor")
    serializer_class = VisitSerializer
    filterset_class = VisitFilter
    creators = tuple(WAYS_IN)

    def get_queryset(self):
        return super().get_queryset().prefetch_related("requests")

    @creates(LogSerializer, VisitSerializer)
    def create(self, request):
        return self._create(request)

    def make(self, sent):
        log = LogSerializer(data=sent, context=self.get_serializer_context())
        log.is_valid(raise_exception=True)
        data = dict(log.validated_data)
        person = {name: data.pop(name, "") for name in ("name", "phone", "address")}
        sheet = data.pop("sheet", "")
        visit = Visit(**data)
        visit.area = visit.station.area
        visit.full_clean(exclude=["number", "serial", "area", "area_path"], validate_unique=False)
        return take_in(visit, by=self.post_in, sheet=sheet, **person)


class RequestSerializer(serializers.ModelSerializer):
    station = CodeField(Station, read_only=True)
    area = CodeField(Area, read_only=True)
    category = CodeField(Category, read_only=True)
    joined_to = serializers.SlugRelatedField(
        "number", read_only=True, help_text="并到哪一件；没有并案的为 null"
    )
    theme = serializers.SerializerMethodField(help_text="共性问题的 id；没有归入的、是上级机关立的，为 null")
    steps = StepsField()

    class Meta:
        model = Request
        fields = [
            "number", "visit", "station", "area", "channel", "category", "title", "text", "place", "received_on",
            "confidential", "theme", "joined_to", "state", "version", "steps",
        ]  # fmt: skip
        read_only_fields = fields

    def get_theme(self, found: Request) -> int | None:
        return found.seen_theme  # type: ignore[attr-defined]

    def to_representation(self, found):
        post = self.context["view"].post_in
        told = {name: shown_words(found, getattr(found, name), post) for name in ("title", "text", "place")}
        return super().to_representation(found) | told


class RequestViewSet(
    PapersOfCase,
    Revealing,
    has_files(files_of_request, "附件：来访照片、跟单照片、各单位答复的附件，只列您能看到的。"),
    InPost,
    Steps,
    viewsets.ReadOnlyModelViewSet,
):
    """群众诉求。"""

    model = Request
    keyset = ("-received_on", "-pk")
    related = ("station", "area", "category", "joined_to")
    serializer_class = RequestSerializer
    filterset_class = RequestFilter
    lookup_field = "number"
    lookup_value_regex = r"[\w-]{1,20}"
    step_forms = REQUEST_FORMS

    def get_queryset(self):
        rows = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):
            return rows
        seen = Theme.objects.visible_to(self.post_in).filter(pk=OuterRef("theme"))
        return rows.annotate(seen_theme=Subquery(seen.values("pk")))

    @takes_steps(RequestSerializer, REQUEST_FLOW, REQUEST_FORMS)
    @action(detail=True, methods=["post"], url_path=r"steps/(?P<step>\w{1,40})")
    def step(self, request, number, step):
        return self._step(request, step)


class ArticleSerializer(serializers.ModelSerializer):
    class Meta:
        model = DraftArticle
        fields = ["position", "chapter", "name", "text"]
        read_only_fields = fields


class DraftSerializer(serializers.ModelSerializer):
    area = CodeField(Area, read_only=True)
    articles = ArticleSerializer(many=True, read_only=True)
    steps = StepsField()

    class Meta:
        model = Draft
        fields = [
            "id", "number", "title", "kind", "area", "issuer", "intro", "opens_on", "closes_on", "state", "conclusion",
            "articles", "version", "steps",
        ]  # fmt: skip
        read_only_fields = fields


class DraftViewSet(InPost, Steps, viewsets.ReadOnlyModelViewSet):
    """征求意见稿。"""

    model = Draft
    keyset = ("-opens_on", "-pk")
    related = ("area",)
    serializer_class = DraftSerializer
    filterset_class = DraftFilter
    step_forms = DRAFT_FORMS

    def get_queryset(self):
        return super().get_queryset().prefetch_related("articles")

    @takes_steps(DraftSerializer, DRAFT_FLOW, DRAFT_FORMS)
    @action(detail=True, methods=["post"], url_path=r"steps/(?P<step>\w{1,40})")
    def step(self, request, pk, step):
        return self._step(request, step)


class OpinionSerializer(serializers.ModelSerializer):
    area = CodeField(Area, read_only=True)
    station = CodeField(Station, read_only=True)
    draft = CodeField(Draft, "number", read_only=True)
    article = serializers.SerializerMethodField(help_text="针对第几条；空是全文")
    given_by = serializers.SerializerMethodField(help_text="提出人，按读的人能看到的写")

    class Meta:
        model = Opinion
        fields = [
            "id", "number", "draft", "article", "station", "area", "mandate", "given_by", "day", "kind", "text",
            "wording", "confidential", "decision", "decision_note", "voided_at", "version",
        ]  # fmt: skip
        read_only_fields = fields

    def get_article(self, opinion: Opinion) -> str:
        return opinion.article.name if opinion.article else ""

    def get_given_by(self, opinion: Opinion) -> str:
        return giver(opinion, shown_person(opinion, self.context["view"].post_in))

    def to_representation(self, found):
        post = self.context["view"].post_in
        told = {name: shown_words(found, getattr(found, name), post) for name in ("text", "wording")}
        return super().to_representation(found) | told


class OpinionViewSet(InPost, viewsets.ReadOnlyModelViewSet):
    """对征求意见稿的意见。"""

    model = Opinion
    keyset = ("-pk",)
    related = ("area", "station", "draft", "article", "mandate__deputy", "giver")
    serializer_class = OpinionSerializer
    filterset_class = OpinionFilter


class DepartmentSerializer(serializers.ModelSerializer):
    area = CodeField(Area, read_only=True)

    class Meta:
        model = Department
        fields = ["id", "name", "area", "parent", "contact", "phone", "duties", "active", "version"]
        read_only_fields = fields


class DepartmentViewSet(InPost, viewsets.ReadOnlyModelViewSet):
    """承办单位。"""

    model = Department
    keyset = ("area_path", "pk")
    related = ("area",)
    serializer_class = DepartmentSerializer
    filterset_class = DepartmentFilter
