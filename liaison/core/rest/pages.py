"""Keyset pages: `results`, `next`, `previous`; a total only where it was asked for."""

from typing import Any

from django.http import QueryDict
from rest_framework import exceptions
from rest_framework.pagination import BasePagination
from rest_framework.response import Response

from liaison.core.paging import MAX_PAGE_SIZE, PAGE_SIZE, BadCursor, Page, keyset_page


class KeysetPages(BasePagination):
    """`page_size` to 200; `count` only with `count=1`. The view names its total order as `keyset`."""

    page: Page

    def paginate_queryset(self, queryset: Any, request: Any, view: Any = None) -> list[Any]:
        query: QueryDict = request.query_params
        try:
            self.page = keyset_page(
                queryset, view.keyset, query, size=self._size(query), count=query.get("count") == "1"
            )
        except BadCursor as error:
            raise exceptions.ValidationError({"cursor": [str(error)]}) from None
        self.url = request.build_absolute_uri(request.path)
        return self.page.rows

    def _size(self, query: QueryDict) -> int:
        wanted = query.get("page_size") or str(PAGE_SIZE)
        if not (
            wanted.isascii() and wanted.isdigit() and len(wanted) < 10 and 1 <= int(wanted) <= MAX_PAGE_SIZE
        ):
            raise exceptions.ValidationError({"page_size": [f"写 1 到 {MAX_PAGE_SIZE} 的整数。"]})
        return int(wanted)

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
        total = {"type": "integer", "description": "只在 count=1 时给出"}
        properties = {"results": schema, "next": link, "previous": link, "count": total}
        return {"type": "object", "required": ["results", "next", "previous"], "properties": properties}

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        size = {"type": "integer", "minimum": 1, "maximum": MAX_PAGE_SIZE, "default": PAGE_SIZE}
        return [
            {
                "name": "cursor",
                "in": "query",
                "schema": {"type": "string"},
                "description": "上一页或下一页的位置",
            },
            {"name": "page_size", "in": "query", "schema": size, "description": "每页条数"},
            {
                "name": "count",
                "in": "query",
                "schema": {"type": "integer", "enum": [1]},
                "description": "1：同时给出总数",
            },
        ]
