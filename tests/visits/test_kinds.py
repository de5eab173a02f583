"""Every kind of activity: what is asked, what closes it, what is recorded afterwards, who is invited, how it is counted."""

from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from liaison.core.models import AuditEntry, OutboxMessage
from liaison.core.workflow import NotAllowed
from tests import factories as f
from visits.kinds import KINDS, clean_details, missing
from visits.models import Activity, ActivityFile, Attendance, Invitation
from visits.workflow import ActivityState, AttendanceState

pytestmark = pytest.mark.once

YESTERDAY = timezone.localdate() - timedelta(days=1)
KINDS_BESIDE = [kind for kind in Activity.Kind.values if kind != "RECEPTION"]
# What a person fills in so that the kind can be closed.
FILLED = {
    "theme": "民法典宣讲", "households": 12, "result": "路已修好", "days": "1.5", "units": "社区食堂\n日间照料中心",
    "forms": ["HOUSEHOLD", "ARTS"], "participants": "NEW", "opinions": 7, "headcount": 45,
}  # fmt: skip


def text(response):
    return response.content.decode()


def png():
    from PIL import Image

    out = BytesIO()
    Image.new("RGB", (40, 30), "white").save(out, "PNG")
    return out.getvalue()


def recorded(people, kind, **more):
    return {
        "kind": kind,
        "station": people.own.pk,
        "day": YESTERDAY.isoformat(),
        "starts_at": "9:00",
        "ends_at": "11:30",
        "came": [people.deputy.mandate.pk, people.deputy_colleague.mandate.pk],
        "reported": [people.deputy.mandate.pk],
        "minutes": "讨论热烈。",
        "minutes_by": "王丽",
        **FILLED,
        **more,
    }


def activity(people, kind, **more):
    made = f.ActivityFactory(station=people.own, kind=kind, day=YESTERDAY, **more)
    f.AttendanceFactory(activity=made, mandate=people.deputy.mandate)
    return made


# --- The table ---


def test_every_kind_has_its_row_and_needs_only_what_it_asks():
    assert set(KINDS) == set(Activity.Kind.values)
    for kind, asked in KINDS.items():
        known = {detail.name for detail in asked.details} | {"theme"}
        known |= {"headcount"} if asked.people else set()
        known |= {"days"} if asked.days else set()
        known |= {"reporting"} if asked.reporting else set()
        assert asked.needed <= known, kind


@pytest.mark.parametrize(
    "details",
    [
        {"hours": "viele"}, {"hours": -1}, {"hours": True}, {"participants": "KING"}, {"teacher": "长" * 121},
        {"units": "别类的内容"}, ["不是对照"],
    ],
)  # fmt: skip
def test_details_hold_only_what_the_kind_knows_in_its_type(details):
    with pytest.raises(ValidationError):
        clean_details("TRAINING", details)


def test_empty_details_are_left_out_and_zero_is_not_empty():
    assert clean_details("VISIT", {"households": 0, "whom": ""}) == {"households": 0}
    assert missing("VISIT", {"households": 0}) == []
    assert missing("VISIT", {}) == ["走访户数"]


# --- Planning ---


@pytest.mark.parametrize("kind", Activity.Kind.values)
def test_each_kind_is_planned_with_its_own_fields_and_moved_on_to_its_roster(as_, people, kind):
    client = as_(people.station)
    page = text(client.get("/activities/new/", {"kind": kind}))
    for detail in KINDS[kind].details:
        assert (f'name="{detail.name}"' in page) is not detail.afterwards

    ahead = (timezone.localdate() + timedelta(days=9)).isoformat()
    sent = recorded(people, kind, day=ahead, planned_deputies=6, planned_headcount=30, planned_days="0.5")
    response = client.post("/activities/new/", sent)

    made = Activity.objects.get()
    assert response["Location"] == f"/activities/{made.pk}/roster/"
    assert (made.kind, made.theme, made.state) == (kind, "民法典宣讲", ActivityState.PLANNED)
    assert set(made.details) <= {detail.name for detail in KINDS[kind].details if not detail.afterwards}
    assert made.planned_days == (Decimal("0.5") if KINDS[kind].days else None)
    assert (made.headcount, made.days) == (0, None), "what is done is not known yet"


