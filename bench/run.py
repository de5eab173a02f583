"""Measure named requests against a server of our own, and compare them with two that do almost nothing.

Run by script/bench, which starts the database. Prints JSON: for each request p50 and p95 in ms with one connection,
requests a second with one and with sixteen, statements, bytes, and the ratio of its p50 to that of an empty page, of a
page that runs SELECT 1, and of its own SQL alone. Requests are measured in turn, round after round, so that a noisy
machine is noisy for all of them.
"""

import argparse
import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.settings")

ROUNDS, EACH, WARM = 5, 40, 10
FEWEST, LONGEST = 5, 2  # of a slow page fewer a round: after so many seconds
PARALLEL, SECONDS = 16, 4
DISPATCHES = ROUNDS * EACH + WARM + 1  # each request is dispatched once
PHRASE, WORD, NOBODY_SAID = "楼顶水箱", "暖气", "飞碟降落"


@dataclass
class Measured:
    """One named request: how to send it, and what was measured."""

    name: str
    path: str
    cookie: str = ""
    form: dict[str, str] | None = None
    others: list[str] = field(
        default_factory=list
    )  # further paths, taken in turn: clerks of several stations
    reads: bool = False  # asks by POST
    fetched: bool = False  # by a page that is there already
    once: bool = False  # each path is sent once, so there is no measuring in parallel
    times: list[float] = field(default_factory=list)
    sql: list[float] = field(default_factory=list)
    statements: int = 0
    sent: int = 0
    size: int = 0

    @property
    def more(self) -> dict[str, str]:
        return {"HX-Request": "true"} if self.fetched else {}

    def send(self, connection: http.client.HTTPConnection) -> int:
        headers = {"Cookie": self.cookie, "Host": "localhost"} | self.more
        if self.form is None:
            connection.request("GET", self.path, headers=headers)
        else:
            body = urlencode(self.form | {"idem": str(uuid.uuid4())})
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            self.sent += 1
            paths = [self.path, *self.others]
            connection.request("POST", paths[self.sent % len(paths)], body, headers)
        response = connection.getresponse()
        self.size = len(response.read())
        return response.status


def percentile(times: list[float], share: float) -> float:
    return sorted(times)[min(int(len(times) * share), len(times) - 1)]


def load(size: str, number: int) -> float:
    """Load the data, unless it is there; seconds."""
    from django.core.management import call_command
    from django.db import connection

    from stations.models import Station

    call_command("migrate", verbosity=0)
    begun = time.perf_counter()
    if not Station.objects.exists():
        call_command("load_scale", size=size, requests=number, stdout=sys.stderr)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    return time.perf_counter() - begun


def prepare(size: str, number: int) -> dict[str, object]:
    """Load the data into an empty database, and pick who asks for what: the busiest station, a city's office."""
    import django

    django.setup()
    from datetime import timedelta

    from django.db.models import Count
    from django.utils import timezone

    from deputies.models import Mandate
    from liaison.accounts.models import Area, Post, Role
    from stations.models import Station, StationStaff
    from suggestions.models import Department, Order, Request
    from visits.models import Activity, Attendance, Category, Visit

    loaded = load(size, number)
    busiest = Station.objects.annotate(n=Count("visits")).order_by("-n", "pk").first()
    city = Area.objects.get(path=busiest.area.path[:4])

    staff, office = act_as(Role.STATION, busiest.area, busiest), act_as(Role.OFFICE, city)
    in_city = Department.objects.filter(area_path__startswith=city.path)
    department = in_city.annotate(n=Count("orders")).order_by("-n", "pk").first()
    unit = act_as(Role.UNIT, department.area, department=department)
    of_county = Request.objects.filter(area_path__startswith=department.area_path)
    handled = (
        of_county.filter(rated_on__isnull=False, visit__isnull=False).order_by("-received_on", "-pk").first()
    )
    waiting = to_dispatch(of_county)
    posts = Post.objects.filter(staffs__station=busiest, user__username__startswith="bench")
    post = posts.latest("pk")

    def open_day(station):
        """A day under way, three deputies on its roster."""
        day = Activity(
            station=station, day=timezone.localdate(), starts_at="20:00", ends_at="21:00", kind="OTHER"
        )
        day.enter(by=None)
        Activity.objects.filter(pk=day.pk).update(state="OPEN")
        for mandate in Mandate.objects.at_station(station, day.day)[:3]:
            Attendance.objects.create(activity=day, mandate=mandate)
        return day

    day = open_day(busiest)
    for n in range(12):
        visit = Visit(activity=day, text="楼下烧烤店油烟直排，夜间扰民。", outcome="NOTED", at="20:00")
        visit.log(by=post, name="韩志强", phone=f"154000055{n:02}", address="铁路新村")
    elsewhere = Station.objects.exclude(pk=busiest.pk).filter(closed_on=None).order_by("pk")[:PARALLEL]
    saves = []
    for station in elsewhere:
        StationStaff.objects.create(post=post, station=station, position="OFFICER", from_on=post.from_on)
        saves.append(open_day(station).pk)
    category = Category.objects.order_by("rank").first()
    ahead = [timezone.localdate() + timedelta(days=days) for days in (1, 31)]
    asked = {"station": busiest.pk, "first": ahead[0], "last": ahead[1], "size": 3, "mixed": "yes"}
    return {
        "unit": unit,
        "department": department.pk,
        "handled": handled.number,
        "waiting": waiting,
        "proposal": f"/activities/rota/?{urlencode(asked)}",
        "staff": staff,
        "office": office,
        "day": day.pk,
        "saves": saves,
        "category": category.pk,
        "station": busiest.code,
        "busiest": busiest.pk,
        "today": timezone.localdate(),
        "code": busiest.codes.get().token,
        "loaded": loaded,
        "rows": {
            "requests": Request.objects.count(),
            "orders": Order.objects.count(),
            "open orders": Order.objects.open().count(),
            f"said {PHRASE}": Request.objects.search(PHRASE, post).count(),
            f"said {WORD}": Request.objects.search(WORD, post).count(),
        },
    }


