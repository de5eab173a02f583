"""Who comes in, for how long, and what ends it."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from knox.models import AuthToken

from liaison.accounts.models import User, normal_username
from liaison.core.models import AuditEntry
from tests import factories as f

pytestmark = pytest.mark.once

PASSWORD, NEW = f.PASSWORD, "Dahe-9053-liu"
LOCKED = "这个账号连续输错密码，请 15 分钟后再试。"


@pytest.fixture
def user(people):
    user = people.station.user
    user.username = "wangli"
    user.change_password(PASSWORD)
    return user


def sign_in(client, username="wangli", password=PASSWORD, **more):
    return client.post("/login/", {"username": username, "password": password}, **more)


def is_in(client):
    return "Location" not in client.get("/activities/")


def test_with_the_right_password_one_is_in(client, user):
    assert sign_in(client)["Location"] == "/"
    assert is_in(client)


@pytest.mark.parametrize(
    ("username", "password"),
    [("wangli", "x"), ("nobody", PASSWORD), ("", ""), ("\0", "\0"), ("王" * 300, "x"), ("﷽" * 50, "x")],
)
def test_a_wrong_one_is_told_without_saying_which_of_both_is_wrong(client, user, username, password):
    answer = sign_in(client, username, password)
    assert answer.status_code == 422
    assert not is_in(client)
    assert PASSWORD not in answer.content.decode()


@pytest.mark.parametrize("spelling", ["wangli", "WangLi", " wangli ", "ｗａｎｇｌｉ", "WANGLI"])
def test_however_it_is_spelt_an_account_is_one(client, user, spelling):
    sign_in(client, spelling)
    assert is_in(client)


@pytest.mark.parametrize("spelling", ["Wangli", "ｗａｎｇｌｉ", " wangli"])
def test_a_second_account_of_another_spelling_cannot_be_made(user, spelling):
    assert normal_username(spelling) == "wangli"
    area = user.posts.get().area.code
    with pytest.raises(CommandError, match="已经有了"):
        call_command("create_admin", spelling, area=area)


# --- Guessing ---


def test_after_five_wrong_ones_the_account_is_shut_for_this_source(client, user):
    answers = [sign_in(client, password=f"x{n}") for n in range(5)]
    assert [answer.status_code for answer in answers] == [422] * 4 + [429]
    assert LOCKED in answers[4].content.decode()
    assert answers[4]["Retry-After"] == "900"

    right = sign_in(client)

    assert right.status_code == 429
    assert not is_in(client)


def test_another_spelling_is_no_new_beginning_for_the_guesser(client, user):
    for spelling in ("wangli", "WangLi", "ｗａｎｇｌｉ", "WANGLI", " wangli"):
        sign_in(client, spelling, "x")
    assert sign_in(client).status_code == 429


def test_the_owner_elsewhere_and_other_accounts_here_are_not_shut_out(client, user, people):
    people.office.user.username = "office"
    people.office.user.change_password(PASSWORD)
    for n in range(6):
        sign_in(client, password=f"x{n}")

    assert sign_in(Client(REMOTE_ADDR="10.1.1.7"))["Location"] == "/"
    assert sign_in(client, "office")["Location"] == "/"


def test_a_forged_address_does_not_open_a_new_count(client, user):
    for n in range(5):
        sign_in(client, password="x", headers={"x-forwarded-for": f"10.0.0.{n}"})
    assert sign_in(client, headers={"x-forwarded-for": "10.0.0.99"}).status_code == 429


def test_a_quarter_of_an_hour_later_the_door_opens(client, user, time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    for n in range(5):
        sign_in(client, password=f"x{n}")
    time_machine.shift(timedelta(minutes=14))
    assert sign_in(client).status_code == 429
    time_machine.shift(timedelta(minutes=2))
    assert sign_in(client)["Location"] == "/"


# --- Where one comes to ---


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example",
        "//evil.example",
        "///evil.example",
        "http:evil.example",
        "javascript:alert(1)",
        "\\\\evil.example",
        "/\\evil.example",
    ],
)
def test_nobody_is_led_away_after_signing_in_or_choosing_the_size(client, user, target):
    assert (
        client.post("/login/", {"username": "wangli", "password": PASSWORD, "next": target})["Location"]
        == "/"
    )
    assert client.post("/size/", {"size": "elder", "next": target})["Location"] == "/"


def test_one_comes_to_the_page_one_asked_for(client, user):
    asked = client.get("/activities/?q=南关")
    assert sign_in(client, QUERY_STRING=asked["Location"].partition("?")[2])["Location"].startswith(
        "/activities/?q="
    )


def test_the_session_has_a_new_key_after_signing_in(client, user):
    client.get("/login/")
    session = client.session
    session["planted"] = "x"
    session.save()
    before = session.session_key

    sign_in(client)

    assert client.session.session_key != before
    assert not Session.objects.filter(session_key=before).exists()


# --- What ends it ---


def test_signing_out_ends_it_and_an_old_cookie_opens_nothing(client, user):
    sign_in(client)
    cookie = client.cookies["session"].value
    client.post("/logout/")

    assert not Session.objects.exists()
    thief = Client()
    thief.cookies["session"] = cookie
    assert not is_in(thief)


def test_a_link_cannot_sign_anybody_out(client, user):
    sign_in(client)
    assert client.get("/logout/").status_code == 405
    assert is_in(client)


@pytest.fixture
def clock(time_machine):
    time_machine.move_to("2026-03-02 08:00:00+08:00", tick=False)
    return time_machine


def test_thirty_idle_minutes_end_it_and_the_next_page_says_so(clock, client, user):
    sign_in(client)
    clock.shift(timedelta(minutes=29))
    assert is_in(client)
    clock.shift(timedelta(minutes=31))
    assert not is_in(client)
    assert "登录已过期，请再登录一次。" in client.get("/login/").content.decode()


def test_administrators_have_fifteen_minutes(clock, client, people):
    people.admin.user.username = "chief"
    people.admin.user.change_password(PASSWORD)
    sign_in(client, "chief")
    assert is_in(client)
    clock.shift(timedelta(minutes=16))
    assert not is_in(client)


def test_twelve_hours_end_it_however_busy_one_is(clock, client, user):
    sign_in(client)
    for _ in range(35):
        clock.shift(timedelta(minutes=20))
        assert is_in(client)
    clock.shift(timedelta(minutes=21))
    assert not is_in(client)


def test_a_new_password_ends_all_other_sessions_and_tokens_but_not_this_one(client, user):
    elsewhere = Client()
    sign_in(client), sign_in(elsewhere)
    AuthToken.objects.create(user)

    change(client)

    assert is_in(client)
    assert not is_in(elsewhere)
    assert not AuthToken.objects.exists()


def test_who_is_switched_off_is_out_at_the_next_request(client, user):
    sign_in(client)
    user.is_active = False
    user.save()
    assert not is_in(client)
    assert sign_in(client).status_code == 422


def test_who_is_switched_off_is_out_with_the_token_too(client, user):
    _, token = AuthToken.objects.create(user)
    header = {"authorization": f"Token {token}"}
    assert client.get("/api/v1/areas/", headers=header).status_code == 200
    user.is_active = False
    user.save()
    assert client.get("/api/v1/areas/", headers=header).status_code == 401


# --- The first password, and one that is old ---


def change(client, old=PASSWORD, new=NEW, again=None):
    return client.post(
        "/password/", {"old_password": old, "new_password1": new, "new_password2": again or new}
    )


def test_the_first_password_must_be_changed_before_anything_else(client, people):
    user = User.objects.create_user("neu", PASSWORD, name="新来的")
    f.PostFactory(user=user, area=people.town, role="OFFICE")
    sign_in(client, "neu")

    for address in ("/", "/activities/", "/inbox/", "/api/v1/areas/"):
        answer = client.get(address)
        assert answer.status_code in (302, 401, 403), address
        assert answer.get("Location", "/password/") == "/password/"
    assert client.post("/act/", {"post": 1})["Location"] == "/password/"
    assert "请先设置新密码，再继续使用。" in client.get("/password/").content.decode()

    assert change(client)["Location"] == "/"
    assert is_in(client)


def test_after_ninety_days_the_password_must_be_changed(client, user, settings):
    user.password_changed_at = timezone.now() - timedelta(days=91)
    user.save()
    sign_in(client)
    assert client.get("/activities/")["Location"] == "/password/"
    settings.PASSWORD_MAX_AGE = timedelta(0)
    assert is_in(client)


@pytest.mark.parametrize(
    ("filled", "why"),
    [
        ({"old": "x"}, "原密码不对，请再输一次。"),
        ({"again": "Dahe-9053-lie"}, "两次输入的新密码不一样，请再输一次。"),
        ({"new": "kurz"}, "密码"),
        ({"new": PASSWORD}, "这个密码最近用过"),
        ({"new": "Renda@20260301"}, "密码容易被猜到"),
        ({"new": "Aq7-" + "x雪" * 100}, "密码最多 128 个字符，请缩短。"),
    ],
)
def test_a_refused_password_is_told_with_the_reason_and_nothing_changes(client, user, filled, why):
    sign_in(client)
    answer = change(client, **filled)

    assert answer.status_code == 422
    assert why in answer.content.decode()
    assert User.objects.get(pk=user.pk).check_password(PASSWORD)
    assert filled.get("new", NEW) not in answer.content.decode()


# --- Posts ---


def test_a_person_acts_in_one_post_at_a_time_and_never_in_a_mixture(as_, people):
    second = f.PostFactory(user=people.station.user, role="OFFICE", area=people.other_county)
    client = as_(people.station)
    own, other = f"/stations/{people.own.code}/", f"/stations/{people.other.code}/"
    assert [client.get(own).status_code, client.get(other).status_code] == [200, 404]

    client.post("/act/", {"post": second.pk})

    assert [client.get(own).status_code, client.get(other).status_code] == [404, 200]


@pytest.mark.parametrize("whose", ["another's", "ended", "not begun", "none", "nonsense"])
def test_one_switches_to_own_current_posts_only(as_, people, whose):
    today = timezone.localdate()
    mine = {"user": people.station.user, "role": "ADMIN", "area": people.city}
    post = {
        "another's": lambda: people.admin.pk,
        "ended": lambda: f.PostFactory(**mine, to_on=today - timedelta(days=1)).pk,
        "not begun": lambda: f.PostFactory(**mine, from_on=today + timedelta(days=1)).pk,
        "none": lambda: 10**30,
        "nonsense": lambda: "x' OR 1=1",
    }[whose]()
    client = as_(people.station)

    answer = client.post("/act/", {"post": post}, follow=True)

    assert "这个岗位不是您的，或已到期。" in answer.content.decode()
    assert client.session["post_id"] == people.station.pk
    assert not AuditEntry.objects.filter(action="accounts.post.act").exists()


def test_who_has_left_the_post_has_no_rights_at_the_next_request(as_, people):
    client = as_(people.office)
    assert client.get("/activities/").status_code == 200
    people.office.to_on = timezone.localdate() - timedelta(days=1)
    people.office.save()
    answer = client.get("/activities/")
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "您的账号现在没有岗位" in page
    assert 'action="/logout/"' in page


def test_the_last_day_of_a_post_counts(as_, people):
    people.office.to_on = timezone.localdate()
    people.office.save()
    assert as_(people.office).get("/activities/").status_code == 200


def test_the_first_administrator_gets_a_password_for_once(people, capsys):
    call_command("create_admin", "Chief", area="1402")
    made = User.objects.get(username="chief")
    assert made.password_is_due
    assert made.posts.get().role == "ADMIN"
    with pytest.raises(CommandError, match="没有区划"):
        call_command("create_admin", "second", area="9902")


def test_what_is_wrong_with_a_new_password_is_said_where_it_was_typed(client, user):
    sign_in(client)
    assert "new_password1" in change(client, new="12345678").context["form"].errors


def test_a_post_is_told_with_its_place_once(people):
    post = f.PostFactory.build(area=people.town, role="STATION", title="南关街道联络站站长")
    assert post.called == "南关街道联络站站长"
    post.title = ""
    assert post.called == "南关街道 联络站"
