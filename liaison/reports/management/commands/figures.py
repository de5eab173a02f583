"""manage.py figures --area 140200 --from 2023-01-01 --to 2023-10-31 [--as-of TIME] [--json]"""

import json
import unicodedata
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from liaison.accounts.models import Area
from liaison.reports.forms import full_code
from liaison.reports.known import NotYet, moment_of
from liaison.reports.metrics import METRICS, Ask, Figure, Rule, answers


class Command(BaseCommand):
    help = "按指标字典统计一个区划一段时间的数字，--json 同时列出每个数字统计的记录。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--area", required=True, help="区划代码，如 140200")
        parser.add_argument(
            "--from", required=True, dest="first", metavar="DATE", help="开始日期，如 2023-01-01"
        )
        parser.add_argument(
            "--to", required=True, dest="last", metavar="DATE", help="结束日期，如 2023-10-31"
        )
        parser.add_argument(
            "--as-of",
            metavar="TIME",
            help="按当时所知统计，如 2023-11-05T18:00；只写日期就是当天结束时。以后补登、更正、作废的不算在内",
        )
        parser.add_argument("--json", action="store_true", help="输出 JSON")

    def handle(self, *, area: str, first: str, last: str, as_of: str | None, **options: Any) -> None:
        place = Area.objects.filter(code=full_code(area)).first()
        if place is None:
            raise CommandError(f"没有区划 {area}，请检查代码。区划用 load_areas 载入。")
        start, end = _day(first, "--from"), _day(last, "--to")
        if start > end:
            raise CommandError(f"结束日期 {end} 早于开始日期 {start}，请检查。")
        moment = read_moment(as_of) if as_of else None
        ask = Ask(place, start, end, as_of=moment)
        found = answers(ask, METRICS)
        if not options["json"]:
            known = f"　按 {timezone.localtime(moment):%Y-%m-%d %H:%M} 所知" if moment else ""
            self.stdout.write(f"{place.full_name}　{start} 至 {end}{known}")
            self.stdout.write("\n".join(_line(figure) for figure in found))
            return
        answer = {
            "area": place.code,
            "from": start.isoformat(),
            "to": end.isoformat(),
            "as_of": timezone.localtime(moment or timezone.now()).isoformat(timespec="seconds"),
            "figures": [
                {
                    "code": figure.code,
                    "name": figure.metric.name,
                    "unit": figure.metric.unit,
                    "value": figure.value,
                    "base": figure.base,
                    "records": list(_entries(figure, ask)),
                }
                for figure in found
            ],
        }
        self.stdout.write(json.dumps(answer, ensure_ascii=False))


def _entries(figure: Figure, ask: Ask) -> Iterator[dict[str, int]]:
    """Each record with what it adds to the figure."""
    rule = figure.metric.rule
    rows = figure.metric.records(ask).order_by("pk")
    if rule in (Rule.HEADCOUNT, Rule.ITEMS, Rule.MEDIAN_DAYS):
        for row in rows.iterator(chunk_size=2000):
            yield {"id": row.pk, "value": rule.of(row)}
    else:
        for pk in rows.values_list("pk", flat=True):
            yield {"id": pk, "value": 1}


def _line(figure: Figure) -> str:
    part = (
        f"　（共 {figure.base}{f'，占 {figure.percent}%' if figure.percent else ''}）"
        if figure.base is not None
        else ""
    )
    return (
        f"{_wide(figure.code, 42)}{_wide(figure.metric.name, 24)}{figure.value:>8} {figure.metric.unit}{part}"
    )


def _wide(text: str, width: int) -> str:
    """Filled up to a width on the screen, where a Chinese character takes two places."""
    taken = sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
    return text + " " * max(width - taken, 1)


def _day(text: str, option: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CommandError(f"{option} 的日期“{text}”不对，应写成 2023-10-31 这样。") from None


def read_moment(text: str) -> datetime | None:
    try:
        return moment_of(text)
    except NotYet:
        raise CommandError(f"--as-of 的时间“{text}”还没有到，请写今天或以前的。") from None
    except ValueError:
        raise CommandError(
            f"--as-of 的时间“{text}”不对，应写成 2023-11-05 或 2023-11-05T18:00 这样。"
        ) from None
