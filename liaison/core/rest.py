"""What every REST address has in common: who calls, pages, errors, keys, steps."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, QueryDict
from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import OpenApiParameter, extend_schema
from knox.auth import TokenAuthentication
from rest_framework import exceptions, serializers, status
from rest_framework.authentication import SessionAuthentication
from rest_framework.decorators import action
from rest_framework.pagination import BasePagination
from rest_framework.permissions import BasePermission
from rest_framework.response import Response
from rest_framework.views import exception_handler

from liaison.accounts.models import Post

from .idempotency import OtherBody, answer_once
from .paging import MAX_PAGE_SIZE, PAGE_SIZE, BadCursor, Page, keyset_page
from .workflow import NotAllowed


class TokenInPost(TokenAuthentication):
    """`Authorization: Token …`. `X-Post: <id>` chooses among the person's posts; without it the first one acts."""

    def authenticate(self, request: Any) -> Any:
        found = super().authenticate(request)
        if found is None:
            return None
        user = found[0]
        if user.password_is_due:
            raise exceptions.AuthenticationFailed("密码已到期，请先在网页上修改密码。")
        posts = list(
            Post.objects.filter(user=user).current(timezone.localdate()).select_related("area", "user").order_by("from_on", "pk")
        )
        wanted = request.headers.get("X-Post", "")
        chosen = [post for post in posts if str(post.pk) == wanted] if wanted else posts[:1]
        if not chosen:
            raise exceptions.AuthenticationFailed("这个岗位不是您的，或已到期。" if wanted else "这个账号现在没有岗位。")
        request._request.post = chosen[0]
        return found


class TokenScheme(OpenApiAuthenticationExtension):
    target_class = "liaison.core.rest.TokenInPost"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "header", "name": "Authorization", "description": "Token <令牌>"}


class SessionInPost(SessionAuthentication):
    """The browser's session, in the post it acts in."""

    def authenticate_header(self, request: Any) -> str:
        return "Session"  # so that a stranger gets 401, not 403


class SessionScheme(OpenApiAuthenticationExtension):
    target_class = "liaison.core.rest.SessionInPost"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": "session"}


class HasPost(BasePermission):
    message = "这个账号现在没有岗位。"

    def has_permission(self, request: Any, view: Any) -> bool:
        return bool(request.user and request.user.is_authenticated and getattr(request._request, "post", None))


class KeysetPages(BasePagination):
    """`results`, `next`, `previous`; `page_size` to 200; `count` only with `count=1`. The view says `keyset`."""

    page: Page

    def paginate_queryset(self, queryset: Any, request: Any, view: Any = None) -> list[Any]:
        query: QueryDict = request.query_params
        try:
            size = min(max(int(query.get("page_size", PAGE_SIZE)), 1), MAX_PAGE_SIZE)
        except ValueError:
            raise exceptions.ValidationError({"page_size": ["写 1 到 200 的整数。"]}) from None
        try:
            self.page = keyset_page(queryset, view.keyset, query, size=size, count=query.get("count") == "1")
        except BadCursor as error:
            raise exceptions.ValidationError({"cursor": [str(error)]}) from None
        self.url = request.build_absolute_uri(request.path)
        return self.page.rows

    def get_paginated_response(self, data: Any) -> Response:
        answer = {
            "results": data,
            "next": self.url + self.page.next if self.page.next else None,
            "previous": self.url + self.page.previous if self.page.previous else None,
        }
        if self.page.count is not None:
            answer["count"] = self.page.count
        return Response(answer)

    def get_paginated_response_schema(self, schema: Any) -> dict[str, Any]:
        link = {"type": "string", "format": "uri", "nullable": True}
        properties = {"results": schema, "next": link, "previous": link, "count": {"type": "integer"}}
        return {"type": "object", "required": ["results", "next", "previous"], "properties": properties}

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return [
            {"name": "cursor", "in": "query", "schema": {"type": "string"}, "description": "上一页或下一页的位置"},
            {"name": "page_size", "in": "query", "schema": {"type": "integer", "maximum": MAX_PAGE_SIZE}},
            {"name": "count", "in": "query", "schema": {"type": "integer", "enum": [1]}, "description": "1：同时给出总数"},
        ]


class Refused(exceptions.APIException):
    status_code = status.HTTP_409_CONFLICT
    default_code = "refused"


class KeyUsed(exceptions.APIException):
    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_code = "key_used"


