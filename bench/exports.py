"""How long a list takes to export, and how much memory; unless named, the six largest.

By hand, with the settings of the installation and on its data (`manage.py load_scale --size city` first):
`python bench/exports.py [--account office-city] [LIST …]`. Each list is made in a process of its own, as a worker does
it; nothing is kept. Prints one line of JSON a list: rows, seconds, seconds of CPU, bytes, megabytes over what the
process had before.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HOUSE = Path(__file__).resolve().parent.parent
THE_LARGEST = ("stations", "deputies", "activities", "attendances", "visits", "requests")


def measure(name: str, account: str) -> dict[str, float | str]:
    import django

    django.setup()
    import xlsxwriter  # noqa: F401 — what a worker has loaded already is not counted
    from django.utils import timezone

    from liaison.accounts.models import Post
    from liaison.core.workbooks.writing import write
    from liaison.exchange.exports import LISTINGS
    from liaison.exchange.exports.listing import Asked

    post = Post.objects.current(timezone.localdate()).select_related("area").get(user__username=account)
    listing = LISTINGS[name]
    asked = Asked(listing, {}, post)
    before, began, cpu = _megabytes(), time.monotonic(), time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "list.xlsx"
        rows = write(
            path,
            title=listing.title,
            about="",
            sheet=listing.title,
            headings=[column.heading for column in listing.columns],
            widths=[column.width for column in listing.columns],
            rows=([column.value(row, asked) for column in listing.columns] for row in asked.read()),
        )
        return {
            "list": name,
            "rows": rows,
            "seconds": round(time.monotonic() - began, 2),
            "cpu_seconds": round(time.process_time() - cpu, 2),
            "bytes": path.stat().st_size,
            "megabytes_over": round(_megabytes() - before, 1),
        }


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("lists", nargs="*", metavar="LIST")
    parser.add_argument("--account", default="office-city")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "liaison.settings")
    sys.path.insert(0, str(HOUSE))
    if asked.here:
        print(json.dumps(measure(asked.lists[0], asked.account)))
        return
    for name in asked.lists or THE_LARGEST:
        again = [sys.executable, __file__, "--here", "--account", asked.account, name]
        subprocess.run(again, check=True)


if __name__ == "__main__":
    main()
