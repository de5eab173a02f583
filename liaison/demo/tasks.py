"""十项任务: what the county of the accounts asks of its stations since when, and what they did beside their receptions.

Most did most of it: a training and a survey a quarter, a debrief in autumn; some filed the report of a survey, the year's
duty file, the result of the appraisal. News items are in news.py; suggestions are written here each month by most.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta
from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile

from deputies.models import Level, Mandate
from liaison.accounts.models import Area, Post
from liaison.core.models import Attachment, PolicyVersion, Sequence
from liaison.core.policy import Policy
from liaison.core.workdays import month_end, month_start
from liaison.reports.models import StationDocument
from liaison.reports.taskboard.periods import MONTH, QUARTER, YEAR, Period, period_at, periods_of
from liaison.reports.taskboard.table import TASKS
from suggestions.workflow import SuggestionState
from visits.models import Activity, ActivityFile, Attendance

from . import kinds
from .congresses import Seats
from .network import Network, Town
from .record import Numbers, Trail, keep, moment
from .scenarios import Scenario
from .suggestions import TOPICS, Maker, Wanted

K, S, P = Activity.Kind, Activity.State, Attendance.State
PROPOSES, TRAINS, SURVEYS, REPORTS, DEBRIEFS, FILES, APPRAISES = 0.62, 0.75, 0.65, 0.5, 0.6, 0.45, 0.2
LONG_AGO = date(2020, 1, 1)
NOTE = "区人大常委会〔{year}〕6号：联络站十项具体任务"
THEMES = {
    K.TRAINING: ("代表法学习", "监督法学习", "议案建议怎么写", "预算审查知识学习"),
    K.RESEARCH: ("社区养老服务调研", "老旧小区物业管理调研", "小微企业用工调研", "农贸市场食品安全调研"),
    K.DEBRIEF: ("代表向选民述职",),
}
QUOTAS = {  # of deputies in a year: less than the usual, for the data has but some months
    "quota_activities_city": 2, "quota_activities_county": 2, "quota_days_city": 1, "quota_days_county": 1,
    "quota_contacts": 1,
}  # fmt: skip
FINDING = "走访了居民和单位，梳理出三个问题，提出了改进建议，已报区人大常委会代表工委。"


def rules(scenario: Scenario, office: Post, *, today: date) -> None:
    """Before the demonstration's receptions begin nothing is asked, elsewhere in the city nothing of the nine others.

    The tasks of a year are asked from its first day, those of a quarter and of a month from the first that the data fills.
    """
    since = month_start(today, -scenario.months_before)
    quarter = period_at(since, QUARTER).first
    city = Area.objects.get(code=scenario.city)
    none = {task.rule: 0 for task in TASKS.values() if task.rule != "receptions_monthly"}
    defaults = {task.rule: Policy.rules()[task.rule].default for task in TASKS.values()}
    asked = {
        every: {t.rule: defaults[t.rule] for t in TASKS.values() if t.every == every}
        for every in (YEAR, QUARTER, MONTH)
    }
    versions: dict[tuple[int, date], dict[str, int]] = {
        (city.pk, LONG_AGO): none,
        (city.pk, month_end(scenario.history[1]) + timedelta(days=1)): none | {"receptions_monthly": 0},
        (city.pk, since): none | {"receptions_monthly": defaults["receptions_monthly"]},
    }
    values = dict(QUOTAS)
    for first_on, more in sorted(
        [(date(today.year, 1, 1), asked[YEAR]), (quarter, asked[QUARTER]), (since, asked[MONTH])],
        key=lambda one: one[0],
    ):
        values = values | more
        versions[office.area.pk, first_on] = values
    PolicyVersion.objects.bulk_create(
        PolicyVersion(area_id=area, first_on=day, values=told, note=NOTE.format(year=today.year))
        for (area, day), told in versions.items()
    )


def suggest(
    scenario: Scenario,
    network: Network,
    seats: Seats,
    office: Post,
    clerks: dict[int, Post],
    *,
    today: date,
    numbers: Numbers,
    trail: Trail,
) -> None:
    """A suggestion of most months from a county deputy of most stations, as far as it came since."""
    rng = random.Random(f"{scenario.name} monthly suggestions")
    maker = Maker(scenario, office.area, office, clerks, today, numbers, trail)
    known = {seat.pk for seat in (*seats.head, *seats.on_duty)}
    topics = [
        number
        for number, (bureau, *_) in enumerate(TOPICS)
        if (found := maker.departments.get(f"{office.area.name}{bureau}")) and found.pk in clerks
    ]
    wanted = []
    for town in towns(network, office.area):
        leads = [
            m for m in seats.at(town) if m.level == Level.COUNTY and m.pk not in known and m.to_on is None
        ]
        for back in range(scenario.months_before, -1, -1):
            first = month_start(today, -back)
            latest = min(first.replace(day=24), today - timedelta(days=5))
            if not leads or rng.random() > PROPOSES or latest < first:
                continue
            written = first + timedelta(days=rng.randrange((latest - first).days + 1))
            state = _state((today - written).days)
            wanted.append(Wanted(rng.choice(topics), town.area.name, rng.choice(leads), state, written))
    maker.make(wanted)


def _state(age: int) -> str:
    """How far a suggestion has come after so many days."""
    for days, state in (
        (72, SuggestionState.CLOSED),
        (50, SuggestionState.DELIVERED),
        (10, SuggestionState.HANDLING),
    ):
        if age > days:
            return state
    return SuggestionState.ACCEPTED


def towns(network: Network, area: Area) -> list[Town]:
    return [town for town in network.towns if town.area.path.startswith(area.path)]


@dataclass
class Doing:
    """One activity that was held, by the deputies who came."""

    activity: Activity
    came: list[Mandate]


def build(
    scenario: Scenario,
    network: Network,
    seats: Seats,
    office: Post,
    *,
    today: date,
    trail: Trail,
) -> None:
    rng = random.Random(f"{scenario.name} tasks")
    since = period_at(month_start(today, -scenario.months_before), QUARTER).first
    done: list[Doing] = []
    documents = []
    for town in towns(network, office.area):
        there = list({seat.deputy_id: seat for seat in seats.at(town) if seat.to_on is None}.values())
        for kind, day in _planned(rng, since, today):
            done.append(
                Doing(_activity(town, kind, day, rng), rng.sample(there, min(len(there), rng.randint(4, 8))))
            )
        documents += list(_filed(rng, town, today))
    _keep(done, network, trail)
    for document in keep(documents):
        by = network.officer(document.station)
        trail.add(document, "enter", by=by, at=document.created_at)
        rows = [
            f"站点：{document.station.name}",
            FINDING if document.kind == "APPRAISAL" else "各位代表一年的到会、接待、建议和走访。",
        ]
        Attachment.objects.keep_paper(document, _paper(document.title, rows), by=by)
    for one in done:
        if one.activity.kind == K.RESEARCH and rng.random() < REPORTS:
            paper = _paper(f"{one.activity.theme}报告", [FINDING])
            by = network.officer(one.activity.station)
            ActivityFile.objects.show(one.activity, paper, caption="调研报告", by=by, photo=False)


def _planned(rng: random.Random, since: date, today: date) -> Iterator[tuple[str, date]]:
    """What a station did, and on which working day; nothing on a day to come."""
    spans = [span for span in periods_of(today.year, QUARTER) if span.first >= since and span.first < today]
    for span in spans:
        for kind, chance in ((K.TRAINING, TRAINS), (K.RESEARCH, SURVEYS)):
            if rng.random() < chance and (day := _day(rng, span, today)):
                yield kind, day
    if rng.random() < DEBRIEFS and (day := _day(rng, period_at(since, QUARTER), today)):
        yield K.DEBRIEF, day


def _day(rng: random.Random, span: Period, today: date) -> date | None:
    last = min(span.last, today - timedelta(days=1))
    days = [span.first + timedelta(days=n) for n in range((last - span.first).days + 1)]
    days = [day for day in days if day.weekday() < 5]
    return rng.choice(days) if days else None


def _activity(town: Town, kind: str, day: date, rng: random.Random) -> Activity:
    people = rng.randint(20, 60) if kind == K.DEBRIEF else 0
    activity = Activity(
        kind=kind, station=town.station, area=town.station.area, area_path=town.station.area_path,
        theme=rng.choice(THEMES[K(kind)]), day=day, starts_at=time(9), ends_at=time(11, 30), headcount=people,
        created_at=moment(day - timedelta(days=6)), announce_by=day - timedelta(days=3), state=S.CLOSED,
        closed_at=moment(day, time(11, 40)),
    )  # fmt: skip
    kinds.fill(activity, rng)
    return activity


def _keep(done: list[Doing], network: Network, trail: Trail) -> None:
    done.sort(key=lambda one: (one.activity.day, one.activity.station.code))
    years: dict[str, int] = {}
    for one in done:
        years[f"activity:{one.activity.day:%Y}"] = years.get(f"activity:{one.activity.day:%Y}", 0) + 1
    last = Sequence.objects.take(years)
    for one in done:
        series = f"activity:{one.activity.day:%Y}"
        last[series] += 1
        one.activity.number = f"HD{one.activity.day:%Y}-{last[series]:05d}"
    keep(one.activity for one in done)
    rows = keep(
        Attendance(
            activity=one.activity, mandate=mandate, state=P.PRESENT, how=Attendance.How.STAFF,
            arrived_at=moment(one.activity.day, time(8, 55)), created_at=one.activity.created_at,
        )
        for one in done
        for mandate in one.came
    )  # fmt: skip
    link = Activity.reporting.through
    keep(
        link(activity_id=one.activity.pk, mandate_id=mandate.pk)
        for one in done
        if one.activity.kind == K.DEBRIEF
        for mandate in one.came[:2]
    )
    for one in done:
        by = network.officer(one.activity.station)
        trail.add(one.activity, "enter", by=by, at=one.activity.created_at, after=S.PLANNED)
        trail.add(
            one.activity,
            "close",
            by=by,
            at=moment(one.activity.day, time(11, 40)),
            before=S.PLANNED,
            after=S.CLOSED,
        )
    for row in rows:
        trail.add(
            row, "roster", by=network.officer(row.activity.station), at=row.created_at, after=P.ROSTERED
        )


def _filed(rng: random.Random, town: Town, today: date) -> Iterator[StationDocument]:
    """Duty files are put together in autumn, appraisals toward the end of the year; before that nobody has one."""
    for kind, chance, month in (("ARCHIVE", FILES, 9), ("APPRAISAL", APPRAISES, 10)):
        first = date(today.year, month, 1)
        if rng.random() > chance or first >= today:
            continue
        day = first + timedelta(days=rng.randrange((today - first).days))
        word = StationDocument.Kind(kind).label
        yield StationDocument(
            station=town.station, area=town.station.area, area_path=town.station.area_path, kind=kind,
            title=f"{today.year}年代表{word}", day=day, created_at=moment(day, time(16)),
        )  # fmt: skip


def _paper(title: str, lines: list[str]) -> SimpleUploadedFile:
    from docx import Document  # slow to import

    paper = Document()
    paper.add_heading(title, 0)
    for line in lines:
        paper.add_paragraph(line)
    out = BytesIO()
    paper.save(out)
    return SimpleUploadedFile(f"{title}.docx", out.getvalue())
