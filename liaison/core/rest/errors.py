"""One error shape: `{"code", "message", "fields"}`, whatever went wrong."""

from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, RequestDataTooBig, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from rest_framework import exceptions, serializers, status
from rest_framework.response import Response
from rest_framework.views import exception_handler

from liaison.core.idempotency import OtherBody
from liaison.core.views import broken_page
from liaison.core.workflow import NotAllowed


class Refused(exceptions.APIException):
    """A step or deed that the rules refuse now."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "refused"


class KeyUsed(exceptions.APIException):
    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_code = "key_used"


class WrongPassword(exceptions.APIException):
    status_code = status.HTTP_401_UNAUTHORIZED
    default_code = "wrong_password"
    default_detail = "账号或密码不对，请再试。连续错 5 次，15 分钟内不能登录。"


class LockedOut(exceptions.APIException):
    status_code = status.HTTP_429_TOO_MANY_REQUESTS
    default_code = "locked_out"
    default_detail = "密码错得太多，15 分钟内不能登录。请 15 分钟后再试。"
    wait = 900


class TooBig(exceptions.APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_big"
    default_detail = "请求内容太大，请分几次提交。"


# Said in our words, whatever the library says.
SENTENCES = {
    "not_found": "没有找到这条记录或这个地址。",
    "not_authenticated": "请先登录，或在请求头里带上令牌。",
    "method_not_allowed": "这个地址不支持这种请求方法。",
    "not_acceptable": "这个接口只给出 application/json。",
    "parse_error": "请求内容不是正确的 JSON。",
    "unsupported_media_type": "请用 application/json 提交。",
    "invalid": "有内容不符合要求，请看 fields。",
}
MAY_NOT = "您的岗位不能做这件事。"


def shape(code: str, message: str, fields: Any = None) -> dict[str, Any]:
    return {"code": code, "message": message, "fields": fields or {}}


def one_error_shape(error: Exception, context: dict[str, Any]) -> Response | None:
    """Out of sight is 404, not yours to do 403, refused by the state 409, a key used for something else 422."""
    error = _as_ours(error)
    response = exception_handler(error, context)
    if response is None:
        return None
    assert isinstance(error, exceptions.APIException)  # noqa: S101 — anything else gave no response above
    if isinstance(error, exceptions.ValidationError):
        fields = response.data if isinstance(response.data, dict) else {"non_field_errors": response.data}
        response.data = shape("invalid", SENTENCES["invalid"], fields)
    else:
        code = error.default_code
        response.data = shape(code, SENTENCES.get(code) or str(error.detail))
    return response


def _as_ours(error: Exception) -> Exception:
    match error:
        case NotAllowed():
            return Refused(str(error))
        case OtherBody():
            return KeyUsed(OtherBody.text)
        case Http404():
            return exceptions.NotFound()
        case PermissionDenied():
            return exceptions.PermissionDenied(MAY_NOT)
        case ValidationError():
            told = serializers.as_serializer_error(error)
            return exceptions.ValidationError({_named(name): found for name, found in told.items()})
        case RecursionError():
            return exceptions.ParseError()
        case RequestDataTooBig():
            return TooBig()
    return error


def _named(field: str) -> str:
    return "non_field_errors" if field == NON_FIELD_ERRORS else field


def not_found(request: HttpRequest, *args: Any, **kwargs: Any) -> JsonResponse:
    """For every address below /api/ that is none."""
    return _plain("not_found", SENTENCES["not_found"], 404)


def broken(request: HttpRequest) -> HttpResponse:
    """Our own mistake: a page, or the same shape below /api/. The log has it under the request's id."""
    if not request.path.startswith("/api/"):
        return broken_page(request)
    return _plain("error", "系统出错了，已经记下。请稍后再试。", 500)


def _plain(code: str, message: str, status_code: int) -> JsonResponse:
    return JsonResponse(shape(code, message), status=status_code, json_dumps_params={"ensure_ascii": False})