def test_days_are_planned_in_halves(as_, people):
    ahead = (timezone.localdate() + timedelta(days=9)).isoformat()
    sent = recorded(people, "RESEARCH", day=ahead, planned_days="0.7")
    response = as_(people.station).post("/activities/new/", sent)
    assert response.status_code == 422
    assert "天数按半天计" in text(response)
    assert "社区食堂" in text(response), "nothing typed is lost"


# --- Closing ---


@pytest.mark.parametrize("kind", KINDS_BESIDE)
def test_a_kind_is_closed_only_with_what_it_needs(as_, people, kind):
    made = activity(people, kind)
    client = as_(people.station)
    address = f"/activities/{made.pk}/steps/close/"
    came = list(made.attendances.values_list("pk", flat=True))
    bare = client.post(address, {"shown": "1", "present": came})
    assert bare.status_code == 422
    made.refresh_from_db()
    assert made.state == ActivityState.PLANNED

    sent = {"shown": "1", "present": came, "reporting": came, **FILLED}
    assert client.post(address, sent).status_code == 302
    made.refresh_from_db()
    assert made.state == ActivityState.CLOSED
    assert set(made.details) == KINDS[kind].needed & set(made.details) | set(made.details)
    for name in KINDS[kind].needed & set(FILLED) - {"theme", "headcount", "days"}:
        assert made.details[name] == FILLED[name]
    page = text(client.get(made.get_absolute_url()))
    assert "计划和完成" in page


def test_no_way_round_the_form_closes_what_is_not_known(people):
    made = activity(people, "RESEARCH", theme="养老")
    with pytest.raises(NotAllowed, match="还没有填天数、走访单位或地点，填好再结束。"):
        made.close(by=people.station)
    assert made.state == ActivityState.PLANNED


def test_who_was_not_there_did_not_report(as_, people):
    made = activity(people, "DEBRIEF")
    row = made.attendances.get()
    response = as_(people.station).post(
        f"/activities/{made.pk}/steps/close/", {"shown": "1", "reporting": [row.pk], "headcount": 50}
    )
    assert response.status_code == 409
    assert "张建国没有到会，不能记为述职。" in text(response)
    made.close(by=people.station, present=[row], reporting=[row], headcount=50)
    assert list(people.deputy.mandate.debriefs.all()) == [made]


def test_a_program_closes_with_what_is_new_and_keeps_what_was_planned(client, people, as_):
    made = activity(people, "RESEARCH", theme="养老", details={"units": "社区食堂"}, planned_days="1.5")
    answer = as_(people.station).post(
        f"/api/v1/activities/{made.number}/steps/close/", {"days": "1.0"}, content_type="application/json"
    )
    assert answer.status_code == 200, answer.content
    told = answer.json()
    assert (told["state"], told["days"], told["details"]) == ("CLOSED", "1.0", {"units": "社区食堂"})


def test_a_program_plans_a_kind_with_its_fields(as_, people):
    ahead = (timezone.localdate() + timedelta(days=9)).isoformat()
    plan = {
        "kind": "TRAINING", "station": "PC01", "day": ahead, "starts_at": "09:00", "ends_at": "11:30", "theme": "代表法",
        "participants": "NEW", "hours": 3, "teacher": "某党校", "planned_headcount": 110,
    }  # fmt: skip
    client = as_(people.office)
    answer = client.post("/api/v1/activities/", plan, content_type="application/json")
    assert answer.status_code == 201, answer.content
    assert answer.json()["details"] == {"participants": "NEW", "hours": 3, "teacher": "某党校"}
    wrong = client.post(
        "/api/v1/activities/",
        plan | {"participants": "KING", "starts_at": "14:00", "ends_at": "15:00"},
        content_type="application/json",
    )
    assert wrong.status_code == 400
    assert "participants" in wrong.json()["fields"]


def test_corrections_after_closing_keep_what_the_kind_needs(as_, people):
    made = activity(
        people, "PUBLICITY", theme="防火", state=ActivityState.CLOSED, details={"forms": ["MEETING"]}
    )
    client = as_(people.station)
    address = f"/activities/{made.pk}/edit/"
    assert client.post(address, {"headcount": 60, "audience": "村民"}).status_code == 422
    fixed = {"headcount": 60, "audience": "村民", "forms": ["BROADCAST"], "version": made.version}
    assert client.post(address, fixed).status_code == 302
    made.refresh_from_db()
    assert (made.headcount, made.details) == (60, {"forms": ["BROADCAST"], "audience": "村民"})
    assert "广播" in text(client.get(made.get_absolute_url()))


