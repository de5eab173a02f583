"""How far each mandate is with its quotas on a day, as columns of a query; and a person's own quotas.

What is asked depends on level, place and first day of the mandate. It is written into the query as steps (`thresholds`),
so that a list of those who are behind can be read page by page, whatever the size of the area.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import (
    Case,
    DecimalField,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, Greatest

from deputies.contacts.models import Leader
from deputies.models import Level, Mandate
from liaison.accounts.models import Area, Post, Role
from liaison.core.policy import latest_by_place
from liaison.reports.metrics import ASKERS, METRICS, Ask
from visits.models import Attendance

from .table import QUOTAS, Quota, thresholds

READERS = (*ASKERS, Role.DEPUTY)
TENTHS = DecimalField(max_digits=8, decimal_places=1)


@dataclass(frozen=True)
class View:
    """A question: the mandates of which area, as of which day of the year, and who asks."""

    area: Area
    on: date
    post: Post

    @property
    def first(self) -> date:
        return date(self.on.year, 1, 1)


def serving(view: View) -> QuerySet[Mandate]:
    """Mandates of the area held on the day and not suspended, as network.mandates finds them."""
    held = METRICS["network.mandates"].records(Ask(view.area, view.first, view.on, view.post))
    return held.filter(Q(suspended_on=None) | Q(suspended_on__gt=view.on))


def with_progress(
    mandates: QuerySet[Mandate], area: Area, on: date, quotas: Iterable[Quota] = tuple(QUOTAS.values())
) -> QuerySet[Mandate]:
    """Adds for each quota `year_`, `due_` and `done_`: asked in the year, by the day, and done in the year by the day.

    `area` is the widest in which the mandates lie. One statement reads the rules.
    """
    chosen = list(quotas)
    names = {quota.rule_of(level) for quota in chosen for level in Level.values}
    rules = latest_by_place(names, area, on)
    leads = Leader.objects.current(on).filter(mandate__deputy=OuterRef("deputy"))
    rows = mandates.annotate(
        began=Greatest("from_on", Coalesce("resumed_on", "from_on")), leading=Exists(leads)
    )
    first = date(on.year, 1, 1)
    added: dict[str, Any] = {}
    for quota in chosen:
        made = quota.records(first, on).filter(**{quota.person: OuterRef("deputy")}).order_by()
        number = Subquery(made.values(quota.person).annotate(n=quota.value).values("n"), output_field=TENTHS)
        added[f"done_{quota.code}"] = Coalesce(number, Value(Decimal(0)), output_field=TENTHS)
        added[f"year_{quota.code}"] = _asked(quota, rules, on, by_day=False)
        added[f"due_{quota.code}"] = _asked(quota, rules, on, by_day=True)
    return rows.annotate(**added)


def _asked(quota: Quota, rules: dict[str, list[tuple[str, Any]]], on: date, *, by_day: bool) -> Any:
    """What a mandate owes, by level, place and first day."""
    whens = []
    for level in Level.values:
        for place, asked in rules[quota.rule_of(level)]:
            where = {"area_path__startswith": place} if place else {}
            whens.append(When(level=level, **where, then=_steps(asked, on, by_day=by_day)))
    owed = Case(*whens, default=Value(0), output_field=IntegerField())
    return Case(When(leading=True, then=owed), default=Value(0)) if quota.leaders else owed


def _steps(asked: int, on: date, *, by_day: bool) -> Any:
    steps = [When(began__lte=day, then=Value(owed)) for day, owed in thresholds(asked, on, by_day)]
    return Case(*steps, default=Value(0), output_field=IntegerField()) if steps else Value(0)


def behind(rows: QuerySet[Mandate], quotas: Iterable[Quota]) -> QuerySet[Mandate]:
    """Those who by the day have done less than is due in one of these."""
    lacking = Q()
    for quota in quotas:
        lacking |= Q(**{f"done_{quota.code}__lt": Cast(F(f"due_{quota.code}"), TENTHS)})
    return rows.filter(lacking)


@dataclass(frozen=True)
class Progress:
    """One quota of one person: done so far, asked by the day, asked in the year."""

    quota: Quota
    done: Decimal
    due: int
    year: int

    @property
    def lacking(self) -> Decimal:
        """In the year."""
        return max(Decimal(0), self.year - self.done)

    @property
    def is_behind(self) -> bool:
        return self.done < self.due

    @property
    def shown(self) -> str:
        return tenths(self.done)

    @property
    def gap(self) -> str:
        return tenths(self.lacking)


def tenths(number: Decimal) -> str:
    """2, 2.5"""
    return f"{number:.1f}".removesuffix(".0")


def of(mandate: Any, quotas: Iterable[Quota] = tuple(QUOTAS.values())) -> list[Progress]:
    """The quotas of a mandate fetched `with_progress`; those that are not asked of it are left out."""
    return [
        Progress(
            quota,
            getattr(mandate, f"done_{quota.code}"),
            getattr(mandate, f"due_{quota.code}"),
            getattr(mandate, f"year_{quota.code}"),
        )
        for quota in quotas
        if getattr(mandate, f"year_{quota.code}")
    ]


def own(post: Post, on: date) -> list[Progress]:
    """A deputy's own quotas: of several mandates the one that asks most; nothing is asked twice."""
    held = Mandate.objects.of(post).can_serve(on)
    found: dict[str, Progress] = {}
    for one in held.select_related("area"):  # each with the rules of its place: those of all places are many
        for progress in of(with_progress(held.filter(pk=one.pk), one.area, on).get()):
            known = found.get(progress.quota.code)
            if known is None or (progress.year, progress.due) > (known.year, known.due):
                found[progress.quota.code] = progress
    return [found[code] for code in QUOTAS if code in found]


def records_of(quota: Quota, deputy: int, on: date, post: Post) -> tuple[Any, int]:
    """The records of a person in sight of the post, and how many count beyond them."""
    counted = quota.records(date(on.year, 1, 1), on).filter(**{quota.person: deputy})
    seen = counted.filter(pk__in=counted.model._default_manager.visible_to(post).order_by().values("pk"))
    return seen, counted.count() - seen.count()


def absences(deputies: Any, on: date) -> dict[int, dict[str, int]]:
    """By deputy (keys, or a query of them): how often on a roster and due, came, excused, absent in the year by the day. One statement."""
    year = Attendance.objects.filter(activity__day__range=(date(on.year, 1, 1), on))
    return year.filter(mandate__deputy__in=deputies).tally_by_deputy()
