"""A suggestion in a browser: written on the phone, signed by a colleague, taken up, assigned, answered, marked."""

import re

import pytest
from playwright.sync_api import expect

from deputies.models import Congress
from suggestions.models import Suggestion
from tests import factories as f
from tests.e2e.conftest import PHONE

TITLE = "关于改造南关老旧小区供热管网的建议"
REPLY = "六个小区分三年更换，今年先换铁路新村和久安里，入冬前完工。"

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def house(people):
    Congress.objects.update(area=people.county, name="平城区人民代表大会")
    bureau = f.DepartmentFactory(area=people.county, name="平城区住建局", contact="陈工", phone="03525550101")
    f.DepartmentStaffFactory(department=bureau, post=people.unit)
    return people


def open_from_home(page, waits):
    """From the figure on the home page over the list to the suggestion."""
    page.goto("/")
    page.locator(".kpi", has_text=waits).get_by_role("link").click()
    page.get_by_role("link", name=TITLE).click()


def take(page, step):
    """The step from the button on the suggestion's page to the one that confirms it; it is what comes next."""
    expect(page.locator("a.btn-1")).to_have_text(step)
    page.get_by_role("link", name=step, exact=True).click()


def confirm(page, step):
    page.get_by_role("button", name=step, exact=True).click()


def test_from_the_phone_over_two_signatures_to_the_mark(house, open_browser):
    deputy = open_browser(house.deputy, viewport=PHONE, java_script_enabled=False)
    deputy.goto("/")
    deputy.get_by_role("link", name="我的建议").click()
    deputy.get_by_role("link", name="写建议").click()
    deputy.get_by_label("标题").fill(TITLE)
    deputy.get_by_label("情况和理由").fill("供热管网用了二十多年，冬天跑冒滴漏。")
    deputy.get_by_label("具体建议").fill("1. 三年内更换六个小区的供热管网。\n2. 入冬前公布检修结果。")
    confirm(deputy, "存为草稿")
    deputy.get_by_role("link", name="请代表附议").click()
    deputy.get_by_label("请哪些代表附议").fill(house.deputy_colleague.mandate.deputy.name)
    confirm(deputy, "请代表附议")
    expect(deputy.get_by_text("附议邀请已发出。")).to_be_visible()

    second = open_browser(house.deputy_colleague, viewport=PHONE, java_script_enabled=False)
    second.goto("/")
    second.get_by_role("link", name=re.compile(f"{TITLE}.*请您确认附议")).click()
    confirm(second, "确认附议")
    expect(second.get_by_text("已确认附议。")).to_be_visible()

    deputy.reload()
    take(deputy, "提交")
    confirm(deputy, "提交")
    expect(deputy.get_by_text("现在是“待审查”")).to_be_visible()
    expect(deputy.locator("a.btn-1")).to_have_count(0)

    office = open_browser(house.office)
    open_from_home(office, "待审查")
    take(office, "受理编号")
    confirm(office, "受理编号")
    take(office, "交办")
    office.locator("[name=lead]").select_option(label="平城区住建局")
    confirm(office, "交办")
    expect(office.get_by_text("现在是“已交办”")).to_be_visible()

    unit = open_browser(house.unit)
    unit.goto("/")
    unit.get_by_role("button", name=re.compile("^接单")).click()
    unit.get_by_role("link", name=re.compile("^答复")).first.click()
    unit.get_by_role("link", name="先记录面商").click()
    unit.get_by_label("当面").check()
    unit.get_by_label("谈了什么").fill("说明了资金来源和工期，代表要求每季度通报。")
    confirm(unit, "记录面商")
    take(unit, "答复")
    expect(unit.get_by_role("link", name="先记录面商")).to_have_count(0)
    unit.locator("[name=answer_class][value=A]").check()
    unit.get_by_label("答复代表").fill(REPLY)
    unit.get_by_label("签发人").fill("陈局长")
    confirm(unit, "提交答复")

    open_from_home(office, "待核签")
    expect(office.get_by_text(REPLY)).to_be_visible()
    take(office, "核签答复")
    confirm(office, "核签答复")
    deputy.reload()
    expect(deputy.get_by_text(REPLY)).to_have_count(0)
    open_from_home(unit, "待送达代表")
    take(unit, "送达代表")
    unit.get_by_label("平台").check()
    confirm(unit, "送达代表")

    deputy.goto("/")
    deputy.get_by_role("link", name=re.compile(f"{TITLE}.*请您评价")).click()
    expect(deputy.get_by_text(REPLY)).to_be_visible()
    take(deputy, "评价")
    deputy.locator("[name=attitude][value=SATISFIED]").check()
    deputy.locator("[name=result][value=UNSATISFIED]").check()
    confirm(deputy, "评价")
    expect(deputy.get_by_text("请写明哪里不满意。").first).to_be_visible()
    deputy.locator("[name=result][value=FAIRLY]").check()
    confirm(deputy, "评价")
    expect(deputy.get_by_text("态度满意，结果基本满意")).to_be_visible()

    found = Suggestion.objects.get()
    assert (found.state, found.result, found.items.count(), found.signed_by().count()) == (
        "EVALUATED", "FAIRLY", 2, 2,
    )  # fmt: skip
    office.goto(found.get_absolute_url())
    expect(office.locator("a.btn-1")).to_have_count(0)
    office.get_by_text("办理记录").click()
    deeds = office.locator(".tl strong").all_inner_texts()
    steps = [
        "登记",
        "请代表附议",
        "确认附议",
        "提交",
        "受理编号",
        "交办",
        "记录面商",
        "答复送核签",
        "核签答复",
        "送达代表",
        "评价",
    ]
    assert [deed for deed in deeds[::-1] if deed in steps] == steps
