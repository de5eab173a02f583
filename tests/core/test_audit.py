"""The record is written with the deed, is never changed, and names no citizen."""

from datetime import timedelta

import pytest
from django.contrib.auth.signals import user_login_failed
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from liaison.core.context import Origin, origin
from liaison.core.models import AuditEntry
from tests import factories as f


@pytest.fixture
def entry(people):
    return AuditEntry.objects.record(people.own, "enter", by=people.station, note="建站")


@pytest.mark.parametrize(
    "deed",
    [
        lambda entry: AuditEntry.objects.filter(pk=entry.pk).update(note="没有这回事"),
        lambda entry: AuditEntry.objects.filter(pk=entry.pk).delete(),
        lambda entry: AuditEntry.objects.all()._raw_delete(using="default"),
        lambda entry: entry.delete(),
        lambda entry: entry.save(),
        lambda entry: sql("UPDATE core_auditentry SET note = ''"),
        lambda entry: sql("DELETE FROM core_auditentry"),
        lambda entry: AuditEntry.objects.bulk_create(
            [AuditEntry(pk=entry.pk, note="没有这回事", actor="", action="", object_type="", object_id="")],
            update_conflicts=True,
            unique_fields=["pk"],
            update_fields=["note"],
        ),
    ],
    ids=[
        "update",
        "delete",
        "raw delete",
        "its own delete",
        "its own save",
        "SQL UPDATE",
        "SQL DELETE",
        "upsert",
    ],
)
def test_no_way_leads_to_another_record(entry, deed):
    with pytest.raises(DatabaseError, match="never changed or deleted"), transaction.atomic():
        deed(entry)
    assert AuditEntry.objects.get(pk=entry.pk).note == "建站"


def sql(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)


def test_sqlite_s_replace_is_refused_too(entry):
    if connection.vendor == "sqlite":
        names = ", ".join(field.column for field in AuditEntry._meta.concrete_fields)
        with pytest.raises(DatabaseError, match="never changed or deleted"), transaction.atomic():
            sql(f"INSERT OR REPLACE INTO core_auditentry ({names}) SELECT {names} FROM core_auditentry")
    else:
        with pytest.raises(DatabaseError), transaction.atomic():
            sql("INSERT INTO core_auditentry SELECT * FROM core_auditentry")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("again", [1, 2])
def test_tests_with_real_transactions_begin_with_an_empty_record_that_still_refuses(again):
    assert not AuditEntry.objects.exists()
    entry = AuditEntry.objects.record(f.area("14", "山西省"), "enter", by=None)
    with pytest.raises(DatabaseError, match="never changed or deleted"):
        entry.delete()


def test_where_the_entry_cannot_be_written_the_deed_is_not_done(people, monkeypatch):
    activity = f.ActivityFactory(station=people.own)

    def full(*args, **kwargs):
        raise DatabaseError("disk is full")

    monkeypatch.setattr(type(AuditEntry.objects), "record", full)
    for deed in (
        lambda: activity.begin(by=people.station),
        lambda: activity.amend(by=people.station, theme="供暖"),
        lambda: activity.mark("attach", by=people.station),
        lambda: f.ActivityFactory.build(station=people.own, area=people.town).enter(by=people.station),
    ):
        with pytest.raises(DatabaseError):
            deed()

    (kept,) = type(activity).objects.all()
    assert (kept.state, kept.theme, kept.version) == ("PLANNED", "", 1)


def test_an_entry_knows_the_request_it_came_from(people):
    token = origin.set(Origin(ip="10.1.2.3", request_id="abc"))
    try:
        entry = AuditEntry.objects.record(people.own, "amend", by=people.station)
    finally:
        origin.reset(token)

    assert (entry.ip, entry.request_id) == ("10.1.2.3", "abc")


def test_what_the_clock_does_is_done_by_the_system(people):
    assert AuditEntry.objects.record(people.own, "remind", by=None).actor == "系统"


@pytest.mark.parametrize(
    ("who", "reads"),
    [
        ("office", True), ("office_city", True), ("office_other", False), ("auditor", True),
        ("auditor_other", False), ("station", False), ("deputy", False), ("unit", False), ("admin", False),
    ],
)  # fmt: skip
def test_who_reads_the_record_of_an_area(entry, people, who, reads):
    assert AuditEntry.objects.visible_to(getattr(people, who)).filter(pk=entry.pk).exists() is reads


