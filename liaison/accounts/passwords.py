"""What a password must be: the profile that GB/T 22239-2019 8.1.4.1 a) asks for."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from django.contrib.auth.hashers import check_password
from django.contrib.auth.password_validation import CommonPasswordValidator, MinimumLengthValidator
from django.core.exceptions import ValidationError

from .models import PASSWORDS_REMEMBERED, Area, User

KINDS = (r"[a-z]", r"[A-Z]", r"[0-9]", r"[^A-Za-z0-9]")
GUESSED_FIRST = """
    renda rendadaibiao lianluozhan lianluo daibiao daibiaozhijia jiedai gongwei admin administrator root guest user test
    password passwd pass word mima woaini iloveyou welcome hello login letmein changeme secret system manager
    shanxi datong taiyuan changzhi luzhou yangquan jincheng shuozhou jinzhong yuncheng xinzhou linfen lvliang luliang
    beijing shanghai china zhongguo huawei baidu weixin
""".split()
ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "!@#$%^&*()",
)
AS_LETTERS = str.maketrans("@0134$57!", "aoieassti")
ENOUGH = 6  # letters and digits that nobody can foresee
PLACE_KINDS = re.compile(r"(省|市|区|县|乡|镇|街道|自治州|自治县|自治区)$")


class LongEnough(MinimumLengthValidator):
    def get_error_message(self) -> str:
        return f"密码太短：至少要有 {self.min_length} 个字符。"

    def get_help_text(self) -> str:
        return f"至少 {self.min_length} 个字符。"


class ThreeKinds:
    def validate(self, password: str, user: Any = None) -> None:
        if sum(bool(re.search(kind, password)) for kind in KINDS) < 3:
            raise ValidationError(
                "密码太简单：大写字母、小写字母、数字、符号，至少要有三种。", code="password_too_simple"
            )

    def get_help_text(self) -> str:
        return "大写字母、小写字母、数字、符号，至少要有三种。"


class NotEasilyGuessed(CommonPasswordValidator):
    """Takes away what an attacker tries first, and asks whether enough is left.

    That is: common words, place names, the person's own data, rows of the keyboard, years, repeated characters; each
    also as written with @ for a and 0 for o.
    """

    def validate(self, password: str, user: Any = None) -> None:
        plain = unicodedata.normalize("NFKC", password).casefold()
        words = {*GUESSED_FIRST, *_own_words(user)}
        if any(self._is_weak(spelling, words) for spelling in (plain, _as_letters(plain))):
            raise ValidationError(
                "密码容易被猜到：不要用姓名、账号、地名、常见词或连续数字。", code="password_too_common"
            )

    def _is_weak(self, plain: str, words: Iterable[str]) -> bool:
        letters = re.sub(r"[\W\d_]+", "", plain)
        if plain in self.passwords or (len(letters) > 3 and letters in self.passwords):
            return True
        left = plain
        for word in sorted(words, key=len, reverse=True):
            left = left.replace(word, " ")
        left = re.sub(r"(19|20)\d\d([01]\d[0-3]\d)?", " ", _without_rows(left))
        left = re.sub(r"(.{1,4}?)\1+", r"\1", left)
        return len(re.findall(r"[^\W_]", left)) < ENOUGH

    def get_help_text(self) -> str:
        return "不要用姓名、账号、地名、常见词或连续数字。"


class NotUsedBefore:
    def validate(self, password: str, user: Any = None) -> None:
        if user is None or user.pk is None:
            return
        used = user.used_passwords.order_by("-set_at", "-pk").values_list("password", flat=True)
        if any(check_password(password, one) for one in {user.password, *used[:PASSWORDS_REMEMBERED]}):
            raise ValidationError(
                f"这个密码最近用过，请换一个（最近 {PASSWORDS_REMEMBERED} 次用过的不能再用）。",
                code="password_used",
            )

    def get_help_text(self) -> str:
        return f"最近 {PASSWORDS_REMEMBERED} 次用过的密码不能再用。"


def _as_letters(text: str) -> str:
    """With @ for a and 0 for o read as letters, inside words only: a date is no word."""
    return re.sub(r"[a-z@!$013457]*[a-z][a-z@!$013457]*", lambda word: word[0].translate(AS_LETTERS), text)


def _without_rows(text: str) -> str:
    """Without runs of four or more that lie side by side on the keyboard or in the alphabet, in either direction.

    Three will do where they begin or end the password, as in Abc@…
    """
    for row in (*ROWS, *(row[::-1] for row in ROWS)):
        for length in range(len(row), 2, -1):
            for start in range(len(row) - length + 1):
                run = row[start : start + length]
                if run in text and (length > 3 or text.startswith(run) or text.endswith(run)):
                    text = text.replace(run, " ")
    return text


def _own_words(user: User | None) -> set[str]:
    """The person's account and name, also by sound and by initials, and the places where the person works."""
    if user is None or not user.username:
        return set()
    from pypinyin import Style, lazy_pinyin

    places = {"", user.name}
    if user.pk:
        paths = {
            path
            for post in user.posts.select_related("area")
            for path in post.area.path_and_above
            if len(path) > 2
        }
        places |= set(Area.objects.filter(path__in=paths).values_list("name", flat=True))
    words = {user.username.casefold(), user.email.partition("@")[0].casefold(), user.name.casefold()}
    for name in places:
        short = PLACE_KINDS.sub("", name)
        words |= {short, "".join(lazy_pinyin(short))}
    words.add("".join(lazy_pinyin(user.name, style=Style.FIRST_LETTER)))
    return {word for word in words if len(word) > 2 or (len(word) > 1 and not word.isascii())}