SENTENCES = {
    "not_found": "没有找到这条记录。",
    "permission_denied": "您的岗位不能做这件事。",
    "not_authenticated": "请先登录，或在请求头里带上令牌。",
    "method_not_allowed": "这个地址不支持这种请求方法。",
    "parse_error": "请求内容不是正确的 JSON。",
    "unsupported_media_type": "请用 application/json 提交。",
    "invalid": "有内容不符合要求，请看 fields。",
}


def one_error_shape(error: Exception, context: dict[str, Any]) -> Response | None:
    """`{"code", "message", "fields"}`, whatever went wrong. Out of sight is 404, refused by the state 409."""
    if isinstance(error, NotAllowed):
        error = Refused(str(error))
    elif isinstance(error, OtherBody):
        error = KeyUsed(OtherBody.text)
    elif isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    elif isinstance(error, ValidationError):
        error = exceptions.ValidationError(serializers.as_serializer_error(error))
    elif isinstance(error, RecursionError):
        error = exceptions.ParseError()
    response = exception_handler(error, context)
    if response is None:
        return None
    if isinstance(error, exceptions.ValidationError):
        fields = response.data if isinstance(response.data, dict) else {"non_field_errors": response.data}
        response.data = {"code": "invalid", "message": SENTENCES["invalid"], "fields": fields}
    else:
        code = getattr(error, "default_code", "error")
        detail = str(getattr(error, "detail", error))
        own = code in ("refused", "key_used", "authentication_failed")
        response.data = {"code": code, "message": detail if own else SENTENCES.get(code, detail), "fields": {}}
    return response


class InPost:
    """For every viewset: the acting post, and rows through `visible_to`."""

    request: Any
    model: ClassVar[Any]
    keyset: tuple[str, ...] = ("pk",)
    lookup_value_regex = r"[^/]+"

    @property
    def post_in(self) -> Post:
        return self.request._request.post

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return self.model.objects.none()
        return self.model.objects.visible_to(self.post_in)


IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key", str, OpenApiParameter.HEADER, description="同一编号、同一内容只生效一次，再发得到第一次的回答"
)


class CreateOnce:
    """Creating POST that honours `Idempotency-Key`. The view writes `make(data) -> instance`."""

    @extend_schema(parameters=[IDEMPOTENCY_KEY])
    def create(self: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        def act() -> Response:
            return self._rendered(self._create(request))

        return answer_once(request, request.headers.get("Idempotency-Key", ""), act)

    def _create(self: Any, request: Any) -> Response:
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        instance = self.make(serializer.validated_data)
        return Response(self.present(instance), status=status.HTTP_201_CREATED)

    def present(self: Any, instance: Any) -> Any:
        return self.get_serializer(instance).data

    def _rendered(self: Any, response: Response) -> Response:
        """Rendered now, so that the answer can be kept with the key."""
        return self.finalize_response(self.request, response).render()


class StepSerializer(serializers.Serializer[Any]):
    note = serializers.CharField(required=False, allow_blank=True, max_length=2000, help_text="说明")
    version = serializers.IntegerField(required=False, help_text="打开时的版本，别人改过就不执行")


class Steps:
    """`POST …/steps/{step}/`: the same moves as the page's buttons, checked by the same form."""

    step_forms: ClassVar[dict[str, Callable[..., Any]]] = {}

    @extend_schema(request=StepSerializer, parameters=[IDEMPOTENCY_KEY, OpenApiParameter("step", str, OpenApiParameter.PATH)])
    @action(detail=True, methods=["post"], url_path=r"steps/(?P<step>\w+)")
    def step(self: Any, request: Any, step: str, **kwargs: Any) -> Any:
        thing = self.get_object()
        if step not in thing.FLOW:
            raise Http404
        form = StepSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        data = dict(form.validated_data)
        if step in self.step_forms:
            checked = self.step_forms[step](request.data, thing=thing, post=self.post_in)
            if not checked.is_valid():
                raise exceptions.ValidationError(checked.errors)
            data |= {name: value for name, value in checked.cleaned_data.items() if name not in ("idem", "version", "note")}
        if self.post_in.role not in thing.FLOW[step].roles:
            raise exceptions.PermissionDenied

        def act() -> Response:
            getattr(thing, step)(by=self.post_in, **data)
            return self.finalize_response(request, Response(self.get_serializer(thing).data)).render()

        return answer_once(request, request.headers.get("Idempotency-Key", ""), act)


class StepsField(serializers.Field[Any, Any, Any, Any]):
    """The steps open to the caller now: name → label."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(source="*", read_only=True, **kwargs)

    def to_representation(self, thing: Any) -> dict[str, str]:
        post = self.context["request"]._request.post
        return {name: row.label for name, row in thing.open_steps(post).items()}
