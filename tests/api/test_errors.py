"""One error shape everywhere, whoever calls and whatever is sent."""

import pytest

from tests.factories import StationFactory

pytestmark = pytest.mark.once

SHAPE = {"code", "message", "fields"}
ROOT = "/api/v1/"


@pytest.mark.parametrize(
    "path",
    [
        "stations/",
        "visits/1/",
        "activities/X/steps/close/",
        "figures/",
        "schema/",
        "figures/x/records/",
        "auth/token/",
    ],
)
def test_a_stranger_gets_401_in_json_and_no_redirect(client, db, path):
    answer = client.delete(f"{ROOT}{path}") if path == "auth/token/" else client.get(f"{ROOT}{path}")

    assert answer.status_code == 401
    assert set(answer.json()) == SHAPE
    assert answer["WWW-Authenticate"] == "Token"


@pytest.mark.parametrize(
    "path", ["/api/", "/api/v2/", "/api/v1/", "/api/v1/nothing/", "/api/v1/stations", "/api/v1/stations/a b/"]
)
def test_what_is_no_address_is_404_in_the_same_shape(client, program, people, path):
    for caller in (client, program(people.office)):
        answer = caller.get(path)
        assert answer.status_code == 404
        assert set(answer.json()) == SHAPE
        assert caller.post(path).status_code == 404


def test_methods_that_an_address_does_not_know(program, people):
    client = program(people.office)

    for method in ("put", "patch", "delete", "options"):
        answer = getattr(client, method)(f"{ROOT}stations/PC01/")
        assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert client.send("stations/", {}).status_code == 405
    assert client.head(f"{ROOT}stations/").status_code == 200


def test_writing_by_session_needs_the_csrf_token(browser, people):
    client = browser(people.station)

    assert client.get(f"{ROOT}stations/").status_code == 200
    refused = client.post(f"{ROOT}visits/", {}, content_type="application/json")
    assert refused.status_code == 403
    assert "X-CSRFToken" in refused.json()["message"]

    token = client.cookies["csrftoken"] = "k" * 32
    passed = client.post(
        f"{ROOT}visits/", {}, content_type="application/json", headers={"X-CSRFToken": token}
    )
    assert passed.status_code == 400, passed.content


def test_a_key_works_by_session_too(browser, people):
    client = browser(people.station)
    token = client.cookies["csrftoken"] = "k" * 32
    sent = {"station": "PC01", "day": "2023-10-11", "text": "路灯坏了", "outcome": "NOTED", "name": "田秀兰"}
    headers = {"X-CSRFToken": token, "Idempotency-Key": "s1"}

    answers = [
        client.post(f"{ROOT}visits/", sent, content_type="application/json", headers=headers)
        for _ in range(2)
    ]

    assert answers[0].status_code == 201
    assert answers[0].content == answers[1].content


def test_a_session_whose_password_is_due_is_told_so(browser, people):
    people.office.user.must_change_password = True
    people.office.user.save()

    answer = browser(people.office).get(f"{ROOT}stations/")

    assert answer.status_code == 401
    assert "修改密码" in answer.json()["message"]


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"[" * 5000 + b"]" * 5000, "application/json", 400),
        (b'{"a":' * 5000 + b"1" + b"}" * 5000, "application/json", 400),
        (b"{", "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b'{"day": NaN}', "application/json", 400),
        (b'{"headcount": ' + b"9" * 5000 + b"}", "application/json", 400),
        (b"", "application/json", 400),
        (b"null", "application/json", 400),
        (b"[]", "application/json", 400),
        (b'"x"', "application/json", 400),
        (b"a=1", "application/x-www-form-urlencoded", 415),
        (b"<a/>", "text/xml", 415),
        (b'{"text": "' + b"x" * 2_000_000 + b'"}', "application/json", 413),
    ],
)
def test_any_body_gets_an_answer(program, people, body, content_type, status):
    client = program(people.station)
    for path in ("visits/", "activities/"):
        for headers in ({}, {"Idempotency-Key": "k1"}):
            answer = client.generic("POST", f"{ROOT}{path}", body, content_type=content_type, headers=headers)

            assert answer.status_code == status, (path, headers)
            assert set(answer.json()) == SHAPE, (path, headers)


def test_our_own_mistake_is_told_in_the_same_shape(program, people, monkeypatch):
    client = program(people.office)
    client.raise_request_exception = False
    monkeypatch.setattr("stations.api.StationViewSet.get_queryset", lambda self: 1 / 0)

    answer = client.get(f"{ROOT}stations/")

    assert answer.status_code == 500
    assert answer.json()["code"] == "error"


def test_codes_with_anything_in_them_are_just_not_found(program, people):
    client = program(people.office)

    for path in (
        "stations/%00/",
        "deputies/99999999999999999999999/",
        "visits/999999999999999999/",
        "requests/%F0%9F%98%80/",
    ):
        assert client.get(f"{ROOT}{path}").status_code == 404, path


def test_a_rare_code_is_found_by_its_own_address(program, people):
    StationFactory(code="DT-07.1", area=people.town)

    assert program(people.office).get(f"{ROOT}stations/DT-07.1/").json()["code"] == "DT-07.1"
