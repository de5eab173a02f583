"""Administrators keep areas, accounts and posts of their own area, and nothing that would reach beyond it."""

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from liaison.accounts.models import Area, Post, Role, User
from liaison.core.models import AuditEntry, CalendarYear
from tests import factories as f

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def enter():
    """The admin's own pages are not ours to look over: a plain client."""

    def sign_in(post):
        client = Client()
        client.force_login(post.user)
        session = client.session
        session["post_id"] = post.pk
        session.save()
        return client

    return sign_in


def page(model, what="changelist", *args):
    return reverse(f"admin:{model}_{what}", args=args)


MODELS = [
    "accounts_area",
    "accounts_user",
    "accounts_post",
    "deputies_congress",
    "deputies_term",
    "deputies_congresssession",
    "stations_station",
]


@pytest.mark.parametrize("model", MODELS)
def test_the_lists_are_for_administrators_only(enter, people, model):
    f.TermFactory(congress__area=people.county)
    assert enter(people.admin).get(page(model)).status_code == 200
    for who in ("office", "station", "deputy", "unit", "auditor"):
        assert enter(getattr(people, who)).get(page(model)).status_code == 302


def test_accounts_and_posts_of_other_areas_are_out_of_sight(enter, people):
    client = enter(people.admin)
    rows = client.get(page("accounts_post")).content.decode()
    assert "县代表工委" in rows
    assert "邻县代表工委" not in rows
    rows = client.get(page("accounts_user") + "?q=").content.decode()
    assert people.office.user.username in rows
    assert f"{people.office_other.user.username}<" not in rows
    assert client.get(page("accounts_user", "change", people.office_other.user.pk)).status_code == 302
    assert client.get(page("accounts_area") + "?q=140215").content.decode().count("140215000000") == 0


def account(**changed):
    sent = {
        "username": "ZhangSan", "name": "张三", "email": "", "is_active": "on", "password_1": "Beimen-7421-hu",
        "posts-TOTAL_FORMS": "1", "posts-INITIAL_FORMS": "0", "posts-0-role": "STATION", "posts-0-title": "联络员",
        "posts-0-from_on": "2024-01-01", "posts-0-to_on": "",
    }  # fmt: skip
    return sent | changed


def test_a_new_account_comes_with_a_post_and_must_change_its_password(enter, people):
    client = enter(people.admin)
    assert client.get(page("accounts_user", "add")).status_code == 200
    answer = client.post(page("accounts_user", "add"), account(**{"posts-0-area": people.town.pk}))
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    user = User.objects.get(username="zhangsan")
    assert user.check_password("Beimen-7421-hu")
    assert user.password_is_due
    assert user.posts.get().area == people.town
    assert AuditEntry.objects.of(user.posts.get()).get().post == people.admin
    assert "Beimen" not in str(list(AuditEntry.objects.values_list("data", "note")))


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"password_1": "1234567890"}, "密码"),
        ({"password_1": ""}, "请写初始密码"),
        ({"username": "ＵＳＥＲ"}, "已经有人用了"),
        ({"posts-0-role": ""}, "必填"),
    ],
)
def test_a_wrong_account_is_refused(enter, people, changed, sentence):
    f.UserFactory(username="user")
    answer = enter(people.admin).post(
        page("accounts_user", "add"), account(**{"posts-0-area": people.town.pk}) | changed
    )
    assert answer.status_code == 200
    assert sentence in answer.content.decode()
    assert not User.objects.filter(username="zhangsan").exists()


def test_nobody_grants_beyond_the_own_area(enter, people):
    client = enter(people.admin)
    for area in (people.city, people.other_county):
        answer = client.post(page("accounts_user", "add"), account(**{"posts-0-area": area.pk}))
        assert answer.status_code == 200
        post = {"user": people.station.user.pk, "role": "OFFICE", "area": area.pk, "from_on": "2024-01-01"}
        assert client.post(page("accounts_post", "add"), post).status_code == 200
    assert not User.objects.filter(username="zhangsan").exists()
    assert Post.objects.filter(user=people.station.user).count() == 1


