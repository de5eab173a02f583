"""How far a request has come: the five steps, its rounds apart, and what is waited for now, in words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import F, Max, Q
from django.urls import reverse
from django.utils import timezone

from liaison.accounts.models import Post
from liaison.core.policy import policy_for, rule_by_place
from liaison.core.templatetags.ui import days_left
from liaison.core.workdays import Workdays
from visits.privacy import shown_words

from .models import Feedback, FollowUp, Order, Rating, Request
from .orders.queue import files_of, orders_of
from .workflow import ANSWERED_ORDERS, OPEN_ORDERS, TO_DISPATCH, OrderState, RequestState

S = RequestState
DONE, NOW, AHEAD = "done", "now", ""
WORDS = {DONE: "已完成", NOW: "现在", AHEAD: "还没到"}
NAMES = ("接单", "派单", "部门", "跟单", "评单")
FULL_NAMES = ("选民接单", "人大派单", "部门接单", "代表跟单", "群众评单")


@dataclass(frozen=True)
class FiveStep:
    name: str
    stand: str
    said: str


@dataclass
class Round:
    """One time that a request was handled: who had to answer, how the person was told, what was said of it."""

    number: int
    orders: list[Order] = field(default_factory=list)
    feedbacks: list[Feedback] = field(default_factory=list)
    followups: list[FollowUp] = field(default_factory=list)
    rating: Rating | None = None

    @property
    def answers(self) -> list[Order]:
        """Written for the citizen: a helper's opinion is not."""
        return [
            one for one in self.orders if one.state == OrderState.REPLIED and one.share != Order.Share.HELPER
        ]

    @property
    def owing(self) -> list[Order]:
        """Who answers, or has answered."""
        live = (*OPEN_ORDERS, *ANSWERED_ORDERS)
        return [one for one in self.orders if one.share != Order.Share.HELPER and one.state in live]

    @property
    def departments(self) -> str:
        return "、".join(one.department.name for one in self.owing)

    @property
    def is_followed(self) -> bool:
        return any(one.voided_at is None for one in self.followups)


def rounds_of(found: Request, orders: Iterable[Order] | None = None) -> list[Round]:
    """The rounds so far, the first one first. `orders` where they were read. At most four queries, however many there are."""
    rounds = {number: Round(number) for number in range(1, found.round + 1)}
    if orders is None:
        own = Q(request=found)
        rows = Order.objects.filter(
            own | Q(request=found.joined_to_id, round=1) if found.joined_to_id else own
        )
        orders = rows.select_related("department").order_by("pk")
    for order in orders:
        rounds.setdefault(order.round, Round(order.round)).orders.append(order)
    for feedback in found.feedbacks.select_related("by").order_by("pk") if found.fed_back_on else ():
        rounds.setdefault(feedback.round, Round(feedback.round)).feedbacks.append(feedback)
    for rating in found.ratings.select_related("by__user") if found.rated_on else ():
        rounds.setdefault(rating.round, Round(rating.round)).rating = rating
    for one in found.followups.select_related("mandate__deputy", "by").order_by("day", "pk"):
        one.request = found
        rounds.setdefault(one.round, Round(one.round)).followups.append(one)
    return [rounds[number] for number in sorted(rounds)]


def rounds_read_by(found: Request, post: Post) -> list[Round]:
    """The rounds with the words that `post` may read, its buttons, files and photos. The first one first."""
    orders = orders_of(found, post, timezone.localdate())
    shown = rounds_of(found, [order for some in orders.values() for order in some])
    threads = [one for turn in shown for one in turn.followups]
    pictures = photos_of(threads, post)
    for turn in shown:
        if turn.rating:
            turn.rating.words = shown_words(found, turn.rating.reason, post) if turn.rating.reason else ""  # type: ignore[attr-defined]
        for told in turn.feedbacks:
            for name in ("proof", "note"):
                words = getattr(told, name)
                setattr(told, name, shown_words(found, words, post) if words else "")
        for one in turn.followups:
            one.words = shown_words(found, one.text, post) if one.text else ""  # type: ignore[attr-defined]
            one.photos = pictures.get(one.pk, [])  # type: ignore[attr-defined]
            one.may_void = one.is_kept_by(post)  # type: ignore[attr-defined]
    return shown


def photos_of(threads: Sequence[FollowUp], post: Post) -> dict[int, list[dict[str, str]]]:
    """Of each follow-up (by key) the photos that `post` may see, as ui/photos.html shows them."""
    found = {}
    for key, kept in files_of(threads, post).items():
        urls = [reverse("core:file", args=[one.key]) for one in kept]
        found[key] = [{"url": url, "thumb": url, "caption": f"跟单照片 {n}"} for n, url in enumerate(urls, 1)]
    return found


