"""动态: what the stations of the accounts' county reported of the last months, and three bulletins made of it.

Each item tells of an activity that the demonstration holds, with its real figures: who came, how many deputies sat, what
was answered on the spot. Most stations report each month, some forget; the last ones wait for review.
"""

import hashlib
import random
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import cycle
from typing import Any

from django.core.files.base import ContentFile
from django.db.models import Count, Q, QuerySet, Sum

from liaison.accounts.models import Post
from liaison.bulletin.models import Bulletin, BulletinItem, NewsItem
from liaison.bulletin.models.bulletin import TITLE
from liaison.bulletin.printing import FORMS, printed
from liaison.bulletin.workflow import BulletinState, NewsState
from liaison.core.models import Attachment
from liaison.core.places import inside
from stations.models import Station
from suggestions.papers.wording import congress_office
from visits.models import Activity, Attendance, Visit

from .network import Network
from .record import Numbers, Trail, keep, moment
from .scenarios import Scenario

SCENARIOS = ("county", "datong")  # that show bulletins
SINCE = timedelta(days=130)
REPORTS = 0.85  # of the stations of a month
WORTH_TELLING = 3  # people who came
REVIEWED = timedelta(days=9)  # what is younger may still wait
FIRST_NUMBER = 11  # ten issues were printed before
ISSUES, IN_ONE = 3, 5
K, V = Activity.Kind, Visit.Outcome
SECTIONS = {K.RECEPTION: "接待日"}
OTHER_SECTION = "代表活动"
BACK = "请写明当场答复了几件、登记了几件，标题里加上日期。"
GONE = "和上一篇说的是同一次接待，重复了。"
HEADS = (
    "{month}月接待日，{people}人走进{station}",
    "{station}{day}接待群众{people}人",
    "代表在家门口听意见，{station}{month}月接待{people}人",
    "{station}{month}月接待日：来的都是身边事",
)
OPENINGS = (
    "{day}是代表接待日，{deputies}名代表在{station}接待群众{people}人。",
    "{day}上午，{station}按公示的时间开门接待，{deputies}名代表到站，群众来了{people}人。",
    "{day}，{station}举行代表接待日活动，到会代表{deputies}名，接待群众{people}人，收到意见{visits}件。",
)
ABOUT = (
    "反映较多的是{category}方面的事。",
    "说得最多的是{category}，有几位群众专门带来了照片。",
    "意见集中在{category}上，代表边听边记，逐件说明下一步怎么办。",
)
ON_SPOT = "能当场答复的{spot}件，代表都讲清了政策。"
SENT = "{sent}件已登记成诉求单，由人大机关派给承办单位，办得怎么样由站里告知本人。"
ALL_NOTED = "需要继续了解的已登记备查，代表下个月再来看。"
CLOSINGS = (
    "接待结束后，站长和代表对照上月的台账，逐件核对了办理进度。",
    "下次接待日的时间已经贴在站点门口，也发到了社区群里。",
    "没有办结的，代表约好时间到现场看。",
)
DONE = "{day}，{station}开展{kind}，主题是“{theme}”，{deputies}名代表参加。"
FORE = (
    "本期选登各站近期接待和走访的情况。",
    "入冬以来各站围绕供暖、物业等群众关心的事开展接待，择要刊发。",
    "",
)


def build(
    scenario: Scenario,
    network: Network,
    office: Post,
    keeper: Post,
    *,
    today: date,
    numbers: Numbers,
    trail: Trail,
) -> None:
    """`office` reviews and issues; `keeper` is the account whose station shows what was returned and what is a draft."""
    if scenario.name in SCENARIOS:
        maker = Maker(random.Random(f"{scenario.name} news"), network, office, keeper, today, numbers, trail)
        maker.write()
        maker.issue()


def on_a_workday(day: date) -> date:
    """The day, or the Monday after it."""
    return day + timedelta(days=7 - day.weekday()) if day.weekday() > 4 else day


