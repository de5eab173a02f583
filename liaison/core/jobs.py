"""Work that takes longer than a page may: a row first, done by a worker, with progress, an end in words, and a file.

A web request only writes the row. A Celery worker, or the beat process without Redis, takes rows by lease like the relay
of the outbox does; one that dies leaves its row to the others when the lease ends. Every attempt has a key of its own,
and only the attempt whose key stands on the row may report or finish, so that of two at one job one counts. A job may
therefore be begun more than once: what it makes replaces what an earlier attempt made, or is the same.

What is done stands in upper layers: a function marked `@job("name")` that takes a `Running` and gives a `Result`.
"""

import hashlib
import json
import logging
import shutil
import traceback
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from time import monotonic
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files import File
from django.core.files.storage import default_storage
from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, models, transaction
from django.db.models import F, Q
from django.utils import timezone

from liaison.accounts.models import Post, Role, User

from .audit import AuditEntry
from .outbox import OutboxMessage
from .places import InArea
from .workflow import Moving, NotAllowed, Step, step

log = logging.getLogger(__name__)

MAX_ATTEMPTS = 3  # a job that killed its worker three times is not begun a fourth time
FOLDER = "liaison-job-"  # of what is being made, in the folder for temporary files
LONGEST_RUN = 60  # seconds; then no further job is begun, and other tasks get their turn
TELL_EVERY = 0.5  # seconds between two writings of the progress
KEPT = timedelta(days=7)  # ux.md §3.5; what a file holds may be personal

OWNER_LEFT = "提出这件事的岗位已经结束，没有做。"
DIED = "做了几次都中途停了，没有做成。请缩小范围再试一次，还不行请联系管理员。"
BROKE = "出了意外，没有做成。请再试一次，还不行请联系管理员。"


class JobState(models.TextChoices):
    QUEUED = "QUEUED", "排队中"
    RUNNING = "RUNNING", "正在处理"
    DONE = "DONE", "已完成"
    FAILED = "FAILED", "没有做成"
    CANCELLED = "CANCELLED", "已取消"


AT_WORK = JobState.QUEUED, JobState.RUNNING

JOB_FLOW = {
    "cancel": Step("取消", tuple(Role), AT_WORK, JobState.CANCELLED),
    "retry": Step("再试一次", tuple(Role), (JobState.FAILED, JobState.CANCELLED), JobState.QUEUED),
}


# --- What can be done -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Result:
    """What a job has made: the sentence that its owner reads, and a file in its folder where there is one.

    `name` is what the file is called when it is downloaded; it says what the file is, and nothing personal.
    """

    text: str
    file: Path | None = None
    name: str = ""
    rows: int = 0
    record: dict[str, Any] = field(default_factory=dict)  # for the audit entry; nothing personal


@dataclass(frozen=True)
class Kind:
    run: "Callable[[Running], Result]"
    open_to: "Callable[[Job, Post], bool]"
    page: "Callable[[Job], str]" = lambda job: f"/jobs/{job.pk}/"


KINDS: dict[str, Kind] = {}


def job(
    name: str,
    *,
    open_to: "Callable[[Job, Post], bool]" = lambda job, post: True,
    page: "Callable[[Job], str]" = lambda job: f"/jobs/{job.pk}/",
) -> "Callable[[Callable[[Running], Result]], Callable[[Running], Result]]":
    """Register the function that does the jobs of this kind.

    `open_to(job, post)` is asked before the job is done and at every download, beside `visible_to`: has the owner's
    post still the rights that the file was made with? `page(job)` is where it is looked at, if it has a page of its own.
    """

    def register(run: "Callable[[Running], Result]") -> "Callable[[Running], Result]":
        KINDS[name] = Kind(run, open_to, page)
        return run

    return register


class Stopped(Exception):
    """The job was cancelled, or another worker has it: there is nothing more to be done here."""