# --- Recorded afterwards ---


@pytest.mark.parametrize("kind", KINDS_BESIDE)
def test_what_took_place_is_recorded_and_closed_in_one_form(as_, people, kind):
    sent = recorded(people, kind)
    response = as_(people.station).post("/activities/record/", sent)
    assert response.status_code == 302, text(response)
    made = Activity.objects.get()
    assert made.state == ActivityState.CLOSED
    assert (made.minutes, made.minutes_by) == ("讨论热烈。", "王丽")
    assert made.attendances.present().count() == 2
    assert made.headcount == (45 if KINDS[kind].people else 0)
    assert made.reporting.count() == (1 if KINDS[kind].reporting else 0)
    deeds = AuditEntry.objects.of(made).values_list("action", flat=True)
    assert {"visits.activity.enter", "visits.activity.close"} <= set(deeds)
    assert not OutboxMessage.objects.exists(), "nobody is asked to confirm what is over"


def test_recording_takes_photos_along_and_the_same_form_twice_is_one_activity(as_, people):
    client = as_(people.station)

    def send():
        photos = [SimpleUploadedFile(f"{n}.png", png(), "image/png") for n in range(2)]
        return client.post("/activities/record/", recorded(people, "PUBLICITY", idem="k1", photos=photos))

    first, again = send(), send()
    assert first["Location"] == again["Location"]
    made = Activity.objects.get()
    assert made.files.filter(caption="民法典宣讲").count() == 2
    page = text(client.get(made.get_absolute_url()))
    assert page.count('alt="民法典宣讲"') == 2
    assert "入户、文艺演出" in page


@pytest.mark.parametrize(
    ("kind", "change", "sentence"),
    [
        ("RECEPTION", {}, "接待日请先排定"),
        ("PUBLICITY", {"day": (timezone.localdate() + timedelta(days=1)).isoformat()}, "还没到这一天"),
        ("PUBLICITY", {"forms": []}, "请选择"),
        ("PUBLICITY", {"day": "2019-05-05"}, "没有开放"),
        ("RESEARCH", {"days": "0.7"}, "天数按半天计"),
        ("DEBRIEF", {"came": []}, "没有勾选到会，不能记为述职"),
        ("RETURN_VISIT", {"follows": "JD20200101-001"}, "没有找到这个编号"),
    ],
)
def test_a_record_that_cannot_be_is_refused_in_words_and_nothing_is_kept(as_, people, kind, change, sentence):
    response = as_(people.station).post("/activities/record/", recorded(people, kind, **change))
    assert response.status_code in (409, 422)
    assert sentence in text(response)
    assert "讨论热烈。" in text(response)
    assert not Activity.objects.exists()
    assert not Attendance.objects.exists()


def test_a_deputy_out_of_office_that_day_is_refused_and_nothing_is_kept(as_, people):
    people.deputy.mandate.to_on = date(2021, 1, 1)
    people.deputy.mandate.save()
    response = as_(people.station).post("/activities/record/", recorded(people, "OTHER"))
    assert response.status_code == 409
    assert "不能再排班" in text(response)
    assert not Activity.objects.exists()


def test_one_who_holds_two_mandates_came_in_one_of_them(as_, people):
    city = f.MandateFactory(
        deputy=people.deputy.deputy,
        area=people.town,
        term__congress=f.CongressFactory(name="市人大", level="CITY"),
    )
    f.AssignmentFactory(mandate=city, station=people.own)
    sent = recorded(people, "OTHER", came=[people.deputy.mandate.pk, city.pk])
    response = as_(people.station).post("/activities/record/", sent)
    assert response.status_code == 409
    assert "张建国勾选了 2 个职务，请只留一个。" in text(response)


def test_a_return_visit_leads_back_to_the_visit_by_its_number_or_that_of_its_request(as_, people):
    day = f.ActivityFactory(station=people.own)
    visit = f.VisitFactory(activity=day)
    request = f.RequestFactory(visit=visit, station=people.own)
    client = as_(people.station)
    for number, hours in ((visit.number, ("9:00", "10:00")), (request.number, ("10:00", "11:00"))):
        sent = recorded(people, "RETURN_VISIT", follows=number, starts_at=hours[0], ends_at=hours[1])
        made = Activity.objects.get(
            pk=int(client.post("/activities/record/", sent)["Location"].split("/")[2])
        )
        assert made.follows == visit
        assert f'href="{visit.get_absolute_url()}"' in text(client.get(made.get_absolute_url()))
        assert visit.get_absolute_url() not in text(as_(people.deputy).get(made.get_absolute_url()))


