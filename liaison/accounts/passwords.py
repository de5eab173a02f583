"""What a password must be: the profile that GB/T 22239-2019 8.1.4.1 a) asks for."""

import re
import unicodedata
from typing import Any

from django.contrib.auth.hashers import check_password
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError

KINDS = (r"[a-z]", r"[A-Z]", r"[0-9]", r"[^A-Za-z0-9]")
GUESSED_FIRST = ("renda", "lianluozhan", "daibiao", "admin", "password", "shanxi", "datong", "taiyuan", "changzhi", "qwer", "123456")
REMEMBERED = 5


class ThreeKinds:
    def validate(self, password: str, user: Any = None) -> None:
        if sum(bool(re.search(kind, password)) for kind in KINDS) < 3:
            raise ValidationError("密码太简单：大写字母、小写字母、数字、符号，至少要有三种。", code="password_too_simple")

    def get_help_text(self) -> str:
        return "大写字母、小写字母、数字、符号，至少要有三种。"


class NotEasilyGuessed(CommonPasswordValidator):
    """Refuses what an attacker tries first: common words with digits hung on, place names, the person's own data."""

    def validate(self, password: str, user: Any = None) -> None:
        plain = unicodedata.normalize("NFKC", password).casefold()
        core = re.sub(r"[\W\d_]+", "", plain.translate(str.maketrans("@013$5", "aoiess")))
        own = {user.username.casefold(), user.name.casefold()} if user is not None and user.username else set()
        weak = (
            plain in self.passwords
            or (core and core in self.passwords)
            or any(word in plain or (core and core == word) for word in GUESSED_FIRST)
            or any(word and word in plain for word in own)
            or len(set(plain)) < 5
        )
        if weak:
            raise ValidationError("密码容易被猜到：不要用姓名、账号、地名、常见词或连续数字。", code="password_too_common")

    def get_help_text(self) -> str:
        return "不要用姓名、账号、地名、常见词或连续数字。"


class NotUsedBefore:
    def validate(self, password: str, user: Any = None) -> None:
        if user is None or user.pk is None:
            return
        for used in user.used_passwords.order_by("-set_at", "-pk")[:REMEMBERED]:
            if check_password(password, used.password):
                raise ValidationError(f"这个密码最近用过，请换一个（最近 {REMEMBERED} 次用过的不能再用）。", code="password_used")

    def get_help_text(self) -> str:
        return f"最近 {REMEMBERED} 次用过的密码不能再用。"
