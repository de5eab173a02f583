"""No notice is lost and none effective twice, whatever dies; and nobody who looks at a page notices.

The long version, with the settings of production, is bench/outbox_faults.py.
"""

import time

import pytest

from bench.outbox_faults import free_port, house, show
from liaison.celery import app
from liaison.core.models import AuditEntry, InboxItem, OutboxMessage
from tests import factories as f

SOON = {"OUTBOX_EVERY_SECONDS": "1", "OUTBOX_LEASE_SECONDS": "2"}


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_workers_are_killed_and_redis_hangs_and_dies_and_every_notice_arrives_once(tmp_path):
    outcome = show(tmp_path, notices=100, kills=2, outage=0.7, wait=60, **SOON)

    assert outcome.good, outcome
    assert (outcome.in_the_inbox, outcome.lost, outcome.effective_twice) == (100, 0, 0)
    assert outcome.pages > 10
    assert outcome.pages_that_failed == 0
    assert outcome.slowest_page_s < 2


@pytest.mark.once
@pytest.mark.django_db(transaction=True)
def test_without_redis_the_beat_process_delivers_by_itself(tmp_path):
    user = f.UserFactory()
    OutboxMessage.objects.put(key="a", to=user, kind="INFO", text="3月11日接待日请您参加。")

    with house(tmp_path, REDIS_URL="", **SOON) as processes:
        processes.start_beat()
        end = time.monotonic() + 15
        while not InboxItem.objects.exists() and time.monotonic() < end:
            time.sleep(0.1)
        log = (tmp_path / "beat.log").read_text()

    assert InboxItem.objects.get().user == user, log
    assert not OutboxMessage.objects.waiting().exists()
    assert "Traceback" not in log


def test_a_page_that_writes_notices_does_not_know_the_broker(as_, people, settings):
    """Nothing listens on this port; a page that talked to it would fail or wait."""
    activity = f.ActivityFactory(station=people.own)
    f.AttendanceFactory(activity=activity, mandate=people.deputy.mandate)
    settings.CELERY_BROKER_URL = f"redis://127.0.0.1:{free_port()}/0"
    since = time.monotonic()

    activity.cancel(by=people.station, note="下雪")
    assert as_(people.station).get("/inbox/").status_code == 200

    assert time.monotonic() - since < 2
    assert OutboxMessage.objects.waiting().count() == 1


# --- The timetable ---


def test_every_task_of_the_timetable_exists(settings):
    app.loader.import_default_modules()
    named = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert named <= set(app.tasks)
    for entry in settings.CELERY_BEAT_SCHEDULE.values():
        assert app.tasks[entry["task"]].ignore_result


def test_tasks_wait_for_no_time_longer_than_they_are_useful(settings):
    relay = settings.CELERY_BEAT_SCHEDULE["deliver the outbox"]
    assert relay["options"]["expires"] <= 60, "after an outage no row of old relays runs one after another"


def test_the_night_forgets_what_has_had_its_time(db, client):
    from liaison.core.models import CalendarYear, SentBefore
    from liaison.core.tasks import relay_outbox, tidy

    user = f.UserFactory()
    SentBefore.objects.create(user=user, key="old", digest="x", at="2020-01-01T00:00:00Z")
    SentBefore.objects.create(user=user, key="new", digest="x")
    tidy()
    assert SentBefore.objects.get().key == "new"
    assert CalendarYear.objects.exists()
    assert not AuditEntry.objects.exists()
    OutboxMessage.objects.put(key="a", to=user, kind="INFO", text="…")
    assert relay_outbox() == 1
