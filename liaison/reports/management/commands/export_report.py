"""manage.py export_report quarterly --area 140200 --period 2023Q3 --format xlsx --out FILE"""

from datetime import datetime
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from liaison.accounts.models import Area
from liaison.core.workflow import NotAllowed
from liaison.reports.forms import full_code
from liaison.reports.issued.content import Content
from liaison.reports.issued.making import WRITERS, write
from liaison.reports.periods import WRITTEN, Kind, Period

from .figures import read_moment

KINDS = {kind.lower().replace("_", "-"): kind for kind in Kind}


class Command(BaseCommand):
    help = "生成一个区划一段时间的报表，和网页上生成的一样；姓名、电话遮盖。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "kind",
            choices=sorted(KINDS),
            help="；".join(f"{name} {kind.label}" for name, kind in KINDS.items()),
        )
        parser.add_argument("--area", required=True, help="区划代码，如 140200")
        examples = "、".join(example for _, example in WRITTEN.values())
        parser.add_argument("--period", required=True, help=f"统计期：{examples}")
        parser.add_argument("--format", choices=sorted(WRITERS), default="xlsx", help="格式")
        parser.add_argument("--out", required=True, type=Path, metavar="FILE", help="写到哪个文件")
        parser.add_argument("--as-of", metavar="TIME", help="按当时已登记的记录统计，写法同 figures")

    def handle(
        self, *, kind: str, area: str, period: str, out: Path, as_of: str | None, **options: Any
    ) -> None:
        place = Area.objects.filter(code=full_code(area)).first()
        if place is None:
            raise CommandError(f"没有区划 {area}，请检查代码。区划用 load_areas 载入。")
        known: datetime | None = read_moment(as_of) if as_of else None
        try:
            asked = Period.read(KINDS[kind], period).up_to(timezone.localdate())
            with TemporaryDirectory(prefix="liaison-report-") as folder:
                path = Path(folder) / "report"
                made = write(path, options["format"], Content(place, asked, as_of=known))
                copyfile(path, out)
        except (ValueError, NotAllowed) as error:
            raise CommandError(str(error)) from None
        except OSError as error:
            raise CommandError(f"写不了文件 {out}：{error.strerror}。") from None
        self.stdout.write(f"{made.title}，{made.done} 行，已写到 {out}。")
