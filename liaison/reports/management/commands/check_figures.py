"""manage.py check_figures [--repair]: are the figures that were counted beforehand those of the records?"""

from itertools import islice
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from liaison.reports.tallies.keeping import check, count_days
from liaison.reports.tallies.models import Tally

SHOWN = 50


class Command(BaseCommand):
    help = "核对预先统计好的数字和记录是否一致；--repair 按记录全部重算。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--repair", action="store_true", help="按记录重算，改正不一致的数字")

    def handle(self, *, repair: bool, **options: Any) -> None:
        wrong = check(repair=repair)
        shown = list(islice(wrong, SHOWN))
        for one in shown:
            self.stdout.write(str(one))
        total = len(shown) + sum(1 for _ in wrong)
        if repair:
            count_days()
        if total > SHOWN:
            self.stdout.write(f"……共 {total} 处不一致，这里列出前 {SHOWN} 处。")
        if total and not repair:
            raise CommandError(f"有 {total} 处不一致。加上 --repair 再运行一次就按记录改正。")
        done = f"已改正 {total} 处" if total else "全部一致"
        self.stdout.write(f"{done}，共 {Tally.objects.count()} 个区划月份。")
