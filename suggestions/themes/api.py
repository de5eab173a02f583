"""REST for themes: read, put together, and their steps. The requests of one: `requests/?theme=…`."""

from rest_framework import exceptions, serializers, viewsets
from rest_framework.decorators import action

from liaison.accounts.models import Area, Role
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
from suggestions.models import Theme
from visits.models import Category

from .filters import ThemeFilter
from .forms import THEME_FORMS, ThemeForm
from .models import THEME_FLOW


class ThemeSerializer(serializers.ModelSerializer):
    area = CodeField(Area, read_only=True)
    category = CodeField(Category, read_only=True)
    steps = StepsField()

    class Meta:
        model = Theme
        fields = ["id", "title", "category", "area", "lead_words", "state", "version", "steps"]
        read_only_fields = fields


class NewThemeSerializer(serializers.Serializer):
    """What is sent to put a theme together."""

    title = serializers.CharField(max_length=40)
    category = serializers.IntegerField(required=False, help_text="类别的 id；不写按多数诉求的类别")
    requests = serializers.ListField(child=serializers.CharField(), help_text="诉求单编号")


class ThemeViewSet(InPost, CreateOnce, Steps, viewsets.ReadOnlyModelViewSet):
    """共性问题：说的是同一件事的诉求，由人归在一起。"""

    model = Theme
    keyset = ("-pk",)
    related = ("area", "category")
    serializer_class = ThemeSerializer
    filterset_class = ThemeFilter
    creators = (Role.OFFICE,)
    step_forms = THEME_FORMS

    @creates(NewThemeSerializer, ThemeSerializer)
    def create(self, request):
        return self._create(request)

    def make(self, sent):
        if not isinstance(sent, dict):
            raise exceptions.ParseError
        told = checked(ThemeForm(as_form(sent), post=self.post_in))
        return Theme.objects.put_together(
            by=self.post_in, **{name: told[name] for name in ("title", "category", "requests")}
        )

    @takes_steps(ThemeSerializer, THEME_FLOW, THEME_FORMS)
    @action(detail=True, methods=["post"], url_path=r"steps/(?P<step>\w{1,40})")
    def step(self, request, pk, step):
        return self._step(request, step)
