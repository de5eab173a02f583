"""Which requests may say the same: of one county, of one kind, within half a year of each other.

The database narrows the requests that are compared to at most some hundred; likeness of text is computed on those.
What is found is shown with the phrases that both share, and decided by a person.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import models
from django.db.models import F, Q, Window
from django.db.models.functions import Coalesce, RowNumber, Substr

from liaison.accounts.models import Post
from liaison.core.policy import Policy
from suggestions.models import Request
from suggestions.workflow import RequestState
from visits.models import Category

from .likeness import SAME, Corpus, Text, common, shared
from .models import is_growing

COUNTY, TOWN = 6, 9  # characters of a path that say which county, which township
WINDOW = timedelta(days=180)
TWICE = timedelta(days=60)  # who tells it again, tells it within these days
OF_A_KIND = 150  # newest requests of one county and category that are compared
BESIDE = 15  # of each other category, to know what is said whatever the matter is
MOST = 600  # requests that are compared at all
SHOWN = 3  # candidates beside one request


@dataclass(frozen=True)
class Candidate:
    """A request that may say the same as another: how alike, in which phrases; `same`: perhaps the same case twice."""

    request: Request
    likeness: float
    phrases: tuple[str, ...]
    same: bool


@dataclass(frozen=True)
class Group:
    """Requests that seem to be one matter, and how it grows: `now` in this period, `before` in the last."""

    requests: tuple[Request, ...]
    phrases: tuple[str, ...]
    now: int
    before: int
    growing: bool


def kind_of(category: Category | None) -> int | None:
    """The upper of the two levels: what one takes down as 室温不达标, another takes down as 供暖."""
    return None if category is None else category.parent_id or category.pk


def counties(requests: Iterable[Request]) -> Q:
    """Rows of the counties where these requests are."""
    paths = {request.area_path[:COUNTY] for request in requests}
    places = Q()
    for path in paths:
        places |= Q(area_path__gte=path, area_path__lt=str(int(path) + 1))
    return places


def of_kinds(requests: Iterable[Request], path: str = "category") -> Q:
    """Rows of the same upper categories as these, or of none."""
    kinds = {kind_of(request.category) for request in requests}
    if None in kinds:
        return Q()
    return Q(**{f"{path}__in": kinds}) | Q(**{f"{path}__parent__in": kinds}) | Q(**{path: None})


def pool(requests: Sequence[Request], post: Post) -> list[Request]:
    """What these requests are compared with, and some of other kinds, in one statement: newest first, at most MOST."""
    if not requests:
        return []
    days = [request.received_on for request in requests]
    rows = Request.objects.visible_to(post).filter(
        counties(requests), received_on__range=(min(days) - WINDOW, max(days) + WINDOW)
    )
    kinds = of_kinds(requests)
    return _newest_of_each_kind(rows, kinds | Q(nth__lte=BESIDE) if kinds else kinds)


def _newest_of_each_kind(rows: "models.QuerySet[Request]", kinds: Q) -> list[Request]:
    nth = Window(
        RowNumber(),
        partition_by=[Substr("area_path", 1, COUNTY), Coalesce("category__parent", "category")],
        order_by=[F("received_on").desc(), F("pk").desc()],
    )
    narrow = rows.exclude(state=RequestState.WITHDRAWN).annotate(nth=nth).filter(kinds, nth__lte=OF_A_KIND)
    newest = narrow.order_by("-received_on", "-pk").values("pk")[
        :MOST
    ]  # keys alone: texts are not sorted about
    found = Request.objects.filter(pk__in=newest).select_related("category", "department")
    return list(found.order_by("-received_on", "-pk"))


def corpus_of(requests: Iterable[Request]) -> Corpus:
    return Corpus(_text(request) for request in requests)


def _text(request: Request) -> Text:
    return Text(request.pk, request.wording, kind_of(request.category), request.area_path[:COUNTY])


def beside(
    requests: Sequence[Request], known: Sequence[Request], corpus: Corpus, *, most: int = SHOWN
) -> dict[int, list[Candidate]]:
    """For each request (by key) those among `known` that may say the same, the most alike first."""
    by_key = {request.pk: request for request in known}
    found = {}
    for request in requests:
        near = corpus.like(_text(request), most=4 * most)
        others = [(score, by_key[text.key]) for score, text in near]  # type: ignore[index]
        found[request.pk] = [
            Candidate(
                other,
                score,
                tuple(shared(request.wording, other.wording)),
                same=score >= SAME and _of_one_case(request, other),
            )
            for score, other in others
            if _apart(request, other) <= WINDOW
        ][:most]
    return found


def _apart(one: Request, other: Request) -> timedelta:
    return abs(one.received_on - other.received_on)


def _of_one_case(one: Request, other: Request) -> bool:
    """May it be one case told twice: the same township, and soon after."""
    return one.area_path[:TOWN] == other.area_path[:TOWN] and _apart(one, other) <= TWICE


def candidates(request: Request, post: Post, *, most: int = 5) -> list[Candidate]:
    """For the page of one request."""
    known = pool([request], post)
    return beside([request], known, corpus_of(known), most=most)[request.pk]


def groups(post: Post, today: date, policy: Policy) -> list[Group]:
    """What may be themes among the requests of the half year to `today` that belong to none. Growing ones first."""
    half_year = today - WINDOW + timedelta(days=1), today
    rows = Request.objects.visible_to(post).filter(theme=None, received_on__range=half_year)
    known = _newest_of_each_kind(rows, Q())
    by_key = {request.pk: request for request in known}
    found = []
    corpus = corpus_of(known)
    for texts in corpus.groups(least=policy.theme_least):
        members = tuple(by_key[text.key] for text in texts)  # type: ignore[index]
        now, before = growth(members, today, policy.theme_days)
        phrases = tuple(common((one.wording for one in members), known=corpus))
        found.append(Group(members, phrases, now, before, is_growing(now, before, policy)))
    return sorted(found, key=lambda group: (not group.growing, -group.now, -len(group.requests)))


def growth(requests: Iterable[Request], today: date, days: int) -> tuple[int, int]:
    """How many were received in the last `days` days, and in as many days before."""
    ages = Counter((today - request.received_on).days // days for request in requests)
    return ages[0], ages[1]
