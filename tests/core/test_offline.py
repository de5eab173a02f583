"""What a device kept without network: whose it is, when it was made, and what the page may leave on the device."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import RequestFactory

from liaison.core.offline import moment

CHINA = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 11, 10, 20, tzinfo=CHINA)


def told(made, sent=None):
    """The moment of an entry that the device says it made and sent at these hours."""
    headers = {"X-Sent-At": _clock(sent)} if sent else {}
    return moment(RequestFactory().post("/", {"made_at": _clock(made)}, headers=headers), NOW)


def _clock(at):
    return str(int(at.timestamp() * 1000)) if isinstance(at, datetime) else at


def test_an_entry_sent_at_once_is_of_now_and_needs_no_words():
    heard = told(NOW - timedelta(seconds=2), NOW)
    assert abs(heard.at - NOW) == timedelta(seconds=2)
    assert heard.note == ""


def test_an_entry_that_waited_is_of_when_it_was_made_and_the_record_says_both():
    heard = told(NOW - timedelta(hours=20), NOW)
    assert heard.at == NOW - timedelta(hours=20)
    assert heard.note == "设备上记的时间是 2026年11月10日 14:20，2026年11月11日 10:20 收到。"


@pytest.mark.parametrize("off", [timedelta(days=1), timedelta(days=-1), timedelta(days=-3650)])
def test_the_clock_of_a_device_may_be_wrong_by_any_time(off):
    heard = told(NOW + off - timedelta(minutes=30), NOW + off)
    assert heard.at == NOW - timedelta(minutes=30)
    assert heard.note.endswith("设备的时钟不准，推算是 2026年11月11日 09:50 记的。")


@pytest.mark.parametrize("made", ["", "x", "-5", "9" * 15, "9" * 14, "1e9", "١٢"])
def test_what_is_no_time_is_taken_as_now(made):
    assert told(made).at == NOW


def test_a_clock_set_back_between_making_and_sending_gives_no_day_to_come():
    assert told(NOW + timedelta(days=2), NOW).at == NOW


def test_the_worker_is_a_script_that_is_asked_for_anew(client):
    answer = client.get("/sw.js")
    assert answer["Content-Type"] == "text/javascript; charset=utf-8"
    assert answer["Cache-Control"] == "no-cache"
    assert answer.content.decode().startswith('const VERSION = "')
    assert "default-src 'self'" in answer["Content-Security-Policy"]


@pytest.mark.django_db
def test_leaving_clears_what_the_browser_remembers_but_not_what_waits_in_it(as_, people):
    answer = as_(people.station).post("/logout/")
    assert answer["Clear-Site-Data"] == '"cache"'
