"""Pages that begin after the last row seen: each row once, in order, whatever comes in meanwhile."""

import base64
import json

import pytest
from django.http import QueryDict
from django.test import RequestFactory
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from liaison.core.models import InboxItem
from liaison.core.paging import BadCursor, keyset_page, page_for
from tests import factories as f

ORDERS = [("-at", "-pk"), ("at", "pk"), ("kind", "-at", "pk"), ("text", "pk"), ("-key",)]
quick = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
rows = st.lists(
    st.tuples(
        st.integers(0, 3), st.sampled_from(["TODO", "INFO"]), st.sampled_from(["供暖", "", "物业", "a·b"])
    ),
    max_size=12,
)


@pytest.fixture
def user(db):
    return f.UserFactory()


def fill(user, made, prefix=""):
    InboxItem.objects.bulk_create(
        InboxItem(
            key=f"{prefix}{number}",
            user=user,
            kind=kind,
            text=text,
            at=f"2026-03-0{day + 1}T10:00:00.123456Z",
        )
        for number, (day, kind, text) in enumerate(made)
    )


def walk(order, size, address="", way="next", meanwhile=lambda: None):
    """The pages one after another, as lists of keys."""
    pages = []
    while True:
        page = keyset_page(InboxItem.objects.all(), order, QueryDict(address.removeprefix("?")), size=size)
        pages.append(page)
        address = getattr(page, way)
        if not address:
            return pages
        meanwhile()


@quick
@given(rows, st.sampled_from(ORDERS), st.integers(1, 5))
def test_turning_pages_gives_each_row_once_in_order_and_back_again(user, made, order, size):
    InboxItem.objects.all().delete()
    fill(user, made)
    expected = list(InboxItem.objects.order_by(*order))

    there = walk(order, size)
    assert [row for page in there for row in page] == expected
    assert all(len(page) == size for page in there[:-1])
    assert there[0].previous == ""

    if there[-1].previous:
        back = walk(order, size, there[-1].previous, "previous")
        assert [list(page) for page in reversed(back)] == [list(page) for page in there[:-1]]


@quick
@given(rows, rows, st.sampled_from(ORDERS), st.integers(1, 4))
def test_rows_that_come_in_meanwhile_shift_nothing(user, made, later, order, size):
    InboxItem.objects.all().delete()
    fill(user, made)
    expected = list(InboxItem.objects.order_by(*order).values_list("key", flat=True))
    todo = iter(enumerate(later))

    def one_more():
        for number, row in todo:
            fill(user, [row], prefix=f"later{number}:")
            return

    seen = [row.key for page in walk(order, size, meanwhile=one_more) for row in page]

    assert [key for key in seen if not key.startswith("later")] == expected
    assert len(seen) == len(set(seen))


def test_going_back_to_what_has_gone_shows_the_first_page(user):
    fill(user, [(0, "TODO", "")] * 4)
    second = walk(("pk",), 2)[1]
    InboxItem.objects.filter(key__in=["0", "1"]).delete()

    page = keyset_page(InboxItem.objects.all(), ("pk",), QueryDict(second.previous[1:]), size=2)

    assert [row.key for row in page] == ["2", "3"]
    assert page.previous == page.next == ""


def test_filters_stay_in_the_address_of_the_next_page(user):
    fill(user, [(0, "TODO", "")] * 3)
    page = keyset_page(InboxItem.objects.all(), ("pk",), QueryDict("q=供暖&kind=TODO"), size=2)
    assert QueryDict(page.next[1:])["q"] == "供暖"


def test_a_total_only_where_it_is_asked_for(user, django_assert_num_queries):
    fill(user, [(0, "TODO", "")] * 3)
    with django_assert_num_queries(1):
        assert keyset_page(InboxItem.objects.all(), ("pk",), QueryDict(), size=2).count is None
    with django_assert_num_queries(2):
        assert keyset_page(InboxItem.objects.all(), ("pk",), QueryDict(), size=2, count=True).count == 3


def coded(*values):
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


BAD = [
    "x", "====", "供暖", coded(), coded("n"), coded("n", 1, 2, 3), coded("x", "2026-03-01T10:00:00Z", 1),
    coded("n", "gestern", 1), coded("n", "2026-03-01T10:00:00Z", "x"), coded("n", None, 1), coded("n", [], {}),
    coded("n", "2026-13-01T10:00:00Z", 1), coded("n", "2026-03-01T10:00:00Z", float("inf")), coded("n", 5, 1),
    base64.urlsafe_b64encode(b"[" * 2500).decode(), base64.urlsafe_b64encode(b"\xff\xfe").decode(),
]  # fmt: skip


@pytest.mark.parametrize("cursor", BAD)
def test_an_address_that_we_did_not_make_shows_the_first_page(user, cursor):
    fill(user, [(0, "TODO", "")] * 3)
    with pytest.raises(BadCursor):
        keyset_page(InboxItem.objects.all(), ("-at", "-pk"), QueryDict(mutable=True) | {"cursor": cursor})

    request = RequestFactory().get("/inbox/", {"cursor": cursor})
    page = page_for(request, InboxItem.objects.all(), ("-at", "-pk"), size=2)

    assert [row.key for row in page] == ["2", "1"]
    assert "cursor" in page.next


@pytest.mark.parametrize("value", [10**30, -(10**30), 2**63])
def test_a_number_beyond_the_database_is_no_error(user, value):
    fill(user, [(0, "TODO", "")] * 3)
    page = keyset_page(InboxItem.objects.all(), ("pk",), QueryDict(f"cursor={coded('n', value)}"), size=2)
    assert len(page) in (0, 2)


def test_a_text_may_hold_anything_but_nul(user):
    fill(user, [(0, "TODO", "'; DROP TABLE--"), (0, "TODO", "b")])
    first = keyset_page(InboxItem.objects.all(), ("text", "pk"), QueryDict(), size=1)
    assert [
        row.text for row in keyset_page(InboxItem.objects.all(), ("text", "pk"), QueryDict(first.next[1:]))
    ] == ["b"]
    with pytest.raises(BadCursor):
        keyset_page(InboxItem.objects.all(), ("text", "pk"), QueryDict(f"cursor={coded('n', chr(0), 1)}"))
