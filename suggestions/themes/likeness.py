"""How alike two texts are, by the runs of two and three characters that they share. Pure Python, no model, no dictionary.

Chinese has no spaces, so runs of characters stand for words. Each run weighs the more the rarer it is among the texts
at hand (TF-IDF), and the less the more kinds of them it is heard in: 给个准话 goes with heating as with roads. The likeness
of two texts is the cosine of their weighted runs: 0 nothing in common, 1 the same.
What everybody says (您好, 希望有关部门尽快解决) is left out first, and so are numbers with what they count: 3号楼 says where,
not what.

`bench/themes.py` measures on made-up cases how well this finds what people told apart; the thresholds come from there.
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from math import log, sqrt

ALIKE = 0.06  # shown as a candidate: more than nine of ten shown are right (bench/themes.py)
GROUPED = 0.12  # put into one group for somebody to look at
SAME = 0.35  # told in nearly the same words
LONGEST = 300  # characters of a text that are looked at: what is the matter is said at the beginning
SMALLEST = 100  # fewer texts weigh as if they were so many: in a handful every run would look rare

# Courtesy, who speaks, whom they asked: said whatever the matter is. Longer ones first.
_STOCK = """
    希望有关部门 不知道归谁管 请代表帮忙 什么时候 有关部门 尽快解决 代表同志 好多次 好几次 不知道 想知道 怎么办 没有下文 没人管
    反映反映 意见很大 给个准话 希望 请求 恳请 盼望 盼着 代表 您好 帮忙 反映 解决 居民 住户 群众 村民 业主 社区 小区 大家 我们 我家 家里
    正好碰上 接待日 公示 过来 我说说 说说 来过 替大家 头一回 联络站 不归 人家说 问一声 邻居 老人 孩子 打过 电话 派人 看看 问问 这事 说过 什么 怎么 能不能 一直 现在 今年 去年 每年 每天 有人 没人 没有 不能
