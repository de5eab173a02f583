"""Is what was sealed still so? Counted again from the records as they are now, with every difference and its cause."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db.models import Model
from django.utils import timezone

from deputies.models import Mandate, StationAssignment
from liaison.accounts.models import Area, Post
from liaison.core.jobs import Result, Running, job
from liaison.core.models import AuditEntry, Job, Sequence
from liaison.core.places import inside
from liaison.core.timeline import title
from liaison.reports.metrics import METRICS
from stations.models import Station
from suggestions.models import Order, Request, Suggestion
from visits.models import Activity, Attendance

from .counting import recount
from .models import Seal, SealCheck
from .sealing import HELD

JOB = "verify_seal"
SMALL = 20_000  # keys of a seal that a page may wait for
KEPT = 200  # keys of records that a check keeps of each kind, of each figure
SHOWN = 50


def ask(seal: Seal, *, by: Post) -> Job:
    """Ask for a seal to be compared with the records of now. Raises NotAllowed where another comparison is at work."""
    return Job.objects.ask(
        JOB, by=by, title=f"核对定稿 {seal.number}", params={"seal": seal.pk}, number=seal.number
    )


def is_small(seal: Seal) -> bool:
    return sum(told["count"] for told in seal.records.values()) < SMALL


def _still_open(found: Job, post: Post) -> bool:
    return Seal.objects.visible_to(post).filter(pk=found.params["seal"]).exists()


@job(JOB, open_to=_still_open, page=lambda job: f"/seals/{job.params['seal']}/")
def make(running: Running) -> Result:
    seal = Seal.objects.select_related("area", "previous", "corrects").get(pk=running.params["seal"])

    def told(done: int) -> None:
        running.progress(min(done, len(METRICS) - 1), len(METRICS))
        running.hold(HELD)

    check = verify(seal, actor=str(running.post), job=running.row, told=told)
    return Result(
        f"定稿 {seal.number}：{check.result}"[:300], rows=len(seal.figures), record={"number": seal.number}
    )


def verify(seal: Seal, *, actor: str, job: Job | None = None, told: Any = lambda done: None) -> SealCheck:
    """Compare, and keep what was found."""
    now = recount(seal.area, seal.first, seal.last, told)
    found = [_difference(seal, code, now) for code in seal.figures if code in now.figures]
    kept = {
        "actor": actor[:150],
        "at": timezone.now(),
        "flaws": seal.flaws(),
        "differences": [one for one in found if one],
        "redefined": seal.redefined(),
    }
    if job is None:
        return SealCheck.objects.create(seal=seal, **kept)
    return SealCheck.objects.update_or_create(job=job, defaults={"seal": seal, **kept})[0]  # a second attempt


def _difference(seal: Seal, code: str, now: Any) -> dict[str, Any] | None:
    """In what a figure differs: its value, and the keys of records that came, went, or add another number."""
    try:
        then = seal.keys(code).by_key()
    except ValueError:
        then = None
    these = now.keys[code].by_key()
    came = [] if then is None else sorted(these.keys() - then.keys())
    gone = [] if then is None else sorted(then.keys() - these.keys())
    changed = [key for key in these if then and key in then and then[key] != these[key]]
    if seal.figures[code] == now.figures[code] and not (came or gone or changed):
        return None
    return {
        "code": code,
        "then": seal.figures[code],
        "now": now.figures[code],
        "model": now.models[code],
        "came": came[:KEPT],
        "gone": gone[:KEPT],
        "changed": [[key, (then or {})[key], these[key]] for key in changed[:KEPT]],
        "counts": [len(came), len(gone), len(changed)],
    }


def gaps() -> list[str]:
    """What is wrong with the numbers of all seals, in words: a number that is missing."""
    found = []
    there: dict[tuple[str, int], set[int]] = {}
    for seal in Seal.objects.select_related("area").only("year", "serial", "area__path"):
        there.setdefault((seal.area.path, seal.year), set()).add(seal.serial)
    for name, last in Sequence.objects.filter(name__startswith="seals:").values_list("name", "last"):
        path, year = name.split(":")[1:]
        have = there.get((path, int(year)), set())
        lost = [f"{path or '0'}-{year}-{serial:03}" for serial in range(1, last + 1) if serial not in have]
        if lost:
            found.append(f"编号不连续，缺 {'、'.join(lost)}。")
    return found


# --- In words -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Record:
    """A record that came, went or changed: what it is, where it is read, and what was done to it since the sealing."""

    label: str
    url: str
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Told:
    """A difference as page, command and REST tell it."""

    code: str
    name: str
    unit: str
    then: int
    now: int
    kinds: tuple[tuple[str, int, tuple[Record, ...]], ...]  # how, how many, the first of them

    @property
    def more(self) -> str:
        change = self.now - self.then
        return f"多 {change}" if change > 0 else f"少 {-change}" if change < 0 else "总数不变"


HOW = ("came", "新计入"), ("gone", "不再计入"), ("changed", "数值变了")


def in_words(check: SealCheck, post: Post | None) -> list[Told]:
    """The differences of a check, with the records that `post` may see; None: the house itself."""
    return [_told(check.seal, one, post) for one in check.differences if one["code"] in METRICS]


def _told(seal: Seal, one: dict[str, Any], post: Post | None) -> Told:
    metric = METRICS[one["code"]]
    model: Any = apps.get_model(one["model"])
    kinds = []
    for (name, words), total in zip(HOW, one["counts"], strict=True):
        if not total:
            continue
        numbers = {row[0]: f"{row[1]} → {row[2]}" for row in one["changed"]} if name == "changed" else {}
        keys = list(numbers) if numbers else one[name]
        kinds.append((words, total, tuple(_records(seal, model, keys[:SHOWN], numbers, post))))
    return Told(metric.code, metric.name, metric.unit, one["then"], one["now"], tuple(kinds))


def _records(
    seal: Seal, model: Any, keys: list[int], numbers: dict[int, str], post: Post | None
) -> Iterable[Record]:
    rows = model.objects.filter(pk__in=keys)
    if post is not None:
        rows = rows.visible_to(post)
    if model is Attendance:
        rows = rows.select_related("activity__station", "mandate__deputy")
    found = rows.in_bulk()
    reasons = _reasons(seal, model, list(found))
    for key in keys:
        if key not in found:
            yield Record("您看不到的记录", "", ())
            continue
        row = found[key]
        label = f"{row}（{numbers[key]}）" if key in numbers else str(row)
        yield Record(label, _address(row), tuple(reasons.get(key, ("没有留下操作记录",))))


def _address(row: Any) -> str:
    if isinstance(row, Attendance):
        return str(row.activity.get_absolute_url())
    return str(row.get_absolute_url()) if hasattr(row, "get_absolute_url") else ""


def _reasons(seal: Seal, model: type[Model], keys: list[int]) -> dict[int, list[str]]:
    """To each record what the log says was done since the sealing: to it, and to what decides whether it counts."""
    of = {(model._meta.label_lower, str(key)): [key] for key in keys}
    for other, pk, key in _beside(seal, model, keys):
        of.setdefault((other._meta.label_lower, str(pk)), []).append(key)
    wanted: dict[str, list[str]] = {}
    for label, number in of:
        wanted.setdefault(label, []).append(number)
    found: dict[int, list[str]] = {}
    for label, pks in wanted.items():
        # Of this area alone: what another county wrote of a deputy who sits there too is not for who reads this seal.
        rows = AuditEntry.objects.filter(
            inside(seal.area), object_type=label, object_id__in=pks, at__gt=seal.at
        )
        entries = rows.order_by("at", "pk")
        for entry in entries:
            about = "" if label == model._meta.label_lower else f"{entry.label}："
            said = f"{timezone.localtime(entry.at):%Y-%m-%d %H:%M} {about}{title(entry)}，{entry.actor}"
            for key in of[label, entry.object_id]:
                found.setdefault(key, []).append(f"{said}：{entry.note}" if entry.note else said)
    return found


def _beside(seal: Seal, model: type[Model], keys: list[int]) -> Iterable[tuple[type[Model], int, int]]:
    """What decides with a record whether it counts: model, key, and the key of the record.

    Not ratings and evaluations: what is done to them stands in the log as a deed of their case.
    """
    days = {"activity__day__range": (seal.first, seal.last)}
    if model is Request:
        yield from _pairs(Order, Order.objects.filter(request__in=keys), "request_id")
    elif model is Suggestion:
        yield from _pairs(Order, Order.objects.filter(suggestion__in=keys), "suggestion_id")
    elif model is Attendance:
        for key, activity in Attendance.objects.filter(pk__in=keys).values_list("pk", "activity_id"):
            yield Activity, activity, key
    elif model is Mandate:
        yield from _pairs(StationAssignment, StationAssignment.objects.filter(mandate__in=keys), "mandate_id")
    elif model is Area:
        for key, path in Area.objects.filter(pk__in=keys).values_list("pk", "path"):
            here = Station.objects.filter(inside(Area(path=path)))
            yield from ((Station, pk, key) for pk in here.values_list("pk", flat=True))
    elif model._meta.label_lower == "deputies.deputy":
        yield from _pairs(Mandate, Mandate.objects.filter(deputy__in=keys), "deputy_id")
        came = Attendance.objects.filter(mandate__deputy__in=keys, **days)
        for pk, activity, key in came.values_list("pk", "activity_id", "mandate__deputy_id"):
            yield Attendance, pk, key
            yield Activity, activity, key


def _pairs(model: type[Model], rows: Any, column: str) -> Iterable[tuple[type[Model], int, int]]:
    return ((model, pk, key) for pk, key in rows.order_by().values_list("pk", column))
