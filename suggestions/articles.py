"""The text of a draft, pasted whole, taken apart into its articles."""

import re
from dataclasses import dataclass

NUMBER = r"[一二三四五六七八九十百零〇\d]+"
ARTICLE = re.compile(rf"^(第{NUMBER}条(?:之{NUMBER})?)[\s　:：]*(.*)$")
CHAPTER = re.compile(rf"^第{NUMBER}[编章节][\s　].*$|^第{NUMBER}[编章节]\S{{0,20}}$")


@dataclass
class Article:
    name: str
    text: str
    chapter: str = ""


def take_apart(text: str) -> tuple[str, list[Article]]:
    """What stands before the first article, and the articles in order, each with its chapter.

    A text without 第…条 (a plan, a decision) is taken paragraph by paragraph: 第1段, 第2段.
    """
    before: list[str] = []
    found: list[Article] = []
    chapter = ""
    for line in (line.strip(" 　\t") for line in text.splitlines()):
        if not line:
            continue
        if CHAPTER.match(line):
            chapter = line[:60]
        elif begins := ARTICLE.match(line):
            found.append(Article(begins[1], begins[2], chapter))
        elif found:
            found[-1].text = f"{found[-1].text}\n{line}".strip()
        else:
            before.append(line)
    if found:
        return "\n".join(before), found
    return "", [Article(f"第{number}段", line) for number, line in enumerate(before, 1)]


def put_together(articles: list[Article]) -> str:
    """The text again, as it would be pasted: chapters as lines of their own."""
    lines, chapter = [], ""
    for one in articles:
        if one.chapter != chapter:
            chapter = one.chapter
            lines.append(chapter)
        lines.append(one.text if one.name.endswith("段") else f"{one.name}　{one.text}")
    return "\n".join(lines)
