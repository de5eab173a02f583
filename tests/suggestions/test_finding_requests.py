"""Finding requests by number or words: by POST only, in what one sees, and never by words that one may not read."""

import pytest
from django.db import connection
from django.http import QueryDict

from liaison.core.paging import keyset_page
from suggestions.models import Request
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


def test_a_department_finds_a_confidential_request_of_its_own_by_its_number(as_, people):
    bureau = f.DepartmentFactory(area=people.county)
    f.DepartmentStaffFactory(department=bureau, post=people.unit)
    found = f.RequestFactory(
        station=people.own, text="油烟直排，请保密。", confidential=True, number="2023-0901-0001"
    )
    f.OrderFactory(request=found, department=bureau)
    for post in (people.unit, people.auditor):
        assert list(Request.objects.visible_to(post).search(found.number, post)) == [found]
        assert not Request.objects.visible_to(post).search("油烟直排", post).exists()


SAID = {
    "heat": ("供暖温度低", "5号楼顶层暖气不热，白天室温15度，WiFi路由器都冻了。"),
    "cold": ("暖气片冰凉", "老人说：“暖 气不热”，希望有人管。"),
    "rare": ("䶮家巷路灯不亮", "𬭼村㛃街的路灯有100%不亮😀，a_b段尤其。"),
    "path": ("资料打不开", r"C:\wifi\表格.XLS 打不开，É 也认不出。"),
    "long": ("占道", "占道经营。" * 900 + "暖气不热"),
}
PHRASES = (
    "暖气不热", "暖气", "热，白", "气不", "不热暖气", "5号楼", "15", "室温15度，W", "wifi", "WIFI路由", ".xls", "𬭼村", "㛃街的",
    "䶮家", "😀，", "0%不", "%", "_", "a_b", "ab段", "\\", r"\wifi", r"c:\w", "é ", "É ", "“暖 气", "低5", "亮", "热", "飞碟降落",
)  # fmt: skip


def says(phrase, words):
    """What both databases must say: capital letters A to Z are like small ones, nothing else is like another."""
    title, text = ("".join(c.lower() if c.isascii() else c for c in one) for one in words)
    phrase = "".join(c.lower() if c.isascii() else c for c in phrase)
    return phrase in title or phrase in text


def test_both_databases_find_every_phrase_and_nothing_else(people):
    for name, (title, text) in SAID.items():
        f.RequestFactory(station=people.own, number=name, title=title, text=text)
    f.RequestFactory(station=people.other, title="暖气不热", text="5号楼15度，wifi")
    seen = Request.objects.visible_to(people.office).order_by("pk")
    with connection.cursor() as cursor:
        for by_index in (False, True) if connection.vendor == "postgresql" else (False,):
            if by_index:  # of so few rows it would read all
                cursor.execute("SET LOCAL enable_seqscan = off")
                assert "requests_by_phrases" in Request.objects.search("暖气", people.office).explain()
            for phrase in PHRASES:
                found = list(seen.search(phrase, people.office).values_list("number", flat=True))
                assert found == [name for name, words in SAID.items() if says(phrase, words)], phrase


def test_a_number_that_somebody_mentions_finds_both(people):
    f.RequestFactory(station=people.own, number="2026-1103-0042")
    f.RequestFactory(station=people.own, number="2026-1104-0001", text="上次的 2026-1103-0042 没有办好。")

    found = Request.objects.search("2026-1103-0042", people.office)

    assert set(found.values_list("number", flat=True)) == {"2026-1103-0042", "2026-1104-0001"}


def test_what_was_corrected_is_found_by_its_new_words_alone(people):
    told = f.RequestFactory(station=people.own)
    told.amend(by=people.office, title="路灯不亮", text="路灯不亮三天了。")

    assert not Request.objects.search("暖气", people.office).exists()
    assert Request.objects.search("灯不", people.office).get() == told


def test_hits_come_page_by_page_each_once(people):
    for number in range(5):
        f.RequestFactory(station=people.own, number=f"hit-{number}")
    f.RequestFactory(station=people.own, title="路灯", text="路灯不亮")
    hits = Request.objects.visible_to(people.office).search("暖气不热", people.office)
    query, numbers = QueryDict(), []
    while True:
        page = keyset_page(hits, ("-received_on", "-pk"), query, size=2)
        numbers += [row.number for row in page]
        if not page.next:
            break
        query = QueryDict(page.next.removeprefix("?"))

    assert numbers == [f"hit-{number}" for number in (4, 3, 2, 1, 0)]
