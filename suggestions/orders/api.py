"""REST for orders: read, and take their steps."""

from uuid import UUID

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.response import Response

from liaison.accounts.models import Area
from liaison.core.rest.files import FileSerializer
from liaison.core.rest.views import (
    IDEMPOTENCY_KEY,
    CodeField,
    IdField,
    InPost,
    Steps,
    StepsField,
    takes_steps,
)
from suggestions.case_api import has_files
from suggestions.files import files_of_order
from suggestions.models import Department, Order, Request, Suggestion
from suggestions.papers.api import PapersOfOrder
from suggestions.workflow import ORDER_FLOW
from visits.privacy import shown_words

from .files import OPENERS, file_to_open
from .filters import OrderFilter
from .forms import ORDER_FORMS


class NameField(serializers.ModelSerializer):
    """A department as others name it."""

    class Meta:
        model = Department
        fields = ["id", "name"]
        read_only_fields = fields


class OrderSerializer(serializers.ModelSerializer):
    request = CodeField(Request, "number", read_only=True, allow_null=True)
    suggestion = IdField(Suggestion, read_only=True, allow_null=True)
    area = CodeField(Area, read_only=True)
    department = NameField(read_only=True)
    returned_to = NameField(read_only=True)
    category = serializers.SerializerMethodField(help_text="诉求或建议的类别代码")
    title = serializers.SerializerMethodField(help_text="诉求或建议的标题，按读的人能看到的写")
    words = serializers.SerializerMethodField(help_text="反映的问题，或建议的情况和理由，按读的人能看到的写")
    place = serializers.SerializerMethodField(help_text="问题在什么地方，按读的人能看到的写")
    steps = StepsField()

    class Meta:
        model = Order
        fields = [
            "number", "request", "suggestion", "area", "department", "share", "round", "category", "title", "words", "place", "task",
            "issued_on", "accept_by", "accepted_on", "days", "months", "due_on", "due_because", "urged", "returned_to",
            "return_because", "extension_to", "extension_because", "extensions", "text", "answer_class", "promised_on",
            "signer", "contact", "phone", "replied_on", "state", "version", "steps",
        ]  # fmt: skip
        read_only_fields = fields

    def get_category(self, order: Order) -> str | None:
        return order.case.category.code if order.case.category else None

    def _shown(self, order: Order, words: str) -> str:
        return shown_words(order.case, words, self.context["view"].post_in)

    def get_title(self, order: Order) -> str:
        return self._shown(order, order.case.title)

    def get_words(self, order: Order) -> str:
        return self._shown(order, order.case.text)

    def to_representation(self, order):
        told = super().to_representation(order)
        post = self.context["view"].post_in
        return told | {"text": order.case.answer_words(order, post)} | order.case.hidden_answer(order, post)

    def get_place(self, order: Order) -> str:
        return self._shown(order, order.request.place) if order.request else ""


class OpenSerializer(serializers.Serializer):
    """Whether anybody may have the file."""

    public = serializers.BooleanField(
        help_text="可以公开；先打开看一遍，不要有任何人的姓名、电话、住址、身份证号"
    )


class OrderViewSet(
    PapersOfOrder,
    has_files(files_of_order, "附件：答复或会办意见的附件，只列您能看到的。"),
    InPost,
    Steps,
    viewsets.ReadOnlyModelViewSet,
):
    """派单。"""

    model = Order
    keyset = ("-issued_on", "-pk")
    related = ("request__category", "suggestion__category", "department", "returned_to", "area")
    serializer_class = OrderSerializer
    filterset_class = OrderFilter
    lookup_field = "number"
    lookup_value_regex = "[^/]{1,24}"  # numbers of registers kept elsewhere have 〔〕 and dots in them
    step_forms = ORDER_FORMS

    def get_queryset(self):
        rows = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):
            return rows
        return rows.with_steps(self.post_in, timezone.localdate())

    @takes_steps(OrderSerializer, ORDER_FLOW, ORDER_FORMS)
    @action(detail=True, methods=["post"], url_path=r"steps/(?P<step>\w{1,40})")
    def step(self, request, number, step):
        return self._step(request, step)

    @extend_schema(
        request=OpenSerializer,
        responses=FileSerializer,
        parameters=[IDEMPOTENCY_KEY, OpenApiParameter("key", UUID, "path")],
    )
    @action(detail=True, methods=["post"], url_path=r"files/(?P<key>[0-9a-f-]{36})", url_name="file")
    def file(self, request, number, key):
        """附件可以公开，或不再公开。由答复的单位或人大机关定，记入办理记录。"""
        order = self.get_object()
        self.only_for(OPENERS)
        sent = OpenSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        found = file_to_open(order, self._key(key), self.post_in)

        def act():
            found.open_to_all(sent.validated_data["public"], by=self.post_in)
            return Response(FileSerializer(found, context=self.get_serializer_context()).data)

        return self.once(request, act)

    @staticmethod
    def _key(key):
        try:
            return UUID(key)
        except ValueError:
            raise Http404 from None
