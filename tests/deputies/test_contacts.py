"""Contact links at three levels: who sees whom, who writes, what is refused, what of a voter is read, who lacks contact."""

from datetime import timedelta

import pytest
from django.utils import timezone

from deputies.models import ContactLink, ContactRecord, FixedVoter, Leader, StationAssignment
from deputies.tasks import forget_voters
from liaison.core.models import AuditEntry, PolicyVersion
from liaison.core.workflow import NotAllowed, Stale
from tests import factories as f

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate
NAME, PHONE, ADDRESS = "田秀兰", "13900005521", "火车站社区"
WHOLE, MASKED = "13900005521", "139****5521"


def text(response):
    return response.content.decode()


@pytest.fixture
def link(people):
    return voter(people.deputy)


def voter(seat, name=NAME, since=400, by=None):
    return ContactLink.objects.take_up(
        seat.mandate,
        name=name,
        phone=PHONE,
        address=ADDRESS,
        from_on=TODAY() - timedelta(days=since),
        by=by or seat,
    )


def leader(people, **more):
    more = {"name": "赵主任"} | more if "mandate" not in more else more
    return Leader.objects.create(
        **{"area": people.county, "rank": "CHAIR", "duty": "副主任", "from_on": f.LONG_AGO} | more
    )


# --- Who sees what ---

# own voter's link: page, whole contact data, may write
SEES = {
    "deputy": (200, True, True), "deputy_colleague": (404, False, False), "deputy_other": (404, False, False),
    "station": (200, True, True), "station_child": (404, False, False), "station_other": (404, False, False),
    "office": (200, False, False), "office_city": (200, False, False), "office_other": (404, False, False),
    "auditor": (200, False, False), "unit": (403, False, False), "admin": (403, False, False),
}  # fmt: skip


@pytest.mark.once
@pytest.mark.parametrize("who", SEES)
def test_a_voter_is_shown_whole_to_the_deputy_and_the_station_alone(as_, people, link, who):
    status, whole, writes = SEES[who]
    ContactRecord(link=link, day=TODAY(), said="想装路灯").enter(by=people.deputy)
    client = as_(getattr(people, who))
    page = client.get(link.get_absolute_url())
    assert page.status_code == status
    if status == 200:
        assert (WHOLE in text(page), NAME in text(page), "想装路灯" in text(page)) == (whole,) * 3
        assert (MASKED in text(page)) is not whole
        assert "田" in text(page)
    rest = client.get(f"/api/v1/contact-links/{link.pk}/")
    assert rest.status_code == (404 if status in (403, 404) else 200)
    if status == 200:
        assert (rest.json()["voter"]["phone"] == WHOLE) is whole
        said = client.get("/api/v1/contact-records/").json()["results"][0]["said"]
        assert (said == "想装路灯") is whole
    record = client.post(
        f"/contacts/{link.pk}/record/", {"day": TODAY().isoformat(), "way": "PHONE", "said": "x"}
    )
    assert (record.status_code == 302) is writes
    assert FixedVoter.objects.visible_to(getattr(people, who)).exists() is whole


@pytest.mark.once
def test_lists_of_staff_mask_the_voter_even_for_the_station(as_, people, link):
    page = text(as_(people.station).get("/contacts/"))
    assert "张建国" in page
    assert "田*" in page
    assert NAME not in page


@pytest.mark.once
def test_where_no_station_keeps_the_link_the_office_does(as_, people):
    people.deputy.mandate.assignments.update(to_on=f.LONG_AGO)
    made = voter(people.deputy)
    for who in ("office", "office_city"):
        assert WHOLE in text(as_(getattr(people, who)).get(made.get_absolute_url()))
    assert MASKED in text(as_(people.auditor).get(made.get_absolute_url()))


def test_nothing_of_a_voter_stands_in_the_record(people, link):
    link.voter.correct(by=people.deputy, version=link.version, name="田秀芳", phone=PHONE, address=ADDRESS)
    entries = "".join(f"{e.label}{e.note}{e.data}" for e in AuditEntry.objects.all())
    for word in (NAME, "田秀芳", PHONE, ADDRESS):
        assert word not in entries


