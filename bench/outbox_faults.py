"""Notices go out while the worker is killed again and again and Redis hangs, dies and comes back empty.

By hand: `python bench/outbox_faults.py [--notices 600] [--kills 10]` with the settings of production, on a database of
its own beside that of DATABASE_URL (without it: SQLite). It starts Redis, a worker, the beat process, a web server and
a mail server on free ports, ends them, and prints JSON. Exit code 1: a notice was lost, effective twice, or a page was
slow. tests/core/test_outbox_faults.py runs a short version.
"""

import argparse
import http.client
import json
import os
import re
import signal
import socket
import socketserver
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

HOUSE = Path(__file__).resolve().parent.parent
LONGEST = 240  # seconds, then it is called off


@dataclass
class Outcome:
    notices: int = 0
    kills: int = 0
    redis_hung_s: float = 0
    redis_dead_s: float = 0
    in_the_inbox: int = 0
    lost: int = 0
    effective_twice: int = 0
    mails: int = 0
    mails_repeated_with_the_same_key: int = 0
    pages: int = 0
    slowest_page_s: float = 0
    pages_that_failed: int = 0
    all_delivered_after_s: float = 0
    recovered_after_redis_s: float = 0
    remarks: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        return not (self.lost or self.effective_twice or self.pages_that_failed) and self.slowest_page_s < 2


class Mailbox(socketserver.ThreadingTCPServer):
    """A mail server that takes its time and counts how often each Message-ID came."""

    allow_reuse_address = daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Receiver)
        self.received: Counter[str] = Counter()
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Receiver(socketserver.StreamRequestHandler):
    server: Mailbox

    def handle(self) -> None:
        with suppress(ConnectionError):  # the sender was killed
            self.talk()

    def talk(self) -> None:
        self.say("220 here")
        for line in self.rfile:
            match line[:4].upper():
                case b"DATA":
                    self.say("354 go on")
                    self.take()
                case b"QUIT":
                    self.say("221 bye")
                    return
                case _:
                    self.say("250 ok")

    def take(self) -> None:
        text = b""
        while not text.endswith(b"\r\n.\r\n"):
            if not (line := self.rfile.readline()):
                return  # the sender died in the middle
            text += line
        time.sleep(0.01)
        found = re.search(rb"^Message-ID: (\S+)", text, re.MULTILINE | re.IGNORECASE)
        self.server.received[found[1].decode() if found else "none"] += 1
        self.say("250 taken")

    def say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")


@dataclass
class House:
    """The processes of an installation on one database, each in a process group of its own."""

    folder: Path
    environment: dict[str, str]
    redis_port: int
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, *command: str) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                command, cwd=HOUSE, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )

    def send(self, name: str, number: signal.Signals) -> None:
        os.killpg(self.running[name].pid, number)

    def kill(self, name: str) -> None:
        if self.running[name].poll() is None:
            self.send(name, signal.SIGKILL)
        self.running.pop(name).wait()

    def start_redis(self) -> None:
        self.start(
            "redis", "redis-server", "--port", str(self.redis_port), "--bind", "127.0.0.1", "--save", "",
            "--appendonly", "no", "--dir", str(self.folder),
        )  # fmt: skip

    def start_worker(self) -> None:
        self.start(
            "worker", sys.executable, "-m", "celery", "-A", "liaison", "worker", "--concurrency", "2",
            "--without-mingle", "--without-gossip",
        )  # fmt: skip

    def start_beat(self) -> None:
        schedule = str(self.folder / "beat")
        self.start(
            "beat",
            sys.executable,
            "-m",
            "celery",
            "-A",
            "liaison",
            "beat",
            "--pidfile=",
            "--schedule",
            schedule,
        )

    def start_web(self, port: int) -> None:
        self.start(
            "web", sys.executable, "-m", "gunicorn", "liaison.wsgi", "--bind", f"127.0.0.1:{port}",
            "--worker-class", "gthread", "--threads", "4", "--no-control-socket",
        )  # fmt: skip

    def end(self) -> None:
        for name in list(self.running):
            self.send(name, signal.SIGCONT) if self.running[name].poll() is None else None
            self.kill(name)


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def address_of_database() -> str:
    """DATABASE_URL of the database that this process is connected to, as a child must be told."""
    from django.db import connection

    to = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{to['NAME']}"
    return f"postgres://{to['USER']}:{to['PASSWORD']}@{to['HOST']}:{to['PORT']}/{to['NAME']}"


@contextmanager
def house(folder: Path, **environment: str) -> Iterator[House]:
    """An installation that has not been started yet; whatever was started of it is ended."""
    port = free_port()
    made = os.environ | {
        "DATABASE_URL": address_of_database(),
        "REDIS_URL": f"redis://127.0.0.1:{port}/0",
        "SECRET_KEY": "only-for-the-show-" * 4,
        "ALLOWED_HOSTS": "127.0.0.1,localhost,testserver",
        "DEBUG": "False",
        "HTTPS": "False",
    }
    processes = House(folder, made | environment, port)
    try:
        yield processes
    finally:
        processes.end()


