"""The main job in a browser: a day begins, people come, the day is closed, its register is printed."""

import re

import pytest
from playwright.sync_api import expect

from liaison.accounts.models import User
from tests import factories as f
from tests.e2e.conftest import PHONE
from visits.models import Activity, Attendance, Visit, Visitor

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def log_one(page, name, digit, text, phone=""):
    """As a clerk does, without a mouse: name, Enter, phone, Enter, address stays, category by digit, text, save."""
    expect(page.get_by_label("姓名", exact=True)).to_be_focused()
    page.keyboard.type(name)
    page.keyboard.press("Enter")
    page.keyboard.type(phone)
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.keyboard.press(digit)
    expect(page.get_by_label("反映的问题")).to_be_focused()
    page.keyboard.type(text)
    page.keyboard.press("Control+Enter")


def test_a_day_from_sign_in_to_register(people, today, open_browser):
    user = User.objects.get(pk=people.station.user_id)
    user.set_password(f.PASSWORD)
    user.save()
    page = open_browser()

    page.goto("/login/")
    page.get_by_label("账号").fill(user.username)
    page.get_by_label("密码").fill(f.PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.get_by_role("button", name="开始接待").click()
    expect(page.get_by_role("heading", name=re.compile("登记第 1 位"))).to_be_visible()
    page.get_by_label("住址（村/社区）").fill("火车站社区")
    page.get_by_label("张建国").check()
    page.get_by_label("姓名", exact=True).focus()
    log_one(page, "田秀兰", "1", "5号楼顶层暖气不热", "13900005521")
    expect(page.get_by_role("heading", name="登记第 2 位来访群众")).to_be_visible()
    log_one(page, "韩志强", "4", "小区东门夜间占道停车")
    expect(page.get_by_role("heading", name="登记第 3 位来访群众")).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("韩志强.*停车.*张建国.*提交派单.*已保存"))).to_be_visible()

    page.get_by_role("link", name="结束接待").click()
    page.get_by_label(re.compile("张建国")).check()
    page.get_by_label(re.compile("李秀英")).uncheck()
    page.get_by_role("button", name=re.compile("结束接待")).click()
    expect(page.get_by_text("已结束").first).to_be_visible()

    activity = Activity.objects.get(pk=today.pk)
    assert activity.state == "CLOSED"
    states = dict(Attendance.objects.values_list("mandate__deputy__name", "state"))
    assert states == {"张建国": "PRESENT", "李秀英": "ABSENT"}
    visits = Visit.objects.order_by("serial").values_list(
        "visitor__name", "category__name", "visitor__address", "outcome"
    )
    assert list(visits) == [
        ("田秀兰", "供暖", "火车站社区", "DISPATCH"),
        ("韩志强", "停车", "火车站社区", "DISPATCH"),
    ]
    paper = page.request.get(f"/activities/{activity.pk}/register.pdf")
    assert paper.body().startswith(b"%PDF")


def test_what_is_half_typed_outlives_a_reload_and_nothing_else(people, today, open_browser):
    Activity.objects.update(state="OPEN")
    page = open_browser(people.station)
    page.goto(f"/activities/{today.pk}/log/")
    page.get_by_label("姓名", exact=True).fill("田秀兰")
    page.get_by_label("反映的问题").fill("暖气不热，还没写完")
    expect(page.get_by_text("草稿已自动保存")).to_be_visible()

    page.reload()

    expect(page.get_by_label("姓名", exact=True)).to_have_value("田秀兰")
    expect(page.get_by_label("反映的问题")).to_have_value("暖气不热，还没写完")
    page.get_by_label("反映的问题").press("Control+Enter")
    expect(page.get_by_role("row", name=re.compile("田秀兰.*已保存"))).to_be_visible()
    expect(page.get_by_label("姓名", exact=True)).to_have_value("")
    page.reload()
    expect(page.get_by_label("姓名", exact=True)).to_have_value("")
    assert Visit.objects.count() == 1


def test_phrases_known_phones_and_narrowing_save_typing(people, today, open_browser):
    Activity.objects.update(state="OPEN")
    for name, phone in (("田秀兰", "13900005521"), ("韩志强", "13900007788")):
        f.VisitorFactory(visit=f.VisitFactory(activity=today), name=name, phone=phone, address="铁路新村")
    page = open_browser(people.station)
    page.goto(f"/activities/{today.pk}/log/")

    page.get_by_label("手机", exact=True).fill("139 0000 5521")
    page.get_by_label("手机", exact=True).press("Enter")
    expect(page.get_by_label("姓名", exact=True)).to_have_value("田秀兰")
    expect(page.get_by_label("住址（村/社区）")).to_have_value("铁路新村")
    page.get_by_label("1 供暖").focus()
    page.keyboard.press("1")
    page.keyboard.press("Alt+2")
    expect(page.get_by_label("反映的问题")).to_have_value("室温不达标")
    page.get_by_label("查姓名、手机尾号").fill("7788")
    expect(page.get_by_role("row", name=re.compile("韩志强"))).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("田秀兰"))).to_be_hidden()


