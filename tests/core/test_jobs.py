"""Work in the background: a row first, done once by whichever worker lives, with progress, an end in words, and a file."""

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from liaison.core import jobs
from liaison.core.jobs import KINDS, Result, Running, Stopped, run, work
from liaison.core.models import AuditEntry, Job, OutboxMessage
from liaison.core.tasks import tidy, work_off_jobs
from liaison.core.workflow import NotAllowed
from tests import factories as f


@pytest.fixture
def kind(monkeypatch):
    """Register what the jobs of one test do."""

    def register(run, open_to=lambda job, post: True):
        monkeypatch.setitem(KINDS, "test", jobs.Kind(run, open_to))

    register(write_three_rows)
    return register


def write_three_rows(running: Running) -> Result:
    path = running.folder / "made"
    path.write_bytes(b"one\ntwo\nthree\n")
    running.progress(3, 3)
    return Result("共 3 行。", path, "三行.txt", rows=3)


def ask(post, **params):
    return Job.objects.ask("test", by=post, title="导出三行", params=params)


def texts():
    return list(OutboxMessage.objects.order_by("pk").values_list("text", flat=True))


@pytest.mark.usefixtures("kind")
def test_a_job_is_done_by_the_worker_and_its_owner_is_told(people, as_):
    asked = ask(people.office)
    assert (asked.state, texts()) == ("QUEUED", [])

    assert work_off_jobs() == 1
    assert work_off_jobs() == 0

    asked.refresh_from_db()
    assert (asked.state, asked.done, asked.total, asked.rows) == ("DONE", 3, 3, 3)
    assert texts() == ["导出三行已完成。共 3 行。"]
    [finish] = AuditEntry.objects.filter(action="core.job.finish")
    assert finish.data == {"rows": 3, "sha256": asked.sha256}
    answer = as_(people.office).get(f"/jobs/{asked.pk}/file/")
    assert b"".join(answer.streaming_content) == b"one\ntwo\nthree\n"
    assert "%E4%B8%89%E8%A1%8C.txt" in answer["Content-Disposition"]
    assert AuditEntry.objects.filter(action="core.job.download", post=people.office).count() == 1


@pytest.mark.once
@pytest.mark.usefixtures("kind")
def test_a_job_and_its_file_are_its_owners_alone(people, as_):
    asked = ask(people.office)
    work()

    for other in (people.office_city, people.admin, people.auditor, people.station):
        for page in ("", "file/", "steps/cancel/"):
            assert as_(other).get(f"/jobs/{asked.pk}/{page}").status_code == 404
        assert "导出三行" not in as_(other).get("/jobs/").content.decode()
    assert "导出三行" in as_(people.office).get("/jobs/").content.decode()


def test_who_lost_the_right_since_does_not_get_the_file(people, as_, kind):
    asked = ask(people.office)
    work()
    kind(write_three_rows, open_to=lambda job, post: False)

    answer = as_(people.office).get(f"/jobs/{asked.pk}/file/")

    assert answer.status_code == 409
    assert "您能看的范围变了" in answer.content.decode()


@pytest.mark.usefixtures("kind")
def test_for_a_post_that_has_ended_nothing_is_done_any_more(people):
    asked = ask(people.office)
    people.office.to_on = timezone.localdate() - timedelta(days=1)
    people.office.save()

    work()

    asked.refresh_from_db()
    assert (asked.state, asked.text, asked.file.name) == ("FAILED", jobs.OWNER_LEFT, "")


@pytest.mark.usefixtures("kind")
def test_one_job_of_a_kind_at_a_time_and_the_same_again_is_the_same(people):
    first = ask(people.office, first="2026-01-01")

    assert ask(people.office, first="2026-01-01") == first
    with pytest.raises(NotAllowed, match="请等它完成"):
        ask(people.office, first="2026-02-01")
    ask(people.office_city)
    work()
    assert ask(people.office, first="2026-01-01") != first


@pytest.mark.once
def test_the_progress_is_shown_until_the_job_is_over(people, as_, kind):
    seen = []
    browser = as_(people.office)

    def slowly(running):
        running.progress(12_400, 20_000)
        address = f"/jobs/{running.row.pk}/"
        seen.extend([browser.get(address), browser.get(address, headers={"HX-Request": "true"})])
        return write_three_rows(running)

    kind(slowly)
    asked = ask(people.office)
    work()

    page, poll = (answer.content.decode() for answer in seen)
    assert "第 12\u202f400 行，共 20\u202f000 行" in page
    assert 'hx-trigger="every 2s"' in page
    assert "刷新</a>" in page
    assert (seen[1].status_code, "<html" in poll, "12\u202f400" in poll) == (200, False, True)
    over = browser.get(f"/jobs/{asked.pk}/", headers={"HX-Request": "true"})
    assert over.status_code == 286
    assert "every 2s" not in over.content.decode()
    assert "下载" in over.content.decode()
    assert browser.get(f"/jobs/{asked.pk}/").status_code == 200


def test_a_cancelled_job_stops_at_its_next_word_and_leaves_nothing(people, as_, kind):
    def cancelled_meanwhile(running):
        answer = as_(people.office).post(f"/jobs/{running.row.pk}/steps/cancel/", {"sent": "now"})
        assert answer.status_code == 302
        return write_three_rows(running)

    kind(cancelled_meanwhile)
    asked = ask(people.office)
    work()

    asked.refresh_from_db()
    assert (asked.state, asked.file.name, texts()) == ("CANCELLED", "", [])