def show(
    folder: Path, *, notices: int, kills: int, outage: float, wait: float = 90, **environment: str
) -> Outcome:
    """Send `notices` in the face of all that; `outage` is how long Redis hangs and how long it is dead, in seconds."""
    from django.utils import timezone

    from liaison.accounts.models import User
    from liaison.core.models import InboxItem, OutboxMessage

    with ExitStack() as ending:
        mailbox = ending.enter_context(Mailbox())
        ending.callback(mailbox.shutdown)
        mail = f"smtp://127.0.0.1:{mailbox.server_address[1]}"
        processes = ending.enter_context(house(folder, EMAIL_URL=mail, **environment))
        user = User.objects.create_user("to-all", None, name="收件人", email="to@example.org")
        web = free_port()
        processes.start_web(web)
        processes.start_redis()
        processes.start_beat()
        processes.start_worker()
        outcome = Outcome(notices=notices, kills=kills)
        stop = threading.Event()
        asking = threading.Thread(target=_ask, args=(web, outcome, stop), daemon=True)
        ending.callback(stop.set)
        _until(lambda: _answers(web), "the web server answers")
        asking.start()

        sent = 0

        def put(number: int) -> None:
            nonlocal sent
            for _ in range(number):
                if sent < notices:
                    OutboxMessage.objects.put(
                        key=f"show:{sent}", to=user, kind="INFO", text="3月11日接待日请您参加。"
                    )
                    sent += 1

        def delivered() -> int:
            return OutboxMessage.objects.exclude(delivered_at=None).count()

        began, share = time.monotonic(), notices // (kills + 2)
        for number in range(kills):
            put(share)
            before = delivered()
            _until(lambda before=before: delivered() >= before + min(share, 5), "a worker delivers", wait)
            processes.kill("worker")
            processes.start_worker()
            if number == kills // 2:
                _break_redis(processes, outcome, outage, lambda: put(3))
        put(notices)
        back = time.monotonic()
        _until(lambda: delivered() == notices, "all are delivered", wait)
        outcome.all_delivered_after_s = round(time.monotonic() - began, 1)
        outcome.recovered_after_redis_s = round(time.monotonic() - back, 1)
        stop.set()
        asking.join()

        arrived = Counter(InboxItem.objects.filter(user=user).values_list("key", flat=True))
        outcome.in_the_inbox = sum(arrived.values())
        outcome.lost = notices - len(arrived) + (notices - len(mailbox.received))
        outcome.effective_twice = sum(count - 1 for count in arrived.values())
        outcome.mails = sum(mailbox.received.values())
        outcome.mails_repeated_with_the_same_key = outcome.mails - len(mailbox.received)
        if OutboxMessage.objects.filter(attempts__gt=1).exists():
            again = OutboxMessage.objects.filter(attempts__gt=1).count()
            outcome.remarks.append(f"{again} notices were in hand when their worker was killed")
        outcome.remarks.append(f"ended {timezone.now():%Y-%m-%d %H:%M} UTC")
        return outcome


def _break_redis(processes: House, outcome: Outcome, outage: float, meanwhile: Any) -> None:
    """First it hangs, which is worse; then it dies and comes back with nothing of what was queued."""
    for what in ("hung", "dead"):
        since = time.monotonic()
        if what == "hung":
            processes.send("redis", signal.SIGSTOP)
        else:
            processes.kill("redis")
        while time.monotonic() - since < outage:
            meanwhile()
            time.sleep(0.2)
        if what == "hung":
            processes.send("redis", signal.SIGCONT)
        else:
            processes.start_redis()
        setattr(outcome, f"redis_{what}_s", round(time.monotonic() - since, 1))


def _answers(port: int) -> bool:
    try:
        return _page(port, "/healthz") == 200
    except OSError:
        return False


def _page(port: int, path: str) -> int:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        return answer.status


def _ask(port: int, outcome: Outcome, stop: threading.Event) -> None:
    """Someone looks at pages all the while."""
    while not stop.is_set():
        for path in ("/login/", "/readyz", "/"):
            since = time.monotonic()
            try:
                status = _page(port, path)
            except OSError:
                status = 0
            outcome.pages += 1
            outcome.pages_that_failed += status != 200
            outcome.slowest_page_s = max(outcome.slowest_page_s, round(time.monotonic() - since, 3))
        time.sleep(0.1)


def _until(come: Any, what: str, longest: float = LONGEST) -> None:
    end = time.monotonic() + longest
    while not come():
        if time.monotonic() > end:
            raise TimeoutError(f"not in {longest} s: {what}")
        time.sleep(0.05)


def main() -> int:
    ask = argparse.ArgumentParser(description="Kill workers and stop Redis while notices go out.")
    ask.add_argument("--notices", type=int, default=600)
    ask.add_argument("--kills", type=int, default=10)
    ask.add_argument("--outage", type=float, default=10, help="seconds for which Redis hangs, and is dead")
    options = ask.parse_args()

    sys.path.insert(0, str(HOUSE))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "liaison.settings")
    os.environ.setdefault("DEBUG", "True")
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("DATABASE_URL", f"sqlite:///{folder}/none.sqlite3")
        import django

        django.setup()
        from django.db import connection

        connection.settings_dict["TEST"]["NAME"] = (
            f"{folder}/show.sqlite3" if connection.vendor == "sqlite" else "liaison_outbox_faults"
        )
        name = connection.settings_dict["NAME"]
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        try:
            outcome = show(Path(folder), notices=options.notices, kills=options.kills, outage=options.outage)
        finally:
            connection.creation.destroy_test_db(name, verbosity=0)
    print(json.dumps(asdict(outcome), indent=2, ensure_ascii=False))
    return 0 if outcome.good else 1


if __name__ == "__main__":
    sys.exit(main())
