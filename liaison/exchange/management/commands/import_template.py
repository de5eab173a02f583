"""manage.py import_template FILE.xlsx"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from liaison.exchange.imports.template import write_template


class Command(BaseCommand):
    help = "写出导入用的空白工作簿，带下拉列表和填写说明。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE.xlsx")

    def handle(self, *, file: str, **options: Any) -> None:
        try:
            with open(file, "wb") as out:  # noqa: PTH123 — a path as typed
                write_template(out)
        except OSError as error:
            raise CommandError(f"写不了 {file}：{error.strerror}。") from None
        self.stdout.write(f"模板已写到 {file}。填好以后先用 import_workbook FILE --dry-run 核对。")
