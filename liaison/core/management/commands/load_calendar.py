from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from liaison.core.workdays import load_years


class Command(BaseCommand):
    help = "Fill the working-day calendar for some years; days corrected by hand stay."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("first", type=int, help="first year, for example 2018")
        parser.add_argument("last", type=int, help="last year")

    def handle(self, *, first: int, last: int, **options: Any) -> None:
        if not 1949 <= first <= last <= 2100:
            raise CommandError("Years go from 1949 to 2100, the first not after the last.")
        days = load_years(range(first, last + 1))
        self.stdout.write(self.style.SUCCESS(f"{first}-{last}: {days} holidays and make-up days."))
