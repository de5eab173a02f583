"""manage.py load_areas [FILE.csv] [--builtin shanxi] [--nation]: bring the tree of areas up to date."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from liaison.accounts.areas import BUILTIN, BadAreas, load_areas, load_nation, read_areas

SHOWN_PROBLEMS = 20


class Command(BaseCommand):
    help = "载入行政区划：CSV 文件（code,name，UTF-8），或自带的数据。"

    def add_arguments(self, parser: CommandParser) -> None:
        choice = parser.add_mutually_exclusive_group(required=True)
        choice.add_argument("file", nargs="?", metavar="FILE.csv", help="两列：12 位代码、名称")
        choice.add_argument("--builtin", choices=sorted(BUILTIN), help="自带的数据")
        parser.add_argument("--nation", action="store_true", help="在各省之上加“全国”一级")

    def handle(self, *, file: str | None, builtin: str | None, nation: bool, **options: Any) -> None:
        path, source = BUILTIN[builtin] if builtin else (Path(file or ""), Path(file or "").name[:100])
        try:
            rows = read_areas(path)
            created, renamed = load_areas(rows, source=source)
            if nation:
                load_nation()
        except BadAreas as error:
            raise CommandError(self.refusal(error)) from None
        self.stdout.write(f"区划 {len(rows)} 个已载入：新增 {created} 个，改名 {renamed} 个。")

    @staticmethod
    def refusal(error: BadAreas) -> str:
        lines = [str(problem) for problem in error.problems[:SHOWN_PROBLEMS]]
        if (more := len(error.problems) - SHOWN_PROBLEMS) > 0:
            lines.append(f"另有 {more} 处问题。")
        return "\n".join(["文件有误，什么都没有载入。", *lines])
