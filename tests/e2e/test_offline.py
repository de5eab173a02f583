"""The reception log and the door-to-door form without network: nothing is lost, nothing is doubled, nobody else's is seen."""

import json
import re
from io import BytesIO
from uuid import uuid4

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.utils import timezone
from playwright.sync_api import expect

from liaison.core.models import Attachment
from suggestions.models import Request
from tests import factories as f
from tests.conftest import session_of
from tests.e2e.conftest import PHONE
from tests.e2e.test_reception_day import log_one
from visits.models import Activity, Visit

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def log(people, today):
    """The address of the log of a day that is under way."""
    Activity.objects.update(state="OPEN")
    return f"/activities/{today.pk}/log/"


def kept(page):
    """Wait until the page can be opened without network."""
    page.evaluate(
        "async () => { while (!(await caches.match(location.pathname))) await new Promise(done => setTimeout(done, 50)); }"
    )


def queue(page):
    return page.locator("[data-queue]")


def enter(page, name, text="暖气不热"):
    page.get_by_label("姓名", exact=True).fill(name)
    page.get_by_label("反映的问题").fill(text)
    page.get_by_label("反映的问题").press("Control+Enter")
    expect(page.get_by_role("row", name=re.compile(name))).to_be_visible()


def sign_in(page, post, live_server):
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": session_of(post), "url": live_server.url}]
    )


def test_three_visits_without_network_a_reload_and_a_lost_answer_are_three_visits_once_each(
    people, log, open_browser
):
    page = open_browser(people.station)
    page.goto(log)
    page.get_by_label("住址（村/社区）").fill("火车站社区")
    page.get_by_label("张建国").check()
    page.get_by_label("姓名", exact=True).focus()
    kept(page)

    page.context.set_offline(True)
    for name, digit, text in (
        ("田秀兰", "1", "暖气不热"),
        ("韩志强", "4", "占道停车"),
        ("孙德福", "5", "垃圾没人清"),
    ):
        log_one(page, name, digit, text)
        expect(page.get_by_role("row", name=re.compile(f"{name}.*待上传"))).to_be_visible()
    expect(queue(page)).to_have_text("离线可录 · 待上传 3 条")
    page.reload()
    expect(queue(page)).to_have_text("离线可录 · 待上传 3 条")
    expect(page.get_by_role("row", name=re.compile("孙德福.*环境.*张建国.*提交派单.*待上传"))).to_be_visible()
    assert not Visit.objects.exists()

    sent = []

    def lose_the_first_answer(route):
        if route.request.method != "POST":
            return route.continue_()
        sent.append(route.request.headers["idempotency-key"])
        if len(sent) == 1:
            assert route.fetch().status == 201
            return route.abort()
        return route.continue_()

    page.context.route("**/log/", lose_the_first_answer)
    page.context.set_offline(False)
    expect(queue(page)).to_have_text("离线可录 · 待上传 3 条")
    page.evaluate("() => window.dispatchEvent(new Event('focus'))")

    expect(queue(page)).to_have_text("已全部上传")
    expect(page.get_by_role("row", name=re.compile("^1.*田秀兰.*已保存"))).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("^3.*孙德福.*已保存"))).to_be_visible()
    assert sent[0] == sent[1]
    assert len(set(sent)) == 3
    names = Visit.objects.order_by("serial").values_list("visitor__name", "visitor__address")
    assert list(names) == [("田秀兰", "火车站社区"), ("韩志强", "火车站社区"), ("孙德福", "火车站社区")]
    assert Request.objects.count() == 3


def test_a_list_fetched_while_an_answer_is_on_its_way_shows_each_visit_once(people, log, open_browser):
    page = open_browser(people.station)
    page.goto(log)
    kept(page)
    page.context.set_offline(True)
    enter(page, "田秀兰")
    enter(page, "韩志强")
    answers, told = [], []

    def hold_the_second_answer(route):
        if route.request.method != "POST":
            return route.abort() if told else route.continue_()
        answers.append((route, route.fetch()))
        return route.fulfill(response=answers[0][1]) if len(answers) == 1 else None

    page.context.route("**/log/", hold_the_second_answer)
    page.context.set_offline(False)
    page.evaluate("() => window.dispatchEvent(new Event('focus'))")
    expect(page.get_by_role("row", name=re.compile("^2.*韩志强.*已保存"))).to_be_visible()

    told.append("韩志强")
    held, answer = answers[1]
    held.fulfill(response=answer)

    expect(queue(page)).to_have_text("已全部上传")
    expect(page.get_by_role("row", name=re.compile("田秀兰|韩志强"))).to_have_count(2)
    expect(page.get_by_role("heading", name="登记第 3 位来访群众")).to_be_visible()