# --- A deputy on the phone ---


@pytest.mark.once
def test_a_deputy_adds_a_voter_and_writes_a_contact_down_in_a_few_taps(as_, people):
    client = as_(people.deputy)
    assert "现在有 0 位" in text(client.get("/contacts/"))
    sent = {"name": "田 秀兰", "phone": "139 0000 5521", "from_on": TODAY().isoformat(), "idem": "v1"}
    first, again = (client.post("/contacts/voters/new/", sent) for _ in range(2))
    assert first["Location"] == again["Location"]
    made = ContactLink.objects.get()
    assert (made.mandate, made.area) == (people.deputy.mandate, people.town)
    assert (made.voter.name, made.voter.phone) == (NAME, PHONE)

    contact = {
        "day": TODAY().isoformat(),
        "way": "VISIT",
        "said": "想装路灯",
        "follow_up": "找居委会",
        "idem": "r1",
    }
    for _ in range(2):
        assert client.post(f"/contacts/{made.pk}/record/", contact)["Location"] == made.get_absolute_url()
    assert ContactRecord.objects.count() == 1
    page = text(client.get("/contacts/"))
    assert "共 1 次" in page
    assert NAME in page
    assert 'href="tel:13900005521"' in page


@pytest.mark.once
@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        (timedelta(days=1), "联系日期不能晚于今天。"),
        (timedelta(days=-500), "请改日期。"),
    ],
)
def test_a_contact_on_an_impossible_day_is_refused_and_the_words_are_kept(as_, people, link, day, sentence):
    sent = {"day": (TODAY() + day).isoformat(), "way": "VISIT", "said": "想装路灯"}
    response = as_(people.deputy).post(f"/contacts/{link.pk}/record/", sent)
    assert response.status_code == 422
    assert sentence in text(response)
    assert "想装路灯" in text(response)


