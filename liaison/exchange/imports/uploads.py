"""The file between the two steps: chosen and looked at, not imported yet. It waits privately, for a day, for its owner."""

import hashlib
import uuid
from datetime import datetime, timedelta

from django.core.files.uploadedfile import UploadedFile
from django.db import models
from django.utils import timezone

from liaison.accounts.models import Post
from liaison.core.models import AuditEntry
from liaison.core.workflow import NotAllowed

KEPT = timedelta(days=1)


def _stored_name(upload: "Upload", filename: str) -> str:
    return f"imports/{upload.key}"


class UploadQuerySet(models.QuerySet["Upload"]):
    def visible_to(self, post: Post | None) -> "UploadQuerySet":
        """One's own, in the post in which it was chosen, as long as it is kept."""
        if post is None:
            return self.none()
        return self.filter(post=post, created_at__gt=timezone.now() - KEPT)

    def keep(self, file: UploadedFile, *, by: Post) -> "Upload":
        """Store a chosen file until it is imported, or forgotten."""
        digest = hashlib.sha256()
        for chunk in file.chunks():
            digest.update(chunk)
        file.seek(0)
        row = Upload(post=by, name=f"{file.name}"[:100], size=file.size or 0, sha256=digest.hexdigest())
        row.file.save("", file, save=False)
        row.save()
        return row

    def forget_old(self, now: datetime) -> int:
        """Remove what has had its day, file and row. Returns how many."""
        old = list(self.filter(created_at__lte=now - KEPT))
        for row in old:
            row.file.delete(save=False)
            row.delete()
        return len(old)


class Upload(models.Model):
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    post = models.ForeignKey(Post, models.PROTECT, related_name="+")
    file = models.FileField(upload_to=_stored_name, max_length=100)
    name = models.CharField("文件名", max_length=100)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now)
    imported_at = models.DateTimeField(null=True)
    figures = models.JSONField(default=dict)  # what the import did: sheet → outcome → rows

    objects = UploadQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "待导入的工作簿"

    def __str__(self) -> str:
        return str(self.key)

    @property
    def path(self) -> str:
        return self.file.path

    @property
    def written(self) -> int:
        """How many records the import made or changed."""
        return sum(found.get("new", 0) + found.get("changed", 0) for found in self.figures.values())

    def done(self, figures: dict[str, dict[str, int]], *, by: Post) -> None:
        """It has been imported. Call it in the transaction of the import: where another was first, NotAllowed undoes this one."""
        now = timezone.now()
        waiting = Upload.objects.filter(pk=self.pk, imported_at=None)
        if not waiting.update(imported_at=now, figures=figures):
            raise NotAllowed("这个文件刚刚已导入，没有再导入一次。请重新打开这一页看结果。")
        self.imported_at, self.figures = now, figures
        data = {"figures": figures, "sha256": self.sha256}
        AuditEntry.objects.record(self, "import", by=by, data=data)
