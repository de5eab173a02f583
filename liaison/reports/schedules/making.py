"""How a schedule is kept: what is due is asked for once for each recipient, and caught up after a standstill.

That a report is ready is told by its job: in the inbox, and by e-mail with a link, never with the file.
"""

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from liaison.core.workflow import NotAllowed
from liaison.reports.issued.models import Report

from .models import ReportSchedule, ScheduledReport

OWNER_LEFT = "设它的岗位已经结束。请由在岗的人改一改、保存，就接着做。"
NOBODY_LEFT = "要给的岗位都已经结束，或看不到这个区划了。请重新选给谁。"


@shared_task
def keep_schedules() -> int:
    """Runs every hour; returns how many reports were asked for.

    One period of a schedule at a time, the oldest first, so what was missed is caught up in as many hours. Of two workers
    one holds the row, and the other finds it done.
    """
    asked = 0
    for pk in ReportSchedule.objects.running().order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            rows = ReportSchedule.objects.running().select_for_update(of=("self",), no_key=True)
            found = rows.select_related("owner__user", "owner__area", "area").filter(pk=pk).first()
            if found is not None:
                asked += _keep(found)
    return asked


def _keep(found: ReportSchedule) -> int:
    today = timezone.localdate()
    period = found.due(today)
    if period is None:
        return 0
    if not found.owner.goes_on(today):
        found.amend(by=None, deed="stop", stopped=OWNER_LEFT)
        return 0
    recipients = found.open_recipients(today)
    if not recipients:
        found.amend(by=None, deed="stop", stopped=NOBODY_LEFT)
        return 0
    asked, waiting = 0, False
    have = set(found.made.filter(last=period.last).values_list("post", flat=True))
    for post in (post for post in recipients if post.pk not in have):
        try:
            with transaction.atomic():
                report = Report.objects.ask(by=post, area=found.area, period=period, file_format=found.format)
        except NotAllowed:  # this person has another report in the making: at the next hour
            waiting = True
            continue
        ScheduledReport.objects.create(schedule=found, last=period.last, post=post, job=report.job)
        asked += 1
    if not waiting:
        found.amend(by=None, deed="schedule", done_to=period.last)
    return asked