def act_as(role: str, area: Any, station: Any = None, department: Any = None) -> Any:
    """A client in a new post."""
    from datetime import timedelta

    from django.test import Client
    from django.utils import timezone

    from liaison.accounts.models import Post, User
    from stations.models import StationStaff
    from suggestions.models import DepartmentStaff

    post = Post.objects.create(user=User.objects.create_user(f"bench{uuid.uuid4().hex[:8]}", name="基准"), role=role,
                               area=area, from_on=timezone.localdate() - timedelta(days=1))  # fmt: skip
    User.objects.filter(pk=post.user_id).update(
        must_change_password=False, password_changed_at=timezone.now()
    )
    if station:
        StationStaff.objects.create(post=post, station=station, position="OFFICER", from_on=post.from_on)
    if department:
        DepartmentStaff.objects.create(post=post, department=department, from_on=post.from_on)
    client = Client(HTTP_HOST="localhost")
    client.force_login(User.objects.get(pk=post.user_id))
    client.get("/login/")
    client.get("/")
    return client


def to_dispatch(rows: Any) -> list[str]:
    """Numbers of as many new requests as dispatches will be sent, copied from the newest."""
    from django.utils import timezone

    from suggestions.models import Request

    model = rows.order_by("-received_on", "-pk").first()
    made = []
    for _ in range(DISPATCHES):
        one = Request(
            station=model.station, channel=model.channel, category=model.category, title=model.title, text=model.text,
            received_on=timezone.localdate(),
        ).enter(by=None)  # fmt: skip
        made.append(one.number)
    return made


def cookie(client: Any) -> str:
    return "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())


def compared() -> list[Measured]:
    return [
        Measured("an empty page", "/bench/empty/"),
        Measured("a page that runs SELECT 1", "/bench/select-one/"),
    ]


