"""代表建议: some of now in every state, around the demonstration's deputy; in Datong also the 120 that the city reported.

120 pieces with 437 items, ten of them key with their five parties; all of the ten months of 2023, proposed in recess from
the stations, answered one by one. What a session brings is in session.py.
"""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from deputies.models import CongressSession, Mandate, Term
from liaison.accounts.models import Area, Post
from liaison.core.workdays import Workdays
from suggestions.models import (
    Department,
    Evaluation,
    Meeting,
    Order,
    Party,
    PartyEntry,
    Signer,
    Suggestion,
    SuggestionItem,
)
from suggestions.workflow import SuggestionState
from visits.models import Category

from .congresses import Seats
from .departments import BUREAUS
from .record import Numbers, Trail, keep, moment
from .scenarios import Scenario

S, K, M = SuggestionState, Suggestion.Kind, "SATISFIED"
PIECES, ITEMS, KEY = 120, 437, 10  # reported by the city for 2023
LATE = 62  # days more than usual, and the three months are over

# bureau, category, what for, why, four items
TOPICS: tuple[tuple[str, str, str, str, tuple[str, str, str, str]], ...] = (
    ("住房和城乡建设局", "供暖", "改造老旧小区供热管网", "供热管网用了二十年以上，冬天跑冒滴漏，顶层住户室温长期不到十六度。",
     ("三年内更换使用二十年以上的二次管网。", "入冬前完成换热站检修，公布检修结果。", "安排专人受理室温投诉，二十四小时内入户测温。", "把改造资金列入年度预算。")),
    ("住房和城乡建设局", "物业", "加强无物业小区管理", "不少老小区没有物业，楼道照明、门禁、垃圾没有人管。",
     ("由社区牵头成立物业管理委员会。", "对门禁和照明给予一次性维修补助。", "把零散小区打包引进物业服务。", "每季度公布一次公共收益。")),
    ("教育局", "教育", "增加公办幼儿园学位", "新建小区集中交付，公办幼儿园学位不够，家长要到几公里外送孩子。",
     ("两年内新建、改扩建公办幼儿园。", "小区配套幼儿园按时移交。", "招生前公布学位和划片。", "为双职工家庭提供课后照护。")),
    ("民政局", "养老", "办好社区老年食堂", "独居老人多，做饭不便，已开的老年食堂菜价高、位子少。",
     ("每个街道至少开一处老年食堂。", "对六十岁以上老人按餐补贴。", "为行动不便的老人送餐。", "每月公布菜价和补贴账目。")),
    ("交通运输局", "交通", "优化城乡公交线路", "村里每天只有两趟班车，老人看病、学生上学赶不上车。",
     ("早晚各加一班车。", "线路延伸到卫生院和中学门口。", "站牌公布到站时间。", "六十五岁以上老人免费乘车。")),
    ("农业农村局", "农业", "管护好高标准农田机井", "机井和管道建好以后没有人管护，部分已不能浇地。",
     ("逐井登记，明确管护人。", "每年安排管护经费。", "春灌前完成维修。", "水电费收支张榜公布。")),
    ("卫生健康局", "医疗", "方便群众在基层看慢性病", "高血压、糖尿病老人每月到城里开药，来回要大半天。",
     ("乡镇卫生院配齐常用慢性病药。", "一次可开两个月的药。", "家庭医生每季度随访一次。", "村卫生室开通医保结算。")),
    ("城市管理局", "环境", "整治背街小巷环境", "主街干净，小巷垃圾桶少、路灯坏、污水外溢。",
     ("补齐垃圾桶和公厕。", "更换损坏的路灯。", "清掏疏通雨污管道。", "建立小巷长制度，公布电话。")),
    ("公安局", "停车", "缓解学校门口拥堵", "上学放学时段学校门口车辆乱停，学生横穿马路。",
     ("上下学时段设临时单行。", "在附近划定限时停车位。", "增设人行横道和信号灯。", "安排警力和志愿者护学。")),
    ("生态环境局", "环境", "治理河道沿线扬尘和异味", "河道沿线料场扬尘，夏天异味重，居民不敢开窗。",
     ("料场全部覆盖、硬化道路。", "排查沿线排污口，限期整改。", "公布监测数据。", "对屡改屡犯的依法处罚。")),
    ("水务局", "供水", "解决高层和村庄水压不足", "用水高峰三楼以上没有水，村里隔天供水。",
     ("更换老化的供水管道。", "加装二次加压设备。", "停水提前一天通知。", "每季度公布水质检测结果。")),
    ("人力资源和社会保障局", "就业", "帮助高校毕业生和返乡人员就业", "毕业生和返乡人员找工作渠道少，技能培训和用工对不上。",
     ("每季度办一次专场招聘。", "按企业需要开培训班。", "落实创业担保贷款。", "开通就业服务热线。")),
    ("市场监督管理局", "其他", "优化营商环境、方便企业和个体户办事", "企业和个体户办一件事要跑几个窗口，材料重复交。",
     ("把开办、变更、注销并到一个窗口。", "公布办事清单，清单以外不再要材料。", "设专人帮新办企业代办。", "每年请企业评一次窗口。")),
    ("民政局", "养老", "发展文旅康养产业", "山水和古建资源好，康养床位和服务人员跟不上，留不住客人。",
     ("编制康养产业规划，划定用地。", "支持民宿改造适老设施。", "和卫生院合办康养服务点。", "培训本地护理员。")),
)  # fmt: skip
FIELDS = (
    12,
    13,
    11,
    0,
    2,
    4,
    5,
    6,
    7,
    9,
    10,
    3,
)  # of the topics, what the city named for the ten months comes first
REPLY = (
    "一、{first}已列入今年工作，责任到人。\n二、{second}正在办理，进展按季度向您通报。\n"
    "三、有关资金和时间安排已和您当面沟通。"
)
MET = {"way": "FACE", "place": "代表联络站", "said": "向代表说明了资金来源和工期，代表要求每季度通报进展。"}
NOT_MET = "代表在外地学习，同意书面答复，不再面商。"


