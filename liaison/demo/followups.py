"""What follows the dispatch and the answer: deputies follow, people are told, and say what they think of it.

Works on what was dispatched and answered before: of the present months some answers wait to be told (one of them
late), some people to be phoned, one promise has come to its day; whoever was unsatisfied is in the second round.
"""

import random
from collections.abc import Iterable
from datetime import date, time, timedelta

from liaison.accounts.models import Post
from liaison.core.workdays import Workdays
from suggestions.models import Feedback, FollowUp, Order, Rating, Request
from suggestions.workflow import IN_HAND, OrderState, RequestState

from .network import Network
from .record import Trail, keep, moment
from .scenarios import Scenario

S = RequestState
K, How = FollowUp.Kind, Feedback.How
SEEN = {
    K.VISIT: (
        "到现场看了，施工队已经进场，围挡和告示都有。",
        "去看过，问题属实，已经拍照，单位的人也在现场。",
        "和网格员一起去看了一趟，说好先临时处理，再彻底修。",
    ),
    K.CALL: (
        "打电话问了经办人，材料已经订好，下周开工。",
        "电话里问了进度，单位说正在等管线图。",
        "给经办人打了电话，约好完工时一起去看。",
    ),
    K.MEET: ("约了科室负责人当面谈，答应本月内拿出办法。", "到单位去了一趟，把几户的情况都说了。"),
}
AGREED = ("办得快，群众认可，同意办结。", "现场看过，确实修好了。", "")
UNHAPPY = (
    "修了一半就没人来了，下雨还是积水。",
    "只是打电话解释，问题没有解决。",
    "说是修好了，两天又坏了。",
)
PROOFS = {How.PHONE: "通话约 3 分钟", How.MEETING: "本人在答复函上签收", How.MESSAGE: "短信送达"}
AGAIN = "又到现场重新做了一遍，换了材料，请反映人一起验收过。还有不清楚的，请打联系电话。"
WAITING = timedelta(days=5)  # what was answered since then nobody has been told of yet
PROMISE = 30  # days ahead, where a department has named no day


def build(
    scenario: Scenario,
    network: Network,
    officer: Post,
    deputy: Post,
    office: Post,
    *,
    today: date,
    trail: Trail,
) -> None:
    """`officer` keeps the station of the demonstration, `deputy` is the account of a deputy, `office` dispatches."""
    after = _After(scenario, network, officer, deputy, office, today, trail)
    rows = Request.objects.exclude(dispatched_on=None).order_by("received_on", "pk")
    requests = list(rows.select_related("follower__deputy").prefetch_related("station", "area"))
    after.follow(requests)
    present = [one for one in requests if one.received_on > scenario.history[1]]
    after.tell([one for one in present if one.state == S.REPLIED])
    after.come_due(present)
    after.keep(requests)