@pytest.mark.once
def test_a_contact_written_by_a_program_once_for_each_key(as_, people, link):
    sent = {"link": link.pk, "day": TODAY().isoformat(), "way": "WECHAT", "said": "问医保"}
    client = as_(people.deputy)
    answers = [
        client.post(
            "/api/v1/contact-records/",
            sent,
            content_type="application/json",
            headers={"Idempotency-Key": "k"},
        )
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert ContactRecord.objects.count() == 1
    stranger = as_(people.deputy_colleague).post(
        "/api/v1/contact-records/", sent, content_type="application/json"
    )
    assert stranger.status_code == 400, "out of sight is as one that does not exist"
    office = as_(people.office).post("/api/v1/contact-records/", sent, content_type="application/json")
    assert office.status_code == 403


# --- How many ---


def test_no_more_voters_than_policy_allows(as_, people):
    PolicyVersion.objects.create(area=people.county, first_on=f.LONG_AGO, values={"fixed_voters_most": 2})
    voter(people.deputy, "甲乙")
    voter(people.deputy, "丙丁")
    sent = {"name": NAME, "from_on": TODAY().isoformat()}
    response = as_(people.deputy).post("/contacts/voters/new/", sent)
    assert response.status_code == 409
    assert "已有 2 位固定联系选民，最多 2 位。" in text(response)
    assert NAME in text(response)


def test_the_same_voter_twice_is_refused(people, link):
    with pytest.raises(NotAllowed, match="已经在联系"):
        voter(people.deputy)


def test_a_deputy_who_left_takes_up_nobody(people):
    people.deputy.mandate.to_on = f.LONG_AGO
    people.deputy.mandate.save()
    with pytest.raises(NotAllowed, match="不能再联系选民"):
        voter(people.deputy)


def test_two_who_add_the_last_voter_at_once_add_one(several_threads):
    from tests.conftest import build_people

    people = build_people()
    PolicyVersion.objects.create(area=people.county, first_on=f.LONG_AGO, values={"fixed_voters_most": 1})
    told = several_threads(lambda: voter(people.deputy, "甲乙"), lambda: voter(people.deputy, "丙丁"))
    assert sorted(type(one).__name__ for one in told) == ["ContactLink", "NotAllowed"]
    assert FixedVoter.objects.count() == 1


@pytest.mark.once
def test_a_station_adds_for_its_own_deputies_alone(as_, people):
    client = as_(people.station)
    sent = {"name": NAME, "from_on": TODAY().isoformat()}
    assert (
        client.post("/contacts/voters/new/", sent | {"mandate": people.deputy_other.mandate.pk}).status_code
        == 422
    )
    assert (
        client.post("/contacts/voters/new/", sent | {"mandate": people.deputy.mandate.pk}).status_code == 302
    )
    assert "南关街道联络站" in text(client.get(ContactLink.objects.get().get_absolute_url()))


# --- The end ---


@pytest.mark.once
def test_a_link_ends_with_a_reason_and_its_history_stays(as_, people, link):
    ContactRecord(link=link, day=TODAY(), said="想装路灯").enter(by=people.deputy)
    client = as_(people.deputy)
    address = f"/contacts/{link.pk}/end/"
    assert client.post(address, {"on": TODAY().isoformat(), "version": link.version}).status_code == 422
    sent = {"on": (TODAY() - timedelta(days=1)).isoformat(), "note": "搬走了", "version": link.version}
    assert client.post(address, sent).status_code == 302
    link.refresh_from_db()
    assert link.end_reason == "搬走了"
    assert "想装路灯" in text(client.get(link.get_absolute_url()))
    assert "以前的联系" in text(client.get("/contacts/"))
    assert client.post(address, sent).status_code == 409


def test_with_the_mandate_and_with_the_duty_end_the_links(people, link):
    head = leader(people)
    area = ContactLink(kind="LEADER_AREA", leader=head, place=people.town, from_on=f.LONG_AGO).enter(
        by=people.office
    )
    people.deputy.mandate.end(TODAY(), "MOVED", by=people.office)
    head.end(TODAY(), by=people.office)
    for one in (link, area):
        one.refresh_from_db()
        assert one.to_on == TODAY()
        assert one.end_reason


def test_a_link_begun_and_ended_today_does_not_hold_up_the_end_of_the_mandate(people):
    voter(people.deputy, since=0).end(TODAY(), by=people.deputy, note="登记错了")
    people.deputy.mandate.end(TODAY() - timedelta(days=1), "MOVED", by=people.office)
    assert ContactLink.objects.get().end_reason == "登记错了"


def test_with_the_mandate_ends_the_seat_in_the_committee_and_its_links(people):
    head = leader(people, mandate=people.deputy.mandate)
    visit = ContactLink(kind="LEADER_AREA", leader=head, place=people.town, from_on=f.LONG_AGO)
    visit.enter(by=people.office)
    people.deputy.mandate.end(TODAY(), "MOVED", by=people.office)
    for one in (head, visit):
        one.refresh_from_db()
        assert one.to_on == TODAY()


def test_a_correction_on_an_old_page_is_stale(people, link):
    link.mark("amend_person", by=people.deputy)
    with pytest.raises(Stale):
        link.voter.correct(by=people.station, version=1, name="田秀芳", phone="", address="")


@pytest.mark.once
def test_a_voided_record_counts_no_more_and_stays(as_, people, link):
    row = ContactRecord(link=link, day=TODAY(), said="记错了").enter(by=people.deputy)
    client = as_(people.deputy)
    sent = {"note": "记重了", "version": row.version}
    assert client.post(f"/contacts/records/{row.pk}/void/", sent).status_code == 302
    assert ContactRecord.objects.counted().count() == 0
    assert "已作废" in text(client.get(link.get_absolute_url()))
    assert client.post(f"/contacts/records/{row.pk}/void/", sent).status_code == 409
    row.refresh_from_db()
    sent = {"note": "没有记错", "version": row.version}
    assert client.post(f"/contacts/records/{row.pk}/void/", sent)["Location"] == link.get_absolute_url()
    assert ContactRecord.objects.counted().count() == 1


# --- Leading members ---


@pytest.mark.once
def test_the_office_enters_leaders_and_their_links(as_, people):
    client = as_(people.office)
    sent = {
        "rank": "MEMBER",
        "mandate": people.deputy_colleague.mandate.pk,
        "duty": "委员",
        "from_on": "2021-01-01",
    }
    assert client.post("/contacts/leaders/", sent | {"name": "两样都写"}).status_code == 422
    assert client.post("/contacts/leaders/", sent).status_code == 302
    member = Leader.objects.get()
    linked = {
        "kind": "MEMBER_DEPUTY", "leader": member.pk, "partner": people.deputy.mandate.pk, "from_on": TODAY().isoformat(),
    }  # fmt: skip
    assert client.post("/contacts/new/", linked | {"partner": ""}).status_code == 422
    assert client.post("/contacts/new/", linked | {"partner": member.mandate.pk}).status_code == 422
    assert client.post("/contacts/new/", linked).status_code == 302
    again = client.post("/contacts/new/", linked)
    assert again.status_code in (409, 422)
    assert "已经在联系" in text(again)
    made = ContactLink.objects.get()
    assert made.area == people.town

    # The member writes, the deputy who is visited only reads.
    contact = {"day": TODAY().isoformat(), "way": "TALK", "said": "谈履职"}
    assert as_(people.deputy).post(f"/contacts/{made.pk}/record/", contact).status_code == 403
    assert as_(people.deputy_colleague).post(f"/contacts/{made.pk}/record/", contact).status_code == 302
    assert "李秀英" in text(as_(people.deputy).get("/contacts/"))


# --- Where contacts are missing ---


def test_coverage_lists_whom_and_what_is_missing(as_, people, django_assert_max_num_queries):
    quiet, fresh = voter(people.deputy, "甲乙"), voter(people.deputy, "丙丁", since=10)
    spoken = voter(people.deputy, "戊己")
    ContactRecord(link=spoken, day=TODAY() - timedelta(days=30), said="好").enter(by=people.deputy)
    leader(people)
    client = as_(people.office)
    client.get("/contacts/coverage/")
    with django_assert_max_num_queries(4 + 4):
        few = client.get("/contacts/coverage/").context["page"].rows
    assert {row.deputy.name: row.voters for row in few} == {"张建国": 3, "李秀英": 0}
    silent = client.get("/contacts/coverage/?lack=silent").context["page"].rows
    assert [row.pk for row in silent] == [quiet.pk]
    assert fresh not in silent
    assert [row.called for row in client.get("/contacts/coverage/?lack=leaders").context["page"].rows] == [
        "赵主任"
    ]
    assert "甲乙" not in text(client.get("/contacts/coverage/?lack=silent"))


@pytest.mark.once
def test_the_list_costs_the_same_for_many_links(as_, people, django_assert_max_num_queries):
    for number in range(7):
        ContactRecord(
            link=voter(people.deputy, f"选民{'一二三四五六七'[number]}"), day=TODAY(), said="好"
        ).enter(by=people.deputy)
    for who in ("office", "deputy"):
        client = as_(getattr(people, who))
        client.get("/contacts/")
        with django_assert_max_num_queries(4 + 6):
            client.get("/contacts/")


def test_what_is_missing_is_measured_by_the_rules_of_the_place(as_, people, link):
    """The county asks for one voter and a word in a year; the city, which has no rule of its own, sees it so."""
    rules = {"fixed_voters_least": 1, "contact_months": 24}
    PolicyVersion.objects.create(area=people.county, first_on=f.LONG_AGO, values=rules)
    for who in ("office", "office_city"):
        client = as_(getattr(people, who))
        few = client.get("/contacts/coverage/").context["page"].rows
        assert {row.deputy.name: row.least for row in few} == (
            {"李秀英": 1} | ({"阿依努尔·买买提": 5} if who == "office_city" else {})
        )
        assert not client.get("/contacts/coverage/?lack=silent").context["page"].rows
        assert "久未联系</span>" not in text(client.get("/contacts/"))
    assert "现在有" not in text(as_(people.deputy).get("/contacts/?kind=MEMBER_DEPUTY"))


# --- In time, forgotten ---


def test_a_voter_is_forgotten_when_the_link_has_been_over_as_long_as_the_place_says(as_, people, link):
    PolicyVersion.objects.create(area=people.county, first_on=f.LONG_AGO, values={"voter_keep_days": 30})
    kept = voter(people.deputy_other)  # still in force, in a county without a rule of its own
    ContactRecord(link=link, day=TODAY(), said="想装路灯").enter(by=people.deputy)
    link.end(TODAY(), by=people.deputy, note="搬走了")
    kept.end(TODAY(), by=people.deputy_other, note="搬走了")
    assert forget_voters(on=str(TODAY() + timedelta(days=30))) == 0
    assert forget_voters(on=str(TODAY() + timedelta(days=31))) == 1
    page = text(as_(people.station).get(link.get_absolute_url()))
    assert "（姓名已隐去）" in page
    assert not any(word in page for word in (NAME, PHONE, ADDRESS))
    assert link.records.count() == 1
    gone, other = FixedVoter.objects.order_by("pk")
    assert (gone.name, gone.phone, gone.address, other.name) == ("", "", "", NAME)
    with pytest.raises(NotAllowed, match="已经隐去"):
        gone.correct(by=people.station, version=None, name="田秀芳", phone="", address="")


# --- A link goes with its deputy ---


def test_the_voters_go_with_the_deputy_to_another_station(as_, people, link):
    ContactRecord(link=link, day=TODAY(), said="想装路灯").enter(by=people.deputy)
    people.deputy.mandate.assignments.get().end(TODAY() - timedelta(days=1), by=people.office)
    StationAssignment(mandate=people.deputy.mandate, station=people.sibling, from_on=TODAY()).enter(
        by=people.office
    )
    address = link.get_absolute_url()
    contact = {"day": TODAY().isoformat(), "way": "PHONE", "said": "x"}
    for who, status in (("station", 404), ("office", 403), ("station_sibling", 302)):
        client = as_(getattr(people, who))
        assert client.post(f"{address}record/", contact).status_code == status
        page = text(client.get(address))
        assert (WHOLE in page, "想装路灯" in page) == (status == 302,) * 2
    assert not as_(people.station).get("/api/v1/contact-links/").json()["results"]
    [row] = as_(people.station_sibling).get("/api/v1/contact-links/?station=PC02").json()["results"]
    assert (row["station"], row["voter"]["phone"]) == ("PC02", MASKED), "lists of staff mask"
    assert as_(people.station_sibling).get("/api/v1/contact-links/?station=PC01").json()["results"] == []


def test_who_enters_a_voter_for_days_before_the_deputy_came_sees_the_link(as_, people):
    people.deputy.mandate.assignments.update(from_on=TODAY() - timedelta(days=30))
    sent = {"mandate": people.deputy.mandate.pk, "name": NAME, "from_on": str(TODAY() - timedelta(days=60))}
    made = as_(people.station).post("/contacts/voters/new/", sent, follow=True)
    assert made.status_code == 200
    assert NAME in text(made)


@pytest.mark.once
def test_words_are_offered_for_each_field_that_asks_for_them(as_, people):
    office = as_(people.office)
    places = text(office.get("/deputies/options/?field=place&place=南关"))
    assert "南关街道" in places
    assert "李秀英" in text(office.get("/deputies/options/?field=mandate&mandate=李秀"))
    assert "李秀英" not in text(office.get("/deputies/options/?of=voters&field=mandate&mandate=李秀"))


@pytest.mark.once
def test_the_office_enters_voters_only_where_no_station_does(as_, people):
    sent = {"mandate": people.deputy.mandate.pk, "name": NAME, "from_on": TODAY().isoformat()}
    assert as_(people.office).post("/contacts/voters/new/", sent).status_code == 422
    people.deputy.mandate.assignments.update(to_on=f.LONG_AGO)
    assert NAME in text(as_(people.office).post("/contacts/voters/new/", sent, follow=True))
