"""What people speak of: a closed list in two levels, with the code that the 12345 hotline uses.

It stands in this layer because a visit has a category whether or not a request comes of it.
"""

from datetime import date

from django.db import models
from django.db.models import Q

from liaison.accounts.models import Post


class CategoryQuerySet(models.QuerySet["Category"]):
    def in_use(self, on: date) -> "CategoryQuerySet":
        return self.filter(from_on__lte=on).filter(Q(to_on=None) | Q(to_on__gte=on)).order_by("rank", "pk")

    def top(self) -> "CategoryQuerySet":
        return self.filter(parent=None)

    def visible_to(self, post: Post | None) -> "CategoryQuerySet":
        """The list is the same for everybody who has signed in."""
        return self.all() if post else self.none()


class Category(models.Model):
    code = models.CharField("代码", max_length=10, unique=True)
    hotline_code = models.CharField("12345 代码", max_length=20, blank=True)
    name = models.CharField("名称", max_length=20)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name="上级"
    )
    rank = models.PositiveSmallIntegerField("顺序", default=100, help_text="接待登记时数字键 1 到 8 选前八类")
    phrases = models.JSONField("常用说法", default=list, blank=True, help_text="最多六句，登记时一键填入")
    from_on = models.DateField("起用日期")
    to_on = models.DateField("停用日期", null=True, blank=True)

    objects = CategoryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "诉求类别"

    def __str__(self) -> str:
        return self.name
