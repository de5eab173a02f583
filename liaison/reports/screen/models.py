"""The links by which screens on walls are opened."""

from django.db import models
from django.utils import timezone

from liaison.accounts.models import Post, Role
from liaison.core.links import LinkedBySecret, LinkedQuerySet
from liaison.core.places import InArea, inside
from liaison.core.workflow import NotAllowed, Recorded


class ScreenLinkQuerySet(LinkedQuerySet):
    def visible_to(self, post: Post | None) -> "ScreenLinkQuerySet":
        """An office's: whoever holds the link sees what it sees, so nobody else learns it."""
        if post is None or post.role != Role.OFFICE:
            return self.none()
        return self.filter(inside(post.area))

    def open_by(self, secret: str) -> "ScreenLink | None":
        """The link with this secret, if it is still good: not revoked, and the post that made it goes on."""
        rows = self.with_secret(secret).filter(revoked_at=None)
        found: ScreenLink | None = rows.select_related("area", "by__user", "by__area").first()
        if found is None or not found.by.goes_on(timezone.localdate()):
            return None
        return found


class ScreenLink(LinkedBySecret, InArea, Recorded):
    name = models.CharField("挂在哪里", max_length=40, help_text="例如：一楼大厅")
    by = models.ForeignKey(Post, models.PROTECT, related_name="+", verbose_name="谁开的")
    revoked_at = models.DateTimeField("停用时间", null=True, editable=False)

    objects = ScreenLinkQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "大屏链接"
        indexes = [models.Index(fields=["area_path", "-id"], name="screens_of_an_area")]

    def __str__(self) -> str:
        return self.name

    def revoke(self, *, by: Post) -> None:
        if self.revoked_at is not None:
            raise NotAllowed("这个链接已经停用，不用再停用。")
        self.amend(by=by, deed="revoke", revoked_at=timezone.now())
