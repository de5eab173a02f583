"""Every answer has its headers; every error is a page in words; no line of the log says who was received."""

import io
import json
import logging

import pytest
from django.conf import settings
from django.db import DatabaseError
from django.test import Client, RequestFactory

from liaison.core import views
from liaison.core.context import client_ip, json_formatter
from liaison.env import networks
from tests import factories as f

pytestmark = [pytest.mark.urls("tests.core.urls"), pytest.mark.once]


def ask(client, address, **more):
    client.raise_request_exception = False
    return client.get(address, **more)


ANSWERS = {
    "a page": "/login/",
    "a page after signing in": "/stations/",
    "a refusal": "/tests/units/",
    "nothing there": "/nothing/",
    "a mistake of ours": "/tests/broken/",
    "a request that cannot be read": "/tests/suspicious/",
    "alive": "/healthz",
    "an answer of the interface": "/api/v1/areas/",
    "a missing address of the interface": "/api/v1/nothing/",
    "a mistake behind the interface": "/api/v1/tests/broken/",
    "the admin": "/admin/",
}


@pytest.mark.parametrize("what", ANSWERS)
def test_every_answer_has_its_headers(as_, people, what):
    answer = ask(as_(people.station), ANSWERS[what])

    assert "default-src 'self'" in answer["Content-Security-Policy"]
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] == "same-origin"
    assert "no-store" in answer["Cache-Control"]
    assert len(answer["X-Request-ID"]) == 32


def test_a_foreign_host_is_answered_with_the_same_headers(client, db):
    answer = client.get("/login/", headers={"host": "evil.example"})
    assert answer.status_code == 400
    assert answer["X-Frame-Options"] == "DENY"
    assert "default-src 'self'" in answer["Content-Security-Policy"]


def test_a_broken_database_is_answered_with_the_same_headers_and_a_page(client, monkeypatch):
    """Outside of any view: nothing has been set up when this fails."""

    def gone(*args, **kwargs):
        raise RuntimeError("the database has gone")

    monkeypatch.setattr("liaison.accounts.middleware.SessionAgeMiddleware.__call__", gone)
    answer = ask(client, "/login/")
    assert answer.status_code == 500
    assert "系统出了问题" in answer.content.decode()
    assert answer["X-Frame-Options"] == "DENY"
    assert "default-src 'self'" in answer["Content-Security-Policy"]


def test_cookies_are_out_of_reach_of_scripts_and_of_other_sites(client, people):
    user = people.station.user
    user.change_password(f.PASSWORD)
    client.post("/login/", {"username": user.username, "password": f.PASSWORD})
    client.post("/size/", {"size": "elder"})

    for name in ("session", "size"):
        assert client.cookies[name]["httponly"]
        assert client.cookies[name]["samesite"] == "Lax"


def test_the_letters_stay_as_large_as_one_chose(client, db):
    client.post("/size/", {"size": "elder", "next": "/login/"})
    assert 'data-size="elder"' in client.get("/login/").content.decode()
    client.post("/size/", {"size": "x' onload='"})
    assert 'data-size="std"' in client.get("/login/").content.decode()


@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        ("/tests/units/", 403, "看不到这一页"),
        ("/nothing/", 404, "没有这一页"),
        ("/tests/suspicious/", 400, "这个请求读不懂"),
        ("/tests/broken/", 500, "系统出了问题"),
    ],
)
def test_an_error_is_a_page_in_words_that_gives_nothing_away(as_, people, address, status, words):
    answer = ask(as_(people.station), address)
    page = answer.content.decode()
    assert answer.status_code == status
    assert words in page
    for secret in (
        "Traceback",
        "RuntimeError",
        "secret of the house",
        "nothing for a page",
        "liaison/core",
        "/work/",
    ):
        assert secret not in page


def test_a_mistake_of_ours_has_a_number_to_report(as_, people):
    answer = ask(as_(people.station), "/tests/broken/")
    assert f"报修时请告诉我们这个编号：{answer['X-Request-ID']}" in answer.content.decode()


def test_below_the_interface_errors_have_its_shape(as_, people):
    for address, status in (("/api/v1/tests/broken/", 500), ("/api/v1/nothing/", 404)):
        answer = ask(as_(people.station), address)
        assert answer.status_code == status
        assert set(answer.json()) == {"code", "message", "fields"}


def test_a_form_from_elsewhere_is_refused_in_words(people):
    client = Client(enforce_csrf_checks=True)
    answer = client.post("/login/", {"username": "a", "password": "b"})
    assert answer.status_code == 403
    assert "页面放得太久了" in answer.content.decode()


