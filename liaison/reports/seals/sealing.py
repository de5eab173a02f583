"""How a period is sealed: asked for by the office of the area, counted by a worker, put under a number."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from liaison.accounts.models import Area, Post
from liaison.core.jobs import Result, Running, job
from liaison.core.models import Job
from liaison.core.workflow import NotAllowed
from liaison.reports.metrics import METRICS
from liaison.reports.periods import Period

from .counting import Counted, count, worth
from .models import Seal

JOB = "seal"
HELD = timedelta(minutes=10)  # one figure of the nation may take minutes
ATTEMPTS = 3
KEEPS_MOVING = "统计时一直有人在改这段时间的记录，指标和它的记录对不上，没有定稿。请过一会儿再试一次。"


def ask(period: Period, *, by: Post, corrects: Seal | None = None, reason: str = "") -> Job:
    """Ask for the period of the post's own area to be sealed. Raises NotAllowed."""
    if refusal := Seal.objects.refusal(by, period, corrects, reason):
        raise NotAllowed(refusal)
    asked: dict[str, Any] = {"of": period.kind, "first": period.first, "last": period.last}
    params = asked | {"area": by.area.path, "corrects": corrects.pk if corrects else None, "reason": reason}
    title = f"{'更正' if corrects else '定稿'}：{period.label}（{by.area.name}）"[:60]
    return Job.objects.ask(JOB, by=by, title=title, params=params, **asked)


def _page(found: Job) -> str:
    """The seal, once there is one."""
    made = Seal.objects.filter(job=found.pk).first()
    return made.get_absolute_url() if made else f"/jobs/{found.pk}/"


def counted_whole(area: Area, period: Period, at: Any, running: Running | None = None) -> Counted:
    """Everything as known at one moment, so that what is entered meanwhile is in no figure. Raises NotAllowed."""

    def told(done: int) -> None:
        if running is not None:
            running.progress(min(done, len(METRICS) - 1), len(METRICS))
            running.hold(HELD)

    for _ in range(ATTEMPTS):
        counted = count(area, period.first, period.last, at, told)
        if not _disagreeing(counted):
            return counted
    raise NotAllowed(KEEPS_MOVING)


def _disagreeing(counted: Counted) -> list[str]:
    """The figures that are not what their records add up to."""
    return [
        code for code, keys in counted.keys.items() if worth(METRICS[code], keys) != counted.figures[code]
    ]


@job(JOB, page=_page)
def make(running: Running) -> Result:
    """Seal the days `first` to `last` of the area of the asking post."""
    params = running.params
    period = Period.read_days(params["of"], params["first"], params["last"])
    corrects = Seal.objects.filter(pk=params["corrects"]).first() if params["corrects"] else None
    if params["area"] != running.post.area.path:
        raise NotAllowed("您的岗位换了区划，没有定稿。请重新提出。")
    if there := Seal.objects.filter(job=running.row.pk).first():  # an earlier attempt came as far as this
        return _told(there)
    at = timezone.now()
    counted = counted_whole(running.post.area, period, at, running)
    with transaction.atomic():
        made = Seal.objects.put(
            counted,
            by=running.post,
            period=period,
            at=at,
            job=running.row,
            corrects=corrects,
            reason=params["reason"],
        )
        running.progress(len(METRICS), len(METRICS))
    return _told(made)


def _told(made: Seal) -> Result:
    record = {"number": made.number, "seal_sha256": made.sha256}
    return Result(f"{made.title}已定稿，编号 {made.number}。", rows=len(made.figures), record=record)