def test_an_expired_session_keeps_the_entry_and_any_page_after_signing_in_sends_it(
    people, log, open_browser, live_server
):
    page = open_browser(people.station)
    page.goto(log)
    kept(page)
    Session.objects.all().delete()

    enter(page, "田秀兰")

    expect(queue(page)).to_have_text("登录已过期，登录后自动上传 · 待上传 1 条")
    assert not Visit.objects.exists()
    sign_in(page, people.station, live_server)
    page.goto("/")
    expect(queue(page)).to_be_hidden()
    assert Visit.objects.get().visitor.name == "田秀兰"


def test_of_two_people_on_one_browser_neither_sees_nor_sends_the_others_entries(
    people, log, open_browser, live_server
):
    page = open_browser(people.station)
    page.goto(log)
    kept(page)
    Session.objects.all().delete()
    enter(page, "田秀兰")
    expect(queue(page)).to_contain_text("登录已过期")

    # While the page of the first still stands there, the second signs in.
    sign_in(page, people.station_child, live_server)
    page.evaluate("() => window.dispatchEvent(new Event('focus'))")
    expect(queue(page)).to_contain_text("登录已过期")
    page.goto("/visits/new/")
    page.wait_for_load_state("networkidle")
    expect(queue(page)).to_be_hidden()
    assert page.evaluate("log => caches.match(log).then(Boolean)", log) is False
    assert not Visit.objects.exists()

    sign_in(page, people.station, live_server)
    page.goto(log)
    expect(page.get_by_role("row", name=re.compile("田秀兰.*已保存"))).to_be_visible()
    assert Visit.objects.count() == 1


def test_a_day_closed_meanwhile_is_said_in_words_and_the_entry_waits_until_it_is_open_again(
    people, log, open_browser
):
    page = open_browser(people.station)
    page.goto(log)
    page.context.set_offline(True)
    enter(page, "田秀兰")
    enter(page, "韩志强")
    Activity.objects.update(state="CLOSED")
    page.context.set_offline(False)

    expect(queue(page)).to_have_text("2 条需修改")
    expect(page.get_by_text("这个接待日已结束。要补录，请先重新打开。").first).to_be_visible()
    page.locator(".tools details[data-menu] summary").click()
    page.get_by_role("button", name="退出").click()
    expect(page.get_by_text("还有 2 条没上传，联网后再退出。")).to_be_visible()
    with page.expect_download() as download:
        page.locator("#log [data-export]").click()
    assert "田秀兰" in download.value.path().read_text()
    assert "田秀兰" not in download.value.suggested_filename

    Activity.objects.update(state="OPEN")
    page.locator("#main").click(position={"x": 1, "y": 1})
    page.get_by_role("button", name="再传一次").click()
    expect(queue(page)).to_have_text("1 条需修改")
    expect(page.get_by_label("姓名", exact=True)).to_have_value(
        "韩志强"
    )  # the last one came back into the form
    page.get_by_label("反映的问题").fill("小区门口占道停车")
    page.get_by_label("反映的问题").press("Control+Enter")
    expect(queue(page)).to_have_text("已全部上传")
    assert sorted(Visit.objects.values_list("text", flat=True)) == ["小区门口占道停车", "暖气不热"]


def test_what_one_device_handed_out_goes_on_from_another_and_is_not_doubled(
    people, log, open_browser, tmp_path
):
    first = open_browser(people.station)
    first.goto(log)
    first.route(
        "**/log/", lambda route: route.abort() if route.request.method == "POST" else route.continue_()
    )
    enter(first, "田秀兰")
    enter(first, "韩志强")
    with first.expect_download() as download:
        first.locator("#log [data-export]").click()
    file = tmp_path / "left.json"
    download.value.save_as(file)
    first.unroute("**/log/")
    first.evaluate("() => window.dispatchEvent(new Event('focus'))")
    expect(queue(first)).to_have_text("已全部上传")
    Visit.objects.get(visitor__name="田秀兰")

    entries = json.loads(file.read_text())
    strange = entries[0] | {"key": str(uuid4()), "url": "/activities/1/steps/cancel/"}
    file.write_text(json.dumps([*entries, entries[1] | {"key": str(uuid4())}, strange]))
    second = open_browser(people.station)
    second.goto(log)
    asked = []
    second.on("request", lambda request: asked.append(request.url) if request.method == "POST" else None)
    second.get_by_text("读回“导出未上传”存的文件").click()
    second.get_by_label("导出的文件").set_input_files(file)

    expect(second.get_by_text("读回 3 条")).to_be_visible()
    expect(queue(second)).to_have_text("已全部上传")
    assert sorted(Visit.objects.values_list("visitor__name", flat=True)) == ["田秀兰", "韩志强", "韩志强"]
    assert all(url.endswith(log) for url in asked)
    second.get_by_label("导出的文件").set_input_files({"name": "a.json", "mimeType": "", "buffer": b"<html>"})
    expect(second.get_by_text("这个文件里没有能读回的登记。")).to_be_visible()


