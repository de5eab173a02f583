"""The sheet 诉求: registers of requests kept elsewhere, with what became of each; by number.

A row brings the request with its day columns, the order of the department, the rating, and the visit with its person.
What has been handled here since then is never overwritten.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from liaison.accounts.models import Role
from liaison.core.bulk import BATCH, amend_all, enter_all, locked
from liaison.core.models import Sequence as Series
from stations.models import Station
from suggestions.intake import log_all
from suggestions.models import Order, Rating, Request
from suggestions.workflow import OrderState, RequestState
from visits.models import Activity, Category, Visit
from visits.workflow import ActivityState

from .activities import NUMBER as ACTIVITY_NUMBER
from .activities import Day
from .cells import Wrong, choice, code, day, person, phone, text
from .departments import Departments
from .duedays import Clock
from .seats import Seats
from .sheet import IN_ONE_QUERY, NOTE, Column, Lookup, Row, Run, Sheet, differing, each, handled_here
from .stations import STATION_CODE
from .visits import BEGINNING, MAX_TEXT, fingerprint

S = RequestState
STATES = {
    "已登记": S.REGISTERED,
    "现场答复": S.ANSWERED_ON_SPOT,
    "不予受理": S.NOT_ACCEPTED,
    "待接单": S.DISPATCHED,
    "办理中": S.HANDLING,
    "已答复": S.REPLIED,
    "已评价": S.RATED,
    "已办结": S.CLOSED,
}
WORDS: dict[str, str] = {state: word for word, state in STATES.items()}
ONWARD = (S.REGISTERED, S.DISPATCHED, S.HANDLING, S.REPLIED, S.RATED, S.CLOSED)
CHANNELS = {label: channel for channel, label in Visit.Channel.choices} | {
    "接待": Visit.Channel.VISIT,
    "接待日": Visit.Channel.VISIT,
    "电话": Visit.Channel.PHONE,
    "信件": Visit.Channel.LETTER,
    "网络": Visit.Channel.ONLINE,
}
CLASSES = {letter: letter for letter in Order.Class.values}
MARKS = {label: mark for mark, label in Rating.Mark.choices}
SOLVED = {"是": Request.Solved.YES, "否": Request.Solved.NO}
NUMBER = code(
    r"[0-9A-Z\u4e00-\u9fff()（）〔〕._-]+", "编号由字母、数字和“-”组成，最多 20 位，如 2023-1011-0001。"
)
OURS = re.compile(r"(\d{4})-(\d{4})-(\d{4})")  # numbers that the house gives out itself
UNKNOWN = "导入的登记，没有写原因"
NO_ORDER = "-1"  # the order of an imported request is its first

# The days of a request in the order in which they come, each with its column.
DAYS = {
    "日期": "received_on",
    "派单日期": "dispatched_on",
    "接单日期": "accepted_on",
    "答复日期": "replied_on",
    "评价日期": "rated_on",
    "办结日期": "closed_on",
}
DISPATCH = ("派单日期", "承办单位")
REPLY = (*DISPATCH, "接单日期", "答复日期", "答复类别", "是否解决")
RATING = ("评价日期", "满意度")
STEPS = (*REPLY, *RATING, "办结日期")
# What a state asks for, and what of the steps it may have besides.
NEEDS: dict[str, tuple[str, ...]] = {
    S.DISPATCHED: DISPATCH,
    S.HANDLING: (*DISPATCH, "接单日期"),
    S.REPLIED: (*DISPATCH, "答复日期"),
    S.RATED: (*DISPATCH, "答复日期", *RATING),
    S.CLOSED: ("办结日期",),
}
MAY: dict[str, tuple[str, ...]] = {
    S.ANSWERED_ON_SPOT: ("是否解决", "办结日期"),
    S.NOT_ACCEPTED: ("办结日期",),
    S.REPLIED: REPLY,
    S.RATED: (*REPLY, *RATING),
    S.CLOSED: STEPS,
}
# One thing without another says nothing: heading, what it needs.
PAIRS = (
    ("派单日期", "承办单位"), ("承办单位", "派单日期"), ("接单日期", "派单日期"), ("答复日期", "派单日期"), ("答复类别", "答复日期"),
    ("评价日期", "满意度"), ("满意度", "评价日期"), ("评价日期", "答复日期"), ("跟单日期", "跟单代表"),
)  # fmt: skip


@dataclass
class Kept:
    """An imported request as it stands, with its order and rating; `touched`: something has been done to it here."""

    request: Request
    order: Order | None = None
    rating: Rating | None = None
    touched: bool = False

    def facts(self) -> dict[str, Any]:
        """What the cells of its row would say."""
        request, order, rating = self.request, self.order, self.rating
        return {heading: getattr(request, column) for heading, column in DAYS.items()} | {
            "渠道": request.channel,
            "类别": request.category,
            "标题": request.title,
            "内容": request.text,
            "状态": request.state,
            "承办单位": request.department,
            "跟单代表": request.follower,
            "跟单日期": request.followed_on,
            "答复类别": (order.answer_class if order else "") or None,
            "满意度": rating.result if rating else None,
            "是否解决": request.solved or None,
        }


class RequestSheet(Sheet):
    name = "诉求"
    roles = (Role.OFFICE,)
    key = ("编号",)
    batch = 2000
    about = (
        "原来登记簿上的诉求和办理情况，一行一件。填了姓名或活动编号的，同时登记来访；同一次来访已在“来访”表里的，不重复登记。"
        "编号已有的，只往前更新；导入以后在系统里办过的，不再改动。几个单位一起办的，填主办单位。"
    )
    columns = (
        Column("编号", NUMBER, True, "2023-1011-0001", "原来登记簿上的编号，全系统不重复", width=18, as_text=True),
        Column("站点编号", STATION_CODE, True, "PC03", "哪个站点收到的", as_text=True),
        Column("活动编号", ACTIVITY_NUMBER, False, "2023-0001", "接待日当天收到的，填那天活动的编号", as_text=True),
        Column("日期", day, True, "2023-10-11", "收到的日期", as_text=True),
        Column("渠道", choice(CHANNELS), False, "来访", "不填算来访", choices=tuple(Visit.Channel.labels), width=10),
        Column("类别", text(20), False, "供暖", "诉求类别的名称，可以到二级"),
        Column("标题", text(60), False, "3号楼暖气不热", "不填取内容的第一句", width=24),
        Column("内容", text(MAX_TEXT, lines=True), True, "3号楼二单元暖气不热，室温十四度。", "用本人自己的话", width=40),
        Column("姓名", person, False, "田秀兰", "不愿留名的空着"),
        Column("手机", phone, False, "13900005521", "", as_text=True, width=16),
        Column("状态", choice(STATES), True, "已办结", "从下拉列表里选", choices=tuple(STATES), width=10),
        Column("派单日期", day, False, "2023-10-12", "", as_text=True),
        Column("承办单位", text(60), False, "平城区住房和城乡建设局", "主办单位的全称", width=26),
        Column("接单日期", day, False, "2023-10-13", "", as_text=True),
        Column("跟单代表", text(30), False, "王建民", "编入这个站点的代表；同名的写成 王建民（县）或 王建民（代表证号）"),
        Column("跟单日期", day, False, "2023-10-18", "代表第一次跟进的日期", as_text=True),
        Column("答复日期", day, False, "2023-10-25", "", as_text=True),
        Column("答复类别", choice(CLASSES), False, "A", "、".join(Order.Class.labels), choices=tuple(CLASSES), width=10),
        Column("评价日期", day, False, "2023-10-28", "", as_text=True),
        Column("满意度", choice(MARKS), False, "满意", "从下拉列表里选；记为工作人员代记", choices=tuple(MARKS), width=10),
        Column("是否解决", choice(SOLVED), False, "是", "", choices=tuple(SOLVED), width=10),
        Column("办结日期", day, False, "2023-10-28", "", as_text=True),
    )  # fmt: skip

    def __init__(self, run: Run) -> None:
        super().__init__(run)
        self.seats, self.clock = Seats(run), Clock()
        self.categories = {
            category.name: category for category in Category.objects.order_by("-parent", "-rank", "-pk")
        } | {category.name: category for category in Category.objects.top().order_by("-rank", "-pk")}
        self.departments = Departments(run)
        self.visits: dict[int, Visit] = {}  # by fingerprint: those that this sheet makes
        self.done: set[int] = set()  # keys of visits whose request has its row
        self.passed_over: list[str] = []
        self.without_category = False

    def take(self, rows: Sequence[Row]) -> None:
        run = self.run
        good = [row for row in rows if not row.faults]
        run.stations.fetch(row["站点编号"] for row in good)
        self.seats.fetch({row["站点编号"] for row in good})
        self._fetch_kept(good)
        self.departments.fetch(row["承办单位"] for row in good if row["承办单位"])
        self._fetch_days({row["活动编号"] for row in good if row["活动编号"]})
        self._fetch_visits(row for row in good if row["编号"] not in self.kept)
        self.new: list[tuple[Request, Order | None, Rating | None]] = []
        self.new_visits: list[tuple[Visit, dict[str, str]]] = []
        self.adopted: list[tuple[Request, dict[str, Any]]] = []
        self.changes: list[tuple[Request, dict[str, Any]]] = []
        self.order_changes: list[tuple[Order, dict[str, Any]]] = []
        self.more_orders: list[Order] = []
        self.more_ratings: list[Rating] = []
        each(good, self._plan)
        if run.writes:
            self._write()

    def finish(self) -> None:
        if self.passed_over:
            few = "、".join(self.passed_over[:10])
            self.run.notes.append(
                f"“诉求”表里有 {len(self.passed_over)} 件导入以后在系统里办过，文件没有改动它们：{few}"
                f"{'等' if len(self.passed_over) > 10 else ''}。"
            )
        if self.without_category:
            self.run.notes.append(
                "系统里还没有诉求类别，“类别”一列没有导入。先用 load_categories 载入，再导入一次就会补上。"
            )

    # --- What is there ---

    def _fetch_kept(self, rows: Sequence[Row]) -> None:
        source = Request.objects.select_related("station", "category", "department", "follower")
        lookup = Lookup(locked(source) if self.run.writes else source, "number")
        lookup.fetch(row["编号"] for row in rows)
        self.kept = {number: Kept(found) for number, found in lookup.known.items() if found is not None}
        by_key = {kept.request.pk: kept for kept in self.kept.values()}
        orders = Order.objects.select_related("department")
        keys = list(by_key)
        of_order: dict[int, Kept] = {}
        for start in range(0, len(keys), IN_ONE_QUERY):
            part = keys[start : start + IN_ONE_QUERY]
            for order in (locked(orders) if self.run.writes else orders).filter(request__in=part):
                kept = by_key[cast(int, order.request_id)]  # those of requests are asked for
                kept.touched |= kept.order is not None  # a second order was given here
                kept.order = kept.order or order
                of_order[order.pk] = kept
            for rating in Rating.objects.filter(request__in=part):
                by_key[rating.request_id].rating = rating
        for kind, known in (("suggestions.request", by_key), ("suggestions.order", of_order)):
            for key in handled_here(kind, known):
                known[key].touched = True

    def _fetch_days(self, numbers: Iterable[str]) -> None:
        missing = sorted(set(numbers) - self.run.days.keys())
        rows = Activity.objects.all() if self.run.by is None else Activity.objects.visible_to(self.run.by)
        for start in range(0, len(missing), IN_ONE_QUERY):
            part = rows.filter(number__in=missing[start : start + IN_ONE_QUERY])
            few = part.select_related("station__area").only("number", "day", "state", "closed_at", "station")
            self.run.days |= {activity.number: Day.of(activity) for activity in few}

    def _fetch_visits(self, rows: Iterable[Row]) -> None:
        """The visits of the stations and days of new rows, voided ones too, with the requests that they raised."""
        wanted = [(self.run.stations.get(row["站点编号"]), row["日期"]) for row in rows]
        places = {station.pk: station.code for station, _ in wanted if station is not None and station.pk}
        self.there: dict[int, Visit] = {}
        self.raised: dict[int, Request] = {}
        if not places:
            return
        first, last = min(on for _, on in wanted), max(on for _, on in wanted)
        keys = sorted(places)
        for start in range(0, len(keys), IN_ONE_QUERY):
            part = Visit.objects.filter(
                station__in=keys[start : start + IN_ONE_QUERY], day__range=(first, last)
            )
            for visit in part.select_related("visitor").iterator(chunk_size=2000):
                who = visit.person()
                name, phone_ = (who.name, who.phone) if who else (None, None)
                key = fingerprint(places[visit.station_id], visit.day, name, phone_, visit.text[:BEGINNING])
                self.there.setdefault(key, visit)
            raised = Request.objects.filter(
                visit__station__in=keys[start : start + IN_ONE_QUERY], visit__day__range=(first, last)
            )
            for request in locked(raised) if self.run.writes else raised:
                self.raised.setdefault(request.visit_id or 0, request)

    # --- A row ---

    def _plan(self, row: Row) -> None:
        station = self.run.station(row, "站点编号")
        if row["手机"] and row["姓名"] is None:
            raise Wrong("填了手机，没有填姓名。不愿留名的，手机也请空着。", "姓名")
        if row.faults or station is None:
            return
        kept = self.kept.get(row["编号"])
        if kept is not None:
            self._bring_up_to_date(row, kept, station)
            return
        facts = self._facts(row, station, {})
        visit = self._visit(row, station)
        raised = self._raised_by(visit)
        row.outcome = "new"
        if not self.run.writes:
            return
        request = Request(
            number=row["编号"], visit=visit, station=station, area=station.area, area_path=station.area.path,
            received_on=row["日期"],
        )  # fmt: skip
        order, rating = self._consequences(facts, station, request, None, None)
        fields = self._fields(facts, order)
        if raised is not None:
            request = raised
            self.adopted.append((request, {"number": row["编号"]} | fields))
        else:
            for name, value in fields.items():
                setattr(request, name, value)
        for made in (order, rating):
            if made is not None:
                made.request = request
        self.new.append((request, order, rating))

    def _facts(self, row: Row, station: Station, kept: dict[str, Any]) -> dict[str, Any]:
        """What the row says, and where it says nothing, what is there; checked. Raises Wrong."""
        facts = kept | {heading: value for heading, value in row.values.items() if value is not None}
        if row["类别"]:
            facts["类别"] = self._category(row["类别"]) or kept.get("类别")
        if row["承办单位"]:
            open_ = facts["状态"] in (S.DISPATCHED, S.HANDLING)
            facts["承办单位"] = self.departments.nearest(
                row["承办单位"], station.area, "承办单位", open_=open_
            )
        if row["跟单代表"]:
            facts["跟单代表"] = self.seats.mandate(row["跟单代表"], station, row["日期"], "跟单代表")
        self._check_state(facts)
        self._check_days(facts)
        return facts

    def _category(self, name: str) -> Category | None:
        if not self.categories:
            self.without_category = True
            return None
        if name not in self.categories:
            raise Wrong(
                f"没有类别“{name}”。请填诉求类别的名称，如：{'、'.join(list(self.categories)[-5:])}。", "类别"
            )
        return self.categories[name]

    def _check_state(self, facts: dict[str, Any]) -> None:
        state = facts["状态"]
        for heading in NEEDS.get(state, ()):
            if facts.get(heading) is None:
                raise Wrong(f"状态是“{WORDS[state]}”，请填{heading}。", heading)
        may = {*NEEDS.get(state, ()), *MAY.get(state, ())}
        for heading in STEPS:
            if facts.get(heading) is not None and heading not in may:
                raise Wrong(f"状态是“{WORDS[state]}”，{heading}应空着。请改状态，或清空这一格。", heading)
        for heading, other in PAIRS:
            if facts.get(heading) is not None and facts.get(other) is None:
                raise Wrong(f"填了{heading}，请也填{other}。", other)
        if state == S.CLOSED and facts.get("派单日期") and facts.get("答复日期") is None:
            raise Wrong("派过单的，办结要有答复。请填答复日期。", "答复日期")

    def _check_days(self, facts: dict[str, Any]) -> None:
        before, last = "", date.min
        for heading in DAYS:
            on = facts.get(heading)
            if on is None:
                continue
            self._check_day(heading, on, before, last)
            before, last = heading, on
        if followed := facts.get("跟单日期"):
            earlier = "派单日期" if facts.get("派单日期") else "日期"
            self._check_day("跟单日期", followed, earlier, facts[earlier])

    def _check_day(self, heading: str, on: date, before: str, earliest: date) -> None:
        if on > self.run.today:
            raise Wrong(f"{heading}不能晚于今天。", heading)
        if on < earliest:
            raise Wrong(f"{heading}不能早于{before}（{earliest:%Y-%m-%d}）。请核对这两天。", heading)

    def _visit(self, row: Row, station: Station) -> Visit | None:
        """The visit in which it was said: known, or to be logged; None where neither person nor activity is known."""
        activity: Day | None = None
        if row["活动编号"]:
            activity = self.run.days.get(row["活动编号"])
            if activity is None:
                raise Wrong(self.run.not_found("活动", row["活动编号"]), "活动编号")
            if activity.state == ActivityState.CANCELLED:
                raise Wrong("这个活动已取消，不能登记诉求。", "活动编号")
            if activity.station.code != station.code:
                raise Wrong(
                    f"这个活动在 {activity.station.code}，和这里写的不一样。请改好，或空着。", "站点编号"
                )
            if activity.day != row["日期"]:
                raise Wrong(f"这个活动在 {activity.day:%Y-%m-%d}，和这里写的不一样。请改好，或空着。", "日期")
        elif row["姓名"] is None:
            return None
        key = fingerprint(station.code, row["日期"], row["姓名"], row["手机"], row["内容"][:BEGINNING])
        if known := self.there.get(key) or self.visits.get(key):
            return known
        if activity is not None and activity.state == ActivityState.CLOSED and activity.closed_at:
            raise Wrong("这个活动已在页面上结束。要补录，请先在活动页面重新打开。", "活动编号")
        visit = Visit(
            activity_id=activity.pk if activity else None, station=station, day=row["日期"], text=row["内容"],
            channel=row["渠道"] or Visit.Channel.VISIT, outcome=Visit.Outcome.DISPATCH, anonymous=row["姓名"] is None,
            category=self.categories.get(row["类别"]),
        )  # fmt: skip
        self.visits[key] = visit
        self.new_visits.append((visit, {"name": row["姓名"] or "", "phone": row["手机"] or ""}))
        return visit

    def _raised_by(self, visit: Visit | None) -> Request | None:
        """The request that the sheet 来访 of this very file raised: the same matter, which takes the number of this row.

        Raises Wrong where the visit raised one at another time.
        """
        if visit is None or visit.pk is None or visit.pk in self.done:
            return None
        raised = self.raised.get(visit.pk)
        self.done.add(visit.pk)
        if raised is not None and visit.pk not in self.run.logged:
            raise Wrong(f"这次来访已登记为诉求单 {raised.number}。请把编号改成它。", "编号")
        return raised

    def _consequences(
        self,
        facts: dict[str, Any],
        station: Station,
        request: Request,
        order: Order | None,
        rating: Rating | None,
    ) -> tuple[Order | None, Rating | None]:
        """The order and the rating that a row tells of: those given, brought up to date, or new ones."""
        if facts.get("派单日期"):
            order = order or Order(
                number=f"{request.number}{NO_ORDER}",
                request=request,
                area=station.area,
                area_path=station.area.path,
                share=Order.Share.LEAD,
            )
            if order.issued_on != facts["派单日期"]:
                on = order.issued_on = facts["派单日期"]
                order.days = self.clock.rule("reply_days", station.area, on)
                due = self.clock.due(on, order.days)
                order.due_on, order.due_because = due.day, due.explanation
                accept_days = self.clock.rule("accept_days", station.area, on)
                order.accept_by = self.clock.due(on, accept_days).day
            order.department = facts["承办单位"]
            order.accepted_on, order.replied_on = facts.get("接单日期"), facts.get("答复日期")
            order.answer_class = facts.get("答复类别") or ""
            order.state = (
                OrderState.REPLIED
                if order.replied_on
                else OrderState.ACCEPTED
                if order.accepted_on
                else OrderState.ISSUED
            )
        if facts.get("评价日期") and rating is None:
            mark = facts["满意度"]
            rating = Rating(
                request=request, round=1, on=facts["评价日期"], attitude=mark, result=mark,
                solved=facts.get("是否解决") or "", how=Rating.How.PAPER, by=self.run.by,
                reason=UNKNOWN if mark == Rating.Mark.UNSATISFIED else "",
            )  # fmt: skip
        return order, rating

    def _fields(self, facts: dict[str, Any], order: Order | None) -> dict[str, Any]:
        """The columns of the request."""
        state = facts["状态"]
        title = facts.get("标题") or facts["内容"].split("\n")[0].split("。")[0][: Request.TITLE_LENGTH]
        fields = {column: facts.get(heading) for heading, column in DAYS.items()} | {
            "channel": facts.get("渠道") or Visit.Channel.VISIT,
            "category": facts.get("类别"),
            "title": title,
            "text": facts["内容"],
            "state": state,
            "department": facts.get("承办单位"),
            "due_on": order.due_on if order else None,
            "follower": facts.get("跟单代表"),
            "followed_on": facts.get("跟单日期"),
            "solved": facts.get("是否解决") or "",
        }
        if state in (S.ANSWERED_ON_SPOT, S.NOT_ACCEPTED):
            fields["closed_on"] = facts.get("办结日期") or facts["日期"]
        if state == S.ANSWERED_ON_SPOT:
            fields["solved"] = facts.get("是否解决") or Request.Solved.YES
        if state == S.NOT_ACCEPTED:
            fields |= {"refused": Request.Refused.OTHER, "said": UNKNOWN}
        return fields

    def _bring_up_to_date(self, row: Row, kept: Kept, station: Station) -> None:
        """Go on from what an earlier file brought. What was done here since stays. Raises Wrong."""
        request = kept.request
        if request.station.code != row["站点编号"]:
            raise Wrong(f"编号“{row['编号']}”已是另一个站点的诉求。请核对编号或站点。", "编号")
        if request.received_on != row["日期"]:
            raise Wrong(f"这件诉求已登记，日期是“{request.received_on:%Y-%m-%d}”，不能改。", "日期")
        if kept.touched:
            row.outcome = "same"
            self.passed_over.append(request.number)
            return
        self._refuse_backwards(row["状态"], request)
        facts = self._facts(row, station, kept.facts())
        rating = kept.rating
        if rating is not None and (rating.on, rating.result) != (facts["评价日期"], facts["满意度"]):
            raise Wrong(
                f"{rating.on:%Y-%m-%d}的评价已登记为“{rating.get_result_display()}”，不能改。", "满意度"
            )
        columns = [one.attname for one in Order._meta.concrete_fields]
        before = {name: getattr(kept.order, name) for name in columns} if kept.order else {}
        order, rating = self._consequences(facts, station, request, kept.order, kept.rating)
        changes = differing(request, self._fields(facts, order))
        moved = bool(order and any(getattr(order, name) != value for name, value in before.items()))
        more = (order is not None and kept.order is None, rating is not None and kept.rating is None)
        row.outcome = "changed" if changes or moved or any(more) else "same"
        if not self.run.writes:
            return
        if changes:
            self.changes.append((request, changes))
        if order is not None and more[0]:
            self.more_orders.append(order)
        elif order is not None and moved:
            self._order_change(order, before)
        if rating is not None and more[1]:
            self.more_ratings.append(rating)

    def _refuse_backwards(self, state: str, request: Request) -> None:
        if request.state == state:
            return
        if request.state in ONWARD and state in ONWARD and ONWARD.index(state) > ONWARD.index(request.state):
            return
        if request.state == S.REGISTERED:
            return
        was = WORDS.get(request.state, request.get_state_display())
        raise Wrong(f"这件诉求已登记为“{was}”，不能改回“{WORDS[state]}”。", "状态")

    def _order_change(self, order: Order, before: dict[str, Any]) -> None:
        """As `amend_all` wants it: the order as it was, and what becomes of it."""
        department = order.department
        after = {name: getattr(order, name) for name in before}
        changed = {name: value for name, value in after.items() if value != before[name]}
        for name in changed:
            setattr(order, name, before[name])
        if changed.pop("department_id", None):
            changed["department"] = department
        self.order_changes.append((order, changed))

    # --- Writing ---

    def _write(self) -> None:
        by = self.run.by
        log_all(self.new_visits, by=by, note=NOTE)
        self.done |= {visit.pk for visit, _ in self.new_visits}
        adopted = {request.pk for request, _ in self.adopted}
        for request, order, rating in self.new:
            request.visit = request.visit  # its key is known now
            self.more_orders += [order] if order is not None else []
            self.more_ratings += [rating] if rating is not None else []
        enter_all((request for request, _, _ in self.new if request.pk not in adopted), by=by, note=NOTE)
        amend_all([*self.adopted, *self.changes], by=by, note=NOTE)
        amend_all(self.order_changes, by=by, note=NOTE)
        for order in self.more_orders:
            order.request = order.request  # its key is known now
        for rating in self.more_ratings:
            rating.request = rating.request
        enter_all(self.more_orders, by=by, note=NOTE)
        Rating.objects.bulk_create(self.more_ratings, batch_size=BATCH)
        ours: dict[str, int] = {}
        for request, _, _ in self.new:
            if match := OURS.fullmatch(request.number):
                series = f"request:{match[1]}{match[2]}"
                ours[series] = max(ours.get(series, 0), int(match[3]))
        Series.objects.reach(ours)