@dataclass(frozen=True)
class Wanted:
    """One suggestion to be made: about what, by whom, how far it came, and on which day it was written."""

    topic: int
    place: str
    lead: Mandate
    state: str
    written: date
    cosigners: Sequence[Mandate] = ()
    session: CongressSession | None = None
    kind: str = K.SUGGESTION
    items: int = 4
    answer: str = "A"
    promised: date | None = None
    key: bool = False
    praised: bool = False
    helped: bool = False
    by_deputy: Post | None = None
    open_invitation: Mandate | None = None  # asked, and has not answered
    objection: str = ""
    published: bool = False
    slow: int = 0  # days more than usual until the reply, or fewer
    again: bool = False  # the first answer did not satisfy, the second did
    unmet: bool = False  # deputy and department did not meet
    key_by: str = ""


def build(
    scenario: Scenario,
    seats: Seats,
    accounts: dict[str, Post],
    clerks: dict[int, Post],
    *,
    today: date,
    numbers: Numbers,
    trail: Trail,
) -> None:
    here = Area.objects.get(code=scenario.counties[0].code)
    county = Maker(scenario, here, accounts["office"], clerks, today, numbers, trail)
    county.make(_of_now(seats, accounts["deputy"], today))
    if scenario.city_suggestions:
        rng = random.Random(f"{scenario.name} suggestions")
        area = Area.objects.get(code=scenario.city)
        city = Maker(scenario, area, accounts["office-city"], clerks, today, numbers, trail)
        city.make(_of_2023(rng, city, today))


