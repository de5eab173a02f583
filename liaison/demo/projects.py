"""民生实事: twelve candidates of a year, ten of them chosen by the deputies of the county, and how far each has come.

The year is the present one, or the last where the congress has not met yet. From October on the next year's candidates
are there too.
"""

import random
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from deputies.models import DeputyGroup, Leader, Level, Mandate
from liaison.accounts.models import Post
from liaison.core.places import inside
from suggestions.models import Ballot, BallotLine, Department, Project, ProjectCheck, ProjectProgress

from .accounts import Account
from .record import Numbers, Trail, keep, moment

SESSION = (1, 18)
PLACES = 10
PERCENT = 50
HOUSING, TRAFFIC, SCHOOL, CIVIL = "住房和城乡建设局", "交通运输局", "教育局", "民政局"
HEALTH, WATER, MARKET, CITY = "卫生健康局", "水务局", "市场监督管理局", "城市管理局"
COMMITTEES = ("城建环保工委", "财政经济工委", "教科文卫工委", "社会建设工委", "农村工委")


@dataclass(frozen=True)
class Plan:
    """A candidate: what, for how much (万元), by whom, where, why; done by when; month, day, percent, what was done."""

    title: str
    what: str
    budget: int
    bureau: str
    place: str
    source: str
    due: tuple[int, int]
    course: tuple[tuple[int, int, int, str], ...] = ()


# fmt: off
PLANS = (
    Plan("老旧小区供热管网改造", "改造二〇〇〇年以前建成的小区供热二次管网，惠及居民四千二百户。", 3860, HOUSING, "向阳里、铁路新村等二十一个小区",
         "群众诉求 46 件，归为共性问题“老旧小区暖气不热”", (10, 15),
         ((3, 20, 5, "完成入户摸底和施工图，二十一个小区全部公示。"), (5, 18, 35, "七个小区的管沟开挖完成，更换管道六公里。"),
          (7, 25, 70, "十五个小区完成换管，开始打压试验。"), (9, 28, 95, "全部小区完成换管，十月五日前恢复路面。"), (10, 12, 100, "二十一个小区全部通过打压试验，按期供热。"))),
    Plan("既有住宅加装电梯", "为多层住宅加装电梯四十部，优先老年人多的单元。", 2400, HOUSING, "全区八个街道", "代表建议 3 件，群众诉求 19 件", (11, 30),
         ((4, 2, 10, "四十部的意见征询全部完成。"), (6, 20, 40, "十六部开工，六部井道封顶。"), (8, 30, 65, "二十六部安装到位，十一部交付使用。"), (10, 25, 85, "三十四部交付使用，余下六部在调试。"))),
    Plan("新建口袋公园", "利用边角地建口袋公园六处，配健身器材和夜间照明。", 960, HOUSING, "北关、南关、新建南路等六处", "代表建议 2 件", (9, 30),
         ((4, 10, 15, "六处完成设计，三处进场。"), (6, 30, 60, "四处完成铺装和种植。"), (8, 20, 90, "六处主体完成，安装照明。"), (9, 22, 100, "六处全部开放。"))),
    Plan("中小学操场和厕所改造", "改造十二所学校的操场和厕所。", 1580, SCHOOL, "十二所学校", "群众诉求 11 件", (8, 31),
         ((6, 28, 10, "放假前完成招标和备料。"), (7, 30, 70, "九所学校操场铺装完成。"), (8, 27, 100, "十二所学校全部完工，开学使用。"))),
    Plan("社区老年食堂", "新开社区老年食堂十五家，七十岁以上老人每餐补助三元。", 450, CIVIL, "十五个社区", "群众诉求 33 件，归为共性问题“老人吃饭难”", (6, 30),
         ((3, 15, 30, "十五家选址全部确定，六家装修。"), (5, 10, 75, "十一家开业，日均就餐七百余人。"), (6, 25, 100, "十五家全部开业。"))),
    Plan("增设公交线路和候车亭", "新开社区小巴三条，更换候车亭八十座，延长五条线的末班时间。", 1120, TRAFFIC, "城区及城郊", "代表建议 4 件，群众诉求 27 件", (10, 31),
         ((4, 28, 20, "三条小巴线路走向公示，征求意见一百二十条。"), (7, 8, 55, "两条小巴开通，候车亭更换四十一座。"), (9, 15, 75, "末班时间全部延长，候车亭更换六十二座。"), (10, 28, 85, "第三条小巴因道路施工推迟，候车亭更换七十一座。"))),
    Plan("农村饮水管网更新", "更换老化供水管网三十公里，解决冬季冻管。", 1740, WATER, "城郊九个村", "代表建议 1 件", (9, 30),
         ((4, 20, 20, "管沟开挖八公里。"), (6, 15, 50, "铺管十五公里，四个村通水。"), (8, 28, 90, "铺管二十八公里。"), (9, 26, 100, "九个村全部通水，水质检测合格。"))),
    Plan("社区卫生服务站提标", "为十八个社区卫生服务站配备康复和中医设备，开通医保直接结算。", 680, HEALTH, "十八个社区", "群众诉求 14 件", (11, 20),
         ((5, 6, 25, "设备招标完成。"), (7, 22, 60, "十一个站设备到位。"), (10, 16, 90, "十八个站设备到位，十五个站开通结算。"))),
    Plan("电动自行车充电设施", "在没有充电设施的小区建充电棚一百二十处，配简易喷淋。", 840, CITY, "全区老旧小区", "群众诉求 52 件，归为共性问题“楼道里充电”", (10, 31),
         ((4, 15, 20, "一百二十处选址公示完毕。"), (6, 28, 55, "建成六十六处。"), (8, 25, 80, "建成九十七处。"), (10, 20, 100, "一百二十处全部投用。"))),
    Plan("农贸市场改造", "改造农贸市场五个，增设快检室，摊位不涨租。", 1300, MARKET, "御河、振华等五个市场", "代表建议 2 件", (12, 20),
         ((5, 20, 20, "三个市场完成过渡摊位搭建。"), (8, 10, 50, "两个市场完工，恢复营业。"), (10, 30, 75, "四个市场完工，快检室启用。"))),
    Plan("城市书房", "新建二十四小时城市书房两处。", 520, SCHOOL, "火车站、体育公园", "政府提出", (10, 31)),
    Plan("主干道亮化提升", "更换主干道景观照明。", 1900, CITY, "三条主干道", "政府提出", (9, 30)),
)
NEXT = (
    Plan("雨污分流改造", "改造老城区雨污合流管网十二公里，治理六处积水点。", 2900, HOUSING, "老城区", "群众诉求 38 件，归为共性问题“下雨路上积水”", (10, 31)),
    Plan("公办幼儿园扩建", "扩建公办幼儿园三所，增加学位五百四十个。", 1850, SCHOOL, "三个街道", "代表建议 3 件", (8, 31)),
    Plan("村级养老互助点", "改建村级养老互助点二十处。", 600, CIVIL, "城郊二十个村", "代表建议 1 件，群众诉求 9 件", (11, 30)),
)
VOTES = (398, 391, 385, 380, 376, 369, 352, 341, 322, 297, 238, 187)  # for, of the plans above, at 401 valid votes
FOUND = (
    "实地看了 6 处，随机问了居民。{}居民普遍认可，个别点位收尾不细，已当场交办。",
    "分两组暗访，听取了部门汇报。{}按期完成，资料齐全。",
)
# fmt: on


