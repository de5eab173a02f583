"""Files that people hand in: checked by content, kept privately, given out only to those who may see their owner."""

import hashlib
import uuid
from collections.abc import Sequence
from io import BytesIO
from typing import Any

from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import models, transaction
from django.utils import timezone

from liaison.accounts.models import Post, User

from .audit import AuditEntry

MAX_BYTES = 10 * 1024 * 1024
MAX_PIXELS = 50_000_000
LONGEST_SIDE = 1920

NOT_A_PHOTO = "这个文件不是照片，请选 JPG、PNG 或 WebP 格式的图片。"


def clean_photo(upload: UploadedFile) -> bytes:
    """A photo as JPEG of at most 1920 pixels, made anew from its pixels: no EXIF, no place, nothing hidden in it.

    Raises ValidationError with a sentence where it is no photo, too large, or too many pixels.
    """
    from PIL import Image, ImageFile, ImageOps  # slow to import

    ImageFile.LOAD_TRUNCATED_IMAGES = False  # WeasyPrint switches it on for the whole process

    if (upload.size or 0) > MAX_BYTES:
        raise ValidationError("照片超过 10 MB，请选小一点的，或先压缩。", code="too_large")
    too_many = ValidationError("照片尺寸太大，请选 5000 万像素以内的。", code="too_many_pixels")
    try:
        upload.seek(0)
        with Image.open(upload, formats=("JPEG", "PNG", "WEBP")) as image:
            if image.width * image.height > MAX_PIXELS:
                raise too_many
            image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # JPEG: decodes no more pixels than are kept
            image.load()
            image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            picture = _on_white(ImageOps.exif_transpose(image))
            picture.info.clear()  # a comment would be written again
            out = BytesIO()
            picture.save(out, "JPEG", quality=82)
            return out.getvalue()
    except ValidationError:
        raise
    except Image.DecompressionBombError:
        raise too_many from None
    except Exception:  # noqa: BLE001 — a broken file makes the decoder raise whatever it likes
        raise ValidationError(NOT_A_PHOTO, code="not_a_photo") from None


# What a paper may be: the end of its name, how its content begins, what it is given out as.
_OFFICE = "application/vnd.openxmlformats-officedocument"
PAPERS = {
    "pdf": (b"%PDF-", "application/pdf"),
    "docx": (b"PK\x03\x04", f"{_OFFICE}.wordprocessingml.document"),
    "xlsx": (b"PK\x03\x04", f"{_OFFICE}.spreadsheetml.sheet"),
    "pptx": (b"PK\x03\x04", f"{_OFFICE}.presentationml.presentation"),
}
NOT_A_PAPER = "这个文件不能上传，请选 PDF、Word（docx）、Excel（xlsx）或 PowerPoint（pptx）文件。"


def clean_paper(upload: UploadedFile) -> tuple[bytes, str]:
    """A paper as it is, and what it is given out as. Raises ValidationError where it is none of PAPERS or too large.

    It is only ever given out as a download, never shown in the page.
    """
    if (upload.size or 0) > MAX_BYTES:
        raise ValidationError("文件超过 10 MB，请选小一点的，或先压缩。", code="too_large")
    begins, content_type = PAPERS.get((upload.name or "").lower().rpartition(".")[2], (b"", ""))
    upload.seek(0)
    content = upload.read()
    if not content_type or not content.startswith(begins):
        raise ValidationError(NOT_A_PAPER, code="not_a_paper")
    return content, content_type


def _on_white(image: Any) -> Any:
    """Without transparency, which JPEG does not know and would show as black."""
    if "A" not in image.getbands() and "transparency" not in image.info:
        return image.convert("RGB")
    from PIL import Image

    paper = Image.new("RGBA", image.size, "white")
    paper.alpha_composite(image.convert("RGBA"))
    return paper.convert("RGB")


def _stored_name(attachment: "Attachment", filename: str) -> str:
    return f"{attachment.created_at:%Y/%m}/{attachment.key}"


