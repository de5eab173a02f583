"""Which figures of the dictionary are one's own, and how they stand. What counts is what the post may see: its own.

A deputy's attendances, people and requests are those of the deputy; a department's are those dispatched to it. The
lateness of an order is not among them: a case that several departments have is late for all who see it.
"""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from liaison.accounts.areas import NATION
from liaison.accounts.models import Area, Post, Role
from liaison.reports import charts
from liaison.reports.boards.stretches import BARS, Stretch, course, stretches, ticks
from liaison.reports.breakdown import By, broken_down
from liaison.reports.charts import Chart, Series
from liaison.reports.metrics import METRICS, Ask, Figure, answers
from liaison.reports.periods import said

OWN = {
    Role.DEPUTY: (
        "activity.attendances", "activity.visitors", "requests.received", "requests.followed", "requests.replied",
        "requests.satisfied", "suggestions.pieces", "suggestions.replied", "suggestions.met",
    ),
    Role.UNIT: (
        "requests.dispatched", "requests.accepted", "requests.replied", "requests.median_days", "requests.solved",
        "requests.rated", "requests.satisfied", "requests.rehandled", "suggestions.replied", "suggestions.class_a",
        "suggestions.class_b", "suggestions.class_c", "suggestions.class_d", "suggestions.met",
    ),
}  # fmt: skip
DRAWN = {
    Role.DEPUTY: ("每月接待和进站", ("activity.visitors", "activity.attendances"), "人次"),
    Role.UNIT: ("每月派来和答复", ("requests.dispatched", "requests.replied"), "件"),
}


def ask_of(post: Post, first: date, last: date) -> Ask:
    """The question about one's own, wherever it lies."""
    code, name = NATION
    return Ask(Area(code=code, name=name, path=""), first, last, post)


@dataclass(frozen=True)
class OwnBoard:
    post: Post
    first: date
    last: date

    def records(self, code: str, period: Stretch | None = None) -> str:
        days: Any = period or self
        return f"{reverse('own:records', args=[code])}?{urlencode(said(days.first, days.last))}"

    @cached_property
    def figures(self) -> list[tuple[Figure, str]]:
        found = answers(ask_of(self.post, self.first, self.last), OWN[Role(self.post.role)])
        return [(figure, self.records(figure.code)) for figure in found]

    @cached_property
    def chart(self) -> Chart:
        title, codes, unit = DRAWN[Role(self.post.role)]
        shown = stretches(self.first, self.last)
        whole = ask_of(self.post, shown[0].first, shown[-1].last)
        by_month = broken_down(whole, codes, By.MONTH)

        series = [
            Series(
                METRICS[code].name, course(shown, by_month, code), [self.records(code, one) for one in shown]
            )
            for code in codes
        ]
        drawn = charts.bars if len(shown) <= BARS else charts.lines
        return drawn("months", title, [one.name for one in shown], series, unit, ticks(shown))
