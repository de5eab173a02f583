"""REST for suggestions: read, write one, and take their steps."""

from typing import Any

from django.db.models import Prefetch
from rest_framework import serializers, viewsets
from rest_framework.decorators import action

from deputies.models import Mandate
from liaison.accounts.models import Area, Role
from liaison.core.rest.views import (
    CodeField,
    CreateOnce,
    IdField,
    InPost,
    Steps,
    StepsField,
    as_form,
    checked,
    creates,
    takes_steps,
)
from suggestions.case_api import has_files
from suggestions.files import files_of_suggestion
from suggestions.models import Department, Request, Signer, Suggestion, SuggestionItem
from suggestions.papers.api import PapersOfCase
from suggestions.workflow import SUGGESTION_FLOW
from visits.models import Category

from .filters import SuggestionFilter
from .forms import SUGGESTION_FORMS, SuggestionForm


class ItemSerializer(serializers.ModelSerializer):
    departments = serializers.PrimaryKeyRelatedField(many=True, read_only=True)

    class Meta:
        model = SuggestionItem
        fields = ["position", "text", "departments"]
        read_only_fields = fields


class SignerSerializer(serializers.ModelSerializer):
    name = serializers.CharField(source="mandate.deputy.name", read_only=True)

    class Meta:
        model = Signer
        fields = ["mandate", "name", "state", "asked_on", "expires_on", "answered_on", "delivered_on"]
        read_only_fields = fields


class SuggestionSerializer(serializers.ModelSerializer):
    area = CodeField(Area, read_only=True)
    lead = IdField(Mandate, read_only=True)
    department = IdField(Department, read_only=True)
    category = CodeField(Category, read_only=True)
    requests = serializers.SerializerMethodField(help_text="来自哪些诉求单：编号，只列您能看到的")
    items = ItemSerializer(many=True, read_only=True)
    signers = serializers.SerializerMethodField(help_text="领衔和附议的代表")
    steps = StepsField()

    class Meta:
        model = Suggestion
        fields = [
            "id", "number", "kind", "title", "text", "items", "area", "term", "session", "lead", "signers", "requests",
            "proposed", "publishable", "on_paper", "category", "department", "complex", "round", "refused", "answer_class",
            "result", "submitted_on", "accepted_on", "assigned_on", "due_on", "replied_on", "delivered_on",
            "evaluated_on", "promised_on", "closed_on", "key_on", "key_by", "praised_on", "published_on", "public_title",
            "public_text", "public_reply", "state", "version", "steps",
        ]  # fmt: skip
        read_only_fields = fields

    def get_requests(self, found: Suggestion) -> list[str]:
        seen: Any = found
        return [one.number for one in seen.requests_in_sight]

    def get_signers(self, found: Suggestion) -> SignerSerializer(many=True):
        rows = found.signers.all()
        if self.context["view"].post_in.role not in (Role.DEPUTY, Role.OFFICE):
            rows = [one for one in rows if one.state == Signer.State.CONFIRMED]
        return SignerSerializer(rows, many=True).data


class WriteSerializer(serializers.Serializer):
    """What is sent to write a draft."""

    kind = serializers.ChoiceField(choices=Suggestion.Kind.choices)
    title = serializers.CharField(max_length=60)
    text = serializers.CharField()
    items = serializers.ListField(child=serializers.CharField(max_length=300), help_text="各条的内容")
    lead = serializers.IntegerField(
        required=False, help_text="领衔代表：mandates 里的 id；代表本人只有一个职务的可不写"
    )
    session = serializers.IntegerField(required=False, help_text="会议的 id；闭会期间不写")
    proposed = serializers.IntegerField(required=False, help_text="建议承办单位：departments 里的 id")
    requests = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="来自哪些诉求单：编号"
    )
    publishable = serializers.BooleanField(required=False)


class SuggestionViewSet(
    PapersOfCase,
    has_files(files_of_suggestion, "附件：各单位答复的附件，送达后代表才看得到。"),
    InPost,
    CreateOnce,
    Steps,
    viewsets.ReadOnlyModelViewSet,
):
    """代表建议、议案、批评和意见。"""

    model = Suggestion
    keyset = ("-written_on", "-pk")
    related = ("area", "lead__deputy", "department", "category")
    serializer_class = SuggestionSerializer
    filterset_class = SuggestionFilter
    creators = (Role.DEPUTY, Role.OFFICE)
    step_forms = SUGGESTION_FORMS

    def get_queryset(self):
        rows = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):
            return rows
        # An attribute of its own outlives the reload within a step; what is prefetched as `requests` does not.
        seen = Request.objects.visible_to(self.post_in).order_by("number")
        in_sight = Prefetch("requests", seen, to_attr="requests_in_sight")
        return rows.prefetch_related("items__departments", in_sight, "signers__mandate__deputy")

    @creates(WriteSerializer, SuggestionSerializer)
    def create(self, request):
        return self._create(request)

    def make(self, sent):
        typed = as_form(sent)
        for name, between in (("items", "\n"), ("requests", "、")):
            if name in typed:
                typed[name] = between.join(typed.getlist(name))
        form = SuggestionForm(typed, post=self.post_in)
        checked(form)
        return form.enter(by=self.post_in)

    @takes_steps(SuggestionSerializer, SUGGESTION_FLOW, SUGGESTION_FORMS)
    @action(detail=True, methods=["post"], url_path=r"steps/(?P<step>\w{1,40})")
    def step(self, request, pk, step):
        return self._step(request, step)
