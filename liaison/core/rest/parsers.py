"""JSON as it comes in: bounded in size and depth, because a stranger writes it."""

from typing import Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser
from rest_framework.utils import json as strict_json


class BoundedJSONParser(JSONParser):
    """Reads the body through Django, which refuses more than DATA_UPLOAD_MAX_MEMORY_SIZE before reading it."""

    def parse(
        self, stream: Any, media_type: str | None = None, parser_context: dict[str, Any] | None = None
    ) -> Any:
        body = (parser_context or {})["request"]._request.body
        try:
            return strict_json.loads(body.decode())
        except (ValueError, RecursionError) as error:  # 5,000 open brackets end here, not in a page “500”
            raise ParseError from error
