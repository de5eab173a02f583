"""One deed for many things: each stands or falls by itself, and what failed says why."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, transaction

from liaison.core.workflow import NotAllowed


@dataclass
class Outcome:
    """What was done, and what was not, with the sentence that says why."""

    done: list[Any] = field(default_factory=list)
    failed: list[tuple[Any, str]] = field(default_factory=list)


def each(things: Iterable[Any], deed: Callable[[Any], Any]) -> Outcome:
    """Do it for each in the order of their keys, so that two batches at once never wait for each other in a ring."""
    outcome = Outcome()
    for thing in sorted(things, key=lambda one: one.pk):
        try:
            with transaction.atomic():
                deed(thing)
        except NotAllowed as error:
            outcome.failed.append((thing, str(error)))
        except IntegrityError:
            outcome.failed.append((thing, "刚刚有人办过这一件，请看看现在的情况。"))
        else:
            outcome.done.append(thing)
    return outcome


MOST = 200  # numbers in one address or form
_number = re.compile(r"[0-9A-Za-z-]{1,24}")


def is_number(sent: str) -> bool:
    """May it be the number of a request or order at all? A database refuses some characters with an error of its own."""
    return _number.fullmatch(sent) is not None


def numbers(sent: Iterable[str]) -> list[str]:
    """Of what an address or a form sent, what may be numbers; at most MOST."""
    return [one for one in sent if is_number(one)][:MOST]