""".split()
_stock = re.compile("|".join(map(re.escape, sorted(_STOCK, key=len, reverse=True))))
_number = re.compile(r"\d+(?:号楼|号院|单元|号|楼|层|栋|室|度|个月|个|天|年|月|日|户|块|元|岁|米|里)?")
_PARTICLES = "的了在是都也就还有着和与被把又很不要让到去来上下"


@dataclass(frozen=True)
class Text:
    """What is compared: `words`, known by `key`. Only texts of one place and kind are; a kind None goes with every kind."""

    key: Hashable
    words: str
    kind: Hashable = None
    place: Hashable = None


@lru_cache(maxsize=4096)
def pieces(words: str) -> tuple[str, ...]:
    """What is left of a text: runs of letters, without numbers, marks and what everybody says."""
    plain = _number.sub(" ", unicodedata.normalize("NFKC", words[: LONGEST * 2]).lower())
    letters = "".join(c if c.isalpha() else " " for c in plain)[:LONGEST]
    return tuple(piece for piece in _stock.sub(" ", letters).split() if len(piece) > 1)


def runs(words: str) -> set[str]:
    """All runs of two and of three characters."""
    return {
        piece[start : start + length]
        for piece in pieces(words)
        for length in (2, 3)
        for start in range(len(piece) - length + 1)
    }


class Corpus:
    """Texts at hand, a few hundred: which of them are like a given one, and which belong together."""

    def __init__(self, texts: Iterable[Text]) -> None:
        self.texts = list(texts)
        self._runs = [runs(text.words) for text in self.texts]
        self._holders: dict[str, list[int]] = defaultdict(list)
        for place, found in enumerate(self._runs):
            for run in found:
                self._holders[run].append(place)
        counts = Counter(run for found in self._runs for run in found)
        size = max(len(self.texts), SMALLEST)
        kinds = {
            run: len({self.texts[place].kind for place in places}) for run, places in self._holders.items()
        }
        self._weight = {run: log(1 + size / count) ** 2 / kinds[run] for run, count in counts.items()}
        self._rare = log(1 + size) ** 2
        self._length = [self._length_of(found) for found in self._runs]

    def weight_of(self, phrase: str) -> float:
        """How much a phrase says of the matter: little where it is heard with every matter."""
        found = runs(phrase)
        return sum(self._weight.get(run, self._rare) for run in found) / max(len(found), 1)

    def _length_of(self, found: set[str]) -> float:
        return sqrt(sum(self._weight.get(run, self._rare) for run in found))

    def _scores(self, text: Text, found: set[str], length: float) -> dict[int, float]:
        if not length:
            return {}
        sums: dict[int, float] = defaultdict(float)
        for run in found:
            for place in self._holders.get(run, ()):
                sums[place] += self._weight[run]
        return {
            place: total / (length * self._length[place])
            for place, total in sums.items()
            if self.texts[place].key != text.key and _comparable(text, self.texts[place])
        }

    def like(self, text: Text, *, at_least: float = ALIKE, most: int = 5) -> list[tuple[float, Text]]:
        """The texts most like `text`, with their likeness, best first; `text` itself is not among them."""
        found = runs(text.words)
        scores = self._scores(text, found, self._length_of(found))
        best = sorted(scores.items(), key=lambda item: (-item[1], item[0]))
        return [(score, self.texts[place]) for place, score in best[:most] if score >= at_least]

    def groups(self, *, at_least: float = GROUPED, least: int = 3) -> list[list[Text]]:
        """What belongs together: around the text that most others are like, then around the next. Largest first.

        Everything in a group is like its first text, so that groups do not run on from one matter into the next.
        """
        near = [
            {place: score for place, score in self._scores(*known).items() if score >= at_least}
            for known in zip(self.texts, self._runs, self._length, strict=True)
        ]
        free, groups = set(range(len(self.texts))), []
        while free:
            center = max(free, key=lambda place: (len(near[place]), sum(near[place].values()), -place))
            around = sorted(near[center], key=lambda place: (-near[center][place], place))
            if len(around) + 1 < least:
                break
            taken = [center, *around]
            groups.append([self.texts[place] for place in taken])
            free.difference_update(taken)
            for place in taken:
                for other in near[place]:
                    near[other].pop(place, None)
                near[place] = {}
        return sorted(groups, key=len, reverse=True)


def _comparable(one: Text, other: Text) -> bool:
    return one.place == other.place and (one.kind is None or other.kind is None or one.kind == other.kind)


def shared(one: str, other: str, *, most: int = 3) -> list[str]:
    """The longest phrases that both texts hold, for people to see why they were taken for alike."""
    there = "\n".join(pieces(other))
    found: dict[str, None] = {}
    for piece in pieces(one):
        start = 0
        while start < len(piece) - 1:
            end = start + 2
            if piece[start:end] not in there:
                start += 1
                continue
            while end < len(piece) and piece[start : end + 1] in there:
                end += 1
            phrase = piece[start:end].strip(_PARTICLES)
            if len(phrase) > 1:
                found[phrase] = None
            start = end
    return sorted(found, key=len, reverse=True)[:most]


def common(texts: Iterable[str], *, known: Corpus | None = None, most: int = 3) -> list[str]:
    """The phrases that most of these texts share with the first: what a group is about, in the people's own words.

    With a corpus those that are heard with every matter come last.
    """
    first, *others = [*texts][:50] or [""]
    counts = Counter(phrase for other in others for phrase in shared(first, other, most=8))

    def rank(phrase: str) -> float:
        return counts[phrase] * len(phrase) * (known.weight_of(phrase) if known else 1)

    chosen: list[str] = []
    for phrase in sorted(counts, key=lambda phrase: (-rank(phrase), phrase)):
        if not any(phrase in one or one in phrase for one in chosen):
            chosen.append(phrase)
    return chosen[:most]
