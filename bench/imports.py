"""How long a city takes to come in from a workbook, and how much memory: with one wrong cell, right, and once more.

By hand: `python bench/imports.py`, into a SQLite file of its own, or into the empty database that DATABASE_URL names.
Prints one line of JSON a run: seconds, seconds of CPU of the importing process, its greatest memory, what it said, and
how many records there are afterwards.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HOUSE = Path(__file__).resolve().parent.parent
MANAGE = [sys.executable, str(HOUSE / "manage.py")]


def bring_in(what: str, path: Path) -> None:
    """One import in a process of its own, as a worker does it."""
    began = time.monotonic()
    with tempfile.TemporaryFile("w+") as told:
        process = subprocess.Popen(
            [*MANAGE, "import_workbook", str(path)], stdout=told, stderr=subprocess.STDOUT
        )
        _, status, usage = os.wait4(process.pid, 0)  # of this one alone, not the greatest of all so far
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.monotonic() - began
        told.seek(0)
        said = told.read().strip().splitlines()
    answer = {
        "run": what,
        "exit": process.returncode,
        "seconds": round(seconds, 1),
        "cpu_seconds": round(usage.ru_utime + usage.ru_stime, 1),
        "greatest_megabytes": round(usage.ru_maxrss / 1024),
        "records": records(),
        "said": said[-2:],
    }
    print(json.dumps(answer, ensure_ascii=False), flush=True)


def records() -> dict[str, int]:
    from django.db import connection

    from deputies.models import Mandate
    from stations.models import Station
    from visits.models import Activity, Visit

    counts = {model.__name__: model.objects.count() for model in (Station, Mandate, Activity, Visit)}
    connection.close()
    return counts


def main() -> None:
    sys.path.insert(0, str(HOUSE))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "liaison.settings")
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("DATABASE_URL", f"sqlite:///{folder}/db.sqlite3")
        for command in (["migrate", "-v0"], ["load_areas", "--builtin", "shanxi"], ["load_categories"]):
            subprocess.run([*MANAGE, *command], stdout=subprocess.DEVNULL, check=True)
        import django

        django.setup()
        from bench.workbook import write

        for name, wrong in (("wrong", True), ("right", False)):
            write(Path(folder, f"{name}.xlsx"), wrong=wrong)
        bring_in("one wrong cell", Path(folder, "wrong.xlsx"))
        bring_in("all right", Path(folder, "right.xlsx"))
        bring_in("the same again", Path(folder, "right.xlsx"))


if __name__ == "__main__":
    main()
