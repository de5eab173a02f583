"""The department that a request will probably go to, learned from where the office sent others like it. With its reason.

Two grounds: requests told in the same words, and requests of the same category in the same county. Without enough of
either, what departments have been entered as being there for. Else nothing is suggested; the office always decides.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, F, Q
from django.db.models.functions import Substr

from liaison.accounts.models import Post
from suggestions.models import Department, Request
from suggestions.themes.finding import COUNTY, Candidate, beside, corpus_of, counties, kind_of, of_kinds, pool

YEAR = timedelta(days=365)
LIKE_LEAST, LIKE_SHARE = 3, 0.6  # so many told alike, so large a part of them to one department
KIND_LEAST, KIND_SHARE = 5, 0.5  # likewise of one category
COMPARED = 10  # the most alike that count


@dataclass(frozen=True)
class Suggestion:
    department: Department
    reason: str


@dataclass(frozen=True)
class Help:
    """What the office is told beside a request: where it may go, and what says the same."""

    suggestion: Suggestion | None
    candidates: list[Candidate]
    departments: list[Department]

    @property
    def doubles(self) -> list[Candidate]:
        return [one for one in self.candidates if one.same]


def departments_for(requests: Iterable[Request], post: Post) -> dict[int, list[Department]]:
    """For each request (by key) the departments that `post` may give it to, in one statement. Never the one it is about."""
    rows = list(requests)
    there = Department.objects.for_places({row.area_path for row in rows}, post).filter(active=True)
    found = list(there.order_by("-area_path", "pk"))
    return {
        row.pk: [one for one in found if row.area_path.startswith(one.area_path) and one.pk != row.about_id]
        for row in rows
    }


def help_for(requests: Sequence[Request], post: Post, today: date) -> dict[int, Help]:
    """For the rows of a page, read with `category__parent`: three statements, however many rows."""
    departments = departments_for(requests, post)
    known = pool(requests, post)
    corpus = corpus_of(known)
    near = beside(requests, known, corpus, most=COMPARED)
    counts = _past(requests, post, today)
    return {
        row.pk: Help(
            _by_words(near[row.pk], departments[row.pk])
            or _by_kind(row, counts, departments[row.pk])
            or _by_duty(row, departments[row.pk]),
            near[row.pk][:3],
            departments[row.pk],
        )
        for row in requests
    }


def _by_words(near: Sequence[Candidate], allowed: Sequence[Department]) -> Suggestion | None:
    sent = [one for one in near if one.request.department_id is not None]
    if len(sent) < LIKE_LEAST:
        return None
    key, most = Counter(one.request.department_id for one in sent).most_common(1)[0]
    department = next((one for one in allowed if one.pk == key), None)
    if department is None or most < LIKE_SHARE * len(sent):
        return None
    words = Counter(phrase for one in sent for phrase in one.phrases[:1])
    said = f"，都说到“{words.most_common(1)[0][0]}”" if words else ""
    return Suggestion(department, f"说法相近的 {len(sent)} 件中 {most} 件派给{department}{said}")


Past = Mapping[tuple[str, int | None], Counter[int]]


def _past(requests: Sequence[Request], post: Post, today: date) -> Past:
    """Where requests of these categories and counties went in the past year: (county, category) → department → number."""
    if not requests:
        return {}
    rows = (
        Request.objects.visible_to(post)
        .filter(
            counties(requests),
            of_kinds(requests),
            Q(category__isnull=False),
            department__isnull=False,
            received_on__gte=today - YEAR,
        )
        .values(county=Substr("area_path", 1, COUNTY), kind=F("category"), above=F("category__parent"))
        .annotate(to=F("department"), n=Count("pk"))
    )
    counts: dict[tuple[str, int | None], Counter[int]] = defaultdict(Counter)
    for row in rows:
        for kind in {row["kind"], row["above"] or row["kind"]}:
            counts[row["county"], kind][row["to"]] += row["n"]
    return counts


def _by_kind(row: Request, counts: Past, allowed: Sequence[Department]) -> Suggestion | None:
    """Of the category itself where there were enough, or else of the upper one."""
    if row.category is None:
        return None
    for kind in (row.category_id, kind_of(row.category)):
        past: Counter[int] = counts.get((row.area_path[:COUNTY], kind), Counter())
        total = past.total()
        if total < KIND_LEAST:
            continue
        key, most = past.most_common(1)[0]
        department = next((one for one in allowed if one.pk == key), None)
        if department is not None and most >= KIND_SHARE * total:
            return Suggestion(department, f"近一年同类 {total} 件中 {most} 件派给{department}")
    return None


def _by_duty(row: Request, allowed: Sequence[Department]) -> Suggestion | None:
    """The nearest department that is there for the category, or else for the upper one; none where several are."""
    kinds = [row.category, row.category.parent] if row.category else []
    for kind in kinds:
        there = [one for one in allowed if kind is not None and kind.name in one.duty_names]
        nearest = [one for one in there if one.area_path == there[0].area_path]
        if kind is not None and len(nearest) == 1:
            return Suggestion(nearest[0], f"{nearest[0]}负责“{kind}”类")
    return None
