"""What the person reads: how it stands, the answer, and what happened, in plain words and without any official's note."""

from dataclasses import dataclass
from datetime import date

from liaison.core.models import Attachment
from liaison.core.templatetags.ui import days_left
from suggestions.models import FollowUp, Rating, Request
from suggestions.progress import Round, tell_by
from suggestions.workflow import RequestState

S = RequestState
FOLLOWED = {
    FollowUp.Kind.VISIT: "到现场看过",
    FollowUp.Kind.CALL: "打电话问过办理情况",
    FollowUp.Kind.MEET: "约见了办理的单位",
    FollowUp.Kind.URGE: "催办过",
    FollowUp.Kind.COMMENT: "看过答复",
}


@dataclass(frozen=True)
class Told:
    """A line of the history."""

    day: date
    text: str


@dataclass(frozen=True)
class Standing:
    """How it stands: a sentence, what comes next, and the tone of the note around it."""

    text: str
    then: str = ""
    tone: str = ""


def _day(day: date | None) -> str:
    return f"{day:%-m月%-d日}" if day else ""


def standing(found: Request, turn: Round, today: date) -> Standing:
    """For each state one sentence that says what has happened, and one that says what will."""
    who = turn.departments or "承办单位"
    match found.state:
        case S.REGISTERED | S.TRIAGED:
            return Standing("收到了。", "人大机关会派给负责的单位，派出以后这里看得到。")
        case S.JOINED:
            due = found.answering.due_on
            then = (
                f"{who}{_day(due)}前答复，{days_left(due, today)}。"
                if due
                else "派给负责的单位以后，这里看得到。"
            )
            return Standing("收到了。别人也反映了同一件事，一并办理，答复也会告诉您。", then)
        case S.ANSWERED_ON_SPOT:
            return Standing("已经当场答复。", tone="note-ok")
        case S.NOT_ACCEPTED:
            return Standing("这件事不能受理。", tone="note-warn")
        case S.WITHDRAWN:
            return Standing("您已撤回。", "以后需要时可以再反映。")
        case S.REPLIED:
            by = tell_by(found, turn)
            return Standing(
                f"{who}已经答复。", f"联络站会在{_day(by)}前告诉您。" if by else "联络站会告诉您。"
            )
        case S.FED_BACK:
            return Standing("已经答复，请您评价。", tone="note-ok")
        case S.RATED:
            return Standing("收到您的评价。", "人大机关会看您的评价，决定办结还是再办。结果这里看得到。")
        case S.TRACKING:
            day = _day(found.promised_on)
            return Standing(f"单位承诺{day}完成。", "到那一天会再看办成没有：没有办成的，重新办理。")
        case S.CLOSED:
            solved = f"：{found.get_solved_display()}" if found.solved else ""
            return Standing(f"已办结{solved}。", "还有别的事，可以再到联络站反映。", "note-ok")
    again = f"第 {found.round} 次办理：" if found.round > 1 else ""
    if found.due_on is None:
        return Standing(f"{again}{who}正在办理。")
    if found.due_on < today:
        return Standing(
            f"{again}应在{_day(found.due_on)}前答复，{days_left(found.due_on, today)}。",
            "可以打电话问联络站。",
            "note-late",
        )
    doing = "正在办理" if any(one.accepted_on for one in turn.owing) else "已收到派单"
    return Standing(
        f"{again}{who}{doing}。", f"{_day(found.due_on)}前答复，{days_left(found.due_on, today)}。"
    )


def told_rounds(found: Request, rounds: list[Round]) -> list[Round]:
    """The rounds whose answer the person has been told of: before that, it may still be rewritten. Newest first."""
    told = (S.FED_BACK, S.RATED, S.TRACKING, S.CLOSED)
    return [
        turn for turn in rounds[::-1] if turn.answers and (turn.number < found.round or found.state in told)
    ]


def files_told(told: list[Round]) -> list[Attachment]:
    """The files of these answers that may leave the house."""
    answers = [order for turn in told for order in turn.answers]
    return list(Attachment.objects.of_all(answers).filter(public=True))


def with_files(told: list[Round]) -> None:
    """Lay beside each answer of these rounds the files that the person may have."""
    files = files_told(told)
    for turn in told:
        for order in turn.answers:
            order.files = [one for one in files if one.owner_id == order.pk]  # type: ignore[attr-defined]


def history(found: Request, rounds: list[Round]) -> list[Told]:
    """Newest first; of one day, in the order in which things happen."""
    lines = [Told(found.received_on, f"{found.station}收到您反映的问题")]
    for turn in rounds:
        again = f"第 {turn.number} 次办理，" if turn.number > 1 else ""
        for order in turn.owing:
            since = found.received_on  # an order that was there before is the person's from that day on
            lines.append(Told(max(order.issued_on, since), f"{again}派给{order.department}"))
            if order.accepted_on:
                lines.append(Told(max(order.accepted_on, since), f"{order.department}接单"))
        lines += [
            Told(one.day, f"代表{one.mandate.deputy.name}{FOLLOWED[FollowUp.Kind(one.kind)]}")
            for one in turn.followups
            if one.voided_at is None
        ]
        shown = turn.number < found.round or found.state != S.REHANDLING
        lines += [
            Told(one.replied_on, f"{one.department}答复") for one in turn.answers if one.replied_on and shown
        ]
        lines += [Told(one.on, f"告诉您办理情况（{one.get_how_display()}）") for one in turn.feedbacks]
        if turn.rating:
            lines.append(Told(turn.rating.on, rated_words(turn.rating)))
    if found.closed_on:
        ends = {S.WITHDRAWN: "您撤回了诉求", S.NOT_ACCEPTED: "没有受理", S.ANSWERED_ON_SPOT: "当场答复"}
        lines.append(Told(found.closed_on, ends.get(RequestState(found.state), "办结")))
    lines.sort(key=lambda line: line.day)  # stable: of one day they stand in order
    return lines[::-1]


def rated_words(rating: Rating) -> str:
    taken = "（联络站按您说的代记）" if rating.by_id else ""
    return (
        f"您的评价{taken}：办理态度{rating.get_attitude_display()}，办理结果{rating.get_result_display()}，"
        f"{rating.get_solved_display()}"
    )
