"""What the description of the interface says of every address alike."""

from typing import Any

ERROR = {
    "type": "object",
    "required": ["code", "message", "fields"],
    "properties": {
        "code": {"type": "string"},
        "message": {"type": "string", "description": "一句中文"},
        "fields": {"type": "object", "additionalProperties": True, "description": "哪个字段不对，为什么"},
    },
}
WHEN = (
    "出错时都是这一种内容。400 内容不对；401 没有登录；403 不是您的岗位能做的；404 没有，或不在您的范围；"
    "409 现在的状态不允许，或别人刚改过；422 同一编号用于了另一份内容；429 密码错得太多。"
)


def one_error(result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """Add the one error shape to every operation."""
    parts = result.setdefault("components", {})
    parts.setdefault("schemas", {})["Error"] = ERROR
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    parts.setdefault("responses", {})["Error"] = {"description": WHEN, "content": content}
    for operations in result["paths"].values():
        for operation in operations.values():
            operation["responses"]["default"] = {"$ref": "#/components/responses/Error"}
    return result