def _of_now(seats: Seats, deputy: Post, today: date) -> list[Wanted]:
    """Around the deputy of the demonstration: one or two in each state."""
    me, second, third = seats.on_duty[:3]
    head = seats.head[0]

    def ago(days: int) -> date:
        return today - timedelta(days=days)

    soon = today + timedelta(days=70)
    return [
        Wanted(0, "铁路新村", me, S.DRAFT, ago(1), by_deputy=deputy),
        Wanted(8, "铁路小学", me, S.COSIGNING, ago(3), [second], by_deputy=deputy, open_invitation=third),
        Wanted(3, "振华街", second, S.COSIGNING, ago(2), [head], by_deputy=deputy, open_invitation=me),
        Wanted(2, "城西片区", me, S.SUBMITTED, ago(5), [second, third], by_deputy=deputy),
        Wanted(7, "久安里", head, S.RETURNED, ago(14)),
        Wanted(10, "振华里", third, S.LETTER, ago(60)),
        Wanted(1, "北关片区", second, S.ACCEPTED, ago(8), [me]),
        Wanted(0, "久安里", me, S.ASSIGNED, ago(12), [second], by_deputy=deputy, objection="换热站归热力公司管，请一并交办"),
        Wanted(1, "铁路新村", me, S.HANDLING, ago(60), [head], by_deputy=deputy, helped=True, key=True),
        Wanted(0, "城南片区", third, S.HANDLING, ago(130)),  # late
        Wanted(1, "城东片区", head, S.COUNTERSIGN, ago(56), kind=K.CRITICISM),
        Wanted(0, "振华街", me, S.REPLIED, ago(58), by_deputy=deputy),
        Wanted(1, "久安里", me, S.DELIVERED, ago(60), [second, third], by_deputy=deputy),
        Wanted(0, "操场城街", second, S.EVALUATED, ago(70), [me], praised=True),
        Wanted(1, "西环路", me, S.REHANDLING, ago(75), [second], by_deputy=deputy),
        Wanted(0, "平城街", me, S.TRACKING, ago(120), by_deputy=deputy, answer="B", promised=soon, published=True),
        Wanted(1, "永泰街", third, S.CLOSED, ago(150), [me], published=True),
        Wanted(0, "迎宾街", head, S.ARCHIVED, ago(300), kind=K.OPINION, published=True),
        Wanted(7, "魏都大道", me, S.WITHDRAWN, ago(40), by_deputy=deputy),
    ]  # fmt: skip


def _of_2023(rng: random.Random, maker: "Maker", today: date) -> list[Wanted]:
    """One about each field from each county."""
    term = Term.objects.get(congress__area=maker.area)
    by_county = city_deputies(term)
    wanted: list[Wanted] = []
    places = [(county, topic) for topic in FIELDS for county in by_county]
    long = ITEMS - PIECES * 3  # how many have four items; the others three
    for number, (county, topic) in enumerate(places[:PIECES]):
        lead, *others = rng.sample(by_county[county], 4)
        later = rng.random() < 0.1
        wanted.append(
            Wanted(
                topic,
                county.name,
                lead,
                S.TRACKING if later else S.ARCHIVED,
                date(2023, 1, 9) + timedelta(days=rng.randrange(165)),
                others[: rng.randrange(4)],
                items=4 if number < long else 3,
                answer=rng.choices("BC", (2, 1))[0] if later else rng.choices("AD", (9, 1))[0],
                promised=date(today.year + 1, 6, 30) if later else None,
                key=number % 12 == 5,
                praised=number % 15 == 4,
                helped=rng.random() < 0.25,
                published=rng.random() < 0.3,
                slow=LATE if number in (31, 77) else rng.randrange(-12, 30),
                again=not later and number % 29 == 3,
                unmet=number % 40 == 11,
            )
        )
    return wanted


def city_deputies(term: Term) -> dict[Area, list[Mandate]]:
    """Who sits in the city's congress now, by the county that elected them."""
    counties = Area.objects.filter(parent=term.congress.area, level=Area.Level.COUNTY).order_by("path")
    held = Mandate.objects.filter(term=term, to_on=None).select_related(
        "deputy", "term__congress__area", "area"
    )
    found = {
        county: list(held.filter(area_path__startswith=county.path).order_by("pk")) for county in counties
    }
    return {county: mandates for county, mandates in found.items() if mandates}


