"""Ten at once take the same step of the same case, a hundred times for each of four steps: exactly one may succeed.

By hand: `python bench/races.py [--races 100]`, on a SQLite file of its own, or on the empty database that DATABASE_URL
names. Prints one line of JSON a step: races, how many had exactly one winner, what the ten were told ("" is the winner),
and seconds.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

HOUSE = Path(__file__).resolve().parent.parent
AT_ONCE = 10
ANSWER = {"text": "管网已检修，室温达到十八度，请放心。", "answer_class": "A"}
RATING = {"attitude": "SATISFIED", "result": "SATISFIED", "solved": "PARTLY", "how": "PHONE"}


def race(act: Callable[[], None], pool: ThreadPoolExecutor) -> list[str]:
    """What each of ten was told who did it at the same moment; the winner: nothing."""
    from liaison.core.workflow import NotAllowed

    barrier = Barrier(AT_ONCE)

    def one(_: int) -> str:
        barrier.wait()
        try:
            act()
        except NotAllowed as refusal:
            return type(refusal).__name__
        return ""

    return list(pool.map(one, range(AT_ONCE)))


def close_all(pool: ThreadPoolExecutor) -> None:
    """Each of the ten has kept its connection from race to race, as a server's threads do."""
    from django.db import connection

    together = Barrier(AT_ONCE)

    def close(_: int) -> None:
        together.wait()
        connection.close()

    list(pool.map(close, range(AT_ONCE)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--races", type=int, default=100)
    races = parser.parse_args().races
    sys.path.insert(0, str(HOUSE))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "liaison.settings")
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("DATABASE_URL", f"sqlite:///{folder}/db.sqlite3")
        for command in (["migrate", "-v0"], ["load_demo", "--scenario", "county"]):
            subprocess.run(
                [sys.executable, str(HOUSE / "manage.py"), *command], stdout=subprocess.DEVNULL, check=True
            )
        import django

        django.setup()
        from liaison.accounts.models import Post, Role
        from suggestions.models import DepartmentStaff, Order, Request

        staff = DepartmentStaff.objects.filter(to_on=None).select_related("department", "post__area").first()
        unit, lead = staff.post, staff.department
        office = Post.objects.filter(role=Role.OFFICE, area=lead.area).order_by("pk").first()
        station = Post.objects.filter(role=Role.STATION).order_by("pk").first()
        waiting = Request.objects.awaiting_dispatch().filter(about=None, area_path__startswith=lead.area_path)
        chosen = list(waiting.order_by("-pk").values_list("pk", flat=True)[:races])
        like = Request.objects.get(pk=chosen[0])
        for _ in range(races - len(chosen)):
            one = Request(
                station=like.station, channel=like.channel, category=like.category, title=like.title,
                text=like.text, received_on=like.received_on, confidential=like.confidential,
            ).enter(by=None)  # fmt: skip
            chosen.append(one.pk)

        def fetched(pk: int) -> Request:
            return Request.objects.get(pk=pk)

        def order(pk: int) -> Order:
            # It may have been returned before.
            return Order.objects.filter(request=pk, department=lead).latest("pk")

        steps: dict[str, Callable[[int], None]] = {
            "dispatch": lambda pk: fetched(pk).dispatch(by=office, lead=lead),
            "accept": lambda pk: order(pk).accept(by=unit),
            "reply": lambda pk: order(pk).reply(by=unit, **ANSWER),
            "rate": lambda pk: fetched(pk).rate(by=station, **RATING),
        }
        pool = ThreadPoolExecutor(AT_ONCE)
        for name, act in steps.items():
            won, told, begun = 0, Counter[str](), time.perf_counter()
            for pk in chosen:
                if name == "rate":
                    fetched(pk).feed_back(by=station, how="PHONE")
                outcome = race(lambda act=act, pk=pk: act(pk), pool)
                won += outcome.count("") == 1
                told.update(outcome)
            said = {"step": name, "races": len(chosen), "one_winner": won, "told": told}
            print(json.dumps(said | {"seconds": round(time.perf_counter() - begun, 1)}), flush=True)
        close_all(pool)


if __name__ == "__main__":
    main()
