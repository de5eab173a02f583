"""manage.py forget_applicants [--dry-run]: blank who asked for appointments that are long over."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from visits.models import Applicant


class Command(BaseCommand):
    help = "隐去早已办完的约见的姓名和手机（保留天数见本地规则）。每天夜里自动做；--dry-run 只数不改。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="只数，不改")

    def handle(self, *, dry_run: bool, **options: Any) -> None:
        count = Applicant.objects.forget(timezone.localdate(), dry_run=dry_run)
        self.stdout.write(f"{'要' if dry_run else '已'}隐去 {count} 人。")
