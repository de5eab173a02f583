"""Does the machine have a glyph for every character of a paper? A name must never come out as an empty box."""

import subprocess
import unicodedata
from functools import lru_cache
from html import unescape

from .workflow import NotAllowed

FAMILIES = ("Noto Serif CJK SC", "Noto Sans CJK SC")  # the last ones that print.css falls back to


@lru_cache(maxsize=1)
def covered() -> frozenset[int]:
    """The code points that the installed Chinese fonts can draw."""
    from fontTools.ttLib import TTFont  # slow to import

    found: set[int] = set()
    for family in FAMILIES:
        for path in _files(family)[:1]:
            with TTFont(path, fontNumber=0, lazy=True) as font:
                found |= set(font.getBestCmap() or {})
    return frozenset(found)


def _files(family: str) -> list[str]:
    try:
        answer = subprocess.run(  # noqa: S603 — our own words, no shell
            ["fc-list", "--format=%{file}\n", f"{family}:style=Regular"],  # noqa: S607
            capture_output=True, text=True, timeout=20, check=False,
        )  # fmt: skip
    except OSError:
        return []
    return sorted(set(answer.stdout.split("\n")) - {""})


def missing(text: str) -> list[str]:
    """The characters of `text` that cannot be drawn, each once, in order. Spaces and joiners need no glyph."""
    known = covered()
    return [c for c in dict.fromkeys(text) if ord(c) not in known and not _is_silent(c)]


def _is_silent(character: str) -> bool:
    if unicodedata.category(character) in ("Cc", "Cf", "Zs", "Zl", "Zp"):
        return True
    return 0xFE00 <= ord(character) <= 0xFE0F or 0xE0100 <= ord(character) <= 0xE01EF  # variation selectors


def check_glyphs(html_text: str) -> None:
    """Raises NotAllowed, naming what is missing."""
    if not covered():
        raise NotAllowed("服务器上没有中文字体，不能生成 PDF。请管理员安装 fonts-noto-cjk。")
    if lost := missing(unescape(html_text)):
        names = "、".join(f"“{c}”（U+{ord(c):04X}）" for c in lost[:5])
        raise NotAllowed(
            f"打印字体里没有{names}，印出来会是空框，所以没有生成。请改用其他写法，或请管理员补装字体。"
        )