# What a suggestion went through before it stood where it stands: state, days after it was written.
WAY = (
    (S.SUBMITTED, 2, "submit"), (S.ACCEPTED, 4, "accept"), (S.ASSIGNED, 7, "assign"), (S.HANDLING, 9, "begin"),
    (S.COUNTERSIGN, 45, "reply"), (S.REPLIED, 47, "countersign"), (S.DELIVERED, 49, "deliver"),
    (S.EVALUATED, 55, "evaluate"), (S.CLOSED, 70, "close"), (S.ARCHIVED, 100, "archive"),
)  # fmt: skip
AFTER = {  # where another way was taken: from which state, by which deed, how many days later
    S.RETURNED: (S.SUBMITTED, "give_back", 3),
    S.LETTER: (S.SUBMITTED, "as_letter", 3),
    S.WITHDRAWN: (S.ACCEPTED, "ask_withdrawal", 10),
    S.REHANDLING: (S.EVALUATED, "rehandle", 1),
    S.TRACKING: (S.EVALUATED, "track", 1),
}
SECOND = (  # what followed where the first answer did not satisfy: days after it was marked
    (S.REHANDLING, 1, "rehandle"), (S.COUNTERSIGN, 20, "reply"), (S.REPLIED, 22, "countersign"), (S.DELIVERED, 24, "deliver"),
    (S.EVALUATED, 30, "evaluate"),
)  # fmt: skip
ORDER = [state for state, _, _ in WAY]
OF_UNIT = {"begin", "reply"}
OF_DEPUTY = {"submit", "evaluate", "ask_withdrawal"}


