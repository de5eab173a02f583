"""A large workbook is imported in the background: what the page showed, or nothing."""

from datetime import timedelta

from django.utils import timezone

from liaison.accounts.models import Post
from liaison.core.jobs import Result, Running, job
from liaison.core.models import Job
from liaison.core.workbooks.reading import Unreadable
from liaison.core.workflow import NotAllowed

from .importing import Refused, Report, take
from .uploads import Upload

LONGEST = timedelta(minutes=20)  # of the one transaction, which nobody else can look into


def later(upload: Upload, seen: dict[str, dict[str, int]], *, by: Post) -> Job:
    """Ask for the import of what a person has seen. Raises NotAllowed where another of theirs is at work."""
    params = {"upload": str(upload.key), "seen": seen}
    return Job.objects.ask("import", by=by, title="导入工作簿", params=params)


@job("import")
def import_(running: Running) -> Result:
    """Import the upload `params["upload"]` if it would still do what the person has seen, `params["seen"]`."""
    post = running.post
    upload = Upload.objects.visible_to(post).filter(key=running.params["upload"]).first()
    if upload is None:
        raise NotAllowed("这个文件已过一天，删除了。请重新选择文件。")
    if upload.imported_at is None:  # else an earlier attempt did it, and died before it could say so
        running.hold(LONGEST)

        def done(report: Report) -> None:
            upload.done(report.figures, by=post)
            running.progress(upload.written, upload.written)  # undoes it all where the job was cancelled

        try:
            take(
                upload.path,
                by=post,
                today=timezone.localdate(),
                leave_out_wrong=True,
                seen=running.params["seen"],
                done=done,
            )
        except (Unreadable, Refused) as error:
            raise NotAllowed(str(error)) from None
    return Result(f"已导入 {upload.written} 条。", rows=upload.written)
