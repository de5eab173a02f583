"""A department takes an order by one click, and what it was writing survives a reload."""

import pytest
from playwright.sync_api import expect

from suggestions.models import Order
from tests import factories as f

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

WORDS = "管网已经检修，室温达到十八度，还不热的请打供热公司电话。"


def test_a_department_accepts_by_one_click_and_loses_nothing_of_its_answer(people, open_browser):
    bureau = f.DepartmentFactory(area=people.county, name="平城区住建局")
    f.DepartmentStaffFactory(department=bureau, post=people.unit)
    asked = f.RequestFactory(station=people.own, state="DISPATCHED")
    order = f.OrderFactory(request=asked, department=bureau)

    page = open_browser(people.unit)
    page.goto("/")
    page.get_by_role("button", name="接单").click()
    expect(page.get_by_text("已接单，请在")).to_be_visible()
    page.get_by_role("link", name="答复").click()
    page.get_by_label("A 已经解决").check()
    page.get_by_label("答复群众").fill(WORDS)
    page.get_by_label("签发人").fill("陈局长")
    expect(page.get_by_text("草稿已自动保存")).to_be_visible()
    page.reload()
    expect(page.get_by_text("已恢复上次没写完的内容")).to_be_visible()
    expect(page.get_by_label("答复群众")).to_have_value(WORDS)
    page.get_by_label("联系电话").fill("0352-5021234")
    page.get_by_role("button", name="提交答复").click()
    expect(page.get_by_text("已提交答复")).to_be_visible()
    expect(page.get_by_text("陈局长")).to_be_visible()
    assert page.evaluate("Object.keys(sessionStorage).filter((key) => key.startsWith('answer-'))") == []
    order = Order.objects.get(pk=order.pk)
    assert (order.state, order.text, order.signer) == ("REPLIED", WORDS, "陈局长")