def build(made: dict[str, Account], *, today: date, numbers: Numbers, trail: Trail) -> None:
    """The projects of the office's county: proposed by the end of the year before, voted on in January."""
    office, unit = made["office"].post, made["unit"].post
    year = today.year if today > date(today.year, *SESSION) else today.year - 1
    offices = Department.objects.filter(area=office.area).order_by("pk")
    bureaus = {row.name.removeprefix(office.area.name): row for row in offices}
    builder = Builder(office, unit, bureaus, today, numbers, trail)
    builder.year(year)
    if today >= date(year, 10, 8):
        builder.candidates(year + 1, NEXT, date(year, 10, 8))


class Builder:
    def __init__(
        self,
        office: Post,
        unit: Post,
        bureaus: dict[str, Department],
        today: date,
        numbers: Numbers,
        trail: Trail,
    ) -> None:
        self.office, self.unit, self.bureaus = office, unit, bureaus
        self.today, self.numbers, self.trail = today, numbers, trail
        self.rng = random.Random("projects")

    def candidates(self, year: int, plans: tuple[Plan, ...], entered: date) -> list[Project]:
        rows = keep(
            Project(
                number=f"MS{year}-{self.numbers.next(f'project:{year}'):03d}",
                area=self.office.area,
                area_path=self.office.area.path,
                year=year,
                title=plan.title,
                what=plan.what,
                budget=Decimal(plan.budget),
                department=self.bureaus[plan.bureau],
                place=plan.place,
                source=plan.source,
                planned_on=date(year, *plan.due),
                created_at=moment(entered),
            )
            for plan in plans
        )
        for row in rows:
            self.trail.add(row, "enter", by=self.office, at=moment(entered), after="CANDIDATE")
        return rows

    def year(self, year: int) -> None:
        rows = self.candidates(year, PLANS, date(year - 1, 11, 20))
        voted = date(year, *SESSION)
        self.vote(year, rows, voted)
        chairs = list(
            Leader.objects.filter(area=self.office.area, rank=Leader.Rank.CHAIR, duty="副主任").order_by("pk")
        )
        groups = list(DeputyGroup.objects.filter(inside(self.office.area)).order_by("pk")[:PLACES])
        entries: list[ProjectProgress] = []
        checks: list[ProjectCheck] = []
        for number, (row, plan) in enumerate(zip(rows[:PLACES], PLANS, strict=False)):
            if chairs and groups and self.today > voted + timedelta(days=20):
                row.chair, row.group = chairs[number % len(chairs)], groups[number % len(groups)]
                row.committee = COMMITTEES[number % len(COMMITTEES)]
                self.trail.add(row, "trio", by=self.office, at=moment(voted + timedelta(days=20)))
            entries += self.course(row, plan)
            if row.done_on and (checked := row.done_on + timedelta(days=35)) <= self.today:
                checks.append(self.check(row, checked))
        Project.objects.bulk_update(
            rows,
            ["state", "percent", "started_on", "reported_on", "done_on", "chair", "committee", "group", "version"],
        )  # fmt: skip
        keep(entries)
        keep(checks)

    def vote(self, year: int, rows: list[Project], day: date) -> None:
        entitled = Mandate.objects.in_office(day).filter(inside(self.office.area), level=Level.COUNTY).count()
        present = entitled - entitled // 15
        valid = present - 1
        ballot = Ballot(
            area=self.office.area,
            area_path=self.office.area.path,
            year=year,
            session=f"区人大{year}年会议",
            day=day,
            entitled=entitled,
            present=present,
            issued=present,
            returned=present,
            valid=valid,
            places=PLACES,
            percent=PERCENT,
            created_at=moment(day),
        )
        keep([ballot])
        self.trail.add(ballot, "enter", by=self.office, at=moment(day))
        lines = []
        for row, yes in zip(rows, VOTES, strict=True):
            got = yes * valid // 401
            against = (valid - got) * 2 // 3
            lines.append(
                BallotLine(ballot=ballot, project=row, yes=got, no=against, abstained=valid - got - against)
            )
        ballot.decide(lines)
        for line in keep(lines):
            chosen = line.result == BallotLine.Result.CHOSEN
            line.project.state = Project.State.CHOSEN if chosen else Project.State.NOT_CHOSEN
            line.project.version = 2
            self.trail.add(
                line.project,
                "choose" if chosen else "pass_over",
                by=self.office,
                at=moment(day),
                before="CANDIDATE",
                after=line.project.state,
                note=f"{line.yes} 票赞成",
            )

    def course(self, row: Project, plan: Plan) -> list[ProjectProgress]:
        """What has been reported by today."""
        entries = []
        by = self.unit if plan.bureau == HOUSING else self.office
        for month, day, percent, text in plan.course:
            on = date(row.year, month, day)
            if on > self.today:
                break
            if row.started_on is None:
                row.started_on, row.state = on - timedelta(days=12), Project.State.UNDER_WAY
                begun = moment(row.started_on)
                self.trail.add(row, "start", by=by, at=begun, before="CHOSEN", after=row.state)
            row.percent, row.reported_on = percent, on
            before, deed = row.state, "report"
            if percent == 100:
                row.done_on, row.state, deed = on, Project.State.DONE, "finish"
            entries.append(
                ProjectProgress(project=row, day=on, percent=percent, text=text, by=by, created_at=moment(on))
            )
            self.trail.add(row, deed, by=by, at=moment(on), before=before, after=row.state)
        return entries

    def check(self, row: Project, on: date) -> ProjectCheck:
        asked = self.rng.randrange(60, 180)
        unsatisfied = self.rng.randrange(0, 5)
        fairly = self.rng.randrange(5, 20)
        self.trail.add(
            row, "inspect", by=self.office, at=moment(on), before=row.state, after=Project.State.CHECKED
        )
        row.state = Project.State.CHECKED
        return ProjectCheck(
            project=row,
            year=row.year,
            on=on,
            satisfied=asked - fairly - unsatisfied,
            fairly=fairly,
            unsatisfied=unsatisfied,
            finding=self.rng.choice(FOUND).format("" if on <= row.planned_on else "比计划略晚，"),
            by=self.office,
        )
