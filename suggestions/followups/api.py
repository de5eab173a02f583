"""REST for follow-ups: read, and write one down."""

from rest_framework import exceptions, serializers, viewsets

from deputies.models import Mandate
from liaison.accounts.models import Role
from liaison.core.rest.views import CodeField, CreateOnce, IdField, InPost, as_form, checked, creates
from liaison.core.workflow import NotAllowed
from suggestions.models import FollowUp, Request
from suggestions.models.followup import followers_of
from visits.privacy import shown_words

from .filters import FollowUpFilter
from .forms import FollowUpForm


class FollowUpSerializer(serializers.ModelSerializer):
    request = CodeField(Request, "number", read_only=True)
    text = serializers.SerializerMethodField(help_text="情况；要求保密的，无权看的只有一句说明")
    taken_down = serializers.BooleanField(source="is_taken_down", help_text="联络站代记")
    voided = serializers.SerializerMethodField(help_text="已作废，不计数")

    class Meta:
        model = FollowUp
        fields = [
            "id", "request", "round", "mandate", "kind", "view", "text", "day", "taken_down", "voided", "version",
        ]  # fmt: skip
        read_only_fields = fields

    def get_text(self, one: FollowUp) -> str:
        return shown_words(one, one.text, self.context["request"]._request.post) if one.text else ""

    def get_voided(self, one: FollowUp) -> bool:
        return one.voided_at is not None


class NewFollowUpSerializer(serializers.ModelSerializer):
    """What is sent to write one down. `mandate` only by a station, where two deputies may follow."""

    request = CodeField(Request, "number")
    mandate = IdField(Mandate, required=False)
    day = serializers.DateField(required=False, help_text="不写就是今天")

    class Meta:
        model = FollowUp
        fields = ["request", "mandate", "kind", "view", "text", "day"]


class FollowUpViewSet(InPost, CreateOnce, viewsets.ReadOnlyModelViewSet):
    """代表跟单。"""

    model = FollowUp
    keyset = ("-day", "-pk")
    related = ("request", "by")
    serializer_class = FollowUpSerializer
    filterset_class = FollowUpFilter
    creators = (Role.DEPUTY, Role.STATION)

    @creates(NewFollowUpSerializer, FollowUpSerializer)
    def create(self, request):
        return self._create(request)

    def make(self, sent):
        if not isinstance(sent, dict):
            raise exceptions.ParseError
        field = CodeField(Request, "number")
        field.bind("request", serializers.Serializer(context=self.get_serializer_context()))
        try:
            found = field.run_validation(sent.get("request"))
        except exceptions.ValidationError as error:
            raise exceptions.ValidationError({"request": error.detail}) from None
        whose = followers_of(found, self.post_in)
        if not whose:
            raise NotAllowed("还没有跟单代表，也没有接待代表。")
        form = FollowUpForm(as_form(sent), found=found, whose=whose)
        checked(form)
        return form.made().enter(by=self.post_in)
