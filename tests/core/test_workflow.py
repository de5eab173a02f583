"""A step is refused with a reason and changes nothing; of many at once one succeeds; what is done is written down."""

from datetime import time, timedelta

import pytest
from django.utils import timezone

from liaison.core.models import AuditEntry
from liaison.core.workflow import NotAllowed, Stale
from tests import factories as f
from visits.models import Activity
from visits.workflow import ActivityState


@pytest.fixture
def activity(people):
    return f.ActivityFactory(station=people.own)


def entries(thing):
    return AuditEntry.objects.of(thing)


def as_stored(thing):
    fresh = type(thing).objects.get(pk=thing.pk)
    return {field.attname: getattr(fresh, field.attname) for field in thing._meta.concrete_fields}


def refused(thing, name, *args, **how):
    """Try a deed that is refused; nothing may have changed, in the table or in the object. Returns the reason."""
    before, written = as_stored(thing), entries(thing).count()
    with pytest.raises(NotAllowed) as refusal:
        getattr(thing, name)(*args, **how)
    assert as_stored(thing) == before
    assert {name: getattr(thing, name) for name in before} == before
    assert entries(thing).count() == written
    return str(refusal.value)


def test_a_step_moves_the_thing_and_writes_one_entry(activity, people):
    activity.begin(by=people.station, note="提前到了")

    activity.refresh_from_db()
    assert (activity.state, activity.version) == (ActivityState.OPEN, 2)
    (entry,) = entries(activity)
    assert (entry.action, entry.before, entry.after) == ("visits.activity.begin", "PLANNED", "OPEN")
    assert (entry.post, entry.note, entry.area_path) == (people.station, "提前到了", people.town.path)
    assert entry.actor == str(people.station)


def test_a_step_that_is_not_the_role_s_is_refused_with_the_reason(activity, people):
    assert refused(activity, "begin", by=people.auditor) == "审计岗位不能开始接待。"


def test_a_step_that_the_state_does_not_allow_is_refused_with_the_reason(activity, people):
    activity.begin(by=people.station)

    reason = refused(activity, "begin", by=people.station)

    assert "现在是“进行中”，不能开始接待。" in reason
    assert str(activity) in reason


def test_a_step_whose_own_rule_refuses_changes_nothing_and_may_be_tried_again_from_the_same_page(people):
    activity = f.ActivityFactory(station=people.own, day=timezone.localdate() + timedelta(days=3))

    assert "当天才能开始" in refused(activity, "begin", by=people.station, version=1)
    assert activity.version == 1, "the page that shows the refusal carries a version that still holds"
    activity.cancel(by=people.station, note="下雪", version=activity.version)


def test_a_step_from_a_stale_page_is_refused_and_says_who_was_there_first(activity, people):
    activity.amend(by=people.station, theme="供暖")

    reason = refused(activity, "begin", by=people.station, version=1)

    now = timezone.localtime()
    assert reason.startswith(f"王丽 {now:%H}:")
    assert reason.endswith("改过这条记录。看看改了什么，再决定是否保存。")


def test_a_change_of_another_day_is_told_with_its_date(activity, people, time_machine):
    time_machine.move_to("2026-03-01 10:21:00+08:00")
    activity.amend(by=people.station, theme="供暖")
    time_machine.move_to("2026-03-02 09:00:00+08:00")

    assert refused(activity, "amend", by=people.station, version=1, theme="物业").startswith(
        "王丽 3月1日 10:21 改过"
    )


def test_open_steps_are_those_that_would_not_be_refused(activity, people):
    assert list(activity.open_steps(people.station)) == ["announce", "begin", "close", "move", "cancel"]
    assert list(activity.open_steps(people.auditor)) == []
    assert activity.open_steps(None) == {}
    for name in activity.open_steps(people.station):
        assert activity.refusal(name, people.station) == ""


@pytest.mark.once
@pytest.mark.parametrize("role", ["station", "office", "deputy", "unit", "auditor", "admin"])
def test_whoever_the_table_does_not_name_is_refused_every_step(activity, people, role):
    post = getattr(people, role)
    for name, row in Activity.FLOW.items():
        refused = post.role not in row.roles or ActivityState.PLANNED not in row.sources
        assert bool(activity.refusal(name, post)) is refused, name


