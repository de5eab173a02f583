from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from liaison.core.workdays import load_years


class Command(BaseCommand):
    help = "载入几年的节假日和调休。手工更正过的日子不动。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("first", type=int, help="从哪年，如 2024")
        parser.add_argument("last", type=int, help="到哪年")

    def handle(self, *, first: int, last: int, **options: Any) -> None:
        if not 1949 <= first <= last <= 2100:
            raise CommandError("Years go from 1949 to 2100, the first not after the last.")
        days = load_years(range(first, last + 1))
        self.stdout.write(self.style.SUCCESS(f"{first}-{last}: {days} holidays and make-up days."))