class Running:
    """What the function of a job holds: what was asked, by whom, a folder to write in, and a way to tell how far it is."""

    def __init__(self, row: "Job", folder: Path) -> None:
        self.row, self.folder = row, folder
        self.post: Post = row.post
        self.params: dict[str, Any] = row.params
        self._told = 0.0
        self._held: datetime | None = None  # until when, where that was said after the last progress

    @property
    def _mine(self) -> "models.QuerySet[Job]":
        return Job.objects.filter(pk=self.row.pk, state=JobState.RUNNING, lease_key=self.row.lease_key)

    def progress(self, done: int, total: int) -> None:
        """Tell that `done` of `total` rows are done, and keep the job. Raises Stopped where it is not ours any more.

        Cheap to call for every row: it writes twice a second at most, and at the end. Call it outside a transaction,
        where others can see it; the last call, with `done == total`, may stand inside the transaction of the deed and
        undoes it where the job was cancelled.
        """
        now = monotonic()
        if done < total and now - self._told < TELL_EVERY:
            return
        self._told, self._held = now, None
        until = timezone.now() + settings.JOB_LEASE
        if not self._mine.update(done=done, total=total, leased_until=until):
            raise Stopped

    def hold(self, length: timedelta) -> None:
        """Keep the job for so long without a word: before a step that cannot tell its progress. Raises Stopped.

        Cheap to call before every such step: what was held a moment ago is not held again.
        """
        until = timezone.now() + length
        if self._held and until - self._held < timedelta(seconds=TELL_EVERY):
            return
        self._held = until
        if not self._mine.update(leased_until=until):
            raise Stopped

    def finish(self, result: Result, *, told: bool) -> None:
        """Keep what was made and tell the owner; both or neither. Raises Stopped."""
        made = _keep(self.row, result.file) if result.file else {}
        record = {**result.record, "rows": result.rows}
        if made:
            record["sha256"] = made["sha256"]
        try:
            with transaction.atomic():
                done = {"text": result.text, "rows": result.rows, "file_name": result.name, **made}
                self._end(JobState.DONE, **done)
                AuditEntry.objects.record(
                    self.row,
                    "finish",
                    by=self.post,
                    before=JobState.RUNNING,
                    after=JobState.DONE,
                    data=record,
                )
                if told:
                    self.row.tell(f"{self.row.title}已完成。{result.text}")
        except BaseException:
            if made:
                default_storage.delete(made["file"])
            raise

    def fail(self, sentence: str, *, told: bool) -> None:
        """Say in words why it could not be done. What another worker does with the job is not touched."""
        try:
            with transaction.atomic():
                self._end(JobState.FAILED, text=sentence[:300])
                AuditEntry.objects.record(
                    self.row, "fail", by=self.post, before=JobState.RUNNING, after=JobState.FAILED
                )
                if told:
                    self.row.tell(f"{self.row.title}没有做成。{sentence}")
        except Stopped:
            return
        self.row.remove_files()

    def _end(self, state: JobState, **fields: Any) -> None:
        ended = {"state": state, "finished_at": timezone.now(), "lease_key": None, "leased_until": None}
        if not self._mine.update(**ended, **fields):
            raise Stopped


def _keep(row: "Job", path: Path) -> dict[str, Any]:
    """Store a made file under a name that nobody can guess; what the row is to say of it."""
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
        stored = default_storage.save(f"{row.folder}/{uuid.uuid4().hex}", File(file))
    return {"file": stored, "size": path.stat().st_size, "sha256": sha256}


# --- The rows ---------------------------------------------------------------------------------------------------------


class JobQuerySet(models.QuerySet["Job"]):
    def visible_to(self, post: Post | None) -> "JobQuerySet":
        """A job is its owner's alone, in the post in which it was asked."""
        return self.filter(post=post) if post else self.none()

    def at_work(self) -> "JobQuerySet":
        return self.filter(state__in=AT_WORK)

    def due(self, now: datetime) -> "JobQuerySet":
        """Waiting, or left behind by a worker that died."""
        return self.filter(Q(state=JobState.QUEUED) | Q(state=JobState.RUNNING, leased_until__lt=now))

    def ask(self, kind: str, *, by: Post, title: str, params: dict[str, Any], **record: Any) -> "Job":
        """Write down what is to be done; a worker will. A person has one job of a kind at a time.

        `title` says in Chinese what is made (导出来访登记), without anybody's data; so do `record`, for the audit
        entry. The same thing asked again while it is being worked on is the same job; another is refused.
        """
        found = Job(kind=kind, title=title, params=params, post=by, user=by.user, area=by.area)
        try:
            with transaction.atomic():
                return found.enter(by=by, data=record)
        except IntegrityError:
            there = self.at_work().filter(kind=kind, user=by.user).select_related("post__area").first()
            if there is not None and there.post_id == by.pk and there.params == found.told_params:
                return there
            raise NotAllowed(ONE_AT_A_TIME) from None

    def lease(self, pk: int, now: datetime) -> "Job | None":
        """Take one due row for the length of the lease; of two workers that meet, one gets it."""
        key = uuid.uuid4()
        taken = (
            self.due(now)
            .filter(pk=pk)
            .update(
                state=JobState.RUNNING,
                lease_key=key,
                leased_until=now + settings.JOB_LEASE,
                attempts=F("attempts") + 1,
                started_at=now,
                done=0,
                total=0,
            )
        )
        return self.select_related("post__user", "post__area", "area").get(pk=pk) if taken else None

    def forget_files(self, now: datetime) -> int:
        """Remove what was made more than seven days ago. The row stays and says what there was; returns how many."""
        old = self.filter(finished_at__lt=now - KEPT).exclude(file="")
        for row in old:
            row.remove_files()
            self.filter(pk=row.pk).update(file="")
        return len(old)