def test_nobody_gives_posts_to_oneself_or_to_strangers(enter, people):
    client = enter(people.admin)
    for user in (people.admin.user, people.office_other.user):
        post = {"user": user.pk, "role": "OFFICE", "area": people.county.pk, "from_on": "2024-01-01"}
        assert client.post(page("accounts_post", "add"), post).status_code == 200
        assert Post.objects.filter(user=user).count() == 1
    own = {"title": "x", "from_on": "2024-01-01"}
    assert client.post(page("accounts_post", "change", people.admin.pk), own).status_code == 403


def test_a_post_is_given_and_ended_but_not_deleted(enter, people):
    client = enter(people.admin)
    sent = {"user": people.station.user.pk, "role": "DEPUTY", "area": people.town.pk, "from_on": "2024-01-01"}
    assert client.post(page("accounts_post", "add"), sent).status_code == 302
    post = Post.objects.get(user=people.station.user, role=Role.DEPUTY)
    client.post(
        page("accounts_post", "change", post.pk),
        {"title": "", "from_on": "2024-01-01", "to_on": "2024-06-30"},
    )
    post.refresh_from_db()
    assert str(post.to_on) == "2024-06-30"
    assert client.post(page("accounts_post", "delete", post.pk), {"post": "yes"}).status_code == 403


def test_who_also_acts_above_is_not_an_administrators_to_change(enter, people):
    f.PostFactory(user=people.station.user, role=Role.OFFICE, area=people.city)
    client = enter(people.admin)
    change = page("accounts_user", "change", people.station.user.pk)
    assert client.get(change).status_code == 200
    sent = {
        "name": "王丽",
        "email": "",
        "password_1": "Nanguan-8853-li",
        "posts-TOTAL_FORMS": "0",
        "posts-INITIAL_FORMS": "0",
    }
    assert client.post(change, sent).status_code == 403


def test_an_account_gets_a_new_password_or_is_shut(enter, people):
    user = people.station.user
    was_in = enter(people.station)
    change = page("accounts_user", "change", user.pk)
    sent = {
        "name": "王丽",
        "email": "",
        "password_1": "Nanguan-8853-li",
        "posts-TOTAL_FORMS": "0",
        "posts-INITIAL_FORMS": "0",
    }
    assert enter(people.admin).post(change, sent).status_code == 302
    user.refresh_from_db()
    assert (user.is_active, user.check_password("Nanguan-8853-li"), user.must_change_password) == (
        False,
        True,
        True,
    )
    assert was_in.get("/visits/").status_code == 302


def test_a_new_area_takes_its_place_in_the_tree(enter, people):
    client = enter(people.admin)
    assert (
        client.post(
            page("accounts_area", "add"), {"code": "140213009000", "name": "新街道", "active": "on"}
        ).status_code
        == 302
    )
    area = Area.objects.get(code="140213009000")
    assert (area.parent, area.level, area.path) == (people.county, Area.Level.TOWNSHIP, "140213009")
    client.post(page("accounts_area", "change", area.pk), {"name": "改名街道", "active": "on"})
    area.refresh_from_db()
    assert area.name == "改名街道"
    for code in ("140215009000", "140200000000", "14021300900", "x" * 12):
        assert (
            client.post(
                page("accounts_area", "add"), {"code": code, "name": "别处", "active": "on"}
            ).status_code
            == 200
        )
    assert not Area.objects.filter(name="别处").exists()


def test_a_congress_is_kept_in_its_own_area(enter, people):
    client = enter(people.admin)
    sent = {"name": "平城区人民代表大会", "level": "COUNTY", "area": people.county.pk}
    assert client.post(page("deputies_congress", "add"), sent).status_code == 302
    beyond = {"name": "大同市人民代表大会", "level": "CITY", "area": people.city.pk}
    assert client.post(page("deputies_congress", "add"), beyond).status_code == 200


def test_the_calendar_is_loaded_by_year(capsys):
    call_command("load_calendar", "2023", "2024")
    assert "2023-2024" in capsys.readouterr().out
    assert CalendarYear.objects.filter(announced=True).count() == 2