def five_steps(found: Request, turn: Round, *, full: bool = False) -> list[FiveStep]:
    """接单 派单 部门 跟单 评单: each done, now, or to come; `turn` is the round of now. To follow is never a condition."""
    state = found.state
    stands = [DONE, *_stands(found, turn)]
    words = [WORDS[stand] for stand in stands]
    if state in (S.ANSWERED_ON_SPOT, S.NOT_ACCEPTED, S.WITHDRAWN):
        words = [word if stand == DONE else "不用" for word, stand in zip(words, stands, strict=True)]
    elif not turn.is_followed and state in (S.FED_BACK, S.RATED, S.TRACKING, S.CLOSED):
        words[3] = "没有记录"
    if stands[4] == AHEAD and state in (S.TRACKING, S.CLOSED):
        words[4] = "没有评价"
    names = FULL_NAMES if full else NAMES
    return [FiveStep(*one) for one in zip(names, stands, words, strict=True)]


def _stands(found: Request, turn: Round) -> list[str]:
    """Of the four steps after the first."""
    state = found.state
    followed = DONE if turn.is_followed else AHEAD
    if state in TO_DISPATCH:
        return [NOW, AHEAD, AHEAD, AHEAD]
    if state in (S.ANSWERED_ON_SPOT, S.NOT_ACCEPTED):
        return [AHEAD, AHEAD, AHEAD, AHEAD]
    if state == S.WITHDRAWN:
        return [
            DONE if found.dispatched_on else AHEAD,
            DONE if found.accepted_on else AHEAD,
            followed,
            AHEAD,
        ]
    if state == S.JOINED and not turn.owing:
        return [NOW, AHEAD, AHEAD, AHEAD]
    accepted = any(one.state != OrderState.ISSUED for one in turn.owing)
    if state in (S.DISPATCHED, S.HANDLING, S.REHANDLING, S.JOINED) and not accepted:
        return [DONE, NOW, followed, AHEAD]
    if state in (S.HANDLING, S.REHANDLING, S.JOINED, S.REPLIED):
        return [DONE, DONE, followed or NOW, AHEAD]
    rated = DONE if turn.rating else NOW if state == S.FED_BACK else AHEAD
    return [DONE, DONE, followed, rated]


def what_now(found: Request, turn: Round, today: date) -> tuple[str, str]:
    """What is waited for, for who follows it, and its tone: info, warn, late or ok."""
    who = turn.departments
    match found.state:
        case S.REGISTERED | S.TRIAGED:
            return "等人大机关派单。", "info"
        case S.JOINED:
            due = found.answering.due_on
            then = (
                f"{who}{due:%-m月%-d日}前答复，{days_left(due, today)}" if due and who else "等人大机关派单"
            )
            return f"已并到 {found.answering.number} 一并办理，{then}。", "info"
        case S.ANSWERED_ON_SPOT:
            return "已经现场答复。", "ok"
        case S.NOT_ACCEPTED:
            return f"没有受理：{found.get_refused_display()}。", "info"
        case S.WITHDRAWN:
            return "反映人已撤回。", "info"
        case S.REPLIED:
            return f"{who}已答复，等联络站告诉本人。", "info"
        case S.FED_BACK:
            return "已经告诉本人，等本人评价。", "info"
        case S.RATED:
            return "本人已评价，等人大机关决定办结还是再办。", "info"
        case S.TRACKING:
            return f"承诺{found.promised_on:%-m月%-d日}完成，{days_left(found.promised_on, today)}。", "warn"
        case S.CLOSED:
            return f"已办结：{found.get_solved_display()}。", "ok"
    again = f"第 {found.round} 次办理，" if found.round > 1 else ""
    if all(one.state == OrderState.ISSUED for one in turn.owing):
        by = max((one.accept_by for one in turn.owing), default=None)
        if by and by < today:
            return f"{again}已派给{who}，应在{by:%-m月%-d日}前接单，{days_left(by, today)}。", "late"
        return f"{again}已派给{who}，{f'{by:%-m月%-d日}前' if by else '等它'}接单。", "warn"
    if found.due_on is None:
        return f"{again}{who}正在办理。", "warn"
    left = days_left(found.due_on, today)
    tone = "late" if found.due_on < today else "warn"
    return f"{again}{who}已接单，{found.due_on:%-m月%-d日}前答复，{left}。", tone


def mark_to_tell(rows: Iterable[Request], post: Post, today: date) -> None:
    """On each answered request (`tell_by`): until when the person is to be told, by the policy of its place."""
    waiting = {one.pk: one for one in rows if one.state == S.REPLIED}
    if not waiting:
        return
    orders = Order.objects.filter(request__in=list(waiting), round=F("request__round"))
    answered = dict(orders.values_list("request").annotate(day=Max("replied_on")))
    allowed = Request.objects.filter(pk__in=list(waiting)).annotate(
        allowed=rule_by_place("feedback_days", post.area, today)
    )
    calendar = Workdays.around(today)
    for key, days in allowed.values_list("pk", "allowed"):
        if day := answered.get(key) or waiting[key].replied_on:
            by = calendar.add(day, days).day
            waiting[key].tell_by, waiting[key].tell_late = by, by < today  # type: ignore[attr-defined]


def tell_by(found: Request, turn: Round) -> date | None:
    """Until when the person is to be told of the answer; None where there is none."""
    days = [one.replied_on for one in turn.answers if one.replied_on]
    if not days:
        return None
    day = max(days)
    return Workdays.around(day).add(day, policy_for(found.area, day).feedback_days).day
