"""How well likeness finds what belongs together: python bench/themes.py [seed].

The cases are made up (bench/themes.json): 30 matters, each told twelve times in six ways, with other places, openings,
consequences and wishes, which all matters share; and 36 that belong to none. Cases of one category are compared, so the
other matters of the category are what it could be taken for. Matters 1, 3, 5 … were used to choose the threshold; the
figures to go by are those of matters 2, 4, 6 …

candidates  of the cases shown beside a case (five at most): the share that is right, and of the cases that have any of
            their own, the share that is shown one.
in other words   the same, when a case told in the same sentence does not count: the harder half of the task.
groups      of the cases that were grouped: the share that belongs with most of its group; and the share of matters found.
"""

import json
import random
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from suggestions.themes.likeness import ALIKE, GROUPED, Corpus, Text  # noqa: E402

EACH = 12  # times that each matter is told
THENS = 0.6  # share of people who say what follows from it


@dataclass(frozen=True)
class Case:
    text: Text
    matter: str
    way: int  # which sentence it was told in


def cases(seed: int = 1) -> list[Case]:
    """The labelled cases; the same for a seed."""
    told = json.loads((HERE / "themes.json").read_text(encoding="utf-8"))
    rng = random.Random(seed)
    return [
        Case(Text(number, words, category), matter, way)
        for number, (category, matter, way, words) in enumerate(_told(told, rng))
    ]


def _told(told: dict[str, Any], rng: random.Random) -> Iterator[tuple[str, str, int, str]]:
    def say(said: str, then: list[str]) -> str:
        place = rng.choice(told["places"])
        words = rng.choice(told["openers"]).format(place=place)
        words += said.format(place=place, n=rng.randint(3, 16))
        if then and rng.random() < THENS:
            words += "，" + rng.choice(then)
        return f"{words}。{rng.choice(told['asks'])}"

    for matter in told["matters"]:
        ways = matter["said"]
        for turn in range(EACH):
            way = turn % len(ways)
            yield matter["category"], matter["name"], way, say(ways[way], matter["then"])
    for number, (category, said) in enumerate(told["alone"]):
        yield category, f"alone {number}", 0, say(said, [])


def shown(known: list[Case], asked: set[str], *, other_words: bool, at_least: float) -> dict[str, float]:
    """Precision and recall of the candidates shown beside the cases of these matters."""
    corpus = Corpus(case.text for case in known)
    by_key = {case.text.key: case for case in known}
    right = total = found = have = 0
    for case in known:
        if case.matter not in asked:
            continue
        near = [by_key[text.key] for _, text in corpus.like(case.text, at_least=at_least, most=len(known))]
        if other_words:
            near = [one for one in near if (one.matter, one.way) != (case.matter, case.way)]
        near = near[:5]
        good = sum(one.matter == case.matter for one in near)
        right, total = right + good, total + len(near)
        have, found = have + 1, found + bool(good)
    return {"precision": round(right / max(total, 1), 3), "recall": round(found / max(have, 1), 3)}


def silent(known: list[Case], at_least: float) -> float:
    """The share of the lone cases beside which nothing is shown, as it should be."""
    corpus = Corpus(case.text for case in known)
    alone = [case for case in known if case.matter.startswith("alone")]
    return round(sum(not corpus.like(case.text, at_least=at_least) for case in alone) / len(alone), 3)


def grouped(known: list[Case], at_least: float) -> dict[str, float]:
    """How pure the groups are, and how many matters have one."""
    by_key = {case.text.key: case for case in known}
    right = total = 0
    found = set()
    for group in Corpus(case.text for case in known).groups(at_least=at_least):
        counts = Counter(by_key[text.key].matter for text in group)
        matter, most = counts.most_common(1)[0]
        right, total = right + most, total + len(group)
        found.add(matter)
    matters = {case.matter for case in known if not case.matter.startswith("alone")}
    return {
        "precision": round(right / max(total, 1), 3),
        "recall": round(len(found & matters) / len(matters), 3),
    }


def measure(seed: int = 1, at_least: float = ALIKE) -> dict[str, Any]:
    known = cases(seed)
    matters = list(dict.fromkeys(case.matter for case in known if not case.matter.startswith("alone")))
    halves = {"chosen on": set(matters[::2]), "measured on": set(matters[1::2])}
    return {
        "seed": seed,
        "cases": len(known),
        "threshold": at_least,
        **{
            name: {
                "candidates": shown(known, half, other_words=False, at_least=at_least),
                "in other words": shown(known, half, other_words=True, at_least=at_least),
            }
            for name, half in halves.items()
        },
        "silent beside lone cases": silent(known, at_least),
        "groups": grouped(known, GROUPED),
    }


if __name__ == "__main__":
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    print(json.dumps(measure(seed), ensure_ascii=False, indent=1))
