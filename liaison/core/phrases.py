"""Finding a phrase in what was written. Chinese has no spaces, so a phrase is a run of characters, two or more.

Both databases find the same rows: those that hold the phrase, capital letters A to Z and small ones alike. SQLite reads
through the rows in sight. PostgreSQL looks the phrase up by its pairs of characters where a model has an index of them
(liaison/core/indexes.py), and then compares what it found. Why: docs/decisions/0015-search-by-pairs.md.
"""

from itertools import pairwise
from typing import Any

from django.db import models

SEPARATOR = "\n"  # between the columns; no phrase that a form lets in holds it


def pairs(phrase: str) -> list[str]:
    """The pairs of neighbouring characters, as `core_pairs` of PostgreSQL makes them."""
    return [one + other for one, other in pairwise(phrase)]


def folded(phrase: str) -> str:
    """Small letters for A to Z; everything else is left as it is, whatever the locale of a database says."""
    return "".join(c.lower() if c.isascii() else c for c in phrase)


class Holds(models.Func):
    """Is `phrase` in one of the columns `names`? A condition to filter by. `by_pairs`: they have such an index.

    A phrase of one character has no pairs: every row in sight is read.
    """

    output_field = models.BooleanField()
    conditional = True

    def __init__(self, phrase: str, *names: str, by_pairs: bool = False) -> None:
        super().__init__(*names)
        self.phrase, self.by_pairs = folded(phrase), by_pairs

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> tuple[str, Any]:
        words, params = self._words(compiler, r"E'\n'")
        # Not LIKE: of an expression the planner would take it that hardly any row is like it, and misjudge the rest.
        sql, values = f'strpos(lower(({words}) COLLATE "C"), %s) > 0', [*params, self.phrase]
        found = pairs(self.phrase)
        if not self.by_pairs or not found:
            return sql, values
        # Both, also where one pair is the phrase: row by row, the first is ten times as quick.
        return f"({sql} AND core_pairs({words}) @> %s::text[])", [*values, *params, found]

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> tuple[str, Any]:
        words, params = self._words(compiler, "char(10)")
        pattern = f"%{connection.ops.prep_for_like_query(self.phrase)}%"
        return rf"({words}) LIKE %s ESCAPE '\'", [*params, pattern]

    def _words(self, compiler: Any, separator: str) -> tuple[str, list[Any]]:
        compiled = [compiler.compile(one) for one in self.get_source_expressions()]
        return f" || {separator} || ".join(sql for sql, _ in compiled), [
            p for _, some in compiled for p in some
        ]