def test_a_walk_without_network_on_a_phone_with_a_photo_and_a_reload(people, today, open_browser, tmp_path):
    from PIL import Image

    Image.new("RGB", (2600, 1950), "white").save(tmp_path / "a.jpg", "JPEG")
    (tmp_path / "b.jpg").write_bytes(b"no picture")
    page = open_browser(people.deputy, viewport=PHONE)
    page.goto("/")
    page.get_by_role("link", name="登记走访").click()
    kept(page)

    page.context.set_offline(True)
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("alert").filter(has_text="请写走访的地点。")).to_be_focused()
    page.get_by_label("地点").fill("铁路新村3号楼")
    page.get_by_label("供暖").check()
    page.get_by_label("群众的原话").fill("楼道灯坏了半年")
    page.get_by_label("要答复", exact=True).check()
    page.get_by_label("照片").set_input_files([tmp_path / "a.jpg"] * 10)
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("alert").filter(has_text="一次最多 9 张，现在选了 10 张")).to_be_focused()
    page.get_by_label("照片").set_input_files([tmp_path / "a.jpg", tmp_path / "b.jpg"])
    page.get_by_role("button", name="保存").click()
    expect(queue(page)).to_have_text("离线可录 · 待上传 1 条、照片 2 张")
    expect(page.get_by_label("群众的原话")).to_have_value("")
    page.reload()
    expect(page.get_by_text("铁路新村3号楼：楼道灯坏了半年")).to_be_visible()
    page.context.set_offline(False)

    expect(page.get_by_text("这个文件不是照片")).to_be_visible()
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="不要了").click()
    expect(queue(page)).to_have_text("已全部上传")
    visit = Visit.objects.get()
    assert (visit.channel, visit.category.name, visit.outcome) == ("DOOR", "供暖", "DISPATCH")
    (photo,) = Attachment.objects.of(visit)
    with Image.open(BytesIO(photo.content())) as picture:
        assert picture.size == (1280, 960)


def test_a_refused_walk_is_not_put_over_the_one_that_is_half_typed(people, today, open_browser):
    page = open_browser(people.deputy, viewport=PHONE)
    page.goto("/visits/door/")
    kept(page)
    page.context.set_offline(True)
    page.get_by_label("地点").fill("铁路新村3号楼")
    page.get_by_label("群众的原话").fill("楼道灯坏了半年")
    page.get_by_label("不用答复").check()
    page.get_by_role("button", name="保存").click()
    expect(queue(page)).to_have_text("离线可录 · 待上传 1 条")
    people.deputy.mandate.suspend(timezone.localdate(), by=people.office)
    page.context.set_offline(False)
    expect(page.get_by_text("这一天您不在这个站履职")).to_be_visible()

    page.get_by_label("群众的原话").fill("暖气不热，还没写完")
    page.get_by_role("button", name="修改").click()
    expect(page.get_by_text("先保存正在录的这一户")).to_be_visible()
    expect(page.get_by_label("群众的原话")).to_have_value("暖气不热，还没写完")
    page.get_by_label("群众的原话").fill("")
    page.get_by_role("button", name="修改").click()
    expect(page.get_by_label("群众的原话")).to_have_value("楼道灯坏了半年")


def test_the_page_of_walks_stays_on_the_device_however_many_logs_follow(people, today, open_browser):
    page = open_browser(people.station)
    page.goto("/visits/door/")
    kept(page)
    logs = [f"/activities/{f.ActivityFactory(station=people.own).pk}/log/" for _ in range(4)]
    there = page.evaluate(
        """async (logs) => {
          const { active } = await navigator.serviceWorker.ready;
          for (const log of logs) {
            active.postMessage({ keep: log });
            while (!(await caches.match(log))) await new Promise((done) => setTimeout(done, 50));
          }
          const pages = (await caches.keys()).find((name) => name.startsWith("pages-"));
          return (await (await caches.open(pages)).keys()).map((one) => new URL(one.url).pathname);
        }""",
        logs,
    )
    assert sorted(there) == sorted(["/visits/door/", *logs[1:]])