def test_amend_says_what_was_and_what_is(activity, people):
    assert activity.amend(by=people.station, version=1, note="改主题", theme="供暖", ends_at=time(12)) is True

    (entry,) = entries(activity)
    assert entry.data == {"theme": ["", "供暖"], "ends_at": ["11:30:00", "12:00:00"]}
    assert (entry.note, activity.version) == ("改主题", 2)


def test_amend_of_nothing_writes_nothing(activity, people):
    assert activity.amend(by=people.station, theme="") is False
    assert (entries(activity).count(), activity.version) == (0, 1)


def test_amend_keeps_private_values_out_of_the_record(people):
    deputy = people.deputy.deputy

    deputy.amend(by=people.station, phone="13900009876")

    (entry,) = entries(deputy)
    assert entry.data == {"phone": ["（不记录内容）", "（不记录内容）"]}
    assert "1390000" not in str(entry.__dict__)


def test_amend_names_a_thing_it_points_to(activity, people):
    activity.amend(by=people.station, station=people.child)

    assert entries(activity).get().data == {"station": ["南关街道联络站", "南关社区联络点"]}


def test_amend_from_a_stale_page_is_refused(activity, people):
    activity.amend(by=people.station, version=1, theme="供暖")

    with pytest.raises(Stale):
        activity.amend(by=people.office, version=1, theme="物业")
    assert Activity.objects.get().theme == "供暖"


def test_mark_counts_as_a_change_like_any_other(activity, people):
    activity.mark("attach", by=people.station, version=1, data={"file": "…"})

    activity.refresh_from_db()
    assert activity.version == 2
    assert entries(activity).get().action == "visits.activity.attach"
    assert "改过这条记录" in refused(activity, "mark", "attach", by=people.station, version=1)


def test_enter_writes_the_thing_and_its_first_entry_together(people):
    activity = Activity(station=people.own, day=timezone.localdate(), starts_at=time(9), ends_at=time(11))

    activity.enter(by=people.station, note="临时安排")

    assert entries(activity).get().action == "visits.activity.enter"
    assert entries(activity).get().after == ActivityState.PLANNED


@pytest.mark.django_db(transaction=True)
def test_of_eight_who_take_one_step_at_once_one_wins_and_the_others_are_told(people, several_threads):
    activity = f.ActivityFactory(station=people.own)

    def begin():
        Activity.objects.get(pk=activity.pk).begin(by=people.station, version=1)

    results = several_threads(*[begin] * 8)

    lost = [result for result in results if result is not None]
    assert len(lost) == 7
    assert all(isinstance(result, NotAllowed) for result in lost), lost
    assert {str(result) for result in lost} == {f"“{activity}”现在是“进行中”，不能开始接待。"}
    assert entries(activity).count() == 1
    assert as_stored(activity)["version"] == 2


@pytest.mark.django_db(transaction=True)
def test_of_eight_who_correct_one_page_at_once_one_wins_and_the_others_hear_of_it(people, several_threads):
    activity = f.ActivityFactory(station=people.own)

    def amend(number):
        return lambda: Activity.objects.get(pk=activity.pk).amend(
            by=people.station, version=1, theme=f"主题{number}"
        )

    results = several_threads(*map(amend, range(8)))

    assert results.count(True) == 1
    lost = [result for result in results if result is not True]
    assert all(isinstance(result, Stale) and str(result).startswith("王丽 ") for result in lost), lost
    assert entries(activity).count() == 1
    assert as_stored(activity)["theme"] == f"主题{results.index(True)}"


@pytest.mark.django_db(transaction=True)
def test_changes_that_come_from_no_page_wait_for_each_other_and_all_count(people, several_threads):
    activity = f.ActivityFactory(station=people.own)

    def mark():
        Activity.objects.get(pk=activity.pk).mark("attach", by=people.station)

    assert several_threads(*[mark] * 8) == [None] * 8
    assert as_stored(activity)["version"] == 9
    assert entries(activity).count() == 8
