"""manage.py load_scale --size county|city|province|nation [--requests N]: bulk data for measuring."""

import os
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.utils import timezone
from django.utils.crypto import get_random_string

from liaison.demo.scale import SIZES, load
from stations.models import Station


class Command(BaseCommand):
    help = "载入测量用的大量数据。只能载入空数据库；province 和 nation 要几十分钟到几小时，nation 只用 PostgreSQL、要能用超级用户。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--size", required=True, choices=list(SIZES))
        parser.add_argument("--years", type=int, metavar="N", help="往前多少年的记录（1 到 10，默认按规模）")
        parser.add_argument(
            "--requests",
            type=int,
            default=0,
            metavar="N",
            help="诉求至少多少件（最多 1000 万）；来访提出的不够，其余的算来电、来信",
        )
        parser.add_argument(
            "--on", type=date.fromisoformat, metavar="DATE", help="把哪一天当作今天（默认今天）"
        )

    def handle(self, *, size: str, years: int | None, requests: int, on: date | None, **options: Any) -> None:
        if years is not None and not 1 <= years <= 10:
            raise CommandError("--years 要写 1 到 10。")
        if not 0 <= requests <= 10_000_000:
            raise CommandError("--requests 要写 0 到 10000000。")
        if Station.objects.exists():
            raise CommandError("数据库里已有站点，测量数据只能载入空数据库。请换一个数据库再试。")
        if size == "nation" and not _may_copy():
            raise CommandError(
                "nation 要用 PostgreSQL，而且数据库账号要是超级用户：复制各省时先停下外键和触发器。"
            )
        password = os.environ.get("DEMO_PASSWORD") or f"Ce-{get_random_string(12)}"
        users = load(
            size,
            today=on or timezone.localdate(),
            years=years,
            password=password,
            say=self.stdout.write,
            requests=requests,
        )
        self.stdout.write(f"账号 {'、'.join(user.username for user in users)}，密码 {password}")


def _may_copy() -> bool:
    if connection.vendor != "postgresql":
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('is_superuser')")
        return bool(cursor.fetchone()[0] == "on")
