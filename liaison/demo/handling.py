"""What became of the requests of a scenario: dispatched, accepted, followed, answered, told, rated, closed.

Each takes the course that the steps of the models would give it, made up in memory. In the history exactly as many
get as far as the scenario's totals say; what is left over goes on afterwards. Of the present only a few are taken here:
what waits with departments today is made in demo.orders.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import cycle
from typing import Any

from deputies.models import Mandate
from liaison.accounts.models import Post
from liaison.core.policy import Policy
from liaison.core.workdays import Deadline, Workdays
from stations.models import Station
from suggestions.models import Department, Feedback, Order, Rating, Request
from suggestions.workflow import OrderState, RequestState

from . import answers, names
from .congresses import Seats
from .departments import ANSWERS_FOR
from .orders import HELPERS, OTHERWISE
from .record import Trail, keep, moment
from .scenarios import Scenario

S, OS = RequestState, OrderState
COUNTY_PATH = 6
DISPATCH, ACCEPT, REPLY, TELL, RATE, CLOSE = range(1, 7)  # how far a request comes
UNRATED_FROM = 16  # days after telling; policy waits fifteen
# Of the present; "" is rated, and not solved.
PRESENT = ("on_spot", "", "not_accepted", "withdrawn", "", "on_spot")
OLD_ENOUGH = 24  # days in which all steps can be taken quickly, with a long holiday between
APART = 5  # one in so many of the older ones of the present takes these ways


@dataclass
class Course:
    """What shall become of one request."""

    request: Request
    depth: int = CLOSE  # so far it comes by the end of the history; in the present: at most
    ending: str = ""  # on_spot, not_accepted, withdrawn, rehandled, returned; empty: as usual
    rated: bool = True
    happy: bool = True
    solved: bool = True
    followed: bool = True
    quick: bool = False


class Handling:
    def __init__(
        self,
        scenario: Scenario,
        seats: Seats,
        offices: dict[str, Post],
        clerks: dict[int, Post],
        officer: Callable[[Station], Post],
        *,
        today: date,
        trail: Trail,
    ) -> None:
        self.scenario = scenario
        self.seats = seats
        self.offices = offices  # by the path of the county; "" for the others
        self.clerks = clerks
        self.officer = officer
        self.today = today
        self.trail = trail
        self.rng = random.Random(f"{scenario.name} handling")
        self.workdays = Workdays(scenario.history[0], today + timedelta(days=400))
        self.departments = {
            (one.area_path, one.name.removeprefix(one.area.name)): one
            for one in Department.objects.select_related("area")
        }
        self.orders: list[Order] = []
        self.feedbacks: list[Feedback] = []
        self.ratings: list[Rating] = []
        self.steps: list[tuple[Any, str, dict[str, Any]]] = []
        self._due: dict[tuple[date, int], Deadline] = {}
        self.in_history = True
        self.end = scenario.history[1]

    # --- Which request comes how far ---

    def history(self, requests: Sequence[Request]) -> None:
        """Those of the history; as many get as far as the scenario's totals say."""
        plan = self.scenario.handled
        rest = sorted(requests, key=lambda request: (request.received_on, request.number))
        courses: list[Course] = []
        apart = [
            *["on_spot"] * plan.on_spot,
            *["not_accepted"] * plan.not_accepted,
            *["withdrawn"] * plan.withdrawn,
        ]
        chosen = self.rng.sample(range(len(rest)), len(apart))
        courses += [Course(rest[place], ending=ending) for place, ending in zip(chosen, apart, strict=True)]
        rest = [request for place, request in enumerate(rest) if place not in set(chosen)]
        late = len(rest) - plan.accepted  # they came last
        last = [Course(request, DISPATCH) for request in rest[len(rest) - late :]]
        for course in last[plan.dispatched - plan.accepted :]:
            course.depth = 0
        rest = rest[: len(rest) - late]
        rest.sort(key=lambda r: (r.received_on.toordinal() + self.rng.uniform(0, 35), r.number))
        only_rated = plan.rated_not_closed
        depths = (
            [CLOSE] * plan.closed
            + [RATE] * only_rated
            + [TELL] * (plan.fed_back - plan.closed - only_rated)
            + [REPLY] * (plan.replied - plan.fed_back)
            + [ACCEPT] * (plan.accepted - plan.replied)
        )
        far = [Course(request, depth) for request, depth in zip(rest, depths, strict=True)]
        for course in self.rng.sample(far, len(far) - plan.followed):
            course.followed = False
        closed = far[: plan.closed]
        unrated = self.rng.sample(range(plan.closed), plan.closed + only_rated - plan.rated)
        for place in unrated:
            closed[place].rated = False
        by_opinion = [course for course in closed if course.rated]
        for course in self.rng.sample(by_opinion, plan.rated - plan.satisfied):
            course.happy, course.ending = False, "rehandled"
        for course in far + last:
            course.solved = self.rng.random() < 0.86
            if not course.ending and self.rng.random() < 0.03:
                course.ending = "returned"
        if self.scenario.livelihood:
            self._solve(closed, plan.on_spot)
        for course in far[plan.closed :]:
            course.solved = course.solved and course.depth != RATE
        self._run(courses + far + last)

    def _solve(self, closed: Sequence[Course], on_spot: int) -> None:
        """Of those closed, all but so many are solved as the scenario's total leaves room for.

        What nobody rated, and what was handled again, ends solved in any case.
        """
        rated = [course for course in closed if course.rated and course.happy]
        for course in rated:
            course.solved = True
        for course in self.rng.sample(rated, len(closed) + on_spot - self.scenario.livelihood):
            course.solved = False

    def present(self, requests: Iterable[Request]) -> None:
        """Some of those around today that ended early, or were rated and not solved. The others are for demo.orders."""
        self.in_history = False
        ways = cycle(PRESENT)
        old = [one for one in requests if (self.today - one.received_on).days >= OLD_ENOUGH]
        old.sort(key=lambda request: (request.received_on, request.number))
        courses = [Course(request, RATE, next(ways), solved=False, quick=True) for request in old[::APART]]
        self._run(courses)

    def _run(self, courses: list[Course]) -> None:
        for course in sorted(courses, key=lambda one: one.request.number):
            Steps(self, course).go()

    # --- Writing it down ---

    def keep(self) -> None:
        """After the requests themselves: their orders, feedbacks, ratings and the record of all steps."""
        keep(self.orders)
        keep(self.feedbacks)
        keep(self.ratings)
        for thing, deed, told in self.steps:
            self.trail.add(thing, deed, **told)
        self.orders, self.feedbacks, self.ratings, self.steps = [], [], [], []

    def due(self, on: date, days: int) -> Deadline:
        if (on, days) not in self._due:
            self._due[on, days] = self.workdays.add(on, days)
        return self._due[on, days]

    def bureaus(self, request: Request) -> list[Department]:
        """Two of the request's county: whose it is, and another that may help."""
        county = request.area_path[:COUNTY_PATH]
        own = ANSWERS_FOR.get(request.category.name if request.category else "", OTHERWISE)
        other = self.rng.choice([name for name in HELPERS if name != own])
        return [self.departments[county, own], self.departments[county, other]]


