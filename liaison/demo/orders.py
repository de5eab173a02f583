"""What becomes of the requests of the present months: given to departments, and how far each has come.

Made around the day of loading. Of each department's requests the newest that are old enough take one life each, so
that its queue shows all there is; older ones are answered, the rest waits for the office.
"""

import random
from dataclasses import dataclass
from datetime import date, time, timedelta

from liaison.accounts.models import Area, Post
from liaison.core.workdays import Workdays
from suggestions.models import Department, Order, Request
from suggestions.workflow import OrderState, RequestState

from .accounts import Account
from .departments import ANSWERS_FOR, BUREAUS
from .record import Trail, keep, moment
from .scenarios import Scenario

OTHERWISE = "信访局"
HELPERS = "城市管理局", "交通运输局"
REPLY_DAYS, OPINION_DAYS, ACCEPT_DAYS = 15, 5, 2  # as policy has them where nobody has set them otherwise
LEFT = 2  # of each department's requests the newest, which nobody has looked at yet
TEXTS = {
    "A": "收到后我单位第二天到现场查看，已经安排施工队处理完毕，并请反映人看过。还有不清楚的，请打联系电话。",
    "B": "已到现场核实，情况属实。材料已经订好，正在分段施工，完工后请反映人验收。还有不清楚的，请打联系电话。",
    "C": "已到现场核实。因需要统一改造，已列入明年的改造计划，改造以前安排专人每周巡查。还有不清楚的，请打联系电话。",
    "D": "已到现场核实，并和反映人当面说明。\n不能解决的原因和依据：所在路段宽度不够，现行规范不允许设置，建议使用东侧的公共停车场。",
}
CLASSES = "AABACAADAB"
TASK = "反映人要求保密，请先向区人大代表工委了解情况，再按政策核查办理。"


@dataclass(frozen=True)
class Life:
    """How many working days ago it was issued, the state it is in, what happened beside; how many days it may vary."""

    ago: int
    state: str
    beside: str = ""
    vary: int = 0


S = OrderState
LIVES = (
    Life(1, S.ISSUED),
    Life(18, S.ACCEPTED, "overdue", vary=5),
    Life(12, S.ACCEPTED, "asks_time", vary=2),
    Life(13, S.ACCEPTED, "reports", vary=2),
    Life(2, S.RETURN_ASKED),
    Life(7, S.ACCEPTED, "helped", vary=3),
    Life(4, S.ISSUED, "late", vary=3),
    Life(3, S.ACCEPTED, vary=4),
    Life(8, S.REPLIED),
    Life(16, S.ACCEPTED, "given_time", vary=4),
    Life(2, S.ISSUED),
    Life(10, S.REPLIED),
    Life(7, S.RETURNED),
)


def build(
    scenario: Scenario, made: dict[str, Account], clerks: dict[int, Post], *, today: date, trail: Trail
) -> None:
    """As `dispatch` and the steps of an order do. The office of the first county dispatches there, that of the city
    elsewhere; `clerks` act for the departments."""
    rng = random.Random(f"{scenario.name} orders")
    calendar = Workdays(today - timedelta(days=200), today + timedelta(days=120))
    for county in scenario.counties:
        area = Area.objects.get(code=county.code)
        office = made["office" if county.code == made["office"].post.area.code else "office-city"].post
        _Orders(scenario, rng, area, office, clerks, today, calendar, trail).build()