class _After:
    def __init__(
        self,
        scenario: Scenario,
        network: Network,
        officer: Post,
        deputy: Post,
        office: Post,
        today: date,
        trail: Trail,
    ) -> None:
        self.end = scenario.history[1]
        self.network, self.station_account, self.deputy, self.office = network, officer, deputy, office
        self.today, self.trail = today, trail
        self.rng = random.Random("followups")
        self.calendar = Workdays.around(today)
        self.threads: list[tuple[FollowUp, date]] = []
        self.feedbacks: list[Feedback] = []
        self.ratings: list[Rating] = []
        self.orders: list[Order] = []
        self.answered: list[tuple[Order, Post]] = []
        self.tracked = 0
        self.kept: dict[int, tuple[object, ...]] = {}

    def officer(self, request: Request) -> Post:
        here = self.station_account
        return here if request.area_id == here.area_id else self.network.officer(request.station)

    # --- The deputies ---

    def follow(self, requests: Iterable[Request]) -> None:
        written = set(FollowUp.objects.values_list("request", flat=True))
        mine = 0
        for one in requests:
            self.kept[one.pk] = _state(one)
            if one.follower is None or one.pk in written:
                continue
            own = one.follower.deputy.user_id == self.deputy.user_id
            if one.followed_on is None:
                mine += own and one.state in IN_HAND
                waits = one.accepted_on is None or (own and mine % 2) or self.rng.random() < 0.3
                if waits or one.received_on <= self.end:
                    continue
                one.followed_on = self._later(one.accepted_on or self.today, 1, 5)
            kind = self.rng.choices(list(SEEN), (5, 3, 2))[0]
            self._write(one, kind, self.rng.choice(SEEN[kind]), one.followed_on, own)
            if one.replied_on and self.rng.random() < 0.35 and one.replied_on > self.end:
                day = self._later(one.replied_on, 0, 2)
                self._write(one, K.COMMENT, self.rng.choice(AGREED), day, own, view=FollowUp.View.AGREE)

    def _write(self, request: Request, kind: str, text: str, day: date, own: bool, view: str = "") -> None:
        by = self.deputy if own else self.officer(request)
        thread = FollowUp(
            request=request,
            round=1,
            mandate=request.follower,
            kind=kind,
            view=view,
            text=text,
            day=day,
            by=by,
            created_at=moment(day, time(17)),
        )
        self.threads.append((thread, day))

    def _later(self, day: date, least: int, most: int) -> date:
        return min(day + timedelta(days=self.rng.randint(least, most)), self.today)

    # --- The people ---

    def tell(self, answered: list[Request]) -> None:
        """Of the answered ones the newest wait, and the oldest has been forgotten; the rest were told."""
        answered.sort(key=lambda one: (one.replied_on or self.today, one.pk))
        told = [one for one in answered[1:] if one.replied_on < self.today - WAITING]
        for number, one in enumerate(told):
            on = self.calendar.add(one.replied_on, 1).day
            if on > self.today:
                continue
            self._feed_back(one, on)
            if one is told[-1]:
                self._rate(one, max(on, self.today - timedelta(days=2)), unhappy=True, taken_down=False)
            elif number % 5 != 0:  # the others are to be phoned
                taken_down = number % 5 in (1, 2, 4)
                self._rate(one, self._later(on, 1, 4), unhappy=number % 9 == 4, taken_down=taken_down)

    def come_due(self, present: list[Request]) -> None:
        """One promise has come to its day, where none has: was it kept?"""
        tracked = [one for one in present if one.state == S.TRACKING and one.promised_on]
        if tracked and all(one.promised_on > self.today for one in tracked):
            tracked[0].promised_on = self.today
            promised = Order.objects.filter(request=tracked[0]).exclude(promised_on=None)
            promised.update(promised_on=self.today)

    def _feed_back(self, request: Request, on: date) -> None:
        by = self.officer(request)
        how = self.rng.choices(list(PROOFS), (7, 2, 1))[0]
        request.fed_back_on = request.fed_back_on or on
        self.feedbacks.append(
            Feedback(
                request=request,
                round=request.round,
                on=on,
                how=how,
                proof=PROOFS[how],
                by=by,
                created_at=moment(on, time(15)),
            )
        )
        self._moved(request, "feed_back", by, on, 15, S.FED_BACK)

    def _rate(self, request: Request, on: date, *, unhappy: bool, taken_down: bool) -> None:
        promised = request.promised_on is not None
        result = "UNSATISFIED" if unhappy else "FAIRLY" if promised else "SATISFIED"
        solved = "NO" if unhappy else "PARTLY" if promised else "YES"
        by = self.officer(request) if taken_down else None
        self._mark(request, by, on, result, solved)
        if unhappy:
            self._again(request, by, on)
        elif solved == "YES":
            request.closed_on = on
            self._moved(request, "close", by, on, 16, S.CLOSED, "本人满意，问题已解决")
        else:
            self._track(request, on)

    def _mark(self, request: Request, by: Post | None, on: date, result: str, solved: str) -> None:
        unhappy = result == Rating.Mark.UNSATISFIED
        request.rated_on, request.solved = request.rated_on or on, solved
        self.ratings.append(
            Rating(
                request=request,
                round=request.round,
                on=on,
                attitude="FAIRLY" if unhappy else "SATISFIED",
                result=result,
                solved=solved,
                reason=self.rng.choice(UNHAPPY) if unhappy else "",
                how=self.rng.choice(["PHONE", "PHONE", "MEETING", "PAPER"]) if by else "",
                by=by,
                created_at=moment(on, time(16)),
            )
        )
        self._moved(request, "rate", by, on, 16, S.RATED)

    def _again(self, request: Request, by: Post | None, on: date) -> None:
        """The second round: the same department, with its own clock."""
        first = Order.objects.filter(request=request, share=Order.Share.LEAD).latest("pk")
        due = self.calendar.add(on, 10)
        count = Order.objects.filter(request=request).count()
        order = Order(
            number=f"{request.number}-{count + 1}",
            request=request,
            area_id=request.area_id,
            area_path=request.area_path,
            department=first.department,
            share=Order.Share.LEAD,
            round=2,
            task="评价不满意，重新办理",
            issued_on=on,
            days=10,
            due_on=due.day,
            due_because=due.explanation,
            accept_by=self.calendar.add(on, 2).day,
            created_at=moment(on, time(16)),
        )
        self.orders.append(order)
        request.round, request.due_on, request.promised_on = 2, due.day, None
        self._moved(request, "rehandle", by, on, 16, S.REHANDLING, "评价不满意，重新办理")
        staff = first.department.staff.select_related("post__user").first()
        if due.day < self.today and staff:
            self._well_this_time(request, order, staff.post)

    def _well_this_time(self, request: Request, order: Order, unit: Post) -> None:
        """Answered in time, told, and content."""
        first = Order.objects.filter(request=request, share=Order.Share.LEAD).latest("pk")
        order.accepted_on = self.calendar.add(order.issued_on, 1).day
        order.replied_on = self.calendar.add(order.issued_on, 6).day
        order.state, order.answer_class, order.text, order.version = OrderState.REPLIED, "A", AGAIN, 3
        order.signer, order.contact, order.phone = first.signer, first.contact, first.phone
        self.answered.append((order, unit))
        self._moved(request, "reply", unit, order.replied_on, 16, S.REPLIED)
        told = self.calendar.add(order.replied_on, 1).day
        self._feed_back(request, told)
        self._mark(request, self.officer(request), told, "FAIRLY", "YES")
        request.closed_on = told
        self._moved(request, "close", self.officer(request), told, 17, S.CLOSED, "本人满意，问题已解决")

    def _track(self, request: Request, on: date) -> None:
        """Promised for later. The first of them has come to its day."""
        tracked = self.calendar.add(on, 1).day
        if tracked > self.today:
            return
        later = request.promised_on or on + timedelta(days=PROMISE)
        request.promised_on = later if self.tracked else self.today
        self.tracked += 1
        self._moved(request, "track", self.office, tracked, 10, S.TRACKING, "按承诺日期看办成没有")

    def _moved(
        self, request: Request, name: str, by: Post | None, on: date, hour: int, after: str, note: str = ""
    ) -> None:
        before, request.state = request.state, after
        request.version += 1
        minute = request.version % 60  # the order of the steps of one hour
        self.trail.add(
            request, name, by=by, at=moment(on, time(hour, minute)), before=before, after=after, note=note
        )

    def keep(self, requests: list[Request]) -> None:
        keep(thread for thread, _ in self.threads)
        for thread, day in self.threads:
            self.trail.add(thread, "enter", by=thread.by, at=moment(day, time(17)))
        keep(self.feedbacks)
        keep(self.ratings)
        keep(self.orders)
        for order in self.orders:
            self.trail.add(order, "enter", by=self.office, at=order.created_at, after=OrderState.ISSUED)
        for order, unit in self.answered:
            for deed, on, before, state in (
                ("accept", order.accepted_on, OrderState.ISSUED, OrderState.ACCEPTED),
                ("reply", order.replied_on, OrderState.ACCEPTED, OrderState.REPLIED),
            ):
                self.trail.add(order, deed, by=unit, at=moment(on, time(15)), before=before, after=state)
        fields = (
            "state round due_on promised_on solved followed_on fed_back_on rated_on closed_on version".split()
        )
        changed = [one for one in requests if self.kept[one.pk] != _state(one)]
        Request.objects.bulk_update(changed, fields, batch_size=200)


def _state(request: Request) -> tuple[object, ...]:
    return request.version, request.followed_on, request.promised_on
