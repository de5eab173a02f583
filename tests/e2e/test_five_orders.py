"""The five orders in a browser: asked at the desk, followed on the phone, told, found wanting, done again, done well."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from suggestions.models import FollowUp, Rating, Request
from tests import factories as f
from tests.e2e.conftest import PHONE
from tests.e2e.test_reception_day import log_one
from visits.models import Activity

FIRST = "管网已检修，阀门已换，请再观察两天，还不热请打电话。"
SECOND = "换了整根立管，当天入户测温十九度，反映人看过，签了字。"

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def housing(people):
    bureau = f.DepartmentFactory(area=people.county, name="平城区住建局", contact="陈工", phone="03525550101")
    f.DepartmentStaffFactory(department=bureau, post=people.unit)
    return bureau


def accept(page):
    """The department accepts what is new, from its home."""
    page.goto("/")
    page.get_by_role("button", name=re.compile("^接单")).click()
    expect(page.get_by_role("link", name=re.compile("^答复")).first).to_be_visible()


def answer(page, text):
    """The department answers what it has in hand."""
    page.goto("/")
    page.get_by_role("link", name=re.compile("^答复")).click()
    page.locator("[name=answer_class][value=A]").check()
    page.get_by_label("答复群众").fill(text)
    page.get_by_label("签发人").fill("陈局长")
    page.locator("form.form button.btn-1").click()
    expect(page.get_by_role("link", name=re.compile("^答复"))).to_have_count(0)


def tell(page, found):
    """The station tells the person; gives what the slip says."""
    page.goto(found.get_absolute_url())
    page.get_by_role("link", name="告知本人").click()
    expect(page.get_by_role("heading", name="答复")).to_be_visible()
    page.get_by_label("电话", exact=True).check()
    page.get_by_role("button", name="登记已告知").click()
    expect(page.get_by_role("heading", name="查询单")).to_be_visible()
    return page.locator(".code").inner_text()


def test_from_the_desk_over_a_bad_rating_to_the_end(people, today, housing, open_browser):
    Activity.objects.update(state="OPEN")
    station = open_browser(people.station)
    station.goto(f"/activities/{today.pk}/log/")
    station.get_by_label("住址（村/社区）").fill("火车站社区")
    station.get_by_label("张建国").check()
    station.get_by_label("姓名", exact=True).focus()
    log_one(station, "田秀兰", "1", "5号楼顶层暖气不热", "13900005521")
    expect(station.get_by_role("row", name=re.compile("田秀兰.*已保存"))).to_be_visible()

    found = Request.objects.get()
    office = open_browser(people.office)
    office.goto(found.get_absolute_url())
    office.get_by_role("link", name="派单", exact=True).last.click()
    office.get_by_label("主办单位").select_option(label="平城区住建局")
    office.get_by_role("button", name="确定派单").click()
    expect(office.get_by_text("已派给平城区住建局").first).to_be_visible()
    unit = open_browser(people.unit)
    accept(unit)

    phone = open_browser(people.deputy, viewport=PHONE, java_script_enabled=False)
    phone.goto("/")
    phone.get_by_role("link", name=re.compile("5号楼顶层暖气不热.*请跟进一次")).click()
    expect(phone.get_by_text("请您跟进一次办理情况。")).to_be_visible()
    expect(phone.locator("[aria-current=step]")).to_contain_text("跟单")
    phone.get_by_role("link", name="记一次跟单").click()
    phone.get_by_label("到现场").check()
    phone.get_by_label("看到、听到的情况").fill("管沟已经挖开，说后天换完。")
    phone.get_by_role("button", name="提交跟单").click()
    expect(phone.get_by_text("管沟已经挖开")).to_be_visible()
    expect(phone.get_by_text("请您跟进一次办理情况。")).to_have_count(0)
    assert FollowUp.objects.get().mandate == people.deputy.mandate

    answer(unit, FIRST)
    code = tell(station, found)

    person = open_browser(viewport=PHONE, java_script_enabled=False)
    person.goto("/track/")
    person.get_by_label("诉求单编号").fill(found.number)
    person.get_by_label("查询码").fill(code.lower())
    person.get_by_role("button", name="查询").click()
    expect(person.get_by_text("已经答复，请您评价。")).to_be_visible()
    expect(person.get_by_text(FIRST)).to_be_visible()
    assert person.locator("input:checked").count() == 0
    rate(person, attitude="SATISFIED", result="UNSATISFIED", solved="NO")
    expect(person.get_by_text("请写明哪里不满意。").first).to_be_visible()
    person.get_by_label(re.compile("哪里不满意")).fill("还是十四度。")
    person.get_by_role("button", name="提交评价").click()
    expect(person.get_by_role("status")).to_contain_text("单位会重新办理")

    found.refresh_from_db()
    assert (found.state, found.round) == ("REHANDLING", 2)
    accept(unit)
    answer(unit, SECOND)
    assert tell(station, found) == code, "one code for all rounds"
    person.reload()
    expect(person.get_by_text(SECOND)).to_be_visible()
    rate(person, attitude="SATISFIED", result="SATISFIED", solved="YES")
    expect(person.get_by_text("已办结：已解决。")).to_be_visible()

    found.refresh_from_db()
    assert (found.state, found.solved, found.closed_on) == ("CLOSED", "YES", timezone.localdate())
    assert list(Rating.objects.order_by("round").values_list("round", "result", "by")) == [
        (1, "UNSATISFIED", None),
        (2, "SATISFIED", None),
    ]
    station.goto(found.get_absolute_url())
    expect(station.get_by_role("heading", name="第 1 次办理")).to_be_visible()
    expect(station.get_by_role("heading", name="第 2 次办理")).to_be_visible()
    expect(station.get_by_text("还是十四度。")).to_be_visible()
    deeds = station.locator(".tl strong").all_inner_texts()
    assert [deed for deed in deeds[::-1] if deed in ("登记", "派单", "告知本人", "评价", "重新办理", "办结")] == [
        "登记", "派单", "告知本人", "评价", "重新办理", "告知本人", "评价", "办结",
    ]  # fmt: skip


def rate(page, **marks):
    for name, value in marks.items():
        page.locator(f"[name={name}][value={value}]").check()
    page.get_by_role("button", name="提交评价").click()
