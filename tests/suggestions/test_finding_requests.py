"""Finding requests by number or words: by POST only, in what one sees, and never by words that one may not read."""

import pytest

from tests import factories as f

pytestmark = pytest.mark.once


def find(client, text):
    return client.post("/requests/find/", {"text": text})


def test_words_find_what_the_post_sees_the_newest_first(as_, people, django_assert_max_num_queries):
    for number, station in enumerate((people.own, people.own, people.other)):
        f.RequestFactory(
            station=station, text="楼下烧烤店油烟直排，夜间扰民。", number=f"2023-0901-000{number}"
        )
    f.RequestFactory(station=people.own)
    client = as_(people.office)

    with django_assert_max_num_queries(12):
        page = find(client, "油烟直排")

    assert [row.number for row in page.context["found"]] == ["2023-0901-0001", "2023-0901-0000"]
    assert [row.number for row in find(client, "2023-0901-0001").context["found"]] == ["2023-0901-0001"]
    assert "没有找到" in find(client, "无人机扰民").content.decode()
    assert find(client, "油").status_code == 422


def test_what_is_sought_stands_in_no_address(as_, people):
    f.RequestFactory(station=people.own, text="油烟直排")

    page = as_(people.office).get("/requests/find/?text=油烟直排")

    assert page.context["found"] is None


def test_confidential_words_are_not_found_by_who_may_not_read_them(as_, people):
    f.RequestFactory(station=people.own, text="油烟直排，请保密。", confidential=True)

    assert len(find(as_(people.office), "油烟直排").context["found"]) == 1
    assert find(as_(people.auditor), "油烟直排").context["found"] == []