ONE_AT_A_TIME = "您还有一件同样的事正在处理。请等它完成，或先取消它，再做这一件。"


class Job(InArea, Moving):
    """One piece of work in the background. The row is the truth of how it stands."""

    State = JobState
    FLOW = JOB_FLOW

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=40)
    title = models.CharField("内容", max_length=60)
    params = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    post = models.ForeignKey(Post, models.PROTECT, related_name="+", verbose_name="岗位")
    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="账号")
    state = models.CharField(
        "状态", max_length=9, choices=JobState.choices, default=JobState.QUEUED, editable=False
    )
    done = models.PositiveIntegerField("已做行数", default=0)
    total = models.PositiveIntegerField("总行数", default=0)
    text = models.CharField("结果", max_length=300, blank=True)
    file = models.FileField("文件", max_length=120, blank=True)
    file_name = models.CharField("文件名", max_length=120, blank=True)
    size = models.PositiveIntegerField("字节数", default=0)
    sha256 = models.CharField("校验码", max_length=64, blank=True)
    rows = models.PositiveIntegerField("行数", default=0)
    started_at = models.DateTimeField("开始时间", null=True, editable=False)
    finished_at = models.DateTimeField("结束时间", null=True, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_key = models.UUIDField(null=True, editable=False)
    leased_until = models.DateTimeField(null=True, editable=False)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "后台任务"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "kind"],
                condition=Q(state__in=AT_WORK),
                name="one_job_of_a_kind_at_a_time",
                violation_error_message=ONE_AT_A_TIME,
            )
        ]
        indexes = [
            models.Index(fields=["post", "-id"], name="jobs_of_a_post"),
            models.Index(fields=["id"], name="jobs_at_work", condition=Q(state__in=AT_WORK)),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        kind = KINDS.get(self.kind)
        return kind.page(self) if kind else f"/jobs/{self.pk}/"

    @property
    def told_params(self) -> Any:
        """The parameters as they come back from the database: days and numbers as JSON has them."""
        return json.loads(json.dumps(self.params, cls=DjangoJSONEncoder))

    @property
    def folder(self) -> str:
        return f"jobs/{self.key}"

    @property
    def is_at_work(self) -> bool:
        return self.state in AT_WORK

    @property
    def kept_until(self) -> date | None:
        """The last whole day of the file; None where there is none."""
        if not (self.file and self.finished_at):
            return None
        return timezone.localdate(self.finished_at) + KEPT

    def tell(self, text: str) -> None:
        """A notice to the owner, once for every attempt."""
        OutboxMessage.objects.put(
            key=f"job:{self.pk}:{self.lease_key}",
            to=self.user,
            kind="INFO",
            text=text,
            url=self.get_absolute_url(),
        )

    def why_not_open(self, post: Post) -> str:
        """Why this post, which sees the job, does not get its file; empty where it gets it."""
        kind = KINDS.get(self.kind)
        if not self.file:
            return "没有文件，或已过七天删除了。需要时请重新做一份。"
        if kind is None or not kind.open_to(self, post):
            return "这份文件做好以后，您能看的范围变了，所以不能再下载。请重新做一份。"
        return ""

    def open_file(self) -> Any:
        """The stored file, open for reading; None where its bytes are not those that were made."""
        try:
            file = self.file.open("rb")
        except OSError:
            return None
        if hashlib.file_digest(file, "sha256").hexdigest() != self.sha256:
            file.close()
            return None
        file.seek(0)
        return file

    def handed_out(self, *, by: Post) -> Any:
        """The file, open for reading, for its owner to take away; on record. Raises NotAllowed where it is not given."""
        reason = self.why_not_open(by)
        file = None if reason else self.open_file()
        if file is None:
            raise NotAllowed(reason or "这个文件已损坏，没有给出。请重新做一份。")
        AuditEntry.objects.record(self, "download", by=by, data={"sha256": self.sha256})
        return file

    def remove_files(self) -> None:
        """Everything that any attempt has left in the folder of this job."""
        try:
            names = default_storage.listdir(self.folder)[1]
        except OSError:
            return
        for name in names:
            default_storage.delete(f"{self.folder}/{name}")
        with suppress(OSError):  # an attempt that has not yet noticed that it is over removes its own
            default_storage.delete(self.folder)

    def refusal(self, name: str, by: Post) -> str:
        if name == "retry" and Job.objects.at_work().filter(kind=self.kind, user=self.user_id).exists():
            return ONE_AT_A_TIME
        return super().refusal(name, by)

    # --- Steps: one for each row of JOB_FLOW ---

    @step
    def cancel(self, *, by: Post, note: str) -> None:
        self.finished_at, self.text = timezone.now(), ""
        self.lease_key = self.leased_until = None
        transaction.on_commit(self.remove_files)

    @step
    def retry(self, *, by: Post, note: str) -> None:
        self.attempts = self.done = self.total = 0
        self.started_at = self.finished_at = None
        self.text = ""


# --- The work ---------------------------------------------------------------------------------------------------------


def run(row: Job, *, told: bool = True) -> None:
    """Do a job that was just leased. Whatever goes wrong ends on the row, in words; nothing is raised.

    `told`: should the owner get a notice at the end? Not where the owner waits for the answer.
    """
    kind = KINDS.get(row.kind)
    with TemporaryDirectory(prefix=FOLDER) as folder:
        running = Running(row, Path(folder))
        try:
            if row.attempts > MAX_ATTEMPTS or kind is None:
                raise NotAllowed(DIED if kind else BROKE)
            if not row.post.goes_on(timezone.localdate()):
                raise NotAllowed(OWNER_LEFT)
            if not kind.open_to(row, row.post):
                raise NotAllowed("您能看的范围变了，没有做。请重新提出。")
            running.finish(kind.run(running), told=told)
        except Stopped:
            return
        except NotAllowed as error:
            running.fail(str(error), told=told)
        except ValidationError as error:
            running.fail("".join(error.messages), told=told)
        except Exception as error:  # noqa: BLE001 — told in words, whatever it is
            log.error("job %s (%s) failed: %s", row.pk, row.kind, _place(error))
            running.fail(BROKE, told=told)


def sweep(now: datetime) -> int:
    """Remove the folders of workers that were killed more than a day ago; returns how many."""
    yesterday = (now - timedelta(days=1)).timestamp()
    left = [path for path in Path(gettempdir()).glob(f"{FOLDER}*") if path.stat().st_mtime < yesterday]
    for path in left:
        shutil.rmtree(path, ignore_errors=True)
    return len(left)


def _place(error: Exception) -> str:
    """What went wrong and where; not its text, which may repeat somebody's data."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {Path(last.filename).name}:{last.lineno}"


def run_at_once(row: Job) -> Job:
    """Do a small job in the request that asked for it; where a worker was quicker, it does it. The row as it is then."""
    if leased := Job.objects.lease(row.pk, timezone.now()):
        run(leased, told=False)
    row.refresh_from_db()
    return row


def work() -> int:
    """Do what is due, the oldest first; returns how many jobs were begun.

    No more than JOBS_AT_ONCE run at a time, so that notices find a free worker. (Two that look at the same moment may
    exceed it by one.)
    """
    begun, end = 0, monotonic() + LONGEST_RUN
    while monotonic() < end:
        now = timezone.now()
        busy = Job.objects.filter(state=JobState.RUNNING, leased_until__gte=now).count()
        if busy >= settings.JOBS_AT_ONCE:
            break
        due = Job.objects.due(now).order_by("pk").values_list("pk", flat=True)[:10]
        leased = next((row for pk in list(due) if (row := Job.objects.lease(pk, now))), None)
        if leased is None:
            break
        begun += 1
        run(leased)
    return begun
