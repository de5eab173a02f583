"""How a form is filled: in the background when somebody asks, and by itself after the end of every month."""

from datetime import date, timedelta

from celery import shared_task
from django.utils import timezone

from liaison.accounts.models import Post
from liaison.core.jobs import Result, Running, job
from liaison.core.models import Job
from liaison.core.workdays import month_end, month_start
from liaison.core.workflow import NotAllowed
from liaison.reports.metrics import askable_areas
from stations.sight import stations_in_sight, still_in_sight

from .filling import fill, in_words, values
from .models import SuperiorForm


def ask(form: SuperiorForm, first: date, last: date, *, by: Post) -> Job:
    """Ask for the form, filled for a period. Raises NotAllowed where nothing belongs into it yet."""
    if not form.contents:
        raise NotAllowed("还没有选过哪一格填什么，填不出来。请先选好。")
    params = {
        "form": form.pk,
        "first": first.isoformat(),
        "last": last.isoformat(),
        "stations": stations_in_sight(by),
    }
    return Job.objects.ask("superior", by=by, title=f"填{form.name}"[:60], params=params, form=form.pk)


def _still_open(found: Job, post: Post) -> bool:
    form = SuperiorForm.objects.visible_to(post).filter(pk=found.params["form"]).first()
    if form is None or not askable_areas(post).filter(pk=form.area_id).exists():
        return False
    return still_in_sight(found.params["stations"], post)


@job("superior", open_to=_still_open)
def superior(running: Running) -> Result:
    """Fill the form `params["form"]` for the days from `first` to `last`, as the asking post sees the figures."""
    form = (
        SuperiorForm.objects.visible_to(running.post)
        .select_related("area", "file")
        .get(pk=running.params["form"])
    )
    first, last = (date.fromisoformat(running.params[name]) for name in ("first", "last"))
    now = timezone.localtime()
    filled = values(form, first, last, post=running.post, now=now)
    path = running.folder / "filled.xlsx"
    about = (
        f"{form.name}　{form.area.full_name}　{in_words(first, last)}　数据截止 {now:%Y年%-m月%-d日 %H:%M}　"
        f"{running.post} 填　空表校验码 {form.file.sha256[:12] if form.file else ''}"
    )
    count = fill(form, filled, path, about=about)
    record = {
        "form": form.pk,
        "values": {SuperiorForm.key(one.sheet, one.cell): one.value for one in filled if one.figure},
    }
    name = f"{form.name}_{form.area.name}_{first:%Y%m%d}至{last:%Y%m%d}_填于{now:%Y%m%d}.xlsx"
    return Result(f"填了 {count} 格，“数据来源”表写着每个数从哪里来。", path, name, count, record)


@shared_task
def fill_monthly() -> int:
    """Runs every hour: asks for the forms of the month that is over, each once; returns how many.

    A person has one job of a kind at a time, so a person's second form waits for the next hour.
    """
    today = timezone.localdate()
    last = month_start(today) - timedelta(days=1)
    asked = 0
    for form in (
        SuperiorForm.objects.to_fill(last).select_related("area", "by__user", "by__area").order_by("pk")
    ):
        if not form.by.goes_on(today):
            continue
        try:
            ask(form, month_start(last), month_end(last), by=form.by)
        except NotAllowed:
            continue
        form.amend(by=None, deed="monthly", filled_to=last)
        asked += 1
    return asked
