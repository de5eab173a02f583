"""The sheet 建议: registers of suggestions and motions kept elsewhere, with what became of each; by number.

A row brings the suggestion with who signed it, the orders of its departments and the lead deputy's mark. A register knows
titles and days, not the words of the paper: those stay with the original. How far a suggestion came follows from the days
that are filled in. What has been done here since then is never overwritten.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import OuterRef, Subquery

from deputies.models import CongressSession, Level, Mandate, Term
from liaison.accounts.models import Role
from liaison.core.bulk import BATCH, amend_all, enter_all, locked
from liaison.core.models import AuditEntry
from liaison.core.models import Sequence as Series
from liaison.core.workbooks.reading import Cell
from suggestions.models import Department, Evaluation, Order, Rating, Signer, Suggestion, SuggestionItem
from suggestions.workflow import OrderState, SuggestionState
from visits.clock import name_key

from .cells import Wrong, choice, code, day, number, several, text, words
from .departments import Departments
from .duedays import Clock
from .sheet import IN_ONE_QUERY, NOTE, Column, Lookup, Row, Run, Sheet, differing, each, handled_here
from .terms import AREA_LEVELS, LIKE, Terms, numeral, understood

S = SuggestionState
KINDS = {label: kind for kind, label in Suggestion.Kind.choices} | {"批评意见": Suggestion.Kind.CRITICISM}
CLASSES = {letter: letter for letter in Order.Class.values}
MARKS = {label: mark for mark, label in Rating.Mark.choices}
YES_NO = {"是": True, "否": False}
NUMBER = code(
    r"[0-9A-Z\u4e00-\u9fff()（）〔〕._-]+", "编号由字母、数字和“-”组成，最多 20 位，如 2023-建-0042。"
)
MEETING = re.compile(r"第?(\d{1,2}|[一二三四五六七八九十]{1,3})次?(?:会议)?")
RECESS = ("闭会", "闭会期间")
ITEMS_MOST = 30
UNWRITTEN = "导入的登记，内容见原件。"
UNKNOWN = "导入的登记，没有写原因"
NO_BODY = "导入的登记，没有写哪次会议"
DAYS = ("提出日期", "交办日期", "答复日期")
# One thing without another says nothing: heading, what it needs.
PAIRS = (
    ("交办日期", "主办单位"), ("主办单位", "交办日期"), ("会办单位", "主办单位"), ("答复日期", "交办日期"), ("答复类别", "答复日期"),
    ("满意度", "答复日期"),
)  # fmt: skip


def meeting(cell: Cell) -> int | None:
    """Which session of the term: 3, 第3次, 第三次会议; none where it came in recess."""
    written = words(cell)
    found = re.sub(r"\s", "", unicodedata.normalize("NFKC", written))
    if found in RECESS:
        return None
    match = MEETING.fullmatch(found)
    if not match or not numeral(match[1]):
        raise Wrong(f"看不懂“{written[:20]}”，请写成“第三次”或 3；闭会期间提出的空着。")
    return numeral(match[1])


@dataclass
class Kept:
    """An imported suggestion as it stands; `touched`: something has been done to it here."""

    found: Suggestion
    orders: list[Order] = field(default_factory=list)
    signed: set[int] = field(default_factory=set)  # keys of mandates
    items: int = 0
    mark: str = ""
    touched: bool = False

    def facts(self) -> dict[str, Any]:
        """What the cells of its row would say; co-signers and helpers are added to those that are there."""
        found = self.found
        return {
            "标题": found.title,
            "类型": found.kind,
            "提出日期": found.submitted_on,
            "条数": self.items or None,
            "交办日期": found.assigned_on,
            "主办单位": found.department,
            "答复日期": found.replied_on,
            "答复类别": found.answer_class or None,
            "满意度": self.mark or None,
            "重点": found.is_key or None,
        }

    def order_of(self, department: Department, share: str) -> Order | None:
        """The one lead may go over to another department; a helper is known by its department."""
        lead = share == Order.Share.LEAD
        same = (one for one in self.orders if one.share == share and (lead or one.department == department))
        return next(same, None)


@dataclass
class Parts:
    """What belongs to a suggestion and is not there yet. `there`: what is."""

    there: Kept
    orders: list[Order] = field(default_factory=list)
    signers: list[Mandate] = field(default_factory=list)
    items: int | None = None  # None: as they are
    mark: str = ""

    def __bool__(self) -> bool:
        return bool(self.orders or self.signers or self.mark) or self.items is not None

    def told(self) -> dict[str, Any]:
        """What the record says of those that have none of their own."""
        told: dict[str, Any] = {}
        if self.items is not None:
            told["items"] = [self.there.items, self.items]
        if self.signers:
            told["mandates"] = [one.deputy.name for one in self.signers]
        return told


def _name(written: str) -> str:
    """The name alone of 王建民（代表证号）."""
    return name_key(re.sub(r"[(（].*", "", written))


class SuggestionSheet(Sheet):
    name = "建议"
    roles = (Role.OFFICE,)
    key = ("编号",)
    batch = 1000
    about = (
        "原来登记簿上的建议和议案，一行一件，内容见原件。先在“代表”表里有这一届的代表。填了交办日期的算已交办，填了答复日期的算已答复，"
        "填了满意度的记为机关代记的评价。编号已有的，只往前更新；导入以后在系统里办过的，不再改动。"
    )
    columns = (
        Column("编号", NUMBER, True, "2023-建-0042", "原来登记簿上的编号，全系统不重复", width=18, as_text=True),
        Column("标题", text(60), True, "关于改造老旧小区供热管网的建议", "最多 60 个字", width=34),
        Column("类型", choice(KINDS), False, "建议", "不填算建议", choices=tuple(Suggestion.Kind.labels), width=10),
        Column("届次", text(60), True, "平城区第十八届", "向哪里的第几届人大提出；本级人大的可以只写第几届", width=22),
        Column("会次", meeting, False, "第三次", "会议期间提出的填第几次会议；闭会期间提出的空着", width=10),
        Column("提出日期", day, True, "2023-03-19", "", as_text=True),
        Column("领衔代表", text(30), True, "王建民", "这一届的代表；同名的写成 王建民（代表证号）"),
        Column("附议代表", several, False, "张建国、任秀芳", "几位用“、”隔开", width=24),
        Column("条数", number(1, ITEMS_MOST), False, "3", "写了几条；不填算一条", width=8),
        Column("交办日期", day, False, "2023-03-28", "", as_text=True),
        Column("主办单位", text(60), False, "平城区住房和城乡建设局", "单位的全称", width=26),
        Column("会办单位", several, False, "平城区水务局", "几个用“、”隔开", width=26),
        Column("答复日期", day, False, "2023-06-05", "最后一次答复代表的日期", as_text=True),
        Column("答复类别", choice(CLASSES), False, "A", "、".join(Order.Class.labels), choices=tuple(CLASSES), width=10),
        Column("满意度", choice(MARKS), False, "满意", "领衔代表的评价，记在答复那天", choices=tuple(MARKS), width=10),
        Column("重点", choice(YES_NO), False, "否", "是不是重点建议", choices=tuple(YES_NO), width=8),
    )  # fmt: skip

    def __init__(self, run: Run) -> None:
        super().__init__(run)
        self.terms, self.clock, self.departments = Terms(run), Clock(), Departments(run)
        for mandate in run.seated:
            if not any(mandate.term is term or mandate.term == term for term in self.terms.known):
                self.terms.known.append(mandate.term)
        self.found_terms: dict[tuple[str, str], Term] = {}
        self.deputies: dict[int, dict[str, list[Mandate]]] = {}  # by id() of the term, then by name
        self.sessions: dict[tuple[int, int], CongressSession] = {}  # by id() of the term and number
        self.sitting: dict[str, set[int]] | None = None  # by name, keys (or id()) of terms; see _terms_of
        self.opened: list[CongressSession] = []
        self.passed_over: list[str] = []

    def take(self, rows: Sequence[Row]) -> None:
        good = [row for row in rows if not row.faults]
        names = {name for row in good for name in (row["主办单位"], *(row["会办单位"] or ())) if name}
        self.departments.fetch(names)
        self._fetch_kept(good)
        self.leads, self.sitting = {_name(row["领衔代表"]) for row in good}, None
        self.new: list[Suggestion] = []
        self.changes: list[tuple[Suggestion, dict[str, Any]]] = []
        self.order_changes: list[tuple[Order, dict[str, Any]]] = []
        self.parts: list[Parts] = []
        each(good, self._plan)
        if self.run.writes:
            self._write()

    def finish(self) -> None:
        if self.passed_over:
            few = "、".join(self.passed_over[:10])
            self.run.notes.append(
                f"“建议”表里有 {len(self.passed_over)} 件导入以后在系统里办过，文件没有改动它们：{few}"
                f"{'等' if len(self.passed_over) > 10 else ''}。"
            )
        if self.opened:
            few = "、".join(f"{one}（{one.from_on:%Y-%m-%d}）" for one in self.opened[:5])
            self.run.notes.append(
                f"将新增{few}{'等' if len(self.opened) > 5 else ''}，开幕日期按最早的提出日期记，"
                "请导入后在“基础数据”的“会议”里核对。"
            )

    # --- What is there ---

    def _fetch_kept(self, rows: Sequence[Row]) -> None:
        source = Suggestion.objects.select_related("term", "session", "department", "area", "lead__deputy")
        lookup = Lookup(locked(source) if self.run.writes else source, "number")
        lookup.fetch(row["编号"] for row in rows)
        self.kept = {one.number: Kept(one) for one in lookup.known.values() if one is not None}
        by_key = {kept.found.pk: kept for kept in self.kept.values()}
        keys, orders = list(by_key), Order.objects.select_related("department")
        of_order: dict[int, Kept] = {}
        for start in range(0, len(keys), IN_ONE_QUERY):
            of_these = {"suggestion__in": keys[start : start + IN_ONE_QUERY]}
            for order in (locked(orders) if self.run.writes else orders).filter(**of_these):
                kept = by_key[order.suggestion_id or 0]
                kept.orders.append(order)
                of_order[order.pk] = kept
            for suggestion, mandate in Signer.objects.filter(**of_these).values_list("suggestion", "mandate"):
                by_key[suggestion].signed.add(mandate)
            for key in SuggestionItem.objects.filter(**of_these).values_list("suggestion", flat=True):
                by_key[key].items += 1
            for mark in Evaluation.objects.filter(**of_these):
                by_key[mark.suggestion_id].mark = mark.result
        for kind, known in (("suggestions.suggestion", by_key), ("suggestions.order", of_order)):
            for key in handled_here(kind, known):
                known[key].touched = True

    def _term(self, row: Row) -> Term:
        """The term that is meant, of a congress that the importing office keeps. Raises Wrong."""
        written = row["届次"]
        meant = understood(Level.COUNTY, written)
        key = (written, "" if meant.place else row["领衔代表"])
        if key not in self.found_terms:
            found = self._named(written) if meant.place else self._unnamed(meant.number, row["领衔代表"])
            found = [one for one in found if one.congress.area and self.run.in_area(one.congress.area)]
            if not meant.place and len(found) != 1:
                raise Wrong(f"没有写是哪里的第{meant.number}届，{LIKE}", "届次")
            if len(found) != 1:
                raise Wrong(
                    f"没有“{written[:20]}”这一届，或不在您管的范围。{LIKE}新的届次由管理员先增加。", "届次"
                )
            self.found_terms[key] = found[0]
        return self.found_terms[key]

    def _named(self, written: str) -> list[Term]:
        """The terms of this place, at whichever level it has a congress."""
        base = self.run.by.area if self.run.by else None
        found = [self.terms.get(understood(level, written), base) for level in AREA_LEVELS]
        return [one for one in found if one is not None]

    def _unnamed(self, number: int, lead: str) -> list[Term]:
        """The terms of this number without a place: of the importing office's own congress, or where the lead sits."""
        same = [one for one in self.terms.known if one.number == number]
        own = [one for one in same if self.run.by and one.congress.area == self.run.by.area]
        if own:
            return own
        there = self._terms_of(_name(lead))
        return [one for one in same if (one.pk or id(one)) in there]

    def _terms_of(self, name: str) -> set[int]:
        """The terms in which somebody of this name sits: asked for all leads of the batch where a row first needs it."""
        if self.sitting is None:
            self.sitting, names = defaultdict(set), sorted(self.leads)
            for start in range(0, len(names), IN_ONE_QUERY):
                held = Mandate.objects.filter(deputy__name__in=names[start : start + IN_ONE_QUERY])
                for one, term in held.values_list("deputy__name", "term"):
                    self.sitting[one].add(term)
            for mandate in self.run.seated:
                self.sitting[name_key(mandate.deputy.name)].add(mandate.term.pk or id(mandate.term))
        return self.sitting[name]

    def _session(self, term: Term, which: int | None, on: date) -> CongressSession | None:
        """The session of the term; one that is not there is opened where the importer may. Raises Wrong."""
        if which is None:
            return None
        if (id(term), 0) not in self.sessions:
            self.sessions[id(term), 0] = CongressSession(term=term)  # those of this term have been read
            if term.pk is not None:
                for one in CongressSession.objects.filter(term=term):
                    one.term = term
                    self.sessions[id(term), one.number] = one
        session = self.sessions.get((id(term), which))
        if session is None:
            if not self.run.may_enter_terms:
                raise Wrong(f"还没有{term}第{which}次会议。请管理员先在“基础数据”的“会议”里增加。", "会次")
            session = CongressSession(term=term, number=which, from_on=on)
            self.sessions[id(term), which] = session
            self.opened.append(session)
        elif session.pk is None:
            session.from_on = min(session.from_on, on)
        return session

    def _mandate(self, term: Term, written: str, on: date, heading: str) -> Mandate:
        """The mandate of this term that a name means on a day. Raises Wrong."""
        if id(term) not in self.deputies:
            names: dict[str, list[Mandate]] = defaultdict(list)
            held = Mandate.objects.filter(term=term).select_related("deputy__user") if term.pk else ()
            for mandate in (*held, *self.run.seated):
                if mandate.pk is not None or mandate.term is term or mandate.term == term:
                    names[name_key(mandate.deputy.name)].append(mandate)
            self.deputies[id(term)] = names
        match = re.fullmatch(r"(.+?)[(（](.+?)[)）]", written)
        name, card = (match[1], match[2]) if match else (written, "")
        there = self.deputies[id(term)].get(name_key(name), [])
        if card:
            there = [one for one in there if (one.deputy.card_no or "").upper() == card.upper()]
        if not there:
            raise Wrong(f"{term}没有代表“{written[:20]}”。请检查姓名，或先写进“代表”表。", heading)
        able = [one for one in there if not one.why_not_on(on)]
        if not able:
            raise Wrong(there[0].why_not_on(on, "提建议"), heading)
        if len(able) > 1:
            raise Wrong(f"有 {len(able)} 位{name}。请写明是哪一位，如 {name}（代表证号）。", heading)
        return able[0]

    # --- A row ---

    def _plan(self, row: Row) -> None:
        self._check_days(row.values)
        term, on = self._term(row), row["提出日期"]
        kept = self.kept.get(row["编号"])
        if kept is not None:
            self._bring_up_to_date(row, kept, term)
            return
        lead = self._mandate(term, row["领衔代表"], on, "领衔代表")
        facts = self._facts(row, term, lead, {})
        session = self._session(term, row["会次"], on)
        if session is None and facts.get("类型") == Suggestion.Kind.MOTION:
            raise Wrong("议案在会议期间提出，请填会次。", "会次")
        row.outcome = "new"
        if not self.run.writes:
            return
        area = term.congress.area
        assert area is not None  # see _term  # noqa: S101
        found = Suggestion(
            number=row["编号"], area=area, area_path=area.path, term=term, session=session, lead=lead, text=UNWRITTEN,
            kind=Suggestion.Kind.SUGGESTION, on_paper=True, written_on=on, submitted_on=on, accepted_on=on,
        )  # fmt: skip
        there = Kept(found)
        orders = self._orders(facts, there)
        for name, value in self._fields(facts, found, orders).items():
            if value is not None:
                setattr(found, name, value)
        self.new.append(found)
        signers = [lead, *facts["附议代表"]]
        self.parts.append(Parts(there, orders, signers, facts.get("条数"), facts.get("满意度") or ""))

    def _facts(self, row: Row, term: Term, lead: Mandate, kept: dict[str, Any]) -> dict[str, Any]:
        """What the row says, and where it says nothing, what is there; checked. Raises Wrong."""
        facts = kept | {heading: value for heading, value in row.values.items() if value is not None}
        for heading, other in PAIRS:
            if facts.get(heading) and facts.get(other) is None:
                raise Wrong(f"填了{heading}，请也填{other}。", other)
        self._check_days(facts)
        area, open_ = term.congress.area, facts.get("答复日期") is None
        if area is not None and row["主办单位"]:
            facts["主办单位"] = self.departments.nearest(row["主办单位"], area, "主办单位", open_=open_)
        names = list(dict.fromkeys(row["会办单位"] or ()))
        facts["会办单位"] = [
            self.departments.nearest(one, area, "会办单位", open_=open_) for one in names if area
        ]
        if facts.get("主办单位") in facts["会办单位"]:
            raise Wrong(f"{facts['主办单位']}已是主办单位，不用再填会办。", "会办单位")
        written = list(dict.fromkeys(row["附议代表"] or ()))
        facts["附议代表"] = [self._mandate(term, one, row["提出日期"], "附议代表") for one in written]
        if any(one is lead or (one.pk and one.pk == lead.pk) for one in facts["附议代表"]):
            raise Wrong(f"{lead.deputy.name}是领衔代表，不用再填附议。", "附议代表")
        return facts

    def _check_days(self, facts: dict[str, Any]) -> None:
        before, earliest = "", date.min
        for heading in DAYS:
            on = facts.get(heading)
            if on is None:
                continue
            if on > self.run.today:
                raise Wrong(f"{heading}不能晚于今天。", heading)
            if on < earliest:
                raise Wrong(f"{heading}不能早于{before}（{earliest:%Y-%m-%d}）。请核对这两天。", heading)
            before, earliest = heading, on

    def _bring_up_to_date(self, row: Row, kept: Kept, term: Term) -> None:
        """Go on from what an earlier file brought. What was done here since stays. Raises Wrong."""
        found = kept.found
        if found.term_id != term.pk:
            raise Wrong(f"编号“{found.number}”已是另一届人大的建议。请核对编号或届次。", "编号")
        if found.submitted_on != row["提出日期"]:
            was = f"{found.submitted_on:%Y-%m-%d}" if found.submitted_on else "还没有提出"
            raise Wrong(f"这件建议已登记，提出日期是“{was}”，不能改。", "提出日期")
        if kept.touched:
            row.outcome = "same"
            self.passed_over.append(found.number)
            return
        if row["会次"] is not None and row["会次"] != (found.session.number if found.session else None):
            raise Wrong(f"这件建议已登记为{found.session or '闭会期间提出'}，不能改。", "会次")
        lead = self._mandate(term, row["领衔代表"], row["提出日期"], "领衔代表")
        if lead.pk != found.lead_id:
            raise Wrong(f"这件建议已登记，领衔代表是{found.lead.deputy.name}，不能改。", "领衔代表")
        facts = self._facts(row, term, lead, kept.facts())
        if kept.mark and facts["满意度"] != kept.mark:
            raise Wrong(f"已登记为“{Rating.Mark(kept.mark).label}”，不能改。", "满意度")
        if found.is_key and facts["重点"] is False:
            raise Wrong("已登记为重点建议，不能改。", "重点")
        orders = self._orders(facts, kept)
        fresh = [order for order in orders if order.pk is None]
        changes = differing(found, self._fields(facts, found, orders))
        more = Parts(
            kept,
            fresh,
            [one for one in facts["附议代表"] if one.pk not in kept.signed],
            facts["条数"] if facts["条数"] != (kept.items or None) else None,
            "" if kept.mark else facts["满意度"] or "",
        )
        moved = [(order, found_) for order in kept.orders if (found_ := self._order_changes(facts, order))]
        row.outcome = "changed" if changes or more or moved else "same"
        if self.run.writes and row.outcome == "changed":
            self.changes.append((found, changes))
            self.parts.append(more)
            self.order_changes += moved

    # --- What a row comes to ---

    def _fields(self, facts: dict[str, Any], found: Suggestion, orders: Sequence[Order]) -> dict[str, Any]:
        """The columns of the suggestion."""
        answered, mark, letter = facts.get("答复日期"), facts.get("满意度"), facts.get("答复类别")
        state = S.DELIVERED if answered else S.ASSIGNED if facts.get("交办日期") else S.ACCEPTED
        done = mark not in (None, Rating.Mark.UNSATISFIED) and letter not in ("B", "C")
        if mark:  # what was promised, and what was found wanting, is still to be looked at
            state = S.CLOSED if done else S.EVALUATED
        lead = next((one for one in orders if one.share == Order.Share.LEAD), None)
        fields = {
            "title": facts["标题"],
            "kind": facts.get("类型"),
            "state": state,
            "department": facts.get("主办单位"),
            "assigned_on": facts.get("交办日期"),
            "due_on": lead.due_on if lead else None,
            "replied_on": answered,
            "delivered_on": answered,
            "answer_class": letter,
            "evaluated_on": answered if mark else None,
            "result": mark,
            "closed_on": answered if state == S.CLOSED else None,
        }
        if facts.get("重点") and not found.is_key:
            fields |= {"key_on": facts.get("交办日期") or facts["提出日期"], "key_by": NO_BODY}
        return fields

    def _orders(self, facts: dict[str, Any], kept: Kept) -> list[Order]:
        """The orders that a row tells of: those that are there, and new ones, not saved yet."""
        if facts.get("交办日期") is None:
            return []
        found = []
        shares = [(facts["主办单位"], Order.Share.LEAD)]
        for department, share in shares + [(one, Order.Share.HELPER) for one in facts["会办单位"]]:
            order = kept.order_of(department, share)
            if order is None:
                order = Order(
                    suggestion=kept.found, area=kept.found.area, area_path=kept.found.area_path, share=share,
                    department=department,
                )  # fmt: skip
                for name, value in self._order_fields(facts, order).items():
                    setattr(order, name, value)
            found.append(order)
        return found

    def _order_changes(self, facts: dict[str, Any], order: Order) -> dict[str, Any]:
        changes = differing(order, self._order_fields(facts, order))
        if order.share == Order.Share.LEAD and order.department != facts["主办单位"]:
            changes["department"] = facts["主办单位"]
        return changes

    def _order_fields(self, facts: dict[str, Any], order: Order) -> dict[str, Any]:
        on, answered = facts["交办日期"], facts.get("答复日期")
        helps = order.share == Order.Share.HELPER
        state = OrderState.ISSUED
        if answered:
            state = OrderState.OPINED if helps else OrderState.REPLIED
        fields: dict[str, Any] = {"issued_on": on, "replied_on": answered, "state": state}
        fields["answer_class"] = "" if helps else facts.get("答复类别") or ""
        if order.issued_on != on:
            rule = "suggestion_opinion_months" if helps else "suggestion_months"
            months, roll = (
                self.clock.rule(rule, order.area, on),
                self.clock.rule("months_roll", order.area, on),
            )
            due = self.clock.due_in_months(on, months, roll=bool(roll))
            days = self.clock.rule("suggestion_return_days", order.area, on)
            fields |= {"months": months, "due_on": due.day, "due_because": due.explanation}
            fields["accept_by"] = self.clock.due(on, days).day
        return fields

    # --- Writing ---

    def _write(self) -> None:
        by = self.run.by
        self._open_sessions(one.session for one in self.new if one.session is not None)
        for found in self.new:
            found.session = found.session  # its key is known now
        enter_all(self.new, by=by, note=NOTE)
        beside = {parts.there.found.pk: parts.told() for parts in self.parts}
        amend_all(self.changes, by=by, note=NOTE, data=beside)
        amend_all(self.order_changes, by=by, note=NOTE)
        orders: list[Order] = []
        signers: list[Signer] = []
        items: list[SuggestionItem] = []
        marks: list[Evaluation] = []
        fewer: dict[int, list[int]] = defaultdict(list)  # how many items are left, of which suggestions
        for parts in self.parts:
            found, there = parts.there.found, parts.there
            for place, order in enumerate(parts.orders, len(there.orders) + 1):
                order.suggestion, order.number = found, f"{found.number}-{place}"
                orders.append(order)
            on = found.submitted_on or found.written_on
            told = {"asked_on": on, "expires_on": on, "answered_on": on, "delivered_on": found.delivered_on}
            signers += [
                Signer(suggestion=found, mandate=one, state=Signer.State.CONFIRMED, **told)
                for one in parts.signers
            ]
            if parts.items is not None:
                items += [
                    SuggestionItem(suggestion=found, position=place, text=UNWRITTEN)
                    for place in range(there.items + 1, parts.items + 1)
                ]
                if parts.items < there.items:
                    fewer[parts.items].append(found.pk)
            if parts.mark:
                marks.append(self._evaluation(found, parts.mark))
        enter_all(orders, by=by, note=NOTE)
        Signer.objects.bulk_create(signers, batch_size=BATCH)
        SuggestionItem.objects.bulk_create(items, batch_size=BATCH)
        Evaluation.objects.bulk_create(marks, batch_size=BATCH)
        for left, keys in fewer.items():
            for start in range(0, len(keys), IN_ONE_QUERY):
                of_these = SuggestionItem.objects.filter(suggestion__in=keys[start : start + IN_ONE_QUERY])
                of_these.filter(position__gt=left).delete()
        self._deliver([found.pk for found, changes in self.changes if "delivered_on" in changes])
        self._go_on_counting()

    def _deliver(self, keys: Sequence[int]) -> None:
        """Whoever signed had the answer on the day that the suggestion has."""
        day = Suggestion.objects.filter(pk=OuterRef("suggestion")).values("delivered_on")
        for start in range(0, len(keys), IN_ONE_QUERY):
            signed = Signer.objects.filter(
                suggestion__in=keys[start : start + IN_ONE_QUERY], state=Signer.State.CONFIRMED
            )
            signed.update(delivered_on=Subquery(day))

    def _evaluation(self, found: Suggestion, mark: str) -> Evaluation:
        unhappy = mark == Rating.Mark.UNSATISFIED
        return Evaluation(
            suggestion=found, round=1, mandate=found.lead, on=found.evaluated_on or self.run.today, attitude=mark, result=mark,
            reason=UNKNOWN if unhappy else "", how=Rating.How.PAPER, by=self.run.by,
        )  # fmt: skip

    def _open_sessions(self, sessions: Iterable[CongressSession]) -> None:
        for session in sessions:
            if session.pk is None:
                session.save(force_insert=True)
                AuditEntry.objects.record(
                    session, "enter", by=self.run.by, note=NOTE, area_path=session.term.congress.area.path
                )

    def _go_on_counting(self) -> None:
        """Numbers as the house gives them out itself: the next one goes on from them."""
        ours: dict[str, int] = {}
        for found in self.new:
            prefix = found.series.partition(":")[2]
            rest = found.number.removeprefix(prefix)
            if rest != found.number and rest.isdigit():
                ours[found.series] = max(ours.get(found.series, 0), int(rest))
        Series.objects.reach(ours)