class AttachmentManager(models.Manager["Attachment"]):
    def keep_photo(
        self, owner: models.Model, upload: UploadedFile, *, by: Post, public: bool = False
    ) -> "Attachment":
        """Check and store a photo that belongs to `owner`; `public`: see there. Raises ValidationError."""
        content = clean_photo(upload)
        return self._keep(
            owner, content, f"{upload.name or 'photo'}"[:100], "image/jpeg", by=by, public=public
        )

    def keep_paper(
        self, owner: models.Model, upload: UploadedFile, *, by: Post, public: bool = False
    ) -> "Attachment":
        """Check and store a document that belongs to `owner`; `public`: see there. Raises ValidationError."""
        content, content_type = clean_paper(upload)
        return self._keep(
            owner, content, f"{upload.name or 'paper'}"[-100:], content_type, by=by, public=public
        )

    def _keep(
        self,
        owner: models.Model,
        content: bytes,
        name: str,
        content_type: str,
        *,
        by: Post,
        public: bool = False,
    ) -> "Attachment":
        with transaction.atomic():
            row = self.model(
                owner=owner,
                name=name,
                content_type=content_type,
                size=len(content),
                sha256=hashlib.sha256(content).hexdigest(),
                created_by=by.user,
                public=public,
            )
            row.file.save(name, ContentFile(content), save=False)
            row.save()
            told = {"file": str(row.key), "sha256": row.sha256} | ({"public": True} if public else {})
            AuditEntry.objects.record(owner, "attach", by=by, data=told)
        return row

    def of(self, owner: models.Model) -> "models.QuerySet[Attachment]":
        return self.of_all([owner])

    def of_all(self, owners: Sequence[models.Model]) -> "models.QuerySet[Attachment]":
        """The files of several things of one kind."""
        if not owners:
            return self.none()
        kind = ContentType.objects.get_for_model(owners[0])
        of_them = self.filter(owner_type=kind, owner_id__in=[owner.pk for owner in owners])
        return of_them.filter(withdrawn_at=None).order_by("created_at", "pk")


class Attachment(models.Model):
    """A file, and the thing it belongs to. Who may see the thing may see the file; nobody else.

    Where fewer people may see the files than the thing, its manager says so by `files_visible_to`. `public`: somebody
    has said of this one file that anybody may have it, where what it belongs to is published; never so by itself.
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner_type = models.ForeignKey(ContentType, models.PROTECT)
    owner_id = models.PositiveBigIntegerField()
    owner = GenericForeignKey("owner_type", "owner_id")
    file = models.FileField(upload_to=_stored_name, max_length=100)
    name = models.CharField("文件名", max_length=100)
    content_type = models.CharField(max_length=80)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    withdrawn_at = models.DateTimeField(null=True)
    public = models.BooleanField("可以公开", default=False)

    objects = AttachmentManager()

    class Meta:
        verbose_name = verbose_name_plural = "附件"
        indexes = [models.Index(fields=["owner_type", "owner_id"], name="files_of_a_thing")]

    def __str__(self) -> str:
        return str(self.key)

    def is_visible_to(self, post: Post | None) -> bool:
        """Asked at every read: a file prepared yesterday is not given to who has lost the right today."""
        owners: Any = self.owner_type.model_class()._default_manager  # type: ignore[union-attr]
        seen = getattr(owners, "files_visible_to", owners.visible_to)
        return self.withdrawn_at is None and seen(post).filter(pk=self.owner_id).exists()

    def open_to_all(self, public: bool, *, by: Post) -> bool:
        """Say that anybody may have it, or that no longer; on record. False where it is so already."""
        with transaction.atomic():
            rows = Attachment.objects.filter(pk=self.pk, withdrawn_at=None, public=not public)
            if not rows.update(public=public):
                return False
            self.public = public
            deed = "open_file" if public else "close_file"
            owner: Any = self.owner
            AuditEntry.objects.record(owner, deed, by=by, data={"file": str(self.key)})
        return True

    def withdraw(self) -> bool:
        """It is kept, and given to nobody; twice is once. Whether it was there to be withdrawn."""
        rows = Attachment.objects.filter(pk=self.pk, withdrawn_at=None)
        return bool(rows.update(withdrawn_at=timezone.now()))

    @property
    def ending(self) -> str:
        """How the name of the file ends when it is given out; the name that it came with stays here."""
        known = {content_type: ending for ending, (_, content_type) in PAPERS.items()}
        return known.get(self.content_type, self.content_type.split("/")[-1])

    def content(self) -> bytes | None:
        """The bytes, or None where they are not those that were stored."""
        try:
            with self.file.open("rb") as file:
                found = file.read()
        except OSError:
            return None
        return found if hashlib.sha256(found).hexdigest() == self.sha256 else None
