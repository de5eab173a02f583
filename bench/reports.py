"""How long a report takes to be made, and how much memory; its ledger of requests beside a bare COPY of the same rows.

By hand, with the settings of the installation and on its data (`manage.py load_scale` first), on PostgreSQL:
`python bench/reports.py --area 140200 --period 2023-01-01..2023-10-31 [--rows 10000 …]`. Each line is made in a process of
its own, as a worker does it; nothing is kept. Prints one line of JSON for the whole report as a workbook and as CSV, for the
ledger of requests alone, cut off after so many rows, and for the COPY.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path
from typing import Any

HOUSE = Path(__file__).resolve().parent.parent
COLUMNS = (  # of the ledger, as the tables have them
    "number received_on station__code station__name channel category__name title visit__visitor__name visit__visitor__phone "
    "department__name dispatched_on accepted_on follower__deputy__name followed_on replied_on fed_back_on rated_on solved "
    "closed_on state"
).split()


def measure(what: str, area: str, period: str, rows: int) -> dict[str, Any]:
    import django

    django.setup()
    import xlsxwriter  # noqa: F401 — what a worker has loaded already is not counted

    from liaison.accounts.models import Area
    from liaison.core.workbooks.writing import write_book
    from liaison.reports.forms import full_code
    from liaison.reports.issued.content import Content
    from liaison.reports.issued.ledgers import REQUESTS
    from liaison.reports.issued.making import write
    from liaison.reports.periods import Kind, Period

    content = Content(Area.objects.get(code=full_code(area)), Period.read(Kind.FREE, period))
    before, began, cpu = _megabytes(), time.monotonic(), time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report"
        if what == "copy":
            made = _copy(path, REQUESTS.passes(content)[0])
        elif what == "ledger":
            sheet = content.ledger(REQUESTS)
            sheet.rows = islice(sheet.rows, rows or None)
            write_book(path, [sheet], title="", about="")
            made = sheet.written
        else:
            made = write(path, what, content).done
        seconds = time.monotonic() - began
        return {
            "what": what,
            "rows": made,
            "seconds": round(seconds, 2),
            "cpu_seconds": round(time.process_time() - cpu, 2),
            "rows_per_second": round(made / seconds),
            "bytes": path.stat().st_size,
            "megabytes_over": round(_megabytes() - before, 1),
        }


def _copy(path: Path, rows: Any) -> int:
    """The same rows as the database gives them out by itself."""
    from django.db import connection
    from psycopg import ClientCursor

    sql, params = rows.values_list(*COLUMNS).order_by("received_on", "pk").query.sql_with_params()
    connection.ensure_connection()
    told = ClientCursor(connection.connection).mogrify(sql, params)
    with path.open("wb") as file, connection.cursor() as cursor:
        with cursor.copy(f"COPY ({told}) TO STDOUT WITH CSV") as copied:
            for piece in copied:
                file.write(piece)
        return cursor.rowcount


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--area", required=True)
    parser.add_argument("--period", required=True, metavar="FROM..TO")
    parser.add_argument("--rows", type=int, nargs="*", default=[10_000, 0], help="0: all")
    parser.add_argument("--here", metavar="WHAT", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "liaison.settings")
    sys.path.insert(0, str(HOUSE))
    if asked.here:
        print(json.dumps(measure(asked.here, asked.area, asked.period, asked.rows[0])))
        return
    again = [sys.executable, __file__, "--area", asked.area, "--period", asked.period]
    for what, rows in [("copy", 0), *(("ledger", n) for n in asked.rows), ("csv", 0), ("xlsx", 0)]:
        subprocess.run([*again, "--here", what, "--rows", str(rows)], check=True)


if __name__ == "__main__":
    main()
