"""manage.py load_demo --scenario county|datong|luzhou|taiyuan: believable data, the same at every run."""

import os
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Count, Q, Sum
from django.utils import timezone
from django.utils.crypto import get_random_string

from deputies.models import Deputy, Mandate, StationAssignment
from liaison.accounts.models import User
from liaison.demo import accounts
from liaison.demo.loading import load
from liaison.demo.scenarios import SCENARIOS, Scenario
from stations.models import Station
from suggestions.models import Request, Suggestion
from visits.models import Activity, Appointment, Attendance, Visit

TOTALS = (
    ("站点（各类）", Station),
    ("代表（含已离任）", Deputy),
    ("代表职务（含已离任）", Mandate),
    ("编组进站", StationAssignment),
    ("活动", Activity),
    ("代表到会", Attendance),
    ("来访登记", Visit),
    ("诉求", Request),
    ("约见", Appointment),
    ("代表建议", Suggestion),
)
STEPS = {"received": "收到", "dispatched": "派单", "accepted": "接单", "followed": "跟单", "rated": "评单"}


class Command(BaseCommand):
    help = "载入演示数据：县（county）、大同全市（datong）、潞州区（luzhou）或太原全市（taiyuan）。只能载入空数据库。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--scenario", required=True, metavar="|".join(SCENARIOS))
        parser.add_argument("--on", metavar="DATE", help="把哪一天当作今天（默认今天）")

    def handle(self, *, scenario: str, on: str | None, **options: Any) -> None:
        if scenario not in SCENARIOS:
            raise CommandError(f"没有“{scenario}”这套演示数据，现有：{'、'.join(SCENARIOS)}。")
        if Station.objects.exists():
            raise CommandError("数据库里已有站点，演示数据只能载入空数据库。请换一个数据库再试。")
        if User.objects.filter(
            username__in=("office", "station", "deputy", "unit", "auditor", "admin")
        ).exists():
            raise CommandError("数据库里已有演示要用的账号名，演示数据只能载入空数据库。请换一个数据库再试。")
        try:
            today = date.fromisoformat(on) if on else timezone.localdate()
        except ValueError:
            raise CommandError(f"--on 的日期“{on}”不对，应写成 2026-11-11 这样。") from None
        plan = SCENARIOS[scenario]
        if today <= plan.history[1]:
            raise CommandError(f"演示数据要求今天晚于 {plan.history[1]}，请检查系统时间。")
        given = os.environ.get("DEMO_PASSWORD", "")
        password = (
            given
            or f"Zhan-{get_random_string(4, '23456789')}-{get_random_string(8, 'abcdefghjkmnpqrstuvwxyz')}"
        )
        loaded = load(plan, today=today, password=password)
        self._totals(plan)
        self.stdout.write(loaded.proposed.in_words)
        self.stdout.write(
            f"\n演示账号，密码都是 {password}" if not given else "\n演示账号，密码见 DEMO_PASSWORD"
        )
        self.stdout.write("\n".join(accounts.lines(loaded.accounts)))

    def _totals(self, plan: Scenario) -> None:
        self.stdout.write(
            "已载入：" + "，".join(f"{name} {model._default_manager.count()}" for name, model in TOTALS)
        )
        first, last = plan.history
        sites = Station.objects.open(last)
        held = Mandate.objects.in_office(last)
        days = Activity.objects.receptions().closed().filter(day__range=plan.history)
        received = Visit.objects.counted().filter(day__range=plan.history).aggregate(n=Sum("headcount"))["n"]
        self.stdout.write(
            f"{last}：联络站 {sites.of_kinds(*Station.STATIONS).count()} 个，联络点 {sites.of_kinds(*Station.POINTS).count()} 个，"
            f"代表职数 {held.count()}，其中已编组进站 {held.assigned(last).count()}。"
        )
        self.stdout.write(f"{first} 至 {last}：接待日 {days.count()} 次，接待群众 {received} 人次。")
        done = Request.objects.aggregate(
            **{name: Count("pk", filter=Q(**{f"{name}_on__range": plan.history})) for name in STEPS},
            closed=Count("pk", filter=Q(closed_on__range=plan.history, state=Request.State.CLOSED)),
        )
        told = "，".join(f"{label} {done[name]}" for name, label in (STEPS | {"closed": "办结"}).items())
        self.stdout.write(f"{first} 至 {last}：诉求（件）{told}。")