def test_a_visit_out_of_sight_is_not_found_by_its_number(as_, people):
    visit = f.VisitFactory(activity=f.ActivityFactory(station=people.other))
    response = as_(people.station).post(
        "/activities/record/", recorded(people, "RETURN_VISIT", follows=visit.number)
    )
    assert response.status_code == 422
    assert "没有找到这个编号" in text(response)


# --- Photos and papers ---


def test_photos_and_papers_are_put_in_shown_and_withdrawn(as_, people):
    made = activity(people, "RESEARCH")
    client = as_(people.station)
    address = f"/activities/{made.pk}/files/"
    sent = {
        "photos": [SimpleUploadedFile("a.png", png())],
        "paper": SimpleUploadedFile("报告.PDF", b"%PDF-1.7 report"),
        "caption": "养老服务",
    }
    assert client.post(address, sent).status_code == 302
    photo, paper = ActivityFile.objects.order_by("pk")
    assert (photo.photo, paper.photo) == (True, False)
    given = client.get(f"/files/{paper.attachment.key}/")
    assert given["Content-Disposition"].startswith("attachment;")
    assert given["Content-Disposition"].endswith('.pdf"')
    assert as_(people.station_other).get(f"/files/{paper.attachment.key}/").status_code == 404
    assert 'alt="养老服务"' in text(as_(people.deputy).get(made.get_absolute_url()))

    assert client.post(f"{address}{paper.pk}/withdraw/").status_code == 302
    assert client.get(f"/files/{paper.attachment.key}/").status_code == 404
    assert AuditEntry.objects.of(made).filter(action="visits.activity.withdraw").count() == 1


@pytest.mark.parametrize(
    ("field", "name", "content", "sentence"),
    [
        ("photos", "a.png", b"no picture", "不是照片"),
        ("paper", "a.pdf", b"MZ no pdf", "不能上传"),
        ("paper", "a.exe", b"%PDF-1.7", "不能上传"),
        ("paper", "a.docx", b"plain text", "不能上传"),
    ],
)
def test_what_is_neither_photo_nor_paper_is_refused(as_, people, field, name, content, sentence):
    made = activity(people, "RESEARCH")
    sent = {field: [SimpleUploadedFile(name, content)], "caption": "x"}
    response = as_(people.station).post(f"/activities/{made.pk}/files/", sent)
    assert response.status_code == 422
    assert sentence in text(response)
    assert not ActivityFile.objects.exists()


# --- Addressed to a group or a level ---


def test_a_professional_group_is_invited_and_who_cannot_serve_is_told_in_words(as_, people):
    group = f.GroupFactory(area=people.county, kind="PROFESSIONAL", name="环保专业小组")
    resting = people.deputy_colleague.mandate
    resting.suspended_on = f.LONG_AGO
    resting.save()
    for seat in (people.deputy, people.deputy_colleague):
        group.memberships.create(deputy=seat.deputy, from_on=f.LONG_AGO)
    made = f.ActivityFactory(
        station=people.own, kind="INSPECTION", day=timezone.localdate() + timedelta(days=5)
    )
    client = as_(people.office)
    page = text(client.post(f"/activities/{made.pk}/invite/", {"group": group.pk}, follow=True))
    assert "已请环保专业小组参加，1 位代表排入名单" in page
    assert "李秀英从2020年1月1日起暂停执行代表职务，不能排班。" in page
    assert [row.mandate for row in made.attendances.all()] == [people.deputy.mandate]
    assert OutboxMessage.objects.filter(to=people.deputy.user).count() == 1
    assert list(group.invitations.values_list("activity", flat=True)) == [made.pk]

    again = text(client.post(f"/activities/{made.pk}/invite/", {"group": group.pk}, follow=True))
    assert "0 位代表排入名单" in again
    assert "张建国已经在名单里。" in again
    assert Invitation.objects.count() == 1


def test_a_person_of_two_mandates_is_called_once_in_the_one_of_the_groups_congress(people):
    deputy = people.deputy.deputy
    city = f.MandateFactory(
        deputy=deputy, area=people.town, term__congress=f.CongressFactory(name="市人大", level="CITY")
    )
    group = f.GroupFactory(area=people.city)
    group.memberships.create(deputy=deputy, from_on=f.LONG_AGO)
    made = f.ActivityFactory(station=people.own, kind="TRAINING")
    invitation = Invitation.objects.invite(made, by=people.office_city, group=group)
    assert [place.mandate for place in invitation.placed] == [city]


