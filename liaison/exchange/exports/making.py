"""How a list becomes a file: asked for on its page, made at once where it is short, else in the background."""

from typing import Any

from django.utils import timezone

from liaison.accounts.models import Post
from liaison.core.jobs import Result, Running, job, run_at_once
from liaison.core.models import Job
from liaison.core.templatetags.ui import figure
from liaison.core.workbooks.writing import MOST_ROWS, write
from liaison.core.workflow import NotAllowed
from stations.sight import stations_in_sight, still_in_sight

from . import LISTINGS
from .listing import Asked, Listing

AT_ONCE = 1000  # rows that are made in the request; more take longer than a page may


def ask(listing: Listing, sent: dict[str, list[str]], *, by: Post, at_once: bool = True) -> Job:
    """Ask for a list as `by` may read it, narrowed by `sent`; the job, which is done already where the list is
    short and is wanted `at_once`.

    Raises NotAllowed where the filter is wrong, or another export of this person is at work.
    """
    asked = Asked(listing, sent, by)
    few = at_once and asked.rows.order_by()[: AT_ONCE + 1].count() <= AT_ONCE
    params = {"list": listing.name, "query": sent, "role": by.role, "stations": stations_in_sight(by)}
    record = {"list": listing.title, "filter": asked.in_words(free=False)}
    found = Job.objects.ask("export", by=by, title=f"导出{listing.title}", params=params, **record)
    return run_at_once(found) if few else found


def _still_open(found: Job, post: Post) -> bool:
    """Has the post what it had when it asked: its role, its area, its stations?"""
    listing = LISTINGS.get(found.params["list"])
    if listing is None or post.role not in listing.roles or post.role != found.params["role"]:
        return False
    if not found.area_path.startswith(post.area.path):
        return False
    return still_in_sight(found.params["stations"], post)


@job("export", open_to=_still_open)
def export(running: Running) -> Result:
    """Write the list that was asked for, as its post reads it now."""
    listing = LISTINGS[running.params["list"]]
    asked = Asked(listing, running.params["query"], running.post)
    total = asked.rows.order_by().count()
    if total > MOST_ROWS:
        raise NotAllowed("超过 100 万行，一个表格装不下。请缩小筛选范围再导出。")
    path = running.folder / "list.xlsx"
    now, area = timezone.localtime(), running.post.area
    filtered = asked.in_words()
    rows = write(
        path,
        title=f"{area.name}{listing.title}",
        about=f"筛选：{filtered or '全部'}　　{now:%Y年%-m月%-d日 %H:%M} {running.post} 导出",
        sheet=listing.title,
        headings=[column.heading for column in listing.columns],
        widths=[column.width for column in listing.columns],
        rows=_rows(running, asked, total),
    )
    name = "_".join(filter(None, [asked.period, listing.title, area.name, f"导出于{now:%Y%m%d}"]))
    return Result(
        f"共 {figure(rows)} 行。",
        path,
        f"{name}.xlsx",
        rows,
        {"list": listing.title, "filter": asked.in_words(free=False)},
    )


def _rows(running: Running, asked: Asked, total: int) -> Any:
    columns = asked.listing.columns
    for done, row in enumerate(asked.read(), 1):
        running.progress(min(done, total - 1), total)
        yield [column.value(row, asked) for column in columns]
    running.progress(total, total)
