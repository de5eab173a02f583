"""The sheets of a reception day and of a month, as PDF for the printer and the archive box."""

from datetime import date

from django.utils import timezone

from liaison.accounts.models import Post
from liaison.core.pdf import paper
from liaison.core.workflow import NotAllowed
from stations.models import Station

from .models import Activity, Attendance, Category, SheetBatch, Visit
from .models.attendance import AttendanceQuerySet
from .privacy import shown_person, shown_words
from .workflow import SheetState

MOST = 600  # visits of one register: some 60 pages


def register(activity: Activity, post: Post) -> bytes:
    """接待登记表: who was received that day, as `post` may read it."""
    counted = Visit.objects.counted().not_about(post).filter(activity=activity)
    visits = list(
        counted.select_related("visitor", "category", "received_by__deputy").order_by("serial", "pk")[
            : MOST + 1
        ]
    )
    if len(visits) > MOST:
        raise NotAllowed(f"这一天登记了 {MOST} 条以上，一张登记表放不下。请按时间分开导出表格。")
    rows = [_visit(visit, post) for visit in visits]
    context = {
        "activity": activity,
        "present": _names(activity.attendances.present()),
        "expected": _names(activity.attendances.expected()),
        "rows": rows,
        "people": sum(visit.headcount for visit in visits),
        "masked": any(not row["whole"] for row in rows),
        "printed_at": timezone.localtime(),
    }
    return paper("visits/register_pdf.html", context)


def _visit(visit: Visit, post: Post) -> dict[str, object]:
    person = shown_person(visit, post)
    return {
        "visit": visit,
        "whole": person.whole or visit.person() is None,
        "name": person.name,
        "phone": person.phone,
        "address": person.address,
        "text": shown_words(visit, visit.text, post),
        "deputy": visit.receiver_name,
    }


def _names(rows: AttendanceQuerySet) -> str:
    ordered = rows.order_by("mandate__deputy__pinyin", "pk")
    return "、".join(ordered.values_list("mandate__deputy__name", flat=True))


def blank_sheets(batch: SheetBatch) -> bytes:
    """The sheets of a batch that are still to be filled in by hand. None is printed that was typed in or voided."""
    numbers = list(
        batch.sheets.filter(state=SheetState.ISSUED).order_by("pk").values_list("number", flat=True)
    )
    if not numbers:
        raise NotAllowed("这一批纸质表都已录入或作废，没有可以打印的。")
    activity = batch.activity
    context = {
        "batch": batch,
        "activity": activity,
        "numbers": numbers,
        "categories": Category.objects.in_use(activity.day if activity else timezone.localdate()).top()[:8],
        "outcomes": Visit.Outcome.labels,
        "expected": _names(activity.attendances.announced()) if activity else "",
    }
    return paper("visits/blank_pdf.html", context)


def rota(station: Station, first: date, last: date) -> bytes:
    """坐班表: the reception days of one month with the deputies expected, for the door."""
    receptions = Activity.objects.standing().receptions().filter(station=station, day__range=(first, last))
    days = list(receptions.order_by("day", "starts_at", "pk"))
    expected = Attendance.objects.may_come().filter(activity__in=days)
    names: dict[int, list[str]] = {}
    for row in expected.select_related("mandate__deputy").order_by("mandate__deputy__pinyin", "pk"):
        names.setdefault(row.activity_id, []).append(
            f"{row.mandate.deputy.name}（{row.mandate.get_level_display()}）"
        )
    context = {
        "station": station,
        "first": first,
        "rows": [{"day": day, "names": "、".join(names.get(day.pk, []))} for day in days],
    }
    return paper("visits/rota_pdf.html", context)