def test_more_than_a_megabyte_of_text_is_refused_in_words(as_, people):
    answer = as_(people.station).post("/tests/make/", {"text": "热" * 400_000, "idem": "k"})
    assert answer.status_code == 400
    assert "这个请求读不懂" in answer.content.decode()


def test_more_fields_than_any_form_has_are_refused_in_words(as_, people):
    answer = as_(people.station).post("/tests/make/", {f"f{n}": "" for n in range(3000)})
    assert answer.status_code == 400


def test_ready_is_honest_about_the_database(client, db, monkeypatch):
    monkeypatch.setattr(views.OutboxMessage.objects.__class__, "waiting", lambda self: Gone())
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {"database": "unreachable"})
    assert client.get("/healthz").status_code == 200


class Gone:
    def filter(self, **kwargs):
        raise DatabaseError


# --- Where a request comes from ---


@pytest.mark.parametrize(
    ("peer", "written", "found"),
    [
        ("203.0.113.5", "", "203.0.113.5"),
        ("203.0.113.5", "10.9.9.9", "203.0.113.5"),
        ("127.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("127.0.0.1", "6.6.6.6, 198.51.100.7", "198.51.100.7"),
        ("127.0.0.1", "198.51.100.7, 10.1.0.2", "198.51.100.7"),
        ("::ffff:127.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("127.0.0.1", "<script>", "127.0.0.1"),
        ("127.0.0.1", "198.51.100.7, <script>", "127.0.0.1"),
        ("127.0.0.1", "2001:db8::1%<script>", "2001:db8::1"),
        ("127.0.0.1", ",,,", "127.0.0.1"),
        ("", "198.51.100.7", ""),
    ],
)
def test_a_caller_is_who_the_last_trusted_proxy_saw(settings, monkeypatch, peer, written, found):
    monkeypatch.setenv("X", "127.0.0.1,10.0.0.0/8")
    settings.TRUSTED_PROXIES = networks("X")
    request = RequestFactory().get("/", REMOTE_ADDR=peer, HTTP_X_FORWARDED_FOR=written)
    assert client_ip(request) == found


def test_without_a_proxy_nobody_is_believed():
    assert settings.TRUSTED_PROXIES == []
    request = RequestFactory().get("/", REMOTE_ADDR="203.0.113.5", HTTP_X_FORWARDED_FOR="10.0.0.1")
    assert client_ip(request) == "203.0.113.5"


# --- The log ---


@pytest.fixture
def log():
    """What the log would say, line by line."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(json_formatter())
    root = logging.getLogger()
    root.addHandler(handler)
    yield lambda: [json.loads(line) for line in out.getvalue().splitlines()]
    root.removeHandler(handler)


def test_a_line_of_the_log_is_one_event_whatever_a_caller_writes(log):
    logging.getLogger("liaison").warning("asked for %s", 'x\n{"event": "all is well"}\r\n\x1b[2J')
    (line,) = log()
    assert line["event"].startswith("asked for x\n")
    assert line["level"] == "warning"


def test_a_mistake_is_logged_under_the_number_that_the_page_shows(as_, people, log):
    answer = ask(as_(people.station), "/tests/broken/")
    (line,) = [line for line in log() if "RuntimeError" in line.get("exception", "")]
    assert line["request_id"] == answer["X-Request-ID"]


def test_the_values_of_a_refused_row_stay_out_of_the_log(log):
    try:
        raise ValueError(
            'duplicate key\nDETAIL:  Key (phone)=(13900005521) already exists.\nCONTEXT:  COPY "田秀兰"'
        )
    except ValueError:
        logging.getLogger("liaison").exception("not saved\nDETAIL: (13900005521)")
    (line,) = log()
    assert "ValueError: duplicate key" in line["exception"]
    assert "13900005521" not in str(line)
    assert "田秀兰" not in str(line)


def test_no_line_of_a_day_s_work_says_who_it_was(client, as_, people, log):
    user = people.station.user
    user.username = "wangli-canary"
    user.change_password(f.PASSWORD)
    for password in ("Geheim-1111-aa", f.PASSWORD):
        client.post("/login/", {"username": user.username, "password": password})
    station = as_(people.station)
    for address in (
        "/visits/?q=田秀兰",
        "/requests/?q=13900005521",
        "/nothing/?q=田秀兰",
        "/tests/broken/?q=田秀兰",
    ):
        ask(station, address)
    station.post("/tests/make/", {"text": "田秀兰，13900005521", "idem": "k1"})
    station.post("/tests/make/", {"text": "别的", "idem": "k1"})

    said = json.dumps(log(), ensure_ascii=False)

    assert said != "[]"
    for canary in ("田秀兰", "13900005521", "Geheim", f.PASSWORD, "wangli-canary"):
        assert canary not in said
