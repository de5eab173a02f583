"""How papers say things: days, numbers of terms in characters, whose paper it is, boxes to tick, how a due day came about."""

import re
from collections.abc import Iterable
from datetime import date

from liaison.accounts.models import Area

BOXES = ("□", "√")
DIGITS = "零一二三四五六七八九"
COUNTED = re.compile(r" = (\d{1,2}月\d{1,2}日)")
SPACED = re.compile(r"(?<=[^\x00-\x7f]) (?=\d)|(?<=\d) (?=[^\x00-\x7f])")
NOT_YET = re.compile(r"（([\d、]+年调休未公布)）")  # brackets stand around the sentence already
EXTENDED = re.compile(r"(；经同意延期)至\d{1,2}月\d{1,2}日$")


def day_words(day: date | None) -> str:
    """2026年11月4日: days of a 公文 stand in Arabic figures (GB/T 9704-2012, 7.3.5.4)."""
    return f"{day:%Y年%-m月%-d日}" if day else ""


def in_characters(number: int) -> str:
    """17 → 十七, as terms and sessions of a congress are written; from 100 on in figures."""
    if not 0 <= number < 100:
        return str(number)
    tens, ones = divmod(number, 10)
    if not tens:
        return DIGITS[ones]
    return f"{DIGITS[tens] if tens > 1 else ''}十{DIGITS[ones] if ones else ''}"


def congress_office(area: Area) -> str:
    """Who signs for a congress: from the county up its 代表工作委员会 (代表法 art. 12), below it the body that stands."""
    if area.level in (Area.Level.TOWNSHIP, Area.Level.COMMUNITY):
        return f"{area.name}人大{'工作委员会' if area.name.endswith('街道') else '主席团'}"
    return f"{area.name}人大常委会代表工作委员会"


def government_office(area: Area) -> str:
    """The government's office, which urges and gathers what departments reply."""
    if area.level in (Area.Level.TOWNSHIP, Area.Level.COMMUNITY):
        return f"{area.name}{'办事处' if area.name.endswith('街道') else '人民政府'}"
    return f"{area.name}人民政府办公室"


def how_counted(because: str) -> str:
    """The sentence of a due day without the day itself, which stands before it on paper; of one put off, the first day stays."""
    because = because.rstrip("。")
    put_off = EXTENDED.sub(r"\1", because)
    said = COUNTED.sub("" if put_off == because else r"，到\1", put_off)
    return SPACED.sub("", NOT_YET.sub(r"，\1", said))


def boxes(choices: Iterable[tuple[str, str]], chosen: str) -> str:
    """One box for each choice, ticked where it was chosen."""
    return "　".join(f"{BOXES[value == chosen]}{label}" for value, label in choices)


def paragraphs(text: str) -> str:
    """One line for each paragraph, without empty ones and without what was put before them to indent."""
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())
