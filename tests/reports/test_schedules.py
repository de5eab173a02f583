"""Reports that are made by themselves: once, for those who may see them, caught up, and stopped in words."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.core import mail

from liaison.core.jobs import work
from liaison.core.models import AuditEntry, InboxItem
from liaison.core.outbox import relay
from liaison.reports.models import Report, ReportSchedule, ScheduledReport
from liaison.reports.schedules.making import keep_schedules

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = datetime(2026, 11, 16, 9, tzinfo=SHANGHAI)


@pytest.fixture
def schedule(people, time_machine):
    """Monthly, for the office and the auditor, made up to September."""
    time_machine.move_to(DAY)
    made = ReportSchedule(
        area=people.county, kind="MONTHLY", format="csv", owner=people.office, done_to=date(2026, 9, 30)
    ).enter(by=people.office)
    made.recipients.set([people.office, people.auditor])
    return made


def made():
    rows = ScheduledReport.objects.order_by("pk").values_list("last", "post")
    return list(rows)


def test_what_is_due_is_made_once_for_each_and_told_with_a_link(people, schedule, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.PUBLIC_URL = "https://liaison.example"
    type(people.office.user).objects.filter(pk=people.office.user_id).update(email="office@example.com")

    assert keep_schedules() == 2
    assert keep_schedules() == 0
    assert work() == 2
    relay()

    october = date(2026, 10, 31)
    assert made() == [(october, people.office.pk), (october, people.auditor.pk)]
    reports = {report.post: report for report in Report.objects.select_related("job__post")}
    assert {(one.first, one.last, one.masked, one.job.state) for one in reports.values()} == {
        (date(2026, 10, 1), october, True, "DONE")
    }
    own = f"/reports/{reports[people.office].pk}/"
    assert InboxItem.objects.get(user=people.office.user).url == own
    [letter] = mail.outbox
    assert letter.body.endswith(f"https://liaison.example{own}")
    assert (letter.to, letter.attachments) == (["office@example.com"], [])
    assert AuditEntry.objects.filter(action="reports.reportschedule.schedule").count() == 1


@pytest.mark.once
def test_what_was_missed_is_caught_up_the_oldest_first(people, schedule):
    ReportSchedule.objects.update(done_to=date(2026, 7, 31))
    schedule.recipients.set([people.office])

    for _ in range(5):
        keep_schedules()
        work()

    assert [last for last, _ in made()] == [date(2026, 8, 31), date(2026, 9, 30), date(2026, 10, 31)]


@pytest.mark.once
def test_who_is_busy_gets_it_later(people, schedule):
    from liaison.reports.periods import Period

    Report.objects.ask(
        by=people.office, area=people.county, period=Period.read("YEARLY", "2023"), file_format="csv"
    )
    assert keep_schedules() == 1
    work()
    assert keep_schedules() == 1
    assert len(made()) == 2
    assert ReportSchedule.objects.get().done_to == date(2026, 10, 31)


def test_a_pause_makes_nothing(schedule):
    ReportSchedule.objects.update(paused=True)

    assert keep_schedules() == 0


@pytest.mark.once
def test_it_stops_in_words_when_the_post_of_its_owner_has_ended(as_, people, schedule):
    type(people.office).objects.filter(pk=people.office.pk).update(to_on=date(2026, 10, 1))

    assert keep_schedules() == 0
    assert keep_schedules() == 0

    page = as_(people.auditor).get(f"/schedules/{schedule.pk}/").content.decode()
    assert "设它的岗位已经结束" in page
    again = {
        "format": "csv",
        "recipients": [people.auditor.pk],
        "version": ReportSchedule.objects.get().version,
    }
    answer = as_(people.office_city).post(f"/schedules/{schedule.pk}/", again)
    assert answer.status_code == 302
    found = ReportSchedule.objects.get()
    assert (found.owner, found.stopped, found.state) == (people.office_city, "", "RUNNING")
    assert keep_schedules() == 1


def test_who_may_not_see_the_area_any_more_gets_nothing(people, schedule):
    type(people.auditor).objects.filter(pk=people.auditor.pk).update(area=people.other_county)

    assert keep_schedules() == 1
    assert made() == [(date(2026, 10, 31), people.office.pk)]
    ReportSchedule.objects.update(done_to=date(2026, 9, 30))
    schedule.recipients.set([people.auditor])
    keep_schedules()
    assert "请重新选给谁" in ReportSchedule.objects.get().stopped


@pytest.mark.once
def test_an_office_sets_one_up_for_posts_that_may_see_it(as_, people, time_machine):
    time_machine.move_to(DAY)
    browser = as_(people.office)
    asked = {
        "area": "140213000000",
        "kind": "QUARTERLY",
        "format": "xlsx",
        "recipients": [people.office.pk, people.office_city.pk],
    }
    refused = browser.post("/schedules/", asked | {"recipients": [people.station.pk]})
    assert refused.status_code == 422

    page = browser.post("/schedules/", asked, follow=True)

    found = ReportSchedule.objects.get()
    assert (found.owner, found.next_period.label) == (people.office, "2026年第三季度")
    assert set(found.recipients.all()) == {people.office, people.office_city}
    assert "2026年第三季度" in page.content.decode()
