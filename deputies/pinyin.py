"""How a name is found by sound: full pinyin and initials, with the readings that surnames have.

pypinyin reads 单 as dan and 解 as jie; as surnames they are Shan and Xie.
"""

from functools import lru_cache

SURNAMES = {
    "单": "shan", "解": "xie", "仇": "qiu", "查": "zha", "曾": "zeng", "任": "ren", "朴": "piao", "区": "ou",
    "盖": "ge", "乐": "yue", "尉迟": "yu chi", "万俟": "mo qi", "长孙": "zhang sun", "宁": "ning", "燕": "yan",
    "华": "hua", "纪": "ji", "缪": "miao", "牟": "mu", "冼": "xian", "员": "yun", "翟": "zhai", "覃": "qin",
}  # fmt: skip


@lru_cache(maxsize=1)
def _reader():  # type: ignore[no-untyped-def]
    from pypinyin import lazy_pinyin  # builds large tables; only where names are saved

    return lazy_pinyin


def read(name: str) -> tuple[str, str]:
    """The full pinyin without spaces and the initials: 张建国 → ("zhangjianguo", "zjg")."""
    for length in (2, 1):
        if sound := SURNAMES.get(name[:length]):
            syllables = sound.split() + _reader()(name[length:])
            break
    else:
        syllables = _reader()(name)
    syllables = [
        part for syllable in syllables if (part := "".join(c for c in syllable.lower() if c.isalnum()))
    ]
    return "".join(syllables)[:80], "".join(s[0] for s in syllables)[:20]
