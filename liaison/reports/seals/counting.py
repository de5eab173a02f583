"""The figures of a period with the records behind each, counted for a seal or to be compared with one."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from liaison.accounts.models import Area
from liaison.reports import breakdown
from liaison.reports.issued.content import OF_AREAS
from liaison.reports.metrics import METRICS, Ask, Metric, Rule, answers, five_orders, middle

from .keys import Keys


@dataclass(frozen=True)
class Counted:
    """`orders`: of each of the five orders its code, in the period, of the received. `areas`: code and figures, in order."""

    figures: dict[str, int]
    orders: list[list[Any]]
    areas: list[dict[str, Any]]
    keys: dict[str, Keys]
    models: dict[str, str]  # of the records behind each figure


def count(
    area: Area, first: date, last: date, as_of: datetime, told: Callable[[int], None] = lambda done: None
) -> Counted:
    """Everything as the house sees it, known at a moment. `told` hears how many figures are done."""
    ask = Ask(area, first, last, None, as_of)
    figures = {figure.code: figure.value for figure in answers(ask, METRICS)}
    keys, models = _all_keys(ask, told)
    orders = [
        [order.in_period.code, order.in_period.value, order.of_received.value] for order in five_orders(ask)
    ]
    return Counted(figures, orders, _areas(ask), keys, models)


def recount(area: Area, first: date, last: date, told: Callable[[int], None] = lambda done: None) -> Counted:
    """The figures as they are now, from the records themselves and nothing that was counted beforehand."""
    keys, models = _all_keys(Ask(area, first, last), told)
    return Counted({code: worth(METRICS[code], found) for code, found in keys.items()}, [], [], keys, models)


def worth(metric: Metric, keys: Keys) -> int:
    """The value of a figure that has these records."""
    if metric.rule == Rule.MEDIAN_DAYS:
        return middle([(days, 1) for days in keys.adds or ()])
    return len(keys) if keys.adds is None else sum(keys.adds)


def _all_keys(ask: Ask, told: Callable[[int], None]) -> tuple[dict[str, Keys], dict[str, str]]:
    keys, models = {}, {}
    for done, (code, metric) in enumerate(METRICS.items(), 1):
        rows = metric.records(ask)
        keys[code] = _keys(metric, rows)
        models[code] = rows.model._meta.label_lower
        told(done)
    return keys, models


def _areas(ask: Ask) -> list[dict[str, Any]]:
    rows = breakdown.by_area(ask, [code for code, _ in OF_AREAS])
    return [{"area": row.thing.code, "name": row.label, "figures": dict(row.values)} for row in rows]


def _keys(metric: Metric, rows: Any) -> Keys:
    rows = rows.order_by("pk")
    match metric.rule:
        case Rule.HEADCOUNT:
            found = list(rows.values_list("pk", "headcount").iterator())
        case Rule.ITEMS:
            found = list(rows.values_list("pk", "pieces_items").iterator())
        case Rule.MEDIAN_DAYS:
            days = rows.values_list("pk", "received_on", "replied_on").iterator()
            found = [(pk, (replied - received).days) for pk, received, replied in days]
        case _:
            return Keys(tuple(rows.values_list("pk", flat=True).iterator()))
    return Keys(tuple(pk for pk, _ in found), tuple(adds for _, adds in found))


def dictionary() -> list[dict[str, str]]:
    """The definitions as they are, to be sealed with the figures."""
    return [
        {
            "code": metric.code,
            "name": metric.name,
            "unit": metric.unit,
            "definition": metric.definition,
            "day": metric.day,
            "base": metric.base,
        }
        for metric in METRICS.values()
    ]
