"""Names and numbers with their middle hidden, for those who need not know them to do their work; and numbers found."""

import re
import unicodedata
from collections.abc import Iterable

PERSON_NAMED = "反映人的姓名"  # what is said of a text in which such a name stands
MOBILE = re.compile(r"(?<!\d)1[3-9]\d(?:[\s-]?\d){8}(?!\d)")
FIXED = re.compile(r"(?<!\d)0\d{2,3}[\s-]?\d{7,8}(?!\d)")
IDENTITY = re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)")


def numbers_in(text: str) -> list[str]:
    """Which kinds of number of a person stand in `text`, never the number itself. Full-width digits count as digits."""
    text = unicodedata.normalize("NFKC", text)
    shapes = (("手机号", MOBILE), ("电话号码", FIXED), ("身份证号", IDENTITY))
    return [what for what, shape in shapes if shape.search(text)]


def names_in(text: str, names: Iterable[str]) -> set[str]:
    """Those of `names` that stand in `text`, however wide its characters are."""
    text = unicodedata.normalize("NFKC", text)
    return {name for name in names if name and name in text}


def mask_name(name: str | None) -> str:
    """张*: the first character and no hint of how many follow."""
    name = (name or "").strip()
    return f"{name[0]}*" if name else ""


def mask_phone(phone: str | None) -> str:
    """138****5521; of a short number only the end, of less than seven digits nothing."""
    digits = "".join(character for character in phone or "" if character.isdecimal())
    if len(digits) > 11 and digits.startswith("86"):
        digits = digits[2:]
    if len(digits) >= 11:
        return f"{digits[:3]}****{digits[-4:]}"
    return f"****{digits[-2:]}" if len(digits) >= 7 else "****" if digits else ""