def test_a_level_is_invited_as_far_as_the_post_sees(as_, people):
    made = f.ActivityFactory(station=people.own, kind="TRAINING")
    as_(people.office).post(f"/activities/{made.pk}/invite/", {"level": "COUNTY"})
    names = set(made.attendances.values_list("mandate__deputy__name", flat=True))
    assert names == {"张建国", "李秀英"}


@pytest.mark.parametrize("sent", [{}, {"level": "COUNTY", "group": "all"}, {"level": "NATIONAL"}])
def test_nobody_meant_or_two_things_at_once_is_refused(as_, people, sent):
    group = f.GroupFactory(area=people.county)
    made = f.ActivityFactory(station=people.own, kind="TRAINING")
    sent = {name: group.pk if value == "all" else value for name, value in sent.items()}
    assert as_(people.office).post(f"/activities/{made.pk}/invite/", sent).status_code in (409, 422)
    assert not Attendance.objects.exists()


def test_nobody_is_invited_to_what_is_over(as_, people):
    made = f.ActivityFactory(station=people.own, kind="TRAINING", closed=True)
    assert as_(people.office).get(f"/activities/{made.pk}/invite/").status_code == 409


# --- Found ---


def test_activities_are_found_by_kind_by_words_and_by_the_group_invited(as_, people):
    group = f.GroupFactory(area=people.town)
    survey = f.ActivityFactory(station=people.own, kind="RESEARCH", theme="养老服务调研")
    f.ActivityFactory(station=people.own, kind="PUBLICITY", theme="民法典宣讲")
    Invitation.objects.create(activity=survey, group=group)
    client = as_(people.office)
    for query in ("kind=RESEARCH", "text=养老", f"text={survey.number}", f"group={group.pk}"):
        rows = client.get(f"/activities/?view=list&{query}").context["page"].rows
        assert [row.pk for row in rows] == [survey.pk], query
        answer = client.get(f"/api/v1/activities/?{query}").json()["results"]
        assert [row["number"] for row in answer] == [survey.number], query


# --- Counted ---


def test_the_summary_sets_plan_beside_done_and_every_count_opens_its_list(
    as_, people, django_assert_max_num_queries
):
    for day, state in ((3, "CLOSED"), (4, "CLOSED"), (5, "CANCELLED"), (6, "PLANNED")):
        made = f.ActivityFactory(
            station=people.own, kind="PUBLICITY", day=date(2026, 3, day), state=state, headcount=20,
            planned_headcount=30, announced_on=date(2026, 3, 1),
        )  # fmt: skip
        f.AttendanceFactory(activity=made, mandate=people.deputy.mandate, state=AttendanceState.PRESENT)
        f.VisitFactory(activity=made, headcount=2)
    f.ActivityFactory(station=people.other, kind="PUBLICITY", day=date(2026, 3, 3), closed=True)
    client = as_(people.office)
    client.get("/activities/")
    with django_assert_max_num_queries(4 + 5):
        response = client.get("/activities/summary/", {"first": "2026-01-01", "last": "2026-12-31"})
    [row] = response.context["rows"]
    assert {name: row[name] for name in ("planned", "held", "cancelled", "deputies", "people", "meant", "received")} == {
        "planned": 4, "held": 2, "cancelled": 1, "deputies": 2, "people": 40, "meant": 120, "received": 4,
    }  # fmt: skip
    [words] = client.get("/activities/summary/?first=2026-01-01&last=2026-12-31&text=无").context["rows"]
    assert words["list"] == row["list"]  # what narrows no figure does not narrow the list behind it
    for name in ("planned", "held", "cancelled"):
        rows = client.get(row["list"][name]).context["page"].rows
        assert len(rows) == row[name]


@pytest.mark.parametrize(
    ("who", "seen"), [("station_other", 0), ("deputy", 1), ("auditor", 1), ("office_other", 0)]
)
def test_the_summary_ends_where_sight_ends(as_, people, who, seen):
    f.ActivityFactory(station=people.own, kind="PUBLICITY", closed=True)
    assert len(as_(getattr(people, who)).get("/activities/summary/").context["rows"]) == seen
