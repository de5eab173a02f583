"""The readable page of the interface description: the same document as schema/, drawn by us.

So it needs no script, keeps the large letters of 长者版, and reads like every other page.
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, cast

from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator

from liaison.core.access import EVERYBODY, roles

KINDS = {
    "string": "文字",
    "integer": "整数",
    "number": "数",
    "boolean": "是否",
    "object": "对象",
    "array": "列表",
}
FORMATS = {"date": "日期", "date-time": "时刻", "time": "时间", "uri": "地址", "decimal": "小数"}
CODE = re.compile(r"^\* `(.*)` - (.*)$", re.MULTILINE)
PLACES = {"path": "地址里", "query": "查询", "header": "请求头"}
TITLES = {
    "activities": "活动",
    "appointments": "约见代表",
    "areas": "区划",
    "assignments": "编组进站",
    "attendances": "到会",
    "auth": "令牌",
    "ballots": "民生实事票决",
    "bulletins": "动态期刊",
    "categories": "诉求类别",
    "codes": "代表二维码",
    "contact-links": "联系关系",
    "contact-records": "联系记录",
    "coverage": "覆盖情况",
    "departments": "承办单位",
    "deputies": "代表",
    "documents": "站点材料",
    "drafts": "征求意见稿",
    "exports": "导出",
    "figures": "统计指标",
    "files": "附件",
    "followups": "代表跟单",
    "jobs": "后台任务",
    "mandates": "代表职务",
    "news": "动态",
    "notices": "公示",
    "opinions": "立法意见",
    "orders": "派单",
    "projects": "民生实事项目",
    "proposals": "编组方案",
    "quotas": "履职要求",
    "ratings": "评价",
    "reports": "报表",
    "requests": "诉求",
    "seals": "定稿",
    "sheets": "纸质登记表",
    "stations": "站点",
    "suggestions": "代表建议",
    "tasks": "十项任务",
    "themes": "共性问题",
    "visits": "来访登记",
}


@dataclass(frozen=True)
class Value:
    """One parameter, or one field of what is sent or answered."""

    name: str
    kind: str
    place: str = ""
    required: bool = False
    text: str = ""


@dataclass(frozen=True)
class Operation:
    method: str
    path: str
    text: list[str]
    asked: list[Value]
    sent: list[Value]
    answered: list[Value]


@dataclass
class Group:
    name: str
    title: str
    operations: list[Operation] = field(default_factory=list)


@require_safe
@roles(*EVERYBODY)
def docs(request: Any) -> HttpResponse:
    return TemplateResponse(request, "api/docs.html", {"groups": groups()})


@lru_cache
def description() -> dict[str, Any]:
    """The OpenAPI document: the same for everybody, as long as the program runs."""
    return cast(dict[str, Any], SchemaGenerator().get_schema(request=None, public=True))


class OnceDescribed(SchemaGenerator):
    """Gives the document that is there. To make it anew takes a fifth of a second."""

    def get_schema(self, request: Any = None, public: bool = False) -> dict[str, Any]:
        return description()


@lru_cache
def groups() -> list[Group]:
    reader = Reader(description()["components"]["schemas"])
    found: dict[str, Group] = {}
    for path, operations in description()["paths"].items():
        for method, operation in operations.items():
            name = operation["tags"][0]
            group = found.setdefault(name, Group(name, TITLES.get(name, name)))
            group.operations.append(reader.operation(method, path, operation))
    return sorted(found.values(), key=lambda group: (group.name != "auth", group.name))


class Reader:
    """Reads an OpenAPI document as far as ours goes."""

    def __init__(self, schemas: dict[str, Any]) -> None:
        self.schemas = schemas

    def operation(self, method: str, path: str, told: dict[str, Any]) -> Operation:
        success = next(value for status, value in told["responses"].items() if status.startswith("2"))
        return Operation(
            method.upper(),
            path,
            [
                line.removeprefix("- ").replace("`", "")
                for line in told.get("description", "").splitlines()
                if line
            ],
            [self.parameter(one) for one in told.get("parameters", [])],
            self.fields(_content(told.get("requestBody", {}))),
            self.fields(self.row(_content(success))),
        )

    def parameter(self, told: dict[str, Any]) -> Value:
        place, required = PLACES.get(told["in"], told["in"]), told.get("required", False)
        return self.value(told["name"], told["schema"], told.get("description", ""), required, place)

    def value(self, name: str, schema: dict[str, Any], text: str, required: bool, place: str = "") -> Value:
        """A list of codes is told with its labels, as `* `HOME` - 代表之家`; here in one line, and only once."""
        codes = CODE.findall(text)
        said = "；".join([CODE.sub("", text).strip(), *(f"{code} {label}" for code, label in codes)])
        return Value(name, "代码" if codes else self.kind(schema), place, required, said.strip("；"))

    def row(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Of a page of rows, one row: what every list has around it is said once, above."""
        rows = self.whole(schema).get("properties", {}).get("results")
        return rows["items"] if rows else schema

    def fields(self, schema: dict[str, Any]) -> list[Value]:
        whole = self.whole(schema)
        required = whole.get("required", [])
        return [
            self.value(name, told, told.get("description") or told.get("title", ""), name in required)
            for name, told in whole.get("properties", {}).items()
        ]

    def whole(self, schema: dict[str, Any]) -> dict[str, Any]:
        if "$ref" in schema:
            return self.schemas[schema["$ref"].rsplit("/", 1)[1]]
        return schema

    def kind(self, schema: dict[str, Any]) -> str:
        whole = self.whole(schema)
        for key in ("allOf", "oneOf"):
            if key in whole:
                return " 或 ".join(kind for part in whole[key] if (kind := self.kind(part)))
        if "enum" in whole:
            return "、".join(str(value) for value in whole["enum"] if value not in ("", None))
        kind = FORMATS.get(whole.get("format", "")) or KINDS.get(whole.get("type", ""), "")
        if longest := whole.get("maxLength"):
            kind += f"，最多 {longest} 字"
        return kind


def _content(body: dict[str, Any]) -> dict[str, Any]:
    return body.get("content", {}).get("application/json", {}).get("schema", {})
