"""The record: what was done to what, by whom in which post, when and from where. Written once, never changed."""

from collections.abc import Sequence
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone

from liaison.accounts.models import Post, Role

from .context import origin
from .places import inside


class AuditQuerySet(models.QuerySet["AuditEntry"]):
    def of(self, thing: models.Model, *beside: models.Model) -> "AuditQuerySet":
        """The history of one thing and of what belongs to it, newest first."""
        wanted = models.Q()
        for one in (thing, *beside):
            wanted |= models.Q(object_type=one._meta.label_lower, object_id=str(one.pk))
        return self.filter(wanted).order_by("-at", "-pk")

    def visible_to(self, post: Post | None) -> "AuditQuerySet":
        """Reviewers and auditors read the record of their area. Others see it only beside a thing they may see."""
        if post is None or post.role not in (Role.OFFICE, Role.AUDITOR):
            return self.none()
        return self.filter(inside(post.area))

    def record(
        self,
        thing: models.Model,
        deed: str,
        *,
        by: Post | None,
        note: str = "",
        before: str = "",
        after: str = "",
        data: dict[str, Any] | None = None,
        was: dict[str, Any] | None = None,
        actor: str = "",
        area_path: str = "",
    ) -> "AuditEntry":
        """Write one entry. Call it inside the transaction of the deed, so that one never stands without the other.

        `by` is None only for what the clock does (making days, reminding) and for who has no post; then `actor` (or the
        thing's WITHOUT_POST) and `area_path` may say who and where. `data` holds no personal data. `was`: the columns
        that the deed changed, with the values before it, as `Recorded.columns_now` gives them.
        """
        entry = self.draft(
            thing,
            deed,
            by=by,
            note=note,
            before=before,
            after=after,
            data=data,
            was=was,
            actor=actor,
            area_path=area_path,
        )
        entry.save(force_insert=True)
        return entry

    def record_many(
        self,
        things: Sequence[models.Model],
        deed: str,
        *,
        by: Post | None,
        note: str = "",
        data: dict[str, Any] | None = None,
        was: dict[str, Any] | None = None,
    ) -> None:
        """One entry for each of many things to which the same happened, with the state it is in now."""
        entries: list[Any] = [
            self.draft(thing, deed, by=by, note=note, after=getattr(thing, "state", ""), data=data, was=was)
            for thing in things
        ]
        self.bulk_create(entries, batch_size=500)

    @staticmethod
    def draft(
        thing: models.Model,
        deed: str,
        *,
        by: Post | None,
        note: str = "",
        before: str = "",
        after: str = "",
        data: dict[str, Any] | None = None,
        was: dict[str, Any] | None = None,
        actor: str = "",
        area_path: str = "",
    ) -> "AuditEntry":
        """The entry of `record`, not written yet: for many at once."""
        here = origin.get()
        return AuditEntry(
            post=by,
            actor=(str(by) if by else actor or getattr(thing, "WITHOUT_POST", "系统"))[:150],
            action=f"{thing._meta.label_lower}.{deed}",
            object_type=thing._meta.label_lower,
            object_id=str(thing.pk),
            label=str(thing)[:200],
            area_path=getattr(thing, "area_path", "") or (by.area.path if by else area_path),
            note=note,
            before=before,
            after=after,
            data=data or {},
            was=was or None,
            ip=here.ip,
            request_id=here.request_id,
        )


class AuditEntry(models.Model):
    """One deed. A trigger in the database refuses to change or delete it (migration 0002)."""

    at = models.DateTimeField("时间", default=timezone.now, db_index=True)
    post = models.ForeignKey(Post, models.PROTECT, null=True, related_name="+", verbose_name="岗位")
    actor = models.CharField("经办人", max_length=150)
    action = models.CharField("操作", max_length=80)
    object_type = models.CharField(max_length=50)
    object_id = models.CharField(max_length=40)
    label = models.CharField("对象", max_length=200)
    area_path = models.CharField(max_length=12, db_index=True)
    before = models.CharField("原状态", max_length=30, blank=True)
    after = models.CharField("现状态", max_length=30, blank=True)
    note = models.TextField("说明", blank=True)
    data = models.JSONField("内容", default=dict, encoder=DjangoJSONEncoder)
    was = models.JSONField("原值", null=True)  # column → value before; read by figures as known on a day
    ip = models.CharField("来源地址", max_length=45, blank=True)
    request_id = models.CharField(max_length=32, blank=True)

    objects = AuditQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "操作日志"
        indexes = [
            models.Index(fields=["object_type", "object_id", "-at"], name="audit_of_a_thing"),
            # What was changed since a moment, and how each thing was before.
            models.Index(
                fields=["object_type", "at", "object_id"],
                condition=models.Q(was__isnull=False),
                name="audit_of_former_values",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.label}"
