"""REST for contact links (read) and contacts made (read, write down)."""

from django.db.models import Prefetch
from django.utils import timezone
from rest_framework import exceptions, serializers, viewsets

from liaison.accounts.models import Area, Role
from liaison.core.rest.views import CodeField, CreateOnce, IdField, InPost, as_form, checked, creates

from .filters import ContactLinkFilter, ContactRecordFilter
from .forms import RecordForm
from .models import ContactLink, ContactRecord
from .privacy import shown_voter, shown_words


class VoterSerializer(serializers.Serializer):
    """The voter, as far as the caller may read."""

    name = serializers.CharField()
    phone = serializers.CharField()
    address = serializers.CharField()


class ContactLinkSerializer(serializers.ModelSerializer):
    area = CodeField(Area, read_only=True)
    place = CodeField(Area, read_only=True)
    station = serializers.CharField(
        source="station_code", read_only=True, allow_null=True, help_text="代表今天所在站点的编号"
    )
    keeper = serializers.CharField(read_only=True, help_text="谁在联系")
    voter = serializers.SerializerMethodField(
        help_text="列表里和无权看全的，姓名和电话隐去一部分；不是选民的为 null"
    )
    contacts = serializers.IntegerField(read_only=True, help_text="联系次数")
    last_on = serializers.DateField(read_only=True, help_text="最近一次的日期")

    class Meta:
        model = ContactLink
        fields = [
            "id", "kind", "keeper", "leader", "mandate", "place", "partner", "voter", "station", "area", "from_on", "to_on",
            "end_reason", "contacts", "last_on", "version",
        ]  # fmt: skip
        read_only_fields = fields

    def get_voter(self, link: ContactLink) -> VoterSerializer(allow_null=True):
        post = self.context["request"]._request.post
        masked = self.context["view"].action == "list" and post.role != Role.DEPUTY
        shown = shown_voter(link, post, masked=masked)
        return None if shown is None else VoterSerializer(shown).data


class ContactLinkViewSet(InPost, viewsets.ReadOnlyModelViewSet):
    """联系：谁联系县乡、代表、选民，从哪天到哪天。"""

    model = ContactLink
    keyset = ("-from_on", "-pk")
    related = ("leader__mandate__deputy", "mandate__deputy", "partner", "place", "area", "voter")
    serializer_class = ContactLinkSerializer
    filterset_class = ContactLinkFilter

    def get_queryset(self):
        return super().get_queryset().with_contacts().with_station(timezone.localdate())


class ContactRecordSerializer(serializers.ModelSerializer):
    said = serializers.SerializerMethodField(help_text="谈了什么；无权看的只有一句说明")
    follow_up = serializers.SerializerMethodField(help_text="后续要办的")
    voided = serializers.SerializerMethodField(help_text="已作废，不计数")

    class Meta:
        model = ContactRecord
        fields = ["id", "link", "day", "way", "said", "follow_up", "voided", "version"]
        read_only_fields = fields

    def _words(self, record: ContactRecord, words: str) -> str:
        return shown_words(record, words, self.context["request"]._request.post) if words else ""

    def get_said(self, record: ContactRecord) -> str:
        return self._words(record, record.said)

    def get_follow_up(self, record: ContactRecord) -> str:
        return self._words(record, record.follow_up)

    def get_voided(self, record: ContactRecord) -> bool:
        return record.voided_at is not None


class NewContactSerializer(serializers.ModelSerializer):
    """What is sent to write down a contact."""

    link = IdField(ContactLink)

    class Meta:
        model = ContactRecord
        fields = ["link", "day", "way", "said", "follow_up"]


class ContactRecordViewSet(InPost, CreateOnce, viewsets.ReadOnlyModelViewSet):
    """联系记录：一次联系。"""

    model = ContactRecord
    keyset = ("-day", "-pk")
    serializer_class = ContactRecordSerializer
    filterset_class = ContactRecordFilter
    creators = (Role.OFFICE, Role.STATION, Role.DEPUTY)

    def get_queryset(self):
        rows = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):
            return rows
        links = ContactLink.objects.visible_to(self.post_in).with_station(timezone.localdate())
        return rows.prefetch_related(Prefetch("link", links))

    @creates(NewContactSerializer, ContactRecordSerializer)
    def create(self, request):
        return self._create(request)

    def make(self, sent):
        if not isinstance(sent, dict):
            raise exceptions.ParseError
        field = IdField(ContactLink)
        field.bind("link", serializers.Serializer(context=self.get_serializer_context()))
        try:
            link = field.run_validation(sent.get("link"))
        except exceptions.ValidationError as error:
            raise exceptions.ValidationError({"link": error.detail}) from None
        if not link.is_kept_by(self.post_in):
            raise exceptions.PermissionDenied("这不是您的联系，不能记。")
        form = RecordForm(as_form(sent), link=link)
        checked(form)
        return ContactRecord(link=link, **form.values()).enter(by=self.post_in)
