"""A resident asks for a deputy on a phone without JavaScript, and accepts another time."""

from datetime import time, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests import factories as f
from tests.e2e.conftest import PHONE
from visits.models import Appointment

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def test_from_the_page_of_the_station_to_an_appointment_that_holds(people, open_browser):
    day = f.ActivityFactory(station=people.own, day=timezone.localdate() + timedelta(days=7), announced=True)
    page = open_browser(viewport=PHONE, java_script_enabled=False)
    page.goto("/stations/PC01/")
    page.get_by_role("link", name="预约约见代表").click()
    page.get_by_label("约哪位代表").select_option(label="张建国（县人大代表）")
    page.get_by_label("什么时候").select_option(value=f"{day.number}@09:30")
    page.get_by_label("想谈什么事").fill("楼道灯坏了两个月，想当面说说。")
    page.get_by_label("姓名", exact=True).fill("田秀兰")
    page.get_by_label("手机", exact=True).fill("13900005521")
    page.locator("[name=consent]").check()
    page.get_by_role("button", name="提交预约").click()

    found = Appointment.objects.get()
    expect(page.get_by_role("status")).to_contain_text(found.code_in_two)
    found.propose(by=people.deputy, note="九点半有会", activity=day, day=day.day, at=time(10))
    page.reload()
    expect(page.get_by_text("九点半有会")).to_be_visible()
    page.get_by_role("button", name="同意这个时间").click()
    expect(page.get_by_text("约好了。", exact=True)).to_be_visible()
    found.refresh_from_db()
    assert (found.state, found.at) == ("CONFIRMED", time(10))
