"""Which passwords are taken: none that is guessed first, every long one that a person makes up."""

import itertools

import pytest
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import override_settings

from liaison import settings as house
from liaison.accounts.models import User
from tests import factories as f

pytestmark = pytest.mark.once

WEAK = """
    Abc@123 Abc@123456 Abc@12345678 Abcd@12345 Abc123!@# Abc12345678! Aa123456789 Qwer@1234 Qwer!@#$1234 Qwerty@12345
    1qaz@WSX3edc 1Qaz2Wsx!! !QAZ2wsx#EDC Zaq12wsx!! Asdf@1234567 Passw0rd@2024 P@ssw0rd1234 P@$$w0rd2026 Password123!
    Admin@123456 Admin@2026! Admin888888! Root@1234567 Renda@2024 Renda@20260301 Rendadaibiao1! Renda-Daibiao-66
    Lianluozhan@1 Lianluozhan2026! Daibiao@123456 Shanxi@2026 Datong@2026!! DaTong@888888 Taiyuan@123456 Changzhi#2026
    Luzhou@12345678 Welcome@2026 Iloveyou@520 Woaini@1314520 Letmein@12345 Aaaa1111!!!! A1!A1!A1!A1! Aa1!Aa1!Aa1!
    AAAAAAAAAAa1! Test@1234567 User@1234567 Guest@123456 Zhongguo@1949 Huawei@12345 Sunshine@2024 Dragon@12345 Football#99
    Abcdefgh1234! Zyxwvuts9876! Qwertyuiop1! Asdfghjkl;1A 0987654321Aa! Ａｂｃ＠１２３４５６
""".split()
GOOD = """
    Beimen-7421-hu Zhan-4821-kfwqtmzp Correct-horse-battery-7 kL9#vm2Qx! 雪落大同城墙外7Ab-夜归人 9Fz_kuqerj-Lo Tq7!mzo4Kw
""".split()  # fmt: skip


@pytest.mark.parametrize("password", WEAK)
def test_what_an_attacker_tries_first_is_refused(password):
    with pytest.raises(ValidationError):
        validate_password(password)


def test_thousands_of_words_with_what_people_hang_on_are_all_refused():
    words = "renda daibiao lianluozhan admin password datong shanxi taiyuan qwerty abc abcd asdf iloveyou test welcome root mima huawei"
    spellings = [str.capitalize, str.upper, str.title, lambda word: word.replace("a", "@").capitalize()]
    joints = ["", "@", "!", "#", "_", "."]
    tails = [
        "123",
        "1234",
        "12345",
        "123456",
        "2024",
        "2025",
        "2026",
        "20260301",
        "888888",
        "666",
        "1!",
        "123!",
        "!@#",
        "001",
        "520",
        "1314",
    ]
    tried = {
        spelling(word) + joint + tail
        for word, spelling, joint, tail in itertools.product(words.split(), spellings, joints, tails)
    }

    taken = []
    for password in tried:
        try:
            validate_password(password)
        except ValidationError:
            continue
        taken.append(password)

    assert len(tried) > 4000
    assert taken == []


@pytest.mark.parametrize(
    "password", [*GOOD, "Q7!" + "雪夜归人" * 16 + "mkz", "Wz4-" + "".join(map(chr, range(0x4E00, 0x4E40)))]
)
def test_what_nobody_guesses_is_taken_however_long(password):
    validate_password(password, User(username="wangli", name="王丽"))


@pytest.mark.parametrize(
    "password", ["Short-7a", "nurkleinbuchstaben", "lower-and-sign-only", "ONLY12345678901", ""]
)
def test_too_short_or_too_plain_is_refused_with_what_to_do(password):
    with pytest.raises(ValidationError) as refusal:
        validate_password(password)
    assert all(message.endswith("。") for message in refusal.value.messages)


@pytest.mark.parametrize(
    "password",
    [
        "Zhangjianguo@1",
        "ZhangJianGuo88!",
        "Zjg18@datong",
        "zhang.jg-2026A",
        "张建国@A2026b",
        "Nanguan@2026x",
        "Pingcheng#2026",
    ],
)
def test_the_person_s_own_name_account_and_place_are_refused(db, password):
    town = f.area("140213001", "南关街道")
    f.area("140213", "平城区")
    user = f.UserFactory(username="zhang.jg", name="张建国")
    f.PostFactory(user=user, area=town)
    with pytest.raises(ValidationError, match="密码容易被猜到"):
        validate_password(password, user)


def test_the_last_five_are_not_used_again_and_the_sixth_is(db):
    user = f.UserFactory(username="wangli", name="王丽")
    used = [f"Dahe-{number}-liu-kqz" for number in (9053, 8146, 7239, 6318, 5471, 4862)]
    for password in used:
        validate_password(password, user)
        user.change_password(password)

    for password in used[1:]:
        with pytest.raises(ValidationError, match="这个密码最近用过"):
            validate_password(password, user)
    validate_password(used[0], user)
    assert user.used_passwords.count() == 5, "older ones are not kept at all"


def test_the_first_password_that_somebody_else_knows_is_not_kept(db):
    user = User.objects.create_user("wangli", "Beimen-7421-hu", name="王丽")
    with pytest.raises(ValidationError, match="这个密码最近用过"):
        validate_password("Beimen-7421-hu", user)


def test_passwords_are_hashed_with_argon2():
    with override_settings(PASSWORD_HASHERS=house.PASSWORD_HASHERS):
        assert make_password("Beimen-7421-hu").startswith("argon2$argon2id$")
