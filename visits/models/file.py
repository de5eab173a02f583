"""Photos and papers of an activity. The file itself is an attachment of the activity: who sees the one sees the other."""

from django.core.files.uploadedfile import UploadedFile
from django.db import models, transaction
from django.utils import timezone

from liaison.accounts.models import Post
from liaison.core.models import Attachment

from .activity import Activity


class ActivityFileQuerySet(models.QuerySet["ActivityFile"]):
    def visible_to(self, post: Post | None) -> "ActivityFileQuerySet":
        return self.filter(activity__in=Activity.objects.visible_to(post))

    def shown(self) -> "ActivityFileQuerySet":
        return self.filter(withdrawn_at=None)

    def show(
        self, activity: Activity, upload: UploadedFile, *, caption: str, by: Post, photo: bool = True
    ) -> "ActivityFile":
        """Put a photo or, with `photo=False`, a paper into the file of the activity. Raises ValidationError."""
        with transaction.atomic():
            keep = Attachment.objects.keep_photo if photo else Attachment.objects.keep_paper
            return self.create(
                activity=activity, attachment=keep(activity, upload, by=by), caption=caption, photo=photo
            )


class ActivityFile(models.Model):
    """A photo of an activity with its caption, or a paper: the report of a survey, the hand-out of a training."""

    activity = models.ForeignKey(Activity, models.PROTECT, related_name="files", verbose_name="活动")
    attachment = models.OneToOneField(Attachment, models.PROTECT, verbose_name="文件")
    caption = models.CharField("说明", max_length=60)
    photo = models.BooleanField("照片", default=True)
    withdrawn_at = models.DateTimeField(null=True, editable=False)

    objects = ActivityFileQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "活动照片和材料"

    def __str__(self) -> str:
        return self.caption

    def withdraw(self, *, by: Post) -> None:
        """Take it out of the file. It is kept, and given to nobody; twice is once."""
        with transaction.atomic():
            if ActivityFile.objects.shown().filter(pk=self.pk).update(withdrawn_at=timezone.now()):
                self.attachment.withdraw()
                what = "照片" if self.photo else "材料"
                key = str(self.attachment.key)
                self.activity.mark("withdraw", by=by, note=f"{what}：{self.caption}", data={"file": key})
