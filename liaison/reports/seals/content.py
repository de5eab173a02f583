"""A sealed report, made again: the figures that were sealed, the ledgers as the record says they were then."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar

from django.utils import timezone

from liaison.accounts.models import Area
from liaison.reports import breakdown
from liaison.reports.issued.content import Content
from liaison.reports.metrics import FIVE_ORDERS, METRICS, Figure, FiveOrder, answers

from .models import Seal


@dataclass
class SealedContent(Content):
    """What a seal holds. Ledgers are as known when it was sealed, of what the asking post may see."""

    seal: Seal = None  # type: ignore[assignment]

    must_add_up: ClassVar[bool] = False  # a seal is given out whatever has become of its records

    @property
    def title(self) -> str:
        return f"{super().title}{'（更正）' if self.seal.corrects_id else ''}"

    def seal_lines(self) -> list[tuple[str, str]]:
        seal = self.seal
        lines = [
            (
                "定稿编号",
                seal.number + (f"（更正 {seal.corrects.number}：{seal.reason}）" if seal.corrects else ""),
            ),
            ("定稿", f"{seal.actor}，{timezone.localtime(seal.created_at):%Y年%-m月%-d日 %H:%M}"),
            ("定稿校验码", seal.sha256),
        ]
        if not seal.is_current:
            lines.append(("已有更正", f"这一份已由 {seal.corrected_by.number} 更正"))
        if short := self.shortfall():
            lines.append(
                (
                    "台账",
                    f"{'、'.join(short)}和定稿的数字对不上：有您看不到的记录，或有记录没有通过系统改动。",
                )
            )
        if changed := self.seal.redefined():
            names = "、".join(METRICS[code].name for code in changed if code in METRICS)
            lines.append(("定义有变", f"{names}的定义在定稿以后改过，这里仍是定稿的数字。"))
        return lines

    @cached_property
    def figures(self) -> list[Figure]:
        """As sealed; a figure that came into the dictionary later is as known then."""
        values = dict(self.seal.figures)
        if later := [code for code in METRICS if code not in values]:
            values |= {figure.code: figure.value for figure in answers(replace(self.ask, post=None), later)}
        return [Figure(metric, values[code], values.get(metric.base)) for code, metric in METRICS.items()]

    @cached_property
    def five_orders(self) -> list[FiveOrder]:
        names = dict(FIVE_ORDERS)
        received = self.seal.orders[0][2]
        return [
            FiveOrder(names[code], Figure(METRICS[code], done), Figure(METRICS[code], became, received))
            for code, done, became in self.seal.orders
        ]

    def by_area(self) -> list[breakdown.Row]:
        areas = Area.objects.in_bulk([one["area"] for one in self.seal.areas], field_name="code")
        return [
            breakdown.Row(one["area"], one["name"], areas.get(one["area"], self.area), one["figures"])
            for one in self.seal.areas
        ]

    def by_station(self) -> Iterator[breakdown.Row]:
        """Counted by the house, as the figures are."""
        return Content(self.area, self.period, as_of=self.as_of).by_station()

    def shortfall(self) -> list[str]:
        """The figures that the ledgers do not add up to, by name: out of the reader's sight, or changed past the record."""
        return [METRICS[code].name for code, n in self.sums.items() if n != self.figure[code].value]
