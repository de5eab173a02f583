"""Filters that every list shares."""

from typing import Any

import django_filters as filters

from liaison.accounts.models import Area

from .places import inside

CODE_LENGTH = 12


class AreaFilter(filters.CharFilter):
    """An area by its code, of which the zeros at the end may be left out, and everything below it.

    One that the caller does not see holds nothing, like one that does not exist.
    """

    def __init__(self, path: str = "area_path", **kwargs: Any) -> None:
        super().__init__(label=kwargs.pop("label", "区划代码"), **kwargs)
        self.path = path

    def filter(self, rows: Any, value: str | None) -> Any:
        if not value:
            return rows
        seen = Area.objects.visible_to(getattr(self.parent.request, "post", None))
        area = seen.filter(code=value.ljust(CODE_LENGTH, "0")).first()
        return rows.filter(inside(area, self.path)) if area else rows.none()
