from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone
from knox.models import get_token_model

from liaison.core.models import AuditEntry
from tests.factories import LONG_AGO, PASSWORD, PostFactory

SAID = {"code", "message", "fields"}


@pytest.fixture
def officer(people):
    user = people.office.user
    user.set_password(PASSWORD)
    user.save()
    return user


def sign_in(program, username, password):
    return program().send("auth/token/", {"username": username, "password": password})


def test_a_token_tells_the_posts_and_opens_the_door(program, people, officer):
    second = PostFactory(user=officer, role="AUDITOR", area=people.city, title="审计员", from_on=LONG_AGO)

    answer = sign_in(program, officer.username.upper(), PASSWORD)

    assert answer.status_code == 201
    told = answer.json()
    assert set(told) == {"token", "expires_at", "posts"}
    assert told["posts"] == [
        {"id": people.office.pk, "role": "OFFICE", "area": "140213000000", "title": people.office.title},
        {"id": second.pk, "role": "AUDITOR", "area": "140200000000", "title": "审计员"},
    ]
    with_token = program(Authorization=f"Token {told['token']}")
    assert [row["code"] for row in with_token.ask("stations/").json()["results"]] == [
        "PC01",
        "PC0101",
        "PC02",
    ]
    in_second = program(**{"Authorization": f"Token {told['token']}", "X-Post": str(second.pk)})
    assert len(in_second.ask("stations/").json()["results"]) == 4
    assert AuditEntry.objects.filter(action="accounts.user.login", object_id=str(officer.pk)).exists()


def test_the_post_of_somebody_else_does_not_act(program, people):
    answer = program(people.office, **{"X-Post": str(people.office_city.pk)}).ask("stations/")

    assert answer.status_code == 401
    assert answer.json() == {
        "code": "authentication_failed",
        "message": "这个岗位不是您的，或已到期。",
        "fields": {},
    }


@pytest.mark.once
def test_wrong_passwords_are_counted_and_lock_the_account_for_a_while(program, officer):
    cache.clear()
    for _ in range(4):
        wrong = sign_in(program, officer.username, "wrong")
        assert (wrong.status_code, wrong.json()["code"]) == (401, "wrong_password")

    sign_in(program, officer.username, "wrong")
    locked = sign_in(program, officer.username, PASSWORD)

    assert locked.status_code == 429
    assert locked["Content-Type"] == "application/json"
    assert locked.json()["code"] == "locked_out"
    assert "15 分钟" in locked.json()["message"]
    assert locked["Retry-After"] == "900"


@pytest.mark.parametrize("sent", [{}, {"username": "x"}, [], "x", {"username": {"a": 1}, "password": []}])
def test_half_a_request_for_a_token_is_told_its_fields(program, db, sent):
    answer = program().send("auth/token/", sent)

    assert answer.status_code == 400
    assert set(answer.json()) == SAID


@pytest.mark.once
def test_who_has_no_post_or_an_initial_password_gets_no_token(program, officer):
    officer.must_change_password = True
    officer.save()
    assert sign_in(program, officer.username, PASSWORD).status_code == 403

    officer.must_change_password = False
    officer.save()
    officer.posts.update(to_on=timezone.localdate() - timedelta(days=1))
    assert (
        sign_in(program, officer.username, PASSWORD).json()["message"]
        == "这个账号现在没有岗位，请联系管理员。"
    )


def test_a_token_ends_when_it_is_given_back_when_the_password_changes_and_when_the_account_is_closed(
    program, people
):
    given_back, outlived, closed = (
        program(people.office),
        program(people.office_city),
        program(people.auditor),
    )

    assert given_back.delete("/api/v1/auth/token/").status_code == 204
    people.office_city.user.change_password("Nanmen-8832-shan")
    people.auditor.user.is_active = False
    people.auditor.user.save()

    for client in (given_back, outlived, closed):
        assert client.ask("stations/").status_code == 401


def test_the_oldest_token_goes_when_there_are_too_many(program, officer):
    for _ in range(11):
        assert sign_in(program, officer.username, PASSWORD).status_code == 201

    assert get_token_model().objects.filter(user=officer).count() == 10


@pytest.mark.parametrize("header", ["Token", "Token a b", "Token " + "0" * 64, "Token \xff\xfe", "Token %00"])
def test_a_bad_token_is_401_in_words(client, db, header):
    answer = client.get("/api/v1/stations/", headers={"Authorization": header})

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Token"
    assert answer.json()["message"] == "令牌不对或已过期，请重新取令牌。"