def figures(size: str, number: int) -> tuple[dict, list[Measured]]:
    """Boards and figures of each kind of area; the queue, the lists and the search of a county."""
    import django

    django.setup()
    from datetime import timedelta

    from django.middleware.csrf import get_token
    from django.test import RequestFactory
    from django.utils import timezone

    from deputies.models import Mandate
    from liaison.accounts.models import Area, Role
    from liaison.reports.metrics import WIDE
    from liaison.reports.views import SLOW
    from stations.models import Station
    from suggestions.models import Order, Request
    from visits.models import Activity, Attendance, Visit

    loaded = load(size, number)
    today = timezone.localdate()
    paths = sorted({path[:6] for path in Station.objects.values_list("area_path", flat=True).distinct()})
    county = Area.objects.get(path=paths[len(paths) // 2])  # not the first, whose site is the busiest of all
    before = today.year - 1
    rows = compared()
    for area in Area.objects.filter(path__in=county.path_and_above).order_by("path"):
        who = cookie(act_as(Role.OFFICE, area))
        name, so_far = area.get_level_display(), f"from={today.year}-01-01&to={today}"
        year = f"from={before}-01-01&to={before}-12-31"
        within = f"from={before}-03-11&to={before}-09-20"
        rows += [
            Measured(f"board, {name}, the year so far", f"/board/?area={area.code}&{so_far}", who),
            Measured(f"board, {name}, last year", f"/board/?area={area.code}&{year}", who),
            Measured(f"board, {name}, days within months", f"/board/?area={area.code}&{within}", who),
            Measured(f"all figures, {name}, last year", f"/figures/?area={area.code}&{year}", who),
            Measured(
                f"records of a figure, {name}", f"/figures/requests.received/?area={area.code}&{year}", who
            ),
        ]
        if area.level in WIDE:
            rows.append(
                Measured(
                    f"areas and gaps of the board, {name}",
                    f"/board/later/?area={area.code}&{year}",
                    who,
                    fetched=True,
                )
            )
            rows += [
                Measured(
                    f"{code}, {name}",
                    f"/figures/{code}/number/?area={area.code}&{year}",
                    who,
                    fetched=True,
                )
                for code in SLOW
            ]
    asked = RequestFactory().get("/")
    token = get_token(asked)
    who = cookie(act_as(Role.OFFICE, county))
    asks = f"{who}; csrftoken={asked.META['CSRF_COOKIE']}"

    def searched(name: str, text: str) -> Measured:
        return Measured(
            name, "/requests/find/", asks, {"csrfmiddlewaretoken": token, "text": text}, reads=True
        )

    rows += [
        Measured("request list of a county", "/requests/", who),
        Measured("orders of a county", "/orders/", who),
        Measured("overdue orders of a county", "/orders/?queue=overdue", who),
        Measured("visit list of a county", "/visits/", who),
        searched("search of a county, four characters", PHRASE),
        searched("search of a county, two characters", WORD),
        searched("search of a county, nobody said it", NOBODY_SAID),
    ]
    year = today - timedelta(days=365)
    world = {
        "loaded": loaded,
        "rows": {
            model._meta.label: model.objects.count()
            for model in (Mandate, Station, Activity, Attendance, Visit, Request, Order)
        }
        | {
            "Visits of a year": Visit.objects.filter(day__gte=year).count(),
            "Requests of a year": Request.objects.filter(received_on__gte=year).count(),
            f"Requests of {county.full_name}": Request.objects.filter(
                area_path__startswith=county.path
            ).count(),
        },
    }
    return world, rows


def requests(world: dict, part: str) -> list[Measured]:
    from django.middleware.csrf import get_token
    from django.test import RequestFactory

    asked = RequestFactory().get("/")
    token = get_token(asked)
    secret = asked.META["CSRF_COOKIE"]
    staff = f"{cookie(world['staff'])}; csrftoken={secret}"
    office = cookie(world["office"])
    log = f"/activities/{world['day']}/log/"
    saves = [f"/activities/{pk}/log/" for pk in world["saves"]]
    dispatches = [f"/requests/{number}/steps/dispatch/" for number in world["waiting"]]
    said = {
        "csrfmiddlewaretoken": token,
        "name": "田秀兰",
        "phone": "15400005521",
        "address": "火车站社区",
        "category": str(world["category"]),
        "text": "5号楼顶层暖气不热，白天室温15度，家里有90岁老人。",
        "outcome": "DISPATCH",
    }
    asks = f"{office}; csrftoken={secret}"
    heard = said | {"station": str(world["busiest"]), "day": str(world["today"]), "channel": "PHONE"}

    def searched(name: str, text: str) -> Measured:
        form = {"csrfmiddlewaretoken": token, "text": text}
        return Measured(name, "/requests/find/", asks, form, reads=True)

    of_requests = [
        Measured("request list of a city", "/requests/", office),
        Measured("request page", f"/requests/{world['handled']}/", office),
        Measured("what says the same as a request", f"/requests/{world['handled']}/near/", office),
        Measured("orders of a city", "/orders/", office),
        Measured("overdue orders of a city", "/orders/?queue=overdue", office),
        Measured("queue of a department", "/orders/", cookie(world["unit"])),
        Measured("requests that wait for dispatch", "/dispatch/", office),
        searched("search of requests for four characters", PHRASE),
        searched("search of requests for two characters", WORD),
        searched("search for four characters that nobody said", NOBODY_SAID),
        Measured("save of a request by staff", "/visits/new/", staff, heard),
        Measured("save of a dispatch", dispatches[0], asks, {"csrfmiddlewaretoken": token, "lead": str(world["department"])}, dispatches[1:], once=True),
    ]  # fmt: skip
    if part == "requests":
        return compared() + of_requests
    return [
        *compared(),
        Measured("reception log", log, staff),
        Measured("station list", "/stations/", office),
        Measured("month calendar of a city", "/activities/", office),
        Measured("visit list of a city", "/visits/", office),
        Measured("deputy search by initials", "/deputies/?q=zj", office),
        Measured("home of a city's office", "/", office),
        Measured("coverage of a city", "/coverage/", office),
        Measured("notices of a city", "/activities/notices/", office),
        Measured("duty records of a city", "/activities/attendances/", office),
        Measured("contact links of a city", "/contacts/", office),
        Measured("roster proposal for a month", world["proposal"], staff),
        Measured("public front page", "/"),
        Measured("public page of a station", f"/stations/{world['station']}/"),
        Measured("a QR code is read", f"/q/{world['code']}/"),
        Measured("save of a visit", saves[0], staff, said, saves[1:]),
        *of_requests,
        Measured("figures of a city, one year", "/figures/", office),
    ]


def count_statements(rows: list[Measured]) -> None:
    """Statements of a page, and the time of its SQL alone: the same statements again, one after another.

    What is written is taken back, so that it can be written again.
    """
    from django.db import connection, transaction
    from django.test import Client

    for row in rows:
        client = Client(HTTP_HOST="localhost")
        client.cookies.load(row.cookie)
        ran: list[tuple[str, object]] = []

        def note(execute, sql, params, many, context, ran=ran):
            if not sql.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
                ran.append((sql, params))
            return execute(sql, params, many, context)

        def ask(row=row, client=client):
            if row.form is None:
                client.get(row.path, headers=row.more)
            else:
                client.post(row.path, row.form | {"idem": str(uuid.uuid4())})

        ask() if row.form is None else None  # what a process reads once
        with transaction.atomic(), connection.execute_wrapper(note):
            ask()
            transaction.set_rollback(True)
        row.statements = len(ran)
        turn = time.perf_counter()
        for number in range(20):
            if number >= FEWEST and time.perf_counter() - turn > LONGEST:
                break
            with transaction.atomic(), connection.cursor() as cursor:
                begun = time.perf_counter()
                for sql, params in ran:
                    cursor.execute(sql, params)
                    if cursor.description:
                        cursor.fetchall()
                row.sql.append((time.perf_counter() - begun) * 1000)
                transaction.set_rollback(True)


def measure(rows: list[Measured], port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
    for row in rows:
        for _ in range(WARM if row.once else FEWEST):
            status = row.send(connection)
            if status not in (200, 302):
                raise SystemExit(f"{row.name}: {status}")
    for _ in range(ROUNDS):
        for row in rows:
            turn = time.perf_counter()
            for number in range(EACH):
                begun = time.perf_counter()
                if number >= FEWEST and begun - turn > LONGEST:
                    break
                row.send(connection)
                row.times.append((time.perf_counter() - begun) * 1000)


def per_second(row: Measured, port: int) -> float:
    """Requests a second with sixteen connections, the load generator on the same machine."""
    until = time.perf_counter() + SECONDS

    def one(_: int) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
        done = 0
        while time.perf_counter() < until:
            row.send(connection)
            done += 1
        return done

    with ThreadPoolExecutor(PARALLEL) as pool:
        return sum(pool.map(one, range(PARALLEL))) / SECONDS


def serve() -> tuple[subprocess.Popen, int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "liaison.wsgi",
        "--bind",
        f"127.0.0.1:{port}",
        "--workers",
        "2",
    ]
    server = subprocess.Popen(
        [
            *command,
            "--keep-alive",
            "75",
            "--timeout",
            "300",
            "--threads",
            "8",
            "--worker-class",
            "gthread",
            "--log-level",
            "error",
        ]
    )
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 0.1).close()
            return server, port
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the server did not start")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--size", default="city", choices=["county", "city", "province", "nation"])
    arguments.add_argument("--requests", type=int, default=0, help="so many of them at least")
    arguments.add_argument(
        "--part", default="all", choices=["all", "requests", "figures"], help="which pages"
    )
    arguments.add_argument("--alone", action="store_true", help="on one connection only")
    chosen = arguments.parse_args()
    if chosen.part == "figures":
        world, rows = figures(chosen.size, chosen.requests)
    else:
        world = prepare(chosen.size, chosen.requests)
        rows = requests(world, chosen.part)
    count_statements(rows)
    server, port = serve()
    try:
        measure(rows, port)
        rates = {row.name: per_second(row, port) for row in rows if not row.once and not chosen.alone}
    finally:
        server.terminate()
        server.wait()
    empty, one = (statistics.median(row.times) for row in rows[:2])
    answer = {
        "size": chosen.size,
        "rows": world["rows"],
        "database": os.environ.get("DATABASE_URL", "sqlite").split(":", 1)[0],
        "loaded_seconds": round(world["loaded"], 1),
        "requests": {
            row.name: {
                "p50_ms": round(statistics.median(row.times), 1),
                "p95_ms": round(percentile(row.times, 0.95), 1),
                "per_second_at_1": round(1000 / statistics.mean(row.times)),
                "per_second_at_16": round(rates[row.name]) if row.name in rates else None,
                "statements": row.statements,
                "bytes": row.size,
                "ratio_to_empty_page": round(statistics.median(row.times) / empty, 1),
                "ratio_to_select_1_page": round(statistics.median(row.times) / one, 1),
                "ratio_to_its_sql": round(statistics.median(row.times) / statistics.median(row.sql), 1),
            }
            for row in rows
        },
    }
    print(json.dumps(answer, ensure_ascii=False, indent=2))


if __name__ == "__main__":
    main()
