"""承办单位: the departments that requests and suggestions are handed to, and the posts that act for them."""

import re
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from liaison.accounts.models import Area, Post, Role, paths_to
from liaison.core.places import InArea, inside
from liaison.core.workflow import Recorded
from stations.models import during, overlaps
from visits.models import Category


class DepartmentQuerySet(models.QuerySet["Department"]):
    def visible_to(self, post: Post | None) -> "DepartmentQuerySet":
        """Those of the area; at a station, for a deputy and a department, those of the areas above too."""
        if post is None:
            return self.none()
        if post.role in (Role.STATION, Role.DEPUTY, Role.UNIT):
            return self.filter(inside(post.area) | Q(area_path__in=post.area.path_and_above))
        return self.filter(inside(post.area))

    def for_requests(self, area: Area, by: Post) -> "DepartmentQuerySet":
        """Those that `by` may hand a request of `area` to: its own departments, and those of the areas above it."""
        return self.for_places([area.path], by)

    def for_places(self, paths: Iterable[str], by: Post) -> "DepartmentQuerySet":
        """Likewise for requests of several areas, by their paths: those for any of them."""
        return self.filter(
            inside(by.area), area_path__in={above for path in paths for above in paths_to(path)}
        )

    def of(self, post: Post, on: date) -> "DepartmentQuerySet":
        """Those that a post acts for on a day."""
        return self.filter(staff__in=DepartmentStaff.objects.current(on).filter(post=post))

    def to_choose(self) -> "DepartmentQuerySet":
        """Those in use, as one chooses among them: of a place and by name, the wider area first."""
        return self.filter(active=True).order_by("area_path", "name", "pk")

    def search(self, text: str) -> "DepartmentQuerySet":
        return self.filter(name__contains=text)


class Department(InArea, Recorded):
    """A department. `area` is whose department it is: 平城区住房和城乡建设局 belongs to 平城区."""

    name = models.CharField("名称", max_length=60)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name="上级单位"
    )
    contact = models.CharField("联系人", max_length=15, blank=True)
    phone = models.CharField("联系电话", max_length=20, blank=True)
    duties = models.CharField(
        "负责的类别",
        max_length=200,
        blank=True,
        help_text="办哪些类别的诉求，用顿号分开，如：供暖、物业、房屋漏雨。派单时据此建议单位",
    )
    active = models.BooleanField("在用", default=True)

    objects = DepartmentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "承办单位"
        constraints = [
            models.UniqueConstraint(
                fields=["area", "name"],
                name="department_name_once_per_area",
                violation_error_message="这个区划里已经有同名的单位，请换一个名称。",
            )
        ]
        indexes = [models.Index(fields=["area_path", "name"], name="departments_of_an_area")]

    def __str__(self) -> str:
        return self.name

    @property
    def duty_names(self) -> list[str]:
        """The categories that it answers for, by name."""
        return [name for name in re.split("[、，,；;\\s]+", self.duties) if name]

    def clean(self) -> None:
        known = set(Category.objects.filter(name__in=self.duty_names).values_list("name", flat=True))
        if unknown := [name for name in self.duty_names if name not in known]:
            raise ValidationError({"duties": f"没有“{unknown[0]}”这个类别，请照诉求类别的名称写。"})
        self.duties = "、".join(self.duty_names)
        above: Department | None = self.parent
        while above is not None:
            if above.pk == self.pk and self.pk is not None:
                raise ValidationError({"parent": "这个单位在它的下面，不能作上级。"})
            above = above.parent


class DepartmentStaffQuerySet(models.QuerySet["DepartmentStaff"]):
    def current(self, on: Any) -> "DepartmentStaffQuerySet":
        return self.filter(during(on))

    def visible_to(self, post: Post | None) -> "DepartmentStaffQuerySet":
        return self.filter(department__in=Department.objects.visible_to(post))


class DepartmentStaff(Recorded):
    """Who acts for a department: a post tied to it, from a day to a day."""

    post = models.ForeignKey(Post, models.PROTECT, related_name="departments", verbose_name="岗位")
    department = models.ForeignKey(Department, models.PROTECT, related_name="staff", verbose_name="承办单位")
    from_on = models.DateField("起始日期")
    to_on = models.DateField("终止日期", null=True, blank=True, help_text="不填表示仍在岗")

    objects = DepartmentStaffQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "承办单位经办人"
        constraints = [
            models.CheckConstraint(
                condition=Q(to_on=None) | Q(to_on__gte=F("from_on")),
                name="department_staff_ends_after_it_begins",
                violation_error_message="终止日期不能早于起始日期。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.department} {self.post.user.name}"

    @property
    def area_path(self) -> str:
        return self.department.area_path

    def clean(self) -> None:
        """A department's post, held on that day, and once at a time."""
        if self.post_id is None or self.department_id is None or self.from_on is None:
            return
        if self.post.role != Role.UNIT:
            raise ValidationError({"post": "请选“承办单位”岗位。"})
        if not self.post.is_current(self.from_on):
            raise ValidationError(f"{self.post}在{self.from_on:%Y年%-m月%-d日}不在岗，请先办理岗位。")
        same = DepartmentStaff.objects.filter(post=self.post, department=self.department).exclude(pk=self.pk)
        if same.filter(overlaps(self.from_on, self.to_on)).exists():
            raise ValidationError("这个岗位已经是这个单位的经办人，不用再加。")
