"""Walks of the demonstration's deputy, and the paper sheets that the station took for days without network."""

from datetime import date, time, timedelta

from liaison.accounts.models import Post
from liaison.core.models import Sequence
from stations.models import Station
from suggestions.models import Request
from visits.models import Category, Sheet, SheetBatch, Visit
from visits.models.sheet import LETTERS
from visits.workflow import SheetState

from .congresses import Seats
from .record import Trail, keep, moment

W, C = Visit.Outcome, Visit.Channel
# days ago, time, way, place, people, category, words, outcome
# fmt: off
WALKS = (
    (16, time(9, 40),  C.DOOR, "铁路新村 3 号楼 2 单元", 2, "物业", "楼道灯坏了半年，老人晚上不敢下楼。", W.DISPATCH),
    (16, time(10, 15), C.DOOR, "铁路新村 5 号楼 1 单元", 1, "供暖", "暖气片上半截不热，试过放气没有用。", W.DISPATCH),
    (16, time(10, 50), C.WALK, "铁路新村东门", 4, "停车", "早上送孩子的车堵住大门，公交车过不去。", W.NOTED),
    (9,  time(15, 5),  C.DOOR, "久安里 12 排", 1, "环境", "垃圾桶离窗户太近，夏天味大，想往外挪两米。", W.DISPATCH),
    (9,  time(15, 30), C.WALK, "久安里小广场", 6, "其他", "想给健身器材旁边装个遮雨棚。", W.NOTED),
    (2,  time(18, 20), C.WALK, "振华里夜市", 3, "环境", "收摊以后地上油污没人冲洗。", W.NOTED),
)
# fmt: on
ON_PAPER = 2  # of them written on paper first
SPOILT = "雨淋湿了，字看不清"
TAKEN = 6  # sheets


def build(seats: Seats, *, today: date, officer: Post, deputy: Post, trail: Trail) -> None:
    """Entered as `enter`, `take_in` and the steps of a sheet do; `deputy` is one of those on duty today."""
    mandate = next(seat for seat in seats.on_duty if seat.deputy.user_id == deputy.user_id)
    station = seats.station[mandate.pk]
    batch, sheets = _sheets(station, officer, today - timedelta(days=20), trail)
    paper = iter(sheets)
    for number, (ago, at, channel, place, people, category, text, outcome) in enumerate(WALKS):
        day = today - timedelta(days=ago)
        serial = Sequence.objects.next(f"visit:{station.pk}:{day:%Y%m%d}")
        late = timedelta(days=1) if number < ON_PAPER else timedelta(minutes=2)
        visit = Visit(
            station=station, area_id=station.area_id, area_path=station.area_path, day=day, at=at, channel=channel,
            place=place, headcount=people, category=Category.objects.filter(name=category, parent=None).first(),
            text=text, received_by=mandate, outcome=outcome, anonymous=True, serial=serial,
            number=f"JD{day:%Y%m%d}-{serial:03d}", created_at=moment(day, at) + late,
        )  # fmt: skip
        keep([visit])
        trail.add(visit, "enter", by=deputy, at=visit.created_at)
        if outcome == W.DISPATCH:
            _register(visit, deputy, trail)
        if number < ON_PAPER:
            sheet = next(paper)
            sheet.state, sheet.visit, sheet.version = SheetState.USED, visit, 2
            trail.add(sheet, "fill", by=deputy, at=visit.created_at, before="ISSUED", after="USED")
    spoilt = next(paper)
    spoilt.state, spoilt.reason, spoilt.version = SheetState.VOID, SPOILT, 2
    trail.add(
        spoilt, "void", by=officer, at=batch.created_at + timedelta(days=5), note=SPOILT, before="ISSUED", after="VOID"
    )  # fmt: skip
    Sheet.objects.bulk_update(sheets, ["state", "visit", "reason", "version"])


def _sheets(station: Station, officer: Post, day: date, trail: Trail) -> tuple[SheetBatch, list[Sheet]]:
    kind = SheetBatch.Kind.WALK
    where = {"station": station, "area_id": station.area_id, "area_path": station.area_path, "kind": kind}
    batch = SheetBatch(count=TAKEN, issued_by=officer, created_at=moment(day), **where)
    keep([batch])
    numbers = [
        f"{station.code}-{LETTERS[kind]}{Sequence.objects.next(f'sheet:{station.pk}'):05d}"
        for _ in range(TAKEN)
    ]
    trail.add(batch, "enter", by=officer, at=batch.created_at)
    return batch, keep(Sheet(number=n, batch=batch, created_at=batch.created_at, **where) for n in numbers)


def _register(visit: Visit, by: Post, trail: Trail) -> None:
    serial = Sequence.objects.next(f"request:{visit.day:%Y%m%d}")
    request = Request(
        visit=visit, station=visit.station, area_id=visit.area_id, area_path=visit.area_path, channel=visit.channel,
        category=visit.category, title=visit.text.split("。")[0][: Request.TITLE_LENGTH], text=visit.text,
        received_on=visit.day, number=f"{visit.day:%Y-%m%d}-{serial:04d}", created_at=visit.created_at,
    )  # fmt: skip
    keep([request])
    trail.add(request, "enter", by=by, at=visit.created_at, after=request.state)
