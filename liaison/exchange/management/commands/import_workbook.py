"""manage.py import_workbook FILE.xlsx [--dry-run] [--rejected OUT.xlsx]"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from liaison.core.workbooks.reading import Unreadable
from liaison.exchange.imports.importing import Refused, Report, check, take
from liaison.exchange.imports.rejected import write_rejected

MOST = 200  # problems that the terminal shows


class Command(BaseCommand):
    help = "导入工作簿：整个导入，或者一行都不导入。有问题时逐条写出表、行、列和原因，退出码 1。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE.xlsx")
        parser.add_argument("--dry-run", action="store_true", help="只核对，不保存")
        parser.add_argument(
            "--rejected", metavar="OUT.xlsx", help="把有问题的行写到这个文件，最后一列是错误原因"
        )

    def handle(self, *, file: str, dry_run: bool, rejected: str | None, **options: Any) -> None:
        today = timezone.localdate()
        try:
            report = check(file, by=None, today=today)
            if report.is_clean and not dry_run and report.count("new", "changed"):
                report = take(file, by=None, today=today)
        except Unreadable as error:
            raise CommandError(f"{file}：{error}") from None
        except Refused as refused:
            self._say(refused.report)
            raise CommandError(str(refused)) from None
        if rejected and not report.is_clean:
            write_rejected(rejected, report)
        self._say(report)
        if not report.is_clean:
            wrong = report.count("wrong")
            raise CommandError(f"{wrong} 行有问题，什么都没有导入。" if wrong else "什么都没有导入。")
        if report.written:
            self.stdout.write("已导入。")
        else:
            self.stdout.write(
                "核对通过，没有保存。" if dry_run else "没有要导入的：这个文件里的都在系统里了。"
            )

    def _say(self, report: Report) -> None:
        for problem in report.problems[:MOST]:
            self.stderr.write(str(problem))
        if len(report.problems) > MOST:
            self.stderr.write(f"还有 {len(report.problems) - MOST} 个问题，用 --rejected 写到文件里看。")
        for note in report.notes:
            self.stdout.write(f"提示：{note}")
        for checked in report.sheets:
            self.stdout.write(checked.in_words)