class Maker:
    """Suggestions of one congress, as `enter` and the steps would have left them."""

    def __init__(
        self,
        scenario: Scenario,
        area: Area,
        office: Post,
        clerks: dict[int, Post],
        today: date,
        numbers: Numbers,
        trail: Trail,
    ) -> None:
        self.trunk = scenario.trunk
        self.area, self.office, self.clerks, self.today = area, office, clerks, today
        self.numbers, self.trail = numbers, trail
        self.calendar = Workdays.around(today, days=1600)
        self.departments = {one.name: one for one in Department.objects.filter(area=area)}
        self.categories = {one.name: one for one in Category.objects.filter(parent=None)}
        self.items: list[SuggestionItem] = []
        self.signers: list[Signer] = []
        self.orders: list[Order] = []
        self.of_suggestion: dict[int, list[Order]] = {}  # by id()
        self.meetings: list[Meeting] = []
        self.marks: list[Evaluation] = []
        self.parties: list[Party] = []
        self.entries: list[tuple[Party, PartyEntry]] = []

    def make(self, wanted: Iterable[Wanted]) -> None:
        rows = [self._row(want) for want in sorted(wanted, key=lambda want: want.written)]
        keep(found for found, _ in rows)
        for found, want in rows:
            self._beside(found, want)
        keep(self.items)
        keep(self.signers)
        keep(self.orders)
        keep(self.meetings)
        keep(self.marks)
        keep(self.parties)
        for party, entry in self.entries:
            entry.party_id = party.pk
        keep(entry for _, entry in self.entries)
        for found, want in rows:
            self._tell(found, want)

    @staticmethod
    def _way(want: Wanted) -> list[tuple[str, int, str]]:
        """The steps it took: state, days after it was written, deed."""
        answered = ORDER.index(S.COUNTERSIGN)
        way = [*WAY[:answered], *((state, days + want.slow, deed) for state, days, deed in WAY[answered:])]
        if want.again:
            marked = ORDER.index(S.EVALUATED) + 1
            on = way[marked - 1][1]
            second = [(state, on + days, deed) for state, days, deed in SECOND]
            way = [*way[:marked], *second, *((state, days + 35, deed) for state, days, deed in way[marked:])]
        last = AFTER[want.state][0] if want.state in AFTER else want.state
        states = [state for state, _, _ in way]
        return way[: states.index(last) + 1] if last in states else []

    def _on(self, want: Wanted, state: str, turn: int = 1) -> date | None:
        """The day on which it came to a state for the first time; None where it did not. Nothing lies ahead of today."""
        days = [days for name, days, _ in self._way(want) if name == state][turn - 1 : turn]
        return min(want.written + timedelta(days=days[0]), self.today) if days else None

    def _department(self, want: Wanted) -> Department:
        return self.departments[f"{self.area.name}{TOPICS[want.topic][0]}"]

    def _row(self, want: Wanted) -> tuple[Suggestion, Wanted]:
        bureau, category, about, why, _ = TOPICS[want.topic]
        on = {state: self._on(want, state) for state in ORDER}
        assigned = on[S.ASSIGNED]
        answered = on[S.COUNTERSIGN] is not None
        found = Suggestion(
            area=self.area,
            area_path=self.area.path,
            kind=want.kind,
            title=f"关于{want.place}{about}的{Suggestion.Kind(want.kind).label}",
            text=f"{want.place}{why}群众在接待日多次反映，我们也去看过。",
            category=self.categories.get(category),
            term=want.lead.term,
            session=want.session,
            lead=want.lead,
            proposed=self._department(want) if want.by_deputy else None,
            publishable=want.published,
            on_paper=want.by_deputy is None,
            state=want.state,
            round=2 if want.state == S.REHANDLING or want.again else 1,
            written_on=want.written,
            submitted_on=on[S.SUBMITTED],
            accepted_on=on[S.ACCEPTED],
            assigned_on=assigned,
            replied_on=on[S.REPLIED],
            delivered_on=on[S.DELIVERED],
            evaluated_on=on[S.EVALUATED],
            closed_on=on[S.CLOSED],
            department=self._department(want) if assigned else None,
            answer_class=want.answer if answered and want.state != S.REHANDLING else "",
            promised_on=want.promised if answered else None,
            objection=want.objection,
            created_at=moment(want.written),
        )
        found.version = 1 + len(self._way(want)) + (want.state in AFTER)
        found.version += bool(want.cosigners or want.open_invitation)
        if found.submitted_on:
            found.assign_by = self.calendar.add(found.submitted_on, 7).day
        if assigned:
            found.due_on = self.calendar.add_months(assigned, 3, roll=True).day
        if on[S.ACCEPTED]:
            found.give_number(self.numbers.next(found.series))
        if on[S.EVALUATED]:
            found.result = "UNSATISFIED" if want.state == S.REHANDLING else _content(want)
        if want.again and (turned := self._on(want, S.REHANDLING)):
            found.due_on = self.calendar.add_months(turned, 1, roll=True).day
        if want.state == S.REHANDLING:
            found.due_on = self.calendar.add_months(self._ended(want), 1, roll=True).day
        if want.state in (S.RETURNED, S.LETTER):
            found.refused = "FORM" if want.state == S.RETURNED else "LETTER"
        if want.state in (S.LETTER, S.WITHDRAWN):
            found.closed_on = self._ended(want)
        if want.state == S.WITHDRAWN:
            found.withdrawal_asked_on = self._ended(want)
        if want.key and on[S.ACCEPTED]:
            found.key_on = on[S.ACCEPTED] + timedelta(days=20)
            found.key_by = want.key_by or f"{self.area.name}人大常委会主任会议"
        if want.praised and on[S.EVALUATED]:
            found.praised_on = min(on[S.EVALUATED] + timedelta(days=40), self.today)
        if want.published and on[S.DELIVERED]:
            found.published_on = min(on[S.DELIVERED] + timedelta(days=20), self.today)
            found.public_title = f"{want.place}{about}"
            found.public_text = f"建议：{''.join(TOPICS[want.topic][4][:2])}"
            found.public_reply = f"{bureau}答复：已列入工作安排，按季度通报进展。"
        return found, want

    def _ended(self, want: Wanted) -> date:
        """The day on which another way was taken than the usual one."""
        last, _, days = AFTER[want.state]
        return min((self._on(want, last) or want.written) + timedelta(days=days), self.today)

    def _beside(self, found: Suggestion, want: Wanted) -> None:
        texts = TOPICS[want.topic][4][: want.items]
        self.items += [
            SuggestionItem(suggestion=found, position=position, text=text)
            for position, text in enumerate(texts, 1)
        ]
        self._sign(found, want)
        if not found.assigned_on:
            return
        issued, day = found.assigned_on, self._on(want, S.COUNTERSIGN)
        order = self._order(found, want, found.department, Order.Share.LEAD, issued, 1, day)
        if want.helped:
            helper = self.departments[f"{self.area.name}{BUREAUS[10]}"]
            helped = day or issued + timedelta(days=20)
            opined = self._order(found, want, helper, Order.Share.HELPER, issued, 1, helped)
            opined.state, opined.text, opined.answer_class = (
                "OPINED",
                "同意牵头单位意见，用地手续由我局负责。",
                "",
            )
            opined.promised_on = None
        if want.state == S.REHANDLING:
            order.answer_class = "A"
            self._order(found, want, found.department, Order.Share.LEAD, self._ended(want), 2, None)
        if want.again and (turned := self._on(want, S.REHANDLING)):
            second = self._on(want, S.COUNTERSIGN, turn=2)
            self._order(found, want, found.department, Order.Share.LEAD, turned, 2, second)
        met = (day - timedelta(days=10)) if day else None
        if met:
            self.meetings.append(
                Meeting(
                    suggestion=found, round=1, department=found.department, on=max(met, issued), by=self.clerks[found.department.pk],
                    **({"way": "NONE", "said": NOT_MET} if want.unmet else MET | {"people": f"{want.lead.deputy.name}代表、分管负责人"}),
                )
            )  # fmt: skip
        self._mark(found, want)
        if want.key:
            self._five(found, issued, day)

    def _sign(self, found: Suggestion, want: Wanted) -> None:
        told = {"delivered_on": found.delivered_on, "delivered_how": "HAND" if found.delivered_on else ""}
        until = want.written + timedelta(days=7)
        for mandate in [want.lead, *want.cosigners]:
            self.signers.append(
                Signer(
                    suggestion=found, mandate=mandate, state="CONFIRMED", asked_on=want.written, expires_on=until,
                    answered_on=want.written + timedelta(days=int(mandate != want.lead)), **told,
                )
            )  # fmt: skip
        if want.open_invitation:
            self.signers.append(
                Signer(
                    suggestion=found, mandate=want.open_invitation, state="ASKED", asked_on=want.written, expires_on=until
                )
            )  # fmt: skip

    def _order(
        self,
        found: Suggestion,
        want: Wanted,
        department: Department | None,
        share: str,
        issued: date,
        turn: int,
        replied: date | None,
    ) -> Order:
        months = 1 if share == Order.Share.HELPER or turn > 1 else 3
        due = self.calendar.add_months(issued, months, roll=True)
        mine = self.of_suggestion.setdefault(id(found), [])
        begun = want.state not in (S.ASSIGNED,)
        order = Order(
            suggestion=found, number=f"{found.number}-{len(mine) + 1}", area=self.area, area_path=self.area.path,
            department=department, share=share, round=turn, task="请按期办理，先和代表面商。", issued_on=issued,
            accept_by=self.calendar.add(issued, 7).day, months=months, due_on=due.day, due_because=due.explanation,
            accepted_on=min(issued + timedelta(days=2), self.today) if begun else None,
            state="REPLIED" if replied else "ACCEPTED" if begun else "ISSUED", replied_on=replied,
            created_at=moment(issued),
        )  # fmt: skip
        order.version = 1 + (order.accepted_on is not None) + (replied is not None)
        if want.state == S.WITHDRAWN:
            order.state = "CANCELLED"
        if replied:
            first, second = TOPICS[want.topic][4][:2]
            order.text = REPLY.format(about=TOPICS[want.topic][2], first=first[:-1], second=second[:-1])
            order.answer_class, order.promised_on = want.answer, want.promised
            order.signer, order.contact, order.phone = "分管负责人", "办公室", f"{self.trunk}-0000000"
        self.orders.append(order)
        mine.append(order)
        return order

    def _mark(self, found: Suggestion, want: Wanted) -> None:
        """What the lead deputy said of each answer."""
        results = ["UNSATISFIED", _content(want)] if want.again else [found.result]
        for turn, result in enumerate(results, 1):
            if (on := self._on(want, S.EVALUATED, turn)) is None:
                continue
            self.marks.append(
                Evaluation(
                    suggestion=found, round=turn, mandate=want.lead, on=on, attitude=M, result=result,
                    reason="只换了一个小区，没有说其余的什么时候换。" if result == "UNSATISFIED" else "",
                    how="" if want.by_deputy else "PAPER", by=want.by_deputy or self.office,
                )
            )  # fmt: skip

    def _five(self, found: Suggestion, issued: date, replied: date | None) -> None:
        """Who does which part, and what they did."""
        done = (
            ("CHAIR", "常委会副主任", "带队到现场，听取办理进展。"),
            ("MAYOR", "政府分管副职", "召集有关单位研究，明确时间表。"),
            ("COMMITTEE", "人大城建环保工委", "列入月度督办清单。"),
            ("URGE", "政府办公室督查科", "发函催办，要求按月报告。"),
            ("HANDLE", str(found.department), "完成摸底，分批实施。"),
        )
        for number, (part, name, text) in enumerate(done):
            department = found.department if part == "HANDLE" else None
            party = Party(suggestion=found, part=part, name=name, department=department)
            self.parties.append(party)
            on = min(issued + timedelta(days=22 + number), self.today)
            self.entries.append((party, PartyEntry(on=on, text=text, by=self.office)))

    def _tell(self, found: Suggestion, want: Wanted) -> None:
        """The record of each step."""
        writer = want.by_deputy or self.office
        self.trail.add(found, "enter", by=writer, at=moment(want.written), after=S.DRAFT)
        before: str = S.DRAFT
        if want.cosigners or want.open_invitation:
            self.trail.add(
                found, "invite", by=writer, at=moment(want.written), before=S.DRAFT, after=S.COSIGNING
            )
            before = S.COSIGNING
        for state, days, deed in self._way(want):
            on = min(want.written + timedelta(days=days), self.today)
            by = self._who(found, want, deed, writer)
            note = "领衔代表不满意，重新办理" if deed == "rehandle" else ""
            self.trail.add(found, deed, by=by, at=moment(on), before=before, after=state, note=note)
            before = state
        for order in self.of_suggestion.get(id(found), ()):
            self._tell_of_order(order)
        if want.state in AFTER:
            _, deed, _ = AFTER[want.state]
            by = writer if deed in OF_DEPUTY else self.office
            note = {
                "give_back": "一件写了两件事，请分开提出。",
                "as_letter": "转自来水公司办理，结果直接告诉您。",
                "ask_withdrawal": "政府已经列入计划，不用再办。",
                "rehandle": "领衔代表不满意，重新办理",
                "track": "答复有承诺，跟踪到期",
            }[deed]
            self.trail.add(
                found, deed, by=by, at=moment(self._ended(want)), before=before, after=want.state, note=note
            )

    def _tell_of_order(self, order: Order) -> None:
        by = self.clerks[order.department.pk]
        self.trail.add(order, "enter", by=self.office, at=moment(order.issued_on), after="ISSUED")
        if order.accepted_on:
            at = moment(order.accepted_on)
            self.trail.add(order, "accept", by=by, at=at, before="ISSUED", after="ACCEPTED")
        if order.replied_on:
            deed = "opine" if order.share == Order.Share.HELPER else "reply"
            at = moment(order.replied_on)
            self.trail.add(order, deed, by=by, at=at, before="ACCEPTED", after=order.state)

    def _who(self, found: Suggestion, want: Wanted, deed: str, writer: Post) -> Post | None:
        if deed in OF_DEPUTY:
            return writer
        if deed in OF_UNIT:
            return self.clerks[found.department.pk]
        return self.office


def _content(want: Wanted) -> str:
    return "FAIRLY" if want.helped or want.again else M
