"""Where a record belongs: the area, kept on the row itself.

A town that is merged later leaves its old records where they were. `area_path` stands on the row so that a list of one
county reads that county's rows from an index and nothing else.
"""

from typing import Any

from django.db import models
from django.db.models import Q

from liaison.accounts.models import Area


def inside(area: Area, field: str = "area_path") -> Q:
    """Rows whose path lies in `area`. A range, which an ordinary index serves on both databases (LIKE would not)."""
    if not area.path:  # the nation
        return Q(**{f"{field}__gte": ""})
    return Q(**{f"{field}__gte": area.path, f"{field}__lt": str(int(area.path) + 1)})


class InArea(models.Model):
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="区划")
    area_path = models.CharField(max_length=12, editable=False)

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.area_path = self.area.path
        super().save(*args, **kwargs)