@dataclass
class Maker:
    rng: random.Random
    network: Network
    office: Post
    keeper: Post
    today: date
    numbers: Numbers
    trail: Trail

    def write(self) -> None:
        """One item of a month and station, of its best visited reception; and one of each other activity."""
        held = Activity.objects.closed().filter(
            inside(self.office.area), day__range=(self.today - SINCE, self.today - timedelta(days=1))
        )
        held = held.select_related("station", "area").order_by("day", "number")
        self.facts = self._facts(held)
        months: dict[tuple[int, int, int], list[Activity]] = defaultdict(list)
        chosen = []
        for activity in held:
            if activity.kind != K.RECEPTION:
                chosen.append(activity)
            elif self.facts[activity.pk]["people"] >= WORTH_TELLING:
                months[activity.day.year, activity.day.month, activity.station_id].append(activity)
        own = Station.objects.visible_to(self.keeper).filter(parent=None).get()
        chosen += [
            max(days, key=lambda day: self.facts[day.pk]["people"])
            for days in months.values()
            if days[0].station == own or self.rng.random() < REPORTS
        ]
        chosen.sort(key=lambda activity: (activity.day, activity.number))
        items = [self._item(activity) for activity in chosen]
        self._show_states([item for item in items if item.station_id == own.pk])
        self.items = keep(items)
        for item in self.items:
            self._record(item)

    def _facts(self, held: QuerySet[Activity]) -> dict[int, dict[str, Any]]:
        """What is told of each activity: people, visits, answered on the spot, sent on, deputies, the main category."""
        rows = Visit.objects.counted().filter(activity__in=held).values("activity")
        counts = rows.annotate(
            people=Sum("headcount"),
            visits=Count("pk"),
            spot=Count("pk", filter=Q(outcome=V.ON_SPOT)),
            sent=Count("pk", filter=Q(outcome=V.DISPATCH)),
        )
        found: dict[int, dict[str, Any]] = {
            activity.pk: dict.fromkeys(("people", "visits", "spot", "sent", "deputies"), 0) | {"category": ""}
            for activity in held
        }
        for row in counts.order_by("activity"):
            found[row.pop("activity")] |= row
        came = Attendance.objects.present().filter(activity__in=held).values_list("activity")
        for key, deputies in came.annotate(n=Count("pk")).order_by("activity"):
            found[key]["deputies"] = deputies
        topics = rows.exclude(category=None).values_list("activity", "category__name").annotate(n=Count("pk"))
        for key, name, _ in topics.order_by("n", "category__name"):
            found[key]["category"] = name  # the last one is the most frequent
        return found

    def _item(self, activity: Activity) -> NewsItem:
        facts = self.facts[activity.pk]
        station = activity.station
        words = facts | {
            "station": station.name,
            "day": f"{activity.day.month}月{activity.day.day}日",
            "month": activity.day.month,
            "kind": activity.get_kind_display(),
            "theme": activity.theme,
        }
        choose = self.rng.choice
        if activity.kind == K.RECEPTION:
            title = choose(HEADS).format(**words)
            about = choose(ABOUT).format(**words) if facts["category"] else ""
            rest = (SENT if not facts["spot"] else f"其余{SENT}") if facts["sent"] else ALL_NOTED
            what = about + (ON_SPOT if facts["spot"] else "") + rest
            lines = [choose(OPENINGS), what, choose(CLOSINGS)]
        else:
            title = f"{station.name}开展{activity.get_kind_display()}：{activity.theme}"[:60]
            lines = [DONE, *(line for line in [activity.minutes] if line)]
        written = activity.day + timedelta(days=self.rng.randint(1, 2))
        submitted = on_a_workday(written)
        reviewed = on_a_workday(submitted + timedelta(days=self.rng.randint(1, 3)))
        year = written.year
        number = f"DT{year}-{self.numbers.next(f'news:{year}'):04d}"
        item = NewsItem(
            number=number, station=station, area_id=station.area_id, area_path=station.area_path, title=title,
            text="\n".join(line.format(**words) for line in lines), happened_on=activity.day, activity=activity,
            written_by=self.network.officer(station), created_at=moment(min(written, self.today)),
        )  # fmt: skip
        if submitted > self.today:
            return item
        item.submitted_on, item.state, item.version = submitted, NewsState.SUBMITTED, 2
        waits = activity.day > self.today - REVIEWED and self.rng.random() < 0.5
        if reviewed <= self.today and not waits:
            item.published_on, item.state, item.version = reviewed, NewsState.PUBLISHED, 3
        return item

    def _show_states(self, own: list[NewsItem]) -> None:
        """At the station of the account: the newest is a draft, the one before came back, an older one was withdrawn."""
        plan = ((-1, NewsState.DRAFT, ""), (-2, NewsState.RETURNED, BACK), (-4, NewsState.WITHDRAWN, GONE))
        for place, state, reason in plan:
            if len(own) < -place:
                continue
            item = own[place]
            item.state, item.reason = state, reason
            if state == NewsState.DRAFT:
                item.submitted_on, item.version = None, 1
            else:
                item.submitted_on = item.submitted_on or self.today
                item.version = 3 if state == NewsState.RETURNED else 4
            if state == NewsState.WITHDRAWN:
                item.published_on = item.published_on or self.today
            else:
                item.published_on = None

    def _record(self, item: NewsItem) -> None:
        """The entries that the steps would have written."""
        writer, at = item.written_by, item.created_at
        self.trail.add(item, "enter", by=writer, at=at, after=NewsState.DRAFT)
        if item.submitted_on:
            sent = moment(item.submitted_on).replace(hour=16)
            self.trail.add(
                item, "submit", by=writer, at=max(at, sent), before=NewsState.DRAFT, after=NewsState.SUBMITTED
            )
        if item.state == NewsState.RETURNED:
            back = moment(min(item.happened_on + timedelta(days=4), self.today)).replace(hour=17)
            self.trail.add(
                item,
                "give_back",
                by=self.office,
                at=back,
                before=NewsState.SUBMITTED,
                after=NewsState.RETURNED,
                note=BACK,
            )
        if item.published_on:
            on = moment(item.published_on).replace(hour=17)
            self.trail.add(
                item, "publish", by=self.office, at=on, before=NewsState.SUBMITTED, after=NewsState.PUBLISHED
            )
            if item.state == NewsState.WITHDRAWN:
                self.trail.add(
                    item, "withdraw", by=self.office, at=on + timedelta(minutes=50), before=NewsState.PUBLISHED,
                    after=NewsState.WITHDRAWN, note=GONE,
                )  # fmt: skip

    # --- Bulletins ---

    def issue(self) -> None:
        """What was published, in three parts one after the other; and a fourth that is being composed."""
        published = [item for item in self.items if item.state == NewsState.PUBLISHED]
        published.sort(key=lambda item: (item.published_on, item.pk))
        part = -(-len(published) // (ISSUES + 1))
        fore = cycle(FORE)
        for number in range(ISSUES + 1):
            chosen = self._choice(published[number * part : (number + 1) * part])
            if chosen:
                self._bulletin(chosen, FIRST_NUMBER + number if number < ISSUES else None, next(fore))

    def _choice(self, items: list[NewsItem]) -> list[NewsItem]:
        """Of each station one, activities of other kinds before reception days that are like each other."""
        found: dict[int, NewsItem] = {}
        for item in sorted(items, key=lambda item: (item.activity.kind == K.RECEPTION, -len(item.text))):
            found.setdefault(item.station_id, item)
        return sorted(
            list(found.values())[:IN_ONE], key=lambda item: (item.activity.kind != K.RECEPTION, item.pk)
        )

    def _bulletin(self, items: list[NewsItem], number: int | None, foreword: str) -> None:
        area = self.office.area
        last = max(item.published_on for item in items)
        issued_on = min(on_a_workday(last + timedelta(days=1)), self.today) if number else None
        begun = moment(last).replace(hour=18)
        bulletin = Bulletin(
            area=area, area_path=area.path, title=TITLE, number=number, issuer=congress_office(area),
            foreword=foreword, editor="刘敏", reviewer="郭志强", signer="武文斌", issued_on=issued_on,
            report_to="大同市人大常委会代表工作委员会，区人大常委会主任、副主任",
            send_to="区人大各专门委员会、常委会各工作机构，各街道人大工作委员会，各代表联络站",
            state=BulletinState.ISSUED if number else BulletinState.DRAFT, version=3 if number else 2, created_at=begun,
        )  # fmt: skip
        keep([bulletin])
        lines = keep(
            BulletinItem(
                bulletin=bulletin,
                news=item,
                position=position,
                section=SECTIONS.get(item.activity.kind, OTHER_SECTION),
                title=item.title,
                text=item.text,
            )
            for position, item in enumerate(items, 1)
        )
        told = {"items": [line.news.number for line in lines]}
        self.trail.add(bulletin, "enter", by=self.office, at=begun, after=BulletinState.DRAFT)
        self.trail.add(bulletin, "compose", by=self.office, at=begun + timedelta(minutes=25), data=told)
        if number and issued_on:
            at = max(moment(issued_on).replace(hour=11), begun + timedelta(minutes=40))
            self.trail.add(
                bulletin,
                "issue",
                by=self.office,
                at=at,
                before=BulletinState.DRAFT,
                after=BulletinState.ISSUED,
            )
            self.numbers.last[bulletin.series] = number
            for form, content_type in FORMS.items():
                self._keep_file(bulletin, form, content_type, at)

    def _keep_file(self, bulletin: Bulletin, form: str, content_type: str, at: datetime) -> None:
        content = printed(bulletin.as_issue(), form)
        row = Attachment(
            owner=bulletin, name=f"{TITLE}{bulletin.number}.{form}", content_type=content_type, size=len(content),
            sha256=hashlib.sha256(content).hexdigest(), created_by=self.office.user, created_at=at, public=True,
        )  # fmt: skip
        row.file.save(row.name, ContentFile(content), save=False)
        row.save()
        told = {"file": str(row.key), "sha256": row.sha256, "public": True}
        self.trail.add(bulletin, "attach", by=self.office, at=at, data=told)