def test_a_refused_visitor_stays_on_the_page_with_the_reason(people, today, open_browser):
    Activity.objects.update(state="OPEN")
    page = open_browser(people.station)
    page.goto(f"/activities/{today.pk}/log/")
    page.get_by_label("姓名", exact=True).fill("田秀兰")
    page.get_by_label("手机", exact=True).fill("1390000552")
    page.get_by_label("反映的问题").fill("暖气不热")
    page.get_by_label("反映的问题").press("Control+Enter")

    expect(page.get_by_role("alert").filter(has_text="手机号少了 1 位")).to_be_focused()
    expect(page.get_by_label("反映的问题")).to_have_value("暖气不热")
    page.get_by_label("手机", exact=True).fill("13900005521")
    page.get_by_label("反映的问题").press("Control+Enter")
    expect(page.get_by_role("row", name=re.compile("田秀兰.*已保存"))).to_be_visible()
    assert Visitor.objects.get().phone == "13900005521"


def test_a_click_repeated_in_haste_logs_one_visit(people, today, open_browser):
    Activity.objects.update(state="OPEN")
    page = open_browser(people.station)
    page.goto(f"/activities/{today.pk}/log/")
    page.get_by_label("姓名", exact=True).fill("田秀兰")
    page.get_by_label("反映的问题").fill("暖气不热")
    page.evaluate(
        "() => { const b = document.querySelector('form[data-log] [type=submit]'); b.click(); b.click(); b.click(); }"
    )
    expect(page.get_by_role("row", name=re.compile("田秀兰.*已保存"))).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert Visit.objects.count() == 1


def test_the_log_works_without_javascript(people, today, open_browser):
    page = open_browser(people.station, java_script_enabled=False)
    page.goto("/")
    page.get_by_role("button", name="开始接待").click()
    page.get_by_label("姓名", exact=True).fill("田秀兰")
    page.get_by_label("1 供暖").check()
    page.get_by_label("反映的问题").fill("暖气不热")
    page.get_by_role("button", name="保存，录下一位").click()

    expect(page.get_by_role("heading", name="登记第 2 位来访群众")).to_be_visible()
    assert Visit.objects.get().category.name == "供暖"


def test_the_whole_form_and_twelve_rows_are_in_view_on_an_office_screen(people, today, open_browser):
    Activity.objects.update(state="OPEN")
    for n in range(12):
        visit = f.VisitFactory(
            activity=today,
            serial=n + 1,
            text="楼下烧烤店油烟直排，夜间扰民",
            received_by=people.deputy.mandate,
        )
        f.VisitorFactory(visit=visit)
    page = open_browser(people.station)
    page.goto(f"/activities/{today.pk}/log/")

    height = page.viewport_size["height"]
    button = page.get_by_role("button", name="保存，录下一位").bounding_box()
    last = page.locator("#log tbody tr").nth(11).bounding_box()
    assert button["y"] + button["height"] <= height
    assert last["y"] + last["height"] <= height + 1


def test_a_deputy_confirms_one_day_and_asks_leave_for_another_on_the_phone(people, today, open_browser):
    later = f.ActivityFactory(
        station=people.own, announced=True, day=today.day.replace(day=1).replace(year=today.day.year + 1)
    )
    f.AttendanceFactory(activity=later, mandate=people.deputy.mandate)
    page = open_browser(people.deputy, viewport=PHONE)

    page.goto("/")
    page.get_by_role("button", name="参加").first.click()
    expect(page.get_by_role("heading", name="要办 1").or_(page.get_by_text("已确认")).first).to_be_visible()
    page.goto("/")
    page.get_by_role("link", name="请假").click()
    page.get_by_label(re.compile("原因")).fill("在外地开会")
    page.get_by_role("button", name=re.compile("请假")).click()
    page.wait_for_load_state("networkidle")

    states = dict(Attendance.objects.filter(mandate=people.deputy.mandate).values_list("activity", "state"))
    assert states == {today.pk: "CONFIRMED", later.pk: "LEAVE_ASKED"}