class Steps:
    """One request's course, day by day; `at` is the moment of the last deed."""

    def __init__(self, house: Handling, course: Course) -> None:
        self.house, self.course, self.request = house, course, course.request
        self.rng = house.rng
        request = course.request
        if house.in_history and request.created_at.date() > house.end:  # the register, entered the same day
            request.created_at = moment(request.received_on, time(17))
        self.at = request.created_at
        self.day = max(request.received_on, request.created_at.date())
        self.state: str = S.REGISTERED
        self.over = False
        self.office = house.offices.get(request.area_path[:COUNTY_PATH], house.offices[""])
        self.numbers = Counter[str]()

    # --- Days and the record ---

    def later(self, least: int, most: int, stage: int) -> bool:
        """Go on to the day of a stage; False where it lies ahead of today, or the request shall not come so far."""
        course, house = self.course, self.house
        day = house.workdays.next_workday(self.day + timedelta(days=self.rng.randint(least, most)))
        if house.in_history:
            if stage <= course.depth:
                day = max(min(day, house.end), self.day)
            elif self.day <= house.end:
                after = house.end + timedelta(days=self.rng.randint(1, 12))
                day = max(day, house.workdays.next_workday(after))
        elif stage > course.depth:
            self.over = True
        self.over = self.over or day >= house.today  # today's deeds are for those who look at it
        if not self.over:
            self.day = day
        return not self.over

    def moment(self) -> datetime:
        drawn = moment(self.day, time(self.rng.randint(8, 16), self.rng.randint(0, 59)))
        self.at = max(drawn, self.at + timedelta(minutes=self.rng.randint(4, 25)))
        return self.at

    def note(self, thing: Any, deed: str, by: Post | None, before: str, after: str, note: str = "") -> None:
        told = {"by": by, "at": self.moment(), "before": before, "after": after, "note": note}
        thing.version += 1
        self.house.steps.append((thing, deed, told))

    def step(self, deed: str, by: Post | None, after: str, note: str = "") -> None:
        self.note(self.request, deed, by, self.state, after, note)
        self.state = self.request.state = after

    def order_step(self, order: Order, deed: str, by: Post | None, after: str, note: str = "") -> None:
        self.note(order, deed, by, order.state, after, note)
        order.state = after

    # --- The course ---

    def go(self) -> None:
        match self.course.ending:
            case "on_spot" | "not_accepted" | "withdrawn" as way:
                self._end_early(way)
            case _:
                self._handle()

    def _end_early(self, way: str) -> None:
        request, station = self.request, self.house.officer(self.request.station)
        if not self.later(0, 2, 0):
            return
        request.closed_on = self.day
        if way == "on_spot":
            request.said, request.solved = self.rng.choice(answers.ON_SPOT), Request.Solved.YES
            self.step("answer", station, S.ANSWERED_ON_SPOT)
        elif way == "not_accepted":
            request.refused, request.said = self.rng.choice(answers.REFUSED)
            self.step("decline", station, S.NOT_ACCEPTED)
        else:
            self.step("withdraw", station, S.WITHDRAWN, self.rng.choice(answers.WITHDREW))

    def _handle(self) -> None:
        request, course = self.request, self.course
        if not self.later(0, 2, DISPATCH):
            if self.rng.random() < 0.4:
                self.step("triage", self.office, S.TRIAGED)
            return
        request.dispatched_on = self.day
        request.follower = self._follower(self.day, request.visit.received_by)
        lead, other = self.house.bureaus(request)
        if course.ending == "returned":
            self._returned(other)
        helpers = [other] if course.ending != "returned" and self.rng.random() < 0.08 else []
        orders = self._issue(lead, helpers)
        if not self._accept(orders, stage=ACCEPT):
            return
        self._follow()
        slow = self.rng.random() < 0.08
        if not self.later(*((2, 5) if course.quick else (23, 45) if slow else (4, 18)), REPLY):
            return
        self._reply(orders)
        if not self.later(0, 3, TELL):
            return
        self._tell()
        if course.rated:
            if not self.later(1, 2 if course.quick else 9, RATE):
                return
            self._rate(happy=course.happy)
            if self.state == S.CLOSED:
                return
            if self.state == S.REHANDLING:
                self._again(lead)
                return
        if self.later(*((1, 5) if course.rated else (UNRATED_FROM, 25)), CLOSE):
            request.solved = request.solved or Request.Solved.YES
            request.closed_on = self.day
            self.step("close", self.office, S.CLOSED, "" if course.rated else "告知后没有评价")

    def _follower(self, day: date, received_by: Mandate | None = None) -> Mandate | None:
        """Who received it, if still in office; or another deputy of the township."""
        if received_by and not received_by.why_not_on(day):
            return received_by
        here = self.house.seats.on(self.request.area_id, day)
        return self.rng.choice(here) if here else None

    def _issue(self, lead: Department, helpers: list[Department]) -> list[Order]:
        """Dispatch: the orders of this round, the lead's first."""
        request = self.request
        request.department = lead
        if request.round == 1:
            self.step("dispatch", self.office, S.DISPATCHED)
        orders = [self._order(lead, Order.Share.LEAD)]
        orders += [self._order(one, Order.Share.HELPER) for one in helpers]
        request.due_on = orders[0].due_on
        return orders

    def _order(self, department: Department, share: str) -> Order:
        request, policy = self.request, Policy()
        self.numbers["order"] += 1
        days = policy.opinion_days if share == Order.Share.HELPER else policy.reply_days
        if request.round > 1:
            days = policy.rehandle_days
        due = self.house.due(self.day, days)
        order = Order(
            number=f"{request.number}-{self.numbers['order']}",
            request=request,
            area_id=request.area_id,
            area_path=request.area_path,
            department=department,
            share=share,
            round=request.round,
            issued_on=self.day,
            accept_by=self.house.due(self.day, policy.accept_days).day,
            days=days,
            due_on=due.day,
            due_because=due.explanation,
            created_at=self.moment(),
        )
        self.house.orders.append(order)
        told = {"by": self.office, "at": self.at, "before": "", "after": OS.ISSUED}
        self.house.steps.append((order, "enter", told))
        return order

    def _clerk(self, order: Order) -> Post:
        return self.house.clerks[order.department.pk]

    def _returned(self, wrong: Department) -> None:
        """First given to the wrong department, which says so within two days."""
        [order] = self._issue(wrong, [])
        order.return_because = self.rng.choice(answers.RETURNS)
        self.order_step(order, "ask_return", self._clerk(order), OS.RETURN_ASKED, order.return_because)
        self.order_step(order, "grant_return", self.office, OS.RETURNED)
        self.step("come_back", self.office, S.TRIAGED)

    def _accept(self, orders: list[Order], stage: int) -> bool:
        if not self.later(0, 2, stage):
            return False
        for order in orders:
            order.accepted_on = self.day
            self.order_step(order, "accept", self._clerk(order), OS.ACCEPTED)
            if order.share != Order.Share.HELPER and self.state == S.DISPATCHED:
                self.request.accepted_on = self.day
                self.step("begin", self._clerk(order), S.HANDLING)
        return True

    def _follow(self) -> None:
        if not self.course.followed or self.request.follower is None:
            return
        day = self.day + timedelta(days=self.rng.randint(0, 4))
        if self.house.in_history and self.course.depth >= ACCEPT:
            day = min(day, self.house.end)
        self.request.follower = self._follower(day, self.request.follower)  # the term may be over by then
        if day <= self.house.today:
            self.request.followed_on = day

    def _reply(self, orders: list[Order]) -> None:
        request, rng = self.request, self.rng
        for order in reversed(orders):  # the helpers first
            order.replied_on = self.day
            if order.share == Order.Share.HELPER:
                order.text = rng.choice(answers.OPINIONS)
                self.order_step(order, "opine", self._clerk(order), OS.OPINED)
                continue
            solved = self.course.solved and (self.course.happy or request.round > 1)
            order.answer_class = "A" if solved else rng.choices("BCD", (5, 2, 3))[0]
            if order.answer_class in "BC":
                order.promised_on = self.day + timedelta(days=rng.randint(40, 160))
            order.text = answers.reply(rng, order.answer_class, self.day, order.promised_on)
            order.signer, order.contact = rng.choice(answers.SIGNERS), rng.choice(answers.CONTACTS)
            order.phone = names.office_phone(rng, self.house.scenario.trunk)
            self.order_step(order, "reply", self._clerk(order), OS.REPLIED)
            request.promised_on = order.promised_on
        request.replied_on = request.replied_on or self.day
        self.step("reply", self._clerk(orders[0]), S.REPLIED)

    def _tell(self) -> None:
        how = self.rng.choices(list(answers.PROOFS), (60, 25, 5, 10))[0]
        station = self.house.officer(self.request.station)
        self.request.fed_back_on = self.request.fed_back_on or self.day
        self.step("feed_back", station, S.FED_BACK)
        self.house.feedbacks.append(
            Feedback(
                request=self.request, round=self.request.round, on=self.day, how=how,
                proof=answers.PROOFS[how].format(day=f"{self.day:%-m月%-d日}"), by=station, created_at=self.at,
            )
        )  # fmt: skip

    def _rate(self, *, happy: bool) -> None:
        """By the link, or taken down by the station. Content and solved: closed; not content: a new round."""
        request, rng = self.request, self.rng
        attitude, result = answers.marks(rng, satisfied=happy)
        last = self.house.orders[-1]
        solved = Request.Solved.YES
        if not happy:
            solved = Request.Solved.NO
        elif not self.course.solved and request.round == 1:
            solved = Request.Solved.NO if last.answer_class == "D" else Request.Solved.PARTLY
        how = rng.choices(["", *Rating.How.values], (35, 40, 20, 5))[0]
        by = self.house.officer(request.station) if how else None
        reason = "" if happy else rng.choice(answers.UNHAPPY)
        request.rated_on, request.solved = request.rated_on or self.day, solved
        self.step("rate", by, S.RATED)
        self.house.ratings.append(
            Rating(
                request=request, round=request.round, on=self.day, attitude=attitude, result=result, solved=solved,
                reason=reason, how=how, by=by, created_at=self.at,
            )
        )  # fmt: skip
        if not happy:
            request.round += 1
            self.step("rehandle", by, S.REHANDLING, "评价不满意，重新办理")
        elif solved == Request.Solved.YES:
            request.closed_on = self.day
            self.step("close", by, S.CLOSED, "本人满意，问题已解决")

    def _again(self, lead: Department) -> None:
        """The second round, which goes better."""
        request = self.request
        request.promised_on = None
        orders = self._issue(lead, [])
        if not self._accept(orders, stage=CLOSE) or not self.later(3, 9, CLOSE):
            return
        self._reply(orders)
        if self.later(0, 3, CLOSE):
            self._tell()
            if self.later(1, 6, CLOSE):
                self._rate(happy=True)
