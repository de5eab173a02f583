"""manage.py verify_seal 140213-2026-001 | --all"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from liaison.reports.models import Seal
from liaison.reports.seals.verifying import gaps, in_words, verify


class Command(BaseCommand):
    help = "把定稿和现在的记录核对，列出每一项不同和原因；定稿本身被改过的，以失败结束。"

    def add_arguments(self, parser: CommandParser) -> None:
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("number", nargs="?", help="定稿编号，如 140213-2026-001")
        which.add_argument("--all", action="store_true", help="全部定稿，并查编号是否连续")

    def handle(self, *, number: str | None, **options: Any) -> None:
        rows = Seal.objects.select_related("area", "previous", "corrects").order_by("pk")
        rows = rows if options["all"] else rows.filter(number=number)
        if number and not rows:
            raise CommandError(f"没有编号为 {number} 的定稿。")
        broken = 0
        for seal in rows.iterator():
            broken += self._verify(seal)
        lost = gaps() if options["all"] else []
        for sentence in lost:
            self.stdout.write(sentence)
        if broken or lost:
            raise CommandError(f"{broken} 份定稿被改过，{len(lost)} 处编号不连续。")

    def _verify(self, seal: Seal) -> bool:
        check = verify(seal, actor="命令行")
        self.stdout.write(f"{seal.number} {seal.title}：{check.result}")
        for one in in_words(check, None):
            self.stdout.write(f"  {one.name}：定稿 {one.then}，现在 {one.now}（{one.more}）")
            for how, total, records in one.kinds:
                self.stdout.write(f"    {how}的 {total} 条")
                for record in records:
                    self.stdout.write(f"      {record.label}：{'；'.join(record.reasons)}")
        return bool(check.flaws)
