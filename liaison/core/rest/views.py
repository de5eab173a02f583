"""The parts that viewsets are put together from."""

from typing import Any, ClassVar

from django.http import Http404, QueryDict
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions, serializers, status
from rest_framework.response import Response

from liaison.accounts.models import Post
from liaison.core.idempotency import answer_once
from liaison.core.workflow import NotAllowed, Step

from .errors import MAY_NOT

KEY_LENGTH = 80
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="同一编号、同一内容只生效一次，再发得到第一次的回答",
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
    """Creating POST for some roles. The view writes `make() -> instance`, from `request.data` and by a form's rules.

    It wears `creates` on its own `create`, which hands over to `_create`.
    """

    creators: ClassVar[tuple[str, ...]] = ()

    def _create(self: Any, request: Any) -> Any:
        self.only_for(self.creators)

        def act() -> Response:
            made = self.make(request.data)
            shown = self.get_queryset().get(pk=made.pk)
            return Response(self.get_serializer(shown).data, status=status.HTTP_201_CREATED)

        return self.once(request, act)


def creates(sent: Any, answered: Any, **kwargs: Any) -> Any:
    """Describe a creating POST: what is sent, what is answered."""
    return extend_schema(request=sent, responses={201: answered}, parameters=[IDEMPOTENCY_KEY], **kwargs)


STEP_BODY = {
    "application/json": {
        "type": "object",
        "properties": {
            "version": {"type": "integer", "description": "读到的版本；别人改过就不执行，答 409"},
            "note": {"type": "string", "description": "说明或原因"},
        },
        "additionalProperties": True,
    }
}


def as_form(sent: Any) -> QueryDict:
    """What a program sent, as a browser would have sent it: the forms of the pages check both."""
    if not isinstance(sent, dict):
        raise exceptions.ParseError
    form = QueryDict(mutable=True)
    for name, value in sent.items():
        values = value if isinstance(value, list) else [value]
        if any(isinstance(one, dict | list) for one in values):
            raise exceptions.ValidationError({name: ["写一个值，或一列值。"]})
        form.setlist(name, [_typed(one) for one in values if one is not None and one is not False])
    return form


def _typed(value: Any) -> str:
    return "true" if value is True else str(value)


def checked(form: Any) -> dict[str, Any]:
    """The form's cleaned data; what it finds wrong is an answer 400 with the fields."""
    if not form.is_valid():
        errors = {
            name if name != "__all__" else "non_field_errors": list(found)
            for name, found in form.errors.items()
        }
        raise exceptions.ValidationError(errors)
    return dict(form.cleaned_data)


def takes_steps(serializer: Any, flow: dict[str, Step], forms: dict[str, Any]) -> Any:
    """Describe `POST …/steps/{step}/` from the table and the forms themselves."""
    lines = ["和页面上的按钮一样：谁能做、什么状态能做，由同一张表决定。不能做的答 403 或 409。", ""]
    for name, row in ((name, row) for name, row in flow.items() if name in forms):
        fields = getattr(forms.get(name), "base_fields", {})
        told = [f"`{key}`（{f.label or '说明'}）" for key, f in fields.items() if not f.widget.is_hidden]
        lines.append(f"- `{name}` {row.label}" + (f"：{'、'.join(told)}" if told else ""))
    step = OpenApiParameter(
        "step", str, "path", enum=[name for name in flow if name in forms] or None, description="步骤"
    )
    return extend_schema(
        request=STEP_BODY,
        responses=serializer,
        parameters=[IDEMPOTENCY_KEY, step],
        description="\n".join(lines),
    )


class Steps(OnceOnly):
    """`POST …/steps/{step}/`: the same moves as the page's buttons, checked by the same forms.

    The viewset wears `takes_steps` on its own `step`, which hands over to `_step`.
    """

    step_forms: ClassVar[dict[str, Any]] = {}

    def _step(self: Any, request: Any, step: str) -> Any:
        thing = self.get_object()
        # What another step brings about is nobody's to send.
        if step not in thing.FLOW or step not in self.step_forms:
            raise Http404
        self.only_for(thing.FLOW[step].roles)

        def act() -> Response:
            if refusal := thing.refusal(step, self.post_in):
                raise NotAllowed(refusal)
            form = self.step_forms[step](as_form(request.data), thing=thing, post=self.post_in)
            checked(form)
            form.take(step, self.post_in)
            return Response(self.get_serializer(thing).data)

        return self.once(request, act)


class StepsField(serializers.DictField):
    """The steps open to the caller now: name → label."""

    child = serializers.CharField()

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(source="*", read_only=True, help_text="现在可以做的：步骤 → 名称", **kwargs)

    def to_representation(self, thing: Any) -> dict[str, str]:
        post = self.context["request"]._request.post
        view = self.context.get("view")
        steps = thing.open_steps(post)
        taken = steps if view is None else getattr(view, "step_forms", {})
        return {name: row.label for name, row in steps.items() if name in taken}


class Seen:
    """Another thing, out of those that the caller may see; written, one out of sight is as one that does not exist."""

    context: dict[str, Any]
    fail: Any

    def __init__(self, model: Any, *args: Any, **kwargs: Any) -> None:
        self.model = model
        if not kwargs.get("read_only"):
            kwargs["queryset"] = model.objects.none()
        super().__init__(*args, **kwargs)

    def get_queryset(self) -> Any:
        request = self.context.get("request")
        return self.model.objects.visible_to(getattr(request, "post", None))


class IdField(Seen, serializers.PrimaryKeyRelatedField):
    """By its id."""


class CodeField(Seen, serializers.SlugRelatedField):
    """By its code or number. Read without a query where the view has joined it."""

    def __init__(self, model: Any, slug_field: str = "code", **kwargs: Any) -> None:
        named = model._meta.get_field(slug_field).verbose_name
        kwargs.setdefault("help_text", f"{model._meta.verbose_name}的{named}")
        super().__init__(model, slug_field, **kwargs)

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str) or "\0" in data:
            self.fail("invalid")
        return super().to_internal_value(data)