def test_a_stranger_reads_nothing(entry):
    assert not AuditEntry.objects.visible_to(None).exists()


# --- Who comes and goes ---


@pytest.fixture
def person(people):
    people.station.user.set_password(f.PASSWORD)
    people.station.user.save()
    return people.station


def deeds(person):
    return list(AuditEntry.objects.of(person.user).order_by("pk").values_list("action", flat=True))


def sign_in(client, person, password=f.PASSWORD):
    return client.post("/login/", {"username": person.user.username, "password": password})


def test_sign_in_and_sign_out_are_recorded_in_the_post(client, person):
    sign_in(client, person)
    client.post("/logout/")

    assert deeds(person) == ["accounts.user.login", "accounts.user.logout"]
    for entry in AuditEntry.objects.of(person.user):
        assert (entry.post, entry.area_path, entry.ip) == (person, person.area.path, "127.0.0.1")
        assert entry.request_id


def test_a_wrong_password_is_recorded_without_what_was_typed(client, person):
    sign_in(client, person, "Geheim-9999-xx")

    (entry,) = AuditEntry.objects.of(person.user)
    assert (entry.action, entry.post, entry.actor) == ("accounts.user.login_failed", None, "未登录")
    assert entry.area_path == person.area.path, "the auditors of the area see it"
    assert "Geheim" not in str(entry.__dict__)


def test_an_unknown_account_is_recorded_without_what_was_typed(db):
    user_login_failed.send(sender="test", credentials={"username": "Beimen-7421-hu"}, request=None)

    (entry,) = AuditEntry.objects.all()
    assert entry.action == "accounts.user.login_failed"
    assert "eimen" not in str(entry.__dict__)


@pytest.mark.once
def test_a_changed_password_is_recorded(client, person):
    sign_in(client, person)

    client.post(
        "/password/",
        {"old_password": f.PASSWORD, "new_password1": "Dahe-9053-liu", "new_password2": "Dahe-9053-liu"},
    )

    assert deeds(person)[-1] == "accounts.user.password"
    assert "Dahe" not in str(AuditEntry.objects.of(person.user).first().__dict__)


@pytest.mark.once
def test_the_end_of_an_idle_session_is_recorded(client, person, time_machine):
    time_machine.move_to("2026-03-01 10:00:00+08:00", tick=False)
    person.user.change_password(f.PASSWORD)
    sign_in(client, person)
    time_machine.shift(timedelta(minutes=31))
    client.get("/password/")

    entry = AuditEntry.objects.of(person.user).first()
    assert (entry.action, entry.post) == ("accounts.user.logout", person)


def test_a_switch_of_post_is_recorded(as_, people):
    second = f.PostFactory(user=people.station.user, role="DEPUTY", area=people.town)

    as_(people.station).post("/act/", {"post": second.pk})

    entry = AuditEntry.objects.get(action="accounts.post.act")
    assert (entry.post, entry.object_id) == (second, str(second.pk))


@pytest.mark.once
def test_a_person_without_a_post_is_named_all_the_same(client, db):
    user = f.UserFactory(name="新来的")
    user.change_password(f.PASSWORD)
    client.post("/login/", {"username": user.username, "password": f.PASSWORD})

    entry = AuditEntry.objects.of(user).first()
    assert (entry.action, entry.actor, entry.post) == ("accounts.user.login", "新来的", None)


def test_no_entry_of_a_day_s_work_holds_a_citizen_s_name_or_phone(people):
    visit = f.VisitFactory(activity=f.ActivityFactory(station=people.own, day=timezone.localdate()))
    f.VisitorFactory(visit=visit, name="田秀兰", phone="13900005521")
    visit.amend(by=people.station, text="田秀兰，13900005521，暖气还是不热。", headcount=2)
    visit.mark("amend_person", by=people.station)
    request = f.RequestFactory(station=people.own, visit=visit, text="田秀兰家暖气不热。")
    request.amend(by=people.office, title="田秀兰家暖气不热", text="…")

    for entry in AuditEntry.objects.all():
        assert "田秀兰" not in str(entry.__dict__)
        assert "5521" not in str(entry.__dict__)