class _Orders:
    """The orders of one county."""

    def __init__(
        self,
        scenario: Scenario,
        rng: random.Random,
        area: Area,
        office: Post,
        posts: dict[int, Post],
        today: date,
        calendar: Workdays,
        trail: Trail,
    ) -> None:
        self.scenario, self.rng, self.area, self.office = scenario, rng, area, office
        self.today, self.calendar = today, calendar
        self.trail, self.orders, self.requests = trail, list[Order](), list[Request]()
        self.departments = {one.name: one for one in Department.objects.filter(area=area)}
        self.posts = posts

    def build(self) -> None:
        present = Request.objects.filter(
            area_path__startswith=self.area.path,
            received_on__gt=self.scenario.history[1],
            state=RequestState.REGISTERED,
        )
        waiting: dict[str, list[Request]] = {}
        for found in present.select_related("category", "visit").order_by("-received_on", "-pk"):
            bureau = ANSWERS_FOR.get(found.category.name if found.category else "", OTHERWISE)
            waiting.setdefault(bureau, []).append(found)
        for turn, bureau in enumerate(BUREAUS):
            self._of_bureau(
                turn, self.departments[f"{self.area.name}{bureau}"], waiting.get(bureau, [])[LEFT:]
            )
        fields = "state department due_on dispatched_on accepted_on replied_on promised_on follower version".split()
        Request.objects.bulk_update(self.requests, fields, batch_size=200)

    def _of_bureau(self, turn: int, department: Department, requests: list[Request]) -> None:
        for number, life in enumerate(LIVES):
            if turn and (number + turn) % 3 == 0:
                continue  # the first department has all there is; others go without some
            issued_on = self._workdays_ago(life.ago + self.rng.randint(0, life.vary))
            found = next((one for one in requests if one.created_at.date() < issued_on), None)
            if found is not None:
                requests.remove(found)
                self._live(found, department, issued_on, life)
        for number, found in enumerate(requests):
            issued_on = self.calendar.next_workday(found.created_at.date() + timedelta(days=1))
            if self.calendar.add(issued_on, REPLY_DAYS).day < self.today:
                self._live(found, department, issued_on, Life(0, S.REPLIED), CLASSES[number % len(CLASSES)])

    def _workdays_ago(self, days: int) -> date:
        day = self.today
        while days:
            day -= timedelta(days=1)
            days -= self.calendar.is_workday(day)
        return day

    def _after(self, day: date, workdays: int) -> date:
        return min(self.calendar.add(day, workdays).day, self.today)

    def _live(self, found: Request, department: Department, on: date, life: Life, answer: str = "A") -> None:
        due = self.calendar.add(on, REPLY_DAYS)
        order = self._issue(found, department, Order.Share.LEAD, on, REPLY_DAYS)
        helper = self._helper(found, self._other(department), on) if life.beside == "helped" else None
        found.state, found.department = RequestState.DISPATCHED, department
        found.dispatched_on, found.due_on = on, due.day
        found.follower = found.visit.received_by if found.visit else None
        self._moved(found, "dispatch", self.office, on, 10, RequestState.REGISTERED)
        unit = self.posts[department.pk]
        if life.state == S.RETURN_ASKED or life.state == S.RETURNED:
            self._return(order, unit, life)
        elif life.state != S.ISSUED:
            found.accepted_on = self._accept(order, unit)
            self._moved(found, "begin", unit, found.accepted_on, 9, found.state, RequestState.HANDLING)
            self._beside(order, unit, life.beside)
        if life.state == S.REPLIED:
            self._reply(order, unit, answer)
        self._finish(order)
        if helper is not None:
            self._finish(helper)

    def _issue(self, found: Request, department: Department, share: str, on: date, days: int) -> Order:
        due = self.calendar.add(on, days)
        serial = sum(one.request_id == found.pk for one in self.orders) + 1
        order = Order(
            number=f"{found.number}-{serial}", request=found, area_id=found.area_id, area_path=found.area_path,
            department=department, share=share, issued_on=on, days=days, due_on=due.day,
            due_because=due.explanation, accept_by=self.calendar.add(on, ACCEPT_DAYS).day,
            task=TASK if found.confidential else "",
            created_at=moment(on, time(10)),
        )  # fmt: skip
        keep([order])
        self.orders.append(order)
        self.trail.add(order, "enter", by=self.office, at=moment(on, time(10)), after=S.ISSUED)
        return order

    def _other(self, department: Department) -> Department:
        here, there = (self.departments[f"{self.area.name}{bureau}"] for bureau in HELPERS)
        return there if here == department else here

    def _helper(self, found: Request, department: Department, on: date) -> Order:
        """Another department that gives its opinion to the lead."""
        helper = self._issue(found, department, Order.Share.HELPER, on, OPINION_DAYS)
        unit = self.posts[department.pk]
        self._accept(helper, unit)
        helper.text = "占道施工可以安排在夜间，我局提前三天发放许可，现场派人疏导。依据城市道路管理条例。"
        helper.state, helper.replied_on = S.OPINED, self._after(on, 4)
        self._step(helper, "opine", unit, helper.replied_on, 15, S.ACCEPTED)
        return helper

    def _accept(self, order: Order, unit: Post) -> date:
        on = self._after(order.issued_on, 1)
        order.state, order.accepted_on = S.ACCEPTED, on
        self._step(order, "accept", unit, on, 9, S.ISSUED)
        return on

    def _return(self, order: Order, unit: Post, life: Life) -> None:
        found = order.request
        order.state = S.RETURN_ASKED
        order.return_because = "查了权属，这一段由别的单位管护，我单位没有执法权。"
        order.returned_to = self._other(order.department)
        asked = self._after(order.issued_on, 1)
        self._step(order, "ask_return", unit, asked, 11, S.ISSUED, note=order.return_because)
        if life.state == S.RETURNED:
            order.state = S.RETURNED
            on = self._after(order.issued_on, 2)
            self._step(order, "grant_return", self.office, on, 16, S.RETURN_ASKED)
            self._moved(
                found, "come_back", self.office, on, 16, RequestState.DISPATCHED, RequestState.TRIAGED
            )
            found.department = found.due_on = None

    def _beside(self, order: Order, unit: Post, what: str) -> None:
        on = self._after(order.issued_on, 11)
        match what:
            case "reports":
                note = "材料已经到货，下周一进场施工，预计三天完工。"
                self._step(order, "report", unit, on, 15, order.state, note=note)
            case "asks_time":
                order.extension_to = self.calendar.add(order.due_on, 6).day
                order.extension_because = "更换的阀门要从外地调货，预计下周末到。"
                self._step(order, "ask_extension", unit, on, 15, order.state, note=order.extension_because)
            case "given_time":
                to = self.calendar.add(order.due_on, 8).day
                why = "管沟开挖要等管线图，已向档案馆申请。"
                self._step(order, "ask_extension", unit, on, 15, order.state, note=why)
                order.due_because = f"{order.due_because}；经同意延期至{to:%-m月%-d日}"
                order.due_on, order.extensions, order.extension_because = to, 1, why
                order.request.due_on = to
                self._step(order, "grant_extension", self.office, on, 17, order.state)
                self._moved(order.request, "due", self.office, on, 17, "")
            case "overdue":
                order.urged = 1
                note = "已经超期，请说明原因并答复。"
                self._step(
                    order, "urge", self.office, self._after(order.due_on, 2), 9, order.state, note=note
                )

    def _reply(self, order: Order, unit: Post, answer: str) -> None:
        found = order.request
        on = self._after(order.issued_on, self.rng.randint(4, 7))
        order.state, order.answer_class, order.text = S.REPLIED, answer, TEXTS[answer]
        order.replied_on, order.signer = on, "陈局长"
        order.contact, order.phone = (
            unit.user.name,
            f"{self.scenario.trunk}-20000{order.department_id % 90 + 10}",
        )
        if answer in "BC":
            ahead = 45 if answer == "B" else 240
            order.promised_on = found.promised_on = self.calendar.next_workday(on + timedelta(days=ahead))
        self._step(order, "reply", unit, on, 16, S.ACCEPTED)
        found.replied_on = on
        self._moved(found, "reply", unit, on, 16, RequestState.HANDLING, RequestState.REPLIED)

    def _step(
        self, order: Order, name: str, by: Post, on: date, hour: int, before: str, note: str = ""
    ) -> None:
        order.version += 1
        self.trail.add(
            order, name, by=by, at=moment(on, time(hour)), before=before, after=order.state, note=note
        )

    def _moved(
        self, found: Request, name: str, by: Post, on: date, hour: int, before: str, after: str = ""
    ) -> None:
        found.version += 1
        found.state = after or found.state
        self.trail.add(
            found, name, by=by, at=moment(on, time(hour, 1)), before=before, after=before and found.state
        )

    def _finish(self, order: Order) -> None:
        order.save()
        if order.share == Order.Share.LEAD:
            self.requests.append(order.request)