@pytest.mark.once
def test_a_failure_says_what_happened_and_can_be_tried_again(people, as_, kind):
    def refuse(running):
        raise NotAllowed("2026年没有记录，请换一个时间。")

    kind(refuse)
    asked = ask(people.office)
    work()

    page = as_(people.office).get(f"/jobs/{asked.pk}/").content.decode()
    assert "2026年没有记录，请换一个时间。" in page
    assert texts() == ["导出三行没有做成。2026年没有记录，请换一个时间。"]
    kind(write_three_rows)
    assert as_(people.office).post(f"/jobs/{asked.pk}/steps/retry/", {"sent": "1"}).status_code == 302
    work()
    asked.refresh_from_db()
    assert (asked.state, asked.rows) == ("DONE", 3)


def test_a_mistake_of_ours_is_told_without_its_text(people, kind, caplog):
    def break_down(running):
        raise ValueError("田秀兰 13900005521")

    kind(break_down)
    asked = ask(people.office)
    work()

    asked.refresh_from_db()
    assert (asked.state, asked.text) == ("FAILED", jobs.BROKE)
    assert "ValueError at test_jobs.py" in caplog.text
    assert "13900005521" not in caplog.text + asked.text


@pytest.mark.usefixtures("kind")
def test_what_a_killed_worker_had_in_hand_is_done_by_another(people, settings, time_machine):
    time_machine.move_to("2026-03-01 10:00:00+08:00", tick=False)
    asked = ask(people.office)
    killed = Job.objects.lease(asked.pk, timezone.now())
    assert work() == 0

    time_machine.shift(settings.JOB_LEASE + timedelta(seconds=1))
    assert work() == 1

    asked.refresh_from_db()
    made = asked.file.name
    assert (asked.state, asked.attempts) == ("DONE", 2)
    run(killed)  # it was not dead, only slow
    asked.refresh_from_db()
    assert asked.file.name == made
    assert default_storage.listdir(asked.folder)[1] == [made.rpartition("/")[2]]
    assert texts() == ["导出三行已完成。共 3 行。"]


@pytest.mark.usefixtures("kind")
def test_a_job_that_kills_every_worker_is_given_up(people, settings, time_machine):
    time_machine.move_to("2026-03-01 10:00:00+08:00", tick=False)
    asked = ask(people.office)
    for _ in range(jobs.MAX_ATTEMPTS):
        assert Job.objects.lease(asked.pk, timezone.now())
        time_machine.shift(settings.JOB_LEASE + timedelta(seconds=1))

    work()

    asked.refresh_from_db()
    assert (asked.state, asked.text) == ("FAILED", jobs.DIED)


@pytest.mark.usefixtures("kind")
def test_only_as_many_run_at_a_time_as_leave_a_worker_for_notices(people):
    running, waiting = ask(people.office), ask(people.station)
    Job.objects.lease(running.pk, timezone.now())

    assert work() == 0

    waiting.refresh_from_db()
    assert waiting.state == "QUEUED"


@pytest.mark.usefixtures("kind")
def test_files_are_removed_after_seven_days_and_the_row_says_so(people, as_, time_machine):
    time_machine.move_to("2026-03-01 10:00:00+08:00", tick=False)
    asked = ask(people.office)
    work()
    asked.refresh_from_db()
    made = asked.file.name

    time_machine.shift(timedelta(days=7) - timedelta(hours=1))
    tidy()
    assert default_storage.exists(made)
    time_machine.shift(timedelta(hours=2))
    tidy()

    assert not default_storage.exists(made)
    assert "已过期删除" in as_(people.office).get(f"/jobs/{asked.pk}/").content.decode()
    assert as_(people.office).get(f"/jobs/{asked.pk}/file/").status_code == 409


@pytest.mark.usefixtures("kind")
def test_a_file_that_was_changed_on_the_disk_is_not_given_out(people, as_):
    asked = ask(people.office)
    work()
    asked.refresh_from_db()
    with default_storage.open(asked.file.name, "wb") as file:
        file.write(b"other")

    assert as_(people.office).get(f"/jobs/{asked.pk}/file/").status_code == 409


def test_what_killed_workers_left_behind_is_removed(
    people, kind, settings, time_machine, tmp_path, monkeypatch
):
    """Half a file in the folder for temporary files, a whole one that the row never came to know."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    half, of_others = tmp_path / "liaison-job-x", tmp_path / "other"
    for folder in (half, of_others):
        folder.mkdir()
        (folder / "list.xlsx").write_bytes(b"half")

    def refuse(running):
        raise NotAllowed("不行。")

    kind(refuse)
    asked = ask(people.office)
    default_storage.save(f"{asked.folder}/whole", ContentFile(b"whole"))
    work()
    tidy()
    assert half.exists(), "it may be at work"
    time_machine.move_to(timezone.now() + timedelta(days=2))
    tidy()

    assert (half.exists(), of_others.exists()) == (False, True)
    assert not default_storage.exists(f"{asked.folder}/whole")


@pytest.mark.usefixtures("kind")
def test_a_deed_whose_job_was_cancelled_is_undone_by_its_last_word(people):
    asked = ask(people.office)
    leased = Job.objects.lease(asked.pk, timezone.now())
    asked.cancel(by=people.office)

    with pytest.raises(Stopped):
        Running(leased, None).progress(3, 3)
    with pytest.raises(Stopped):
        Running(leased, None).hold(timedelta(minutes=5))


def test_of_two_workers_that_meet_one_gets_the_job(several_threads):
    post = f.PostFactory(area=f.area("140213", "平城区"))
    row = Job.objects.ask("test", by=post, title="导出三行", params={})

    def take():
        return Job.objects.lease(row.pk, timezone.now())

    taken = several_threads(take, take, take)

    assert len([one for one in taken if one is not None]) == 1
