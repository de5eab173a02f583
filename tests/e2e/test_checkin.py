"""The code on the screen in the room, read by another device as a camera reads it, and one tap on the phone."""

from io import BytesIO
from urllib.parse import urlsplit

import pytest
import zxingcpp
from django.conf import settings
from playwright.sync_api import expect

from tests.e2e.conftest import PHONE
from visits.models import Attendance

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def read_code(page):
    from PIL import Image

    return zxingcpp.read_barcode(Image.open(BytesIO(page.screenshot()))).text


def test_a_deputy_scans_the_screen_in_the_room_and_taps(people, today, open_browser):
    screen = open_browser(people.station)
    screen.goto(f"/activities/{today.pk}/")
    screen.get_by_role("link", name="现场签到码").click()
    expect(screen.get_by_role("heading", name="已到 0 位")).to_be_visible()
    phone = open_browser(people.deputy, viewport=PHONE)
    code = urlsplit(read_code(screen))
    assert f"{code.scheme}://{code.netloc}" == settings.PUBLIC_URL
    address = code.path  # the server of this test answers elsewhere
    assert address.startswith(f"/activities/here/{today.pk}-")
    phone.goto(address)
    phone.get_by_role("button", name="我到了，签到").click()
    expect(phone.get_by_text("已签到，到会时间")).to_be_visible()
    screen.reload()
    expect(screen.get_by_role("heading", name="已到 1 位")).to_be_visible()
    expect(screen.get_by_text("还有 1 位")).to_be_visible()
    place = Attendance.objects.get(activity=today, mandate=people.deputy.mandate)
    assert (place.state, place.how) == ("PRESENT", "QR")
    other = open_browser(people.deputy_colleague, viewport=PHONE)
    other.goto(address[:-8] + "AAAAAAAA/")
    expect(other.get_by_text("这个签到码不对")).to_be_visible()
