"""The parts that viewsets are put together from."""

from typing import Any, ClassVar

from django.http import Http404
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import OpenApiParameter, PolymorphicProxySerializer, extend_schema
from rest_framework import exceptions, serializers, status
from rest_framework.decorators import action
from rest_framework.response import Response

from liaison.accounts.models import Post

from liaison.core.idempotency import answer_once
from .errors import MAY_NOT

KEY_LENGTH = 80  # as long as SentBefore keeps them
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key", str, OpenApiParameter.HEADER, description="同一编号、同一内容只生效一次，再发得到第一次的回答"
)


class TokenScheme(OpenApiAuthenticationExtension):
    target_class = "liaison.core.rest.callers.TokenInPost"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "header", "name": "Authorization", "description": "Token <令牌>"}


class SessionScheme(OpenApiAuthenticationExtension):
    target_class = "liaison.core.rest.callers.SessionInPost"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": "session", "description": "浏览器登录后的会话"}


class InPost:
    """For every viewset: the acting post, and rows through `visible_to`."""

    request: Any
    model: ClassVar[Any]
    keyset: tuple[str, ...] = ("pk",)
    related: ClassVar[tuple[str, ...]] = ()
    lookup_value_regex = r"[0-9]{1,18}"

    @property
    def post_in(self) -> Post:
        return self.request._request.post

    @property
    def queryset(self) -> Any:
        return self.model.objects.none()  # for the description of the interface only

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        return self.model.objects.visible_to(self.post_in).select_related(*self.related)

    def only_for(self, roles: tuple[str, ...]) -> None:
        if self.post_in.role not in roles:
            raise exceptions.PermissionDenied(MAY_NOT)


class OnceOnly:
    """What writes honours `Idempotency-Key`: same key and content, the first answer again."""

    def once(self: Any, request: Any, act: Any) -> Any:
        key = request.headers.get("Idempotency-Key", "")
        if len(key) > KEY_LENGTH:
            raise exceptions.ValidationError({"Idempotency-Key": [f"最多 {KEY_LENGTH} 个字符。"]})

        def rendered() -> Response:
            """Rendered now, so that the answer can be kept with the key."""
            return self.finalize_response(request, act()).render()

        request._request.user = request.user
        return answer_once(request._request, key, rendered)


class CreateOnce(OnceOnly):
    """Creating POST for some roles. The view writes `make(serializer) -> instance`, and may name what is written."""

    creators: ClassVar[tuple[str, ...]] = ()
    write_serializer_class: ClassVar[Any] = None

    @extend_schema(parameters=[IDEMPOTENCY_KEY])
    def create(self: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        self.only_for(self.creators)
        return self.once(request, lambda: self._create(request))

    def _create(self: Any, request: Any) -> Response:
        serializer = self.write_serializer_class(data=request.data, context=self.get_serializer_context())
        serializer.is_valid(raise_exception=True)
        made = self.make(serializer.validated_data)
        shown = self.get_queryset().get(pk=made.pk)
        return Response(self.get_serializer(shown).data, status=status.HTTP_201_CREATED)


class StepSerializer(serializers.Serializer[Any]):
    note = serializers.CharField(required=False, allow_blank=True, max_length=2000, help_text="说明或原因")
    version = serializers.IntegerField(required=False, help_text="读到的版本；别人改过就不执行（409）")


def takes_steps(serializer: Any, **data: Any) -> Any:
    """Describe `POST …/steps/{step}/`: each step's own serializer, or the plain one."""
    kinds = [StepSerializer, *data.values()]
    body: Any = StepSerializer
    if data:
        name = f"{serializer.__name__.removesuffix('Serializer')}Step"
        body = PolymorphicProxySerializer(name, kinds, resource_type_field_name=None)
    return extend_schema(
        request=body, responses=serializer, parameters=[IDEMPOTENCY_KEY, OpenApiParameter("step", str, "path")]
    )


class Steps(OnceOnly):
    """`POST …/steps/{step}/`: the same moves as the page's buttons, decided by the same table and method."""

    step_data: ClassVar[dict[str, type[serializers.Serializer[Any]]]] = {}

    @action(detail=True, methods=["post"], url_path=r"steps/(?P<step>[a-z_]{1,40})")
    def step(self: Any, request: Any, step: str, **kwargs: Any) -> Any:
        thing = self.get_object()
        if step not in thing.FLOW:
            raise Http404
        self.only_for(thing.FLOW[step].roles)

        def act() -> Response:
            context = self.get_serializer_context() | {"thing": thing}
            sent = self.step_data.get(step, StepSerializer)(data=request.data, context=context)
            sent.is_valid(raise_exception=True)
            getattr(thing, step)(by=self.post_in, **sent.validated_data)
            # A step may put a thing out of the caller's sight; the answer is still the thing as the step left it.
            return Response(self.get_serializer(thing).data)

        return self.once(request, act)


class StepsField(serializers.DictField):
    """The steps open to the caller now: name → label."""

    child = serializers.CharField()

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(source="*", read_only=True, help_text="现在可以做的：步骤 → 名称", **kwargs)

    def to_representation(self, thing: Any) -> dict[str, str]:
        post = self.context["request"]._request.post
        return {name: row.label for name, row in thing.open_steps(post).items()}


class CodeField(serializers.SlugRelatedField):
    """Another thing by its code or number, out of those that the caller may see.

    Read without a query where the view has joined it; written, it must be in sight.
    """

    def __init__(self, model: Any = None, slug_field: str = "code", **kwargs: Any) -> None:
        self.model = model
        if not kwargs.get("read_only"):
            kwargs["queryset"] = model.objects.all()
        super().__init__(slug_field=slug_field, **kwargs)

    def get_queryset(self) -> Any:
        return self.model.objects.visible_to(self.context["request"]._request.post)

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str | int) or isinstance(data, bool) or "\0" in str(data):
            self.fail("invalid")
        return super().to_internal_value(data)
