"""An office brings a template of its own: tried out first, then used by its area and those below."""

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from liaison.accounts.models import Post
from liaison.core.filling import MAX_BYTES, try_out
from liaison.core.models import Attachment

from .kinds import Paper
from .models import PaperTemplate
from .placeholders import examples

NEEDED = (("文号", "序号"),)  # a paper without its number is none


def bring(paper: Paper, upload: UploadedFile, *, by: Post) -> PaperTemplate:
    """Take a template into use for the area of `by`, in place of the one before. Raises BadTemplate."""
    upload.seek(0)
    try_out(upload.read(MAX_BYTES + 1), examples(paper.kind), NEEDED if paper.numbered else ())
    with transaction.atomic():
        kept = PaperTemplate.objects.filter(area=by.area, kind=paper.kind).first()
        found = kept or PaperTemplate(area=by.area, kind=paper.kind).enter(by=by)
        upload.name = f"{paper.slug}.docx"  # whatever it was called: the name says nothing of anybody
        file = Attachment.objects.keep_paper(found, upload, by=by)
        found.amend(by=by, deed="bring", file=file, in_use=True)
    return found
