"""manage.py load_categories: the list of categories that comes with the product."""

import csv
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from visits.models import Category

SOURCE = Path(__file__).parents[2] / "data" / "categories.csv"
FIRST_DAY = date(2018, 1, 1)


@transaction.atomic
def load_categories() -> int:
    """Create the categories that are missing; those that exist stay as they are, for a place may have changed them.

    Parents stand before their children in the file. Returns how many were made.
    """
    known = {category.code: category for category in Category.objects.all()}
    made = 0
    with SOURCE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["code"] in known:
                continue
            known[row["code"]] = Category.objects.create(
                code=row["code"],
                name=row["name"],
                parent=known.get(row["parent"]),
                rank=int(row["rank"]),
                phrases=row["phrases"].split(),
                from_on=FIRST_DAY,
            )
            made += 1
    return made


class Command(BaseCommand):
    help = "载入自带的诉求类别（两级）。已有的类别不改动。"

    def handle(self, **options: Any) -> None:
        made = load_categories()
        self.stdout.write(f"诉求类别：新增 {made} 个，共 {Category.objects.count()} 个。")
